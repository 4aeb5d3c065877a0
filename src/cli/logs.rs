//! `warroom logs`: the log entries of a service or of one revision, for scripts; which errors are known, and how many there
//! are of each kind.

use std::io::{self, Write as _};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Failure, Global, duration, moving, session, written};
use crate::clients::cloud_run::{self, ApiError, ErrorKind};
use crate::clients::logging::{Ask, Client};
use crate::clock;
use crate::config::Loaded;
use crate::domain::logs::{Book, KindCount, Known, LATE, Severity};
use crate::domain::revision::{suffix, typed_suffix};
use crate::domain::room::{CloudRunSpec, LogsSpec};
use crate::domain::{ServiceIx, format};
use crate::runtime;

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
    let ix = moving::service(&loaded, &options.service)?;
    let Some(cloud) = loaded.room.service(ix).and_then(|service| service.cloud_run.as_ref()) else {
        return Err(Failure::usage("there are no logs", "the service is not on Cloud Run", "name another"));
    };
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
    reader.read(&client).await.map_err(|error| failure(&error))?;
    if !options.follow {
        return if options.json { Ok(0) } else { print(&reader.counted()).map(|()| 0) };
    }
    let signals = runtime::signals()
        .map_err(|error| Failure::failed("signals cannot be handled", &error.to_string(), "try again"))?;
    tokio::select! {
        signal = signals => Ok(runtime::Exit::Signal(signal).status()),
        error = reader.follow(&client, &loaded.room.logs) => Err(error),
    }
}

/// Revisions are named as the other commands take them; what is whole already is not looked up.
async fn whole_name(cloud: &CloudRunSpec, name: &str) -> Result<String, Failure> {
    let revisions = cloud_run::Client::new(cloud).revisions().await.map_err(|error| {
        Failure::failed("the revisions cannot be listed", &error.to_string(), "warroom doctor")
    })?;
    let names: Vec<&str> = revisions.iter().map(|revision| revision.name.as_str()).collect();
    let is_it = |known: &&&str| {
        [**known, suffix(&cloud.service, known), typed_suffix(&cloud.service, known)].contains(&name)
    };
    let found = names.iter().find(is_it).map(|found| (*found).to_owned());
    found.ok_or_else(|| {
        let why = format!("the service has: {}", names.join(", "));
        Failure::usage(&format!("there is no revision {name}"), &why, "name one of them")
    })
}

fn failure(error: &ApiError) -> Failure {
    let next = match error.kind {
        ErrorKind::Permission => {
            "gcloud projects add-iam-policy-binding PROJECT --member=MEMBER \
                                  --role=roles/logging.viewer; `warroom doctor` names both"
        }
        _ => error.kind.next(),
    };
    Failure::failed("the logs cannot be read", &error.to_string(), next)
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
    async fn read(&mut self, client: &Client) -> Result<(), ApiError> {
        let page = client.entries(&self.ask).await?;
        let rules = &self.loaded.room.logs.rules;
        let mut new = self.book.add((rules, self.ix), page.entries);
        new.sort();
        let mut text = String::new();
        if page.cut && !self.json {
            text.push_str("… older ones are left out\n");
        }
        for known in new.iter().filter_map(|key| self.book.get(key)) {
            text.push_str(&self.line(known));
            text.push('\n');
        }
        // A reader that went away ends the command with the next signal or write; nothing is lost by it.
        let _ = print(&text);
        if let Some((newest, _)) = self.book.newest() {
            self.ask.since = self.ask.since.max(*newest - LATE);
        }
        Ok(())
    }

    /// Returns only when reading makes no sense any more.
    async fn follow(&mut self, client: &Client, spec: &LogsSpec) -> Failure {
        let mut rest = spec.interval;
        loop {
            tokio::time::sleep(rest).await;
            rest = match self.read(client).await {
                Ok(()) => spec.interval,
                Err(error) => match error.kind {
                    ErrorKind::RateLimited { retry } => retry.max(spec.interval),
                    ErrorKind::Unavailable | ErrorKind::NoAnswer | ErrorKind::Unreachable => {
                        Duration::from_secs(10).max(spec.interval)
                    }
                    _ => return failure(&error),
                },
            };
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
        let word = |count: &KindCount| match (count.expected, count.too_many) {
            (true, _) => "~ expected",
            (false, true) => "! more than expected",
            (false, false) => "! unexpected",
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
