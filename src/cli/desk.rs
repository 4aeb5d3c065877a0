//! The checklist as files and journal have it, for commands without a screen. They open the journal themselves; a
//! console on the same file sees their records within two seconds.

pub(super) mod completing;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Once;

use super::look::{self, Facts};
use super::ruling::rulings;
use super::{Failure, Global, find, session};
use crate::clock;
use crate::config::Loaded;
use crate::domain::alert::Book;
use crate::domain::record::Guard;
use crate::domain::rollout::Seen;
use crate::domain::room::{Mode, SignOffSpec};
use crate::domain::{Clean, Draft, Entry, Item, ProofKind, Record};
use crate::journal::{AppendError, Damage, ErrorKind, MEND, Store, StoreError};
use crate::model::Model;
use crate::model::checklist::{Checklist, Elsewhere, Person, Surroundings};
use crate::model::gates::Gates;
use crate::model::journal::Journal;
use crate::model::rolling;
use crate::model::rulings::Rulings;
use crate::model::stages::Stages;
use crate::sources::{documents, elsewhere};

/// The checklist as files and journal have it now.
pub(super) struct Desk {
    pub(super) loaded: Loaded,
    pub(super) checklist: Checklist,
    pub(super) journal: Journal,
    /// What another room's evidence lacks for going forward.
    pub(super) missing: Vec<Clean>,
    pub(super) gates: Gates,
    /// What people decided against the machine.
    pub(super) rulings: Rulings,
    /// Alerts and mutes.
    pub(super) alerts: Book,
    /// Stages of the rollout.
    pub(super) stages: Box<Stages>,
    /// What the rollout is about, as the journal knows it.
    pub(super) candidate: Option<String>,
    /// What is wrong with the journal itself.
    pub(super) damage: Option<String>,
    records: Vec<Record>,
    /// The rules for the items, with what the documents' limits measure of them.
    rules: SignOffSpec,
    /// What was seen, if something looked.
    seen: Option<Box<Model>>,
}

impl Desk {
    /// As files and journal have it: nothing is looked at.
    pub(super) async fn open(global: &Global) -> Result<Self, Failure> {
        let loaded = session::load(global)?;
        let mut checklist = Checklist::default();
        let (documents, problems) = documents::read_once(&loaded.room.checklists);
        checklist.documents_read(documents, problems);
        let (records, damage) = walked(&loaded).await?;
        let mut journal = Journal::default();
        let mut alerts = Book::default();
        let mut stages = Box::new(Stages::of(&loaded.room));
        stages.documents_read(&loaded.room, &checklist);
        let mut gates = Gates::new(&loaded.room.gates);
        gates.documents_read(&loaded.room, checklist.documents());
        for record in &records {
            checklist.record(record);
            gates.record(record);
            alerts.record(record);
            stages.record(record, &checklist, false);
            journal.record(record);
        }
        let candidate = candidate(&records);
        let rulings = rulings(&records);
        let (rules, replaced) = completing::rules(&loaded.room, checklist.documents(), &records);
        let waits = stages.begun(&loaded.room.stages, checklist.documents()).waits;
        checklist.wait(waits, replaced.items);
        let mut desk = Self {
            rules,
            missing: Vec::new(),
            loaded,
            checklist,
            journal,
            gates,
            rulings,
            alerts,
            stages,
            records,
            candidate,
            damage,
            seen: None,
        };
        desk.settle();
        desk.missing = missing(&desk.loaded, &desk.checklist, &desk.rolled_out()).await;
        Ok(desk)
    }

    /// The same, with what the room sees now of all that items rest on.
    pub(super) async fn open_looking(global: &Global) -> Result<Self, Failure> {
        let mut desk = Self::open(global).await?;
        desk.look(None).await?;
        Ok(desk)
    }

