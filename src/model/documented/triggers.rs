//! Rollback triggers of documents (`Error rate > 5 % for 5 minutes`) on a metric that the room has by name: triggers of
//! the room, and the items they stand in rest on them. What no metric is called after stays an item, which people or
//! `[[bind]]` judge, and so does an item of which only a part is measured.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::condition::Purpose;
use crate::domain::plan::{CommandKind, Origin, Proof, Threshold};
use crate::domain::room::{GateTrigger, MetricFrom, MetricSpec};
use crate::domain::{Clean, ConditionSpec, Document, ItemId, Meaning, PanelId, Room, ServiceIx, SignalKey};
use crate::model::conditions::limit_words;
use crate::model::stages::Begun;

use super::{limits, naming};
use crate::document;

/// Limits of one document that may be triggers, at most.
const MOST: usize = 50;

/// Triggers of stages before, of which a later one that has begun says something else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replaced {
    /// Items of which nothing is left, with what the later stage says.
    pub items: BTreeMap<ItemId, Clean>,
    /// Their conditions: one that is tripped is watched until it is clear.
    pub conditions: BTreeSet<String>,
}

/// What the newest stage says of a signal.
struct Newest {
    at: usize,
    stage: Clean,
    /// By name, with how long each lasts before it trips.
    triggers: BTreeMap<String, Duration>,
}

impl Newest {
    /// In the words of an item that this replaces.
    fn words(&self) -> Clean {
        let triggers: Vec<&str> = self.triggers.keys().map(String::as_str).collect();
        Clean::new(&format!("{}: {}", self.stage, triggers.join(", ")))
    }
}

/// Adds them, but for signals that have a trigger by the config already; the items they came of rest on them. Two of one
/// signal are both watched: what is urgent at 10 % may be due at 5 %, too.
pub(super) fn add(room: &mut Room, documents: &[Document], begun: &Begun) -> Replaced {
    let mut added = BTreeSet::new();
    let mut replaced = Replaced::default();
    // Of no stage: watched whatever stage is entered.
    let mut always = BTreeSet::new();
    let newest = newest(room, documents, begun);
    for document in documents {
        let mut rests = Vec::new();
        let mut over = Vec::new();
        let asks = |(id, _): &(&ItemId, &Threshold)| !begun.waits.contains_key(*id);
        for (id, threshold) in stated(document, &Meaning::Trigger).filter(asks).take(MOST) {
            let Some(spec) = trigger(room, threshold) else { continue };
            let mut others = room.conditions.iter().filter(|it| !added.contains(&it.name));
            let configured = others.any(|it| {
                it.name == spec.name || (it.signal == spec.signal && it.purpose == Purpose::Trigger)
            });
            let own = begun.at.get(id).map(|(at, _)| *at);
            let is_later = |later: &&Newest| {
                own.is_some_and(|own| own < later.at)
                    && later.triggers.get(&spec.name) != Some(&spec.sustained)
            };
            if let Some(later) = newest.get(&spec.signal).filter(is_later)
                && !configured
            {
                // The same limit with another time is the same condition: tripped, it stays so under the later stage's.
                if later.triggers.contains_key(&spec.name) {
                    over.push((id, later.words()));
                    continue;
                }
                replaced.conditions.insert(spec.name.clone());
                // What tripped stays so until it is clear, whatever stage was entered meanwhile.
                if !begun.tripped.contains(&spec.name) {
                    over.push((id, later.words()));
                    continue;
                }
            }
            let mut conditions = room.conditions.iter();
            let known = |it: &&ConditionSpec| {
                let other = it.signal == spec.signal && it.purpose == Purpose::Trigger;
                it.name == spec.name || (other && !added.contains(&it.name))
            };
            if own.is_none() {
                always.insert(spec.name.clone());
            }
            match conditions.find(known) {
                None => {
                    added.insert(spec.name.clone());
                    rests.push((id, spec.name.clone()));
                    insert(room, spec);
                }
                // The same, whoever asks for it; how long is the config's to say where the document does not.
                Some(it) if it.fail == spec.fail && (it.sustained == spec.sustained || !lasts(threshold)) => {
                    rests.push((id, it.name.clone()));
                }
                Some(_) => {}
            }
        }
        replaced.items.extend(rest(room, document, &rests, &over));
    }
    replaced.conditions.retain(|name| !always.contains(name));
    replaced
}

/// The newest stage that has a trigger on each signal: what an earlier one said of it holds no more.
fn newest(room: &Room, documents: &[Document], begun: &Begun) -> BTreeMap<SignalKey, Newest> {
    let mut newest = BTreeMap::new();
    if begun.at.is_empty() {
        return newest;
    }
    for (id, threshold) in documents.iter().flat_map(|it| stated(it, &Meaning::Trigger).take(MOST)) {
        let Some(((at, stage), spec)) = begun.at.get(id).zip(trigger(room, threshold)) else { continue };
        let fresh = || Newest { at: *at, stage: stage.clone(), triggers: BTreeMap::new() };
        let known = newest.entry(spec.signal).or_insert_with(fresh);
        if known.at < *at {
            *known = fresh();
        }
        if known.at == *at {
            known.triggers.insert(spec.name, spec.sustained);
        }
    }
    newest
}

