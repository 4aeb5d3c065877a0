//! The store: one connection to the journal's file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row as _, SqliteConnection};

use super::chain::{self, Row, Walker};
use super::error::{AppendError, ErrorKind, StoreError};
use super::resource::Holders;
use super::schema;
use crate::domain::record::Guard;
use crate::domain::{Clean, Draft, Record, Wall};

/// How long an append waits for other processes.
const BUSY: Duration = Duration::from_secs(2);

/// How many records one read brings.
pub const PAGE: u32 = 256;

/// The journal, open.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    conn: SqliteConnection,
    options: SqliteConnectOptions,
    identity: Option<Identity>,
    holders: Holders,
    /// A transaction failed half-way: SQLite has rolled it back itself, and sqlx does not know.
    broken: bool,
    /// The newest version of the tables that is known: a newer program may take the file over while it is open.
    known: u32,
}

/// The answer to a claim on the keeper's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whether the claimant holds it now.
    pub mine: bool,
    /// Who holds it.
    pub holder: Clean,
    /// Until when, unless it is renewed.
    pub until: Wall,
}

/// Device and inode: tells whether the path still leads to the file that was opened.
type Identity = (u64, u64);

impl Store {
    /// Opens the journal for writing; makes file and directories, for their owner only, when they are missing, and
    /// brings an older file up to date after a backup.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, schema::STEPS).await
    }

    pub(super) async fn open_with(path: &Path, steps: &[&'static str]) -> Result<Self, StoreError> {
        create(path)?;
        let options = options(path);
        let mut conn = connect(path, &options).await?;
        let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        schema::inspect(&mut conn, path, known).await?;
        schema::write_ahead(&mut conn, path).await?;
        schema::migrate(&mut conn, path, steps).await?;
        Ok(Self { known, ..Self::new(path, conn, options) })
    }

    /// Opens an existing journal for reading only: a file or a disk that cannot be written will do.
    pub async fn read(path: &Path) -> Result<Self, StoreError> {
        std::fs::metadata(path).map_err(|error| StoreError::io(path, &error))?;
        let mut options = options(path).read_only(true);
        let mut opened = check(path, &options).await;
        // On a disk that cannot be written SQLite has nowhere to put its shared memory. Without a write-ahead log
        // there is nothing to share and the file alone is the whole truth.
        let wal = schema::with_suffix(path, "-wal");
        let logged = std::fs::metadata(wal).is_ok_and(|wal| wal.len() > 0);
        let shut = |kind| matches!(kind, ErrorKind::Io | ErrorKind::ReadOnly | ErrorKind::Full);
        if !logged && opened.as_ref().is_err_and(|error| shut(error.kind)) {
            options = options.immutable(true);
            opened = check(path, &options).await;
        }
        Ok(Self::new(path, opened?, options))
    }

    fn new(path: &Path, conn: SqliteConnection, options: SqliteConnectOptions) -> Self {
        let (path, identity) = (path.to_owned(), identity(path));
        let (holders, known) = (Holders::default(), schema::SCHEMA_VERSION);
        Self { path, conn, options, identity, holders, broken: false, known }
    }

    /// Appends `draft` if `guard` allows it. When this returns the record is on the disk.
    pub async fn append(&mut self, draft: &Draft, guard: &Guard, at: Wall) -> Result<Record, AppendError> {
        self.ready().await?;
        let body = chain::encode(draft, at, false).map_err(|error| self.unencodable(&error))?;
        let appended = self.transact(body, guard).await;
        self.broken = matches!(appended, Err(AppendError::Store(_)));
        appended
    }

    async fn transact(&mut self, body: Vec<u8>, guard: &Guard) -> Result<Record, AppendError> {
        let Self { path, conn, holders, known, .. } = self;
        let sql = |error| StoreError::sql(path, &error);
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(sql)?;
        schema::inspect(&mut tx, path, *known).await?;
        if *guard != Guard::Free {
            loop {
                let rows = rows(&mut tx, path, holders.upto, PAGE).await?;
                if rows.is_empty() {
                    break;
                }
                for row in &rows {
                    holders.fold(&row.record());
                }
            }
        }
        match guard {
            Guard::Free => {}
            Guard::ResourceFree { resource, beside } => {
                if let Some((op, by)) = holders.of(resource, beside.as_ref()) {
                    return Err(AppendError::Conflict { op, by });
                }
            }
            Guard::GateFree { gate } => {
                if let Some((op, by)) = holders.runs(gate) {
                    return Err(AppendError::Conflict { op, by });
                }
            }
            Guard::RunOpen { run } if holders.ended(run) => return Err(AppendError::Told),
            Guard::StageAct { after } if holders.stages() != *after => return Err(AppendError::Told),
            Guard::RunOpen { .. } | Guard::StageAct { .. } => {}
        }
        let row = insert(&mut tx, path, body).await?;
        tx.commit().await.map_err(sql)?;
        Ok(row.record())
    }

    /// Appends a draft from the fallback file, once: `line` identifies it. `None`: it was appended before.
    pub async fn append_late(
        &mut self,
        line: &[u8; 32],
        draft: &Draft,
        at: Wall,
    ) -> Result<Option<Record>, StoreError> {
        self.ready().await?;
        let body = chain::encode(draft, at, true).map_err(|error| self.unencodable(&error))?;
        let appended = self.transact_late(line, body).await;
        self.broken = appended.is_err();
        appended
    }

    async fn transact_late(&mut self, line: &[u8; 32], body: Vec<u8>) -> Result<Option<Record>, StoreError> {
        let Self { path, conn, known, .. } = self;
        let sql = |error| StoreError::sql(path, &error);
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(sql)?;
        schema::inspect(&mut tx, path, *known).await?;
        let new = sqlx::query("INSERT OR IGNORE INTO replayed (line) VALUES (?)")
            .bind(line.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(sql)?;
        if new.rows_affected() == 0 {
            return Ok(None);
        }
        let row = insert(&mut tx, path, body).await?;
        tx.commit().await.map_err(sql)?;
        Ok(Some(row.record()))
    }

    /// All records after `seq`, in order.
    pub async fn since(&mut self, seq: u64) -> Result<Vec<Record>, StoreError> {
        let rows = rows(&mut self.conn, &self.path, seq, u32::MAX).await?;
        Ok(rows.iter().map(Row::record).collect())
    }

    /// At most [`PAGE`] rows after `seq`, in order, as stored.
    pub async fn page(&mut self, seq: u64) -> Result<Vec<Row>, StoreError> {
        self.still_there()?;
        rows(&mut self.conn, &self.path, seq, PAGE).await
    }

    /// The newest record's place in the chain.
    pub async fn head(&mut self) -> Result<Walker, StoreError> {
        head(&mut self.conn, &self.path).await
    }

    /// Claims or renews the keeper's lease for `holder` until `at + ttl`. It is free when nobody holds it, when it ran
    /// out, and when it ends later than any lease given now could (the clock was set back).
    pub async fn lease(&mut self, holder: &str, ttl: Duration, at: Wall) -> Result<Lease, StoreError> {
        self.still_there()?;
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX / 4);
        let sql = |error| StoreError::sql(&self.path, &error);
        let now = at.timestamp_millis();
        let got: Option<String> = sqlx::query_scalar(
            "INSERT INTO keeper (id, holder, until_ms)
             SELECT 1, ?1, ?2 WHERE (SELECT user_version FROM pragma_user_version) <= ?5
             ON CONFLICT (id) DO UPDATE SET holder = ?1, until_ms = ?2
             WHERE holder = ?1 OR until_ms <= ?3 OR until_ms > ?3 + 2 * ?4
             RETURNING holder",
        )
        .bind(holder)
        .bind(now.saturating_add(ttl))
        .bind(now)
        .bind(ttl)
        .bind(i64::from(self.known))
        .fetch_optional(&mut self.conn)
        .await
        .map_err(sql)?;
        if let Some(holder) = got {
            let until = at + chrono::TimeDelta::milliseconds(ttl);
            return Ok(Lease { mine: true, holder: Clean::from(holder), until });
        }
        // Only who got nothing asks why: a room that rests is to wake as seldom as it can.
        schema::inspect(&mut self.conn, &self.path, self.known).await?;
        let sql = |error| StoreError::sql(&self.path, &error);
        let (kept, until): (String, i64) = sqlx::query_as("SELECT holder, until_ms FROM keeper WHERE id = 1")
            .fetch_one(&mut self.conn)
            .await
            .map_err(sql)?;
        let until = Wall::from_timestamp_millis(until).unwrap_or(at);
        Ok(Lease { mine: kept == holder, holder: Clean::from(kept), until })
    }

    /// Whether somebody holds the keeper's lease at `at`.
    pub async fn is_kept(&mut self, at: Wall) -> Result<bool, StoreError> {
        let until: Option<i64> = sqlx::query_scalar("SELECT until_ms FROM keeper WHERE id = 1")
            .fetch_optional(&mut self.conn)
            .await
            .map_err(|error| StoreError::sql(&self.path, &error))?;
        Ok(until.is_some_and(|until| until > at.timestamp_millis()))
    }

    /// Gives the lease back, if `holder` has it.
    pub async fn release(&mut self, holder: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM keeper WHERE holder = ?")
            .bind(holder)
            .execute(&mut self.conn)
            .await
            .map_err(|error| StoreError::sql(&self.path, &error))?;
        Ok(())
    }

    /// Closes the connection in order.
    pub async fn close(self) {
        let _ = self.conn.close().await;
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }

    /// Before an append: a connection that can be trusted, to the file that was opened.
    async fn ready(&mut self) -> Result<(), StoreError> {
        self.still_there()?;
        if self.broken {
            self.conn = connect(&self.path, &self.options).await?;
            self.broken = false;
        }
        Ok(())
    }

    /// A file that was deleted or replaced can still be written, and nobody would ever read it.
    pub(super) fn still_there(&self) -> Result<(), StoreError> {
        if identity(&self.path) == self.identity {
            return Ok(());
        }
        Err(StoreError::new(&self.path, ErrorKind::Gone, "it was moved, deleted or replaced while open"))
    }

    fn unencodable(&self, error: &serde_json::Error) -> StoreError {
        StoreError::new(&self.path, ErrorKind::Io, error.to_string())
    }
}

