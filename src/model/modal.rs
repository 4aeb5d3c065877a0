//! What lies over the panels: one thing at a time, and the panels run on behind it.

use tui_input::Input;

use crate::domain::{Action, Chord, Key, KeyPress, Mono, OpId, ServiceIx};

use super::arranging::Arranging;
use super::confirm::Confirm;
use super::field;
use super::findings::Findings;
use super::focus::{Cursor, Extent};
use super::held::Held;
use super::palette::Palette;
use super::prompt::Prompt;
use super::stages::StageAct;
use super::trusting::Trusting;

/// One thing over the panels.
#[derive(Debug, Clone)]
pub enum Modal {
    /// All keys, with a search.
    Help(Help),
    /// Every command by name.
    Palette(Palette),
    /// One line of input at the bottom.
    Prompt(Prompt),
    /// A page to read.
    Page(Page),
    /// A dangerous act, frozen and asked for.
    Confirm(Box<Confirm>),
    /// How far an operation is.
    Progress(OpId),
    /// What was not understood of the documents.
    Findings(Findings),
    /// A question that `y` answers.
    Ask(Ask),
    /// The commands of a document, before they are trusted.
    Trust(Box<Trusting>),
    /// The dashboard behind it, being edited.
    Arrange(Box<Arranging>),
}

/// The help: all keys, and a search that marks and does not move.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// What is looked for.
    pub search: Input,
    /// The first line shown.
    pub top: usize,
}

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// What happened so far.
    Story,
    /// People to call and the war room's link.
    Contacts,
    /// What is wrong with the sources, and the next step.
    Doctor,
    /// All reasons of the verdict.
    Reasons,
    /// What was read out of the documents.
    Plan,
    /// What a rehearsal proved.
    Rehearsal,
    /// Two revisions, or two environments, side by side.
    Comparison,
}

/// A page to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// What it is about.
    pub topic: Topic,
    /// The place on it.
    pub cursor: Cursor,
    /// For the story: records after this one are new to the reader.
    pub read_up_to: u64,
}

/// A question that `y` answers, and enter denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// What is asked.
    pub question: Question,
    held: Held,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Leave, although an operation of this console is not over.
    Quit,
    /// Let forward deploys and flips of this service through again.
    Unlock(ServiceIx),
    /// Stop the gate that was chosen.
    StopGate,
    /// Lend the terminal to the gate that was chosen.
    OnTerminal,
    /// Write the report over the file that is there.
    ReplaceReport,
    /// Go on from the stage in which this was the newest act, or release its hold.
    Stage(StageAct, u64),
}

/// What a key made of a thing that is read or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Still open.
    Waiting,
    /// Closed.
    Closed,
    /// The question was answered with yes.
    Yes(Question),
}

impl Help {
    /// Takes a key: arrows and pages scroll, esc clears the search and then closes, all else searches.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the search")]
    pub fn press(&mut self, press: KeyPress, extent: Extent) -> Outcome {
        let last = extent.rows.saturating_sub(extent.page);
        let half = (extent.page / 2).max(1);
        match press.chord.key {
            Key::Esc | Key::Char('?') if self.search.value().is_empty() => return Outcome::Closed,
            Key::Esc => self.search = Input::default(),
            Key::Up => self.top = self.top.min(last).saturating_sub(1),
            Key::Down => self.top = (self.top + 1).min(last),
            Key::PageUp => self.top = self.top.min(last).saturating_sub(half),
            Key::PageDown => self.top = (self.top + half).min(last),
            _ => {
                field::edit(&mut self.search, press.chord);
            }
        }
        Outcome::Waiting
    }
}

impl Page {
    /// The page about `topic`, from its beginning.
    pub fn new(topic: Topic) -> Self {
        Self { topic, cursor: Cursor::default(), read_up_to: 0 }
    }

    /// Takes an action: back closes, the rest moves.
    pub fn act(&mut self, action: Action, extent: Extent) -> Outcome {
        if matches!(action, Action::Back | Action::Quit) {
            return Outcome::Closed;
        }
        self.cursor.act(action, extent);
        Outcome::Waiting
    }
}

impl Ask {
    /// A question asked at `opened`.
    pub fn new(question: Question, opened: Mono) -> Self {
        Self { question, held: Held::new(opened) }
    }

    /// Takes a key: `y` is yes; enter, esc and `n` are no; keys that come too early, repeat or are held are nothing.
    pub fn press(&mut self, press: KeyPress) -> Outcome {
        if !self.held.takes(&press) {
            return Outcome::Waiting;
        }
        match press.chord {
            chord if chord == Chord::char('y') => Outcome::Yes(self.question),
            Chord { key: Key::Enter | Key::Esc | Key::Char('n'), .. } => Outcome::Closed,
            _ => Outcome::Waiting,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64, key: Key) -> KeyPress {
        KeyPress { chord: Chord::plain(key), at: Mono::from_millis(millis), repeat: false }
    }

    #[test]
    fn a_question_is_answered_by_y_alone_and_not_too_early() {
        let asked = Ask::new(Question::Quit, Mono::from_millis(1000));
        let mut ask = asked;
        assert_eq!(ask.press(at(1499, Key::Char('y'))), Outcome::Waiting);
        for held in (2000..3500).step_by(33) {
            assert_eq!(ask.press(at(held, Key::Char('y'))), Outcome::Waiting, "held since then");
        }
        assert_eq!(ask.press(at(4600, Key::Char('y'))), Outcome::Yes(Question::Quit));
        let mut ask = asked;
        assert_eq!(ask.press(KeyPress { repeat: true, ..at(1600, Key::Char('y')) }), Outcome::Waiting);
        assert_eq!(ask.press(at(1640, Key::Char('y'))), Outcome::Waiting, "40 ms apart is a repeat");
        assert_eq!(ask.press(at(1700, Key::Char('q'))), Outcome::Waiting);
        assert_eq!(ask.press(at(1800, Key::Enter)), Outcome::Closed);
        let mut ask = asked;
        assert_eq!(ask.press(at(1500, Key::Char('y'))), Outcome::Yes(Question::Quit));
    }

    #[test]
    fn help_searches_scrolls_and_closes() {
        let mut help = Help::default();
        let extent = Extent { rows: 30, page: 20 };
        for key in [Key::PageDown, Key::PageDown, Key::Down] {
            help.press(at(0, key), extent);
        }
        assert_eq!(help.top, 10);
        help.press(at(0, Key::Char('r')), extent);
        assert_eq!(help.search.value(), "r");
        assert_eq!(help.press(at(0, Key::Esc), extent), Outcome::Waiting);
        assert_eq!(help.press(at(0, Key::Esc), extent), Outcome::Closed);
    }
}
