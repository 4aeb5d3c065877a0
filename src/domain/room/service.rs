//! One service as configured: probes, stream, closes, metrics and Cloud Run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ActiveSpec, CohortSpec, Documented, OfObjective, ValueSpec};
use crate::domain::condition;

/// One service and all its sources.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Service {
    /// Unique name.
    pub name: String,
    /// Startup phases, where a probe reports them.
    pub startup: Option<StartupSpec>,
    /// Health probes.
    pub probes: Vec<ProbeSpec>,
    /// The event stream.
    pub events: Option<EventsSpec>,
    /// Close codes: names and the spike rule.
    pub closes: ClosesSpec,
    /// The metrics endpoint.
    pub metrics: Option<MetricsSpec>,
    /// The Cloud Run service behind it.
    pub cloud_run: Option<CloudRunSpec>,
    /// Cohorts that are compared.
    #[serde(default)]
    pub cohorts: Vec<CohortSpec>,
}

impl Service {
    /// The metrics endpoint that is scraped; metrics that are only asked of the room's engine have none.
    pub fn scraped(&self) -> Option<&MetricsSpec> {
        self.metrics.as_ref().filter(|metrics| metrics.url.is_some())
    }
}

/// Startup phases in their order, with budgets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartupSpec {
    /// Name of the probe whose body reports the phase.
    pub probe: String,
    /// The phases in the order they must run.
    pub phases: Vec<String>,
    /// Budget of one phase (default 10 s).
    pub phase_budget: Duration,
    /// Budget of the whole startup (default 30 s).
    pub total_budget: Duration,
    /// A phase running this long without a change is called stalled (default 20 s).
    pub stall_after: Duration,
    /// JSON pointers tried in order for the current phase.
    pub phase: Vec<String>,
    /// Pointers to a boolean: startup is complete.
    pub complete: Vec<String>,
    /// Pointers to a boolean: startup is in progress.
    pub in_progress: Vec<String>,
    /// Pointers to a boolean or text: startup failed.
    pub failed: Vec<String>,
    /// Pointers to a list of phases already done, or an object of phase to seconds.
    pub done: Vec<String>,
}

impl StartupSpec {
    /// Where bodies usually tell the current phase.
    pub const PHASE: [&str; 3] = ["/startup_phase", "/startup/phase", "/phase"];
    /// Where they tell that the startup is complete.
    pub const COMPLETE: [&str; 2] = ["/startup_complete", "/startup/complete"];
    /// Where they tell that it goes on.
    pub const IN_PROGRESS: [&str; 2] = ["/startup_in_progress", "/startup/in_progress"];
    /// Where they tell that it failed.
    pub const FAILED: [&str; 3] = ["/startup_failed", "/startup_error", "/startup/failed"];
    /// Where they list what is done.
    pub const DONE: [&str; 2] = ["/completed_phases", "/startup/completed_phases"];
}

/// Which revision a probe or stream speaks to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressed {
    /// Whatever the service's URL reaches: one revision if it has all the traffic, else `mixed`.
    #[default]
    Service,
    /// The revision behind this Cloud Run tag; the URL's scheme, host and port are the tag's.
    Tag(String),
    /// A fixed revision that the URL is known to reach.
    Revision(String),
}

/// One health probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeSpec {
    /// Unique name within the room (`health.NAME.…`).
    pub name: String,
    /// How it asks.
    pub kind: ProbeKind,
    /// How often.
    pub interval: Duration,
    /// When an answer counts as none.
    pub timeout: Duration,
    /// Latency limit when healthy (default 50 ms).
    pub limit: Duration,
    /// Latency limit while starting (default 100 ms).
    pub limit_starting: Duration,
    /// Which revision it speaks to.
    pub addressed: Addressed,
    /// Named values read from the body, shown with the probe: flag name → JSON pointer.
    pub flags: BTreeMap<String, String>,
}

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProbeKind {
    /// An HTTP request; healthy when the status is one of `expect`.
    Http {
        url: String,
        method: String,
        headers: BTreeMap<String, Value>,
        token: Option<SecretRef>,
        expect: Vec<u16>,
    },
    /// A TCP connection to `host:port`.
    Tcp { address: String },
    /// `SELECT 1` on a `PostgreSQL` URL.
    Postgres { url: Value },
    /// `PING` on a Redis URL.
    Redis { url: Value },
}

