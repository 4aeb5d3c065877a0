//! Words beside a limit that change nothing about it. Whatever else stands there is not understood, and its limit is left
//! to a person: `> 5 % in staging`, `> 5 % (page only)`, `> 5 % unless planned`.

use std::sync::LazyLock;

use super::lex::{Kind, is_cjk};
use super::words::{self, Phrases};
use super::{grammar, magnitude};
use crate::document::lower;
use crate::domain::plan::Bound;

/// When words say nothing more than their limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Always.
    Always,
    /// A number stands behind: what it is otherwise.
    Noted,
    /// Of a plain count: what is counted.
    Counted,
}

/// What may stand beside a limit, in lower case, separated by bars.
const WORDS: &[(When, &str)] = &[
    (
        When::Always,
        "roll back|rollback|rolling back|roll it back|revert|back out|backout|abort|immediately|at once|now|instantly|right away|\
         straight away|must|we|please|then|the release|the deployment|the rollout|to the previous version|to the previous release|\
         to the previous revision|to the last version|to the last release|critical|severe|major|in total|overall|occurs|occur|\
         happens|happen|is not acceptable|is unacceptable|is seen|is observed|observed|is reached|is exceeded|detected|is|are",
    ),
    (
        When::Always,
        "los|las|el|la|les|le|die|das|den|dem|einen|einem|einer|zeitraum|period|liegt|liegen|steigt|steigen|ist|sind|wird|werden|beträgt|fällt|sinkt|erreicht|zurückrollen|zurückgerollt|abbrechen|\
         abbruch|sofort|umgehend|dann|bitte|kritisch|insgesamt|auftreten|auftritt",
    ),
    (
        When::Always,
        "retour arrière|retour en arrière|revenir en arrière|immédiatement|tout de suite|alors|critique|abandonner|au total|\
         revertir|volver atrás|marcha atrás|dar marcha atrás|hacer rollback|inmediatamente|de inmediato|entonces|crítico|crítica|\
         abortar|en total|reverter|voltar atrás|fazer rollback|imediatamente|de imediato|então|no total",
    ),
    (
        When::Always,
        "立即|立刻|马上|则|就|时候|时|的|回滚|回退|回滾|中止|触发|情况|进行|执行|必须|严重|无响应|状态|了|場合|とき|時|たら|なら|た|る|\
         が|は|を|に|と|の|で|も|状態|ロールバック|切り戻し|切り戻す|切戻し|即時|即座|直ちに|すぐ|する|した|なった|となった|こと|発生",
    ),
    (
        When::Noted,
        "baseline|currently|current|now|today|before|was|usual|usually|normally|normal|typically|slo|sla|target|aktuell|derzeit|\
         heute|vorher|sonst|üblich|actuellement|aujourd'hui|actualmente|hoy|atualmente|hoje|目前|当前|現在|通常",
    ),
    (
        When::Counted,
        "records|requests|errors|users|pods|messages|customers|orders|times|events|items|rows|reports|complaints|tickets|jobs|\
         connections|restarts|failures|timeouts|instances|nodes|calls|logins|sessions|transactions|payments|emails|mails|retries|\
         attempts|queries|entries|crashes|incidents|alarms|servers|hosts|containers|consumers|people|occurrences|nachrichten|\
         fehler|anfragen|nutzer|benutzer|kunden|beschwerden|mal|datensätze|bestellungen|aufträge|neustarts|verbindungen|\
         instanzen|meldungen|einträge|erreurs|requêtes|utilisateurs|clients|plaintes|fois|commandes|enregistrements|connexions|\
         redémarrages|appels|lignes|errores|solicitudes|peticiones|mensajes|usuarios|clientes|quejas|veces|pedidos|registros|\
         reinicios|conexiones|llamadas|filas|erros|solicitações|requisições|mensagens|usuários|utilizadores|reclamações|vezes|\
         registos|reinícios|conexões|chamadas|linhas|次|个|条|件|人|名|台|回|笔|起",
    ),
];

/// What leads to that of which a limit in per cent is a share: `> 5 % of requests`.
const OF: [&str; 14] = [
    "of all the ",
    "of all ",
    "of the ",
    "of our ",
    "of ",
    "aller ",
    "der ",
    "de toutes les ",
    "des ",
    "de las ",
    "de los ",
    "das ",
    "dos ",
    "de ",
];

