//! The newest frames, held as they came until the hand-over: only what can still be seen then is copied and scrubbed.

use std::collections::VecDeque;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::parse::{Fields, Parser};
use crate::domain::Mono;
use crate::domain::event::kept::line;
use crate::domain::event::tracker::Seen;
use crate::domain::event::{Line, MAX_LINES};

/// Frames larger than this become lines at once, so that what is held is bounded.
const HELD: usize = 16 * 1024;

/// What will be told.
#[derive(Debug, Default)]
pub(super) struct Visible(VecDeque<Held>);

#[derive(Debug)]
enum Held {
    /// As it came; it shares the buffer that it was read into.
    Frame(Utf8Bytes, Mono, Seen),
    /// Copied.
    Line(Line),
}

impl Visible {
    /// Holds a frame, and lets go of the oldest if there are too many.
    pub(super) fn push(&mut self, frame: &Utf8Bytes, fields: &Fields<'_>, at: Mono, seen: Seen) {
        if self.0.len() >= MAX_LINES {
            self.0.pop_front();
        }
        self.0.push_back(if frame.len() > HELD {
            Held::Line(fields.event(frame, |event| line(event, at, seen)))
        } else {
            Held::Frame(frame.clone(), at, seen)
        });
    }

    /// Their lines, oldest first; lets go of all.
    pub(super) fn lines(&mut self, parser: &mut Parser) -> Vec<Line> {
        let lines = self.0.drain(..).filter_map(|held| match held {
            Held::Line(line) => Some(line),
            Held::Frame(frame, at, seen) => {
                let fields = parser.parse(&frame).ok()?;
                Some(fields.event(&frame, |event| line(event, at, seen)))
            }
        });
        lines.collect()
    }
}
