//! `[service.metrics]`: what is scraped, and what is computed from it, asked of the metrics engine or read by a person.

use std::path::Path;
use std::time::Duration;

use super::section::Section;
use super::{probe, scalar, secret};
use crate::domain::Limit;
use crate::domain::room::{MetricFrom, MetricSpec, MetricsSpec};

/// Most metrics of one service.
const MOST_PANELS: usize = 100;

/// `engine`: the room has one to ask.
pub(super) fn read(section: &Section<'_>, base: &Path, engine: bool) -> MetricsSpec {
    let scraped = section.has("url") || !engine;
    let panels: Vec<_> =
        section.sections("panel", MOST_PANELS).iter().map(|it| panel(it, scraped, engine)).collect();
    // Where there is nothing else to read, the URL is asked for.
    let people = !panels.is_empty() && panels.iter().all(|panel| panel.from == MetricFrom::Person);
    let scraped = section.has("url") || !(engine || people);
    let url = scraped.then(|| secret::url(section, "url", &["http", "https"]));
    MetricsSpec {
        url,
        headers: probe::headers(section, base),
        token: secret::secret(section, "token", base),
        interval: section.duration_from("interval", Duration::from_secs(5), Duration::from_millis(500)),
        timeout: section.duration("timeout", Duration::from_secs(4)),
        revision_label: section.text_or("revision_label", "revision"),
        closes_total: section.text_or("closes_total", "ws_closes_total"),
        connection_seconds: section.text_or("connection_seconds", "ws_connection_duration_seconds"),
        connections_open: section.text_or("connections_open", ""),
        requests_total: section.text_or("requests_total", "http_requests_total"),
        panels,
    }
}

fn panel(section: &Section<'_>, scraped: bool, engine: bool) -> MetricSpec {
    let name = section.required("name", "write name = \"error_rate\"");
    probe::plain_name(section, &name);
    let default = if scraped { "scrape" } else { "prometheus" };
    let from = source(section, default, (scraped, engine));
    let query = section.raw_text("query").unwrap_or_default();
    if query.trim().is_empty() != (from == MetricFrom::Person) {
        let (is, why) = match from {
            MetricFrom::Person => ("there", "a person reads it"),
            MetricFrom::Scrape | MetricFrom::Prometheus | MetricFrom::Value | MetricFrom::Nowhere => {
                ("missing", "a metric is a PromQL expression")
            }
        };
        let what = format!("`{}` is {is}", section.dotted("query"));
        section.wrong("query", &what, why, "write query = '…', or from = \"person\"");
    }
    let mut unit = section.text("unit");
    let target = limit(section, "target", &mut unit);
    let warning = limit(section, "warning", &mut unit);
    let critical = limit(section, "critical", &mut unit);
    MetricSpec {
        name,
        query,
        from,
        unit: unit.unwrap_or_default(),
        target,
        warning,
        critical,
        ..MetricSpec::default()
    }
}

/// Where a number comes from; without a word, `default`.
pub(super) fn source(
    section: &Section<'_>,
    default: &'static str,
    (scraped, engine): (bool, bool),
) -> MetricFrom {
    let word = section.word("from", default, &["scrape", "prometheus", "person"]);
    if word == "prometheus" && !engine && section.has("from") {
        let why = "the room has no [prometheus] to ask";
        section.wrong("from", "`from` is \"prometheus\"", why, "add [prometheus] with its url");
    }
    if word == "scrape" && !scraped && section.has("from") {
        let why = "nothing is scraped: [service.metrics] has no url";
        section.wrong("from", "`from` is \"scrape\"", why, "add the url, or remove `from`");
    }
    match word {
        "prometheus" => MetricFrom::Prometheus,
        "person" => MetricFrom::Person,
        _ => MetricFrom::Scrape,
    }
}

/// A limit; its unit, if it has one, must be `unit`, or becomes it.
pub(super) fn limit(section: &Section<'_>, key: &'static str, unit: &mut Option<String>) -> Option<Limit> {
    let text = section.text(key)?;
    let what = format!("`{}` is \"{text}\"", section.dotted(key));
    match scalar::limit(&text) {
        Err(why) => {
            section.wrong(key, &what, why, "write it so, in quotes");
            None
        }
        Ok((limit, written)) => {
            match unit {
                Some(unit) if !written.is_empty() && *unit != written => {
                    let why = format!("the unit is \"{unit}\" elsewhere; nothing is converted");
                    section.wrong(key, &what, &why, "write all limits in the unit of the signal");
                }
                None if !written.is_empty() => *unit = Some(written),
                _ => {}
            }
            Some(limit)
        }
    }
}
