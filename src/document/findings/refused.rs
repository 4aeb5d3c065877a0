//! Commands that cannot be run as they stand: one finding for each fence or line, so that a template full of
//! placeholders does not drown everything else.

use std::collections::HashSet;

use super::{MOST, short};
use crate::domain::Clean;
use crate::domain::plan::{Command, CommandKind, Finding, FindingKind};

/// Adds what is said of the refused ones of `commands`.
pub(in crate::document) fn find(commands: &[Command], found: &mut Vec<Finding>) {
    let refused: Vec<&Command> =
        commands.iter().filter(|command| command.kind == CommandKind::Refused).collect();
    let mut seen = HashSet::new();
    let mut told = 0;
    for (at, first) in refused.iter().enumerate() {
        // Inline code of one line belongs together, as the commands of one fence do.
        let group = |command: &Command| (command.fence, command.fence.is_none().then_some(command.line));
        if !seen.insert(group(first)) {
            continue;
        }
        told += 1;
        if told > MOST {
            let more = refused.len() - at;
            let text =
                format!("from here on, {more} further commands cannot be run as they stand; see `commands`");
            found.push(Finding { line: first.line, kind: FindingKind::Command, text: Clean::new(&text) });
            return;
        }
        let together = refused.iter().skip(at).take_while(|command| group(command) == group(first)).count();
        let others = match together {
            1 => String::new(),
            2 => " (and one more beside it)".to_owned(),
            n => format!(" (and {} more beside it)", n - 1),
        };
        let text = format!(
            "“{}”{others} cannot be run as it stands: {}; correct it here, or do it by hand",
            short(&first.shown().replace('\n', " ")),
            first.why
        );
        found.push(Finding { line: first.line, kind: FindingKind::Command, text: Clean::new(&text) });
    }
}
