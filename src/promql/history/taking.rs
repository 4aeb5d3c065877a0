//! A scrape becomes points of series.

use std::collections::VecDeque;

use super::series::Kept;
use super::{History, LOOK_BACK, Labels, MOST_LONG, NAME, Series};
use crate::promql::exposition::{self, Line, Tally};
use crate::promql::watched::Watched;

impl History {
    /// Takes in a scrape made at `at` milliseconds; nothing of one with a line that cannot be read, as at Prometheus.
    pub fn scraped(&mut self, text: &[u8], at: i64) -> Tally {
        let mut lines = std::mem::take(&mut self.lines);
        let mut tally = self.read(text, &mut lines);
        if tally.errors == 0 {
            let again = self.places.let_in();
            if !again.is_empty() {
                for name in &again {
                    self.begins(name);
                }
                tally = self.read(text, &mut lines);
            }
            self.take(&lines, at, tally.samples);
        }
        lines.clear();
        self.lines = lines;
        self.forget(at - self.span);
        tally
    }

    /// Finds the series of all samples that are kept.
    fn read(&mut self, text: &[u8], lines: &mut Vec<(usize, Option<f64>, f64)>) -> Tally {
        lines.clear();
        self.left_out = 0;
        self.places.begin();
        let tally = exposition::read(text, |line| {
            let name = line.key.get(..line.name).unwrap_or_default();
            let asked = self.names.as_ref().is_none_or(|names| names.contains(name));
            if !asked || self.places.refuses(name) {
                return Ok(());
            }
            match self.slot(line)? {
                Some(slot) => lines.push((slot, line.stamp, line.value)),
                // The first that was too many.
                None => self.left_out += 1,
            }
            Ok(())
        });
        self.left_out += self.places.refused();
        tally
    }

    /// Nothing of `name` is known from before.
    fn begins(&mut self, name: &[u8]) {
        let name = String::from_utf8_lossy(name).into_owned();
        self.asked.insert(name.clone(), self.scrape);
        self.watched_of.insert(name, Watched::default());
    }

    fn take(&mut self, lines: &[(usize, Option<f64>, f64)], at: i64, samples: u64) {
        self.scrape += 1;
        self.newest = at;
        self.times.push_back((self.scrape, at));
        let (mut long, mut fresh) = (false, Vec::new());
        for (slot, stamp, value) in lines {
            if self.series.get(*slot).is_some_and(Series::is_fresh) {
                fresh.push(*slot);
            }
            long |= self.push(*slot, (at, self.time_of(*stamp, at)), *value);
            if let Some(series) = self.series.get_mut(*slot) {
                series.stamped = stamp.is_some() && self.ahead.is_some();
            }
        }
        let who = self.look_who(at);
        self.born(&fresh, who);
        // An answer without what is looked back on says nothing of it, whatever else it says.
        if samples > 0 && (long || self.long.names.is_empty()) {
            let gap = self.gap();
            self.watched.seen(at, gap);
            self.watched_of.values_mut().for_each(|watched| watched.seen(at, gap));
        }
    }

    /// When a sample was made that came with a scrape at `at`: none comes from the future.
    pub(super) fn time_of(&self, stamp: Option<f64>, at: i64) -> i64 {
        let Some((stamp, ahead)) = stamp.zip(self.ahead) else { return at };
        // Seconds of any year that is meant are fewer than milliseconds of 1973.
        let millis = if stamp.abs() < 1e11 { stamp * 1000.0 } else { stamp };
        (millis as i64).saturating_sub(ahead).min(at)
    }

    /// Takes in a point of a scrape at `at`; whether it is looked back on for long.
    fn push(&mut self, slot: usize, (at, time): (i64, i64), value: f64) -> bool {
        let scrape = self.scrape;
        let Some(series) = self.series.get_mut(slot).filter(|series| series.kept != Kept::Not) else {
            self.left_out += 1;
            return false;
        };
        // What is long past is not there now, however often it is told.
        if at - time <= LOOK_BACK {
            series.scrape = scrape;
        }
        match series.points.back_mut() {
            // Twice in one scrape: the later one counts. What is told late has its time no more.
            Some(last) if last.0 == time => last.1 = value,
            Some(last) if last.0 > time => {}
            _ => {
                series.points.push_back((time, value));
                series.brought = scrape;
            }
        }
        self.left_out += u64::from(series.kept == Kept::Cut);
        series.kept != Kept::Short
    }

    /// The place of a line's series; `None` when there is no room for a further one.
    fn slot(&mut self, line: Line<'_>) -> Result<Option<usize>, &'static str> {
        if let Some(slot) = self.by_key.get(line.key) {
            return Ok(Some(*slot));
        }
        let (name, mut labels) = exposition::named(line.key, line.name)?;
        labels.push((NAME.into(), name));
        let slot = self.find(labels);
        // The same labels in another order are another key; a hostile target may not make the map grow.
        if let Some(slot) = slot
            && self.by_key.len() < self.places.all() * 2
        {
            self.by_key.insert(line.key.into(), slot);
        }
        Ok(slot)
    }

    pub(super) fn find(&mut self, mut labels: Labels) -> Option<usize> {
        labels.sort();
        if let Some(slot) = self.by_labels.get(&labels) {
            return Some(*slot);
        }
        let name = labels.iter().find(|(label, _)| &**label == NAME).map(|(_, name)| name.clone())?;
        while let Err((away, had)) = self.places.take(&name) {
            if had {
                self.turn_away(&away);
            }
            if *away == *name.as_bytes() {
                return None;
            }
        }
        let slot = self.series.len();
        let kept = match self.long.takes(&labels) {
            true if self.series.iter().filter(|it| it.kept == Kept::Long).count() < MOST_LONG => Kept::Long,
            true => Kept::Cut,
            false => Kept::Short,
        };
        let (points, past) = (VecDeque::new(), VecDeque::new());
        let labelled = labels.clone();
        let series = Series {
            labels: labelled,
            points,
            past,
            kept,
            scrape: 0,
            stamped: false,
            brought: 0,
            zero: None,
        };
        if kept == Kept::Cut {
            self.cut.extend(series.label(NAME).map(str::to_owned));
        }
        self.series.push(series);
        self.by_labels.insert(labels, slot);
        Some(slot)
    }

    /// Keeps nothing of `name`; its series go with the next look at what is too old.
    fn turn_away(&mut self, name: &[u8]) {
        for series in
            self.series.iter_mut().filter(|it| it.label(NAME).is_some_and(|it| it.as_bytes() == name))
        {
            series.kept = Kept::Not;
            (series.points, series.past) = (VecDeque::new(), VecDeque::new());
        }
    }
}
