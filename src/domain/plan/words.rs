//! A plan in words: what was understood, and what was not.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use super::{Bound, Command, Named, Plan, PlannedStage, Query, Severity, Stated, Threshold};
use crate::domain::secret::{may_hold, without_told};
use crate::domain::{Clean, Document, Item, Meaning, Section, format};

/// Longer texts are cut.
const LONGEST: usize = 100;

/// One document in words.
pub fn summary(document: &Document) -> String {
    let plan = &document.plan;
    let mut out = Out { path: &document.path, text: String::new() };
    out.line(&format!("{}: {}", document.path, document.title));
    if let Some(repaired) = plan.repaired {
        out.line(&format!("  repaired: it had been read as {repaired}"));
    }
    out.line(&format!("  {}", counts(document)));
    out.sections(&document.sections);
    out.commands(&plan.commands);
    out.list("Queries", &plan.panels, |query| (query.line, panel(query)));
    out.list("Limits", &plan.thresholds, |limit| (limit.line, threshold(limit)));
    out.list("Flags", &plan.flags, |flag| {
        let percent = flag.percent.map_or_else(String::new, |percent| format!(" for {percent} %"));
        (flag.line, format!("{}={}{percent}", flag.name, flag.value))
    });
    out.list("Required variables", &plan.variables, |it| {
        (it.line, format!("{} ({})", it.name, it.must.words()))
    });
    out.list("Startup phases", &plan.phases, |phase| (phase.line, said(&phase.name, &phase.text)));
    out.list("Stages", &plan.stages, |stage| (stage.line, self::stage(stage)));
    out.named("Events", &plan.events);
    out.list("Rollback when", &plan.triggers, |trigger| {
        let from = trigger.stage.as_ref().map_or_else(String::new, |stage| format!(", in stage {stage}"));
        (trigger.line, format!("{}{from}", with_bound(&trigger.text, trigger.parsed.as_ref())))
    });
    by_hand(&mut out, document);
    out.named("Rollback steps", &plan.rollback_steps);
    out.list("Severities", &plan.severities, |severity| {
        let within = severity.response_seconds.map_or_else(String::new, |seconds| {
            format!(": answer within {}", format::age(Duration::from_secs(seconds)))
        });
        (severity.line, format!("{}{within}{}", severity.name, about(severity)))
    });
    rest(&mut out, plan);
    findings(&mut out, plan);
    if !may_hold(&out.text) {
        return out.text;
    }
    out.text.lines().map(|line| without_told(line) + "\n").collect()
}

/// What makes an incident one of these, who is told, and what is done.
fn about(severity: &Severity) -> String {
    let criteria = severity.criteria.iter().map(Clean::as_str).collect::<Vec<_>>().join("; ");
    let parts = [("if", criteria.as_str()), ("tell", &severity.escalation), ("then", &severity.action)];
    let said = parts.iter().filter(|(_, said)| !said.is_empty());
    said.map(|(word, said)| format!(" · {word}: {said}")).collect::<Vec<_>>().concat()
}

/// Criteria that state no limit that was read: a person says whether they are met.
fn by_hand(out: &mut Out<'_>, document: &Document) {
    let is_read = |limit: &Threshold| {
        let sides = [&limit.baseline, &limit.target, &limit.warning, &limit.critical];
        sides.into_iter().flatten().any(|side| side.bound.is_some())
    };
    let measured: BTreeSet<u32> =
        document.plan.thresholds.iter().filter(|limit| is_read(limit)).map(|limit| limit.line).collect();
    let items = document.sections.iter().flat_map(|section| &section.items);
    let left =
        |item: &&Item| item.meaning == Meaning::Criterion && !item.struck && !measured.contains(&item.line);
    let left: Vec<&Item> = items.filter(left).collect();
    out.list("Met when a person says so", &left, |item| (item.line, format!("{} (by hand)", item.text)));
}

fn rest(out: &mut Out<'_>, plan: &Plan) {
    out.list("Roles", &plan.roles, |role| (role.line, said(&role.name, &role.who)));
    out.named("The war room opens when", &plan.activations);
    out.named("In the war room", &plan.procedures);
    out.named("Contacts", &plan.contacts);
    out.list("Alerts go to", &plan.routes, |route| (route.line, said(&route.name, &join(&route.channels))));
    out.list("Messages", &plan.templates, |message| (message.line, said(&message.name, &message.title)));
    out.list("Guarded files", &plan.guards, |guard| (guard.line, said(&guard.path, &guard.text)));
}

fn findings(out: &mut Out<'_>, plan: &Plan) {
    if plan.findings.is_empty() {
        out.line("  Nothing in it is questionable.");
        return;
    }
    out.line(&format!("  Questionable, or not understood ({}):", plan.findings.len()));
    for finding in &plan.findings {
        let place = if finding.line == 0 { String::new() } else { format!(":{}", finding.line) };
        out.line(&format!("    {}{place}: {}", out.path, finding.text));
    }
}

