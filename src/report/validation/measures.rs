//! What the keeper measured, added up: verdicts, uptime, and each condition over the time of the report.

use std::collections::BTreeMap;

use crate::domain::condition::Purpose;
use crate::domain::measured::{Breach, MeasuredCondition, ProbeTimes, StateTimes};
use crate::domain::{Clean, ConditionSpec, ConditionState, Measured, Room, VerdictState, Wall, format};
use crate::model::conditions::{is_flag, limit_words, value_text};
use crate::report::snapshot::condition_state;

use super::course::Course;
use super::facts::{Records, Signal, SignalSeconds, Uptime, VerdictTimes, seconds};
use super::scope::{Scope, begin_of};
use super::words;

/// Slack between two stretches that still follow each other: records carry wall time, stretches are measured by the
/// monotonic one.
const SLACK_MS: i64 = 1_500;

/// What was measured so short before the end still tells how things stood at the end. A record covers a minute, in large
/// rooms more.
const STILL: chrono::TimeDelta = chrono::TimeDelta::minutes(3);

/// The sums.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// By verdict.
    pub(super) verdicts: VerdictTimes,
    /// How long was measured at all, in milliseconds.
    pub(super) watched: u64,
    conditions: BTreeMap<String, Sum>,
    probes: BTreeMap<(String, String), ProbeTimes>,
    /// The newest stretch's verdict.
    pub(super) last: Option<Last>,
    /// Whether that was HOLD because something could not be seen, for most of it.
    pub(super) ends_blind: bool,
    /// The records that were added up.
    pub(super) records: Option<Records>,
    from: Option<Wall>,
    until: Option<Wall>,
}

/// The verdict of the newest stretch.
#[derive(Debug, Clone)]
pub(super) struct Last {
    pub(super) record: Option<u64>,
    pub(super) state: VerdictState,
    /// Its reasons at the end of the stretch.
    pub(super) reasons: Vec<Clean>,
    /// The begin of the first stretch since which it is the same.
    pub(super) since: Wall,
    /// Its end.
    pub(super) until: Wall,
}

/// One condition, added up.
#[derive(Debug, Default)]
struct Sum {
    ms: StateTimes,
    min: Option<f64>,
    max: Option<f64>,
    last: Option<f64>,
    state: Option<ConditionState>,
    breach: Breach,
    /// Length of what `breach` speaks of: since the last gap.
    run: u64,
    longest: u64,
    record: Option<u64>,
    /// Until when it was measured.
    until: Option<Wall>,
    left_behind: bool,
    course: Course,
}

impl Sums {
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        let mut sums = Self { from: scope.from, until: scope.told_until(), ..Self::default() };
        let mut before: Option<&Measured> = None;
        for (record, span) in scope.measured() {
            let follows = before.is_some_and(|before| follows(before, span));
            sums.add(record, span, follows);
            before = Some(span);
        }
        sums.verdicts.unknown = seconds(scope.told_ms().saturating_sub(sums.watched));
        sums.verdicts.unwritten = seconds(scope.untold_ms);
        let times = &mut sums.verdicts;
        for time in [&mut times.go, &mut times.hold, &mut times.blind, &mut times.no_go, &mut times.roll_back]
        {
            // Sums of milliseconds, without what adding them up as seconds leaves behind.
            *time = (*time * 1000.0).round() / 1000.0;
        }
        sums
    }

    fn add(&mut self, record: Option<u64>, span: &Measured, follows: bool) {
        self.watched += span.ms;
        if let Some(last_record) = record {
            let first_record = self.records.map_or(last_record, |known| known.first_record);
            self.records = Some(Records { first_record, last_record });
        }
        let since = self.last.as_ref().filter(|last| last.state == span.verdict).map(|last| last.since);
        self.last = Some(Last {
            record,
            state: span.verdict,
            reasons: span.reasons.clone(),
            since: since.unwrap_or_else(|| begin_of(span)),
            until: span.until,
        });
        self.ends_blind = span.verdict == VerdictState::Hold && span.blind_ms * 2 > span.ms;
        let all = seconds(span.ms);
        match span.verdict {
            VerdictState::Go => self.verdicts.go += all,
            VerdictState::NoGo => self.verdicts.no_go += all,
            VerdictState::RollBack => self.verdicts.roll_back += all,
            VerdictState::Hold => {
                let blind = span.blind_ms.min(span.ms);
                self.verdicts.blind += seconds(blind);
                self.verdicts.hold += seconds(span.ms - blind);
            }
        }
        for row in &span.conditions {
            let time = self.from.zip(self.until);
            let sum = self.conditions.entry(row.name.clone()).or_insert_with(|| Sum::of(time));
            sum.add(record, row, span, follows);
            if let Some((from, until)) = time {
                sum.course.add((from, until), (begin_of(span), span.until), &row.ms);
            }
        }
        for row in &span.probes {
            self.probes.entry((row.service.clone(), row.name.clone())).or_default().add(&row.ms);
        }
    }

    /// The conditions: as the config has them, then those that it has no more. All that were measured are there; those
    /// of the config that never were are there too, as never seen.
    /// `turned` is when a rollback took effect last: what was measured before it says nothing of the end.
    pub(super) fn signals(&self, room: &Room, total: u64, turned: Option<Wall>) -> Vec<Signal> {
        let after = self.until.map(|until| turned.unwrap_or(until - STILL).max(until - STILL));
        let none = Sum::of(self.from.zip(self.until));
        let known = room.conditions.iter().map(|spec| {
            let sum = self.conditions.get(&spec.name).unwrap_or(&none);
            sum.signal(&spec.name, Some(spec), total, after)
        });
        let gone =
            self.conditions.iter().filter(|(name, _)| room.conditions.iter().all(|spec| spec.name != **name));
        known.chain(gone.map(|(name, sum)| sum.signal(name, None, total, after))).collect()
    }

    /// The probes, likewise.
    pub(super) fn uptime(&self, room: &Room, total: u64) -> Vec<Uptime> {
        let mut left = self.probes.clone();
        let mut rows = Vec::new();
        for service in &room.services {
            for probe in &service.probes {
                let key = (service.name.clone(), probe.name.clone());
                let ms = left.remove(&key).unwrap_or_default();
                rows.push(Uptime::new(key.0, key.1, ms, total));
            }
        }
        rows.extend(left.into_iter().map(|((service, probe), ms)| Uptime::new(service, probe, ms, total)));
        rows
    }
}

