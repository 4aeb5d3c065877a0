//! Time of the soak clock that nobody watched: it is looked up afterwards in what the metrics engine remembers of it.
//!
//! After a restart that is the time since the records end; after the engine was out of sight, the time in which all else
//! was seen and good. Only what can be looked up counts: while anything else that counts was not watched, the time stays
//! unknown. The clock never gains what it counted already: a gap begins where the records end, by wall time, and in a
//! process that goes on only where its ticks were far apart too.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::past::{Gap, PastQuery, PastValues, replay};
use crate::domain::room::MetricFrom;
use crate::domain::signal::{BEFORE, CANARY, CANARY_VS_STABLE, STABLE, VS_BEFORE};
use crate::domain::stage::{Step, Stop, StopKind};
use crate::domain::{
    Accepts, Clean, ConditionSpec, ConditionState, Entry, Measured, Mono, Now, ReasonKind, Record, SourceId,
    Wall,
};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::links;
use crate::model::msg::Token;

/// What lies between two looks at most is watched; longer ones are looked up.
const SHORTEST: Duration = Duration::from_secs(6);

/// The engine gets its own newest values a little later, and so do records of what changed meanwhile.
const SETTLED: Duration = Duration::from_secs(10);

/// So long after it is asked the answer is waited for.
const AWAITED: Duration = Duration::from_secs(30);

/// After an engine that could not be asked.
const AGAIN: Duration = Duration::from_secs(60);

/// Gaps that wait to be looked up at most.
const MOST: usize = 8;

/// Names of conditions in one record.
const NAMED: usize = 3;

/// What is known of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Gaps {
    /// Until when somebody watched, as the records and this console know.
    watched: Option<Wall>,
    /// The newest tick of this console.
    ticked: Option<Now>,
    /// Since when nothing but the engine is out of sight, and how far the clock was.
    lost: Option<(Wall, u64)>,
    open: VecDeque<Open>,
}

/// A gap that is not looked up yet.
#[derive(Debug, Clone, PartialEq)]
struct Open {
    clock: u64,
    from: Wall,
    until: Wall,
    /// What the clock had counted when it began.
    base: u64,
    /// Everything but the engine was watched, and good.
    watched: bool,
    due: Mono,
    asked: Option<(Token, Gap, Vec<String>)>,
}

impl Gaps {
    /// A record was read: until its end somebody watched, or what it speaks of is looked up.
    pub(super) fn recorded(&mut self, record: &Record, keeper: bool) {
        let (until, filled) = match &record.entry {
            // Whoever looked for seconds only, later, leaves what was not watched before it as it was.
            Entry::Measured(span) if !self.goes_on(span) => return,
            Entry::Measured(span) => (span.until, false),
            Entry::Stage(step) => match &**step {
                Step::Soaked { .. } => (record.at, false),
                Step::Filled { until, .. } => (*until, true),
                _ => return,
            },
            _ => return,
        };
        if self.ticked.is_none() {
            self.watched = self.watched.max(Some(until));
        }
        // Another console watched, and counts.
        if filled || !keeper {
            self.open.retain(|open| open.until > until);
        }
    }

    /// Whether what was watched follows on what is known to be watched.
    fn goes_on(&self, span: &Measured) -> bool {
        let begun = span.until - TimeDelta::milliseconds(i64::try_from(span.ms).unwrap_or(0));
        self.watched.is_none_or(|watched| {
            (begun - watched).to_std().is_ok_and(|gap| gap < SHORTEST) || begun <= watched
        })
    }

    /// No clock counts: nothing is missed.
    pub(super) fn rest(&mut self) {
        *self = Self::default();
    }

    /// How long a time is that nobody watched and that is being looked up: until it is known, nothing counts. What the
    /// engine does not tell soon is not waited for any longer.
    pub(super) fn looks_up(&self, now: Mono) -> Option<Duration> {
        let awaited = |open: &&Open| now <= open.due.after(AWAITED);
        let open = self.open.iter().find(awaited)?;
        (open.until - open.from).to_std().ok()
    }

