//! What an item means: the nearest line above that says anything decides.

use std::sync::LazyLock;

use crate::document::blocks::{Kind, Text};
use crate::document::bound::limits;
use crate::document::marks;
use crate::document::needles::Needles;
use crate::document::outline::{AboveKind, Outline};
use crate::document::topic::{Topic, Topics, normal};
use crate::document::window;
use crate::document::{back_if, beginning};
use crate::domain::{Clean, Meaning};

/// Beginnings of items that are conditions for a rollback wherever they stand.
const IF: [&str; 6] =
    ["rollback if ", "abort if ", "revert if ", "rollback wenn ", "rollback immediately if ", "stop if "];

/// Their words: what has none need not be looked at closely.
static IF_WORDS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&["if ", "wenn ", "if:"]));

/// Words behind which a role stands in an approval.
const APPROVES: [&str; 52] = [
    "approval",
    "approvals",
    "approved",
    "approves",
    "sign",
    "signoff",
    "signed",
    "signs",
    "verification",
    "verified",
    "verifies",
    "review",
    "reviewed",
    "reviews",
    "ready",
    "confirmed",
    "confirms",
    "confirmation",
    "accepts",
    "accepted",
    "acceptance",
    "authorization",
    "authorized",
    "agrees",
    "informed",
    "notified",
    "has",
    "is",
    "freigabe",
    "genehmigung",
    "hat",
    "stimmt",
    "bestatigt",
    "aprobacion",
    "aprovacao",
    "aprueba",
    "aprova",
    "approuve",
    "valide",
    "gives",
    "informiert",
    "zugestimmt",
    "freigegeben",
    "genehmigt",
    "einverstanden",
    "informe",
    "informee",
    "informado",
    "informada",
    "aprobado",
    "aprovado",
    "unterschrieben",
];

/// Words between an approval and who gives it: `Freigabe durch Betrieb`.
const BY: [&str; 6] = ["by", "durch", "par", "por", "von", "de"];

/// Words that say that something is done, and name nobody.
const DONE: [&str; 17] = [
    "complete",
    "completed",
    "done",
    "passed",
    "passing",
    "green",
    "ok",
    "ready",
    "merged",
    "deployed",
    "tested",
    "obtained",
    "received",
    "updated",
    "finished",
    "fertig",
    "erledigt",
];

/// The longest name of a role in a script without spaces, in characters.
const LONGEST_IDEOGRAPHIC: usize = 12;

/// Words that no role begins with.
const NO_ROLE: [&str; 20] = [
    "all", "any", "final", "formal", "written", "obtain", "get", "the", "no", "ensure", "make", "confirm",
    "check", "verify", "update", "notify", "collect", "send", "ask", "wait",
];

/// Words that alone are no role.
const NO_ROLE_ALONE: [&str; 6] = ["change", "rollback", "deployment", "release", "required", "code"];

/// The meaning of the item at `place` with `text`. A heading of results makes a claim only of what is ticked or has no
/// box: an empty box below it is still to be ticked.
pub(super) fn of(outline: &Outline<'_>, place: usize, text: &Text, claimed: bool, has_box: bool) -> Meaning {
    match by_lines_above(outline, place, text, claimed, has_box) {
        Meaning::Work => approver(&text.plain)
            .map_or(Meaning::Work, |role| Meaning::SignOff { role: Some(Clean::new(role)) }),
        meaning => meaning,
    }
}

