//! `warroom flag list` and `warroom flag set`: the console's flags for scripts.
//!
//! The same freeze, the same journal, the same runner. Without `--yes` it asks for the flag's name on the terminal in
//! production, for a yes elsewhere, and without a terminal it refuses.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;

use super::session::{self, Session};
use super::{Failure, Global, typed};
use crate::clock;
use crate::domain::flag::Wanted;
use crate::domain::room::Mode;
use crate::domain::{Clean, FlagChange, Mono, OpId, OpKind, OpState, SourceId, format};
use crate::model::Model;
use crate::model::confirm::Stage;
use crate::model::effect::Effect;
use crate::model::flags::Extra;
use crate::model::msg::{Msg, Token};
use crate::model::ops::Operation;
use crate::report::snapshot;
use crate::runtime::{Changed, Exit, Face};

/// How long to wait for the flag and the journal to be read.
const READ: Duration = Duration::from_secs(20);

/// How long to follow the operation; it goes on without us.
const FOLLOW: Duration = Duration::from_mins(10);

/// How long an answer that was lost is looked for.
const LOOKED_FOR: Duration = Duration::from_secs(45);

/// What to do with flags.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Act {
    /// List the flags: what each is set to, for how many, who changed it last
    List {
        /// One JSON object, schema warroom.flags/1
        #[arg(long)]
        json: bool,
    },
    /// Set a flag: asks, journals, acts, and reads it back
    Set(Options),
}

/// What to set.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// The flag, as the config names it
    flag: String,
    /// on, off, a percentage from 0 to 100, or previous: what it was before its last change
    value: Wanted,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// What keeps a share the same people (Unleash: default, userId, sessionId, random or a field of your own)
    #[arg(long, value_name = "FIELD")]
    stickiness: Option<String>,
    /// The new revision gets the image that serves, instead of the template's (Cloud Run)
    #[arg(long)]
    serving_image: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Only look whether it would be done; change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command; answers with the exit status.
pub(super) async fn run(global: &Global, act: &Act) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let options = match act {
        Act::List { json } => {
            let mut session = Session::open(&loaded, (80, 24), |_| {});
            let listed = list(&mut session, *json).await;
            session.close().await;
            return listed;
        }
        Act::Set(options) => options,
    };
    if !loaded.room.flags.iter().any(|flag| flag.name == options.flag) {
        let names: Vec<_> = loaded.room.flags.iter().map(|flag| flag.name.as_str()).collect();
        let why = format!("the config has: {}", names.join(", "));
        let what = format!("there is no flag {}", options.flag);
        return Err(Failure::usage(&what, &why, "name one of them"));
    }
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was changed"));
    }
    if !options.yes && !options.dry_run && !typed::can_ask() {
        let why = "it asks before it acts, and there is no terminal to ask on";
        return Err(Failure::usage("nothing was changed", why, "add --yes, or --dry-run to only check"));
    }
    let mut session = Session::open(&loaded, (80, 24), |_| {});
    let done = set(&mut session, options).await;
    session.close().await;
    done
}

async fn list(session: &mut Session, as_json: bool) -> Result<u8, Failure> {
    let all = (0..session.model.room.flags.len()).collect();
    if let Some(signal) = wait(session, On::Read(all), READ).await? {
        return Ok(signal);
    }
    let rows = snapshot::flags(&session.model);
    if as_json {
        let page = json!({ "schema": "warroom.flags/1", "flags": rows });
        return say(&page.to_string()).map(|()| 0);
    }
    let model = &session.model;
    for flag in model.all_flags() {
        let place =
            flag.read.map_or_else(|| model.service_name(flag.spec.service), |read| read.place.to_string());
        let mut line =
            format!("{:<28} {:<22} {} {place}", flag.spec.name, flag.words(), flag.spec.provider().word());
        if let Some(change) = flag.change {
            let word = if change.outside { "changed outside" } else { "set" };
            let by = if change.by.is_empty() { "not known" } else { &change.by };
            line += &format!(
                ", {word} by {by} {}, was {}",
                format::moment(change.at, model.now.wall),
                change.from
            );
        }
        if let Some(days) = flag.overdue {
            line += &format!(", debt: {days} days over its time");
        }
        say(&line)?;
    }
    // What is not known is no success.
    Ok(u8::from(model.all_flags().any(|flag| flag.value == crate::model::flags::FlagValue::Unknown)))
}

