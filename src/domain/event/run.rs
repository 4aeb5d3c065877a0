//! One run: what it has seen, in which order, and what it misses.

use super::runs::Stand;
use super::seq::RunSequence;
use super::short::{Short, hash};
use super::story::{Ending, MAX_STEPS, Mark, Step, Story};
use crate::domain::Mono;
use crate::domain::room::EventsSpec;

/// Calls tracked in one run; the pairing of further ones is not judged.
const MAX_CALLS: usize = 64;
/// Types whose presence is judged.
const MAX_TYPES: usize = 64;

/// The rules, compiled from the configuration.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// First and last type.
    pub first: Option<u16>,
    /// Ends a run.
    pub last: Option<u16>,
    /// Bits of all types.
    all: u64,
    /// For each type: the pair it belongs to and whether it opens it.
    roles: Vec<Option<(u16, bool)>>,
    /// Opening and closing type of each pair.
    pairs: Vec<(u16, u16)>,
}

/// A run in the table.
#[derive(Debug, Default)]
pub struct Run {
    /// Identity.
    pub id: u64,
    /// Its list.
    pub stand: Stand,
    /// Its name.
    pub name: Short,
    /// Revision, if told.
    pub revision: Short,
    /// The same among the revisions that are told apart; 0: none.
    pub speaker: u64,
    /// Connection that carries it.
    pub owner: u16,
    /// No judgement: begun before we listened, or the connection broke.
    pub partial: bool,
    /// First arrival.
    pub began: Mono,
    /// Newest arrival.
    pub last: Mono,
    /// Its own sequence numbers.
    pub seq: RunSequence,
    /// How it ended.
    pub ending: Option<Ending>,
    events: u32,
    seen: u64,
    twice: u32,
    out_of_order: u32,
    missing: u32,
    unpaired: u32,
    steps: Vec<RawStep>,
    calls: Vec<Call>,
}

#[derive(Debug, Clone, Copy)]
struct RawStep {
    kind: u16,
    call: u16,
    mark: Mark,
    after_us: u32,
    delivery_us: u32,
}

#[derive(Debug, Clone, Copy)]
struct Call {
    id: u64,
    name: Short,
    detail: Short,
    pair: u16,
    opened: bool,
    closed: bool,
}

/// A type that is not configured, and a step without a call.
pub const NO_INDEX: u16 = u16::MAX;

/// One event as a run takes it.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// Index of its type, or [`NO_INDEX`].
    pub kind: u16,
    /// Call id.
    pub call: Option<&'a str>,
    /// Detail.
    pub detail: Option<&'a str>,
    /// Arrival.
    pub at: Mono,
    /// Delivery latency.
    pub delivery_us: Option<u64>,
    /// Its sequence number was here before.
    pub repeat: bool,
}

impl Rules {
    /// From the configuration; names that are no configured type mean nothing.
    pub fn new(spec: &EventsSpec) -> Self {
        let index = |name: &str| {
            spec.types.iter().position(|known| known == name).and_then(|ix| u16::try_from(ix).ok())
        };
        let pairs = spec.pairs.iter().filter_map(|(open, close)| Some((index(open)?, index(close)?)));
        let pairs: Vec<(u16, u16)> = pairs.collect();
        let mut roles = vec![None; spec.types.len()];
        for (pair, (open, close)) in pairs.iter().enumerate() {
            for (kind, opens) in [(open, true), (close, false)] {
                if let Some(role) = roles.get_mut(usize::from(*kind)) {
                    *role = Some((pair as u16, opens));
                }
            }
        }
        let judged = spec.types.len().min(MAX_TYPES);
        Self {
            first: spec.first.as_deref().and_then(index),
            last: spec.last.as_deref().and_then(index),
            all: if judged == MAX_TYPES { u64::MAX } else { (1 << judged) - 1 },
            roles,
            pairs,
        }
    }
}

