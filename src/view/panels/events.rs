//! The event stream: rates by type, what is missing, delivery, and the newest lines.
//!
//! ```text
//! ╭─ Events ✗ 5 runs incomplete ─────────── 224/s · live 1s ─╮
//! │ tool_completed   3,104 /min ▃▃▄▄▄▃▄▃▃▃▃▃▃▃▄  ✗ 6 missing │
//! │ delivery p50 34ms p95 71ms < 100 · lost 0 · invalid 0    │
//! │ ──────────────────────────────────────────────────────── │
//! │ 14:02:11.377 9b02 ✓ agent_completed 6 events        8.1s │
//! ╰──────────────────────────────────────────────────────────╯
//! ```

mod counts;

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::event::story::Ending;
use crate::domain::event::{Line, OpenRuns};
use crate::domain::{
    Condition, ConditionSpec, ConditionState, Freshness, PanelId, SourceId, Watched, format,
};
use crate::model::Model;
use crate::model::events::{Delivery, Events as State};
use crate::model::focus::Extent;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::layout::TAIL;
use crate::view::widgets::text::{cut_middle, width};
use crate::view::widgets::{Age, Align, Mark, Pen, Spark, Title};

use super::{Chart, Panel, Summary, age, coarser, measured, per_minute, several, sources};

const TEN_MINUTES: Duration = Duration::from_mins(10);
const SPARK: usize = 30;
/// Cells of a run's id in a line.
const RUN: usize = 8;
/// Signals of what can be wrong with events but for runs, with a word for each; in the order of their counts.
const FAULTS: [(&str, &str); 3] =
    [("events.lost", "lost"), ("events.invalid", "invalid"), ("events.duplicates", "twice")];
/// Signals of whole runs.
const RUNS: [&str; 2] = ["events.incomplete", "events.missing"];
/// In fewer cells the names of types are cut, and the newest lines say more than their rates.
const NARROW: u16 = 44;
/// Cells for what is wrong with a type.
const FAULT: usize = 13;

pub(super) struct Events<'m> {
    model: &'m Model,
    age: Age,
    streams: Vec<Stream<'m>>,
}

struct Stream<'m> {
    /// Its service, where there are several.
    name: Option<&'m str>,
    state: &'m State,
    shown: bool,
    types: Vec<Type>,
    per_second: Option<f64>,
    delivery: Option<Delivery>,
    limit: Duration,
    incomplete: u64,
    /// How much of a minute was watched, while that is not all of it.
    counting: Option<Watched>,
}

struct Type {
    name: String,
    rate: Option<f64>,
    samples: Vec<Option<f64>>,
    missing: u64,
    silent: usize,
}

pub(super) fn gather(model: &Model) -> Events<'_> {
    let streams = model.services.iter().filter_map(|service| {
        let source = SourceId::Events { service: service.ix };
        let name = model.room.service(service.ix).map(|service| service.name.as_str());
        stream(model, service.events.as_ref()?, &source, name.filter(|_| several(model)))
    });
    Events {
        model,
        age: age(model, sources(model, |service| SourceId::Events { service })),
        streams: streams.collect(),
    }
}

fn stream<'m>(
    model: &'m Model,
    state: &'m State,
    source: &SourceId,
    name: Option<&'m str>,
) -> Option<Stream<'m>> {
    let (now, spec) = (model.now.mono, state.spec()?);
    // While it is down, a count over the last minute would only fall.
    let down = model.links.get(source).is_some_and(|link| link.down.is_some());
    let shown = measured(model, source) && !down;
    let kind = |(at, name): (usize, &String)| {
        let rate = state.type_per_minute(at, now).filter(|_| shown);
        let history = state.type_history(at, now, TEN_MINUTES, SPARK);
        let last = spec.last.as_ref() == Some(name);
        Type {
            name: name.clone(),
            rate,
            samples: per_minute(&history, TEN_MINUTES, model, source, rate),
            missing: state.type_missing(at, now),
            silent: if last { state.open().silent.len() } else { 0 },
        }
    };
    Some(Stream {
        name,
        state,
        shown,
        types: spec.types.iter().enumerate().map(kind).collect(),
        per_second: state.per_second(now).filter(|_| shown),
        delivery: state.delivery(now).filter(|_| shown),
        limit: spec.delivery_limit,
        incomplete: state.incomplete_recently(now),
        counting: state.counting(now).filter(|_| shown && model.links.is_live(source, now)),
    })
}

