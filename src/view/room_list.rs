//! The list of panels for screens of 60 to 99 columns: one line each, and what to do next.
//!
//! ```text
//! ╭─ Room ─────────────────────────────────────────────────────────── 10 panels ─╮
//! │  panel         now                                        10 min         age │
//! │  Closes      ✗ 4401 unauthorized 12.4/min, limit 5        ▁▁▁▁▁▂▄▇████    1s │
//! │4 Metrics     ✗ error_rate 6.1 %, critical 5 %             ▁▁▁▁▁▁▂▄▅▅▅▅    1s │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::model::Model;
use crate::model::mouse::Spot;
use crate::theme::Role;

use super::panels::{self, CHART, Chart, Panel};
use super::widgets::text::{cut_words, width};
use super::widgets::{Age, Align, Mark, Pen, Spark, Title, gauge, panel, parts};
use super::{Ctx, Trust, verdict};

/// Cells of a panel's name.
const NAME: u16 = 13;
/// Cells of an age.
const AGE: u16 = 5;

/// The name of a panel where there is little room.
pub fn name(id: PanelId) -> &'static str {
    match id {
        PanelId::Closes => "Closes",
        PanelId::Events => "Events",
        PanelId::Triggers => "Triggers",
        PanelId::Metrics => "Metrics",
        PanelId::Traffic => "Traffic",
        PanelId::Checklist => "Checklist",
        PanelId::Health => "Health",
        PanelId::Startup => "Startup",
        PanelId::Flags => "Flags",
        PanelId::Journal => "Journal",
        PanelId::Gates => "Gates",
        PanelId::Alerts => "Alerts",
        PanelId::Stages => "Stages",
        PanelId::GoldenPath => "Golden path",
        PanelId::Users => "Users",
        PanelId::Budget => "Budget",
        PanelId::Money => "Money",
        PanelId::Components => "Components",
        PanelId::Trends => "Trends",
        PanelId::Deployment => "Deployment",
        PanelId::WayBack => "Way back",
        PanelId::Logs => "Logs",
    }
}

/// Draws the list in `area`.
pub fn draw(
    model: &Model,
    ctx: &Ctx<'_>,
    area: Rect,
    buf: &mut Buffer,
    panels: &[(PanelId, Box<dyn Panel + '_>)],
) {
    let mut title = Title::new("Room", Age::NotSetUp);
    title = title.window(format!("{} panels", panels.len()), ctx.style(Role::Muted));
    let inside = panel(area, buf, ctx, &title, true);
    let head = ctx.style(Role::Muted);
    let mut pen = Pen::new(buf, inside, 0);
    pen.number("age", 0, head).put_right("age", head).skip_right(AGE - 3);
    pen.put_right("10 min     ", head).skip(1).put("panel", head).to(NAME + 2).put("now", head);
    let focused = model.ui.focus.panel();
    let mut row = 1;
    for (id, panel) in panels {
        if row >= inside.height {
            return;
        }
        let selected = *id == focused;
        if selected {
            let line =
                Rect { x: inside.x.saturating_sub(1), y: inside.y + row, width: inside.width + 2, height: 1 };
            buf.set_style(line.intersection(buf.area), ctx.style(Role::Selected));
        }
        ctx.spot(Pen::new(buf, inside, row).rest(), Spot::Panel { panel: *id });
        // The number that opens it stands in the margin.
        let margin = Rect { x: inside.x.saturating_sub(1), width: 1, ..inside };
        let number = panels::number(ctx, *id).filter(|key| width(key) == 1).unwrap_or_default();
        Pen::new(buf, margin, row).put(&number, ctx.style(Role::Key));
        let mut pen = Pen::new(buf, inside, row);
        pen.skip(1);
        draw_row(&mut pen, ctx, name(*id), panel.as_ref(), selected);
        row += 1;
    }
    let below = Rect {
        y: inside.y + (row + 1).min(inside.height),
        height: inside.height.saturating_sub(row + 1),
        ..inside
    };
    verdict::next_rows(model, ctx, below, buf);
}

/// Draws the strip of all panels, with their marks, above one that is open.
pub fn strip(
    panels: &[(PanelId, Box<dyn Panel + '_>)],
    ctx: &Ctx<'_>,
    area: Rect,
    buf: &mut Buffer,
    open: PanelId,
) {
    let mut pen = Pen::new(buf, area, 0);
    ctx.spot(Rect { width: 6, ..pen.rest() }, Spot::Overview);
    pen.skip(1).put("Room", ctx.style(Role::Muted)).skip(2);
    for (id, panel) in panels {
        let old = panel.age().trust() == Trust::Old;
        let state = panel.summary().mark;
        let mark = if old && state != Mark::Idle { Mark::Unknown } else { state };
        let name = match id {
            PanelId::Triggers => "Trig",
            PanelId::Checklist => "Checks",
            _ => name(*id),
        };
        if pen.room() < name.len() as u16 + 3 {
            return;
        }
        ctx.spot(Rect { width: name.len() as u16 + 2, ..pen.rest() }, Spot::Tab { panel: *id });
        pen.put(name, ctx.style(if *id == open { Role::Strong } else { Role::Muted })).skip(1);
        pen.put(mark.glyph(), ctx.style(mark.role())).skip(2);
    }
}

fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, name: &str, panel: &dyn Panel, selected: bool) {
    let age = panel.age();
    let ctx = ctx.trusting(age.trust());
    let summary = panel.summary();
    let old = age.trust() == Trust::Old;
    let mark = if old && summary.mark != Mark::Idle { Mark::Unknown } else { summary.mark };
    let label = if selected { ctx.theme.style(Role::Strong) } else { ctx.style(Role::Text) };
    let age_role = if old { Role::Unknown } else { Role::Muted };
    pen.cell(name, NAME - 1, Align::Left, label);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.put_right(&format!("{:>AGE$}", age.short(), AGE = usize::from(AGE)), ctx.style(age_role))
        .skip_right(1);
    let text = if mark == Mark::Bad || mark == Mark::Tripped { mark.role() } else { Role::Text };
    if summary.chart != Chart::None && pen.room() > CHART + 20 {
        let words = pen.room() - CHART - 1;
        let told = cut_words(&summary.words, usize::from(words));
        pen.cell(&told, words, Align::Left, ctx.style(text)).skip(1);
        draw_chart(pen, &ctx, &summary.chart);
    } else {
        pen.put(&summary.words, ctx.style(text));
    }
}

fn draw_chart(pen: &mut Pen<'_>, ctx: &Ctx<'_>, chart: &Chart) {
    match chart {
        Chart::None => {}
        Chart::Spark(samples, limit) => {
            Spark { samples, limit: *limit, over: Role::Bad }.draw(pen, ctx, CHART);
        }
        Chart::Gauge(fraction, role) => gauge(pen, ctx, CHART, *fraction, *role),
        Chart::Parts(shares) => parts(pen, ctx, CHART, shares),
    }
}
