//! How numbers and times are written: one form for each kind, the same on screen, in the journal and in reports.
//!
//! Unknown is [`UNKNOWN`], never a zero and never empty. All functions are pure and know nothing of cells or colour.

use std::time::Duration;

use chrono::Timelike;

use super::Wall;

/// Stands for every number that is not known.
pub const UNKNOWN: &str = "--";

/// Stands for a stopwatch that cannot run.
pub const UNKNOWN_WATCH: &str = "--:--";

/// `value` written by `form`, or [`UNKNOWN`].
pub fn or_unknown<T>(value: Option<T>, form: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), form)
}

/// Time of day in UTC: `14:02:11Z`.
pub fn clock(at: Wall) -> String {
    format!("{}Z", time_of_day(at))
}

/// Time of day for columns whose zone is said elsewhere: `14:02:11`.
pub fn time_of_day(at: Wall) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// Time of an event: `14:02:11.402`.
pub fn clock_millis(at: Wall) -> String {
    // A leap second is carried as nanoseconds beyond one second.
    format!("{}.{:03}", time_of_day(at), (at.nanosecond() / 1_000_000).min(999))
}

/// A moment told to someone living in `now`: `14:02`, on another day `11-20 14:02`.
pub fn moment(at: Wall, now: Wall) -> String {
    if at.date_naive() == now.date_naive() {
        at.format("%H:%M").to_string()
    } else {
        at.format("%m-%d %H:%M").to_string()
    }
}

/// A stopwatch: `03:12`, from an hour `1:02:03`.
pub fn stopwatch(length: Duration) -> String {
    let s = length.as_secs();
    if s < 3600 {
        format!("{:02}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// A stopwatch beside its limit: `03:12 of 05:00`; a standing one has no time: `--:-- of 05:00`.
pub fn stopwatch_of(length: Option<Duration>, limit: Duration) -> String {
    let left = length.map_or_else(|| UNKNOWN_WATCH.to_owned(), stopwatch);
    format!("{left} of {}", stopwatch(limit))
}

/// A length that was planned: `30m`, `24h`, `1h30m`, `7d`; the two largest parts.
pub fn span(length: Duration) -> String {
    let mut left = length.as_secs();
    let mut parts = Vec::new();
    // Up to two days people count hours.
    let whole = left.is_multiple_of(86_400) && left > 2 * 86_400;
    let days = if whole || left >= 4 * 86_400 { 86_400 } else { u64::MAX };
    for (seconds, unit) in [(days, "d"), (3_600, "h"), (60, "m"), (1, "s")] {
        if left / seconds > 0 {
            parts.push(format!("{}{unit}", left / seconds));
            left %= seconds;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.into_iter().take(2).collect() }
}

/// An age or a length in at most two units: `412ms`, `4s`, `2m10s`, `1h04m`, `2d03h`.
pub fn age(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        return format!("{}ms", length.as_millis());
    }
    age_seconds(length)
}

/// As [`age`], in whole seconds: for ages that tick with the clock (`live 0s`).
pub fn age_seconds(length: Duration) -> String {
    let s = length.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m{:02}s", s / 60, s % 60),
        3600..86_400 => format!("{}h{:02}m", s / 3600, s / 60 % 60),
        _ => format!("{}d{:02}h", s / 86_400, s / 3600 % 24),
    }
}

/// An age where one unit is enough: `41s`, `3m`, `51m`, `2h`, `9d`.
pub fn age_coarse(length: Duration) -> String {
    let s = length.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m", s / 60),
        3600..86_400 => format!("{}h", s / 3600),
        _ => format!("{}d", s / 86_400),
    }
}

/// A duration that was measured by the second: below one it is not known closer.
pub fn in_seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) { "under 1s".to_owned() } else { short(duration) }
}

/// A short duration in three digits: `0.4ms`, `18ms`, `412ms`, `1.71s`, `18.2s`; from 100 s on as [`age`].
pub fn short(length: Duration) -> String {
    let ms = length.as_secs_f64() * 1000.0;
    // The bounds are where rounding would add a digit.
    match ms {
        _ if ms < 9.95 => format!("{ms:.1}ms"),
        _ if ms < 999.5 => format!("{ms:.0}ms"),
        _ if ms < 9_995.0 => format!("{:.2}s", ms / 1000.0),
        _ if ms < 99_950.0 => format!("{:.1}s", ms / 1000.0),
        _ => age(length),
    }
}

/// Seconds that something takes, with their tenth: `18.2s`; from a minute on in two units: `1m20s`.
pub fn took(seconds: f64) -> String {
    match Duration::try_from_secs_f64(seconds) {
        Ok(_) if seconds < 59.95 => format!("{seconds:.1}s"),
        Ok(length) => age_seconds(length.max(Duration::from_mins(1))),
        Err(_) => UNKNOWN.to_owned(),
    }
}

/// The seconds that something may take: `30s`, `2.5s`, `1m30s`.
pub fn budget(length: Duration) -> String {
    if length.subsec_nanos() > 0 { limit(length.as_secs_f64(), "s") } else { span(length) }
}

