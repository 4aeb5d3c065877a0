//! The rollback dialog: what would be done, what it leaves behind, what asks for it, and the word.
//!
//! ```text
//! ╭─ ↺ Roll back chat-backend  PRODUCTION  ────────────────────────── target frozen 14:05:09Z · ✓ unchanged ─╮
//! │ to        ✓ 00417-hux   Ready · seen at 100 % for 2d03h until 13:38:55Z · was healthy at 100 %           │
//! │           t others: 00416-pon, 00415-qes not Ready                                                       │
//! │ traffic               now                                        after                                   │
//! │           00417-hux   ━━━━━━━━━━━━━━━━━━━━━╸──   90 %        →   ━━━━━━━━━━━━━━━━━━━━━━━━  100 %         │
//! │ request   PATCH /v2/projects/…/services/chat-backend?updateMask=traffic                                  │
//! │ by hand   gcloud run services update-traffic chat-backend …                                     y copies │
//! │ Will not roll back                                                                                       │
//! │ What asks for it                                                                                     for │
//! ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::domain::revision::suffix;
use crate::domain::{OpKind, Reason, ReasonKind, TrafficChange, TrafficTarget, format};
use crate::model::Model;
use crate::model::confirm::{Confirm, Target};
use crate::model::group::Asked;
use crate::model::rollback::Knowledge;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::{Rows, Stage, badge, span, veil};
use crate::view::verdict::{first_parts, whole_parts};
use crate::view::widgets::text::{cut_words, whole_ones, width};
use crate::view::widgets::{Align, Mark, gauge};

use super::asking::{self, LABEL};
use super::body::{self, Around};
use super::by_hand;
use super::request::{self, SUBJECT};

/// Cells of the bars.
const BAR: u16 = 24;

/// What is drawn: the room, the dialog, and the change it would make.
#[derive(Debug, Clone, Copy)]
struct Shown<'a> {
    model: &'a Model,
    confirm: &'a Confirm,
    change: &'a TrafficChange,
}

/// Draws the dialog for `change`.
pub fn draw(
    stage: Stage,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    (model, confirm): (&Model, &Confirm),
    change: &TrafficChange,
) {
    veil(stage, buf, ctx);
    let shown = Shown { model, confirm, change };
    let around = Around {
        left: shown.title(ctx),
        right: asking::frozen(ctx, model, confirm),
        border: shown.border(),
        words: asking::Words { to: shown.purpose(ctx), button: shown.words().button },
    };
    body::draw(stage, buf, ctx, confirm, around, &|rows, tall| shown.body(rows, ctx, tall));
}

/// What the dialog says of its act.
struct ActWords {
    glyph: &'static str,
    title: &'static str,
    button: &'static str,
    /// Over the warnings.
    beside: &'static str,
    /// Over the verdict's reasons.
    reasons: &'static str,
}

