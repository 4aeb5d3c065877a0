//! Feature flags that are environment variables of a Cloud Run service: their value, and the frozen change of one.
//!
//! A flag's value is what the service's template says, which is what the *next* revision gets. What serves may
//! differ, after a rollback for instance, and then both are said.

use crate::domain::revision::EnvValue;
use crate::domain::room::FlagSpec;
use crate::domain::{Clean, FlagChange, Traffic, Wall};

/// What a flag is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagValue {
    /// The value that means on.
    On,
    /// The value that means off.
    Off,
    /// Another value.
    Other(Clean),
    /// The variable is not there.
    Unset,
    /// It comes from a secret, which is neither read nor flipped here.
    Secret,
    /// The service was not read yet, or what serves is not one revision.
    Unknown,
}

/// A flag as known now.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagView<'a> {
    /// As configured.
    pub spec: &'a FlagSpec,
    /// In the service's template.
    pub value: FlagValue,
    /// In the one revision that serves everything; [`FlagValue::Unknown`] if traffic is split or not known.
    pub serving: FlagValue,
    /// A flip deploys a revision that gets no traffic, because the split is pinned.
    pub pinned: bool,
}

impl FlagView<'_> {
    /// Whether the template says something else than what serves.
    pub fn differs(&self) -> bool {
        self.serving != FlagValue::Unknown && self.serving != self.value
    }
}

impl FlagValue {
    /// On or off; `None` for anything else.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::On => Some(true),
            Self::Off => Some(false),
            Self::Other(_) | Self::Unset | Self::Secret | Self::Unknown => None,
        }
    }

    /// In a word, as shown.
    pub fn word(&self) -> &str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Other(value) => value,
            Self::Unset => "not set",
            Self::Secret => "secret",
            Self::Unknown => "--",
        }
    }
}

/// The flag `spec` in what was last read of its service.
pub fn view<'a>(spec: &'a FlagSpec, traffic: Option<&Traffic>) -> FlagView<'a> {
    let serving = traffic.and_then(|traffic| {
        let sole = traffic.sole()?;
        let revision = traffic.revisions.iter().find(|r| r.name == sole)?;
        Some(value(spec, revision.env.get(&spec.variable)))
    });
    FlagView {
        spec,
        value: traffic.map_or(FlagValue::Unknown, |t| value(spec, t.template_env.get(&spec.variable))),
        serving: serving.unwrap_or(FlagValue::Unknown),
        pinned: traffic.is_some_and(Traffic::pinned),
    }
}

fn value(spec: &FlagSpec, set: Option<&EnvValue>) -> FlagValue {
    match set {
        None => FlagValue::Unset,
        Some(EnvValue::Secret { .. }) => FlagValue::Secret,
        Some(EnvValue::Plain(text)) if **text == *spec.on => FlagValue::On,
        Some(EnvValue::Plain(text)) if **text == *spec.off => FlagValue::Off,
        Some(EnvValue::Plain(text)) => FlagValue::Other(text.clone()),
    }
}

/// The change that turns `spec` on or off, frozen now; or why it cannot be done.
pub fn freeze(spec: &FlagSpec, traffic: Option<&Traffic>, on: bool, now: Wall) -> Result<FlagChange, Clean> {
    let refused = |why: &str| Clean::new(&format!("{} cannot be flipped: {why}", spec.name));
    let traffic = traffic.ok_or_else(|| refused("its service was not read yet"))?;
    let before = match traffic.template_env.get(&spec.variable) {
        None => None,
        Some(EnvValue::Plain(text)) => Some(text.clone()),
        Some(EnvValue::Secret { .. }) => return Err(refused("it comes from a secret")),
    };
    let after = if on { &spec.on } else { &spec.off };
    if traffic.etag.is_empty() {
        return Err(refused("Cloud Run told no etag, so it could overwrite somebody else's change"));
    }
    if before.as_deref() == Some(after.as_str()) {
        return Err(refused(if on { "it is on already" } else { "it is off already" }));
    }
    Ok(FlagChange {
        service: spec.service,
        resource: traffic.name.clone(),
        flag: spec.name.clone(),
        variable: spec.variable.clone(),
        before,
        after: after.clone(),
        etag: traffic.etag.clone(),
        generation: traffic.generation,
        frozen_at: now,
    })
}

/// What a person should know before flipping, one line each.
pub fn consequences(traffic: &Traffic) -> Vec<Clean> {
    let mut lines = vec![Clean::new("deploys a new revision from the service's template")];
    if traffic.pinned() {
        lines.push(Clean::new("the split is pinned: the new revision gets 0 % until traffic is moved to it"));
    }
    let newest = traffic.revisions.first();
    let serving = traffic.sole().and_then(|sole| traffic.revisions.iter().find(|r| r.name == sole));
    if let (Some(newest), Some(serving)) = (newest, serving)
        && newest.name != serving.name
    {
        let image = if newest.image == serving.image {
            "the same image".into()
        } else {
            format!("another image, {}", newest.image)
        };
        let line =
            format!("the template is that of {} ({image}), not of {} that serves", newest.name, serving.name);
        lines.push(Clean::new(&line));
    }
    lines
}

#[cfg(test)]
mod tests;
