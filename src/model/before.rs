//! What each metric was before the deployment: its mean over the hour before, written down by the console that keeps the
//! journal, and read back from there by all. Each candidate has an hour of its own.
//!
//! What began, and what is missing of the time before it, is folded from the records: whoever keeps the journal next goes on.

mod begun;
mod heard;
mod tried;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::metric::Remembered;
use crate::domain::past::{Gap, PastQuery, PastValues};
use crate::domain::room::MetricFrom;
use crate::domain::signal::{BEFORE, VS_BEFORE};
use crate::domain::trail::{millis, span_millis};
use crate::domain::{Clean, Entry, Mono, Origin, Reading, Record, Rollout, ServiceIx, SourceId, Wall};

use super::Model;
use super::effect::Effect;
use super::msg::Token;
use super::service::above;
use begun::{Begins, Begun};
use heard::{Heard, MINUTES};

/// How far apart the moments of that hour are at most that an engine is asked for: 720 of them, as many as a chart asks of its
/// past, and near enough together that what lasts shorter does not move the mean of an hour. A shorter interval of the engine
/// is taken as it is, down to a second.
const APART: Duration = Duration::from_secs(5);

/// So long the engine, and what an earlier console kept, is waited for; and an engine that is asked.
const PATIENCE: Duration = Duration::from_mins(1);
const ANSWERS: Duration = Duration::from_mins(5);

/// After an engine that could not be asked, and after a record that did not come back: the journal may have refused it.
const AGAIN: Duration = Duration::from_mins(1);

/// So often a record is sent at most.
const TIMES: u32 = 30;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Before {
    /// The past of each metric, by service and name.
    heard: BTreeMap<(ServiceIx, String), Heard>,
    begins: Begins,
    /// What this console does about what is not recorded yet.
    looking: BTreeMap<ServiceIx, Looking>,
}

/// What is not recorded yet of the time before one deployment.
#[derive(Debug, Clone, PartialEq)]
struct Looking {
    of: u64,
    since: Mono,
    /// What the engine is being asked for, and how far apart its values are.
    asked: Option<(Token, Vec<String>, Duration)>,
    again: Mono,
    /// What it told: a mean and of how many minutes it is, or nothing of that hour.
    told: BTreeMap<String, Option<(f64, u32)>>,
    /// Known to nobody.
    over: BTreeSet<String>,
    /// When each metric was sent to the journal last, and how often.
    sent: BTreeMap<String, (Mono, u32)>,
}

impl Looking {
    fn of(begun: &Begun, now: Mono) -> Self {
        let (told, over) = (BTreeMap::new(), BTreeSet::new());
        Self { of: begun.of, since: now, asked: None, again: now, told, over, sent: BTreeMap::new() }
    }
}

impl Looking {
    /// Whether it is to be sent now: it was not yet, or long ago, and did not come back.
    fn may_send(&mut self, metric: &str, now: Mono) -> bool {
        let (last, times) = self.sent.get(metric).copied().unzip();
        let times = times.unwrap_or(0);
        let may = times < TIMES && last.is_none_or(|last| now.since(last) >= AGAIN);
        if may {
            self.sent.insert(metric.to_owned(), (now, times + 1));
        }
        may
    }
}

impl Model {
    /// A record was taken in. Where a deployment begins with it, the keeper writes down how it was before.
    pub(super) fn before_recorded(&mut self, record: &Record, effects: &mut Vec<Effect>) {
        let services: Vec<String> = self.room.services.iter().map(|service| service.name.clone()).collect();
        self.before.begins.record(record, self.checklist.rollout(), &services);
        if let Entry::RolloutBegan { .. } | Entry::Candidate { .. } | Entry::T0 { .. } = &record.entry {
            self.keep_before(effects);
        }
    }

