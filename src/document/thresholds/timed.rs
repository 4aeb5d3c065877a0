//! What stands beside a condition and not in it: what the lines above say of all below (`If any of these lasts for 10
//! minutes:`), and how long it lasts in a bullet below it (`Duration: 2 minutes`).

use crate::document::blocks::{Block, Blocks, Kind, Text};
use crate::document::bound::{Limit, Unread, seconds};
use crate::document::items::labelled;
use crate::document::topic::{Topic, Topics, left_over, normal};
use crate::document::{beginning, lower};

/// So many bullets below a condition are looked at.
const MOST: usize = 12;

/// No more of a label is looked at.
const LONGEST: usize = 300;

/// What stands before a colon that says how long something lasts, as [`normal`] has it.
const LASTS: [&str; 22] = [
    "duration",
    "sustained",
    "sustained for",
    "for",
    "lasts",
    "hold time",
    "time",
    "dauer",
    "zeitraum",
    "duree",
    "pendant",
    "duracion",
    "durante",
    "duracao",
    "持续时间",
    "持續時間",
    "失败持续时间",
    "失敗持續時間",
    "观察时间",
    "觀察時間",
    "継続時間",
    "時間",
];

/// What is said of the time of a condition beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::document) enum Beside {
    Nothing,
    /// It lasts for so many seconds.
    Lasts(u64),
    /// Something that is not understood.
    Unknown,
    /// A line above says these words, which are not understood.
    Above(String),
}

/// A line above a condition that says more than is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::document) struct Above {
    /// Where it stands.
    pub line: u32,
    /// The line.
    pub text: String,
    /// Its words that are not understood.
    pub left: String,
    /// Whether it asks for a rollback all the same: `Rollback triggers (no discussion)`.
    pub asks: bool,
}

/// What is said above the condition `block`, from the nearest line on to that which makes conditions of them; `of_limit`: it
/// states one, which is a condition also where others are questions.
fn above(blocks: &Blocks, block: &Block, of_limit: bool) -> Option<Above> {
    let at = |place: usize| blocks.list.get(place).and_then(|block| Some((block.line, text_of(block)?)));
    let group = block.inside.and_then(at).filter(|(_, text)| text.introduces());
    let labels = [group, block.label.and_then(at)];
    let told = |line: u32, text: &str, left: String| Above {
        line,
        text: text.to_owned(),
        left,
        asks: Topics::of(text).has(Topic::Trigger),
    };
    // "Dispatch says so, or:" is one of them, and says nothing of the others.
    let is_other = |(_, text): &(u32, &Text)| {
        let said = lower(text.plain.trim_end_matches([':', '：', ' ']));
        [" or", " oder", " ou", " o", "或", "または"].iter().any(|end| said.ends_with(end))
    };
    for (line, label) in labels.into_iter().flatten().filter(|label| !is_other(label)) {
        let label = beginning(&label.plain, LONGEST);
        if let Some(left) = left_over(label) {
            return Some(told(line, label, left));
        }
        let topics = Topics::of(label);
        if !of_limit && is_decision(label, topics) {
            return Some(told(line, label, label.to_owned()));
        }
        if topics.has(Topic::Trigger) {
            return None;
        }
    }
    let next = |at: &usize| blocks.heads.get(*at).and_then(|head| head.under);
    let mut said = None;
    for head in std::iter::successors(block.head, next).filter_map(|at| blocks.heads.get(at)) {
        let topics = Topics::of(&head.text);
        let asks = || (!of_limit && is_decision(&head.text, topics)).then(|| head.text.to_string());
        let left = || left_over(&head.text).or_else(asks);
        said = said.or_else(|| left().map(|left| told(head.line, &head.text, left)));
        if topics.any(&[Topic::Trigger, Topic::Failing]) {
            return said;
        }
    }
    // No line makes a condition of it but its own words.
    None
}

/// Whether a line only says that something is decided: what stands below may be what is to be known for that.
fn is_decision(text: &str, topics: Topics) -> bool {
    const DECIDES: [&str; 6] = ["decision", "entscheidung", "décision", "decisión", "decisão", "判断"];
    let said = || lower(text);
    topics.has(Topic::Bare) && !topics.has(Topic::Trigger) && DECIDES.iter().any(|word| said().contains(word))
}

/// By the heading, the label and the item that hold a block: what the lines above it say.
#[derive(Debug, Default)]
pub(in crate::document) struct Around {
    last: Option<(Lines, Option<Above>)>,
}

/// The heading, the label and the item that a block stands below, and whether it states a limit.
type Lines = (Option<usize>, Option<usize>, Option<usize>, bool);

