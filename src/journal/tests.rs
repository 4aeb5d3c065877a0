//! Unit tests of the store: the chain, the guard, the lease, and versions that do not exist yet.

use std::path::Path;
use std::time::Duration;

use chrono::TimeZone;
use proptest::prelude::*;

use super::chain::{self, Row, Walker};
use super::{AppendError, ErrorKind, Store, Stored, schema};
use crate::domain::record::Guard;
use crate::domain::run::{Ending, Evidence, Outcome, RunId};
use crate::domain::stage::Step;
use crate::domain::{
    Clean, Draft, Entry, FlagChange, OpId, OpKind, OpState, Record, ServiceIx, TrafficChange, Wall,
};

fn at(second: u32) -> Wall {
    chrono::Utc.with_ymd_and_hms(2026, 3, 4, 14, 0, second).unwrap()
}

fn draft(entry: Entry) -> Draft {
    Draft { by: Clean::new("mara"), role: Clean::new("commander"), entry }
}

fn note(text: &str) -> Draft {
    draft(Entry::Noted { text: Clean::new(text) })
}

fn intent(op: &str, resource: &str) -> Draft {
    let change = FlagChange {
        service: ServiceIx(0),
        resource: resource.to_owned(),
        flag: "resume".to_owned(),
        variable: "RESUME".to_owned(),
        before: None,
        after: "true".to_owned(),
        etag: "e".to_owned(),
        generation: 1,
        frozen_at: at(0),
        ..FlagChange::default()
    };
    let (reason, evidence) = (Clean::default(), Vec::new());
    draft(Entry::Intent { op: OpId(op.to_owned()), act: OpKind::Flag(change), reason, evidence })
}

fn progress(op: &str, state: OpState) -> Draft {
    draft(Entry::progress(OpId(op.to_owned()), state, Clean::default()))
}

fn evidence(run: &RunId, outcome: Outcome) -> Evidence {
    Evidence {
        ending: Ending::Exited(0),
        outcome,
        millis: 5,
        ..Evidence::unseen(run.clone(), "4f1c".to_owned(), Clean::new("contract"), String::new())
    }
}

fn free(resource: &str) -> Guard {
    Guard::ResourceFree { resource: resource.to_owned(), beside: None }
}

#[tokio::test]
async fn what_is_appended_is_read_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("new/dir/room.db")).await.unwrap();
    let first = store.append(&note("first"), &Guard::Free, at(1)).await.unwrap();
    let second = store.append(&note("second"), &Guard::Free, at(2)).await.unwrap();
    let expected = Record {
        seq: 1,
        at: at(1),
        by: Clean::new("mara"),
        role: Clean::new("commander"),
        entry: Entry::Noted { text: Clean::new("first") },
        hash: first.hash.clone(),
        late: false,
    };
    assert_eq!(first, expected);
    assert_eq!(store.since(0).await.unwrap(), vec![first, second.clone()]);
    assert_eq!(store.since(1).await.unwrap(), vec![second.clone()]);
    assert_eq!(store.since(2).await.unwrap(), vec![]);
    let verified = store.verify().await.unwrap();
    assert_eq!((verified.seq, verified.head_hash, verified.damage), (2, second.hash, None));
}

#[cfg(unix)]
#[tokio::test]
async fn file_and_directory_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rooms/room.db");
    let mut store = Store::open(&path).await.unwrap();
    store.append(&note("x"), &Guard::Free, at(1)).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&schema::with_suffix(&path, "-wal")), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn one_operation_at_a_time_on_a_resource() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let (mut ours, mut theirs) = (Store::open(&path).await.unwrap(), Store::open(&path).await.unwrap());
    ours.append(&intent("A", "api"), &free("api"), at(1)).await.unwrap();
    let conflict = AppendError::Conflict { op: OpId("A".to_owned()), by: Clean::new("mara") };
    assert_eq!(theirs.append(&intent("B", "api"), &free("api"), at(2)).await, Err(conflict.clone()));
    theirs.append(&intent("C", "web"), &free("web"), at(2)).await.unwrap();
    // An unknown outcome may still have happened, so the resource stays taken.
    ours.append(&progress("A", OpState::Unknown), &Guard::Free, at(3)).await.unwrap();
    assert_eq!(theirs.append(&intent("B", "api"), &free("api"), at(4)).await, Err(conflict));
    ours.append(&progress("A", OpState::Failed), &Guard::Free, at(5)).await.unwrap();
    theirs.append(&intent("B", "api"), &free("api"), at(6)).await.unwrap();
    theirs.append(&progress("B", OpState::Effective), &Guard::Free, at(7)).await.unwrap();
    ours.append(&intent("D", "api"), &free("api"), at(8)).await.unwrap();
    assert_eq!(ours.verify().await.unwrap().seq, 7);
}

