//! `gate` and `trust`: gates from a script, with the same records as from the console.

mod change;
mod waits;

use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use self::change::Asked;
use self::waits::{Owed, Reading, Running};
use super::desk::{self, Desk};
use super::session::{self, Session};
use super::{Failure, Global, look, written};
use crate::clock;
use crate::domain::room::{Mode, Room};
use crate::domain::run::{Guards, Quarry, RunNews};
use crate::domain::{Clean, Entry};
use crate::effects::gates::{sought, unknown};
use crate::model::gate_acts::Obstacle;
use crate::model::gates::runs::Foreign;
use crate::model::gates::trust::{Line, Trust};
use crate::model::gates::{Gate, Gates, Source};
use crate::model::gates_told::asks_this_machine;
use crate::model::msg::Msg;
use crate::report::snapshot::gates::{row, rows, status};
use crate::runtime::Exit;

/// How long to wait for the documents and the journal to be read.
const READ: Duration = Duration::from_secs(20);

/// What to do with gates.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Step {
    /// Run one, with its output as it comes: status 0 if it passed, 1 if not, 2 if it cannot be run
    Run {
        /// Its name, its id or the beginning of it (four characters or more), or a part of its text that no other has
        gate: String,
        /// One JSON object at the end instead of the output
        #[arg(long)]
        json: bool,
        /// Do not ask, if it changes something; it has to be named exactly
        #[arg(long)]
        yes: bool,
        /// Why, for the journal, if it changes something
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// All gates, and how they stand
    List {
        /// One JSON object, schema warroom.gates/1
        #[arg(long)]
        json: bool,
    },
}

/// Which document to trust.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct TrustOptions {
    /// A checklist, as the config names it or by its path
    file: PathBuf,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs the command; answers with the exit status.
pub(super) async fn gate(global: &Global, step: &Step) -> Result<u8, Failure> {
    match step {
        Step::Run { gate, json, yes, reason } => {
            let (yes, quiet) = (*yes, *json);
            run(global, &Asked { wanted: gate, yes, reason: reason.as_deref(), quiet }).await
        }
        Step::List { json } => list(global, *json).await,
    }
}

async fn list(global: &Global, json: bool) -> Result<u8, Failure> {
    let mut desk = Desk::open(global).await?;
    look_around(&mut desk).await;
    if desk.gates.list().is_empty() {
        let words = "no gates: no command of a checklist is one, and the config has no [[gate]]";
        let _gone = writeln!(io::stderr().lock(), "{words}");
    }
    let nothing = guards_nothing(&desk.gates).await;
    let room = &desk.loaded.room;
    let mut out = io::stdout().lock();
    let outcome = if json {
        writeln!(
            out,
            "{}",
            json!({ "schema": "warroom.gates/1", "gates": rows(room, &desk.gates), "guards_nothing": nothing })
        )
    } else {
        desk.gates.list().iter().try_for_each(|gate| write_line(room, &desk.gates, gate, &mut out)).and_then(
            |()| {
                nothing.iter().try_for_each(|path| {
                    writeln!(out, "finding: {path} guards nothing, git knows no such file")
                })
            },
        )
    };
    written(outcome)?;
    let problems = desk.checklist.problems();
    for problem in problems {
        let _gone = writeln!(io::stderr().lock(), "warning: {problem}");
    }
    Ok(u8::from(!problems.is_empty()))
}

/// Guarded paths of which git knows no file.
async fn guards_nothing(gates: &Gates) -> BTreeSet<String> {
    let asked: BTreeSet<(&Path, &Guards)> = gates
        .list()
        .iter()
        .filter(|gate| gate.is_gate())
        .map(|gate| (gate.dir.as_path(), &gate.guards))
        .collect();
    let mut nothing = BTreeSet::new();
    for (dir, guards) in asked.into_iter().filter(|(_, guards)| !guards.paths.is_empty()) {
        nothing.extend(unknown(dir, guards).await);
    }
    nothing
}

/// Whether what runs elsewhere is still there, and what changed under gates that passed.
async fn look_around(desk: &mut Desk) {
    let runs: Vec<Quarry> = desk.gates.runs.elsewhere().map(Foreign::quarry).collect();
    if !runs.is_empty() {
        let logs = session::store_path(&desk.loaded).with_extension("gates");
        for news in sought(runs, logs).await {
            if let RunNews::Sought { run, alive, watched, log } = news {
                desk.gates.runs.sought(&run, (alive, watched), log);
            }
        }
    }
    look::compare_guarded(&mut desk.gates).await;
}

