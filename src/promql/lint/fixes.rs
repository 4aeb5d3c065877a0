//! Known slips of queries and their repairs, each a step from text to text.

use super::text::{AGGREGATIONS, Code, OVER_RANGE};

mod brackets;

/// A repair: what was wrong, where, and the text without it.
#[derive(Debug)]
pub(super) struct Fix {
    pub(super) at: usize,
    pub(super) what: String,
    pub(super) text: String,
}

impl Fix {
    fn new(at: usize, what: impl Into<String>, text: String) -> Self {
        Self { at, what: what.into(), text }
    }
}

/// The next repair that `text` needs.
pub(super) fn next(text: &str) -> Option<Fix> {
    let code = Code::of(text);
    typography(text)
        .or_else(|| variable(&code))
        .or_else(|| brackets::lonely(&code))
        .or_else(|| spelled_range(&code))
        .or_else(|| lasting(&code))
        .or_else(|| words(&code))
        .or_else(|| matchers(&code))
        .or_else(|| equals(&code))
        .or_else(|| grouping(&code))
        .or_else(|| range_outside(&code))
        .or_else(|| aggregated(&code))
        .or_else(|| no_range(&code))
        .or_else(|| tail(text))
}

/// Quotes and dashes of a text processor.
fn typography(text: &str) -> Option<Fix> {
    const PLAIN: [(char, &str); 12] = [
        ('“', "\""),
        ('”', "\""),
        ('„', "\""),
        ('‘', "'"),
        ('’', "'"),
        ('−', "-"),
        ('–', "-"),
        ('≥', ">="),
        ('≤', "<="),
        ('≠', "!="),
        ('×', "*"),
        ('\u{a0}', " "),
    ];
    let plain = |c: char| PLAIN.iter().find(|(fancy, _)| *fancy == c).map(|(_, plain)| *plain);
    let (at, first) = text.char_indices().find(|(_, c)| plain(*c).is_some())?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match plain(c) {
            Some(plain) => out.push_str(plain),
            None => out.push(c),
        }
    }
    Some(Fix::new(
        at,
        format!("the character {first} is none of PromQL's; it comes from a text processor"),
        out,
    ))
}

/// `[$__rate_interval]`: a variable of a dashboard as the range.
fn variable(code: &Code<'_>) -> Option<Fix> {
    let at = code.text.find("[$")?;
    let end = code.partner(at).filter(|_| code.is_code(at))?;
    let text = spliced(code.text, at, end + 1, "[5m]");
    Some(Fix::new(
        at + 1,
        "a variable that only a dashboard knows stands for the range; name one, such as 5m",
        text,
    ))
}

/// A length of time as people write it: `[1 hour]`.
fn spelled_range(code: &Code<'_>) -> Option<Fix> {
    const UNITS: [(&str, &str); 8] = [
        ("seconds", "s"),
        ("second", "s"),
        ("minutes", "m"),
        ("minute", "m"),
        ("min", "m"),
        ("hours", "h"),
        ("hour", "h"),
        ("days", "d"),
    ];
    let bytes = code.text.as_bytes();
    let open = (0..bytes.len()).find(|at| bytes.get(*at) == Some(&b'[') && code.is_code(*at))?;
    let close = code.partner(open)?;
    let inside = code.text.get(open + 1..close)?.trim();
    let digits = inside.len() - inside.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = inside.split_at_checked(digits)?;
    let unit = unit.trim();
    let short = UNITS.iter().find(|(long, short)| unit.eq_ignore_ascii_case(long) || unit == *short)?.1;
    let right = format!("[{number}{short}]");
    (digits > 0 && code.text.get(open..=close) != Some(right.as_str())).then(|| {
        let text = spliced(code.text, open, close + 1, &right);
        Fix::new(open + 1, format!("a length of time is written {number}{short}"), text)
    })
}

/// `up == 0 for 5m`: how long it holds is said by an alert rule.
fn lasting(code: &Code<'_>) -> Option<Fix> {
    let (at, _) = code.names().find(|(_, name)| name.eq_ignore_ascii_case("for"))?;
    let behind = code.text.get(at + 3..)?.trim();
    let time = behind.trim_start_matches(|c: char| c.is_ascii_digit()).trim();
    let is_time = time.len() < behind.len()
        && matches!(
            time,
            "s" | "m" | "h" | "d" | "min" | "minutes" | "minute" | "seconds" | "hours" | "hour"
        );
    let query = code.text.get(..at)?.trim_end();
    (is_time && !query.is_empty()).then(|| {
        Fix::new(at, "how long it must hold is said by an alert rule, not by the query", query.to_owned())
    })
}

/// Operators of other languages.
fn words(code: &Code<'_>) -> Option<Fix> {
    [("&&", "and"), ("||", "or")].into_iter().find_map(|(foreign, own)| {
        let at = code.text.find(foreign).filter(|at| code.is_code(*at))?;
        let text = spliced(code.text, at, at + 2, &format!(" {own} "));
        Some(Fix::new(at, format!("{foreign} is written {own}"), squeezed(&text)))
    })
}

