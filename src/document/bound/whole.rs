//! Limits with all that a text says of their time. One that is known by half would trip at once, or twice.

use std::sync::LazyLock;

use super::{Limit, Unread, grammar};
use crate::document::lower;
use crate::document::needles::Needles;
use crate::domain::plan::Comparator;

/// What is used up in a time.
const BURNT: [&str; 8] = ["budget", "burn", "consum", "consomm", "verbrauch", "aufgebraucht", "消耗", "消費"];

static SAYS_BURNT: LazyLock<Needles> = LazyLock::new(|| Needles::of(&BURNT));

/// As [`super::read`], of a text that trips something: no limit whose time is not surely known.
pub(in crate::document) fn read_whole(text: &str) -> (Vec<Limit>, Option<Unread>) {
    let found = grammar::limits(text);
    let times_only = found.limits.iter().all(|limit| super::is_time(&limit.bound.unit));
    if let Some(often) = found.often.filter(|_| times_only) {
        return (vec![often], None);
    }
    if found.limits.is_empty() && found.unread.is_none() {
        let share = found.bare.as_ref().is_some_and(|bare| bare.unit == "%");
        return (Vec::new(), share.then_some(Unread::Side));
    }
    // "About 5 % of errors" does not say what is too much.
    if found.limits.iter().any(|limit| limit.bound.comparator == Comparator::About) {
        return (Vec::new(), Some(Unread::Side));
    }
    let bounds: Vec<_> = found.limits.iter().map(|limit| &limit.bound).collect();
    let lasts = is_only_how_long(text, &found.limits) && found.bare.is_some();
    if !bounds.is_empty()
        && (lasts || grammar::is_lost(&found.spare, &bounds) || is_half_said(text, &found.limits))
    {
        return (Vec::new(), Some(Unread::Time));
    }
    (found.limits, found.unread)
}

/// Whether the only limit is how long something lasts whose own limit is not read: `exceeds the SLO (500ms) for more than 5 min`.
fn is_only_how_long(text: &str, limits: &[Limit]) -> bool {
    let [only] = limits else { return false };
    let before = lower(text.get(..only.at.start).unwrap_or_default());
    super::is_time(&only.bound.unit) && before.trim_end().ends_with(" for")
}

/// Whether the words of `text` tell more of the time than `limits` know.
fn is_half_said(text: &str, limits: &[Limit]) -> bool {
    let lasting = limits.iter().any(|limit| limit.bound.for_seconds.is_some());
    // A change over a time is no state that lasts for it.
    let changed = || {
        limits.iter().any(|limit| {
            limit.bound.baseline.is_some() && limit.bound.for_seconds.is_some() && is_window(text, limit)
        })
    };
    let burnt = || SAYS_BURNT.are_in(text) && limits.iter().any(|limit| lasting && is_window(text, limit));
    // "> 5 % or p99 > 2 s for 10 minutes" may say that of both.
    let of_both = || {
        super::joint(text, limits) == super::Joint::Any
            && limits.last().is_some_and(|last| last.bound.for_seconds.is_some())
            && limits.iter().any(|limit| limit.bound.for_seconds.is_none())
    };
    of_both() || burnt() || changed()
}

/// Whether the time of `limit` is said as one in which something comes about: `in 1 hour`.
fn is_window(text: &str, limit: &Limit) -> bool {
    let own = lower(text.get(limit.at.clone()).unwrap_or_default());
    [" in ", " within ", " innerhalb ", " binnen ", " en ", " em ", " dans "]
        .iter()
        .any(|word| own.contains(word))
}
