//! Traffic by revision, as it serves; and how the canary compares with what is stable.
//!
//! ```text
//! ╭─ Traffic ✓ settled 90 / 10 ────── live 1s ─╮
//! │ ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ ━━━━ │
//! │ ✓ 00417-hux stable      90 %      up 2d04h │
//! │ split is pinned: a new deploy gets 0 %     │
//! │               stable   canary              │
//! │ errors         0.3 %    6.1 %   ✗ 20×      │
//! ╰────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::phase::StartupState;
use crate::domain::revision::suffix;
use crate::domain::{Origin, SourceId, Wall, format};
use crate::model::Model;
use crate::model::readiness::{Standing as Way, WayBack};
use crate::model::service::ServiceState;
use crate::model::sides::Numbers;
use crate::model::startup::Startup;
use crate::model::traffic::{Role as Part, Standing, TrafficState};
use crate::theme::Role;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Mark, Pen, Title, parts};
use crate::view::{Ctx, Trust};

use super::{Chart, Panel, Summary, age, several};

mod compared;

pub(in crate::view) use compared::{SIDE, compared, draw_compared, samples, worst};

/// Metrics compared where room is short.
const COMPARED: usize = 2;

/// How far the platform's clock may be ahead of this one.
const CLOCKS_DIFFER: Duration = Duration::from_secs(10);

pub(super) struct Traffic {
    age: Age,
    services: Vec<Service>,
    /// Which of them is told of in one line.
    told: usize,
}

struct Service {
    name: Option<String>,
    age: Age,
    standing: Standing,
    split: String,
    shares: Vec<(f64, Role)>,
    rows: Vec<Row>,
    note: Option<(Mark, String)>,
    way_back: Option<(Mark, String)>,
    compared: Vec<Numbers>,
}

struct Row {
    mark: Mark,
    name: String,
    part: Part,
    effective: u8,
    desired: u8,
    age: String,
}

pub(super) fn gather(model: &Model) -> Traffic {
    let services: Vec<Service> =
        model.services.iter().filter_map(|s| Some(service(model, s, s.traffic.as_ref()?))).collect();
    let with = || model.services.iter().filter(|service| service.traffic.is_some());
    let age = age(model, with().map(|service| SourceId::CloudRun { service: service.ix }));
    let foremost = model.foremost().map(|service| service.ix);
    let told = with().position(|service| Some(service.ix) == foremost).unwrap_or(0);
    Traffic { age, services, told }
}

fn service(model: &Model, state: &ServiceState, traffic: &TrafficState) -> Service {
    let cloud = model.room.service(state.ix).and_then(|service| service.cloud_run.as_ref());
    let short = |name: &str| cloud.map_or(name, |cloud| suffix(&cloud.service, name)).to_owned();
    let rows = traffic.rows();
    let mut compared = compared(model, state, traffic);
    compared.retain(|row| !row.counted);
    let row = |row: &crate::model::traffic::Row<'_>| Row {
        mark: judged(model, state, row, &compared),
        name: short(row.name),
        part: row.role,
        effective: row.effective,
        desired: row.desired,
        age: lived(model, row),
    };
    let rows: Vec<Row> = rows.iter().map(row).collect();
    let shares = rows.iter().map(|row| (f64::from(row.effective), part_role(row.part))).collect();
    let note = match (traffic.failure(), traffic.pinned_words()) {
        (Some(failure), _) => Some((Mark::Bad, format!("the last change failed: {failure}"))),
        (None, Some(pinned)) => Some((Mark::Idle, pinned.to_owned())),
        (None, None) if traffic.traffic.is_some() => {
            Some((Mark::Idle, "follows the latest revision".to_owned()))
        }
        (None, None) => None,
    };
    Service {
        name: several(model).then(|| model.room.service(state.ix).map(|s| s.name.clone())).flatten(),
        age: Age::of(model.links.get(&SourceId::CloudRun { service: state.ix }), model.now.mono),
        standing: traffic.standing(),
        split: traffic.split_words(),
        shares,
        rows,
        note,
        way_back: model.way_back_of(state.ix).map(|way| way_back(model, state, &way)),
        compared,
    }
}

