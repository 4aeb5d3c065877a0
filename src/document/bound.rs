//! Limits out of sentences: `Error Rate: <1%`, `p95 ≥ 2 hours`, `within 20% of baseline`, `höchstens 5 Minuten`.
//!
//! A number is a limit only with something that says on which side of it things are well: a comparator, words for one,
//! `zero`, `100%`. Everything else (`port 5434`, `Monitor for 24 hours`, `10% of users`) is a number and no limit.

mod allowed;
mod grammar;
mod joins;
mod lex;
#[cfg(test)]
mod tests;
mod units;
mod unsure;
mod whole;
mod words;

use std::ops::Range;

pub(super) use self::allowed::{Beside, is_counter, not_understood};
pub(super) use self::joins::{Joint, first_break, joins, joint, last_break};
pub(super) use self::whole::read_whole;
use crate::domain::plan::{Bound, Comparator};

/// A longer text is not looked at beyond this many bytes.
const MAX_TEXT: usize = 4096;

/// Why a number was not taken for a limit, though it looks like one. Shown: what, why, and the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// More than one limit.
    #[error("joins several limits so that none of them decides alone; give each its own line")]
    Several,
    /// A range where one number is needed.
    #[error("states a range, which is no limit; write one number with < or >")]
    Range,
    /// It is so far from a baseline, in its own unit.
    #[error(
        "is a distance from a baseline in its own unit, which nothing measures; write the limit itself, or a percentage of the baseline"
    )]
    Distance,
    /// It is in words that are not understood to their end.
    #[error("has a number in words that is not understood; write it in digits")]
    Words,
    /// Something stands where the number should be.
    #[error("has a placeholder where the number should be; fill it in")]
    Placeholder,
    /// It can be read in more than one way, or only to its half.
    #[error(
        "has a number that is not read: its marks can part thousands or decimals; write it in plain digits"
    )]
    Digits,
    /// It says what has to be kept, below what a release is rolled back for.
    #[error("says what is to be kept, not what trips; write what trips it, with < or >")]
    Kept,
    /// It says more: these words.
    #[error("says more than its limit, which is not understood: “{0}”; give the limit a line without it")]
    More(String),
    /// A note beside it says where or when it does not hold.
    #[error(
        "has limits and a note that they do not hold always, which is not understood: “{0}”; take the note out if they do"
    )]
    Noted(String),
    /// It says what must not be, below what is to be met.
    #[error("says what must not be, below what is to be met; write what is to be kept, with < or >")]
    Shunned,
    /// A line above it says more, of all that stands below.
    #[error(
        "stands below a line that says more than is understood, “{0}”; write behind the limit what it is to mean"
    )]
    Above(String),
    /// A time beside it of which it is not known what it says.
    #[error(
        "says how long, how often or when in a way that is not read; write “for 10 minutes” behind the limit"
    )]
    Time,
    /// Other limits of the same thing, which it can't be compared with.
    #[error(
        "has a number that does not say on which side it is wrong, next to others that do not tell; write < or > before it"
    )]
    Order,
    /// A column of limits of which nothing tells whether they are good.
    #[error(
        "has a limit, and nothing tells whether it is good or bad there; call its column Target or Alert If"
    )]
    Column,
    /// A limit is asked for, and there is no number.
    #[error("states a limit without a number, which nothing can watch; write one with < or >")]
    Wordless,
    /// It does not say on which side things are well.
    #[error("has a number that does not say whether more or less is good; write < or > before it")]
    Side,
}

/// For tests: the one limit that `text` states, if it states one.
#[cfg(test)]
fn bound(text: &str) -> Result<Option<Bound>, Unread> {
    let found = grammar::limits(text);
    match (found.limits.as_slice(), found.unread) {
        ([_, _, ..], _) => Err(Unread::Several),
        ([one], _) => Ok(Some(one.bound.clone())),
        ([], Some(unread)) => Err(unread),
        ([], None) => Ok(None),
    }
}

