//! Numbers for one thing that cannot both hold: `< 1 %` here and `< 5 %` there, `> 500 events/s` in one document and
//! `100+ events/second` in another.
//!
//! Only what is called the same, is limited on the same side in the same unit and stands under headings that name nothing
//! else is compared: stages, environments and services may well differ.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use super::targets;
use crate::document::figures::{DEMAND, capacity, is_of_all};
use crate::document::stage;
use crate::document::topic::normal;
use crate::domain::plan::{
    Bound, Command, Comparator, Finding, FindingKind, Origin, Plan, Relative, Threshold,
};
use crate::domain::{Clean, Document};

/// No more are told of one document.
const MOST: usize = 20;

/// More limits of one name are a pattern, and no contradiction.
const ALIKE: usize = 12;

/// Words that say for what a number is meant: two numbers with different ones do not contradict each other.
const SCOPES: [&str; 14] = [
    "staging",
    "production",
    "prod",
    "canary",
    "dev",
    "development",
    "test",
    "qa",
    "preview",
    "sandbox",
    "europe",
    "us",
    "eu",
    "asia",
];

/// Words of headings that name nothing of their own.
const PLAIN: [&str; 75] = [
    "benchmark",
    "benchmarks",
    "capacity",
    "latency",
    "load",
    "scalability",
    "throughput",
    "validation",
    "verification",
    "a",
    "acceptance",
    "after",
    "alert",
    "alerts",
    "and",
    "before",
    "check",
    "checklist",
    "checks",
    "condition",
    "conditions",
    "criteria",
    "critical",
    "dashboard",
    "deployment",
    "during",
    "for",
    "gate",
    "gates",
    "go",
    "goals",
    "health",
    "if",
    "indicator",
    "key",
    "kpi",
    "kpis",
    "limit",
    "limits",
    "live",
    "metric",
    "metrics",
    "monitor",
    "monitoring",
    "must",
    "of",
    "operational",
    "performance",
    "post",
    "pre",
    "quality",
    "release",
    "requirement",
    "requirements",
    "rollback",
    "rollout",
    "slo",
    "slos",
    "success",
    "system",
    "target",
    "targets",
    "testing",
    "tests",
    "the",
    "threshold",
    "thresholds",
    "trigger",
    "triggers",
    "one",
    "two",
    "three",
    "first",
    "second",
    "overview",
];

/// A number that is stated of something.
struct Fact<'a> {
    document: usize,
    line: u32,
    key: String,
    bound: Bound,
    section: &'a [Clean],
    /// As it is called.
    shown: &'a str,
    /// The sentence that says it.
    said: &'a str,
}

/// Adds to the findings of `documents`.
pub(in crate::document) fn compare(documents: &mut [Document]) {
    let mut found: Vec<(usize, Finding)> = Vec::new();
    let paths: Vec<&str> = documents.iter().map(|document| document.path.as_str()).collect();
    let facts: Vec<Fact<'_>> =
        documents.iter().enumerate().flat_map(|(at, document)| facts(at, &document.plan)).collect();
    let mut groups: HashMap<&str, Vec<&Fact<'_>>> = HashMap::new();
    for fact in &facts {
        groups.entry(&fact.key).or_default().push(fact);
    }
    let mut told = vec![0_usize; paths.len()];
    for fact in &facts {
        let group = groups.get(fact.key.as_str()).filter(|group| group.len() <= ALIKE);
        let Some(group) = group else { continue };
        let earlier = |other: &&&Fact<'_>| (other.document, other.line) < (fact.document, fact.line);
        let Some(other) = group.iter().filter(earlier).find(|other| contradicts(other, fact)) else {
            continue;
        };
        let Some(count) = told.get_mut(fact.document).filter(|count| **count < MOST) else { continue };
        *count += 1;
        let place = place_of(other, fact, &paths);
        let text = format!(
            "“{}” says {}, and {place} says {} (“{}”): both cannot be the limit; say which holds",
            fact.shown, fact.bound, other.bound, other.shown
        );
        let finding = Finding { line: fact.line, kind: FindingKind::Contradiction, text: Clean::new(&text) };
        found.push((fact.document, finding));
    }
    found.extend(facts.iter().filter_map(|fact| overload(fact, &groups, &paths)));
    found.extend(targets::compare(documents));
    for (at, finding) in found {
        if let Some(document) = documents.get_mut(at) {
            let place = document.plan.findings.partition_point(|known| known.line <= finding.line);
            document.plan.findings.insert(place, finding);
        }
    }
}

/// Where `other` stands, seen from `fact`.
fn place_of(other: &Fact<'_>, fact: &Fact<'_>, paths: &[&str]) -> String {
    match paths.get(other.document) {
        Some(path) if other.document != fact.document => format!("{path} line {}", other.line),
        _ => format!("line {}", other.line),
    }
}

