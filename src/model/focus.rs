//! Where the operator looks: the focused panel, whether it fills the screen, the way back, and the place in each list.

use strum::{EnumCount, IntoEnumIterator};

use crate::domain::{Action, PanelId};

/// How many jumps `ctrl-o` can go back.
const HISTORY: usize = 50;

/// A panel, and whether it fills the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The panel with the lit border.
    pub panel: PanelId,
    /// Whether it is open at full size.
    pub full: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self { panel: PanelId::Closes, full: false }
    }
}

/// The place in one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The row under the cursor, from 0.
    pub row: usize,
    /// The first row on the screen.
    top: usize,
}

/// How long the list in focus is, and how much of it is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Rows of the list.
    pub rows: usize,
    /// Rows that fit.
    pub page: usize,
}

/// Where the operator looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    place: Place,
    history: Vec<Place>,
    cursors: [Cursor; PanelId::COUNT],
    filters: [String; PanelId::COUNT],
    /// Whether there is a list of alerts to go to.
    pub alerts: bool,
    /// Whether there are stages to go to.
    pub stages: bool,
    /// The panels of the dashboard that is shown; `None`: of the overview.
    pub order: Option<Vec<PanelId>>,
}

/// What became of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Done here.
    Done,
    /// Open what is under the cursor of the panel that fills the screen.
    OpenRow(PanelId),
    /// Not a matter of focus.
    NotMine,
}

impl Default for Focus {
    fn default() -> Self {
        Self {
            place: Place::default(),
            history: Vec::new(),
            cursors: [Cursor::default(); PanelId::COUNT],
            filters: std::array::from_fn(|_| String::new()),
            alerts: false,
            stages: false,
            order: None,
        }
    }
}

impl Focus {
    /// At the beginning in a room of checklists alone: theirs fills the screen.
    pub fn on_checklist() -> Self {
        Self { place: Place { panel: PanelId::Checklist, full: true }, ..Self::default() }
    }

    /// The focused panel, and whether it fills the screen.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The focused panel.
    pub fn panel(&self) -> PanelId {
        self.place.panel
    }

    /// The panel that fills the screen, if one does.
    pub fn full(&self) -> Option<PanelId> {
        self.place.full.then_some(self.place.panel)
    }

    /// The place in the list of `panel`.
    pub fn cursor(&self, panel: PanelId) -> Cursor {
        self.cursors.get(panel as usize).copied().unwrap_or_default()
    }

    /// The place in the list of `panel`, to be moved.
    pub fn cursor_mut(&mut self, panel: PanelId) -> Option<&mut Cursor> {
        self.cursors.get_mut(panel as usize)
    }

    /// The filter of `panel`'s list; empty: none.
    pub fn filter(&self, panel: PanelId) -> &str {
        self.filters.get(panel as usize).map_or("", String::as_str)
    }

    /// Filters the list of `panel`, and goes to its first row.
    pub fn set_filter(&mut self, panel: PanelId, filter: String) {
        if let Some(slot) = self.filters.get_mut(panel as usize) {
            *slot = filter;
        }
        if let Some(cursor) = self.cursor_mut(panel) {
            *cursor = Cursor::default();
        }
    }

    /// Looks for `text` in what `panel` shows of the row under its cursor.
    pub fn search(&mut self, panel: PanelId, text: String) {
        if let Some(slot) = self.filters.get_mut(panel as usize) {
            *slot = text;
        }
    }

    /// Opens `panel` at full size, and remembers the way back.
    pub fn open(&mut self, panel: PanelId) {
        self.go(Place { panel, full: true });
    }

    /// Puts the focus on `panel` (a click, tab), without a change of size.
    pub fn select(&mut self, panel: PanelId) {
        self.place.panel = panel;
    }

    /// The next panel, or the one before. In the columns of wide screens gates stand inside the checklist, and alerts in
    /// a view of their own.
    fn select_next(&mut self, by: isize, list: bool) {
        if let Some(order) = &self.order {
            let at = order.iter().position(|panel| *panel == self.place.panel);
            let count = order.len().cast_signed();
            let next = at.map_or(0, |at| (at.cast_signed() + by).rem_euclid(count.max(1)).unsigned_abs());
            if let Some(panel) = order.get(next) {
                self.place.panel = *panel;
            }
            return;
        }
        let mut next = neighbour(self.panel(), by);
        while self.skips(next, list) {
            next = neighbour(next, by);
        }
        self.select(next);
    }

    fn skips(&self, panel: PanelId, list: bool) -> bool {
        let columns = !list && !self.place.full;
        match panel {
            PanelId::Gates => columns,
            PanelId::Alerts => columns || !self.alerts,
            PanelId::Stages => columns || !self.stages,
            panel if panel.is_of_dashboards() => true,
            _ => false,
        }
    }

    /// Back to the overview.
    pub fn close(&mut self) {
        self.place.full = false;
    }

