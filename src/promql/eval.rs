//! The evaluation of a parsed query, and the check that it is within the subset.

use std::collections::BTreeMap;
use std::time::Duration;

use promql_parser::label::{Matcher, Matchers};
use promql_parser::parser::token::{T_AVG, T_COUNT, T_DIV, T_LOR, T_MAX, T_MIN, T_SUM};
use promql_parser::parser::{
    AggregateExpr, Call, Expr, LabelModifier, MatrixSelector, VectorMatchCardinality, VectorSelector,
};

use crate::domain::Clean;

use super::QueryError;
use super::binary::{Operator, apply, operator, union};
use super::functions::{Per, Span, growth, instant_rate, quantile};
use super::history::{History, Labels, NAME};

/// What a query answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One number without labels.
    Scalar(f64),
    /// One number for each series; empty: no data.
    Vector(Vec<Sample>),
}

/// One number of a vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its labels, sorted.
    pub labels: Labels,
    /// The number.
    pub value: f64,
}

impl Sample {
    /// A derived number is no longer the metric itself.
    pub(super) fn drop_name(&mut self) {
        self.labels.retain(|(label, _)| &**label != NAME);
    }
}

/// One evaluation at one moment.
#[derive(Clone, Copy)]
pub(super) struct Evaluation<'a> {
    pub(super) history: &'a History,
    /// Milliseconds.
    pub(super) at: i64,
    /// A further matcher on every selector.
    pub(super) only: &'a [Matcher],
    /// A counter that was seen to begin grew from zero.
    pub(super) from_zero: bool,
}

fn unsupported(what: &str) -> QueryError {
    QueryError::Unsupported(Clean::new(what))
}

/// Whether a query is within the subset.
pub(super) fn check(expr: &Expr) -> Result<(), QueryError> {
    match expr {
        Expr::NumberLiteral(_) => Ok(()),
        Expr::Paren(paren) => check(&paren.expr),
        Expr::Unary(unary) => check(&unary.expr),
        Expr::VectorSelector(selector) => check_selector(selector),
        Expr::MatrixSelector(matrix) => check_selector(&matrix.vs),
        Expr::Aggregate(aggregate) => {
            let known = [T_SUM, T_AVG, T_MIN, T_MAX, T_COUNT].contains(&aggregate.op.id());
            if !known {
                return Err(unsupported(&format!("the aggregation {}", aggregate.op)));
            }
            check(&aggregate.expr)
        }
        Expr::Call(call) => {
            let known = ["rate", "increase", "irate", "histogram_quantile", "vector"];
            if !known.contains(&call.func.name) {
                return Err(unsupported(&format!("the function {}", call.func.name)));
            }
            call.args.args.iter().try_for_each(|arg| check(arg))
        }
        Expr::Binary(binary) => {
            let unites = binary.op.id() == T_LOR;
            if operator(binary.op).is_none() && !unites {
                return Err(unsupported(&format!("the operator {}", binary.op)));
            }
            if let Some(modifier) = &binary.modifier {
                if modifier.card != VectorMatchCardinality::OneToOne && !unites {
                    return Err(unsupported("group_left and group_right"));
                }
                if modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some() {
                    return Err(unsupported("fill"));
                }
            }
            check(&binary.lhs)?;
            check(&binary.rhs)
        }
        Expr::Subquery(_) => Err(unsupported("a subquery")),
        Expr::StringLiteral(_) => Err(unsupported("a text")),
        Expr::Extension(_) => Err(unsupported("an extension")),
    }
}

fn check_selector(selector: &VectorSelector) -> Result<(), QueryError> {
    match selector {
        VectorSelector { offset: Some(_), .. } => Err(unsupported("offset")),
        VectorSelector { at: Some(_), .. } => Err(unsupported("@")),
        VectorSelector { matchers: Matchers { or_matchers, .. }, .. } if !or_matchers.is_empty() => {
            Err(unsupported("`or` between matchers"))
        }
        VectorSelector { .. } => Ok(()),
    }
}

/// Collects the metric names read; `false`: a selector names none.
pub(super) fn names(expr: &Expr, into: &mut Vec<String>) -> bool {
    let mut all = true;
    selectors(expr, &mut |selector, _range| match &selector.name {
        Some(name) => into.push(name.clone()),
        None => all = false,
    });
    all
}

/// Whether it is an increase, or a sum of such.
pub(super) fn only_grows(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => only_grows(&paren.expr),
        Expr::Aggregate(aggregate) => aggregate.op.id() == T_SUM && only_grows(&aggregate.expr),
        Expr::Call(call) => call.func.name == "increase",
        _ => false,
    }
}

/// The longest range, in milliseconds.
pub(super) fn longest_range(expr: &Expr) -> i64 {
    let mut longest = 0;
    selectors(expr, &mut |_selector, range| longest = longest.max(milliseconds(range)));
    longest
}

