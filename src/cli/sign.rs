//! `warroom tick` and `warroom untick`: saying something of an item, and taking it back.

use super::desk::{Desk, append, say};
use super::typed::agreed;
use super::{Failure, Global};
use crate::domain::attestation::Kind;
use crate::domain::{Approval, Attestation, Clean, Entry, Mark, format};
use crate::model::checklist::{self, Obstacle};

/// What is said of an item.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// Its id, the beginning of it (four characters or more), its text, or a part of it that no other item has
    item: String,
    /// What was seen, or why; kept with it
    #[arg(long, visible_alias = "reason", default_value = "")]
    note: String,
    /// What is said of it; all but done, happened and met want a reason
    #[arg(long, value_enum, default_value = "done")]
    state: State,
    /// Somebody else approved it elsewhere: who. Recorded as your word for it, never as theirs
    #[arg(long, value_name = "NAME", requires = "link")]
    approved_by: Option<String>,
    /// Where that approval can be seen
    #[arg(long, value_name = "URL", requires = "approved_by")]
    link: Option<String>,
    /// Do not ask, although the rollout is over to which it will belong
    #[arg(long)]
    yes: bool,
}

/// What can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum State {
    /// It is done, or approved
    Done,
    /// It does not apply to this rollout
    NotApplicable,
    /// It was tried, and is not good
    Failed,
    /// It is not done, and the rollout goes on without it
    Waived,
    /// What a rollback trigger describes happened
    Happened,
    /// A criterion is met
    Met,
}

impl From<State> for Mark {
    fn from(state: State) -> Self {
        match state {
            State::Done => Self::Done,
            State::NotApplicable => Self::NotApplicable,
            State::Failed => Self::Failed,
            State::Waived => Self::Waived,
            State::Happened => Self::Happened,
            State::Met => Self::Met,
        }
    }
}

/// `warroom tick`. What stands so already stays as it is: a script may run twice.
pub(super) async fn tick(global: &Global, options: &Options) -> Result<u8, Failure> {
    let mut desk = Desk::open(global).await?;
    let item = desk.item(&options.item)?;
    desk.look(Some(&item)).await?;
    let mark = Mark::from(options.state);
    let approval = options.approved_by.as_deref().zip(options.link.as_deref());
    let approval = approval.map(|(by, link)| Approval { by: Clean::new(by), link: Clean::new(link) });
    let (who, rules) = (desk.person(), &desk.loaded.room.signoff);
    let may = desk.checklist.may_say(Some(&item), mark, (&options.note, approval.as_ref()), &who, rules);
    match may {
        Ok(_) => {}
        Err(Obstacle::Already(_)) => {
            let Some(said) = desk.checklist.state(&item).attestation() else { return Ok(0) };
            let words = match (mark, said.kind()) {
                (Mark::Done, Kind::Person | Kind::Machine) => format!("ticked by {}", said.who()),
                _ => said.told(),
            };
            say(&format!("already {words} at {}: {}", format::clock(said.at), item.text));
            return Ok(0);
        }
        Err(obstacle) => return Err(refused(&obstacle)),
    }
    if let Some(over) = checklist::over(desk.checklist.rollout(), &item, mark).filter(|_| !options.yes)
        && let Some(status) = agreed(&over, "it is said of that one", "nothing was written").await?
    {
        return Ok(status);
    }
    let mut signing = desk.checklist.signing(&item);
    signing.images = desk.rolled_out().into_iter().map(|(service, seen)| (service, seen.image)).collect();
    signing.approval = approval;
    let said = Attestation {
        mark,
        text: item.text.clone(),
        note: Clean::new(&options.note),
        candidate: desk.candidate.clone(),
        signing,
        ..Attestation::default()
    };
    let words = match (mark, &said.signing.approval) {
        (Mark::Done, Some(approval)) => format!("approval by {} recorded", approval.by),
        (Mark::Done, None) => "ticked".to_owned(),
        (mark, _) => mark.words().to_owned(),
    };
    let was = desk.checklist.state(&item).attestation();
    let was = was.map_or_else(String::new, |was| format!("; before that it was {}", was.told()));
    let unproven = match mark {
        Mark::Done | Mark::Met => said.signing.unproven(),
        Mark::NotApplicable | Mark::Failed | Mark::Waived | Mark::Happened => None,
    };
    let unproven = unproven.map_or_else(String::new, |words| format!("; {words}"));
    let record = append(&desk.loaded, Entry::of_item(item.id.0, said)).await?;
    let over = desk.checklist.rollout().filter(|rollout| !rollout.is_open());
    let over = over.map_or_else(String::new, |over| format!(" (of rollout {}, which is over)", over.id));
    say(&format!("{words} by {}, record {}{over}: {}{was}{unproven}", record.by, record.seq, item.text));
    Ok(0)
}

