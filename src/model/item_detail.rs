//! All that is known of the item under the cursor, as parts to be wrapped and drawn.

use std::fmt::Write as _;

use crate::domain::plan::{Command, Threshold};
use crate::domain::revision::is_by_name;
use crate::domain::revision::short_digest;
use crate::domain::{Action, Attestation, Clean, Document, Entry, Field, Item, Mark, Meaning, Wall, format};

use super::Model;
use super::checklist::{ItemState, Row};
use super::focus::Extent;

/// What a part is for the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The item's own words.
    Strong,
    /// A fact.
    Plain,
    /// Beside the point.
    Quiet,
    /// It holds.
    Good,
    /// It asks for something.
    Warn,
    /// It is bad.
    Bad,
    /// It cannot be known.
    Unknown,
    /// A command.
    Code,
}

/// A piece of the detail, on as many lines as it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is; `None`: it has the whole line. Empty: as the part above.
    pub label: Option<&'static str>,
    /// The text.
    pub text: Clean,
    /// For the eye.
    pub tone: Tone,
    /// Cells to the right.
    pub indent: u16,
}

impl Part {
    fn whole(text: &str, tone: Tone) -> Self {
        Self { label: None, text: Clean::new(text), tone, indent: 0 }
    }

    fn fact(label: &'static str, text: &str, tone: Tone) -> Self {
        Self { label: Some(label), text: Clean::new(text), tone, indent: 0 }
    }
}

/// Cells of a label, as the view draws it.
const LABEL: usize = 14;

/// Attestations of one item that are shown.
const HISTORY: usize = 30;

impl Model {
    /// The place of the item under the cursor among all that are listed below its document, from 1, and how many.
    pub fn place_of_item(&self) -> Option<(usize, usize)> {
        let Row::Item(item) = self.cursor_row()? else { return None };
        Some((item + 1, self.checklist.listing().outline().count()))
    }

    /// The detail of `item`, from the top.
    pub fn item_parts(&self, item: &Item) -> Vec<Part> {
        let mut parts = vec![Part::whole(&item.text, Tone::Strong)];
        let row = self.cursor_row();
        let document = row.and_then(|row| self.checklist.document(row));
        if let Some((section, document)) = row.and_then(|row| self.checklist.section(row)).zip(document) {
            let file = document.path.rsplit('/').next().unwrap_or(&document.path);
            let names: Vec<&str> = section.path.iter().map(|name| &**name).collect();
            let at = section.items.iter().position(|known| known.id == item.id).map_or(0, |at| at + 1);
            let place = format!("{file}:{} · item {at} of {}", item.line, section.items.len());
            parts.extend([&names.join(" › "), &place].map(|words| Part::whole(words, Tone::Quiet)));
        }
        parts.push(Part::whole("", Tone::Quiet));
        parts.extend(self.what_it_is(item));
        if let Some(document) = document {
            parts.extend(from_plan(document, item));
        }
        parts.extend(self.lapse_parts(item));
        parts.extend(self.item_history(item));
        parts
    }

    /// Scrolls the detail. How many lines it has is drawn by the view; here it is told roughly, so that nobody scrolls
    /// far beyond the end.
    pub(super) fn scroll_detail(&mut self, action: Action) {
        let Some(item) = self.item_under_cursor() else { return };
        let cells = usize::from(self.size.0 / 2).saturating_sub(LABEL).max(10);
        let lines = |part: &Part| part.text.chars().count() / cells + 1;
        let rows: usize = self.item_parts(&item).iter().map(lines).sum();
        let page = usize::from(self.size.1 / 2);
        let extent = Extent { rows: rows.max(1), page };
        self.ui.detail_at.act(action, extent);
    }

