//! The store: several writers, kills, full and read-only disks, damage, tampering, old files.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::Connection;
use warroom::clock;
use warroom::domain::record::Guard;
use warroom::domain::run::{Begun, RunId};
use warroom::domain::{Clean, Draft, Entry, OpId};
use warroom::journal::{AppendError, ErrorKind, Store};

const FILE: &str = "WARROOM_TEST_JOURNAL";
const WRITER: &str = "WARROOM_TEST_WRITER";
const COUNT: &str = "WARROOM_TEST_COUNT";

pub(super) fn note(by: &str, text: &str) -> Draft {
    Draft { by: Clean::new(by), role: Clean::default(), entry: Entry::Noted { text: Clean::new(text) } }
}

/// Not a test of its own: the child process of those below. Prints each sequence number after its append.
#[tokio::test]
#[ignore = "the child process of other tests"]
async fn child_writer() {
    let path = PathBuf::from(std::env::var(FILE).unwrap());
    let writer = std::env::var(WRITER).unwrap();
    let count: u64 = std::env::var(COUNT).unwrap().parse().unwrap();
    let mut store = Store::open(&path).await.unwrap();
    for n in 0..count {
        let draft = note(&writer, &format!("{writer} {n}"));
        let record = loop {
            match store.append(&draft, &Guard::Free, clock::wall()).await {
                Ok(record) => break record,
                Err(AppendError::Store(error)) if error.kind == ErrorKind::Busy => {}
                Err(error) => panic!("{error}"),
            }
        };
        println!("appended {}", record.seq);
    }
    store.close().await;
}

fn writer(path: &Path, name: &str, count: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "journal::store::child_writer", "--nocapture"])
        .env(FILE, path)
        .env(WRITER, name)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The sequence numbers that a child said were durable.
fn acknowledged(child: &mut Child) -> Vec<u64> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("appended ")?.parse().ok()).collect()
}

#[tokio::test]
async fn four_processes_append_five_hundred_each_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let children: Vec<Child> = (0..4).map(|n| writer(&path, &format!("w{n}"), 500)).collect();
    let mut acked = Vec::new();
    for mut child in children {
        acked.extend(acknowledged(&mut child));
        assert!(child.wait().unwrap().success());
    }
    acked.sort_unstable();
    assert_eq!(acked, (1..=2000).collect::<Vec<u64>>());

    let mut store = Store::read(&path).await.unwrap();
    let records = store.since(0).await.unwrap();
    for n in 0..4 {
        let name = format!("w{n}");
        let texts: Vec<Entry> =
            records.iter().filter(|r| *r.by == *name).map(|record| record.entry.clone()).collect();
        let expected: Vec<Entry> =
            (0..500).map(|i| Entry::Noted { text: Clean::new(&format!("{name} {i}")) }).collect();
        assert_eq!(texts, expected, "the records of {name}, in its order");
    }
    let verified = store.verify().await.unwrap();
    assert_eq!((verified.seq, verified.damage), (2000, None));
}

#[cfg(unix)]
#[tokio::test]
async fn killed_at_any_moment_the_store_is_whole_and_keeps_what_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut kept = 0;
    for round in 0..12_u64 {
        let mut child = writer(&path, &format!("round {round}"), 1_000_000);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // After a varying number of appends, somewhere inside the next one.
        let stop = fastrand::u64(0..40);
        let appended = |line: Result<String, _>| -> Option<u64> {
            Result::ok(line)?.strip_prefix("appended ")?.parse().ok()
        };
        let mut last = lines.by_ref().filter_map(appended).nth(stop as usize).unwrap();
        let wait = Duration::from_micros(fastrand::u64(0..3000));
        let since = clock::mono();
        while clock::mono().since(since) < wait {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        last = lines.filter_map(appended).last().unwrap_or(last);

        let mut store = Store::open(&path).await.unwrap();
        let verified = store.verify().await.unwrap();
        assert_eq!(verified.damage, None, "round {round}");
        // One more than was said may be there: killed between the commit and the word.
        assert!(verified.seq == last || verified.seq == last + 1, "{last} said, {} there", verified.seq);
        kept = verified.seq;
        store.close().await;
    }
    assert!(kept >= 12);
}

