//! What the stages say to the verdict: what the act in question still waits for. A rollback asks none of it.

use crate::domain::stage::StopKind;
use crate::domain::{Clean, OpKind, PanelId, Reason, ReasonKind, Wall, format};
use crate::model::Model;
use crate::model::reasons::waiting;

use super::{Next, Open};

impl Model {
    /// What going on waits for.
    pub(in crate::model) fn stage_reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.stages.are_in_force() {
            reasons.extend(self.lost_reason());
            if let Some(next) = self.stages.next() {
                reasons.extend(self.held_reason());
                reasons.extend(self.locked_reason());
                reasons.extend(self.soak_reason(next));
                reasons.extend(self.current_reasons());
                if let Next::Enter(at) = next {
                    reasons.extend(self.entering_reasons(at));
                }
            }
            reasons.extend(self.given_up());
        }
        reasons.extend(self.start_reasons());
        let forward = match self.stages.next() {
            Some(Next::Enter(_)) if self.stages.are_in_force() => true,
            _ => !self.stages.are_in_force() && self.waits_in_traffic().is_some(),
        };
        reasons.extend(self.closed_reason().filter(|_| forward));
        reasons
    }

    fn told(&self, subject: &str, value: &str, context: &str, since: Option<Wall>) -> Reason {
        let since = since.map(|at| self.at_wall(at));
        Reason { since, ..waiting(subject, value, context, PanelId::Stages) }
    }

    fn held_reason(&self) -> Option<Reason> {
        let current = self.stages.course.open()?;
        let held = current.paused.as_ref()?;
        let subject = format!("{} is held", current.name);
        Some(self.told(&subject, &format!("by {}", held.by), &held.reason, Some(held.at)))
    }

    /// Nobody sees what was rolled back from any more, so nothing that it failed by is seen: that makes no GO. What is next
    /// would go forward, as all that the lock stops.
    fn locked_reason(&self) -> Option<Reason> {
        let ix = self.room.service_ixs().find(|ix| self.is_locked(*ix))?;
        let service = self.service_name(ix);
        let since = self.locked_since(ix);
        let rollback = self.last_split(ix).filter(|op| matches!(op.act, OpKind::Rollback(_)));
        let why = rollback.map_or(String::new(), |op| format!("{} · ", op.reason));
        let next = format!("{why}:unlock {service} once another one is to go forward");
        let reason = self.told(&format!("{service} was rolled back"), "locked forward", &next, since);
        Some(Reason { panel: PanelId::Traffic, ..reason })
    }

    fn given_up(&self) -> Option<Reason> {
        let said = self.stages.course.aborted()?;
        let name = &self.stages.course.current()?.name;
        let context = "put back what it changed; :stage repeat begins it anew";
        let value = format!("by {}: {}", said.by, said.reason);
        Some(self.told(&format!("{name} was given up"), &value, context, Some(said.at)))
    }

    fn lost_reason(&self) -> Option<Reason> {
        let lost = self.stages.lost()?;
        let context = "put it back, or give it up: :stage abort";
        let value = "in no config and no document any more";
        Some(self.told(&format!("stage {}", lost.name), value, context, None))
    }

    fn soak_reason(&self, next: Next) -> Option<Reason> {
        let (counted, needs) = self.soak()?;
        let current = self.stages.course.open()?;
        let stop = self.stages.clock.stop.as_ref();
        let failed = self.stages.clock.failed();
        if counted >= needs && failed.is_none() && self.looks_up().is_none() {
            return None;
        }
        let context = match (stop, failed) {
            (Some(stop), _) if stop.kind == StopKind::Failed => format!("failed, begins anew: {}", stop.why),
            (Some(stop), Some(failed)) => format!("stands: {} · begins anew: {failed}", stop.why),
            (Some(stop), None) => format!("stands: {}", stop.why),
            (None, _) => {
                let left = format::age_seconds(needs.saturating_sub(counted));
                let then = if next == Next::Finish { "passed" } else { "left" };
                format!("{left} to go, then ready to be {then}, never by itself")
            }
        };
        let value = format::stopwatch_of(Some(counted), needs);
        Some(self.told(&format!("soak of {}", current.name), &value, &context, None))
    }

    /// Steps and criteria of the stage under way.
    fn current_reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let Some(current) = self.stages.course.open() else { return reasons };
        let (name, since) = (&current.name, Some(current.entered.at));
        // A clock that still counts says this itself.
        if self.soak().is_none_or(|(counted, needs)| counted >= needs) {
            reasons.extend(
                self.not_there_yet()
                    .iter()
                    .map(|lacks| self.told(&format!("{name} is not there yet"), lacks, "", since)),
            );
        }
        let Some(at) = self.stages.place(name) else { return reasons };
        if let Some(items) = self.stages.items(at) {
            let (steps, success) = (self.still_open(&items.steps), self.still_open(&items.success));
            reasons.extend(self.open_rows(&steps, "step", &format!("of {name} open"), since));
            reasons.extend(self.open_rows(&success, "criterion", &format!("of {name} not met"), since));
        }
        let criteria = self.stages.specs().iter().take(at + 1).flat_map(|spec| &spec.criteria);
        let unknown = criteria.filter(|name| !self.room.conditions.iter().any(|spec| spec.name == **name));
        for criterion in unknown {
            let subject = format!("criterion {criterion} of {name}");
            reasons.push(self.told(&subject, "no condition has this name", "", None));
        }
        reasons
    }

    fn open_rows(&self, open: &Open, what: &str, rest: &str, since: Option<Wall>) -> Option<Reason> {
        let count = open.count();
        let what = match (count, what) {
            (0, _) => return None,
            (1, what) => what.to_owned(),
            (_, "criterion") => "criteria".to_owned(),
            (_, what) => format!("{what}s"),
        };
        let all = open.all + open.missing.len();
        let first = open.open.first().map(|(_, text)| text.to_string());
        let first = first.or_else(|| open.missing.first().map(|name| format!("in no checklist: {name}")));
        let value = format!("{} of {all}", all - count);
        Some(self.told(&format!("{count} {what} {rest}"), &value, &first.unwrap_or_default(), since))
    }

    /// What the next stage needs before it begins.
    pub(super) fn entering_reasons(&self, at: usize) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let Some(spec) = self.stages.specs().get(at) else { return reasons };
        if let Some(items) = self.stages.items(at) {
            let open = self.still_open(&items.before);
            reasons.extend(self.open_rows(&open, "item", &format!("open before {}", spec.act()), None));
        }
        reasons
    }

    /// The planned start, where it is still to come or nothing was begun since: in a rollout of any kind.
    pub(super) fn counts_down(&self) -> Option<Wall> {
        let course = &self.stages.course;
        let start = self.room.stages.start.filter(|_| !course.has_begun())?;
        (!course.is_over() || start > self.now.wall).then_some(start)
    }

    /// How long it is to the planned start, and what is due before it.
    fn start_reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let Some(start) = self.counts_down() else { return reasons };
        if start > self.now.wall {
            let subject = format!("planned start {}", format::moment(start, self.now.wall));
            let left = (start - self.now.wall).to_std().unwrap_or_default();
            let value = format!("in {}", format::stopwatch(left));
            reasons.push(self.told(&subject, &value, &self.next_of_countdown(start), None));
        }
        for (length, open) in self.due_before(start) {
            let due = start - chrono::TimeDelta::from_std(length).unwrap_or_default();
            let rest = format!("due since T−{} open", format::span(length));
            reasons.extend(self.open_rows(&open, "item", &rest, Some(due)));
        }
        reasons
    }

    /// What of the countdown is due, and open.
    pub fn due_before(&self, start: Wall) -> Vec<(std::time::Duration, Open)> {
        let due = |length: std::time::Duration| {
            chrono::TimeDelta::from_std(length).is_ok_and(|length| start - length <= self.now.wall)
        };
        let all = self.stages.countdown().iter().filter(|(length, _)| due(*length));
        let open = all.map(|(length, found)| (*length, self.still_open(found)));
        open.filter(|(_, open)| open.count() > 0).collect()
    }

    /// What comes up next before the start, in words.
    fn next_of_countdown(&self, start: Wall) -> String {
        let left = (start - self.now.wall).to_std().unwrap_or_default();
        let next = self.stages.countdown().iter().find(|(length, _)| *length < left);
        next.map_or(String::new(), |(length, found)| {
            let items = format::counted(found.items.len() + found.missing.len(), "item");
            format!(
                "T−{}: {items}, in {}",
                format::span(*length),
                format::stopwatch(left.saturating_sub(*length))
            )
        })
    }

    /// Outside of the deployment windows, or in a freeze: going forward waits, a rollback does not.
    pub(super) fn closed_reason(&self) -> Option<Reason> {
        let closed = self.room.stages.calendar.closed(self.now.wall)?;
        let value = closed.opens.map_or("not open again within a month".to_owned(), |opens| {
            let left = (opens - self.now.wall).to_std().unwrap_or_default();
            format!("opens {}, in {}", format::moment(opens, self.now.wall), format::age_coarse(left))
        });
        let reason =
            waiting(&closed.why, &value, "going forward waits, a rollback does not", PanelId::Stages);
        Some(Reason { kind: ReasonKind::Waiting, subject: Clean::new(&closed.why), ..reason })
    }
}
