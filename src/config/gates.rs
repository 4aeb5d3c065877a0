//! Gates: how those of documents run, those of the config itself, and the files that they guard.

use std::path::{Path, PathBuf};

use super::section::Section;
use super::service::check_unique;
use crate::domain::room::{Checklist, DocumentGates, ENVIRONMENT, GateSpec, GatesSpec, GuardSpec, TIMEOUT};

/// Most gates and guards.
const MOST: usize = 500;

pub(super) fn read(top: &Section<'_>, base: &Path, checklists: &[Checklist]) -> GatesSpec {
    let section = top.section("gates");
    let shell = section.text("shell");
    let timeout = section.duration("timeout", TIMEOUT);
    let env = environment(&section, &ENVIRONMENT);
    let dir = section.text("dir").map(|dir| whole(&base.join(dir)));
    let tables = section.sections("document", MOST);
    let named: Vec<DocumentGates> = tables
        .iter()
        .map(|table| DocumentGates {
            name: table.required("name", "write the path as in `checklists`"),
            dir: table.text("dir").map(|dir| whole(&base.join(dir))).unwrap_or_default(),
            timeout: table.duration("timeout", timeout),
            env: joined(&env, environment(table, &[])),
        })
        .collect();
    let document = |checklist: &Checklist| {
        let known = named.iter().find(|known| known.name == checklist.name);
        let own = known.map(|known| &known.dir).filter(|dir| **dir != PathBuf::new()).cloned();
        DocumentGates {
            name: checklist.name.clone(),
            dir: own.or_else(|| dir.clone()).unwrap_or_else(|| home(&checklist.path)),
            timeout: known.map_or(timeout, |known| known.timeout),
            env: known.map_or_else(|| env.clone(), |known| known.env.clone()),
        }
    };
    let documents = checklists.iter().map(document).collect();
    GatesSpec { shell, documents, guards: guards(top), gates: gates(top, base, &env, timeout) }
}

fn gates(top: &Section<'_>, base: &Path, env: &[String], timeout: std::time::Duration) -> Vec<GateSpec> {
    let tables = top.sections("gate", MOST);
    let gate = |table: &Section<'_>| GateSpec {
        name: table.required("name", "write name = \"…\" under [[gate]]"),
        command: command(table),
        dir: whole(&base.join(table.text_or("dir", "."))),
        timeout: table.duration("timeout", timeout),
        env: joined(env, environment(table, &[])),
        expect: table.texts("expect", &[]),
        shell: table.text("shell"),
        required: table.switch("required", true),
    };
    let gates: Vec<GateSpec> = tables.iter().map(gate).collect();
    let spanned = gates.iter().zip(&tables).map(|(gate, table)| (gate.name.as_str(), table.span("name")));
    check_unique(top.problems, "gate", spanned);
    gates
}

/// It may have several lines, so it need not be drawable.
fn command(table: &Section<'_>) -> String {
    let command = table.raw_text("command").unwrap_or_default();
    if command.trim().is_empty() {
        let what = format!("`{}` is missing", table.dotted("command"));
        table.wrong("command", &what, "there is no default for it", "write what the shell is to run");
    }
    command
}

/// The gates they name may be those of documents, which are not read yet.
fn guards(top: &Section<'_>) -> Vec<GuardSpec> {
    let guard = |table: &Section<'_>| {
        let guard = GuardSpec { paths: table.texts("paths", &[]), gates: table.texts("gates", &[]) };
        if guard.paths.is_empty() {
            let what = format!("`{}` is missing", table.dotted("paths"));
            table.wrong(
                "paths",
                &what,
                "a guard without paths guards nothing",
                "write paths = [\"src/auth\"]",
            );
        }
        guard
    };
    top.sections("guard", MOST).iter().map(guard).collect()
}

/// Names of variables, and `NAME=value`.
fn environment(section: &Section<'_>, default: &[&str]) -> Vec<String> {
    let entries = section.texts("env", default);
    for entry in &entries {
        let name = entry.split('=').next().unwrap_or_default();
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() || !plain || name.starts_with(|c: char| c.is_ascii_digit()) {
            let what = format!("`{}` has \"{entry}\"", section.dotted("env"));
            section.wrong("env", &what, "it is no name of a variable", "write \"NAME\" or \"NAME=value\"");
        }
    }
    entries
}

fn joined(all: &[String], more: Vec<String>) -> Vec<String> {
    all.iter().cloned().chain(more).collect()
}

/// From the root: records and messages name it, and others read them elsewhere.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The repository that holds the file, for what documents say is said from there; else the file's directory.
fn home(file: &Path) -> PathBuf {
    let file = whole(file);
    let folder = file.parent().unwrap_or(Path::new("."));
    let repository = folder.ancestors().find(|above| above.join(".git").exists());
    repository.unwrap_or(folder).to_owned()
}
