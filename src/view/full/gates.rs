//! All gates, and the one under the cursor: what it runs, what it proved, its output as it comes.
//!
//! ```text
//! ╭─ Gates 3/5 ✗ 1 ⠹ 1 ── one at a time ─╮╭─ Gate contract-suite ✗ failed ───── trusted by sam ─╮
//! │ ✗ contract-suite   1 failed   41s ago ││ $ pytest tests/contract -q   in ./api   limit 10:00 │
//! │ ⠹ throughput       00:12 of 05:00     ││ ─────────────────────────────────────────────────── │
//! │ ◦ e2e              never run          ││ 1 failed, 22 passed in 18.41s                       │
//! ╰───────────────────────────────────────╯╰─────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::run::{Ending, Evidence};
use crate::domain::{Clean, PanelId, format};
use crate::model::Model;
use crate::model::gates::{Gate, GateState, Line, Source};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::{Panel, gates};
use crate::view::sheet::Rows;
use crate::view::widgets::text::cut_middle;
use crate::view::widgets::{Age, Align, Mark, Pen, Title, panel as boxed};

use super::parts::{LABEL, chosen, fact, list, long, place, wrapped};
use super::{WIDE, frame};

/// Rows of the output at least, where a small screen shows the gate alone.
const OUTPUT: u16 = 6;
/// Rows of a gate below the list at least.
const BELOW: u16 = 10;

/// Draws the list, and the gate beside it if there is room, or instead of it if it was opened.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let all = model.gates.list();
    let Some(gate) = model.gate_chosen() else {
        let inside = frame(area, buf, ctx, model, panel);
        return panel.draw(inside, buf, ctx);
    };
    if area.width < WIDE && model.ui.detail {
        let title = title(ctx, model, gate);
        let inside = boxed(area, buf, ctx, &title, true);
        detail(inside, buf, ctx, model, gate);
        return place(inside, buf, ctx, "gate", chosen(model, PanelId::Gates, all.len()), all.len());
    }
    let (of_list, of_gate) = parts(area, all.len());
    let inside = frame(of_list, buf, ctx, model, panel);
    list(inside, buf, ctx, (model, PanelId::Gates), all, |pen, gate| gates::row(pen, ctx, model, gate));
    if let Some(of_gate) = of_gate {
        let inside = boxed(of_gate, buf, ctx, &title(ctx, model, gate), false);
        detail(inside, buf, ctx, model, gate);
    }
}

/// Where the list and the gate stand: side by side, or one above the other, or the list alone.
fn parts(area: Rect, gates: usize) -> (Rect, Option<Rect>) {
    if area.width >= WIDE {
        let left = area.width * 9 / 20;
        let right = Rect { x: area.x + left, width: area.width - left, ..area };
        return (Rect { width: left, ..area }, Some(right));
    }
    let rows = u16::try_from(gates).unwrap_or(u16::MAX).saturating_add(2).min(area.height / 2);
    if area.height - rows < BELOW {
        return (area, None);
    }
    let below = Rect { y: area.y + rows, height: area.height - rows, ..area };
    (Rect { height: rows, ..area }, Some(below))
}

fn title<'m>(ctx: &Ctx<'_>, model: &'m Model, gate: &'m Gate) -> Title<'m> {
    let standing = model.gates.standing(gate);
    let trust = match &gate.source {
        Source::Config => "of the config".to_owned(),
        Source::Document(path) => match model.gates.trust().of(path) {
            Some(given) => format!("trusted by {}", given.by),
            None if model.gates.trust().lost(path).is_some() => "changed, not trusted".to_owned(),
            None => "not trusted".to_owned(),
        },
    };
    let title = Title::new("Gate", Age::NotSetUp).state(ctx, gates::marked(&standing), standing.word());
    title.window(trust, ctx.style(Role::Muted))
}

fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, gate: &Gate) {
    let mut rows = Rows::new(buf, Rect { height: area.height.saturating_sub(OUTPUT), ..area }, 0);
    rows.say(&gate.name, ctx.style(Role::Strong));
    let command = Clean::new(&gate.command.text);
    for (at, line) in (0..).zip(wrapped(&command, usize::from(area.width.saturating_sub(2)), 3)) {
        let mut pen = rows.row();
        pen.put(if at == 0 { "$ " } else { "  " }, ctx.style(Role::Muted)).put(line, ctx.style(Role::Accent));
    }
    if !gate.lead.is_empty() {
        let lines: Vec<&str> = gate.lead.iter().map(|lead| lead.text.as_str()).collect();
        fact(&mut rows, ctx, "after", &Clean::new(&lines.join(" ; ").replace('\n', " ")), Role::Accent);
    }
    facts(&mut rows, ctx, model, gate, area.width);
    let used = rows.count().min(area.height.saturating_sub(OUTPUT));
    let below = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
    output(below, buf, ctx, model, gate);
}

