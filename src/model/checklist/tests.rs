//! Ticks by this console and others, taking back, folding, filters.

use super::*;
use crate::domain::{Evidence, Meaning, ProofKind, Section, Wall};

fn item(id: &str, text: &str, required: bool, claimed: bool) -> Item {
    Item {
        id: ItemId(id.into()),
        line: 1,
        text: text.into(),
        depth: 0,
        claimed,
        required,
        owner: (id == "c").then(|| "QA".into()),
        ..Item::default()
    }
}

fn checklist() -> Checklist {
    let section = |name: &str, items| Section { path: vec![name.into()], line: 1, items };
    let document = Document {
        path: "release.md".into(),
        title: "Release".into(),
        sha256: String::new(),
        sections: vec![
            section(
                "Security",
                vec![item("a", "Secrets stored", true, false), item("b", "Tenants apart", false, true)],
            ),
            section("Testing", vec![item("c", "Load test", true, false)]),
        ],
        ..Document::default()
    };
    let mut checklist = Checklist::default();
    checklist.documents_read(vec![document], vec![]);
    checklist
}

fn record(seq: u64, by: &str, entry: Entry) -> Record {
    Record {
        seq,
        at: Wall::default(),
        by: by.into(),
        role: Clean::default(),
        entry,
        hash: String::new(),
        late: false,
    }
}

fn tick(seq: u64, by: &str, item: &str) -> Record {
    let entry = Entry::Ticked {
        item: item.into(),
        text: "".into(),
        note: "seen".into(),
        candidate: None,
        signing: Box::default(),
    };
    record(seq, by, entry)
}

fn attestation(by: &str) -> Attestation {
    Attestation { by: by.into(), ..Attestation::default() }
}

fn done(checklist: &Checklist) -> Vec<&str> {
    let done = |item: &&Item| matches!(checklist.state(item), ItemState::Done(_));
    checklist.items().filter(done).map(|item| item.id.0.as_str()).collect()
}

#[test]
fn a_claim_is_no_attestation() {
    let checklist = checklist();
    assert_eq!(
        checklist.total(),
        Progress { done: 0, all: 3, required_open: 2, required: 2, ..Progress::default() }
    );
    let claimed: Vec<_> = checklist.items().map(|item| checklist.state(item)).collect();
    assert_eq!(claimed, [ItemState::Open, ItemState::Claimed, ItemState::Open]);
}

#[test]
fn what_the_file_strikes_through_asks_for_nothing_until_somebody_says_something() {
    let mut checklist = checklist();
    let all = checklist.total().all;
    let mut documents = checklist.documents().to_vec();
    documents[0].sections[0].items[0].struck = true;
    checklist.documents_read(documents, Vec::new());
    let item = checklist.items().next().expect("an item").clone();
    assert_eq!(checklist.state(&item), ItemState::Struck);
    assert_eq!((checklist.total().all, checklist.is_open(&item)), (all - 1, false));
    assert!(!checklist.standing(&item).asks());
    checklist.ticked(Token(7), item.id.clone(), attestation("mara"));
    assert_eq!(done(&checklist), [item.id.0.as_str()], "what somebody says of it is told");
}

#[test]
fn a_tick_shows_at_once_and_goes_if_it_is_refused() {
    let mut checklist = checklist();
    checklist.ticked(Token(7), ItemId("a".into()), attestation("mara"));
    assert_eq!(done(&checklist), ["a"]);
    assert_eq!(checklist.total().required_open, 2, "before the journal has it nothing required is settled");
    assert_eq!(checklist.last_by(&"mara".into()), Err(Obstacle::Unwritten));
    checklist.refused(Token(7));
    assert_eq!(done(&checklist), Vec::<&str>::new());
    checklist.ticked(Token(8), ItemId("a".into()), attestation("mara"));
    checklist.journaled(Token(8), 1);
    assert_eq!(checklist.total().required_open, 1);
}

