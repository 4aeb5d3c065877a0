//! The bookkeeping of one stream, pure: events go in, an [`EventsDelta`] comes out whenever the model has room. Memory is
//! bounded whatever arrives: runs by [`runs::MAX_OPEN`], names and values by [`super::MAX_NAMES`], stories by what one delta
//! may hold. The source copies only those lines that can still be seen when it hands over.

use std::time::Duration;

use super::kept::Names;
use super::run::{NO_INDEX, Rules, Taken};
use super::runs::{self, Runs, SETTLE, Stand};
use super::seq::{Connection, Place, Sequence};
use super::short::{Short, hash, same};
use super::skew::Bounds;
use super::speakers::Speakers;
use super::story::{Ending, Mark};
use super::{Counted, EventsDelta, Invalid, MAX_STORIES, MAX_WHOLE, OpenRuns, SocketsDelta};
use crate::domain::measure::{CLASSES, Latencies, class_of};
use crate::domain::room::EventsSpec;
use crate::domain::{Mono, Origin, ServiceIx};

/// One event, its fields borrowed from the frame.
#[derive(Debug, Clone, Copy, Default)]
pub struct Event<'a> {
    /// Event type.
    pub kind: &'a str,
    /// Run id.
    pub run: Option<&'a str>,
    /// Call id.
    pub call: Option<&'a str>,
    /// What it is about in a word.
    pub detail: Option<&'a str>,
    /// Revision that sent it.
    pub revision: Option<&'a str>,
    /// Sequence number.
    pub seq: Option<u64>,
    /// Its own time, Unix microseconds.
    pub sent_us: Option<i64>,
    /// Values of the counted fields, in their order.
    pub counted: &'a [Option<&'a str>],
    /// The whole frame.
    pub raw: &'a str,
}

/// When and over which connection something arrived.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arrival {
    /// For durations.
    pub at: Mono,
    /// Unix microseconds.
    pub wall_us: i64,
    /// Index of the connection.
    pub connection: u16,
}

/// What an event's line tells beside the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// From its own time to its arrival.
    pub delivery_us: Option<u64>,
    /// How its run ended, if it did with this event.
    pub ended: Option<Ending>,
}

/// The bookkeeping.
#[derive(Debug)]
pub struct Tracker {
    types: Vec<String>,
    rules: Rules,
    timeout: Duration,
    runs: Runs,
    connections: Vec<Connection>,
    skew: Bounds,
    speakers: Speakers,
    latency: Vec<u32>,
    others: Names,
    counted: Vec<(String, Names)>,
    /// Runs judged since the last hand-over, as far as they are kept.
    judged: usize,
    pending: EventsDelta,
    dirty: bool,
    /// Connections, to be written by the source.
    pub sockets: SocketsDelta,
}

impl Tracker {
    /// Nothing seen yet.
    pub fn new(service: ServiceIx, spec: &EventsSpec) -> Self {
        let fields = spec.fields.count_by.keys();
        Self {
            types: spec.types.clone(),
            rules: Rules::new(spec),
            timeout: spec.run_timeout,
            runs: Runs::default(),
            connections: (0..spec.connections.max(1)).map(|_| Connection::default()).collect(),
            skew: Bounds::default(),
            speakers: Speakers::default(),
            latency: vec![0; CLASSES],
            others: Names::default(),
            counted: fields.map(|name| (name.clone(), Names::default())).collect(),
            judged: 0,
            pending: Self::empty(service, spec.types.len()),
            dirty: false,
            sockets: SocketsDelta { wanted: spec.connections.max(1), ..SocketsDelta::default() },
        }
    }

    fn empty(service: ServiceIx, types: usize) -> EventsDelta {
        let mut delta = EventsDelta { service, by_type: vec![0; types], ..EventsDelta::default() };
        delta.runs.missing = vec![0; types];
        delta
    }

    /// Takes an event; gives what its line needs, unless another connection told it already.
    pub fn observe(&mut self, event: &Event<'_>, arrival: Arrival) -> Option<Seen> {
        self.dirty = true;
        self.pending.received += 1;
        self.pending.bytes += event.raw.len() as u64;
        let kind = self.types.iter().position(|known| same(known, event.kind));
        let delivery_us = event.sent_us.and_then(|sent| self.skew.arrival(arrival.wall_us, sent));
        let ended = match self.follow(event, kind, arrival, delivery_us) {
            Followed::Echo => {
                self.pending.echoes += 1;
                return None;
            }
            Followed::Counted(ended) => ended,
        };
        match kind.and_then(|kind| self.pending.by_type.get_mut(kind)) {
            Some(count) => *count += 1,
            None => self.others.count(event.kind),
        }
        self.late(delivery_us);
        for ((_, names), value) in self.counted.iter_mut().zip(event.counted) {
            if let Some(value) = value {
                names.count(value);
            }
        }
        Some(Seen { delivery_us, ended })
    }

    /// Takes a frame that was no event.
    pub fn invalid(&mut self, kind: Invalid, bytes: u64) {
        self.dirty = true;
        self.pending.received += 1;
        self.pending.bytes += bytes;
        *self.pending.invalid.entry(kind).or_default() += 1;
    }

