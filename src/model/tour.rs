//! Three hints for someone who opens a room for the first time; shown once, and never in the way of another key.

use crate::domain::{Chord, Key};

use super::Model;
use super::effect::Effect;

/// How many there are.
pub const HINTS: usize = 3;

/// Smaller screens have no room for them.
const LEAST: (u16, u16) = (60, 15);

/// The hint that is shown, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tour {
    /// Which.
    pub step: usize,
}

impl Model {
    /// Nobody opened a room from this account before: the hints are shown, and never again.
    pub(super) fn first_time(&mut self, effects: &mut Vec<Effect>) {
        self.ui.tour = Some(Tour { step: 0 });
        effects.push(Effect::HintsShown);
    }

    /// The hint on the screen now: only over the overview, and under everything that was asked for.
    pub fn hint(&self) -> Option<Tour> {
        let fits = self.size.0 >= LEAST.0 && self.size.1 >= LEAST.1;
        self.ui.tour.filter(|_| fits && self.ui.modal.is_none() && self.ui.focus.full().is_none())
    }

    /// Whether a hint on the screen took the key: enter goes on, `x` ends them.
    pub(super) fn hinted(&mut self, chord: Chord) -> bool {
        let Some(tour) = self.hint() else { return false };
        let next = tour.step + 1;
        self.ui.tour = match chord {
            _ if chord == Chord::plain(Key::Enter) => (next < HINTS).then_some(Tour { step: next }),
            _ if chord == Chord::char('x') => None,
            _ => return false,
        };
        true
    }
}