fn follows(before: &Measured, span: &Measured) -> bool {
    let gap = (span.until - before.until).num_milliseconds() - i64::try_from(span.ms).unwrap_or(i64::MAX);
    gap <= SLACK_MS
}

impl Sum {
    fn of(time: Option<(Wall, Wall)>) -> Self {
        Self {
            course: time.map(|(from, until)| Course::new(from, until)).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn add(&mut self, record: Option<u64>, row: &MeasuredCondition, span: &Measured, follows: bool) {
        let ms = span.ms;
        self.ms.add(&row.ms);
        self.min = row.min.into_iter().chain(self.min).reduce(f64::min);
        self.max = row.max.into_iter().chain(self.max).reduce(f64::max);
        self.last = row.value.or(self.last);
        self.state = Some(row.state);
        self.record = record.or(self.record);
        (self.until, self.left_behind) = (Some(span.until), row.left_behind);
        (self.breach, self.run) = if follows {
            (self.breach.then(self.run, row.breach, ms), self.run + ms)
        } else {
            (row.breach, ms)
        };
        self.longest = self.longest.max(self.breach.longest);
    }

    fn signal(&self, name: &str, spec: Option<&ConditionSpec>, total: u64, after: Option<Wall>) -> Signal {
        let at_end = self.until.zip(after).is_some_and(|(until, after)| until > after);
        let purpose = spec.map(|spec| match spec.purpose {
            Purpose::Criterion => "criterion",
            Purpose::Trigger => "trigger",
        });
        let value = |value: Option<f64>| match spec {
            Some(spec) if is_flag(spec) => {
                format::or_unknown(value, |v| if v > 0.5 { "yes" } else { "no" }.into())
            }
            Some(spec) => value_text(spec, value),
            None => format::or_unknown(value, |v| format::in_unit(v, "")),
        };
        Signal {
            name: name.to_owned(),
            purpose,
            limit: spec.map(limit),
            unit: spec.map(|spec| spec.unit.clone()),
            min: self.min,
            max: self.max,
            last: self.last,
            state: self.state.filter(|_| at_end).map(condition_state),
            left_behind: at_end && self.left_behind,
            course: self.course.words(),
            seconds: SignalSeconds::new(&self.ms, total),
            longest_breach_seconds: seconds(self.longest),
            record: self.record,
            words: [self.min, self.max, self.last].map(value),
        }
    }
}

/// When a condition is bad: `> 5 % for 5 minutes; warned > 2 %`.
fn limit(spec: &ConditionSpec) -> String {
    let bad = if is_flag(spec) {
        let name = spec.signal.name.rsplit('.').next().unwrap_or_default();
        if spec.fail.holds(1.0) { name.to_owned() } else { format!("not {name}") }
    } else {
        limit_words(spec, spec.fail)
    };
    let bad = if spec.sustained.is_zero() {
        bad
    } else {
        format!("{bad} for {}", words::length(spec.sustained.as_secs_f64()))
    };
    let warned = spec.warn.filter(|_| !is_flag(spec)).map(|warn| limit_words(spec, warn));
    let target = spec.target.filter(|_| !is_flag(spec)).map(|target| limit_words(spec, target));
    let more = [warned.map(|it| format!("; warned {it}")), target.map(|it| format!("; target {it}"))];
    more.into_iter().flatten().fold(bad, |words, more| words + &more)
}
