//! What is measured between two looks at the conditions. Once a second only the newest number is looked at: one whose place the
//! next takes is judged before that, so that each measurement counts once.

use crate::domain::metric::{Queried, Scraped};
use crate::domain::{Accepts, Condition, ConditionSpec, Mono, Now, Origin, ServiceIx};

use super::Model;
use super::conditions::By;
use super::metrics::Metrics;
use super::signals::Signals;

impl Model {
    /// A probe answered: what it said before is judged.
    pub(super) fn judge_probe(&mut self, service: ServiceIx, probe: u16) {
        let probes = self.service(service).map(|service| service.health.probes());
        let Some(probe) = probes.and_then(|probes| probes.get(usize::from(probe))) else { return };
        if let Some((measured, _)) = probe.seen.seen {
            let of = format!("health.{}.", probe.spec.name);
            self.judge_measured(service, &[&of], measured);
        }
    }

    /// An endpoint was scraped: what it said before is judged.
    pub(super) fn judge_scrape(&mut self, scraped: &Scraped) {
        let metrics = self.service(scraped.service).and_then(|service| service.metrics.as_ref());
        if let Some(measured) = metrics.and_then(Metrics::scrape_at) {
            self.judge_measured(scraped.service, &["metric.", "budget.", "burn."], measured);
        }
    }

    /// A query was answered: what it said before is judged.
    pub(super) fn judge_query(&mut self, queried: &Queried) {
        let metrics = self.service(queried.service).and_then(|service| service.metrics.as_ref());
        let mut all = metrics.into_iter().flat_map(Metrics::metrics);
        let metric = all.find(|metric| metric.spec.name == queried.value.name);
        if let Some((metric, (measured, _))) = metric.and_then(|it| Some((it, it.latest.as_ref()?))) {
            let (of, measured) = (metric.spec.signal(), *measured);
            self.judge_measured(queried.service, &[&of], measured);
        }
    }

    /// Judges what was measured at that moment of the signals that begin so, where no look has done it.
    fn judge_measured(&mut self, service: ServiceIx, of: &[&str], measured: Mono) {
        let unjudged = |spec: &ConditionSpec, state: &Condition| {
            let named = || of.iter().any(|of| spec.signal.name.starts_with(of));
            let newer = state.since.is_some() && state.measured.is_none_or(|known| known < measured);
            spec.signal.service == service && newer && named()
        };
        if !self.conditions.iter(&self.room).any(|(spec, state)| unjudged(spec, state)) {
            return;
        }
        let Some(of) = self.service(service) else { return };
        let mono = measured.max(self.now.mono);
        let now = Now { mono, wall: self.now.wall_at(mono) };
        let mut signals = Signals::default();
        of.write_measured(&mut signals, now);
        let mut conditions = std::mem::take(&mut self.conditions);
        let by = By {
            now,
            accepted: &|spec| self.rulings.accepts(spec, Accepts::Failing, now.wall),
            serves: &|service, origin: &Origin| self.serves(service, origin),
        };
        conditions.judge_if(&self.room, &signals, &by, &|spec, state| {
            unjudged(spec, state) && signals.get(&spec.signal).is_some_and(|it| it.at == measured)
        });
        self.conditions = conditions;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::domain::health::{BodyReport, ProbeOutcome, Probed};
    use crate::domain::metric::{MetricValue, Past};
    use crate::domain::{ConditionState, LinkReport, SourceId, Wall};
    use crate::model::msg::Msg;

    const CONFIG: &str = r#"
[prometheus]
url = "http://127.0.0.1:9"
[conditions]
health_failing = "off"
health_flapping = "off"
[[service]]
name = "s"
[[service.health]]
name = "p"
kind = "tcp"
address = "127.0.0.1:9"
interval = "200ms"
[[service.metrics.panel]]
name = "errors"
query = "sum(errors)"
from = "prometheus"
[[condition]]
name = "fails"
signal = "health.p.failing"
fail = "> 0"
out_of = "3 of 5"
clears_after = "0s"
[[condition]]
name = "errors"
signal = "metric.errors"
fail = "> 5"
clears_after = "10s"
"#;

    fn now(millis: u64) -> Now {
        let wall = Wall::default() + chrono::TimeDelta::milliseconds(millis.cast_signed());
        Now { mono: Mono::from_millis(millis), wall }
    }

    /// For three seconds each 200 ms: the probe's answer and the metric's number, as `bad` has it of the nth.
    fn states(bad: impl Fn(u64) -> bool) -> Vec<[ConditionState; 2]> {
        let none = crate::config::Overrides::default();
        let loaded = crate::config::parse(CONFIG, Path::new("c.toml"), &none, "mara").expect("config");
        let mut model = Model::new(Arc::new(loaded.room), "c".into(), now(0), (80, 24));
        let service = ServiceIx(0);
        let mut seen = Vec::new();
        for n in 0..15 {
            let at = now(1_000 + n * 200).mono;
            for source in [SourceId::Health { service, probe: 0 }, SourceId::Prometheus] {
                model.update(Msg::Linked { source, report: LinkReport::Alive, at });
            }
            let (latency, report) = (Duration::from_millis(1), BodyReport::default());
            let outcome = ProbeOutcome::Answered { status: None, latency, ok: !bad(n), report };
            let probed = Probed { service, probe: 0, at, origin: Origin::Mixed, outcome };
            model.update(Msg::Probed(probed));
            let value = Some(if bad(n) { 9.0 } else { 1.0 });
            let value = MetricValue { name: "errors".into(), value, ..MetricValue::default() };
            let (history, older) = (Vec::new(), Past::default());
            model.update(Msg::Queried(Box::new(Queried { service, at, value, history, older })));
            if n % 5 == 4 {
                model.update(Msg::Ticked(now(1_050 + n * 200)));
                let of = |name: &str| {
                    let mut all = model.conditions.iter(&model.room);
                    all.find(|(spec, _)| spec.name == name).expect("a condition").1.state
                };
                seen.push([of("fails"), of("errors")]);
            }
        }
        seen
    }

    #[test]
    fn each_measurement_counts_once_also_between_two_looks() {
        use ConditionState::{Fail, Pass};
        assert_eq!(states(|_| false)[2], [Pass, Pass]);
        // The last five answers at the third look are three bad ones and two good ones; of each look the newest is good.
        assert_eq!(states(|n| (11..14).contains(&n))[2], [Fail, Fail]);
        assert_eq!(states(|n| n == 12)[2][1], Fail, "one bad number is enough for a limit without a time");
    }
}
