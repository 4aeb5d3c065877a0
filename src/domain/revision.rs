//! Cloud Run revisions and traffic, in plain words: what is wanted, what serves, and whether it has settled.

mod tagged;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Clean, Wall};

/// One entry of a traffic split.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrafficTarget {
    /// Short revision name; `None` follows the latest ready revision.
    pub revision: Option<String>,
    /// Percent of the requests, 0–100.
    pub percent: u8,
    /// Tag, if any; a tag-only entry has 0 percent.
    pub tag: Option<String>,
    /// The tag's URL (only in the effective split).
    pub uri: Option<String>,
}

/// One revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Short name.
    pub name: String,
    /// Whether its `Ready` condition succeeded; `None` while that is not known.
    pub ready: Option<bool>,
    /// What the platform says where it is not Ready, or retired.
    pub message: Option<Clean>,
    /// Image of the first container.
    pub image: Clean,
    /// When it was created.
    pub created: Option<Wall>,
    /// Who created it.
    pub creator: Clean,
    /// Plain environment variables of the first container; secrets have no value here.
    pub env: BTreeMap<String, EnvValue>,
    /// How it runs.
    #[serde(default)]
    pub facts: RevisionFacts,
}

/// How a revision runs; what the API does not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RevisionFacts {
    /// The account that it runs as.
    pub service_account: Clean,
    /// Requests that an instance takes at once.
    pub concurrency: Option<u32>,
    /// After this the platform ends a request, and a socket is one.
    pub timeout: Option<Duration>,
    /// Instances kept, and at most.
    pub instances: (Option<u32>, Option<u32>),
    /// Limits of the container that takes the requests.
    pub cpu: Clean,
    /// Likewise.
    pub memory: Clean,
    /// Images of the other containers.
    pub sidecars: Vec<Clean>,
    /// Their variables, by container and name.
    #[serde(default)]
    pub sidecar_env: BTreeMap<String, EnvValue>,
    /// Secrets that are mounted as files, by the volume's name: which secret, at which version.
    #[serde(default)]
    pub secret_files: BTreeMap<String, EnvValue>,
    /// It gets no traffic and no instance is kept for it: normal for an idle one.
    pub retired: bool,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvValue {
    /// A literal value.
    Plain(Clean),
    /// From Secret Manager: `secret` at `version`.
    Secret { secret: String, version: String },
}

/// How a service is scaled as a whole, whatever its revisions say; divided among those that serve, by their percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceScaling {
    /// Instances kept, in all.
    pub min: Option<u32>,
    /// Instances at most, in all.
    pub max: Option<u32>,
    /// Scaled by hand: to so many, whatever is asked of them.
    pub manual: Option<u32>,
}

impl ServiceScaling {
    /// In words; nothing where the revisions alone say it.
    pub fn words(&self) -> Option<String> {
        if let Some(manual) = self.manual {
            return Some(format!("by hand, {manual} in all; what revisions say does not count"));
        }
        let bound = |word: &str, number: Option<u32>| number.map(|number| format!("{word} {number}"));
        let parts: Vec<String> =
            [bound("min", self.min), bound("max", self.max)].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("{} in all, divided by percent", parts.join(", ")))
    }
}

/// A Cloud Run service as last read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// Full resource name.
    pub name: String,
    /// Wanted split.
    pub desired: Vec<TrafficTarget>,
    /// Split that serves.
    pub effective: Vec<TrafficTarget>,
    /// Newest revision that was ready, short name.
    pub latest_ready: Option<String>,
    /// Newest revision created, short name.
    pub latest_created: Option<String>,
    /// Changes still being applied.
    pub reconciling: bool,
    /// Generation wanted.
    pub generation: i64,
    /// Generation that serves.
    pub observed_generation: i64,
    /// Whether the terminal condition succeeded; `None` while pending.
    pub terminal: Option<bool>,
    /// The terminal condition's message.
    pub message: Option<Clean>,
    /// For optimistic locking, byte for byte.
    pub etag: String,
    /// The service's own URL.
    pub uri: String,
    /// Newest first; all pages.
    pub revisions: Vec<Revision>,
    /// Environment of the service's template (what the next revision gets).
    pub template_env: BTreeMap<String, EnvValue>,
    /// The same of each container that has a name.
    #[serde(default)]
    pub template_containers: BTreeMap<String, BTreeMap<String, EnvValue>>,
    /// Image of the template's container that takes the requests, as it stands there: what the next revision gets.
    #[serde(default)]
    pub template_image: Clean,
    /// Images of the template's other containers.
    #[serde(default)]
    pub template_sidecars: Vec<Clean>,
    /// The name of the template's container that takes the requests; empty: it has none.
    #[serde(default)]
    pub template_main: Clean,
    /// Who the API says changed it last.
    pub last_modifier: Clean,
    /// How it is scaled as a whole.
    #[serde(default)]
    pub scaling: ServiceScaling,
}

/// When a revision last served everything, as far as the room knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullTime {
    /// Since when it had 100 % of the effective split, that time.
    pub since: Wall,
    /// Until when; `None`: it still has, or the end was not seen.
    pub until: Option<Wall>,
    /// What the room thought of it then; `None`: it had no opinion.
    pub healthy: Option<bool>,
}

