//! What is wrong with a config, in the operator's words: what, why, next step; with file, line and column.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use crate::domain::Clean;

/// More than this many problems of one file are counted, not listed.
const MAX_LISTED: usize = 50;

/// Why there is no usable config. Shown, it is *what, why, next step* on lines of their own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}\n{}\nnext: {}", self.what(), self.why(), self.next())]
pub enum ConfigError {
    /// No file was named and none stands where one is looked for.
    Missing {
        /// Where it was looked for, in order.
        looked: Vec<PathBuf>,
    },
    /// The file is there, or was named, but cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        error: String,
    },
    /// There is no config, and a checklist that was to be the room is not there.
    NoChecklist {
        /// The file.
        path: PathBuf,
        /// The system's words.
        error: String,
    },
    /// `--theme` names no theme.
    Theme {
        /// As written.
        name: Clean,
        /// Why not.
        why: Clean,
        /// What to do about it.
        next: Clean,
    },
    /// The file was read, and something in it is wrong.
    Wrong {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, in the file's order.
        problems: Vec<Problem>,
    },
}

impl ConfigError {
    /// What does not work.
    pub fn what(&self) -> String {
        match self {
            Self::Missing { .. } => "there is no config".to_owned(),
            Self::Unreadable { path, .. } => format!("the config {} cannot be read", path.display()),
            Self::NoChecklist { path, .. } => format!("the checklist {} cannot be read", path.display()),
            Self::Theme { name, .. } => format!("--theme {name} cannot be used"),
            Self::Wrong { path, problems } => match problems.len() {
                1 => format!("the config {} is wrong in one place", path.display()),
                n => format!("the config {} is wrong in {n} places", path.display()),
            },
        }
    }

    /// Why; of a wrong file every place, each with its own why and next step.
    pub fn why(&self) -> String {
        match self {
            Self::Missing { looked } => format!("looked for {}", paths(looked)),
            Self::Unreadable { error, .. } | Self::NoChecklist { error, .. } => error.clone(),
            Self::Theme { why, .. } => why.to_string(),
            Self::Wrong { path, problems } => listed(path, problems),
        }
    }

    /// What to do about it.
    pub fn next(&self) -> String {
        match self {
            Self::Missing { .. } => {
                "open a checklist alone with --checklist FILE, let `warroom init` draft a config from it, or \
                 name one with --config"
                    .to_owned()
            }
            Self::Unreadable { error, .. } if error.ends_with("not UTF-8") => "save it as UTF-8".to_owned(),
            Self::Unreadable { .. } | Self::NoChecklist { .. } => {
                "check the path and its permissions".to_owned()
            }
            Self::Theme { next, .. } => next.to_string(),
            Self::Wrong { .. } => "correct the file; config.toml.example documents every key".to_owned(),
        }
    }
}

/// One thing that is wrong in a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: Clean,
    /// Why that is wrong.
    pub why: Clean,
    /// What to do about it.
    pub next: Clean,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n  why:  {}\n  next: {}", self.line, self.column, self.what, self.why, self.next)
    }
}

fn paths(looked: &[PathBuf]) -> String {
    looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn listed(path: &std::path::Path, problems: &[Problem]) -> String {
    let mut out: Vec<String> =
        problems.iter().take(MAX_LISTED).map(|problem| format!("{}:{problem}", path.display())).collect();
    if problems.len() > MAX_LISTED {
        out.push(format!("{}: {} more problems", path.display(), problems.len() - MAX_LISTED));
    }
    out.join("\n")
}

/// Gathers the problems of one text, so that one run tells them all.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    text: &'a str,
    found: RefCell<Vec<(usize, Problem)>>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, found: RefCell::default() }
    }

    /// Notes a problem at `span` of the text.
    pub(super) fn add(&self, span: &Range<usize>, what: &str, why: &str, next: &str) {
        let (line, column) = place(self.text, span.start);
        let problem =
            Problem { line, column, what: Clean::new(what), why: Clean::new(why), next: Clean::new(next) };
        let mut found = self.found.borrow_mut();
        if !found.iter().any(|(_, known)| *known == problem) {
            found.push((span.start, problem));
        }
    }

    /// All of them, in the text's order.
    pub(super) fn into_sorted(self) -> Vec<Problem> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, problem)| problem).collect()
    }
}

/// Line and column (in characters), both from 1, of byte `at`.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    (line, before.get(line_start..).map_or(0, |rest| rest.chars().count()) + 1)
}

/// The name of `known` that `wrong` was probably meant to be.
pub(super) fn nearest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let scored = known.into_iter().map(|name| (strsim::damerau_levenshtein(wrong, name), name));
    let (distance, name) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= (wrong.chars().count() / 3).max(2)).then_some(name)
}

/// A next step that names the nearest right name, or lists all.
pub(super) fn suggestion(wrong: &str, known: &[&str]) -> String {
    match nearest(wrong, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("use one of: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a = 1\nürl = 2\n";
        assert_eq!(place(text, 0), (1, 1));
        assert_eq!(place(text, 6), (2, 1));
        assert_eq!(place(text, 8), (2, 2));
        assert_eq!(place(text, 999), (3, 1));
    }

    #[test]
    fn the_nearest_name_is_near_or_none() {
        assert_eq!(nearest("intervall", ["interval", "timeout"]), Some("interval"));
        assert_eq!(nearest("zebra", ["interval", "timeout"]), None);
        assert_eq!(suggestion("zebra", &["interval", "timeout"]), "use one of: interval, timeout");
    }
}
