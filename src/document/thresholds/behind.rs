//! What stands behind a limit and belongs to it: of which quantile it is, and that what it says must not happen.

use crate::document::bound::{Limit, is_unit};
use crate::document::{lower, numerals};
use crate::domain::plan::{Bound, Comparator};

/// The quantile that stands right behind a limit: `< 200 ms (p95)`, `< 1 s at p99`, `< 300 ms (95th percentile)`.
pub(super) fn quantile<'a>(text: &'a str, limit: &Limit) -> Option<&'a str> {
    let behind = text.get(limit.at.end..)?.trim_start();
    // "< 500 ms p95", but "< 500 ms p99 < 1 s" names what follows.
    let bare = behind
        .split([' ', ',', ';', ')'])
        .next()
        .filter(|word| word.starts_with(['p', 'P']) && is_quantile(word));
    if let Some(bare) = bare {
        let rest = behind.get(bare.len()..).unwrap_or_default().trim_start();
        return (rest.is_empty() || rest.starts_with([',', ';', ')', '.'])).then_some(bare);
    }
    let behind = ["(", "[", "（", "at the ", "at ", "@ ", "@", "for the ", "im ", "für ", "au ", "en "]
        .into_iter()
        .find_map(|lead| behind.strip_prefix(lead))?;
    let end = behind.find([')', ']', '）', ',', ';', '.']).unwrap_or(behind.len());
    let words = behind.get(..end)?.trim();
    let word = words.split_whitespace().next()?;
    if is_quantile(word) {
        return Some(word);
    }
    let named = ["percentile", "perzentil", "percentil"];
    let lower = lower(words);
    let is_ordinal = word.starts_with(|c: char| c.is_ascii_digit());
    (is_ordinal && words.split_whitespace().count() <= 2 && named.iter().any(|name| lower.ends_with(name)))
        .then_some(words)
}

/// `p95`, `P99.9`, `median`.
pub(super) fn is_quantile(word: &str) -> bool {
    let digits = word.strip_prefix(['p', 'P']).unwrap_or_default();
    let number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.len() <= 5
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    number || matches!(&*lower(word), "median" | "max" | "avg" | "mean")
}

/// Whether the words between two limits name nothing: `(p95) and`, `,`.
pub(super) fn names_nothing(between: &str) -> bool {
    let words = between.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|word| !word.is_empty());
    words
        .into_iter()
        .all(|word| is_quantile(word) || matches!(word, "and" | "or" | "at" | "und" | "et" | "y" | "e" | "."))
}

/// The name of a limit with its quantile; one that is nothing but a quantile goes with what was named before:
/// `p95 latency < 200 ms, p99 < 500 ms`.
pub(super) fn with_quantile(name: &str, before: &str, quantile: Option<&str>) -> String {
    let of_before = || {
        let rest = before.split_whitespace().filter(|word| !is_quantile(word)).collect::<Vec<_>>().join(" ");
        let had = before.split_whitespace().any(is_quantile);
        (had && !rest.is_empty()).then_some(rest)
    };
    if is_quantile(name)
        && let Some(rest) = of_before()
    {
        return if before.split_whitespace().next().is_some_and(is_quantile) {
            format!("{name} {rest}")
        } else {
            format!("{rest} {name}")
        };
    }
    match quantile {
        Some(quantile) if !name.is_empty() => {
            // "Latency (p95)" is not "Latency p50 (p95)".
            let bare: Vec<&str> = name.split_whitespace().filter(|word| !is_quantile(word)).collect();
            format!("{} {quantile}", bare.join(" "))
        }
        _ => name.to_owned(),
    }
}

/// Words that deny.
const NEVER: [&str; 12] = [
    "never", "not", "doesn't", "don't", "cannot", "can't", "nie", "niemals", "nicht", "jamais", "nunca",
    "não",
];

/// Words for coming about, and for being allowed to.
const HAPPEN: [&str; 33] = [
    "happen",
    "occur",
    "appear",
    "exist",
    "arise",
    "seen",
    "observed",
    "reached",
    "allowed",
    "acceptable",
    "accepted",
    "tolerated",
    "permitted",
    "ok",
    "okay",
    "vor",
    "auf",
    "erlaubt",
    "zulässig",
    "akzeptabel",
    "arrive",
    "produit",
    "toléré",
    "admis",
    "ocurre",
    "sucede",
    "permitido",
    "permitida",
    "aceptable",
    "acontece",
    "ocorre",
    "aceitável",
    "tolerado",
];

/// Words that deny by themselves.
const WHOLE: [&str; 13] = [
    "unacceptable",
    "inacceptable",
    "inaceptable",
    "inaceitável",
    "inakzeptabel",
    "unzulässig",
    "forbidden",
    "verboten",
    "interdit",
    "がない",
    "はない",
    "不允许",
    "不可接受",
];

