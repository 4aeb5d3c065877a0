//! What is found questionable, on small documents.

use chrono::NaiveDate;

use crate::document::{compare, read, read_on};
use crate::domain::plan::FindingKind;

/// `line kind: text` of all findings of `kind`.
fn told(text: &str, kind: FindingKind) -> Vec<String> {
    let plan = read("d.md", text.as_bytes()).document.expect("a text").plan;
    let of_kind = plan.findings.iter().filter(|finding| finding.kind == kind);
    of_kind.map(|finding| format!("{}: {}", finding.line, finding.text)).collect()
}

#[test]
fn refused_commands_are_told_once_a_fence() {
    let text = "# Do\n- [ ] look\n\n```bash\nls\nkubectl get pod <pod>\nkubectl logs <pod>\n```\n\n- [ ] then `curl https://your-host/x`\n";
    assert_eq!(
        told(text, FindingKind::Command),
        [
            "6: “kubectl get pod <pod>” (and one more beside it) cannot be run as it stands: <pod> is a placeholder: \
             fill it in; correct it here, or do it by hand",
            "10: “curl https://your-host/x” cannot be run as it stands: your-host is a placeholder: fill it in; \
             correct it here, or do it by hand",
        ]
    );
    let many = "```sh\nls <x>\n```\n".repeat(80);
    let told = told(&format!("# A\n- [ ] a\n\n{many}"), FindingKind::Command);
    assert_eq!(told.len(), 51);
    assert!(told[50].contains("30 further commands"), "{}", told[50]);
}

#[test]
fn placeholders_and_claims_stand_on_their_own_lines() {
    let text = "# R\n\n**State:** READY FOR PRODUCTION\n**Updated:** today\n**Approved by:** [PENDING QA APPROVAL]\n";
    assert_eq!(
        told(text, FindingKind::Placeholder),
        ["5: \"[PENDING QA APPROVAL]\" was never filled in; write what is meant before the rollout"]
    );
    let claims = told(text, FindingKind::Contradiction);
    assert_eq!(claims.len(), 1, "{claims:?}");
    assert!(claims[0].starts_with("5: it says ") && claims[0].contains("(line 3), and here"), "{claims:?}");
    for (ready, pending) in [
        ("Bereit für Produktion", "Freigabe durch Ops: ausstehend"),
        ("Prêt pour la production", "En attente d'approbation"),
        ("Listo para producción", "Aprobación pendiente"),
        ("Pronto para produção", "Aprovação pendente"),
        ("准备就绪", "待审批"),
        ("リリース準備完了", "承認待ち"),
    ] {
        let text = format!("# R\n\n{ready}\n\n{pending}\n");
        assert_eq!(told(&text, FindingKind::Contradiction).len(), 1, "{text}");
    }
    for text in [
        "# R\n\nGetting ready for release\n\nApproval pending\n",
        "# R\n\nReady for release\n\nwaiting for a signal\n",
    ] {
        assert_eq!(told(text, FindingKind::Contradiction), Vec::<String>::new(), "{text}");
    }
    assert_eq!(
        told("# R\n\n**State:** READY (pending approval)\n", FindingKind::Contradiction),
        [
            "3: it says \"State: READY (pending approval)\": ready, and not approved; get the approval, or say what is ready"
        ]
    );
    let optional =
        "# R\n\nReady for release\n\n## Next (optional)\n- [ ] a\n\n## What's ready for release\n- b\n";
    assert_eq!(told(optional, FindingKind::Claim), Vec::<String>::new());
}

#[test]
fn counts_that_do_not_match_are_told_of_lists_and_of_tables() {
    let text = "## Files (3 total)\n- a\n- b\n\n## Events (2 events)\n| a |\n|---|\n| x |\n| y |\n| z |\n";
    assert_eq!(
        told(text, FindingKind::Claim),
        [
            "1: the heading says 3, and 2 entries stand below it; correct one of them",
            "5: the heading says 2, and 3 entries stand below it; correct one of them",
        ]
    );
    let text = "# R\n## Prüfungen\n**Insgesamt:** 3 Punkte\n\n- [ ] a\n- [ ] b\n\n## 检查（共 2 项）\n- [ ] a\n- [ ] b\n";
    assert_eq!(
        told(text, FindingKind::Claim),
        ["3: the line says 3, and 2 entries stand below it; correct one of them"]
    );
}

