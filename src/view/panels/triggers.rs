//! Rollback triggers: each a stopwatch towards its limit, and those of documents that people watch. Nothing here acts by
//! itself.
//!
//! ```text
//! ╭─ Rollback triggers ▲ 1 running ? 1 ───── disarmed ─╮
//! │ ▲ errors > 5 %         6.1 % ━━╸─── 02:10 of 05:00 │
//! │ ? chat broken        no data ────── --:-- of 02:00 │
//! │ ? 3 of the checklist                  ask a person │
//! ╰────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Condition, ConditionSpec, ConditionState, Freshness, Now, format};
use crate::model::Model;
use crate::model::conditions::said::SaidTrigger;
use crate::model::conditions::{is_flag, measured_text, progress, stopwatch};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Mark, Pen, Title, gauge};

use super::{Chart, Panel, Summary, several};

/// Cells of the stopwatch column: `02:10 of 05:00`.
const WATCH: u16 = 14;

pub(super) struct Triggers {
    rows: Vec<Row>,
    /// Triggers of documents of which nobody said that they happened.
    asked: Vec<String>,
    age: Age,
}

struct Row {
    mark: Mark,
    name: String,
    /// The service that this row and those after it are of, where the room has several.
    heads: Option<String>,
    /// The name under such a head.
    short: String,
    value: String,
    progress: Option<f64>,
    /// Its limit is crossed; past a warning no stopwatch runs.
    running: bool,
    watch: String,
    note: Option<&'static str>,
    /// A person said so: there is no value and no stopwatch.
    said: bool,
}

pub(super) fn gather(model: &Model) -> Triggers {
    let triggers = || model.conditions.triggers(&model.room);
    let mut sorted: Vec<_> = triggers().collect();
    sorted.sort_by_key(|(spec, _)| spec.signal.service);
    let mut rows: Vec<Row> = sorted.iter().map(|(spec, state)| row(spec, state, model.now)).collect();
    if several(model) {
        let mut before = None;
        for (row, (spec, _)) in rows.iter_mut().zip(&sorted) {
            let service = model.service_name(spec.signal.service);
            if let Some(short) = row.name.strip_prefix(&format!("{service}: ")) {
                row.short = short.to_owned();
            }
            let ix = Some(spec.signal.service);
            row.heads = (before != ix).then_some(service);
            before = ix;
        }
    }
    let people = model.said_triggers();
    rows.extend(people.iter().filter_map(said));
    let asked = people
        .iter()
        .filter(|it| it.said.is_none() && it.waits.is_none())
        .map(|it| it.text.to_string())
        .collect();
    let now = model.now.mono;
    let ages = |seen: bool| {
        let of = triggers().filter(move |(_, state)| state.is_seen() == seen);
        // What is not seen any more is as old as its loss.
        let since = move |state: &Condition| {
            if seen { state.measured } else { state.unseen_since().map(|at| at.mono) }
        };
        of.filter_map(move |(_, state)| Some(now.since(since(state)?)))
    };
    // While one is seen, the age of the oldest that is; else how long nothing was.
    let age = match (ages(true).max(), ages(false).max()) {
        (Some(oldest), _) => Age::Source(Freshness::Live(oldest), None),
        (None, Some(lost)) => Age::Source(Freshness::Stale(lost), None),
        (None, None) if triggers().next().is_none() && people.is_empty() => Age::NotSetUp,
        (None, None) if triggers().next().is_none() => Age::Local,
        (None, None) => Age::Source(Freshness::Never, None),
    };
    Triggers { rows, asked, age }
}

/// One that happened, as a person says.
fn said(trigger: &SaidTrigger<'_>) -> Option<Row> {
    let said = trigger.said?;
    let name = trigger.text.to_string();
    Some(Row {
        mark: Mark::Tripped,
        heads: None,
        short: name.clone(),
        name,
        value: String::new(),
        progress: Some(1.0),
        running: false,
        watch: format!("said by {}", said.by),
        note: Some("happened; nothing happens by itself"),
        said: true,
    })
}

