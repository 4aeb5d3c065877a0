//! What of a group was not sent: its console is gone, or it stopped. The reason of each of its operations names what was
//! still to come, so any console reads that in the records.

use std::time::Duration;

use crate::domain::record::Guard;
use crate::domain::room::Mode;
use crate::domain::{Clean, Entry, OpId, PanelId, Reason, Wall};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::ops::Operation;
use crate::model::reasons::waiting;

use super::{OF_GROUP, THEN};

/// Another console that lives begins the next one of a group within this time after the last word of the one before.
const GOES_ON_WITHIN: Duration = Duration::from_secs(30);

impl Model {
    /// The console of an operation of a group is gone, or only silent: tells what of the group it did not send.
    pub(in crate::model) fn tell_unsent(&mut self, id: &OpId, effects: &mut Vec<Effect>) {
        let Some((name, unsent)) = self.ops.get(id).and_then(|op| self.unsent_after(op)) else { return };
        let words = format!("group {name}: nobody is seen going on with it; not sent: {}", unsent.join(", "));
        let draft = self.mine(Entry::Noted { text: Clean::new(&words) });
        self.append(draft, Guard::Free, effects);
        self.say(&words);
    }

    /// A group that was begun and not ended is said until each of its services was moved, or is left as it is by unlocking.
    pub(in crate::model) fn half_done_group(&self) -> Option<Reason> {
        let mut told = self.ops.iter().rev().filter(|op| !self.goes_on(op));
        let (op, name, unsent) = told.find_map(|op| {
            let (name, unsent) = self.unsent_after(op)?;
            let begun = begun(op)?;
            let open: Vec<&str> = unsent.into_iter().filter(|name| !self.moved_since(name, begun)).collect();
            let released = self.journal.released(&self.service_name(op.act.service()));
            (!open.is_empty() && released.is_none_or(|at| at < begun)).then_some((op, name, open))
        })?;
        let next = match (self.room.operator.mode, unsent.first()) {
            (Mode::Operate, Some(first)) => format!(":rollback {first}"),
            _ => String::new(),
        };
        let (subject, value) =
            (format!("group {name} is half done"), format!("not sent: {}", unsent.join(", ")));
        let reason = waiting(&subject, &value, &next, PanelId::Traffic);
        Some(Reason { since: begun(op).map(|at| self.at_wall(at)), ..reason })
    }

    /// What was still to come after an operation of a group, and that no later one of it did; with the group's name.
    fn unsent_after<'a>(&self, op: &'a Operation) -> Option<(&'a str, Vec<&'a str>)> {
        let (name, rest) = still_to_come(&op.reason)?;
        let later: Vec<String> = self
            .ops
            .iter()
            .filter(|other| other.by == op.by && begun(other) > begun(op))
            .filter(|other| other.reason.contains(&format!("{OF_GROUP}{name}")))
            .map(|other| self.service_name(other.act.service()))
            .collect();
        let unsent: Vec<&str> =
            rest.split(", ").filter(|name| !later.iter().any(|sent| sent == name)).collect();
        (!unsent.is_empty()).then_some((name, unsent))
    }

    /// Whether the console of an operation of a group may still begin the next one.
    fn goes_on(&self, op: &Operation) -> bool {
        if let Some(group) =
            self.running_group.as_ref().filter(|it| it.begun.iter().any(|(id, _)| *id == op.id))
        {
            return group.stopped.is_none();
        }
        let told = op.steps.last().map(|step| (self.now.wall - step.at).to_std().unwrap_or_default());
        !op.mine && told.is_some_and(|ago| ago < GOES_ON_WITHIN)
    }

    /// Whether the traffic of a service was moved after `at`, by whomever.
    fn moved_since(&self, service: &str, at: Wall) -> bool {
        let acted = |op: &Operation| {
            self.service_name(op.act.service()) == service && op.act.live().is_none() && begun(op) > Some(at)
        };
        self.ops.iter().any(acted) || self.journal.split_since(service).is_some_and(|since| since > at)
    }
}

fn begun(op: &Operation) -> Option<Wall> {
    op.steps.first().map(|step| step.at)
}

/// The name of the group and what is still to come of it, as [`Model::reason_in`] says it.
fn still_to_come(reason: &str) -> Option<(&str, &str)> {
    let (name, rest) = reason.rsplit_once(OF_GROUP)?.1.split_once(THEN)?;
    Some((name, rest.strip_suffix(')')?))
}
