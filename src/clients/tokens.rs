//! Tokens and client secrets of Google in what another side told, known by how they begin: an answer may repeat what it was
//! asked with, or what it was about to give.

use std::sync::LazyLock;

use regex::Regex;

/// An access token, a client secret, a refresh token, a signed token, as Google's documents and the scanners of code hosts
/// know them.
static FORM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:ya29\.|GOCSPX-|1//0|eyJ)[A-Za-z0-9._~+/=-]{6,}").ok());

/// What stands in their place.
pub(super) const HIDDEN: &str = "[token]";

/// `text` without them.
pub(super) fn without(text: &str) -> String {
    FORM.as_ref().map_or_else(|| text.to_owned(), |form| form.replace_all(text, HIDDEN).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_hidden_wherever_they_stand_and_nothing_else_is() {
        for (told, shown) in [
            (r#"{"access_token":"ya29.a0AfB_by-x9","n":1}"#, r#"{"access_token":"[token]","n":1}"#),
            ("client GOCSPX-aB3_dE-f9 is unknown", "client [token] is unknown"),
            ("refresh 1//0gAbCdEf-_x, signed eyJhbGciOi.eyJzdWIi.c2ln", "refresh [token], signed [token]"),
            (
                "http://127.0.0.1//x, ya29, GOCSPX- and eyJust",
                "http://127.0.0.1//x, ya29, GOCSPX- and eyJust",
            ),
        ] {
            assert_eq!(without(told), shown);
        }
    }
}
