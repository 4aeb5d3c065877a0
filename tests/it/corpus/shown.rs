//! A reading as lists of short lines, which a person can write down without the program.
//!
//! Lines of the file are told by what stands in them, so that nobody counts.

use warroom::domain::plan::{
    Bound, Check, Command, Named, Plan, PlannedStage, Query, RoleKind, Stated, Threshold,
};
use warroom::domain::{Clean, Document, Item, Meaning, Section};

use super::want::Parts;

/// All of a reading.
pub(super) fn parts(document: &Document, source: &str) -> Parts {
    let plan = &document.plan;
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let at = |line: u32| -> String {
        let index = (line as usize).checked_sub(1);
        index.map_or("(the file)", |index| lines.get(index).copied().unwrap_or("(beyond the end)")).to_owned()
    };
    [
        ("total", vec![total(document)]),
        ("kinds", vec![kinds(document)]),
        ("items", document.sections.iter().map(section).collect()),
        ("told", super::items(document).filter_map(told).collect()),
        ("commands", plan.commands.iter().map(command).collect()),
        ("panels", plan.panels.iter().map(panel).collect()),
        ("limits", plan.thresholds.iter().map(threshold).collect()),
        (
            "triggers",
            plan.triggers.iter().map(|t| format!("{} => {}", t.text, of(t.parsed.as_ref()))).collect(),
        ),
        ("flags", plan.flags.iter().map(flag).collect()),
        ("phases", plan.phases.iter().map(|phase| said(&phase.name, &phase.text)).collect()),
        ("stages", plan.stages.iter().map(stage).collect()),
        ("events", named(&plan.events)),
        ("contacts", named(&plan.contacts)),
        ("rollback steps", named(&plan.rollback_steps)),
        ("activations", named(&plan.activations)),
        ("procedures", named(&plan.procedures)),
        ("findings", plan.findings.iter().map(|f| format!("{} @ {}", f.kind, at(f.line))).collect()),
    ]
    .into_iter()
    .chain(people(plan))
    .collect()
}

