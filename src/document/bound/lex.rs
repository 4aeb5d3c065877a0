//! A sentence as numbers, comparators and the words that matter around them.

mod number;
mod spelled;

use super::{units, words};
use crate::document::numerals;
use crate::domain::plan::Comparator;

/// A piece of a sentence, with its bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A number with its unit, if one stands right behind it.
    Number {
        value: f64,
        unit: Option<&'static str>,
        money: bool,
    },
    /// A number as a word.
    Spelled(f64),
    /// Words of numbers that are no number that is understood.
    Unclear,
    /// `5-10`, `5 to 10`.
    Range {
        /// A unit stands behind it.
        has_unit: bool,
    },
    /// `between`, before two numbers.
    Between,
    /// Something where a number should be: `X%`, `TBD`.
    Placeholder,
    /// `<` and its like, or words that can be nothing else.
    Symbol(Comparator),
    /// Words for a comparator.
    Compare(Comparator),
    /// Words for a comparator of ages; before anything but a time they tell a version: `older than 7.1`.
    Aged(Comparator),
    /// A preposition that is a comparator, or says past which point something moves.
    Past(Comparator),
    /// A comparator behind its number: `or more`, `+`.
    Behind(Comparator),
    /// `±`.
    PlusMinus,
    /// `per minute`.
    Rate(&'static str),
    /// `per 5 minutes`: so many of the unit.
    RateOf(u32, &'static str),
    /// `no`: there is none of what follows.
    Not,
    /// `not`, behind what it is said of: it does not happen.
    Fails,
    /// What follows belongs to the name, and turns no symbol around.
    Without,
    Zero,
    Condition,
    For,
    /// Behind a time: it lasts so long.
    Lasting,
    /// Behind a time: what is counted is counted in it.
    Inside,
    Within,
    Window,
    After,
    Baseline,
    /// A baseline, or only how a number was taken: `> 80 % avg`.
    Mean,
    /// `or better`, `or worse` behind a number: on which side that is depends on what is measured.
    Graded(bool),
    /// What got worse.
    Worse,
    More,
    Less,
    Good,
    Bad,
    Which,
    Product,
    /// A word that changes nothing between a comparator and its number.
    Of,
    Word,
    /// The end of a clause.
    Break,
    /// A bracket, which ends a clause but not what belongs to a limit.
    Bracket,
}

/// Whether `c` is of a script written without spaces.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The tokens of `text`, in one pass.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let lower = lower(text);
    let mut lexer = Lexer { text, lower: &lower, at: 0, found: Vec::new() };
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.found
}

/// Lower case, each character with as many bytes as before.
fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let one = |c: char| {
        let mut small = c.to_lowercase();
        small.next().filter(|small| small.len_utf8() == c.len_utf8()).unwrap_or(c)
    };
    text.chars().map(one).collect()
}

/// Symbols, the longer before those that they begin with.
static SYMBOLS: [(&str, Kind); 33] = {
    use Comparator::{About, Above, AtLeast, AtMost, Below, Equal};
    [
        ("<=", Kind::Symbol(AtMost)),
        ("=<", Kind::Symbol(AtMost)),
        ("< =", Kind::Symbol(AtMost)),
        (">=", Kind::Symbol(AtLeast)),
        ("> =", Kind::Symbol(AtLeast)),
        ("==", Kind::Symbol(Equal)),
        ("≤", Kind::Symbol(AtMost)),
        ("≦", Kind::Symbol(AtMost)),
        ("⩽", Kind::Symbol(AtMost)),
        ("≥", Kind::Symbol(AtLeast)),
        ("≧", Kind::Symbol(AtLeast)),
        ("⩾", Kind::Symbol(AtLeast)),
        ("＜", Kind::Symbol(Below)),
        ("＞", Kind::Symbol(Above)),
        ("≈", Kind::Symbol(About)),
        ("~", Kind::Symbol(About)),
        ("～", Kind::Symbol(About)),
        ("±", Kind::PlusMinus),
        ("+/-", Kind::PlusMinus),
        ("+-", Kind::PlusMinus),
        (",", Kind::Break),
        (";", Kind::Break),
        (":", Kind::Break),
        ("、", Kind::Break),
        ("，", Kind::Break),
        ("；", Kind::Break),
        ("：", Kind::Break),
        ("。", Kind::Break),
        ("(", Kind::Bracket),
        (")", Kind::Bracket),
        ("（", Kind::Bracket),
        ("）", Kind::Bracket),
        ("|", Kind::Break),
    ]
};

