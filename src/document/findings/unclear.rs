//! Lines above rollback triggers that say more than is understood: `Hotfix if:`, `Baseline:`. What stands below them is
//! asked of a person, and may be no trigger at all.

use std::collections::BTreeMap;

use crate::document::blocks::Blocks;
use crate::document::bound::limits;
use crate::document::items::Items;
use crate::document::thresholds::{Above, Around};
use crate::domain::plan::{Finding, FindingKind};
use crate::domain::{Clean, Meaning};

/// Adds to what was `found`: each line once. Of a limit below it its own finding says so.
pub(super) fn find(blocks: &Blocks, items: &Items, found: &mut Vec<Finding>) {
    let mut lines: BTreeMap<u32, Above> = BTreeMap::new();
    let mut around = Around::default();
    for (place, block) in blocks.list.iter().enumerate() {
        let item = items.of_block(place).filter(|item| item.meaning == Meaning::Trigger && !item.struck);
        if item.is_some_and(|item| limits(&item.text).is_empty())
            && let Some(above) = around.above(blocks, block, false)
        {
            lines.entry(above.line).or_insert_with(|| above.clone());
        }
    }
    found.extend(lines.into_iter().map(|(line, Above { text, left, asks, .. })| {
        let how = if asks { "as a rollback trigger" } else { "with that line, as a rollback trigger that wants a reason" };
        let short: String = text.trim_end_matches([':', '：']).chars().take(80).collect();
        let text = format!(
            "what stands below “{short}” is asked {how}, and “{left}” is not understood; put what is no trigger below a heading of its own, such as “Do not roll back for”"
        );
        Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) }
    }));
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_above_triggers_that_says_more_than_is_understood_is_told_once() {
        let text = "# R\n\n## When to roll back\n\n- Orders are lost\n\n**Hotfix if:**\n\n- The fix is small\n- The cause is known\n\n\
                    **Critical:**\n\n- Nobody can log in\n\n### Consider waiting\n- [ ] It is late\n";
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let told: Vec<(u32, bool)> = plan
            .findings
            .iter()
            .filter(|it| it.text.contains("as a rollback trigger that wants a reason"))
            .map(|it| (it.line, it.text.contains("“hotfix if”") || it.text.contains("“consider waiting”")))
            .collect();
        assert_eq!(told, [(7, true), (16, true)]);
    }
}
