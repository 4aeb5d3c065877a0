//! Alerts of a room whose probe fails: one journal, several consoles.

use std::path::Path;
use std::sync::Arc;

use crate::config::{self, Overrides};
use crate::domain::alert::{Moment, Outcome, State, Step, Told};
use crate::domain::health::{ProbeOutcome, Probed};
use crate::domain::{Clean, Draft, Entry, Mono, Now, Origin, Record, ServiceIx, Wall};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::msg::{Msg, Token};

mod judged;

const CONFIG: &str = r#"
[room]
name = "chat"
[conditions]
health_failing = "0s"
clears_after = "0s"
[[service]]
name = "api"
[[service.health]]
name = "api"
kind = "tcp"
address = "127.0.0.1:1"
interval = "1s"
[alerts]
unseen = 3
unseen_after = "20s"
[[alerts.severity]]
level = 1
respond_within = "1m"
escalate_after = "2m"
escalate_to = ["lead"]
[[route]]
name = "hook"
url = "http://127.0.0.1:9/"
[[route]]
name = "lead"
url = "http://127.0.0.1:9/lead"
"#;

/// A journal that takes everything, and the consoles on it.
struct Bench {
    consoles: Vec<Model>,
    records: Vec<Record>,
    second: u64,
    /// What was sent, by which console.
    sent: Vec<(usize, u64, Moment, String)>,
    bells: usize,
}

fn console() -> Model {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara").unwrap();
    Model::new(Arc::new(loaded.room), "c".into(), Now::default(), (160, 48))
}

impl Bench {
    fn new(consoles: usize) -> Self {
        let consoles = (0..consoles).map(|_| console()).collect();
        let mut bench = Self { consoles, records: Vec::new(), second: 100, sent: Vec::new(), bells: 0 };
        for at in 0..bench.consoles.len() {
            bench.tell(at, Msg::ChainChecked { seq: 0, damage: None });
            bench.tell(at, Msg::Kept { mine: at == 0, holder: "c".into() });
        }
        bench
    }

    fn wall(&self) -> Wall {
        Wall::default() + chrono::TimeDelta::seconds(self.second.cast_signed())
    }

    fn tell(&mut self, at: usize, msg: Msg) {
        let Some(model) = self.consoles.get_mut(at) else { return };
        for effect in model.update(msg) {
            match effect {
                Effect::Journal { token, draft, .. } => self.journal(at, token, draft),
                Effect::SendAlert { sending } => {
                    self.sent.push((at, sending.alert, sending.moment, sending.route.name.clone()));
                }
                Effect::Bell { words } => self.bells += usize::from(words.contains("alert severity")),
                _ => {}
            }
        }
    }

    fn journal(&mut self, at: usize, token: Token, draft: Draft) {
        let Draft { by, role, entry } = draft;
        let seq = self.records.len() as u64 + 1;
        let record = Record { seq, at: self.wall(), by, role, entry, hash: String::new(), late: false };
        self.records.push(record.clone());
        self.tell(at, Msg::Journaled { token, seq });
        for at in 0..self.consoles.len() {
            self.tell(at, Msg::Recorded { records: vec![record.clone()] });
        }
    }

    /// So many seconds pass, with probes that fail, pass, or do not come.
    fn pass(&mut self, seconds: u64, ok: Option<bool>) {
        for _ in 0..seconds {
            self.second += 1;
            let at = Mono::from_secs(self.second);
            let outcome = match ok {
                Some(true) => Some(ProbeOutcome::Answered {
                    status: None,
                    latency: std::time::Duration::from_millis(1),
                    ok: true,
                    report: crate::domain::health::BodyReport::default(),
                }),
                Some(false) => Some(ProbeOutcome::Failed {
                    error: "connection refused".into(),
                    after: std::time::Duration::from_millis(1),
                    reached: true,
                }),
                None => None,
            };
            for console in 0..self.consoles.len() {
                if let Some(outcome) = outcome.clone() {
                    let (service, origin) = (ServiceIx(0), Origin::Mixed);
                    self.tell(console, Msg::Probed(Probed { service, probe: 0, at, origin, outcome }));
                    let report = crate::domain::LinkReport::Alive;
                    let source = crate::domain::SourceId::Health { service: ServiceIx(0), probe: 0 };
                    self.tell(console, Msg::Linked { source, report, at });
                }
                self.tell(console, Msg::Ticked(Now { mono: at, wall: self.wall() }));
            }
        }
    }

