//! An event's own time: RFC 3339, or a Unix time whose unit shows in its size.

/// Microseconds since 1970, UTC; `None`: no time.
pub(super) fn unix_us(text: &str) -> Option<i64> {
    rfc3339(text.as_bytes()).or_else(|| number(text))
}

/// The minute of the last time read: most events follow each other within one.
#[derive(Debug, Default)]
pub(super) struct Minute {
    /// `2026-11-21T04:05:`
    text: [u8; 17],
    micros: i64,
}

impl Minute {
    /// Microseconds since 1970, UTC; `None`: no time.
    pub(super) fn unix_us(&mut self, text: &str) -> Option<i64> {
        let bytes = text.as_bytes();
        if let Some((minute, rest)) = bytes.split_first_chunk::<17>()
            && *minute == self.text
            && let Some(micros) = within(rest)
        {
            return Some(self.micros + micros);
        }
        let micros = unix_us(text)?;
        if let Some((minute, rest)) = bytes.split_first_chunk::<17>()
            && let Some(within) = within(rest)
        {
            *self = Self { text: *minute, micros: micros - within };
        }
        Some(micros)
    }
}

/// `06.123456Z` as microseconds; `None`: another form.
fn within(text: &[u8]) -> Option<i64> {
    let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10).map(i64::from);
    let [tens, ones, rest @ .., b'Z'] = text else { return None };
    let seconds = digit(*tens).filter(|tens| *tens < 6)? * 10 + digit(*ones)?;
    let [b'.', fraction @ ..] = rest else { return rest.is_empty().then_some(seconds * 1_000_000) };
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let (mut micros, mut unit) = (0, 100_000);
    for byte in fraction {
        micros += digit(*byte)? * unit;
        unit /= 10;
    }
    Some(seconds * 1_000_000 + micros)
}

/// Seconds up to 10¹¹ (the year 5138), milliseconds up to 10¹⁴, microseconds up to 10¹⁷, then nanoseconds.
fn number(text: &str) -> Option<i64> {
    let whole = text.split('.').next()?;
    let micros = match whole.parse::<i64>() {
        Ok(n @ 100_000_000_000_000..100_000_000_000_000_000) => n,
        Ok(n @ 100_000_000_000_000_000..) => n / 1_000,
        _ => {
            let value: f64 = text.parse().ok()?;
            let unit = if value < 1e11 { 1e6 } else { 1e3 };
            (value * unit).round() as i64
        }
    };
    (micros > 0).then_some(micros)
}

/// `2026-11-21T04:05:06.123456Z`, the common form; other forms of RFC 3339 are left to `chrono`.
fn rfc3339(text: &[u8]) -> Option<i64> {
    let two = |at: usize| {
        let (tens, ones) = (text.get(at)?.wrapping_sub(b'0'), text.get(at + 1)?.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| i64::from(tens * 10 + ones))
    };
    if text.len() < 20 || text.get(4) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let form = [text.get(7)?, text.get(10)?, text.get(13)?, text.get(16)?] == [&b'-', &b'T', &b':', &b':'];
    let inside =
        (1..=12).contains(&month) && (1..=28).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let mut at = 19;
    let mut fraction = 0;
    if text.get(at) == Some(&b'.') {
        let mut unit = 100_000;
        at += 1;
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            fraction += i64::from(digit) * unit;
            unit /= 10;
            at += 1;
        }
    }
    if !form || !inside || text.get(at..) != Some(b"Z") {
        let other = std::str::from_utf8(text).ok()?;
        return chrono::DateTime::parse_from_rfc3339(other).ok().map(|time| time.timestamp_micros());
    }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1_000_000 + fraction)
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_of_all_sizes() {
        for text in ["1795233906.5", "1795233906500", "1795233906500000", "1795233906500000000"] {
            assert_eq!(unix_us(text), Some(1_795_233_906_500_000), "{text}");
        }
        assert_eq!(unix_us("2026-11-21T05:05:06.5+01:00"), Some(1_795_233_906_500_000));
        for text in ["", "soon", "2026-13-01T00:00:00Z", "2026-11-21", "-5", "NaN"] {
            assert_eq!(unix_us(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(us in 0_i64..4_000_000_000_000_000) {
            let time = chrono::DateTime::from_timestamp_micros(us).unwrap();
            let text = time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            prop_assert_eq!(unix_us(&text), Some(us));
        }

        #[test]
        fn a_minute_kept_changes_nothing(texts in proptest::collection::vec(
            "2026-1[12]-2[01]T0[45]:05:[0-6][0-9](\\.[0-9]{0,10})?(Z|z|\\+01:00|)|17952339[0-9]{2}(\\.5)?|.{0,24}", 1..20)
        ) {
            let mut minute = Minute::default();
            for text in texts {
                prop_assert_eq!(minute.unix_us(&text), unix_us(&text), "{}", text);
            }
        }
    }
}
