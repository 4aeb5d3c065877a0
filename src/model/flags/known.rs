//! What the room knows of its flags: what live providers said last, and from the journal who changed what when, also
//! behind the room's back.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::flag::{FlagRead, FlagSeen, Setting};
use crate::domain::room::FlagSpec;
use crate::domain::{Clean, Entry, FlagChange, Mono, OpId, OpKind, OpState, Record, Room, Wall};

/// Changes of one flag that are remembered.
const KEPT: usize = 20;

/// A change of a flag that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who, as far as is known.
    pub by: Clean,
    /// When it was written down.
    pub at: Wall,
    /// What it was, in words.
    pub from: Clean,
    /// What it became, in words.
    pub to: Clean,
    /// No operation of this room did it.
    pub outside: bool,
    /// What it was, to go back to.
    pub before: Past,
    /// What it became.
    pub after: Past,
}

/// What a flag was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Past {
    /// A variable: its text, or not there.
    Variable(Option<Clean>),
    /// At a live provider.
    Setting(Setting),
}

/// What is known of one flag.
#[derive(Debug, Clone, PartialEq, Default)]
struct Known {
    read: Option<(Mono, FlagRead)>,
    changes: VecDeque<Change>,
    /// What was seen last.
    seen: Option<Seen>,
    /// Something else was seen once, and nobody is known to have done it.
    suspect: Option<(Clean, String)>,
}

/// What a flag was seen as.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::model) struct Seen {
    /// In words.
    pub(in crate::model) words: Clean,
    /// To go back to.
    pub(in crate::model) past: Past,
    /// Its whole definition, by the provider's [`FlagRead::version`]; empty: that is not told.
    pub(in crate::model) version: String,
}

/// What is known of all flags, as in the room.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flags {
    known: Vec<Known>,
    intents: BTreeMap<OpId, (usize, Change)>,
}

impl Past {
    /// What `change` asks for.
    pub(in crate::model) fn asked(change: &FlagChange) -> Self {
        match &change.live {
            Some(live) => Self::Setting(live.after.clone()),
            None => Self::Variable((!change.removes).then(|| Clean::marked(&change.after))),
        }
    }

    /// Whether what is seen is what this says.
    pub(in crate::model) fn is_met_by(&self, seen: &Self) -> bool {
        match (self, seen) {
            (Self::Setting(asked), Self::Setting(seen)) => asked.is_met_by(seen),
            (asked, seen) => asked == seen,
        }
    }
}

impl Flags {
    /// Nothing yet.
    pub fn new(room: &Room) -> Self {
        Self { known: vec![Known::default(); room.flags.len()], intents: BTreeMap::new() }
    }

    /// What the live provider of flag `index` said last.
    pub fn read(&self, index: usize) -> Option<&FlagRead> {
        self.known.get(index)?.read.as_ref().map(|(_, read)| read)
    }

    /// When that was.
    pub fn read_at(&self, index: usize) -> Option<Mono> {
        self.known.get(index)?.read.as_ref().map(|(at, _)| *at)
    }

    /// The last change of flag `index`.
    pub fn last(&self, index: usize) -> Option<&Change> {
        self.changes(index).next()
    }

    /// Its changes, the newest first.
    pub fn changes(&self, index: usize) -> impl Iterator<Item = &Change> {
        self.known.get(index).into_iter().flat_map(|known| &known.changes)
    }

    /// A live provider was read.
    pub(in crate::model) fn take(&mut self, seen: FlagSeen) {
        if let Some(known) = self.known.get_mut(usize::from(seen.flag)) {
            known.read = Some((seen.at, seen.read));
        }
    }

