//! The records as lines to read: what one source did again and again is one line.

use crate::domain::{Clean, Entry, Record, Wall, format};

use super::{Journal, Weight};

/// A line: its newest record, and those before it that it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Folded<'a> {
    /// The newest record.
    pub record: &'a Record,
    /// How often the source was lost.
    pub lost: u64,
    /// When the oldest record of them was written.
    pub since: Wall,
    /// Why it was lost last.
    why: Option<&'a Clean>,
}

impl Folded<'_> {
    /// In words, and what it means.
    pub fn words(&self, journal: &Journal) -> (Weight, String) {
        let (weight, words) = journal.words(self.record);
        let Entry::Link { source, up, .. } = &self.record.entry else { return (weight, words) };
        let why = self.why.filter(|why| !why.is_empty()).map_or_else(String::new, |why| format!(": {why}"));
        let since = format::moment(self.since, self.record.at);
        let words = match (up, self.lost) {
            (_, 0) | (false, 1) => words,
            (true, 1) => {
                let length = (self.record.at - self.since).to_std().unwrap_or_default();
                format!("{source} is back, was down for {}{why}", format::age(length))
            }
            (true, lost) => format!("{source} is back, was down {lost} times since {since}{why}"),
            (false, lost) => format!("{source} is down, {lost} times since {since}{why}"),
        };
        (weight, words)
    }

    /// In as few words as an overview has room for.
    pub fn brief(&self, journal: &Journal) -> (Weight, String) {
        let (weight, words) = journal.brief(self.record);
        let short = words.strip_prefix("link ").unwrap_or(&words);
        match (self.lost, short.strip_suffix(" down")) {
            (0 | 1, _) => (weight, words),
            // A count that is cut off says nothing.
            (lost, Some(source)) => (weight, format!("{source} down {lost}×")),
            (lost, None) => (weight, format!("{short}, down {lost}×")),
        }
    }
}

impl Journal {
    /// The records in which a person reads what happened, newest first, at most so many lines: a source that is lost and
    /// back again and again, with nothing else between, is one.
    pub fn folded(&self, most: usize) -> Vec<Folded<'_>> {
        let mut lines: Vec<Folded<'_>> = Vec::new();
        let mut run = 0;
        for record in self.story() {
            let Entry::Link { source, up, error } = &record.entry else {
                if lines.len() >= most {
                    break;
                }
                lines.push(Folded { record, lost: 0, since: record.at, why: None });
                run = lines.len();
                continue;
            };
            let same = |line: &&mut Folded<'_>| matches!(&line.record.entry, Entry::Link { source: of, .. } if of == source);
            let why = (!up).then_some(error);
            if let Some(line) = lines.iter_mut().skip(run).find(same) {
                line.lost += u64::from(!up);
                line.since = record.at;
                line.why = line.why.or(why);
            } else if lines.len() < most {
                lines.push(Folded { record, lost: u64::from(!up), since: record.at, why });
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(seq: u64, entry: Entry) -> Record {
        let at = Wall::default() + chrono::TimeDelta::seconds(seq.cast_signed() * 10);
        let by = Clean::new("room");
        Record { seq, at, by, role: Clean::default(), entry, hash: String::new(), late: false }
    }

    fn link(source: &str, up: bool) -> Entry {
        let error = if up { Clean::default() } else { Clean::new("closed with 1013") };
        Entry::Link { source: source.into(), up, error }
    }

    #[test]
    fn what_flaps_is_one_line_until_something_else_happens() {
        let note = || Entry::Noted { text: "looking".into() };
        let all = [
            link("events", false),
            link("events", true),
            note(),
            link("events", false),
            link("metrics", false),
            link("events", true),
            link("events", false),
            link("events", true),
            link("metrics", true),
            link("events", false),
        ];
        let mut journal = Journal::default();
        for (seq, entry) in (1..).zip(all) {
            journal.record(&record(seq, entry));
        }
        let told: Vec<String> = journal.folded(9).iter().map(|line| line.words(&journal).1).collect();
        let words = [
            "events is down, 3 times since 00:00: closed with 1013",
            "metrics is back, was down for 40s: closed with 1013",
            "note: looking",
            "events is back, was down for 10s: closed with 1013",
        ];
        assert_eq!(told, words);
        assert_eq!(journal.folded(2).len(), 2, "and no more than are asked for");
        let brief = journal.folded(1)[0].brief(&journal).1;
        assert_eq!(brief, "events down 3×");
        assert_eq!(journal.story().count(), 10, "nothing is lost");
    }
}
