//! Whether all that an item says is measured: `Error rate > 5 % or customers report lost carts` is more than its limit, and
//! of the rest a person is asked.

use crate::domain::plan::{Stated, Threshold};

/// What joins a limit and something else: longer ones first.
const JOINS: [&str; 38] = [
    " together with ",
    " as well as ",
    " without ",
    " unless ",
    " except ",
    " while ",
    " with ",
    " plus ",
    " but ",
    " and ",
    " or ",
    " nor ",
    " und ",
    " oder ",
    " ohne ",
    " außer ",
    " mit ",
    " sowie ",
    " et ",
    " ou ",
    " sans ",
    " avec ",
    " y ",
    " o ",
    " sin ",
    " con ",
    " e ",
    " sem ",
    " com ",
    "または",
    "もしくは",
    "かつ",
    "および",
    "或",
    "且",
    "和",
    "，",
    "、",
];

/// The same in one sign.
const SIGNS: [char; 7] = [',', ';', '&', '+', '/', '|', '；'];

/// Words beside a limit that ask for nothing else.
const FILLERS: [&str; 24] = [
    "if",
    "when",
    "whenever",
    "once",
    "the",
    "a",
    "then",
    "either",
    "both",
    "is",
    "are",
    "must",
    "should",
    "required",
    "immediately",
    "roll",
    "rollback",
    "revert",
    "abort",
    "go",
    "back",
    "out",
    "stop",
    "halt",
];

/// Whether `text` says nothing that its `limits` do not.
pub(super) fn is_all(text: &str, limits: &[&Threshold]) -> bool {
    let mut rest = format!(" {} ", text.to_lowercase());
    let mut take = |words: &str| rest = rest.replacen(&words.to_lowercase(), " ", 1);
    for limit in limits {
        let stated = [&limit.target, &limit.warning, &limit.critical].into_iter().flatten();
        stated.for_each(|Stated { text, .. }| take(text));
    }
    limits.iter().filter(|limit| !limit.name.is_empty()).for_each(|limit| take(&limit.name));
    let mut parts = vec![rest.as_str()];
    for join in JOINS {
        parts = parts.into_iter().flat_map(|part| part.split(join)).collect();
    }
    let parts: Vec<&str> = parts.into_iter().flat_map(|part| part.split(SIGNS)).collect();
    let words =
        |part: &str| part.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let says =
        |part: &&str| words(part).iter().any(|word| !word.is_empty() && !FILLERS.contains(&word.as_str()));
    parts.len() == 1 || !parts.iter().any(says)
}
