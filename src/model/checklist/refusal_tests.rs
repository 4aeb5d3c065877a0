//! Ways to a false sign-off that a tired deployer or a careless script would find, and that are closed.

use super::signing_tests::{bound, candidate, checklist, item, plain, record, says, settle, wall, why, word};
use super::*;
use crate::domain::op::RunChange;
use crate::domain::room::{RoleSpec, SignOffSpec};
use crate::domain::{Approval, Meaning, OpKind, Outcome, ProofKind, Wall};

fn who(name: &str, role: &str) -> Person {
    Person { name: name.into(), role: role.into() }
}

fn began(given: Option<&str>) -> Entry {
    let (candidates, baseline) = (BTreeMap::new(), BTreeMap::new());
    Entry::RolloutBegan { given: given.map(Clean::new), candidates, baseline, environment: "p".into() }
}

fn may(list: &Checklist, mark: Mark, approval: Option<(&str, &str)>, who: &Person) -> Result<(), Obstacle> {
    let rules = SignOffSpec {
        second_person: true,
        roles: vec![RoleSpec { name: "QA".into(), also: vec![], people: vec!["ines".into(), "Lena".into()] }],
        ..SignOffSpec::default()
    };
    let approval = approval.map(|(by, link)| Approval { by: by.into(), link: link.into() });
    list.may_say(list.items().next(), mark, ("why", approval.as_ref()), who, &rules).map(|_| ())
}

#[test]
fn a_sign_off_is_not_waived_by_who_could_not_give_it() {
    let mut list = checklist(vec![item("QA", Meaning::SignOff { role: Some("QA".into()) })]);
    let link = "https://chat.example.com/1";
    for mark in [Mark::Done, Mark::Waived, Mark::NotApplicable] {
        assert_eq!(may(&list, mark, None, &who("mara", "deployer")), Err(Obstacle::Role("QA".into())));
        assert_eq!(may(&list, mark, None, &who("ines", "")), Ok(()));
        // Their approval elsewhere is theirs to give, and nobody else's.
        assert_eq!(may(&list, mark, Some(("Ines ", link)), &who("mara", "")), Ok(()));
        let not = Err(Obstacle::NotTheirs("QA".into(), "bob".into()));
        assert_eq!(may(&list, mark, Some(("bob", link)), &who("mara", "")), not);
    }
    // Anybody may say that it failed, and nobody that somebody approved of that.
    assert_eq!(may(&list, Mark::Failed, None, &who("mara", "")), Ok(()));
    let failed = may(&list, Mark::Failed, Some(("ines", link)), &who("mara", ""));
    assert_eq!(failed, Err(Obstacle::NotApproved(Mark::Failed)));
    // Who deploys is who they are in capitals too, and so is everybody who had a hand in it.
    list.record(&record(1, "ines", began(None)));
    let act = |seq, by| {
        let (gate, hash, frozen_at) = ("aaaa1111".to_owned(), String::new(), Wall::default());
        let [name, command, dir] = ["migrate", "alembic upgrade head", "."].map(Clean::new);
        let act = OpKind::Run(RunChange { gate, name, command, hash, dir, on_terminal: false, frozen_at });
        let op = crate::domain::OpId(format!("op{seq}"));
        record(seq, by, Entry::Intent { op, act, reason: "".into(), evidence: vec![] })
    };
    list.record(&act(2, "Lena"));
    list.record(&act(3, "sam"));
    for (name, approved) in [("INES", None), ("lena", None), ("mara", Some(("LENA", link)))] {
        let refused = may(&list, Mark::Waived, approved, &who(name, "QA"));
        assert!(matches!(refused, Err(Obstacle::SecondPerson(_))), "{name}: {refused:?}");
    }
    assert_eq!(may(&list, Mark::Done, Some(("SAM", link)), &who("sam", "")), Err(Obstacle::OwnApproval));
}

#[test]
fn what_was_said_before_a_candidate_was_seen_is_for_the_first_one() {
    let mut list = checklist(vec![item("a", Meaning::Work), item("b", Meaning::Work)]);
    list.record(&says(&list, (1, "mara"), "a", Mark::Done, ""));
    list.record(&candidate(2, "sha256:aa"));
    list.record(&says(&list, (3, "script"), "b", Mark::Done, ""));
    plain(&mut list);
    assert_eq!((word(&list, "a"), word(&list, "b")), ("done", "done"));
    list.record(&candidate(4, "sha256:bb"));
    plain(&mut list);
    assert_eq!(why(&list, "a"), "the candidate changed: sha256:aa → sha256:bb");
    assert_eq!(why(&list, "b"), why(&list, "a"));
}

