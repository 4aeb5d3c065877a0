//! Feature flags as their providers keep them: where one is kept, what it is set to, what is asked for, and the frozen
//! change of one.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Clean, Mono, Wall};

/// Who keeps a flag.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Provider {
    /// An environment variable of a Cloud Run service: a flip deploys a revision.
    #[default]
    CloudRun,
    /// Unleash, by its Admin API.
    Unleash,
    /// A file of flagd definitions.
    Flagd,
    /// Any backend that speaks the `OpenFeature` remote evaluation protocol; only read.
    Ofrep,
}

/// What a flag of a live provider is set to, in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Setting {
    /// Whether it is turned on at all.
    pub enabled: bool,
    /// Percent of those who ask that get it while it is on, 0–100; `None`: that is no matter of one share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// What keeps a share the same people, for instance `userId`; `None`: not told, or not to be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stickiness: Option<Clean>,
}

/// What is asked of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// On; a share stays as it is.
    On,
    /// Off.
    Off,
    /// On for this percentage, 0–100.
    Percent(u8),
    /// What it was before the last change.
    Previous,
}

/// Why a text asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a flag is set to on, off, a percentage from 0 to 100, or previous")]
pub struct NotWanted;

/// What a live provider said of a flag.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FlagRead {
    /// What it is set to.
    pub setting: Setting,
    /// The value itself, where that says more than on or off.
    pub value: Option<Clean>,
    /// Which environment, file or backend this is of, as shown.
    pub place: Clean,
    /// What else is to be known of it: several strategies, constraints, stale.
    pub notes: Vec<Clean>,
    /// It is turned by its value, all or nothing, and not by a switch beside its share.
    pub whole: bool,
    /// Percent of those who ask that get it now, 0–100; `None`: the provider does not tell, whatever it is set to.
    #[serde(default)]
    pub share: Option<u8>,
    /// Why its share cannot be set here; `None`: it can.
    pub share_fixed: Option<Clean>,
    /// Why it cannot be changed here at all; `None`: it can.
    pub fixed: Option<Clean>,
    /// Tells this definition from any other of the same flag.
    pub version: String,
    /// Who changed it last, as the provider tells.
    pub changed_by: Clean,
    /// When, as the provider tells.
    pub changed_at: Option<Wall>,
}

/// A flag was read, or not: sent by its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlagSeen {
    /// Its place in the room's flags.
    pub flag: u16,
    /// When it was asked for: what it says is at least as new.
    pub at: Mono,
    /// What was read.
    pub read: FlagRead,
}

/// A change of a flag of a live provider, frozen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LiveChange {
    /// Who keeps it.
    pub provider: Provider,
    /// The environment or file, as shown.
    pub place: Clean,
    /// What it was set to.
    pub before: Setting,
    /// What it is to be set to.
    pub after: Setting,
    /// Percent of those who ask that got it, 0–100; `None`: that was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
    /// The definition it was frozen from; another one at the time of sending stops it.
    pub version: String,
}

impl Provider {
    /// As the snapshot names it.
    pub fn key(self) -> &'static str {
        match self {
            Self::CloudRun => "cloud_run_env",
            Self::Unleash => "unleash",
            Self::Flagd => "flagd",
            Self::Ofrep => "ofrep",
        }
    }

    /// As shown in a column.
    pub fn word(self) -> &'static str {
        match self {
            Self::CloudRun => "env var",
            Self::Unleash => "unleash",
            Self::Flagd => "flagd file",
            Self::Ofrep => "ofrep",
        }
    }
}

impl Setting {
    /// Whether anybody may get it.
    pub fn is_on(&self) -> bool {
        self.enabled && self.percent != Some(0)
    }

    /// In words: `on`, `on 25 %`, `off`, `off (25 % when on)`.
    pub fn words(&self) -> String {
        match (self.enabled, self.percent) {
            (true, None | Some(100)) => "on".to_owned(),
            (true, Some(0)) => "off".to_owned(),
            (true, Some(percent)) => format!("on {percent} %"),
            (false, Some(percent @ 1..=99)) => format!("off ({percent} % when on)"),
            (false, _) => "off".to_owned(),
        }
    }

    /// Whether what was read is what this asks for; what this leaves open may be anything.
    pub fn is_met_by(&self, read: &Self) -> bool {
        let share = self.percent.is_none() || self.percent == read.percent;
        let sticks = self.stickiness.is_none() || self.stickiness == read.stickiness;
        self.enabled == read.enabled && share && sticks
    }
}

impl LiveChange {
    /// Whether it only turns the flag on or off, and its share stays what it is.
    pub fn only_switches(&self) -> bool {
        let (before, after) = (&self.before, &self.after);
        before.enabled != after.enabled && before.percent == after.percent && after.stickiness.is_none()
    }

    /// Whether more may get it than did. What is not known counts as more; turned off nobody does.
    pub fn goes_forward(&self) -> bool {
        match (self.after.percent, self.share) {
            _ if !self.after.is_on() => false,
            (_, Some(100)) => false,
            (Some(after), Some(before)) => after > before,
            (None, _) | (_, None) => true,
        }
    }
}

impl FromStr for Wanted {
    type Err = NotWanted;