async fn set(session: &mut Session, options: &Options) -> Result<u8, Failure> {
    let index = session.model.flag_named(&options.flag).unwrap_or_default();
    if let Some(signal) = wait(session, On::Read(vec![index]), READ).await? {
        return Ok(signal);
    }
    let extra = Extra { stickiness: options.stickiness.clone(), serving_image: options.serving_image };
    let act = session.model.flag_change(&options.flag, options.value, &extra);
    let act = act.map_err(|why| unread(&session.model, index, &why))?;
    say(&describe(&session.model, &act))?;
    if options.dry_run {
        return dry_run(session, act).await;
    }
    if !options.yes {
        if let Some(status) = declined(session, &act).await? {
            say("cancelled: nothing was changed")?;
            return Ok(status);
        }
        // The question may have stood for long.
        let now = session.model.flag_change(&options.flag, options.value, &extra);
        let now = now.map_err(|why| unread(&session.model, index, &why))?;
        if !same_change(&now, &act) {
            let why = format!(
                "while the question stood it became another change:\n{}",
                describe(&session.model, &now)
            );
            return Err(Failure::failed("nothing was changed", &why, "run it again"));
        }
    }
    let reason = options.reason.clone().unwrap_or_else(|| "operator's decision (command line)".to_owned());
    let id = session.model.op_id();
    let mut effects = session.model.update(Msg::Ticked(clock::now()));
    session.model.begin(id.clone(), act, Clean::new(&reason), &mut effects);
    session.perform(effects);
    if let Some(signal) = wait(session, On::Operation(id.clone()), FOLLOW).await? {
        if state_of(&session.model, &id).is_none() && session.model.refusal.is_none() {
            let mut effects = Vec::new();
            let words = Clean::new("interrupted before it was sent: nothing was changed");
            session.model.withdraw(&id, words, &mut effects);
            session.perform(effects);
            return say("left: nothing was sent").map(|()| signal);
        }
        return say("left: it may have been sent; `warroom flag list` tells").map(|()| signal);
    }
    ending(&session.model, &id)
}

/// Asks for the word. The room goes on meanwhile: what others write down is taken in, and what is read is read when it
/// happens, not all at once after the answer. `None`: it was typed; else the exit status.
async fn declined(session: &mut Session, act: &OpKind) -> Result<Option<u8>, Failure> {
    let OpKind::Flag(change) = act else { return Ok(None) };
    let word = if session.model.guards_flag(change) { change.flag.clone() } else { "yes".to_owned() };
    let question = format!("type {word} to do that; anything else cancels: ");
    let mut open = Open;
    tokio::select! {
        biased;
        answered = typed::declined(&question, &word, "nothing was changed") => answered,
        left = session.run(&mut open) => Ok(Some(left?.status())),
    }
}

/// Whether both ask for the same, frozen from the same.
fn same_change(one: &OpKind, other: &OpKind) -> bool {
    let (OpKind::Flag(one), OpKind::Flag(other)) = (one, other) else { return false };
    FlagChange { frozen_at: other.frozen_at, ..one.clone() } == *other
}

/// A room that is only kept going.
struct Open;

impl Face for Open {
    fn show(&mut self, _: &Model, _: Changed) -> io::Result<usize> {
        Ok(0)
    }

    fn finished(&self, _: &Model) -> Option<Exit> {
        None
    }
}

/// Why there is no change: the link's own words where the flag could not be read at all.
fn unread(model: &Model, index: usize, why: &Clean) -> Failure {
    let link = model.flag_source(index).and_then(|source| model.links.get(&source));
    let down = link.and_then(|link| link.down.as_ref()).map(|down| down.error.to_string());
    let why = down.map_or_else(|| why.to_string(), |error| format!("{why}\n{error}"));
    Failure::failed("nothing was changed", &why, "look at `warroom flag list` and `warroom doctor`")
}

fn describe(model: &Model, act: &OpKind) -> String {
    let OpKind::Flag(change) = act else { return String::new() };
    let before = change.before.as_deref().unwrap_or("not set");
    let after = if change.removes { "not set" } else { change.after.as_str() };
    let environment = &model.room.environment.name;
    let mut words = format!("{} ({environment}): {before} → {after}", change.flag);
    if let Some(live) = &change.live {
        words += &format!(", at once, in {} ({})", live.place, live.provider.word());
        // The first one says that much.
        for line in model.live_consequences(change).iter().skip(1) {
            words += &format!("\n▲ {line}");
        }
        return words;
    }
    let traffic = model.traffic(change.service);
    let lines = traffic.map(|traffic| crate::model::flags::consequences(traffic, change));
    for line in lines.into_iter().flatten() {
        // The dialog's key; here it is an option.
        words += &format!("\n▲ {}", line.replace("; t takes", "; --serving-image chooses between it and"));
    }
    words
}