    /// When the deployment began. What served already when this console first looked began, as far as anybody knows, when its
    /// revision was created; and what was written down late, when it was seen to serve.
    fn began(&self, ix: ServiceIx, begun: &Begun) -> Wall {
        let earlier = || {
            let state = self.service(ix)?.traffic.as_ref()?;
            let (traffic, opened) = (state.traffic.as_ref()?, state.opened.as_ref()?);
            let name = begun.revision.as_ref()?;
            let revision = traffic.revisions.iter().find(|it| it.name == *name)?;
            let served = !begun.seen && traffic.percent_of(opened, name) > 0;
            let changed = state.changed().filter(|_| traffic.effective_percent(name) > 0);
            let seen = changed.map(|changed| self.now.wall_at(changed));
            revision.created.filter(|_| served).into_iter().chain(seen).min()
        };
        earlier().map_or(begun.at, |earlier| earlier.min(begun.at))
    }

    /// Writes down what is missing, as soon as the engine told it or is not waited for any more.
    pub(super) fn keep_before(&mut self, effects: &mut Vec<Effect>) {
        let refused = self.journal.cannot_write().is_some();
        if !self.keeper || refused || !self.checklist.rollout().is_some_and(Rollout::is_open) {
            return;
        }
        for ix in self.room.clone().service_ixs() {
            let service = self.service_name(ix);
            let Some(begun) = self.before.begins.of(&service).cloned() else { continue };
            let now = self.now.mono;
            let old = self.before.looking.remove(&ix).filter(|looking| looking.of == begun.of);
            let mut looking = old.unwrap_or_else(|| Looking::of(&begun, now));
            let missing = self.missing_before(ix, &begun, &looking);
            if !missing.is_empty() {
                let began = self.began(ix, &begun);
                self.ask_before(&mut looking, &missing, began, effects);
                self.write_before(ix, &mut looking, missing, began, effects);
            }
            self.before.looking.insert(ix, looking);
        }
    }

    /// Metrics of which it is not recorded what they were; of those that the engine is still to tell, its query.
    fn missing_before(
        &self,
        ix: ServiceIx,
        begun: &Begun,
        looking: &Looking,
    ) -> Vec<(String, Option<PastQuery>)> {
        let metrics = self.service(ix).and_then(|service| service.metrics.as_ref());
        let all = metrics.map(super::metrics::Metrics::metrics).unwrap_or_default().iter().map(|it| &it.spec);
        let missing = all.filter(|spec| !begun.has(&spec.name) && !looking.over.contains(&spec.name));
        let query = |query: &String| PastQuery { query: query.clone(), only: None };
        let asked = missing.map(|spec| {
            let asks = spec.from == MetricFrom::Prometheus && spec.problem().is_none();
            let waits = asks && self.room.prometheus.is_some() && !looking.told.contains_key(&spec.name);
            (spec.name.clone(), waits.then(|| query(&spec.query)))
        });
        asked.collect()
    }

    /// Asks the engine for the hour before, where it was not asked yet and is there.
    fn ask_before(
        &mut self,
        looking: &mut Looking,
        missing: &[(String, Option<PastQuery>)],
        began: Wall,
        effects: &mut Vec<Effect>,
    ) {
        let wanted = missing.iter().filter_map(|(name, query)| Some((name.clone(), query.clone()?)));
        let (names, queries): (Vec<String>, Vec<PastQuery>) = wanted.unzip();
        let live = self.links.is_live(&SourceId::Prometheus, self.now.mono);
        let Some(interval) = self.room.prometheus.as_ref().map(|spec| spec.interval) else { return };
        if names.is_empty() || looking.asked.is_some() || looking.again > self.now.mono || !live {
            return;
        }
        let step = interval.clamp(Duration::from_secs(1), APART);
        // As an engine itself counts an hour: without its first moment, and with its last.
        let apart = TimeDelta::from_std(step).unwrap_or_default();
        let gap = Gap::new(began - TimeDelta::minutes(MINUTES) + apart, began + apart, step);
        let token = self.token();
        looking.asked = Some((token, names, gap.step));
        effects.push(Effect::AskPast { token, gap, queries });
    }

