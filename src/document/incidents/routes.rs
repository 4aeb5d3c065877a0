//! Routes of alerts: YAML blocks, tables, and plain lines `Critical alerts → PagerDuty`. Nothing is sent anywhere by them.

use super::is_yaml;
use crate::document::blocks::{Blocks, Kind, Text};
use crate::document::bound::seconds;
use crate::document::yaml::{Node, plain, read};
use crate::domain::Clean;
use crate::domain::plan::{Plan, Route};

const CHANNELS: [&str; 8] =
    ["channels", "channel", "receivers", "receiver", "via", "notify", "integrations", "destinations"];
const RECIPIENTS: [&str; 8] =
    ["recipients", "recipient", "to", "emails", "email_to", "contacts", "users", "teams"];
const DELAYS: [&str; 7] = [
    "escalation_delay",
    "escalate_after",
    "escalation_after",
    "escalation_timeout",
    "delay",
    "escalation",
    "repeat_interval",
];

/// Names of services that take alerts, in lower case.
const SERVICES: [&str; 14] = [
    "pagerduty",
    "slack",
    "opsgenie",
    "email",
    "e-mail",
    "teams",
    "discord",
    "telegram",
    "sms",
    "webhook",
    "victorops",
    "alertmanager",
    "pager",
    "mattermost",
];

pub(super) fn find(blocks: &Blocks, plan: &mut Plan) {
    for block in &blocks.list {
        match &block.kind {
            Kind::Fence { language, code, line }
                if is_yaml(language) && mentions_alerts(&code.to_lowercase()) =>
            {
                // What is wrong with a block is told where it is read for its numbers.
                for node in read(code).unwrap_or_default() {
                    below("", false, &node, *line, plan);
                }
            }
            Kind::Table { header, rows } => table(header, rows, plan),
            Kind::Item { text, .. } | Kind::Paragraph(text) => {
                plan.routes.extend(arrow(block.line, &text.plain));
            }
            Kind::Fence { .. } | Kind::Html(_) => {}
        }
    }
    plan.routes.sort_by_key(|route| route.line);
}

/// How long a route waits: `5m`, `15 minutes`; `0`, `immediate` and `none` are at once.
fn delay(text: &str) -> Option<u64> {
    const AT_ONCE: [&str; 6] = ["0", "none", "immediate", "immediately", "at once", "sofort"];
    let text = text.trim();
    let at_once = AT_ONCE.contains(&text.to_lowercase().as_str());
    at_once.then_some(0).or_else(|| seconds(text))
}

fn mentions_alerts(text: &str) -> bool {
    ["alert", "rout", "escalat", "notif"].iter().any(|word| text.contains(word))
}

/// Routes in `node` and below it; `routing`: a name above says that routes stand here. Depth is bounded by the reader.
fn below(name: &str, routing: bool, node: &Node, line: u32, plan: &mut Plan) {
    let texts = |keys: &[&str]| -> Vec<Clean> {
        node.get(keys).map(|node| node.texts().into_iter().map(Clean::new).collect()).unwrap_or_default()
    };
    let (channels, recipients) = (texts(&CHANNELS), texts(&RECIPIENTS));
    let delay = node.get(&DELAYS).and_then(Node::text).and_then(delay);
    let routing = routing || mentions_alerts(&plain(name));
    if routing && !(channels.is_empty() && (recipients.is_empty() || delay.is_none())) {
        let own = node.get(&["name", "alert", "severity"]).and_then(Node::text);
        let name = Clean::new(if name.is_empty() { own.unwrap_or("alerts") } else { name });
        plan.routes.push(Route { line: line + node.line, name, channels, recipients, delay_seconds: delay });
        return;
    }
    let services = if routing && !name.is_empty() { services(node) } else { Vec::new() };
    if !services.is_empty() {
        let (line, name) = (line + node.line, Clean::new(name));
        plan.routes.push(Route { line, name, channels: services, recipients, delay_seconds: delay });
        return;
    }
    for (name, at, child) in node.entries() {
        let before = plan.routes.len();
        below(name, routing, child, line, plan);
        if let Some(route) = plan.routes.get_mut(before).filter(|route| &*route.name == name.as_str()) {
            route.line = line + at;
        }
    }
    for child in node.list() {
        below("", routing, child, line, plan);
    }
}

