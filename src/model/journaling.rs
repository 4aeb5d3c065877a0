//! What the room writes down by itself: links that turned, verdicts that changed.

use crate::domain::record::Guard;
use crate::domain::{Clean, Draft, Entry, LinkReport, Mono, SourceId, VerdictState};

use super::Model;
use super::effect::Effect;
use super::links;

impl Model {
    pub(super) fn linked(
        &mut self,
        source: &SourceId,
        report: &LinkReport,
        at: Mono,
        effects: &mut Vec<Effect>,
    ) {
        if let SourceId::Metrics { service } = source
            && let Some(metrics) = self.service_mut(*service).and_then(|service| service.metrics.as_mut())
        {
            metrics.linked(report);
        }
        let Some(turn) = self.links.report(source, report, at) else { return };
        let name = links::name(&self.room, &turn.source);
        self.keep(Entry::Link { source: name, up: turn.up, error: turn.error }, effects);
    }

    pub(super) fn verdict_changed(&mut self, from: VerdictState, effects: &mut Vec<Effect>) {
        let now = &self.verdicts.now;
        let reasons =
            now.reasons.iter().take(5).map(|r| Clean::new(&format!("{} {}", r.subject, r.value))).collect();
        self.keep(Entry::Verdict { from, to: now.state, reasons }, effects);
    }

    /// Journals a machine record, if this console is the one that keeps them.
    pub(super) fn keep(&mut self, entry: Entry, effects: &mut Vec<Effect>) {
        if self.keeper {
            self.append(Self::machine(entry), Guard::Free, effects);
        }
    }

    pub(super) fn append(&mut self, draft: Draft, guard: Guard, effects: &mut Vec<Effect>) -> super::Token {
        let token = self.token();
        effects.push(Effect::Journal { token, draft, guard });
        token
    }
}