    /// A connection was established; the answer carried `date` (Unix seconds) and took from `asked_us` to `read_us`.
    pub fn connected(&mut self, connection: u16, at: Mono, date: Option<(i64, i64, i64)>) {
        self.dirty = true;
        if let Some(connection) = self.connections.get_mut(usize::from(connection)) {
            *connection = Connection { seq: Sequence::default(), since: at };
        }
        self.skew.connected(date);
    }

    /// A connection ended: what its open runs still sent is unknown, so they are not judged.
    pub fn disconnected(&mut self, connection: u16) {
        self.dirty = true;
        let open: Vec<u32> = self.runs.ascending(Stand::Open).collect();
        for slot in open {
            if let Some(run) = self.runs.get_mut(slot).filter(|run| run.owner == connection) {
                run.partial = true;
            }
        }
    }

    /// This machine's wall clock was set forward by `by_us`: every sender's is behind by as much.
    pub fn clock_stepped(&mut self, by_us: i64) {
        self.skew.set(by_us.saturating_neg());
    }

    /// Judges runs whose time is over.
    pub fn tick(&mut self, now: Mono) {
        while let Some(slot) = self.due(Stand::Settling, SETTLE, now) {
            self.judge(slot, false);
        }
        while let Some(slot) = self.due(Stand::Open, self.timeout, now) {
            self.judge(slot, self.rules.last.is_some());
        }
    }

    fn due(&self, stand: Stand, wait: Duration, now: Mono) -> Option<u32> {
        let slot = self.runs.oldest(stand)?;
        (self.runs.get(slot)?.last.after(wait) <= now).then_some(slot)
    }

