//! The JSON snapshot holds what `warroom.snapshot/1` promises: keys are there in every state, `null` when unknown.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};
use warroom::config::{self, Overrides};
use warroom::domain::event::{EventsDelta, Line, Skew};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::{
    Clean, ConditionState as C, Entry, LinkReport, Mono, Now, OpState as O, Origin, PanelId, ServiceIx,
    SourceId, Wall,
};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::report::snapshot::{condition_state, snapshot};
use warroom::theme::{Depth, Theme};
use warroom::view::{Ctx, full, panels};

use crate::frames::room::{Mood, bare, empty, room};
use crate::frames::text;
use crate::screens::Person;

const MOODS: [Mood; 4] = [Mood::Healthy, Mood::Bad, Mood::Tripped, Mood::Lost];

/// The keys of each object: through arrays, each of their objects.
const KEYS: &[(&str, &str)] = &[
    (
        "",
        "schema at room environment operator verdict links services documents checklist gates flags conditions \
         metrics triggers stages alerts incident rollout operations",
    ),
    ("operator", "name role mode"),
    ("verdict", "state act override reasons"),
    ("verdict.reasons", "kind name text since"),
    ("links", "source state age_seconds error dropped"),
    ("services", "name startup health events closes connections traffic"),
    ("services.startup", "state phase seconds in_order phases"),
    ("services.startup.phases", "name state seconds budget_seconds"),
    ("services.health", "name url status ok latency_ms failing_seconds transitions"),
    ("services.health.latency_ms", "last p50 p95"),
    (
        "services.events",
        "received invalid invalid_by_kind evicted per_second latency_ms by_type count_by runs missing pairing \
         duplicates",
    ),
    ("services.events.latency_ms", "p50 p95"),
    ("services.events.runs", "open complete incomplete out_of_order"),
    ("services.events.pairing", "executing completed"),
    ("services.closes", "code name source count per_minute spike"),
    ("services.connections", "open p50_seconds p95_seconds"),
    ("services.traffic", "latest_ready pinned reconciling revisions"),
    ("services.traffic.revisions", "name percent desired_percent ready tag created image"),
    ("documents", "path items inferred attested claimed conditions gates findings"),
    ("checklist", "items done required_open lapsed sections"),
    ("checklist.sections", "path items done"),
    ("flags", "name provider environment enabled value rollout_percent deploys link"),
    ("conditions", "name signal value limit unit state since age_seconds not_counted"),
    ("metrics", "name query value unit state target warning critical age_seconds"),
    ("triggers", "name state for_seconds needs_seconds value text not_counted"),
    ("operations", "id kind target state by at reason"),
];

/// The words that a text may be.
const WORDS: &[(&str, &str)] = &[
    ("schema", "warroom.snapshot/1"),
    ("operator.mode", "operate read-only"),
    ("verdict.state", "go hold no_go roll_back"),
    ("verdict.reasons.kind", "tripped failing unseen unmet warning waiting holding"),
    ("links.state", "live delayed down"),
    ("services.startup.state", "unknown starting complete failed stalled"),
    ("services.startup.phases.state", "pending running done failed"),
    ("services.closes.source", "client server"),
    ("flags.link", "live delayed down"),
    ("conditions.state", CONDITION),
    ("metrics.state", CONDITION),
    ("triggers.state", "clear pending tripped inconclusive no_data stale"),
    ("operations.kind", "rollback traffic flag"),
    ("operations.state", OPERATION),
];
const CONDITION: &str = "pass warn fail inconclusive no_data stale accepted";
const OPERATION: &str = "requested accepted reconciling effective verified drained failed unknown";

/// What stands at `path`, through arrays; what is unknown is left out.
fn all<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let flat = |value: &'a Value| match value {
        Value::Array(rows) => rows.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let parts = path.split('.').filter(|part| !part.is_empty());
    parts.fold(vec![value], |found, part| found.into_iter().flat_map(|at| flat(&at[part])).collect())
}

