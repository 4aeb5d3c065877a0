//! Numbers with their units; dates, versions and ranges are told apart from them.

use super::{Kind, Lexer, is_cjk, word_unit};
use crate::document::bound::units;
use crate::document::numerals;
use crate::domain::plan::Comparator;

/// Words between a number and its unit of time that say that it is one stretch.
const JOINED: [&str; 12] = [
    "consecutive ",
    "continuous ",
    "full ",
    "straight ",
    "whole ",
    "aufeinanderfolgende ",
    "aufeinanderfolgenden ",
    "volle ",
    "consecutivos ",
    "consecutivas ",
    "consécutives ",
    "seguidos ",
];

/// The currency whose sign stands before a number.
fn currency(sign: Option<char>) -> &'static str {
    match sign {
        Some('€') => "€",
        Some('£') => "£",
        _ => "$",
    }
}

impl Lexer<'_> {
    pub(super) fn number(&mut self) {
        let start = self.at;
        let before = self.text.get(..start).unwrap_or_default();
        let mut marks = before.chars().rev();
        let (last, last_but_one) = (marks.next(), marks.next());
        if let Some((value, unit, end)) = self.compound(start) {
            return self.push(Kind::Number { value, unit: Some(unit), money: false }, end);
        }
        let (value, mut end) = decimal(self.rest(start));
        end += start;
        let next = self.char_at(end);
        let next_digit = |at: usize| self.char_at(at).is_some_and(|c| c.is_ascii_digit());
        let joined = next.is_some_and(|next| {
            let rate = next == '/' && self.rate(end, 1).is_some();
            matches!(next, '.' | ':' | '/' | '-' | '–' | ',' | '_')
                && next_digit(end + next.len_utf8())
                && !rate
        });
        if joined && matches!(next, Some('-' | '–')) && self.is_range(end) {
            let to = end + self.run_of_numbers(end);
            return self.push(Kind::Range { has_unit: self.has_unit(end, to) }, to);
        }
        if let Some(second) = self.spelled_range(end) {
            let to = second + decimal(self.rest(second)).1;
            return self.push(Kind::Range { has_unit: self.unit(to).0.is_some() }, to);
        }
        if joined || matches!(last, Some('#' | '@' | '"' | '“')) {
            let to = end + self.run_of_numbers(end);
            return self.push(Kind::Word, to);
        }
        let (unit, factor, end) = self.unit(end);
        if let Some(more) = numerals::share_behind(self.rest(end)).filter(|_| unit.is_none()) {
            return self.push(Kind::Unclear, end + more);
        }
        // `5xx`, `2FA`: a name that begins with a digit.
        if unit.is_none()
            && factor <= 1.0
            && self.char_at(end).is_some_and(|c| (c.is_alphabetic() && !is_cjk(c)) || c == '_')
        {
            let to = end + self.run(end);
            return self.push(Kind::Word, to);
        }
        let money = matches!(last, Some('$' | '€' | '£'));
        let unit = unit.or_else(|| money.then(|| currency(last)));
        let negative = last == Some('-') && last_but_one.is_none_or(|c| c == ' ' || c == '<' || c == '>');
        let value = if negative { -value } else { value } * factor;
        if !value.is_finite() {
            return self.push(Kind::Word, end);
        }
        let plus =
            self.char_at(end) == Some('+') && !next_digit(end + 1) && !self.rest(end).starts_with("+/-");
        self.push(Kind::Number { value, unit, money }, end);
        // 「10 分間」 lasts; 「5 分間に」 is what something is counted in.
        let lasts =
            self.text.get(start..end).is_some_and(|text| text.ends_with('間') && !text.ends_with("時間"));
        if lasts && !self.rest(end).starts_with('に') {
            self.push(Kind::Lasting, end);
        }
        if plus {
            self.push(Kind::Behind(Comparator::AtLeast), end + 1);
        }
    }

    /// `1h30m`, `1 min 30 s`, `5m0s`: lengths of time in falling units, as one in the last that is not nought; its end.
    fn compound(&self, start: usize) -> Option<(f64, &'static str, usize)> {
        let (mut at, mut total, mut last, mut parts) = (start, 0.0, f64::INFINITY, 0);
        let mut unit = "";
        loop {
            let rest = self.rest(at);
            let gap = if parts > 0 { rest.len() - rest.trim_start_matches(' ').len() } else { 0 };
            let rest = rest.get(gap..).unwrap_or_default();
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let behind = rest.get(digits..).unwrap_or_default();
            let blank = usize::from(behind.starts_with(' '));
            let word = behind.get(blank..).unwrap_or_default();
            let letters = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
            let time = word.get(..letters).and_then(units::time).filter(|time| time.factor <= 1.0);
            let value: Option<f64> = rest.get(..digits).filter(|_| digits < 9).and_then(|n| n.parse().ok());
            let Some((value, time)) = value.zip(time) else { break };
            let Some(ms) = units::milliseconds(time.name).filter(|ms| *ms < last) else { break };
            (total, last, parts) = (total + value * ms, ms, parts + 1);
            if value > 0.0 {
                unit = time.name;
            }
            at += gap + digits + blank + letters;
        }
        let ms = units::milliseconds(unit)?;
        (parts > 1).then(|| (total / ms, unit, at))
    }

    /// The unit at `at` with its factor, and where it ends; magnitudes may stand before a unit.
    fn unit(&self, at: usize) -> (Option<&'static str>, f64, usize) {
        let (mut factor, mut end) = (1.0, at);
        for _ in 0..2 {
            let rest = self.text.get(end..).unwrap_or_default();
            let gap = rest.len() - rest.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-']).len();
            let attached = gap == 0;
            if gap > 1 && !rest.starts_with(['\u{a0}', '\u{202f}']) {
                break;
            }
            let behind = rest.get(gap..).unwrap_or_default();
            // "2 consecutive minutes"
            let joined = JOINED.iter().filter(|_| gap == 1).find_map(|word| behind.strip_prefix(word));
            let (gap, behind) = joined.map_or((gap, behind), |after| (rest.len() - after.len(), after));
            let Some((unit, length)) = word_unit(behind, units::of) else { break };
            if joined.is_some() && units::milliseconds(unit.name).is_none() {
                break;
            }
            let single = behind
                .get(..length)
                .is_some_and(|word| word.len() == 1 && word.starts_with(|c: char| c.is_alphabetic()));
            // `5 M`, `3 K`: rather a name than a unit.
            if !attached && single && matches!(behind.as_bytes().first(), Some(b'K' | b'k' | b'M' | b'X')) {
                break;
            }
            factor *= unit.factor;
            end += gap + length;
            if !unit.name.is_empty() {
                return (Some(unit.name), factor, end);
            }
        }
        (None, factor, end)
    }

    /// Whether a dash at `at` joins two numbers and no more of them (`2025-09-14` is a date).
    fn is_range(&self, at: usize) -> bool {
        let dash = self.char_at(at).map_or(1, char::len_utf8);
        let behind = self.rest(at + dash);
        let digits = behind.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        !behind.get(digits..).is_some_and(|more| more.starts_with(['-', '–', ':', '/']))
    }

    /// Whether the range whose dash stands at `at`, and which ends at `to`, has a unit: `5-10 %`, `100-200ms`.
    fn has_unit(&self, at: usize, to: usize) -> bool {
        let second = at + self.char_at(at).map_or(1, char::len_utf8);
        let second = second + decimal(self.rest(second)).1;
        let percent = self.text.get(at..to).is_some_and(|run| run.ends_with('%'));
        percent || [second, to].into_iter().any(|at| self.unit(at).0.is_some())
    }

    /// Where the second number of `5 to 7` stands, if a range is written so behind `at`.
    fn spelled_range(&self, at: usize) -> Option<usize> {
        const TO: [&str; 15] = [
            " to ", " bis ", " à ", " a ", " até ", " hasta ", "至", "到", "から", " 至 ", " 到 ", " から ",
            "〜", "～", "~",
        ];
        let rest = self.rest(at);
        let behind = TO.iter().find_map(|word| rest.strip_prefix(word))?;
        behind.starts_with(|c: char| c.is_ascii_digit()).then_some(at + rest.len() - behind.len())
    }

    /// The length of what belongs to a version, date, range or time at `at`.
    fn run_of_numbers(&self, at: usize) -> usize {
        let rest = self.rest(at);
        rest.find(|c: char| {
            !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '/' | '-' | '–' | '_' | ',' | '%'))
        })
        .unwrap_or(rest.len())
    }
}

