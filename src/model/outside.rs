//! What was changed from outside: the traffic moved or a revision came, and no operation of this room did it.

use chrono::TimeDelta;

use crate::domain::revision::{same_shares, split_words};
use crate::domain::{Entry, OpKind, OpState, Record, ServiceIx, TrafficTarget, Wall, format};

use super::Model;
use super::ops::Operation;

/// For so long it is news; then it stands in the journal.
const NEWS: TimeDelta = TimeDelta::minutes(10);

/// So long after an operation ended its doings may be read.
const READ_WITHIN: TimeDelta = TimeDelta::minutes(1);

impl Model {
    /// The newest change of a service from outside, in words that ` · ` parts, the most telling first, and when it was
    /// seen.
    pub fn changed_outside(&self) -> Option<(Wall, String)> {
        let news = self.journal.newest().enumerate();
        let mut news = news.take_while(|(_, record)| self.now.wall - record.at <= NEWS);
        let (_, record) = news.find(|(at, record)| self.is_from_outside(*at, record))?;
        let words = self.journal.words(record).1;
        // Where an account lives, and of which service it is where there is one, takes the room of what was done.
        let told = words.rsplit_once(", by ").map(|(what, who)| format!("{what} · by {}", account(who)));
        let words = told.unwrap_or(words);
        let whose =
            self.room.services.iter().find_map(|service| words.strip_prefix(&format!("{} ", service.name)));
        let short = whose.filter(|_| !self.moves_several()).map(str::to_owned);
        Some((record.at, short.unwrap_or(words)))
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
        ix.is_some_and(|ix| !self.ops.iter().any(|op| may_have_done(op, ix, record) || passed(op, ix)))
    }

    /// Where others brought a revision back that this room rolled back from, while the way forward is locked.
    pub(super) fn undone_rollback(&self, ix: ServiceIx) -> Option<Undone> {
        let op = self.last_split(ix).filter(|_| self.is_locked(ix))?;
        let OpKind::Rollback(change) = &op.act else { return None };
        let (traffic, done) = (self.traffic(ix)?, op.effective_at()?);
        // What was read before it, or while it took effect, undoes nothing: others have to want another split.
        if traffic.generation <= change.generation || same_shares(&traffic.desired, &change.after) {
            return None;
        }
        let left = traffic.served_by(&change.before, change.frozen_at).into_iter();
        let back = left.filter(|name| *name != change.to).map(|name| (name, traffic.effective_percent(name)));
        let (name, percent) = back.max_by_key(|(_, percent)| *percent).filter(|(_, percent)| *percent > 0)?;
        let service = self.service_name(ix);
        let moved = self.journal.newest().take_while(|record| record.at >= done);
        let has = |(shares, _): (&[TrafficTarget], bool)| {
            shares.iter().any(|target| target.percent > 0 && target.revision.as_deref() == Some(name))
        };
        let moved = moved.filter(|record| split_of(record, &service).is_some_and(has)).last();
        let by = match moved.map(|record| &record.entry) {
            Some(Entry::Split { by, .. }) if !by.is_empty() => format!(", by {}", account(by)),
            _ => String::new(),
        };
        let share = format::percent_whole(percent);
        let words = format!("{} serves {share} again{by}", self.short_revision(ix, name));
        Some(Undone { service: ix, words, since: moved.map(|record| record.at) })
    }

    /// The same of the first service where it is so.
    pub fn undone(&self) -> Option<Undone> {
        self.room.service_ixs().find_map(|ix| self.undone_rollback(ix))
    }

    /// What serves where the service says that it is done, and not with what an operation under way asked for.
    pub fn serves_instead(&self, op: &Operation) -> Option<String> {
        let under_way = matches!(op.state(), Some(OpState::Accepted | OpState::Reconciling));
        let (OpKind::Rollback(change) | OpKind::Traffic(change)) = &op.act else { return None };
        let traffic = self.traffic(change.service).filter(|_| under_way)?;
        let done = traffic.generation > change.generation && traffic.traffic_settled();
        let asked = same_shares(&traffic.desired, &change.after);
        (done && asked && !same_shares(&traffic.effective, &change.after))
            .then(|| format!("settled, but serves {}", split_words(&traffic.effective)))
    }
}

/// A rollback that does not hold any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// Of which service.
    pub service: ServiceIx,
    /// What serves again: `00042-new serves 100 % again, by sam`.
    pub words: String,
    /// When that was seen first.
    pub since: Option<Wall>,
}

/// An account without where it lives.
fn account(who: &str) -> &str {
    who.split_once('@').map_or(who, |(account, _)| account)
}

fn split_of<'a>(record: &'a Record, of: &str) -> Option<(&'a [TrafficTarget], bool)> {
    match &record.entry {
        Entry::Split { service, split, follows_latest, .. } if service == of => {
            Some((split, *follows_latest))
        }
        _ => None,
    }
}

/// Whether an operation was under way then that may have done this; a command may do anything, a move of the traffic only
/// what it says.
fn may_have_done(op: &Operation, ix: ServiceIx, record: &Record) -> bool {
    let at = record.at;
    let on_it = match (&op.act, &record.entry) {
        (OpKind::Run(_), _) => true,
        (act, _) if act.service() != ix || act.live().is_some() => false,
        (OpKind::Rollback(change) | OpKind::Traffic(change), Entry::Split { split, follows_latest, .. }) => {
            same_shares(&change.after, split) || (change.follows_latest() && *follows_latest)
        }
        (OpKind::Rollback(_) | OpKind::Traffic(_), _) => false,
        (OpKind::Flag(_), _) => true,
    };
    let last = || op.steps.last().filter(|_| op.frees_resource()).map(|step| step.at);
    let begun = op.steps.first().is_some_and(|step| step.at <= at);
    on_it && begun && op.effective_at().or_else(last).is_none_or(|end| at <= end + READ_WITHIN)
}
