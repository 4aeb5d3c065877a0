//! The two bounded lanes on which messages reach the runtime: control (keys, ticks, outcomes) before data.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::model::msg::Msg;

/// The mean time between frames that no key asked for, while something changes all the time, and between two hand-overs of
/// a busy source: each is drawn when it comes. Fewer cost less, and what waits for the next one must still be on the screen
/// within 25 ms.
pub const FRAME: Duration = Duration::from_millis(21);

/// The sending ends; cheap to clone.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// Keys, outcomes of effects, journal answers. Small and never flooded.
    pub control: mpsc::Sender<Msg>,
    /// Everything that sources observe. A source that can flood merges while this is full.
    pub data: mpsc::Sender<Msg>,
}

/// The receiving ends, owned by the runtime.
#[derive(Debug)]
pub struct Receivers {
    /// See [`Lanes::control`].
    pub control: mpsc::Receiver<Msg>,
    /// See [`Lanes::data`].
    pub data: mpsc::Receiver<Msg>,
}

/// A fresh pair of lanes.
pub fn lanes() -> (Lanes, Receivers) {
    let (control, control_rx) = mpsc::channel(1024);
    let (data, data_rx) = mpsc::channel(256);
    (Lanes { control, data }, Receivers { control: control_rx, data: data_rx })
}
