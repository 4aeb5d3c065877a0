//! Items and criteria with numbers.

use std::ops::Range;
use std::sync::LazyLock;

use super::names::measured;
use super::watched;
use super::{behind, kept, stated, timed, unread, whole};
use crate::document::blocks::{Blocks, Kind};
use crate::document::bound::{Cell, Joint, Limit, Unread, cell, joint, read};
use crate::document::items::Items;
use crate::document::lower;
use crate::document::needles::Needles;
use crate::document::outline::Outline;
use crate::document::stages::is_ramp;
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

/// Words before a limit that something is done at.
const ALERTING: [&str; 13] = [
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

static ALERTS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&ALERTING));

/// What the items at these `places` state in numbers, and the rows of triggers that are a person's.
pub(super) fn find(outline: &Outline<'_>, items: &Items, places: Range<usize>) -> (Plan, Vec<u32>) {
    let blocks = outline.blocks;
    let (mut plan, mut by_hand) = (Plan::default(), Vec::new());
    let (mut priorities, mut around) = (Priorities::default(), timed::Around::default());
    let from = places.start;
    for (at, block) in blocks.list.get(places).unwrap_or_default().iter().enumerate() {
        let place = from + at;
        if let Kind::Table { rows, .. } = &block.kind {
            let lines = rows.iter().map(|(line, _)| *line);
            let priority = priorities.of(blocks, block.head);
            by_hand.extend(of_rows(items, lines, &around.of(blocks, place), priority, &mut plan));
            continue;
        }
        let (Kind::Item { text, .. } | Kind::Paragraph(text)) = &block.kind else { continue };
        let Some(item) = items.of_block(place).filter(|item| !item.struck) else { continue };
        // A result that the document reports is no limit, and neither is who signs.
        if matches!(item.meaning, Meaning::SignOff { .. })
            || (item.inferred && item.meaning == Meaning::Claim)
            || is_ramp(&text.plain)
            // "Review held (within 5 days)" says when it is due.
            || (matches!(item.meaning, Meaning::Later { .. }) && window::at_edge(&text.plain).is_some())
        {
            continue;
        }
        // Of a paragraph the item is what it asks for: "Roll back if" leads to it.
        let text: &str = if matches!(block.kind, Kind::Item { .. }) { &text.plain } else { &item.text };
        let trips = item.meaning == Meaning::Trigger || ALERTS.are_in(text);
        let (mut found, unsure) = if trips { whole::read_whole(text) } else { read(text) };
        let (mut found, unsure) = match item.meaning {
            Meaning::Trigger if !found.is_empty() => {
                timed::with(around.of(blocks, place), (std::mem::take(&mut found), unsure))
            }
            _ => (found, unsure),
        };
        let unsure = unsure.filter(|_| found.is_empty());
        found.extend(share(text, item).filter(|_| found.is_empty()));
        if found.is_empty() && unsure.is_none() {
            continue;
        }
        // "Do NOT roll back if": neither what trips nor what is to be met.
        if super::is_taken_back(outline, place) {
            continue;
        }
        if stands_alone(item, joint(text, &found)) && !is_two_in_one(text, &found) {
            each(text, &found, item, priorities.of(blocks, block.head), &mut plan);
        } else {
            plan.findings.push(unread(block.line, text, &Unread::Several));
        }
        let judged = trips || item.meaning == Meaning::Criterion;
        let told = |why: &Unread| match why {
            Unread::Placeholder => true,
            Unread::Range => judged || watched::is_range_of_work(text),
            _ => judged,
        };
        let why = unsure.filter(told);
        plan.findings.extend(why.map(|why| unread(block.line, text, &why)));
    }
    (plan, by_hand)
}

/// What the rows at `lines` state that trip a rollback; the lines of those that are a person's.
fn of_rows(
    items: &Items,
    lines: impl Iterator<Item = u32>,
    told: &timed::Beside,
    priority: Option<u8>,
    plan: &mut Plan,
) -> Vec<u32> {
    let mut by_hand = Vec::new();
    let rows = lines.filter_map(|line| items.of_row(line));
    for item in rows.filter(|item| item.meaning == Meaning::Trigger && !item.struck) {
        let (found, unsure) = timed::with(told.clone(), whole::read_whole(&item.text));
        if stands_alone(item, joint(&item.text, &found)) && !is_two_in_one(&item.text, &found) {
            each(&item.text, &found, item, priority, plan);
        }
        let why = unsure.filter(|_| found.is_empty());
        // Where a row says more than its limit, the limit judges nothing by itself either.
        let says_more = matches!(why, Some(Unread::More(_) | Unread::Several | Unread::Time | Unread::Kept));
        by_hand.extend((says_more || matches!(told, timed::Beside::Above(_))).then_some(item.line));
        plan.findings.extend(why.map(|why| unread(item.line, &item.text, &why)));
    }
    by_hand
}

