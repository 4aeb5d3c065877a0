//! Forms of numbers and comparisons that are read half, or the wrong way round: a person decides of them.

use std::sync::LazyLock;

use super::grammar::Found;
use super::lex::is_cjk;
use super::{Limit, Unread};
use crate::document::needles::Needles;
use crate::document::{beginning, lower};
use crate::domain::plan::Comparator;

/// Words of other languages' negations that turn what stands behind them around.
const DENIALS: [&str; 4] = ["不", "未", "没", "沒"];

/// What denies behind a Japanese comparison, which ends with a verb.
const ENDINGS: [&str; 5] = ["ない", "ません", "ならな", "いけな", "ぬ"];

/// Verbs behind `fails to` that turn the comparison around.
const KEPT: [&str; 12] =
    ["stay", "remain", "keep", "reach", "meet", "be ", "hold", "exceed", "achieve", "get", "drop", "fall"];

/// What leads to a verb of [`KEPT`].
const FAILS: [&str; 5] = ["fail to ", "fails to ", "failed to ", "failing to ", "unable to "];

/// Forms that no limit can be read out of; a failing verb needs a closer look.
static SUSPECT: LazyLock<Needles> =
    LazyLock::new(|| Needles::of(["<>", " nines", "worse than"].iter().chain(&FAILS)));

/// So many characters from a comparison its negation stands.
const NEAR: usize = 6;

/// Why what was found in `text` may not be what it says.
pub(super) fn why(text: &str, found: &Found) -> Option<Unread> {
    let limits = &found.limits;
    if limits.is_empty() && found.bare.is_none() {
        return None;
    }
    // Of a cell that is a number alone, all of it is the number.
    let alone = found.bare.iter().filter(|_| limits.is_empty() && text.len() < 32);
    let alone =
        alone.map(|bare| Limit { bound: bare.clone(), at: 0..text.len(), time: None, odd: Vec::new() });
    let digits = limits.iter().cloned().chain(alone).any(|limit| is_half_read(text, &limit));
    if digits || text.contains('‰') {
        return Some(Unread::Digits);
    }
    if limits.is_empty() {
        return None;
    }
    let cjk = || text.chars().any(is_cjk) && limits.iter().any(|limit| is_denied(text, limit));
    ((SUSPECT.are_in(text) && is_twisted(text, limits)) || cjk()).then_some(Unread::Side)
}

/// Whether words of `text` turn its `limits` around, or state no side.
fn is_twisted(text: &str, limits: &[Limit]) -> bool {
    let lower = lower(text);
    text.contains("<>")
        || lower.contains(" nines")
        || fails_to_keep(&lower)
        || (lower.contains("worse than") && limits.iter().any(|limit| limit.bound.baseline.is_none()))
}

/// `10 000`, `2.500 ms`: a number of which only the beginning was read, or whose mark parts thousands as well as decimals.
fn is_half_read(text: &str, limit: &Limit) -> bool {
    let start = limit.at.start;
    // The number may go on behind the words of the limit.
    let end = text.get(limit.at.end..).map_or(text.len(), |rest| limit.at.end + beginning(rest, 5).len());
    let Some(near) = text.get(start..end) else { return false };
    near.match_indices([' ', '\u{a0}', '\u{202f}', '.', '\'', '’']).any(|(at, mark)| {
        let (before, behind) = (near.get(..at).unwrap_or_default(), near.get(at + mark.len()..));
        let whole = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let left = before.strip_suffix(whole).unwrap_or_default();
        let behind = behind.unwrap_or_default();
        let three = behind.bytes().take_while(u8::is_ascii_digit).count() == 3;
        let rest = behind.get(3..).unwrap_or_default();
        let group =
            three && (1..=3).contains(&whole.len()) && !whole.starts_with('0') && !left.ends_with(['.', ',']);
        // "99.999 %" has no other reading; "1.000 pro Minute" was read as thousands already.
        let share = rest.trim_start().starts_with(['%', '％']);
        let thousands = mark == "." && (limit.bound.value - thousands(whole, behind)).abs() < 0.5;
        group && !(mark == "." && share) && !thousands
    })
}

/// `10`, `000` as ten thousand.
fn thousands(whole: &str, behind: &str) -> f64 {
    let digits = format!("{whole}{}", behind.get(..3).unwrap_or_default());
    digits.parse().unwrap_or(f64::NAN)
}

/// `fails to stay under 500 ms`.
fn fails_to_keep(lower: &str) -> bool {
    FAILS.iter().any(|lead| {
        lower.match_indices(lead).any(|(at, _)| {
            let behind = lower.get(at + lead.len()..).unwrap_or_default();
            KEPT.iter().any(|verb| behind.starts_with(verb))
        })
    })
}

