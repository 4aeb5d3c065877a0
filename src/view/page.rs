//! Pages to read: the story so far, contacts, doctor, all reasons. Each is a list of lines on one sheet.
//!
//! ```text
//! ╭─ Story so far 3 new since you looked ──────────────────────── 212 records · newest first ─╮
//! │ 14:05:41  ✓ rollback EFFECTIVE: observed 100 % on 00417-hux                          ines │
//! ╰───────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::domain::comparison::Line as Columns;
use crate::domain::{Clean, Record, format};
use crate::model::Model;
use crate::model::copied::{LATE, PAGE, STEP_START, STORY_START};
use crate::model::doctor::Health;
use crate::model::journal::{Folded, Weight};
use crate::model::modal::{Page, Topic};
use crate::model::mouse::Spot;
use crate::model::rehearsal::{Proof, Row};
use crate::theme::Role;

use super::Ctx;
use super::sheet::{Frame, Rows, Stage, open, span, veil};
use super::verdict::whole_parts;
use super::widgets::text::{cut, width};
use super::widgets::{Align, Mark, Pen};

/// Cells of a step's name.
const STEP: u16 = STEP_START as u16 - 4;

/// Draws the page.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, page: &Page) {
    veil(stage, buf, ctx);
    let (left, right) = title(ctx, model, page);
    let size = (stage.screen.width.min(PAGE), stage.body.height.max(12));
    let inside = open(stage, buf, ctx, &Frame { left, right, border: Role::Focus, size });
    let area = inside;
    let rows = model.page_rows(page.topic);
    let top = page.cursor.row.min(rows.saturating_sub(usize::from(area.height)));
    let mut rows = Rows::new(buf, area, u16::try_from(top).unwrap_or(u16::MAX));
    match page.topic {
        Topic::Story => story(&mut rows, ctx, model, page.read_up_to),
        Topic::Contacts => contacts(&mut rows, ctx, model),
        Topic::Doctor => sick(&mut rows, ctx, model),
        Topic::Reasons => reasons(&mut rows, ctx, model),
        Topic::Plan => plan(&mut rows, ctx, model),
        Topic::Rehearsal => rehearsal(&mut rows, ctx, model),
        Topic::Comparison => comparison(&mut rows, ctx, model),
    }
}

fn title(ctx: &Ctx<'_>, model: &Model, page: &Page) -> (Line<'static>, Line<'static>) {
    let head = |words: &'static str| span(ctx, words, Role::Title);
    let muted = |words: String| Line::from(span(ctx, words, Role::Muted));
    match page.topic {
        Topic::Story => {
            let new = model.journal.story().filter(|record| record.seq > page.read_up_to).count();
            let words = if page.read_up_to == 0 {
                " all of it is new to you".to_owned()
            } else {
                format!(" {new} new since you looked")
            };
            let role = if new > 0 { Role::Accent } else { Role::Muted };
            let count = model.journal.story().count();
            let right = muted(format!("{} records · newest first", format::count(count as u64)));
            (Line::from(vec![head("Story so far"), span(ctx, words, role)]), right)
        }
        Topic::Contacts => (Line::from(head("Contacts")), Line::default()),
        Topic::Plan => {
            let right = muted("what was read out of the documents · line, text".to_owned());
            (Line::from(head("Plan")), right)
        }
        Topic::Rehearsal => {
            let right = muted("the path of a rollback, asked as a dry run · nothing is moved".to_owned());
            (Line::from(head("Rehearsal")), right)
        }
        Topic::Comparison => {
            let right = if model.ui.comparison.pairs.is_empty() {
                "on fewer than 20 samples, or what a condition asks for: too few"
            } else if model.ui.comparison.values {
                "values shown, never of secrets · enter hides them"
            } else {
                "names alone · enter shows values, never of secrets"
            };
            let read = model.ui.comparison.read.map(|at| format!("read {} · ", format::clock(at)));
            (Line::from(head("Side by side")), muted(read.unwrap_or_default() + right))
        }
        Topic::Doctor => {
            let (live, all) = model.links.live(ctx.now.mono);
            let right = muted("what is wrong, why, and the next step".to_owned());
            (Line::from(vec![head("Doctor"), span(ctx, format!(" {live}/{all} live"), Role::Text)]), right)
        }
        Topic::Reasons => {
            let verdict = &model.verdicts.now;
            let words = format!(" of {}", verdict.state.word());
            (
                Line::from(vec![head("All reasons"), span(ctx, words, Role::Text)]),
                muted(verdict.act.to_string()),
            )
        }
    }
}

