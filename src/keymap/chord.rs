//! Chords as text: `g`, `G`, `ctrl-o`, `alt-x`, `f5`, `space`, `shift-tab`. What is written is what is read.

use std::fmt::Write as _;

use crate::domain::{Chord, Key};

const NAMED: [(&str, Key); 15] = [
    ("space", Key::Char(' ')),
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("shift-tab", Key::BackTab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
];

/// Reads a chord. Names are in lower case; a letter in upper case is the shifted one.
pub fn parse(text: &str) -> Option<Chord> {
    let (mut rest, mut ctrl, mut alt) = (text, false, false);
    loop {
        if let Some(tail) = rest.strip_prefix("ctrl-").filter(|tail| !tail.is_empty() && !ctrl) {
            (rest, ctrl) = (tail, true);
        } else if let Some(tail) = rest.strip_prefix("alt-").filter(|tail| !tail.is_empty() && !alt) {
            (rest, alt) = (tail, true);
        } else {
            break;
        }
    }
    Some(Chord { key: key(rest)?, ctrl, alt })
}

fn key(text: &str) -> Option<Key> {
    if let Some((_, key)) = NAMED.iter().find(|(name, _)| *name == text) {
        return Some(*key);
    }
    let mut chars = text.chars();
    match (chars.next(), chars.as_str()) {
        (Some(c), "") if !c.is_control() && !c.is_whitespace() => Some(Key::Char(c)),
        (Some('f'), number) => number
            .parse()
            .ok()
            .filter(|n| (1..=24).contains(n) && !number.starts_with(['0', '+']))
            .map(Key::F),
        _ => None,
    }
}

/// The chord as written in config, hints and help.
pub fn text(chord: Chord) -> String {
    let mut out = String::new();
    if chord.ctrl {
        out.push_str("ctrl-");
    }
    if chord.alt {
        out.push_str("alt-");
    }
    match (NAMED.iter().find(|(_, key)| *key == chord.key), chord.key) {
        (Some((name, _)), _) => out.push_str(name),
        (None, Key::Char(c)) => out.push(c),
        (None, Key::F(n)) => {
            let _ = write!(out, "f{n}");
        }
        // All others have a name.
        (None, _) => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chords_are_read_as_people_write_them() {
        assert_eq!(parse("g"), Some(Chord::char('g')));
        assert_eq!(parse("G"), Some(Chord::char('G')));
        assert_eq!(parse("-"), Some(Chord::char('-')));
        assert_eq!(parse("ctrl-o"), Some(Chord::ctrl('o')));
        assert_eq!(parse("ctrl--"), Some(Chord::ctrl('-')));
        assert_eq!(parse("alt-enter"), Some(Chord { key: Key::Enter, ctrl: false, alt: true }));
        assert_eq!(parse("f"), Some(Chord::char('f')));
        assert_eq!(parse("f12"), Some(Chord::plain(Key::F(12))));
        assert_eq!(parse("shift-tab"), Some(Chord::plain(Key::BackTab)));
        for wrong in
            ["", " ", "ctrl-", "f0", "f25", "f01", "f+1", "gg", "Ctrl-o", "ctrl-ctrl-o", "\t", "return"]
        {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_read(c in "[!-~]", ctrl: bool, alt: bool, n in 1_u8..=24, named in 0..NAMED.len()) {
            let char = c.chars().next().map_or(Key::Enter, Key::Char);
            for key in [char, Key::F(n), NAMED[named].1] {
                let chord = Chord { key, ctrl, alt };
                prop_assert_eq!(parse(&text(chord)), Some(chord));
            }
        }
    }
}
