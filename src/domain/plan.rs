//! What is understood of a team's document beside its items: commands, panels, thresholds, flags, stages and the rest.
//!
//! Nothing here is run, sent or followed: a plan is a proposal. Each part carries its line in the file (from 1), so that a
//! person can go there.

use serde::{Deserialize, Serialize};

use super::Clean;
use super::item::ItemId;
use super::room::Must;

mod command;
mod threshold;
pub mod words;
pub use command::*;
pub use threshold::*;

/// The plan of one document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// How the bytes had to be repaired to be read at all.
    pub repaired: Option<Repair>,
    /// How much of everything there is.
    pub counts: Counts,
    /// Commands, in file order.
    pub commands: Vec<Command>,
    /// Queries for a metrics server.
    pub panels: Vec<Query>,
    /// Numbers with their limits.
    pub thresholds: Vec<Threshold>,
    /// Feature flags that are named with a value.
    pub flags: Vec<PlannedFlag>,
    /// Environment variables that are named as required.
    #[serde(default)]
    pub variables: Vec<PlannedVariable>,
    /// Startup phases, in their order.
    pub phases: Vec<PlannedPhase>,
    /// Stages of the rollout, in their order.
    pub stages: Vec<PlannedStage>,
    /// Event types that are expected.
    pub events: Vec<Named>,
    /// Whom to call.
    pub contacts: Vec<Named>,
    /// Severities of incidents.
    pub severities: Vec<Severity>,
    /// Where alerts go. Inert until the config maps channels and recipients.
    pub routes: Vec<Route>,
    /// Messages to send, with `{{placeholders}}`.
    pub templates: Vec<Template>,
    /// Files that must not change after a gate passed.
    pub guards: Vec<PathGuard>,
    /// Steps of a rollback, in their order.
    pub rollback_steps: Vec<Named>,
    /// When the war room opens.
    pub activations: Vec<Named>,
    /// What is done in the war room, in its order.
    pub procedures: Vec<Named>,
    /// Conditions that ask for a rollback.
    pub triggers: Vec<PlannedTrigger>,
    /// Roles in the room or at sign-off.
    pub roles: Vec<Role>,
    /// Numbers in sentences, for comparison with the limits of this and other documents.
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// What was not understood, or is questionable.
    pub findings: Vec<Finding>,
}

/// A number that a sentence gives for something: `the relay takes 500 events/s`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Line in the file, from 1.
    pub line: u32,
    /// What is measured; `event a time` where it is counted.
    pub name: Clean,
    /// The number, with the side on which things are well.
    pub bound: Bound,
    /// The sentence.
    pub text: Clean,
    /// The headings above, outermost first.
    pub section: Vec<Clean>,
}

/// In which encoding the text had been read by mistake before it was stored as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Repair {
    /// Mac OS Roman.
    MacRoman,
    /// Windows code page 1252.
    #[serde(rename = "windows-1252")]
    #[strum(serialize = "windows-1252")]
    Windows1252,
}

/// How much of everything a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Headings.
    pub headings: u32,
    /// Task-list items, those that state a condition included.
    pub items: u32,
    /// Those of them that are ticked in the file.
    pub checked: u32,
    /// Those of them that state a condition rather than work.
    pub conditions: u32,
    /// Items of numbered lists without a box.
    pub ordered_steps: u32,
    /// Tables.
    pub tables: u32,
    /// Links.
    pub links: u32,
    /// Fences with shell commands.
    pub shell: u32,
    /// Fences with queries.
    pub promql: u32,
    /// Fences with YAML.
    pub yaml: u32,
    /// Other fences.
    pub other: u32,
}

/// A piece of text that stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Line in the file, from 1.
    pub line: u32,
    /// Short name: an event's type, a role to call, a step's text.
    pub name: Clean,
    /// What is said of it; may be empty.
    pub text: Clean,
}

/// A flag named with a value, as `NAME=true`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFlag {
    /// Line in the file, from 1.
    pub line: u32,
    /// Name, as in the environment.
    pub name: Clean,
    /// The value it gets.
    pub value: Clean,
    /// Share of users that it is for, if said (0 to 100).
    pub percent: Option<u8>,
}

