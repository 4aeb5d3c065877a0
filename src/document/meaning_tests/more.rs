//! The same in more forms: boxes typed otherwise, words of other languages, stages, tables of approvals.

use super::{document, told};

#[test]
fn boxes_that_were_typed_otherwise_are_items_too() {
    let text = "# A\n- [ x] a\n- [x ] b\n- ［ ］c\n- ［x］ d\n- [　] e\n- [?] f\n- [x]g\n- [ ]**h**\n- []string\n- [x](y)\n";
    assert_eq!(
        told(text),
        ["2 workx a", "3 workx b", "4 work c", "5 workx d", "6 work e", "7 work f", "8 workx g", "9 work h"]
    );
    let glued = document(b"# A\n- [ ] a\n-[ ] b\n\n-[x] c\n*[ ] d\n").plan.findings;
    assert_eq!(glued.iter().map(|finding| finding.line).collect::<Vec<_>>(), [3, 5, 6], "{glued:?}");
}

#[test]
fn what_an_item_demands_is_told_in_other_languages_and_behind_bold() {
    let text = "# A\n- [ ] OBLIGATOIRE : geler\n- [ ] OBLIGATORIO: avisar\n- [ ] OBRIGATÓRIO: avisar\n- [ ] 必须：通知\n\
                - [ ] 必須：連絡\n- [ ] Zwingend: sperren\n- [ ] Do it **MANDATORY**\n- [ ] Facultatif : chauffer\n\
                - [ ] The required tests: all\n";
    assert_eq!(
        told(text),
        [
            "2 work! OBLIGATOIRE : geler",
            "3 work! OBLIGATORIO: avisar",
            "4 work! OBRIGATÓRIO: avisar",
            "5 work! 必须：通知",
            "6 work! 必須：連絡",
            "7 work! Zwingend: sperren",
            "8 work! Do it MANDATORY",
            "9 work Facultatif : chauffer",
            "10 work The required tests: all",
        ]
    );
}

#[test]
fn headings_that_are_nothing_but_a_time_go_on_where_the_one_before_was_of_afterwards() {
    let text = "# Move\n## 0-15 minutes\n- [ ] look\n## Post-deployment (0-4 hours)\n- [ ] a\n## 4-24 hours\n- [ ] b\n\
                ## Days 1-7\n- [ ] c\n## Sign-off\n- [ ] QA\n## 1-2 hours\n- [ ] d\n# Nach der Einspielung\n## 0–4 Stunden\n- [ ] e\n\
                # Après la bascule du site\n### 1-3 jours\n- [ ] f\n";
    assert_eq!(
        told(text),
        [
            "3 work look",
            "5 later(0-14400) a",
            "7 later(14400-86400) b",
            "9 later(0-604800) c",
            "11 sign-off(QA) QA",
            "13 work d",
            "16 later(0-14400) e",
            "19 later(86400-259200) f",
        ]
    );
}

#[test]
fn words_for_going_back_and_for_afterwards_in_other_languages() {
    let text = "# Lager\n## Rückbaukriterien\n- Fehlerrate über 2 %\n## Wann brechen wir ab?\n- Datenverlust\n\n**Rollback falls:**\n\n- Ausfall\n## Rückbau\n1. zurück\n\
                ## Nach der Inbetriebnahme\n- Protokolle\n## Retour arrière\n1. rebasculer\n## Passos de reversão\n1. voltar\n\
                ## Marcha atrás\n1. volver\n";
    assert_eq!(
        told(text)[..3],
        ["3 trigger~ Fehlerrate über 2 %", "5 trigger~ Datenverlust", "9 trigger~ Ausfall"]
    );
    let steps = document(text.as_bytes()).plan.rollback_steps;
    let lines: Vec<u32> = steps.iter().map(|step| step.line).collect();
    assert_eq!(lines, [11, 15, 17, 19]);
    assert!(told(text).contains(&"13 later~ Protokolle".to_owned()), "{:?}", told(text));
}

