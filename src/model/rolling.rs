//! The rollout: what the traffic shows of it, its beginning, T0 and end, and the facts that items rest on.

use std::collections::BTreeMap;

use crate::domain::record::Guard;
use crate::domain::revision::{digest, is_digest, short_digest};
use crate::domain::rollout::Seen;
use crate::domain::{
    Clean, Condition, ConditionSpec, ConditionState, Entry, Evidence, Item, Mark, Mono, OpKind, Outcome,
    ProofKind, Revision, Rollout, ServiceIx, Traffic, Wall,
};

use super::Model;
use super::checklist::{ItemState, Rollouts, Surroundings};
use super::conditions::{against_limit, flag_words, is_flag, stopwatch};
use super::effect::Effect;
use super::gates::{GateState, Gates};
use super::modal::Modal;
use super::ops::Operation;
use super::prompt::{Begin, Prompt, Purpose};
use super::service::ServiceState;

/// What was sent to the journal about the rollout and may not have come back yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sent {
    images: BTreeMap<String, Clean>,
    t0_of: Option<String>,
}

impl Model {
    /// What each service rolls out, as its traffic shows it, with what serves besides.
    pub(super) fn rolled_out(&self) -> Vec<(ServiceIx, Seen, Option<Seen>)> {
        let left = self.left_behind();
        let of = |service: &ServiceState| {
            let state = service.traffic.as_ref()?;
            let since = self.checklist.rollout().map(|rollout| rollout.begun_at);
            let (new, old) = state.rolled_out(|changed| self.is_after(changed, since))?;
            let old = old.map(seen);
            let is_old = left.contains(&(service.ix, new.name.clone())) || self.is_way_back(service.ix, new);
            (!is_old).then(|| (service.ix, seen(new), old))
        };
        self.services.iter().filter_map(of).collect()
    }

    /// Whether the rollout came from this revision or was rolled back to it: whoever gives it the traffic again, also from
    /// an older one, rolls out nothing.
    fn is_way_back(&self, ix: ServiceIx, revision: &Revision) -> bool {
        let rollout = self.checklist.rollout();
        let since = rollout.map(|it| it.end.as_ref().map_or(it.begun_at, |end| end.at));
        let back = |op: &Operation| {
            let OpKind::Rollback(change) = &op.act else { return false };
            // Names say nothing of it: `api-9` came before `api-10`. Where nobody tells the time, it may have gone back.
            let left = |traffic: &Traffic| {
                let served = traffic.served_by(&change.before, change.frozen_at).into_iter();
                let mut others = served.filter(|name| *name != change.to);
                others.any(|name| traffic.is_newer(name, &change.to) != Some(false))
            };
            let goes_back =
                change.service == ix && change.to == revision.name && self.traffic(ix).is_some_and(left);
            goes_back && since.is_none_or(|since| change.frozen_at >= since)
        };
        rollout.is_some_and(|it| it.came_from(&self.service_name(ix), &revision.name))
            || self.ops.iter().any(back)
    }

    fn is_after(&self, moment: Mono, wall: Option<Wall>) -> bool {
        wall.is_none_or(|wall| self.now.wall_at(moment) >= wall)
    }

    /// What each service rolls out: as seen, else as recorded.
    pub fn candidates_now(&self) -> BTreeMap<String, Seen> {
        let mut candidates = self.checklist.rollouts().candidates();
        let seen = self.rolled_out().into_iter().map(|(ix, seen, _)| (self.service_name(ix), seen));
        candidates.extend(seen);
        candidates
    }

    /// The image of each service's candidate.
    pub(super) fn images(&self) -> BTreeMap<String, Clean> {
        self.candidates_now().into_iter().map(|(service, seen)| (service, seen.image)).collect()
    }

    /// Judges the items anew by what is seen now.
    pub(super) fn settle(&mut self) {
        let candidates: BTreeMap<String, Seen> =
            self.rolled_out().into_iter().map(|(ix, seen, _)| (self.service_name(ix), seen)).collect();
        let mut checklist = std::mem::take(&mut self.checklist);
        checklist.settle(&Surroundings {
            rules: &self.room.signoff,
            now: self.now.wall,
            candidates: &candidates,
            proof: &|kind, name| self.proof(kind, name),
        });
        self.checklist = checklist;
    }