/// An environment variable that is named as required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedVariable {
    /// Line in the file, from 1.
    pub line: u32,
    /// Its name; `*` stands for any characters.
    pub name: Clean,
    /// How it must be there.
    pub must: Must,
}

/// A startup phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPhase {
    /// Line in the file, from 1.
    pub line: u32,
    /// Name, as the health body reports it.
    pub name: Clean,
    /// What it does.
    pub text: Clean,
}

/// A stage of the rollout: a heading `Phase …` with what stands below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStage {
    /// Line of its heading, from 1.
    pub line: u32,
    /// Its name, without the word and number where a name follows.
    pub name: Clean,
    /// Items and steps before it.
    pub pre: Vec<Named>,
    /// Its steps.
    pub steps: Vec<Named>,
    /// What must be true at its end.
    pub success: Vec<Named>,
    /// Names of the flags it turns.
    pub flags: Vec<Clean>,
    /// The share that it begins with, where it ramps up to [`Self::percent`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_percent: Option<u8>,
    /// Share of the traffic or users it reaches (0 to 100), if said.
    pub percent: Option<u8>,
    /// How long it is watched before the next, in seconds, if said.
    pub soak_seconds: Option<u64>,
}

/// A severity of incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    /// Line in the file, from 1.
    pub line: u32,
    /// Its name.
    pub name: Clean,
    /// Answer within so many seconds.
    pub response_seconds: Option<u64>,
    /// Who is told.
    pub escalation: Clean,
    /// What is done.
    pub action: Clean,
    /// What makes an incident one of these.
    pub criteria: Vec<Clean>,
}

/// Where alerts of a kind go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Line in the file, from 1.
    pub line: u32,
    /// Kind of alert.
    pub name: Clean,
    /// Channels by name.
    pub channels: Vec<Clean>,
    /// Who gets it.
    pub recipients: Vec<Clean>,
    /// It is escalated after so many seconds.
    pub delay_seconds: Option<u64>,
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Line in the file, from 1.
    pub line: u32,
    /// What it is for.
    pub name: Clean,
    /// Its title.
    pub title: Clean,
    /// Its lines, with `{{placeholders}}`.
    pub message: Vec<Clean>,
    /// The placeholders' names, each once, in order.
    pub names: Vec<Clean>,
}

/// A file that must not change between a gate and the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathGuard {
    /// Line in the file, from 1.
    pub line: u32,
    /// Path as written, relative to the repository.
    pub path: Clean,
    /// What is said of it, for instance which lines.
    pub text: Clean,
}

/// A condition that asks for a rollback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedTrigger {
    /// Line in the file, from 1.
    pub line: u32,
    /// As written.
    pub text: Clean,
    /// The item it is, if it is one.
    pub item: Option<ItemId>,
    /// Its number, if it has one that was understood.
    pub parsed: Option<Bound>,
    /// The stage that it stands below, by name: it asks for nothing before that one begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Clean>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Line in the file, from 1.
    pub line: u32,
    /// Name of the role.
    pub name: Clean,
    /// Who has it, if said.
    pub who: Clean,
    /// Where it acts.
    pub kind: RoleKind,
}

/// Where a role acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleKind {
    /// It signs off.
    SignOff,
    /// It sits in the room during an incident.
    WarRoom,
}

/// What was not understood, or is questionable, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Line in the file, from 1; 0: the whole file.
    pub line: u32,
    /// Kind.
    pub kind: FindingKind,
    /// What, why, and the next step.
    pub text: Clean,
}

/// Kind of a [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingKind {
    /// The encoding was repaired.
    Repaired,
    /// A query is not valid.
    Query,
    /// A number could not be read as a limit.
    Threshold,
    /// A command is refused, or asks the wrong place.
    Command,
    /// A claim without evidence, or one that contradicts something else.
    Claim,
    /// A placeholder was left in.
    Placeholder,
    /// Two numbers for one thing that cannot both hold.
    Contradiction,
    /// A date that is long past.
    Stale,
    /// A target that cannot be reached, or not be seen.
    Target,
    /// Something else that is not understood.
    Unread,
}
