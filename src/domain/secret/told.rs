//! Credentials in what a document says in its own words: `Password: hunter3`, a webhook's address in a table, a token in YAML.

use std::sync::LazyLock;

use regex::Regex;

use super::credentials::{hidden, named, tells_where, without_bearer, without_options};
use super::forms::{FORMS, without_forms};
use super::prose::{self, without_spoken};

/// What a line has that may hold one.
static MAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = r"(?i:token|secret|passw|_pwd|api[_-]?key|private[_-]key|_key|bearer |basic |credential|authorization|hooks\.slack\.com/|/api/webhooks/|\s-u|--user|\s-p|redis-cli)";
    Regex::new(&format!(r"{names}|(?i:{})|://[^\s/:@]*:[^\s/@]+@|\b(?:{})", prose::MAY, FORMS.join("|"))).ok()
});

/// Whether `text` has anything that may be a credential: most have not.
pub fn may_hold(text: &str) -> bool {
    MAY.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// `text`, which is no command, without the credentials that stand in it. What only speaks of some (`Token: rotated weekly`) stays.
pub fn without_told(text: &str) -> String {
    if !may_hold(text) {
        return text.to_owned();
    }
    let text = without_forms(&without_bearer(&without_options(text)));
    // `password: x` in a command's words is one; in a sentence only what looks like one.
    let whole = text.clone();
    let text = named(&text, |name, value| {
        let (value, end) = value.strip_suffix('`').map_or((value, ""), |value| (value, "`"));
        let assigned = whole.contains(&format!("{name}={value}"));
        let random = looks_random(value.trim_matches(['"', '\'']));
        let stays = tells_where(name) || !(random || (assigned && is_variable(name)));
        let shown = if stays { value.to_owned() } else { hidden(value) };
        shown + end
    });
    without_spoken(&text)
}

/// `JWT_SECRET=…`: what is assigned to it is meant.
fn is_variable(name: &str) -> bool {
    name.len() > 3 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether `value` is no word, name, number or version: letters and digits in one run.
fn looks_random(value: &str) -> bool {
    let signs = |c: char| c.is_ascii_graphic();
    let named = |part: &str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        part.chars().all(char::is_alphabetic)
            || part.chars().all(|c| c.is_ascii_digit())
            || (letters.eq_ignore_ascii_case("v") && part.len() > 1)
    };
    let parts = || value.split(['-', '_', '.', '/', ':']);
    let mixed = value.contains(char::is_alphabetic) && value.contains(|c: char| c.is_ascii_digit());
    // "3600s" is a time.
    let counted = value.trim_start_matches(|c: char| c.is_ascii_digit()).len() < 4
        && value.starts_with(|c: char| c.is_ascii_digit());
    value.len() >= 6 && value.chars().all(signs) && mixed && !counted && !parts().all(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_document_in_its_own_words_is_left_out_and_what_speaks_of_it_stays() {
        for (said, shown) in [
            ("Password: hunter3", "Password: ***"),
            (
                "`DATABASE_URL=postgres://admin:hunter2@db/prod`",
                "`DATABASE_URL=postgres://admin:***@db/prod`",
            ),
            ("Set `JWT_SECRET=abcdefsecret`", "Set `JWT_SECRET=***`"),
            ("https://hooks.slack.com/services/T000/B000/XXXX", "https://hooks.slack.com/services/***"),
            ("token: xoxb-1111-2222-secret", "token: ***"),
            ("api_key: s3cr3tPass!9", "api_key: ***"),
            ("Bearer abcdefgh12", "Bearer ***"),
        ] {
            assert_eq!(without_told(said), shown);
        }
        for said in [
            "Token: rotated weekly",
            "max_tokens: 4096",
            "Set `TOKEN_LIMIT=5000`",
            "MAX_TOKENS=4096",
            "PASSWORD_MIN_LENGTH=12",
            "Secret: db-creds-1",
            "secret: my-secret-v2",
            "token_ttl: 3600s",
            "Tokens: 3600s",
            "Password: <password>",
            "JWT_SECRET=$JWT",
            "DATABASE_URL - from Secret Manager",
            "Basic functionality works",
            "Bearer authentication works",
            "Password: 12 characters",
            "[docs](https://example.com/tokens)",
        ] {
            assert_eq!(without_told(said), said);
        }
    }
}
