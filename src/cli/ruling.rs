//! `warroom override` and `warroom accept`: deciding against the machine, with a reason and an end.

use std::time::Duration;

use super::desk::{append, completing, records, say};
use super::{Failure, Global, session, watch};
use crate::clock;
use crate::domain::room::Mode;
use crate::domain::{Accepts, Clean, ConditionSpec, Entry, Record, Room, VerdictState, Wall, format, ruling};
use crate::model::rulings::Rulings;
use crate::sources::documents;

/// The verdict that a person gives.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Override {
    /// What the verdict is to be; `none` takes the override back
    verdict: Given,
    /// Why
    #[arg(long, default_value = "")]
    reason: String,
    /// Until when: a time from now (30m, 2h), a time of day in UTC (14:30), a moment (2026-03-01T14:30:00Z)
    #[arg(long, default_value = "")]
    until: String,
    /// How long to look first at what the room says; up to a minute more while something is getting better
    #[arg(long, value_name = "DURATION", value_parser = super::duration, default_value = "10s")]
    warm_up: Duration,
}

/// A condition that is accepted as it is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Accept {
    /// Its name, as `warroom verdict --json` has it
    condition: String,
    /// Why
    #[arg(long, default_value = "")]
    reason: String,
    /// Until when: a time from now (30m, 2h), a time of day in UTC (14:30), a moment (2026-03-01T14:30:00Z)
    #[arg(long, default_value = "")]
    until: String,
    /// That it cannot be seen is accepted, not that it fails
    #[arg(long)]
    unwatched: bool,
    /// It counts again
    #[arg(long)]
    end: bool,
}

/// What can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Given {
    /// GO
    Go,
    /// HOLD
    Hold,
    /// NO-GO
    NoGo,
    /// ROLL BACK
    RollBack,
    /// The room's own verdict again
    None,
}

impl Given {
    fn state(self) -> Option<VerdictState> {
        match self {
            Self::Go => Some(VerdictState::Go),
            Self::Hold => Some(VerdictState::Hold),
            Self::NoGo => Some(VerdictState::NoGo),
            Self::RollBack => Some(VerdictState::RollBack),
            Self::None => None,
        }
    }
}

/// `warroom override`.
pub(super) async fn overrule(global: &Global, options: &Override) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let records = records(&loaded).await?;
    let Some(state) = options.verdict.state() else {
        if rulings(&records).overriding(clock::wall()).is_none() {
            say("nothing is overridden");
            return Ok(0);
        }
        let record = append(&loaded, Entry::OverrideEnded).await?;
        say(&format!("the verdict is the room's again, by {}, record {}", record.by, record.seq));
        return Ok(0);
    };
    let begun = clock::wall();
    let (reason, until) = because(&options.reason, &options.until)?;
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was written"));
    }
    // What the journal says of it may be long over: what is overridden is what the room says now.
    let room = match watch::judged(global, options.warm_up).await? {
        Ok(room) => room,
        Err(status) => return Ok(status),
    };
    let (over, against) = (room.state, room.against);
    // A time from now is one from what is written, and not from before the look.
    let until = ruling::end_after(&options.until, until, clock::wall() - begun);
    let record = append(&loaded, Entry::Overrode { state, over, against, reason, until }).await?;
    say(&format!(
        "verdict {} by {} until {}, record {}; over {}, and over nothing that fails, trips or is lost from sight after it",
        state.word(),
        record.by,
        format::moment(until, record.at),
        record.seq,
        over.word()
    ));
    Ok(0)
}

/// `warroom accept`.
pub(super) async fn accept(global: &Global, options: &Accept) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let records = records(&loaded).await?;
    let (documents, _) = documents::read_once(&loaded.room.checklists);
    let room = completing::supposed(&loaded.room, &documents, &records).room;
    let spec = known(&room, &options.condition)?;
    let condition = spec.name.clone();
    if options.end {
        if rulings(&records).acceptance(spec, clock::wall()).is_none() {
            say(&format!("not accepted: {condition}"));
            return Ok(0);
        }
        let record = append(&loaded, Entry::AcceptanceEnded { condition: condition.clone() }).await?;
        say(&format!("counts again, by {}, record {}: {condition}", record.by, record.seq));
        return Ok(0);
    }
    let (reason, until) = because(&options.reason, &options.until)?;
    let what = if options.unwatched { Accepts::Unseen } else { Accepts::Failing };
    let entry = Entry::Accepted { condition: condition.clone(), what, rule: spec.rule(), reason, until };
    let record = append(&loaded, entry).await?;
    let until = format::moment(until, record.at);
    let words = what.words();
    say(&format!("accepted {words} by {} until {until}, record {}: {condition}", record.by, record.seq));
    say(what.leaves());
    Ok(0)
}

/// What people decided, as the records tell.
pub(super) fn rulings(records: &[Record]) -> Rulings {
    let mut rulings = Rulings::default();
    for record in records {
        rulings.record(record);
    }
    rulings
}

fn because(reason: &str, until: &str) -> Result<(Clean, Wall), Failure> {
    let reason = Clean::new(reason.trim());
    if reason.is_empty() {
        let next = "say why: --reason \"the load test runs\"";
        return Err(Failure::usage("nothing was decided", "the reason is empty", next));
    }
    let until = ruling::end(until, clock::wall());
    let until = until.map_err(|why| Failure::usage("nothing was decided", why, "correct --until"))?;
    Ok((reason, until))
}

/// The condition of this name; else the names there are.
fn known<'a>(room: &'a Room, wanted: &str) -> Result<&'a ConditionSpec, Failure> {
    // Also as the screen tells one that fails.
    let names = [wanted, wanted.strip_suffix(" critical").unwrap_or(wanted)];
    let of = |name: &&str| room.conditions.iter().find(|spec| spec.name == **name);
    if let Some(spec) = names.iter().find_map(of) {
        return Ok(spec);
    }
    let all: Vec<String> =
        room.conditions.iter().map(|spec| format!("“{}”", Clean::new(&spec.name))).collect();
    let next = match all.as_slice() {
        [] => "the room has no conditions".to_owned(),
        all => format!("it is one of {}", all.join(", ")),
    };
    Err(Failure::usage("nothing was accepted", &format!("no condition is called {wanted:?}"), &next))
}
