//! The room's metrics engine: each query asked at its interval by a task of its own, so that a slow one holds up no
//! other; its past asked for once, so that charts are full at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use crate::clients::prometheus::{Answered, Engine, Fault};
use crate::clock;
use crate::domain::metric::{Cohorted, MetricValue, Past, Queried, Resembling};
use crate::domain::room::{MetricFrom, PrometheusSpec};
use crate::domain::{LinkReport, Mono, Room, ServiceIx, SourceId};
use crate::lanes::Lanes;
use crate::model::msg::Msg;
use crate::promql::propose::propose;

mod age;
mod cohorts;
mod number;

use age::Ages;
use cohorts::Cohort;
use number::value;

/// Queries under way at once.
const AT_ONCE: usize = 8;

/// First questions are spread over so much time at most.
const SPREAD: Duration = Duration::from_secs(2);

/// How often series are looked for that documented metrics may be.
const SEEK: Duration = Duration::from_mins(5);

/// Points of the newest past asked for at most, an interval apart.
const MOST_POINTS: u32 = 240;

/// Points of the time before that, at most: as many as are kept of a day.
const OLDER_POINTS: u32 = 720;

/// One metric that the engine is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    service: ServiceIx,
    name: String,
    query: String,
    /// The label that tells revisions apart.
    label: String,
    cohorts: Vec<Cohort>,
}

/// All metrics of the room that the engine is asked for.
fn asked(room: &Room) -> Vec<Asked> {
    let mut all = Vec::new();
    for (service, spec) in room.service_ixs().zip(&room.services) {
        let Some(metrics) = &spec.metrics else { continue };
        all.extend(metrics.of(MetricFrom::Prometheus).map(|panel| Asked {
            service,
            name: panel.name.clone(),
            query: panel.query.clone(),
            label: metrics.revision_label.clone(),
            cohorts: spec.cohorts.iter().filter_map(|cohort| Cohort::of(&panel.query, cohort)).collect(),
        }));
    }
    all
}

/// What came of one question.
struct Outcome {
    /// Whose; none: only whether the engine is there was asked.
    asked: Option<Asked>,
    at: Mono,
    /// How old what its number is made of is, where that is too old.
    old: Option<Duration>,
    answer: Result<Answered, Fault>,
    history: Vec<Option<f64>>,
    older: Past,
    cohorts: Vec<Cohorted>,
}

/// Documented metrics without a source, by service.
fn sought(room: &Room) -> Vec<(ServiceIx, String)> {
    let services = room.service_ixs().zip(&room.services);
    let metrics = services.flat_map(|(ix, service)| service.metrics.iter().map(move |metrics| (ix, metrics)));
    let sought = metrics.flat_map(|(ix, metrics)| metrics.sought().map(move |name| (ix, name.to_owned())));
    sought.collect()
}

/// Looks for series that are called like what documents name, now and every few minutes, and tells what it finds.
async fn seek(engine: Arc<Engine>, sought: Vec<(ServiceIx, String)>, lanes: Lanes) {
    loop {
        if let Ok(names) = engine.names().await {
            for (service, name) in &sought {
                let found = propose(name, names.iter().map(String::as_str));
                let found = Resembling { service: *service, name: name.clone(), found };
                if lanes.data.send(Msg::Resembled(Box::new(found))).await.is_err() {
                    return;
                }
            }
        }
        sleep(SEEK).await;
    }
}

/// Asks for ever what the newest of `rooms` asks for; returns only when nobody listens any more, or at once where the
/// room has no engine.
pub async fn run(mut rooms: watch::Receiver<Arc<Room>>, lanes: Lanes) {
    let room = rooms.borrow_and_update().clone();
    let Some(spec) = &room.prometheus else { return };
    let (mut asking, mut told) = Asking::new(spec);
    asking.follow(&room, &lanes);
    let mut link = Link { interval: spec.interval, answered: None, attempt: 0 };
    loop {
        let outcome = tokio::select! {
            Some(outcome) = told.recv() => outcome,
            Ok(()) = rooms.changed() => {
                asking.follow(&rooms.borrow_and_update().clone(), &lanes);
                continue;
            }
        };
        let mut out = Vec::new();
        if let Some(report) = link.report(&outcome) {
            out.push(Msg::Linked { source: SourceId::Prometheus, report, at: outcome.at });
        }
        // An answer to what is not asked any more would be taken for one to what is asked now.
        if asking.asks(outcome.asked.as_ref()) {
            out.extend(outcome.queried().map(|queried| Msg::Queried(Box::new(queried))));
        }
        for msg in out {
            if lanes.data.send(msg).await.is_err() {
                return;
            }
        }
    }
}

