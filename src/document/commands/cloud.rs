//! Clients of clouds: whether they only read.

use super::classify::Class;
use super::data::reads;
use super::table::positional;
use crate::domain::plan::Proof;

/// `gcloud`, `aws`, `az`: the verb says it.
pub(super) fn cloud(name: &str, arguments: &[String]) -> Class {
    const VALUE: [&str; 24] = [
        "--project",
        "--region",
        "--zone",
        "--format",
        "--filter",
        "--limit",
        "--account",
        "--profile",
        "--output",
        "-o",
        "--query",
        "-g",
        "--resource-group",
        "-n",
        "--name",
        "--subscription",
        "--service",
        "--platform",
        "--cluster",
        "--configuration",
        "--endpoint-url",
        "--sort-by",
        "--location",
        "--namespace",
    ];
    let words = positional(arguments, &VALUE);
    let first = words.first().copied().unwrap_or_default();
    // The words that name the act: groups and a verb come before any name of a thing.
    let verb = words.iter().take(6).find(|word| is_verb(word)).copied();
    let said = words.iter().take(4).copied().collect::<Vec<_>>().join(" ");
    let follows = arguments.iter().any(|word| word == "--follow" || word == "-f");
    match (name, first, verb) {
        (_, _, Some("tail" | "proxy" | "start-session" | "port-forward")) if name != "aws" || follows => {
            Class::long(format!("`{name} {said}` runs until stopped"))
        }
        ("aws", "logs", Some("tail")) => reads(name),
        ("aws", _, Some("wait")) | ("aws", "cloudformation", Some("validate-template")) => Class::gate(
            Proof::Exit,
            format!("`{name} {said}` waits for a state: its exit status is its result"),
        ),
        ("az" | "gcloud", "version" | "info", _) => reads(&format!("{name} {said}")),
        (_, _, Some(verb)) if reads_only(verb) => reads(&format!("{name} {said}")),
        _ => Class::change(format!("`{name} {said}` changes something")),
    }
}

fn reads_only(verb: &str) -> bool {
    const BEGINS: [&str; 7] = ["describe-", "get-", "list-", "head-", "lookup-", "print-", "check-"];
    const LOCAL: [&str; 4] =
        ["get-credentials", "get-login", "get-upgrades-and-apply", "get-secret-value-to-file"];
    matches!(
        verb,
        "list"
            | "describe"
            | "ls"
            | "show"
            | "read"
            | "get-value"
            | "get"
            | "wait"
            | "filter-log-events"
            | "exists"
            | "history"
            | "scan"
            | "query"
            | "search"
    ) || (BEGINS.iter().any(|begin| verb.starts_with(begin)) && !LOCAL.contains(&verb))
}

const CHANGES: [&str; 60] = [
    "deploy",
    "update",
    "create",
    "delete",
    "set",
    "add",
    "remove",
    "apply",
    "submit",
    "import",
    "export",
    "restart",
    "start",
    "stop",
    "reset",
    "resize",
    "scale",
    "rollback",
    "promote",
    "enable",
    "disable",
    "execute",
    "run-command",
    "invoke",
    "call",
    "cp",
    "mv",
    "rm",
    "sync",
    "mb",
    "rb",
    "login",
    "logout",
    "activate",
    "configure",
    "replace",
    "restore",
    "failover",
    "patch",
    "clone",
    "move",
    "push",
    "pull",
    "tag",
    "untag",
    "upgrade",
    "drain",
    "cancel",
    "abandon",
    "attach",
    "detach",
    "publish",
    "put",
    "upload",
    "download",
    "ssh",
    "scp",
    "swap",
    "purge",
    "init",
];
const CHANGES_BEGIN: [&str; 21] = [
    "create-",
    "delete-",
    "update-",
    "put-",
    "modify-",
    "start-",
    "stop-",
    "set-",
    "add-",
    "remove-",
    "register-",
    "deregister-",
    "invoke-",
    "restore-",
    "rollback-",
    "clear-",
    "reset-",
    "execute-",
    "send-",
    "publish-",
    "batch-",
];

/// Whether a word is what is done, rather than a group of commands.
fn is_verb(word: &str) -> bool {
    reads_only(word)
        || matches!(word, "tail" | "proxy" | "port-forward" | "validate-template")
        || CHANGES.contains(&word)
        || CHANGES_BEGIN.iter().any(|begin| word.starts_with(begin))
}
