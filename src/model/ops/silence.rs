//! Whether anybody is seen following an operation of another console: its steps come by the journal, or they do not.

use std::time::Duration;

use crate::domain::room::Mode;
use crate::domain::{Mono, Now, OpId, OpKind, OpState, SourceId, Wall, format};
use crate::model::Model;
use crate::model::effect::Effect;

use super::Operation;

/// Without a step for so long, another console's operation is followed by the keeper.
const ORPHAN_AFTER: Duration = Duration::from_secs(30);

/// Without a step for so long nobody is seen following it.
const SILENT_AFTER: Duration = Duration::from_secs(10);

/// An outcome that is not known is looked at so often: a request that may still arrive does so within that.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// An API that says nothing for so long does not answer.
const NO_ANSWER: Duration = Duration::from_secs(5);

/// When a rest ends is known to the second: after it, it is so much sooner.
const RESTED: Duration = Duration::from_secs(5);

/// That the newest of so many steps was in the journal here, by the own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Came {
    steps: usize,
    at: Mono,
    /// It came while the journal was followed; else it may have been there for long.
    followed: bool,
}

impl Operation {
    /// Notes when its newest step came. `followed`: the journal was read before, so that it came since.
    fn notice(&mut self, now: Mono, followed: bool) {
        if self.came.is_none_or(|came| came.steps != self.steps.len()) {
            self.came = Some(Came { steps: self.steps.len(), at: now, followed });
        }
    }

    /// How long ago its newest step came. The clock of another console may be wrong: what came while this one followed the
    /// journal is as old as it is here, and what was there before no younger than that.
    fn quiet(&self, now: Now) -> Option<Duration> {
        let written = (now.wall - self.steps.last()?.at).to_std().unwrap_or_default();
        let Some(came) = self.came else { return Some(written) };
        let here = now.mono.since(came.at);
        Some(match (came.steps == self.steps.len(), came.followed) {
            (false, _) => Duration::ZERO,
            (true, true) => here,
            (true, false) => written.max(here),
        })
    }
}

impl Operation {
    /// Whether nobody seems to follow it: another console's, and no step for too long. Its console may have been
    /// killed between sending and the answer.
    pub fn is_orphan(&self, now: Now) -> bool {
        self.unheard(now).is_some_and(|quiet| quiet > ORPHAN_AFTER)
    }

    /// How long ago another console told of it last, where nothing came of it since this room was opened: nobody here can
    /// say that it is followed, nor that it is not.
    fn told_before(&self, now: Now) -> Option<Duration> {
        self.unheard(now)?;
        let last = self.steps.last().filter(|step| step.at < now.wall_at(Mono::default()))?;
        (now.wall - last.at).to_std().ok()
    }

    /// In how long it is looked at by itself, while nobody is seen following it.
    fn looked_at_in(&self, now: Now) -> Option<Duration> {
        let quiet = self.unheard(now).filter(|quiet| *quiet >= SILENT_AFTER)?;
        Some(ORPHAN_AFTER.saturating_sub(quiet))
    }

    /// For how long another console should have told of it, and did not.
    fn unheard(&self, now: Now) -> Option<Duration> {
        // Commands are found by their processes.
        let follows = !matches!(self.act, OpKind::Run(_)) && !self.mine && !self.is_over();
        let quiet = self.quiet(now).filter(|_| follows)?;
        // Whoever waits until it is good, or is told to rest, has nothing to tell.
        match self.state() {
            _ if self.frees_resource() => self.due.map(|due| now.mono.since(due).min(quiet)),
            Some(OpState::Requested) => quiet.checked_sub(self.rest()),
            _ => Some(quiet),
        }
    }
}

impl Operation {
    /// The wait that the API asked for, while it lasts: `429, told to wait: sent again in 4s · RESOURCE_EXHAUSTED: …`.
    pub fn wait_words(&self, now: Wall) -> Option<String> {
        let (left, wait) = (self.wait_left(now)?, self.waits.as_ref()?);
        let does = if self.state() == Some(OpState::Requested) { "sent" } else { "asked" };
        Some(format!("429, told to wait: {does} again in {left} · {}", wait.why))
    }

    /// How much of it is left.
    pub fn wait_left(&self, now: Wall) -> Option<String> {
        let wait = self.waits.as_ref().filter(|wait| wait.until > now)?;
        let left = (wait.until - now).to_std().ok()?.as_secs_f64().ceil();
        Some(format::age_seconds(Duration::from_secs_f64(left)))
    }