impl Around {
    /// What is said beside the condition at `place`; most stand below the same lines as the one before.
    pub(in crate::document) fn of(&mut self, blocks: &Blocks, place: usize) -> Beside {
        let Some(block) = blocks.list.get(place) else { return Beside::Nothing };
        let left = self.above(blocks, block, true).map(|above| above.left.clone());
        left.map_or_else(|| below(blocks, place), Beside::Above)
    }

    /// The line above the condition `block` that says more than is understood.
    pub(in crate::document) fn above(
        &mut self,
        blocks: &Blocks,
        block: &Block,
        of_limit: bool,
    ) -> Option<&Above> {
        let key = (block.head, block.label, block.inside, of_limit);
        let known = self.last.take_if(|(last, _)| *last == key);
        let (_, found) = self.last.insert(known.unwrap_or_else(|| (key, above(blocks, block, of_limit))));
        found.as_ref()
    }
}

/// What bullets below the condition at `place` say.
fn below(blocks: &Blocks, place: usize) -> Beside {
    let below = blocks.list.iter().skip(place + 1).take(MOST);
    let below = below.take_while(|below| below.inside.is_some_and(|parent| parent >= place));
    let own = below.filter(|below| below.inside == Some(place)).filter_map(text_of);
    own.map(|text| lasting(&text.plain)).find(|told| *told != Beside::Nothing).unwrap_or(Beside::Nothing)
}

fn text_of(block: &Block) -> Option<&Text> {
    match &block.kind {
        Kind::Item { text, .. } | Kind::Paragraph(text) => Some(text),
        Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => None,
    }
}

/// `Duration: 2 minutes`, `for 5 minutes`.
fn lasting(text: &str) -> Beside {
    let told = |value: &str| match (seconds(value), value.split_whitespace().count()) {
        (Some(0), _) => Beside::Nothing,
        (Some(time), 1..=2) => Beside::Lasts(time),
        _ => Beside::Unknown,
    };
    if let Some((name, value)) = labelled(text) {
        return if LASTS.contains(&&*normal(name)) { told(value) } else { Beside::Nothing };
    }
    let lower = lower(text);
    let leads = ["for ", "sustained for ", "持续", "持續", "während ", "pendant ", "durante "];
    leads.iter().find_map(|lead| lower.strip_prefix(lead)).map_or(Beside::Nothing, told)
}

/// Gives `limits` the time that stands beside them; one that is not understood leaves them to a person.
pub(in crate::document) fn with(
    told: Beside,
    (mut limits, unread): (Vec<Limit>, Option<Unread>),
) -> (Vec<Limit>, Option<Unread>) {
    let open = || limits.iter().any(|limit| limit.bound.for_seconds.is_none());
    match told {
        Beside::Unknown if open() => (Vec::new(), Some(Unread::Time)),
        Beside::Above(words) => (Vec::new(), Some(Unread::Above(words))),
        Beside::Lasts(time) => {
            for limit in &mut limits {
                limit.bound.for_seconds.get_or_insert(time);
            }
            (limits, unread)
        }
        Beside::Nothing | Beside::Unknown => (limits, unread),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::plan::FindingKind;

    #[test]
    fn a_time_beside_a_condition_is_its_own_or_leaves_it_to_a_person() {
        let plan = |text: &str| crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let told = |text: &str| -> Vec<String> {
            let plan = plan(text);
            let limits = plan.triggers.iter().map(|it| match &it.parsed {
                Some(bound) => format!("{}: {bound}", it.line),
                None => format!("{}: by hand", it.line),
            });
            let of_time = |it: &&crate::domain::plan::Finding| {
                it.kind == FindingKind::Threshold
                    && (it.text.contains("says how long") || it.text.contains("stands below a line"))
            };
            limits
                .chain(plan.findings.iter().filter(of_time).map(|it| format!("finding {}", it.line)))
                .collect()
        };
        let label = "# R\n## Rollback triggers\n\nRoll back if any of these lasts for >10 minutes or 3 probes:\n\n1. p95 > 250 ms\n2. p99 > 600 ms for 5 minutes\n";
        assert_eq!(told(label), ["6: by hand", "7: by hand", "finding 6", "finding 7"]);
        let child = "# R\n## Rollback triggers\n- [ ] Error rate > 5%\n  - [ ] Duration: 2 minutes\n  - [ ] The query is right\n- [ ] p95 > 500ms\n  - Duration: 3 probes within 5 minutes\n- [ ] p99 > 1 s\n";
        assert_eq!(told(child), ["3: > 5 % for 2 min", "6: by hand", "8: > 1 s", "finding 6"]);
        let heading = "# R\n## Rollback triggers (within 1 hour)\n- [ ] Error rate > 5%\n";
        assert_eq!(told(heading), ["3: by hand", "finding 3"]);
    }
}
