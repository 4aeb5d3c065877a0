//! Limits and criteria that stand where nothing is made of them: a list below a heading that says nothing known, rows of a
//! table of criteria without a number.

use rustc_hash::FxHashSet;

use super::MOST;
use super::unnamed::line_above;
use crate::document::blocks::{Block, Kind};
use crate::document::bound::limits;
use crate::document::items::Items;
use crate::document::outline::{Above, Outline};
use crate::document::topic::Topic;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Plan};

/// Headings below which numbers are told, and hold nothing.
pub(super) const TOLD: [Topic; 8] = [
    Topic::Inert,
    Topic::Claim,
    Topic::Report,
    Topic::TakenBack,
    Topic::Expected,
    Topic::Aftermath,
    Topic::Rollback,
    Topic::Plain,
];

/// Adds to the findings of `plan`, which is complete but for this.
pub(in crate::document) fn find(outline: &Outline<'_>, items: &Items, plan: &mut Plan) {
    let blocks = outline.blocks;
    let lines: FxHashSet<u32> = plan.thresholds.iter().map(|it| it.line).collect();
    let criteria: FxHashSet<&str> =
        plan.severities.iter().flat_map(|it| &it.criteria).map(Clean::as_str).collect();
    let asks =
        |line: &&Above| !line.topics.any(&[Topic::Criterion, Topic::Trigger, Topic::Around, Topic::Drill]);
    let is_told =
        |place: usize| outline.above(place).iter().take_while(asks).any(|line| line.topics.any(&TOLD));
    let read = |line: u32| lines.contains(&line);
    let lost = |place: usize, block: &Block| -> Option<Finding> {
        let may_be = match &block.kind {
            Kind::Item { text, .. } => text.plain.contains(['<', '>', '≤', '≥']),
            Kind::Table { .. } => true,
            _ => false,
        };
        if !may_be || items.has(place) || blocks.is_set_aside(block) || is_told(place) {
            return None;
        }
        match &block.kind {
            Kind::Item { text, .. } if block.inside.is_none() && !read(block.line) => {
                let limit = !limits(&text.plain).is_empty();
                (limit && !criteria.contains(text.plain.as_str())).then(|| of_line(block.line, &text.plain))
            }
            Kind::Table { rows, .. } => {
                let heads = outline.heads_above(block.head).next()?;
                let lost = || rows.iter().filter(|(line, _)| items.of_row(*line).is_none() && !read(*line));
                let asked = heads.topics.any(&[Topic::Criterion, Topic::Trigger, Topic::Checklist])
                    || line_above(blocks, block).is_some();
                lost().next().filter(|_| asked).map(|(first, _)| of_rows(*first, lost().count()))
            }
            _ => None,
        }
    };
    let all = blocks.list.iter().enumerate().filter_map(|(place, block)| lost(place, block));
    let found: Vec<Finding> = all.take(MOST).collect();
    plan.findings.extend(found);
}

fn of_line(line: u32, text: &str) -> Finding {
    let short: String = text.chars().take(80).collect();
    let text = format!(
        "“{}” states a limit, and no line above says what it is for: nothing watches it; put it below “Rollback triggers” or “Success criteria”",
        short.trim()
    );
    Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) }
}

fn of_rows(line: u32, count: usize) -> Finding {
    let text = format!(
        "{count} {} of this table, from this one on, {} read as nothing: write \"- [ ]\" and the text for each that is to be met",
        if count == 1 { "row" } else { "rows" },
        if count == 1 { "is" } else { "are" },
    );
    Finding { line, kind: FindingKind::Unread, text: Clean::new(&text) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn limits_and_criteria_that_are_read_as_nothing_are_told() {
        let text = "# Rollout\n\n## Quiet hours\n- Error rate > 10%\n- all is calm\n\n## Conditions for the next region\n| Thing | Word |\n|---|---|\n\
                    | All tests pass | 14/14 |\n| Payout complete | Pass |\n\n## Rollback triggers\n- Error rate > 5%\n\n\
                    ## No-Go triggers\n- Latency > 2 s\n\n## Rollback\n### Metrics to watch\n- **Errors**: should return to < 1%\n";
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let told = |words: &str| -> Vec<u32> {
            plan.findings.iter().filter(|it| it.text.contains(words)).map(|it| it.line).collect()
        };
        assert_eq!(told("states a limit, and no line above"), [4, 21]);
        assert_eq!(told("read as nothing"), [10]);
        assert_eq!(plan.triggers.iter().map(|it| it.line).collect::<Vec<_>>(), [14, 17]);
    }
}
