//! Feature flags: what each is set to, who changed it last, and the frozen change of one.
//!
//! Of a variable of a Cloud Run service the value is what the service's template says, which is what the *next* revision
//! gets. What serves may differ, after a rollback for instance, and then both are said. A flag of a live provider is what
//! was read there last.

mod freeze;
mod images;
mod known;
mod looked;

pub use freeze::{Extra, consequences, freeze, live};
pub use images::images;
pub use known::{Change, Flags, Past};
pub(super) use known::{NOT_SET, Seen, index_of};

use std::cmp::Reverse;

use crate::domain::flag::{FlagRead, Provider};
use crate::domain::revision::EnvValue;
use crate::domain::room::FlagSpec;
use crate::domain::{Clean, SourceId, Traffic, Wall};

use super::Model;

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
    /// The flag was not read yet, or what serves is not one revision.
    Unknown,
}

/// A flag as known now.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagView<'a> {
    /// As configured.
    pub spec: &'a FlagSpec,
    /// Where it is kept; in the service's template.
    pub value: FlagValue,
    /// With what requests are served and how many percent of them, first what is set, then the largest
    /// share; none where that is not known.
    pub serving: Vec<(FlagValue, u8)>,
    /// A flip deploys a revision that gets no traffic, because the split is pinned.
    pub pinned: bool,
    /// What its live provider said last.
    pub read: Option<&'a FlagRead>,
    /// The last change that this room knows of.
    pub change: Option<&'a Change>,
    /// Days since it should have been gone.
    pub overdue: Option<i64>,
}

