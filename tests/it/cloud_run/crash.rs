//! What becomes of an operation when its console dies or is interrupted, and what the command line dares without one.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use warroom::domain::record::Guard;
use warroom::domain::{Clean, Draft, Entry, OpId, OpState};
use warroom::journal::Store;

use super::server::{Fault, Server};
use crate::pty::{PATIENCE, Terminal};

fn room(server: &Server) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let spec = server.spec();
    let Some(warroom::domain::room::SecretRef::File(token)) = spec.token else { unreachable!() };
    let config = format!(
        "[room]\nname = \"crash\"\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n\
         [[service]]\nname = \"cart\"\n[service.cloud_run]\nproject = \"demo\"\nregion = \"here\"\n\
         service = \"cart\"\nendpoint = \"{}\"\ninterval = \"1s\"\ntoken = {{ file = \"{}\" }}\n",
        spec.endpoint,
        token.display()
    );
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    folder
}

/// Waits until a change arrived.
async fn arrived(server: &Server) {
    let one = async {
        while server.state.lock().await.patches.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, one).await.expect("a change arrives");
}

/// The states journaled of the one operation, in order.
async fn journaled(folder: &Path) -> Vec<OpState> {
    let mut store = Store::read(&folder.join("room.db")).await.unwrap();
    let state = |entry| match entry {
        Entry::Progress { state, .. } => Some(state),
        _ => None,
    };
    store.since(0).await.unwrap().into_iter().filter_map(|record| state(record.entry)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_killed_right_after_enter_is_looked_after_by_the_next_and_nothing_is_sent_again() {
    let server = Server::start().await;
    server.state.lock().await.faults = [Fault::DoneThenHang].into();
    let folder = room(&server);
    let mut first = Terminal::start(&[], folder.path(), 120, 40);
    first.until("00001-kex");
    first.press("R");
    first.until("Cancel");
    first.gone("wait");
    for key in ["0", "0", "0", "0", "1"] {
        // A doubled digit must not look like a held key.
        std::thread::park_timeout(Duration::from_millis(60));
        first.press(key);
    }
    first.until("enter acts");
    first.press("\r");
    arrived(&server).await;
    first.signal("KILL");
    drop(first);
    let mut second = Terminal::start(&[], folder.path(), 120, 40);
    second.until("REQUESTED");
    second.press("c");
    second.until("EFFECTIVE");
    second.signal("TERM");
    second.status();
    assert_eq!(journaled(folder.path()).await.last(), Some(&OpState::Effective));
    let state = server.state.lock().await;
    assert_eq!((state.patches.len(), state.done, &state.wrong), (1, 1, &vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_was_never_sent_is_found_out_by_looking() {
    let server = Server::start().await;
    let folder = room(&server);
    let act = super::rollback(&super::client(&server)).await;
    let mut store = Store::open(&folder.path().join("room.db")).await.unwrap();
    let entry = Entry::Intent { op: OpId("dead".into()), act, reason: Clean::default(), evidence: vec![] };
    let draft = Draft { by: Clean::new("ines"), role: Clean::default(), entry };
    store.append(&draft, &Guard::Free, warroom::clock::wall() - Duration::from_mins(1)).await.unwrap();
    store.close().await;
    let mut terminal = Terminal::start(&[], folder.path(), 120, 40);
    terminal.until("REQUESTED");
    terminal.press("c");
    terminal.gone("REQUESTED");
    terminal.signal("TERM");
    terminal.status();
    assert_eq!(journaled(folder.path()).await, [OpState::Failed]);
    assert_eq!(server.state.lock().await.patches.len(), 0);
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(args).current_dir(folder).env("HOME", folder).env("XDG_STATE_HOME", folder);
    command
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_records_the_command_line_goes_nowhere_by_itself() {
    let server = Server::start().await;
    let folder = room(&server);
    for args in [&["rollback", "cart", "--yes"][..], &["rollback", "cart", "--dry-run"]] {
        let (status, _, err) = told(&command(folder.path(), args).output().unwrap());
        assert_eq!(status, Some(1), "{err}");
        assert!(err.contains("no record tells of a good revision: nothing was sent"), "{err}");
        assert!(err.contains("next: name one with --to"), "{err}");
    }
    assert_eq!(server.state.lock().await.patches.len(), 0);
    let args = ["rollback", "cart", "--yes", "--to", "00001"];
    let (status, out, err) = told(&command(folder.path(), &args).output().unwrap());
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("cart-00001-kex not known to this room") && out.contains("EFFECTIVE"), "{out}");
    assert_eq!(server.state.lock().await.patches.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_command_waits_for_the_answer_of_what_may_have_left() {
    let server = Server::start().await;
    let answer = Arc::new(Notify::new());
    server.state.lock().await.faults = [Fault::DoneThenLate(answer.clone())].into();
    let folder = room(&server);
    let args = ["rollback", "cart", "--yes", "--to", "00001"];
    let mut child = command(folder.path(), &args).stdout(Stdio::piped()).spawn().unwrap();
    arrived(&server).await;
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let waiting = "interrupted: what has not left is not sent any more; waiting for the answer of what has";
    assert!(lines.any(|line| line.starts_with(waiting)));
    answer.notify_one();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    let last = rest.last().unwrap();
    assert!(last.starts_with("left at ") && last.contains(": the operation goes on"), "{rest:?}");
    assert_eq!(journaled(folder.path()).await.first(), Some(&OpState::Accepted));
}