/// Services that take alerts, where they are the names of what stands in `node`: `- slack: "#ops"`, `email: ops@x.example`.
fn services(node: &Node) -> Vec<Clean> {
    let own = |node: &Node| -> Vec<Clean> {
        let known =
            node.entries().iter().filter(|(name, ..)| SERVICES.contains(&name.to_lowercase().as_str()));
        known
            .flat_map(|(name, _, value)| {
                value.texts().into_iter().map(move |to| Clean::new(&format!("{name} {to}")))
            })
            .collect()
    };
    node.list().iter().chain([node]).flat_map(own).collect()
}

/// A table with a column of alerts and one of channels.
fn table(header: &[Text], rows: &[(u32, Vec<Text>)], plan: &mut Plan) {
    let titles: Vec<String> = header.iter().map(|cell| cell.plain.to_lowercase()).collect();
    let column =
        |words: &[&str]| titles.iter().position(|title| words.iter().any(|word| title.contains(word)));
    let channels = column(&["channel", "kanal", "canal", "渠道", "チャンネル", "route", "routing"]);
    let name =
        column(&["alert", "severity", "level", "event", "priority", "alarm", "alerte", "alerta", "告警"]);
    let (Some(channels), Some(name)) = (channels, name.filter(|at| Some(*at) != channels)) else { return };
    let recipients = column(&["recipient", "who", "team", "owner", "notif", "on-call", "contact"])
        .filter(|at| *at != name);
    let delay = column(&["escalat", "delay", "after"]).filter(|at| *at != name);
    for (line, cells) in rows {
        let text =
            |at: Option<usize>| at.and_then(|at| cells.get(at)).map(|cell| &*cell.plain).unwrap_or_default();
        let parts = |at: Option<usize>| -> Vec<Clean> {
            text(at)
                .split([',', '+', ';', '、'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(Clean::new)
                .collect()
        };
        let route = Route {
            line: *line,
            name: Clean::new(text(Some(name))),
            channels: parts(Some(channels)),
            recipients: parts(recipients),
            delay_seconds: self::delay(text(delay)),
        };
        if !route.name.is_empty() && !route.channels.is_empty() {
            plan.routes.push(route);
        }
    }
}

/// A line with one arrow and a service at one end of it.
fn arrow(line: u32, text: &str) -> Option<Route> {
    let mut parts = text.split(['→', '⇒']);
    let (from, to) = (parts.next()?, parts.next()?);
    if parts.next().is_some() || text.chars().count() > 120 {
        return None;
    }
    let part = |text: &str| Clean::new(text.trim().trim_end_matches(['.', ':']).trim());
    let named = |text: &str| {
        let lower = text.to_lowercase();
        lower.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|word| SERVICES.contains(&word))
    };
    let (name, from) = match from.split_once([':', '：']) {
        Some((name, from)) => (name, from),
        None => ("", from),
    };
    let route = |name: &str, channels: &str, recipients: &str| {
        let list = |text: &str| -> Vec<Clean> {
            text.split([',', '+']).map(part).filter(|part| !part.is_empty()).collect()
        };
        Route {
            line,
            name: part(name),
            channels: list(channels),
            recipients: list(recipients),
            delay_seconds: None,
        }
    };
    match (named(from), named(to)) {
        (true, false) if !to.trim().is_empty() => {
            Some(route(if name.is_empty() { "alerts" } else { name }, from, to))
        }
        (false, true) if !from.trim().is_empty() => Some(route(
            if name.is_empty() { from } else { name },
            to,
            if name.is_empty() { "" } else { from },
        )),
        (true | false, _) => None,
    }
}
