//! Forms that leave something to choose, to fill in or to keep in mind.

use super::{document, told};

#[test]
fn several_different_marks_in_a_row_are_a_choice_that_nobody_made() {
    let text = "# Gate\n\n| Question | Go | No-go | State |\n|---|---|---|---|\n| Suite green | ✓ | ✗ | ☐ |\n| Crew there | ✓ | ✗ | ☑ |\n\n\
                ## Figures\n\n| Figure | Now | State |\n|---|---|---|\n| Orders | [X] per min | ✅/⚠️/❌ |\n| Refunds | [Y] % | ✅ / ❌ |\n\n\
                ## Night\n\n| What | Result | Again |\n|---|---|---|\n| Load test | ☐ pass ☐ fail | |\n| Soak test | ☑ pass | |\n| Dry run | ☑ | ☐ |\n\n\
                ## Drill\n\n| What | Pass | Fail |\n|---|---|---|\n| Pumps | ☑ | ☐ |\n| Doors | ☐ | ☑ |\n| Lamps | ☐ | ☐ |\n\n\
                ## List\n- ✅/❌ Backups\n- Caches: ✅ warm / ❌ cold\n- ✅ Keys\n\n**Legend:**\n- State: ✅ good / ❌ bad\n";
    assert_eq!(
        told(text),
        [
            "5 work Suite green {Go=✓} {No-go=✗}",
            "6 workx Crew there {Go=✓} {No-go=✗}",
            "12 work Orders",
            "13 work Refunds {Now=[Y] %}",
            "19 work Load test {Result=pass ☐ fail}",
            "20 workx Soak test {Result=pass}",
            "21 work Dry run",
            "27 workx Pumps",
            "28 work Doors",
            "29 work Lamps",
            "32 work Backups",
            "33 work~ Caches: ✅ warm / ❌ cold",
            "34 work~x Keys",
        ]
    );
    let found = document(text.as_bytes()).plan.findings;
    let choices = found.iter().filter(|finding| finding.text.contains("several marks"));
    assert_eq!(choices.map(|finding| finding.line).collect::<Vec<_>>(), [12, 19, 32, 33]);
}

#[test]
fn of_the_outcomes_of_a_check_only_the_good_one_is_done() {
    let text = "# Gate\n\n| Check | Fail | Pass | N/A |\n|---|---|---|---|\n| Pumps | ☐ | ☑ | ☐ |\n| Doors | ☑ | ☐ | ☐ |\n\
                | Lamps | ☐ | ☐ | ☑ |\n| Belts | ☑ | ☑ | ☐ |\n| Locks | ☐ | ☐ | ☐ |\n";
    assert_eq!(told(text), ["5 workx Pumps", "6 work Doors", "7 work Lamps", "8 work Belts", "9 work Locks"]);
    let found = document(text.as_bytes()).plan.findings;
    let choices = found.iter().filter(|finding| finding.text.contains("several marks"));
    assert_eq!(choices.map(|finding| finding.line).collect::<Vec<_>>(), [8]);
}

#[test]
fn a_heading_or_label_that_demands_makes_its_criteria_required() {
    let text = "# R\n\n## Success criteria (all must be met)\n- [ ] Lanes open\n\n## Success criteria\n- [ ] Lanes shut\n\n\
                **Promotion criteria, all required:**\n- ✅ Belts run\n\n## MUST\n\n### Acceptance criteria\n- [ ] Not asked\n\n\
                ## Abnahmekriterien (alle müssen erfüllt sein)\n- [ ] Waage geeicht\n\n## Critères de succès (tous doivent être remplis)\n- [ ] Quai libre\n\n\
                ## Criterios de éxito: deben cumplirse todos\n- [ ] Muelle libre\n\n## Critérios de sucesso (todos devem ser atendidos)\n- [ ] Doca livre\n\n\
                ## 成功标准（全部满足）\n- [ ] 码头空闲\n\n## 成功基準（すべて満たすこと）\n- [ ] 岸壁が空いている\n\n\
                ## What must not happen\n- [ ] Spills\n";
    assert_eq!(
        told(text),
        [
            "4 criterion! Lanes open",
            "7 criterion Lanes shut",
            "10 criterion!~x Belts run",
            "15 criterion Not asked",
            "18 criterion! Waage geeicht",
            "21 criterion! Quai libre",
            "24 criterion! Muelle libre",
            "27 criterion! Doca livre",
            "30 criterion! 码头空闲",
            "33 criterion! 岸壁が空いている",
            "36 work Spills",
        ]
    );
}