/// Whether a negation that was not read stands beside a comparison in Chinese or Japanese.
fn is_denied(text: &str, limit: &Limit) -> bool {
    let side = !matches!(limit.bound.comparator, Comparator::Equal | Comparator::About);
    let before: String = text
        .get(..limit.at.start)
        .unwrap_or_default()
        .chars()
        .rev()
        .take(NEAR)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    // "没有超过" is read, as is what begins with its negation.
    let before = before.replace("没有", "").replace("不同", "");
    let clause = before.rsplit(['，', '。', '、', ',', ';', '；', ' ']).next().unwrap_or_default();
    let behind: String = text.get(limit.at.end..).unwrap_or_default().chars().take(NEAR).collect();
    let behind = behind.split(['，', '。', '、', ',', '（', '(']).next().unwrap_or_default();
    let first = before_end(text, limit);
    side && (DENIALS.iter().any(|word| clause.contains(word))
        || ENDINGS.iter().any(|word| behind.contains(word))
        || first)
}

/// Whether the limit's own words deny in a way that was taken for the plain comparison.
fn before_end(text: &str, limit: &Limit) -> bool {
    let own = text.get(limit.at.clone()).unwrap_or_default();
    let up = matches!(limit.bound.comparator, Comparator::Above);
    up && ENDINGS.iter().any(|word| own.contains(word))
}

#[cfg(test)]
mod tests {
    use crate::document::bound::bound;

    #[test]
    fn what_is_not_read_surely_is_left_to_a_person() {
        for (text, wanted) in [
            ("errs > 10 000", "Digits"),
            ("throughput ≥ 10 000 req/s", "Digits"),
            ("plus de 10 000 erreurs par minute", "Digits"),
            ("über 2.500 ms", "Digits"),
            ("mehr als 1.500 Fehler", "Digits"),
            ("más de 1.500 errores por minuto", "Digits"),
            ("Error rate > 5‰", "Digits"),
            ("Uptime < three nines", "Side"),
            ("p95 <> 500 ms", "Side"),
            ("latency fails to stay under 500 ms", "Side"),
            ("错误率绝不会高于1%", "Side"),
            ("エラー率が1%を超えることはない", "Side"),
            ("Uptime > 99.999 %", "> 99.999 %"),
            ("über 1.000 pro Minute", "> 1000/min"),
            ("errors > 10,000", "> 10000"),
            ("p99 < 0.125 s", "< 0.125 s"),
            ("Latency > 1 min 30 s", "> 90 s"),
            ("Error rate > 5 % for 1h30m", "> 5 % for 90 min"),
            ("Error rate > 5 % for 5m0s", "> 5 % for 5 min"),
            ("Error rate > 5 % for 1 hour 30 minutes", "> 5 % for 90 min"),
            ("成功率が99.9%を下回る", "< 99.9 %"),
            ("成功率が99.9%を下回った場合", "< 99.9 %"),
            ("可用性が99.9%を割る", "< 99.9 %"),
            ("可用性が99%より低い", "< 99 %"),
            ("成功率跌破99%", "< 99 %"),
            ("Erfolgsrate fällt unter 99 %", "< 99 %"),
            ("tasa de éxito cae por debajo de 99 %", "< 99 %"),
            ("taxa de sucesso cai abaixo de 99 %", "< 99 %"),
            ("Verfügbarkeit geringer als 99 %", "< 99 %"),
            ("响应时间大于等于2秒", ">= 2 s"),
            ("错误率不得高于1%", "<= 1 %"),
            ("错误率不能超过1%", "<= 1 %"),
            ("延迟不大于300ms", "<= 300 ms"),
            ("成功率不小于99%", ">= 99 %"),
            ("错误率没有超过1%", "<= 1 %"),
            ("エラー率が1%を超えない", "<= 1 %"),
            ("エラー率は1%を超えてはならない", "<= 1 %"),
            ("エラー率が1%を上回らない", "<= 1 %"),
            ("error rate isn't above 1 %", "<= 1 %"),
            ("Error rate hasn't exceeded 1 %", "<= 1 %"),
            ("Error rate doesn’t exceed 1 %", "<= 1 %"),
            ("None above 500 ms", "<= 500 ms"),
            ("Neither CPU nor memory above 80 %", "<= 80 %"),
        ] {
            let read = match bound(text) {
                Ok(Some(bound)) => bound.to_string(),
                Ok(None) => "--".to_owned(),
                Err(unread) => format!("{unread:?}"),
            };
            assert_eq!(read, wanted, "{text}");
        }
    }
}
