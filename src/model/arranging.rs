//! Editing a dashboard where it stands: a panel is chosen, moved, sized, removed or added, and seen in its place at once.
//! Nothing is kept before it is saved.

use crate::domain::dashboard::{Column, Dashboard, MOST_COLUMNS, MOST_SHARE, Tile};
use crate::domain::{Key, KeyPress, PanelId};

/// A dashboard that is edited.
#[derive(Debug, Clone, PartialEq)]
pub struct Arranging {
    /// As it stands now.
    pub dashboard: Dashboard,
    /// As it stood before.
    pub before: Dashboard,
    /// Column and place of the panel that is chosen.
    at: (usize, usize),
    /// A panel is being added: it stands in its place already, and which it is can still change.
    pub adding: bool,
}

/// What a key made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Goes on.
    Waiting,
    /// Left as it was before.
    Left,
    /// To be kept.
    Save,
    /// To be copied as text.
    Copy,
}

impl Arranging {
    /// Begins with `panel` chosen, if it is there.
    pub fn new(dashboard: &Dashboard, panel: PanelId) -> Self {
        let mut new =
            Self { dashboard: dashboard.clone(), before: dashboard.clone(), at: (0, 0), adding: false };
        new.choose(panel);
        new
    }

    /// The panel that is chosen, and its column.
    pub fn chosen(&self) -> Option<(&Column, Tile)> {
        let column = self.dashboard.columns.get(self.at.0)?;
        Some((column, *column.panels.get(self.at.1)?))
    }

