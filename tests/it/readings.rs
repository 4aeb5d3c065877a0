//! The real binary: metrics that documents name, read by people.

use crate::cli::{parsed, said};

const DOCUMENT: &str =
    "# Go\n\n```yaml\nchat_quality:\n  target: \">95%\"\n  critical_threshold: \"<80%\"\n```\n";

/// A directory with a config of one service, whose document names a metric.
fn room(more: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("dir");
    let config = format!(
        "[room]\nname = \"t\"\nchecklists = [\"go.md\"]\n[operator]\nname = \"ines\"\n[store]\npath = \"room.db\"\n\
         [[service]]\nname = \"chat\"\n{more}"
    );
    std::fs::write(dir.path().join("config.toml"), config).expect("config");
    std::fs::write(dir.path().join("go.md"), DOCUMENT).expect("document");
    dir
}

fn snapshot(dir: &std::path::Path) -> serde_json::Value {
    let (out, err, _) = said(dir, &["verdict", "--json", "--warm-up", "3s"]);
    assert_eq!(err, "");
    parsed(&out)
}

fn reasons(snapshot: &serde_json::Value) -> Vec<String> {
    let reasons = snapshot["verdict"]["reasons"].as_array().expect("reasons").iter();
    reasons.map(|reason| reason["text"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn a_reading_has_a_name_a_time_and_a_verdict() {
    let room = room("");
    let dir = room.path();
    let before = snapshot(dir);
    let metric = &before["metrics"][0];
    assert_eq!((&metric["name"], &metric["unbound"]), (&"chat_quality".into(), &true.into()));
    assert_eq!((&metric["value"], &metric["state"]), (&serde_json::Value::Null, &"no_data".into()));
    assert_eq!(before["verdict"]["state"], "hold");
    let told = reasons(&before);
    assert!(
        told.iter().any(|it| it.starts_with("documented metrics without a source · chat_quality")),
        "{told:?}"
    );

    let (out, err, status) = said(dir, &["reading", "Chat quality", "72.5%", "--note", "two of us looked"]);
    assert_eq!(
        (out.as_str(), err.as_str(), status),
        ("chat_quality is 72.5, written down by ines, record 1\n", "", 0)
    );
    let after = snapshot(dir);
    let metric = &after["metrics"][0];
    assert_eq!((&metric["value"], &metric["state"]), (&72.5.into(), &"fail".into()));
    assert_eq!(
        (&metric["reading"]["by"], &metric["reading"]["note"]),
        (&"ines".into(), &"two of us looked".into())
    );
    assert_eq!((&metric["unbound"], &metric["documented"]), (&false.into(), &"go.md:4".into()));
    assert_eq!(after["verdict"]["state"], "no_go", "{:?}", reasons(&after));

    let (_, err, status) = said(dir, &["reading", "quality", "1"]);
    assert_eq!(status, 2, "{err}");
    assert!(
        err.contains("the room has no metric of this name") && err.contains("people read chat_quality"),
        "{err}"
    );
}

#[test]
fn nobody_watches_it_by_the_config_and_nothing_holds() {
    let room = room("[[bind_metric]]\nname = \"chat_quality\"\nunwatched = \"support asks the users\"\n");
    let snapshot = snapshot(room.path());
    let told = reasons(&snapshot);
    assert!(!told.iter().any(|it| it.contains("without a source")), "{told:?}");
    let why = "unwatched, as the config says: support asks the users";
    assert_eq!(snapshot["metrics"][0]["problem"], why);
}
