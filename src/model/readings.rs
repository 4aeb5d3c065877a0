//! Metrics that people read: what is written down, by whom, and what still waits for a reading.

use crate::domain::metric::ByHand;
use crate::domain::record::Guard;
use crate::domain::room::{MetricFrom, MetricSpec, Unbound};
use crate::domain::{Clean, Entry, PanelId, Reason, ReasonKind, Record, Room};

use super::Model;
use super::documented;
use super::effect::Effect;
use super::metrics::{Metric, Metrics};

/// The metrics of `room` that people read.
pub fn readable(room: &Room) -> impl Iterator<Item = &MetricSpec> {
    room.services
        .iter()
        .flat_map(|service| &service.metrics)
        .flat_map(|metrics| metrics.of(MetricFrom::Person))
}

/// The record of a reading: `name`, and a number in the metric's unit.
///
/// # Errors
/// No such metric, or no such number: what, why, and the next step.
pub fn entry(room: &Room, name: &str, value: &str, note: &str) -> Result<Entry, (String, String, String)> {
    let wanted = documented::name_of(name);
    let metric = readable(room).find(|metric| metric.name == wanted);
    let Some(metric) = metric else {
        let mut panels = room.services.iter().flat_map(|service| &service.metrics).flat_map(|it| &it.panels);
        let measured = panels.any(|panel| panel.name == wanted);
        let why = if measured { "it is measured" } else { "the room has no metric of this name" };
        let names: Vec<&str> = readable(room).map(|metric| metric.name.as_str()).take(8).collect();
        let next = match names.as_slice() {
            [] => "no metric of this room waits for a reading; a note may do".to_owned(),
            names => format!("people read {}", names.join(", ")),
        };
        return Err((format!("{} takes no reading", Clean::new(name)), why.to_owned(), next));
    };
    let value = number(value, &metric.unit).map_err(|why| {
        let unit = if metric.unit.is_empty() { "a plain number" } else { &metric.unit };
        let what = format!("{} is no reading of {}", Clean::new(value), metric.name);
        (what, why.to_owned(), format!("its unit is {unit}"))
    })?;
    Ok(Entry::Reading { metric: metric.name.clone(), value, note: Clean::new(note.trim()) })
}

/// A number, with its unit or without.
fn number(text: &str, unit: &str) -> Result<f64, &'static str> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+')).unwrap_or(text.len());
    let (number, written) = text.split_at_checked(end).unwrap_or((text, ""));
    let number: f64 = number.parse().map_err(|_none| "it is no number")?;
    if !written.trim().is_empty() && written.trim() != unit {
        return Err("it is in another unit, and nothing is converted");
    }
    if number.is_finite() { Ok(number) } else { Err("it is no number") }
}

impl Model {
    /// `:reading NAME VALUE`, and what follows is a note.
    pub(super) fn write_reading(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let mut words = text.splitn(3, char::is_whitespace);
        let [name, value, note] = std::array::from_fn(|_| words.next().unwrap_or_default());
        match entry(&self.room, name, value, note) {
            Ok(entry) => {
                let draft = self.mine(entry);
                self.append(draft, Guard::Free, effects);
                self.say("written down, with your name and the time");
            }
            Err((what, why, next)) => self.say(&format!("{what}: {why}; {next}")),
        }
    }

    /// A record came: if it is a reading, its metric has it now.
    pub(super) fn reading_recorded(&mut self, record: &Record, effects: &mut Vec<Effect>) {
        let Entry::Reading { metric, value, note } = &record.entry else { return };
        let reading = ByHand { value: *value, by: record.by.clone(), at: record.at, note: note.clone() };
        let first = self.readings.insert(metric.clone(), reading).is_none();
        self.hand_out_readings();
        if first {
            // From now on it can be judged.
            let documents = self.checklist.documents().to_vec();
            self.complete_room(&documents, effects);
        }
    }

    /// Gives each metric that people read what was written down of it.
    pub(super) fn hand_out_readings(&mut self) {
        for metrics in self.services.iter_mut().filter_map(|service| service.metrics.as_mut()) {
            for (name, reading) in &self.readings {
                metrics.read_by_hand(name, reading);
            }
            metrics.ticked(self.now, self.room.documented.readings_for);
        }
    }

    /// Metrics that documents state by name, and that nothing and nobody reads.
    pub fn unbound(&self) -> impl Iterator<Item = &Metric> {
        let metrics = self.services.iter().filter_map(|service| service.metrics.as_ref());
        metrics.flat_map(Metrics::metrics).filter(|metric| metric.is_unbound())
    }

    /// What cannot be seen holds: also a limit that a document calls critical, and that nobody can read.
    pub(super) fn unbound_reason(&self) -> Option<Reason> {
        if self.room.documented.unbound == Unbound::List {
            return None;
        }
        let critical: Vec<&Metric> = self.unbound().filter(|metric| metric.spec.critical.is_some()).collect();
        let (first, more) = critical.split_first()?;
        let names = match more.len() {
            0 => first.spec.name.clone(),
            n => format!("{}: {} first", n + 1, first.spec.name),
        };
        Some(Reason {
            kind: ReasonKind::Unseen,
            subject: Clean::new("documented metrics without a source"),
            value: Clean::new(&names),
            context: Clean::new("write it down with :reading NAME VALUE, or bind it in the config"),
            since: None,
            panel: PanelId::Metrics,
            condition: None,
        })
    }

    /// The same of a critical limit that cannot be compared with what is read.
    pub(super) fn unjudged_reason(&self) -> Option<Reason> {
        if self.room.documented.unbound == Unbound::List {
            return None;
        }
        let metrics = self.services.iter().filter_map(|service| service.metrics.as_ref());
        let documented = |metric: &Metric| metric.spec.documented.clone().filter(|it| it.holds);
        let mut all = metrics
            .flat_map(Metrics::metrics)
            .filter(|metric| !metric.is_unbound())
            .filter_map(|metric| Some((metric, documented(metric)?)));
        let (first, documented) = all.next()?;
        let more = all.count();
        let names = match more {
            0 => first.spec.name.clone(),
            n => format!("{}: {} first", n + 1, first.spec.name),
        };
        Some(Reason {
            kind: ReasonKind::Unseen,
            subject: Clean::new("a documented limit that judges nothing"),
            value: Clean::new(&names),
            context: documented.unjudged.unwrap_or_default(),
            since: None,
            panel: PanelId::Metrics,
            condition: None,
        })
    }
}

#[cfg(test)]
mod tests;
