//! Moving about: panels, lists, and the detail of a row.

use crate::domain::{Action, PanelId};

use super::Model;
use super::effect::Effect;
use super::focus::{Cursor, Extent, Moved};
use super::keys::CHROME;

impl Model {
    /// How long the list of `panel` is, and how much of it is on the screen.
    pub fn extent(&self, panel: PanelId) -> Extent {
        let now = self.now.mono;
        let sum =
            |count: &dyn Fn(&super::service::ServiceState) -> usize| self.services.iter().map(count).sum();
        let rows = match panel {
            PanelId::Checklist => self.checklist.rows().len(),
            PanelId::Closes => sum(&|service| service.closes.rows(now).len()),
            PanelId::Events => self.runs().len(),
            PanelId::Health => sum(&|service| service.health.probes().len()),
            PanelId::Metrics => self.listed_metrics(),
            PanelId::Traffic => {
                sum(&|service| service.traffic.as_ref().map_or(0, |traffic| traffic.listed().len()))
            }
            PanelId::Startup => sum(&|service| service.startup.as_ref().map_or(0, |s| s.spec().phases.len())),
            PanelId::Triggers => self.conditions.iter(&self.room).count(),
            PanelId::Flags => self.room.flags.len(),
            PanelId::Journal => self.told_records().len(),
            PanelId::Gates => self.gates.list().len(),
            PanelId::Alerts => self.alert_rows().len(),
            PanelId::Stages => self.stage_rows().len(),
            PanelId::Logs => self.log_rows().len(),
            PanelId::GoldenPath
            | PanelId::Users
            | PanelId::Budget
            | PanelId::Money
            | PanelId::Components
            | PanelId::Trends
            | PanelId::Deployment
            | PanelId::WayBack => 0,
        };
        Extent { rows, page: usize::from(self.size.1.saturating_sub(CHROME)) }
    }

    pub(super) fn move_about(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if self.scrolls_gate(action) || self.look_otherwise(action, effects) {
            return;
        }
        let full = self.ui.focus.full();
        if self.ui.detail && matches!(action, Action::Back | Action::Open) {
            (self.ui.detail, self.ui.detail_at) = (false, Cursor::default());
            return;
        }
        if self.ui.detail && full == Some(PanelId::Checklist) && scrolls(action) {
            return self.scroll_detail(action);
        }
        let extent = self.extent(self.ui.focus.panel());
        let list = self.size.0 < 100;
        self.before_moving();
        let moved = self.ui.focus.act(action, list, extent);
        self.after_moving();
        match moved {
            Moved::Done => (self.ui.detail, self.ui.detail_at) = (false, Cursor::default()),
            Moved::OpenRow(PanelId::Flags) => self.act(Action::Flip, effects),
            Moved::OpenRow(PanelId::Checklist)
                if self.cursor_row().is_some_and(|row| row.item().is_none()) =>
            {
                self.open_row(effects);
            }
            Moved::OpenRow(_) => self.ui.detail = true,
            Moved::NotMine => {}
        }
        // A filter that esc took away, a panel that was left: what is listed is another matter now.
        if action == Action::Back {
            self.back_in_list(full);
        }
    }

    /// Charts over more or less time, all of them.
    pub(super) fn change_window(&mut self, action: Action) {
        self.ui.window = self.ui.window.step(action == Action::LongerWindow);
        let words = self.ui.window.words();
        self.say(&format!("charts over {words}"));
    }

    /// Follows or pauses what comes in, or pins a run of it.
    pub(super) fn follow(&mut self, action: Action) {
        if action == Action::Pin {
            return self.pin();
        }
        if self.ui.focus.full() == Some(PanelId::Gates) {
            return self.scroll_gate(action);
        }
        if self.act_on_logs(action) {
            return;
        }
        for events in self.services.iter_mut().filter_map(|service| service.events.as_mut()) {
            events.tail_mut().toggle_pause();
        }
    }
}

fn scrolls(action: Action) -> bool {
    matches!(
        action,
        Action::Down | Action::Up | Action::HalfPageDown | Action::HalfPageUp | Action::First | Action::Last
    )
}