    fn what_it_is(&self, item: &Item) -> Vec<Part> {
        let mut parts = self.state_parts(item);
        parts.push(Part::fact("is", &meaning(&item.meaning), Tone::Plain));
        if let Some(below) = &item.below {
            parts.push(Part::fact(
                "below",
                &format!("“{below}”: whether that asks for a rollback is yours to say"),
                Tone::Warn,
            ));
        }
        if item.inferred {
            parts.push(Part::fact(
                "",
                "no box in the file: taken for an item by where it stands",
                Tone::Quiet,
            ));
        }
        let need = match (item.required, item.optional) {
            (true, _) => "required to go on",
            (false, true) => "optional",
            (false, false) => "not required",
        };
        parts.push(Part::fact("needed", need, if item.required { Tone::Warn } else { Tone::Quiet }));
        parts.push(match &item.owner {
            Some(owner) => Part::fact("owner", owner, Tone::Plain),
            None => Part::fact("owner", "--", Tone::Quiet),
        });
        if let Some(proof) = self.checklist.proof(&item.id) {
            let tone = match proof.good {
                Some(true) => Tone::Good,
                Some(false) => Tone::Bad,
                None => Tone::Unknown,
            };
            parts.push(Part::fact("bound to", &proof.words(), tone));
        }
        // Its owner is told above.
        let said = |field: &&Field| item.owner.as_ref() != Some(&field.value);
        for field in item.fields.iter().filter(said) {
            parts.push(Part::fact("in the file", &format!("{}: {}", field.name, field.value), Tone::Plain));
        }
        parts
    }

    /// How it stands, and what that rests on.
    fn state_parts(&self, item: &Item) -> Vec<Part> {
        let state = self.checklist.state(item);
        let (words, tone) = match state {
            ItemState::Done(_) | ItemState::Met(_) => ("", Tone::Good),
            ItemState::NotApplicable(_) => ("", Tone::Quiet),
            ItemState::Waived(_) => ("", Tone::Warn),
            ItemState::Failed(_) | ItemState::Happened(_) => ("", Tone::Bad),
            ItemState::Lapsed { .. } => ("lapsed: ", Tone::Warn),
            ItemState::Measured(proof) => {
                let tone = match proof.good {
                    Some(true) => Tone::Good,
                    Some(false) => Tone::Bad,
                    None => Tone::Unknown,
                };
                (measured(&item.meaning, proof.good), tone)
            }
            ItemState::Proposed(_) => ("open; the room proposes it", Tone::Warn),
            ItemState::Claimed => ("claimed: the file says so, and nobody attested it here", Tone::Unknown),
            ItemState::Struck => {
                ("set aside in the file: struck through, or an example, or old", Tone::Quiet)
            }
            ItemState::NotDue { from: Some(from) } => {
                let words = format!("not due before {}", self.moment(from));
                return vec![Part::fact("stands", &words, Tone::Quiet)];
            }
            ItemState::NotBegun(stage) => return asks_nothing(&format!("before the stage {stage} begins")),
            ItemState::Replaced(said) => {
                return asks_nothing(&format!("any more; a later stage says {said}"));
            }
            ItemState::NotDue { from: None } => ("not due before T0", Tone::Quiet),
            ItemState::Open if let Some(since) = self.checklist.overdue(item) => {
                let words = format!("open, overdue since {}", self.moment(since));
                return vec![Part::fact("stands", &words, Tone::Warn)];
            }
            ItemState::Open => match item.meaning {
                Meaning::Trigger => ("nobody said that it happened", Tone::Quiet),
                Meaning::Criterion => ("nobody said that it is met: ask a person", Tone::Unknown),
                Meaning::Work | Meaning::SignOff { .. } | Meaning::Claim | Meaning::Later { .. } => {
                    ("open", Tone::Warn)
                }
            },
        };
        let Some(said) = state.attestation() else { return vec![Part::fact("stands", words, tone)] };
        let words = format!("{words}{}, {} {}", said.mark.words(), said.who(), self.moment(said.at));
        let mut parts = vec![Part::fact("stands", &words, tone)];
        if let ItemState::Lapsed { why, .. } = state {
            parts.push(Part::fact("why", why, Tone::Warn));
        }
        if !said.note.is_empty() {
            parts.push(Part::fact("note", &said.note, Tone::Plain));
        }
        if let Some(approval) = &said.signing.approval {
            parts.push(Part::fact("see", &approval.link, Tone::Plain));
        }
        let evidence = said.signing.evidence.iter();
        parts.extend(evidence.map(|evidence| Part::fact("evidence", &evidence.support(), Tone::Plain)));
        let images = said.signing.images.iter();
        parts.extend(images.map(|(service, image)| {
            Part::fact("candidate", &format!("{service} {}", short_digest(image)), Tone::Plain)
        }));
        parts
    }

