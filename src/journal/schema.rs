//! The tables, and how an older file becomes a newer one: forward only, after a backup, in one transaction.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{Connection, Row as _, SqliteConnection};

use super::error::{ErrorKind, StoreError};

/// Version of the tables that this program writes.
pub const SCHEMA_VERSION: u32 = STEPS.len() as u32;

/// In the file's header, so that another program's database is not taken for a journal: `wrj` and a zero byte.
const APPLICATION_ID: i64 = 0x7772_6a00;

/// Step `n` turns version `n` into `n + 1`; it ends by setting `user_version`.
pub(super) const STEPS: &[&str] = &[V1, V2];

const V1: &str = "
CREATE TABLE record (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER record_is_never_changed BEFORE UPDATE ON record
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER record_is_never_removed BEFORE DELETE ON record
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER record_follows_the_last BEFORE INSERT ON record
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM record)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TABLE keeper (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE replayed (line BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
PRAGMA application_id = 0x77726a00;
PRAGMA user_version = 1;
";

/// Samples that are looked back on for days.
const V2: &str = "
CREATE TABLE sampled (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    series TEXT NOT NULL,
    UNIQUE (owner, series)
) STRICT;
CREATE TABLE sample (
    id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (id, at_ms)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 2;
";

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// An empty database.
    Empty,
    /// A journal of this version.
    Version(u32),
}

/// Reads the header and refuses what is not ours or newer than `known`.
pub(super) async fn inspect(
    conn: &mut SqliteConnection,
    path: &Path,
    known: u32,
) -> Result<Found, StoreError> {
    let sql = |error| StoreError::sql(path, &error);
    let row = sqlx::query(
        "SELECT (SELECT application_id FROM pragma_application_id) AS app,
                (SELECT user_version FROM pragma_user_version) AS version,
                (SELECT count(*) FROM sqlite_schema) AS tables",
    )
    .fetch_one(conn)
    .await
    .map_err(sql)?;
    let (app, version, tables): (i64, i64, i64) =
        (row.try_get(0).map_err(sql)?, row.try_get(1).map_err(sql)?, row.try_get(2).map_err(sql)?);
    if app == 0 && version == 0 && tables == 0 {
        return Ok(Found::Empty);
    }
    if app != APPLICATION_ID || version < 1 {
        let why = format!("its application id is {app}, not {APPLICATION_ID}");
        return Err(StoreError::new(path, ErrorKind::Foreign, why));
    }
    match u32::try_from(version) {
        Ok(version) if version <= known => Ok(Found::Version(version)),
        _ => {
            let why = format!("its format is version {version}, this program knows up to {known}");
            Err(StoreError::new(path, ErrorKind::Newer, why))
        }
    }
}

/// Brings the file to the version that `steps` end in. Several processes may try at once; one does it.
pub(super) async fn migrate(
    conn: &mut SqliteConnection,
    path: &Path,
    steps: &[&'static str],
) -> Result<(), StoreError> {
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    match inspect(conn, path, known).await? {
        Found::Version(version) if version == known => return Ok(()),
        Found::Version(version) => back_up(conn, path, version).await?,
        Found::Empty => {}
    }
    let sql = |error| StoreError::sql(path, &error);
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(sql)?;
    let from = match inspect(&mut tx, path, known).await? {
        Found::Empty => 0,
        Found::Version(version) => version,
    };
    for step in steps.iter().skip(from as usize) {
        sqlx::raw_sql(*step).execute(&mut *tx).await.map_err(sql)?;
    }
    tx.commit().await.map_err(sql)
}

/// Writes `FILE.vN.bak`, whole or not at all.
async fn back_up(conn: &mut SqliteConnection, path: &Path, version: u32) -> Result<(), StoreError> {
    let target = with_suffix(path, &format!(".v{version}.bak"));
    let draft = with_suffix(path, &format!(".v{version}.bak.{}", std::process::id()));
    let _ = std::fs::remove_file(&draft);
    sqlx::query("VACUUM INTO ?")
        .bind(draft.to_string_lossy().into_owned())
        .execute(conn)
        .await
        .map_err(|error| StoreError::sql(path, &error))?;
    restrict(&draft);
    std::fs::rename(&draft, &target).map_err(|error| StoreError::io(&target, &error))
}

/// Leaves the file to its owner only.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Turns on the write-ahead log, which is kept in the file. Changing it needs the file alone and SQLite does not wait
/// for that, so it is tried for about three seconds.
pub(super) async fn write_ahead(conn: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let sql = |error| StoreError::sql(path, &error);
    let mut tries = 0;
    loop {
        let now: String =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *conn).await.map_err(sql)?;
        if now == "wal" {
            return Ok(());
        }
        let set = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL").fetch_one(&mut *conn).await;
        match set.map_err(sql) {
            // A file system without shared memory stays with the rollback journal: as durable, only slower.
            Ok(_) => return Ok(()),
            Err(error) if error.kind == ErrorKind::Busy && tries < 100 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(10 + fastrand::u64(..40))).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// `path` with `suffix` after its whole name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