    /// Looks at what `item` (or each of them) rests on, and at the traffic.
    pub(super) async fn look(&mut self, item: Option<&Item>) -> Result<(), Failure> {
        let of = |item: &Item| -> Vec<(ProofKind, String)> {
            self.checklist.rests_on(&item.id).map(|(kind, name)| (kind, name.to_owned())).collect()
        };
        let wanted: Facts = match item {
            Some(item) => of(item).into_iter().collect(),
            None => self.checklist.items().flat_map(of).collect(),
        };
        let has_traffic = self.loaded.room.services.iter().any(|service| service.cloud_run.is_some());
        if wanted.is_empty() && !has_traffic {
            return Ok(());
        }
        let seen = look::look(&self.loaded, self.checklist.documents(), &self.records, &wanted).await?;
        self.candidate = seen.candidate().or_else(|| self.candidate.take());
        // It saw what endpoints count.
        self.rules.clone_from(&seen.room.signoff);
        self.checklist.rules_changed();
        self.seen = Some(Box::new(seen));
        self.settle();
        self.missing = missing(&self.loaded, &self.checklist, &self.rolled_out()).await;
        Ok(())
    }

    /// What each service rolls out: as seen, else as recorded.
    pub(super) fn rolled_out(&self) -> BTreeMap<String, Seen> {
        let recorded = || self.checklist.rollouts().candidates();
        self.seen.as_ref().map_or_else(recorded, |seen| seen.candidates_now())
    }

    /// Judges the items: by what was seen, where something looked. Without that a condition says nothing, and what a
    /// console found of it is in the records; gates stand as the records tell.
    fn settle(&mut self) {
        let candidates = self.rolled_out();
        let (seen, gates) = (self.seen.as_deref(), &self.gates);
        self.checklist.settle(&Surroundings {
            rules: &self.rules,
            now: clock::wall(),
            candidates: &candidates,
            proof: &|kind, name| match (seen, kind) {
                (Some(seen), _) => seen.proof(kind, name),
                (None, ProofKind::Condition) => None,
                (None, ProofKind::Gate) => rolling::of_gate(gates, name),
            },
        });
    }

    /// Who runs the command.
    pub(super) fn person(&self) -> Person {
        let operator = &self.loaded.room.operator;
        Person { name: Clean::new(&operator.name), role: Clean::new(&operator.role) }
    }

    /// The item that `wanted` names.
    pub(super) fn item(&self, wanted: &str) -> Result<Item, Failure> {
        find::item(&self.checklist, wanted)
    }
}

/// What is missing in the room whose evidence is required.
async fn missing(loaded: &Loaded, checklist: &Checklist, seen: &BTreeMap<String, Seen>) -> Vec<Clean> {
    let Some(spec) = &loaded.room.signoff.requires else { return Vec::new() };
    let mut there = Elsewhere::default();
    match elsewhere::read(&spec.path).await {
        Ok(records) => there.read(&records, None),
        Err(problem) => there.read(&[], Some(problem)),
    }
    there.missing(spec, checklist.rollouts(), seen)
}

/// The candidate by the newest split in the journal: the newest revision with a share or a tag that is not the one
/// with the largest share. Revisions of a service are numbered, so their names stand in their order.
fn candidate(records: &[Record]) -> Option<String> {
    let split = records.iter().rev().find_map(|record| match &record.entry {
        Entry::Split { split, .. } => Some(split),
        _ => None,
    })?;
    let stable = split.iter().max_by_key(|target| target.percent)?.revision.as_deref()?;
    let shown = split.iter().filter(|target| target.percent > 0 || target.tag.is_some());
    shown.filter_map(|target| target.revision.clone()).filter(|name| name.as_str() > stable).max()
}

/// All records of the room's journal; none if there is no journal yet.
pub(super) async fn records(loaded: &Loaded) -> Result<Vec<Record>, Failure> {
    walked(loaded).await.map(|(records, _)| records)
}

/// The same, with what is wrong with the chain, which is told at once: the command goes on with what stands there, and
/// nobody should take it for whole.
async fn walked(loaded: &Loaded) -> Result<(Vec<Record>, Option<String>), Failure> {
    let path = session::store_path(loaded);
    let (records, damage) = match Store::read(&path).await {
        Ok(mut store) => {
            let walked = store.walked().await?;
            store.close().await;
            walked
        }
        Err(error) if error.kind == ErrorKind::Missing => return Ok((Vec::new(), None)),
        Err(error) => return Err(error.into()),
    };
    Ok((records, damage.map(|damage| warned(&path, &damage))))
}

/// Tells on standard error what is wrong with the chain; answers with the words.
pub(super) fn warned(path: &Path, damage: &Damage) -> String {
    let words =
        format!("the journal {} is damaged at record {}: {}", path.display(), damage.seq, damage.text);
    warn(&words);
    words
}

