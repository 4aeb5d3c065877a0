//! Whether a text stands in an output, and stands there as it is meant: neither denied nor counted as none.

/// How a text stands in an output.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown<'a> {
    /// Nowhere.
    No,
    /// Somewhere, and nothing beside it says otherwise.
    Yes,
    /// Denied wherever it stands: the first such line.
    Denied(&'a str),
    /// Denied at some places only, or true of a part (`2/3 ready`): the first such line.
    Partly(&'a str),
}

/// How `text` stands in `output`, whatever the spaces, and as whole words and numbers: `healthy` is not in `unhealthy`,
/// and 0 is neither in 10 nor in 0.5.
pub(super) fn shown<'a>(output: &'a str, text: &str) -> Shown<'a> {
    let wanted: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Shown::Yes };
    let (mut plain, mut no, mut part) = (false, None, None);
    for (at, _) in output.match_indices(*first) {
        let (before, from) = output.split_at_checked(at).unwrap_or_default();
        let Some(behind) = behind(from, &wanted) else { continue };
        if goes_on(*first, before.chars().rev()) || goes_on(*last, behind.chars()) {
            continue;
        }
        let line = || line_of(output, at);
        match () {
            () if is_negated(before, *first) || is_false(behind) => no = no.or_else(|| Some(line())),
            () if is_fraction(before) => part = part.or_else(|| Some(line())),
            () => plain = true,
        }
    }
    match (no, part) {
        (Some(line), None) if !plain => Shown::Denied(line),
        (Some(line), _) | (None, Some(line)) => Shown::Partly(line),
        _ if plain => Shown::Yes,
        _ => Shown::No,
    }
}

/// What stands behind `wanted` at the start of `from`; `None`: it does not start so.
fn behind<'a>(from: &'a str, wanted: &[char]) -> Option<&'a str> {
    let mut rest = from;
    for c in wanted {
        rest = rest.trim_start().strip_prefix(*c)?;
    }
    Some(rest)
}

fn line_of(output: &str, at: usize) -> &str {
    let start = output.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    output.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim()
}

/// Whether the word or number that ends with `edge` goes on with what is `next`.
fn goes_on(edge: char, mut next: impl Iterator<Item = char>) -> bool {
    let wordy = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (next, beyond) = (next.next(), next.next());
    let decimal = matches!(next, Some('.' | ',')) && beyond.is_some_and(|c| c.is_ascii_digit());
    (wordy(edge) && next.is_some_and(wordy)) || (edge.is_ascii_digit() && decimal)
}

/// `not yet ready`, `no success`, `isn't healthy`, `0 passed`.
fn is_negated(before: &str, first: char) -> bool {
    const NOT: [&str; 11] =
        ["not", "no", "non", "never", "cannot", "without", "nicht", "kein", "keine", "pas", "não"];
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.ends_with(['不', '未', '没']) || line.ends_with("没有") {
        return true;
    }
    // A new clause begins behind these.
    let clause = line.rsplit(['.', ',', ';', ':', '!', '|', '=']).next().unwrap_or_default();
    let mut words = clause.split_whitespace().rev();
    let nearest = words.next().unwrap_or_default();
    let none = first.is_alphabetic() && nearest.trim_start_matches('(') == "0" && !decimal(line);
    let negates = |word: &str| {
        let word = word.trim_matches(['(', '"', '\'', '*', '`', '[']).to_lowercase();
        NOT.contains(&word.as_str()) || word.ends_with("n't") || word.ends_with("n’t")
    };
    none || negates(nearest) || words.next().is_some_and(negates)
}

/// Whether the number at the end of `line` has a part behind a point: `1.0 ok` counts nothing.
fn decimal(line: &str) -> bool {
    let number = line.split_whitespace().next_back().unwrap_or_default();
    number.contains(['.', ','])
}

/// `success: false`, `"ready": no`, `healthy = 0`.
fn is_false(behind: &str) -> bool {
    const FALSE: [&str; 11] =
        ["false", "no", "0", "none", "null", "nil", "never", "off", "failed", "nein", "faux"];
    let blank = [' ', '\t', '"', '\'', '`', '*'];
    let rest = behind.trim_start_matches(blank);
    let value = rest.strip_prefix("is ").or_else(|| rest.strip_prefix("was ")).unwrap_or(rest);
    let value = value.trim_start_matches([':', '=', '>', '?', '|', '→']).trim_start_matches(blank);
    let end = value.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_')).unwrap_or(value.len());
    let word = value.get(..end).unwrap_or_default().trim_end_matches('.').to_lowercase();
    // Without anything between them, only this one denies: `ready no_proxy=…` is two things.
    if value.len() == rest.len() { word == "false" } else { FALSE.contains(&word.as_str()) }
}

/// `2/3 ready`.
fn is_fraction(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let Some((part, whole)) = line.split_whitespace().next_back().and_then(|word| word.split_once('/'))
    else {
        return false;
    };
    let number = |text: &str| text.trim_start_matches('(').parse::<u32>().ok();
    number(part).zip(number(whole)).is_some_and(|(part, whole)| part < whole)
}
