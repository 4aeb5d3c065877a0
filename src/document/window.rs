//! Times in headings: `(0-4 hours)`, `Week 3`, `Month 2-3`, `first 24 hours`, `nach 2 Tagen`.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;

use super::numerals;

/// When something is due, in seconds after the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Window {
    /// Due from then on.
    pub(super) from: Option<u64>,
    /// Due until then.
    pub(super) until: Option<u64>,
}

impl Window {
    /// Whether it begins and ends within a day.
    pub(super) fn is_of_hours(self) -> bool {
        self.from.is_some() && self.until.is_some_and(|until| until <= DAY)
    }
}

/// A piece of text that can be part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Number(u64),
    Unit(u64),
    /// Between two numbers.
    To,
    /// `~`, where it is not between two.
    About,
    First,
    After,
    Other,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const MONTH: u64 = 30 * DAY;

/// A later week or month is one of the calendar.
const LATEST: u64 = 26 * WEEK;

/// Words of time, their beginnings in scripts without spaces.
const UNITS: [(u64, &[&str]); 6] = [
    (
        1,
        &[
            "sec", "secs", "second", "seconds", "sekunde", "sekunden", "seconde", "secondes", "segundo",
            "segundos", "秒",
        ],
    ),
    (MINUTE, &["min", "mins", "minute", "minutes", "minuten", "minutos", "minuto", "分钟", "分鐘", "分"]),
    (
        HOUR,
        &[
            "h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures", "hora",
            "horas", "小时", "小時", "時間",
        ],
    ),
    (
        DAY,
        &[
            "d", "day", "days", "tag", "tage", "tagen", "jour", "jours", "día", "días", "dia", "dias", "天",
            "日",
        ],
    ),
    (
        WEEK,
        &["week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas", "周", "週間", "週"],
    ),
    (
        MONTH,
        &[
            "month", "months", "monat", "monate", "monaten", "mois", "mes", "meses", "mês", "个月", "個月",
            "か月", "ヶ月",
        ],
    ),
];

/// The time that `text` names, if it names one; what stands in parentheses at its end is the most exact.
pub(super) fn of(text: &str) -> Option<Window> {
    at_end(text).or_else(|| inside(text).and_then(lasting)).or_else(|| anywhere(text))
}

/// The time that `text` names in parentheses at its end.
pub(super) fn at_end(text: &str) -> Option<Window> {
    anywhere(inside(text)?)
}

/// What stands in parentheses at the end of `text`.
fn inside(text: &str) -> Option<&str> {
    Some(text.trim_end().strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?.1)
}

/// The same, or what it names before a colon: `T+4h: look at the receipts`.
pub(super) fn at_edge(text: &str) -> Option<Window> {
    let label = || text.split_once([':', '：']).map(|(label, _)| label).filter(|label| is_whole(label));
    at_end(text).or_else(|| label().and_then(anywhere))
}

/// Whether `text` is nothing but a time: `4-24 hours`, `Days 1-7`.
pub(super) fn is_whole(text: &str) -> bool {
    let tokens = tokens(text.trim_end_matches([':', '：', '.']));
    window(&tokens).is_some() && !tokens.contains(&Token::Other)
}

/// Whether `text` begins with a word for afterwards, or ends with one: `Nach der Freischaltung`, 「切替後」.
pub(super) fn is_afterwards(text: &str) -> bool {
    let plain = text.trim_start_matches(|c: char| !c.is_alphabetic());
    let outside = plain.split(['(', '（']).next().unwrap_or_default().trim_end();
    let first = plain.split_whitespace().next().unwrap_or_default();
    tokens(first).first() == Some(&Token::After) || outside.ends_with(['后', '後'])
}

/// `24h`, `24小时内`, `up to 4 hours`: all of a bracket is a length of time, from the deployment on.
fn lasting(text: &str) -> Option<Window> {
    let text = text.trim();
    let text = ["up to ", "bis zu ", "jusqu'à ", "hasta ", "até "]
        .iter()
        .find_map(|lead| text.get(..lead.len()).filter(|it| it.eq_ignore_ascii_case(lead)))
        .map_or(text, |lead| text.get(lead.len()..).unwrap_or_default());
    match tokens(text).as_slice() {
        [Token::Number(n), Token::Unit(unit)] => {
            Some(Window { from: Some(0), until: Some(n.checked_mul(*unit)?) })
        }
        _ => None,
    }
}

fn anywhere(text: &str) -> Option<Window> {
    let tokens = tokens(text);
    (0..tokens.len()).find_map(|at| {
        // "~Week 16" is a guess, and "week 42" one of the calendar.
        let about = at.checked_sub(1).and_then(|before| tokens.get(before)) == Some(&Token::About);
        let window = window(tokens.get(at..).unwrap_or_default())?;
        let counts = !matches!(tokens.get(at), Some(Token::Unit(_)))
            || (!about && window.until.is_none_or(|until| until <= LATEST));
        counts.then_some(window)
    })
}

