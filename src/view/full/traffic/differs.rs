//! How a revision runs, and side by side what differs between it and another one.
//!
//! ```text
//! │ runs           as runner@demo · concurrency 80 · request ends after 1h00m · cpu 1 · memory 512Mi            │
//! │ instances      this revision min 1, max 20 · service min 2 in all, divided by percent                       │
//! │ variables      RESUME, KEY (secret key, version latest)                              enter shows values    │
//! │ differs        00418-ral                       00417-hux                                                   │
//! │ image          chat@9f1ce27a                   chat@77aa01b2                                               │
//! ```

use crate::domain::difference::{differences, facts, value};
use crate::domain::format;
use crate::domain::revision::{EnvValue, ServiceScaling};
use crate::domain::{Revision, ServiceIx};
use crate::model::Model;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::sheet::Rows;
use crate::view::widgets::Align;
use crate::view::widgets::text::width;

use super::super::parts::{LABEL, fact, long};

/// Differences told at most.
const MOST: usize = 12;
/// Cells of one side.
const SIDE: u16 = 34;

/// How the revision runs, and its variables by name.
pub(super) fn runs(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    (revision, scaling): (&Revision, &ServiceScaling),
    values: bool,
) {
    let known = facts(revision).into_iter().filter(|(name, value)| {
        *name != "image"
            && !name.starts_with("instances")
            && &**value != format::UNKNOWN
            && !(*name == "sidecars" && &**value == "none")
    });
    // Behind the label.
    let named = |name: &'static str| name.strip_prefix("runs ").unwrap_or(name);
    let known: Vec<String> = known.map(|(name, value)| format!("{} {value}", named(name))).collect();
    let retired = if revision.facts.retired { " · idle, which is normal" } else { "" };
    let width = rows.width();
    long(rows, ctx, ("runs", &format!("{}{retired}", known.join(" · "))), Role::Text, (width, 4));
    let (min, max) = revision.facts.instances;
    let max = max.map_or_else(String::new, |max| format!(", max {max}"));
    let service = scaling.words().unwrap_or_else(|| "not set".to_owned());
    let words = format!("this revision min {}{max} · service {service}", min.unwrap_or(0));
    long(rows, ctx, ("instances", &words), Role::Text, (width, 2));
    if revision.env.is_empty() {
        return;
    }
    let name = |(name, of): (&String, &EnvValue)| match (of, values) {
        (EnvValue::Plain(_), false) => name.clone(),
        _ => format!("{name} ({})", value(name, Some(of), values)),
    };
    let names: Vec<String> = revision.env.iter().map(name).collect();
    let hint = if values { "" } else { " · enter shows values, never of secrets" };
    long(rows, ctx, ("variables", &format!("{}{hint}", names.join(", "))), Role::Text, (width, 4));
}

/// Side by side what differs between the two.
pub(super) fn draw(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    (model, service): (&Model, ServiceIx),
    (one, other): (&Revision, &Revision),
) {
    let found = differences(one, other, model.ui.detail);
    let (a, b) = (model.short_revision(service, &one.name), model.short_revision(service, &other.name));
    if found.is_empty() {
        return fact(rows, ctx, "differs", &format!("in nothing that is known from {b}"), Role::Muted);
    }
    let longest = found.iter().take(MOST).map(|difference| width(&difference.what)).max().unwrap_or(0);
    // As far in as all other values; names that reach beyond that have a column of their own, set off from the labels.
    let longest = longest as u16 + 1;
    let (indent, label) = if longest <= LABEL { (0, LABEL) } else { (2, longest.min(LABEL * 2) + 2) };
    let side = SIDE.min(rows.width().saturating_sub(label) / 2);
    let muted = ctx.style(Role::Muted);
    let mut head = rows.row();
    head.cell("differs", label, Align::Left, muted).cell(a, side, Align::Left, muted).put(b, muted);
    for difference in found.iter().take(MOST) {
        let mut row = rows.row();
        row.skip(indent)
            .cell(&difference.what, label - indent - 1, Align::Left, ctx.style(Role::Text))
            .skip(1);
        row.cell(&difference.one, side.saturating_sub(1), Align::Left, ctx.style(Role::Strong)).skip(1);
        row.put(&difference.other, ctx.style(Role::Text));
    }
    if found.len() > MOST {
        fact(rows, ctx, "", &format!("{} more differ", found.len() - MOST), Role::Muted);
    }
}
