//! The last row: the keys that work here and now, read back from the keymap; what was just said takes their place.
//! A line of input is written here too, and the fixed keys of what lies over the panels.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Action, Mark as Said, OpKind, PanelId};
use crate::keymap::hints::{Hint, Place};
use crate::model::Model;
use crate::model::confirm::Stage;
use crate::model::modal::Modal;
use crate::model::prompt::{Against, Begin, Prompt, Purpose};
use crate::theme::Role;

use super::Ctx;
use super::panels::journal::standing;
use super::sheet::field;
use super::widgets::text::{cut, width};
use super::widgets::{Mark, Pen};

/// Draws the hints of `place` in the first row of `area`.
pub fn draw(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, place: Place) {
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1).skip_right(1);
    if let Some(Modal::Prompt(prompt)) = &model.ui.modal {
        return draw_prompt(&mut pen, ctx, prompt);
    }
    let (mark, words) = standing(model);
    if mark == Mark::Bad {
        // Why stands in the journal's own panel; here it must not take the place of the keys.
        let words = words.split(": ").next().unwrap_or_default();
        pen.put_right(&format!("{} journal {words}", mark.glyph()), ctx.style(Role::Bad)).skip_right(2);
    } else if area.width >= 100 {
        let words = format!("journal {} {}", mark.glyph(), model.journal.head());
        let shown = model.dashboard().filter(|_| model.ui.focus.full().is_none());
        let words = shown.map_or(words.clone(), |dashboard| format!("{} · {words}", dashboard.name));
        pen.put_right(&words, ctx.style(Role::Muted)).skip_right(2);
    }
    let keys = model.ui.modal.as_ref().and_then(fixed);
    if let Some(said) = model.ui.said(model.now.mono).filter(|_| keys.is_none()) {
        pen.put(said, ctx.style(Role::Strong)).skip(3);
    }
    if let Some(keys) = keys {
        for (key, label) in keys {
            let cells = width(key) + 1 + width(label);
            if cells <= usize::from(pen.room()) {
                pen.put(key, ctx.style(Role::Key)).skip(1).put(label, ctx.style(Role::Text)).skip(2);
            }
        }
        return;
    }
    let mut hints = ctx.keymap.hints(place);
    hints.retain(|hint| model.can(hint.action));
    put_hints(&mut pen, ctx, &hints);
}

/// As many of the hints as fit. The way back and the way to the rest must not be what does not.
fn put_hints(pen: &mut Pen<'_>, ctx: &Ctx<'_>, hints: &[Hint]) {
    let cells = |hint: &Hint| width(&hint.key) + 1 + width(hint.label) + 2;
    let is_kept = |at: usize, hint: &Hint| hint.action == Action::Back || at + 1 == hints.len();
    let mut kept: usize =
        hints.iter().enumerate().filter(|(at, hint)| is_kept(*at, hint)).map(|(_, hint)| cells(hint)).sum();
    let mut fits = true;
    for (at, hint) in hints.iter().enumerate() {
        if is_kept(at, hint) {
            kept -= cells(hint);
        } else {
            // Behind the last one nothing has to be free.
            fits &= cells(hint) + kept <= usize::from(pen.room()) + 2;
            if !fits {
                continue;
            }
        }
        pen.put(&hint.key, ctx.style(Role::Key)).skip(1).put(hint.label, ctx.style(Role::Text)).skip(2);
    }
}