/// A config value that may be secret: as written, or from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// As written in the file.
    Plain(String),
    /// Read when needed.
    Secret(SecretRef),
}

/// Where a secret is found. The secret itself never stands in the config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretRef {
    /// The environment variable of this name.
    Env(String),
    /// The first line of this file.
    File(PathBuf),
    /// What this command prints (program and arguments, no shell), first line.
    Command(Vec<String>),
}

/// Where a token is put on the WebSocket handshake.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// `Authorization: Bearer …`.
    #[default]
    Header,
    /// A query parameter of this name.
    Query(String),
    /// As an extra subprotocol, with this prefix (browsers can send nothing else).
    Subprotocol(String),
}

/// The event stream of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventsSpec {
    /// `ws://` or `wss://`.
    pub url: String,
    /// Bearer token.
    pub token: Option<SecretRef>,
    /// Where the token goes.
    pub token_place: TokenPlace,
    /// Further headers.
    pub headers: BTreeMap<String, Value>,
    /// Subprotocols offered.
    pub subprotocols: Vec<String>,
    /// Texts sent once after connecting (a subscription).
    pub send: Vec<String>,
    /// Which revision it speaks to.
    pub addressed: Addressed,
    /// How many connections are held (1 by default); each is a run of its own for close codes.
    pub connections: u16,
    /// JSON pointers of the fields.
    pub fields: EventFields,
    /// Event types expected, in the order a run shows them.
    pub types: Vec<String>,
    /// The type that starts a run.
    pub first: Option<String>,
    /// The type that ends a run.
    pub last: Option<String>,
    /// Types that must pair by call id: (opening, closing).
    pub pairs: Vec<(String, String)>,
    /// A run silent longer than this is incomplete (default 30 s).
    pub run_timeout: Duration,
    /// Limit on delivery latency p95 (default 100 ms).
    pub delivery_limit: Duration,
    /// How often a ping is sent; no pong in two intervals means the link is half-open (default 5 s).
    pub ping: Duration,
    /// A run that this console begins itself.
    pub active: Option<ActiveSpec>,
    /// The team's JSON Schemas: a file, or a directory by event type.
    pub schemas: Option<PathBuf>,
}

/// JSON pointers (RFC 6901) tried in order for each field of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFields {
    /// Event type; default `/type`, `/event`, `/event_type`, `/name`.
    pub kind: Vec<String>,
    /// Run id; default `/run_id`, `/runId`, `/payload/run_id`, `/data/run_id`, `/thread_id`.
    pub run: Vec<String>,
    /// Tool-call id; default `/call_id`, `/tool_call_id`, `/payload/call_id`, `/data/call_id`.
    pub call: Vec<String>,
    /// What the event is about in a word; default `/tool_name`, `/tool` and the same in `payload` or `data`.
    pub detail: Vec<String>,
    /// Time sent: RFC 3339, or Unix seconds, milliseconds, microseconds (told apart by size).
    pub time: Vec<String>,
    /// Sequence number.
    pub seq: Vec<String>,
    /// Revision that sent it, if the event says so.
    pub revision: Vec<String>,
    /// Further fields that are counted by value: name → pointer (for instance `agent`).
    pub count_by: BTreeMap<String, String>,
}

/// Names of close codes and when a rate is a spike.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClosesSpec {
    /// Application codes (4000–4999) and overrides, by code.
    pub names: BTreeMap<u16, String>,
    /// Codes always shown, even at zero.
    pub show: Vec<u16>,
    /// When a code's rate is a spike.
    pub spike: SpikeRule,
}

/// A rate is a spike when it is over the floor and over `ratio` times its own baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpikeRule {
    /// Per minute; below it nothing is a spike (default 5).
    pub floor_per_minute: f64,
    /// Times the moving baseline (default 3).
    pub ratio: f64,
    /// Length of the moving baseline that ends `settle` ago (default 10 min).
    pub baseline: Duration,
    /// Codes that never count as a spike (default 1000, 1001).
    pub normal: Vec<u16>,
}