    fn answer(&mut self, console: usize, way: (u64, Moment, &str), attempt: u32, answer: Result<&str, &str>) {
        let (alert, moment, route) = way;
        let answer = answer.map(Clean::new).map_err(Clean::new);
        let told = Told { alert, moment, route: route.into(), attempt, answer, retry_after: None };
        self.tell(console, Msg::AlertSent(Box::new(told)));
    }

    fn steps(&self) -> Vec<String> {
        let alert = |record: &Record| match &record.entry {
            Entry::Alert(step) => Some(super::words(step, record.at).1),
            _ => None,
        };
        self.records.iter().filter_map(alert).collect()
    }
}

#[test]
fn what_fails_is_raised_once_sent_once_and_resolved_when_it_is_seen_to_be_good() {
    let mut bench = Bench::new(2);
    bench.pass(5, Some(true));
    assert_eq!(bench.steps(), [""; 0], "nothing fails");
    bench.pass(10, Some(false));
    let raised = bench.steps();
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert!(raised[0].starts_with("alert severity 1: "), "{raised:?}");
    let id = bench.consoles[1].alerts.book.open()[0].id;
    assert_eq!(
        bench.sent,
        [(0, id, Moment::Raised, "hook".to_owned())],
        "the keeper alone, and not the lead"
    );
    assert_eq!(bench.bells, 2, "each console rings");
    bench.answer(0, (id, Moment::Raised, "hook"), 1, Ok("HTTP 200 ok"));
    bench.pass(30, None);
    assert_eq!(bench.consoles[0].alerts.book.open()[0].state(), State::Firing, "silence resolves nothing");
    bench.pass(3, Some(true));
    let steps = bench.steps();
    assert!(steps.iter().any(|step| step.starts_with(&format!("alert a{id} resolved"))), "{steps:?}");
    assert_eq!(bench.sent.last(), Some(&(0, id, Moment::Resolved, "hook".to_owned())));
}

#[test]
fn what_cannot_be_seen_is_an_alert_of_its_own() {
    let mut bench = Bench::new(1);
    bench.pass(5, Some(true));
    bench.pass(60, None);
    let steps = bench.steps();
    assert!(steps.iter().any(|step| step.contains("cannot be seen")), "{steps:?}");
    assert!(steps.iter().all(|step| !step.starts_with("alert severity 1")), "{steps:?}");
    bench.pass(2, Some(true));
    assert_eq!(bench.consoles[0].alerts.book.open().len(), 0, "{:?}", bench.steps());
}

#[test]
fn a_route_that_does_not_answer_is_tried_again_less_and_less_often_and_told_of_once() {
    let mut bench = Bench::new(1);
    bench.pass(10, Some(false));
    let id = bench.consoles[0].alerts.book.open()[0].id;
    let way = (id, Moment::Raised, "hook");
    let mut pauses = Vec::new();
    for attempt in 1..=4 {
        let before = (bench.sent.len(), bench.second);
        bench.answer(0, way, attempt, Err("connection refused"));
        while bench.sent.len() == before.0 {
            bench.pass(1, Some(false));
        }
        pauses.push(bench.second - before.1);
    }
    assert_eq!(pauses, [5, 10, 20, 40]);
    let failed = bench.steps().iter().filter(|step| step.contains("not told to hook yet")).count();
    assert_eq!(failed, 1, "the same answer again is no news");
    // A stale answer is no answer to what is on its way.
    bench.answer(0, way, 2, Ok("late"));
    assert_eq!(bench.consoles[0].alerts.book.open()[0].deliveries[0].outcome, Outcome::Failed);
    bench.answer(0, way, 5, Ok("HTTP 202"));
    let told = &bench.consoles[0].alerts.book.open()[0].deliveries[0];
    assert_eq!((told.outcome, told.attempt), (Outcome::Sent, 5));
}

