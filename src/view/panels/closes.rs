//! Close codes: rate, limit, what is usual, and the last ten minutes of each.
//!
//! ```text
//! ╭─ Closes ✗ 4401, ▲ 1011 ──────────────── 5 min · live 1s ─╮
//! │                            /min lim usual last 10 min    │
//! │ ✗ 4401 unauthorized (app)  12.4 > 5   0.3 ▁▁▁▁▁▁▁▂▄▇████ │
//! ╰──────────────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{SourceId, Watched};
use crate::model::Model;
use crate::model::closes::{Closes as State, limit_text, rate_text};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Age, Align, Mark, Pen, Title};

use super::{Chart, Panel, Summary, age, coarser, measured};

mod counted;
mod notes;
mod row;

use counted::{Row, is_bad, row as counted};
pub(in crate::view) use counted::{Seen, usual};
use row::{Columns, draw_row};

const TEN_MINUTES: Duration = Duration::from_mins(10);
/// Cells of a row's sparkline at most.
const SPARK: usize = 30;
/// Codes listed at most; the worst are always among them.
const MOST: usize = 9;

pub(super) struct Closes {
    age: Age,
    rows: Vec<Row>,
    more: usize,
    listed: usize,
    here: Option<f64>,
    server: Option<f64>,
    counts: [bool; 2],
    /// The server counts too, and is not seen.
    lost: bool,
    /// How much of a minute was counted here and by the server, while that is not all of it.
    counting: [Option<Watched>; 2],
    refused: u64,
    attempts: u64,
    /// Percent of the attempts of the last five minutes that succeeded.
    success: Option<f64>,
    open: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
}

pub(super) fn gather(model: &Model) -> Closes {
    let both = |service| [SourceId::Events { service }, SourceId::Metrics { service }];
    let watched = || model.services.iter().filter(|service| service.closes.watched());
    let mut rows = Vec::new();
    let mut closes = Closes {
        age: age(model, watched().flat_map(|service| both(service.ix))),
        rows: Vec::new(),
        more: 0,
        listed: 0,
        here: None,
        server: None,
        counts: [false; 2],
        lost: false,
        counting: [None; 2],
        refused: 0,
        attempts: 0,
        success: None,
        open: None,
        p50: None,
        p95: None,
    };
    for service in watched() {
        let [events, metrics] = both(service.ix).map(|source| measured(model, &source));
        let state = &service.closes;
        let link = |server: bool| {
            let [events, metrics] = both(service.ix);
            Seen::of(model, if server { metrics } else { events })
        };
        for code in state.rows(model.now.mono) {
            let server = state.from_server(code.code);
            let row = counted(model, state, code, &link(server));
            match rows.iter_mut().find(|known: &&mut Row| known.code == row.code) {
                Some(known) => known.merge(&row),
                None => rows.push(row),
            }
        }
        closes.lost |= state.expects_server() && !link(true).live;
        closes.count(model, state, [events, metrics]);
    }
    if closes.lost {
        closes.unseen(
            age(model, watched().map(|service| SourceId::Metrics { service: service.ix })),
            &mut rows,
        );
    }
    closes.listed =
        model.room.services.iter().map(|service| service.closes.show.len()).max().unwrap_or(0).clamp(4, MOST);
    closes.take(rows);
    closes
}

fn add(sum: &mut Option<f64>, more: Option<f64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0.0) + more);
    }
}

impl Closes {
    /// Keeps the configured number of rows: what is worst first, shown in the order of the codes.
    fn take(&mut self, mut rows: Vec<Row>) {
        let keep = self.listed.max(4);
        self.more = rows.len().saturating_sub(keep);
        if self.more > 0 {
            rows.sort_by(worse);
            rows.truncate(keep);
            rows.sort_by_key(|row| row.code);
        }
        self.rows = rows;
    }

