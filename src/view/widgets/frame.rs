//! The frame of a panel: rounded, titled left and right, or folded to its title row.
//!
//! ```text
//! ╭─ 7 Health ▲ 4/4, 1 slow ───────── live 1s ─╮     ── 7 Health ▲ 4/4, 1 slow ─────── live 1s ──
//! │ ▲ api      200  41ms ▂▂▂▂▂▂▁▂▂▂▂▄▆▄ p95 63 │
//! ╰────────────────────────────────────────────╯
//! ```

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::{Freshness, Link, Mono, format};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::ctx::Trust;

use super::text::{cut, width};
use super::{Mark, Pen};

/// Parts of a title's words that give way at most.
const MOST_PARTS: usize = 5;

/// How old the data of a panel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// It is this machine's own.
    Local,
    /// From a source; the next attempt while it is down: (attempt, in how long).
    Source(Freshness, Option<(u32, std::time::Duration)>),
    /// Nothing is configured.
    NotSetUp,
}

impl Age {
    /// The age of a link at `now`.
    pub fn of(link: Option<&Link>, now: Mono) -> Self {
        let Some(link) = link else { return Self::NotSetUp };
        let retry = link.down.as_ref().map(|down| (down.attempt, down.retry_at.since(now)));
        Self::Source(link.freshness(now), retry)
    }

    /// Whether what is drawn can be believed.
    pub fn trust(self) -> Trust {
        match self {
            Self::Local | Self::NotSetUp | Self::Source(Freshness::Live(_), _) => Trust::Live,
            Self::Source(..) => Trust::Old,
        }
    }

    /// What is wrong with it, where what is drawn cannot be believed: `down 25s`.
    pub fn old(self) -> Option<String> {
        if self.trust() == Trust::Live { None } else { self.words().0.pop() }
    }

    /// As in a title, the longest form first.
    fn words(self) -> (Vec<String>, Role) {
        match self {
            Self::Local => (vec!["local".to_owned()], Role::Muted),
            Self::NotSetUp => (Vec::new(), Role::Muted),
            Self::Source(Freshness::Live(age), _) => {
                (vec![format!("live {}", format::age_seconds(age))], Role::Muted)
            }
            Self::Source(Freshness::Stale(age), _) => {
                (vec![format!("stale {}", format::age_seconds(age))], Role::Unknown)
            }
            Self::Source(Freshness::Never, _) => (vec!["connecting".to_owned()], Role::Unknown),
            Self::Source(Freshness::Down(length), retry) => {
                let down = format!("down {}", format::age_seconds(length));
                let long = retry.map(|(attempt, wait)| {
                    format!("{down} · try {attempt} in {}", format::age_seconds(wait))
                });
                (long.into_iter().chain([down]).collect(), Role::Unknown)
            }
        }
    }

    /// In a column of ages: `1s`, `local`, `--`.
    pub fn short(self) -> String {
        match self {
            Self::Local => "local".to_owned(),
            Self::Source(Freshness::Live(age) | Freshness::Stale(age) | Freshness::Down(age), _) => {
                format::age_seconds(age)
            }
            Self::Source(Freshness::Never, _) | Self::NotSetUp => format::UNKNOWN.to_owned(),
        }
    }
}

/// The title of a panel.
#[derive(Debug, Clone)]
pub struct Title<'a> {
    /// Its name.
    pub name: &'a str,
    /// The key that opens it, before its name.
    pub number: Option<String>,
    /// State and the one number.
    pub left: Line<'a>,
    /// Window or rate; gives way before the age does.
    pub right: Line<'a>,
    /// The link's age.
    pub age: Age,
}

impl<'a> Title<'a> {
    /// A title without anything between its name and its age.
    pub fn new(name: &'a str, age: Age) -> Self {
        Self { name, number: None, left: Line::default(), right: Line::default(), age }
    }

    /// Adds the state's glyph and words; an [`Mark::Idle`] one has no glyph.
    #[must_use]
    pub fn state(mut self, ctx: &Ctx<'_>, mark: Mark, words: impl Into<String>) -> Self {
        let style = if mark == Mark::Good || mark == Mark::Idle {
            ctx.style(Role::Text)
        } else {
            ctx.style(mark.role())
        };
        if mark != Mark::Idle {
            self.left.push_span(mark.span(ctx));
            self.left.push_span(Span::raw(" "));
        }
        self.left.push_span(Span::styled(words.into(), style));
        self
    }

    /// Puts the key that opens it before its name.
    #[must_use]
    pub fn numbered(mut self, key: Option<String>) -> Self {
        self.number = key;
        self
    }

    /// Adds further words.
    #[must_use]
    pub fn note(mut self, words: impl Into<String>, style: Style) -> Self {
        if !self.left.spans.is_empty() {
            self.left.push_span(Span::raw(" "));
        }
        self.left.push_span(Span::styled(words.into(), style));
        self
    }

    /// Adds words right behind the first: they are not cut for those after them.
    #[must_use]
    pub fn second(mut self, words: impl Into<String>, style: Style) -> Self {
        let at = self.left.spans.len().min(1);
        let words = [Span::raw(" "), Span::styled(words.into(), style)];
        self.left.spans.splice(at..at, words);
        self
    }