fn people(plan: &Plan) -> [(&'static str, Vec<String>); 5] {
    let severities = plan.severities.iter().map(|severity| {
        let time = severity.response_seconds.map_or_else(|| "--".to_owned(), span);
        let parts = [(&*severity.escalation, "to"), (&*severity.action, "do")];
        let more =
            parts.iter().filter(|(text, _)| !text.is_empty()).map(|(text, what)| format!("; {what} {text}"));
        let criteria = severity.criteria.len();
        format!("{}: {time}; {criteria} criteria{}", severity.name, more.collect::<String>())
    });
    let routes = plan.routes.iter().map(|route| {
        let delay =
            route.delay_seconds.map_or_else(String::new, |seconds| format!(" after {}", span(seconds)));
        let to = if route.recipients.is_empty() {
            String::new()
        } else {
            format!(" -> {}", join(&route.recipients))
        };
        format!("{}: {}{to}{delay}", route.name, join(&route.channels))
    });
    let roles = plan.roles.iter().map(|role| {
        let kind = match role.kind {
            RoleKind::SignOff => "signs",
            RoleKind::WarRoom => "in the room",
        };
        format!("{kind}: {}", said(&role.name, &role.who))
    });
    let templates = plan.templates.iter().map(|t| format!("{}: {} {{{}}}", t.name, t.title, join(&t.names)));
    [
        ("severities", severities.collect()),
        ("routes", routes.collect()),
        ("roles", roles.collect()),
        ("templates", templates.collect()),
        ("guards", plan.guards.iter().map(|guard| guard.path.to_string()).collect()),
    ]
}

fn total(document: &Document) -> String {
    let all = super::items(document).count();
    let counts = document.plan.counts;
    let repaired = document.plan.repaired.map_or_else(String::new, |how| format!(", repaired from {how}"));
    format!(
        "{all} items: {} boxes ({} ticked), {} inferred{repaired}",
        counts.items,
        counts.checked,
        super::items(document).filter(|item| item.inferred).count()
    )
}

fn kinds(document: &Document) -> String {
    let words = ["work", "sign_off", "trigger", "criterion", "claim", "later"];
    let count = |word: &str| super::items(document).filter(|item| item.meaning.word() == word).count();
    let counts = words.iter().map(|word| (word, count(word))).filter(|(_, count)| *count > 0);
    counts.map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// `Heading: 3 work !, 2 later(0-4 h) ~`: runs of items alike; `!` required, `~` inferred, `x` ticked in the file.
fn section(section: &Section) -> String {
    let mut runs: Vec<(String, usize)> = Vec::new();
    for item in &section.items {
        let kind = kind(item);
        match runs.last_mut() {
            Some((last, count)) if *last == kind => *count += 1,
            _ => runs.push((kind, 1)),
        }
    }
    let runs: Vec<String> = runs.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    format!("{}: {}", section.path.last().map_or("(top)", |head| head), runs.join(", "))
}

fn kind(item: &Item) -> String {
    let meaning = match &item.meaning {
        Meaning::SignOff { role } => format!("sign_off({})", role.as_deref().unwrap_or("?")),
        Meaning::Later { from_seconds: None, until_seconds: None } => "later".to_owned(),
        Meaning::Later { from_seconds, until_seconds } => {
            let end = |seconds: &Option<u64>| seconds.map_or_else(String::new, span);
            format!("later({}..{})", end(from_seconds), end(until_seconds))
        }
        other => other.word().to_owned(),
    };
    let flags = [(item.required, "!"), (item.inferred, "~"), (item.claimed, "x")];
    let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag).collect();
    if flags.is_empty() { meaning } else { format!("{meaning} {flags}") }
}

/// Whose an item is, and its fields.
fn told(item: &Item) -> Option<String> {
    let owner = item.owner.iter().map(|owner| format!("<{owner}>"));
    let fields = item.fields.iter().map(|field| format!("{}={}", field.name, field.value));
    let all: Vec<String> = owner.chain(fields).collect();
    (!all.is_empty()).then(|| format!("{} | {}", item.text, all.join(" | ")))
}

fn command(command: &Command) -> String {
    let text: Vec<&str> = command.text.split_whitespace().collect();
    let checks: Vec<String> = command.expected.iter().filter_map(|expected| check(&expected.check)).collect();
    let checks = if checks.is_empty() { String::new() } else { format!(" => {}", checks.join(", ")) };
    format!("{}: {}{checks}", command.kind, text.join(" "))
}

fn check(check: &Check) -> Option<String> {
    Some(match check {
        Check::Person => return None,
        Check::Passed(count) => format!("{count} passed"),
        Check::AllPassed => "all passed".to_owned(),
        Check::Within(ms) => format!("within {ms} ms"),
        Check::Status(status) => format!("status {status}"),
        Check::Contains(text) => format!("contains {text}"),
        Check::Empty => "nothing".to_owned(),
    })
}

fn panel(query: &Query) -> String {
    let text: Vec<&str> = query.query.split_whitespace().collect();
    let right = match (&query.error, &query.suggestion) {
        (None, _) => "ok".to_owned(),
        (Some(_), Some(right)) => format!("WRONG, rather {right}"),
        (Some(_), None) => "WRONG".to_owned(),
    };
    format!("{}: {} | {right}", query.title, text.join(" "))
}

/// `name: target | warning | critical`, with what it was before and its priority, if they are said.
fn threshold(threshold: &Threshold) -> String {
    let Threshold { name, target, warning, critical, baseline, priority, .. } = threshold;
    let [target, warning, critical] = [target, warning, critical].map(|part| stated(part.as_ref()));
    let before = baseline.as_ref().map_or_else(String::new, |b| format!(" (before {})", stated(Some(b))));
    let priority = priority.map_or_else(String::new, |priority| format!(" P{priority}"));
    format!("{name}: {target} | {warning} | {critical}{before}{priority}")
}

fn stated(stated: Option<&Stated>) -> String {
    let text = |s: &Stated| s.bound.as_ref().map_or_else(|| format!("“{}”", s.text), ToString::to_string);
    stated.map_or_else(|| "--".to_owned(), text)
}

fn of(bound: Option<&Bound>) -> String {
    bound.map_or_else(|| "--".to_owned(), ToString::to_string)
}

fn flag(flag: &warroom::domain::plan::PlannedFlag) -> String {
    let share = flag.percent.map_or_else(String::new, |percent| format!(" for {percent} %"));
    format!("{}={}{share}", flag.name, flag.value)
}

/// `Name: 2 before, 3 steps, 4 criteria, 10 %, soak 2h, FLAG`.
fn stage(stage: &PlannedStage) -> String {
    let counts =
        [(stage.pre.len(), "before"), (stage.steps.len(), "steps"), (stage.success.len(), "criteria")];
    let mut parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    parts.extend(stage.percent.map(|percent| format!("{percent} %")));
    parts.extend(stage.soak_seconds.map(|seconds| format!("soak {}", span(seconds))));
    parts.extend(stage.flags.iter().map(ToString::to_string));
    format!("{}: {}", stage.name, parts.join(", "))
}

fn named(list: &[Named]) -> Vec<String> {
    list.iter().map(|named| said(&named.name, &named.text)).collect()
}

fn said(name: &str, text: &str) -> String {
    if text.is_empty() { name.to_owned() } else { format!("{name}: {text}") }
}

fn join(list: &[Clean]) -> String {
    list.iter().map(|text| &**text).collect::<Vec<_>>().join(", ")
}

/// Seconds in the largest unit that fits.
fn span(seconds: u64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let fits = units.iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    fits.map_or_else(|| "0".to_owned(), |(unit, name)| format!("{}{name}", seconds / unit))
}
