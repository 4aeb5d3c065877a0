//! Alerts at the console: heard, taken up by name, silenced and heard again, with keys.

use axum::http::StatusCode;
use serde_json::json;

use super::{Receiver, Target, list_until, room};
use crate::pty::Terminal;

#[test]
fn a_person_hears_of_an_alert_takes_it_up_and_mutes_what_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, target) = (Receiver::start(), Target::bad());
    target.mend();
    room(dir.path(), &target, &format!("[[route]]\nname = \"hook\"\nurl = \"{}\"\n", receiver.url("hook")));
    let mut console = Terminal::start(&[], dir.path(), 120, 32);
    console.until("✓ GO");
    // Silent until one key says otherwise.
    console.press("B");
    console.until("bell and notification are on");
    let quiet = console.raw.len();
    assert!(!console.raw.contains(&7) && !String::from_utf8_lossy(&console.raw).contains("\x1b]9;"));
    target.0.answers(StatusCode::INTERNAL_SERVER_ERROR, "broken");
    console.wait_for("a bell and a notification", |terminal| {
        let new = &terminal.raw[quiet..];
        new.contains(&7) && String::from_utf8_lossy(new).contains("\x1b]9;")
    });
    console.until("not acknowledged 00:0");
    receiver.wait("/hook", 1);
    console.press("A");
    console.until("answer in 0");
    console.press("a");
    console.until("mara has it");
    let taken = receiver.wait("/hook", 2).remove(1);
    assert_eq!(
        (&taken.body["event"], &taken.body["values"]["acknowledged_by"]),
        (&json!("acknowledged"), &json!("mara"))
    );
    console.gone("not acknowledged");
    // Muted before it is good again: nobody hears of that until the mute ends.
    console.press("m");
    console.until("mute");
    console.press("30m the probe is rebuilt\r");
    console.until("the probe is rebuilt");
    target.mend();
    list_until(dir.path(), "resolved", |list| list["alerts"][0]["state"] == "resolved");
    assert_eq!(receiver.at("/hook").len(), 2);
    console.press("M");
    let last = receiver.wait("/hook", 3).remove(2);
    assert_eq!(last.body["event"], json!("resolved"));
    console.until("over for");
    console.press("B");
    console.until("bell and notification are off");
    assert_eq!(console.leave(), 0);
}
