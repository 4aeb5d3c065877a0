//! The confirmation of a dangerous act: one state machine for rollback and flag.
//!
//! Cancel has the focus; Enter on anything but the whole word cancels; the first half second, pastes and repeats are
//! ignored. The target is frozen when it opens: what is shown is what is sent.

use tui_input::{Input, InputRequest};

use crate::domain::{Chord, Clean, Key, KeyPress, Mono, Now, OpId, OpKind, Traffic};

use super::effect::Authority;
use super::group::Asked;

pub use super::effect::CONSENT_WORD;
pub use super::held::GUARD;
use super::held::Held;
use super::msg::Token;
use super::rollback::Knowledge;

/// The longest reason taken.
const LONGEST_REASON: usize = 300;

/// An open confirmation.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// What would be done, frozen.
    pub act: OpKind,
    /// The word that must be typed; empty: a single `y` says yes, and Enter cancels.
    pub word: String,
    /// What was typed of it.
    pub typed: String,
    /// Why, filled in from what asks for it; editable.
    pub reason: Input,
    /// The field that takes keys.
    pub field: Field,
    /// When it opened.
    pub opened: Now,
    /// Where it stands.
    pub stage: Stage,
    /// What the API said of a dry run.
    pub dry_run: DryRun,
    /// The token of that dry run.
    pub dry_run_token: Token,
    /// Other targets: (revision, why it cannot be one).
    pub targets: Vec<Target>,
    /// Which of them is `act`'s.
    pub chosen: usize,
    /// All of it, if a group is asked for.
    pub group: Option<Asked>,
    /// What the act does not undo, and other warnings.
    pub notes: Vec<Note>,
    /// Generation of the service beside which a flag of a live provider goes forward: its traffic is a part of what is shown.
    pub beside: Option<i64>,
    /// Rows scrolled away above, where not all of it fits.
    pub scroll: u16,
    held: Held,
}

/// A revision that could be the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Short name.
    pub revision: String,
    /// What the room knows of it.
    pub knowledge: Knowledge,
    /// In words: `Ready · seen at 100 % for 2d03h, GO all that time`.
    pub about: Clean,
    /// Why it cannot be chosen.
    pub why_not: Option<Clean>,
}

/// A line about what will not be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whether nothing is known (`?`), rather than a warning (`▲`).
    pub unknown: bool,
    /// Subject.
    pub subject: Clean,
    /// Detail.
    pub detail: Clean,
    /// What follows.
    pub consequence: Clean,
}

/// Which field takes keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The word.
    Word,
    /// The reason.
    Reason,
}

/// Where the confirmation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for the word.
    Asking,
    /// The target changed since it was frozen, in these words: nothing can be sent, only reopened.
    Changed { how: Clean },
    /// The intent is on its way to the journal.
    Journaling { op: OpId },
    /// The journal cannot be written: a second word may act without it.
    Unrecorded { op: OpId, error: Clean, typed: String },
    /// Somebody else's operation holds the resource.
    Conflict { op: OpId, by: Clean },
}

/// What the API said of a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DryRun {
    /// Not answered yet.
    Asked,
    /// It would be accepted.
    Accepted,
    /// It would not: why.
    Refused(Clean),
}

/// What a key asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing to do for the room.
    Stay,
    /// Close; nothing was or will be sent.
    Cancel,
    /// The word is typed and Enter pressed: journal the intent, then act.
    Confirmed,
    /// The consent word is typed: act without a record in the journal.
    Consented { op: OpId, authority: Authority },
    /// Another target was chosen, by its short name: freeze it.
    Retarget(String),
    /// Freeze the present state and ask again.
    Reopen,
    /// Copy the line that does the same by hand.
    Copy,
}

