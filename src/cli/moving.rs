//! Moving traffic from the command line: freeze, describe, ask, journal, act and follow, as the console does it.
//!
//! Without `--yes` it asks for the revision's number on the terminal, and without a terminal it refuses.

use std::io::{self, Write};
use std::time::Duration;

use super::session::Session;
use super::{Failure, typed};
use crate::clock;
use crate::config::Loaded;
use crate::domain::revision::{split_words, typed_suffix};
use crate::domain::room::Mode;
use crate::domain::{Clean, Mono, OpId, OpKind, OpState, ServiceIx, TrafficChange, VerdictState};
use crate::model::Model;
use crate::model::confirm::Stage;
use crate::model::effect::Effect;
use crate::model::msg::{Msg, Token};
use crate::model::ops::Operation;
use crate::runtime::{Changed, Exit, Face};

/// How long to wait for Cloud Run and the journal to be read.
pub(super) const READ: Duration = Duration::from_secs(20);

/// How long to follow the operation; it goes on without us.
const FOLLOW: Duration = Duration::from_mins(10);

/// How long to wait for the answer of a request that may have left when it was interrupted: a sending takes no longer.
const ANSWER: Duration = Duration::from_secs(20);

/// How an act is asked for.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Manner {
    /// Why, for the journal
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
    /// Ask the API whether it would accept it (validateOnly); change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Manner {
    fn asks(&self) -> bool {
        !self.yes && !self.dry_run
    }

    fn reason(&self) -> Clean {
        Clean::new(self.reason.as_deref().unwrap_or("operator's decision (command line)"))
    }
}

/// Refuses where nothing may be moved or nobody can be asked.
pub(super) fn permitted(loaded: &Loaded, manner: &Manner) -> Result<(), Failure> {
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was sent"));
    }
    if manner.asks() && !typed::can_ask() {
        let why = "it asks before it acts, and there is no terminal to ask on";
        return Err(Failure::usage("nothing was sent", why, "add --yes, or --dry-run to only check"));
    }
    Ok(())
}

/// The service of this name, which has a Cloud Run service.
pub(super) fn service(loaded: &Loaded, name: &str) -> Result<ServiceIx, Failure> {
    let ix = loaded.room.services.iter().position(|service| service.name == name);
    let Some(ix) = ix.and_then(|ix| u16::try_from(ix).ok()).map(ServiceIx) else {
        let names: Vec<_> = loaded.room.services.iter().map(|service| service.name.as_str()).collect();
        let why = format!("the config has: {}", names.join(", "));
        return Err(Failure::usage(&format!("there is no service {name}"), &why, "name one of them"));
    };
    if loaded.room.service(ix).is_some_and(|service| service.cloud_run.is_none()) {
        return Err(Failure::usage(
            &format!("the traffic of service {name} cannot be moved"),
            "it has no [service.cloud_run] in the config",
            "add one, or name a service that has it",
        ));
    }
    Ok(ix)
}

/// Waits until Cloud Run and the journal were read. Answers with the exit status of a signal.
pub(super) async fn read(session: &mut Session, ix: ServiceIx) -> Result<Option<u8>, Failure> {
    wait(session, On::Read(ix), READ).await
}

/// Waits until the verdict is GO, at most `patience`.
pub(super) async fn wait_for_go(session: &mut Session, patience: Duration) -> Result<Option<u8>, Failure> {
    wait(session, On::Go, patience).await
}

async fn wait(session: &mut Session, on: On, patience: Duration) -> Result<Option<u8>, Failure> {
    let mut waiting = Waiting { until: clock::mono().after(patience), on, told: 0 };
    Ok(interrupted(session.run(&mut waiting).await?))
}

/// Asks, unless it is not to be asked: for `word`, to do `what`. Answers with the exit status where it was not typed.
pub(super) async fn asked(manner: &Manner, word: &str, what: &str) -> Result<Option<u8>, Failure> {
    if !manner.asks() {
        return Ok(None);
    }
    let question = format!("type {word} to {what}; anything else cancels: ");
    let declined = typed::declined(&question, word, "nothing was sent").await?;
    if declined.is_some() {
        say("cancelled: nothing was sent")?;
    }
    Ok(declined)
}

