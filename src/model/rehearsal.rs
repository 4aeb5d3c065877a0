//! `:rehearse`: the whole path of a rollback walked with `validateOnly`, of one service or of several, step by step: what
//! was proved of each, and what was not. It moves nothing, and leaves a record.

use crate::domain::record::Guard;
use crate::domain::{Clean, Entry, Now, OpKind, ServiceIx, SourceId, format};

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
    /// The API is asked, by what was read then.
    is_asked: bool,
    /// What came of it in a line, from the answer on.
    came: Option<String>,
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

impl Walk {
    fn of(&mut self, ix: ServiceIx) -> Option<&mut Walked> {
        self.walked.iter_mut().find(|walked| walked.service == ix)
    }
}

impl Walked {
    fn new(service: ServiceIx) -> Self {
        let steps = Default::default();
        Self { service, steps, by_hand: None, record: None, is_asked: false, came: None }
    }

    /// Whether it is not known yet whether the service is read, or what the API says.
    fn waits(&self) -> bool {
        self.came.is_none() || self.steps.get(READ) == Some(&Proof::Waiting)
    }

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
            self.readiness.walk.walked.push(Walked::new(ix));
            // A walk speaks of now, and what is lost from sight may be back: nobody waits for the next look.
            effects.push(Effect::ReadTraffic { service: ix });
            if self.links.is_live(&SourceId::CloudRun { service: ix }, self.now.mono) {
                self.walk_on(ix, effects);
            }
        }
        self.show(Modal::Page(Page::new(Topic::Rehearsal)));
    }

    /// Freezes what is read of a service, and asks the API about it.
    fn walk_on(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        let asked = self.ask_readiness(ix, true, effects);
        let by_hand = asked.as_deref().and_then(|to| self.by_hand_to(ix, to));
        let target = self.target_step(ix, asked.as_deref());
        let Some(walked) = self.readiness.walk.of(ix) else { return };
        (walked.is_asked, walked.by_hand) = (true, by_hand);
        walked.set(TARGET, target);
        if asked.is_none() {
            let why = Clean::new("no known-good revision to go back to");
            self.rehearsed((ix, ""), self.now, Some(&why.into()), effects);
        }
    }

    /// The API of a service told whether it can be read: a walk of it that was not told so yet goes on.
    pub(super) fn read_for_walk(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        let read = self.read_step(ix);
        let walked = self.readiness.walk.of(ix);
        let Some(walked) = walked.filter(|it| !matches!(it.steps.get(READ), Some(Proof::Proved(_)))) else {
            return;
        };
        let waited = walked.waits();
        walked.set(READ, read);
        if !walked.is_asked {
            self.walk_on(ix, effects);
        } else if waited {
            self.tell_walk(ix);
        }
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
        if let Some(walked) = self.readiness.walk.of(ix) {
            for (step, proof) in [CREDENTIALS, ALLOWED, DRY_RUN].into_iter().zip(proofs) {
                walked.set(step, proof);
            }
            (walked.record, walked.came) = (Some(token), Some(words));
        }
        self.tell_walk(ix);
    }

    /// Says what came of a walk, or of all of them, once it is known also whether the service is read: both speak of one
    /// state.
    fn tell_walk(&mut self, ix: ServiceIx) {
        let walked = &self.readiness.walk.walked;
        // The records of them may still be written.
        if walked.iter().any(Walked::waits) {
            return;
        }
        let all = walked.len();
        if all > 1 {
            let open = |walked: &&Walked| {
                !walked.steps.iter().any(|step| matches!(step, Proof::Failed(_) | Proof::Untold))
            };
            let open = walked.iter().filter(open).count();
            return self
                .say(&format!("rehearsed: {open} of {all} could be rolled back now; nothing was moved"));
        }
        let Some(walked) = self.readiness.walk.of(ix) else { return };
        let unread = matches!(walked.steps.get(READ), Some(Proof::Failed(_)));
        let words = walked.came.clone().unwrap_or_default();
        self.say(&if unread { format!("{words}; but the service cannot be read") } else { words });
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
