//! The schema's keys, and its words.

use serde_json::{Value, json};

use super::*;
use crate::document;

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// As a reader gets it.
fn told(documents: &[Document]) -> Value {
    serde_json::to_value(plan(documents, None)).expect("json")
}

fn read(text: &str) -> Document {
    document::read("a.md", text.as_bytes()).document.expect("a text")
}

#[test]
fn every_key_of_the_schema_is_there_even_for_an_empty_document() {
    let told = told(&[read("")]);
    assert_eq!(told["schema"], json!("warroom.plan/1"));
    let document = &told["documents"][0];
    assert_eq!(
        keys(document),
        [
            "activations",
            "checked",
            "commands",
            "conditions",
            "contacts",
            "events",
            "fences",
            "findings",
            "flags",
            "guards",
            "headings",
            "inferred",
            "items",
            "links",
            "ordered_steps",
            "panels",
            "path",
            "phases",
            "procedures",
            "repaired",
            "roles",
            "rollback_steps",
            "routes",
            "sections",
            "severities",
            "sha256",
            "stages",
            "tables",
            "templates",
            "thresholds",
            "title",
            "triggers",
            "variables",
        ]
    );
    assert_eq!(keys(&document["fences"]), ["other", "promql", "shell", "yaml"]);
    let nothing = "nothing to sign off was found in it; write items as \"- [ ] text\"";
    let findings = json!([{ "line": 0, "kind": "unread", "text": nothing }]);
    assert_eq!((&document["repaired"], &document["findings"]), (&Value::Null, &findings));
}

#[test]
fn an_item_is_told_with_where_its_box_stands() {
    let told = told(&[read("# A\n- [x] back up (required) @mara\n")]);
    let section = &told["documents"][0]["sections"][0];
    assert_eq!((&section["path"], &section["line"]), (&json!(["A"]), &json!(1)));
    let item = &section["items"][0];
    let id = item["id"].as_str().expect("an id");
    assert_eq!(id.len(), 12);
    assert_eq!(
        *item,
        json!({
            "id": id, "line": 2, "text": "back up (required) @mara", "depth": 0, "meaning": "work", "role": null, "struck": false,
            "due_from_seconds": null, "due_until_seconds": null, "claimed": true, "required": true, "inferred": false,
            "owner": "@mara", "fields": [], "mark": { "from": 7, "to": 8 },
        })
    );
}

#[test]
fn a_summary_says_what_was_understood_and_what_was_not() {
    let text = "# Release\n## Tests\n- [ ] unit (required)\n- [x] lint\n";
    let broken = text.replace("lint", "lint ‚Üí fine");
    assert_eq!(
        summary(&read(text)),
        "a.md: Release\n  2 items (1 ticked in the file, 0 conditions), 0 more without a box, 2 headings, 0 numbered \
         steps\n  Items (1):\n        2  Tests: 2 work, 1 required\n  Questionable, or not understood (1):\n    a.md:4: 1 \
         item is said to be done here, without evidence; it counts when somebody attests it\n"
    );
    let told = summary(&read(&broken));
    assert!(told.contains("  repaired: it had been read as mac-roman\n"), "{told}");
    assert!(
        told.contains("  Questionable, or not understood (2):\n    a.md: the text had been read"),
        "{told}"
    );
}

/// A document that has one of everything.
const ALL: &str = "# Release of ledger

## Pre-deployment
- [ ] back up first
- [ ] error rate < 1%, critical at 5%

```bash
pytest tests -q
gcloud run deploy ledger --image x
tail -f app.log
curl https://<host>/health
```

## Rollback triggers
- [ ] Error rate > 5% for 10 minutes

## Rollback steps
1. Move the traffic back
2. Tell support

## Phase 1: Canary 10%
- [ ] set LEDGER_FAST=true
- Soak for 30 minutes

## Startup phases
1. INIT
2. CACHE

## Expected events
- `entry_started`
- `entry_completed`

```promql
sum(rate(http_requests_total[5m])) by (code)
```

| Metric | Target | Alert If |
|---|---|---|
| p95 latency | < 200 ms | > 1 s |

## Severities
| Severity | Response time |
|---|---|
| SEV1 | 5 minutes |

## Alert routing
```yaml
routes:
  - channel: '#ledger-ops'
    severity: critical
    delay: 0m
```

## Message template
```
Deployment of {{service}} began
```

## Roles
- Incident commander: decides

## Contacts
- On-call: +49 30 000 000

## Verify these files have NOT been modified without running tests
- `src/ledger/post.py`

## When to open the war room
- a payment fails

## War room procedure
1. Call the bridge
";

/// What is promised of an entry is there, whatever is added.
#[test]
fn entries_of_lists_have_the_keys_of_the_schema() {
    let told = told(&[read(ALL)]);
    let document = &told["documents"][0];
    let promised: [(&str, &[&str]); 13] = [
        ("commands", &["line", "text", "section", "item", "kind", "why"]),
        ("panels", &["line", "query", "valid", "error", "suggestion"]),
        ("thresholds", &["line", "name", "target", "warning", "critical"]),
        ("flags", &["line", "name", "value"]),
        ("triggers", &["line", "text", "parsed"]),
        ("roles", &["line", "name", "kind"]),
        ("findings", &["line", "kind", "text"]),
        ("phases", &[]),
        ("stages", &[]),
        ("contacts", &[]),
        ("severities", &[]),
        ("guards", &[]),
        ("rollback_steps", &[]),
    ];
    for (list, wanted) in promised {
        let entries = document[list].as_array().expect(list);
        assert!(!entries.is_empty(), "{list}");
        for entry in entries.iter().filter(|_| !wanted.is_empty()) {
            let missing: Vec<_> = wanted.iter().filter(|key| entry.get(**key).is_none()).collect();
            assert!(missing.is_empty(), "{list}: {entry} lacks {missing:?}");
        }
    }
    for list in ["events", "routes", "templates", "activations", "procedures"] {
        assert_ne!(document[list], json!([]), "{list}");
    }
    let kinds: Vec<&Value> =
        document["commands"].as_array().expect("a list").iter().map(|c| &c["kind"]).collect();
    assert_eq!(kinds, ["gate", "mutation", "long_running", "refused"]);
}

#[test]
fn credentials_of_a_document_are_left_out_of_all_that_is_told() {
    let text = "# Go\n\n- [ ] Password: hunter3\n- [ ] Run `curl -u ana:hunter6 https://a.corp.io/ok`\n\n```yaml\nalert_routing:\n  critical:\n    channels: \
                [\"https://hooks.slack.com/services/T1/B1/zzzsecret\"]\n```\n\n## Contacts\n- Pia: api_key: s3cr3tPass9x, 555 1234\n";
    let document = crate::document::read("g.md", text.as_bytes()).document.expect("a text");
    let mut told = Vec::new();
    write(&mut told, std::slice::from_ref(&document), None).expect("JSON");
    let told = String::from_utf8(told).expect("a text") + &summary(&document);
    for secret in ["hunter3", "hunter6", "zzzsecret", "s3cr3tPass9x"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    assert!(told.contains("Password: ***") && told.contains("555 1234"), "{told}");
}
