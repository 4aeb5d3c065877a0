//! Why there is no token, in words: what the other side told, and nothing that a file or an answer holds besides.

use std::error::Error;

use serde_json::Value;

use crate::clients::tls;
use crate::domain::secret::{HIDDEN, without_forms};

/// How Google's library begins what it quotes, and how it ends that: a token may be in there.
const QUOTED: [&str; 2] = ["body=<", "stderr=<"];

/// What it says on top of each error, which tells nobody anything.
const EMPTY: [&str; 7] = [
    "Request to fetch the token failed. Subsequent calls with this credential will also fail.",
    "Fetching the token resulted in transient errors. Subsequent calls with this credential might succeed.",
    " and future attempts will not succeed",
    " but future attempts may succeed",
    "cannot create the authentication headers ",
    "cannot create auth headers",
    "failed to refresh user access token",
];

/// The words of an error of Google's library.
pub(super) fn of(error: &(dyn Error + 'static)) -> String {
    let mut told = String::new();
    let mut own = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        // A `reqwest` error would name its address.
        let text = if error.is::<reqwest::Error>() { tls::causes(error) } else { error.to_string() };
        let (text, quoted) = without_quotes(&text);
        if told.is_empty() {
            told = quoted.unwrap_or_default();
        }
        let text = EMPTY.iter().fold(text, |text, empty| text.replace(empty, ""));
        let text = text.trim_matches([' ', ',', ':']).to_owned();
        if !text.is_empty() && !own.iter().any(|before: &String| before.contains(&text)) {
            own.push(text);
        }
        at = error.source();
    }
    match (told.is_empty(), own.first()) {
        (false, Some(step)) if !step.starts_with("HTTP status") => format!("{told} ({step})"),
        (false, _) => told,
        (true, Some(_)) => own.join(": "),
        (true, None) => "the credentials give no token".to_owned(),
    }
}

/// The text up to what it quotes, and what an endpoint of OAuth or of Google says there of its refusal.
fn without_quotes(text: &str) -> (String, Option<String>) {
    let starts = QUOTED.iter().filter_map(|quote| Some((text.find(quote)?, quote.len())));
    let Some((start, len)) = starts.min() else { return (text.to_owned(), None) };
    let quoted = text.get(start + len..).unwrap_or_default();
    // What the JSON ends with is the library's.
    let json = serde_json::Deserializer::from_str(quoted).into_iter::<Value>().next();
    let told = json.and_then(Result::ok).and_then(|json| refusal(&json));
    (text.get(..start).unwrap_or_default().to_owned(), told)
}

fn refusal(json: &Value) -> Option<String> {
    let error = json.get("error")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let (name, about) = match error.as_str() {
        Some(name) => (name.to_owned(), text(json, "error_description")),
        None => (text(error, "status")?, text(error, "message")),
    };
    let words = about.map_or(name.clone(), |about| format!("{name}: {}", about.trim_end_matches('.')));
    Some(without_forms(&words).split_whitespace().map(hidden).collect::<Vec<_>>().join(" "))
}

/// A word that may be a token: an answer may repeat what it was asked with.
fn hidden(word: &str) -> &str {
    if word.contains("eyJ") || word.contains("1//") || word.len() > 100 { HIDDEN } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Top(String);

    fn told(text: &str) -> String {
        of(&Top(format!("{text} and future attempts will not succeed")))
    }

    #[test]
    fn the_cause_comes_first_and_nothing_else_that_is_quoted() {
        let body = r#"{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}"#;
        let words = told(&format!("failed to refresh user access token, body=<{body}>"));
        assert_eq!(words, "invalid_grant: Token has been expired or revoked");
        let words = told(r#"failed to read subject token field `a` as string, body=<{"id_token":"s3cret"}>"#);
        assert_eq!(words, "failed to read subject token field `a` as string");
        let words = told(r#"it, body=<{"error": "x", "error_description": "bad eyJa.b.c here"}>"#);
        assert_eq!(words, "x: bad *** here (it)");
        let words =
            told(r#"it, body=<{"error": "x", "error_description": "ya29.c0ASRK and GOCSPX-q1W2e3R4"}>"#);
        assert_eq!(words, "x: *** and *** (it)");
        assert_eq!(told("command execution failed, stderr=<s3cret>, code=1"), "command execution failed");
    }
}