/// `way back ✓ 00417-hux, asked 40s ago`.
pub(in crate::view) fn way_back(model: &Model, service: &ServiceState, way: &WayBack) -> (Mark, String) {
    let to = way.to.as_deref().map(|to| model.short_revision(service.ix, to)).unwrap_or_default();
    let rehearsed = way.rehearsal.as_ref().map_or_else(String::new, |last| {
        let age = format::age((model.now.wall - last.at).to_std().unwrap_or_default());
        let of = model.short_revision(service.ix, &last.to);
        let to = if of == to || of.is_empty() { String::new() } else { format!(" to {of}") };
        let failed = if last.refused.is_some() { ", FAILED" } else { "" };
        format!(", rehearsed {age} ago{to}{failed}")
    });
    match &way.standing {
        Way::NotKnown(why) => (Mark::Unknown, format!("way back {to} not known: {why}{rehearsed}")),
        Way::Ready(age) => {
            // A token that tells its end is made anew ahead of that.
            let ends =
                way.expires.map_or_else(String::new, |end| format!(", token to {}", format::clock(end)));
            (Mark::Good, format!("way back {to}, asked {} ago{rehearsed}{ends}", format::age(*age)))
        }
        Way::NoTarget => (Mark::Warn, "no way back: no known-good revision".to_owned()),
        Way::Not(why) => (Mark::Bad, format!("no way back: {why}")),
    }
}

fn part_role(part: Part) -> Role {
    match part {
        Part::Canary => Role::Accent,
        Part::Stable => Role::Muted,
        Part::Previous | Part::Other => Role::Chart,
    }
}

/// How old a revision is. One that was made in what is the future here (a clock was set back) has no age that is known;
/// two clocks that differ a little are no such case.
pub(in crate::view) fn age_of(created: Wall, now: Wall) -> String {
    let ahead = (created - now).to_std().is_ok_and(|ahead| ahead > CLOCKS_DIFFER);
    let age = (!ahead).then(|| (now - created).to_std().unwrap_or_default());
    format::or_unknown(age, format::age_seconds)
}

fn lived(model: &Model, row: &crate::model::traffic::Row<'_>) -> String {
    let Some(created) = row.revision.and_then(|revision| revision.created) else { return String::new() };
    let age = age_of(created, model.now.wall);
    if row.effective > 0 { format!("up {age}") } else { format!("{age} old") }
}

/// What is known of a revision: ready or not, what its probes and conditions say, and what it shows beside the stable one.
pub(in crate::view) fn judged(
    model: &Model,
    service: &ServiceState,
    row: &crate::model::traffic::Row<'_>,
    compared: &[Numbers],
) -> Mark {
    let mark = match row.revision.and_then(|revision| revision.ready) {
        Some(false) => Mark::Bad,
        _ if row.effective == 0 && row.desired == 0 && row.role != Part::Canary => Mark::Idle,
        None if row.revision.is_some() => coming(model, service, row.name),
        None => Mark::Unknown,
        Some(true) if model.contradicts_ready(service.ix, row.name).is_some() => Mark::Bad,
        Some(true) => worst_of(model, service, row.name),
    };
    if row.role != Part::Canary || row.effective == 0 {
        return mark;
    }
    let compared = compared.iter().filter(|row| !row.counted).map(|row| Mark::from(row.state));
    compared.filter(|mark| matches!(mark, Mark::Warn | Mark::Bad)).fold(mark, Mark::max)
}

/// A revision that is not Ready yet: it runs, unless its startup stands or a condition speaks against it.
pub(in crate::view) fn coming(model: &Model, service: &ServiceState, revision: &str) -> Mark {
    let own = |startup: &&Startup| *startup.origin() == Origin::Revision(revision.to_owned());
    match service.startup.as_ref().filter(own).map(Startup::state) {
        Some(StartupState::Stalled | StartupState::Failed) => Mark::Bad,
        _ => worst_of(model, service, revision).max(Mark::Active),
    }
}

