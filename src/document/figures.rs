//! Numbers in sentences that say what must be borne or kept: `The relay takes 500 events/s`. They are no limits of their
//! own, but must not contradict those that are.

use std::sync::LazyLock;

use super::beginning;
use super::blocks::{Block, Blocks, Kind};
use super::bound::{Cell, cell, limits};
use super::needles::Needles;
use super::thresholds::measured;
use crate::domain::Clean;
use crate::domain::plan::{Bound, Comparator, Figure};

/// What the name of a figure begins with that says how much comes.
pub(super) const DEMAND: &str = "peak ";

/// No more are kept of one document.
const MOST: usize = 200;

/// Longer texts tell a story.
const LONGEST: usize = 300;

/// Words of what something can bear.
const BEARS: [&str; 24] = [
    "throughput",
    "handle",
    "support",
    "sustain",
    "process",
    "capacity",
    "load",
    "serve",
    "takes",
    "take at least",
    "cope with",
    "holds",
    "can hold",
    "bewältigt",
    "hält",
    "aguanta",
    "encaisse",
    "承受",
    "verarbeite",
    "schafft",
    "traite",
    "soporta",
    "suporta",
    "处理",
];

/// Words of what must be.
const MUST: [&str; 14] = [
    "must", "shall", "has to", "have to", "needs to", "need to", "muss ", "müssen", "doit", "doivent",
    "debe", "deve", "必须", "必要",
];

/// Words of another number than what must be borne: how much there is now, or when something happens.
const OTHER: [&str; 17] = [
    "today",
    "currently",
    "now",
    "average",
    "usual",
    "peak",
    "expected",
    "before",
    " if ",
    "when",
    "alert",
    "roll back",
    "rollback",
    "example",
    "derzeit",
    "aktuell",
    "actuellement",
];

/// Words of the most that comes.
const PEAK: [&str; 9] =
    ["peak", "at rush hour", "spitzenlast", "zur spitze", "en pointe", "pic de", "pico", "峰值", "ピーク"];

/// Words of a number that is of one of several, of a trial, or of another time.
const NOT_ALL: [&str; 34] = [
    " each",
    "each ",
    " per ip",
    "per user",
    "per client",
    "per instance",
    "per pod",
    "per node",
    "per replica",
    "per worker",
    "per shard",
    "per container",
    "per connection",
    "per tenant",
    "one ",
    "single",
    "instance",
    "replica",
    "pod",
    "server",
    " test",
    "x peak",
    "times",
    " if ",
    "alert",
    "roll back",
    "rollback",
    "example",
    "last year",
    "pro instanz",
    "par instance",
    "por instancia",
    "por instância",
    "rate limit",
];

static PEAKS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&PEAK));
static PARTIAL: LazyLock<Needles> = LazyLock::new(|| Needles::of(&NOT_ALL));
static SAID: LazyLock<Needles> = LazyLock::new(|| Needles::of(BEARS.iter().chain(&MUST).chain(&PEAK)));
static BEARING: LazyLock<Needles> = LazyLock::new(|| Needles::of(&BEARS));
static OTHERWISE: LazyLock<Needles> = LazyLock::new(|| Needles::of(&OTHER));

/// The figures of `blocks`: of paragraphs, and of items what is borne.
pub(super) fn find(blocks: &Blocks) -> Vec<Figure> {
    let of_block = |block: &Block| {
        let (text, item) = match &block.kind {
            Kind::Paragraph(text) => (&text.plain, false),
            Kind::Item { text, .. } => (&text.plain, true),
            Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => return Vec::new(),
        };
        let made = |(said, (name, bound)): (&str, (String, Bound))| Figure {
            line: line_of(blocks, block, said),
            name: Clean::new(&name),
            bound,
            text: Clean::new(said),
            section: blocks.path(block.head),
        };
        let said = sentences(text).filter_map(|said| Some((said, figure(said, item)?)));
        said.map(made).collect()
    };
    let holds = |block: &&Block| !blocks.is_set_aside(block);
    blocks.list.iter().filter(holds).flat_map(of_block).take(MOST).collect()
}

/// The sentences of `text`, if it is not too long to be looked at.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let text = if text.len() > LONGEST { "" } else { text };
    let mut rest = text;
    std::iter::from_fn(move || {
        let end =
            [". ", "。", "! ", "; "].iter().filter_map(|mark| Some(rest.find(mark)? + mark.len())).min();
        let (said, left) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        rest = left;
        (!said.is_empty()).then(|| said.trim())
    })
}

