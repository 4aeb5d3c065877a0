//! What people say of items: how long it holds, what it takes, and to which rollout it belongs.

use chrono::TimeDelta;

use std::collections::BTreeMap;

use super::*;
use crate::domain::rollout::Seen;
use crate::domain::room::{Binding, RoleSpec, SignOffSpec};
use crate::domain::{Approval, Meaning, Outcome, ProofKind, Section, Wall};

pub(super) fn item(text: &str, meaning: Meaning) -> Item {
    Item { id: ItemId(format!("id {text}")), line: 1, text: text.into(), meaning, ..Item::default() }
}

fn document(items: Vec<Item>) -> Document {
    let section = Section { path: vec!["Release".into(), "Checks".into()], line: 1, items };
    Document { path: "r.md".into(), sha256: "feed".into(), sections: vec![section], ..Document::default() }
}

pub(super) fn checklist(items: Vec<Item>) -> Checklist {
    let mut checklist = Checklist::default();
    checklist.documents_read(vec![document(items)], vec![]);
    checklist
}

pub(super) fn wall(minute: i64) -> Wall {
    Wall::default() + TimeDelta::minutes(minute)
}

pub(super) fn record(seq: u64, by: &str, entry: Entry) -> Record {
    let at = wall(seq.cast_signed());
    Record { seq, at, by: by.into(), role: "qa".into(), entry, hash: String::new(), late: false }
}

/// What `by` says of the item, as it stands now, for a candidate with this image.
pub(super) fn says(list: &Checklist, (seq, by): (u64, &str), text: &str, mark: Mark, image: &str) -> Record {
    let item = list.items().find(|item| &*item.text == text).expect("the item").clone();
    let mut signing = list.signing(&item);
    if !image.is_empty() {
        signing.images.insert("api".into(), image.into());
    }
    let said =
        Attestation { mark, text: item.text.clone(), note: "why".into(), signing, ..Attestation::default() };
    record(seq, by, Entry::of_item(item.id.0, said))
}

pub(super) fn candidate(seq: u64, image: &str) -> Record {
    let seen = Seen { revision: format!("api-{seq:05}"), image: image.into() };
    let environment = "production".to_owned();
    record(seq, "room", Entry::Candidate { service: "api".into(), seen, baseline: None, environment })
}

pub(super) fn settle(list: &mut Checklist, rules: &SignOffSpec, now: Wall, proof: Option<bool>) {
    let proof = |kind: ProofKind, name: &str| {
        let value = Clean::new("0.4 %");
        Some(Evidence { kind, name: name.into(), good: proof, value, record: None })
    };
    list.settle(&Surroundings { rules, now, candidates: &BTreeMap::new(), proof: &proof });
}

pub(super) fn word(list: &Checklist, text: &str) -> &'static str {
    list.state(list.items().find(|item| &*item.text == text).expect("the item")).word()
}

pub(super) fn why(list: &Checklist, text: &str) -> String {
    match list.state(list.items().find(|item| &*item.text == text).expect("the item")) {
        ItemState::Lapsed { why, .. } => why.to_string(),
        other => other.word().to_owned(),
    }
}

pub(super) fn plain(list: &mut Checklist) {
    settle(list, &SignOffSpec::default(), wall(60), None);
}

#[test]
fn every_state_is_said_counted_and_taken_back() {
    let names = ["a", "b", "c", "d", "e"];
    let mut list = checklist(names.iter().map(|name| item(name, Meaning::Work)).collect());
    let marks = [Mark::Done, Mark::NotApplicable, Mark::Failed, Mark::Waived];
    for ((seq, name), mark) in (1..).zip(names).zip(marks) {
        list.record(&says(&list, (seq, "mara"), name, mark, ""));
    }
    plain(&mut list);
    let words: Vec<_> = names.iter().map(|name| word(&list, name)).collect();
    assert_eq!(words, ["done", "not_applicable", "failed", "waived", "open"]);
    let expected = Progress { done: 3, all: 5, failed: 1, ..Progress::default() };
    assert_eq!(list.total(), expected);
    assert_eq!(list.last_by(&"mara".into()), Ok((ItemId("id d".into()), "d".into(), 4)));
    list.record(&record(9, "sam", Entry::Unticked { item: "id c".into(), text: "c".into(), seq: 3 }));
    assert_eq!(word(&list, "c"), "open");
}

