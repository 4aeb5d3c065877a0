//! The command line: one definition, from which help, man page and completions are made.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

mod alert;
mod compare;
mod console;
mod dashboard;
mod demo;
mod desk;
mod doctor;
mod export;
mod failure;
mod find;
mod flag;
mod gate;
mod init;
mod items;
mod journal;
mod journals;
mod logs;
mod look;
mod man;
mod moving;
mod plan;
mod probe;
mod reading;
mod report;
mod rollback;
mod rollout;
mod ruling;
mod session;
mod sign;
mod stage;
mod traffic;
mod typed;
mod waiting;
mod watch;

pub use failure::Failure;

/// A terminal war room for risky rollouts: live health, events, metrics, checklist and traffic, one verdict.
#[derive(Debug, Parser)]
#[command(name = "warroom", version, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags of every command.
#[derive(Debug, Clone, clap::Args)]
struct Global {
    /// The config file [default: ./config.toml, then the platform's config directory]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A checklist in Markdown, besides those of the config; may be given many times
    #[arg(long, global = true, value_name = "FILE")]
    checklist: Vec<PathBuf>,
    /// Who sits here, as the journal keeps it
    #[arg(long = "as", global = true, value_name = "NAME")]
    operator: Option<String>,
    /// Role in the room: commander, deployer, on-call …
    #[arg(long, global = true)]
    role: Option<String>,
    /// Watch only: no action can be reached
    #[arg(long, global = true)]
    read_only: bool,
    /// dark, light, high-contrast, mono, colour-blind, or a theme file
    #[arg(long, global = true)]
    theme: Option<String>,
    /// No colours; `NO_COLOR` in the environment does the same
    #[arg(long, global = true)]
    no_color: bool,
    /// ASCII glyphs only
    #[arg(long, global = true)]
    ascii: bool,
    /// The journal [default: in the platform's data directory]
    #[arg(long, global = true, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Append the program's own log to this file; `WARROOM_LOG` sets its level, error to trace [default: info]
    #[arg(long, global = true, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// What to do; without one, the console.
#[derive(Debug, Subcommand)]
enum Command {
    /// Play a simulated rollout on loopback and open the console on it: no account, no config, no network
    Demo(demo::Options),
    /// Watch without a screen: a line for each change of the verdict, or a JSON snapshot each second
    Watch {
        /// One JSON object a line, schema warroom.snapshot/1
        #[arg(long)]
        json: bool,
        /// Stop after this time (30s, 5m); the exit status is the verdict's then
        #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
        length: Option<Duration>,
        /// Stop with status 0 when the verdict is this
        #[arg(long, value_enum)]
        until: Option<Until>,
    },
    /// Judge once after a short warm-up; the exit status says it: 0 GO, 10 HOLD, 11 NO-GO, 12 ROLL BACK
    Verdict {
        /// The last snapshot as one JSON object
        #[arg(long)]
        json: bool,
        /// How long to look first; what is getting better then is looked at for up to a minute more
        #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10s")]
        warm_up: Duration,
    },
    /// List every checklist item with its id, state, and who ticked it when
    Items {
        /// One JSON object, schema warroom.items/1
        #[arg(long)]
        json: bool,
    },
    /// Tick an item, or say that it does not apply, failed, or is waived
    Tick(sign::Options),
    /// Take back what was said of an item
    Untick {
        /// Its id, the beginning of it (four characters or more), its text, or a part of it that no other item has
        item: String,
    },
    /// Write the ticks into a copy of a checklist, with who and when as comments; every other byte stays
    Export(export::Options),
    /// Print a dashboard, or all of them, as the config has them, to be pasted there
    Dashboard {
        /// Its name
        name: Option<String>,
    },
    /// Begin a rollout, mark its T0, end it
    Rollout {
        #[command(subcommand)]
        step: rollout::Step,
    },
    /// Run a gate, or list them all: commands whose result is evidence
    Gate {
        #[command(subcommand)]
        step: gate::Step,
    },
    /// List feature flags, or set one
    #[command(subcommand)]
    Flag(flag::Act),
    /// List alerts, acknowledge and mute them, try a route
    Alert {
        #[command(subcommand)]
        act: alert::Act,
    },
    /// Trust the commands of a checklist as they are: shows them, asks
    Trust(gate::TrustOptions),
    /// Where the rollout is; go on to the next stage, hold, repeat or give up this one
    #[command(subcommand)]
    Stage(stage::Act),
    /// Override the verdict for a time; the room's own stays on the screen beside it
    Override(ruling::Override),
    /// Accept a condition that fails, or that cannot be seen, as it is for a time
    Accept(ruling::Accept),
    /// Write down a decision, a complaint, a ticket
    Note {
        /// The text
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Write down what a metric is that a person reads
    Reading(reading::Options),
    /// Send a message as a user would, on a connection of its own, and judge the run that comes of it
    Probe {
        #[command(subcommand)]
        act: probe::Act,
    },
    /// What is understood of checklists and runbooks, and what not; with a config, which queries it cannot ask; runs nothing
    Plan {
        /// Markdown files
        #[arg(required_unless_present = "check_golden", value_name = "FILE")]
        files: Vec<PathBuf>,
        /// One JSON object, schema warroom.plan/1; of golden frames one a stream, schema warroom.golden/1
        #[arg(long)]
        json: bool,
        /// Replay the golden frames of this directory through the config's decoder and schemas instead: 1 if any differs
        #[arg(long, value_name = "DIR")]
        check_golden: Option<PathBuf>,
    },
    /// The record of who did what
    Journal {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// Check the whole hash chain instead; prints its length and head
        #[arg(long)]
        verify: bool,
    },
    /// Write the deployment validation report, or the timeline of an incident, from the journal
    Report(report::Options),
    /// Write a commented config.toml from checklists
    Init(init::Options),
    /// Check config, journal, checklists, endpoints, credentials and permissions
    Doctor {
        /// One JSON object, schema warroom.doctor/1
        #[arg(long)]
        json: bool,
    },
    /// Send all traffic of a service back to an earlier revision: asks, journals, acts, and follows it
    Rollback(rollback::Options),
    /// Shift traffic between revisions, back to the latest, and tags: asks, journals, acts, and follows it
    #[command(subcommand)]
    Traffic(traffic::Act),
    /// The log entries of a service or of one revision, which errors are known, and how many there are of each kind
    Logs(logs::Options),
    /// What differs between two revisions: image, variables, secrets, scaling; 1 if anything does
    Compare(compare::Revisions),
    /// Compare environments by the variables of what serves; 1 if they differ
    #[command(subcommand)]
    Env(compare::Act),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

/// A verdict to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    /// GO
    Go,
    /// NO-GO
    NoGo,
    /// ROLL BACK
    RollBack,
}

fn duration(text: &str) -> Result<Duration, String> {
    crate::domain::time::duration(text).map_err(str::to_owned)
}

/// Runs the program on `args`.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error, args.iter().any(|arg| arg == "--json")),
    };
    let json = cli.wants_json();
    match run(cli) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            tracing::error!(what = failure.what, why = failure.why, status = failure.status, "failed");
            let _ = failure.write(&mut io::stderr().lock(), json);
            ExitCode::from(failure.status)
        }
    }
}

