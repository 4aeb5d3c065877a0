//! One entry of Cloud Logging in our words. Everything is scrubbed and bounded here, and nothing has to be there but the
//! time: what a program writes is up to the program.

use serde_json::{Map, Value};

use crate::domain::logs::{LogEntry, Severity};
use crate::domain::secret::{is_secret_name, without_parameters};
use crate::domain::{Clean, Wall};

/// Characters of a line, lines of an entry, and facts beside it.
const LINE: usize = 1000;
const LINES: usize = 40;
const FACTS: usize = 20;
/// Characters of a fact.
const FACT: usize = 300;

/// Under these names programs write what they have to say, and the lines that explain it.
const MESSAGES: [&str; 5] = ["message", "msg", "text", "event", "error"];
const TRACES: [&str; 4] = ["stack_trace", "stacktrace", "stack", "exception"];

/// An entry; `None`: it has no time, and so no place among the others.
pub(super) fn entry(json: &Value) -> Option<LogEntry> {
    let at = [json.get("timestamp"), json.get("receiveTimestamp")];
    let at = at.into_iter().flatten().find_map(|at| time(at.as_str()?))?;
    let severity = json.get("severity").and_then(Value::as_str).and_then(|it| it.parse().ok());
    let (said, mut facts) = said(json);
    if let Some(request) = json.get("httpRequest").and_then(Value::as_object) {
        add(&mut facts, "request", request_facts(request));
    }
    let of_entry = ["trace", "spanId"].into_iter();
    let of_entry = of_entry.filter_map(|name| Some(fact(name, last_part(json.get(name)?.as_str()?))));
    add(&mut facts, "entry", of_entry);
    facts.truncate(FACTS);
    let mut lines = said.lines().filter(|line| !line.trim().is_empty()).take(LINES).map(cut);
    let labels = json.get("resource").and_then(|it| it.get("labels"));
    let log = json.get("logName").and_then(Value::as_str).unwrap_or_default();
    Some(LogEntry {
        at,
        insert_id: Clean::new(json.get("insertId").and_then(Value::as_str).unwrap_or_default()),
        severity: severity.filter(|it| *it != Severity::Default).unwrap_or_else(|| of_status(json)),
        revision: Clean::new(labels.and_then(|it| it.get("revision_name")?.as_str()).unwrap_or_default()),
        log: Clean::new(last_part(&log.replace("%2F", "/"))),
        text: lines.next().unwrap_or_default(),
        more: lines.collect(),
        facts,
    })
}

/// Adds what something else tells. A payload may have a `status` of its own: then this is `request.status`.
fn add(facts: &mut Vec<(Clean, Clean)>, of: &str, more: impl IntoIterator<Item = (Clean, Clean)>) {
    for (name, value) in more {
        let taken = facts.iter().any(|(known, _)| *known == name);
        facts.push((if taken { Clean::new(&format!("{of}.{name}")) } else { name }, value));
    }
}

/// What it says, in lines, and what else it tells.
fn said(json: &Value) -> (String, Vec<(Clean, Clean)>) {
    if let Some(text) = json.get("textPayload").and_then(Value::as_str) {
        return (text.to_owned(), Vec::new());
    }
    if let Some(payload) = json.get("jsonPayload").and_then(Value::as_object) {
        return of_json(&without_secrets(payload));
    }
    if let Some(payload) = json.get("protoPayload") {
        return of_audit(payload);
    }
    let request = json.get("httpRequest").and_then(Value::as_object);
    (request.map(request_words).unwrap_or_default(), Vec::new())
}

/// The same without the values of names that may be secrets; a number is none.
fn without_secrets(payload: &Map<String, Value>) -> Map<String, Value> {
    let of = |(name, value): (&String, &Value)| {
        let shown = match value {
            Value::Number(_) | Value::Bool(_) | Value::Null => value.clone(),
            _ if is_secret_name(name) => "…".into(),
            Value::Object(inner) => without_secrets(inner).into(),
            Value::Array(list) => list
                .iter()
                .map(|it| it.as_object().map_or_else(|| it.clone(), |inner| without_secrets(inner).into()))
                .collect(),
            Value::String(_) => value.clone(),
        };
        (name.clone(), shown)
    };
    payload.iter().map(of).collect()
}