#[test]
fn nothing_is_signed_off_against_its_evidence() {
    let mut list = checklist(vec![item("error rate fine", Meaning::Work)]);
    let rules = bound(false);
    settle(&mut list, &rules, wall(1), Some(false));
    let says = |mark| list.may_say(list.items().next(), mark, ("why", None), &who("mara", ""), &rules);
    assert_eq!(says(Mark::Done), Err(Obstacle::Bad("error_rate: 0.4 %".into())));
    assert!(says(Mark::Waived).is_ok() && says(Mark::Failed).is_ok());
}

#[test]
fn a_person_may_see_what_the_room_does_not() {
    let mut list = checklist(vec![item("error rate over 5 %", Meaning::Trigger)]);
    let rules = bound(false);
    let mut may = |proof| {
        settle(&mut list, &rules, wall(1), proof);
        list.may_say(list.items().next(), Mark::Happened, ("", None), &who("mara", ""), &rules).map(|_| ())
    };
    assert_eq!((may(None), may(Some(true))), (Ok(()), Ok(())));
    assert_eq!(may(Some(false)), Err(Obstacle::Measured), "it trips already");
}

#[test]
fn what_is_for_later_is_not_done_before_its_time() {
    let window = Meaning::Later { from_seconds: Some(3600), until_seconds: None };
    let some_time = Meaning::Later { from_seconds: None, until_seconds: None };
    let mut list = checklist(vec![item("no errors for an hour", window), item("clean up", some_time)]);
    let rules = SignOffSpec::default();
    let may = |list: &Checklist, at: usize, mark| {
        list.may_say(list.items().nth(at), mark, ("why", None), &who("mara", ""), &rules).map(|_| ())
    };
    plain(&mut list);
    assert_eq!(may(&list, 0, Mark::Done), Err(Obstacle::NotDue(None)));
    assert_eq!((may(&list, 0, Mark::Waived), may(&list, 1, Mark::Done)), (Ok(()), Ok(())));
    list.record(&record(1, "room", Entry::T0 { at: wall(10), detected: true }));
    settle(&mut list, &rules, wall(69), None);
    assert_eq!(may(&list, 0, Mark::Done), Err(Obstacle::NotDue(Some(wall(70)))));
    settle(&mut list, &rules, wall(70), None);
    assert_eq!(may(&list, 0, Mark::Done), Ok(()));
}

/// Settles with a gate that passed in record `run`.
fn passed(list: &mut Checklist, run: u64) {
    let mut rules = bound(true);
    rules.bindings[0].kind = ProofKind::Gate;
    let now: Wall = wall(60);
    let proof = |kind, name: &str| {
        Some(Evidence {
            kind,
            name: name.into(),
            good: Some(true),
            value: "passed".into(),
            record: Some(run),
        })
    };
    list.settle(&Surroundings { rules: &rules, now, candidates: &BTreeMap::new(), proof: &proof });
}

#[test]
fn a_gate_that_passed_for_one_image_does_not_tick_for_the_next() {
    let mut list = checklist(vec![item("error rate fine", Meaning::Work)]);
    list.record(&candidate(1, "sha256:aa"));
    passed(&mut list, 2);
    assert_eq!(list.self_ticking().len(), 1);
    list.record(&says(&list, (3, "room"), "error rate fine", Mark::Done, "sha256:aa"));
    assert_eq!(list.rollouts().proves_since(), 0);
    list.record(&candidate(4, "sha256:bb"));
    assert_eq!(list.rollouts().proves_since(), 4, "what ran before says nothing of this image");
    passed(&mut list, 2);
    assert_eq!((word(&list, "error rate fine"), list.self_ticking().len()), ("lapsed", 0));
    passed(&mut list, 5);
    assert_eq!(list.self_ticking().len(), 1, "it ran again");
    list.record(&record(6, "mara", began(None)));
    assert_eq!(list.rollouts().proves_since(), 6);
}

#[test]
fn a_rollout_that_left_items_open_is_no_evidence_and_nor_is_a_digest_that_never_ran() {
    let ended = |seq, unsigned| {
        let (outcome, note, left) = (Outcome::Completed, Clean::default(), vec![]);
        record(seq, "mara", Entry::RolloutEnded { outcome, note, left, unsigned })
    };
    let mut rollouts = Rollouts::default();
    for record in [record(1, "mara", began(Some("sha256:cc"))), candidate(2, "sha256:aa"), ended(3, 2)] {
        rollouts.record(&record);
    }
    assert_eq!(rollouts.proven(), BTreeMap::from([("sha256:aa".into(), 2)]));
    for record in [record(4, "mara", began(Some("9f1ce27"))), candidate(5, "sha256:aa"), ended(6, 0)] {
        rollouts.record(&record);
    }
    let proven = BTreeMap::from([("sha256:aa".into(), 0), ("9f1ce27".into(), 0)]);
    assert_eq!(rollouts.proven(), proven);
}
