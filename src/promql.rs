//! PromQL over a short history of scrapes: the subset that panels need, evaluated as Prometheus does it.
//!
//! What is outside of the subset is refused in words, never answered with a number that Prometheus would not give.

mod binary;
mod eval;
pub mod exposition;
mod functions;
pub mod history;
pub mod lint;
pub mod only;
pub mod propose;
pub mod unit;
mod watched;

use std::collections::BTreeSet;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, VectorSelector, parse};

use crate::domain::Clean;

pub use eval::{Sample, Value};
pub use history::{History, Long};

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
    /// It is not `PromQL`.
    #[error("not PromQL: {0}")]
    Syntax(Clean),
    /// It is `PromQL` outside of the subset.
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
    from_zero: bool,
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
        let expr = parse(text).map_err(|error| {
            // The parser often gives no reason.
            let lint = lint::lint(text);
            let why = lint.error.map_or(Clean::new(&error), |problem| problem.what);
            let better = lint.suggestion.map_or(String::new(), |better| format!("; {better} is"));
            QueryError::Syntax(Clean::new(&format!("{}{better}", why.trim_start_matches("not PromQL: "))))
        })?;
        eval::check(&expr)?;
        Ok(Self { expr, from_zero: false })
    }

    /// The same, where a counter that was seen to begin grew from zero, and what another process answered is not compared with
    /// what the one before did: more than Prometheus knows, so not its answer.
    #[must_use]
    pub fn from_zero(self) -> Self {
        Self { from_zero: true, ..self }
    }

    /// Whether it counts only what is of one process: see [`Query::from_zero`].
    pub fn is_from_zero(&self) -> bool {
        self.from_zero
    }

    fn evaluation<'a>(&self, history: &'a History, at: i64, only: &'a [Matcher]) -> eval::Evaluation<'a> {
        eval::Evaluation { history, at, only, from_zero: self.from_zero }
    }

    /// The answer at `at` (milliseconds on the history's clock).
    pub fn eval(&self, history: &History, at: i64) -> Result<Value, QueryError> {
        self.evaluation(history, at, &[]).expr(&self.expr)
    }

    /// The same, over the series whose label `label` is `value`.
    pub fn eval_only(
        &self,
        history: &History,
        at: i64,
        label: &str,
        value: &str,
    ) -> Result<Value, QueryError> {
        let only = [Matcher::new(MatchOp::Equal, label, value)];
        self.evaluation(history, at, &only).expr(&self.expr)
    }

    /// How many observations stand behind a ratio of rates or a quantile; `None` for other shapes.
    pub fn observations(&self, history: &History, at: i64) -> Option<f64> {
        self.evaluation(history, at, &[]).observations(&self.expr)
    }

    /// The same, over the series whose label `label` is `value`.
    pub fn observations_only(&self, history: &History, at: i64, label: &str, value: &str) -> Option<f64> {
        let only = [Matcher::new(MatchOp::Equal, label, value)];
        self.evaluation(history, at, &only).observations(&self.expr)
    }

    /// What it reads.
    pub fn names(&self) -> Names {
        let mut names = Vec::new();
        if eval::names(&self.expr, &mut names) { Names::Only(names) } else { Names::Any }
    }

    /// Whether its answer can only become larger by what it did not see: it counts what happened.
    pub fn only_grows(&self) -> bool {
        eval::only_grows(&self.expr)
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
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':')));
    let set = |word: &&str| ["or", "and", "unless"].iter().any(|set| word.eq_ignore_ascii_case(set));
    let (mut depth, mut operators) = (0_usize, words.filter(set).count());
    let mut quote = None;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(b'"' | b'\''), b'\\') => {
                bytes.next();
            }
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'=' | b'<' | b'>') => operators += 1,
            (Some(_) | None, _) => {}
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

/// What a query of any engine says, where it is understood.
fn tree(query: &str) -> Option<Expr> {
    guard(query).ok()?;
    parse(query).ok()
}