impl Traffic {
    /// The template's environment of a container; without a name, of the one that takes the requests.
    pub fn env_of(&self, container: Option<&str>) -> Option<&BTreeMap<String, EnvValue>> {
        match container {
            None => Some(&self.template_env),
            Some(name) => self.template_containers.get(name),
        }
    }

    /// Percent of the traffic that `revision` gets in `split`, following LATEST entries.
    pub fn percent_of(&self, split: &[TrafficTarget], revision: &str) -> u8 {
        split
            .iter()
            .filter(|target| target.revision.as_deref().or(self.latest_ready.as_deref()) == Some(revision))
            .fold(0_u8, |sum, target| sum.saturating_add(target.percent))
    }

    /// The split that serves by the revisions that serve it, and whether one of them does as the latest.
    pub fn serving(&self) -> (Vec<TrafficTarget>, bool) {
        let named = |target: &TrafficTarget| {
            let revision = target.revision.clone().or_else(|| self.latest_ready.clone());
            TrafficTarget { revision, ..target.clone() }
        };
        let follows = self.effective.iter().any(|target| target.revision.is_none() && target.percent > 0);
        (self.effective.iter().map(named).collect(), follows)
    }

    /// Percent that serves from `revision` now.
    pub fn effective_percent(&self, revision: &str) -> u8 {
        self.percent_of(&self.effective, revision)
    }

    /// The one revision that serves all traffic, if there is one.
    pub fn sole(&self) -> Option<&str> {
        self.revisions.iter().map(|r| r.name.as_str()).find(|name| self.effective_percent(name) == 100)
    }

    /// Whether `split` gives a newer revision more, and an older one less, than it serves or is to serve. What is not
    /// listed among the revisions is older than they are; not knowing who would get something counts as forward.
    pub fn goes_forward(&self, split: &[TrafficTarget]) -> bool {
        let is_listed = |target: &TrafficTarget| {
            let name = target.revision.as_deref().or(self.latest_ready.as_deref());
            self.revisions.iter().any(|revision| Some(revision.name.as_str()) == name)
        };
        let unlisted = |split: &[TrafficTarget]| split.iter().any(|t| t.percent > 0 && !is_listed(t));
        if unlisted(split) {
            return true;
        }
        let mut newer_gains = false;
        for name in self.revisions.iter().map(|revision| revision.name.as_str()) {
            let (serves, wanted) = (self.effective_percent(name), self.percent_of(&self.desired, name));
            let gets = self.percent_of(split, name);
            if newer_gains && gets < serves.max(wanted) {
                return true;
            }
            newer_gains |= gets > serves.min(wanted);
        }
        newer_gains && (unlisted(&self.effective) || unlisted(&self.desired))
    }

    /// Whether nothing newer than `revision` serves or is to serve: all traffic to it is no way back.
    pub fn is_no_way_back(&self, revision: &str) -> bool {
        let newer = self.revisions.iter().map(|r| r.name.as_str()).take_while(|name| *name != revision);
        let gets = |name: &str| self.effective_percent(name) > 0 || self.percent_of(&self.desired, name) > 0;
        !newer.into_iter().any(gets)
    }

    /// Whether the revision `one` was created after `other`; `None`: that of one of them is not told.
    pub fn is_newer(&self, one: &str, other: &str) -> Option<bool> {
        let created = |name: &str| self.revisions.iter().find(|revision| revision.name == name)?.created;
        Some(created(one)? > created(other)?)
    }

    /// The revisions that got something by `split` at that time; what followed the latest was the newest of then.
    pub fn served_by(&self, split: &[TrafficTarget], at: Wall) -> Vec<&str> {
        let then = |r: &&Revision| r.ready == Some(true) && r.created.is_none_or(|created| created <= at);
        let latest = self.revisions.iter().find(then).map(|revision| revision.name.as_str());
        let latest = latest.or(self.latest_ready.as_deref());
        let got = |name: &&str| {
            let named = |target: &TrafficTarget| target.revision.as_deref().or(latest) == Some(name);
            split.iter().any(|target| target.percent > 0 && named(target))
        };
        self.revisions.iter().map(|revision| revision.name.as_str()).filter(got).collect()
    }

    /// Whether no percent follows the latest revision, so that a new deploy gets nothing.
    pub fn pinned(&self) -> bool {
        !self.desired.is_empty() && self.desired.iter().all(|t| t.revision.is_some() || t.percent == 0)
    }

    /// Whether what is wanted is what serves.
    pub fn settled(&self) -> bool {
        !self.reconciling && self.generation == self.observed_generation && self.terminal == Some(true)
    }

    /// Whether the traffic is done changing, whatever became of the newest revision: one that fails leaves the service not
    /// ready, and the generation observed may stay at what served before.
    pub fn traffic_settled(&self) -> bool {
        let observed = self.generation == self.observed_generation || self.terminal == Some(false);
        !self.reconciling && observed
    }

