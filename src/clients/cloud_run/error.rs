//! What can go wrong with a call, in kinds that say what may be done next, and in words for the operator.

use std::time::Duration;

use serde_json::Value;

use crate::domain::Clean;
use crate::domain::secret::without_forms;

/// The longest wait that is believed of a server, by `RetryInfo` or `Retry-After`.
const MAX_RETRY: Duration = Duration::from_hours(24);

/// So long at most what only reads rests because a server asked to wait: a room must not be blind for longer.
pub const READS_AGAIN: Duration = Duration::from_mins(1);

/// Characters shown of a body that is not the API's JSON.
const EXCERPT: usize = 120;

/// A call that gave no usable answer: what was tried, why it failed, what to do. Holds no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}; {}", kind.next())]
pub struct ApiError {
    /// What sort of failure.
    pub kind: ErrorKind,
    /// What was tried.
    pub what: &'static str,
    /// What was answered.
    pub why: Clean,
}

/// Sorts of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 409 ABORTED: the etag is not the current one. Nothing was done.
    Conflict,
    /// 403: not allowed, or the project is not known. Nothing was done.
    Permission,
    /// 401, also with a fresh token. Nothing was done.
    Unauthenticated,
    /// 404. Nothing was done.
    NotFound,
    /// 3xx: it leads somewhere else, which no API of Google does. Nothing was done.
    Elsewhere,
    /// Other 4xx: the request is wrong, or the service's state forbids it. Nothing was done.
    Invalid,
    /// 429, with the wait asked for. Nothing was done.
    RateLimited { retry: Duration },
    /// 5xx. A change may have been applied.
    Unavailable,
    /// Sent, and then a time-out or a broken connection. A change may have been applied.
    NoAnswer,
    /// No connection came about. Nothing was sent.
    Unreachable,
    /// A success whose body is cut, too large or not the API's JSON. A change was probably applied.
    BadBody,
    /// There is no token or no client. Nothing was sent.
    Credentials,
    /// It took too long until it could leave, or somebody wrote its end down. Nothing was sent.
    Late,
}

impl ErrorKind {
    /// Whether a change may have been applied all the same, so that the service has to be asked.
    pub fn may_have_happened(self) -> bool {
        matches!(self, Self::Unavailable | Self::NoAnswer | Self::BadBody)
    }

    /// What a person should do.
    pub fn next(self) -> &'static str {
        match self {
            Self::Conflict => "look at what changed and decide again",
            Self::Permission => "ask for the permission named",
            Self::Unauthenticated => "log in again or give another token",
            Self::NotFound => "check project, region and name",
            Self::Invalid => "nothing was changed; look at the request",
            Self::Elsewhere => "correct the endpoint",
            Self::RateLimited { .. } => "wait and try again",
            Self::Unavailable | Self::NoAnswer | Self::BadBody => "read again before anything else",
            Self::Unreachable => "check the network and the endpoint",
            Self::Credentials => "check the credentials",
            Self::Late => "nothing was sent",
        }
    }
}

/// Reads an answer that is not a success: `retry_after` is what the header of that name says.
pub(super) fn from_answer(
    what: &'static str,
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
) -> ApiError {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let error = json.as_ref().and_then(|json| json.get("error")).filter(|error| error.is_object());
    let kind = match status {
        409 => Some(ErrorKind::Conflict).filter(|_| !already_exists(error)).unwrap_or(ErrorKind::Invalid),
        403 => ErrorKind::Permission,
        401 => ErrorKind::Unauthenticated,
        404 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimited { retry: retry(error, retry_after) },
        // A request time-out of the server, or of something before it.
        408 => ErrorKind::NoAnswer,
        500.. => ErrorKind::Unavailable,
        300..=399 => ErrorKind::Elsewhere,
        _ => ErrorKind::Invalid,
    };
    let why = match error {
        Some(error) => words(status, error),
        None if (300..400).contains(&status) => format!("HTTP {status}, a redirect, which is not followed"),
        None => format!("HTTP {status}, not the API's JSON: {}", excerpt(body)),
    };
    ApiError { kind, what, why: Clean::new(&why) }
}

/// The first characters of a body, for a person to recognise it.
pub(super) fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(EXCERPT * 4)]);
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return "empty".to_owned();
    }
    if text.starts_with('<') {
        return page(&text);
    }
    without_forms(&text.chars().take(EXCERPT).collect::<String>())
}

/// A page by its title: the rest of it is for a browser.
fn page(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let inside = |tag: &str| {
        let from = lower.find(&format!("<{tag}>"))? + tag.len() + 2;
        let to = from + lower.get(from..)?.find(&format!("</{tag}>"))?;
        text.get(from..to).map(str::trim).filter(|title| !title.is_empty())
    };
    match inside("title").or_else(|| inside("h1")) {
        Some(title) => format!("an HTML page, \"{}\"", title.chars().take(EXCERPT / 2).collect::<String>()),
        None => "an HTML page, as a proxy sends it".to_owned(),
    }
}

