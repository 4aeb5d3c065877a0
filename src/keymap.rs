//! The keymap: keys are data. Rules bind a chord to an action in a context; hints, help and `docs/keys.md` are read
//! back from the same rules, so that what the screen promises is what a key does.
//!
//! The defaults stand in `keymap/default.toml`; `[keys.CONTEXT]` of the config rebinds. A key never executes a
//! dangerous act: at most it opens the dialog that asks. In read-only mode the acting actions are not in the map at
//! all, and so are in no hint and no help either.

use std::collections::BTreeMap;

use serde::Deserialize;
use strum::IntoEnumIterator;

use crate::domain::{Action, Chord, PanelId};

pub mod chord;
pub mod help;
pub mod hints;
pub mod words;

pub use help::{Group, Line};
pub use hints::Hint;

/// Where a rule holds. A rule of the context in focus wins over one of [`Context::Everywhere`].
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum Context {
    /// Wherever no field takes the letters.
    Everywhere,
    /// The list of panels on small screens.
    Room,
    /// Close codes.
    Closes,
    /// The event stream.
    Events,
    /// Rollback triggers.
    Triggers,
    /// Metrics.
    Metrics,
    /// Traffic.
    Traffic,
    /// Checklist.
    Checklist,
    /// Health probes.
    Health,
    /// Startup phases.
    Startup,
    /// Feature flags.
    Flags,
    /// Journal.
    Journal,
    /// The list of findings.
    Findings,
    /// Gates.
    Gates,
    /// Alerts.
    Alerts,
    /// Stages.
    Stages,
    /// Logs.
    Logs,
    /// Panels that stand on dashboards alone.
    Dashboard,
    /// A dialog while no field has the focus: the progress of an operation and its endings.
    Dialog,
}

impl From<PanelId> for Context {
    fn from(panel: PanelId) -> Self {
        match panel {
            PanelId::Closes => Self::Closes,
            PanelId::Events => Self::Events,
            PanelId::Triggers => Self::Triggers,
            PanelId::Metrics => Self::Metrics,
            PanelId::Traffic => Self::Traffic,
            PanelId::Checklist => Self::Checklist,
            PanelId::Health => Self::Health,
            PanelId::Startup => Self::Startup,
            PanelId::Flags => Self::Flags,
            PanelId::Journal => Self::Journal,
            PanelId::Gates => Self::Gates,
            PanelId::Alerts => Self::Alerts,
            PanelId::Stages => Self::Stages,
            PanelId::Logs => Self::Logs,
            PanelId::GoldenPath
            | PanelId::Users
            | PanelId::Budget
            | PanelId::Money
            | PanelId::Components
            | PanelId::Trends
            | PanelId::Deployment
            | PanelId::WayBack => Self::Dashboard,
        }
    }
}

/// Who wrote a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Default,
    Config,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    context: Context,
    chord: Chord,
    action: Action,
    source: Source,
}

/// The rules in force, in the order in which hints and help show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    rules: Vec<Rule>,
    read_only: bool,
}

/// Two actions on one key of one context: the first is done, the second is not reachable by this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// Where.
    pub context: Context,
    /// Which key.
    pub chord: Chord,
    /// What the key does.
    pub wins: Action,
    /// What it does not do any more.
    pub loses: Action,
}

/// Why a rebinding from the config was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No such context.
    #[error("there is no key context `{0}`")]
    Context(String),
    /// No such action.
    #[error("there is no action `{0}`")]
    Action(String),
    /// Not a key.
    #[error("`{0}` is not a key; write for instance \"g\", \"ctrl-o\", \"f5\" or \"space\"")]
    Key(String),
    /// The config binds one key twice in one context.
    #[error("`{key}` is bound to both `{one}` and `{other}` in [keys.{context}]")]
    Twice { context: Context, key: String, one: Action, other: Action },
}

const DEFAULT: &str = include_str!("keymap/default.toml");

#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Many(Vec<String>),
}

