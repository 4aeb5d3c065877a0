//! The times after the deployment in which items are due: 0 to 4 hours, 4 to 24 hours, 1 to 7 days.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::domain::{Clean, Item, Meaning, Wall, format};

use super::Checklist;

/// A time after T0 that has come, with what is due in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueWindow {
    /// It begins so many seconds after T0, and ends so many after it, if that is said.
    pub span: (u64, Option<u64>),
    /// When it began.
    pub since: Wall,
    /// When it ends, if that is said.
    pub until: Option<Wall>,
    /// Items that are not settled.
    pub open: usize,
    /// All of them.
    pub all: usize,
    /// The first that is not settled.
    pub first: Clean,
}

impl DueWindow {
    /// Which it is: `0–4h after T0`, `from 2d after T0`.
    pub fn words(&self) -> String {
        let length = |seconds: u64| format::span(std::time::Duration::from_secs(seconds));
        match self.span {
            (0, Some(until)) => format!("first {} after T0", length(until)),
            (from, Some(until)) => format!("{} to {} after T0", length(from), length(until)),
            (0, None) => "after T0".to_owned(),
            (from, None) => format!("from {} after T0", length(from)),
        }
    }
}

impl Checklist {
    /// The times after T0 that have come and have items that are not settled, in their order.
    pub fn due_windows(&self) -> Vec<DueWindow> {
        let mut windows: BTreeMap<(u64, Option<u64>), DueWindow> = BTreeMap::new();
        let t0 = self.rollout().and_then(|rollout| rollout.t0.as_ref()).map(|t0| t0.at);
        for item in self.items() {
            let Meaning::Later { from_seconds, until_seconds } = item.meaning else { continue };
            let (Some(later), Some(t0)) = (self.facts.later.get(&item.id).filter(|it| it.due), t0) else {
                continue;
            };
            let span = (from_seconds.unwrap_or(0), until_seconds);
            let ends = until_seconds.and_then(|until| TimeDelta::try_seconds(i64::try_from(until).ok()?));
            let window = windows.entry(span).or_insert_with(|| DueWindow {
                span,
                since: later.from.unwrap_or(t0),
                until: ends.and_then(|ends| t0.checked_add_signed(ends)),
                open: 0,
                all: 0,
                first: Clean::default(),
            });
            window.all += 1;
            if self.is_open(item) {
                window.open += 1;
                if window.open == 1 {
                    window.first = item.text.clone();
                }
            }
        }
        windows.into_values().filter(|window| window.open > 0).collect()
    }

    /// Since when the time is over in which `item` should have been done, if it still asks for something.
    pub fn overdue(&self, item: &Item) -> Option<Wall> {
        self.facts.later.get(&item.id).and_then(|later| later.over).filter(|_| self.is_open(item))
    }

    /// What is for later and not settled, as a rollout leaves it: how many items, and when the next are due.
    pub fn later_left(&self) -> Option<String> {
        let later = self.items().filter(|item| matches!(item.meaning, Meaning::Later { .. }));
        // What is required and due is told with the others.
        let told = |item: &Item| item.required && self.counts(item);
        let open: Vec<_> = later.filter(|item| !self.state(item).is_settled() && !told(item)).collect();
        let next =
            open.iter().filter_map(|item| self.facts.later.get(&item.id).filter(|it| !it.due)?.from).min();
        let next =
            next.map_or(String::new(), |at| format!(", the next from {}", at.format("%Y-%m-%d %H:%M UTC")));
        let count = open.len();
        let noun = if count == 1 { "item" } else { "items" };
        (count > 0).then(|| format!("{count} {noun} for after the deployment{next}"))
    }
}
