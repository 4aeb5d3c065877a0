//! Operations: journaled acts with an [`OpId`] and one state machine.

use serde::{Deserialize, Serialize};

use super::flag::LiveChange;
use super::revision::same_shares;
use super::{Clean, ServiceIx, TrafficTarget, Wall};

mod by_hand;

/// Identity of one act, unique over all consoles: `HOST-PID-TIME-N`, made by the effects layer's caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpId(pub String);

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OpKind {
    /// All traffic to one earlier revision.
    Rollback(TrafficChange),
    /// Another split, or back to latest.
    Traffic(TrafficChange),
    /// A flag.
    Flag(FlagChange),
    /// A command of a document that changes something.
    Run(RunChange),
}

/// A traffic change, frozen when its dialog opened; dialog and request both read this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficChange {
    /// Which service of the room.
    pub service: ServiceIx,
    /// Full resource name.
    pub resource: String,
    /// The revision that gets the traffic (short name).
    pub to: String,
    /// The split that served.
    pub before: Vec<TrafficTarget>,
    /// The split asked for, whole: tag-only entries carried over.
    pub after: Vec<TrafficTarget>,
    /// Generation when it was frozen.
    pub generation: i64,
    /// Etag when it was frozen.
    pub etag: String,
    /// When it was frozen.
    pub frozen_at: Wall,
}

/// A flag change, frozen likewise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlagChange {
    /// Which service of the room.
    pub service: ServiceIx,
    /// Full resource name.
    pub resource: String,
    /// Flag name.
    pub flag: String,
    /// Environment variable.
    pub variable: String,
    /// Value before; `None`: not set.
    pub before: Option<Clean>,
    /// Value asked for.
    pub after: String,
    /// Etag when it was frozen.
    pub etag: String,
    /// Generation when it was frozen.
    pub generation: i64,
    /// When it was frozen.
    pub frozen_at: Wall,
    /// The container that has the variable; none: the one that takes the requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The variable is taken out of the template again, as it was before: `after` is empty.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removes: bool,
    /// The image that the new revision gets instead of the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The name of the container that takes the requests, where another one has the variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
    /// It is kept by a live provider and not on Cloud Run: the change there. `before` and `after` are its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Box<LiveChange>>,
}

/// A command that changes something, frozen likewise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunChange {
    /// The gate that it is.
    pub gate: String,
    /// As shown.
    pub name: Clean,
    /// The command, as shown.
    pub command: Clean,
    /// SHA-256 of what the shell gets, hex.
    pub hash: String,
    /// Where it runs.
    pub dir: Clean,
    /// It has the terminal to itself, and its output is not captured.
    #[serde(default)]
    pub on_terminal: bool,
    /// When it was frozen.
    pub frozen_at: Wall,
}

/// What all commands that change something act on, as far as a room can tell: so one at a time of them.
const COMMANDS: &str = "commands";

impl TrafficChange {
    /// Whether it makes all traffic follow the latest ready revision.
    pub fn follows_latest(&self) -> bool {
        self.moves() && self.after.iter().any(|target| target.revision.is_none() && target.percent == 100)
    }
}

impl TrafficChange {
    /// Whether it gives any revision another share than it has.
    pub fn moves(&self) -> bool {
        !same_shares(&self.before, &self.after)
    }

    /// Whether some revision loses all that it serves: its sockets are to close one day.
    pub fn drains(&self) -> bool {
        let stays = |name: &Option<String>| {
            self.after.iter().any(|target| target.percent > 0 && target.revision == *name)
        };
        self.follows_latest()
            || self.before.iter().any(|target| target.percent > 0 && !stays(&target.revision))
    }

    /// The tag that it sets, and the revision behind it, if it sets one and does nothing else.
    pub fn new_tag(&self) -> Option<(&str, Option<&str>)> {
        let there = |target: &TrafficTarget| {
            self.before.iter().any(|known| known.tag == target.tag && known.revision == target.revision)
        };
        let new = self.after.iter().find(|target| target.tag.is_some() && !there(target))?;
        (!self.moves()).then_some((new.tag.as_deref()?, new.revision.as_deref()))
    }

    /// The tag that it takes away, if it takes one and does nothing else.
    pub fn gone_tag(&self) -> Option<&str> {
        let kept = |tag: &str| self.after.iter().any(|target| target.tag.as_deref() == Some(tag));
        let gone = self.before.iter().filter_map(|target| target.tag.as_deref()).find(|tag| !kept(tag));
        gone.filter(|_| !self.moves())
    }
}

impl OpKind {
    /// The change of a flag that takes effect without a deploy, if it is one.
    pub fn live(&self) -> Option<&LiveChange> {
        match self {
            Self::Flag(change) => change.live.as_deref(),
            Self::Rollback(_) | Self::Traffic(_) | Self::Run(_) => None,
        }
    }

    /// Whether sockets are to close because of it, so that it goes on to DRAINED.
    pub fn drains(&self) -> bool {
        match self {
            Self::Rollback(_) => true,
            Self::Traffic(change) => change.drains(),
            Self::Flag(_) | Self::Run(_) => false,
        }
    }

    /// The service it acts on.
    pub fn service(&self) -> ServiceIx {
        match self {
            Self::Rollback(change) | Self::Traffic(change) => change.service,
            Self::Flag(change) => change.service,
            Self::Run(_) => ServiceIx::NONE,
        }
    }

