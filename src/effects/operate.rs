//! Acting on Cloud Run: each act in a task of its own, driven by a pure machine, its steps told as messages.
//!
//! What is sent was journaled or consented to: without an [`Authority`] there is no sending. It leaves soon after
//! that or not at all, so that a console which only has the record knows when it is over. Ending a task at any moment
//! sends nothing; what was under way is then known by its journaled intent and can be re-checked.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use self::machine::{Answer, Ask, Run};
use crate::clients::cloud_run::{ApiError, Client, ErrorKind, Operation};
use crate::clients::permit::Permit;
use crate::clock;
use crate::domain::{Clean, Mono, OpId, OpKind, OpState, ServiceIx, Wall};
use crate::lanes::Lanes;
use crate::model::effect::Authority;
use crate::model::msg::{Denied, Hurdle, Msg, Token};

mod machine;

/// Why a dry run was refused, as the room is told.
fn denied(error: &ApiError) -> Denied {
    let by = match error.kind {
        ErrorKind::Unauthenticated | ErrorKind::Credentials => Hurdle::Credentials,
        ErrorKind::Permission => Hurdle::Permission,
        _ => Hurdle::Request,
    };
    Denied { by, why: Clean::new(&error.to_string()) }
}

/// One sending with all that goes before it (a token, a template); shorter than a request may take to arrive.
const SENDING: Duration = Duration::from_secs(20);

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
    /// Acts of this process, and those it looked at: the sending of each, and its task.
    known: HashMap<OpId, (Arc<Sending>, AbortHandle)>,
}

/// What the task of an act and its owner tell each other.
#[derive(Debug)]
struct Sending {
    /// Until when it may be sent; not any more after somebody else wrote down its end.
    permit: Permit,
    /// Why it is not to be sent any more.
    halted: watch::Sender<Option<Clean>>,
    /// When it was last begun to be sent.
    last: watch::Sender<Option<Mono>>,
}

impl Sending {
    fn new(until: Wall, last: Option<Mono>) -> Arc<Self> {
        Arc::new(Self {
            permit: Permit::new(until, Arc::default()),
            halted: watch::Sender::new(None),
            last: watch::Sender::new(last),
        })
    }

    /// Lets `rest` go by; if the run waits to send, and is halted meanwhile or was, the reason.
    async fn rested(&self, rest: Duration, waits: bool) -> Option<Clean> {
        let mut halted = self.halted.subscribe();
        tokio::select! {
            biased;
            why = halted.wait_for(Option::is_some), if waits => why.ok().and_then(|why| why.clone()),
            () = sleep(rest) => None,
        }
    }
}

impl Operators {
    /// For the services that have a Cloud Run service.
    pub fn new(by_service: impl IntoIterator<Item = (ServiceIx, Line)>, lanes: Lanes) -> Self {
        Self { lines: by_service.into_iter().collect(), lanes, tasks: JoinSet::new(), known: HashMap::new() }
    }

    /// Sends the act, once per `op` for ever and not after `until`, and watches it; answered by `Operated`.
    pub fn operate(&mut self, op: OpId, act: OpKind, _authority: Authority, until: Wall) {
        if self.known.contains_key(&op) {
            return;
        }
        let line = self.lines.get(&act.service()).cloned().ok_or((OpState::Failed, Clean::new(NO_LINE)));
        self.start(op, Run::new(act), line, Sending::new(until, None));
    }

    /// Sends `op` no more, for this reason; if it was not sent yet, it ends with it.
    pub fn halt(&self, op: &OpId, why: Clean) {
        if let Some((sending, _)) = self.known.get(op) {
            sending.permit.halt();
            sending.halted.send_if_modified(|halted| halted.is_none() && halted.replace(why).is_none());
        }
    }

    /// Lets `op` leave until then.
    pub fn prolong(&self, op: &OpId, until: Wall) {
        if let Some((sending, _)) = self.known.get(op) {
            sending.permit.prolong(until);
        }
    }

