//! What `y` copies of a panel at full size: the row under the cursor, in a line or a few.

use std::time::Duration;

use crate::domain::condition::Purpose;
use crate::domain::phase::PhaseState;
use crate::domain::{Clean, ConditionState, PanelId, format};
use crate::model::Model;
use crate::model::alerts::Row as AlertRow;
use crate::model::conditions::stopwatch;
use crate::model::gates::Line;
use crate::model::service::ServiceState;
use crate::model::wording::answer;

/// Lines of a gate's output at most.
const OUTPUT: usize = 200;

impl Model {
    /// The row under the cursor of `panel`, and what it is; `None`: it has none.
    pub(super) fn row_text(&self, panel: PanelId) -> Option<(String, &'static str)> {
        Some(match panel {
            PanelId::Checklist => self.item_text()?,
            PanelId::Closes => (self.code_text()?, "the close code"),
            PanelId::Events => match (self.run_text(), self.raw_text()) {
                (Some(text), _) => (text, "the story of the run"),
                (None, text) => (text?, "the newest frame"),
            },
            PanelId::Health => (self.probe_text()?, "the probe"),
            PanelId::Startup => (self.phase_text()?, "the startup phase"),
            PanelId::Metrics => self.metric_text()?,
            PanelId::Traffic => (self.revision_text()?, "the revision"),
            PanelId::Triggers => self.condition_text()?,
            PanelId::Flags => (self.flag_text()?, "the flag"),
            PanelId::Journal => (self.record_text()?, "the record"),
            PanelId::Gates => (self.gate_text()?, "the gate with its output"),
            PanelId::Alerts => self.alert_text()?,
            PanelId::Stages => (self.stage_text()?, "the stage"),
            PanelId::Logs => (self.log_text()?, "the log entry, whole"),
            PanelId::GoldenPath
            | PanelId::Users
            | PanelId::Budget
            | PanelId::Money
            | PanelId::Components
            | PanelId::Trends
            | PanelId::Deployment
            | PanelId::WayBack => return None,
        })
    }

    /// The one of `rows` that the cursor of `panel` is on.
    fn under<T>(&self, panel: PanelId, rows: impl IntoIterator<Item = T>) -> Option<T> {
        let mut rows: Vec<T> = rows.into_iter().collect();
        let at = self.ui.focus.cursor(panel).row.min(rows.len().checked_sub(1)?);
        Some(rows.swap_remove(at))
    }

    /// `name` with the service it is of, where there are several.
    fn of_service(&self, service: &ServiceState, name: &str) -> String {
        match self.services.len() {
            1 => name.to_owned(),
            _ => format!("{} {name}", self.service_name(service.ix)),
        }
    }

    /// The item with all that is known of it; on a heading what is listed.
    fn item_text(&self) -> Option<(String, &'static str)> {
        if let Some(item) = self.item_under_cursor() {
            let lines = self.item_parts(&item).into_iter().filter(|part| !part.text.is_empty());
            let lines = lines.map(|part| match part.label {
                Some(label) if !label.is_empty() => format!("{label}: {}", part.text),
                _ => part.text.to_string(),
            });
            return Some((text(lines), "the item"));
        }
        let list = &self.checklist;
        let items = list.rows().iter().filter_map(|row| list.item(*row));
        let lines = items.map(|item| {
            let done = if list.state(item).is_settled() { "x" } else { " " };
            format!("- [{done}] {}", item.shown())
        });
        let lines = text(lines);
        (!lines.is_empty()).then_some((lines, "the items of the list"))
    }

    fn code_text(&self) -> Option<String> {
        let now = self.now.mono;
        let all = self.services.iter();
        let all = all.flat_map(|service| service.closes.rows(now).into_iter().map(move |row| (service, row)));
        let (service, row) = self.under(PanelId::Closes, all)?;
        let name = self.of_service(service, "closes");
        let since = row
            .spike
            .map_or(String::new(), |spike| format!(", for {}", format::age_seconds(now.since(spike.since))));
        let (rate, limit) = (row.rate_text(), row.limit_text());
        let head = format!("{name} {} {}: {rate}{limit}{since}", row.code, row.name);
        let usual = row.usual.map(|usual| format!("usual: {}/min", format::rate(usual)));
        let share = |(what, percent): (Clean, f64)| format!("{what} {}", format::percent(percent));
        let of = |label: &str, shares: Vec<(Clean, f64)>| {
            let named = shares.into_iter().filter(|(what, _)| !what.is_empty()).map(share);
            let words = named.collect::<Vec<_>>().join(", ");
            (!words.is_empty()).then(|| format!("{label}: {words}"))
        };
        let revisions = of("by revision", service.closes.by_revision(row.code, now));
        let reasons = of("by reason", service.closes.by_reason(row.code));
        Some(text([Some(head), usual, revisions, reasons].into_iter().flatten()))
    }

