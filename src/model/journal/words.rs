//! Records in plain words.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::active::ActiveRan;
use crate::domain::revision::{short_digest, short_name, suffix};
use crate::domain::run::{self, Evidence};
use crate::domain::{
    Clean, Entry, Mark, OpKind, OpState, Outcome, Record, Signing, TrafficChange, VerdictState, Wall, format,
};

use super::Journal;
use super::served::{opinion, served, shares};

/// What a record means for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It went well, or a person signed off.
    Good,
    /// It asks for attention.
    Warn,
    /// It went wrong.
    Bad,
    /// Something cannot be seen.
    Unknown,
    /// A fact.
    Plain,
}

impl Journal {
    /// A record in words, and what it means.
    pub fn words(&self, record: &Record) -> (Weight, String) {
        match &record.entry {
            Entry::Opened { host, version, .. } => {
                (Weight::Plain, format!("console opened on {host}, version {version}"))
            }
            Entry::Ticked { text, note, signing, .. } => {
                (Weight::Good, said(&format!("✓ {text}"), note, signing))
            }
            Entry::Marked { text, mark, note, signing, .. } => {
                (weight(*mark), said(&format!("{}: {text}", mark.words()), note, signing))
            }
            Entry::Lapsed { text, why, .. } => (Weight::Warn, format!("lapsed: {text} · {why}")),
            Entry::RolloutBegan { .. }
            | Entry::Candidate { .. }
            | Entry::T0 { .. }
            | Entry::RolloutEnded { .. } => rollout(&record.entry),
            Entry::Unticked { text, .. } => (Weight::Warn, format!("took back: {text}")),
            Entry::Noted { text } => (Weight::Plain, format!("note: {text}")),
            Entry::Reading { metric, value, note } => {
                let metric = Clean::new(metric);
                (Weight::Plain, join(&format!("reading: {metric} is {}", format::number(*value)), note))
            }
            Entry::Before { service, means, minutes, .. } => {
                (Weight::Plain, before(service, means, *minutes))
            }
            Entry::ActiveRun { service, ran } => active(service, ran),
            Entry::Verdict { from, to, reasons } => verdict(*from, *to, reasons),
            Entry::Intent { act, reason, .. } => (Weight::Warn, intent(act, reason)),
            Entry::Progress { op, state, detail, .. } => {
                let act = self.acts.get(op).copied().unwrap_or("operation");
                let state_word = state.to_string().to_uppercase();
                (progress(*state), join(&format!("{act} {state_word}"), detail))
            }
            Entry::Split { .. } => (Weight::Plain, served(&record.entry)),
            Entry::Deployed { revision, .. } => (Weight::Plain, format!("revision {revision} deployed")),
            Entry::FlagMoved { .. } => (Weight::Warn, moved(&record.entry)),
            Entry::Link { source, up: true, .. } => (Weight::Good, format!("{source} is back")),
            Entry::Link { source, error, .. } => (Weight::Unknown, join(&format!("{source} is down"), error)),
            Entry::Lock { service, locked } => lock(service, *locked),
            Entry::Rehearsed { .. } => rehearsed(&record.entry),
            Entry::Overrode { .. }
            | Entry::OverrideEnded
            | Entry::Accepted { .. }
            | Entry::AcceptanceEnded { .. } => (Weight::Warn, ruled(&record.entry, record.at)),
            Entry::Looked { seq } => (Weight::Plain, format!("read up to {seq}")),
            Entry::Measured(span) => {
                (Weight::Plain, format!("measured {}", format::age_seconds(Duration::from_millis(span.ms))))
            }
            Entry::Trusted { document, commands, .. } => {
                let lines = if commands.len() == 1 { "line" } else { "lines" };
                (Weight::Plain, format!("commands of {document} trusted: {} {lines}", commands.len()))
            }
            Entry::GateStarted(begun) => (Weight::Plain, format!("gate {} began", begun.name)),
            Entry::GateProcess { name, pid, .. } => (Weight::Plain, format!("gate {name} is process {pid}")),
            Entry::GateEnded(evidence) => ended(evidence),
            Entry::Alert(step) => crate::model::alerts::words(step, record.at),
            Entry::Stage(step) => crate::model::stages::words(step),
            Entry::Other => {
                (Weight::Unknown, "a record of a kind that this version does not know".to_owned())
            }
        }
    }
}

