//! What is looked back on for days.

use super::{Labels, NAME};

/// What is looked back on for longer than all points are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Long {
    /// For how long, in milliseconds.
    pub span: i64,
    /// Of older points one is kept in so many milliseconds.
    pub step: i64,
    /// Names of series that are.
    pub names: Vec<String>,
}

impl Long {
    /// Whether a series with these labels is.
    pub(super) fn takes(&self, labels: &Labels) -> bool {
        let name = labels.iter().find(|(label, _)| &**label == NAME);
        name.is_some_and(|(_, name)| self.names.iter().any(|known| **known == **name))
    }
}