#[test]
fn another_image_lapses_and_another_revision_of_the_same_image_does_not() {
    let mut list = checklist(vec![item("a", Meaning::Work), item("old", Meaning::Work)]);
    list.record(&candidate(1, "sha256:aaaaaaaaaa"));
    list.record(&says(&list, (2, "mara"), "a", Mark::Done, "sha256:aaaaaaaaaa"));
    // One that names no image is for what was rolled out then.
    list.record(&says(&list, (3, "mara"), "old", Mark::Done, ""));
    list.record(&candidate(4, "sha256:aaaaaaaaaa"));
    plain(&mut list);
    assert_eq!((word(&list, "a"), word(&list, "old")), ("done", "done"));
    list.record(&candidate(5, "sha256:bbbbbbbbbb"));
    plain(&mut list);
    assert_eq!(why(&list, "a"), "the candidate changed: sha256:aaaaaaaa → sha256:bbbbbbbb");
    assert_eq!(word(&list, "old"), "lapsed");
    assert_eq!(list.total().lapsed, 2);
    // Said again, it holds for the new one; the record before it stays in the journal.
    list.record(&says(&list, (6, "mara"), "a", Mark::Done, "sha256:bbbbbbbbbb"));
    plain(&mut list);
    assert_eq!(word(&list, "a"), "done");
}

#[test]
fn a_changed_text_asks_again_and_says_what_it_was() {
    let mut list =
        checklist(vec![item("Load test at twice the rate", Meaning::Work), item("Backup", Meaning::Work)]);
    list.record(&says(&list, (1, "mara"), "Load test at twice the rate", Mark::Done, ""));
    list.record(&says(&list, (2, "mara"), "Backup", Mark::Done, ""));
    let changed = "Load test at three times the rate";
    list.documents_read(
        vec![document(vec![item("Smoke", Meaning::Work), item(changed, Meaning::Work)])],
        vec![],
    );
    plain(&mut list);
    assert_eq!(why(&list, changed), "its text changed, was: Load test at twice the rate");
    assert_eq!(word(&list, "Smoke"), "open", "an item that was taken out says nothing of another one");
    // Taking back what was said under the old text takes it from the new one.
    list.record(&record(3, "mara", Entry::Unticked { item: "id x".into(), text: "".into(), seq: 1 }));
    plain(&mut list);
    assert_eq!(word(&list, changed), "open");
    // The text as it was, and all is as it was.
    list.documents_read(vec![document(vec![item("Backup", Meaning::Work)])], vec![]);
    plain(&mut list);
    assert_eq!(word(&list, "Backup"), "done");
}

pub(super) fn bound(ticks_itself: bool) -> SignOffSpec {
    let binding = Binding {
        document: None,
        heading: None,
        text: Some("rate".into()),
        kind: ProofKind::Condition,
        name: "error_rate".into(),
        ticks_itself,
    };
    SignOffSpec { bindings: vec![binding], ..SignOffSpec::default() }
}

#[test]
fn bad_evidence_lapses_for_good_and_unseen_evidence_does_not() {
    let mut list = checklist(vec![item("error rate fine", Meaning::Work)]);
    let rules = bound(false);
    settle(&mut list, &rules, wall(1), Some(true));
    assert_eq!(word(&list, "error rate fine"), "proposed");
    assert_eq!(list.self_ticking(), []);
    list.record(&says(&list, (1, "mara"), "error rate fine", Mark::Done, ""));
    settle(&mut list, &rules, wall(2), None);
    assert_eq!(word(&list, "error rate fine"), "done");
    settle(&mut list, &rules, wall(3), Some(false));
    assert_eq!(why(&list, "error rate fine"), "its evidence turned bad: error_rate: 0.4 %");
    let bad = list.newly_bad();
    let (id, text, seq, reason) = bad.first().expect("one").clone();
    assert_eq!((bad.len(), seq), (1, 1));
    list.record(&record(2, "room", Entry::Lapsed { item: id.0, text, seq, why: reason }));
    // Good again: it was not good all the time, so it is asked for again.
    settle(&mut list, &rules, wall(4), Some(true));
    assert_eq!(word(&list, "error rate fine"), "lapsed");
    assert_eq!(list.newly_bad(), []);
}

