//! One simple command, as it stands in a statement.

/// One simple command: `A=1 name words… >file`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::document) struct Simple {
    /// Variables set before it, or alone.
    pub(in crate::document) assigns: Vec<(String, String)>,
    /// Its words without quotes; the first is its name. A substitution stands there as `$(…)`.
    pub(in crate::document) words: Vec<String>,
    /// Files it writes to.
    pub(in crate::document) writes: Vec<String>,
    /// What it reads from a here-document or here-string.
    pub(in crate::document) input: Option<String>,
    /// How it is joined with the next.
    pub(in crate::document) join: Join,
    /// It stands in a substitution, for its output.
    pub(in crate::document) nested: bool,
    /// It is the condition of a loop.
    pub(in crate::document) condition: bool,
    /// Its exit status is turned round by `!`.
    pub(in crate::document) negated: bool,
    /// It is no command, but the head of a function of this name; the commands of its body follow.
    pub(in crate::document) defines: Option<String>,
}

/// What stands between two simple commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::document) enum Join {
    /// `;`, a line end, or nothing more.
    #[default]
    Then,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
    /// `&`.
    Background,
}
