//! The dialog that shows the commands of a document before they are trusted. Cancel has the focus; `y` trusts what is
//! shown, and only that: a document that changed behind the dialog is not trusted.

use crate::domain::{Chord, Key, KeyPress, Mono};

use super::gates::trust::Line;
use super::held::Held;

/// An open dialog.
#[derive(Debug, Clone)]
pub struct Trusting {
    /// The document.
    pub document: String,
    /// The hash of the commands that are shown.
    pub hash: String,
    /// How many commands there are.
    pub count: usize,
    /// Their lines, beside those that were trusted before.
    pub lines: Vec<Line>,
    /// Whether trust was given before, and lost by a change.
    pub lost: bool,
    /// Lines scrolled away above.
    pub top: usize,
    held: Held,
}

/// What a key made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Still open.
    Waiting,
    /// Closed; nothing is trusted.
    Closed,
    /// Trusted.
    Yes,
}

impl Trusting {
    /// A dialog opened at `opened`.
    pub fn new(
        (document, hash): (String, String),
        count: usize,
        lines: Vec<Line>,
        lost: bool,
        opened: Mono,
    ) -> Self {
        Self { document, hash, count, lines, lost, top: 0, held: Held::new(opened) }
    }

    /// Takes a key: `y` trusts; enter, esc and `n` do not; arrows and pages scroll.
    pub fn press(&mut self, press: KeyPress) -> Outcome {
        let last = self.lines.len().saturating_sub(1);
        match press.chord.key {
            Key::Down => self.top = (self.top + 1).min(last),
            Key::Up => self.top = self.top.saturating_sub(1),
            Key::PageDown => self.top = (self.top + 10).min(last),
            Key::PageUp => self.top = self.top.saturating_sub(10),
            _ if !self.held.takes(&press) => {}
            Key::Char('y') if press.chord == Chord::char('y') => return Outcome::Yes,
            Key::Enter | Key::Esc | Key::Char('n') => return Outcome::Closed,
            _ => {}
        }
        Outcome::Waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_y_trusts_and_not_too_early() {
        let at =
            |millis, key| KeyPress { chord: Chord::plain(key), at: Mono::from_millis(millis), repeat: false };
        let asked =
            Trusting::new(("release.md".into(), "00".into()), 0, vec![], false, Mono::from_millis(1000));
        let first = |millis, key| asked.clone().press(at(millis, key));
        assert_eq!(first(1200, Key::Char('y')), Outcome::Waiting);
        assert_eq!(first(1600, Key::Char('y')), Outcome::Yes);
        for key in [Key::Enter, Key::Esc, Key::Char('n')] {
            assert_eq!(first(1600, key), Outcome::Closed);
        }
        assert_eq!(first(1600, Key::Char('g')), Outcome::Waiting);
    }
}
