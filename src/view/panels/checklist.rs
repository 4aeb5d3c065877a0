//! Checklist progress by section, what is required and open, gates that ran, and who signed off.
//!
//! ```text
//! ╭─ Checklist 41/52 ▲ 2 required open ──────── local ─╮
//! │ ▲ Testing        ━━━━━━━━━━━━━━━━━━━╸──────    6/8 │
//! │                                                    │
//! │ required and open                                  │
//! │ ☐ QA verification complete                      QA │
//! │                                                    │
//! │ gates                                              │
//! │ ✗ contract-suite  22 of 23                 41s ago │
//! │                                                    │
//! │ sign-off  ✓ engineering lead sam 13:12   ☐ product │
//! ╰────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Document, Item, Meaning, format};
use crate::model::Model;
use crate::model::checklist::{Heading, ItemState, Tally};
use crate::model::gates::{GateState, Standing};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::standing;
use crate::view::widgets::text::{cut, width};
use crate::view::widgets::{Age, Align, Mark, Pen, Title, gauge};

use super::{Chart, Panel, Summary};

/// Sections that the panel asks for room for.
const SECTIONS: usize = 10;
/// Open items, gates and sign-offs that are looked at: more do not fit anyway.
const MOST: usize = 60;
/// Gates that are shown.
const GATES: usize = 3;

pub(super) struct Checklist<'m> {
    model: &'m Model,
    read: bool,
    total: Tally,
    required: usize,
    open: Vec<&'m Item>,
    asking: usize,
    problems: Vec<&'m str>,
    findings: usize,
}

pub(super) fn gather(model: &Model) -> Checklist<'_> {
    let list = &model.checklist;
    let outline = list.listing().outline();
    let [required, others] = list.listing().asking();
    let asking = if required.is_empty() { others } else { required };
    let items = asking.iter().take(MOST).filter_map(|n| outline.item(list.documents(), *n));
    Checklist {
        model,
        read: list.is_read(),
        total: list.listing().total(),
        required: required.len(),
        open: items.map(|(_, item)| item).collect(),
        asking: asking.len(),
        problems: list.problems().iter().map(|problem| &**problem).collect(),
        // While items are looked for, the room in the title is for what was found.
        findings: if model.is_filtered() { 0 } else { found(list.documents()) },
    }
}

impl Checklist<'_> {
    fn mark(&self) -> Mark {
        match self.total {
            _ if !self.problems.is_empty() => Mark::Warn,
            Tally { all: 0, .. } => Mark::Idle,
            Tally { required_open: 1.., .. } | Tally { bad: 1.., .. } => Mark::Warn,
            Tally { required: 0, done, all, .. } if done < all => Mark::Idle,
            _ => Mark::Good,
        }
    }

    /// The headings that fit in `rows`: as deep as they can be told. Of several documents each has its title above them.
    fn sections(&self, rows: usize) -> Vec<(&Heading, Tally)> {
        let listing = self.model.checklist.listing();
        let headings = listing.outline().headings();
        let several = self.model.checklist.documents().len() > 1;
        let at_level = |level: u8| {
            let all = headings.iter().enumerate();
            all.filter(move |(_, heading)| {
                let chapter = several && heading.level == 0;
                let whole = (chapter || heading.level == level) && !heading.all.is_empty();
                whole || (heading.level < level && !heading.own.is_empty())
            })
        };
        let deepest = headings.iter().map(|heading| heading.level).max().unwrap_or_default();
        let least = u8::from(!several).min(deepest);
        let level = (least..=deepest).rev().find(|level| at_level(*level).count() <= rows).unwrap_or(least);
        at_level(level).map(|(at, heading)| (heading, listing.tally(at))).collect()
    }
}

/// How a section stands.
fn mark(tally: Tally) -> Mark {
    match tally {
        Tally { happened: 1.., .. } => Mark::Tripped,
        Tally { required_open: 1.., .. } | Tally { bad: 1.., .. } => Mark::Warn,
        tally if tally.is_finished() => Mark::Good,
        _ => Mark::Idle,
    }
}

/// How far it is; `None` for what is watched and never finished.
fn fraction(tally: Tally) -> Option<f64> {
    let (done, all) = if tally.all > 0 { (tally.done, tally.all) } else { (tally.hold, tally.criteria) };
    (all > 0).then(|| done as f64 / all as f64)
}

