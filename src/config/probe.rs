//! `[[service.health]]`: one health probe.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::secret;
use super::section::Section;
use super::service::addressed;
use crate::domain::room::{ProbeKind, ProbeSpec, Value};

/// Nothing is asked more often than this.
const FASTEST: Duration = Duration::from_millis(100);

pub(super) fn read(section: &Section<'_>, service: &str, base: &Path) -> ProbeSpec {
    let name = section.text_or("name", service);
    plain_name(section, &name);
    let kind = match section.word("kind", "http", &["http", "tcp", "postgres", "redis"]) {
        "tcp" => ProbeKind::Tcp { address: address(section) },
        "postgres" => {
            let schemes = ["postgres", "postgresql"];
            ProbeKind::Postgres { url: secret::url_value(section, "url", &schemes, base) }
        }
        "redis" => ProbeKind::Redis { url: secret::url_value(section, "url", &["redis", "rediss"], base) },
        _ => http_kind(section, base),
    };
    let mut flags = BTreeMap::new();
    for (flag, span, node) in section.entries("flags") {
        if let Some(pointer) = section.entry_text("flags", &flag, node) {
            section.pointer(&span, &section.dotted("flags"), &pointer);
            flags.insert(flag, pointer);
        }
    }
    ProbeSpec {
        name,
        kind,
        interval: section.duration_from("interval", Duration::from_secs(2), FASTEST),
        timeout: section.duration("timeout", Duration::from_secs(2)),
        limit: section.duration("limit", Duration::from_millis(50)),
        limit_starting: section.duration("limit_starting", Duration::from_millis(100)),
        addressed: addressed(section),
        flags,
    }
}

fn http_kind(section: &Section<'_>, base: &Path) -> ProbeKind {
    ProbeKind::Http {
        url: secret::url(section, "url", &["http", "https"]),
        method: section.word("method", "GET", &["GET", "HEAD", "POST", "PUT", "OPTIONS"]).to_owned(),
        headers: headers(section, base),
        token: secret::secret(section, "token", base),
        expect: statuses(section),
    }
}

fn statuses(section: &Section<'_>) -> Vec<u16> {
    let Some(list) = section.list("expect") else { return vec![200] };
    let mut statuses = Vec::new();
    for node in list {
        let status: Option<u16> = node.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        match status.filter(|status| (100..=599).contains(status)) {
            Some(status) => statuses.push(status),
            None => section.problems.add(
                &node.span(),
                &format!("`{}` has a wrong status", section.dotted("expect")),
                "an HTTP status is a number from 100 to 599",
                "write for instance [200, 204]",
            ),
        }
    }
    if statuses.is_empty() {
        let what = format!("`{}` is empty", section.dotted("expect"));
        section.wrong("expect", &what, "no answer would be healthy", "write [200]");
    }
    statuses
}

/// Headers, by name.
pub(super) fn headers(section: &Section<'_>, base: &Path) -> BTreeMap<String, Value> {
    let mut headers = BTreeMap::new();
    for (name, span, node) in section.entries("headers") {
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            let what = format!("`{}` has \"{name}\"", section.dotted("headers"));
            section.problems.add(
                &span,
                &what,
                "that is no name of an HTTP header",
                "write { X-Name = \"value\" }",
            );
        } else if let Some(value) = secret::header(section, &name, node, base) {
            headers.insert(name, value);
        }
    }
    headers
}

fn address(section: &Section<'_>) -> String {
    let text = section.required("address", "write address = \"host:port\"");
    let port = text.rsplit_once(':').map(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if !text.is_empty() && port != Some(true) {
        let what = format!("`{}` is \"{text}\"", section.dotted("address"));
        section.wrong("address", &what, "it needs a host and a port", "write address = \"host:port\"");
    }
    text
}

/// Names that become part of a signal's name keep to letters, digits, `_` and `-`.
pub(super) fn plain_name(section: &Section<'_>, name: &str) {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && !name.chars().all(plain) {
        let what = format!("`{}` is \"{name}\"", section.dotted("name"));
        let better: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
        let why = "it becomes part of a signal's name: letters, digits, _ and -";
        section.wrong("name", &what, why, &format!("write \"{better}\""));
    }
}
