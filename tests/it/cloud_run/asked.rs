//! The command line while it asks, after a lost answer, and where a group is not rolled back whole.

use serde_json::json;
use warroom::domain::record::Guard;
use warroom::domain::{Clean, Draft, Entry};
use warroom::journal::Store;

use super::api::Api;
use super::console::{remember, run};
use crate::pty::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_the_command_line_asks_counts() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let (status, _, err) = run(folder.path(), &["override", "go", "--reason", "seen", "--until", "1h"]);
    assert_eq!(status, Some(0), "{err}");
    let args = ["traffic", "set", "cart", "00004=25"];
    let mut terminal = Terminal::start(&args, folder.path(), 140, 44);
    terminal.until("type 00004 to have traffic");
    // Another console rolled back meanwhile.
    let mut store = Store::open(&folder.path().join("room.db")).await.expect("a store");
    let entry = Entry::Lock { service: "cart".into(), locked: true };
    let draft = Draft { by: Clean::new("ines"), role: Clean::default(), entry };
    store.append(&draft, &Guard::Free, warroom::clock::wall()).await.expect("appended");
    store.close().await;
    terminal.until("meanwhile: locked: unlock cart first");
    terminal.press("00004\r");
    terminal.until("nothing was sent");
    assert_eq!(terminal.status(), 1);

    let mut terminal = Terminal::start(&["rollback", "cart", "--to", "00001"], folder.path(), 140, 44);
    terminal.until("type 00001 to send all traffic");
    let split = json!([["cart-00003-lot", 80], ["cart-00004-qad", 20]]);
    api.order(json!({"services": {"cart": {"traffic": split}}})).await;
    terminal.until("meanwhile: cart was changed: generation is");
    terminal.press("00001\r");
    terminal.until("nothing was sent");
    assert_eq!(terminal.status(), 1);
    assert!(api.came("patch").await.is_empty());
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_for_before_the_command_ends() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    api.fault(json!({"on": "patch", "kind": "after", "status": 503})).await;
    let (status, out, err) = run(folder.path(), &["rollback", "cart", "--to", "00001", "--yes"]);
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("UNKNOWN") && out.contains("EFFECTIVE cart-00001-kex serves 100 %"), "{out}");
    assert_eq!(api.came("patch").await.len(), 1);
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_while_the_api_wants_a_rest_takes_the_act_back() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    api.fault(json!({"on": "patch", "kind": "rate", "delay": "5s"})).await;
    let args = ["rollback", "cart", "--to", "00001", "--yes"];
    let mut terminal = Terminal::start(&args, folder.path(), 140, 44);
    terminal.until("WAITS 429, told to wait");
    terminal.signal("INT");
    terminal.until("FAILED interrupted before it was sent: nothing was sent");
    assert_eq!(terminal.status(), 130);
    assert_eq!(api.came("patch").await.len(), 1);
    // It is free at once for the next one.
    let (status, out, err) = run(folder.path(), &["rollback", "cart", "--to", "00001", "--yes"]);
    assert_eq!(status, Some(0), "{out}{err}");
    assert_eq!(api.came("patch").await.len(), 2);
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_not_rolled_back_whole_is_no_success() {
    let services = ["cart", "web"];
    let group = "[[group]]\nname = \"chat\"\nservices = [\"web\", \"cart\"]\non_failure = \"go-on\"\n";
    let api = Api::start(&services);
    let folder = api.room(&services, group);
    // Of web no record tells of a good revision.
    remember(folder.path(), &["cart"]).await;
    let (status, out, err) = run(folder.path(), &["rollback", "--all", "--yes"]);
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("stays as it is: web has no known-good revision"), "{out}");
    assert!(err.contains("not all of it was rolled back"), "{err}");
    assert_eq!(api.came("patch").await.len(), 1, "cart went back all the same");

    let api = Api::start(&services);
    let folder = api.room(&services, group);
    remember(folder.path(), &services).await;
    api.fault(json!({"on": "patch", "kind": "denied", "service": "web"})).await;
    let (status, out, err) = run(folder.path(), &["rollback", "--group", "chat", "--stop", "--yes"]);
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(err.contains("not sent: cart"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_traffic_to_what_nothing_newer_serves_is_no_rollback() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let (status, out, err) = run(folder.path(), &["rollback", "cart", "--to", "00004", "--yes"]);
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(err.contains("is no way back") && err.contains("warroom traffic set cart"), "{err}");
    assert!(api.came("patch").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_told_and_holds_no_rollback_up() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    for text in ["one", "two", "three"] {
        let (status, _, err) = run(folder.path(), &["note", text]);
        assert_eq!(status, Some(0), "{err}");
    }
    let path = folder.path().join("room.db");
    tokio::task::spawn_blocking(move || crate::cli::journal_changed(&path)).await.expect("changed");
    for more in ["--dry-run", "--yes"] {
        let (status, out, err) = run(folder.path(), &["rollback", "cart", "--to", "00001", more]);
        assert_eq!(status, Some(0), "{out}{err}");
        assert_eq!(err.matches("warning: the journal room.db is damaged").count(), 1, "{more}: {err}");
        assert!(err.contains("record 2 was changed after it was written") && err.contains("next: "), "{err}");
    }
    assert_eq!(api.came("patch").await.len(), 1);
    api.blameless().await;
}