#[test]
fn whoever_keeps_the_journal_next_takes_up_what_was_not_delivered_and_nothing_else() {
    let mut bench = Bench::new(2);
    bench.pass(10, Some(false));
    let id = bench.consoles[0].alerts.book.open()[0].id;
    bench.answer(0, (id, Moment::Raised, "hook"), 1, Err("connection refused"));
    bench.pass(1, Some(false));
    // The keeper is gone; the other one becomes it.
    bench.sent.clear();
    bench.tell(0, Msg::Kept { mine: false, holder: "d".into() });
    bench.tell(1, Msg::Kept { mine: true, holder: "d".into() });
    bench.pass(2, Some(false));
    assert_eq!(bench.sent, [], "what the one before wrote may still be on its way");
    bench.pass(10, Some(false));
    assert_eq!(bench.sent, [(1, id, Moment::Raised, "hook".to_owned())]);
    bench.answer(1, (id, Moment::Raised, "hook"), 2, Ok("HTTP 200"));
    // A console that begins anew reads the same records, and sends nothing again.
    bench.consoles.push(console());
    let records = bench.records.clone();
    bench.tell(2, Msg::Recorded { records });
    bench.tell(2, Msg::ChainChecked { seq: 1, damage: None });
    bench.tell(1, Msg::Kept { mine: false, holder: "e".into() });
    bench.tell(2, Msg::Kept { mine: true, holder: "e".into() });
    bench.sent.clear();
    bench.pass(10, Some(false));
    assert_eq!(bench.sent, []);
    assert_eq!(bench.consoles[2].alerts.book, bench.consoles[0].alerts.book);
}

#[test]
fn nobody_sends_before_the_whole_journal_was_read() {
    let mut bench = Bench::new(0);
    bench.consoles.push(console());
    bench.tell(0, Msg::Kept { mine: true, holder: "c".into() });
    bench.pass(20, Some(false));
    assert_eq!((bench.sent.len(), bench.steps().len()), (0, 0));
    bench.tell(0, Msg::ChainChecked { seq: 0, damage: None });
    bench.pass(2, Some(false));
    assert_eq!(bench.sent.len(), 1);
}

#[test]
fn what_nobody_takes_up_goes_to_the_lead_and_an_acknowledgement_prevents_that() {
    let mut bench = Bench::new(1);
    bench.pass(10, Some(false));
    let id = bench.consoles[0].alerts.book.open()[0].id;
    bench.answer(0, (id, Moment::Raised, "hook"), 1, Ok("HTTP 200"));
    let mut taken = Bench::new(1);
    taken.pass(10, Some(false));
    let mut effects = Vec::new();
    taken.consoles[0].acknowledge(id, &mut effects);
    for effect in effects {
        if let Effect::Journal { token, draft, .. } = effect {
            assert_eq!(draft.by, "mara".into());
            taken.journal(0, token, draft);
        }
    }
    bench.pass(125, Some(false));
    taken.pass(125, Some(false));
    assert_eq!(bench.sent.last(), Some(&(0, id, Moment::Escalated, "lead".to_owned())));
    assert!(taken.sent.iter().all(|(_, _, moment, _)| *moment != Moment::Escalated));
}

#[test]
fn a_mute_is_heard_by_nobody_and_changes_no_verdict() {
    let mut bench = Bench::new(1);
    bench.pass(5, Some(true));
    let name =
        bench.consoles[0].room.conditions.iter().find(|it| it.name.contains("health")).unwrap().name.clone();
    let mut effects = Vec::new();
    bench.consoles[0].mute(&format!("{name} 10m deploying"), &mut effects);
    let Some(Effect::Journal { token, draft, .. }) = effects.pop() else { panic!("no record") };
    assert!(matches!(&draft.entry, Entry::Alert(step) if matches!(**step, Step::Muted { .. })));
    bench.journal(0, token, draft);
    bench.pass(10, Some(false));
    assert_eq!((bench.sent.len(), bench.bells), (0, 0));
    assert_eq!(bench.consoles[0].verdicts.now.state, crate::domain::VerdictState::RollBack);
    assert!(bench.consoles[0].left_over().iter().any(|left| left.starts_with("muted: ")));
    bench.pass(600, Some(false));
    assert_eq!(bench.sent.len(), 1, "it ends by itself");
    assert!(bench.consoles[0].left_over().iter().all(|left| !left.starts_with("muted: ")));
}

#[test]
fn a_console_that_was_stopped_hears_first_who_keeps_the_journal_now() {
    let mut bench = Bench::new(1);
    bench.pass(10, Some(false));
    let id = bench.consoles[0].alerts.book.open()[0].id;
    bench.answer(0, (id, Moment::Raised, "hook"), 1, Err("connection refused"));
    bench.sent.clear();
    bench.second += 60;
    bench.pass(2, Some(false));
    assert_eq!(bench.sent, []);
    bench.tell(0, Msg::Kept { mine: false, holder: "d".into() });
    bench.pass(20, Some(false));
    assert_eq!(bench.sent, []);
}