/// The error of an operation or answer in one line: status, message, violations and the permission that is missing.
pub(super) fn words(status: u16, error: &Value) -> String {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text(error, "status").unwrap_or_else(|| match error.get("code").and_then(Value::as_i64) {
        Some(code) => format!("code {code}"),
        None => format!("HTTP {status}"),
    });
    let message = text(error, "message").unwrap_or_else(|| "no message".to_owned());
    let mut words = format!("{name}: {message}");
    for detail in details(error) {
        let violations = detail.get("fieldViolations").and_then(Value::as_array);
        for violation in violations.into_iter().flatten().take(5) {
            let field = text(violation, "field").unwrap_or_default();
            let why = text(violation, "description").unwrap_or_default();
            words = format!("{words} [{field}: {why}]");
        }
        let metadata = detail.get("metadata");
        let permission = metadata.and_then(|metadata| text(metadata, "permission"));
        if let Some(permission) = permission.filter(|permission| !message.contains(permission)) {
            words = format!("{words} [missing {permission}]");
        }
        let reason = text(detail, "reason").filter(|reason| !message.contains(reason));
        if let Some(reason) = reason {
            words = format!("{words} [{reason}]");
        }
    }
    without_forms(&words)
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error.get("details").and_then(Value::as_array).into_iter().flatten().take(10)
}

/// `ALREADY_EXISTS` shares its HTTP status with `ABORTED`, but no newer etag would help.
fn already_exists(error: Option<&Value>) -> bool {
    error.and_then(|error| error.get("status")).and_then(Value::as_str) == Some("ALREADY_EXISTS")
}

/// The wait asked for: `google.rpc.RetryInfo.retryDelay` ("1.5s"), else `Retry-After`, else one second.
fn retry(error: Option<&Value>, header: Option<Duration>) -> Duration {
    let delays = error.into_iter().flat_map(details).filter_map(|detail| detail.get("retryDelay"));
    let told =
        delays.filter_map(Value::as_str).find_map(|delay| delay.strip_suffix('s')?.parse::<f64>().ok());
    let told = told.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(READS_AGAIN));
    told.or(header).unwrap_or(Duration::from_secs(1)).min(MAX_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> ErrorKind {
        from_answer("read", status, None, body.as_bytes()).kind
    }

    #[test]
    fn each_status_has_its_kind() {
        assert_eq!(kind(409, r#"{"error":{"status":"ABORTED"}}"#), ErrorKind::Conflict);
        assert_eq!(kind(409, r#"{"error":{"status":"ALREADY_EXISTS"}}"#), ErrorKind::Invalid);
        assert_eq!(kind(400, "{}"), ErrorKind::Invalid);
        assert_eq!(kind(503, "<html>"), ErrorKind::Unavailable);
        assert_eq!(kind(404, "<html>"), ErrorKind::NotFound);
        assert_eq!(kind(429, "{}"), ErrorKind::RateLimited { retry: Duration::from_secs(1) });
        let told = r#"{"error":{"details":[{"@type":"x"},{"retryDelay":"1.5s"}]}}"#;
        assert_eq!(kind(429, told), ErrorKind::RateLimited { retry: Duration::from_millis(1500) });
        let absurd = r#"{"error":{"details":[{"retryDelay":"-3s"}]}}"#;
        assert_eq!(kind(429, absurd), ErrorKind::RateLimited { retry: READS_AGAIN });
        let long = r#"{"error":{"details":[{"retryDelay":"90s"}]}}"#;
        assert_eq!(kind(429, long), ErrorKind::RateLimited { retry: Duration::from_secs(90) });
        let header = from_answer("read", 429, Some(Duration::from_secs(7)), b"");
        assert_eq!(header.kind, ErrorKind::RateLimited { retry: Duration::from_secs(7) });
    }

    #[test]
    fn words_carry_what_helps_and_nothing_hostile() {
        let body = "{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\",\"message\":\"no\\u001b[31m\",\"details\":[
            {\"reason\":\"IAM_PERMISSION_DENIED\",\"metadata\":{\"permission\":\"run.services.update\"}}]}}";
        assert_eq!(
            from_answer("move traffic", 403, None, body.as_bytes()).to_string(),
            "move traffic: PERMISSION_DENIED: no·[31m [missing run.services.update] [IAM_PERMISSION_DENIED]; \
             ask for the permission named"
        );
        let body = r#"{"error":{"status":"INVALID_ARGUMENT","message":"bad","details":[
            {"fieldViolations":[{"field":"traffic","description":"sums to 90"}]}]}}"#;
        let error = from_answer("move traffic", 400, None, body.as_bytes());
        assert_eq!(&*error.why, "INVALID_ARGUMENT: bad [traffic: sums to 90]");
        let html = from_answer("read", 502, None, b"<html>\n  <b>Bad\x07 Gateway</b>");
        assert_eq!(&*html.why, "HTTP 502, not the API's JSON: an HTML page, as a proxy sends it");
        let titled =
            b"<!doctype html>\n<html><head><TITLE>502 Bad\x07 Gateway</TITLE></head><body><div><div>";
        let told = from_answer("read", 502, None, titled);
        assert_eq!(&*told.why, "HTTP 502, not the API's JSON: an HTML page, \"502 Bad· Gateway\"");
        let moved = from_answer("read the service", 302, None, b"<html>");
        assert_eq!(moved.kind, ErrorKind::Elsewhere);
        assert_eq!(
            moved.to_string(),
            "read the service: HTTP 302, a redirect, which is not followed; correct the endpoint"
        );
        let repeats = br#"{"error":{"status":"UNAUTHENTICATED","message":"bad token ya29.a0AfB_byD9x"}}"#;
        assert_eq!(&*from_answer("read", 401, None, repeats).why, "UNAUTHENTICATED: bad token ***");
        let page = b"it got GOCSPX-aB3dE-f9_x and failed";
        let told = from_answer("read", 500, None, page).why;
        assert_eq!(&*told, "HTTP 500, not the API's JSON: it got *** and failed");
        assert_eq!(&*from_answer("read", 500, None, b"").why, "HTTP 500, not the API's JSON: empty");
    }
}
