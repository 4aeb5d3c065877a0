//! What leads to the name of a limit and is no part of it: `Roll back if the error rate > 5 %`, `Trigger: p95 > 2 s`.

use crate::document::back_if::{ACTS, HOW, IFS};
use crate::document::lower;

/// Words before a colon that say what kind of a line it is, in lower case.
const LABELS: [&str; 30] = [
    "trigger",
    "rollback",
    "rollback trigger",
    "abort",
    "critical",
    "error",
    "alert",
    "condition",
    "threshold",
    "limit",
    "auslöser",
    "kritisch",
    "fehler",
    "bedingung",
    "grenzwert",
    "schwelle",
    "déclencheur",
    "critique",
    "erreur",
    "seuil",
    "disparador",
    "crítico",
    "umbral",
    "gatilho",
    "limite",
    "触发",
    "触发条件",
    "严重",
    "条件",
    "重大",
];

/// Articles that may stand behind what leads to a name.
const ARTICLES: [&str; 13] =
    ["the ", "our ", "der ", "die ", "das ", "le ", "la ", "les ", "l'", "l’", "el ", "los ", "as "];

/// `text` without what leads to a name at its beginning.
pub(super) fn without(text: &str) -> &str {
    let mut rest = text;
    // A label, and what it says to do.
    for _ in 0..3 {
        let begin = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let small = lower(begin);
        if small.len() != begin.len() {
            break;
        }
        let length = label(&small).or_else(|| condition(&small));
        let Some(behind) = length.and_then(|length| begin.get(length..)) else { break };
        rest = behind;
    }
    if rest.len() == text.len() {
        return text;
    }
    let begin = rest.trim_start();
    let small = lower(begin);
    let article = ARTICLES.iter().find(|word| small.starts_with(**word)).map_or(0, |word| word.len());
    begin.get(article..).unwrap_or(begin)
}

/// The length of `trigger:`, `SEV1 –` at the beginning of `text`, in lower case.
fn label(text: &str) -> Option<usize> {
    let (at, mark) = [":", "：", " – ", " — ", " - "]
        .into_iter()
        .filter_map(|mark| Some((text.get(..text.len().min(40)).unwrap_or(text).find(mark)?, mark)))
        .min()?;
    let word = text.get(..at)?.trim();
    let rank = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let short = word.len() <= 5
        && rank.trim_start_matches('-').len() == 1
        && rank.ends_with(|c: char| c.is_ascii_digit());
    let graded = short && ["p", "s", "sev"].contains(&word.strip_suffix(rank).unwrap_or_default());
    (graded || LABELS.contains(&word)).then_some(at + mark.len())
}

/// The length of `roll back immediately if`, `if` at the beginning of `text`, in lower case.
fn condition(text: &str) -> Option<usize> {
    let act = ACTS.iter().filter(|act| text.starts_with(**act)).map(|act| act.len()).max().unwrap_or(0);
    let mut at = act;
    // "roll back immediately, if"
    for _ in 0..if act > 0 { 6 } else { 0 } {
        let rest = text.get(at..)?;
        let begin = rest.trim_start_matches([' ', ',', ':', '：', '，']);
        at += rest.len() - begin.len();
        if IFS.iter().any(|word| begin.starts_with(word)) {
            break;
        }
        let end = begin.find([' ', ',', ':']).unwrap_or(begin.len());
        at += begin.get(..end).filter(|word| HOW.contains(word))?.len();
    }
    let rest = text.get(at..)?;
    let length = IFS.iter().filter(|word| rest.starts_with(**word)).map(|word| word.len()).max()?;
    Some(at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_a_name_is_no_part_of_it() {
        for (text, wanted) in [
            ("Roll back if the error rate", "error rate"),
            ("Roll back immediately, if error rate", "error rate"),
            ("Abort when p95", "p95"),
            ("Trigger: p95", "p95"),
            ("P1: abort if p95", "p95"),
            ("SEV-1 – error rate", "error rate"),
            ("If the error rate", "error rate"),
            ("Zurückrollen, wenn die Fehlerrate", "Fehlerrate"),
            ("Revenir en arrière si le taux d'erreur", "taux d'erreur"),
            ("Revertir si la tasa de error", "tasa de error"),
            ("Reverter se a taxa de erro", "a taxa de erro"),
            ("如果错误率", "错误率"),
            ("Do not roll back if p95", "Do not roll back if p95"),
            ("Roll back only if p95", "Roll back only if p95"),
            ("p95", "p95"),
            ("p95: checkout", "p95: checkout"),
            ("Le catalogue", "Le catalogue"),
        ] {
            assert_eq!(without(text), wanted, "{text}");
        }
    }
}
