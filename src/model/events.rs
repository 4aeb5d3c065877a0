//! The event stream of one service: rates by type, delivery, runs and the newest lines.

mod counts;
mod tail;
mod watched;
mod whose;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::domain::event::story::{self, Mark, Step, Story};
use crate::domain::event::{Counted, EventsDelta, OpenRuns, Skew};
use crate::domain::measure::{LatencyWindow, Sliding};
use crate::domain::room::{EventsSpec, Room};
use crate::domain::{Clean, Mono, Now, Reading, ServiceIx};

use counts::Recent;
use whose::Whose;

pub use counts::Totals;
pub use tail::{Filter, Tail};

const MINUTE: Duration = Duration::from_mins(1);
const FIVE_MINUTES: Duration = Duration::from_mins(5);
/// Stories kept of each kind.
const STORIES: usize = 200;
/// Unconfigured types and values of counted fields kept.
const MAX_NAMES: usize = 256;

/// The sub-state.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    spec: Option<EventsSpec>,
    letters: Vec<char>,
    totals: Totals,
    all: Sliding,
    by_type: Vec<Sliding>,
    missing: Vec<Sliding>,
    others: BTreeMap<Clean, u64>,
    counted: Vec<Counted>,
    latency: LatencyWindow,
    skew: Option<Skew>,
    /// Whether an event told when it was sent.
    timed: bool,
    whose: Whose,
    open: OpenRuns,
    recent: Recent,
    incomplete: VecDeque<Story>,
    ended: VecDeque<Story>,
    tail: Tail,
    /// While paused: the runs as they were then, silent, incomplete, and the others.
    held: Option<[Vec<Story>; 3]>,
    first_heard: Option<Mono>,
    /// For how much of the last minute the stream was heard, as of the last second.
    minute: Option<Duration>,
    last_event: Option<Mono>,
    /// Whether runs were open at the last event, so that more had to come.
    waits: bool,
}

/// Delivery latency over the last minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Median, microseconds.
    pub p50_us: u64,
    /// 95th percentile, microseconds.
    pub p95_us: u64,
    /// Observations.
    pub samples: u64,
}

impl Events {
    /// Empty, as configured for `service`.
    pub fn new(room: &Room, service: ServiceIx) -> Self {
        let spec = room.service(service).and_then(|s| s.events.clone());
        let types = spec.as_ref().map_or(0, |s| s.types.len());
        Self {
            letters: spec.as_ref().map_or_else(Vec::new, |s| story::letters(&s.types, &s.pairs)),
            spec,
            totals: Totals { by_type: vec![0; types], ..Totals::default() },
            all: seconds(),
            by_type: vec![seconds(); types],
            missing: vec![seconds(); types],
            others: BTreeMap::new(),
            counted: Vec::new(),
            latency: LatencyWindow::new(Duration::from_secs(4), 30),
            skew: None,
            timed: false,
            whose: Whose::default(),
            open: OpenRuns::default(),
            recent: Recent::new(),
            incomplete: VecDeque::new(),
            ended: VecDeque::new(),
            tail: Tail::default(),
            held: None,
            first_heard: None,
            minute: None,
            last_event: None,
            waits: false,
        }
    }

    /// Takes in a hand-over of the source.
    pub fn streamed(&mut self, delta: &EventsDelta) {
        let at = delta.at;
        self.first_heard.get_or_insert(at);
        if delta.received > 0 {
            self.last_event = Some(at);
            self.waits = delta.open.count > 0;
        }
        self.whose.take(delta);
        self.timed |= delta.latency.count() > 0;
        self.skew = delta.skew;
        self.open.clone_from(&delta.open);
        self.latency.add(at, &delta.latency);
        self.all.add(at, delta.valid() as f64);
        for ((window, total), n) in self.by_type.iter_mut().zip(&mut self.totals.by_type).zip(&delta.by_type)
        {
            window.add(at, *n as f64);
            *total += n;
        }
        for (window, n) in self.missing.iter_mut().zip(&delta.runs.missing) {
            window.add(at, *n as f64);
        }
        self.name(delta);
        self.recent.take(delta);
        self.totals.take(delta);
        for told in &delta.stories {
            let incomplete = told.ending.is_some_and(story::Ending::is_incomplete);
            let list = if incomplete { &mut self.incomplete } else { &mut self.ended };
            if list.len() >= STORIES {
                list.pop_front();
            }
            list.push_back(told.clone());
        }
        self.tail.take(&delta.lines);
    }

    fn name(&mut self, delta: &EventsDelta) {
        for (name, n) in &delta.other_types {
            if self.others.len() < MAX_NAMES || self.others.contains_key(name) {
                *self.others.entry(name.clone()).or_default() += n;
            }
        }
        if self.counted.len() < delta.counted.len() {
            self.counted.clone_from(&delta.counted);
            return;
        }
        for (sum, more) in self.counted.iter_mut().zip(&delta.counted) {
            sum.rest += more.rest;
            for (value, n) in &more.values {
                let room = sum.values.len() < MAX_NAMES;
                match sum.values.iter_mut().find(|(known, _)| known == value) {
                    Some((_, count)) => *count += n,
                    None if room => sum.values.push((value.clone(), *n)),
                    None => sum.rest += n,
                }
            }
        }
    }

