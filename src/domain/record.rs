//! Records: what the journal holds, append-only. All shared state is folded from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::flag::Setting;
use super::rollout::Seen;
use super::run::{Begun, Evidence, RunId};
use super::{
    Accepts, Attestation, Clean, Mark, Measured, OpId, OpKind, OpState, Outcome, Signing, TrafficTarget,
    VerdictState, Wall,
};

/// Version of the record format written by this program.
pub const RECORD_VERSION: u16 = 1;

/// A record as read back: who, when, what, and its place in the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Position, from 1, without gaps.
    pub seq: u64,
    /// When it was written, UTC.
    pub at: Wall,
    /// Who: an operator's name, or `room` for the machine's own records.
    pub by: Clean,
    /// Their role then; may be empty.
    pub role: Clean,
    /// What happened. Kinds this program does not know are [`Entry::Other`] and keep their bytes in the store.
    pub entry: Entry,
    /// Hash of this record (hex SHA-256), over the previous hash and the stored bytes.
    pub hash: String,
    /// It was written to the fallback file first, because the store could not be written; `at` is that time.
    #[serde(default)]
    pub late: bool,
}

/// What is recorded. New kinds may be added; none is renamed or removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// A console opened the room.
    Opened { room: String, environment: String, version: String, host: String },
    /// An item was signed off.
    Ticked {
        item: String,
        text: Clean,
        note: Clean,
        candidate: Option<String>,
        #[serde(default, skip_serializing_if = "Signing::is_nothing")]
        signing: Box<Signing>,
    },
    /// Something else than "done" was said of an item. A kind of its own: a program that does not know it must not take
    /// it for a tick.
    Marked {
        item: String,
        text: Clean,
        mark: Mark,
        note: Clean,
        candidate: Option<String>,
        #[serde(default, skip_serializing_if = "Signing::is_nothing")]
        signing: Box<Signing>,
    },
    /// The attestation in record `seq` does not hold any more, because its evidence turned bad.
    Lapsed { item: String, text: Clean, seq: u64, why: Clean },
    /// The tick in record `seq` was taken back.
    Unticked { item: String, text: Clean, seq: u64 },
    /// A person wrote something down.
    Noted { text: Clean },
    /// A person wrote down what a metric is, in its unit.
    Reading { metric: String, value: f64, note: Clean },
    /// What the metrics of a service were before the deployment that began with the record `of`: the mean of each over the
    /// hour before it, of which at least so many minutes are known. There may be several, of other metrics each.
    Before {
        service: String,
        means: BTreeMap<String, f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<u64>,
    },
    /// The verdict changed.
    Verdict { from: VerdictState, to: VerdictState, reasons: Vec<Clean> },
    /// A dangerous act is about to be sent.
    Intent { op: OpId, act: OpKind, reason: Clean, evidence: Vec<Clean> },
    /// An operation moved on, or rests until then as the API asked, and may leave soon after that.
    Progress {
        op: OpId,
        state: OpState,
        detail: Clean,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Wall>,
    },
    /// The effective split was seen to change (also from outside), or was seen again with a new opinion.
    /// `healthy`: the room's opinion at that moment, so it speaks of the split that was serving *until* then; in a
    /// record that repeats the split before it, of that split. Shares are by the revisions that serve them;
    /// `follows_latest`: one of them is the latest ready revision's, whichever that will be; `again`: nothing moved, only
    /// the opinion is new, so nobody did it.
    Split {
        service: String,
        split: Vec<TrafficTarget>,
        healthy: Option<bool>,
        by: Clean,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        follows_latest: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// A new revision appeared.
    Deployed { service: String, revision: String, image: Clean },
    /// A flag was seen to be something else, and no operation of this room did it. `place` is the environment or file;
    /// `before` and `after` are what a live provider had and has.
    FlagMoved {
        flag: String,
        place: Clean,
        from: Clean,
        to: Clean,
        by: Clean,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Setting>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Setting>,
    },
    /// A source went down or came back.
    Link { source: String, up: bool, error: Clean },
    /// Deploys and flips forward are locked (`true`) or released, after a rollback.
    Lock { service: String, locked: bool },
    /// A person had the whole path of a rollback walked with a dry run: `refused` says why it would not have worked.
    Rehearsed { service: String, to: String, refused: Option<Clean>, millis: u64 },
    /// A person began a rollout.
    RolloutBegan {
        given: Option<Clean>,
        #[serde(default)]
        candidates: BTreeMap<String, Seen>,
        #[serde(default)]
        baseline: BTreeMap<String, Seen>,
        environment: String,
    },
    /// A service was seen to roll out another image than before; `baseline` served until then.
    Candidate { service: String, seen: Seen, baseline: Option<Seen>, environment: String },
    /// The candidate got traffic for the first time.
    T0 { at: Wall, detected: bool },
    /// A person ended the rollout.
    RolloutEnded {
        outcome: Outcome,
        note: Clean,
        left: Vec<Clean>,
        #[serde(default)]
        unsigned: u32,
    },
    /// A person overrode the verdict: it is to be `state` instead of `over`.
    Overrode {
        state: VerdictState,
        over: VerdictState,
        #[serde(default)]
        against: Vec<Clean>,
        reason: Clean,
        until: Wall,
    },
    /// The verdict is the room's again, before the override's end.
    OverrideEnded,
    /// A person accepted a condition as it is.
    Accepted {
        condition: String,
        what: Accepts,
        #[serde(default)]
        rule: Clean,
        reason: Clean,
        until: Wall,
    },
    /// A condition counts again, before the end of its acceptance.
    AcceptanceEnded { condition: String },
    /// A person looked at the story up to record `seq`.
    Looked { seq: u64 },
    /// What was watched since the last such record, by the keeper: for reports, which add them up.
    Measured(Measured),
    /// The commands of a document were read and trusted by a person, as they are: `hash` is over all of them, `commands` is
    /// what was shown of each, to tell a later change.
    Trusted { document: String, hash: String, commands: Vec<Clean> },
    /// A gate begins to run: written before its process is there, so that no other console begins it too.
    GateStarted(Begun),
    /// The process of a run that began.
    GateProcess { run: RunId, name: Clean, pid: u32 },
    /// A gate is over.
    GateEnded(Box<Evidence>),
    /// What happened to an alert or a mute.
    Alert(Box<super::alert::Step>),
    /// What happened to a stage of the rollout.
    Stage(Box<super::stage::Step>),
    /// A message was sent to a service as a user would, and this came of it; its time is the record's.
    ActiveRun { service: String, ran: Box<super::active::ActiveRan> },
    /// A kind that this version does not know, kept as stored.
    #[serde(other)]
    Other,
}

