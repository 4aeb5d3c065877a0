//! A query as text for an engine, over the series of which one label has one value; and how many observations stand
//! behind such a query.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::token::T_DIV;
use promql_parser::parser::{Expr, MatrixSelector, parse};

/// `text` over the series whose label `label` is `value`; `None`: it is no query, or reads no series.
pub fn only(text: &str, label: &str, value: &str) -> Option<String> {
    let mut expr = parsed(text)?;
    narrow(&mut expr, &Matcher::new(MatchOp::Equal, label, value)).then(|| expr.to_string())
}

/// The query for the observations behind a ratio (those of its denominator) or a quantile (those of its histogram);
/// `None` for other shapes.
pub fn observed(text: &str) -> Option<String> {
    observations(&parsed(text)?)
}

fn parsed(text: &str) -> Option<Expr> {
    super::guard(text).ok()?;
    parse(text).ok()
}

/// Adds `matcher` to all that is read; whether anything is.
fn narrow(expr: &mut Expr, matcher: &Matcher) -> bool {
    match expr {
        Expr::Aggregate(aggregate) => narrow(&mut aggregate.expr, matcher),
        Expr::Unary(unary) => narrow(&mut unary.expr, matcher),
        Expr::Binary(binary) => {
            let left = narrow(&mut binary.lhs, matcher);
            narrow(&mut binary.rhs, matcher) || left
        }
        Expr::Paren(paren) => narrow(&mut paren.expr, matcher),
        Expr::Subquery(subquery) => narrow(&mut subquery.expr, matcher),
        Expr::VectorSelector(selector) => {
            selector.matchers.matchers.push(matcher.clone());
            true
        }
        Expr::MatrixSelector(matrix) => {
            matrix.vs.matchers.matchers.push(matcher.clone());
            true
        }
        Expr::Call(call) => {
            let found: Vec<bool> =
                call.args.args.iter_mut().map(|argument| narrow(argument, matcher)).collect();
            found.contains(&true)
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => false,
    }
}

fn observations(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Paren(paren) => observations(&paren.expr),
        Expr::Call(call) if call.func.name == "histogram_quantile" => {
            // All of a histogram's observations are in its last bucket.
            let mut matrix = counted(call.args.args.get(1)?)?;
            matrix.vs.matchers.matchers.push(Matcher::new(MatchOp::Equal, "le", "+Inf"));
            Some(grown(matrix))
        }
        Expr::Binary(binary) if binary.op.id() == T_DIV => counted(&binary.rhs).map(grown),
        Expr::Binary(binary) => match (&*binary.lhs, &*binary.rhs) {
            (Expr::NumberLiteral(_), other) | (other, Expr::NumberLiteral(_)) => observations(other),
            _ => None,
        },
        _ => None,
    }
}

/// What the counters under `expr` are read over.
fn counted(expr: &Expr) -> Option<MatrixSelector> {
    match expr {
        Expr::Paren(paren) => counted(&paren.expr),
        Expr::Aggregate(aggregate) => counted(&aggregate.expr),
        Expr::Call(call) => match &**call.args.args.first()? {
            Expr::MatrixSelector(matrix) => Some(matrix.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn grown(matrix: MatrixSelector) -> String {
    format!("sum(increase({}))", Expr::MatrixSelector(matrix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_read_is_narrowed_and_stays_a_query() {
        let share = "100 * sum(rate(r{code=~\"5..\"}[5m])) / sum(rate(r[5m]))";
        let told = only(share, "cohort", "b").unwrap();
        assert_eq!(told.matches("cohort=\"b\"").count(), 2, "{told}");
        assert!(told.contains("code=~\"5..\"") && parse(&told).is_ok(), "{told}");
        let count = observed(&told).unwrap();
        assert_eq!(count, "sum(increase(r{cohort=\"b\"}[5m]))");
        let quantile = "histogram_quantile(0.95, sum by (le) (rate(d_bucket{job=\"x\"}[10m])))";
        let told = only(quantile, "cohort", "a b").unwrap();
        assert!(parse(&told).is_ok(), "{told}");
        let count = observed(&told).unwrap();
        assert!(count.contains("le=\"+Inf\"") && count.contains("cohort=\"a b\"") && parse(&count).is_ok());
        assert_eq!(only("1 + 1", "cohort", "b"), None, "that is of no cohort");
        assert_eq!(only("sum(", "cohort", "b"), None);
        assert_eq!(observed("up"), None);
    }
}