fn story(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, read: u64) {
    let lines = model.journal.folded(usize::MAX);
    if lines.is_empty() {
        return rows.say("Nothing was written yet.", ctx.style(Role::Text));
    }
    let mut rule = read > 0;
    let mut first = true;
    for folded in &lines {
        let record = folded.record;
        if rule && record.seq <= read {
            rule = false;
            // What is below was there when this person looked last.
            if !first {
                let mut line = rows.row();
                line.put("── you have read what is below ", ctx.style(Role::Muted))
                    .fill("─", ctx.style(Role::Faint));
            }
        }
        first = false;
        record_rows(rows, ctx, model, folded, record.seq > read && read > 0);
    }
}

/// A record: when, what in as many rows as it needs, who.
fn record_rows(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, folded: &Folded<'_>, new: bool) {
    let ((weight, _), record) = (model.journal.words(folded.record), folded.record);
    let lines = model.story_lines(folded);
    let ink = ctx.style(if new { Role::Strong } else { Role::Text });
    let mut lines = lines.iter();
    let first = lines.next().map_or("", String::as_str);
    record_row(&mut rows.row(), ctx, (record, weight), (first, model.story_writer()), new);
    for line in lines {
        rows.row().skip(STORY_START as u16).put(line, ink);
    }
}

fn record_row(
    line: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    (record, weight): (&Record, Weight),
    (words, writer): (&str, usize),
    new: bool,
) {
    let (glyph, role) = match weight {
        Weight::Good => ("✓", Role::Good),
        Weight::Warn => ("▲", Role::Warn),
        Weight::Bad => ("✗", Role::Bad),
        Weight::Unknown => ("?", Role::Unknown),
        Weight::Plain => ("◦", Role::Muted),
    };
    let by = if record.role.is_empty() {
        record.by.to_string()
    } else {
        format!("{}, {}", record.by, record.role)
    };
    // A role that does not fit is left out: the name says who.
    let who = cut(if width(&by) < writer { &by } else { &record.by }, writer.saturating_sub(1));
    line.put_right(&who, ctx.style(Role::Muted)).skip_right(1);
    let today = record.at.date_naive() == ctx.now.wall.date_naive();
    let when = if today { format::time_of_day(record.at) } else { format::moment(record.at, ctx.now.wall) };
    line.cell(&when, 13, Align::Left, ctx.style(if new { Role::Accent } else { Role::Muted }));
    line.put(glyph, ctx.style(role)).skip(1);
    line.put(words, ctx.style(if new { Role::Strong } else { Role::Text }));
    if record.late {
        line.put(LATE, ctx.style(Role::Warn));
    }
}

fn plan(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    for line in &model.ui.plan {
        let role = match line.chars().take_while(|c| *c == ' ').count() {
            0 => Role::Strong,
            1..4 => Role::Title,
            _ => Role::Text,
        };
        rows.say(line, ctx.style(role));
    }
}

/// Each service, and below it what was proved of each step of its path.
fn rehearsal(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    for row in model.rehearsal_rows() {
        let (name, proof) = match row {
            Row::Service(name, stands) => {
                let (mark, words) = match stands {
                    Some(true) => (Mark::Good, "could be rolled back now"),
                    Some(false) => (Mark::Bad, "could NOT be rolled back now"),
                    None => (Mark::Unknown, "not known yet"),
                };
                if rows.count() > 0 {
                    rows.skip();
                }
                let mut line = rows.row();
                line.put(mark.glyph(), ctx.style(mark.role())).skip(1);
                line.put(&name, ctx.style(Role::Title)).skip(2).put(words, ctx.style(mark.role()));
                continue;
            }
            Row::Step(name, proof) => (name, proof),
        };
        let (glyph, role) = match &proof {
            Proof::Proved(_) => (Mark::Good.glyph(), Mark::Good.role()),
            Proof::Failed(_) => (Mark::Bad.glyph(), Mark::Bad.role()),
            Proof::Waiting => (Mark::Active.glyph(), Mark::Active.role()),
            Proof::Untold => (Mark::Unknown.glyph(), Mark::Unknown.role()),
            Proof::Told(_) => (" ", Role::Muted),
        };
        for (words, at) in model.proof_lines(&proof).into_iter().zip(0..) {
            let mut line = rows.row();
            let (glyph, name) = if at == 0 { (glyph, name) } else { (" ", "") };
            line.skip(2).put(glyph, ctx.style(role)).skip(1);
            line.cell(name, STEP, Align::Left, ctx.style(Role::Muted)).put(&words, ctx.style(Role::Text));
        }
    }
}

