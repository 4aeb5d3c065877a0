//! Times in headings: `(0-4 hours)`, `Week 3`, `Month 2-3`, `first 24 hours`, `nach 2 Tagen`.

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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Option<u64>, Option<u64>) {
        let window = of(text).unwrap_or_default();
        (window.from, window.until)
    }

    #[test]
    fn windows_are_read_in_their_usual_forms() {
        let hours = |from: u64, until: u64| (Some(from * HOUR), Some(until * HOUR));
        assert_eq!(told("Right away (0-4 hours)"), hours(0, 4));
        assert_eq!(told("Soon (4 – 24 h)"), hours(4, 24));
        assert_eq!(told("1-7 days"), hours(24, 168));
        assert_eq!(told("10.2 Weeks 2-4"), hours(168, 672));
        assert_eq!(told("30 minutes to 2 hours"), (Some(1800), Some(7200)));
        assert_eq!(told("Clean up (Week 3)"), (Some(2 * WEEK), Some(3 * WEEK)));
        assert_eq!(told("Months: Month 2-3"), (Some(MONTH), Some(3 * MONTH)));
        assert_eq!(told("First 24 hours"), hours(0, 24));
        assert_eq!(told("First hour"), hours(0, 1));
        assert_eq!(told("Nach 2 Tagen"), (Some(2 * DAY), None));
        assert_eq!(told("0 à 4 heures"), hours(0, 4));
        assert_eq!(told("旧サーバーの撤去（2週間後）"), (Some(2 * WEEK), None));
        assert_eq!(told("部署后 0-4 小时"), hours(0, 4));
        assert_eq!(told("リリース後 1〜3日"), (Some(DAY), Some(3 * DAY)));
        assert_eq!(told("30 minutes before"), (None, None));
        assert_eq!(told("Cleanup (~Week 16)"), (None, None));
        assert_eq!(told("Clean up in week 42"), (None, None));
        assert_eq!(told("Clean up – Week 3"), (Some(2 * WEEK), Some(3 * WEEK)));
        assert_eq!(told("1. Deploy"), (None, None));
        assert_eq!(told("T+0 to T+15 min"), (Some(0), Some(900)));
        assert_eq!(told("T+1h"), (Some(HOUR), None));
        assert_eq!(told("T+1h – T+4h"), (Some(HOUR), Some(4 * HOUR)));
        assert_eq!(told("Look again (T+15m)"), (Some(900), None));
        assert_eq!(told("T+15m to T+30m"), (Some(900), Some(1800)));
        assert_eq!(told("After 10m users"), (Some(600), None));
        assert_eq!(told("10M users"), (None, None));
        assert_eq!(told("T-24h"), (None, None));
        assert_eq!(told("After one week"), (Some(WEEK), None));
        assert_eq!(told("Nach zwei Wochen"), (Some(2 * WEEK), None));
        assert_eq!(told("Apagarlo (después de 7 días)"), (Some(7 * DAY), None));
        assert_eq!(told("Post-deployment (day 1 to day 7)"), (Some(0), Some(7 * DAY)));
        assert_eq!(told("Danach (innerhalb von 24 Stunden)"), hours(0, 24));
        assert_eq!(told("Après (dans les 24 heures)"), hours(0, 24));
        assert_eq!(told("リリース後（24時間以内）"), hours(0, 24));
        assert_eq!(told("发布后（24小时内）"), hours(0, 24));
        assert_eq!(told("After (24h)"), hours(0, 24));
        assert_eq!(told("After (up to 4 hours)"), hours(0, 4));
        assert_eq!(told("After (1 week)"), (Some(0), Some(WEEK)));
        assert_eq!(told("After (30 mins)"), (Some(0), Some(1800)));
        assert_eq!(at_edge("T+4h: look").and_then(|window| window.from), Some(4 * HOUR));
        assert_eq!(at_edge("Lunch: look at day 3"), None);
        assert_eq!(told("99999999999999999999-4 hours"), (None, None));
        assert_eq!(told("4-0 hours"), (None, None));
    }

    #[test]
    fn a_length_is_a_number_with_its_unit() {
        assert_eq!(length("watch it for 30 minutes"), Some(1800));
        assert_eq!(length("48 hours"), Some(48 * HOUR));
        assert_eq!(length("24h"), Some(DAY));
        assert_eq!(length("1.5 hours"), Some(90 * MINUTE));
        assert_eq!(length("0,5h"), Some(30 * MINUTE));
        assert_eq!(longest("every 5 minutes for 2 hours"), Some(2 * HOUR));
        assert_eq!(longest("24-hour soak"), Some(DAY));
        assert_eq!(length("10 users"), None);
    }
}