/// Whether the words behind `limit` say that it never comes about: `> 5 minutes never happens`, `> 1 % is not acceptable`.
pub(super) fn is_denied(text: &str, limit: &Limit) -> bool {
    if limit.bound.baseline.is_some()
        || matches!(limit.bound.comparator, Comparator::Equal | Comparator::About)
    {
        return false;
    }
    let behind = behind_number(text, limit);
    let clause = lower(behind.split([',', ';', '.', '(', '，', '。', '、']).next().unwrap_or_default());
    let clause = clause.split(" and ").next().unwrap_or_default();
    let words: Vec<&str> =
        clause.split_whitespace().map(|word| word.trim_matches([':', '!', '-', '–', '—'])).collect();
    // "does not occur within 10 minutes": how long says nothing of that.
    let says = |word: &&str| !word.is_empty() && !is_unit(word) && !of_time(word);
    let words: Vec<&str> = words.into_iter().filter(says).collect();
    // More words than that tell of something else.
    if words.len() > 6 {
        return false;
    }
    let never = words.iter().position(|word| NEVER.contains(word));
    let happens = |from: usize| {
        let rest = words.get(from + 1..).unwrap_or_default();
        rest.is_empty() || rest.iter().any(|word| HAPPEN.iter().any(|known| word.starts_with(known)))
    };
    // "kommt nie vor", "n'arrive jamais": the verb may stand before.
    let verb = || words.iter().any(|word| ["arrive", "n'arrive", "produit", "tritt", "kommt"].contains(word));
    never.is_some_and(|at| happens(at) || verb()) || WHOLE.iter().any(|word| clause.contains(word))
}

/// What stands behind the number of `limit`.
fn behind_number<'a>(text: &'a str, limit: &Limit) -> &'a str {
    let own = text.get(limit.at.clone()).unwrap_or_default();
    let digits = own.find(|c: char| c.is_ascii_digit()).map(|from| {
        let number = own.get(from..).unwrap_or_default();
        let end =
            number.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(number.len());
        from + number.get(..end).unwrap_or_default().trim_end_matches(['.', ',']).len()
    });
    let spelled = || {
        let lower = own.to_ascii_lowercase();
        let mut words = lower.split(' ').map(|word| (word.as_ptr() as usize - lower.as_ptr() as usize, word));
        words.find_map(|(at, _)| Some(at + numerals::before_a_unit(lower.get(at..)?)?.1))
    };
    let end = digits.or_else(spelled).unwrap_or(own.len());
    text.get(limit.at.start + end..).unwrap_or_default()
}

/// Whether `word` only leads to a time, or is its number.
fn of_time(word: &str) -> bool {
    const LEADS: [&str; 12] = [
        "for",
        "within",
        "in",
        "over",
        "during",
        "consecutive",
        "für",
        "innerhalb",
        "pendant",
        "dans",
        "durante",
        "por",
    ];
    LEADS.contains(&word)
        || word.starts_with(|c: char| c.is_ascii_digit())
        || numerals::before_a_unit(word).is_some()
}

/// What has to hold where `limit` must not.
pub(super) fn opposite(limit: &Limit) -> Limit {
    let comparator = limit.bound.comparator.negated();
    Limit { bound: Bound { comparator, ..limit.bound.clone() }, ..limit.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::bound::limits;

    #[test]
    fn what_must_not_happen_is_told_from_what_must() {
        for (text, wanted) in [
            ("Reconnects > 5 minutes never happen", true),
            ("Error rate > 1 % does not occur", true),
            ("Downtime > 5 minutes is unacceptable", true),
            ("Latency > 1 s must not happen", true),
            ("Ausfall > 5 Minuten kommt nie vor", true),
            ("Une coupure > 5 minutes n'arrive jamais", true),
            ("Error rate > 1 % is not seen for ten minutes", true),
            ("Error rate > 2.5 % never happens for 5 minutes", true),
            ("Queue depth > 100 does not occur within 10 minutes", true),
            ("Error rate above five percent is not seen for ten minutes", true),
            ("Uptime > 99 % for 10 minutes", false),
            ("Uptime > 99 % for 10 minutes without a break", false),
            ("Uptime > 99 % and never below", false),
            ("Uptime > 99 % never drops for long", false),
            ("Error rate < 1 % when healthy", false),
            ("Cache hits > 90 %, not counting warm-up", false),
        ] {
            let found = limits(text);
            assert_eq!(found.first().map(|limit| is_denied(text, limit)), Some(wanted), "{text}");
        }
    }

    #[test]
    fn each_limit_has_its_quantile() {
        for (text, wanted) in [
            ("Latency < 200ms (p95), < 500ms (p99)", &[Some("p95"), Some("p99")][..]),
            ("Latency < 200 ms at p95", &[Some("p95")]),
            ("Latency < 200 ms (95th percentile)", &[Some("95th percentile")]),
            ("Latency < 200 ms (load test)", &[None]),
            ("Latency < 200 ms for 95% of users", &[None]),
        ] {
            let found: Vec<_> = limits(text).iter().map(|limit| quantile(text, limit)).collect();
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(with_quantile("p99", "p95 latency", None), "p99 latency");
        assert_eq!(with_quantile("p99", "Latency p95", None), "Latency p99");
        assert_eq!(with_quantile("Latency", "", Some("p95")), "Latency p95");
        assert_eq!(with_quantile("Latency p95", "", Some("p99")), "Latency p99");
    }
}
