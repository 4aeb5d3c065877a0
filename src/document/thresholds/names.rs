//! What is measured, from the words around a limit; and how grave it is, from the headings above.

use std::ops::Range;

use super::lead;
use crate::document::blocks::Blocks;
use crate::document::bound::{Limit, first_break, is_unit};
use crate::document::lower;
use crate::document::numerals;
use crate::domain::plan::Comparator;

/// Words that end a name without being part of it.
const TRAILING: [&str; 48] = [
    "for", "in", "is", "are", "at", "of", "to", "be", "must", "should", "stays", "stay", "remains", "remain",
    "has", "have", "with", "and", "or", "by", "than", "if", "when", "does", "do", "not", "gets", "goes",
    "no", "cae", "caen", "cai", "caem", "baja", "im", "auf", "ist", "est", "es", "é", "à", "del", "por",
    "cannot", "never", "sinkt", "fällt", "steigt",
];

/// Words that may stand before a name.
const LEADING: [&str; 16] = [
    "none", "neither", "and", "or", "no", "the", "if", "when", "but", "a", "of", "that", "de", "des", "los",
    "las",
];

/// Articles, which alone are no name: `El 99 % de los pedidos`.
const ARTICLES: [&str; 8] = ["el", "le", "la", "les", "die", "der", "os", "o"];

/// First words of an item that ask for a look at what they name.
const LOOKING: [&str; 12] = [
    "check",
    "verify",
    "ensure",
    "confirm",
    "validate",
    "assert",
    "monitor",
    "watch",
    "make sure",
    "wait until",
    "prüfe",
    "vérifier",
];

/// Last words before a number that say what something can bear: its name stands behind the number.
const BEARING: [&str; 14] = [
    "handle",
    "handles",
    "support",
    "supports",
    "sustain",
    "sustains",
    "serve",
    "serves",
    "process",
    "processes",
    "withstand",
    "withstands",
    "bear",
    "bears",
];

/// Words that stand before a count and say only that there is something.
const THERE: [&str; 8] = ["there", "hay", "há", "es gibt", "il y a", "we see", "se reciben", "llegan"];

/// Verbs that stand alone before what they count.
const VERBS: [&str; 10] = [
    "fallan",
    "falla",
    "faltan",
    "se pierden",
    "se caen",
    "falham",
    "falha",
    "faltam",
    "es fehlen",
    "il manque",
];

/// Words with which something begins that narrows a limit: `when healthy`.
const NARROWING: [&str; 8] = ["when", "during", "under", "while", "after", "on", "per", "before"];

/// What is measured by `limit`, by the words of `text` before it (from `from` on), or else behind it.
pub(in crate::document) fn measured(text: &str, from: usize, limit: &Limit) -> String {
    let raw = text.get(from..limit.at.start).unwrap_or_default();
    let timeless = limit.time.clone().map(|time| without(text, from..limit.at.start, &time));
    let raw = timeless.as_deref().unwrap_or(raw);
    // Behind an earlier limit, what narrows that one comes first.
    let raw = if from > 0 { behind_break(raw) } else { raw };
    let before = named(lead::without(raw));
    let behind = text.get(limit.at.end..).unwrap_or_default();
    let behind = behind.split([',', ';', '(', ')']).next().unwrap_or_default().trim();
    let words = text.get(limit.at.clone()).unwrap_or_default();
    if before.is_empty() || ARTICLES.contains(&&*lower(&before)) {
        // 「3 館以上で貸出ができない」
        let behind = trimmed(behind.strip_prefix(['で', 'が', 'は', 'の']).unwrap_or(behind));
        return if behind.is_empty() { trimmed(&inside(text, limit)) } else { behind };
    }
    // "Tests: no degradation > 5 %" limits the degradation.
    let before = before.replace(": No ", ": ").replace(": no ", ": ");
    let last = lower(before.split_whitespace().next_back().unwrap_or_default());
    if BEARING.contains(&&*last) {
        let noun = trimmed(noun(words));
        // Of "2x normal load", the load.
        let noun = if noun.is_empty() || limit.bound.baseline.is_some() { trimmed(behind) } else { noun };
        return if noun.is_empty() { before } else { noun };
    }
    if let Some(name) = behind_verb(text, limit, &before, behind) {
        return name;
    }
    // "The tests show zero leakage": what there is none of.
    let none =
        limit.bound.comparator == Comparator::Equal && lower(words).starts_with("zero") && before.is_ascii();
    if none && !raw.trim_end().ends_with([':', '：', '-', '–', '—']) && !trimmed(behind).is_empty() {
        return trimmed(behind);
    }
    let first = lower(behind.split_whitespace().next().unwrap_or_default());
    if NARROWING.contains(&&*first) { format!("{before} {}", behind.trim_end_matches('.')) } else { before }
}

