//! The way of the rollout: its stages; without any what the traffic shows of it: the candidate is ready, has a share, has
//! everything.
//!
//! ```text
//!  ✓ 1 Ready 00418-ral ━━━━━━━━━━ ✗ 2 Canary 10 % ━━━━━━━━━──────────────────────────────── ◦ 3 Full 100 %
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::revision::suffix;
use crate::domain::room::Mode;
use crate::domain::{OpKind, OpState, ServiceIx, SourceId, Traffic, VerdictState, Wall, format};
use crate::model::Model;
use crate::model::ops::Clock;
use crate::model::service::ServiceState;
use crate::model::traffic::TrafficState;
use crate::theme::Role;

use super::dialogs::progress::clock;
use super::panels::traffic::coming;
use super::verdict::whole_parts;
use super::widgets::text::cut_words;
use super::widgets::{Mark, Pen, gauge, mark};
use super::{Ctx, Trust};

pub(super) mod stages;

struct Step {
    mark: Mark,
    name: String,
    about: String,
    fraction: f64,
    bar: Role,
}

/// Draws it in the first row of `area`.
pub fn draw(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let rows = model.stage_rows();
    if !rows.is_empty() {
        return stages::draw(model, ctx, area, buf, &rows);
    }
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1).skip_right(1);
    let found = model.foremost().and_then(|service| Some((service, steps(model, service)?)));
    let Some((service, steps)) = found else {
        let act = &model.verdicts.now.act;
        // What nobody sees in the traffic, people may have begun.
        let words = match (act.as_str(), model.checklist.rollout()) {
            ("", Some(rollout)) => rollout.words(),
            ("", None) => "no rollout in sight".to_owned(),
            (act, _) => act.to_owned(),
        };
        pen.put("◦ ", ctx.style(Role::Muted)).put(&words, ctx.style(Role::Muted));
        return;
    };
    let live = model.links.is_live(&SourceId::CloudRun { service: service.ix }, model.now.mono);
    let ctx = ctx.trusting(if live { Trust::Live } else { Trust::Old });
    let words = |step: &Step| 4 + step.name.chars().count() + step.about.chars().count();
    // After the last step nothing follows.
    let taken: usize = steps.iter().map(words).sum::<usize>() - 1;
    let bars = usize::from(pen.room()).saturating_sub(taken);
    // The step under way has the longest bar; the last step has none.
    let sizes = [bars / 4, bars - bars / 4, 0];
    for (step, size) in steps.iter().zip(sizes) {
        let mark = if live || step.mark == Mark::Idle { step.mark } else { Mark::Unknown };
        let name = if step.mark == Mark::Idle { Role::Muted } else { Role::Strong };
        pen.put(mark.glyph(), ctx.style(mark.role())).skip(1).put(&step.name, ctx.style(name));
        if taken <= usize::from(area.width) {
            pen.skip(1).put(&step.about, ctx.style(Role::Muted));
        }
        pen.skip(1);
        if size > 1 {
            gauge(&mut pen, &ctx, size as u16 - 1, Some(step.fraction), step.bar);
            pen.skip(1);
        }
    }
}

/// The way as the traffic shows it, where no stages are named: each step with its words.
pub(super) fn in_traffic(model: &Model) -> Vec<(Mark, String)> {
    let found = model.foremost().and_then(|service| Some((service.ix, steps(model, service)?)));
    let Some((service, steps)) = found else { return Vec::new() };
    let live = model.links.is_live(&SourceId::CloudRun { service }, model.now.mono);
    let words = |step: Step| {
        let mark = if live || step.mark == Mark::Idle { step.mark } else { Mark::Unknown };
        (mark, format!("{} {}", step.name, step.about))
    };
    steps.into_iter().map(words).collect()
}