impl Panel for Checklist<'_> {
    fn age(&self) -> Age {
        Age::Local
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Checklist", Age::Local);
        let Tally { done, all, required_open, required, .. } = self.total;
        let problems = self.problems.len();
        if all == 0 {
            let word = if self.read { "none" } else { "reading" };
            return if problems > 0 {
                title.state(ctx, Mark::Warn, format!("{problems} unreadable"))
            } else {
                title.note(word, ctx.style(Role::Muted))
            };
        }
        let title = title.note(format!("{done}/{all}"), ctx.style(Role::Text));
        let title = match (problems, required_open, required) {
            (1.., ..) => title.note(format!("▲ {problems} unreadable"), ctx.style(Role::Warn)),
            (0, 1.., _) => title.note(format!("▲ {required_open} required open"), ctx.style(Role::Warn)),
            (0, 0, 1..) => title
                .note("✓", ctx.style(Role::Good))
                .note(format!("{required} required"), ctx.style(Role::Text)),
            (0, 0, 0) => title,
        };
        let title = match self.total.lapsed {
            0 => title,
            lapsed => title.note(format!("◌ {lapsed} lapsed"), ctx.style(Role::Warn)),
        };
        match self.findings {
            0 => title,
            1 => title.note("· 1 finding", ctx.style(Role::Muted)),
            findings => title.note(format!("· {findings} findings"), ctx.style(Role::Muted)),
        }
    }

    fn summary(&self) -> Summary {
        let Tally { done, all, required_open, required, .. } = self.total;
        let words = match (all, required_open, required) {
            (0, ..) if !self.problems.is_empty() => format!("{} unreadable", self.problems.len()),
            (0, ..) => "no document".to_owned(),
            (_, 0, 0) => format!("{done}/{all}"),
            (_, 0, _) => format!("{done}/{all}, all {required} required done"),
            _ => format!("{done}/{all}, {required_open} required open"),
        };
        let role = if done == all && all > 0 { Role::Good } else { Role::Muted };
        Summary { mark: self.mark(), words, chart: Chart::Gauge(fraction(self.total), role) }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let sections = self.sections(SECTIONS).len().clamp(1, SECTIONS) as u16;
        // Room for two open items; what is really open does not move the panels.
        (sections.max(2), sections + 4, true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let mut row = 0;
        for problem in &self.problems {
            Pen::new(buf, area, row).put("▲ ", ctx.style(Role::Warn)).put(problem, ctx.style(Role::Warn));
            row += 1;
        }
        if self.model.checklist.listing().outline().count() == 0 {
            let top = row.min(area.height);
            return draw_empty(Rect { y: area.y + top, height: area.height - top, ..area }, buf, ctx);
        }
        let row = self.draw_sections(area, buf, ctx, row);
        // The empty row between them gives way before an item does.
        let gap = u16::from(area.height > row + 1 + self.asking.clamp(1, 3) as u16);
        let row = self.draw_open(area, buf, ctx, row + gap);
        let row = self.draw_gates(area, buf, ctx, row);
        self.draw_signing(area, buf, ctx, row);
    }
}

