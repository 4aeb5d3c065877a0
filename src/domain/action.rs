//! Actions: what a key, a click or a palette line asks for. Keys are bound to these by name.

use serde::{Deserialize, Serialize};

/// What an operator can ask for. The snake-case name is used in config, help and palette.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// This help.
    Help,
    /// The command palette.
    Palette,
    /// Filter the list in focus.
    Filter,
    /// Next panel.
    NextPanel,
    /// Previous panel.
    PreviousPanel,
    /// Jump to the panel behind reason 1.
    Reason1,
    /// Jump to the panel behind reason 2.
    Reason2,
    /// Jump to the panel behind reason 3.
    Reason3,
    /// Panel 4.
    Panel4,
    /// Panel 5.
    Panel5,
    /// Panel 6.
    Panel6,
    /// Panel 7.
    Panel7,
    /// Panel 8.
    Panel8,
    /// Panel 9.
    Panel9,
    /// All reasons.
    AllReasons,
    /// Open what is under the cursor.
    Open,
    /// Go back, close.
    Back,
    /// Back to where I was.
    JumpBack,
    /// Zoom this panel.
    Zoom,
    /// Quit; asks while acting.
    Quit,
    /// Suspend to the shell.
    Suspend,
    /// Draw the whole screen again.
    Redraw,
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// Half a page down.
    HalfPageDown,
    /// Half a page up.
    HalfPageUp,
    /// First row.
    First,
    /// Last row.
    Last,
    /// Fold.
    Fold,
    /// Unfold.
    Unfold,
    /// Copy as text.
    Copy,
    /// Tick the item under the cursor, with a note.
    Tick,
    /// Waive the item under the cursor, with a reason.
    Waive,
    /// Say that the item under the cursor does not apply, with a reason.
    NotApplicable,
    /// Say that the item under the cursor failed, with a reason.
    Fail,
    /// Record that somebody approved the item under the cursor elsewhere.
    Approve,
    /// Take the last tick back.
    Undo,
    /// Open items only.
    OpenOnly,
    /// Items of my role only.
    MyRole,
    /// The next kind of items: open, required, mine and so on.
    NextFilter,
    /// Next open item, or next wrong run.
    NextOpen,
    /// Previous open item, or previous wrong run.
    PreviousOpen,
    /// What was not understood of the documents.
    Findings,
    /// Open the file at its line, in the operator's editor.
    Edit,
    /// Write a note.
    Note,
    /// Run the gate under the cursor, or those of the section.
    Gate,
    /// Run the gate under the cursor on the terminal, interactively (asks).
    OnTerminal,
    /// Stop a gate (asks).
    StopGate,
    /// Flip the flag under the cursor (asks).
    Flip,
    /// Open the rollback dialog, filled in (asks).
    Rollback,
    /// Release the lock after a rollback (asks).
    Unlock,
    /// Check an operation with an unknown outcome again.
    Recheck,
    /// Hold the stage under way, or release the hold (asks).
    Hold,
    /// Follow or pause the event tail.
    Follow,
    /// Pin the run under the cursor.
    Pin,
    /// Bell and desktop notification on or off.
    Bell,
    /// Alerts and mutes.
    Alerts,
    /// Acknowledge the alert under the cursor.
    Acknowledge,
    /// Silence the alerts of a name for a while.
    Mute,
    /// End the mute under the cursor.
    Unmute,
    /// The story so far.
    Story,
    /// Contacts and the war room's link.
    Contacts,
    /// What is wrong with the sources, and the next step.
    Doctor,
    /// The next dashboard.
    Dashboard,
    /// Edit the dashboard: its panels, their places and sizes.
    EditDashboard,
    /// Mark the revision under the cursor; compare it with the marked one.
    Compare,
    /// Charts over less time.
    ShorterWindow,
    /// Charts over more time.
    LongerWindow,
    /// The log entries of the revision under the cursor.
    Logs,
}

impl Action {
    /// Whether it changes anything outside this console; read-only mode hides these.
    pub fn acts(self) -> bool {
        matches!(
            self,
            Self::Tick
                | Self::Waive
                | Self::NotApplicable
                | Self::Fail
                | Self::Approve
                | Self::Undo
                | Self::Note
                | Self::Gate
                | Self::OnTerminal
                | Self::StopGate
                | Self::Flip
                | Self::Rollback
                | Self::Unlock
                | Self::Recheck
                | Self::Hold
                | Self::Acknowledge
                | Self::Mute
                | Self::Unmute
        )
    }

    /// Whether it opens a confirmation; its hint ends in `…`.
    pub fn asks(self) -> bool {
        matches!(
            self,
            Self::Flip
                | Self::OnTerminal
                | Self::StopGate
                | Self::Rollback
                | Self::Unlock
                | Self::Waive
                | Self::NotApplicable
                | Self::Fail
                | Self::Approve
                | Self::Hold
                | Self::Mute
        )
    }
}
