//! On which side of a number things are well, and what it relates to.

use super::quantity::Quantity;
use super::{Lead, Limit, Reader, Sign};
use crate::document::bound::lex::Kind;
use crate::domain::plan::{Bound, Comparator, Relative};

/// A burn rate is a number of times by itself, and has no baseline.
pub(super) fn of_burn_rates(text: &str, limits: &mut [Limit]) {
    for limit in limits.iter_mut().filter(|limit| limit.bound.baseline == Some(Relative::Times)) {
        let own = text.get(limit.at.clone()).unwrap_or_default();
        if text.to_ascii_lowercase().contains("burn rate") && !own.contains("baseline") {
            (limit.bound.baseline, limit.bound.unit) = (None, String::new());
        }
    }
}

impl Reader {
    /// Whether a number belongs to its comparator only by standing behind it: `nested below it 4`, `over 3 regions`,
    /// `SQL Server 2016 or later`.
    pub(super) fn is_guess(&self, quantity: &Quantity) -> bool {
        let counts = quantity.unit.is_empty() && self.rate.is_none() && !quantity.anchored;
        let year = (1990.0..=2100.0).contains(&quantity.value) && quantity.value.fract() == 0.0;
        let named = year && (quantity.behind.is_some() || self.sign != Sign::Symbol);
        let far = self.words > 0 && self.sign != Sign::Symbol && !quantity.spelled;
        counts
            && ((quantity.behind.is_some() && named)
                || (self.comparator.is_some() && (far || self.sign == Sign::Loose || named)))
    }

    /// `within 10 ms of baseline`, `50 ms above baseline`: how far from it, in a unit of its own, which is no limit of the
    /// value; `of`: that word stands right behind the number.
    pub(super) fn is_distance(&self, quantity: &Quantity, of: bool) -> bool {
        let near = self.plus_minus.is_some() || self.lead.is_some_and(|(lead, _)| lead == Lead::Within);
        let beside = matches!(quantity.relative, Some(Relative::Above | Relative::Below));
        let own = !matches!(quantity.unit.as_str(), "%" | "x" | "times");
        own && quantity.anchored && ((near && of) || beside)
    }

    /// What a number without a comparator means by itself.
    pub(super) fn implied(&self, bound: &Bound, quantity: &Quantity) -> Option<Comparator> {
        if bound.baseline.is_some() {
            return quantity.anchored.then_some(Comparator::AtLeast);
        }
        // "Enable it for 100 %" says for whom.
        if self.lead.is_some_and(|(lead, _)| lead == Lead::For) {
            return None;
        }
        let good =
            (self.metric == Some(Kind::Good) || quantity.of == Some(Kind::Good)) && bound.value >= 50.0;
        match bound.unit.as_str() {
            "" if bound.value == 0.0 && quantity.of == Some(Kind::Bad) => Some(Comparator::Equal),
            "%" if good || (bound.value - 100.0).abs() < f64::EPSILON => Some(Comparator::AtLeast),
            "%" if bound.value == 0.0 => Some(Comparator::Equal),
            _ => None,
        }
    }

    /// How a limit relates to a baseline.
    pub(super) fn relate(&self, bound: &mut Bound, quantity: &Quantity, symmetric: bool) {
        if bound.unit == "x" {
            bound.baseline = Some(Relative::Times);
            return;
        }
        if bound.unit != "%" {
            return;
        }
        bound.baseline = match (symmetric, quantity.relative) {
            (true, _) => Some(Relative::Distance),
            // "Does not drop more than 5 % against the baseline": by how much, not to what.
            (false, Some(Relative::Times)) if self.direction.is_some() => self.direction,
            (false, Some(Relative::Times)) => {
                (bound.value, bound.unit) = (bound.value / 100.0, "x".to_owned());
                Some(Relative::Times)
            }
            (false, relative) => relative.or(self.direction),
        };
    }
}
