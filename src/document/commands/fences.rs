//! Which fences hold commands, and the commands of one fence.

use super::{form, programs};
use crate::document::beginning;
use crate::document::shell::{self, PartKind};

/// What language a fence is in, as far as commands go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Tongue {
    /// A shell's.
    Shell,
    /// Another shell's that is not run here: an example.
    Foreign,
    /// No commands.
    Other,
}

/// The language of a fence: as it says, or as its text looks.
pub(in crate::document) fn tongue(language: &str, code: &str) -> Tongue {
    match language {
        "bash" | "sh" | "shell" | "zsh" | "ksh" | "console" | "terminal" | "shell-session"
        | "shellsession" | "sh-session" | "shellscript" | "bash-session" | "term" | "cli" | "command"
        | "commandline" => Tongue::Shell,
        "powershell" | "pwsh" | "ps1" | "ps" | "cmd" | "bat" | "batch" | "dos" | "fish" | "nu" => {
            Tongue::Foreign
        }
        "" | "text" | "txt" | "plaintext" | "plain" | "none" if looks_like_shell(code) => Tongue::Shell,
        _ => Tongue::Other,
    }
}

/// No more of a text is looked at to tell whether it is a script.
const PROBE: usize = 8192;

fn looks_like_shell(code: &str) -> bool {
    let code = beginning(code, PROBE);
    let Some(first) = code.lines().find(|line| !line.trim().is_empty()) else { return false };
    if first.starts_with("#!") {
        return first.contains("sh");
    }
    if prompted(first).is_some() {
        return true;
    }
    let statements: Vec<&str> = shell::split(code)
        .into_iter()
        .filter(|part| matches!(part.kind, PartKind::Statement | PartKind::Unclosed))
        .filter_map(|part| code.get(part.at))
        .take(60)
        .collect();
    let sure = statements.iter().filter(|statement| is_command(statement)).count();
    sure > 0 && sure * 10 >= statements.len() * 6 && statements.first().is_some_and(|first| is_command(first))
}

/// Programs that run others, with the word `run` or `exec`.
const RUNNERS: [&str; 12] =
    ["uv", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "bundle", "npm", "pnpm", "yarn", "composer"];

/// Whether `text` can hardly be anything but a command: a known program with something behind it.
pub(super) fn is_command(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let name = words.iter().find(|word| !is_assignment(word)).copied().unwrap_or_default();
    let bare = name.rsplit('/').next().unwrap_or(name);
    let script = name.starts_with("./") && name.len() > 3
        || (name.rsplit_once('.').is_some_and(|(_, end)| end == "sh")
            && name.contains('/')
            && words.len() > 1);
    let alone = matches!(
        bare,
        "pytest"
            | "tox"
            | "nox"
            | "jest"
            | "rspec"
            | "phpunit"
            | "vitest"
            | "mocha"
            | "bats"
            | "ls"
            | "pwd"
            | "ctest"
    );
    let known = programs::is_known(bare) && !name.ends_with(':') && (words.len() > 1 || alone);
    // Without its name known, the words must not be a sentence: `make sure that …`. `uv run alembic upgrade head` is none.
    let runs = matches!(words.as_slice(), [first, "run" | "exec", _, ..] if RUNNERS.contains(first));
    (script || known) && form::not_a_command(text, |_| runs).is_none()
}

/// The same of inline code, where a program of the team is told by its options: `portalctl idp set --provider x`.
pub(super) fn is_command_inline(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
    };
    let named = words.next().is_some_and(is_name);
    let option =
        |word: &str| word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic));
    is_command(text) || (named && words.any(option) && form::not_a_command(text, |_| false).is_none())
}

/// Whether inline code can be a program of the team, alone or with plain words, where the text says that it is run.
pub(super) fn is_program(text: &str) -> bool {
    let name = text.split_whitespace().next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_/".contains(c);
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(plain)
        && form::not_a_command(text, |_| false).is_none()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| shell::lex::is_name(name))
}

/// A command of a fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Line within the fence, from 0.
    pub(super) line: u32,
    /// The command.
    pub(super) text: String,
    /// Something in it is never closed.
    pub(super) unclosed: bool,
    /// The comments above and beside it.
    pub(super) comments: Vec<String>,
    /// Comments below it that say what is expected.
    pub(super) expected: Vec<String>,
    /// Its output stands below it.
    pub(super) transcript: bool,
}

/// The commands in `code`, in their order.
pub(super) fn commands(code: &str) -> Vec<Found> {
    if code.lines().any(|line| prompted(line).is_some()) { session(code) } else { script(code) }
}

