//! What one operator has on the screen, apart from what the room is: focus, what lies over it, what was said last.

use std::time::Duration;

use crate::domain::{Clean, Comparison, Mono, Room, ServiceIx};

use super::focus::{Cursor, Focus};
use super::held::Held;
use super::modal::Modal;
use super::prompt::Purpose;
use super::sides::Between;
use super::tour::Tour;

/// How long a word stands in the row of hints.
const SAID_FOR: Duration = Duration::from_secs(5);
/// How many lines of the palette are remembered.
const COMMANDS: usize = 50;

/// Over how long charts may be.
const WINDOWS: [(Duration, &str); 7] = [
    (Duration::from_mins(5), "5 min"),
    (Duration::from_mins(15), "15 min"),
    (Duration::from_hours(1), "1 h"),
    (Duration::from_hours(3), "3 h"),
    (Duration::from_hours(6), "6 h"),
    (Duration::from_hours(12), "12 h"),
    (Duration::from_hours(24), "24 h"),
];

/// Over how long all charts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(usize);

impl Default for Window {
    fn default() -> Self {
        Self(1)
    }
}

impl Window {
    /// The next longer or shorter one; the longest and the shortest stay.
    #[must_use]
    pub fn step(self, longer: bool) -> Self {
        Self(if longer { (self.0 + 1).min(WINDOWS.len() - 1) } else { self.0.saturating_sub(1) })
    }

    /// How long.
    pub fn length(self) -> Duration {
        WINDOWS.get(self.0).map_or(Duration::ZERO, |(length, _)| *length)
    }

    /// As written on the screen.
    pub fn words(self) -> &'static str {
        WINDOWS.get(self.0).map_or("", |(_, words)| words)
    }
}

/// The screen of one operator.
#[derive(Debug, Clone, Default)]
pub struct Ui {
    /// Where they look.
    pub focus: Focus,
    /// Whether another verdict and alerts are said aloud.
    pub loud: bool,
    /// What lies over the panels.
    pub modal: Option<Modal>,
    /// The keys of the progress of an operation, since it lies there.
    pub held: Held,
    /// Whether the detail of the row under the cursor fills a small screen.
    pub detail: bool,
    /// The first line of it on the screen, as its row.
    pub detail_at: Cursor,
    /// The run whose story stays on the screen.
    pub pinned: Option<Clean>,
    /// The run under the cursor: it stays there while others come and go around it.
    pub run: Option<Clean>,
    /// The revision that others are compared with.
    pub marked: Option<(ServiceIx, String)>,
    /// What is side by side, while it is shown.
    pub comparison: Comparison,
    /// What is measured of both.
    pub between: Option<Between>,
    /// What was read out of the documents, line by line, while it is shown.
    pub plan: Vec<Clean>,
    /// Over how long charts are.
    pub window: Window,
    /// The hint of the first run that is next to be read.
    pub tour: Option<Tour>,
    said: Option<(Clean, Mono)>,
    commands: Vec<String>,
}

impl Ui {
    /// At the beginning.
    pub fn new(room: &Room) -> Self {
        let mut focus = if room.is_of_documents() { Focus::on_checklist() } else { Focus::default() };
        focus.alerts = room.alerts.is_some();
        Self { focus, ..Self::default() }
    }

    /// What the open line of input is for, where typing changes nothing but that line.
    pub fn line(&self) -> Option<&Purpose> {
        match &self.modal {
            Some(Modal::Prompt(prompt))
                if !matches!(prompt.purpose, Purpose::Filter(_) | Purpose::Begin(_) | Purpose::Until(..)) =>
            {
                Some(&prompt.purpose)
            }
            _ => None,
        }
    }

    /// Says something in the row of hints for a few seconds.
    pub fn say(&mut self, text: &str, at: Mono) {
        self.said = Some((Clean::new(text), at));
    }

    /// Says nothing any more: what is shown now has keys of its own.
    pub fn hush(&mut self) {
        self.said = None;
    }

    /// What is said at `now`.
    pub fn said(&self, now: Mono) -> Option<&Clean> {
        self.said.as_ref().filter(|(_, at)| now.since(*at) < SAID_FOR).map(|(text, _)| text)
    }

    /// Lines run in the palette, oldest first.
    pub fn commands(&self) -> &[String] {
        &self.commands
    }

    /// Remembers a line run in the palette.
    pub fn remember(&mut self, line: String) {
        self.commands.retain(|known| *known != line);
        if self.commands.len() == COMMANDS {
            self.commands.remove(0);
        }
        self.commands.push(line);
    }

    /// Whether letters are text now, or answer a question, so that no key is looked up in the keymap.
    pub fn takes_letters(&self) -> bool {
        match &self.modal {
            None | Some(Modal::Page(_) | Modal::Findings(_) | Modal::Progress(_)) => false,
            Some(
                Modal::Help(_)
                | Modal::Palette(_)
                | Modal::Prompt(_)
                | Modal::Confirm(_)
                | Modal::Trust(_)
                | Modal::Arrange(_)
                | Modal::Ask(_),
            ) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_said_for_a_few_seconds() {
        let mut ui = Ui::default();
        ui.say("ticked · u takes it back", Mono::from_secs(10));
        assert_eq!(ui.said(Mono::from_millis(14_999)).map(|s| &**s), Some("ticked · u takes it back"));
        assert_eq!(ui.said(Mono::from_secs(15)), None);
    }

    #[test]
    fn commands_are_remembered_once_and_not_without_end() {
        let mut ui = Ui::default();
        for n in 0..500 {
            ui.remember(format!("note {n}"));
        }
        ui.remember("note 470".into());
        assert_eq!(ui.commands().len(), COMMANDS);
        assert_eq!(ui.commands().last().map(String::as_str), Some("note 470"));
        assert_eq!(ui.commands().iter().filter(|line| *line == "note 470").count(), 1);
    }
}
