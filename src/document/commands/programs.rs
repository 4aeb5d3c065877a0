//! What a program does with its words, where that is known.

use super::classify::Class;
use super::table::{self, Effect};
use super::{cloud, data, http, scripts, targets};
use crate::domain::plan::{CommandKind, Proof};

/// What the simple command `words` is.
pub(super) fn class(words: &[String], input: Option<&str>, depth: u8) -> Class {
    let Some((name, arguments)) = words.split_first() else {
        return Class::refused("there is no command in it");
    };
    let bare = name.rsplit('/').next().unwrap_or(name);
    if name.contains('/') && !is_installed(name) {
        return script(name, arguments);
    }
    if arguments.len() == 1 && arguments.iter().all(|word| is_question(word)) && !bare.is_empty() {
        return Class::gate(Proof::Output, format!("`{bare}` tells about itself"));
    }
    special(bare, arguments, input, depth).unwrap_or_else(|| known(bare, arguments))
}

const MORE: [&str; 78] = [
    "curl",
    "wget",
    "http",
    "https",
    "xh",
    "httpie",
    "grpcurl",
    "cockroach",
    "gcloud",
    "aws",
    "az",
    "python",
    "python3",
    "py",
    "python2",
    "pypy3",
    "node",
    "ts-node",
    "deno",
    "ruby",
    "php",
    "perl",
    "java",
    "bun",
    "Rscript",
    "elixir",
    "lua",
    "just",
    "task",
    "gmake",
    "mage",
    "eval",
    "source",
    ".",
    "ping",
    "ping6",
    "find",
    "tee",
    "sponge",
    "sudo",
    "doas",
    "su",
    "env",
    "time",
    "command",
    "exec",
    "nohup",
    "nice",
    "timeout",
    "gtimeout",
    "watch",
    "xargs",
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "ssh",
    "npx",
    "bunx",
    "pnpx",
    "uvx",
    "pipx",
    "if",
    "for",
    "while",
    "until",
    "case",
    "{",
    "(",
    "!",
    "cross-env",
    "dotenv",
    "mosh",
    "parallel",
    "stdbuf",
    "kubeadm",
    "eksctl",
];

/// Whether something is known of the program called `name`.
pub(super) fn is_known(name: &str) -> bool {
    table::find(name).is_some() || MORE.contains(&name)
}

/// A script of the team, by its name.
pub(super) fn script(file: &str, arguments: &[String]) -> Class {
    scripts::by_name(file, arguments)
}

/// Whether a path names a program of a package rather than a script of the team.
fn is_installed(path: &str) -> bool {
    const PLACES: [&str; 8] =
        ["/usr/", "/bin/", "/sbin/", "/opt/", "node_modules/.bin/", "vendor/bin/", "venv/bin/", "/snap/"];
    const NAMES: [&str; 9] = ["gradlew", "mvnw", "rails", "rake", "rspec", "bundle", "nx", "turbo", "pants"];
    let bare = path.rsplit('/').next().unwrap_or(path);
    PLACES.iter().any(|place| path.contains(place) && (!place.starts_with('/') || path.starts_with(place)))
        || NAMES.contains(&bare)
}

fn is_question(word: &str) -> bool {
    matches!(word, "--version" | "-V" | "--help" | "-h" | "version" | "help")
}

/// By the table.
fn known(name: &str, arguments: &[String]) -> Class {
    let Some(program) = table::find(name) else {
        return Class::change(format!("`{name}` is not known: taken for a mutation"));
    };
    let (effect, said) = program.effect(arguments);
    let named = if said.is_empty() { format!("`{name}`") } else { format!("`{name} {said}`") };
    of(effect, &named)
}

/// The class of an effect of the command called `named`.
pub(super) fn of(effect: Effect, named: &str) -> Class {
    match effect {
        Effect::Test => Class::gate(Proof::Exit, format!("{named} tests: its exit status is its result")),
        Effect::Show => {
            Class::gate(Proof::Output, format!("{named} shows a state: only its output is evidence"))
        }
        Effect::Setup => Class::gate(Proof::Setup, format!("{named} prepares the shell or waits")),
        Effect::Change => Class::change(format!("{named} changes something")),
        Effect::Long => Class::long(format!("{named} runs until stopped")),
    }
}