    fn from_str(text: &str) -> Result<Self, NotWanted> {
        match text.trim() {
            "on" | "true" => Ok(Self::On),
            "off" | "false" => Ok(Self::Off),
            "previous" | "prev" => Ok(Self::Previous),
            other => {
                let digits = other.strip_suffix('%').unwrap_or(other).trim_end();
                // A sign or a fraction is no percentage to send.
                let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
                let percent = digits.parse::<u8>().ok().filter(|percent| plain && *percent <= 100);
                percent.map(Self::Percent).ok_or(NotWanted)
            }
        }
    }
}

impl FlagRead {
    /// What `wanted` makes of it; `stickiness` is changed too, if named. [`Wanted::Previous`] is resolved by who knows
    /// the past.
    ///
    /// # Errors
    /// It cannot be done, in words.
    pub fn target(&self, wanted: Wanted, stickiness: Option<&str>) -> Result<Setting, Clean> {
        let now = &self.setting;
        if let Some(why) = &self.fixed {
            return Err(why.clone());
        }
        let moves_share = matches!(wanted, Wanted::Percent(_)) || stickiness.is_some();
        if let Some(why) = self.share_fixed.as_ref().filter(|_| moves_share) {
            return Err(why.clone());
        }
        let mut after = match wanted {
            Wanted::On if self.whole => Setting { enabled: true, percent: Some(100), stickiness: None },
            Wanted::Off if self.whole => Setting { percent: Some(0), stickiness: None, ..now.clone() },
            Wanted::On if now.percent == Some(0) => {
                return Err(Clean::new("its share is 0 %: turned on nobody would get it, name a percentage"));
            }
            Wanted::On => Setting { enabled: true, stickiness: None, ..now.clone() },
            Wanted::Off => Setting { enabled: false, stickiness: None, ..now.clone() },
            Wanted::Percent(percent) => {
                let enabled = percent > 0 || now.enabled;
                Setting { enabled, percent: Some(percent), stickiness: None }
            }
            Wanted::Previous => return Err(Clean::new("what it was before is not known to this room")),
        };
        after.stickiness = stickiness.map(Clean::new).or(after.stickiness);
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_a_word_or_a_whole_percentage() {
        let wanted = |text: &str| text.parse::<Wanted>();
        assert_eq!(wanted("on"), Ok(Wanted::On));
        assert_eq!(wanted("previous"), Ok(Wanted::Previous));
        for (text, percent) in [("0", 0), ("25", 25), ("25%", 25), ("25 %", 25), ("100", 100), ("007", 7)] {
            assert_eq!(wanted(text), Ok(Wanted::Percent(percent)), "{text}");
        }
        for bad in ["101", "150", "-1", "+5", "2.5", "", "%", "256", "o n", "1e1"] {
            assert_eq!(wanted(bad), Err(NotWanted), "{bad}");
        }
    }

    fn read(enabled: bool, percent: Option<u8>) -> FlagRead {
        let setting = Setting { enabled, percent, stickiness: Some("default".into()) };
        FlagRead { setting, ..FlagRead::default() }
    }

    #[test]
    fn a_switch_leaves_the_share_and_a_share_turns_on() {
        let to = |read: FlagRead, wanted| read.target(wanted, None).map(|after| after.words());
        assert_eq!(to(read(true, Some(25)), Wanted::Off), Ok("off (25 % when on)".into()));
        assert_eq!(to(read(false, Some(25)), Wanted::On), Ok("on 25 %".into()));
        assert_eq!(to(read(false, None), Wanted::Percent(10)), Ok("on 10 %".into()));
        assert!(to(read(false, Some(0)), Wanted::On).is_err(), "nobody would get it");
        let whole = FlagRead { whole: true, ..read(true, Some(0)) };
        assert_eq!(to(whole.clone(), Wanted::On), Ok("on".into()));
        assert_eq!(to(whole, Wanted::Off), Ok("off".into()));
        let fixed = FlagRead { share_fixed: Some("2 strategies".into()), ..read(true, None) };
        assert_eq!(to(fixed.clone(), Wanted::Percent(10)), Err("2 strategies".into()));
        assert_eq!(to(fixed, Wanted::Off), Ok("off".into()));
    }

    #[test]
    fn what_is_not_known_goes_forward_and_off_never_does() {
        let forward = |share: Option<u8>, enabled: bool, percent: Option<u8>| {
            let after = Setting { enabled, percent, stickiness: None };
            LiveChange { after, share, ..LiveChange::default() }.goes_forward()
        };
        assert!(forward(None, true, Some(1)) && forward(None, true, None) && forward(Some(0), true, None));
        assert!(forward(Some(25), true, Some(26)) && !forward(Some(25), true, Some(25)));
        assert!(!forward(None, false, Some(100)) && !forward(None, true, Some(0)));
        assert!(!forward(Some(100), true, None));
    }

    #[test]
    fn what_is_left_open_is_met_by_anything() {
        let asked = Setting { enabled: true, percent: Some(25), stickiness: None };
        assert!(asked.is_met_by(&read(true, Some(25)).setting));
        assert!(!asked.is_met_by(&read(true, Some(26)).setting));
        assert!(!asked.is_met_by(&read(false, Some(25)).setting));
        let sticky = Setting { stickiness: Some("userId".into()), ..asked };
        assert!(!sticky.is_met_by(&read(true, Some(25)).setting));
    }
}
