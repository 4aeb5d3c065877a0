//! What is kept of events: counts by name, and the lines that can still be seen. Copied and scrubbed here only.

use rustc_hash::FxHashMap;

use super::short::Short;
use super::tracker::{Event, Seen};
use super::{Line, MAX_NAMES, MAX_RAW};
use crate::domain::{Clean, Mono};

/// Counts by name, the first [`MAX_NAMES`] names.
#[derive(Debug, Default)]
pub struct Names {
    index: FxHashMap<Box<str>, usize>,
    counts: Vec<(Clean, u64)>,
    rest: u64,
}

impl Names {
    /// Counts one of this name.
    pub fn count(&mut self, name: &str) {
        if let Some(at) = self.index.get(name) {
            if let Some((_, count)) = self.counts.get_mut(*at) {
                *count += 1;
            }
        } else if self.index.len() < MAX_NAMES && name.len() <= MAX_RAW {
            self.index.insert(name.into(), self.counts.len());
            self.counts.push((Clean::new(name), 1));
        } else {
            self.rest += 1;
        }
    }

    /// Takes out what was counted since the last time; names stay known.
    pub fn take(&mut self) -> (Vec<(Clean, u64)>, u64) {
        let counted = self.counts.iter_mut().filter(|(_, count)| *count > 0);
        let values = counted.map(|(name, count)| (name.clone(), std::mem::take(count))).collect();
        (values, std::mem::take(&mut self.rest))
    }
}

/// The line of an event.
pub fn line(event: &Event<'_>, at: Mono, seen: Seen) -> Line {
    let text = |text: Option<&str>| text.map(Clean::new).unwrap_or_default();
    let detail = event.detail.or_else(|| event.counted.iter().copied().flatten().next());
    let cut = event.raw.get(..event.raw.floor_char_boundary(MAX_RAW)).unwrap_or_default();
    let raw = Clean::new(cut);
    Line {
        at,
        kind: Clean::new(event.kind),
        // As a run's story has it, so that they are found by each other.
        run: event.run.map(|run| Short::new(run).clean()).unwrap_or_default(),
        call: text(event.call),
        detail: text(detail),
        delivery_us: seen.delivery_us,
        ended: seen.ended,
        bytes: event.raw.len() as u64,
        scrubbed: &*raw != event.raw,
        raw,
    }
}