impl Checklist<'_> {
    /// From `row` on; answers with the row after them.
    fn draw_sections(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, row: u16) -> u16 {
        // Open items have two rows, and a heading.
        let below = 1 + self.asking.clamp(1, 2) as u16;
        let room = usize::from(area.height.saturating_sub(row + below)).max(2);
        let mut sections = self.sections(room);
        let all = sections.len();
        if all > room {
            // What is done gives way, the last of it first; what remains stands in its order.
            let fits = room - 1;
            let open = sections.iter().filter(|(_, tally)| mark(*tally) != Mark::Good).count();
            let mut done = fits.saturating_sub(open);
            sections.retain(|(_, tally)| {
                let keeps = mark(*tally) != Mark::Good || done > 0;
                done -= usize::from(keeps && mark(*tally) == Mark::Good);
                keeps
            });
            sections.truncate(fits);
        }
        let shown = sections.len();
        let several = self.model.checklist.documents().len() > 1;
        let indent = |heading: &Heading| 2 * u16::from(several && heading.level > 0);
        let each = sections.iter().take(shown);
        let widest =
            each.map(|(heading, _)| width(&heading.name) as u16 + indent(heading)).max().unwrap_or(0);
        for ((heading, tally), at) in sections.iter().take(shown).zip(row..) {
            let ink = if several && heading.level == 0 { Role::Strong } else { Role::Text };
            let name = (&*heading.name, indent(heading), ink);
            draw_section(&mut Pen::new(buf, area, at), ctx, name, widest, *tally);
        }
        if shown < all {
            let more = format!("{} more section{}", all - shown, if all - shown == 1 { "" } else { "s" });
            Pen::new(buf, area, row + shown as u16).put(&more, ctx.style(Role::Muted));
            return row + shown as u16 + 1;
        }
        row + shown as u16
    }

    /// What is required and open, else what is open; from `row` on. Answers with the row after it.
    fn draw_open(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, row: u16) -> u16 {
        if self.asking == 0 {
            let done = format!("✓ {}/{} · nothing left to tick", self.total.done, self.total.all);
            Pen::new(buf, area, row).put(&done, ctx.style(Role::Good));
            return row + 2;
        }
        let head = if self.required > 0 { "required and open" } else { "open, not required" };
        Pen::new(buf, area, row).put(head, ctx.style(Role::Muted));
        let below = u16::from(!self.gates().is_empty()) * 3 + u16::from(self.has_signing()) * 2;
        let left = area.height.saturating_sub(row + 1);
        // What stands below is shown where at least four items are.
        let room = usize::from(if left >= below + 4 { left - below } else { left });
        let shown = if self.asking > room { room.saturating_sub(1) } else { self.asking };
        for (item, at) in self.open.iter().take(shown).zip(row + 1..) {
            let mut pen = Pen::new(buf, area, at);
            let how = standing(ctx, self.model, item);
            let asked = match &item.meaning {
                Meaning::SignOff { role: Some(role) } => Some(role),
                _ => item.owner.as_ref(),
            };
            // Whom it waits for; of what is not just open, what became of it.
            let (said, ink) = match asked {
                _ if how.glyph != "☐" => (how.words.as_str(), how.said),
                Some(asked) => (&**asked, Role::Muted),
                None => ("", Role::Muted),
            };
            let most = usize::from(pen.room() / 3);
            pen.put_right(&cut(said, most), ctx.style(ink)).skip_right(u16::from(!said.is_empty()));
            pen.put(how.glyph, ctx.style(how.mark)).skip(1).put(&item.shown(), ctx.style(Role::Text));
        }
        let mut end = row + 1 + shown as u16;
        if shown < self.asking {
            let more = format!("{} more", self.asking - shown);
            Pen::new(buf, area, end).put(&more, ctx.style(Role::Muted));
            end += 1;
        }
        end + 1
    }

    /// Gates that ran, or run.
    fn gates(&self) -> Vec<(&str, Standing<'_>)> {
        let gates = &self.model.gates;
        let each = gates.list().iter().take(MOST).map(|gate| (&*gate.name, gates.standing(gate)));
        each.filter(|(_, standing)| !matches!(standing.state, GateState::Never | GateState::Refused))
            .take(GATES)
            .collect()
    }

    fn draw_gates(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, row: u16) -> u16 {
        let gates = self.gates();
        if gates.is_empty() || row + 2 > area.height {
            return row;
        }
        Pen::new(buf, area, row).put("gates", ctx.style(Role::Muted));
        let mut end = row + 1;
        for (name, standing) in gates {
            let mut pen = Pen::new(buf, area, end);
            if let Some(last) = standing.last {
                let age = (ctx.now.wall - last.at).to_std().unwrap_or_default();
                pen.put_right(&format!("{} ago", format::age_seconds(age)), ctx.style(Role::Muted))
                    .skip_right(1);
            }
            let mark = gate_mark(standing.state);
            pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
            pen.cell(name, 16.min(pen.room() / 2), Align::Left, ctx.style(Role::Text)).skip(1);
            let words = if standing.why.is_empty() { standing.state.word() } else { &*standing.why };
            pen.put(words, ctx.style(mark.ink()));
            end += 1;
        }
        end + 1
    }

    fn has_signing(&self) -> bool {
        !self.model.checklist.listing().signing().is_empty()
    }

    /// Who signed off, and which roles are asked: as many as one or two rows hold.
    fn draw_signing(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, row: u16) {
        let list = &self.model.checklist;
        let outline = list.listing().outline();
        let items = list.listing().signing().iter().take(MOST);
        let items = items.filter_map(|n| outline.item(list.documents(), *n)).map(|(_, item)| item);
        let items: Vec<&Item> = items.collect();
        let mut at = row;
        let mut pen = Pen::new(buf, area, at);
        for (item, n) in items.iter().zip(0..) {
            let (mark, ink, words) = self.signed(ctx, item);
            let more = |left: usize| format!("+{left} more");
            let last = at + 1 >= area.height;
            // Behind it is room for how many there are more.
            let behind = items.len() - n - 1;
            let kept = if last && behind > 0 { width(&more(behind)) + 2 } else { 0 };
            if n == 0 {
                pen.put("sign-off", ctx.style(Role::Muted)).skip(2);
            } else if usize::from(pen.room()) < width(&words) + 3 + kept {
                if last {
                    pen.put(&more(behind + 1), ctx.style(Role::Muted));
                    return;
                }
                at += 1;
                pen = Pen::new(buf, area, at);
                pen.skip(10);
            }
            pen.put(mark, ctx.style(ink)).skip(1).put(&words, ctx.style(Role::Text)).skip(3);
        }
    }

    fn signed(&self, ctx: &Ctx<'_>, item: &Item) -> (&'static str, Role, String) {
        let name = match &item.meaning {
            Meaning::SignOff { role: Some(role) } => role,
            _ => &item.text,
        };
        let name = cut(name, 24);
        match self.model.checklist.state(item) {
            ItemState::Done(said) => {
                ("✓", Role::Good, format!("{name} {} {}", said.by, format::moment(said.at, ctx.now.wall)))
            }
            ItemState::Lapsed { .. } => ("◌", Role::Warn, name.into_owned()),
            ItemState::Failed(_) => ("✗", Role::Bad, name.into_owned()),
            ItemState::Waived(_) | ItemState::NotApplicable(_) => ("◦", Role::Muted, name.into_owned()),
            _ if item.required => ("☐", Role::Warn, name.into_owned()),
            _ => ("☐", Role::Muted, name.into_owned()),
        }
    }
}