/// Label matchers: `{code=500}`, `{code=="500"}`, `{code~"5.."}`.
fn matchers(code: &Code<'_>) -> Option<Fix> {
    code.names().find_map(|(at, name)| {
        if !code.in_braces(at) {
            return None;
        }
        let sign = code.skip_blank(at + name.len());
        let rest = code.text.get(sign..)?;
        if rest.starts_with("==") {
            let text = spliced(code.text, sign, sign + 2, "=");
            return Some(Fix::new(sign, "labels are compared with a single =", text));
        }
        if rest.starts_with('~') {
            let text = spliced(code.text, sign, sign + 1, "=~");
            return Some(Fix::new(sign, "a label is matched with =~", text));
        }
        let length = ["=~", "!~", "!=", "="].into_iter().find(|op| rest.starts_with(op))?.len();
        let value = code.skip_blank(sign + length);
        let bare: usize = code
            .text
            .get(value..)?
            .chars()
            .take_while(|c| !matches!(c, ',' | '}' | '"' | '\'' | '`'))
            .map(char::len_utf8)
            .sum();
        let written = code.text.get(value..value + bare)?.trim_end();
        (!written.is_empty()).then(|| {
            let text = spliced(code.text, value, value + written.len(), &format!("\"{written}\""));
            Fix::new(value, "the value of a label stands in quotes", text)
        })
    })
}

/// `up = 0` compares with `==`; `name = query` names a query.
fn equals(code: &Code<'_>) -> Option<Fix> {
    let bytes = code.text.as_bytes();
    let near = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b'=' | b'!' | b'<' | b'>' | b'~'));
    let at = (0..bytes.len()).find(|at| {
        bytes.get(*at) == Some(&b'=')
            && code.is_code(*at)
            && !code.in_braces(*at)
            && !near(at + 1)
            && (*at == 0 || !near(at - 1))
    })?;
    let behind = code.text.get(at + 1..)?.trim();
    let before = code.text.get(..at)?.trim();
    let names = before.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | ' '));
    if names && behind.parse::<f64>().is_err() {
        return Some(Fix::new(
            at,
            "a query has no name of its own; only what stands behind = is one",
            behind.to_owned(),
        ));
    }
    Some(Fix::new(at, "numbers are compared with ==", spliced(code.text, at, at + 1, "==")))
}

/// `rate(x[5m]) by (code)`: only an aggregation is grouped.
fn grouping(code: &Code<'_>) -> Option<Fix> {
    code.names()
        .filter(|(_, name)| name.eq_ignore_ascii_case("by") || name.eq_ignore_ascii_case("without"))
        .find_map(|(at, name)| {
            let labels = code.skip_blank(at + name.len());
            let close = code.partner(labels).filter(|_| code.byte(labels) == Some(b'('))?;
            let end = code.before_blank(at);
            let from = operand(code, end)?;
            let grouped = code.text.get(labels..=close)?;
            let operand = code.text.get(from..end)?;
            let inside = quantile(operand, name, grouped);
            let right = inside.unwrap_or_else(|| format!("sum {name} {grouped} ({operand})"));
            let text = spliced(code.text, from, close + 1, &right);
            let of = code
                .text
                .get(from..from + 24.min(end - from))
                .and_then(|text| text.split(['(', '[', '{']).next())
                .unwrap_or_default();
            Some(Fix::new(
                at,
                format!("{name} groups an aggregation such as sum, and {} is none", of.trim()),
                text,
            ))
        })
}

/// `histogram_quantile(0.95, x) by (code)`: the buckets are grouped, and by `le` too, before the quantile is taken of them.
fn quantile(operand: &str, name: &str, grouped: &str) -> Option<String> {
    let inside =
        operand.strip_prefix("histogram_quantile")?.trim_start().strip_prefix('(')?.strip_suffix(')')?;
    let (share, buckets) = inside.split_once(',')?;
    let labels = grouped.trim_matches(['(', ')', ' ']);
    let has_le = labels.split(',').any(|label| label.trim() == "le");
    let grouped = match (has_le, name.eq_ignore_ascii_case("by")) {
        (false, true) => format!("(le, {labels})"),
        _ => grouped.to_owned(),
    };
    let buckets = buckets.trim();
    let added = AGGREGATIONS.iter().find_map(|sum| {
        let rest = buckets.strip_prefix(sum)?.trim_start();
        (rest.starts_with('(') && rest.ends_with(')')).then(|| format!("{sum} {name} {grouped} {rest}"))
    });
    let sum = added.unwrap_or_else(|| format!("sum {name} {grouped} ({buckets})"));
    Some(format!("histogram_quantile({share}, {sum})"))
}

/// Where the operand that ends before `end` begins; `None` if it is an aggregation, which may be grouped.
fn operand(code: &Code<'_>, end: usize) -> Option<usize> {
    let last = end.checked_sub(1)?;
    match code.byte(last)? {
        b')' => {
            let open = code.partner(last)?;
            let from = code.name_before(code.before_blank(open));
            let name = code.text.get(from..code.before_blank(open))?;
            (!AGGREGATIONS.contains(&name.to_ascii_lowercase().as_str()) && !is_clause(code, from))
                .then_some(from)
        }
        b'}' => Some(code.name_before(code.partner(last)?)),
        b']' => operand(code, code.partner(last)?),
        byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
            let from = code.name_before(end);
            let name = code.text.get(from..end)?;
            (!AGGREGATIONS.contains(&name.to_ascii_lowercase().as_str())).then_some(from)
        }
        _ => None,
    }
}

