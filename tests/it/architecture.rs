//! The house rules, held by reading `src/`: who may import whom, sizes, headers, no `mod.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A module of the crate and the modules that it may import. `model::msg` and `model::effect` stand for themselves,
/// since sources and effects may know them and nothing else of the model.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("clock", &["domain"]),
    ("domain", &[]),
    ("promql", &["domain"]),
    ("document", &["domain", "promql"]),
    ("model", &["domain", "promql", "document", "model::msg", "model::effect"]),
    ("view", &["domain", "model", "model::msg", "model::effect", "theme", "keymap"]),
    ("keymap", &["domain"]),
    ("theme", &["domain"]),
    ("config", &["domain", "keymap", "theme"]),
    ("clients", &["domain", "clock"]),
    ("journal", &["domain"]),
    ("report", &["domain", "model"]),
    ("lanes", &["model::msg"]),
    (
        "sources",
        &["domain", "promql", "document", "model::msg", "config", "clients", "journal", "clock", "lanes"],
    ),
    (
        "effects",
        &[
            "domain",
            "model::msg",
            "model::effect",
            "config",
            "clients",
            "journal",
            "report",
            "clock",
            "faults",
            "lanes",
        ],
    ),
    ("terminal", &[]),
    ("faults", &["domain", "terminal"]),
    ("telemetry", &[]),
    ("demo", &["domain", "clock"]),
];

/// Modules that may import everything, and that nobody imports.
const TOP: &[&str] = &["runtime", "cli", "main", "lib"];

/// Crates that a module must not name.
const MUST_NOT_NAME: &[(&str, &[&str])] = &[
    ("domain", &["tokio", "ratatui", "crossterm", "reqwest", "sqlx", "axum"]),
    ("promql", &["tokio", "ratatui", "crossterm", "reqwest", "sqlx", "axum"]),
    ("document", &["tokio", "ratatui", "crossterm", "reqwest", "sqlx", "axum"]),
    ("model", &["tokio", "ratatui", "crossterm", "reqwest", "sqlx", "axum"]),
    ("view", &["tokio", "crossterm", "reqwest", "sqlx", "axum"]),
    ("keymap", &["tokio", "ratatui", "crossterm", "reqwest", "sqlx"]),
    ("theme", &["tokio", "crossterm", "reqwest", "sqlx"]),
    ("report", &["tokio", "ratatui", "crossterm", "reqwest", "sqlx"]),
    ("config", &["tokio", "ratatui", "crossterm", "reqwest", "sqlx"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src is readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 20, "src has files");
    found.sort();
    found
}

/// The file without its trailing `#[cfg(test)]` module, whose imports and lines do not count.
fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

fn module_of(path: &Path) -> String {
    let relative = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("under src");
    let first = relative.components().next().expect("a component").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn is_test_file(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
}

/// Paths after `crate::` in code: `crate::domain::{A, B}` gives `domain`, `crate::model::msg::Msg` `model::msg`. A list,
/// `crate::{a, b}`, hides from other readers what it names: it is given as it stands, and so in nobody's row.
fn imports(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let (path, after) = rest.split_at(rest.find(|c| !is_name(c) && c != ':').unwrap_or(rest.len()));
        let mut parts = path.split("::");
        let first = parts.next().unwrap_or_default();
        if first.is_empty() {
            found.push("crate::{".to_owned());
            continue;
        }
        let second = parts.next().filter(|part| !part.is_empty());
        let list = after.split(';').next().filter(|_| second.is_none() && after.starts_with('{'));
        let named = second.into_iter().chain(list.into_iter().flat_map(|list| list.split(|c| !is_name(c))));
        let apart = named.filter(|name| first == "model" && ["msg", "effect"].contains(name));
        let apart: Vec<String> = apart.map(|name| format!("{first}::{name}")).collect();
        if apart.is_empty() || list.is_some() {
            found.push(first.to_owned());
        }
        found.extend(apart);
    }
    found
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::domain::{A, B};\nuse crate::model::msg::Msg;\n// crate::not\nlet x = crate::clock::now();\n\
                use crate::model::{\n    Model,\n    effect::Effect,\n};\nuse crate::{clock, sources};\n";
    let expected = ["domain", "model::msg", "clock", "model", "model::effect", "crate::{"];
    assert_eq!(imports(text), expected);
}

#[test]
fn every_module_imports_only_what_it_may() {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if TOP.contains(&module.as_str()) || is_test_file(&path) {
            continue;
        }
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!("{}: module `{module}` is not in the table", path.display()));
            continue;
        };
        for import in imports(without_tests(&text)) {
            if import != module && !may.contains(&import.as_str()) {
                wrong.push(format!("{}: imports `{import}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_module_names_a_crate_that_it_must_not_know() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        let Some((_, banned)) = MUST_NOT_NAME.iter().find(|(name, _)| *name == module) else { continue };
        for line in without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
            for name in banned.iter().filter(|name| line.contains(&format!("{name}::"))) {
                wrong.push(format!("{}: names `{name}`: {line}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_begin_with_their_purpose_and_stay_short() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") {
            wrong.push(format!("{}: does not begin with `//!`", path.display()));
        }
        let lines = text.lines().count();
        if lines > 400 {
            wrong.push(format!("{}: {lines} lines, at most 400", path.display()));
        }
        if path.file_name().is_some_and(|name| name == "mod.rs") {
            wrong.push(format!("{}: no mod.rs", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_tls_provider_is_built() {
    // It lists everything that could be linked on any platform; the others must not even be there.
    let lock =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).expect("Cargo.lock");
    let listed = |name: &str| lock.lines().any(|line| line == format!("name = \"{name}\""));
    assert!(listed("ring") && listed("rustls"));
    let others = ["aws-lc-rs", "aws-lc-sys", "aws-lc-fips-sys", "openssl", "openssl-sys", "native-tls"];
    assert_eq!(others.map(listed), [false; 6], "{others:?}");
}
