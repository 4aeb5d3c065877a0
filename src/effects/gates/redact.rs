//! Credentials in what a process writes, told by their own form or by the name before them.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::domain::secret::is_secret_in_output;

/// Credentials that issuers give a form of their own, as they and the scanners of code hosts document it.
const FORMS: [&str; 16] = [
    r"gh[pousr]_[A-Za-z0-9]{16,}",
    r"github_pat_[A-Za-z0-9_]{16,}",
    r"glpat-[A-Za-z0-9_-]{16,}",
    r"(?:AKIA|ASIA)[0-9A-Z]{12,}",
    r"AIza[0-9A-Za-z_-]{16,}",
    r"ya29\.[0-9A-Za-z._-]{8,}",
    r"GOCSPX-[0-9A-Za-z_-]{16,}",
    r"xox[a-z]-[0-9A-Za-z-]{8,}",
    r"xapp-[0-9A-Za-z-]{8,}",
    r"sk-[A-Za-z0-9_-]{16,}",
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{8,}",
    r"npm_[A-Za-z0-9]{16,}",
    r"pypi-[A-Za-z0-9_-]{16,}",
    r"hf_[A-Za-z0-9]{16,}",
    r"SG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    // A JSON web token: two parts of JSON in Base64, and a signature.
    r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?",
];

static FORM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"\b(?:{})", FORMS.join("|"))).ok());

/// `//user:pass@host`.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"://[^\s/:@]*:[^\s/@]+@").ok());

/// `NAME=value`, `"name": "value"`, `name: Bearer value`; a name in a path (`test_token::works`) is none.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let value = r#"(?:(?:bearer|basic)\s+)?(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"',;&:/}\])][^\s"',;&}\])]*)"#;
    Regex::new(&format!(r#"(?i)([A-Za-z0-9_.-]+)(["']?\s*[:=]\s*)({value})"#)).ok()
});

static BEARER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(bearer|basic)(\s+)([A-Za-z0-9._~+/=-]{8,})").ok());

/// `TOKEN=abc` becomes `TOKEN=***`, `Bearer abc` `Bearer ***`, `//user:pass@host` `//***@host`, `ghp_abc…` `***`.
pub(super) fn without_credentials(text: &str) -> String {
    let mut text = text.to_owned();
    let mut hide = |regex: &Option<Regex>, with: &dyn Fn(&Captures<'_>) -> String| {
        if let Some(regex) = regex.as_ref().filter(|regex| regex.is_match(&text)) {
            text = regex.replace_all(&text, with).into_owned();
        }
    };
    hide(&ADDRESS, &|_| "://***@".to_owned());
    hide(&BEARER, &|found| format!("{}{}***", &found[1], &found[2]));
    hide(&FORM, &|_| "***".to_owned());
    without_named(&text)
}

/// `text` without the values that stand behind a secret's name. Behind another name the next one may stand: `error: token=abc`.
fn without_named(text: &str) -> String {
    let (mut shown, mut from) = (String::new(), 0);
    while let Some(found) = NAMED.as_ref().and_then(|regex| regex.captures_at(text, from)) {
        let end = |group| found.get(group).map_or(text.len(), |part| part.end());
        let secret = is_secret_in_output(&found[1]);
        shown.push_str(text.get(from..end(2)).unwrap_or_default());
        shown.push_str(&if secret { veiled(&found[3]) } else { String::new() });
        from = end(if secret { 3 } else { 2 });
    }
    shown + text.get(from..).unwrap_or_default()
}

/// A value without what it says; a scheme and quotes stay.
fn veiled(value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    let scheme = ["bearer", "basic"].iter().find(|scheme| {
        lower.strip_prefix(**scheme).is_some_and(|rest| rest.starts_with(char::is_whitespace))
    });
    if let Some(scheme) = scheme {
        return format!("{} ***", value.get(..scheme.len()).unwrap_or_default());
    }
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => format!("{quote}***{quote}"),
        _ => "***".to_owned(),
    }
}

/// A private key in PEM spans lines (RFC 7468): from its beginning to its end nothing of it is kept.
#[derive(Debug, Default)]
pub(super) struct KeyBlock {
    inside: bool,
}

impl KeyBlock {
    /// Whether `line` is of such a block, but for its first and last line.
    pub(super) fn hides(&mut self, line: &str) -> bool {
        if line.contains("-----BEGIN ") && line.contains("PRIVATE KEY") {
            self.inside = !line.contains("-----END ");
            return !self.inside;
        }
        if line.contains("-----END ") {
            self.inside = false;
        }
        self.inside
    }

    /// Whether a line that is not whole yet is inside of one.
    pub(super) fn is_open(&self) -> bool {
        self.inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_by_their_form() {
        for secret in [
            "ghp_aBcD1234aBcD1234aBcD1234aBcD1234aBcD",
            "glpat-aaaaBBBBcccc1111dddd",
            "AKIAQWERTYUIOPASDFGH",
            "AIzaQwErTyUiOpAsDfGhJkLzXcVbNm123456789",
            "ya29.a0AbCdEfGhIjKl",
            "xoxb-12345678-abcdefgh",
            "sk-proj-aaaabbbbccccdddd1111",
            "eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl",
        ] {
            assert_eq!(without_credentials(&format!("got {secret} from it")), "got *** from it", "{secret}");
        }
        for plain in [
            "risk-of-a-long-and-dull-name-here",
            "task-1",
            "eyJust",
            "the desk-top sk-1",
            "sha256:97c7f2e9a0",
        ] {
            assert_eq!(without_credentials(plain), plain);
        }
    }

    #[test]
    fn credentials_are_told_by_the_name_before_them() {
        for (said, shown) in [
            (
                "TOKEN=abc API_KEY: xyz Authorization: Bearer e.a.b ok",
                "TOKEN=*** API_KEY: *** Authorization: Bearer *** ok",
            ),
            (
                r#"{"token":"tok_live","client_secret": "zzz", "id": 7}"#,
                r#"{"token":"***","client_secret": "***", "id": 7}"#,
            ),
            ("https://x/y?access_token=abc123&v=2", "https://x/y?access_token=***&v=2"),
            ("postgres://u:p@db/x http://a@b", "postgres://***@db/x http://a@b"),
            ("sent bearer abcdefgh12", "sent bearer ***"),
            ("test_token::works token", "test_token::works token"),
            ("token: ok?", "token: ***"),
            ("error: token=abc, key=3 passed: 12", "error: token=***, key=3 passed: 12"),
            ("test_key=ok STRIPE_KEY=abc", "test_key=ok STRIPE_KEY=***"),
            ("the token is fresh, secrets/ is empty", "the token is fresh, secrets/ is empty"),
            ("basic checks passed", "basic checks passed"),
        ] {
            assert_eq!(without_credentials(said), shown);
        }
    }

    #[test]
    fn nothing_inside_of_a_private_key_is_kept() {
        let mut block = KeyBlock::default();
        let lines = ["a", "-----BEGIN PRIVATE KEY-----", "MIIE", "vQIB", "-----END PRIVATE KEY-----", "b"];
        assert_eq!(lines.map(|line| block.hides(line)), [false, false, true, true, false, false]);
        assert!(
            block.hides("-----BEGIN PRIVATE KEY----- MIIE -----END PRIVATE KEY-----") && !block.is_open()
        );
    }
}