#[test]
fn a_keeper_that_stood_still_does_not_write_a_failure_over_what_another_console_told() {
    for (resumed, kept) in
        [("tick", "records"), ("answer", "records"), ("tick", "lease"), ("answer", "lease")]
    {
        let mut bench = Bench::new(2);
        bench.pass(10, Some(false));
        let id = bench.consoles[0].alerts.book.open()[0].id;
        let way = (id, Moment::Raised, "hook");
        let stood = bench.consoles.remove(0);
        let before = bench.records.len();
        bench.tell(0, Msg::Kept { mine: true, holder: "d".into() });
        bench.pass(40, Some(false));
        bench.answer(0, way, 1, Ok("HTTP 200"));
        let (after, second) = (bench.records.len(), bench.second);
        bench.consoles.push(stood);
        let failed = |bench: &mut Bench| bench.answer(1, way, 1, Err("no answer in 10s"));
        if resumed == "answer" {
            failed(&mut bench);
        }
        let tick = Now { mono: Mono::from_secs(second), wall: bench.wall() };
        bench.tell(1, Msg::Ticked(tick));
        failed(&mut bench);
        let records = bench.records[before..after].to_vec();
        if kept == "records" {
            bench.tell(1, Msg::Recorded { records: records.clone() });
        }
        bench.tell(1, Msg::Kept { mine: false, holder: "d".into() });
        bench.tell(1, Msg::Recorded { records });
        bench.pass(30, Some(false));
        let steps = bench.steps();
        assert!(!steps.iter().any(|step| step.contains("not told to hook")), "{resumed}, {kept}: {steps:?}");
    }
}

#[test]
fn what_is_watched_no_more_is_resolved() {
    let mut bench = Bench::new(1);
    bench.pass(10, Some(false));
    assert_eq!(bench.consoles[0].alerts.book.open().len(), 1);
    let mut room = (*bench.consoles[0].room).clone();
    room.conditions.clear();
    bench.consoles[0].conditions = crate::model::conditions::Conditions::new(&room);
    bench.consoles[0].room = Arc::new(room);
    bench.pass(2, Some(false));
    assert_eq!(bench.consoles[0].alerts.book.open().len(), 0);
    assert!(
        bench.steps().iter().any(|step| step.ends_with("it is not watched any more")),
        "{:?}",
        bench.steps()
    );
}

#[test]
fn what_is_accepted_as_expected_is_resolved_and_raises_none_until_that_ends() {
    let mut bench = Bench::new(1);
    bench.pass(10, Some(false));
    let (id, name) = {
        let alert = bench.consoles[0].alerts.book.open()[0];
        (alert.id, alert.name.to_string())
    };
    let until = bench.wall() + chrono::TimeDelta::minutes(10);
    let (what, reason) = (crate::domain::Accepts::Failing, Clean::new("the old probe"));
    let rule = bench.consoles[0].room.conditions.iter().find(|spec| spec.name == name);
    let rule = rule.map(crate::domain::ConditionSpec::rule).unwrap_or_default();
    let entry = Entry::Accepted { condition: name, what, rule, reason, until };
    bench.journal(0, Token(0), Draft { by: "sam".into(), role: Clean::default(), entry });
    bench.pass(300, Some(false));
    let over = bench.consoles[0].alerts.book.get(id).and_then(|alert| alert.resolved.clone());
    assert_eq!(over.map(|said| said.text), Some("accepted as expected".into()));
    assert_eq!(bench.consoles[0].alerts.book.open().len(), 0);
    bench.pass(310, Some(false));
    let open = bench.consoles[0].alerts.book.open();
    assert!(open.len() == 1 && open[0].id > id, "it is bad still, and accepted no more");
}

#[test]
fn one_key_turns_bell_and_notification_on_and_off() {
    let mut model = console();
    let press = crate::domain::KeyPress {
        chord: crate::domain::Chord::char('B'),
        at: Mono::default(),
        repeat: false,
    };
    for on in [true, false] {
        let told = model.update(Msg::Pressed { press, action: Some(crate::domain::Action::Bell) });
        assert_eq!(told, [Effect::Loud { on }]);
    }
}
