//! The panels of the room, by name. A panel is the same word in code, config, screen and docs.

use serde::{Deserialize, Serialize};

/// One panel.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumCount,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PanelId {
    /// Close codes.
    Closes,
    /// The event stream.
    Events,
    /// Rollback triggers.
    Triggers,
    /// Metrics against thresholds.
    Metrics,
    /// Split of the traffic by revision.
    Traffic,
    /// Checklist progress.
    Checklist,
    /// Health probes.
    Health,
    /// Startup phases.
    Startup,
    /// Feature flags.
    Flags,
    /// The newest records.
    Journal,
    /// Gates: commands whose result is evidence.
    Gates,
    /// Alerts and mutes.
    Alerts,
    /// Stages of the rollout.
    Stages,
    /// What a user goes through, step by step.
    GoldenPath,
    /// Users that are connected, and what they meet with.
    Users,
    /// Error budgets, and how fast they burn.
    Budget,
    /// Money at risk.
    Money,
    /// Services, and whether each part of them is seen.
    Components,
    /// Metrics over time.
    Trends,
    /// What is rolled out, and how far.
    Deployment,
    /// Whether a rollback could be carried out.
    WayBack,
    /// The log entries of a revision.
    Logs,
}

impl PanelId {
    /// Whether it stands on dashboards alone, or at full size, and not in the overview.
    pub fn is_of_dashboards(self) -> bool {
        matches!(
            self,
            Self::GoldenPath
                | Self::Users
                | Self::Budget
                | Self::Money
                | Self::Components
                | Self::Trends
                | Self::Deployment
                | Self::WayBack
                | Self::Logs
        )
    }
}
