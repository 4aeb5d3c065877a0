//! Boxes that are one decision: `- [ ] GO` beside `- [ ] NO-GO`. The one that says yes is the item; what else can come out
//! stands with it, and is said by marking it as failed.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::beginning;
use crate::document::blocks::{Blocks, Kind, Text};
use crate::document::topic::normal;
use crate::domain::{Clean, Field};

/// What stands before an answer and denies it, as [`normal`] has it.
const NOT: [&str; 13] =
    ["no", "not", "do not", "don t", "nicht", "kein", "keine", "ne pas", "pas de", "non", "nao", "不", "否"];

/// Answers that deny each other in words of their own.
const CONTRARY: [(&str, &str); 10] = [
    ("yes", "no"),
    ("approved", "rejected"),
    ("approve", "reject"),
    ("approved", "denied"),
    ("pass", "fail"),
    ("passed", "failed"),
    ("ja", "nein"),
    ("oui", "non"),
    ("sim", "nao"),
    ("通过", "不通过"),
];

/// Answers that are neither yes nor no, as [`normal`] has them.
const THIRD: [&str; 8] =
    ["hold", "wait", "defer", "deferred", "postpone", "pending", "conditional", "abstain"];

/// No longer answer is looked at, and no list of more boxes.
const LONGEST: usize = 48;
const MOST: usize = 6;

/// The decisions of a document.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    /// What else can come out, by the place of the box that says yes.
    others: FxHashMap<usize, Vec<usize>>,
    /// The places of those.
    taken: FxHashSet<usize>,
}

impl Decisions {
    /// Finds them: boxes of one list, one behind the other, of which one denies another.
    pub(super) fn of(blocks: &Blocks) -> Self {
        let mut found = Self::default();
        let mut side: Vec<(usize, &str)> = Vec::new();
        let mut last = None;
        for (place, block) in blocks.list.iter().enumerate() {
            let Kind::Item { ticked: Some(_), list, text, .. } = &block.kind else { continue };
            let key = Some((block.head, block.label, block.inside, *list));
            if last != key {
                found.settle(&side);
                side.clear();
            }
            last = key;
            side.push((place, lead(text)));
        }
        found.settle(&side);
        found
    }

    /// Takes the answers of `side`, if they are to one question.
    fn settle(&mut self, side: &[(usize, &str)]) {
        if !(2..=MOST).contains(&side.len()) || !side.iter().any(|(_, said)| said.len() <= LONGEST) {
            return;
        }
        let answers = side.iter().map(|(place, said)| (*place, Answer { said: normal(said), written: said }));
        let answers: Vec<(usize, Answer<'_>)> = answers.collect();
        let yes = answers.iter().find(|(_, yes)| answers.iter().any(|(_, no)| no.denies(yes)));
        let Some((yes, said)) = yes else { return };
        // Who says the same twice decides two things, or two people do.
        let twice = |(at, one): &(usize, Answer<'_>)| {
            answers.iter().any(|(place, it)| place > at && it.said == one.said)
        };
        if answers.iter().any(twice) {
            return;
        }
        let others = answers.iter().filter(|(place, _)| place != yes);
        // "CONDITIONAL GO", "HOLD" beside "GO" and "NO-GO".
        let others = others.filter(|(_, other)| other.denies(said) || other.is_kind_of(said));
        let others: Vec<usize> = others.map(|(place, _)| *place).collect();
        self.taken.extend(others.iter().copied());
        self.others.insert(*yes, others);
    }

    /// Whether the box at `place` says yes to a decision.
    pub(super) fn is_yes(&self, place: usize) -> bool {
        self.others.contains_key(&place)
    }

    /// Whether the box at `place` only says what else can come out.
    pub(super) fn is_other(&self, place: usize) -> bool {
        self.taken.contains(&place)
    }

    /// How many boxes only say that.
    pub(super) fn count_others(&self) -> usize {
        self.taken.len()
    }

    /// What else can come out of the decision at `place`.
    pub(super) fn fields<'a>(&'a self, blocks: &'a Blocks, place: usize) -> impl Iterator<Item = Field> + 'a {
        let others = self.others.get(&place).into_iter().flatten();
        others.filter_map(|at| {
            let block = blocks.list.get(*at)?;
            let Kind::Item { text, ticked, .. } = &block.kind else { return None };
            let name = lead(text);
            let value = text.plain.get(name.len()..).unwrap_or_default();
            let value = value.trim_start_matches([' ', '-', '–', '—', ':', '：']);
            let ticked = if *ticked == Some(true) { "ticked in the file" } else { "" };
            let value =
                [value, ticked].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · ");
            Some(Field { line: block.line, name: Clean::new(name), value: Clean::new(&value) })
        })
    }
}

/// What a box answers, and in which letters.
struct Answer<'a> {
    said: String,
    written: &'a str,
}

impl Answer<'_> {
    fn denies(&self, other: &Self) -> bool {
        if self.written.len() > LONGEST {
            return false;
        }
        let denied = |not: &&str| {
            let rest = self.said.strip_prefix(*not);
            rest.is_some_and(|rest| !rest.is_empty() && rest.trim_start() == other.said)
        };
        NOT.iter().any(denied) || CONTRARY.contains(&(other.said.as_str(), self.said.as_str()))
    }

    /// Whether it is a third answer to what `other` answers: `CONDITIONAL GO`, `GO with conditions`, `HOLD`.
    fn is_kind_of(&self, other: &Self) -> bool {
        let words: Vec<&str> = self.said.split(' ').collect();
        let conditional = |word: &&str| matches!(*word, "with" | "mit" | "avec" | "con" | "com");
        self.written.len() <= LONGEST
            && match words.as_slice() {
                [one] => THIRD.contains(one),
                // "HOLD pending fixes", but not "Hold the release call".
                [first, "pending" | "until", ..] => THIRD.contains(first),
                [_, last] => *last == other.said,
                [first, second, ..] => *first == other.said && conditional(second),
                [] => false,
            }
    }
}

/// What `text` begins with, up to what parts it from the rest.
fn lead(text: &Text) -> &str {
    let begin = beginning(&text.plain, LONGEST + 8);
    let ends = [" - ", " – ", " — ", ": ", "：", " (", "（", ", "];
    let end = ends.iter().filter_map(|end| begin.find(end)).min();
    end.and_then(|end| begin.get(..end)).unwrap_or(&text.plain).trim_end_matches([':', '.', ' '])
}

#[cfg(test)]
mod tests {
    #[test]
    fn going_on_or_not_is_one_decision_with_what_else_it_says() {
        for (boxes, items) in [
            ("- [ ] Proceed with the deployment\n- [ ] Do not proceed with the deployment\n", 1),
            ("- [ ] Proceed\n- [ ] HOLD pending fixes\n- [ ] Do not proceed\n", 1),
            ("- [ ] Proceed\n- [ ] Hold the release call\n- [ ] Do not proceed\n", 2),
        ] {
            let text = format!("# R\n\n## Decision\n\n{boxes}");
            let document = crate::document::read("r.md", text.as_bytes()).document.expect("a text");
            let all = document.sections.iter().flat_map(|section| &section.items);
            assert_eq!(all.count(), items, "{boxes}");
        }
    }
}
