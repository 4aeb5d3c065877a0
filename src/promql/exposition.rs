//! The text exposition formats: Prometheus 0.0.4 and `OpenMetrics` 1.0, read line by line.
//!
//! Grammar: <https://prometheus.io/docs/instrumenting/exposition_formats/>. Lines that cannot be read are counted, and what
//! to make of the others is the reader's matter. Exemplars are checked and dropped.

use memchr::{memchr, memchr_iter, memchr2, memchr3, memmem, memrchr};

/// One sample as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// Name and labels, raw: the same bytes mean the same series.
    pub key: &'a [u8],
    /// How long the name is inside of `key`.
    pub name: usize,
    /// The value.
    pub value: f64,
    /// Its own time, if it has one: Unix milliseconds, in `OpenMetrics` seconds.
    pub stamp: Option<f64>,
}

/// What a text held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Samples handed on.
    pub samples: u64,
    /// Lines that could not be read.
    pub errors: u64,
    /// The first of them: its number from 1, and why.
    pub first_error: Option<(u64, &'static str)>,
}

/// A metric name and its labels, sorted by name.
pub type Named = (Box<str>, Vec<(Box<str>, Box<str>)>);

/// Reads `text` and hands each sample to `each`, which may say what is wrong with it.
pub fn read<'a>(text: &'a [u8], mut each: impl FnMut(Line<'a>) -> Result<(), &'static str>) -> Tally {
    let mut tally = Tally::default();
    let (mut from, mut number) = (0, 0_u64);
    for to in memchr_iter(b'\n', text).chain(std::iter::once(text.len())) {
        let raw = text.get(from..to).unwrap_or_default();
        from = to + 1;
        number += 1;
        let line = raw.trim_ascii();
        let why = match line.first() {
            None | Some(b'#') => continue,
            Some(_) => match sample(line).and_then(&mut each) {
                Ok(()) => {
                    tally.samples += 1;
                    continue;
                }
                Err(why) => why,
            },
        };
        tally.errors += 1;
        tally.first_error.get_or_insert((number, why));
    }
    tally
}

/// The text of a line, by its number from 1.
pub fn line(text: &[u8], number: u64) -> &[u8] {
    let before = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    text.split(|byte| *byte == b'\n').nth(before).unwrap_or_default().trim_ascii()
}

/// Whether an `OpenMetrics` text is all there: it ends with `# EOF`.
pub fn is_whole(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let begin = memrchr(b'\n', text).map_or(0, |end| end + 1);
    text.get(begin..) == Some(b"# EOF")
}

/// Whether `text` declares `name` and has no series of it: what it counts has not happened yet. In `OpenMetrics` a counter
/// is declared without its `_total`.
pub fn has_none_yet(text: &[u8], name: &str) -> bool {
    let family = name.strip_suffix("_total").unwrap_or(name);
    let mut declared = false;
    for at in memmem::find_iter(text, family) {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let begin = memrchr(b'\n', before).map_or(0, |end| end + 1);
        let ends = |rest: &[u8]| rest.first().is_none_or(u8::is_ascii_whitespace);
        let rest = |called: &str| after.strip_prefix(called.as_bytes());
        match before.get(begin..).unwrap_or_default().trim_ascii() {
            b"" if rest(name).is_some_and(|rest| ends(rest) || rest.first() == Some(&b'{')) => return false,
            b"# TYPE" => declared |= [name, family].into_iter().filter_map(rest).any(ends),
            _ => {}
        }
    }
    declared
}

fn sample(line: &[u8]) -> Result<Line<'_>, &'static str> {
    let name = memchr3(b'{', b' ', b'\t', line).ok_or("no value")?;
    let key = if line.get(name) == Some(&b'{') { closing(line, name + 1)? + 1 } else { name };
    if !is_name(line.get(..name).unwrap_or_default(), true) {
        return Err("bad metric name");
    }
    let rest = line.get(key..).unwrap_or_default();
    let (value, rest) = word(rest);
    let value = number(value).ok_or("bad value")?;
    let (stamp, tail) = word(rest);
    let key = line.get(..key).unwrap_or_default();
    let (tail, stamp) = match stamp.first() {
        None => return Ok(Line { key, name, value, stamp: None }),
        Some(b'#') => (rest, None),
        Some(_) => (tail, Some(number(stamp).ok_or("bad timestamp")?)),
    };
    exemplar(tail)?;
    Ok(Line { key, name, value, stamp })
}