    /// What the condition or gate of this name says now.
    pub fn proof(&self, kind: ProofKind, name: &str) -> Option<Evidence> {
        match kind {
            ProofKind::Condition => {
                let (spec, state) = self.conditions.iter(&self.room).find(|(spec, _)| spec.name == name)?;
                Some(of_condition(spec, state))
            }
            ProofKind::Gate => of_gate(&self.gates, name),
        }
    }

    /// Writes down another candidate than the recorded one, and its first traffic. Only the keeper does.
    pub(super) fn watch_rollout(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        if !self.keeper || self.journal.cannot_write().is_some() {
            return;
        }
        let found = self.rolled_out().into_iter().find(|(of, ..)| *of == ix);
        let Some((_, seen, baseline)) = found else { return };
        let service = self.service_name(ix);
        let recorded = self.checklist.rollouts().candidates().get(&service).map(|seen| seen.image.clone());
        let known = self.sent.images.get(&service).cloned().or(recorded);
        if known.as_ref() != Some(&seen.image) {
            self.sent.images.insert(service.clone(), seen.image.clone());
            let environment = self.room.environment.name.clone();
            self.keep(Entry::Candidate { service, seen: seen.clone(), baseline, environment }, effects);
        }
        let serves = self.traffic(ix).is_some_and(|traffic| traffic.effective_percent(&seen.revision) > 0);
        // Before the record of the candidate is back there is no rollout that it could be written for.
        let Some(rollout) = self.checklist.rollout().filter(|rollout| rollout.is_open()) else { return };
        let candidate = rollout.candidates.values().any(|known| known.image == seen.image);
        if serves && candidate && rollout.t0.is_none() && self.sent.t0_of.as_ref() != Some(&rollout.id) {
            self.sent.t0_of = Some(rollout.id.clone());
            self.keep(Entry::T0 { at: self.now.wall, detected: true }, effects);
        }
    }

    /// A rollout began or another candidate was recorded: what was sent before is answered.
    pub(super) fn rollout_recorded(&mut self, entry: &Entry) {
        if let Entry::Candidate { service, .. } = entry {
            self.sent.images.remove(service);
            // Another candidate has a T0 of its own.
            self.sent.t0_of = None;
        }
        if let Entry::RolloutBegan { .. } = entry {
            self.sent.images.clear();
        }
    }

    /// What each service would roll out if a rollout began now, with what serves besides.
    pub(super) fn next_candidates(&self) -> (BTreeMap<String, Seen>, BTreeMap<String, Seen>) {
        let (mut candidates, mut baseline) = (BTreeMap::new(), BTreeMap::new());
        for service in &self.services {
            let found = service.traffic.as_ref().and_then(super::traffic::TrafficState::next_candidate);
            let Some((new, old)) = found else { continue };
            let name = self.service_name(service.ix);
            baseline.extend(old.map(|old| (name.clone(), seen(old))));
            candidates.insert(name, seen(new));
        }
        (candidates, baseline)
    }

    /// Asks for the candidate; what the traffic shows stands there already.
    pub(super) fn ask_begin(&mut self, given: Option<&str>) {
        if let Some(why) = cannot_begin(self.checklist.rollouts()) {
            return self.say(&why);
        }
        let shown = self.next_candidates().0.into_values().next().map(|seen| seen.image.to_string());
        let text = given.map(str::to_owned).or(shown).unwrap_or_default();
        self.show(Modal::Prompt(Prompt::new(Purpose::Begin(Begin::First), &text)));
    }

    /// The candidate was typed; one that the traffic does not show is asked for twice.
    pub(super) fn typed_candidate(&mut self, asked: Begin, text: &str, effects: &mut Vec<Effect>) {
        let given = Some(text).filter(|text| !text.is_empty());
        let differs = given.and_then(|given| differs(given, &self.next_candidates().0));
        if asked == Begin::First && differs.is_some() {
            return self.show(Modal::Prompt(Prompt::new(Purpose::Begin(Begin::Differs), text)));
        }
        self.begin_rollout(given, effects);
    }