impl Events<'_> {
    fn incomplete(&self) -> u64 {
        self.streams.iter().map(|stream| stream.incomplete).sum()
    }

    /// What fails that is not about whole runs, while nothing about these does: the title is of what is bad now.
    fn fault_beside_runs(&self) -> Option<&ConditionSpec> {
        let of_runs = |spec: &ConditionSpec| RUNS.contains(&spec.signal.name.as_str());
        let bad = |spec: &ConditionSpec, state: &Condition| {
            of_runs(spec) && spec.panel == PanelId::Events && !matches!(state.state, ConditionState::Pass)
        };
        let mut all = self.model.conditions.iter(&self.model.room);
        let fails = self.model.fails_on(PanelId::Events).filter(|spec| !of_runs(spec))?;
        (!all.any(|(spec, state)| bad(spec, state))).then_some(fails)
    }

    /// What was wrong lately but for incomplete runs; `None`: nothing.
    fn faulty(&self) -> Option<(Mark, String)> {
        let mut faults = FAULTS.map(|(signal, word)| (signal, word, 0));
        for stream in &self.streams {
            let found = stream.state.faulty_recently(self.model.now.mono);
            faults.iter_mut().zip(found).for_each(|((.., sum), n)| *sum += n);
        }
        let words = |(_, word, n): &(&str, &str, u64)| format!("{} {word}", format::count(*n));
        // What is a reason is told first.
        if let Some(spec) = self.model.fails_on(PanelId::Events) {
            let fault = faults.iter().find(|(signal, _, n)| *n > 0 && spec.signal.name == *signal);
            let late = self.streams.iter().filter_map(|stream| stream.delivery).map(|it| it.p95_us).max();
            let late = late.filter(|_| spec.signal.name == "events.delivery_p95");
            let late = late.map(|us| format!("p95 {} late", format::short(Duration::from_micros(us))));
            return Some((Mark::Bad, late.or(fault.map(words)).unwrap_or_else(|| spec.name.clone())));
        }
        faults.iter().find(|(.., n)| *n > 0).map(|fault| (Mark::Warn, words(fault)))
    }

    fn per_second(&self) -> Option<f64> {
        self.streams.iter().filter_map(|stream| stream.per_second).reduce(|a, b| a + b)
    }

    fn state(&self) -> (Mark, String) {
        let now = self.model.now.mono;
        let last = self.streams.iter().filter_map(|stream| stream.state.last_event()).max();
        let silent = || {
            last.map_or("nothing received".to_owned(), |at| {
                format!("silent {}", format::age_seconds(now.since(at)))
            })
        };
        let waits = self.streams.iter().any(|stream| stream.state.flowing(now) == Some(false));
        let n = self.incomplete();
        match self.age {
            Age::NotSetUp | Age::Local => (Mark::Idle, "not set up".into()),
            Age::Source(Freshness::Live(_), _) if n > 0 && self.fault_beside_runs().is_none() => {
                let runs = format!("{} run{}", format::count(n), if n == 1 { "" } else { "s" });
                // They are counted for five minutes, and no reason for so long.
                if self.model.holds(PanelId::Events) {
                    (Mark::Warn, format!("{runs} incomplete before"))
                } else {
                    (Mark::Bad, format!("{runs} incomplete in 5 min"))
                }
            }
            Age::Source(Freshness::Live(_), _) if last.is_none() => (Mark::Unknown, "silent".into()),
            Age::Source(Freshness::Live(_), _) if waits => (Mark::Warn, silent()),
            Age::Source(Freshness::Live(_), _) => {
                let counting = self.streams.iter().filter_map(|stream| stream.counting);
                let good = match counting.min_by_key(|watched| watched.had) {
                    // Of the minute that all of it counts over not all was watched.
                    Some(watched) => (Mark::Idle, watched.counting_text()),
                    None if self.streams.iter().any(|stream| stream.state.lacks_runs()) => {
                        (Mark::Unknown, "no run ids".into())
                    }
                    None => (Mark::Good, "all runs whole".into()),
                };
                self.faulty().unwrap_or(good)
            }
            Age::Source(..) => (Mark::Unknown, silent()),
        }
    }

    fn draw_tail(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let focus = &self.model.ui.focus;
        let paused = self.streams.iter().any(|stream| stream.state.tail().paused());
        let rows = self.streams.iter().map(|stream| stream.state.tail().kept()).sum();
        let cursor = focus.cursor(PanelId::Events);
        let selected = focus.panel() == PanelId::Events && paused;
        let top = if paused { cursor.top(Extent { rows, page: usize::from(area.height) }) } else { 0 };
        let lines = self.newest(top + usize::from(area.height));
        // Ids are often short, and often differ at their ends alone.
        let run = lines.iter().map(|(_, line)| width(&line.run)).max().unwrap_or(0).clamp(4, RUN);
        for (((stream, line), at), row) in lines.into_iter().zip(0..).skip(top).zip(0..area.height) {
            if selected && at == cursor.row {
                let y = area.y + row;
                buf.set_style(Rect { y, height: 1, ..area }, ctx.style(Role::Selected));
            }
            self.draw_line(&mut Pen::new(buf, area, row), ctx, (stream, line), run);
        }
    }

    /// The newest lines of all streams, newest first; those of one stream keep their order.
    fn newest(&self, most: usize) -> Vec<(&Stream<'_>, &Line)> {
        let mut lines = Vec::new();
        for stream in &self.streams {
            lines.extend(stream.state.tail().shown().take(most).map(|line| (stream, line)));
        }
        if self.streams.len() > 1 {
            lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.at));
            lines.truncate(most);
        }
        lines
    }

    fn draw_line(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>, (stream, line): (&Stream<'_>, &Line), run: usize) {
        let state = stream.state;
        let at = format::clock_millis(self.model.now.wall_at(line.at));
        pen.put(&at, ctx.style(Role::Muted)).skip(1);
        if let Some(name) = stream.name {
            let cells = (pen.room() / 5).clamp(4, 14);
            pen.cell(name, cells, Align::Left, ctx.style(Role::Muted)).skip(1);
        }
        pen.cell(&cut_middle(&line.run, run), run as u16, Align::Left, ctx.style(Role::Accent)).skip(1);
        let judged = line.ended.filter(|ending| *ending != Ending::Unjudged);
        let story = judged.and_then(|_| state.run(&line.run));
        let took = story.map(|story| format::short(story.last.since(story.began)));
        let (mark, words) = match line.ended {
            None | Some(Ending::Unjudged) => (None, line.detail.to_string()),
            Some(Ending::Whole) => {
                (Some(Mark::Good), story.map_or(String::new(), |story| format!("{} events", story.events)))
            }
            Some(Ending::Incomplete | Ending::TimedOut) => (
                Some(Mark::Bad),
                story.map_or_else(|| "incomplete".to_owned(), crate::domain::event::story::Story::wrong),
            ),
        };
        let bad = mark == Some(Mark::Bad);
        let text = ctx.style(if bad { Role::Bad } else { Role::Text });
        match mark {
            Some(mark) => pen.put(mark.glyph(), ctx.style(mark.role())),
            None => pen.skip(1),
        };
        pen.skip(1);
        // The column is there in every row, so that the words stand under each other.
        let kind = pen.room().min(15).max(pen.room().saturating_sub(29).min(20));
        if let Some(took) = took {
            pen.put_right(&took, ctx.style(Role::Muted)).skip_right(1);
        }
        pen.cell(&line.kind, kind, Align::Left, text).skip(1);
        pen.put(&words, ctx.style(if bad { Role::Bad } else { Role::Muted }));
    }
}