/// Programs whose words have a meaning that a table cannot tell.
fn special(name: &str, arguments: &[String], input: Option<&str>, depth: u8) -> Option<Class> {
    let has = |option: &str| arguments.iter().any(|word| word == option);
    Some(match name {
        "curl" => http::curl(arguments),
        "wget" => http::wget(arguments),
        "http" | "https" | "xh" | "xhs" | "httpie" => http::httpie(arguments),
        "grpcurl" => of(Effect::Show, "`grpcurl`"),
        "psql" | "mysql" | "mariadb" | "sqlite3" | "cockroach" | "clickhouse-client" | "sqlcmd" | "cqlsh" => {
            data::sql_client(name, arguments, input)
        }
        "redis-cli" | "valkey-cli" => data::redis(name, arguments, input),
        "mongosh" | "mongo" => data::mongo(name, arguments),
        "gcloud" | "aws" | "az" => cloud::cloud(name, arguments),
        "python" | "python3" | "py" | "python2" | "pypy3" => scripts::python(arguments, input),
        "node" | "ts-node" | "deno" | "ruby" | "php" | "perl" | "java" | "bun" | "tsx" | "Rscript"
        | "elixir" | "lua" => {
            return scripts::interpreter(name, arguments);
        }
        "npm" | "pnpm" | "yarn" => return targets::package_manager(name, arguments),
        "make" | "just" | "task" | "gmake" | "rake" | "invoke" | "inv" | "nox" | "mage" => {
            targets::targets(name, arguments)
        }
        "eval" | "source" | "." => scripts::sourced(name, arguments),
        "ping" | "ping6" => {
            let counted = arguments.iter().any(|word| word.starts_with("-c") || word == "-n");
            of(if counted { Effect::Test } else { Effect::Long }, "`ping`")
        }
        "sleep" if has("infinity") => of(Effect::Long, "`sleep infinity`"),
        "find" | "sed" | "awk" | "gawk" | "tee" | "sponge" => tool(name, arguments, depth),
        "docker-compose" | "podman-compose"
            if has("up") && (has("-d") || has("--detach") || has("--wait")) =>
        {
            of(Effect::Change, "`docker-compose up -d`")
        }
        "kubectl" | "oc" | "k" | "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose"
            if follows(arguments) =>
        {
            of(Effect::Long, &format!("`{name} logs -f`"))
        }
        "git" => return git(arguments),
        "trap" => trap(arguments, depth),
        "terraform" | "tofu" if has("fmt") => {
            of(if has("-check") { Effect::Test } else { Effect::Change }, "`terraform fmt`")
        }
        "cargo" if table::positional(arguments, &[]).first() == Some(&"fmt") => {
            of(if has("--check") { Effect::Test } else { Effect::Change }, "`cargo fmt`")
        }
        "date" if has("-s") || arguments.iter().any(|word| word.starts_with("--set")) => {
            of(Effect::Change, "`date`")
        }
        _ => return None,
    })
}

/// Tools for files and text that also can change files.
fn tool(name: &str, arguments: &[String], depth: u8) -> Class {
    match name {
        "find" => {
            let acts = ["-delete", "-exec", "-execdir", "-ok", "-okdir", "-fprint", "-fls", "-fprintf"];
            match arguments.iter().position(|word| acts.contains(&word.as_str())) {
                Some(at) if arguments.get(at).is_some_and(|word| word.starts_with("-exec")) => {
                    let words = arguments.get(at + 1..).unwrap_or_default();
                    let end = words.iter().position(|word| word == ";" || word == "+").unwrap_or(words.len());
                    let inner = words.get(..end).unwrap_or_default();
                    // What stands behind the command is not looked at again.
                    let more = words.get(end + 1..).unwrap_or_default();
                    if depth > 6 || more.iter().any(|word| acts.contains(&word.as_str())) {
                        of(Effect::Change, "`find`")
                    } else {
                        super::wrappers::unwrapped(inner, None, depth + 1)
                            .unwrap_or_else(|| class(inner, None, depth + 1))
                    }
                }
                Some(_) => of(Effect::Change, "`find`"),
                None => of(Effect::Show, "`find`"),
            }
        }
        "sed" => {
            let edits = arguments.iter().any(|word| {
                word.starts_with("--in-place")
                    || (word.starts_with('-') && !word.starts_with("--") && word.contains('i'))
            });
            of(if edits { Effect::Change } else { Effect::Show }, "`sed`")
        }
        "awk" | "gawk" => {
            let acts = arguments.iter().any(|word| {
                ["system(", "> \"", ">\"", "| \"", "|\"", "getline"].iter().any(|act| word.contains(act))
            });
            of(if acts { Effect::Change } else { Effect::Show }, "`awk`")
        }
        "tee" | "sponge" => {
            match arguments.iter().find(|word| !word.starts_with('-') && *word != "/dev/null") {
                Some(file) => Class::change(format!("it writes {file}")),
                None => of(Effect::Show, "`tee`"),
            }
        }
        _ => of(Effect::Change, &format!("`{name}`")),
    }
}

