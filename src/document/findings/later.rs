//! Limits that stand below a later stage and judge from the start all the same: those of tables and YAML, known by their name alone.

use crate::document::outline::Outline;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Origin, Plan};

/// Adds to the findings of `plan`, which is complete but for this, once a stage.
pub(in crate::document) fn find(outline: &Outline<'_>, plan: &mut Plan) {
    let heads = &outline.blocks.heads;
    let Some(first) = plan.stages.first().map(|stage| stage.line) else { return };
    let (mut told, mut found) = (Vec::new(), Vec::new());
    for limit in plan.thresholds.iter().filter(|limit| limit.item.is_none() && limit.origin != Origin::Query)
    {
        let above = heads.partition_point(|head| head.line <= limit.line).checked_sub(1);
        let Some(stage) = outline.stage_of(above).map(|head| head.line) else { continue };
        let judges =
            [&limit.warning, &limit.critical].into_iter().flatten().any(|stated| stated.bound.is_some());
        let later = stage > first && plan.stages.iter().any(|known| known.line == stage);
        if !judges || !later || told.contains(&stage) {
            continue;
        }
        told.push(stage);
        let name = plan.stages.iter().find(|known| known.line == stage).map_or("", |known| &*known.name);
        let text = format!(
            "the limit of “{}” stands below the stage “{name}” and counts from the start of the rollout, as do others there in tables and YAML; write it as a rollback trigger of that stage (\"- {} …\" below “Rollback triggers”) if it is to wait for it",
            limit.name, limit.name
        );
        found.push(Finding { line: limit.line, kind: FindingKind::Threshold, text: Clean::new(&text) });
    }
    plan.findings.extend(found);
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_limit_by_name_below_a_later_stage_is_told_to_count_from_the_start() {
        let text = "# R\n\n## Phase 1: Canary (5%)\n\n| Metric | Critical |\n|---|---|\n| errors | > 5 % |\n\n- [ ] Look\n\n\
                    ## Phase 2: Half (50%)\n\n- [ ] Shift\n\n### Limits\n\n| Metric | Critical |\n|---|---|\n| errors | > 1 % |\n| lag | > 10 s |\n\n\
                    ## Phase 3: All (100%)\n\n- [ ] Shift\n\n| Metric | Target |\n|---|---|\n| saturation | < 70 % |\n";
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        let told = plan.findings.iter().filter(|it| it.text.contains("counts from the start"));
        let told: Vec<(u32, bool)> = told.map(|it| (it.line, it.text.contains("Half"))).collect();
        assert_eq!(told, [(19, true)], "{:?}", plan.findings);
    }
}
