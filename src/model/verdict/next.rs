//! What a careful person would do now, and what holds while all is good.

use std::time::Duration;

use crate::domain::{Clean, ConditionState, PanelId, Reason, ReasonKind, Verdict, VerdictState, format};
use crate::model::conditions::{against_limit, closeness};

use super::Evidence;

/// A rollback that serves while what tripped before it is not clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledBack {
    /// Where it went.
    pub to: String,
    /// For how long it serves.
    pub ago: Duration,
    /// What became of what tripped.
    pub so_far: SoFar,
}

/// What became of what a rollback was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoFar {
    /// All is good again, and only has to stay so.
    GoodAgain,
    /// What was counted before goes on to count for a while.
    Counts,
    /// It is not seen now.
    Unseen,
    /// It is past its limit still.
    NoHelp,
}

impl RolledBack {
    /// Whether nothing speaks against where it went so far.
    pub fn recovers(&self) -> bool {
        matches!(self.so_far, SoFar::GoodAgain | SoFar::Counts)
    }

    fn words(&self, way_back: Option<&str>) -> String {
        let Self { to, ago, so_far } = self;
        let ago = format::age(*ago);
        let how = match so_far {
            SoFar::GoodAgain => "good again, it only has to stay so",
            SoFar::Counts => "what came before still counts",
            SoFar::Unseen => "what tripped is not seen now",
            SoFar::NoHelp => {
                let next =
                    way_back.map_or("1-3 open a reason".to_owned(), |way| format!("R roll back… {way}"));
                return format!("the rollback to {to} did not help so far   {next}");
            }
        };
        format!("rolled back to {to} {ago} ago: {how}   1-3 open a reason")
    }
}

/// What holds, and what is closest to its limit.
pub(super) fn holding(evidence: &Evidence) -> Vec<Reason> {
    let counted: Vec<_> = evidence
        .conditions
        .iter(evidence.room)
        .filter(|(spec, state)| (evidence.counts)(spec, state))
        .collect();
    let closest = counted
        .iter()
        .filter(|(_, state)| state.state != ConditionState::Accepted)
        .filter_map(|(spec, state)| Some((closeness(spec, state)?, spec, state)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let context = closest.map_or(String::new(), |(_, spec, state)| {
        format!("closest: {} {}", spec.name, against_limit(spec, state))
    });
    let holds = |subject: String, context: String, panel| Reason {
        kind: ReasonKind::Holding,
        subject: Clean::new(&subject),
        value: Clean::default(),
        context: Clean::new(&context),
        since: None,
        panel,
        condition: None,
    };
    let all = counted.len();
    let held = counted.iter().filter(|(_, state)| state.is_seen());
    let held = held.filter(|(_, state)| state.state != ConditionState::Accepted).count();
    let mut rows = vec![holds(format!("{held} of {all} conditions hold"), context, PanelId::Triggers)];
    let (done, all) = evidence.required;
    if all > 0 {
        rows.push(holds(format!("{done} of {all} required items done"), String::new(), PanelId::Checklist));
    }
    rows
}

/// The act that comes next, with its keys: those of as many reasons as are shown.
pub(super) fn next(verdict: &Verdict, evidence: &Evidence) -> String {
    let words = words(verdict, evidence);
    match verdict.reasons.len() {
        0 | 3.. => words,
        1 => words.replace("1-3 open a ", "1 opens the "),
        n => words.replace("1-3 open", &format!("1-{n} open")),
    }
}

/// The better answer that is in sight, in words: the first reason while there is one.
fn waits_for(verdict: &Verdict) -> Option<&str> {
    verdict.reasons.first().filter(|first| first.kind == ReasonKind::Waiting).map(|first| &*first.subject)
}

/// Whether this room can move the traffic of any service.
fn moves_traffic(evidence: &Evidence) -> bool {
    evidence.room.services.iter().any(|service| service.cloud_run.is_some())
}

fn words(verdict: &Verdict, evidence: &Evidence) -> String {
    if let (VerdictState::RollBack, Some(back)) = (verdict.state, &evidence.rolled_back) {
        return back.words(evidence.way_back.as_deref());
    }
    // Where nothing can be seen at all, what they have in common comes first.
    let lost = evidence.lost.is_some() && verdict.state == VerdictState::Hold;
    // What bars no way back does not stand before it either.
    let asks = matches!(verdict.state, VerdictState::NoGo | VerdictState::RollBack);
    let free = asks && evidence.way_back.is_some() && !evidence.acting;
    if let Some(words) = evidence.unfollowed.as_deref().filter(|_| !lost && !free) {
        return match &evidence.beside {
            Some(tripped) if verdict.state == VerdictState::RollBack => format!("{words} · {tripped}"),
            _ => format!("{words}   1-3 open a reason"),
        };
    }
    match (verdict.state, &evidence.way_back) {
        (VerdictState::Go, _) => {
            let waits = evidence.waits.as_deref().unwrap_or("nothing to do");
            format!("{waits}   1-3 open a line")
        }
        (VerdictState::Hold, _) if verdict.blind => match &evidence.lost {
            Some(lost) => format!("{lost}   D doctor"),
            None => "D doctor   1-3 open a line".to_owned(),
        },
        (VerdictState::Hold, _) => "wait, or work on what is open   1-3 open a reason".to_owned(),
        (VerdictState::NoGo | VerdictState::RollBack, _) if evidence.acting => match &evidence.beside {
            Some(tripped) => format!("an operation is under way · {tripped}"),
            None => "the operation is under way   1-3 open a reason".to_owned(),
        },
        // What asked for it is gone, and the better answer only has to stand.
        (VerdictState::NoGo | VerdictState::RollBack, _) if waits_for(verdict).is_some() => {
            format!("wait: {}   1-3 open a reason", waits_for(verdict).unwrap_or_default())
        }
        (VerdictState::RollBack, _) if evidence.only_watches => {
            "who may act rolls back: this console only watches   1-3 open a reason".to_owned()
        }
        (VerdictState::NoGo, _) if evidence.only_watches => {
            "do not go forward: this console only watches   1-3 open a reason".to_owned()
        }
        (VerdictState::NoGo, None) => "1-3 open a reason   do not go forward".to_owned(),
        (VerdictState::NoGo, Some(way)) => match &evidence.pointless {
            Some(to) => format!("1-3 open a reason   do not go forward: {to} is no better"),
            None => format!("1-3 open a reason   R roll back… {way}"),
        },
        (VerdictState::RollBack, Some(way)) => format!("R roll back… {way}   ·   nothing happens by itself"),
        (VerdictState::RollBack, None) if !moves_traffic(evidence) => {
            "roll back by your own means: this room moves no traffic   1-3 open a reason".to_owned()
        }
        (VerdictState::RollBack, None) => {
            "R choose a revision: none is known to be good   1-3 open a reason".to_owned()
        }
    }
}
