//! Named targets of a package or build file, of which only the name is known.

use super::classify::Class;
use super::programs;
use super::scripts::{CHECKS, DONE_TO_TEST, words_of};
use super::table::{self, Effect, positional};
use crate::domain::plan::CommandKind;

/// `npm test`, `npm run lint`, `yarn build`: scripts of the package, by their names. `None`: the table knows.
pub(super) fn package_manager(name: &str, arguments: &[String]) -> Option<Class> {
    let value = ["--prefix", "-C", "--cwd", "--filter", "-w", "--workspace", "-F"];
    let words = positional(arguments, &value);
    let first = *words.first()?;
    let nth = if first == "workspace" { 2 } else { 0 };
    let first = *words.get(nth)?;
    let target = match first {
        "run" | "run-script" => match words.get(nth + 1) {
            Some(target) => *target,
            None => return Some(programs::of(Effect::Show, &format!("`{name} run`"))),
        },
        "test" | "t" | "tst" | "start" | "stop" | "restart" => first,
        // yarn and pnpm run a script by its bare name.
        _ if name != "npm"
            && table::find(name).is_some_and(|program| program.effect(arguments).0 == Effect::Change) =>
        {
            const OWN: [&str; 24] = [
                "install", "i", "add", "remove", "upgrade", "up", "update", "publish", "link", "unlink",
                "ci", "init", "create", "dlx", "exec", "cache", "set", "config", "import", "pack", "version",
                "login", "deploy", "npm",
            ];
            if OWN.contains(&first) {
                return None;
            }
            first
        }
        _ => return None,
    };
    Some(target_class(&format!("{name} {target}"), target))
}

/// `make test lint`: each target by its name; the worst counts.
pub(super) fn targets(name: &str, arguments: &[String]) -> Class {
    if arguments
        .iter()
        .any(|word| matches!(word.as_str(), "-n" | "--dry-run" | "--just-print" | "-l" | "--list"))
    {
        return programs::of(Effect::Show, &format!("`{name}`"));
    }
    let words = positional(arguments, &["-C", "-f", "-j", "--directory", "-s", "-e"]);
    let targets = words.iter().filter(|word| !word.contains('='));
    let classes = targets.map(|target| target_class(&format!("{name} {target}"), target));
    let worst = classes.max_by_key(|class| match class.kind {
        CommandKind::Gate => 0,
        CommandKind::LongRunning => 1,
        _ => 2,
    });
    worst.unwrap_or_else(|| Class::change(format!("`{name}` makes what its file says: taken for a mutation")))
}

/// A named target of a build file.
fn target_class(named: &str, target: &str) -> Class {
    let words = words_of(target);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let first = words.first().map_or("", String::as_str);
    let quoted = format!("`{named}`");
    if has(&["watch", "dev", "start", "serve", "preview", "storybook", "server"])
        && !has(&["test", "check", "build"])
    {
        return programs::of(Effect::Long, &quoted);
    }
    if has(&["watch"]) {
        return programs::of(Effect::Long, &quoted);
    }
    let checks = CHECKS.contains(&first)
        || matches!(
            first,
            "build" | "tsc" | "types" | "type" | "coverage" | "unit" | "integration" | "ci" | "vet"
        );
    let changes = has(&[
        "fix", "write", "update", "deploy", "publish", "release", "migrate", "push", "seed", "reset",
        "install",
    ]);
    if named.starts_with("make ") && first == "build" {
        return Class::change(format!(
            "{quoted}: what a build file does there is not known: taken for a mutation"
        ));
    }
    if has(&["test", "tests", "drill"])
        && let Some(word) = words.iter().find(|word| DONE_TO_TEST.contains(&word.as_str()))
    {
        return Class::change(format!("{quoted} may do what it tests, by its name ({word})"));
    }
    if (checks || words.iter().any(|word| CHECKS.contains(&word.as_str()))) && !changes {
        return programs::of(Effect::Test, &quoted);
    }
    Class::change(format!("{quoted}: what it does is not known: taken for a mutation"))
}
