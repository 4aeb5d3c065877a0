//! Marks: the glyph and the role of a state, never one without the other.

use ratatui::text::Span;

use crate::domain::{ReasonKind, VerdictState};
use crate::model::metrics::MetricState;
use crate::theme::Role;
use crate::view::Ctx;

/// The state of a row, a panel or a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Good, done, holds.
    Good,
    /// Waiting, off, idle.
    Idle,
    /// Running by itself.
    Active,
    /// Near, waiting for a person.
    Warn,
    /// Nothing known.
    Unknown,
    /// Broken, over.
    Bad,
    /// A trigger tripped.
    Tripped,
}

impl Mark {
    /// One cell.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Idle => "◦",
            Self::Active => "●",
            Self::Warn => "▲",
            Self::Unknown => "?",
            Self::Bad => "✗",
            Self::Tripped => "↺",
        }
    }

    /// What it means.
    pub fn role(self) -> Role {
        match self {
            Self::Good => Role::Good,
            Self::Idle => Role::Muted,
            Self::Active => Role::Accent,
            Self::Warn => Role::Warn,
            Self::Unknown => Role::Unknown,
            Self::Bad | Self::Tripped => Role::Bad,
        }
    }

    /// How a value with this state is written: in plain text unless it deserves a look.
    pub fn ink(self) -> Role {
        match self {
            Self::Good | Self::Idle | Self::Active => Role::Text,
            Self::Warn | Self::Unknown | Self::Bad | Self::Tripped => self.role(),
        }
    }

    /// Glyph in its style.
    pub fn span(self, ctx: &Ctx<'_>) -> Span<'static> {
        Span::styled(self.glyph(), ctx.style(self.role()))
    }
}

impl From<MetricState> for Mark {
    fn from(state: MetricState) -> Self {
        match state {
            MetricState::Pass => Self::Good,
            MetricState::Short => Self::Idle,
            MetricState::Warn => Self::Warn,
            MetricState::Fail => Self::Bad,
            MetricState::NoData | MetricState::Early | MetricState::Unjudged | MetricState::Stale => {
                Self::Unknown
            }
        }
    }
}

impl From<ReasonKind> for Mark {
    fn from(kind: ReasonKind) -> Self {
        match kind {
            ReasonKind::Tripped => Self::Tripped,
            ReasonKind::Failing => Self::Bad,
            ReasonKind::Unseen => Self::Unknown,
            ReasonKind::Unmet | ReasonKind::Warning => Self::Warn,
            ReasonKind::Waiting => Self::Idle,
            ReasonKind::Holding => Self::Good,
        }
    }
}

/// The mark of a verdict; `blind` is a HOLD for want of sight.
pub fn verdict(state: VerdictState, blind: bool) -> Mark {
    match state {
        VerdictState::Go => Mark::Good,
        VerdictState::Hold if blind => Mark::Unknown,
        VerdictState::Hold => Mark::Warn,
        VerdictState::NoGo => Mark::Bad,
        VerdictState::RollBack => Mark::Tripped,
    }
}