fn write_line(room: &Room, gates: &Gates, gate: &Gate, out: &mut impl Write) -> io::Result<()> {
    let standing = gates.standing(gate);
    let trusted = match &gate.source {
        Source::Config => "",
        Source::Document(path) if gates.trust().of(path).is_some() => "",
        Source::Document(_) => "  [not trusted]",
    };
    let why = if standing.why.is_empty() { String::new() } else { format!(": {}", standing.why) };
    let kind = if gate.is_gate() { String::new() } else { format!(" ({})", gate.command.kind) };
    let here = asks_this_machine(room, &gate.command).filter(|_| gate.is_gate());
    let here = here.map_or_else(String::new, |text| format!("\n{:26}finding: {text}", ""));
    writeln!(out, "{} {:<12} {}{kind}{why}{trusted}{here}", gate.id, standing.word(), gate.name)
}

/// The gate that `wanted` names.
fn named<'g>(gates: &'g Gates, wanted: &str) -> Result<&'g Gate, Failure> {
    gates.find(wanted).map_err(|found| {
        let shown = Clean::new(wanted);
        if found.is_empty() {
            let why = format!("{} gates are known", gates.list().len());
            return Failure::usage(
                &format!("no gate is called \"{shown}\""),
                &why,
                "`warroom gate list` has all",
            );
        }
        let ids: Vec<String> = found.iter().map(|gate| format!("{} {}", gate.id, gate.name)).collect();
        Failure::usage(
            &format!("\"{shown}\" is {} gates", found.len()),
            &ids.join("\n"),
            "name one by its id",
        )
    })
}

async fn run(global: &Global, asked: &Asked<'_>) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was run"));
    }
    let mut session = Session::briefly(&loaded, (80, 24));
    let done = follow(&mut session, asked).await;
    session.close().await;
    done
}

async fn follow(session: &mut Session, asked: &Asked<'_>) -> Result<u8, Failure> {
    let mut reading = Reading { until: clock::mono().after(READ) };
    if let Some(signal) = interrupted(session.run(&mut reading).await?) {
        return Ok(signal);
    }
    let gate = named(&session.model.gates, asked.wanted)?.clone();
    let mut effects = Vec::new();
    let run = match session.model.order_gate(&gate.id, &mut effects) {
        Ok(run) => run,
        Err(Obstacle::Mutation) => return change::run(session, &gate, asked).await,
        Err(obstacle) => return Err(refused(&gate, &obstacle)),
    };
    session.perform(effects);
    let mut running = Running::of(&gate, run, asked.quiet);
    if let Some(signal) = interrupted(session.run(&mut running).await?) {
        return Ok(signal);
    }
    if let Some((_, by)) = session.model.gates.runs.beaten.as_ref() {
        let what = format!("gate {} was not run", gate.name);
        let why = format!("{by} runs it at another console");
        return Err(Failure::usage(&what, &why, "wait for it, or stop it there"));
    }
    if let Some(signal) = settled(session, &gate).await? {
        return Ok(signal);
    }
    let gates = &session.model.gates;
    let standing = gates.standing(&gate);
    let mut out = io::stdout().lock();
    let outcome = if asked.quiet {
        writeln!(
            out,
            "{}",
            json!({ "schema": "warroom.gate/1", "gate": row(&session.model.room, gates, &gate) })
        )
    } else {
        let took = standing.last.map_or(0.0, |past| past.evidence.millis as f64 / 1000.0);
        let findings = standing.last.map(|past| past.evidence.findings.clone()).unwrap_or_default();
        let lines =
            findings.iter().map(|finding| format!("finding: {finding}\n")).collect::<Vec<_>>().concat();
        writeln!(out, "{lines}gate {} {}: {} · {took:.1}s", gate.name, standing.word(), standing.why)
    };
    written(outcome)?;
    if let Some(why) = session.model.journal.cannot_write() {
        let what = "the gate ran, and its result is not in the journal";
        return Err(Failure::failed(what, why, "make the journal writable, then run it again"));
    }
    Ok(status(standing.state))
}

