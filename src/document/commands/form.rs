//! What cannot be run as it stands: placeholders left in, prose, output.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::document::beginning;
use crate::document::needles::Needles;

/// The placeholder in `text`, if it has one: `<name>`, `{{name}}`, `[region]`, `YOUR_…`, `…`, `____`.
pub(super) fn placeholder(text: &str) -> Option<String> {
    let text = &*without_usage(text);
    angle(text)
        .or_else(|| braces(text))
        .or_else(|| square(text))
        .or_else(|| dots(text))
        .or_else(|| word(text))
        .or_else(|| blank(text))
}

/// `_____`, as on a form.
fn blank(text: &str) -> Option<String> {
    let at = text.find("___")?;
    let rest = text.get(at..)?;
    let length = rest.len() - rest.trim_start_matches('_').len();
    let name = |c: char| c.is_alphanumeric();
    let glued =
        before(text, at).is_some_and(name) || rest.get(length..).is_some_and(|rest| rest.starts_with(name));
    (length > 3 || !glued).then(|| "_".repeat(length.min(8)))
}

/// Without what a script says of how it is called: `echo "Usage: $0 <version>"` fills in nothing.
fn without_usage(text: &str) -> Cow<'_, str> {
    static USAGE: LazyLock<Needles> = LazyLock::new(|| Needles::of(&["usage"]));
    if !USAGE.are_in(text) {
        return Cow::Borrowed(text);
    }
    let begin = text.trim_start().trim_start_matches("function ");
    if text.contains('\n') && (begin.starts_with("usage") || begin.starts_with("print_usage")) {
        return Cow::Borrowed("");
    }
    let says = |line: &&str| {
        let lower = line.to_lowercase();
        lower.contains("usage:")
            && ["echo", "printf", "die", "cat", "fail"].iter().any(|word| lower.contains(word))
    };
    Cow::Owned(text.lines().filter(|line| !says(line)).collect::<Vec<_>>().join("\n"))
}

fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// `<name>`; not a redirection (`<in >out`), a here-document, a process substitution or a tag of HTML.
fn angle(text: &str) -> Option<String> {
    const TAGS: [&str; 16] = [
        "a", "b", "body", "br", "div", "h1", "h2", "head", "html", "meta", "p", "script", "span", "table",
        "title", "xml",
    ];
    for (at, _) in text.match_indices('<') {
        let rest = text.get(at + 1..)?;
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') || before(text, at) == Some('<') {
            continue;
        }
        let Some(end) = beginning(rest, 62).find(['>', '\n', '<']) else { continue };
        let (inside, closes) = (rest.get(..end)?, rest.get(end..)?.starts_with('>'));
        let fits = inside.chars().all(|c| c.is_alphanumeric() || " _-./:|,@'#".contains(c));
        if closes && fits && !inside.ends_with(' ') && !TAGS.contains(&inside.to_lowercase().as_str()) {
            return Some(format!("<{inside}>"));
        }
    }
    None
}

/// `{{name}}` and `${{ name }}`; not a template of Go (`{{.Names}}`).
fn braces(text: &str) -> Option<String> {
    for (at, _) in text.match_indices("{{") {
        let rest = text.get(at + 2..)?;
        let Some(end) = beginning(rest, 84).find("}}") else { continue };
        let inside = rest.get(..end)?.trim().trim_matches('-').trim();
        let first = inside.split([' ', '.', '(']).next().unwrap_or_default();
        let go = inside.starts_with(['.', '$', '"', '`', '('])
            || matches!(
                first,
                "range"
                    | "json"
                    | "end"
                    | "if"
                    | "else"
                    | "printf"
                    | "len"
                    | "index"
                    | "println"
                    | "with"
                    | "eq"
                    | "join"
                    | "upper"
                    | "lower"
                    | "split"
                    | "title"
            );
        if !go && !inside.is_empty() {
            return Some(format!("{{{{{inside}}}}}"));
        }
    }
    None
}

/// `[region]` where a value stands; not a pattern (`[a-z]`), a test, an index or an extra (`pkg[dev]`).
fn square(text: &str) -> Option<String> {
    for (at, _) in text.match_indices('[') {
        let rest = text.get(at + 1..)?;
        let stands = before(text, at).is_none_or(|c| c.is_whitespace() || "=/:-@\"'".contains(c));
        let Some(end) = beginning(rest, 44).find([']', '\n', '[']).filter(|end| (3..=40).contains(end))
        else {
            continue;
        };
        let inside = rest.get(..end)?;
        let closes = rest.get(end..)?.starts_with(']');
        let fits = inside.starts_with(|c: char| c.is_alphabetic())
            && inside.chars().all(|c| c.is_alphanumeric() || " _-".contains(c))
            && !inside.ends_with(' ');
        let range = inside.len() == 3 && inside.get(1..2) == Some("-");
        let marker =
            matches!(inside.to_lowercase().as_str(), "skip ci" | "ci skip" | "wip" | "hotfix" | "release");
        // `[options]` behind a command's name is how a manual shows it: a placeholder as well.
        if stands && closes && fits && !range && !marker && !follows_pattern(rest.get(end + 1..)?) {
            return Some(format!("[{inside}]"));
        }
    }
    None
}