fn counts(document: &Document) -> String {
    let counts = &document.plan.counts;
    let items = || document.sections.iter().flat_map(|section| &section.items);
    let inferred = items().filter(|item: &&Item| item.inferred).count();
    let mut parts = vec![
        format!(
            "{} items ({} ticked in the file, {} conditions)",
            counts.items, counts.checked, counts.conditions
        ),
        format!("{inferred} more without a box"),
        format!("{} headings", counts.headings),
        format!("{} numbered steps", counts.ordered_steps),
    ];
    let fences =
        [(counts.shell, "shell"), (counts.promql, "PromQL"), (counts.yaml, "YAML"), (counts.other, "other")];
    let others = [(counts.tables, "tables"), (counts.links, "links")];
    parts.extend(fences.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what} fences")));
    parts.extend(others.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    parts.join(", ")
}

/// Lines of a summary.
struct Out<'a> {
    path: &'a str,
    text: String,
}

impl Out<'_> {
    fn line(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{text}");
    }

    fn list<T>(&mut self, what: &str, rows: &[T], row: impl Fn(&T) -> (u32, String)) {
        if rows.is_empty() {
            return;
        }
        self.line(&format!("  {what} ({}):", rows.len()));
        for (line, text) in rows.iter().map(row) {
            self.line(&format!("    {line:>5}  {}", cut(&text)));
        }
    }

    fn named(&mut self, what: &str, rows: &[Named]) {
        self.list(what, rows, |row| (row.line, said(&row.name, &row.text)));
    }

    fn sections(&mut self, sections: &[Section]) {
        self.list("Items", sections, |section| {
            let mut kinds: Vec<(&str, usize)> = Vec::new();
            for item in &section.items {
                let word = item.meaning.word().split('_').next().unwrap_or_default();
                match kinds.iter_mut().find(|(known, _)| *known == word) {
                    Some((_, n)) => *n += 1,
                    None => kinds.push((word, 1)),
                }
            }
            let kinds: Vec<String> = kinds.iter().map(|(word, n)| format!("{n} {word}")).collect();
            let required = section.items.iter().filter(|item| item.required).count();
            let inferred = section.items.iter().filter(|item| item.inferred).count();
            let struck = section.items.iter().filter(|item| item.struck).count();
            let mut told = kinds.join(", ");
            for (n, word) in [(required, "required"), (struck, "set aside"), (inferred, "without a box")] {
                if n > 0 {
                    told = format!("{told}, {n} {word}");
                }
            }
            let path = section.path.last().map_or("before any heading", |heading| &**heading);
            (section.line, format!("{path}: {told}"))
        });
    }

    fn commands(&mut self, commands: &[Command]) {
        self.list("Commands", commands, |command| {
            let first = Clean::new(command.shown().lines().next().unwrap_or_default());
            let more = if command.text.contains('\n') { " …" } else { "" };
            let kind = command.kind_word();
            (command.line, format!("{kind:<12} {}{more} ({})", cut(&first), command.why))
        });
    }
}

fn panel(query: &Query) -> String {
    let shown = Clean::new(&query.query);
    match (&query.error, &query.suggestion) {
        (None, _) => format!("{}: {shown}", query.title),
        (Some(error), None) => format!("{}: {shown}: {error}", query.title),
        (Some(error), Some(better)) => {
            format!("{}: {shown}: {error}; try {}", query.title, Clean::new(better))
        }
    }
}

fn threshold(limit: &Threshold) -> String {
    let side = |word: &str, stated: &Option<Stated>| {
        let read = |stated: &Stated| match &stated.bound {
            Some(bound) => format!("{word} {bound}"),
            None => format!("{word} \"{}\" (not read)", stated.text),
        };
        stated.as_ref().map(read)
    };
    let sides = [
        side("before", &limit.baseline),
        side("target", &limit.target),
        side("warns", &limit.warning),
        side("critical", &limit.critical),
    ];
    let sides: Vec<String> = sides.into_iter().flatten().collect();
    format!("{}: {}", limit.name, sides.join(", "))
}

fn stage(stage: &PlannedStage) -> String {
    let mut told = format!(
        "{}: {} before, {} steps, {} criteria",
        stage.name,
        stage.pre.len(),
        stage.steps.len(),
        stage.success.len()
    );
    if !stage.flags.is_empty() {
        told = format!("{told}, flags {}", join(&stage.flags));
    }
    if let Some(percent) = stage.percent {
        let from = stage.from_percent.map_or_else(String::new, |from| format!("{from} → "));
        told = format!("{told}, {from}{percent} %");
    }
    if let Some(seconds) = stage.soak_seconds {
        told = format!("{told}, watched for {}", format::age(Duration::from_secs(seconds)));
    }
    told
}

fn with_bound(text: &Clean, bound: Option<&Bound>) -> String {
    bound.map_or_else(|| format!("{text} (by hand)"), |bound| format!("{text} ({bound})"))
}

fn said(name: &Clean, text: &Clean) -> String {
    if text.is_empty() { name.to_string() } else { format!("{name}: {text}") }
}

fn join(names: &[Clean]) -> Clean {
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    Clean::new(&names.join(", "))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{}…", kept.trim_end())
}
