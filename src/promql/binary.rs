//! Arithmetic and comparison between scalars and vectors.

use std::collections::{HashMap, HashSet};

use promql_parser::label::Labels as LabelNames;
use promql_parser::parser::token::{
    T_ADD, T_DIV, T_EQLC, T_GTE, T_GTR, T_LSS, T_LTE, T_MOD, T_MUL, T_NEQ, T_POW, T_SUB, TokenType,
};
use promql_parser::parser::{BinModifier, LabelModifier};

use crate::domain::Clean;

use super::QueryError;
use super::eval::{Sample, Value};
use super::history::{Labels, NAME};

/// What an operator does with two numbers.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    Arithmetic(fn(f64, f64) -> f64),
    Comparison(fn(&f64, &f64) -> bool),
}

/// The operator of a token, if it is within the subset.
pub(super) fn operator(token: TokenType) -> Option<Operator> {
    Some(match token.id() {
        T_ADD => Operator::Arithmetic(|a, b| a + b),
        T_SUB => Operator::Arithmetic(|a, b| a - b),
        T_MUL => Operator::Arithmetic(|a, b| a * b),
        T_DIV => Operator::Arithmetic(|a, b| a / b),
        T_MOD => Operator::Arithmetic(|a, b| a % b),
        T_POW => Operator::Arithmetic(f64::powf),
        T_EQLC => Operator::Comparison(f64::eq),
        T_NEQ => Operator::Comparison(f64::ne),
        T_GTR => Operator::Comparison(f64::gt),
        T_LSS => Operator::Comparison(f64::lt),
        T_GTE => Operator::Comparison(f64::ge),
        T_LTE => Operator::Comparison(f64::le),
        _ => return None,
    })
}

/// All of `left`, and what of `right` has no match there.
pub(super) fn union(modifier: Option<&BinModifier>, left: Value, right: Value) -> Result<Value, QueryError> {
    let (Value::Vector(mut left), Value::Vector(right)) = (left, right) else {
        return Err(QueryError::Unsupported(Clean::new("`or` with a number")));
    };
    let matching = modifier.and_then(|modifier| modifier.matching.as_ref());
    let known: HashSet<Labels> = left.iter().map(|sample| key(&sample.labels, matching)).collect();
    left.extend(right.into_iter().filter(|sample| !known.contains(&key(&sample.labels, matching))));
    Ok(Value::Vector(left))
}

/// `left op right`. A comparison without `bool` keeps the vector's own value where it holds.
pub(super) fn apply(
    operator: Operator,
    modifier: Option<&BinModifier>,
    left: Value,
    right: Value,
) -> Result<Value, QueryError> {
    let bools = modifier.is_some_and(|modifier| modifier.return_bool);
    Ok(match (left, right) {
        (Value::Scalar(a), Value::Scalar(b)) => Value::Scalar(match operator {
            Operator::Arithmetic(compute) => compute(a, b),
            Operator::Comparison(holds) => f64::from(u8::from(holds(&a, &b))),
        }),
        (Value::Vector(samples), Value::Scalar(b)) => {
            Value::Vector(each(samples, |a| combine(operator, bools, (a, b), a), operator, bools))
        }
        (Value::Scalar(a), Value::Vector(samples)) => {
            Value::Vector(each(samples, |b| combine(operator, bools, (a, b), b), operator, bools))
        }
        (Value::Vector(left), Value::Vector(right)) => {
            let matching = modifier.and_then(|modifier| modifier.matching.as_ref());
            Value::Vector(matched(operator, bools, matching, left, right)?)
        }
    })
}

/// The value of one pair; `kept` is what a filtering comparison leaves.
fn combine(operator: Operator, bools: bool, (a, b): (f64, f64), kept: f64) -> Option<f64> {
    match operator {
        Operator::Arithmetic(compute) => Some(compute(a, b)),
        Operator::Comparison(holds) if bools => Some(f64::from(u8::from(holds(&a, &b)))),
        Operator::Comparison(holds) => holds(&a, &b).then_some(kept),
    }
}

/// Only a filtering comparison leaves a sample what it was, its name included.
fn keeps_name(operator: Operator, bools: bool) -> bool {
    matches!(operator, Operator::Comparison(_)) && !bools
}

fn each(
    samples: Vec<Sample>,
    value: impl Fn(f64) -> Option<f64>,
    operator: Operator,
    bools: bool,
) -> Vec<Sample> {
    let kept = samples.into_iter().filter_map(|sample| {
        let mut sample = Sample { value: value(sample.value)?, ..sample };
        if !keeps_name(operator, bools) {
            sample.drop_name();
        }
        Some(sample)
    });
    kept.collect()
}

fn matched(
    operator: Operator,
    bools: bool,
    matching: Option<&LabelModifier>,
    left: Vec<Sample>,
    right: Vec<Sample>,
) -> Result<Vec<Sample>, QueryError> {
    let twice = |side: &str| {
        let words = format!("the {side} side has several series for one match; aggregate it first");
        QueryError::Evaluation(Clean::new(&words))
    };
    let mut others: HashMap<Labels, f64> = HashMap::new();
    for sample in right {
        if others.insert(key(&sample.labels, matching), sample.value).is_some() {
            return Err(twice("right"));
        }
    }
    let mut used: HashSet<Labels> = HashSet::new();
    let mut out = Vec::new();
    for mut sample in left {
        let key = key(&sample.labels, matching);
        let Some(other) = others.get(&key) else { continue };
        if !used.insert(key.clone()) {
            return Err(twice("left"));
        }
        let Some(value) = combine(operator, bools, (sample.value, *other), sample.value) else { continue };
        if !keeps_name(operator, bools) {
            sample.labels = key;
        }
        out.push(Sample { value, ..sample });
    }
    Ok(out)
}

/// The labels that must be the same on both sides.
fn key(labels: &Labels, matching: Option<&LabelModifier>) -> Labels {
    let listed = |names: &LabelNames, label: &str| names.labels.iter().any(|name| name == label);
    let counts = |label: &str| match matching {
        Some(LabelModifier::Include(names)) => listed(names, label),
        Some(LabelModifier::Exclude(names)) => label != NAME && !listed(names, label),
        None => label != NAME,
    };
    labels.iter().filter(|(label, _)| counts(label)).cloned().collect()
}