impl Confirm {
    /// A confirmation of `act`, opened at `now`.
    pub fn new(act: OpKind, word: impl Into<String>, reason: &str, dry_run_token: Token, now: Now) -> Self {
        Self {
            act,
            word: word.into(),
            typed: String::new(),
            reason: Input::new(reason.to_owned()),
            field: Field::Word,
            opened: now,
            stage: Stage::Asking,
            dry_run: DryRun::Asked,
            dry_run_token,
            targets: Vec::new(),
            chosen: 0,
            group: None,
            notes: Vec::new(),
            beside: None,
            scroll: 0,
            held: Held::new(now.mono),
        }
    }

    /// Whether Enter would act now: the lit button.
    pub fn armed(&self) -> bool {
        match &self.stage {
            Stage::Asking => !self.word.is_empty() && self.typed == self.word,
            Stage::Unrecorded { typed, .. } => typed == CONSENT_WORD,
            Stage::Changed { .. } | Stage::Journaling { .. } | Stage::Conflict { .. } => false,
        }
    }

    /// Whether keys are still ignored because it has just opened.
    pub fn guarded(&self, at: Mono) -> bool {
        self.held.guards(at)
    }

    /// Takes a key.
    pub fn press(&mut self, press: &KeyPress) -> Answer {
        if !self.held.takes(press) {
            return Answer::Stay;
        }
        if press.chord == Chord::plain(Key::Esc) {
            // A journaled intent goes on without the dialog; before that, leaving cancels.
            return if matches!(self.stage, Stage::Journaling { .. }) {
                Answer::Stay
            } else {
                Answer::Cancel
            };
        }
        if self.copies(press.chord) {
            return Answer::Copy;
        }
        match &self.stage {
            Stage::Asking => self.press_asking(press.chord),
            Stage::Changed { .. } if press.chord.key == Key::Enter => Answer::Reopen,
            Stage::Conflict { .. } if press.chord.key == Key::Enter => Answer::Cancel,
            Stage::Unrecorded { .. } => self.press_unrecorded(press.chord),
            Stage::Changed { .. } | Stage::Conflict { .. } | Stage::Journaling { .. } => Answer::Stay,
        }
    }

    /// Whether this key copies: `y` wherever it is no letter of anything, ctrl-y everywhere.
    fn copies(&self, chord: Chord) -> bool {
        let letter = match &self.stage {
            Stage::Asking => {
                let begun = !self.typed.is_empty() || self.word.is_empty() || self.word.starts_with('y');
                self.field == Field::Reason || begun
            }
            Stage::Unrecorded { typed, .. } => !typed.is_empty(),
            Stage::Changed { .. } | Stage::Journaling { .. } | Stage::Conflict { .. } => false,
        };
        chord == Chord::ctrl('y') || (chord == Chord::char('y') && !letter)
    }

    fn press_asking(&mut self, chord: Chord) -> Answer {
        match (self.field, chord.key) {
            (_, Key::Tab | Key::BackTab) => {
                self.field = if self.field == Field::Word { Field::Reason } else { Field::Word };
            }
            (_, Key::PageDown) => self.scroll = (self.scroll + 5).min(400),
            (_, Key::PageUp) => self.scroll = self.scroll.saturating_sub(5),
            (Field::Reason, Key::Enter) => self.field = Field::Word,
            (Field::Word, Key::Enter) if self.armed() => return Answer::Confirmed,
            (Field::Word, Key::Enter) => return Answer::Cancel,
            (Field::Word, Key::Char('y')) if self.word.is_empty() && chord == Chord::char('y') => {
                return Answer::Confirmed;
            }
            (Field::Word, Key::Down) => return self.retarget(1),
            (Field::Word, Key::Up) => return self.retarget(self.targets.len().saturating_sub(1)),
            (Field::Word, Key::Char('t')) if self.typed.is_empty() && !self.word.starts_with('t') => {
                return self.retarget(1);
            }
            (Field::Word, key) => edit_word(&mut self.typed, key, chord, &self.word),
            (Field::Reason, key) => edit_reason(&mut self.reason, key, chord),
        }
        Answer::Stay
    }

