//! Several services rolled back as one act: confirmed once, then one operation each, in the configured order. The next one
//! begins when the one before serves; when one fails it stops, or goes on, as was chosen beforehand.
//!
//! Only this console knows what is still to come: if it ends, what was not begun is not sent.

mod unsent;

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::record::Guard;
use crate::domain::room::GroupSpec;
use crate::domain::{Clean, Entry, OpId, OpKind, OpState, ServiceIx};

use super::Model;
use super::confirm::{Confirm, DryRun, Note, Stage, Target};
use super::effect::Effect;
use super::modal::Modal;
use super::msg::Token;
use super::ops::Operation;
use super::rollback::proposed;

/// An outcome that is not known for so long counts as a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// What stands before a group's name in the reason of its operations, and before what is still to come.
const OF_GROUP: &str = " of group ";
const THEN: &str = "; then ";

/// A group as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name, which is the word that confirms it.
    pub name: String,
    /// Whether it goes on when one fails.
    pub go_on: bool,
    /// What is done, in order; the first is the dialog's own act.
    pub members: Vec<Member>,
}

/// One of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What is done to it, frozen.
    pub act: OpKind,
    /// Where it goes, and what the room knows of that.
    pub target: Target,
    /// What the API said of a dry run.
    pub dry_run: DryRun,
    /// The token of that dry run.
    pub token: Token,
}

/// A group on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    asked: Asked,
    reason: Clean,
    /// What was begun, in order; the first is the group's own act.
    begun: Vec<(OpId, OpKind)>,
    /// What is still to come.
    rest: VecDeque<OpKind>,
    /// Why nothing more is begun.
    stopped: Option<Clean>,
}

impl Running {
    fn all(&self) -> usize {
        self.asked.members.len()
    }
}

impl Model {
    /// The group of this name; `all` is all services with Cloud Run.
    pub fn group(&self, name: &str) -> Option<GroupSpec> {
        let movable = |ix: &ServiceIx| self.room.service(*ix).is_some_and(|s| s.cloud_run.is_some());
        let all = || GroupSpec {
            name: ALL.to_owned(),
            services: self.room.service_ixs().filter(movable).collect(),
            go_on: false,
        };
        let named = self.room.groups.iter().find(|group| group.name == name).cloned();
        named.or_else(|| (name == ALL).then(all))
    }

    /// What rolling the group back would do now, frozen, in order; and why others of it are left as they are.
    /// `recorded`: only to what a record tells of, since this room was opened just now.
    pub fn freeze_group(&self, group: &GroupSpec, recorded: bool) -> (Vec<OpKind>, Vec<(ServiceIx, Clean)>) {
        let (mut acts, mut left) = (Vec::new(), Vec::new());
        for ix in group.services.iter().copied() {
            let candidates = self.candidates(ix);
            let target = proposed(&candidates).and_then(|at| candidates.get(at));
            let target = target.filter(|target| !recorded || target.knowledge.is_recorded());
            let state = self.service(ix).and_then(|service| service.traffic.as_ref());
            let change = target
                .zip(state)
                .and_then(|(target, state)| state.freeze_rollback(ix, &target.revision, self.now.wall));
            let acting = self.ops.acting_on(ix).is_some_and(|op| !op.frees_resource());
            match change {
                Some(_) if acting => left.push((ix, Clean::new("an operation runs there"))),
                Some(change) => acts.push(OpKind::Rollback(change)),
                None if candidates.is_empty() => left.push((ix, Clean::new("was not read yet"))),
                None => left.push((ix, Clean::new("has no known-good revision to go back to"))),
            }
        }
        (acts, left)
    }

