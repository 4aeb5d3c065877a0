//! When logs are asked for, and what is listed of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::*;
use crate::domain::logs::{LogEntry, LogPage};
use crate::domain::revision::{Revision, RevisionFacts, Traffic};
use crate::domain::room::{CloudRunSpec, LogRule, Service};
use crate::domain::{Now, Room, Wall};
use crate::model::msg::Msg;

fn model() -> Model {
    model_at("https://run.googleapis.com")
}

fn model_at(endpoint: &str) -> Model {
    let cloud = CloudRunSpec {
        project: "p".into(),
        region: "r".into(),
        service: "chat".into(),
        endpoint: endpoint.into(),
        token: None,
        interval: std::time::Duration::from_secs(5),
        verify_for: std::time::Duration::ZERO,
    };
    let service = Service { name: "chat".into(), cloud_run: Some(cloud), ..Service::default() };
    let rule = LogRule {
        name: "left".into(),
        patterns: vec!["went away".into()],
        services: Vec::new(),
        expected: true,
        most: None,
    };
    let mut room = Room { services: vec![service], ..Room::default() };
    room.logs.rules = vec![rule];
    Model::new(Arc::new(room), "t".into(), Now::default(), (120, 40))
}

fn entry(seconds: i64, severity: Severity, text: &str) -> LogEntry {
    LogEntry {
        at: Wall::default() + TimeDelta::seconds(seconds),
        insert_id: "i".into(),
        severity,
        revision: "chat-1".into(),
        log: "stderr".into(),
        text: text.into(),
        more: Vec::new(),
        facts: Vec::new(),
    }
}

fn tails(effects: Vec<Effect>) -> Vec<Option<Tail>> {
    let of = |effect| match effect {
        Effect::TailLogs { tail } => Some(tail),
        _ => None,
    };
    effects.into_iter().filter_map(of).collect()
}

fn tick(model: &mut Model) -> Vec<Option<Tail>> {
    let now = model.now;
    tails(model.update(Msg::Ticked(now)))
}

fn open(model: &mut Model) -> Tail {
    model.ui.focus.open(PanelId::Logs);
    tick(model).pop().flatten().expect("asked for")
}

fn read(model: &mut Model, tail: &Tail, at: u64, entries: Vec<LogEntry>) {
    let answer = Ok(LogPage { entries, cut: false });
    let read = LogsRead { tail: tail.clone(), at: Mono::from_secs(at), answer };
    model.update(Msg::LogsRead(Box::new(read)));
}

fn texts(model: &Model) -> Vec<&str> {
    model.log_rows().iter().map(|known| &*known.entry.text).collect::<Vec<_>>()
}

#[test]
fn logs_are_read_only_while_somebody_looks() {
    let mut model = model();
    assert_eq!(tick(&mut model), []);
    let tail = open(&mut model);
    assert_eq!(tail, Tail { service: ServiceIx(0), revision: None, least: Severity::Default });
    assert_eq!(tick(&mut model), [], "asked for once");
    model.act(Action::NextFilter, &mut Vec::new());
    let narrower = Tail { least: Severity::Info, ..tail.clone() };
    assert_eq!(tick(&mut model), [Some(narrower.clone())]);
    read(&mut model, &tail, 1, vec![entry(1, Severity::Error, "of the wish before")]);
    assert_eq!(texts(&model), [] as [&str; 0]);
    model.ui.focus.close();
    assert_eq!(tick(&mut model), [None]);
    assert_eq!(tick(&mut model), []);
    model.ui.focus.open(PanelId::Logs);
    assert_eq!(tick(&mut model), [Some(narrower)]);
}

