//! The fallback file: JSON lines beside the store, for what had to be done while the store could not be written.
//!
//! Writers append under a file lock and sync. When the store can be written again the lines are appended to it, each
//! once (the store remembers their hashes, in the same transaction), and the file is removed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::{ErrorKind, StoreError};
use super::schema::with_suffix;
use super::store::Store;
use crate::domain::{Draft, Wall};

/// Longest fallback file that is read back, in bytes; a longer one is left for a person to look at.
const MAX_BYTES: u64 = 16 << 20;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// When it was written.
    at: Wall,
    /// Tells equal drafts of the same moment apart.
    nonce: u64,
    draft: Draft,
}

/// What a replay did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Records appended.
    pub appended: u64,
    /// The newest of them; 0: none.
    pub head: u64,
    /// Lines that could not be understood; they stay in a file named `….unread`.
    pub unread: u64,
}

impl Replayed {
    fn add(&mut self, seq: Option<u64>) {
        self.appended += u64::from(seq.is_some());
        self.head = seq.unwrap_or(self.head);
    }
}

/// The fallback file of a store.
pub fn path(store: &Path) -> PathBuf {
    with_suffix(store, ".fallback.jsonl")
}

/// What is written for a draft; never the same twice.
pub fn line(draft: &Draft, at: Wall) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(&Line { at, nonce: fastrand::u64(..), draft: draft.clone() })?)
}

/// Writes one line, durably. Blocks: for a blocking thread.
pub fn write(store: &Path, line: &[u8]) -> io::Result<()> {
    let path = path(store);
    let mut line = [line, b"\n"].concat();
    loop {
        let mut file = open(&path)?;
        file.lock()?;
        // A replay may have removed the file between opening and locking it.
        if !same(&file, &path) {
            continue;
        }
        // After a cut line (a crash, a full disk) a fresh one begins.
        if !ends_whole(&mut file)? {
            line.insert(0, b'\n');
        }
        file.write_all(&line)?;
        file.sync_all()?;
        return sync_directory(&path);
    }
}

/// Whether there is anything to replay.
pub fn pending(store: &Path) -> bool {
    std::fs::metadata(path(store)).is_ok_and(|meta| meta.is_file() && meta.len() > 0)
}

/// Appends the lines to `store` and removes the file. Nothing happens while another process holds the file.
pub async fn replay(store: &mut Store) -> Result<Replayed, StoreError> {
    let path = path(store.path());
    let io = |error: io::Error| StoreError::io(&path, &error);
    let mut done = Replayed::default();
    if !pending(store.path()) {
        return Ok(done);
    }
    let mut file = open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) if same(&file, &path) => {}
        Ok(()) | Err(TryLockError::WouldBlock) => return Ok(done),
        Err(TryLockError::Error(error)) => return Err(io(error)),
    }
    if file.metadata().map_err(io)?.len() > MAX_BYTES {
        return Err(StoreError::new(&path, ErrorKind::Io, format!("it is longer than {MAX_BYTES} bytes")));
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(io)?;
    let mut unread = Vec::new();
    for raw in text.split(|byte| *byte == b'\n').filter(|raw| !raw.is_empty()) {
        let Ok(line) = serde_json::from_slice::<Line>(raw) else {
            unread.extend_from_slice(raw);
            unread.push(b'\n');
            done.unread += 1;
            continue;
        };
        done.add(append(store, raw, &line).await?);
    }
    if !unread.is_empty() {
        let mut aside = open(&with_suffix(&path, ".unread")).map_err(io)?;
        aside.write_all(&unread).and_then(|()| aside.sync_all()).map_err(io)?;
    }
    std::fs::remove_file(&path).map_err(io)?;
    Ok(done)
}

/// Appends one line that could not be written to the file.
pub async fn take(store: &mut Store, raw: &[u8]) -> Result<Replayed, StoreError> {
    let line = serde_json::from_slice(raw);
    let line =
        line.map_err(|error| StoreError::new(&path(store.path()), ErrorKind::Io, error.to_string()))?;
    let mut done = Replayed::default();
    done.add(append(store, raw, &line).await?);
    Ok(done)
}

async fn append(store: &mut Store, raw: &[u8], line: &Line) -> Result<Option<u64>, StoreError> {
    let id: [u8; 32] = Sha256::digest(raw).into();
    Ok(store.append_late(&id, &line.draft, line.at).await?.map(|record| record.seq))
}

fn open(path: &Path) -> io::Result<File> {
    let mut how = OpenOptions::new();
    how.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(path)
}

fn ends_whole(file: &mut File) -> io::Result<bool> {
    use std::io::{Seek, SeekFrom};
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(unix)]
fn same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(here), Ok(there)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    (here.dev(), here.ino()) == (there.dev(), there.ino())
}

#[cfg(not(unix))]
fn same(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// A new file is durable only when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    let _ = path;
    Ok(())
}