#[test]
fn dates_long_past_are_told_on_the_day_that_is_given() {
    let text = "# R\n**Owner:** Mara | **Last Updated: 2026-01-10**\n\n- [ ] pay\n  - Due: March 3, 2026\n\
                - [x] ship\n  - Due: 2026-03-01\n\n| Task | Deadline |\n|---|---|\n| x | 5.3.2026 |\n\n\
                ## Version history\n- Date: 2020-01-01\n";
    let on = |day: &str| {
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok();
        let plan = read_on(day, "d.md", text.as_bytes()).document.expect("a text").plan;
        let stale = plan.findings.into_iter().filter(|finding| finding.kind == FindingKind::Stale);
        stale.map(|finding| format!("{}: {}", finding.line, finding.text)).collect::<Vec<_>>()
    };
    assert_eq!(
        on("2026-05-01"),
        [
            "2: “Last Updated: 2026-01-10” is 111 days ago; check that it still holds, and write when you did",
            "5: “Due: 2026-03-03” is past by 59 days; do it, or write a new date",
            "11: “Deadline: 2026-03-05” is past by 57 days; do it, or write a new date",
        ]
    );
    assert_eq!(on("2026-02-01"), Vec::<String>::new());
    assert_eq!(told(text, FindingKind::Stale), Vec::<String>::new(), "without a day nothing is past");
}

#[test]
fn front_matter_that_is_long_past_is_told() {
    let stale = |front: &str| {
        let day = NaiveDate::from_ymd_opt(2026, 5, 1);
        let text = format!("{front}# R\n- [ ] a\n");
        let findings = read_on(day, "d.md", text.as_bytes()).document.expect("a text").plan.findings;
        let stale = findings.into_iter().filter(|finding| finding.kind == FindingKind::Stale);
        stale.map(|finding| format!("{}: {}", finding.line, finding.text)).collect::<Vec<_>>()
    };
    let told =
        ["3: “last_updated: 2025-01-10” is 476 days ago; check that it still holds, and write when you did"];
    assert_eq!(stale("---\ntitle: R\nlast_updated: 2025-01-10\ndate: 2025-01-01\n---\n"), told);
    assert_eq!(stale("+++\ntitle = \"R\"\nlast_updated = \"2025-01-10\"\n+++\n"), told);
    assert_eq!(stale("---\nlast_updated: 2026-04-20\nversions:\n  updated: 2020-01-01\n---\n"), [""; 0]);
}

#[test]
fn a_quantile_beyond_its_buckets_is_told() {
    let query = |target: &str, more: &str| {
        format!(
            "# D\n\n```promql\nhistogram_quantile(0.95, sum(rate(ws_life_seconds_bucket[5m])) by (le))\n```\n\
             **Target:** {target}\n{more}"
        )
    };
    let of = |text: &str| told(text, FindingKind::Target);
    assert_eq!(of(&query("p95 < 100ms", "")), Vec::<String>::new());
    let found = of(&query("p95 >= 2 hours", ""));
    assert_eq!(found.len(), 1, "{found:?}");
    let begin = "6: the limit 2 h on ws_life_seconds can be judged only with a bucket at 7200";
    assert!(found[0].starts_with(begin), "{found:?}");
    let buckets = "\n```python\nLIFE = Histogram('ws_life_seconds', buckets=[60, 600, 3600])\n```\n";
    let found = of(&query("p95 >= 2 hours", buckets));
    assert!(found[0].contains("its buckets end at 3600 (line 9), so it can never be seen"), "{found:?}");
    let found = of(&query("p95 >= 5 min", buckets));
    assert!(found[0].contains("it has no bucket there (line 9)"), "{found:?}");
    assert_eq!(of(&query("p95 >= 10 min", buckets)), Vec::<String>::new());
}