/// Whether logs are followed: `-f` before `logs` names a file.
fn follows(arguments: &[String]) -> bool {
    let logs = arguments.iter().position(|word| word == "logs" || word == "events");
    logs.and_then(|at| arguments.get(at..)).is_some_and(|rest| {
        rest.iter().any(|word| {
            word == "--follow"
                || (word.starts_with('-') && !word.starts_with("--") && word.contains('f') && word.len() <= 4)
        })
    })
}

/// `trap 'rm x' EXIT`: its words are run later, unseen, so it is what they are.
fn trap(arguments: &[String], depth: u8) -> Class {
    let words = arguments.iter().map(String::as_str).find(|word| *word == "-" || !word.starts_with('-'));
    match words.filter(|words| !matches!(*words, "" | "-")) {
        Some(words) if arguments.len() > 1 => match super::classify::statement(words, depth + 1) {
            class if class.kind == CommandKind::Gate => of(Effect::Setup, "`trap`"),
            class => Class::change(format!("`trap` runs at its end: {}", class.why)),
        },
        _ => of(Effect::Setup, "`trap`"),
    }
}

/// The option by which git runs or writes something, whatever its command shows.
fn git_runs(arguments: &[String]) -> Option<&str> {
    const HARMLESS: [&str; 5] = ["color.", "core.quotepath=", "advice.", "user.", "safe.directory="];
    let mut rest = arguments.iter().map(String::as_str);
    let command = loop {
        match rest.next()? {
            "-c" => {
                let key = rest.next().unwrap_or_default();
                if !HARMLESS.iter().any(|harmless| key.to_ascii_lowercase().starts_with(harmless)) {
                    return Some("-c");
                }
            }
            "-C" | "--git-dir" | "--work-tree" | "--namespace" => drop(rest.next()),
            word if word.starts_with("--exec-path=") || word.starts_with("--config-env") => {
                return Some(word);
            }
            word if word.starts_with('-') => {}
            word => break word,
        }
    };
    let runs = ["--output", "--ext-diff", "--textconv", "--upload-pack", "--open-files-in-pager"];
    rest.find(|word| {
        runs.contains(&word.split('=').next().unwrap_or_default())
            || (command == "grep" && word.starts_with("-O"))
    })
}

/// Where git lists with options what it changes with words.
fn git(arguments: &[String]) -> Option<Class> {
    if let Some(option) = git_runs(arguments) {
        return Some(Class::change(format!("`git` with `{option}` may run or write something")));
    }
    let words = table::positional(arguments, &["-C", "-c", "--git-dir", "--work-tree"]);
    let has = |options: &[&str]| arguments.iter().any(|word| options.contains(&word.as_str()));
    let lists = match *words.first()? {
        "branch" => {
            !has(&[
                "-d",
                "-D",
                "-m",
                "-M",
                "-c",
                "-C",
                "-u",
                "-f",
                "--delete",
                "--move",
                "--force",
                "--copy",
                "--unset-upstream",
            ]) && (words.len() == 1
                || has(&[
                    "-l",
                    "--list",
                    "--contains",
                    "--merged",
                    "--no-merged",
                    "-r",
                    "-a",
                    "-v",
                    "-vv",
                    "--points-at",
                ]))
        }
        "tag" => {
            !has(&["-d", "--delete", "-f", "-a", "-s", "-m"])
                && (words.len() == 1
                    || has(&["-l", "--list", "--contains", "--points-at", "-n", "--sort", "-v", "--verify"]))
        }
        "config" => has(&["--get", "--list", "-l", "--get-all", "--get-regexp"]),
        "push" | "add" | "clean" | "fetch" if has(&["--dry-run", "-n"]) => true,
        _ => return None,
    };
    Some(if lists {
        of(Effect::Show, &format!("`git {}`", words.first()?))
    } else {
        of(Effect::Change, &format!("`git {}`", words.first()?))
    })
}
