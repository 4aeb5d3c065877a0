//! Gates, one line each, as they stand.
//!
//! ```text
//! ╭─ Gates ✗ 1 ⠹ 1 of 5 ─────────────── one at a time ─╮
//! │ ✗ contract-suite  1 failed, 22 passed      41s ago │
//! │ ⠹ throughput      00:12 of 05:00                   │
//! │ ◦ e2e             never run                        │
//! ╰────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{PanelId, format};
use crate::model::Model;
use crate::model::gates::{Gate, GateState, Standing};
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Mark, Pen, Title};

use super::{Chart, Panel, Summary};

pub(in crate::view) struct Gates<'m> {
    model: &'m Model,
}

pub(super) fn gather(model: &Model) -> Gates<'_> {
    Gates { model }
}

/// How a state is marked.
pub(in crate::view) fn mark(state: GateState) -> Mark {
    match state {
        GateState::Passed => Mark::Good,
        GateState::Failed | GateState::TimedOut => Mark::Bad,
        GateState::Lapsed
        | GateState::Earlier
        | GateState::Unclear
        | GateState::Stopped
        | GateState::Orphaned => Mark::Warn,
        GateState::Unseen => Mark::Unknown,
        GateState::Running => Mark::Active,
        GateState::Never | GateState::Queued | GateState::Refused => Mark::Idle,
    }
}

/// How it stands, marked.
pub(in crate::view) fn marked(standing: &Standing<'_>) -> Mark {
    if standing.done && standing.state == GateState::Unclear { Mark::Good } else { mark(standing.state) }
}

/// One gate in one row: mark, name, what it proved, when.
pub(in crate::view) fn row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, gate: &Gate) {
    let standing = model.gates.standing(gate);
    let mark = marked(&standing);
    let glyph = if standing.state == GateState::Running { ctx.spinner() } else { mark.glyph() };
    let own = model.gates.runs.own_of(&gate.id);
    // Before the age takes its place: all rows have their words in one column, behind the longest name if there is room.
    let longest = model.gates.list().iter().map(|gate| width(&gate.name)).max().unwrap_or_default();
    let name = u16::try_from(longest).unwrap_or(u16::MAX).min(pen.room() * 11 / 20).max(12);
    if let Some(past) = standing.last.filter(|_| standing.state != GateState::Running) {
        let ago = (ctx.now.wall - past.at).to_std().unwrap_or_default();
        pen.put_right(&format!("{} ago", format::age_seconds(ago)), ctx.style(Role::Muted)).skip_right(1);
    }
    pen.put(glyph, ctx.style(mark.role())).skip(1);
    pen.cell(&gate.name, name, Align::Left, ctx.style(Role::Text)).skip(1);
    let words = match (own.map(|own| (own.since, own.task.timeout)), standing.why.is_empty()) {
        (Some((Some(since), Some(limit))), _) => {
            format::stopwatch_of(Some(ctx.now.mono.since(since.mono)), limit)
        }
        (Some((Some(since), None)), _) => {
            format!("{}, until stopped", format::stopwatch(ctx.now.mono.since(since.mono)))
        }
        (Some((None, _)), _) => "begins".to_owned(),
        (None, true) => standing.word().to_owned(),
        (None, false) if standing.state == GateState::Passed => standing.why.to_string(),
        (None, false) => format!("{}: {}", standing.word(), standing.why),
    };
    pen.put(&words, ctx.style(mark.ink()));
}

impl Gates<'_> {
    fn count(&self, wanted: impl Fn(GateState) -> bool) -> usize {
        self.model.gates.count(wanted)
    }
}

impl Panel for Gates<'_> {
    fn age(&self) -> Age {
        Age::Local
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Gates", Age::Local);
        let all = self.count(|_| true);
        if self.model.gates.list().is_empty() {
            return title.note("none", ctx.style(Role::Muted));
        }
        let (passed, bad) = (self.count(|state| state == GateState::Passed), self.count(GateState::is_bad));
        let lapsed = self.count(|state| state == GateState::Lapsed);
        let running = self.model.gates.runs.own().len() + self.model.gates.runs.waiting();
        let mut title = title.note(format!("{passed}/{all}"), ctx.style(Role::Text));
        if bad > 0 {
            title = title.note(format!("✗ {bad}"), ctx.style(Role::Bad));
        }
        if lapsed > 0 {
            title = title.note(format!("▲ {lapsed} lapsed"), ctx.style(Role::Warn));
        }
        let unclear = self.count(|state| state == GateState::Unclear);
        if unclear > 0 {
            title = title.note(format!("▲ {unclear} to read"), ctx.style(Role::Warn));
        }
        if running > 0 {
            title = title.note(format!("{} {running}", ctx.spinner()), ctx.style(Role::Accent));
        }
        title.window("one at a time", ctx.style(Role::Muted))
    }

    fn summary(&self) -> Summary {
        let gates = &self.model.gates;
        let all = self.count(|_| true);
        let bad = gates.list().iter().find(|gate| gate.is_gate() && gates.standing(gate).state.is_bad());
        let (passed, failed) =
            (self.count(|state| state == GateState::Passed), self.count(GateState::is_bad));
        let lapsed = self.count(|state| state == GateState::Lapsed);
        let (mark, words) = match (bad, lapsed) {
            _ if all == 0 => (Mark::Idle, "no gate".to_owned()),
            (Some(gate), _) => {
                (Mark::Bad, format!("{} {}, {failed} of {all} bad", gate.name, gates.standing(gate).why))
            }
            (None, 1..) => (Mark::Warn, format!("{lapsed} of {all} lapsed")),
            (None, 0) if passed == all => (Mark::Good, format!("{passed}/{all} passed")),
            (None, 0) => (Mark::Idle, format!("{passed}/{all} passed")),
        };
        Summary { mark, words, chart: Chart::None }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let rows = self.model.gates.list().len().clamp(2, 20) as u16;
        (2, rows, true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let list = self.model.gates.list();
        if list.is_empty() {
            Pen::new(buf, area, 0).put("No gate yet.", ctx.style(Role::Text));
            let words = "commands of a checklist are gates, and [[gate]] in the config names more";
            Pen::new(buf, area, 1).put(words, ctx.style(Role::Muted));
            return;
        }
        for ((gate, at), line) in list.iter().zip(0..).zip(0..area.height) {
            let mut pen = Pen::new(buf, area, line);
            ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Gates, row: at });
            row(&mut pen, ctx, self.model, gate);
        }
    }
}
