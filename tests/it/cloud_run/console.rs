//! The real binary against the API that holds every request to Google's discovery document: by hand, within the time, and
//! beside a second console.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::api::Api;
use crate::pty::Terminal;

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64()
}

/// A console on `folder` that has read the service.
fn open(folder: &std::path::Path) -> Terminal {
    let mut terminal = Terminal::start(&[], folder, 140, 44);
    terminal.until("00003-lot");
    terminal
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_decision_to_the_request_it_takes_ten_seconds_and_25_keys_at_most() {
    for begin in ["R", ":rollback cart\r"] {
        let api = Api::start(&["cart"]);
        let folder = api.room(&["cart"], "");
        let mut terminal = open(folder.path());
        let (decided, before) = (now(), terminal.pressed);
        terminal.press(begin);
        terminal.type_word("00003");
        terminal.press("\r");
        terminal.until("REQUESTED");
        let keys = terminal.pressed - before;
        terminal.until("EFFECTIVE");
        let sent = api.came("patch").await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        let took = sent[0]["at"].as_f64().expect("a time") - decided;
        assert!(keys <= 25, "{begin}: {keys} keys");
        assert!(took <= 10.0, "{begin}: {took} s");
        terminal.signal("TERM");
        api.blameless().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_console_sees_a_refusal_and_the_next_attempt_as_they_are() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let (mut first, mut second) = (open(folder.path()), open(folder.path()));
    api.fault(json!({"on": "patch", "kind": "conflict"})).await;
    first.press("R");
    first.type_word("00003");
    first.press("\r");
    first.until("409: the service was changed by ines@example.com");
    // Whoever has to act without this program finds the line under the failure.
    first.until("gcloud run services update-traffic cart --project=demo --region=here");
    first.until("--to-revisions=cart-00003-lot=100");
    second.until("rollback FAILED");
    // Enter asks again, with the state as it is now.
    first.press("\r");
    first.until("80 %");
    first.type_word("00003");
    first.press("\r");
    first.until("EFFECTIVE");
    second.until("rollback EFFECTIVE");
    let sent = api.came("patch").await;
    let etags: Vec<_> = sent.iter().map(|came| came["body"]["etag"].clone()).collect();
    assert_eq!(etags.len(), 2);
    assert_ne!(etags[0], etags[1]);
    for terminal in [&mut first, &mut second] {
        terminal.signal("TERM");
    }
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_what_was_refused_and_how_to_do_it_by_hand() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
        command.args(args).current_dir(folder.path()).env("HOME", folder.path());
        let output = command.env("XDG_STATE_HOME", folder.path()).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    api.fault(json!({"on": "patch", "kind": "denied"})).await;
    let (status, out, err) = run(&["rollback", "cart", "--to", "00001", "--yes"]);
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(err.contains("run.services.update"), "{err}");
    let line = "gcloud run services update-traffic cart --project=demo --region=here --to-revisions=cart-00001-kex=100";
    assert!(err.contains(line), "{err}");
    let (status, out, err) = run(&["rollback", "cart", "--to", "00001", "--yes"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("EFFECTIVE"), "{out}");
    let seen = api.read_back("cart").await;
    assert_eq!(seen["serves"][0], json!(["REVISION", "cart-00001-kex", 100, ""]));
    api.blameless().await;
    assert_eq!(api.came("patch").await.len(), 2);
}