/// Each selector that is read, with its range.
pub(super) fn selectors(expr: &Expr, each: &mut impl FnMut(&VectorSelector, Duration)) {
    match expr {
        Expr::VectorSelector(selector) => each(selector, Duration::ZERO),
        Expr::MatrixSelector(matrix) => each(&matrix.vs, matrix.range),
        Expr::Paren(paren) => selectors(&paren.expr, each),
        Expr::Unary(unary) => selectors(&unary.expr, each),
        Expr::Aggregate(aggregate) => selectors(&aggregate.expr, each),
        Expr::Call(call) => call.args.args.iter().for_each(|arg| selectors(arg, each)),
        Expr::Binary(binary) => {
            selectors(&binary.lhs, each);
            selectors(&binary.rhs, each);
        }
        Expr::Subquery(subquery) => selectors(&subquery.expr, each),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

impl Evaluation<'_> {
    pub(super) fn expr(self, expr: &Expr) -> Result<Value, QueryError> {
        match expr {
            Expr::NumberLiteral(number) => Ok(Value::Scalar(number.val)),
            Expr::Paren(paren) => self.expr(&paren.expr),
            Expr::Unary(unary) => Ok(match self.expr(&unary.expr)? {
                Value::Scalar(value) => Value::Scalar(-value),
                Value::Vector(samples) => {
                    let negative = samples.into_iter().map(|mut sample| {
                        sample.drop_name();
                        Sample { value: -sample.value, ..sample }
                    });
                    Value::Vector(negative.collect())
                }
            }),
            Expr::VectorSelector(selector) => Ok(Value::Vector(self.instant(selector))),
            Expr::Aggregate(aggregate) => Ok(Value::Vector(self.aggregate(aggregate)?)),
            Expr::Call(call) => Ok(Value::Vector(self.call(call)?)),
            Expr::Binary(binary) if binary.op.id() == T_LOR => {
                union(binary.modifier.as_ref(), self.expr(&binary.lhs)?, self.expr(&binary.rhs)?)
            }
            Expr::Binary(binary) => {
                let operator = operator(binary.op).ok_or_else(|| unsupported("this operator"))?;
                apply(operator, binary.modifier.as_ref(), self.expr(&binary.lhs)?, self.expr(&binary.rhs)?)
            }
            Expr::MatrixSelector(_) => Err(unsupported("a range without a function")),
            Expr::Subquery(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Err(unsupported("this")),
        }
    }

    /// The observations behind a ratio (those of its denominator) or a quantile (those of its histogram).
    pub(super) fn observations(self, expr: &Expr) -> Option<f64> {
        if let Expr::Paren(paren) = expr {
            return self.observations(&paren.expr);
        }
        if let Expr::Call(call) = expr
            && call.func.name == "histogram_quantile"
        {
            // All of a histogram's observations are in its last bucket.
            let whole = Matcher::new(promql_parser::label::MatchOp::Equal, "le", "+Inf");
            let only = [self.only, &[whole]].concat();
            return Evaluation { only: &only, ..self }.counted(call.args.args.get(1)?);
        }
        let Expr::Binary(binary) = expr else { return None };
        match binary.op.id() {
            T_DIV => return self.counted(&binary.rhs),
            T_LOR => return self.observations(&binary.lhs),
            _ => {}
        }
        match (&*binary.lhs, &*binary.rhs) {
            (Expr::NumberLiteral(_), other) | (other, Expr::NumberLiteral(_)) => self.observations(other),
            _ => None,
        }
    }

    /// How much the counters under `expr` grew over their ranges.
    fn counted(self, expr: &Expr) -> Option<f64> {
        if let Expr::Paren(paren) = expr {
            return self.counted(&paren.expr);
        }
        if let Expr::Aggregate(aggregate) = expr {
            return self.counted(&aggregate.expr);
        }
        // What is left out where there is nothing is counted as nothing.
        if let Expr::Binary(binary) = expr
            && matches!(operator(binary.op), Some(Operator::Comparison(_)))
        {
            return self.counted(&binary.lhs);
        }
        let Expr::Call(call) = expr else { return None };
        let Expr::MatrixSelector(matrix) = &**call.args.args.first()? else { return None };
        let grown = self.over(matrix, |points, span| growth(points, span, Per::Range));
        Some(grown.iter().map(|sample| sample.value).sum())
    }

    fn instant(self, selector: &VectorSelector) -> Vec<Sample> {
        let matchers = self.matchers(selector);
        let refs: Vec<&Matcher> = matchers.iter().collect();
        let present = self.history.select(&refs).filter_map(|series| {
            Some(Sample { labels: series.labels.clone(), value: self.history.present(series, self.at)? })
        });
        present.collect()
    }

    fn matchers(self, selector: &VectorSelector) -> Vec<Matcher> {
        let name = selector.name.as_deref();
        let name = name.map(|name| Matcher::new(promql_parser::label::MatchOp::Equal, NAME, name));
        let own = selector.matchers.matchers.iter().cloned();
        name.into_iter().chain(own).chain(self.only.iter().cloned()).collect()
    }

    fn over(
        self,
        matrix: &MatrixSelector,
        value: impl Fn(&[(i64, f64)], Span) -> Option<f64>,
    ) -> Vec<Sample> {
        let from = self.at - milliseconds(matrix.range);
        let matchers = self.matchers(&matrix.vs);
        let refs: Vec<&Matcher> = matchers.iter().collect();
        let samples = self.history.select(&refs).filter_map(|series| {
            let (points, begins, from) = if self.from_zero {
                self.history.range_from_zero(series, from, self.at)
            } else {
                (series.range(from, self.at), false, from)
            };
            let value = value(&points, Span { from, to: self.at, begins })?;
            let mut sample = Sample { labels: series.labels.clone(), value };
            sample.drop_name();
            Some(sample)
        });
        samples.collect()
    }

    fn call(self, call: &Call) -> Result<Vec<Sample>, QueryError> {
        let args = &call.args.args;
        match (call.func.name, args.first().map(|arg| &**arg)) {
            ("rate", Some(Expr::MatrixSelector(matrix))) => {
                Ok(self.over(matrix, |points, span| growth(points, span, Per::Second)))
            }
            ("increase", Some(Expr::MatrixSelector(matrix))) => {
                Ok(self.over(matrix, |points, span| growth(points, span, Per::Range)))
            }
            ("irate", Some(Expr::MatrixSelector(matrix))) => {
                Ok(self.over(matrix, |points, _span| instant_rate(points)))
            }
            ("vector", Some(number)) => match self.expr(number)? {
                Value::Scalar(value) => Ok(vec![Sample { labels: Labels::default(), value }]),
                Value::Vector(_) => Err(unsupported("this argument")),
            },
            ("histogram_quantile", Some(q)) => {
                let Value::Scalar(q) = self.expr(q)? else {
                    return Err(unsupported("a quantile that is not a number"));
                };
                let buckets = args.get(1).ok_or_else(|| unsupported("a quantile without buckets"))?;
                match self.expr(buckets)? {
                    Value::Vector(samples) => Ok(quantiles(q, samples)),
                    Value::Scalar(_) => Err(unsupported("a quantile of a number")),
                }
            }
            _ => Err(unsupported("this argument")),
        }
    }

    fn aggregate(self, aggregate: &AggregateExpr) -> Result<Vec<Sample>, QueryError> {
        let Value::Vector(samples) = self.expr(&aggregate.expr)? else {
            return Err(unsupported("an aggregation of a number"));
        };
        let mut groups: BTreeMap<Labels, Vec<f64>> = BTreeMap::new();
        for sample in samples {
            let key = group(&sample.labels, aggregate.modifier.as_ref());
            groups.entry(key).or_default().push(sample.value);
        }
        let fold = |values: Vec<f64>| {
            let sum = || values.iter().sum::<f64>();
            // NaN loses against any number, as in Prometheus.
            match aggregate.op.id() {
                T_SUM => sum(),
                T_AVG => sum() / values.len() as f64,
                T_MIN => values.iter().copied().fold(f64::NAN, f64::min),
                T_MAX => values.iter().copied().fold(f64::NAN, f64::max),
                _ => values.len() as f64,
            }
        };
        Ok(groups.into_iter().map(|(labels, values)| Sample { labels, value: fold(values) }).collect())
    }
}

fn group(labels: &Labels, modifier: Option<&LabelModifier>) -> Labels {
    let kept = |label: &str| match modifier {
        None => false,
        Some(LabelModifier::Include(names)) => names.labels.iter().any(|name| name == label),
        Some(LabelModifier::Exclude(names)) => {
            label != NAME && !names.labels.iter().any(|name| name == label)
        }
    };
    labels.iter().filter(|(label, _)| kept(label)).cloned().collect()
}

fn quantiles(q: f64, samples: Vec<Sample>) -> Vec<Sample> {
    let mut histograms: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for mut sample in samples {
        let bound = sample.labels.iter().find(|(label, _)| &**label == "le");
        // A series without a bound is no bucket; Prometheus passes it over as well.
        let Some(bound) = bound.and_then(|(_, bound)| bound.parse().ok()) else { continue };
        sample.labels.retain(|(label, _)| &**label != "le" && &**label != NAME);
        histograms.entry(sample.labels).or_default().push((bound, sample.value));
    }
    let samples = histograms.into_iter();
    samples.map(|(labels, buckets)| Sample { labels, value: quantile(q, buckets) }).collect()
}

fn milliseconds(range: Duration) -> i64 {
    i64::try_from(range.as_millis()).unwrap_or(i64::MAX)
}
