//! `:rehearse`: the whole path of a rollback walked with `validateOnly`, of one service or of several, step by step: what
//! was proved of each, and what was not. It moves nothing, and leaves a record.

use crate::domain::record::Guard;
use crate::domain::{Clean, Entry, Now, OpKind, ServiceIx, format};

use super::Model;
use super::effect::Effect;
use super::modal::{Modal, Page, Topic};
use super::msg::{Denied, Hurdle, Token};
use super::rollback::proposed;

/// What a rollback needs of the API.
const PERMISSION: &str = "run.services.update";

/// The last walk that was asked for here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Walk {
    walked: Vec<Walked>,
}

/// The path of one service.
#[derive(Debug, Clone, PartialEq)]
struct Walked {
    service: ServiceIx,
    steps: [Proof; STEPS.len()],
    /// The line that does it without this program.
    by_hand: Option<String>,
    /// The record of it, until the journal answers.
    record: Option<Token>,
}

/// The steps, in the order in which a rollback takes them.
const STEPS: [&str; 6] = ["service read", "target", "credentials", "permission", "dry run", "journal"];
const READ: usize = 0;
const TARGET: usize = 1;
const CREDENTIALS: usize = 2;
const ALLOWED: usize = 3;
const DRY_RUN: usize = 4;
const JOURNAL: usize = 5;

/// What is known of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Proof {
    /// No answer yet.
    #[default]
    Waiting,
    /// It would go: by what.
    Proved(Clean),
    /// It would not: why.
    Failed(Clean),
    /// Nothing was learned of it.
    Untold,
    /// Nothing is to be proved: this is said of it.
    Told(Clean),
}

/// A row of the page that tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A service, and whether all of its path is open: not known while it is walked.
    Service(String, Option<bool>),
    /// A step of it.
    Step(&'static str, Proof),
}

impl Walk {
    /// The journal answered for a record: its number, or why it has none.
    pub(super) fn recorded(&mut self, token: Token, seq: Result<u64, &Clean>) {
        let Some(walked) = self.walked.iter_mut().find(|walked| walked.record == Some(token)) else {
            return;
        };
        walked.record = None;
        walked.set(
            JOURNAL,
            match seq {
                Ok(seq) => Proof::Proved(Clean::new(&format!("record {seq} written"))),
                Err(why) => Proof::Failed(Clean::new(&format!("cannot be written: {why}"))),
            },
        );
    }
}

impl Walked {
    fn set(&mut self, step: usize, proof: Proof) {
        if let Some(slot) = self.steps.get_mut(step) {
            *slot = proof;
        }
    }

    /// Whether all of it is open.
    fn stands(&self) -> Option<bool> {
        if self.steps.iter().any(|step| matches!(step, Proof::Failed(_))) {
            return Some(false);
        }
        self.steps.iter().all(|step| matches!(step, Proof::Proved(_))).then_some(true)
    }
}

impl Model {
    /// Walks the path of each service of a group; `all` is all of them.
    pub(super) fn rehearse_group(&mut self, name: &str, effects: &mut Vec<Effect>) {
        match self.group(name) {
            Some(group) => self.rehearse(&group.services, effects),
            None => self.say(&format!("there is no group {name}")),
        }
    }

    /// Walks the path of the service in trouble, else of the first.
    pub(super) fn rehearse_what_r_opens(&mut self, effects: &mut Vec<Effect>) {
        match self.service_in_trouble() {
            Some(ix) => self.rehearse(&[ix], effects),
            None => self.say("no service has a [service.cloud_run] block: nothing to rehearse here"),
        }
    }

    /// Walks the whole path of a rollback with `validateOnly`: what is to be read, frozen, sent and written down.
    pub(super) fn rehearse(&mut self, services: &[ServiceIx], effects: &mut Vec<Effect>) {
        self.readiness.walk = Walk::default();
        let count = services.len();
        let what = if count == 1 { "the path of a rollback".to_owned() } else { format!("{count} paths") };
        self.say(&format!("rehearsing {what}: nothing is moved"));
        for ix in services.iter().copied() {
            let mut walked = Walked { service: ix, steps: Default::default(), by_hand: None, record: None };
            walked.set(READ, self.read_step(ix));
            let asked = self.ask_readiness(ix, true, effects);
            walked.by_hand = asked.as_deref().and_then(|to| self.by_hand_to(ix, to));
            walked.set(TARGET, self.target_step(ix, asked.as_deref()));
            self.readiness.walk.walked.push(walked);
            if asked.is_none() {
                let why = Clean::new("no known-good revision to go back to");
                self.rehearsed((ix, ""), self.now, Some(&why.into()), effects);
            }
        }
        self.show(Modal::Page(Page::new(Topic::Rehearsal)));
    }

    /// The line that rolls a service back to a revision, as of now.
    fn by_hand_to(&self, ix: ServiceIx, to: &str) -> Option<String> {
        let state = self.service(ix)?.traffic.as_ref()?;
        OpKind::Rollback(state.freeze_rollback(ix, to, self.now.wall)?).by_hand()
    }

    fn read_step(&self, ix: ServiceIx) -> Proof {
        let read = self.service(ix).and_then(|service| service.traffic.as_ref());
        let told = read.and_then(|state| Some((state.at?, state.traffic.as_ref()?.generation)));
        match (told, self.unread_for(ix)) {
            (Some((at, generation)), None) => {
                let age = format::age(self.now.mono.since(at));
                Proof::Proved(Clean::new(&format!("{age} ago, generation {generation}")))
            }
            (Some(_), Some(unread)) => {
                Proof::Failed(Clean::new(&format!("not for {}: D says why", format::age(unread))))
            }
            (None, _) => Proof::Failed("never: D says why".into()),
        }
    }