#[test]
fn a_pause_holds_new_entries_back_and_a_cursor_stays_on_its_entry() {
    let mut model = model();
    let tail = open(&mut model);
    read(&mut model, &tail, 1, vec![entry(1, Severity::Info, "one"), entry(2, Severity::Info, "two")]);
    assert_eq!(texts(&model), ["two", "one"]);
    model.act(Action::Follow, &mut Vec::new());
    read(&mut model, &tail, 2, vec![entry(3, Severity::Info, "three")]);
    assert_eq!((texts(&model), model.logs.paused()), (vec!["two", "one"], Some(1)));
    model.act(Action::Follow, &mut Vec::new());
    assert_eq!(texts(&model), ["three", "two", "one"]);
    model.act(Action::Down, &mut Vec::new());
    read(&mut model, &tail, 3, vec![entry(4, Severity::Info, "four"), entry(5, Severity::Info, "five")]);
    let at = model.ui.focus.cursor(PanelId::Logs).row;
    assert_eq!(texts(&model)[at], "two");
}

#[test]
fn known_noise_is_folded_and_errors_are_gone_to() {
    let mut model = model();
    let tail = open(&mut model);
    let noise = |at| entry(at, Severity::Error, "client went away");
    let entries =
        vec![noise(1), noise(2), entry(3, Severity::Error, "boom"), noise(4), entry(5, Severity::Info, "x")];
    read(&mut model, &tail, 1, entries);
    model.act(Action::Fold, &mut Vec::new());
    assert_eq!(texts(&model), ["x", "boom"]);
    let counts = model.logs.book.counts(&model.room.logs.rules, model.now.wall);
    assert_eq!(counts.iter().map(|it| it.count).collect::<Vec<_>>(), [1, 3], "what is folded is counted");
    model.act(Action::NextOpen, &mut Vec::new());
    assert!(model.log_text().expect("an entry").contains("boom"));
    model.act(Action::Unfold, &mut Vec::new());
    assert_eq!(texts(&model).len(), 5);
    model.ui.focus.set_filter(PanelId::Logs, "BOOM".into());
    assert_eq!(texts(&model), ["boom"]);
}

#[test]
fn what_was_read_stays_when_nothing_comes_any_more_and_its_age_is_told() {
    let mut model = model();
    let tail = open(&mut model);
    let fresh = |model: &Model, at| model.logs.freshness(&model.room.logs, Mono::from_secs(at));
    assert_eq!(fresh(&model, 1), Freshness::Never);
    read(&mut model, &tail, 10, vec![entry(1, Severity::Info, "one")]);
    let secs = std::time::Duration::from_secs;
    assert_eq!(fresh(&model, 12), Freshness::Live(secs(2)));
    assert_eq!(fresh(&model, 40), Freshness::Stale(secs(30)));
    for at in [50, 60] {
        let lost =
            LogsLost { why: "403".into(), short: "no permission".into(), retry_at: Mono::from_secs(120) };
        let read = LogsRead { tail: tail.clone(), at: Mono::from_secs(at), answer: Err(lost) };
        model.update(Msg::LogsRead(Box::new(read)));
    }
    assert_eq!((fresh(&model, 70), texts(&model)), (Freshness::Down(secs(20)), vec!["one"]));
    read(&mut model, &tail, 80, Vec::new());
    assert_eq!(fresh(&model, 80), Freshness::Live(secs(0)));
}

#[test]
fn errors_that_nobody_expects_are_counted_whoever_looks() {
    let now = |second: i64| Now {
        mono: Mono::from_secs(second.cast_unsigned()),
        wall: Wall::default() + TimeDelta::seconds(second),
    };
    let mut model = model();
    let told = |model: &mut Model, second: i64| {
        model.update(Msg::Ticked(now(second)));
        let reading = model.signals.named(ServiceIx(0), crate::domain::logs::UNEXPECTED).cloned();
        reading.map(|reading| (reading.value, reading.fresh, reading.origin))
    };
    assert_eq!(told(&mut model, 100), None, "not read");
    let entries = [(10, "boom 0"), (80, "boom 1"), (90, "boom 2"), (91, "client went away")];
    let entries = entries.map(|(at, text)| entry(at, Severity::Error, text)).into();
    let tail = Tail { service: ServiceIx(0), revision: None, least: Severity::Error };
    let answer = Ok(LogPage { entries, cut: false });
    let read = LogsRead { tail: tail.clone(), at: now(100).mono, answer };
    model.update(Msg::ErrorsRead(Box::new(read)));
    let of = crate::domain::Origin::Revision("chat-1".into());
    assert_eq!(told(&mut model, 120), Some((2.0, true, of.clone())), "of the minute before the look");
    assert_eq!(told(&mut model, 200), Some((2.0, false, of)), "and old by now");
    assert!(model.log_rows().is_empty(), "nothing that somebody looks at");
}