fn object<'a>(value: &'a Value, keys: &[&str]) -> &'a Value {
    for key in keys {
        assert!(value.get(key).is_some(), "no {key} in {value}");
    }
    value
}

/// A room in which something was sent.
fn acted() -> Model {
    let mut person = Person::at(Mood::Healthy, (120, 40));
    person.keys(":forward chat-backend\n").unguarded().keys("00418\n");
    let token = person.token(|entry| matches!(entry, Entry::Intent { .. }));
    person.tell(Msg::Journaled { token, seq: 9 });
    person.model
}

#[test]
fn every_key_is_there_in_every_mood() {
    for mood in MOODS {
        let seen = snapshot(&room(mood, (160, 48)));
        for (path, _) in KEYS.iter().filter(|(path, _)| *path != "operations") {
            assert!(!all(&seen, path).is_empty(), "{mood:?}: no {path}");
        }
    }
    let others = [empty((80, 24)), bare((80, 24)), acted()];
    for model in MOODS.map(|mood| room(mood, (160, 48))).iter().chain(&others) {
        let seen = snapshot(model);
        for (path, keys) in KEYS {
            let keys: Vec<&str> = keys.split_whitespace().collect();
            for found in all(&seen, path) {
                object(found, &keys);
            }
        }
    }
    assert_eq!(all(&snapshot(&acted()), "operations").len(), 1);
}

/// A script that reads both is not told two things of one.
#[test]
fn a_metric_that_is_not_seen_is_called_as_a_condition_on_it_is() {
    let mut never = 0;
    for model in MOODS.map(|mood| room(mood, (160, 48))).iter().chain(&[empty((80, 24))]) {
        let seen = snapshot(model);
        for condition in all(&seen, "conditions") {
            let Some(name) = condition["signal"].as_str().and_then(|name| name.strip_prefix("metric."))
            else {
                continue;
            };
            let metric = all(&seen, "metrics").into_iter().find(|metric| metric["name"] == name);
            let unseen = ["no_data", "stale"].iter().any(|word| condition["state"] == *word);
            if let Some(metric) = metric.filter(|_| unseen) {
                assert_eq!(metric["state"], condition["state"], "{name}");
                never += usize::from(condition["state"] == "no_data");
            }
        }
    }
    assert!(never > 0, "none was never seen");
}

#[test]
fn words_are_those_that_were_promised() {
    let mut said = BTreeSet::new();
    for model in MOODS.map(|mood| room(mood, (160, 48))).iter().chain(&[empty((80, 24)), acted()]) {
        let seen = snapshot(model);
        for (path, words) in WORDS {
            for found in all(&seen, path) {
                let word = found.as_str().expect("a word").to_owned();
                assert!(words.split(' ').any(|known| known == word), "{path}: {word}");
                said.insert((*path, word));
            }
        }
    }
    for (path, words) in WORDS {
        assert!(said.iter().any(|(of, _)| of == path), "nobody said any of {path}: {words}");
    }
    let verdicts = said.iter().filter(|(path, _)| *path == "verdict.state");
    assert_eq!(verdicts.count(), 4, "{said:?}");
    // Those that no room above is in.
    let conditions = [C::Pass, C::Warn, C::Fail, C::Inconclusive, C::NoData, C::Stale, C::Accepted];
    assert_eq!(conditions.map(condition_state).join(" "), CONDITION);
    let operations = [
        O::Requested,
        O::Accepted,
        O::Reconciling,
        O::Effective,
        O::Verified,
        O::Drained,
        O::Failed,
        O::Unknown,
    ];
    assert_eq!(
        operations.map(|state| json!(state)),
        OPERATION.split(' ').map(Value::from).collect::<Vec<_>>()[..]
    );
}

