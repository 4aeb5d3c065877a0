//! Credentials that issuers give a form of their own, as they and the scanners of code hosts document it: one list for all that
//! is shown, recorded, reported or quoted.

use std::sync::LazyLock;

use regex::Regex;

/// What stands in the place of a credential.
pub const HIDDEN: &str = "***";

/// The forms, without what may stand before them.
pub(super) const FORMS: [&str; 17] = [
    r"gh[pousr]_[A-Za-z0-9]{16,}",
    r"github_pat_[A-Za-z0-9_]{16,}",
    r"glpat-[A-Za-z0-9_-]{16,}",
    r"(?:AKIA|ASIA)[0-9A-Z]{12,}",
    r"AIza[0-9A-Za-z_-]{16,}",
    // Google's access tokens, client secrets and refresh tokens.
    r"ya29\.[0-9A-Za-z._~+/=-]{6,}",
    r"GOCSPX-[0-9A-Za-z_-]{6,}",
    r"1//0[0-9A-Za-z._~+/=-]{6,}",
    r"xox[a-z]-[0-9A-Za-z-]{8,}",
    r"xapp-[0-9A-Za-z-]{8,}",
    r"sk-[A-Za-z0-9_-]{16,}",
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{8,}",
    r"npm_[A-Za-z0-9]{16,}",
    r"pypi-[A-Za-z0-9_-]{16,}",
    r"hf_[A-Za-z0-9]{16,}",
    r"SG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    // A JSON web token: two parts of JSON in Base64, and a signature; or what is left of one that was cut.
    r"eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_=+/-]*)*",
];

static FORM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"\b(?:{})", FORMS.join("|"))).ok());

/// `text` without them.
pub fn without_forms(text: &str) -> String {
    let form = FORM.as_ref().filter(|form| form.is_match(text));
    form.map_or_else(|| text.to_owned(), |form| form.replace_all(text, HIDDEN).into_owned())
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
            "ya29.c0ASRK",
            "GOCSPX-q1W2e3R4",
            "1//0gAbCdEf-_x",
            "xoxb-12345678-abcdefgh",
            "sk-proj-aaaabbbbccccdddd1111",
            "eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl",
            "eyJhbGciOiJIUzI1NiJ9",
        ] {
            assert_eq!(without_forms(&format!("got {secret} from it")), "got *** from it", "{secret}");
        }
        assert_eq!(
            without_forms(r#"{"access_token":"ya29.a0AfB_by-x9","n":1}"#),
            r#"{"access_token":"***","n":1}"#
        );
        for plain in [
            "risk-of-a-long-and-dull-name-here",
            "task-1",
            "http://127.0.0.1//x, ya29, GOCSPX- and eyJust",
            "the desk-top sk-1",
            "sha256:97c7f2e9a0",
        ] {
            assert_eq!(without_forms(plain), plain);
        }
    }
}
