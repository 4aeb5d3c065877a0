//! Severities of documents (`SEV1`, `P0`, `Severity 2`) where the config says which of its own each one is: their response
//! times, and which documented limits stand below them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::plan::{Severity, Threshold};
use crate::domain::room::AlertsSpec;
use crate::domain::{Clean, Document, Room};

use super::place;
use crate::model::Model;

impl Model {
    /// What the documents say of a severity of the room, the first that does.
    pub fn stated_severity(&self, severity: u8) -> Option<&Severity> {
        let spec = self.room.alerts.as_ref()?.severity(severity)?;
        let mut stated = self.checklist.documents().iter().flat_map(|document| &document.plan.severities);
        stated.find(|it| spec.stands_for.iter().any(|name| is_called(&it.name, name)))
    }
}

/// Completes what the config says of alerts by what `documents` state.
pub(super) fn apply(room: &mut Room, documents: &[Document]) {
    let Some(mut alerts) = room.alerts.take() else { return };
    for severity in alerts.severities.iter_mut().filter(|it| it.asks_documents) {
        let stated = documents.iter().flat_map(|document| &document.plan.severities);
        let meant = stated.filter(|it| severity.stands_for.iter().any(|name| is_called(&it.name, name)));
        // Stated twice, the shorter one holds.
        if let Some(seconds) = meant.filter_map(|it| it.response_seconds).min() {
            severity.respond_within = Duration::from_secs(seconds);
        }
    }
    let places: BTreeMap<Clean, u8> =
        documents.iter().flat_map(|document| levels(document, &alerts)).collect();
    let metrics = room.services.iter().filter_map(|service| service.metrics.as_ref());
    let level = |metric: &crate::domain::room::MetricSpec| {
        Some((metric.name.clone(), *places.get(&metric.documented.as_ref()?.place)?))
    };
    alerts.stated = metrics.flat_map(|metrics| &metrics.panels).filter_map(level).collect();
    room.alerts = Some(alerts);
}

/// Where a document states limits, and of which severity they are here.
fn levels(document: &Document, alerts: &AlertsSpec) -> Vec<(Clean, u8)> {
    let plan = &document.plan;
    let of = |threshold: &Threshold| level(threshold, alerts);
    let named = plan.thresholds.iter().filter_map(|it| Some((place(document, it.line), of(it)?)));
    let beside = plan.panels.iter().filter_map(|query| {
        let threshold = plan.thresholds.iter().find(|it| Some(it.line) == query.threshold)?;
        Some((place(document, query.line), of(threshold)?))
    });
    named.chain(beside).collect()
}

/// By the innermost heading that is called so, else by the number that the document gives.
fn level(threshold: &Threshold, alerts: &AlertsSpec) -> Option<u8> {
    let with = |fits: &dyn Fn(&str) -> bool| {
        let found = alerts.severities.iter().position(|it| it.stands_for.iter().any(|name| fits(name)))?;
        u8::try_from(found + 1).ok()
    };
    let heading = |heading: &Clean| with(&|name| is_called(heading, name));
    let by_heading = threshold.section.iter().rev().find_map(heading);
    by_heading
        .or_else(|| threshold.priority.and_then(|priority| with(&|name| number(name) == Some(priority))))
}

/// Whether what a document calls `title` is `name`: `SEV-1: outage` is `SEV1`, and `SEV10` is not.
fn is_called(title: &str, name: &str) -> bool {
    let bare = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (title, name) = (bare(title), bare(name));
    let rest = title.strip_prefix(&name).filter(|_| !name.is_empty());
    rest.is_some_and(|rest| {
        !(name.ends_with(|c: char| c.is_ascii_digit()) && rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// The number at the end of a name, as documents are read: the gravest is 1, also where it is called 0.
fn number(name: &str) -> Option<u8> {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok().map(|number: u8| number.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_written() {
        for (title, name, same) in [
            ("SEV1", "sev1", true),
            ("SEV-1: outage", "SEV1", true),
            ("Severity 1 – Critical", "Severity 1", true),
            ("SEV10", "SEV1", false),
            ("P0", "P0", true),
            ("P1", "P0", false),
            ("anything", "", false),
        ] {
            assert_eq!(is_called(title, name), same, "{title} {name}");
        }
    }
}