/// Whether `query` is nothing but a selector of series, as they are now.
pub fn is_selector(query: &str) -> bool {
    matches!(tree(query), Some(Expr::VectorSelector(it)) if it.offset.is_none() && it.at.is_none())
}

/// The series that `query` reads, each selector once and as it is now; none where the query is not understood.
pub fn selectors(query: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    if let Some(expr) = tree(query) {
        eval::selectors(&expr, &mut |selector, _| {
            let now = VectorSelector { offset: None, at: None, ..selector.clone() };
            found.insert(now.to_string());
        });
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_that_a_query_reads_are_named_once_and_as_they_are_now() {
        let query = "100 * sum by (code) (rate(http_total{code=~\"5..\",job!=\"x\"}[5m])) / sum(rate(http_total[5m] offset 1d)) \
            + max_over_time(sum(up)[10m:1m]) + up";
        assert_eq!(selectors(query), ["http_total", "http_total{code=~\"5..\",job!=\"x\"}", "up"]);
        assert!(selectors("vector(1)").is_empty() && selectors("rate(").is_empty());
    }

    fn refusal(query: &str) -> String {
        Query::parse(query).map(|_| ()).expect_err(query).to_string()
    }

    #[test]
    fn what_is_too_large_never_reaches_the_parser() {
        assert_eq!(refusal(&"x".repeat(9000)), "the query is too long: at most 8192");
        let deep = format!("{}1{}", "(".repeat(4000), ")".repeat(4000));
        assert_eq!(refusal(&deep), "the query is too deep: at most 64");
        assert_eq!(
            refusal(&format!("{}1", "-".repeat(8000))),
            "the query is too full of operators: at most 256"
        );
        let many = format!("x{}", " or x".repeat(1_600));
        assert_eq!(refusal(&many), "the query is too full of operators: at most 256");
        assert!(Query::parse(&format!("{}1{}", "(".repeat(60), ")".repeat(60))).is_ok());
        let quoted = format!("x{{a=\"{}\"}}", "(\\\"".repeat(100));
        assert!(Query::parse(&quoted).is_ok(), "brackets in a text do not nest");
    }

    #[test]
    fn what_is_outside_of_the_subset_is_refused_by_name() {
        for (query, wanted) in [
            ("topk(3, x)", "the aggregation topk is not supported here"),
            (
                "label_replace(x, \"a\", \"b\", \"c\", \"d\")",
                "the function label_replace is not supported here",
            ),
            ("a and b", "the operator and is not supported here"),
            ("a * on (x) group_left b", "group_left and group_right is not supported here"),
            ("x offset 5m", "offset is not supported here"),
            ("x @ 0", "@ is not supported here"),
            ("rate(x[5m:1m])", "a subquery is not supported here"),
            ("\"text\"", "a text is not supported here"),
        ] {
            assert_eq!(refusal(query), wanted);
        }
        assert!(refusal("rate(x)").starts_with("not PromQL"));
        assert!(refusal("sum(").starts_with("not PromQL"));
    }

    fn scalar(value: Value) -> Vec<f64> {
        match value {
            Value::Scalar(value) => vec![value],
            Value::Vector(samples) => samples.into_iter().map(|sample| sample.value).collect(),
        }
    }

    #[test]
    fn a_series_that_a_scrape_lacks_is_gone_and_its_past_still_counts() {
        let mut history = History::new(600_000, 100, None);
        history.scraped(b"c{revision=\"a\"} 0\nc{revision=\"b\"} 0\n", 0);
        history.scraped(b"c{revision=\"a\"} 10\nc{revision=\"b\"} 30\n", 10_000);
        let both = Query::parse("sum(increase(c[10s]))").unwrap();
        assert_eq!(scalar(both.eval(&history, 10_000).unwrap()), [40.0]);
        assert_eq!(scalar(both.eval_only(&history, 10_000, "revision", "b").unwrap()), [30.0]);
        history.scraped(b"c{revision=\"a\"} 20\n", 20_000);
        let now = Query::parse("c").unwrap();
        assert_eq!(scalar(now.eval(&history, 20_000).unwrap()), [20.0]);
        assert_eq!(
            scalar(both.eval(&history, 20_000).unwrap()),
            [10.0],
            "one point of b is left in the range"
        );
        assert_eq!(scalar(Query::parse("nothing").unwrap().eval(&history, 20_000).unwrap()), [0.0; 0]);
        let share = Query::parse("100 * sum(rate(c{revision=\"a\"}[10s])) / sum(rate(c[10s]))").unwrap();
        assert_eq!(share.observations(&history, 10_000), Some(40.0));
        assert_eq!(share.observations_only(&history, 10_000, "revision", "b"), Some(30.0));
        history.scraped(
            b"d_bucket{revision=\"a\",le=\"1\"} 0\nd_bucket{revision=\"a\",le=\"+Inf\"} 0\n",
            30_000,
        );
        history.scraped(
            b"d_bucket{revision=\"a\",le=\"1\"} 4\nd_bucket{revision=\"a\",le=\"+Inf\"} 9\n",
            40_000,
        );
        let p95 = Query::parse("histogram_quantile(0.95, sum by (le) (rate(d_bucket[10s])))").unwrap();
        let of = |revision| p95.observations_only(&history, 40_000, "revision", revision);
        assert_eq!((of("a"), of("b")), (Some(9.0), Some(0.0)));
    }

    #[test]
    fn what_is_looked_back_on_for_long_is_thinned_and_survives_a_restart() {
        const MINUTE: i64 = 60_000;
        let long = Long { span: 24 * 60 * MINUTE, step: MINUTE, names: vec!["c".into()] };
        let fresh = || {
            let mut history = History::new(5 * MINUTE, 100, None);
            history.keep_long(long.clone());
            history
        };
        let mut history = fresh();
        let mut kept = Vec::new();
        // Ten hours, every ten seconds; one more each time.
        for n in 0..3_600_i64 {
            history.scraped(format!("c{{a=\"x\"}} {n}\nother {n}\n").as_bytes(), n * 10_000);
            if n % 6 == 0 {
                kept.extend(history.sparse().into_iter().map(|(series, value)| (series, n * 10_000, value)));
            }
        }
        let (now, day) = (3_599 * 10_000, 24 * 60 * MINUTE);
        let increase = Query::parse("sum(increase(c[10h]))").unwrap();
        let whole = scalar(increase.eval(&history, now).unwrap());
        assert!((whole[0] - 3_599.0).abs() < 2.0, "{whole:?}");
        assert_eq!((history.watched(&increase.names(), now - day, now), increase.only_grows()), (now, true));
        assert!(!Query::parse("sum(rate(c[1h])) / 2").unwrap().only_grows());

        let mut again = fresh();
        for (series, at, value) in &kept {
            again.restore(series, at - now, *value);
        }
        // An hour later the counter began anew at zero and is at 5.
        let later = 60 * MINUTE;
        again.scraped(b"c{a=\"x\"} 5\n", later);
        let across = scalar(Query::parse("sum(increase(c[11h]))").unwrap().eval(&again, later).unwrap());
        assert!((across[0] - 3_599.0).abs() < 10.0, "{across:?}");
        let watched = again.watched(&increase.names(), later - 11 * 60 * MINUTE, later);
        assert!((watched - now).abs() < 2 * MINUTE, "the hour in which nobody watched is none: {watched}");
    }

    #[test]
    fn the_history_is_bounded_and_says_what_it_left_out() {
        let mut history = History::new(10_000, 2, Some(vec!["c".into()]));
        history.scraped(b"c{a=\"1\"} 1\nc{a=\"2\"} 1\nc{a=\"3\"} 1\nother 1\n", 0);
        assert_eq!((history.len(), history.left_out()), (0, 3), "a part of a name answers nothing");
        history.scraped(b"c{a=\"3\"} 1\n", 20_000);
        assert_eq!((history.len(), history.left_out()), (1, 0), "fewer have room");
        history.scraped(b"c{a=\"1\"} 1\nc{a=\"2\"} 1\n", 21_000);
        assert_eq!((history.len(), history.left_out()), (0, 2), "those of which points are kept count too");
    }
}
