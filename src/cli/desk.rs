//! The checklist as files and journal have it, for commands without a screen. They open the journal themselves; a
//! console on the same file sees their records within two seconds.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::session;
use super::{Failure, Global};
use crate::clock;
use crate::config::Loaded;
use crate::domain::record::Guard;
use crate::domain::room::Mode;
use crate::domain::{Clean, Draft, Entry, Item, ProofKind, Record};
use crate::journal::{AppendError, ErrorKind, Store, StoreError};
use crate::model::checklist::{Checklist, Elsewhere, Person, Surroundings};
use crate::model::gates::Gates;
use crate::model::journal::Journal;
use crate::model::rolling;
use crate::sources::{documents, elsewhere};

/// As few characters of an id name an item, if they name only one.
const SHORTEST_ID: usize = 4;

/// The checklist as files and journal have it now.
pub(super) struct Desk {
    pub(super) loaded: Loaded,
    pub(super) checklist: Checklist,
    pub(super) journal: Journal,
    /// What another room's evidence lacks for going forward.
    pub(super) missing: Vec<Clean>,
    pub(super) gates: Gates,
    /// What the rollout is about, as the journal knows it.
    pub(super) candidate: Option<String>,
}

impl Desk {
    pub(super) async fn open(global: &Global) -> Result<Self, Failure> {
        let loaded = session::load(global)?;
        let mut checklist = Checklist::default();
        let (documents, problems) = documents::read_once(&loaded.room.checklists);
        checklist.documents_read(documents, problems);
        let records = records(&loaded).await?;
        let mut journal = Journal::default();
        let mut gates = Gates::new(&loaded.room.gates);
        gates.documents_read(&loaded.room, checklist.documents());
        for record in &records {
            checklist.record(record);
            journal.record(record);
            gates.record(record);
        }
        // Conditions are watched by consoles only: what they found is in the records. So is what gates proved.
        let rollouts = checklist.rollouts().clone();
        checklist.settle(&Surroundings {
            rules: &loaded.room.signoff,
            now: clock::wall(),
            candidates: &BTreeMap::new(),
            proof: &|kind, name| match kind {
                ProofKind::Condition => None,
                ProofKind::Gate => rolling::of_gate(&gates, name, &rollouts),
            },
        });
        let missing = missing(&loaded, &checklist).await;
        Ok(Self { missing, loaded, checklist, journal, gates, candidate: candidate(&records) })
    }

    /// Who runs the command.
    pub(super) fn person(&self) -> Person {
        let operator = &self.loaded.room.operator;
        Person { name: Clean::new(&operator.name), role: Clean::new(&operator.role) }
    }

    /// The item that `wanted` names: its id, the beginning of it, its whole text, or a part of it that no other has.
    pub(super) fn item(&self, wanted: &str) -> Result<Item, Failure> {
        let all = || self.checklist.items();
        let part = wanted.to_lowercase();
        let exact: Vec<&Item> = all().filter(|item| item.id.0 == wanted || &*item.text == wanted).collect();
        let by_start = |item: &&Item| wanted.len() >= SHORTEST_ID && item.id.0.starts_with(wanted);
        let by_part = |item: &&Item| wanted.len() >= SHORTEST_ID && item.text.to_lowercase().contains(&part);
        let mut found = if exact.is_empty() { all().filter(by_start).collect() } else { exact };
        if found.is_empty() {
            found = all().filter(by_part).collect();
        }
        match found.as_slice() {
            [only] => Ok((*only).clone()),
            [] => {
                let what = format!("no item is called \"{}\"", Clean::new(wanted));
                Err(Failure::usage(&what, &self.what_there_is(), "`warroom items` lists all with their ids"))
            }
            several => {
                let ids: Vec<&str> = several.iter().map(|item| item.id.0.as_str()).collect();
                let what = format!("\"{}\" is {} items", Clean::new(wanted), several.len());
                Err(Failure::usage(&what, &ids.join(", "), "name one by its id"))
            }
        }
    }

    fn what_there_is(&self) -> String {
        let problems: Vec<&str> = self.checklist.problems().iter().map(|problem| &**problem).collect();
        let count = self.checklist.items().count();
        let files = self.checklist.documents().len();
        let mut said = format!("{count} items in {files} checklist files were read");
        if !problems.is_empty() {
            said = format!("{said}; {}", problems.join("; "));
        }
        said
    }
}

/// What is missing in the room whose evidence is required.
async fn missing(loaded: &Loaded, checklist: &Checklist) -> Vec<Clean> {
    let Some(spec) = &loaded.room.signoff.requires else { return Vec::new() };
    let mut there = Elsewhere::default();
    match elsewhere::read(&spec.path).await {
        Ok(records) => there.read(&records, None),
        Err(problem) => there.read(&[], Some(problem)),
    }
    there.missing(spec, checklist.rollouts(), &checklist.rollouts().candidates())
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
    match Store::read(&session::store_path(loaded)).await {
        Ok(mut store) => {
            let records = store.since(0).await?;
            store.close().await;
            Ok(records)
        }
        Err(error) if error.kind == ErrorKind::Missing => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let what = format!("the journal {} {}", error.path.display(), error.kind.what());
        Self::failed(&what, &error.why, error.kind.next())
    }
}

/// Appends `entry` in the operator's name.
pub(super) async fn append(loaded: &Loaded, entry: Entry) -> Result<Record, Failure> {
    let operator = &loaded.room.operator;
    if operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was written"));
    }
    let draft = Draft { by: Clean::new(&operator.name), role: Clean::new(&operator.role), entry };
    let mut store = Store::open(&session::store_path(loaded)).await?;
    let record = store.append(&draft, &Guard::Free, clock::wall()).await;
    store.close().await;
    record.map_err(|error| match error {
        AppendError::Store(error) => error.into(),
        AppendError::Conflict { .. } => {
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
            entry: Entry::Split { service: "api".into(), split, healthy: None, by: Clean::default() },
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
