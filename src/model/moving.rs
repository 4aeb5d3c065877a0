//! Moving about: panels, lists, and the detail of a row.

use crate::domain::condition::Purpose;
use crate::domain::health::ProbeState;
use crate::domain::{Action, Condition, ConditionSpec, ConditionState, PanelId};

use super::Model;
use super::effect::Effect;
use super::focus::{Cursor, Extent, Moved};
use super::keys::CHROME;
use super::modal::Modal;

impl Model {
    /// How long the list of `panel` is, and how much of it is on the screen.
    pub fn extent(&self, panel: PanelId) -> Extent {
        let now = self.now.mono;
        let sum =
            |count: &dyn Fn(&super::service::ServiceState) -> usize| self.services.iter().map(count).sum();
        let rows = match panel {
            PanelId::Checklist => self.checklist.rows().len(),
            PanelId::Closes => sum(&|service| service.closes.rows(now).len()),
            PanelId::Events => self.runs().len(),
            PanelId::Health => sum(&|service| service.health.probes().len()),
            PanelId::Metrics => self.listed_metrics(),
            PanelId::Traffic => {
                sum(&|service| service.traffic.as_ref().map_or(0, |traffic| traffic.listed().len()))
            }
            PanelId::Startup => sum(&|service| service.startup.as_ref().map_or(0, |s| s.spec().phases.len())),
            PanelId::Triggers => self.room.conditions.len() + self.said_triggers().len(),
            PanelId::Flags => self.room.flags.len(),
            PanelId::Journal => self.told_records().len(),
            PanelId::Gates => self.gates.list().len(),
            PanelId::Alerts => self.alert_rows().len(),
            PanelId::Stages => self.stage_rows().len(),
            PanelId::Logs => self.log_rows().len(),
            PanelId::GoldenPath
            | PanelId::Users
            | PanelId::Budget
            | PanelId::Money
            | PanelId::Components
            | PanelId::Trends
            | PanelId::Deployment
            | PanelId::WayBack => 0,
        };
        Extent { rows, page: usize::from(self.size.1.saturating_sub(CHROME)) }
    }

    pub(super) fn move_about(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if self.scrolls_gate(action) || self.look_otherwise(action, effects) {
            return;
        }
        let full = self.ui.focus.full();
        if self.ui.detail && matches!(action, Action::Back | Action::Open) {
            (self.ui.detail, self.ui.detail_at) = (false, Cursor::default());
            return;
        }
        if self.ui.detail && full == Some(PanelId::Checklist) && scrolls(action) {
            return self.scroll_detail(action);
        }
        let extent = self.extent(self.ui.focus.panel());
        let list = self.size.0 < 100;
        self.before_moving();
        let place = self.ui.focus.place();
        let moved = self.ui.focus.act(action, list, extent);
        if self.ui.focus.place() != place {
            // What was said was said of where one was.
            self.ui.hush();
        }
        self.after_moving();
        if let Some(opened) = self.ui.focus.full().filter(|opened| full != Some(*opened)) {
            self.go_to_worst(opened);
        }
        match moved {
            Moved::Done => (self.ui.detail, self.ui.detail_at) = (false, Cursor::default()),
            Moved::OpenRow(PanelId::Flags) => self.act(Action::Flip, effects),
            Moved::OpenRow(PanelId::Checklist)
                if self.cursor_row().is_some_and(|row| row.item().is_none()) =>
            {
                self.open_row(effects);
            }
            Moved::OpenRow(_) => self.ui.detail = true,
            Moved::NotMine => {}
        }
        // A filter that esc took away, a panel that was left: what is listed is another matter now.
        if action == Action::Back {
            self.back_in_list(full);
            self.filter_lines();
        }
    }

    /// Opens `panel` at full size.
    pub(super) fn open_panel(&mut self, panel: PanelId) {
        self.ui.focus.open(panel);
        self.go_to_worst(panel);
    }