impl Run {
    /// Makes a used slot new, keeping its memory.
    pub fn renew(&mut self, id: u64) {
        let (mut steps, mut calls) = (std::mem::take(&mut self.steps), std::mem::take(&mut self.calls));
        steps.clear();
        calls.clear();
        *self = Self { id, steps, calls, ..Self::default() };
    }

    /// Takes an event and says how it stands: in its place, twice, or out of order.
    pub fn take(&mut self, rules: &Rules, event: &Taken<'_>) -> Mark {
        if self.events == 0 {
            self.began = event.at;
        }
        let (mut mark, call) = if event.repeat { (Mark::Twice, NO_INDEX) } else { self.place(rules, event) };
        if mark == Mark::Seen && self.stand != Stand::Open && Some(event.kind) != rules.last {
            mark = Mark::OutOfOrder;
        }
        self.events += 1;
        self.last = event.at;
        match mark {
            Mark::Twice => self.twice += 1,
            Mark::OutOfOrder => self.out_of_order += 1,
            Mark::Seen | Mark::Missing => {}
        }
        if usize::from(event.kind) < MAX_TYPES {
            self.seen |= 1 << event.kind;
        }
        if self.steps.len() < MAX_STEPS {
            let after = event.at.since(self.began).as_micros();
            self.steps.push(RawStep {
                kind: event.kind,
                call,
                mark,
                after_us: u32::try_from(after).unwrap_or(u32::MAX),
                delivery_us: event.delivery_us.map_or(u32::MAX, |us| us.min(u64::from(u32::MAX - 1)) as u32),
            });
        }
        mark
    }

    fn place(&mut self, rules: &Rules, event: &Taken<'_>) -> (Mark, u16) {
        let kind = event.kind;
        let before = usize::from(kind) < MAX_TYPES && self.seen & (1 << kind) != 0;
        if Some(kind) == rules.first {
            let mark = match (before, self.events) {
                (true, _) => Mark::Twice,
                (false, 0) => Mark::Seen,
                (false, _) => Mark::OutOfOrder,
            };
            // Its beginning was seen after all.
            self.partial &= before || self.events == 0;
            return (mark, NO_INDEX);
        }
        if Some(kind) == rules.last {
            return (if before { Mark::Twice } else { Mark::Seen }, NO_INDEX);
        }
        match rules.roles.get(usize::from(kind)).copied().flatten() {
            Some((pair, opens)) => self.pair(pair, opens, event),
            None => (Mark::Seen, NO_INDEX),
        }
    }

    /// Opens or closes a call. Without call ids a closing event closes the oldest call still open.
    fn pair(&mut self, pair: u16, opens: bool, event: &Taken<'_>) -> (Mark, u16) {
        let id = event.call.map_or(0, hash);
        let fits = |call: &Call| call.pair == pair && call.id == id;
        let known = match (id, opens) {
            (0, true) => None,
            (0, false) => self.calls.iter().position(|call| fits(call) && !call.closed),
            _ => self.calls.iter().position(fits),
        };
        let Some(at) = known else {
            if self.calls.len() >= MAX_CALLS {
                return (Mark::Seen, NO_INDEX);
            }
            let name = Short::new(event.call.unwrap_or_default());
            let detail = Short::new(event.detail.unwrap_or_default());
            self.calls.push(Call { id, name, detail, pair, opened: opens, closed: !opens });
            self.unpaired += 1;
            return (Mark::Seen, (self.calls.len() - 1) as u16);
        };
        let Some(call) = self.calls.get_mut(at) else { return (Mark::Seen, NO_INDEX) };
        let done = if opens { &mut call.opened } else { &mut call.closed };
        let mark = match (*done, opens) {
            (true, _) => Mark::Twice,
            (false, true) => Mark::OutOfOrder,
            (false, false) => Mark::Seen,
        };
        if !*done {
            *done = true;
            self.unpaired -= 1;
        }
        (mark, at as u16)
    }

    /// Whether nothing is missing.
    pub fn is_whole(&self, rules: &Rules) -> bool {
        self.seen & rules.all == rules.all && self.unpaired == 0
    }