    /// Flag `index` was seen as `now`; answers what it was before, if nobody is known to have changed it. `done`: an
    /// operation of the room made it so; `busy`: one may be changing its definition. Believed when it is seen twice: the
    /// record of an operation may be on its way. Who does not write it down (`tells`) goes on to miss it, until somebody has:
    /// whoever did may be gone.
    pub(in crate::model) fn observe(
        &mut self,
        index: usize,
        now: Seen,
        (done, busy): (bool, bool),
        tells: bool,
    ) -> Option<(Clean, Past)> {
        let known = self.known.get_mut(index)?;
        // Where nobody looked before, the journal knows what it was left at.
        let left = known.changes.front().map(|change| (change.to.clone(), change.after.clone()));
        let seen = known.seen.as_ref();
        // Who gets it may change while its words stay: another constraint, another segment.
        let told = |seen: &&Seen| !seen.version.is_empty() && !now.version.is_empty();
        let redefined = seen.filter(told).is_some_and(|seen| seen.version != now.version);
        let before = seen.map(|seen| (seen.words.clone(), seen.past.clone())).or(left);
        let same = before.as_ref().is_none_or(|(words, was)| *words == now.words || was.is_met_by(&now.past));
        let moved = if same { redefined && !busy } else { !done };
        let this = (now.words.clone(), now.version.clone());
        if moved && known.suspect.as_ref() != Some(&this) {
            known.suspect = Some(this);
            return None;
        }
        if moved && !tells {
            return None;
        }
        known.suspect = None;
        known.seen = Some(now);
        before.filter(|_| moved)
    }

    /// Folds a record in.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other record speaks of a flag")]
    pub(in crate::model) fn record(&mut self, record: &Record, room: &Room) {
        match &record.entry {
            Entry::Intent { op, act: OpKind::Flag(change), .. } => {
                let Some(index) = index_of(room, change) else { return };
                let change = Change {
                    by: record.by.clone(),
                    at: record.at,
                    from: before(change),
                    to: after(change),
                    outside: false,
                    before: match &change.live {
                        Some(live) => Past::Setting(live.before.clone()),
                        None => Past::Variable(change.before.clone()),
                    },
                    after: Past::asked(change),
                };
                self.intents.insert(op.clone(), (index, change));
            }
            Entry::Progress { op, state: OpState::Effective, .. } => {
                if let Some((index, change)) = self.intents.remove(op) {
                    self.push(index, Change { at: record.at, ..change });
                }
            }
            Entry::Progress { op, state: OpState::Failed, .. } => drop(self.intents.remove(op)),
            Entry::FlagMoved { flag, from, to, by, before, after, .. } => {
                let Some(index) = room.flags.iter().position(|spec| spec.name == *flag) else { return };
                let past = |setting: &Option<Setting>, words: &Clean| match setting {
                    Some(setting) => Past::Setting(setting.clone()),
                    None => Past::Variable((**words != *NOT_SET).then(|| words.clone())),
                };
                let (before, after) = (past(before, from), past(after, to));
                let (from, to, by) = (from.clone(), to.clone(), by.clone());
                // What was seen before that is told: from now on it counts from there.
                if let Some(known) = self.known.get_mut(index) {
                    known.seen = None;
                }
                self.push(index, Change { by, at: record.at, from, to, outside: true, before, after });
            }
            _ => {}
        }
    }

    fn push(&mut self, index: usize, change: Change) {
        let Some(known) = self.known.get_mut(index) else { return };
        known.changes.push_front(change);
        known.changes.truncate(KEPT);
    }
}

/// A variable that is not there, as records tell it.
pub(in crate::model) const NOT_SET: &str = "not set";

fn before(change: &FlagChange) -> Clean {
    change.before.clone().unwrap_or_else(|| Clean::new(NOT_SET))
}

fn after(change: &FlagChange) -> Clean {
    if change.removes { Clean::new(NOT_SET) } else { Clean::new(&change.after) }
}

/// The flag of the room that `change` is of.
pub(in crate::model) fn index_of(room: &Room, change: &FlagChange) -> Option<usize> {
    let kept_there = |spec: &FlagSpec| {
        let resource = spec.resource();
        if change.live.is_some() {
            return resource.as_deref() == Some(&change.resource);
        }
        let cloud = room.service(spec.service).and_then(|service| service.cloud_run.as_ref());
        let here = cloud.is_some_and(|cloud| cloud.full_name() == change.resource);
        let same = (&spec.variable, &spec.container) == (&change.variable, &change.container);
        here && same && resource.is_none()
    };
    room.flags.iter().position(kept_there)
}