    /// Asks for a note to end it with.
    pub(super) fn ask_end(&mut self, outcome: Outcome) {
        if let Some(why) = cannot_end(self.checklist.rollouts()) {
            return self.say(&why);
        }
        self.show(Modal::Prompt(Prompt::new(Purpose::End(outcome), "")));
    }

    /// Begins a rollout of what was given, else of what the traffic shows.
    fn begin_rollout(&mut self, given: Option<&str>, effects: &mut Vec<Effect>) {
        if let Some(why) = cannot_begin(self.checklist.rollouts()) {
            return self.say(&why);
        }
        let (candidates, baseline) = self.next_candidates();
        let before = set_aside(&self.checklist);
        let entry = Entry::RolloutBegan {
            given: given.map(Clean::new),
            candidates,
            baseline,
            environment: self.room.environment.name.clone(),
        };
        let draft = self.mine(entry);
        self.append(draft, Guard::Free, effects);
        let before = before.map_or_else(String::new, |before| format!(" · {before}"));
        self.say(&format!("rollout begun{before}"));
    }

    /// Marks now as T0.
    pub(super) fn mark_t0(&mut self, effects: &mut Vec<Effect>) {
        if let Some(why) = cannot_mark(self.checklist.rollouts()) {
            return self.say(&why);
        }
        let draft = self.mine(Entry::T0 { at: self.now.wall, detected: false });
        self.append(draft, Guard::Free, effects);
        self.say("T0 is now");
    }

    /// Ends the rollout.
    pub(super) fn end_rollout(&mut self, outcome: Outcome, note: &str, effects: &mut Vec<Effect>) {
        if let Some(why) = cannot_end(self.checklist.rollouts()) {
            return self.say(&why);
        }
        let left = self.left_over();
        let (count, unsigned) = (left.len(), unsigned(&self.checklist));
        let draft = self.mine(Entry::RolloutEnded { outcome, note: Clean::new(note), left, unsigned });
        self.append(draft, Guard::Free, effects);
        let over = match count {
            0 => String::new(),
            1 => " · one thing is left over".to_owned(),
            count => format!(" · {count} things are left over"),
        };
        self.say(&format!("rollout {}{over}", outcome.words()));
    }
}

/// How much of a checklist is not signed off as it ends, what could not be read included: what makes a rollout no evidence for
/// another room.
pub fn unsigned(checklist: &super::checklist::Checklist) -> u32 {
    let required_or_bad = |item: &&Item| match checklist.state(item) {
        ItemState::Failed(_) | ItemState::Lapsed { .. } => true,
        _ => item.required && checklist.is_open(item),
    };
    let unknown = checklist.problems().len();
    let open = checklist.items().filter(required_or_bad).count() + checklist.happened().count() + unknown;
    u32::try_from(open).unwrap_or(u32::MAX)
}

/// What was said before a rollout that begins now, and does not count for it; in words.
pub fn set_aside(checklist: &super::checklist::Checklist) -> Option<String> {
    let of = |wanted: fn(Mark) -> bool, words: &str| {
        let count = checklist.said().filter(|said| wanted(said.mark)).count();
        (count > 0).then(|| format!("{count} {words}"))
    };
    let all = [
        of(Mark::settles, "signed off"),
        of(|mark| mark == Mark::Failed, "failed"),
        of(|mark| mark == Mark::Happened, "that happened"),
        of(|mark| mark == Mark::Met, "met"),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| format!("items of before that do not count for it: {}", all.join(", ")))
}

/// Why no rollout can begin now.
pub fn cannot_begin(rollouts: &Rollouts) -> Option<String> {
    let open = rollouts.current().filter(|rollout| rollout.is_open())?;
    let by = open.by.as_ref()?;
    Some(format!("rollout {} of {by} is not over: end it first", open.id))
}

/// Why T0 cannot be marked now.
pub fn cannot_mark(rollouts: &Rollouts) -> Option<String> {
    let rollout = rollouts.current()?;
    if !rollout.is_open() {
        return Some(format!("rollout {} is over", rollout.id));
    }
    let t0 = rollout.t0.as_ref()?;
    Some(format!("T0 was {} already", crate::domain::format::clock(t0.at)))
}

