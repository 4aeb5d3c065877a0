//! `warroom rollout`: its beginning, T0 and end, for scripts.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use tokio::time::timeout;

use super::desk::{Desk, append, say};
use super::typed::agreed;
use super::{Failure, Global, session};
use crate::clock;
use crate::domain::revision::{BY_NAME_ONLY, is_by_name};
use crate::domain::{Clean, Entry, Outcome, Rollout, Room, format};
use crate::model::rolling;
use crate::model::traffic::TrafficState;

/// How long the traffic may take to be read.
const READ: Duration = Duration::from_secs(10);

/// What to do with the rollout.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Step {
    /// Begin one: what was said of items before does not count for it
    Begin {
        /// The release candidate: an image digest or a commit [default: the image that the traffic shows]
        candidate: Option<String>,
        /// Do not ask, although something said before will not count for it
        #[arg(long)]
        yes: bool,
    },
    /// Mark now as T0, the candidate's first traffic; a console on Cloud Run sees it by itself
    T0,
    /// End it; what is left over is written down with it
    End {
        /// How it ended
        outcome: Ending,
        /// Why, or what comes next
        #[arg(long, default_value = "")]
        note: String,
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
    let desk = match step {
        Step::End { .. } => Desk::open_looking(global).await?,
        Step::Begin { .. } | Step::T0 | Step::Show => Desk::open(global).await?,
    };
    let rollouts = desk.checklist.rollouts();
    let refused = |why: Option<String>| {
        let fail = |why: String| {
            Failure::failed("nothing was written", &why, "`warroom rollout show` tells how it stands")
        };
        why.map_or(Ok(()), |why| Err(fail(why)))
    };
    match step {
        Step::Show => show(desk.checklist.rollout()),
        Step::Begin { candidate, yes } => {
            refused(rolling::cannot_begin(rollouts))?;
            let before = rolling::set_aside(&desk.checklist);
            if let Some(before) = before.as_deref().filter(|_| !yes)
                && let Some(status) = agreed(before, "a rollout begins", "no rollout was begun").await?
            {
                return Ok(status);
            }
            let entry = begin(&desk, candidate.as_deref()).await;
            if let (Some(given), Entry::RolloutBegan { candidates, .. }) = (candidate, &entry)
                && let Some(differs) = rolling::differs(given, candidates)
            {
                // Standard error may be closed; the record has both.
                let _gone = writeln!(io::stderr().lock(), "warning: {differs}");
            }
            let record = append(&desk.loaded, entry).await?;
            let before = before.map_or_else(String::new, |before| format!("; {before}"));
            say(&format!("rollout r{} begun by {}{before}", record.seq, record.by));
        }
        Step::T0 => {
            refused(rolling::cannot_mark(rollouts))?;
            let record = append(&desk.loaded, Entry::T0 { at: clock::wall(), detected: false }).await?;
            say(&format!("T0 marked by {}, record {}", record.by, record.seq));
        }
        Step::End { outcome, note } => {
            refused(rolling::cannot_end(rollouts))?;
            let left = left_over(&desk).await;
            let outcome = Outcome::from(*outcome);
            let unsigned = rolling::unsigned(&desk.checklist);
            let entry = Entry::RolloutEnded { outcome, note: Clean::new(note), left: left.clone(), unsigned };
            let record = append(&desk.loaded, entry).await?;
            say(&format!("rollout {} by {}, record {}", outcome.words(), record.by, record.seq));
            for left in &left {
                say(&format!("left over: {left}"));
            }
        }
    }
    Ok(0)
}

/// The beginning, with what the traffic shows now of the services that have Cloud Run.
async fn begin(desk: &Desk, given: Option<&str>) -> Entry {
    let (mut candidates, mut baseline) = (BTreeMap::new(), BTreeMap::new());
    let room = &desk.loaded.room;
    for (name, state) in traffic(room).await {
        if let Some((new, old)) = state.next_candidate() {
            candidates.insert(name.clone(), rolling::seen(new));
            baseline.extend(old.map(|old| (name, rolling::seen(old))));
        }
    }
    let environment = room.environment.name.clone();
    Entry::RolloutBegan { given: given.map(Clean::new), candidates, baseline, environment }
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
    left.extend(rolling::left_in(&desk.checklist));
    left.iter().map(|words| Clean::new(words)).collect()
}

fn show(rollout: Option<&Rollout>) {
    let Some(rollout) = rollout else { return say("no rollout has begun") };
    let by = rollout.by.as_ref().map_or("itself", |by| &**by);
    say(&format!("rollout {} begun by {by} at {}", rollout.id, format::clock(rollout.begun_at)));
    let unknown = || Clean::new("not known");
    say(&format!("candidate {}", rollout.candidate().unwrap_or_else(unknown)));
    for (service, seen) in rollout.candidates.iter().filter(|(_, seen)| is_by_name(&seen.image)) {
        say(&format!("{service} is known {BY_NAME_ONLY} ({})", seen.image));
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
