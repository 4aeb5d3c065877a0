//! Items and criteria with numbers.

use std::collections::HashMap;

use super::names::measured;
use super::watched;
use super::{stated, unread};
use crate::document::blocks::{Blocks, Kind};
use crate::document::bound::{Cell, Joint, Limit, Unread, bound, cell, joint, limits};
use crate::document::items::Items;
use crate::document::window;
use crate::domain::plan::{Bound, Comparator, Origin, Plan, Stated, Threshold};
use crate::domain::{Clean, Item, Meaning};

/// Which limit of a threshold a text states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Target,
    Warning,
    Critical,
}

pub(super) fn find(blocks: &Blocks, items: &Items, plan: &mut Plan) {
    let known: HashMap<_, &Item> = items.all().map(|item| (&item.id, item)).collect();
    for (place, block) in blocks.list.iter().enumerate() {
        let Kind::Item { text, .. } = &block.kind else { continue };
        let Some(item) = items.ids.get(&place).and_then(|id| known.get(id)) else { continue };
        // A result that the document reports is no limit, and neither is who signs.
        if matches!(item.meaning, Meaning::SignOff { .. })
            || (item.inferred && item.meaning == Meaning::Claim)
            // "Review held (within 5 days)" says when it is due.
            || (matches!(item.meaning, Meaning::Later { .. }) && window::at_end(&text.plain).is_some())
        {
            continue;
        }
        let text: &str = &text.plain;
        let priority = super::priority(blocks, block.head);
        let mut found = limits(text);
        found.extend(share(text, item).filter(|_| found.is_empty()));
        if stands_alone(item, joint(text, &found)) {
            each(text, &found, item, priority, plan);
        } else {
            plan.findings.push(unread(block.line, text, Unread::Several));
        }
        let judged = matches!(item.meaning, Meaning::Trigger | Meaning::Criterion);
        if let Err(why) = bound(text)
            && (why == Unread::Placeholder || (judged && why != Unread::Several))
        {
            plan.findings.push(unread(block.line, text, why));
        }
    }
}

/// `95 % of orders settled on the day`, as what is asked for: at least that share.
fn share(text: &str, item: &Item) -> Option<Limit> {
    if item.meaning != Meaning::Criterion || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let Cell::Bare(bare) = cell(text) else { return None };
    let end = text.find(['%', '％']).filter(|end| *end < 8)? + 1;
    let is_share = bare.unit == "%" && bare.baseline.is_none() && bare.value >= 50.0;
    is_share.then_some(Limit { bound: Bound { comparator: Comparator::AtLeast, ..bare }, at: 0..end })
}

/// Whether each limit of `item` decides by itself: all of what is asked for must hold, and any trigger trips.
pub(in crate::document) fn stands_alone(item: &Item, joint: Joint) -> bool {
    match joint {
        Joint::List => true,
        Joint::All => item.meaning != Meaning::Trigger,
        Joint::Any => item.meaning == Meaning::Trigger,
    }
}

/// A threshold for each limit of the text of `item`.
fn each(text: &str, found: &[Limit], item: &Item, priority: Option<u8>, plan: &mut Plan) {
    let (mut from, mut named) = (0, String::new());
    for limit in found {
        let acts = item.meaning == Meaning::Work && !watched::is_of_work(text, limit);
        if acts || (item.meaning == Meaning::Trigger && watched::is_deadline(text, limit)) {
            continue;
        }
        let name = Some(measured(text, from, limit)).filter(|name| !name.is_empty());
        named = name.unwrap_or(named);
        if watched::is_name(&named, item) {
            plan.thresholds.push(threshold(text, from, limit, item, (&named, priority)));
        }
        from = limit.at.end;
    }
}

fn threshold(
    text: &str,
    from: usize,
    limit: &Limit,
    item: &Item,
    (name, priority): (&str, Option<u8>),
) -> Threshold {
    let words = text.get(limit.at.clone()).unwrap_or_default();
    let limit_stated = stated(words, limit.bound.clone());
    let part = part(text.get(from..limit.at.start).unwrap_or_default(), text, item);
    let only = |wanted: Part| -> Option<Stated> { (part == wanted).then(|| limit_stated.clone()) };
    Threshold {
        line: item.line,
        name: Clean::new(name),
        target: only(Part::Target),
        warning: only(Part::Warning),
        critical: only(Part::Critical),
        baseline: None,
        priority,
        description: item.text.clone(),
        origin: Origin::Item,
        section: Vec::new(),
        item: Some(item.id.clone()),
    }
}

/// Which limit stands behind the words `before` in the item `text`.
fn part(before: &str, text: &str, item: &Item) -> Part {
    const BAD: [&str; 13] = [
        "alert if",
        "alert when",
        "alert on",
        "alert at",
        "alert:",
        "alert >",
        "page if",
        "page when",
        "roll back if",
        "rollback if",
        "rollback when",
        "abort if",
        "revert if",
    ];
    let (before, text) = (before.to_lowercase(), text.to_lowercase());
    if before.contains("warn") {
        Part::Warning
    } else if item.meaning == Meaning::Trigger
        || BAD.iter().any(|words| before.contains(words))
        || (text.contains(" if ")
            && ["do not ", "don't ", "stop ", "halt "].iter().any(|words| text.starts_with(words)))
    {
        Part::Critical
    } else {
        Part::Target
    }
}