impl Shown<'_> {
    fn words(&self) -> ActWords {
        match &self.confirm.act {
            OpKind::Traffic(change) => {
                let whole = change.after.iter().any(|target| target.percent == 100);
                let (title, button) = match (change.moves(), whole) {
                    (false, _) => ("Tag ", "Change the tag"),
                    (true, true) if change.follows_latest() => ("Back to latest ", "Follow the latest"),
                    (true, true) if self.model.goes_forward(change) => ("Roll forward ", "Roll forward"),
                    (true, _) => ("Shift traffic ", "Shift traffic"),
                };
                ActWords {
                    glyph: "▲ ",
                    title,
                    button,
                    beside: "What goes with it",
                    reasons: "What the room says",
                }
            }
            OpKind::Rollback(_) | OpKind::Flag(_) | OpKind::Run(_) => ActWords {
                glyph: "↺ ",
                title: "Roll back ",
                button: "Roll back",
                beside: "Will not roll back",
                reasons: "What asks for it",
            },
        }
    }

    fn border(&self) -> Role {
        if matches!(self.confirm.act, OpKind::Traffic(_)) { Role::Warn } else { Role::Bad }
    }

    fn title(&self, ctx: &Ctx<'_>) -> Line<'static> {
        let service = self.model.room.service(self.change.service);
        let name = service.map_or("", |service| service.name.as_str());
        let group = self.confirm.group.as_ref().map(|group| match group.members.len() {
            1 => format!("group {} (only {name})", group.name),
            all => format!("group {} ({all} services, first {name})", group.name),
        });
        let name = group.as_deref().unwrap_or(name);
        let mut line = Line::from(vec![
            span(ctx, self.words().glyph, self.border()),
            span(ctx, self.words().title, Role::Title),
            span(ctx, name.to_owned(), Role::Strong),
        ]);
        if let Some(badge) = badge(ctx, &self.model.room.environment) {
            line.push_span(" ");
            line.push_span(badge);
        }
        line
    }

    fn purpose(&self, ctx: &Ctx<'_>) -> Line<'static> {
        let environment = &self.model.room.environment;
        let share =
            self.change.after.iter().filter(|target| target.revision.as_ref() == Some(&self.change.to));
        let share: u16 = share.map(|target| u16::from(target.percent)).sum();
        if let Some(group) = &self.confirm.group {
            let words = match group.members.len() {
                1 => "roll back 1 service".to_owned(),
                all => format!("roll back {all} services, one after the other"),
            };
            return Line::from(span(ctx, words, Role::Text));
        }
        if !self.change.moves() {
            return Line::from(span(ctx, self.model.shift_words(self.change), Role::Text));
        }
        let how_much = if share < 100 && !self.change.follows_latest() {
            format!("send {share} % of ")
        } else {
            "send all ".to_owned()
        };
        let mut line = Line::from(span(ctx, how_much, Role::Text));
        if environment.production {
            line.push_span(span(ctx, format!("{} ", environment.name.to_uppercase()), Role::Prod));
        }
        let to = self.short(&self.change.to);
        let to = if self.change.follows_latest() {
            "traffic to the latest".to_owned()
        } else {
            format!("traffic to {to}")
        };
        line.push_span(span(ctx, to, Role::Text));
        line
    }

    /// A revision's name without the service's.
    fn short(&self, revision: &str) -> String {
        let service = self.model.room.service(self.change.service);
        let cloud = service.and_then(|service| service.cloud_run.as_ref());
        cloud.map_or(revision, |cloud| suffix(&cloud.service, revision)).to_owned()
    }

    fn body(&self, rows: &mut Rows<'_>, ctx: &Ctx<'_>, tall: bool) {
        let gap = |rows: &mut Rows<'_>| {
            if tall {
                rows.skip();
            }
        };
        gap(rows);
        if let Some(group) = &self.confirm.group {
            self.members(rows, ctx, group, tall);
        } else {
            self.target(rows, ctx);
            self.against(rows, ctx);
            gap(rows);
            self.traffic(rows, ctx);
            gap(rows);
            request::draw(rows, ctx, self.model, &self.confirm.act, &self.confirm.dry_run);
            by_hand::draw(rows, ctx, &self.confirm.act, "y", " copies");
        }
        gap(rows);
        rows.say(self.words().beside, ctx.style(Role::Strong));
        for note in &self.confirm.notes {
            request::note(rows, ctx, note);
        }
        gap(rows);
        let all = self.model.verdicts.now.reasons.iter().filter(|reason| reason.kind != ReasonKind::Holding);
        let all: Vec<&Reason> = all.collect();
        let elsewhere = self.model.asks_elsewhere(self.change.service);
        let nothing = match elsewhere.and_then(|ix| self.model.room.service(ix)) {
            Some(other) => &*format!("nothing: what is told asks for {}", other.name),
            None if all.is_empty() => "nothing: all conditions that can be seen hold",
            None => "nothing: what is told is good again, or no better there",
        };
        let asking = match &self.confirm.act {
            OpKind::Rollback(change) if self.confirm.group.is_none() => {
                self.model.asks_for(change.service, &change.to).0
            }
            OpKind::Rollback(_) => self.model.asks_anywhere(),
            OpKind::Traffic(_) | OpKind::Flag(_) | OpKind::Run(_) => all,
        };
        evidence(rows, ctx, &asking, (self.words().reasons, nothing));
    }

    /// What is no better on the target: it may help nothing to go there.
    fn against(&self, rows: &mut Rows<'_>, ctx: &Ctx<'_>) {
        let OpKind::Rollback(change) = &self.confirm.act else { return };
        let against = self.model.asks_for(change.service, &change.to).1;
        if against.is_empty() {
            return;
        }
        let subjects: Vec<&str> = against.iter().map(|reason| reason.subject.as_str()).collect();
        let words = format!("{} is no better: {}", self.short(&change.to), subjects.join(", "));
        let cells = usize::from(rows.width().saturating_sub(LABEL + 2));
        for (words, at) in wrapped(&words, cells, 3).into_iter().zip(0..) {
            let glyph = if at == 0 { Mark::Warn.glyph() } else { " " };
            rows.row()
                .skip(LABEL)
                .put(glyph, ctx.style(Role::Warn))
                .skip(1)
                .put(words, ctx.style(Role::Warn));
        }
    }

    /// Each of a group: where it goes, its split before and after, its request and the line that does it by hand.
    fn members(&self, rows: &mut Rows<'_>, ctx: &Ctx<'_>, group: &Asked, tall: bool) {
        for (member, at) in group.members.iter().zip(1..) {
            let OpKind::Rollback(change) = &member.act else { continue };
            let shown = Shown { change, ..*self };
            if at > 1 && tall {
                rows.skip();
            }
            let (glyph, role) = known(member.target.knowledge);
            let mut line = rows.row();
            line.put(&format!("{at}. "), ctx.style(Role::Muted));
            line.put(&self.model.service_name(change.service), ctx.style(Role::Title)).skip(3);
            line.put("to ", ctx.style(Role::Muted)).put(glyph, ctx.style(role)).skip(1);
            line.put(&shown.short(&change.to), ctx.style(Role::Strong)).skip(3);
            let about = whole_parts(&member.target.about, usize::from(line.room()));
            line.put(&about, ctx.style(Role::Text));
            shown.traffic(rows, ctx);
            request::draw(rows, ctx, self.model, &member.act, &member.dry_run);
            let (key, words) = if at == 1 { ("y", " copies all") } else { ("", "") };
            by_hand::draw(rows, ctx, &member.act, key, words);
        }
    }

    fn target(&self, rows: &mut Rows<'_>, ctx: &Ctx<'_>) {
        let targets = &self.confirm.targets;
        let rows_width = rows.width();
        let mut line = rows.row();
        line.cell("to", LABEL, Align::Left, ctx.style(Role::Muted));
        let chosen = targets.get(self.confirm.chosen);
        let (glyph, role) = chosen.map_or(("→", Role::Muted), |target| known(target.knowledge));
        line.put(glyph, ctx.style(role))
            .skip(1)
            .put(&self.short(&self.change.to), ctx.style(Role::Strong))
            .skip(3);
        let about = if self.change.follows_latest() {
            "now, and each later revision once it is ready"
        } else {
            targets.get(self.confirm.chosen).map_or("", |target| &*target.about)
        };
        let cells = usize::from(rows_width.saturating_sub(LABEL + 5))
            .saturating_sub(width(&self.short(&self.change.to)));
        let beside = first_parts(about, cells);
        line.put(&cut_words(beside, cells), ctx.style(Role::Text));
        let rest = about.get(beside.len()..).unwrap_or_default().trim_start_matches(" · ");
        for words in wrapped(rest, usize::from(rows_width.saturating_sub(LABEL)), 3) {
            rows.row().skip(LABEL).put(words, ctx.style(Role::Text));
        }
        let others = targets.iter().enumerate().filter(|(at, _)| *at != self.confirm.chosen).take(3);
        let others: Vec<String> = others
            .map(|(_, target)| {
                let ready = target.about.split(" · ").next().unwrap_or_default();
                let why = target.why_not.as_ref().map_or(ready, |why| why.as_str());
                format!("{} {why}", self.short(&target.revision)).trim_end().to_owned()
            })
            .collect();
        if targets.is_empty() {
            return;
        }
        let mut line = rows.row();
        line.skip(LABEL);
        if others.is_empty() {
            line.put("no other revision", ctx.style(Role::Muted));
        } else {
            let free = |(at, target): (usize, &Target)| at != self.confirm.chosen && target.why_not.is_none();
            if targets.iter().enumerate().any(free) {
                line.put("t ", ctx.style(Role::Key));
            }
            line.put("others: ", ctx.style(Role::Muted));
            line.put(&whole_ones(&others, usize::from(line.room())), ctx.style(Role::Muted));
        }
    }

    fn traffic(&self, rows: &mut Rows<'_>, ctx: &Ctx<'_>) {
        let shares = shares(self.change);
        let names: Vec<String> = shares.iter().map(|(name, ..)| self.short(name)).collect();
        let name = names.iter().map(|name| width(name)).max().unwrap_or(0).clamp(9, 24) as u16 + 3;
        let mut head = rows.row();
        head.cell("traffic", LABEL + name, Align::Left, ctx.style(Role::Muted));
        let bar = BAR.min(head.room().saturating_sub(27) / 2);
        head.cell("now", bar + 19, Align::Left, ctx.style(Role::Muted)).put("after", ctx.style(Role::Muted));
        for ((full, before, after), short) in shares.iter().zip(&names) {
            let mut line = rows.row();
            line.skip(LABEL).cell(short, name, Align::Left, ctx.style(Role::Text));
            let now = if *full == self.change.to { Role::Muted } else { Role::Accent };
            gauge(&mut line, ctx, bar, Some(f64::from(*before) / 100.0), now);
            line.number(&format::percent_whole(*before), 7, ctx.style(Role::Text));
            line.skip(8).put("→", ctx.style(Role::Muted)).skip(3);
            gauge(&mut line, ctx, bar, Some(f64::from(*after) / 100.0), Role::Good);
            line.number(&format::percent_whole(*after), 7, ctx.style(Role::Strong));
        }
    }
}

