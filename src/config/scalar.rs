//! Values that TOML has no type for: limits, close codes. Durations are read by [`crate::domain::time`].

use crate::domain::Limit;
use crate::domain::condition::Comparator;

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
