//! What the service that was read says of what was asked: whether it wants it, whether it serves it, and what it wants
//! instead. Pure.

use crate::domain::revision::{EnvValue, same_split, split_words};
use crate::domain::{Clean, OpKind, Traffic};

/// Who changed the service last; the API need not tell.
pub(super) fn changed_by(traffic: &Traffic) -> &str {
    if traffic.last_modifier.is_empty() { "somebody" } else { &traffic.last_modifier }
}

/// What is another thing now than when the act was frozen, after it was refused for that, or not sent.
pub(super) fn differs(act: &OpKind, traffic: &Traffic, came: &str) -> String {
    let by = changed_by(traffic);
    let start = format!("{came}: the service was changed by {by} meanwhile: nothing was moved");
    match act {
        OpKind::Rollback(change) | OpKind::Traffic(change) => {
            let (now, was) = (split_words(&traffic.desired), split_words(&change.before));
            if now == was {
                format!("{start}; the split is the same as before, {now}")
            } else {
                format!("{start}; the split is {now} now, it was {was}")
            }
        }
        OpKind::Flag(change) => match traffic
            .env_of(change.container.as_deref())
            .map(|env| env.get(&change.variable))
        {
            None => format!("{start}; its container is gone"),
            Some(Some(EnvValue::Plain(value))) => format!("{start}; {} is {value} now", change.variable),
            Some(Some(EnvValue::Secret { .. })) => format!("{start}; {} is a secret now", change.variable),
            Some(None) => format!("{start}; {} is not set now", change.variable),
        },
        OpKind::Run(_) => start,
    }
}

/// Whether the service wants what was asked.
pub(super) fn asked(act: &OpKind, traffic: &Traffic) -> bool {
    match act {
        OpKind::Rollback(change) | OpKind::Traffic(change) => same_split(&traffic.desired, &change.after),
        OpKind::Run(_) => false,
        OpKind::Flag(change) => {
            let Some(env) = traffic.env_of(change.container.as_deref()) else { return false };
            let after = Clean::marked(&change.after);
            let is_so = match env.get(&change.variable) {
                Some(EnvValue::Plain(value)) => !change.removes && *value == after,
                Some(EnvValue::Secret { .. }) => false,
                None => change.removes,
            };
            is_so && traffic.generation > change.generation
        }
    }
}

/// Whether what was asked is what serves, in words.
pub(super) fn effective(act: &OpKind, traffic: &Traffic) -> Option<String> {
    match act {
        OpKind::Rollback(change) | OpKind::Traffic(change) => {
            let serves = traffic.traffic_settled() && same_split(&traffic.effective, &change.after);
            // Another revision that failed is told beside it, and is no reason to doubt what serves.
            let message = traffic.message.as_ref().filter(|_| traffic.terminal == Some(false));
            let beside = message.map_or_else(String::new, |it| format!("; the service is not ready: {it}"));
            let done = match (change.new_tag(), change.gone_tag()) {
                (Some((tag, to)), _) => format!("tag {tag} is on {}", to.unwrap_or("the latest")),
                (None, Some(tag)) => format!("tag {tag} is taken away"),
                (None, None) => format!("{} serves {} %", change.to, traffic.effective_percent(&change.to)),
            };
            serves.then(|| format!("{done}{beside}"))
        }
        OpKind::Run(_) => None,
        OpKind::Flag(_) if !traffic.settled() => None,
        OpKind::Flag(_) => {
            let ready = traffic.latest_ready.as_deref()?;
            let percent = traffic.effective_percent(ready);
            (traffic.latest_created.as_deref() == Some(ready)).then(|| match percent {
                0 => format!("{ready} is ready and gets 0 %: the split is pinned"),
                _ => format!("{ready} is ready and gets {percent} %"),
            })
        }
    }
}

/// Whether a split or a value that was asked for is wanted although the request was refused for another change: it was made by that
/// change, or by the request itself when the answer before was untrue. One that was there before is neither.
pub(super) fn wanted_by_another(act: &OpKind, traffic: &Traffic) -> bool {
    let was_there = match act {
        OpKind::Rollback(change) | OpKind::Traffic(change) => same_split(&change.before, &change.after),
        // Which image another change shipped with it is not looked at: with one of its own it is not the same.
        OpKind::Flag(change) if change.image.is_some() => true,
        OpKind::Flag(change) if change.removes => change.before.is_none(),
        OpKind::Flag(change) => change.before.as_ref() == Some(&Clean::marked(&change.after)),
        OpKind::Run(_) => true,
    };
    !was_there && asked(act, traffic)
}

/// What serves, when another change did what was asked.
pub(super) fn moved_by(act: &OpKind, traffic: &Traffic, serves: &str) -> String {
    let by = changed_by(traffic);
    let done = match act {
        OpKind::Flag(change) => format!("{} is as asked, changed by {by}", change.variable),
        OpKind::Rollback(_) | OpKind::Traffic(_) | OpKind::Run(_) => {
            format!("serves what was asked, moved by {by}")
        }
    };
    format!("{done}: {serves} (the service was changed meanwhile)")
}
