//! Remembers that the hints of the first run were shown: an empty file in the platform's state directory, for every
//! room and the demo alike.

use std::path::PathBuf;

use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Asks for it to be remembered.
#[derive(Debug)]
pub struct Hints(Option<oneshot::Sender<()>>);

impl Hints {
    /// Writes at most once; a second call does nothing.
    pub fn shown(&mut self) {
        if let Some(ask) = self.0.take() {
            // Nobody is left to remember it when the room is being left.
            let _ended = ask.send(());
        }
    }
}

/// Starts what writes the file at `path` in `set`; it ends with what asks for it.
pub fn spawn(set: &mut JoinSet<()>, path: PathBuf) -> Hints {
    let (ask, asked) = oneshot::channel();
    set.spawn(async move {
        if asked.await.is_err() {
            return;
        }
        if let Some(folder) = path.parent() {
            // What is wrong with the folder is wrong with the file.
            let _failed = tokio::fs::create_dir_all(folder).await;
        }
        if let Err(error) = tokio::fs::write(&path, "").await {
            tracing::warn!(path = %path.display(), %error, "the hints will be shown again");
        }
    });
    Hints(Some(ask))
}
