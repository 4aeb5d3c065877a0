//! Writer task and reader task together, as a console runs them.

use std::path::Path;
use std::time::Duration;

use sqlx::Connection;
use tokio::task::JoinSet;
use tokio::time::timeout;
use warroom::clock;
use warroom::domain::link::LinkReport;
use warroom::domain::record::Guard;
use warroom::domain::{Clean, Entry, Record, Refusal};
use warroom::effects::journal::{Journal, Settings, spawn};
use warroom::journal::{Store, fallback};
use warroom::lanes::{Receivers, lanes};
use warroom::model::msg::{Msg, Token};
use warroom::sources;

use super::store::note;
use crate::pty::PATIENCE;

/// One console's journal: writer, reader and the lanes' ends.
struct Console {
    journal: Journal,
    lanes: Receivers,
    /// Holds the tasks; dropping it ends them.
    _tasks: JoinSet<()>,
}

fn console(path: &Path, keeper: &str) -> Console {
    let (ends, receivers) = lanes();
    let mut tasks = JoinSet::new();
    let settings = Settings { path: path.to_owned(), keeper: Some(keeper.to_owned()) };
    let (journal, pulse) = spawn(&mut tasks, settings, ends.clone());
    tasks.spawn(sources::journal::run(path.to_owned(), pulse, ends));
    Console { journal, lanes: receivers, _tasks: tasks }
}

