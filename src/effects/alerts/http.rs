//! Routes that are told by HTTP: a webhook of one's own, Slack, `PagerDuty` (Events API v2) and Alertmanager (API v2).

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::Refused;
use super::message::{headline, message};
use super::said::told;
use crate::clients::http::{Headers, ask, secrets};
use crate::clients::{secret, tls};
use crate::domain::alert::{Moment, Sending};
use crate::domain::room::{Identity, SecretRef, Value};
use crate::domain::{Clean, Wall};

/// Most of an answer that is read.
const BODY: usize = 4096;

/// Until when an Alertmanager believes an alert that it is not told again.
const BELIEVED: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// The longest summary that `PagerDuty` takes.
const SUMMARY: usize = 1024;

/// A webhook of one's own: JSON with everything, and the text as the template has it.
pub(super) async fn webhook(
    sending: &Sending,
    url: &Value,
    headers: &BTreeMap<String, Value>,
    token: Option<&SecretRef>,
) -> Result<Clean, Refused> {
    let hidden = matches!(url, Value::Secret(_));
    let url = read(secret::value(url).await)?;
    let message = message(sending);
    let body = json!({
        "schema": "warroom.alert/1",
        "event": sending.moment,
        "id": sending.alert,
        "key": sending.key,
        "name": sending.name,
        "severity": sending.severity,
        "attempt": sending.attempt,
        "raised_at": sending.raised_at,
        "resolved_at": sending.resolved_at,
        "title": message.title,
        "text": message.text,
        "values": sending.values,
    });
    let mut headers = Headers::new(headers.clone(), token.cloned()).get().await?;
    // The same for each attempt, so that a receiver can tell a repetition.
    let once = HeaderValue::from_str(&once(&sending.key, (sending.alert, sending.moment), sending.raised_at));
    headers.extend(once.ok().map(|once| (HeaderName::from_static("idempotency-key"), once)));
    let url = url.expose_secret();
    post(sending, Address(url, hidden.then_some(url)), headers, &body).await
}

/// What names a message among those of all rooms and journals: numbers of records begin anew with each journal, and the
/// moment at which one was recorded does not come again.
fn once(key: &str, (alert, moment): (u64, Moment), raised_at: Wall) -> String {
    let whose = format!("{key}\n{}", raised_at.to_rfc3339());
    format!("warroom-{alert}-{moment}-{:016x}", digest(&whose))
}

/// An incoming webhook of Slack: <https://api.slack.com/messaging/webhooks>.
pub(super) async fn slack(sending: &Sending, url: &Value) -> Result<Clean, Refused> {
    let url = read(secret::value(url).await)?;
    let message = message(sending);
    // What Slack would read as markup: https://api.slack.com/reference/surfaces/formatting#escaping
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = json!({ "text": format!("*{}*\n{}", escaped(&message.title), escaped(&message.text)) });
    post(sending, Address(url.expose_secret(), Some(url.expose_secret())), HeaderMap::new(), &body).await
}

/// Events API v2: <https://developer.pagerduty.com/docs/send-alert-event>.
pub(super) async fn pagerduty(sending: &Sending, key: &SecretRef, url: &str) -> Result<Clean, Refused> {
    let key = read(secret::read(key).await)?;
    let message = message(sending);
    let action = match sending.moment {
        Moment::Raised | Moment::Escalated | Moment::Test => "trigger",
        Moment::Acknowledged => "acknowledge",
        Moment::Resolved => "resolve",
    };
    let severity = match (sending.moment, sending.severity) {
        (Moment::Test, _) => "info",
        (_, 1) => "critical",
        (_, 2) => "error",
        _ => "warning",
    };
    let summary: String = message.title.chars().take(SUMMARY).collect();
    let value = |name: &str| sending.values.get(name);
    let links = value("war_room").map(|href| json!({ "href": href, "text": "war room" }));
    let body = json!({
        "routing_key": key.expose_secret(),
        "event_action": action,
        "dedup_key": dedup(&sending.key),
        "client": "warroom",
        "links": links.into_iter().collect::<Vec<_>>(),
        "payload": {
            "summary": summary,
            "source": value("service").or_else(|| value("room")).map_or("warroom", String::as_str),
            "severity": severity,
            "timestamp": sending.raised_at,
            "component": sending.name,
            "group": value("environment"),
            "custom_details": { "text": message.text, "values": sending.values },
        },
    });
    post(sending, Address(url, Some(key.expose_secret())), HeaderMap::new(), &body).await
}