impl Panel for Events<'_> {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let (mark, words) = self.state();
        let title = Title::new("Events", self.age);
        let held: usize = self.streams.iter().map(|stream| stream.state.tail().held_back()).sum();
        if self.streams.iter().any(|stream| stream.state.tail().paused()) {
            // First, so that nothing takes its place: what stands still must not be read as live.
            let paused = title.note(format!("paused, {held} new · "), ctx.style(Role::Warn));
            return paused.state(ctx, mark, words);
        }
        let title = title.state(ctx, mark, words);
        match self.per_second() {
            Some(rate) => title.window(format!("{}/s", format::rate(rate)), ctx.style(Role::Muted)),
            // Its next try is worth more than a rate that is not known.
            None => title,
        }
    }

    fn summary(&self) -> Summary {
        let (mark, words) = self.state();
        let Some(stream) = self.streams.first() else {
            return Summary { mark, words, chart: Chart::None };
        };
        let rate = format::or_unknown(self.per_second(), format::rate);
        let p95 = format::or_unknown(stream.delivery, |d| format::short(Duration::from_micros(d.p95_us)));
        // Over which time they are counted stands in the title, where there is room.
        let words = words.strip_suffix(" in 5 min").unwrap_or(&words);
        let samples = stream.types.first().map_or_else(Vec::new, |kind| coarser(&kind.samples, SPARK));
        Summary {
            mark, words: format!("{rate}/s · p95 {p95} · {words}"), chart: Chart::Spark(samples, None)
        }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let types = |stream: &Stream<'_>| stream.types.len() + 1 + usize::from(stream.name.is_some());
        let types: usize = self.streams.iter().map(types).sum();
        let types = types as u16;
        if types == 0 { (2, 3, true) } else { (types + TAIL, types + 15, true) }
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.streams.is_empty() {
            Pen::new(buf, area, 0).put("No event stream in the config.", ctx.style(Role::Text));
            Pen::new(buf, area, 1).put("[service.events] names one", ctx.style(Role::Muted));
            return;
        }
        let tail = if area.width < NARROW { TAIL / 2 } else { TAIL };
        if area.height.saturating_add(tail) < self.rows().0 {
            // Only at full size on a small screen, where the rates stand in the overview.
            return self.draw_tail(area, buf, ctx);
        }
        let mut row = 0;
        for stream in &self.streams {
            if let Some(name) = stream.name {
                let mut pen = Pen::new(buf, area, row);
                let rate = format::or_unknown(stream.per_second, |rate| format!("{}/s", format::rate(rate)));
                pen.put_right(&rate, ctx.style(Role::Muted)).skip_right(1);
                pen.put(name, ctx.style(Role::Strong));
                row += 1;
            }
            for kind in &stream.types {
                draw_type(&mut Pen::new(buf, area, row), ctx, kind, stream.counting.is_some());
                row += 1;
            }
            let mut pen = Pen::new(buf, area, row);
            counts::draw(&mut pen, ctx, stream);
            row += 1;
        }
        Pen::new(buf, area, row).fill("─", ctx.style(Role::Faint));
        row = (row + 1).min(area.height);
        let rest = Rect { y: area.y + row, height: area.height - row, ..area };
        let empty = self.streams.iter().all(|stream| stream.state.last_event().is_none());
        match self.age {
            Age::Source(Freshness::Live(_), _) if empty => {
                Pen::new(buf, rest, 0).put("Connected, nothing received yet.", ctx.style(Role::Text));
                let first = self.streams.first().and_then(|stream| stream.state.spec()?.first.clone());
                if let Some(first) = first {
                    Pen::new(buf, rest, 1).put(&format!("Expected: {first} first."), ctx.style(Role::Muted));
                }
            }
            Age::Source(..) | Age::Local | Age::NotSetUp => self.draw_tail(rest, buf, ctx),
        }
    }
}

