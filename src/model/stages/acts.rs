//! What people do with stages: go on, hold, go on after that, repeat, give up. Each is a record and no more: traffic and
//! flags move by acts of their own. Going on wants GO, from the room or from a person's word over it.

use crate::domain::record::Guard;
use crate::domain::stage::Step;
use crate::domain::{Clean, Entry, Reason, ReasonKind, VerdictState, format};
use crate::model::Model;
use crate::model::about::About;
use crate::model::effect::Effect;
use crate::model::modal::{Ask, Modal, Question};
use crate::model::palette::{Command, Offer};
use crate::model::prompt::{Prompt, Purpose};

use super::Next;

/// So much of what speaks against going on is written down.
const MOST_AGAINST: usize = 8;

/// What a person does with a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter)]
pub enum StageAct {
    /// Go on: pass this stage, begin the next.
    Advance,
    /// Hold it.
    Pause,
    /// Let it go on.
    Resume,
    /// Begin it anew.
    Repeat,
    /// Give it up.
    Abort,
}

impl StageAct {
    /// As typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Repeat => "repeat",
            Self::Abort => "abort",
        }
    }

    /// What it does.
    pub fn about(self) -> &'static str {
        match self {
            Self::Advance => "passes this stage, begins the next, asks",
            Self::Pause => "the clock stands, nobody goes on",
            Self::Resume => "the stage goes on, asks",
            Self::Repeat => "begins anew, and its clock with it",
            Self::Abort => "gives it up, with a reason",
        }
    }

    /// Whether it wants to know why.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::Repeat | Self::Abort)
    }
}

impl Model {
    /// Why this cannot be done with the stages now.
    pub fn stage_obstacle(&self, act: StageAct) -> Option<Clean> {
        let no = |why: &str| Some(Clean::new(why));
        if let Some(over) = self.checklist.rollout().filter(|rollout| !rollout.is_open()) {
            return no(&format!("rollout {} is over: rollout begin begins the next", over.id));
        }
        let course = &self.stages.course;
        let open = course.open();
        match act {
            StageAct::Advance => self.cannot_go_on(),
            _ if self.stages.specs().is_empty() && course.current().is_none() => {
                no("no stages here: [[stage]] in the config and headings of documents name them")
            }
            _ if course.current().is_none() => no("no stage is under way"),
            StageAct::Repeat => None,
            _ if open.is_none() => no("this stage was given up: stage repeat begins it anew"),
            StageAct::Pause => open
                .and_then(|it| it.paused.as_ref())
                .and_then(|held| no(&format!("{} holds it already", held.by))),
            StageAct::Resume if open.is_some_and(|it| it.paused.is_none()) => no("nobody holds it"),
            StageAct::Resume | StageAct::Abort => None,
        }
    }

    fn cannot_go_on(&self) -> Option<Clean> {
        let no = |why: &str| Some(Clean::new(why));
        let Some(next) = self.stages.next() else {
            return if let Some(lost) = self.stages.lost() {
                no(&format!("stage {} is in no config and no document any more", lost.name))
            } else if self.stages.course.finished().is_some() {
                no("all stages are passed: rollout end completed ends the rollout")
            } else {
                no("no stage is left: [[stage]] in the config and headings of documents name them")
            };
        };
        let verdict = &self.verdicts.now;
        if verdict.since.is_none() {
            return no("nothing was judged yet");
        }
        let open = match next {
            // A proposal of a document is not in the verdict yet.
            Next::Enter(at) if !self.stages.are_in_force() => {
                self.entering_reasons(at).into_iter().chain(self.closed_reason()).collect()
            }
            Next::Enter(_) | Next::Finish => Vec::new(),
        };
        match open.first() {
            Some(reason) if verdict.state == VerdictState::Go => {
                no(&format!("not ready: {}", reason.told_whole()))
            }
            Some(reason) => {
                no(&format!("waits for GO, the verdict is {}: {}", verdict.state.word(), reason.told_whole()))
            }
            None => verdict.refusal(),
        }
    }

