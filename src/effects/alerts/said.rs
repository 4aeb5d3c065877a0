//! What the other side answered, in words that fit a line and hold no secret.

use serde_json::Value as Json;

use super::Refused;
use crate::clients::http::{Answer, BodyEnd, without};
use crate::domain::Clean;

/// Most of an answer that is recorded.
const SHOWN: usize = 300;

/// Errors of a list that are told, and most of each.
const ERRORS: usize = 2;
const ERROR: usize = 120;

/// A status of 200 to 299 is a yes; what the body says is recorded with it, without what it repeats of `secrets`.
pub(super) fn told(answer: &Answer, secrets: &[String]) -> Result<Clean, Refused> {
    // Before anything is cut: of what a cut goes through the first part would stay.
    let hide = |text: String| without(&text, secrets);
    let said = words(&hide(String::from_utf8_lossy(&answer.body).into_owned()), &hide);
    let words = Clean::new(format!("HTTP {} {}", answer.status, cut(&said, SHOWN)).trim_end());
    match (answer.status, &answer.end) {
        (200..=299, BodyEnd::Whole | BodyEnd::TooLong | BodyEnd::Broken(_)) => Ok(words),
        _ => Err(Refused { why: words, retry_after: answer.retry_after }),
    }
}

/// A message of its own and the first of its errors, where the body is JSON that has them; the title of a page. `hide` takes out
/// of each what only its unescaped form shows.
fn words(body: &str, hide: &dyn Fn(String) -> String) -> String {
    let body = body.trim().trim_start_matches('\u{feff}');
    if let Ok(json) = serde_json::from_str::<Json>(body) {
        let told = [message(&json).map(hide), errors(&json, hide)];
        let told: Vec<String> = told.into_iter().flatten().collect();
        return if told.is_empty() { hide(plain(&json, body)) } else { told.join(": ") };
    }
    if body.starts_with('<') {
        let title = ["title", "h1"]
            .into_iter()
            .find_map(|tag| inside(body, tag))
            .map(hide)
            .map(|title| cut(&title, ERROR));
        return title.map_or_else(|| "an HTML page".to_owned(), |title| format!("an HTML page: {title}"));
    }
    body.to_owned()
}

fn plain(json: &Json, body: &str) -> String {
    json.as_str().unwrap_or(body).to_owned()
}

fn message(json: &Json) -> Option<String> {
    let of = |key: &str| json.get(key).and_then(text);
    of("message").or_else(|| of("error"))
}

/// A text, or an object that says one.
fn text(value: &Json) -> Option<String> {
    let said = value.as_str().or_else(|| value.get("message")?.as_str());
    said.filter(|said| !said.is_empty()).map(str::to_owned)
}

/// `routing_key is too short; summary is missing (and 2 more)`.
fn errors(json: &Json, hide: &dyn Fn(String) -> String) -> Option<String> {
    let all: Vec<String> = json.get("errors")?.as_array()?.iter().filter_map(text).map(hide).collect();
    let first: Vec<String> = all.iter().take(ERRORS).map(|error| cut(error, ERROR)).collect();
    let more = match all.len() - first.len() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    (!first.is_empty()).then(|| format!("{}{more}", first.join("; ")))
}

/// The text of the first element of this name.
fn inside(page: &str, tag: &str) -> Option<String> {
    // Byte for byte as long as the page.
    let lower = page.to_ascii_lowercase();
    let begin = lower.find(&format!("<{tag}"))?;
    let begin = begin + lower.get(begin..)?.find('>')? + 1;
    let end = begin + lower.get(begin..)?.find("</")?;
    let known =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    let text = known.iter().fold(page.get(begin..end)?.to_owned(), |text, (name, is)| text.replace(name, is));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

fn cut(text: &str, most: usize) -> String {
    let short: String = text.chars().take(most).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::clients::http::secrets;

    fn shown(body: &str) -> String {
        words(body, &|text| text)
    }

    #[test]
    fn the_first_errors_are_told_with_the_message_and_the_others_counted() {
        let one = r#"{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}"#;
        assert_eq!(
            shown(one),
            "Event object is invalid: Length of 'routing_key' is incorrect (should be 32 characters)"
        );
        let many = r#"{"errors": ["a", {"message": "b"}, "c", "d"]}"#;
        assert_eq!(shown(many), "a; b (and 2 more)");
        let long = format!(r#"{{"message":"no","errors":["{0}","{0}","{0}"]}}"#, "x".repeat(5_000));
        assert_eq!(shown(&long), format!("no: {0}…; {0}… (and 1 more)", "x".repeat(120)));
        assert_eq!(shown(r#"{"errors": []}"#), r#"{"errors": []}"#);
        assert_eq!(shown(r#"{"error": {"message": "denied"}}"#), "denied");
        assert_eq!(shown("\"unexpected label\""), "unexpected label");
        assert_eq!(shown("no_service\n"), "no_service");
    }

    #[test]
    fn a_page_is_told_by_its_title() {
        let page = "<!DOCTYPE html>\n<HTML><head><Title lang=en>\n 502 Bad  Gateway &amp; so on</Title></head><body>x";
        assert_eq!(shown(page), "an HTML page: 502 Bad Gateway & so on");
        assert_eq!(shown("<html><body><h1>Sign in</h1></body>"), "an HTML page: Sign in");
        for bare in ["<html><body><p>x", "<title>", "<title>a", "<h1", "<!doctype html>"] {
            assert_eq!(shown(bare), "an HTML page", "{bare}");
        }
    }

    fn answered(body: &str) -> Answer {
        Answer {
            status: 400,
            latency: std::time::Duration::ZERO,
            body: body.as_bytes().to_vec(),
            end: BodyEnd::Whole,
            json: false,
            open_metrics: false,
            location: None,
            retry_after: None,
        }
    }

    #[test]
    fn of_a_secret_no_part_stays_where_an_answer_is_cut() {
        let secret = "https://hooks.example/r0uting-key-0123456789";
        let filler = "x".repeat(100);
        for body in [
            format!(r#"{{"errors":["{filler} {secret}"]}}"#),
            format!(r#"{{"errors":["{filler} {}"]}}"#, secret.replace('/', "\\/")),
            format!("<title>{filler} {secret}</title>"),
            format!("{}{secret}", "x".repeat(280)),
        ] {
            let refused = told(&answered(&body), &[secret.to_owned()]).expect_err("a no");
            assert!(!refused.why.contains("hooks.ex") && !refused.why.contains("r0u"), "{}", refused.why);
        }
    }

    #[test]
    fn what_an_answer_repeats_of_a_secret_is_not_shown() {
        let answer = answered("no such key r0uting-key; Bearer t0ken-of-hook");
        let mut headers = HeaderMap::new();
        let mut value: reqwest::header::HeaderValue = "Bearer t0ken-of-hook".parse().expect("a value");
        value.set_sensitive(true);
        headers.insert("authorization", value);
        let known = [vec!["r0uting-key".to_owned(), "no".to_owned()], secrets(&headers)].concat();
        let refused = told(&answer, &known).expect_err("a no");
        assert_eq!(&*refused.why, "HTTP 400 no such key ***; ***");
    }
}
