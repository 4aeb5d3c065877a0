//! `warroom rollout`: its beginning, T0 and end, for scripts.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use tokio::time::timeout;

use super::desk::{Desk, append, say};
use super::typed::agreed;
use super::{Failure, Global, session};
use crate::clock;
use crate::domain::revision::{BY_NAME_ONLY, is_by_name, short_digest, suffix};
use crate::domain::rollout::Seen;
use crate::domain::room::Mode;
use crate::domain::{Clean, Entry, Outcome, Rollout, Room, format};
use crate::model::traffic::TrafficState;
use crate::model::{left_over, rolling};

/// How long the traffic may take to be read.
const READ: Duration = Duration::from_secs(10);

/// What to do with the rollout.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Step {
    /// Begin one: what was said of items before does not count for it. Asks first
    Begin {
        /// The release candidate: an image digest or a commit [default: the image that the traffic shows]
        candidate: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Mark now as T0, the candidate's first traffic; a console on Cloud Run sees it by itself
    T0,
    /// End it; what is left over is written down with it. Asks first
    End {
        /// How it ended
        outcome: Ending,
        /// Why, or what comes next
        #[arg(long, default_value = "")]
        note: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Tell how it stands
    Show,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Ending {
    /// The candidate serves, and stays
    Completed,
    /// The traffic went back
    RolledBack,
    /// Given up before it served, or left unfinished
    Aborted,
}

impl From<Ending> for Outcome {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Completed => Self::Completed,
            Ending::RolledBack => Self::RolledBack,
            Ending::Aborted => Self::Aborted,
        }
    }
}

/// Runs the command.
pub(super) async fn run(global: &Global, step: &Step) -> Result<u8, Failure> {
    match step {
        Step::Show => {
            show(Desk::open(global).await?.checklist.rollout());
            Ok(0)
        }
        Step::Begin { candidate, yes } => begin(global, candidate.as_deref(), *yes).await,
        Step::T0 => {
            let desk = Desk::open(global).await?;
            refused(rolling::cannot_mark(desk.checklist.rollouts()))?;
            let record = append(&desk.loaded, Entry::T0 { at: clock::wall(), detected: false }).await?;
            say(&format!("T0 marked by {}, record {}", record.by, record.seq));
            Ok(0)
        }
        Step::End { outcome, note, yes } => Box::pin(end(global, Outcome::from(*outcome), note, *yes)).await,
    }
}

async fn begin(global: &Global, given: Option<&str>, yes: bool) -> Result<u8, Failure> {
    let desk = Desk::open(global).await?;
    refused(rolling::cannot_begin(desk.checklist.rollouts()))?;
    may_write(&desk)?;
    let rollout = next(&desk, given).await;
    let mut warnings = named_only(&rollout);
    warnings.extend(given.and_then(|given| rolling::differs(given, &rollout.candidates)));
    let before = rolling::set_aside(&desk.checklist);
    if yes {
        for words in &warnings {
            // Standard error may be closed; the record has it.
            let _gone = writeln!(io::stderr().lock(), "warning: {words}");
        }
    } else {
        let mut why = format!("a rollout begins\n{}", described(&rollout));
        for words in warnings.iter().chain(&before) {
            why = format!("{why}\n  ▲ {words}");
        }
        if let Some(status) = agreed(&why, "it begins", "no rollout was begun").await? {
            return Ok(status);
        }
        // Somebody else may have begun one while this question stood there.
        refused(rolling::cannot_begin(Desk::open(global).await?.checklist.rollouts()))?;
    }
    let Rollout { given, candidates, baseline, environment, .. } = rollout;
    let entry = Entry::RolloutBegan { given, candidates, baseline, environment };
    let record = append(&desk.loaded, entry).await?;
    let before = before.map_or_else(String::new, |before| format!("; {before}"));
    say(&format!("rollout r{} begun by {}{before}", record.seq, record.by));
    Ok(0)
}

async fn end(global: &Global, outcome: Outcome, note: &str, yes: bool) -> Result<u8, Failure> {
    let desk = Desk::open_looking(global).await?;
    let rollouts = desk.checklist.rollouts();
    refused(rolling::cannot_end(rollouts))?;
    may_write(&desk)?;
    let left = left_over(&desk).await;
    if let Some(rollout) = rollouts.current().filter(|_| !yes) {
        let mut why = format!("rollout {} ends: {}\n{}", rollout.id, outcome.words(), described(rollout));
        for words in &left {
            why = format!("{why}\n  ▲ left over: {words}");
        }
        if let Some(status) = agreed(&why, "it ends", "the rollout was not ended").await? {
            return Ok(status);
        }
        refused(rolling::cannot_end(Desk::open(global).await?.checklist.rollouts()))?;
    }
    let unsigned = rolling::unsigned(&desk.checklist);
    let entry = Entry::RolloutEnded { outcome, note: Clean::new(note), left: left.clone(), unsigned };
    let record = append(&desk.loaded, entry).await?;
    say(&format!("rollout {} by {}, record {}", outcome.words(), record.by, record.seq));
    for left in &left {
        say(&format!("left over: {left}"));
    }
    Ok(0)
}

fn refused(why: Option<String>) -> Result<(), Failure> {
    let next = "`warroom rollout show` tells how it stands";
    why.map_or(Ok(()), |why| Err(Failure::failed("nothing was written", &why, next)))
}

