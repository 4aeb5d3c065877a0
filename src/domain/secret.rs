//! What may be a secret, by its name or its value: nothing of that goes to a screen, a clipboard or a file.

/// Parts of names whose values are secrets, though nothing else says so.
const PARTS: [&str; 8] = ["PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH"];

/// Whether what is called `name` may be a secret.
pub fn is_secret_name(name: &str) -> bool {
    let upper = name.to_uppercase();
    upper.contains("DSN") || PARTS.iter().any(|part| upper.contains(part))
}

/// Whether `value` is an address with somebody's credentials in it: `postgres://shop:…@db`.
pub fn holds_credentials(value: &str) -> bool {
    value.split("://").skip(1).any(|rest| {
        let who = rest.split_once('@').map(|(who, _)| who);
        who.is_some_and(|who| !who.is_empty() && (who.contains(':') || !who.contains('/')))
    })
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
        for name in ["LOG_LEVEL", "DATABASE_URL", "NEW_CART"] {
            assert!(!is_secret_name(name), "{name}");
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
