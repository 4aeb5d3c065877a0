//! The journal's writer: takes drafts in order, answers each on the control lane, keeps the lease, and takes the
//! fallback file over into the store when that can be written again.
//!
//! It has its own task and its own connection, and every step of it is bounded in time, so a hanging disk makes
//! nobody wait but the drafts behind it. A store that cannot be opened is tried again for ever; meanwhile each draft
//! is refused with the reason.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock;
use crate::domain::link::LinkReport;
use crate::domain::record::Guard;
use crate::domain::{Clean, Draft, Mono, Refusal};
use crate::journal::{self, AppendError, Pulse, Store, StoreError, fallback};
use crate::lanes::Lanes;
use crate::model::msg::{Msg, Token};

/// How long one step with the store may take; longer than SQLite itself waits for other processes.
const STEP: Duration = Duration::from_secs(4);

/// How long the keeper's lease lasts, and how often it is renewed: each time wakes several threads of an idle room.
const LEASE: Duration = Duration::from_secs(30);
const RENEW: Duration = Duration::from_secs(13);

/// So long after its end a lease is taken over.
const ENDED: Duration = Duration::from_millis(200);

/// Longest pause between two attempts to open the store.
const PAUSE: Duration = Duration::from_secs(15);

/// Drafts that may wait. People and state changes write them, so more means that the disk hangs.
const QUEUE: usize = 256;

/// Where and as whom to write.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The store's file.
    pub path: PathBuf,
    /// Unique id of this console for the keeper's lease; `None`: never be the keeper (read-only rooms, commands).
    pub keeper: Option<String>,
}

/// Something to write.
#[derive(Debug)]
enum Job {
    Append { token: Token, draft: Draft, guard: Guard },
    Fallback { draft: Draft },
}

/// Hands drafts to the writer. Dropping it lets the writer finish what is queued, give the lease back and end.
#[derive(Debug)]
pub struct Journal {
    jobs: mpsc::Sender<Job>,
    pulse: watch::Sender<Pulse>,
}

impl Journal {
    /// Queues an append without waiting. The answer comes on the control lane; if the queue is full it is the
    /// refusal returned here.
    pub fn append(&self, token: Token, draft: Draft, guard: Guard) -> Option<Msg> {
        self.jobs.try_send(Job::Append { token, draft, guard }).err().map(|_| Msg::JournalRefused {
            token,
            refusal: Refusal::Unwritable { error: Clean::new("the journal's queue is full: its disk hangs") },
        })
    }

    /// Queues a line for the fallback file; `false` if the queue is full.
    pub fn fall_back(&self, draft: Draft) -> bool {
        self.jobs.try_send(Job::Fallback { draft }).is_ok()
    }

    /// Lets the reader look at once whether what it read before still stands there.
    pub fn check(&self) {
        self.pulse.send_modify(|pulse| pulse.asked += 1);
    }
}

/// Starts the writer. The pulse is for the source that reads the journal in this process.
pub fn spawn(set: &mut JoinSet<()>, settings: Settings, lanes: Lanes) -> (Journal, watch::Receiver<Pulse>) {
    let (jobs, queue) = mpsc::channel(QUEUE);
    let (pulse, reader) = journal::pulse();
    let writer = Writer {
        settings,
        lanes,
        pulse: pulse.clone(),
        store: Err(Clean::new("not opened yet")),
        attempt: 0,
        due: clock::mono(),
        kept: None,
        unkept: VecDeque::new(),
    };
    set.spawn(writer.run(queue));
    (Journal { jobs, pulse }, reader)
}