#[tokio::test]
async fn an_act_on_a_stage_is_of_the_state_that_its_person_saw() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("room.db")).await.unwrap();
    let paused = |after| {
        let (stage, reason) = (Clean::new("Canary"), Clean::default());
        draft(Entry::Stage(Box::new(Step::Paused { after, stage, reason })))
    };
    let guard = |after| Guard::StageAct { after };
    assert_eq!(store.append(&paused(0), &guard(0), at(1)).await.unwrap().seq, 1);
    assert_eq!(store.append(&paused(0), &guard(0), at(2)).await.unwrap_err(), AppendError::Told);
    let (note, left) = (Clean::default(), Vec::new());
    let end = Entry::RolloutEnded { outcome: crate::domain::Outcome::Completed, note, left, unsigned: 0 };
    store.append(&draft(end), &Guard::Free, at(3)).await.unwrap();
    // The rollout ended while the question stood.
    assert_eq!(store.append(&paused(1), &guard(1), at(4)).await.unwrap_err(), AppendError::Told);
    // An act that got in without looking belongs to the chain, and the next one names it.
    store.append(&paused(1), &Guard::Free, at(5)).await.unwrap();
    assert_eq!(store.append(&paused(3), &guard(3), at(6)).await.unwrap().seq, 4);
}

#[tokio::test]
async fn the_end_of_a_run_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let (mut ours, mut keeper) = (Store::open(&path).await.unwrap(), Store::open(&path).await.unwrap());
    let run = RunId("mara-1".to_owned());
    let ended = |outcome| draft(Entry::GateEnded(Box::new(evidence(&run, outcome))));
    ours.append(&ended(Outcome::Passed), &Guard::Free, at(1)).await.unwrap();
    // The keeper found nothing of the run left before it had read that.
    let open = Guard::RunOpen { run: run.clone() };
    assert_eq!(keeper.append(&ended(Outcome::Unseen), &open, at(2)).await, Err(AppendError::Told));
    let other = Guard::RunOpen { run: RunId("mara-2".to_owned()) };
    keeper.append(&ended(Outcome::Unseen), &other, at(3)).await.unwrap();
    assert_eq!(keeper.since(0).await.unwrap().len(), 2);
}

#[tokio::test]
async fn hostile_text_is_harmless_before_it_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("room.db")).await.unwrap();
    let entry = Entry::Deployed {
        service: "api\x1b[2J\u{202e}".to_owned(),
        revision: "r\u{9d}52;c;Zm9v\u{9c}".to_owned(),
        image: Clean::new("i"),
    };
    let record = store.append(&draft(entry), &Guard::Free, at(1)).await.unwrap();
    let rows = store.page(0).await.unwrap();
    let stored = String::from_utf8(rows[0].body.clone()).unwrap();
    assert!(
        !stored.contains(['\x1b', '\u{202e}', '\u{9d}', '\u{9c}']) && !stored.contains("\\u001b"),
        "{stored}"
    );
    let (service, revision) = ("api·[2J·".to_owned(), "r·52;c;Zm9v·".to_owned());
    assert_eq!(record.entry, Entry::Deployed { service, revision, image: Clean::new("i") });
}

#[tokio::test]
async fn the_table_itself_refuses_changes() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("room.db")).await.unwrap();
    for text in ["one", "two"] {
        store.append(&note(text), &Guard::Free, at(1)).await.unwrap();
    }
    for sql in [
        "UPDATE record SET body = x'00' WHERE seq = 1",
        "DELETE FROM record WHERE seq = 2",
        "INSERT OR REPLACE INTO record VALUES (2, 1, x'00', x'00')",
        "INSERT INTO record VALUES (4, 1, x'00', x'00')",
    ] {
        let error = sqlx::raw_sql(sql).execute(store.conn()).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(store.verify().await.unwrap().damage, None);
}

