//! The verdict, folded from conditions, links, checklist, traffic and operations.
//!
//! It begins with HOLD. It gets worse at once and better only after [`SETTLE`] of being better, so that it does not flap, and
//! so that no GO is given before the first rates came; while it waits it says so. Each time that it got worse again lately
//! makes that longer.

mod failing;
mod next;

use std::time::Duration;

use crate::domain::condition::Purpose;
use crate::domain::{
    Accepts, Clean, Condition, ConditionSpec, ConditionState, Mono, Now, PanelId, Reason, ReasonKind, Room,
    Verdict, VerdictState, format,
};

use super::conditions::Conditions;
use super::rulings::Rulings;
use super::wording::Told;
use failing::condition_reasons;
use next::{holding, next};

pub use next::{RolledBack, SoFar};

/// How long a better answer must stand before it is given.
pub const SETTLE: Duration = Duration::from_secs(3);

/// A better answer that was taken back so lately makes the next one wait longer: twice as long for each but the first.
pub(super) const LATELY: Duration = Duration::from_mins(3);
const LONGEST: u32 = 3;

/// Everything that the verdict rests on, gathered by the model's root.
pub struct Evidence<'a> {
    /// The room.
    pub room: &'a Room,
    /// Conditions and triggers.
    pub conditions: &'a Conditions,
    /// What people decided against them.
    pub rulings: &'a Rulings,
    /// Links that are down or stale, and other things of the room's own: already in words.
    pub further: Vec<Reason>,
    /// Whether a condition counts: false when it speaks only of a revision that was rolled away from.
    pub counts: &'a dyn Fn(&ConditionSpec, &Condition) -> bool,
    /// Whether the revision it speaks of serves any traffic; a trigger on one that does not is no reason to roll back.
    pub serves: &'a dyn Fn(&ConditionSpec, &Condition) -> bool,
    /// Whether what a condition warns of is told by a running startup already.
    pub starting: &'a dyn Fn(&ConditionSpec) -> bool,
    /// Required items done and in all.
    pub required: (usize, usize),
    /// The act that the verdict names.
    pub act: String,
    /// An operation is under way, and no way back is asked for before it ends.
    pub acting: bool,
    /// A trigger that tripped of a service to which nothing is done, while something is done to another: in words, with its key.
    pub beside: Option<String>,
    /// That nobody is seen following it, or that what became of it is not known, in words.
    pub unfollowed: Option<String>,
    /// This console only watches.
    pub only_watches: bool,
    /// What became of a rollback that did not help so far.
    pub rolled_back: Option<RolledBack>,
    /// What the console that keeps the journal says, while this one has hardly looked.
    pub kept: Option<Reason>,
    /// All sources of the outside world were lost at once, in words.
    pub lost: Option<String>,
    /// What waits for a person while all is good.
    pub waits: Option<String>,
    /// A condition in the words of its panel.
    pub told: &'a dyn Fn(&ConditionSpec, &Condition) -> Told,
    /// Where a condition's reading comes from, in words.
    pub origin: &'a dyn Fn(&ConditionSpec, &Condition) -> Option<String>,
    /// Where a rollback would go (`100 % to 00417-hux, asks for 00417`), if somewhere.
    pub way_back: Option<String>,
    /// The revision that a rollback would go to, where nothing that fails is better on it.
    pub pointless: Option<String>,
}

/// The verdict with its memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdicts {
    /// The answer now: the room's, or a person's word that stands instead of it.
    pub now: Verdict,
    /// What the room says by itself.
    pub room: Verdict,
    /// Since when a better answer is in sight.
    pub better_since: Option<Now>,
    /// Whether the last change was for the better.
    got_better: bool,
    /// When a better answer was taken back.
    taken_back: Vec<Mono>,
}

impl Verdicts {
    /// Judges anew; answers with the state left when the room's own changed.
    pub fn judge(&mut self, evidence: &Evidence, now: Now) -> Option<VerdictState> {
        let left = self.judge_room(evidence, now);
        self.now = self.room.clone();
        if let Some(word) = evidence.rulings.overriding(now.wall) {
            self.now = self.room.under(word, now);
            // What the room would do stays there under a better word.
            if self.now.state > self.room.state {
                self.now.next = Clean::new(&next(&self.now, evidence));
            }
        }
        left
    }

