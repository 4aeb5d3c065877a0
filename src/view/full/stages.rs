//! All stages, and the one under the cursor: its clock, what it waits for, its steps; below them the verdict over the
//! rollout's time.
//!
//! ```text
//! ╭─ Stages ● 2 of 3, soaking ─────────────────────────╮╭─ 2 Canary 10 % ● soaking ─────────────╮
//! │ ✓ 1 Internal 0 %   ━━━━━━━━━━━━ soaked 24h         ││ soak          18:39 of 30:00          │
//! │ ● 2 Canary 10 %    ━━━━━━━╸──── soak 18:39 of 30:00││ entered       13:39 by mara           │
//! ╰────────────────────────────────────────────────────╯╰───────────────────────────────────────╯
//! ╭─ Verdict ─────────────────────────────────────────────────────────────────────────── 1h12m ─╮
//! │ ▃▃▃▃▃▃▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆ │
//! │ 12:50                     13:14                      13:38                           14:02 │
//! ╰─────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Clean, PanelId, ReasonKind, format};
use crate::model::Model;
use crate::model::stages::{Found, Row, State};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::{Panel, stages};
use crate::view::rail::stages::{bar, mark};
use crate::view::sheet::Rows;
use crate::view::widgets::{Age, Mark, Title, gauge, panel as boxed};

use super::parts::{LABEL, chosen, fact, list, long};
use super::{WIDE, frame};

mod line;

/// Draws the list, the stage beside or below it, and the line of the verdict.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let rows = model.stage_rows();
    let (above, below) = line::place(area, model);
    line::draw(below, buf, ctx, model);
    if rows.is_empty() {
        let inside = frame(above, buf, ctx, model, panel);
        panel.draw(inside, buf, ctx);
        let below =
            Rect { y: inside.y + 3.min(inside.height), height: inside.height.saturating_sub(3), ..inside };
        return plan(&mut Rows::new(buf, below, 0), ctx, model, inside.width);
    }
    let (of_list, of_stage) = parts(above, rows.len());
    let inside = frame(of_list, buf, ctx, model, panel);
    list(inside, buf, ctx, (model, PanelId::Stages), &rows, |pen, of| stages::row(pen, ctx, of));
    let used = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(1);
    if of_stage.is_some_and(|area| area.x > of_list.x) && inside.height > used {
        let rest = Rect { y: inside.y + used, height: inside.height - used, ..inside };
        waits(&mut Rows::new(buf, rest, 0), ctx, model, inside.width);
    }
    let at = chosen(model, PanelId::Stages, rows.len());
    if let (Some(area), Some(row)) = (of_stage, rows.get(at)) {
        let name = format!("{} {}", row.number, row.title());
        let title = Title::new(&name, Age::NotSetUp).state(ctx, mark(row), row.state.word());
        let inside = boxed(area, buf, ctx, &title, false);
        let mut lines = Rows::new(buf, inside, 0);
        detail(&mut lines, ctx, model, row, inside.width);
    }
}

/// Where the list and the stage stand.
fn parts(area: Rect, rows: usize) -> (Rect, Option<Rect>) {
    if area.width >= WIDE {
        let left = area.width / 2;
        let right = Rect { x: area.x + left, width: area.width - left, ..area };
        return (Rect { width: left, ..area }, Some(right));
    }
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2).min(area.height / 2);
    if area.height - rows < 6 {
        return (area, None);
    }
    let below = Rect { y: area.y + rows, height: area.height - rows, ..area };
    (Rect { height: rows, ..area }, Some(below))
}

/// What going on waits for, and what is planned.
fn waits(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, cells: u16) {
    let verdict = &model.verdicts.now;
    let of =
        verdict.reasons.iter().filter(|it| it.panel == PanelId::Stages && it.kind != ReasonKind::Holding);
    let labels = std::iter::once("waits for").chain(std::iter::repeat(""));
    for (label, reason) in labels.zip(of) {
        long(rows, ctx, (label, &reason.told_whole()), Role::Text, (cells, 2));
    }
    if !verdict.act.is_empty() {
        let words = format!("{} for {}", verdict.state.word(), verdict.act);
        let mark = crate::view::widgets::mark::verdict(verdict.state, verdict.blind);
        fact(rows, ctx, "verdict", &words, mark.ink());
    }
    if let Some((text, since)) = model.step_now() {
        let words = format!("{text} · for {}", format::stopwatch(since));
        long(rows, ctx, ("step now", &words), Role::Text, (cells, 2));
    }
    plan(rows, ctx, model, cells);
    if model.shows_stages() {
        rows.skip();
        let words = ":stage advance · pause · resume · repeat · abort; :stage traffic and :flip move what it asks for";
        long(rows, ctx, ("acts", words), Role::Muted, (cells, 3));
    }
}