#[cfg(unix)]
#[tokio::test]
async fn a_read_only_file_is_read_and_said_to_be_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    store.append(&note("mara", "kept"), &Guard::Free, clock::wall()).await.unwrap();
    store.close().await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();

    let error = Store::open(&path).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ReadOnly);
    let text = error.to_string();
    assert!(text.contains("is read-only") && text.contains("Next: make the file"), "{text}");
    let mut reader = Store::read(&path).await.unwrap();
    assert_eq!(reader.since(0).await.unwrap().len(), 1);
    assert_eq!(reader.verify().await.unwrap().damage, None);
    let refused = reader.append(&note("mara", "no"), &Guard::Free, clock::wall()).await.unwrap_err();
    assert!(matches!(refused, AppendError::Store(error) if error.kind == ErrorKind::ReadOnly));
}

/// Appends until the store refuses; answers with the last record and the refusal.
async fn fill_up(store: &mut Store) -> (u64, AppendError) {
    let long = "x".repeat(4000);
    let mut appended = 0;
    loop {
        match store.append(&note("mara", &long), &Guard::Free, clock::wall()).await {
            Ok(record) => appended = record.seq,
            Err(error) => return (appended, error),
        }
        assert!(appended < 10_000, "no limit was met");
    }
}

/// The child process of the tests below: fills what its shell leaves it, frees space, goes on.
#[tokio::test]
#[ignore = "the child process of other tests"]
async fn child_on_a_full_disk() {
    let path = PathBuf::from(std::env::var(FILE).unwrap());
    let ballast = path.with_file_name("ballast");
    std::fs::write(&ballast, vec![1; 128 << 10]).unwrap();
    let mut store = Store::open(&path).await.unwrap();
    let (appended, error) = fill_up(&mut store).await;
    println!("error {error}");
    assert_eq!(store.since(0).await.unwrap().len() as u64, appended);
    std::fs::remove_file(&ballast).unwrap();
    match store.append(&note("mara", "after"), &Guard::Free, clock::wall()).await {
        Ok(record) => {
            assert_eq!((record.seq, store.verify().await.unwrap().damage), (appended + 1, None));
            println!("went on");
        }
        Err(error) => println!("stopped {error}"),
    }
}

/// What the child printed, run by a shell that first does `prepare`.
fn on_a_full_disk(shell: &[&str], prepare: &str, path: &Path) -> String {
    let child = "exec \"$0\" --ignored --exact journal::store::child_on_a_full_disk --nocapture";
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", &format!("{prepare}; {child}")])
        .arg(std::env::current_exe().unwrap())
        .env(FILE, path)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
    out
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_with_room_again_it_goes_on() {
    let shell = ["unshare", "--user", "--map-root-user", "--mount", "/bin/sh"];
    let may_mount = |dir: &Path| {
        let mount = format!("mount -t tmpfs -o size=512k tmpfs '{}'", dir.display());
        let tried = Command::new(shell[0]).args(&shell[1..]).args(["-c", &mount]).output();
        tried.is_ok_and(|tried| tried.status.success()).then_some(mount)
    };
    let dir = tempfile::tempdir().unwrap();
    // Where no file system may be mounted, the test below stands for it: it needs no right to.
    let Some(mount) = may_mount(dir.path()) else { return };
    said_and_went_on(&on_a_full_disk(&shell, &mount, &dir.path().join("room.db")));
}

/// A system call that answers as on a full disk, for regular files, after 512 kB and while the ballast is there.
#[cfg(target_os = "linux")]
const FULL: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
static long written;
static int full(int fd, size_t n) {
    struct stat s;
    const char *ballast = getenv("BALLAST");
    if (!ballast || fstat(fd, &s) || !S_ISREG(s.st_mode)) return 0;
    if (written + (long)n > 524288 && access(ballast, F_OK) == 0) { errno = ENOSPC; return 1; }
    written += n;
    return 0;
}
ssize_t write(int fd, const void *b, size_t n) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    return full(fd, n) ? -1 : real(fd, b, n);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
    return full(fd, n) ? -1 : real(fd, b, n, o);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
    ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    return full(fd, n) ? -1 : real(fd, b, n, o);
}
"#;

