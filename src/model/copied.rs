//! What `y` copies, as text: the row under the cursor of a panel at full size, a page, else the verdict.

use crate::domain::{Clean, OpKind, format};

use super::Model;
use super::doctor::Health;
use super::effect::Effect;
use super::journal::Folded;
use super::modal::{Modal, Topic};
use super::ops::Operation;
use super::rehearsal::{Proof, Row};

mod row;

/// Columns of a page at most.
pub const PAGE: u16 = 140;
/// Cells of a page's row that a record's time and mark take.
pub const STORY_START: usize = 15;
/// Cells of a page's row that the name of a step and its mark take.
pub const STEP_START: usize = 18;
/// What stands behind a record that was written down afterwards.
pub const LATE: &str = " · recorded late";
/// Lines of one record at most.
const STORY_LINES: usize = 4;

impl Model {
    /// How many lines a page has.
    pub fn page_rows(&self, topic: Topic) -> usize {
        match topic {
            // One more for the rule between what is new and what was read.
            Topic::Story => {
                self.journal.folded(usize::MAX).iter().map(|line| self.story_lines(line).len()).sum::<usize>()
                    + 1
            }
            Topic::Contacts => self.room.contacts.len() + 3,
            Topic::Doctor => {
                let findings = self.doctor();
                findings.iter().map(|finding| if finding.health == Health::Live { 1 } else { 3 }).sum()
            }
            Topic::Reasons => self.verdicts.now.reasons.len(),
            Topic::Plan => self.ui.plan.len(),
            Topic::Rehearsal => {
                let rows = |row: &Row| match row {
                    Row::Service(..) => 2,
                    Row::Step(_, proof) => self.proof_lines(proof).len(),
                };
                // No empty row stands above the first service.
                self.rehearsal_rows().iter().map(rows).sum::<usize>().saturating_sub(1)
            }
            Topic::Comparison => self.comparison().lines(self.comparison_cells()).len(),
        }
    }

    /// What is known of a step of a rehearsal, in lines that fit the page, at most [`STORY_LINES`] of them.
    pub fn proof_lines(&self, proof: &Proof) -> Vec<String> {
        let words = match proof {
            Proof::Proved(words) | Proof::Failed(words) | Proof::Told(words) => &**words,
            Proof::Waiting => "no answer yet",
            Proof::Untold => "not told by this answer",
        };
        let page = usize::from(self.size.0.min(PAGE)).saturating_sub(4);
        let lines = broken(words, page.saturating_sub(STEP_START).max(20));
        lines.into_iter().take(STORY_LINES).map(str::to_owned).collect()
    }

    /// Cells that the writer of a record takes at the right of its row: with a role where there is room.
    pub fn story_writer(&self) -> usize {
        if self.size.0 < 100 { 11 } else { 26 }
    }

    /// A record of the story in lines that fit the page, at most [`STORY_LINES`] of them.
    pub fn story_lines(&self, line: &Folded<'_>) -> Vec<String> {
        let (_, words) = line.words(&self.journal);
        let words = words.strip_prefix("✓ ").unwrap_or(&words);
        let page = usize::from(self.size.0.min(PAGE)).saturating_sub(4);
        let record = line.record;
        let role = if record.role.is_empty() { 0 } else { record.role.chars().count() + 2 };
        // Its words go as far as its own writer, not as far as the longest.
        let writer = (record.by.chars().count() + role + 2).min(self.story_writer());
        let late = if record.late { LATE.chars().count() } else { 0 };
        let lines = broken(words, page.saturating_sub(STORY_START + writer + late).max(20));
        lines.into_iter().take(STORY_LINES).map(str::to_owned).collect()
    }

    pub(super) fn copy(&mut self, effects: &mut Vec<Effect>) {
        let (text, what) = self.copied();
        effects.push(Effect::Copy { text });
        self.say(&format!("copied: {what}"));
    }

    /// The text for the clipboard, and what it is.
    fn copied(&self) -> (String, &'static str) {
        match &self.ui.modal {
            Some(Modal::Page(page)) => match page.topic {
                Topic::Story => (self.story_text(), "the story so far"),
                Topic::Contacts => (self.contacts_text(), "contacts and the link"),
                Topic::Doctor => (self.doctor_text(), "what is wrong with the sources"),
                Topic::Reasons => (self.verdict_text(), "the verdict with its reasons"),
                Topic::Plan => (self.plan_text(), "the plan"),
                Topic::Rehearsal => (self.rehearsal_text(), "what the rehearsal proved"),
                Topic::Comparison => (self.comparison().text(usize::from(PAGE)), "the comparison"),
            },
            Some(Modal::Findings(_)) => (self.findings_text(), "the findings"),
            Some(Modal::Confirm(confirm)) if !confirm.by_hand().is_empty() => {
                let what = match &confirm.group {
                    Some(group) if group.members.len() > 1 => "the lines that do all of it by hand",
                    Some(_) | None => "the line that does it by hand",
                };
                (confirm.by_hand(), what)
            }
            Some(Modal::Progress(id)) => match self.ops.get(id) {
                Some(op) => (self.operation_text(op), "the operation, and how to do it by hand"),
                None => (self.verdict_text(), "the verdict with its reasons"),
            },
            None => {
                let row = self.ui.focus.full().and_then(|panel| self.row_text(panel));
                row.unwrap_or_else(|| (self.verdict_text(), "the verdict with its reasons"))
            }
            Some(_) => (self.verdict_text(), "the verdict with its reasons"),
        }
    }

