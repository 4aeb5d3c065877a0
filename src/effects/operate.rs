//! Acting on Cloud Run: each act in a task of its own, driven by a pure machine, its steps told as messages.
//!
//! What is sent was journaled or consented to: without an [`Authority`] there is no sending. Ending a task at any
//! moment sends nothing; what was under way is then known by its journaled intent and can be re-checked.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use self::machine::{Answer, Ask, Run};
use crate::clients::cloud_run::Client;
use crate::clock;
use crate::domain::{Clean, Mono, OpId, OpKind, OpState, ServiceIx};
use crate::lanes::Lanes;
use crate::model::effect::Authority;
use crate::model::msg::{Msg, Token};

mod machine;

/// The API of one service, and the bell that wakes its source.
#[derive(Debug, Clone)]
pub struct Line {
    /// Speaks for the service; shared with the source.
    pub client: Arc<Client>,
    /// Makes the source read now.
    pub read_now: Arc<Notify>,
}

/// Carries out acts. One per console; dropping it ends all watching and sends nothing.
#[derive(Debug)]
pub struct Operators {
    lines: HashMap<ServiceIx, Line>,
    lanes: Lanes,
    tasks: JoinSet<()>,
    /// Acts of this process: when each was sent, and its task.
    known: HashMap<OpId, (Mono, AbortHandle)>,
}

impl Operators {
    /// For the services that have a Cloud Run service.
    pub fn new(by_service: impl IntoIterator<Item = (ServiceIx, Line)>, lanes: Lanes) -> Self {
        Self { lines: by_service.into_iter().collect(), lanes, tasks: JoinSet::new(), known: HashMap::new() }
    }

    /// Sends the act, once per `op` for ever, and watches it; answered by `Operated`.
    pub fn operate(&mut self, op: OpId, act: OpKind, _authority: Authority) {
        if self.known.contains_key(&op) {
            return;
        }
        let service = act.service();
        self.start(op, Run::new(act), service, clock::mono());
    }

    /// Looks whether an act happened and watches it if it did; sends nothing. Answered by `Operated`.
    pub fn recheck(&mut self, op: OpId, act: &OpKind) {
        let (sent, ago) = match self.known.get(&op) {
            Some((_, task)) if !task.is_finished() => return,
            Some((sent, _)) => (*sent, clock::mono().since(*sent)),
            // Of another process or before a restart: not sent before it was frozen.
            None => (clock::mono(), since_frozen(act)),
        };
        self.start(op, Run::recheck(act.clone(), ago), act.service(), sent);
    }

    /// Asks whether the act would be taken; answered by `Validated`.
    pub fn validate(&mut self, token: Token, act: OpKind) {
        let (line, lanes) = (self.lines.get(&act.service()).cloned(), self.lanes.clone());
        self.reap();
        self.tasks.spawn(async move {
            let error = match line {
                None => Some(Clean::new(NO_LINE)),
                Some(line) => match line.client.change(&act, true).await {
                    Ok(operation) => operation.error,
                    Err(error) => Some(Clean::new(&error.to_string())),
                },
            };
            let _closed = lanes.control.send(Msg::Validated { token, error }).await;
        });
    }

    /// Makes the source of `service` read now.
    pub fn read(&self, service: ServiceIx) {
        if let Some(line) = self.lines.get(&service) {
            line.read_now.notify_one();
        }
    }

    fn start(&mut self, op: OpId, run: Run, service: ServiceIx, sent: Mono) {
        let (line, lanes) = (self.lines.get(&service).cloned(), self.lanes.clone());
        self.reap();
        let id = op.clone();
        let task = self.tasks.spawn(async move {
            match line {
                Some(line) => drive(&id, run, &line, &lanes).await,
                None => tell(&lanes, &id, OpState::Failed, Clean::new(NO_LINE)).await,
            }
        });
        self.known.insert(op, (sent, task));
    }

    /// Forgets tasks that ended.
    fn reap(&mut self) {
        while self.tasks.try_join_next().is_some() {}
    }
}

const NO_LINE: &str = "nothing was moved: this service has no Cloud Run service in the config";

async fn drive(op: &OpId, mut run: Run, line: &Line, lanes: &Lanes) {
    let began = clock::mono();
    let act = run.act().clone();
    while let Some((ask, rest)) = run.next() {
        sleep(rest).await;
        let answer = match ask {
            Ask::Send => Answer::Sent(line.client.change(&act, false).await),
            Ask::Operation(name) => Answer::Operation(line.client.operation(&name).await),
            Ask::Service => Answer::Service(Box::new(line.client.service().await)),
        };
        for (state, detail) in run.take(answer, clock::mono().since(began)) {
            tell(lanes, op, state, detail).await;
            line.read_now.notify_one();
        }
    }
}

async fn tell(lanes: &Lanes, op: &OpId, state: OpState, detail: Clean) {
    let msg = Msg::Operated { op: op.clone(), state, detail, at: clock::now() };
    // The runtime is gone: there is nobody to tell.
    let _closed = lanes.control.send(msg).await;
}

fn since_frozen(act: &OpKind) -> Duration {
    let frozen_at = match act {
        OpKind::Rollback(change) | OpKind::Traffic(change) => change.frozen_at,
        OpKind::Flag(change) => change.frozen_at,
    };
    // A clock that was set back: as if just sent.
    (clock::wall() - frozen_at).to_std().unwrap_or_default()
}
