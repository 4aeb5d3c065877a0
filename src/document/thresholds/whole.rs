//! Texts whose limits are read only where all of them is understood: what trips a rollback, or is measured as a criterion.
//!
//! What stands before a limit is its name, and nothing but a metric of that name is watched by it. What stands between
//! limits and behind them must be of the words that are known to change nothing.

use std::ops::Range;

use super::behind;
use super::lead;
use super::names::{is_from_behind, measured, named, trimmed};
use crate::document::bound::{
    self, Beside, Cell, Limit, Unread, cell_at, is_counter, joins, last_break, not_understood,
};
use crate::document::topic::normal;

/// What before a number says that it is no limit, or only at times.
const NOT_ALWAYS: [&str; 15] = [
    "ignore",
    "maybe",
    "unless",
    "except",
    "possibly",
    "not",
    "no",
    "never",
    "only",
    "ignoriere",
    "außer",
    "nur",
    "sauf",
    "salvo",
    "exceto",
];

/// What may stand before the number of a cell, besides the name of its row.
const MEASURES: [&str; 24] = [
    "p50",
    "p75",
    "p90",
    "p95",
    "p99",
    "p999",
    "median",
    "latency",
    "response time",
    "error rate",
    "errors",
    "rate",
    "time",
    "should",
    "stays",
    "stay",
    "keep",
    "kept",
    "sum",
    "total",
    "avg",
    "mean",
    "max",
    "min",
];

/// All limits of `text`, if nothing of it is left that is not understood; else why a person judges it.
pub(in crate::document) fn read_whole(text: &str) -> (Vec<Limit>, Option<Unread>) {
    let (limits, unread) = bound::read_whole(text);
    match more(text, &limits) {
        Some(words) => (Vec::new(), Some(Unread::More(words.chars().take(40).collect()))),
        None => (limits, unread),
    }
}

/// Whether `text` says nothing but its limits.
pub(in crate::document) fn is_whole(text: &str) -> bool {
    let (limits, unread) = bound::read(text);
    unread.is_none() && !limits.is_empty() && more(text, &limits).is_none()
}

/// The words of `text` that neither its `limits` nor their names have.
fn more<'a>(text: &'a str, limits: &[Limit]) -> Option<&'a str> {
    let first = limits.first()?;
    let before = lead::without(text.get(..first.at.start)?).trim_start();
    let word = before.split([' ', ':', ',']).next().unwrap_or_default();
    if NOT_ALWAYS.contains(&&*word.to_lowercase()) && before.len() > word.len() {
        return Some(before.trim());
    }
    // "Checkout broken or error rate > 5 %": half of it is no condition of its own.
    let timed = first.time.as_ref().filter(|time| time.end <= first.at.start);
    let name = timed.and_then(|time| text.get(time.end..first.at.start)).unwrap_or(before);
    if joins(name) {
        return Some(name.trim());
    }
    let parts = shared_out(text, limits);
    let mut from = 0;
    for (at, limit) in limits.iter().enumerate() {
        let name = Name::of(text, from, limit);
        let next = limits.get(at + 1);
        let end = next.map_or(text.len(), |next| next.at.start);
        if let Some(odd) = limit.odd.iter().find_map(|odd| name.leaves(text, odd.clone(), limit)) {
            return Some(odd);
        }
        let begin = limit.time.as_ref().map_or(limit.at.end, |time| time.end.max(limit.at.end));
        // "80 % for lib, 60 % for bin": each is of what stands behind it.
        let begin = begin + parts.as_ref().and_then(|parts| parts.get(at)).map_or(0, |part| part.1);
        let gap = text.get(begin..end)?;
        let gap = match next {
            Some(next) => match own_part(gap) {
                Some(own) => own,
                // "CPU > 80 % on more than 2 nodes"
                None => return text.get(begin..next.at.end).map(str::trim),
            },
            None => gap,
        };
        if let Some(left) = name.leaves(text, begin..begin + gap.len(), limit) {
            return Some(left);
        }
        from = limit.at.end;
    }
    None
}

/// What of the words between two limits belongs to the first: the rest, behind what parts them, names the second.
fn own_part(gap: &str) -> Option<&str> {
    let lower = gap.to_ascii_lowercase();
    let cut = last_break(&lower);
    let unnamed = |at: &usize| trimmed(gap.get(at + 1..).unwrap_or_default()).is_empty();
    cut.or_else(|| gap.rfind('(').filter(unnamed)).and_then(|cut| gap.get(..cut))
}

/// What a limit is called, as far as its name stands behind it.
struct Name(String);

