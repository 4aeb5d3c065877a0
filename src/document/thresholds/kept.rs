//! What stands below rollback triggers and says what is to be kept: `Error rate must not exceed 1 %`. It trips nothing.

use crate::document::bound::Limit;
use crate::document::lower;
use crate::domain::plan::{Comparator, Relative};

/// Words of a requirement, or of leave.
const ASKED: [&str; 36] = [
    "must not",
    "must stay",
    "must be",
    "must remain",
    "mustn't",
    "may not",
    "shall not",
    "should not",
    "shouldn't",
    "should stay",
    "should be",
    "should remain",
    "are fine",
    "is fine",
    "is acceptable",
    "are acceptable",
    "is tolerated",
    "are tolerated",
    "darf nicht",
    "dürfen nicht",
    "muss unter",
    "ne doit pas",
    "ne doivent pas",
    "doit rester",
    "no debe",
    "no deben",
    "debe ser",
    "não deve",
    "não devem",
    "deve ficar",
    "不得",
    "不能",
    "不应",
    "てはならない",
    "てはいけない",
    "必须",
];

/// Names of which more is worse, where nothing else tells.
const SLOW: [&str; 6] = ["p50", "p90", "p95", "p99", "cpu", "latency"];

/// Whether `limit`, of a trigger's `text`, named from `from` on, is one that is to be kept, or may be.
pub(in crate::document) fn is_kept(text: &str, from: usize, limit: &Limit) -> bool {
    let bound = &limit.bound;
    let words = lower(text);
    if ASKED.iter().any(|asked| words.contains(asked)) && !words.contains("roll") {
        return true;
    }
    let own = lower(text.get(limit.at.clone()).unwrap_or_default());
    let first = own.chars().next();
    let name = lower(text.get(from..limit.at.start).unwrap_or_default());
    let rises = super::names::bad_when_high(&name)
        .or_else(|| SLOW.iter().any(|word| name.contains(word)).then_some(true));
    let relative = !matches!(bound.baseline, None | Some(Relative::Times));
    match bound.comparator {
        // "not more than 5 errors", "up to 5"; "2 or fewer", "≤ 2" are said of what trips.
        Comparator::AtMost if first.is_some_and(char::is_alphabetic) => true,
        Comparator::Below | Comparator::AtMost => !relative && rises == Some(true),
        // "success rate at 95 %" says no side, and "> 95 %" trips while all is well.
        Comparator::Above | Comparator::AtLeast => !relative && rises == Some(false),
        Comparator::Equal | Comparator::About => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::bound::limits;

    #[test]
    fn what_is_to_be_kept_trips_nothing() {
        for (text, wanted) in [
            ("Error rate must not exceed 1 %", true),
            ("Not more than 5 errors", true),
            ("up to 5 errors are fine", true),
            ("CPU < 80% (currently 95%)", true),
            ("p99 < 1s", true),
            ("success rate at 95 %", true),
            ("availability worse than 99 %", true),
            ("Verfügbarkeit bei 99 %", true),
            ("Error rate > 5 %", false),
            ("Error rate exceeds 5 %", false),
            ("success rate drops below 99 %", false),
            ("Erfolgsrate fällt unter 99 %", false),
            ("2 or fewer healthy pods", false),
            ("Healthy pods < 3", false),
            ("Availability drops by more than 5 % against the baseline", false),
        ] {
            let found = limits(text);
            // What has no limit trips nothing, either.
            let kept = found.first().is_none_or(|limit| is_kept(text, 0, limit));
            assert_eq!(kept, wanted, "{text}: {found:?}");
        }
    }
}
