//! Startup phases, in order, each against its budget.
//!
//! ```text
//! ╭─ Startup ✓ 7/7 18.2s of 30s ───── live 1s ─╮
//! │ ✓ INIT          0.4s ╸────────────  of 10s │
//! │ ✓ DATABASE      7.9s ━━━━━━━━━━╸──  of 10s │
//! ╰────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::phase::{PhaseFault, PhaseRow, PhaseState, StartupState};
use crate::domain::{PanelId, SourceId, format};
use crate::model::Model;
use crate::model::health::Probe;
use crate::model::service::ServiceState;
use crate::model::startup::Startup as State;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Age, Align, Mark, Pen, Title, gauge};

use super::{Chart, Panel, Summary, age, several};

/// A phase that took so much of its budget is worth a look.
const NEAR: f64 = 0.75;

pub(super) struct Startup {
    age: Age,
    /// A condition of the startups that fails.
    fails: Option<String>,
    services: Vec<Service>,
    /// Startups that only a health body tells of: whose, and how far.
    said: Vec<(String, String)>,
}

struct Service {
    name: Option<String>,
    state: StartupState,
    rows: Vec<PhaseRow>,
    done: (usize, usize),
    seconds: Option<(f64, bool)>,
    phase_budget: Duration,
    budget: Duration,
    over: bool,
    failure: Option<String>,
    restarts: u32,
}

pub(super) fn gather(model: &Model) -> Startup {
    let now = model.now.mono;
    let startups = || model.services.iter().filter_map(|s| Some((s.ix, s.startup.as_ref()?)));
    let starting = || model.services.iter().filter_map(|service| Some((service, service.starting(now)?)));
    let said_by = starting().filter_map(|(service, probe)| {
        let at = service.health.probes().iter().position(|it| it.spec.name == probe.spec.name)?;
        Some(SourceId::Health { service: service.ix, probe: u16::try_from(at).ok()? })
    });
    let said = |(service, probe): (&ServiceState, &Probe)| {
        let phase =
            probe.phase().map_or_else(|| "starting".to_owned(), |phase| format!("starting in {phase}"));
        (model.service_name(service.ix), phase)
    };
    let sources = startups().filter_map(|(ix, startup)| {
        let service = model.room.service(ix)?;
        let probe = service.probes.iter().position(|probe| probe.name == startup.spec().probe)?;
        Some(SourceId::Health { service: ix, probe: u16::try_from(probe).ok()? })
    });
    let service = |(ix, startup): (_, &State)| Service {
        name: several(model).then(|| model.room.service(ix).map(|s| s.name.clone())).flatten(),
        state: startup.state(),
        rows: startup.rows(now),
        done: startup.progress(now),
        seconds: startup.seconds(now).map(|(seconds, least)| (seconds, least.0)),
        phase_budget: startup.spec().phase_budget,
        budget: startup.spec().total_budget,
        over: startup.over_budget(now),
        failure: startup.failure().map(ToString::to_string),
        restarts: startup.restarts(),
    };
    let fails = model.fails_on(PanelId::Startup).map(|spec| spec.name.clone());
    Startup {
        age: age(model, sources.chain(said_by)),
        fails,
        services: startups().map(service).collect(),
        said: starting().map(said).collect(),
    }
}

impl Service {
    fn mark(&self) -> Mark {
        let faulty = self.rows.iter().any(|row| !row.faults.is_empty());
        match self.state {
            StartupState::Unknown => Mark::Unknown,
            StartupState::Failed | StartupState::Stalled => Mark::Bad,
            _ if self.over || faulty || self.restarts > 0 => Mark::Warn,
            StartupState::Starting => Mark::Active,
            StartupState::Complete => Mark::Good,
        }
    }

    fn of_budget(&self) -> String {
        let seconds = self.seconds.map_or_else(
            || format::UNKNOWN.to_owned(),
            |(seconds, least)| format!("{}{}", if least { "≥ " } else { "" }, format::took(seconds)),
        );
        format!("{seconds} of {}", format::budget(self.budget))
    }

    /// What is wrong, in a line.
    fn trouble(&self) -> Option<String> {
        let first = || self.rows.iter().find_map(|row| Some((row, row.faults.first()?)));
        match (&self.failure, self.state) {
            (Some(failure), StartupState::Failed) => Some(format!("failed: {failure}")),
            (None, StartupState::Failed) => Some("failed, no reason given".to_owned()),
            _ => match first() {
                Some((row, fault)) => Some(format!("{} {}", row.name, fault.word())),
                None if self.restarts > 0 => Some(format!("began again {}", times(self.restarts))),
                None => None,
            },
        }
    }
}

impl Startup {
    fn worst(&self) -> Option<&Service> {
        self.services.iter().max_by_key(|service| service.mark())
    }

    fn mark(&self) -> Mark {
        let said = if self.said.is_empty() { Mark::Idle } else { Mark::Active };
        let mark = self.worst().map_or(said, Service::mark);
        let mark = if self.fails.is_some() { Mark::Bad } else { mark };
        if self.age.trust() == crate::view::Trust::Old { Mark::Unknown } else { mark }
    }
}

