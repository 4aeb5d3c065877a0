//! A number, and what behind it belongs to it.

use super::{REACH, Reader};
use crate::document::bound::Unread;
use crate::document::bound::lex::{Kind, Token};
use crate::domain::plan::{Bound, Comparator, Relative};

/// A number with all that belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Quantity {
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) money: bool,
    pub(super) spelled: bool,
    pub(super) behind: Option<Comparator>,
    pub(super) relative: Option<Relative>,
    /// Whether the baseline itself is named.
    pub(super) anchored: bool,
    /// A word for something of which more is good (or bad) stands right behind: `99.9 % uptime`, `0 errors`.
    pub(super) of: Option<Kind>,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Quantity {
    /// The number of `token` alone.
    fn of(token: Token, value: f64, unit: Option<&str>, money: bool) -> Self {
        Self {
            value,
            unit: unit.unwrap_or_default().to_owned(),
            money,
            spelled: matches!(token.kind, Kind::Spelled(_)),
            behind: None,
            relative: None,
            anchored: false,
            of: None,
            from: token.from,
            to: token.to,
        }
    }
}

impl Reader {
    /// A word, which may be a baseline between a comparator and its number.
    pub(super) fn plain(&mut self, kind: Kind) {
        if matches!(kind, Kind::Baseline | Kind::Mean) && self.comparator.is_some() {
            self.from_baseline = Some(kind);
        }
        self.word();
    }

    /// Words of numbers that are no number that is understood.
    pub(super) fn unclear(&mut self) {
        if self.comparator.is_some() || self.lead.is_some() || self.plus_minus.is_some() {
            self.found.unread = Some(Unread::Words);
        }
        self.has_subject = true;
        self.word();
    }

    /// The number of `token` with what stands behind it.
    pub(super) fn quantity(&mut self, token: Token, value: f64, unit: Option<&str>, money: bool) -> Quantity {
        let mut quantity = Quantity::of(token, value, unit, money);
        if let Some((share, end)) = self.share_of(&quantity) {
            (quantity.value, quantity.unit, quantity.to) = (share, "%".to_owned(), end);
            self.at += 2;
        }
        let (mut ahead, mut words, mut led) = (self.at, 0, false);
        while let Some(next) = self.tokens.get(ahead).copied().filter(|_| words <= REACH) {
            let after = self.tokens.get(ahead + 1).map(|token| token.kind);
            if let Some(comparator) = self.behind(next.kind, words, after) {
                (quantity.behind, quantity.to, self.at) = (Some(comparator), next.to, ahead + 1);
                ahead += 1;
                continue;
            }
            match next.kind {
                Kind::Graded(better) if words == 0 => {
                    quantity.behind = self.graded(better);
                    (quantity.to, self.at) = (next.to, ahead + 1);
                }
                Kind::Rate(rate) => {
                    quantity.unit.push_str(rate);
                    (quantity.to, self.at) = (next.to, ahead + 1);
                }
                Kind::RateOf(many, rate) => {
                    quantity.unit.push_str(&rate_of(many, rate));
                    (quantity.to, self.at) = (next.to, ahead + 1);
                }
                Kind::More => quantity.relative = quantity.relative.or(Some(Relative::Above)),
                Kind::Less => quantity.relative = quantity.relative.or(Some(Relative::Below)),
                Kind::Compare(comparator) | Kind::Past(comparator)
                    if matches!(after, Some(Kind::Baseline | Kind::Mean)) =>
                {
                    let up = matches!(comparator, Comparator::Above | Comparator::AtLeast);
                    quantity.relative = Some(if up { Relative::Above } else { Relative::Below });
                    quantity.anchored = true;
                    if words == 0 {
                        let end = self.tokens.get(ahead + 1).map_or(next.to, |token| token.to);
                        (quantity.to, self.at) = (end, ahead + 2);
                    }
                    break;
                }
                Kind::Mean if words == 0 && !led && quantity.unit != "x" => words += 1,
                Kind::Baseline | Kind::Mean if words <= 2 => {
                    quantity.relative = quantity.relative.or(Some(Relative::Times));
                    quantity.anchored = true;
                    if words == 0 {
                        (quantity.to, self.at) = (next.to, ahead + 1);
                    }
                    break;
                }
                Kind::Good | Kind::Bad => {
                    quantity.of = quantity.of.or((words == 0).then_some(next.kind));
                    words += 1;
                }
                Kind::Word | Kind::Inside | Kind::Worse | Kind::Which | Kind::Product => words += 1,
                Kind::Of => led = true,
                _ => break,
            }
            ahead += 1;
        }
        quantity
    }