#[test]
fn what_must_not_lead_back_a_label_and_the_time_to_act_are_no_triggers() {
    let text = "# Way back\n\n## When to roll back\n\n### At once\n- Orders are lost\n\n### Do NOT roll back for\n- Typing errors\n- [ ] A slow printer\n\n\
                ## Decision\n\n**GO** ✅ if:\n- Crew is there\n\n**NO-GO** ❌ if:\n- Crew is missing\n\n\
                **Rollback triggers** (any of them at once):\n- [ ] Orders stand still\n\n\
                ## Asked often\n\n**Q: When to roll back?**\nA: When a trigger of the list above holds, do not wait.\n\n\
                ## Rollback criteria\n\n| Condition | Action | Timeline |\n|---|---|---|\n| Stock is wrong | Stop and roll back | <2 min |\n";
    assert_eq!(
        told(text),
        [
            "6 trigger~ Orders are lost",
            "9 later~ Typing errors",
            "10 later A slow printer",
            "15 criterion~ Crew is there",
            "18 trigger~ Crew is missing",
            "21 trigger Orders stand still",
            "32 trigger~ Stock is wrong — Stop and roll back {Timeline=<2 min}",
        ]
    );
    let plan = document(text.as_bytes()).plan;
    assert!(plan.thresholds.is_empty(), "{:?}", plan.thresholds);
    let told = plan.findings.iter().find(|finding| finding.text.contains("not to roll back"));
    assert_eq!(told.map(|finding| finding.line), Some(8));
}

#[test]
fn a_title_with_report_drops_nothing_that_is_to_be_done_and_says_what_it_leaves_out() {
    let text = "# Release Report\n\n## Before deploying\n1. Take a backup\n\n## Rollback triggers\n- Error rate > 5%\n\n## What changed\n1. The cart\n2. The till\n\n\
                ## Results\n- ✅ Tests pass\n";
    assert_eq!(told(text), ["4 work~ Take a backup", "7 trigger~ Error rate > 5%", "14 claim~x Tests pass"]);
    let findings = document(text.as_bytes()).plan.findings;
    let left_out: Vec<_> =
        findings.iter().filter(|it| it.text.contains("it is a report: 2 of its")).collect();
    assert_eq!(left_out.iter().map(|it| it.line).collect::<Vec<_>>(), [10]);
    // It is a checklist, whatever it is a checklist of.
    let text = "# Release Report Checklist\n\n## What to look at\n1. The cart\n2. The till\n";
    assert_eq!(told(text), ["4 work~ The cart", "5 work~ The till"]);
}

#[test]
fn a_title_of_results_makes_no_claims() {
    let text = "# Deployment status\n\n## Steps\n1. Shift the traffic\n\n## Test results\n1. Carts pass ✅\n";
    assert_eq!(told(text), ["4 work~ Shift the traffic", "7 claim~x Carts pass ✅"]);
}

#[test]
fn a_title_of_two_meanings_or_of_the_whole_sets_none() {
    for title in
        ["Deployment & Rollback Runbook", "Pre- and Post-Deployment Checklist", "Release- und Rollback-Plan"]
    {
        let text = format!("# {title}\n\n## Database\n- [ ] Migrate\n");
        assert_eq!(told(&text), ["4 work Migrate"], "{title}");
    }
    assert_eq!(told("# Rollback Runbook\n\n## Database\n- [ ] Migrate back\n"), ["4 later Migrate back"]);
}

#[test]
fn conditions_below_the_name_of_a_stage_are_of_that_stage() {
    let text = "# R\n\n## Phase 1: Canary\n- Shift 5 %\n\n## Phase 2: Half\n- Shift 50 %\n\n## Rollback triggers\n### Phase 1\n- Error rate > 5%\n\n\
                ### Phase 2\n- Error rate > 2%\n\n### Always\n- Data loss\n";
    let plan = document(text.as_bytes()).plan;
    let triggers: Vec<_> = plan.triggers.iter().map(|it| (it.line, it.stage.as_deref())).collect();
    assert_eq!(triggers, [(11, Some("Canary")), (14, Some("Half")), (17, None)]);
    assert_eq!(plan.stages.len(), 2, "a heading below triggers begins no stage");
}

#[test]
fn a_bullet_that_says_when_to_go_back_is_a_trigger_in_whatever_list() {
    let text = "# R\n\n## Week 2\n\n**Day 8: 5%**\n- Gates are active\n- Rollback if error rate > 1%\n";
    assert_eq!(told(text), ["7 trigger~ Rollback if error rate > 1%"]);
}

