//! The runs, a line each, and what the letters of their stories stand for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{RUN, letters, mark, stream, types};
use crate::domain::event::story::Story;
use crate::domain::{PanelId, format};
use crate::model::Model;
use crate::model::events::Events;
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::text::{cut_middle, width};
use crate::view::widgets::{Align, Pen};

/// Stands where a story has more events than room.
const CUT: char = '·';

/// Below so many cells thousandths of a second give way to the story.
const EXACT: u16 = 60;

/// Draws them, and below what the letters stand for.
pub(super) fn runs(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let filter = model.ui.focus.filter(PanelId::Events);
    let runs = model.runs();
    let mut pen = Pen::new(buf, area, 0);
    let muted = ctx.style(Role::Muted);
    pen.put_right("wrong      ", muted).put_right("   n ", muted).put_right("   took", muted);
    let exact = area.width >= EXACT;
    pen.cell(if exact { "last event" } else { "last" }, when(exact), Align::Left, muted)
        .cell("run", RUN + 3, Align::Left, muted)
        .put("story", muted);
    if runs.is_empty() {
        let words = if filter.is_empty() {
            "no run has ended yet".to_owned()
        } else {
            format!("no match for \"{filter}\" · esc clears")
        };
        Pen::new(buf, area, 1).put(&words, ctx.style(Role::Text));
        return;
    }
    let legend = u16::from(area.height > 8);
    let page = area.height.saturating_sub(1 + legend);
    let mut cursor = model.ui.focus.cursor(PanelId::Events);
    cursor.row = model.run_row(&runs);
    let top = cursor.top(Extent { rows: runs.len(), page: usize::from(page) });
    for ((run, at), row) in runs.iter().zip(0..).skip(top).zip(1..=page) {
        if at == cursor.row {
            let ground = Rect { y: area.y + row, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let mut pen = Pen::new(buf, area, row);
        ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Events, row: at });
        run_row(&mut pen, ctx, run, letters(stream(model, run)), exact);
    }
    if legend > 0 {
        let told = runs.get(cursor.row).and_then(|run| stream(model, run));
        draw_legend(&mut Pen::new(buf, area, area.height - 1), ctx, told);
    }
}

/// Cells of the time of the last event.
fn when(exact: bool) -> u16 {
    if exact { 13 } else { 9 }
}

/// What the letters stand for, those of one word together; as many as have room, whole.
fn draw_legend(pen: &mut Pen<'_>, ctx: &Ctx<'_>, stream: Option<&Events>) {
    let (text, muted) = (ctx.style(Role::Text), ctx.style(Role::Muted));
    let mut told: Vec<(String, &str, Style)> = Vec::new();
    for (letter, name) in letters(stream).iter().zip(types(stream)) {
        let word = name.rsplit(['_', '.', ':', '-', '/']).next().unwrap_or(name);
        match told.iter_mut().find(|(_, known, _)| *known == word) {
            Some((letters, ..)) => letters.extend([' ', *letter]),
            None => told.push((letter.to_string(), word, text)),
        }
    }
    let signs = [
        ("_".to_owned(), "missing", ctx.style(Role::Bad)),
        ("…".to_owned(), "open", text),
        (CUT.to_string(), "cut", text),
    ];
    for (glyphs, word, style) in told.into_iter().chain(signs) {
        if usize::from(pen.room()) < width(&glyphs) + 1 + width(word) {
            return;
        }
        pen.put(&glyphs, style).skip(1).put(word, muted).skip(2);
    }
}

fn run_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, run: &Story, letters: &[char], exact: bool) {
    let mark = mark(ctx, run);
    let silent = run.ending.is_none();
    let wrong = if silent {
        format!("{} silent", format::age_seconds(ctx.now.mono.since(run.last)))
    } else {
        run.wrong()
    };
    let took = if silent { "open".to_owned() } else { format::short(run.last.since(run.began)) };
    let last = ctx.now.wall_at(run.last);
    let last = if exact { format::clock_millis(last) } else { format::time_of_day(last) };
    // From the right, in cells of fixed width, so that columns stand under their heads.
    pen.put_right(&format!("{wrong:<11}"), ctx.style(mark.role()));
    pen.put_right(&format!("{:>4} ", run.events), ctx.style(Role::Text));
    pen.put_right(&format!("{took:>7}"), ctx.style(Role::Text));
    pen.cell(&last, when(exact), Align::Left, ctx.style(Role::Muted));
    pen.cell(&cut_middle(&run.run, usize::from(RUN)), RUN + 1, Align::Left, ctx.style(Role::Accent));
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    let story = fitting(run.letters(letters), usize::from(pen.room().saturating_sub(1)));
    for letter in story.chars() {
        let role = match letter {
            '_' | '<' => Role::Bad,
            '…' => Role::Accent,
            CUT => Role::Muted,
            _ => Role::Text,
        };
        pen.put(letter.encode_utf8(&mut [0; 4]), ctx.style(role));
    }
}

/// A story in so many cells: without its gaps where they have no room, and then with its beginning and its end.
fn fitting(story: String, cells: usize) -> String {
    if width(&story) <= cells {
        return story;
    }
    let story = story.replace(' ', "");
    if width(&story) <= cells {
        return story;
    }
    // `…` says that a run is open: more than has room has a mark of its own.
    cut_middle(&story, cells).replacen('…', CUT.encode_utf8(&mut [0; 4]), 1)
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn a_story_without_room_keeps_its_end_and_says_that_it_is_cut() {
        let told = |cells| fitting("S T e c T e c C".to_owned(), cells);
        assert_eq!(told(15), "S T e c T e c C");
        assert_eq!(told(14), "STecTecC");
        assert_eq!([told(7), told(4)], ["STe·ecC", "S·cC"]);
        assert_eq!(fitting("S T e _ …".to_owned(), 4), "S·_…", "cut, and open");
        assert_eq!(fitting("S T e _ …".to_owned(), 5), "STe_…", "open, and not cut");
    }
}