impl Name {
    fn of(text: &str, from: usize, limit: &Limit) -> Self {
        // "5 分間に" is its time.
        let timed = limit.time.as_ref().filter(|time| time.end <= limit.at.start && time.start >= from);
        let zone = text.get(timed.map_or(from, |time| time.end)..limit.at.start).unwrap_or_default();
        let before = named(lead::without(zone.trim_start_matches(['に', 'の'])));
        // "p91 — < 300 — > 100 users affected": only the first is called by what follows it.
        let behind = from == 0 && is_from_behind(&before);
        let name = if behind { measured(text, from, limit) } else { String::new() };
        Self(name)
    }

    /// What of the words at `place` is not understood beside `limit`.
    fn leaves<'a>(&self, text: &'a str, place: Range<usize>, limit: &Limit) -> Option<&'a str> {
        let words = text.get(place.clone())?;
        let before = text.get(..place.start).unwrap_or_default();
        if place.end <= limit.at.end && is_counter(before, words, &limit.bound) {
            return None;
        }
        let beside = Beside { bound: Some(&limit.bound), counts: true, also: &[] };
        let quantile = behind::quantile(text, limit).filter(|_| place.start == limit.at.end);
        let words = match quantile.and_then(|quantile| words.split_once(quantile)) {
            Some((_, rest)) => rest,
            None => words,
        };
        let own = words.split([',', ';', '(', ')']).next().unwrap_or_default();
        let own_name = trimmed(own.strip_prefix(['で', 'が', 'は', 'の']).unwrap_or(own));
        let rest =
            if !own_name.is_empty() && self.0.contains(&own_name) { words.get(own.len()..)? } else { words };
        not_understood(rest, beside)
    }
}

/// For what each limit is, where each says so, with its length: `80 % for lib, 60 % for bin`.
pub(super) fn shared_out<'a>(text: &'a str, found: &[Limit]) -> Option<Vec<(&'a str, usize)>> {
    let ends = found.iter().skip(1).map(|limit| limit.at.start).chain([text.len()]);
    let part = |(limit, end): (&Limit, usize)| {
        let all = text.get(limit.at.end..end)?;
        let behind = all.trim_start();
        let behind = behind.split([',', ';', '(', ')']).next()?.trim().trim_end_matches('.');
        let length = all.len() - all.trim_start().len() + behind.len();
        let is_part = ["for ", "für ", "pour ", "para "].iter().any(|word| behind.starts_with(word));
        is_part.then_some((behind, length))
    };
    found.iter().zip(ends).map(part).collect::<Option<Vec<_>>>().filter(|parts| parts.len() > 1)
}