#[test]
fn traffic_flags_and_checklist_are_told() {
    let seen = snapshot(&room(Mood::Bad, (160, 48)));
    let traffic = object(&seen["services"][0]["traffic"], &["latest_ready", "pinned", "reconciling"]);
    let split: Vec<_> = traffic["revisions"]
        .as_array()
        .expect("revisions")
        .iter()
        .filter(|revision| revision["percent"] != json!(0))
        .map(|revision| (revision["name"].clone(), revision["percent"].clone(), revision["ready"].clone()))
        .collect();
    assert_eq!(
        split,
        [
            (json!("chat-backend-00418-ral"), json!(10), json!(true)),
            (json!("chat-backend-00417-hux"), json!(90), json!(true)),
        ]
    );
    let flag = object(&seen["flags"][0], &["provider", "environment", "value", "rollout_percent", "deploys"]);
    assert_eq!((&flag["name"], &flag["link"]), (&json!("SESSION_RESUME"), &json!("live")));
    let list = object(&seen["checklist"], &["items", "done", "required_open", "lapsed", "sections"]);
    let of =
        |key: &str| seen["documents"].as_array().expect("documents").iter().map(|d| d[key].as_u64()).sum();
    assert_eq!(list["items"].as_u64(), of("items"));
    assert_eq!(list["done"].as_u64(), of("attested"));
}

#[test]
fn what_cannot_be_seen_has_no_share() {
    let seen = snapshot(&room(Mood::Lost, (160, 48)));
    let revisions = seen["services"][0]["traffic"]["revisions"].as_array().expect("revisions");
    assert!(!revisions.is_empty() && revisions.iter().all(|revision| revision["percent"].is_null()));
    assert!(seen["flags"].as_array().expect("flags").iter().all(|flag| flag["enabled"].is_null()));
}

#[test]
fn an_act_that_is_not_known_is_null_and_a_healthy_probe_fails_for_no_time() {
    assert!(snapshot(&bare((160, 48)))["verdict"]["act"].is_null());
    let seen = snapshot(&room(Mood::Healthy, (160, 48)));
    for probe in seen["services"][0]["health"].as_array().expect("probes") {
        assert_eq!((&probe["ok"], &probe["failing_seconds"]), (&json!(true), &json!(0.0)), "{probe}");
    }
    let seen = snapshot(&room(Mood::Lost, (160, 48)));
    let probes = seen["services"][0]["health"].as_array().expect("probes");
    assert!(probes.iter().all(|probe| probe["failing_seconds"].is_null()));
}

#[test]
fn a_source_that_is_gone_closes_nothing_that_is_told() {
    let rates = ["per_minute", "client_per_minute", "server_per_minute", "usual_per_minute", "spike"];
    let seen = snapshot(&room(Mood::Tripped, (160, 48)));
    let code = |seen: &Value| {
        let closes = seen["services"][0]["closes"].as_array().expect("closes").clone();
        closes.into_iter().find(|row| row["code"] == 4401).expect("4401")
    };
    let row = code(&seen);
    assert!(rates.iter().all(|key| !row[key].is_null()) && row["spike"] == true, "{row}");
    assert_eq!(seen["services"][0]["connections"]["open"], 1204.0);
    let seen = snapshot(&room(Mood::Lost, (160, 48)));
    let row = code(&seen);
    assert!(rates.iter().all(|key| row[key].is_null()), "{row}");
    assert!(row["count"].as_u64().is_some_and(|count| count > 0), "what was counted stays: {row}");
    let connections = &seen["services"][0]["connections"];
    assert!(["open", "p50_seconds", "p95_seconds"].iter().all(|key| connections[key].is_null()));
}

const REPORTS: &str = r#"
[room]
name = "t"
[[service]]
name = "chat"
[[service.health]]
name = "api"
url = "http://127.0.0.1:1/health"
flags = { RESUME = "/flags/resume", MODEL = "/flags/model" }
[service.events]
url = "ws://127.0.0.1:1/ws/events"
"#;