#[test]
fn a_connection_that_outlives_its_platform_is_told() {
    let of = |text: &str| told(text, FindingKind::Target);
    let lives = "# D\n## Success criteria\n- [ ] p95 connection lifetime >= 2 hours\n\
                 - [ ] Keep a 3-hour WebSocket open\n\nWe run on Cloud Run.\n";
    let found = of(lives);
    assert_eq!(found.len(), 2, "{found:?}");
    let begin = "3: a connection that lives 2 hours cannot be: Cloud Run (line 6) ends it after 60 minutes";
    assert!(found[0].starts_with(begin), "{found:?}");
    assert!(found[1].starts_with("4: a connection that lives 3 hours"), "{found:?}");
    let set = of(&lives.replace("We run on Cloud Run.", "`gcloud run deploy x --timeout=600`"));
    assert!(set[0].contains("its --timeout (line 6) ends it after 10 minutes"), "{set:?}");
    assert_eq!(of(&lives.replace("Cloud Run", "our own metal")), Vec::<String>::new());
}

#[test]
fn a_connection_that_outlives_the_platform_of_another_document_is_told_there() {
    let texts = [
        "# A\n```bash\ngcloud run services list\n```\n",
        "# B\n## Success criteria\n- [ ] p95 connection duration >= 2 hours\n- [ ] p50 connection duration >= 30 min\n",
    ];
    let mut documents = texts.map(|text| {
        read(if text.contains("gcloud") { "a.md" } else { "b.md" }, text.as_bytes()).document.expect("a text")
    });
    compare(&mut documents);
    let [a, b] = &documents;
    let told = |document: &crate::domain::Document| {
        let found = document.plan.findings.iter().filter(|found| found.kind == FindingKind::Target);
        found.map(|found| format!("{}: {}", found.line, found.text)).collect::<Vec<_>>()
    };
    assert_eq!(told(a), Vec::<String>::new());
    assert_eq!(
        told(b),
        [
            "3: a connection that lives 2 hours cannot be: Cloud Run (a.md line 3) ends it after 60 minutes; lower the \
          target, or count reconnections as one"
        ]
    );
}

/// Contradictions in documents called `0.md`, `1.md` and so on.
fn contradictions(texts: &[&str]) -> Vec<String> {
    let name = |at: usize| format!("{at}.md");
    let document = |(at, text): (usize, &&str)| read(&name(at), text.as_bytes()).document.expect("a text");
    let mut documents: Vec<_> = texts.iter().enumerate().map(document).collect();
    compare(&mut documents);
    let of = |document: &crate::domain::Document| {
        let found = document.plan.findings.iter().filter(|found| found.kind == FindingKind::Contradiction);
        found.map(|found| format!("{}:{}: {}", document.path, found.line, found.text)).collect::<Vec<_>>()
    };
    documents.iter().flat_map(of).collect()
}

