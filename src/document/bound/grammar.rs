//! From tokens to limits, in one pass from left to right.

mod durations;
mod nought;
mod odd;
mod quantity;
mod ranges;
mod shares;
mod sides;
mod times;

use std::ops::Range;

pub(super) use self::durations::seconds;
use self::quantity::{Quantity, attach, plain, rate_of};
pub(super) use self::times::is_lost;
use super::lex::{Kind, Token, tokens};
use super::{Limit, MAX_TEXT, Unread, units, unsure, words};
use crate::domain::plan::{Bound, Comparator, Relative};

/// So many plain words may stand between a comparator and its number (`below our agreed 5 %`).
const REACH: usize = 3;

/// What a text says.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) limits: Vec<Limit>,
    /// The first number that stands alone, and where.
    pub(super) bare: Option<Bound>,
    pub(super) bare_at: Option<Range<usize>>,
    /// Whether there is a range of numbers.
    pub(super) range: bool,
    pub(super) unread: Option<Unread>,
    /// Times that belong to no limit, in milliseconds.
    pub(super) spare: Vec<f64>,
    /// A count without a comparator, with the time in which it was counted.
    pub(super) often: Option<Limit>,
}

/// What comes before a number and decides what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lead {
    For,
    Within,
    Window,
    After,
}

/// What a comparator is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Sign {
    #[default]
    Symbol,
    Word,
    /// A word with no subject before it in its clause: `over 3 regions`.
    Loose,
}

#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    at: usize,
    found: Found,
    /// The comparator that waits for its number, where it begins, and whether it is a symbol.
    comparator: Option<(Comparator, usize)>,
    /// Whether there are none of what is told at the moment: a number then says of what.
    zero: bool,
    /// A baseline stands between a comparator and its number: `> baseline + 50 ms`.
    from_baseline: Option<Kind>,
    /// Words since the comparator or lead.
    words: usize,
    /// What the comparator is.
    sign: Sign,
    /// Whether anything that can be measured was named in this clause; whether a limit was.
    has_subject: bool,
    has_limit: bool,
    negated: Option<usize>,
    /// By which kind of word.
    negation: Option<Kind>,
    /// The same, from before a bracket: it still says that there are none.
    negated_outside: Option<usize>,
    lead: Option<(Lead, usize)>,
    plus_minus: Option<usize>,
    /// A rate said before its number: `requests per second: > 500`.
    rate: Option<String>,
    /// `increase`, `drop` right before the comparator.
    direction: Option<Relative>,
    /// Where the first number that stands alone begins.
    bare_from: usize,
    /// Whether a metric was named of which more is good, or bad.
    metric: Option<Kind>,
    /// The word right before: a number behind it is a name. A product's version is none even behind a comparator.
    names: Option<Kind>,
    /// Durations that came before the limit they belong to.
    held_for: Option<u64>,
    held_within: Option<u64>,
    held_after: Option<u64>,
    /// In what time is counted what follows, and in milliseconds.
    held_window: Option<(Quantity, f64)>,
    /// Where a time stands that belongs to what follows.
    held_at: Option<Range<usize>>,
    /// The last limit is a time of which nothing is named.
    loose: Option<f64>,
    /// Whether the last limit is only a duration (`failing for > 5 minutes`, `within 1 s`).
    duration_limit: Option<Lead>,
}

