//! Sentences that say when to go back: `If errors exceed 3 %, back out:`, `Revert when p99 > 2 s.`

use std::sync::LazyLock;

use super::bound::limits;
use super::needles::Needles;
use super::topic::denies;

/// Longer texts tell a story.
const LONGEST: usize = 240;

/// Going back, in the words of a sentence.
pub(super) const ACTS: [&str; 40] = [
    "roll back",
    "rollback",
    "rolling back",
    "roll it back",
    "back out",
    "back it out",
    "backout",
    "revert",
    "abort",
    "bail out",
    "go back",
    "switch back",
    "turn back",
    "flip back",
    "fall back",
    "pull the cord",
    "pull the plug",
    "zurückrollen",
    "zurückgerollt",
    "zurückbauen",
    "zurückbau",
    "rückbau",
    "zurückdrehen",
    "abbrechen",
    "revenir en arrière",
    "retour arrière",
    "retour en arrière",
    "marcha atrás",
    "volver atrás",
    "revertir",
    "abortar",
    "reverter",
    "reverta",
    "reversão",
    "voltar atrás",
    "回滚",
    "回退",
    "回滾",
    "切り戻",
    "ロールバック",
];

/// What leads to a condition, at the beginning of a sentence.
pub(super) const IFS: [&str; 34] = [
    "if and when ",
    "if ",
    "when ",
    "whenever ",
    "as soon as ",
    "should ",
    "in case ",
    "once ",
    "wenn ",
    "falls ",
    "sobald ",
    "sollte ",
    "sollten ",
    "bei ",
    "si ",
    "dès que ",
    "lorsque ",
    "quand ",
    "en cas de ",
    "cuando ",
    "en caso de ",
    "se ",
    "quando ",
    "caso ",
    "em caso de ",
    "如果",
    "若是",
    "若",
    "一旦",
    "当",
    "當",
    "もし",
    "万一、",
    "もしも",
];

/// What leads to one behind the act.
const BEHIND: [&str; 14] = [
    " if ",
    " when ",
    " whenever ",
    " as soon as ",
    " once ",
    " wenn ",
    " falls ",
    " sobald ",
    " bei ",
    " si ",
    " se ",
    " cuando ",
    " quando ",
    " lorsque ",
];

/// What stands between a condition and the act.
const BETWEEN: [&str; 17] = [
    ", ",
    " → ",
    " -> ",
    " => ",
    " – ",
    " — ",
    " then ",
    ": ",
    "; ",
    "，",
    "、",
    "则",
    "就",
    "場合は",
    "場合、",
    "たら",
    "時は",
];

/// Conditions that only lead to others, and words of what was or must not be done.
const NONE: [&str; 36] = [
    "any of",
    "one of",
    "either of",
    "all of",
    "following",
    "these",
    "those",
    "below",
    "folgende",
    "eine der",
    "suivant",
    "l'un",
    "siguiente",
    "alguno",
    "alguna",
    "seguinte",
    "algum",
    "以下",
    "任一",
    "いずれか",
    "下記",
    " had ",
    " was ",
    " were ",
    "did ",
    "not roll",
    "never ",
    "n't ",
    "do not",
    "nicht z",
    "ne pas",
    "necessary",
    "needed",
    "required",
    "不要",
    "しない",
];

/// Who goes back, and how: what else may stand between a condition and the act.
pub(super) const HOW: [&str; 52] = [
    "we",
    "you",
    "i",
    "please",
    "must",
    "should",
    "shall",
    "will",
    "immediately",
    "at",
    "once",
    "then",
    "start",
    "begin",
    "trigger",
    "initiate",
    "execute",
    "perform",
    "do",
    "consider",
    "a",
    "the",
    "an",
    "to",
    "full",
    "straight",
    "first",
    "sofort",
    "wird",
    "werden",
    "wir",
    "ist",
    "zu",
    "muss",
    "den",
    "einen",
    "il",
    "faut",
    "on",
    "doit",
    "un",
    "une",
    "le",
    "hay",
    "que",
    "se",
    "debe",
    "deve",
    "iniciar",
    "fazer",
    "um",
    "o",
];

/// Whether `text` speaks of going back.
pub(super) fn speaks_of_it(text: &str) -> bool {
    SAYS.are_in(text)
}

static SAYS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&ACTS));
static NO_CONDITION: LazyLock<Needles> = LazyLock::new(|| Needles::of(&NONE));

/// When to go back, of a sentence that says that and nothing else: `errors exceed 3 %` of `If errors exceed 3 %, back out:`.
pub(super) fn condition(text: &str) -> Option<&str> {
    if text.len() > LONGEST || !SAYS.are_in(text) {
        return None;
    }
    let text = text.trim().trim_end_matches(['.', ':', '!', '：', '。', '！', ' ']);
    // Another sentence may say something else.
    if text.contains(['.', '。']) && [". ", "。"].iter().any(|end| text.contains(end)) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let found = behind(&lower).or_else(|| before(&lower)).and_then(|range| text.get(range))?;
    let found = found.trim().trim_end_matches([',', '，', '、', ';', '→', '–', '—', '-', '>', ' ']);
    let words = found.split_whitespace().count();
    let says = words > 2 || !found.is_ascii() || !limits(found).is_empty();
    (says && !SAYS.are_in(found) && !NO_CONDITION.are_in(&lower) && !denies(text)).then_some(found)
}

