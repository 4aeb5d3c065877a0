//! A number against a limit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A comparison of a number with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparator {
    /// `<`
    #[serde(rename = "<")]
    Lt,
    /// `≤`
    #[serde(rename = "<=")]
    Le,
    /// `>`
    #[serde(rename = ">")]
    Gt,
    /// `≥`
    #[serde(rename = ">=")]
    Ge,
    /// `=`
    #[serde(rename = "=")]
    Eq,
    /// `≠`
    #[serde(rename = "!=")]
    Ne,
}

/// A comparator with its number, in the signal's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// How to compare: value `op` number.
    pub op: Comparator,
    /// The number.
    pub value: f64,
}

impl Comparator {
    /// Whether `left op right`; NaN compares as false except for [`Comparator::Ne`].
    #[expect(clippy::float_cmp, reason = "`=` in a checklist means equality with the number written")]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Lt => left < right,
            Self::Le => left <= right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
            Self::Eq => left == right,
            Self::Ne => left != right,
        }
    }

    /// As drawn.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Lt => "<",
            Self::Le => "≤",
            Self::Gt => ">",
            Self::Ge => "≥",
            Self::Eq => "=",
            Self::Ne => "≠",
        }
    }
}

impl Limit {
    /// Whether `value` satisfies this comparison.
    pub fn holds(self, value: f64) -> bool {
        self.op.holds(value, self.value)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.op.symbol(), self.value)
    }
}
