//! What the room writes down by itself (links that turned, verdicts that changed, traffic that moved), and what it
//! reads back.

use crate::domain::health::{ProbeOutcome, Probed};
use crate::domain::record::Guard;
use crate::domain::{
    Clean, Condition, ConditionSpec, ConditionState, Draft, Entry, LinkReport, Mono, OpState, Origin,
    PanelId, Reason, Record, Refusal, ServiceIx, SourceId, Traffic, VerdictState,
};

use super::Model;
use super::confirm::Stage;
use super::effect::Effect;
use super::links;
use super::msg::Token;

impl Model {
    /// Why nothing can be written down now: a record was refused, or the file cannot be opened for writing.
    pub fn journal_fault(&self) -> Option<&Clean> {
        self.journal.cannot_write().or_else(|| self.journal_link_fault())
    }

    /// Why nothing comes from the journal.
    pub(super) fn journal_link_fault(&self) -> Option<&Clean> {
        let down = self.links.get(&SourceId::Journal)?.down.as_ref()?;
        Some(&down.error)
    }

    /// Whether this console writes the room's own records now.
    pub(super) fn kept(&mut self, mine: bool, holder: &str) {
        self.keeper = mine;
        self.verdict_line.kept_by(mine, holder);
        self.keeps_alerts(mine);
    }

    pub(super) fn linked(
        &mut self,
        source: &SourceId,
        report: &LinkReport,
        at: Mono,
        effects: &mut Vec<Effect>,
    ) {
        let remote = !matches!(source, SourceId::Journal | SourceId::Documents);
        if remote && matches!(report, LinkReport::Down { .. }) && self.links.is_own_doing(at) {
            return;
        }
        if let SourceId::Metrics { service } = source
            && let Some(metrics) = self.service_mut(*service).and_then(|service| service.metrics.as_mut())
        {
            metrics.linked(report);
        }
        if *source == SourceId::Prometheus {
            let metrics = self.services.iter_mut().filter_map(|service| service.metrics.as_mut());
            metrics.for_each(|metrics| metrics.engine_linked(report));
        }
        let turn = self.links.report(source, report, at);
        if let (SourceId::CloudRun { service }, LinkReport::Alive | LinkReport::Down { .. }) =
            (source, report)
        {
            self.read_for_walk(*service, effects);
        }
        let Some(turn) = turn else { return };
        if let (SourceId::CloudRun { service }, true) = (&turn.source, turn.up) {
            self.readable_again(*service);
        }
        let name = links::name(&self.room, &turn.source);
        self.keep(Entry::Link { source: name, up: turn.up, error: turn.error }, effects);
    }

    pub(super) fn probed(&mut self, probed: &Probed) {
        let answered = matches!(probed.outcome, ProbeOutcome::Answered { .. });
        let own = !answered && self.links.is_own_doing(probed.at);
        self.judge_probe(probed.service, probed.probe);
        if let Some(service) = self.service_mut(probed.service).filter(|_| !own) {
            service.probed(probed);
        }
    }

    /// This process stood still until `at`.
    pub(super) fn resumed(&mut self, at: Mono, effects: &mut Vec<Effect>) {
        self.links.resumed(at);
        effects.push(Effect::Redraw);
    }

    pub(super) fn verdict_changed(&mut self, from: VerdictState, effects: &mut Vec<Effect>) {
        let now = &self.verdicts.room;
        let why = now.reasons.first().map(|reason| reason.subject.to_string()).unwrap_or_default();
        let words = format!("{} {}: {}, was {}", self.room.name, now.state.word(), why, from.word());
        effects.push(Effect::Bell { words: Clean::new(&words) });
        let reasons = now.reasons.iter().take(5).map(Reason::told).collect();
        // A console that was just opened comes back to what the records have: nothing turned.
        let returned = self.verdict_line.returns_to(now.state);
        if !self.verdict_line.glimpses && !returned {
            self.keep(Entry::Verdict { from, to: now.state, reasons }, effects);
        }
    }

    /// A record by the room itself.
    pub(super) fn machine(entry: Entry) -> Draft {
        Draft { by: Clean::new("room"), role: Clean::default(), entry }
    }

    /// Journals a machine record, if this console is the one that keeps them.
    pub(super) fn keep(&mut self, entry: Entry, effects: &mut Vec<Effect>) {
        if self.keeper {
            self.append(Self::machine(entry), Guard::Free, effects);
        }
    }

    pub(super) fn append(&mut self, draft: Draft, guard: Guard, effects: &mut Vec<Effect>) -> super::Token {
        let token = self.token();
        self.pending.insert(token, draft.clone());
        effects.push(Effect::Journal { token, draft, guard });
        token
    }

    /// A draft that no operation waits for was refused.
    pub(super) fn lost_record(
        &mut self,
        token: Token,
        draft: Option<Draft>,
        refusal: &Refusal,
        effects: &mut Vec<Effect>,
    ) {
        let Some(draft) = draft else { return self.gate_refused(token, refusal, effects) };
        if let (Refusal::Told, Entry::Stage(_)) = (refusal, &draft.entry) {
            return self.say("somebody else acted on the stages meanwhile: nothing was done");
        }
        let Refusal::Unwritable { error } = refusal else { return };
        self.say(&format!("not in the journal, which cannot be written: {error}"));
        effects.push(Effect::JournalFallback { draft });
    }