/// Whether the sentence `text` leads to the steps of going back, not to conditions: `next` is the first line below it.
pub(super) fn leads_to_steps(text: &str, next: &str) -> bool {
    let of_limit = |text: &str| !limits(text).is_empty();
    condition(text).is_some_and(|found| {
        let begins =
            before(&text.to_ascii_lowercase()).is_some() && behind(&text.to_ascii_lowercase()).is_none();
        (begins || of_limit(found)) && !of_limit(next)
    })
}

/// The act before the condition: `Roll back at once if …`.
fn behind(lower: &str) -> Option<std::ops::Range<usize>> {
    let begin = ["we ", "please ", "immediately ", "then "]
        .iter()
        .find_map(|word| lower.strip_prefix(word))
        .map_or(0, |rest| lower.len() - rest.len());
    let rest = lower.get(begin..)?;
    let act = ACTS.iter().filter(|act| rest.starts_with(**act)).map(|act| act.len()).max()?;
    let (at, word) = BEHIND.iter().filter_map(|word| Some((rest.get(act..)?.find(word)?, word))).min()?;
    // "Roll back the database by hand and tell everybody when …" is more than that.
    let short = rest.get(act..act + at)?.split_whitespace().count() <= 4;
    let from = begin + act + at + word.len();
    short.then_some(from..lower.len())
}

/// The condition before the act: `If …, roll back`.
fn before(lower: &str) -> Option<std::ops::Range<usize>> {
    let lead = IFS.iter().filter(|word| lower.starts_with(**word)).map(|word| word.len()).max();
    let (act, word) = ACTS.iter().filter_map(|act| Some((lower.rfind(act)?, act))).max()?;
    let end = lower.get(lead.unwrap_or(0)..act)?;
    let from = lead.unwrap_or(0);
    let cut = BETWEEN.iter().filter_map(|word| Some((end.rfind(word)?, word.len()))).max();
    let between = cut.map_or("", |(at, length)| end.get(at + length..).unwrap_or_default());
    let after = lower.get(act + word.len()..)?;
    let of_act = between.split_whitespace().all(|word| HOW.contains(&word) || !word.is_ascii())
        && after.split_whitespace().count() <= 6;
    let states = |range: &std::ops::Range<usize>| {
        let condition = lower.get(range.clone()).unwrap_or_default();
        !condition.trim().is_empty() && (lead.is_some() && cut.is_some() || !limits(condition).is_empty())
    };
    let until = from + cut.map_or(end.len(), |(at, _)| at);
    Some(from..until).filter(|range| of_act && !after.contains([',', '，', '、', '?', '？']) && states(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_when_to_go_back_or_something_else() {
        for (text, wanted) in [
            ("If errors exceed 3 % for 5 minutes, back out:", Some("errors exceed 3 % for 5 minutes")),
            (
                "If the p95 is above 800 ms then roll back to the last revision:",
                Some("the p95 is above 800 ms"),
            ),
            ("Roll back if errors exceed 4 %:", Some("errors exceed 4 %")),
            ("Revert immediately when the queue is longer than 500.", Some("the queue is longer than 500")),
            ("When the health check keeps failing, we revert:", Some("the health check keeps failing")),
            ("Errors above 3 %: roll back", Some("Errors above 3 %")),
            ("Wenn die Fehlerrate 3 % übersteigt, zurückrollen:", Some("die Fehlerrate 3 % übersteigt")),
            ("Liegt die Fehlerrate über 3 %, zurückrollen:", Some("Liegt die Fehlerrate über 3 %")),
            ("Si les erreurs dépassent 3 %, revenir en arrière :", Some("les erreurs dépassent 3 %")),
            ("Si los errores superan el 3 %, revertir:", Some("los errores superan el 3 %")),
            ("Se os erros passarem de 3 %, reverter:", Some("os erros passarem de 3 %")),
            ("如果错误率超过 3%，则回滚：", Some("错误率超过 3%")),
            ("エラー率が 3 % を超えた場合は切り戻す：", Some("エラー率が 3 % を超えた")),
            (
                "If p95 > 2 s for 5 minutes, flag or not, roll back.",
                Some("p95 > 2 s for 5 minutes, flag or not"),
            ),
            ("Roll back if:", None),
            ("If any of the following happens, roll back:", None),
            ("Roll back if one of these is true:", None),
            ("If the rollback fails, call the database team:", None),
            ("If after 5 minutes the rollback has not ended, call the database team:", None),
            ("If errors exceed 3 %, do not roll back:", None),
            ("Watch for an hour (no rollback yet):", None),
            ("When done, roll back the test data:", None),
            ("If needed, roll back:", None),
            ("If you need to roll back, revert the commit:", None),
            ("If the schema is not applied, the script will abort.", None),
            ("How do we roll back?", None),
            ("Rollback steps:", None),
            ("In May we rolled back when errors exceeded 3 % and it was fine.", None),
        ] {
            assert_eq!(condition(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_stands_below_it_is_steps_unless_it_states_the_conditions() {
        assert!(leads_to_steps("If errors exceed 3 %, back out:", "Turn the flag off"));
        assert!(leads_to_steps("If the checkout stops working, back out:", "Turn the flag off"));
        assert!(leads_to_steps("Roll back if errors exceed 3 %:", "Turn the flag off"));
        assert!(!leads_to_steps("Roll back if the release misbehaves:", "Errors everywhere"));
        assert!(!leads_to_steps("If the release misbehaves, roll back:", "Error rate > 3 %"));
    }
}