/// The priority that the headings above give, remembered for the items below one heading.
#[derive(Default)]
struct Priorities {
    last: Option<(Option<usize>, Option<u8>)>,
}

impl Priorities {
    fn of(&mut self, blocks: &Blocks, head: Option<usize>) -> Option<u8> {
        let (_, priority) = self
            .last
            .take_if(|(last, _)| *last == head)
            .unwrap_or_else(|| (head, super::priority(blocks, head)));
        self.last = Some((head, priority));
        priority
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
    is_share.then_some(Limit {
        bound: Bound { comparator: Comparator::AtLeast, ..bare },
        at: 0..end,
        time: None,
        odd: Vec::new(),
    })
}

/// Whether what is limited is itself a number: `Only 1 pod > 1 restart`, or a share of what another limit names.
fn is_two_in_one(text: &str, found: &[Limit]) -> bool {
    let before = found.first().and_then(|limit| text.get(..limit.at.start)).unwrap_or_default();
    let mut words = before.split_whitespace();
    // "Requests > 2 s: less than 1 %" is a share of what the first limit names.
    if let [first, second, ..] = found
        && text.get(first.at.end..second.at.start).is_some_and(|gap| matches!(gap.trim(), ":" | "："))
    {
        return true;
    }
    let only = words.next().is_some_and(|word| matches!(&*word.to_lowercase(), "only" | "just" | "nur"));
    only && words.next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether each limit of `item` decides by itself: all of what is asked for must hold, and any trigger trips.
pub(in crate::document) fn stands_alone(item: &Item, joint: Joint) -> bool {
    match joint {
        Joint::List => true,
        Joint::All => item.meaning != Meaning::Trigger,
        Joint::Any => item.meaning == Meaning::Trigger,
    }
}

/// Why `limit` is not judged: it says what is kept where something trips, or what must not be where it is to be met.
fn against(text: &str, from: usize, limit: &Limit, item: &Item, denied: bool) -> Option<Unread> {
    let acts = || ALERTS.are_in(text.get(from..limit.at.start).unwrap_or_default());
    match item.meaning {
        Meaning::Trigger => kept::is_kept(text, from, limit).then_some(Unread::Kept),
        Meaning::Criterion if watched::is_denied_act(text, limit) => Some(Unread::Shunned),
        Meaning::Criterion if !denied && kept::is_shunned(text, from, limit) && !acts() => {
            Some(Unread::Shunned)
        }
        _ => None,
    }
}

/// A threshold for each limit of the text of `item`.
fn each(text: &str, found: &[Limit], item: &Item, priority: Option<u8>, plan: &mut Plan) {
    let (mut from, mut named) = (0, String::new());
    let judged = matches!(item.meaning, Meaning::Trigger | Meaning::Criterion);
    let parts = whole::shared_out(text, found);
    let common = found.first().filter(|_| parts.is_some()).map(|limit| measured(text, 0, limit));
    for (at, limit) in found.iter().enumerate() {
        let acts = item.meaning == Meaning::Work && !watched::is_of_work(text, limit);
        if acts
            || watched::is_estimate(text, limit)
            || (!judged && watched::is_denied_act(text, limit))
            || (item.meaning == Meaning::Trigger && watched::is_deadline(text, limit))
        {
            continue;
        }
        let denied = item.meaning != Meaning::Trigger && behind::is_denied(text, limit);
        if let Some(why) = against(text, from, limit, item, denied) {
            plan.findings.push(unread(item.line, text, &why));
            from = limit.at.end;
            continue;
        }
        let part = parts.as_ref().and_then(|parts| parts.get(at));
        let name = match (&common, part) {
            (Some(common), Some((part, _))) => format!("{common} {part}"),
            _ => measured(text, from, limit),
        };
        let quantile = behind::quantile(text, limit);
        let between = text.get(from..limit.at.start).unwrap_or_default();
        // "> 5 minutes never happens" says that, and no name; neither does "< 1 s (p95) and < 2 s (p99)".
        let unnamed = (denied && limit.at.start == 0)
            || (at > 0 && quantile.is_some() && behind::names_nothing(between));
        let name = if unnamed { String::new() } else { name };
        let name = behind::with_quantile(if name.is_empty() { &named } else { &name }, &named, quantile);
        // "… < 1 %, alert if above 5 %" is of what stands before.
        let acts =
            ["alert", "alerts", "warn", "warning", "page", "critical", "abort", "rollback", "roll back"];
        if !name.is_empty() && (named.is_empty() || !acts.contains(&name.to_lowercase().as_str())) {
            named = name;
        }
        // "99 % within 1 second" is called so: there is nothing else.
        let all = limit.at.start == 0 && limit.at.end >= text.trim_end().len();
        if named.is_empty() && all && limit.bound.comparator != Comparator::About {
            text.clone_into(&mut named);
        }
        if watched::is_name(&named, between, item) {
            let limit = if denied { &behind::opposite(limit) } else { limit };
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

/// Whether the words before a limit say that it is one at which people are warned: `Warn at`, but not `Warning alerts`.
fn warns(before: &str) -> bool {
    const LEADS: [&str; 24] = [
        "at",
        "if",
        "when",
        "on",
        "above",
        "below",
        "over",
        "under",
        "from",
        "threshold",
        "level",
        "limit",
        "is",
        "for",
        "ab",
        "bei",
        "wenn",
        "ist",
        "schwelle",
        "si",
        "se",
        "à",
        "a",
        "the",
    ];
    static WARNS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&["warn"]));
    if !WARNS.are_in(before) {
        return false;
    }
    let lower = lower(before);
    let mut words = lower.split_whitespace().skip_while(|word| !word.contains("warn"));
    let Some(said) = words.next() else { return false };
    let ends = said.trim_end_matches([':', ',', ';', ')', '-', '–', '—', '>', '<', '≥', '≤', '=', '*']).len()
        < said.len();
    let counted = ["warnings", "warnungen"].iter().any(|word| said.contains(word));
    match words.next() {
        _ if ends => true,
        Some(next) => {
            LEADS.contains(&next.trim_matches(|c: char| !c.is_alphanumeric()))
                || !next.starts_with(char::is_alphabetic)
        }
        None => !counted,
    }
}

/// Which limit stands behind the words `before` in the item `text`.
fn part(before: &str, text: &str, item: &Item) -> Part {
    let halts = || {
        let text = lower(text);
        ["do not ", "don't ", "stop ", "halt "].iter().any(|words| text.starts_with(words))
    };
    if warns(before) {
        Part::Warning
    } else if item.meaning == Meaning::Trigger || ALERTS.are_in(before) || (text.contains(" if ") && halts())
    {
        Part::Critical
    } else {
        Part::Target
    }
}

#[cfg(test)]
mod tests {
    use super::warns;

    #[test]
    fn a_limit_is_a_warning_where_it_says_when_people_are_warned() {
        for before in [
            "Error rate: warn at ",
            "Warning: error rate ",
            "Warn when p95 ",
            "Error rate warning threshold ",
            "warn ",
        ] {
            assert!(warns(before), "{before}");
        }
        for before in ["Warning alerts ", "Open warnings ", "Warning logs per hour ", "Error rate "] {
            assert!(!warns(before), "{before}");
        }
    }

    #[test]
    fn shares_of_traffic_and_estimates_are_no_limits_and_what_is_measured_stays_one() {
        let text = "# R\n\n## Rollout\n1. Deploy the canary, which routes approximately 10% of traffic to it.\n2. Full rollout: 100%\n\n\
                    ## Success criteria\n- full rollout: 100%\n- approximately 10%\n- Delivery rate: 100%\n- CPU: approximately 10%\n\
                    - No increase in error rates after 30 minutes\n- [ ] Never reload while it is volatile (VaR > 1.5%)\n\n\
                    ## Operation\n- [ ] **Never** reload while it is volatile (VaR > 1.5%)\n- [ ] Never exceed 80% CPU\n\n\
                    ## Rollback triggers\n- approximately 10% of users affected\n- Full rollout: 100%\n- Error rate > 5%\n";
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        let lines: Vec<u32> = plan.thresholds.iter().map(|it| it.line).collect();
        assert_eq!(lines, [10, 11, 17, 22], "{:?}", plan.thresholds);
        let parsed: Vec<bool> = plan.triggers.iter().map(|it| it.parsed.is_some()).collect();
        assert_eq!(parsed, [false, false, true]);
        let told = |line: u32| plan.findings.iter().any(|it| it.line == line);
        assert!(told(20) && told(21), "{:?}", plan.findings);
        assert!(told(13), "a limit that is dropped is told: {:?}", plan.findings);
    }
}