    /// When [`Self::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<Mono> {
        self.runs.next_deadline(self.timeout)
    }

    /// Runs open now.
    pub fn open_runs(&self) -> usize {
        self.runs.len(Stand::Open)
    }

    /// Whether there is anything to hand over.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Says that the sockets changed.
    pub fn touch(&mut self) {
        self.dirty = true;
    }

    fn late(&mut self, us: impl IntoIterator<Item = u64>) {
        for us in us {
            self.latency[usize::from(class_of(us)).min(CLASSES - 1)] += 1;
        }
    }

    /// Takes out all that was counted since the last time.
    pub fn take(&mut self, at: Mono, origin: &Origin) -> EventsDelta {
        self.dirty = false;
        let next = Self::empty(self.pending.service, self.types.len());
        let mut delta = std::mem::replace(&mut self.pending, next);
        delta.at = at;
        delta.origin.clone_from(origin);
        let upheld = self.skew.upheld();
        self.late(upheld);
        if self.latency.iter().any(|count| *count > 0) {
            delta.latency = Latencies::from_dense(&self.latency);
            self.latency.fill(0);
        }
        delta.skew = self.skew.skew();
        (delta.other_types, delta.other_rest) = self.others.take();
        for (field, names) in &mut self.counted {
            let (values, rest) = names.take();
            delta.counted.push(Counted { field: field.clone(), values, rest });
        }
        (delta.revisions, delta.incomplete_on) = self.speakers.take();
        self.tell_runs(&mut delta, at);
        let fresh =
            SocketsDelta { open: self.sockets.open, wanted: self.sockets.wanted, ..SocketsDelta::default() };
        delta.sockets = std::mem::replace(&mut self.sockets, fresh);
        delta
    }

    fn tell_runs(&mut self, delta: &mut EventsDelta, now: Mono) {
        let (mut whole, mut broken) = (0, 0);
        let judged = std::mem::take(&mut self.judged);
        for slot in self.runs.descending(Stand::Done).take(judged) {
            let Some(run) = self.runs.get(slot) else { continue };
            let is_whole = run.ending == Some(Ending::Whole);
            let (told, most) = if is_whole { (&mut whole, MAX_WHOLE) } else { (&mut broken, MAX_STORIES) };
            if *told < most {
                *told += 1;
                delta.stories.push(run.story(&self.rules));
            }
        }
        delta.stories.reverse();
        let silent = self.runs.ascending(Stand::Open).map_while(|slot| {
            let run = self.runs.get(slot)?;
            (now.since(run.last) >= self.timeout / 4).then(|| run.story(&self.rules))
        });
        delta.open = OpenRuns {
            count: self.runs.len(Stand::Open) as u64,
            silent: silent.take(OpenRuns::MOST_SILENT).collect(),
        };
    }

    fn follow(
        &mut self,
        event: &Event<'_>,
        kind: Option<usize>,
        arrival: Arrival,
        delivery_us: Option<u64>,
    ) -> Followed {
        self.pending.numbered += u64::from(event.seq.is_some());
        let Some(name) = event.run.filter(|name| !name.is_empty()) else {
            let repeat = event.seq.is_some_and(|seq| self.number(seq, None, false, arrival));
            self.pending.duplicates += u64::from(repeat);
            return Followed::Counted(None);
        };
        let kind = kind.map_or(NO_INDEX, |kind| kind as u16);
        let id = hash(name);
        let (slot, fresh) = match self.known(id, kind) {
            Some(slot) => (slot, false),
            None => (self.begin(id, name, event, kind, arrival), true),
        };
        if self.runs.get(slot).is_some_and(|run| run.owner != arrival.connection) {
            return Followed::Echo;
        }
        let repeat = event.seq.is_some_and(|seq| self.number(seq, Some(slot), fresh, arrival));
        let taken =
            Taken { kind, call: event.call, detail: event.detail, at: arrival.at, delivery_us, repeat };
        let Some(run) = self.runs.get_mut(slot) else { return Followed::Counted(None) };
        let mark = run.take(&self.rules, &taken);
        let (stand, whole) = (run.stand, run.is_whole(&self.rules) || run.partial);
        self.pending.duplicates += u64::from(mark == Mark::Twice);
        self.pending.runs.out_of_order += u64::from(mark == Mark::OutOfOrder);
        Followed::Counted(self.place(slot, stand, whole, Some(kind) == self.rules.last))
    }

    /// Puts a run where it belongs after an event; gives how it ended, if it ended with this event.
    fn place(&mut self, slot: u32, stand: Stand, whole: bool, is_last: bool) -> Option<Ending> {
        match (stand, is_last || stand == Stand::Settling, whole) {
            (Stand::Done, ..) => None,
            (_, false, _) => {
                self.runs.shift(slot, Stand::Open);
                None
            }
            (_, true, true) => Some(self.judge(slot, false)),
            (_, true, false) => {
                self.runs.shift(slot, Stand::Settling);
                Some(Ending::Incomplete)
            }
        }
    }

    /// The slot of a run that goes on; a first event after the end begins another run of the same name.
    fn known(&mut self, id: u64, kind: u16) -> Option<u32> {
        let slot = self.runs.find(id)?;
        let stand = self.runs.get(slot)?.stand;
        if stand == Stand::Open || Some(kind) != self.rules.first {
            return Some(slot);
        }
        if stand == Stand::Settling {
            self.judge(slot, false);
        }
        self.runs.forget(slot);
        self.judged = self.judged.min(self.runs.len(Stand::Done));
        None
    }

    fn begin(&mut self, id: u64, name: &str, event: &Event<'_>, kind: u16, arrival: Arrival) -> u32 {
        if self.runs.len(Stand::Open) >= runs::MAX_OPEN {
            self.runs.evict(arrival.at);
            self.pending.runs.evicted += 1;
        }
        self.pending.runs.opened += 1;
        let since = self.connections.get(usize::from(arrival.connection)).map_or(arrival.at, |c| c.since);
        let joined = self.rules.first.is_some()
            && Some(kind) != self.rules.first
            && (arrival.at.since(since) < self.timeout || self.runs.evicted_within(self.timeout, arrival.at));
        let slot = self.runs.open(id);
        let revision = event.revision.unwrap_or_default();
        let speaker = self.speakers.began(revision);
        if let Some(run) = self.runs.get_mut(slot) {
            run.name = Short::new(name);
            run.revision = Short::new(revision);
            run.speaker = speaker;
            run.owner = arrival.connection;
            run.partial = joined;
        }
        slot
    }

    fn judge(&mut self, slot: u32, timed_out: bool) -> Ending {
        self.dirty = true;
        let counts = &mut self.pending.runs;
        let Some(run) = self.runs.get_mut(slot) else { return Ending::Unjudged };
        let ending = run.judge(&self.rules, timed_out, &mut counts.missing);
        match ending {
            Ending::Whole => counts.whole += 1,
            Ending::Incomplete | Ending::TimedOut => {
                counts.incomplete += 1;
                self.speakers.failed(run.speaker);
            }
            Ending::Unjudged => counts.unjudged += 1,
        }
        if ending != Ending::Unjudged {
            let (calls, paired) = run.pairing();
            counts.calls += calls;
            counts.paired += paired;
        }
        self.runs.shift(slot, Stand::Done);
        self.judged = (self.judged + 1).min(runs::MAX_DONE);
        ending
    }

    /// Takes a sequence number; whether it was here before.
    fn number(&mut self, seq: u64, slot: Option<u32>, fresh: bool, arrival: Arrival) -> bool {
        let Some(connection) = self.connections.get_mut(usize::from(arrival.connection)) else {
            return false;
        };
        let run = slot.and_then(|slot| self.runs.get_mut(slot)).map(|run| &mut run.seq);
        match connection.seq.take(seq, run, fresh) {
            Place::Fresh(jumped) => self.pending.gaps += jumped,
            Place::Late => self.pending.recovered += 1,
            Place::Repeat => return true,
        }
        false
    }
}

/// What became of an event among the runs.
enum Followed {
    /// Another connection carries its run.
    Echo,
    /// It counts; the ending of its run, if it ended it.
    Counted(Option<Ending>),
}

#[cfg(test)]
#[path = "tracker_tests.rs"]
mod tests;
