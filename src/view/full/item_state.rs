//! How an item stands, as its row shows it: a glyph, and in words who or what, and when.

use crate::domain::{Attestation, Evidence, Item, Meaning, format};
use crate::model::Model;
use crate::model::checklist::ItemState;
use crate::model::gates::GateState;
use crate::theme::Role;
use crate::view::Ctx;

/// A row's parts beside its text.
pub(in crate::view) struct Standing {
    pub(in crate::view) glyph: &'static str,
    pub(in crate::view) mark: Role,
    pub(in crate::view) text: Role,
    /// Who or what, and when; at the right.
    pub(in crate::view) words: String,
    pub(in crate::view) said: Role,
}

/// How `item` stands.
pub(in crate::view) fn standing(ctx: &Ctx<'_>, model: &Model, item: &Item) -> Standing {
    let (glyph, mark, words, said) = match model.checklist.state(item) {
        ItemState::Done(tick) => ("✓", Role::Good, who(ctx, tick, ""), said_by(ctx, model, tick)),
        ItemState::Met(tick) => ("✓", Role::Good, who(ctx, tick, "met, "), said_by(ctx, model, tick)),
        ItemState::NotApplicable(tick) => ("◦", Role::Muted, who(ctx, tick, "n/a, "), Role::Muted),
        ItemState::Waived(tick) => ("▲", Role::Warn, who(ctx, tick, "waived, "), Role::Warn),
        ItemState::Failed(tick) => ("✗", Role::Bad, who(ctx, tick, "failed, "), Role::Bad),
        ItemState::Happened(tick) => ("↺", Role::Bad, who(ctx, tick, "happened, "), Role::Bad),
        ItemState::Lapsed { was, .. } => ("◌", Role::Warn, who(ctx, was, "lapsed, "), Role::Warn),
        ItemState::Measured(proof) => {
            let (glyph, role) = measured(item, proof);
            (glyph, role, proof.value.to_string(), if role == Role::Good { Role::Muted } else { role })
        }
        ItemState::Proposed(proof) => ("☐", Role::Accent, format!("proposed: {}", proof.value), Role::Accent),
        ItemState::Claimed => ("◇", Role::Unknown, "claimed".to_owned(), Role::Unknown),
        ItemState::Struck => ("◦", Role::Muted, "set aside in file".to_owned(), Role::Muted),
        ItemState::NotDue { from } => {
            let due = from.map_or("after T0".to_owned(), |from| format::moment(from, ctx.now.wall));
            ("◦", Role::Muted, format!("due {due}"), Role::Muted)
        }
        ItemState::NotBegun(stage) => ("◦", Role::Muted, format!("in stage {stage}"), Role::Muted),
        ItemState::Replaced(words) => ("◦", Role::Muted, words.to_string(), Role::Muted),
        ItemState::Open => of_gates(ctx, model, item).unwrap_or_else(|| open(model, item)),
    };
    let strong = matches!(mark, Role::Warn | Role::Bad) && item.required;
    Standing { glyph, mark, text: if strong { Role::Strong } else { Role::Text }, words, said }
}

/// What the gates of an open item say, where one did not pass: it was tried, and a person looks at it.
fn of_gates(ctx: &Ctx<'_>, model: &Model, item: &Item) -> Option<(&'static str, Role, String, Role)> {
    let rank = |state| match state {
        GateState::Failed | GateState::TimedOut => 3,
        GateState::Running | GateState::Queued => 2,
        GateState::Stopped | GateState::Unclear | GateState::Unseen | GateState::Orphaned => 1,
        GateState::Never
        | GateState::Passed
        | GateState::Lapsed
        | GateState::Earlier
        | GateState::Refused => 0,
    };
    let gates = model.gates.list().iter().filter(|gate| gate.item() == Some(&item.id) && gate.is_gate());
    let worst = gates.map(|gate| model.gates.standing(gate)).max_by_key(|standing| rank(standing.state))?;
    let age = worst.last.map(|last| (ctx.now.wall - last.at).to_std().unwrap_or_default());
    let ago = age.map_or(String::new(), |age| format!("  {} ago", format::age_seconds(age)));
    let word = worst.word();
    match rank(worst.state) {
        3 => Some(("✗", Role::Bad, format!("gate {word}{ago}"), Role::Bad)),
        2 => Some(("☐", Role::Accent, format!("gate {word}"), Role::Accent)),
        1 => Some(("☐", Role::Warn, format!("gate: {word}{ago}"), Role::Warn)),
        _ => None,
    }
}

fn open(model: &Model, item: &Item) -> (&'static str, Role, String, Role) {
    let overdue = model.checklist.overdue(item).is_some();
    let owner = item.owner.as_deref().unwrap_or_default();
    let asked = match &item.meaning {
        // A role that the text names is not named twice.
        Meaning::SignOff { role: Some(role) } if item.text.contains(&**role) => "sign-off",
        Meaning::SignOff { role: Some(role) } => role,
        Meaning::Trigger | Meaning::Criterion => "ask a person",
        Meaning::Work | Meaning::SignOff { role: None } | Meaning::Claim | Meaning::Later { .. } => owner,
    };
    match (&item.meaning, item.required) {
        (Meaning::Trigger, _) | (Meaning::Criterion, false) => {
            ("?", Role::Unknown, asked.to_owned(), Role::Unknown)
        }
        (_, true) => {
            let gap = if asked.is_empty() { "" } else { "  " };
            let word = if overdue { "required, overdue" } else { "required" };
            ("☐", Role::Warn, format!("{asked}{gap}{word}"), Role::Warn)
        }
        (_, false) if overdue => {
            let gap = if asked.is_empty() { "" } else { "  " };
            ("☐", Role::Warn, format!("{asked}{gap}overdue"), Role::Warn)
        }
        (_, false) => ("☐", Role::Muted, asked.to_owned(), Role::Muted),
    }
}

fn measured(item: &Item, proof: &Evidence) -> (&'static str, Role) {
    match (proof.good, &item.meaning) {
        (None, _) => ("?", Role::Unknown),
        (Some(true), Meaning::Trigger) => ("◦", Role::Muted),
        (Some(true), _) => ("✓", Role::Good),
        (Some(false), Meaning::Trigger) => ("↺", Role::Bad),
        (Some(false), _) => ("✗", Role::Bad),
    }
}

fn who(ctx: &Ctx<'_>, tick: &Attestation, before: &str) -> String {
    let at = if tick.seq.is_some() { format::moment(tick.at, ctx.now.wall) } else { "writing".to_owned() };
    let who = match &tick.signing.approval {
        // The recorder first: cut off, it never reads as the approver's own. The detail says it in full.
        Some(approval) => format!("{} for {}", tick.by, approval.by),
        None => tick.who(),
    };
    format!("{before}{who} {at}")
}

/// Somebody else's is bright for five seconds.
fn said_by(ctx: &Ctx<'_>, model: &Model, tick: &Attestation) -> Role {
    let fresh = ctx.now.wall - tick.at < chrono::TimeDelta::seconds(5);
    let other = *tick.by != *model.room.operator.name;
    if fresh && other { Role::Accent } else { Role::Muted }
}
