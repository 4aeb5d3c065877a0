//! Limits with all that a text says of their time. One that is known by half would trip at once, or twice.

use std::sync::LazyLock;

use super::{Limit, Unread, grammar};
use crate::document::lower;
use crate::document::needles::Needles;

/// How often, or how long without a number.
const OFTEN: [&str; 38] = [
    "in a row",
    "consecutive",
    "consécuti",
    "consecutiv",
    "back to back",
    "back-to-back",
    "successive",
    "sustained",
    "persist",
    "prolonged",
    "continuous",
    "for a while",
    "for long",
    "repeated",
    "hintereinander",
    "aufeinander",
    "in folge",
    "anhaltend",
    "dauerhaft",
    "wiederholt",
    "de suite",
    "d'affilée",
    "d’affilée",
    "prolongé",
    "répété",
    "seguidas",
    "seguidos",
    "sostenid",
    "repetid",
    "sustentad",
    "prolongad",
    "连续",
    "連続",
    "持续",
    "持續",
    "継続",
    "しばらく",
    "続く",
];

/// How often in a time.
const TIMES: [&str; 17] = [
    "twice ",
    "times in ",
    "times within ",
    "times over ",
    "zweimal ",
    "dreimal ",
    "mal in ",
    "mal innerhalb ",
    "fois en ",
    "fois dans ",
    "veces en ",
    "vezes em ",
    "deux fois",
    "dos veces",
    "duas vezes",
    "两次",
    "2回",
];

/// Which time, not how long.
const FIRST: [&str; 13] = [
    "first ",
    "last deploy",
    "ersten ",
    "premières ",
    "premiers ",
    "première ",
    "primeros ",
    "primeras ",
    "primera ",
    "primeiros ",
    "primeiras ",
    "primeira ",
    "最初",
];

/// Names that say nothing of how often: `Persistent volume usage`.
const NAMES: [&str; 9] = [
    "persistent volume",
    "persistent disk",
    "persistent storage",
    "persistent connection",
    "persistent queue",
    "persistence",
    "continuous integration",
    "continuous delivery",
    "continuous deployment",
];

/// What is used up in a time.
const BURNT: [&str; 8] = ["budget", "burn", "consum", "consomm", "verbrauch", "aufgebraucht", "消耗", "消費"];

/// Behind one of these, a unit of time is a time that is not told.
const SOME: [&str; 17] = [
    "several ",
    "few ",
    "some ",
    "ten ",
    "five ",
    "mehrere ",
    "mehreren ",
    "einige ",
    "einigen ",
    "quelques ",
    "plusieurs ",
    "varios ",
    "algunos ",
    "alguns ",
    "vários ",
    "几",
    "数",
];

static NAMES_IT: LazyLock<Needles> = LazyLock::new(|| Needles::of(&NAMES));
static SAYS_OFTEN: LazyLock<Needles> = LazyLock::new(|| Needles::of(&OFTEN));
static SAYS_TIMES: LazyLock<Needles> = LazyLock::new(|| Needles::of(&TIMES));
static SAYS_FIRST: LazyLock<Needles> = LazyLock::new(|| Needles::of(&FIRST));
static SAYS_BURNT: LazyLock<Needles> = LazyLock::new(|| Needles::of(&BURNT));
static SAYS_SOME: LazyLock<Needles> = LazyLock::new(|| Needles::of(&SOME));