fn of_json(payload: &Map<String, Value>) -> (String, Vec<(Clean, Clean)>) {
    let first = |names: &[&'static str]| {
        let found = names.iter().find_map(|name| Some((*name, payload.get(*name)?.as_str()?)));
        found.filter(|(_, text)| !text.is_empty())
    };
    let (message, trace) = (first(&MESSAGES), first(&TRACES));
    let Some((named, message)) = message.or(trace) else {
        return (Value::Object(payload.clone()).to_string(), Vec::new());
    };
    let lines = match trace {
        // Some programs write the message again above its trace.
        Some((_, trace)) if trace != message => {
            let own = trace.strip_prefix(message).unwrap_or(trace);
            format!("{message}\n{own}")
        }
        _ => message.to_owned(),
    };
    let told = |name: &str| name == named || trace.is_some_and(|(trace, _)| trace == name);
    let others = payload.iter().filter(|(name, _)| !told(name)).take(FACTS);
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (lines, others.map(|(name, value)| fact(name, &word(value))).collect())
}

/// An entry of Cloud Audit Logs: who did what, and what came of it.
fn of_audit(payload: &Value) -> (String, Vec<(Clean, Clean)>) {
    let text = |path: &str| payload.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let method = text("/methodName").map_or("something", |name| name.rsplit('.').next().unwrap_or(name));
    let by = text("/authenticationInfo/principalEmail").map_or(String::new(), |by| format!(" by {by}"));
    let what = text("/resourceName").map_or(String::new(), |name| format!(" of {}", last_part(name)));
    let why = text("/status/message").map_or(String::new(), |why| format!(": {why}"));
    let method = last_part(method);
    (format!("{method}{what}{by}{why}"), Vec::new())
}

