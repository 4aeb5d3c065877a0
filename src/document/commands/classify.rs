//! What a command is: the worst of its parts. What is not known is taken for something that changes things.

use super::{dangers, programs, wrappers};
use crate::document::shell::lex::{self, Join, Simple};
use crate::domain::plan::{CommandKind, Proof};

/// Commands inside of commands are looked into so deep.
const MAX_DEPTH: u8 = 6;

/// What a command is, what says whether it passed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) kind: CommandKind,
    pub(super) proof: Proof,
    pub(super) why: String,
}

impl Class {
    pub(super) fn gate(proof: Proof, why: impl Into<String>) -> Self {
        Self { kind: CommandKind::Gate, proof, why: why.into() }
    }

    pub(super) fn change(why: impl Into<String>) -> Self {
        Self { kind: CommandKind::Mutation, proof: Proof::Output, why: why.into() }
    }

    pub(super) fn long(why: impl Into<String>) -> Self {
        Self { kind: CommandKind::LongRunning, proof: Proof::Output, why: why.into() }
    }

    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self { kind: CommandKind::Refused, proof: Proof::Output, why: why.into() }
    }

    fn weight(&self) -> u8 {
        match self.kind {
            CommandKind::Refused => 3,
            CommandKind::Mutation => 2,
            CommandKind::LongRunning => 1,
            CommandKind::Gate | CommandKind::Transcript | CommandKind::Sample => 0,
        }
    }
}

/// What `statement` is, as a shell would run it.
pub(super) fn statement(statement: &str, depth: u8) -> Class {
    if depth > MAX_DEPTH {
        return Class::change("commands in commands, too deep to be read: taken for a mutation");
    }
    let Some(found) = lex::commands(statement) else {
        return Class::change("substitutions too deep to be read: taken for a mutation");
    };
    let parts: Vec<(Simple, Class)> = found
        .into_iter()
        .map(|simple| {
            let class = part(&simple, depth);
            (simple, class)
        })
        .collect();
    if parts.iter().all(|(simple, _)| simple.defines.is_some()) {
        return Class::refused("there is no command in it");
    }
    let Some(worst) = parts.iter().map(|(_, class)| class).max_by(|a, b| heavier(a, b)) else {
        return Class::refused("there is no command in it");
    };
    let endless = |(simple, _): &(Simple, Class)| {
        simple.condition
            && simple.words.first().is_some_and(|name| matches!(name.as_str(), "true" | ":" | "[ 1 ]"))
    };
    if worst.kind == CommandKind::Gate && parts.iter().any(endless) {
        return Class::long("an endless loop");
    }
    let mut class = worst.clone();
    if class.kind == CommandKind::Gate {
        class.proof = proof(statement, &parts);
        class.why = said(&parts, class.proof);
    }
    class
}

/// Of equal parts, the first is told.
fn heavier(a: &Class, b: &Class) -> std::cmp::Ordering {
    a.weight().cmp(&b.weight()).then(std::cmp::Ordering::Greater)
}

fn part(simple: &Simple, depth: u8) -> Class {
    if let Some(name) = &simple.defines {
        return defined(name);
    }
    if let Some((name, _)) = simple.assigns.iter().find(|(name, _)| runs(name)) {
        return Class::change(format!("what `{name}` names may be run"));
    }
    if let Some(file) = simple.writes.iter().find(|file| !is_nowhere(file)) {
        return Class::change(format!("it writes {file}"));
    }
    if let Some(input) = simple.input.as_ref().filter(|input| input.contains("$(") || input.contains('`')) {
        let _ = input;
        return Class::change("a command in its input: taken for a mutation");
    }
    let mut class = match simple.words.as_slice() {
        [] => Class::gate(Proof::Setup, "it sets variables"),
        words => wrappers::unwrapped(words, simple.input.as_deref(), depth)
            .unwrap_or_else(|| programs::class(words, simple.input.as_deref(), depth)),
    };
    if class.kind == CommandKind::Gate
        && matches!(class.proof, Proof::Exit | Proof::Counts)
        && let Some(option) = mends(&simple.words)
    {
        return Class::change(format!("`{option}` makes it change what it tests"));
    }
    if class.kind == CommandKind::Gate
        && let Some(why) = dangers::of(&simple.words)
    {
        return Class::change(why);
    }
    if simple.negated && class.kind == CommandKind::Gate {
        class.proof = Proof::Exit;
    }
    if simple.join == Join::Background && class.kind == CommandKind::Gate {
        class.proof = lost(class.proof);
    }
    class
}

/// The head of a function. One that is called as a program is would be taken for that program where it is called.
fn defined(name: &str) -> Class {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if plain && !programs::is_known(name) {
        Class::gate(Proof::Setup, "it defines a function")
    } else {
        Class::change(format!("it gives `{name}` another meaning"))
    }
}