impl Journal {
    /// A record in as few words as an overview has room for: what changed, without why.
    pub fn brief(&self, record: &Record) -> (Weight, String) {
        let (weight, words) = self.words(record);
        let short = match &record.entry {
            Entry::Verdict { from, to, .. } if from != to => {
                format!("verdict {} → {}", from.word(), to.word())
            }
            Entry::Split { healthy, again: true, .. } => opinion(*healthy).to_owned(),
            Entry::Split { service, split, .. } => match split.iter().filter(|t| t.percent > 0).count() {
                0 | 1 => format!("traffic {}", shares(service, split)),
                _ => {
                    let parts: Vec<String> =
                        split.iter().filter(|t| t.percent > 0).map(|t| t.percent.to_string()).collect();
                    format!("traffic {} effective", parts.join("/"))
                }
            },
            Entry::Link { source, up, .. } => {
                format!("link {source} {}", if *up { "back" } else { "down" })
            }
            Entry::Deployed { service, revision, .. } => format!("deployed {}", suffix(service, revision)),
            Entry::FlagMoved { flag, to, .. } => format!("flag {flag} outside → {to}"),
            Entry::Intent { act, .. } => intent(act, &Clean::default()),
            Entry::Verdict { .. }
            | Entry::Opened { .. }
            | Entry::Ticked { .. }
            | Entry::Marked { .. }
            | Entry::Lapsed { .. }
            | Entry::RolloutBegan { .. }
            | Entry::Candidate { .. }
            | Entry::T0 { .. }
            | Entry::RolloutEnded { .. }
            | Entry::Unticked { .. }
            | Entry::Noted { .. }
            | Entry::Reading { .. }
            | Entry::Before { .. }
            | Entry::Progress { .. }
            | Entry::Lock { .. }
            | Entry::Rehearsed { .. }
            | Entry::Overrode { .. }
            | Entry::OverrideEnded
            | Entry::Accepted { .. }
            | Entry::AcceptanceEnded { .. }
            | Entry::Looked { .. }
            | Entry::Measured(_)
            | Entry::ActiveRun { .. }
            | Entry::Trusted { .. }
            | Entry::GateStarted(_)
            | Entry::GateProcess { .. }
            | Entry::GateEnded(_)
            | Entry::Alert(_)
            | Entry::Stage(_)
            | Entry::Other => words,
        };
        (weight, short)
    }
}

fn active(service: &str, ran: &ActiveRan) -> (Weight, String) {
    let good = ran.is_good() && ran.foreign == 0;
    let weight = if good { Weight::Plain } else { Weight::Bad };
    (weight, format!("active run of {}: {}", Clean::new(service), ran.words()))
}

/// What the metrics were before the deployment, the first ones by name.
fn before(service: &str, means: &BTreeMap<String, f64>, minutes: Option<u32>) -> String {
    const TOLD: usize = 3;
    let named = means.iter().take(TOLD).map(|(metric, mean)| format!("{metric} {}", format::number(*mean)));
    let more = means.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("{more} more"));
    let told: Vec<String> = named.chain(more).collect();
    // A whole hour is what the word means.
    let of = minutes
        .filter(|minutes| *minutes < 60)
        .map_or_else(String::new, |it| format!(" ({it} min of the hour)"));
    Clean::new(&format!("{service} before the deployment: {}{of}", told.join(", "))).to_string()
}

fn lock(service: &str, locked: bool) -> (Weight, String) {
    if locked {
        (Weight::Warn, format!("{service}: deploys and flips forward locked"))
    } else {
        (Weight::Good, format!("{service}: lock released"))
    }
}

/// A walk of the path back.
fn rehearsed(entry: &Entry) -> (Weight, String) {
    let Entry::Rehearsed { service, to, refused, millis } = entry else {
        return (Weight::Plain, String::new());
    };
    let to = suffix(service, to);
    match refused {
        None => {
            let took = format::in_seconds(Duration::from_millis(*millis));
            (Weight::Good, format!("rehearsed {service}: {to} would take 100 %, asked in {took}"))
        }
        Some(why) if to.is_empty() => (Weight::Bad, format!("rehearsed {service}: {why}")),
        Some(why) => (Weight::Bad, format!("rehearsed {service}: 100 % to {to} would FAIL: {why}")),
    }
}