fn row(spec: &ConditionSpec, state: &Condition, now: Now) -> Row {
    let mark = match state.state {
        ConditionState::Pass => Mark::Good,
        ConditionState::Warn => Mark::Warn,
        ConditionState::Fail => Mark::Tripped,
        ConditionState::Inconclusive | ConditionState::Accepted => Mark::Idle,
        ConditionState::NoData | ConditionState::Stale => Mark::Unknown,
    };
    let value = match state.state {
        ConditionState::NoData => "no data".to_owned(),
        ConditionState::Stale => "--".to_owned(),
        seen if is_flag(spec) && seen.is_seen() => {
            let over = state.value.is_some_and(|value| spec.fail.holds(value));
            if over { "yes".to_owned() } else { "ok".to_owned() }
        }
        ConditionState::Pass
        | ConditionState::Warn
        | ConditionState::Fail
        | ConditionState::Inconclusive
        | ConditionState::Accepted => measured_text(spec, state),
    };
    let note = match state.state {
        ConditionState::NoData => Some("has no data: it neither trips nor clears"),
        ConditionState::Inconclusive if state.value.is_none() => Some("has nothing to compare with"),
        ConditionState::Inconclusive if state.is_grey() => Some("is in its grey zone: neither good nor bad"),
        ConditionState::Inconclusive if state.so_far.is_some() => Some("was not counted for long enough"),
        ConditionState::Inconclusive => Some("has too few samples to say"),
        ConditionState::Accepted => Some("is bad, and accepted by name"),
        ConditionState::Fail if state.lost().is_some() && state.so_far.is_some() => {
            Some("tripped, and is counted anew: it stays so")
        }
        ConditionState::Fail if state.lost().is_some() => Some("tripped, and is not seen now: it stays so"),
        ConditionState::Fail => Some("tripped; nothing happens by itself"),
        ConditionState::Stale => Some("is not seen: it neither trips nor clears"),
        ConditionState::Pass | ConditionState::Warn => None,
    };
    Row {
        mark,
        name: spec.name.clone(),
        heads: None,
        short: spec.name.clone(),
        value,
        progress: progress(spec, state),
        running: state.is_running() || state.bad_of_last() > 0,
        watch: watch(spec, state, now),
        note,
        said: false,
    }
}

/// Its stopwatch; of one that tripped and is not seen for how long it is not, or how far it is counted anew.
fn watch(spec: &ConditionSpec, state: &Condition, now: Now) -> String {
    match (state.lost(), state.so_far) {
        (Some(_), Some(watched)) => format!("counting {}", format::age_seconds(watched.had)),
        (Some(lost), None) => format!("unseen {}", format::age_seconds(now.since(lost))),
        (None, _) => stopwatch(spec, state),
    }
}

impl Triggers {
    fn count(&self, mark: Mark) -> usize {
        self.rows.iter().filter(|row| row.mark == mark).count()
    }

    /// How many run, or else how many are past their warning.
    fn warned(&self) -> String {
        let warned = || self.rows.iter().filter(|row| row.mark == Mark::Warn);
        match warned().filter(|row| row.running).count() {
            0 => format!("{} past warning", warned().count()),
            running => format!("{running} running"),
        }
    }

    /// The worst first, then the one nearest to its end.
    fn worst(&self) -> Option<&Row> {
        let far = |row: &Row| row.progress.unwrap_or(0.0);
        // What is not seen counts in the title; of the rest the one that the mark speaks of.
        let named = |row: &Row| row.mark == self.mark();
        self.rows.iter().max_by(|a, b| named(a).cmp(&named(b)).then(far(a).total_cmp(&far(b))))
    }

