//! Operations after they were sent: the steps that their runner reports, looks at the target once a second, what
//! they lock, and what a look again means. Nothing here sends a request.

use std::time::Duration;

use crate::domain::record::Guard;
use crate::domain::revision::same_shares;
use crate::domain::room::Mode;
use crate::domain::{
    Clean, Condition, ConditionSpec, ConditionState, Entry, Mono, Now, OpId, OpKind, OpState, ServiceIx,
    SourceId, TrafficChange, Wall, format,
};

use super::Model;
use super::conditions::is_bad;
use super::each_second::speaks_only_of;
use super::effect::Effect;
use super::modal::{Ask, Modal, Question};
use super::ops::{Look, Operation};
use super::palette::Palette;

/// So long an operation that failed waits at most for its service to be read again, before it can be asked for again.
const READ_FIRST: Duration = Duration::from_secs(5);

/// What became of a split that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AskedSplit {
    /// It serves, by fresh data.
    Serves,
    /// It does not serve, or that cannot be told now.
    NotKnown,
    /// Something else was asked for since.
    Replaced(Clean),
}

/// So often in a row it is recorded, in other words each time, that an outcome is not known.
const UNKNOWN_TOLD: usize = 4;

impl Model {
    /// The runner of an operation reports.
    pub(super) fn operated(
        &mut self,
        id: &OpId,
        state: OpState,
        detail: Clean,
        at: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Some(service) = self.ops.get(id).map(|op| op.act.service()) else { return };
        let read = self.read_at(service);
        let other = self.ops.done_instead_of(id).filter(|_| state == OpState::Effective);
        let (state, detail) = other.map_or((state, detail), |other| {
            let words = format!(
                "not taken by the API as far as is known: {}'s {} did it",
                other.by,
                other.act.word()
            );
            (OpState::Superseded, Clean::new(&words))
        });
        let Some(op) = self.ops.get_mut(id) else { return };
        // That it is still not known is no news, nor in ever other words.
        let unknown = op.steps.iter().rev().take_while(|step| step.state == OpState::Unknown).count();
        if let Some(step) = op.steps.last_mut().filter(|_| unknown > 0 && state == OpState::Unknown)
            && (step.detail == detail || unknown >= UNKNOWN_TOLD)
        {
            step.detail = detail;
            return;
        }
        if !op.advance(state, detail.clone(), at.wall) {
            return;
        }
        op.failed = (state == OpState::Failed).then_some((at.mono, read));
        let rollback = matches!(op.act, OpKind::Rollback(_));
        // The lock first: whoever reads that it is effective reads that it is locked.
        if rollback && state == OpState::Effective {
            let lock = self.mine(Entry::Lock { service: self.service_name(service), locked: true });
            self.append(lock, Guard::Free, effects);
        }
        let draft = self.mine(Entry::progress(id.clone(), state, detail));
        self.append(draft, Guard::Free, effects);
    }

    /// Whether deploys and flips forward of a service are locked: as recorded, or by an own rollback that became
    /// effective after the last release, whether its record could be written or not.
    pub fn is_locked(&self, ix: ServiceIx) -> bool {
        let name = self.service_name(ix);
        let released = self.journal.released(&name);
        let locks = |op: &Operation| {
            let own = op.mine && op.act.service() == ix && matches!(op.act, OpKind::Rollback(_));
            own && op.effective_at().is_some_and(|at| released.is_none_or(|released| released < at))
        };
        self.journal.locked(&name) || self.ops.iter().any(locks)
    }

    /// Since when that is so; by its rollback where no record tells.
    pub fn locked_since(&self, ix: ServiceIx) -> Option<Wall> {
        let of = |op: &&Operation| op.act.service() == ix && matches!(op.act, OpKind::Rollback(_));
        let back = || self.ops.iter().rev().filter(of).find_map(Operation::effective_at);
        self.journal.locked_since(&self.service_name(ix)).or_else(back).filter(|_| self.is_locked(ix))
    }

    /// Whether enter on an operation opens its dialog again.
    pub fn asks_again(&self, id: &OpId) -> bool {
        self.may_ask_again(id) && !self.reads_first(id)
    }

    /// Whether an operation that failed waits for its service to be read before it can be asked for again: the
    /// dialog would open on what the request was refused for. No longer than [`READ_FIRST`]: the API may be down.
    pub fn reads_first(&self, id: &OpId) -> bool {
        let failed = self.ops.get(id).and_then(|op| Some((op.act.service(), op.failed?)));
        let Some((service, (at, before))) = failed.filter(|_| self.may_ask_again(id)) else { return false };
        self.now.mono.since(at) < READ_FIRST && before.is_some() && self.read_at(service) == before
    }