/// Whether programs run what a variable of this name says.
fn runs(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "BASH_ENV",
        "EDITOR",
        "ENV",
        "GIT_EXTERNAL_DIFF",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "LESSOPEN",
        "MANPAGER",
        "PAGER",
        "PERL5OPT",
        "PROMPT_COMMAND",
        "VISUAL",
    ];
    let git = name.starts_with("GIT_")
        && ["_PAGER", "_EDITOR", "_SSH", "_COMMAND"].iter().any(|end| name.ends_with(end));
    NAMES.contains(&name) || git
}

/// The option with which a test also mends what it tests, or takes what it finds for right.
fn mends(words: &[String]) -> Option<&str> {
    const MENDS: [&str; 22] = [
        "--fix",
        "--autofix",
        "--auto-fix",
        "--auto-correct",
        "--autocorrect",
        "--write",
        "--in-place",
        "--apply",
        "--repair",
        "--accept",
        "--bless",
        "--update",
        "--delete",
        "--prune",
        "--updateSnapshot",
        "--update-snapshot",
        "--update-snapshots",
        "--snapshot-update",
        "--update-baseline",
        "--update-goldens",
        "--force-regen",
        "-update",
    ];
    const SNAPSHOTS: [&str; 7] = ["jest", "vitest", "npm", "pnpm", "yarn", "npx", "bun"];
    let snapshots = words.first().is_some_and(|name| SNAPSHOTS.contains(&name.as_str()));
    let arguments = words.iter().skip(1).map(String::as_str);
    let mut options = arguments.filter(|word| {
        let option = word.split('=').next().unwrap_or(word);
        MENDS.contains(&option) || (snapshots && *word == "-u")
    });
    options.next()
}

/// Where output goes that is thrown away or shown.
fn is_nowhere(file: &str) -> bool {
    matches!(file, "/dev/null" | "/dev/stderr" | "/dev/stdout" | "/dev/tty" | "-" | "NUL" | "nul" | "$null")
        || file.bytes().all(|byte| byte.is_ascii_digit())
}

/// A proof whose exit status is lost.
fn lost(proof: Proof) -> Proof {
    if proof == Proof::Exit { Proof::Counts } else { proof }
}

/// What says whether a list of gates passed. Only of commands joined by `&&` does the exit status speak for all.
fn proof(statement: &str, parts: &[(Simple, Class)]) -> Proof {
    let outer: Vec<&(Simple, Class)> = parts.iter().filter(|(simple, _)| !simple.nested).collect();
    let first = statement.split([' ', '\n', '\t', ';', '(']).next().unwrap_or_default();
    let compound =
        matches!(first, "if" | "for" | "while" | "until" | "case" | "select" | "function" | "{" | "");
    let mut sum = Proof::Setup;
    for (at, (simple, class)) in outer.iter().enumerate() {
        let last = at + 1 == outer.len();
        let after = outer.get(at + 1..).unwrap_or_default();
        let kept = match simple.join {
            _ if compound => false,
            _ if last => true,
            Join::And => true,
            Join::Or => gives_up(after),
            Join::Then | Join::Pipe | Join::Background => false,
        };
        // What only feeds a pipe is judged by the pipe's end.
        let feeds = simple.join == Join::Pipe && !last && class.proof == Proof::Output;
        let proof = match class.proof {
            _ if feeds => Proof::Setup,
            // `|| exit 1` says nothing by itself, and `pytest | tail` is judged by what pytest printed.
            Proof::Output if sum == Proof::Counts => Proof::Setup,
            proof if kept => proof,
            proof => lost(proof),
        };
        sum = weaker(sum, proof);
    }
    sum
}

/// Whether what stands behind `||` only says so and fails.
fn gives_up(after: &[&(Simple, Class)]) -> bool {
    let fails = |(simple, _): &&(Simple, Class)| {
        matches!(simple.words.first().map(String::as_str), Some("exit" | "return" | "false"))
            && simple.words.get(1).is_none_or(|status| status != "0")
    };
    after.iter().all(|(_, class)| class.proof == Proof::Setup) && after.iter().any(fails)
}

fn weaker(a: Proof, b: Proof) -> Proof {
    let rank = |proof: Proof| match proof {
        Proof::Setup => 0,
        Proof::Exit => 1,
        Proof::Counts => 2,
        Proof::Output => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// The reason of the part that decides.
fn said(parts: &[(Simple, Class)], proof: Proof) -> String {
    let decides =
        |class: &Class| class.proof == proof || (proof == Proof::Counts && class.proof == Proof::Exit);
    let part = parts.iter().map(|(_, class)| class).find(|class| decides(class));
    let why = part.or_else(|| parts.first().map(|(_, class)| class)).map_or("", |class| &class.why);
    if proof == Proof::Counts {
        return format!("{why}; its exit status is lost, so its counts must say it");
    }
    why.to_owned()
}