    /// Looks whether an act happened and watches it if it did; sends nothing. `ago`: so long ago it was sent, at least.
    /// Answered by `Operated`.
    pub fn recheck(&mut self, op: OpId, act: &OpKind, ago: Duration) {
        let last = match self.known.get(&op) {
            Some((_, task)) if !task.is_finished() => return,
            Some((sending, _)) => *sending.last.borrow(),
            None => None,
        };
        // Of another process or before a restart: only the record's time is known.
        let ago = last.map_or(ago, |last| clock::mono().since(last));
        let run = Run::recheck(act.clone(), ago);
        let line = self.lines.get(&act.service()).filter(|line| line.client.name() == act.resource());
        let elsewhere =
            || format!("{} is not in this config: look at it from a console that has it", act.resource());
        let line = line.cloned().ok_or_else(|| (OpState::Unknown, Clean::new(&elsewhere())));
        self.start(op, run, line, Sending::new(Wall::MIN_UTC, last));
    }

    /// Asks whether the act would be taken; answered by `Validated`.
    pub fn validate(&mut self, token: Token, act: OpKind) {
        let (line, lanes) = (self.lines.get(&act.service()).cloned(), self.lanes.clone());
        self.reap();
        self.tasks.spawn(async move {
            let error = match line {
                None => Some(Clean::new(NO_LINE).into()),
                Some(line) => match line.client.validate(&act).await {
                    Ok(operation) => operation.error.map(Denied::from),
                    Err(error) => Some(denied(&error)),
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

    /// Starts `run` on its line; without one, what there is to say instead.
    fn start(&mut self, op: OpId, run: Run, line: Result<Line, (OpState, Clean)>, sending: Arc<Sending>) {
        let lanes = self.lanes.clone();
        self.reap();
        let (id, wire) = (op.clone(), sending.clone());
        let task = self.tasks.spawn(async move {
            match line {
                Ok(line) => drive(&id, run, &line, &lanes, &wire).await,
                Err((state, why)) => tell(&lanes, &id, state, why).await,
            }
        });
        self.known.insert(op, (sending, task));
    }

    /// Forgets tasks that ended.
    fn reap(&mut self) {
        while self.tasks.try_join_next().is_some() {}
    }
}

const TOO_LATE: &str = "too late to be sent: nothing was moved; start again";

const NO_LINE: &str = "nothing was moved: this service has no Cloud Run service in the config";

async fn drive(op: &OpId, mut run: Run, line: &Line, lanes: &Lanes, sending: &Sending) {
    let began = clock::mono();
    let act = run.act().clone();
    while let Some((ask, rest)) = run.next() {
        let halted = sending.rested(rest, run.is_unsent()).await;
        let answer = match (halted, ask) {
            (Some(why), _) => Answer::Unsent(why),
            (None, Ask::Send) if !sending.permit.is_allowed() => Answer::Unsent(Clean::new(TOO_LATE)),
            (None, Ask::Send) => {
                sending.last.send_replace(Some(clock::mono()));
                Answer::Sent(send(&line.client, &act, &sending.permit).await)
            }
            (None, Ask::Operation(name)) => Answer::Operation(line.client.operation(&name).await),
            (None, Ask::Service) => Answer::Service(Box::new(line.client.service().await)),
        };
        for (state, detail) in run.take(answer, clock::mono().since(began)) {
            tell(lanes, op, state, detail).await;
            line.read_now.notify_one();
        }
        if let Some((wait, why)) = run.told_to_wait() {
            let until = clock::wall() + wait;
            // The runtime is gone: there is nobody to tell.
            let _closed = lanes.control.send(Msg::ToldToWait { op: op.clone(), until, why }).await;
        }
    }
}

async fn send(client: &Client, act: &OpKind, permit: &Permit) -> Result<Operation, ApiError> {
    timeout(SENDING, client.send(act, permit)).await.unwrap_or_else(|_| {
        let why = Clean::new("no answer in 20 s");
        Err(ApiError { kind: ErrorKind::NoAnswer, what: "send the change", why })
    })
}

async fn tell(lanes: &Lanes, op: &OpId, state: OpState, detail: Clean) {
    let msg = Msg::Operated { op: op.clone(), state, detail, at: clock::now() };
    // The runtime is gone: there is nobody to tell.
    let _closed = lanes.control.send(msg).await;
}
