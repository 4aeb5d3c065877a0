//! Where samples are kept over a restart: the journal's file. The keeper writes, everybody reads once at the start.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::timeout;

use crate::clock;
use crate::domain::Wall;
use crate::journal::{Store, Stored};

/// How long one look or one writing may take.
const STEP: Duration = Duration::from_secs(5);

/// The shelf of one service.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The journal's file.
    pub path: PathBuf,
    /// Under which id this console may be the keeper; `None`: it never is, and only reads.
    pub keeper: Option<String>,
}

/// The shelf, open.
#[derive(Debug)]
pub(super) struct Open {
    shelf: Shelf,
    store: Option<Store>,
    /// A failure was told; further ones are no news.
    failed: bool,
}

impl Open {
    pub(super) fn new(shelf: Shelf) -> Self {
        Self { shelf, store: None, failed: false }
    }

    /// What was kept of `owner` since `from`; nothing where there is no journal yet.
    pub(super) async fn read(&self, owner: &str, from: Wall) -> Vec<Stored> {
        let look = async {
            let mut store = Store::read(&self.shelf.path).await?;
            let stored = store.samples(owner, from).await;
            store.close().await;
            stored
        };
        match timeout(STEP, look).await {
            Ok(Ok(stored)) => stored,
            Ok(Err(error)) => {
                tracing::info!(%error, owner, "no samples of an earlier time");
                Vec::new()
            }
            Err(_late) => Vec::new(),
        }
    }

    /// Keeps `samples`, if this console is the keeper. What cannot be written is a gap, and will count as one.
    pub(super) async fn keep(&mut self, owner: &str, span: Duration, samples: &[(String, f64)]) {
        let Some(keeper) = self.shelf.keeper.clone() else { return };
        let write = async {
            let mut store = match self.store.take() {
                Some(store) => store,
                None => Store::open(&self.shelf.path).await?,
            };
            store.keep_samples(&keeper, owner, clock::wall(), span, samples).await?;
            Ok::<_, crate::journal::StoreError>(store)
        };
        let why = match timeout(STEP, write).await {
            Ok(Ok(store)) => {
                self.store = Some(store);
                self.failed = false;
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_late) => "it took longer than 5 s".to_owned(),
        };
        if !std::mem::replace(&mut self.failed, true) {
            tracing::warn!(owner, why, "samples are not kept");
        }
    }
}