/// Who approves, where nothing but that is said: `Data lead approves`, `Approved by the data lead`.
fn approver(text: &str) -> Option<&str> {
    const ENDS: [&str; 14] = [
        " approves",
        " signs off",
        " has approved",
        " has signed off",
        " approves the release",
        " gives approval",
        " gibt frei",
        " gibt die freigabe",
        " genehmigt",
        " approuve",
        " aprueba",
        " aprova",
        "批准",
        "が承認",
    ];
    const BEGINS: [&str; 10] = [
        "approved by ",
        "approval by ",
        "approval from ",
        "approval of ",
        "sign-off by ",
        "sign-off from ",
        "signed off by ",
        "freigabe durch ",
        "approbation de ",
        "aprobación de ",
    ];
    static SAYS: LazyLock<Needles> = LazyLock::new(|| Needles::of(ENDS.iter().chain(&BEGINS)));
    // Few texts speak of approvals at all.
    if !SAYS.are_in(text) {
        return None;
    }
    let text = text.trim().trim_end_matches('.');
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    let cut = ENDS.iter().find_map(|end| lower.strip_suffix(end).and_then(|rest| text.get(..rest.len())));
    let begin = || {
        BEGINS.iter().find_map(|begin| lower.starts_with(begin).then(|| text.get(begin.len()..)).flatten())
    };
    let name = cut.or_else(begin)?;
    let name = name.strip_prefix("the ").or_else(|| name.strip_prefix("The ")).unwrap_or(name);
    (is_name(name) && (marks::names_role(name) || !name.is_ascii())).then_some(name)
}

/// Whether `text` says by itself that it asks for a rollback: `Rollback if …`, `If errors exceed 3 %, roll back`. The second without
/// a number may be a step.
pub(super) fn is_condition(text: &str) -> bool {
    let begin = beginning(text, 40);
    if IF_WORDS.are_in(begin) && IF.iter().any(|known| normal(begin).starts_with(known)) {
        return true;
    }
    let digit = text.bytes().any(|byte| byte.is_ascii_digit());
    digit && back_if::condition(text).is_some_and(|condition| !limits(condition).is_empty())
}

/// As the nearest line above that says anything has it.
fn by_lines_above(outline: &Outline<'_>, place: usize, text: &Text, claimed: bool, has_box: bool) -> Meaning {
    if is_condition(&text.plain) {
        return Meaning::Trigger;
    }
    let mut window = None;
    let above = outline.above(place);
    for (n, line) in above.iter().enumerate() {
        let topics = line.topics;
        window = window.or(line.window);
        let outer = || above.iter().skip(n + 1);
        if topics.has(Topic::Plain) {
            return Meaning::Work;
        } else if topics.has(Topic::TakenBack) {
            // It is neither to be done nor to be watched for.
            return Meaning::Later { from_seconds: None, until_seconds: None };
        } else if topics.has(Topic::Trigger)
            || (topics.has(Topic::Bare) && outer().any(|a| a.topics.any(&ROLLBACK)))
        {
            return if is_detail(outline, place) { Meaning::Work } else { Meaning::Trigger };
        } else if topics.has(Topic::Failing) && outer().any(|above| above.topics.any(&CONDITIONS)) {
            return Meaning::Trigger;
        } else if topics.has(Topic::SignOff) && !(n > 0 && line.is_title) {
            return Meaning::SignOff { role: role(text) };
        } else if topics.has(Topic::Criterion) {
            return Meaning::Criterion;
        } else if topics.has(Topic::Before) {
            return Meaning::Work;
        } else if topics.has(Topic::Rollback) || (topics.has(Topic::Aftermath) && !line.is_title) {
            return Meaning::Later { from_seconds: None, until_seconds: None };
        } else if topics.has(Topic::Claim) && (claimed || !has_box) {
            return Meaning::Claim;
        } else if topics.has(Topic::Later) || (line.window.is_some() && is_after(above, n)) {
            let window = window::at_edge(&text.plain)
                .or(window)
                .or_else(|| outer().find_map(|line| line.window))
                .unwrap_or_default();
            return Meaning::Later { from_seconds: window.from, until_seconds: window.until };
        } else if topics.any(&[Topic::Steps, Topic::Open]) || matches!(line.kind, AboveKind::Stage(_)) {
            return Meaning::Work;
        }
    }
    Meaning::Work
}

