//! What may be a secret, by its name or its value: nothing of that goes to a screen, a clipboard or a file.
//!
//! A name is asked for in two places. Where a value is kept under it (a variable, a field, a parameter) every name that may be
//! that of a secret counts: hiding one too many costs nothing. In what a program prints, names stand before numbers and results
//! that are the evidence of a gate (`passed: 12`, `author: ann`, `key=3`, `test_key=ok`): there it must be said plainly.

mod credentials;
mod forms;
mod prose;
mod told;

pub use self::credentials::{without_credentials, without_given};
pub use self::forms::{HIDDEN, without_forms};
pub use self::told::{may_hold, without_told};

/// Parts of names whose values are secrets, though nothing else says so.
const PARTS: [&str; 9] = ["PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "DSN"];

/// Parts that say it plainly, in any text.
const PLAIN: [&str; 11] = [
    "token",
    "secret",
    "password",
    "passwd",
    "apikey",
    "api_key",
    "api-key",
    "private_key",
    "private-key",
    "authorization",
    "credential",
];

/// Ends that say it.
const ENDS: [&str; 2] = ["_dsn", "_pwd"];

/// Whether what is kept under `name` may be a secret.
pub fn is_secret_name(name: &str) -> bool {
    let upper = name.to_uppercase();
    // The folder that a shell is in, and was.
    !["PWD", "OLDPWD"].contains(&upper.as_str()) && PARTS.iter().any(|part| upper.contains(part))
}

/// Whether `name` before a `=` or `:` in a program's output says that a secret follows.
pub fn is_secret_in_output(name: &str) -> bool {
    let lower = name.to_lowercase();
    PLAIN.iter().any(|part| lower.contains(part))
        || ENDS.iter().any(|end| lower.ends_with(end))
        // `test_key: ok` is the result of a test.
        || lower.ends_with("_key") && !lower.starts_with("test_")
}

/// Whether `value` is an address with somebody's credentials in it: `postgres://shop:…@db`.
pub fn holds_credentials(value: &str) -> bool {
    value.split("://").skip(1).any(|rest| {
        let who = rest.split_once('@').map(|(who, _)| who);
        who.is_some_and(|who| !who.is_empty() && (who.contains(':') || !who.contains('/')))
    })
}

/// `text` without the values of parameters that may be secrets: `GET /ws?access_token=…`.
pub fn without_parameters(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['?', '&']) {
        let (before, after) = rest.split_at(at + 1);
        let end =
            after.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(after.len());
        let (name, behind) = after.split_at(end);
        shown.push_str(before);
        shown.push_str(name);
        rest = behind;
        if let Some(value) = behind.strip_prefix('=').filter(|_| is_secret_name(name)) {
            shown.push_str("=…");
            rest = value.trim_start_matches(|c: char| !(c.is_whitespace() || "&\"'#<>,;)".contains(c)));
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_told_by_its_name_or_its_value() {
        for name in
            ["DB_PASS", "SMTP_PWD", "BASIC_AUTH", "PRIVATE_PEM", "api_key", "SENTRY_DSN", "Authorization"]
        {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["LOG_LEVEL", "DATABASE_URL", "NEW_CART", "PWD"] {
            assert!(!is_secret_name(name), "{name}");
        }
        for name in [
            "api_key",
            "client_secret",
            "SIGNING_KEY",
            "DB_PWD",
            "Authorization",
            "SSH_PRIVATE_KEY_B64",
            "private_key_pem",
            "private_key_id",
            "TEST_DB_PWD",
            "test_dsn",
        ] {
            assert!(is_secret_name(name) && is_secret_in_output(name), "{name}");
        }
        for result in ["passed", "author", "key", "test_key"] {
            assert!(is_secret_name(result) && !is_secret_in_output(result), "{result}: evidence of a gate");
        }
        for (text, shown) in [
            ("GET 101 /ws?v=2&access_token=e30.x-y_z 0.1s", "GET 101 /ws?v=2&access_token=… 0.1s"),
            ("see https://a.example/?key=abc, then?", "see https://a.example/?key=…, then?"),
            ("how? why & when = 3", "how? why & when = 3"),
        ] {
            assert_eq!(without_parameters(text), shown);
        }
        for (value, wanted) in [
            ("postgres://shop:hunter2@db/orders", true),
            ("a://x, postgres://shop:hun/ter2@db/orders", true),
            ("https://public@errors.example/1", true),
            ("https://api.example/v1", false),
            ("https://api.example/people/ann@example.com", false),
            ("ann@example.com", false),
        ] {
            assert_eq!(holds_credentials(value), wanted, "{value}");
        }
    }
}
