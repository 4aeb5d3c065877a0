//! `warroom logs`: the log entries of a service or of one revision, for scripts; which errors are known, and how many there
//! are of each kind.

use std::io::{self, Write as _};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Failure, Global, duration, moving, session, written};
use crate::clients::cloud_run::{self, ApiError, ErrorKind};
use crate::clients::logging::{self, Ask, Client};
use crate::clock;
use crate::config::Loaded;
use crate::domain::logs::{Book, KindCount, Known, Severity, next_since};
use crate::domain::revision::named;
use crate::domain::room::{CloudRunSpec, LogsSpec};
use crate::domain::{ServiceIx, format};
use crate::runtime;
use crate::sources::logs::backoff;

/// Which entries, and how they are told.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// The service, as the config names it
    service: String,
    /// Of this revision: its whole name, its end, or its number [default: of all]
    #[arg(long)]
    revision: Option<String>,
    /// How far back
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10m")]
    since: Duration,
    /// As bad as this, or worse: DEFAULT, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL, ALERT, EMERGENCY
    #[arg(long, default_value = "DEFAULT", value_parser = severity)]
    severity: Severity,
    /// Go on with what comes, until interrupted
    #[arg(long)]
    follow: bool,
    /// One JSON object an entry
    #[arg(long)]
    json: bool,
}

impl Options {
    pub(super) fn wants_json(&self) -> bool {
        self.json
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    text.parse().map_err(|_unknown| format!("there is no severity `{text}`"))
}

/// Runs the command.
pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let (ix, cloud) = moving::on_cloud_run(&loaded, &options.service)?;
    let revision = match &options.revision {
        Some(name) => Some(whole_name(cloud, name).await?),
        None => None,
    };
    let Some(client) = Client::new(cloud, &loaded.room.logs) else {
        let why = "[service.cloud_run] names another endpoint than Google's, and [logs] none";
        return Err(Failure::usage("where the logs are is not known", why, "write [logs] endpoint = \"…\""));
    };
    let since = clock::wall() - options.since;
    let mut reader = Reader {
        ask: Ask { revision, least: options.severity, since },
        ix,
        loaded: &loaded,
        json: options.json,
        book: Book::default(),
    };
    if !options.follow {
        return match reader.read(&client).await {
            Err(end) => end.told(),
            Ok(()) if options.json => Ok(0),
            Ok(()) => print(&reader.counted()).map(|()| 0),
        };
    }
    let signals = runtime::signals()
        .map_err(|error| Failure::failed("signals cannot be handled", &error.to_string(), "try again"))?;
    tokio::select! {
        signal = signals => Ok(runtime::Exit::Signal(signal).status()),
        end = reader.follow(&client, &loaded.room.logs) => end.told(),
    }
}

/// Revisions are named as the other commands take them. Who may not list them may still name one whole.
async fn whole_name(cloud: &CloudRunSpec, name: &str) -> Result<String, Failure> {
    let whole = name.strip_prefix(&cloud.service).is_some_and(|rest| rest.starts_with('-'));
    let revisions = match cloud_run::Client::new(cloud).revisions().await {
        Ok(revisions) => revisions,
        Err(error) if whole && error.kind == ErrorKind::Permission => return Ok(name.to_owned()),
        Err(error) => {
            let what = "the revisions cannot be listed";
            return Err(Failure::failed(what, &error.to_string(), "warroom doctor"));
        }
    };
    let names: Vec<&str> = revisions.iter().map(|revision| revision.name.as_str()).collect();
    named(&cloud.service, names.iter().copied(), name).map(str::to_owned).map_err(|wrong| {
        let why = format!("the service has: {}", names.join(", "));
        Failure::usage(&wrong, &why, "name one of them")
    })
}

fn failure(error: &ApiError) -> Failure {
    let role = format!("ask for {}; `warroom doctor` has the line that gives it", logging::ROLE);
    let next = if error.kind == ErrorKind::Permission { role.as_str() } else { error.kind.next() };
    Failure::failed("the logs cannot be read", &error.to_string(), next)
}

/// Why reading ends.
enum End {
    Asking(ApiError),
    Writing(io::Error),
}

impl End {
    /// A reader that went away is no failure.
    fn told(self) -> Result<u8, Failure> {
        match self {
            Self::Asking(error) => Err(failure(&error)),
            Self::Writing(error) => written(Err(error)).map(|()| 0),
        }
    }
}

