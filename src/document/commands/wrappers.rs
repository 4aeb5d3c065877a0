//! Commands that run another command: what counts is the other one, where it can be seen.

use super::classify::{self, Class};
use super::programs;
use crate::document::shell::lex::is_name;
use crate::domain::plan::{CommandKind, Proof};

/// What the command inside of `words` is; `None`: `words` wraps none.
pub(super) fn unwrapped(words: &[String], input: Option<&str>, depth: u8) -> Option<Class> {
    let (name, rest) = words.split_first()?;
    let inner = |rest: &[String]| Some(inside(rest, input, depth));
    match name.as_str() {
        "sudo" | "doas" => Some(sudo(rest, input, depth)),
        "su" | "runuser" | "pkexec" => Some(Class::change("it acts as another user")),
        "env" => {
            let rest = past_options(rest, &["-u", "--unset", "-C", "--chdir"]);
            let set = rest.iter().take_while(|word| word.split_once('=').is_some_and(|(n, _)| is_name(n)));
            let rest = rest.get(set.count()..).unwrap_or_default();
            if rest.is_empty() {
                Some(Class::gate(Proof::Output, "it shows the environment"))
            } else {
                inner(rest)
            }
        }
        "command" if rest.first().is_some_and(|word| word == "-v" || word == "-V") => {
            Some(Class::gate(Proof::Exit, "it finds a program or not"))
        }
        "time" | "command" | "builtin" | "exec" | "caffeinate" | "chronic" | "unbuffer" | "winpty"
        | "xvfb-run" | "setsid" | "nohup" | "ionice" | "stdbuf" | "noglob" | "cross-env" | "dotenv"
        | "dotenvx" | "nice" | "cross-env-shell" => {
            let rest = past_options(rest, &["-n", "-c", "-e", "-f", "-o", "-i"]);
            let set = rest.iter().take_while(|word| word.split_once('=').is_some_and(|(n, _)| is_name(n)));
            inner(rest.get(set.count()..).unwrap_or_default())
        }
        "timeout" | "gtimeout" => {
            let rest = past_options(rest, &["-s", "--signal", "-k", "--kill-after"]);
            let mut class = inside(rest.get(1..).unwrap_or_default(), input, depth);
            if class.kind == CommandKind::LongRunning {
                class = Class::gate(
                    Proof::Output,
                    format!("{}, and is stopped after {}", class.why, rest.first()?),
                );
            }
            Some(class)
        }
        "watch" => {
            let rest = past_options(rest, &["-n", "--interval", "-d"]);
            let class = classify::statement(&rest.join(" "), depth + 1);
            Some(if class.kind == CommandKind::Gate {
                Class::long("it repeats until stopped")
            } else {
                class
            })
        }
        "xargs" => {
            let rest = past_options(rest, &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"]);
            if rest.is_empty() { Some(Class::gate(Proof::Output, "it shows words")) } else { inner(rest) }
        }
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "fish" | "ash" | "/bin/sh" | "/bin/bash" => {
            Some(shell(rest, input, depth))
        }
        "ssh" => Some(ssh(rest, input, depth)),
        _ => runner(words, input, depth).or_else(|| container(words, input, depth)),
    }
}

fn inside(words: &[String], input: Option<&str>, depth: u8) -> Class {
    if depth > 6 {
        return Class::change("commands in commands, too deep to be read: taken for a mutation");
    }
    if words.is_empty() {
        return Class::change("it opens something that is not known: taken for a mutation");
    }
    unwrapped(words, input, depth + 1).unwrap_or_else(|| programs::class(words, input, depth + 1))
}

/// What follows the options; those of `value` take the next word.
pub(super) fn past_options<'a>(words: &'a [String], value: &[&str]) -> &'a [String] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') || word.len() < 2 {
            break;
        }
        at += 1 + usize::from(value.contains(&word.as_str()));
    }
    words.get(at.min(words.len())..).unwrap_or_default()
}

