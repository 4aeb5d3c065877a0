//! Whole frames: every mood in every size, and what must hold in each of them.

pub(crate) mod room;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use warroom::domain::{Chord, Key, KeyPress, Mark, Outcome};
use warroom::keymap::Keymap;
use warroom::model::modal::Modal;
use warroom::model::msg::Msg;
use warroom::model::prompt::{Prompt, Purpose};
use warroom::model::{FLASH, Model};
use warroom::terminal::Painter;
use warroom::theme::{Depth, Role, Theme};
use warroom::view::{self, Ctx, Glyphs};

use room::{Mood, bare, empty, flood, room};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (160, 48), (200, 60)];
const MOODS: [Mood; 4] = [Mood::Healthy, Mood::Bad, Mood::Tripped, Mood::Lost];

pub(crate) fn frame(model: &Model, (width, height): (u16, u16), theme: &str, glyphs: Glyphs) -> Buffer {
    let (theme, keymap) = (Theme::named(theme, Depth::True), Keymap::default());
    let ctx = Ctx { glyphs, ..Ctx::new(&theme, &keymap, model.now) };
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    view::draw(model, &ctx, area, &mut buf);
    buf
}

fn rows(buf: &Buffer) -> Vec<String> {
    let rows = buf.content().chunks(usize::from(buf.area.width).max(1));
    rows.map(|row| row.iter().map(Cell::symbol).collect()).collect()
}

pub(crate) fn text(buf: &Buffer) -> String {
    rows(buf).iter().map(|row| row.trim_end()).collect::<Vec<_>>().join("\n")
}

