//! What is said of a variable in a sentence that does not call it one.

use super::is_name;
use crate::document::beginning;

/// So many characters behind a name may say how it must be.
const HOW: usize = 96;

/// Whether what follows a name says of it what is said of variables only: that all services must have the same, or that it
/// must come from a secret.
pub(super) fn is_said(behind: &str) -> bool {
    let sentence = beginning(behind, HOW).split(['.', ';']).next().unwrap_or_default();
    let musts = [" must ", " has to ", " have to ", " needs to ", " need to "];
    let must = musts.iter().filter_map(|must| sentence.find(must)).min();
    let Some((between, said)) = must.and_then(|at| sentence.split_at_checked(at)) else { return false };
    // The name is what it is said of, alone or with others.
    let mut words = between.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '*')));
    let listed = |word: &str| {
        word.is_empty() || is_name(word, true) || ["and", "or", "both", "value", "values"].contains(&word)
    };
    let said = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let same = says(&["identical", "the same", "equal", "match"])
        && says(&["services", "every service", "each service"]);
    words.all(listed)
        && !says(&[" not ", " never "])
        && (same || says(&["secret manager", "from a secret", "from secrets"]))
}
