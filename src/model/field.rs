//! One line of input: how keys and pastes edit it.

use tui_input::{Input, InputRequest};

use crate::domain::{Chord, Clean, Key};

/// The longest text a person may type into one field, in characters.
pub const MAX_CHARS: usize = 500;

/// Edits `input` by `chord`; whether the key belongs to editing at all.
pub fn edit(input: &mut Input, chord: Chord) -> bool {
    let Some(request) = request(chord) else { return false };
    if matches!(request, InputRequest::InsertChar(_)) && input.value().chars().count() >= MAX_CHARS {
        return true;
    }
    input.handle(request);
    true
}

/// Inserts pasted text at the cursor, scrubbed to one line.
pub fn paste(input: &mut Input, text: &str) {
    let room = MAX_CHARS.saturating_sub(input.value().chars().count());
    for c in Clean::new(text).chars().take(room) {
        input.handle(InputRequest::InsertChar(c));
    }
}

fn request(chord: Chord) -> Option<InputRequest> {
    let Chord { key, ctrl, alt } = chord;
    Some(match (key, ctrl, alt) {
        (Key::Char(c), false, false) => InputRequest::InsertChar(c),
        (Key::Backspace, false, false) => InputRequest::DeletePrevChar,
        (Key::Delete, false, false) => InputRequest::DeleteNextChar,
        (Key::Left, false, false) => InputRequest::GoToPrevChar,
        (Key::Right, false, false) => InputRequest::GoToNextChar,
        (Key::Left, ..) | (Key::Char('b'), false, true) => InputRequest::GoToPrevWord,
        (Key::Right, ..) | (Key::Char('f'), false, true) => InputRequest::GoToNextWord,
        (Key::Home, ..) | (Key::Char('a'), true, false) => InputRequest::GoToStart,
        (Key::End, ..) | (Key::Char('e'), true, false) => InputRequest::GoToEnd,
        (Key::Char('w'), true, false) | (Key::Backspace, ..) => InputRequest::DeletePrevWord,
        (Key::Char('u'), true, false) => InputRequest::DeleteFromStart,
        (Key::Char('k'), true, false) => InputRequest::DeleteTillEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_edit_and_other_keys_pass() {
        let mut input = Input::from("roll bac");
        assert!(edit(&mut input, Chord::char('k')));
        assert_eq!(input.value(), "roll back");
        assert!(edit(&mut input, Chord::ctrl('w')));
        assert_eq!(input.value(), "roll ");
        assert!(edit(&mut input, Chord::ctrl('u')));
        assert_eq!(input.value(), "");
        assert!(!edit(&mut input, Chord::plain(Key::Enter)));
        assert!(!edit(&mut input, Chord::ctrl('o')));
    }

    #[test]
    fn a_paste_is_one_scrubbed_bounded_line() {
        let mut input = Input::from("a");
        paste(&mut input, "b\nc\x1b[2J\u{202e}");
        assert_eq!(input.value(), "ab c·[2J·");
        paste(&mut input, &"x".repeat(MAX_CHARS * 2));
        assert_eq!(input.value().chars().count(), MAX_CHARS);
        assert!(edit(&mut input, Chord::char('y')));
        assert_eq!(input.value().chars().count(), MAX_CHARS);
    }
}