/// The queries under way, each in a task of its own.
struct Asking {
    engine: Arc<Engine>,
    spec: PrometheusSpec,
    permits: Arc<Semaphore>,
    tell: mpsc::Sender<Outcome>,
    tasks: JoinSet<()>,
    /// What is looked for by name.
    seeking: Option<(Vec<(ServiceIx, String)>, AbortHandle)>,
    /// What is asked for; none: only whether the engine is there.
    running: Vec<(Option<Asked>, AbortHandle)>,
}

impl Asking {
    fn new(spec: &PrometheusSpec) -> (Self, mpsc::Receiver<Outcome>) {
        let (tell, told) = mpsc::channel(AT_ONCE);
        let asking = Self {
            engine: Arc::new(Engine::new(spec)),
            spec: spec.clone(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            tell,
            tasks: JoinSet::new(),
            seeking: None,
            running: Vec::new(),
        };
        (asking, told)
    }

    /// Asks for what `room` asks for and nothing else; what was asked for before goes on.
    fn follow(&mut self, room: &Room, lanes: &Lanes) {
        let sought = sought(room);
        if self.seeking.as_ref().is_none_or(|(before, _)| *before != sought) {
            if let Some((_, task)) = self.seeking.take() {
                task.abort();
            }
            if !sought.is_empty() {
                let task = self.tasks.spawn(seek(self.engine.clone(), sought.clone(), lanes.clone()));
                self.seeking = Some((sought, task));
            }
        }
        // An engine that nobody asks for anything yet is asked whether it is there.
        let asked: Vec<Option<Asked>> = asked(room).into_iter().map(Some).collect();
        let wanted = if asked.is_empty() { vec![None] } else { asked };
        self.running.retain(|(running, task)| {
            let stays = wanted.contains(running);
            if !stays {
                task.abort();
            }
            stays
        });
        while self.tasks.try_join_next().is_some() {}
        let new: Vec<_> = wanted.into_iter().filter(|asked| !self.asks(asked.as_ref())).collect();
        let count = u32::try_from(new.len()).unwrap_or(u32::MAX).max(1);
        let spread = SPREAD.min(self.spec.interval / 2) / count;
        for (asked, place) in new.into_iter().zip(0_u32..) {
            let one = One {
                asked: asked.clone(),
                engine: self.engine.clone(),
                spec: self.spec.clone(),
                permits: self.permits.clone(),
            };
            self.running.push((asked, self.tasks.spawn(one.run(spread * place, self.tell.clone()))));
        }
    }

    fn asks(&self, asked: Option<&Asked>) -> bool {
        self.running.iter().any(|(running, _)| running.as_ref() == asked)
    }
}

/// How much of the past was asked for.
enum Known {
    Nothing,
    Newest,
    All,
}

/// One query.
struct One {
    asked: Option<Asked>,
    engine: Arc<Engine>,
    spec: PrometheusSpec,
    permits: Arc<Semaphore>,
}

impl One {
    async fn run(self, after: Duration, tell: mpsc::Sender<Outcome>) {
        let query = self.asked.as_ref().map_or("vector(1)", |asked| asked.query.as_str());
        let mut known = if self.asked.is_none() { Known::All } else { Known::Nothing };
        // When it answered last, and whether the engine was lost since.
        let (mut heard, mut lost): (Option<Mono>, bool) = (None, false);
        let mut ages = Ages::default();
        sleep(after).await;
        loop {
            let Ok(permit) = self.permits.acquire().await else { return };
            let began = clock::mono();
            let answer = self.engine.now(query).await;
            let (mut history, mut older) = (Vec::new(), Past::default());
            // The newest past first: what is longer ago keeps no chart waiting.
            known = match known {
                Known::Nothing if answer.is_ok() => {
                    let count = (self.spec.history.as_secs_f64() / self.spec.interval.as_secs_f64()) as u32;
                    history = self.past(query, self.spec.interval, count.min(MOST_POINTS)).await;
                    Known::Newest
                }
                Known::Newest if answer.is_ok() => {
                    older = self.older(query).await;
                    Known::All
                }
                Known::All if answer.is_ok() && lost && self.asked.is_some() => {
                    older =
                        self.missed(query, heard.map_or(Duration::ZERO, |heard| began.since(heard))).await;
                    Known::All
                }
                known => known,
            };
            match &answer {
                Ok(_) => (heard, lost) = (Some(began), false),
                Err(_) => lost = true,
            }
            let cohorts = if answer.is_ok() { self.cohorts().await } else { Vec::new() };
            let old = if answer.is_ok() && self.asked.is_some() {
                ages.too_old(&self.engine, query, self.spec.interval).await
            } else {
                None
            };
            drop(permit);
            let (at, asked) = (clock::mono(), self.asked.clone());
            let outcome = Outcome { asked, at, old, answer, history, older, cohorts };
            if tell.send(outcome).await.is_err() {
                return;
            }
            sleep(pause(at.since(began), self.spec.interval)).await;
        }
    }

