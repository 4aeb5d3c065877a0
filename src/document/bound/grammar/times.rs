//! Times without a word that leads to them: what stands beside one says whose it is, and one that is nobody's is kept in mind.

use super::quantity::Quantity;
use super::{Kind, Lead, Limit, Reader, rate_of};
use crate::document::bound::units;
use crate::domain::plan::{Bound, Comparator};

/// A time is how long a limit of time is crossed only if it is so many times longer.
const LONGER: f64 = 10.0;

/// A shorter time is no time for which something lasts.
const SHORTEST_MS: f64 = 1000.0;

impl Reader {
    /// What a time of `ms` is for a limit, by what stands beside it.
    pub(super) fn beside(&self, quantity: &Quantity, ms: Option<f64>) -> Option<Lead> {
        let ms = ms?;
        let next = self.kind(self.at);
        if self.lasts(ms) || self.begins(quantity) || self.ends(quantity, ms) || self.is_longer(ms) {
            return Some(Lead::For);
        }
        let window = next == Some(Kind::Inside)
            && (quantity.behind.is_none() || !self.has_subject)
            && self.comparator.is_none()
            && matches!(quantity.behind, None | Some(Comparator::AtMost));
        window.then_some(Lead::Window)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// `10 Minuten lang`, `10 分続く`, `< 500 ms (30 min)`, but not `2 hours (7200 s)`.
    fn lasts(&self, ms: f64) -> bool {
        let bracket = |at: Option<usize>| at.and_then(|at| self.kind(at)) == Some(Kind::Bracket);
        let alone = bracket(self.at.checked_sub(2)) && bracket(Some(self.at));
        self.kind(self.at) == Some(Kind::Lasting)
            || (alone && self.comparator.is_none() && self.is_of_last(ms))
    }

    /// `10 minutes of error rate > 5 %`.
    fn begins(&self, quantity: &Quantity) -> bool {
        let first = self.tokens.first().is_some_and(|token| token.from == quantity.from);
        first
            && self.comparator.is_none()
            && quantity.behind.is_none()
            && matches!(self.kind(self.at), Some(Kind::Of | Kind::Bad | Kind::Good))
    }

    /// `> 5 %, 10 min`: nothing but the time stands behind a limit.
    fn ends(&self, quantity: &Quantity, ms: f64) -> bool {
        self.comparator.is_none()
            && quantity.behind.is_none()
            && matches!(self.kind(self.at), None | Some(Kind::Break | Kind::Bracket))
            && self.is_of_last(ms)
            && self.nothing_between(quantity.from, |kind| kind == Kind::Break)
    }

    /// `> 5 % länger als 10 Minuten`.
    fn is_longer(&self, ms: f64) -> bool {
        matches!(self.comparator, Some((Comparator::Above | Comparator::AtLeast, from))
            if self.negated.is_none() && self.is_of_last(ms) && self.nothing_between(from, |kind| kind == Kind::Of))
    }

    /// Whether a time of `ms` can be how long the last limit is crossed.
    fn is_of_last(&self, ms: f64) -> bool {
        let last = self.found.limits.last().filter(|_| self.duration_limit.is_none());
        last.is_some_and(|limit| limit.bound.for_seconds.is_none() && is_longer(ms, &limit.bound))
    }

    /// Whether nothing stands between the last limit and `to` but what is `left_out`.
    fn nothing_between(&self, to: usize, left_out: impl Fn(Kind) -> bool) -> bool {
        let Some(end) = self.found.limits.last().map(|limit| limit.at.end) else { return false };
        let before = self.tokens.iter().rev().skip_while(|token| token.to > to);
        let mut between = before.take_while(|token| token.from >= end);
        between.all(|token| token.kind == Kind::Lasting || left_out(token.kind))
    }

    /// Keeps in mind a time that is no limit's; `unit`: how long one of it is.
    pub(super) fn note_spare(&mut self, quantity: &Quantity, unit: Option<f64>) {
        if self.kind(self.at) == Some(Kind::Lasting) && !quantity.unit.is_empty() {
            self.at += 1;
        }
        let Some(ms) = unit.map(|unit| unit * quantity.value) else { return };
        let limits = self.comparator.is_some() || quantity.behind.is_some() || self.plus_minus.is_some();
        let spare = match self.found.limits.last() {
            _ if !limits => self.held_window.is_none(),
            // "> 5 % and longer than 10 minutes": what lasts is not named.
            Some(last) => (self.has_limit || !self.has_subject) && may_last(ms, &last.bound),
            None => false,
        };
        if spare {
            self.found.spare.push(ms);
        }
        self.loose = (limits && !self.has_subject).then_some(ms);
    }

    /// A time before a limit: it belongs to none yet, and to no name.
    pub(super) fn hold_before(&mut self, quantity: &Quantity) {
        let from = self.lead.map(|(_, from)| from).or(self.comparator.map(|(_, from)| from));
        let more = self
            .tokens
            .iter()
            .skip(self.at)
            .take_while(|token| matches!(token.kind, Kind::Lasting | Kind::Inside));
        let to = more.last().map_or(quantity.to, |token| token.to);
        self.held_at = Some(from.unwrap_or(quantity.from).min(quantity.from)..to);
    }

    /// Gives `bound`, which follows a time in which it is counted, that time.
    pub(super) fn count_in_window(&mut self, bound: &mut Bound) {
        // "Longer than 10 minutes: error rate > 5 %"
        let last = self.found.limits.last().filter(|_| self.has_limit && self.duration_limit.is_none());
        let beside =
            last.and_then(|last| units::milliseconds(&last.bound.unit).map(|ms| ms * last.bound.value));
        if units::milliseconds(&bound.unit).is_none() {
            self.found.spare.extend(self.loose.take().or(beside));
        }
        let Some((quantity, ms)) = self.held_window.take() else { return };
        match rate(&quantity.unit, quantity.value).filter(|_| is_count(bound)) {
            Some(unit) => bound.unit = unit,
            None if bound.unit == "%" && bound.baseline.is_none() => {
                self.held_for = Some((ms / 1000.0).max(0.0).round() as u64);
            }
            None => self.found.spare.push(ms),
        }
    }

    /// "for more than 5 minutes above 5 %", "within 1 s for 99 % of requests": the time belongs to `bound`, which follows.
    pub(super) fn take_time(&mut self, bound: &mut Bound) {
        let Some(lead) = self.duration_limit.take() else { return };
        let up = bound.comparator == Comparator::Above;
        let counted = (lead == Lead::Window || (lead == Lead::Within && up)) && is_count(bound);
        let taken = lead == Lead::For || bound.unit == "%" || counted;
        let Some(time) = self.found.limits.last().map(|limit| limit.bound.clone()) else { return };
        let ms = units::milliseconds(&time.unit).unwrap_or(0.0) * time.value;
        let Some(before) = self.found.limits.pop_if(|_| taken) else { return self.found.spare.push(ms) };
        match rate(&time.unit, time.value).filter(|_| counted) {
            Some(unit) => bound.unit = unit,
            None if lead == Lead::For => bound.for_seconds = Some((ms / 1000.0).round() as u64),
            None => bound.within_ms = Some(ms.round() as u64),
        }
        self.held_at = Some(before.at);
    }

    /// `fails 3 times in 5 minutes`: how many were counted before a time, and where.
    pub(super) fn counted_before(&mut self, quantity: &Quantity) {
        let bare = self.found.bare.as_ref().filter(|bare| is_count(bare) && self.found.limits.is_empty());
        if let Some((bare, unit)) = bare.zip(rate(&quantity.unit, quantity.value)) {
            let bound = Bound { comparator: Comparator::AtLeast, unit, ..bare.clone() };
            let at = self.bare_from..quantity.to;
            self.found.often = Some(Limit { bound, at, time: None, odd: Vec::new() });
        }
    }

    /// A time in which nothing was counted.
    pub(super) fn spare_window(&mut self) {
        self.found.spare.extend(self.held_window.take().map(|(_, ms)| ms));
    }
}

/// Whether `bound` says how many.
pub(super) fn is_count(bound: &Bound) -> bool {
    bound.unit.is_empty() && bound.value > 0.0 && bound.baseline.is_none()
}

/// So many in `value` of the unit of time `unit`, as a unit.
pub(super) fn rate(unit: &str, value: f64) -> Option<String> {
    let unit = match unit {
        "s" => "/s",
        "min" => "/min",
        "h" => "/h",
        "d" => "/day",
        _ => return None,
    };
    (1.0..=99_999.0).contains(&value).then(|| rate_of(value.round() as u32, unit))
}

/// Whether `ms` can be how long `bound` is crossed: a limit of time is itself much shorter.
pub(super) fn is_longer(ms: f64, bound: &Bound) -> bool {
    ms >= SHORTEST_MS && ms > LONGER * own_ms(bound)
}

/// Whether `ms` may be that: any time longer than the limit itself.
fn may_last(ms: f64, bound: &Bound) -> bool {
    ms >= SHORTEST_MS && ms > own_ms(bound)
}

/// What `bound` is in milliseconds, if it limits a time.
fn own_ms(bound: &Bound) -> f64 {
    units::milliseconds(&bound.unit).map_or(0.0, |unit| unit * bound.value)
}

/// Whether one of the times `spare` may belong to one of `limits`, and is not read.
pub(in crate::document::bound) fn is_lost(spare: &[f64], bounds: &[&Bound]) -> bool {
    spare.iter().any(|ms| bounds.iter().any(|bound| may_last(*ms, bound)))
}
