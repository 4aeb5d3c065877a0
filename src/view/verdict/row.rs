//! The verdict in one row, for every view but the overview: its reasons as short as they have to be.
//!
//! ```text
//!   ✗ NO-GO     for 2m10s  1 ✗ 4401 12.4/min, limit 5  2 contract-suite failed  3 ▲ 2 required open
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Reason, format};
use crate::model::Model;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::text::{cut, width};
use crate::view::widgets::{Mark, Pen};

use super::{BADGE, SHOWN, badge, ground};

/// Draws the one row of every other view.
pub fn row(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let verdict = &model.verdicts.now;
    let paint = ground(model, ctx, Rect { height: area.height.min(1), ..area }, buf);
    badge(verdict, &paint, area, buf);
    let mut pen = Pen::new(buf, area, 0);
    pen.to(BADGE + 1).skip_right(1);
    if let Some(since) = verdict.since {
        let since = format!("for {}", format::age_seconds(model.now.since(since)));
        pen.put(&since, paint.of(Role::Text)).skip(2);
    }
    // The longest form in which all of them fit; else as many of the shortest as do.
    let shown = || verdict.reasons.iter().take(SHOWN);
    let cells = |(form, glyphs): &(usize, Glyphs)| {
        let each = shown().map(|reason| said(forms(reason)[*form]));
        each.map(|words| width(&words) + 4 + usize::from(glyphs.before(&words)) * 2).sum::<usize>()
    };
    let (form, glyphs) = WAYS
        .into_iter()
        .find(|way| cells(way) <= usize::from(pen.room()) + 2)
        .unwrap_or(WAYS[WAYS.len() - 1]);
    for (reason, number) in shown().zip(1..) {
        let mut words = said(forms(reason)[form]);
        let glyph = glyphs.before(&words);
        let lead = 2 + u16::from(glyph) * 2;
        let room = usize::from(pen.room().saturating_sub(lead));
        if width(&words) > room {
            let (subject, value) = forms(reason)[form];
            let left = room.saturating_sub(width(value) + 1);
            // The first is said in any case, its subject cut.
            if number > 1 || left < 8 {
                break;
            }
            words = said((&cut(subject, left), value));
        }
        let mark = Mark::from(reason.kind);
        let cells = width(&words) as u16 + lead;
        ctx.spot(Rect { width: cells, ..pen.rest() }, Spot::Reason { index: number - 1 });
        pen.put(&format!("{number} "), paint.of(Role::Key));
        if glyph {
            pen.put(mark.glyph(), paint.of(mark.role())).skip(1);
        }
        pen.put(&words, paint.of(if mark == Mark::Good { Role::Text } else { mark.role() })).skip(2);
    }
}

/// Which reasons of the row have their glyphs: limits are worth more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glyphs {
    All,
    /// Those whose words begin with a digit, which would read as one with their number.
    Digits,
}

impl Glyphs {
    fn before(self, words: &str) -> bool {
        self == Self::All || words.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Ways to say all reasons in a row, from the longest to the shortest: the form of their words, and their glyphs.
const WAYS: [(usize, Glyphs); 6] = [
    (0, Glyphs::All),
    (1, Glyphs::All),
    (2, Glyphs::All),
    (2, Glyphs::Digits),
    (3, Glyphs::All),
    (4, Glyphs::All),
];

/// Ways to say a reason, from the longest to the shortest.
const FORMS: usize = 5;

/// Subject and value, shorter and shorter: the kind of thing gives way first, then a name in brackets, then the limit.
/// A code or a number is never cut.
fn forms(reason: &Reason) -> [(&str, &str); FORMS] {
    let (subject, value) = (&*reason.subject, &*reason.value);
    let kind = ["closes ", "trigger ", "canary "].iter().find_map(|kind| subject.strip_prefix(kind));
    let short = kind.unwrap_or(subject);
    // That it is down says no less than that it is unreachable.
    let lost = if value.starts_with("down ") { " unreachable" } else { " critical" };
    let short =
        [" tripped", " critical", lost].iter().find_map(|end| short.strip_suffix(end)).unwrap_or(short);
    // Of a code its number is enough.
    let code = short.split_once(' ').filter(|(code, _)| code.len() == 4 && code.parse::<u16>().is_ok());
    let shortest = code.map_or(short, |(code, _)| code);
    let bare = value.split_once(", ").filter(|(_, rest)| !rest.starts_with("good "));
    let bare = bare.map_or(value, |(number, _)| number);
    [(subject, value), (short, value), (shortest, value), (short, bare), (shortest, bare)]
}

fn said((subject, value): (&str, &str)) -> String {
    if value.is_empty() { subject.to_owned() } else { format!("{subject} {value}") }
}

/// The longest way to say a reason in `cells`.
pub(in crate::view) fn fitting(reason: &Reason, cells: usize) -> (&str, &str) {
    let forms = forms(reason);
    let fits = |(subject, value): &(&str, &str)| width(subject) + 2 + width(value) <= cells;
    forms.into_iter().find(fits).unwrap_or(forms[FORMS - 1])
}
