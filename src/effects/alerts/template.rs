//! Templates: texts with `{{ names }}`, of the config and of documents. A name that is not known is shown as missing, in its
//! place; it never leaves a gap that reads as if there were nothing to say.
//!
//! Documents are outside text, so a template can name values and choose between texts, and nothing else: nothing in it
//! repeats or grows, and what it makes is bounded.

use std::borrow::Cow;

use crate::domain::alert::Values;

/// Most bytes that a template makes, that it has, and most conditions within each other.
const MOST: usize = 16 * 1024;
const LONGEST: usize = 32 * 1024;
const DEEPEST: usize = 16;

/// Fills in `source`.
///
/// # Errors
/// It is no template: in words, with the line.
pub fn render(source: &str, values: &Values) -> Result<String, String> {
    if source.len() > LONGEST {
        return Err(format!("it is longer than {} KiB", LONGEST / 1024));
    }
    let mut page = Page { values, out: String::new(), choices: Vec::new() };
    let (mut rest, mut trims, mut tags) = (source, false, OPENINGS.to_vec());
    loop {
        let opens = tags.iter().filter_map(|tag| Some((rest.split_once(tag.0)?, *tag)));
        let first = opens.min_by_key(|((text, _), _)| text.len());
        let Some(((text, after), (open, close))) = first else { break };
        let Some((inner, tail)) = after.split_once(close) else {
            // Not closed: it is text, and so are all that follow.
            tags.retain(|tag| tag.0 != open);
            page.text(text, trims, false);
            page.text(open, false, false);
            (rest, trims) = (after, false);
            continue;
        };
        // `{{-` and `-}}` take the blanks around them away.
        let (before, inner) = inner.strip_prefix('-').map_or((false, inner), |inner| (true, inner));
        let (behind, inner) = inner.strip_suffix('-').map_or((false, inner), |inner| (true, inner));
        page.text(text, trims, before);
        let line = || source.strip_suffix(after).unwrap_or(source).lines().count();
        page.tag(open, inner.trim()).map_err(|why| format!("{why} in line {}", line()))?;
        (rest, trims) = (tail, behind);
    }
    page.text(rest, trims, false);
    if page.choices.is_empty() { Ok(page.out) } else { Err("an if has no endif".to_owned()) }
}

/// What opens a tag, and what closes it.
const OPENINGS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// What is made of a template.
struct Page<'a> {
    values: &'a Values,
    out: String,
    choices: Vec<Choice>,
}

/// An `if` that has no `endif` yet.
struct Choice {
    /// Whether what stands here is shown.
    shown: bool,
    /// Whether one of its parts was shown.
    chosen: bool,
    /// There was an `else`.
    last: bool,
}

impl<'a> Page<'a> {
    fn text(&mut self, text: &str, start: bool, end: bool) {
        let text = if start { text.trim_start() } else { text };
        self.put(if end { text.trim_end() } else { text });
    }

    fn put(&mut self, text: &str) {
        if self.out.len() > MOST || self.choices.iter().any(|choice| !choice.shown) {
            return;
        }
        self.out.push_str(text);
        if self.out.len() > MOST {
            let end = (0..=MOST).rev().find(|at| self.out.is_char_boundary(*at)).unwrap_or(0);
            self.out.truncate(end);
            self.out.push('…');
        }
    }

    fn tag(&mut self, open: &str, inner: &str) -> Result<(), String> {
        match open {
            "{{" => {
                let text = self.expression(inner)?;
                self.put(&text);
                Ok(())
            }
            "{%" => self.statement(inner),
            _ => Ok(()),
        }
    }