/// More comes at peak than what is there can bear.
fn overload(
    fact: &Fact<'_>,
    groups: &HashMap<&str, Vec<&Fact<'_>>>,
    paths: &[&str],
) -> Option<(usize, Finding)> {
    let name = fact.key.strip_prefix("t ")?.strip_prefix(DEMAND)?;
    let bears = groups.get(format!("t {name}").as_str())?;
    let other = bears.iter().filter(|_| bears.len() <= ALIKE).find(|other| {
        other.bound.unit == fact.bound.unit
            && other.bound.value < fact.bound.value
            && is_of_all(other.said)
            && is_of_one(other.section, fact.section)
    })?;
    let place = place_of(other, fact, paths);
    let text = format!(
        "“{}” is more than {place} can bear (“{}”); say which holds, or what makes up for it",
        fact.shown,
        short(other.said)
    );
    Some((
        fact.document,
        Finding { line: fact.line, kind: FindingKind::Contradiction, text: Clean::new(&text) },
    ))
}

/// In which words a threshold is stated, and which of its limits are.
type Words<'a> = (&'a str, &'a str, [bool; 3]);

fn words(threshold: &Threshold) -> Words<'_> {
    let said = if threshold.item.is_some() { threshold.description.as_str() } else { "" };
    let stated = [&threshold.target, &threshold.warning, &threshold.critical].map(Option::is_some);
    (&threshold.name, said, stated)
}

fn facts(document: usize, plan: &Plan) -> Vec<Fact<'_>> {
    let of_threshold = |threshold: &'_ Threshold| {
        // An alert comes before a rollback: "Alert If > 2 %", and "> 5 %" as a trigger.
        let critical = if threshold.origin == Origin::Item { 'r' } else { 'c' };
        let parts = [(&threshold.target, 't'), (&threshold.warning, 'w'), (&threshold.critical, critical)];
        let name = match threshold.description.as_str() {
            text if threshold.item.is_some() => {
                capacity(text).map_or_else(|| key(&threshold.name), |(name, _)| name)
            }
            _ => key(&threshold.name),
        };
        let bounds: Vec<(Bound, String)> = parts
            .into_iter()
            .filter_map(|(stated, part)| Some((stated.as_ref()?.bound.clone()?, format!("{part} {name}"))))
            .collect();
        (name, bounds)
    };
    // What is said in the same words again and again is a pattern: it need not be looked at closely.
    let mut alike: HashMap<Words<'_>, usize, FxBuildHasher> = HashMap::default();
    for threshold in &plan.thresholds {
        *alike.entry(words(threshold)).or_default() += 1;
    }
    let rare = |threshold: &&Threshold| alike.get(&words(threshold)).is_some_and(|count| *count <= ALIKE);
    let mut facts = Vec::new();
    for threshold in plan.thresholds.iter().filter(rare) {
        let (name, bounds) = of_threshold(threshold);
        for (bound, key) in bounds.into_iter().filter(|_| !name.is_empty()) {
            let (line, section, shown) =
                (threshold.line, threshold.section.as_slice(), threshold.name.as_str());
            let said = threshold.description.as_str();
            facts.push(Fact { document, line, key, bound, section, shown, said });
        }
    }
    for command in &plan.commands {
        facts.extend(of_comment(document, command));
    }
    // What an item says is known from its limit, if it has one.
    let known: HashSet<u32> = facts.iter().map(|fact| fact.line).collect();
    for figure in plan.figures.iter().filter(|figure| !known.contains(&figure.line)) {
        let name = if figure.name.ends_with(" a time") { figure.name.to_string() } else { key(&figure.name) };
        let shown = short(&figure.text);
        let (line, section, bound) = (figure.line, figure.section.as_slice(), figure.bound.clone());
        let said = figure.text.as_str();
        facts.push(Fact { document, line, key: format!("t {name}"), bound, section, shown, said });
    }
    facts.sort_by_key(|fact| fact.line);
    facts
}

/// What the comment of a command says that something must bear.
fn of_comment(document: usize, command: &Command) -> Option<Fact<'_>> {
    let (name, bound) = capacity(&command.comment)?;
    let shown = short(&command.comment);
    let (line, section) = (command.line, command.section.as_slice());
    let said = command.comment.as_str();
    Some(Fact { document, line, key: format!("t {name}"), bound, section, shown, said })
}

