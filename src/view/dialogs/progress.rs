//! How far an operation is; esc leaves it running.
//!
//! ```text
//! ╭─ ⠹ Rolling back chat-backend to 00417-hux 100 % ─────────────────────────────────────── by ines · 00:31 ─╮
//! │ ✓ REQUESTED     14:05:31Z     0.0s   journal 219 written, then sent                                      │
//! │ ⠹ VERIFIED      running              00:21 of 02:00 ━━╸───────────  good and fresh                       │
//! │ ◦ DRAINED       waiting              25 of 122 gone ━━━───────────  97 sockets left on other revisions   │
//! ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::revision::suffix;
use crate::domain::{Action, OpKind, OpState, Wall, format};
use crate::keymap::Context;
use crate::model::Model;
use crate::model::ops::{Clock, Operation};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::{Frame, Rows, Stage, open, span, veil};
use crate::view::widgets::text::width;
use crate::view::widgets::{Align, Pen, gauge};

use super::by_hand;

const COLUMNS: u16 = 108;
/// Cells of a state's name, of its time, and of what it took.
const STATE: u16 = 14;
const TIME: u16 = 12;
const TOOK: u16 = 6;
/// Cells of a gauge.
const BAR: u16 = 14;
/// Rows that a sheet is measured in.
const UNSEEN: u16 = 64;
/// Rows of one thing at most.
const MOST: usize = 12;

/// How a state of the way stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Passed,
    Next,
    Waiting,
    Ended,
}

/// Draws the sheet of `op`.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, op: &Operation) {
    veil(stage, buf, ctx);
    let (glyph, role) = sign(ctx, model, op);
    let left = vec![span(ctx, format!("{glyph} "), role), span(ctx, title(model, op), Role::Title)];
    let wanted = count(stage.screen.width.min(COLUMNS).saturating_sub(4), ctx, model, op);
    let frame = Frame {
        left: Line::from(left),
        right: Line::from(span(ctx, format!("by {} · {}", op.by, elapsed(ctx, op)), Role::Muted)),
        border: role,
        size: (COLUMNS, wanted + 5),
    };
    let inside = open(stage, buf, ctx, &frame);
    let tall = inside.height > wanted + 1;
    // How to leave it is always in sight.
    let foot = Rect { y: inside.bottom().saturating_sub(1), height: inside.height.min(1), ..inside };
    let area = Rect { height: inside.height.saturating_sub(1), ..inside };
    let mut rows = Rows::new(buf, area, 0);
    if tall {
        rows.skip();
    }
    body(&mut rows, ctx, (model, op), tall);
    let foot = if tall { Rect { y: area.y + rows.count(), ..foot } } else { foot };
    footer(&mut Rows::new(buf, foot, 0).row(), ctx, (model, op));
}

/// Rows of all but the foot, learned by writing them where nobody looks: what goes on below depends on the room beside it.
fn count(width: u16, ctx: &Ctx<'_>, model: &Model, op: &Operation) -> u16 {
    let area = Rect::new(0, 0, width, UNSEEN);
    let mut unseen = Buffer::empty(area);
    let mut rows = Rows::new(&mut unseen, area, 0);
    body(&mut rows, ctx, (model, op), false);
    rows.count()
}

fn body(rows: &mut Rows<'_>, ctx: &Ctx<'_>, (model, op): (&Model, &Operation), tall: bool) {
    for state in states(op) {
        state_row(rows, ctx, (model, op), state);
    }
    let cells = usize::from(rows.width().saturating_sub(STATE + 2));
    for words in model.unfollowed(op).iter().chain(&sockets(model, op)).chain(&model.group_words(&op.id)) {
        for words in wrapped(words, cells, MOST) {
            rows.row().skip(STATE + 2).put(words, ctx.style(Role::Muted));
        }
    }
    if tall {
        rows.skip();
    }
    // What does not go as it should may have to be done without this program; so may what went wrong before it in its
    // group, and what the group does not send.
    let ended = matches!(op.state(), Some(OpState::Failed | OpState::Unknown));
    let lost = op.is_lost_rest(model.now);
    let hangs = model.hangs(op);
    let back = hangs && matches!(op.act, OpKind::Rollback(_));
    let wrong = ended || lost || back || model.serves_instead(op).is_some();
    if hangs {
        by_hand::look(rows, ctx, &op.act);
    }
    let open = model.open_with(&op.id);
    let acts = std::iter::once(&op.act).filter(|_| wrong).chain(open);
    for (act, hint) in acts.zip(std::iter::once(("y", " copies")).chain(std::iter::repeat(("", "")))) {
        by_hand::draw(rows, ctx, act, hint.0, hint.1);
    }
    if let Some(back) = model.back_by_hand(op).filter(|_| !wrong) {
        // Nothing else may begin on the service before this one ends, not even the way back.
        rows.row().put("until this ends, the way back is by hand only:", ctx.style(Role::Muted));
        by_hand::draw(rows, ctx, &back, "y", " copies");
    }
}