fn steps(model: &Model, service: &ServiceState) -> Option<[Step; 3]> {
    let state = service.traffic.as_ref()?;
    let prefix = &model.room.service(service.ix)?.cloud_run.as_ref()?.service;
    let traffic = state.traffic.as_ref()?;
    let verdict = &model.verdicts.now;
    let judged = mark::verdict(verdict.state, verdict.blind);
    let whose =
        if model.moves_several() { format!("{} ", model.service_name(service.ix)) } else { String::new() };
    let Some(canary) = state.canary() else {
        let undone = model.undone().is_some_and(|undone| undone.service == service.ix);
        return no_candidate(state, traffic, (&whose, prefix), undone);
    };
    let ready = traffic.revisions.iter().find(|revision| revision.name == canary).and_then(|r| r.ready);
    let share = traffic.effective_percent(canary);
    let (ready_mark, ready_bar) = match ready {
        Some(true) => (Mark::Good, Role::Good),
        Some(false) => (Mark::Bad, Role::Bad),
        None => match coming(model, service, canary) {
            Mark::Active => (Mark::Active, Role::Accent),
            held_up => (held_up, held_up.role()),
        },
    };
    let (now_mark, bar) = match verdict.state {
        _ if share == 0 => (Mark::Idle, Role::Muted),
        VerdictState::Go => (Mark::Active, Role::Accent),
        VerdictState::Hold => (judged, judged.role()),
        VerdictState::NoGo | VerdictState::RollBack => (Mark::Bad, Role::Bad),
    };
    Some([
        Step {
            mark: ready_mark,
            name: "1 Ready".to_owned(),
            about: format!("{whose}{}", suffix(prefix, canary)),
            fraction: if ready == Some(true) { 1.0 } else { 0.5 },
            bar: ready_bar,
        },
        Step {
            mark: now_mark,
            name: "2 Canary".to_owned(),
            about: format::percent_whole(share),
            fraction: f64::from(share) / 100.0,
            bar,
        },
        Step {
            mark: Mark::Idle,
            name: "3 Full".to_owned(),
            about: "100 %".to_owned(),
            fraction: 0.0,
            bar: Role::Muted,
        },
    ])
}

/// Without a candidate: what serves (not good where it was rolled back from), and that nothing is under way.
fn no_candidate(
    state: &TrafficState,
    traffic: &Traffic,
    (whose, prefix): (&str, &str),
    undone: bool,
) -> Option<[Step; 3]> {
    let stable = state.stable()?;
    let share = traffic.effective_percent(stable);
    let idle = |name: &str, about: &str| Step {
        mark: Mark::Idle,
        name: name.to_owned(),
        about: about.to_owned(),
        fraction: 0.0,
        bar: Role::Muted,
    };
    let serves = Step {
        mark: if undone { Mark::Bad } else { Mark::Good },
        name: "Stable".to_owned(),
        about: format!("{whose}{} {}", suffix(prefix, stable), format::percent_whole(share)),
        fraction: f64::from(share) / 100.0,
        bar: Role::Muted,
    };
    Some([serves, idle("no candidate", "a new revision shows here"), idle("Full", "100 %")])
}

