//! Every condition of the room, triggers first: its stopwatch, the signal behind it, and what it would mean; then the
//! triggers of documents that people watch.
//!
//! ```text
//! ╭─ Rollback triggers ▲ 1 running ───────────╮╭─ Trigger errors > 5 % ▲ running ───────────────────╮
//! │ ▲ errors > 5 %         6.1 % 02:10 of 05… ││ errors > 5 %                     6.1 %, limit 5 %  │
//! │ ✓ startup failed          ok      at once ││ asks for a rollback when metric.error_rate > 5 %   │
//! ╰───────────────────────────────────────────╯╰────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::condition::Purpose;
use crate::domain::{Accepts, Condition, ConditionSpec, ConditionState, PanelId, format};
use crate::model::Model;
use crate::model::conditions::said::SaidTrigger;
use crate::model::conditions::{
    counted_before, flag_words, is_flag, limit_words, measured_text, progress, stopwatch, tolerance, unclear,
};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::Panel;
use crate::view::room_list;
use crate::view::sheet::Rows;
use crate::view::widgets::{Age, Align, Mark, Pen, Title, gauge, panel as boxed};

mod said;

use super::frame;
use super::parts::{LABEL, chosen, fact, halves, list, long, place, wrapped};

/// Columns of the list of conditions.
const LIST: u16 = 58;

/// A condition with its spec.
type Row<'m> = (&'m ConditionSpec, &'m Condition);

/// A row of the list.
enum Listed<'m> {
    Measured(Row<'m>),
    Said(SaidTrigger<'m>),
}

/// Draws the conditions, and the one under the cursor.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let measured = model.conditions.iter(&model.room).map(Listed::Measured);
    let rows: Vec<Listed<'_>> = measured.chain(model.said_triggers().into_iter().map(Listed::Said)).collect();
    let (left, right) = halves(area, LIST);
    let at = chosen(model, PanelId::Triggers, rows.len());
    let Some(row) = rows.get(at) else {
        let inside = frame(area, buf, ctx, model, panel);
        return panel.draw(inside, buf, ctx);
    };
    let inside = if let Some(left) = left {
        let inside = frame(left, buf, ctx, model, panel);
        list(inside, buf, ctx, (model, PanelId::Triggers), &rows, |pen, row| match row {
            Listed::Measured(row) => draw_row(pen, ctx, *row),
            Listed::Said(row) => said::draw_row(pen, ctx, row),
        });
        let (name, mark, word) = match row {
            Listed::Measured(row) => (format!("{} {}", purpose(row.0), row.0.name), mark(*row), word(*row)),
            Listed::Said(row) => {
                (format!("Trigger {}", row.text), said::mark(row), said::word(row).to_owned())
            }
        };
        let title = Title::new(&name, Age::NotSetUp).state(ctx, mark, word);
        boxed(right, buf, ctx, &title, false)
    } else {
        frame(right, buf, ctx, model, panel)
    };
    let titled = left.is_some();
    match row {
        Listed::Measured(row) => detail(inside, buf, ctx, model, *row, titled),
        Listed::Said(row) => said::detail(inside, buf, ctx, row, titled),
    }
    if !titled {
        place(inside, buf, ctx, "condition", at, rows.len());
    }
}

fn purpose(spec: &ConditionSpec) -> &'static str {
    match spec.purpose {
        Purpose::Trigger => "Trigger",
        Purpose::Criterion => "Criterion",
    }
}

fn mark((spec, state): Row<'_>) -> Mark {
    match state.state {
        ConditionState::Pass => Mark::Good,
        ConditionState::Warn => Mark::Warn,
        ConditionState::Fail if spec.purpose == Purpose::Trigger => Mark::Tripped,
        ConditionState::Fail => Mark::Bad,
        ConditionState::Inconclusive | ConditionState::Accepted => Mark::Idle,
        ConditionState::NoData | ConditionState::Stale => Mark::Unknown,
    }
}

fn word((spec, state): Row<'_>) -> String {
    let word = match state.state {
        ConditionState::Pass => "clear",
        ConditionState::Warn if state.is_running() => "running",
        ConditionState::Warn => "past its warning",
        ConditionState::Fail if state.lost().is_some() && state.so_far.is_some() => {
            return unclear(spec, state);
        }
        ConditionState::Fail if state.lost().is_some() && spec.purpose == Purpose::Trigger => {
            "tripped, not seen now"
        }
        ConditionState::Fail if state.lost().is_some() => "failed, not seen now",
        ConditionState::Fail if state.is_clearing() => "clearing",
        ConditionState::Fail if spec.purpose == Purpose::Trigger => "tripped",
        ConditionState::Fail => "fails",
        ConditionState::Inconclusive => return unclear(spec, state),
        ConditionState::NoData => "no data",
        ConditionState::Stale => "not seen",
        ConditionState::Accepted => "accepted",
    };
    word.to_owned()
}