    /// Sets the window or rate at the right.
    #[must_use]
    pub fn window(mut self, words: impl Into<String>, style: Style) -> Self {
        self.right = Line::from(Span::styled(words.into(), style));
        self
    }

    /// Writes it into the row of a border: name and state left, window and age right, line between.
    fn draw(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>, line: &str, border: Style) {
        let name = ctx.trusting(Trust::Live).style(Role::Title);
        let state: usize = self.left.spans.iter().map(|span| width(&span.content)).sum();
        // Space before, number and name, space and state, space after.
        let whole = 2 + width(self.name) + if state > 0 { 1 + state } else { 0 };
        let numbered = self.number.as_ref().map(|key| (key, width(key) + 1));
        // It is the first to give way.
        let number = numbered.filter(|(_, cells)| {
            let room = |left: usize| usize::from(pen.room()).saturating_sub(left + 2);
            let right = |left: usize| self.right_side(ctx, room(left)).map(|line| line.width());
            usize::from(pen.room()) >= whole + cells && right(whole + cells + 1) == right(whole)
        });
        let left = whole + number.map_or(0, |(_, cells)| cells);
        let room = |left: usize| usize::from(pen.room()).saturating_sub(left + 2);
        // What stands behind the last commas gives way before the age does.
        let end = self.left.spans.last().map_or("", |span| &*span.content);
        let cells = |parts: usize| state - width(end) + width(&without(end, parts));
        let right = (0..=MOST_PARTS)
            .find_map(|parts| Some((parts, self.right_side(ctx, room(left - state + cells(parts)))?)));
        let shortened = right.as_ref().map_or(0, |(parts, _)| *parts);
        if let Some((_, right)) = right {
            pen.put_right(" ", border).line_right(&right).put_right(" ", border);
        }
        pen.put(" ", border);
        if let Some((key, _)) = number {
            pen.put(key, ctx.trusting(Trust::Live).style(Role::Key)).put(" ", border);
        }
        let cells = usize::from(pen.room().saturating_sub(1));
        pen.put(&cut(self.name, cells), name);
        if state > 0 && pen.room() > 4 {
            pen.put(" ", border);
            for (at, span) in self.left.spans.iter().enumerate() {
                let cells = usize::from(pen.room().saturating_sub(1));
                let ends = at + 1 == self.left.spans.len();
                let words = without(&span.content, if ends { shortened } else { 0 });
                pen.put(&cut(&words, cells), span.style);
            }
        }
        pen.put(" ", border);
        pen.fill(line, border);
    }

    /// The right side that fits in `room` cells.
    fn right_side(&self, ctx: &Ctx<'_>, room: usize) -> Option<Line<'a>> {
        let (words, role) = self.age.words();
        let age = |words: &String| Span::styled(words.clone(), ctx.theme.style(role));
        let mut forms: Vec<Line<'a>> = Vec::new();
        if self.right.spans.is_empty() {
            forms.extend(words.iter().map(|w| Line::from(age(w))));
        } else {
            forms.extend(words.iter().map(|w| {
                let mut line = self.right.clone();
                line.push_span(Span::styled(" · ", ctx.theme.style(Role::Muted)));
                line.push_span(age(w));
                line
            }));
            forms.extend(words.iter().map(|w| Line::from(age(w))));
            if words.is_empty() {
                forms.push(self.right.clone());
            }
        }
        forms.into_iter().find(|line| line.spans.iter().map(|s| width(&s.content)).sum::<usize>() <= room)
    }
}

/// `words` without so many of their last parts, which commas separate; the first one stays.
fn without(words: &str, parts: usize) -> Cow<'_, str> {
    let cut =
        (0..parts).try_fold(words, |words, _| words.rsplit_once(", ").map(|(first, _)| first).ok_or(words));
    match cut.unwrap_or_else(|first| first) {
        whole if whole.len() == words.len() => Cow::Borrowed(words),
        first => Cow::Owned(format!("{first}…")),
    }
}

/// Draws a panel's box and answers with the area inside: one cell of padding left and right, none above or below.
pub fn panel(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, title: &Title<'_>, focused: bool) -> Rect {
    let area = area.intersection(buf.area);
    if area.width < 4 || area.height < 2 {
        folded(area, buf, ctx, title, focused);
        return Rect::new(area.x, area.y, 0, 0);
    }
    let border = ctx.theme.style(if focused { Role::Focus } else { Role::Faint });
    let double = focused && ctx.theme.is_mono();
    let (line, side) = if double { ("═", "║") } else { ("─", "│") };
    let last = area.height - 1;
    let mut top = Pen::new(buf, area, 0);
    top.glyph("╭", border).put_right("╮", border);
    top.glyph(line, border).put_right(line, border);
    title.draw(&mut top, ctx, line, border);
    for row in 1..last {
        let mut pen = Pen::new(buf, area, row);
        pen.glyph(side, border).put_right(side, border);
    }
    Pen::new(buf, area, last).glyph("╰", border).put_right("╯", border).fill(line, border);
    Rect::new(area.x + 2, area.y + 1, area.width - 4, area.height - 2)
}

