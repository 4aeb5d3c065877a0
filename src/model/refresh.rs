//! Once a second, and after news: signals from the panels, conditions from the signals, the verdict from both.

use crate::domain::{Condition, ConditionSpec, Now};

use super::Model;
use super::effect::Effect;
use super::verdict::Evidence;

impl Model {
    pub(super) fn ticked(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.now = now;
        for service in &mut self.services {
            service.ticked(now);
        }
        self.refresh(effects);
    }

    pub(super) fn refresh(&mut self, effects: &mut Vec<Effect>) {
        self.signals.clear();
        for service in &self.services {
            service.write_signals(&self.links, &mut self.signals, self.now);
        }
        self.conditions.evaluate(&self.room, &self.signals, self.now);
        self.judge(effects);
    }

    fn judge(&mut self, effects: &mut Vec<Effect>) {
        let evidence = Evidence {
            room: &self.room,
            conditions: &self.conditions,
            further: self.links.reasons(&self.room, self.now),
            counts: &|_: &ConditionSpec, _: &Condition| true,
            serves: &|_: &Condition| true,
            required: (0, 0),
            act: self.room.rollout.act.clone(),
            way_back: None,
        };
        if let Some(from) = self.verdicts.judge(&evidence, self.now) {
            self.verdict_changed(from, effects);
        }
    }
}
