//! What is wrong with a query, where, and a form that would be right.
//!
//! The parser decides what is valid, and gives neither a place nor a way out. Known slips are looked for here, repaired
//! one after another, and a repair is proposed only if the parser takes the whole result.

mod fixes;
mod meaning;
#[cfg(test)]
mod tests;
mod text;

use promql_parser::parser::{Expr, parse};

use super::guard;
use super::unit::{self, Unit};
use crate::domain::Clean;
use crate::domain::plan::Comparator;

/// Repairs tried one after another on one query.
const MAX_REPAIRS: usize = 12;

/// What there is to say of one query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lint {
    /// Why it is not valid.
    pub error: Option<Problem>,
    /// It is valid, and can give no sensible answer.
    pub advice: Option<Problem>,
    /// A valid form that may be what was meant.
    pub suggestion: Option<String>,
    /// The unit in which it answers, if it is valid and something tells.
    pub unit: Option<Unit>,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In words.
    pub what: Clean,
    /// Line in the query, from 1.
    pub line: u32,
    /// Character in the line, from 1.
    pub column: u32,
}

/// A comparison that a query ends in: an alert's limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// What is compared: a query of its own.
    pub compared: String,
    /// How the answer is compared.
    pub comparator: Comparator,
    /// With what.
    pub value: f64,
}

/// Looks at `query`.
pub fn lint(query: &str) -> Lint {
    if let Err(refused) = guard(query) {
        return Lint { error: Some(problem(query, 0, &refused.to_string())), ..Lint::default() };
    }
    match parse(query) {
        Ok(expr) => {
            let lint = Lint { unit: unit::of(&expr), ..Lint::default() };
            match meaning::slip(&expr) {
                None => lint,
                Some((what, name, better)) => Lint {
                    advice: Some(problem(query, query.find(name).unwrap_or(0), what)),
                    suggestion: better.filter(|better| taken(better)),
                    ..lint
                },
            }
        }
        Err(why) => refused(query, &why),
    }
}

/// The comparison with a number that `query` ends in, if it is valid and ends in one.
pub fn ending(query: &str) -> Option<Ending> {
    guard(query).ok()?;
    meaning::ending(&parse(query).ok()?)
}

/// Whether `text` reads like a query rather than like anything else: it is valid, or nearly, and uses what only queries have.
pub fn resembles(text: &str) -> bool {
    guard(text).is_ok() && text::has_query_marks(text)
}

fn taken(query: &str) -> bool {
    parsed(query).is_some()
}

fn parsed(query: &str) -> Option<Expr> {
    guard(query).ok()?;
    parse(query).ok()
}

/// Why the parser refused `query`, and a repaired form.
fn refused(query: &str, why: &str) -> Lint {
    if let Some(at) = text::pipe(query) {
        let what = "this looks like LogQL, for logs; only PromQL makes a panel";
        return Lint { error: Some(problem(query, at, what)), ..Lint::default() };
    }
    let mut found = None;
    let mut text = query.to_owned();
    let mut suggestion = None;
    for _ in 0..MAX_REPAIRS {
        let Some(fix) = fixes::next(&text) else { break };
        // Only the first place is one of the query as it was written.
        found.get_or_insert((fix.at, fix.what));
        text = fix.text;
        if let Some(expr) = parsed(&text) {
            let better =
                meaning::slip(&expr).and_then(|(_, _, better)| better.filter(|better| taken(better)));
            suggestion = Some(better.unwrap_or(text));
            break;
        }
    }
    let error = match found {
        Some((at, what)) => problem(query, at, &what),
        None => problem(query, text::named_in(why, query), &format!("not PromQL: {}", first_line(why))),
    };
    Lint { error: Some(error), suggestion, ..Lint::default() }
}

fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("the parser gives no reason")
}

fn problem(query: &str, at: usize, what: &str) -> Problem {
    let before = query.get(..at).unwrap_or_default();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let line = count(before.matches('\n').count() + 1);
    let column = count(before.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
    Problem { what: Clean::new(what), line, column }
}
