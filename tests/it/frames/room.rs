//! Rooms for pictures: a config and a story of messages, told to a model second by second.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use warroom::config::{self, Overrides};
use warroom::domain::event::story::{Ending, Story};
use warroom::domain::event::{EventsDelta, Line};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::measure::{Latencies, class_of};
use warroom::domain::metric::{Connections, MetricValue, Scraped, ServerCloses};
use warroom::domain::revision::{EnvValue, Revision};
use warroom::domain::{
    Clean, Document, Entry, Item, ItemId, LinkReport, Mono, Now, Origin, Record, Section, ServiceIx,
    SourceId, Traffic, TrafficTarget, VerdictState, Wall,
};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;

/// How the room is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Everything holds.
    Healthy,
    /// The canary is bad: closes, errors, missing events.
    Bad,
    /// As bad, for long enough that a trigger tripped.
    Tripped,
    /// Healthy, then every source down for two minutes.
    Lost,
}

/// How long every room has been watched.
const WATCHED: u64 = 700;
const SERVICE: ServiceIx = ServiceIx(0);

const CONFIG: &str = r#"
[room]
name = "chat-backend"
environment = "production"
[operator]
name = "mara"
role = "commander"
[conditions]
clears_after = "5s"
events_missing = "10m"
[[service]]
name = "chat-backend"
[service.startup]
[[service.health]]
name = "api"
url = "http://127.0.0.1:1/health"
[[service.health]]
name = "auth"
url = "http://127.0.0.1:2/health"
[[service.health]]
name = "postgres"
kind = "tcp"
address = "127.0.0.1:3"
[service.events]
url = "ws://127.0.0.1:1/ws/events"
[service.closes]
names = { "4401" = "unauthorized (app)" }
show = [1000, 1001, 1006, 1011, 1012, 1013, 4401]
[service.metrics]
url = "http://127.0.0.1:1/metrics"
[[service.metrics.panel]]
name = "chat_success"
query = "a"
unit = "%"
target = ">= 95"
warning = "< 90"
critical = "< 80"
[[service.metrics.panel]]
name = "error_rate"
query = "b"
unit = "%"
target = "< 1"
warning = "> 2"
critical = "> 5"
[[service.metrics.panel]]
name = "response_p95"
query = "c"
unit = "s"
target = "< 2"
warning = "> 2.5"
critical = "> 5"
[service.cloud_run]
project = "demo-chat"
region = "europe-west1"
service = "chat-backend"
[[flag]]
name = "SESSION_RESUME"
service = "chat-backend"
[[flag]]
name = "STREAM_COMPRESSION"
service = "chat-backend"
[[condition]]
name = "errors > 5 %"
purpose = "trigger"
signal = "metric.error_rate"
fail = "> 5"
for = "5m"
unit = "%"
"#;

fn wall(seconds: u64) -> Wall {
    let start: Wall = "2026-11-21T13:50:00Z".parse().unwrap();
    start + chrono::TimeDelta::seconds(seconds.cast_signed())
}

fn now(seconds: u64) -> Now {
    Now { mono: Mono::from_secs(seconds), wall: wall(seconds) }
}

/// A room of which nothing is known yet.
pub(crate) fn empty(size: (u16, u16)) -> Model {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
    Model::new(Arc::new(loaded.room), "test".into(), now(0), size)
}

/// A room in which nothing is configured.
pub(crate) fn bare(size: (u16, u16)) -> Model {
    let text = "[room]\nname = \"bare\"\n";
    let loaded = config::parse(text, Path::new("config.toml"), &Overrides::default(), "mara");
    let mut model = Model::new(Arc::new(loaded.unwrap().room), "test".into(), now(0), size);
    model.update(Msg::Ticked(now(1)));
    model
}

/// A room in `mood`, watched for [`WATCHED`] seconds.
pub(crate) fn room(mood: Mood, size: (u16, u16)) -> Model {
    // `Lost` loses sight two minutes before the end.
    let seen = if mood == Mood::Lost { WATCHED - 120 } else { WATCHED };
    watched(mood, size, seen + 1..WATCHED + 1)
}

/// A room in `mood`, watched for [`WATCHED`] seconds, but for those in which nothing answers.
pub(crate) fn watched(mood: Mood, size: (u16, u16), dark: Range<u64>) -> Model {
    let mut model = empty(size);
    model.update(documents());
    model.update(Msg::Recorded { records: records() });
    model.update(Msg::ChainChecked { seq: 3, damage: None });
    for second in 1..=WATCHED {
        let at = Mono::from_secs(second);
        if !dark.contains(&second) {
            tell(&mut model, mood, second, at);
        } else if second == dark.start {
            for source in sources() {
                let error = Clean::new("connection refused");
                let report = LinkReport::Down { error, attempt: 7, retry_at: Mono::from_secs(WATCHED + 4) };
                model.update(Msg::Linked { source, report, at });
            }
        }
        for effect in model.update(Msg::Ticked(now(second))) {
            // The API would take a rollback.
            if let Effect::Validate { token, .. } = effect {
                model.update(Msg::Validated { token, error: None });
            }
        }
    }
    model
}