/// As [`trimmed`], if anything is left but signs.
pub(super) fn named(text: &str) -> String {
    let name = trimmed(text);
    if name.chars().any(char::is_alphanumeric) { name } else { String::new() }
}

/// Whether a limit with these words before it is called by what stands behind it, too: `Hay más de 20 quejas`.
pub(super) fn is_from_behind(before: &str) -> bool {
    let lower = lower(before);
    let last = lower.split_whitespace().next_back().unwrap_or_default();
    before.is_empty()
        || ARTICLES.contains(&&*lower)
        || THERE.contains(&&*lower)
        || VERBS.contains(&&*lower)
        || BEARING.contains(&last)
}

/// The words at `range` of `text` but for those at `left_out`.
fn without(text: &str, range: Range<usize>, left_out: &Range<usize>) -> String {
    let before = text.get(range.start..left_out.start.max(range.start)).unwrap_or_default();
    let behind = text.get(left_out.end.clamp(range.start, range.end)..range.end).unwrap_or_default();
    format!("{} {}", before.trim_end(), behind.trim_start_matches(['に', 'の']).trim_start())
}

/// What is counted where a verb stands before the number: `Hay más de 20 quejas`, `Fallan más de tres clínicas`.
fn behind_verb(text: &str, limit: &Limit, before: &str, behind: &str) -> Option<String> {
    let lower = lower(before);
    let (there, verb) = (THERE.contains(&&*lower), VERBS.contains(&&*lower));
    let counts = limit.bound.unit.is_empty() || limit.bound.unit.starts_with('/');
    if !counts || !(there || verb) {
        return None;
    }
    let inside = trimmed(&inside(text, limit));
    let counted = if inside.is_empty() { trimmed(behind) } else { inside };
    let name = if there { counted.clone() } else { format!("{before} {counted}") };
    (!counted.is_empty()).then_some(name)
}

/// What stands between a limit and its time: `Zero pages for 72 hours`, `Plus de 30 appels en 1 heure`.
fn inside(text: &str, limit: &Limit) -> String {
    const TIMES: [&str; 18] = [
        "pro",
        "par",
        "innerhalb",
        "binnen",
        "for",
        "in",
        "within",
        "over",
        "per",
        "after",
        "für",
        "pendant",
        "en",
        "dans",
        "durante",
        "por",
        "em",
        "during",
    ];
    let words: Vec<&str> = text.get(limit.at.clone()).unwrap_or_default().split_whitespace().collect();
    let is_number = |word: &&str| {
        word.contains(|c: char| c.is_ascii_digit()) || numerals::before_a_unit(&lower(word)).is_some()
    };
    let number = words.iter().position(is_number);
    let time = |from: usize| {
        let mut more = words.iter().skip(from);
        more.position(|word| TIMES.contains(&&*lower(word.trim_start_matches('(')))).map(|at| from + at)
    };
    // Without a number before its time, the first word says that there is none.
    let from = number.filter(|number| time(0).is_none_or(|time| *number < time)).unwrap_or(0) + 1;
    let from = from + usize::from(words.get(from).is_some_and(|word| is_unit(word)));
    let to = time(from).unwrap_or(words.len());
    let named = words.get(from..to).unwrap_or_default().join(" ");
    // "No leaks (heap snapshot after 8h)": how it is looked at is no part of the name.
    named.split(['(', ',']).next().unwrap_or_default().to_owned()
}

/// What stands behind the number in the words of a limit: `events/second` of `100+ events/second`.
fn noun(words: &str) -> &str {
    let last = words.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let behind = words.get(last..).unwrap_or_default();
    let behind = behind.trim_start_matches(|c: char| !c.is_alphabetic());
    let end = [" over ", " in ", " within ", " per ", " por ", " par ", " pro ", " for ", " for"]
        .into_iter()
        .filter_map(|word| behind.find(word))
        .min();
    behind.get(..end.unwrap_or(behind.len())).unwrap_or(behind)
}

/// What of the words between two limits belongs to the second.
pub(in crate::document) fn behind_break(between: &str) -> &str {
    let lower = between.to_ascii_lowercase();
    let rest = first_break(&lower).and_then(|end| between.get(end..)).unwrap_or(between);
    // ", OR errors"
    let begin = rest.trim_start();
    let word = ["or ", "and ", "oder ", "und "]
        .iter()
        .find(|word| begin.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word)));
    word.and_then(|word| begin.get(word.len()..)).unwrap_or(rest)
}