    /// The configuration of the stream; `None`: there is none.
    pub fn spec(&self) -> Option<&EventsSpec> {
        self.spec.as_ref()
    }

    /// A letter for each configured type.
    pub fn letters(&self) -> &[char] {
        &self.letters
    }

    /// Everything counted.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Valid events per second, over the last five seconds; `None` before the first hand-over.
    pub fn per_second(&self, now: Mono) -> Option<f64> {
        let since = now.since(self.first_heard?).as_secs_f64();
        Some(self.all.sum(now, Duration::from_secs(5)) / since.clamp(1.0, 5.0))
    }

    /// Valid events in the last minute.
    pub fn per_minute(&self, now: Mono) -> Option<f64> {
        self.first_heard.map(|_| self.all.sum(now, MINUTE))
    }

    /// Events of a configured type in the last minute.
    pub fn type_per_minute(&self, kind: usize, now: Mono) -> Option<f64> {
        self.first_heard?;
        self.by_type.get(kind).map(|window| window.sum(now, MINUTE))
    }

    /// Events of a configured type per second, over the last five.
    pub fn type_per_second(&self, kind: usize, now: Mono) -> Option<f64> {
        let since = now.since(self.first_heard?).as_secs_f64();
        let window = self.by_type.get(kind)?;
        Some(window.sum(now, Duration::from_secs(5)) / since.clamp(1.0, 5.0))
    }

    /// Counts of a configured type in `n` parts of the last `over`, oldest first.
    pub fn type_history(&self, kind: usize, now: Mono, over: Duration, n: usize) -> Vec<f64> {
        self.by_type.get(kind).map_or_else(Vec::new, |window| window.series(now, over, n))
    }

    /// Counts of all valid events in `n` parts of the last `over`, oldest first.
    pub fn history(&self, now: Mono, over: Duration, n: usize) -> Vec<f64> {
        self.all.series(now, over, n)
    }

    /// Missing events of a type in the runs that ended in the last five minutes.
    pub fn type_missing(&self, kind: usize, now: Mono) -> u64 {
        self.missing.get(kind).map_or(0, |window| window.sum(now, FIVE_MINUTES).round() as u64)
    }

    /// Events of types that are not configured.
    pub fn others(&self) -> &BTreeMap<Clean, u64> {
        &self.others
    }

    /// Events by configured field.
    pub fn counted(&self) -> &[Counted] {
        &self.counted
    }

    /// Delivery latency of the last minute; `None`: no event with a time of its own.
    pub fn delivery(&self, now: Mono) -> Option<Delivery> {
        let (p50_us, samples) = self.latency.quantile(now, MINUTE, 0.5)?;
        let (p95_us, _) = self.latency.quantile(now, MINUTE, 0.95)?;
        Some(Delivery { p50_us, p95_us, samples })
    }

    /// The 95th percentile in each of the last `n` (at most 30) slots of four seconds, oldest first.
    pub fn delivery_history(&self, now: Mono, n: usize) -> Vec<Option<u64>> {
        self.latency.series(now, n, 0.95)
    }

    /// The sender's clock against ours; `None` where no event tells when it was sent, and equal clocks are possible.
    pub fn skew(&self) -> Option<Skew> {
        self.skew.filter(|skew| self.timed || skew.ahead_us != 0)
    }

    /// Runs open now.
    pub fn open(&self) -> &OpenRuns {
        &self.open
    }

    /// Incomplete runs, newest first.
    pub fn incomplete(&self) -> impl DoubleEndedIterator<Item = &Story> {
        self.incomplete.iter().rev()
    }

    /// Whole and unjudged runs, newest first.
    pub fn ended(&self) -> impl DoubleEndedIterator<Item = &Story> {
        self.ended.iter().rev()
    }

    /// A run by its id, wherever it stands.
    pub fn run(&self, id: &str) -> Option<&Story> {
        let held = self.held.iter().flatten().flatten();
        let known = self.incomplete().chain(self.ended()).chain(&self.open.silent).chain(held);
        known.into_iter().find(|story| &*story.run == id)
    }

    /// Runs that ended incomplete in the last five minutes.
    pub fn incomplete_recently(&self, now: Mono) -> u64 {
        self.recent.incomplete.sum(now, FIVE_MINUTES).round() as u64
    }

    /// In the last five minutes: events lost, frames that were no event, and events that came twice.
    pub fn faulty_recently(&self, now: Mono) -> [u64; 3] {
        let recent = [&self.recent.lost, &self.recent.invalid, &self.recent.duplicates];
        recent.map(|window| window.sum(now, FIVE_MINUTES).max(0.0).round() as u64)
    }

    /// Calls opened and closed in the runs that ended in the last five minutes.
    pub fn pairing(&self, now: Mono) -> (u64, u64) {
        let sum = |window: &Sliding| window.sum(now, FIVE_MINUTES).round() as u64;
        (sum(&self.recent.paired), sum(&self.recent.calls))
    }