/// The states to show: those on the way, and how it ended if it ended otherwise.
fn states(op: &Operation) -> Vec<OpState> {
    use OpState::{Accepted, Drained, Effective, Reconciling, Requested, Verified};
    let mut way = vec![Requested, Accepted, Reconciling, Effective, Verified, Drained];
    match op.act {
        OpKind::Flag(_) => {
            way.truncate(5);
            way.retain(|state| *state != Reconciling || op.act.live().is_none());
        }
        OpKind::Run(_) => way = vec![Requested, Accepted, Effective],
        _ if !op.act.drains() => way.truncate(5),
        OpKind::Rollback(_) | OpKind::Traffic(_) => {}
    }
    if let Some(end @ (OpState::Failed | OpState::Superseded | OpState::Unknown)) = op.state() {
        way.retain(|state| op.steps.iter().any(|step| step.state == *state));
        way.push(end);
    }
    way
}

/// What the operation does: `Rolling back chat-backend to 00417-hux 100 %`.
pub fn title(model: &Model, op: &Operation) -> String {
    let service = model.room.service(op.act.service());
    let name = service.map_or("", |service| service.name.as_str());
    let cloud = service.and_then(|service| service.cloud_run.as_ref());
    match &op.act {
        OpKind::Rollback(change) => {
            let to = cloud.map_or(change.to.as_str(), |cloud| suffix(&cloud.service, &change.to));
            let word = match (op.is_over(), op.effective_at()) {
                (false, _) => "Rolling back",
                (true, Some(_)) => "Rolled back",
                (true, None) => "Not rolled back:",
            };
            format!("{word} {name} to {to} 100 %")
        }
        OpKind::Traffic(change) => {
            let to = cloud.map_or(change.to.as_str(), |cloud| suffix(&cloud.service, &change.to));
            if !change.moves() || change.after.iter().all(|target| target.percent < 100) {
                format!("{name}: {}", model.shift_words(change))
            } else if change.follows_latest() {
                format!("Back to the latest: {name}, {to} now")
            } else {
                format!("Rolling forward {name} to {to}")
            }
        }
        OpKind::Run(change) => format!("Running {}", change.name),
        OpKind::Flag(change) => {
            let after = if change.removes { "not set" } else { change.after.as_str() };
            let place = change.live.as_ref().map_or(name, |live| live.place.as_str());
            format!("Setting {} to {after} in {place}", change.flag)
        }
    }
}

/// Its glyph and colour: running, done, failed, not known.
pub fn sign(ctx: &Ctx<'_>, model: &Model, op: &Operation) -> (&'static str, Role) {
    match op.state() {
        Some(OpState::Failed) => ("✗", Role::Bad),
        Some(OpState::Superseded) => ("▲", Role::Warn),
        Some(OpState::Unknown) => ("?", Role::Unknown),
        _ if op.is_over() => ("✓", Role::Good),
        _ if model.unfollowed(op).is_some() || op.clock == Clock::Unwatched => ("?", Role::Unknown),
        _ => (ctx.spinner(), Role::Accent),
    }
}

/// From the request to its end, or to now.
pub fn elapsed(ctx: &Ctx<'_>, op: &Operation) -> String {
    let Some(first) = op.steps.first() else { return format::UNKNOWN.to_owned() };
    let end = op.steps.last().filter(|_| op.is_over()).map_or(ctx.now.wall, |last| last.at);
    format::stopwatch(between(first.at, end))
}

fn between(from: Wall, to: Wall) -> Duration {
    (to - from).to_std().unwrap_or_default()
}

fn standing(op: &Operation, state: OpState) -> Standing {
    let reached = op.steps.iter().map(|step| step.state).filter(|s| *s <= OpState::Drained).max();
    match (state, reached) {
        (OpState::Failed | OpState::Superseded | OpState::Unknown, _) => Standing::Ended,
        (_, Some(reached)) if state <= reached => Standing::Passed,
        (_, Some(reached)) if states(op).into_iter().find(|s| *s > reached) == Some(state) => Standing::Next,
        _ => Standing::Waiting,
    }
}

