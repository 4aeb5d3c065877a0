//! Numbers in words with their units.

use super::{Kind, Lexer, word_unit};
use crate::document::bound::units;
use crate::document::numerals;

impl Lexer<'_> {
    /// `for five minutes`, `within an hour`, `below five percent`: a number in words with its unit, and how long both are.
    /// It is one only behind what leads to a number.
    pub(super) fn spelled(&self, rest: &str) -> Option<(f64, &'static str, usize)> {
        const ARTICLES: [&str; 11] =
            ["an ", "a ", "einer ", "einem ", "eines ", "eine ", "einen ", "une ", "un ", "una ", "uma "];
        let led = self.found.last().is_some_and(|last| {
            matches!(
                last.kind,
                Kind::For
                    | Kind::Within
                    | Kind::Window
                    | Kind::After
                    | Kind::Past(_)
                    | Kind::Compare(_)
                    | Kind::Symbol(_)
            )
        });
        if !led {
            return None;
        }
        let article = ARTICLES.into_iter().find(|word| rest.starts_with(word));
        let article_of = || article.map(|article| (Some(1.0), article.len() - 1));
        let (value, length) = numerals::before_a_unit(rest).or_else(article_of)?;
        let value = value?;
        let behind = rest.get(length..)?.strip_prefix([' ', '-'])?;
        // "half an hour"
        let of = ["an ", "a "].into_iter().find_map(|word| behind.strip_prefix(word)).filter(|_| value < 1.0);
        let (length, behind) = of.map_or((length, behind), |of| (length + behind.len() - of.len(), of));
        let (unit, end) = word_unit(behind, units::of).filter(|(unit, _)| !unit.name.is_empty())?;
        let time = units::milliseconds(unit.name).is_some();
        let whole = behind.get(end..)?.chars().next().is_none_or(|next| next != '-');
        // "a %", "five x": no words for an amount.
        let said = end > 2 && (time || article.is_none());
        (whole && said).then_some((value * unit.factor, unit.name, length + 1 + end))
    }
}

/// The length of what more of a time stands behind one: ` and thirty seconds`, ` and a half`.
pub(super) fn time_behind(rest: &str) -> Option<usize> {
    let behind = [" and ", ", ", " "].into_iter().find_map(|gap| rest.strip_prefix(gap))?;
    let gap = rest.len() - behind.len();
    if behind.starts_with("a half") {
        return Some(gap + "a half".len());
    }
    let (_, number) = numerals::before_a_unit(behind)?;
    let unit = behind.get(number..)?.strip_prefix([' ', '-'])?;
    let (unit, length) = word_unit(unit, units::of)?;
    units::milliseconds(unit.name).map(|_| gap + number + 1 + length)
}
