//! How far a rollout is: the stages that were passed, the one under way and its soak clock, folded from the records.

use crate::domain::{Clean, Entry, Record, Wall};

use super::{Step, Stop, StopKind};

/// Stages that are remembered as passed.
const MOST_PASSED: usize = 200;

/// Who said it, when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub by: Clean,
    /// When.
    pub at: Wall,
    /// Why; may be empty.
    pub reason: Clean,
}

/// The soak clock as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// The record with which it began.
    pub record: u64,
    /// When it began.
    pub since: Wall,
    /// Time that counted, in milliseconds.
    pub ms: u64,
    /// Of these, what nobody watched and was looked up afterwards.
    pub filled_ms: u64,
    /// Up to when that was counted.
    pub at: Wall,
    /// Time that it needs, in milliseconds.
    pub needs_ms: u64,
    /// Why it stands.
    pub stop: Option<Stop>,
    /// What failed since it counted last: the next time that counts is the first.
    pub failed: Option<Clean>,
    /// How often it began anew because something failed, and why the last time.
    pub resets: u32,
    /// Why it began anew the last time, and when.
    pub reset: Option<(Wall, Clean)>,
}

impl Clock {
    fn new(record: u64, since: Wall, needs_ms: u64) -> Self {
        Self {
            record,
            since,
            ms: 0,
            filled_ms: 0,
            at: since,
            needs_ms,
            stop: None,
            failed: None,
            resets: 0,
            reset: None,
        }
    }

    /// Begins anew, because of `why`.
    fn again(&mut self, at: Wall, why: Clean) {
        self.resets += 1;
        self.reset = Some((at, why));
        (self.ms, self.filled_ms, self.stop, self.failed) = (0, 0, None, None);
    }

    /// Whether it has counted all that it needs.
    pub fn is_over(&self) -> bool {
        self.ms >= self.needs_ms
    }
}

/// The stage under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its name.
    pub name: Clean,
    /// Its place, from 1, and how many there were.
    pub number: u32,
    /// How many stages there were.
    pub of: u32,
    /// Its share of the traffic.
    pub percent: Option<u8>,
    /// Who entered it, when.
    pub entered: Said,
    /// Who holds it.
    pub paused: Option<Said>,
    /// Its soak clock.
    pub clock: Clock,
    /// How often it was begun anew by a person.
    pub repeats: u32,
}

/// A stage that was passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Its name.
    pub name: Clean,
    /// Its place, from 1.
    pub number: u32,
    /// Who entered it, when.
    pub entered: Said,
    /// Who left it, when.
    pub left: Said,
    /// How long it soaked, in milliseconds.
    pub soaked_ms: u64,
    /// Of these, what nobody watched and was looked up afterwards.
    pub filled_ms: u64,
    /// What spoke against going on, where a person went on all the same.
    pub against: Vec<Clean>,
}

/// How far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Course {
    rollout: Option<String>,
    image: u64,
    act: u64,
    bound: u64,
    passed: Vec<Passed>,
    current: Option<Current>,
    aborted: Option<Said>,
    finished: Option<Said>,
    /// The rollout is over.
    over: bool,
}

impl Course {
    /// Takes in a record. `rollout` is the one that is current with this record, `image` the record since which it rolls
    /// out what it rolls out. True: a stage began, or its clock did anew.
    pub fn record(&mut self, record: &Record, rollout: Option<&str>, image: u64) -> bool {
        let mut anew = false;
        if self.rollout.as_deref() != rollout {
            anew = self.rollout.is_some();
            // Acts are one chain over all rollouts: the journal checks it without knowing of them.
            let (act, bound) = (self.act, self.bound);
            *self = Self { rollout: rollout.map(str::to_owned), image, act, bound, ..Self::default() };
        }
        if self.image != image {
            self.image = image;
            if let Some(current) = self.open_mut() {
                // What was counted of the image before, and is on its way, is of another clock.
                current.clock.record = record.seq;
                if current.clock.ms > 0 {
                    current.clock.again(record.at, Clean::new("another image is rolled out"));
                }
                anew = true;
            }
        }
        if record.entry.bounds_rollout() {
            self.bound = record.seq;
        }
        match &record.entry {
            Entry::Stage(step) => self.step(record, step) || anew,
            Entry::RolloutEnded { .. } if rollout.is_some() => {
                self.over = true;
                anew
            }
            _ => anew,
        }
    }