#[test]
fn a_cursor_stays_on_its_entry_when_the_book_is_full_or_late_ones_come_below() {
    let mut model = model();
    let tail = open(&mut model);
    let text = |at: i64| format!("e{at}");
    read(&mut model, &tail, 1, (10..2010).map(|at| entry(at, Severity::Info, &text(at))).collect());
    model.act(Action::Down, &mut Vec::new());
    let under = |model: &Model| texts(model)[model.ui.focus.cursor(PanelId::Logs).row].to_owned();
    assert_eq!(under(&model), "e2008");
    read(&mut model, &tail, 2, (2010..2013).map(|at| entry(at, Severity::Info, &text(at))).collect());
    assert_eq!(under(&model), "e2008", "three came, and three went");
    let late = LogEntry { insert_id: "late".into(), ..entry(1000, Severity::Info, "late") };
    read(&mut model, &tail, 3, vec![late]);
    assert_eq!(under(&model), "e2008");
}

#[test]
fn what_was_read_before_a_rest_is_forgotten_since_a_hole_would_follow() {
    let mut model = model();
    let tail = open(&mut model);
    read(&mut model, &tail, 1, vec![entry(1, Severity::Error, "old")]);
    model.ui.focus.close();
    tick(&mut model);
    assert_eq!(open(&mut model), tail);
    assert_eq!((texts(&model), model.logs_empty().to_string()), (vec![], "Not read yet.".to_owned()));
}

#[test]
fn what_was_cut_stays_told() {
    let mut model = model();
    let tail = open(&mut model);
    let mut cut_at = |at: u64, cut: bool| {
        let page = LogPage { entries: vec![entry(at.cast_signed(), Severity::Info, "x")], cut };
        let read = LogsRead { tail: tail.clone(), at: Mono::from_secs(at), answer: Ok(page) };
        model.update(Msg::LogsRead(Box::new(read)));
        model.logs.cut
    };
    assert_eq!(cut_at(1, true), Some(Cut::Older));
    assert_eq!(cut_at(2, false), Some(Cut::Older));
    assert_eq!(cut_at(3, true), Some(Cut::Between));
    assert_eq!(cut_at(4, false), Some(Cut::Between));
}

#[test]
fn an_empty_list_says_why() {
    let mut model = model();
    let tail = open(&mut model);
    read(&mut model, &tail, 1, Vec::new());
    assert!(model.logs_empty().starts_with("No entry of the last"), "{}", model.logs_empty());
    read(&mut model, &tail, 2, vec![entry(1, Severity::Error, "client went away")]);
    model.act(Action::Fold, &mut Vec::new());
    assert_eq!(texts(&model), [] as [&str; 0]);
    assert_eq!(model.logs_empty().to_string(), "1 line, all of it known noise (folded).");
}

#[test]
fn logs_that_nobody_can_read_are_not_opened() {
    for (endpoint, opens) in [("https://run.googleapis.com", true), ("http://127.0.0.1:1", false)] {
        let mut model = model_at(endpoint);
        let revision = Revision {
            name: "chat-1".into(),
            ready: Some(true),
            message: None,
            image: "i".into(),
            created: None,
            creator: Clean::default(),
            env: BTreeMap::new(),
            facts: RevisionFacts::default(),
        };
        let traffic = Box::new(Traffic { revisions: vec![revision], ..Traffic::default() });
        model.update(Msg::TrafficRead { service: ServiceIx(0), at: Mono::from_secs(1), traffic });
        assert!(model.revision_under_cursor().is_some());
        model.open_logs();
        assert_eq!(model.ui.focus.full() == Some(PanelId::Logs), opens, "{endpoint}");
    }
}