    fn verdict_text(&self) -> String {
        let verdict = &self.verdicts.now;
        let at = format::clock(self.now.wall);
        let mut lines = vec![format!("{at} {} {}", verdict.state.word(), verdict.act).trim_end().to_owned()];
        lines.extend(verdict.reasons.iter().map(|reason| {
            format!("- {} {} {}", reason.subject, reason.value, reason.context).trim_end().to_owned()
        }));
        lines.join("\n") + "\n"
    }

    fn story_text(&self) -> String {
        let line = |line: &Folded<'_>| {
            let ((_, words), record) = (line.words(&self.journal), line.record);
            format!("- {} {words} ({})\n", format::moment(record.at, self.now.wall), record.by)
        };
        self.journal.folded(usize::MAX).iter().map(line).collect()
    }

    fn plan_text(&self) -> String {
        self.ui.plan.iter().flat_map(|line| [&**line, "\n"]).collect()
    }

    fn rehearsal_text(&self) -> String {
        let line = |row: Row| match row {
            Row::Service(name, stands) => {
                let word = match stands {
                    Some(true) => "could be rolled back",
                    Some(false) => "could NOT be rolled back",
                    None => "not known",
                };
                format!("{name}: {word}\n")
            }
            Row::Step(name, proof) => match proof {
                Proof::Proved(words) | Proof::Told(words) => format!("- {name}: {words}\n"),
                Proof::Failed(why) => format!("- {name} FAILED: {why}\n"),
                Proof::Waiting => format!("- {name}: no answer yet\n"),
                Proof::Untold => format!("- {name}: not told\n"),
            },
        };
        self.rehearsal_rows().into_iter().map(line).collect()
    }

    fn contacts_text(&self) -> String {
        let link = self.room.link.iter().map(|url| format!("war room: {}\n", Clean::new(url)));
        let people = self.room.contacts.iter().map(|contact| {
            let (role, name, reach) = (&contact.role, &contact.name, &contact.reach);
            format!("{}\n", Clean::new(&format!("{role}: {name}, {reach}")))
        });
        link.chain(people).collect()
    }

    /// Each state of an operation with its words, and the lines that do by hand the same and what is open of its group;
    /// while it holds the service, that which goes back.
    fn operation_text(&self, op: &Operation) -> String {
        let step = |step: &super::ops::Step| {
            format!("- {} {} {}", format::clock(step.at), step.state.to_string().to_uppercase(), step.detail)
        };
        let mut lines = vec![format!("{} by {}: {}", op.act.words(), op.by, op.reason)];
        lines.extend(op.steps.iter().map(step));
        let acts = std::iter::once(&op.act).chain(self.open_with(&op.id));
        let look = op.act.look_by_hand().filter(|_| self.hangs(op));
        lines.extend(look.map(|line| format!("look: {line}")));
        lines.extend(acts.filter_map(OpKind::by_hand).map(|line| format!("by hand: {line}")));
        let back = self.back_by_hand(op).and_then(|back| back.by_hand());
        lines.extend(back.map(|line| format!("back by hand: {line}")));
        lines.join("\n") + "\n"
    }

    #[expect(clippy::format_collect, reason = "a few lines, once, when a person copies them")]
    fn doctor_text(&self) -> String {
        let findings = self.doctor();
        let bad = findings.iter().filter(|finding| finding.health != Health::Live);
        let text: String = bad
            .map(|finding| {
                let (name, what) = (&finding.name, &finding.what);
                format!("- {name}: {what}\n  why: {}\n  next: {}\n", finding.why, finding.next)
            })
            .collect();
        if text.is_empty() { "all sources are live\n".to_owned() } else { text }
    }
}

/// The text in lines of at most `cells` characters, broken at spaces where there are any; at least one line.
fn broken(text: &str, cells: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(cells) {
        let (fits, _) = rest.split_at(end);
        let at = fits.rfind(' ').filter(|at| *at > 0).unwrap_or(end);
        let (line, after) = rest.split_at(at);
        lines.push(line);
        rest = after.trim_start();
    }
    lines.push(rest);
    lines
}
