//! Stages as configured, with the planned start, its countdown, and the times in which one goes forward.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::stage::calendar::Calendar;
use crate::domain::{Clean, Wall};

/// All that is configured of stages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StagesSpec {
    /// The stages, in their order; none: those of the documents.
    pub stages: Vec<StageSpec>,
    /// Whether documents give stages, where the config has none.
    pub documented: bool,
    /// The planned start.
    pub start: Option<Wall>,
    /// What is due how long before it.
    pub countdown: Vec<CountdownSpec>,
    /// When one goes forward.
    pub calendar: Calendar,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StageSpec {
    /// Its name.
    pub name: String,
    /// Its share of the traffic, 0 to 100.
    pub percent: Option<u8>,
    /// Flags that are on in it, by name.
    pub flags: Vec<String>,
    /// What has to be signed off before it.
    pub before: Vec<ItemRef>,
    /// Its steps.
    pub steps: Vec<ItemRef>,
    /// Items that say what must be true at its end.
    pub success: Vec<ItemRef>,
    /// Conditions that count from it on.
    pub criteria: Vec<String>,
    /// How long it is watched before the next.
    pub soak: Duration,
    /// The document and the line that it was read from; `None`: it is configured.
    pub read: Option<(String, u32)>,
}

/// What is due before the planned start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountdownSpec {
    /// How long before.
    pub before: Duration,
    /// The items.
    pub items: Vec<ItemRef>,
}

/// Which items are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemRef {
    /// By identity, text, or the heading above them.
    Named(Clean),
    /// The one in this line of this document.
    At(String, u32),
}

impl StageSpec {
    /// What going there is called: `Canary 10 %`.
    pub fn act(&self) -> String {
        match self.percent {
            Some(percent) if !self.name.contains('%') => format!("{} {percent} %", self.name),
            _ => self.name.clone(),
        }
    }
}