    /// What will make what was said of it lapse.
    fn lapse_parts(&self, item: &Item) -> Vec<Part> {
        let state = self.checklist.state(item);
        let Some(said) = state.attestation().filter(|_| !matches!(state, ItemState::Lapsed { .. })) else {
            return Vec::new();
        };
        let mut causes = vec!["its text changes"];
        if !said.signing.images.is_empty() {
            let by_name = said.signing.images.values().any(|image| is_by_name(image));
            causes.push(if by_name {
                "an image of another name is rolled out (a re-push of the tag is not seen)"
            } else {
                "another image is rolled out"
            });
        }
        if self.checklist.proof(&item.id).is_some() {
            causes.push("its evidence turns bad");
        }
        vec![Part::fact("lapses when", &causes.join(", or "), Tone::Quiet)]
    }

    fn moment(&self, at: Wall) -> String {
        format::moment(at, self.now.wall)
    }

    /// Every attestation and every taking back, newest first.
    fn item_history(&self, item: &Item) -> Vec<Part> {
        let mut parts = Vec::new();
        // Where the text changed, it was said of the item as it was called then.
        let earlier = match self.checklist.state(item) {
            ItemState::Lapsed { was, .. } => was.seq,
            _ => None,
        };
        for record in self.journal.newest() {
            let (words, tone) = match &record.entry {
                Entry::Lapsed { item: of, why, .. } if *of == item.id.0 => (format!("◌ {why}"), Tone::Warn),
                Entry::Unticked { item: of, .. } if *of == item.id.0 => {
                    ("▲ taken back".to_owned(), Tone::Warn)
                }
                _ => match record.attestation() {
                    Some((of, said)) if of == item.id.0 || earlier == Some(record.seq) => told(&said),
                    _ => continue,
                },
            };
            let label = if parts.is_empty() { "history" } else { "" };
            let words = format!("{} {} {words}", self.moment(record.at), record.by);
            parts.push(Part::fact(label, &words, tone));
            if parts.len() == HISTORY {
                break;
            }
        }
        if parts.is_empty() {
            parts.push(Part::fact("history", "none", Tone::Quiet));
        }
        parts
    }

    /// Whether this operator said how it stands.
    fn is_mine(&self, item: &Item) -> bool {
        let said = self.checklist.state(item).attestation();
        said.is_some_and(|said| *said.by == *self.room.operator.name)
    }

    /// What a person can do with the item under the cursor.
    pub fn item_acts(&self) -> Vec<(Action, &'static str)> {
        let Some(item) = self.item_under_cursor() else { return Vec::new() };
        let settled = self.checklist.state(&item).is_settled();
        let mut acts = match (&item.meaning, settled) {
            (Meaning::Trigger, _) => vec![(Action::Tick, "says that it happened, or takes that back")],
            (Meaning::Criterion, _) => vec![(Action::Tick, "says that it is met, or takes that back")],
            // Nobody takes back what another said.
            (_, true) if !self.is_mine(&item) => Vec::new(),
            (_, true) => vec![(Action::Undo, "takes your last tick back")],
            (_, false) => vec![
                (Action::Tick, "ticks it"),
                (Action::Note, "ticks it with a note"),
                (Action::Waive, "waives it, with a reason"),
                (Action::NotApplicable, "says that it does not apply"),
                (Action::Fail, "says that it failed"),
                (Action::Approve, "records an approval given elsewhere"),
            ],
        };
        acts.push((Action::Edit, "opens the file at its line"));
        acts
    }
}

