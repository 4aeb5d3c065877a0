//! Frames held against schemas: those of a live stream, and golden ones, by the real binary.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value as Json, json};
use warroom::demo::Scenario;

use crate::demo_protocol::target;

/// Completed tools say how long they took, which those of the simulated target do not; started runs are as it sends them.
fn schemas(dir: &Path) {
    std::fs::create_dir_all(dir.join("schemas")).unwrap();
    let write = |name: &str, schema: Json| {
        std::fs::write(dir.join("schemas").join(name), schema.to_string()).unwrap();
    };
    let payload = json!({ "type": "object", "required": ["ms"], "properties": { "ms": { "$ref": "common.json#/$defs/ms" } } });
    write("tool_completed.json", json!({ "type": "object", "properties": { "payload": payload } }));
    write("common.json", json!({ "$defs": { "ms": { "type": "integer" } } }));
    write("agent_started.schema.json", json!({ "type": "object", "required": ["run_id", "seq"] }));
}

fn warroom(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(arguments).arg("--config").arg(dir.join("config.toml")).arg("--store").arg(dir.join("j.db"));
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_is_held_against_schemas_and_what_breaks_them_is_counted_by_place() {
    let target = target(Scenario::Healthy, 4.0).await;
    let dir = tempfile::tempdir().unwrap();
    schemas(dir.path());
    std::fs::write(dir.path().join("token"), target.token()).unwrap();
    let text = format!(
        "[[service]]\nname = \"chat\"\n[service.events]\nurl = \"{}\"\ntoken = {{ file = \"token\" }}\nschemas = \"schemas\"\n\
         [[condition]]\nname = \"envelopes\"\nsignal = \"envelopes.wrong\"\nfail = \"> 1\"\n",
        target.urls().events
    );
    std::fs::write(dir.path().join("config.toml"), text).unwrap();
    let path = dir.path().to_owned();
    let output =
        tokio::task::spawn_blocking(move || warroom(&path, &["verdict", "--json", "--warm-up", "6s"]))
            .await
            .unwrap();
    let told: Json = serde_json::from_slice(&output.stdout).unwrap();
    let envelopes = &told["services"][0]["envelopes"];
    let (checked, wrong) = (envelopes["checked"].as_u64().unwrap(), envelopes["wrong"].as_u64().unwrap());
    assert!(wrong > 0 && checked > wrong && envelopes["without_schema"].as_u64() > Some(0), "{envelopes}");
    let places = envelopes["places"].as_array().unwrap();
    assert_eq!(places.len(), 1, "{envelopes}");
    let place = ["type", "place", "rule"].map(|key| places[0][key].as_str().unwrap());
    assert_eq!(place, ["tool_completed", "/payload", "required"]);
    assert_eq!(places[0]["count"].as_u64(), Some(wrong));
    assert_eq!(
        told["conditions"].as_array().unwrap().last().unwrap()["state"],
        "fail",
        "{}",
        told["conditions"]
    );
}

#[test]
fn golden_frames_are_replayed_and_what_differs_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    schemas(dir.path());
    let config = "[[service]]\nname = \"chat\"\n[service.events]\nurl = \"ws://127.0.0.1:1/\"\nschemas = \"schemas\"\n";
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let golden = dir.path().join("golden");
    std::fs::create_dir(&golden).unwrap();
    let good = json!({ "type": "agent_started", "run_id": "a", "seq": 1 });
    std::fs::write(golden.join("start.json"), good.to_string()).unwrap();
    let check = |arguments: &[&str]| {
        let folder = golden.to_string_lossy().into_owned();
        let output = warroom(dir.path(), &[&["plan", "--check-golden", folder.as_str()], arguments].concat());
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8(text).unwrap(), output.status.code().unwrap())
    };
    assert_eq!(check(&[]), ("✓ chat: 1 golden frames, 1 held against schemas, 0 differences\n".into(), 0));

    let lines = [
        json!({ "type": "tool_completed", "run_id": "a", "payload": { "ms": "5" } }).to_string(),
        String::new(),
        json!({ "type": "agent_renamed", "run_id": "a" }).to_string(),
        json!({ "event": { "kind": "agent_started" } }).to_string(),
        "{ not json".to_owned(),
    ];
    std::fs::write(golden.join("more.ndjson"), lines.join("\n")).unwrap();
    let (told, status) = check(&[]);
    assert_eq!(status, 1);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("more.ndjson:1: tool_completed at /payload/ms: "), "{told}");
    assert_eq!(
        lines[1..],
        [
            "more.ndjson:3: agent_renamed: its type is not among `types`",
            "more.ndjson:3: agent_renamed: there is no schema for its type",
            "more.ndjson:4: the decoder refuses it: without a type",
            "more.ndjson:5: the decoder refuses it: not JSON",
            "✗ chat: 5 golden frames, 2 held against schemas, 5 differences",
        ],
        "{told}"
    );
    let (json, status) = check(&["--json"]);
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (json["differences"].as_array().map(Vec::len), json["frames"].as_u64(), status),
        (Some(5), Some(5), 1)
    );
    let (refused, status) = check(&["x.md"]);
    assert!(refused.contains("takes no documents") && status == 2, "{refused}");
}

#[test]
fn the_doctor_reads_the_schemas() {
    let dir = tempfile::tempdir().unwrap();
    schemas(dir.path());
    let service = "[[service]]\nname = \"chat\"\n[service.events]\nurl = \"ws://127.0.0.1:9/\"\nschemas = \"schemas\"\n";
    std::fs::write(dir.path().join("config.toml"), service).unwrap();
    let told = || {
        let output = warroom(dir.path(), &["doctor", "--json"]);
        let told: Json = serde_json::from_slice(&output.stdout).unwrap();
        let all = told["checks"].as_array().unwrap().clone();
        let check = all.into_iter().find(|check| check["name"] == "schemas of chat").unwrap();
        (check["state"].as_str().unwrap().to_owned(), check["seen"].as_str().unwrap().to_owned())
    };
    let (state, seen) = told();
    assert!(state == "ok" && seen.ends_with("3 schemas"), "{state} {seen}");
    std::fs::write(dir.path().join("schemas/common.json"), "{ \"type\": ").unwrap();
    let (state, seen) = told();
    assert!(state == "wrong" && seen.contains("common.json"), "{state} {seen}");
}