    /// Who opens a list of conditions, probes or codes means what is wrong, unless the cursor was moved to another row.
    fn go_to_worst(&mut self, panel: PanelId) {
        let condition = |state| match state {
            ConditionState::Fail => 3,
            ConditionState::Warn => 2,
            ConditionState::NoData | ConditionState::Stale => 1,
            ConditionState::Pass | ConditionState::Inconclusive | ConditionState::Accepted => 0,
        };
        let probe = |state| match state {
            ProbeState::Unhealthy | ProbeState::Silent | ProbeState::Unreachable => 3,
            ProbeState::Starting => 2,
            ProbeState::Unknown => 1,
            ProbeState::Healthy => 0,
        };
        let ranks: Vec<u8> = match panel {
            PanelId::Triggers => {
                // Beside a trigger that runs, a criterion that fails can wait.
                let rank = |(spec, state): (&ConditionSpec, &Condition)| match condition(state.state) {
                    wrong @ 2.. => wrong + u8::from(spec.purpose == Purpose::Trigger) * 2,
                    rest => rest,
                };
                let said = self.said_triggers();
                let said = said.iter().map(|it| if it.said.is_some() { 5 } else { 0 });
                self.conditions.iter(&self.room).map(rank).chain(said).collect()
            }
            PanelId::Health => {
                let probes = self.services.iter().flat_map(|service| service.health.probes());
                probes.map(|row| probe(row.seen.state())).collect()
            }
            PanelId::Closes => {
                let codes = self.services.iter().flat_map(|service| service.closes.rows(self.now.mono));
                codes.map(|row| u8::from(row.spike.is_some())).collect()
            }
            _ => return,
        };
        let worst = ranks.iter().max().and_then(|most| ranks.iter().position(|rank| rank == most));
        if let (Some(row), Some(cursor)) = (worst, self.ui.focus.cursor_mut(panel))
            && *cursor == Cursor::default()
        {
            cursor.row = row;
        }
    }

    /// Whether `action` can do something in this room now: a hint for what cannot is noise.
    pub fn can(&self, action: Action) -> bool {
        let flags = !self.room.flags.is_empty();
        let on_items = self.ui.focus.full() == Some(PanelId::Checklist);
        match action {
            Action::Tick | Action::Undo | Action::Waive => self.has_items(),
            Action::OpenOnly
            | Action::MyRole
            | Action::NextFilter
            | Action::Fold
            | Action::Unfold
            | Action::NextOpen
            | Action::PreviousOpen
                if on_items =>
            {
                self.has_items()
            }
            Action::Flip => flags,
            // On a panel without rows it is the verdict that would be copied.
            Action::Copy => {
                let full = self.ui.focus.full().filter(|_| self.ui.modal.is_none());
                full.is_none_or(|panel| self.extent(panel).rows > 0)
            }
            // Where a flag made it bad, that is taken back.
            Action::Rollback => flags || self.room.services.iter().any(|service| service.cloud_run.is_some()),
            Action::Unlock => self.room.service_ixs().any(|ix| self.is_locked(ix)),
            Action::Recheck => match &self.ui.modal {
                Some(Modal::Progress(id)) => self.ops.get(id).is_some_and(|op| !op.is_over()),
                _ => true,
            },
            _ => true,
        }
    }

    fn has_items(&self) -> bool {
        self.checklist.items().next().is_some()
    }

    /// Charts over more or less time, all of them.
    pub(super) fn change_window(&mut self, action: Action) {
        self.ui.window = self.ui.window.step(action == Action::LongerWindow);
        let words = self.ui.window.words();
        self.say(&format!("charts over {words}"));
    }

    /// Follows or pauses what comes in, or pins a run of it.
    pub(super) fn follow(&mut self, action: Action) {
        if action == Action::Pin {
            return self.pin();
        }
        if self.ui.focus.full() == Some(PanelId::Gates) {
            return self.scroll_gate(action);
        }
        if self.act_on_logs(action) {
            return;
        }
        for events in self.services.iter_mut().filter_map(|service| service.events.as_mut()) {
            events.toggle_pause();
        }
    }
}

fn scrolls(action: Action) -> bool {
    matches!(
        action,
        Action::Down | Action::Up | Action::HalfPageDown | Action::HalfPageUp | Action::First | Action::Last
    )
}