/// The planned start, its countdown, and when one goes forward.
fn plan(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, cells: u16) {
    let spec = &model.room.stages;
    let now = model.now.wall;
    if let Some(start) = spec.start {
        let words = if start > now {
            let left = (start - now).to_std().unwrap_or_default();
            format!("{} UTC, in {}", format::moment(start, now), format::stopwatch(left))
        } else {
            format!("{} UTC", format::moment(start, now))
        };
        fact(rows, ctx, "planned start", &words, Role::Text);
        for (length, found) in model.stages.countdown() {
            let open = model.still_open(found);
            let due = start - chrono::TimeDelta::from_std(*length).unwrap_or_default() <= now;
            let mark = match (open.count(), due) {
                (0, _) => Mark::Good,
                (_, true) => Mark::Warn,
                (_, false) => Mark::Idle,
            };
            let all = open.all + open.missing.len();
            let words =
                format!("{} T−{}: {} of {all} done", mark.glyph(), format::span(*length), all - open.count());
            fact(rows, ctx, "", &words, mark.ink());
        }
    }
    if let Some(closed) = spec.calendar.closed(now) {
        let opens = closed.opens.map(|opens| format!(", opens {} UTC", format::moment(opens, now)));
        let words = format!("▲ {}{}", closed.why, opens.unwrap_or_default());
        long(rows, ctx, ("calendar", &words), Role::Warn, (cells, 2));
    } else if !spec.calendar.windows.is_empty() || !spec.calendar.freezes.is_empty() {
        fact(rows, ctx, "calendar", "✓ inside a deployment window", Role::Text);
    }
}

fn detail(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row, cells: u16) {
    clock(rows, ctx, model, row, cells);
    if let Some(said) = &row.entered {
        let words = format!("{} by {}", format::moment(said.at, model.now.wall), said.by);
        fact(rows, ctx, "entered", &words, Role::Text);
    }
    if let Some(said) = &row.left {
        let (label, role) = match row.state {
            State::Done => ("passed", Role::Good),
            State::Aborted => ("given up", Role::Bad),
            _ => ("held", Role::Warn),
        };
        let why = if said.reason.is_empty() { String::new() } else { format!(": {}", said.reason) };
        let words = format!("{} by {}{why}", format::moment(said.at, model.now.wall), said.by);
        long(rows, ctx, (label, &words), role, (cells, 2));
    }
    against(rows, ctx, model, row, cells);
    changes(rows, ctx, model, row, cells);
    let Some(at) = row.spec else {
        return fact(rows, ctx, "planned", "in no config and no document any more", Role::Warn);
    };
    let Some(items) = model.stages.items(at) else { return };
    rows.skip();
    of_items(rows, ctx, model, ("before it", &items.before));
    steps(rows, ctx, model, at, &items.steps.missing);
    of_items(rows, ctx, model, ("must be true", &items.success));
    criteria(rows, ctx, model, at);
    if let Some((path, line)) = model.stages.specs().get(at).and_then(|spec| spec.read.as_ref()) {
        fact(rows, ctx, "read from", &format!("{}, line {line}", Clean::new(path)), Role::Muted);
    }
}

fn clock(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row, cells: u16) {
    let Some((counted, needs)) = row.soak else { return };
    let words = match row.state {
        State::Waiting => format::span(needs),
        State::Done => format!("soaked {}", format::span(counted.unwrap_or_default())),
        _ => format::stopwatch_of(counted, needs),
    };
    let mut pen = rows.row();
    pen.cell("soak", LABEL, crate::view::widgets::Align::Left, ctx.style(Role::Muted));
    pen.put(&words, ctx.style(Role::Strong)).skip(2);
    if row.is_current() {
        let size = pen.room().min(24);
        gauge(&mut pen, ctx, size, Some(row.fraction()), bar(row));
    }
    if !row.filled.is_zero() {
        let words = format!("{} of it nobody watched: back-filled from Prometheus", format::span(row.filled));
        long(rows, ctx, ("", &words), Role::Muted, (cells, 2));
    }
    if !row.is_current() || row.state == State::Aborted {
        return;
    }
    let words = match &row.stop {
        None if counted == Some(needs) => "it has counted all; a failure would begin it anew".to_owned(),
        None => "it counts while all that the act needs is seen, fresh and good".to_owned(),
        Some(stop) => format!("stands: {}", stop.why),
    };
    let role = if row.stop.is_some() { mark(row).ink() } else { Role::Muted };
    long(rows, ctx, ("", &words), role, (cells, 2));
    let clock = model.stages.course.open().map(|current| &current.clock);
    if let Some((at, why)) = clock.and_then(|clock| clock.reset.as_ref()) {
        let words = format!("anew since {}: {why}", format::moment(*at, model.now.wall));
        long(rows, ctx, ("", &words), Role::Muted, (cells, 2));
    }
}