    fn judge_room(&mut self, evidence: &Evidence, now: Now) -> Option<VerdictState> {
        let mut reasons = reasons(evidence, now);
        let wanted = state_of(&reasons, evidence);
        let (state, in_sight) = self.settle(wanted, now);
        // A first look that says HOLD only begins the time; what the room thought before it is not known.
        let left = (state != self.room.state).then_some(self.room.state);
        if left.is_some() || self.room.since.is_none() {
            if let Some(since) = self.room.since {
                self.room.was = Some((self.room.state, now.since(since).as_secs()));
            }
            self.room.since = Some(now);
            self.room.state = state;
        }
        if state == VerdictState::Go {
            reasons.extend(holding(evidence));
        }
        reasons.sort_by_key(|r| (r.kind, r.since.is_none(), r.since.map(|since| since.mono)));
        // Why the answer is not better already comes before what would be told under the better one.
        reasons.splice(0..0, in_sight);
        self.room.blind =
            state == VerdictState::Hold && reasons.first().is_some_and(|r| r.kind == ReasonKind::Unseen);
        self.room.act = Clean::new(&evidence.act);
        self.room.reasons = reasons;
        self.room.next = Clean::new(&next(&self.room, evidence));
        self.room.against = against(evidence, now);
        left
    }

    /// The answer that is given, and why it is not the better one that is wanted.
    fn settle(&mut self, wanted: VerdictState, now: Now) -> (VerdictState, Option<Reason>) {
        let current = self.room.state;
        self.taken_back.retain(|at| now.mono.since(*at) < LATELY);
        if wanted >= current {
            if wanted > current && std::mem::take(&mut self.got_better) {
                self.taken_back.push(now.mono);
            }
            self.better_since = None;
            return (wanted, None);
        }
        let since = *self.better_since.get_or_insert(now);
        let steady = now.mono.since(since.mono);
        let again = u32::try_from(self.taken_back.len()).unwrap_or(LONGEST).saturating_sub(1).min(LONGEST);
        let needed = SETTLE * (1 << again);
        // Nothing else was ever the answer: what is in sight was so at the first look.
        let first = self.room.was.is_none() && self.room.since.is_none_or(|began| began.mono >= since.mono);
        if steady >= needed {
            self.better_since = None;
            self.got_better = !first;
            return (wanted, None);
        }
        let begun = if first { "this console has just begun to look; " } else { "" };
        let in_sight = Reason {
            kind: ReasonKind::Waiting,
            subject: Clean::new(&format!("{} in sight", wanted.word())),
            value: Clean::new(&format::stopwatch_of(Some(steady), needed)),
            context: Clean::new(&format!("{begun}it is given once it has stood so long")),
            since: Some(since),
            panel: PanelId::Triggers,
            condition: None,
        };
        (current, Some(in_sight))
    }
}

fn reasons(evidence: &Evidence, now: Now) -> Vec<Reason> {
    let mut reasons = condition_reasons(evidence, now);
    reasons.extend(accepted(evidence, now));
    reasons.extend(evidence.further.iter().chain(&evidence.kept).cloned());
    let (done, all) = evidence.required;
    if done < all {
        let open = all - done;
        reasons.push(Reason {
            kind: ReasonKind::Unmet,
            subject: Clean::new(&format!("{open} required item{} open", if open == 1 { "" } else { "s" })),
            value: Clean::new(&format!("{done} of {all}")),
            context: Clean::default(),
            since: None,
            panel: PanelId::Checklist,
            condition: None,
        });
    }
    unseen_summary(evidence, now, &mut reasons);
    reasons
}

/// What speaks against going on, by names that stay while it does.
fn against(evidence: &Evidence, now: Now) -> Vec<Clean> {
    let conditions = evidence.conditions.iter(evidence.room);
    let counted = conditions.filter(|(spec, state)| (evidence.counts)(spec, state));
    let of_condition = |(spec, state): (&ConditionSpec, &Condition)| {
        let trips = spec.purpose == Purpose::Trigger && (evidence.serves)(spec, state);
        let set_aside = is_unwatched(evidence, spec, state, now);
        let bad = (state.state == ConditionState::Fail && !set_aside).then_some(if trips {
            "tripped"
        } else {
            "fails"
        });
        let unseen = (state.is_unseen() && !set_aside).then_some("unseen");
        bad.into_iter()
            .chain(unseen)
            .map(|how| Clean::new(&format!("{how}: {}", spec.name)))
            .collect::<Vec<_>>()
    };
    let of_reason = |reason: &Reason| {
        let how = match reason.kind {
            ReasonKind::Tripped => "tripped",
            ReasonKind::Failing => "fails",
            _ if reason.kind > ReasonKind::Unseen => return None,
            _ => "unseen",
        };
        Some(Clean::new(&format!("{how}: {}", reason.subject)))
    };
    counted.flat_map(of_condition).chain(evidence.further.iter().filter_map(of_reason)).collect()
}

