//! Everything in order, what people wrote down, and sources that were lost.

use std::collections::BTreeMap;

use crate::domain::{Clean, Entry, Record, Wall, format};
use crate::model::journal::Journal;

use super::facts::{At, Line, Loss};
use super::scope::Scope;

/// The records as lines; what was only read, and what the keeper measured, is left out.
pub(super) fn timeline(scope: &Scope<'_>) -> Vec<Line> {
    let mut journal = Journal::default();
    for record in scope.earlier {
        journal.record(record);
    }
    let mut lines = Vec::new();
    for record in scope.records {
        journal.record(record);
        if !matches!(record.entry, Entry::Looked { .. } | Entry::Measured(_) | Entry::ActiveRun { .. }) {
            lines.push(line(record, Clean::from(journal.words(record).1)));
        }
    }
    // What was recorded late stands where it happened; all else as the journal has it, also where a clock was set back.
    let (late, mut told): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.late);
    for line in late {
        put_in(&mut told, line, |line| line.at);
    }
    told
}

/// Puts `one` behind what is not later, and leaves the order of the others.
pub(super) fn put_in<T, At: Ord>(all: &mut Vec<T>, one: T, at: impl Fn(&T) -> At) {
    let behind = all.iter().rposition(|other| at(other) <= at(&one)).map_or(0, |before| before + 1);
    all.insert(behind, one);
}

fn line(record: &Record, text: Clean) -> Line {
    Line {
        record: record.seq,
        at: At(record.at),
        by: record.by.clone(),
        role: record.role.clone(),
        kind: record.entry.kind(),
        text,
        late: record.late,
    }
}

/// What people wrote down.
pub(super) fn notes(scope: &Scope<'_>) -> Vec<Line> {
    let note = |record: &Record| match &record.entry {
        Entry::Noted { text } => Some(line(record, text.clone())),
        Entry::Reading { metric, value, note } => {
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            Some(line(record, Clean::new(&format!("{metric} is {}{note}", format::number(*value)))))
        }
        _ => None,
    };
    scope.records.iter().filter_map(note).collect()
}

/// Sources that went down, and for how long.
pub(super) fn losses(scope: &Scope<'_>) -> Vec<Loss> {
    let mut all: BTreeMap<&str, (Loss, Option<Wall>)> = BTreeMap::new();
    for record in scope.records {
        let Entry::Link { source, up, error } = &record.entry else { continue };
        if *up {
            if let Some((loss, down)) = all.get_mut(source.as_str()) {
                loss.seconds += down.take().map_or(0.0, |down| lasted(down, record.at));
                loss.lasts = false;
            }
            continue;
        }
        let empty = || Loss {
            source: source.clone(),
            times: 0,
            seconds: 0.0,
            lasts: false,
            error: Clean::default(),
            record: 0,
        };
        let (loss, down) = all.entry(source).or_insert_with(|| (empty(), None));
        loss.times += u64::from(down.is_none());
        (loss.error, loss.record, loss.lasts) = (error.clone(), record.seq, true);
        down.get_or_insert(record.at);
    }
    let end = |(mut loss, down): (Loss, Option<Wall>)| {
        loss.seconds += down.zip(scope.until).map_or(0.0, |(down, until)| lasted(down, until));
        loss
    };
    let mut losses: Vec<Loss> = all.into_values().map(end).collect();
    losses.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    losses
}

fn lasted(from: Wall, until: Wall) -> f64 {
    (until - from).as_seconds_f64().max(0.0)
}
