//! Strikes and rules that are not what they look like.

use super::{lines, plan};

#[test]
fn a_strike_that_is_never_ended_strikes_nothing() {
    for tag in ["<S>", "<s>", "<del>"] {
        let text =
            format!("# A\n## Success criteria\n- [ ] List{tag} latency p95 < 500 ms\n- [ ] b p99 < 1 s\n");
        let told = lines(&text);
        assert_eq!(told.len(), 2, "{tag}: {told:?}");
        assert!(told[0].starts_with("3 List latency p95: < 500 ms"), "{tag}: {told:?}");
    }
    let nested = "# A\n## Success criteria\n- [ ] List<S> latency p95 ~~< 9 s~~ < 500 ms\n";
    assert_eq!(lines(nested), ["3 List latency p95: < 500 ms | -- | -- | --"]);
}

#[test]
fn a_step_right_above_a_rule_stays_a_step() {
    for text in [
        "# A\n## Steps\n3) Restart the service\n---\n",
        "# A\n## Steps\n1. Restart the service\n---\n\nText.\n",
    ] {
        assert_eq!(plan(text).counts.headings, 2, "{text}");
        let document = crate::document::read("d.md", text.as_bytes()).document.expect("a text");
        let items: Vec<_> = document.sections.iter().flat_map(|section| &section.items).collect();
        assert_eq!(&*items[0].text, "Restart the service", "{text}");
    }
    for text in [
        "# A\n\n1. Rollback triggers\n--------------------\n- [ ] one\n",
        "# A\n\n3) Rollback triggers\n---\n- [ ] one\n",
        "# A\n\n2. Rollback triggers\n---\n- [ ] one\n",
    ] {
        assert_eq!(plan(text).counts.headings, 2, "{text}");
    }
}

#[test]
fn what_yaml_says_beside_a_limit_is_not_lost() {
    let text = "# W\n\n```yaml\nerror_rate:\n  critical: \"> 5 %\"\n  for: 10m\np95:\n  critical: \"> 800 ms\"\n  duration: soon\n\
                cpu:\n  critical: \"> 90 %\"\n  enabled: false\navailability:\n  slo: 99.9\n  alert: 99\n\
                loss:\n  target: 0.01\n  critical_threshold: 5%\nrollback_triggers:\n  - error_rate > 5%\n```\n";
    assert_eq!(
        lines(text),
        [
            "4 error_rate: -- | -- | > 5 % for 10 min | --",
            "7 p95: -- | -- | “> 800 ms” | --",
            "13 availability: >= 99.9 | -- | <= 99 | --",
        ]
    );
    let told: Vec<u32> =
        plan(text).findings.iter().map(|finding| finding.line).filter(|line| *line > 0).collect();
    assert_eq!(told, [7, 16, 19]);
}