    /// The engine told what it remembers; false if somebody else asked for it.
    pub(super) fn before_read(
        &mut self,
        token: Token,
        values: &Result<Vec<PastValues>, Clean>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let mut all = self.before.looking.values_mut();
        let is_it = |it: &&mut Looking| it.asked.as_ref().is_some_and(|(asked, ..)| *asked == token);
        let Some(looking) = all.find(is_it) else { return false };
        let Some((_, names, step)) = looking.asked.take() else { return false };
        match values {
            Ok(values) => {
                let mean = |values: &PastValues| values.as_ref().ok().and_then(|it| heard::mean(it, step));
                looking.told.extend(names.into_iter().zip(values.iter().map(mean)));
            }
            Err(_) => looking.again = self.now.mono.after(AGAIN),
        }
        self.keep_before(effects);
        true
    }

    fn write_before(
        &mut self,
        ix: ServiceIx,
        looking: &mut Looking,
        missing: Vec<(String, Option<PastQuery>)>,
        began: Wall,
        effects: &mut Vec<Effect>,
    ) {
        let patience = if looking.asked.is_some() { ANSWERS } else { PATIENCE };
        let patient = self.now.mono.since(looking.since) < patience;
        if patient && missing.iter().any(|(_, query)| query.is_some()) {
            return;
        }
        let until = millis(self.now.mono) - (self.now.wall - began).num_milliseconds();
        let (mut means, mut minutes) = (BTreeMap::new(), None::<u32>);
        for (name, query) in missing {
            let heard = || self.before.heard.get(&(ix, name.clone()))?.mean(until);
            let found = looking.told.get(&name).copied().flatten().or_else(heard);
            // What an earlier console kept comes soon; the engine is asked until it answers.
            if found.is_none() && !patient && query.is_none() {
                looking.over.insert(name.clone());
            }
            if let Some((mean, of)) = found.filter(|_| looking.may_send(&name, self.now.mono)) {
                means.insert(name, mean);
                minutes = Some(minutes.map_or(of, |least| least.min(of)));
            }
        }
        if !means.is_empty() {
            let (service, of) = (self.service_name(ix), Some(looking.of));
            self.keep(Entry::Before { service, means, minutes, of }, effects);
        }
    }

    /// An earlier console kept what a metric was, minute by minute: of each its last value.
    pub(super) fn remember_before(&mut self, kept: &Remembered) {
        let heard = self.before.heard.entry((kept.service, kept.name.clone())).or_default();
        for (end, span) in &kept.minutes {
            let Ok(age) = (self.now.wall - *end).to_std() else { continue };
            heard.remember(millis(self.now.mono) - span_millis(age), span.last);
        }
    }

    /// Remembers the last hours of each metric, and tells what it was before the deployment and how far it is from that.
    pub(super) fn write_before_signals(&mut self) {
        let deploying = self.is_deploying();
        let mut before = std::mem::take(&mut self.before);
        for service in &self.services {
            let (ix, name) = (service.ix, self.service_name(service.ix));
            let Some(metrics) = &service.metrics else { continue };
            let mut told = Vec::new();
            for metric in metrics.metrics() {
                let signal = metric.spec.signal();
                let Some(new) = self.signals.named(ix, &signal) else { continue };
                let Some(bare) = signal.strip_prefix("metric.") else { continue };
                if new.fresh {
                    before.heard.entry((ix, bare.to_owned())).or_default().add(new.at, new.value);
                }
                // What is not known is not-a-number, which a comparison takes as inconclusive.
                let value = before.begins.mean(&name, bare).filter(|_| deploying).unwrap_or(f64::NAN);
                let old =
                    Reading { value, fresh: true, origin: Origin::Unknown, watched: None, ..new.clone() };
                told.push((format!("{signal}@{VS_BEFORE}"), Some(above(new, &old))));
                told.push((format!("{signal}@{BEFORE}"), Some(old)));
            }
            self.signals.extend(ix, told);
        }
        self.before = before;
    }

    /// Whether a deployment is under way that can be compared with the time before it.
    pub(super) fn is_deploying(&self) -> bool {
        self.checklist.rollout().is_some_and(|rollout| {
            rollout.is_open()
                && (rollout.t0.is_some() || rollout.by.is_some() || !rollout.candidates.is_empty())
        })
    }
}