struct Writer {
    settings: Settings,
    lanes: Lanes,
    pulse: watch::Sender<Pulse>,
    /// The store, or why there is none.
    store: Result<Store, Clean>,
    attempt: u32,
    /// When to open again, or to renew the lease.
    due: Mono,
    kept: Option<bool>,
    /// Lines that not even the fallback file took, oldest first: they stay here until one of the two takes them.
    unkept: VecDeque<Vec<u8>>,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        self.beat().await;
        loop {
            let due = Instant::from_std(clock::instant(self.due));
            tokio::select! {
                () = sleep_until(due) => self.beat().await,
                job = queue.recv() => match job {
                    Some(job) => self.work(job).await,
                    None => break,
                },
            }
        }
        self.take_over().await;
        if let (Ok(mut store), Some(keeper)) = (self.store, &self.settings.keeper) {
            let _ = timeout(STEP, store.release(keeper)).await;
            let _ = timeout(STEP, store.close()).await;
        }
    }

    /// What is due: opening the store, renewing the lease, taking over the fallback file.
    async fn beat(&mut self) {
        if self.store.is_err() {
            self.open().await;
        }
        if self.store.is_ok() {
            self.due = clock::mono().after(RENEW);
            self.take_over().await;
            self.renew().await;
        }
    }

    async fn open(&mut self) {
        match timeout(STEP, Store::open(&self.settings.path)).await {
            Ok(Ok(store)) => {
                self.store = Ok(store);
                self.attempt = 0;
                self.writable();
            }
            Ok(Err(error)) => self.lost(&error.told()),
            Err(_) => self.lost("opening the journal took longer than 4 s: its disk hangs"),
        }
    }

    async fn work(&mut self, job: Job) {
        match job {
            Job::Append { token, draft, guard } => {
                let answer = match self.append(&draft, &guard).await {
                    Ok(seq) => Msg::Journaled { token, seq },
                    Err(refusal) => Msg::JournalRefused { token, refusal },
                };
                let _ = self.lanes.control.send(answer).await;
            }
            Job::Fallback { draft } => self.fall_back(draft).await,
        }
    }

    async fn append(&mut self, draft: &Draft, guard: &Guard) -> Result<u64, Refusal> {
        // What was done without the journal stands before what comes now, also for the guard.
        self.take_over().await;
        let store = match &mut self.store {
            Ok(store) => store,
            Err(why) => return Err(Refusal::Unwritable { error: why.clone() }),
        };
        match timeout(STEP, store.append(draft, guard, clock::wall())).await {
            Ok(Ok(record)) => {
                self.pulse.send_modify(|pulse| pulse.head = record.seq);
                self.writable();
                Ok(record.seq)
            }
            Ok(Err(AppendError::Store(error))) => {
                self.failed(&error);
                Err(AppendError::Store(error).into())
            }
            Ok(Err(refused @ (AppendError::Conflict { .. } | AppendError::Told))) => Err(refused.into()),
            Err(_) => {
                let error = "writing the journal took longer than 4 s: it is not known whether this was kept";
                self.lost(error);
                Err(Refusal::Unwritable { error: Clean::new(error) })
            }
        }
    }

    async fn fall_back(&mut self, draft: Draft) {
        match fallback::line(&draft, clock::wall()) {
            Ok(line) => self.unkept.push_back(line),
            Err(error) => return self.report_down(&format!("this act is recorded nowhere: {error}")),
        }
        self.take_over().await;
    }

    /// Writes what is to be kept to the fallback file, and appends what that holds, if the store can be written.
    async fn take_over(&mut self) {
        self.write_down().await;
        let Ok(store) = &mut self.store else { return };
        if fallback::pending(&self.settings.path) {
            match timeout(STEP, fallback::replay(store)).await {
                Ok(Ok(done)) => self.taken(done),
                Ok(Err(error)) => return self.failed(&error),
                Err(_) => return self.lost("writing the journal took longer than 4 s"),
            }
        }
        while let (Ok(store), Some(line)) = (&mut self.store, self.unkept.front()) {
            match timeout(STEP, fallback::take(store, line)).await {
                Ok(Ok(done)) => {
                    self.unkept.pop_front();
                    self.taken(done);
                }
                Ok(Err(error)) => return self.failed(&error),
                Err(_) => return self.lost("writing the journal took longer than 4 s"),
            }
        }
    }

    fn taken(&self, done: fallback::Replayed) {
        if done.head > 0 {
            self.pulse.send_modify(|pulse| pulse.head = done.head);
            self.writable();
        }
    }

    async fn write_down(&mut self) {
        while let Some(line) = self.unkept.front().cloned() {
            let path = self.settings.path.clone();
            let write = tokio::task::spawn_blocking(move || fallback::write(&path, &line));
            let why = match timeout(STEP, write).await {
                Ok(Ok(Ok(()))) => {
                    self.unkept.pop_front();
                    continue;
                }
                Ok(Ok(Err(error))) => error.to_string(),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it took longer than 4 s".to_owned(),
            };
            let path = fallback::path(&self.settings.path);
            return self.report_down(&format!("{} cannot be written: {why}", path.display()));
        }
    }

    async fn renew(&mut self) {
        let (Ok(store), Some(keeper)) = (&mut self.store, &self.settings.keeper) else { return };
        match timeout(STEP, store.lease(keeper, LEASE, clock::wall())).await {
            Ok(Ok(lease)) => {
                // Whoever died renews it no more: it is taken over when it ends, and not a while later.
                let left = (lease.until - clock::wall()).to_std().unwrap_or_default();
                if !lease.mine && left < RENEW {
                    self.due = clock::mono().after(left + ENDED);
                }
                self.keep(lease.mine, lease.holder).await;
                self.writable();
            }
            Ok(Err(error)) => {
                self.failed(&error);
                self.keep(false, Clean::default()).await;
            }
            Err(_) => self.lost("writing the journal took longer than 4 s"),
        }
    }

    /// Tells the model when the keeper changed.
    async fn keep(&mut self, mine: bool, holder: Clean) {
        if self.kept.replace(mine) != Some(mine) {
            let _ = self.lanes.control.send(Msg::Kept { mine, holder }).await;
        }
    }

    fn failed(&mut self, error: &StoreError) {
        if error.keeps_connection() {
            self.report_down(&error.told());
        } else {
            self.lost(&error.told());
        }
    }

    /// Gives the connection up and plans the next attempt.
    fn lost(&mut self, why: &str) {
        self.attempt = self.attempt.saturating_add(1);
        let pause = Duration::from_millis(500 << self.attempt.min(5)).min(PAUSE);
        self.due = clock::mono().after(pause.mul_f64(0.8 + 0.4 * fastrand::f64()));
        self.store = Err(Clean::new(why));
        self.report_down(why);
    }

    fn report_down(&self, why: &str) {
        let error = match self.unkept.len() {
            0 => Clean::new(why),
            1 => Clean::new(&format!("one record is nowhere but in this console, keep it open: {why}")),
            n => Clean::new(&format!("{n} records are nowhere but in this console, keep it open: {why}")),
        };
        let link = LinkReport::Down { error, attempt: self.attempt.max(1), retry_at: self.due };
        self.pulse.send_if_modified(|pulse| std::mem::replace(&mut pulse.link, link.clone()) != link);
    }

    fn writable(&self) {
        if !self.unkept.is_empty() {
            return;
        }
        let alive =
            |pulse: &mut Pulse| std::mem::replace(&mut pulse.link, LinkReport::Alive) != LinkReport::Alive;
        self.pulse.send_if_modified(alive);
    }
}