/// Draws a panel folded to its title row.
pub fn folded(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, title: &Title<'_>, focused: bool) {
    let border = ctx.theme.style(if focused { Role::Focus } else { Role::Faint });
    let line = if focused && ctx.theme.is_mono() { "═" } else { "─" };
    let mut pen = Pen::new(buf, area, 0);
    pen.repeat(line, 2, border).put_right(line, border).put_right(line, border);
    title.draw(&mut pen, ctx, line, border);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Now;
    use crate::keymap::Keymap;
    use crate::theme::{Depth, Theme};
    use std::time::Duration;

    fn top(width: u16, title: impl Fn(&Ctx<'_>) -> Title<'static>, theme: &str) -> Vec<String> {
        let (theme, keymap) = (Theme::named(theme, Depth::True), Keymap::default());
        let ctx = Ctx::new(&theme, &keymap, Now::default());
        let area = Rect::new(0, 0, width, 2);
        let mut buf = Buffer::empty(area);
        panel(area, &mut buf, &ctx, &title(&ctx), true);
        let rows = buf.content().chunks(usize::from(width).max(1));
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
    }

    fn closes(ctx: &Ctx<'_>) -> Title<'static> {
        let down = Freshness::Down(Duration::from_secs(62));
        let age = Age::Source(down, Some((7, Duration::from_secs(4))));
        Title::new("Closes", age).state(ctx, Mark::Unknown, "no data").window("5 min", ctx.style(Role::Muted))
    }

    #[test]
    fn the_right_side_gives_way_last_the_age_and_then_the_left_is_cut() {
        let tops: Vec<String> = [60, 44, 35, 30, 19, 12, 6].map(|w| top(w, closes, "dark").remove(0)).into();
        assert_eq!(
            tops,
            [
                "╭─ Closes ? no data ──── 5 min · down 1m02s · try 7 in 4s ─╮",
                "╭─ Closes ? no data ── 5 min · down 1m02s ─╮",
                "╭─ Closes ? no data ─ down 1m02s ─╮",
                "╭─ Closes ? no data ─────────╮",
                "╭─ Closes ? no … ─╮",
                "╭─ Closes ─╮",
                "╭─  ─╮",
            ]
        );
    }

    #[test]
    fn the_last_words_give_way_before_the_age_does() {
        let words = "3/3, 1 flapping, 1 slow";
        let live = Age::Source(Freshness::Live(Duration::ZERO), None);
        let health = |ctx: &Ctx<'_>| Title::new("Health", live).state(ctx, Mark::Bad, words);
        let paused = |ctx: &Ctx<'_>| {
            let words = "14 runs incomplete in 5 min";
            let title = Title::new("Events", live).state(ctx, Mark::Bad, words);
            title.second("paused, 1000 new", ctx.style(Role::Muted))
        };
        assert!(top(60, paused, "dark")[0].contains("paused, 1000 new"), "{}", top(60, paused, "dark")[0]);
        let tops: Vec<String> = [50, 46, 36, 26].map(|w| top(w, health, "dark").remove(0)).into();
        assert_eq!(
            tops,
            [
                "╭─ Health ✗ 3/3, 1 flapping, 1 slow ─── live 0s ─╮",
                "╭─ Health ✗ 3/3, 1 flapping… ────── live 0s ─╮",
                "╭─ Health ✗ 3/3… ──────── live 0s ─╮",
                "╭─ Health ✗ 3/3, 1 fla… ─╮",
            ]
        );
    }

    #[test]
    fn the_number_that_opens_it_stands_before_its_name_and_is_the_first_to_give_way() {
        let numbered = |ctx: &Ctx<'_>| closes(ctx).numbered(Some("4".to_owned()));
        let tops: Vec<String> = [60, 58, 57, 30, 12].map(|w| top(w, numbered, "dark").remove(0)).into();
        assert_eq!(
            tops,
            [
                "╭─ 4 Closes ? no data ── 5 min · down 1m02s · try 7 in 4s ─╮",
                "╭─ Closes ? no data ── 5 min · down 1m02s · try 7 in 4s ─╮",
                "╭─ Closes ? no data ─ 5 min · down 1m02s · try 7 in 4s ─╮",
                "╭─ 4 Closes ? no data ───────╮",
                "╭─ Closes ─╮",
            ]
        );
    }

    #[test]
    fn the_focused_border_is_double_without_colour() {
        assert_eq!(top(20, |_| Title::new("Flags", Age::Local), "mono")[0], "╭═ Flags ══ local ═╮");
    }

    #[test]
    fn no_size_is_too_small() {
        for width in 0..40 {
            for height in 0..4 {
                let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
                let ctx = Ctx::new(&theme, &keymap, Now::default());
                let area = Rect::new(0, 0, width, height);
                let mut buf = Buffer::empty(area);
                let inner = panel(area, &mut buf, &ctx, &closes(&ctx), true);
                assert!(area.contains(inner.as_position()) || inner.is_empty());
            }
        }
    }
}