    fn target_step(&self, ix: ServiceIx, asked: Option<&str>) -> Proof {
        let candidates = self.candidates(ix);
        let target = proposed(&candidates).and_then(|at| candidates.get(at));
        match target.filter(|target| asked == Some(target.revision.as_str())) {
            Some(target) => {
                let about = target.target(self.now.wall).about;
                Proof::Proved(Clean::new(&format!("{}: {about}", target.revision)))
            }
            None => Proof::Failed("no known-good Ready revision".into()),
        }
    }

    /// The API answered for a walk, or there was nothing to ask it: tells of it and writes it down.
    pub(super) fn rehearsed(
        &mut self,
        (ix, to): (ServiceIx, &str),
        asked: Now,
        denied: Option<&Denied>,
        effects: &mut Vec<Effect>,
    ) {
        let refused = denied.map(|denied| denied.why.clone());
        let took = self.now.mono.since(asked.mono);
        let name = self.service_name(ix);
        let short = self.short_revision(ix, to).to_owned();
        let words = match &refused {
            None => format!(
                "rehearsed in {}: 100 % to {short} would be taken; nothing was moved",
                format::in_seconds(took)
            ),
            Some(why) if to.is_empty() => format!("rehearsed: {name} has {why}"),
            Some(why) => format!("rehearsed: 100 % to {short} would FAIL: {why}"),
        };
        let identity = self.identities.get(&ix).map(|who| format!("{who} · {}", self.token_end(ix)));
        let identity = identity.unwrap_or_default();
        let proofs = answered(to, &identity, denied, &format::in_seconds(took));
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let draft = self.mine(Entry::Rehearsed { service: name, to: to.to_owned(), refused, millis });
        let token = self.append(draft, Guard::Free, effects);
        if let Some(walked) = self.readiness.walk.walked.iter_mut().find(|walked| walked.service == ix) {
            for (step, proof) in [CREDENTIALS, ALLOWED, DRY_RUN].into_iter().zip(proofs) {
                walked.set(step, proof);
            }
            walked.record = Some(token);
        }
        if self.readiness.walk.walked.len() == 1 {
            return self.say(&words);
        }
        // The records of them may still be written.
        let waits = |walked: &Walked| walked.steps.get(DRY_RUN) == Some(&Proof::Waiting);
        if !self.readiness.walk.walked.iter().any(waits) {
            let open = self.readiness.walk.walked.iter().filter(|walked| {
                !walked.steps.iter().any(|step| matches!(step, Proof::Failed(_) | Proof::Untold))
            });
            let (open, all) = (open.count(), self.readiness.walk.walked.len());
            self.say(&format!("rehearsed: {open} of {all} could be rolled back now; nothing was moved"));
        }
    }

    /// What is known of the end of the token that requests for a service go with.
    pub fn token_end(&self, ix: ServiceIx) -> String {
        match self.way_back_of(ix).and_then(|way| way.expires) {
            Some(end) => format!("token to {}", format::clock(end)),
            None => "nobody tells when its token ends".to_owned(),
        }
    }

    /// The rows of the page that tells it.
    pub fn rehearsal_rows(&self) -> Vec<Row> {
        let of = |walked: &Walked| {
            let steps = STEPS.into_iter().zip(walked.steps.iter().cloned());
            let head = Row::Service(self.service_name(walked.service), walked.stands());
            let by_hand = walked.by_hand.iter().map(|line| ("by hand", Proof::Told(Clean::new(line))));
            let rows = steps.chain(by_hand).map(|(name, proof)| Row::Step(name, proof));
            std::iter::once(head).chain(rows).collect::<Vec<Row>>()
        };
        self.readiness.walk.walked.iter().flat_map(of).collect()
    }
}

/// What an answer to the dry run proves of credentials, permission and request. `to` is empty where nothing was asked.
fn answered(to: &str, identity: &str, denied: Option<&Denied>, took: &str) -> [Proof; 3] {
    let proved = |words: &str| Proof::Proved(Clean::new(words));
    let who = || proved(if identity.is_empty() { "taken" } else { identity });
    match denied {
        _ if to.is_empty() => [Proof::Untold, Proof::Untold, Proof::Untold],
        None => [who(), proved(PERMISSION), proved(&format!("the API would take it, asked in {took}"))],
        Some(Denied { by, why }) => {
            let failed = Proof::Failed(why.clone());
            match by {
                Hurdle::Permission => [who(), failed, Proof::Untold],
                Hurdle::Credentials => [failed, Proof::Untold, Proof::Untold],
                Hurdle::Request => [Proof::Untold, Proof::Untold, failed],
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_at_the_step_that_it_is_about() {
        let failed = |by: Hurdle, why: &str| {
            let denied = Denied { by, why: Clean::new(why) };
            answered("api-1", "ines", Some(&denied), "1s")
                .iter()
                .position(|step| matches!(step, Proof::Failed(_)))
        };
        assert_eq!(failed(Hurdle::Permission, "run.services.update is missing"), Some(1));
        assert_eq!(failed(Hurdle::Credentials, "get a token: invalid_grant"), Some(0));
        // Names and numbers in the words prove nothing.
        assert_eq!(failed(Hurdle::Request, "Revision 'chat-00403-abc' does not exist"), Some(2));
        assert_eq!(failed(Hurdle::Request, "secret api-token version 3 not found"), Some(2));
        let all = answered("api-1", "ines", None, "1s");
        assert!(all.iter().all(|step| matches!(step, Proof::Proved(_))), "{all:?}");
        assert_eq!(answered("", "ines", None, "1s"), [Proof::Untold, Proof::Untold, Proof::Untold]);
    }
}