/// Nothing, or ` # {labels} value [timestamp]`.
fn exemplar(tail: &[u8]) -> Result<(), &'static str> {
    let tail = tail.trim_ascii();
    if tail.is_empty() {
        return Ok(());
    }
    let labels = tail.strip_prefix(b"#").ok_or("text after the timestamp")?.trim_ascii_start();
    if labels.first() != Some(&b'{') {
        return Err("bad exemplar");
    }
    let end = closing(labels, 1)?;
    let (value, rest) = word(labels.get(end + 1..).unwrap_or_default());
    let (stamp, rest) = word(rest);
    let stamped = stamp.is_empty() || number(stamp).is_some();
    (number(value).is_some() && stamped && rest.trim_ascii().is_empty()).then_some(()).ok_or("bad exemplar")
}

/// The position of the `}` that closes the labels, minding quotes and escapes.
fn closing(line: &[u8], mut at: usize) -> Result<usize, &'static str> {
    const OPEN: &str = "labels do not end";
    loop {
        let found = at + memchr2(b'"', b'}', line.get(at..).ok_or(OPEN)?).ok_or(OPEN)?;
        if line.get(found) == Some(&b'}') {
            return Ok(found);
        }
        at = quote_end(line, found + 1).ok_or("a label value does not end")? + 1;
    }
}

/// The position of the quote that ends a string beginning at `at`.
fn quote_end(line: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', line.get(at..)?)?;
        if line.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}

fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = memchr2(b' ', b'\t', text).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

fn number(text: &[u8]) -> Option<f64> {
    if !text.is_empty() && text.len() <= 15 && text.iter().all(u8::is_ascii_digit) {
        let whole = text.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        return Some(whole as f64);
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn is_name(name: &[u8], colon: bool) -> bool {
    let ok = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || (colon && *byte == b':');
    name.first().is_some_and(|first| !first.is_ascii_digit()) && name.iter().all(ok)
}

/// Takes a key apart: strict about label names, quotes, escapes and repeated labels.
pub fn named(key: &[u8], name: usize) -> Result<Named, &'static str> {
    let text = std::str::from_utf8(key).map_err(|_garbled| "not UTF-8")?;
    let (name, labels) = text.split_at_checked(name).ok_or("no name")?;
    let inside = labels.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    let mut found: Vec<(Box<str>, Box<str>)> = Vec::new();
    let mut rest = inside.trim_start();
    while !rest.is_empty() {
        let (label, after) = rest.split_once('=').ok_or("a label without a value")?;
        let label = label.trim();
        if !is_name(label.as_bytes(), false) {
            return Err("bad label name");
        }
        let value = after.trim_start().strip_prefix('"').ok_or("a label value without quotes")?;
        let end = quote_end(value.as_bytes(), 0).ok_or("a label value does not end")?;
        let (value, after) = value.split_at_checked(end).ok_or("a label value does not end")?;
        // An empty label is the same as none.
        if !value.is_empty() {
            found.push((label.into(), unescaped(value)?));
        }
        rest = after.strip_prefix('"').unwrap_or(after).trim_start();
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest.trim_start(),
            None if rest.is_empty() => rest,
            None => return Err("no comma between labels"),
        };
    }
    found.sort();
    if found.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err("a label stands twice");
    }
    Ok((name.into(), found))
}

/// A series as it stands in a text: what [`named`] takes apart.
pub fn written(name: &str, labels: &[(Box<str>, Box<str>)]) -> String {
    let mut out = name.to_owned();
    for (at, (label, value)) in labels.iter().enumerate() {
        let value = value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n");
        out.push_str(if at == 0 { "{" } else { "," });
        out.push_str(label);
        out.push_str("=\"");
        out.push_str(&value);
        out.push('"');
    }
    if !labels.is_empty() {
        out.push('}');
    }
    out
}