fn is_unwatched(evidence: &Evidence, spec: &ConditionSpec, state: &Condition, now: Now) -> bool {
    state.is_unwatched() && evidence.rulings.accepts(spec, Accepts::Unseen, now.wall)
}

/// A row for each condition that is accepted as it is: it stays on the screen until that ends.
fn accepted(evidence: &Evidence, now: Now) -> Vec<Reason> {
    let conditions = evidence.conditions.iter(evidence.room);
    let row = |(spec, state): (&ConditionSpec, &Condition)| {
        let acceptance = evidence.rulings.acceptance(spec, now.wall)?;
        let (subject, value) = match acceptance.what {
            Accepts::Failing if state.state == ConditionState::Accepted => {
                let told = (evidence.told)(spec, state);
                (told.subject.unwrap_or_else(|| spec.name.clone()), told.value)
            }
            Accepts::Unseen if state.is_unwatched() => (spec.name.clone(), "not watched".to_owned()),
            Accepts::Failing | Accepts::Unseen => return None,
        };
        Some(Reason {
            kind: ReasonKind::Warning,
            subject: Clean::new(&format!("accepted: {subject}")),
            value: Clean::new(&value),
            context: Clean::new(&acceptance.ruling.words()),
            since: state.since,
            panel: spec.panel,
            condition: Some(spec.name.clone()),
        })
    };
    conditions.filter_map(row).collect()
}

fn unseen_summary(evidence: &Evidence, now: Now, reasons: &mut Vec<Reason>) {
    let counted = || {
        let conditions = evidence.conditions.iter(evidence.room);
        conditions.filter(|(spec, state)| {
            (evidence.counts)(spec, state) && !is_unwatched(evidence, spec, state, now)
        })
    };
    let total = counted().count();
    let unseen: Vec<_> = counted().filter(|(_, state)| state.is_unseen()).collect();
    if total == 0 {
        let (value, context) = if evidence.room.conditions.is_empty() {
            ("no condition is configured", "add a service to config.toml; `warroom init` drafts one")
        } else {
            ("no condition is left", "those there are do not count now, or are accepted as unwatched")
        };
        reasons.push(Reason {
            kind: ReasonKind::Unseen,
            subject: Clean::new("nothing is watched"),
            value: Clean::new(value),
            context: Clean::new(context),
            since: None,
            panel: PanelId::Triggers,
            condition: None,
        });
        return;
    }
    let Some((first, _)) = unseen.first() else { return };
    let oldest = unseen.iter().filter_map(|(_, state)| state.unseen_since()).min_by_key(|since| since.mono);
    let names = if unseen.len() == 1 {
        first.name.clone()
    } else {
        format!("{} and {} more", first.name, unseen.len() - 1)
    };
    reasons.push(Reason {
        kind: ReasonKind::Unseen,
        subject: Clean::new(&format!("{} of {total} conditions can be seen", total - unseen.len())),
        value: Clean::new(&format!("unseen: {names}")),
        context: Clean::new("nothing is cleared, nothing acts by itself"),
        since: oldest,
        panel: first.panel,
        condition: None,
    });
}

fn state_of(reasons: &[Reason], evidence: &Evidence) -> VerdictState {
    let has = |kind| reasons.iter().any(|reason| reason.kind == kind);
    // Also what the reasons leave out, as others say it as loudly.
    let running = evidence.conditions.iter(evidence.room).any(|(spec, state)| {
        let judged = state.is_seen() && state.state != ConditionState::Accepted;
        (evidence.counts)(spec, state) && judged && (state.is_running() || state.is_short())
    });
    if has(ReasonKind::Tripped) {
        VerdictState::RollBack
    } else if has(ReasonKind::Failing) {
        VerdictState::NoGo
    } else if [ReasonKind::Unseen, ReasonKind::Unmet, ReasonKind::Waiting].into_iter().any(has) || running {
        VerdictState::Hold
    } else {
        VerdictState::Go
    }
}

#[cfg(test)]
mod tests;