/// The first characters of a text.
fn short(text: &str) -> &str {
    text.char_indices().nth(60).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// A name without its label, order and plurals; a quantile alone is one of latency: `p95`, `P95 latency`.
fn key(name: &str) -> String {
    let name = name.rsplit([':', '：']).find(|part| !part.trim().is_empty()).unwrap_or(name);
    let name = normal(name);
    let mut words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| word.trim_end_matches('s'))
        .filter(|word| {
            !word.is_empty() && !matches!(*word, "the" | "of" | "a" | "overall" | "average" | "is")
        })
        .collect();
    let is_quantile = |word: &str| matches!(word, "p50" | "p75" | "p90" | "p95" | "p99" | "p999" | "median");
    if words.iter().any(|word| is_quantile(word)) && words.len() > 1 {
        words.retain(|word| !matches!(*word, "latency" | "latencie" | "response" | "time"));
    }
    words.sort_unstable();
    words.join(" ")
}

fn contradicts(a: &Fact<'_>, b: &Fact<'_>) -> bool {
    let (x, y) = (&a.bound, &b.bound);
    let side = |comparator: Comparator| match comparator {
        Comparator::Below | Comparator::AtMost => Some(-1),
        Comparator::Above | Comparator::AtLeast => Some(1),
        Comparator::Equal => Some(0),
        Comparator::About => None,
    };
    let same_side = side(x.comparator).is_some_and(|side_x| side(y.comparator) == Some(side_x));
    // "> 5 % for 10 minutes" and "> 10 % for 2 minutes" can both be meant.
    let times = |bound: &Bound| (bound.for_seconds, bound.within_ms, bound.after_seconds);
    let same_kind = x.baseline == y.baseline && times(x) == times(y) && x.baseline != Some(Relative::Times);
    let (Some(left), Some(right)) = (canonical(x, &y.unit), canonical(y, &y.unit)) else { return false };
    let differ = (left - right).abs() > left.abs().max(right.abs()) * 1e-6;
    same_side && same_kind && differ && is_of_one(a.section, b.section) && !is_said_of_others(a, b)
}

/// What a number is said of that is not said of the whole.
const PER: [&str; 9] = [
    "per pod",
    "per node",
    "per instance",
    "per replica",
    "per worker",
    "per shard",
    "per container",
    "per tenant",
    "each ",
];

/// Whether two sentences of how much is borne speak of different places, or one of them of a part.
fn is_said_of_others(a: &Fact<'_>, b: &Fact<'_>) -> bool {
    let places = |said: &str| {
        let said = said.to_lowercase();
        SCOPES.map(|scope| said.split(|c: char| !c.is_alphanumeric()).any(|word| word == scope))
    };
    let (x, y) = (places(a.said), places(b.said));
    let named = |places: &[bool]| places.contains(&true);
    let of_one = |said: &str| PER.iter().any(|per| said.to_lowercase().contains(per));
    let of_rates = a.key.ends_with(" a time");
    of_rates && ((x != y && named(&x) && named(&y)) || of_one(a.said) || of_one(b.said))
}

/// The value of `bound` in `unit`, if it can be.
fn canonical(bound: &Bound, unit: &str) -> Option<f64> {
    let factor = |unit: &str| {
        Some(match unit {
            "ms" => 1.0,
            "s" => 1e3,
            "min" => 60e3,
            "h" => 3600e3,
            "d" => 86_400e3,
            _ => return None,
        })
    };
    if bound.unit == unit {
        return Some(bound.value);
    }
    Some(bound.value * factor(&bound.unit)? / factor(unit)?)
}

/// As words, without those of a kind of test: "test" alone names an environment.
fn without_tests(text: &str) -> String {
    const KINDS: [&str; 5] = ["load test", "stress test", "smoke test", "performance test", "soak test"];
    KINDS.iter().fold(normal(text), |text, kind| text.replace(kind, ""))
}

/// Whether what stands under these headings can be about one thing.
fn is_of_one(a: &[Clean], b: &[Clean]) -> bool {
    let stage = |section: &[Clean]| section.iter().filter_map(|head| stage::name(head)).collect::<Vec<_>>();
    let words = |section: &[Clean]| {
        let text = without_tests(&section.iter().map(Clean::as_str).collect::<Vec<_>>().join(" "));
        let mut found: Vec<&str> =
            SCOPES.into_iter().filter(|word| text.split(' ').any(|w| w == *word)).collect();
        found.sort_unstable();
        found.join(" ")
    };
    if stage(a) != stage(b) || words(a) != words(b) {
        return false;
    }
    // Headings that name different things: "Checkout service" and "Search service".
    let own = |section: &[Clean]| {
        let text = without_tests(section.last().map_or("", |head| head));
        let plain =
            |word: &&str| !PLAIN.contains(word) && !word.chars().all(char::is_numeric) && word.len() > 1;
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(plain).map(str::to_owned).collect();
        words
    };
    let (a, b) = (own(a), own(b));
    a.is_empty() || b.is_empty() || a.iter().any(|word| b.contains(word))
}