/// Why no rollout can be ended now.
pub fn cannot_end(rollouts: &Rollouts) -> Option<String> {
    match rollouts.current() {
        None => Some("no rollout has begun".to_owned()),
        Some(Rollout { end: Some(_), id, .. }) => Some(format!("rollout {id} is over")),
        Some(_) => None,
    }
}

/// That a digest is not what the traffic shows, in words; a commit cannot be compared with an image.
pub fn differs(given: &str, candidates: &BTreeMap<String, Seen>) -> Option<String> {
    let other = candidates.values().all(|seen| digest(&seen.image) != digest(given));
    let shown = candidates.values().next().filter(|_| other && is_digest(given))?;
    Some(format!("the traffic shows {}, not {}", short_digest(&shown.image), short_digest(digest(given))))
}

/// What a revision is for a rollout.
pub fn seen(revision: &Revision) -> Seen {
    Seen { revision: revision.name.clone(), image: Clean::new(digest(&revision.image)) }
}

/// What the gate of this name proves now of what is rolled out.
pub fn of_gate(gates: &Gates, name: &str) -> Option<Evidence> {
    let gate = gates.find(name).ok()?;
    let standing = gates.standing(gate);
    let record = standing.last.and_then(|past| past.seq);
    let good = match standing.state {
        GateState::Passed => (!gates.is_unchecked(gate)).then_some(true),
        GateState::Failed | GateState::TimedOut | GateState::Lapsed => Some(false),
        GateState::Never
        | GateState::Earlier
        | GateState::Queued
        | GateState::Running
        | GateState::Stopped
        | GateState::Unclear
        | GateState::Unseen
        | GateState::Orphaned
        | GateState::Refused => None,
    };
    let value = match standing.why.as_str() {
        _ if gates.is_unchecked(gate) => "passed, not compared with its repository yet".to_owned(),
        "" => standing.state.word().to_owned(),
        why => format!("{} ({why})", standing.state.word()),
    };
    let (kind, name) = (ProofKind::Gate, Clean::new(&gate.name));
    Some(Evidence { kind, name, good, value: Clean::new(&value), record })
}

fn of_condition(spec: &ConditionSpec, state: &Condition) -> Evidence {
    let good = match state.state {
        ConditionState::Pass => Some(true),
        ConditionState::Fail => Some(false),
        ConditionState::Warn => (!state.is_running() && !state.is_short()).then_some(true),
        // What is bad and accepted proves nothing.
        ConditionState::Accepted
        | ConditionState::Inconclusive
        | ConditionState::NoData
        | ConditionState::Stale => None,
    };
    let value = match good {
        None if !state.is_seen() => "not seen now".to_owned(),
        None if state.is_short() && !state.is_running() => {
            format!("{}, short of its target", against_limit(spec, state))
        }
        None => format!("over its limit, {}", stopwatch(spec, state)),
        Some(_) if is_flag(spec) => flag_words(spec, state),
        Some(_) => against_limit(spec, state),
    };
    Evidence {
        kind: ProofKind::Condition,
        name: Clean::new(&spec.name),
        good,
        value: Clean::new(&value),
        record: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::condition::{Comparator, Limit, Purpose as For};
    use crate::model::conditions::tests::spec;

    #[test]
    fn what_is_bad_and_accepted_proves_nothing() {
        let spec = ConditionSpec {
            name: "errors".to_owned(),
            unit: "%".to_owned(),
            ..spec("metric.error_rate", Limit { op: Comparator::Gt, value: 5.0 }, For::Trigger)
        };
        let of = |state| {
            let mut condition = Condition::default();
            condition.state = state;
            of_condition(&spec, &condition).good
        };
        let each = [
            (ConditionState::Pass, Some(true)),
            (ConditionState::Fail, Some(false)),
            (ConditionState::Warn, Some(true)),
            (ConditionState::Accepted, None),
            (ConditionState::Inconclusive, None),
            (ConditionState::NoData, None),
            (ConditionState::Stale, None),
        ];
        for (state, good) in each {
            assert_eq!(of(state), good, "{state:?}");
        }
    }
}
