//! Alerts that are open, mutes that last, and what is over.
//!
//! ```text
//! ╭─ Alerts ✗ 1 not acknowledged, 2 open, 1 muted ─────────────── sent from here ─╮
//! │ ✗ 1 errors > 5 %: 6.1 %, limit 5 %    a17 · answer in 02:10 · pager ✓ mail ▲ │
//! │ ● 2 closes spike: 4401                a12 · sam has it · pager ✓             │
//! │ ◦   health* muted until 14:30:00Z by mara: deploying                         │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::alert::{Alert, Outcome, State, Why};
use crate::domain::{PanelId, format};
use crate::model::Model;
use crate::model::alerts::Row;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Mark, Pen, Title};

use super::{Chart, Panel, Summary};

pub(in crate::view) struct Alerts<'m> {
    model: &'m Model,
    rows: Vec<Row<'m>>,
}

pub(super) fn gather(model: &Model) -> Alerts<'_> {
    Alerts { model, rows: model.alert_rows() }
}

/// How an alert is marked.
pub(in crate::view) fn mark(alert: &Alert) -> Mark {
    match (alert.state(), alert.why, alert.severity) {
        (State::Resolved, ..) => Mark::Good,
        (State::Acknowledged, ..) => Mark::Active,
        (State::Firing, Why::Unseen, _) => Mark::Unknown,
        (State::Firing, _, 1) => Mark::Bad,
        (State::Firing, ..) => Mark::Warn,
    }
}

/// What is bad, with its number.
pub(in crate::view) fn subject(alert: &Alert) -> String {
    let name = if alert.why == Why::Unseen {
        format!("{} cannot be seen", alert.name)
    } else {
        alert.name.to_string()
    };
    if alert.about.is_empty() { name } else { format!("{name}: {}", alert.about) }
}

/// What is waited for: `answer in 02:10`, `no answer for 07:10`, `sam has it`, `over for 3m`.
pub(in crate::view) fn waits(model: &Model, alert: &Alert) -> String {
    if let Some(said) = &alert.resolved {
        let ago = (model.now.wall - said.at).to_std().unwrap_or_default();
        return format!("over for {}", format::age_seconds(ago));
    }
    if let Some(said) = &alert.acknowledged {
        return format!("{} has it", said.by);
    }
    let age = (model.now.wall - alert.raised_at).to_std().unwrap_or_default();
    let within = model.room.alerts.as_ref().and_then(|spec| spec.severity(alert.severity));
    let within = within.map_or(Duration::MAX, |it| it.respond_within);
    match within.checked_sub(age) {
        Some(left) if within < Duration::MAX => format!("answer in {}", format::stopwatch(left)),
        _ => format!("no answer for {}", format::stopwatch(age)),
    }
}

/// Which routes know of it: `pager ✓ mail ▲`.
fn told(alert: &Alert) -> String {
    let of = |route: &String| {
        let mut mine = alert.deliveries.iter().filter(|told| told.route == *route);
        let glyph = match mine.next_back().map(|told| told.outcome) {
            Some(Outcome::Sent) => Mark::Good,
            Some(Outcome::Failed) => Mark::Warn,
            Some(Outcome::GivenUp) => Mark::Bad,
            None => Mark::Idle,
        };
        format!("{route} {}", glyph.glyph())
    };
    let escalated = alert.escalated_to.iter().filter(|to| !alert.routes.contains(to));
    alert.routes.iter().chain(escalated).map(of).collect::<Vec<_>>().join(" ")
}

/// One row.
pub(in crate::view) fn row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>) {
    let alert = match row {
        Row::Alert(alert) => alert,
        Row::Mute(mute) => {
            let at = Mark::Idle;
            pen.put(at.glyph(), ctx.style(at.role())).skip(3).put("muted: ", ctx.style(Role::Warn));
            pen.put(&mute.words(), ctx.style(Role::Text));
            return;
        }
    };
    let mark = mark(alert);
    let muted = model.alerts.book.muted(&alert.name, model.now.wall).is_some() && alert.is_open();
    let quiet = if muted { " · muted".to_owned() } else { String::new() };
    let escalated = if alert.escalated_at.is_some() && alert.is_open() { " · escalated" } else { "" };
    let told = told(alert);
    let short = format!("{} · {}{quiet}", alert.label(), waits(model, alert));
    let long = format!("{short}{escalated}{}{told}", if told.is_empty() { "" } else { " · " });
    let subject = subject(alert);
    let fits = width(&long) + width(&subject) + 5 <= usize::from(pen.room());
    pen.put_right(if fits { &long } else { &short }, ctx.style(Role::Muted)).skip_right(1);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.put(&alert.severity.to_string(), ctx.style(mark.role())).skip(1);
    let ink = if alert.is_open() { mark.ink() } else { Role::Muted };
    pen.put(&subject, ctx.style(ink));
}

impl Alerts<'_> {
    fn counts(&self) -> (usize, usize, usize) {
        let open = self.model.alerts.book.open();
        let waiting = open.iter().filter(|alert| alert.acknowledged.is_none()).count();
        (waiting, open.len(), self.model.alerts.book.mutes(self.model.now.wall).count())
    }

    fn words(&self) -> (Mark, String) {
        let (waiting, open, muted) = self.counts();
        let worst = self.model.alerts.book.open().first().map(|alert| mark(alert));
        let mark = worst.unwrap_or(if self.model.room.alerts.is_some() { Mark::Good } else { Mark::Idle });
        let words = match (self.model.room.alerts.is_some(), waiting, open) {
            (false, _, 0) => "not set up".to_owned(),
            (_, _, 0) => "none open".to_owned(),
            (_, 0, open) => format!("{open} open, all taken up"),
            (_, waiting, open) => format!("{waiting} not acknowledged, {open} open"),
        };
        (mark, if muted > 0 { format!("{words}, {muted} muted") } else { words })
    }
}

impl Panel for Alerts<'_> {
    fn age(&self) -> Age {
        Age::Local
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let (mark, words) = self.words();
        let title = Title::new("Alerts", Age::Local).state(ctx, mark, words);
        let routes = self.model.room.alerts.as_ref().map_or(0, |spec| spec.routes.len());
        title.window(format::counted(routes, "route"), ctx.style(Role::Muted))
    }

    fn summary(&self) -> Summary {
        let (mark, words) = self.words();
        let first = self.model.alerts.book.open().first().map(|alert| subject(alert));
        Summary {
            mark,
            words: first.map_or(words.clone(), |first| format!("{first} · {words}")),
            chart: Chart::None,
        }
    }

    fn rows(&self) -> (u16, u16, bool) {
        (2, (self.rows.len() as u16).max(2), true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() {
            Pen::new(buf, area, 0).put("No alert.", ctx.style(Role::Text));
            let words = match &self.model.room.alerts {
                None => "[alerts] in the config raises them, [[route]] names where they go",
                Some(spec) if spec.routes.is_empty() => {
                    "no [[route]] in the config: they are shown here alone"
                }
                Some(_) => "what fails is raised here and sent by one console of this journal",
            };
            Pen::new(buf, area, 1).put(words, ctx.style(Role::Muted));
            return;
        }
        for ((of, at), line) in self.rows.iter().zip(0..).zip(0..area.height) {
            let mut pen = Pen::new(buf, area, line);
            ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Alerts, row: at });
            row(&mut pen, ctx, self.model, of);
        }
    }
}
