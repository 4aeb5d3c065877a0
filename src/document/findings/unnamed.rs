//! Lists below a line that leads to criteria or conditions, of which it is not understood what they are for: `Promotion
//! requires:`, `Quality gates`, `When to pause`. Nothing of them is read, and that is told.

use rustc_hash::FxHashSet;

use super::MOST;
use super::lost::TOLD;
use crate::document::beginning;
use crate::document::blocks::{Block, Blocks, Kind, Text};
use crate::document::items::Items;
use crate::document::outline::Outline;
use crate::document::topic::{Topic, normal};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Plan};

/// What such lists are called, by how the word begins, without accents.
const NOUNS: [&str; 20] = [
    "criteri",
    "condition",
    "trigger",
    "threshold",
    "guardrail",
    "kriteri",
    "bedingung",
    "ausloser",
    "schwellwert",
    "schwellenwert",
    "grenzwert",
    "critere",
    "declencheur",
    "seuil",
    "condicion",
    "disparador",
    "umbral",
    "condic",
    "gatilho",
    "limiar",
];

/// The same as whole words, where the line also says what is decided by them.
const GATES: [&str; 4] = ["gate", "gates", "rule", "rules"];

/// A longer line about gates is about something else.
const LONGEST_GATE: usize = 5;

/// What is decided, by how the word begins.
const DECIDED: [&str; 22] = [
    "stop",
    "halt",
    "hold",
    "pause",
    "abort",
    "go",
    "promot",
    "advanc",
    "proceed",
    "continu",
    "releas",
    "launch",
    "exit",
    "block",
    "quality",
    "entry",
    "rollout",
    "deploy",
    "ship",
    "canary",
    "ready",
    "readiness",
];

/// What a line ends with that leads to conditions, or demands.
const ENDS: [&str; 22] = [
    "if",
    "when",
    "unless",
    "until",
    "requires",
    "require",
    "needs",
    "wenn",
    "falls",
    "sobald",
    "erfordert",
    "benotigt",
    "si",
    "se",
    "cuando",
    "quando",
    "lorsque",
    "quand",
    "exige",
    "requiere",
    "requer",
    "demande",
];

/// Criteria of something else than a deployment.
const ELSEWHERE: [&str; 4] = ["convergence", "search", "sort", "filter"];

/// The same in scripts without spaces.
const IDEOGRAPHIC: [&str; 9] = ["条件", "標準", "标准", "基準", "准则", "阈值", "閾値", "場合", "如果"];

/// What ends with such a word and tells how something is used.
const USES: [&str; 7] = ["use", "read", "run", "contact", "call", "ask", "note"];

/// Headings below which lists are read as something else.
const OTHERS: [Topic; 7] = [
    Topic::RollbackPlan,
    Topic::Activation,
    Topic::Procedure,
    Topic::Contacts,
    Topic::Roles,
    Topic::Phases,
    Topic::Events,
];

/// Whether `text`, a line above a list, leads to criteria or conditions.
pub(super) fn leads_to_conditions(text: &str) -> bool {
    let text = normal(beginning(text, 160));
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let begins = |list: &[&str]| words.iter().any(|word| list.iter().any(|begin| word.starts_with(begin)));
    let gates = words.len() <= LONGEST_GATE && words.iter().any(|word| GATES.contains(word));
    let noun = (begins(&NOUNS) && !begins(&ELSEWHERE)) || (gates && begins(&DECIDED));
    let ends = words.len() > 1 && words.last().is_some_and(|last| ENDS.contains(last));
    // "When to pause", but not "When to use this".
    let asks = matches!(words.as_slice(), ["when", "to", act, ..] if begins(&DECIDED) && !USES.contains(act));
    noun || ends || asks || IDEOGRAPHIC.iter().any(|word| text.contains(word))
}

/// The line right above `block` that leads to conditions: its label, or its heading.
pub(super) fn line_above<'b>(blocks: &'b Blocks, block: &Block) -> Option<(u32, &'b str)> {
    let label = block.label.and_then(|at| blocks.list.get(at)).and_then(|label| match &label.kind {
        Kind::Paragraph(text) | Kind::Item { text, .. } => Some((label.line, &*text.plain)),
        Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => None,
    });
    let head = block.head.and_then(|at| blocks.heads.get(at)).map(|head| (head.line, &*head.text));
    label.into_iter().chain(head).find(|(_, text)| leads_to_conditions(text))
}

/// The heading and the label of a block, and the line above it that leads to conditions.
type Known<'b> = ((Option<usize>, Option<usize>), Option<(u32, &'b str)>);

