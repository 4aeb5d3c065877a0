//! `warroom init` on every document of the corpus: what it writes is a config that loads, and names the document.

use super::samples;
use crate::cli::{parsed, said};

#[test]
fn init_gives_a_config_that_loads_for_every_document() {
    let samples = samples();
    for sample in &samples {
        let (name, path) = (&sample.name, sample.path.display().to_string());
        let dir = tempfile::tempdir().expect("dir");
        let (out, err, status) = said(dir.path(), &["init", &path]);
        assert_eq!((status, err.as_str()), (0, ""), "{name}");
        assert!(out.contains("wrote config.toml"), "{name}: {out}");
        // It loads: its items are those of the document.
        let (out, err, status) = said(dir.path(), &["items", "--json", "--store", "room.db"]);
        assert_eq!(status, 0, "{name}: {err}");
        let count = parsed(&out)["items"].as_array().map(Vec::len);
        assert_eq!(count, Some(super::items(&sample.read()).count()), "{name}");
        let before = std::fs::read(dir.path().join("config.toml")).expect("config");
        let (_, err, status) = said(dir.path(), &["init", &path]);
        assert!(status == 1 && err.contains("--force"), "{name}: {err}");
        assert_eq!(std::fs::read(dir.path().join("config.toml")).expect("config"), before, "{name}");
    }
    // And all of them at once.
    let dir = tempfile::tempdir().expect("dir");
    let paths: Vec<String> = samples.iter().map(|sample| sample.path.display().to_string()).collect();
    let args: Vec<&str> = ["init"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    let (_, err, status) = said(dir.path(), &args);
    assert_eq!((status, err.as_str()), (0, ""));
    let (_, err, status) = said(dir.path(), &["items", "--store", "room.db"]);
    assert_eq!((status, err.as_str()), (0, ""));
}
