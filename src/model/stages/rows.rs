//! The stages as a list: how each stands, and what it waits for.

use std::time::Duration;

use crate::domain::room::StageSpec;
use crate::domain::stage::{Said, Stop, StopKind, duration};
use crate::domain::{Clean, ItemId, VerdictState, Wall};
use crate::model::Model;
use crate::model::checklist::ItemState;

use super::Found;

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// Its turn has not come.
    Waiting,
    /// Under way: its steps or what the next stage needs are open.
    Active,
    /// Under way, and its clock has not counted all yet.
    Soaking,
    /// A person may go on.
    Ready,
    /// A person holds it.
    Paused,
    /// Passed.
    Done,
    /// Something failed while it soaked.
    Failed,
    /// Given up.
    Aborted,
}

impl State {
    /// One word, as scripts read it.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A stage as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its place, from 1.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Its share of the traffic.
    pub percent: Option<u8>,
    /// How it stands.
    pub state: State,
    /// How far its clock is, and how far it has to go; the first is unknown before it began.
    pub soak: Option<(Option<Duration>, Duration)>,
    /// How much of that nobody watched, and was looked up afterwards.
    pub filled: Duration,
    /// Why its clock stands.
    pub stop: Option<Stop>,
    /// Who entered it, when.
    pub entered: Option<Said>,
    /// Who left it, when: passed, given up, or held.
    pub left: Option<Said>,
    /// Items that have to be settled before it: open ones, and all.
    pub needs: (usize, usize),
    /// As planned; `None`: it is in no config and no document any more.
    pub spec: Option<usize>,
}

impl Row {
    /// Its name with its share: `Canary 10 %`.
    pub fn title(&self) -> String {
        let spec = StageSpec { name: self.name.clone(), percent: self.percent, ..StageSpec::default() };
        spec.act()
    }

    /// Whether it is under way.
    pub fn is_current(&self) -> bool {
        !matches!(self.state, State::Waiting | State::Done)
    }

    /// What its clock says, in words: `soak 18:39 of 30:00`, `soak stopped at 21:00`; empty: it has none.
    pub fn soak_words(&self) -> String {
        use crate::domain::format::{span, stopwatch, stopwatch_of};
        let Some((counted, needs)) = self.soak else { return String::new() };
        let at = stopwatch(counted.unwrap_or_default());
        match (self.state, self.stop.as_ref().map(|stop| stop.kind)) {
            (State::Waiting, _) => format!("soaks {}", span(needs)),
            (State::Done, _) => format!("soaked {}", span(counted.unwrap_or_default())),
            (State::Aborted, _) => format!("given up at {at}"),
            (State::Failed, _) | (_, Some(StopKind::Failed)) => format!("soak failed at {at}"),
            _ if counted == Some(needs) => format!("soaked {}", span(needs)),
            (_, Some(StopKind::Unseen)) => format!("soak stopped at {at}, no data"),
            (_, Some(StopKind::Held)) => format!("soak held at {at}"),
            (_, Some(StopKind::Unsettled)) => format!("soak stopped at {at}"),
            (_, None) => format!("soak {}", stopwatch_of(counted, needs)),
        }
    }

    /// How much of its clock is counted, 0 to 1; a stage without a clock counts as what it is.
    pub fn fraction(&self) -> f64 {
        match (self.state, self.soak) {
            (State::Done | State::Ready, _) => 1.0,
            (_, Some((Some(counted), needs))) if !needs.is_zero() => {
                (counted.as_secs_f64() / needs.as_secs_f64()).min(1.0)
            }
            _ => 0.0,
        }
    }
}

/// Items of one kind that a stage asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Open {
    /// Those that are not settled, or not met.
    pub open: Vec<(ItemId, Clean)>,
    /// What stands in no checklist.
    pub missing: Vec<Clean>,
    /// All of them.
    pub all: usize,
}

impl Open {
    /// How many ask for something.
    pub fn count(&self) -> usize {
        self.open.len() + self.missing.len()
    }
}

impl Model {
    /// All stages, in their order.
    pub fn stage_rows(&self) -> Vec<Row> {
        let course = &self.stages.course;
        let mut rows: Vec<Row> = (0..self.stages.specs().len()).map(|at| self.stage_row(at)).collect();
        // What was entered and is in no config any more is still where the rollout is.
        if let Some(current) = course.current().filter(|it| self.stages.place(&it.name).is_none()) {
            let row = Row {
                number: current.number as usize,
                name: current.name.to_string(),
                percent: current.percent,
                needs: (0, 0),
                spec: None,
                ..self.current_row()
            };
            rows.insert(row.number.saturating_sub(1).min(rows.len()), row);
        }
        rows
    }

