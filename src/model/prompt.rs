//! A one-line question at the bottom of the screen: a note, a note with a tick, a filter.

use tui_input::Input;

use crate::domain::{Accepts, Clean, ItemId, Key, KeyPress, Mark, Outcome as Ending, PanelId, VerdictState};

use super::field;
use super::stages::StageAct;

/// What the line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A decision, a complaint, a ticket.
    Note,
    /// A note or a reason, with which something is said of an item.
    Say(ItemId, Mark),
    /// Who approved an item elsewhere.
    ApprovedBy(ItemId),
    /// Where the approval by this person can be seen.
    ApprovedLink(ItemId, Clean),
    /// The candidate of a rollout that begins.
    Begin(Begin),
    /// A note with which the rollout ends so.
    End(Ending),
    /// Why it is decided so.
    Why(Against),
    /// Until when that stands.
    Until(Against, Clean),
    /// For how long, and why, the alerts of this name are silent.
    Mute(Clean),
    /// Why a stage is held, begun anew or given up, in which this was the newest act.
    Stage(StageAct, u64),
    /// The filter of a panel's list; it holds while it is typed.
    Filter(PanelId),
}

/// What a person decides against the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The verdict is to be `state`; what the room said is as it was when this was asked, for that was decided on.
    Verdict { state: VerdictState, over: VerdictState, against: Vec<Clean> },
    /// This of a condition is accepted, while it says what it said then.
    Condition { name: String, what: Accepts, rule: Clean },
}

/// How far the question for the candidate of a rollout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// Asked for the first time.
    First,
    /// The traffic shows another image, which was said: enter again begins it all the same.
    Differs,
}

/// The line.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What stands in it.
    pub input: Input,
    /// What stood in it when it opened; esc puts a filter back to it.
    before: String,
}

/// What a key made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Still typing.
    Waiting,
    /// The text changed.
    Changed(String),
    /// Closed by esc, with the text that it had at first.
    Cancelled(String),
    /// Closed by enter, with the text, trimmed.
    Entered(String),
}

impl Prompt {
    /// A line with `text` in it.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        Self { purpose, input: Input::from(text), before: text.to_owned() }
    }

    /// Takes a key.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits")]
    pub fn press(&mut self, press: KeyPress) -> Outcome {
        match press.chord.key {
            Key::Enter => Outcome::Entered(self.input.value().trim().to_owned()),
            Key::Esc => Outcome::Cancelled(self.before.clone()),
            _ => {
                let before = self.input.value().to_owned();
                field::edit(&mut self.input, press.chord);
                self.changed(&before)
            }
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) -> Outcome {
        let before = self.input.value().to_owned();
        field::paste(&mut self.input, text);
        self.changed(&before)
    }

    fn changed(&self, before: &str) -> Outcome {
        match self.input.value() {
            now if now == before => Outcome::Waiting,
            now => Outcome::Changed(now.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Chord, Mono};

    fn press(prompt: &mut Prompt, key: Key) -> Outcome {
        prompt.press(KeyPress { chord: Chord::plain(key), at: Mono::default(), repeat: false })
    }

    #[test]
    fn enter_gives_the_text_and_esc_what_was_there_before() {
        let mut prompt = Prompt::new(Purpose::Filter(PanelId::Events), "44");
        assert_eq!(press(&mut prompt, Key::Char('0')), Outcome::Changed("440".into()));
        assert_eq!(prompt.paste("1 \n"), Outcome::Changed("4401  ".into()));
        assert_eq!(press(&mut prompt, Key::Left), Outcome::Waiting);
        assert_eq!(press(&mut prompt, Key::Esc), Outcome::Cancelled("44".into()));
        assert_eq!(press(&mut prompt, Key::Enter), Outcome::Entered("4401".into()));
    }
}
