//! Whether somebody opens a room from this account for the first time: no file tells that the hints were shown.

use std::path::PathBuf;

use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// Looks once.
pub async fn run(path: PathBuf, lanes: Lanes) {
    // A file that cannot be looked for counts as there: hints that come back each time would nag.
    if matches!(tokio::fs::try_exists(&path).await, Ok(false)) {
        // A closed lane means that the room was left already.
        let _ = lanes.control.send(Msg::OpenedFirst).await;
    }
}
