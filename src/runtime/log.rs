//! The program's own log (`--log`): what came to the loop and left it, when it is news. Nothing of what is observed is
//! written, and no secret: messages hold none.

use tracing::{error, info, warn};

use crate::domain::{LinkReport, OpKind};
use crate::model::effect::Effect;
use crate::model::msg::Msg;
use crate::model::{Model, links};

/// Before the model takes `msg` in.
#[expect(clippy::wildcard_enum_match_arm, reason = "most messages come all the time and are no news")]
pub(super) fn took(model: &Model, msg: &Msg) {
    match msg {
        Msg::Linked { source, report, .. } => {
            let link = model.links.get(source);
            let down = link.and_then(|link| link.down.as_ref());
            let source = || links::name(&model.room, source);
            match report {
                LinkReport::Down { error, attempt, .. } if down.is_none_or(|down| down.error != *error) => {
                    warn!(source = source(), %error, attempt, "link down");
                }
                LinkReport::Alive if down.is_some() || link.is_none_or(|link| link.last_ok.is_none()) => {
                    info!(source = source(), "link up");
                }
                _ => {}
            }
        }
        Msg::JournalRefused { refusal, .. } => warn!(?refusal, "the journal refused a record"),
        Msg::ChainChecked { seq, damage: Some(damage) } => error!(seq, %damage, "the journal is damaged"),
        Msg::Kept { mine, holder } => info!(mine, %holder, "keeper of the journal"),
        Msg::Validated { error: Some(error), .. } => warn!(error = %error.why, "dry run refused"),
        Msg::Validated { error: None, .. } => info!("dry run accepted"),
        Msg::Operated { op, state, detail, .. } => info!(op = op.0, %state, %detail, "operation"),
        Msg::ToldToWait { op, why, .. } => warn!(op = op.0, %why, "told to wait"),
        Msg::DocumentsRead { problems, .. } => {
            for problem in problems {
                warn!(%problem, "checklist");
            }
        }
        _ => {}
    }
}

/// Before `effect` is carried out.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not asked of the outside world is no news")]
pub(super) fn asked(model: &Model, effect: &Effect) {
    let sent = |op: &str, act: &OpKind, what: &str| {
        let service = model.service_name(act.service());
        info!(op, act = act.word(), service, target = act.target(), "{what}");
    };
    match effect {
        Effect::Operate { op, act, .. } => sent(&op.0, act, "operation begins: the request is sent"),
        Effect::Recheck { op, act, .. } => sent(&op.0, act, "looking again: nothing is sent"),
        Effect::Validate { act, .. } => sent("", act, "dry run asked"),
        Effect::JournalFallback { .. } => warn!("a record goes to the fallback file"),
        Effect::Bell { words } => info!(%words, "verdict"),
        _ => {}
    }
}