    fn press_unrecorded(&mut self, chord: Chord) -> Answer {
        let Stage::Unrecorded { op, typed, .. } = &mut self.stage else { return Answer::Stay };
        if chord.key == Key::Enter {
            return match Authority::from_consent(typed) {
                Some(authority) => Answer::Consented { op: op.clone(), authority },
                None => Answer::Cancel,
            };
        }
        edit_word(typed, chord.key, chord, CONSENT_WORD);
        Answer::Stay
    }

    fn retarget(&self, step: usize) -> Answer {
        let count = self.targets.len();
        let next =
            (1..count).map(|n| (self.chosen + n * step) % count).find(|i| self.targets[*i].why_not.is_none());
        let next = next.and_then(|at| self.targets.get(at));
        next.map_or(Answer::Stay, |target| Answer::Retarget(target.revision.clone()))
    }

    /// What would be done: of a group, each of it in order.
    pub fn acts(&self) -> Vec<&OpKind> {
        match &self.group {
            Some(group) => group.members.iter().map(|member| &member.act).collect(),
            None => vec![&self.act],
        }
    }

    /// The lines that do the same by hand; empty for what `gcloud` cannot do.
    pub fn by_hand(&self) -> String {
        self.acts().into_iter().filter_map(OpKind::by_hand).map(|line| line + "\n").collect()
    }

    /// A dry run was answered.
    pub fn validated(&mut self, token: Token, error: Option<Clean>) {
        let said = error.map_or(DryRun::Accepted, DryRun::Refused);
        for member in self.group.iter_mut().flat_map(|group| &mut group.members) {
            if member.token == token {
                member.dry_run = said.clone();
            }
        }
        if self.dry_run_token == token {
            self.dry_run = said;
        }
    }

    /// The service was read again, and may have changed under us.
    pub fn observe(&mut self, traffic: &Traffic) {
        let act = self.acts().into_iter().find(|act| act.resource() == traffic.name);
        if matches!(self.stage, Stage::Asking | Stage::Unrecorded { .. })
            && let Some(how) = act.and_then(|act| changed(act, traffic))
        {
            self.stage = Stage::Changed { how };
        }
    }
}

/// How the service differs from what was frozen in `act`; `None`: it does not.
pub fn changed(act: &OpKind, traffic: &Traffic) -> Option<Clean> {
    let by = &traffic.last_modifier;
    if traffic.generation != act.generation() {
        return Some(Clean::new(&format!("generation is {} now, changed by {by}", traffic.generation)));
    }
    // What follows the latest goes to whatever that is when the request arrives.
    if let OpKind::Traffic(change) = act
        && change.follows_latest()
        && traffic.latest_ready.as_deref() != Some(change.to.as_str())
    {
        let latest = traffic.latest_ready.as_deref().unwrap_or("no revision");
        return Some(Clean::new(&format!("the latest is {latest} now")));
    }
    let known = !traffic.etag.is_empty() && !act.etag().is_empty();
    (known && traffic.etag != act.etag())
        .then(|| Clean::new(&format!("the etag is another one, changed last by {by}")))
}

fn edit_word(typed: &mut String, key: Key, chord: Chord, word: &str) {
    match key {
        Key::Char(c) if !chord.ctrl && !chord.alt && typed.chars().count() < word.chars().count() => {
            typed.push(c);
        }
        Key::Backspace => {
            typed.pop();
        }
        _ => {}
    }
}

fn edit_reason(reason: &mut Input, key: Key, chord: Chord) {
    let request = match key {
        Key::Char(c) if !chord.ctrl && !chord.alt && reason.value().len() < LONGEST_REASON => {
            InputRequest::InsertChar(c)
        }
        Key::Char('w') if chord.ctrl => InputRequest::DeletePrevWord,
        Key::Char('u') if chord.ctrl => InputRequest::DeleteLine,
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Delete => InputRequest::DeleteNextChar,
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::Home => InputRequest::GoToStart,
        Key::End => InputRequest::GoToEnd,
        _ => return,
    };
    reason.handle(request);
}

#[cfg(test)]
mod tests;