/// A key is at most 255 characters long; a longer one ends in a hash of the whole.
fn dedup(key: &str) -> String {
    if key.chars().count() <= 255 {
        return key.to_owned();
    }
    format!("{}-{:016x}", key.chars().take(230).collect::<String>(), digest(key))
}

fn digest(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
}

/// API v2: <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>. The labels say which alert it is,
/// so nothing stands in them that changes while it lasts.
pub(super) async fn alertmanager(
    sending: &Sending,
    url: &str,
    identity: &Identity,
) -> Result<Clean, Refused> {
    let message = message(sending);
    let value = |name: &str| sending.values.get(name).cloned().unwrap_or_default();
    let test = sending.moment == Moment::Test;
    let name = if test { "warroom test" } else { &sending.name };
    let ends = match sending.moment {
        Moment::Resolved => sending.resolved_at.unwrap_or(sending.raised_at),
        Moment::Test => sending.raised_at + chrono::TimeDelta::minutes(1),
        Moment::Raised | Moment::Escalated | Moment::Acknowledged => crate::clock::wall() + BELIEVED,
    };
    let body = json!([{
        "labels": {
            "alertname": name,
            "severity": sending.severity.to_string(),
            "room": value("room"),
            "environment": value("environment"),
            "service": value("service"),
            "source": "warroom",
        },
        "annotations": {
            "summary": headline(sending),
            "description": message.text,
            "alert": value("id"),
        },
        "startsAt": sending.raised_at,
        "endsAt": ends,
    }]);
    let headers = Headers::of(BTreeMap::new(), identity.clone()).get().await?;
    let url = format!("{}/api/v2/alerts", url.trim_end_matches('/'));
    post(sending, Address(&url, None), headers, &body).await
}

fn read<E: std::fmt::Display>(secret: Result<SecretString, E>) -> Result<SecretString, Refused> {
    secret.map_err(|error| Refused::new(&error.to_string()))
}

/// Where something is sent, and what is secret of it besides its headers.
struct Address<'a>(&'a str, Option<&'a str>);

async fn post(
    sending: &Sending,
    Address(url, secret): Address<'_>,
    headers: HeaderMap,
    body: &Json,
) -> Result<Clean, Refused> {
    let limit = sending.route.timeout;
    let client = tls::http(limit).map_err(|error| Refused::new(&error.to_string()))?;
    let json = HeaderValue::from_static("application/json");
    let hidden: Vec<String> = secrets(&headers).into_iter().chain(secret.map(str::to_owned)).collect();
    let request = client.post(url).headers(headers).header(CONTENT_TYPE, json).body(body.to_string());
    let answer = ask(request, BODY, limit).await.map_err(|none| Refused::from(none.error))?;
    told(&answer, &hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_same_key_each_time_and_no_other_has_it() {
        let of = |key: &str, at: &str| once(key, (14, Moment::Raised), at.parse().expect("a moment"));
        let first = of("al/staging/condition q", "2026-03-05T13:00:01.250Z");
        assert!(first.starts_with("warroom-14-raised-"), "{first}");
        assert_eq!(first, of("al/staging/condition q", "2026-03-05T13:00:01.250Z"), "tried again");
        assert_ne!(first, of("al2/staging/condition q", "2026-03-05T13:00:01.250Z"), "another room");
        assert_ne!(first, of("al/staging/condition q", "2026-03-05T13:00:01.251Z"), "another journal of it");
    }
}