/// Warns of a damaged chain, once: a command may come upon it in several places.
pub(super) fn warn(words: &str) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| drop(writeln!(io::stderr().lock(), "warning: {words}\n  next: {MEND}")));
}

/// Whether a console watches now, and writes down what it sees.
pub(super) async fn is_watched(loaded: &Loaded) -> bool {
    let Ok(mut store) = Store::read(&session::store_path(loaded)).await else { return false };
    let watched = store.is_kept(clock::wall()).await.unwrap_or(false);
    store.close().await;
    watched
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let what = format!("the journal {} {}", error.path.display(), error.kind.what());
        Self::failed(&what, &error.why, error.kind.next())
    }
}

/// Appends `entry` in the operator's name.
pub(super) async fn append(loaded: &Loaded, entry: Entry) -> Result<Record, Failure> {
    append_if(loaded, entry, &Guard::Free).await
}

/// The same, if `guard` allows it.
pub(super) async fn append_if(loaded: &Loaded, entry: Entry, guard: &Guard) -> Result<Record, Failure> {
    let operator = &loaded.room.operator;
    if operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was written"));
    }
    let draft = Draft { by: Clean::new(&operator.name), role: Clean::new(&operator.role), entry };
    let mut store = Store::open(&session::store_path(loaded)).await?;
    let record = store.append(&draft, guard, clock::wall()).await;
    store.close().await;
    record.map_err(|error| match error {
        AppendError::Store(error) => error.into(),
        AppendError::Told if matches!(guard, Guard::StageAct { .. }) => {
            let why = "somebody else acted on the stages meanwhile";
            Failure::failed("nothing was written", why, "look again: warroom stage show")
        }
        AppendError::Conflict { .. } | AppendError::Told => {
            Failure::failed("nothing was written", &error.to_string(), "try again")
        }
    })
}

/// `warroom note`.
pub(super) async fn note(global: &Global, words: &[String]) -> Result<u8, Failure> {
    let text = Clean::new(words.join(" ").trim());
    if text.is_empty() {
        let next = "write it behind the command: warroom note \"support sees no complaints\"";
        return Err(Failure::usage("there is nothing to note", "the text is empty", next));
    }
    let loaded = session::load(global)?;
    // What cannot be read may be written all the same.
    if let Err(unread) = walked(&loaded).await {
        warn(&format!("{}: {}", unread.what, unread.why));
    }
    let record = append(&loaded, Entry::Noted { text }).await?;
    say(&format!("noted by {}, record {}", record.by, record.seq));
    Ok(0)
}

pub(super) fn say(line: &str) {
    // A reader that went away is no error of ours.
    let _gone = writeln!(io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{TrafficTarget, Wall};

    #[test]
    fn the_candidate_of_a_tick_is_the_one_of_the_newest_split() {
        let target = |revision: &str, percent, tag: Option<&str>| TrafficTarget {
            revision: Some(revision.to_owned()),
            percent,
            tag: tag.map(str::to_owned),
            uri: None,
        };
        let record = |split: Vec<TrafficTarget>| Record {
            seq: 1,
            at: Wall::default(),
            by: Clean::new("room"),
            role: Clean::default(),
            entry: Entry::Split {
                service: "api".into(),
                split,
                healthy: None,
                by: Clean::default(),
                follows_latest: false,
                again: false,
            },
            hash: String::new(),
            late: false,
        };
        let alone = record(vec![target("api-00001-a", 100, None)]);
        let tagged = record(vec![target("api-00001-a", 100, None), target("api-00002-b", 0, Some("canary"))]);
        let shared = record(vec![target("api-00002-b", 90, None), target("api-00003-c", 10, None)]);
        assert_eq!(candidate(&[]), None);
        assert_eq!(candidate(std::slice::from_ref(&alone)), None);
        assert_eq!(candidate(&[alone.clone(), tagged]).as_deref(), Some("api-00002-b"));
        assert_eq!(candidate(&[alone.clone(), shared.clone()]).as_deref(), Some("api-00003-c"));
        assert_eq!(candidate(&[shared, alone]), None, "all went back");
    }
}
