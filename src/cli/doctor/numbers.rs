//! Numbers that are asked for one by one (of the metrics engine, of a JSON answer, of a command) and alerts that run
//! elsewhere: whether each is answered.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, LONGEST, State};
use crate::domain::ServiceIx;
use crate::domain::firing::{AlertsRead, Teller};
use crate::domain::metric::{MetricValue, Queried, Scraped};
use crate::domain::room::{MetricFrom, MetricSpec, Room};
use crate::promql::history::STARTED;
use crate::promql::lint::lint;

/// What was asked, and what is wrong with the answers that came.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    metrics: BTreeMap<(ServiceIx, String), Asked>,
    tellers: BTreeMap<Teller, Option<Result<usize, String>>>,
    /// Services with counters of which nothing tells when their process began.
    untold: BTreeSet<ServiceIx>,
}

#[derive(Debug)]
struct Asked {
    of_engine: bool,
    answer: Option<MetricValue>,
}

impl Numbers {
    /// All that `room` asks for, but what is refused before anybody is asked.
    pub(super) fn of(room: &Room) -> Self {
        let mut all = Self::default();
        for (service, spec) in room.service_ixs().zip(&room.services) {
            let panels = spec.metrics.iter().flat_map(|metrics| &metrics.panels);
            for panel in panels.filter(|panel| is_asked(panel)) {
                let of_engine = panel.from == MetricFrom::Prometheus;
                all.metrics.insert((service, panel.name.clone()), Asked { of_engine, answer: None });
            }
        }
        if room.alertmanager.is_some() {
            all.tellers.insert(Teller::Alertmanager, None);
        }
        all
    }

    /// Whether every one was answered; of an engine that nobody reaches (`engine` is false) none is waited for.
    pub(super) fn is_over(&self, engine: bool) -> bool {
        let over = |asked: &Asked| asked.answer.is_some() || (asked.of_engine && !engine);
        self.metrics.values().all(over) && self.tellers.values().all(Option::is_some)
    }

    pub(super) fn queried(&mut self, queried: Queried) {
        if let Some(asked) = self.metrics.get_mut(&(queried.service, queried.value.name.clone())) {
            asked.answer = Some(queried.value);
        }
    }

    pub(super) fn scraped(&mut self, scraped: &Scraped) {
        if scraped.untold {
            self.untold.insert(scraped.service);
        }
    }

    /// One check for each service whose counters do not tell of which process they are.
    pub(super) fn untold(&self, room: &Room) -> Vec<Check> {
        let of = |ix: &ServiceIx| {
            let name = room.service(*ix).map_or("", |service| service.name.as_str());
            let seen = format!(
                "no {STARTED}: where they fall, nobody can tell whether the process began again or another one answers; \
                 what was counted then is told as not known, and trips nothing"
            );
            let next = format!("let the service tell {STARTED}, one process at an address");
            Check::new(&format!("counters of {name}"), State::Doubtful, &seen, &next)
        };
        self.untold.iter().map(of).collect()
    }

    pub(super) fn read(&mut self, read: AlertsRead) {
        if let Some(said) = self.tellers.get_mut(&read.teller) {
            *said = Some(
                read.answer.map(|held| held.active.len() + held.left_out).map_err(|why| why.to_string()),
            );
        }
    }

    /// One check for each that has no number, and one for all that have. Of an engine that nobody reaches (`engine` is
    /// false) its own check tells.
    pub(super) fn checks(&self, engine: bool) -> Vec<Check> {
        let asked = self.metrics.iter().filter(|(_, asked)| engine || !asked.of_engine);
        let (mut checks, mut good, mut all) = (Vec::new(), 0, 0);
        for ((_, name), asked) in asked {
            all += 1;
            match asked.fault(name) {
                Some(check) => checks.push(check),
                None => good += 1,
            }
        }
        if all > 0 {
            let seen = format!("{good} of {all} that are asked for one by one have a number");
            checks.insert(0, Check::new("numbers", State::Good, &seen, ""));
        }
        checks.extend(self.tellers.values().map(|said| teller(said.as_ref())));
        checks
    }
}

/// Whether somebody is asked for it.
fn is_asked(panel: &MetricSpec) -> bool {
    match panel.from {
        MetricFrom::Value => true,
        MetricFrom::Prometheus => panel.documented.is_none() && lint(&panel.query).error.is_none(),
        MetricFrom::Scrape | MetricFrom::Person | MetricFrom::Nowhere => false,
    }
}

impl Asked {
    fn fault(&self, name: &str) -> Option<Check> {
        let next = if self.of_engine {
            "correct the query, or what it asks for"
        } else {
            "correct this [[signal]], or what it asks"
        };
        let name = format!("number {name}");
        let Some(value) = &self.answer else {
            let seen = format!("no answer in {} s", LONGEST.as_secs());
            return Some(Check::new(&name, State::Bad, &seen, next));
        };
        match (&value.error, value.gap) {
            (Some(why), _) => Some(Check::new(&name, State::Bad, why, next)),
            (None, Some(gap)) => Some(Check::new(&name, State::Doubtful, gap.words(), next)),
            (None, None) => None,
        }
    }
}

fn teller(said: Option<&Result<usize, String>>) -> Check {
    let next = "check the address of [alertmanager], and its token";
    match said {
        Some(Ok(n)) => Check::new("alertmanager", State::Good, &format!("it answers, and holds {n}"), ""),
        Some(Err(why)) => Check::new("alertmanager", State::Bad, why, next),
        None => {
            let seen = format!("no answer in {} s", LONGEST.as_secs());
            Check::new("alertmanager", State::Bad, &seen, next)
        }
    }
}
