//! `warroom journal`: who did what, and whether the chain is whole.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use super::{Failure, Global, written};
use super::{desk, session};
use crate::domain::Record;
use crate::journal::{MEND, Store, Verified, fallback};
use crate::model::journal::Journal;
use crate::report::snapshot::time;

/// Prints the records, or with `verify` checks the whole file; a damaged one is a failure.
pub(super) async fn run(global: &Global, json: bool, verify: bool) -> Result<u8, Failure> {
    // A file that is named needs no room.
    let path = match &global.store {
        Some(path) => path.clone(),
        None => session::store_path(&session::load(global)?),
    };
    let mut store = Store::read(&path).await?;
    let answer = if verify {
        let found = store.verify().await?;
        verified(&found, &path, json)
    } else {
        let (records, damage) = store.walked().await?;
        if let Some(damage) = &damage {
            desk::warned(&path, damage);
        }
        let mut out = io::stdout().lock();
        written(if json { write_json(&records, &mut out) } else { write_lines(&records, &mut out) })
            .map(|()| 0)
    };
    store.close().await;
    answer
}

fn verified(found: &Verified, path: &Path, json: bool) -> Result<u8, Failure> {
    let waits = fallback::pending(path).then(|| fallback::path(path).display().to_string());
    let mut out = io::stdout().lock();
    let outcome = if json {
        let damage = found.damage.as_ref().map(|d| json!({ "record": d.seq, "text": d.text }));
        let head = &found.head_hash;
        writeln!(
            out,
            "{}",
            json!({
                "schema": "warroom.verify/1", "records": found.seq, "head": head, "damage": damage,
                "not_taken_over": waits,
            })
        )
    } else if found.damage.is_none() {
        let taken = waits.map_or_else(String::new, |file| {
            format!(
                "\nnot in it yet: what was done while it could not be written, in {file}; a console takes it over"
            )
        });
        let records = if found.seq == 1 { "record" } else { "records" };
        writeln!(out, "whole: {} {records}, head {}{taken}", found.seq, found.head_hash)
    } else {
        Ok(())
    };
    match &found.damage {
        None => written(outcome).map(|()| 0),
        Some(damage) => {
            let what = format!("the journal is damaged at record {}", damage.seq);
            Err(Failure::failed(&what, &damage.text, MEND))
        }
    }
}

fn write_json(records: &[Record], out: &mut impl Write) -> io::Result<()> {
    for record in records {
        let line = serde_json::to_string(record).map_err(io::Error::other)?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn write_lines(records: &[Record], out: &mut impl Write) -> io::Result<()> {
    let mut journal = Journal::default();
    for record in records {
        journal.record(record);
        let (_, words) = journal.words(record);
        writeln!(out, "{:>6}  {}  {:<12}  {words}", record.seq, time(record.at), record.by)?;
    }
    Ok(())
}
