//! Words by which a program that only tests or shows changes something after all: `sed '1e rm x'`, `pytest --basetemp=data`,
//! `go test -exec …`, `mvn test deploy`.

use super::table::{self, Effect};

/// Parts of names of what changes something.
const ACTS: [&str; 12] = [
    "deploy", "publish", "release", "upload", "migrat", "push", "apply", "delete", "drop", "destroy",
    "install", "promote",
];

/// Why the command of these `words` changes something, though its program does not by itself.
pub(super) fn of(words: &[String]) -> Option<String> {
    // Behind `poetry run`, `sudo` and the like, too.
    let known = |word: &String| {
        let bare = word.rsplit('/').next().unwrap_or(word);
        let find = PROGRAMS.iter().find(|(names, _)| names.contains(&bare));
        find.map(|(_, why)| (bare.to_owned(), *why))
    };
    let (at, (name, why)) = words.iter().enumerate().find_map(|(at, word)| Some((at, known(word)?)))?;
    let why = why(words.get(at + 1..).unwrap_or_default())?;
    Some(format!("`{name}` with {why}: it may change or run something"))
}

type Why = fn(&[String]) -> Option<String>;

const PROGRAMS: [(&[&str], Why); 9] = [
    (&["sed", "gsed"], sed),
    (&["awk", "gawk", "mawk", "nawk"], awk),
    (&["hostname"], |words| words.iter().find(|word| !word.starts_with('-')).cloned()),
    (&["pytest", "py.test"], |words| begins(words, &["--basetemp"])),
    (&["tox", "nox"], |words| words.iter().find(|word| acts(word)).cloned()),
    (&["make", "gmake", "just", "task"], |words| {
        words.iter().find(|word| word.contains('=') && acts(word)).cloned()
    }),
    (&["mvn", "mvnw", "mvnd", "gradle", "gradlew"], goals),
    (&["go"], |words| begins(words, &["-exec", "--exec", "-toolexec", "-vettool"])),
    (&["curl"], |words| words.iter().find(|word| word.contains("%output{")).cloned()),
];

/// The first word that is one of `options`, with or without its value.
fn begins(words: &[String], options: &[&str]) -> Option<String> {
    let is = |word: &&String| options.contains(&word.split('=').next().unwrap_or_default());
    words.iter().find(is).cloned()
}

fn acts(word: &str) -> bool {
    let word = word.to_lowercase();
    ACTS.iter().any(|act| word.contains(act))
}

/// A goal behind another that is none of a test, or a profile that acts.
fn goals(words: &[String]) -> Option<String> {
    let profile = words.iter().find(|word| word.starts_with("-P") && acts(word));
    let value = ["-f", "-pl", "-P", "-s", "-T", "-p", "-b", "-x", "--tests"];
    let named = words.iter().position(|word| word == "-P").and_then(|at| words.get(at + 1));
    let program = table::find("mvn").into_iter().chain(table::find("gradle"));
    let programs: Vec<_> = program.collect();
    let harmless = |goal: &&str| {
        let goal = [goal.rsplit(':').next().unwrap_or(goal).to_owned()];
        programs
            .iter()
            .any(|program| matches!(program.effect(&goal).0, Effect::Test | Effect::Show | Effect::Long))
    };
    let goals = table::positional(words, &value);
    let other = goals.iter().skip(1).find(|goal| !harmless(goal));
    // What runs until stopped behind a test.
    let runs = goals.iter().skip(1).find(|goal| goal.to_lowercase().contains("run"));
    profile
        .or(named.filter(|name| acts(name)))
        .cloned()
        .or_else(|| other.or(runs).map(|goal| (*goal).to_owned()))
}

fn awk(words: &[String]) -> Option<String> {
    let file =
        words.iter().find(|word| word.starts_with("-f") || word.starts_with("--file") || *word == "-i");
    let writes = |word: &&String| {
        word.match_indices("print").any(|(at, _)| {
            let behind = word.get(at..).unwrap_or_default();
            let end = behind.find(['}', ';', '\n']).unwrap_or(behind.len());
            behind.get(..end).is_some_and(|statement| statement.contains(['>', '|']))
        })
    };
    file.or_else(|| words.iter().find(writes)).cloned()
}

/// The script that runs or writes something, or is not surely read.
fn sed(words: &[String]) -> Option<String> {
    let mut scripts: Vec<&str> = Vec::new();
    let mut rest = words.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        if word.starts_with("-f") || word.starts_with("--file") {
            return Some(word.to_owned());
        } else if let Some(script) = word.strip_prefix("--expression=") {
            scripts.push(script);
        } else if word.starts_with('-') && !word.starts_with("--") && word.ends_with('e') {
            scripts.extend(rest.next());
        } else if !word.starts_with('-') && scripts.is_empty() {
            scripts.push(word);
        }
    }
    scripts.into_iter().find(|script| !only_shows(script)).map(|script| format!("`{script}`"))
}

/// Whether all commands of a script of sed (POSIX, and GNU's) are known and touch nothing but the output.
fn only_shows(script: &str) -> bool {
    let mut rest = script.chars().peekable();
    // Skips to the unescaped `end`; whether it came.
    let skip = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>, end: char| loop {
        match rest.next() {
            Some('\\') => drop(rest.next()),
            Some(c) if c == end => return true,
            Some(_) => {}
            None => return false,
        }
    };
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' | ';' | '{' | '}' | '!' | ',' | '$' | '~' | '+' | '0'..='9' => {}
            '/' => {
                if !skip(&mut rest, '/') {
                    return false;
                }
                while rest.next_if(|flag| matches!(flag, 'I' | 'M')).is_some() {}
            }
            'p' | 'P' | 'd' | 'D' | 'q' | 'Q' | '=' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | 'l' | 'z' => {
            }
            's' | 'y' => {
                let Some(mark) = rest.next() else { return false };
                if !(skip(&mut rest, mark) && skip(&mut rest, mark)) {
                    return false;
                }
                while rest
                    .next_if(|flag| matches!(flag, 'g' | 'p' | 'i' | 'I' | 'm' | 'M' | '0'..='9'))
                    .is_some()
                {}
                // Another flag runs or writes.
                if rest.peek().is_some_and(char::is_ascii_alphabetic) {
                    return false;
                }
            }
            'a' | 'i' | 'c' => while rest.next().is_some_and(|c| c != '\n') {},
            'b' | 't' | 'T' | ':' => while rest.next().is_some_and(|c| !matches!(c, '\n' | ';')) {},
            _ => return false,
        }
    }
    true
}