fn gate_mark(state: GateState) -> Mark {
    match state {
        GateState::Passed => Mark::Good,
        GateState::Failed | GateState::TimedOut => Mark::Bad,
        GateState::Running => Mark::Active,
        GateState::Queued | GateState::Never | GateState::Refused => Mark::Idle,
        GateState::Stopped | GateState::Lapsed | GateState::Earlier | GateState::Orphaned => Mark::Warn,
        GateState::Unclear | GateState::Unseen => Mark::Unknown,
    }
}

fn found(documents: &[Document]) -> usize {
    documents.iter().map(|document| document.plan.findings.len()).sum()
}

/// A line of a section; the names of all take `widest` cells, and get up to three fifths of the line.
fn draw_section(
    pen: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    (name, indent, ink): (&str, u16, Role),
    widest: u16,
    tally: Tally,
) {
    let mark = mark(tally);
    let bar = if mark == Mark::Good { Role::Good } else { Role::Muted };
    let least = 15.min(pen.room().saturating_sub(12)).max(8);
    let label = widest.saturating_add(1).clamp(least, least.max(pen.room() * 3 / 5));
    pen.put_right(&format!("{:>6}", tally.words()), ctx.style(Role::Text)).skip_right(1);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.skip(indent).cell(name, label - 1 - indent, Align::Left, ctx.style(ink)).skip(1);
    let cells = pen.room();
    gauge(pen, ctx, cells, fraction(tally), bar);
}

fn draw_empty(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let (key, muted) = (ctx.style(Role::Key), ctx.style(Role::Muted));
    Pen::new(buf, area, 0).put("No document yet.", ctx.style(Role::Text));
    Pen::new(buf, area, 1).put("--checklist FILE.md", key).put("  reads one, unchanged", muted);
    Pen::new(buf, area, 2).put("checklists = [\"…\"]", key).put("  in the config", muted);
}
