//! Reasons that conditions give: what each says, since when, and what else helps.

use crate::domain::condition::Purpose;
use crate::domain::{Clean, Condition, ConditionSpec, ConditionState, Now, Reason, ReasonKind, format};

use super::{Evidence, is_unwatched};
use crate::model::conditions::{counted_before, stopwatch, tolerance};
use crate::model::wording::Told;

/// A reason for each condition that gives one. A criterion on a signal for which a trigger speaks as loudly already
/// would say the same number twice.
pub(super) fn condition_reasons(evidence: &Evidence, now: Now) -> Vec<Reason> {
    let counted = evidence
        .conditions
        .iter(evidence.room)
        .filter(|(spec, state)| (evidence.counts)(spec, state) && !is_unwatched(evidence, spec, state, now));
    let told: Vec<(&ConditionSpec, Reason)> =
        counted.filter_map(|(spec, state)| Some((spec, condition_reason(evidence, spec, state)?))).collect();
    let louder = |spec: &ConditionSpec, reason: &Reason| {
        told.iter().any(|(other, by)| {
            other.purpose == Purpose::Trigger && other.signal == spec.signal && by.kind <= reason.kind
        })
    };
    told.iter()
        .filter(|(spec, reason)| spec.purpose == Purpose::Trigger || !louder(spec, reason))
        .map(|(_, reason)| reason.clone())
        .collect()
}

fn condition_reason(evidence: &Evidence, spec: &ConditionSpec, state: &Condition) -> Option<Reason> {
    let trips = spec.purpose == Purpose::Trigger && (evidence.serves)(spec, state);
    let kind = match state.state {
        ConditionState::Fail if trips => ReasonKind::Tripped,
        ConditionState::Fail => ReasonKind::Failing,
        ConditionState::Warn if (evidence.starting)(spec) => return None,
        // A warning limit alone does not stop; a stopwatch that runs towards its end does, and a target that is missed.
        ConditionState::Warn if state.is_running() || state.is_short() => ReasonKind::Unmet,
        ConditionState::Warn => ReasonKind::Warning,
        ConditionState::Inconclusive => ReasonKind::Waiting,
        // Unseen ones are told together, by their links and one count.
        ConditionState::Pass | ConditionState::NoData | ConditionState::Stale | ConditionState::Accepted => {
            return None;
        }
    };
    let told = (evidence.told)(spec, state);
    let subject = match (kind, &told.subject) {
        (ReasonKind::Tripped, _) => format!("trigger {} tripped", spec.name),
        (_, Some(subject)) => subject.clone(),
        (_, None) => spec.name.clone(),
    };
    // Without its context, as the journal has it, a number within its limit would contradict what it is a reason for;
    // and where there is little room, why it stands is worth more than the limit.
    let (now, limit) = told.value.split_once(", ").unwrap_or((&told.value, ""));
    let value = match state.was_clearing() {
        false => told.value.clone(),
        true if state.is_clearing() => format!("{now}, good again"),
        true => format!("{now}, good when last seen"),
    };
    Some(Reason {
        kind,
        subject: Clean::new(&subject),
        context: Clean::new(&context(evidence, spec, state, (&told, limit))),
        value: Clean::new(&value),
        since: state.since,
        panel: spec.panel,
        condition: Some(spec.name.clone()),
    })
}

/// What else helps: how long of how long, what the panel knows, and whom it is about.
fn context(
    evidence: &Evidence,
    spec: &ConditionSpec,
    state: &Condition,
    (told, limit): (&Told, &str),
) -> String {
    let mut parts = Vec::new();
    if state.is_clearing() {
        parts.push(format!("clears after {}", format::age(spec.clears_after)));
        parts.extend((!limit.is_empty()).then(|| limit.to_owned()));
    }
    let watch = stopwatch(spec, state);
    // A criterion that fails tells its time at the right of its row.
    let tells = state.state != ConditionState::Fail || spec.purpose == Purpose::Trigger;
    let told_already = told.value == watch || told.about.contains(&watch);
    if !spec.sustained.is_zero() && state.is_running() && state.lost().is_none() && tells && !told_already {
        parts.push(watch);
    }
    parts.extend(counted_before(state));
    parts.extend(tolerance(spec, state));
    if let Some(lost) = state.lost() {
        let since = format::time_of_day(lost.wall);
        parts.push(match state.so_far {
            Some(watched) => format!("{} · as of {since}", watched.counting_text()),
            None => format!("not seen since {since} · silence clears nothing"),
        });
    }
    parts.extend(told.about.iter().cloned());
    // That there are none is told by what is lost.
    if let Some(samples) = state.samples.filter(|samples| *samples > 0) {
        parts.push(format!("{} samples", format::count(samples)));
    }
    // What the panel says of a revision already is not said twice.
    if let Some(origin) = (evidence.origin)(spec, state).filter(|_| told.about.is_empty()) {
        parts.push(origin);
    }
    parts.join(" · ")
}