/// A class of characters in a pattern goes on with `*`, `+` or further text.
fn follows_pattern(rest: &str) -> bool {
    rest.starts_with(['*', '+', '?', '{', '\\'])
}

/// `...` or `…` in place of something; not `./...`, a range (`a...b`) or the end of a sentence in quotes.
fn dots(text: &str) -> Option<String> {
    if text.contains('…') {
        return Some("…".to_owned());
    }
    for (at, _) in text.match_indices("...") {
        let stands = before(text, at).is_none_or(|c| c.is_whitespace() || "=\"'({,:[".contains(c));
        let after = text.get(at + 3..)?.chars().next();
        if stands && after.is_none_or(|c| c.is_whitespace() || "\"')},];|&".contains(c)) {
            return Some("...".to_owned());
        }
    }
    None
}

const WHOLE: [&str; 34] = [
    "PROJECT_ID",
    "PROJECT_NAME",
    "SERVICE_NAME",
    "REVISION_NAME",
    "PREVIOUS_REVISION",
    "CLUSTER_NAME",
    "POD_NAME",
    "INSTANCE_NAME",
    "IMAGE_URL",
    "IMAGE_TAG",
    "COMMIT_SHA",
    "COMMIT_HASH",
    "IP_ADDRESS",
    "BUCKET_NAME",
    "APP_NAME",
    "CONTAINER_ID",
    "CONTAINER_NAME",
    "DEPLOYMENT_NAME",
    "RELEASE_NAME",
    "REPO_NAME",
    "USER_NAME",
    "BRANCH_NAME",
    "FILE_NAME",
    "TAG_NAME",
    "VERSION_NUMBER",
    "X.Y.Z",
    "vX.Y.Z",
    "x.y.z",
    "vx.y.z",
    "YYYY-MM-DD",
    "YYYYMMDD",
    "CHANGEME",
    "REPLACEME",
    "XXXX",
];

/// `YOUR_PROJECT`, `your-app`, `REPLACE_ME`, `X.Y.Z`, and names that a manual writes in capitals.
fn word(text: &str) -> Option<String> {
    let split = |c: char| c.is_whitespace() || "=/:@,;|&()\"'`<>".contains(c);
    let mut at = 0;
    for piece in text.split(split) {
        let begins = before(text, at);
        at += piece.len()
            + text.get(at + piece.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let lower = piece.to_lowercase();
        if piece.starts_with('$') || piece.starts_with('-') && !lower.contains("your-") {
            continue;
        }
        // `PROJECT_ID=…` sets it.
        let sets = text.get(at.saturating_sub(1)..).is_some_and(|rest| rest.starts_with('='))
            && begins.is_none_or(char::is_whitespace);
        let begins_yours =
            ["your_", "your-", "<your", "my-own-"].iter().any(|begin| lower.starts_with(begin))
                || (piece.starts_with("YOUR") && piece.len() > 4)
                || piece.contains("X.Y")
                || lower.contains("-your-")
                || lower.contains(".your-")
                || lower.contains("your")
                    && [
                        "yourdomain",
                        "yourapp",
                        "yourcompany",
                        "yourproject",
                        "yourservice",
                        "yourorg",
                        "your.",
                        "yourusername",
                        "yourserver",
                    ]
                    .iter()
                    .any(|begin| lower.starts_with(begin) || lower.contains(&format!(".{begin}")));
        let me = ["replace_me", "replace-me", "change_me", "change-me", "fill_me_in"]
            .contains(&lower.as_str())
            || (piece.ends_with("_HERE") && piece.len() > 5)
            || lower.ends_with("-goes-here");
        if !sets && (begins_yours || me || WHOLE.contains(&piece)) {
            return Some(piece.to_owned());
        }
    }
    None
}

/// Whether `text` reads as prose, output or a list rather than a command; says as what.
pub(super) fn not_a_command(text: &str, known: impl Fn(&str) -> bool) -> Option<&'static str> {
    let line = text.lines().next().unwrap_or_default().trim();
    let first = line.split_whitespace().next().unwrap_or_default();
    let rest = line.get(first.len()..).unwrap_or_default().trim();
    let list = matches!(first, "-" | "*" | "+" | "•" | "→" | "->" | "=>" | "├──" | "└──" | "│")
        || first
            .strip_suffix(['.', ')'])
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if list {
        return Some("it is a list, no command");
    }
    let begins = first.chars().next()?;
    let json = matches!(begins, '{' | '[')
        && text.get(1..).is_some_and(|rest| rest.trim_start().starts_with(['"', '{', '}', ']']))
        || first.starts_with('"')
        || matches!(begins, '}' | ']' | '|' | '<' | '>' | '=' | ',' | ')');
    if json {
        return Some("it looks like output, no command");
    }
    if !begins.is_ascii() {
        return Some("it begins with a sign that no command has");
    }
    if first.starts_with("http://") || first.starts_with("https://") {
        return Some("it is an address, no command");
    }
    let verb = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "HTTP/1.1", "HTTP/2"].contains(&first);
    if verb && rest.starts_with(['/', 'h', '2', '3', '4', '5']) {
        return Some("it is a request or an answer, no command");
    }
    if known(first) || first.contains('=') {
        return None;
    }
    prose(first, rest)
}

