//! Rollback triggers below the heading of a stage: none asks for anything before that stage begins.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{completed_in, tests};
use crate::domain::condition::Purpose;
use crate::domain::room::{StageSpec, StagesSpec};
use crate::domain::stage::Step;
use crate::domain::{Clean, Document, Entry, Item, Mark, Meaning, Record, Room, Wall};
use crate::model::checklist::{Checklist, ItemState, Obstacle, Person, Standing};
use crate::model::documented::Counted;
use crate::model::stages::{Begun, Stages};

pub(super) const TEXT: &str = "# Shop\n\n## Rollback triggers\n- mistakes > 9 %\n\n## Phase 1: Canary 5%\n- Deploy it\n\n### Rollback triggers\n- mistakes > 5 %\n\n\
                    ## Phase 2: Half 50%\n- Shift it\n\n### Rollback triggers\n- mistakes > 2 %\n- Customers complain\n";

pub(super) fn room(stages: StagesSpec) -> Room {
    let mut room = tests::room(true, true);
    room.documented.sustained = Some(Duration::ZERO);
    room.services[0].metrics.as_mut().expect("metrics").panels = vec![tests::mistakes("mistakes")];
    Room { stages, ..room }
}

pub(super) fn documented() -> StagesSpec {
    StagesSpec { documented: true, ..StagesSpec::default() }
}

pub(super) fn entered(seq: u64, stage: &str, number: u32) -> Record {
    let after = seq - 1;
    let step = Step::Entered {
        after: if after == 1 { 0 } else { after },
        stage: stage.into(),
        number,
        of: 2,
        percent: None,
        soak_ms: 0,
        against: Vec::new(),
    };
    let (at, by) = (Wall::default(), "mara".into());
    Record {
        seq,
        at,
        by,
        role: Clean::default(),
        entry: Entry::Stage(Box::new(step)),
        hash: String::new(),
        late: false,
    }
}

/// The triggers that the room watches after these stages were entered.
fn watched(room: &Room, documents: &[Document], names: &[&str]) -> (Vec<String>, Begun) {
    let mut checklist = Checklist::default();
    checklist.documents_read(documents.to_vec(), Vec::new());
    let mut stages = Stages::of(room);
    stages.documents_read(room, &checklist);
    for (seq, (number, name)) in (2..).zip((1..).zip(names)) {
        stages.record(&entered(seq, name, number), &checklist, false);
    }
    let begun = stages.begun(&room.stages, documents);
    let done = completed_in(room, documents, &|_| false, (&Counted::new(), &begun)).room;
    let trips = done.conditions.iter().filter(|it| it.purpose == Purpose::Trigger);
    (trips.map(|it| it.name.clone()).collect(), begun)
}

#[test]
fn a_trigger_of_a_later_stage_is_watched_from_that_stage_on() {
    let documents = tests::read(TEXT);
    let room = room(documented());
    let (names, begun) = watched(&room, &documents, &[]);
    assert_eq!((names.len(), begun.waits.len()), (3, 0), "where nobody tells the stage, all count");
    let (names, begun) = watched(&room, &documents, &["Canary 5%"]);
    assert_eq!(names, ["mistakes > 9 %", "mistakes > 5 %"]);
    assert_eq!(begun.waits.values().map(|it| &**it).collect::<Vec<_>>(), ["Half 50%", "Half 50%"]);
    let (names, begun) = watched(&room, &documents, &["Canary 5%", "Half 50%"]);
    assert_eq!(names, ["mistakes > 9 %", "mistakes > 2 %"], "the newest stage speaks of its metric");
    assert!(begun.waits.is_empty(), "{begun:?}");
}

#[test]
fn a_phase_that_is_the_way_back_is_entered_by_nobody_and_its_triggers_count() {
    let text = "# S\n\n## Phase 1: Canary 5%\n- Deploy it\n\n## Phase 2: Rollback\n\n### Rollback triggers\n- mistakes > 2 %\n";
    let (names, begun) = watched(&room(documented()), &tests::read(text), &["Canary 5%"]);
    assert_eq!((names.len(), begun.waits.len()), (1, 0));
}

#[test]
fn giving_a_stage_up_begins_no_later_one() {
    let documents = tests::read(TEXT);
    let room = room(documented());
    let mut checklist = Checklist::default();
    checklist.documents_read(documents.clone(), Vec::new());
    let mut stages = Stages::of(&room);
    stages.documents_read(&room, &checklist);
    stages.record(&entered(2, "Canary 5%", 1), &checklist, false);
    let step = Step::Aborted { after: 2, stage: "Canary 5%".into(), reason: "x".into() };
    let aborted = Record { entry: Entry::Stage(Box::new(step)), ..entered(3, "", 1) };
    stages.record(&aborted, &checklist, false);
    assert!(stages.course.open().is_none());
    assert_eq!(stages.begun(&room.stages, &documents).waits.len(), 2);
}

#[test]
fn stages_of_the_config_count_by_their_names() {
    let documents = tests::read(TEXT);
    let stage = |name: &str| StageSpec { name: name.into(), ..StageSpec::default() };
    let same = room(StagesSpec { stages: vec![stage("canary 5%"), stage("half 50%")], ..documented() });
    assert_eq!(watched(&same, &documents, &["canary 5%"]).0.len(), 2);
    assert_eq!(watched(&same, &documents, &["canary 5%", "half 50%"]).1.waits.len(), 0);
    let other = room(StagesSpec { stages: vec![stage("one"), stage("two")], ..documented() });
    let (names, begun) = watched(&other, &documents, &["one", "two"]);
    assert_eq!((names.len(), begun.waits.len()), (3, 0), "nobody knows when Half begins there");
}

#[test]
fn a_trigger_that_waits_is_shown_counts_for_nothing_and_nobody_can_say_it() {
    let documents = tests::read(TEXT);
    let room = room(documented());
    let (_, begun) = watched(&room, &documents, &["Canary 5%"]);
    let mut checklist = Checklist::default();
    checklist.documents_read(documents, Vec::new());
    checklist.wait(begun.waits, BTreeMap::new());
    let of = |text: &str| -> Item {
        checklist.items().find(|item| *item.text == *text).cloned().expect("an item")
    };
    let complain = of("Customers complain");
    assert_eq!(complain.meaning, Meaning::Trigger);
    assert_eq!(checklist.state(&complain), ItemState::NotBegun(&Clean::new("Half 50%")));
    assert_eq!(checklist.standing(&complain), Standing::NotDue);
    assert_eq!(checklist.state(&of("mistakes > 9 %")), ItemState::Open);
    let who = Person { name: "mara".into(), role: Clean::default() };
    let may = checklist.may_say(Some(&complain), Mark::Happened, ("", None), &who, &room.signoff);
    assert_eq!(may, Err(Obstacle::NotBegun(Clean::new("Half 50%"))));
}
