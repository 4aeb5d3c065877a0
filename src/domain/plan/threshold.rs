//! Numbers with limits, and queries for a metrics server.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Clean;
use crate::domain::item::ItemId;

/// How a value is compared with its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr)]
pub enum Comparator {
    /// Less than.
    #[serde(rename = "<")]
    #[strum(serialize = "<")]
    Below,
    /// At most.
    #[serde(rename = "<=")]
    #[strum(serialize = "<=")]
    AtMost,
    /// More than.
    #[serde(rename = ">")]
    #[strum(serialize = ">")]
    Above,
    /// At least.
    #[serde(rename = ">=")]
    #[strum(serialize = ">=")]
    AtLeast,
    /// Exactly.
    #[serde(rename = "=")]
    #[strum(serialize = "=")]
    Equal,
    /// About: nothing trips at a hair's breadth.
    #[serde(rename = "~")]
    #[strum(serialize = "~")]
    About,
}

/// One side of a limit: `> 5 % for 5 min`. Shown so, and read back from what is shown to the same value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// How the value is compared.
    pub comparator: Comparator,
    /// The limit, in `unit`. Finite.
    pub value: f64,
    /// Unit: `%`, `ms`, `s`, `min`, `h`, `d`, `MB`, `/s`, `/min`, `/day`, `x` (times) …; empty: a plain number.
    pub unit: String,
    /// It must hold for so many seconds without a break.
    pub for_seconds: Option<u64>,
    /// The share counts what is done within so many milliseconds (`99 % within 1 s`).
    pub within_ms: Option<u64>,
    /// It is looked at so many seconds after the beginning (`after 8 h`).
    pub after_seconds: Option<u64>,
    /// The limit is relative to a baseline, and how; `None`: it is absolute.
    pub baseline: Option<Relative>,
}

/// How a [`Bound`] relates to a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relative {
    /// The distance from it in either direction: `within 20 % of baseline`.
    Distance,
    /// How much more than it: `10 % above baseline`, `50 % slower`.
    Above,
    /// How much less than it: `10 % below baseline`.
    Below,
    /// A multiple of it, in the unit `x`: `2 x baseline`.
    Times,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { comparator, value, unit, .. } = self;
        match (self.baseline, comparator) {
            (Some(Relative::Distance), Comparator::AtMost) => f.write_str("within ")?,
            (Some(_) | None, _) => write!(f, "{comparator} ")?,
        }
        let space = if unit.is_empty() || unit.starts_with('/') { "" } else { " " };
        write!(f, "{value}{space}{unit}")?;
        match self.baseline {
            None => {}
            Some(Relative::Distance) => f.write_str(" of baseline")?,
            Some(Relative::Above) => f.write_str(" above baseline")?,
            Some(Relative::Below) => f.write_str(" below baseline")?,
            Some(Relative::Times) => f.write_str(" baseline")?,
        }
        if let Some(ms) = self.within_ms {
            write!(f, " within {}", span(ms))?;
        }
        if let Some(seconds) = self.for_seconds {
            write!(f, " for {}", span(seconds.saturating_mul(1000)))?;
        }
        if let Some(seconds) = self.after_seconds {
            write!(f, " after {}", span(seconds.saturating_mul(1000)))?;
        }
        Ok(())
    }
}

/// A length of time in the largest unit that gives a whole number.
fn span(ms: u64) -> String {
    [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")]
        .into_iter()
        .find(|(unit, _)| ms > 0 && ms.is_multiple_of(*unit))
        .map_or_else(|| format!("{ms} ms"), |(unit, name)| format!("{} {name}", ms / unit))
}

/// A limit as a document states it, and what was understood of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// As written: `>95%`, `~2/day`, `N/A`.
    pub text: Clean,
    /// What was understood; `None`: it names no limit, or none that could be read.
    pub bound: Option<Bound>,
}

/// A number with its limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Line in the file, from 1.
    pub line: u32,
    /// What is measured.
    pub name: Clean,
    /// Where it should be.
    pub target: Option<Stated>,
    /// Where it warns.
    pub warning: Option<Stated>,
    /// Where it is critical.
    pub critical: Option<Stated>,
    /// What it was before (a Before column).
    pub baseline: Option<Stated>,
    /// Severity by the heading above (`Priority 1` …): 1 is the worst.
    pub priority: Option<u8>,
    /// What it means; may be empty.
    pub description: Clean,
    /// Where it comes from.
    pub origin: Origin,
    /// Headings above it, outermost first.
    pub section: Vec<Clean>,
    /// The item that states it, if one does.
    pub item: Option<ItemId>,
}

/// Where a [`Threshold`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Origin {
    /// A YAML block of metrics.
    Yaml,
    /// A row of a table.
    Table,
    /// An item or criterion.
    Item,
    /// A line beside a query.
    Query,
}

/// A query for a metrics server, from a fence or an alert rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Line in the file, from 1.
    pub line: u32,
    /// Title: the heading above, or the rule's name.
    pub title: Clean,
    /// The query.
    pub query: String,
    /// What is wrong with it, with its place; `None`: it is valid.
    pub error: Option<Clean>,
    /// A form that would be right, if one is known.
    pub suggestion: Option<String>,
    /// Limits from the lines beside it; its place in [`super::Plan::thresholds`] by line.
    pub threshold: Option<u32>,
    /// The line of the heading of the stage that it stands below: its limits ask for nothing before that stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<u32>,
}