/// What `text` says in numbers.
pub(super) fn limits(text: &str) -> Found {
    let cut = text.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_TEXT).unwrap_or(text.len());
    let text = text.get(..cut).unwrap_or_default();
    // Most texts have no number at all.
    let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'z' | b'Z' | b'<' | b'>' | 0x80..);
    if !text.bytes().any(numeric) && !words::may_spell(text) {
        return Found::default();
    }
    let mut reader = Reader { tokens: tokens(text), ..Reader::default() };
    while let Some(token) = reader.tokens.get(reader.at).copied() {
        reader.at += 1;
        reader.take(token);
    }
    reader.end_of_text();
    let mut found = reader.found;
    sides::of_burn_rates(text, &mut found.limits);
    shares::of_served(text, &mut found);
    for limit in found.limits.iter_mut().chain(&mut found.often) {
        limit.odd = odd::words(&reader.tokens, &limit.at);
    }
    // What else the text says may belong to the number that is not known.
    let words = (found.unread == Some(Unread::Words)).then_some(Unread::Words);
    let unread = words.or_else(|| unsure::why(text, &found));
    if unread.is_some() {
        return Found { unread, ..Found::default() };
    }
    let nothing = found.limits.is_empty() && found.unread.is_none();
    if let Some(at) = nothing.then(|| nought::place(text)).flatten() {
        let bound = plain(Comparator::Equal, 0.0, String::new());
        found.limits.push(Limit { bound, at, time: None, odd: Vec::new() });
    }
    found
}

impl Reader {
    /// Where "worse" lies: of what is bad there is more, of what is good less.
    fn worse(&self) -> Option<Relative> {
        match self.metric {
            Some(Kind::Bad) => Some(Relative::Above),
            Some(Kind::Good) => Some(Relative::Below),
            _ => None,
        }
    }

    fn take(&mut self, token: Token) {
        match token.kind {
            Kind::Symbol(comparator) | Kind::Compare(comparator) | Kind::Past(comparator) => {
                self.compare(token, comparator);
            }
            Kind::Aged(comparator) if self.next_is_time() => self.compare(token, comparator),
            Kind::Aged(_) if self.next_is_number() => self.names = Some(Kind::Product),
            Kind::PlusMinus => self.plus_minus = Some(token.from),
            Kind::Rate(unit) => self.rate = Some(unit.to_owned()),
            Kind::RateOf(many, unit) => self.rate = Some(rate_of(many, unit)),
            Kind::Not | Kind::Fails | Kind::Without => {
                self.negated = Some(token.from);
                self.negation = Some(token.kind);
            }
            Kind::Condition => (self.negated, self.lead) = (None, None),
            Kind::For | Kind::Lasting => self.lead(Lead::For, token),
            Kind::Within => self.lead(Lead::Within, token),
            Kind::Window => self.lead(Lead::Window, token),
            Kind::After => self.lead(Lead::After, token),
            Kind::Worse => self.direction = self.worse(),
            Kind::More => self.direction = Some(Relative::Above),
            Kind::Less => self.direction = Some(Relative::Below),
            Kind::Good | Kind::Bad => self.metric = Some(token.kind),
            Kind::Which | Kind::Product => self.names = Some(token.kind),
            Kind::Zero => self.zero(token),
            Kind::Range { has_unit } => self.range(has_unit),
            Kind::Between => self.between(),
            Kind::Placeholder => {
                if self.comparator.is_some() {
                    self.found.unread.get_or_insert(Unread::Placeholder);
                }
            }
            Kind::Unclear => self.unclear(),
            Kind::Number { value, unit, money } => self.number(token, value, unit, money),
            Kind::Spelled(value) if self.comparator.is_some() => self.number(token, value, None, false),
            Kind::Spelled(_) | Kind::Word | Kind::Inside | Kind::Baseline | Kind::Mean => {
                self.plain(token.kind);
            }
            Kind::Of | Kind::Graded(_) | Kind::Behind(_) | Kind::Aged(_) => {}
            Kind::Break => {
                self.end_clause();
                self.negated_outside = None;
            }
            Kind::Bracket => {
                let negated = self.negated.or(self.negated_outside);
                self.end_clause();
                self.negated_outside = negated;
            }
        }
        if token.kind != Kind::Which && self.names == Some(Kind::Which) {
            self.names = None;
        }
        self.has_subject |= names_something(token.kind);
    }