/// The number of a rate, without its unit: `12.4`, `1,204`, above 99,999 `124k`.
pub fn rate(per_unit: f64) -> String {
    match per_unit {
        v if !v.is_finite() => not_finite(v),
        // Sums of windows may end a hair below zero.
        v if v.abs() < 0.05 => "0.0".to_owned(),
        v if v < 99.95 => format!("{v:.1}"),
        v if v < 99_999.5 => count(v.round() as u64),
        v if v < 999_500.0 => format!("{:.0}k", v / 1e3),
        v => format!("{:.1}M", v / 1e6),
    }
}

/// A share with one decimal: `6.1 %`. From 99.5 on two, cut and not rounded, so that `100 %` is only ever all of it.
pub fn percent(share: f64) -> String {
    match share {
        v if !v.is_finite() => not_finite(v),
        v if v.abs() < 0.05 => "0.0 %".to_owned(),
        v if v < 99.5 => format!("{v:.1} %"),
        v if v < 100.0 => format!("{:.2} %", (v * 100.0).floor() / 100.0),
        v => format!("{v:.0} %"),
    }
}

/// A share that is whole by nature: `90 %`.
pub fn percent_whole(share: u8) -> String {
    format!("{share} %")
}

/// `part` of `whole` in percent with two decimals: `99.81 %`; `100.00 %` only for all of it, nothing of nothing is
/// unknown.
pub fn percent_of(part: u64, whole: u64) -> String {
    if whole == 0 {
        return UNKNOWN.to_owned();
    }
    let rounded = (u128::from(part) * 10_000 + u128::from(whole) / 2) / u128::from(whole);
    let hundredths = if part < whole { rounded.min(9_999) } else { rounded };
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// A count with thousands separated: `1,204`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// How many of something that takes an s: `1 item`, `1,204 items`.
pub fn counted(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n as u64))
}

/// How many times: `1.7×`, from ten on `20×`.
pub fn ratio(times: f64) -> String {
    match times {
        v if !v.is_finite() => not_finite(v),
        v if v < 9.95 => format!("{v:.1}×"),
        v => format!("{}×", count(v.round() as u64)),
    }
}

/// Bytes in powers of 1000: `412B`, `9.2MB`.
pub fn bytes(n: f64) -> String {
    if !n.is_finite() {
        return not_finite(n);
    }
    let (value, unit) = match n.abs() {
        v if v < 999.5 => (n, "B"),
        v if v < 999_500.0 => (n / 1e3, "kB"),
        v if v < 999_500_000.0 => (n / 1e6, "MB"),
        _ => (n / 1e9, "GB"),
    };
    if unit == "B" || value.abs() >= 99.95 {
        format!("{value:.0}{unit}")
    } else {
        format!("{value:.1}{unit}")
    }
}

/// A number in its unit, as metrics and limits show it. The unit decides the form: `%` one decimal, seconds and
/// milliseconds as short durations, `MB` and bytes as bytes, rates as rates; anything else as a plain number.
pub fn in_unit(value: f64, unit: &str) -> String {
    match unit {
        _ if !value.is_finite() => not_finite(value),
        "%" => percent(value),
        "s" if value >= 0.0 => seconds(value),
        "ms" if value >= 0.0 => seconds(value / 1e3),
        "MB" => bytes(value * 1e6),
        "B" | "bytes" => bytes(value),
        _ if unit.starts_with('/') => format!("{}{unit}", rate(value)),
        _ => plain(value),
    }
}

/// A limit in its unit, without decimals that say nothing: `5`, `0.5`, `2s`, `100ms`, `10MB`.
pub fn limit(value: f64, unit: &str) -> String {
    let number = trimmed(value);
    match unit {
        "s" | "ms" | "MB" | "B" => format!("{number}{unit}"),
        _ => number,
    }
}

fn seconds(value: f64) -> String {
    Duration::try_from_secs_f64(value).map_or_else(|_| UNKNOWN.to_owned(), short)
}

/// A number without a unit: `1,204`, `97.25`.
pub fn number(value: f64) -> String {
    if value.is_finite() { plain(value) } else { not_finite(value) }
}

/// What is beyond all numbers is known, as Prometheus writes it; what is not a number is not.
pub fn not_finite(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ => UNKNOWN.to_owned(),
    }
}