/// What is under way, was changed from outside just now, or is pinned, if anything: mark, headline, and the rest.
pub(super) fn banner(model: &Model, ctx: &Ctx<'_>) -> Option<(Mark, String, String)> {
    if let Some(op) = model.ops.acting() {
        let state = op.state();
        let blind = state == Some(OpState::Effective) && op.clock == Clock::Blind;
        let silent = model.unfollowed(op);
        let unknown = state == Some(OpState::Unknown) || blind || silent.is_some();
        let mark = if unknown { Mark::Unknown } else { Mark::Active };
        let word =
            state.map_or_else(|| "being journaled".to_owned(), |state| state.to_string().to_uppercase());
        let spinner = if mark == Mark::Active { ctx.spinner() } else { mark.glyph() };
        let goal = match (&op.act, state) {
            (_, Some(OpState::Unknown)) => "it may have happened".to_owned(),
            (OpKind::Rollback(_) | OpKind::Traffic(_), Some(OpState::Effective)) => {
                let watch = format::stopwatch_of(Some(op.good_for), op.good_needed);
                // Why it does not run is told before how far it came.
                let glue = if op.clock == Clock::Running { " " } else { " · " };
                format!("{}{glue}{watch}", clock(model, op).0).trim_start_matches(" · ").to_owned()
            }
            _ => {
                let told = || op.steps.last().map(|step| step.detail.to_string());
                let waits = op.wait_words(model.now.wall);
                waits.or_else(|| model.serves_instead(op)).or_else(told).unwrap_or_default()
            }
        };
        let head = match &op.act {
            OpKind::Run(change) => format!("{spinner} command {} {word}", change.name),
            act => format!("{spinner} {} {word}", act.words()),
        };
        let goal = silent.unwrap_or(goal);
        let beside = match model.ops.all_acting().count() - 1 {
            0 => String::new(),
            others => format!(" · {others} more under way"),
        };
        return Some((mark, head, format!("{goal} · by {}{beside}", op.by)));
    }
    if let Some(undone) = model.undone() {
        let service = model.room.service(undone.service).filter(|_| model.moves_several());
        let whose = service.map_or(String::new(), |service| format!("{}: ", service.name));
        let words = undone.words.replacen(", by ", " · by ", 1);
        return Some((Mark::Bad, "✗ ROLLBACK UNDONE".to_owned(), format!("{whose}{words}")));
    }
    let outside = model.changed_outside();
    let locked =
        model.room.service_ixs().filter(|ix| model.is_locked(*ix)).max_by_key(|ix| model.locked_since(*ix));
    // What was seen before a lock stands in the journal.
    let news = |(at, _): &(Wall, String)| {
        locked.and_then(|ix| model.locked_since(ix)).is_none_or(|since| since <= *at)
    };
    if let Some((at, words)) = outside.filter(news) {
        let seen = format!("{words} · seen {}", format::moment(at, ctx.now.wall));
        return Some((Mark::Warn, "▲ CHANGED OUTSIDE".to_owned(), seen));
    }
    locked.map(|ix| lock_banner(model, ix))
}

/// That the way forward of a service is locked, where it stands, and what to do.
fn lock_banner(model: &Model, ix: ServiceIx) -> (Mark, String, String) {
    let service = model.room.service(ix);
    let prefix = service.and_then(|service| service.cloud_run.as_ref()).map_or("", |cloud| &cloud.service);
    let state = model.service(ix).and_then(|service| service.traffic.as_ref());
    let split = state.and_then(|state| state.stable()).map(|name| suffix(prefix, name));
    let pinned = model.traffic(ix).is_some_and(crate::domain::Traffic::pinned);
    let acts = model.room.operator.mode == Mode::Operate;
    // Whose it is stands last, and may have no room; of several it is no afterthought.
    let whose = service.filter(|_| model.moves_several()).map_or("", |service| service.name.as_str());
    let of = |what: &str| [what, whose].join(" ").trim_end().to_owned();
    let (head, then) = if pinned {
        let split = split.unwrap_or_default();
        (format!("{} {split}", of("▲ PINNED")), ":unlock, then :to-latest or :forward · ")
    } else {
        (of("▲ LOCKED"), ":unlock first · ")
    };
    let next = if pinned { "next deploy gets 0 % · " } else { "" };
    let then = if acts { then } else { "" };
    let name = service.map_or("", |service| service.name.as_str());
    (Mark::Warn, head, format!("{next}{then}{name} locked forward"))
}

/// Draws the banner in the first row of `area`.
pub(super) fn draw_banner(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, banner: &(Mark, String, String)) {
    let (mark, head, rest) = banner;
    let (fill, tint) = match mark {
        Mark::Active => (ctx.theme.fill(Role::Accent), Role::Unknown),
        mark => (ctx.theme.fill(mark.role()), mark.role()),
    };
    if *mark != Mark::Active {
        buf.set_style(area.intersection(buf.area), ctx.theme.tint(tint));
    }
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1).put(&format!(" {head} "), fill).skip(2);
    let room = usize::from(pen.room());
    let whole = whole_parts(rest, room);
    let whole = if whole.is_empty() { cut_words(rest, room) } else { whole };
    pen.put(&whole, ctx.style(Role::Text));
}