/// Words before a number that tells how grave it is.
const GRADES: [&str; 11] = [
    "sev",
    "severity",
    "priority",
    "prio",
    "schweregrad",
    "priorität",
    "gravité",
    "priorité",
    "severidad",
    "prioridad",
    "prioridade",
];

/// What leads to a baseline.
const AGAINST: [&str; 8] =
    ["versus", "vs", "against", "compared to", "compared with", "relative to", "than", "respecto a"];

static ALLOWED: LazyLock<Phrases<When>> = LazyLock::new(|| Phrases::of(WORDS));

/// Of what the words are that are looked at.
#[derive(Debug, Clone, Copy)]
pub(in crate::document) struct Beside<'a> {
    /// The limit they stand beside.
    pub(in crate::document) bound: Option<&'a Bound>,
    /// Whether what is counted may be named: of a cell, its row says it.
    pub(in crate::document) counts: bool,
    /// Other words that may stand there, in lower case.
    pub(in crate::document) also: &'a [&'a str],
}

/// Whether `word`, behind the number of `bound` (`before` ends with it), is what is counted: `200 frames/s`, 「3 館以上」.
pub(in crate::document) fn is_counter(before: &str, word: &str, bound: &Bound) -> bool {
    let one = || word.chars().count() == 1 && word.starts_with(is_cjk);
    before.trim_end().ends_with(|c: char| c.is_ascii_digit())
        && !word.contains(char::is_whitespace)
        && (bound.unit.starts_with('/') || (bound.unit.is_empty() && one()))
}

/// What of `words` is not understood, if anything: from the first such word on.
pub(in crate::document) fn not_understood<'a>(words: &'a str, beside: Beside<'_>) -> Option<&'a str> {
    let lower = lower(words);
    // Letters whose small form has another length are no words that are known.
    let lower = if lower.len() == words.len() { lower } else { words.into() };
    let mut at = share(&lower, beside);
    while let Some(rest) = lower.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(length) = taken(rest, lower.get(..at).unwrap_or_default(), beside) else {
            // Of a script without spaces all of it is told.
            let all = words.get(if rest.starts_with(is_cjk) { 0 } else { at }..)?;
            let mark = |c: char| c.is_whitespace() || "()（）,;:.，。–—→".contains(c);
            let left = all.trim_matches(mark);
            return Some(if left.is_empty() { all } else { left });
        };
        at += length;
    }
    None
}

/// So many bytes of `words` say of what a limit in per cent is a share.
fn share(words: &str, beside: Beside<'_>) -> usize {
    let bound = beside.bound;
    if bound.is_none_or(|bound| bound.unit != "%" || bound.baseline.is_some()) {
        return 0;
    }
    let begin = words.trim_start();
    let Some(rest) = OF.iter().find_map(|of| begin.strip_prefix(of)) else { return 0 };
    let end = rest.find(|c: char| !(c.is_alphabetic() || c == '-')).unwrap_or(rest.len());
    words.len() - rest.len() + end
}

/// So many bytes at the beginning of `rest`, in lower case, are understood; `before` stands before it.
fn taken(rest: &str, before: &str, beside: Beside<'_>) -> Option<usize> {
    let first = rest.chars().next()?;
    if first == '@' {
        return Some(rest.find([' ', ')', ',', ';']).unwrap_or(rest.len()));
    }
    if first.is_ascii_digit() {
        return same(rest, beside);
    }
    if !first.is_alphanumeric() {
        let arrow = first == '>' && before.ends_with(['-', '=', '–', '—']);
        let says = matches!(first, '<' | '>' | '=' | '≤' | '≥' | '~' | '±' | '?' | '%' | '$' | '€');
        let begins = first == '=' && rest.starts_with("=>");
        return (!says || arrow || begins).then_some(first.len_utf8());
    }
    let inside = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() && !is_cjk(c));
    if inside && !is_cjk(first) {
        return None;
    }
    let also = beside.also.iter().filter(|word| begins_with(rest, word)).map(|word| word.len()).max();
    also.or_else(|| grade(rest)).or_else(|| known(rest, beside))
}