impl Console {
    /// The next message that `pick` takes.
    async fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(Msg) -> Option<T>) -> T {
        let search = async {
            loop {
                let msg = tokio::select! {
                    Some(msg) = self.lanes.control.recv() => msg,
                    Some(msg) = self.lanes.data.recv() => msg,
                };
                if let Some(found) = pick(msg) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, search).await.unwrap_or_else(|_| panic!("waited for {what}"))
    }

    async fn record(&mut self, text: &str) -> Record {
        let wanted = Entry::Noted { text: Clean::new(text) };
        self.wait(text, |msg| match msg {
            Msg::Recorded { records } => records.into_iter().find(|record| record.entry == wanted),
            _ => None,
        })
        .await
    }

    async fn down(&mut self) -> String {
        self.wait("the link to go down", |msg| match msg {
            Msg::Linked { report: LinkReport::Down { error, .. }, .. } => Some(error.to_string()),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn two_consoles_see_each_other_within_two_seconds_and_one_is_the_keeper() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut ours = console(&path, "ours");
    let kept = ours.wait("the lease", |msg| match msg {
        Msg::Kept { mine, .. } => Some(mine),
        _ => None,
    });
    assert!(kept.await);
    let mut theirs = console(&path, "theirs");
    let kept = theirs.wait("the lease", |msg| match msg {
        Msg::Kept { mine, holder } => Some((mine, holder)),
        _ => None,
    });
    assert_eq!(kept.await, (false, Clean::new("ours")));

    let mut fastest = PATIENCE;
    for n in 0..3 {
        let text = format!("tick {n}");
        assert_eq!(ours.journal.append(Token(n), note("mara", &text), Guard::Free), None);
        let seq = ours.wait("the answer", |msg| match msg {
            Msg::Journaled { token, seq } if token == Token(n) => Some(seq),
            _ => None,
        });
        let seq = seq.await;
        let begun = clock::mono();
        assert_eq!(theirs.record(&text).await.seq, seq);
        fastest = fastest.min(clock::mono().since(begun));
    }
    // A busy machine may hold one up, not all.
    assert!(fastest <= Duration::from_secs(2), "{fastest:?}");
}

/// Others' appends are found by a look once a second: ten in a row would take nine seconds and more.
#[tokio::test]
async fn own_appends_are_told_without_waiting_for_a_look() {
    let dir = tempfile::tempdir().unwrap();
    let mut room = console(&dir.path().join("room.db"), "ours");
    let begun = clock::mono();
    for n in 0..10 {
        let text = format!("own {n}");
        room.journal.append(Token(n), note("ines", &text), Guard::Free);
        room.record(&text).await;
    }
    let took = clock::mono().since(begun);
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// A console that is killed gives nothing back; the others look every 13 seconds while it lives.
#[tokio::test]
async fn a_lease_that_nobody_renews_is_taken_over_when_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    store.lease("dead", Duration::from_secs(2), clock::wall()).await.unwrap();
    let begun = clock::mono();
    let mut ours = console(&path, "ours");
    for expected in [false, true] {
        let kept = ours.wait("the lease", |msg| match msg {
            Msg::Kept { mine, .. } => Some(mine),
            _ => None,
        });
        assert_eq!(kept.await, expected);
    }
    let took = clock::mono().since(begun);
    assert!(took < Duration::from_secs(12), "{took:?}");
}

#[tokio::test]
async fn the_chain_is_checked_at_the_start_and_damage_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    for n in 0..600 {
        store.append(&note("mara", &n.to_string()), &Guard::Free, clock::wall()).await.unwrap();
    }
    store.close().await;
    let mut room = console(&path, "ours");
    let mut seen = 0;
    let checked = room.wait("the check", |msg| match msg {
        Msg::Recorded { records } => {
            seen += records.len();
            None
        }
        Msg::ChainChecked { seq, damage } => Some((seq, damage)),
        _ => None,
    });
    assert_eq!(checked.await, (600, None));
    assert_eq!(seen, 600);

    // While it runs, somebody cuts the tail.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut conn = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let sql = "DROP TRIGGER record_is_never_removed; DELETE FROM record WHERE seq > 590;";
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    let told = room.wait("the damage", |msg| match msg {
        Msg::ChainChecked { damage: Some(damage), .. } => Some(damage.to_string()),
        _ => None,
    });
    let told = told.await;
    assert!(told.contains("record 600 is no longer as it was read"), "{told}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_store_that_cannot_be_written_refuses_says_so_and_recovers_with_the_fallback() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    store.append(&note("mara", "before"), &Guard::Free, clock::wall()).await.unwrap();
    store.close().await;
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o444);

    let mut room = console(&path, "ours");
    room.record("before").await;
    let error = room.down().await;
    assert!(error.starts_with("read-only: ") && error.contains("Next:"), "{error}");
    room.journal.append(Token(1), note("mara", "refused"), Guard::Free);
    let refusal = room.wait("the refusal", |msg| match msg {
        Msg::JournalRefused { token: Token(1), refusal } => Some(refusal),
        _ => None,
    });
    assert!(matches!(refusal.await, Refusal::Unwritable { error } if error.contains("read-only")));

    assert!(room.journal.fall_back(note("mara", "unrecorded act")));
    let waiting = clock::mono();
    while !fallback::pending(&path) {
        assert!(clock::mono().since(waiting) < PATIENCE, "no fallback file");
        tokio::task::yield_now().await;
    }
    let lines = std::fs::read_to_string(fallback::path(&path)).unwrap();
    assert!(lines.lines().count() == 1 && lines.contains("unrecorded act"), "{lines}");

    mode(0o600);
    let (mut late, mut alive) = (None, false);
    let late = room.wait("the link and the record to come back", |msg| {
        match msg {
            Msg::Linked { report: LinkReport::Alive, .. } => alive = true,
            Msg::Recorded { records } => late = records.into_iter().next(),
            _ => {}
        }
        late.clone().filter(|_| alive)
    });
    let late = late.await;
    assert_eq!((late.seq, late.late, late.entry), (2, true, note("", "unrecorded act").entry));
    assert!(!fallback::path(&path).exists());
}

/// As on a full disk: neither of the two can be written.
#[cfg(unix)]
#[tokio::test]
async fn what_not_even_the_fallback_file_takes_stays_in_the_console_until_one_of_them_does() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    Store::open(&path).await.unwrap().close().await;
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o444);
    std::fs::create_dir(fallback::path(&path)).unwrap();

    let mut room = console(&path, "ours");
    for text in ["one", "two"] {
        assert!(room.journal.fall_back(note("mara", text)));
    }
    let told = room.wait("that they are nowhere", |msg| match msg {
        Msg::Linked { report: LinkReport::Down { error, .. }, .. } => {
            error.contains("2 records are nowhere but in this console").then_some(error)
        }
        _ => None,
    });
    told.await;

    mode(0o600);
    // They may come one by one or together.
    let mut late = Vec::new();
    let both = room.wait("both records", |msg| {
        if let Msg::Recorded { records } = msg {
            let said = |entry: &Entry| ["one", "two"].iter().any(|text| *entry == note("", text).entry);
            late.extend(records.into_iter().filter(|record| said(&record.entry)).map(|record| record.late));
        }
        (late.len() == 2).then(|| late.clone())
    });
    assert_eq!(both.await, [true, true]);
}

