//! What the room says of stories that a single reading would get wrong: told to a model second by second.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use warroom::config::{self, Overrides};
use warroom::domain::condition::{Outstanding, Said};
use warroom::domain::event::{EventsDelta, RunsDelta, SocketsDelta};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::metric::{MetricValue, Scraped, ServerCloses};
use warroom::domain::run::{Ending, Evidence, Outcome as RunOutcome, RunId};
use warroom::domain::{
    Clean, ConditionState, Entry, LinkReport, Measured, Mono, Now, OpId, OpKind, OpState, Origin, PanelId,
    ReasonKind, Record, ServiceIx, SignalKey, SourceId, Traffic, TrafficChange, TrafficTarget, VerdictState,
    Wall,
};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;
use warroom::report::snapshot::snapshot;

use crate::frames::text;
use crate::panels::{opened, panel};
use crate::screens::Person;
use crate::splits::{self, share};

const SERVICE: ServiceIx = ServiceIx(0);
const A: &str = "chat-00001-aaa";
const B: &str = "chat-00002-bbb";

const CONFIG: &str = r#"
[room]
name = "truth"
[conditions]
health_failing = "30s"
closes_spike = "5s"
runs_incomplete = "2"
[[service]]
name = "chat"
[service.startup]
probe = "canary"
[[service.health]]
name = "canary"
url = "http://127.0.0.1:1/health"
tag = "canary"
interval = "1s"
[service.events]
url = "ws://127.0.0.1:1/ws/events"
[service.metrics]
url = "http://127.0.0.1:1/metrics"
[service.cloud_run]
project = "p"
region = "r"
service = "chat"
"#;

