//! Dashboards: those that every room has, those of the config in their place or besides, and which one is shown.

use crate::domain::dashboard::Dashboard;
use crate::domain::{Action, PanelId, Room};

use super::Model;
use super::focus::Place;

/// The sub-state.
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboards {
    all: Vec<Dashboard>,
    current: usize,
    /// The overview as every room has it: it is laid out by what fits, and not by shares.
    plain: Dashboard,
}

impl Dashboards {
    /// Those of the room; the overview is shown.
    pub fn new(room: &Room) -> Self {
        let all = Dashboard::built_in();
        let plain = all.first().cloned().unwrap_or_default();
        let mut dashboards = Self { all, current: 0, plain };
        dashboards.take(&room.dashboards);
        dashboards
    }

    /// These stand in the place of those of their names, or behind all.
    pub fn take(&mut self, more: &[Dashboard]) {
        for dashboard in more {
            match self.all.iter_mut().find(|known| known.name == dashboard.name) {
                Some(known) => known.clone_from(dashboard),
                None => self.all.push(dashboard.clone()),
            }
        }
    }

    /// All of them, in the order of the key that goes through them.
    pub fn all(&self) -> &[Dashboard] {
        &self.all
    }

    /// The one that is shown.
    pub fn current(&self) -> &Dashboard {
        self.all.get(self.current).unwrap_or(&self.plain)
    }

    /// The one that is shown, unless that is the overview as every room has it.
    pub fn drawn(&self) -> Option<&Dashboard> {
        Some(self.current()).filter(|current| **current != self.plain)
    }

    /// Shows the one of this name; whether there is one.
    fn show(&mut self, name: &str) -> bool {
        let found = self.all.iter().position(|dashboard| dashboard.name == name);
        self.current = found.unwrap_or(self.current);
        found.is_some()
    }

    /// Shows the next one.
    fn next(&mut self) {
        self.current = (self.current + 1) % self.all.len().max(1);
    }
}

impl Model {
    /// Other panels, or charts over another time.
    pub(super) fn look_otherwise(&mut self, action: Action) {
        match action {
            Action::Dashboard => self.next_dashboard(),
            action => self.change_window(action),
        }
    }

    /// The next dashboard.
    fn next_dashboard(&mut self) {
        // From a panel that fills the screen one comes back to where one was.
        if self.ui.focus.full().is_none() {
            self.dashboards.next();
        }
        self.dashboard_shown();
    }

    /// The dashboard of this name.
    pub(super) fn show_dashboard(&mut self, name: &str) {
        if self.dashboards.show(name) {
            self.dashboard_shown();
        } else {
            self.say("there is no dashboard of this name");
        }
    }

    /// Another dashboard is on the screen: the focus is on one of its panels.
    pub(super) fn dashboard_shown(&mut self) {
        self.ui.focus.close();
        let panels = self.dashboard_panels();
        let name = self.dashboards.current().name.clone();
        let focus = &mut self.ui.focus;
        match panels.as_deref() {
            Some([first, ..]) if !panels.iter().flatten().any(|panel| *panel == focus.panel()) => {
                focus.select(*first);
            }
            // The overview has none of the others.
            None if focus.panel().is_of_dashboards() => focus.select(Place::default().panel),
            _ => {}
        }
        focus.order = panels;
        self.say(&format!("dashboard {name}"));
    }

    /// The panels of the dashboard that is shown, as far as the room has them; `None`: it is the overview.
    pub fn dashboard_panels(&self) -> Option<Vec<PanelId>> {
        self.dashboards.drawn().map(|dashboard| dashboard.panels().filter(|panel| self.has(*panel)).collect())
    }

    /// Whether the room has what a panel is about.
    pub fn has(&self, panel: PanelId) -> bool {
        match panel {
            PanelId::Alerts => self.shows_alerts(),
            PanelId::Stages => self.shows_stages(),
            PanelId::Money => self.room.money.is_some(),
            PanelId::Closes
            | PanelId::Events
            | PanelId::Triggers
            | PanelId::Metrics
            | PanelId::Traffic
            | PanelId::Checklist
            | PanelId::Health
            | PanelId::Startup
            | PanelId::Flags
            | PanelId::Journal
            | PanelId::Gates
            | PanelId::GoldenPath
            | PanelId::Users
            | PanelId::Budget
            | PanelId::Components
            | PanelId::Trends
            | PanelId::Deployment
            | PanelId::WayBack => true,
        }
    }
}
