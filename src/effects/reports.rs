//! Writes the validation report into a file: whole or not at all, and over what is there only if that was asked for.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use crate::domain::{Clean, Record, Wall};
use crate::journal::{ErrorKind, Store};
use crate::lanes::Lanes;
use crate::model::effect::{Reported, Wish};
use crate::model::msg::{Msg, Token};
use crate::report::validation::{self, Input};

/// How long reading the journal and writing the file may take.
const AT_MOST: Duration = Duration::from_secs(30);

/// Reports under way.
#[derive(Debug)]
pub struct Reports {
    store: PathBuf,
    lanes: Lanes,
    tasks: JoinSet<()>,
}

impl Reports {
    /// From the journal in `store`.
    pub fn new(store: PathBuf, lanes: Lanes) -> Self {
        Self { store, lanes, tasks: JoinSet::new() }
    }

    /// Begins one; answered by `Reported`.
    pub fn write(&mut self, token: Token, wish: Wish) {
        while self.tasks.try_join_next().is_some() {}
        let (store, lanes) = (self.store.clone(), self.lanes.clone());
        self.tasks.spawn(async move {
            let path = home(&wish.path);
            let told = Clean::new(&path.to_string_lossy());
            let reported = match timeout(AT_MOST, written(&store, path, wish)).await {
                Ok(reported) => reported,
                Err(_late) => Reported::Failed { path: told, why: "the disk hangs".into() },
            };
            // Nobody reads it when the room is being left.
            let _ended = lanes.control.send(Msg::Reported { token, reported }).await;
        });
    }
}

async fn written(store: &Path, path: PathBuf, wish: Wish) -> Reported {
    let told = Clean::new(&std::path::absolute(&path).unwrap_or_else(|_| path.clone()).to_string_lossy());
    let failed = |why: &str| Reported::Failed { path: told.clone(), why: Clean::new(why) };
    let (records, watched) = match records(store, wish.now).await {
        Ok(read) => read,
        Err(why) => return failed(&why),
    };
    let overwrite = wish.overwrite;
    let write = spawn_blocking(move || {
        let text = text(&wish, (&records, watched), path.extension());
        put(&path, text.as_bytes(), overwrite).map(|()| text.len() as u64)
    });
    match write.await {
        Ok(Ok(bytes)) => Reported::Written { path: told, bytes },
        Ok(Err(error)) if error.kind() == io::ErrorKind::AlreadyExists && !overwrite => {
            Reported::Exists { path: told }
        }
        Ok(Err(error)) => failed(&error.to_string()),
        Err(error) => failed(&error.to_string()),
    }
}

/// All records, and whether a console watches now.
async fn records(store: &Path, now: Wall) -> Result<(Vec<Record>, bool), String> {
    match Store::read(store).await {
        Ok(mut store) => {
            let records = store.since(0).await.map_err(|error| format!("the journal {}", error.kind.what()));
            let watched = store.is_kept(now).await.unwrap_or(false);
            store.close().await;
            records.map(|records| (records, watched))
        }
        Err(error) if error.kind == ErrorKind::Missing => Ok((Vec::new(), false)),
        Err(error) => Err(format!("the journal {}", error.kind.what())),
    }
}

fn text(wish: &Wish, (records, watched): (&[Record], bool), extension: Option<&OsStr>) -> String {
    let report = validation::report(&Input {
        room: &wish.room,
        records,
        documents: &wish.documents,
        problems: &wish.problems,
        live: Some(&wish.live),
        rollout: None,
        now: wish.now,
        watched,
    });
    if extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        validation::json(&report, false)
    } else {
        validation::markdown(&report)
    }
}

/// `~/` is the home directory, as people type it.
fn home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::BaseDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

/// Puts `bytes` into the file at `path` as a whole: whoever reads it sees all of it, or what was there before. A link
/// stays a link; a pipe or a device is written to.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if there is a file and it may not be replaced; else what the system says.
pub fn put(path: &Path, bytes: &[u8], overwrite: bool) -> io::Result<()> {
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|about| !about.is_file() && !about.is_dir()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    if there.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    if there.is_some() && !overwrite {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file already"));
    }
    // To put another file in its place asks only for the folder: what nobody may write stays all the same.
    if there.as_ref().is_some_and(|about| about.is_file() && about.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy().into_owned();
    let beside = folder.join(format!(".{name}.{}.new", std::process::id()));
    let done = fill(&beside, bytes, there.as_ref())
        .and_then(|()| if overwrite { fs::rename(&beside, &target) } else { place(&beside, &target) });
    if done.is_err() {
        // Half a file is of no use.
        let _gone = fs::remove_file(&beside);
    }
    done
}

fn fill(beside: &Path, bytes: &[u8], like: Option<&fs::Metadata>) -> io::Result<()> {
    let mut file = File::create_new(beside)?;
    file.write_all(bytes)?;
    if let Some(like) = like {
        file.set_permissions(like.permissions())?;
    }
    file.sync_all()
}

/// Gives the file its name, unless one of that name came meanwhile.
fn place(beside: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(beside, target) {
        Ok(()) => fs::remove_file(beside),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Some file systems know no second name.
        Err(_) if !target.exists() => fs::rename(beside, target),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_if_that_was_asked_for_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("r.md");
        put(&path, b"one", false).expect("a new file");
        let refused = put(&path, b"two", false).expect_err("it exists");
        assert_eq!(
            (refused.kind(), fs::read(&path).expect("r.md").as_slice()),
            (io::ErrorKind::AlreadyExists, &b"one"[..])
        );
        put(&path, b"three", true).expect("replaced");
        assert_eq!(fs::read(&path).expect("r.md"), b"three");
        assert!(put(&dir.path().join("no/r.md"), b"four", false).is_err());
        for overwrite in [false, true] {
            let refused = put(dir.path(), b"four", overwrite).expect_err("a directory");
            assert_eq!(refused.to_string(), "it is a directory");
        }
        assert_eq!(fs::read_dir(dir.path()).expect("dir").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_is_written_to() {
        let dir = tempfile::tempdir().expect("dir");
        let (real, link) = (dir.path().join("real.md"), dir.path().join("link.md"));
        fs::write(&real, "old").expect("a file");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        put(&link, b"new", true).expect("written");
        assert!(fs::symlink_metadata(&link).expect("link").is_symlink());
        assert_eq!(fs::read(&real).expect("real.md"), b"new");
        put(Path::new("/dev/null"), b"x", false).expect("a device is no file to be kept");
    }
}
