//! Dangerous acts, from the key to the effect: freeze, confirm, journal, then act. No other file builds an
//! `Effect::Operate`.

use crate::domain::record::Guard;
use crate::domain::revision::{suffix, typed_suffix};
use crate::domain::{
    Clean, ConditionState, Draft, Entry, FullTime, OpId, OpKind, OpState, Reason, ReasonKind, Refusal,
    ServiceIx, TrafficChange, VerdictState, Wall, format,
};

use super::Model;
use super::confirm::{Answer, Confirm, Note, Stage};
use super::effect::{Authority, Effect, SENT_WITHIN};
use super::gates::runs::Claim;
use super::logs::audit::Before;
use super::modal::Modal;
use super::msg::{Msg, Token};
use super::ops::Operation;
use super::palette::Palette;
use super::rollback::{Candidate, Knowledge, Side, proposed};

pub(super) const FLIP_LOCKED: &str =
    "flipping forward is locked after a rollback: :unlock releases it, by name";

pub(super) const FLIP_HELD: &str =
    "flipping forward waits for the rollback of its service; turning it off does not";

impl Model {
    /// Opens the rollback dialog, filled in; by default for the service whose trigger tripped.
    pub(super) fn open_rollback(&mut self, service: Option<ServiceIx>, effects: &mut Vec<Effect>) {
        if service.is_none() && self.open_flag_undo(effects) {
            return;
        }
        let Some(ix) = service.or_else(|| self.service_in_trouble()) else {
            return self.say("no service has a [service.cloud_run] block: nothing to roll back here");
        };
        let bars = |op: &&Operation| op.bars_a_way_back() && !op.is_lost_rest(self.now);
        if let Some(acting) = self.ops.acting_on(ix).filter(bars) {
            let id = acting.id.clone();
            return self.show(Modal::Progress(id));
        }
        if let Some(why) = self.nothing_to_roll_back(ix).filter(|_| service.is_none()) {
            return self.say(&why);
        }
        self.open_rollback_dialog(ix, effects);
    }

    /// The same also over an operation that is effective, but not verified yet.
    pub(super) fn open_rollback_dialog(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        let candidates = self.candidates(ix);
        match proposed(&candidates) {
            Some(at) => self.open_rollback_to(ix, &candidates, at, effects),
            None if candidates.is_empty() => {
                self.say("Cloud Run was not read yet: no target is known; D says why");
            }
            // Nothing is known to be good: a person chooses.
            None => {
                let line = format!("rollback {} ", self.service_name(ix));
                self.show(Modal::Palette(Palette::new(&line)));
            }
        }
    }