    /// The tag's URL and revision in the effective split.
    pub fn tag(&self, tag: &str) -> Option<(&str, &str)> {
        let target = self.effective.iter().find(|t| t.tag.as_deref() == Some(tag))?;
        let revision = target.revision.as_deref().or(self.latest_ready.as_deref())?;
        Some((target.uri.as_deref()?, revision))
    }
}

/// Whether two splits mean the same: equal shares by revision (LATEST is one of its own) and equal tags. URLs, order
/// and how one revision's share is spread over entries do not matter.
pub fn same_split(a: &[TrafficTarget], b: &[TrafficTarget]) -> bool {
    fn tags(split: &[TrafficTarget]) -> BTreeMap<&str, Option<&str>> {
        let tagged =
            split.iter().filter_map(|target| Some((target.tag.as_deref()?, target.revision.as_deref())));
        tagged.collect()
    }
    same_shares(a, b) && tags(a) == tags(b)
}

/// Whether two splits give each revision the same share (LATEST is one of its own), whatever their tags.
pub fn same_shares(a: &[TrafficTarget], b: &[TrafficTarget]) -> bool {
    type Shares<'a> = BTreeMap<Option<&'a str>, u32>;
    fn shares(split: &[TrafficTarget]) -> Shares<'_> {
        let mut shares = Shares::new();
        for target in split.iter().filter(|target| target.percent > 0) {
            *shares.entry(target.revision.as_deref()).or_default() += u32::from(target.percent);
        }
        shares
    }
    shares(a) == shares(b)
}

/// A split in words: `cart-00041-kex 90 %, the latest 10 %`.
pub fn split_words(split: &[TrafficTarget]) -> String {
    let shares = split.iter().filter(|target| target.percent > 0);
    let share = |target: &TrafficTarget| {
        format!("{} {} %", target.revision.as_deref().unwrap_or("the latest"), target.percent)
    };
    let shares: Vec<String> = shares.map(share).collect();
    if shares.is_empty() { "nothing".to_owned() } else { shares.join(", ") }
}

/// Short name of a full revision name (`projects/…/revisions/x` → `x`).
pub fn short_name(full: &str) -> &str {
    full.rsplit('/').next().unwrap_or(full)
}

/// What tells a revision from its siblings: `chat-backend-00417-hux` → `00417-hux`.
pub fn suffix<'a>(service: &str, revision: &'a str) -> &'a str {
    revision.strip_prefix(service).and_then(|rest| rest.strip_prefix('-')).unwrap_or(revision)
}

/// What tells an image from others: `registry/path/chat@sha256:9f1ce27a45…` → `chat@9f1ce27a`; a tag stays whole.
pub fn short_image(image: &str) -> String {
    let name = short_name(image);
    match name.split_once("@sha256:") {
        Some((name, digest)) => format!("{name}@{}", digest.chars().take(8).collect::<String>()),
        None => name.to_owned(),
    }
}

/// What stays the same for an image in whatever revision: its digest if it has one, else the whole of it.
pub fn digest(image: &str) -> &str {
    image.split_once('@').map_or(image, |(_, digest)| digest)
}

/// Whether it names an image by its content.
pub fn is_digest(image: &str) -> bool {
    digest(image).starts_with("sha256:")
}

/// What to know of an image that is known by its tag only: no digest of it was told.
pub const BY_NAME_ONLY: &str = "by name only: a re-push of the tag is not seen";

/// Whether an image is known, and not by its content.
pub fn is_by_name(image: &str) -> bool {
    !image.is_empty() && !is_digest(image)
}

/// A digest as it is told: `sha256:9f1ce27a`; an image without one by its last part.
pub fn short_digest(digest: &str) -> String {
    match digest.split_once(':') {
        Some((algorithm, hex)) if algorithm.starts_with("sha") => {
            format!("{algorithm}:{}", hex.chars().take(8).collect::<String>())
        }
        _ => short_name(digest).to_owned(),
    }
}

/// The one of `revisions` of this whole name, of what follows the service's in it, or of the word that confirms it.
///
/// # Errors
/// None is called so, or more than one.
pub fn named<'a>(
    service: &str,
    revisions: impl Iterator<Item = &'a str>,
    name: &str,
) -> Result<&'a str, String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let bare = |text: &str| text.trim_start_matches('0').to_owned();
    let is_it = |known: &&str| {
        let typed = typed_suffix(service, known);
        // A number is one without its zeros too.
        [*known, suffix(service, known), typed].contains(&name)
            || (digits(name) && digits(typed) && bare(typed) == bare(name))
    };
    let mut found = revisions.filter(is_it);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(format!("there is no revision {name}")),
        (Some(_), Some(_)) => Err(format!("more than one revision is called {name}")),
    }
}

/// The part of a revision name that is typed to confirm: `chat-backend-00417-hux` → `00417`, else the whole suffix.
pub fn typed_suffix<'a>(service: &str, revision: &'a str) -> &'a str {
    let rest = suffix(service, revision);
    match rest.split_once('-') {
        Some((digits, _)) if digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        // Nothing to type would be no consent.
        _ if rest.is_empty() => revision,
        _ => rest,
    }
}
