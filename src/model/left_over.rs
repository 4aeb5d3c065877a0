//! What a rollout leaves behind: it is told before its end, and written down with it.

use crate::domain::Clean;

use super::Model;

impl Model {
    /// What a rollout leaves behind now: pins, locks, mutes, operations that run, items that are open, triggers that were set.
    pub fn left_over(&self) -> Vec<Clean> {
        let mut left = Vec::new();
        for service in &self.services {
            let name = self.service_name(service.ix);
            if self.traffic(service.ix).is_some_and(crate::domain::Traffic::pinned) {
                left.push(format!("{name}: the split is pinned"));
            }
            if self.is_locked(service.ix) {
                left.push(format!("{name}: deploys and flips forward are locked"));
            }
        }
        left.extend(
            self.ops.iter().filter(|op| op.is_acting()).map(|op| format!("{} still runs", op.act.word())),
        );
        left.extend(self.stages.left());
        left.extend(self.rulings.left(self.now.wall).into_iter().chain(self.alerts.book.left(self.now.wall)));
        left.extend(left_in(&self.checklist));
        left.iter().map(|words| Clean::new(words)).collect()
    }
}

/// What a checklist leaves behind.
pub fn left_in(checklist: &super::checklist::Checklist) -> Vec<String> {
    let total = checklist.total();
    let mut left = Vec::new();
    let mut tell = |count: usize, what: &str| {
        if count > 0 {
            left.push(format!("{count} item{} {what}", if count == 1 { "" } else { "s" }));
        }
    };
    tell(total.required_open, "required and open");
    tell(total.failed, "failed");
    tell(total.lapsed, "lapsed");
    left.extend(checklist.later_left());
    left.extend(checklist.happened().map(|said| format!("trigger still set: {}", said.text)));
    left
}