/// How long `text` says that something lasts, in seconds: its first number with a unit.
pub(super) fn length(text: &str) -> Option<u64> {
    tokens(text).windows(2).find_map(|pair| match pair {
        [Token::Number(n), Token::Unit(unit)] => n.checked_mul(*unit),
        _ => None,
    })
}

/// The longest time that `text` says something lasts, in seconds: `watch every 5 minutes for 2 hours`, `24-hour soak`.
pub(super) fn longest(text: &str) -> Option<u64> {
    let tokens = tokens(text);
    let at = |from: usize| match tokens.get(from..)? {
        [Token::Number(n), Token::Unit(unit), ..] | [Token::Number(n), Token::To, Token::Unit(unit), ..] => {
            n.checked_mul(*unit)
        }
        _ => None,
    };
    (0..tokens.len()).filter_map(at).max()
}

/// `text` without moments that are counted from a beginning: `T+12h: Hold`, `at T+15 min`. They are no lengths.
pub(super) fn without_moments(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut is_unit = false;
    for word in text.split_whitespace() {
        let moment = word.trim_start_matches('(').to_lowercase();
        if std::mem::take(&mut is_unit) && matches!(tokens(word).first(), Some(Token::Unit(_))) {
            continue;
        }
        match moment.strip_prefix("t+") {
            Some(digits) => is_unit = !digits.contains(char::is_alphabetic),
            None => kept.push(word),
        }
    }
    kept.join(" ")
}

/// Whether `text` is nothing but a length of time: `24 hours`.
pub(super) fn is_length(text: &str) -> bool {
    matches!(tokens(text.trim()).as_slice(), [Token::Number(_), Token::Unit(_)])
}