fn value((spec, state): Row<'_>) -> String {
    match state.state {
        ConditionState::NoData => "no data".to_owned(),
        ConditionState::Stale => format::UNKNOWN.to_owned(),
        ConditionState::Pass if is_flag(spec) => "ok".to_owned(),
        _ if is_flag(spec) => flag_words(spec, state),
        _ => measured_text(spec, state),
    }
}

fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: Row<'_>) {
    let (spec, state) = row;
    let mark = mark(row);
    let watch = if state.is_running() { mark.ink() } else { Role::Muted };
    pen.put_right(&format!("{:>14}", stopwatch(spec, state)), ctx.style(watch)).skip_right(1);
    pen.put_right(&format!("{:>9}", value(row)), ctx.style(mark.ink())).skip_right(1);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    let name = if spec.purpose == Purpose::Trigger { Role::Strong } else { Role::Text };
    pen.put(&spec.name, ctx.style(name));
}

/// All of one condition; `titled`: its name and state stand in the title already.
fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, row: Row<'_>, titled: bool) {
    let (spec, state) = row;
    let told = model.tell(spec, state);
    let mark = mark(row);
    let mut rows = Rows::new(buf, area, 0);
    let shown = if state.is_seen() { told.value.clone() } else { value(row) };
    if !titled {
        let mut head = rows.row();
        head.put_right(&shown, ctx.style(mark.ink()));
        head.put(&spec.name, ctx.style(Role::Strong)).skip(2).put(&word(row), ctx.style(mark.ink()));
    }
    for line in wrapped(&meaning(spec), usize::from(area.width), 3) {
        rows.say(line, ctx.style(Role::Muted));
    }
    rows.skip();
    watch(&mut rows, ctx, row);
    let now = model.now;
    let since = state.since.map(|since| {
        let at = format::clock(since.wall);
        format!("{} for {}, since {at}", word(row), format::age_seconds(now.since(since)))
    });
    fact(&mut rows, ctx, "state", &since.unwrap_or_else(|| format::UNKNOWN.to_owned()), mark.ink());
    let acceptance = model.rulings.acceptance(spec, now.wall);
    if let Some(it) = acceptance {
        let words = format!("{} {}", it.what.words(), it.ruling.words());
        long(&mut rows, ctx, ("accepted", &words), Role::Warn, (area.width, 3));
    }
    fact(&mut rows, ctx, "signal", &spec.signal.name, Role::Accent);
    let source = model.service_name(spec.signal.service);
    fact(&mut rows, ctx, "of", &format!("{source}, panel {}", room_list::name(spec.panel)), Role::Text);
    let seen = if state.is_seen() { mark.ink() } else { Role::Unknown };
    fact(&mut rows, ctx, "value", &shown, seen);
    if !is_flag(spec) {
        fact(&mut rows, ctx, "bad when", &limit_words(spec, spec.fail), Role::Text);
        if let Some(warn) = spec.warn {
            fact(&mut rows, ctx, "warns when", &limit_words(spec, warn), Role::Text);
        }
        if let Some(target) = spec.target {
            fact(&mut rows, ctx, "good when", &limit_words(spec, target), Role::Text);
        }
    }
    if let Some(words) = tolerance(spec, state) {
        fact(&mut rows, ctx, "tolerates", &words, mark.ink());
    }
    let measured = state.measured.map(|at| format!("{} ago", format::age_seconds(now.mono.since(at))));
    let unknown = if state.value.is_some() { "before this console opened" } else { "never" };
    fact(&mut rows, ctx, "measured", measured.as_deref().unwrap_or(unknown), Role::Text);
    if let Some(words) = samples(row) {
        fact(&mut rows, ctx, "samples", &words, Role::Text);
    }
    let whom = model.tell_origin(spec.signal.service, &state.origin);
    fact(&mut rows, ctx, "speaks of", whom.as_deref().unwrap_or("no revision is known"), Role::Text);
    if !told.about.is_empty() {
        long(&mut rows, ctx, ("more", &told.about.join(" · ")), Role::Text, (area.width, 3));
    }
    rows.skip();
    let unwatched = acceptance.is_some_and(|it| it.what == Accepts::Unseen);
    for line in wrapped(consequence(row, unwatched), usize::from(area.width), 3) {
        rows.say(line, ctx.style(Role::Muted));
    }
}