/// The worst that conditions say of one revision.
fn worst_of(model: &Model, service: &ServiceState, revision: &str) -> Mark {
    use crate::domain::ConditionState;
    let states = model
        .conditions
        .iter(&model.room)
        .filter(|(spec, state)| spec.signal.service == service.ix && model.points_at(spec, state, revision))
        .map(|(_, state)| match state.state {
            ConditionState::Fail => Mark::Bad,
            ConditionState::Warn => Mark::Warn,
            ConditionState::Accepted => Mark::Idle,
            ConditionState::Inconclusive if state.is_grey() => Mark::Idle,
            ConditionState::Pass
            | ConditionState::Inconclusive
            | ConditionState::NoData
            | ConditionState::Stale => Mark::Good,
        });
    states.max().unwrap_or(Mark::Good)
}

impl Service {
    /// `web `, where there are several.
    fn whose(&self) -> String {
        self.name.as_ref().map_or_else(String::new, |name| format!("{name} "))
    }
}

impl Traffic {
    fn mark(&self) -> Mark {
        let old = |service: &Service| service.age.trust() == Trust::Old;
        let of = |service: &Service| match service.standing {
            Standing::Settled | Standing::Reconciling | Standing::Failed if old(service) => Mark::Unknown,
            Standing::Unknown => Mark::Unknown,
            Standing::Settled => Mark::Good,
            Standing::Reconciling => Mark::Active,
            Standing::Failed => Mark::Bad,
        };
        let mark = self.services.iter().map(of).max().unwrap_or(Mark::Idle);
        if self.age.trust() == Trust::Old { Mark::Unknown } else { mark }
    }

    /// The others of which only an old state is known.
    fn old_beside(&self, told: &Service) -> Option<&str> {
        let old = |service: &&Service| service.age.trust() == Trust::Old && service.name != told.name;
        self.services.iter().find(old)?.name.as_deref()
    }

    /// The one that is told of in one line.
    fn told(&self) -> Option<&Service> {
        self.services.get(self.told)
    }

    fn state(&self) -> (Mark, String) {
        let words = match (self.mark(), self.told()) {
            (_, None) => "not set up",
            (Mark::Unknown, Some(first)) if first.rows.is_empty() => "not read yet",
            (Mark::Unknown, Some(first)) if first.age.trust() == Trust::Live => {
                let beside = self.old_beside(first).map(|name| format!("{name} last known"));
                return (Mark::Unknown, beside.unwrap_or_else(|| "last known".to_owned()));
            }
            (Mark::Unknown, _) => "last known",
            (Mark::Bad, _) => "change failed",
            (Mark::Active, _) => "changing",
            _ => "settled",
        };
        (self.mark(), words.to_owned())
    }
}