/// The number that `text` begins with, and its length: `1,000`, `0.5`, `0,5`, `1_000`, `1e3`.
fn decimal(text: &str) -> (f64, usize) {
    let digits = |from: usize| text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let byte = |at: usize| text.as_bytes().get(at).copied();
    let mut end = digits(0);
    let mut plain: String = text.get(..end).unwrap_or_default().to_owned();
    // Groups of three, as in 1,000,000; "0,100" is a decimal.
    if (1..=3).contains(&end) && !plain.starts_with('0') {
        while matches!(byte(end), Some(b',' | b'_')) && digits(end + 1) == 3 {
            plain.push_str(text.get(end + 1..end + 4).unwrap_or_default());
            end += 4;
        }
    }
    // `200.000 Nachrichten`: where a point parts thousands. Nobody counts things to three decimals.
    let counts = |rest: &str| {
        let word = rest.strip_prefix(".000 ").and_then(|rest| rest.split_whitespace().next());
        word.is_some_and(|word| word.starts_with(char::is_alphabetic) && units::of(word).is_none())
    };
    if (1..=3).contains(&end) && !plain.starts_with('0') && text.get(end..).is_some_and(counts) {
        plain.push_str("000");
        end += 4;
    }
    if matches!(byte(end), Some(b'.' | b',')) && digits(end + 1) > 0 {
        let length = digits(end + 1);
        let version = byte(end + 1 + length) == Some(b'.') && digits(end + 2 + length) > 0;
        if !version {
            plain.push('.');
            plain.push_str(text.get(end + 1..end + 1 + length).unwrap_or_default());
            end += 1 + length;
        }
    }
    if byte(end) == Some(b'e') {
        let sign = usize::from(matches!(byte(end + 1), Some(b'-' | b'+')));
        let length = digits(end + 1 + sign);
        if length > 0 && length < 4 {
            plain.push_str(text.get(end..end + 1 + sign + length).unwrap_or_default());
            end += 1 + sign + length;
        }
    }
    (plain.parse().unwrap_or(f64::NAN), end)
}