    /// Ends the run: counts what is missing into `missing` (by type) unless it is not judged; gives the ending.
    pub fn judge(&mut self, rules: &Rules, timed_out: bool, missing: &mut [u64]) -> Ending {
        let ending = if self.partial {
            Ending::Unjudged
        } else if self.is_whole(rules) {
            Ending::Whole
        } else {
            self.each_missing(rules, |kind| {
                if let Some(count) = missing.get_mut(usize::from(kind)) {
                    *count += 1;
                }
            });
            let mut n = 0;
            self.each_missing(rules, |_| n += 1);
            self.missing = n;
            if timed_out { Ending::TimedOut } else { Ending::Incomplete }
        };
        self.ending = Some(ending);
        ending
    }

    /// Calls opened, and those of them that were closed.
    pub fn pairing(&self) -> (u64, u64) {
        let opened = self.calls.iter().filter(|call| call.opened).count() as u64;
        (opened, self.calls.iter().filter(|call| call.opened && call.closed).count() as u64)
    }

    fn each_missing(&self, rules: &Rules, mut tell: impl FnMut(u16)) {
        let mut told = 0_u64;
        for call in &self.calls {
            let Some((open, close)) = rules.pairs.get(usize::from(call.pair)).copied() else { continue };
            if call.opened != call.closed {
                let kind = if call.opened { close } else { open };
                told |= 1_u64.checked_shl(kind.into()).unwrap_or(0);
                tell(kind);
            }
        }
        let mut absent = rules.all & !self.seen & !told;
        while absent != 0 {
            tell(absent.trailing_zeros() as u16);
            absent &= absent - 1;
        }
    }

    /// The run as it is told to a person.
    pub fn story(&self, rules: &Rules) -> Story {
        let incomplete = self.ending.is_some_and(Ending::is_incomplete);
        let mut steps = Vec::with_capacity(self.steps.len() + 2);
        for raw in &self.steps {
            steps.push(self.step(raw));
            let open = self.calls.get(usize::from(raw.call)).filter(|call| call.opened && !call.closed);
            if let Some(call) = open.filter(|_| incomplete && raw.mark != Mark::Twice) {
                let close = rules.pairs.get(usize::from(call.pair)).map(|pair| pair.1);
                steps.push(absent(close, call));
            }
        }
        if incomplete {
            self.insert_absent(rules, &mut steps);
        }
        Story {
            run: self.name.clean(),
            revision: self.revision.clean(),
            ending: self.ending,
            began: self.began,
            last: self.last,
            events: self.events,
            steps,
            missing: self.missing,
            twice: self.twice,
            out_of_order: self.out_of_order,
        }
    }

    /// Puts the types that never came before the first step of a later type.
    fn insert_absent(&self, rules: &Rules, steps: &mut Vec<Step>) {
        let mut wanted = Vec::new();
        self.each_missing(rules, |kind| wanted.push(kind));
        let told =
            |steps: &[Step], kind| steps.iter().any(|s| s.mark == Mark::Missing && s.kind == Some(kind));
        for kind in wanted {
            if !told(steps, kind) {
                let at = steps.iter().position(|step| step.kind.is_some_and(|other| other > kind));
                let step = Step { mark: Mark::Missing, kind: Some(kind), ..Step::default() };
                steps.insert(at.unwrap_or(steps.len()), step);
            }
        }
    }

    fn step(&self, raw: &RawStep) -> Step {
        let call = self.calls.get(usize::from(raw.call));
        Step {
            mark: raw.mark,
            kind: (raw.kind != NO_INDEX).then_some(raw.kind),
            after_us: raw.after_us.into(),
            delivery_us: (raw.delivery_us != u32::MAX).then_some(raw.delivery_us.into()),
            call: call.map(|call| call.name.clean()).unwrap_or_default(),
            detail: call.map(|call| call.detail.clean()).unwrap_or_default(),
        }
    }
}

fn absent(kind: Option<u16>, call: &Call) -> Step {
    Step {
        mark: Mark::Missing,
        kind,
        call: call.name.clean(),
        detail: call.detail.clean(),
        ..Step::default()
    }
}