    /// When the traffic of `service` was read last.
    fn read_at(&self, service: ServiceIx) -> Option<Mono> {
        self.service(service)?.traffic.as_ref()?.at
    }

    fn may_ask_again(&self, id: &OpId) -> bool {
        let operates = self.room.operator.mode == Mode::Operate;
        operates && self.ops.get(id).is_some_and(|op| op.state() == Some(OpState::Failed))
    }

    pub(super) fn unlock(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        let service = self.service_name(ix);
        let draft = self.mine(Entry::Lock { service, locked: false });
        self.append(draft, Guard::Free, effects);
        self.say("unlocked: forward deploys and flips go through again");
    }

    /// A lock is released by its service's name: the palette has it, and enter runs it.
    pub(super) fn unlock_by_name(&mut self) {
        let locked: Vec<ServiceIx> = self.room.service_ixs().filter(|ix| self.is_locked(*ix)).collect();
        match locked.as_slice() {
            [] => self.say("nothing is locked"),
            [only] => {
                let line = format!("unlock {}", self.service_name(*only));
                self.show(Modal::Palette(Palette::new(&line)));
            }
            _ => self.show(Modal::Palette(Palette::new("unlock "))),
        }
    }

    pub(super) fn ask_unlock(&mut self, ix: ServiceIx) {
        self.show(Modal::Ask(Ask::new(Question::Unlock(ix), self.now.mono)));
    }

    pub(super) fn look_at_operations(&mut self, effects: &mut Vec<Effect>) {
        self.notice_steps();
        let open = self.ops.iter().filter(|op| !op.is_over());
        let looks: Vec<(OpId, Look)> = open.map(|op| (op.id.clone(), self.look_at(op))).collect();
        for (id, look) in looks {
            let now = self.now;
            let Some(op) = self.ops.get_mut(&id) else { continue };
            // Others' are only looked at: their console writes down what was reached.
            let (reached, mine) = (op.look(look, now), op.mine);
            if let Some((state, detail)) = reached.filter(|_| mine) {
                let detail = self.told_of(&id, state, detail);
                self.reached(&id, state, detail, effects);
            } else if self.keeper && self.ops.get(&id).is_some_and(|op| op.is_orphan(now)) {
                self.adopt(&id, effects);
            }
        }
        self.look_at_unknown(effects);
    }

    /// Follows an operation whose console is gone, or only silent, as the console that keeps the journal: looks, and
    /// sends nothing.
    fn adopt(&mut self, id: &OpId, effects: &mut Vec<Effect>) {
        let now = self.now.wall;
        let Some(op) = self.ops.get_mut(id) else { return };
        op.mine = true;
        let by = op.by.clone();
        if !op.frees_resource() {
            effects.push(Effect::Recheck { op: id.clone(), act: op.act.clone(), ago: op.sent_ago(now) });
        }
        self.say(&format!("no word of {by}'s operation for a while: looking too, nothing is sent"));
        self.tell_unsent(id, effects);
    }

    pub(super) fn reached(&mut self, id: &OpId, state: OpState, detail: Clean, effects: &mut Vec<Effect>) {
        let at = self.now.wall;
        if self.ops.get_mut(id).is_some_and(|op| op.advance(state, detail.clone(), at)) {
            let draft = self.mine(Entry::progress(id.clone(), state, detail));
            self.append(draft, Guard::Free, effects);
        }
    }

    /// What a state rests on, with its words: who counted the sockets, and whether there was traffic to judge.
    fn told_of(&self, id: &OpId, state: OpState, detail: Clean) -> Clean {
        let Some(ix) = self.ops.get(id).map(|op| op.act.service()) else { return detail };
        match state {
            OpState::Verified => Clean::new(&format!("{detail}, {}", self.judged_by(ix))),
            OpState::Drained => Clean::new(&format!("{detail}: {}", self.counted_by(ix))),
            _ => detail,
        }
    }

    /// `by 6 conditions over 1,203 samples`.
    fn judged_by(&self, ix: ServiceIx) -> String {
        let left = self.left_behind();
        let good = self.conditions.iter(&self.room).filter(|(spec, state)| {
            let judged = spec.signal.service == ix && !speaks_only_of(&left, ix, state);
            judged && matches!(state.state, ConditionState::Pass | ConditionState::Warn)
        });
        let (mut conditions, mut samples) = (0, 0);
        for (_, state) in good {
            conditions += 1;
            samples = state.samples.unwrap_or(0).max(samples);
        }
        let conditions = format!("by {conditions} condition{}", if conditions == 1 { "" } else { "s" });
        if samples > 0 {
            format!("{conditions} over {} samples", format::count(samples))
        } else {
            format!("{conditions}; no traffic to judge: none of them counted any")
        }
    }

