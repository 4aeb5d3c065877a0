//! Acting from the command line: describe, ask, journal, act and follow, as the console does it.
//!
//! Without `--yes` it asks for a word on the terminal, and without a terminal it refuses.

use std::io::{self, Write};
use std::time::Duration;

use super::session::Session;
use super::waiting::{On, Open, against, follow, state_of, wait, word};
use super::{Failure, typed};
use crate::clock;
use crate::config::Loaded;
use crate::domain::revision::{split_words, typed_suffix};
use crate::domain::room::{CloudRunSpec, Mode};
use crate::domain::{Clean, OpId, OpKind, OpState, ServiceIx, TrafficChange};
use crate::model::Model;
use crate::model::confirm::Stage;
use crate::model::effect::Effect;
use crate::model::msg::{Msg, Token};

/// How long to wait for a source and the journal to be read.
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

/// What did not happen, of such an act.
fn nothing(act: Option<&OpKind>) -> &'static str {
    if matches!(act, Some(OpKind::Flag(_))) { "nothing was changed" } else { "nothing was sent" }
}

impl Manner {
    fn asks(&self) -> bool {
        !self.yes && !self.dry_run
    }

    fn reason(&self) -> Clean {
        Clean::new(self.reason.as_deref().unwrap_or("operator's decision (command line)"))
    }
}

/// Refuses where nothing may be done or nobody can be asked; `nothing` says what did not happen.
pub(super) fn permitted(loaded: &Loaded, manner: &Manner, nothing: &str) -> Result<(), Failure> {
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only(nothing));
    }
    if manner.asks() && !typed::can_ask() {
        let why = "it asks before it acts, and there is no terminal to ask on";
        return Err(Failure::usage(nothing, why, "add --yes, or --dry-run to only check"));
    }
    Ok(())
}

/// The service of this name, which has a Cloud Run service.
pub(super) fn service(loaded: &Loaded, name: &str) -> Result<ServiceIx, Failure> {
    on_cloud_run(loaded, name).map(|(ix, _)| ix)
}

/// The service of this name, and where it is on Cloud Run.
pub(super) fn on_cloud_run<'l>(
    loaded: &'l Loaded,
    name: &str,
) -> Result<(ServiceIx, &'l CloudRunSpec), Failure> {
    let Some(ix) = loaded.room.service_called(name) else {
        let names: Vec<_> = loaded.room.services.iter().map(|service| service.name.as_str()).collect();
        let why = format!("the config has: {}", names.join(", "));
        return Err(Failure::usage(&format!("there is no service {name}"), &why, "name one of them"));
    };
    let cloud = loaded.room.service(ix).and_then(|service| service.cloud_run.as_ref());
    let none = || {
        Failure::usage(
            &format!("service {name} is not on Cloud Run"),
            "it has no [service.cloud_run] in the config",
            "add one, or name a service that has it",
        )
    };
    cloud.map(|cloud| (ix, cloud)).ok_or_else(none)
}

/// Waits until Cloud Run and the journal were read. Answers with the exit status of a signal.
pub(super) async fn read(session: &mut Session, ix: ServiceIx) -> Result<Option<u8>, Failure> {
    wait(session, On::Read(ix), READ).await
}

/// Waits until the verdict is GO, at most `patience`.
pub(super) async fn wait_for_go(session: &mut Session, patience: Duration) -> Result<Option<u8>, Failure> {
    wait(session, On::Go, patience).await
}