/// The same without any right to mount: the C compiler that built SQLite makes the disk full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_needs_no_mount_to_be_tested() {
    let dir = tempfile::tempdir().unwrap();
    let (source, library) = (dir.path().join("full.c"), dir.path().join("full.so"));
    std::fs::write(&source, FULL).unwrap();
    let mut cc = Command::new("cc");
    let built = cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl").status();
    assert!(built.expect("this test needs the `cc` that built SQLite").success());
    let ballast = dir.path().join("ballast");
    let prepare = format!("export BALLAST='{}' LD_PRELOAD='{}'", ballast.display(), library.display());
    let out = on_a_full_disk(&["/bin/sh"], &prepare, &dir.path().join("room.db"));
    said_and_went_on(&out);
}

#[cfg(target_os = "linux")]
fn said_and_went_on(out: &str) {
    let error = out.lines().find_map(|line| line.strip_prefix("error ")).unwrap();
    assert!(error.contains("cannot grow") && error.contains("Next: free space"), "{error}");
    assert!(out.contains("went on"), "{out}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_limit_on_the_files_size_is_said_and_what_was_kept_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    // The signal must not end the process before the write is answered.
    let out = on_a_full_disk(&["/bin/sh"], "trap '' XFSZ; ulimit -f 512", &path);
    let error = out.lines().find_map(|line| line.strip_prefix("error ")).unwrap();
    assert!(error.contains("cannot be used") && error.contains("Next: check"), "{error}");
    let mut store = Store::open(&path).await.unwrap();
    let kept = store.head().await.unwrap().seq;
    let next = store.append(&note("mara", "more"), &Guard::Free, clock::wall()).await.unwrap();
    assert_eq!((next.seq, store.verify().await.unwrap().damage), (kept + 1, None));
}

/// The order is the chain's, whatever the clocks said; and nobody is the keeper for hours because they were ahead.
#[tokio::test]
async fn a_clock_that_was_set_back_changes_no_order_and_leaves_no_dead_keeper() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let (late, ttl) = (clock::wall(), Duration::from_secs(20));
    let early = late - chrono::TimeDelta::hours(2);
    let mut ahead = Store::open(&path).await.unwrap();
    assert!(ahead.lease("ahead", ttl, late).await.unwrap().mine);
    ahead.append(&note("mara", "first"), &Guard::Free, late).await.unwrap();
    let mut store = Store::open(&path).await.unwrap();
    assert!(!store.lease("next", ttl, late + chrono::TimeDelta::seconds(1)).await.unwrap().mine);
    assert!(store.lease("next", ttl, early).await.unwrap().mine, "its holder is gone, or sets its clock too");
    store.append(&note("ines", "second"), &Guard::Free, early).await.unwrap();
    let told = store.since(0).await.unwrap();
    let told: Vec<_> = told.iter().map(|record| (record.seq, record.at > early)).collect();
    assert_eq!(told, [(1, true), (2, false)]);
    assert_eq!(store.verify().await.unwrap().damage, None);
}

async fn filled(path: &Path, count: u64) {
    let mut store = Store::open(path).await.unwrap();
    for n in 0..count {
        let draft = note("mara", &format!("{n} {}", "text ".repeat(40)));
        store.append(&draft, &Guard::Free, clock::wall()).await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn a_damaged_file_is_said_to_be_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole.db");
    filled(&whole, 200).await;
    let bytes = std::fs::read(&whole).unwrap();
    let damaged = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };

    let mut header = bytes.clone();
    header[..16].fill(b'#');
    for path in [damaged("header.db", &header), damaged("text.db", b"these are notes, not a database\n")] {
        for error in [Store::open(&path).await.unwrap_err(), Store::read(&path).await.unwrap_err()] {
            assert_eq!(error.kind, ErrorKind::Damaged, "{error}");
            assert!(error.to_string().contains("keep a copy of the file"), "{error}");
        }
    }

    let cut = damaged("cut.db", &bytes[..bytes.len() / 2]);
    match Store::read(&cut).await {
        Ok(mut store) => assert!(store.verify().await.unwrap().damage.is_some()),
        Err(error) => assert_eq!(error.kind, ErrorKind::Damaged, "{error}"),
    }

    // One letter inside a stored record.
    let at = bytes.windows(8).position(|w| w == b"100 text").unwrap();
    let mut letter = bytes.clone();
    letter[at + 4] ^= 0x20;
    let verified = Store::read(&damaged("letter.db", &letter)).await.unwrap().verify().await.unwrap();
    assert_eq!(verified.damage.map(|damage| damage.seq), Some(101));

    // A page of the table overwritten.
    let mut page = bytes.clone();
    let start = at / 4096 * 4096;
    page[start..start + 64].fill(0xff);
    let verified = Store::read(&damaged("page.db", &page)).await.unwrap().verify().await.unwrap();
    let damage = verified.damage.unwrap();
    assert!(damage.seq <= 101 && damage.text.contains("malformed"), "{damage:?}");
}