    /// `name | filter | filter("with a text")`.
    fn expression(&self, inner: &str) -> Result<String, String> {
        let mut parts = pieces(inner, |c| c == '|').into_iter().map(str::trim);
        let head = parts.next().unwrap_or_default();
        let mut value = self.value(head)?;
        for filter in parts {
            let (name, rest) = filter.split_once('(').unwrap_or((filter, ""));
            value = match (name.trim(), value) {
                ("default", value) => {
                    let text = pieces(rest.strip_suffix(')').unwrap_or_default(), |c| c == ',');
                    let text = text.first().and_then(|text| quoted(text.trim()));
                    let text = text.ok_or("default needs a text: default(\"none\")")?;
                    Some(value.unwrap_or(Cow::Borrowed(text)))
                }
                ("upper", value) => value.map(|value| value.to_uppercase().into()),
                ("lower", value) => value.map(|value| value.to_lowercase().into()),
                ("trim", value) => value.map(|value| value.trim().to_owned().into()),
                (name, _) => {
                    return Err(format!("there is no filter {name}; upper, lower, trim, default are"));
                }
            };
        }
        Ok(value.map_or_else(|| format!("«{head} missing»"), Cow::into_owned))
    }

    /// What a name stands for, or a text in quotes, or a number; nothing is as missing as what is not known.
    fn value<'b>(&self, name: &'b str) -> Result<Option<Cow<'b, str>>, String>
    where
        'a: 'b,
    {
        let plain = |c: char| c.is_alphanumeric() || "_. -/".contains(c);
        if let Some(text) = quoted(name) {
            return Ok(Some(Cow::Borrowed(text)));
        }
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_digit()) {
            return Ok(Some(Cow::Borrowed(name)));
        }
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') || !name.chars().all(plain) {
            return Err(format!("“{name}” is no name"));
        }
        // What is written with blanks or dashes, as documents do, is the name with underscores.
        let known = name.replace([' ', '-', '/'], "_");
        let value = self.values.get(&known).filter(|value| !value.is_empty());
        Ok(value.map(|value| Cow::Borrowed(value.as_str())))
    }

    fn statement(&mut self, inner: &str) -> Result<(), String> {
        let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        match word {
            "if" if self.choices.len() >= DEEPEST => {
                return Err(format!("more than {DEEPEST} conditions within each other"));
            }
            "if" => {
                let shown = self.holds(rest)?;
                self.choices.push(Choice { shown, chosen: shown, last: false });
            }
            "elif" | "else" => {
                let holds = word == "else" || self.holds(rest)?;
                let open = self.choices.last_mut().filter(|choice| !choice.last);
                let choice = open.ok_or_else(|| format!("{word} without an if"))?;
                choice.shown = holds && !choice.chosen;
                choice.chosen |= holds;
                choice.last = word == "else";
            }
            "endif" => {
                self.choices.pop().ok_or("endif without an if")?;
            }
            _ => return Err(format!("there is no {word}; if, elif, else, endif are")),
        }
        Ok(())
    }

    /// `a`, `not a`, `a == "b"`, `a != b`, joined by `and` and `or`.
    fn holds(&self, condition: &str) -> Result<bool, String> {
        let words: Vec<&str> =
            pieces(condition, char::is_whitespace).into_iter().filter(|word| !word.is_empty()).collect();
        let mut any = false;
        for all in words.split(|word| *word == "or") {
            let mut holds = true;
            for one in all.split(|word| *word == "and") {
                holds &= self.one_holds(one)?;
            }
            any |= holds;
        }
        Ok(any)
    }

    fn one_holds(&self, words: &[&str]) -> Result<bool, String> {
        match words {
            ["not", words @ ..] if !words.is_empty() => Ok(!self.one_holds(words)?),
            [name] => Ok(self.value(name)?.is_some()),
            [a, "==", b] => self.same(a, b),
            [a, "!=", b] => Ok(!self.same(a, b)?),
            words => Err(format!("“{}” is no condition", words.join(" "))),
        }
    }

    fn same(&self, a: &str, b: &str) -> Result<bool, String> {
        Ok(self.value(a)?.unwrap_or_default() == self.value(b)?.unwrap_or_default())
    }
}

/// The text between quotes.
fn quoted(text: &str) -> Option<&str> {
    let inner = |quote| text.strip_prefix(quote)?.strip_suffix(quote).filter(|text| !text.contains(quote));
    inner('"').or_else(|| inner('\''))
}