    /// Something fails now: whatever was good before it is no part of the clock any more.
    pub(super) fn void(&mut self) {
        self.open.clear();
        self.lost = None;
    }

    fn note(&mut self, open: Open) {
        let long = (open.until - open.from).to_std().is_ok_and(|length| length >= SHORTEST);
        if long && self.open.len() < MOST {
            self.open.push_back(open);
        }
    }
}

impl Model {
    /// A second passed: what nobody watched until now is noted, and asked for when it can be.
    pub(super) fn look_for_gaps(&mut self, stop: Option<&Stop>, effects: &mut Vec<Effect>) {
        if self.room.prometheus.is_none() || self.journal.checked_up_to().is_none() {
            return;
        }
        self.note_unwatched();
        self.note_lost(stop);
        let clock = self.stages.course.open().map(|current| (current.clock.record, current.paused.is_some()));
        self.stages.gaps.open.retain(|open| clock == Some((open.clock, false)));
        self.ask_past(effects);
    }

    /// The time since the records end, or since the tick before, where that was long ago.
    fn note_unwatched(&mut self) {
        let Some(clock) = self.stages.course.open().map(|current| current.clock.clone()) else { return };
        let (now, last) = (self.now, self.stages.gaps.ticked.replace(self.now));
        let watched = self.stages.gaps.watched.replace(now.wall);
        // Only a process that stood still watched nothing: where the wall clock alone jumped, all was counted.
        let stood = last.is_none_or(|last| now.mono.since(last.mono) >= SHORTEST);
        let began = last.is_none() && !self.stages.clock.has_ticked();
        // What a console counted that ended without a word is not written down.
        let since = if began && clock.stop.is_none() { Some(clock.at) } else { watched };
        let Some(from) = since.filter(|_| stood).map(|from| from.max(clock.since)) else { return };
        let base = self.stages.clock.ms;
        let held = clock.stop.as_ref().is_some_and(|stop| stop.kind == StopKind::Held);
        if !held {
            let due = now.mono.after(SETTLED);
            let open =
                Open { clock: clock.record, from, until: now.wall, base, watched: false, due, asked: None };
            self.stages.gaps.note(open);
        }
    }

    /// The time in which nothing but the engine was out of sight, once it is over.
    fn note_lost(&mut self, stop: Option<&Stop>) {
        let unseen = stop.is_some_and(|stop| stop.kind == StopKind::Unseen);
        let (now, ms) = (self.now, self.stages.clock.ms);
        if unseen && self.misses_engine_alone() {
            self.stages.gaps.lost.get_or_insert((now.wall, ms));
            return;
        }
        let Some((from, base)) = self.stages.gaps.lost.take() else { return };
        let Some(current) = self.stages.course.open() else { return };
        let (clock, due) = (current.clock.record, now.mono.after(SETTLED));
        let open = Open { clock, from, until: now.wall, base, watched: true, due, asked: None };
        self.stages.gaps.note(open);
    }

    /// Whether all that counts is seen and good, but for conditions that the engine tells of.
    fn misses_engine_alone(&self) -> bool {
        let room = self.room_reasons();
        let lost = links::subject(&self.room, &SourceId::Prometheus);
        let mut blind = room.iter().filter(|it| it.kind == ReasonKind::Unseen);
        let unseen = |(spec, state): &(&ConditionSpec, &crate::domain::Condition)| {
            state.is_unseen() && !self.is_unwatched(spec, state)
        };
        blind.all(|it| it.subject == lost)
            && self.failed_now(&room).is_none()
            && self.unsettled_now().is_none()
            && self.flags_unknown().is_empty()
            && self.counted().filter(unseen).all(|(spec, _)| self.past_query(spec).is_some())
    }

