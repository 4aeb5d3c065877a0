//! Which records a report speaks of: those of one rollout, or all of them where the journal knows none.

use chrono::TimeDelta;

use crate::domain::{Entry, Measured, Record, Rollout as Told, Wall};
use crate::model::checklist::Rollouts;

use super::Input;
use super::facts::{At, Period, Rollout, T0, seconds};

/// The records of the report, and those before them.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    /// What was recorded before.
    pub(super) earlier: &'a [Record],
    /// What the report is about: all that was recorded until the next rollout began.
    pub(super) records: &'a [Record],
    /// The rollout, if the journal knows one.
    pub(super) rollout: Option<Told>,
    /// Its time.
    pub(super) from: Option<Wall>,
    pub(super) until: Option<Wall>,
    /// What the open room watched and has not written yet.
    unwritten: Option<&'a Measured>,
    /// The end of its time, of which a console that watches has written down nothing yet, in milliseconds.
    pub(super) untold_ms: u64,
}

/// A keeper writes down what it watched at least so often.
const WRITTEN: TimeDelta = TimeDelta::minutes(3);

/// It has written down the last of a rollout so long after its end.
const AFTER_END: TimeDelta = TimeDelta::seconds(10);

/// The rollouts that the records tell of, oldest first, each with the place of its first record.
pub(super) fn rollouts(records: &[Record]) -> Vec<(usize, Told)> {
    let mut folded = Rollouts::default();
    let mut found: Vec<(usize, Told)> = Vec::new();
    for (at, record) in records.iter().enumerate() {
        folded.record(record);
        let Some(current) = folded.current() else { continue };
        match found.last_mut() {
            Some((_, last)) if last.id == current.id => {
                if last != current {
                    last.clone_from(current);
                }
            }
            // The first one belongs to what led to it, unless a person began it.
            Some(_) => found.push((at, current.clone())),
            None => found.push((if current.by.is_some() { at } else { 0 }, current.clone())),
        }
    }
    found
}

impl<'a> Scope<'a> {
    /// The records of the rollout called `wanted`, or of the last one.
    pub(super) fn of(input: &Input<'a>) -> Self {
        let all = rollouts(input.records);
        let wanted = |(_, told): &(usize, Told)| input.rollout.is_none_or(|id| told.id == id);
        let at = all.iter().rposition(wanted);
        let next = at.and_then(|at| all.get(at + 1)).map_or(input.records.len(), |(at, _)| *at);
        let found = at.and_then(|at| all.into_iter().nth(at));
        let begin = found.as_ref().map_or(0, |(at, _)| *at);
        let (earlier, rest) = input.records.split_at_checked(begin).unwrap_or((&[], input.records));
        let records = rest.get(..next.saturating_sub(begin)).unwrap_or(rest);
        let first = records.first().map(|first| {
            let measured = records.iter().find_map(measured).map(begin_of);
            let measured = measured.filter(|_| earlier.is_empty());
            measured.map_or(first.at, |measured| measured.min(first.at))
        });
        let rollout = found.map(|(_, told)| told);
        let ended = rollout.as_ref().and_then(|told| told.end.as_ref()).map(|end| end.at);
        let last = records.iter().map(|record| record.at).max();
        let open_now = input.live.is_some() && next == input.records.len();
        let until = ended.or(if open_now { last.map(|last| last.max(input.now)) } else { last });
        let unwritten = input.live.filter(|_| open_now).and_then(|live| live.unwritten.as_ref());
        let mut scope = Self { earlier, records, rollout, from: first, until, unwritten, untold_ms: 0 };
        let fresh = ended.is_none_or(|ended| input.now - ended <= AFTER_END);
        if input.watched && next == input.records.len() && fresh {
            scope.untold_ms = scope.untold();
        }
        scope
    }

