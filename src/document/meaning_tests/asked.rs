//! What is asked below lines that are not understood, what lines above demand, and what a title makes of all of it.

use super::{document, told};
use crate::domain::{Item, Meaning};

fn items(text: &str) -> Vec<Item> {
    document(text.as_bytes()).sections.into_iter().flat_map(|section| section.items).collect()
}

/// Triggers by their lines, and what they stand below.
fn below(text: &str) -> Vec<(u32, Option<String>)> {
    let triggers = items(text).into_iter().filter(|it| it.meaning == Meaning::Trigger);
    triggers.map(|it| (it.line, it.below.map(|below| below.to_string()))).collect()
}

#[test]
fn what_stands_below_a_line_that_is_not_understood_is_asked_with_it_and_told() {
    let text = "# R\n\n## When to roll back\n\n- Orders are lost\n\n**Hotfix if:**\n- The fix is small\n\n\
                **Watch for an hour (no rollback yet):**\n- Minor bugs\n\n### Decision criteria\n- [ ] Somebody looked at it\n\
                - [ ] Error rate > 7 %\n\n### Manual rollback requires\n- a ticket\n";
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(
        below(text),
        [
            (5, None),
            (8, said("Hotfix if")),
            (14, said("Decision criteria")),
            (15, said("Decision criteria")),
            (18, said("Manual rollback requires")),
        ]
    );
    let plan = document(text.as_bytes()).plan;
    let found: Vec<u32> =
        plan.findings.iter().filter(|it| it.text.contains("wants a reason")).map(|it| it.line).collect();
    assert_eq!(found, [7, 13, 17]);
    let live: Vec<u32> = plan.triggers.iter().filter(|it| it.parsed.is_some()).map(|it| it.line).collect();
    assert_eq!(live, [15], "a limit is a condition, whatever is decided with it");
    let shown: Vec<String> = items(text).iter().map(|it| it.shown().into_owned()).collect();
    assert_eq!(shown[1], "Hotfix if: The fix is small");
}

#[test]
fn what_says_by_itself_when_to_go_back_needs_no_line_above_it() {
    let text = "# R\n\n## When to roll back\n\n**Till lines:**\n- Roll back if no till prints\n\n## Steps\n\n**Night:**\n\n\
                If the error rate exceeds 3 %, roll back.\n";
    assert!(below(text).iter().all(|(_, below)| below.is_none()), "{:?}", below(text));
}

#[test]
fn when_not_to_go_back_is_no_step_of_going_back() {
    let text = "# R\n\n## Rollback\n\nWhen to roll back:\n- Errors > 7 %\n\nWhen not to roll back:\n- Lag > 100\n\nSteps:\n- Flip it\n";
    let plan = document(text.as_bytes()).plan;
    assert_eq!(plan.rollback_steps.iter().map(|it| it.line).collect::<Vec<_>>(), [12]);
    assert_eq!(plan.triggers.iter().map(|it| it.line).collect::<Vec<_>>(), [6]);
}

#[test]
fn what_makes_criteria_fail_is_none_to_be_met() {
    for label in
        ["Fail if:", "Hold if:", "Not acceptable:", "Nicht akzeptabel:", "Inacceptable :", "不可接受："]
    {
        let text = format!(
            "# R\n\n## Success criteria (all must be met)\n- Latency < 2 s\n\n**{label}**\n- Error rate > 5 %\n- Tills are silent\n"
        );
        assert_eq!(
            told(&text),
            ["4 criterion!~ Latency < 2 s", "7 trigger~ Error rate > 5 %", "8 trigger~ Tills are silent"],
            "{label}"
        );
        assert!(below(&text).iter().all(|(_, below)| below.is_some()), "{label}");
        let plan = document(text.as_bytes()).plan;
        assert!(plan.triggers.iter().all(|it| it.parsed.is_none()), "{label}");
        assert!(plan.findings.iter().any(|it| it.line == 7), "{label}: {:?}", plan.findings);
    }
    let text = "# R\n\n## Load test\n\n**Fail if:**\n- [ ] p95 > 2 s\n";
    assert_eq!(told(text), ["6 work p95 > 2 s"]);
}

#[test]
fn a_line_that_demands_all_of_a_section_demands_what_its_headings_hold() {
    for line in [
        "All of the following must be satisfied for a GO decision:",
        "All of these must be true:",
        "Every one of these has to hold:",
        "Alle Punkte müssen erfüllt sein:",
        "Toutes les conditions doivent être remplies :",
    ] {
        let text = format!(
            "# R\n\n## GO criteria\n\n{line}\n\n### Tills\n- [ ] They print\n\n### Scales\n- [ ] They weigh\n"
        );
        assert_eq!(told(&text), ["8 criterion! They print", "11 criterion! They weigh"], "{line}");
    }
    for (line, required) in [
        ("All must be green.", true),
        ("All checks must pass.", true),
        ("All data must be encrypted.", false),
        ("Everybody reads this.", false),
    ] {
        let text = format!("# R\n\n## Checks\n\n{line}\n\n- [ ] They print\n");
        assert_eq!(items(&text)[0].required, required, "{line}");
    }
    let text = "# R\n\n## Go/No-Go\n\n**GO if all of the following are true:**\n- [ ] They print\n\n**NO-GO if any of these is true:**\n- [ ] They burn\n";
    assert_eq!(told(text), ["6 criterion! They print", "9 trigger They burn"]);
}

#[test]
fn the_title_of_a_checklist_makes_no_criteria_of_its_work() {
    let text =
        "# Go/No-Go Checklist\n\n## Before\n- [ ] Email the shops\n\n## Go criteria\n- [ ] They print\n";
    assert_eq!(told(text), ["4 work Email the shops", "7 criterion They print"]);
    let text = "# Acceptance criteria\n\n## Tills\n- [ ] They print\n";
    assert_eq!(told(text), ["4 criterion They print"]);
}
