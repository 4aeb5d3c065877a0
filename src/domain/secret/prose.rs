//! Passwords and PINs in sentences: `Login with root / Hunter2024!`, `the password is Sommer2024`, `PIN 4711`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::credentials::hidden;

/// A password behind its name, also without a colon: only what looks like one counts then.
static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = r"\bpass(?:word|wort|wd|code|phrase)|\bkennwort|\bpwd?|\bmot de passe|\bmdp|\bcontraseña|\bsenha|密码|密碼|口令|パスワード";
    let leads = r"\s*(?::|：|=|は|为|是)\s*|\s+(?:is|ist|lautet|est|es|é|of|to)\s+:?\s*|\s+";
    Regex::new(&format!(r#"(?i)((?:{names})(?:{leads}))([`"']?)([^\s`"',;，；。）)]+)"#)).ok()
});

/// Who logs in, and with what: `log in as admin / s3cr3t`.
static LOGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // The act is a word of its own, and so is the account: `login-api`, `docs/login-v2` are names.
    let begin = r#"(?:^|[\s`"'(（\[|*>,;:，；：。])"#;
    let acts = r"(?:log[ -]?(?:in|on)|sign[ -]?in|login|anmelden|einloggen|anmeldung|connexion|se connecter|iniciar sesión|entrar)";
    let with = r"(?:\s+(?:with|as|using|user|to|mit|als|avec|con|como|com|the|account|credentials))*(?:\s*[:：]\s*|\s+)";
    Regex::new(&format!(r#"(?i)({begin}{acts}{with}[`"']?[\w.@-]+[`"']?\s*[/:]\s*)([`"']?)([^\s`"',;）)]+)"#))
        .ok()
});

/// A PIN: `PIN 4711`, `pin code: 4711`; `pin 2024` may well pin something.
static PIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let named = r"\bPIN(?:[ -]?(?:code|number|nummer|Code|Nummer))?\s*(?:[:=：]|is|ist|lautet|est|es)?\s*";
    let other = r"\b(?:[Pp]in)(?:[ -](?:code|number|nummer)\s*[:=：]?|\s*[:=：])\s*";
    Regex::new(&format!(r"({named}|{other})(\d{{4,8}})\b")).ok()
});

/// What a line has in which one of these may stand, for an expression without case.
pub(super) const MAY: &str = r"passw|passc|passp|kennwort|\bpwd?\b|mot de passe|\bmdp\b|contraseña|senha|密码|密碼|口令|パスワード|log[ -]?[io]n|sign[ -]?in|anmeld|einlogg|connexion|connecter|iniciar sesi|entrar|\bpin\b";

/// Methods and names that look like a password behind such a word and are none.
const KNOWN: [&str; 14] = [
    "sha",
    "bcrypt",
    "argon",
    "md5",
    "base64",
    "pbkdf",
    "oauth",
    "1password",
    "2fa",
    "http",
    "v1",
    "v2",
    "utf",
    "totp",
];

/// Accounts behind which, with a slash, comes what opens them.
const ACCOUNTS: [&str; 6] = ["root", "admin", "administrator", "postgres", "sa", "superuser"];

/// Roles and groups that may stand behind a slash, too.
const ROLES: [&str; 12] = [
    "admin",
    "administrator",
    "root",
    "user",
    "users",
    "editor",
    "viewer",
    "guest",
    "operator",
    "sudo",
    "owner",
    "superuser",
];

/// `text` without them.
pub(super) fn without_spoken(text: &str) -> String {
    let mut text = text.to_owned();
    let mut hide = |regex: &Option<Regex>, is_one: &dyn Fn(&Captures<'_>) -> bool| {
        if let Some(regex) = regex.as_ref().filter(|regex| regex.is_match(&text)) {
            let with = |found: &Captures<'_>| {
                let (value, end) = split_end(&found[3]);
                let shown = if is_one(found) { hidden(value) } else { value.to_owned() };
                format!("{}{}{shown}{end}", &found[1], &found[2])
            };
            text = regex.replace_all(&text, with).into_owned();
        }
    };
    hide(&PASSWORD, &|found| looks_chosen(split_end(&found[3]).0));
    hide(&LOGIN, &|found| {
        let value = split_end(&found[3]).0;
        let before = found[1].trim_end_matches([' ', '/', ':', '`', '"', '\'']).to_lowercase();
        let account = before.rsplit([' ', '`', '"', '\'']).next().unwrap_or_default();
        let alone = ACCOUNTS.contains(&account) && found[1].contains(" / ");
        if is_path_or_measure(value) {
            return false;
        }
        looks_chosen(value) || (alone && !ROLES.contains(&&*value.to_lowercase()) && value.len() > 2)
    });
    let Some(regex) = PIN.as_ref().filter(|regex| regex.is_match(&text)) else { return text };
    regex
        .replace_all(&text, |found: &Captures<'_>| format!("{}{}", &found[1], hidden(&found[2])))
        .into_owned()
}