    fn compare(&mut self, token: Token, comparator: Comparator) {
        // "without exceeding 5 %", but not "sessions without crashes above 99 %".
        let before = self.at.checked_sub(2).and_then(|before| self.tokens.get(before));
        if self.negation == Some(Kind::Without) && before.is_none_or(|before| before.kind != Kind::Without) {
            self.negated = None;
        }
        if self.is_between_two(comparator) {
            return;
        }
        // "drops below", "rises above 5 %": where it moves to, not by how much.
        if matches!(token.kind, Kind::Past(_)) {
            self.direction = None;
            // "over 5 minutes" behind a limit is its window.
            let known = !self.found.limits.is_empty() || self.found.bare.is_some();
            if comparator == Comparator::Above && self.next_is_time() && known {
                return self.lead(Lead::Window, token);
            }
            // "< 300 ms under 500 rps": the load at which that holds.
            if comparator == Comparator::Below && self.has_limit {
                return self.names = Some(Kind::Product);
            }
        }
        let subject = self.has_subject && self.names != Some(Kind::Which);
        self.sign = match token.kind {
            Kind::Symbol(_) => Sign::Symbol,
            Kind::Past(_) if !subject => Sign::Loose,
            _ => Sign::Word,
        };
        let from = self.comparator.filter(|_| self.words == 0).map_or(token.from, |(_, from)| from);
        self.comparator = Some((comparator, from));
        self.words = 0;
    }

    fn next_is_number(&self) -> bool {
        matches!(self.tokens.get(self.at).map(|token| token.kind), Some(Kind::Number { .. }))
    }

    fn next_is_time(&self) -> bool {
        let next = self.tokens.get(self.at).map(|token| token.kind);
        matches!(next, Some(Kind::Number { unit: Some(unit), .. }) if units::milliseconds(unit).is_some())
    }

    fn lead(&mut self, lead: Lead, token: Token) {
        // "Chrome heap snapshot after 8 h": the time is no version.
        self.names = self.names.filter(|kind| *kind != Kind::Product);
        // "for at least 5 minutes", "in under 30 s": what leads first decides.
        if self.lead.is_none() || lead != Lead::Window {
            self.lead = Some((lead, token.from));
        }
        self.words = 0;
    }

    fn word(&mut self) {
        self.words += 1;
        self.direction = None;
        if self.words > REACH {
            (self.comparator, self.lead, self.plus_minus) = (None, None, None);
        }
    }

    fn end_clause(&mut self) {
        // "No errors for 15 minutes" has no number but the time.
        self.nothing_for_a_time();
        self.spare_window();
        (self.comparator, self.lead, self.plus_minus, self.negated) = (None, None, None, None);
        (self.direction, self.words) = (None, 0);
        (self.names, self.zero) = (None, false);
        (self.has_subject, self.has_limit) = (false, false);
    }

    fn end_of_text(&mut self) {
        self.nothing_for_a_time();
        self.spare_window();
        if let Some(limit) = self.found.limits.first_mut() {
            attach(&mut limit.bound, self.held_for, self.held_within, self.held_after);
        }
    }

    fn number(&mut self, token: Token, value: f64, unit: Option<&str>, money: bool) {
        let of = self.tokens.get(self.at).is_some_and(|next| next.kind == Kind::Of);
        let quantity = self.quantity(token, value, unit, money);
        let distance = self.is_distance(&quantity, of);
        let time = units::milliseconds(&quantity.unit);
        let lead =
            self.lead.map(|(lead, _)| lead).or_else(|| self.beside(&quantity, time.map(|unit| unit * value)));
        let about = self.comparator.is_some_and(|(comparator, _)| comparator == Comparator::About);
        let versions = match self.names {
            Some(Kind::Product) => true,
            // "around week 13" is a week.
            names => names.is_some() && (self.comparator.is_none() || about),
        };
        let taken = match (time, lead) {
            _ if versions || distance => true,
            (Some(ms), Some(lead)) => self.duration(&quantity, ms, lead),
            (_, _) => false,
        };
        self.note_spare(&quantity, time.filter(|_| !taken));
        let added = self.from_baseline.take().is_some() && !taken;
        if distance || added {
            self.found.unread.get_or_insert(Unread::Distance);
        } else if self.is_guess(&quantity) {
            self.found.unread.get_or_insert(Unread::Side);
        } else if !taken {
            self.limit(&quantity);
        }
        (self.comparator, self.lead, self.plus_minus) = (None, None, None);
        (self.direction, self.words) = (None, 0);
    }