#[test]
fn an_event_is_known_by_its_name_alone_where_a_colon_or_dash_follows() {
    let text = "# A\n## Events\n- job_finished: at the end\n- job_started - first\n- e-mail is sent\n- job_lost\n- on-call: Kim\n";
    let events = document(text.as_bytes()).plan.events;
    let names: Vec<&str> = events.iter().map(|event| &*event.name).collect();
    assert_eq!(names, ["job_finished", "job_started", "job_lost"]);
}

#[test]
fn a_box_in_the_heading_of_a_table_is_told() {
    let text =
        "# A\n- [ ] a\n\n| [ ] | Check the logs | Ana |\n|---|---|---|\n| [ ] | Check traces | Ana |\n";
    let plan = document(text.as_bytes()).plan;
    let found: Vec<_> = plan.findings.iter().map(|f| (f.line, f.kind.to_string())).collect();
    assert_eq!(found, [(4, "unread".to_owned())]);
    assert!(
        document(b"# A\n- [ ] a\n\n| \xe2\x98\x90 | Task |\n|---|---|\n| \xe2\x98\x90 | x |\n")
            .plan
            .findings
            .is_empty()
    );
}

#[test]
fn a_stage_has_the_time_that_is_said_and_the_flag_of_its_lines() {
    let text = "# Plan\n## Phase 1: Few (10%)\nFlag: `NEW_A=true`\n### Steps\n1. Turn it on\n### Success criteria\n- Error rate < 1% for 30 minutes\n\nSoak: 24 hours\n\
                ## Phase 2: All\n- [ ] Wait for 2 hours\n- **Bake time:** 1 hour\n";
    let stages = document(text.as_bytes()).plan.stages;
    let told: Vec<_> =
        stages.iter().map(|stage| (stage.soak_seconds, stage.flags.len(), stage.steps.len())).collect();
    assert_eq!(told, [(Some(86_400), 1, 1), (Some(3600), 0, 1)]);
}

#[test]
fn a_bold_line_right_below_a_list_begins_what_follows() {
    let text = "# Plan\n## Phase 2\n**Pre:**\n- [ ] first is green\n**Steps:**\n- Turn it on\n  **not this**\n**Success criteria:**\n- p95 < 300 ms\n\
                ## Later\n> - [ ] in a quote\n> **Rollback if:**\n> - [ ] loss\n";
    assert_eq!(
        told(text),
        [
            "4 work first is green",
            "6 work~ Turn it on not this",
            "9 criterion~ p95 < 300 ms",
            "11 work in a quote",
            "13 trigger loss",
        ]
    );
}

#[test]
fn guarded_files_are_no_items() {
    let text = "# A\n## Verify these files have NOT been modified without running tests\n- src/ledger/*.rs\n- `src/pay.rs`\n- Tell Kim\n";
    assert_eq!(told(text), ["5 work~ Tell Kim"]);
}

#[test]
fn who_approves_is_the_name_in_the_row_of_the_role() {
    let text =
        "# A\n## Approvals\n| Role | Name | Date |\n|---|---|---|\n| Engineering | Bo | |\n| QA | | |\n";
    let roles = document(text.as_bytes()).plan.roles;
    let told: Vec<_> = roles.iter().map(|role| (&*role.name, &*role.who)).collect();
    assert_eq!(told, [("Engineering", "Bo"), ("QA", "")]);
}

#[test]
fn plain_bullets_in_a_list_of_boxes_are_items_as_the_boxes_are() {
    let text = "# Release\n- [ ] Back up\n- Announce it in #ops\n  - who: all\n- Note: takes an hour\n- Owner: Kim\n- Backend:\n  - [ ] deploy\n  - tell @ana\n- [x] Freeze\n\n\
                1. [ ] one\n2. two\n\n- details of another list\n\n## Rollback if\n- [ ] Loss\n- Silence\n";
    assert_eq!(
        told(text),
        [
            "2 work Back up",
            "3 work~ Announce it in #ops",
            "8 work deploy",
            "9 work~ tell @ana <@ana>",
            "10 workx Freeze",
            "12 work one",
            "13 work~ two",
            "18 trigger Loss",
            "19 trigger~ Silence",
        ]
    );
}

