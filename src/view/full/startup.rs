//! The startup of a service: each phase against its budget and at its place in the whole, and what was found.
//!
//! ```text
//! │   phase            took                  of 10s   when                                           │
//! │ ✓ INIT             0.4s  ╸─────────────────       ━                                              │
//! │ ✓ DEPENDENCIES     1.1s  ━━────────────────        ━━                                            │
//! │ ✓ DATABASE         7.9s  ━━━━━━━━━━━━━━╸───          ━━━━━━━━━━━                                 │
//! │   total           18.2s  ━━━━━━━━━━━───────  of 30s, 11.8s left                                  │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::phase::{PhaseFault, PhaseRow, PhaseState, StartupState};
use crate::domain::{PanelId, ServiceIx, format};
use crate::model::Model;
use crate::model::startup::Startup;
use crate::theme::Role;
use crate::view::panels::Panel;
use crate::view::panels::startup::against_budget;
use crate::view::sheet::Rows;
use crate::view::widgets::{Align, Mark, Pen, gauge};
use crate::view::{Ctx, Trust};

use super::frame;
use super::parts::{LABEL, chosen, fact};

/// Columns of a phase's name and of a gauge.
const NAME: u16 = 17;
const BAR: u16 = 18;

/// Draws the startups, beginning with that of the phase under the cursor if not all have room.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let inside = frame(area, buf, ctx, model, panel);
    let startups: Vec<(ServiceIx, &Startup)> =
        model.services.iter().filter_map(|service| Some((service.ix, service.startup.as_ref()?))).collect();
    if startups.is_empty() {
        return panel.draw(inside, buf, ctx);
    }
    let phases = startups.iter().map(|(_, startup)| startup.spec().phases.len()).sum();
    let mut at = chosen(model, PanelId::Startup, phases);
    let mut first = 0;
    for (_, startup) in &startups {
        let own = startup.spec().phases.len();
        if at < own {
            break;
        }
        at -= own;
        first += 1;
    }
    let needs: usize = startups.iter().map(|(_, startup)| startup.spec().phases.len() + 11).sum();
    let from = if needs <= usize::from(inside.height) { 0 } else { first.min(startups.len() - 1) };
    let mut rows = Rows::new(buf, inside, 0);
    for ((ix, startup), n) in startups.iter().zip(0..).skip(from) {
        if n > from {
            rows.skip();
        }
        one(&mut rows, ctx, model, (*ix, startup), startups.len() > 1);
    }
}

fn one(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, (ix, startup): (ServiceIx, &Startup), named: bool) {
    let (now, spec) = (ctx.now.mono, startup.spec());
    let budget = spec.phase_budget.as_secs_f64();
    if named {
        rows.say(&model.service_name(ix), ctx.style(Role::Title));
    }
    let muted = ctx.style(Role::Muted);
    let mut head = rows.row();
    head.skip(2).cell("phase", NAME, Align::Left, muted).number("took", 6, muted).skip(2);
    head.cell(&format!("of {}", format::budget(spec.phase_budget)), BAR + 2, Align::Left, muted);
    head.put("when, in the whole startup", muted);
    let phases = startup.rows(now);
    // The scale of the whole: its budget, or what it took if that is more.
    let total = startup.seconds(now).map(|(seconds, _)| seconds);
    let scale = total.unwrap_or(0.0).max(spec.total_budget.as_secs_f64());
    let mut before = 0.0;
    for phase in &phases {
        draw_phase(&mut rows.row(), ctx, phase, budget, (before, scale));
        before += phase.seconds.unwrap_or(0.0);
    }
    draw_total(&mut rows.row(), ctx, startup, total);
    rows.skip();
    facts(rows, ctx, model, (ix, startup));
    findings(rows, ctx, startup, &phases);
}

fn draw_phase(pen: &mut Pen<'_>, ctx: &Ctx<'_>, phase: &PhaseRow, budget: f64, (before, scale): (f64, f64)) {
    let (glyph, role) = match phase.state {
        _ if ctx.trust == Trust::Old => ("?", Role::Unknown),
        PhaseState::Waiting => ("◦", Role::Muted),
        PhaseState::Failed => ("✗", Role::Bad),
        PhaseState::Running if phase.faults.contains(&PhaseFault::Stalled) => ("✗", Role::Bad),
        PhaseState::Running | PhaseState::Done if !phase.faults.is_empty() => ("▲", Role::Warn),
        PhaseState::Running => (ctx.spinner(), Role::Accent),
        PhaseState::Done => ("✓", Role::Good),
    };
    let (used, bar) = against_budget(phase, budget);
    let text = if phase.state == PhaseState::Waiting { Role::Muted } else { Role::Text };
    let seconds = match phase.state {
        PhaseState::Waiting => String::new(),
        _ => format::or_unknown(phase.seconds, format::took),
    };
    let faults: Vec<&str> = phase.faults.iter().map(|fault| fault.word()).collect();
    pen.put(glyph, ctx.style(role)).skip(1).cell(&phase.name, NAME, Align::Left, ctx.style(text));
    pen.number(&seconds, 6, ctx.style(text)).skip(2);
    gauge(pen, ctx, BAR.min(pen.room()), used, bar);
    pen.skip(2);
    if !faults.is_empty() {
        pen.put_right(&faults.join(", "), ctx.style(Role::Warn)).skip_right(1);
    }
    // Its place in the whole; what was too short for polling to see still has its place.
    let cells = f64::from(pen.room().min(80));
    let from = (before / scale * cells).floor() as u16;
    let length = (phase.seconds.unwrap_or(0.0) / scale * cells).round().max(1.0) as u16;
    if phase.state != PhaseState::Waiting {
        pen.skip(from).repeat("━", length, ctx.style(bar));
    }
}