    fn step(&mut self, record: &Record, step: &Step) -> bool {
        if step.after().is_some_and(|after| after != self.act) {
            return false;
        }
        // The journal takes every act into the chain that names the newest one, whatever became of the rollout.
        if step.after().is_some() {
            self.act = record.seq;
        }
        if self.over {
            return false;
        }
        let said = |reason: &Clean| Said { by: record.by.clone(), at: record.at, reason: reason.clone() };
        let none = Clean::default();
        match step {
            Step::Entered { stage, number, of, percent, soak_ms, against, .. } => {
                self.pass(&said(&none), against);
                self.current = Some(Current {
                    name: stage.clone(),
                    number: *number,
                    of: *of,
                    percent: *percent,
                    entered: said(&none),
                    paused: None,
                    clock: Clock::new(record.seq, record.at, *soak_ms),
                    repeats: 0,
                });
                self.aborted = None;
            }
            Step::Finished { against, .. } => {
                self.pass(&said(&none), against);
                self.finished = Some(said(&none));
            }
            Step::Soaked { clock, ms, stop, failed, .. } => {
                self.soaked(record, *clock, *ms, stop.as_ref(), failed.as_ref());
                return false;
            }
            Step::Filled { clock, ms, counted_ms, failed, .. } => {
                self.filled(record, *clock, (*ms, *counted_ms), failed.as_ref());
                return false;
            }
            Step::Paused { reason, .. } => {
                self.open_mut().into_iter().for_each(|current| current.paused = Some(said(reason)));
            }
            Step::Resumed { .. } => self.open_mut().into_iter().for_each(|current| current.paused = None),
            Step::Repeated { reason, soak_ms, .. } => {
                if let Some(current) = &mut self.current {
                    (current.repeats, current.paused) = (current.repeats + 1, None);
                    current.clock = Clock::new(record.seq, record.at, *soak_ms);
                    current.clock.reset = Some((record.at, reason.clone()));
                }
                self.aborted = None;
            }
            Step::Aborted { reason, .. } => self.aborted = Some(said(reason)),
            Step::Other => return false,
        }
        matches!(step, Step::Entered { .. } | Step::Repeated { .. })
    }

    fn pass(&mut self, left: &Said, against: &[Clean]) {
        // What was given up was not passed.
        let Some(current) = self.current.take().filter(|_| self.aborted.is_none()) else { return };
        if self.passed.len() < MOST_PASSED {
            self.passed.push(Passed {
                name: current.name,
                number: current.number,
                entered: current.entered,
                left: left.clone(),
                soaked_ms: current.clock.ms,
                filled_ms: current.clock.filled_ms,
                against: against.to_vec(),
            });
        }
    }

    fn soaked(&mut self, record: &Record, clock: u64, ms: u64, stop: Option<&Stop>, failed: Option<&Clean>) {
        let Some(current) = self.open_mut().filter(|current| current.clock.record == clock) else { return };
        let clock = &mut current.clock;
        if let Some(why) = clock.failed.take_if(|_| ms < clock.ms) {
            clock.again(record.at, why);
        }
        let fails = stop.filter(|stop| stop.kind == StopKind::Failed).map(|stop| &stop.why);
        // Another stop that nothing was counted before does not undo a failure.
        let still = clock.failed.take().filter(|_| stop.is_some() && ms == clock.ms);
        clock.failed = failed.or(fails).cloned().or(still);
        (clock.ms, clock.stop, clock.at) = (ms, stop.cloned(), record.at);
    }

    fn filled(&mut self, record: &Record, clock: u64, (ms, counted): (u64, u64), failed: Option<&Clean>) {
        let Some(current) = self.open_mut().filter(|current| current.clock.record == clock) else { return };
        let clock = &mut current.clock;
        if let Some(why) = failed.cloned().or_else(|| clock.failed.take_if(|_| counted > 0)) {
            clock.again(record.at, why);
        }
        (clock.ms, clock.filled_ms, clock.at) = (ms, clock.filled_ms + counted, record.at);
    }

    fn open_mut(&mut self) -> Option<&mut Current> {
        self.current.as_mut().filter(|_| self.aborted.is_none() && !self.over)
    }

    /// The newest act of a person, which the next one has to name.
    pub fn act(&self) -> u64 {
        self.act
    }

    /// The newest act of a person, candidate, beginning or end of a rollout: what a person is asked about is of that state
    /// alone.
    pub fn newest(&self) -> u64 {
        self.act.max(self.bound)
    }

    /// The stage under way, also when it was given up.
    pub fn current(&self) -> Option<&Current> {
        self.current.as_ref()
    }

    /// The stage under way, unless it was given up or the rollout is over.
    pub fn open(&self) -> Option<&Current> {
        self.current.as_ref().filter(|_| self.aborted.is_none() && !self.over)
    }

    /// Whether the rollout is over.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The stages that were passed, in their order.
    pub fn passed(&self) -> &[Passed] {
        &self.passed
    }

    /// Who gave the stage up.
    pub fn aborted(&self) -> Option<&Said> {
        self.aborted.as_ref()
    }

    /// Who passed the last stage.
    pub fn finished(&self) -> Option<&Said> {
        self.finished.as_ref()
    }

    /// Whether a stage was ever entered in this rollout.
    pub fn has_begun(&self) -> bool {
        self.current.is_some() || !self.passed.is_empty()
    }

    /// Whether a stage of this name was entered.
    pub fn has_entered(&self, name: &str) -> bool {
        let current = self.current.as_ref().filter(|_| self.aborted.is_none());
        current.is_some_and(|current| *current.name == *name)
            || self.passed.iter().any(|passed| *passed.name == *name)
    }
}