/// Whether the name at `at` is `by`, `without` or `on`, so that the bracket behind it holds labels.
fn is_clause(code: &Code<'_>, at: usize) -> bool {
    let name: String =
        code.text.get(at..).unwrap_or_default().chars().take_while(char::is_ascii_alphabetic).collect();
    matches!(name.to_ascii_lowercase().as_str(), "by" | "without" | "on" | "ignoring")
}

/// Calls of functions over a range: place of the name, of the opening and of the closing bracket.
fn ranged<'a>(code: &'a Code<'a>) -> impl Iterator<Item = (usize, &'a str, usize, usize)> + 'a {
    code.names().filter(|(_, name)| OVER_RANGE.contains(name)).filter_map(|(at, name)| {
        let open = code.skip_blank(at + name.len());
        let close = code.partner(open).filter(|_| code.byte(open) == Some(b'('))?;
        Some((at, name, open, close))
    })
}

/// `rate(x)[5m]`: the range stands behind the bracket.
fn range_outside(code: &Code<'_>) -> Option<Fix> {
    ranged(code).find_map(|(_, name, open, close)| {
        let from = code.skip_blank(close + 1);
        let to = code.partner(from).filter(|_| code.byte(from) == Some(b'['))?;
        let inside = code.text.get(open + 1..close)?.trim();
        let range = code.text.get(from..=to)?;
        (!inside.contains('[')).then(|| {
            let text = spliced(code.text, open + 1, to + 1, &format!("{inside}{range})"));
            Fix::new(from, format!("the range belongs inside of {name}()"), text)
        })
    })
}

/// `rate(sum(x[5m]))`: a rate of a sum; resets of counters are seen only before they are added up.
fn aggregated(code: &Code<'_>) -> Option<Fix> {
    ranged(code).find_map(|(at, name, open, close)| {
        let first = code.skip_blank(open + 1);
        let (_, aggregation) = code.names().find(|(place, _)| *place == first)?;
        if !AGGREGATIONS.contains(&aggregation) {
            return None;
        }
        let mut inner = code.skip_blank(first + aggregation.len());
        if code.names().any(|(place, _)| place == inner && is_clause(code, place)) {
            let labels = code.text.get(inner..)?.find('(')? + inner;
            inner = code.skip_blank(code.partner(labels)? + 1);
        }
        let end = code.partner(inner).filter(|_| code.byte(inner) == Some(b'('))?;
        let (head, core) = (code.text.get(first..=inner)?, code.text.get(inner + 1..end)?.trim());
        let behind = code.text.get(end + 1..close)?.trim();
        let (range, behind) = match behind.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((range, rest)) => {
                (format!("[{}]", range.split(':').next().unwrap_or_default().trim()), rest.trim())
            }
            None => (String::new(), behind),
        };
        let space = if behind.is_empty() { "" } else { " " };
        let swapped = format!("{head}{name}({core}{range})){space}{behind}");
        let text = spliced(code.text, at, close + 1, &swapped);
        Some(Fix::new(at, format!("{name}() is taken of counters, before {aggregation} adds them up"), text))
    })
}

/// `rate(x)`: no range.
fn no_range(code: &Code<'_>) -> Option<Fix> {
    ranged(code).find_map(|(_, name, open, close)| {
        let inside = code.text.get(open + 1..close)?;
        if inside.contains('[') {
            return None;
        }
        // The selector is the only argument, but of quantile_over_time.
        let (from, inside) = match inside.split_once(',').filter(|_| name == "quantile_over_time") {
            Some((first, rest)) => (open + 2 + first.len(), rest),
            None => (open + 1, inside),
        };
        let from = code.skip_blank(from);
        let word = inside.trim();
        let end = from + word.find(['{', ',', '+', '-', '*', '/', ' ']).unwrap_or(word.len());
        let end = if code.byte(end) == Some(b'{') { code.partner(end)? + 1 } else { end };
        (!word.is_empty()).then(|| {
            let text = spliced(code.text, end, end, "[5m]");
            Fix::new(from, format!("{name}() needs a range of time, such as [5m]"), text)
        })
    })
}

/// What other languages end a line with.
fn tail(text: &str) -> Option<Fix> {
    let short = text.trim_end().trim_end_matches([';', '`', '.']);
    let short = short.trim_end();
    (!short.is_empty() && short.len() < text.trim_end().len())
        .then(|| Fix::new(short.len(), "nothing may stand behind the query", short.to_owned()))
}

/// `text` with `new` between `from` and `to`.
fn spliced(text: &str, from: usize, to: usize, new: &str) -> String {
    let (before, after) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    [before, new, after].concat()
}

/// Double spaces become one.
fn squeezed(text: &str) -> String {
    text.split("  ").collect::<Vec<_>>().join(" ")
}