/// Whether the box at `place` stands below a condition, and is none itself: how it is measured, that it was tried.
fn is_detail(outline: &Outline<'_>, place: usize) -> bool {
    let list = &outline.blocks.list;
    let text_of = |place: usize| match list.get(place).map(|block| &block.kind) {
        Some(Kind::Item { text, .. }) => Some(text),
        _ => None,
    };
    let parent = list.get(place).and_then(|block| block.inside).and_then(text_of);
    let Some((parent, own)) = parent.zip(text_of(place)) else { return false };
    // A parent that only names a group leads to conditions, as does one without a limit where these have some.
    let measured = limits(&parent.plain).is_empty() && !limits(&own.plain).is_empty();
    !parent.introduces() && !measured
}

/// Lines about what is to be met, or to trip: below them may stand what makes it fail.
pub(super) const CONDITIONS: [Topic; 2] = [Topic::Criterion, Topic::Trigger];

/// Lines about rolling back.
pub(super) const ROLLBACK: [Topic; 3] = [Topic::Rollback, Topic::RollbackPlan, Topic::Trigger];

/// Whether a line with a time means a time after the deployment: a line further out says so.
fn is_after(above: &[crate::document::outline::Above], n: usize) -> bool {
    // "Contract (after 7 days)" says it itself.
    let own = above.get(n).and_then(|line| line.window);
    if own.is_some_and(|window| window.from.is_some() && window.until.is_none()) {
        return true;
    }
    let outer = above.iter().skip(n + 1);
    let mut outer = outer.take_while(|line| !matches!(line.kind, AboveKind::Stage(_)));
    outer.any(|line| {
        let after = line.topics.has(Topic::Later) || line.is_afterwards;
        after && !line.topics.any(&[Topic::Before, Topic::Aftermath])
    })
}