/// Nobody is asked for what is refused then.
fn may_write(desk: &Desk) -> Result<(), Failure> {
    match desk.loaded.room.operator.mode {
        Mode::ReadOnly => Err(Failure::read_only("nothing was written")),
        Mode::Operate => Ok(()),
    }
}

/// The rollout as it would begin, with what the traffic shows now of the services that have Cloud Run.
async fn next(desk: &Desk, given: Option<&str>) -> Rollout {
    let (mut candidates, mut baseline) = (BTreeMap::new(), BTreeMap::new());
    let room = &desk.loaded.room;
    for (name, state) in traffic(room).await {
        if let Some((new, old)) = state.next_candidate() {
            candidates.insert(name.clone(), rolling::seen(new));
            baseline.extend(old.map(|old| (name, rolling::seen(old))));
        }
    }
    let environment = room.environment.name.clone();
    Rollout { given: given.map(Clean::new), candidates, baseline, environment, ..Rollout::default() }
}

/// What a person has to know before it begins or ends.
fn described(rollout: &Rollout) -> String {
    let images = |of: &BTreeMap<String, Seen>| -> Option<String> {
        let each = of.iter().map(|(service, seen)| {
            format!("{service} {} ({})", short_digest(&seen.image), suffix(service, &seen.revision))
        });
        let all = each.collect::<Vec<_>>().join(", ");
        (!all.is_empty()).then_some(all)
    };
    let unknown = || "not known".to_owned();
    let shown = images(&rollout.candidates);
    let candidate = match (&rollout.given, shown) {
        (Some(given), Some(shown)) => format!("{given}; the traffic shows {shown}"),
        (Some(given), None) => given.to_string(),
        (None, shown) => shown.unwrap_or_else(unknown),
    };
    let environment = match rollout.environment.as_str() {
        "" => "not named",
        name => name,
    };
    let baseline = images(&rollout.baseline).unwrap_or_else(unknown);
    format!("  environment  {environment}\n  candidate    {candidate}\n  baseline     {baseline}")
}

/// What is rolled out by a tag, in words.
fn named_only(rollout: &Rollout) -> Vec<String> {
    let by_name = rollout.candidates.iter().filter(|(_, seen)| is_by_name(&seen.image));
    by_name.map(|(name, seen)| format!("{name} is known {BY_NAME_ONLY} ({})", seen.image)).collect()
}

/// The traffic of each service that has Cloud Run and can be read.
async fn traffic(room: &Room) -> Vec<(String, TrafficState)> {
    let mut read = Vec::new();
    for (ix, line) in session::cloud_run_lines(room) {
        let Some(name) = room.service(ix).map(|service| service.name.clone()) else { continue };
        let look = async {
            let mut traffic = line.client.service().await.ok()?;
            traffic.revisions = line.client.revisions().await.ok()?;
            Some(traffic)
        };
        match timeout(READ, look).await {
            Ok(Some(traffic)) => {
                let mut state = TrafficState::default();
                state.read(traffic, clock::mono());
                read.push((name, state));
            }
            Ok(None) | Err(_) => say(&format!("{name} could not be read; `warroom doctor` says why")),
        }
    }
    read
}

/// What the rollout leaves behind, as files, journal and traffic tell.
async fn left_over(desk: &Desk) -> Vec<Clean> {
    let room = &desk.loaded.room;
    let pinned = |(name, state): (String, TrafficState)| {
        state.traffic.is_some_and(|traffic| traffic.pinned()).then(|| format!("{name}: the split is pinned"))
    };
    let mut left: Vec<String> = traffic(room).await.into_iter().filter_map(pinned).collect();
    let locked = room.services.iter().filter(|service| desk.journal.locked(&service.name));
    left.extend(locked.map(|service| format!("{}: deploys and flips forward are locked", service.name)));
    left.extend(desk.stages.left());
    left.extend(desk.rulings.left(clock::wall()));
    left.extend(desk.alerts.left(clock::wall()));
    left.extend(left_over::left_in(&desk.checklist));
    left.iter().map(|words| Clean::new(words)).collect()
}

fn show(rollout: Option<&Rollout>) {
    let Some(rollout) = rollout else { return say("no rollout has begun") };
    let by = rollout.by.as_ref().map_or("itself", |by| &**by);
    say(&format!("rollout {} begun by {by} at {}", rollout.id, format::clock(rollout.begun_at)));
    if !rollout.environment.is_empty() {
        say(&format!("environment {}", rollout.environment));
    }
    let unknown = || Clean::new("not known");
    say(&format!("candidate {}", rollout.candidate().unwrap_or_else(unknown)));
    for words in named_only(rollout) {
        say(&words);
    }
    // What was given is one thing, what runs another.
    if let Some(differs) =
        rollout.given.as_ref().and_then(|given| rolling::differs(given, &rollout.candidates))
    {
        say(&differs);
    }
    say(&format!("baseline {}", rollout.baseline().unwrap_or_else(unknown)));
    match &rollout.t0 {
        Some(t0) => {
            let how = if t0.detected { "seen in the traffic" } else { "marked" };
            say(&format!("T0 {}, {how}", format::clock(t0.at)));
        }
        None => say("T0 has not come"),
    }
    if let Some(end) = &rollout.end {
        let words =
            format!("{} by {} at {} {}", end.outcome.words(), end.by, format::clock(end.at), end.note);
        say(words.trim_end());
        for left in &end.left {
            say(&format!("left over: {left}"));
        }
    }
}
