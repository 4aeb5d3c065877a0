//! Deciding against the machine: an override of the verdict, an accepted condition. Each wants a reason and an end, and
//! is nothing but a record: what was decided acts by no other way.

use crate::domain::record::Guard;
use crate::domain::{
    Accepts, Clean, Condition, ConditionSpec, ConditionState, Entry, ReasonKind, VerdictState, format, ruling,
};

use super::Model;
use super::about::About;
use super::effect::Effect;
use super::modal::Modal;
use super::palette::{Command, Offer};
use super::prompt::{Against, Prompt, Purpose};

/// The end that stands in the line already.
const USUAL: &str = "30m";

impl Model {
    pub(super) fn ask_override(&mut self, state: VerdictState) {
        let room = &self.verdicts.room;
        let against = Against::Verdict { state, over: room.state, against: room.against.clone() };
        self.ask_why_against(against);
    }

    pub(super) fn ask_acceptance(&mut self, name: &str, what: Accepts) {
        let Some(spec) = self.room.conditions.iter().find(|spec| spec.name == name) else { return };
        let against = Against::Condition { name: name.to_owned(), what, rule: spec.rule() };
        self.ask_why_against(against);
    }

    fn ask_why_against(&mut self, against: Against) {
        self.show(Modal::Prompt(Prompt::new(Purpose::Why(against), "")));
    }

    /// The reason was typed; without one it is asked for again.
    pub(super) fn typed_why(&mut self, against: &Against, why: &str) {
        if why.is_empty() {
            return self.ask_why_against(against.clone());
        }
        let purpose = Purpose::Until(against.clone(), Clean::new(why));
        self.show(Modal::Prompt(Prompt::new(purpose, USUAL)));
    }

    /// The end was typed; what is none stays in the line.
    pub(super) fn typed_until(
        &mut self,
        against: &Against,
        why: &Clean,
        text: &str,
        effects: &mut Vec<Effect>,
    ) {
        let Ok(until) = ruling::end(text, self.now.wall) else {
            // What is wrong with it stands above the line.
            let purpose = Purpose::Until(against.clone(), why.clone());
            return self.show(Modal::Prompt(Prompt::new(purpose, text)));
        };
        let reason = why.clone();
        let (entry, said) = match against {
            Against::Verdict { state, over, against } => {
                let (state, over, against) = (*state, *over, against.clone());
                let said = format!("verdict {}", state.word());
                (Entry::Overrode { state, over, against, reason, until }, said)
            }
            Against::Condition { name, what, rule } => {
                let (condition, what, rule) = (name.clone(), *what, rule.clone());
                let said = format!("{name} accepted {}", what.words());
                (Entry::Accepted { condition, what, rule, reason, until }, said)
            }
        };
        self.rule(entry, effects);
        self.say(&format!("{said} until {}", format::moment(until, self.now.wall)));
    }

    pub(super) fn end_override(&mut self, effects: &mut Vec<Effect>) {
        self.rule(Entry::OverrideEnded, effects);
        self.say("the verdict is the room's again");
    }

    pub(super) fn end_acceptance(&mut self, name: &str, effects: &mut Vec<Effect>) {
        self.rule(Entry::AcceptanceEnded { condition: name.to_owned() }, effects);
        self.say(&format!("{name} counts again"));
    }

    fn rule(&mut self, entry: Entry, effects: &mut Vec<Effect>) {
        let draft = self.mine(entry);
        self.append(draft, Guard::Free, effects);
    }

    /// The conditions that can be accepted as they are now, and those that are.
    pub(super) fn acceptance_offers(&self) -> Vec<Offer> {
        let offer = |(spec, state): (&ConditionSpec, &Condition)| {
            let name = &spec.name;
            let (line, about, what) = match (self.rulings.acceptance(spec, self.now.wall), acceptable(state))
            {
                (Some(acceptance), _) => (format!("accept end {name}"), acceptance.ruling.words(), None),
                (None, Some(what)) => {
                    let about = format!("{} for a time, with a reason", what.words());
                    (format!("accept {name}"), about, Some(what))
                }
                (None, None) => return None,
            };
            let command = Command::Accept(name.clone(), what);
            Some(Offer { line, about: Clean::new(&about), command, key: None, blocked: None })
        };
        self.conditions.iter(&self.room).filter_map(offer).collect()
    }

    /// What is told above the line in which the reason, and then the end, is typed.
    pub(super) fn about_ruling(&self, against: &Against, about: &mut About) {
        match against {
            Against::Verdict { state, over, against } => {
                let room = &self.verdicts.room;
                let words = format!("{} instead of {}, which is the room's", state.word(), over.word());
                about.facts.push(words);
                let covered = ruling::covers(*state, *over, against, room);
                about.warnings.extend((!covered).then(|| {
                    format!("the room says {} now for another reason: that is not covered", room.state.word())
                }));
                let reasons = room.reasons.iter().filter(|reason| reason.kind != ReasonKind::Holding);
                about.warnings.extend(reasons.take(3).map(|reason| reason.told_whole().to_string()));
                about
                    .warnings
                    .push("whatever fails, trips or is lost from sight after this is not covered".to_owned());
            }
            Against::Condition { name, what, .. } => {
                about.facts.push(format!("{name} is accepted {}", what.words()));
                about.warnings.push(what.leaves().to_owned());
            }
        }
    }

    /// The end that is being typed, or what is wrong with it.
    pub(super) fn about_end(&self, why: &Clean, text: &str, about: &mut About) {
        about.facts.push(format!("because: {why}"));
        match ruling::end(text, self.now.wall) {
            Ok(until) => {
                let length = format::age((until - self.now.wall).to_std().unwrap_or_default());
                about.facts.push(format!("until {}, in {length}", format::moment(until, self.now.wall)));
            }
            Err(problem) => about.warnings.push(problem.to_owned()),
        }
    }
}

/// What of a condition could be accepted now.
fn acceptable(state: &Condition) -> Option<Accepts> {
    match state.state {
        ConditionState::Fail | ConditionState::Accepted => Some(Accepts::Failing),
        ConditionState::Warn if state.is_running() => Some(Accepts::Failing),
        _ if state.is_short() => Some(Accepts::Failing),
        _ if state.is_unwatched() => Some(Accepts::Unseen),
        ConditionState::NoData
        | ConditionState::Stale
        | ConditionState::Pass
        | ConditionState::Warn
        | ConditionState::Inconclusive => None,
    }
}