/// The role that approves, by the words of an item: "QA verification complete", "**Security lead:** …".
pub(in crate::document) fn role(text: &Text) -> Option<Clean> {
    let plain = text.plain.as_str();
    if let Some((name, _)) = super::labelled(plain)
        && is_name(name)
    {
        return Some(Clean::new(without_name(without_demand(name))));
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let end =
        words.iter().position(|word| APPROVES.contains(&normal(word).split(' ').next().unwrap_or_default()));
    let named = end.and_then(|end| words.get(..end)).map(|words| words.join(" "));
    if let Some(named) = named.filter(|named| is_name(named)) {
        return Some(Clean::new(named.trim_end_matches([',', '-', '–', '—', ' '])));
    }
    let first = words.first().map(|word| normal(word)).unwrap_or_default();
    let articles = ["the", "der", "die", "das", "den", "le", "la", "el", "o"];
    let unarticled: Vec<&str> = words
        .iter()
        .enumerate()
        .filter(|(at, word)| *at != 2 || !articles.contains(word))
        .map(|(_, word)| *word)
        .collect();
    if let [_, by, who @ ..] = unarticled.as_slice()
        && (APPROVES.contains(&first.as_str()) && BY.contains(by))
        && !who.first().is_some_and(|who| who.starts_with('@'))
        && is_name(&who.join(" "))
    {
        return Some(Clean::new(&who.join(" ")));
    }
    if let Some(role) = marks::role(plain) {
        return Some(Clean::new(role));
    }
    // 「セキュリティ担当の承認」, 「運用責任者（佐藤）」
    let short = plain.split_once('（').map_or(plain, |(name, _)| name).trim_end();
    let short = ["の承認", "による承認", "审批", "批准", "签字"]
        .iter()
        .find_map(|end| short.strip_suffix(end))
        .unwrap_or(short);
    let is_ideographic = short.contains(|c| matches!(c, '\u{3040}'..='\u{9fff}'));
    let name = if is_ideographic { short } else { without_demand(plain) };
    // "@diego (líder técnico)"
    let inside = name.strip_suffix(')').and_then(|name| name.strip_prefix('@')?.split_once(" ("));
    let name = inside.map_or(name, |(_, inside)| inside);
    // "Head of admission — Zoë"
    let name =
        [" — ", " – ", " - "].iter().find_map(|dash| name.split_once(dash)).map_or(name, |(name, _)| name);
    // "Privacy @petra"
    let name = name.rsplit_once(" @").filter(|(_, who)| !who.contains(' ')).map_or(name, |(name, _)| name);
    let name = without_name(name);
    is_whole_role(name).then(|| Clean::new(name))
}

/// Without a parenthesis at the end that says who it is: `Engineering (Dana)`.
fn without_name(text: &str) -> &str {
    let cut = text.trim_end().strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let is_name = |inside: &str| {
        let mut words = inside.split_whitespace();
        inside.split_whitespace().count() <= 3
            && words.all(|word| {
                word.starts_with(char::is_uppercase)
                    && word.chars().skip(1).all(|c| c.is_lowercase() || "-.'’".contains(c))
            })
            && !marks::names_role(inside)
    };
    match cut {
        Some((name, inside)) if !inside.is_empty() && is_name(inside) => name.trim_end(),
        _ => text,
    }
}

/// Without a parenthesis at the end that only says whether it is required: `Legal (pending)`.
fn without_demand(text: &str) -> &str {
    let cut = text.trim_end().strip_suffix([')', '）']).and_then(|rest| rest.rsplit_once(['(', '（']));
    match cut {
        Some((name, inside)) if Topics::of(inside).any(&[Topic::Optional, Topic::Required]) => {
            name.trim_end()
        }
        _ => text,
    }
}

/// Whether an entry of a list of approvals is nothing but who approves.
fn is_whole_role(name: &str) -> bool {
    if !name.is_ascii() && name.chars().any(|c| matches!(c, '\u{3040}'..='\u{9fff}')) {
        let said = ["完了", "済", "確認", "完成", "通过", "通過", "レビュー", "承認"]
            .iter()
            .any(|word| name.contains(word));
        return !said && name.chars().count() <= LONGEST_IDEOGRAPHIC;
    }
    let folded = normal(name);
    let said = |word: &str| APPROVES.contains(&word) || DONE.contains(&word) || word.ends_with("iert");
    is_name(name) && !name.contains(|c: char| c.is_ascii_digit()) && !folded.split(' ').any(said)
}

/// Whether a role can be called so.
fn is_name(name: &str) -> bool {
    let folded = normal(name);
    let mut words = folded.split(' ');
    let first = words.next().unwrap_or_default();
    let more = words.count();
    let is_role = !NO_ROLE.contains(&first) && (more > 0 || !NO_ROLE_ALONE.contains(&first));
    !first.is_empty() && more < 4 && is_role
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_what_stands_before_the_approval() {
        let role = |text: &str| {
            role(&Text { plain: Clean::new(text), ..Text::default() }).map(|role| role.to_string())
        };
        for (text, expected) in [
            ("Tech lead approval", Some("Tech lead")),
            ("QA verification complete", Some("QA")),
            ("Platform ready for the rollout", Some("Platform")),
            ("Security: Ines", Some("Security")),
            ("Release manager", Some("Release manager")),
            ("Approved in writing (Product owner)", Some("Product owner")),
            ("Engineering (Dana)", Some("Engineering")),
            ("Operations (EU)", Some("Operations (EU)")),
            ("セキュリティ担当の承認", Some("セキュリティ担当")),
            ("運用責任者（佐藤）", Some("運用責任者")),
            ("Approved by @mira (CTO)", Some("CTO")),
            ("Privacy @petra", Some("Privacy")),
            ("Approved by the CTO", Some("CTO")),
            ("@diego (líder técnico)", Some("líder técnico")),
            ("Jurídico (se aplicável)", Some("Jurídico")),
            ("All approvals obtained", None),
            ("Nothing else to do here today at all", None),
        ] {
            assert_eq!(role(text).as_deref(), expected, "{text}");
        }
    }
}
