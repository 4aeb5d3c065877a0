//! What people said of items, as reasons of the verdict: a trigger that happened, items that failed or lapsed.

use crate::domain::{Attestation, Clean, Item, OpKind, PanelId, Reason, ReasonKind, Wall, format};

use super::Model;
use super::checklist::{DueWindow, ItemState};
use super::reasons::waiting;

impl Model {
    pub(super) fn signed_reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.checklist.happened().map(|said| self.happened(said)).collect();
        let failed = |item: &&Item| matches!(self.checklist.state(item), ItemState::Failed(_));
        reasons.extend(self.checklist.items().filter(failed).filter_map(|item| self.failed(item)));
        reasons.extend(self.lapsed());
        reasons.extend(self.not_proven_elsewhere());
        reasons.extend(self.due_after_the_deployment());
        reasons.extend(self.said_of_files_that_are_gone());
        reasons.extend(self.damaged_journal());
        reasons
    }

    /// Who signed what, what failed and what was accepted rests on the journal: on a chain that does not hold, or that
    /// nobody here has read, it cannot be seen.
    fn damaged_journal(&self) -> Option<Reason> {
        let unread = || self.journal.checked_up_to().is_none().then(|| self.journal_link_fault()).flatten();
        let reason = match self.journal.damage() {
            Some(damage) => waiting("the journal is damaged", damage, "", PanelId::Journal),
            None => waiting("no journal can be read", unread()?, "", PanelId::Journal),
        };
        Some(Reason { kind: ReasonKind::Unseen, ..reason })
    }

    /// What is due after the deployment comes up as its time comes. It holds nothing up by itself.
    fn due_after_the_deployment(&self) -> Vec<Reason> {
        let reason = |window: DueWindow| {
            let over = window.until.is_some_and(|until| until <= self.now.wall);
            let subject = format!("{} {}", if over { "overdue:" } else { "due" }, window.words());
            let value = format!("{} of {} done", window.all - window.open, window.all);
            let context = match window.until.map(|until| format::moment(until, self.now.wall)) {
                Some(until) if over => format!("over since {until} · {}", window.first),
                Some(until) => format!("until {until} · {}", window.first),
                None => window.first.to_string(),
            };
            self.reason(ReasonKind::Warning, &subject, &value, &context, window.since)
        };
        self.checklist.due_windows().into_iter().map(reason).collect()
    }

    /// A trigger that a person saw asks for a rollback; once there was one after it, it only stops the way forward until
    /// it is taken back.
    fn happened(&self, said: &Attestation) -> Reason {
        let rolled_back = self.ops.iter().any(|op| {
            matches!(op.act, OpKind::Rollback(_)) && op.effective_at().is_some_and(|at| at >= said.at)
        });
        let kind = if rolled_back { ReasonKind::Failing } else { ReasonKind::Tripped };
        let value = format!("said by {} at {}", said.by, format::clock(said.at));
        let context = match (rolled_back, said.note.is_empty()) {
            (true, _) => "rolled back since; space takes it back".to_owned(),
            (false, true) => String::new(),
            (false, false) => said.note.to_string(),
        };
        self.reason(kind, &said.text, &value, &context, said.at)
    }

    /// A required item that failed stops; another one only warns.
    fn failed(&self, item: &Item) -> Option<Reason> {
        let said = self.checklist.state(item).attestation()?;
        let kind = if item.required { ReasonKind::Failing } else { ReasonKind::Warning };
        let value = format!("failed: {}", said.note);
        Some(self.reason(kind, &item.text, &value, &format!("said by {}", said.by), said.at))
    }

    /// Going forward waits for the other room's evidence; a rollback never asks.
    fn not_proven_elsewhere(&self) -> Vec<Reason> {
        let Some(spec) = &self.room.signoff.requires else { return Vec::new() };
        let missing = self.elsewhere.missing(spec, self.checklist.rollouts(), &self.candidates_now());
        let reason = |missing: &Clean| Reason {
            kind: ReasonKind::Waiting,
            subject: Clean::new("evidence is missing"),
            value: missing.clone(),
            context: Clean::new("going forward waits, a rollback does not"),
            since: None,
            panel: PanelId::Checklist,
            condition: None,
        };
        missing.iter().map(reason).collect()
    }

    /// What was said of a file that was renamed or deleted counts for nothing: nobody should find that out by himself.
    fn said_of_files_that_are_gone(&self) -> Option<Reason> {
        let words = self.checklist.gone_words()?;
        Some(Reason {
            kind: ReasonKind::Warning,
            subject: Clean::new("a checklist is gone"),
            value: Clean::new(&words),
            context: Clean::new("put the file back, or sign off anew what is required"),
            since: None,
            panel: PanelId::Checklist,
            condition: None,
        })
    }

    fn lapsed(&self) -> Option<Reason> {
        let lapsed: Vec<(&Item, &Clean)> = self
            .checklist
            .items()
            .filter_map(|item| match self.checklist.state(item) {
                ItemState::Lapsed { why, .. } => Some((item, why)),
                _ => None,
            })
            .collect();
        let (item, why) = lapsed.first()?;
        let count = lapsed.len();
        Some(Reason {
            kind: ReasonKind::Warning,
            subject: Clean::new(&format!("{count} item{} lapsed", if count == 1 { "" } else { "s" })),
            value: (*why).clone(),
            context: item.text.clone(),
            since: None,
            panel: PanelId::Checklist,
            condition: None,
        })
    }

    fn reason(&self, kind: ReasonKind, subject: &str, value: &str, context: &str, at: Wall) -> Reason {
        Reason {
            kind,
            subject: Clean::new(subject),
            value: Clean::new(value),
            context: Clean::new(context),
            since: Some(self.at_wall(at)),
            panel: PanelId::Checklist,
            condition: None,
        }
    }
}
