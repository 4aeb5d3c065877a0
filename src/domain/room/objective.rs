//! Objectives: what share of things has to go well over a window, the budget of failures that leaves, and how fast it burns.
//!
//! Budget and burn rate as in Google's "The Site Reliability Workbook", chapter 5: with a target of 99.9 % the budget is
//! 0.1 %; a burn rate of 1 spends it exactly in the window, one of 14.4 spends 2 % of a 30-day budget in an hour.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a metric tells of an objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfObjective {
    /// The objective's name.
    pub name: String,
    /// What is told of it.
    pub tells: Tells,
}

/// What is told of an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tells {
    /// How much of its budget is left over its window, in percent; below 0: more than all was spent.
    Budget,
    /// How many times as fast as it may the budget is spent, looked at over so long.
    Burn(Duration),
}

/// The windows over which burning is looked at: `burn.NAME` is the lesser of the first two, `burn.NAME.slow` of the others.
/// Looked at over the longer one it is worth a word, over the shorter one it still goes on.
pub const BURN_WINDOWS: [(&str, Duration); 4] = [
    ("1h", Duration::from_hours(1)),
    ("5m", Duration::from_mins(5)),
    ("6h", Duration::from_hours(6)),
    ("30m", Duration::from_mins(30)),
];

/// The share of things that went well, as `PromQL` with `$window` where the range stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Share {
    /// Good ones, and all.
    Good {
        /// How many went well.
        good: String,
        /// How many there were.
        total: String,
    },
    /// Bad ones, and all.
    Bad {
        /// How many went wrong.
        bad: String,
        /// How many there were.
        total: String,
    },
    /// The share itself, 0 to 1.
    Ratio(String),
}

impl Share {
    /// The share of things that went wrong over `window` (as `PromQL` writes it).
    fn wrong(&self, window: &str) -> String {
        let over = |text: &str| text.replace("$window", window);
        match self {
            Self::Good { good, total } => format!("1 - ({}) / ({})", over(good), over(total)),
            Self::Bad { bad, total } => format!("({}) / ({})", over(bad), over(total)),
            Self::Ratio(ratio) => format!("1 - ({})", over(ratio)),
        }
    }

    /// How many times as fast as it may a budget of `allowed` (0 to 1) is spent over `window`.
    pub fn burn(&self, allowed: f64, window: &str) -> String {
        format!("({}) / {}", self.wrong(window), plain(allowed))
    }

    /// How much of it is left over `window`, in percent.
    pub fn budget(&self, allowed: f64, window: &str) -> String {
        format!("100 * (1 - ({}) / {})", self.wrong(window), plain(allowed))
    }
}

/// Without the noise of the last binary digits.
fn plain(number: f64) -> String {
    let text = format!("{number:.9}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_becomes_queries() {
        let allowed = (100.0 - 99.9) / 100.0;
        let good = Share::Good {
            good: "sum(increase(ok[$window]))".into(),
            total: "sum(increase(all[$window]))".into(),
        };
        assert_eq!(
            good.burn(allowed, "1h"),
            "(1 - (sum(increase(ok[1h]))) / (sum(increase(all[1h])))) / 0.001"
        );
        let bad = Share::Bad { bad: "b[$window]".into(), total: "t[$window]".into() };
        assert_eq!(bad.budget(0.05, "7d"), "100 * (1 - ((b[7d]) / (t[7d])) / 0.05)");
        assert_eq!(Share::Ratio("r".into()).burn(0.5, "5m"), "(1 - (r)) / 0.5");
    }
}