    pub(super) fn open_rollback_to(
        &mut self,
        ix: ServiceIx,
        candidates: &[Candidate],
        at: usize,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(target) = candidates.get(at).filter(|target| target.side == Side::Forward) {
            return match self.freeze_shift(ix, &[&format!("{}=100", target.revision)]) {
                Ok(change) => self.open_shift(change, effects),
                Err(why) => self.say(&format!("nothing newer serves, so this is a way forward: {why}")),
            };
        }
        let Some((change, word)) = candidates.get(at).and_then(|target| self.freeze(ix, &target.revision))
        else {
            return;
        };
        let reason = self.reason_for(ix, &change.to);
        let notes = self.will_not_undo(ix, &change);
        let act = OpKind::Rollback(change);
        let token = self.token();
        effects.push(Effect::Validate { token, act: act.clone() });
        let mut confirm = Confirm::new(act, word, &reason, token, self.now);
        confirm.targets = candidates.iter().map(|candidate| candidate.target(self.now.wall)).collect();
        confirm.chosen = at;
        confirm.notes = notes;
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    fn freeze(&self, ix: ServiceIx, revision: &str) -> Option<(TrafficChange, String)> {
        let change = self.service(ix)?.traffic.as_ref()?.freeze_rollback(ix, revision, self.now.wall)?;
        let cloud = self.room.service(ix)?.cloud_run.as_ref()?;
        Some((change, typed_suffix(&cloud.service, revision).to_owned()))
    }

    /// Carries out what a key asked of the confirmation.
    pub(super) fn answered(&mut self, answer: Answer, effects: &mut Vec<Effect>) {
        match answer {
            Answer::Stay => {}
            Answer::Cancel => self.give_up("cancelled: nothing was sent"),
            Answer::Confirmed => self.intend(effects),
            Answer::Consented { op, authority } => self.act_unrecorded(&op, authority, effects),
            Answer::Copy => self.copy(effects),
            Answer::Retarget(to) => match self.confirm_mut().map(|confirm| confirm.act.clone()) {
                Some(OpKind::Flag(_)) => self.ship(&to, effects),
                Some(act) => self.open_rollback_of(act.service(), &to, effects),
                None => {}
            },
            Answer::Reopen => {
                let asked = self.confirm_mut().map(|confirm| (confirm.act.clone(), confirm.group.clone()));
                self.ui.modal = None;
                match asked {
                    Some((_, Some(group))) => self.open_group(&group.name, Some(group.go_on), effects),
                    Some((act, None)) => self.reopen(&act, effects),
                    None => {}
                }
            }
        }
    }

    /// Closes the confirmation. An intent that the journal refused goes with it: nothing was sent for it.
    fn give_up(&mut self, why: &str) {
        if let Some(Stage::Unrecorded { op, .. }) = self.confirm_mut().map(|confirm| confirm.stage.clone()) {
            self.ops.remove(&op);
        }
        self.ui.modal = None;
        self.say(why);
    }

    /// Journals the intent; the act follows when the journal has it.
    fn intend(&mut self, effects: &mut Vec<Effect>) {
        let id = self.op_id();
        let Some(act) = self.confirm_mut().map(|confirm| confirm.act.clone()) else { return };
        // The room went on behind the dialog.
        if let Some(why) = self.refusal_of(&act) {
            return self.give_up(&format!("nothing was sent: {why}"));
        }
        let Some(confirm) = self.confirm_mut() else { return };
        let reason = Clean::new(confirm.reason.value());
        confirm.stage = Stage::Journaling { op: id.clone() };
        let reason = match confirm.group.clone() {
            Some(group) => self.group_begun(group, (id.clone(), act.clone()), reason),
            None => reason,
        };
        self.begin(id, act, reason, effects);
    }

    /// Writes down that an operation which was not handed out to be sent never will be.
    pub fn withdraw(&mut self, id: &OpId, why: Clean, effects: &mut Vec<Effect>) {
        self.ops.remove(id);
        let draft = self.mine(Entry::progress(id.clone(), OpState::Failed, why));
        self.append(draft, Guard::Free, effects);
    }

    /// The same without a dialog, for a command that asked already: journals the intent, then acts.
    pub fn begin(&mut self, id: OpId, act: OpKind, reason: Clean, effects: &mut Vec<Effect>) {
        let beside =
            self.ops.iter().find(|op| op.act.resource() == act.resource() && op.is_lost_rest(self.now));
        let beside = beside.filter(|_| matches!(act, OpKind::Rollback(_))).map(|op| op.id.clone());
        let guard = Guard::ResourceFree { resource: act.resource().to_owned(), beside };
        let draft = self.intent(&id, &act, &reason);
        let token = self.append(draft, guard, effects);
        let by = Clean::new(&self.room.operator.name);
        let mut op = Operation::new(id, act, reason, by, token);
        op.until = self.now.wall + SENT_WITHIN;
        self.ops.push(op);
    }

    fn intent(&self, id: &OpId, act: &OpKind, reason: &Clean) -> Draft {
        let evidence = self.verdicts.now.reasons.iter().take(8).map(Reason::told_whole).collect();
        self.mine(Entry::Intent { op: id.clone(), act: act.clone(), reason: reason.clone(), evidence })
    }

    /// The journal took a draft: if it was an intent, act.
    pub(super) fn journaled(&mut self, msg: &Msg, token: Token, seq: u64, effects: &mut Vec<Effect>) {
        self.pending.remove(&token);
        self.readiness.walk.recorded(token, Ok(seq));
        self.wait_recorded(token, effects);
        let at = self.now.wall;
        let Some(op) = self.ops.by_token(token) else { return self.gate_claimed(token, Claim::Had, effects) };
        let Some(authority) = Authority::from_journal(msg, token) else { return };
        op.token = None;
        if !op.advance(OpState::Requested, Clean::new(&format!("journal {seq} written, then sent")), at) {
            // Stopped for long: somebody wrote down how it ended.
            return;
        }
        let (id, act, until) = (op.id.clone(), op.act.clone(), op.until);
        let asked = self.asked_for(&id).is_some();
        self.carry_out(id.clone(), act, authority, until, effects);
        if asked {
            self.show_progress(id);
        }
    }

    /// The journal refused a draft.
    pub(super) fn refused(&mut self, token: Token, refusal: Refusal, effects: &mut Vec<Effect>) {
        let draft = self.pending.remove(&token);
        self.checklist.refused(token);
        self.wait_not_recorded(token, effects);
        if let Refusal::Unwritable { error } = &refusal {
            self.readiness.walk.recorded(token, Err(error));
        }
        let Some(id) = self.ops.by_token(token).map(|op| op.id.clone()) else {
            return self.lost_record(token, draft, &refusal, effects);
        };
        let own = id.clone();
        let stage = match refusal {
            Refusal::Conflict { op, by } => {
                self.ops.remove(&id);
                Stage::Conflict { op, by }
            }
            Refusal::Unwritable { error } => Stage::Unrecorded { op: id, error, typed: String::new() },
            // Only ends of runs are told twice, and an intent is none.
            Refusal::Told => return,
        };
        match self.asked_for(&own) {
            Some(confirm) => confirm.stage = stage,
            None => self.refusal = Some((own, stage)),
        }
    }

    /// The dialog that waits for the journal to take the intent of `op`; one of another act has nothing to do with it.
    fn asked_for(&mut self, op: &OpId) -> Option<&mut Confirm> {
        self.confirm_mut().filter(|confirm| match &confirm.stage {
            Stage::Journaling { op: of } | Stage::Unrecorded { op: of, .. } => of == op,
            Stage::Asking | Stage::Changed { .. } | Stage::Conflict { .. } => false,
        })
    }

    fn act_unrecorded(&mut self, id: &OpId, authority: Authority, effects: &mut Vec<Effect>) {
        let at = self.now.wall;
        if let Some(why) = self.ops.get(id).and_then(|op| self.refusal_of(&op.act)) {
            return self.give_up(&format!("nothing was sent: {why}"));
        }
        let Some(op) = self.ops.get_mut(id) else { return };
        op.token = None;
        if !op.advance(OpState::Requested, Clean::new("sent; not in the journal"), at) {
            // The journal took it after all, or somebody wrote down how it ended.
            return;
        }
        (op.until, op.unrecorded) = (at + SENT_WITHIN, true);
        let (act, reason, until) = (op.act.clone(), op.reason.clone(), op.until);
        effects.push(Effect::JournalFallback { draft: self.intent(id, &act, &reason) });
        self.carry_out(id.clone(), act, authority, until, effects);
        self.show_progress(id.clone());
    }

    /// Hands out what was journaled or consented to: to Cloud Run, or to the shell.
    fn carry_out(
        &mut self,
        op: OpId,
        act: OpKind,
        authority: Authority,
        until: Wall,
        effects: &mut Vec<Effect>,
    ) {
        match act {
            OpKind::Run(change) => self.run_confirmed(&op, &change, authority, effects),
            act => effects.push(Effect::Operate { op, act, authority, until }),
        }
    }

    /// Follows it: a command in the view that has its output.
    fn show_progress(&mut self, id: OpId) {
        match self.ops.get(&id).map(|op| op.act.clone()) {
            Some(OpKind::Run(change)) => self.show_gate(&change.gate),
            _ => self.show(Modal::Progress(id)),
        }
    }

    /// A dry run was answered.
    pub(super) fn validated(&mut self, token: Token, error: Option<Clean>) {
        match self.confirm_mut() {
            Some(confirm) => confirm.validated(token, error),
            None => self.dry_run = Some(error),
        }
    }

    pub(super) fn confirm_mut(&mut self) -> Option<&mut Confirm> {
        match &mut self.ui.modal {
            Some(Modal::Confirm(confirm)) => Some(confirm),
            _ => None,
        }
    }

    /// Targets of a rollback of `ix`, newest first.
    pub fn candidates(&self, ix: ServiceIx) -> Vec<Candidate> {
        let name = self.service_name(ix);
        let history = |revision: &str| self.journal.last_full(&name, revision);
        let traffic = self.service(ix).and_then(|service| service.traffic.as_ref());
        let mut candidates = traffic.map(|traffic| traffic.candidates(history)).unwrap_or_default();
        for candidate in &mut candidates {
            if candidate.last_full.is_none()
                && let Before::Was(full) = self.audited_full(ix, &candidate.revision)
            {
                candidate.last_full = Some(FullTime { since: full.since, until: full.until, healthy: None });
                candidate.knowledge = candidate.knowledge.min(Knowledge::Audited);
            }
            if candidate.side == Side::Back && self.left_by(ix, candidate).is_some() {
                candidate.side = Side::Left;
            }
        }
        candidates
    }

    /// Whether there is more than one service whose traffic can be moved: then it is named.
    pub fn moves_several(&self) -> bool {
        self.room.services.iter().filter(|service| service.cloud_run.is_some()).count() > 1
    }

    /// Where `R` would go, in words: `100 % to 00417-hux, asks for 00417`.
    pub(super) fn way_back(&self) -> Option<String> {
        if let Some((index, _)) = self.flag_to_undo() {
            let name = self.room.flags.get(index).map(|flag| flag.name.as_str())?;
            return Some(format!("flag {name} to what it was before"));
        }
        let ix = self.service_in_trouble().filter(|ix| self.nothing_to_roll_back(*ix).is_none())?;
        let candidates = self.candidates(ix);
        let target = candidates.get(proposed(&candidates)?)?;
        let cloud = self.room.service(ix)?.cloud_run.as_ref()?;
        let (name, word) =
            (suffix(&cloud.service, &target.revision), typed_suffix(&cloud.service, &target.revision));
        let of = if self.moves_several() { format!("{}: ", self.service_name(ix)) } else { String::new() };
        let too = if self.fails_too(ix, &target.revision) { ", which fails too" } else { "" };
        Some(format!("{of}100 % to {name}{too}, asks for {word}"))
    }

    /// What asks for a rollback; of GO and HOLD nothing does, so there it is the operator's own decision.
    pub(super) fn reason_for(&self, ix: ServiceIx, to: &str) -> String {
        let bad = matches!(self.verdicts.room.state, VerdictState::NoGo | VerdictState::RollBack);
        let asks = |reason: &&Reason| matches!(reason.kind, ReasonKind::Tripped | ReasonKind::Failing);
        let worst = || self.asks_for(ix, to).0.into_iter().find(asks).filter(|_| bad);
        let told = |reason: &Reason| format!("{} {}", reason.subject, reason.value).trim_end().to_owned();
        self.tripped_reason(ix)
            .or_else(|| worst().map(told))
            .unwrap_or_else(|| "operator's decision".to_owned())
    }

    /// The first trigger of a service that tripped, in words.
    pub(super) fn tripped_reason(&self, ix: ServiceIx) -> Option<String> {
        let (spec, state) = self.conditions.triggers(&self.room).find(|(spec, state)| {
            spec.signal.service == ix && state.state == ConditionState::Fail && !state.is_clearing()
        })?;
        let flag = super::conditions::is_flag(spec);
        let value = if flag { String::new() } else { format!(": {}", self.tell(spec, state).value) };
        let ago = state.since.map(|since| format::age_seconds(self.now.since(since)));
        let ago = ago.map_or(String::new(), |ago| format!(" {ago} ago"));
        Some(format!("trigger {} tripped{ago}{value}", spec.name))
    }

    /// What moving the traffic does not undo.
    pub(super) fn will_not_undo(&self, ix: ServiceIx, change: &TrafficChange) -> Vec<Note> {
        let unknown = |subject: &str, detail: &str, consequence: &str| Note {
            unknown: true,
            subject: Clean::new(subject),
            detail: Clean::new(detail),
            consequence: Clean::new(consequence),
        };
        let mut notes = vec![unknown("migrations", "no source configured", "schema stays")];
        if change.etag.is_empty() {
            notes.push(unknown("etag", "Cloud Run told none", "may overwrite another change"));
        }
        notes.extend(self.differences(ix, change));
        match self.sockets_left(change) {
            Some(open) => notes.push(Note {
                unknown: false,
                subject: Clean::new(&format!(
                    "{} on other revisions",
                    format::counted(usize::try_from(open).unwrap_or(usize::MAX), "socket")
                )),
                detail: Clean::new("stay until they close"),
                consequence: Clean::default(),
            }),
            None => notes.push(unknown("open sockets", "not counted by revision", "stay until they close")),
        }
        notes
    }
}

pub(super) fn warning(text: Clean) -> Note {
    Note { unknown: false, subject: text, detail: Clean::default(), consequence: Clean::default() }
}
