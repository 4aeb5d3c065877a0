//! Templates: texts with `{{names}}`, of the config and of documents. A name that is not known is shown as missing, in its
//! place; it never leaves a gap that reads as if there were nothing to say.

use minijinja::{Environment, UndefinedBehavior, Value, filters};

use crate::domain::alert::Values;

/// Steps that a template may take.
const FUEL: u64 = 100_000;

/// Bytes of a template, and of what it makes.
const LONGEST: usize = 32 * 1024;
const MOST: usize = 16 * 1024;

/// Signs by which a text could grow, repeat or compute. Nothing bounds the memory that a step takes, and the templates of
/// documents are outside text.
const GROWS: [char; 8] = ['~', '*', '+', '[', '{', '/', '%', '^'];

/// Fills in `source`.
///
/// # Errors
/// It is no template: in words, with the line.
pub fn render(source: &str, values: &Values) -> Result<String, String> {
    if source.len() > LONGEST {
        return Err(format!("it is longer than {} KiB", LONGEST / 1024));
    }
    let (source, renamed) = prepared(source);
    harmless(&source)?;
    let mut all = values.clone();
    // What is written with blanks or dashes, as documents do, is the name with underscores.
    all.extend(renamed.into_iter().filter_map(|name| Some((name.clone(), values.get(&name)?.clone()))));
    let mut environment = Environment::empty();
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("default", filters::default);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() || value.is_none() {
            return Ok(out.write_str("«missing»")?);
        }
        minijinja::escape_formatter(out, state, value)
    });
    let told = |error: minijinja::Error| {
        let line = error.line().map_or_else(String::new, |line| format!(" in line {line}"));
        format!("{}{line}", error.detail().unwrap_or("it cannot be read"))
    };
    let mut text = environment.render_str(&source, Value::from_pairs(all)).map_err(told)?;
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    Ok(text)
}

/// Each `{{ name }}` says itself when it is missing: `{{ name | default("«name missing»", true) }}`. Answers with the names
/// that had to be written otherwise.
fn prepared(source: &str) -> (String, Vec<String>) {
    let (mut out, mut names) = (String::with_capacity(source.len() * 2), Vec::new());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inner, tail)) = after.split_once("}}") else {
            // Not closed: it is text.
            out.push_str("{{ \"{{\" }}");
            rest = after;
            continue;
        };
        out.push_str("{{");
        out.push_str(&expression(inner, &mut names));
        out.push_str("}}");
        rest = tail;
    }
    out.push_str(rest);
    (out, names)
}

fn expression(inner: &str, names: &mut Vec<String>) -> String {
    let (head, filters) =
        inner.split_once('|').map_or((inner, None), |(head, filters)| (head, Some(filters)));
    // `{{-` and `-}}` take the blanks around them away.
    let open = if head.starts_with('-') { "-" } else { "" };
    let close = if filters.is_none() && head.len() > 1 && head.ends_with('-') { "-" } else { "" };
    let name = head.trim_matches('-').trim();
    let plain = |c: char| c.is_alphanumeric() || "_. -/".contains(c);
    if name.is_empty() || !name.chars().all(plain) || name.starts_with(|c: char| c.is_numeric() || c == '.') {
        return inner.to_owned();
    }
    let known = name.chars().map(|c| if " -/".contains(c) { '_' } else { c }).collect::<String>();
    if known != name {
        names.push(known.clone());
    }
    let filters = filters.map_or_else(String::new, |filters| format!("|{filters}"));
    // A template's own word for what is missing goes before ours.
    let own = filters.trim_start_matches(['|', ' ']).starts_with("default");
    let missing = if own { String::new() } else { format!("| default(\"«{name} missing»\", true)") };
    format!("{open} {known} {missing}{filters} {close}")
}

/// Refuses what is more than naming values and choosing between texts.
fn harmless(source: &str) -> Result<(), String> {
    let mut rest = source;
    while let Some(at) = rest.find("{%").into_iter().chain(rest.find("{{")).min() {
        let (tag, tail) = rest.split_at_checked(at + 2).unwrap_or((rest, ""));
        let (is_block, end) = if tag.ends_with("{%") { (true, "%}") } else { (false, "}}") };
        let Some((inner, after)) = tail.split_once(end) else { return Ok(()) };
        let plain = without_texts(inner);
        let words = plain.trim_matches(|c: char| c == '-' || c.is_whitespace());
        let first = words.split_whitespace().next().unwrap_or_default();
        if is_block && !["if", "elif", "else", "endif"].contains(&first) {
            return Err(format!("“{first}” is not for templates here; they name values and choose with if"));
        }
        if let Some(sign) = plain.chars().find(|c| GROWS.contains(c)) {
            return Err(format!("“{sign}” is not for templates here; they name values and choose with if"));
        }
        rest = after;
    }
    Ok(())
}

/// The inside of a tag without the texts in quotes that stand in it.
fn without_texts(inner: &str) -> String {
    let (mut plain, mut quote) = (String::new(), None);
    for c in inner.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => plain.push(c),
        }
    }
    plain
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
            ("{{ alert | upper }} {{ nobody | upper }}", "ERRORS > 5 % «NOBODY MISSING»"),
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
            ("one\n{% if %}", "line 2"),
            ("{{ 1 + 1 }}", "“+” is not for templates here"),
            ("{{ }}", "line 1"),
            ("{% else %}", "line 1"),
            ("{% endif %}", "line 1"),
            ("{% if alert %}{% else %}{% else %}", "line 1"),
            ("{% if alert %}", "line 1"),
            ("{% set a = 1 %}", "“set” is not for templates here"),
        ] {
            let error = render(source, &values()).unwrap_err();
            assert!(error.contains(wanted), "{source}: {error}");
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
        assert_eq!(
            render(&"{{".repeat(LONGEST / 2), &values()).map(|text| text.len()),
            Ok(MOST + '…'.len_utf8())
        );
    }
}
