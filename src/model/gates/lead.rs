//! What leads to a command of a fence: the lines before it that set up the shell they share.
//!
//! A gate that is run alone gets a new shell, in which these are run first. So only what sets a shell up is among them, and
//! never what changes anything, unless a person is shown it and asked each time.

use crate::domain::Clean;
use crate::domain::plan::{Command, CommandKind, Proof};
use crate::domain::run::Lead;

/// Words of a shell that change what the lines after them find.
const STATE: [&str; 19] = [
    "cd",
    "pushd",
    "popd",
    "export",
    "source",
    ".",
    "set",
    "unset",
    "shopt",
    "alias",
    "umask",
    "declare",
    "typeset",
    "readonly",
    "trap",
    "conda",
    "workon",
    "deactivate",
    "local",
];

/// Words that set nothing up: a new shell gets on without them, and `exit` would end it.
const IDLE: [&str; 14] = [
    "echo", "printf", "sleep", "true", ":", "exit", "return", "date", "wait", "read", "clear", "hash",
    "break", "continue",
];

/// The lines that lead to command `at`, and whether one of them may change something outside.
///
/// # Errors
/// One of them is refused, and so is what follows it: why.
pub(super) fn of(commands: &[Command], at: usize) -> Result<(Vec<Lead>, bool), Clean> {
    let fence = commands.get(at).and_then(|command| command.fence);
    let (mut lines, mut changes) = (Vec::new(), false);
    for before in commands.iter().take(at).filter(|before| fence.is_some() && before.fence == fence) {
        let sets_up = sets_up(&before.text);
        if before.kind == CommandKind::Refused && sets_up {
            let words = format!("line {} before it in its fence is refused: {}", before.line, before.why);
            return Err(Clean::new(&words));
        }
        let text = match before.kind {
            CommandKind::Gate if before.proof == Proof::Setup => {
                (!is_idle(&before.text)).then(|| before.text.clone())
            }
            CommandKind::Mutation if sets_up => {
                changes = true;
                Some(before.text.clone())
            }
            CommandKind::Gate | CommandKind::Mutation | CommandKind::LongRunning => beginning(&before.text),
            CommandKind::Refused | CommandKind::Transcript | CommandKind::Sample => None,
        };
        lines.extend(text.map(|text| Lead { id: before.id.clone(), line: before.line, text, asked: false }));
    }
    changes |= asks_before(commands, at, &mut lines);
    Ok((lines, changes))
}

/// `test $? -eq 0` says something only after the line before it: that is run first, and may fail. Whether it changes
/// something.
fn asks_before(commands: &[Command], at: usize, lines: &mut Vec<Lead>) -> bool {
    let asks = commands.get(at).filter(|command| command.text.contains("$?"));
    let Some((command, before)) = asks.zip(at.checked_sub(1).and_then(|before| commands.get(before))) else {
        return false;
    };
    let runs = matches!(before.kind, CommandKind::Gate | CommandKind::Mutation);
    if command.fence.is_none() || before.fence != command.fence || !runs {
        return false;
    }
    lines.retain(|line| line.id != before.id);
    lines.push(Lead { id: before.id.clone(), line: before.line, text: before.text.clone(), asked: true });
    before.kind == CommandKind::Mutation
}

/// Whether all of the line is there for what it sets up: `. ./env`, `TOKEN=$(…)`, `check() { …; }`.
fn sets_up(text: &str) -> bool {
    let text = text.trim_start();
    let first = text.split_whitespace().next().unwrap_or_default();
    // With `cd api && deploy` it is the deploying that it is there for.
    let alone = segments(text).len() == 1;
    let function = text.starts_with("function ")
        || text
            .split_once("()")
            .is_some_and(|(name, body)| is_name(name) && body.trim_start().starts_with('{'));
    function || (alone && (STATE.contains(&first) || is_assignment(text)))
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !text.is_empty() && text.chars().all(plain) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether it is `NAME=value` without a command behind it.
fn is_assignment(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let substituted = value.starts_with("$(") || value.starts_with("\"$(") || value.starts_with('`');
    is_name(name) && (substituted || !value.contains(char::is_whitespace) || value.starts_with(['"', '\'']))
}

fn is_idle(text: &str) -> bool {
    let first = |segment: &&str| segment.split_whitespace().next().is_none_or(|word| IDLE.contains(&word));
    text.split(['\n', ';', '&', '|']).all(|segment| first(&segment))
}

/// The parts of `text` that `&&` joins; quotes are respected.
fn segments(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quote, mut depth) = (Vec::new(), 0, None, 0_i32);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'\'' | b'"' | b'`') => quote = Some(*byte),
            (None, b'(' | b'{') => depth += 1,
            (None, b')' | b'}') => depth -= 1,
            (None, b'&') if depth == 0 && bytes.get(at + 1) == Some(&b'&') => {
                parts.extend(text.get(from..at));
                from = at + 2;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.extend(text.get(from..));
    parts
}

/// The beginning of `cd api && pytest` that the next line finds done. Only what plainly changes nothing but the shell.
fn beginning(text: &str) -> Option<String> {
    let plain = |segment: &&&str| {
        let segment = segment.trim();
        let first = segment.split_whitespace().next().unwrap_or_default();
        let known = match first {
            "source" | "." => segment.ends_with("/activate"),
            "cd" | "pushd" | "export" => true,
            _ => is_assignment(segment) && !segment.contains(' '),
        };
        known && !segment.contains([';', '|', '&', '(', ')', '`', '\n', '<', '>'])
    };
    let parts = segments(text);
    let taken: Vec<&str> =
        parts.iter().take(parts.len() - 1).take_while(plain).map(|part| part.trim()).collect();
    (!taken.is_empty()).then(|| taken.join(" && "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_sets_a_shell_up_is_told_from_what_does_something_too() {
        for text in
            ["cd api", ". ./env.sh", "TOKEN=$(curl -X POST https://a.example/login)", "A=1", "X=\"a b\""]
        {
            assert!(sets_up(text), "{text}");
        }
        for text in ["check() { curl -f $1; }", "function check { true; }", "export A=$(deploy a && b)"] {
            assert!(sets_up(text), "{text}");
        }
        for text in ["A=1 deploy", "cd api && deploy", "deploy", "git push", "make A=1"] {
            assert!(!sets_up(text), "{text}");
        }
        assert!(is_idle("echo a; exit 0") && is_idle("sleep 5") && !is_idle("echo a; cd api"));
    }

    #[test]
    fn a_command_that_begins_with_a_change_of_directory_leaves_it_changed() {
        let of = |text: &str| beginning(text).unwrap_or_default();
        assert_eq!(of("cd api && pytest -q"), "cd api");
        assert_eq!(
            of("cd api && source venv/bin/activate && A=1 && pytest && ls"),
            "cd api && source venv/bin/activate && A=1"
        );
        for text in
            ["pytest", "pytest && cd api", "(cd api && pytest)", "cd $(mktemp -d) && ls", "echo 'cd a && b'"]
        {
            assert_eq!(of(text), "", "{text}");
        }
        assert_eq!(of("source ./deploy.sh && ls"), "");
    }
}