#[test]
fn the_room_ticks_itself_only_work_and_not_against_a_person() {
    let role = Some("QA".into());
    let items =
        vec![item("error rate fine", Meaning::Work), item("rate approved", Meaning::SignOff { role })];
    let mut list = checklist(items);
    settle(&mut list, &bound(true), wall(1), Some(true));
    let ticking: Vec<String> = list.self_ticking().iter().map(|(item, _)| item.text.to_string()).collect();
    assert_eq!(ticking, ["error rate fine"]);
    list.record(&says(&list, (1, "room"), "error rate fine", Mark::Done, ""));
    settle(&mut list, &bound(true), wall(2), Some(true));
    assert_eq!((word(&list, "error rate fine"), list.self_ticking().len()), ("done", 0));
    let untick = Entry::Unticked { item: "id error rate fine".into(), text: "".into(), seq: 1 };
    list.record(&record(2, "sam", untick));
    settle(&mut list, &bound(true), wall(3), Some(true));
    assert_eq!((word(&list, "error rate fine"), list.self_ticking().len()), ("proposed", 0));
}

#[test]
fn triggers_and_criteria_are_said_to_be_true_and_are_no_progress() {
    let items = vec![item("Complaints", Meaning::Trigger), item("Inbox quiet", Meaning::Criterion)];
    let mut list = checklist(items);
    assert_eq!(list.total(), Progress::default());
    list.record(&says(&list, (1, "mara"), "Complaints", Mark::Happened, ""));
    list.record(&says(&list, (2, "mara"), "Inbox quiet", Mark::Met, ""));
    plain(&mut list);
    assert_eq!((word(&list, "Complaints"), word(&list, "Inbox quiet")), ("happened", "met"));
    assert_eq!(list.happened().map(|said| said.text.to_string()).collect::<Vec<_>>(), ["Complaints"]);
    // Taking the item out of the file does not clear what happened.
    list.documents_read(vec![document(vec![])], vec![]);
    plain(&mut list);
    assert_eq!(list.happened().count(), 1);
    list.record(&record(
        3,
        "mara",
        Entry::Unticked { item: "id Complaints".into(), text: "".into(), seq: 1 },
    ));
    assert_eq!(list.happened().count(), 0);
}

#[test]
fn what_is_for_later_is_due_when_its_time_after_t0_comes() {
    let later = Meaning::Later { from_seconds: Some(3600), until_seconds: None };
    let mut list = checklist(vec![item("Clean up", later), item("a", Meaning::Work)]);
    plain(&mut list);
    assert_eq!((word(&list, "Clean up"), list.total().all), ("not_due", 1));
    list.record(&record(1, "room", Entry::T0 { at: wall(10), detected: true }));
    settle(&mut list, &SignOffSpec::default(), wall(69), None);
    let state = list.items().next().map(|item| list.state(item));
    assert_eq!(state, Some(ItemState::NotDue { from: Some(wall(70)) }));
    settle(&mut list, &SignOffSpec::default(), wall(70), None);
    assert_eq!((word(&list, "Clean up"), list.total().all), ("open", 2));
}