/// What differs, in columns.
fn comparison(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    let cells = model.comparison_cells();
    let comparison = model.comparison();
    let (name, value) = comparison.columns(cells);
    let (name, value) = (name as u16, value as u16);
    for line in comparison.lines(cells) {
        let mut pen = rows.row();
        match line {
            Columns::Sides(one, other) => {
                pen.skip(name).cell(&one, value, Align::Left, ctx.style(Role::Title));
                pen.put(&other, ctx.style(Role::Title));
            }
            Columns::Row { what, one, other } => {
                pen.cell(&what, name, Align::Left, ctx.style(Role::Muted));
                pen.cell(&one, value, Align::Left, ctx.style(Role::Text));
                pen.put(&other, ctx.style(Role::Strong));
            }
            Columns::Group(words) => drop(pen.put(&words, ctx.style(Role::Accent))),
            Columns::Said(words) => drop(pen.put(&words, ctx.style(Role::Muted))),
            Columns::Empty => {}
        }
    }
}

fn contacts(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    let mut link = rows.row();
    link.cell("war room", 20, Align::Left, ctx.style(Role::Muted));
    match &model.room.link {
        Some(url) => link.put(&Clean::new(url), ctx.style(Role::Accent)),
        None => link.put("no link in the config: [room] link = \"https://…\"", ctx.style(Role::Muted)),
    };
    rows.skip();
    if model.room.contacts.is_empty() {
        rows.say("Nobody is named in the config: [[contact]] name, role, reach.", ctx.style(Role::Text));
    }
    for contact in &model.room.contacts {
        let mut line = rows.row();
        line.cell(&Clean::new(&contact.role), 20, Align::Left, ctx.style(Role::Muted));
        line.cell(&Clean::new(&contact.name), 24, Align::Left, ctx.style(Role::Strong)).skip(1);
        line.put(&Clean::new(&contact.reach), ctx.style(Role::Text));
    }
}

fn sick(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    for finding in model.doctor() {
        let mark = match finding.health {
            Health::Live => Mark::Good,
            Health::Wrong => Mark::Warn,
            Health::Down | Health::Stale | Health::Never => Mark::Unknown,
        };
        let mut line = rows.row();
        line.put(mark.glyph(), ctx.style(mark.role())).skip(1);
        line.cell(&finding.name, 30, Align::Left, ctx.style(Role::Strong)).skip(1);
        line.put(&finding.what, ctx.style(if mark == Mark::Good { Role::Muted } else { mark.role() }));
        if finding.health != Health::Live {
            let mut why = rows.row();
            why.skip(2)
                .cell("why", 6, Align::Left, ctx.style(Role::Muted))
                .put(&finding.why, ctx.style(Role::Text));
            let mut next = rows.row();
            next.skip(2).cell("next", 6, Align::Left, ctx.style(Role::Muted));
            next.put(finding.next, ctx.style(Role::Text));
        }
    }
}

fn reasons(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    let reasons = &model.verdicts.now.reasons;
    if reasons.is_empty() {
        rows.say("No reason yet: nothing was seen.", ctx.style(Role::Text));
    }
    let longest = reasons.iter().map(|reason| width(&reason.subject)).max().unwrap_or(0) as u16;
    for (reason, n) in reasons.iter().zip(1..) {
        let mark = Mark::from(reason.kind);
        let since = reason.since.map(|since| ctx.now.since(since));
        let mut line = rows.row();
        ctx.spot(line.rest(), Spot::Reason { index: n - 1 });
        line.put_right(
            &since.map(|age| format!("for {}", format::age_seconds(age))).unwrap_or_default(),
            ctx.style(Role::Muted),
        );
        line.skip_right(1).number(&n.to_string(), 3, ctx.style(Role::Key)).skip(1);
        line.put(mark.glyph(), ctx.style(mark.role())).skip(1);
        let subject = longest.min(line.room() * 2 / 3);
        line.cell(&reason.subject, subject, Align::Left, ctx.style(Role::Text)).skip(2);
        line.put(&reason.value, ctx.style(mark.role())).skip(2);
        let context = whole_parts(&reason.context, usize::from(line.room().saturating_sub(1)));
        line.put(&context, ctx.style(Role::Muted));
    }
}