    fn go(&mut self, place: Place) {
        if place == self.place {
            return;
        }
        if self.history.len() == HISTORY {
            self.history.remove(0);
        }
        self.history.push(self.place);
        self.place = place;
    }

    /// Carries out an action of moving about. `list` says that the screen shows the list of panels (small screens),
    /// where down and up choose a panel; `extent` is that of the focused panel's own list.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other action is not a matter of focus")]
    pub fn act(&mut self, action: Action, list: bool, extent: Extent) -> Moved {
        let choosing = list && !self.place.full;
        match action {
            Action::NextPanel => self.select_next(1, list),
            Action::PreviousPanel => self.select_next(-1, list),
            Action::Down if choosing => self.select_next(1, list),
            Action::Up if choosing => self.select_next(-1, list),
            Action::Panel4
            | Action::Panel5
            | Action::Panel6
            | Action::Panel7
            | Action::Panel8
            | Action::Panel9 => self.open_number(action),
            Action::Zoom if self.place.full => self.go(Place { full: false, ..self.place }),
            Action::Open if self.place.full => return Moved::OpenRow(self.panel()),
            Action::Zoom | Action::Open => self.open(self.panel()),
            Action::Back => return self.back(),
            Action::JumpBack => match self.history.pop() {
                Some(place) => self.place = place,
                None => return Moved::NotMine,
            },
            Action::Down
            | Action::Up
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::First
            | Action::Last => {
                if let Some(cursor) = self.cursor_mut(self.place.panel) {
                    cursor.act(action, extent);
                }
            }
            _ => return Moved::NotMine,
        }
        Moved::Done
    }

    /// Esc: first a filter goes, then the full size.
    fn back(&mut self) -> Moved {
        if !self.filter(self.panel()).is_empty() {
            match self.panel() {
                // Its cursor stays on its item, wherever that is among all of them.
                PanelId::Checklist => self.search(PanelId::Checklist, String::new()),
                panel => self.set_filter(panel, String::new()),
            }
        } else if self.place.full {
            self.place.full = false;
        } else {
            return Moved::NotMine;
        }
        Moved::Done
    }

    fn open_number(&mut self, action: Action) {
        let number = (action as usize).saturating_sub(Action::Panel4 as usize) + 4;
        if let Some(panel) = PanelId::iter().nth(number - 1) {
            self.open(panel);
        }
    }
}

/// The action that opens `panel` from anywhere by its number, where it has one: the first numbers are the reasons'.
pub fn number_of(panel: PanelId) -> Option<Action> {
    use Action::{Panel4, Panel5, Panel6, Panel7, Panel8, Panel9};
    let numbered = PanelId::iter().skip(3).zip([Panel4, Panel5, Panel6, Panel7, Panel8, Panel9]);
    numbered.into_iter().find(|(id, _)| *id == panel).map(|(_, action)| action)
}

/// The panel `by` places after `panel`, round and round.
fn neighbour(panel: PanelId, by: isize) -> PanelId {
    let count = PanelId::COUNT.cast_signed();
    let at = (panel as usize).cast_signed();
    PanelId::iter().nth((at + by).rem_euclid(count).unsigned_abs()).unwrap_or(panel)
}

impl Cursor {
    /// Moves by `action` in a list of `extent`, and keeps the row on the screen.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other action leaves the cursor where it is")]
    pub fn act(&mut self, action: Action, extent: Extent) {
        let last = extent.rows.saturating_sub(1);
        let half = (extent.page / 2).max(1);
        let row = match action {
            Action::Down => self.row + 1,
            Action::Up => self.row.saturating_sub(1),
            Action::HalfPageDown => self.row + half,
            Action::HalfPageUp => self.row.saturating_sub(half),
            Action::First => 0,
            Action::Last => last,
            _ => self.row,
        };
        self.row = row.min(last);
        self.top = self.top(extent);
    }

    /// The first row on the screen for a list of `extent`: where it was, unless the cursor would be out of sight.
    pub fn top(&self, extent: Extent) -> usize {
        let page = extent.page.max(1);
        let row = self.row.min(extent.rows.saturating_sub(1));
        let top = self.top.min(extent.rows.saturating_sub(page));
        top.clamp((row + 1).saturating_sub(page), row)
    }

    /// The row under the cursor is at `row` now: the screen goes with it.
    pub fn follow(&mut self, row: usize) {
        self.top = if row >= self.row {
            self.top.saturating_add(row - self.row)
        } else {
            self.top.saturating_sub(self.row - row)
        };
        self.row = row;
    }

    /// `count` rows came in above: a cursor that is not on the first row stays on its row, and the screen with it.
    pub fn inserted_above(&mut self, count: usize) {
        if self.row > 0 {
            self.row = self.row.saturating_add(count);
            self.top = self.top.saturating_add(count);
        }
    }
}

#[cfg(test)]
mod tests;
