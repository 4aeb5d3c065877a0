//! What was watched for too short a time to be judged.

use std::time::Duration;

use super::{Metric, MetricState};
use crate::domain::condition::Comparator;

impl Metric {
    /// What its newest number was worth when it came.
    pub fn worth(&self) -> MetricState {
        match self.judge(self.value()) {
            judged if judged != MetricState::NoData && self.is_early(judged) => MetricState::Early,
            judged => judged,
        }
    }

    /// Whether too little of the time was watched to say `judged`. What counts what happened and is past its limit is.
    fn is_early(&self, judged: MetricState) -> bool {
        let Some(watched) = self.latest.as_ref().and_then(|(_, value)| value.watched) else { return false };
        let over =
            self.spec.critical.is_some_and(|limit| matches!(limit.op, Comparator::Gt | Comparator::Ge));
        let certain = judged == MetricState::Fail && watched.grows && over;
        !certain && !watched.is_enough(Duration::ZERO)
    }
}