struct Lexer<'a> {
    text: &'a str,
    /// `text` in lower case, with the same offsets.
    lower: &'a str,
    at: usize,
    found: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self, at: usize) -> &str {
        self.lower.get(at..).unwrap_or_default()
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.rest(at).chars().next()
    }

    fn push(&mut self, kind: Kind, to: usize) {
        self.found.push(Token { kind, from: self.at, to });
        self.at = to;
    }

    fn step(&mut self) {
        let Some(c) = self.char_at(self.at) else {
            self.at = self.text.len();
            return;
        };
        if c.is_whitespace() {
            self.at += c.len_utf8();
        } else if c.is_ascii_digit() {
            self.number();
        } else if is_cjk(c) || c.is_alphabetic() {
            self.word(c);
        } else if let Some((kind, length)) = self.symbol() {
            self.push(kind, self.at + length);
        } else if c == '_' || c == '.' {
            self.word(c);
        } else {
            self.at += c.len_utf8();
        }
    }

    /// A symbol that means something, and its length.
    fn symbol(&self) -> Option<(Kind, usize)> {
        use Comparator::{Above, Below, Equal};
        let rest = self.rest(self.at);
        let before = self.text.get(..self.at).unwrap_or_default().chars().next_back();
        let arrow = before.is_some_and(|before| matches!(before, '-' | '=' | '<' | '>' | '!'));
        let found = SYMBOLS.iter().find(|(symbol, _)| rest.starts_with(symbol));
        if let Some((symbol, kind)) = found.copied() {
            return (!arrow || !matches!(kind, Kind::Symbol(_))).then_some((kind, symbol.len()));
        }
        let after = rest.chars().nth(1);
        match rest.chars().next()? {
            '<' if !arrow
                && after.is_none_or(|after| !after.is_alphabetic() && !matches!(after, '-' | '/' | '!')) =>
            {
                Some((Kind::Symbol(Below), 1))
            }
            '<' if !arrow && self.placeholder(self.at + 1).is_some() => Some((Kind::Symbol(Below), 1)),
            '>' if !arrow => Some((Kind::Symbol(Above), 1)),
            // In a sentence, `a=5` sets something; `a = 5` compares, or sets, too.
            '=' if !arrow && after.is_some_and(char::is_whitespace) => Some((Kind::Symbol(Equal), 1)),
            '.' | '!' | '?' if after.is_none_or(char::is_whitespace) => Some((Kind::Break, 1)),
            '-' | '–' | '—' if before == Some(' ') && after == Some(' ') => {
                Some((Kind::Break, rest.chars().next().map_or(1, char::len_utf8)))
            }
            '[' => self.placeholder(self.at).map(|length| (Kind::Placeholder, length)),
            '_' | '?' => self.placeholder(self.at).map(|length| (Kind::Placeholder, length)),
            '/' => self.rate(self.at, 1),
            _ => None,
        }
    }

    /// The length of a placeholder for a number at `at`: `X%`, `N ms`, `TBD`, `[value]`, `___`, `??`.
    fn placeholder(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        if !rest.starts_with(['X', 'N', '_', '?', 'T', '[']) {
            return None;
        }
        let run: usize = rest.chars().take_while(|c| matches!(c, 'X' | 'N' | '_' | '?')).count();
        let behind = rest.get(run..)?.trim_start();
        let unit: String = behind.chars().take(12).take_while(|c| c.is_alphabetic() || *c == '%').collect();
        let has_unit = units::of(&unit).is_some_and(|unit| !unit.name.is_empty());
        if run > 0 && run <= 16 && (has_unit || rest.starts_with("__") || rest.starts_with("??")) {
            return Some(run);
        }
        if let Some(word) = ["TBD", "TBA", "TODO"].into_iter().find(|word| rest.starts_with(word)) {
            return Some(word.len());
        }
        // `[5m]` is a time.
        let inside =
            rest.strip_prefix('[').filter(|inside| !inside.starts_with(|c: char| c.is_ascii_digit()))?;
        let end = inside.char_indices().take(32).find(|(_, c)| *c == ']')?.0;
        (end > 1).then_some(end + 2)
    }

    /// `/s`, `/ 5 min`, `per minute`: the time behind `skip` bytes at `at`.
    fn rate(&self, at: usize, skip: usize) -> Option<(Kind, usize)> {
        let mut rest = self.rest(at + skip);
        let blank = rest.len() - rest.trim_start_matches(' ').len();
        rest = rest.trim_start_matches(' ');
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let many: Option<u32> =
            rest.get(..digits).filter(|_| digits > 0 && digits < 6).and_then(|n| n.parse().ok());
        let behind = rest.get(digits..)?;
        let gap = behind.len() - behind.trim_start_matches([' ', '-']).len();
        let behind = behind.trim_start_matches([' ', '-']);
        let (unit, length) = word_unit(behind, units::rate)?;
        let length = skip + blank + digits + gap + length;
        match many {
            Some(many)
                if self.rest(at).starts_with("per ") || !self.rest(at).starts_with(char::is_alphabetic) =>
            {
                Some((Kind::RateOf(many, unit), length))
            }
            None if digits == 0 && gap == 0 => Some((Kind::Rate(unit), length)),
            Some(_) | None => None,
        }
    }

    fn word(&mut self, first: char) {
        let rest = self.rest(self.at);
        if matches!(first, 'p' | 'j' | '每' | '毎') {
            let per = ["per ", "pro ", "par ", "por ", "je ", "每", "毎"];
            let per = per.into_iter().find(|per| rest.starts_with(per));
            if let Some((kind, length)) = per.and_then(|per| self.rate(self.at, per.len())) {
                return self.push(kind, self.at + length);
            }
        }
        if let Some(length) = self.placeholder(self.at) {
            return self.push(Kind::Placeholder, self.at + length);
        }
        if let Some(length) =
            rest.strip_prefix("sub-").filter(|more| more.starts_with(|c: char| c.is_ascii_digit())).map(|_| 4)
        {
            return self.push(Kind::Symbol(Comparator::Below), self.at + length);
        }
        if let Some((value, unit, length)) = self.spelled(rest) {
            // "one hour and thirty minutes"
            let more = spelled::time_behind(self.rest(self.at + length));
            if let Some(more) = more.filter(|_| units::milliseconds(unit).is_some()) {
                return self.push(Kind::Unclear, self.at + length + more);
            }
            return self.push(Kind::Number { value, unit: Some(unit), money: false }, self.at + length);
        }
        // "menos de dos quejas", "plus de neuf": right behind words for a comparator it is nothing else.
        let compared = matches!(self.found.last().map(|last| last.kind), Some(Kind::Compare(_)));
        let number = match compared {
            // No number is spelled in a script without spaces.
            _ if is_cjk(first) => None,
            true => numerals::before_a_unit(rest),
            false => numerals::at_start(rest),
        };
        if let Some((value, length)) = number {
            // "more than half" is half of what there is.
            let kind = value.filter(|value| *value >= 1.0).map_or(Kind::Unclear, Kind::Spelled);
            return self.push(kind, self.at + length);
        }
        if let Some((kind, length)) = words::at_start(rest) {
            return self.push(kind, self.at + length);
        }
        // `rps` and its like; no other word is a rate by itself.
        if matches!(first, 'r' | 'q' | 't' | 'e')
            && let Some((unit, length)) =
                word_unit(rest, |word| units::of(word).filter(|unit| unit.name.starts_with('/')))
        {
            return self.push(Kind::Rate(unit.name), self.at + length);
        }
        if is_cjk(first) {
            return self.push(Kind::Word, self.at + first.len_utf8());
        }
        let length = self.run(self.at).max(first.len_utf8());
        self.push(Kind::Word, self.at + length);
    }

    /// The length of the word, name or version at `at`.
    fn run(&self, at: usize) -> usize {
        let rest = self.rest(at);
        let mut chars = rest.char_indices().peekable();
        while let Some((place, c)) = chars.next() {
            let joined = matches!(c, '.' | '-' | '\'' | '’' | ':')
                && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric() && !is_cjk(*next));
            let inside = (c.is_alphanumeric() && !is_cjk(c)) || c == '_' || joined;
            // `latency:100` is a name and a number.
            if !inside || (c == ':' && chars.peek().is_some_and(|(_, next)| next.is_ascii_digit())) {
                return place;
            }
        }
        rest.len()
    }
}

/// What `read` makes of the word that `text` begins with, and its length. Scripts without spaces are tried by length.
fn word_unit<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<(T, usize)> {
    let first = text.chars().next()?;
    if is_cjk(first) {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(5);
        let ends: Vec<usize> = ends.collect();
        return ends.into_iter().rev().find_map(|end| Some((read(text.get(..end)?)?, end)));
    }
    if !first.is_alphabetic() {
        let length = first.len_utf8();
        return Some((read(text.get(..length)?)?, length));
    }
    let length = text.find(|c: char| !c.is_alphabetic() || is_cjk(c)).unwrap_or(text.len());
    let more = text.get(length..)?.chars().next();
    if more.is_some_and(|c| c == '_' || c.is_ascii_digit()) {
        return None;
    }
    Some((read(text.get(..length)?)?, length))
}