fn unescaped(value: &str) -> Result<Box<str>, &'static str> {
    if memchr(b'\\', value.as_bytes()).is_none() {
        return Ok(value.into());
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some(c @ ('"' | '\\')) => c,
                _ => return Err("bad escape in a label value"),
            },
            c => c,
        });
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> (Vec<(String, f64)>, Tally) {
        let mut found = Vec::new();
        let tally = read(text.as_bytes(), |line| {
            found.push((String::from_utf8_lossy(line.key).into_owned(), line.value));
            if line.key == b"never" { Err("not this one") } else { Ok(()) }
        });
        (found, tally)
    }

    #[test]
    fn the_format_with_all_its_corners() {
        let text = "# HELP a help { \"\n# TYPE a counter\n\na 1\n  b{x=\"}\"} 2.5e3 1700000000000\r\n\
            c{x=\"a\\\"}b\\\\\",y=\"ü\"}\t+Inf\nd{} NaN # {trace=\"}\"} 0.3 1.5\ne -Inf";
        let (found, tally) = all(text);
        let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["a", "b{x=\"}\"}", "c{x=\"a\\\"}b\\\\\",y=\"ü\"}", "d{}", "e"]);
        assert!((found[1].1 - 2500.0).abs() < 1e-9);
        assert!(found[2].1 == f64::INFINITY && found[3].1.is_nan() && found[4].1 == f64::NEG_INFINITY);
        assert_eq!(tally, Tally { samples: 5, errors: 0, first_error: None });
    }

    #[test]
    fn bad_lines_are_counted_and_the_others_still_read() {
        let (found, tally) =
            all("ok 1\n9bad 1\nb{x=\"open 1\nc one\nd 1 2 3\ne 1 # no\nf\nok2 2\n# EOF\nnever 1\n");
        assert_eq!(found, [("ok", 1.0), ("ok2", 2.0), ("never", 1.0)].map(|(key, n)| (key.to_owned(), n)));
        assert_eq!(tally, Tally { samples: 2, errors: 7, first_error: Some((2, "bad metric name")) });
        assert_eq!((line(b"ok 1\n 9bad 1\r\n", 2), line(b"ok 1", 2)), (&b"9bad 1"[..], &b""[..]));
    }

    #[test]
    fn an_open_metrics_text_is_whole_with_its_last_line() {
        for whole in ["# EOF", "a 1\n# EOF\n", "a 1\n# EOF\r\n"] {
            assert!(is_whole(whole.as_bytes()), "{whole:?}");
        }
        for cut in ["", "a 1\n", "a 1\n# EO", "a 1 # EOF", "# EOF\na 1\n"] {
            assert!(!is_whole(cut.as_bytes()), "{cut:?}");
        }
    }

    #[test]
    fn what_is_declared_without_a_series_is_none_yet_and_what_is_not_declared_is_not_known() {
        let none = |text: &str| has_none_yet(text.as_bytes(), "closes_total");
        assert!(none("a 1\n# HELP closes_total closes_total 1\n# TYPE closes_total counter\nb 2\n"));
        assert!(none("# TYPE closes counter\n# EOF\n"), "as OpenMetrics declares it");
        for known in ["closes_total 1", "  closes_total{code=\"1000\"} 0", "closes_total\t0"] {
            assert!(!none(&format!("# TYPE closes_total counter\n{known}\n")), "{known}");
        }
        for other in [
            "",
            "a 1\n",
            "# HELP closes_total it\n",
            "# TYPE closes_total_more counter\n",
            "# TYPE closes_x gauge\n",
        ] {
            assert!(!none(other), "{other}");
        }
    }

    #[test]
    fn a_series_is_written_as_it_is_read() {
        let labels: Vec<(Box<str>, Box<str>)> =
            vec![("a".into(), "x\"}\n\\".into()), ("b".into(), "ü".into())];
        let text = written("m", &labels);
        assert_eq!(named(text.as_bytes(), 1), Ok(("m".into(), labels)));
        assert_eq!(written("m", &[]), "m");
    }

    #[test]
    fn labels_are_taken_apart_strictly() {
        let of = |key: &str| named(key.as_bytes(), key.find('{').unwrap_or(key.len()));
        let pair = |name: &str, value: &str| (Box::from(name), Box::from(value));
        assert_eq!(of("m"), Ok(("m".into(), vec![])));
        assert_eq!(
            of(r#"m{b="2" , a="x\"}\n\\", c="",}"#),
            Ok(("m".into(), vec![pair("a", "x\"}\n\\"), pair("b", "2")]))
        );
        for (bad, why) in [
            (r"m{a}", "a label without a value"),
            (r"m{a=1}", "a label value without quotes"),
            (r#"m{a="1"b="2"}"#, "no comma between labels"),
            (r#"m{a="1",a="2"}"#, "a label stands twice"),
            (r#"m{a="\x"}"#, "bad escape in a label value"),
            (r#"m{0="x"}"#, "bad label name"),
        ] {
            assert_eq!(of(bad), Err(why), "{bad}");
        }
    }
}
