//! The journal's reader: all records there are, then each new one by this or another process, with the chain checked
//! on the way.
//!
//! Own appends are told by the [`Pulse`]. Others' are found by a look once a second: at the files' times and sizes, which
//! costs no thread switch, and when those moved in the file. What was read is read again from the first record on when the
//! store's own file was touched (appends go to the log beside it), before an act, and every few minutes.

mod again;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::clock;
use crate::domain::link::LinkReport;
use crate::domain::{Clean, SourceId};
use crate::journal::{Damage, ErrorKind, PAGE, Pulse, Row, Store, StoreError, Walker};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

use again::Again;

/// How far away the next look is at most: on each whole second, so that others' appends are seen within two.
const LOOK: Duration = Duration::from_secs(1);

/// How long one read may take.
const STEP: Duration = Duration::from_secs(5);

/// More than the grain of the clock that stamps files: a tick of the kernel, 10 ms at most.
const GRAIN: Duration = Duration::from_millis(50);

/// The time and size of a file.
type Trace = Option<(SystemTime, u64)>;

/// Reads the journal at `path` for ever.
pub async fn run(path: PathBuf, pulse: watch::Receiver<Pulse>, lanes: Lanes) {
    let mut reader = Reader {
        path,
        lanes,
        store: None,
        walker: Walker::default(),
        checked: false,
        damage: None,
        said: None,
        failures: 0,
        traces: [None; 2],
        unsure: [true; 2],
        again: Again::default(),
    };
    let mut pulse = Some(pulse);
    loop {
        reader.look(pulse.as_mut().map(|pulse| pulse.borrow_and_update().clone())).await;
        let Some(own) = pulse.as_mut() else {
            sleep_until(Instant::from_std(clock::instant(clock::next_second()))).await;
            continue;
        };
        match timeout_at(Instant::from_std(clock::instant(clock::next_second())), own.changed()).await {
            Ok(Ok(())) | Err(_) => {}
            // The writer ended before us: only others can append now.
            Ok(Err(_)) => pulse = None,
        }
    }
}

struct Reader {
    path: PathBuf,
    lanes: Lanes,
    store: Option<Store>,
    walker: Walker,
    /// Whether the whole chain was checked once.
    checked: bool,
    /// The first damage seen.
    damage: Option<Damage>,
    /// The link as last told.
    said: Option<LinkReport>,
    failures: u32,
    /// Of the store's own file, and of its log.
    traces: [Trace; 2],
    /// Which files moved just before the last look: their times are too coarse to be sure that nothing followed.
    unsure: [bool; 2],
    again: Again,
}

impl Reader {
    async fn look(&mut self, pulse: Option<Pulse>) {
        let (head, asked) = pulse.as_ref().map_or((0, 0), |pulse| (pulse.head, pulse.asked));
        let read = self.read(head, asked).await.err();
        if read.is_none() {
            self.failures = 0;
        }
        let writer = pulse.map(|pulse| pulse.link);
        let link = match (read, writer) {
            // The writer makes the file, and knows better why there is none yet.
            (Some(error), Some(link)) if error.kind == ErrorKind::Missing && self.walker.seq == 0 => link,
            (Some(error), _) => self.unreadable(&error),
            (None, Some(link)) => link,
            (None, None) => LinkReport::Alive,
        };
        self.say(link).await;
    }

    fn unreadable(&mut self, error: &StoreError) -> LinkReport {
        self.store = None;
        self.failures = self.failures.saturating_add(1);
        let retry_at = clock::mono().after(LOOK);
        LinkReport::Down { error: error.told(), attempt: self.failures, retry_at }
    }

    /// Tells the link when it changed; a further failure of the same kind is no news.
    async fn say(&mut self, link: LinkReport) {
        let same = match (&self.said, &link) {
            (Some(LinkReport::Down { error: was, .. }), LinkReport::Down { error, .. }) => was == error,
            (Some(was), now) => was == now,
            (None, _) => false,
        };
        if !same {
            self.said = Some(link.clone());
            let at = clock::mono();
            let _ = self.lanes.data.send(Msg::Linked { source: SourceId::Journal, report: link, at }).await;
        }
    }

    async fn read(&mut self, own_head: u64, asked: u64) -> Result<(), StoreError> {
        let traces = traces(&self.path);
        let [own, log] = [0, 1].map(|at| traces[at] != self.traces[at] || self.unsure[at]);
        (self.traces, self.unsure) = (traces, traces.map(fresh));
        if own && self.checked {
            // What it keeps in memory may be there no more.
            self.store = None;
            self.again.stir();
        }
        let reopens = self.store.is_none();
        if reopens {
            self.reopen().await?;
        }
        if own || log || reopens || own_head > self.walker.seq || !self.checked {
            let before = self.walker.seq;
            self.pages().await?;
            self.check(before).await?;
        }
        self.look_again(asked).await
    }