/// Adds `body` after the head.
async fn insert(conn: &mut SqliteConnection, path: &Path, body: Vec<u8>) -> Result<Row, StoreError> {
    let row = Row::after(&head(conn, path).await?, body);
    sqlx::query("INSERT INTO record (seq, version, body, hash) VALUES (?, ?, ?, ?)")
        .bind(i64::try_from(row.seq).unwrap_or(i64::MAX))
        .bind(i64::from(row.version))
        .bind(row.body.as_slice())
        .bind(row.hash.as_slice())
        .execute(conn)
        .await
        .map_err(|error| StoreError::sql(path, &error))?;
    Ok(row)
}

async fn head(conn: &mut SqliteConnection, path: &Path) -> Result<Walker, StoreError> {
    let sql = |error| StoreError::sql(path, &error);
    let row = sqlx::query("SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1")
        .fetch_optional(conn)
        .await
        .map_err(sql)?;
    let Some(row) = row else { return Ok(Walker::default()) };
    let (seq, hash): (i64, Vec<u8>) = (row.try_get(0).map_err(sql)?, row.try_get(1).map_err(sql)?);
    Ok(Walker { seq: u64::try_from(seq).unwrap_or(0), hash })
}

async fn rows(
    conn: &mut SqliteConnection,
    path: &Path,
    after: u64,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let sql = |error| StoreError::sql(path, &error);
    let rows = sqlx::query("SELECT seq, version, body, hash FROM record WHERE seq > ? ORDER BY seq LIMIT ?")
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
        .map_err(sql)?;
    rows.iter().map(decode).collect::<Result<_, _>>().map_err(sql)
}

