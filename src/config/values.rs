//! `[[signal]]`: numbers from a JSON answer or from a command, which become metrics of a service.

use std::path::Path;
use std::time::Duration;

use super::metrics::limit;
use super::room::service_ix;
use super::section::Section;
use super::{probe, secret};
use crate::domain::room::{MetricFrom, MetricSpec, MetricsSpec, Service, ValueAt, ValueSpec};

/// Most of them in one room.
const MOST: usize = 100;

/// Nothing is asked more often than this.
const FASTEST: Duration = Duration::from_secs(1);

/// Adds each to the metrics of its service.
pub(super) fn add(top: &Section<'_>, base: &Path, services: &mut [Service], names: &[&str]) {
    for section in &top.sections("signal", MOST) {
        let ix = service_ix(section, names);
        let metric = metric(section, base);
        if let Some(service) = services.get_mut(usize::from(ix.0)) {
            service.metrics.get_or_insert_with(MetricsSpec::unscraped).panels.push(metric);
        }
    }
}

fn metric(section: &Section<'_>, base: &Path) -> MetricSpec {
    let name = section.required("name", "write name = \"queue_length\" under [[signal]]");
    probe::plain_name(section, &name);
    let mut unit = section.text("unit");
    let target = limit(section, "target", &mut unit);
    let warning = limit(section, "warning", &mut unit);
    let critical = limit(section, "critical", &mut unit);
    let value = ValueSpec {
        at: place(section, base),
        interval: section.duration_from("interval", Duration::from_secs(30), FASTEST),
        timeout: section.duration("timeout", Duration::from_secs(10)),
    };
    MetricSpec {
        name,
        query: value.place(),
        from: MetricFrom::Value,
        unit: unit.unwrap_or_default(),
        target,
        warning,
        critical,
        value: Some(Box::new(value)),
        ..MetricSpec::default()
    }
}

fn place(section: &Section<'_>, base: &Path) -> ValueAt {
    let pointer = section.text("pointer");
    if let Some(pointer) = pointer.as_ref().filter(|pointer| !pointer.is_empty()) {
        section.pointer(&section.span("pointer"), &section.dotted("pointer"), pointer);
    }
    let words = section.raw_texts("command");
    if section.has("command") == section.has("url") {
        let what = format!("`{}` has {}", section.path, if section.has("url") { "both" } else { "neither" });
        let why = "a signal is read from one place: `url` or `command`";
        section.wrong(
            "name",
            &what,
            why,
            "write url = \"http://…\" with a pointer, or command = [\"program\"]",
        );
    }
    if section.has("command") {
        if words.first().is_none_or(String::is_empty) {
            let what = format!("`{}` names no program", section.dotted("command"));
            section.wrong("command", &what, "there is nothing to run", "write [\"program\", \"argument\"]");
        }
        let dir = section.text("dir").map_or_else(|| base.to_owned(), |dir| base.join(dir));
        // Beside a config file that is named alone: no directory is called nothing.
        let dir = if dir.as_os_str().is_empty() { Path::new(".").to_owned() } else { dir };
        return ValueAt::Command { words, dir, pointer };
    }
    if section.has("url") && !section.has("pointer") {
        let what = format!("`{}` is missing", section.dotted("pointer"));
        section.wrong(
            "pointer",
            &what,
            "the number stands somewhere in the answer",
            "write pointer = \"/count\"",
        );
    }
    let url =
        if section.has("url") { secret::url(section, "url", &["http", "https"]) } else { String::new() };
    ValueAt::Json {
        url,
        headers: probe::headers(section, base),
        token: secret::secret(section, "token", base),
        pointer: pointer.unwrap_or_default(),
    }
}
