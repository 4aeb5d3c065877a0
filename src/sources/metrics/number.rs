//! The number of an answer.

use crate::domain::Clean;
use crate::domain::metric::Gap;
use crate::promql::{History, Names, Query, Value};

/// The one number of an answer, or why there is none.
pub(super) enum Number {
    Is(f64),
    Gap(Gap),
}

impl Number {
    fn of(value: f64) -> Self {
        if value.is_nan() { Self::Gap(Gap::NotANumber) } else { Self::Is(value) }
    }

    pub(super) fn known(self) -> Option<f64> {
        match self {
            Self::Is(value) => Some(value),
            Self::Gap(_) => None,
        }
    }
}

/// An answer without series, where nothing of a name that is asked for was scraped, is told apart.
pub(super) fn told(gap: Gap, query: &Query, history: &History) -> Gap {
    let is_there = |name: &String| history.named(name).next().is_some();
    match query.names() {
        Names::Only(names) if gap == Gap::Empty && !names.is_empty() && !names.iter().any(is_there) => {
            Gap::Absent
        }
        Names::Only(_) | Names::Any => gap,
    }
}

/// The number of an answer that has one at most.
pub(super) fn single(value: Value) -> Result<Number, Clean> {
    match value {
        Value::Scalar(value) => Ok(Number::of(value)),
        Value::Vector(samples) => match samples.as_slice() {
            [] => Ok(Number::Gap(Gap::Empty)),
            [one] => Ok(Number::of(one.value)),
            many => Err(Clean::new(&format!("{} series; wrap the query in sum()", many.len()))),
        },
    }
}
