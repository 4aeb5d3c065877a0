//! Stages: where the rollout is, what it still waits for, and the soak clock.
//!
//! What happened is folded from the records, so that every console and every command sees the same. Stages of the config
//! are in force from the start; those of documents are a proposal until a person enters the first one.

use std::collections::BTreeSet;

use crate::domain::room::{ItemRef, StageSpec};
use crate::domain::stage::{Course, Current};
use crate::domain::{ConditionSpec, ItemId, Record, Room};

use super::Model;
use super::checklist::Checklist;

mod acts;
mod begun;
mod clock;
mod countdown;
mod gap;
mod items;
mod offers;
mod reasons;
mod rows;
mod there;
mod words;

pub use acts::StageAct;
pub use begun::Begun;
pub use clock::Ticking;
pub use items::{Found, StageItems};
pub use rows::{Open, Row, State};
pub use words::{facts, is_told, words};

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stages {
    /// How far the rollout is, as the records tell.
    pub course: Course,
    /// The soak clock as this console counts it.
    pub clock: Ticking,
    specs: Vec<StageSpec>,
    items: Vec<StageItems>,
    countdown: Vec<(std::time::Duration, Found)>,
    gaps: gap::Gaps,
    /// Every condition is asked for only by stages that were not entered.
    only_later: bool,
}

/// What going on means now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Entering this stage, by its place from 0.
    Enter(usize),
    /// Passing the last stage.
    Finish,
}

impl Stages {
    /// The stages of `room`, before any document was read.
    pub fn of(room: &Room) -> Self {
        Self { specs: room.stages.stages.clone(), ..Self::default() }
    }

    /// Documents were read, or the room was completed by them.
    pub fn documents_read(&mut self, room: &Room, checklist: &Checklist) {
        let spec = &room.stages;
        self.specs = begun::specs(spec, checklist.documents());
        self.items = self.specs.iter().map(|stage| StageItems::of(stage, checklist)).collect();
        self.countdown = countdown::find_all(spec, checklist);
    }

    /// Takes in a record; the checklist has it already.
    pub fn record(&mut self, record: &Record, checklist: &Checklist, keeper: bool) {
        let rollout = checklist.rollout().map(|rollout| rollout.id.clone());
        let anew = self.course.record(record, rollout.as_deref(), checklist.rollouts().proves_since());
        self.clock.recorded(&self.course, record, anew, keeper);
        self.gaps.recorded(record, keeper);
    }

    /// The stages, in their order.
    pub fn specs(&self) -> &[StageSpec] {
        &self.specs
    }

    /// The items of the stage at `index`.
    pub fn items(&self, index: usize) -> Option<&StageItems> {
        self.items.get(index)
    }

    /// What is due before the planned start, and how long before.
    pub fn countdown(&self) -> &[(std::time::Duration, Found)] {
        &self.countdown
    }

    /// The place of the stage called `name`.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.specs.iter().position(|spec| spec.name == name)
    }

    /// Whether they are more than a proposal of a document.
    pub fn are_in_force(&self) -> bool {
        if self.course.is_over() {
            return false;
        }
        let configured = self.specs.iter().any(|spec| spec.read.is_none());
        (configured || self.course.has_begun()) && (!self.specs.is_empty() || self.course.open().is_some())
    }

    /// The place of the stage under way.
    pub fn current(&self) -> Option<usize> {
        self.place(&self.course.open()?.name)
    }

    /// The stage under way, where no config and no document has it any more: nobody knows what comes after it.
    pub fn lost(&self) -> Option<&Current> {
        self.course.open().filter(|current| self.place(&current.name).is_none())
    }

    /// What going on means; `None`: there is no way on.
    pub fn next(&self) -> Option<Next> {
        if self.course.finished().is_some() || self.course.is_over() {
            return None;
        }
        if self.course.open().is_some() {
            let after = self.current()? + 1;
            return Some(if after < self.specs.len() { Next::Enter(after) } else { Next::Finish });
        }
        let after = self.passed_until();
        (after < self.specs.len()).then_some(Next::Enter(after))
    }

    /// The place after the last stage that was passed, of those that there are still.
    fn passed_until(&self) -> usize {
        self.course.passed().iter().rev().find_map(|passed| self.place(&passed.name)).map_or(0, |at| at + 1)
    }

    /// What a rollout that ends now leaves of its stages.
    pub fn left(&self) -> Vec<String> {
        let course = &self.course;
        if !course.has_begun() || course.is_over() || course.finished().is_some() {
            return Vec::new();
        }
        let now = course.current().map(|current| {
            let how = if course.aborted().is_some() { "was given up" } else { "is not passed" };
            format!("stage {} {how}", current.name)
        });
        let entered = |spec: &&StageSpec| {
            course.has_entered(&spec.name) || course.current().is_some_and(|it| *it.name == *spec.name)
        };
        let never = self.specs.len() - self.specs.iter().filter(entered).count();
        let never = (never > 0)
            .then(|| format!("{never} stage{} never entered", if never == 1 { " was" } else { "s were" }));
        now.into_iter().chain(never).collect()
    }

    /// Items that are asked for by a stage that is not there yet, or that are told of with the stage under way. What was
    /// asked for by a stage before counts, whatever else asks for it.
    fn told_apart(&self) -> BTreeSet<&ItemId> {
        let current = self.current();
        let done = current.unwrap_or_else(|| self.passed_until());
        let (mut apart, mut counts) = (BTreeSet::new(), BTreeSet::new());
        for (at, items) in self.items.iter().enumerate() {
            let begun = at < done || (at == done && current.is_some());
            if begun { &mut counts } else { &mut apart }.extend(&items.before.items);
            let over = at < done;
            if over { &mut counts } else { &mut apart }
                .extend(items.steps.items.iter().chain(&items.success.items));
        }
        apart.difference(&counts).copied().collect()
    }

    /// Whether a condition is asked for only by a stage that was not entered.
    fn is_of_later(&self, spec: &ConditionSpec) -> bool {
        let mut asking = self.specs.iter().filter(|stage| stage.criteria.contains(&spec.name)).peekable();
        asking.peek().is_some() && !asking.any(|stage| self.course.has_entered(&stage.name))
    }

    /// Notes whether every condition is asked for only by stages that were not entered: then those of the next one count,
    /// since something has to be good before it is entered.
    pub(super) fn note_needs(&mut self, room: &Room) {
        let later = |spec: &ConditionSpec| !is_trigger(spec) && self.is_of_later(spec);
        self.only_later = self.are_in_force() && room.conditions.iter().all(later);
    }

    fn is_of_next(&self, spec: &ConditionSpec) -> bool {
        let Some(Next::Enter(at)) = self.next() else { return false };
        self.specs.get(at).is_some_and(|stage| stage.criteria.contains(&spec.name))
    }
}