impl Default for SpikeRule {
    fn default() -> Self {
        Self {
            floor_per_minute: 5.0,
            ratio: 3.0,
            baseline: Duration::from_mins(10),
            normal: vec![1000, 1001],
        }
    }
}

/// Where a metric's query is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricFrom {
    /// Here, over the history of what was scraped.
    #[default]
    Scrape,
    /// By the room's metrics engine.
    Prometheus,
    /// By a person, who writes readings down.
    Person,
    /// In a JSON answer, or what a command prints.
    Value,
    /// Nowhere: its query cannot be asked, and [`Documented::problem`] says why.
    Nowhere,
}

/// The metrics of a service: an exposition endpoint to scrape, and what is computed from it or asked of an engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsSpec {
    /// URL of the Prometheus text or `OpenMetrics` endpoint; none: nothing is scraped.
    pub url: Option<String>,
    /// Further headers.
    pub headers: BTreeMap<String, Value>,
    /// Bearer token.
    pub token: Option<SecretRef>,
    /// How often (default 5 s).
    pub interval: Duration,
    /// Time-out of one scrape (default 4 s).
    pub timeout: Duration,
    /// Label that names the revision of a series, if there is one (default `revision`).
    pub revision_label: String,
    /// Counter of closed sockets with a `code` label; empty: none.
    pub closes_total: String,
    /// Histogram of connection durations in seconds; empty: none.
    pub connection_seconds: String,
    /// Gauge of open connections; empty: derived where possible.
    pub connections_open: String,
    /// Counter of requests with a label that has their status; empty: none.
    #[serde(default)]
    pub requests_total: String,
    /// Metrics shown, each a `PromQL` expression.
    pub panels: Vec<MetricSpec>,
}

/// One metric of the panel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MetricSpec {
    /// Unique name within the room (`metric.NAME`).
    pub name: String,
    /// `PromQL`.
    pub query: String,
    /// Where it is evaluated.
    pub from: MetricFrom,
    /// Unit of the result: `%`, `ms`, `s`, `MB`, `/min`, or nothing.
    pub unit: String,
    /// Target, warning and critical limits; a limit is a comparison such as `< 1`.
    pub target: Option<condition::Limit>,
    /// Warning limit: past it is `warn`.
    pub warning: Option<condition::Limit>,
    /// Critical limit: past it is `fail`.
    pub critical: Option<condition::Limit>,
    /// What a document has to do with it; `None`: it stands in the config alone.
    pub documented: Option<Box<Documented>>,
    /// Where it is read, of one that is no query; its `query` is that in words.
    pub value: Option<Box<ValueSpec>>,
    /// The objective that it tells of; its name is its signal's then.
    pub objective: Option<Box<OfObjective>>,
    /// A counter that was seen to begin while its endpoint was scraped grew from zero: only of what the room asks by itself, for
    /// an engine does not count so.
    #[serde(default)]
    pub from_zero: bool,
}

impl MetricSpec {
    /// The name of its signal.
    pub fn signal(&self) -> String {
        if self.objective.is_some() { self.name.clone() } else { format!("metric.{}", self.name) }
    }
}

/// The Cloud Run service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudRunSpec {
    /// Project id.
    pub project: String,
    /// Region.
    pub region: String,
    /// Service name.
    pub service: String,
    /// API endpoint (default `https://run.googleapis.com`).
    pub endpoint: String,
    /// Access token; none: Application Default Credentials.
    pub token: Option<SecretRef>,
    /// How often the service is read (default 5 s).
    pub interval: Duration,
    /// How long VERIFIED needs good and fresh data (default 2 min).
    pub verify_for: Duration,
}

impl CloudRunSpec {
    /// `projects/P/locations/L/services/S`.
    pub fn full_name(&self) -> String {
        format!("projects/{}/locations/{}/services/{}", self.project, self.region, self.service)
    }
}
