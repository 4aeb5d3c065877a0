//! What stands below the codes: how many closes were seen by whom, who was refused, how long connections lived, and how
//! connecting goes. A part that does not fit is left out whole, what matters least first.
//!
//! ```text
//! seen here 29.7/min · server counts 29.9/min · agree
//! open 1,204 · lived p50 41m p95 2h11m · 120 attempts, 97.5 %
//! ```

use std::time::Duration;

use ratatui::style::Style;

use crate::domain::format;
use crate::model::closes::rate_text;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::Pen;
use crate::view::widgets::text::width;

use super::Closes;

/// One piece in its forms, the longest first: words and numbers in turn.
pub(super) struct Part(Vec<Vec<(String, Style)>>);

impl Part {
    fn of(spans: Vec<(String, Style)>) -> Self {
        Self(vec![spans])
    }
}

fn cells(spans: &[(String, Style)]) -> usize {
    spans.iter().map(|(text, _)| width(text)).sum()
}

/// Writes as many of `parts` as fit, in their order.
pub(super) fn draw(pen: &mut Pen<'_>, ctx: &Ctx<'_>, parts: &[Part]) {
    for (at, Part(forms)) in parts.iter().enumerate() {
        let glue = if at > 0 { " · " } else { "" };
        let room = usize::from(pen.room()).saturating_sub(width(glue));
        // The first is cut rather than left out.
        let form = forms.iter().find(|spans| cells(spans) <= room).or(forms.last().filter(|_| at == 0));
        let Some(spans) = form else { return };
        pen.put(glue, ctx.style(Role::Muted));
        for (text, style) in spans {
            pen.put(text, *style);
        }
    }
}

impl Closes {
    /// The two lines; `left_out`: so many codes had no room.
    pub(super) fn notes(&self, ctx: &Ctx<'_>, left_out: usize) -> [Vec<Part>; 2] {
        let (muted, text) = (ctx.style(Role::Muted), ctx.style(Role::Text));
        let [here, there] = self.counting;
        let mut seen =
            vec![Part::of(vec![("seen here ".to_owned(), muted), (rate_text(self.here, here), text)])];
        if self.counts[1] || self.server.is_some() {
            let rate = rate_text(self.server, there);
            let form = |words: &str| vec![(words.to_owned(), muted), (rate.clone(), text)];
            seen.push(Part(vec![form("server counts "), form("server ")]));
            // This client sees only its own connections: only that both agree is worth a word.
            let agree = self
                .here
                .zip(self.server)
                .is_some_and(|(here, server)| here > 0.0 && (here - server).abs() <= 0.1 * here.max(server));
            seen.extend(agree.then(|| Part::of(vec![("agree".to_owned(), muted)])));
        }
        // Who was not let in stands first: it is bad, and seen nowhere else.
        if self.refused > 0 {
            let words = format!("{}/{} refused", format::count(self.refused), format::count(self.attempts));
            seen.insert(0, Part::of(vec![(words, ctx.style(Role::Warn))]));
        }
        let more = self.more + left_out;
        if more > 0 {
            let words = format!("{more} more code{}", if more == 1 { "" } else { "s" });
            let part = Part::of(vec![(words, muted)]);
            // Where they have no room, that is said first.
            seen.insert(if left_out == 0 { seen.len() } else { 0 }, part);
        }
        [seen, self.connections(ctx)]
    }

    /// How many are open, how long they lived, and how often connecting succeeded.
    fn connections(&self, ctx: &Ctx<'_>) -> Vec<Part> {
        let (muted, text) = (ctx.style(Role::Muted), ctx.style(Role::Text));
        let length = |s: Option<f64>| {
            let length = s.and_then(|s| Duration::try_from_secs_f64(s).ok());
            format::or_unknown(length, |length| {
                if length.as_secs() < 60 { format::short(length) } else { format::age(length) }
            })
        };
        let open = format::or_unknown(self.open, |open| format::count(open.max(0.0) as u64));
        let lived = vec![
            ("lived p50 ".to_owned(), muted),
            (length(self.p50), text),
            (" p95 ".to_owned(), muted),
            (length(self.p95), text),
        ];
        let mut parts = vec![Part::of(vec![("open ".to_owned(), muted), (open, text)]), Part::of(lived)];
        if self.attempts > 0 {
            let (count, success) =
                (format::count(self.attempts), format::or_unknown(self.success, format::percent));
            let form =
                |words: &str| vec![(count.clone(), text), (words.to_owned(), muted), (success.clone(), text)];
            let [long, short] = match self.attempts {
                1 => [" attempt, ", " try, "],
                _ => [" attempts, ", " tries, "],
            };
            let least = vec![("tries ".to_owned(), muted), (success.clone(), text)];
            parts.push(Part(vec![form(long), form(short), least]));
        }
        parts
    }
}