    fn probe_text(&self) -> Option<String> {
        let all = self.services.iter();
        let all = all.flat_map(|service| service.health.probes().iter().map(move |probe| (service, probe)));
        let (service, probe) = self.under(PanelId::Health, all)?;
        let name = self.of_service(service, &format!("probe {}", probe.spec.name));
        let state = answer(probe).unwrap_or_else(|| probe.seen.state().word().to_owned());
        let latency = probe.seen.answered.map(|(_, latency)| latency);
        let short = |length: Option<Duration>| format::or_unknown(length, format::short);
        let latency = format!(
            "latency {}, p50 {}, p95 {}",
            short(latency),
            short(probe.seen.p50),
            short(probe.seen.p95)
        );
        Some(text([format!("{name}: {state}"), latency].into_iter()))
    }

    fn phase_text(&self) -> Option<String> {
        let all = self.services.iter().filter_map(|service| Some((service, service.startup.as_ref()?)));
        let all = all.flat_map(|(service, startup)| {
            let rows = startup.rows(self.now.mono).into_iter();
            rows.map(move |row| (service, row))
        });
        let (service, row) = self.under(PanelId::Startup, all)?;
        let name = self.of_service(service, &format!("startup phase {}", row.name));
        let state = match row.state {
            PhaseState::Waiting => "waiting",
            PhaseState::Running => "running",
            PhaseState::Done => "done",
            PhaseState::Failed => "failed",
        };
        let took = row.seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let took = took.map(|took| format!(", {}", format::short(took))).unwrap_or_default();
        let faults: String = row.faults.iter().flat_map(|fault| [", ", fault.word()]).collect();
        Some(format!("{name}: {state}{took}{faults}\n"))
    }

    fn metric_text(&self) -> Option<(String, &'static str)> {
        let all = self.services.iter().filter_map(|service| Some((service, service.metrics.as_ref()?)));
        let metrics = all.flat_map(|(service, of)| of.metrics().iter().map(move |metric| (service, metric)));
        let metrics: Vec<_> = metrics.collect();
        let at = self.ui.focus.cursor(PanelId::Metrics).row;
        if at >= metrics.len()
            && let Some((_, alert)) = self.elsewhere_alerts.active().nth(at - metrics.len())
        {
            let state: &str = alert.state.into();
            let lines = [format!("alert {}: {state}", alert.name), alert.summary.to_string()];
            return Some((text(lines.into_iter().filter(|line| !line.is_empty())), "the alert"));
        }
        let (service, metric) = self.under(PanelId::Metrics, metrics)?;
        let spec = &metric.spec;
        let number = |value: f64| format::in_unit(value, &spec.unit);
        let limits = [("target", spec.target), ("warning", spec.warning), ("critical", spec.critical)];
        let limits = limits.into_iter().filter_map(|(name, limit)| {
            let limit = limit?;
            Some(format!(", {name} {} {}", limit.op.symbol(), number(limit.value)))
        });
        let value = format::or_unknown(metric.value(), number);
        let age = metric.age(self.now.mono).map(|age| format!(", {} ago", format::age_seconds(age)));
        let name = self.of_service(service, &spec.name);
        let head = format!("{name}: {value}{}{}", limits.collect::<String>(), age.unwrap_or_default());
        let query = (!spec.query.is_empty()).then(|| format!("query: {}", spec.query));
        let problem = metric.problem().map(|problem| format!("problem: {problem}"));
        Some((text([Some(head), query, problem].into_iter().flatten()), "the metric"))
    }

    fn revision_text(&self) -> Option<String> {
        let all = self.services.iter().filter_map(|service| Some((service, service.traffic.as_ref()?)));
        let all = all.flat_map(|(_, traffic)| traffic.listed());
        let row = self.under(PanelId::Traffic, all)?;
        let tags: String = row.tags.iter().flat_map(|tag| [", tag ", *tag]).collect();
        let head = format!("{}: {}, {} %{tags}", row.name, row.role, row.effective);
        let image = row.revision.map(|revision| format!("image: {}", revision.image));
        Some(text(std::iter::once(head).chain(image)))
    }

