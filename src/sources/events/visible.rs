//! The newest texts, held as they came until the hand-over: only what can still be seen then is read again and scrubbed.

use super::parse::Parser;
use crate::domain::Mono;
use crate::domain::event::kept::line;
use crate::domain::event::tracker::Seen;
use crate::domain::event::{Line, MAX_LINES, MAX_RAW};

/// Texts larger than this become lines at once, so that what is held is bounded.
const HELD: usize = 16 * 1024;

/// What will be told: a ring whose places keep their memory.
#[derive(Debug, Default)]
pub(super) struct Visible {
    held: Vec<Held>,
    /// Texts taken since the last hand-over; the newest are held.
    taken: usize,
}

#[derive(Debug, Default)]
struct Held {
    text: String,
    at: Mono,
    seen: Seen,
    /// What became of a large text.
    line: Option<Box<Line>>,
}

impl Visible {
    /// Holds a text, and lets go of the oldest if there are too many.
    pub(super) fn push(&mut self, text: &str, at: Mono, seen: Seen, parser: &mut Parser) {
        let place = self.taken % MAX_LINES;
        self.taken += 1;
        if self.held.len() <= place {
            self.held.push(Held::default());
        }
        let Some(held) = self.held.get_mut(place) else { return };
        (held.at, held.seen) = (at, seen);
        held.text.clear();
        if text.len() > HELD {
            held.line = parser.read(text, |event| line(event, at, seen)).ok().map(Box::new);
        } else {
            held.line = None;
            held.text.push_str(text);
        }
    }

    /// Their lines, oldest first; lets go of all.
    pub(super) fn lines(&mut self, parser: &mut Parser) -> Vec<Line> {
        let taken = std::mem::take(&mut self.taken);
        let newest = taken.saturating_sub(MAX_LINES)..taken;
        let mut lines = Vec::with_capacity(newest.len());
        for nth in newest {
            let Some(held) = self.held.get_mut(nth % MAX_LINES) else { continue };
            let (at, seen) = (held.at, held.seen);
            match held.line.take() {
                Some(line) => lines.push(*line),
                None => lines.extend(parser.read(&held.text, |event| line(event, at, seen))),
            }
            if held.text.capacity() > 4 * MAX_RAW {
                held.text = String::new();
            }
        }
        lines
    }
}
