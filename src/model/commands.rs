//! What a line of the palette does, and what the palette offers now.

use crate::domain::flag::Wanted;
use crate::domain::room::Mode;
use crate::domain::{Clean, PanelId};

use super::effect::Effect;
use super::modal::Modal;
use super::palette::{self, Command};
use super::rollback::proposed;
use super::{Model, readings, rolling};

impl Model {
    pub(super) fn chosen(&mut self, modal: Modal, outcome: palette::Outcome, effects: &mut Vec<Effect>) {
        match outcome {
            palette::Outcome::Waiting => self.ui.modal = Some(modal),
            palette::Outcome::Closed => {}
            palette::Outcome::Run(command, line) => {
                self.ui.remember(line);
                match command {
                    Command::Act(action) => self.act(action, effects),
                    Command::Logs(text) => self.logs_of(&text),
                    Command::Panel(panel) => self.open_panel(panel),
                    Command::Rollback(ix, None) => self.open_rollback(Some(ix), effects),
                    Command::Rollback(ix, Some(to)) => self.open_rollback_of(ix, &to, effects),
                    Command::Group(name, go_on) => self.open_group(&name, go_on, effects),
                    Command::Forward(ix, way) => self.open_forward(ix, way, effects),
                    Command::Shift(text) => self.shift(&text, effects),
                    Command::Step(ix, revision, percent) => {
                        let text = format!("{} {revision}={percent}", self.service_name(ix));
                        self.shift(&text, effects);
                    }
                    Command::Tag(text) => self.tag(&text, effects),
                    Command::Rehearse(Some(ix)) => self.rehearse(&[ix], effects),
                    Command::Rehearse(None) => self.rehearse_what_r_opens(effects),
                    Command::RehearseGroup(name) => self.rehearse_group(&name, effects),
                    Command::Unlock(ix) => self.ask_unlock(ix),
                    Command::Flip(index) => self.open_flip(index, effects),
                    Command::SetFlag(index, wanted) => self.open_set(index, wanted, effects),
                    Command::FlagLine(text) => self.set_flag(&text, effects),
                    Command::Show(show) => self.open_items(show),
                    Command::Report(file) => self.ask_report(file.as_deref(), effects),
                    Command::Plan => self.show_plan(),
                    Command::Dashboard(name) => self.show_dashboard(&name, effects),
                    Command::Compare(text) => self.compare_typed(&text),
                    Command::Sides(None) => self.compare_environments(),
                    Command::Sides(Some(name)) => self.compare_cohorts(&name),
                    Command::Note(text) => self.note(&text, effects),
                    Command::TickItem(wanted) => self.tick_named(&wanted, effects),
                    Command::ProbeRun => self.run_probes(effects),
                    Command::Reading(text) => self.write_reading(&text, effects),
                    Command::Gate(id) => self.run_gates(&[id], effects),
                    Command::Trust(document) => self.ask_trust(&document),
                    Command::RolloutBegin(given) => self.ask_begin(given.as_deref()),
                    Command::T0 => self.mark_t0(effects),
                    Command::Acknowledge(alert) => self.acknowledge(alert, effects),
                    Command::Mute(text) => self.mute(&text, effects),
                    Command::Unmute(what) => self.unmute(&what, effects),
                    Command::RolloutEnd(outcome) => self.ask_end(outcome),
                    Command::Override(Some(state)) => self.ask_override(state),
                    Command::Override(None) => self.end_override(effects),
                    Command::Accept(name, Some(what)) => self.ask_acceptance(&name, what),
                    Command::Stage(act) => self.ask_stage(act),
                    Command::StageTraffic(ix) => self.open_stage_split(ix, effects),
                    Command::Accept(name, None) => self.end_acceptance(&name, effects),
                }
            }
        }
    }

    /// What the palette offers now.
    #[expect(clippy::too_many_lines, reason = "one line a command")]
    pub fn offers(&self) -> Vec<palette::Offer> {
        let mut offers = palette::offers(&self.room, |command| match command {
            Command::Rollback(ix, _) => {
                let none = proposed(&self.candidates(*ix)).is_none();
                none.then(|| Clean::new("not possible: no known-good Ready revision is known"))
            }
            Command::Forward(ix, way) => self.forward_blocked(*ix, *way),
            Command::Panel(PanelId::Alerts) => {
                let none = self.room.alerts.is_none();
                none.then(|| Clean::new("not configured: write [alerts] or a [[route]] into the config"))
            }
            Command::Unlock(ix) => (!self.is_locked(*ix)).then(|| Clean::new("not locked")),
            Command::Report(_) => {
                let watches = self.room.operator.mode == Mode::ReadOnly;
                watches.then(|| Clean::new("read-only: no file is written; warroom report does"))
            }
            Command::Reading(_) => {
                let none = readings::readable(&self.room).next().is_none();
                none.then(|| Clean::new("every metric of this room is measured"))
            }
            Command::RolloutBegin(_) => rolling::cannot_begin(self.checklist.rollouts()).map(Clean::from),
            Command::T0 => rolling::cannot_mark(self.checklist.rollouts()).map(Clean::from),
            Command::Override(None) => {
                self.rulings.overriding(self.now.wall).is_none().then(|| "nothing is overridden".into())
            }
            Command::RolloutEnd(_) => rolling::cannot_end(self.checklist.rollouts()).map(Clean::from),
            Command::SetFlag(index, Wanted::Previous) => {
                self.flags.last(*index).is_none().then(|| Clean::new("no change of it is known to this room"))
            }
            Command::SetFlag(..)
            | Command::Act(_)
            | Command::Logs(_)
            | Command::ProbeRun
            | Command::Panel(_)
            | Command::Show(_)
            | Command::Plan
            | Command::Compare(_)
            | Command::Sides(_)
            | Command::Dashboard(_)
            | Command::Flip(_)
            | Command::FlagLine(_)
            | Command::Gate(_)
            | Command::Trust(_)
            | Command::Override(Some(_))
            | Command::Stage(_)
            | Command::StageTraffic(_)
            | Command::Accept(..)
            | Command::Group(..)
            | Command::Shift(_)
            | Command::Step(..)
            | Command::Tag(_)
            | Command::Rehearse(_)
            | Command::RehearseGroup(_)
            | Command::Acknowledge(_)
            | Command::Mute(_)
            | Command::Unmute(_)
            | Command::TickItem(_)
            | Command::Note(_) => None,
        });
        if self.room.operator.mode == Mode::Operate {
            offers.extend(self.stage_offers());
            offers.extend(self.gate_offers());
            offers.extend(self.acceptance_offers());
            offers.extend(self.alert_offers());
            offers.extend(self.room.service_ixs().flat_map(|ix| self.revision_offers(ix)));
            offers.extend(self.room.service_ixs().flat_map(|ix| self.step_offers(ix)));
        }
        offers
    }
}