fn sudo(rest: &[String], input: Option<&str>, depth: u8) -> Class {
    let value = ["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "--user", "--group"];
    let command = past_options(rest, &value);
    let options = rest.get(..rest.len() - command.len()).unwrap_or_default();
    let asks_nothing = options.iter().any(|word| word == "-n" || word == "--non-interactive");
    if !asks_nothing {
        return Class::change(
            "sudo: it acts as another user and may ask for a password (`sudo -n` would not)",
        );
    }
    inside(command, input, depth)
}

fn shell(rest: &[String], input: Option<&str>, depth: u8) -> Class {
    if rest.iter().any(|word| word == "-n") {
        return Class::gate(Proof::Exit, "it only checks a script's form");
    }
    let takes_text = rest.iter().position(|word| {
        word.starts_with('-') && !word.starts_with("--") && word.ends_with('c') && word != "-o"
    });
    if let Some(at) = takes_text {
        return match rest.get(at + 1) {
            Some(text) => classify::statement(text, depth + 1),
            None => Class::refused("`-c` without a command"),
        };
    }
    let script = past_options(rest, &["-o", "--rcfile", "--init-file"]);
    match (script, input) {
        ([], Some(input)) => lines(input, depth),
        ([], None) => Class::change("a shell that runs whatever it is given"),
        ([stdin, ..], Some(input)) if stdin == "-s" || stdin == "-" => lines(input, depth),
        ([file, ..], _) => programs::script(file, script.get(1..).unwrap_or_default()),
    }
}

/// A script that is given as input.
fn lines(script: &str, depth: u8) -> Class {
    classify::statement(script, depth + 1)
}

fn ssh(rest: &[String], input: Option<&str>, depth: u8) -> Class {
    let value = ["-i", "-p", "-l", "-o", "-F", "-J", "-L", "-R", "-D", "-b", "-c", "-m", "-W"];
    let host = past_options(rest, &value);
    let forwards = rest.iter().any(|word| word == "-N" || word == "-L" || word == "-D" || word == "-R");
    let command = past_options(host.get(1..).unwrap_or_default(), &value);
    match (command, input) {
        ([], _) if forwards => Class::long("a tunnel stays open until stopped"),
        ([], None) => Class::change("it opens a session on another machine"),
        ([], Some(input)) => lines(input, depth),
        (words, _) => classify::statement(&words.join(" "), depth + 1),
    }
}

/// `poetry run …`, `npx …` and the like.
fn runner(words: &[String], input: Option<&str>, depth: u8) -> Option<Class> {
    let first = words.first()?.as_str();
    let second = words.get(1).map_or("", String::as_str);
    let value: &[&str] = match (first, second) {
        ("npx" | "bunx" | "pnpx" | "uvx" | "pipx", _) => {
            &["-p", "--package", "-c", "--from", "--with", "--prefix"]
        }
        _ => &[
            "--with",
            "--python",
            "-p",
            "--project",
            "--directory",
            "--extra",
            "--group",
            "-n",
            "--env-file",
        ],
    };
    let skip = match (first, second) {
        ("npx" | "bunx" | "pnpx" | "uvx", _) => 1,
        (
            "poetry" | "uv" | "pipenv" | "pdm" | "hatch" | "rye" | "conda" | "mamba" | "pipx" | "pixi"
            | "doppler" | "op" | "infisical" | "devbox" | "nix",
            "run",
        )
        | ("bundle" | "npm" | "pnpm" | "yarn" | "composer", "exec")
        | ("pnpm" | "yarn", "dlx") => 2,
        _ => return None,
    };
    let rest = past_options(words.get(skip..).unwrap_or_default(), value);
    let mut rest: Vec<String> = rest.to_vec();
    if let Some(name) = rest.first_mut() {
        // `jest@29`, but a scope begins with an @ too.
        if let Some((bare, _)) = name.rsplit_once('@').filter(|(bare, _)| !bare.is_empty()) {
            *name = bare.to_owned();
        }
        if let Some((_, bare)) = name.strip_prefix('@').and_then(|name| name.split_once('/')) {
            *name = bare.to_owned();
        }
    }
    Some(inside(&rest, input, depth))
}

/// A command in a container: `docker exec NAME …`, `kubectl exec POD -- …`.
fn container(words: &[String], input: Option<&str>, depth: u8) -> Option<Class> {
    let name = words.first()?.as_str();
    let rest = words.get(1..).unwrap_or_default();
    let value: &[&str] = match name {
        "docker" | "podman" | "nerdctl" => &["-H", "--context", "-c", "--host"],
        "docker-compose" => {
            &["-f", "--file", "-p", "--project-name", "--env-file", "--profile", "--project-directory"]
        }
        "kubectl" | "oc" | "k" => &["-n", "--namespace", "--context", "--kubeconfig"],
        "heroku" => &["-a", "--app"],
        _ => return None,
    };
    let act = past_options(rest, value);
    let runs = act.first()?.as_str();
    match (name, runs) {
        ("docker" | "podman" | "nerdctl", "compose") => {
            let mut words = act.to_vec();
            if let Some(first) = words.first_mut() {
                "docker-compose".clone_into(first);
            }
            Some(inside(&words, input, depth))
        }
        ("docker" | "podman" | "nerdctl" | "docker-compose", "exec") | ("docker-compose", "run") => {
            let value = [
                "-e",
                "--env",
                "-u",
                "--user",
                "-w",
                "--workdir",
                "--env-file",
                "--index",
                "-v",
                "-p",
                "--name",
                "--entrypoint",
            ];
            let target = past_options(act.get(1..).unwrap_or_default(), &value);
            Some(inside(target.get(1..).unwrap_or_default(), input, depth))
        }
        ("kubectl" | "oc" | "k", "exec") => {
            let dashes = act.iter().position(|word| word == "--");
            let command = match dashes {
                Some(at) => act.get(at + 1..),
                None => past_options(act.get(1..).unwrap_or_default(), &["-c", "-n"]).get(1..),
            };
            Some(inside(command.unwrap_or_default(), input, depth))
        }
        ("heroku", "run") => {
            let command = past_options(act.get(1..).unwrap_or_default(), &["-a", "--app", "--size"]);
            Some(classify::statement(&command.join(" "), depth + 1))
        }
        _ => None,
    }
}