    fn stage_row(&self, at: usize) -> Row {
        let course = &self.stages.course;
        let specs = self.stages.specs();
        let spec = specs.get(at).cloned().unwrap_or_default();
        let needs = self.stages.items(at).map(|items| self.still_open(&items.before)).unwrap_or_default();
        let base = Row {
            number: at + 1,
            name: spec.name.clone(),
            percent: spec.percent,
            state: State::Waiting,
            soak: (!spec.soak.is_zero()).then_some((None, spec.soak)),
            filled: Duration::ZERO,
            stop: None,
            entered: None,
            left: None,
            needs: (needs.count(), needs.all + needs.missing.len()),
            spec: Some(at),
        };
        if course.current().is_some_and(|current| *current.name == *spec.name) {
            let now = self.current_row();
            return Row { number: base.number, name: base.name, needs: base.needs, spec: base.spec, ..now };
        }
        let passed = course.passed().iter().rev().find(|passed| *passed.name == *spec.name);
        match passed {
            Some(passed) => Row {
                state: State::Done,
                soak: (passed.soaked_ms > 0)
                    .then(|| (Some(duration(passed.soaked_ms)), duration(passed.soaked_ms))),
                filled: duration(passed.filled_ms),
                entered: Some(passed.entered.clone()),
                left: Some(passed.left.clone()),
                ..base
            },
            None => base,
        }
    }

    /// The stage under way, or the one that was given up.
    fn current_row(&self) -> Row {
        let course = &self.stages.course;
        let current = course.current();
        let needs = current.map_or(0, |it| it.clock.needs_ms);
        let counted = match course.open() {
            Some(_) => self.stages.clock.ms,
            None => current.map_or(0, |it| it.clock.ms),
        };
        let stop = self.stages.clock.stop.clone().filter(|_| needs > 0);
        let failed = needs > 0 && self.stages.clock.failed().is_some();
        let state = match current {
            None => State::Waiting,
            Some(_) if course.aborted().is_some() => State::Aborted,
            Some(current) if current.paused.is_some() => State::Paused,
            Some(_) if failed => State::Failed,
            Some(_) if counted < needs => State::Soaking,
            Some(_) if self.verdicts.now.state == VerdictState::Go => State::Ready,
            Some(_) => State::Active,
        };
        Row {
            number: 0,
            name: String::new(),
            percent: current.and_then(|it| it.percent),
            state,
            soak: (needs > 0).then(|| (Some(duration(counted.min(needs))), duration(needs))),
            filled: duration(current.map_or(0, |it| it.clock.filled_ms)),
            stop,
            entered: current.map(|it| it.entered.clone()),
            left: course.aborted().cloned().or_else(|| current.and_then(|it| it.paused.clone())),
            needs: (0, 0),
            spec: None,
        }
    }

    /// Which of these items ask for something: what is to be done and is not settled, what is to be met and is not.
    pub fn still_open(&self, found: &Found) -> Open {
        let mut open = Open { missing: found.missing.clone(), ..Open::default() };
        for id in &found.items {
            let Some(item) = self.checklist.find(id) else { continue };
            let state = self.checklist.state(item);
            let done = match state {
                ItemState::Met(_) => true,
                ItemState::Measured(proof) => {
                    // A trigger is good while it is false, a criterion while it is true: its evidence says which.
                    proof.good == Some(true)
                }
                ItemState::NotDue { .. } | ItemState::NotBegun(_) | ItemState::Replaced(_) => true,
                state => state.is_settled(),
            };
            // What a trigger describes has not happened until somebody says so.
            if item.meaning == crate::domain::Meaning::Trigger {
                continue;
            }
            open.all += 1;
            if !done {
                open.open.push((id.clone(), item.text.clone()));
            }
        }
        open
    }

    /// When a step of the stage under way was done, and how long after the one before: the newest word on each.
    pub fn step_times(&self, at: usize) -> Vec<(Clean, Option<(Wall, Duration)>)> {
        let Some(items) = self.stages.items(at) else { return Vec::new() };
        let name = self.stages.specs().get(at).map(|spec| spec.name.clone()).unwrap_or_default();
        let course = &self.stages.course;
        let passed = course.passed().iter().find(|it| *it.name == *name).map(|it| it.entered.at);
        let begun = course.current().filter(|it| *it.name == *name).map(|it| it.entered.at).or(passed);
        let said = |id: &ItemId| {
            let item = self.checklist.find(id)?;
            let state = self.checklist.state(item);
            let at = state.attestation().filter(|_| state.is_settled()).map(|said| said.at);
            Some((item.text.clone(), at))
        };
        let steps: Vec<(Clean, Option<Wall>)> = items.steps.items.iter().filter_map(said).collect();
        let mut ends: Vec<Wall> = steps.iter().filter_map(|(_, at)| *at).chain(begun).collect();
        ends.sort_unstable();
        let taken = |at: Wall| {
            let before = ends.iter().rev().find(|end| **end < at).copied().unwrap_or(at);
            (at - before).to_std().unwrap_or_default()
        };
        steps.into_iter().map(|(text, at)| (text, at.map(|at| (at, taken(at))))).collect()
    }

    /// The step that is to be done now, and for how long it is.
    pub fn step_now(&self) -> Option<(Clean, Duration)> {
        let current = self.stages.course.open()?;
        let at = self.stages.place(&current.name)?;
        let steps = self.step_times(at);
        let (text, _) = steps.iter().find(|(_, done)| done.is_none())?;
        let since = steps.iter().filter_map(|(_, done)| done.map(|(at, _)| at)).max();
        let since = since.filter(|since| *since > current.entered.at).unwrap_or(current.entered.at);
        Some((text.clone(), (self.now.wall - since).to_std().unwrap_or_default()))
    }
}