/// The value, and the mark that ends its sentence.
fn split_end(value: &str) -> (&str, &str) {
    let kept = value.trim_end_matches(['.', ':', '?']);
    value.split_at(kept.len())
}

/// Whether it is a path, or says how much or how fast: `pull/123`, `p95<300ms`, `p95=300ms`.
fn is_path_or_measure(value: &str) -> bool {
    let last = value.rsplit(['=', ':', '~']).next().unwrap_or_default();
    let unit = last.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let measure = unit.len() < last.len()
        && ["ms", "s", "sec", "min", "h", "d", "%", "kb", "mb", "gb", "rps", "x"]
            .contains(&&*unit.to_lowercase());
    value.contains(['/', '<', '>', '≤', '≥']) || measure
}

/// Whether it is no word of a sentence: letters with digits, or with a sign that ends no sentence.
fn looks_chosen(value: &str) -> bool {
    let lower = value.to_lowercase();
    let letters = value.contains(char::is_alphabetic);
    let digits = value.contains(|c: char| c.is_ascii_digit());
    let signs = value.contains(['!', '#', '$', '%', '^', '&', '*', '@', '+']);
    // "3600s", "12-character", "8+" say how long it is; "/etc/shadow2", "a@b.example" where it lies, or whose it is.
    let counted = value.starts_with(|c: char| c.is_ascii_digit())
        && value
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start_matches(['-', '+'])
            .chars()
            .all(char::is_alphabetic);
    let elsewhere = value.contains("://") || value.starts_with(['/', '.', '@', '#', '(', '-', '*']);
    let mail = value.split_once('@').is_some_and(|(_, host)| host.contains('.'));
    let known = KNOWN.iter().any(|known| lower.starts_with(known));
    let long = value.chars().count() >= 4 && value.is_ascii();
    long && letters && (digits || signs) && !counted && !elsewhere && !mail && !known
}

#[cfg(test)]
mod tests {
    use crate::domain::secret::without_told;

    #[test]
    fn passwords_and_pins_in_sentences_are_left_out_and_what_speaks_of_them_stays() {
        for (said, shown) in [
            ("Login with root / Hunter2024!", "Login with root / ***"),
            ("Login with root / toor", "Login with root / ***"),
            ("Login: admin / Hunter2024!", "Login: admin / ***"),
            ("Then (login admin:Hunter2024!)", "Then (login admin:***)"),
            ("Log in as admin/s3cr3t!", "Log in as admin/***"),
            ("Password is hunter2", "Password is ***"),
            ("The password is Sommer2024!", "The password is ***"),
            ("user admin, password hunter2.", "user admin, password ***."),
            ("pw: abc123!", "pw: ***"),
            ("Passwort lautet Sommer2024", "Passwort lautet ***"),
            ("mot de passe : Soleil2024", "mot de passe : ***"),
            ("contraseña: Verano2024", "contraseña: ***"),
            ("密码：Abc12345", "密码：***"),
            ("パスワード：Abc12345", "パスワード：***"),
            ("PIN 4711", "PIN ***"),
            ("Enter PIN 123456 at the door", "Enter PIN *** at the door"),
            ("pin code: 4711", "pin code: ***"),
        ] {
            assert_eq!(without_told(said), shown);
        }
        for said in [
            "Pin the version 1.2.3",
            "pin 2024 as the base image",
            "PIN pad works",
            "Password reset works",
            "Password is rotated weekly",
            "Password is at least 12 characters",
            "Passwords are hashed with SHA256",
            "password sha256-hashed",
            "Password: 12 characters",
            "Password in 1Password",
            "Password <see vault>",
            "Login with root / admin works",
            "Log in as admin/editor roles",
            "Login with Google / GitHub works",
            "Log in to https://admin.example.com:8443/console2",
            "Login page p95: < 300ms",
            "Log in: 2xx and no error",
            "Sign-in rate: 99.9%",
            "Login success rate / p95 stable",
            "eu.example/shop/login-api@sha256:ab12cd34",
            "login-api@sha256:ab12cd34",
            "https://github.com/acme/login-service/pull/123",
            "docs/login-v2/readme2.md",
            "login-v2/readme2.md",
            "Login success: p95<300ms",
            "Login success: p95=300ms",
        ] {
            assert_eq!(without_told(said), said);
        }
    }
}