    /// The record of an act, as of now.
    pub fn stage_step(&self, act: StageAct, reason: &str) -> Option<Step> {
        let after = self.stages.course.act();
        let name = || self.stages.course.current().map(|current| current.name.clone());
        let reason = Clean::new(reason.trim());
        Some(match act {
            StageAct::Advance => return self.going_on(after),
            StageAct::Pause => Step::Paused { after, stage: name()?, reason },
            StageAct::Resume => Step::Resumed { after, stage: name()? },
            StageAct::Abort => Step::Aborted { after, stage: name()?, reason },
            StageAct::Repeat => {
                let stage = name()?;
                let spec = self.stages.place(&stage).and_then(|at| self.stages.specs().get(at));
                let recorded = self.stages.course.current().map_or(0, |current| current.clock.needs_ms);
                let soak_ms = spec.map_or(recorded, |spec| millis(spec.soak));
                Step::Repeated { after, stage, reason, soak_ms }
            }
        })
    }

    fn going_on(&self, after: u64) -> Option<Step> {
        // What a person ruled over is written down with what they do on it.
        let overridden = self.verdicts.now.overridden.is_some();
        let bad = |it: &&Reason| !matches!(it.kind, ReasonKind::Holding | ReasonKind::Warning);
        let reasons = self.verdicts.room.reasons.iter().filter(bad).filter(|_| overridden);
        let against: Vec<Clean> = reasons.take(MOST_AGAINST).map(Reason::told).collect();
        match self.stages.next()? {
            Next::Enter(at) => {
                let spec = self.stages.specs().get(at)?;
                Some(Step::Entered {
                    after,
                    stage: Clean::new(&spec.name),
                    number: u32::try_from(at + 1).unwrap_or(u32::MAX),
                    of: u32::try_from(self.stages.specs().len()).unwrap_or(u32::MAX),
                    percent: spec.percent,
                    soak_ms: millis(spec.soak),
                    against,
                })
            }
            Next::Finish => {
                let stage = self.stages.course.open()?.name.clone();
                Some(Step::Finished { after, stage, against })
            }
        }
    }

    /// Asks for an act on a stage, or says why it cannot be done.
    pub(in crate::model) fn ask_stage(&mut self, act: StageAct) {
        if let Some(why) = self.stage_obstacle(act) {
            return self.say(&why);
        }
        let after = self.stages.course.newest();
        match act {
            StageAct::Advance | StageAct::Resume => {
                self.show(Modal::Ask(Ask::new(Question::Stage(act, after), self.now.mono)));
            }
            StageAct::Pause | StageAct::Repeat | StageAct::Abort => {
                self.show(Modal::Prompt(Prompt::new(Purpose::Stage(act, after), "")));
            }
        }
    }

    /// `H`: holds the stage, or releases the hold.
    pub(in crate::model) fn hold_stage(&mut self) {
        let held = self.stages.course.open().is_some_and(|current| current.paused.is_some());
        self.ask_stage(if held { StageAct::Resume } else { StageAct::Pause });
    }

    /// It was confirmed, for the state in which `after` was the newest act.
    pub(in crate::model) fn stage_confirmed(
        &mut self,
        act: StageAct,
        after: u64,
        reason: &str,
        effects: &mut Vec<Effect>,
    ) {
        if act.needs_reason() && reason.trim().is_empty() {
            return self.show(Modal::Prompt(Prompt::new(Purpose::Stage(act, after), "")));
        }
        // The room went on behind the question.
        if after != self.stages.course.newest() {
            return self.say("somebody else acted on the stage meanwhile: nothing was done");
        }
        if let Some(why) = self.stage_obstacle(act) {
            return self.say(&format!("nothing was done: {why}"));
        }
        let Some(step) = self.stage_step(act, reason) else { return };
        let words = super::words(&step).1;
        // How far the clock is belongs to the stage that is left.
        self.write_soak(effects);
        let draft = self.mine(Entry::Stage(Box::new(step)));
        self.append(draft, Guard::StageAct { after }, effects);
        let next = self.put_in_place(act).map_or_else(String::new, |next| format!(" · {next}"));
        self.say(&format!("{words}{next}"));
    }

