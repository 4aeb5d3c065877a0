//! The frozen change of a flag, or why there is none; and what a person should know before.

use crate::domain::flag::{FlagRead, LiveChange, Setting, Wanted};
use crate::domain::revision::EnvValue;
use crate::domain::room::FlagSpec;
use crate::domain::{Clean, FlagChange, Traffic, Wall};

use super::images;
use super::known::Past;

/// What else is asked for with a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extra {
    /// What keeps a share the same people from now on.
    pub stickiness: Option<String>,
    /// The new revision gets the image that serves, instead of the template's.
    pub serving_image: bool,
}

/// The change of a variable to what is wanted, frozen now; or why it cannot be done. `past` is what it was before its
/// last change.
///
/// # Errors
/// It cannot be done, in words.
pub fn freeze(
    spec: &FlagSpec,
    traffic: Option<&Traffic>,
    (wanted, past): (Wanted, Option<&Past>),
    extra: &Extra,
    now: Wall,
) -> Result<FlagChange, Clean> {
    let refused = |why: &str| Clean::new(&format!("{} cannot be flipped: {why}", spec.name));
    let traffic = traffic.ok_or_else(|| refused("its service was not read yet"))?;
    let env = traffic.env_of(spec.container.as_deref());
    let env = env.ok_or_else(|| refused("the service has no container of that name"))?;
    let before = match env.get(&spec.variable) {
        None => None,
        Some(EnvValue::Plain(text)) => Some(text.clone()),
        Some(EnvValue::Secret { .. }) => return Err(refused("it comes from a secret")),
    };
    let after = match (wanted, past) {
        (Wanted::On, _) => Some(spec.on.clone()),
        (Wanted::Off, _) => Some(spec.off.clone()),
        (Wanted::Percent(_), _) => {
            return Err(refused("a variable has no share: it is on or off for whoever its revision serves"));
        }
        (Wanted::Previous, Some(Past::Variable(Some(text)))) if text.is_marked() => {
            return Err(refused(
                "it was a text that cannot be shown as it is, and so is not known: set it there",
            ));
        }
        (Wanted::Previous, Some(Past::Variable(text))) => text.as_ref().map(ToString::to_string),
        (Wanted::Previous, _) => return Err(refused("what it was before is not known to this room")),
    };
    if extra.stickiness.is_some() {
        return Err(refused("a variable has no stickiness"));
    }
    if traffic.etag.is_empty() {
        return Err(refused("Cloud Run told no etag, so it could overwrite somebody else's change"));
    }
    if before.as_deref() == after.as_deref() {
        return Err(refused(match &after {
            Some(after) if *after == spec.on => "it is on already",
            Some(after) if *after == spec.off => "it is off already",
            _ => "it has that value already",
        }));
    }
    let image =
        if extra.serving_image { images::serving(traffic).map_err(|why| refused(&why))? } else { None };
    let main = (!traffic.template_main.is_empty()).then(|| traffic.template_main.to_string());
    Ok(FlagChange {
        service: spec.service,
        resource: traffic.name.clone(),
        flag: spec.name.clone(),
        variable: spec.variable.clone(),
        before,
        removes: after.is_none(),
        after: after.unwrap_or_default(),
        etag: traffic.etag.clone(),
        generation: traffic.generation,
        frozen_at: now,
        container: spec.container.clone(),
        main: spec.container.as_ref().and(main),
        image,
        live: None,
    })
}

/// The change at a live provider to what is wanted, frozen from what was read last; or why it cannot be done.
///
/// # Errors
/// It cannot be done, in words.
pub fn live(
    spec: &FlagSpec,
    read: Option<&FlagRead>,
    (wanted, past): (Wanted, Option<&Past>),
    extra: &Extra,
    now: Wall,
) -> Result<FlagChange, Clean> {
    let refused = |why: &str| Clean::new(&format!("{} cannot be flipped: {why}", spec.name));
    let read = read.ok_or_else(|| refused("it was not read yet"))?;
    let resource = spec.resource().ok_or_else(|| refused("it is kept nowhere"))?;
    let after = match (wanted, past, &read.fixed) {
        (Wanted::Previous, Some(Past::Setting(before)), None) => {
            // What cannot be moved by itself stays as it is.
            let sticks = before.stickiness.clone().filter(|it| Some(it) != read.setting.stickiness.as_ref());
            let moves = before.percent.is_some() && before.percent != read.setting.percent;
            if let Some(why) = read.share_fixed.as_ref().filter(|_| moves || sticks.is_some()) {
                return Err(refused(&format!("it was {}; {why}", before.words())));
            }
            Setting { stickiness: sticks, ..before.clone() }
        }
        _ => read.target(wanted, extra.stickiness.as_deref()).map_err(|why| refused(&why))?,
    };
    if after.is_met_by(&read.setting) {
        return Err(refused(&format!("it is {} already", read.setting.words())));
    }
    let words = |setting: &Setting| match &setting.stickiness {
        Some(sticks) if setting.stickiness != read.setting.stickiness => {
            format!("{}, by {sticks}", setting.words())
        }
        _ => setting.words(),
    };
    let change = LiveChange {
        provider: spec.provider(),
        place: read.place.clone(),
        before: read.setting.clone(),
        after: after.clone(),
        share: read.share,
        version: read.version.clone(),
    };
    Ok(FlagChange {
        service: spec.service,
        resource,
        flag: spec.name.clone(),
        before: Some(Clean::new(
            &read.value.as_ref().map_or_else(|| words(&read.setting), ToString::to_string),
        )),
        after: words(&after),
        frozen_at: now,
        live: Some(Box::new(change)),
        ..FlagChange::default()
    })
}

/// What a person should know before flipping a variable, one line each.
pub fn consequences(traffic: &Traffic, change: &FlagChange) -> Vec<Clean> {
    let mut lines = vec![Clean::new("deploys a new revision from the service's template")];
    if traffic.pinned() {
        lines.push(Clean::new("the split is pinned: the new revision gets 0 % until traffic is moved to it"));
    }
    lines.extend(images::told(traffic, change));
    lines
}