#[test]
fn two_numbers_for_one_thing_are_told_with_both_places() {
    assert_eq!(
        contradictions(&[
            "# R\n## Success criteria\n- [ ] Error rate < 1%\n\n## Checks\n- [ ] Error rate: < 5 %\n"
        ]),
        [
            "0.md:6: “Error rate” says < 5 %, and line 3 says < 1 % (“Error rate”): both cannot be the limit; say \
             which holds"
        ]
    );
    let found = contradictions(&[
        "# A\n- [ ] look\n```bash\n# Throughput (must be > 600 orders/sec)\npython load.py\n```\n",
        "# B\n- [ ] Can handle 200+ orders/second\n",
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    let begin = "1.md:2: “orders/second” says >= 200/s, and 0.md line 5 says > 600/s";
    assert!(found[0].starts_with(begin), "{found:?}");
}

#[test]
fn a_sentence_contradicts_a_limit_or_another_sentence() {
    let found = contradictions(&[
        "# A\n\nThe relay takes 600 events/s. \n",
        "# B\n- [ ] Relay handles 200 events per second\n\nThe error rate must stay below 1 %.\n",
        "# C\n\n- [ ] Error rate < 3 %\n",
    ]);
    assert_eq!(
        found,
        [
            "1.md:2: “Relay handles 200 events per second” says >= 200/s, and 0.md line 3 says >= 600/s (“The relay takes 600 \
             events/s.”): both cannot be the limit; say which holds",
            "2.md:3: “Error rate” says < 3 %, and 1.md line 4 says < 1 % (“The error rate must stay below 1 %.”): both \
             cannot be the limit; say which holds",
        ]
    );
    for text in [
        "# A\n\nThe relay takes 600 events/s.\n\nToday it handles 200 events/s.\n",
        "# A\n\nThe relay takes 600 events/s.\n\nIt must handle 200 orders/s.\n",
    ] {
        assert_eq!(contradictions(&[text]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn more_at_peak_than_can_be_borne_is_a_contradiction() {
    let found = contradictions(&["# A\n- 500 orders/s at peak\n- The relay holds 100 orders/s\n"]);
    assert_eq!(
        found,
        [
            "0.md:2: “500 orders/s at peak” is more than line 3 can bear (“The relay holds 100 orders/s”); say which holds, or what \
          makes up for it"
        ]
    );
    let apart = contradictions(&[
        "# A\n\nExpected peak: 500 orders per second.\n",
        "# B\n- [ ] Can handle 100+ orders/second\n",
    ]);
    assert_eq!(apart.len(), 1, "{apart:?}");
    for text in [
        "# A\n- 500 orders/s at peak\n- One instance holds 100 orders/s\n",
        "# A\n- 500 orders/s at peak\n- The relay holds 100 orders/s per pod\n",
        "# A\n- 500 orders/s at peak\n- The relay holds 600 orders/s\n",
        "# A\n- 500 orders/s at peak\n- The relay holds 100 mails/s\n",
        "# A\n- 500 orders/s at peak\n- The load test takes 100 orders/s\n",
        "# Mail relay\n- 500 orders/s at peak\n# Archive\n- The disk holds 100 orders/s\n",
    ] {
        assert_eq!(contradictions(&[text]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn numbers_of_other_stages_services_units_and_sides_do_not_contradict() {
    for text in [
        "# R\n## Rollback triggers\n- [ ] Error rate > 5% for 10 minutes\n- [ ] Error rate > 10% for 2 minutes\n",
        "# R\n## Phase 1: Canary\n### Success criteria\n- [ ] Error rate < 5%\n## Phase 2: All\n\
         ### Success criteria\n- [ ] Error rate < 1%\n",
        "# R\n## Cart service\n- [ ] Error rate < 5%\n## Search\n### Mail\n- [ ] Error rate < 1%\n",
        "# R\n## Staging criteria\n- [ ] Error rate < 5%\n## Production criteria\n- [ ] Error rate < 1%\n",
        "# R\n## Success criteria\n- [ ] Error rate < 1%\n## Rollback triggers\n- [ ] Error rate > 5%\n",
        "# R\n## Checks\n- [ ] Start < 1000 ms\n- [ ] Start < 1 s\n",
        "# R\n## Checks\n- [ ] Lag < 5 s\n- [ ] Lag < 5 MB\n",
    ] {
        assert_eq!(contradictions(&[text]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn dates_are_told_without_a_colon_of_a_month_and_of_headings() {
    let text = "# R\n\nReviewed on 3 Feb 2025\n\nLast reviewed: March 2025\n\nStand 12.03.2025\n\nBuilt in 2019 by Kim\n\n## Deployment date: 2025-12-24\n\n## Plan of May 2025\n\n- [ ] x\n";
    let plan =
        read_on(NaiveDate::from_ymd_opt(2026, 1, 1), "d.md", text.as_bytes()).document.expect("a text").plan;
    let stale = plan.findings.iter().filter(|finding| finding.kind == FindingKind::Stale);
    assert_eq!(stale.map(|finding| finding.line).collect::<Vec<_>>(), [3, 5, 7, 11], "{:?}", plan.findings);
}

#[test]
fn contacts_that_nobody_filled_in_are_told() {
    let text = "# R\n- [ ] x\n## Contacts\n- SRE: <name>\n- Lead: @____\n- DBA: ???\n- Room: #ops-war\n- Backup: N/A\n- #incidents\n\n\
                | Role | Name | Phone |\n|---|---|---|\n| Lead | Ines | |\n| DBA | ??? | |\n\n## Sign-off\n- [ ] Lead: ______\n";
    let told = told(text, FindingKind::Placeholder);
    let lines: Vec<&str> = told.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(lines, ["4", "5", "6", "14"], "{told:?}");
}

#[test]
fn a_sentence_about_an_open_connection_is_a_target_too() {
    let text = "# D\n- [ ] A WebSocket stays open for 2 hours\n- [ ] Watch open connections for 24 hours\n\nOn Cloud Run.\n";
    let found = told(text, FindingKind::Target);
    assert!(found.len() == 1 && found[0].starts_with("2: a connection that lives 2 hours"), "{found:?}");
}

#[test]
fn counts_are_told_where_a_heading_or_a_line_begins_with_them_and_of_what_is_done() {
    let text = "# R\n## 12 checks before go\n- [ ] a\n- [ ] b\n\nAll 5 steps below are needed:\n\n1. a\n2. b\n\n\
                The following 2 services are watched:\n\n- api\n- web\n\n## Tests: 3/3 passed\n- [x] a\n- [x] b\n## Work: 1 of 2 done\n- [x] a\n- [ ] b\n\
                ## Stage 2 of 3\n- [ ] a\n";
    assert_eq!(
        told(text, FindingKind::Claim)
            .into_iter()
            .filter(|line| !line.contains("without evidence"))
            .collect::<Vec<_>>(),
        [
            "2: the heading says 12, and 2 entries stand below it; correct one of them",
            "6: the line says 5, and 2 entries stand below it; correct one of them",
            "16: the heading says 3, and 2 entries stand below it; correct one of them",
        ]
    );
    let numbered = "# R\n## 2 Tests\n- [ ] a\n## 3 Files to look at\n- [ ] a\n";
    assert_eq!(told(numbered, FindingKind::Claim), Vec::<String>::new());
    let less = "# R\n## Tests (3/3 passed)\n- [x] a\n- [x] b\n- [ ] c\n";
    assert_eq!(
        told(less, FindingKind::Claim)[0],
        "2: the heading says that 3 are done, and 2 of those below it are; correct one of them"
    );
}

#[test]
fn a_row_of_totals_is_added_up_and_a_quantile_is_one_of_latency() {
    let table = |total: u32| {
        format!(
            "# R\n- [ ] x\n\n| Area | Checks |\n|---|---|\n| a | 5 |\n| b | 7 |\n| **Total** | **{total}** |\n"
        )
    };
    assert_eq!(told(&table(12), FindingKind::Claim), Vec::<String>::new());
    assert_eq!(
        told(&table(13), FindingKind::Claim),
        ["8: the last row says 13 in all, and those above it add up to 12; correct one of them"]
    );
    let found = contradictions(&[
        "# R\n- [ ] p95 < 200 ms\n- [ ] P95 latency below 300ms\n- [ ] p99 latency < 900 ms\n",
    ]);
    assert!(found.len() == 1 && found[0].starts_with("0.md:3: “P95 latency” says < 300 ms"), "{found:?}");
}

#[test]
fn a_claim_with_a_link_or_its_evidence_is_none_without_evidence() {
    let text = "# R\n- [x] Load test ([report](https://x.example/r))\n- [x] Review\n  - Evidence: CHG-12\n- [x] Nothing else\n";
    assert_eq!(
        told(text, FindingKind::Claim),
        ["5: 1 item is said to be done here, without evidence; it counts when somebody attests it"]
    );
}

#[test]
fn what_one_pod_or_another_place_bears_contradicts_nothing() {
    let text = "# R\n- [ ] a\n\n## Capacity\n- The API handles 500 requests/s per pod; 6 pods give more.\n- Staging handles 100 requests/s.\n\
                - Production handles 3000 requests/s.\n";
    assert_eq!(contradictions(&[text]), Vec::<String>::new());
}
