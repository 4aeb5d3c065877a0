//! Ranges, which are no limits, and shares that are told as two numbers.

use super::Reader;
use super::quantity::Quantity;
use crate::document::bound::Unread;
use crate::document::bound::lex::Kind;
use crate::domain::plan::Comparator;

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

    /// Whether the sign just taken is the second of `1 % < loss < 2 %`, which states a range; then its number is done with.
    pub(super) fn is_between_two(&mut self, comparator: Comparator) -> bool {
        let kinds: Vec<Kind> = self
            .tokens
            .iter()
            .take(self.at.saturating_sub(1))
            .rev()
            .take(6)
            .map(|token| token.kind)
            .collect();
        let words =
            kinds.iter().take_while(|kind| matches!(kind, Kind::Word | Kind::Good | Kind::Bad)).count();
        let (first, number) = (kinds.get(words), kinds.get(words + 1));
        let same = first == Some(&Kind::Symbol(comparator))
            || matches!(
                (first, comparator),
                (Some(Kind::Symbol(Comparator::Below)), Comparator::AtMost)
                    | (Some(Kind::Symbol(Comparator::AtMost)), Comparator::Below)
            );
        let next = self.tokens.get(self.at).map(|token| token.kind);
        let is_range = words > 0
            && same
            && matches!(number, Some(Kind::Number { .. }))
            && matches!(next, Some(Kind::Number { .. }));
        if is_range {
            self.at += 1;
            self.found.range = true;
            self.found.bare = None;
            self.found.unread.get_or_insert(Unread::Range);
            (self.comparator, self.words) = (None, 0);
        }
        is_range
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