/// A model, the seconds told to it, and what the room's sources say in each.
struct Story {
    model: Model,
    /// By the wall clock.
    opened: Wall,
    second: u64,
    /// Percent that the canary serves.
    share: u8,
    /// The canary's health: status and body.
    health: (u16, BodyReport),
    /// Closes with 4401 that the server counts each second, by revision.
    closes: Vec<(&'static str, f64)>,
    /// The metric `errors` of each revision.
    errors: Vec<(&'static str, f64)>,
    /// Events that arrive each second.
    events: u64,
    /// Whether they have sequence numbers.
    numbered: bool,
    /// Runs that end incomplete in the next second.
    incomplete: u64,
    /// Events that come twice in each second.
    twice: u64,
    /// Attempts to connect in each second: answered with 403, and let in.
    attempts: (u64, u64),
    /// Whether neither stream nor metrics are heard.
    down: bool,
    /// One of them that is not: `events` or `metrics`.
    lost: Option<&'static str>,
    said: Vec<VerdictState>,
    /// Verdicts that were to be written down.
    written: usize,
}

impl Story {
    /// A canary that is ready, without traffic.
    fn new() -> Self {
        Self::with("")
    }

    /// With more in its config.
    fn with(more: &str) -> Self {
        Self::of(&format!("{CONFIG}{more}"))
    }

    /// Of this config.
    fn of(config: &str) -> Self {
        let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
        let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
        Self {
            model: Model::new(Arc::new(loaded.room), "test".into(), Now::default(), (160, 48)),
            opened: Wall::default(),
            second: 0,
            share: 0,
            health: (200, done()),
            closes: Vec::new(),
            errors: Vec::new(),
            events: 50,
            numbered: true,
            incomplete: 0,
            twice: 0,
            attempts: (0, 0),
            down: false,
            lost: None,
            said: Vec::new(),
            written: 0,
        }
    }

    /// Goes on for `seconds`.
    fn go(&mut self, seconds: u64) -> &mut Self {
        for _ in 0..seconds {
            self.second += 1;
            self.tell();
            let wall = self.opened + chrono::TimeDelta::seconds(self.second.cast_signed());
            for effect in self.model.update(Msg::Ticked(Now { mono: Mono::from_secs(self.second), wall })) {
                match effect {
                    // The API would take a rollback.
                    Effect::Validate { token, .. } => {
                        self.model.update(Msg::Validated { token, error: None });
                    }
                    Effect::Journal { draft, .. } if matches!(draft.entry, Entry::Verdict { .. }) => {
                        self.written += 1;
                    }
                    _ => {}
                }
            }
            self.said.push(self.verdict());
        }
        self
    }

    fn link(&mut self, at: Mono) {
        let service = SERVICE;
        let sources = [
            SourceId::Health { service, probe: 0 },
            SourceId::Events { service },
            SourceId::Metrics { service },
            SourceId::CloudRun { service },
        ];
        for source in sources {
            let counts = match source {
                SourceId::Events { .. } => self.down || self.lost == Some("events"),
                SourceId::Metrics { .. } => self.down || self.lost == Some("metrics"),
                _ => false,
            };
            let report = if counts {
                LinkReport::Down {
                    error: Clean::new("refused"),
                    attempt: 4,
                    retry_at: at.after(Duration::from_secs(9)),
                }
            } else {
                LinkReport::Alive
            };
            self.model.update(Msg::Linked { source, report, at });
        }
    }

    fn tell(&mut self) {
        let at = Mono::from_secs(self.second);
        let service = SERVICE;
        self.link(at);
        let traffic = Box::new(traffic(self.share));
        self.model.update(Msg::TrafficRead { service, at, traffic });
        let (status, report) = self.health.clone();
        let latency = Duration::from_millis(14);
        let outcome = ProbeOutcome::Answered { status: Some(status), latency, ok: status == 200, report };
        let origin = Origin::Revision(B.into());
        self.model.update(Msg::Probed(Probed { service, probe: 0, at, origin, outcome }));
        if self.down {
            return;
        }
        let closes = self.closes.iter().map(|(revision, n)| ServerCloses {
            code: 4401,
            revision: Some(Clean::new(revision)),
            increase: Some(*n),
            total: 0.0,
        });
        let by_revision =
            self.errors.iter().map(|(revision, value)| (Clean::new(revision), *value)).collect();
        let value = self.errors.first().map(|(_, value)| *value);
        let errors = MetricValue { name: "errors".into(), value, by_revision, ..MetricValue::default() };
        let closes = closes.collect();
        let scraped = Scraped { service, at, closes, values: vec![errors], ..Scraped::default() };
        if self.lost != Some("metrics") {
            self.model.update(Msg::Scraped(Box::new(scraped)));
        }
        if self.lost == Some("events") {
            return;
        }
        let incomplete = std::mem::take(&mut self.incomplete);
        let missing = vec![0, 0, 0, incomplete, 0];
        let runs = RunsDelta { opened: self.events, incomplete, missing, ..RunsDelta::default() };
        let (refused, opened) = self.attempts;
        let sockets = SocketsDelta {
            attempts: refused + opened,
            opened,
            refused: (refused > 0).then_some((403, refused)).into_iter().collect(),
            ..SocketsDelta::default()
        };
        let delta = EventsDelta {
            runs,
            sockets,
            service,
            at,
            origin: Origin::Revision(A.into()),
            received: self.events,
            duplicates: self.twice,
            numbered: if self.numbered { self.events } else { 0 },
            by_type: vec![self.events, 0, 0, 0, 0],
            ..EventsDelta::default()
        };
        self.model.update(Msg::Streamed(Box::new(delta)));
    }

    /// Somebody else writes these down.
    fn recorded(&mut self, entries: Vec<Entry>) {
        let from = self.model.journal.head() + 1;
        let record = |(seq, entry)| Record {
            seq,
            at: self.opened + chrono::TimeDelta::seconds(self.second.cast_signed()),
            by: Clean::new("sam"),
            role: Clean::default(),
            entry,
            hash: String::new(),
            late: false,
        };
        let records = (from..).zip(entries).map(record).collect();
        self.model.update(Msg::Recorded { records });
    }

    /// What a script reads of a condition: its state, and why it does not count.
    fn told_of(&self, name: &str) -> (Value, Value) {
        let told = snapshot(&self.model);
        let mut rows = told["conditions"].as_array().expect("rows").iter();
        let row = rows.rfind(|row| row["name"] == name).expect("the condition");
        (row["state"].clone(), row["not_counted"].clone())
    }

    /// Another console rolls everything back to A.
    fn rolled_back(&mut self) -> &mut Self {
        self.rolls_back(&[OpState::Accepted, OpState::Reconciling, OpState::Effective]);
        self.share = 0;
        self
    }

    /// Another console began to, and told of these states.
    fn rolls_back(&mut self, states: &[OpState]) -> &mut Self {
        let act = OpKind::Rollback(TrafficChange {
            service: SERVICE,
            resource: "projects/p/locations/r/services/chat".into(),
            to: A.into(),
            before: split(self.share),
            after: split(0),
            generation: 1,
            etag: "e".into(),
            frozen_at: Wall::default(),
        });
        let op = OpId("x-1".into());
        let reason = Clean::new("bad");
        let mut entries = vec![Entry::Intent { op: op.clone(), act, reason, evidence: vec![] }];
        for state in states {
            entries.push(Entry::progress(op.clone(), *state, Clean::default()));
        }
        self.recorded(entries);
        self
    }

    fn verdict(&self) -> VerdictState {
        self.model.verdicts.now.state
    }

    /// The reasons: kind, subject and value.
    fn reasons(&self) -> Vec<(ReasonKind, String, String)> {
        let reasons = self.model.verdicts.now.reasons.iter();
        reasons.map(|r| (r.kind, r.subject.to_string(), r.value.to_string())).collect()
    }

    fn has(&self, kind: ReasonKind, subject: &str) -> bool {
        self.reasons().iter().any(|(of, words, _)| *of == kind && words.contains(subject))
    }
}

fn split(canary: u8) -> Vec<TrafficTarget> {
    let tagged = TrafficTarget { tag: Some("canary".to_owned()), ..share(B, canary) };
    vec![share(A, 100 - canary), tagged]
}

fn traffic(canary: u8) -> Traffic {
    splits::service("chat", split(canary), [B, A], 1)
}

fn done() -> BodyReport {
    BodyReport { complete: Some(true), ..BodyReport::default() }
}

fn starting(phase: &str, done: &[(&str, f64)]) -> BodyReport {
    BodyReport {
        phase: Some(Clean::new(phase)),
        in_progress: Some(true),
        done: done.iter().map(|(name, seconds)| (Clean::new(name), Some(*seconds))).collect(),
        ..BodyReport::default()
    }
}

#[test]
fn after_a_rollback_the_good_revision_is_not_blamed_for_the_bad_one() {
    let mut story = Story::new();
    story.go(200);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    story.share = 10;
    story.closes = vec![(A, 0.01), (B, 0.5)];
    story.go(60);
    assert_eq!(story.verdict(), VerdictState::NoGo, "{:?}", story.reasons());
    assert!(story.has(ReasonKind::Failing, "4401"), "{:?}", story.reasons());
    story.closes = vec![(A, 0.01), (B, 0.0)];
    story.rolled_back().go(5);
    let spike =
        story.model.conditions.iter(&story.model.room).find(|(spec, _)| spec.name == "close codes spike");
    let (_, spike) = spike.expect("built in");
    assert_eq!(spike.origin, Origin::Revision(B.into()), "the spike runs on for a minute, on B's account");
    let why = "it speaks only of a revision that a rollback moved away from";
    assert_eq!(story.told_of("close codes spike"), (Value::from("fail"), Value::from(why)));
    assert!(!story.has(ReasonKind::Failing, "4401"), "{:?}", story.reasons());
    assert_eq!(
        story.verdict(),
        VerdictState::Hold,
        "only the operation is waited for: {:?}",
        story.reasons()
    );
    assert_eq!(&*story.model.verdicts.now.act, "staying on 00001-aaa");
    story.health = (200, starting("INIT", &[]));
    story.go(5);
    let told =
        story.reasons().iter().any(|(_, subject, _)| subject.contains("canary") || subject.contains("start"));
    assert!(!told, "how B fares is no reason any more: {:?}", story.reasons());
}

#[test]
fn a_canary_that_dies_again_and_again_is_no_go_between_its_lives_too() {
    let mut story = Story::new();
    story.share = 10;
    story.go(30);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    let live = |story: &mut Story| {
        story.health = (503, starting("INIT", &[]));
        story.go(8);
        story.health = (200, done());
        story.go(14);
    };
    live(&mut story);
    assert_eq!(story.verdict(), VerdictState::Go, "once is a warning: {:?}", story.reasons());
    assert!(story.has(ReasonKind::Warning, "restarts"), "{:?}", story.reasons());
    live(&mut story);
    let since = story.said.len();
    (0..4).for_each(|_| live(&mut story));
    assert!(story.has(ReasonKind::Failing, "restarts"), "{:?}", story.reasons());
    assert!(story.has(ReasonKind::Failing, "health canary flapping"), "{:?}", story.reasons());
    assert_eq!(story.said[since..].iter().find(|said| **said != VerdictState::NoGo), None);
}

/// What has no number cannot be missed: that is no zero, holds nothing and is not counted as good.
#[test]
fn of_events_without_numbers_nothing_is_known_to_be_lost_and_nothing_waits_for_it() {
    for (numbered, wanted) in [(true, ConditionState::Pass), (false, ConditionState::NoData)] {
        let mut story = Story::new();
        (story.share, story.numbered) = (10, numbered);
        story.go(30);
        assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
        for name in ["events lost", "events repeated"] {
            let found = story.model.conditions.iter(&story.model.room).find(|(spec, _)| spec.name == name);
            assert_eq!(found.expect(name).1.state, wanted, "{name}");
            let why = if numbered { Value::Null } else { "events come without sequence numbers".into() };
            assert_eq!(story.told_of(name).1, why, "{name}");
        }
    }
}

#[test]
fn health_that_flaps_is_no_go_and_not_every_eight_seconds_something_else() {
    let mut story = Story::new();
    story.share = 10;
    story.go(30);
    let flap = |story: &mut Story| {
        let down = BodyReport { status: Some("unhealthy".into()), ..done() };
        story.health = (503, down);
        story.go(5);
        story.health = (200, done());
        story.go(3);
    };
    (0..3).for_each(|_| flap(&mut story));
    let since = story.said.len();
    (0..10).for_each(|_| flap(&mut story));
    assert!(story.has(ReasonKind::Failing, "health canary flapping"), "{:?}", story.reasons());
    assert_eq!(story.said[since..].iter().find(|said| **said != VerdictState::NoGo), None);
    let screen = text(&panel(PanelId::Health, &story.model, (46, 6), "dark"));
    assert!(screen.contains("Health ✗ 1/1, 1 flapping") && screen.contains("│ ✗ canary"), "{screen}");
}

#[test]
fn a_slow_start_is_told_as_such_and_asks_for_no_rollback_once_it_is_over() {
    let mut story = Story::new();
    let mut phases: Vec<(&str, f64)> = Vec::new();
    for (phase, seconds) in
        [("INIT", 1), ("DEPENDENCIES", 3), ("DATABASE", 20), ("CACHE", 4), ("SERVICES", 11)]
    {
        story.health = (503, starting(phase, &phases));
        story.go(seconds);
        phases.push((phase, seconds as f64));
    }
    assert!(story.has(ReasonKind::Waiting, "chat is starting"), "{:?}", story.reasons());
    assert!(story.has(ReasonKind::Warning, "chat startup over budget"), "{:?}", story.reasons());
    assert!(story.has(ReasonKind::Failing, "health canary failing"), "{:?}", story.reasons());
    story.health = (200, BodyReport { done: starting("", &phases).done, ..done() });
    story.share = 10;
    story.go(20);
    assert_eq!(story.verdict(), VerdictState::NoGo, "good again, but not for long enough");
    story.go(40);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    let over = story.reasons().into_iter().find(|(_, subject, _)| subject == "chat startup over budget");
    let over = over.expect("still true of this revision");
    assert_eq!((over.0, over.2.as_str()), (ReasonKind::Warning, "39.0s of 30s"));
    assert!(!story.said.contains(&VerdictState::RollBack));
}

#[test]
fn a_start_that_hangs_is_no_go_and_one_out_of_order_is_said() {
    let mut story = Story::new();
    story.health = (503, starting("INIT", &[]));
    story.go(5);
    assert!(
        !story.has(ReasonKind::Warning, "health canary failing"),
        "a start is no failure: {:?}",
        story.reasons()
    );
    story.health = (200, starting("DEPENDENCIES", &[("INIT", 1.0)]));
    story.go(1);
    assert!(story.has(ReasonKind::Waiting, "health canary contradicts itself"), "{:?}", story.reasons());
    story.health = (503, starting("CACHE", &[("INIT", 1.0), ("DEPENDENCIES", 1.0)]));
    story.go(2);
    story.health = (503, starting("DATABASE", &[("INIT", 1.0), ("DEPENDENCIES", 1.0), ("CACHE", 3.0)]));
    story.go(23);
    assert_eq!(story.verdict(), VerdictState::NoGo);
    let reason = story.model.verdicts.now.reasons[0].clone();
    assert_eq!((&*reason.subject, &*reason.value), ("chat is stalled", "in DATABASE"));
    let since = reason.since.map(|since| since.mono);
    assert_eq!(since, Some(Mono::from_secs(9)), "since DATABASE was entered");
    story.health = (200, done());
    story.go(60);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    assert!(story.has(ReasonKind::Warning, "chat startup out of order"), "{:?}", story.reasons());
}

/// What a command sees in the few seconds that it is there is nobody's verdict.
#[test]
fn a_command_that_does_one_thing_writes_no_verdict_down() {
    let written = |glimpses: bool| {
        let mut story = Story::new();
        story.model.verdict_line.glimpses = glimpses;
        story.model.update(Msg::Kept { mine: true, holder: Clean::new("test") });
        story.model.update(Msg::ChainChecked { seq: 0, damage: None });
        story.go(30);
        (story.verdict(), story.written)
    };
    assert_eq!((written(false), written(true)), ((VerdictState::Go, 2), (VerdictState::Go, 0)));
}

#[test]
fn a_quiet_stream_is_not_a_blind_one() {
    let mut story = Story::new();
    story.go(20);
    assert_eq!(story.verdict(), VerdictState::Go, "nothing carries a time: {:?}", story.reasons());
    story.events = 0;
    story.go(300);
    assert_eq!(story.verdict(), VerdictState::Go, "nothing is owed: {:?}", story.reasons());
}

#[test]
fn a_metric_of_the_canary_is_compared_with_that_of_the_stable_revision() {
    let told = crate::frames::room::room(crate::frames::room::Mood::Bad, (80, 24));
    let of = |part: &str| {
        let key = SignalKey::new(SERVICE, format!("metric.error_rate@{part}"));
        told.signals.get(&key).map(|reading| (reading.value, reading.origin.clone()))
    };
    let (canary, stable) = ("chat-backend-00418-ral", "chat-backend-00417-hux");
    let named = |revision: &str| Origin::Revision(revision.to_owned());
    assert_eq!(of("canary"), of(canary));
    assert_eq!(of("stable"), of(stable));
    let (above, origin) = of("canary-vs-stable").expect("both are measured");
    let (new, old) = (of("canary").expect("measured").0, of("stable").expect("measured").0);
    assert_eq!((above, origin), ((new - old) / old * 100.0, named(canary)));
    assert!(above > 1_000.0, "6.1 % against 0.3 %: {above}");
}

#[test]
fn a_comparison_waits_for_a_canary_that_serves_and_never_divides_by_zero() {
    let mut story = Story::with(
        "[[service.metrics.panel]]\nname = \"errors\"\nquery = 'x'\n[[condition]]\nname = \"worse\"\n\
         signal = \"metric.errors@canary-vs-stable\"\nfail = \"> 20 %\"\nclears_after = \"0s\"\n",
    );
    story.errors = vec![(A, 1.0)];
    story.go(20);
    assert_eq!(story.verdict(), VerdictState::Go, "nothing to compare yet: {:?}", story.reasons());
    story.share = 10;
    story.go(5);
    assert_eq!(story.verdict(), VerdictState::Hold, "it serves, and nothing is known of it");
    let mut told = |stable, canary| {
        story.errors = vec![(A, stable), (B, canary)];
        story.go(5);
        let reason = story.model.verdicts.now.reasons.first();
        (
            story.verdict(),
            reason.map_or_else(String::new, |reason| format!("{} · {}", reason.value, reason.context)),
        )
    };
    assert_eq!(told(0.0, 0.0).0, VerdictState::Go);
    assert_eq!(told(1.0, 1.1).0, VerdictState::Go);
    assert_eq!(told(1.0, 2.0).0, VerdictState::NoGo);
    let words = "--, limit 20 % · canary 0.1, stable 0 · stable is at zero";
    assert_eq!(told(0.0, 0.1), (VerdictState::Hold, words.to_owned()));
    story.share = 100;
    story.errors = vec![(B, 0.1)];
    story.go(5);
    assert_eq!(story.verdict(), VerdictState::Go, "nobody is compared any more: {:?}", story.reasons());
}

/// One run that lost an event, or a tab that was closed, asks nobody to roll back; a revision that goes on losing them does.
#[test]
fn required_events_that_go_on_missing_ask_for_a_rollback_and_one_run_does_not() {
    let mut story = Story::new();
    story.share = 10;
    story.go(30);
    for _ in 0..8 {
        story.incomplete = 1;
        story.go(40);
    }
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    for second in 0..170 {
        story.incomplete = u64::from(second % 10 == 0);
        story.go(1);
    }
    assert_eq!(story.verdict(), VerdictState::RollBack, "{:?}", story.reasons());
    assert!(
        story.has(ReasonKind::Tripped, "trigger required events missing tripped"),
        "{:?}",
        story.reasons()
    );
    let first = story.said.iter().position(|said| *said == VerdictState::NoGo).expect("before it");
    assert!(!story.said[..first].contains(&VerdictState::RollBack));
}

const SMOKE: &str = "[[gate]]\nname = \"smoke\"\ncommand = \"true\"\n";

/// Before the candidate has traffic there is nothing to roll back; afterwards a gate that fails is a reason to.
#[test]
fn a_mission_critical_gate_that_fails_asks_for_a_rollback_once_the_candidate_serves() {
    let mut story = Story::with(SMOKE);
    story.go(5);
    let began = Entry::Candidate {
        service: "chat".into(),
        seen: warroom::domain::rollout::Seen { revision: B.into(), image: Clean::new("i@sha256:1") },
        baseline: None,
        environment: "development".into(),
    };
    story.recorded(vec![began, ended(&story, "1", RunOutcome::Failed)]);
    story.go(5);
    assert_eq!(story.verdict(), VerdictState::NoGo, "{:?}", story.reasons());
    assert!(story.has(ReasonKind::Failing, "gate smoke failed"), "{:?}", story.reasons());
    story.share = 10;
    let at = Wall::default() + chrono::TimeDelta::seconds(story.second.cast_signed());
    story.recorded(vec![Entry::T0 { at, detected: true }]);
    story.go(2);
    assert_eq!(story.verdict(), VerdictState::RollBack, "{:?}", story.reasons());
    let why =
        story.reasons().into_iter().find(|(kind, ..)| *kind == ReasonKind::Tripped).expect("one tripped");
    assert_eq!((why.1.as_str(), why.2.as_str()), ("trigger mission-critical gate failed tripped", "smoke"));
    story.rolled_back().go(40);
    assert!(!story.has(ReasonKind::Tripped, "gate"), "nothing serves it any more: {:?}", story.reasons());
    story.share = 10;
    story.recorded(vec![ended(&story, "2", RunOutcome::Passed)]);
    story.go(40);
    assert!(!story.has(ReasonKind::Tripped, "gate"), "it passed: {:?}", story.reasons());
}

/// A run of the gate, over.
fn ended(story: &Story, run: &str, outcome: RunOutcome) -> Entry {
    let gate = story.model.gates.get("smoke").expect("the gate");
    Entry::GateEnded(Box::new(Evidence {
        ending: Ending::Exited(u8::from(outcome == RunOutcome::Failed).into()),
        outcome,
        why: Clean::new("22 of 23"),
        millis: 5,
        ..Evidence::unseen(RunId(run.into()), gate.id.clone(), gate.name.clone(), gate.hash.clone())
    }))
}

/// What a dying service does: it stops answering. That takes back nothing that was seen.
#[test]
fn what_tripped_or_failed_stays_so_while_it_is_not_seen() {
    let rule = |purpose: &str| {
        format!(
            "[[service.metrics.panel]]\nname = \"errors\"\nquery = \"errors\"\n[[condition]]\nname = \"errors\"\n\
             purpose = \"{purpose}\"\nsignal = \"metric.errors\"\nfail = \"> 5\"\nfor = \"5s\"\nclears_after = \"10s\"\n"
        )
    };
    for (purpose, bad) in [("trigger", VerdictState::RollBack), ("criterion", VerdictState::NoGo)] {
        let text = CONFIG.replace("[service.cloud_run]", &format!("{}[service.cloud_run]", rule(purpose)));
        let mut story = Story::of(&text);
        story.share = 10;
        story.errors = vec![(A, 0.0), (B, 0.0)];
        story.go(10).errors = vec![(A, 70.0), (B, 70.0)];
        story.go(10);
        assert_eq!(story.verdict(), bad, "{:?}", story.reasons());
        story.errors.clear();
        story.go(60);
        assert_eq!(story.verdict(), bad, "{purpose}: {:?}", story.reasons());
        let worst = story.model.verdicts.now.reasons.first().expect("a reason");
        assert!(worst.context.contains("not seen since") && worst.value.contains("70"), "{worst:?}");
        assert!(story.reasons().iter().any(|(_, subject, _)| subject.contains("conditions can be seen")));
        story.errors = vec![(A, 0.0), (B, 0.0)];
        story.go(5);
        assert_eq!(story.verdict(), bad, "good again, but not for long enough");
        story.go(20);
        assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    }
}

#[test]
fn a_trigger_that_nobody_sees_says_so_wherever_it_stands() {
    let mut story = opened_into("health canary failing", |it| it);
    story.health = (500, BodyReport::default());
    story.go(5);
    for _ in 0..20 {
        story.second += 1;
        let wall = story.opened + chrono::TimeDelta::seconds(story.second.cast_signed());
        story.model.update(Msg::Ticked(Now { mono: Mono::from_secs(story.second), wall }));
    }
    let mut all = story.model.conditions.iter(&story.model.room);
    let (_, state) = all.find(|(spec, _)| spec.name == "health canary failing").expect("the trigger");
    let (failed, unseen) =
        (state.since.expect("a time").wall, state.unseen_since().expect("it is lost").wall);
    assert!(failed < story.opened && unseen > story.opened, "unseen since it is lost, not since it failed");
    let worst = story.model.verdicts.now.reasons.first().expect("a reason").clone();
    assert_eq!((worst.kind, &*worst.subject), (ReasonKind::Tripped, "trigger health canary failing tripped"));
    assert!(worst.context.starts_with("not seen since 01:00:"), "{worst:?}");
    let drawn = text(&panel(PanelId::Triggers, &story.model, (60, 12), "dark"));
    let row = drawn.lines().find(|line| line.contains("↺ health canary failing")).expect("its row");
    assert!(row.contains("unseen 1") && !row.contains("--:--"), "{drawn}");
}

#[test]
fn closes_are_not_good_while_the_server_that_counts_them_is_not_seen() {
    let mut story = Story::new();
    (story.share, story.closes) = (10, vec![(B, 0.01)]);
    story.go(70);
    let drawn = |story: &Story| text(&panel(PanelId::Closes, &story.model, (60, 14), "dark"));
    assert!(drawn(&story).contains("✓ no spike"), "{}", drawn(&story));
    let (error, at) = (Clean::new("503"), Mono::from_secs(story.second));
    let report = LinkReport::Down { error, attempt: 1, retry_at: at.after(Duration::from_secs(2)) };
    story.model.update(Msg::Linked { source: SourceId::Metrics { service: SERVICE }, report, at });
    let told = drawn(&story);
    assert!(told.contains("? not seen") && told.contains("down 0s"), "{told}");
    assert!(!told.contains('✓') && told.contains("? 1006"), "{told}");
}

#[test]
fn what_was_bad_when_it_was_seen_last_keeps_its_number_and_its_place_and_nothing_unseen_is_below_its_limit() {
    let metric = "[[service.metrics.panel]]\nname = \"errors\"\nunit = \"%\"\nquery = \"errors\"\ntarget = \"< 1\"\n\
         warning = \"> 2\"\ncritical = \"> 5\"\n";
    let text_of = CONFIG.replace("[service.cloud_run]", &format!("{metric}[service.cloud_run]"));
    let mut story = Story::of(&text_of);
    (story.share, story.closes, story.errors) = (10, vec![(B, 0.01)], vec![(A, 0.1), (B, 0.1)]);
    story.go(90);
    (story.closes, story.errors) = (vec![(B, 0.5)], vec![(A, 7.0), (B, 7.0)]);
    story.go(60);
    let drawn = |story: &Story, id, height| text(&panel(id, &story.model, (60, height), "dark"));
    let line = |drawn: &str, word: &str| {
        let line = drawn.lines().skip(1).find(|line| line.contains(word));
        line.unwrap_or_else(|| panic!("no {word} in\n{drawn}")).to_owned()
    };
    // A panel with room for a code or two shows the one that is bad.
    let before = [14, 6].map(|height| line(&drawn(&story, PanelId::Closes, height), "4401"));
    assert!(before[0].contains("✗ 4401") && before[0].contains("30.0 > 5"), "{before:?}");
    let words = |story: &Story, id| warroom::view::panels::gather(id, &story.model).summary().words;
    let said = [PanelId::Closes, PanelId::Metrics].map(|id| words(&story, id));
    assert_eq!(said, ["4401 unauthorized 30.0/min, limit 5", "errors 7.0 %, critical 5 %"]);
    story.lost = Some("metrics");
    // While the numbers are young, and long after: also by then the same.
    for seconds in [3, 11, 60, 300] {
        story.go(seconds);
        for height in [14, 6] {
            let closes = drawn(&story, PanelId::Closes, height);
            let title = closes.lines().next().expect("a title");
            assert!(title.contains("? last ✗ 4401") && title.contains("down "), "{closes}");
            let row = line(&closes, "4401");
            assert!(row.contains("? 4401") && row.contains("30.0 > 5"), "{closes}");
            assert!(!closes.contains('<'), "what is not counted is below nothing: {closes}");
        }
        let metrics = drawn(&story, PanelId::Metrics, 8);
        assert!(metrics.contains("? 0/1 seen, last ✗ 1"), "{metrics}");
        assert!(line(&metrics, "errors").contains("? errors") && metrics.contains("7.0 %"), "{metrics}");
        assert_eq!([PanelId::Closes, PanelId::Metrics].map(|id| words(&story, id)), said);
    }
    // Seen again, and good: nothing of it stays.
    (story.closes, story.errors) = (vec![(B, 0.01)], vec![(A, 0.1), (B, 0.1)]);
    story.lost = None;
    story.go(70);
    let closes = drawn(&story, PanelId::Closes, 14);
    assert!(closes.contains("✓ no spike") && !line(&closes, "4401").contains('>'), "{closes}");
    assert!(drawn(&story, PanelId::Metrics, 8).contains("✓ 1/1"));
}

/// Ages and stopwatches run by the monotonic clock; what is told as a time of day follows the wall's.
#[test]
fn a_wall_clock_that_steps_back_makes_nothing_stale_and_nothing_good() {
    let mut story = Story::new();
    (story.share, story.closes) = (10, vec![(B, 0.01)]);
    story.go(200);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    let screen = |story: &Story| {
        let model = story.model.clone();
        Person { model, keymap: Keymap::default(), effects: Vec::new() }.screen()
    };
    let step = |story: &mut Story, hours| story.opened += chrono::TimeDelta::hours(hours);
    story.opened += chrono::TimeDelta::days(1);
    story.go(5);
    step(&mut story, -2);
    story.go(5);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    assert!(!screen(&story).contains("stale") && screen(&story).contains("4/4 live"), "{}", screen(&story));
    // It steps back while something is bad, and again while it gets better: both are seen in their own time.
    story.closes = vec![(B, 0.5)];
    story.go(40);
    assert_eq!(story.verdict(), VerdictState::NoGo, "{:?}", story.reasons());
    step(&mut story, -2);
    story.go(5);
    assert_eq!(story.verdict(), VerdictState::NoGo, "{:?}", story.reasons());
    let told = screen(&story);
    assert!(told.contains("✗ NO-GO") && told.contains("4401") && !told.contains("2h"), "{told}");
    story.closes = vec![(B, 0.0)];
    story.go(30);
    step(&mut story, -2);
    story.go(60);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
}

#[test]
fn a_minute_that_was_only_partly_watched_is_no_full_minute() {
    let mut story = Story::new();
    (story.share, story.closes) = (10, vec![(B, 0.05)]);
    let drawn = |story: &Story, id| text(&panel(id, &story.model, (60, 16), "dark"));
    let [closes, events] = [PanelId::Closes, PanelId::Events];
    // The first minute, and one with a hole: what was counted is no rate, and stands beside no limit of one.
    story.go(4);
    let first = drawn(&story, events);
    assert!(first.contains("counting, 3s of 1m00s") && first.contains(" seen "), "{first}");
    assert!(!first.contains("/min") && !first.contains('✓'), "{first}");
    story.go(116);
    let [c, e] = [closes, events].map(|id| drawn(&story, id));
    assert!(c.contains("✓ no spike") && c.contains("< 5"), "{c}");
    assert!(e.contains("✓ all runs whole") && e.contains("/min"), "{e}");
    story.down = true;
    story.go(40);
    story.down = false;
    story.go(6);
    let [c, e] = [closes, events].map(|id| drawn(&story, id));
    assert!(c.contains("counting, 19s of 1m00s") && !c.contains('✓'), "{c}");
    assert!(c.contains("count") && !c.contains("< 5") && !c.contains("/min"), "{c}");
    assert!(e.contains("counting, 19s of 1m00s") && e.contains(" seen ") && !e.contains("/min"), "{e}");
    story.go(58);
    let [c, e] = [closes, events].map(|id| drawn(&story, id));
    assert!(c.contains("✓ no spike") && e.contains("✓ all runs whole"), "{c}{e}");
    // A connection that comes back at once leaves no hole.
    story.down = true;
    story.go(2);
    story.down = false;
    story.go(3);
    assert!(drawn(&story, closes).contains("✓ no spike"), "{}", drawn(&story, closes));
}

#[test]
fn a_count_of_seconds_stays_one_when_its_source_is_lost() {
    let mut story = Story::new();
    (story.share, story.closes) = (10, vec![(B, 0.5)]);
    story.go(14).lost = Some("metrics");
    for _ in 0..30 {
        story.go(1);
        let closes = text(&panel(PanelId::Closes, &story.model, (100, 14), "dark"));
        let row = warroom::view::panels::gather(PanelId::Closes, &story.model).summary().words;
        // The rest of the codes is this client's own, and its first minute is not over either.
        assert!(!closes.contains("/min") && !closes.contains("< 5"), "{closes}");
        assert!(closes.contains("server counts 7 in 1"), "{closes}");
        assert!(row.starts_with("4401 unauthorized 7 in 1") && row.ends_with("limit 5/min"), "{row}");
    }
}

#[test]
fn a_code_that_is_counted_anew_takes_no_place_of_one_that_came() {
    let mut story = Story::new();
    (story.share, story.closes) = (10, vec![(B, 0.05)]);
    story.go(70);
    story.lost = Some("events");
    story.go(30).lost = None;
    story.go(10);
    let told = warroom::view::panels::gather(PanelId::Closes, &story.model).summary();
    assert_eq!(told.words, "4401 3.0/min, limit 5");
}

#[test]
fn a_metric_is_no_better_than_the_strictest_condition_on_it() {
    let more = "[[service.metrics.panel]]\nname = \"errors\"\nunit = \"%\"\nquery = \"errors\"\nwarning = \"> 5\"\n\
         critical = \"> 8\"\n[[condition]]\nname = \"errors > 2 %\"\npurpose = \"trigger\"\nservice = \"chat\"\n\
         signal = \"metric.errors\"\nwarn = \"> 1\"\nfail = \"> 2\"\nfor = \"5s\"\nunit = \"%\"\n";
    let mut story = Story::of(&CONFIG.replace("[service.cloud_run]", &format!("{more}[service.cloud_run]")));
    let told = |story: &Story| {
        let drawn = text(&panel(PanelId::Metrics, &story.model, (60, 6), "dark"));
        let words = warroom::view::panels::gather(PanelId::Metrics, &story.model).summary().words;
        (drawn.lines().find(|line| line.contains("errors")).expect("its row").to_owned(), words, drawn)
    };
    (story.share, story.errors) = (10, vec![(A, 0.5)]);
    story.go(10);
    let (row, words, drawn) = told(&story);
    assert!(
        row.contains("✓ errors") && drawn.contains("Metrics ✓ 1/1") && words.starts_with("1/1"),
        "{drawn}"
    );
    story.errors = vec![(A, 1.5)];
    story.go(3);
    let (row, words, drawn) = told(&story);
    assert!(row.contains("▲ errors") && drawn.contains("▲ 1"), "{drawn}");
    assert_eq!(words, "errors 1.5 %, limit 1 %");
    story.errors = vec![(A, 4.2)];
    story.go(10);
    let (row, words, drawn) = told(&story);
    assert!(row.contains("✗ errors") && drawn.contains("✗ 1"), "{drawn}");
    assert_eq!(words, "errors 4.2 %, limit 2 %");
}

/// Somebody outside gave the newer one everything: the sockets of the other close, and that is told beside the spike.
#[test]
fn what_closes_after_a_deploy_from_outside_is_told_as_that() {
    let mut story = Story::new();
    story.share = 10;
    story.go(60);
    (story.share, story.closes) = (100, vec![(A, 1.0)]);
    story.go(60);
    let told = |story: &Story| {
        let mut reasons = story.model.verdicts.now.reasons.iter();
        let spike = reasons.find(|reason| reason.subject.starts_with("closes 4401")).expect("the spike");
        spike.context.contains("while the traffic moves")
    };
    assert!(told(&story), "{:?}", story.reasons());
    story.go(260);
    assert!(!told(&story), "it was long ago: {:?}", story.reasons());
}

/// JSON has no number for it, and it is not missing.
#[test]
fn what_is_beyond_all_numbers_is_told_in_the_text_beside_it() {
    let more = "[[service.metrics.panel]]\nname = \"errors\"\nquery = \"errors\"\ncritical = \"> 8\"\n\
         [[condition]]\nname = \"errors > 2\"\npurpose = \"trigger\"\nservice = \"chat\"\n\
         signal = \"metric.errors\"\nfail = \"> 2\"\n";
    let mut story = Story::of(&CONFIG.replace("[service.cloud_run]", &format!("{more}[service.cloud_run]")));
    (story.share, story.errors) = (10, vec![(A, f64::INFINITY)]);
    story.go(10);
    let seen = snapshot(&story.model);
    let of = |kind: &str, signal: &str, name: &str| {
        let rows = seen[kind].as_array().expect("rows").iter();
        let row = rows.into_iter().find(|row| row[signal] == name).expect("its row").clone();
        (row["value"].clone(), row["text"].clone())
    };
    let told = (Value::Null, Value::from("+Inf"));
    assert_eq!(of("metrics", "name", "errors"), told);
    assert_eq!(of("conditions", "signal", "metric.errors"), told);
    assert_eq!(of("triggers", "name", "errors > 2"), told);
    // Its chart is no empty one.
    let drawn = text(&opened(PanelId::Metrics, &story.model, (120, 40)));
    assert!(drawn.contains("+Inf") && !drawn.contains("no value in this time"), "{drawn}");
}

#[test]
fn who_was_refused_stands_in_the_overview_from_the_first_second_on() {
    let mut story = Story::new();
    (story.share, story.closes, story.attempts) = (10, vec![(B, 0.3)], (1, 3));
    let drawn = |story: &Story| text(&panel(PanelId::Closes, &story.model, (60, 14), "dark"));
    story.go(4);
    assert!(drawn(&story).contains("4/16 refused · seen here"), "{}", drawn(&story));
    assert!(drawn(&story).contains("16 attempts, 75.0 %"), "{}", drawn(&story));
    story.go(80);
    assert!(drawn(&story).contains("84/336 refused · seen here"), "{}", drawn(&story));
    assert!(drawn(&story).contains("336 attempts, 75.0 %"), "{}", drawn(&story));
}

#[test]
fn what_rests_on_a_damaged_journal_is_not_seen() {
    let mut story = Story::new();
    story.share = 10;
    story.go(70);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    let damage = Some(Clean::new("record 2 was changed after it was written"));
    story.model.update(Msg::ChainChecked { seq: 3, damage });
    story.go(2);
    assert!(story.has(ReasonKind::Unseen, "the journal is damaged"), "{:?}", story.reasons());
    assert_eq!(story.verdict(), VerdictState::Hold);
    let alive = LinkReport::Alive;
    let at = Mono::from_secs(story.second);
    story.model.update(Msg::Linked { source: SourceId::Journal, report: alive, at });
    let told = warroom::report::snapshot::snapshot(&story.model);
    let links = told["links"].as_array().expect("links");
    let journal = links.iter().find(|link| link["source"] == "journal").expect("the journal's");
    assert_eq!(journal["state"], "down", "{journal}");
    assert_eq!(journal["error"], "record 2 was changed after it was written");
}

/// What it remembers (what failed, who signed) is not known: that nothing is told of it is nothing good.
#[test]
fn a_journal_that_nobody_could_read_is_not_seen() {
    let mut story = Story::new();
    story.share = 10;
    story.go(70);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    let at = Mono::from_secs(story.second);
    let error = Clean::new("file is not a database");
    let report = LinkReport::Down { error, attempt: 1, retry_at: at };
    story.model.update(Msg::Linked { source: SourceId::Journal, report: report.clone(), at });
    story.go(2);
    assert!(story.has(ReasonKind::Unseen, "no journal can be read"), "{:?}", story.reasons());
    assert_eq!(story.verdict(), VerdictState::Hold);
    // One that was read and is lost for a moment is remembered.
    story.model.update(Msg::ChainChecked { seq: 3, damage: None });
    story.go(5);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
}

#[test]
fn a_panel_in_one_line_tells_the_code_that_its_mark_is_of() {
    let mut story = Story::new();
    (story.share, story.closes) = (10, vec![(B, 0.05)]);
    story.go(70);
    let (error, at) = (Clean::new("reset"), Mono::from_secs(story.second));
    let report = LinkReport::Down { error, attempt: 4, retry_at: at.after(Duration::from_secs(9)) };
    story.model.update(Msg::Linked { source: SourceId::Events { service: SERVICE }, report, at });
    let told = warroom::view::panels::gather(PanelId::Closes, &story.model).summary();
    assert_eq!(told.words, "4401 3.0/min, limit 5", "not one that nobody sees");
}

#[test]
fn the_title_of_events_is_of_what_is_bad_now() {
    let mut story = Story::new();
    (story.share, story.incomplete) = (10, 4);
    let title = |story: &Story| {
        let drawn = text(&panel(PanelId::Events, &story.model, (70, 14), "dark"));
        drawn.lines().next().expect("a title").to_owned()
    };
    story.go(5);
    assert!(title(&story).contains("✗ 4 runs incomplete in 5 min"), "{}", title(&story));
    story.go(120);
    assert!(title(&story).contains("▲ 4 runs incomplete before"), "{}", title(&story));
    story.twice = 1;
    story.go(40);
    assert!(title(&story).contains("twice") && !title(&story).contains("runs"), "{}", title(&story));
    assert!(title(&story).contains('✗'), "{}", title(&story));
}

#[test]
fn a_journal_that_cannot_be_written_gets_no_verdicts_that_never_were() {
    let mut story = Story::new();
    story.share = 10;
    story.model.update(Msg::ChainChecked { seq: 0, damage: None });
    story.model.update(Msg::Kept { mine: true, holder: Clean::new("ana") });
    story.go(20);
    let turned = |from, to| vec![Entry::Verdict { from, to, reasons: Vec::new() }];
    story.recorded(turned(VerdictState::Hold, VerdictState::Go));
    assert_eq!(story.verdict(), VerdictState::Go);
    let (written, before) = (story.written, story.said.len() - 1);
    let link = |story: &mut Story, report| {
        let at = Mono::from_secs(story.second);
        story.model.update(Msg::Linked { source: SourceId::Journal, report, at });
    };
    let (error, retry_at) = (Clean::new("its disk is full"), Mono::from_secs(900));
    link(&mut story, LinkReport::Down { error, attempt: 1, retry_at });
    story.closes = vec![(B, 2.0)];
    story.go(120);
    let turns = story.said[before..].windows(2).filter(|pair| pair[0] != pair[1]).count();
    let told = (VerdictState::NoGo, written + turns);
    assert_eq!((story.verdict(), story.written), told, "as often as it turned");
    link(&mut story, LinkReport::Alive);
    story.go(5).recorded(turned(VerdictState::Go, VerdictState::NoGo));
    story.go(60);
    assert_eq!((story.verdict(), story.written), told, "{:?}", story.reasons());
}

#[test]
fn the_revision_on_which_most_of_the_failing_closes_are_is_not_green() {
    let mut story = Story::new();
    story.share = 10;
    story.go(60);
    let row = |story: &Story| {
        let drawn = text(&panel(PanelId::Traffic, &story.model, (60, 12), "dark"));
        drawn.lines().find(|line| line.contains("00001-aaa")).expect("its row").to_owned()
    };
    assert!(row(&story).contains("✓ 00001-aaa"), "{}", row(&story));
    story.closes = vec![(A, 1.0), (B, 0.1)];
    story.go(40);
    assert!(story.has(ReasonKind::Failing, "closes 4401"), "{:?}", story.reasons());
    assert!(row(&story).contains("✗ 00001-aaa"), "{}", row(&story));
}

/// A console that opens when an earlier one has written down that the condition `name` was not good, as `told` says.
fn opened_into(name: &str, told: impl FnOnce(Outstanding) -> Outstanding) -> Story {
    let mut story = Story::new();
    story.share = 10;
    story.opened += chrono::TimeDelta::hours(1);
    let opened = story.opened;
    story.model.update(Msg::Ticked(Now { mono: Mono::default(), wall: opened }));
    let spec =
        story.model.room.conditions.iter().find(|spec| spec.name == name).expect("a condition").clone();
    let ago = |seconds| opened - chrono::TimeDelta::seconds(seconds);
    let outstanding = told(Outstanding {
        name: spec.name.clone(),
        rule: spec.rule(),
        over_ms: 120_000,
        tripped: Some(ago(100)),
        lost: None,
        value: Some(1.0),
        origin: Origin::Revision(B.into()),
        exposed: true,
        last: Vec::new(),
        said: None,
    });
    let measured =
        Measured { until: ago(3), ms: 60_000, outstanding: vec![outstanding], ..Measured::default() };
    let turned = |to| Entry::Verdict { from: VerdictState::Hold, to, reasons: Vec::new() };
    let entries = [
        (1_000, turned(VerdictState::Go)),
        (140, turned(VerdictState::RollBack)),
        (3, Entry::Measured(measured)),
    ];
    let record = |(seq, (seconds, entry))| Record {
        seq,
        at: ago(seconds),
        by: Clean::new("room"),
        role: Clean::default(),
        entry,
        hash: String::new(),
        late: false,
    };
    let records = (1..).zip(entries).map(record).collect();
    story.model.update(Msg::Ticked(Now { mono: Mono::default(), wall: opened }));
    story.model.update(Msg::Recorded { records });
    story.model.update(Msg::ChainChecked { seq: 3, damage: None });
    story.model.update(Msg::Kept { mine: true, holder: Clean::new("ana") });
    story
}

#[test]
fn a_console_opened_later_tells_times_as_the_journal_has_them() {
    let mut story = opened_into("health canary failing", |it| it);
    story.health = (500, BodyReport::default());
    story.go(5);
    assert_eq!(story.verdict(), VerdictState::RollBack);
    assert_eq!(story.written, 0, "nothing turned");
    let mut ana = Person { model: story.model.clone(), keymap: Keymap::default(), effects: Vec::new() };
    let screen = ana.screen();
    assert!(screen.contains("for 2m25s") && screen.contains("was GO 14m20s"), "{screen}");
    assert!(screen.lines().nth(1).expect("the first reason").contains("for 1m45s"), "{screen}");
    let dialog = ana.keys("R").unguarded().screen();
    let row = dialog.lines().find(|line| line.contains("↺ trigger health canary")).expect("what asks for it");
    assert!(row.contains(" 1m45s"), "{dialog}");
    let reason = dialog.lines().find(|line| line.contains("reason  ")).expect("what goes into the record");
    assert!(reason.contains("trigger health canary failing tripped 1m45s ago"), "{dialog}");
}

/// A minute's count of the first seconds is no measure of what the journal says was bad.
#[test]
fn a_console_opened_into_an_incident_calls_nothing_good_that_it_has_not_counted_for_a_minute() {
    let said = Said {
        subject: Some("closes 4401 unauthorized (app)".into()),
        value: "22.0/min, limit 5".into(),
        about: vec!["also 1011 10.0/min".into()],
    };
    let told = |it| Outstanding { value: Some(2.0), said: Some(said), ..it };
    let mut story = opened_into("close codes spike", told);
    story.closes = vec![(B, 0.01)];
    story.go(4);
    assert_eq!(story.verdict(), VerdictState::NoGo, "{:?}", story.reasons());
    let reason = |story: &Story| {
        let reasons = &story.model.verdicts.now.reasons;
        reasons.iter().find(|it| it.condition.as_deref() == Some("close codes spike")).expect("it").clone()
    };
    let told = reason(&story);
    assert_eq!((&*told.subject, &*told.value), ("closes 4401 unauthorized (app)", "22.0/min, limit 5"));
    assert_eq!(&*told.context, "counting, 3s of 1m00s · as of 00:59:57 · also 1011 10.0/min");
    let drawn = text(&panel(PanelId::Closes, &story.model, (60, 14), "dark"));
    assert!(drawn.contains("Closes counting, 3s of 1m00s") && !drawn.contains('✓'), "{drawn}");
    assert!(!drawn.contains("/min"), "what was counted for seconds is no rate of a minute: {drawn}");
    let mut ana = Person { model: story.model.clone(), keymap: Keymap::default(), effects: Vec::new() };
    let dialog = ana.keys("R").unguarded().screen();
    let asks = dialog.split_once("What asks for it").expect("its part").1;
    assert!(asks.contains("closes 4401") && asks.contains("22.0/min, limit 5"), "{dialog}");
    story.go(50);
    assert!(reason(&story).context.contains("counting, 53s of 1m00s"), "{:?}", reason(&story));
    story.go(10);
    assert!(reason(&story).value.contains("0, good again"), "the minute was counted: {:?}", reason(&story));
    story.go(40);
    assert_eq!(story.verdict(), VerdictState::Go, "{:?}", story.reasons());
    let drawn = text(&panel(PanelId::Closes, &story.model, (60, 14), "dark"));
    assert!(drawn.contains("✓ no spike"), "{drawn}");
}

#[test]
fn what_is_bad_in_the_first_seconds_is_bad_at_once_and_told_as_what_was_counted() {
    let mut story = opened_into("runs incomplete", |it| Outstanding { value: Some(7.0), ..it });
    story.go(2);
    let reason = |story: &Story| {
        let reasons = &story.model.verdicts.now.reasons;
        let of = |name: &Option<String>| name.as_deref() == Some("runs incomplete");
        reasons.iter().find(|it| of(&it.condition)).map(|it| it.value.to_string())
    };
    assert_eq!(reason(&story).as_deref(), Some("7/min, limit 2"), "as the journal has it");
    story.incomplete = 3;
    story.go(2);
    assert_eq!(reason(&story).as_deref(), Some("3 in 3s, limit 2/min"));
    // So is a spike of a room that knows nothing of before.
    let mut fresh = Story::new();
    fresh.share = 10;
    fresh.go(5);
    assert_eq!(fresh.verdict(), VerdictState::Go, "nobody waits for a minute: {:?}", fresh.reasons());
    fresh.closes = vec![(B, 2.0)];
    fresh.go(10);
    assert!(fresh.has(ReasonKind::Failing, "closes 4401"), "{:?}", fresh.reasons());
    assert!(
        fresh.reasons().iter().any(|(_, _, value)| value == "20 in 14s, limit 5/min"),
        "{:?}",
        fresh.reasons()
    );
}

#[test]
fn a_count_that_nobody_sees_any_more_is_told_as_it_was_measured() {
    let mut story = Story::new();
    story.share = 10;
    story.go(70).closes = vec![(A, 0.1), (B, 1.0)];
    story.go(60);
    let reason = |story: &Story| {
        let reasons = &story.model.verdicts.now.reasons;
        reasons.iter().find(|it| it.condition.as_deref() == Some("close codes spike")).expect("it").clone()
    };
    let seen = reason(&story);
    assert!(seen.subject.contains("4401") && seen.value.contains("66.0/min"), "{seen:?}");
    let mut last = seen.clone();
    for _ in 0..300 {
        if !reason(&story).context.contains("not seen since") {
            last = reason(&story);
        }
        story.second += 1;
        let wall = story.opened + chrono::TimeDelta::seconds(story.second.cast_signed());
        story.model.update(Msg::Ticked(Now { mono: Mono::from_secs(story.second), wall }));
    }
    let lost = reason(&story);
    assert_eq!(
        (&lost.subject, &lost.value),
        (&last.subject, &last.value),
        "as it was while its source was live"
    );
    assert!(lost.value.ends_with("/min, limit 5") && !lost.value.starts_with('0'), "{lost:?}");
    assert!(lost.context.starts_with("not seen since 00:02:"), "{lost:?}");
    assert!(lost.context.contains("on 00002-bbb"), "{lost:?}");
}

#[test]
fn who_looks_at_an_operation_that_nobody_follows_goes_on_to_follow_it() {
    let mut story = Story::new();
    story.share = 10;
    story.go(5).rolls_back(&[OpState::Accepted, OpState::Reconciling]).go(15);
    let mut ana = Person { model: story.model.clone(), keymap: Keymap::default(), effects: Vec::new() };
    assert!(ana.screen().contains("no step for "), "{}", ana.screen());
    ana.keys("c");
    assert!(ana.effects.iter().any(|effect| matches!(effect, Effect::Recheck { .. })));
    assert_eq!(ana.sent(), 0);
    ana.wait(60_000);
    assert!(!ana.screen().contains("no step for "), "{}", ana.screen());
    let op = ana.model.ops.iter().last().expect("the operation");
    assert!(op.mine, "its clock and its steps are this console's now");
}

/// The clock of the other console is an hour wrong, ahead or behind: what it wrote while this one looked is as old as it is
/// here.
#[test]
fn the_clock_of_another_console_neither_hides_nor_hurries_its_silence() {
    for wrong in [-3_600, 3_600] {
        let mut story = Story::new();
        story.share = 10;
        // The journal is read, and followed.
        story.recorded(vec![Entry::Noted { text: Clean::new("we begin") }]);
        story.go(5);
        let opened = story.opened;
        story.opened += chrono::TimeDelta::seconds(wrong);
        story.rolls_back(&[OpState::Accepted, OpState::Reconciling]);
        story.opened = opened;
        story.go(5);
        let screen = |story: &Story| {
            let (model, keymap) = (story.model.clone(), Keymap::default());
            Person { model, keymap, effects: Vec::new() }.screen()
        };
        assert!(!screen(&story).contains("no step for "), "{wrong}: {}", screen(&story));
        story.go(10);
        assert!(screen(&story).contains("no step for 1"), "{wrong}: {}", screen(&story));
    }
}
