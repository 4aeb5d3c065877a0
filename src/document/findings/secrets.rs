//! Credentials that stand in a document: in commands, in its words, its tables and its YAML. Whoever reads the document has them.

use rustc_hash::FxHashSet;

use super::MOST;
use crate::document::blocks::{Block, Blocks, Kind};
use crate::domain::Clean;
use crate::domain::plan::{Command, Finding, FindingKind};
use crate::domain::secret::{may_hold, without_told};

/// Adds what is said of `commands`, once a line.
pub(in crate::document) fn find(commands: &[Command], found: &mut Vec<Finding>) {
    let mut lines: Vec<u32> = commands
        .iter()
        .filter(|command| command.shown() != command.text)
        .map(|command| command.line)
        .collect();
    lines.dedup();
    let told: FxHashSet<u32> = lines.iter().copied().collect();
    // A command says how it is run, and so more than its line.
    found.retain(|it| !(told.contains(&it.line) && it.text.starts_with(IN_LINE)));
    found.extend(lines.into_iter().take(MOST).map(|line| {
        let text = "a credential stands in this command: `plan` and JSON leave it out, but whoever trusts, runs or ticks it sees it, and so does the journal; take it out of the document and let the command read it from the environment or a secret store";
        Finding { line, kind: FindingKind::Command, text: Clean::new(text) }
    }));
}

/// How the finding of a line begins.
const IN_LINE: &str = "a credential stands in this line";

/// Adds what is said of all other text, once a line.
pub(super) fn in_text(blocks: &Blocks, found: &mut Vec<Finding>) {
    if !may_hold(&blocks.body) {
        return;
    }
    let mut told = FxHashSet::default();
    for block in &blocks.list {
        let (first, text) = text_of(blocks, block);
        for (line, text) in (first..).zip(text.lines()).filter(|(_, text)| may_hold(text)) {
            if told.len() < MOST && without_told(text) != text && told.insert(line) {
                let text = format!(
                    "{IN_LINE}: `plan` and JSON leave it out, but the console shows what the document says; take it out of the document, and withdraw it where others could read it"
                );
                found.push(Finding { line, kind: FindingKind::Unread, text: Clean::new(&text) });
            }
        }
    }
}

fn text_of<'b>(blocks: &'b Blocks, block: &'b Block) -> (u32, &'b str) {
    match &block.kind {
        Kind::Fence { code, line, .. } => (*line, code),
        _ => (block.line, blocks.source(block)),
    }
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

    #[test]
    fn a_credential_in_words_a_table_or_yaml_is_told_once_a_line() {
        let text = "# Go\n\n- [ ] Password: hunter3\n- [ ] Rotate the token\n\n| Flag | Value |\n|---|---|\n| HOOK | https://hooks.slack.com/services/T0/B0/XXX |\n\n\
                    ```yaml\nrouting:\n  token: xoxb-1111-2222-secret\n```\n\nContacts:\n- Pia, key AKIAQWERTYUIOPASDFGH\n- [ ] Run `export DB_PASSWORD=hunter7`\n";
        let plan = crate::document::read("g.md", text.as_bytes()).document.expect("a text").plan;
        let told = plan.findings.iter().filter(|it| it.text.contains("a credential stands"));
        assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [3, 8, 12, 16, 17], "{:?}", plan.findings);
    }
}
