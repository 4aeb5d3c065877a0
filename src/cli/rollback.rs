//! `warroom rollback`: the console's act for scripts and for a hurry without a screen. The same freeze, the same
//! journal, the same runner.

use super::moving::{self, Manner, say};
use super::session::{self, Session};
use super::{Failure, Global};
use crate::domain::{Clean, OpKind, ServiceIx, TrafficChange};
use crate::model::Model;
use crate::model::group::ALL;
use crate::model::rollback::{Candidate, Knowledge, Side, proposed};

/// What to roll back.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// The service, as the config names it
    #[arg(required_unless_present_any = ["all", "group"])]
    service: Option<String>,
    /// The revision [default: the newest that served everything and was healthy]
    #[arg(long, value_name = "REVISION", requires = "service")]
    to: Option<String>,
    /// All services, in the config's order, as one act
    #[arg(long, conflicts_with_all = ["service", "group"])]
    all: bool,
    /// The services of this [[group]], as one act
    #[arg(long, value_name = "GROUP", conflicts_with = "service")]
    group: Option<String>,
    /// With --all or --group: go on with the others when one fails [default: as the group says, else stop]
    #[arg(long, conflicts_with = "service")]
    go_on: bool,
    /// With --all or --group: begin no other when one fails, whatever the group says
    #[arg(long, conflicts_with_all = ["service", "go_on"])]
    stop: bool,
    #[command(flatten)]
    manner: Manner,
}

/// Runs the command; answers with the exit status.
pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let one = options.service.as_deref().map(|name| moving::service(&loaded, name)).transpose()?;
    moving::permitted(&loaded, &options.manner, "nothing was sent")?;
    let mut session = Session::briefly(&loaded, (80, 24));
    let done = match one {
        Some(ix) => act(&mut session, ix, options).await,
        None => group(&mut session, options).await,
    };
    session.close().await;
    done
}

/// One operation each, in order; each is followed until it serves before the next begins.
async fn group(session: &mut Session, options: &Options) -> Result<u8, Failure> {
    let name = options.group.as_deref().unwrap_or(ALL);
    let Some(group) = session.model.group(name) else {
        let names: Vec<&str> = session.model.room.groups.iter().map(|group| group.name.as_str()).collect();
        let why = format!("the config has: {}", names.join(", "));
        return Err(Failure::usage(&format!("there is no group {name}"), &why, "name one of them, or --all"));
    };
    for ix in &group.services {
        if let Some(signal) = moving::read(session, *ix).await? {
            return Ok(signal);
        }
    }
    let (acts, left) = session.model.freeze_group(&group, true);
    let words = |(ix, why): &(ServiceIx, Clean)| format!("{} {why}", session.model.service_name(*ix));
    let left: Vec<String> = left.iter().map(words).collect();
    if acts.is_empty() {
        let what = format!("group {name}: nothing was sent");
        return Err(Failure::failed(&what, &left.join("\n"), "warroom doctor, or name one service and --to"));
    }
    for act in &acts {
        if let OpKind::Rollback(change) = act {
            say(&moving::describe(&session.model, change))?;
        }
    }
    for words in &left {
        say(&format!("stays as it is: {words}"))?;
    }
    let what = match acts.len() {
        1 => "roll back 1 service".to_owned(),
        all => format!("roll back {all} services, one after the other"),
    };
    if let Some(status) = moving::asked(session, &acts, &options.manner, (name, &what)).await? {
        return Ok(status);
    }
    let go_on = options.go_on || (group.go_on && !options.stop);
    let status = one_by_one(session, acts, options, go_on).await?;
    if status != 0 || left.is_empty() {
        return Ok(status);
    }
    // Whoever asked for all of it was not given that.
    let what = format!("group {name}: not all of it was rolled back");
    Err(Failure::failed(
        &what,
        &left.join("\n"),
        "look at each with `warroom watch`, or name one service and --to",
    ))
}