/// Whether waiting helps: a quota that is used up fills again, a server that cannot answer now is there, and who answered
/// before may do so again.
fn passes(kind: ErrorKind, answered: bool) -> bool {
    match kind {
        ErrorKind::RateLimited { .. } | ErrorKind::Unavailable => true,
        ErrorKind::NoAnswer | ErrorKind::Unreachable | ErrorKind::BadBody => answered,
        ErrorKind::Conflict
        | ErrorKind::Permission
        | ErrorKind::Unauthenticated
        | ErrorKind::NotFound
        | ErrorKind::Elsewhere
        | ErrorKind::Invalid
        | ErrorKind::Credentials
        | ErrorKind::Late => false,
    }
}

struct Reader<'l> {
    ask: Ask,
    ix: ServiceIx,
    loaded: &'l Loaded,
    json: bool,
    book: Book,
}

impl Reader<'_> {
    /// Reads once, and prints what is new, oldest first.
    async fn read(&mut self, client: &Client) -> Result<(), End> {
        let page = client.entries(&self.ask).await.map_err(End::Asking)?;
        let rules = &self.loaded.room.logs.rules;
        let mut new = self.book.add((rules, self.ix), page.entries);
        new.sort();
        let mut text = String::new();
        if page.cut && self.json {
            // What reads the objects must not stumble over it.
            let _untold =
                writeln!(io::stderr(), "warroom: more came than is read at once: older ones are left out");
        } else if page.cut {
            text.push_str("… older ones are left out\n");
        }
        for known in new.iter().filter_map(|key| self.book.get(key)) {
            text.push_str(&self.line(known));
            text.push('\n');
        }
        io::stdout().lock().write_all(text.as_bytes()).map_err(End::Writing)?;
        if let Some((newest, _)) = self.book.newest() {
            self.ask.since = next_since(self.ask.since, *newest, clock::wall());
        }
        Ok(())
    }

    /// Returns only when reading makes no sense any more: the first time also for want of an answer, which may be a wrong
    /// address.
    async fn follow(&mut self, client: &Client, spec: &LogsSpec) -> End {
        let (mut failed, mut answered) = (0, false);
        loop {
            let rest = match self.read(client).await {
                Ok(()) => {
                    (failed, answered) = (0, true);
                    spec.interval
                }
                Err(End::Asking(error)) if passes(error.kind, answered) => {
                    failed += 1;
                    let rest = backoff(&error, failed, spec.interval);
                    let again = rest.as_secs_f64().ceil();
                    // What is printed stays as scripts want it.
                    let _untold =
                        writeln!(io::stderr(), "warroom: the logs are read again in {again}s: {}", error.why);
                    rest
                }
                Err(end) => return end,
            };
            tokio::time::sleep(rest).await;
        }
    }

    fn line(&self, known: &Known) -> String {
        if self.json {
            return object(known).to_string();
        }
        let entry = &known.entry;
        let mark = match &known.kind {
            Some(kind) if kind.expected => "~",
            Some(_) => "!",
            None => " ",
        };
        let at = entry.at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let first = format!("{at} {mark} {:<8} {}  {}", entry.severity, entry.revision, entry.text);
        entry.more.iter().fold(first, |all, line| format!("{all}\n    {line}"))
    }

    /// How many there were of each kind.
    fn counted(&self) -> String {
        let counts = self.book.counts(&self.loaded.room.logs.rules, clock::wall());
        let word = |count: &KindCount| {
            format!("{} {}", if count.is_expected() { "~" } else { "!" }, count.standing.words())
        };
        let mut text = format!("\n{}\n", format::counted(self.book.len(), "line"));
        for count in &counts {
            text = format!("{text}{:>6} {}: {}\n", count.count, word(count), count.name);
        }
        text
    }
}

/// An entry as scripts get it.
fn object(Known { entry, kind }: &Known) -> Value {
    let facts: serde_json::Map<String, Value> =
        entry.facts.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    json!({
        "at": entry.at, "severity": entry.severity, "revision": entry.revision, "log": entry.log,
        "insert_id": entry.insert_id, "text": entry.text, "more": entry.more, "facts": facts,
        "kind": kind.as_ref().map(|kind| &kind.name), "expected": kind.as_ref().map(|kind| kind.expected),
    })
}

fn print(text: &str) -> Result<(), Failure> {
    written(io::stdout().lock().write_all(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_ends_it_well_and_a_full_disk_does_not() {
        let ends = |kind: io::ErrorKind| End::Writing(io::Error::from(kind)).told().ok();
        assert_eq!(ends(io::ErrorKind::BrokenPipe), Some(0));
        assert_eq!(ends(io::ErrorKind::StorageFull), None);
    }
}