/// Help and version, which are no errors, or what is wrong with the arguments.
fn unparsed(error: &clap::Error, json: bool) -> ExitCode {
    if error.use_stderr() && json {
        let text = error.render().to_string();
        let (what, why) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        let what = what.strip_prefix("error: ").unwrap_or(what);
        let failure = Failure::usage(what, why.trim(), "see `warroom --help`");
        let _gone = failure.write(&mut io::stderr().lock(), true);
    } else {
        let _gone = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(cli: Cli) -> Result<u8, Failure> {
    if let Some(path) = &cli.global.log {
        crate::telemetry::start(path).map_err(|error| {
            Failure::usage(
                &format!("the log {} cannot be written", path.display()),
                &error.to_string(),
                "name another file with --log",
            )
        })?;
    }
    match cli.command {
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "warroom", &mut text);
            print(&text)
        }
        Some(Command::Man) => print(&man::page(Cli::command())),
        Some(Command::Init(options)) => session::runtime()?.block_on(init::run(&cli.global, &options)),
        Some(Command::Plan { files, json, check_golden }) => match check_golden {
            Some(dir) => plan::golden(&cli.global, &files, &dir, json),
            None => plan::run(&cli.global, &files, json),
        },
        command => session::runtime()?.block_on(act(&cli.global, command)),
    }
}

