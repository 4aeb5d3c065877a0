//! One look at what the room sees now, for commands without a screen: the conditions and gates that items rest on, and what
//! is rolled out. Nothing is written by it, and what it cannot see in time stays unseen.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Failure, session};
use crate::clock;
use crate::config::Loaded;
use crate::domain::room::Mode;
use crate::domain::{Clean, Document, Mono, ProofKind, Record, Room, SourceId};
use crate::effects::gates::compare;
use crate::lanes::lanes;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::gates::Gates;
use crate::model::msg::Msg;
use crate::runtime::{self, Changed, Exit, Face, Perform};

/// The longest look at conditions: a rate needs two readings of its counters.
const CONDITIONS: Duration = Duration::from_secs(8);

/// The longest look at the traffic alone.
const TRAFFIC: Duration = Duration::from_secs(4);

/// How long a repository may take to tell what changed under a gate.
const REPOSITORY: Duration = Duration::from_secs(5);

/// What an item can rest on.
pub(super) type Facts = BTreeSet<(ProofKind, String)>;

/// Looks until each of `wanted` and the traffic were seen, or for as long as is worth waiting. Answers with the room as it is
/// then.
pub(super) async fn look(
    loaded: &Loaded,
    documents: &[Document],
    records: &[Record],
    wanted: &Facts,
) -> Result<Model, Failure> {
    let mut room = loaded.room.clone();
    // It only looks: nothing of this is for the journal.
    room.operator.mode = Mode::ReadOnly;
    let room = Arc::new(room);
    let mut model = Model::new(room.clone(), "look".to_owned(), clock::now(), (80, 24));
    model.update(Msg::DocumentsRead { documents: documents.to_vec(), problems: Vec::new() });
    model.update(Msg::Recorded { records: records.to_vec() });
    if wanted.iter().any(|(kind, _)| *kind == ProofKind::Gate) {
        compare_guarded(&mut model.gates).await;
    }
    let of = |kind| wanted.iter().filter(move |fact| fact.0 == kind).map(|fact| fact.1.clone());
    let conditions: BTreeSet<String> = of(ProofKind::Condition).collect();
    let apis = session::cloud_run_lines(&room);
    if conditions.is_empty() && apis.is_empty() {
        return Ok(model);
    }
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    let (sender, rooms) = tokio::sync::watch::channel(model.room.clone());
    session::watch(&rooms, &apis, &lanes, &mut tasks, None);
    let longest = if conditions.is_empty() { TRAFFIC } else { CONDITIONS };
    let mut eyes = Eyes { conditions, until: clock::mono().after(longest) };
    let signals = runtime::signals()
        .map_err(|error| Failure::failed("signals cannot be handled", &error.to_string(), "try again"))?;
    let exit = runtime::run(&mut model, &mut receivers, &mut Watching(sender), &mut eyes, signals).await;
    match exit.status() {
        0 => Ok(model),
        status => Err(Failure {
            status,
            ..Failure::failed("nothing was written", "it was interrupted", "try again")
        }),
    }
}

/// Asks the repositories what changed under gates that passed.
pub(super) async fn compare_guarded(gates: &mut Gates) {
    for watch in gates.watches() {
        let compared = timeout(REPOSITORY, compare(&watch)).await;
        let compared = compared.unwrap_or_else(|_late| Err("its repository took too long".to_owned()));
        let (changes, problem) = match compared {
            Ok((changes, unknown)) => (changes, unknown.as_deref().map(Clean::new)),
            Err(why) => (Vec::new(), Some(Clean::new(&why))),
        };
        gates.compared(watch.gate, watch.run, changes, problem);
    }
}

/// Nothing is done by looking, but that more is looked at.
struct Watching(tokio::sync::watch::Sender<Arc<Room>>);

impl Perform for Watching {
    fn perform(&mut self, effect: Effect) {
        if let Effect::Watch { room } = effect {
            self.0.send_replace(room);
        }
    }
}

struct Eyes {
    conditions: BTreeSet<String>,
    until: Mono,
}

impl Face for Eyes {
    fn show(&mut self, _: &Model, _: Changed) -> io::Result<usize> {
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        // What an endpoint counts is a condition once it told.
        let mut wanted = self.conditions.iter();
        let seen = wanted.all(|name| {
            let mut all = model.conditions.iter(&model.room);
            all.any(|(spec, state)| spec.name == *name && state.is_seen())
        });
        let mut services = model.room.service_ixs().zip(&model.room.services);
        let read = services.all(|(ix, service)| {
            let link = model.links.get(&SourceId::CloudRun { service: ix });
            let down = link.is_some_and(|link| link.down.is_some());
            service.cloud_run.is_none() || down || model.traffic(ix).is_some_and(|t| !t.revisions.is_empty())
        });
        ((seen && read) || clock::mono() >= self.until).then_some(Exit::Quit)
    }
}