/// What stands behind a prompt: `$ cmd`, `(env) $ cmd`, `user@host:~$ cmd`.
fn prompted(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = match line.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((name, rest)) if !name.contains(' ') => rest,
        _ => line,
    };
    if let Some(rest) =
        line.strip_prefix("$ ").or_else(|| line.strip_prefix("% ")).or_else(|| line.strip_prefix("❯ "))
    {
        return Some(rest.trim_start()).filter(|rest| !rest.is_empty());
    }
    let (host, rest) = line.split_once(['$', '#'])?;
    let fits = host.contains('@')
        && host.contains([':', ']'])
        && !host.contains(['/', '\'', '"']) | host.contains(":/")
        && !host.trim_start_matches('[').contains("  ")
        && host.split(' ').count() <= 2;
    (fits && rest.starts_with(' ')).then(|| rest.trim_start()).filter(|rest| !rest.is_empty())
}

/// Longer commands at a prompt are taken by their first line.
const MAX_PROMPTED_LINES: usize = 24;

/// Commands at prompts, with or without their output between them.
fn session(code: &str) -> Vec<Found> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found: Vec<Found> = Vec::new();
    let mut comments = Vec::new();
    let mut output = false;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let begin = u32::try_from(at).unwrap_or(u32::MAX);
        at += 1;
        if let Some(first) = prompted(line) {
            let mut text = first.to_owned();
            let mut taken = 0;
            while taken < MAX_PROMPTED_LINES && !is_whole(&text) {
                let Some(next) = lines.get(at + taken).filter(|next| prompted(next).is_none()) else { break };
                text.push('\n');
                text.push_str(next.strip_prefix("> ").unwrap_or(next));
                taken += 1;
            }
            let whole = is_whole(&text);
            if whole {
                at += taken;
            } else {
                first.clone_into(&mut text);
            }
            let above = std::mem::take(&mut comments);
            found.extend(script(&text).into_iter().map(|command| Found {
                line: begin,
                comments: [above.clone(), command.comments].concat(),
                ..command
            }));
        } else if let Some(comment) = line.trim_start().strip_prefix('#') {
            comments.push(comment.trim().to_owned());
        } else if !line.trim().is_empty() {
            output = true;
            comments.clear();
        }
    }
    for command in &mut found {
        command.transcript = output;
    }
    found
}

fn is_whole(text: &str) -> bool {
    !text.ends_with('\\') && shell::split(text).iter().all(|part| part.kind != PartKind::Unclosed)
}

fn script(code: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut above: Vec<String> = Vec::new();
    let mut line = 0_u32;
    // Line ends since the last command, and since the last comment; whether comments continue an expectation.
    let (mut since_command, mut since_comment) = (2, 2);
    let mut goes_on = false;
    for part in shell::split(code) {
        let text = code.get(part.at).unwrap_or_default();
        let ends = u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(0);
        match part.kind {
            PartKind::Blank => {
                since_command += ends;
                since_comment += ends;
            }
            // Which shell it is for says nothing of the command below.
            PartKind::Comment if text.starts_with("#!") => {}
            PartKind::Comment => {
                let words = text.trim_start_matches(['#', '!']).trim();
                let below = since_command <= 1;
                let last = found.last_mut().filter(|_| below);
                match last {
                    Some(last) if since_command == 0 => last.comments.push(words.to_owned()),
                    Some(last)
                        if is_expectation(words) || (goes_on && since_comment <= 1 && is_detail(text)) =>
                    {
                        last.expected.push(words.to_owned());
                        goes_on = true;
                        since_command = 0;
                    }
                    _ => {
                        if since_comment > 1 {
                            above.clear();
                        }
                        above.push(words.to_owned());
                        goes_on = false;
                    }
                }
                since_comment = 0;
            }
            PartKind::Statement | PartKind::Unclosed => {
                found.push(Found {
                    line,
                    text: text.to_owned(),
                    unclosed: part.kind == PartKind::Unclosed,
                    comments: std::mem::take(&mut above),
                    expected: Vec::new(),
                    transcript: false,
                });
                (since_command, since_comment, goes_on) = (0, 2, false);
            }
        }
        line = line.saturating_add(ends);
    }
    found
}

/// Whether a comment below a command says what it should show.
fn is_expectation(comment: &str) -> bool {
    const BEGINS: [&str; 20] = [
        "expected",
        "expect ",
        "expect:",
        "should ",
        "returns",
        "output:",
        "response:",
        "body:",
        "result:",
        "=>",
        "->",
        "→",
        "erwartet",
        "attendu",
        "résultat attendu",
        "esperado",
        "salida esperada",
        "saída esperada",
        "预期",
        "期待",
    ];
    let lower = comment.to_lowercase();
    BEGINS.iter().any(|begin| lower.starts_with(begin))
        || (lower.starts_with("all ") && lower.contains(" pass"))
}

/// A comment that goes on with the one above: indented, or a bullet.
fn is_detail(comment: &str) -> bool {
    let rest = comment.trim_start_matches('#');
    rest.starts_with("  ") || rest.trim_start().starts_with(['-', '*', '•', '{', '"', '✅', '✓'])
}
