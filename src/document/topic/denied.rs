//! Lines that say when *not* to roll back. Words of negation are few in each language; what they deny is the next word of
//! meaning (`do not necessarily roll back`, but not `roll back if it does not recover`), or that it is wanted: `rollback is
//! not needed`.

/// What is denied, by how it begins.
const BACK: [&str; 14] = [
    "rollback",
    "revert",
    "abort",
    "abbrech",
    "abbruch",
    "zuruckroll",
    "zuruckger",
    "ruckbau",
    "retour",
    "revenir",
    "annuler",
    "volver",
    "marcha",
    "voltar",
];

const NOT: [&str; 26] = [
    "not", "no", "never", "don", "dont", "doesn", "doesnt", "isn", "isnt", "aren", "shouldn", "needn", "non",
    "nicht", "kein", "keine", "keinen", "keiner", "niemals", "pas", "jamais", "aucun", "nao", "nunca",
    "jamas", "sin",
];

/// What may stand between the two and says nothing of its own.
const FILLERS: [&str; 47] = [
    "t",
    "to",
    "a",
    "an",
    "the",
    "be",
    "for",
    "of",
    "we",
    "you",
    "us",
    "it",
    "do",
    "does",
    "should",
    "must",
    "reason",
    "reasons",
    "grounds",
    "cause",
    "need",
    "needs",
    "necessarily",
    "require",
    "requires",
    "warrant",
    "warrants",
    "justify",
    "justifies",
    "trigger",
    "triggers",
    "hacer",
    "fazer",
    "faire",
    "de",
    "se",
    "en",
    "un",
    "einen",
    "ein",
    "den",
    "grund",
    "zum",
    "zu",
    "criteria",
    "conditions",
    "as",
];

/// How it is gone back: `When not to automatically roll back`; in a line of triggers the negation is of this alone: `Rollback
/// triggers (not automatic)`.
const HOW: [&str; 5] = ["automatic", "automatically", "immediate", "immediately", "full"];

/// What may stand between a rollback and a negation behind it: `rollback is not needed`.
const IS: [&str; 14] =
    ["is", "are", "be", "was", "will", "would", "should", "may", "ist", "wird", "est", "es", "e", "sera"];

/// What a rollback is not, where it is not asked for.
const WANTED: [&str; 10] = [
    "needed",
    "required",
    "appropriate",
    "necessary",
    "warranted",
    "justified",
    "called",
    "notig",
    "erforderlich",
    "necessaire",
];

/// The same where words are not parted, and going on instead.
const PHRASES: [&str; 7] =
    ["fix forward", "不需要回滚", "无需回", "不要回", "不回滚", "不回退", "ロールバックしない"];

/// Whether `text`, as [`super::normal`] has it, says when not to roll back; `triggers`: it speaks of what asks for it.
pub(super) fn is_denied(text: &str, triggers: bool) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let back = |(_, word): &(usize, &&str)| BACK.iter().any(|begin| word.starts_with(begin));
    let (denied, said): (Vec<usize>, Vec<usize>) = words
        .iter()
        .enumerate()
        .filter(back)
        .map(|(at, _)| at)
        .partition(|at| is_denied_at(&words, *at, triggers));
    // A line that also says it without a negation denies nothing.
    said.is_empty() && (!denied.is_empty() || PHRASES.iter().any(|phrase| text.contains(phrase)))
}

/// Whether `text`, as [`super::normal`] has it, has a word for going back, or one that denies it.
pub(super) fn speaks_of_it(text: &str) -> bool {
    let back = |word: &str| BACK.iter().any(|begin| word.starts_with(begin));
    text.split(' ').any(back) || PHRASES.iter().any(|phrase| text.contains(phrase))
}

fn is_denied_at(words: &[&str], at: usize, triggers: bool) -> bool {
    let mut before = words.iter().take(at).rev();
    let fills = |word: &str| FILLERS.contains(&word) || (!triggers && HOW.contains(&word));
    let denies = before.find(|word| !fills(word)).is_some_and(|word| NOT.contains(word));
    let mut behind = words.iter().skip(at + 1).skip_while(|word| IS.contains(word));
    let not = behind.next().is_some_and(|word| ["not", "never", "isn", "aren", "nicht"].contains(word));
    denies || (not && behind.find(|word| **word != "t").is_some_and(|word| WANTED.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::topic::normal;

    #[test]
    fn a_negation_denies_the_rollback_that_is_its_next_word_of_meaning() {
        for text in [
            "When NOT to roll back",
            "When not to rollback:",
            "When you should not roll back",
            "Not a rollback trigger",
            "Not reasons for rollback",
            "What does not trigger a rollback",
            "Rollback is NOT appropriate when",
            "Rollback not required",
            "When rollback isn't needed",
            "Do not abort if",
            "When not to revert",
            "Wann nicht zurückrollen",
            "Kein Rollback bei",
            "Kein Grund zum Zurückrollen",
            "Ne pas revenir en arrière si",
            "Cuándo no revertir",
            "Quando não reverter",
            "何时不回滚",
            "Never roll back for",
            "Page, but don't roll back",
            "No rollback needed",
            "Fix forward:",
            "ロールバックしない場合",
        ] {
            assert!(is_denied(&normal(text), false), "{text}");
        }
        for text in [
            "Non-automatic rollback triggers",
            "Manual (not automatic) rollback triggers",
            "Not immediately: roll back within the hour if",
        ] {
            assert!(!is_denied(&normal(text), true), "{text}");
        }
        for text in [
            "Roll back if it does not recover",
            "Roll back if not recovered in 5 minutes",
            "If errors do not fall, roll back",
            "No-go: roll back if",
            "Abort if success criteria are not met",
            "When to abort",
            "Do not wait: roll back if",
            "Rollback criteria",
            "Abort and roll back if",
            "When to stop the rollout and roll back",
            "Stop criteria: rollback",
            "Abort/Rollback criteria",
            "Stop. Rollback if:",
            "Abort / rollback readiness (required)",
            "Roll forward to 100 % (required)",
            "Rollback not possible after this point",
            "When to roll back (and when not to roll back)",
            "Rollback is not negotiable when",
            "Roll back, don't fix forward, if:",
            "Rollback triggers (no automatic rollback)",
        ] {
            assert!(!is_denied(&normal(text), false), "{text}");
        }
    }
}
