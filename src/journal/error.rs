//! What can go wrong with the store, told as *what, why, next step*.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::{Clean, OpId, Refusal};

/// A store that cannot be opened, read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal {} {}: {}. Next: {}", path.display(), kind.what(), why, kind.next())]
pub struct StoreError {
    /// The file.
    pub path: PathBuf,
    /// What kind of trouble.
    pub kind: ErrorKind,
    /// The reason, as the system or SQLite gave it.
    pub why: String,
}

/// Kinds of trouble with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such file.
    Missing,
    /// It may be read but not written.
    ReadOnly,
    /// The disk, the quota or the file-size limit is full.
    Full,
    /// The file is not what was written.
    Damaged,
    /// Another program's database.
    Foreign,
    /// Written by a newer version of this program.
    Newer,
    /// Other processes hold it too long.
    Busy,
    /// It was moved, deleted or replaced while it was open.
    Gone,
    /// Anything else between us and the disk.
    Io,
}

impl ErrorKind {
    /// What happened.
    pub fn what(self) -> &'static str {
        match self {
            Self::Missing => "does not exist",
            Self::ReadOnly => "is read-only",
            Self::Full => "cannot grow: its disk is full",
            Self::Damaged => "is damaged",
            Self::Foreign => "is not a warroom journal",
            Self::Newer => "was written by a newer warroom",
            Self::Busy => "is busy",
            Self::Gone => "is not the file that was opened",
            Self::Io => "cannot be used",
        }
    }

    /// The same in a word or two, for where there is little room.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "not there",
            Self::ReadOnly => "read-only",
            Self::Full => "its disk is full",
            Self::Damaged => "damaged",
            Self::Foreign => "not a warroom journal",
            Self::Newer => "of a newer warroom",
            Self::Busy => "busy",
            Self::Gone => "not the file that was opened",
            Self::Io => "unusable",
        }
    }

    /// What a person can do about it.
    pub fn next(self) -> &'static str {
        match self {
            Self::Missing => "check the path given with --store, or open the room once to create it",
            Self::ReadOnly => {
                "make the file and its directory writable for this user, or choose another with --store"
            }
            Self::Full => "free space on its disk, or raise the quota; it is tried again by itself",
            Self::Damaged => {
                "keep a copy of the file with its -wal, restore a backup, or start a new one with --store"
            }
            Self::Foreign => "check the path given with --store",
            Self::Newer => "update warroom on this machine, or choose another file with --store",
            Self::Busy => "see which process holds it (fuser FILE); it is tried again by itself",
            Self::Gone => "put the file back; it is opened again by itself",
            Self::Io => "check the path, its permissions and its disk",
        }
    }
}

/// Why an append did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Another operation holds the resource.
    #[error("operation {} of {by} is not finished", op.0)]
    Conflict {
        /// That operation.
        op: OpId,
        /// Whose it is.
        by: Clean,
    },
    /// The end of that run is recorded already.
    #[error("it is recorded already")]
    Told,
    /// The store could not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AppendError> for Refusal {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict { op, by } => Self::Conflict { op, by },
            AppendError::Told => Self::Told,
            AppendError::Store(error) => Self::Unwritable { error: error.told() },
        }
    }
}

impl StoreError {
    pub(super) fn new(path: &Path, kind: ErrorKind, why: impl Into<String>) -> Self {
        Self { path: path.to_owned(), kind, why: why.into() }
    }

    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        #[expect(clippy::wildcard_enum_match_arm, reason = "io::ErrorKind is not ours and grows")]
        let kind = match error.kind() {
            io::ErrorKind::NotFound => ErrorKind::Missing,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                ErrorKind::Full
            }
            _ => ErrorKind::Io,
        };
        Self::new(path, kind, error.to_string())
    }

    /// From sqlx; SQLite's primary result codes are the low byte of the code (sqlite.org/rescode.html).
    pub(super) fn sql(path: &Path, error: &sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return Self::new(path, ErrorKind::Io, error.to_string());
        };
        let code = database.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0);
        Self::new(path, kind(code), format!("{} (SQLite {code})", database.message()))
    }

    /// As a screen tells it, behind words that say that it is the journal: the fact first, where it is not cut.
    pub fn told(&self) -> Clean {
        let (word, next) = (self.kind.word(), self.kind.next());
        Clean::new(&format!("{word}: {}, {}. Next: {next}", self.why, self.path.display()))
    }

    /// Whether the connection is worth keeping after this.
    pub fn keeps_connection(&self) -> bool {
        matches!(self.kind, ErrorKind::Full | ErrorKind::Busy)
    }
}

fn kind(code: u32) -> ErrorKind {
    match (code, code & 0xff) {
        // SQLITE_IOERR_SHMSIZE: the shared memory beside the file cannot grow, for want of space.
        (4874, _) | (_, 13) => ErrorKind::Full,
        (_, 3 | 8 | 23) => ErrorKind::ReadOnly,
        (_, 5 | 6) => ErrorKind::Busy,
        (_, 11 | 26) => ErrorKind::Damaged,
        _ => ErrorKind::Io,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_one_also_where_sqlite_calls_it_an_io_error() {
        use ErrorKind::{Busy, Full, Io, ReadOnly};
        let kinds = [13, 4874, 10, 778, 8, 5, 2067].map(kind);
        assert_eq!(kinds, [Full, Full, Io, Io, ReadOnly, Busy, Io]);
        let error = StoreError::new(Path::new("room.db"), Full, "disk I/O error (SQLite 4874)");
        assert!(error.to_string().starts_with("the journal room.db cannot grow: its disk is full"));
    }
}
