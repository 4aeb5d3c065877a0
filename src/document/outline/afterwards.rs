//! Headings that go on where one of afterwards ended: `4-24 hours` behind `Post-deployment (0-4 hours)`.

use rustc_hash::FxHashMap;

use super::Above;
use crate::document::blocks::Blocks;
use crate::document::topic::Topic;
use crate::document::window::{self, Window};

/// A heading that is nothing but a time goes on with the one beside it before: `Post-deployment (0-4 hours)`, `4-24 hours`; and
/// several of them that go on where the one before ended, from 0 to hours or days later, are of afterwards by themselves.
pub(super) fn go_on(blocks: &Blocks, heads: &mut [(Above, Option<bool>)]) {
    // The newest heading below each other one.
    let mut newest: FxHashMap<Option<usize>, usize> = FxHashMap::default();
    for (at, head) in blocks.heads.iter().enumerate() {
        let before = newest.insert(head.under, at);
        // Only behind a heading with a time does one go on.
        let timed = |at: &usize| heads.get(*at).is_some_and(|(above, _)| above.window.is_some());
        if before.as_ref().is_none_or(|before| !timed(before)) || !window::is_whole(&head.text) {
            continue;
        }
        let above = |at: usize| heads.get(at).map(|(above, _)| *above);
        let (Some(before), Some(own)) = (before.and_then(|at| Some((at, above(at)?))), above(at)) else {
            continue;
        };
        let is_later =
            before.1.window.is_some() && (before.1.topics.has(Topic::Later) || before.1.is_afterwards);
        let is_series = goes_on(before.1.window, own.window)
            && blocks.heads.get(before.0).is_some_and(|head| window::is_whole(&head.text))
            && !is_of_trouble(blocks, heads, head.under);
        let of_series = [before.0].into_iter().filter(|_| is_series && !is_later);
        let all: Vec<usize> = of_series.chain([at].into_iter().filter(|_| is_series || is_later)).collect();
        for at in all {
            if let Some((above, _)) = heads.get_mut(at) {
                above.topics = above.topics.with(Topic::Later);
            }
        }
    }
}

/// Whether a window that begins with the deployment is followed by one that goes on for hours.
fn goes_on(before: Option<Window>, own: Option<Window>) -> bool {
    const LONG: u64 = 4 * 3600;
    let (Some(before), Some(own)) = (before, own) else { return false };
    before.from == Some(0) && before.until.is_some() && own.from == before.until && own.until >= Some(LONG)
}

/// Whether the headings from `head` outwards speak of incidents or of going back: times there run from something else.
fn is_of_trouble(blocks: &Blocks, heads: &[(Above, Option<bool>)], head: Option<usize>) -> bool {
    const TROUBLE: [Topic; 5] =
        [Topic::Aftermath, Topic::Rollback, Topic::RollbackPlan, Topic::Procedure, Topic::Before];
    let next = |at: &usize| blocks.heads.get(*at).and_then(|head| head.under);
    let mut above = std::iter::successors(head, next).filter_map(|at| heads.get(at));
    let incident = |at: Option<usize>| {
        at.and_then(|at| blocks.heads.get(at))
            .is_some_and(|head| head.text.to_lowercase().contains("incident"))
    };
    incident(head) || above.any(|(above, _)| above.topics.any(&TROUBLE))
}
