//! Active runs against a real `websockets` server and the simulated target, and what the room says of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use warroom::config::{self, Overrides};
use warroom::demo::Scenario;
use warroom::domain::active::{ActiveRan, Ended};
use warroom::domain::event::EventsDelta;
use warroom::domain::{
    Clean, ConditionState, LinkReport, Mono, Now, Origin, Record, Room, ServiceIx, SourceId, VerdictState,
    Wall,
};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;
use warroom::sources::{events::active, traffic};

use crate::demo_protocol::target;
use crate::pty::PATIENCE;

/// A server of Python's `websockets`, ended with the test.
struct Chat(Child, String);

impl Chat {
    fn start() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/chat.py");
        let mut command = Command::new("python3");
        command.arg(path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 starts (tests/all installs what the scripts import)");
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        assert!(!port.trim().is_empty(), "it says its port");
        Self(child, format!("ws://127.0.0.1:{}", port.trim()))
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

const PROBE: &str = r#"
[[service]]
name = "chat"
[service.events]
url = "ws://127.0.0.1:1/ws/events"
[service.events.probe]
send = '{"user":"probe","run_id":"{run}"}'
user = ["/user_id"]
me = "probe"
alone = true
timeout = "2s"
limit = "700ms"
"#;

/// `warroom probe run --json` at `url`: what it says, and its exit status.
fn run(url: &str, more: &str) -> (Json, i32) {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    std::fs::write(&config, format!("{PROBE}{more}\nurl = \"{url}\"\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_warroom"))
        .args(["probe", "run", "--json", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let told = serde_json::from_str(&told)
        .unwrap_or_else(|_| panic!("{told}{}", String::from_utf8_lossy(&output.stderr)));
    (told, output.status.code().unwrap())
}

#[test]
fn a_real_server_is_judged_by_the_run_that_was_begun() {
    let chat = Chat::start();
    let at = |mode: &str| run(&format!("{}/{mode}", chat.1), "");
    let (good, status) = at("good");
    assert_eq!(
        (&good["ok"], &good["events"], &good["foreign"], status),
        (&json!(true), &json!(5), &json!(0), 0),
        "{good}"
    );
    assert_eq!((good["service"].as_str(), good["run"].as_str().map(str::len)), (Some("chat"), Some(36)));
    for (mode, text) in [
        ("silent", "timed out: no event came"),
        ("incomplete", "incomplete: tool_completed missing"),
        ("order", "its events came out of order"),
        ("closes", "the connection ended: 4401 session expired"),
    ] {
        let (told, status) = at(mode);
        assert_eq!((&told["ok"], told["text"].as_str(), status), (&json!(false), Some(text), 1), "{told}");
    }
    let (slow, status) = at("slow");
    assert!(slow["text"].as_str().unwrap().starts_with("too slow: ") && status == 1, "{slow}");
    let (leaks, status) = at("leaks");
    assert_eq!(
        (&leaks["ok"], &leaks["foreign"], &leaks["foreigner"], status),
        (&json!(true), &json!(1), &json!("ines"), 1)
    );
    // Its limit is 700 ms, which listening on does not use up.
    let (late, status) = at("late");
    assert_eq!(
        (&late["ok"], &late["events"], &late["foreign"], &late["foreigner"], status),
        (&json!(true), &json!(5), &json!(1), &json!("ines"), 1),
        "{late}"
    );
    let (nobody, status) = run("ws://127.0.0.1:9/x", "");
    assert!(nobody["text"].as_str().unwrap().starts_with("not begun: ") && status == 1, "{nobody}");
}

fn room(text: &str) -> Arc<Room> {
    let loaded = config::parse(text, Path::new("config.toml"), &Overrides::default(), "mara");
    Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room)
}

/// One run on the target's own conversation.
async fn converse(scenario: Scenario, wanted: fn(&ActiveRan) -> bool) -> ActiveRan {
    let target = target(scenario, 20.0).await;
    let chat = target.urls().events.replace("/ws/events", "/ws/chat");
    let text = format!(
        "[[service]]\nname = \"chat\"\n[service.events]\nurl = \"{chat}\"\ntoken = {{ command = [\"echo\", \"{}\"] }}\n\
         [service.events.probe]\nsend = '{{\"text\":\"are you there?\"}}'\nalone = true\ntimeout = \"20s\"\n",
        target.token()
    );
    let room = room(&text.replace("20s", if scenario == Scenario::Frozen { "1s" } else { "20s" }));
    let events = room.services[0].events.clone().unwrap();
    let (_writer, board) = traffic::board();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let ran = active::once(ServiceIx(0), &events, events.active.as_ref().unwrap(), &board).await;
        if wanted(&ran) || Instant::now() > deadline {
            target.stop().await;
            return ran;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulated_target_answers_a_message_with_a_run() {
    let ran = Box::pin(converse(Scenario::Healthy, |_| true)).await;
    assert!(ran.is_good() && ran.events >= 5 && ran.foreign == 0, "{ran:?}");
    // The story stands still from 40 s on, two seconds at this speed.
    let frozen = Box::pin(converse(Scenario::Frozen, ActiveRan::is_silent)).await;
    assert!(frozen.is_silent(), "{frozen:?}");
}

fn at(second: u64) -> Now {
    Now { mono: Mono::from_secs(second), wall: Wall::default() + Duration::from_secs(second) }
}

/// A room in the second `second`, whose stream is up and quiet.
fn tell(model: &mut Model, second: u64, ran: Option<(Ended, u32, u32)>) {
    let source = SourceId::Events { service: ServiceIx(0) };
    model.update(Msg::Linked { source, report: LinkReport::Alive, at: at(second).mono });
    if let Some((ended, events, foreign)) = ran {
        let nothing =
            ActiveRan::unreachable(ServiceIx(0), at(second).mono, Origin::Unknown, Clean::default());
        let foreigner = (foreign > 0).then(|| Clean::new("ines"));
        model.update(Msg::ActiveRan(Box::new(ActiveRan { ended, events, foreign, foreigner, ..nothing })));
    }
    model.update(Msg::Ticked(at(second)));
}

fn state(model: &Model, name: &str) -> ConditionState {
    model.conditions.iter(&model.room).find(|(spec, _)| spec.name == name).unwrap().1.state
}

#[test]
fn one_silent_run_is_no_silence_while_the_stream_flows() {
    let probe = format!("[conditions]\nevents_not_flowing = \"2s\"\n{PROBE}interval = \"10s\"\n");
    let mut model = Model::new(room(&probe), "test".into(), at(0), (160, 48));
    for second in 1..=8 {
        let delta = EventsDelta { at: at(second).mono, received: 5, ..EventsDelta::default() };
        model.update(Msg::Streamed(Box::new(delta)));
        tell(&mut model, second, (second == 2).then_some((Ended::TimedOut, 0, 0)));
        assert_ne!(model.verdicts.now.state, VerdictState::RollBack, "{second}");
    }
    assert_eq!(state(&model, "events not flowing"), ConditionState::Pass);
}

#[test]
fn who_sends_nothing_does_not_wait_for_what_would_come_back() {
    let probe = format!("[operator]\nmode = \"read-only\"\n{PROBE}");
    let seen = |text: &str| {
        let mut model = Model::new(room(text), "test".into(), at(0), (160, 48));
        tell(&mut model, 1, None);
        model.verdicts.now.reasons[0].subject.to_string()
    };
    let told = (seen(PROBE), seen(&probe));
    assert_eq!(told, ("0 of 9 conditions can be seen".into(), "0 of 7 conditions can be seen".into()));
}

#[test]
fn isolation_is_judged_only_where_own_events_can_be_told_from_others() {
    let judged = |text: &str| {
        let room = room(text);
        room.conditions.iter().any(|condition| condition.name == "isolation violated")
    };
    let apart = PROBE.replace("me = \"probe\"\nalone = true\n", "").replace("user = [\"/user_id\"]\n", "");
    assert!(judged(PROBE) && judged(&PROBE.replace("alone = true\n", "")) && !judged(&apart));
}

#[test]
fn what_does_not_come_back_does_not_flow_and_one_event_of_another_user_asks_for_a_rollback() {
    let probe = format!("[conditions]\nevents_not_flowing = \"2s\"\n{PROBE}interval = \"10s\"\n");
    let mut model = Model::new(room(&probe), "test".into(), at(0), (160, 48));
    tell(&mut model, 1, None);
    assert_eq!(state(&model, "events not flowing"), ConditionState::NoData, "nobody talks at night");
    tell(&mut model, 2, Some((Ended::Whole, 5, 0)));
    assert_eq!(
        (state(&model, "active run"), state(&model, "isolation violated")),
        (ConditionState::Pass, ConditionState::Pass)
    );
    for second in 3..=6 {
        tell(&mut model, second, Some((Ended::TimedOut, 0, 0)));
    }
    assert_eq!(
        (state(&model, "active run"), state(&model, "events not flowing")),
        (ConditionState::Fail, ConditionState::Fail)
    );
    assert_eq!(model.verdicts.now.state, VerdictState::RollBack);

    // A good run says that it flows although nothing else came; one that heard nothing says nothing of others.
    let mut model = Model::new(room(&probe), "test".into(), at(0), (160, 48));
    tell(&mut model, 1, Some((Ended::Whole, 5, 0)));
    assert_eq!(state(&model, "events not flowing"), ConditionState::Pass);
    let mut model = Model::new(room(&probe), "test".into(), at(0), (160, 48));
    tell(&mut model, 1, Some((Ended::TimedOut, 0, 0)));
    assert_eq!(state(&model, "isolation violated"), ConditionState::NoData);

    let mut model = Model::new(room(&probe), "test".into(), at(0), (160, 48));
    tell(&mut model, 1, Some((Ended::Whole, 5, 0)));
    tell(&mut model, 2, Some((Ended::Whole, 5, 1)));
    assert_eq!(state(&model, "active run"), ConditionState::Pass, "its own events were all right");
    assert_eq!(model.verdicts.now.state, VerdictState::RollBack);
    let reason = &model.verdicts.now.reasons[0];
    assert_eq!((&*reason.subject, &*reason.value), ("trigger isolation violated tripped", "1 event of ines"));
}

#[test]
fn of_several_consoles_on_a_journal_one_sends_and_the_others_show_what_came_of_it() {
    let probe = format!("{PROBE}interval = \"10s\"\n");
    let console = |keeps: bool| {
        let mut model = Model::new(room(&probe), "test".into(), at(0), (160, 48));
        model.update(Msg::ChainChecked { seq: 0, damage: None });
        model.update(Msg::Kept { mine: keeps, holder: Clean::new("c") });
        model
    };
    let begun = |model: &mut Model, second: u64| {
        let effects = model.update(Msg::Ticked(at(second)));
        effects.iter().filter(|effect| matches!(effect, Effect::ProbeRun { .. })).count()
    };
    let (mut mara, mut sam) = (console(true), console(false));
    assert_eq!((begun(&mut mara, 1), begun(&mut sam, 1)), (1, 0));
    assert_eq!((begun(&mut mara, 2), begun(&mut sam, 2)), (0, 0), "one at a time");
    let nothing = ActiveRan::unreachable(ServiceIx(0), at(3).mono, Origin::Unknown, Clean::default());
    let ran = ActiveRan { ended: Ended::Whole, events: 5, ..nothing };
    let effects = mara.update(Msg::ActiveRan(Box::new(ran)));
    let entry = effects.into_iter().find_map(|effect| match effect {
        Effect::Journal { draft, .. } => Some(draft.entry),
        _ => None,
    });
    let record = |entry| Record {
        seq: 1,
        at: at(3).wall,
        by: "room".into(),
        role: Clean::default(),
        entry,
        hash: String::new(),
        late: false,
    };
    let records = vec![record(entry.expect("what came of it is written down"))];
    for model in [&mut mara, &mut sam] {
        model.update(Msg::Ticked(at(3)));
        model.update(Msg::Recorded { records: records.clone() });
        model.update(Msg::Ticked(at(4)));
        assert_eq!(state(model, "active run"), ConditionState::Pass);
        let active = model.service(ServiceIx(0)).unwrap().active.as_ref().unwrap();
        assert_eq!(active.counts(), (1, 0), "it counts once");
    }
    assert_eq!((begun(&mut mara, 12), begun(&mut mara, 13)), (0, 1));
    // The one that sent is gone: another one takes over where it was.
    sam.update(Msg::Kept { mine: true, holder: Clean::new("d") });
    assert_eq!((begun(&mut sam, 12), begun(&mut sam, 13)), (0, 1));
    // A console that is opened goes on from what was written down.
    let mut late = Model::new(room(&probe), "test".into(), at(8), (160, 48));
    late.update(Msg::Recorded { records });
    late.update(Msg::ChainChecked { seq: 1, damage: None });
    late.update(Msg::Kept { mine: true, holder: Clean::new("e") });
    assert_eq!((begun(&mut late, 9), begun(&mut late, 13)), (0, 1));
}
