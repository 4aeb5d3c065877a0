//! The room: everything that one console watches, after the configuration was merged and validated.
//!
//! Final once built; all other modules read it and none changes it. Secrets are not in it, only where to find
//! them ([`SecretRef`]).

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::condition::ConditionSpec;
use super::dashboard::Dashboard;
use super::op::OpKind;

mod active;
mod alerts;
mod cohort;
mod documented;
mod environment;
mod flags;
mod gates;
mod logs;
mod money;
mod objective;
mod prometheus;
mod report;
mod requests;
mod service;
mod signoff;
mod stages;
mod value;
pub use active::*;
pub use alerts::*;
pub use cohort::*;
pub use documented::*;
pub use environment::*;
pub use flags::*;
pub use gates::*;
pub use logs::*;
pub use money::*;
pub use objective::*;
pub use prometheus::*;
pub use report::*;
pub use requests::*;
pub use service::*;
pub use signoff::*;
pub use stages::*;
pub use value::*;

/// Index of a service in [`Room::services`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct ServiceIx(pub u16);

impl ServiceIx {
    /// No service of any room: what a command acts on is not known.
    pub const NONE: Self = Self(u16::MAX);
}

/// All that is configured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Room {
    /// Shown in the header and used to name the store.
    pub name: String,
    /// Where this rollout happens.
    pub environment: Environment,
    /// Link to the war room (a call, a channel); one key away.
    pub link: Option<String>,
    /// The config of the environment that this one is compared with.
    #[serde(default)]
    pub compare_with: Option<PathBuf>,
    /// Who sits here.
    pub operator: Operator,
    /// The services watched, in the config's order.
    pub services: Vec<Service>,
    /// Services that are rolled back as one act.
    #[serde(default)]
    pub groups: Vec<GroupSpec>,
    /// The metrics engine that queries are asked of.
    pub prometheus: Option<PrometheusSpec>,
    /// Alertmanager: what fires, and what is silenced.
    pub alertmanager: Option<PrometheusSpec>,
    /// How logs are read, and what is known of them.
    #[serde(default)]
    pub logs: LogsSpec,
    /// Feature flags.
    pub flags: Vec<FlagSpec>,
    /// Variables that services must have.
    pub require_env: Vec<EnvRule>,
    /// Criteria and triggers: the built-in ones and the configured ones, in order of weight.
    pub conditions: Vec<ConditionSpec>,
    /// The trigger of services that count their requests; `None`: there is none.
    #[serde(default)]
    pub error_rate: Option<ErrorRateSpec>,
    /// The trigger of required gates; `None`: there is none.
    #[serde(default)]
    pub gate_failed: Option<GateTrigger>,
    /// People to call.
    pub contacts: Vec<Contact>,
    /// Checklist files in Markdown.
    pub checklists: Vec<Checklist>,
    /// What this rollout is about.
    pub rollout: RolloutSpec,
    /// How items are signed off.
    pub signoff: SignOffSpec,
    /// Gates of the config, and how those of documents run.
    pub gates: GatesSpec,
    /// What goes out to people who do not look at a console; `None`: nothing.
    pub alerts: Option<AlertsSpec>,
    /// How its report is written.
    pub report: ReportSpec,
    /// What is made of the metrics that documents state.
    pub documented: DocumentedSpec,
    /// The steps of a rollout.
    pub stages: StagesSpec,
    /// Dashboards besides those that every room has, or in their place.
    #[serde(default)]
    pub dashboards: Vec<Dashboard>,
    /// What an outage costs; `None`: nobody said.
    #[serde(default)]
    pub money: Option<MoneySpec>,
}

/// Services that are rolled back as one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSpec {
    /// Its name, which is the word that confirms it.
    pub name: String,
    /// In the order in which they go back.
    pub services: Vec<ServiceIx>,
    /// Whether the others go on when one fails (default: they stop).
    pub go_on: bool,
}

/// A checklist file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checklist {
    /// As written in the config or on the command line. Part of each item's identity, so that consoles that share a
    /// config from different directories share the ticks.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// The environment; production looks different and asks more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Environment {
    /// As shown, for instance `production`.
    pub name: String,
    /// Whether it is guarded as production.
    pub production: bool,
}

impl Environment {
    /// Whether an environment of this name is production, whatever else is said of it.
    pub fn is_production_by_name(name: &str) -> bool {
        matches!(name.to_ascii_lowercase().as_str(), "production" | "prod")
    }
}

/// The person at this console.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Operator {
    /// Name, as the journal keeps it.
    pub name: String,
    /// Role in the room, for instance `commander`, `deployer`, `on-call`; may be empty.
    pub role: String,
    /// Whether acts are allowed at all.
    pub mode: Mode,
}

impl Operator {
    /// The name where nobody said one.
    pub const UNKNOWN: &str = "unknown";
}

/// Whether this console may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Everything.
    #[default]
    Operate,
    /// Watching only; actions vanish from screen and keymap.
    ReadOnly,
}

/// What is rolled out, as far as the config says it; the rest is seen in the traffic.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RolloutSpec {
    /// The act that the verdict is about, for instance `canary 10 %`; empty: derived from the traffic.
    pub act: String,
}

/// Someone to call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// Telephone, channel or address, as text.
    pub reach: String,
}

impl Room {
    /// The service at `ix`, if the room has it.
    pub fn service(&self, ix: ServiceIx) -> Option<&Service> {
        self.services.get(usize::from(ix.0))
    }

    /// Which service `act` acts on, by its resource: the place in the act is that of the config it was made under.
    pub fn place_of(&self, act: &OpKind) -> Option<ServiceIx> {
        if matches!(act, OpKind::Run(_)) {
            return Some(ServiceIx::NONE);
        }
        if let OpKind::Flag(change) = act
            && change.live.is_some()
        {
            return self.flag_at(act.resource()).map(|flag| flag.service);
        }
        let is_it = |ix: &ServiceIx| {
            let cloud = self.service(*ix).and_then(|service| service.cloud_run.as_ref());
            cloud.is_some_and(|cloud| cloud.full_name() == act.resource())
        };
        Some(act.service()).filter(is_it).or_else(|| self.service_ixs().find(is_it))
    }

    /// The flag of a live provider that is kept there.
    pub fn flag_at(&self, resource: &str) -> Option<&FlagSpec> {
        self.flags.iter().find(|flag| flag.resource().as_deref() == Some(resource))
    }

    /// Whether it is made of checklists alone: nothing is watched.
    pub fn is_of_documents(&self) -> bool {
        self.services.is_empty() && !self.checklists.is_empty()
    }

    /// Whether the logs of a service can be read.
    pub fn has_logs(&self, service: &Service) -> bool {
        service.cloud_run.as_ref().is_some_and(|cloud| self.logs.endpoint_for(cloud).is_some())
    }

    /// The service of this name: as the config calls it, else as Cloud Run does.
    pub fn service_called(&self, name: &str) -> Option<ServiceIx> {
        let place = |is_it: &dyn Fn(&Service) -> bool| {
            self.service_ixs().zip(&self.services).find(|(_, service)| is_it(service)).map(|(ix, _)| ix)
        };
        let on_cloud =
            |service: &Service| service.cloud_run.as_ref().is_some_and(|cloud| cloud.service == name);
        place(&|service| service.name == name).or_else(|| place(&on_cloud))
    }

    /// Indices of all services.
    pub fn service_ixs(&self) -> impl Iterator<Item = ServiceIx> + use<> {
        (0..u16::try_from(self.services.len()).unwrap_or(u16::MAX)).map(ServiceIx)
    }
}