/// A room whose probe's body reports a flag, and whose stream's sender has a clock of its own.
fn reporting(skew: Option<Skew>) -> Model {
    let loaded = config::parse(REPORTS, Path::new("config.toml"), &Overrides::default(), "mara");
    let room = loaded.unwrap_or_else(|error| panic!("{error}")).room;
    let now = Now { mono: Mono::from_secs(5), wall: Wall::default() };
    let mut model = Model::new(Arc::new(room), "test".into(), now, (160, 48));
    let (service, at) = (ServiceIx(0), now.mono);
    for source in [SourceId::Events { service }, SourceId::Health { service, probe: 0 }] {
        model.update(Msg::Linked { source, report: LinkReport::Alive, at });
    }
    let flags = [("RESUME".to_owned(), Clean::new("true"))].into();
    let report = BodyReport { flags, ..BodyReport::default() };
    let latency = std::time::Duration::from_millis(5);
    let outcome = ProbeOutcome::Answered { status: Some(200), latency, ok: true, report };
    model.update(Msg::Probed(Probed { service, probe: 0, at, origin: Origin::Mixed, outcome }));
    let run = Clean::new("agent-run-of-november-0187");
    let line = Line { at, kind: Clean::new("agent_started"), run, ..Line::default() };
    let delta = EventsDelta { service, at, skew, lines: vec![line], received: 1, ..EventsDelta::default() };
    model.update(Msg::Streamed(Box::new(delta)));
    model.update(Msg::Ticked(now));
    model
}

#[test]
fn flags_of_health_bodies_are_among_the_flags_as_fresh_as_the_probe() {
    let mut model = reporting(None);
    let told = |model: &Model| {
        let flags = snapshot(model)["flags"].as_array().expect("flags").clone();
        let row = |flag: Value| ["name", "provider", "enabled", "value", "link"].map(|key| flag[key].clone());
        flags.into_iter().map(row).collect::<Vec<_>>()
    };
    let row = |name: &str, enabled: Option<bool>, value: Option<&str>, link: &str| {
        [json!(name), json!("health_body"), json!(enabled), json!(value), json!(link)]
    };
    let wanted = [row("MODEL", None, None, "live"), row("RESUME", Some(true), Some("true"), "live")];
    assert_eq!(told(&model), wanted);
    model.update(Msg::Ticked(Now { mono: Mono::from_secs(65), wall: Wall::default() }));
    let wanted = [row("MODEL", None, None, "delayed"), row("RESUME", None, None, "delayed")];
    assert_eq!(told(&model), wanted);
}

#[test]
fn the_senders_clock_is_told_and_drawn_and_ids_keep_their_ends() {
    let skew = |ahead_us| Some(Skew { ahead_us, uncertain_us: Some(3_000_000) });
    let model = reporting(skew(-59_000_000));
    let seen = snapshot(&model);
    let told = &seen["services"][0]["events"]["clock_skew_ms"];
    assert_eq!(*told, json!({ "ahead": -59_000.0, "uncertain": 3_000.0 }));
    assert!(snapshot(&reporting(None))["services"][0]["events"]["clock_skew_ms"]["ahead"].is_null());
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let drawn = |model: &Model, full: bool| {
        let ctx = Ctx::new(&theme, &keymap, model.now);
        let area = Rect::new(0, 0, if full { 160 } else { 60 }, if full { 40 } else { 16 });
        let mut buf = Buffer::empty(area);
        if full {
            full::draw(area, &mut buf, &ctx, model, PanelId::Events);
        } else {
            let panel = panels::gather(PanelId::Events, model);
            panels::draw((PanelId::Events, panel.as_ref()), area, &mut buf, &ctx, false);
        }
        text(&buf)
    };
    for full in [true, false] {
        let text = drawn(&model, full);
        assert!(text.contains("clock -59.0s") && text.contains("age…0187"), "{text}");
    }
    let near = reporting(skew(400_000));
    assert!(drawn(&near, true).contains("sender's clock +400ms"));
    assert!(!drawn(&near, false).contains("clock"), "half a second is not worth the room");
}
