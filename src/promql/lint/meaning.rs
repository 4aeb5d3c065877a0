//! Queries that the parser takes, and that can give no sensible answer.

use promql_parser::label::Labels;
use promql_parser::parser::token::{T_EQLC, T_GTE, T_GTR, T_LSS, T_LTE};
use promql_parser::parser::{Expr, LabelModifier};

use super::Ending;
use crate::domain::plan::Comparator;

/// A slip in `expr`: what it is, the name to look for, and a better form of the whole.
pub(super) fn slip(expr: &Expr) -> Option<(&'static str, &'static str, Option<String>)> {
    let mut better = expr.clone();
    let what = repair(&mut better)?;
    Some((what, "histogram_quantile", Some(better.to_string())))
}

/// The comparison with a number at the top of `expr`.
pub(super) fn ending(expr: &Expr) -> Option<Ending> {
    let Expr::Binary(binary) = expr else {
        return match expr {
            Expr::Paren(inner) => ending(&inner.expr),
            _ => None,
        };
    };
    let comparator = match binary.op.id() {
        T_LSS => Comparator::Below,
        T_LTE => Comparator::AtMost,
        T_GTR => Comparator::Above,
        T_GTE => Comparator::AtLeast,
        T_EQLC => Comparator::Equal,
        _ => return None,
    };
    Some(Ending { compared: binary.lhs.to_string(), comparator, value: number(&binary.rhs)? })
}

fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(literal) => Some(literal.val).filter(|value| value.is_finite()),
        Expr::Paren(inner) => number(&inner.expr),
        Expr::Unary(inner) => number(&inner.expr).map(|value| -value),
        _ => None,
    }
}

/// Repairs the first slip, and says what it was.
fn repair(expr: &mut Expr) -> Option<&'static str> {
    match expr {
        Expr::Call(call) if call.func.name == "histogram_quantile" => {
            let quantile = call.args.args.first_mut().and_then(|quantile| per_cent(quantile));
            quantile.or_else(|| call.args.args.get_mut(1).and_then(|buckets| without_le(buckets)))
        }
        Expr::Call(call) => call.args.args.iter_mut().find_map(|arg| repair(arg)),
        Expr::Aggregate(aggregate) => repair(&mut aggregate.expr),
        Expr::Unary(unary) => repair(&mut unary.expr),
        Expr::Binary(binary) => repair(&mut binary.lhs).or_else(|| repair(&mut binary.rhs)),
        Expr::Paren(paren) => repair(&mut paren.expr),
        Expr::Subquery(subquery) => repair(&mut subquery.expr),
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => None,
    }
}

/// A quantile of 95 is 0.95.
fn per_cent(quantile: &mut Expr) -> Option<&'static str> {
    let Expr::NumberLiteral(literal) = quantile else { return None };
    (literal.val > 1.0 && literal.val <= 100.0).then(|| {
        literal.val /= 100.0;
        "a quantile lies between 0 and 1; this one always gives +Inf"
    })
}

/// Buckets that were added up over `le` give no quantile.
fn without_le(buckets: &mut Expr) -> Option<&'static str> {
    const WHAT: &str = "the buckets are added up without le, so there is no quantile; group by le too";
    let le = || Labels::new(vec!["le"]);
    match buckets {
        Expr::Paren(paren) => without_le(&mut paren.expr),
        Expr::Aggregate(aggregate) => {
            let label = "le".to_owned();
            match &mut aggregate.modifier {
                None => aggregate.modifier = Some(LabelModifier::Include(le())),
                Some(LabelModifier::Include(labels)) if !labels.labels.contains(&label) => {
                    labels.labels.insert(0, label);
                }
                Some(LabelModifier::Exclude(labels)) if labels.labels.contains(&label) => {
                    labels.labels.retain(|name| *name != label);
                }
                Some(_) => return None,
            }
            Some(WHAT)
        }
        Expr::Call(_)
        | Expr::Unary(_)
        | Expr::Binary(_)
        | Expr::Subquery(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => None,
    }
}