    fn mark(&self) -> Mark {
        match (self.count(Mark::Tripped), self.count(Mark::Warn), self.count(Mark::Unknown)) {
            (1.., ..) => Mark::Tripped,
            (0, 1.., _) => Mark::Warn,
            (0, 0, unseen) if unseen == self.rows.len() && unseen > 0 => Mark::Unknown,
            _ if self.rows.is_empty() => Mark::Idle,
            _ => Mark::Good,
        }
    }
}

impl Panel for Triggers {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Rollback triggers", Age::NotSetUp).window("disarmed", ctx.style(Role::Muted));
        let muted = ctx.style(Role::Muted);
        let (all, unseen) = (self.rows.len(), self.count(Mark::Unknown));
        let title = match self.mark() {
            _ if all == 0 && self.asked.is_empty() => return title.note("none", muted),
            _ if all == 0 => title,
            Mark::Tripped => {
                title.state(ctx, Mark::Tripped, format!("{} tripped", self.count(Mark::Tripped)))
            }
            Mark::Warn => title.state(ctx, Mark::Warn, self.warned()),
            Mark::Unknown => title.state(ctx, Mark::Unknown, format!("0 of {all} seen")),
            _ => title.state(ctx, Mark::Good, format!("{} clear", self.count(Mark::Good))),
        };
        // Too few samples to say, or accepted: neither clear nor running.
        let title = match self.count(Mark::Idle) {
            0 => title,
            idle => title.note(format!("{} {idle}", Mark::Idle.glyph()), muted),
        };
        let title = match unseen {
            0 => title,
            _ if unseen == all => title,
            _ => title.note(format!("? {unseen}"), ctx.style(Role::Unknown)),
        };
        match self.asked.len() {
            0 => title,
            asked => title.note(format!("{asked} by hand"), muted),
        }
    }

    fn summary(&self) -> Summary {
        let (all, unseen) = (self.rows.len(), self.count(Mark::Unknown));
        let clear = self.count(Mark::Good);
        let words = match (self.mark(), self.worst()) {
            (_, None) if self.asked.is_empty() => "none configured".to_owned(),
            (_, None) => format!("{} that people watch", self.asked.len()),
            (Mark::Unknown, _) => format!("0 of {all} seen"),
            (Mark::Tripped | Mark::Warn, Some(worst)) => format!("{} {}", worst.name, worst.watch),
            _ if unseen > 0 => format!("{clear} of {all} clear, ? {unseen} without data"),
            _ => format!("{clear} of {all} clear"),
        };
        let progress = self.worst().and_then(|row| row.progress);
        Summary { mark: self.mark(), words, chart: Chart::Gauge(progress, self.mark().role()) }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let heads = self.rows.iter().filter(|row| row.heads.is_some()).count();
        let rows = (self.rows.len() + heads) as u16 + u16::from(!self.asked.is_empty()) + 1;
        (rows.max(2), rows.max(2), false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() && self.asked.is_empty() {
            Pen::new(buf, area, 0).put("No trigger in the config.", ctx.style(Role::Text));
            Pen::new(buf, area, 1)
                .put("[[condition]] with purpose = \"trigger\" adds one", ctx.style(Role::Muted));
            return;
        }
        let measured = || self.rows.iter().filter(|row| !row.said);
        let longest = measured().map(|row| width(&row.short)).max().unwrap_or(0) as u16;
        // A gauge of three cells still says something; a cut name does not say which.
        let value = self.rows.iter().map(|row| width(&row.value)).max().unwrap_or(0).max(6) as u16;
        let with_gauge = area.width.saturating_sub(WATCH + value + 8);
        // Where that is not enough, names matter more than gauges, which say no more than the stopwatches do.
        let fits = |row: &Row| width(&row.short) + width(&row.value) <= usize::from(with_gauge + value);
        let room = if measured().all(fits) { with_gauge } else { with_gauge + 4 };
        let name = longest.min(room).clamp(12, 30);
        let mut at = 0;
        for row in &self.rows {
            if let Some(service) = &row.heads {
                Pen::new(buf, area, at).put(service, ctx.style(Role::Muted));
                at += 1;
            }
            draw_row(&mut Pen::new(buf, area, at), ctx, row, (name, value));
            at += 1;
        }
        at += self.draw_asked(&mut Pen::new(buf, area, at), ctx);
        let mut last = Pen::new(buf, area, at);
        let note = self.note(usize::from(last.room()));
        last.put(&note, ctx.style(Role::Muted));
    }
}