/// The word that confirms `change`.
pub(super) fn typed_word<'a>(model: &Model, change: &'a TrafficChange) -> &'a str {
    let cloud = model.room.service(change.service).and_then(|service| service.cloud_run.as_ref());
    cloud.map_or(change.to.as_str(), |cloud| typed_suffix(&cloud.service, &change.to))
}

/// Journals the act, sends it and follows it until it is effective; answers with the exit status.
pub(super) async fn carry_out(session: &mut Session, act: OpKind, manner: &Manner) -> Result<u8, Failure> {
    if manner.dry_run {
        return dry_run(session, act).await;
    }
    let id = session.model.op_id();
    // The question may have stood for long.
    let mut effects = session.model.update(Msg::Ticked(clock::now()));
    session.model.refusal = None;
    session.model.begin(id.clone(), act, manner.reason(), &mut effects);
    session.perform(effects);
    let mut following =
        Waiting { until: clock::mono().after(FOLLOW), on: On::Operation(id.clone()), told: 0 };
    if let Some(signal) = interrupted(session.run(&mut following).await?) {
        return left(session, &id, following.told).await.map(|()| signal);
    }
    ending(&session.model, &id)
}

/// `cart (production): A 90 %, B 10 % → A 100 %`.
pub(super) fn describe(model: &Model, change: &TrafficChange) -> String {
    let unlocked = if change.etag.is_empty() {
        "\nwarning: Cloud Run told no etag, so this may overwrite somebody else's change"
    } else {
        ""
    };
    let (before, after) = (split_words(&change.before), split_words(&change.after));
    let (name, environment) = (model.service_name(change.service), &model.room.environment.name);
    format!("{name} ({environment}): {before} → {after}{unlocked}")
}

/// Interrupted: what was not sent is not sent any more, and what may have left is waited for a little.
async fn left(session: &mut Session, id: &OpId, told: usize) -> Result<(), Failure> {
    if state_of(&session.model, id) == Some(OpState::Requested) {
        // Standard output may be gone with the terminal.
        let _gone = say(
            "interrupted; the request may have left: waiting for its answer (Ctrl-C again does not wait)",
        );
        let mut answer = Waiting { until: clock::mono().after(ANSWER), on: On::Answer(id.clone()), told };
        session.run(&mut answer).await?;
    }
    let state = state_of(&session.model, id);
    if state.is_none() && session.model.refusal.is_none() {
        let mut effects = Vec::new();
        let words = Clean::new("interrupted before it was sent: nothing was moved");
        session.model.withdraw(id, words, &mut effects);
        session.perform(effects);
    }
    say(&farewell(state))
}

fn farewell(state: Option<OpState>) -> String {
    match state {
        None => "left: nothing was sent".to_owned(),
        Some(OpState::Requested | OpState::Unknown) => {
            "left: it may have been sent, no answer was seen; look at the service, or with `warroom journal`"
                .to_owned()
        }
        Some(state) if state.is_final() => format!("left: the operation is {}", word(state)),
        Some(state) => {
            format!(
                "left at {}: the operation goes on; `warroom journal` and the console show it",
                word(state)
            )
        }
    }
}

fn word(state: OpState) -> String {
    state.to_string().to_uppercase()
}

fn state_of(model: &Model, id: &OpId) -> Option<OpState> {
    model.ops.get(id).and_then(Operation::state)
}

async fn dry_run(session: &mut Session, act: OpKind) -> Result<u8, Failure> {
    let token = Token(u64::MAX);
    session.model.dry_run = None;
    session.perform(vec![Effect::Validate { token, act }]);
    let mut waiting = Waiting { until: clock::mono().after(READ), on: On::DryRun, told: 0 };
    if let Some(signal) = interrupted(session.run(&mut waiting).await?) {
        return Ok(signal);
    }
    match session.model.dry_run.take() {
        Some(None) => say("dry run: accepted by the API; nothing was changed").map(|()| 0),
        Some(Some(error)) => Err(Failure::failed("dry run: refused", &error, "warroom doctor")),
        None => {
            Err(Failure::failed("dry run: no answer", "the API did not answer in 20 s", "warroom doctor"))
        }
    }
}

