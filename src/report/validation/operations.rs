//! Operations as their records tell them: before and after, and how they ended.

use std::collections::BTreeMap;

use crate::domain::revision::{short_name, suffix};
use crate::domain::{
    Clean, Entry, FlagChange, OpId, OpKind, OpState, Record, Room, TrafficChange, VerdictState, Wall,
};

use super::facts::{At, Operation, Said, Step};
use super::scope::Scope;
use super::services::split_words;

/// The operations that were begun in the report's time, oldest first, and how each ended, also if after it.
pub(super) fn operations(room: &Room, scope: &Scope<'_>) -> Vec<Operation> {
    let mut list: Vec<Operation> = Vec::new();
    let mut places: BTreeMap<&OpId, usize> = BTreeMap::new();
    let mut verdict = scope.earlier.iter().fold(None, |known, record| stands(record).or(known));
    for record in scope.records {
        verdict = stands(record).or(verdict);
        match &record.entry {
            Entry::Intent { op, act, reason, evidence } if !places.contains_key(op) => {
                places.insert(op, list.len());
                let begun = begun(room, record, op, act, reason, evidence);
                list.push(Operation { verdict: verdict.clone(), ..begun });
            }
            Entry::Progress { op, state, detail, .. } => {
                let known = places.get(op).and_then(|at| list.get_mut(*at));
                if let Some(known) = known.filter(|known| known.state.may_become(*state)) {
                    known.state = *state;
                    known.over |= state.is_final() || (known.kind == "flag" && *state == OpState::Verified);
                    known.steps.push(Step {
                        state: *state,
                        at: At(record.at),
                        detail: detail.clone(),
                        record: record.seq,
                    });
                }
            }
            _ => {}
        }
    }
    list
}

/// The room's verdict, if `record` says it.
fn stands(record: &Record) -> Option<Said> {
    let (state, reason) = match &record.entry {
        Entry::Verdict { to, reasons, .. } => (*to, reasons.first()),
        Entry::Measured(span) => (span.verdict, span.reasons.first()),
        _ => return None,
    };
    let why = reason.filter(|_| state != VerdictState::Go).map(|why| format!(": {why}"));
    Some(Said { text: format!("{}{}", state.word(), why.unwrap_or_default()), record: Some(record.seq) })
}

fn begun(
    room: &Room,
    record: &Record,
    op: &OpId,
    act: &OpKind,
    reason: &Clean,
    evidence: &[Clean],
) -> Operation {
    let service = short_name(act.resource());
    let ours = room.place_of(act).and_then(|ix| room.service(ix)).map(|spec| spec.name.clone());
    let (what, before, after) = match act {
        OpKind::Rollback(change) => traffic(service, change, "Rollback"),
        OpKind::Traffic(change) => traffic(service, change, "Traffic change"),
        OpKind::Flag(change) => flag(change),
        OpKind::Run(change) => {
            (format!("Run of the command {}", change.name), "not run".into(), change.command.to_string())
        }
    };
    Operation {
        id: op.0.clone(),
        kind: act.word(),
        target: act.target(),
        service: ours.unwrap_or_else(|| service.to_owned()),
        what,
        before,
        after,
        by: record.by.clone(),
        role: record.role.clone(),
        at: At(record.at),
        reason: reason.clone(),
        evidence: evidence.to_vec(),
        verdict: None,
        steps: Vec::new(),
        state: OpState::Requested,
        over: false,
        record: record.seq,
    }
}

fn traffic(service: &str, change: &TrafficChange, word: &str) -> (String, String, String) {
    let to = suffix(service, &change.to);
    let what = if change.follows_latest() {
        format!("{word} of {service} to the latest revision ({to} then)")
    } else {
        format!("{word} of {service} to {to}")
    };
    (what, split_words(service, &change.before), split_words(service, &change.after))
}

fn flag(change: &FlagChange) -> (String, String, String) {
    let before = change.before.as_deref().unwrap_or("not set").to_owned();
    (format!("Flip of the flag {}", change.flag), before, change.after.clone())
}

impl Operation {
    /// When it reached `state`.
    pub(super) fn reached(&self, state: OpState) -> Option<&Step> {
        self.steps.iter().find(|step| step.state == state)
    }

    /// Whether it took effect.
    pub(super) fn took_effect(&self) -> bool {
        self.reached(OpState::Effective).is_some()
    }

    /// How it ended, as a clause: `took effect after 12 seconds and was verified after 2 minutes`.
    pub(super) fn ending(&self) -> String {
        let after = |step: &Step| super::words::length((step.at.0 - self.at.0).as_seconds_f64());
        let effect = self.reached(OpState::Effective).map(after);
        match (self.state, effect) {
            (OpState::Verified | OpState::Drained, Some(effect)) => {
                let verified = self.reached(OpState::Verified).map(after);
                let verified = verified.map(|after| format!(" and was verified after {after}"));
                let drained = if self.state == OpState::Drained {
                    "; no socket was left on the old revision"
                } else {
                    ""
                };
                format!("took effect after {effect}{}{drained}", verified.unwrap_or_default())
            }
            (OpState::Effective, Some(effect)) => {
                format!("took effect after {effect} and was not verified by then")
            }
            (OpState::Superseded, Some(effect)) => {
                format!("took effect after {effect}, and another split has taken its place since")
            }
            (OpState::Superseded, None) => {
                "was not taken by the API as far as is known; another act did what it asked for".to_owned()
            }
            (OpState::Failed, _) => "failed".to_owned(),
            (OpState::Unknown, _) => "was sent, and whether it happened is not known".to_owned(),
            (OpState::Requested, _) => "was requested; whether it was sent is not recorded".to_owned(),
            (state, _) => format!("was last seen as {state}"),
        }
    }

    /// Whether it still wants to be looked at.
    pub(super) fn is_unfinished(&self) -> bool {
        !self.over && !matches!(self.state, OpState::Effective | OpState::Verified)
    }
}

/// When operations became effective, by service.
pub(super) fn effects(operations: &[Operation]) -> Vec<(String, Wall)> {
    let each = |op: &Operation| Some((op.service.clone(), op.reached(OpState::Effective)?.at.0));
    operations.iter().filter_map(each).collect()
}