    fn mark(&self) -> Mark {
        let worst = self.rows.iter().map(|row| row.mark).max().unwrap_or(Mark::Idle);
        let mut unseen = self.rows.iter().filter(|row| row.mark == Mark::Unknown);
        // A code that only a lost source counts takes nothing from the others, unless it was bad when it was seen last.
        let told = unseen.clone().count() == self.rows.len() || unseen.any(Row::was_bad);
        if worst != Mark::Unknown || told {
            return worst;
        }
        let seen = self.rows.iter().map(|row| row.mark).filter(|mark| *mark != Mark::Unknown);
        seen.max().unwrap_or(Mark::Good)
    }

    /// Adds the totals of a service, as far as what this client and the server counted may be shown.
    fn count(&mut self, model: &Model, state: &State, [events, metrics]: [bool; 2]) {
        let (here, server) = state.totals(model.now.mono);
        add(&mut self.here, here.filter(|_| events));
        add(&mut self.server, server.filter(|_| metrics));
        self.counts[0] |= here.is_some();
        self.counts[1] |= server.is_some();
        self.younger(state.counting_each(model.now.mono));
        self.refused += state.handshakes().refused.values().sum::<u64>();
        self.attempts += state.handshakes().attempts;
        let success = state.handshakes().success_percent(model.now.mono);
        self.success = self.success.into_iter().chain(success).reduce(f64::min);
        let connections = state.connections();
        add(
            &mut self.open,
            connections.iter().filter_map(|c| c.open).reduce(|a, b| a + b).filter(|_| metrics),
        );
        let whole = connections.iter().find(|c| c.revision.is_none()).or(connections.first());
        self.p50 = whole.and_then(|c| c.p50).filter(|_| metrics).or(self.p50);
        self.p95 = whole.and_then(|c| c.p95).filter(|_| metrics).or(self.p95);
    }

    /// What only this client's connections say is good of none of the others: the panel is as old as the server's word.
    fn unseen(&mut self, age: Age, rows: &mut [Row]) {
        self.age = age;
        for row in rows.iter_mut().filter(|row| matches!(row.mark, Mark::Good | Mark::Idle)) {
            row.mark = Mark::Unknown;
        }
    }

    /// Somebody else counts too, for so long.
    fn younger(&mut self, other: [Option<Watched>; 2]) {
        for (counting, of) in self.counting.iter_mut().zip(other) {
            *counting = counting.iter().chain(&of).min_by_key(|watched| watched.had).copied();
        }
    }

    /// How much of a minute was counted, while not all of it was for each code.
    fn youngest(&self) -> Option<Watched> {
        let seen = self.rows.iter().filter(|row| row.mark != Mark::Unknown);
        seen.filter_map(|row| row.counting).min_by_key(|watched| watched.had)
    }

    /// The codes that were bad when they were seen last: `last ✗ 4401, 1011`.
    fn before(&self) -> Option<String> {
        let mut bad: Vec<&Row> = self.rows.iter().filter(|row| row.was_bad()).collect();
        bad.sort_by_key(|row| std::cmp::Reverse(row.was));
        let glyph = bad.first()?.was.glyph();
        let codes: Vec<String> = bad.iter().map(|row| row.code.to_string()).collect();
        Some(format!("last {glyph} {}", codes.join(", ")))
    }

    /// The row that the panel's mark is of; of several, the one nearest to its limit.
    fn worst(&self) -> Option<&Row> {
        let mark = gravity(self.mark());
        let told = |row: &Row| (gravity(row.mark) == mark, gravity(row.mark));
        let over = |row: &Row| row.rate.unwrap_or(0.0) / row.limit.unwrap_or(f64::MAX);
        let before = |row: &Row| gravity(row.was);
        let worst = |a: &&Row, b: &&Row| {
            told(a).cmp(&told(b)).then(before(a).cmp(&before(b))).then(over(a).total_cmp(&over(b)))
        };
        self.rows.iter().max_by(|a, b| worst(a, b).then(a.mark.cmp(&b.mark)))
    }
}

