//! The real binary on the corpus: `plan`, its exit statuses, and `export` with nothing ticked.

use std::path::Path;

use serde_json::Value;

use super::{items, samples};
use crate::cli::{parsed, said};

fn folder() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").display().to_string()
}

#[test]
fn plan_tells_of_all_documents_at_once_what_each_says() {
    let samples = samples();
    let dir = tempfile::tempdir().expect("dir");
    let paths: Vec<String> = samples.iter().map(|sample| sample.path.display().to_string()).collect();
    let args: Vec<&str> = ["plan", "--json"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    let (out, err, status) = said(dir.path(), &args);
    assert_eq!((status, err.as_str()), (0, ""));
    let plan = parsed(&out);
    assert_eq!(plan["schema"], "warroom.plan/1");
    let documents = plan["documents"].as_array().expect("documents");
    assert_eq!(documents.len(), samples.len());
    for (told, sample) in documents.iter().zip(&samples) {
        let document = sample.read();
        let name = &sample.name;
        assert_eq!(told["path"], sample.path.display().to_string(), "{name}");
        assert_eq!(told["sha256"], document.sha256.as_str(), "{name}");
        let all: Vec<&Value> = told["sections"]
            .as_array()
            .expect("sections")
            .iter()
            .flat_map(|section| section["items"].as_array().expect("items"))
            .collect();
        let here: Vec<&str> = items(&document).map(|item| &*item.text).collect();
        assert_eq!(all.iter().map(|item| item["text"].as_str().expect("a text")).collect::<Vec<_>>(), here);
        let count = |key: &str| told[key].as_u64().expect("a number") as usize;
        assert_eq!(count("items") + count("inferred"), all.len(), "{name}");
        let is = |meaning: &str| all.iter().filter(|item| item["meaning"] == meaning).count();
        let kinds = ["work", "sign_off", "trigger", "criterion", "claim", "later"];
        assert_eq!(kinds.iter().map(|kind| is(kind)).sum::<usize>(), all.len(), "{name}");
        assert_eq!(told["triggers"].as_array().map(Vec::len), Some(is("trigger")), "{name}");
        let lines = String::from_utf8_lossy(&sample.bytes).lines().count() as u64;
        for list in ["commands", "thresholds", "findings", "flags", "triggers", "panels"] {
            let all = told[list].as_array().expect("a list");
            assert!(
                all.iter().all(|entry| entry["line"].as_u64().is_some_and(|line| line <= lines)),
                "{name}: {list}"
            );
        }
    }
}

#[test]
fn plan_in_words_names_every_document_and_everything_questionable() {
    let dir = tempfile::tempdir().expect("dir");
    for sample in samples() {
        let path = sample.path.display().to_string();
        let (out, err, status) = said(dir.path(), &["plan", &path]);
        assert_eq!((status, err.as_str()), (0, ""), "{}", sample.name);
        let document = sample.read();
        assert!(out.starts_with(&format!("{path}: {}\n", document.title)), "{out}");
        for finding in document.plan.findings.iter().filter(|finding| finding.line > 0) {
            assert!(out.contains(&format!("{path}:{}: ", finding.line)), "{}: {finding:?}", sample.name);
        }
    }
}

#[test]
fn plan_of_what_cannot_be_read_is_wrong_usage_and_still_tells_the_rest() {
    let dir = tempfile::tempdir().expect("dir");
    let one = samples().into_iter().next().expect("a document");
    let path = one.path.display().to_string();
    let (out, err, status) = said(dir.path(), &["plan", &path, "not-there.md"]);
    assert_eq!(status, 2);
    assert!(out.starts_with(&path) && err.contains("not-there.md"), "{out}{err}");
    let (out, err, status) = said(dir.path(), &["plan", &folder()]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("directory"), "{err}");
    let (_, _, status) = said(dir.path(), &["plan"]);
    assert_eq!(status, 2);
}

#[test]
fn export_without_a_tick_gives_the_same_bytes_and_touches_nothing() {
    let dir = tempfile::tempdir().expect("dir");
    let config = "[room]\nname = \"t\"\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n";
    std::fs::write(dir.path().join("config.toml"), config).expect("config");
    for (n, sample) in samples().into_iter().enumerate() {
        let name = format!("copy-{n}.md");
        let copy = dir.path().join(&name);
        let args = ["export", "--checklist", &sample.path.display().to_string(), "--out", &name];
        let (_, err, status) = said(dir.path(), &args);
        assert_eq!(status, 0, "{}: {err}", sample.name);
        assert_eq!(std::fs::read(&copy).expect("the copy"), sample.bytes, "{}", sample.name);
        assert_eq!(std::fs::read(&sample.path).expect("the original"), sample.bytes, "{}", sample.name);
    }
}

#[test]
fn plan_beside_a_config_says_which_queries_nobody_there_can_be_asked_and_why() {
    let dir = tempfile::tempdir().expect("dir");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect(name);
    write("r.md", "# R\n\n**Errors**\n\n```promql\nsum(rate(errors_total[5m]))\n```\n");
    let (alone, _, status) = said(dir.path(), &["plan", "r.md"]);
    assert_eq!(status, 0);
    assert_eq!(parsed(&said(dir.path(), &["plan", "r.md", "--json"]).0)["in_room"], Value::Null);
    let base = "[room]\nname = \"t\"\n[operator]\nname = \"mara\"\n";
    let service = "[[service]]\nname = \"api\"\n";
    write("config.toml", &format!("{base}{service}"));
    let (out, err, status) = said(dir.path(), &["plan", "r.md"]);
    assert_eq!((status, err.as_str()), (0, ""));
    let told = out.strip_prefix(&alone).expect("what the document says stays the same");
    let why = "r.md:6 errors: there is nothing to ask: add [prometheus], or url to [service.metrics]";
    assert_eq!(told, format!("\nQueries that this room cannot ask (1, config.toml):\n  {why}\n"));
    let plan = parsed(&said(dir.path(), &["plan", "r.md", "--json"]).0);
    assert_eq!(plan["in_room"]["unasked"][0]["query"], "sum(rate(errors_total[5m]))");
    write("config.toml", base);
    let (out, _, _) = said(dir.path(), &["plan", "r.md"]);
    assert!(out.contains("Queries that become no metric of this room (1, config.toml):"), "{out}");
    write("config.toml", &format!("{base}[prometheus]\nurl = \"http://127.0.0.1:9\"\n{service}"));
    assert_eq!(said(dir.path(), &["plan", "r.md"]).0, alone, "there is an engine to ask");
    write("config.toml", "[room\n");
    let (out, err, status) = said(dir.path(), &["plan", "r.md"]);
    assert_eq!((status, out), (2, alone), "a config that is wrong hides nothing of the document");
    assert!(err.contains("config.toml"), "{err}");
}