fn window(tokens: &[Token]) -> Option<Window> {
    use Token::{After, First, Number, To, Unit};
    let span = |from: u64, until: u64, unit: u64| {
        let (from, until) = (from.checked_mul(unit)?, until.checked_mul(unit)?);
        (from < until).then_some(Window { from: Some(from), until: Some(until) })
    };
    match tokens {
        [Number(from), Unit(of), To, Number(until), Unit(unit), ..] => {
            let (from, until) = (from.checked_mul(*of)?, until.checked_mul(*unit)?);
            (from < until).then_some(Window { from: Some(from), until: Some(until) })
        }
        [Number(from), To, Number(until), Unit(unit), ..] => span(*from, *until, *unit),
        [Unit(unit), Number(from), To, Number(until), ..] => span(from.saturating_sub(1), *until, *unit),
        // "day 1 to day 7"
        [Unit(unit), Number(from), To, Unit(other), Number(until), ..] if unit == other => {
            span(from.saturating_sub(1), *until, *unit)
        }
        // "T+0 to T+15 min", "T+1h to T+4h"
        [After, Number(from), To, After, Number(until), Unit(unit), ..] => span(*from, *until, *unit),
        [After, Number(from), Unit(of), To, After, Number(until), Unit(unit), ..] => {
            let (from, until) = (from.checked_mul(*of)?, until.checked_mul(*unit)?);
            (from < until).then_some(Window { from: Some(from), until: Some(until) })
        }
        [First, Number(until), Unit(unit), ..] => span(0, *until, *unit),
        [First, Unit(unit), ..] => span(0, 1, *unit),
        [After, Number(from), Unit(unit), ..] | [Number(from), Unit(unit), After, ..] => {
            Some(Window { from: Some(from.checked_mul(*unit)?), until: None })
        }
        [Unit(unit), Number(n), ..] => span(n.saturating_sub(1), *n, *unit),
        _ => None,
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let lower = text.to_lowercase();
    let mut tokens = Vec::new();
    let mut rest = lower.as_str();
    while let Some(c) = rest.chars().next() {
        let same = |kind: fn(char) -> bool| rest.find(|c| !kind(c)).unwrap_or(rest.len());
        let glued = same(|c| c.is_ascii_alphanumeric());
        // "T+15 min"
        if glued == 1 && rest.starts_with("t+") && tokens.last() != Some(&Token::Other) {
            tokens.push(Token::After);
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        let (length, token) = if is_code(rest.get(..glued).unwrap_or_default()) {
            (glued, Some(Token::Other))
        } else if c.is_ascii_digit() {
            let length = same(|c| c.is_ascii_digit());
            let number = rest.get(..length).and_then(|digits| digits.parse().ok());
            if let Some((seconds, behind)) = fraction(rest) {
                tokens.extend([Token::Number(seconds), Token::Unit(1)]);
                rest = behind;
                continue;
            }
            (length, Some(number.map_or(Token::Other, Token::Number)))
        } else if let Some((number, length)) =
            numerals::before_a_unit(rest).filter(|(n, _)| n.is_none_or(|n| n.fract() == 0.0))
        {
            (length, Some(number.map_or(Token::Other, |number| Token::Number(number as u64))))
        } else if c.is_alphabetic() {
            let length = same(char::is_alphabetic);
            let run = rest.get(..length).unwrap_or_default();
            // "después de 7 días", "innerhalb von 24 Stunden"
            let leads = matches!(tokens.last(), Some(Token::After | Token::First));
            if leads
                && matches!(run, "de" | "do" | "da" | "dem" | "den" | "von" | "les" | "las" | "os" | "as")
            {
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            // "T+15m"
            let minutes = run == "m" && matches!(tokens.as_slice(), [.., Token::After, Token::Number(_)]);
            let behind_after = || run.strip_suffix(['後', '后']).map(word);
            // 「2週間後」
            match behind_after().filter(|token| matches!(token, Token::Unit(_))) {
                Some(unit) => {
                    tokens.push(unit);
                    (length, Some(Token::After))
                }
                None if minutes => (length, Some(Token::Unit(MINUTE))),
                None => (length, Some(word(run))),
            }
        } else {
            let between = matches!(tokens.last(), Some(Token::Number(_) | Token::Unit(_)));
            let dash = match c {
                '~' | '〜' | '～' if !between => Some(Token::About),
                '-' | '–' | '—' | '~' | '〜' | '～' => Some(Token::To),
                _ => None,
            };
            let other = (!c.is_whitespace() && !matches!(c, '(' | ')' | '（' | '）')).then_some(Token::Other);
            (c.len_utf8(), dash.or(other))
        };
        tokens.extend(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

/// `1.5 hours` at the beginning of `text`, in seconds, and what stands behind it.
fn fraction(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))?;
    let (number, behind) = text.split_at_checked(end)?;
    let number: f64 = number.replace(',', ".").parse().ok().filter(|it: &f64| it.fract() > 0.0)?;
    let unit = behind.trim_start_matches([' ', '-']);
    let end = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
    let Token::Unit(seconds) = word(unit.get(..end)?) else { return None };
    // "10.2 Weeks 2-4" is a section's number.
    let behind = unit.get(end..)?;
    let is_section = behind.trim_start().starts_with(|c: char| c.is_ascii_digit());
    (!is_section).then_some(((number * seconds as f64) as u64, behind))
}

/// Letters with digits behind them, such as `9f3c` or `d24`, are a name; `24h` is none, and neither is `week2`.
fn is_code(run: &str) -> bool {
    let digits = run.chars().take_while(char::is_ascii_digit).count();
    let after = run.get(digits..).unwrap_or_default();
    let letters = after.chars().take_while(char::is_ascii_alphabetic).count();
    letters > 0 && letters < after.len() && (digits > 0 || letters < 2)
}

/// Articles that count: `nach einer Woche`.
const ARTICLES: [&str; 6] = ["einer", "einem", "eine", "une", "una", "uma"];

fn word(word: &str) -> Token {
    static KNOWN: LazyLock<HashMap<&'static str, u64, FxBuildHasher>> = LazyLock::new(|| {
        let named = |(seconds, names): &(u64, &'static [&'static str])| {
            names.iter().map(|name| (*name, *seconds)).collect::<Vec<_>>()
        };
        UNITS.iter().flat_map(named).collect()
    });
    let begins = || {
        let known = |(_, names): &&(u64, &[&str])| {
            names.iter().any(|name| !name.is_ascii() && word.starts_with(name))
        };
        UNITS.iter().find(known).map(|(seconds, _)| *seconds)
    };
    let unit = KNOWN.get(word).copied().or_else(|| if word.is_ascii() { None } else { begins() });
    if ARTICLES.contains(&word) {
        return Token::Number(1);
    }
    match word {
        "to" | "bis" | "à" | "a" | "até" | "hasta" | "至" | "到" | "から" => Token::To,
        "first" | "within" | "erster" | "première" | "premier" | "primera" | "primeira" | "primer"
        | "primeiro" | "erste" | "ersten" | "premières" | "premiers" | "primeras" | "primeros"
        | "primeiras" | "primeiros" | "innerhalb" | "binnen" | "dans" | "dentro" | "首" => Token::First,
        "after" | "later" | "nach" | "après" | "después" | "tras" | "após" | "depois" | "后" => {
            Token::After
        }
        _ => unit.map_or(Token::Other, Token::Unit),
    }
}
