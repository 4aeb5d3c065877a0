//! The real binary against the API that holds every request to Google's discovery document: by hand, within the time, and
//! beside a second console.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use warroom::domain::record::Guard;
use warroom::domain::{Clean, Draft, Entry, TrafficTarget};
use warroom::journal::Store;

use super::api::Api;
use crate::pty::Terminal;

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64()
}

/// A console on `folder` that has read the service.
fn open(folder: &Path) -> Terminal {
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
        terminal.until("serves 100 %");
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
    first.until("enter asks again, with the state as it is now");
    first.press("\r");
    first.until("80 %");
    first.type_word("00003");
    first.press("\r");
    first.until("serves 100 %");
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
async fn while_the_api_wants_a_long_rest_it_is_counted_down_and_can_be_taken_back() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let (mut first, mut second) = (open(folder.path()), open(folder.path()));
    api.fault(json!({"on": "patch", "kind": "rate", "delay": "40s"})).await;
    first.press("R");
    first.type_word("00003");
    first.press("\r");
    first.until("429, told to wait: sent again in 39s");
    first.until("u takes it back");
    second.until("429, told to wait: sent again in");
    first.press("u");
    first.until("taken back while the API asked to wait: nothing was moved");
    second.until("rollback FAILED");
    assert_eq!(api.came("patch").await.len(), 1);
    for terminal in [&mut first, &mut second] {
        terminal.signal("TERM");
    }
    api.blameless().await;
}

