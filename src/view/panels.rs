//! The panels of the overview, one file each. A panel gathers its rows from the model once a frame and draws them in
//! whatever area it is given; its title and its one-line summary come from the same rows.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Freshness, Link, PanelId, SourceId};
use crate::keymap::Context;
use crate::model::Model;
use crate::model::focus::number_of;
use crate::theme::Role;

use super::layout::Need;
use super::widgets::{Age, Mark, Title};
use super::{Ctx, widgets};

pub(super) mod alerts;
mod budget;
mod checklist;
pub(in crate::view) mod closes;
mod components;
mod deployment;
pub(super) mod events;
pub(super) mod flags;
pub(super) mod gates;
mod golden_path;
pub(super) mod health;
pub(super) mod journal;
mod lines;
pub(super) mod logs;
mod metrics;
mod money;
pub(super) mod stages;
pub(super) mod startup;
pub(super) mod traffic;
pub(in crate::view) mod trends;
mod triggers;
mod users;
mod way_back;

pub(super) use self::metrics::{Standing, alert_mark};

/// A panel of the overview.
pub trait Panel {
    /// Name, state and the one number; window and age.
    fn title(&self, ctx: &Ctx<'_>) -> Title<'_>;

    /// The panel in one line.
    fn summary(&self) -> Summary;

    /// Rows inside: (without fewer it is folded, all that it could show, whether more can be used).
    fn rows(&self) -> (u16, u16, bool);

    /// Draws what is inside.
    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>);

    /// The age of what it shows.
    fn age(&self) -> Age;
}

/// A panel in one line: for the list of small screens, and for tiny ones.
#[derive(Debug, Clone)]
pub struct Summary {
    /// State.
    pub mark: Mark,
    /// The most important facts, most important first.
    pub words: String,
    /// A small picture.
    pub chart: Chart,
}

/// A small picture in a summary.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// None.
    None,
    /// A sparkline with its limit.
    Spark(Vec<Option<f64>>, Option<f64>),
    /// A gauge: fraction and role.
    Gauge(Option<f64>, Role),
    /// Parts of a whole.
    Parts(Vec<(f64, Role)>),
}

/// Cells of the picture in a summary.
pub const CHART: u16 = 12;

/// The panel `id` on this model.
pub fn gather(id: PanelId, model: &Model) -> Box<dyn Panel + '_> {
    match id {
        PanelId::Closes => Box::new(closes::gather(model)),
        PanelId::Events => Box::new(events::gather(model)),
        PanelId::Triggers => Box::new(triggers::gather(model)),
        PanelId::Metrics => Box::new(metrics::gather(model)),
        PanelId::Checklist => Box::new(checklist::gather(model)),
        PanelId::Health => Box::new(health::gather(model)),
        PanelId::Startup => Box::new(startup::gather(model)),
        PanelId::Traffic => Box::new(traffic::gather(model)),
        PanelId::Flags => Box::new(flags::gather(model)),
        PanelId::Journal => Box::new(journal::gather(model)),
        PanelId::Gates => Box::new(gates::gather(model)),
        PanelId::Alerts => Box::new(alerts::gather(model)),
        PanelId::Stages => Box::new(stages::gather(model)),
        PanelId::GoldenPath => Box::new(golden_path::gather(model)),
        PanelId::Users => Box::new(users::gather(model)),
        PanelId::Budget => Box::new(budget::gather(model)),
        PanelId::Money => Box::new(money::gather(model)),
        PanelId::Components => Box::new(components::gather(model)),
        PanelId::Trends => Box::new(trends::gather(model)),
        PanelId::Deployment => Box::new(deployment::gather(model)),
        PanelId::WayBack => Box::new(way_back::gather(model)),
        PanelId::Logs => Box::new(logs::gather(model)),
    }
}

/// The key that opens the panel `id` from anywhere, as it is bound.
pub fn number(ctx: &Ctx<'_>, id: PanelId) -> Option<String> {
    ctx.keymap.key_for(Context::Everywhere, number_of(id)?)
}