pub(super) fn trimmed(text: &str) -> String {
    let mark = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ':' | '('
                    | ')'
                    | '['
                    | ']'
                    | ','
                    | ';'
                    | '-'
                    | '–'
                    | '—'
                    | '`'
                    | '*'
                    | '.'
                    | '：'
                    | '|'
                    | '/'
                    | '（'
                    | '）'
                    | '✅'
                    | '❌'
                    | '⚠'
                    | '🔴'
                    | '🟠'
                    | '🟡'
                    | '🟢'
            )
    };
    let mut text = without_bracket(text.trim_matches(|c: char| c != ')' && mark(c)));
    let folded = lower(text);
    let looks = |word: &&&str| {
        folded.strip_prefix(**word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            && folded.len() == text.len()
    };
    if let Some(word) = LOOKING.iter().find(looks) {
        text = text.get(word.len()..).unwrap_or(text).trim_start();
    }
    loop {
        // Japanese particles stand at the end of the name itself.
        if let Some(name) = text.strip_suffix(['が', 'は']).filter(|name| !name.is_empty()) {
            text = name.trim_end_matches(mark);
        }
        let last = text.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
        let denies = last.ends_with("n't") || last.ends_with("n’t");
        if text.is_empty() || !(denies || TRAILING.contains(&&*lower(last))) {
            break;
        }
        let rest = text.strip_suffix(last).unwrap_or_default();
        text = without_bracket(rest.trim_end_matches(|c: char| c != ')' && mark(c)));
    }
    loop {
        let first = text.split(char::is_whitespace).next().unwrap_or_default();
        if text.is_empty() || !LEADING.contains(&&*lower(first)) {
            break;
        }
        text = text.strip_prefix(first).unwrap_or_default().trim_start_matches(mark);
    }
    text.to_owned()
}

/// Without a bracket at the end that was never opened.
fn without_bracket(text: &str) -> &str {
    let text = text.trim_end();
    if text.ends_with(')') && !text.contains('(') { text.trim_end_matches([')', ' ']) } else { text }
}

/// What is not to be had is the contrary of what is.
const UNAVAILABLE: [&str; 5] = ["unavailab", "nicht verfügbar", "indisponib", "no disponib", "不可用"];

/// Whether more of what is called `name` is worse, if its words tell.
pub(super) fn bad_when_high(name: &str) -> Option<bool> {
    const BAD: [&str; 33] = [
        "antwortzeit",
        "laufzeit",
        "wartezeit",
        "temps de",
        "tiempo de",
        "error",
        "fail",
        "latenc",
        "duration",
        "time",
        "violation",
        "loss",
        "drop",
        "usage",
        "utili",
        "lag",
        "delay",
        "memory",
        "cpu",
        "restart",
        "retr",
        "timeout",
        "incident",
        "complaint",
        "queue",
        "backlog",
        "fehler",
        "latenz",
        "erreur",
        "erro",
        "错误",
        "延迟",
        "エラー",
    ];
    const GOOD: [&str; 17] = [
        "apdex",
        "uptime",
        "availab",
        "success",
        "throughput",
        "coverage",
        "hit rate",
        "hit ratio",
        "delivery",
        "completion",
        "quality",
        "verfügbar",
        "erfolg",
        "disponib",
        "réussite",
        "成功",
        "可用",
    ];
    let name = lower(name);
    if GOOD.iter().any(|word| name.contains(word)) {
        return Some(UNAVAILABLE.iter().any(|word| name.contains(word)));
    }
    BAD.iter().any(|word| name.contains(word)).then_some(true)
}

/// `Priority 1`, `P2`, `Severity 3`, `SEV-1` in the headings above, the nearest first; 1 is the worst.
pub(in crate::document) fn priority(blocks: &Blocks, head: Option<usize>) -> Option<u8> {
    let above = std::iter::successors(head, |at| blocks.heads.get(*at).and_then(|head| head.under));
    above.filter_map(|at| blocks.heads.get(at)).find_map(|head| rank(&head.text))
}

/// The number behind a word for priority or severity in `text`.
pub(in crate::document) fn rank(text: &str) -> Option<u8> {
    const WORDS: [&str; 17] = [
        "severidade",
        "gravedad",
        "gravité",
        "priority",
        "severity",
        "sev",
        "prio",
        "priorität",
        "schweregrad",
        "priorité",
        "sévérité",
        "prioridad",
        "severidad",
        "prioridade",
        "gravidade",
        "优先级",
        "严重",
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let number = |text: &str| text.parse::<u8>().ok().filter(|n| *n < 10).map(|n| n.max(1));
    words.iter().enumerate().find_map(|(at, word)| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        if WORDS.contains(word) {
            return number(next);
        }
        let short = word.strip_prefix("sev").or_else(|| word.strip_prefix('p'))?;
        number(short).filter(|_| short.len() == 1)
    })
}
