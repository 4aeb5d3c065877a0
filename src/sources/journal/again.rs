//! Reading again what was read before, over a connection of its own: pages that were kept in memory would hide what happened
//! to the file on its disk. It is done in pieces on the reader's looks, so that others' appends are not kept waiting.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use super::bounded;
use crate::clock;
use crate::domain::Mono;
use crate::journal::{Damage, ErrorKind, Store, StoreError, Walker};

/// How much of a look may be spent on it; and of one that somebody waits for, who is about to act.
const PIECE: Duration = Duration::from_millis(200);
const ASKED: Duration = Duration::from_secs(1);

/// By itself it begins so long after it ended, at the soonest, and so many times later as it took: an idle console costs
/// next to nothing, however long its journal is.
const REST: Duration = Duration::from_mins(2);
const TIMES: u32 = 2_000;

/// What was read again, and when it is due.
#[derive(Default)]
pub(super) struct Again {
    running: Option<Run>,
    due: Mono,
    /// How often somebody asked for it by now.
    asked: u64,
}

struct Run {
    store: Store,
    walker: Walker,
    /// The last record that was read before.
    upto: Walker,
    piece: Duration,
    spent: Duration,
}

impl Again {
    /// It is not due for a while: all was just read.
    pub(super) fn rest(&mut self) {
        (self.running, self.due) = (None, clock::mono().after(REST));
    }

    /// The file was touched: it begins anew, at once.
    pub(super) fn stir(&mut self) {
        (self.running, self.due) = (None, Mono::default());
    }

    /// Goes on, or begins where it is due or somebody asked for it: `asked` times by now. Answers with what is wrong with the
    /// chain up to `upto`; an error: a newer program took the file over, and it is not ours to read any more.
    pub(super) async fn look(
        &mut self,
        path: &Path,
        upto: &Walker,
        asked: u64,
    ) -> Result<Option<Damage>, StoreError> {
        let is_asked = std::mem::replace(&mut self.asked, asked) != asked;
        if is_asked {
            self.stir();
        }
        let begun = clock::mono();
        if self.running.is_none() && begun >= self.due {
            // What cannot be opened now is tried again.
            self.due = begun;
            let store = match bounded(path, Store::read(path)).await {
                Ok(store) => store,
                // Who reads on may have all it asks for in memory, and not see it.
                Err(error) if error.kind == ErrorKind::Newer => return Err(error),
                Err(error) => return Ok(damaged(upto, &error)),
            };
            let (walker, upto) = (Walker::default(), upto.clone());
            let piece = if is_asked { ASKED } else { PIECE };
            self.running = Some(Run { store, walker, upto, piece, spent: Duration::ZERO });
        }
        let Some(run) = self.running.as_mut() else { return Ok(None) };
        let found = run.piece(path, begun).await;
        run.spent += clock::mono().since(begun);
        Ok(match found {
            Ok(ControlFlow::Continue(())) => None,
            Ok(ControlFlow::Break(found)) => {
                self.due = clock::mono().after(REST.max(run.spent * TIMES));
                if let Some(run) = self.running.take() {
                    run.store.close().await;
                }
                found
            }
            Err(error) => {
                let found = damaged(&run.walker, &error);
                self.rest();
                found
            }
        })
    }
}

impl Run {
    /// Reads on for a while; at the end, what is wrong.
    async fn piece(&mut self, path: &Path, begun: Mono) -> Result<ControlFlow<Option<Damage>>, StoreError> {
        while self.walker.seq < self.upto.seq {
            let rows = bounded(path, self.store.page(self.walker.seq)).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows.iter().take_while(|row| row.seq <= self.upto.seq) {
                if let Err(damage) = self.walker.step(row) {
                    return Ok(ControlFlow::Break(Some(damage)));
                }
            }
            if clock::mono().since(begun) >= self.piece {
                return Ok(ControlFlow::Continue(()));
            }
        }
        if self.walker != self.upto {
            return Ok(ControlFlow::Break(Some(differs(self.upto.seq))));
        }
        bounded(path, self.store.structure(self.walker.seq)).await.map(ControlFlow::Break)
    }
}

/// A record that is not there any more, or another one.
pub(super) fn differs(seq: u64) -> Damage {
    let text = format!("record {seq} is no longer as it was read: the journal was cut or replaced");
    Damage { seq, text }
}

/// Damage that shows itself as an error. A file that is only busy, or gone, is told by who reads on.
pub(super) fn damaged(walker: &Walker, error: &StoreError) -> Option<Damage> {
    let seq = walker.seq;
    let text = || format!("nothing can be read after record {seq}: {}", error.why);
    matches!(error.kind, ErrorKind::Damaged | ErrorKind::Foreign)
        .then(|| Damage { seq: seq + 1, text: text() })
}
