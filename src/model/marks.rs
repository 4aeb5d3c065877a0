//! What changed the room from outside or by hand, as marks on the time axis of charts: deploys, traffic, flags, rollbacks.
//! All of it is folded from the records, so that every console has the same marks, also after a restart.

use std::collections::BTreeMap;

use crate::domain::{Entry, OpKind, OpState, Record, ServiceIx, TrafficTarget, Wall};

use super::Model;

/// Most marks of one chart; the newest are shown.
const MOST: usize = 100;

/// What a mark tells of; of two at one place the later kind here is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// A flag has another value.
    Flag,
    /// Another split is effective.
    Traffic,
    /// A new revision appeared.
    Deploy,
    /// A rollback is effective.
    Rollback,
}

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeMark {
    /// When it happened.
    pub at: Wall,
    /// What it tells of.
    pub kind: MarkKind,
    /// What changed, in a few words.
    pub words: String,
}

impl MarkKind {
    /// As on the axis.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Flag => "F",
            Self::Traffic => "T",
            Self::Deploy => "D",
            Self::Rollback => "R",
        }
    }
}

impl Model {
    /// What changed since `from`, oldest first: of `service` and of what is of no service alone; `None`: of all.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds change nothing of the room")]
    pub fn time_marks(&self, service: Option<ServiceIx>, from: Wall) -> Vec<TimeMark> {
        let of = |name: &str| {
            service.and_then(|ix| self.room.service(ix)).is_none_or(|service| service.name == name)
        };
        let mut splits: BTreeMap<&str, &[TrafficTarget]> = BTreeMap::new();
        let mut marks = Vec::new();
        for record in self.journal.newest().rev() {
            let kind = match &record.entry {
                Entry::Split { service, split, .. } => {
                    let before = splits.insert(service, split);
                    let moved = before.is_some_and(|before| shares(before) != shares(split));
                    (moved && of(service)).then_some(MarkKind::Traffic)
                }
                Entry::Deployed { service, .. } => of(service).then_some(MarkKind::Deploy),
                Entry::FlagMoved { .. } => Some(MarkKind::Flag),
                Entry::Progress { op, state: OpState::Effective, .. } => {
                    self.ops.get(op).and_then(|op| self.kind_of(&op.act, service))
                }
                _ => None,
            };
            if let Some(kind) = kind.filter(|_| record.at >= from) {
                marks.push(TimeMark { at: record.at, kind, words: self.mark_words(record) });
            }
        }
        marks.drain(..marks.len().saturating_sub(MOST));
        marks
    }

    /// Splits have records of their own.
    fn kind_of(&self, act: &OpKind, service: Option<ServiceIx>) -> Option<MarkKind> {
        let kind = match act {
            OpKind::Rollback(_) => MarkKind::Rollback,
            OpKind::Flag(_) => MarkKind::Flag,
            OpKind::Traffic(_) | OpKind::Run(_) => return None,
        };
        service.is_none_or(|ix| self.room.place_of(act) == Some(ix)).then_some(kind)
    }

    fn mark_words(&self, record: &Record) -> String {
        if let Entry::Progress { op, .. } = &record.entry
            && let Some(op) = self.ops.get(op)
        {
            return match &op.act {
                OpKind::Flag(change) => format!("{} → {}", change.flag, change.after),
                act => act.words(),
            };
        }
        self.journal.brief(record).1
    }
}

/// Who gets how much.
fn shares(split: &[TrafficTarget]) -> Vec<(Option<&str>, u8)> {
    let some = split.iter().filter(|target| target.percent > 0);
    some.map(|target| (target.revision.as_deref(), target.percent)).collect()
}

#[cfg(test)]
mod tests;
