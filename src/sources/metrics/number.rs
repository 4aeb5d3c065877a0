//! The number of an answer.

use crate::domain::Clean;
use crate::domain::metric::Gap;
use crate::promql::Value;

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
