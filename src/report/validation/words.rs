//! Words as a person writes them: lengths, dates, counts, lists.

use crate::domain::Wall;

/// How long something took that happened: as [`length`], and never no time at all.
pub(super) fn lasting(seconds: f64) -> String {
    if seconds > 0.0 { length(seconds) } else { "less than a second".to_owned() }
}

/// A length in at most two units: `41 minutes`, `1 hour 4 minutes`, `38 seconds`.
pub(super) fn length(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let Some(first) = units.iter().position(|(size, _)| s >= *size) else {
        return if seconds > 0.0 { "less than a second".to_owned() } else { "no time".to_owned() };
    };
    let (size, unit) = units[first];
    let whole = count(s / size, unit);
    // Below ten minutes seconds matter, above they do not.
    match units.get(first + 1).map(|(small, name)| (s % size / small, name)) {
        Some((rest, name)) if rest > 0 && (*name != "second" || s < 600) => {
            format!("{whole} {}", count(rest, name))
        }
        _ => whole,
    }
}

/// `1 item`, `34 items`.
pub(super) fn count(n: u64, noun: &str) -> String {
    let number = crate::domain::format::count(n);
    format!("{number} {}", noun_of(n, noun))
}

/// The noun in its number.
pub(super) fn noun_of(n: u64, noun: &str) -> String {
    if n == 1 {
        return noun.to_owned();
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with("person") => noun.replace("person", "people"),
        _ => format!("{noun}s"),
    }
}

/// The same with small numbers as words, for sentences: `No item`, `one item`, `34 items`.
pub(super) fn few(n: usize, noun: &str) -> String {
    let word = if n == 0 { "no".to_owned() } else { number(n) };
    format!("{word} {}", noun_of(n as u64, noun))
}

/// A number, as a word where it is small.
pub(super) fn number(n: usize) -> String {
    const WORDS: [&str; 10] =
        ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    WORDS.get(n).map_or_else(|| crate::domain::format::count(n as u64), |word| (*word).to_owned())
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list<T: AsRef<str>>(parts: &[T]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The first letter large.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `21 November 2026`.
pub(super) fn day(at: Wall) -> String {
    at.format("%-d %B %Y").to_string()
}

/// `21 November 2026, 14:02:11 UTC`.
pub(super) fn moment(at: Wall) -> String {
    format!("{}, {} UTC", day(at), at.format("%H:%M:%S"))
}

/// Time of day, with the date where it is another day than `beside`.
pub(super) fn clock(at: Wall, beside: Wall) -> String {
    if at.date_naive() == beside.date_naive() {
        at.format("%H:%M:%S").to_string()
    } else {
        at.format("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// `from 14:02 to 14:43 UTC on 21 November 2026`, within a minute `at 14:02`, over midnight with both days.
pub(super) fn span(from: Wall, until: Wall) -> String {
    let time = |at: Wall| at.format("%H:%M").to_string();
    if time(from) == time(until) && from.date_naive() == until.date_naive() {
        format!("at {} UTC on {}", time(from), day(from))
    } else if from.date_naive() == until.date_naive() {
        format!("from {} to {} UTC on {}", time(from), time(until), day(from))
    } else {
        format!("from {} UTC on {} to {} UTC on {}", time(from), day(from), time(until), day(until))
    }
}

/// A share of `whole` in percent, never rounded to nothing or to all: `97.1 %`, `less than 0.1 %`; `None` of nothing.
pub(super) fn share(part: f64, whole: f64) -> Option<String> {
    if whole <= 0.0 {
        return None;
    }
    let percent = (100.0 * part / whole).clamp(0.0, 100.0);
    Some(match percent {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p < 0.1 => "less than 0.1 %".to_owned(),
        p => crate::domain::format::percent(p),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_as_people_tell_them() {
        let told =
            [0.0, 0.3, 1.0, 59.4, 60.0, 130.0, 601.0, 3_600.0, 3_840.0, 90_000.0, 172_800.0].map(length);
        assert_eq!(
            told,
            [
                "no time",
                "less than a second",
                "1 second",
                "59 seconds",
                "1 minute",
                "2 minutes 10 seconds",
                "10 minutes",
                "1 hour",
                "1 hour 4 minutes",
                "1 day 1 hour",
                "2 days"
            ]
        );
    }

    #[test]
    fn what_happened_took_some_time() {
        assert_eq!(
            [0.0, 0.3, 61.0].map(lasting),
            ["less than a second", "less than a second", "1 minute 1 second"]
        );
    }

    #[test]
    fn numbers_and_nouns_agree() {
        assert_eq!(
            [0, 1, 2, 1_200].map(|n| count(n, "item")),
            ["0 items", "1 item", "2 items", "1,200 items"]
        );
        assert_eq!([1, 2].map(|n| count(n, "reply")), ["1 reply", "2 replies"]);
        assert_eq!([1, 2].map(|n| count(n, "day")), ["1 day", "2 days"]);
        assert_eq!([0, 1, 12].map(|n| few(n, "person")), ["no people", "one person", "12 people"]);
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(sentence("one item"), "One item");
    }

    #[test]
    fn shares_are_never_rounded_to_nothing_or_all() {
        let told = [0.0, 0.01, 50.0, 99.999, 100.0].map(|part| share(part, 100.0).unwrap_or_default());
        assert_eq!(told, ["0 %", "less than 0.1 %", "50.0 %", "99.99 %", "100 %"]);
        assert_eq!(share(1.0, 0.0), None);
    }

    #[test]
    fn a_span_names_each_day_once() {
        let at = |text: &str| -> Wall { text.parse().expect("a time") };
        let (one, two) = (at("2026-11-21T14:02:11Z"), at("2026-11-21T14:43:00Z"));
        assert_eq!(span(one, one), "at 14:02 UTC on 21 November 2026");
        assert_eq!(span(one, two), "from 14:02 to 14:43 UTC on 21 November 2026");
        let next = at("2026-11-22T00:10:00Z");
        assert_eq!(span(one, next), "from 14:02 UTC on 21 November 2026 to 00:10 UTC on 22 November 2026");
        assert_eq!(clock(next, one), "2026-11-22 00:10:00");
    }
}