fn write(path: &Path, text: &str) {
    fallback::write(path, &fallback::line(&note("mara", text), clock::wall()).unwrap()).unwrap();
}

#[tokio::test]
async fn the_fallback_is_taken_over_once_by_whoever_comes_first() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    for text in ["one", "one", "two"] {
        write(&path, text);
    }
    let lines = std::fs::read(fallback::path(&path)).unwrap();
    // A crash left half a line, and later acts follow it.
    std::fs::write(fallback::path(&path), [&lines[..], br#"{"at":"2026-03-"#].concat()).unwrap();
    write(&path, "three");
    let done = fallback::replay(&mut store).await.unwrap();
    assert_eq!((done.appended, done.head, done.unread), (4, 4, 1));
    // The same lines again, as if the process had died before it removed the file.
    std::fs::write(fallback::path(&path), &lines).unwrap();
    let again = fallback::replay(&mut store).await.unwrap();
    assert_eq!((again.appended, again.unread), (0, 0));
    let records = store.since(0).await.unwrap();
    assert!(records.len() == 4 && records.iter().all(|record| record.late));
    assert_eq!(store.verify().await.unwrap().damage, None);
}

#[tokio::test]
async fn leaving_finishes_what_is_queued_and_gives_the_lease_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let (ends, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    let settings = Settings { path: path.clone(), keeper: Some("leaving".to_owned()) };
    let (journal, _pulse) = spawn(&mut tasks, settings, ends);
    for n in 0..50 {
        assert_eq!(journal.append(Token(n), note("mara", "last words"), Guard::Free), None);
    }
    drop(journal);
    timeout(PATIENCE, tasks.join_next()).await.unwrap().unwrap().unwrap();
    let mut answered = 0;
    while let Some(msg) = receivers.control.recv().await {
        answered += u32::from(matches!(msg, Msg::Journaled { .. }));
    }
    assert_eq!(answered, 50);
    let mut store = Store::open(&path).await.unwrap();
    assert_eq!(store.head().await.unwrap().seq, 50);
    assert!(store.lease("next", Duration::from_secs(20), clock::wall()).await.unwrap().mine);
}

/// A journal of `n` records that stand in its own file, not in the log beside it.
async fn written(path: &Path, n: usize) {
    let mut store = Store::open(path).await.unwrap();
    for n in 0..n {
        store.append(&note("mara", &n.to_string()), &Guard::Free, clock::wall()).await.unwrap();
    }
    store.close().await;
}

impl Console {
    async fn checked(&mut self) -> u64 {
        self.wait("the check", |msg| match msg {
            Msg::ChainChecked { seq, damage: None } => Some(seq),
            _ => None,
        })
        .await
    }

    async fn damage(&mut self) -> String {
        self.wait("the damage", |msg| match msg {
            Msg::ChainChecked { damage: Some(damage), .. } => Some(damage.to_string()),
            _ => None,
        })
        .await
    }
}

/// What nobody reads again is noticed all the same, without a restart.
#[cfg(unix)]
#[tokio::test]
async fn damage_to_the_file_under_an_open_console_is_told() {
    use std::fs::{File, OpenOptions};
    use std::os::unix::fs::FileExt;
    fn writable(path: &Path) -> File {
        OpenOptions::new().write(true).open(path).unwrap()
    }
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 4] = [
        ("pages overwritten", |path| writable(path).write_all_at(&[0x55; 40_960], 40_960).unwrap()),
        ("cut", |path| writable(path).set_len(40_960).unwrap()),
        ("emptied", |path| writable(path).set_len(0).unwrap()),
        ("replaced by an older one", |path| std::fs::rename(path.with_extension("old"), path).unwrap()),
    ];
    for (what, harm) in harms {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("room.db");
        written(&path.with_extension("old"), 500).await;
        written(&path, 600).await;
        let mut room = console(&path, "ours");
        assert_eq!(room.checked().await, 600);
        harm(&path);
        let begun = clock::mono();
        let told = room.damage().await;
        let took = clock::mono().since(begun);
        assert!(took < Duration::from_secs(60), "{what}: {took:?}");
        assert!(told.contains("record "), "{what}: {told}");
    }
}