#[cfg(test)]
mod asked_tests;

fn is_trigger(spec: &ConditionSpec) -> bool {
    spec.purpose == crate::domain::condition::Purpose::Trigger
}

impl Model {
    /// Whether the act in question needs this condition: one that only later stages name as a criterion does not count
    /// yet, unless there is no other one. A trigger always counts.
    pub(super) fn act_needs(&self, spec: &ConditionSpec) -> bool {
        is_trigger(spec)
            || !self.stages.are_in_force()
            || !self.stages.is_of_later(spec)
            || (self.stages.only_later && self.stages.is_of_next(spec))
    }

    /// Required items that the act in question needs: done, and in all. What a stage waits for is told by itself.
    pub(super) fn required_items(&self) -> (usize, usize) {
        let mut apart =
            if self.stages.are_in_force() { self.stages.told_apart() } else { BTreeSet::default() };
        if self.counts_down().is_some() {
            apart.extend(self.stages.countdown.iter().flat_map(|(_, found)| &found.items));
        }
        if !self.asks_how_it_went() {
            let items = self.checklist.items();
            apart.extend(items.filter(|item| item.of_outcome).map(|item| &item.id));
        }
        let progress = if apart.is_empty() {
            self.checklist.total()
        } else {
            self.checklist.progress(self.checklist.items().filter(|item| !apart.contains(&item.id)))
        };
        (progress.required - progress.required_open, progress.required)
    }

    /// Whether it can be said how the rollout went: from T0 on, and where the last stage is to be passed. Where no traffic is
    /// seen, nobody knows when that is, and it is asked all the time.
    fn asks_how_it_went(&self) -> bool {
        if self.room.services.iter().all(|service| service.cloud_run.is_none()) {
            return true;
        }
        let begun = self.checklist.rollout().is_some_and(|rollout| rollout.is_open() && rollout.t0.is_some());
        begun || (self.stages.are_in_force() && self.stages.next() == Some(Next::Finish))
    }

    /// Whether there is anything of stages to see.
    pub fn shows_stages(&self) -> bool {
        let spec = &self.room.stages;
        !self.stages.specs.is_empty()
            || self.stages.course.has_begun()
            || spec.start.is_some()
            || !spec.calendar.windows.is_empty()
            || !spec.calendar.freezes.is_empty()
    }

    /// The act that the stages name: the next stage, or closing the rollout after the last.
    pub(super) fn stage_act(&self) -> Option<String> {
        if !self.stages.are_in_force() {
            return None;
        }
        match self.stages.next()? {
            Next::Enter(at) => self.stages.specs.get(at).map(StageSpec::act),
            Next::Finish => Some("closing the rollout".to_owned()),
        }
    }

    /// What waits for a person while all is good.
    pub(super) fn stage_waits(&self) -> Option<String> {
        let open = self.checklist.rollout().is_some_and(crate::domain::Rollout::is_open);
        if open && self.stages.course.finished().is_some() && self.stages.next().is_none() {
            return Some("all stages are passed   :rollout end ends the rollout".to_owned());
        }
        let act = self.stage_act()?;
        let reads_only = self.room.operator.mode == crate::domain::room::Mode::ReadOnly;
        Some(match self.stages.next()? {
            _ if reads_only => format!("{act} waits for a person"),
            Next::Enter(_) => format!("{act} is next   :stage advance goes on"),
            Next::Finish => "the last stage is ready   :stage advance passes it".to_owned(),
        })
    }
}

/// An item reference in words.
fn named(of: &ItemRef) -> String {
    match of {
        ItemRef::Named(name) => name.to_string(),
        ItemRef::At(document, line) => format!("{document}, line {line}"),
    }
}
