//! What the `garbage` scenario sends: bytes that break terminals, parsers and logs, wherever bytes can be.

use std::time::Duration;

use serde_json::json;

use super::health::Answer;
use super::hub::Frame;

/// Clears the screen, sets the clipboard (OSC 52) and the title, turns text around, and ends strings early.
pub(super) const EVIL: &str = "\u{1b}[2J\u{1b}[31mred\u{7}\u{1b}]52;c;ZWNobyBoYWNrZWQ=\u{7}\u{1b}]0;owned\u{7}\u{202e}txet\u{202c}\0\u{9b}31m\r\n\u{fe0f}";

/// A frame that no honest server would send, in some of the steps (20 a second).
pub(super) fn frame(step: u64) -> Option<Frame> {
    let text = |text: String| Some(Frame::Hostile(text.into_bytes()));
    match step {
        _ if step.is_multiple_of(400) => {
            let long = "A".repeat(10 * 1024 * 1024);
            text(format!(r#"{{"type":"agent_thinking","run_id":"big","payload":"{long}"}}"#))
        }
        _ if step.is_multiple_of(170) => Some(Frame::Hostile(b"{\"type\":\"agent_\xff\xfe\x80started\"}".to_vec())),
        _ if step.is_multiple_of(20) => match (step / 20) % 6 {
            0 => text(json!({
                "type": EVIL, "run_id": EVIL, "call_id": EVIL, "seq": EVIL, "timestamp": EVIL, "agent": EVIL,
                "revision": EVIL, "payload": { "tool": EVIL, EVIL: EVIL },
            }).to_string()),
            1 => text(r#"{"type":"tool_executing","run_id":"cut","call_i"#.to_owned()),
            2 => text("<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>".to_owned()),
            3 => text(format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000))),
            4 => text(r#"{"type":17,"run_id":null,"seq":-1e999,"timestamp":"0000-99-99T99:99:99Z"}"#.to_owned()),
            _ => text(json!({
                "type": "agent_started", "run_id": EVIL, "seq": 1, "timestamp": "2999-01-01T00:00:00Z", "agent": EVIL,
            }).to_string()),
        },
        _ => None,
    }
}

/// A hostile answer to a health probe, most of the time.
pub(super) fn health(dice: &mut fastrand::Rng) -> Option<Answer> {
    let (status, content_type, body) = match dice.u32(..6) {
        0 => {
            (502, "text/html", "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>".to_owned())
        }
        1 => (200, "application/json", r#"{"status":"healthy","startup_compl"#.to_owned()),
        2 => {
            let body = json!({ "status": EVIL, "startup_phase": EVIL, "completed_phases": { EVIL: 1.0 }, "flags": EVIL });
            (503, "application/json", body.to_string())
        }
        3 => (200, "application/json", format!(r#"{{"status":"{}"}}"#, "x".repeat(3 * 1024 * 1024))),
        _ => return None,
    };
    Some(Answer { status, content_type, body, after: Duration::from_millis(10) })
}

/// A hostile answer to a scrape, sometimes.
pub(super) fn metrics(dice: &mut fastrand::Rng, honest: &str) -> Option<String> {
    match dice.u32(..5) {
        0 => Some("<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>".to_owned()),
        1 => Some(honest.chars().take(honest.len() / 2).collect()),
        2 => Some(format!(
            "{honest}evil_total{{x=\"{EVIL}\"}} NaN\n{EVIL} 1\nno_value{{\nnot a number 0x{EVIL}\n"
        )),
        _ => None,
    }
}

/// A hostile answer of the Cloud Run API, sometimes.
pub(super) fn api(dice: &mut fastrand::Rng) -> Option<(u16, String)> {
    match dice.u32(..6) {
        0 => Some((502, "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>".to_owned())),
        1 => Some((200, r#"{"name":"projects/demo-chat/locations/europe-w"#.to_owned())),
        2 => Some((
            400,
            json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": EVIL } }).to_string(),
        )),
        _ => None,
    }
}