impl Entry {
    /// The `kind` tag as stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Ticked { .. } => "ticked",
            Self::Marked { .. } => "marked",
            Self::Lapsed { .. } => "lapsed",
            Self::Unticked { .. } => "unticked",
            Self::Noted { .. } => "noted",
            Self::Reading { .. } => "reading",
            Self::Before { .. } => "before",
            Self::Verdict { .. } => "verdict",
            Self::Intent { .. } => "intent",
            Self::Progress { .. } => "progress",
            Self::Split { .. } => "split",
            Self::Deployed { .. } => "deployed",
            Self::FlagMoved { .. } => "flag_moved",
            Self::Link { .. } => "link",
            Self::Lock { .. } => "lock",
            Self::Rehearsed { .. } => "rehearsed",
            Self::RolloutBegan { .. } => "rollout_began",
            Self::Candidate { .. } => "candidate",
            Self::T0 { .. } => "t0",
            Self::RolloutEnded { .. } => "rollout_ended",
            Self::Overrode { .. } => "overrode",
            Self::OverrideEnded => "override_ended",
            Self::Accepted { .. } => "accepted",
            Self::AcceptanceEnded { .. } => "acceptance_ended",
            Self::Looked { .. } => "looked",
            Self::Measured(_) => "measured",
            Self::Trusted { .. } => "trusted",
            Self::GateStarted(_) => "gate_started",
            Self::GateProcess { .. } => "gate_process",
            Self::GateEnded(_) => "gate_ended",
            Self::Alert(_) => "alert",
            Self::Stage(_) => "stage",
            Self::ActiveRun { .. } => "active_run",
            Self::Other => "other",
        }
    }
}