    /// A number that is the limit itself, or none.
    fn limit(&mut self, quantity: &Quantity) {
        // "Zero gaps of more than 5 seconds" is one limit.
        if self.zero && self.comparator.is_some() {
            return;
        }
        // `$500K+ revenue` is a sum that is at stake.
        if quantity.money && self.comparator.is_none() {
            return;
        }
        let within = self.lead.filter(|(lead, _)| *lead == Lead::Within);
        let symmetric = self.plus_minus.or(within.map(|(_, from)| from));
        let (comparator, from) = match (self.comparator, quantity.behind) {
            (Some((comparator, from)), _) => (Some(comparator), from),
            (None, Some(behind)) => (Some(behind), quantity.from),
            (None, None) => (symmetric.map(|_| Comparator::AtMost), symmetric.unwrap_or(quantity.from)),
        };
        let comparator = comparator.map(|comparator| match self.negated {
            Some(_) if self.comparator.is_some() => comparator.negated(),
            _ => comparator,
        });
        // "within 2x of p50" relates to something that is not known here.
        let next = self.tokens.get(self.at).map(|token| token.kind);
        if quantity.unit == "x" && !quantity.anchored && next == Some(Kind::Of) {
            self.found.unread.get_or_insert(Unread::Side);
            return;
        }
        let unit =
            if quantity.unit == "times" { if quantity.anchored { "x" } else { "" } } else { &quantity.unit };
        let mut bound = plain(Comparator::Equal, quantity.value, unit.to_owned());
        self.relate(&mut bound, quantity, symmetric.is_some());
        if bound.unit.is_empty() && !quantity.spelled {
            bound.unit = self.rate.take().unwrap_or_default();
        }
        let comparator = comparator.or_else(|| self.implied(&bound, quantity));
        if let Some(comparator) = comparator {
            bound.comparator = comparator;
            return self.push(bound, from..quantity.to, None);
        }
        if self.metric == Some(Kind::Bad) && bound.unit == "%" {
            self.found.unread.get_or_insert(Unread::Side);
        }
        if self.found.bare.is_none() {
            self.bare_from = quantity.from;
            self.found.bare = Some(bound);
            self.found.bare_at = Some(quantity.from..quantity.to);
        }
    }

    fn push(&mut self, mut bound: Bound, at: Range<usize>, duration: Option<Lead>) {
        self.count_in_window(&mut bound);
        self.take_time(&mut bound);
        let time = self.held_at.take_if(|_| duration.is_none());
        self.found.limits.push(Limit { bound, at, time, odd: Vec::new() });
        self.has_limit = true;
        self.duration_limit = duration;
        if self.found.limits.len() == 1 && duration.is_none() {
            self.attach_held();
        }
        (self.held_for, self.held_within, self.held_after) = match duration {
            Some(_) => (self.held_for, self.held_within, self.held_after),
            None => (None, None, None),
        };
        (self.comparator, self.lead, self.plus_minus, self.direction) = (None, None, None, None);
    }
}

/// Whether a token of this kind may name what is measured.
fn names_something(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Word
            | Kind::Inside
            | Kind::Good
            | Kind::Bad
            | Kind::More
            | Kind::Less
            | Kind::Worse
            | Kind::Rate(_)
    )
}
