//! Secrets and values that may be secret: the config names where one is found and never holds it.

use std::path::Path;

use toml::Spanned;
use toml::de::DeTable;
use url::Url;

use super::problem::suggestion;
use super::section::{Node, Section};
use crate::domain::room::{SecretRef, Value};

const PLACES: [&str; 3] = ["env", "file", "command"];

const NEXT: &str =
    "write { env = \"NAME\" }, { file = \"PATH\" } or { command = [\"program\", \"argument\"] }";

/// Query parameters that hold a secret whatever the service.
const SECRET_PARAMETERS: [&str; 7] =
    ["token", "access_token", "auth_token", "api_key", "apikey", "secret", "password"];

/// The secret that `key` points at.
pub(super) fn secret(section: &Section<'_>, key: &'static str, base: &Path) -> Option<SecretRef> {
    let node = section.node(key)?;
    from_node(section, &section.dotted(key), node, base)
}

/// A value of a free table, such as a header: plain, or from elsewhere.
pub(super) fn header(section: &Section<'_>, name: &str, node: &Node<'_>, base: &Path) -> Option<Value> {
    if node.get_ref().is_table() || is_secret_header(name) {
        return from_node(section, &section.dotted(name), node, base).map(Value::Secret);
    }
    section.entry_text("headers", name, node).map(Value::Plain)
}

/// A URL that may hold a password, and so may come from elsewhere.
pub(super) fn url_value(section: &Section<'_>, key: &'static str, schemes: &[&str], base: &Path) -> Value {
    match section.node(key) {
        Some(node) if node.get_ref().is_table() => {
            let found = from_node(section, &section.dotted(key), node, base);
            found.map_or_else(|| Value::Plain(String::new()), Value::Secret)
        }
        _ => Value::Plain(url(section, key, schemes)),
    }
}

/// A URL of one of `schemes` that holds no secret.
pub(super) fn url(section: &Section<'_>, key: &'static str, schemes: &[&str]) -> String {
    let scheme = schemes.first().copied().unwrap_or_default();
    let example = format!("write {scheme}://host:port/path");
    let text = section.required(key, &example);
    if text.is_empty() {
        return text;
    }
    // The value itself is not repeated: it may hold a password.
    let what = format!("`{}` is not usable", section.dotted(key));
    match Url::parse(&text) {
        Err(error) => section.wrong(key, &what, &format!("it is no URL: {error}"), &example),
        Ok(url) if !schemes.contains(&url.scheme()) => {
            section.wrong(key, &what, &format!("its scheme is {}", url.scheme()), &example);
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => {
            section.wrong(key, &what, "it names no host", &example);
        }
        Ok(url) if url.password().is_some() || has_secret_parameter(&url) => {
            section.wrong(key, &what, "a secret stands in it, and none may stand in this file", NEXT);
        }
        Ok(_) => {}
    }
    text
}

fn has_secret_parameter(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| {
        !value.is_empty() && SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
    })
}

fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "authorization" | "proxy-authorization" | "cookie")
        || ["token", "secret", "api-key", "apikey", "password"].iter().any(|part| name.contains(part))
}

fn from_node(section: &Section<'_>, name: &str, node: &Node<'_>, base: &Path) -> Option<SecretRef> {
    let problems = section.problems;
    let Some(table) = node.get_ref().as_table() else {
        let what = format!("`{name}` is written in plain");
        problems.add(&node.span(), &what, "a secret never stands in this file", NEXT);
        return None;
    };
    for (key, _) in table.iter().filter(|(key, _)| !PLACES.contains(&key.get_ref().as_ref())) {
        let what = format!("unknown key `{name}.{}`", key.get_ref());
        problems.add(
            &key.span(),
            &what,
            "a secret has one of env, file, command",
            &suggestion(key.get_ref(), &PLACES),
        );
    }
    let found = place(table, base);
    if found.is_none() || table.len() != 1 {
        let what = format!("`{name}` does not say where the secret is");
        problems.add(&node.span(), &what, "it needs exactly one place", NEXT);
    }
    found
}

fn place(table: &DeTable<'_>, base: &Path) -> Option<SecretRef> {
    let text = |key| table.get(key).and_then(|node| node.get_ref().as_str()).filter(|text| !text.is_empty());
    if let Some(name) = text("env") {
        return Some(SecretRef::Env(name.to_owned()));
    }
    if let Some(path) = text("file") {
        return Some(SecretRef::File(base.join(path)));
    }
    let words = table.get("command").map(Spanned::get_ref)?.as_array()?;
    let words: Option<Vec<String>> =
        words.iter().map(|word| word.get_ref().as_str().map(str::to_owned)).collect();
    words.filter(|words| words.first().is_some_and(|program| !program.is_empty())).map(SecretRef::Command)
}
