//! Paragraphs that say that all of their section, or of the document, is required.

use super::Outline;
use crate::document::blocks::Block;
use crate::document::lower;
use crate::document::topic::{Topic, Topics};

/// A paragraph longer than this says nothing of all that is below.
const LONGEST_RULE: usize = 160;

/// What a line begins with that speaks of all that stands below it; `go`: `Go if all …`.
const ALL: [&str; 22] = [
    "all",
    "every",
    "each",
    "everything",
    "alle",
    "alles",
    "jede",
    "jeder",
    "jedes",
    "sämtliche",
    "tous",
    "toutes",
    "chaque",
    "todos",
    "todas",
    "cada",
    "全部",
    "所有",
    "均",
    "すべて",
    "全て",
    "go",
];

/// What may follow: `All data must be encrypted` speaks of something else.
const OF: &str = "of the these those them this following below must have has need needs items checks criteria conditions points \
    tests boxes steps are should is müssen punkte kriterien prüfungen bedingungen folgenden if doivent deben devem los os les one";

impl Outline<'_> {
    /// A paragraph that says that all of its section, or of the document, is required.
    pub(super) fn rule(&mut self, place: usize, block: &Block, text: &str) {
        let says = |word: &str| text.split(|c: char| !c.is_alphabetic()).any(|known| known == word);
        if block.inside.is_some() || text.len() > LONGEST_RULE {
            return;
        }
        if self.is_of_section(place, block, text) {
            return self.require(block);
        }
        if !(says("MUST") || says("MANDATORY")) {
            return;
        }
        let lower = text.to_lowercase();
        // What must not be demands nothing that is to be done.
        if lower.contains("must not") || lower.contains("mustn't") {
            return;
        }
        if lower.contains("this checklist") {
            self.all_required = true;
        }
        // "Passwords MUST be rotated" speaks of nothing here, and "the following events MUST …:" of its own list.
        let whole = ["must ", "mandatory", "all ", "each ", "every ", "everything "];
        let names = ["below", "this section", "these steps", "these checks", "these tests", "these items"];
        let of_all =
            whole.iter().any(|word| lower.starts_with(word)) || names.iter().any(|word| lower.contains(word));
        if text.ends_with([':', '：']) || !of_all || self.boxes.contains(&block.head) {
            return;
        }
        self.require(block);
    }

    /// What stands below the heading of `block` is required.
    fn require(&mut self, block: &Block) {
        if let Some((_, required)) = block.head.and_then(|head| self.heads.get_mut(head)) {
            required.get_or_insert(true);
        }
    }

    /// Whether a line demands all of its section: `All must be green.`, or `All of these must be met:` with headings below it.
    fn is_of_section(&self, place: usize, block: &Block, text: &str) -> bool {
        let lower = lower(text);
        let is_all = ALL.iter().any(|word| {
            let rest = lower.strip_prefix(word).unwrap_or_default();
            let next = rest.split_whitespace().next().unwrap_or_default();
            let next = next.trim_matches(|c: char| !c.is_alphanumeric());
            match rest.chars().next() {
                Some(' ') => OF.split(' ').any(|word| word == next),
                Some(c) => c >= '\u{3040}',
                None => false,
            }
        });
        if !is_all || self.boxes.contains(&block.head) || !Topics::of(text).has(Topic::Required) {
            return false;
        }
        let next = self.blocks.list.get(place + 1);
        let is_below = |head: Option<usize>| {
            let outer = |at: &usize| self.blocks.heads.get(*at).and_then(|head| head.under);
            std::iter::successors(head, outer).skip(1).any(|at| Some(at) == block.head)
        };
        // A line that leads to a list demands that one.
        match next {
            Some(next) if next.head == block.head => !text.ends_with([':', '：']),
            Some(next) => is_below(next.head),
            None => false,
        }
    }
}
