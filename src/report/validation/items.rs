//! The items of the documents, each with what was said of it.

use std::collections::BTreeMap;

use crate::domain::{
    Attestation, Clean, Document, Entry, Evidence, Item as Read, ItemId, Meaning, ProofKind, Section, Wall,
};
use crate::model::checklist::{Checklist, ItemState, Surroundings};

use super::Input;
use super::facts::{At, Counts, Finding, Item, Items, Signal};
use super::scope::Scope;

/// The items as the documents have them now, with the attestations of the records up to the report's end.
pub(super) fn items(input: &Input<'_>, scope: &Scope<'_>, signals: &[Signal]) -> Items {
    let mut list = Checklist::default();
    list.documents_read(input.documents.to_vec(), input.problems.to_vec());
    for record in scope.earlier.iter().chain(scope.records) {
        list.record(record);
    }
    list.settle(&Surroundings {
        rules: &input.room.signoff,
        now: input.now,
        candidates: &BTreeMap::new(),
        proof: &|kind, name| proof(kind, name, signals),
    });
    let each = |document: &Document, section: &Section, item: &Read| {
        let row = row(&list, document, section, item);
        let note = row.note.or_else(|| taken_back(scope, &item.id).filter(|_| row.state == "open"));
        Item { note, ..row }
    };
    let mut rows = Vec::new();
    for document in input.documents {
        for section in &document.sections {
            rows.extend(section.items.iter().map(|item| each(document, section, item)));
        }
    }
    Items {
        documents: input.documents.iter().map(|document| document.path.clone()).collect(),
        problems: input.problems.to_vec(),
        counts: counts(&rows),
        rows,
    }
}

/// What was said last of an item that nothing is said of any more.
fn taken_back(scope: &Scope<'_>, id: &ItemId) -> Option<Clean> {
    scope.records.iter().rev().find_map(|record| {
        let Entry::Unticked { item, seq, .. } = &record.entry else { return None };
        let said = scope.records.iter().find(|said| said.seq == *seq && *item == id.0)?;
        let (_, was) = said.attestation()?;
        let time = |at: Wall| at.format("%H:%M:%S");
        Some(Clean::new(&format!(
            "{} said “{}” at {} UTC (#{seq}), and {} took that back at {} UTC (#{})",
            said.by,
            was.mark.words(),
            time(said.at),
            record.by,
            time(record.at),
            record.seq
        )))
    })
}

/// What was measured of a condition at the end.
fn proof(kind: ProofKind, name: &str, signals: &[Signal]) -> Option<Evidence> {
    if kind != ProofKind::Condition {
        return None;
    }
    let signal = signals.iter().find(|signal| signal.name == name)?;
    let good = match signal.state {
        Some("pass") => Some(true),
        Some("fail") => Some(false),
        _ => None,
    };
    // What is bad and accepted proves nothing.
    let value = match (signal.state, good) {
        (Some("accepted"), _) => Clean::new(&format!("{}, accepted by a person", signal.words[2])),
        (_, None) => Clean::new("could not be seen at the end"),
        (_, Some(_)) => Clean::new(&signal.words[2]),
    };
    Some(Evidence { kind, name: Clean::new(name), good, value, record: signal.record })
}

fn row(list: &Checklist, document: &Document, section: &Section, item: &Read) -> Item {
    let state = list.state(item);
    let said = state.attestation();
    let approval = said.and_then(|said| said.signing.approval.as_ref());
    let text = |text: &Clean| (!text.is_empty()).then(|| text.clone());
    let mut evidence: Vec<Clean> = said.map(rests_on).unwrap_or_default();
    let mut note = said.and_then(|said| text(&said.note));
    if let ItemState::Lapsed { was, why } = state {
        note = Some(Clean::new(&format!("it was {}, and lapsed: {why}", was.mark.words())));
    }
    if let ItemState::Measured(proof) | ItemState::Proposed(proof) = state {
        let good = match proof.good {
            Some(true) => "is good",
            Some(false) => "is bad",
            None => "is not seen",
        };
        evidence.push(Clean::new(&format!("{}, which {good}", proof.words())));
    }
    Item {
        id: item.id.0.clone(),
        document: document.path.clone(),
        line: item.line,
        section: section.path.clone(),
        text: item.text.clone(),
        meaning: item.meaning.word(),
        required: item.required,
        optional: item.optional,
        state: state.word(),
        holds: matches!(state, ItemState::Measured(proof) if item.meaning == Meaning::Criterion && proof.good == Some(true)),
        by: said.map(|said| Clean::from(said.who())),
        kind: said.map(Attestation::kind),
        role: said.and_then(|said| text(&said.role)),
        approved_by: approval.map(|approval| approval.by.clone()),
        link: approval.map(|approval| approval.link.clone()),
        at: said.map(|said| At(said.at)),
        note,
        evidence,
        record: said.and_then(|said| said.seq),
    }
}

/// What an attestation rests on.
fn rests_on(said: &Attestation) -> Vec<Clean> {
    let mut rests: Vec<Clean> = Vec::new();
    if let Some(approval) = &said.signing.approval {
        rests.push(Clean::new(&format!("see {}", approval.link)));
    }
    rests.extend(said.signing.evidence.iter().map(|evidence| Clean::from(evidence.support())));
    rests
}

impl Item {
    /// Whether it asks something of a person.
    pub(super) fn counts(&self) -> bool {
        let is_condition = matches!(self.meaning, "trigger" | "claim");
        !(is_condition || (self.meaning == "criterion" && (!self.required || self.holds)))
            && !matches!(self.state, "not_due" | "struck")
    }

    /// Whether nothing more is asked of anybody.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.state, "done" | "met" | "not_applicable" | "waived" | "struck")
    }
}

impl Items {
    /// Signed off once, and not any more.
    pub(super) fn lapsed(&self) -> Vec<&Item> {
        self.rows.iter().filter(|row| row.counts() && row.state == "lapsed").collect()
    }

    /// Required, and not settled.
    pub(super) fn required_open(&self) -> Vec<&Item> {
        self.rows.iter().filter(|row| row.counts() && row.required && !row.is_settled()).collect()
    }
}

fn counts(rows: &[Item]) -> Counts {
    let counted = || rows.iter().filter(|row| row.counts());
    let of = |state: &str| counted().filter(|row| row.state == state).count();
    Counts {
        all: counted().count(),
        done: of("done") + of("met"),
        not_applicable: of("not_applicable"),
        waived: of("waived"),
        failed: of("failed"),
        lapsed: of("lapsed"),
        open: counted().filter(|row| !row.is_settled() && !matches!(row.state, "failed" | "lapsed")).count(),
        required_open: counted().filter(|row| row.required && !row.is_settled()).count(),
        claimed: rows.iter().filter(|row| row.state == "claimed").count(),
    }
}

/// What the reading of the documents found questionable.
pub(super) fn findings(input: &Input<'_>) -> Vec<Finding> {
    let all = input.documents.iter().flat_map(|document| {
        document.plan.findings.iter().map(move |finding| Finding {
            document: document.path.clone(),
            line: finding.line,
            kind: finding.kind.into(),
            text: finding.text.clone(),
            expected: input.room.report.expects(&finding.text).is_some(),
        })
    });
    all.collect()
}
