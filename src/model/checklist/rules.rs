//! Who may say what of an item.

use crate::domain::attestation::{Kind, ROOM};
use crate::domain::rollout::same_person;
use crate::domain::room::{Operator, SignOffSpec};
use crate::domain::{Approval, Attestation, Clean, Item, Mark, Meaning, Rollout, Wall, format};

use super::{Checklist, ItemState};

/// Who wants to say something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Name.
    pub name: Clean,
    /// Role in the room; may be empty.
    pub role: Clean,
}

/// What is in the way of saying something of an item, or of taking it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// No item is under the cursor.
    NoItem,
    /// It stands so already.
    Already(Mark),
    /// This cannot be said of what the item is.
    NotSo(Mark, &'static str),
    /// The room measures it: nobody has to say so.
    Measured,
    /// It is for another role than this operator's.
    Role(Clean),
    /// It wants another person than the one who deploys.
    SecondPerson(Clean),
    /// It has to say why.
    NoReason(Mark),
    /// An approval given elsewhere wants a name and a link.
    NoLink,
    /// An own approval is a tick.
    OwnApproval,
    /// Nobody knows who says it.
    Unnamed,
    /// The room approves nothing.
    Nobodys,
    /// What was approved elsewhere is not a failure.
    NotApproved(Mark),
    /// This role is not the approver's.
    NotTheirs(Clean, Clean),
    /// What it rests on is bad now.
    Bad(Clean),
    /// It is for a time that has not come; when it comes, if that is known.
    NotDue(Option<Wall>),
    /// It is a trigger of this stage, which has not begun.
    NotBegun(Clean),
    /// It is a trigger of a stage before, and a later one says this of it.
    Replaced(Clean),
    /// This operator said nothing that still stands.
    NothingToUndo,
    /// The last one is still on its way to the journal.
    Unwritten,
}

impl Obstacle {
    /// In words, for the row of hints and for scripts.
    pub fn words(&self) -> String {
        match self {
            Self::NoItem => "no item under the cursor".to_owned(),
            Self::Already(Mark::Done) => "already ticked".to_owned(),
            Self::Already(mark) => format!("already {}", mark.words()),
            Self::NotSo(mark, what) => format!("{what} cannot be {}", mark.words()),
            Self::Measured => "the room measures it: its data decides".to_owned(),
            Self::Role(role) => {
                format!(
                    "asks for {role}, and you are another; what they approved elsewhere is recorded with its link"
                )
            }
            Self::SecondPerson(who) => format!("asks for a second person: {who} deploys"),
            Self::NoReason(mark) => format!("{} wants a reason", mark.words()),
            Self::NoLink => "an approval given elsewhere wants who, and a link to it".to_owned(),
            Self::OwnApproval => "your own approval is a tick".to_owned(),
            Self::Unnamed => {
                "nobody knows who you are: operator.name, $WARROOM_OPERATOR or --as says it".to_owned()
            }
            Self::Nobodys => format!("\"{ROOM}\" is nobody's name: an approval is a person's"),
            Self::NotApproved(mark) => format!("{} is not approved by anybody", mark.words()),
            Self::NotTheirs(role, who) => format!("asks for {role}, and {who} is not one of them"),
            Self::Bad(evidence) => format!("its evidence is bad now: {evidence}"),
            Self::NotDue(Some(from)) => format!("it is due from {} on", from.format("%Y-%m-%d %H:%M:%SZ")),
            Self::NotBegun(stage) => format!("it is of the stage {stage}, which has not begun"),
            Self::Replaced(words) => format!("a later stage says otherwise: {words}"),
            Self::NotDue(None) => "it is due after T0, which has not come".to_owned(),
            Self::NothingToUndo => "no tick of yours to take back".to_owned(),
            Self::Unwritten => "the last tick is still being written".to_owned(),
        }
    }
}

/// Whether the room may tick an item of this meaning on evidence: an approval is a person's.
pub(super) fn may_tick_itself(item: &Item) -> bool {
    matches!(item.meaning, Meaning::Work | Meaning::Claim | Meaning::Later { .. })
}

/// That the rollout is over to which `mark` of `item` would belong, in words. Cleaning up comes after the end, and bad
/// news is told as it is; whoever signs anything else off may mean the next rollout.
pub fn over(rollout: Option<&Rollout>, item: &Item, mark: Mark) -> Option<String> {
    let (rollout, end) = rollout.and_then(|rollout| Some((rollout, rollout.end.as_ref()?)))?;
    let asked = mark.settles() || mark == Mark::Met;
    let words = format!(
        "rollout {} was {} by {} at {}: what is said now is said of that one, not of the next",
        rollout.id,
        end.outcome.words(),
        end.by,
        format::clock(end.at)
    );
    (asked && !matches!(item.meaning, Meaning::Later { .. })).then_some(words)
}