/// Adds to the findings of `plan`, which is complete but for this; each such line once, with how many lines stand below it.
pub(in crate::document) fn find(outline: &Outline<'_>, items: &Items, plan: &mut Plan) {
    let blocks = outline.blocks;
    let read = read(plan);
    let criteria: FxHashSet<&str> =
        plan.severities.iter().flat_map(|it| &it.criteria).map(Clean::as_str).collect();
    let mut found: Vec<(u32, String, usize)> = Vec::new();
    // Blocks below one line stand together.
    let mut last: Option<Known<'_>> = None;
    for (place, block) in blocks.list.iter().enumerate() {
        let Kind::Item { text, .. } = &block.kind else { continue };
        if block.inside.is_some()
            || items.has(place)
            || read.contains(&block.line)
            || criteria.contains(&*text.plain)
            || !says_something(text)
            || blocks.is_set_aside(block)
            || outline.above(place).iter().any(|line| line.topics.any(&OTHERS) || line.topics.any(&TOLD))
        {
            continue;
        }
        let key = (block.head, block.label);
        let known = last.take_if(|(known, _)| *known == key);
        let (_, line) = *last.insert(known.unwrap_or_else(|| (key, line_above(blocks, block))));
        let Some((line, words)) = line else { continue };
        match found.last_mut().filter(|(known, ..)| *known == line) {
            Some((_, _, count)) => *count += 1,
            None => found.push((line, words.to_owned(), 1)),
        }
    }
    plan.findings.extend(found.into_iter().take(MOST).map(|(line, words, count)| told(line, &words, count)));
}

/// Lines of which something was made.
fn read(plan: &Plan) -> FxHashSet<u32> {
    let limits = plan.thresholds.iter().map(|it| it.line);
    let named = [&plan.activations, &plan.procedures, &plan.rollback_steps, &plan.contacts, &plan.events];
    let named = named.into_iter().flatten().map(|it| it.line);
    let others = plan.roles.iter().map(|it| it.line).chain(plan.phases.iter().map(|it| it.line));
    let flags = plan.flags.iter().map(|it| it.line).chain(plan.guards.iter().map(|it| it.line));
    limits.chain(named).chain(others).chain(flags).collect()
}

/// Whether a line of a list is more than a link or a title of others.
fn says_something(text: &Text) -> bool {
    !text.plain.is_empty() && !text.is_link && !text.introduces()
}

fn told(line: u32, words: &str, count: usize) -> Finding {
    let short: String = words.trim_end_matches([':', '：']).chars().take(80).collect();
    let lines =
        if count == 1 { "1 line below it is".to_owned() } else { format!("{count} lines below it are") };
    let text = format!(
        "“{}” leads to conditions, and what they are for is not understood: {lines} read as nothing; call it “Rollback triggers” or “Success criteria”, or write \"- [ ]\" before each",
        short.trim()
    );
    Finding { line, kind: FindingKind::Unread, text: Clean::new(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_leads_to_conditions_is_known_by_its_form() {
        for text in [
            "Promotion requires all conditions:",
            "Promotion requires:",
            "Block conditions:",
            "Quality gates",
            "Hold if:",
            "Pause the rollout when:",
            "When to pause the rollout",
            "Kriterien für die Freischaltung",
            "On attend tant que les seuils suivants sont dépassés :",
            "Condiciones para seguir",
            "放量条件",
        ] {
            assert!(leads_to_conditions(text), "{text}");
        }
        for text in [
            "Notes",
            "When to use this runbook",
            "Firewall rules",
            "Deploy to internal users only",
            "Task 1: make the store the truth for the release gate of the depot",
            "Payment gateway",
            "Convergence criteria",
            "What changed",
            "Team",
            "If something is unclear, ask in #ops",
        ] {
            assert!(!leads_to_conditions(text), "{text}");
        }
    }

    #[test]
    fn lists_of_conditions_that_are_read_as_nothing_are_told_once_each() {
        let text = "# Rollout\n\n## Conditions for the next region\n- Support has answered all calls\n- Nobody is on holiday\n\n\
                    ## Notes\n- It rains\n\n## Promotion criteria\n- Orders arrive\n\n## Tills\n\n**Hold if:**\n- The bridge is closed\n\n\
                    ## When to use this runbook\n- Always\n";
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let told: Vec<(u32, bool)> = plan
            .findings
            .iter()
            .filter(|it| it.text.contains("leads to conditions"))
            .map(|it| (it.line, it.text.contains("2 lines")))
            .collect();
        assert_eq!(told, [(3, true), (15, false)], "{:?}", plan.findings);
    }
}
