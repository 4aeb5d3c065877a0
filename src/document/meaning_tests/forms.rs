//! Forms that leave something to choose, to fill in or to keep in mind.

use super::{document, told};

#[test]
fn several_different_marks_in_a_row_are_a_choice_that_nobody_made() {
    let text = "# Gate\n\n| Question | Go | No-go | State |\n|---|---|---|---|\n| Suite green | ✓ | ✗ | ☐ |\n| Crew there | ✓ | ✗ | ☑ |\n\n\
                ## Figures\n\n| Figure | Now | State |\n|---|---|---|\n| Orders | [X] per min | ✅/⚠️/❌ |\n| Refunds | [Y] % | ✅ / ❌ |\n\n\
                ## Night\n\n| What | Result | Again |\n|---|---|---|\n| Load test | ☐ pass ☐ fail | |\n| Soak test | ☑ pass | |\n| Dry run | ☑ | ☐ |\n\n\
                ## List\n- ✅/❌ Backups\n- Caches: ✅ warm / ❌ cold\n- ✅ Keys\n";
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
            "24 work Backups",
            "25 work~ Caches: ✅ warm / ❌ cold",
            "26 work~x Keys",
        ]
    );
    let found = document(text.as_bytes()).plan.findings;
    let choices = found.iter().filter(|finding| finding.text.contains("several marks"));
    assert_eq!(choices.map(|finding| finding.line).collect::<Vec<_>>(), [12, 19, 24, 25]);
}