/// What follows from the run for the items that rest on the gate is recorded too, as in the console. Answers with the exit
/// status of a signal.
async fn settled(session: &mut Session, gate: &Gate) -> Result<Option<u8>, Failure> {
    let effects = session.model.update(Msg::Ticked(clock::now()));
    session.perform(effects);
    Ok(interrupted(session.run(&mut Owed::of(gate)).await?))
}

fn refused(gate: &Gate, obstacle: &Obstacle) -> Failure {
    let what = format!("gate {} was not run", gate.name);
    let next = match (obstacle, &gate.source) {
        (Obstacle::Untrusted(_), Source::Document(path)) => format!("read them: warroom trust {path}"),
        (Obstacle::Refused(_), _) => "correct it in the document".to_owned(),
        _ => "wait for it, or stop it in the console".to_owned(),
    };
    Failure::usage(&what, &obstacle.words(), &next)
}

/// `warroom trust`.
pub(super) async fn trust(global: &Global, options: &TrustOptions) -> Result<u8, Failure> {
    let file = options.file.to_string_lossy().into_owned();
    let mut global = global.clone();
    // Without a config the file itself is the room's checklist, as where its gates were asked for.
    let loaded = match session::load(&global) {
        Err(_) if global.checklist.is_empty() => {
            global.checklist.push(options.file.clone());
            session::load(&global)?
        }
        loaded => loaded?,
    };
    let same = |path: &Path| {
        let whole = |path: &Path| path.canonicalize().ok();
        whole(path).is_some() && whole(path) == whole(&options.file)
    };
    let known = loaded.room.checklists.iter().find(|known| known.name == file || same(&known.path));
    let name = known.map_or_else(|| Clean::new(&file).to_string(), |known| known.name.clone());
    if known.is_none() {
        global.checklist.push(options.file.clone());
    }
    let desk = Desk::open(&global).await?;
    let Some(commands) = desk.gates.trust().commands(&name) else {
        let problems: Vec<&str> = desk.checklist.problems().iter().map(|problem| &**problem).collect();
        return Err(Failure::usage(
            &format!("{name} cannot be read"),
            &problems.join("\n"),
            "name a Markdown file",
        ));
    };
    let mut out = io::stdout().lock();
    if let Some(given) = desk.gates.trust().of(&name) {
        let words = format!("the {} commands of {name} are trusted already, by {}", commands.count, given.by);
        return written(writeln!(out, "{words}")).map(|()| 0);
    }
    written(show(&desk, &name, &mut out))?;
    drop(out);
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was trusted"));
    }
    if !options.yes && !asked(&name)? {
        return written(writeln!(io::stdout().lock(), "not trusted")).map(|()| 1);
    }
    let (hash, kept) = (commands.hash.clone(), Trust::kept(commands));
    let count = commands.count;
    let record =
        desk::append(&desk.loaded, Entry::Trusted { document: name.clone(), hash, commands: kept }).await?;
    let words = format!("{count} commands of {name} trusted by {}, record {}", record.by, record.seq);
    written(writeln!(io::stdout().lock(), "{words}")).map(|()| 0)
}

/// The commands, and what of them is new.
fn show(desk: &Desk, name: &str, out: &mut impl Write) -> io::Result<()> {
    let trust = desk.gates.trust();
    if let Some(given) = trust.lost(name) {
        writeln!(out, "the commands of {name} changed since {} trusted them:", given.by)?;
    }
    let lost = trust.lost(name).is_some();
    for line in trust.compared(name) {
        let (sign, text) = match &line {
            Line::Added(text) if lost => ("+", text),
            Line::Same(text) | Line::Added(text) => (" ", text),
            Line::Removed(text) => ("-", text),
        };
        writeln!(out, "{sign} {text}")?;
    }
    Ok(())
}

/// Asks on the terminal.
fn asked(name: &str) -> Result<bool, Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let why = "it asks before it trusts, and there is no terminal to ask on";
        return Err(Failure::usage("nothing was trusted", why, "read the commands above, then add --yes"));
    }
    let unreadable =
        |error: io::Error| Failure::failed("nothing was trusted", &error.to_string(), "add --yes");
    let question = format!("type yes to trust the commands of {name}; anything else cancels: ");
    io::stderr().lock().write_all(question.as_bytes()).map_err(unreadable)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
    Ok(line.trim() == "yes")
}

fn interrupted(exit: Exit) -> Option<u8> {
    match exit {
        Exit::Status(_) | Exit::Quit => None,
        Exit::Signal(_) | Exit::HungUp => Some(exit.status()),
    }
}