#[test]
fn the_record_read_back_replaces_the_pending_tick() {
    let mut checklist = checklist();
    checklist.ticked(Token(7), ItemId("a".into()), attestation("mara"));
    checklist.record(&tick(12, "mara", "a"));
    checklist.journaled(Token(7), 12);
    let tick = match checklist.items().next().map(|item| checklist.state(item)) {
        Some(ItemState::Done(tick)) => tick.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((tick.seq, &*tick.note), (Some(12), "seen"));
}

#[test]
fn only_the_last_own_tick_is_taken_back_and_only_once() {
    let mut checklist = checklist();
    checklist.record(&tick(1, "mara", "a"));
    checklist.record(&tick(2, "sam", "c"));
    assert_eq!(checklist.last_by(&"mara".into()), Ok((ItemId("a".into()), "Secrets stored".into(), 1)));
    checklist.record(&record(3, "mara", Entry::Unticked { item: "a".into(), text: "".into(), seq: 1 }));
    assert_eq!(done(&checklist), ["c"]);
    assert_eq!(checklist.last_by(&"mara".into()), Err(Obstacle::NothingToUndo));
    // A second taking back of the same record does not undo a newer tick.
    checklist.record(&tick(4, "sam", "a"));
    checklist.record(&record(5, "mara", Entry::Unticked { item: "a".into(), text: "".into(), seq: 1 }));
    assert_eq!(done(&checklist), ["a", "c"]);
}

#[test]
fn taking_back_is_one_act_and_what_was_said_before_it_stands() {
    let mut list = checklist();
    // Two consoles tick the same item within a moment: one of another person, two of the same.
    list.record(&tick(1, "sam", "a"));
    list.record(&tick(2, "mara", "a"));
    list.record(&tick(3, "mara", "a"));
    let mine = |list: &Checklist| list.last_by(&"mara".into()).map(|(_, _, seq)| seq);
    let back =
        |seq: u64, of| record(seq, "mara", Entry::Unticked { item: "a".into(), text: "".into(), seq: of });
    assert_eq!(mine(&list), Ok(3));
    assert_eq!(list.beneath(3).map(|said| (&*said.by, said.seq)), Some(("mara", Some(2))));
    list.record(&back(4, 3));
    assert_eq!((done(&list), mine(&list)), (vec!["a"], Ok(2)), "one act of two");
    list.record(&back(5, 2));
    assert_eq!((done(&list), mine(&list)), (vec!["a"], Err(Obstacle::NothingToUndo)), "sam's word stays");
    assert_eq!(list.beneath(1), None);
    // Told out of their order, as where an own record is known before another's is read.
    list.ticked(Token(7), ItemId("c".into()), attestation("mara"));
    list.journaled(Token(7), 7);
    list.record(&tick(6, "sam", "c"));
    assert_eq!(mine(&list), Ok(7), "the newest record counts, not the last that was read");
    list.record(&tick(7, "mara", "c"));
    let entry = Entry::Unticked { item: "c".into(), text: "".into(), seq: 7 };
    list.record(&record(8, "mara", entry));
    assert_eq!(done(&list), ["a", "c"]);
}

#[test]
fn a_criterion_that_must_be_met_is_open_until_somebody_says_so_or_it_is_measured() {
    let criterion =
        |id: &str, required| Item { meaning: Meaning::Criterion, ..item(id, id, required, false) };
    let items = vec![criterion("backups", true), criterion("latency", true), criterion("nice", false)];
    let section = Section { path: vec!["Go if all are met".into()], line: 1, items };
    let document = Document { path: "go.md".into(), sections: vec![section], ..Document::default() };
    let mut list = Checklist::default();
    list.documents_read(vec![document], vec![]);
    let progress = Progress { all: 2, required_open: 2, required: 2, ..Progress::default() };
    assert_eq!(list.total(), progress, "a criterion that need not be met is no progress");
    assert!(list.items().take(2).all(|item| list.is_open(item)));

    list.record(&tick(1, "ines", "backups"));
    assert_eq!(list.total(), Progress { done: 1, required_open: 1, ..progress });
    let measured = |good| Evidence {
        kind: ProofKind::Condition,
        name: "latency".into(),
        good: Some(good),
        value: Clean::default(),
        record: None,
    };
    list.facts.proofs.insert(ItemId("latency".into()), measured(false));
    assert_eq!(list.total().required_open, 1);
    list.facts.proofs.insert(ItemId("latency".into()), measured(true));
    assert_eq!(list.total().required_open, 0);
}