/// Tells `model` of so many further events in its last second, with as many lines as a hand-over holds.
#[allow(dead_code, reason = "the benchmark of frames uses it")]
pub(crate) fn flood(model: &mut Model, events: u64) {
    let at = Mono::from_secs(WATCHED);
    for _ in 0..events / 1_000 {
        let mut delta = streamed(WATCHED, at, false);
        delta.received = 1_000;
        delta.by_type = vec![200; 5];
        let line = delta.lines.first().cloned().unwrap_or_default();
        delta.lines = vec![line; 128];
        model.update(Msg::Streamed(Box::new(delta)));
    }
    model.update(Msg::Ticked(now(WATCHED)));
}

fn sources() -> Vec<SourceId> {
    let mut sources: Vec<_> = (0..3).map(|probe| SourceId::Health { service: SERVICE, probe }).collect();
    sources.extend([
        SourceId::Events { service: SERVICE },
        SourceId::Metrics { service: SERVICE },
        SourceId::CloudRun { service: SERVICE },
    ]);
    sources
}

fn tell(model: &mut Model, mood: Mood, second: u64, at: Mono) {
    let bad = match mood {
        Mood::Healthy | Mood::Lost => false,
        Mood::Bad => second > WATCHED - 130,
        Mood::Tripped => second > WATCHED - 330,
    };
    for source in sources() {
        model.update(Msg::Linked { source, report: LinkReport::Alive, at });
    }
    if second.is_multiple_of(2) {
        for probe in 0..3 {
            model.update(Msg::Probed(probed(probe, second, at, bad)));
        }
    }
    if second.is_multiple_of(5) {
        model.update(Msg::Scraped(Box::new(scraped(second, at, bad))));
        model.update(Msg::TrafficRead { service: SERVICE, at, traffic: Box::new(traffic()) });
    }
    model.update(Msg::Streamed(Box::new(streamed(second, at, bad))));
}

fn probed(probe: u16, second: u64, at: Mono, bad: bool) -> Probed {
    let slow = bad && probe == 0;
    let latency = Duration::from_millis(if slow { 63 } else { 14 + (second * 7) % 9 + u64::from(probe) * 4 });
    let http = probe < 2;
    let done = ["INIT", "DEPENDENCIES", "DATABASE", "CACHE", "SERVICES", "WEBSOCKET", "FINALIZE"];
    let seconds = [0.4, 1.1, 7.9, 1.6, 4.4, 1.9, 0.9];
    let done = done.iter().zip(seconds).map(|(name, s)| (Clean::new(name), Some(s))).collect();
    let report = BodyReport { complete: http.then_some(true), done, ..BodyReport::default() };
    let report = if probe == 0 { report } else { BodyReport::default() };
    let outcome = ProbeOutcome::Answered { status: http.then_some(200), latency, ok: true, report };
    Probed { service: SERVICE, probe, at, origin: Origin::Mixed, outcome }
}

fn scraped(second: u64, at: Mono, bad: bool) -> Scraped {
    let value = |name: &str, stable: f64, canary: f64| MetricValue {
        name: name.into(),
        value: Some(canary),
        by_revision: vec![
            (Clean::new("chat-backend-00417-hux"), stable),
            (Clean::new("chat-backend-00418-ral"), canary),
        ],
        ..MetricValue::default()
    };
    let close = |code: u16, increase: f64| ServerCloses {
        code,
        revision: Some(Clean::new("chat-backend-00418-ral")),
        increase: Some(increase),
        total: increase * second as f64,
    };
    let jitter = (second / 5 % 3) as f64 * 0.1;
    let (errors, spike) = if bad { (6.1, 1.1) } else { (0.4, 0.02) };
    let connections = Connections {
        revision: None,
        open: Some(1204.0),
        p50: Some(2460.0),
        p95: Some(7860.0),
        highest_bound: None,
        watched_seconds: None,
    };
    Scraped {
        service: SERVICE,
        at,
        values: vec![
            value("chat_success", 97.4, if bad { 92.8 } else { 97.2 }),
            value("error_rate", 0.3, errors),
            value("response_p95", 1.71, if bad { 2.94 } else { 1.78 }),
        ],
        closes: vec![close(1000, 1.0 + jitter), close(1001, 0.2), close(1011, 0.03), close(4401, spike)],
        none_closed: false,
        cohort_closes: Vec::new(),
        connections: vec![connections],
        series: 42,
        status_label: None,
        in_doubt: false,
        untold: false,
    }
}