/// With the real `sqlite3`-speaking library, as a person with the file in hand would do it.
async fn tamper(path: &Path, sql: &'static str) {
    use sqlx::Connection;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut conn = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn tampering_is_found_and_the_record_named() {
    let dir = tempfile::tempdir().unwrap();
    for (name, sql, seq) in [
        (
            "edited.db",
            "DROP TRIGGER record_is_never_changed;
             UPDATE record SET body = CAST(replace(CAST(body AS TEXT), 'mara', 'ines') AS BLOB) WHERE seq = 7;",
            7,
        ),
        ("removed.db", "DROP TRIGGER record_is_never_removed; DELETE FROM record WHERE seq = 4;", 4),
        (
            "closed-up.db",
            "DROP TRIGGER record_is_never_removed; DROP TRIGGER record_is_never_changed;
             DELETE FROM record WHERE seq = 4; UPDATE record SET seq = seq - 1 WHERE seq > 4;",
            4,
        ),
    ] {
        let path = dir.path().join(name);
        filled(&path, 10).await;
        tamper(&path, sql).await;
        let verified = Store::read(&path).await.unwrap().verify().await.unwrap();
        assert_eq!(verified.damage.map(|damage| damage.seq), Some(seq), "{name}");
    }
}

#[tokio::test]
async fn a_cut_tail_shows_in_the_sequence_and_the_head_hash() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    filled(&path, 10).await;
    let before = Store::read(&path).await.unwrap().verify().await.unwrap();
    tamper(&path, "DROP TRIGGER record_is_never_removed; DELETE FROM record WHERE seq > 8;").await;
    let after = Store::read(&path).await.unwrap().verify().await.unwrap();
    assert_eq!((before.seq, after.seq, &after.damage), (10, 8, &None));
    assert_ne!(before.head_hash, after.head_hash);
}

#[tokio::test]
async fn another_programs_database_is_refused_and_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    {
        use sqlx::Connection;
        let mut conn = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql("CREATE TABLE recipes (name TEXT)").execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }
    let before = std::fs::read(&path).unwrap();
    assert_eq!(Store::open(&path).await.unwrap_err().kind, ErrorKind::Foreign);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_went_away_takes_no_records() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    std::fs::rename(&path, dir.path().join("elsewhere.db")).unwrap();
    let error = store.append(&note("mara", "lost?"), &Guard::Free, clock::wall()).await.unwrap_err();
    assert!(matches!(error, AppendError::Store(error) if error.kind == ErrorKind::Gone));
}

/// The program was updated on another host, and took the file over.
#[tokio::test]
async fn a_file_that_a_newer_program_took_over_takes_nothing_of_ours() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    store.append(&note("mara", "ours"), &Guard::Free, clock::wall()).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut conn = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut conn).await.unwrap();
    for _ in 0..2 {
        let refused = store.append(&note("mara", "theirs"), &Guard::Free, clock::wall()).await.unwrap_err();
        assert!(matches!(&refused, AppendError::Store(error) if error.kind == ErrorKind::Newer), "{refused}");
        assert!(refused.to_string().contains("update warroom"), "{refused}");
    }
    let late = store.append_late(&[7; 32], &note("mara", "late"), clock::wall()).await.unwrap_err();
    assert_eq!(late.kind, ErrorKind::Newer);
    let leased = store.lease("ours", Duration::from_secs(20), clock::wall()).await.unwrap_err();
    assert_eq!(leased.kind, ErrorKind::Newer);
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM record").fetch_one(&mut conn).await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM keeper").fetch_one(&mut conn).await.unwrap();
    assert_eq!((count, kept), (1, 0));
}