    /// On which side of its number something is better, or worse, if it is known what is measured.
    fn graded(&mut self, better: bool) -> Option<Comparator> {
        let side = match self.metric {
            Some(Kind::Good) => Some(better),
            Some(Kind::Bad) => Some(!better),
            _ => None,
        };
        if side.is_none() {
            self.found.unread.get_or_insert(Unread::Side);
        }
        side.map(|up| if up { Comparator::AtLeast } else { Comparator::AtMost })
    }

    /// The comparator that a token of this kind is for the number before it.
    fn behind(&self, kind: Kind, words: usize, after: Option<Kind>) -> Option<Comparator> {
        match kind {
            Kind::Behind(comparator) if words <= 2 => Some(comparator),
            // "10 minutes at most", "3 % übersteigt": nothing that it could stand before follows.
            Kind::Compare(comparator) if words == 0 && self.comparator.is_none() && ends_clause(after) => {
                Some(comparator).filter(|comparator| is_side(*comparator))
            }
            _ => None,
        }
    }
}

pub(super) fn plain(comparator: Comparator, value: f64, unit: String) -> Bound {
    Bound { comparator, value, unit, for_seconds: None, within_ms: None, after_seconds: None, baseline: None }
}

pub(super) fn attach(bound: &mut Bound, held_for: Option<u64>, within: Option<u64>, after: Option<u64>) {
    bound.for_seconds = bound.for_seconds.or(held_for);
    bound.within_ms = bound.within_ms.or(within);
    bound.after_seconds = bound.after_seconds.or(after);
}

/// `/10min`; one of a unit is the unit.
pub(super) fn rate_of(many: u32, unit: &str) -> String {
    if many <= 1 { unit.to_owned() } else { format!("/{many}{}", unit.trim_start_matches('/')) }
}

fn is_side(comparator: Comparator) -> bool {
    !matches!(comparator, Comparator::Equal | Comparator::About)
}

/// Whether a clause ends before a token of this kind, or something else about the same number follows.
fn ends_clause(next: Option<Kind>) -> bool {
    matches!(next, None | Some(Kind::Break | Kind::Bracket | Kind::For | Kind::Lasting | Kind::Condition))
}

#[cfg(test)]
mod tests {
    use crate::document::bound::bound;

    #[test]
    fn a_comparator_may_stand_behind_its_number() {
        for (text, wanted) in [
            ("Ausfall 10 Minuten höchstens", Some("<= 10 min")),
            ("Downtime: 10 minutes max", Some("<= 10 min")),
            ("Fehlerrate, die 3 % übersteigt", Some("> 3 %")),
            ("Tasa de error inferior al 1 %", Some("< 1 %")),
            ("tasa de error superior al 5 % durante 10 minutos", Some("> 5 % for 10 min")),
            ("los errores superan el 3 % durante 5 minutos", Some("> 3 % for 5 min")),
            ("os erros passarem de 3 % por 5 minutos", Some("> 3 % for 5 min")),
            ("Memory 512 MB, maximum 3 restarts", Some("<= 3")),
        ] {
            let read = bound(text).ok().flatten().map(|bound| bound.to_string());
            assert_eq!(read.as_deref(), wanted, "{text}");
        }
    }
}