    /// How the engine is asked for what a condition looks at; `None`: nobody remembers it.
    fn past_query(&self, spec: &ConditionSpec) -> Option<PastQuery> {
        let signal = &spec.signal;
        let whole = signal.name.split_once('@').map_or(signal.name.as_str(), |(whole, _)| whole);
        let service = self.service(signal.service)?;
        let mut metrics = service.metrics.as_ref()?.metrics().iter();
        let metric = metrics.find(|metric| metric.spec.signal() == whole)?;
        let asked = metric.spec.from == MetricFrom::Prometheus && metric.spec.problem().is_none();
        let traffic = service.traffic.as_ref();
        let revision = match signal.part() {
            None => None,
            Some(CANARY) => Some(traffic?.canary()?.to_owned()),
            Some(STABLE) => Some(traffic?.stable()?.to_owned()),
            Some(BEFORE | VS_BEFORE | CANARY_VS_STABLE) => return None,
            Some(revision) => Some(revision.to_owned()),
        };
        let label = &self.room.service(signal.service)?.metrics.as_ref()?.revision_label;
        let only = revision.map(|revision| (label.clone(), revision));
        asked.then(|| PastQuery { query: metric.spec.query.clone(), only })
    }

    /// Asks for the oldest gap, where this console keeps the journal and the engine is there.
    fn ask_past(&mut self, effects: &mut Vec<Effect>) {
        let now = self.now.mono;
        let live = self.links.is_live(&SourceId::Prometheus, now);
        let Some(open) = self.stages.gaps.open.front().filter(|_| self.keeper && live) else { return };
        if open.asked.is_some() || open.due > now || !self.stands_as_at(open.from) {
            return;
        }
        let (from, until) = (open.from, open.until);
        let Some(interval) = self.room.prometheus.as_ref().map(|spec| spec.interval) else { return };
        let found: Vec<(String, PastQuery)> = self
            .counted()
            .filter_map(|(spec, _)| Some((spec.name.clone(), self.past_query(spec)?)))
            .collect();
        let (names, queries): (Vec<String>, Vec<PastQuery>) = found.into_iter().unzip();
        let (gap, token) = (Gap::new(from, until, interval), self.token());
        if let Some(open) = self.stages.gaps.open.front_mut() {
            open.asked = Some((token, gap, names));
        }
        effects.push(Effect::AskPast { token, gap, queries });
    }

    /// Whether traffic and flags are as they were since `from`, as far as that is known: what was rolled out then.
    fn stands_as_at(&self, from: Wall) -> bool {
        let read = |ix| self.traffic(ix).is_some();
        let services = self.room.service_ixs().zip(&self.room.services);
        let mut cloud = services.filter(|(_, spec)| spec.cloud_run.is_some());
        let still = |name: &str| self.journal.split_since(name).is_none_or(|since| since <= from);
        cloud.all(|(ix, spec)| read(ix) && still(&spec.name)) && self.not_there_yet().is_empty()
    }

    /// The engine told what it remembers.
    pub(in crate::model) fn past_read(
        &mut self,
        token: Token,
        values: Result<Vec<PastValues>, Clean>,
        effects: &mut Vec<Effect>,
    ) {
        if self.before_read(token, &values, effects) {
            return;
        }
        let is_it = |open: &Open| open.asked.as_ref().is_some_and(|(asked, ..)| *asked == token);
        let Some(at) = self.stages.gaps.open.iter().position(is_it) else { return };
        let Some(open) = self.stages.gaps.open.remove(at) else { return };
        let Some((_, gap, names)) = &open.asked else { return };
        match values {
            Ok(values) if self.keeper => self.fill(&open, *gap, names, &values, effects),
            _ => {
                let due = self.now.mono.after(AGAIN);
                self.stages.gaps.open.push_back(Open { due, asked: None, ..open });
            }
        }
    }

