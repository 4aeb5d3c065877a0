//! A team's own scripts and targets, of which only the name is known.

use super::classify::Class;
use super::table::{Effect, positional};
use super::{programs, targets};
use crate::domain::plan::Proof;

/// Words at the beginning or end of a name that say that something is looked at.
pub(super) const CHECKS: [&str; 32] = [
    "test",
    "tests",
    "check",
    "checks",
    "verify",
    "verification",
    "validate",
    "validation",
    "validator",
    "lint",
    "smoke",
    "health",
    "healthcheck",
    "status",
    "audit",
    "inspect",
    "list",
    "show",
    "diagnose",
    "doctor",
    "benchmark",
    "bench",
    "spec",
    "e2e",
    "typecheck",
    "preflight",
    "assert",
    "probe",
    "compare",
    "monitor",
    "report",
    "scan",
];
/// Words anywhere in a name that say that something is changed.
const CHANGES: [&str; 52] = [
    "deploy",
    "rollback",
    "migrate",
    "migration",
    "migrations",
    "release",
    "publish",
    "restore",
    "backup",
    "seed",
    "reset",
    "delete",
    "drop",
    "remove",
    "clean",
    "cleanup",
    "purge",
    "create",
    "update",
    "upgrade",
    "install",
    "setup",
    "init",
    "provision",
    "promote",
    "push",
    "sync",
    "stop",
    "restart",
    "enable",
    "disable",
    "set",
    "apply",
    "fix",
    "flush",
    "rotate",
    "failover",
    "switch",
    "scale",
    "drain",
    "import",
    "export",
    "send",
    "notify",
    "write",
    "bootstrap",
    "teardown",
    "destroy",
    "revert",
    "cutover",
    "generate",
    "up",
];
/// What a test does by doing it: `test-restore.sh` restores something, `alerts:test` sends an alert.
pub(super) const DONE_TO_TEST: [&str; 14] = [
    "restore",
    "failover",
    "rollback",
    "quarantine",
    "alert",
    "alerts",
    "notification",
    "notifications",
    "chaos",
    "destroy",
    "teardown",
    "purge",
    "cutover",
    "drain",
];
/// Names of programs that serve or watch.
const SERVES: [&str; 14] = [
    "server",
    "serve",
    "launcher",
    "runserver",
    "dev",
    "start",
    "worker",
    "watch",
    "daemon",
    "app",
    "preview",
    "listen",
    "wsgi",
    "asgi",
];

/// What a script called `file` is. Where the name says nothing, it is taken for a mutation.
pub(super) fn by_name(file: &str, _arguments: &[String]) -> Class {
    let bare = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = bare.rsplit_once('.').map_or(bare, |(stem, _)| stem);
    let words = words_of(stem);
    let is = |list: &[&str], word: Option<&String>| word.is_some_and(|word| list.contains(&word.as_str()));
    let (first, last) = (words.first(), words.last());
    let around = is(&["pre", "post", "after", "before"], first) && is(&CHECKS, last);
    let named = format!("`{bare}`");
    // "check_and_fix" does both, where "check_deploy" looks at one.
    let and = words.iter().position(|word| matches!(word.as_str(), "and" | "then" | "or" | "und"));
    let then = and.and_then(|and| words.get(and + 1..)).unwrap_or_default();
    // A test of a restore restores; a file of tests in a language has a runner, and is named after what it tests.
    let tried = ["test", "tests", "drill"].iter().any(|word| words.iter().any(|known| known == word));
    let of_runner = [".py", ".js", ".ts", ".rb", ".mjs", ".cjs"].iter().any(|end| bare.ends_with(end));
    if tried
        && !of_runner
        && let Some(word) = words.iter().find(|word| DONE_TO_TEST.contains(&word.as_str()))
    {
        return Class::change(format!("{named} may do what it tests, by its name ({word})"));
    }
    if (is(&CHECKS, first) || around) && !then.iter().any(|word| CHANGES.contains(&word.as_str())) {
        return Class::gate(
            Proof::Exit,
            format!("{named} tests, by its name: its exit status is its result"),
        );
    }
    if let Some(word) = words.iter().find(|word| CHANGES.contains(&word.as_str())) {
        return Class::change(format!("{named} changes something, by its name ({word})"));
    }
    if words.iter().any(|word| CHECKS.contains(&word.as_str())) {
        return Class::gate(
            Proof::Exit,
            format!("{named} tests, by its name: its exit status is its result"),
        );
    }
    if is(&SERVES, last) || is(&SERVES, first) {
        return Class::long(format!("{named} serves or watches, by its name"));
    }
    Class::change(format!("{named} is not known: taken for a mutation"))
}