#[test]
fn the_text_of_a_row_is_what_is_done_and_neither_when_nor_by_whom() {
    let text = "# C\n\n| Step | Time | Owner | Action | Status |\n|---|---|---|---|---|\n| 1 | T-30m | Ops | Announce it | ⬜ |\n\
                | 2 | T+0 | Dev | Run `kubectl apply -f pay.yaml` | ⬜ |\n| 3 | T+1 h | | Rehearse | ⬜ |\n\n\
                | Owner | Done |\n|---|---|\n| Kim | ☐ |\n\n## Sign-off\n\n| Role | Signature |\n|---|---|\n| Service owner | ☐ |\n";
    let items = told(text);
    let begins: Vec<String> =
        items.iter().map(|it| it.split(['<', '{']).next().unwrap_or_default().trim().to_owned()).collect();
    assert_eq!(
        begins,
        [
            "5 work Announce it",
            "6 work Run kubectl apply -f pay.yaml",
            "7 work Rehearse",
            "11 work Kim",
            "17 sign-off(Service owner) Service owner"
        ],
        "{items:?}"
    );
    assert_eq!(document(text.as_bytes()).plan.commands.len(), 1);
}

#[test]
fn when_to_go_back_is_no_detail_of_a_step() {
    let text = "# C\n- [ ] Run the migration\n  - Takes 5 minutes\n  - Roll back if replication lag > 30 s\n\n## Checks\n- [ ] Read\n\n\
                * Abort if it takes longer than 20 minutes\n\n## Never roll back if\n- [ ] Slow\n  - Roll back if slow > 9 s\n";
    let triggers: Vec<u32> = document(text.as_bytes()).plan.triggers.iter().map(|it| it.line).collect();
    assert_eq!(triggers, [4, 9]);
}

#[test]
fn when_to_go_on_is_a_criterion_and_after_is_later() {
    let text = "# C\n## Phase 1: Canary\n### Promote when\n- error rate < 1%\n## After (first 24 hours)\n- [ ] Tidy\n";
    assert_eq!(told(text), ["4 criterion~ error rate < 1%", "6 later(0-86400) Tidy"]);
}

#[test]
fn boxes_that_deny_each_other_are_one_decision() {
    let text = "# Gate\n\n## Approval\n- [ ] QA lead\n\n**Decision:**\n\n- [ ] **GO** - Shift it\n- [ ] **NO-GO** - Look again\n- [ ] **CONDITIONAL GO** - Half\n\n\
                ## Sign-off\n\n- [ ] Nicht freigegeben\n- [x] Freigegeben\n\n## Work\n- [ ] Approved\n- [ ] Rejected (say why)\n- [ ] Tell support\n\n\
                ## More\n- [ ] No errors in the log\n- [ ] Errors are counted\n- [ ] Go to the console\n";
    assert_eq!(
        told(text),
        [
            "4 sign-off(QA lead) QA lead",
            "8 sign-off(?) GO - Shift it {NO-GO=Look again} {CONDITIONAL GO=Half}",
            "15 sign-off(?)x Freigegeben {Nicht freigegeben=}",
            "18 work Approved {Rejected=(say why)}",
            "20 work Tell support",
            "23 work No errors in the log",
            "24 work Errors are counted",
            "25 work Go to the console",
        ]
    );
    let plan = document(text.as_bytes()).plan;
    assert_eq!((plan.counts.items, plan.counts.checked), (12, 1), "each box is counted");
    assert_eq!(plan.roles.iter().map(|it| &*it.name).collect::<Vec<&str>>(), ["QA lead"]);
}

#[test]
fn two_who_decide_are_two_and_work_beside_a_decision_stays_work() {
    let text = "# Gate\n\n## Sign-off\n- [ ] GO (SRE)\n- [ ] NO-GO (SRE)\n- [ ] GO (Product)\n- [ ] NO-GO (Product)\n\n\
                ## Decision\n- [ ] GO\n- [ ] NO-GO\n- [ ] HOLD\n- [ ] LEGAL\n- [ ] On-call is ready to go live\n- [ ] Go live announced\n";
    let told = told(text);
    let of = |word: &str| told.iter().filter(|it| it.contains(word)).count();
    assert_eq!((of("SRE"), of("Product")), (2, 2), "{told:?}");
    assert!(told.iter().any(|it| it.contains("GO {NO-GO=} {HOLD=}")), "{told:?}");
    assert_eq!((of("LEGAL"), of("On-call"), of("announced")), (1, 1, 1), "{told:?}");
}

#[test]
fn a_line_of_a_stage_ends_what_stood_above_where_there_are_no_headings() {
    let text =
        "Deploy sheet\n\nRollback if:\n* any data loss\n\nPhase 1: canary - 5% for 1h\n* [ ] Shift it\n";
    assert_eq!(told(text), ["4 trigger~ any data loss", "7 work Shift it"]);
}