    fn fill(
        &mut self,
        open: &Open,
        gap: Gap,
        names: &[String],
        values: &[PastValues],
        effects: &mut Vec<Effect>,
    ) {
        let Some(current) = self.stages.course.open().filter(|it| it.clock.record == open.clock) else {
            return;
        };
        // It began anew meanwhile: what was before is no part of it.
        if self.stages.clock.ms < open.base {
            return;
        }
        let (stage, needs) = (current.name.clone(), current.clock.needs_ms);
        let was_failed = self.stages.clock.failed().cloned();
        let found = self.look_up(open, gap, names, values);
        // What was counted live since then is no part of it.
        let since = self.stages.clock.ms.saturating_sub(open.base);
        let anew = found.failed.is_some() || (was_failed.is_some() && found.counted > 0);
        let before = if anew { 0 } else { open.base };
        let counted = found.counted.min(needs.saturating_sub(before + since));
        let ms = before + counted + since;
        let step = Step::Filled {
            clock: open.clock,
            stage,
            from: open.from,
            until: open.until,
            counted_ms: counted,
            ms,
            failed: found.failed.map(|why| Clean::new(&why)),
            rest: Clean::new(&found.rest),
        };
        self.keep(Entry::Stage(Box::new(step)), effects);
        let failed = found.failing.map(|why| Clean::new(&why)).or(was_failed.filter(|_| !anew));
        self.stages.clock.fill(ms, failed, self.now.mono);
    }

    /// What of the gap counts, and why the rest does not.
    fn look_up(&self, open: &Open, gap: Gap, names: &[String], values: &[PastValues]) -> Found {
        let asked = |name: &str| names.iter().position(|asked| asked == name).and_then(|at| values.get(at));
        let (mut told, mut unknown) = (Vec::new(), Vec::new());
        for (spec, state) in self.counted() {
            match asked(&spec.name) {
                Some(Ok(values)) => {
                    let accepted = self.rulings.accepts(spec, Accepts::Failing, self.now.wall);
                    told.push((spec, accepted, replay(spec, values, gap.step)));
                }
                Some(Err(_)) => unknown.push(spec.name.as_str()),
                None if open.watched || self.is_unwatched(spec, state) => {}
                None => unknown.push(spec.name.as_str()),
            }
        }
        if !unknown.is_empty() || told.is_empty() {
            let rest = if unknown.is_empty() {
                "nothing of it can be looked up".to_owned()
            } else {
                format!("{} cannot be looked up", listed(&unknown))
            };
            return Found { rest, ..Found::default() };
        }
        fold(&told, gap)
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Found {
    /// Milliseconds that count, since the newest failure.
    counted: u64,
    /// What failed in it, and was good again.
    failed: Option<String>,
    /// What fails at its end.
    failing: Option<String>,
    /// Why the rest does not count.
    rest: String,
}

fn fold(told: &[(&ConditionSpec, bool, Vec<ConditionState>)], gap: Gap) -> Found {
    let step = u64::try_from(gap.step.as_millis()).unwrap_or(0);
    let mut found = Found::default();
    for place in 0..gap.count as usize {
        let mut stands = None;
        let mut fails = None;
        for (spec, accepted, states) in told {
            match states.get(place).copied().unwrap_or(ConditionState::NoData) {
                ConditionState::Pass | ConditionState::Accepted => {}
                ConditionState::NoData | ConditionState::Stale => {
                    stands = stands.or_else(|| Some(format!("no data: {}", spec.name)));
                }
                _ if *accepted => {}
                ConditionState::Fail => fails = fails.or_else(|| Some(spec.name.clone())),
                ConditionState::Warn | ConditionState::Inconclusive => {
                    stands = stands.or_else(|| Some(format!("{} was not good", spec.name)));
                }
            }
        }
        if let Some(why) = fails {
            found.failing = Some(why);
        } else if let Some(why) = stands {
            if found.rest.is_empty() {
                found.rest = why;
            }
        } else {
            if let Some(why) = found.failing.take() {
                (found.counted, found.failed) = (0, Some(why));
            }
            found.counted += step;
        }
    }
    if let Some(why) = found.failing.as_ref().filter(|_| found.rest.is_empty()) {
        found.rest = format!("{why} failed to its end, and the clock begins anew");
    }
    found
}

/// The first names, and how many more.
fn listed(names: &[&str]) -> String {
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
