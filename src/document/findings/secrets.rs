//! Commands with credentials in them: whoever reads the document has them.

use super::MOST;
use crate::domain::Clean;
use crate::domain::plan::{Command, Finding, FindingKind};

/// Adds what is said of `commands`, once a line.
pub(in crate::document) fn find(commands: &[Command], found: &mut Vec<Finding>) {
    let mut lines: Vec<u32> = commands
        .iter()
        .filter(|command| command.shown() != command.text)
        .map(|command| command.line)
        .collect();
    lines.dedup();
    found.extend(lines.into_iter().take(MOST).map(|line| {
        let text = "a credential stands in this command: `plan` and JSON leave it out, but whoever trusts, runs or ticks it sees it, and so does the journal; take it out of the document and let the command read it from the environment or a secret store";
        Finding { line, kind: FindingKind::Command, text: Clean::new(text) }
    }));
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_credential_in_a_command_is_told_left_out_of_reports_and_still_what_is_run() {
        let text = "# Go\n\n- [ ] Run `curl -H \"Authorization: Bearer sk-live-1234567890abcdef\" https://api.corp.io/ok`\n\n\
                    ```bash\nmysql -u root -phunter5 -e 'select 1'\nexport TOKEN=$(cat /run/token)\n```\n";
        let document = crate::document::read("g.md", text.as_bytes()).document.expect("a text");
        let told: Vec<u32> = document
            .plan
            .findings
            .iter()
            .filter(|it| it.text.contains("a credential stands"))
            .map(|it| it.line)
            .collect();
        assert_eq!(told, [3, 6]);
        assert!(
            document.plan.commands.iter().any(|it| it.text.contains("-phunter5")),
            "what is run is whole"
        );
        let shown: Vec<String> =
            document.plan.commands.iter().map(crate::domain::plan::Command::shown).collect();
        assert!(shown.iter().all(|it| !it.contains("hunter5") && !it.contains("sk-live")), "{shown:?}");
    }
}
