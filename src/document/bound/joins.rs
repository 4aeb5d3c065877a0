//! How limits and conditions of one text belong together: the one list of words for `and` and `or`.

use super::Limit;

/// How the limits of one text belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Joint {
    /// There is one, or they are listed with commas: each stands for itself.
    List,
    /// `and`: only together.
    All,
    /// `or`: any of them.
    Any,
}

/// Words for `and`.
const AND: [&str; 12] =
    [" and ", " und ", " et ", " y ", " e ", " && ", " & ", "且", "并且", "かつ", "および", "及び"];

/// What says the same at more length; it does not part a limit from the name of the next one.
const TOGETHER: [&str; 17] = [
    "&",
    " while ",
    " together with ",
    " in combination with ",
    " combined with ",
    " as well as ",
    " plus ",
    " sowie ",
    " zusammen mit ",
    " ainsi que ",
    " avec ",
    " junto con ",
    " así como ",
    " bem como ",
    " junto com ",
    "同时",
    "同時",
];

/// Words for `or`.
const OR: [&str; 10] =
    [" or ", " oder ", " ou ", " o ", " u ", " || ", "或", "または", "もしくは", "あるいは"];

/// What else says so.
const EITHER: [&str; 1] = [" either "];

/// Marks that part one limit from the next.
const MARKS: [&str; 12] = [",", ";", " / ", "|", "、", "，", "；", "。", ". ", " – ", " — ", " - "];

/// What leads to conditions of which some or all must hold.
const SOME_OF: [&str; 32] = [
    "any two",
    "any 2",
    "any three",
    "any 3",
    "two of",
    "2 of",
    "three of",
    "3 of",
    "two or more",
    "2 or more",
    "at least two",
    "at least 2",
    "both",
    "all of",
    "zwei der",
    "zwei von",
    "mindestens zwei",
    "beide",
    "deux de",
    "au moins deux",
    "les deux",
    "dos de",
    "al menos dos",
    "ambos",
    "ambas",
    "dois d",
    "duas d",
    "pelo menos d",
    "两项",
    "同时满足",
    "2つ",
    "両方",
];

/// How `limits`, all of `text`, belong together.
pub(in crate::document) fn joint(text: &str, limits: &[Limit]) -> Joint {
    let gaps = limits.windows(2).filter_map(|pair| match pair {
        [a, b] => text.get(a.at.end..b.at.start),
        _ => None,
    });
    let mut joint = Joint::List;
    for gap in gaps.map(str::to_lowercase) {
        if AND.iter().chain(&TOGETHER).any(|word| gap.contains(word)) {
            return Joint::All;
        }
        if OR.iter().chain(&EITHER).any(|word| gap.contains(word)) {
            joint = Joint::Any;
        }
    }
    joint
}

/// Where the words between two limits, in lower case, part one from the name of the next: the last such place.
pub(in crate::document) fn last_break(gap: &str) -> Option<usize> {
    MARKS.iter().chain(&AND).chain(&OR).filter_map(|mark| gap.rfind(mark)).max()
}

/// The end of what parts the words between two limits, in lower case, at first.
pub(in crate::document) fn first_break(between: &str) -> Option<usize> {
    let marks = [",", ";", "、", "，"];
    let ends = marks.iter().chain(&AND).chain(&OR).filter_map(|mark| Some(between.find(mark)? + mark.len()));
    ends.min()
}

/// Whether `name`, before a limit, is more than a name: another condition and its join, or how many of them must hold. What stands in
/// brackets only says what is meant.
pub(in crate::document) fn joins(name: &str) -> bool {
    let lower = name.to_lowercase();
    // "Il y a" is one word for there being something.
    let lower = lower.replace("il y a", "hay");
    let begin = lower.trim_start();
    let some = SOME_OF.iter().any(|lead| {
        begin.strip_prefix(lead).is_some_and(|rest| {
            !lead.is_ascii() || !rest.starts_with(char::is_alphabetic) || lead.ends_with('d')
        })
    });
    let mut depth = 0_usize;
    let outside: String = lower
        .chars()
        .filter(|c| {
            match c {
                '(' | '（' | '[' => depth += 1,
                ')' | '）' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .collect();
    let words = || AND.iter().chain(&OR).chain(&EITHER).any(|word| outside.contains(word));
    let listed = || [", ", "; ", "；"].iter().any(|mark| outside.contains(mark));
    some || words() || listed()
}
