//! Headings and labels that set aside what stands below them: `Example thresholds`, `Old limits:`.

use crate::document::blocks::{Block, Blocks, Kind};
use crate::document::topic::Topics;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// Languages of fences that state limits.
const LIMITS: [&str; 3] = ["yaml", "yml", "promql"];

/// Adds to what was `found`.
pub(super) fn find(blocks: &Blocks, found: &mut Vec<Finding>) {
    // The outermost heading that sets it aside.
    let outermost = |block: &Block| {
        let next = |at: &usize| blocks.heads.get(*at).and_then(|head| head.under);
        let of = |at: &usize| blocks.heads.get(*at).is_some_and(|head| head.aside);
        std::iter::successors(block.head, next).filter(of).last()
    };
    let holds = |block: &Block| !matches!(block.kind, Kind::Paragraph(_) | Kind::Html(_));
    let mut told: Vec<(u32, &Clean)> = Vec::new();
    for block in blocks.list.iter().filter(|block| holds(block)) {
        let of_label = || {
            let label = blocks.list.get(blocks.aside_label(block)?)?;
            let Kind::Paragraph(text) = &label.kind else { return None };
            // What a label introduces as code is shown, and is what it was.
            let shown =
                matches!(&block.kind, Kind::Fence { language, .. } if !LIMITS.contains(&language.as_str()));
            (!shown).then_some((label.line, &text.plain))
        };
        let of_head =
            outermost(block).and_then(|at| blocks.heads.get(at)).map(|head| (head.line, &head.text));
        if let Some(line) = of_head.or_else(of_label)
            && told.last() != Some(&line)
            && (of_head.is_some() || !Topics::takes_back(line.1))
        {
            told.push(line);
        }
    }
    found.extend(told.into_iter().take(super::MOST).map(|(line, text)| {
        let text = format!(
            "“{}” says that what stands below it is an example or holds no more: it is listed as set aside, and nothing of it is asked for, watched or run; call it otherwise if it holds",
            super::short(text)
        );
        Finding { line, kind: FindingKind::Unread, text: Clean::new(&text) }
    }));
}

#[cfg(test)]
mod tests {
    use crate::domain::plan::CommandKind;

    #[test]
    fn what_comes_after_an_example_is_no_part_of_it() {
        let text = "# Go\n\n## Deploy\n\nExample:\n\n```bash\n./deploy.sh\n```\n\nThen go through the list.\n\n- [ ] MUST: Back up the database\n\n\
                    ## Smoke\n\nExamples:\n\n- [ ] MUST: Log in\n";
        let document = crate::document::read("g.md", text.as_bytes()).document.expect("a text");
        let items: Vec<bool> =
            document.sections.iter().flat_map(|it| &it.items).map(|it| it.required).collect();
        assert_eq!(items, [true, true]);
    }

    #[test]
    fn what_an_example_or_an_old_part_says_is_listed_and_not_live() {
        let text = "# Go\n\n## Rollback triggers (old)\n- Error rate > 5%\n\n## Example limits\n\n| Metric | Alert If |\n|---|---|\n\
                    | Queue | > 100 |\n\n### More\n- [ ] **MUST** fill it in\n\n```bash\n./deploy.sh\n```\n\n## Checks\n\n**Sample:**\n\n\
                    | Metric | Alert If |\n|---|---|\n| Disk | > 90 % |\n\n## Rollback triggers\n- Error rate > 7%\n";
        let document = crate::document::read("g.md", text.as_bytes()).document.expect("a text");
        let plan = &document.plan;
        let told: Vec<u32> =
            plan.findings.iter().filter(|it| it.text.contains("set aside")).map(|it| it.line).collect();
        assert_eq!(told, [3, 6, 21], "{:?}", plan.findings);
        let limits: Vec<u32> = plan.thresholds.iter().map(|it| it.line).collect();
        assert_eq!(limits, [28]);
        assert_eq!(plan.triggers.iter().map(|it| it.line).collect::<Vec<_>>(), [28]);
        let kinds: Vec<_> = plan.commands.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [CommandKind::Sample]);
        let items: Vec<_> = document.sections.iter().flat_map(|it| &it.items).collect();
        assert!(items.iter().all(|item| item.struck == (item.line < 20)), "{items:?}");
        assert!(items.iter().any(|item| item.line == 13 && !item.required));
    }
}
