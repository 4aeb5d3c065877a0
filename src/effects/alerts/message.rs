//! What a message says: a title and a text, by the route's own template or as written here.

use super::render;
use crate::domain::alert::{Moment, Sending};

/// A title of one line, and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) title: String,
    pub(super) text: String,
    /// Whether the text was written by a template.
    pub(super) templated: bool,
}

/// What a route is told.
pub(super) fn message(sending: &Sending) -> Message {
    let values = &sending.values;
    let route = &sending.route;
    let mut problems = Vec::new();
    let mut fill = |what: &str, source: &str| match render(source, values) {
        Ok(text) => Some(text),
        Err(why) => {
            problems.push(format!("(the {what} of route {} cannot be used: {why})", route.name));
            None
        }
    };
    let of_document = sending.template.as_ref();
    let own_title = route.title.as_deref().map(str::to_owned);
    let title =
        own_title.or_else(|| of_document.map(|(title, _)| title.to_string()).filter(|it| !it.is_empty()));
    let title = title.and_then(|title| fill("title", &title)).unwrap_or_else(|| headline(sending));
    let lines = |lines: &Vec<crate::domain::Clean>| {
        lines.iter().map(crate::domain::Clean::as_str).collect::<Vec<_>>().join("\n")
    };
    let source = route.text.clone().or_else(|| of_document.map(|(_, text)| lines(text)));
    let filled = source.and_then(|source| fill("text", &source));
    let templated = filled.is_some();
    let mut text = filled.unwrap_or_else(|| plain(sending));
    if route.template.is_some() && of_document.is_none() {
        let name = route.template.as_deref().unwrap_or_default();
        problems.push(format!("(no document has a template called {name})"));
    }
    for problem in problems {
        text.push('\n');
        text.push_str(&problem);
    }
    // A heading of several lines would be headers of a mail.
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    Message { title, text: text.trim_end().to_owned(), templated }
}

fn value<'a>(sending: &'a Sending, name: &str) -> &'a str {
    sending.values.get(name).map_or("", String::as_str)
}

/// `SEV1 · chat production · errors > 5 %: 6.1 %, limit 5 %`, with what became of it before.
pub(super) fn headline(sending: &Sending) -> String {
    let word = match sending.moment {
        Moment::Raised => String::new(),
        Moment::Escalated => "NOT ACKNOWLEDGED · ".to_owned(),
        Moment::Acknowledged => format!("acknowledged by {} · ", value(sending, "acknowledged_by")),
        Moment::Resolved => "resolved · ".to_owned(),
        Moment::Test => "TEST · ".to_owned(),
    };
    let place = [value(sending, "room"), value(sending, "environment")].join(" ");
    format!("{word}SEV{} · {} · {}", sending.severity, place.trim(), value(sending, "summary"))
}

/// Label by label what is known.
fn plain(sending: &Sending) -> String {
    const LINES: [(&str, &str); 13] = [
        ("alert", "id"),
        ("what", "summary"),
        ("service", "service"),
        ("candidate", "candidate"),
        ("since", "since"),
        ("lasted", "lasted"),
        ("answer within", "respond_within"),
        ("acknowledged by", "acknowledged_by"),
        ("resolved", "resolved_because"),
        ("verdict", "verdict"),
        ("because", "reasons"),
        ("act", "act"),
        ("war room", "war_room"),
    ];
    let over = sending.moment == Moment::Resolved;
    let shown = LINES.iter().filter(|(_, name)| !(over && *name == "respond_within"));
    let known = shown.filter_map(|(label, name)| Some((label, sending.values.get(*name)?)));
    let lines: Vec<String> = known.map(|(label, value)| format!("{label}: {value}")).collect();
    lines.join("\n")
}
