//! `warroom traffic`: canary steps, back to the latest, tags: the console's acts for scripts.

use std::time::Duration;

use super::moving::{self, Manner, say};
use super::session::{self, Session};
use super::{Failure, Global, duration};
use crate::domain::{Clean, OpKind, ServiceIx, TrafficChange};
use crate::model::Model;
use crate::model::forward::Way;

/// Revisions that are offered, the newest first.
const READY: usize = 6;

/// What to do with the traffic.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Act {
    /// Give revisions shares: a single REV=10 leaves the rest to the one other that serves
    Set {
        /// The service, as the config names it
        service: String,
        /// A revision (whole name, its end, or its number; `latest` follows the newest ready one) and its percent
        #[arg(required = true, value_name = "REV=PERCENT")]
        shares: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// All traffic follows the latest ready revision, now and after each deploy
    Latest {
        /// The service, as the config names it
        service: String,
        #[command(flatten)]
        how: How,
    },
    /// Give a revision an address of its own, or take it away (`TAG=`); the shares stay
    Tag {
        /// The service, as the config names it
        service: String,
        /// The tag and the revision
        #[arg(value_name = "TAG=REV")]
        tag: String,
        #[command(flatten)]
        how: How,
    },
}

/// How it is asked for.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct How {
    #[command(flatten)]
    manner: Manner,
    /// How long to wait for GO, which the way forward wants
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "15s")]
    warm_up: Duration,
}

/// Runs the command; answers with the exit status.
pub(super) async fn run(global: &Global, act: &Act) -> Result<u8, Failure> {
    let (name, how) = match act {
        Act::Set { service, how, .. } | Act::Latest { service, how } | Act::Tag { service, how, .. } => {
            (service, how)
        }
    };
    let loaded = session::load(global)?;
    let ix = moving::service(&loaded, name)?;
    moving::permitted(&loaded, &how.manner, "nothing was sent")?;
    let mut session = Session::briefly(&loaded, (80, 24));
    let done = carry_out(&mut session, ix, act, how).await;
    session.close().await;
    done
}

async fn carry_out(session: &mut Session, ix: ServiceIx, act: &Act, how: &How) -> Result<u8, Failure> {
    if let Some(signal) = moving::read(session, ix).await? {
        return Ok(signal);
    }
    if session.model.traffic(ix).is_none() {
        let why = session.model.links.reasons(&session.model.room, session.model.now);
        let why: Vec<_> = why.iter().map(|r| format!("{} {} {}", r.subject, r.value, r.context)).collect();
        let what = "Cloud Run could not be read: nothing was sent";
        return Err(Failure::failed(what, &why.join("\n"), "warroom doctor"));
    }
    let mut frozen = freeze(&session.model, ix, act);
    // A room that was just opened knows nothing: what wants GO gets a little time to see it.
    if frozen.as_ref().is_err_and(|why| waits_for_go(&session.model, why)) {
        if let Some(signal) = moving::wait_for_go(session, how.warm_up).await? {
            return Ok(signal);
        }
        frozen = freeze(&session.model, ix, act);
    }
    let change = frozen.map_err(|why| refused(&session.model, ix, &why))?;
    say(&format!("{}\n{}", moving::describe(&session.model, &change), session.model.shift_words(&change)))?;
    let what = format!("have {}", session.model.shift_words(&change));
    let word = moving::typed_word(&session.model, &change).to_owned();
    let act = [OpKind::Traffic(change)];
    if let Some(status) = moving::asked(session, &act, &how.manner, (&word, &what)).await? {
        return Ok(status);
    }
    let [act] = act;
    moving::carry_out(session, act, &how.manner).await
}

fn freeze(model: &Model, ix: ServiceIx, act: &Act) -> Result<TrafficChange, Clean> {
    match act {
        Act::Set { shares, .. } => {
            let words: Vec<&str> = shares.iter().map(String::as_str).collect();
            model.freeze_shift(ix, &words)
        }
        Act::Latest { .. } => model.freeze_forward(ix, Way::Latest),
        Act::Tag { tag, .. } => model.freeze_tag(ix, tag),
    }
}

/// Whether it is the verdict that refuses.
fn waits_for_go(model: &Model, why: &Clean) -> bool {
    model.verdicts.now.refusal().as_ref() == Some(why)
}

fn refused(model: &Model, ix: ServiceIx, why: &Clean) -> Failure {
    let service = model.service_name(ix);
    let next = if waits_for_go(model, why) {
        "see what else stands against it with `warroom verdict`, wait longer with --warm-up, or override it"
            .to_owned()
    } else if model.is_locked(ix) && why.starts_with("locked") {
        format!("when what it was rolled back for is mended, `:unlock {service}` in the console")
    } else {
        let revisions = model.traffic(ix).map(|traffic| traffic.revisions.as_slice()).unwrap_or_default();
        let ready = revisions.iter().filter(|revision| revision.ready == Some(true)).take(READY);
        let ready: Vec<&str> = ready.map(|revision| model.short_revision(ix, &revision.name)).collect();
        let ready = if ready.is_empty() { "none".to_owned() } else { ready.join(", ") };
        format!("correct what is asked for: shares add up to 100, of revisions that are Ready ({ready})")
    };
    Failure::failed("nothing was sent", why, &next)
}