#[test]
fn headings_of_times_that_go_on_from_one_another_are_of_afterwards_by_themselves() {
    let text = "# Search v4\n## Checks\n- [ ] a\n## 0-4 hours\n- [ ] b\n## 4-24 hours\n- [ ] c\n## 1-7 days\n- [ ] d\n";
    assert_eq!(
        told(text),
        ["3 work a", "5 later(0-14400) b", "7 later(14400-86400) c", "9 later(86400-604800) d"]
    );
    let incident = "# Incident response\n## 0-4 hours\n- [ ] b\n## 4-24 hours\n- [ ] c\n";
    assert_eq!(told(incident), ["3 work b", "5 work c"]);
    let labels = "# A\n## After the deployment\n\n**First 24 hours:**\n\n- [ ] b\n\n**Week 2**\n\n- [ ] c\n";
    assert_eq!(told(labels), ["6 later(0-86400) b", "10 later(604800-1209600) c"]);
}

#[test]
fn a_stage_has_its_time_also_from_the_middle_of_a_paragraph() {
    let text = "# Plan\n## Phase 1: Few (10%)\nFlag: `NEW_A=true`\n**Soak:** 24 hours\nOwner: Kim\n- [ ] Turn it on\n## Phase 2\nSoak: ninety minutes\n";
    let stages = document(text.as_bytes()).plan.stages;
    let told: Vec<_> = stages.iter().map(|stage| (stage.soak_seconds, stage.flags.len())).collect();
    assert_eq!(told, [(Some(86_400), 1), (Some(5400), 0)]);
}

#[test]
fn a_box_with_a_star_is_one() {
    assert_eq!(told("# A\n- [*] done\n- [ ] open\n"), ["2 workx done", "3 work open"]);
}

#[test]
fn paragraphs_that_begin_with_the_number_of_a_step_are_steps() {
    let text = "# Mise en production\n## Procédure\n\nÉtape 1 : couper l'antenne\n\nÉtape 2\u{a0}: exécuter la commande :\n\n\
                ```bash\nmake switch\n```\n\nÉtape 3 – rouvrir,\npuis écouter\nÉtape 4. prévenir\n\n## Déroulement\n\n**Étape 1 :** vérifier\n\n\
                **Étape 2 : la suite**\n\n- lire\n\nÉtape 3 :\n\nLa prochaine étape 4 : non\n\n## Retour arrière\n\nÉtape 1 : remettre\n\n\
                ## 手順\n\n手順1：停止する\n\nステップ 2: 開始する\n\n①確認する\n②連絡する\n\n1、记录\n\n（2）通知\n\n见第\n（3）条\n";
    assert_eq!(
        told(text),
        [
            "4 work~ couper l'antenne",
            "6 work~ exécuter la commande :",
            "12 work~ rouvrir, puis écouter",
            "14 work~ prévenir",
            "18 work~ vérifier",
            "34 work~ 停止する",
            "36 work~ 開始する",
            "38 work~ 確認する",
            "39 work~ 連絡する",
            "41 work~ 记录",
            "43 work~ 通知",
        ]
    );
    let plan = document(text.as_bytes()).plan;
    assert_eq!(plan.commands.first().map(|command| command.item.is_some()), Some(true));
    assert_eq!(plan.rollback_steps.iter().map(|step| &*step.name).collect::<Vec<_>>(), ["remettre"]);
}

#[test]
fn what_is_struck_through_is_set_aside_and_limits_nothing() {
    let text = "# A (required)\n- [ ] ~~one~~\n- [x] ~~**two** `x`~~ (not needed)\n- [ ] ~~three~~ rather this\n- [ ] do ~~four~~\n\
                - ~~[ ] five~~\n- ☐ ~~six~~ @kim\n\n| Check | Done |\n|---|---|\n| ~~seven~~ | [ ] |\n\n## Success criteria\n- ~~Errors < 1 %~~\n\
                - Waiting < 2 s\n## Rollback if\n- [ ] ~~Errors > 5 %~~\n";
    assert_eq!(
        told(text),
        [
            "2 work- one",
            "3 workx- two x (not needed)",
            "4 work! rather this",
            "5 work! do",
            "6 work- five",
            "7 work- six @kim <@kim>",
            "11 work- seven",
            "14 criterion~- Errors < 1 %",
            "15 criterion~ Waiting < 2 s",
            "17 trigger- Errors > 5 %",
        ]
    );
    let plan = document(text.as_bytes()).plan;
    assert_eq!(plan.thresholds.iter().map(|limit| limit.line).collect::<Vec<_>>(), [15]);
    assert_eq!(plan.triggers, []);
    assert_eq!(plan.findings, [], "a claim that is struck through claims nothing");
}

