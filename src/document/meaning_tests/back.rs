//! What asks for a rollback, how it is done, and when not.

use super::{document, told};

#[test]
fn what_asks_for_a_rollback_how_it_is_done_and_when_not() {
    let text = "# R\n## Rollback Plan\n### Triggers de Rollback\n- [ ] Error rate > 5%\n### Procedure\n1. back\n\
                ## Rollback Procedures\n### Manual Rollback (If Auto Fails)\n1. **Immediate**: Route to stable\n2. **Verify**: look\n\
                ## When to Rollback\n### Major (Rollback within 30 minutes)\n- Broken\n### DO NOT Rollback For\n- Cosmetic issues\n\
                ## Automatic Rollback Triggers\n### 1. Errors\n- **Trigger**: Error rate > 1%\n- **Monitoring**: the endpoint\n- **Action**: flag off\n\
                ## Critères de décision\n**NO-GO** ❌ Si :\n- Les tests échouent\n\n**GO** ✅ Si :\n- Tout est vert\n";
    assert_eq!(
        told(text),
        [
            "4 trigger Error rate > 5%",
            "13 trigger~ Broken",
            "18 trigger~ Trigger: Error rate > 1%",
            "23 trigger~ Les tests échouent",
            "26 criterion~ Tout est vert",
        ]
    );
    let steps: Vec<u32> =
        document(text.as_bytes()).plan.rollback_steps.iter().map(|step| step.line).collect();
    assert_eq!(steps, [6, 9, 10]);
    let text = "# R\n## Rollback triggers\n- [ ] Error rate > 5%\n  - [ ] The query is right\n- [ ] Slow\n  - [ ] p95 > 2 s\n\n## FAQ\nIf any rollback criterion is met, roll back.\n";
    assert_eq!(
        told(text),
        ["3 trigger Error rate > 5%", "4 work The query is right", "5 trigger Slow", "6 trigger p95 > 2 s"]
    );
    let text = "# R\n## Rollback triggers\n- [ ] P0 - immediate\n  - [ ] Error rate > 5%\n\n## Do NOT roll back for\n- [ ] A slow printer\n";
    assert_eq!(
        told(text),
        ["3 trigger P0 - immediate", "4 trigger Error rate > 5%", "7 later A slow printer"]
    );
    let text =
        "# R\n## Automatic rollback triggers\n- **Trigger**: Error rate > 1%\n- **Action**: flag off\n";
    assert_eq!(told(text), ["3 trigger~ Trigger: Error rate > 1%"], "it ends there");
}

#[test]
fn a_heading_of_something_else_below_triggers_makes_no_live_ones() {
    let text = "# R\n\n## Rollback criteria\n\n### When to roll back\n- Latency > 2 s\n\n### Verification\n- Saturation < 70 %\n";
    let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
    let live: Vec<u32> = plan.triggers.iter().filter(|it| it.parsed.is_some()).map(|it| it.line).collect();
    assert_eq!(live, [6]);
}

#[test]
fn what_stands_below_a_line_that_denies_a_rollback_judges_nothing_in_any_form() {
    let table = "| Metric | Critical |\n|---|---|\n| Load | > 20 % |\n";
    let fences = "```promql\nsum(load)\n```\n**Alert:** > 20\n\n```yaml\nload:\n  critical: \"> 20\"\n```\n";
    for text in [
        format!("# R\n\n## Rollback criteria\n\n### When not to roll back\n{table}\n{fences}"),
        format!("# R\n\n## Rollback criteria\n\n**When not to roll back:**\n\n{table}"),
        format!("# R\n\n## Rollback criteria\n\n### When not to roll back\n\n#### Load\n{table}"),
    ] {
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let live =
            plan.thresholds.iter().filter(|it| it.critical.as_ref().is_some_and(|it| it.bound.is_some()));
        assert_eq!(live.map(|it| it.line).collect::<Vec<_>>(), [0u32; 0], "{text}");
    }
}

#[test]
fn a_heading_that_also_asks_for_a_rollback_is_not_taken_back() {
    for heading in [
        "Abort/Rollback criteria",
        "Stop / rollback triggers",
        "Rollback triggers (no automatic rollback)",
        "Rollback triggers (rollback is never automatic)",
        "When to roll back (and when not to roll back)",
    ] {
        let text = format!("# R\n\n## {heading}\n- Latency > 2 s\n");
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        assert_eq!(plan.triggers.len(), 1, "{heading}");
    }
    let text = "# R\n\n## Abort / rollback readiness (required)\n- [ ] Rehearse it\n\n## Roll forward to 100 % (required)\n- [ ] Check it\n";
    let items = crate::document::read("d.md", text.as_bytes()).document.expect("a text").sections;
    assert!(
        items
            .iter()
            .flat_map(|it| &it.items)
            .all(|it| it.required && it.meaning == crate::domain::Meaning::Work)
    );
}