/// `deployToProd`, `deploy_to-prod` → deploy, to, prod.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            lower = false;
            continue;
        }
        if c.is_uppercase() && lower {
            words.push(String::new());
        }
        lower = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `python file.py`, `python -m module`, `python -c code`.
pub(super) fn python(arguments: &[String], input: Option<&str>) -> Class {
    let mut rest = arguments;
    while let Some((word, more)) = rest.split_first() {
        match word.as_str() {
            "-m" => return module(more),
            "-c" => return code(more.first().map_or("", String::as_str)),
            "-W" | "-X" => rest = more.get(1..).unwrap_or_default(),
            "-" => break,
            word if word.starts_with('-') => rest = more,
            file if file.ends_with("manage.py") => return django(more),
            file => return by_name(file, more),
        }
    }
    match input {
        Some(text) => code(text),
        None => Class::change("it opens an interpreter, or runs what it is given"),
    }
}

fn module(words: &[String]) -> Class {
    let Some((name, rest)) = words.split_first() else { return Class::refused("`-m` without a module") };
    match name.as_str() {
        "unittest" | "doctest" | "compileall" | "py_compile" | "tabnanny" | "nose" => {
            programs::of(Effect::Test, &format!("`{name}`"))
        }
        "http.server" | "SimpleHTTPServer" | "smtpd" => programs::of(Effect::Long, &format!("`{name}`")),
        "venv" | "virtualenv" | "ensurepip" | "build" => {
            Class::change(format!("`{name}` changes the environment"))
        }
        "json.tool" if rest.iter().filter(|word| !word.starts_with('-')).count() > 1 => {
            Class::change("`json.tool` writes its second file")
        }
        "json.tool" | "timeit" | "site" | "platform" | "sysconfig" => {
            programs::of(Effect::Show, &format!("`{name}`"))
        }
        name if name.contains('.') => by_name(name.rsplit('.').next().unwrap_or(name), rest),
        name if super::table::find(name).is_some() => programs::class(words, None, 0),
        name => by_name(name, rest),
    }
}

/// Code on the command line: harmless if it only imports, asserts and prints.
fn code(text: &str) -> Class {
    const ACTS: [&str; 30] = [
        "open(",
        "write",
        "delete",
        "remove",
        "save",
        "create",
        "update",
        "insert",
        "drop",
        "exec",
        "eval",
        "system",
        "subprocess",
        "post(",
        "put(",
        "patch(",
        "send",
        "flush",
        "set(",
        "commit",
        "unlink",
        "rmtree",
        "popen",
        "call(",
        "run(",
        "migrate",
        "publish",
        "setattr",
        "kill",
        "environ[",
    ];
    let harmless =
        text.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty()).all(|line| {
            ["import ", "from ", "print(", "assert "].iter().any(|begin| line.starts_with(begin))
        });
    let lower = text.to_lowercase();
    if !text.trim().is_empty() && harmless && !ACTS.iter().any(|act| lower.contains(act)) {
        return Class::gate(Proof::Output, "code that only imports and prints");
    }
    Class::change("code that is not understood here: taken for a mutation")
}