fn streamed(second: u64, at: Mono, bad: bool) -> EventsDelta {
    let line = |back: u64, kind: &str, run: &str, detail: &str, ended: Option<Ending>| Line {
        at: Mono(at.0 - back * 100_000),
        kind: Clean::new(kind),
        run: Clean::new(run),
        detail: Clean::new(detail),
        delivery_us: Some(34_000),
        ended,
        ..Line::default()
    };
    let run = format!("{:04x}-run", second * 7919 % 65536);
    let ending = if bad && second.is_multiple_of(9) { Ending::Incomplete } else { Ending::Whole };
    let missing = u32::from(ending == Ending::Incomplete);
    let story = Story {
        run: Clean::new(&run),
        ending: Some(ending),
        began: Mono(at.0.saturating_sub(4_400_000)),
        last: at,
        events: 5,
        missing,
        ..Story::default()
    };
    let mut delta = EventsDelta {
        service: SERVICE,
        at,
        received: 140,
        numbered: 140,
        by_type: vec![20, 40, 30, 30 - u64::from(missing), 20],
        stories: vec![story],
        lines: vec![
            line(4, "agent_started", &run, "", None),
            line(3, "tool_executing", &run, "search_orders", None),
            line(1, "tool_completed", &run, "search_orders", None),
            line(0, "agent_completed", &run, "", Some(ending)),
        ],
        ..EventsDelta::default()
    };
    delta.runs.whole = u64::from(missing == 0);
    delta.runs.incomplete = u64::from(missing);
    delta.runs.missing = vec![0, 0, 0, u64::from(missing), 0];
    let mut dense = vec![0; 1_024];
    for (us, count) in [(31_000, 9), (34_000, 10), (71_000, 1)] {
        dense[usize::from(class_of(us))] = count;
    }
    delta.latency = Latencies::from_dense(&dense);
    delta.sockets.open = 1;
    delta.sockets.wanted = 1;
    delta
}

fn traffic() -> Traffic {
    let target = |revision: &str, percent: u8| TrafficTarget {
        revision: Some(format!("chat-backend-{revision}")),
        percent,
        tag: None,
        uri: None,
    };
    let split = vec![target("00417-hux", 90), target("00418-ral", 10)];
    let env = |value: &str| EnvValue::Plain(Clean::new(value));
    let variables: BTreeMap<String, EnvValue> =
        [("SESSION_RESUME".to_owned(), env("true")), ("STREAM_COMPRESSION".to_owned(), env("false"))].into();
    let revision = |name: &str, created: &str| Revision {
        name: format!("chat-backend-{name}"),
        ready: Some(true),
        message: None,
        image: Clean::new("chat@9f1ce27a"),
        created: created.parse().ok(),
        creator: Clean::new("sam@example.com"),
        facts: warroom::domain::revision::RevisionFacts::default(),
        env: variables.clone(),
    };
    Traffic {
        name: "projects/demo-chat/locations/europe-west1/services/chat-backend".into(),
        desired: split.clone(),
        effective: split,
        latest_ready: Some("chat-backend-00418-ral".into()),
        latest_created: Some("chat-backend-00418-ral".into()),
        reconciling: false,
        generation: 57,
        observed_generation: 57,
        terminal: Some(true),
        message: None,
        etag: "\"abc\"".into(),
        uri: "https://chat.example.com".into(),
        revisions: vec![
            revision("00418-ral", "2026-11-21T13:10:00Z"),
            revision("00417-hux", "2026-11-19T09:50:00Z"),
        ],
        template_env: variables,
        template_containers: BTreeMap::new(),
        template_image: Clean::new("chat@9f1ce27a"),
        template_sidecars: Vec::new(),
        template_main: Clean::default(),
        last_modifier: Clean::new("sam@example.com"),
        scaling: warroom::domain::revision::ServiceScaling::default(),
    }
}

fn documents() -> Msg {
    let item = |line: u32, text: &str, required: bool, owner: Option<&str>| Item {
        id: ItemId(format!("item-{line}")),
        line,
        text: Clean::new(text),
        required,
        owner: owner.map(Clean::new),
        ..Item::default()
    };
    let section = |line: u32, name: &str, items: Vec<Item>| Section {
        path: vec![Clean::new("Release"), Clean::new(name)],
        line,
        items,
    };
    let sections = vec![
        section(3, "Security", vec![item(4, "Secrets from the secret store", true, None)]),
        section(
            8,
            "Testing",
            vec![
                item(9, "Unit tests", false, Some("sam")),
                item(10, "Load test at twice the rate", false, Some("deployer")),
            ],
        ),
        section(14, "Sign-off", vec![item(15, "Engineering lead", true, Some("lead"))]),
    ];
    let document = Document {
        path: "release.md".into(),
        title: Clean::new("Release"),
        sha256: "0".repeat(64),
        sections,
        ..Document::default()
    };
    Msg::DocumentsRead { documents: vec![document], problems: Vec::new() }
}

fn records() -> Vec<Record> {
    let record = |seq: u64, entry: Entry| Record {
        seq,
        at: wall(seq * 3),
        by: Clean::new("sam"),
        role: Clean::new("deployer"),
        entry,
        hash: String::new(),
        late: false,
    };
    let tick = |line: u32, text: &str| Entry::Ticked {
        item: format!("item-{line}"),
        text: Clean::new(text),
        note: Clean::default(),
        candidate: None,
        signing: Box::default(),
    };
    let verdict = Entry::Verdict { from: VerdictState::Hold, to: VerdictState::Go, reasons: Vec::new() };
    vec![
        record(1, tick(4, "Secrets from the secret store")),
        record(2, tick(15, "Engineering lead")),
        record(3, verdict),
    ]
}
