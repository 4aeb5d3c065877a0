//! What a rollout leaves behind: it is told before its end, and written down with it.

use crate::domain::{Clean, Item, Meaning};

use super::Model;
use super::checklist::Standing;

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
    // What is for afterwards is told by itself, below.
    let asks = |item: &Item| match item.meaning {
        Meaning::Later { .. } => false,
        _ => checklist.counts(item) && matches!(checklist.standing(item), Standing::Open | Standing::Claimed),
    };
    let open = |item: &&Item| !item.required && asks(item);
    let (optional, plain): (Vec<&Item>, Vec<&Item>) =
        checklist.items().filter(open).partition(|item| item.optional);
    let mut left = Vec::new();
    let mut tell = |count: usize, what: &str| {
        if count > 0 {
            left.push(format!("{count} item{} {what}", if count == 1 { "" } else { "s" }));
        }
    };
    tell(total.required_open, "required and open");
    tell(plain.len(), "open, not required");
    tell(optional.len(), "open, optional");
    tell(total.failed, "failed");
    tell(total.lapsed, "lapsed");
    tell(checklist.items().filter(|item| checklist.overdue(item).is_some()).count(), "overdue");
    // Nobody knows what stands in what could not be read.
    left.extend(checklist.problems().iter().map(|problem| format!("not read: {problem}")));
    left.extend(checklist.later_left());
    left.extend(checklist.happened().map(|said| format!("trigger still set: {}", said.text)));
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checklist::Checklist;

    #[test]
    fn what_is_open_is_left_over_whether_it_was_required_or_not() {
        let text = "# A\n- [ ] back up (required)\n- [ ] deploy\n- [ ] tell support\n- [x] freeze\n- [ ] warm up (optional)\n\
                    ## Cleanup\n- [ ] drop it\n## Rollback triggers\n- [ ] loss\n";
        let mut checklist = Checklist::default();
        let read = crate::document::read("r.md", text.as_bytes());
        checklist.documents_read(read.document.into_iter().collect(), vec![]);
        assert_eq!(
            left_in(&checklist),
            [
                "1 item required and open",
                "3 items open, not required",
                "1 item open, optional",
                "1 item for after the deployment",
            ]
        );
        checklist.documents_read(Vec::new(), vec!["r.md: no such file".into()]);
        assert_eq!(left_in(&checklist), ["not read: r.md: no such file"]);
        assert_eq!(crate::model::rolling::unsigned(&checklist), 1, "it is no evidence for another room");
    }
}