    fn condition_text(&self) -> Option<(String, &'static str)> {
        let at = self.ui.focus.cursor(PanelId::Triggers).row;
        let Some((spec, state)) = self.conditions.iter(&self.room).nth(at) else {
            let said = self.said_triggers();
            let said = said.get(at.checked_sub(self.room.conditions.len())?)?;
            let by = said.said.map(|it| format!(": happened, says {}", it.by)).unwrap_or_default();
            return Some((format!("{}{by}\n", said.text), "the trigger"));
        };
        let (kind, what) = match spec.purpose {
            Purpose::Trigger => ("trigger", "the trigger"),
            Purpose::Criterion => ("criterion", "the criterion"),
        };
        let word = match state.state {
            ConditionState::Pass => "clear",
            ConditionState::Warn => "warning",
            ConditionState::Fail if spec.purpose == Purpose::Trigger => "tripped",
            ConditionState::Fail => "fails",
            ConditionState::Inconclusive => "inconclusive",
            ConditionState::NoData => "no data",
            ConditionState::Stale => "not seen",
            ConditionState::Accepted => "accepted",
        };
        let told = self.tell(spec, state);
        let about = told.about.iter().map(String::as_str);
        let words = std::iter::once(told.value.as_str()).chain(about).filter(|words| !words.is_empty());
        let words: String = words.flat_map(|words| [", ", words]).collect();
        let watch = stopwatch(spec, state);
        Some((format!("{kind} {}: {word} ({watch}){words}\n", spec.name), what))
    }

    fn flag_text(&self) -> Option<String> {
        let flag = self.under(PanelId::Flags, self.all_flags())?;
        let change = flag
            .change
            .map(|change| format!(", changed by {} {}", change.by, format::moment(change.at, self.now.wall)));
        let service = self.service_name(flag.spec.service);
        Some(format!("{} of {service}: {}{}\n", flag.spec.name, flag.words(), change.unwrap_or_default()))
    }

    fn record_text(&self) -> Option<String> {
        let records = self.told_records();
        let record = records.get(self.record_row(&records))?;
        let (_, words) = self.journal.words(record);
        let at = format::moment(record.at, self.now.wall);
        Some(format!("record {}, {at}: {words} ({})\n", record.seq, record.by))
    }

    fn gate_text(&self) -> Option<String> {
        let gate = self.gate_chosen()?;
        let standing = self.gates.standing(gate);
        let why = if standing.why.is_empty() { String::new() } else { format!(", {}", standing.why) };
        let head = format!("gate {}: {}{why}", gate.name, standing.word());
        let script = gate.script.as_ref().map_or_else(ToString::to_string, |script| format!("$ {script}"));
        let output = self.gate_output();
        let skipped = output.len().saturating_sub(OUTPUT);
        let output = output.into_iter().skip(skipped).map(|line| match line {
            Line::Said(text) => text.to_string(),
            Line::Skipped(lines) => format!("({lines} lines left out)"),
        });
        Some(text([head, script].into_iter().chain(output)))
    }

    fn alert_text(&self) -> Option<(String, &'static str)> {
        let at = |wall| format::moment(wall, self.now.wall);
        Some(match self.alert_row()? {
            AlertRow::Alert(alert) => {
                let about = if alert.about.is_empty() { String::new() } else { format!(", {}", alert.about) };
                let (name, state) = (&alert.name, alert.state());
                let head = format!("alert {} {name}: {state}{about}", alert.label());
                let raised = format!("severity {}, raised {}", alert.severity, at(alert.raised_at));
                (text([head, raised].into_iter()), "the alert")
            }
            AlertRow::Mute(mute) => {
                let (what, until) = (&mute.what, at(mute.until));
                (format!("{what} is muted until {until} by {}: {}\n", mute.by, mute.reason), "the mute")
            }
        })
    }

    fn stage_text(&self) -> Option<String> {
        let row = self.under(PanelId::Stages, self.stage_rows())?;
        let soak = row.soak_words();
        let soak = if soak.is_empty() { soak } else { format!(", {soak}") };
        let why = row.stop.as_ref().map(|stop| format!(", {}", stop.why)).unwrap_or_default();
        Some(format!("stage {} {}: {}{soak}{why}\n", row.number, row.title(), row.state.word()))
    }
}

/// Lines, each with its end.
fn text(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}
