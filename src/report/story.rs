//! The story so far: for someone who comes at 3 a.m., what happened in order (deploys, splits, verdicts, acts, notes,
//! ticks), and what of it is new since they last looked.

use crate::domain::{Clean, Entry, Record, Wall};
use crate::model::journal::{Journal, Weight};

/// One line of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The record behind it.
    pub seq: u64,
    /// When it happened.
    pub at: Wall,
    /// Who: a person, or `room`.
    pub who: Clean,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it means.
    pub weight: Weight,
    /// In words.
    pub text: Clean,
    /// By somebody else, after the reader last looked.
    pub new: bool,
}

/// Kinds of lines, for filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A new revision, or another split of the traffic.
    Deploy,
    /// The verdict changed.
    Verdict,
    /// A rollback, a flip, a traffic change, a lock; a ruling against the machine.
    Act,
    /// A person wrote something down.
    Note,
    /// A rollout began or ended, its candidate, its T0.
    Rollout,
    /// What was said of an item, taken back, or lapsed.
    Tick,
    /// A source was lost or came back.
    Sight,
    /// An alert, or a mute.
    Alert,
}

/// The story as `reader` reads it, oldest first. Consoles that opened and pages that were read are left out.
pub fn story(journal: &Journal, reader: &Clean) -> Vec<Line> {
    let looked = journal.looked(reader);
    let line = |record: &Record| {
        let (weight, mut text) = journal.words(record);
        if record.late {
            text.push_str(" (recorded late: the journal could not be written)");
        }
        Some(Line {
            seq: record.seq,
            at: record.at,
            who: record.by.clone(),
            kind: kind(&record.entry)?,
            weight,
            text: Clean::from(text),
            new: record.seq > looked && record.by != *reader,
        })
    };
    journal.newest().rev().filter_map(line).collect()
}

fn kind(entry: &Entry) -> Option<Kind> {
    Some(match entry {
        Entry::Deployed { .. } | Entry::Split { again: false, .. } | Entry::FlagMoved { .. } => Kind::Deploy,
        Entry::Verdict { .. } => Kind::Verdict,
        Entry::Intent { .. } | Entry::Progress { .. } | Entry::Rehearsed { .. } | Entry::Lock { .. } => {
            Kind::Act
        }
        Entry::Overrode { .. }
        | Entry::OverrideEnded
        | Entry::Accepted { .. }
        | Entry::AcceptanceEnded { .. } => Kind::Act,
        Entry::Noted { .. } | Entry::Reading { .. } => Kind::Note,
        Entry::Ticked { .. }
        | Entry::Marked { .. }
        | Entry::Unticked { .. }
        | Entry::Lapsed { .. }
        | Entry::GateEnded(_) => Kind::Tick,
        Entry::RolloutBegan { .. }
        | Entry::Candidate { .. }
        | Entry::Before { .. }
        | Entry::T0 { .. }
        | Entry::Stage(_)
        | Entry::RolloutEnded { .. } => Kind::Rollout,
        Entry::Link { .. } => Kind::Sight,
        Entry::Alert(_) => Kind::Alert,
        Entry::Opened { .. }
        | Entry::Split { .. }
        | Entry::Looked { .. }
        | Entry::Measured(_)
        | Entry::ActiveRun { .. }
        | Entry::Trusted { .. }
        | Entry::GateStarted(_)
        | Entry::GateProcess { .. }
        | Entry::Other => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::VerdictState;

    fn record(seq: u64, by: &str, entry: Entry) -> Record {
        let (at, hash) = (Wall::default() + chrono::TimeDelta::seconds(seq.cast_signed()), String::new());
        Record { seq, at, by: by.into(), role: Clean::default(), entry, hash, late: false }
    }

    #[test]
    fn the_story_runs_forward_and_marks_what_others_did_since_the_last_look() {
        let mut journal = Journal::default();
        let opened = Entry::Opened {
            room: "chat".into(),
            environment: "production".into(),
            version: "1".into(),
            host: "bridge".into(),
        };
        let note = |text: &str| Entry::Noted { text: text.into() };
        let verdict = Entry::Verdict {
            from: VerdictState::Go,
            to: VerdictState::RollBack,
            reasons: vec!["4401".into()],
        };
        journal.record(&record(1, "room", opened));
        journal.record(&record(2, "sam", note("read before")));
        journal.record(&record(3, "mara", Entry::Looked { seq: 2 }));
        journal.record(&record(4, "room", verdict));
        journal.record(&record(5, "mara", note("my own")));
        journal.record(&Record { late: true, ..record(6, "sam", note("acted")) });

        let told: Vec<(u64, Kind, String, bool)> = story(&journal, &"mara".into())
            .into_iter()
            .map(|line| (line.seq, line.kind, line.text.to_string(), line.new))
            .collect();
        let late = "note: acted (recorded late: the journal could not be written)";
        assert_eq!(
            told,
            [
                (2, Kind::Note, "note: read before".to_owned(), false),
                (4, Kind::Verdict, "verdict GO → ROLL BACK: 4401".to_owned(), true),
                (5, Kind::Note, "note: my own".to_owned(), false),
                (6, Kind::Note, late.to_owned(), true),
            ]
        );
        // For one who never looked everything by others is new.
        assert!(story(&journal, &"ines".into()).iter().all(|line| line.new));
    }
}