/// Asks, unless it is not to be asked: for `word`, to do `what`, which are these acts. The room goes on meanwhile: what
/// others write down is taken in, and what is read is read when it happens, not all at once after the answer. Answers
/// with the exit status where the word was not typed.
///
/// # Errors
/// By the time of the answer they must not be sent any more.
pub(super) async fn asked(
    session: &mut Session,
    acts: &[OpKind],
    manner: &Manner,
    (word, what): (&str, &str),
) -> Result<Option<u8>, Failure> {
    if !manner.asks() {
        return Ok(None);
    }
    let nothing = nothing(acts.first());
    let question = format!("type {word} to {what}; anything else cancels: ");
    let mut open = Open::new(acts);
    let declined = tokio::select! {
        biased;
        answered = typed::declined(&question, word, nothing) => answered?,
        left = session.run(&mut open) => Some(left?.status()),
    };
    if declined.is_some() {
        say(&format!("cancelled: {nothing}"))?;
        return Ok(declined);
    }
    match against(&session.model, acts) {
        Some(why) => Err(Failure::failed(nothing, &why, "look at it, then run it again")),
        None => Ok(None),
    }
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
    session.model.begin(id.clone(), act.clone(), manner.reason(), &mut effects);
    session.perform(effects);
    let mut told = 0;
    let mut signal = follow(session, On::Operation(id.clone()), FOLLOW, &mut told).await?;
    if signal.is_none() && state_of(&session.model, &id) == Some(OpState::Unknown) {
        // By now it arrived or never will: one look, that sends nothing.
        if let Some(op) = session.model.ops.get(&id) {
            let (op, act, ago) = (op.id.clone(), op.act.clone(), op.sent_ago(session.model.now.wall));
            session.perform(vec![Effect::Recheck { op, act, ago }]);
        }
        signal = follow(session, On::Known(id.clone()), ANSWER, &mut told).await?;
    }
    if let Some(signal) = signal {
        return left(session, &id, told).await.map(|()| signal);
    }
    ending(&session.model, &id, &act)
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
async fn left(session: &mut Session, id: &OpId, mut told: usize) -> Result<(), Failure> {
    let nothing = nothing(session.model.ops.get(id).map(|op| &op.act));
    if state_of(&session.model, id) == Some(OpState::Requested) {
        let why = Clean::new(&format!("interrupted before it was sent: {nothing}"));
        session.perform(vec![Effect::Halt { op: id.clone(), why }]);
        // Standard output may be gone with the terminal.
        let _gone =
            say("interrupted: what has not left is not sent any more; waiting for the answer of what has \
            (Ctrl-C again does not wait)");
        follow(session, On::Answer(id.clone()), ANSWER, &mut told).await?;
    }
    let state = state_of(&session.model, id);
    if state.is_none() && session.model.refusal.is_none() {
        let mut effects = Vec::new();
        let words = Clean::new(&format!("interrupted before it was sent: {nothing}"));
        session.model.withdraw(id, words, &mut effects);
        session.perform(effects);
    }
    say(&farewell(state, nothing))
}

fn farewell(state: Option<OpState>, nothing: &str) -> String {
    match state {
        None => format!("left: {nothing}"),
        Some(OpState::Requested | OpState::Unknown) => {
            "left: it may have been sent, no answer was seen; look at it, or with `warroom journal`"
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

async fn dry_run(session: &mut Session, act: OpKind) -> Result<u8, Failure> {
    let token = Token(u64::MAX);
    session.model.dry_run = None;
    session.perform(vec![Effect::Validate { token, act }]);
    if let Some(signal) = wait(session, On::DryRun, READ).await? {
        return Ok(signal);
    }
    match session.model.dry_run.take() {
        Some(None) => say("dry run: it would be taken; nothing was changed").map(|()| 0),
        Some(Some(error)) => Err(Failure::failed("dry run: refused", &error, "warroom doctor")),
        None => Err(Failure::failed("dry run: no answer", "nothing came in 20 s", "warroom doctor")),
    }
}

fn ending(model: &Model, id: &OpId, act: &OpKind) -> Result<u8, Failure> {
    let (kind, nothing) = (act.word(), nothing(Some(act)));
    let by_hand = act.by_hand().map_or_else(String::new, |line| format!("; by hand: {line}"));
    if let Some((_, Stage::Conflict { op, by })) = &model.refusal {
        let why = format!("{by} has operation {} under way on it", op.0);
        // While it holds the service, the way back is by hand only.
        let back = if matches!(act, OpKind::Rollback(_)) { by_hand.as_str() } else { "" };
        return Err(Failure::failed(nothing, &why, &format!("watch it in the console, or wait{back}")));
    }
    if let Some((_, Stage::Unrecorded { error, .. })) = &model.refusal {
        let next =
            format!("make the journal writable, or act from the console, which can do without it{by_hand}");
        return Err(Failure::failed(&format!("{nothing}: the journal cannot be written"), error, &next));
    }
    let last = model.ops.get(id).and_then(|op| op.steps.last().cloned());
    match last {
        Some(step) if step.state == OpState::Failed => {
            let next = format!("warroom doctor, then try again{by_hand}");
            Err(Failure::failed(&format!("the {kind} failed"), &step.detail, &next))
        }
        Some(step) if step.state == OpState::Effective && kind != "run" => {
            let drains = model.ops.get(id).is_some_and(|op| op.act.drains());
            let drained = if drains { ", and the old sockets are gone (DRAINED)" } else { "" };
            let follow = "`warroom watch` or the console follows it";
            say(&format!("not known yet: whether it is good (VERIFIED){drained}; {follow}")).map(|()| 0)
        }
        Some(step) if step.state >= OpState::Effective && step.state != OpState::Unknown => Ok(0),
        Some(step) if matches!(step.state, OpState::Accepted | OpState::Reconciling) => {
            let what = format!("still {} after {} min", word(step.state), FOLLOW.as_secs() / 60);
            let next = format!("it goes on: watch it in the console, or look at it{by_hand}");
            Err(Failure::failed(&what, &step.detail, &next))
        }
        step => {
            let next =
                format!("look at it before anything else; the console's key `c` checks again{by_hand}");
            let unknown = step.filter(|step| step.state == OpState::Unknown);
            let why = unknown.map_or_else(|| "no answer was seen".to_owned(), |step| step.detail.to_string());
            Err(Failure::failed("the outcome is UNKNOWN: it may have happened", &why, &next))
        }
    }
}

/// Writes a line to standard output.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let gone = |error: io::Error| {
        Failure::failed("standard output is gone", &error.to_string(), "look at the journal")
    };
    writeln!(io::stdout().lock(), "{text}").map_err(gone)
}