    async fn cohorts(&self) -> Vec<Cohorted> {
        let mut found = Vec::new();
        for cohort in self.asked.iter().flat_map(|asked| &asked.cohorts) {
            found.extend(cohort.ask(&self.engine).await);
        }
        found
    }

    /// All of the past in coarser steps, where the newest values do not go back so far.
    async fn older(&self, query: &str) -> Past {
        let (interval, history) = (self.spec.interval, self.spec.history);
        if history <= interval * MOST_POINTS {
            return Past::default();
        }
        let step = (history / OLDER_POINTS).max(interval);
        self.spaced(query, step, history).await
    }

    /// What it was while nothing was heard for `silent`.
    async fn missed(&self, query: &str, silent: Duration) -> Past {
        if silent <= self.spec.interval * 3 {
            return Past::default();
        }
        let silent = silent.min(self.spec.history);
        self.spaced(query, (silent / OLDER_POINTS).max(self.spec.interval), silent).await
    }

    async fn spaced(&self, query: &str, step: Duration, over: Duration) -> Past {
        // Engines take steps of whole milliseconds.
        let step = Duration::from_millis(u64::try_from(step.as_millis()).unwrap_or(u64::MAX).max(1));
        let count = (over.as_secs_f64() / step.as_secs_f64()) as u32;
        Past { step, values: self.past(query, step, count.min(OLDER_POINTS)).await }
    }

    /// `count` values of the past; nothing if the engine does not give them as one series.
    async fn past(&self, query: &str, step: Duration, count: u32) -> Vec<Option<f64>> {
        if count == 0 {
            return Vec::new();
        }
        let end = clock::wall().timestamp_millis() as f64 / 1000.0 - step.as_secs_f64();
        match self.engine.range(query, end, step, count).await {
            Ok(Answered { series, .. }) => match series.as_slice() {
                [only] => only.spaced(end, step, count),
                _ => Vec::new(),
            },
            Err(_no_past) => Vec::new(),
        }
    }
}

/// How long to rest after a query that took `took`: one that takes most of its interval gets more, not less.
fn pause(took: Duration, interval: Duration) -> Duration {
    if took * 2 > interval { took * 2 } else { interval.saturating_sub(took) }
}

/// What the answers of all queries say of the engine.
struct Link {
    interval: Duration,
    /// When it answered anything last.
    answered: Option<Mono>,
    attempt: u32,
}

impl Link {
    fn report(&mut self, outcome: &Outcome) -> Option<LinkReport> {
        let Err(Fault::Engine(error)) = &outcome.answer else {
            (self.answered, self.attempt) = (Some(outcome.at), 0);
            return Some(LinkReport::Alive);
        };
        // One query without an answer is no engine that is down.
        if self.answered.is_some_and(|at| outcome.at.since(at) <= self.interval * 2) {
            return None;
        }
        self.attempt = self.attempt.saturating_add(1);
        let retry_at = outcome.at.after(self.interval);
        Some(LinkReport::Down { error: error.clone(), attempt: self.attempt, retry_at })
    }
}

impl Outcome {
    fn queried(self) -> Option<Queried> {
        let asked = self.asked?;
        let old = self.old.unwrap_or_default();
        let value = match self.answer {
            Ok(answered) => {
                let before = old.saturating_sub(self.at.since(Mono::default()));
                MetricValue { cohorts: self.cohorts, before, ..value(&asked, &answered) }
            }
            Err(Fault::Engine(error) | Fault::Query(error)) => {
                MetricValue { name: asked.name, error: Some(error), ..MetricValue::default() }
            }
        };
        Some(Queried {
            service: asked.service,
            at: self.at.before(old),
            value,
            history: self.history,
            older: self.older,
        })
    }
}

#[cfg(test)]
mod tests;