/// What stands between marks that are not in quotes.
fn pieces(text: &str, mark: impl Fn(char) -> bool) -> Vec<&str> {
    let mut quote = None;
    let ends = |c: char| {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(_) | None => {}
        }
        quote.is_none() && mark(c)
    };
    text.split(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        [("alert", "errors > 5 %"), ("error_rate", "6.1 %"), ("severity", "1"), ("empty", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn names_are_filled_in_and_what_is_missing_says_so() {
        let each = [
            ("{{alert}} on {{ service }}", "errors > 5 % on «service missing»"),
            ("{{ error-rate }} / {{error rate}}", "6.1 % / 6.1 %"),
            ("{{ deploy-id }}{{ a.b }}", "«deploy-id missing»«a.b missing»"),
            ("{{ alert | upper }} {{ nobody | upper }}", "ERRORS > 5 % «nobody missing»"),
            (
                "{{ nobody|default(\"a | b, c\", true)|upper }} {{ alert | default('x') }}",
                "A | B, C errors > 5 %",
            ),
            ("{{ empty }}", "«empty missing»"),
            ("a {{- alert -}} b", "aerrors > 5 %b"),
            ("open {{ only", "open {{ only"),
            ("{{ \"{{\" }} {# no text #}{{ none.a.b }}", "{{ «none.a.b missing»"),
            ("<b> & \"", "<b> & \""),
            ("", ""),
        ];
        for (source, wanted) in each {
            assert_eq!(render(source, &values()).as_deref(), Ok(wanted), "{source}");
        }
    }

    #[test]
    fn what_is_known_decides_what_is_said() {
        let each = [
            ("{% if service %}x{% else %}no service{% endif %}", "no service"),
            ("{% if alert %}x{%- else %}y{% endif %} z", "x z"),
            ("{% if severity == \"1\" and not service %}page{% endif %}", "page"),
            ("{% if severity == 2 %}a{% elif severity != 1 or alert %}b{% else %}c{% endif %}", "b"),
            ("{% if service %}{% if alert %}a{% else %}b{% endif %}{% endif %}c", "c"),
        ];
        for (source, wanted) in each {
            assert_eq!(render(source, &values()).as_deref(), Ok(wanted), "{source}");
        }
    }

    #[test]
    fn what_is_no_template_says_where() {
        for (source, wanted) in [
            ("one\n{% if %}", "“” is no condition in line 2"),
            ("{{ 1 + 1 }}", "“1 + 1” is no name in line 1"),
            ("{{ }}", "“” is no name in line 1"),
            ("\n\n{{ alert | default }}", "default needs a text: default(\"none\") in line 3"),
            ("{% else %}", "else without an if in line 1"),
            ("{% endif %}", "endif without an if in line 1"),
            ("{% if alert %}{% else %}{% else %}", "else without an if in line 1"),
            ("{% if alert %}", "an if has no endif"),
        ] {
            assert_eq!(render(source, &values()), Err(wanted.to_owned()), "{source}");
        }
    }

    #[test]
    fn nothing_of_a_template_repeats_or_grows() {
        for source in [
            "{{ \"x\"|indent(9223372036854775808, true) }}",
            "{{ \"x\"|indent(99999999999999) }}",
            "{{ \"x\" * 99999999999999 }}",
            "{{ [1] * 99999999999999 }}",
            "{% set a = a ~ a %}",
            "{% with a = alert ~ alert %}{% endwith %}",
            "{% for a in range(9999) %}x{% endfor %}",
            "{{ range(99999999) }}",
            "{{ \"x\".format(1) }}",
        ] {
            assert!(render(source, &values()).is_err(), "{source}");
        }
        let long = render(&"ä{{ alert }}".repeat(2_000), &values()).unwrap();
        assert!(long.len() <= MOST + 3 && long.ends_with('…'));
        assert!(render(&"ä".repeat(LONGEST), &values()).is_err());
        assert!(render(&"{% if alert %}".repeat(DEEPEST + 1), &values()).is_err());
        assert_eq!(
            render(&"{{".repeat(LONGEST / 2), &values()).map(|text| text.len()),
            Ok(MOST + '…'.len_utf8())
        );
    }
}