fn facts(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, gate: &Gate, width: u16) {
    found(rows, ctx, model, gate, width);
    changed(rows, ctx, model, gate);
    // What is expected is often the item's own text.
    let expected = gate.command.expected.iter().filter(|expected| expected.text != gate.name).take(3);
    for (label, expected) in std::iter::once("expected").chain(std::iter::repeat("")).zip(expected) {
        // The label has the word already.
        let text = expected.text.trim_start_matches(['#', ' ']);
        let bare = text.get(..8).filter(|word| word.eq_ignore_ascii_case("expected"));
        let bare = bare.and_then(|_| text.get(8..)).and_then(|rest| rest.strip_prefix(':')).map(str::trim);
        fact(rows, ctx, label, bare.unwrap_or(text), Role::Muted);
    }
    let limit = if gate.is_endless() { "until stopped".to_owned() } else { format::stopwatch(gate.timeout) };
    let limit = format!(" · limit {limit}");
    let room = usize::from(width.saturating_sub(LABEL)).saturating_sub(limit.len() + 3);
    let dir = Clean::new(&gate.dir.to_string_lossy());
    fact(rows, ctx, "runs", &format!("in {}{limit}", cut_middle(&dir, room)), Role::Muted);
    if let Source::Document(path) = &gate.source {
        let kind = gate.command.kind.to_string().replace('_', " ");
        let words = format!("{path}:{} · {kind}", gate.command.line);
        let shown = cut_middle(&Clean::new(&words), usize::from(width.saturating_sub(LABEL))).into_owned();
        fact(rows, ctx, "stands in", &shown, Role::Muted);
    }
    history(rows, ctx, model, gate);
}

/// What changed under it since it passed.
fn changed(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, gate: &Gate) {
    let labels = std::iter::once("changed").chain(std::iter::repeat(""));
    for (label, change) in labels.zip(model.gates.changes(gate).iter().take(4)) {
        let by = change.commit.as_ref().map_or_else(String::new, |commit| format!(" in {commit}"));
        fact(rows, ctx, label, &Clean::new(&format!("{}{by} · {}", change.path, change.subject)), Role::Warn);
    }
    if let Some(problem) = model.gates.cannot_compare(gate) {
        fact(rows, ctx, "guarded files", problem, Role::Unknown);
    }
}

/// What the newest run found.
fn found(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, gate: &Gate, width: u16) {
    let standing = model.gates.standing(gate);
    let mark = gates::marked(&standing);
    if !standing.why.is_empty() {
        let label = if standing.word() == GateState::Unclear.word() { "to read" } else { standing.word() };
        long(rows, ctx, (label, &standing.why), mark.ink(), (width, 3));
    }
    if let Some(foreign) = model.gates.runs.foreign(&gate.id).filter(|foreign| !foreign.log.is_empty()) {
        return log(rows, ctx, &foreign.log, width);
    }
    // What an older run found is history while a new one goes on.
    let now = standing.state != GateState::Running;
    let Some(past) = standing.last.filter(|_| now) else { return };
    let evidence = &past.evidence;
    if let Some(commit) = &evidence.repository.commit {
        let short: String = commit.chars().take(10).collect();
        let state = match evidence.repository.dirty {
            Some(true) => " and changes that are not committed",
            Some(false) => "",
            None => ", committed or not is not known",
        };
        fact(rows, ctx, "on commit", &format!("{short}{state}"), Role::Text);
    }
    if !evidence.log.is_empty() {
        log(rows, ctx, &evidence.log, width);
    }
    for finding in &evidence.findings {
        fact(rows, ctx, "finding", finding, Role::Warn);
    }
}

/// The file with the output: its end tells it from others.
fn log(rows: &mut Rows<'_>, ctx: &Ctx<'_>, path: &str, width: u16) {
    let shown = cut_middle(path, usize::from(width.saturating_sub(LABEL)));
    fact(rows, ctx, "log", &shown, Role::Muted);
}

fn history(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, gate: &Gate) {
    let labels = std::iter::once("history").chain(std::iter::repeat(""));
    for (label, past) in labels.zip(model.gates.past(&gate.id).iter().rev().take(3)) {
        let outcome = past.evidence.outcome;
        let mark = match outcome {
            crate::domain::run::Outcome::Passed => Mark::Good,
            crate::domain::run::Outcome::Failed | crate::domain::run::Outcome::TimedOut => Mark::Bad,
            _ => Mark::Warn,
        };
        let mut pen = rows.row();
        let took = took(&past.evidence);
        pen.put_right(&format!("{took} {}", past.by), ctx.style(Role::Muted)).skip_right(1);
        pen.cell(label, LABEL, Align::Left, ctx.style(Role::Muted))
            .put(mark.glyph(), ctx.style(mark.role()))
            .skip(1);
        pen.cell(&format::moment(past.at, ctx.now.wall), 13, Align::Left, ctx.style(Role::Muted));
        pen.put(&past.evidence.why, ctx.style(Role::Text));
    }
}