impl Panel for Closes {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let mut title = Title::new("Closes", self.age);
        if self.rows.is_empty() {
            return title.note("not set up", ctx.style(Role::Muted));
        }
        title = title.window("10 min", ctx.style(Role::Muted));
        match self.mark() {
            Mark::Unknown => {
                let numbers = self.rows.iter().any(|row| row.rate.is_some());
                let words = if numbers { "not seen" } else { "no data" };
                return title.state(ctx, Mark::Unknown, self.before().unwrap_or(words.to_owned()));
            }
            Mark::Bad | Mark::Warn | Mark::Tripped => {}
            Mark::Good | Mark::Idle | Mark::Active => {
                return match self.youngest() {
                    Some(watched) => title.state(ctx, Mark::Idle, watched.counting_text()),
                    None => title.state(ctx, Mark::Good, "no spike"),
                };
            }
        }
        let told = |row: &&Row| is_bad(row.mark) || row.was_bad();
        let mut marked: Vec<&Row> = self.rows.iter().filter(told).collect();
        marked.sort_by_key(|row| std::cmp::Reverse(row.mark));
        let last = marked.len() - 1;
        for (at, row) in marked.into_iter().enumerate() {
            let comma = if at < last { "," } else { "" };
            title =
                title.note(format!("{} {}{comma}", row.mark.glyph(), row.code), ctx.style(row.mark.role()));
        }
        title
    }

    fn summary(&self) -> Summary {
        let Some(worst) = self.worst() else {
            return Summary { mark: Mark::Idle, words: "not set up".into(), chart: Chart::None };
        };
        let rate = rate_text(worst.rate, worst.counting);
        // Whose code it is goes without saying where there is little room.
        let name = worst.name.strip_suffix(" (app)").unwrap_or(&worst.name);
        let name = if worst.was == Mark::Bad { format!(" {name}") } else { String::new() };
        let limit = limit_text(worst.limit, worst.counting);
        Summary {
            mark: self.mark(),
            words: format!("{}{name} {rate}{limit}", worst.code),
            chart: Chart::Spark(coarser(&worst.samples, SPARK), worst.limit),
        }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let rows = self.listed as u16 + 4;
        (rows, rows, false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() {
            Pen::new(buf, area, 0)
                .put("Neither an event stream nor a close counter is in the config.", ctx.style(Role::Text));
            Pen::new(buf, area, 1)
                .put("[service.events] or [service.metrics] adds one", ctx.style(Role::Muted));
            return;
        }
        let columns = Columns::of(area.width);
        let mut pen = Pen::new(buf, area, 0);
        let head = ctx.style(Role::Muted);
        pen.skip(7 + columns.name).number(counted::per(&self.rows), 5, head).cell(
            " lim",
            5,
            Align::Left,
            head,
        );
        if columns.usual {
            pen.number("usual", 5, head).skip(1);
        }
        if columns.spark > 0 {
            pen.cell("last 10 min", columns.spark, Align::Left, head);
        }
        // In a tight place the worst codes, and the first of the notes.
        let tight = usize::from(area.height) < self.rows.len() + 2;
        let room = if tight { usize::from(area.height.saturating_sub(2)) } else { self.rows.len() };
        let mut shown: Vec<&Row> = self.rows.iter().collect();
        shown.sort_by(|a, b| worse(a, b));
        let left_out = shown.len() - shown.len().min(room);
        shown.truncate(room);
        shown.sort_by_key(|row| row.code);
        for (row, at) in shown.iter().zip(1_u16..) {
            draw_row(&mut Pen::new(buf, area, at), ctx, &columns, row);
        }
        let below = if tight { room as u16 + 1 } else { (self.rows.len().max(self.listed) + 2) as u16 };
        for (parts, at) in self.notes(ctx, left_out).iter().zip(below..) {
            notes::draw(&mut Pen::new(buf, area, at), ctx, parts);
        }
    }
}

/// That a code was not counted for a whole minute yet makes it no worse than those that were.
fn gravity(mark: Mark) -> Mark {
    if mark == Mark::Idle { Mark::Good } else { mark }
}

/// The order of codes where not all have room: the worst first, then the most frequent. What is not seen any more keeps
/// the place that it had.
fn worse(a: &Row, b: &Row) -> std::cmp::Ordering {
    let told = |row: &Row| (is_bad(row.was), row.last.is_some(), gravity(row.was));
    told(b).cmp(&told(a)).then(b.last.unwrap_or(0.0).total_cmp(&a.last.unwrap_or(0.0)))
}