/// The glyph of what the room knows of a target.
fn known(knowledge: Knowledge) -> (&'static str, Role) {
    let mark = match knowledge {
        Knowledge::Healthy => Mark::Good,
        Knowledge::Unhealthy => Mark::Bad,
        Knowledge::Served | Knowledge::Opened | Knowledge::Audited | Knowledge::Nothing => Mark::Unknown,
    };
    (mark.glyph(), mark.role())
}

/// Each revision with its share before and after, the target first.
fn shares(change: &TrafficChange) -> Vec<(String, u8, u8)> {
    // The latest is the target itself when it is what is asked for.
    let latest = change.follows_latest().then_some(change.to.as_str());
    let of = |split: &[TrafficTarget], name: Option<&str>| {
        let targets = split.iter().filter(|target| target.revision.as_deref().or(latest) == name);
        targets.fold(0_u8, |sum, target| sum.saturating_add(target.percent))
    };
    let mut names: Vec<Option<&str>> = vec![Some(&change.to)];
    for target in change.before.iter().chain(&change.after).filter(|target| target.percent > 0) {
        let name = target.revision.as_deref().or(latest);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let share = |name: Option<&str>| {
        (name.unwrap_or("the latest").to_owned(), of(&change.before, name), of(&change.after, name))
    };
    names.into_iter().map(share).collect()
}

/// The reasons of the verdict that ask for it, each with how long it stands.
fn evidence(rows: &mut Rows<'_>, ctx: &Ctx<'_>, asking: &[&Reason], (head_words, nothing): (&str, &str)) {
    let mut head = rows.row();
    head.put_right("for", ctx.style(Role::Muted)).put(head_words, ctx.style(Role::Strong));
    let asking = asking.iter().take(5);
    if asking.len() == 0 {
        rows.row().put("◦ ", ctx.style(Role::Muted)).put(nothing, ctx.style(Role::Muted));
    }
    let longest = asking.clone().map(|reason| width(&reason.subject)).max().unwrap_or(0) as u16;
    for reason in asking {
        let mark = Mark::from(reason.kind);
        let since = reason.since.map(|since| ctx.now.since(since));
        let mut line = rows.row();
        let subject = (SUBJECT - 2).min(line.room() * 2 / 5).max(longest.min(line.room() / 2));
        line.put_right(&format::or_unknown(since, format::age_seconds), ctx.style(Role::Muted)).skip_right(1);
        line.put(mark.glyph(), ctx.style(mark.role())).skip(1);
        line.cell(&reason.subject, subject, Align::Left, ctx.style(Role::Text)).skip(1);
        line.put(&reason.value, ctx.style(mark.role())).skip(2);
        let context = whole_parts(&reason.context, usize::from(line.room().saturating_sub(1)));
        line.put(&context, ctx.style(Role::Muted));
    }
}