/// Criteria of documents with the very limit of a condition on the metric of that name rest on it.
pub(super) fn rest_criteria(room: &mut Room, documents: &[Document]) {
    for document in documents {
        let mut rests = Vec::new();
        for (id, threshold) in stated(document, &Meaning::Criterion).take(MOST) {
            let Some((ix, metric)) = named(room, &naming::of(&threshold.name)) else { continue };
            let limits = limits::written(threshold, &metric.query, &metric.unit).limits;
            let Some(target) = limits.target.filter(|_| !lasts(threshold)) else { continue };
            let signal = SignalKey::new(ix, metric.signal());
            let same = |it: &&ConditionSpec| {
                it.purpose == Purpose::Criterion
                    && it.signal == signal
                    && (it.target == Some(target) || it.fail == limits::opposite(target))
            };
            let found = room.conditions.iter().find(same).map(|it| it.name.clone());
            rests.extend(found.map(|name| (id, name)));
        }
        rest(room, document, &rests, &[]);
    }
}

/// Items rest on the conditions that measure them, `found`, where nothing of an item is left that none of them measures and
/// no later stage says otherwise, `over`; answers with those of which the later stage says all.
fn rest(
    room: &mut Room,
    of: &Document,
    found: &[(&ItemId, String)],
    over: &[(&ItemId, Clean)],
) -> Vec<(ItemId, Clean)> {
    let mut replaced = Vec::new();
    for item in of.sections.iter().flat_map(|section| &section.items) {
        let names = || found.iter().filter(|(id, _)| **id == item.id).map(|(_, name)| name.clone());
        let later = || over.iter().filter(|(id, _)| **id == item.id).map(|(_, words)| words);
        let of_item = |limit: &&Threshold| limit.item.as_ref() == Some(&item.id);
        let limits = of.plan.thresholds.iter().filter(of_item).count();
        let all = names().count() + later().count() == limits && document::is_whole(&item.text);
        match (names().next(), later().next()) {
            (None, None) => {}
            (Some(_), _) if all => drop(room.signoff.measured.insert(item.id.clone(), names().collect())),
            (None, Some(words)) if all => replaced.push((item.id.clone(), words.clone())),
            (Some(_), _) | (None, Some(_)) => {}
        }
    }
    replaced
}

/// Whether it says for how long.
fn lasts(threshold: &Threshold) -> bool {
    let stated = [&threshold.target, &threshold.warning, &threshold.critical].into_iter().flatten();
    stated.filter_map(|stated| stated.bound.as_ref()).any(|bound| bound.for_seconds.is_some())
}

/// The limits that items of this meaning state, each with its item.
fn stated<'d>(
    document: &'d Document,
    meaning: &'d Meaning,
) -> impl Iterator<Item = (&'d ItemId, &'d Threshold)> {
    let items = document.sections.iter().flat_map(|section| &section.items);
    let asking: BTreeSet<&ItemId> =
        items.filter(|item| item.meaning == *meaning && !item.struck).map(|item| &item.id).collect();
    let of_items = document.plan.thresholds.iter().filter(|threshold| threshold.origin == Origin::Item);
    of_items.filter_map(move |threshold| {
        let id = threshold.item.as_ref().filter(|id| asking.contains(id))?;
        Some((id, threshold))
    })
}

/// Adds the trigger of mission-critical gates where a document has one, unless there is one on that signal already.
pub(super) fn add_gates(room: &mut Room, documents: &[Document]) {
    let Some(spec) = room.gate_failed.as_ref().map(GateTrigger::condition) else { return };
    let required = |document: &Document| {
        let items = || document.sections.iter().flat_map(|section| &section.items);
        document.plan.commands.iter().any(|command| {
            let of = |id: &ItemId| items().any(|item| item.id == *id && item.required);
            command.kind == CommandKind::Gate
                && command.proof != Proof::Setup
                && command.item.as_ref().is_some_and(of)
        })
    };
    let known = |it: &ConditionSpec| it.name == spec.name || it.signal == spec.signal;
    if documents.iter().any(required) && !room.conditions.iter().any(known) {
        insert(room, spec);
    }
}

/// Behind the other triggers, before the criteria.
fn insert(room: &mut Room, spec: ConditionSpec) {
    let place = room.conditions.iter().take_while(|it| it.purpose == Purpose::Trigger).count();
    room.conditions.insert(place, spec);
}

fn trigger(room: &Room, threshold: &Threshold) -> Option<ConditionSpec> {
    let (ix, metric) = named(room, &naming::of(&threshold.name))?;
    let limits = limits::written(threshold, &metric.query, &metric.unit).limits;
    let fail = limits.critical.or(limits.warning)?;
    let spec = ConditionSpec {
        name: metric.name.clone(),
        purpose: Purpose::Trigger,
        signal: SignalKey::new(ix, metric.signal()),
        fail,
        warn: None,
        target: None,
        sustained: limits.sustained.or(room.documented.sustained)?,
        clears_after: room.documented.clears_after,
        out_of: None,
        min_samples: 0,
        unit: metric.unit.clone(),
        panel: PanelId::Metrics,
    };
    Some(ConditionSpec { name: format!("{} {}", metric.name, limit_words(&spec, fail)), ..spec })
}

/// The metric of this name, if something measures it.
fn named<'r>(room: &'r Room, name: &str) -> Option<(ServiceIx, &'r MetricSpec)> {
    let services = room.service_ixs().zip(&room.services);
    let metrics = services.flat_map(|(ix, service)| service.metrics.iter().map(move |metrics| (ix, metrics)));
    let mut panels = metrics.flat_map(|(ix, metrics)| metrics.panels.iter().map(move |panel| (ix, panel)));
    panels.find(|(_, panel)| {
        let measured = !matches!(panel.from, MetricFrom::Nowhere | MetricFrom::Person);
        naming::of(&panel.name) == name && measured && panel.problem().is_none()
    })
}