impl Default for Keymap {
    /// The rules of `default.toml`. A test proves that the file is whole, so nothing is lost here.
    fn default() -> Self {
        let table: BTreeMap<String, toml::Table> = toml::from_str(DEFAULT).unwrap_or_default();
        let mut rules = Vec::new();
        for context in Context::iter() {
            let Some(actions) = table.get(<&str>::from(context)) else { continue };
            for action in Action::iter() {
                let keys = actions.get(<&str>::from(action)).cloned();
                for key in keys.and_then(|keys| Keys::deserialize(keys).ok()).map(list).unwrap_or_default() {
                    if let Some(chord) = chord::parse(&key) {
                        rules.push(Rule { context, chord, action, source: Source::Default });
                    }
                }
            }
        }
        Self { rules, read_only: false }
    }
}

fn list(keys: Keys) -> Vec<String> {
    match keys {
        Keys::One(key) => vec![key],
        Keys::Many(keys) => keys,
    }
}

impl Keymap {
    /// Binds `action` in `context` to exactly `keys`, in place of its default keys there; no keys unbind it. A key that
    /// another default has is taken from it ([`Keymap::conflicts`] tells); a key bound twice by the config is an error.
    pub fn rebind(&mut self, context: &str, action: &str, keys: &[String]) -> Result<(), KeyError> {
        let context: Context = context.parse().map_err(|_unknown| KeyError::Context(context.to_owned()))?;
        let action: Action = action.parse().map_err(|_unknown| KeyError::Action(action.to_owned()))?;
        let mut chords = Vec::new();
        for key in keys {
            let chord = chord::parse(key).ok_or_else(|| KeyError::Key(key.clone()))?;
            let rival = self.rules.iter().find(|rule| {
                rule.source == Source::Config
                    && (rule.context, rule.chord) == (context, chord)
                    && rule.action != action
            });
            if let Some(rival) = rival {
                return Err(KeyError::Twice { context, key: key.clone(), one: rival.action, other: action });
            }
            chords.push(chord);
        }
        self.rules.retain(|rule| (rule.context, rule.action) != (context, action));
        let rules = chords.into_iter().map(|chord| Rule { context, chord, action, source: Source::Config });
        self.rules.splice(0..0, rules);
        Ok(())
    }

    /// The map of a console that only watches: nothing that acts is bound, and the map says so.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.rules.retain(|rule| !rule.action.acts());
        self.read_only = true;
        self
    }

    /// Whether acting actions were taken out.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// What `chord` does in `context`.
    pub fn action(&self, context: Context, chord: Chord) -> Option<Action> {
        [context, Context::Everywhere]
            .into_iter()
            .find_map(|context| self.rules.iter().find(|rule| (rule.context, rule.chord) == (context, chord)))
            .map(|rule| rule.action)
    }

    /// The keys that do `action` in `context`: those that no other rule takes there.
    pub fn chords(&self, context: Context, action: Action) -> impl Iterator<Item = Chord> {
        let own = self.rules.iter().filter(move |rule| rule.context == context);
        let general = self
            .rules
            .iter()
            .filter(move |rule| context != Context::Everywhere && rule.context == Context::Everywhere);
        own.chain(general)
            .filter(move |rule| rule.action == action && self.action(context, rule.chord) == Some(action))
            .map(|rule| rule.chord)
    }

    /// The first key that does `action` in `context`, as written on the screen.
    pub fn key_for(&self, context: Context, action: Action) -> Option<String> {
        self.chords(context, action).next().map(chord::text)
    }

    /// The first key that does `action` at all: everywhere, else in the first context that has one.
    pub fn any_key_for(&self, action: Action) -> Option<String> {
        Context::iter().find_map(|context| self.key_for(context, action))
    }

    /// Keys that two rules of one context claim.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let winner =
                self.rules.iter().take(at).find(|r| (r.context, r.chord) == (rule.context, rule.chord));
            if let Some(winner) = winner.filter(|winner| winner.action != rule.action) {
                let (context, chord) = (rule.context, rule.chord);
                found.push(Conflict { context, chord, wins: winner.action, loses: rule.action });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
