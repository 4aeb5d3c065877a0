//! `warroom rollback`: the console's act for scripts and for a hurry without a screen.
//!
//! The same freeze, the same journal, the same runner. Without `--yes` it asks for the revision's number on the
//! terminal, and without a terminal it refuses.

use std::io::{self, Write};
use std::time::Duration;

use super::session::{self, Session};
use super::{Failure, Global, typed};
use crate::clock;
use crate::domain::revision::{split_words, suffix, typed_suffix};
use crate::domain::room::{CloudRunSpec, Mode};
use crate::domain::{Clean, Mono, OpId, OpKind, OpState, ServiceIx, TrafficChange};
use crate::model::Model;
use crate::model::confirm::Stage;
use crate::model::effect::Effect;
use crate::model::msg::{Msg, Token};
use crate::model::ops::Operation;
use crate::model::rollback::{Candidate, Knowledge, proposed};
use crate::runtime::{Changed, Exit, Face};

/// How long to wait for Cloud Run and the journal to be read.
const READ: Duration = Duration::from_secs(20);

/// How long to follow the operation; it goes on without us.
const FOLLOW: Duration = Duration::from_mins(10);

/// How long to wait for the answer of a request that may have left when it was interrupted: a sending takes no longer.
const ANSWER: Duration = Duration::from_secs(20);

/// What to roll back.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// The service, as the config names it
    service: String,
    /// The revision [default: the newest that served everything and was healthy]
    #[arg(long, value_name = "REVISION")]
    to: Option<String>,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Ask the API whether it would accept it (validateOnly); change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command; answers with the exit status.
pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let ix = loaded.room.services.iter().position(|service| service.name == options.service);
    let Some(ix) = ix.and_then(|ix| u16::try_from(ix).ok()).map(ServiceIx) else {
        let names: Vec<_> = loaded.room.services.iter().map(|service| service.name.as_str()).collect();
        let why = format!("the config has: {}", names.join(", "));
        return Err(Failure::usage(
            &format!("there is no service {}", options.service),
            &why,
            "name one of them",
        ));
    };
    if loaded.room.service(ix).is_some_and(|service| service.cloud_run.is_none()) {
        return Err(Failure::usage(
            &format!("service {} cannot be rolled back", options.service),
            "it has no [service.cloud_run] in the config",
            "add one, or name a service that has it",
        ));
    }
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was sent"));
    }
    let asks = !options.yes && !options.dry_run;
    if asks && !typed::can_ask() {
        let why = "it asks before it acts, and there is no terminal to ask on";
        return Err(Failure::usage("nothing was sent", why, "add --yes, or --dry-run to only check"));
    }
    let mut session = Session::open(&loaded, (80, 24), |_| {});
    let done = act(&mut session, ix, options, asks).await;
    session.close().await;
    done
}

