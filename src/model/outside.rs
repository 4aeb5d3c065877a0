//! What was changed from outside: the traffic moved or a revision came, and no operation of this room did it.

use chrono::TimeDelta;

use crate::domain::revision::same_shares;
use crate::domain::{Entry, OpKind, Record, ServiceIx, TrafficTarget, Wall};

use super::Model;
use super::ops::Operation;

/// For so long it is news; then it stands in the journal.
const NEWS: TimeDelta = TimeDelta::minutes(10);

/// So long after an operation ended its doings may be read.
const READ_WITHIN: TimeDelta = TimeDelta::minutes(1);

impl Model {
    /// The newest change of a service from outside, in words, and when it was seen.
    pub fn changed_outside(&self) -> Option<(Wall, String)> {
        let news = self.journal.newest().enumerate();
        let mut news = news.take_while(|(_, record)| self.now.wall - record.at <= NEWS);
        let (_, record) = news.find(|(at, record)| self.is_from_outside(*at, record))?;
        let words = self.journal.words(record).1;
        // Where an account lives takes the room of what it did.
        let told = words.rsplit_once(", by ").map(|(what, who)| {
            let account = who.split_once('@').map_or(who, |(account, _)| account);
            format!("{what}, by {account}")
        });
        Some((record.at, told.unwrap_or(words)))
    }

    /// Whether the record in this place, the newest first, tells of such a change.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds tell of no change of a service")]
    fn is_from_outside(&self, at: usize, record: &Record) -> bool {
        let service = match &record.entry {
            Entry::Split { service, split, follows_latest, .. } => {
                let before = self.journal.newest().skip(at + 1).find_map(|before| split_of(before, service));
                let moved = before.is_some_and(|(shares, followed)| {
                    let named = shares.iter().all(|target| target.revision.is_some() || target.percent == 0);
                    named && (!same_shares(shares, split) || followed != *follows_latest)
                });
                if !moved {
                    return false;
                }
                service
            }
            Entry::Deployed { service, .. } => service,
            _ => return false,
        };
        let ix = self.room.service_ixs().find(|ix| self.service_name(*ix) == *service);
        // What a person of this room moved since, they moved knowing it.
        let passed = |op: &Operation, ix| {
            op.act.service() == ix && op.effective_at().is_some_and(|done| done >= record.at)
        };
        ix.is_some_and(|ix| !self.ops.iter().any(|op| may_have_done(op, ix, record.at) || passed(op, ix)))
    }
}

fn split_of<'a>(record: &'a Record, of: &str) -> Option<(&'a [TrafficTarget], bool)> {
    match &record.entry {
        Entry::Split { service, split, follows_latest, .. } if service == of => {
            Some((split, *follows_latest))
        }
        _ => None,
    }
}

/// Whether an operation was under way then that may change the service; a command may change any.
fn may_have_done(op: &Operation, ix: ServiceIx, at: Wall) -> bool {
    let on_it = matches!(op.act, OpKind::Run(_)) || (op.act.service() == ix && op.act.live().is_none());
    let last = || op.steps.last().filter(|_| op.frees_resource()).map(|step| step.at);
    let begun = op.steps.first().is_some_and(|step| step.at <= at);
    on_it && begun && op.effective_at().or_else(last).is_none_or(|end| at <= end + READ_WITHIN)
}