/// A line of input in place of the hints. What it is about stands above it; its keys are never left out.
fn draw_prompt(pen: &mut Pen<'_>, ctx: &Ctx<'_>, prompt: &Prompt) {
    let (label, does) = match &prompt.purpose {
        Purpose::Note => ("note".to_owned(), "writes it"),
        Purpose::Say(_, Said::Done) => ("tick, note".to_owned(), "ticks it"),
        Purpose::Say(_, mark) => (format!("{}, because", mark.words()), "says it"),
        Purpose::ApprovedBy(_) => ("approved by".to_owned(), "then the link"),
        Purpose::ApprovedLink(_, by) => {
            let by = cut(by, usize::from(pen.room() / 5));
            (format!("approved by {by}, see"), "records it")
        }
        Purpose::Begin(Begin::First) => ("begin a rollout of".to_owned(), "begins it"),
        Purpose::Begin(Begin::Differs) => ("begin a rollout of".to_owned(), "begins it all the same"),
        Purpose::End(outcome) => (format!("rollout {}, note", outcome.words()), "ends it"),
        Purpose::Why(Against::Verdict { state, .. }) => {
            (format!("{}, because", state.word()), "then until when")
        }
        Purpose::Why(Against::Condition { name, .. }) => {
            let name = cut(name, usize::from(pen.room() / 5));
            (format!("accept {name}, because"), "then until when")
        }
        Purpose::Until(..) => ("until (30m, 2h, 14:30)".to_owned(), "records it"),
        Purpose::Stage(act, _) => (format!("{} the stage, because", act.word()), act.word()),
        Purpose::Mute(what) => (format!("mute {what} for"), "mutes it"),
        Purpose::Filter(PanelId::Gates) => ("find in the output".to_owned(), "keeps it"),
        Purpose::Filter(panel) => (format!("filter {panel}"), "keeps it"),
    };
    for (key, label) in [("esc", "leaves"), ("enter", does)] {
        pen.put_right(label, ctx.style(Role::Text)).skip_right(1);
        pen.put_right(key, ctx.style(Role::Key)).skip_right(2);
    }
    let least = pen.room() / 3;
    let label = cut(&label, usize::from(pen.room() - least).saturating_sub(2));
    pen.put(&label, ctx.style(Role::Strong)).skip(2);
    let cells = pen.room();
    field(pen, ctx, prompt.input.value(), Some(prompt.input.cursor()), cells);
}

/// The keys of what takes letters: they cannot be rebound.
fn fixed(modal: &Modal) -> Option<&'static [(&'static str, &'static str)]> {
    Some(match modal {
        Modal::Confirm(confirm) => match confirm.stage {
            Stage::Asking if confirm.word.is_empty() => {
                &[("y", "does it"), ("enter", "cancel"), ("esc", "cancel"), ("tab", "reason")]
            }
            Stage::Asking if matches!(confirm.act, OpKind::Run(_)) => {
                &[("tab", "reason or word"), ("enter", "does what is lit"), ("esc", "cancel")]
            }
            Stage::Asking if matches!(confirm.act, OpKind::Flag(_)) => &[
                ("tab", "reason or word"),
                ("enter", "does what is lit"),
                ("esc", "cancel"),
                ("y", "copy by hand"),
                ("pagedown", "scroll"),
            ],
            Stage::Asking => &[
                ("tab", "reason or word"),
                ("enter", "does what is lit"),
                ("esc", "cancel"),
                ("t", "other target"),
                ("y", "copy by hand"),
                ("pagedown", "scroll"),
            ],
            Stage::Unrecorded { .. } => &[("enter", "does what is lit"), ("esc", "cancel")],
            Stage::Changed { .. } => &[("enter", "reopen"), ("esc", "leave")],
            Stage::Conflict { .. } => &[("enter", "close"), ("esc", "close")],
            // On its way to the journal: there is nothing to do but wait.
            Stage::Journaling { .. } => &[],
        },
        Modal::Help(_) => &[("↑ ↓", "scroll"), ("esc", "clear, close")],
        Modal::Palette(_) => {
            &[("tab", "complete"), ("enter", "run or complete"), ("↑ ↓", "choose"), ("esc", "close")]
        }
        Modal::Trust(_) => &[("y", "trusts them"), ("enter", "cancel"), ("esc", "cancel"), ("↑ ↓", "scroll")],
        Modal::Arrange(arranging) if arranging.adding => {
            &[("↑ ↓", "another panel"), ("enter", "adds it"), ("esc", "does not")]
        }
        Modal::Arrange(_) => &[
            ("tab", "choose"),
            ("← ↑ ↓ →", "move"),
            ("+ -", "height"),
            ("> <", "width"),
            ("a", "add"),
            ("x", "remove"),
            ("s", "save"),
            ("y", "copy"),
            ("esc", "leave"),
        ],
        Modal::Ask(_) => &[("y", "yes"), ("enter", "no"), ("esc", "no")],
        Modal::Prompt(_) | Modal::Page(_) | Modal::Findings(_) | Modal::Progress(_) => return None,
    })
}