    /// Takes a key; `known` are the panels that the room has.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key does nothing")]
    pub fn press(&mut self, press: KeyPress, known: &[PanelId]) -> Outcome {
        if self.adding {
            return self.press_adding(press, known);
        }
        match press.chord.key {
            Key::Esc => return Outcome::Left,
            Key::Char('s') => return Outcome::Save,
            Key::Char('y') => return Outcome::Copy,
            Key::Tab => self.select(1),
            Key::BackTab => self.select(-1),
            Key::Up | Key::Char('k') => self.shift(-1),
            Key::Down | Key::Char('j') => self.shift(1),
            Key::Left | Key::Char('h') => self.cross(-1),
            Key::Right | Key::Char('l') => self.cross(1),
            Key::Char('+' | '=') => self.size(1, 0),
            Key::Char('-') => self.size(-1, 0),
            Key::Char('>') => self.size(0, 1),
            Key::Char('<') => self.size(0, -1),
            Key::Char('x') | Key::Delete => self.remove(),
            Key::Char('a') => self.add(known),
            _ => {}
        }
        Outcome::Waiting
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key does nothing")]
    fn press_adding(&mut self, press: KeyPress, known: &[PanelId]) -> Outcome {
        match press.chord.key {
            Key::Enter => self.adding = false,
            Key::Esc => {
                self.adding = false;
                self.remove();
            }
            Key::Down | Key::Char('j') | Key::Tab => self.another(known, 1),
            Key::Up | Key::Char('k') | Key::BackTab => self.another(known, -1),
            _ => {}
        }
        Outcome::Waiting
    }

    /// Chooses `panel`, if it is there.
    pub fn choose(&mut self, panel: PanelId) {
        for (column, of) in self.dashboard.columns.iter().enumerate() {
            if let Some(place) = of.panels.iter().position(|tile| tile.panel == panel) {
                self.at = (column, place);
            }
        }
    }

    fn select(&mut self, by: isize) {
        let all: Vec<PanelId> = self.dashboard.panels().collect();
        let chosen = self.chosen().map(|(_, tile)| tile.panel);
        let at = all.iter().position(|panel| Some(*panel) == chosen).unwrap_or(0).cast_signed();
        let next = (at + by).rem_euclid(all.len().cast_signed().max(1)).unsigned_abs();
        if let Some(panel) = all.get(next) {
            self.choose(*panel);
        }
    }

    /// Up or down in its column.
    fn shift(&mut self, by: isize) {
        let (column, place) = self.at;
        let Some(of) = self.dashboard.columns.get_mut(column) else { return };
        if let Some(to) = place.checked_add_signed(by).filter(|to| *to < of.panels.len()) {
            of.panels.swap(place, to);
            self.at.1 = to;
        }
    }

    /// Into the column beside it, or into a new one at the edge.
    fn cross(&mut self, by: isize) {
        let (column, place) = self.at;
        let Some(of) = self.dashboard.columns.get(column) else { return };
        let alone = of.panels.len() == 1;
        let beside = column.checked_add_signed(by).filter(|to| *to < self.dashboard.columns.len());
        let to = match beside {
            Some(to) => to,
            None if alone || self.dashboard.columns.len() >= MOST_COLUMNS => return,
            None => {
                let at = if by < 0 { 0 } else { column + 1 };
                self.dashboard.columns.insert(at, Column { width: 1, panels: Vec::new() });
                at
            }
        };
        // A new first column moved the others on.
        let column = if beside.is_none() && by < 0 { column + 1 } else { column };
        let Some(of) = self.dashboard.columns.get_mut(column) else { return };
        let tile = of.panels.remove(place);
        if let Some(beside) = self.dashboard.columns.get_mut(to) {
            let at = place.min(beside.panels.len());
            beside.panels.insert(at, tile);
        }
        self.dashboard.columns.retain(|column| !column.panels.is_empty());
        self.choose(tile.panel);
    }

    fn size(&mut self, taller: i8, wider: i8) {
        let (column, place) = self.at;
        let Some(of) = self.dashboard.columns.get_mut(column) else { return };
        of.width = of.width.saturating_add_signed(wider).clamp(1, MOST_SHARE);
        if let Some(tile) = of.panels.get_mut(place) {
            tile.height = tile.height.saturating_add_signed(taller).clamp(1, MOST_SHARE);
        }
    }

    /// The last one stays: a dashboard of nothing could not be edited any more.
    fn remove(&mut self) {
        if self.dashboard.panels().count() < 2 {
            return;
        }
        let (column, place) = self.at;
        if let Some(of) = self.dashboard.columns.get_mut(column) {
            of.panels.remove(place);
        }
        self.dashboard.columns.retain(|column| !column.panels.is_empty());
        let column = column.min(self.dashboard.columns.len().saturating_sub(1));
        let last = self.dashboard.columns.get(column).map_or(0, |of| of.panels.len().saturating_sub(1));
        self.at = (column, place.min(last));
    }

    /// Those that could be added.
    fn absent(&self, known: &[PanelId]) -> Vec<PanelId> {
        let there: Vec<PanelId> = self.dashboard.panels().collect();
        known.iter().filter(|panel| !there.contains(panel)).copied().collect()
    }

    /// Below the one that is chosen.
    fn add(&mut self, known: &[PanelId]) {
        let Some(panel) = self.absent(known).first().copied() else { return };
        let (column, place) = self.at;
        if let Some(of) = self.dashboard.columns.get_mut(column) {
            let at = (place + 1).min(of.panels.len());
            of.panels.insert(at, Tile { panel, height: 1 });
            (self.at.1, self.adding) = (at, true);
        }
    }

    /// The one that is being added is another.
    fn another(&mut self, known: &[PanelId], by: isize) {
        let Some(now) = self.chosen().map(|(_, tile)| tile.panel) else { return };
        let absent = self.absent(known);
        let choices: Vec<PanelId> =
            known.iter().filter(|panel| **panel == now || absent.contains(panel)).copied().collect();
        let at = choices.iter().position(|panel| *panel == now).unwrap_or(0).cast_signed();
        let next = (at + by).rem_euclid(choices.len().cast_signed().max(1)).unsigned_abs();
        let tile = self.dashboard.columns.get_mut(self.at.0).and_then(|of| of.panels.get_mut(self.at.1));
        if let Some((tile, panel)) = tile.zip(choices.get(next)) {
            tile.panel = *panel;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Chord, Mono};

    const KNOWN: [PanelId; 4] = [PanelId::Closes, PanelId::Events, PanelId::Metrics, PanelId::Users];

    fn dashboard(columns: &[&[PanelId]]) -> Dashboard {
        let column = |panels: &&[PanelId]| Column {
            width: 1,
            panels: panels.iter().map(|panel| Tile { panel: *panel, height: 1 }).collect(),
        };
        let columns = columns.iter().map(column).collect();
        Dashboard { name: "t".into(), charts: Vec::new(), columns }
    }

    fn after(keys: &[Key]) -> Arranging {
        use PanelId as P;
        let mut arranging = Arranging::new(&dashboard(&[&[P::Closes, P::Events], &[P::Metrics]]), P::Events);
        for key in keys {
            let press = KeyPress { chord: Chord::plain(*key), at: Mono::default(), repeat: false };
            assert_eq!(arranging.press(press, &KNOWN), Outcome::Waiting);
        }
        arranging
    }

    fn panels(arranging: &Arranging) -> Vec<Vec<PanelId>> {
        let of = |column: &Column| column.panels.iter().map(|tile| tile.panel).collect();
        arranging.dashboard.columns.iter().map(of).collect()
    }

    #[test]
    fn panels_move_within_and_between_columns_and_into_new_ones() {
        use PanelId::{Closes, Events, Metrics};
        assert_eq!(panels(&after(&[Key::Up])), [vec![Events, Closes], vec![Metrics]]);
        assert_eq!(panels(&after(&[Key::Down])), [vec![Closes, Events], vec![Metrics]]);
        assert_eq!(panels(&after(&[Key::Right])), [vec![Closes], vec![Metrics, Events]]);
        assert_eq!(panels(&after(&[Key::Left])), [vec![Events], vec![Closes], vec![Metrics]]);
        let far = after(&[Key::Right, Key::Right]);
        assert_eq!(panels(&far), [vec![Closes], vec![Metrics], vec![Events]]);
        let gone = after(&[Key::Right, Key::Tab, Key::Right]);
        assert_eq!(panels(&gone), [vec![Closes, Metrics, Events]], "an empty column is gone");
    }

    #[test]
    fn sizes_have_ends_and_the_last_panel_stays() {
        let tall = after(&[Key::Char('+'); 20]);
        let (column, tile) = tall.chosen().expect("one is chosen");
        assert_eq!((column.width, tile.height), (1, 9));
        let wide = after(&[Key::Char('>'), Key::Char('>'), Key::Char('-')]);
        let (column, tile) = wide.chosen().expect("one is chosen");
        assert_eq!((column.width, tile.height), (3, 1));
        assert_eq!(panels(&after(&[Key::Char('x'); 9])).concat().len(), 1);
    }

    #[test]
    fn what_is_added_is_seen_at_once_and_taken_back_with_esc() {
        use PanelId::{Closes, Events, Metrics, Users};
        let added = after(&[Key::Char('a'), Key::Enter]);
        assert_eq!(panels(&added), [vec![Closes, Events, Users], vec![Metrics]]);
        assert!(!added.adding);
        assert_eq!(panels(&after(&[Key::Char('a'), Key::Esc])), [vec![Closes, Events], vec![Metrics]]);
        let other = after(&[Key::Char('x'), Key::Char('a'), Key::Down, Key::Enter]);
        assert_eq!(panels(&other), [vec![Closes, Users], vec![Metrics]]);
    }
}