/// SQLite takes a log without a file for nobody's, and deletes it.
#[tokio::test]
async fn an_emptied_file_keeps_the_log_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    std::fs::write(&path, "").unwrap();
    let log = dir.path().join("room.db-wal");
    std::fs::write(&log, "records").unwrap();
    let error = Store::open(&path).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Damaged, "{error}");
    assert_eq!(std::fs::read(&log).unwrap(), b"records");
}

/// A file of version 1, with a kind that no version knows, still opens, verifies and takes records.
#[tokio::test]
async fn a_journal_of_version_one_is_read() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal/v1.db");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    std::fs::copy(fixture, &path).unwrap();
    let mut store = Store::open(&path).await.unwrap();
    let records = store.since(0).await.unwrap();
    let kinds: Vec<&str> = records.iter().map(|record| record.entry.kind()).collect();
    assert_eq!(
        kinds,
        [
            "opened", "deployed", "split", "ticked", "unticked", "noted", "verdict", "intent", "progress",
            "link", "lock", "looked", "other"
        ]
    );
    let verified = store.verify().await.unwrap();
    assert_eq!(
        (verified.seq, verified.head_hash.as_str(), verified.damage),
        (13, include_str!("../../fixtures/journal/v1.head").trim(), None)
    );
    assert_eq!(store.append(&note("mara", "next"), &Guard::Free, clock::wall()).await.unwrap().seq, 14);
    assert_eq!(store.verify().await.unwrap().damage, None);
}

#[tokio::test]
async fn a_gate_is_begun_by_one_console_until_its_run_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let (mut ours, mut theirs) = (Store::open(&path).await.unwrap(), Store::open(&path).await.unwrap());
    let run = |name: &str| RunId(name.to_owned());
    let begun = |name: &str, gate: &str| {
        let begun = Begun {
            run: run(name),
            gate: gate.to_owned(),
            name: Clean::new("Unit tests"),
            hash: String::new(),
            pid: 0,
            console: 7,
            host: Clean::new("bridge"),
            dir: Clean::new("/srv"),
            mark: None,
        };
        Draft { by: Clean::new("mara"), role: Clean::default(), entry: Entry::GateStarted(begun) }
    };
    let over = |name: &str| {
        let over = format!(
            r#"{{"kind":"gate_ended","run":"{name}","gate":"unit","name":"Unit tests","hash":"","ending":"unseen",
            "outcome":"unseen","why":"","millis":0,"tally":null,"repository":{{"commit":null,"dirty":null,"unsaved":[]}},
            "log":""}}"#
        );
        let entry: Entry = serde_json::from_str(&over).unwrap();
        Draft { by: Clean::new("mara"), role: Clean::default(), entry }
    };
    let free = |gate: &str| Guard::GateFree { gate: gate.to_owned() };
    ours.append(&begun("mara-1", "unit"), &free("unit"), clock::wall()).await.unwrap();
    let conflict = AppendError::Conflict { op: OpId("mara-1".to_owned()), by: Clean::new("mara") };
    let second = theirs.append(&begun("sam-1", "unit"), &free("unit"), clock::wall()).await;
    assert_eq!(second.unwrap_err(), conflict);
    theirs.append(&begun("sam-2", "smoke"), &free("smoke"), clock::wall()).await.unwrap();
    // Its console is gone: who runs the gate next writes that down first.
    let open = Guard::RunOpen { run: run("mara-1") };
    theirs.append(&over("mara-1"), &open, clock::wall()).await.unwrap();
    theirs.append(&begun("sam-1", "unit"), &free("unit"), clock::wall()).await.unwrap();
    assert_eq!(theirs.since(0).await.unwrap().len(), 4);
}