/// What a cell of the row `name` says, if it is no more than a number.
pub(super) fn cell(text: &str, name: &str) -> Cell {
    let (said, around) = cell_at(text);
    let (Cell::Limit(bound) | Cell::Bare(bound)) = &said else { return said };
    // "-10%" and "±5%" are changes, of what nothing tells.
    if bound.value < 0.0 || (bound.baseline.is_none() && text.trim_start().starts_with(['±', '+'])) {
        return Cell::Unread(Unread::Distance);
    }
    let blank = |place: &Range<usize>| text.get(place.clone()).is_some_and(|words| words.trim().is_empty());
    if around.iter().all(blank) {
        return said;
    }
    let names = normal(name);
    let mut also: Vec<&str> = names.split(' ').chain(MEASURES).collect();
    also.retain(|word| word.len() > 1);
    let beside = Beside { bound: Some(bound), counts: false, also: &also };
    let last = around.len().saturating_sub(1);
    let more = around.into_iter().enumerate().find_map(|(at, place)| {
        let (before, words) = (text.get(..place.start)?, text.get(place)?);
        let counter = at > 0 && at < last && is_counter(before, words, bound);
        not_understood(words, beside).filter(|_| !counter)
    });
    more.map(|words| Cell::Unread(Unread::More(words.to_owned()))).unwrap_or(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let (limits, unread) = read_whole(text);
        let limits: Vec<String> = limits.iter().map(|limit| limit.bound.to_string()).collect();
        unread.map_or_else(|| limits.join(", "), |unread| format!("{unread:?}"))
    }

    #[test]
    fn a_time_beside_a_limit_is_its_own() {
        for text in [
            "Error rate > 5 %, 10 min",
            "Error rate > 5 % [10m]",
            "10 minutes of error rate > 5 %",
            "Error rate > 5 % longer than 10 minutes",
            "Fehlerquote > 5 % seit 10 Minuten",
            "Fehlerquote > 5 % länger als 10 Minuten",
            "10 Minuten lang Fehlerquote über 5 %",
            "taux d'erreur > 5 % depuis 10 minutes",
            "taux d'erreur > 5 % au moins 10 minutes",
            "tasa de error > 5 % desde hace 10 minutos",
            "tasa de error > 5 % más de 10 minutos",
            "taxa de erro > 5 % há 10 minutos",
            "错误率>5%超过10分钟",
            "错误率>5%，10分钟",
            "10分間エラー率が5%を超える",
            "エラー率が10分間5%を超える",
        ] {
            assert_eq!(read(text), "> 5 % for 10 min", "{text}");
        }
        assert_eq!(read("p99 > 2 s länger als 10 Minuten"), "> 2 s for 10 min");
        assert_eq!(read("Outage longer than 5 minutes"), "> 5 min");
        assert_eq!(read("p99 > 2 s (baseline 300 ms)"), "> 2 s");
    }

    #[test]
    fn what_is_counted_in_a_time_is_a_rate() {
        for (text, wanted) in [
            ("5xx count > 100 within 5 minutes", "> 100/5min"),
            ("within 5 minutes more than 100 errors", "> 100/5min"),
            ("in any 5 minutes more than 100 errors", "> 100/5min"),
            ("5分钟内错误超过100次", "> 100/5min"),
            ("5分間に100件以上のエラー", ">= 100/5min"),
            ("5分以内に100件以上のエラー", ">= 100/5min"),
            ("Health check fails 3 times in 5 minutes", ">= 3/5min"),
            ("3 restarts in 10 minutes", ">= 3/10min"),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_limit_whose_time_is_not_understood_trips_nothing() {
        for text in [
            "Error rate > 5 % for at most 10 minutes",
            "Error rate > 5 % or p99 > 2 s for 10 minutes",
            "Error rate (5m) > 5 %",
            "Fehlerquote länger als 10 Minuten > 5 %",
            "mehr als 10 Minuten Fehlerquote über 5 %",
            "burned by more than 2% in 1 hour",
            "Traffic drops by more than 30% in 10 minutes",
            "エラー率が5分以上5%を超える",
            "错误率>5%达10分钟",
            "Antwortzeit p95 länger als 5 Minuten über 800 ms",
            "Timeout > 30 s, 5 min",
            "Queue age > 60 s, 5 min",
        ] {
            assert_eq!(read(text), "Time", "{text}");
        }
        for text in [
            "Error rate > 5 % for 3 checks in a row",
            "Error rate > 5 % for several minutes",
            "Error rate > 5 % in the first 10 minutes",
            "Error rate > 5 % twice within 10 minutes",
            "Error rate > 5 % persists",
            "> 20 complaints in the first 30 minutes",
            "Persistent volume errors > 5 % persist",
        ] {
            assert!(read(text).starts_with("More"), "{text}: {}", read(text));
        }
        assert_eq!(read("当前错误率>5%持续10分钟"), "> 5 % for 10 min");
        assert_eq!(read("Persistent volume usage > 80 %"), "> 80 %");
        assert_eq!(read("Continuous integration failures > 2"), "> 2");
        assert_eq!(read("Time to first byte > 2 s"), "> 2 s");
        assert_eq!(read("2% in 1 hour"), "Side");
        assert_eq!(read("Conversion falls by more than 10 % versus baseline"), "> 10 % below baseline");
    }

    #[test]
    fn a_limit_is_read_where_all_of_its_line_is_understood() {
        for (text, left) in [
            ("p95 > 500 ms unless planned", "unless planned"),
            ("p95 > 500 ms except for /export", "except for /export"),
            ("p95 > 500 ms outside the maintenance window", "outside the maintenance window"),
            ("p95 > 500 ms if the feature flag is on", "if the feature flag is on"),
            ("p95 > 500 ms twice", "twice"),
            ("p95 > 500 ms sofern nicht geplant", "sofern nicht geplant"),
            ("p95 > 500 ms sauf pendant la maintenance", "sauf pendant la maintenance"),
            ("p95 > 500 ms salvo durante la carga", "salvo durante la carga"),
            ("p95 > 500 ms（维护期间除外）", "维护期间除外"),
            ("p95 > 500 ms（メンテナンス中を除く）", "メンテナンス中を除く"),
            ("Unless planned: p95 > 500 ms", "Unless planned: p95"),
            ("p95 > 100 ms (do not roll back, page only)", "do not roll back, page only"),
            ("p95 > 100 ms is NOT a reason to roll back", "NOT a reason to roll back"),
            ("Ignore p95 > 100 ms", "Ignore p95"),
            ("p95 > 100 ms: warn only", "warn only"),
            ("p95 > 100 ms → page only", "page only"),
            ("p95 > 100 ms – kein Rollback, nur melden", "kein Rollback, nur melden"),
            ("p95 > 100 ms (TBC)", "TBC"),
            ("p95 > 100 ms in staging", "in staging"),
            ("p95 > 100 ms in staging for 10 minutes", "staging"),
            ("p95 > 100 ms for the old version", "for the old version"),
            ("p95 > 100 ms: discuss in war room first", "discuss in war room first"),
            ("Error rate > 5 %, in staging, p99 > 2 s", "in staging"),
            ("CPU > 80 % on more than 2 nodes", "on more than 2"),
            ("Requests > 2 s: more than 1 %", ": more than 1 %"),
            ("p91 — < 300 — > 100 users affected", "affected"),
            ("Error rate > 5 % or customers complain", "or customers complain"),
        ] {
            assert_eq!(read(text), format!("More({left:?})"), "{text}");
        }
        for (text, limits) in [
            ("Roll back if error rate > 5 %", "> 5 %"),
            ("Error rate > 5 % → roll back immediately (SEV1) @mara", "> 5 %"),
            ("If the error rate is above 5 % for 10 minutes, roll back", "> 5 % for 10 min"),
            ("Abort when p95 > 2 s or the error rate > 5 %", "> 2 s, > 5 %"),
            ("Wenn die Fehlerrate über 5 % liegt: sofort zurückrollen", "> 5 %"),
            ("错误率超过5%则立即回滚", "> 5 %"),
            ("エラー率が5%を超えた場合は切り戻し", "> 5 %"),
            ("Wrong chute — > 2% of parcels", "> 2 %"),
            ("Mehr als 2 Säle können nicht anmelden", "> 2"),
            ("😡 more than 50 one-star reviews", "> 50"),
            ("3 館以上で貸出ができない", ">= 3"),
            ("エラー率が 5% を超える状態が 10 分続く", "> 5 % for 10 min"),
            ("A library loses more than 100 records.", "> 100"),
            ("Latency > 200 ms (p95), > 500 ms (p99)", "> 200 ms, > 500 ms"),
            ("Errors (4xx or 5xx) > 5 %", "> 5 %"),
            ("Error rate > 5 % || p95 > 2 s", "> 5 %, > 2 s"),
        ] {
            assert_eq!(read(text), limits, "{text}");
        }
    }

    #[test]
    fn half_of_several_conditions_is_none() {
        for (text, left) in [
            ("Customers complain or error rate > 5 %", "Customers complain or error rate"),
            ("Login broken AND error rate > 5 %", "Login broken AND error rate"),
            ("Login broken, error rate > 5 %", "Login broken, error rate"),
            ("Error rate and p95 > 2 s", "Error rate and p95"),
            ("Any two of: error rate > 5 %, p95 > 2 s", "Any two of: error rate"),
            ("Both error rate > 5 % and p95 > 2 s", "Both error rate"),
            ("Login kaputt oder Fehlerrate > 5 %", "Login kaputt oder Fehlerrate"),
            ("Login cassé ou taux d'erreur > 5 %", "Login cassé ou taux d'erreur"),
            ("Login caído o tasa de error > 5 %", "Login caído o tasa de error"),
            ("Login caiu e taxa de erro > 5 %", "Login caiu e taxa de erro"),
            ("登录失败或错误率超过5%", "登录失败或错误率"),
            ("ログイン不可または5xx率が5%を超える", "ログイン不可または5xx率が"),
        ] {
            assert_eq!(read(text), format!("More({left:?})"), "{text}");
        }
    }

    #[test]
    fn what_a_cell_says_beside_its_number_belongs_to_its_row() {
        for (text, name, wanted) in [
            ("> 300 ms", "p95", None),
            ("p95 < 100ms (0.1s)", "Execution time", None),
            ("error rate < 1 %", "Error rate", None),
            ("drops 5%", "Success", None),
            ("> 200 frames/s", "Traffic", None),
            (">0.1% when idle", "Error rate", Some("when idle")),
            (">100 users affected", "p95", Some("users affected")),
            ("not met for 10m", "p95", Some("not met")),
            ("> target for 10m", "p95", Some("target")),
            ("100 ± 10 ms", "p95", Some("100")),
            ("no more than 5 is fine", "Errors", Some("fine")),
        ] {
            let more = match cell(text, name) {
                Cell::Unread(Unread::More(words)) => Some(words),
                Cell::Nothing | Cell::Limit(_) | Cell::Bare(_) | Cell::Unread(_) => None,
            };
            assert_eq!(more.as_deref(), wanted, "{text}");
        }
    }
}