async fn dry_run(session: &mut Session, act: OpKind) -> Result<u8, Failure> {
    session.model.dry_run = None;
    session.perform(vec![Effect::Validate { token: Token(u64::MAX), act }]);
    if let Some(signal) = wait(session, On::DryRun, READ).await? {
        return Ok(signal);
    }
    match session.model.dry_run.take() {
        Some(None) => say("dry run: it would be done; nothing was changed").map(|()| 0),
        Some(Some(error)) => Err(Failure::failed("dry run: refused", &error, "warroom doctor")),
        None => Err(Failure::failed("dry run: no answer", "nothing came in 20 s", "warroom doctor")),
    }
}

fn ending(model: &Model, id: &OpId) -> Result<u8, Failure> {
    match &model.refusal {
        Some((_, Stage::Conflict { op, by })) => {
            let why = format!("{by} has operation {} under way on it", op.0);
            return Err(Failure::failed("nothing was changed", &why, "watch it in the console, or wait"));
        }
        Some((_, Stage::Unrecorded { error, .. })) => {
            let next = "make the journal writable, or use the console, which can act without it";
            return Err(Failure::failed("nothing was changed: the journal cannot be written", error, next));
        }
        _ => {}
    }
    match model.ops.get(id).and_then(|op| op.steps.last()) {
        Some(step) if step.state == OpState::Failed => {
            Err(Failure::failed("the flag was not set", &step.detail, "look at it, then try again"))
        }
        Some(step) if step.state >= OpState::Effective && step.state != OpState::Unknown => Ok(0),
        step => {
            let why = step.map_or("no answer was seen", |step| &step.detail);
            let next = "look at the flag before anything else; the console's key `c` checks again";
            Err(Failure::failed("the outcome is UNKNOWN: it may have happened", why, next))
        }
    }
}

fn state_of(model: &Model, id: &OpId) -> Option<OpState> {
    model.ops.get(id).and_then(Operation::state)
}

fn say(text: &str) -> Result<(), Failure> {
    super::written(writeln!(io::stdout().lock(), "{text}"))
}

/// What is waited for.
enum On {
    /// These flags were read, or cannot be, and the journal was.
    Read(Vec<usize>),
    /// The dry run was answered.
    DryRun,
    /// The operation is effective, failed or unknown.
    Operation(OpId),
}

/// Runs the room until that is there, or `length` is over; answers with the status of a signal, if one came.
async fn wait(session: &mut Session, on: On, length: Duration) -> Result<Option<u8>, Failure> {
    let mut waiting = Waiting { until: clock::mono().after(length), on, told: 0 };
    Ok(match session.run(&mut waiting).await? {
        Exit::Status(_) | Exit::Quit => None,
        exit @ (Exit::Signal(_) | Exit::HungUp) => Some(exit.status()),
    })
}

struct Waiting {
    until: Mono,
    on: On,
    told: usize,
}

impl Face for Waiting {
    fn show(&mut self, model: &Model, _: Changed) -> io::Result<usize> {
        if let On::Operation(id) = &self.on
            && let Some(op) = model.ops.get(id)
        {
            for step in op.steps.iter().skip(self.told) {
                let (at, state) = (format::clock(step.at), step.state.to_string().to_uppercase());
                writeln!(io::stdout().lock(), "{at} {state} {}", step.detail)?;
            }
            self.told = op.steps.len();
        }
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        let settled = |source: SourceId| {
            let link = model.links.get(&source);
            link.is_some_and(|link| link.last_ok.is_some() || link.down.is_some())
        };
        let over = match &self.on {
            On::Read(flags) => {
                let read = flags.iter().all(|index| model.flag_source(*index).is_none_or(settled));
                read && model.journal.checked_up_to().is_some()
            }
            On::DryRun => model.dry_run.is_some(),
            On::Operation(id) => {
                let step = model.ops.get(id).and_then(|op| op.steps.last());
                let ended = step.is_some_and(|step| match step.state {
                    // It is still being looked for.
                    OpState::Unknown => {
                        (model.now.wall - step.at).to_std().is_ok_and(|since| since > LOOKED_FOR)
                    }
                    state => state >= OpState::Effective,
                });
                model.refusal.is_some() || ended
            }
        };
        (over || clock::mono() >= self.until).then_some(Exit::Status(0))
    }
}
