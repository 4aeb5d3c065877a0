//! Values that TOML has no type for: durations, limits, close codes.

use std::time::Duration;

use crate::domain::Limit;
use crate::domain::condition::Comparator;

/// The longest duration taken: a week. Longer ones are typing errors.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// A duration as written: `250ms`, `10s`, `5m`, `2h`, `1m30s`. The error says why not.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "a duration is a number and a unit: \"250ms\", \"10s\", \"5m\", \"2h\"";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(FORM);
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(FORM)?;
        let (number, tail) = rest.split_at_checked(digits).ok_or(FORM)?;
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(end).ok_or(FORM)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(FORM),
        };
        total += number.parse::<f64>().map_err(|_not_a_number| FORM)? * seconds;
        rest = tail.trim_start();
    }
    let parsed = Duration::try_from_secs_f64(total).map_err(|_range| FORM)?;
    // Decimal fractions of a second are not exact in binary; nothing here is finer than a microsecond.
    let parsed = Duration::from_micros(u64::try_from((parsed.as_nanos() + 500) / 1000).unwrap_or(u64::MAX));
    if parsed > LONGEST { Err("the longest duration is 168h") } else { Ok(parsed) }
}

/// A limit as written, `> 5 %`, with the unit if one follows the number.
pub(super) fn limit(text: &str) -> Result<(Limit, String), &'static str> {
    const FORM: &str = "a limit is a comparison and a number: \"> 5\", \"< 1 %\", \">= 3\"";
    const SIGNS: [(&str, Comparator); 9] = [
        ("<=", Comparator::Le),
        ("≤", Comparator::Le),
        (">=", Comparator::Ge),
        ("≥", Comparator::Ge),
        ("!=", Comparator::Ne),
        ("≠", Comparator::Ne),
        ("<", Comparator::Lt),
        (">", Comparator::Gt),
        ("=", Comparator::Eq),
    ];
    let text = text.trim();
    let (op, rest) =
        SIGNS.iter().find_map(|(sign, op)| Some((*op, text.strip_prefix(sign)?.trim()))).ok_or(FORM)?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && !"+-.".contains(c)).unwrap_or(rest.len());
    let (number, unit) = rest.split_at_checked(end).ok_or(FORM)?;
    let value: f64 = number.parse().map_err(|_not_a_number| FORM)?;
    if value.is_finite() { Ok((Limit { op, value }, unit.trim().to_owned())) } else { Err(FORM) }
}

/// A close code, 1000–4999 (RFC 6455 section 7.4).
pub(super) fn close_code(text: &str) -> Result<u16, &'static str> {
    let code: Option<u16> = text.parse().ok();
    code.filter(|code| (1000..=4999).contains(code)).ok_or("a close code is a number from 1000 to 4999")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_written() {
        for (text, millis) in [
            ("250ms", 250),
            ("10s", 10_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("0s", 0),
            ("1.5s", 1_500),
            ("0.1s", 100),
            ("1m30s", 90_000),
            ("1h 5m", 3_900_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "10 parsecs", "-1s", "1..5s", "1e3s", "169h", "9999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn limits_are_read_as_written() {
        let limit_of = |op, value, unit: &str| Ok((Limit { op, value }, unit.to_owned()));
        assert_eq!(limit("> 5 %"), limit_of(Comparator::Gt, 5.0, "%"));
        assert_eq!(limit("<1"), limit_of(Comparator::Lt, 1.0, ""));
        assert_eq!(limit("≥ 0.5ms"), limit_of(Comparator::Ge, 0.5, "ms"));
        assert_eq!(limit("<= -3"), limit_of(Comparator::Le, -3.0, ""));
        assert_eq!(limit("!= 0"), limit_of(Comparator::Ne, 0.0, ""));
        for text in ["5", "> five", ">", "=> 5", "> 5.5.5", ""] {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn close_codes_have_a_range() {
        assert_eq!(close_code("4401"), Ok(4401));
        for text in ["999", "5000", "abc", "-1"] {
            assert!(close_code(text).is_err(), "{text}");
        }
    }
}
