//! Which items are listed: all, or those of one kind.

use crate::domain::Action;

/// Which items are listed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Hash, strum::Display, strum::EnumIter, strum::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Show {
    /// All.
    #[default]
    All,
    /// Those that ask for something.
    Open,
    /// Required ones that ask for something.
    Required,
    /// Those of this operator: by owner, or ticked by them.
    Mine,
    /// Those of this operator's role.
    MyRole,
    /// Those whose attestation does not hold any more.
    Lapsed,
    /// Those that have no box in the file.
    Inferred,
}

impl Show {
    /// In the palette.
    pub(in crate::model) fn about(self) -> &'static str {
        match self {
            Self::All => "checklist: all items",
            Self::Open => "checklist: items that ask for something",
            Self::Required => "checklist: required and open",
            Self::Mine => "checklist: owned or ticked by me",
            Self::MyRole => "checklist: items of my role",
            Self::Lapsed => "checklist: attestations that do not hold any more",
            Self::Inferred => "checklist: items without a box in the file",
        }
    }

    /// The action whose key does the same.
    pub(in crate::model) fn key(self) -> Option<Action> {
        match self {
            Self::Open => Some(Action::OpenOnly),
            Self::MyRole => Some(Action::MyRole),
            Self::All | Self::Required | Self::Mine | Self::Lapsed | Self::Inferred => None,
        }
    }

    /// What no item is, if there is none.
    pub(in crate::model) fn of(self) -> &'static str {
        match self {
            Self::All => "there",
            Self::Open => "open",
            Self::Required => "required and open",
            Self::Mine => "yours: none has you as its owner, and you ticked none",
            Self::MyRole => "of your role",
            Self::Lapsed => "lapsed",
            Self::Inferred => "inferred: each has its box in the file",
        }
    }

    /// In words, for the title.
    pub fn words(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Open => "open only",
            Self::Required => "required and open",
            Self::Mine => "mine",
            Self::MyRole => "my role",
            Self::Lapsed => "lapsed",
            Self::Inferred => "inferred",
        }
    }
}