/// Carries out what needs the runtime.
async fn act(global: &Global, command: Option<Command>) -> Result<u8, Failure> {
    match command {
        None => Box::pin(console::run(global)).await,
        Some(Command::Rollback(options)) => rollback::run(global, &options).await,
        Some(Command::Traffic(act)) => traffic::run(global, &act).await,
        Some(Command::Logs(options)) => Box::pin(logs::run(global, &options)).await,
        Some(Command::Compare(options)) => compare::revisions(global, &options).await,
        Some(Command::Env(act)) => compare::env(global, &act).await,
        Some(Command::Demo(options)) => Box::pin(demo::run(global, &options)).await,
        Some(Command::Watch { json, length, until }) => watch::watch(global, json, length, until).await,
        Some(Command::Verdict { json, warm_up }) => watch::verdict(global, json, warm_up).await,
        Some(Command::Items { json }) => items::items(global, json).await,
        Some(Command::Tick(options)) => Box::pin(sign::tick(global, &options)).await,
        Some(Command::Untick { item }) => sign::untick(global, &item).await,
        Some(Command::Export(options)) => export::run(global, &options).await,
        Some(Command::Dashboard { name }) => dashboard::run(global, name.as_deref()).await,
        Some(Command::Rollout { step }) => rollout::run(global, &step).await,
        Some(Command::Gate { step }) => gate::gate(global, &step).await,
        Some(Command::Flag(act)) => flag::run(global, &act).await,
        Some(Command::Alert { act }) => alert::run(global, &act).await,
        Some(Command::Trust(options)) => gate::trust(global, &options).await,
        Some(Command::Stage(act)) => stage::run(global, &act).await,
        Some(Command::Override(options)) => ruling::overrule(global, &options).await,
        Some(Command::Accept(options)) => ruling::accept(global, &options).await,
        Some(Command::Note { text }) => desk::note(global, &text).await,
        Some(Command::Probe { act }) => Box::pin(probe::run(global, &act)).await,
        Some(Command::Reading(options)) => reading::run(global, &options).await,
        Some(Command::Journal { json, verify }) => journal::run(global, json, verify).await,
        Some(Command::Report(options)) => report::run(global, &options).await,
        Some(Command::Doctor { json }) => doctor::run(global, json).await,
        Some(Command::Completions { .. } | Command::Man | Command::Plan { .. } | Command::Init(_)) => Ok(0),
    }
}

/// Writes to standard output.
fn print(text: &[u8]) -> Result<u8, Failure> {
    written(io::stdout().lock().write_all(text)).map(|()| 0)
}

/// What became of output. A reader that went away (`| head`) is no failure; a full disk is one.
fn written(outcome: io::Result<()>) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(
            "the output cannot be written",
            &error.to_string(),
            "check where standard output goes",
        )),
        _ => Ok(()),
    }
}

impl Cli {
    fn wants_json(&self) -> bool {
        match &self.command {
            Some(
                Command::Watch { json, .. }
                | Command::Verdict { json, .. }
                | Command::Items { json }
                | Command::Plan { json, .. }
                | Command::Journal { json, .. }
                | Command::Gate { step: gate::Step::Run { json, .. } | gate::Step::List { json } }
                | Command::Alert { act: alert::Act::List { json } }
                | Command::Probe { act: probe::Act::Run { json, .. } }
                | Command::Stage(stage::Act::Show { json })
                | Command::Flag(flag::Act::List { json })
                | Command::Doctor { json },
            ) => *json,
            Some(Command::Report(options)) => options.wants_json(),
            Some(Command::Logs(options)) => options.wants_json(),
            Some(Command::Compare(options)) => options.wants_json(),
            Some(Command::Env(act)) => act.wants_json(),
            None
            | Some(
                Command::Demo(_)
                | Command::Rollback(_)
                | Command::Traffic(_)
                | Command::Tick(_)
                | Command::Untick { .. }
                | Command::Dashboard { .. }
                | Command::Rollout { .. }
                | Command::Alert { .. }
                | Command::Flag(_)
                | Command::Export(_)
                | Command::Init(_)
                | Command::Note { .. }
                | Command::Stage(_)
                | Command::Override(_)
                | Command::Accept(_)
                | Command::Reading(_)
                | Command::Trust(_)
                | Command::Completions { .. }
                | Command::Man,
            ) => false,
        }
    }
}
