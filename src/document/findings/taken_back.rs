//! Headings above triggers that are none: `Do NOT roll back if`, `Rollback triggers (retired)`.

use super::MOST;
use crate::document::blocks::Kind;
use crate::document::items::{Items, decision_to_go_on};
use crate::document::outline::Outline;
use crate::document::topic::{Topic, Topics};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// Adds to what was `found`.
pub(super) fn find(outline: &Outline<'_>, found: &mut Vec<Finding>) {
    let blocks = outline.blocks;
    let heads = blocks.heads.iter().enumerate().filter(|(at, _)| {
        outline.heads_above(Some(*at)).next().is_some_and(|line| line.topics.has(Topic::TakenBack))
    });
    // What sets aside all that stands below it is told as such.
    let heads = heads.filter(|(_, head)| !head.aside).map(|(_, head)| (head.line, &head.text));
    let labels = blocks.list.iter().filter_map(|block| match &block.kind {
        Kind::Paragraph(text) if text.introduces() && Topics::takes_back(&text.plain) => {
            Some((block.line, &text.plain))
        }
        _ => None,
    });
    found.extend(heads.chain(labels).map(|(line, text)| {
        let text = format!(
            "“{}” says when not to roll back, or what no longer asks for it: nothing below it is watched, and a person keeps it in mind",
            text.chars().take(80).collect::<String>()
        );
        Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) }
    }));
}

/// Adds the rows of tables of triggers that are none, as nobody goes back then: `Low | Minor | Monitor`.
pub(super) fn decided(outline: &Outline<'_>, items: &Items, found: &mut Vec<Finding>) {
    let blocks = outline.blocks;
    for (place, block) in blocks.list.iter().enumerate() {
        let Kind::Table { header, rows } = &block.kind else { continue };
        let asks = [Topic::Trigger, Topic::Bare];
        if blocks.is_set_aside(block) || !outline.above(place).iter().any(|line| line.topics.any(&asks)) {
            continue;
        }
        let left = rows.iter().filter(|(line, _)| items.of_row(*line).is_none());
        let said = left.filter_map(|(line, cells)| Some((*line, decision_to_go_on(header, cells)?)));
        found.extend(said.take(MOST).map(|(line, said)| {
            let text = format!(
                "this row decides to go on (“{}”) and is asked as no rollback trigger: a person keeps it in mind",
                said.chars().take(60).collect::<String>()
            );
            Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) }
        }));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_heading_that_says_when_not_to_go_back_is_told() {
        let text = "# R\n\n## Do NOT roll back if\n- p95 > 2 s\n\n## Rollback triggers (retired)\n- p95 > 3 s\n\n\
                    ## Rollback triggers\n- p95 > 4 s\n\n## Steps\n\n**Never roll back when:**\n- p95 > 5 s\n";
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        let told: Vec<u32> = plan
            .findings
            .iter()
            .filter(|it| it.text.contains("not to roll back"))
            .map(|it| it.line)
            .collect();
        assert_eq!(told, [3, 14]);
        let aside = plan.findings.iter().filter(|it| it.text.contains("holds no more: it is listed"));
        assert_eq!(aside.map(|it| it.line).collect::<Vec<_>>(), [6], "told as set aside");
        assert_eq!(plan.triggers.len(), 1);
    }

    #[test]
    fn triggers_that_hold_no_more_are_told_and_those_of_a_host_or_of_old_machines_hold() {
        let watched = |heading: &str| {
            let text = format!("# R\n\n{heading}\n\n- p95 > 3 s\n");
            crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan.triggers.len()
        };
        for heading in [
            "## example.com: rollback triggers",
            "## Rollback triggers (example.com)",
            "**example.org rollback triggers:**",
            "## Rollback triggers for retired hosts",
            "## Rollback criteria for deprecated endpoints",
        ] {
            assert_eq!(watched(heading), 1, "{heading}");
        }
        for heading in [
            "## Example rollback triggers",
            "## Former rollback triggers",
            "## Superseded rollback triggers",
            "## Rollback triggers (obsolete)",
            "## Rollback triggers – deprecated",
            "**Example rollback triggers:**",
            "**Former rollback triggers:**",
            "**Deprecated rollback criteria:**",
            "**Rollback triggers (retired):**",
            "**Alte Rollback-Auslöser (veraltet):**",
            "**Critères de rollback (obsolètes) :**",
            "## Never roll back if",
        ] {
            assert_eq!(watched(heading), 0, "{heading}");
        }
    }
}