/// What an item is called that is no work.
pub const TRIGGER: &str = "a rollback trigger";
/// The same, of one that is met when true.
pub const CRITERION: &str = "a criterion";

/// What `mark` may be said of.
fn fits(mark: Mark, item: &Item) -> Result<(), Obstacle> {
    let what = match (&item.meaning, mark) {
        (Meaning::Trigger, Mark::Done | Mark::Met | Mark::Failed | Mark::Waived) => TRIGGER,
        (Meaning::Criterion, Mark::Done | Mark::Happened) => CRITERION,
        (
            Meaning::Work | Meaning::SignOff { .. } | Meaning::Claim | Meaning::Later { .. },
            Mark::Happened | Mark::Met,
        ) => "an item",
        _ => return Ok(()),
    };
    Err(Obstacle::NotSo(mark, what))
}

impl Checklist {
    /// Whether `who` may say `mark` of `item`, for which `note` is their note or reason; answers with the item.
    pub fn may_say(
        &self,
        item: Option<&Item>,
        mark: Mark,
        (note, approval): (&str, Option<&Approval>),
        who: &Person,
        rules: &SignOffSpec,
    ) -> Result<Item, Obstacle> {
        let item = item.ok_or(Obstacle::NoItem)?;
        if who.name.trim().is_empty() || *who.name == *Operator::UNKNOWN {
            return Err(Obstacle::Unnamed);
        }
        fits(mark, item)?;
        let state = self.state(item);
        // What the room does not see, or sees as good, a person may have seen to happen.
        if let ItemState::Measured(proof) = state
            && (proof.good == Some(false) || (proof.good.is_some() && mark != Mark::Happened))
        {
            return Err(Obstacle::Measured);
        }
        if let ItemState::NotBegun(stage) = state {
            return Err(Obstacle::NotBegun(stage.clone()));
        }
        if let ItemState::Replaced(words) = state {
            return Err(Obstacle::Replaced(words.clone()));
        }
        let holds = !matches!(state, ItemState::Lapsed { .. });
        // Who approved it elsewhere may still sign here: their own word is more than somebody's for it.
        let same =
            |said: &Attestation| said.mark == mark && (said.kind() != Kind::Recorded || approval.is_some());
        if holds && state.attestation().is_some_and(same) {
            return Err(Obstacle::Already(mark));
        }
        // What stands below a line that may make something else of it asks for no rollback by a single key.
        let unclear = mark == Mark::Happened && item.below.is_some();
        if (mark.needs_reason() || unclear) && note.trim().is_empty() {
            return Err(Obstacle::NoReason(mark));
        }
        if let Some(approval) = approval {
            if !mark.settles() {
                return Err(Obstacle::NotApproved(mark));
            }
            if approval.by.trim().is_empty() || approval.link.trim().is_empty() {
                return Err(Obstacle::NoLink);
            }
            if same_person(&approval.by, &who.name) {
                return Err(Obstacle::OwnApproval);
            }
            if same_person(&approval.by, ROOM) {
                return Err(Obstacle::Nobodys);
            }
        }
        self.may_settle(item, mark, approval, who, rules)?;
        Ok(item.clone())
    }

    /// Whether it may be called settled, by whom: a sign-off that is waived by anybody would be none.
    fn may_settle(
        &self,
        item: &Item,
        mark: Mark,
        approval: Option<&Approval>,
        who: &Person,
        rules: &SignOffSpec,
    ) -> Result<(), Obstacle> {
        if let (Mark::Done | Mark::Met, Some(proof)) = (mark, self.proof(&item.id))
            && proof.good == Some(false)
        {
            return Err(Obstacle::Bad(Clean::new(&proof.words())));
        }
        if let (Mark::Done, Meaning::Later { from_seconds: Some(_), .. }, ItemState::NotDue { from }) =
            (mark, &item.meaning, self.unsaid(item))
        {
            return Err(Obstacle::NotDue(from));
        }
        let Meaning::SignOff { role } = &item.meaning else { return Ok(()) };
        if !mark.settles() {
            return Ok(());
        }
        let by = approval.map_or(&who.name, |approval| &approval.by);
        if rules.second_person && self.rollout().is_some_and(|rollout| rollout.deploys(by)) {
            return Err(Obstacle::SecondPerson(by.clone()));
        }
        let Some(role) = role else { return Ok(()) };
        // What was approved elsewhere is seen at its link; its recorder needs no role. Where the config says who has
        // the role, the approver is one of them.
        let theirs = match approval {
            Some(approval) => rules.may_have(role, &approval.by),
            None => rules.is_role_of(role, &who.name, &who.role),
        };
        match (theirs, approval) {
            (true, _) => Ok(()),
            (false, None) => Err(Obstacle::Role(role.clone())),
            (false, Some(approval)) => Err(Obstacle::NotTheirs(role.clone(), approval.by.clone())),
        }
    }
}