#[tokio::test]
async fn the_lease_has_one_holder_and_runs_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("room.db")).await.unwrap();
    let ttl = Duration::from_secs(10);
    let mut claims = Vec::new();
    for (holder, second) in [("a", 0), ("b", 5), ("a", 8), ("b", 12), ("b", 18), ("a", 20)] {
        claims.push(store.lease(holder, ttl, at(second)).await.unwrap().mine);
    }
    assert_eq!(claims, [true, false, true, false, true, false]);
    store.release("b").await.unwrap();
    assert!(store.lease("a", ttl, at(21)).await.unwrap().mine);
    // The holder's clock was an hour ahead: its lease does not last for an hour.
    store.lease("a", ttl, at(21) + chrono::TimeDelta::hours(1)).await.unwrap();
    assert!(store.lease("b", ttl, at(22)).await.unwrap().mine);
}

#[tokio::test]
async fn an_older_file_is_backed_up_and_moved_forward_and_a_newer_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut old = Store::open(&path).await.unwrap();
    let record = old.append(&note("of today"), &Guard::Free, at(1)).await.unwrap();
    old.close().await;
    let steps: Vec<&'static str> = schema::STEPS
        .iter()
        .copied()
        .chain(["CREATE TABLE extra (x INTEGER) STRICT; PRAGMA user_version = 3;"])
        .collect();
    let mut new = Store::open_with(&path, &steps).await.unwrap();
    assert_eq!(new.since(0).await.unwrap(), vec![record.clone()]);
    new.append(&note("of tomorrow"), &Guard::Free, at(2)).await.unwrap();
    assert_eq!(new.verify().await.unwrap().damage, None);
    new.close().await;

    let mut backup = Store::open(&schema::with_suffix(&path, ".v2.bak")).await.unwrap();
    assert_eq!(backup.since(0).await.unwrap(), vec![record]);
    for refused in [Store::open(&path).await, Store::read(&path).await] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Newer);
        assert!(error.to_string().contains("update warroom"), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_kind_is_other_and_keeps_its_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("room.db")).await.unwrap();
    let body = br#"{"at":"2031-01-01T00:00:00Z","by":"zed","entry":{"kind":"telepathy","with":"mara"}}"#;
    let row = Row::after(&Walker::default(), body.to_vec());
    sqlx::query("INSERT INTO record VALUES (1, 7, ?, ?)")
        .bind(&body[..])
        .bind(&chain::hash(&chain::GENESIS, 7, body)[..])
        .execute(store.conn())
        .await
        .unwrap();
    store.append(&note("after it"), &Guard::Free, at(1)).await.unwrap();
    let records = store.since(0).await.unwrap();
    assert_eq!((records[0].entry.clone(), &*records[0].by), (Entry::Other, "zed"));
    assert_eq!(store.page(0).await.unwrap()[0].body, row.body);
    assert_eq!(store.verify().await.unwrap().damage, None);
}

fn rows(bodies: &[Vec<u8>]) -> Vec<Row> {
    let mut walker = Walker::default();
    let next = |body: &Vec<u8>| {
        let row = Row::after(&walker, body.clone());
        walker.step(&row).unwrap();
        row
    };
    bodies.iter().map(next).collect()
}

