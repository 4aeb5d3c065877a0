//! Changing flags at live providers: each act in a task of its own, driven by a pure machine, its steps told as messages.
//!
//! As for Cloud Run: without an [`Authority`] there is no sending, it leaves soon after its record or not at all, and a
//! task that ends at any moment sends nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use self::machine::{Answer, Ask, Run};
use crate::clients::flags::{Client, Fault, Permit};
use crate::clock;
use crate::domain::flag::LiveChange;
use crate::domain::{Clean, OpId, OpState, Wall};
use crate::lanes::Lanes;
use crate::model::effect::Authority;
use crate::model::msg::{Denied, Msg, Token};

mod machine;

/// All steps of one writing together.
const WRITING: Duration = Duration::from_secs(20);

/// One flag's client, and the bell that wakes its source.
#[derive(Debug, Clone)]
pub struct Line {
    /// Speaks for the flag; shared with the source.
    pub client: Arc<Client>,
    /// Makes the source read now.
    pub read_now: Arc<Notify>,
}

/// Carries out changes of flags. One per console; dropping it ends all watching and sends nothing.
#[derive(Debug)]
pub struct Flags {
    lines: HashMap<String, Line>,
    lanes: Lanes,
    tasks: JoinSet<()>,
    known: HashMap<OpId, (Arc<AtomicBool>, AbortHandle)>,
}

impl Flags {
    /// For flags by their resource.
    pub fn new(lines: impl IntoIterator<Item = (String, Line)>, lanes: Lanes) -> Self {
        Self { lines: lines.into_iter().collect(), lanes, tasks: JoinSet::new(), known: HashMap::new() }
    }

    /// Makes the change, once per `op` for ever and not after `until`; answered by `Operated`.
    pub fn operate(
        &mut self,
        op: OpId,
        resource: &str,
        change: LiveChange,
        _authority: Authority,
        until: Wall,
    ) {
        if !self.known.contains_key(&op) {
            let line = self.lines.get(resource).cloned();
            self.start(op, Run::new(change), line, (until, OpState::Failed));
        }
    }

    /// Sends `op` no more, if it was not sent yet.
    pub fn halt(&self, op: &OpId) {
        if let Some((halted, _)) = self.known.get(op) {
            halted.store(true, Ordering::SeqCst);
        }
    }

    /// Looks whether a change happened; sends nothing. It was sent `ago`, at least. Answered by `Operated`.
    pub fn recheck(&mut self, op: OpId, resource: &str, change: LiveChange, ago: Duration) {
        if self.known.get(&op).is_some_and(|(_, task)| !task.is_finished()) {
            return;
        }
        let line = self.lines.get(resource).cloned();
        self.start(op, Run::recheck(change, ago), line, (Wall::MIN_UTC, OpState::Unknown));
    }

    /// Looks whether the change would be made now; answered by `Validated`.
    pub fn validate(&mut self, token: Token, resource: &str, change: LiveChange) {
        let (line, lanes) = (self.lines.get(resource).cloned(), self.lanes.clone());
        self.reap();
        self.tasks.spawn(async move {
            let error = match line {
                None => Some(Clean::new(NO_LINE)),
                Some(line) => line.client.check(&change).await.err(),
            };
            let _closed = lanes.control.send(Msg::Validated { token, error: error.map(Denied::from) }).await;
        });
    }

    /// `or` is the state of an act without a line.
    fn start(&mut self, op: OpId, run: Run, line: Option<Line>, (until, or): (Wall, OpState)) {
        self.reap();
        let halted = Arc::new(AtomicBool::new(false));
        let (lanes, id, wire) = (self.lanes.clone(), op.clone(), halted.clone());
        let task = self.tasks.spawn(async move {
            match line {
                Some(line) => drive(&id, run, &line, &lanes, &Permit::new(until, wire)).await,
                None => tell(&lanes, &id, or, Clean::new(NO_LINE)).await,
            }
        });
        self.known.insert(op, (halted, task));
    }

    fn reap(&mut self) {
        while self.tasks.try_join_next().is_some() {}
    }
}

const NO_LINE: &str = "this flag is not in this config: look at it from a console that has it";

async fn drive(op: &OpId, mut run: Run, line: &Line, lanes: &Lanes, permit: &Permit) {
    let began = clock::mono();
    while let Some((ask, rest)) = run.next() {
        sleep(rest).await;
        let answer = match ask {
            Ask::Write if !permit.is_allowed() => Answer::Unsent,
            Ask::Write => Answer::Written(write(&line.client, run.change(), permit).await),
            Ask::Read => Answer::Read(line.client.read().await),
        };
        for (state, detail) in run.take(answer, clock::mono().since(began)) {
            tell(lanes, op, state, detail).await;
            line.read_now.notify_one();
        }
    }
}

async fn write(client: &Client, change: &LiveChange, permit: &Permit) -> Result<(), Fault> {
    let late = || Fault::Open(Clean::new("no answer in 20 s"));
    timeout(WRITING, client.write(change, permit)).await.unwrap_or_else(|_late| Err(late()))
}

async fn tell(lanes: &Lanes, op: &OpId, state: OpState, detail: Clean) {
    let msg = Msg::Operated { op: op.clone(), state, detail, at: clock::now() };
    // The runtime is gone: there is nobody to tell.
    let _closed = lanes.control.send(msg).await;
}
