//! `[service.events]`: the event stream.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::problem::suggestion;
use super::section::Section;
use super::service::addressed;
use super::{probe, secret};
use crate::domain::room::{ActiveSpec, EventFields, EventsSpec, TokenPlace};

const TYPES: [&str; 5] =
    ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"];

/// Most connections held to one stream.
const MOST_CONNECTIONS: u64 = 64;

pub(super) fn read(section: &Section<'_>, base: &Path) -> EventsSpec {
    let types = section.texts("types", &TYPES);
    // With types of one's own, only what is written is checked: the defaults speak of other types.
    let own = section.has("types");
    let default = |name: &str| (!own || types.iter().any(|known| known == name)).then(|| name.to_owned());
    let one = |key: &'static str, default: Option<String>| {
        let name = section.text(key).or(default).filter(|name| !name.is_empty());
        name.inspect(|name| known_type(section, key, name, &types))
    };
    EventsSpec {
        url: secret::url(section, "url", &["ws", "wss"]),
        token: secret::secret(section, "token", base),
        token_place: token_place(section),
        headers: probe::headers(section, base),
        subprotocols: section.texts("subprotocols", &[]),
        send: section.raw_texts("send"),
        addressed: addressed(section),
        connections: u16::try_from(section.whole("connections", 1, 1..=MOST_CONNECTIONS)).unwrap_or(1),
        schemas: section.text("schemas").map(|path| base.join(path)),
        active: section.optional("probe").map(|probe| active(&probe, &types)),
        fields: fields(&section.section("fields")),
        first: one("first", default("agent_started")),
        last: one("last", default("agent_completed")),
        pairs: pairs(section, &types),
        types,
        run_timeout: section.duration("run_timeout", Duration::from_secs(30)),
        delivery_limit: section.duration("delivery_limit", Duration::from_millis(100)),
        ping: section.duration_from("ping", Duration::from_secs(5), Duration::from_millis(200)),
    }
}

/// A run that the console begins itself.
fn active(section: &Section<'_>, types: &[String]) -> ActiveSpec {
    let present = section.has("send");
    let send = section.raw_text("send").unwrap_or_default();
    if send.is_empty() {
        let what = format!("`{}` is {}", section.dotted("send"), if present { "empty" } else { "missing" });
        section.wrong("send", &what, "a run begins with a message", "write send = '{\"run_id\":\"{run}\"}'");
    }
    let url = section.has("url").then(|| secret::url(section, "url", &["ws", "wss"]));
    let timeout = section.duration_from("timeout", Duration::from_secs(30), Duration::from_millis(100));
    let required = section.texts("required", &types.iter().map(String::as_str).collect::<Vec<_>>());
    for kind in &required {
        known_type(section, "required", kind, types);
    }
    let user = section.pointers("user", &[]);
    let me = section.text("me").filter(|me| !me.is_empty());
    if me.is_some() == user.is_empty() {
        let (there, other) = if me.is_some() { ("me", "user") } else { ("user", "me") };
        let what = format!("`{}` stands without `{other}`", section.dotted(there));
        section.wrong(there, &what, "whom an event is for is compared with who is here", "write both");
    }
    ActiveSpec {
        url,
        send,
        interval: section.duration_from("interval", Duration::from_mins(5), Duration::from_secs(1)),
        limit: section.duration("limit", timeout).min(timeout),
        timeout,
        required,
        user,
        me,
        alone: section.switch("alone", false),
    }
}

fn known_type(section: &Section<'_>, key: &str, name: &str, types: &[String]) {
    if !types.iter().any(|known| known == name) {
        let known: Vec<&str> = types.iter().map(String::as_str).collect();
        let what = format!("`{}` has \"{name}\"", section.dotted(key));
        section.wrong(key, &what, "it is not among `types`", &suggestion(name, &known));
    }
}

fn token_place(section: &Section<'_>) -> TokenPlace {
    let text = section.text_or("token_in", "header");
    match text.split_once(':') {
        None if text == "header" => TokenPlace::Header,
        Some(("query", name)) if !name.is_empty() => TokenPlace::Query(name.to_owned()),
        Some(("subprotocol", prefix)) => TokenPlace::Subprotocol(prefix.to_owned()),
        _ => {
            let what = format!("`{}` is \"{text}\"", section.dotted("token_in"));
            let why = "it is header, query:NAME or subprotocol:PREFIX";
            let next = suggestion(&text, &["header", "query:token", "subprotocol:bearer."]);
            section.wrong("token_in", &what, why, &next);
            TokenPlace::Header
        }
    }
}

fn pairs(section: &Section<'_>, types: &[String]) -> Vec<(String, String)> {
    let default = ("tool_executing".to_owned(), "tool_completed".to_owned());
    let Some(list) = section.list("pairs") else {
        let present = [&default.0, &default.1].into_iter().all(|name| types.contains(name));
        return if present { vec![default] } else { Vec::new() };
    };
    let mut pairs = Vec::new();
    for node in list {
        let both = node.get_ref().as_array().and_then(|pair| {
            let mut texts = pair.iter().map(|text| text.get_ref().as_str().map(str::to_owned));
            let both = (texts.next()??, texts.next()??);
            texts.next().is_none().then_some(both)
        });
        match both {
            Some((opening, closing)) => {
                known_type(section, "pairs", &opening, types);
                known_type(section, "pairs", &closing, types);
                pairs.push((opening, closing));
            }
            None => section.problems.add(
                &node.span(),
                &format!("`{}` has a wrong pair", section.dotted("pairs")),
                "a pair is two event types, opening and closing",
                "write [[\"tool_executing\", \"tool_completed\"]]",
            ),
        }
    }
    pairs
}

fn fields(section: &Section<'_>) -> EventFields {
    let mut count_by = BTreeMap::new();
    for (name, span, node) in section.entries("count_by") {
        if let Some(pointer) = section.entry_text("count_by", &name, node) {
            section.pointer(&span, &section.dotted("count_by"), &pointer);
            count_by.insert(name, pointer);
        }
    }
    EventFields {
        kind: section.pointers("type", &["/type", "/event", "/event_type", "/name"]),
        run: section.pointers("run", &["/run_id", "/runId", "/payload/run_id", "/data/run_id", "/thread_id"]),
        call: section.pointers("call", &["/call_id", "/tool_call_id", "/payload/call_id", "/data/call_id"]),
        detail: section.pointers("detail", &["/tool_name", "/tool", "/payload/tool_name", "/data/tool_name"]),
        time: section
            .pointers("time", &["/timestamp", "/time", "/ts", "/payload/timestamp", "/data/timestamp"]),
        seq: section.pointers("seq", &["/seq", "/sequence", "/payload/seq"]),
        revision: section.pointers("revision", &["/revision"]),
        count_by,
    }
}
