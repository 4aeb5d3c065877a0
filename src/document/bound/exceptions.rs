//! Words that take back a part of what a limit says: `unless planned`, `except for /export`, `only if …`. What they say is
//! no number, so a person judges all of it.

use std::sync::LazyLock;

use super::Limit;
use crate::document::lower;
use crate::document::needles::Needles;

/// Exceptions, wherever they stand.
const EXCEPT: [&str; 68] = [
    "unless",
    "except",
    "do not roll",
    "don't roll",
    "not roll back",
    "no rollback",
    "no roll back",
    "not a reason",
    "no reason",
    "ignore ",
    "page only",
    "warn only",
    "informational",
    "no action",
    "does not count",
    "discuss",
    "maybe ",
    "for the old version",
    "in staging",
    "tbc",
    "kein rollback",
    "kein grund",
    "nicht zurück",
    "nur melden",
    "nur warnen",
    "pas de retour",
    "pas de rollback",
    "sin rollback",
    "sem rollback",
    "不回滚",
    "excluding",
    "exclusive of",
    "apart from",
    "other than",
    "not counting",
    "not caused",
    "not due to",
    "not explained",
    "ignoring",
    "outside ",
    "sofern",
    "außer ",
    "ausser ",
    "ausgenommen",
    "abgesehen von",
    "es sei denn",
    "mit ausnahme",
    "sauf ",
    "hormis",
    "excepté",
    "hors ",
    "à moins",
    "salvo ",
    "excepto",
    "a menos que",
    "a no ser",
    "fuera de",
    "exceto",
    "fora de",
    "a menos de que",
    "除外",
    "除く",
    "除き",
    "除非",
    "除了",
    "不包括",
    "以外",
    "ただし",
];

/// Conditions, behind a limit.
const ONLY: [&str; 44] = [
    " if ",
    " only ",
    " when ",
    " once ",
    " while ",
    " whilst ",
    " during ",
    " where ",
    " provided",
    " assuming ",
    " as long as ",
    " so long as ",
    " confirmed",
    " twice",
    " and not ",
    " but not ",
    " wenn ",
    " falls ",
    " solange ",
    " während ",
    " nur ",
    " sobald ",
    " bestätigt",
    " vorausgesetzt",
    " si ",
    " quand ",
    " lorsque ",
    " pendant ",
    " tant que ",
    " seulement ",
    " confirmé",
    " cuando ",
    " mientras ",
    " durante ",
    " siempre que ",
    " sólo ",
    " solo ",
    " quando ",
    " enquanto ",
    " desde que ",
    " apenas ",
    " confirmad",
    "場合のみ",
    "場合に限",
];

/// What leads to the next limit.
const ACTING: [&str; 10] = [
    "alert if ",
    "alert when ",
    "page if ",
    "page when ",
    "warn if ",
    "warning if ",
    "roll back if ",
    "rollback if ",
    "rollback when ",
    "abort if ",
];

static EXCEPTS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&EXCEPT));
static CONDITIONS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&ONLY));

/// Whether `text` says more of when its `limits` count than they know.
pub(in crate::document) fn is_bounded(text: &str, limits: &[Limit]) -> bool {
    let Some(first) = limits.first() else { return false };
    if EXCEPTS.are_in(text) && is_word(text, &EXCEPT) {
        return true;
    }
    if !CONDITIONS.are_in(text) {
        return false;
    }
    // The words of a limit are its own: "for 10 minutes while …" is not.
    let ends = limits.iter().skip(1).map(|limit| limit.at.start).chain([text.len()]);
    let own = |limit: &Limit| limit.time.as_ref().map_or(limit.at.end, |time| time.end.max(limit.at.end));
    let mut gaps = limits.iter().zip(ends).filter_map(|(limit, end)| text.get(own(limit)..end));
    let says = |gap: &str| {
        let gap = format!(" {} ", lower(gap).replace([',', '(', ';'], " "));
        // "< 0.1 %, alert if > 1 %" leads to the next.
        let gap = ACTING.iter().fold(gap, |gap, act| gap.replace(act, " "));
        ONLY.iter().any(|word| gap.contains(word))
    };
    // "Health checks fail when more than 2 …" leads to its limit.
    first.at.end < text.len() && gaps.any(says)
}

/// Whether one of `words` stands in `text` as one, or begins one: no "hors " of "Wahlhors ".
fn is_word(text: &str, words: &[&str]) -> bool {
    let lower = lower(text);
    words.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let before = lower.get(..at).and_then(|before| before.chars().next_back());
            !word.is_ascii() && word.chars().next().is_some_and(super::lex::is_cjk)
                || before.is_none_or(|c| !c.is_alphanumeric())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::limits;
    use super::*;

    #[test]
    fn what_makes_an_exception_is_told_from_what_only_names() {
        for text in [
            "error_rate > 0.1 % unless caused by the load test",
            "p95 > 500 ms except for /export",
            "p95 > 500 ms outside the maintenance window",
            "p95 > 500 ms if the feature flag is on",
            "p95 > 500 ms provided that it is a weekday",
            "p95 > 500 ms, confirmed by two people",
            "p95 > 500 ms twice",
            "p95 > 500 ms sofern nicht geplant",
            "p95 > 500 ms, es sei denn Wartung",
            "p95 > 500 ms sauf pendant la maintenance",
            "p95 > 500 ms salvo durante la carga",
            "p95 > 500 ms exceto durante a carga",
            "p95 > 500 ms（维护期间除外）",
            "p95 > 500 ms（メンテナンス中を除く）",
            "p95 > 500 ms only if error rate > 1 %",
            "p95 > 500 ms once traffic exceeds 50 %",
            "p95 > 500 ms when more than 1000 users are online",
            "Unless planned: p95 > 500 ms",
            "p95 > 100 ms (do not roll back, page only)",
            "p95 > 100 ms is NOT a reason to roll back",
            "Ignore p95 > 100 ms",
            "p95 > 100 ms: warn only",
            "p95 > 100 ms (informational)",
            "p95 > 100 ms – kein Rollback, nur melden",
            "p95 > 100 ms: pas de retour arrière",
            "p95 > 100 ms (TBC)",
        ] {
            assert!(is_bounded(text, &limits(text)), "{text}");
        }
        for text in [
            "Error rate > 5 % for 10 minutes",
            "Roll back if error rate > 5 %",
            "Health checks fail when more than 2 pods restart",
            "p99 > 2 s on the checkout",
            "erreurs > 5 % pendant 10 minutes",
            "errores > 5 % durante 10 minutos",
            "エラー率が5%を超えた場合",
            "Error rate > 5 % after the deployment",
            "Error rate < 0.1 %, alert if > 1 %",
        ] {
            assert!(!is_bounded(text, &limits(text)), "{text}");
        }
    }
}
