//! Feature flags as configured: each with its provider, and until when it is meant to live.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{SecretRef, ServiceIx, Value};
use crate::domain::Clean;
use crate::domain::flag::Provider;

/// The place of a flag that is only evaluated.
pub const EVALUATED: &str = "evaluated";

/// A feature flag.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlagSpec {
    /// Name on the screen.
    pub name: String,
    /// The service it belongs to; [`ServiceIx::NONE`] if it is of none.
    pub service: ServiceIx,
    /// The environment variable, for Cloud Run.
    pub variable: String,
    /// The value that means on (default `true`); for flagd the variant (default `on`).
    pub on: String,
    /// The value that means off (default `false`); for flagd the variant (default `off`).
    pub off: String,
    /// The container that has the variable; none: the one that takes the requests.
    pub container: Option<String>,
    /// Who keeps it, and where.
    pub source: FlagSource,
    /// The last day it is meant to live; afterwards it is debt.
    pub temporary_until: Option<NaiveDate>,
}

/// Who keeps a flag, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "kebab-case")]
pub enum FlagSource {
    /// The service's template on Cloud Run.
    #[default]
    CloudRun,
    /// Unleash.
    Unleash(Box<UnleashSpec>),
    /// A flagd file.
    Flagd(FlagdSpec),
    /// An `OpenFeature` backend.
    Ofrep(Box<OfrepSpec>),
}

/// A flag server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlagServer {
    /// Where it is, without `/api` or `/ofrep`.
    pub url: String,
    /// Its token.
    pub token: Option<SecretRef>,
    /// Further headers.
    pub headers: BTreeMap<String, Value>,
    /// How often it is asked (default 5 s).
    pub interval: Duration,
    /// Time-out of one request (default 10 s).
    pub timeout: Duration,
}

/// A feature of Unleash in one of its environments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnleashSpec {
    /// The server.
    pub server: FlagServer,
    /// Its project (default `default`).
    pub project: String,
    /// The feature's name there.
    pub feature: String,
    /// The environment (default: the room's).
    pub environment: String,
}

/// A flag in a file that flagd reads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlagdSpec {
    /// The file.
    pub file: PathBuf,
    /// The same one however it is written: without links, from the root.
    #[serde(default)]
    pub real: PathBuf,
    /// The key under `flags`.
    pub key: String,
    /// How often it is read (default 2 s).
    pub interval: Duration,
}

/// A flag of an `OpenFeature` backend.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OfrepSpec {
    /// The server.
    pub server: FlagServer,
    /// The flag's key.
    pub key: String,
    /// What it is evaluated for; `targetingKey` is `warroom` by default.
    pub context: BTreeMap<String, String>,
}

impl FlagSpec {
    /// Who keeps it.
    pub fn provider(&self) -> Provider {
        match self.source {
            FlagSource::CloudRun => Provider::CloudRun,
            FlagSource::Unleash(_) => Provider::Unleash,
            FlagSource::Flagd(_) => Provider::Flagd,
            FlagSource::Ofrep(_) => Provider::Ofrep,
        }
    }

    /// What a change of it acts on, the same in each config that names the same flag; of a variable that is its service.
    pub fn resource(&self) -> Option<String> {
        match &self.source {
            FlagSource::CloudRun => None,
            FlagSource::Unleash(spec) => Some(format!(
                "unleash:{}/projects/{}/features/{}/environments/{}",
                spec.server.url, spec.project, spec.feature, spec.environment
            )),
            FlagSource::Flagd(spec) => Some(format!("flagd:{}#{}", spec.real.display(), spec.key)),
            FlagSource::Ofrep(spec) => Some(format!("ofrep:{}#{}", spec.server.url, spec.key)),
        }
    }

    /// The provider's environment that it is kept in, where it has one beside the room's.
    pub fn environment(&self) -> Option<&str> {
        match &self.source {
            FlagSource::Unleash(spec) => Some(&spec.environment),
            FlagSource::CloudRun | FlagSource::Flagd(_) | FlagSource::Ofrep(_) => None,
        }
    }

    /// Where its provider keeps it, as it is also told of one that was read: an environment, a file or what evaluates it;
    /// `None`: its service's template.
    pub fn place(&self) -> Option<Clean> {
        match &self.source {
            FlagSource::CloudRun => None,
            FlagSource::Unleash(spec) => Some(Clean::new(&spec.environment)),
            FlagSource::Flagd(spec) => {
                Some(Clean::new(&spec.file.file_name().unwrap_or_default().to_string_lossy()))
            }
            FlagSource::Ofrep(_) => Some(Clean::new(EVALUATED)),
        }
    }

    /// How often its provider is asked; `None`: with its service.
    pub fn interval(&self) -> Option<Duration> {
        match &self.source {
            FlagSource::CloudRun => None,
            FlagSource::Unleash(spec) => Some(spec.server.interval),
            FlagSource::Flagd(spec) => Some(spec.interval),
            FlagSource::Ofrep(spec) => Some(spec.server.interval),
        }
    }
}