#[test]
fn a_box_below_contacts_is_something_to_do_and_a_name_beside_it_is_a_contact() {
    let text = "# A\n- [ ] x\n## Contacts\n- Duty officer: +49 69 5550 100\n- DBA: [number]\n- [ ] Duty officer knows of it\n";
    assert_eq!(told(text), ["2 work x", "6 work Duty officer knows of it"]);
    let plan = document(text.as_bytes()).plan;
    assert_eq!(
        plan.contacts.iter().map(|contact| &*contact.name).collect::<Vec<_>>(),
        ["Duty officer", "DBA"]
    );
    assert_eq!(plan.findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [5]);
}

#[test]
fn the_words_of_change_management_are_known() {
    let text = "# CHG 7\n## 3 Pre-implementation\n- freeze\n## 4 Back-out criteria\n* lost postings > 0\n\n| Condition | For |\n|---|---|\n\
                | errors > 1% | 5 minutes |\n| denied > 5 % | a while |\n## 5 Post-implementation review (0-4 hours)\n- [ ] totals\n";
    assert_eq!(
        told(text),
        [
            "3 work~ freeze",
            "5 trigger~ lost postings > 0",
            "9 trigger~ errors > 1% for 5 minutes",
            "10 trigger~ denied > 5 % — a while",
            "12 later(0-14400) totals",
        ]
    );
    let text = "GO-LIVE\n\n- [ ] x\n\nBACKOUT\n\nIf a double charge is seen, back out:\n\n1. Point DNS back\n\n# B\n## Done when\n- Errors < 1 %\n## Back-out\n1. undo\n";
    assert_eq!(told(text), ["3 work x", "7 trigger~ a double charge is seen", "13 criterion~ Errors < 1 %"]);
    assert_eq!(document(text.as_bytes()).plan.rollback_steps.len(), 2);
}

#[test]
fn a_sentence_above_steps_says_when_to_go_back_and_the_steps_how() {
    let text = "# Ship\n## Steps\n1. build\n2. ship\n\nIf errors exceed 3 % for 5 minutes, back out:\n\n1. flag off\n2. restart\n\n\
                ## Watch\n1. look for an hour\n2. If the p95 is above 2 s, roll back:\n   - flag off\n   - tell support\n3. done\n\n\
                ## Rollback\n\nRoll back if users cannot log in.\n\n## Criteria\nRoll back if any of these is seen:\n- double charges\n\n\
                Wenn die Fehlerrate 3 % übersteigt, zurückrollen:\n1. alte Fassung\n\n## History\n\nRoll back if errors exceed 9 %.\n";
    assert_eq!(
        told(text),
        [
            "3 work~ build",
            "4 work~ ship",
            "6 trigger~ errors exceed 3 % for 5 minutes",
            "12 work~ look for an hour",
            "13 trigger~ If the p95 is above 2 s, roll back:",
            "16 work~ done",
            "20 trigger~ users cannot log in",
            "24 trigger~ double charges",
            "26 trigger~ die Fehlerrate 3 % übersteigt",
        ]
    );
    let plan = document(text.as_bytes()).plan;
    let steps: Vec<&str> = plan.rollback_steps.iter().map(|step| &*step.name).collect();
    assert_eq!(steps, ["flag off", "restart", "flag off", "tell support", "alte Fassung"]);
    let limits: Vec<String> = plan
        .thresholds
        .iter()
        .filter_map(|it| Some(format!("{} {}", it.name, it.critical.as_ref()?.bound.as_ref()?)))
        .collect();
    assert_eq!(limits, ["errors > 3 % for 5 min", "p95 > 2 s", "die Fehlerrate > 3 %"]);
}

