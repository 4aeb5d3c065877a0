//! What became of a flag that was set: whether it still reads as it was asked for, and whether anybody gets it.

use std::time::Duration;

use super::known::{Past, index_of};
use crate::domain::revision::EnvValue;
use crate::domain::{Clean, FlagChange, ServiceIx, SourceId, Wall};
use crate::model::Model;
use crate::model::ops::Look;

impl Model {
    /// A flag must also still read as it was asked for, and freshly.
    pub(in crate::model) fn look_at_flag(
        &self,
        change: &FlagChange,
        effective: Option<Wall>,
        (good, needed): (Option<bool>, Duration),
    ) -> Look {
        let look = Look { good, needed, ..Look::default() };
        let Some(live) = &change.live else { return self.look_at_variable(change, look) };
        let bad = only_bad(good);
        let index = index_of(&self.room, change);
        let Some((index, read)) = index.and_then(|index| Some((index, self.flags.read(index)?))) else {
            return Look { good: bad, ..look };
        };
        // Read before it was changed: that says nothing of it. By the time and not by what it says, since somebody may
        // have put it back just as it was.
        let read_at = self.flags.read_at(index).map(|at| self.now.wall_at(at));
        let old = effective.is_none_or(|effective| read_at.is_none_or(|at| at <= effective));
        let source = self.flag_source(index);
        let fresh = source.is_some_and(|source| self.links.is_live(&source, self.now.mono));
        if old || !fresh {
            return Look { good: bad, ..look };
        }
        if !live.after.is_met_by(&read.setting) {
            let by = &read.changed_by;
            let by = if by.is_empty() { String::new() } else { format!(", changed by {by}") };
            let words = format!("the flag is {} now{by}", read.setting.words());
            return Look { good: None, superseded: Some(Clean::new(&words)), ..look };
        }
        // Of no service: what is read back is all there is to judge.
        if change.service == ServiceIx::NONE { Look { good: Some(true), ..look } } else { look }
    }

    /// The variable must still read as it was asked for, freshly, and some traffic must get it.
    fn look_at_variable(&self, change: &FlagChange, look: Look) -> Look {
        let service = change.service;
        let live = self.links.is_live(&SourceId::CloudRun { service }, self.now.mono);
        // What was read before the change says nothing of it.
        let traffic = self.traffic(service).filter(|traffic| live && traffic.generation > change.generation);
        let Some(traffic) = traffic else { return Look { good: only_bad(look.good), ..look } };
        let env = traffic.env_of(change.container.as_deref());
        let text = match env.and_then(|env| env.get(&change.variable)) {
            Some(EnvValue::Plain(text)) => Ok(Some(text.clone())),
            Some(EnvValue::Secret { .. }) => Err("a secret"),
            None if env.is_none() => Err("gone with its container"),
            None => Ok(None),
        };
        let asked = Past::asked(change);
        if !text.clone().is_ok_and(|text| asked == Past::Variable(text)) {
            let is = text.map_or_else(Clean::new, |text| text.unwrap_or_else(|| Clean::new("not set")));
            let by = &traffic.last_modifier;
            let by = if by.is_empty() { String::new() } else { format!(", changed by {by}") };
            let words = format!("{} is {is} now{by}", change.variable);
            return Look { good: None, superseded: Some(Clean::new(&words)), ..look };
        }
        // Seen to become something else: what was good until then says nothing of it.
        if traffic.reconciling || traffic.observed_generation != traffic.generation {
            return Look { good: Some(false), ..look };
        }
        let ready = traffic.latest_ready.as_deref();
        Look { unserved: ready.is_none_or(|ready| traffic.effective_percent(ready) == 0), ..look }
    }
}

/// Where it is not known whether it serves: what is bad begins the time again all the same, what is good says nothing.
fn only_bad(good: Option<bool>) -> Option<bool> {
    good.filter(|good| !good)
}
