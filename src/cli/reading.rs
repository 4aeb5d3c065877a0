//! `warroom reading`: what a metric is that a person reads.

use super::desk::{append, completing, records, say};
use super::{Failure, Global, session};
use crate::domain::{Entry, format};
use crate::model::readings;
use crate::sources::documents;

/// Which, and what it is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// The metric, as the document or the config calls it
    name: String,
    /// The number, with its unit or without: 97, 97%, 1.8s
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// Where it was read, or what goes with it
    #[arg(long, default_value = "")]
    note: String,
}

/// Writes the reading down.
pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let (files, _problems) = documents::read_once(&loaded.room.checklists);
    let room = completing::plain(&loaded.room, &files, &records(&loaded).await?);
    let entry = readings::entry(&room, &options.name, &options.value, &options.note);
    let entry = entry.map_err(|(what, why, next)| Failure::usage(&what, &why, &next))?;
    let told = match &entry {
        Entry::Reading { metric, value, .. } => format!("{metric} is {}", format::number(*value)),
        _ => String::new(),
    };
    let record = append(&loaded, entry).await?;
    say(&format!("{told}, written down by {}, record {}", record.by, record.seq));
    Ok(0)
}
