//! Words inside a limit that are none of it: `> 5 % in staging for 10 minutes`.

use std::ops::Range;

use super::{Kind, Token};

/// The places of words at `at` that say nothing to a limit.
pub(super) fn words(tokens: &[Token], at: &Range<usize>) -> Vec<Range<usize>> {
    let from = tokens.partition_point(|token| token.from < at.start);
    let own = tokens.iter().skip(from).take_while(|token| token.to <= at.end);
    let says = |kind: Kind| {
        matches!(
            kind,
            Kind::Word
                | Kind::Condition
                | Kind::Not
                | Kind::Fails
                | Kind::Without
                | Kind::Good
                | Kind::Bad
                | Kind::Which
                | Kind::Product
                | Kind::Placeholder
                | Kind::Unclear
        )
    };
    let mut odd: Vec<Range<usize>> = Vec::new();
    for token in own.filter(|token| says(token.kind)) {
        match odd.last_mut().filter(|last| token.from <= last.end + 1) {
            Some(last) => last.end = token.to,
            None => odd.push(token.from..token.to),
        }
    }
    odd
}