#[test]
fn what_is_open_when_its_window_is_over_is_overdue() {
    let window = Meaning::Later { from_seconds: Some(0), until_seconds: Some(3600) };
    let must = Item { required: true, ..item("Look", window) };
    let mut list = checklist(vec![must.clone()]);
    list.record(&record(1, "room", Entry::T0 { at: wall(10), detected: true }));
    settle(&mut list, &SignOffSpec::default(), wall(69), None);
    assert_eq!((list.overdue(&must), list.total().required_open), (None, 1));
    settle(&mut list, &SignOffSpec::default(), wall(70), None);
    assert_eq!(list.overdue(&must), Some(wall(70)));
    assert_eq!(crate::model::left_over::left_in(&list), ["1 item required and open", "1 item overdue"]);
    list.record(&says(&list, (2, "mara"), "Look", Mark::Done, ""));
    settle(&mut list, &SignOffSpec::default(), wall(90), None);
    assert_eq!(list.overdue(&must), None);
}

#[test]
fn another_candidate_has_a_t0_of_its_own() {
    let mut list = checklist(vec![item("a", Meaning::Work)]);
    let candidate = |seq, service: &str, image: &str| {
        let seen = Seen { revision: format!("{service}-{seq}"), image: image.into() };
        let (service, environment) = (service.to_owned(), String::new());
        record(seq, "room", Entry::Candidate { service, seen, baseline: None, environment })
    };
    let t0 = |seq, at| record(seq, "room", Entry::T0 { at: wall(at), detected: true });
    let known = |list: &Checklist| list.rollout().and_then(|it| it.t0.as_ref()).map(|t0| t0.at);
    for record in [candidate(1, "api", "one"), t0(2, 10), candidate(3, "api", "one")] {
        list.record(&record);
    }
    assert_eq!(known(&list), Some(wall(10)), "another revision of the image goes on");
    list.record(&candidate(4, "api", "two"));
    assert_eq!(known(&list), None);
    list.record(&t0(5, 90));
    assert_eq!(known(&list), Some(wall(90)));
    // Somebody begins the rollout of what serves already.
    let seen = Seen { revision: "api-4".to_owned(), image: "two".into() };
    let began = |seq, candidates| {
        let (given, baseline, environment) = (None, BTreeMap::new(), String::new());
        record(seq, "mara", Entry::RolloutBegan { given, candidates, baseline, environment })
    };
    list.record(&began(6, BTreeMap::from([("api".to_owned(), seen.clone())])));
    assert_eq!(known(&list), Some(wall(90)));
    let other = Seen { image: "three".into(), ..seen.clone() };
    let mut another = list.clone();
    another.record(&began(7, BTreeMap::from([("api".to_owned(), other)])));
    assert_eq!(known(&another), None);
    // Of several services the rollout goes on with the others.
    list.record(&candidate(7, "web", "x"));
    list.record(&candidate(8, "web", "y"));
    assert_eq!(known(&list), Some(wall(90)));
}

#[test]
fn a_sign_off_asks_for_its_role_and_for_a_second_person() {
    let role = |name: &str| Meaning::SignOff { role: Some(name.into()) };
    let list = checklist(vec![item("QA", role("QA")), item("Anybody", Meaning::SignOff { role: None })]);
    let who = |name: &str, role: &str| Person { name: name.into(), role: role.into() };
    let qa = list.items().next();
    let rules = SignOffSpec { second_person: true, ..SignOffSpec::default() };
    let may = |list: &Checklist, person: &Person, approval: Option<&Approval>| {
        list.may_say(list.items().next(), Mark::Done, ("", approval), person, &rules).map(|item| item.text)
    };
    assert_eq!(may(&list, &who("ines", "qa"), None), Ok("QA".into()));
    assert_eq!(may(&list, &who("mara", "deployer"), None), Err(Obstacle::Role("QA".into())));
    let elsewhere = Approval { by: "ines".into(), link: "https://example.com/1".into() };
    assert_eq!(may(&list, &who("mara", "deployer"), Some(&elsewhere)), Ok("QA".into()));
    let empty = Approval { link: "".into(), ..elsewhere.clone() };
    assert_eq!(may(&list, &who("mara", "deployer"), Some(&empty)), Err(Obstacle::NoLink));
    assert_eq!(may(&list, &who("ines", "qa"), Some(&elsewhere)), Err(Obstacle::OwnApproval));
    let mapped = SignOffSpec {
        roles: vec![RoleSpec { name: "QA".into(), also: vec![], people: vec!["mara".into()] }],
        ..SignOffSpec::default()
    };
    assert!(list.may_say(qa, Mark::Done, ("", None), &who("mara", "deployer"), &mapped).is_ok());
    assert_eq!(
        list.may_say(qa, Mark::Waived, ("", None), &who("sam", ""), &rules),
        Err(Obstacle::NoReason(Mark::Waived))
    );
    let mut list = list;
    let began = Entry::RolloutBegan {
        given: Some("9f1ce27".into()),
        candidates: BTreeMap::new(),
        baseline: BTreeMap::new(),
        environment: "production".into(),
    };
    list.record(&record(1, "ines", began));
    assert_eq!(may(&list, &who("ines", "qa"), None), Err(Obstacle::SecondPerson("ines".into())));
    assert_eq!(may(&list, &who("mara", "qa"), Some(&elsewhere)), Err(Obstacle::SecondPerson("ines".into())));
    // Who signs and deploys later did not sign as a second person.
    list.record(&says(&list, (2, "sam"), "QA", Mark::Done, ""));
    settle(&mut list, &rules, wall(3), None);
    assert_eq!(word(&list, "QA"), "done");
}