fn draw_total(pen: &mut Pen<'_>, ctx: &Ctx<'_>, startup: &Startup, total: Option<f64>) {
    let budget = startup.spec().total_budget.as_secs_f64();
    let over = startup.over_budget(ctx.now.mono);
    let at_least = startup.seconds(ctx.now.mono).is_some_and(|(_, least)| least.0);
    let least = if at_least { "≥ " } else { "" };
    let words = format::or_unknown(total, |seconds| format!("{least}{}", format::took(seconds)));
    let role = if over { Role::Bad } else { Role::Strong };
    pen.skip(2).cell("total", NAME - 2, Align::Left, ctx.style(Role::Strong));
    pen.number(&words, 8, ctx.style(role)).skip(2);
    let bar = if over { Role::Bad } else { Role::Muted };
    gauge(pen, ctx, BAR.min(pen.room()), total.map(|seconds| seconds / budget), bar);
    let rest = total.map_or(String::new(), |seconds| {
        if seconds > budget {
            format!(", {} over", format::took(seconds - budget))
        } else if at_least {
            // What is left of it is not known, either.
            String::new()
        } else {
            format!(", {} left", format::took(budget - seconds))
        }
    });
    let of = format::budget(startup.spec().total_budget);
    pen.skip(2).put(&format!("of {of}{rest}"), ctx.style(Role::Muted));
}

fn facts(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, (ix, startup): (ServiceIx, &Startup)) {
    let now = ctx.now.mono;
    let (done, all) = startup.progress(now);
    let (mark, word) = match startup.state() {
        StartupState::Unknown => (Mark::Unknown, "nothing was reported yet"),
        state @ StartupState::Starting => (Mark::Active, state.word()),
        state @ (StartupState::Stalled | StartupState::Failed) => (Mark::Bad, state.word()),
        state @ StartupState::Complete => (Mark::Good, state.word()),
    };
    let mut line = rows.row();
    line.cell("state", LABEL, Align::Left, ctx.style(Role::Muted));
    line.put(&format!("{} {word}", mark.glyph()), ctx.style(mark.role()));
    line.put(&format!(", {done} of {all} phases"), ctx.style(Role::Text));
    let revision = model.tell_origin(ix, startup.origin()).unwrap_or_else(|| "not known".to_owned());
    let revision = revision.strip_prefix("on ").unwrap_or(&revision);
    fact(rows, ctx, "revision", revision, Role::Text);
    let spec = startup.spec();
    let read = format!("probe {}, at {}", spec.probe, spec.phase.first().map_or("", String::as_str));
    fact(rows, ctx, "read by", &read, Role::Text);
    let rules = format!(
        "a phase within {}, all within {}, stalled after {}",
        format::budget(spec.phase_budget),
        format::budget(spec.total_budget),
        format::budget(spec.stall_after)
    );
    fact(rows, ctx, "rules", &rules, Role::Muted);
    let began = startup.began().map(|at| format::clock(model.now.wall_at(at)));
    let ended = startup.ended().map(|at| format!(", over at {}", format::clock(model.now.wall_at(at))));
    let heard =
        format!("{}{}", began.unwrap_or_else(|| format::UNKNOWN.to_owned()), ended.unwrap_or_default());
    fact(rows, ctx, "first heard", &heard, Role::Text);
}

/// Everything that is wrong, by name.
fn findings(rows: &mut Rows<'_>, ctx: &Ctx<'_>, startup: &Startup, phases: &[PhaseRow]) {
    let budget = startup.spec().phase_budget.as_secs_f64();
    let mut found: Vec<(Role, String)> = Vec::new();
    if startup.state() == StartupState::Failed {
        let at = startup.current().map_or(String::new(), |phase| format!(" in {phase}"));
        let why = startup.failure().filter(|why| !why.is_empty());
        let why = why.map_or("no reason given".to_owned(), ToString::to_string);
        found.push((Role::Bad, format!("✗ failed{at}: {why}")));
    }
    for phase in phases {
        for fault in &phase.faults {
            let by = match (fault, phase.seconds) {
                (PhaseFault::OverBudget, Some(seconds)) => format!(" by {}", format::took(seconds - budget)),
                (PhaseFault::Stalled, Some(seconds)) => format!(" for {}", format::took(seconds)),
                _ => String::new(),
            };
            let stands = *fault == PhaseFault::Stalled && phase.state == PhaseState::Running;
            let (glyph, role) = if stands { ("✗", Role::Bad) } else { ("▲", Role::Warn) };
            found.push((role, format!("{glyph} {} {}{by}", phase.name, fault.word())));
        }
    }
    if startup.restarts() > 0 {
        found.push((Role::Warn, format!("▲ began again {} times while watched", startup.restarts())));
    }
    if found.is_empty() {
        let words = match startup.state() {
            StartupState::Unknown => format::UNKNOWN,
            _ if startup.is_seen_whole() => "none: in order, and within every budget",
            _ => "none in what was seen: it began before this console looked",
        };
        return fact(rows, ctx, "findings", words, Role::Muted);
    }
    for ((role, words), at) in found.into_iter().zip(0..) {
        fact(rows, ctx, if at == 0 { "findings" } else { "" }, &words, role);
    }
}
