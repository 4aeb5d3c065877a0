//! What records of items and of rollouts hold beyond their one line.

use std::collections::BTreeMap;

use crate::domain::rollout::Seen;
use crate::domain::{Entry, Record, format};

type Facts = Vec<(&'static str, String)>;

/// The contents of a record about an item or a rollout.
#[expect(clippy::wildcard_enum_match_arm, reason = "only asked for records of items and rollouts")]
pub(super) fn facts(record: &Record) -> Facts {
    if let Some((item, said)) = record.attestation() {
        let mut facts = vec![("item", said.text.to_string()), ("id", item.to_owned())];
        facts.push(("said", said.mark.words().to_owned()));
        facts.extend((!said.note.is_empty()).then(|| ("note", said.note.to_string())));
        if let Some(approval) = &said.signing.approval {
            facts.push(("approved by", approval.by.to_string()));
            facts.push(("see", approval.link.to_string()));
        }
        facts.extend(said.candidate.map(|candidate| ("for", candidate)));
        facts.extend(said.signing.images.values().map(|image| ("image", image.to_string())));
        facts.extend(said.signing.evidence.iter().map(|evidence| ("evidence", evidence.support())));
        facts.extend(said.signing.document.map(|sha256| ("document", sha256)));
        return facts;
    }
    match &record.entry {
        Entry::Lapsed { item, text, seq, why } => vec![
            ("item", text.to_string()),
            ("id", item.clone()),
            ("lapsed", format!("record {seq}")),
            ("why", why.to_string()),
        ],
        Entry::RolloutBegan { given, candidates, baseline, environment } => {
            let mut facts = vec![("environment", environment.clone())];
            facts.extend(given.as_ref().map(|given| ("candidate", given.to_string())));
            facts.extend(images("rolls out", candidates));
            facts.extend(images("instead of", baseline));
            facts
        }
        Entry::Candidate { service, seen, baseline, .. } => {
            let mut facts = vec![("service", service.clone()), ("rolls out", image(seen))];
            facts.extend(baseline.as_ref().map(|baseline| ("instead of", image(baseline))));
            facts
        }
        Entry::T0 { at, detected } => {
            let how = if *detected { "seen in the traffic" } else { "marked by a person" };
            vec![("T0", format::clock(*at)), ("how", how.to_owned())]
        }
        Entry::RolloutEnded { outcome, note, left, .. } => {
            let mut facts = vec![("outcome", outcome.words().to_owned())];
            facts.extend((!note.is_empty()).then(|| ("note", note.to_string())));
            facts.extend(left.iter().map(|left| ("left over", left.to_string())));
            facts
        }
        _ => Facts::new(),
    }
}

fn images(label: &'static str, seen: &BTreeMap<String, Seen>) -> Facts {
    seen.iter().map(|(service, seen)| (label, format!("{service} {}", image(seen)))).collect()
}

fn image(seen: &Seen) -> String {
    format!("{} as {}", seen.image, seen.revision)
}
