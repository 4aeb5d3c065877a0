//! Dashboards: which panels stand where below the verdict, as data.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::PanelId;

/// Beside the file of dashboards that were edited stands the name of the one that was shown, in a file of this ending.
pub const SHOWN: &str = "shown";

/// The one that is shown at the start.
pub const OVERVIEW: &str = "overview";

/// Most columns of one; screens are not wider.
pub const MOST_COLUMNS: usize = 3;

/// Most of them in one room.
pub const MOST_DASHBOARDS: usize = 30;

/// The largest share of a width or height.
pub const MOST_SHARE: u8 = 9;

/// Which panels stand where.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dashboard {
    /// Its name.
    pub name: String,
    /// The metrics that its trends show; none: all.
    pub charts: Vec<String>,
    /// From left to right.
    pub columns: Vec<Column>,
}

/// A column of panels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its share of the width, from 1.
    pub width: u8,
    /// From the top.
    pub panels: Vec<Tile>,
}

/// A panel in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tile {
    /// Which.
    pub panel: PanelId,
    /// Its share of the rows that nobody needs, from 1; those with the least fold first.
    pub height: u8,
}

impl Dashboard {
    /// One of `columns`, each with its width and its panels with their heights.
    fn new(name: &str, columns: &[(u8, &[(PanelId, u8)])]) -> Self {
        let tile = |(panel, height): &(PanelId, u8)| Tile { panel: *panel, height: *height };
        let column = |(width, panels): &(u8, &[(PanelId, u8)])| Column {
            width: *width,
            panels: panels.iter().map(tile).collect(),
        };
        Self { name: name.to_owned(), charts: Vec::new(), columns: columns.iter().map(column).collect() }
    }

    /// Those that every room has; the first is the overview.
    pub fn built_in() -> Vec<Self> {
        use PanelId as P;
        vec![
            Self::new(
                OVERVIEW,
                &[
                    (2, &[(P::Startup, 1), (P::Health, 1), (P::Traffic, 2), (P::Flags, 1), (P::Journal, 1)]),
                    (3, &[(P::Closes, 1), (P::Events, 2)]),
                    (3, &[(P::Triggers, 1), (P::Metrics, 1), (P::Checklist, 2)]),
                ],
            ),
            Self::new(
                "executive",
                &[
                    (1, &[(P::GoldenPath, 3), (P::Users, 3), (P::Trends, 2)]),
                    (1, &[(P::Budget, 2), (P::Money, 3), (P::Stages, 1), (P::Deployment, 1)]),
                ],
            ),
            Self::new(
                "engineering",
                &[
                    (2, &[(P::Components, 2), (P::Health, 1), (P::Startup, 1)]),
                    (3, &[(P::Trends, 3), (P::Metrics, 1)]),
                    (3, &[(P::Closes, 2), (P::Events, 3)]),
                ],
            ),
            Self::new(
                "operations",
                &[
                    (2, &[(P::Alerts, 2), (P::Triggers, 2), (P::Journal, 1)]),
                    (2, &[(P::Stages, 2), (P::Checklist, 1)]),
                    (2, &[(P::Deployment, 2), (P::WayBack, 1), (P::Traffic, 1)]),
                ],
            ),
        ]
    }

    /// All its panels, column by column.
    pub fn panels(&self) -> impl Iterator<Item = PanelId> {
        self.columns.iter().flat_map(|column| column.panels.iter().map(|tile| tile.panel))
    }

    /// As the config has it.
    pub fn toml(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let list = |texts: Vec<String>| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
        let mut text = format!("[[dashboard]]\nname = {}\n", quoted(&self.name));
        if !self.charts.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "charts = [{}]", list(self.charts.clone()));
        }
        for column in &self.columns {
            let panels = column.panels.iter().map(|tile| match tile.height {
                1 => tile.panel.to_string(),
                height => format!("{}:{height}", tile.panel),
            });
            let panels = list(panels.collect());
            let _ = writeln!(text, "\n[[dashboard.column]]\nwidth = {}\npanels = [{panels}]", column.width);
        }
        text
    }
}