/// `GET 503 /chat 1.71s`.
fn request_words(request: &Map<String, Value>) -> String {
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let status = request.get("status").map_or(String::new(), Value::to_string);
    let path = text("requestUrl");
    let path = path.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    let words = [text("requestMethod"), &status, path.unwrap_or(text("requestUrl")), text("latency")];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn request_facts(request: &Map<String, Value>) -> Vec<(Clean, Clean)> {
    let wanted = ["requestMethod", "requestUrl", "status", "latency", "remoteIp", "userAgent"];
    let of = |name: &str| {
        let value = request.get(name)?;
        Some(fact(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    };
    wanted.into_iter().filter_map(of).collect()
}

/// A request log always has a severity; where one has none, or DEFAULT, which says the same, its status speaks.
fn of_status(json: &Value) -> Severity {
    match json.pointer("/httpRequest/status").and_then(Value::as_u64) {
        Some(500..) => Severity::Error,
        Some(400..500) => Severity::Warning,
        _ => Severity::Default,
    }
}

fn fact(name: &str, value: &str) -> (Clean, Clean) {
    let short = |text: &str| Clean::new(&text.chars().take(FACT).collect::<String>());
    (short(name), short(&without_parameters(value)))
}

fn cut(line: &str) -> Clean {
    let line = without_parameters(line.trim_end());
    let line = line.as_str();
    if line.chars().count() <= LINE {
        return Clean::new(line);
    }
    Clean::new(&line.chars().take(LINE).chain(['…']).collect::<String>())
}

fn last_part(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

fn time(text: &str) -> Option<Wall> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(mut json: Value) -> LogEntry {
        json["timestamp"] = "2026-11-20T10:00:00.123456789Z".into();
        json["insertId"] = "a".into();
        entry(&json).unwrap()
    }

    fn words(json: Value) -> (Severity, String) {
        let entry = read(json);
        (entry.severity, entry.text.to_string())
    }

    #[test]
    fn every_payload_has_its_words() {
        let of = |text: &str| text.to_owned();
        assert_eq!(words(json!({"textPayload": "plain\n"})), (Severity::Default, of("plain")));
        assert_eq!(
            words(json!({"severity": "ERROR", "jsonPayload": {"level": "x", "msg": "pool exhausted"}})),
            (Severity::Error, of("pool exhausted"))
        );
        assert_eq!(
            words(json!({"jsonPayload": {"size": 3}})),
            (Severity::Default, of("{\"size\":3}")),
            "without a message all of it is shown"
        );
        let request = json!({"requestMethod": "GET", "requestUrl": "https://a.example/chat?x=1", "status": 503, "latency": "1.7s"});
        assert_eq!(words(json!({"httpRequest": request})), (Severity::Error, of("GET 503 /chat?x=1 1.7s")));
        let none = json!({"severity": "DEFAULT", "httpRequest": request});
        assert_eq!(words(none).0, Severity::Error, "DEFAULT is none");
        assert_eq!(words(json!({"severity": "INFO", "httpRequest": request})).0, Severity::Info);
        let audit = json!({"methodName": "google.cloud.run.v1.Services.ReplaceService", "resourceName": "namespaces/p/services/cart",
            "authenticationInfo": {"principalEmail": "ci@example.com"}, "status": {"code": 10, "message": "Conflict"}});
        assert_eq!(
            words(json!({"severity": "NOTICE", "protoPayload": audit})),
            (Severity::Notice, of("ReplaceService of cart by ci@example.com: Conflict"))
        );
        assert_eq!(words(json!({"severity": "LOUD"})), (Severity::Default, String::new()));
        assert_eq!(entry(&json!({"textPayload": "when?"})), None);
    }

    #[test]
    fn a_status_of_the_payload_does_not_hide_that_of_the_request() {
        let payload = json!({"message": "m", "status": "degraded"});
        let entry = read(json!({"jsonPayload": payload, "httpRequest": {"status": 503}}));
        let facts: Vec<(&str, &str)> = entry.facts.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(facts, [("status", "degraded"), ("request.status", "503")]);
    }

    #[test]
    fn what_may_be_a_secret_is_not_told() {
        let url = "https://a.example/ws?v=1&access_token=abc.def";
        let entry = read(json!({"httpRequest": {"requestMethod": "GET", "requestUrl": url, "status": 101}}));
        assert_eq!(&*entry.text, "GET 101 /ws?v=1&access_token=…");
        assert!(!entry.whole().contains("abc.def"), "{}", entry.whole());
        let headers = json!({"authorization": "Bearer abc.def", "host": "a.example"});
        let payload = json!({"message": "refused", "headers": headers, "password": "abc.def", "tokens": 12});
        let entry = read(json!({"jsonPayload": payload}));
        let whole = entry.whole();
        assert!(!whole.contains("abc.def") && whole.contains("a.example") && whole.contains("12"), "{whole}");
        let entry = read(json!({"jsonPayload": {"calls": [{"api_key": "abc.def"}]}}));
        assert_eq!(&*entry.text, "{\"calls\":[{\"api_key\":\"…\"}]}");
    }

    #[test]
    fn lines_and_facts_are_kept_and_bounded() {
        let entry = read(json!({
            "logName": "projects/p/logs/run.googleapis.com%2Fstderr", "trace": "projects/p/traces/t1",
            "resource": {"labels": {"revision_name": "cart-2"}},
            "jsonPayload": {"message": "boom", "stack_trace": "boom\n  at a\n\n  at b\u{1b}[2J", "run": 7, "user": "u"},
        }));
        assert_eq!((&*entry.log, &*entry.revision, &*entry.text), ("stderr", "cart-2", "boom"));
        assert_eq!(entry.more, [Clean::new("  at a"), Clean::new("  at b·[2J")]);
        let facts: Vec<(&str, &str)> = entry.facts.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(facts, [("run", "7"), ("user", "u"), ("trace", "t1")]);
        let long = read(json!({"textPayload": "line\n".repeat(500) + &"x".repeat(5000)}));
        assert_eq!(long.more.len(), LINES - 1);
        let wide = read(json!({"textPayload": "ä".repeat(5000)}));
        assert_eq!(wide.text.chars().count(), LINE + 1);
        let many: Map<String, Value> = (0..500).map(|n| (format!("k{n}"), json!("v".repeat(9000)))).collect();
        let mut payload = many;
        payload.insert("message".into(), "m".into());
        let facts = read(json!({"jsonPayload": payload})).facts;
        assert!(
            facts.len() <= FACTS && facts.iter().all(|(_, value)| value.len() <= FACT),
            "{}",
            facts.len()
        );
    }
}