/// Whole numbers whole and with commas, others with at most two decimals.
fn plain(value: f64) -> String {
    if value.fract() == 0.0 && (0.0..1e15).contains(&value) { count(value as u64) } else { trimmed(value) }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn at(text: &str) -> Wall {
        text.parse().unwrap()
    }

    #[test]
    fn clocks() {
        let t = at("2026-11-21T14:02:11.402Z");
        assert_eq!(clock(t), "14:02:11Z");
        assert_eq!(clock_millis(t), "14:02:11.402");
        assert_eq!(moment(t, at("2026-11-21T23:00:00Z")), "14:02");
        assert_eq!(moment(t, at("2026-11-22T00:00:00Z")), "11-21 14:02");
    }

    #[test]
    fn stopwatches() {
        assert_eq!(stopwatch_of(Some(Duration::from_secs(192)), Duration::from_secs(300)), "03:12 of 05:00");
        assert_eq!(
            stopwatch_of(Some(Duration::from_secs(3723)), Duration::from_secs(7200)),
            "1:02:03 of 2:00:00"
        );
        assert_eq!(stopwatch_of(None, Duration::from_secs(120)), "--:-- of 02:00");
    }

    #[test]
    fn ages() {
        let written: Vec<String> =
            [0, 412, 999, 1000, 41_900, 60_000, 130_000, 3_840_000, 183_600_000, 817_200_000]
                .into_iter()
                .map(|n| age(ms(n)))
                .collect();
        assert_eq!(
            written,
            ["0ms", "412ms", "999ms", "1s", "41s", "1m00s", "2m10s", "1h04m", "2d03h", "9d11h"]
        );
        assert_eq!(age_seconds(ms(412)), "0s");
        assert_eq!(
            [41, 200, 7300, 200_000].map(|s| age_coarse(Duration::from_secs(s))),
            ["41s", "3m", "2h", "2d"]
        );
    }

    #[test]
    fn short_durations_keep_three_digits_at_every_rounding() {
        let written: Vec<String> =
            [400, 9_949, 9_950, 18_000, 412_000, 999_499, 999_500, 1_710_000, 9_995_000]
                .into_iter()
                .map(|us| short(Duration::from_micros(us)))
                .collect();
        assert_eq!(written, ["0.4ms", "9.9ms", "10ms", "18ms", "412ms", "999ms", "1.00s", "1.71s", "10.0s"]);
        assert_eq!(short(ms(18_200)), "18.2s");
        assert_eq!(short(ms(99_950)), "1m39s");
    }

    #[test]
    fn from_a_minute_on_seconds_are_told_in_two_units() {
        assert_eq!(
            [0.04, 18.24, 59.94, 59.96, 80.3, 3_840.0].map(took),
            ["0.0s", "18.2s", "59.9s", "1m00s", "1m20s", "1h04m"]
        );
        assert_eq!(took(-1.0), "--");
        assert_eq!([2_500, 30_000, 90_000].map(|n| budget(ms(n))), ["2.5s", "30s", "1m30s"]);
    }

    #[test]
    fn rates_and_shares() {
        assert_eq!(
            [0.0, 12.44, 99.94, 99.95, 1204.0, 99_999.0, 124_000.0, 2_500_000.0].map(rate),
            ["0.0", "12.4", "99.9", "100", "1,204", "99,999", "124k", "2.5M"]
        );
        assert_eq!(rate(f64::NAN), "--");
        assert_eq!(rate(-1e-12), "0.0");
        assert_eq!(
            [6.1, 0.0, 99.49, 99.5, 99.999, 100.0].map(percent),
            ["6.1 %", "0.0 %", "99.5 %", "99.50 %", "99.99 %", "100 %"]
        );
        assert_eq!(percent_whole(90), "90 %");
        assert_eq!(percent_of(3104, 3110), "99.81 %");
        assert_eq!(percent_of(99_999, 100_000), "99.99 %");
        assert_eq!(percent_of(u64::MAX, u64::MAX), "100.00 %");
        assert_eq!(percent_of(0, 0), "--");
    }

    #[test]
    fn counts_ratios_bytes() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1.72, 9.94, 9.95, 20.3, 1204.0].map(ratio), ["1.7×", "9.9×", "10×", "20×", "1,204×"]);
        assert_eq!(
            [412.0, 1500.0, 9.2e6, 214e6, 3.1e9].map(bytes),
            ["412B", "1.5kB", "9.2MB", "214MB", "3.1GB"]
        );
    }

    #[test]
    fn a_unit_decides_the_form() {
        assert_eq!(in_unit(92.8, "%"), "92.8 %");
        assert_eq!(in_unit(2.94, "s"), "2.94s");
        assert_eq!(in_unit(112.0, "ms"), "112ms");
        assert_eq!(in_unit(9.2, "MB"), "9.2MB");
        assert_eq!(in_unit(12.4, "/min"), "12.4/min");
        assert_eq!(in_unit(0.0, ""), "0");
        assert_eq!(in_unit(1204.0, ""), "1,204");
        assert_eq!(in_unit(0.126, ""), "0.13");
        assert_eq!(in_unit(f64::NAN, "s"), "--");
        for unit in ["", "%", "s", "ms", "MB", "B", "/min"] {
            assert_eq!(in_unit(f64::INFINITY, unit), "+Inf", "{unit}");
            assert_eq!(in_unit(f64::NEG_INFINITY, unit), "-Inf", "{unit}");
        }
        assert_eq!([number, rate, ratio].map(|form| form(f64::INFINITY)), ["+Inf", "+Inf", "+Inf"]);
        assert_eq!(limit(5.0, "%"), "5");
        assert_eq!(limit(0.5, ""), "0.5");
        assert_eq!(limit(100.0, "ms"), "100ms");
    }
}