/// Runs a command; its status, output and errors.
pub(super) fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(args).current_dir(folder).env("HOME", folder).env("XDG_STATE_HOME", folder);
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn traffic_is_shifted_by_steps_within_what_the_verdict_allows() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let set = |shares: &[&str]| {
        let args = [&["traffic", "set", "cart"], shares, &["--yes", "--warm-up", "1s"]].concat();
        run(folder.path(), &args)
    };
    let (old, new) = ("cart-00003-lot", "cart-00004-qad");
    for (shares, why) in [
        (&["00004=101"][..], "a share is at most 100"),
        (&["00004=60", "00003=60"], "the shares add up to 120, not 100"),
        (&["00009=10"], "there is no revision 00009"),
        (&["00001=10"], "the shares add up to 10, not 100: name also cart-00003-lot, cart-00004-qad"),
        (&["00004=25"], "waits for GO, the verdict is HOLD"),
    ] {
        let (status, out, err) = set(shares);
        assert_eq!(status, Some(1), "{out}{err}");
        assert!(err.contains(why), "{why}: {err}");
        let waits = why.starts_with("waits for GO");
        assert_eq!(err.contains("wait longer with --warm-up"), waits, "{err}");
        let ready = "shares add up to 100, of revisions that are Ready (00004-qad, 00003-lot";
        assert_eq!(err.contains(ready), !waits, "{err}");
    }
    assert!(api.came("patch").await.is_empty());
    // Less for the canary is no way forward.
    let (status, out, err) = set(&["00004=5"]);
    assert_eq!(status, Some(0), "{out}{err}");
    let seen = api.read_back("cart").await;
    assert_eq!(seen["serves"], json!([["REVISION", new, 5, "canary"], ["REVISION", old, 95, ""]]));
    let (status, _, err) = run(folder.path(), &["override", "go", "--reason", "seen", "--until", "1h"]);
    assert_eq!(status, Some(0), "{err}");
    let (status, out, err) = set(&["00004=25%"]);
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("traffic 00004-qad 25 %, 00003-lot 75 %"), "{out}");
    let (status, _, err) = run(folder.path(), &["traffic", "tag", "cart", "blue=00001", "--yes"]);
    assert_eq!(status, Some(0), "{err}");
    let seen = api.read_back("cart").await;
    let blue = json!(["REVISION", "cart-00001-kex", 0, "blue"]);
    assert_eq!(seen["serves"], json!([["REVISION", new, 25, "canary"], ["REVISION", old, 75, ""], blue]));
    let (status, _, err) = run(folder.path(), &["traffic", "tag", "cart", "canary=", "--yes"]);
    assert_eq!(status, Some(0), "{err}");
    let (status, _, err) = run(folder.path(), &["traffic", "latest", "cart", "--yes"]);
    assert_eq!(status, Some(0), "{err}");
    let seen = api.read_back("cart").await;
    assert_eq!(seen["serves"], json!([["LATEST", "", 100, ""], blue]));
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_in_the_console_asks_as_every_act_does() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let mut terminal = open(folder.path());
    terminal.press(":traffic cart 00004=5\r");
    terminal.until("Shift traffic");
    terminal.until("send 5 % of PRODUCTION traffic to 00004-qad");
    terminal.type_word("00004");
    terminal.press("\r");
    terminal.until("serves 5 %");
    terminal.signal("TERM");
    let seen = api.read_back("cart").await;
    assert_eq!(seen["serves"][0], json!(["REVISION", "cart-00004-qad", 5, "canary"]));
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_what_was_refused_and_how_to_do_it_by_hand() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let run = |args: &[&str]| run(folder.path(), args);
    api.fault(json!({"on": "patch", "kind": "denied"})).await;
    let (status, out, err) = run(&["rollback", "cart", "--to", "00001", "--yes"]);
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(err.contains("run.services.update"), "{err}");
    let line = "gcloud run services update-traffic cart --project=demo --region=here --to-revisions=cart-00001-kex=100";
    assert!(err.contains(line), "{err}");
    let (status, out, err) = run(&["rollback", "cart", "--to", "00001", "--yes"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(
        out.contains("EFFECTIVE") && out.contains("not known yet: whether it is good (VERIFIED)"),
        "{out}"
    );
    let seen = api.read_back("cart").await;
    assert_eq!(seen["serves"][0], json!(["REVISION", "cart-00001-kex", 100, ""]));
    api.blameless().await;
    assert_eq!(api.came("patch").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_looked_at_all_night_and_can_be_rehearsed() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let mut terminal = open(folder.path());
    terminal.until("way back 00003-lot, asked");
    terminal.press(":rehearse cart\r");
    terminal.until("could be rolled back now");
    terminal.until("the API would take it");
    terminal.signal("TERM");
    terminal.status();
    // The permission is taken away: the next console knows within half a minute, before anybody acts.
    api.fault(json!({"on": "dry", "kind": "denied", "times": 99})).await;
    let mut terminal = open(folder.path());
    terminal.until("no way back for cart");
    terminal.until("run.services.update is missing");
    terminal.press(":rehearse cart\r");
    terminal.until("could NOT be rolled back now");
    terminal.signal("TERM");
    assert!(api.came("patch").await.is_empty(), "nothing was moved");
    let asked = api.came("dry").await;
    assert!(asked.len() <= 7, "asked with an interval: {}", asked.len());
    api.blameless().await;
}

/// Its API was out of sight, and is back for a moment only.
#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_reads_the_service_itself() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let mut terminal = open(folder.path());
    terminal.until("way back 00003-lot, asked");
    api.fault(json!({"on": "service", "kind": "before", "status": 503, "times": 99})).await;
    terminal.until("Cloud Run API unreachable");
    api.order(json!({"calm": true})).await;
    terminal.press(":rehearse cart\r");
    terminal.until("could be rolled back now");
    terminal.signal("TERM");
    assert!(api.came("patch").await.is_empty(), "nothing was moved");
    api.blameless().await;
}

/// Writes down that revision 00001 of each service served everything and was healthy.
pub(super) async fn remember(folder: &Path, services: &[&str]) {
    let mut store = Store::open(&folder.join("room.db")).await.expect("a store");
    for service in services {
        let share = |revision: &str, percent| TrafficTarget {
            revision: Some(format!("{service}-{revision}")),
            percent,
            tag: None,
            uri: None,
        };
        let old = vec![share("00001-kex", 100)];
        let new = vec![share("00003-lot", 90), share("00004-qad", 10)];
        for (split, healthy, ago) in [(old, None, 60), (new, Some(true), 30)] {
            let entry = Entry::Split {
                service: (*service).into(),
                split,
                healthy,
                by: Clean::new("ci"),
                follows_latest: false,
                again: false,
            };
            let draft = Draft { by: Clean::new("room"), role: Clean::default(), entry };
            let at = warroom::clock::wall() - Duration::from_mins(ago);
            store.append(&draft, &Guard::Free, at).await.expect("appended");
        }
    }
    store.close().await;
}

const GROUP: &str = "[[group]]\nname = \"chat\"\nservices = [\"web\", \"cart\"]\n";

#[tokio::test(flavor = "multi_thread")]
async fn several_services_go_back_as_one_act_in_order_and_stop_or_go_on_as_chosen() {
    let services = ["cart", "web"];
    let went = async |faults: bool, args: &[&str]| {
        let api = Api::start(&services);
        let folder = api.room(&services, GROUP);
        remember(folder.path(), &services).await;
        if faults {
            api.fault(json!({"on": "patch", "kind": "denied", "service": "web"})).await;
        }
        let told = run(folder.path(), args);
        api.blameless().await;
        let names: Vec<String> = api
            .came("patch")
            .await
            .iter()
            .map(|came| came["service"].as_str().expect("a name").to_owned())
            .collect();
        (names, told)
    };
    let (names, (status, out, err)) = went(false, &["rollback", "--all", "--yes"]).await;
    assert_eq!((names, status), (vec!["cart".into(), "web".into()], Some(0)), "{out}{err}");
    let (names, (status, out, err)) = went(true, &["rollback", "--group", "chat", "--yes"]).await;
    assert_eq!((names, status), (vec!["web".into()], Some(1)), "{out}{err}");
    assert!(err.contains("not sent: cart"), "{err}");
    // What failed, and what was not sent, can be done by hand.
    let by_hand = |name: &str| format!("by hand: gcloud run services update-traffic {name} ");
    assert!(err.contains(&by_hand("web")) && err.contains(&by_hand("cart")), "{err}");
    let (names, (status, out, err)) = went(true, &["rollback", "--group", "chat", "--yes", "--go-on"]).await;
    assert_eq!((names, status), (vec!["web".into(), "cart".into()], Some(1)), "{out}{err}");
    assert!(err.contains("web failed, the others were rolled back"), "{err}");
    assert!(err.contains(&by_hand("web")) && !err.contains(&by_hand("cart")), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_confirmed_once_in_the_console_and_each_has_its_own_state() {
    let services = ["cart", "web"];
    let api = Api::start(&services);
    let folder = api.room(&services, GROUP);
    remember(folder.path(), &services).await;
    let mut terminal = open(folder.path());
    let before = terminal.pressed;
    terminal.press(":rollback --group chat\r");
    terminal.until("group chat (2 services, first web)");
    terminal.until("the rest is not sent");
    terminal.type_word("chat");
    terminal.press("\r");
    terminal.until("group chat: web EFFECTIVE");
    terminal.until("cart EFFECTIVE");
    assert!(terminal.pressed - before <= 30, "{} keys", terminal.pressed - before);
    let sent = api.came("patch").await;
    let names: Vec<&str> = sent.iter().filter_map(|came| came["service"].as_str()).collect();
    assert_eq!(names, ["web", "cart"]);
    // The next act: the first fails, so that the second is not sent.
    terminal.signal("TERM");
    terminal.status();
    for service in services {
        let back = json!([[format!("{service}-00003-lot"), 90], [format!("{service}-00004-qad"), 10]]);
        api.order(json!({"services": {service: {"traffic": back}}})).await;
    }
    api.fault(json!({"on": "patch", "kind": "fails", "service": "web", "message": "no capacity"})).await;
    let mut terminal = open(folder.path());
    terminal.until("90 %");
    terminal.press(":rollback --group chat\r");
    terminal.type_word("chat");
    terminal.press("\r");
    terminal.until("group chat stopped: web FAILED; not sent: cart");
    terminal.until("cart not sent");
    terminal.signal("TERM");
    assert_eq!(api.came("patch").await.len(), 3);
    api.blameless().await;
}