    /// The newest lines.
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// The newest lines, to filter them.
    pub fn tail_mut(&mut self) -> &mut Tail {
        &mut self.tail
    }

    /// Stops or resumes following: the newest lines and the runs stay as they are while paused.
    pub fn toggle_pause(&mut self) {
        self.tail.toggle_pause();
        let held = self.tail.paused().then(|| self.runs().map(|runs| runs.into_iter().cloned().collect()));
        self.held = held;
    }

    /// Runs as they are listed: silent, incomplete, and the others, each newest first.
    pub fn runs(&self) -> [Vec<&Story>; 3] {
        match &self.held {
            Some(held) => held.each_ref().map(|runs| runs.iter().collect()),
            None => [self.open.silent.iter().collect(), self.incomplete().collect(), self.ended().collect()],
        }
    }

    /// The type of a step by its name; empty: not configured.
    fn type_of(&self, step: &Step) -> &str {
        let types = self.spec.as_ref().map(|spec| spec.types.as_slice()).unwrap_or_default();
        step.kind.and_then(|kind| types.get(usize::from(kind))).map_or("", String::as_str)
    }

    /// Whether `filter` takes a run: it has an event that fits each term of a group.
    pub fn takes(&self, filter: &Filter, run: &Story) -> bool {
        let seen: Vec<(&str, &Step)> = run
            .steps
            .iter()
            .filter(|step| step.mark != Mark::Missing)
            .map(|step| (self.type_of(step), step))
            .collect();
        filter.takes_run(run, &seen)
    }

    /// When the last frame with data came.
    pub fn last_event(&self) -> Option<Mono> {
        self.last_event
    }

    /// Whether events flow: `None` when nothing ever came; `false` when nothing came for ten seconds although runs
    /// were open, also after these were given up, until something comes again.
    pub fn flowing(&self, now: Mono) -> Option<bool> {
        let last = self.last_event?;
        Some(!self.waits || now.since(last) < Duration::from_secs(10))
    }

    /// Readings for the registry; `fresh`: the stream's link is live.
    pub fn signals(&self, now: Now, fresh: bool) -> Vec<(String, Option<Reading>)> {
        let mono = now.mono;
        let origin = self.whose.origin(mono);
        let reading = |value: f64, samples: Option<u64>| Reading {
            value,
            at: mono,
            fresh,
            samples,
            origin: origin.clone(),
            watched: None,
        };
        let heard = self.first_heard.is_some();
        // None of nothing is no good sign: a silent stream says nothing of its runs.
        let silent = self.all.sum(mono, MINUTE) < 0.5 || self.flowing(mono) == Some(false);
        let watched = Some(self.watched(mono));
        let recent = |window: &Sliding| {
            let found = reading(window.sum(mono, MINUTE).round().max(0.0), silent.then_some(0));
            heard.then_some(Reading { watched, ..found })
        };
        let fault = |window: &Sliding| {
            let whose = self.whose.faults(mono);
            recent(window).map(|found| Reading {
                origin: if found.value > 0.0 { whose } else { found.origin },
                ..found
            })
        };
        let delivery = self.delivery(mono);
        let (paired, calls) = self.pairing(mono);
        let mut out: Vec<(String, Option<Reading>)> = Vec::new();
        let mut put = |name: &str, value| out.push((name.to_owned(), value));
        put("events.per_second", self.per_second(mono).map(|v| reading(v, None)));
        put("events.per_minute", self.per_minute(mono).map(|v| reading(v, None)));
        put("events.flowing", self.flowing(mono).map(|flows| reading(f64::from(u8::from(flows)), None)));
        put("events.delivery_p50", delivery.map(|d| reading(d.p50_us as f64 / 1e3, Some(d.samples))));
        put("events.delivery_p95", delivery.map(|d| reading(d.p95_us as f64 / 1e3, Some(d.samples))));
        // Where types are expected and none of them ever came, or none with a run, nothing is known of runs.
        let types = &self.totals.by_type;
        let ran = (types.is_empty() || types.iter().any(|count| *count > 0)) && !self.lacks_runs();
        put("events.incomplete", fault(&self.recent.incomplete).filter(|_| ran));
        put("events.missing", fault(&self.recent.missing).filter(|_| ran));
        // What has no number cannot be missed, and is known to have come twice only where it ends a run again.
        let numbered = self.totals.numbered > 0;
        let repeats = numbered || self.totals.duplicates > 0;
        put("events.duplicates", recent(&self.recent.duplicates).filter(|_| repeats));
        put("events.invalid", recent(&self.recent.invalid));
        put("events.lost", recent(&self.recent.lost).filter(|_| numbered));
        let share = (calls > 0).then(|| reading(paired as f64 / calls as f64 * 100.0, Some(calls)));
        put("events.pairing", share);
        out
    }
}

/// One-second buckets of the last fifteen minutes.
fn seconds() -> Sliding {
    Sliding::new(Duration::from_secs(1), 900)
}

#[cfg(test)]
mod tests;
