//! Commands of a document.

use serde::{Deserialize, Serialize};

use crate::domain::Clean;
use crate::domain::item::ItemId;
use crate::domain::secret::without_given;

/// A command found in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Identity: a short hash of document, heading path, its text and how often that stood before; stable under edits
    /// elsewhere. Items, bindings, records and `warroom gate run` name it so.
    pub id: String,
    /// Line in the file, from 1.
    pub line: u32,
    /// The command as a shell gets it; may have several lines. Never scrubbed: what is shown of it is [`Clean`]ed, what
    /// is run is exactly this.
    pub text: String,
    /// Headings above it, outermost first.
    pub section: Vec<Clean>,
    /// The item or step it belongs to, if it stands inside or right below one.
    pub item: Option<ItemId>,
    /// Which fence it stands in, counted from 0 over the document; commands of one fence share one shell. Inline code is
    /// in none.
    pub fence: Option<u32>,
    /// What it is.
    pub kind: CommandKind,
    /// Why it is taken for that, in a few words.
    pub why: Clean,
    /// What of its run says whether it passed.
    pub proof: Proof,
    /// The comment above or beside it: often its name or what is expected of it.
    pub comment: Clean,
    /// What its output is to look like, a line each, from `Expected Output` below it or comments around it.
    pub expected: Vec<Expected>,
}

impl Command {
    /// The command for reports and scripts: without the credentials that stand in it. Whoever trusts, runs or ticks it sees
    /// [`Self::text`], which is what runs.
    pub fn shown(&self) -> String {
        without_given(&self.text)
    }

    /// What it is, in one word: its kind, or `setup` where it only prepares the shell for what follows and is no gate of its own.
    pub fn kind_word(&self) -> &'static str {
        match (self.kind, self.proof) {
            (CommandKind::Gate, Proof::Setup) => "setup",
            (kind, _) => kind.into(),
        }
    }
}

/// What a command is; only a gate runs with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommandKind {
    /// Its result is evidence, and it changes nothing.
    Gate,
    /// It changes something outside.
    Mutation,
    /// It runs until stopped.
    LongRunning,
    /// Output of an earlier run.
    Transcript,
    /// An example in another language, or a piece of text.
    Sample,
    /// It cannot be run as it stands.
    Refused,
}

/// What a command's output is expected to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// As written.
    pub text: Clean,
    /// What of it can be checked by the machine.
    pub check: Check,
}

/// What can be checked of an expectation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Nothing: a person reads it.
    Person,
    /// Exactly so many tests passed, and none failed.
    Passed(u32),
    /// All tests passed, however many.
    AllPassed,
    /// It took less than so many milliseconds.
    Within(u64),
    /// This HTTP status is in the output.
    Status(u16),
    /// The output has this text, apart from spaces.
    Contains(Clean),
    /// There is no output.
    Empty,
}

/// What of a command's run says whether it passed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, strum::Display, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Proof {
    /// Its exit status: a test runner, a linter, `test -f`.
    Exit,
    /// The counts that a test runner prints; its exit status is lost, for instance in a pipe.
    Counts,
    /// Only what it shows, compared with what is expected: `curl`, `ps`, `git log`. Exit 0 says nothing.
    #[default]
    Output,
    /// Nothing: it prepares the shell for the commands after it (`cd`, `export`), or waits.
    Setup,
}