    /// How long before its end the newest measure is, or the opening of a console since: what was before that nobody may
    /// have watched. Nothing where a keeper would have written since.
    fn untold(&self) -> u64 {
        let opened = self.until_end().filter(|record| matches!(record.entry, Entry::Opened { .. }));
        let last = self.measured().map(|(_, span)| span.until).chain(opened.map(|record| record.at)).max();
        let last = last.or(self.from);
        let gap = last.zip(self.until).map(|(last, until)| until - last);
        let gap = gap.filter(|gap| *gap <= WRITTEN).map(|gap| gap.num_milliseconds());
        gap.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0)
    }

    /// The length of that of it which was, or should have been, written down.
    pub(super) fn told_ms(&self) -> u64 {
        self.ms().saturating_sub(self.untold_ms)
    }

    /// Until when that is.
    pub(super) fn told_until(&self) -> Option<Wall> {
        let untold = TimeDelta::milliseconds(i64::try_from(self.untold_ms).unwrap_or(0));
        self.until.map(|until| until - untold)
    }

    /// Its length in milliseconds.
    pub(super) fn ms(&self) -> u64 {
        let length = self.from.zip(self.until).map(|(from, until)| (until - from).num_milliseconds());
        length.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0)
    }

    /// The records until its end; what came after it is cleaning up.
    pub(super) fn until_end(&self) -> impl Iterator<Item = &'a Record> {
        let until = self.until;
        self.records.iter().filter(move |record| until.is_none_or(|until| record.at <= until))
    }

    /// The stretches that were measured in its time; one that reaches over an end belongs to it by its middle.
    /// What is in no record yet has no number.
    pub(super) fn measured(&self) -> impl Iterator<Item = (Option<u64>, &'a Measured)> {
        let (from, until) = (self.from, self.until);
        let inside = move |span: &Measured| {
            let middle = begin_of(span) + (span.until - begin_of(span)) / 2;
            from.is_some_and(|from| middle >= from) && until.is_some_and(|until| middle <= until)
        };
        let all = self.records.iter().filter_map(|record| Some((Some(record.seq), measured(record)?)));
        let all = all.chain(self.unwritten.map(|span| (None, span)));
        all.filter(move |(_, span)| inside(span))
    }

    pub(super) fn period(&self) -> Period {
        Period {
            basis: if self.rollout.is_some() { "rollout" } else { "journal" },
            from: self.from.map(At),
            until: self.until.map(At),
            seconds: self.from.and(self.until).map(|_| seconds(self.ms())),
            open: self.rollout.as_ref().is_none_or(Told::is_open),
            first_record: self.records.first().map(|record| record.seq),
            last_record: self.records.last().map(|record| record.seq),
            records: self.records.len() as u64,
        }
    }

    /// The rollout as a row.
    pub(super) fn row(&self) -> Option<Rollout> {
        let told = self.rollout.as_ref()?;
        let end = told.end.as_ref();
        Some(Rollout {
            id: told.id.clone(),
            candidate: told.candidate(),
            by_name: told.is_by_name(),
            baseline: told.baseline(),
            by: told.by.clone(),
            begun_at: At(told.begun_at),
            ended_at: end.map(|end| At(end.at)),
            ended_by: end.map(|end| end.by.clone()),
            outcome: end.map(|end| end.outcome.words()),
            note: end.map(|end| end.note.clone()).filter(|note| !note.is_empty()),
        })
    }

    /// When the candidate first got traffic, as the rollout knows it.
    pub(super) fn t0(&self) -> Option<T0> {
        let t0 = self.rollout.as_ref()?.t0.as_ref()?;
        // What served already when it began had its T0 before.
        let mut all = self.records.iter().rev().chain(self.earlier.iter().rev());
        let record = all.find(|record| matches!(record.entry, Entry::T0 { at, .. } if at == t0.at));
        let basis = if t0.detected { "detected" } else { "marked" };
        Some(T0 { at: At(t0.at), basis, record: record.map(|record| record.seq) })
    }
}

fn measured(record: &Record) -> Option<&Measured> {
    match &record.entry {
        Entry::Measured(measured) => Some(measured),
        _ => None,
    }
}

pub(super) fn begin_of(span: &Measured) -> Wall {
    span.until - TimeDelta::milliseconds(i64::try_from(span.ms).unwrap_or(0).min(1 << 40))
}