/// How many runs are silent; only so many are told by name.
fn silent(runs: usize) -> String {
    let more = if runs < OpenRuns::MOST_SILENT { "" } else { "+" };
    format!("▲ {runs}{more} silent")
}

fn draw_type(pen: &mut Pen<'_>, ctx: &Ctx<'_>, kind: &Type, counting: bool) {
    // The column of faults is there also while it is empty, so that charts do not move.
    if kind.missing > 0 {
        let words = format!("✗ {} missing", format::count(kind.missing));
        pen.put_right(&format!("{words:>FAULT$}"), ctx.style(Role::Bad));
    } else if kind.silent > 0 {
        pen.put_right(&format!("{:>FAULT$}", silent(kind.silent)), ctx.style(Role::Warn));
    } else {
        pen.skip_right(FAULT as u16);
    }
    let name = pen.room().saturating_sub(12).min(16);
    pen.cell(&kind.name, name, Align::Left, ctx.style(Role::Text));
    let rate = format::or_unknown(kind.rate, |rate| format::count(rate.round() as u64));
    // What was counted for less than a minute is no rate: the title tells for how long.
    let unit = if counting { " seen " } else { " /min " };
    // A cut number is a wrong one: large rates take the room that they need from the chart.
    let cells = width(&rate).max(6) as u16;
    pen.number(&rate, cells, ctx.style(Role::Text)).put(unit, ctx.style(Role::Muted));
    let cells = pen.room().min(SPARK as u16);
    Spark { samples: &kind.samples, limit: None, over: Role::Bad }.draw(pen, ctx, cells);
}
