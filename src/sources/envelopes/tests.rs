//! Frames and schemas, good and bad.

use serde_json::json;

use super::*;

fn schemas(files: &[(&str, Value)]) -> (tempfile::TempDir, Result<Schemas, Clean>) {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, schema) in files {
        std::fs::write(dir.path().join(name), schema.to_string()).expect("written");
    }
    let loaded = Schemas::load(dir.path());
    (dir, loaded)
}

fn team() -> [(&'static str, Value); 3] {
    let completed = json!({
        "type": "object",
        "required": ["type", "run_id", "payload"],
        "properties": {
            "payload": { "type": "object", "properties": {
                "ms": { "$ref": "common.json#/$defs/millis" },
                "tools": { "type": "array", "items": { "type": "string" } },
            } },
        },
    });
    let common = json!({ "$defs": { "millis": { "type": "integer", "minimum": 0 } } });
    [
        ("tool_completed.json", completed),
        ("common.json", common),
        ("agent_started.schema.json", json!({ "type": "object" })),
    ]
}

#[test]
fn faults_are_told_by_kind_place_and_rule_without_what_the_frame_holds() {
    let (_dir, schemas) = schemas(&team());
    let schemas = schemas.expect("good schemas");
    let check = |kind: &str, frame: Value| {
        let faults = schemas.check(kind, &frame)?;
        let told = |fault: Fault| format!("{} {}", fault.wrong.place, fault.wrong.rule);
        Some(faults.into_iter().map(told).collect::<Vec<_>>())
    };
    let good = json!({ "type": "tool_completed", "run_id": "a", "payload": { "ms": 5, "tools": ["x"] } });
    assert_eq!(check("tool_completed", good), Some(vec![]));
    let bad = json!({ "run_id": "a", "payload": { "ms": "secret-5", "tools": ["x", 7, 8] } });
    assert_eq!(
        check("tool_completed", bad.clone()).map(|mut told| {
            told.sort();
            told
        }),
        Some(vec![
            " required".into(),
            "/payload/ms type".into(),
            "/payload/tools/* type".into(),
            "/payload/tools/* type".into()
        ])
    );
    let words: Vec<_> = schemas.check("tool_completed", &bad).unwrap_or_default();
    assert!(words.iter().all(|fault| !fault.words.contains("secret")), "{words:?}");
    assert_eq!(check("agent_started", json!({})), Some(vec![]));
    assert_eq!(check("agent_thinking", json!({})), None, "there is no schema for it");
}

#[test]
fn what_is_no_schema_and_what_leads_elsewhere_is_refused() {
    let why = |files: &[(&str, Value)]| schemas(files).1.map(|_| ()).expect_err("refused").to_string();
    assert!(why(&[]).contains("no file in it ends in .json"));
    assert!(why(&[("a.json", json!({ "type": "nothing" }))]).starts_with("a.json is no JSON Schema: "));
    for elsewhere in ["http://127.0.0.1:1/x.json", "file:///etc/hostname", "../x.json", "none.json"] {
        let why = why(&[("a.json", json!({ "$ref": elsewhere }))]);
        assert!(why.starts_with("a.json is no JSON Schema: "), "{elsewhere}: {why}");
    }
    assert!(Schemas::load(Path::new("/no/such/place")).is_err());
}

#[test]
fn so_many_a_second_are_looked_at_and_no_more() {
    let (mut samples, mut taken) = Samples::new();
    let mut count = |second: u64, frames: usize| {
        samples.offer(std::iter::repeat_n("{}", frames), Mono::from_secs(second));
        std::iter::from_fn(|| taken.try_recv().ok()).count()
    };
    assert_eq!((count(1, 40), count(1, 40), count(1, 1_000_000)), (40, 24, 0));
    assert_eq!(count(2, 1_000_000), PER_SECOND as usize);
}

#[test]
fn violations_are_counted_and_bounded() {
    let any = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let (_dir, schemas) = schemas(&[("noise.json", any)]);
    let mut checker = Checker::new(ServiceIx(0), &EventFields::default(), schemas.expect("good"));
    for n in 0..200 {
        checker.look(&json!({ "type": "noise", format!("k{n}"): 1 }).to_string());
    }
    checker.look("{\"type\":\"other\"}");
    checker.look("not json");
    let told = checker.take();
    assert_eq!((told.frames, told.wrong, told.unknown, told.found.len()), (200, 200, 1, MAX_PLACES));
    assert_eq!(checker.take().frames, 0);
}
