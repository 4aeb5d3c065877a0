//! Dashboards: those that every room has, those of the config in their place or besides, and which one is shown.

use strum::IntoEnumIterator;

use crate::domain::dashboard::Dashboard;
use crate::domain::{Action, Clean, KeyPress, PanelId, Room};

use super::Model;
use super::arranging::{Arranging, Outcome};
use super::effect::Effect;
use super::focus::Place;
use super::modal::Modal;

/// Below it panels are a list, and nothing could be seen of what is edited.
const LEAST: u16 = 100;

/// The sub-state.
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboards {
    all: Vec<Dashboard>,
    current: usize,
    /// The overview as every room has it: it is laid out by what fits, and not by shares.
    plain: Dashboard,
    /// Those that were edited and saved, also at an earlier time.
    saved: Vec<Dashboard>,
    /// What is wrong with the file that keeps them: it is not overwritten.
    problem: Option<Clean>,
}

impl Dashboards {
    /// Those of the room; the overview is shown.
    pub fn new(room: &Room) -> Self {
        let all = Dashboard::built_in();
        let plain = all.first().cloned().unwrap_or_default();
        let mut dashboards = Self { all, current: 0, plain, saved: Vec::new(), problem: None };
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

    /// What is wrong with the file of those that were edited.
    pub fn problem(&self) -> Option<&Clean> {
        self.problem.as_ref()
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
    /// Other panels, or charts over another time; whether `action` is about that.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other action is about something else")]
    pub(super) fn look_otherwise(&mut self, action: Action, effects: &mut Vec<Effect>) -> bool {
        match action {
            Action::Dashboard => self.next_dashboard(effects),
            Action::EditDashboard => self.arrange(),
            Action::ShorterWindow | Action::LongerWindow => self.change_window(action),
            _ => return false,
        }
        true
    }

    /// The next dashboard.
    fn next_dashboard(&mut self, effects: &mut Vec<Effect>) {
        // From a panel that fills the screen one comes back to where one was.
        if self.ui.focus.full().is_none() {
            self.dashboards.next();
            self.remember_dashboard(effects);
        }
        self.dashboard_shown();
    }

    /// The dashboard of this name.
    pub(super) fn show_dashboard(&mut self, name: &str, effects: &mut Vec<Effect>) {
        if self.dashboards.show(name) {
            self.remember_dashboard(effects);
            self.dashboard_shown();
        } else {
            self.say("there is no dashboard of this name");
        }
    }

    fn remember_dashboard(&self, effects: &mut Vec<Effect>) {
        effects.push(Effect::RememberDashboard { name: self.dashboards.current().name.clone() });
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

    /// Begins to edit the dashboard that is shown.
    fn arrange(&mut self) {
        if self.size.0 < LEAST {
            return self.say(&format!("dashboards are edited on {LEAST} columns and more"));
        }
        self.ui.focus.close();
        let arranging = Arranging::new(self.dashboards.current(), self.ui.focus.panel());
        self.show(Modal::Arrange(Box::new(arranging)));
    }

    /// Panels that could stand on a dashboard.
    fn addable(&self) -> Vec<PanelId> {
        PanelId::iter().filter(|panel| self.has(*panel)).collect()
    }

    /// A key was pressed while the dashboard is edited.
    pub(super) fn pressed_arranging(&mut self, mut modal: Modal, press: KeyPress, effects: &mut Vec<Effect>) {
        let known = self.addable();
        if let Modal::Arrange(arranging) = &mut modal {
            let outcome = arranging.press(press, &known);
            self.arranged(modal, outcome, effects);
        }
    }

    /// What the key changed is shown.
    fn arranged(&mut self, modal: Modal, outcome: Outcome, effects: &mut Vec<Effect>) {
        let Modal::Arrange(arranging) = modal else { return };
        let shown = if outcome == Outcome::Left { &arranging.before } else { &arranging.dashboard };
        if let Some(current) = self.dashboards.all.get_mut(self.dashboards.current) {
            current.clone_from(shown);
        }
        match outcome {
            Outcome::Waiting => self.ui.modal = Some(Modal::Arrange(arranging)),
            Outcome::Copy => {
                effects.push(Effect::Copy { text: arranging.dashboard.toml() });
                self.ui.modal = Some(Modal::Arrange(arranging));
            }
            Outcome::Left => {
                self.dashboard_shown();
                self.say("left as it was");
            }
            Outcome::Save => {
                self.dashboard_shown();
                self.save_dashboard(effects);
            }
        }
    }

    fn save_dashboard(&mut self, effects: &mut Vec<Effect>) {
        if let Some(problem) = self.dashboards.problem.clone() {
            return self.say(&format!("kept here, not saved: {problem}: mend or remove that file"));
        }
        let current = self.dashboards.current().clone();
        let saved = &mut self.dashboards.saved;
        saved.retain(|known| known.name != current.name);
        saved.push(current);
        effects.push(Effect::SaveDashboards { dashboards: saved.clone() });
    }

    /// What was edited at an earlier time goes over what the room has; a file that is not right changes nothing.
    pub(super) fn dashboards_read(
        &mut self,
        saved: &[Dashboard],
        problem: Option<Clean>,
        shown: Option<&str>,
    ) {
        self.dashboards.take(saved);
        self.dashboards.saved = saved.to_vec();
        self.dashboards.problem = problem;
        self.ui.focus.order = self.dashboard_panels();
        // One that is gone from the config is not missed.
        if shown.is_some_and(|name| name != self.dashboards.current().name && self.dashboards.show(name)) {
            self.dashboard_shown();
        }
        if let Some(problem) = self.dashboards.problem.clone() {
            self.say(&format!("dashboards as the config has them: {problem}"));
        }
    }

    pub(super) fn dashboards_saved(&mut self, problem: Option<&Clean>) {
        match problem {
            None => {
                let name = self.dashboards.current().name.clone();
                self.say(&format!("saved: {name}"));
            }
            Some(problem) => self.say(&format!("kept here, not saved: {problem}")),
        }
    }

    /// The dashboard that is drawn by its shares; `None`: it is the overview as built in, and nobody edits it.
    pub fn dashboard(&self) -> Option<&Dashboard> {
        match &self.ui.modal {
            Some(Modal::Arrange(_)) => Some(self.dashboards.current()),
            _ => self.dashboards.drawn(),
        }
    }

    /// The panels of the dashboard that is shown, as far as the room has them; `None`: it is the overview.
    pub fn dashboard_panels(&self) -> Option<Vec<PanelId>> {
        self.dashboard().map(|dashboard| dashboard.panels().filter(|panel| self.has(*panel)).collect())
    }

    /// Whether the room has what a panel is about.
    pub fn has(&self, panel: PanelId) -> bool {
        match panel {
            PanelId::Alerts => self.shows_alerts(),
            PanelId::Stages => self.shows_stages(),
            PanelId::Money => self.room.money.is_some(),
            PanelId::Logs => self.room.services.iter().any(|service| self.room.has_logs(service)),
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