    /// The records that the filter of their list takes, newest first.
    pub fn told_records(&self) -> Vec<&Record> {
        let filter = self.ui.focus.filter(PanelId::Journal).to_lowercase();
        self.journal.newest().filter(|record| self.takes(record, &filter)).collect()
    }

    /// The row under the cursor in that list.
    pub fn record_row(&self, records: &[&Record]) -> usize {
        self.ui.focus.cursor(PanelId::Journal).row.min(records.len().saturating_sub(1))
    }

    fn takes(&self, record: &Record, filter: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(filter);
        filter.is_empty() || has(&record.by) || has(record.entry.kind()) || has(&self.journal.words(record).1)
    }

    /// The record under the cursor stays under it when one comes in above.
    fn keep_place(&mut self, before: Option<u64>) {
        let newest = self.journal.newest().next();
        let came = newest.is_some_and(|newest| {
            Some(newest.seq) != before
                && self.takes(newest, &self.ui.focus.filter(PanelId::Journal).to_lowercase())
        });
        if came && let Some(cursor) = self.ui.focus.cursor_mut(PanelId::Journal) {
            cursor.inserted_above(1);
        }
    }

    /// Records came, own ones and others'.
    pub(super) fn recorded(&mut self, records: &[Record], effects: &mut Vec<Effect>) {
        let reached = self.stages.reached();
        for record in records {
            let before = self.journal.newest().next().map(|newest| newest.seq);
            self.journal.record(record);
            self.keep_place(before);
            if bounds_stretch(&record.entry) {
                self.write_measured(effects);
            }
            self.checklist.record(record);
            self.chart_measured(record);
            if let Entry::Measured(measured) = &record.entry {
                self.conditions.measured(measured, self.now);
            }
            self.stages.record(record, &self.checklist, self.keeper);
            self.verdict_line.record(record, self.checklist.rollout());
            self.rollout_recorded(&record.entry);
            self.reading_recorded(record, effects);
            self.active_recorded(record);
            self.before_recorded(record, effects);
            self.gates.record(record);
            self.rulings.record(record);
            self.flags.record(record, &self.room);
            let services = &self.room.services;
            self.readiness.record(record, |name| {
                let at = services.iter().position(|service| service.name == name)?;
                u16::try_from(at).ok().map(ServiceIx)
            });
            self.alert_recorded(record, effects);
            let room = &self.room;
            if let Some(op) = self.ops.record(record, |act| room.place_of(act)) {
                let why = Clean::new("not sent: its end was written down elsewhere");
                effects.push(Effect::Halt { op, why });
            }
            for (service, spec) in self.services.iter_mut().zip(&self.room.services) {
                if let Some(traffic) = &mut service.traffic {
                    traffic.recorded(&spec.name, &record.entry);
                }
            }
        }
        if self.stages.reached() != reached {
            self.stage_reached(effects);
        }
        self.ui.focus.stages = self.shows_stages();
        self.locked_meanwhile();
        self.settle();
    }

    /// A service was read: what changed is recorded, and a dialog over it learns of it.
    pub(super) fn traffic_read(
        &mut self,
        ix: ServiceIx,
        at: Mono,
        traffic: Traffic,
        effects: &mut Vec<Effect>,
    ) {
        let name = self.service_name(ix);
        let mut unsent = None;
        if let Some(confirm) = self.confirm_mut() {
            let before = confirm.stage.clone();
            confirm.observe(&traffic);
            if let (Stage::Unrecorded { op, .. }, Stage::Changed { .. }) = (before, &confirm.stage) {
                unsent = Some(op);
            }
        }
        if let Some(op) = unsent {
            self.ops.remove(&op);
        }
        self.moved_beside(ix, &traffic);
        let healthy = self.opinion_of(ix);
        let keeper = self.keeper;
        let Some(state) = self.service_mut(ix).and_then(|service| service.traffic.as_mut()) else { return };
        state.read(traffic, at);
        let entries = if keeper { state.records(&name, healthy) } else { Vec::new() };
        for entry in entries {
            self.keep(entry, effects);
        }
        self.watch_rollout(ix, effects);
        self.watch_variables(ix, effects);
    }

    /// What the room thinks of what served alone until now. A revision without traffic says nothing about it, a stopwatch that
    /// runs has not said anything yet, and what is seen behind an outage may be of a split that nobody saw.
    fn opinion_of(&self, ix: ServiceIx) -> Option<bool> {
        let link = self.links.get(&SourceId::CloudRun { service: ix })?;
        if !link.freshness(self.now.mono).is_live() {
            return None;
        }
        let sole = self.service(ix).and_then(|service| service.traffic.as_ref()?.traffic.as_ref()?.sole());
        let is_of_it = |_: &ConditionSpec, state: &Condition| match (&state.origin, sole) {
            (Origin::Revision(of), Some(sole)) => of == sole,
            _ => true,
        };
        let fails = |(spec, state): (&ConditionSpec, &Condition)| {
            spec.signal.service == ix && state.state == ConditionState::Fail && is_of_it(spec, state)
        };
        let good = self.conditions.service_good(&self.room, ix, is_of_it);
        good.filter(|good| *good || self.conditions.iter(&self.room).any(fails))
    }
}

/// What was watched before it and after it is told apart: a rollout begins or ends, or a rollback takes effect.
fn bounds_stretch(entry: &Entry) -> bool {
    entry.bounds_rollout() || matches!(entry, Entry::Progress { state: OpState::Effective, .. })
}