impl Entry {
    /// That an operation moved on.
    pub fn progress(op: OpId, state: OpState, detail: Clean) -> Self {
        Self::Progress { op, state, detail, until: None }
    }

    /// Whether a rollout begins or ends with it.
    pub fn bounds_rollout(&self) -> bool {
        matches!(self, Self::RolloutBegan { .. } | Self::Candidate { .. } | Self::RolloutEnded { .. })
    }

    /// The record of what was said of an item.
    pub fn of_item(item: String, said: Attestation) -> Self {
        let Attestation { mark, text, note, candidate, signing, .. } = said;
        let signing = Box::new(signing);
        match mark {
            Mark::Done => Self::Ticked { item, text, note, candidate, signing },
            mark => Self::Marked { item, text, mark, note, candidate, signing },
        }
    }
}

impl Record {
    /// What it says of which item, if that is what it is about.
    pub fn attestation(&self) -> Option<(&str, Attestation)> {
        let (item, text, mark, note, candidate, signing) = match &self.entry {
            Entry::Ticked { item, text, note, candidate, signing } => {
                (item, text, Mark::Done, note, candidate, signing)
            }
            Entry::Marked { item, text, mark, note, candidate, signing } => {
                (item, text, *mark, note, candidate, signing)
            }
            _ => return None,
        };
        let said = Attestation {
            seq: Some(self.seq),
            by: self.by.clone(),
            role: self.role.clone(),
            at: self.at,
            mark,
            text: text.clone(),
            note: note.clone(),
            candidate: candidate.clone(),
            signing: (**signing).clone(),
        };
        Some((item, said))
    }
}

/// A record about to be appended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Who.
    pub by: Clean,
    /// Their role.
    pub role: Clean,
    /// What.
    pub entry: Entry,
}

/// A precondition checked inside the append's transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    /// None.
    Free,
    /// No unfinished operation on this resource, but for one that nobody follows any more and that its etag refuses if it
    /// comes second; else [`Refusal::Conflict`].
    ResourceFree {
        resource: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beside: Option<OpId>,
    },
    /// No run of this gate goes on; else [`Refusal::Conflict`] with that run as the operation.
    GateFree { gate: String },
    /// The end of this run is not recorded; else [`Refusal::Told`].
    RunOpen { run: RunId },
    /// The newest act on a stage, candidate, beginning or end of a rollout is this record (0: there was none ever); else [`Refusal::Told`].
    StageAct { after: u64 },
}

/// Why an append was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub enum Refusal {
    /// Another operation holds this resource.
    Conflict { op: OpId, by: Clean },
    /// Somebody recorded it first.
    Told,
    /// The store cannot be written: read-only, full, damaged, gone.
    Unwritable { error: Clean },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the first version wrote them.
    const OLD: &str =
        r#"{"kind":"ticked","item":"4f1c","text":"Unit tests","note":"40 of 40","candidate":"api-00418"}"#;

    #[test]
    fn a_tick_from_before_it_had_more_than_a_note_is_read_and_written_as_it_was() {
        let entry: Entry = serde_json::from_str(OLD).expect("an old record");
        assert_eq!(serde_json::to_string(&entry).expect("json"), OLD);
        let record = Record {
            seq: 7,
            at: Wall::default(),
            by: "sam".into(),
            role: "deployer".into(),
            entry,
            hash: String::new(),
            late: false,
        };
        let (item, said) = record.attestation().expect("an attestation");
        assert_eq!((item, said.mark, said.signing.is_nothing()), ("4f1c", Mark::Done, true));
        assert_eq!(Entry::of_item(item.to_owned(), said), record.entry);
    }

    #[test]
    fn what_is_not_done_is_no_tick_for_a_program_that_does_not_know_it() {
        let said = Attestation { mark: Mark::Failed, text: "Unit tests".into(), ..Attestation::default() };
        let json = serde_json::to_value(Entry::of_item("4f1c".into(), said)).expect("json");
        assert_eq!((&json["kind"], &json["mark"]), (&"marked".into(), &"failed".into()));
    }
}
