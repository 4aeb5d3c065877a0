//! One close code as panels and reasons tell it.

use crate::domain::close_code::Spike;
use crate::domain::{Watched, format};

/// One code, as the panel shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeRow {
    /// The code.
    pub code: u16,
    /// Its name.
    pub name: String,
    /// Per minute over the last minute: the server's count if it has one, else this client's; `None`: nobody could see.
    pub per_minute: Option<f64>,
    /// As this client counted.
    pub client: Option<f64>,
    /// As the server counted.
    pub server: Option<f64>,
    /// Counted since the start by whoever `per_minute` is from.
    pub total: u64,
    /// Usual rate per minute.
    pub usual: Option<f64>,
    /// The floor, where the code can spike at all.
    pub limit: Option<f64>,
    /// The spike that runs.
    pub spike: Option<Spike>,
    /// How much of a minute it was counted for, while that is not all of it.
    pub counting: Option<Watched>,
}

impl CodeRow {
    /// `12.4/min`, or what was counted so far: `3 in 4s`.
    pub fn rate_text(&self) -> String {
        rate_text(self.per_minute, self.counting)
    }

    /// `, limit 5`, behind the rate; behind a count, which is none, with its unit.
    pub fn limit_text(&self) -> String {
        limit_text(self.limit, self.counting.filter(|_| self.per_minute.is_some()))
    }

    /// The spike against what is usual: `41× the usual 0.3/min`.
    pub fn times(&self) -> Option<String> {
        let (rate, spike) = (self.per_minute?, self.spike?);
        Some(match spike.usual {
            Some(usual) if usual >= 0.05 => {
                format!("{} the usual {}/min", format::ratio(rate / usual), format::rate(usual))
            }
            Some(_) => "usually none".to_owned(),
            None => "no usual rate known yet".to_owned(),
        })
    }
}

/// What was counted in a minute as a rate, and in less than that as a count.
pub fn rate_text(per_minute: Option<f64>, counting: Option<Watched>) -> String {
    format::or_unknown(per_minute, |rate| match counting {
        Some(watched) => watched.count_text(rate),
        None => format!("{}/min", format::rate(rate)),
    })
}

/// A limit behind [`rate_text`].
pub fn limit_text(limit: Option<f64>, counting: Option<Watched>) -> String {
    let unit = if counting.is_some() { "/min" } else { "" };
    limit.map_or(String::new(), |limit| format!(", limit {}{unit}", format::limit(limit, "")))
}