    /// How long nothing is to be heard of it, because it rests.
    fn rest(&self) -> Duration {
        let rest =
            self.rested.zip(self.steps.last()).and_then(|(until, step)| (until - step.at).to_std().ok());
        rest.unwrap_or_default().saturating_sub(RESTED)
    }

    /// Whether another console was to send it after a rest, and is silent since. It may be gone, or only slow: whichever of
    /// it and a change that is asked for now comes second is refused by its etag.
    pub fn is_lost_rest(&self, now: Now) -> bool {
        // Followed from here, and not sent by this console.
        let adopted = self.mine && self.until == Wall::MIN_UTC;
        let lost = match self.state() {
            Some(OpState::Requested) => adopted || self.looked_at_in(now).is_some(),
            Some(OpState::Unknown) => {
                (adopted || self.was_silent()) && self.steps.iter().all(|step| is_unanswered(step.state))
            }
            _ => false,
        };
        lost && self.rested.is_some() && !self.act.etag().is_empty()
    }
}

impl Operation {
    /// Whether another console was silent after its rest, until somebody looked, and wrote down that it is not known.
    fn was_silent(&self) -> bool {
        let told = self.steps.last().zip(self.rested).map(|(last, until)| last.at - until);
        let silent = told.and_then(|after| after.to_std().ok());
        !self.mine && silent.is_some_and(|silent| silent >= SILENT_AFTER.saturating_sub(RESTED))
    }

    /// Whether its outcome is not known, and this console looks what it is. Commands are found by their processes.
    fn is_in_doubt(&self) -> bool {
        self.mine && self.state() == Some(OpState::Unknown) && !matches!(self.act, OpKind::Run(_))
    }

    /// It is looked at now, by hand or by itself.
    pub(in crate::model) fn looked_at(&mut self, now: Mono) {
        self.looked = Some(now).filter(|_| self.is_in_doubt());
    }
}

/// Whether no answer to the request led to this state.
fn is_unanswered(state: OpState) -> bool {
    matches!(state, OpState::Requested | OpState::Unknown)
}

impl Model {
    /// That nothing is heard of an operation: its API does not answer, nobody is seen following it, or nobody was yet.
    pub fn unfollowed(&self, op: &Operation) -> Option<String> {
        self.silent(op).or_else(|| {
            let ago = op.told_before(self.now)?;
            Some(format!("heard of last {} ago, before this console opened", format::age_seconds(ago)))
        })
    }

    /// Whether it is known only from before this room was opened.
    pub fn is_hearsay(&self, op: &Operation) -> bool {
        self.silent(op).is_none() && op.told_before(self.now).is_some()
    }

    /// That its API does not answer, or nobody is seen following it, and when the console that keeps the journal looks: its
    /// own may be gone.
    fn silent(&self, op: &Operation) -> Option<String> {
        if let Some(since) = self.unanswered_since(op) {
            let said = op.state().map_or_else(String::new, |state| state.to_string().to_uppercase());
            let since = format::clock(since);
            return Some(format!(
                "no answer since {since}, {said} was said last; it is asked again and again"
            ));
        }
        let acts = self.room.operator.mode == Mode::Operate;
        let key = if acts { ", c looks now" } else { "" };
        if op.is_in_doubt() {
            let when = match self.next_look(op) {
                Some(left) => format!("in {}", format::age_seconds(left)),
                None => "when its API answers".to_owned(),
            };
            return Some(format!("it may have happened · looked at again {when}{key}"));
        }
        let unknown = op.state() == Some(OpState::Unknown);
        let Some(left) = op.looked_at_in(self.now) else {
            return unknown.then(|| format!("it may have happened{key}"));
        };
        let when = match left {
            // It may be the one that is gone: then another one takes the journal up first.
            Duration::ZERO if !self.keeper => "the console that keeps the journal is to look".to_owned(),
            left => format!("looked at in {}", format::age_seconds(left)),
        };
        let quiet = op.quiet(self.now)?;
        // Its console may be gone, or the platform works on it for long: nobody writes down that nothing changed.
        let silent = op.rested.filter(|_| op.state() == Some(OpState::Requested)).map_or_else(
            || format!("no step for {}", format::age_seconds(quiet)),
            |until| format!("its console is silent since {}", format::clock(until)),
        );
        Some(format!("{silent} · {when}{key}"))
    }