impl Panel for Startup {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Startup", self.age);
        let Some(worst) = self.worst() else {
            return match self.said.first() {
                Some((_, words)) => title.state(ctx, self.mark(), words.as_str()),
                None => title.note("not set up", ctx.style(Role::Muted)),
            };
        };
        let (done, all) = worst.done;
        // The panel's own name is not said twice: its limit would have no room.
        let fails = self
            .fails
            .as_ref()
            .map_or(String::new(), |fails| format!(", {}", fails.strip_prefix("startup ").unwrap_or(fails)));
        title
            .state(ctx, self.mark(), format!("{done}/{all}{fails}"))
            .note(worst.of_budget(), ctx.style(Role::Muted))
    }

    fn summary(&self) -> Summary {
        let said = || self.said.first().map_or("not set up", |(_, words)| words).to_owned();
        let words = self.worst().map_or_else(said, |worst| {
            let (done, all) = worst.done;
            let trouble = worst.trouble().map_or(String::new(), |trouble| format!(", {trouble}"));
            format!("{done}/{all} phases in {}{trouble}", worst.of_budget())
        });
        Summary { mark: self.mark(), words, chart: Chart::None }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let rows: usize = self
            .services
            .iter()
            .map(|s| s.rows.len() + usize::from(s.name.is_some()) + usize::from(s.trouble().is_some()))
            .sum();
        let listed: usize =
            self.services.iter().map(|s| s.rows.len().max(1) + usize::from(s.name.is_some())).sum();
        let rows = rows.max(1) as u16;
        ((listed.max(1) as u16).min(rows), rows, false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.services.is_empty() && !self.said.is_empty() {
            for ((service, words), row) in self.said.iter().zip(0_u16..) {
                let mut pen = Pen::new(buf, area, row);
                pen.put(ctx.spinner(), ctx.style(Role::Accent)).skip(1);
                pen.put(&format!("{service} {words}, says its health body"), ctx.style(Role::Text));
            }
            let last = self.said.len() as u16;
            Pen::new(buf, area, last)
                .put("[service.startup] names phases and budgets", ctx.style(Role::Muted));
            return;
        }
        if self.services.is_empty() {
            Pen::new(buf, area, 0).put("No startup phases in the config.", ctx.style(Role::Text));
            Pen::new(buf, area, 1).put("[service.startup] names them", ctx.style(Role::Muted));
            return;
        }
        let mut row = 0;
        for service in &self.services {
            if let Some(name) = &service.name {
                Pen::new(buf, area, row).put(name, ctx.style(Role::Muted));
                row += 1;
            }
            for phase in &service.rows {
                draw_phase(&mut Pen::new(buf, area, row), ctx, service, phase);
                row += 1;
            }
            if let Some(trouble) = service.trouble() {
                let mark = service.mark();
                Pen::new(buf, area, row)
                    .put(mark.glyph(), ctx.style(mark.role()))
                    .put(" ", ctx.style(Role::Text))
                    .put(&trouble, ctx.style(mark.role()));
                row += 1;
            }
        }
    }
}

fn times(n: u32) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

/// Over its budget, or standing still.
fn has_failed_its_time(phase: &PhaseRow) -> bool {
    phase.faults.contains(&PhaseFault::OverBudget) || phase.faults.contains(&PhaseFault::Stalled)
}

/// The part of `budget` (seconds) that a phase took, and the role of its bar.
pub(in crate::view) fn against_budget(phase: &PhaseRow, budget: f64) -> (Option<f64>, Role) {
    let used = phase.seconds.map(|seconds| seconds / budget);
    let role = match used {
        Some(used) if used > 1.0 || has_failed_its_time(phase) => Role::Bad,
        Some(used) if used >= NEAR => Role::Warn,
        _ if phase.state == PhaseState::Running => Role::Accent,
        _ => Role::Muted,
    };
    (used, role)
}

fn draw_phase(pen: &mut Pen<'_>, ctx: &Ctx<'_>, service: &Service, phase: &PhaseRow) {
    let bad = has_failed_its_time(phase);
    let (used, bar) = against_budget(phase, service.phase_budget.as_secs_f64());
    let (glyph, role) = match phase.state {
        PhaseState::Waiting => ("◦", Role::Muted),
        PhaseState::Running if phase.faults.contains(&PhaseFault::Stalled) => ("✗", Role::Bad),
        PhaseState::Running | PhaseState::Done if bad => ("▲", Role::Warn),
        PhaseState::Done if phase.faults.contains(&PhaseFault::OutOfOrder) => ("▲", Role::Warn),
        PhaseState::Running => (ctx.spinner(), Role::Accent),
        PhaseState::Done => ("✓", Role::Good),
        PhaseState::Failed => ("✗", Role::Bad),
    };
    let text = if phase.state == PhaseState::Waiting { Role::Muted } else { Role::Text };
    let right = match phase.faults.first() {
        Some(fault) => fault.word().to_owned(),
        None => format!("of {}", format::budget(service.phase_budget)),
    };
    let right_role = if phase.faults.is_empty() { Role::Muted } else { Role::Warn };
    let seconds = if phase.state == PhaseState::Waiting {
        String::new()
    } else {
        format::or_unknown(phase.seconds, format::took)
    };
    let name = pen.room().saturating_sub(29).clamp(8, 24);
    pen.put_right(&right, ctx.style(right_role)).skip_right(1);
    pen.put(glyph, ctx.style(role)).skip(1).cell(&phase.name, name, Align::Left, ctx.style(text));
    pen.number(&seconds, 5, ctx.style(text)).skip(1);
    let cells = pen.room().saturating_sub(u16::from(phase.faults.is_empty()));
    gauge(pen, ctx, cells, used, bar);
}
