//! The room as a console completes it by its documents, for commands without a screen.

use crate::domain::room::SignOffSpec;
use crate::domain::{Document, Entry, Record, Room};
use crate::model::documented::{self, Completed, Counted, Replaced};
use crate::model::stages::Begun;

/// What its documents state is configured too, and what endpoints may count: a look tells which of them do.
pub(in crate::cli) fn supposed(configured: &Room, documents: &[Document], records: &[Record]) -> Completed {
    with(&documented::supposed(configured), configured, documents, records)
}

/// The rules for items, and the triggers of which a later stage says something else.
pub(super) fn rules(
    configured: &Room,
    documents: &[Document],
    records: &[Record],
) -> (SignOffSpec, Replaced) {
    let Completed { room, replaced, .. } = supposed(configured, documents, records);
    (room.signoff, replaced)
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
    let plain = plain(configured, documents, records);
    let counted = supposed(configured, documents, records).room;
    let known = |name: &str| plain.conditions.iter().any(|spec| spec.name == name);
    let more = counted.conditions.iter().any(|spec| !known(&spec.name) && measured(&spec.name));
    if more { counted } else { plain }
}

/// By its documents alone.
pub(in crate::cli) fn plain(configured: &Room, documents: &[Document], records: &[Record]) -> Room {
    with(&Counted::new(), configured, documents, records).room
}

fn with(counted: &Counted, configured: &Room, documents: &[Document], records: &[Record]) -> Completed {
    let is_read = |name: &str| {
        records.iter().any(|it| matches!(&it.entry, Entry::Reading { metric, .. } if metric == name))
    };
    let begun = Begun::recorded(configured, documents, records);
    documented::completed_in(configured, documents, &is_read, (counted, &begun))
}