/// Draws the panel `id` open or, in one row, folded.
pub fn draw((id, panel): (PanelId, &dyn Panel), area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, focused: bool) {
    let ctx = ctx.trusting(panel.age().trust());
    let title = panel.title(&ctx).numbered(number(&ctx, id));
    if area.height < 2 {
        widgets::folded(area, buf, &ctx, &title, focused);
        return;
    }
    let inside = widgets::panel(area, buf, &ctx, &title, focused);
    panel.draw(inside, buf, &ctx);
}

/// What a panel asks of the layout.
pub fn need(id: PanelId, panel: &dyn Panel) -> Need {
    let (least, wants, grows) = panel.rows();
    Need { panel: id, least: least.saturating_add(2), wants: wants.saturating_add(2), grows }
}

/// The age of what several sources tell together: while one is live, that of the oldest live one; else the worst.
fn age<'a>(model: &'a Model, sources: impl Iterator<Item = SourceId> + 'a) -> Age {
    let now = model.now.mono;
    let links: Vec<&Link> = sources.filter_map(|source| model.links.get(&source)).collect();
    let live = links.iter().filter(|link| link.freshness(now).is_live());
    if let Some(link) = live.max_by_key(|link| link.freshness(now)) {
        return Age::Source(link.freshness(now), None);
    }
    let worst = links.into_iter().max_by_key(|link| match link.freshness(now) {
        Freshness::Down(age) => (2, age),
        Freshness::Stale(age) | Freshness::Live(age) => (1, age),
        Freshness::Never => (0, Duration::ZERO),
    });
    Age::of(worst, now)
}

/// The sources of one kind over all services.
fn sources<'a>(
    model: &'a Model,
    of: impl Fn(crate::domain::ServiceIx) -> SourceId + 'a,
) -> impl Iterator<Item = SourceId> + 'a {
    model.services.iter().map(move |service| of(service.ix))
}

/// Whether numbers measured through `source` may still be shown.
pub(super) fn measured(model: &Model, source: &SourceId) -> bool {
    model.links.shows_measured(source, model.now.mono)
}

/// Counts in equal parts of `over` up to now as samples per minute: parts before this process began are left out, where
/// `source` was not heard a sample is missing, and the running part shows `rate`, the rate of the last minute.
fn per_minute(
    counts: &[f64],
    over: Duration,
    model: &Model,
    source: &SourceId,
    rate: Option<f64>,
) -> Vec<Option<f64>> {
    let (n, now) = (counts.len().max(1), model.now.mono);
    let part = (over / n as u32).as_secs().max(1);
    let seen = model.links.seen(source, now, over, n);
    let known = (now.0 / 1_000_000 / part + 1) as usize;
    let samples = counts.iter().zip(seen).enumerate().map(|(i, (count, seen))| {
        if i + 1 == n { rate.filter(|_| seen.is_some()) } else { seen.map(|seconds| count * 60.0 / seconds) }
    });
    samples.skip(n.saturating_sub(known.min(n))).collect()
}

/// Samples as the cells of the picture in a summary: each the largest of its time, so that the newest cells of all panels
/// speak of the same minutes. `fine` is how many samples the whole time has.
fn coarser(samples: &[Option<f64>], fine: usize) -> Vec<Option<f64>> {
    let cells = usize::from(CHART);
    let before = fine.saturating_sub(samples.len());
    let cell = |at: usize| {
        let place = |at: usize| (at * fine / cells).saturating_sub(before);
        let part = samples.get(place(at)..place(at + 1)).unwrap_or_default();
        (!part.is_empty()).then(|| part.iter().copied().flatten().reduce(f64::max))
    };
    (0..cells).filter_map(cell).collect()
}

/// Whether the room has more than one service, so that rows must say whose they are.
fn several(model: &Model) -> bool {
    model.services.len() > 1
}
