//! The lines of the file around what was not understood, so that a person sees what a finding speaks of.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Clean;
use crate::domain::plan::{CommandKind, Plan};

/// Lines before and after.
const AROUND: u32 = 4;

/// Findings whose lines are kept.
const MOST: usize = 400;

/// The lines of `text` around the findings of `plan`, its refused commands and its invalid queries.
pub(super) fn around(text: &str, plan: &Plan) -> BTreeMap<u32, Clean> {
    let findings = plan.findings.iter().map(|finding| finding.line);
    let commands = plan.commands.iter().filter(|command| command.kind == CommandKind::Refused);
    let queries = plan.panels.iter().filter(|query| query.error.is_some());
    let places = findings.chain(commands.map(|command| command.line)).chain(queries.map(|query| query.line));
    let near = |line: u32| line.saturating_sub(AROUND).max(1)..=line.saturating_add(AROUND);
    let wanted: BTreeSet<u32> = places.filter(|line| *line > 0).take(MOST).flat_map(near).collect();
    let lines = (1..).zip(text.lines());
    lines.filter(|(line, _)| wanted.contains(line)).map(|(line, text)| (line, quoted(text))).collect()
}

/// A line as it is shown: tabs as four spaces, so that code keeps its shape.
fn quoted(line: &str) -> Clean {
    Clean::new(&line.trim_end().replace('\t', "    "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::{Finding, FindingKind};

    #[test]
    fn the_lines_around_a_finding_are_kept_and_no_others() {
        let lines: Vec<String> = (1..=30).map(|n| format!("\tline {n}")).collect();
        let text = lines.join("\r\n");
        let finding = |line| Finding { line, kind: FindingKind::Claim, text: Clean::default() };
        let plan = Plan { findings: vec![finding(0), finding(2), finding(20)], ..Plan::default() };
        let kept = around(&text, &plan);
        assert_eq!(
            kept.keys().copied().collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 20, 21, 22, 23, 24]
        );
        assert_eq!(kept.get(&2).map(|line| &**line), Some("    line 2"));
    }
}