/// How a gate ended.
fn ended(evidence: &Evidence) -> (Weight, String) {
    let (weight, word) = match evidence.outcome {
        run::Outcome::Passed => (Weight::Good, "passed"),
        run::Outcome::Failed => (Weight::Bad, "failed"),
        run::Outcome::TimedOut => (Weight::Bad, "timed out"),
        run::Outcome::Stopped => (Weight::Warn, "stopped"),
        run::Outcome::Unclear => (Weight::Warn, "ended, a person reads it"),
        run::Outcome::Unseen => (Weight::Unknown, "ended unseen"),
    };
    (weight, join(&format!("gate {} {word}", evidence.name), &evidence.why))
}

fn join(head: &str, detail: &Clean) -> String {
    if detail.is_empty() { head.to_owned() } else { format!("{head}: {detail}") }
}

/// What was said of an item; whose approval was recorded, if it was one.
fn said(words: &str, note: &Clean, signing: &Signing) -> String {
    let approval = signing.approval.as_ref();
    let approved = approval
        .map(|of| format!(" · records that {} approved it, see {}", of.by, of.link))
        .unwrap_or_default();
    let note = if note.is_empty() { String::new() } else { format!(" · {note}") };
    format!("{words}{approved}{note}")
}

fn weight(mark: Mark) -> Weight {
    match mark {
        Mark::Done | Mark::Met => Weight::Good,
        Mark::NotApplicable => Weight::Plain,
        Mark::Waived => Weight::Warn,
        Mark::Failed | Mark::Happened => Weight::Bad,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only asked for records of a rollout")]
fn rollout(entry: &Entry) -> (Weight, String) {
    match entry {
        Entry::RolloutBegan { given: Some(given), environment, .. } => {
            (Weight::Plain, format!("rollout of {given} to {environment} begins"))
        }
        Entry::RolloutBegan { environment, .. } => {
            (Weight::Plain, format!("rollout to {environment} begins"))
        }
        Entry::Candidate { service, seen, .. } => {
            (Weight::Plain, format!("{service} rolls out {}", short_digest(&seen.image)))
        }
        Entry::T0 { at, detected } => {
            let how = if *detected { "the candidate gets its first traffic" } else { "marked" };
            (Weight::Plain, format!("T0 is {}: {how}", format::clock(*at)))
        }
        Entry::RolloutEnded { outcome, note, left, .. } => {
            let weight = if *outcome == Outcome::Completed { Weight::Good } else { Weight::Warn };
            let left = match left.as_slice() {
                [] => String::new(),
                left => format!(" · left over: {}", left.iter().map(|w| &**w).collect::<Vec<_>>().join("; ")),
            };
            (weight, format!("{}{left}", join(&format!("rollout {}", outcome.words()), note)))
        }
        _ => (Weight::Plain, String::new()),
    }
}

/// A flag that was changed outside.
fn moved(entry: &Entry) -> String {
    let Entry::FlagMoved { flag, place, from, to, by, .. } = entry else { return String::new() };
    let by = if by.is_empty() { String::new() } else { format!(", by {by}") };
    format!("flag {flag} changed outside: {from} → {to} in {place}{by}")
}

/// What a person decided against the machine.
#[expect(clippy::wildcard_enum_match_arm, reason = "only asked for records of rulings")]
fn ruled(entry: &Entry, at: Wall) -> String {
    match entry {
        Entry::Overrode { state, over, reason, until, .. } => {
            let until = format::moment(*until, at);
            format!("verdict overridden: {} over {} until {until}: {reason}", state.word(), over.word())
        }
        Entry::OverrideEnded => "override of the verdict ended".to_owned(),
        Entry::Accepted { condition, what, reason, until, .. } => {
            format!("accepted {} until {}: {condition}: {reason}", what.words(), format::moment(*until, at))
        }
        Entry::AcceptanceEnded { condition } => format!("no longer accepted: {condition}"),
        _ => String::new(),
    }
}

fn verdict(from: VerdictState, to: VerdictState, reasons: &[Clean]) -> (Weight, String) {
    let weight = match to {
        VerdictState::Go => Weight::Good,
        VerdictState::Hold => Weight::Warn,
        VerdictState::NoGo | VerdictState::RollBack => Weight::Bad,
    };
    let change = if from == to {
        format!("verdict still {}, now for another reason", to.word())
    } else {
        format!("verdict {} → {}", from.word(), to.word())
    };
    match reasons.first() {
        Some(reason) if to != VerdictState::Go => (weight, join(&change, reason)),
        _ => (weight, change),
    }
}

fn intent(act: &OpKind, reason: &Clean) -> String {
    let act = match act {
        OpKind::Rollback(change) => {
            format!("rollback to {} requested", suffix(short_name(&change.resource), &change.to))
        }
        OpKind::Traffic(change) => {
            let service = short_name(&change.resource);
            if let Some(tag) = tag_words(change) {
                return join(&format!("{tag} requested"), reason);
            }
            match change.after.iter().find(|target| target.percent == 100).map(|target| &target.revision) {
                Some(None) => {
                    format!("traffic to the latest, {} now, requested", suffix(service, &change.to))
                }
                Some(Some(to)) => format!("roll forward to {} requested", suffix(service, to)),
                None => format!("traffic {} requested", shares(service, &change.after)),
            }
        }
        OpKind::Run(change) => join(&format!("command {} requested", change.name), reason),
        OpKind::Flag(change) => {
            let before = change.before.as_deref().unwrap_or("not set");
            let after = if change.removes { "not set" } else { change.after.as_str() };
            let place = change.live.as_ref().map_or_else(String::new, |live| format!(" in {}", live.place));
            format!("flip {} {before} → {after}{place} requested", change.flag)
        }
    };
    join(&act, reason)
}

/// What is done to a tag, where nothing else is: `tag canary on 00042-bim`.
fn tag_words(change: &TrafficChange) -> Option<String> {
    let service = short_name(&change.resource);
    let set = change
        .new_tag()
        .map(|(tag, to)| format!("tag {tag} on {}", to.map_or("the latest", |name| suffix(service, name))));
    set.or_else(|| Some(format!("tag {} taken away", change.gone_tag()?)))
}

fn progress(state: OpState) -> Weight {
    match state {
        OpState::Failed => Weight::Bad,
        OpState::Superseded => Weight::Warn,
        OpState::Unknown => Weight::Unknown,
        OpState::Effective | OpState::Verified | OpState::Drained => Weight::Good,
        OpState::Requested | OpState::Accepted | OpState::Reconciling => Weight::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ServiceIx, TrafficTarget};

    #[test]
    fn trust_tells_how_many_lines_were_read() {
        let commands = ["ls", "cat <<E", "  one", "  E"].map(Clean::new).to_vec();
        let entry = Entry::Trusted { document: "d.md".into(), hash: String::new(), commands };
        let (by, role) = (Clean::new("mara"), Clean::default());
        let record =
            Record { seq: 1, at: Wall::default(), by, role, entry, hash: String::new(), late: false };
        assert_eq!(Journal::default().words(&record).1, "commands of d.md trusted: 4 lines");
    }

    #[test]
    fn an_act_on_a_tag_names_the_tag() {
        let share = |revision: &str, percent, tag: Option<&str>| TrafficTarget {
            revision: Some(revision.into()),
            percent,
            tag: tag.map(str::to_owned),
            uri: None,
        };
        let words = |before: Option<TrafficTarget>, after: Option<TrafficTarget>| {
            let with =
                |tag: Option<TrafficTarget>| [share("cart-1", 100, None)].into_iter().chain(tag).collect();
            let change = TrafficChange {
                service: ServiceIx(0),
                resource: "projects/p/locations/l/services/cart".into(),
                to: "cart-1".into(),
                before: with(before),
                after: with(after),
                generation: 1,
                etag: String::new(),
                frozen_at: Wall::default(),
            };
            let act = OpKind::Traffic(change);
            (intent(&act, &Clean::default()), act.words())
        };
        let told = |requested: &str, act: &str| (requested.to_owned(), act.to_owned());
        let canary = || Some(share("cart-2", 0, Some("canary")));
        assert_eq!(words(None, canary()), told("tag canary on 2 requested", "tag canary on cart-2"));
        let gone = told("tag canary taken away requested", "tag canary taken away");
        assert_eq!(words(canary(), None), gone);
        assert_eq!(words(None, None), told("roll forward to 1 requested", "traffic to cart-1"));
    }
}