/// How many observations stand behind the value, and how many it takes to say.
fn samples((spec, state): Row<'_>) -> Option<String> {
    let known = state.samples.map(format::count);
    match spec.min_samples {
        0 => known,
        least => {
            let known = known.unwrap_or_else(|| format::UNKNOWN.to_owned());
            Some(format!("{known}, needs {least} to say"))
        }
    }
}

/// The rule as a sentence.
fn meaning(spec: &ConditionSpec) -> String {
    let asks = match spec.purpose {
        Purpose::Trigger => "asks for a rollback",
        Purpose::Criterion => "speaks against going on",
    };
    let bad = if is_flag(spec) {
        spec.name.clone()
    } else {
        format!("{} {}", spec.signal.name, limit_words(spec, spec.fail))
    };
    let bad = match spec.out_of {
        Some(rule) => format!("{bad} in {} of the last {} measurements", rule.bad, rule.last),
        None => bad,
    };
    let time = if spec.sustained.is_zero() {
        "at once".to_owned()
    } else {
        format!("after {} without a break", format::age(spec.sustained))
    };
    let clear = format!("clear again after {}", format::age(spec.clears_after));
    format!("{asks} when {bad}, {time}; {clear}")
}

fn watch(rows: &mut Rows<'_>, ctx: &Ctx<'_>, row: Row<'_>) {
    let (spec, state) = row;
    let role = match mark(row) {
        Mark::Tripped | Mark::Bad => Role::Bad,
        _ => Role::Warn,
    };
    let mut line = rows.row();
    line.cell("stopwatch", LABEL, Align::Left, ctx.style(Role::Muted));
    line.put(&stopwatch(spec, state), ctx.style(if state.is_running() { role } else { Role::Text })).skip(2);
    if !spec.sustained.is_zero() {
        let cells = line.room().min(40);
        gauge(&mut line, ctx, cells, progress(spec, state), role);
    }
    if let Some(before) = counted_before(state) {
        fact(rows, ctx, "", &before, Role::Muted);
    }
}

/// What its state means for the room.
fn consequence((spec, state): Row<'_>, unwatched: bool) -> &'static str {
    match (state.state, spec.purpose) {
        (ConditionState::Fail, _) if state.lost().is_some() => {
            "It stays so until it is seen to be good: silence clears nothing."
        }
        (ConditionState::Fail, Purpose::Trigger) => "It asks; nothing happens by itself.",
        (ConditionState::Fail, Purpose::Criterion) => "While it fails the verdict is NO-GO at best.",
        (ConditionState::Inconclusive, _) if unwatched && state.too_early.is_some() => {
            "Not watched for long enough, and accepted so until that ends: it does not hold the verdict."
        }
        (ConditionState::Inconclusive, _) if state.too_early.is_some() => {
            "Not watched for long enough to say; the verdict waits, or accept it as unwatched."
        }
        (ConditionState::NoData | ConditionState::Stale, _) if unwatched => {
            "Not seen, and accepted so until that ends: it does not hold the verdict; a source that is down still does."
        }
        (ConditionState::NoData | ConditionState::Stale, _) => {
            "Not seen: it neither trips nor clears, and holds the verdict."
        }
        (ConditionState::Inconclusive, _) if state.is_grey() => {
            "Between its target and its limit: neither good nor bad, so the verdict waits, or accept it."
        }
        (ConditionState::Warn, _) if state.is_short() => {
            "Past its warning and short of its target: the verdict waits."
        }
        (ConditionState::Inconclusive, _) if state.value.is_none() => {
            "There is no percentage of a stable revision that is at zero; the verdict waits."
        }
        (ConditionState::Inconclusive, _) => "Too few samples to say; the verdict waits for more.",
        (ConditionState::Accepted, _) => {
            "Bad, and accepted for a while: it speaks neither for going on nor against it."
        }
        (ConditionState::Warn, _) if state.is_running() => "Its stopwatch runs: no GO while it does.",
        (ConditionState::Pass | ConditionState::Warn, _) => "It does not speak against going on.",
    }
}