    /// Where the number of open sockets comes from.
    pub fn counted_by(&self, ix: ServiceIx) -> String {
        let spec = self.room.service(ix).and_then(|service| service.metrics.as_ref());
        match spec.map(|spec| (spec.connections_open.as_str(), spec.connection_seconds.as_str())) {
            Some((gauge, _)) if !gauge.is_empty() => format!("{gauge} of the server's metrics"),
            Some((_, histogram)) if !histogram.is_empty() => format!("{histogram} of the server's metrics"),
            _ => "nothing: no metric of open sockets is configured".to_owned(),
        }
    }

    /// Until when the platform ends what is still open on the revisions that were left, and how long it gives a socket.
    pub fn sockets_end(&self, op: &Operation) -> Option<(Wall, Duration)> {
        let (OpKind::Rollback(change) | OpKind::Traffic(change)) = &op.act else { return None };
        let traffic = self.traffic(change.service)?;
        let served = |name: &str| traffic.percent_of(&change.before, name) > 0 && name != change.to;
        let left = traffic.revisions.iter().filter(|revision| served(&revision.name));
        let longest = left.filter_map(|revision| revision.facts.timeout).max()?;
        Some((op.effective_at()? + longest, longest))
    }

    /// Why the clock toward VERIFIED stands.
    pub fn why_blind(&self, ix: ServiceIx) -> &'static str {
        let mut unseen = self
            .conditions
            .iter(&self.room)
            .filter(|(spec, state)| spec.signal.service == ix && state.is_unseen());
        let few = self.conditions.iter(&self.room).any(|(spec, state)| {
            spec.signal.service == ix
                && state.state == ConditionState::Inconclusive
                && !state.is_grey()
                && !self.is_idle(spec, state)
        });
        let of = |it: &&(&ConditionSpec, &Condition)| it.0.signal.service == ix;
        let grey = self.conditions.iter(&self.room).filter(|it| of(&it)).any(|(_, state)| state.is_grey());
        let judged = unseen.all(|(spec, state)| self.is_idle(spec, state));
        match (judged, few, grey) {
            (true, false, true) => "in its grey zone, clock stopped",
            (true, true, _) => "no traffic to judge, clock stopped",
            _ => "no data, clock stopped",
        }
    }

    /// Why the clock toward VERIFIED begins again: the condition that is bad, where one is.
    pub fn why_bad(&self, ix: ServiceIx) -> Option<&str> {
        let left = self.left_behind();
        let bad = |(spec, state): &(&ConditionSpec, &Condition)| {
            is_bad(state) && self.is_judged(&left, ix, spec, state)
        };
        self.conditions.iter(&self.room).find(bad).map(|(spec, _)| spec.name.as_str())
    }

    /// Whether a condition tells whether a change of `ix` did good; what is bad and accepted counts neither way.
    fn is_judged(
        &self,
        left: &super::each_second::Left,
        ix: ServiceIx,
        spec: &ConditionSpec,
        state: &Condition,
    ) -> bool {
        let judged = state.state != ConditionState::Accepted && !self.is_idle(spec, state);
        spec.signal.service == ix && !speaks_only_of(left, ix, state) && judged
    }

    fn look_at(&self, op: &Operation) -> Look {
        let look = self.look(&op.act, op.effective_at());
        let superseded = self.superseded(op, look.superseded.clone());
        Look { superseded, ..look }
    }

    fn look(&self, act: &OpKind, effective: Option<Wall>) -> Look {
        let ix = act.service();
        let left = self.left_behind();
        let counts = |spec: &ConditionSpec, state: &Condition| self.is_judged(&left, ix, spec, state);
        let cloud = self.room.service(ix).and_then(|service| service.cloud_run.as_ref());
        // Blind links of the service stop the clock as missing readings do.
        let blind = self
            .links
            .remote()
            .any(|(source, link)| service_of(source) == Some(ix) && !link.freshness(self.now.mono).is_live());
        let good = self.conditions.service_good(&self.room, ix, counts).filter(|good| !blind || !good);
        let needed = cloud.map_or(Duration::from_mins(2), |cloud| cloud.verify_for);
        let change = match act {
            OpKind::Rollback(change) | OpKind::Traffic(change) => change,
            OpKind::Flag(change) => return self.look_at_flag(change, effective, (good, needed)),
            OpKind::Run(_) => return Look { good, needed, ..Look::default() },
        };
        match self.asked_split(change) {
            AskedSplit::Serves => {
                let unwatched = !self.conditions.iter(&self.room).any(|(spec, _)| spec.signal.service == ix);
                Look { good, sockets: self.sockets_left(change), needed, unwatched, ..Look::default() }
            }
            AskedSplit::NotKnown => {
                // Seen not to serve, or seen to be bad, the time begins again; not seen at all, it stands.
                let bad = good == Some(false) || self.serves_another(change);
                let good = bad.then_some(false);
                Look { good, needed, ..Look::default() }
            }
            AskedSplit::Replaced(by) => Look { superseded: Some(by), needed, ..Look::default() },
        }
    }

    /// Whether fresh data of after the change shows that another split serves.
    fn serves_another(&self, change: &TrafficChange) -> bool {
        let service = change.service;
        let live = self.links.is_live(&SourceId::CloudRun { service }, self.now.mono);
        let traffic = self.traffic(service).filter(|traffic| live && traffic.generation > change.generation);
        traffic.is_some_and(|traffic| !same_shares(&traffic.effective, &change.after))
    }

    /// What became of the split that `change` asked for.
    pub(super) fn asked_split(&self, change: &TrafficChange) -> AskedSplit {
        let service = change.service;
        let live = self.links.is_live(&SourceId::CloudRun { service }, self.now.mono);
        let Some(traffic) = self.traffic(service).filter(|traffic| live && traffic.traffic_settled()) else {
            return AskedSplit::NotKnown;
        };
        let latest = traffic.latest_ready.as_deref();
        let outrun = change.follows_latest() && latest != Some(change.to.as_str());
        if same_shares(&traffic.effective, &change.after) && !outrun {
            return AskedSplit::Serves;
        }
        // What was read before the change says nothing of it.
        if traffic.generation <= change.generation {
            return AskedSplit::NotKnown;
        }
        if !same_shares(&traffic.desired, &change.after) {
            let (generation, by) = (traffic.generation, &traffic.last_modifier);
            let by = if by.is_empty() { String::new() } else { format!(", changed by {by}") };
            let words = format!("the split is another one now (generation {generation}{by})");
            return AskedSplit::Replaced(Clean::new(&words));
        }
        match latest.filter(|_| outrun) {
            Some(latest) => {
                let words = format!("{} is the latest now", self.short_revision(service, latest));
                AskedSplit::Replaced(Clean::new(&words))
            }
            None => AskedSplit::NotKnown,
        }
    }

    /// Open sockets on all revisions that get nothing, as the server counts them; `None` unless each revision that
    /// served before is counted, and freshly. One whose series is gone may well have sockets.
    pub(super) fn sockets_left(&self, change: &TrafficChange) -> Option<u64> {
        let metrics = self.service(change.service)?.metrics.as_ref();
        let rows = metrics.filter(|metrics| metrics.scrape_is_fresh(self.now.mono))?.connections();
        let latest = self.traffic(change.service).and_then(|traffic| traffic.latest_ready.as_deref());
        let counted: Vec<(&str, f64)> =
            rows.iter().filter_map(|row| Some((row.revision.as_deref()?, row.open?))).collect();
        // Whoever keeps a share keeps its sockets.
        let stays = |name: &str| {
            let kept = change.after.iter().filter(|target| target.percent > 0);
            name == change.to
                || kept.map(|target| target.revision.as_deref().or(latest)).any(|of| of == Some(name))
        };
        let served = change.before.iter().filter(|target| target.percent > 0);
        for name in served.map(|target| target.revision.as_deref().or(latest)) {
            let name = name?;
            if !stays(name) && !counted.iter().any(|(revision, _)| *revision == name) {
                return None;
            }
        }
        counted.first()?;
        Some(counted.iter().filter(|(name, _)| !stays(name)).map(|(_, open)| open).sum::<f64>() as u64)
    }
}

fn service_of(source: &SourceId) -> Option<ServiceIx> {
    match source {
        SourceId::Health { service, .. }
        | SourceId::Events { service }
        | SourceId::Metrics { service }
        | SourceId::CloudRun { service } => Some(*service),
        SourceId::Prometheus | SourceId::Flag { .. } | SourceId::Journal | SourceId::Documents => None,
    }
}