/// Where the count of sockets comes from, and what to do about those that stay.
fn sockets(model: &Model, op: &Operation) -> Vec<String> {
    let waits = op.act.drains() && matches!(op.state(), Some(OpState::Effective | OpState::Verified));
    let Some((left, _)) = op.sockets.filter(|(left, _)| waits && *left > 0) else { return Vec::new() };
    let ix = op.act.service();
    let mut lines = vec![format!("counted by {}", model.counted_by(ix))];
    let sooner = "sooner if the old server closes them (1012)";
    lines.push(match model.sockets_end(op) {
        Some((end, longest)) => format!(
            "{left} may stay until {}: the platform ends a request after {}; {sooner}",
            format::clock(end),
            format::age(longest)
        ),
        None => format!("{left} may stay until the platform ends them, an hour at most; {sooner}"),
    });
    lines
}

fn state_row(rows: &mut Rows<'_>, ctx: &Ctx<'_>, (model, op): (&Model, &Operation), state: OpState) {
    let standing = standing(op, state);
    let (glyph, role, word) = match (standing, state) {
        (Standing::Passed, _) => ("✓", Role::Good, "passed"),
        (Standing::Next, _) if model.unfollowed(op).is_some() || op.clock == Clock::Unwatched => {
            ("?", Role::Unknown, "not known")
        }
        (Standing::Next, _) => (ctx.spinner(), Role::Accent, "running"),
        (Standing::Waiting, _) => ("◦", Role::Muted, "waiting"),
        (Standing::Ended, OpState::Failed) => ("✗", Role::Bad, ""),
        (Standing::Ended, OpState::Superseded) => ("▲", Role::Warn, ""),
        (Standing::Ended, _) => ("?", Role::Unknown, ""),
    };
    let name = <&str>::from(state).to_uppercase();
    let name_role = if standing == Standing::Passed { Role::Strong } else { role };
    let mut line = rows.row();
    line.put(glyph, ctx.style(role)).skip(1).cell(&name, STATE, Align::Left, ctx.style(name_role));
    let step = op.steps.iter().rev().find(|step| step.state == state);
    let (Some(step), Some(first)) = (step, op.steps.first()) else {
        if let Some(words) = op.wait_words(model.now.wall).filter(|_| standing == Standing::Next) {
            let (first, rest) = parted(&words, line.room());
            line.put(first, ctx.style(Role::Warn));
            return below(rows, ctx, rest);
        }
        line.cell(word, TIME + TOOK + 3, Align::Left, ctx.style(role));
        let Some((words, role)) = toward(&mut line, ctx, (model, op), state) else { return };
        for words in wrapped(&words, usize::from(rows.width().saturating_sub(STATE + 2)), MOST) {
            rows.row().skip(STATE + 2).put(words, ctx.style(role));
        }
        return;
    };
    line.cell(&format::clock(step.at), TIME, Align::Left, ctx.style(Role::Muted));
    line.number(&format::short(between(first.at, step.at)), TOOK, ctx.style(Role::Muted)).skip(3);
    // What a failure says is read whole: it goes on below.
    let (first, rest) = parted(&step.detail, line.room());
    line.put(first, ctx.style(Role::Text));
    below(rows, ctx, rest);
}

/// What of `words` stands beside a state, and what goes on below it.
fn parted(words: &str, room: u16) -> (&str, &str) {
    let first = wrapped(words, usize::from(room), 1).first().copied().unwrap_or_default();
    (first, words.get(first.len()..).unwrap_or_default().trim_start())
}

fn below(rows: &mut Rows<'_>, ctx: &Ctx<'_>, rest: &str) {
    let indent = STATE + 2;
    for words in wrapped(rest, usize::from(rows.width().saturating_sub(indent)), MOST) {
        rows.row().skip(indent).put(words, ctx.style(Role::Text));
    }
}

/// What the clock toward VERIFIED does, and why.
pub(in crate::view) fn clock(model: &Model, op: &Operation) -> (String, Role) {
    let bad = |what: &str| format!("not good yet: {what}");
    match op.clock {
        Clock::Waiting => (String::new(), Role::Muted),
        Clock::Running => ("good and fresh".to_owned(), Role::Good),
        Clock::Bad => {
            (model.why_bad(op.act.service()).map_or("another split serves".to_owned(), bad), Role::Bad)
        }
        Clock::Unserved => ("its revision gets 0 %: nothing to judge yet".to_owned(), Role::Muted),
        Clock::Unwatched => ("nothing of it is watched: look by other means".to_owned(), Role::Unknown),
        Clock::Blind => (model.why_blind(op.act.service()).to_owned(), Role::Unknown),
    }
}

