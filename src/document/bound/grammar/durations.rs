//! Times that belong to a limit: how long it must hold, in what time, when it is looked at.

use super::quantity::Quantity;
use super::times::{is_count, is_longer, rate};
use super::{Kind, Lead, Limit, Reader, attach, plain};
use crate::document::bound::lex::tokens;
use crate::document::bound::units;
use crate::domain::plan::{Bound, Comparator};

/// A length of time without a comparator.
pub(in crate::document::bound) fn seconds(text: &str) -> Option<u64> {
    let text = text.replace('_', " ");
    let lower = text.trim().to_lowercase();
    if ["immediate", "immediately", "sofort", "instant"].iter().any(|word| lower.starts_with(word))
        && !lower.bytes().any(|b| b.is_ascii_digit())
    {
        return Some(0);
    }
    let mut total = None;
    // A number in words counts where something leads to it.
    for token in tokens(&format!("for {text}")) {
        let length = match token.kind {
            Kind::Number { value, unit: Some(unit), .. } => units::milliseconds(unit).map(|ms| value * ms),
            _ => None,
        };
        match (length, total) {
            // `1h 30min` adds up; anything else ends it.
            (Some(length), _) => total = Some(total.unwrap_or(0.0) + length),
            (None, Some(_)) => break,
            (None, None) => {}
        }
    }
    total.map(|ms: f64| (ms / 1000.0).round() as u64)
}

impl Reader {
    /// A time behind `for`, `within`, `after`, `in`: whether it was taken as belonging to a limit.
    pub(super) fn duration(&mut self, quantity: &Quantity, ms: f64, lead: Lead) -> bool {
        let seconds = (ms * quantity.value / 1000.0).max(0.0).round() as u64;
        let limited = self.found.limits.last().filter(|_| self.duration_limit.is_none());
        let (count, share) =
            limited.map_or((false, false), |limit| (is_count(&limit.bound), limit.bound.unit == "%"));
        let up = limited.is_some_and(|limit| limit.bound.comparator == Comparator::Above);
        match lead {
            // "> 5 % for at most 10 minutes"
            Lead::For if limited.is_some() && self.is_at_most() => self.is_spare(quantity, ms),
            Lead::For if limited.is_some() || self.comparator.is_none() || self.is_nothing_for() => self
                .hold(quantity, |reader| {
                    reader.held_for = Some(seconds);
                }),
            Lead::After => self.hold(quantity, |reader| reader.held_after = Some(seconds)),
            // "back to < 100 within 5 minutes" is no rate; "3 failures within 5 minutes" is.
            Lead::Within if count && !up && self.follows_at_once() => self.is_spare(quantity, ms),
            Lead::Within | Lead::Window if count && quantity.value >= 1.0 => self.per(quantity),
            Lead::Window if share && self.is_at_most() => self.hold(quantity, |reader| {
                reader.held_within = Some((ms * quantity.value).max(0.0).round() as u64);
            }),
            // "länger als 5 Minuten über 800 ms": the second time is a limit of its own, and no window.
            Lead::Window if limited.is_some_and(|limit| !is_longer(ms * quantity.value, &limit.bound)) => {
                self.found.spare.push(f64::INFINITY);
                true
            }
            Lead::Window if limited.is_some() => {
                self.hold(quantity, |reader| reader.held_for = Some(seconds))
            }
            Lead::Within if share => self.hold(quantity, |reader| {
                reader.held_within = Some((ms * quantity.value).max(0.0).round() as u64);
            }),
            Lead::Within if limited.is_some() => self.is_spare(quantity, ms),
            Lead::Within => {
                self.counted_before(quantity);
                self.within(quantity, ms)
            }
            // "99 % of requests end in less than 1 second"
            Lead::Window if self.is_at_most() && self.bare_share().is_some() => {
                self.comparator = None;
                self.within(quantity, ms)
            }
            // "5 分以内に 100 件以上"
            Lead::Window if quantity.behind.is_some() => {
                let bound = plain(Comparator::AtMost, quantity.value, quantity.unit.clone());
                self.push(bound, quantity.from..quantity.to, Some(Lead::Window));
                true
            }
            Lead::Window => {
                if self.comparator.is_none() && limited.is_none() {
                    self.counted_before(quantity);
                    self.hold_before(quantity);
                    self.held_window = Some((quantity.clone(), ms * quantity.value));
                }
                false
            }
            Lead::For => {
                let (comparator, from) = self.comparator.unwrap_or((Comparator::AtLeast, quantity.from));
                let comparator = if self.negated.is_some() { comparator.negated() } else { comparator };
                let bound = plain(comparator, quantity.value, quantity.unit.clone());
                self.push(bound, from..quantity.to, Some(Lead::For));
                true
            }
        }
    }

