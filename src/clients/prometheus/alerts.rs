//! Answers that tell of alerts: Prometheus' `/api/v1/rules` and `/api/v1/alerts`, Alertmanager's `/api/v2/alerts`.
//!
//! Rules before `/api/v1/alerts`, which tells of active ones alone: a rule that does not exist would look like one that
//! rests, for ever. Engines that have no rules to show are asked for the alerts.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::firing::{Alerts, Firing, FiringState};
use crate::domain::{Clean, Wall};

/// Alerts kept of one answer.
const MOST_ALERTS: usize = 200;

/// Names of rules kept.
const MOST_RULES: usize = 5000;

/// Labels of one alert that are kept; more than any has.
const MOST_LABELS: usize = 100;

/// Longest list of labels shown, in characters.
const LABELS: usize = 200;

type Labels = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Rules {
    status: String,
    data: Groups,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    alerts: Vec<Active>,
}

#[derive(Deserialize)]
struct Active {
    labels: Labels,
    #[serde(default)]
    annotations: Labels,
    state: String,
    #[serde(rename = "activeAt")]
    since: Option<Wall>,
}

/// The alerting rules; `None`: not an answer of this API.
pub(super) fn rules(body: &[u8]) -> Option<Alerts> {
    let answer: Rules = serde_json::from_slice(body).ok()?;
    (answer.status == "success").then_some(())?;
    let rules =
        || answer.data.groups.iter().flat_map(|group| &group.rules).filter(|rule| rule.kind == "alerting");
    let active = rules().flat_map(|rule| rule.alerts.iter().map(move |active| (rule, active)));
    let told = active.filter_map(|(rule, active)| told(&rule.name, active));
    let names = rules().take(MOST_RULES).map(|rule| Clean::new(&rule.name)).collect();
    Some(bounded(Some(names), told.collect()))
}

fn told(name: &str, active: &Active) -> Option<Firing> {
    let state = match active.state.as_str() {
        "firing" => FiringState::Firing,
        "pending" => FiringState::Pending,
        _ => return None,
    };
    Some(firing(name, &active.labels, &active.annotations, state, active.since))
}

/// The active alerts, whatever rules there are; `None`: not an answer of this API.
pub(super) fn active(body: &[u8]) -> Option<Alerts> {
    #[derive(Deserialize)]
    struct Answer {
        status: String,
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        alerts: Vec<Active>,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    (answer.status == "success").then_some(())?;
    let name = |active: &Active| active.labels.get("alertname").cloned().unwrap_or_default();
    let all = answer.data.alerts.iter().filter_map(|active| told(&name(active), active));
    Some(bounded(None, all.collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    labels: Labels,
    #[serde(default)]
    annotations: Labels,
    starts_at: Option<Wall>,
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    silenced_by: Vec<String>,
    #[serde(default)]
    inhibited_by: Vec<String>,
}

/// What Alertmanager holds; `None`: not an answer of this API.
pub(super) fn held(body: &[u8]) -> Option<Alerts> {
    let all: Vec<Held> = serde_json::from_slice(body).ok()?;
    let told = all.iter().map(|held| {
        let state = match (&*held.status.silenced_by, &*held.status.inhibited_by) {
            ([], []) => FiringState::Firing,
            ([], _) => FiringState::Inhibited,
            _ => FiringState::Silenced,
        };
        let name = held.labels.get("alertname").map_or("", String::as_str);
        firing(name, &held.labels, &held.annotations, state, held.starts_at)
    });
    Some(bounded(None, told.collect()))
}

fn bounded(rules: Option<Vec<Clean>>, mut active: Vec<Firing>) -> Alerts {
    active.sort_by(|a, b| (a.state, &a.name, &a.labels).cmp(&(b.state, &b.name, &b.labels)));
    let left_out = active.len().saturating_sub(MOST_ALERTS);
    active.truncate(MOST_ALERTS);
    Alerts { rules, active, left_out }
}

fn firing(name: &str, labels: &Labels, notes: &Labels, state: FiringState, since: Option<Wall>) -> Firing {
    let told = labels.iter().filter(|(label, _)| !matches!(label.as_str(), "alertname" | "severity"));
    let pair = |(label, value): (&String, &String)| format!("{label}={value}");
    let told: Vec<String> = told.map(pair).collect();
    let told: String = told.join(", ").chars().take(LABELS).collect();
    let summary = ["summary", "description", "message"].iter().find_map(|note| notes.get(*note));
    Firing {
        name: Clean::new(name),
        labels: Clean::new(&told),
        set: labels.iter().take(MOST_LABELS).map(|it| Clean::new(&pair(it))).collect(),
        severity: Clean::new(labels.get("severity").map_or("", String::as_str)),
        summary: Clean::new(summary.map_or("", String::as_str)),
        state,
        since,
    }
}
