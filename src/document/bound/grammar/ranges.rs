//! Ranges, which are no limits, and shares that are told as two numbers.

use super::Reader;
use super::quantity::Quantity;
use crate::document::bound::Unread;
use crate::document::bound::lex::Kind;

/// Fewer in so many are no share: `1 in 2`.
const LEAST: f64 = 10.0;

impl Reader {
    /// `5-10 min`, `5 to 7`. Behind a comparator, or with a unit, one number should stand there.
    pub(super) fn range(&mut self, has_unit: bool) {
        self.found.range = true;
        let rate = self.tokens.iter().skip(self.at).take(2).any(|next| matches!(next.kind, Kind::Rate(_)));
        if self.comparator.take().is_some() || ((has_unit || rate) && self.names.is_none()) {
            self.found.unread.get_or_insert(Unread::Range);
        }
        self.word();
    }

    /// `between 100 and 200 ms`.
    pub(super) fn between(&mut self) {
        let kind = |ahead: usize| self.tokens.get(self.at + ahead).map(|token| token.kind);
        if let (Some(Kind::Number { .. }), Some(Kind::Break | Kind::Word), Some(Kind::Number { unit, .. })) =
            (kind(0), kind(1), kind(2))
        {
            self.at += 3;
            return self.range(unit.is_some());
        }
        self.word();
    }

    /// `1 in 1000` as a share in percent; its end.
    pub(super) fn share_of(&self, quantity: &Quantity) -> Option<(f64, usize)> {
        let kind = |ahead: usize| self.tokens.get(self.at + ahead).map(|token| token.kind);
        let (Some(Kind::Window), Some(Kind::Number { value: all, unit: None, .. })) = (kind(0), kind(1))
        else {
            return None;
        };
        let fits = quantity.unit.is_empty() && all >= LEAST && quantity.value < all;
        let end = self.tokens.get(self.at + 1)?.to;
        fits.then_some((quantity.value * 100.0 / all, end))
    }
}
