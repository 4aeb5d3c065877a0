//! A trigger that tripped stays so until it is clear, whatever stage was entered meanwhile, also over a restart; and what a
//! later stage says otherwise asks nobody.

use std::sync::Arc;

use super::staged_tests::{TEXT, documented, entered, room};
use super::{Counted, completed_in, tests};
use crate::domain::condition::Outstanding;
use crate::domain::metric::{MetricValue, Past, Queried};
use crate::domain::{
    Clean, Entry, LinkReport, Measured, Mono, Now, Origin, Record, ServiceIx, SourceId, Wall,
};
use crate::model::Model;
use crate::model::checklist::{ItemState, Standing};
use crate::model::conditions::said::SaidTrigger;
use crate::model::msg::Msg;
use crate::model::stages::Begun;

fn now(second: u64) -> Now {
    let wall = Wall::default() + chrono::TimeDelta::seconds(second.cast_signed());
    Now { mono: Mono::from_secs(second), wall }
}

fn model() -> Model {
    let mut model = Model::new(Arc::new(room(documented())), "c".into(), now(0), (80, 24));
    model.update(Msg::DocumentsRead { documents: tests::read(TEXT), problems: Vec::new() });
    model
}

/// So many mistakes are seen for a second.
fn sees(model: &mut Model, mistakes: f64, now: Now) {
    let at = now.mono;
    model.update(Msg::Linked { source: SourceId::Prometheus, report: LinkReport::Alive, at });
    let value = MetricValue { name: "mistakes".into(), value: Some(mistakes), ..MetricValue::default() };
    let (service, history, older) = (ServiceIx(0), Vec::new(), Past::default());
    model.update(Msg::Queried(Box::new(Queried { service, at, value, history, older })));
    model.update(Msg::Ticked(now));
}

fn enters(model: &mut Model, records: &[Record]) {
    model.update(Msg::Recorded { records: records.to_vec() });
}

/// The triggers, each with whether it is tripped.
fn triggers(model: &Model) -> Vec<(&str, bool)> {
    model.conditions.triggers(&model.room).map(|(spec, state)| (&*spec.name, state.is_tripped())).collect()
}

fn state<'m>(model: &'m Model, text: &str) -> ItemState<'m> {
    let item = model.checklist.items().find(|item| *item.text == *text).expect("an item");
    model.checklist.state(item)
}

#[test]
fn what_tripped_in_a_stage_before_stays_tripped_until_it_is_clear() {
    let mut model = model();
    enters(&mut model, &[entered(2, "Canary 5%", 1)]);
    (1..4).for_each(|second| sees(&mut model, 7.0, now(second)));
    assert_eq!(triggers(&model), [("mistakes > 9 %", false), ("mistakes > 5 %", true)]);
    enters(&mut model, &[entered(3, "Half 50%", 2)]);
    let both = [("mistakes > 9 %", false), ("mistakes > 5 %", true), ("mistakes > 2 %", true)];
    sees(&mut model, 7.0, now(4));
    assert_eq!(triggers(&model), both, "an override enters the stage, and clears nothing");
    assert!(matches!(state(&model, "mistakes > 5 %"), ItemState::Measured(_)));
    // Below 5 % for a while it is clear, and what the later stage says is not.
    (5..400).for_each(|second| sees(&mut model, 3.0, now(second)));
    assert_eq!(triggers(&model), [("mistakes > 9 %", false), ("mistakes > 2 %", true)]);
    assert_eq!(state(&model, "mistakes > 5 %"), ItemState::Replaced(&Clean::new("Half 50%: mistakes > 2 %")));
}