/// A trigger of another stage than the one under way.
fn asks_nothing(words: &str) -> Vec<Part> {
    vec![Part::fact("stands", &format!("asks for nothing {words}"), Tone::Quiet)]
}

/// What the room's own measure says of an item.
fn measured(meaning: &Meaning, good: Option<bool>) -> &'static str {
    match (good, meaning) {
        (None, _) => "not seen: the room would measure it",
        (Some(true), Meaning::Trigger) => "clear, as the room measures it",
        (Some(false), Meaning::Trigger) => "happened, as the room measures it",
        (Some(true), _) => "holds, as the room measures it",
        (Some(false), _) => "does not hold, as the room measures it",
    }
}

/// An attestation in the history.
fn told(said: &Attestation) -> (String, Tone) {
    let (glyph, tone) = match said.mark {
        Mark::Done | Mark::Met => ("✓", Tone::Good),
        Mark::NotApplicable => ("◦", Tone::Quiet),
        Mark::Waived => ("▲", Tone::Warn),
        Mark::Failed => ("✗", Tone::Bad),
        Mark::Happened => ("↺", Tone::Bad),
    };
    let gap = if said.note.is_empty() { "" } else { ": " };
    (format!("{glyph} {}{gap}{}", said.mark.words(), said.note), tone)
}

/// What the plan of its document says of an item: its commands, its numbers.
fn from_plan(document: &Document, item: &Item) -> Vec<Part> {
    let mut parts = Vec::new();
    let of_item = |of: &Option<crate::domain::ItemId>| of.as_ref() == Some(&item.id);
    for threshold in document.plan.thresholds.iter().filter(|threshold| of_item(&threshold.item)) {
        parts.push(Part::fact("number", &limits(threshold), Tone::Plain));
    }
    for command in document.plan.commands.iter().filter(|command| of_item(&command.item)) {
        parts.extend(command_parts(command));
    }
    parts
}

fn command_parts(command: &Command) -> Vec<Part> {
    let kind = command.kind.to_string().replace('_', "-");
    let mut parts = vec![Part::fact("command", &format!("{kind}: {}", command.why), Tone::Quiet)];
    for line in command.shown().lines() {
        parts.push(Part::fact("", line, Tone::Code));
    }
    for expected in &command.expected {
        parts.push(Part::fact("", &format!("expected: {}", expected.text), Tone::Quiet));
    }
    parts
}

fn limits(threshold: &Threshold) -> String {
    let mut words = threshold.name.to_string();
    let all = [
        ("target", &threshold.target),
        ("warning", &threshold.warning),
        ("critical", &threshold.critical),
        ("before", &threshold.baseline),
    ];
    for (name, stated) in all {
        if let Some(stated) = stated {
            // Writing to a String cannot fail.
            let _ = match &stated.bound {
                Some(bound) => write!(words, " · {name} {bound}"),
                None => write!(words, " · {name} {}, read by a person", stated.text),
            };
        }
    }
    words
}

fn meaning(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Work => "work: a person does it, and ticks it".to_owned(),
        Meaning::SignOff { role: Some(role) } => format!("a sign-off by {role}"),
        Meaning::SignOff { role: None } => "a sign-off".to_owned(),
        Meaning::Trigger => "a rollback trigger: it trips when it happened, and is no progress".to_owned(),
        Meaning::Criterion => "a criterion: met when true".to_owned(),
        Meaning::Claim => "a claim of the document: it counts only when a person attests it".to_owned(),
        Meaning::Later { from_seconds, until_seconds } => {
            let age = |seconds: u64| format::age_seconds(std::time::Duration::from_secs(seconds));
            match (from_seconds, until_seconds) {
                (Some(from), Some(until)) => {
                    format!("later: from {} to {} after the deployment", age(*from), age(*until))
                }
                (Some(from), None) => format!("later: from {} after the deployment", age(*from)),
                (None, Some(until)) => format!("later: within {} after the deployment", age(*until)),
                (None, None) => "later: some time after the deployment".to_owned(),
            }
        }
    }
}