    async fn reopen(&mut self) -> Result<(), StoreError> {
        let error = match bounded(&self.path, Store::read(&self.path)).await {
            Ok(store) => {
                self.store = Some(store);
                return Ok(());
            }
            Err(error) if self.walker.seq == 0 => return Err(error),
            Err(error) => error,
        };
        let missing = error.kind == ErrorKind::Missing;
        if missing && !self.path.exists() {
            let why = "it was moved, deleted or replaced while open".to_owned();
            return Err(StoreError { kind: ErrorKind::Gone, why, ..error });
        }
        // A file without anything in it is what is left of one that was cut.
        let cut = || missing.then(|| again::differs(self.walker.seq));
        if let Some(damage) = again::damaged(&self.walker, &error).or_else(cut) {
            self.harmed(damage).await;
        }
        Err(error)
    }

    /// Whether what was read before still stands there. Once it is damaged it stays so.
    async fn look_again(&mut self, asked: u64) -> Result<(), StoreError> {
        if self.damage.is_none()
            && let Some(damage) = self.again.look(&self.path, &self.walker, asked).await?
        {
            self.harmed(damage).await;
        }
        Ok(())
    }

    /// Tells the first damage.
    async fn harmed(&mut self, damage: Damage) {
        if self.damage.is_none() {
            self.damage = Some(damage);
            self.tell_chain().await;
        }
    }

    /// Reads on, page by page, from the last record seen: a store that ends before it, or differs there, lost records.
    async fn pages(&mut self) -> Result<(), StoreError> {
        loop {
            let seen = self.walker.seq;
            let mut rows = self.page(seen.saturating_sub(1)).await?;
            let full = rows.len() >= PAGE as usize;
            if seen > 0 {
                if rows.first().is_none_or(|row| row.hash != self.walker.hash) {
                    self.cut().await?;
                    continue;
                }
                rows.remove(0);
            }
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                if let Err(damage) = self.walker.step(row) {
                    self.damage.get_or_insert(damage);
                }
            }
            let records = rows.iter().map(Row::record).collect();
            let _ = self.lanes.data.send(Msg::Recorded { records }).await;
            if !full {
                return Ok(());
            }
        }
    }

    async fn page(&mut self, after: u64) -> Result<Vec<Row>, StoreError> {
        let Some(store) = &mut self.store else { return Ok(Vec::new()) };
        let read = bounded(&self.path, store.page(after)).await;
        if let Some(damage) = read.as_ref().err().and_then(|error| again::damaged(&self.walker, error)) {
            self.harmed(damage).await;
        }
        read
    }

    /// The last record seen is not there any more: the chain is followed from where it ends now.
    async fn cut(&mut self) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        self.damage.get_or_insert(again::differs(self.walker.seq));
        self.walker = bounded(&self.path, store.head()).await?;
        self.checked = false;
        Ok(())
    }

    /// Says how far the chain was checked, when that is news. The file's structure is checked once.
    async fn check(&mut self, before: u64) -> Result<(), StoreError> {
        if !self.checked {
            let Some(store) = &mut self.store else { return Ok(()) };
            if let Some(damage) = bounded(&self.path, store.structure(self.walker.seq)).await? {
                self.damage.get_or_insert(damage);
            }
            self.again.rest();
        } else if self.walker.seq == before {
            return Ok(());
        }
        self.checked = true;
        self.tell_chain().await;
        Ok(())
    }

    async fn tell_chain(&self) {
        let damage = self.damage.as_ref().map(|damage| Clean::new(&damage.text));
        let _ = self.lanes.data.send(Msg::ChainChecked { seq: self.walker.seq, damage }).await;
    }
}

/// Ends a read that hangs. Only reads: a message on its way to the model is never given up.
async fn bounded<T>(path: &Path, read: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(STEP, read).await.unwrap_or_else(|_| {
        let why = "reading took longer than 5 s".to_owned();
        Err(StoreError { path: path.to_owned(), kind: ErrorKind::Busy, why })
    })
}

/// Whether what is written next could leave the same time: it moved within the grain of the clock that stamps files, which
/// may tell every other second only.
fn fresh(trace: Trace) -> bool {
    let now = SystemTime::from(clock::wall());
    trace.is_some_and(|(at, _)| {
        let whole = at.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.subsec_nanos() == 0);
        let grain = if whole { Duration::from_secs(2) } else { GRAIN };
        now.duration_since(at).is_ok_and(|age| age < grain)
    })
}

fn traces(path: &Path) -> [Trace; 2] {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [path, Path::new(&log)].map(|path| {
        let meta = std::fs::metadata(path).ok()?;
        Some((meta.modified().ok()?, meta.len()))
    })
}