    /// A time that says something else of the limit before it.
    fn is_spare(&mut self, quantity: &Quantity, ms: f64) -> bool {
        self.found.spare.push(ms * quantity.value);
        true
    }

    fn is_at_most(&self) -> bool {
        matches!(self.comparator, Some((Comparator::Below | Comparator::AtMost, _)))
    }

    /// Whether what leads to a time stands right behind the number of the last limit.
    fn follows_at_once(&self) -> bool {
        let end = self.found.limits.last().map(|limit| limit.at.end);
        self.lead.zip(end).is_some_and(|((_, from), end)| from <= end + 1)
    }

    /// `within 5 minutes`: a limit of its own, or of the share before it (`99 % of requests within 1 s`).
    fn within(&mut self, quantity: &Quantity, ms: f64) -> bool {
        if let Some(share) = self.bare_share().filter(|_| self.comparator.is_none()) {
            let within_ms = Some((ms * quantity.value).max(0.0).round() as u64);
            self.push(Bound { within_ms, ..share }, self.bare_from..quantity.to, None);
        } else {
            // What does not come in time takes longer.
            let fails = self.negated.is_some() && self.negation == Some(Kind::Fails);
            let alone = if fails { Comparator::Above } else { Comparator::AtMost };
            let comparator = self.comparator.map_or(alone, |(comparator, _)| comparator);
            let from = self.lead.map_or(quantity.from, |(_, from)| from);
            let bound = plain(comparator, quantity.value, quantity.unit.clone());
            self.push(bound, from..quantity.to, Some(Lead::Within));
        }
        true
    }

    /// The percentage that stood alone so far, as what is reached at least.
    fn bare_share(&self) -> Option<Bound> {
        let bare = self.found.bare.as_ref().filter(|bare| bare.unit == "%" && bare.baseline.is_none())?;
        Some(Bound { comparator: Comparator::AtLeast, ..bare.clone() })
    }

    /// A time that belongs to the last limit, or to the next if there is none yet.
    fn hold(&mut self, quantity: &Quantity, keep: impl FnOnce(&mut Self)) -> bool {
        keep(self);
        if self.found.limits.is_empty() {
            self.hold_before(quantity);
        }
        if self.duration_limit.is_none() && !self.found.limits.is_empty() {
            self.attach_held();
            if let Some(limit) = self.found.limits.last_mut() {
                limit.at.end = quantity.to;
            }
        }
        true
    }

    /// `3 restarts in 10 minutes` is a rate.
    fn per(&mut self, quantity: &Quantity) -> bool {
        let limit = self.found.limits.last_mut();
        if let Some((limit, unit)) = limit.zip(rate(&quantity.unit, quantity.value)) {
            limit.bound.unit = unit;
            limit.at.end = quantity.to;
        }
        true
    }

    /// Whether `No errors for at least …` says how long there are none.
    fn is_nothing_for(&self) -> bool {
        let at_least = matches!(self.comparator, Some((Comparator::AtLeast, _)));
        at_least && self.negated.is_some() && self.negation == Some(Kind::Not)
    }

    /// `no errors for 15 minutes`, `no leaks (after 8 h)`: none, for that time.
    pub(super) fn nothing_for_a_time(&mut self) {
        let negated = self.negated.or(self.negated_outside);
        let Some(from) = negated.filter(|_| self.found.limits.is_empty()) else { return };
        let to = self.tokens.get(self.at.saturating_sub(1)).map_or(from, |token| token.to);
        if self.held_for.is_some() || self.held_after.is_some() {
            let bound = plain(Comparator::Equal, 0.0, String::new());
            self.found.limits.push(Limit { bound, at: from..to, time: None, odd: Vec::new() });
            self.attach_held();
        }
    }

    pub(super) fn attach_held(&mut self) {
        let (held_for, within, after) =
            (self.held_for.take(), self.held_within.take(), self.held_after.take());
        if let Some(limit) = self.found.limits.last_mut() {
            attach(&mut limit.bound, held_for, within, after);
        }
    }
}
