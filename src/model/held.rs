//! Which key presses a dialog that acts takes: none that comes too early, repeats, or was held down since before.

use std::time::Duration;

use crate::domain::{Chord, Key, KeyPress, Mono};

/// No key is taken for so long after opening.
pub const GUARD: Duration = Duration::from_millis(500);

/// The same key within this time counts as a repeat where the terminal does not tell.
pub const REPEAT: Duration = Duration::from_millis(50);

/// A key that came too early is taken again after so long without it: longer than any keyboard waits before it
/// repeats a key that is held down.
pub const QUIET: Duration = Duration::from_secs(1);

/// The presses of one dialog.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    opened: Mono,
    last: Option<(Chord, Mono)>,
    /// The last key came too early, and may be held down since.
    early: bool,
}

impl Held {
    /// A dialog opened at `opened`.
    pub fn new(opened: Mono) -> Self {
        Self { opened, last: None, early: false }
    }

    /// Whether keys are still ignored because it has just opened.
    pub fn guards(&self, at: Mono) -> bool {
        at.since(self.opened) < GUARD
    }

    /// Whether the dialog takes this press. Esc only ever leaves, so it need not be let go first.
    pub fn takes(&mut self, press: &KeyPress) -> bool {
        let guarded = self.guards(press.at);
        let same = self.last.filter(|(chord, _)| *chord == press.chord);
        let gap = same.map(|(_, at)| press.at.since(at));
        self.last = Some((press.chord, press.at));
        self.early = guarded || (self.early && gap.is_some_and(|gap| gap < QUIET));
        let held = self.early && press.chord != Chord::plain(Key::Esc);
        !press.repeat && !guarded && !held && gap.is_none_or(|gap| gap >= REPEAT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(presses: &[(char, u64)]) -> Vec<bool> {
        let mut held = Held::new(Mono::default());
        let press = |(key, millis): &(char, u64)| KeyPress {
            chord: Chord::char(*key),
            at: Mono::from_millis(*millis),
            repeat: false,
        };
        presses.iter().map(|pressed| held.takes(&press(pressed))).collect()
    }

    #[test]
    fn a_key_held_down_since_the_guard_is_never_taken() {
        // Pressed at 100 ms; the keyboard begins to repeat it half a second later.
        let repeats = (600..1500).step_by(33).map(|at| ('y', at));
        let presses: Vec<(char, u64)> = [('y', 100)].into_iter().chain(repeats).collect();
        assert_eq!(taken(&presses), vec![false; presses.len()]);
    }

    #[test]
    fn let_go_for_a_second_or_after_another_key_it_is_taken() {
        assert_eq!(taken(&[('y', 100), ('y', 1099), ('y', 2099)]), [false, false, true]);
        assert_eq!(taken(&[('y', 100), ('n', 600), ('y', 700)]), [false, true, true]);
        assert_eq!(taken(&[('y', 600), ('y', 640), ('y', 690)]), [true, false, true]);
    }

    #[test]
    fn esc_leaves_although_it_came_too_early_before() {
        let mut held = Held::new(Mono::default());
        let mut esc = |millis| {
            let chord = Chord::plain(Key::Esc);
            held.takes(&KeyPress { chord, at: Mono::from_millis(millis), repeat: false })
        };
        assert_eq!((esc(400), esc(700)), (false, true));
    }
}