fn refused(obstacle: &Obstacle) -> Failure {
    let next = match obstacle {
        Obstacle::Role(role) => {
            format!(
                "sign as --role \"{role}\" if you are, or record theirs with --approved-by NAME --link URL"
            )
        }
        Obstacle::SecondPerson(_) => {
            "ask somebody else to sign, or record theirs with --approved-by NAME --link URL".to_owned()
        }
        Obstacle::NoReason(_) => "add --reason \"…\"".to_owned(),
        Obstacle::NoLink => "write --approved-by NAME --link URL".to_owned(),
        Obstacle::Unnamed => "add --as NAME".to_owned(),
        Obstacle::Nobodys => "name the person who approved it".to_owned(),
        Obstacle::OwnApproval | Obstacle::NotApproved(_) => "leave --approved-by away".to_owned(),
        Obstacle::NotTheirs(..) => "name one of the people under [[role]] in the config".to_owned(),
        Obstacle::Bad(_) => "make it good, or say --state failed or waived with --reason \"…\"".to_owned(),
        Obstacle::NotDue(Some(_)) => {
            "say it then; --state not-applicable says that it is not asked".to_owned()
        }
        Obstacle::NotDue(None) => {
            "`warroom rollout t0` marks T0; --state not-applicable says that it is not asked".to_owned()
        }
        Obstacle::NotBegun(_) => {
            "`warroom stage advance` goes on to it; a rollback needs no trigger".to_owned()
        }
        Obstacle::Replaced(_) => {
            "a rollback needs no trigger; `warroom items` tells what is watched".to_owned()
        }
        Obstacle::NotSo(_, checklist::TRIGGER) => "if it happened, say --state happened".to_owned(),
        Obstacle::NotSo(_, checklist::CRITERION) => "if it is met, say --state met".to_owned(),
        Obstacle::NotSo(..) => "`warroom items --json` tells what each item means".to_owned(),
        Obstacle::NoItem
        | Obstacle::Already(_)
        | Obstacle::Measured
        | Obstacle::NothingToUndo
        | Obstacle::Unwritten => "`warroom items` says how each stands".to_owned(),
    };
    Failure::failed("nothing was written", &obstacle.words(), &next)
}

/// `warroom untick`.
pub(super) async fn untick(global: &Global, wanted: &str) -> Result<u8, Failure> {
    let desk = Desk::open(global).await?;
    let item = desk.item(wanted)?;
    let Some(seq) = desk.checklist.state(&item).attestation().and_then(|said| said.seq) else {
        let next = "`warroom items` says how each stands";
        return Err(Failure::failed("nothing to take back", "nobody said anything of the item", next));
    };
    let stays = desk.checklist.beneath(seq);
    let stays = stays.map_or_else(String::new, |said| {
        format!("; before it {} said {}: that stands", said.who(), said.mark.words())
    });
    let entry = Entry::Unticked { item: item.id.0.clone(), text: item.text.clone(), seq };
    let record = append(&desk.loaded, entry).await?;
    say(&format!("tick {seq} taken back by {}, record {}: {}{stays}", record.by, record.seq, item.text));
    Ok(0)
}