/// A limit in a text, with the place of its words there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limit {
    pub(super) bound: Bound,
    /// Bytes of the text from its comparator to its last word.
    pub(super) at: Range<usize>,
    /// Bytes before it that say how long, or in what time.
    pub(super) time: Option<Range<usize>>,
    /// Words among its own that are no part of it.
    pub(super) odd: Vec<Range<usize>>,
}

/// All limits of `text`, in order.
pub(super) fn limits(text: &str) -> Vec<Limit> {
    grammar::limits(text).limits
}

/// All limits of `text`, in order, and why a number in it is none, though it looks like one.
pub(super) fn read(text: &str) -> (Vec<Limit>, Option<Unread>) {
    let found = grammar::limits(text);
    (found.limits, found.unread)
}

/// Whether `word` is a unit of time.
pub(super) fn is_time(word: &str) -> bool {
    units::of(word).is_some_and(|unit| units::milliseconds(unit.name).is_some())
}

/// Whether `word` is a unit.
pub(super) fn is_unit(word: &str) -> bool {
    units::of(word).is_some()
}

/// What a cell of a table or a value of YAML says, where a bare number is a limit, too.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// No number: `N/A`, `monitoring_only`.
    Nothing,
    /// A limit.
    Limit(Bound),
    /// A number alone: which side of it is good must come from elsewhere.
    Bare(Bound),
    /// A number that cannot be read as a limit.
    Unread(Unread),
}

/// Reads a cell of a table, or a value of YAML.
pub(super) fn cell(text: &str) -> Cell {
    cell_at(text).0
}

/// The same, and what of it is no part of its limit, or of its number: before, inside, behind.
pub(super) fn cell_at(text: &str) -> (Cell, Vec<Range<usize>>) {
    let mut found = grammar::limits(text);
    let bounds: Vec<&Bound> = found.limits.iter().map(|limit| &limit.bound).collect();
    if grammar::is_lost(&found.spare, &bounds) {
        return (Cell::Unread(Unread::Time), Vec::new());
    }
    if found.limits.len() > 1 {
        return (Cell::Unread(Unread::Several), Vec::new());
    }
    let around = |at: Range<usize>, odd: Vec<Range<usize>>| {
        std::iter::once(0..at.start).chain(odd).chain(std::iter::once(at.end..text.len())).collect()
    };
    match (found.limits.pop(), found.bare, found.unread.or(found.range.then_some(Unread::Range))) {
        (Some(limit), _, _) => (Cell::Limit(limit.bound), around(limit.at, limit.odd)),
        (None, _, Some(unread)) if unread != Unread::Side => (Cell::Unread(unread), Vec::new()),
        (None, Some(bare), _) => {
            (Cell::Bare(bare), found.bare_at.map(|at| around(at, Vec::new())).unwrap_or_default())
        }
        (None, None, _) => (Cell::Nothing, Vec::new()),
    }
}

/// A length of time without a comparator, in seconds: `5 minutes`, `5_minutes`, `1h`, `PT5M`, `immediately`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    grammar::seconds(text)
}

/// What a length, a size or a share is in the smallest unit of its kind, and which kind that is.
pub(super) fn magnitude(bound: &Bound) -> (f64, &str) {
    let size = |power| Some(1024_f64.powi(power));
    let (base, factor) = match bound.unit.as_str() {
        "B" => ("B", size(0)),
        "KB" | "KiB" => ("B", size(1)),
        "MB" | "MiB" => ("B", size(2)),
        "GB" | "GiB" => ("B", size(3)),
        "TB" | "TiB" => ("B", size(4)),
        unit => ("ms", units::milliseconds(unit)),
    };
    factor.map_or((bound.value, bound.unit.as_str()), |factor| (bound.value * factor, base))
}

impl Comparator {
    /// What holds when this does not.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Below => Self::AtLeast,
            Self::AtMost => Self::Above,
            Self::Above => Self::AtMost,
            Self::AtLeast => Self::Below,
            Self::Equal => Self::Equal,
            Self::About => Self::About,
        }
    }
}