fn decode(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let (seq, version): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Row {
        seq: u64::try_from(seq).unwrap_or(0),
        version: u16::try_from(version).unwrap_or(u16::MAX),
        body: row.try_get_unchecked(2)?,
        hash: row.try_get_unchecked(3)?,
    })
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .synchronous(SqliteSynchronous::Full)
        // On macOS a plain fsync leaves the data in the drive's cache; elsewhere this does nothing.
        .pragma("fullfsync", "1")
        .disable_statement_logging()
}

async fn connect(path: &Path, options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::connect_with(options).await.map_err(|error| StoreError::sql(path, &error))
}

/// Connects and reads enough to know that it is a journal.
async fn check(path: &Path, options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let mut conn = connect(path, options).await?;
    if schema::inspect(&mut conn, path, schema::SCHEMA_VERSION).await? == schema::Found::Empty {
        return Err(StoreError::new(path, ErrorKind::Missing, "the file is empty"));
    }
    Ok(conn)
}

/// Makes sure that the file exists and may be written. A file marked read-only is not written, not even by root.
fn create(path: &Path) -> Result<(), StoreError> {
    let io = |error| StoreError::io(path, &error);
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(parent).map_err(io)?;
    }
    let mut how = std::fs::OpenOptions::new();
    how.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let file = how.open(path).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    if meta.permissions().readonly() {
        return Err(StoreError::new(path, ErrorKind::ReadOnly, "its permissions forbid writing"));
    }
    // SQLite would throw that log away, and begin anew.
    let logged = |wal: std::fs::Metadata| wal.len() > 0;
    if meta.len() == 0 && std::fs::metadata(schema::with_suffix(path, "-wal")).is_ok_and(logged) {
        return Err(StoreError::new(
            path,
            ErrorKind::Damaged,
            "it was emptied, and its log beside it was not",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.exists().then_some((0, 0))
}