impl Panel for Traffic {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let (mark, words) = self.state();
        let title = Title::new("Traffic", self.age);
        match self.told() {
            None => title.note(words, ctx.style(Role::Muted)),
            Some(told) if told.rows.is_empty() => title.state(ctx, mark, words),
            Some(told) => {
                let split = format!("{}{}", told.whose(), told.split);
                title.state(ctx, mark, words).note(split, ctx.style(Role::Text))
            }
        }
    }

    fn summary(&self) -> Summary {
        let (mark, words) = self.state();
        let Some(told) = self.told().filter(|told| !told.rows.is_empty()) else {
            return Summary { mark, words, chart: Chart::None };
        };
        let serving = told.rows.iter().filter(|row| row.effective > 0);
        let split: Vec<String> = serving.map(|row| format!("{} {} %", row.name, row.effective)).collect();
        let prefix = if mark == Mark::Good { String::new() } else { format!("{words} ") };
        Summary {
            mark,
            words: format!("{prefix}{}{}", told.whose(), split.join(" / ")),
            chart: Chart::Parts(told.shares.clone()),
        }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let of = |service: &Service| {
            let compared =
                if service.compared.is_empty() { 0 } else { 1 + service.compared.len().min(COMPARED) };
            let more = usize::from(service.name.is_some()) + usize::from(service.way_back.is_some());
            1 + service.rows.len().max(3) + 1 + compared + more
        };
        let rows = self.services.iter().map(of).sum::<usize>().max(2) as u16;
        // What is compared may go; the split may not.
        let least = self.services.iter().map(|s| 2 + s.rows.len().max(3)).sum::<usize>().max(2) as u16;
        (least.min(rows), rows.max(8), false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.services.is_empty() {
            Pen::new(buf, area, 0).put("No Cloud Run service in the config.", ctx.style(Role::Text));
            let mut pen = Pen::new(buf, area, 1);
            pen.put("[service.cloud_run]", ctx.style(Role::Key))
                .put("  needs run.viewer", ctx.style(Role::Muted));
            return;
        }
        let mut row = 0;
        for service in &self.services {
            let ctx = &ctx.trusting(service.age.trust());
            if let Some(name) = &service.name {
                let mut pen = Pen::new(buf, area, row);
                pen.put_right(&service.age.old().unwrap_or_default(), ctx.style(Role::Unknown));
                pen.put(name, ctx.style(Role::Muted));
                row += 1;
            }
            if service.rows.is_empty() {
                Pen::new(buf, area, row).put("Not read yet.", ctx.style(Role::Text));
                row += 1;
                continue;
            }
            let cells = area.width;
            parts(&mut Pen::new(buf, area, row), ctx, cells, &service.shares);
            row += 1;
            for revision in &service.rows {
                draw_revision(&mut Pen::new(buf, area, row), ctx, revision, ctx.trust);
                row += 1;
            }
            if let Some((mark, words)) = &service.note {
                let role = if *mark == Mark::Bad { Role::Bad } else { Role::Muted };
                Pen::new(buf, area, row).put(words, ctx.style(role));
                row += 1;
            }
            if let Some((mark, words)) = &service.way_back {
                let role = if *mark == Mark::Good { Role::Muted } else { mark.role() };
                let mut pen = Pen::new(buf, area, row);
                pen.put(mark.glyph(), ctx.style(mark.role())).skip(1).put(words, ctx.style(role));
                row += 1;
            }
            // Names of columns without a number say nothing, nor do numbers without them.
            if !service.compared.is_empty() && row + 1 < area.height {
                let head = ctx.style(Role::Muted);
                let name = compared_name(service, area.width);
                Pen::new(buf, area, row).skip(name).number("stable", SIDE, head).number("canary", SIDE, head);
                row += 1;
                for compared in worst(&service.compared, usize::from(area.height - row)) {
                    draw_compared(&mut Pen::new(buf, area, row), ctx, compared, (name, SIDE));
                    row += 1;
                }
            }
        }
    }
}

fn draw_revision(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Row, trust: Trust) {
    let mark = if trust == Trust::Old && row.mark != Mark::Idle { Mark::Unknown } else { row.mark };
    let (name, part) = match row.part {
        Part::Canary => (Role::Strong, Role::Accent),
        Part::Stable => (Role::Strong, Role::Muted),
        Part::Previous | Part::Other => (Role::Text, Role::Muted),
    };
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.put_right(&format!("{:>10}", row.age), ctx.style(Role::Muted)).skip_right(1);
    // A split on its way has its numbers whole, and the name gives way.
    let changes =
        (row.desired != row.effective).then(|| format!(" → {}", format::percent_whole(row.desired)));
    let cells = pen.room().saturating_sub(if changes.is_some() { 24 } else { 22 }).clamp(9, 22);
    pen.cell(&row.name, cells, Align::Left, ctx.style(name)).skip(1);
    let part_word = if row.part == Part::Other { String::new() } else { row.part.to_string() };
    pen.cell(&part_word, 8, Align::Left, ctx.style(part));
    pen.number(&format::percent_whole(row.effective), 7, ctx.style(Role::Text));
    pen.put(&changes.unwrap_or_default(), ctx.style(Role::Accent));
}

/// Cells for the names of what is compared: as many as the longest needs, if there is room.
fn compared_name(service: &Service, room: u16) -> u16 {
    let longest = service.compared.iter().map(|row| width(&row.name)).max().unwrap_or(0) as u16;
    longest.max(12).min(room.saturating_sub(2 * SIDE + 3 + 7)).max(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_revision_that_is_to_be_made_yet_has_no_age_that_is_known() {
        let now = Wall::default() + chrono::TimeDelta::hours(1);
        let age = |ahead| age_of(now + chrono::TimeDelta::seconds(ahead), now);
        assert_eq!([-61, -1, 2, 3_600].map(age), ["1m01s", "1s", "0s", "--"]);
    }
}