/// The line of `block` on which `said` begins.
fn line_of(blocks: &Blocks, block: &Block, said: &str) -> u32 {
    let begin = beginning(said, 24);
    let at = blocks.source(block).lines().position(|line| line.contains(begin)).unwrap_or(0);
    block.line.saturating_add(u32::try_from(at).unwrap_or(0))
}

/// What `text` says of how much, if it says one thing.
fn figure(text: &str, item: bool) -> Option<(String, Bound)> {
    if text.len() > LONGEST || !text.bytes().any(|byte| byte.is_ascii_digit()) || !SAID.are_in(text) {
        return None;
    }
    if PEAKS.are_in(text) {
        return demand(text);
    }
    if OTHERWISE.are_in(text) {
        return None;
    }
    if let Some(figure) = capacity(text) {
        return Some(figure);
    }
    // The limits of items are known as such.
    let limits = if item { Vec::new() } else { limits(text) };
    let [limit] = limits.as_slice() else { return None };
    let name = measured(text, 0, limit);
    (!name.is_empty()).then(|| (name, limit.bound.clone()))
}

/// What `text` counts in a time, if it says how much of it must be borne: `event a time`, and 100/s, of `can handle 100+
/// events/second`.
pub(super) fn capacity(text: &str) -> Option<(String, Bound)> {
    if BEARING.are_in(text) { rate(text) } else { None }
}

/// How much comes at most: `500 requests/s at peak`. It contradicts no limit, but what can bear less.
fn demand(text: &str) -> Option<(String, Bound)> {
    let (name, bound) = rate(text).filter(|_| !PARTIAL.are_in(text))?;
    Some((format!("{DEMAND}{name}"), Bound { comparator: Comparator::About, ..bound }))
}

/// Whether `text` says that all there is bears so much: not one of several, and not in a trial.
pub(super) fn is_of_all(text: &str) -> bool {
    BEARING.are_in(text) && !PARTIAL.are_in(text) && !OTHERWISE.are_in(text)
}

/// What `text` counts in a time, and how much.
fn rate(text: &str) -> Option<(String, Bound)> {
    let (bound, from) = match (limits(text).into_iter().next(), cell(text)) {
        (Some(limit), _) => (limit.bound, limit.at.start),
        (None, Cell::Bare(bound)) => {
            (Bound { comparator: Comparator::AtLeast, ..bound }, text.find(|c: char| c.is_ascii_digit())?)
        }
        (None, Cell::Nothing | Cell::Limit(_) | Cell::Unread(_)) => return None,
    };
    bound.unit.starts_with('/').then_some(())?;
    let lower = text.get(from..)?.to_lowercase();
    let end = [" per ", "/", " pro ", " par ", " por "].iter().filter_map(|word| lower.find(word)).min()?;
    let noun = lower.get(..end)?.trim_end().rsplit(|c: char| !c.is_alphabetic()).next()?;
    (noun.len() > 2).then(|| (format!("{} a time", noun.trim_end_matches('s')), bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_of_a_paragraph_has_its_figure() {
        let blocks =
            Blocks::of("The relay takes 500 events/s.\nThe relay takes 100 events/s. It is old.\n", 0);
        let told: Vec<String> = find(&blocks).iter().map(|it| format!("{} {}", it.line, it.bound)).collect();
        assert_eq!(told, ["1 >= 500/s", "2 >= 100/s"]);
    }

    #[test]
    fn a_sentence_gives_one_figure_or_none() {
        let told = |text: &str| figure(text, false).map(|(name, bound)| format!("{name} {bound}"));
        for (text, figure) in [
            ("The relay takes 500 events/s.", Some("event a time >= 500/s")),
            ("It must handle at least 200 orders per second.", Some("order a time >= 200/s")),
            ("The error rate must stay below 1 %.", Some("error rate < 1 %")),
            ("500 requests/s at peak", Some("peak request a time ~ 500/s")),
            ("We tested 500 requests/s, twice the peak.", None),
            ("It handles 500 events/s today.", None),
            ("Alert when the error rate must be below 1 %.", None),
            ("The room must open.", None),
            ("Take 5 minutes to read this.", None),
        ] {
            assert_eq!(told(text).as_deref(), figure, "{text}");
        }
    }
}