/// How far it is toward VERIFIED and DRAINED; gives what has no room there, and goes on below.
fn toward(
    line: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    (model, op): (&Model, &Operation),
    state: OpState,
) -> Option<(String, Role)> {
    let now = op.state();
    if let Some(words) = model.serves_instead(op).filter(|_| state == OpState::Effective) {
        line.put(&words, ctx.style(Role::Bad));
    } else if state == OpState::Verified && now == Some(OpState::Effective) {
        let share = op.good_for.as_secs_f64() / op.good_needed.as_secs_f64().max(1.0);
        line.put(&format::stopwatch_of(Some(op.good_for), op.good_needed), ctx.style(Role::Text)).skip(1);
        let (words, role) = clock(model, op);
        let fits = line.room() > width(&words) as u16 + 2;
        let beside = if fits { width(&words) as u16 + 2 } else { 0 };
        gauge(line, ctx, BAR.min(line.room().saturating_sub(beside)), Some(share), Role::Accent);
        if !fits {
            return Some((words, role));
        }
        line.skip(2).put(&words, ctx.style(role));
    } else if state == OpState::Drained && matches!(now, Some(OpState::Effective | OpState::Verified)) {
        let Some((left, first)) = op.sockets else {
            line.put("the old revision is not counted", ctx.style(Role::Unknown));
            return None;
        };
        if !op.counted {
            let words = format!("{} when last counted; now the old revision is not counted", counted(left));
            line.put(&words, ctx.style(Role::Unknown));
            return None;
        }
        let gone = first.saturating_sub(left);
        let of = format!("{} of {} gone ", format::count(gone), format::count(first));
        line.put(&of, ctx.style(Role::Text));
        let words = format!("{} left on other revisions", counted(left));
        let cells = BAR.min(line.room().saturating_sub(words.len() as u16 + 2));
        let share = if first == 0 { 1.0 } else { gone as f64 / first as f64 };
        gauge(line, ctx, cells, Some(share), Role::Accent);
        line.skip(2).put(&words, ctx.style(Role::Muted));
    }
    None
}

fn counted(n: u64) -> String {
    format::counted(usize::try_from(n).unwrap_or(usize::MAX), "socket")
}

fn footer(line: &mut Pen<'_>, ctx: &Ctx<'_>, (model, op): (&Model, &Operation)) {
    let (key, words) = (ctx.style(Role::Key), ctx.style(Role::Muted));
    if op.state() == Some(OpState::Unknown) {
        line.put("It may have happened.  ", ctx.style(Role::Unknown));
        if let Some(recheck) = ctx.keymap.key_for(Context::Dialog, Action::Recheck) {
            line.put(&recheck, key).put(" looks again, nothing is sent  ·  ", words);
        }
        line.put("esc", key).put(" leaves", words);
    } else if op.is_over() {
        if model.reads_first(&op.id) {
            line.put("reading the service again  ·  ", words);
        }
        // A key that is not taken yet is not offered yet.
        if model.asks_again(&op.id) && !model.ui.held.guards(ctx.now.mono) {
            line.put("enter", key).put(" asks again, with the state as it is now  ·  ", words);
        }
        if let Some(left) = op.wait_left(ctx.now.wall) {
            line.put(&format!("the API wants {left} of rest still"), ctx.style(Role::Warn))
                .put("  ·  ", words);
        }
        line.put("esc", key).put(" closes", words);
    } else if model.can_take_back(op) {
        let key_of = ctx.keymap.key_for(Context::Dialog, Action::Undo).unwrap_or_default();
        line.put(&key_of, key).put(" takes it back: it is not sent once more  ·  ", words);
        line.put("esc", key).put(" leaves it waiting, shown in the banner", words);
    } else {
        let where_shown = if op.is_acting() { "banner" } else { "traffic panel" };
        line.put("esc", key).put(&format!(" leaves this running, shown in the {where_shown}"), words);
        let another =
            ctx.keymap.key_for(Context::Dialog, Action::Rollback).filter(|_| op.lets_go_back(model.now));
        if let Some(another) = another {
            line.put("  ·  ", words).put(&another, key).put(" another rollback", words);
        }
        let more = "  ·  waiting, leaving or quitting changes nothing";
        if usize::from(line.room()) >= width(more) {
            line.put(more, words);
        }
    }
}