async fn one_by_one(
    session: &mut Session,
    acts: Vec<OpKind>,
    options: &Options,
    go_on: bool,
) -> Result<u8, Failure> {
    let (mut failed, mut by_hand) = (Vec::new(), Vec::new());
    let mut acts = acts.into_iter();
    while let Some(act) = acts.next() {
        let name = session.model.service_name(act.service());
        say(&format!("{name} →"))?;
        let line = act.by_hand();
        match moving::carry_out(session, act, &options.manner).await {
            Ok(0) => {}
            // A signal ends all of it.
            Ok(status) => return Ok(status),
            Err(failure) => {
                let unsent: Vec<String> =
                    acts.as_slice().iter().map(|act| session.model.service_name(act.service())).collect();
                if !go_on || (unsent.is_empty() && failed.is_empty()) {
                    let lines = acts.as_slice().iter().filter_map(OpKind::by_hand);
                    let next =
                        lines.fold(failure.next.clone(), |next, line| format!("{next}; by hand: {line}"));
                    let rest = if unsent.is_empty() {
                        String::new()
                    } else {
                        format!("; not sent: {}", unsent.join(", "))
                    };
                    return Err(Failure { what: format!("{name}: {}{rest}", failure.what), next, ..failure });
                }
                say(&format!("{name}: {}: {}", failure.what, failure.why))?;
                failed.push(name);
                by_hand.extend(line);
            }
        }
    }
    if failed.is_empty() {
        return Ok(0);
    }
    let what = format!("{} failed, the others were rolled back", failed.join(", "));
    let next = by_hand.iter().map(|line| format!("; by hand: {line}"));
    let next: String =
        std::iter::once("look at each with `warroom journal`".to_owned()).chain(next).collect();
    Err(Failure::failed(&what, "see above", &next))
}

async fn act(session: &mut Session, ix: ServiceIx, options: &Options) -> Result<u8, Failure> {
    if let Some(signal) = moving::read(session, ix).await? {
        return Ok(signal);
    }
    let (change, knowledge) = freeze(&session.model, ix, options.to.as_deref())?;
    say(&describe(&session.model, &change, knowledge))?;
    let word = moving::typed_word(&session.model, &change).to_owned();
    let what = format!("send all traffic to {}", change.to);
    let act = [OpKind::Rollback(change)];
    if let Some(status) = moving::asked(session, &act, &options.manner, (&word, &what)).await? {
        return Ok(status);
    }
    let [act] = act;
    moving::carry_out(session, act, &options.manner).await
}

/// The change, and what the room knows of its target. Without a name only what a record speaks of is taken: what
/// served when this command began may be what is to be left.
fn freeze(model: &Model, ix: ServiceIx, to: Option<&str>) -> Result<(TrafficChange, Knowledge), Failure> {
    let nothing = |what: &str, why: &str, next: &str| Failure::failed(what, why, next);
    let candidates = model.candidates(ix);
    if candidates.is_empty() {
        let why = model.links.reasons(&model.room, model.now);
        let why: Vec<_> = why.iter().map(|r| format!("{} {} {}", r.subject, r.value, r.context)).collect();
        return Err(nothing(
            "Cloud Run could not be read: nothing was sent",
            &why.join("\n"),
            "warroom doctor",
        ));
    }
    let chosen = match to {
        None => proposed(&candidates)
            .and_then(|at| candidates.get(at))
            .filter(|target| target.knowledge.is_recorded()),
        Some(name) => {
            let named = model.revision_named(ix, name).ok();
            let is_it = |candidate: &&Candidate| Some(&candidate.revision) == named.as_ref();
            candidates.iter().find(is_it)
        }
    };
    let Some(target) = chosen else {
        let names: Vec<_> = candidates.iter().map(|c| c.revision.as_str()).collect();
        let why = format!("revisions: {}", names.join(", "));
        return Err(match to {
            None => {
                nothing("no record tells of a good revision: nothing was sent", &why, "name one with --to")
            }
            Some(_) => Failure::usage(
                "there is not exactly one such revision: nothing was sent",
                &why,
                "name one of them with --to",
            ),
        });
    };
    if let Some(why) = &target.why_not {
        let what = format!("{} cannot be the target: nothing was sent", target.revision);
        return Err(nothing(&what, why, "choose another with --to"));
    }
    if target.side == Side::Forward {
        let why = "nothing newer than it serves: all traffic to it is a way forward, which wants GO";
        let what = format!("{} is no way back: nothing was sent", target.revision);
        let next = format!("warroom traffic set {} {}=100", model.service_name(ix), target.revision);
        return Err(nothing(&what, why, &next));
    }
    let state = model.service(ix).and_then(|service| service.traffic.as_ref());
    let change = state.and_then(|state| state.freeze_rollback(ix, &target.revision, model.now.wall));
    change.map(|change| (change, target.knowledge)).ok_or_else(|| {
        nothing("Cloud Run could not be read: nothing was sent", "no answer yet", "warroom doctor")
    })
}

fn describe(model: &Model, change: &TrafficChange, knowledge: Knowledge) -> String {
    // For a command, what served when the room opened is what serves now.
    let known = if knowledge == Knowledge::Opened { Knowledge::Nothing } else { knowledge };
    format!("{}\n{} {known}", moving::describe(model, change), change.to)
}