fn ending(model: &Model, id: &OpId) -> Result<u8, Failure> {
    let kind = model.ops.get(id).map_or("act", |op| op.act.word());
    let by_hand = model.ops.get(id).and_then(|op| op.act.by_hand());
    let by_hand = by_hand.map_or_else(String::new, |line| format!("; by hand: {line}"));
    if let Some((_, Stage::Conflict { op, by })) = &model.refusal {
        let why = format!("{by} has operation {} under way on this service", op.0);
        return Err(Failure::failed("nothing was sent", &why, "watch it in the console, or wait"));
    }
    if let Some((_, Stage::Unrecorded { error, .. })) = &model.refusal {
        let next =
            format!("make the journal writable, or act from the console, which can do without it{by_hand}");
        return Err(Failure::failed("nothing was sent: the journal cannot be written", error, &next));
    }
    let last = model.ops.get(id).and_then(|op| op.steps.last().cloned());
    match last {
        Some(step) if step.state == OpState::Failed => {
            let next = format!("warroom doctor, then try again{by_hand}");
            Err(Failure::failed(&format!("the {kind} failed"), &step.detail, &next))
        }
        Some(step) if step.state >= OpState::Effective && step.state != OpState::Unknown => Ok(0),
        Some(step) if matches!(step.state, OpState::Accepted | OpState::Reconciling) => {
            let what = format!("still {} after {} min", word(step.state), FOLLOW.as_secs() / 60);
            let next = format!("it goes on: watch it in the console, or look at the service{by_hand}");
            Err(Failure::failed(&what, &step.detail, &next))
        }
        step => {
            let next = format!(
                "look at the service before anything else; the console's key `c` checks again{by_hand}"
            );
            let unknown = step.filter(|step| step.state == OpState::Unknown);
            let why = unknown.map_or_else(|| "no answer was seen".to_owned(), |step| step.detail.to_string());
            Err(Failure::failed("the outcome is UNKNOWN: it may have happened", &why, &next))
        }
    }
}

fn interrupted(exit: Exit) -> Option<u8> {
    match exit {
        Exit::Status(_) | Exit::Quit => None,
        Exit::Signal(_) | Exit::HungUp => Some(exit.status()),
    }
}

/// Writes a line to standard output.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let gone = |error: io::Error| {
        Failure::failed("standard output is gone", &error.to_string(), "look at the journal")
    };
    writeln!(io::stdout().lock(), "{text}").map_err(gone)
}

/// What is waited for.
enum On {
    /// Cloud Run and the journal were read.
    Read(ServiceIx),
    /// The verdict is GO.
    Go,
    /// The dry run was answered.
    DryRun,
    /// The operation is effective, failed or unknown.
    Operation(OpId),
    /// The request was answered, or is known not to be.
    Answer(OpId),
}

struct Waiting {
    until: Mono,
    on: On,
    told: usize,
}

impl Face for Waiting {
    fn show(&mut self, model: &Model, _: Changed) -> io::Result<usize> {
        if let On::Operation(id) | On::Answer(id) = &self.on
            && let Some(op) = model.ops.get(id)
        {
            for step in op.steps.iter().skip(self.told) {
                let at = crate::domain::format::clock(step.at);
                writeln!(io::stdout().lock(), "{at} {} {}", word(step.state), step.detail)?;
            }
            self.told = op.steps.len();
        }
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        let over = match &self.on {
            On::Read(ix) => model.traffic(*ix).is_some() && model.journal.checked_up_to().is_some(),
            On::Go => model.verdicts.now.state == VerdictState::Go,
            On::DryRun => model.dry_run.is_some(),
            On::Operation(id) => {
                let state = state_of(model, id);
                let ended = [OpState::Failed, OpState::Unknown].map(Some).contains(&state);
                model.refusal.is_some() || ended || state.is_some_and(|state| state >= OpState::Effective)
            }
            On::Answer(id) => state_of(model, id) != Some(OpState::Requested),
        };
        (over || clock::mono() >= self.until).then_some(Exit::Status(0))
    }
}