/// As [`super::read`], of a text that trips something: no limit whose time is not surely known.
pub(in crate::document) fn read_whole(text: &str) -> (Vec<Limit>, Option<Unread>) {
    let found = grammar::limits(text);
    let times_only = found.limits.iter().all(|limit| super::is_time(&limit.bound.unit));
    if let Some(often) = found.often.filter(|_| times_only && !says_often(text)) {
        return (vec![often], None);
    }
    if found.limits.is_empty() && found.unread.is_none() {
        let share = found.bare.as_ref().is_some_and(|bare| bare.unit == "%");
        let often = found.bare.is_some() && says_often(text);
        return (Vec::new(), share.then_some(Unread::Side).or(often.then_some(Unread::Time)));
    }
    if super::is_bounded(text, &found.limits) {
        return (Vec::new(), Some(Unread::Exception));
    }
    if is_of_another(text, &found.limits) {
        return (Vec::new(), Some(Unread::Several));
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

/// Whether the second limit is of how many the first is true: `CPU > 80 % on more than 2 nodes`.
fn is_of_another(text: &str, limits: &[Limit]) -> bool {
    let [first, second] = limits else { return false };
    let gap = lower(text.get(first.at.end..second.at.start).unwrap_or_default());
    matches!(gap.trim(), "on" | "in" | "across" | "at" | "auf" | "sur" | "en" | "em" | "dans")
}

/// Whether the only limit is how long something lasts whose own limit is not read: `exceeds the SLO (500ms) for more than 5 min`.
fn is_only_how_long(text: &str, limits: &[Limit]) -> bool {
    let [only] = limits else { return false };
    let before = lower(text.get(..only.at.start).unwrap_or_default());
    super::is_time(&only.bound.unit) && before.trim_end().ends_with(" for")
}

/// Whether the words of `text` tell more of the time than `limits` know.
fn is_half_said(text: &str, limits: &[Limit]) -> bool {
    let rated = limits.iter().any(|limit| limit.bound.unit.contains('/'));
    let lasting = limits.iter().any(|limit| limit.bound.for_seconds.is_some());
    let timed = lasting || limits.iter().any(|limit| limit.bound.within_ms.is_some());
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
    (!rated && !lasting && says_often(text))
        || of_both()
        || (!rated && SAYS_TIMES.are_in(text))
        || (timed && (SAYS_FIRST.are_in(text) || is_before(text) || burnt() || changed()))
        || (!timed && SAYS_FIRST.are_in(text) && is_some_time(&FIRST, &lower(text), true))
        || (!timed && SAYS_SOME.are_in(text) && is_some_time(&SOME, &lower(text), false))
}

/// Whether `text` says how often, or how long without a number.
fn says_often(text: &str) -> bool {
    if !SAYS_OFTEN.are_in(text) || !NAMES_IT.are_in(text) {
        return SAYS_OFTEN.are_in(text);
    }
    let mut rest = lower(text).to_string();
    for name in NAMES {
        rest = rest.replace(name, "");
    }
    SAYS_OFTEN.are_in(&rest)
}

/// `前10分钟`, `10分前`: which time. `当前` is now.
fn is_before(text: &str) -> bool {
    text.match_indices('前').any(|(at, sign)| {
        let (before, behind) = (text.get(..at), text.get(at + sign.len()..));
        let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default().trim_start());
        let now = before.ends_with(['当', '當', '目', '之', '以', '此', '先']);
        (!now && behind.starts_with(|c: char| c.is_ascii_digit() || "一二三五十几".contains(c)))
            || before.ends_with(['分', '秒', '日', '天', '間', '时', '時', '钟', '鐘'])
    })
}

/// Whether the time of `limit` is said as one in which something comes about: `in 1 hour`.
fn is_window(text: &str, limit: &Limit) -> bool {
    let own = lower(text.get(limit.at.clone()).unwrap_or_default());
    [" in ", " within ", " innerhalb ", " binnen ", " en ", " em ", " dans "]
        .iter()
        .any(|word| own.contains(word))
}

/// `for several minutes`, `seit mehreren Stunden`, `数分間`: a time behind one of `words`, without a number, or with one in
/// words; `counted`, also `in the first 30 minutes`.
fn is_some_time(words: &[&str], lower: &str, counted: bool) -> bool {
    words.iter().any(|some| {
        lower.match_indices(some).any(|(at, _)| {
            let behind = lower.get(at + some.len()..).unwrap_or_default();
            let behind =
                behind.trim_start_matches(|c: char| counted && (c.is_ascii_digit() || c == ' ' || c == 'の'));
            let end = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
            let word = behind.get(..end).unwrap_or_default();
            super::is_time(word)
                || ["分", "小时", "小時", "時間", "秒"].iter().any(|unit| word.starts_with(unit))
        })
    })
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
            "Error rate > 5 % for 3 checks in a row",
            "Health check fails 3 times in a row",
            "Error rate > 5 % for several minutes",
            "Ten minutes of error rate > 5 %",
            "Error rate > 5 % in the first 10 minutes",
            "Error rate > 5 % for at most 10 minutes",
            "Error rate > 5 % twice within 10 minutes",
            "Error rate > 5 % or p99 > 2 s for 10 minutes",
            "Error rate > 5 % persists",
            "Error rate (5m) > 5 %",
            "Fehlerquote länger als 10 Minuten > 5 %",
            "mehr als 10 Minuten Fehlerquote über 5 %",
            "burned by more than 2% in 1 hour",
            "Traffic drops by more than 30% in 10 minutes",
            "エラー率が5分以上5%を超える",
            "错误率>5%达10分钟",
            "Antwortzeit p95 länger als 5 Minuten über 800 ms",
        ] {
            assert_eq!(read(text), "Time", "{text}");
        }
        for text in [
            "Timeout > 30 s, 5 min",
            "Queue age > 60 s, 5 min",
            "> 20 complaints in the first hour",
            "> 20 complaints in the first 30 minutes",
            "前10分钟错误率>5%持续10分钟",
            "Persistent errors > 5 %",
            "Persistent volume errors > 5 % persist",
        ] {
            assert_eq!(read(text), "Time", "{text}");
        }
        assert_eq!(read("当前错误率>5%持续10分钟"), "> 5 % for 10 min");
        assert_eq!(read("Persistent volume usage > 80 %"), "> 80 %");
        assert_eq!(read("Continuous integration failures > 2"), "> 2");
        assert_eq!(read("Time to first byte > 2 s"), "> 2 s");
        assert_eq!(read("2% in 1 hour"), "Side");
        assert_eq!(read("Conversion falls by more than 10 % versus baseline"), "> 10 % below baseline");
    }
}
