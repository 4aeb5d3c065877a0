//! The lines of dashboards.

use crate::domain::{Action, Dashboard, Room};

use super::{Command, Line};

/// One for each that the room has before any is edited.
pub(super) fn dashboard_lines(room: &Room) -> Vec<Line> {
    let more = room.dashboards.iter().map(|dashboard| dashboard.name.clone());
    let mut names: Vec<String> = Dashboard::built_in().into_iter().map(|it| it.name).collect();
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.iter().map(|name| dashboard_line(name)).collect()
}

/// The line of one.
pub(in crate::model) fn dashboard_line(name: &str) -> Line {
    let command = Command::Dashboard(name.to_owned());
    (format!("dashboard {name}"), "its panels below the verdict", command, Some(Action::Dashboard))
}
