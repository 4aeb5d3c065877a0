//! One line of delivery, the sender's clock and losses. What has no room is left out whole, what matters least first.

use std::time::Duration;

use ratatui::style::Style;

use crate::domain::event::Skew;
use crate::domain::format;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::Pen;
use crate::view::widgets::text::width;

use super::Stream;

/// A sender's clock that is off by more than this (microseconds) is worth a word.
const SECOND_US: u64 = 1_000_000;

/// A piece of the line.
struct Part {
    /// What is left out first has the highest.
    rank: u8,
    /// What parts it from the piece before.
    glue: &'static str,
    spans: Vec<(String, Style)>,
}

impl Part {
    fn cells(&self) -> usize {
        width(self.glue) + self.spans.iter().map(|(text, _)| width(text)).sum::<usize>()
    }
}

pub(super) fn draw(pen: &mut Pen<'_>, ctx: &Ctx<'_>, stream: &Stream<'_>) {
    let mut parts = delivery(stream, ctx);
    parts.extend(clock(stream, ctx));
    parts.extend(faults(stream, ctx));
    let room = usize::from(pen.room());
    while parts.iter().map(Part::cells).sum::<usize>() > room {
        let Some(last) = (0..parts.len()).max_by_key(|at| parts[*at].rank) else { return };
        parts.remove(last);
        if let Some(first) = parts.first_mut() {
            first.glue = "";
        }
    }
    for part in parts {
        pen.put(part.glue, ctx.style(Role::Muted));
        for (text, style) in part.spans {
            pen.put(&text, style);
        }
    }
}

/// Whether the sender's clock takes room that delivery has else: latency rests on a guess then.
fn skewed(stream: &Stream<'_>) -> Option<String> {
    let skew = stream.state.skew().filter(|skew| stream.shown && skew.ahead_us.unsigned_abs() > SECOND_US);
    skew.map(Skew::ahead)
}

fn delivery(stream: &Stream<'_>, ctx: &Ctx<'_>) -> Vec<Part> {
    let (text, muted) = (ctx.style(Role::Text), ctx.style(Role::Muted));
    let micros = |us: u64| format::short(Duration::from_micros(us));
    let over = stream.delivery.is_some_and(|d| Duration::from_micros(d.p95_us) > stream.limit);
    let limit_ms = format::limit(stream.limit.as_secs_f64() * 1000.0, "");
    let judged = ctx.style(if over { Role::Warn } else { Role::Text });
    let mut p95 =
        vec![("p95 ".to_owned(), muted), (format::or_unknown(stream.delivery, |d| micros(d.p95_us)), judged)];
    if stream.delivery.is_some() {
        p95.push((format!(" {} {limit_ms}", if over { ">" } else { "<" }), judged));
    }
    let p50 = format::or_unknown(stream.delivery, |d| micros(d.p50_us));
    // Beside what is bad its number is worth more than its name and the middle; past its limit it is bad itself.
    let totals = stream.state.totals();
    let bad = totals.lost + totals.invalid_frames() + totals.duplicates > 0;
    let crowded = skewed(stream).is_some() || bad;
    let [word, middle, high] = if crowded { [5, 6, u8::from(!over)] } else { [0, 2, 1] };
    vec![
        Part { rank: word, glue: "", spans: vec![("delivery".to_owned(), muted)] },
        Part { rank: middle, glue: " ", spans: vec![("p50 ".to_owned(), muted), (p50, text)] },
        Part { rank: high, glue: " ", spans: p95 },
    ]
}

fn clock(stream: &Stream<'_>, ctx: &Ctx<'_>) -> Option<Part> {
    let words = skewed(stream)?;
    let spans = vec![("clock ".to_owned(), ctx.style(Role::Muted)), (words, ctx.style(Role::Warn))];
    Some(Part { rank: 1, glue: " · ", spans })
}

/// What is bad comes first.
fn faults(stream: &Stream<'_>, ctx: &Ctx<'_>) -> Vec<Part> {
    let totals = stream.state.totals();
    // What was counted stays so while the stream is down; before the first event nothing was.
    let counted = stream.shown || stream.state.last_event().is_some();
    let skewed = skewed(stream).is_some();
    // Without numbers nobody knows what never came.
    let numbered = totals.numbered > 0;
    let mut all = [
        ("lost ", totals.lost, numbered, if skewed { 2 } else { 3 }),
        ("invalid ", totals.invalid_frames(), true, if skewed { 3 } else { 4 }),
        ("twice ", totals.duplicates, true, 0),
    ];
    all.sort_by_key(|(_, n, ..)| *n == 0);
    let part = |(word, n, known, rank): (&str, u64, bool, u8)| {
        let text = if counted && known { format::count(n) } else { format::UNKNOWN.to_owned() };
        let style = ctx.style(if n > 0 { Role::Bad } else { Role::Text });
        let spans = vec![(word.to_owned(), ctx.style(Role::Muted)), (text, style)];
        Part { rank: if n > 0 { 0 } else { rank }, glue: " · ", spans }
    };
    // That nothing came twice goes without saying.
    all.into_iter().filter(|(word, n, ..)| *n > 0 || *word != "twice ").map(part).collect()
}