/// What spoke against going on, where a person went on all the same.
fn against(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row, cells: u16) {
    let passed = model.stages.course.passed().iter().find(|passed| *passed.name == *row.name);
    let labels = std::iter::once("left against").chain(std::iter::repeat(""));
    for (label, words) in labels.zip(passed.into_iter().flat_map(|passed| &passed.against)) {
        long(rows, ctx, (label, words), Role::Warn, (cells, 2));
    }
}

/// Its share of the traffic and its flags, how they are, and how they are put back.
fn changes(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row, cells: u16) {
    if let Some(percent) = row.percent {
        fact(rows, ctx, "traffic", &format::percent_whole(percent), Role::Text);
    }
    let spec = row.spec.and_then(|at| model.stages.specs().get(at));
    let labels = std::iter::once("flags").chain(std::iter::repeat(""));
    for (label, flag) in labels.zip(spec.into_iter().flat_map(|spec| &spec.flags)) {
        let (words, role) = match model.flag_is_on(flag) {
            Some(true) => (format!("{flag} on"), Role::Text),
            Some(false) if row.is_current() => (format!("{flag} off · :flip {flag}"), Role::Warn),
            Some(false) => (format!("{flag} off"), Role::Muted),
            None => (format!("{flag}, not known here"), Role::Unknown),
        };
        fact(rows, ctx, label, &words, role);
    }
    if row.is_current() {
        let labels = std::iter::once("to put back").chain(std::iter::repeat(""));
        for (label, undo) in labels.zip(model.undo_of_stage()) {
            long(rows, ctx, (label, &undo), Role::Muted, (cells, 2));
        }
    }
}

fn of_items(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, (label, found): (&str, &Found)) {
    let open = model.still_open(found);
    let all = open.all + open.missing.len();
    if all == 0 {
        return;
    }
    let mark = if open.count() == 0 { Mark::Good } else { Mark::Idle };
    let words = format!("{} {} of {all}", mark.glyph(), all - open.count());
    fact(rows, ctx, label, &words, mark.ink());
    for (_, text) in &open.open {
        fact(rows, ctx, "", &format!("☐ {text}"), Role::Text);
    }
    for name in &open.missing {
        fact(rows, ctx, "", &format!("? in no checklist: {name}"), Role::Unknown);
    }
}

/// Its steps, and how long each took.
fn steps(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, at: usize, missing: &[Clean]) {
    let now = model.step_now();
    let labels = std::iter::once("steps").chain(std::iter::repeat(""));
    for (label, (text, done)) in labels.clone().zip(model.step_times(at)) {
        let (words, role) = match done {
            Some((_, took)) => (format!("✓ {text} · {}", format::age(took)), Role::Text),
            None => match now.as_ref().filter(|(now, _)| *now == text) {
                Some((_, since)) => (format!("● {text} · {}", format::stopwatch(*since)), Role::Strong),
                None => (format!("☐ {text}"), Role::Text),
            },
        };
        fact(rows, ctx, label, &words, role);
    }
    for name in missing {
        fact(rows, ctx, "", &format!("? in no checklist: {name}"), Role::Unknown);
    }
}

/// The conditions that it names, watched on after it.
fn criteria(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, at: usize) {
    let Some(spec) = model.stages.specs().get(at) else { return };
    let labels = std::iter::once("criteria").chain(std::iter::repeat(""));
    for (label, name) in labels.zip(&spec.criteria) {
        let found = model.conditions.iter(&model.room).find(|(spec, _)| spec.name == *name);
        let (words, role) = match found {
            None => (format!("? {name}: no condition has this name"), Role::Unknown),
            Some((spec, state)) => {
                use crate::domain::ConditionState as State;
                let mark = match state.state {
                    State::Pass => Mark::Good,
                    State::Warn | State::Inconclusive | State::Accepted => Mark::Warn,
                    State::Fail => Mark::Bad,
                    State::NoData | State::Stale => Mark::Unknown,
                };
                let value = crate::model::conditions::against_limit(spec, state);
                (format!("{} {name} {value}", mark.glyph()).trim_end().to_owned(), mark.ink())
            }
        };
        fact(rows, ctx, label, &words, role);
    }
}