/// How long a run took; nobody knows of one whose end was not seen.
pub(super) fn took(evidence: &Evidence) -> String {
    match evidence.ending {
        Ending::Unseen => "--".to_owned(),
        _ => format::short(std::time::Duration::from_millis(evidence.millis)),
    }
}

/// The output, newest at the bottom, unless it was scrolled; what is looked for stands out.
fn output(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, gate: &Gate) {
    if area.height < 2 {
        return;
    }
    let lines = model.gate_output();
    let matches = model.gate_matches();
    let page = usize::from(area.height - 1);
    // The first page is a whole one.
    let back = model.gates.runs.back.min(lines.len().saturating_sub(page));
    let mut rule = Pen::new(buf, area, 0);
    if back > 0 {
        let words = format!(" {back} below · F follows ");
        rule.put_right(&words, ctx.style(Role::Unknown));
    } else if model.gates.runs.is_running(&gate.id) {
        rule.put_right(" follows ", ctx.style(Role::Muted));
    }
    rule.put("─ ", ctx.style(Role::Faint));
    rule.put(&searched(model, &matches), ctx.style(Role::Muted));
    rule.fill("─", ctx.style(Role::Faint));
    let end = lines.len() - back;
    let from = end.saturating_sub(page);
    for ((at, line), row) in lines.iter().enumerate().skip(from).take(end - from).zip(1..) {
        let mut pen = Pen::new(buf, area, row);
        if model.gates.runs.found == Some(at) {
            pen.fill(" ", ctx.theme.style(Role::Selected));
            pen = Pen::new(buf, area, row);
        }
        match line {
            Line::Said(text) if matches.binary_search(&at).is_ok() => {
                marked(&mut pen, ctx, text, model.gate_search());
                &mut pen
            }
            Line::Said(text) => pen.put(text, ctx.style(ink(text))),
            Line::Skipped(count) => pen.put(
                &format!("… {} lines left out here; see the log …", format::count(*count)),
                ctx.style(Role::Muted),
            ),
        };
    }
    if lines.is_empty() {
        Pen::new(buf, area, 1).put(nothing(model, gate), ctx.style(Role::Muted));
    }
}

/// What is said where no output is shown.
fn nothing(model: &Model, gate: &Gate) -> &'static str {
    let past = model.gates.past(&gate.id).last();
    let foreign = model.gates.runs.foreign(&gate.id);
    match past {
        _ if model.gates.runs.is_running(&gate.id) => "nothing said yet",
        _ if model.gates.runs.is_queued(&gate.id) => "waits for another to end",
        None if foreign.is_some_and(|foreign| !foreign.log.is_empty()) => {
            "it ran in another console: its output is in the log named above"
        }
        None if foreign.is_some() => "it ran in another console",
        None => "no output: it never ran",
        Some(past) if past.evidence.on_terminal => "it had the terminal: its output was not captured",
        Some(_) if model.gates.runs.output(&gate.id).is_some() => "it said nothing",
        Some(past) if past.evidence.log.is_empty() => "it ran in another console",
        Some(_) => "it ran in another console: its output is in the log named above",
    }
}

/// The search and where it stands: `output · "refused" 2 of 5`.
fn searched(model: &Model, matches: &[usize]) -> String {
    let sought = model.gate_search();
    if sought.is_empty() {
        return "output ".to_owned();
    }
    let sought = Clean::new(sought);
    let at = model.gates.runs.found.and_then(|found| matches.binary_search(&found).ok());
    match (at, matches.len()) {
        (_, 0) => format!("output · no \"{sought}\" "),
        (Some(at), count) => format!("output · \"{sought}\" {} of {count} ", at + 1),
        (None, count) => format!("output · \"{sought}\" in {count} "),
    }
}

/// The line, with what is looked for in it standing out.
fn marked(pen: &mut Pen<'_>, ctx: &Ctx<'_>, text: &str, sought: &str) {
    let (lower, sought) = (text.to_lowercase(), sought.to_lowercase());
    // Only where lower case has the same places can they be told.
    let places: Vec<_> =
        if lower.len() == text.len() { lower.match_indices(&sought).collect() } else { Vec::new() };
    let mut from = 0;
    for (at, found) in places {
        let (before, hit) = (text.get(from..at), text.get(at..at + found.len()));
        pen.put(before.unwrap_or_default(), ctx.style(ink(text)));
        pen.put(hit.unwrap_or_default(), ctx.style(Role::Match));
        from = at + found.len();
    }
    pen.put(text.get(from..).unwrap_or_default(), ctx.style(ink(text)));
}

/// What speaks of failure stands out.
fn ink(text: &str) -> Role {
    let bad = text.starts_with("FAILED")
        || text.starts_with("E  ")
        || text.starts_with("error")
        || text.contains("--- FAIL");
    if bad { Role::Bad } else { Role::Text }
}
