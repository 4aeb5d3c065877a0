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
    // "99 % Verfügbarkeit unterschritten": what it is of stands behind.
    let name = if name.chars().any(char::is_alphabetic) { name } else { words };
    let rises = super::names::bad_when_high(&name).or_else(|| is_slow(&name).then_some(true));
    let relative = !matches!(bound.baseline, None | Some(Relative::Times));
    match bound.comparator {
        // It drops by less than 5 % all day long.
        Comparator::Below | Comparator::AtMost if relative => true,
        // "Orders down 10 % or more" is a distance from what they were.
        Comparator::Above | Comparator::AtLeast
            if bound.unit == "%"
                && !relative
                && [" down", " up"].iter().any(|way| name.trim_end().ends_with(way)) =>
        {
            true
        }
        // "not more than 5 errors", "up to 5"; "2 or fewer", "≤ 2" are said of what trips.
        Comparator::AtMost if first.is_some_and(char::is_alphabetic) => true,
        Comparator::Below | Comparator::AtMost => !relative && rises == Some(true),
        // "success rate at 95 %" says no side, and "> 95 %" trips while all is well.
        Comparator::Above | Comparator::AtLeast => !relative && rises == Some(false),
        Comparator::Equal | Comparator::About => false,
    }
}

/// Words of what must not be, whose limit then is on its wrong side.
const SHUNNED: [&str; 30] = [
    "nothing over",
    "nothing above",
    "nothing exceeds",
    "none over",
    "none above",
    "neither",
    "fail if",
    "fails if",
    "means failure",
    "is a failure",
    "counts as failure",
    "no-go",
    "prevent ",
    "avoid ",
    "kept from",
    "keep from",
    "weder ",
    "vermeiden",
    "ni ",
    "éviter",
    "jamais ",
    "evitar",
    "jamás ",
    "tampoco ",
    "nem ",
    "falha se",
    "禁止",
    "切勿",
    "避免",
    "别超过",
];

/// Whether `limit`, named from `from` on in the `text` of a criterion, is what must not be: `Prevent error rate > 1 %`.
pub(in crate::document) fn is_shunned(text: &str, from: usize, limit: &Limit) -> bool {
    let bound = &limit.bound;
    let relative = !matches!(bound.baseline, None | Some(Relative::Times));
    let up = match bound.comparator {
        _ if relative => return false,
        Comparator::Above | Comparator::AtLeast => true,
        Comparator::Below | Comparator::AtMost => false,
        // `大于等于` is "≥", whatever denies it.
        Comparator::Equal | Comparator::About => return text.contains("于等于"),
    };
    let name = lower(text.get(from..limit.at.start).unwrap_or_default());
    let rises = super::names::bad_when_high(&name).or_else(|| is_slow(&name).then_some(true));
    let words = || lower(text);
    match rises {
        Some(rises) if rises == up => !is_counted(&name),
        _ => up && SHUNNED.iter().any(|word| words().contains(word)),
    }
}

/// Whether `name` is of how much of something bad was dealt with: `Errors fixed`.
fn is_counted(name: &str) -> bool {
    [
        "fixed",
        "handled",
        "resolved",
        "recover",
        "saved",
        "reduc",
        "between",
        "free",
        "without",
        "before",
        "uptime",
        "lifetime",
        "duration",
        "connection",
        "session",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Whether `name`, in lower case, is of something that is better low, where no other word tells.
pub(super) fn is_slow(name: &str) -> bool {
    SLOW.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::bound::limits;

    #[test]
    fn what_must_not_be_is_no_criterion() {
        for (text, wanted) in [
            ("Fail if error rate > 1%", true),
            ("Error rate > 1% means failure", true),
            ("Prevent error rate > 1%", true),
            ("Avoid latency > 500 ms", true),
            ("Nothing over 500 ms", true),
            ("Verfügbarkeit unterschreitet 99 %", true),
            ("Fehlerrate überschreitet zu keinem Zeitpunkt 1 %", true),
            ("weder CPU noch RAM über 80 %", true),
            ("ni CPU ni mémoire au-dessus de 80 %", true),
            ("latencia jamás mayor a 500 ms", true),
            ("nem CPU nem memória acima de 80%", true),
            ("延迟禁止超过500ms", true),
            ("延迟不得大于等于500ms", true),
            ("エラー率が1%を超えたら失敗", true),
            ("Error rate < 1 %", false),
            ("Availability ≥ 99.9 %", false),
            ("Uptime: 99.9 % or better", false),
            ("Error rate never above 1 %", false),
            ("Sessions last > 2 hours", false),
            ("Time between failures > 2 hours", false),
        ] {
            let found = limits(text);
            let shunned = found.first().is_some_and(|limit| is_shunned(text, 0, limit));
            assert_eq!(shunned, wanted, "{text}: {found:?}");
        }
    }

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
            ("99 % Verfügbarkeit unterschritten", true),
            ("kleiner gleich 99 % Verfügbarkeit", true),
            ("disponibilidade cai para menos de 99%", true),
            ("Orders down 10% or more", true),
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
