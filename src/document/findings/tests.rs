//! What is found questionable, on small documents.

use crate::document::read;
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