async fn act(session: &mut Session, ix: ServiceIx, options: &Options, asks: bool) -> Result<u8, Failure> {
    let mut reading = Waiting { until: clock::mono().after(READ), on: On::Read(ix), told: 0 };
    if let Some(signal) = interrupted(session.run(&mut reading).await?) {
        return Ok(signal);
    }
    let (change, knowledge) = freeze(&session.model, ix, options.to.as_deref())?;
    say(&describe(&session.model, ix, &change, knowledge))?;
    if options.dry_run {
        return dry_run(session, OpKind::Rollback(change)).await;
    }
    if asks && let Some(status) = declined(&session.model, ix, &change).await? {
        say("cancelled: nothing was sent")?;
        return Ok(status);
    }
    let reason = options.reason.clone().unwrap_or_else(|| "operator's decision (command line)".to_owned());
    let id = session.model.op_id();
    // The question may have stood for long.
    let mut effects = session.model.update(Msg::Ticked(clock::now()));
    session.model.begin(id.clone(), OpKind::Rollback(change), Clean::new(&reason), &mut effects);
    session.perform(effects);
    let mut following =
        Waiting { until: clock::mono().after(FOLLOW), on: On::Operation(id.clone()), told: 0 };
    if let Some(signal) = interrupted(session.run(&mut following).await?) {
        return left(session, &id, following.told).await.map(|()| signal);
    }
    ending(&session.model, &id)
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

/// The change, and what the room knows of its target. Without a name only what a record speaks of is taken: what
/// served when this command began may be what is to be left.
fn freeze(model: &Model, ix: ServiceIx, to: Option<&str>) -> Result<(TrafficChange, Knowledge), Failure> {
    let nothing = |what: &str, why: &str, next: &str| Failure::failed(what, why, next);
    let candidates = model.candidates(ix);
    if candidates.is_empty() {
        let why = model.links.reasons(&model.room, model.now);
        let why: Vec<_> = why.iter().map(|r| format!("{} {} {}", r.subject, r.value, r.context)).collect();
        return Err(nothing(
            "Cloud Run could not be read: nothing was sent",
            &why.join("\n"),
            "warroom doctor",
        ));
    }
    let chosen = match to {
        None => proposed(&candidates)
            .and_then(|at| candidates.get(at))
            .filter(|target| target.knowledge != Knowledge::Opened),
        Some(name) => {
            let named = |candidate: &&Candidate| is_named(model, ix, &candidate.revision, name);
            let mut found = candidates.iter().filter(named);
            found.next().filter(|_| found.next().is_none())
        }
    };
    let Some(target) = chosen else {
        let names: Vec<_> = candidates.iter().map(|c| c.revision.as_str()).collect();
        let why = format!("revisions: {}", names.join(", "));
        let what = match to {
            None => "no record tells of a good revision",
            Some(_) => "there is not exactly one such revision",
        };
        return Err(nothing(&format!("{what}: nothing was sent"), &why, "name one with --to"));
    };
    if let Some(why) = &target.why_not {
        let what = format!("{} cannot be the target: nothing was sent", target.revision);
        return Err(nothing(&what, why, "choose another with --to"));
    }
    let state = model.service(ix).and_then(|service| service.traffic.as_ref());
    let change = state.and_then(|state| state.freeze_rollback(ix, &target.revision, model.now.wall));
    change.map(|change| (change, target.knowledge)).ok_or_else(|| {
        nothing("Cloud Run could not be read: nothing was sent", "no answer yet", "warroom doctor")
    })
}

/// Whether `name` is the revision's whole name, what follows the service's in it, or the word that confirms it.
fn is_named(model: &Model, ix: ServiceIx, revision: &str, name: &str) -> bool {
    let cloud = model.room.service(ix).and_then(|service| service.cloud_run.as_ref());
    let short = |cloud: &CloudRunSpec| {
        name == suffix(&cloud.service, revision) || name == typed_suffix(&cloud.service, revision)
    };
    name == revision || cloud.is_some_and(short)
}

fn describe(model: &Model, ix: ServiceIx, change: &TrafficChange, knowledge: Knowledge) -> String {
    let environment = &model.room.environment;
    // For a command, what served when the room opened is what serves now.
    let known = if knowledge == Knowledge::Opened { Knowledge::Nothing } else { knowledge };
    let unlocked = if change.etag.is_empty() {
        "\nwarning: Cloud Run told no etag, so this may overwrite somebody else's change"
    } else {
        ""
    };
    format!(
        "{} ({}): {} → {}\n{} {known}{unlocked}",
        model.service_name(ix),
        environment.name,
        split_words(&change.before),
        split_words(&change.after),
        change.to,
    )
}

/// Asks for the word. `None`: it was typed; else the exit status of a person who did not, or of a signal.
async fn declined(model: &Model, ix: ServiceIx, change: &TrafficChange) -> Result<Option<u8>, Failure> {
    let cloud = model.room.service(ix).and_then(|service| service.cloud_run.as_ref());
    let word = cloud.map_or(change.to.as_str(), |cloud| typed_suffix(&cloud.service, &change.to));
    let question = format!("type {word} to send all traffic to {}; anything else cancels: ", change.to);
    typed::declined(&question, word, "nothing was sent").await
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
    let by_hand = model.ops.get(id).and_then(|op| op.act.by_hand());
    let by_hand = by_hand.map_or_else(String::new, |line| format!("; by hand: {line}"));
    if let Some(Stage::Conflict { op, by }) = &model.refusal {
        let why = format!("{by} has operation {} under way on this service", op.0);
        return Err(Failure::failed("nothing was sent", &why, "watch it in the console, or wait"));
    }
    if let Some(Stage::Unrecorded { error, .. }) = &model.refusal {
        let next = format!(
            "make the journal writable, or roll back from the console, which can act without it{by_hand}"
        );
        return Err(Failure::failed("nothing was sent: the journal cannot be written", error, &next));
    }
    let last = model.ops.get(id).and_then(|op| op.steps.last().cloned());
    match last {
        Some(step) if step.state == OpState::Failed => {
            let next = format!("warroom doctor, then try again{by_hand}");
            Err(Failure::failed("the rollback failed", &step.detail, &next))
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

fn say(text: &str) -> Result<(), Failure> {
    let gone = |error: io::Error| {
        Failure::failed("standard output is gone", &error.to_string(), "look at the journal")
    };
    writeln!(io::stdout().lock(), "{text}").map_err(gone)
}

/// What is waited for.
enum On {
    /// Cloud Run and the journal were read.
    Read(ServiceIx),
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