/// The roles of a frame, one letter a cell, for rows whose styles are worth pinning.
pub(crate) fn roles(buf: &Buffer, theme: &Theme) -> String {
    let known = [
        ('g', Role::Good),
        ('w', Role::Warn),
        ('b', Role::Bad),
        ('u', Role::Unknown),
        ('m', Role::Muted),
        ('f', Role::Faint),
        ('a', Role::Accent),
        ('F', Role::Focus),
        ('c', Role::Chart),
        ('s', Role::Strong),
        ('t', Role::Text),
    ];
    let letter = |cell: &Cell| {
        if cell.symbol() == " " {
            return ' ';
        }
        let ink = |role: Role| theme.style(role).fg == Some(cell.fg);
        known.iter().find(|(_, role)| ink(*role)).map_or('.', |(letter, _)| *letter)
    };
    let rows = buf.content().chunks(usize::from(buf.area.width).max(1));
    rows.map(|row| row.iter().map(letter).collect::<String>().trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn frames_in_every_size_and_mood() {
    for mood in MOODS {
        for size in SIZES {
            let name = format!("{mood:?}-{}x{}", size.0, size.1).to_lowercase();
            let buf = frame(&room(mood, size), size, "dark", Glyphs::Unicode);
            let theme = Theme::named("dark", Depth::True);
            insta::assert_snapshot!(name, format!("{}\n\n{}", text(&buf), roles(&buf, &theme)));
        }
    }
}

#[test]
fn small_and_empty_frames() {
    for mood in MOODS {
        insta::assert_snapshot!(
            format!("{mood:?}-40x10").to_lowercase(),
            text(&frame(&room(mood, (40, 10)), (40, 10), "dark", Glyphs::Unicode))
        );
    }
    insta::assert_snapshot!(
        "ascii-80x24",
        text(&frame(&room(Mood::Bad, (80, 24)), (80, 24), "mono", Glyphs::Ascii))
    );
    insta::assert_snapshot!(
        "empty-160x48",
        text(&frame(&empty((160, 48)), (160, 48), "dark", Glyphs::Unicode))
    );
    insta::assert_snapshot!(
        "bare-120x40",
        text(&frame(&bare((120, 40)), (120, 40), "dark", Glyphs::Unicode))
    );
}

/// Dots of charts.
pub(crate) fn is_dots(c: char) -> bool {
    ('\u{2800}'..='\u{28ff}').contains(&c)
}

/// Every glyph of the screen's own; text from outside may have others.
pub(crate) const GLYPHS: &str = "✓▲✗↺?●◦☐◇◌⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏▸▾━╸─┼▁▂▃▄▅▆▇█▀·…→×±≥≤≠╌╭╮╰╯│↑═║";

#[test]
fn rows_are_as_wide_as_the_screen_and_hold_known_glyphs_only() {
    for mood in MOODS {
        for size in SIZES {
            let model = room(mood, size);
            for row in rows(&frame(&model, size, "dark", Glyphs::Unicode)) {
                assert_eq!(row.width(), usize::from(size.0), "{mood:?} {size:?}: {row}");
                let odd = row.chars().find(|c| !c.is_ascii() && !GLYPHS.contains(*c) && !is_dots(*c));
                assert_eq!(odd, None, "{mood:?} {size:?}: {row}");
                assert!(!row.contains('\u{fe0f}'));
            }
            let ascii = text(&frame(&model, size, "mono", Glyphs::Ascii));
            assert!(ascii.is_ascii(), "{mood:?} {size:?}: {ascii}");
        }
    }
}

#[test]
fn without_colour_the_text_alone_tells_the_moods_apart() {
    for size in SIZES {
        let texts = MOODS.map(|mood| text(&frame(&room(mood, size), size, "mono", Glyphs::Unicode)));
        for (at, one) in texts.iter().enumerate() {
            assert!(texts.iter().skip(at + 1).all(|other| other != one), "{size:?}: two moods look alike");
        }
        for (mood, word) in MOODS.iter().zip(["✓ GO", "✗ NO-GO", "↺ ROLL BACK", "? HOLD"]) {
            let text = text(&frame(&room(*mood, size), size, "mono", Glyphs::Unicode));
            assert!(text.contains(word), "{mood:?} {size:?}: no {word} in\n{text}");
        }
        let coloured = frame(&room(Mood::Bad, size), size, "mono", Glyphs::Unicode);
        assert!(coloured.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    }
}

#[test]
fn the_verdict_never_moves_what_is_below_it() {
    for size in [(60, 15), (80, 24), (100, 20), (120, 40), (160, 48)] {
        let tops = MOODS.map(|mood| {
            let rows = rows(&frame(&room(mood, size), size, "dark", Glyphs::Unicode));
            rows.iter().position(|row| row.contains('╭') || row.starts_with("──"))
        });
        assert!(tops.iter().all(|top| *top == Some(6)), "{size:?}: {tops:?}");
    }
}

#[test]
fn a_changed_verdict_holds_its_whole_block_inverted_for_a_moment() {
    let size = (160, 48);
    let theme = Theme::named("dark", Depth::True);
    for mood in [Mood::Bad, Mood::Tripped] {
        let mut model = room(mood, size);
        let changed = model.verdicts.now.since.as_mut().expect("it changed once");
        *changed = model.now;
        let grounds = |model: &Model| {
            let buf = frame(model, size, "dark", Glyphs::Unicode);
            // The right half of the block: reasons and, for a moment, nothing but the one colour.
            (1..5).flat_map(|y| (40..160).map(move |x| (x, y))).map(|at| buf[at].bg).collect::<Vec<_>>()
        };
        let fill = theme.fill(Role::Bad).bg.expect("a fill has a ground");
        let loud = |model: &Model| grounds(model).iter().all(|bg| *bg == fill);
        assert_eq!(loud(&model), mood == Mood::Bad);
        model.now.mono = model.now.mono.after(FLASH);
        assert_eq!(loud(&model), mood == Mood::Tripped);
    }
}

#[test]
fn with_every_link_down_nothing_is_green_but_what_is_local() {
    for size in SIZES {
        let theme = Theme::named("dark", Depth::True);
        let good = [theme.style(Role::Good).fg, theme.fill(Role::Good).bg];
        let buf = frame(&room(Mood::Lost, size), size, "dark", Glyphs::Unicode);
        let rows = rows(&buf);
        let local = ["Checklist", "Journal", "journal", "Security", "Testing", "Sign-off"];
        for (y, row) in rows.iter().enumerate() {
            for x in 0..size.0 {
                let cell = &buf[(x, y as u16)];
                let green = good.contains(&Some(cell.fg)) || good.contains(&Some(cell.bg));
                assert!(!green || local.iter().any(|word| row.contains(word)), "{size:?}: green in {row}");
            }
        }
        let text = rows.join("\n");
        assert!(!text.contains("live 0s") && !text.contains("live 1s"), "{text}");
    }
}

#[test]
fn a_flood_changes_numbers_and_moves_nothing() {
    let size = (160, 48);
    let mut model = room(Mood::Healthy, size);
    let before = rows(&frame(&model, size, "dark", Glyphs::Unicode));
    flood(&mut model, 20_000);
    let after = rows(&frame(&model, size, "dark", Glyphs::Unicode));
    let borders =
        |rows: &[String]| rows.iter().map(|row| row.contains('╭') || row.contains('╰')).collect::<Vec<_>>();
    assert_ne!(before, after);
    assert_eq!(borders(&before), borders(&after));
}

#[test]
fn no_size_is_too_small_or_too_large() {
    let models = [empty((80, 24)), bare((80, 24)), room(Mood::Tripped, (80, 24))];
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    for model in models {
        let ctx = Ctx::new(&theme, &keymap, model.now);
        // Each width at which something else is drawn, and the one before it; all between them coarsely.
        let edges = [1, 2, 11, 12, 26, 27, 35, 36, 59, 99, 149, 150, 220];
        for width in (0..60).step_by(5).chain((60..=220).step_by(20)).chain(edges) {
            for height in (0..=70).step_by(7).chain([1, 2, 13, 15]) {
                let area = Rect::new(0, 0, width, height);
                let mut buf = Buffer::empty(area);
                view::draw(&model, &ctx, area, &mut buf);
            }
        }
    }
}

#[test]
fn a_line_that_is_typed_is_drawn_alone_and_leaves_nothing_to_draw() {
    let (theme, keymap) = (Theme::named("light", Depth::True), Keymap::default());
    for (size, line) in [((80, 24), "note"), ((120, 40), "say"), ((200, 60), "end")] {
        let mut model = room(Mood::Tripped, size);
        let purpose = match line {
            "note" => Purpose::Note,
            "say" => Purpose::Say(model.checklist.items().next().unwrap().id.clone(), Mark::Done),
            _ => Purpose::End(Outcome::Aborted),
        };
        model.ui.modal = Some(Modal::Prompt(Prompt::new(purpose, "")));
        let mut painter = Painter::default();
        let whole = |painter: &mut Painter, model: &Model| {
            let ctx = Ctx::new(&theme, &keymap, model.now);
            let draw = |area, buf: &mut Buffer| drop(view::draw(model, &ctx, area, buf));
            painter.paint(size, draw).unwrap().len()
        };
        whole(&mut painter, &model);
        for c in "4401 again".chars() {
            let before = model.ui.line().cloned();
            let press = KeyPress { chord: Chord::plain(Key::Char(c)), at: model.now.mono, repeat: false };
            assert!(model.update(Msg::Pressed { press, action: None }).is_empty());
            assert!(before.is_some() && before == model.ui.line().cloned());
            let ctx = Ctx::new(&theme, &keymap, model.now);
            let alone = painter.patch(|buf| view::redraw_line(&model, &ctx, buf)).unwrap().map(<[u8]>::len);
            assert!(alone.is_some_and(|bytes| bytes > 0), "{line}: {c}");
            assert_eq!(whole(&mut painter, &model), 0, "{line}: {c}");
        }
    }
}