    /// The same act, if `service` is the place of its service in another config.
    #[must_use]
    pub fn at(mut self, service: ServiceIx) -> Self {
        match &mut self {
            Self::Rollback(change) | Self::Traffic(change) => change.service = service,
            Self::Flag(change) => change.service = service,
            Self::Run(_) => {}
        }
        self
    }

    /// The resource it acts on; one operation at a time on each.
    pub fn resource(&self) -> &str {
        match self {
            Self::Rollback(change) | Self::Traffic(change) => &change.resource,
            Self::Flag(change) => &change.resource,
            Self::Run(_) => COMMANDS,
        }
    }

    /// Whether it asks for something else of the very thing that `earlier` sets: the split of a service, or one flag.
    pub fn replaces(&self, earlier: &Self) -> bool {
        self.asks_as(earlier) == Some(false)
    }

    /// Whether it changes something to just what `earlier` asks for.
    pub fn repeats(&self, earlier: &Self) -> bool {
        let moves = match self {
            Self::Rollback(change) | Self::Traffic(change) => change.moves(),
            Self::Flag(_) | Self::Run(_) => true,
        };
        moves && self.asks_as(earlier) == Some(true)
    }

    /// Whether the same is asked for of the very thing that `other` sets; none: it sets another one.
    fn asks_as(&self, other: &Self) -> Option<bool> {
        let same = self.resource() == other.resource();
        match (self, other) {
            (Self::Rollback(one) | Self::Traffic(one), Self::Rollback(other) | Self::Traffic(other)) => {
                same.then(|| same_shares(&one.after, &other.after))
            }
            (Self::Flag(one), Self::Flag(other)) => {
                let flag = |it: &FlagChange| (it.variable.clone(), it.container.clone());
                let asked = |it: &FlagChange| {
                    (it.after.clone(), it.removes, it.live.as_ref().map(|live| live.after.clone()))
                };
                (same && flag(one) == flag(other)).then(|| asked(one) == asked(other))
            }
            _ => None,
        }
    }

    /// The etag of the resource when it was frozen; empty: the API told none, and nothing refuses a late request.
    pub fn etag(&self) -> &str {
        match self {
            Self::Rollback(change) | Self::Traffic(change) => &change.etag,
            Self::Flag(change) => &change.etag,
            Self::Run(_) => "",
        }
    }

    /// The generation of the resource when it was frozen.
    pub fn generation(&self) -> i64 {
        match self {
            Self::Rollback(change) | Self::Traffic(change) => change.generation,
            Self::Flag(change) => change.generation,
            Self::Run(_) => 0,
        }
    }

    /// What it goes to: the revision, or `FLAG=value`.
    pub fn target(&self) -> String {
        match self {
            Self::Rollback(change) | Self::Traffic(change) => change.to.clone(),
            Self::Flag(change) if change.removes => format!("{} not set", change.flag),
            Self::Flag(change) => format!("{}={}", change.flag, change.after),
            Self::Run(change) => change.name.to_string(),
        }
    }

    /// What it does to a tag, where it does nothing else: `tag canary taken away`.
    pub fn tag_words(&self) -> Option<String> {
        let Self::Traffic(change) = self else { return None };
        let set = change.new_tag().map(|(tag, to)| format!("tag {tag} on {}", to.unwrap_or("the latest")));
        set.or_else(|| Some(format!("tag {} taken away", change.gone_tag()?)))
    }

    /// What it does: `rollback to 00417-hux`, `tag canary taken away`.
    pub fn words(&self) -> String {
        self.tag_words().unwrap_or_else(|| format!("{} to {}", self.word(), self.target()))
    }

    /// One word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Rollback(_) => "rollback",
            Self::Traffic(_) => "traffic",
            Self::Flag(_) => "flag",
            Self::Run(_) => "run",
        }
    }
}

/// Where an operation is. REQUESTED → ACCEPTED → RECONCILING → EFFECTIVE → VERIFIED → DRAINED.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OpState {
    /// Journaled; the request is being sent.
    Requested,
    /// The API took it and gave an operation name.
    Accepted,
    /// The service is changing.
    Reconciling,
    /// The observed split is the one asked for.
    Effective,
    /// Health and events were good from the target for the whole time set.
    Verified,
    /// No sockets are left on the old revision.
    Drained,
    /// It failed; nothing more will happen.
    Failed,
    /// It was effective, and another split has taken its place since; or it was never taken, and another act did the same.
    Superseded,
    /// Sent, no answer: it may have happened. Only a re-check is offered.
    Unknown,
}

impl OpState {
    /// Whether nothing more is expected.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Drained | Self::Failed | Self::Superseded)
    }

    /// Whether the request itself is over, so that another operation may begin on this resource.
    pub fn frees_resource(self) -> bool {
        matches!(self, Self::Effective | Self::Verified) || self.is_final()
    }

    /// Whether the machine may go from `self` to `next`. UNKNOWN may resolve to anything but REQUESTED; what was
    /// effective can be superseded, and what the API is not known to have taken. What was seen to serve is the truth: EFFECTIVE corrects a FAILED that somebody
    /// wrote too early, and no FAILED takes it back.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Failed, Self::Effective) => true,
            (Self::Failed | Self::Drained | Self::Superseded, _)
            | (_, Self::Requested)
            | (Self::Effective | Self::Verified, Self::Failed | Self::Unknown) => false,
            (from, Self::Superseded) => {
                matches!(from, Self::Requested | Self::Unknown | Self::Effective | Self::Verified)
            }
            (_, Self::Failed | Self::Unknown) | (Self::Unknown, _) => true,
            (from, to) => to > from,
        }
    }
}
