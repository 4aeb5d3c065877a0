//! What a frame costs: 200×60, all panels, drawn and compared with the frame before; after a thousand events and
//! after a million in the same run, because a list of more rows must not cost more.
//!
//! `cargo bench --profile quick --bench frame`

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark reads the clock and may stop at what cannot be"
)]

use std::hint::black_box;
use std::io::Write as _;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use warroom::clock;
use warroom::domain::PanelId;
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::terminal::Painter;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx, Drawn};

#[path = "../tests/it/frames/room.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared with the tests, which use more of it"
)]
mod room;

const SIZE: (u16, u16) = (200, 60);
const FRAMES: u32 = 400;

fn main() -> std::io::Result<()> {
    let quiet = busy(1_000);
    let loud = busy(1_000_000);
    // Taken in turns, so that a noisy machine is noisy for both.
    let (mut few, mut many) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        few = few.min(frame(&quiet));
        many = many.min(frame(&loud));
    }
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    let mut out = std::io::stdout().lock();
    writeln!(out, "frame 200x60, 1,000 events      {:>6} µs   goal 600", few.as_micros())?;
    writeln!(
        out,
        "frame 200x60, 1,000,000 events  {:>6} µs   {ratio:.2} times, goal 1.10",
        many.as_micros()
    )?;
    writeln!(out, "the panel of events alone       {:>6} µs", part(&loud).as_micros())
}

fn busy(events: u64) -> Model {
    let mut model = room::room(room::Mood::Bad, SIZE);
    room::flood(&mut model, events);
    model
}

/// The mean of many frames in which only events changed.
fn part(model: &Model) -> Duration {
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let ctx = Ctx::new(&theme, &keymap, model.now);
    let mut painter = Painter::default();
    let mut drawn = Drawn::default();
    painter.paint(SIZE, |area, buf| drawn = view::draw(model, &ctx, area, buf)).unwrap();
    let begun = clock::mono();
    for _ in 0..FRAMES {
        let draw = |buf: &mut Buffer| view::redraw(black_box(model), &ctx, PanelId::Events, &drawn, buf);
        black_box(painter.patch(draw).unwrap().map(<[u8]>::len));
    }
    clock::mono().since(begun) / FRAMES
}

/// The mean of many frames, each into a fresh buffer and compared with the one before.
fn frame(model: &Model) -> Duration {
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let ctx = Ctx::new(&theme, &keymap, model.now);
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let before = Buffer::empty(area);
    let begun = clock::mono();
    for _ in 0..FRAMES {
        let mut buf = Buffer::empty(area);
        view::draw(black_box(model), &ctx, area, &mut buf);
        black_box(before.diff(&buf).len());
    }
    clock::mono().since(begun) / FRAMES
}