fn django(words: &[String]) -> Class {
    let has = |option: &str| words.iter().any(|word| word == option);
    let act = words.first().map_or("", String::as_str);
    let named = format!("`manage.py {act}`");
    let effect = match act {
        "test" | "check" | "validate_templates" => Effect::Test,
        "migrate" | "makemigrations" if has("--check") => Effect::Test,
        "showmigrations" | "diffsettings" | "sqlmigrate" | "inspectdb" | "version" | "show_urls" => {
            Effect::Show
        }
        "migrate" | "makemigrations" | "collectstatic" if has("--plan") || has("--dry-run") => Effect::Show,
        "runserver" | "runserver_plus" | "qcluster" | "runworker" => Effect::Long,
        "migrate" | "makemigrations" | "collectstatic" | "loaddata" | "flush" | "createsuperuser"
        | "shell" | "dbshell" => Effect::Change,
        act => return by_name(act, &[]),
    };
    programs::of(effect, &named)
}

/// `node file.js`, `ruby file.rb`, `deno test`; `None`: the table knows better.
pub(super) fn interpreter(name: &str, arguments: &[String]) -> Option<Class> {
    let first = arguments.first().map_or("", String::as_str);
    let by_word = match (name, first) {
        ("node", "--test") | ("deno", "test" | "check" | "lint") | ("bun", "test") => Effect::Test,
        ("php", "-l") | ("ruby" | "perl", "-c" | "-wc") | ("node", "--check" | "-c") => Effect::Test,
        ("php", "-v" | "-m" | "-i") | ("java", "-version") => Effect::Show,
        ("php", "-S") | ("deno" | "bun", "serve" | "dev") => Effect::Long,
        ("bun", "run") => return targets::package_manager("npm", arguments),
        _ => Effect::Change,
    };
    if by_word != Effect::Change {
        return Some(programs::of(by_word, &format!("`{name} {first}`")));
    }
    let takes_code = arguments.iter().any(|word| {
        matches!(
            word.as_str(),
            "-e" | "-p" | "-r" | "--eval" | "--print" | "-pe" | "-ne" | "-pi" | "-i" | "eval"
        )
    });
    if takes_code {
        return Some(Class::change("code that is not understood here: taken for a mutation"));
    }
    if name == "java" && arguments.iter().any(|word| word == "-jar") {
        return Some(programs::of(Effect::Long, "`java -jar`"));
    }
    let skip = usize::from(name == "deno" && first == "run");
    let rest = arguments.get(skip..).unwrap_or_default();
    let words = positional(rest, &["-r", "--require", "--import", "--loader", "-I", "--env-file"]);
    let file = words.first()?;
    if *file == "artisan" || file.ends_with("bin/console") {
        return Some(artisan(words.get(1).copied().unwrap_or_default()));
    }
    let stem = file.rsplit('/').next().and_then(|bare| bare.split('.').next()).unwrap_or(file);
    if stem == "index" || stem == "main" && name == "node" {
        return Some(Class::long(format!("`{file}` serves, by its name")));
    }
    Some(by_name(file, &[]))
}

/// Laravel's and Symfony's consoles.
fn artisan(act: &str) -> Class {
    let effect = match act {
        "test" => Effect::Test,
        "migrate:status" | "route:list" | "about" | "list" | "queue:failed" | "schedule:list"
        | "debug:router" => Effect::Show,
        "serve" | "queue:work" | "queue:listen" | "horizon" | "schedule:work" | "tinker" => Effect::Long,
        _ => Effect::Change,
    };
    programs::of(effect, &format!("`{act}`"))
}

/// `source file`: an environment is only set up; other scripts may do anything.
pub(super) fn sourced(name: &str, arguments: &[String]) -> Class {
    let file = arguments.first().map_or("", String::as_str);
    let bare = file.rsplit('/').next().unwrap_or(file);
    let environment = bare == "activate"
        || bare.starts_with("activate.")
        || bare.starts_with(".env")
        || bare.rsplit_once('.').is_some_and(|(_, end)| end == "env")
        || matches!(
            bare,
            ".bashrc"
                | ".zshrc"
                | ".profile"
                | ".bash_profile"
                | "env.sh"
                | "setenv.sh"
                | "nvm.sh"
                | "environment"
        );
    if name != "eval" && environment {
        return Class::gate(Proof::Setup, format!("`{file}` sets up the shell"));
    }
    Class::change(format!("`{name}` runs what is not read here: taken for a mutation"))
}