fn prose(first: &str, rest: &str) -> Option<&'static str> {
    const SMALL: [&str; 27] = [
        "the", "a", "an", "to", "and", "is", "are", "for", "of", "in", "on", "with", "that", "this", "from",
        "your", "all", "not", "or", "if", "be", "will", "should", "until", "when", "as", "by",
    ];
    let words: Vec<&str> = rest.split_whitespace().collect();
    let plain = |word: &&&str| word.chars().all(|c| c.is_alphabetic() || "'’,.:;!?()-".contains(c));
    let letters = first.chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'');
    let capital = first.starts_with(char::is_uppercase) && first.chars().skip(1).any(char::is_lowercase);
    let small = words.iter().filter(|word| SMALL.contains(&word.to_lowercase().as_str())).count();
    let options = words.iter().any(|word| word.starts_with('-') && word.len() > 1);
    let label = first.ends_with(':') || (letters && capital && rest.starts_with(':'));
    if label && !first.contains('/') {
        return Some("it is a label, no command");
    }
    if !letters || options {
        return None;
    }
    let sentence = capital && !words.is_empty()
        || words.len() >= 2 && small >= 1 && words.iter().filter(plain).count() * 2 > words.len();
    (sentence || (words.len() >= 4 && words.iter().filter(plain).count() == words.len()))
        .then_some("it reads as prose, no command")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found() {
        for (text, found) in [
            ("kubectl get pod <pod-name>", "<pod-name>"),
            ("curl https://<host>/x", "<host>"),
            ("ssh -i <path to key> x", "<path to key>"),
            ("helm upgrade {{ release }} .", "{{release}}"),
            ("echo ${{ secrets.X }}", "{{secrets.X}}"),
            ("gcloud run services list --region [region]", "[region]"),
            ("gcloud x --project=YOUR_PROJECT", "YOUR_PROJECT"),
            ("docker pull your-registry/app", "your-registry"),
            ("curl https://api.yourdomain.com", "api.yourdomain.com"),
            ("git tag vX.Y.Z", "vX.Y.Z"),
            ("export KEY=...", "..."),
            ("pytest …", "…"),
            ("ssh _____ uptime", "_____"),
            ("curl https://____/health", "____"),
            ("curl -d '{\"a\": ...}' x", "..."),
            ("gcloud config set project PROJECT_ID", "PROJECT_ID"),
            ("x --token TOKEN_HERE", "TOKEN_HERE"),
        ] {
            assert_eq!(placeholder(text).as_deref(), Some(found), "{text}");
        }
        for text in [
            "sort <in.txt >out.txt",
            "cat <<EOF >x",
            "diff <(ls a) <(ls b)",
            "docker ps --format '{{.Names}}'",
            "docker inspect -f '{{json .State}}' x",
            "go test ./...",
            "git diff main...HEAD",
            "echo \"Waiting...\"",
            "[ -f x ] && ls",
            "[[ $a == b ]]",
            "ls [a-z]*",
            "jq '.items[0]'",
            "pip install x[dev]",
            "echo $PROJECT_ID",
            "PROJECT_ID=$(gcloud config get-value project)",
            "a < b",
            "ps aux | grep [p]ython",
            "grep '[[:space:]]' x",
            "git commit -m 'x [skip ci]'",
            "echo ${YOUR}",
            "python -c 'import x; x.__init__()'",
            "grep '<title>' x",
            "cmd 2>&1 | tee >(cat)",
            "if [ $# -lt 1 ]; then\n  echo \"Usage: $0 <version>\"\n  exit 1\nfi",
            "[ $# -eq 1 ] || { echo \"usage: $0 <version>\"; exit 1; }",
            "usage() {\n  cat <<EOF\n$0 <version>\nEOF\n}",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }

    #[test]
    fn prose_and_output_are_no_commands() {
        let known = |name: &str| ["npm", "make", "Rscript", "test"].contains(&name);
        for text in [
            "Open the dashboard",
            "- step",
            "1. step",
            "{\"a\": 1}",
            "{\n  \"a\": 1",
            "wait for the pods to settle",
            "│ x",
            "✅ done",
            "GET /health",
            "https://shop.example/x",
            "HTTP/1.1 200 OK",
            "Expected: 200",
            "Status: ok",
            "| a | b |",
            "then merge the change and wait",
        ] {
            assert!(not_a_command(text, known).is_some(), "{text}");
        }
        for text in [
            "npm run the-thing",
            "make sure",
            "./deploy.sh",
            "A=1 B",
            "foo",
            "foo bar",
            "foo --all of the",
            "{ ls; }",
            "[ -f x ]",
            "Rscript x.R",
        ] {
            assert_eq!(not_a_command(text, known), None, "{text}");
        }
    }
}
