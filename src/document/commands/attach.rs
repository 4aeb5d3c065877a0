//! Which commands an expectation speaks of.

use super::{Pass, expected};
use crate::document::{beginning, tidy};
use crate::domain::plan::{Check, Command, CommandKind, Expected, Proof};

/// No more lines are kept of what is expected.
const MAX_EXPECTED: usize = 40;
/// No more is taken as expected of commands that stand together, and of no more commands.
const MAX_TOLD: usize = 60;
const MAX_GROUP: usize = 50;

impl Pass<'_> {
    pub(super) fn expect(&mut self, text: &str, codes: &[String]) {
        let Some(group) = self.group.as_mut() else { return };
        group.told += 1;
        // Whatever is said of so many is said of none.
        if group.told > MAX_TOLD || group.commands.len() > MAX_GROUP {
            return;
        }
        let group = group.clone();
        let http = self.is_http(&group.commands);
        // What names a file of the command is no output.
        let commands = self.found.get(group.commands).unwrap_or_default();
        let named = |code: &String| commands.iter().any(|command| command.text.contains(code.as_str()));
        let codes: Vec<String> = codes.iter().filter(|code| !named(code)).cloned().collect();
        self.attach(expected::said(text, &codes, http));
    }

    /// A sample of output: short ones are compared, longer ones are for a person.
    pub(super) fn expect_lines(&mut self, code: &str) {
        let lines: Vec<&str> = code.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let short = lines.len() <= 3;
        let object = code.trim_start().starts_with('{');
        if object && lines.len() <= 12 {
            return self.expect(&lines.join(" "), &[]);
        }
        let open = |line: &str| line.contains("...") || line.contains(['…', '<', '[']);
        if !short || lines.iter().any(|line| open(line)) {
            let first: Vec<&str> = lines.into_iter().take(3).collect();
            return self.attach(vec![Expected { text: tidy(&first.join(" / ")), check: Check::Person }]);
        }
        for line in lines {
            self.expect(line, &[line.to_owned()]);
        }
    }

    /// Gives what is expected to the commands of the newest group that it speaks of.
    pub(super) fn attach(&mut self, expected: Vec<Expected>) {
        let Some(group) = self.group.clone() else { return };
        let Some(commands) = self.found.get_mut(group.commands) else { return };
        let gates = commands
            .iter()
            .filter(|command| command.kind == CommandKind::Gate && command.proof != Proof::Setup);
        let gates = gates.count();
        let single = gates <= 1;
        for expected in expected {
            let scores: Vec<usize> =
                commands.iter().map(|command| speaks_of(&expected.text, &command.text)).collect();
            let best = scores.iter().copied().max().unwrap_or(0);
            let sole = scores.iter().filter(|score| **score == best).count() == 1;
            for (command, score) in commands.iter_mut().zip(scores) {
                let gate = command.kind == CommandKind::Gate && command.proof != Proof::Setup;
                let meant = if single { gate || gates == 0 } else { score == best };
                if !meant {
                    continue;
                }
                // Of several that may be meant, none is held against a number or a text.
                let sure = single || (sole && best > 0) || matches!(expected.check, Check::AllPassed);
                let check = if sure { expected.check.clone() } else { Check::Person };
                add(command, vec![Expected { text: expected.text.clone(), check }]);
            }
        }
    }
}

pub(super) fn add(command: &mut Command, expected: Vec<Expected>) {
    for one in expected {
        if command.expected.len() < MAX_EXPECTED && !command.expected.contains(&one) {
            command.expected.push(one);
        }
    }
}

/// How many words of an expectation are in a command.
fn speaks_of(expected: &str, command: &str) -> usize {
    const SMALL: [&str; 10] =
        ["test", "tests", "must", "pass", "passed", "should", "with", "that", "from", "python"];
    let lower = beginning(command, 2000).to_lowercase();
    let words = expected
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .filter(|word| word.len() > 3);
    words
        .filter(|word| !SMALL.contains(&word.to_lowercase().as_str()))
        .map(|word| match lower.contains(&word.to_lowercase()) {
            // A file's name says more than a word.
            true if word.contains(['.', '_']) => 4,
            true => 1,
            false => 0,
        })
        .sum()
}