    /// Whether it holds its service while nothing is heard of it, so that a person may have to look and act without this
    /// program.
    pub fn hangs(&self, op: &Operation) -> bool {
        !op.frees_resource() && self.silent(op).is_some()
    }

    /// In how long an outcome that is not known is looked at again; `None`: when its API answers.
    fn next_look(&self, op: &Operation) -> Option<Duration> {
        let source = SourceId::CloudRun { service: op.act.service() };
        let answers = op.act.live().is_some() || self.links.is_live(&source, self.now.mono);
        let ago = op.looked.map_or(Duration::ZERO, |at| self.now.mono.since(at));
        answers.then(|| LOOK_EVERY.saturating_sub(ago))
    }

    /// Notes which steps of operations are new.
    pub(in crate::model) fn notice_steps(&mut self) {
        let (now, followed) = (self.now.mono, self.ops.noticed);
        self.ops.iter_mut().for_each(|op| op.notice(now, followed));
        self.ops.noticed |= self.journal.head() > 0;
    }

    /// Looks at what is not known, where it is time. Looking sends nothing.
    pub(in crate::model) fn look_at_unknown(&mut self, effects: &mut Vec<Effect>) {
        let now = self.now;
        self.ops
            .iter_mut()
            .filter(|op| op.looked.is_none() || !op.is_in_doubt())
            .for_each(|op| op.looked_at(now.mono));
        let due = |op: &&Operation| op.is_in_doubt() && self.next_look(op) == Some(Duration::ZERO);
        let due: Vec<OpId> = self.ops.iter().filter(due).map(|op| op.id.clone()).collect();
        for id in due {
            let Some(op) = self.ops.get_mut(&id) else { continue };
            op.looked_at(now.mono);
            let (act, ago) = (op.act.clone(), op.sent_ago(now.wall));
            effects.push(Effect::Recheck { op: id, act, ago });
        }
    }

    /// Looks again at the operation that is shown, else at the newest that still holds its service, else at what nobody is
    /// seen following.
    pub(in crate::model) fn recheck(&mut self, shown: Option<&OpId>, effects: &mut Vec<Effect>) {
        let op = match shown {
            Some(id) => self.ops.get(id),
            None => self.ops.iter().rev().find(|op| op.state().is_some() && !op.frees_resource()),
        };
        let acting = self.ops.acting();
        let lost = || acting.filter(|op| self.silent(op).is_some());
        let Some(op) = op.or_else(lost).filter(|op| !op.is_over()) else {
            let follows = |op: &Operation| {
                let own = || "it serves, and is followed from here: nothing is open".to_owned();
                if op.mine { own() } else { format!("it serves; the console of {} follows it", op.by) }
            };
            let words = acting.map_or_else(|| "no operation is open".to_owned(), follows);
            return self.say(&words);
        };
        let (id, act, ago) = (op.id.clone(), op.act.clone(), op.sent_ago(self.now.wall));
        if let OpKind::Run(_) = act {
            return self.recheck_run(&id, effects);
        }
        // Whoever looks at one that nobody is seen following goes on to follow it: else its clock would seem to run.
        let left = !op.mine && self.silent(op).is_some() && self.room.operator.mode == Mode::Operate;
        effects.push(Effect::Recheck { op: id.clone(), act, ago });
        self.say("looking again: nothing is sent");
        let now = self.now.mono;
        let Some(op) = self.ops.get_mut(&id) else { return };
        op.mine |= left;
        op.looked_at(now);
        if left {
            self.say("looking, and following it from here: nothing is sent");
        }
    }

    /// Since when the API tells nothing of an own operation that is still to serve: what it said last may be over.
    fn unanswered_since(&self, op: &Operation) -> Option<Wall> {
        let asked = op.mine && op.act.live().is_none() && op.wait_left(self.now.wall).is_none();
        let waits = matches!(op.state()?, OpState::Requested | OpState::Accepted | OpState::Reconciling);
        let link = self.links.get(&SourceId::CloudRun { service: op.act.service() })?;
        if !asked || !waits || link.freshness(self.now.mono).is_live() {
            return None;
        }
        let told = op.steps.last()?.at;
        let heard = link.last_ok.map_or(told, |at| self.now.wall_at(at).max(told));
        ((self.now.wall - heard).to_std().unwrap_or_default() >= NO_ANSWER).then_some(heard)
    }
}
