//! PromQL over a short history of scrapes: the subset that panels need, evaluated as Prometheus does it.
//!
//! What is outside of the subset is refused in words, never answered with a number that Prometheus would not give.

mod binary;
mod eval;
pub mod exposition;
mod functions;
pub mod history;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, parse};

use crate::domain::Clean;

pub use eval::{Sample, Value};
pub use history::History;

/// The longest query taken, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;

/// The deepest nesting of brackets taken: the parser recurses, and a deep query would end the process.
pub const MAX_NESTING: usize = 64;

/// Operators in one query: each may nest the tree by one.
const MAX_OPERATORS: usize = 256;

/// Why a query is not taken, or has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It is longer or deeper than allowed.
    #[error("the query is too {what}: at most {limit}")]
    TooLarge { what: &'static str, limit: usize },
    /// It is not PromQL.
    #[error("not PromQL: {0}")]
    Syntax(Clean),
    /// It is PromQL outside of the subset.
    #[error("{0} is not supported here")]
    Unsupported(Clean),
    /// The series at hand do not allow an answer.
    #[error("{0}")]
    Evaluation(Clean),
}

/// A parsed query within the subset.
#[derive(Debug, Clone)]
pub struct Query {
    expr: Expr,
}

/// The metric names that a query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// These.
    Only(Vec<String>),
    /// A selector names none, so any series may match.
    Any,
}

impl Query {
    /// Parses and checks `text`.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        guard(text)?;
        let expr = parse(text).map_err(|error| QueryError::Syntax(Clean::new(&error)))?;
        eval::check(&expr)?;
        Ok(Self { expr })
    }

    /// The answer at `at` (milliseconds on the history's clock).
    pub fn eval(&self, history: &History, at: i64) -> Result<Value, QueryError> {
        eval::Evaluation { history, at, only: None }.expr(&self.expr)
    }

    /// The same, over the series whose label `label` is `value`.
    pub fn eval_only(
        &self,
        history: &History,
        at: i64,
        label: &str,
        value: &str,
    ) -> Result<Value, QueryError> {
        let only = Matcher::new(MatchOp::Equal, label, value);
        eval::Evaluation { history, at, only: Some(&only) }.expr(&self.expr)
    }

    /// How many observations stand behind a ratio of rates or a quantile; `None` for other shapes.
    pub fn observations(&self, history: &History, at: i64) -> Option<f64> {
        eval::Evaluation { history, at, only: None }.observations(&self.expr)
    }

    /// What it reads.
    pub fn names(&self) -> Names {
        let mut names = Vec::new();
        if eval::names(&self.expr, &mut names) { Names::Only(names) } else { Names::Any }
    }

    /// The longest range in it, in milliseconds.
    pub fn longest_range(&self) -> i64 {
        eval::longest_range(&self.expr)
    }
}

/// Length, nesting and operators, counted outside of strings, before the parser sees the text.
fn guard(text: &str) -> Result<(), QueryError> {
    if text.len() > MAX_BYTES {
        return Err(QueryError::TooLarge { what: "long", limit: MAX_BYTES });
    }
    let (mut depth, mut operators) = (0_usize, 0_usize);
    let mut quote = None;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(b'"' | b'\''), b'\\') => {
                bytes.next();
            }
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'=' | b'<' | b'>') => operators += 1,
            (None, _) => {}
        }
        if depth > MAX_NESTING {
            return Err(QueryError::TooLarge { what: "deep", limit: MAX_NESTING });
        }
        if operators > MAX_OPERATORS {
            return Err(QueryError::TooLarge { what: "full of operators", limit: MAX_OPERATORS });
        }
    }
    Ok(())
}
