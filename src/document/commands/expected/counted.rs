//! How many tests are to pass, as documents say it.

use super::words;
use crate::domain::plan::Check;

/// Words for all of several.
const ALL: [&str; 8] = ["all", "alle", "tous", "toutes", "todos", "todas", "los", "les"];

/// Beginnings of words for passing in other languages.
const OTHERS: [&str; 15] = [
    "bestehen",
    "bestanden",
    "erfolgreich",
    "grün",
    "passent",
    "passés",
    "réussi",
    "pasan",
    "pasaron",
    "aprobad",
    "exitos",
    "passam",
    "passaram",
    "aprovad",
    "passando",
];

/// `全部5个测试通过`, `5件のテストが成功`
fn without_blanks(text: &str) -> Option<Check> {
    let has = |list: &[&str]| list.iter().any(|word| text.contains(word));
    if !has(&["测试", "測試", "テスト"]) || !has(&["通过", "通過", "成功", "合格", "パス"]) {
        return None;
    }
    let number: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    Some(number.parse().map_or(Check::AllPassed, Check::Passed))
}

/// `All 5 tests`, `23 passed`, `7/7 passing`, `all tests pass`.
pub(super) fn passed(lower: &str) -> Option<Check> {
    if let Some(check) = without_blanks(lower) {
        return Some(check);
    }
    let words = words(lower);
    let is_test = |word: &&str| {
        word.starts_with("test")
            || word.starts_with("prueba")
            || matches!(*word, "specs" | "examples" | "checks" | "cases" | "scenarios" | "suites" | "essais")
    };
    let is_pass = |word: &&str| {
        matches!(
            word.trim_end_matches(['.', '!', ':']),
            "pass" | "passed" | "passes" | "passing" | "green" | "succeed"
        ) || OTHERS.iter().any(|begin| word.starts_with(begin))
    };
    let passes = words.iter().any(is_pass);
    let tests = words.iter().any(is_test);
    let number = |word: &str| {
        let part = word.split_once('/').map_or(word, |(part, whole)| if part == whole { part } else { "" });
        part.parse::<u32>().ok().filter(|n| *n > 0)
    };
    for (at, word) in words.iter().enumerate() {
        let Some(n) = number(word) else { continue };
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let all = before.is_some_and(|word| ALL.contains(word));
        let next = words.get(at + 1);
        let counts = next.is_some_and(is_pass)
            || next.is_some_and(is_test) && (all || passes)
            || (all && passes && tests);
        if counts {
            return Some(Check::Passed(n));
        }
    }
    let all = words.iter().any(|word| ALL.contains(word) || matches!(*word, "every" | "full"));
    let none_failed =
        lower.contains("no failures") || lower.contains("0 failed") || lower.contains("0 failures");
    ((all && tests && passes) || none_failed || (tests && passes && words.len() <= 4))
        .then_some(Check::AllPassed)
}