#[test]
fn what_was_said_belongs_to_its_rollout() {
    let mut list = checklist(vec![item("a", Meaning::Work)]);
    list.record(&says(&list, (1, "mara"), "a", Mark::Done, ""));
    let rollout = list.rollout().expect("begun by the first tick").clone();
    assert_eq!((rollout.id.as_str(), &rollout.by), ("r1", &None));
    let ended =
        |outcome| Entry::RolloutEnded { outcome, note: "".into(), left: vec!["a lock".into()], unsigned: 0 };
    list.record(&candidate(2, "sha256:aa"));
    list.record(&record(3, "mara", ended(Outcome::Completed)));
    list.record(&record(4, "mara", ended(Outcome::Aborted)));
    plain(&mut list);
    assert_eq!(word(&list, "a"), "done", "what was said still stands after the end");
    assert_eq!(
        list.rollout().and_then(|rollout| rollout.end.as_ref()).map(|end| end.outcome),
        Some(Outcome::Completed)
    );
    assert_eq!(list.rollouts().proven(), BTreeMap::from([("sha256:aa".into(), 0)]));
    // The same image seen again begins nothing; another one does.
    list.record(&candidate(5, "sha256:aa"));
    assert_eq!(list.rollout().map(|rollout| rollout.id.as_str()), Some("r1"));
    list.record(&candidate(6, "sha256:bb"));
    plain(&mut list);
    assert_eq!((list.rollout().map(|r| r.id.as_str()), word(&list, "a")), (Some("r6"), "open"));
    assert_eq!(list.rollouts().completed().count(), 1);
}

#[test]
fn a_tick_below_a_heading_that_was_renamed_says_which() {
    let mut list = checklist(vec![item("a", Meaning::Work)]);
    list.record(&says(&list, (1, "mara"), "a", Mark::Done, ""));
    plain(&mut list);
    let renamed = |path: [&str; 2], id: &str| {
        let item = Item { id: ItemId(id.to_owned()), ..item("a", Meaning::Work) };
        let section = Section { path: path.map(Clean::new).to_vec(), line: 1, items: vec![item] };
        Document { sections: vec![section], ..document(Vec::new()) }
    };
    let why = |list: &Checklist| match list.items().next().map(|item| list.state(item)) {
        Some(ItemState::Lapsed { why, .. }) => why.to_string(),
        other => format!("{other:?}"),
    };
    list.documents_read(vec![renamed(["Release 10", "Checks"], "x")], vec![]);
    plain(&mut list);
    assert_eq!(why(&list), "a heading above it changed, was: Release");
    list.documents_read(vec![renamed(["Release", "Later"], "y")], vec![]);
    plain(&mut list);
    assert_eq!(why(&list), "it stands elsewhere now, was below: Checks");
}
