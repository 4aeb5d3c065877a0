//! What a checklist of 5,000 items costs against one of 50. A frame of the list at full size costs what is on the screen,
//! so its ratio is near 1. A key looks through the rows once, so it grows with them: what counts is that it stays below
//! a frame.
//!
//! `cargo bench --profile quick --bench list`

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark reads the clock and may stop at what cannot be"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use warroom::domain::{Action, Chord, Key, KeyPress, Mono, Now, PanelId, Room};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::terminal::Painter;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};
use warroom::{clock, document};

const SIZE: (u16, u16) = (160, 48);
const FRAMES: u32 = 200;
const KEYS: u32 = 400;

fn main() -> std::io::Result<()> {
    let (mut short, mut long) = (list(50), list(5_000));
    let mut best = [Duration::MAX; 4];
    // Taken in turns, so that a noisy machine is noisy for both.
    for _ in 0..5 {
        let now = [frame(&short), frame(&long), keys(&mut short), keys(&mut long)];
        best = std::array::from_fn(|n| best[n].min(now[n]));
    }
    let mut out = std::io::stdout().lock();
    for (what, one, many) in [("frame 160x48", best[0], best[1]), ("key n or down", best[2], best[3])] {
        let ratio = many.as_secs_f64() / one.as_secs_f64();
        writeln!(
            out,
            "{what:<28} 50 items {:>5} µs   5,000 items {:>5} µs   {ratio:.1} times",
            one.as_micros(),
            many.as_micros()
        )?;
    }
    Ok(())
}

fn list(items: usize) -> Model {
    let mut text = "# All of it\n".to_owned();
    for n in 0..items {
        if n % 10 == 0 {
            writeln!(text, "\n## Part {}\n", n / 10).unwrap();
        }
        writeln!(text, "- [ ] Look at the thing number {n} (required)\n  - Owner: Sam").unwrap();
    }
    let mut model = Model::new(Arc::new(Room::default()), "c".into(), Now::default(), SIZE);
    let read = document::read("all.md", text.as_bytes()).document.unwrap();
    model.update(Msg::DocumentsRead { documents: vec![read], problems: Vec::new() });
    model.ui.focus.open(PanelId::Checklist);
    model
}

fn frame(model: &Model) -> Duration {
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let ctx = Ctx::new(&theme, &keymap, model.now);
    let mut painter = Painter::default();
    let begun = clock::mono();
    for _ in 0..FRAMES {
        painter.paint(SIZE, |area, buf| drop(view::draw(black_box(model), &ctx, area, buf))).unwrap();
    }
    clock::mono().since(begun) / FRAMES
}

fn keys(model: &mut Model) -> Duration {
    let begun = clock::mono();
    for n in 0..KEYS {
        let action = if n % 2 == 0 { Action::NextOpen } else { Action::Down };
        let press = KeyPress {
            chord: Chord::plain(Key::Down),
            at: Mono::from_millis(u64::from(n) * 100),
            repeat: false,
        };
        black_box(model.update(Msg::Pressed { press, action: Some(action) }));
    }
    clock::mono().since(begun) / KEYS
}