impl FlagView<'_> {
    /// Whether the template says something else than what serves.
    pub fn differs(&self) -> bool {
        self.serving.iter().any(|(value, _)| *value != self.value)
    }

    /// What requests are served with; `None`: some with one value, some with another. Where nobody knows, what is set.
    pub fn effective(&self) -> Option<&FlagValue> {
        match self.serving.as_slice() {
            [] => Some(&self.value),
            [(only, _)] => Some(only),
            [_, _, ..] => None,
        }
    }

    /// What requests are served with, in words: `off`, `on 10 %, off 90 %`.
    pub fn serving_words(&self) -> String {
        match self.serving.as_slice() {
            [(only, _)] => only.word().to_owned(),
            several => {
                let share = |(value, percent): &(FlagValue, u8)| format!("{} {percent} %", value.word());
                several.iter().map(share).collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Percent of those who ask that get it; `None` where the provider does not tell that.
    pub fn share(&self) -> Option<u8> {
        self.read?.share
    }

    /// What it is set to, and what serves where that is something else, in words: `on`, `on 25 %`, `blue`,
    /// `on, serving off`, `on 10 %, off 90 %`.
    pub fn words(&self) -> String {
        match (&self.read, &self.value) {
            _ if self.differs() && self.serving.iter().any(|(value, _)| *value == self.value) => {
                self.serving_words()
            }
            (_, value) if self.differs() => format!("{}, serving {}", value.word(), self.serving_words()),
            (Some(read), FlagValue::On | FlagValue::Off) => read.setting.words(),
            (_, value) => value.word().to_owned(),
        }
    }

    /// Whether a flip deploys a revision.
    pub fn deploys(&self) -> bool {
        self.spec.provider() == Provider::CloudRun
    }

    /// Why it cannot be changed here; `None`: it can.
    pub fn fixed(&self) -> Option<&str> {
        match (&self.value, self.read) {
            (FlagValue::Secret, _) => Some("comes from a secret"),
            (FlagValue::Unknown, None) => Some("not read yet"),
            (_, Some(read)) => read.fixed.as_deref(),
            _ => None,
        }
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

/// The variable `spec` in what was last read of its service.
pub fn view<'a>(spec: &'a FlagSpec, traffic: Option<&Traffic>) -> FlagView<'a> {
    // Only of the container that takes the requests each revision's variables are known.
    let serving = traffic.filter(|_| spec.container.is_none()).and_then(|traffic| served(spec, traffic));
    let template = traffic.and_then(|traffic| traffic.env_of(spec.container.as_deref()));
    FlagView {
        spec,
        value: template.map_or(FlagValue::Unknown, |env| value(spec, env.get(&spec.variable))),
        serving: serving.unwrap_or_default(),
        pinned: traffic.is_some_and(Traffic::pinned),
        read: None,
        change: None,
        overdue: None,
    }
}

/// What each share of the traffic is served with; `None` unless every revision with a share is known.
fn served(spec: &FlagSpec, traffic: &Traffic) -> Option<Vec<(FlagValue, u8)>> {
    let mut shares: Vec<(FlagValue, u8)> = Vec::new();
    for target in traffic.serving().0.iter().filter(|target| target.percent > 0) {
        let name = target.revision.as_ref()?;
        let revision = traffic.revisions.iter().find(|revision| revision.name == *name)?;
        let value = value(spec, revision.env.get(&spec.variable));
        match shares.iter_mut().find(|(known, _)| *known == value) {
            Some((_, percent)) => *percent += target.percent,
            None => shares.push((value, target.percent)),
        }
    }
    // First what is set: `on 10 %` says it all, also where the rest is cut.
    let set = traffic.env_of(None).map(|env| value(spec, env.get(&spec.variable)));
    shares.sort_by_key(|(value, percent)| (Some(value) != set.as_ref(), Reverse(*percent)));
    Some(shares)
}

/// The flag `spec` as its live provider said last.
fn view_live<'a>(spec: &'a FlagSpec, read: Option<&'a FlagRead>) -> FlagView<'a> {
    let value = match read {
        None => FlagValue::Unknown,
        Some(FlagRead { value: Some(value), .. }) => FlagValue::Other(value.clone()),
        Some(read) if read.setting.is_on() => FlagValue::On,
        Some(_) => FlagValue::Off,
    };
    FlagView { spec, value, serving: Vec::new(), pinned: false, read, change: None, overdue: None }
}

/// What a variable of a revision or of the template says of its flag.
pub(super) fn value(spec: &FlagSpec, set: Option<&EnvValue>) -> FlagValue {
    match set {
        None => FlagValue::Unset,
        Some(EnvValue::Secret { .. }) => FlagValue::Secret,
        Some(EnvValue::Plain(text)) if **text == *spec.on => FlagValue::On,
        Some(EnvValue::Plain(text)) if **text == *spec.off => FlagValue::Off,
        Some(EnvValue::Plain(text)) => FlagValue::Other(text.clone()),
    }
}

/// Days since the last day of a temporary flag.
pub(super) fn overdue(spec: &FlagSpec, now: Wall) -> Option<i64> {
    let until = spec.temporary_until?;
    let days = now.date_naive().signed_duration_since(until).num_days();
    (days > 0).then_some(days)
}

impl Model {
    /// Flag `index` of the room, as known now.
    pub fn flag(&self, index: usize) -> Option<FlagView<'_>> {
        let spec = self.room.flags.get(index)?;
        let view = match spec.provider() {
            Provider::CloudRun => view(spec, self.traffic(spec.service)),
            Provider::Unleash | Provider::Flagd | Provider::Ofrep => view_live(spec, self.flags.read(index)),
        };
        Some(FlagView { change: self.flags.last(index), overdue: overdue(spec, self.now.wall), ..view })
    }

    /// All flags, in the config's order.
    pub fn all_flags(&self) -> impl Iterator<Item = FlagView<'_>> {
        (0..self.room.flags.len()).filter_map(|index| self.flag(index))
    }

    /// Where a flag is kept: as its provider told, else as the config says; of a variable its service.
    pub fn flag_place(&self, flag: &FlagView<'_>) -> Clean {
        let told = flag.read.map(|read| read.place.clone()).or_else(|| flag.spec.place());
        told.unwrap_or_else(|| Clean::new(&self.service_name(flag.spec.service)))
    }

    /// The source that tells flag `index`.
    pub fn flag_source(&self, index: usize) -> Option<SourceId> {
        let spec = self.room.flags.get(index)?;
        Some(match spec.provider() {
            Provider::CloudRun => SourceId::CloudRun { service: spec.service },
            Provider::Unleash | Provider::Flagd | Provider::Ofrep => {
                SourceId::Flag { flag: u16::try_from(index).ok()? }
            }
        })
    }

    /// The place of the flag called `name` in the room.
    pub fn flag_named(&self, name: &str) -> Option<usize> {
        self.room.flags.iter().position(|flag| flag.name == name)
    }
}

#[cfg(test)]
mod act_tests;
#[cfg(test)]
mod tests;