#[test]
fn a_sentence_with_must_demands_what_it_speaks_of() {
    let text = "# A\nReleases MUST NOT happen on Fridays.\n## B\n- [ ] one\n\nNote: passwords MUST be rotated.\n\n- [ ] two\n\n\
                The following events MUST be emitted:\n- [ ] three\n\n## C\nAll checks below MUST pass.\n- [ ] four\n\n\
                ## D\n**MUST PASS BEFORE EACH RELEASE**\n### E\n- [ ] five\n";
    assert_eq!(told(text), ["4 work one", "8 work two", "11 work! three", "15 work! four", "20 work! five"]);
}

#[test]
fn what_results_say_is_bad_is_left_to_do() {
    let text = "# A\n- [ ] x\n## Test results\n- [x] one\n- ✅ two\n- ❌ three\n## Results\n- ✅ four\n- ❌ five\n## Style\n- ❌ never on Friday\n";
    assert_eq!(
        told(text),
        ["2 work x", "4 claimx one", "5 claim~x two", "6 work~ three", "8 claim~x four", "9 work~ five"]
    );
}

#[test]
fn what_stands_before_a_stage_is_labelled_so_and_a_count_above_commands_counts_no_list() {
    let text = "# A\n## Phase 1: Few\n**Before:**\n- [ ] calm\n\n**Steps:**\n1. go\n\n## Smoke\nAll 5 tests below have to pass:\n```bash\npytest\n```\n\
                - [ ] login\n\nAll 3 steps below:\n- [ ] one\n";
    let plan = document(text.as_bytes()).plan;
    let parts: Vec<_> = plan.stages.iter().map(|stage| (stage.pre.len(), stage.steps.len())).collect();
    assert_eq!(parts, [(1, 1)]);
    let told: Vec<&str> = plan.findings.iter().map(|finding| &*finding.text).collect();
    assert_eq!(told, ["the line says 3, and 1 entry stands below it; correct one of them"]);
}

#[test]
fn criteria_for_going_on_are_told_from_those_for_stopping() {
    let text = "# R\n## Go/No-Go criteria\n- Error rate < 1%\n\n**GO if:**\n- p95 < 300 ms\n\n**NO-GO if:**\n- Error rate > 5%\n\n\
                ## No-go criteria\n- Data loss\n\n## Do not proceed if\n- Backups are older than a day\n";
    assert_eq!(
        told(text),
        [
            "3 criterion~ Error rate < 1%",
            "6 criterion~ p95 < 300 ms",
            "9 trigger~ Error rate > 5%",
            "12 trigger~ Data loss",
            "15 trigger~ Backups are older than a day",
        ]
    );
}

#[test]
fn what_says_when_not_to_go_back_is_no_trigger() {
    for heading in [
        "Do NOT roll back if",
        "Never roll back when",
        "Nicht zurückrollen, wenn",
        "Pas de rollback si",
        "Não fazer rollback se",
        "不回滚的情况",
        "Rollback triggers (retired)",
        "Former rollback triggers",
        "Example rollback triggers",
    ] {
        for bullet in ["-", "- [ ]"] {
            let plan = document(format!("# R\n## {heading}\n{bullet} p95 > 100 ms\n").as_bytes()).plan;
            assert_eq!((plan.triggers.len(), plan.thresholds.len()), (0, 0), "{heading}");
        }
    }
    let plan = document(b"# R\n## Rollback triggers (for example)\n- Error rate > 5 %\n").plan;
    assert_eq!(plan.triggers.len(), 1);
    for (outer, inner) in [
        ("Rückfall", "Auslöser"),
        ("Abbruch", "Bedingungen"),
        ("Rollback-Plan", "Wann"),
        ("Plan de repli", "Déclencheurs"),
        ("回滚计划", "判断标准"),
        ("切り戻し計画", "判断基準"),
        ("Fallback plan", "Triggers"),
        ("Rollback", "Decision criteria"),
        ("Rollback", "Thresholds"),
        ("Retour arrière", "Quand"),
        ("切り戻し", "発動条件"),
        ("Rollback", "Entscheidung"),
    ] {
        let plan =
            document(format!("# R\n## {outer}\n### {inner}\n- p95 > 2 s\n- Data loss\n").as_bytes()).plan;
        assert_eq!((plan.triggers.len(), plan.rollback_steps.len()), (2, 0), "{outer} / {inner}");
    }
}