fn damage(rows: &[Row]) -> Option<u64> {
    let mut walker = Walker::default();
    rows.iter().find_map(|row| walker.step(row).err()).map(|damage| damage.seq)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done to a chain but cutting its tail is seen, and at the first record that it was done to.
    #[test]
    fn any_change_to_the_chain_is_seen(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 2..12),
        pick in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let whole = rows(&bodies);
        prop_assert_eq!(damage(&whole), None);
        let at = pick.index(whole.len());
        let seq = whole[at].seq;

        let mut flipped = whole.clone();
        let length = flipped[at].body.len();
        flipped[at].body[byte.index(length)] ^= 1 << bit;
        prop_assert_eq!(damage(&flipped), Some(seq));

        let mut rehashed = whole.clone();
        rehashed[at].hash[byte.index(32)] ^= 1 << bit;
        prop_assert_eq!(damage(&rehashed), Some(seq));

        let mut version = whole.clone();
        version[at].version ^= 1 << bit;
        prop_assert_eq!(damage(&version), Some(seq));

        if at + 1 < whole.len() {
            let mut removed = whole.clone();
            removed.remove(at);
            prop_assert_eq!(damage(&removed), Some(seq));
            removed[at..].iter_mut().for_each(|row| row.seq -= 1);
            prop_assert_eq!(damage(&removed), Some(seq));
        }
    }

    /// Every record survives its own bytes, scrubbed.
    #[test]
    fn text_survives_the_store(text in ".{0,60}", other in ".{0,60}") {
        let entry = Entry::Ticked {
            item: other.clone(), text: Clean::new(&text), note: Clean::new(&other), candidate: Some(text.clone()), signing: Box::default(),
        };
        let body = chain::encode(&draft(entry), at(3), false).unwrap();
        let record = Row::after(&Walker::default(), body).record();
        let scrub = |raw: &str| Clean::new(raw).as_str().to_owned();
        prop_assert_eq!(record.entry, Entry::Ticked {
            item: scrub(&other), text: Clean::new(&text), note: Clean::new(&other), candidate: Some(scrub(&text)), signing: Box::default(),
        });
    }
}

#[test]
fn a_traffic_change_survives_its_bytes() {
    let change = TrafficChange {
        service: ServiceIx(1),
        resource: "projects/p/locations/l/services/s".to_owned(),
        to: "s-00001-abc".to_owned(),
        before: vec![],
        after: vec![],
        generation: 7,
        etag: "\"djE3=/cHJv\"".to_owned(),
        frozen_at: at(9),
    };
    let entry = Entry::Intent {
        op: OpId("h-1-2-3".to_owned()),
        act: OpKind::Rollback(change),
        reason: Clean::new("errors > 5 %"),
        evidence: vec![Clean::new("6.4 % for 05:00")],
    };
    let body = chain::encode(&draft(entry.clone()), at(9), true).unwrap();
    let record = Row::after(&Walker::default(), body).record();
    assert_eq!((record.entry, record.late), (entry, true));
}

#[tokio::test]
async fn samples_are_written_by_the_keeper_alone_and_forgotten_when_nobody_looks_back_so_far() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let (ttl, span) = (Duration::from_secs(30), Duration::from_secs(20));
    let mut store = Store::open(&path).await.unwrap();
    store.lease("a", ttl, at(0)).await.unwrap();
    let samples = |value: f64| vec![("c{x=\"1\"}".to_owned(), value), ("nan".to_owned(), f64::NAN)];
    assert!(!store.keep_samples("b", "api", at(1), span, &samples(1.0)).await.unwrap(), "b keeps nothing");
    for second in [1, 11, 25] {
        assert!(store.keep_samples("a", "api", at(second), span, &samples(f64::from(second))).await.unwrap());
    }
    assert!(!store.keep_samples("a", "api", at(40), span, &samples(9.0)).await.unwrap(), "its lease is over");
    let stored = |second: u32| Stored {
        series: "c{x=\"1\"}".to_owned(),
        at_ms: at(second).timestamp_millis(),
        value: f64::from(second),
    };
    assert_eq!(store.samples("api", at(0)).await.unwrap(), [stored(11), stored(25)]);
    assert_eq!(store.samples("api", at(20)).await.unwrap(), [stored(25)]);
    assert_eq!(store.samples("web", at(0)).await.unwrap(), []);
    assert_eq!(store.verify().await.unwrap().damage, None, "no record of the chain");
}

#[tokio::test]
async fn a_journal_of_version_1_gets_room_for_samples() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut old = Store::open_with(&path, &schema::STEPS[..1]).await.unwrap();
    old.append(&note("of version 1"), &Guard::Free, at(1)).await.unwrap();
    assert_eq!(old.samples("api", at(0)).await.unwrap(), [], "and has none before");
    old.close().await;
    let mut new = Store::open(&path).await.unwrap();
    new.lease("a", Duration::from_secs(30), at(1)).await.unwrap();
    let kept = [("c".to_owned(), 1.0)];
    assert!(new.keep_samples("a", "api", at(2), Duration::from_hours(1), &kept).await.unwrap());
    assert_eq!((new.since(0).await.unwrap().len(), new.samples("api", at(0)).await.unwrap().len()), (1, 1));
    assert!(schema::with_suffix(&path, ".v1.bak").exists());
}
