//! `[logs]` and `[[log_rule]]`: where logs are read, and which errors in them are known.

use std::time::Duration;

use super::problem::suggestion;
use super::secret;
use super::section::Section;
use super::service::check_unique;
use crate::domain::ServiceIx;
use crate::domain::room::{LogRule, LogsSpec, Service};

/// Most rules.
const MOST: usize = 200;

/// No console asks more often. Google's quota, 60 reads a minute of a project, allows far less: so often is for a demo.
const LEAST_INTERVAL: Duration = Duration::from_millis(500);

/// The longest first look back.
const LONGEST_BACK: Duration = Duration::from_hours(24);

pub(super) fn read(top: &Section<'_>, services: &[Service]) -> LogsSpec {
    let section = top.section("logs");
    let defaults = LogsSpec::default();
    let endpoint = section.has("endpoint").then(|| secret::url(&section, "endpoint", &["http", "https"]));
    let back = section.duration("back", defaults.back);
    if back > LONGEST_BACK {
        let why = "a first look reads the newest entries of at most a day";
        section.wrong("back", "`logs.back` is longer than a day", why, "write back = \"24h\" or less");
    }
    let rules = top.sections("log_rule", MOST);
    let read: Vec<LogRule> = rules.iter().map(|section| rule(section, services)).collect();
    let names = read.iter().zip(&rules).map(|(rule, section)| (rule.name.as_str(), section.span("name")));
    check_unique(top.problems, "log rule", names);
    LogsSpec {
        endpoint: endpoint.map(|endpoint| endpoint.trim_end_matches('/').to_owned()),
        interval: section.duration_from("interval", defaults.interval, LEAST_INTERVAL),
        back,
        rules: read,
    }
}

fn rule(section: &Section<'_>, services: &[Service]) -> LogRule {
    let name = section.required("name", "write name = \"…\": what such entries are counted as");
    let patterns = section.texts("patterns", &[]);
    if patterns.is_empty() || patterns.iter().any(|pattern| pattern.trim_matches(['*', ' ']).is_empty()) {
        let next = "write patterns = [\"client went away\", \"broken pipe*stream\"]";
        let why = "it speaks of entries that hold one of its patterns; without a word it would be all";
        section.wrong("patterns", &format!("log rule \"{name}\" has no pattern"), why, next);
    }
    let expected = section.switch("expected", true);
    let most = section.has("most_per_minute").then(|| section.number("most_per_minute", 0.0));
    if most.is_some() && !expected {
        let why = "what is not expected is not expected once";
        section.wrong(
            "most_per_minute",
            "`log_rule.most_per_minute` stands beside `expected = false`",
            why,
            "remove one",
        );
    }
    let known: Vec<&str> =
        services.iter().filter(|it| it.cloud_run.is_some()).map(|it| it.name.as_str()).collect();
    let mut of = Vec::new();
    for name in section.texts("services", &[]) {
        let at = services.iter().position(|it| it.name == name && it.cloud_run.is_some());
        if let Some(at) = at.and_then(|at| u16::try_from(at).ok()) {
            of.push(ServiceIx(at));
        } else {
            let what = format!("`log_rule.services` has \"{name}\"");
            let why = "no [[service]] with [service.cloud_run] has this name";
            section.wrong("services", &what, why, &suggestion(&name, &known));
        }
    }
    LogRule { name, patterns, services: of, expected, most }
}
