//! The table of runs: bounded, in three lists (open by last event, settling, done), nothing allocated once warm.
//!
//! A run that ended with a fault settles for a second, because the event that it misses may only be late; a run that
//! ended stays known for a while, so that repeats are recognised and its story can be told.

use std::time::Duration;

use rustc_hash::FxHashMap;

use super::run::Run;
use crate::domain::Mono;

/// Open runs kept; beyond, the longest silent one is forgotten and counted.
pub const MAX_OPEN: usize = 16_384;
/// Ended runs kept.
pub const MAX_DONE: usize = 1_024;
/// How long a faulty end waits for late events.
pub const SETTLE: Duration = Duration::from_secs(1);

const NONE: u32 = u32::MAX;

/// Which list a run is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stand {
    /// More is to come.
    #[default]
    Open,
    /// Its last event came, but something is missing.
    Settling,
    /// Judged.
    Done,
}

#[derive(Debug, Clone, Copy)]
struct List {
    head: u32,
    tail: u32,
    len: usize,
}

/// The table.
#[derive(Debug, Default)]
pub struct Runs {
    by_id: FxHashMap<u64, u32>,
    slots: Vec<Run>,
    links: Vec<(u32, u32)>,
    free: Vec<u32>,
    lists: [List; 3],
    evicted: Option<Mono>,
}

impl Default for List {
    fn default() -> Self {
        Self { head: NONE, tail: NONE, len: 0 }
    }
}

impl Runs {
    /// The slot of a run.
    pub fn find(&self, id: u64) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// A run by its slot.
    pub fn get(&self, slot: u32) -> Option<&Run> {
        self.slots.get(slot as usize)
    }

    /// A run by its slot.
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut Run> {
        self.slots.get_mut(slot as usize)
    }

    /// Opens a run; the caller fills it and makes room first.
    pub fn open(&mut self, id: u64) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Run::default());
            self.links.push((NONE, NONE));
            (self.slots.len() - 1) as u32
        });
        self.by_id.insert(id, slot);
        if let Some(run) = self.slots.get_mut(slot as usize) {
            run.renew(id);
        }
        self.push(slot, Stand::Open);
        slot
    }

    /// Runs in a list.
    pub fn len(&self, stand: Stand) -> usize {
        self.lists[stand as usize].len
    }

    /// The oldest of a list.
    pub fn oldest(&self, stand: Stand) -> Option<u32> {
        let head = self.lists[stand as usize].head;
        (head != NONE).then_some(head)
    }

    /// From the oldest of a list to its newest.
    pub fn ascending(&self, stand: Stand) -> impl Iterator<Item = u32> + '_ {
        let after =
            |slot: &u32| self.links.get(*slot as usize).map(|link| link.1).filter(|next| *next != NONE);
        std::iter::successors(self.oldest(stand), after)
    }

    /// From the newest of a list to its oldest.
    pub fn descending(&self, stand: Stand) -> impl Iterator<Item = u32> + '_ {
        let tail = self.lists[stand as usize].tail;
        let before =
            |slot: &u32| self.links.get(*slot as usize).map(|link| link.0).filter(|prev| *prev != NONE);
        std::iter::successors((tail != NONE).then_some(tail), before)
    }

    /// Moves a run to the end of a list.
    pub fn shift(&mut self, slot: u32, to: Stand) {
        if self.lists[to as usize].tail == slot {
            return;
        }
        self.unlink(slot);
        self.push(slot, to);
        if to == Stand::Done && self.len(Stand::Done) > MAX_DONE {
            self.forget_oldest(Stand::Done);
        }
    }

    /// Forgets the open run that was silent for longest, at `at`.
    pub fn evict(&mut self, at: Mono) {
        self.forget_oldest(Stand::Open);
        self.evicted = Some(at);
    }

    /// Whether a run was evicted within `wait` before `at`: what seems to begin then may be the rest of one.
    pub fn evicted_within(&self, wait: Duration, at: Mono) -> bool {
        self.evicted.is_some_and(|evicted| at.since(evicted) < wait)
    }

    /// Forgets the oldest of a list.
    pub fn forget_oldest(&mut self, stand: Stand) {
        if let Some(slot) = self.oldest(stand) {
            self.forget(slot);
        }
    }

    /// Forgets a run.
    pub fn forget(&mut self, slot: u32) {
        self.unlink(slot);
        if let Some(run) = self.slots.get(slot as usize) {
            self.by_id.remove(&run.id);
        }
        self.free.push(slot);
    }

    /// When the next run times out or has settled.
    pub fn next_deadline(&self, timeout: Duration) -> Option<Mono> {
        let due = |stand, wait| {
            let slot = self.oldest(stand)?;
            Some(self.get(slot)?.last.after(wait))
        };
        let (open, settling) = (due(Stand::Open, timeout), due(Stand::Settling, SETTLE));
        [open, settling].into_iter().flatten().min()
    }

    fn push(&mut self, slot: u32, stand: Stand) {
        let list = &mut self.lists[stand as usize];
        let before = list.tail;
        list.tail = slot;
        list.len += 1;
        if before == NONE {
            list.head = slot;
        } else if let Some(link) = self.links.get_mut(before as usize) {
            link.1 = slot;
        }
        if let Some(link) = self.links.get_mut(slot as usize) {
            *link = (before, NONE);
        }
        if let Some(run) = self.slots.get_mut(slot as usize) {
            run.stand = stand;
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Some(stand) = self.get(slot).map(|run| run.stand) else { return };
        let Some((prev, next)) = self.links.get(slot as usize).copied() else { return };
        let list = &mut self.lists[stand as usize];
        list.len = list.len.saturating_sub(1);
        if prev == NONE {
            list.head = next;
        } else if let Some(link) = self.links.get_mut(prev as usize) {
            link.1 = next;
        }
        if next == NONE {
            list.tail = prev;
        } else if let Some(link) = self.links.get_mut(next as usize) {
            link.0 = prev;
        }
    }
}
