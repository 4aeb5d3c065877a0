//! What every widget is told besides its data: theme, keys, the time, and how much of what it draws can be believed.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::Now;
use crate::keymap::Keymap;
use crate::model::mouse::Spot;
use crate::theme::{Role, Theme};

use super::spots::Spots;

/// The set of glyphs. Widgets draw in Unicode; a frame for an ASCII terminal is translated as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Box lines, blocks and marks.
    #[default]
    Unicode,
    /// ASCII stand-ins.
    Ascii,
}

/// Whether things may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Motion {
    /// Spinners turn, and a changed verdict inverts its block for a moment.
    #[default]
    Full,
    /// Nothing moves by itself.
    Reduced,
}

/// Whether what is drawn can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust {
    /// Its source is live, or local.
    #[default]
    Live,
    /// Its source is stale or down: everything is muted, nothing is green.
    Old,
}

/// Handed down to every widget.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// Colours by role.
    pub theme: &'a Theme,
    /// For keys named on the screen.
    pub keymap: &'a Keymap,
    /// The model's time.
    pub now: Now,
    /// Unicode or ASCII.
    pub glyphs: Glyphs,
    /// Whether things may move.
    pub motion: Motion,
    /// Whether what is drawn now can be believed.
    pub trust: Trust,
    /// Where to say what stands where, when a click asks for it.
    pub spots: Option<&'a Spots>,
}

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/// One step of a spinner in microseconds.
const STEP: u64 = 120_000;

impl<'a> Ctx<'a> {
    /// A context for Unicode and full motion.
    pub fn new(theme: &'a Theme, keymap: &'a Keymap, now: Now) -> Self {
        Self {
            theme,
            keymap,
            now,
            glyphs: Glyphs::default(),
            motion: Motion::default(),
            trust: Trust::default(),
            spots: None,
        }
    }

    /// How `role` looks here.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(match self.trust {
            Trust::Live => role,
            Trust::Old => faded(role),
        })
    }

    /// Says that `spot` can be pointed at in `area`.
    pub fn spot(&self, area: Rect, spot: Spot) {
        if let Some(spots) = self.spots {
            spots.add(area, spot);
        }
    }

    /// The same for what `trust` says.
    #[must_use]
    pub fn trusting(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// The spinner of everything that runs, at this moment.
    pub fn spinner(&self) -> &'static str {
        match self.motion {
            Motion::Reduced => "*",
            Motion::Full => {
                let step = self.now.mono.0 / STEP % SPINNER.len() as u64;
                SPINNER.get(step as usize).copied().unwrap_or("*")
            }
        }
    }
}

/// What remains of a role when its data is old.
fn faded(role: Role) -> Role {
    match role {
        Role::Text
        | Role::Strong
        | Role::Muted
        | Role::Title
        | Role::Accent
        | Role::Good
        | Role::Warn
        | Role::Bad
        | Role::Prod => Role::Muted,
        kept @ (Role::Faint
        | Role::Focus
        | Role::Key
        | Role::Selected
        | Role::Match
        | Role::Unknown
        | Role::Input
        | Role::Chart) => kept,
    }
}
