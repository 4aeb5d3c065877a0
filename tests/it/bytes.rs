//! What a frame costs on the line: nothing when nothing changed, little for a counter, bounded for a full scroll; and
//! a part drawn again is the same as the whole drawn again.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use warroom::domain::event::{EventsDelta, Invalid, Line, RunsDelta};
use warroom::domain::{Clean, Mono, PanelId, ServiceIx};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::terminal::Painter;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx, Drawn};

use crate::frames::room::{Mood, room};

const SIZE: (u16, u16) = (200, 60);
const MOODS: [Mood; 4] = [Mood::Healthy, Mood::Bad, Mood::Tripped, Mood::Lost];

/// A model, and the terminal that shows it.
struct Shown {
    model: Model,
    theme: Theme,
    keymap: Keymap,
    painter: Painter,
    terminal: vt100::Parser,
    drawn: Drawn,
}

impl Shown {
    fn new(mood: Mood) -> Self {
        let rows = SIZE.1.try_into().expect("at least one");
        let columns = SIZE.0.try_into().expect("at least one");
        Self {
            model: room(mood, SIZE),
            theme: Theme::named("dark", Depth::True),
            keymap: Keymap::default(),
            painter: Painter::default(),
            terminal: vt100::Parser::new(rows, columns, 0),
            drawn: Drawn::default(),
        }
    }

    /// Draws the whole screen; gives the bytes.
    fn whole(&mut self) -> Vec<u8> {
        let ctx = Ctx::new(&self.theme, &self.keymap, self.model.now);
        let (model, drawn) = (&self.model, &mut self.drawn);
        let draw = |area: Rect, buf: &mut Buffer| *drawn = view::draw(model, &ctx, area, buf);
        let bytes = self.painter.paint(SIZE, draw).expect("memory").to_vec();
        self.written(bytes)
    }

    /// Draws the panel of events alone.
    fn part(&mut self) -> Option<Vec<u8>> {
        let ctx = Ctx::new(&self.theme, &self.keymap, self.model.now);
        let draw = |buf: &mut Buffer| view::redraw(&self.model, &ctx, PanelId::Events, &self.drawn, buf);
        let bytes = self.painter.patch(draw).expect("memory")?.to_vec();
        Some(self.written(bytes))
    }

    /// A frame is one synchronized update, or nothing.
    fn written(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.terminal.process(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        if !bytes.is_empty() {
            assert!(text.starts_with("\x1b[?2026h") && text.ends_with("\x1b[?2026l"), "{text:?}");
            assert_eq!(text.matches("\x1b[?2026").count(), 2);
        }
        bytes
    }

    fn stream(&mut self, delta: EventsDelta) {
        let at = self.model.now.mono;
        self.model.update(Msg::Streamed(Box::new(EventsDelta { service: ServiceIx(0), at, ..delta })));
    }

    /// As many new lines as are told at once, none like another.
    fn scroll(&mut self, round: usize) {
        let line = |n: usize| {
            let seed = round * 10_007 + n * 7_919;
            Line {
                at: Mono(self.model.now.mono.0 - 900_000 + (n as u64) * 13_001),
                kind: Clean::new(["agent_started", "tool_executing", "agent_completed"][seed % 3]),
                run: Clean::new(&format!("{:08x}", seed * 2_654_435_761 % 0xffff_ffff)),
                detail: Clean::new(["search_orders", "charge", "refund_and_notify"][seed / 3 % 3]),
                ..Line::default()
            }
        };
        let lines = (0..64).map(line).collect();
        let counts: Vec<u64> = (0..5).map(|kind| (round * 31 + kind * 7) as u64).collect();
        let runs = RunsDelta { opened: counts[0], ..RunsDelta::default() };
        self.stream(EventsDelta { received: 64, by_type: counts, runs, lines, ..EventsDelta::default() });
    }
}

#[test]
fn bytes_of_a_frame_are_few() {
    for mood in MOODS {
        let mut shown = Shown::new(mood);
        assert_ne!(shown.whole(), b"", "{mood:?}: the first frame is whole");
        assert_eq!(shown.whole(), b"", "{mood:?}: nothing changed");
        assert_eq!(shown.part().as_deref(), Some(&b""[..]), "{mood:?}: nothing changed");
        for (n, bound) in [(1, 300), (1, 300), (7, 300)] {
            let invalid = [(Invalid::NotJson, n)].into();
            shown.stream(EventsDelta { received: n, invalid, ..EventsDelta::default() });
            let bytes = shown.whole().len();
            let told = if mood == Mood::Lost { 0..=300 } else { 1..=bound };
            assert!(told.contains(&bytes), "{mood:?}: one counter takes {bytes} bytes");
        }
        for round in 0..4 {
            shown.scroll(round);
            let bytes = shown.whole().len();
            assert!(bytes <= 14_000, "{mood:?}: a full scroll takes {bytes} bytes");
        }
    }
}

#[test]
fn a_part_drawn_again_is_the_whole_drawn_again() {
    for mood in MOODS {
        let (mut parts, mut wholes) = (Shown::new(mood), Shown::new(mood));
        parts.whole();
        wholes.whole();
        for round in 0..6 {
            for shown in [&mut parts, &mut wholes] {
                shown.scroll(round);
                let invalid = [(Invalid::NotJson, round as u64)].into();
                shown.stream(EventsDelta { received: 1, invalid, duplicates: 1, ..EventsDelta::default() });
            }
            let (part, whole) = (parts.part().expect("it stands where it stood"), wholes.whole());
            assert_eq!(part, whole, "{mood:?}, round {round}");
            assert_eq!(parts.terminal.screen().contents(), wholes.terminal.screen().contents());
            assert_eq!(parts.whole(), b"", "{mood:?}, round {round}: nothing else changed");
        }
    }
}
