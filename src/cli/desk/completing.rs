//! The room as a console completes it by its documents, for commands without a screen.

use crate::domain::{Document, Entry, Record, Room};
use crate::model::documented::{self, Counted};

/// What its documents state is configured too, and what endpoints may count: a look tells which of them do.
pub(super) fn supposed(configured: &Room, documents: &[Document], records: &[Record]) -> Room {
    with(&documented::supposed(configured), configured, documents, records)
}

/// The same from the records alone: what an endpoint counts is asked of nobody; the measures tell.
pub(in crate::cli) fn recorded(configured: &Room, documents: &[Document], records: &[Record]) -> Room {
    let measured = |name: &str| {
        let of = |record: &Record| match &record.entry {
            Entry::Measured(span) => span.conditions.iter().any(|row| row.name == name),
            _ => false,
        };
        records.iter().any(of)
    };
    let plain = with(&Counted::new(), configured, documents, records);
    let counted = supposed(configured, documents, records);
    let known = |name: &str| plain.conditions.iter().any(|spec| spec.name == name);
    let more = counted.conditions.iter().any(|spec| !known(&spec.name) && measured(&spec.name));
    if more { counted } else { plain }
}

fn with(counted: &Counted, configured: &Room, documents: &[Document], records: &[Record]) -> Room {
    let is_read = |name: &str| {
        records.iter().any(|it| matches!(&it.entry, Entry::Reading { metric, .. } if metric == name))
    };
    documented::completed(configured, documents, &is_read, counted).room
}