#[tokio::test]
async fn a_file_that_is_removed_under_an_open_console_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    written(&path, 3).await;
    let mut room = console(&path, "ours");
    // A writer that still opens the file would make a new one at once.
    let (mut kept, mut checked) = (false, None);
    let open = room.wait("the lease and the check", |msg| {
        kept |= matches!(msg, Msg::Kept { mine: true, .. });
        checked = if let Msg::ChainChecked { seq, damage: None } = msg { Some(seq) } else { checked };
        checked.filter(|_| kept)
    });
    assert_eq!(open.await, 3);
    std::fs::remove_file(&path).unwrap();
    let told = room.wait("what became of it", |msg| match msg {
        Msg::Linked { report: LinkReport::Down { error, .. }, .. } => {
            error.contains("it was moved, deleted or replaced while open").then_some(())
        }
        _ => None,
    });
    told.await;
    // The writer makes a new one: it is not what was read.
    let told = room.damage().await;
    assert!(told.contains("record 3 is no longer as it was read"), "{told}");
}

/// An update on another host, say: what its version is stands in the log beside the store.
#[tokio::test]
async fn a_journal_that_a_newer_program_took_over_is_told_and_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let _open = Store::open(&path).await.unwrap();
    written(&path, 3).await;
    let mut room = console(&path, "ours");
    assert_eq!(room.checked().await, 3);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut conn = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut conn).await.unwrap();
    room.journal.check();
    let told = room.wait("who wrote it", |msg| match msg {
        Msg::ChainChecked { damage: Some(damage), .. } => panic!("{damage}"),
        Msg::Linked { report: LinkReport::Down { error, .. }, .. } => Some(error.to_string()),
        _ => None,
    });
    let told = told.await;
    assert!(told.contains("newer warroom") && told.contains("version 99"), "{told}");
}

/// In the log beside the store nothing tells harm from an append of somebody else.
#[cfg(unix)]
#[tokio::test]
async fn before_an_act_what_was_read_is_read_again() {
    use std::os::unix::fs::FileExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    for n in 0..100 {
        store.append(&note("mara", &n.to_string()), &Guard::Free, clock::wall()).await.unwrap();
    }
    let mut room = console(&path, "ours");
    assert_eq!(room.checked().await, 100);
    let log = std::fs::OpenOptions::new().write(true).open(dir.path().join("room.db-wal")).unwrap();
    let length = usize::try_from(log.metadata().unwrap().len()).unwrap();
    log.write_all_at(&vec![0x55; length - 32], 32).unwrap();
    let begun = clock::mono();
    room.journal.check();
    room.damage().await;
    let took = clock::mono().since(begun);
    // By itself it is found when the lease is renewed, 13 s later.
    assert!(took < Duration::from_secs(12), "{took:?}");
}

#[tokio::test]
async fn a_checkpoint_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    let mut room = console(&path, "ours");
    for n in 0..3 {
        let text = format!("note {n}");
        store.append(&note("mara", &text), &Guard::Free, clock::wall()).await.unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let mut conn = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await.unwrap();
        room.journal.check();
        let found = room.wait(&text, |msg| match msg {
            Msg::Recorded { records } => Some(records.len()),
            Msg::ChainChecked { damage: Some(damage), .. } => panic!("{damage}"),
            _ => None,
        });
        assert_eq!(found.await, 1);
    }
}