impl Triggers {
    /// Those that wait for a person's word, in one line; how many lines that takes.
    fn draw_asked(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>) -> u16 {
        let words = match self.asked.as_slice() {
            [] => return 0,
            [one] => one.clone(),
            all => format!("{} of the checklist", all.len()),
        };
        pen.put_right("ask a person", ctx.style(Role::Unknown)).skip_right(1);
        pen.put(Mark::Unknown.glyph(), ctx.style(Role::Unknown)).skip(1);
        pen.put(&words, ctx.style(Role::Text));
        1
    }

    /// What the worst of them means, in `cells`.
    fn note(&self, cells: usize) -> String {
        let noted = self.rows.iter().filter(|row| row.note.is_some()).max_by_key(|row| row.mark);
        let words = noted.and_then(|row| Some(format!("{} {}", row.short, row.note?)));
        let unseen = self.count(Mark::Unknown);
        match (words, self.mark()) {
            (None, _) if cells < 47 => "a tripped trigger asks, and never acts".to_owned(),
            (None, _) => "a tripped trigger asks; it never acts by itself".to_owned(),
            (_, Mark::Unknown) => "no data neither trips nor clears a trigger".to_owned(),
            (Some(words), _) if width(&words) <= cells => words,
            (Some(_), Mark::Tripped) => "tripped asks; nothing happens by itself".to_owned(),
            (Some(_), _) if unseen > 0 => "no data neither trips nor clears a trigger".to_owned(),
            (Some(words), _) => words,
        }
    }
}

fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Row, (name, value): (u16, u16)) {
    let judged = row.mark.ink();
    if row.said {
        pen.put_right(&row.watch, ctx.style(Role::Bad)).skip_right(1);
        pen.put(row.mark.glyph(), ctx.style(row.mark.role())).skip(1);
        pen.put(&row.name, ctx.style(Role::Text));
        return;
    }
    let bar = if row.mark == Mark::Tripped { Role::Bad } else { Role::Warn };
    pen.put(row.mark.glyph(), ctx.style(row.mark.role())).skip(1);
    // A name may reach up to its own value.
    let free = value.saturating_sub(width(&row.value) as u16);
    let further = (width(&row.short) as u16).saturating_sub(name).min(free);
    pen.cell(&row.short, name + further, Align::Left, ctx.style(Role::Text))
        .skip(1)
        .number(&row.value, value - further, ctx.style(judged))
        .skip(1);
    let watch = if row.mark == Mark::Tripped { Role::Bad } else { Role::Muted };
    pen.put_right(&format!("{:>WATCH$}", row.watch, WATCH = usize::from(WATCH)), ctx.style(watch))
        .skip_right(1);
    let cells = pen.room();
    if cells >= 3 {
        gauge(pen, ctx, cells, row.progress, bar);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_past_its_warning_does_not_run() {
        let row = |running| Row {
            mark: Mark::Warn,
            name: String::new(),
            heads: None,
            short: String::new(),
            value: String::new(),
            progress: None,
            running,
            watch: String::new(),
            note: None,
            said: false,
        };
        let words = |rows: &[bool]| {
            let rows = rows.iter().map(|running| row(*running)).collect();
            Triggers { rows, asked: Vec::new(), age: Age::NotSetUp }.warned()
        };
        assert_eq!(words(&[false, false]), "2 past warning");
        assert_eq!(words(&[false, true]), "1 running");
    }
}
