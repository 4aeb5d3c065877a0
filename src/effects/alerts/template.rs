//! Templates: texts with `{{names}}`, of the config and of documents. A name that is not known is shown as missing, in its
//! place; it never leaves a gap that reads as if there were nothing to say.

use minijinja::{Environment, UndefinedBehavior, Value};

use crate::domain::alert::Values;

/// Steps that a template may take, and bytes that it may make.
const FUEL: u64 = 100_000;
const MOST: usize = 16 * 1024;

/// Fills in `source`.
///
/// # Errors
/// It is no template: in words, with the line.
pub fn render(source: &str, values: &Values) -> Result<String, String> {
    let (source, renamed) = prepared(source);
    let mut all = values.clone();
    // What is written with blanks or dashes, as documents do, is the name with underscores.
    all.extend(renamed.into_iter().filter_map(|name| Some((name.clone(), values.get(&name)?.clone()))));
    let mut environment = Environment::new();
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
    format!("{open} {known} | default(\"«{name} missing»\", true){filters} {close}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        [("alert", "errors > 5 %"), ("error_rate", "6.1 %"), ("empty", "")]
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
            ("{{ empty }}", "«empty missing»"),
            ("{% if service %}x{% else %}no service{% endif %}", "no service"),
            ("a {{- alert -}} b", "aerrors > 5 %b"),
            ("open {{ only", "open {{ only"),
            ("{{ 1 + 1 }} {{ none.a.b }}", "2 «none.a.b missing»"),
            ("<b> & \"", "<b> & \""),
            ("", ""),
        ];
        for (source, wanted) in each {
            assert_eq!(render(source, &values()).as_deref(), Ok(wanted), "{source}");
        }
    }

    #[test]
    fn what_is_no_template_says_where_and_one_that_never_ends_is_ended() {
        let error = render("one\n{% if %}", &values()).unwrap_err();
        assert!(error.contains("line 2"), "{error}");
        assert!(
            render(
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                &values()
            )
            .is_err()
        );
        let long = render("{% for a in range(9000) %}äääää{% endfor %}", &values()).unwrap();
        assert!(long.len() <= MOST + 3 && long.ends_with('…'));
    }
}