/// A phrase that is allowed.
fn known(rest: &str, beside: Beside<'_>) -> Option<usize> {
    let bound = beside.bound;
    if let Some((when, length)) = ALLOWED.at_start(rest) {
        let behind = rest.get(length..).unwrap_or_default();
        match when {
            When::Always => return Some(length),
            When::Counted => {
                let counts = bound.is_some_and(|bound| bound.unit.is_empty() || bound.unit.starts_with('/'));
                return (counts && beside.counts).then_some(length);
            }
            When::Noted => {
                if let Some(number) = number(behind) {
                    return Some(length + number);
                }
            }
        }
    }
    // "than the baseline", of what is relative to it.
    let relative = bound.is_some_and(|bound| bound.baseline.is_some());
    match words::at_start(rest) {
        Some((Kind::Of, length)) => Some(length),
        // "10 分続く"
        Some((Kind::Lasting, length)) if bound.is_some_and(|bound| bound.for_seconds.is_some()) => {
            Some(length)
        }
        Some((Kind::Baseline | Kind::Mean | Kind::More | Kind::Less | Kind::Worse, length)) if relative => {
            Some(length)
        }
        _ => AGAINST.iter().find(|word| relative && begins_with(rest, word)).map(|word| word.len()),
    }
}

/// The length of a number with its unit, behind `rest` begins with.
fn number(rest: &str) -> Option<usize> {
    let blank = |c: char| c.is_whitespace() || matches!(c, ':' | '~' | '=' | '≈');
    let digits = rest.trim_start_matches(blank);
    let behind = digits.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    if behind.len() == digits.len() {
        return None;
    }
    let unit = behind.trim_start_matches(' ');
    let end = unit.find(|c: char| !(c.is_alphanumeric() || matches!(c, '%' | '/'))).unwrap_or(unit.len());
    let word = unit.get(..end).unwrap_or_default();
    let unit = if word.starts_with('%') || super::is_unit(word) { unit.get(end..)? } else { behind };
    Some(rest.len() - unit.len())
}

/// The length of a number that says the limit again, in another unit: `2 hours (7200s)`.
fn same(rest: &str, beside: Beside<'_>) -> Option<usize> {
    let length = number(rest)?;
    let again = grammar::limits(rest.get(..length)?).bare?;
    let limit = beside.bound?;
    let ((a, unit), (b, other)) = (magnitude(&again), magnitude(limit));
    let equal = unit == other && (a - b).abs() <= b.abs() * 1e-6 && again.unit != limit.unit;
    equal.then_some(length)
}

/// The length of a grade: `sev1`, `P0`, `Severity 2`.
fn grade(rest: &str) -> Option<usize> {
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let word = rest.get(..end)?;
    let number = rest.get(end..)?.trim_start_matches([' ', '-']);
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let apart = number.len() != rest.len() - end;
    let is_grade = GRADES.contains(&word) || (!apart && matches!(word, "p" | "s"));
    (is_grade && digits == 1).then(|| rest.len() - number.len() + 1)
}

/// Whether `rest` begins with `word`, as a whole one.
fn begins_with(rest: &str, word: &str) -> bool {
    let behind = rest.strip_prefix(word).map(|behind| behind.chars().next());
    !word.is_empty()
        && behind.is_some_and(|next| next.is_none_or(|next| !next.is_alphanumeric() || is_cjk(next)))
}

#[cfg(test)]
mod tests {
    use super::super::limits;
    use super::*;

    #[test]
    fn what_is_allowed_beside_a_limit_says_nothing_more() {
        for (text, wanted) in [
            ("> 5 % → roll back immediately", None),
            ("> 5 % (SEV1), @mara", None),
            ("> 5 % of all requests: abort", None),
            ("> 2 s (baseline 300 ms)", None),
            ("> 2 h (7200s)", None),
            ("> 2 h (7300s)", Some("7300s")),
            ("> 5 % roll back only at night", Some("only at night")),
            ("> 5 % of baseline traffic?", Some("traffic?")),
            ("> 100 users affected", Some("affected")),
            ("> 100 ms users", Some("users")),
            ("> 5 % (TBC)", Some("TBC")),
            ("> 5 % → page", Some("page")),
            ("über 5 % liegt", None),
            ("über 5 %, dann nur melden", Some("nur melden")),
            ("超过5%则立即回滚", None),
            ("超过5%不回滚", Some("不回滚")),
            ("5%を超えた場合", None),
            ("5%を超えた場合のみ", Some("た場合のみ")),
        ] {
            let found = limits(text);
            let limit = found.first().expect("a limit");
            let beside = Beside { bound: Some(&limit.bound), counts: true, also: &[] };
            let words = text.get(limit.at.end..).unwrap_or_default();
            assert_eq!(not_understood(words, beside), wanted, "{text}");
        }
    }
}