#[test]
fn what_a_later_stage_says_otherwise_says_so_and_asks_nobody() {
    let mut model = model();
    enters(&mut model, &[entered(2, "Canary 5%", 1), entered(3, "Half 50%", 2)]);
    sees(&mut model, 1.0, now(1));
    let replaced = Clean::new("Half 50%: mistakes > 2 %");
    assert_eq!(state(&model, "mistakes > 5 %"), ItemState::Replaced(&replaced));
    let item = model.checklist.items().find(|item| *item.text == *"mistakes > 5 %").expect("an item");
    assert_eq!(model.checklist.standing(item), Standing::Reported);
    let said = model.said_triggers();
    let asked: Vec<&str> = said.iter().map(|it: &SaidTrigger<'_>| &*it.text).collect();
    assert_eq!(asked, ["Customers complain"]);
}

#[test]
fn what_tripped_before_a_restart_stays_so_over_a_stage_that_was_entered() {
    let was = Outstanding {
        name: "mistakes > 5 %".into(),
        rule: model()
            .room
            .conditions
            .iter()
            .find(|it| it.name == "mistakes > 5 %")
            .expect("a trigger")
            .rule(),
        over_ms: 60_000,
        tripped: Some(now(0).wall),
        lost: None,
        value: Some(7.0),
        origin: Origin::Unknown,
        exposed: true,
        last: Vec::new(),
        said: None,
    };
    let measured = Measured { outstanding: vec![was], until: now(0).wall, ..Measured::default() };
    let measured = Record { entry: Entry::Measured(measured), ..entered(4, "", 1) };
    let records = [entered(2, "Canary 5%", 1), entered(3, "Half 50%", 2), measured];
    let begun = Begun::recorded(&room(documented()), &tests::read(TEXT), &records);
    assert!(begun.tripped.contains("mistakes > 5 %"), "commands beside the console know it, too");

    // Another process, whose own clock begins anew.
    let later = |second: u64| Now { mono: Mono::from_secs(second), wall: now(100 + second).wall };
    let mut model = Model::new(Arc::new(room(documented())), "c".into(), later(0), (80, 24));
    model.update(Msg::DocumentsRead { documents: tests::read(TEXT), problems: Vec::new() });
    enters(&mut model, &records);
    model.update(Msg::ChainChecked { seq: 4, damage: None });
    sees(&mut model, 3.0, later(1));
    let tripped = triggers(&model);
    assert!(tripped.contains(&("mistakes > 5 %", true)), "{tripped:?}");
}

#[test]
fn limits_of_a_query_below_a_later_stage_wait_for_it() {
    let text = "# S\n\n## Phase 1: Canary\n- Deploy\n\n```promql\nsum(early)\n```\nAlert: > 3\n\n## Phase 2: Full\n- Shift\n\n\
                ```promql\nsum(late)\n```\nAlert: > 4\n";
    let watched = |names: &[&str]| {
        let entered: Vec<Record> =
            (2..).zip(1..).zip(names).map(|((seq, number), name)| entered(seq, name, number)).collect();
        let (room, documents) = (room(documented()), tests::read(text));
        let begun = Begun::recorded(&room, &documents, &entered);
        let room = completed_in(&room, &documents, &|_| false, (&Counted::new(), &begun)).room;
        room.conditions.iter().map(|it| it.fail.value).collect::<Vec<_>>()
    };
    assert_eq!(watched(&[]), [3.0, 4.0], "where nobody tells the stage, all count");
    assert_eq!(watched(&["Canary"]), [3.0]);
    assert_eq!(watched(&["Canary", "Full"]), [3.0, 4.0]);
}

#[test]
fn commands_beside_the_console_see_the_stages_that_the_journal_knows() {
    let (room, documents) = (room(documented()), tests::read(TEXT));
    let of = |records: &[Record]| Begun::recorded(&room, &documents, records).waits.len();
    assert_eq!([of(&[]), of(&[entered(2, "Canary 5%", 1)])], [0, 2]);
    assert_eq!(of(&[entered(2, "Canary 5%", 1), entered(3, "Half 50%", 2)]), 0);
}

#[test]
fn the_same_limit_with_another_time_is_the_later_stages() {
    let text = TEXT
        .replace("- mistakes > 5 %\n", "- mistakes > 5 % for 10 minutes\n")
        .replace("- mistakes > 2 %\n", "- mistakes > 5 % for 1 minute\n");
    let mut model = model();
    model.update(Msg::DocumentsRead { documents: tests::read(&text), problems: Vec::new() });
    enters(&mut model, &[entered(2, "Canary 5%", 1), entered(3, "Half 50%", 2)]);
    sees(&mut model, 7.0, now(1));
    let lasts: Vec<(&str, u64)> = model
        .conditions
        .triggers(&model.room)
        .map(|(spec, _)| (&*spec.name, spec.sustained.as_secs()))
        .collect();
    assert_eq!(lasts, [("mistakes > 9 %", 0), ("mistakes > 5 %", 60)]);
    assert!(matches!(state(&model, "mistakes > 5 % for 1 minute"), ItemState::Measured(_)));
}
