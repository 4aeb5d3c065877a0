//! Numbers with limits, and queries for a metrics server.

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

/// One side of a limit: `> 5 % for 5 minutes`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// How the value is compared.
    pub comparator: Comparator,
    /// The limit, in `unit`.
    pub value: f64,
    /// Unit: `%`, `ms`, `s`, `min`, `h`, `MB`, `/min`, `/day` …; empty: a plain number.
    pub unit: String,
    /// It must hold for so many seconds.
    pub for_seconds: Option<u64>,
    /// The limit is relative to a baseline (`within 20% of baseline`).
    pub of_baseline: bool,
}

/// A number with its limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Line in the file, from 1.
    pub line: u32,
    /// What is measured.
    pub name: Clean,
    /// Where it should be.
    pub target: Option<Bound>,
    /// Where it warns.
    pub warning: Option<Bound>,
    /// Where it is critical.
    pub critical: Option<Bound>,
    /// What it was before (a Before column).
    pub baseline: Option<Bound>,
    /// Severity by the heading above (`Priority 1` …): 1 is the worst.
    pub priority: Option<u8>,
    /// What it means; may be empty.
    pub description: Clean,
    /// Where it comes from.
    pub origin: Origin,
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
}