    /// What is to be done by acts of their own once the next stage is entered.
    fn put_in_place(&self, act: StageAct) -> Option<String> {
        let Next::Enter(at) = self.stages.next().filter(|_| act == StageAct::Advance)? else { return None };
        let spec = self.stages.specs().get(at)?;
        let flags = spec.flags.iter().filter(|flag| self.flag_is_on(flag) == Some(false));
        let mut all: Vec<String> = flags.map(|flag| format!(":flip {flag}")).collect();
        let moves = |percent: u8| self.candidate_shares().iter().any(|(_, share)| *share != percent);
        let moves = spec.percent.is_some_and(moves);
        all.extend(moves.then(|| ":stage traffic".to_owned()));
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// What is told before a person goes on, in lines.
    pub fn about_stage(&self, act: StageAct) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(current) = self.stages.course.current() {
            let soaked = self.soak().map_or(String::new(), |(counted, needs)| {
                format!(", soak {}", format::stopwatch_of(Some(counted), needs))
            });
            let what = if act == StageAct::Advance { "is passed" } else { "is under way" };
            lines.push(format!("{} {what}{soaked}.", current.name));
        }
        if act == StageAct::Advance {
            match self.stages.next() {
                Some(Next::Enter(at)) => lines.extend(self.stages.specs().get(at).map(|spec| {
                    let soak = if spec.soak.is_zero() {
                        String::new()
                    } else {
                        format!(", soaks {}", format::span(spec.soak))
                    };
                    format!("{} begins{soak}. Its traffic and flags move by acts of their own.", spec.act())
                })),
                _ => {
                    lines.push("It is the last one. The rollout itself is ended by :rollout end.".to_owned());
                }
            }
            if let Some(room) = self.verdicts.now.overridden {
                lines.push(format!(
                    "▲ The room says {}: a person's word stands over it. Both are recorded.",
                    room.word()
                ));
            }
        }
        lines
    }

    /// What stands above the line for a reason.
    pub(in crate::model) fn about_stage_line(&self, act: StageAct, about: &mut About) {
        about.facts.extend(self.about_stage(act));
        match act {
            StageAct::Pause => {
                about.facts.push("held, its clock stands, and nobody goes on; why, if you like".to_owned());
            }
            StageAct::Repeat => {
                about.warnings.push("what its clock counted is gone; it wants a reason".to_owned());
            }
            StageAct::Abort => {
                about.warnings.push(
                    "traffic and flags stay as they are until acts of their own put them back".to_owned(),
                );
                about
                    .warnings
                    .extend(self.undo_of_stage().into_iter().map(|undo| format!("to put back: {undo}")));
                about.facts.push("it wants a reason".to_owned());
            }
            StageAct::Advance | StageAct::Resume => {}
        }
    }

    /// What a stage changed and how it is put back: its flags, its traffic.
    pub fn undo_of_stage(&self) -> Vec<String> {
        let Some(current) = self.stages.course.current() else { return Vec::new() };
        let spec = self.stages.place(&current.name).and_then(|at| self.stages.specs().get(at));
        let flags = spec.into_iter().flat_map(|spec| &spec.flags);
        let mut undo: Vec<String> = flags
            .filter(|flag| self.flag_is_on(flag) != Some(false))
            .map(|flag| format!("flag {flag}, by :flip {flag}"))
            .collect();
        if current.percent.is_some_and(|percent| percent > 0) {
            let to = self.way_back().map_or(String::new(), |way| format!(": {way}"));
            undo.push(format!("traffic, by :rollback{to}"));
        }
        undo
    }

    /// The acts on stages, for the palette.
    pub(in crate::model) fn stage_offers(&self) -> Vec<Offer> {
        use strum::IntoEnumIterator;
        if !self.shows_stages() {
            return Vec::new();
        }
        let offer = |act: StageAct| Offer {
            line: format!("stage {}", act.word()),
            about: Clean::new(act.about()),
            command: Command::Stage(act),
            key: matches!(act, StageAct::Pause | StageAct::Resume).then_some(crate::domain::Action::Hold),
            blocked: self.stage_obstacle(act),
        };
        StageAct::iter().map(offer).chain(self.stage_split_offers()).collect()
    }
}

fn millis(length: std::time::Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