    /// Opens the dialog for all of a group; `go_on` instead of what is configured.
    pub(super) fn open_group(&mut self, name: &str, go_on: Option<bool>, effects: &mut Vec<Effect>) {
        let Some(group) = self.group(name) else { return self.say(&format!("there is no group {name}")) };
        let (acts, mut left) = self.freeze_group(&group, false);
        let mut members: Vec<Member> = Vec::new();
        for act in acts {
            let ix = act.service();
            match self.member(act, effects) {
                Some(member) => members.push(member),
                None => left.push((ix, Clean::new("has no known-good revision to go back to"))),
            }
        }
        let Some(first) = members.first().map(|member| member.act.clone()) else {
            let why = left.first().map_or_else(
                || "it has no service".to_owned(),
                |(ix, why)| format!("{} {why}", self.service_name(*ix)),
            );
            return self.say(&format!("group {name}: nothing to roll back, {why}"));
        };
        let asked = Asked { name: group.name, go_on: go_on.unwrap_or(group.go_on), members };
        let token = asked.members.first().map_or_else(|| self.token(), |member| member.token);
        let tripped = asked.members.iter().find_map(|member| self.tripped_reason(member.act.service()));
        let reason = tripped.unwrap_or_else(|| self.reason_for(first.service(), &first.target()));
        let mut confirm = Confirm::new(first, asked.name.clone(), &reason, token, self.now);
        confirm.notes = self.group_notes(&asked, &left);
        confirm.group = Some(asked);
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    /// One of the group as the dialog shows it, asked of the API as a dry run.
    fn member(&mut self, act: OpKind, effects: &mut Vec<Effect>) -> Option<Member> {
        let OpKind::Rollback(change) = &act else { return None };
        let candidates = self.candidates(change.service);
        let target = candidates.iter().find(|c| c.revision == change.to)?.target(self.now.wall);
        let token = self.token();
        effects.push(Effect::Validate { token, act: act.clone() });
        Some(Member { act, target, dry_run: DryRun::Asked, token })
    }

    fn group_notes(&self, asked: &Asked, left: &[(ServiceIx, Clean)]) -> Vec<Note> {
        let note = |unknown: bool, subject: &str, detail: &str, consequence: &str| Note {
            unknown,
            subject: Clean::new(subject),
            detail: Clean::new(detail),
            consequence: Clean::new(consequence),
        };
        let end = if asked.go_on { "the others go on" } else { "the rest is not sent" };
        let mut notes = vec![note(false, "if one fails", "each is an operation of its own", end)];
        notes.extend(left.iter().map(|(ix, why)| note(true, &self.service_name(*ix), why, "stays as it is")));
        let mut of_each: Vec<(ServiceIx, Note)> = Vec::new();
        for member in &asked.members {
            let OpKind::Rollback(change) = &member.act else { continue };
            let own = self.will_not_undo(change.service, change);
            of_each.extend(own.into_iter().map(|note| (change.service, note)));
        }
        // What is the same of all stands there once, without a name.
        let all = asked.members.len();
        for (at, (ix, own)) in of_each.iter().enumerate() {
            let same = of_each.iter().filter(|(_, other)| other == own).count() == all;
            let again = of_each.iter().take(at).any(|(_, other)| other == own);
            if same && again {
                continue;
            }
            let name = if same { String::new() } else { format!("{}: ", self.service_name(*ix)) };
            let subject = Clean::new(&format!("{name}{}", own.subject));
            notes.push(Note { subject, ..own.clone() });
        }
        notes
    }

    /// The group was confirmed, and its first operation is `first`. Answers with that one's reason.
    pub(super) fn group_begun(&mut self, asked: Asked, first: (OpId, OpKind), reason: Clean) -> Clean {
        let rest = asked.members.iter().skip(1).map(|member| member.act.clone()).collect();
        let group = Running { asked, reason, begun: vec![first], rest, stopped: None };
        let told = self.reason_in(&group);
        self.running_group = Some(group);
        told
    }

    /// The reason of the newest operation of a group, with its place and what is still to come: should this console end,
    /// the record alone tells what was not sent.
    fn reason_in(&self, group: &Running) -> Clean {
        let (at, all, name) = (group.begun.len(), group.all(), &group.asked.name);
        let rest: Vec<String> = group.rest.iter().map(|act| self.service_name(act.service())).collect();
        let then = if rest.is_empty() { String::new() } else { format!("{THEN}{}", rest.join(", ")) };
        Clean::new(&format!("{} ({at} of {all}{OF_GROUP}{name}{then})", group.reason))
    }

    /// Begins the next operation of the group, if it is time.
    pub(super) fn step_group(&mut self, effects: &mut Vec<Effect>) {
        let Some(group) = self.running_group.as_ref().filter(|group| group.stopped.is_none()) else { return };
        let Some((current, _)) = group.begun.last().cloned() else { return };
        let refusal = self.refusal.take_if(|(op, _)| *op == current);
        let outcome = match (&refusal, self.ops.get(&current)) {
            (Some((_, Stage::Unrecorded { error, .. })), _) => {
                let words = format!("the journal cannot be written ({error})");
                self.unsent_of_group(&current);
                return self.stop_group(&words, effects);
            }
            (Some((_, Stage::Conflict { by, .. })), _) => Err(format!("{by} has an operation there")),
            // Given up in the dialog, before anything was sent.
            (_, None) => return self.running_group = None,
            (_, Some(op)) => match op.steps.last() {
                Some(step) if step.state == OpState::Failed => Err("FAILED".to_owned()),
                Some(step) if step.state == OpState::Unknown => {
                    let since = (self.now.wall - step.at).to_std().unwrap_or_default();
                    if since < PATIENCE {
                        return;
                    }
                    Err("UNKNOWN".to_owned())
                }
                Some(step) if step.state >= OpState::Effective => Ok(()),
                _ => return,
            },
        };
        let go_on = self.running_group.as_ref().is_some_and(|group| group.asked.go_on);
        let name = self.group_member(&current);
        let refused = refusal.is_some().then(|| self.unsent_of_group(&current)).flatten();
        match (outcome, refused) {
            (Err(why), None) if !go_on => self.stop_group(&format!("{name} {why}"), effects),
            (Err(why), Some(_)) if !go_on => self.stop_group(&format!("{name}: {why}"), effects),
            (Err(why), Some(_)) => {
                // It stands at the front of the rest, and is left out.
                if let Some(group) = self.running_group.as_mut() {
                    group.rest.pop_front();
                }
                self.tell_group(&format!("{name} not sent: {why}"), effects);
                self.next_of_group(&current, effects);
            }
            (Ok(()) | Err(_), _) => self.next_of_group(&current, effects),
        }
    }

    /// The journal refused a member: it is still to come, and what it would have done is given back.
    fn unsent_of_group(&mut self, id: &OpId) -> Option<OpKind> {
        self.ops.remove(id);
        let group = self.running_group.as_mut()?;
        let (_, act) = group.begun.pop_if(|(begun, _)| begun == id)?;
        group.rest.push_front(act.clone());
        Some(act)
    }

    fn next_of_group(&mut self, current: &OpId, effects: &mut Vec<Effect>) {
        let id = self.op_id();
        let Some(group) = self.running_group.as_mut() else { return };
        let Some(act) = group.rest.pop_front() else {
            group.stopped = Some(Clean::new("all were begun"));
            return;
        };
        group.begun.push((id.clone(), act.clone()));
        let group = group.clone();
        let reason = self.reason_in(&group);
        self.begin(id.clone(), act, reason, effects);
        if matches!(&self.ui.modal, Some(Modal::Progress(shown)) if shown == current) {
            self.show(Modal::Progress(id));
        }
    }

    fn stop_group(&mut self, why: &str, effects: &mut Vec<Effect>) {
        let Some(group) = self.running_group.as_mut() else { return };
        let rest: Vec<ServiceIx> = group.rest.iter().map(OpKind::service).collect();
        group.stopped = Some(Clean::new(why));
        let rest: Vec<String> = rest.into_iter().map(|ix| self.service_name(ix)).collect();
        let unsent = if rest.is_empty() { String::new() } else { format!("; not sent: {}", rest.join(", ")) };
        self.tell_group(&format!("stopped: {why}{unsent}"), effects);
    }

    /// Says and writes down what became of the group.
    fn tell_group(&mut self, words: &str, effects: &mut Vec<Effect>) {
        let Some(group) = &self.running_group else { return };
        let words = format!("group {} {words}", group.asked.name);
        let draft = self.mine(Entry::Noted { text: Clean::new(&words) });
        self.append(draft, Guard::Free, effects);
        self.say(&words);
    }

    fn group_member(&self, id: &OpId) -> String {
        let begun = self.running_group.iter().flat_map(|group| &group.begun);
        let act = begun.rev().find(|(begun, _)| begun == id).map(|(_, act)| act);
        act.map(|act| self.service_name(act.service())).unwrap_or_default()
    }

    /// What else of the group that `id` belongs to has to be done by hand, if anybody does it: members that failed or whose
    /// outcome is not known, and what was not sent and will not be.
    pub fn open_with(&self, id: &OpId) -> Vec<&OpKind> {
        let of = |group: &&Running| group.begun.iter().any(|(it, _)| it == id);
        let Some(group) = self.running_group.as_ref().filter(of) else { return Vec::new() };
        let wrong = |id: &OpId| {
            let state = self.ops.get(id).and_then(Operation::state);
            matches!(state, Some(OpState::Failed | OpState::Unknown))
        };
        let begun = group.begun.iter().filter(|(it, _)| it != id && wrong(it)).map(|(_, act)| act);
        let unsent = group.rest.iter().filter(|_| group.stopped.is_some());
        begun.chain(unsent).collect()
    }

    /// Each member of the group that `id` belongs to, with its state: `api EFFECTIVE · web waits`.
    pub fn group_words(&self, id: &OpId) -> Option<String> {
        let group =
            self.running_group.as_ref().filter(|group| group.begun.iter().any(|(begun, _)| begun == id))?;
        let state = |(id, _): &(OpId, OpKind)| {
            let state = self.ops.get(id).and_then(Operation::state);
            let word = state.map_or_else(|| "being journaled".to_owned(), |s| s.to_string().to_uppercase());
            format!("{} {word}", self.group_member(id))
        };
        let waits = if group.stopped.is_some() { "not sent" } else { "waits" };
        let begun = group.begun.iter().map(state);
        let rest = group.rest.iter().map(|act| format!("{} {waits}", self.service_name(act.service())));
        let members: Vec<String> = begun.chain(rest).collect();
        Some(format!("group {}: {}", group.asked.name, members.join(" · ")))
    }
}

/// All services, whatever the config says.
pub const ALL: &str = "all";
