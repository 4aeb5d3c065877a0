//! Remembers what is folded in the checklist: a small file for each room in the platform's state directory, a line for
//! each heading that a person folded (`+`) or unfolded (`-`). It is for comfort alone: what goes wrong with it is
//! logged and no more.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tokio::sync::watch;
use tokio::task::JoinSet;

/// Headings by their keys, folded or unfolded.
type Kept = Vec<(u64, bool)>;

/// More headings than any room has are not kept.
pub const MOST: usize = 4096;

/// Asks for folds to be remembered.
#[derive(Debug)]
pub struct Folds(watch::Sender<Kept>);

impl Folds {
    /// Writes them soon; what is asked for while one is written replaces what waits.
    pub fn remember(&self, folds: Kept) {
        // Nobody is left to write it when the room is being left.
        let _ended = self.0.send(folds);
    }
}

/// Starts what writes the file at `path` in `set`; it ends with what asks for it.
pub fn spawn(set: &mut JoinSet<()>, path: PathBuf) -> Folds {
    let (ask, mut asked) = watch::channel(Kept::new());
    set.spawn(async move {
        while asked.changed().await.is_ok() {
            let folds = asked.borrow_and_update().clone();
            if let Err(error) = write(&path, &folds).await {
                tracing::warn!(path = %path.display(), %error, "folds are not remembered");
            }
        }
    });
    Folds(ask)
}

async fn write(path: &Path, folds: &[(u64, bool)]) -> std::io::Result<()> {
    let mut text = String::new();
    for (key, fold) in folds.iter().take(MOST) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}{key:016x}", if *fold { '+' } else { '-' });
    }
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    // Two consoles may write at once: each replaces the file as a whole.
    let new = path.with_extension(format!("new-{}", std::process::id()));
    tokio::fs::write(&new, text).await?;
    tokio::fs::rename(&new, path).await
}
