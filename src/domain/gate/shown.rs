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
    /// Denied at some places only, or true of a part (`2/3 ready`), or perhaps denied: the first such line.
    Partly(&'a str),
}

/// Whether what stands beside a text denies it. Only what is plain makes a gate fail; of the rest a person judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Denial {
    None,
    Perhaps,
    Plain,
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
        let half = if is_fraction(before) { Denial::Perhaps } else { none_of(behind) };
        match negation(before, *first, behind).max(falsehood(behind)).max(half) {
            Denial::Plain => no = no.or_else(|| Some(line())),
            Denial::Perhaps => part = part.or_else(|| Some(line())),
            Denial::None => plain = true,
        }
    }
    let other = || Some(other_row(output, text)?).filter(|_| plain);
    part = part.or_else(other);
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

/// `not ready`, `not yet ready`, `no success`, `isn't healthy`, `0 passed`; perhaps `no changes ok`, `drained: no ready: 3`.
fn negation(before: &str, first: char, behind: &str) -> Denial {
    const NOT: [&str; 16] = [
        "not", "no", "non", "never", "cannot", "without", "nicht", "kein", "keine", "pas", "não", "nothing",
        "nobody", "none", "neither", "nichts",
    ];
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.ends_with(['不', '未', '没']) || line.ends_with("没有") {
        return Denial::Plain;
    }
    if ["un-", "non-", "not-"].iter().any(|prefix| line.to_lowercase().ends_with(prefix)) {
        return Denial::Plain;
    }
    // A new clause begins behind these.
    let clause = line.rsplit(['.', ',', ';', ':', '!', '|', '=']).next().unwrap_or_default();
    let words: Vec<&str> = clause.split_whitespace().rev().take(3).collect();
    let negates = |at: usize| {
        let word = words.get(at).copied().unwrap_or_default();
        let word = word.trim_matches(['(', '"', '\'', '*', '`', '[']).to_lowercase();
        NOT.contains(&word.as_str()) || word.ends_with("n't") || word.ends_with("n’t")
    };
    let nearest = words.first().copied().unwrap_or_default();
    let none = first.is_alphabetic() && nearest.trim_start_matches('(') == "0" && !decimal(line);
    // What stands there may be the value of the key before, where this is a key too.
    let value = words.len() == 1
        && behind.trim_start_matches(['"', '\'', '`', ' ']).starts_with([':', '='])
        && clause.len() < line.len();
    match () {
        () if (none || negates(0)) && value => Denial::Perhaps,
        () if none || negates(0) || (nearest == "yet" && negates(1)) => Denial::Plain,
        () if negates(1) || clause.to_lowercase().contains("not all ") => Denial::Perhaps,
        () => Denial::None,
    }
}

/// Whether the number at the end of `line` has a part behind a point: `1.0 ok` counts nothing.
fn decimal(line: &str) -> bool {
    let number = line.split_whitespace().next_back().unwrap_or_default();
    number.contains(['.', ','])
}

/// `success: false`, `"ready": no`; perhaps `pending: 0`, `smoke: failed`.
fn falsehood(behind: &str) -> Denial {
    const FALSE: [&str; 4] = ["false", "no", "nein", "faux"];
    const PERHAPS: [&str; 7] = ["0", "none", "null", "nil", "never", "off", "failed"];
    let blank = [' ', '\t', '"', '\'', '`', '*'];
    let rest = behind.trim_start_matches(blank);
    let value = rest.strip_prefix("is ").or_else(|| rest.strip_prefix("was ")).unwrap_or(rest);
    let value = value.trim_start_matches([':', '=', '>', '?', '|', '→']).trim_start_matches(blank);
    let end = value.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_')).unwrap_or(value.len());
    let word = value.get(..end).unwrap_or_default().trim_end_matches('.').to_lowercase();
    // Without anything between them, only this one denies: `ready no_proxy=…` is two things.
    let beside = value.len() == rest.len();
    match () {
        () if word == "false" || (!beside && FALSE.contains(&word.as_str())) => Denial::Plain,
        () if !beside && PERHAPS.contains(&word.as_str()) => Denial::Perhaps,
        () => Denial::None,
    }
}

/// `healthy (0/3)`, `healthy: 0/3`, `healthy nodes: none`, and perhaps `healthy 0`.
fn none_of(behind: &str) -> Denial {
    let rest = behind.lines().next().unwrap_or_default().trim();
    let inside = rest.trim_start_matches(['(', '[', ':', '=', ' ']);
    let part = inside.split([')', ']', ' ', ',']).next().and_then(|word| word.split_once('/'));
    let number = |text: &str| text.parse::<u32>().ok();
    let named = rest.split_once(':').filter(|(name, _)| !name.contains(' ') && !name.is_empty());
    let none = named.is_some_and(|(_, value)| matches!(value.trim(), "none" | "0" | "no" | "keine" | "nil"));
    match part.and_then(|(part, whole)| number(part).zip(number(whole))) {
        Some((0, 1..)) => Denial::Plain,
        Some((part, whole)) if part < whole => Denial::Perhaps,
        _ if none || rest == "0" => Denial::Perhaps,
        _ => Denial::None,
    }
}

/// A row beside those that show the word `text`, with another word in its place: `b 0/1 Pending` beside `a 1/1 Running`.
fn other_row<'a>(output: &'a str, text: &str) -> Option<&'a str> {
    let rows = || output.lines().map(|line| (line, line.split_whitespace().collect::<Vec<_>>()));
    let (at, width) = rows().find_map(|(_, words)| {
        let at = words.iter().position(|word| *word == text).filter(|_| words.len() >= 3)?;
        Some((at, words.len()))
    })?;
    let is_state =
        |word: &str| word.chars().all(char::is_alphabetic) && !word.chars().all(char::is_uppercase);
    let other = |words: &[&str]| {
        let word = words.get(at).copied().unwrap_or_default();
        words.len() == width && word != text && is_state(word) && !words.contains(&text)
    };
    rows().find(|(_, words)| other(words)).map(|(line, _)| line.trim())
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
