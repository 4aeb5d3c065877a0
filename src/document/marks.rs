//! What the words of an item say about it: whether it is required, and whose it is.

use super::topic::{Topic, Topics};

/// Words that name a role; a parenthesis at the end of an item is an owner only if it has one of them.
const ROLE_WORDS: [&str; 32] = [
    "admin",
    "backend",
    "commander",
    "cto",
    "dba",
    "deployer",
    "developer",
    "devops",
    "engineer",
    "engineering",
    "frontend",
    "infra",
    "lead",
    "legal",
    "manager",
    "on-call",
    "oncall",
    "operator",
    "ops",
    "owner",
    "platform",
    "pm",
    "product",
    "qa",
    "release",
    "reviewer",
    "security",
    "sre",
    "support",
    "team",
    "tester",
    "ux",
];

/// Whether the act cannot go on without it, if its words say: `(required)`, or MUST, MANDATORY, REQUIRED in capitals;
/// or that it can: optional, `(if applicable)`, `(pending)`.
pub(super) fn demand(text: &str) -> Option<bool> {
    if in_parentheses(text, Topic::Optional) {
        return Some(false);
    }
    if in_parentheses(text, Topic::Required) {
        return Some(true);
    }
    // "Optional smoke test", "Smoke test, optional"; in the middle it is of something else: "Migrate optional columns".
    let said = |word: Option<&str>| word.is_some_and(|word| word.eq_ignore_ascii_case("optional"));
    let mut plain = words(text).filter(|word| !word.is_empty());
    if said(plain.clone().next()) || said(plain.clone().next_back()) {
        return Some(is_turned(text, Topic::Optional));
    }
    if plain.any(|word| matches!(word, "MUST" | "MANDATORY" | "REQUIRED")) {
        return Some(!is_turned(text, Topic::Required));
    }
    if is_optional_at_an_end(text) {
        return Some(false);
    }
    // "Backup validado — obrigatório"
    let end = [" — ", " – ", " - "].iter().find_map(|dash| text.rsplit_once(dash)).map(|(_, end)| end);
    if end.is_some_and(|end| end.split_whitespace().count() == 1 && Topics::of(end).has(Topic::Required)) {
        return Some(true);
    }
    // "Zwingend: …", "必须：…"
    let (label, _) = text.split_once([':', '：'])?;
    let topics = if label.split_whitespace().count() == 1 { Topics::of(label) } else { Topics::default() };
    if topics.has(Topic::Optional) {
        return Some(false);
    }
    topics.has(Topic::Required).then_some(true)
}

/// Whether a text with a word for `said` denies it.
fn is_turned(text: &str, said: Topic) -> bool {
    let (topics, other) =
        (Topics::of(text), if said == Topic::Optional { Topic::Required } else { Topic::Optional });
    topics.has(other) && !topics.has(said)
}

/// `Non-blocking lint`, `lint, if applicable`: where its words begin or end so, the item does without.
fn is_optional_at_an_end(text: &str) -> bool {
    const FIRST: [&str; 7] = [
        "non-blocking",
        "nonblocking",
        "nice to have",
        "nicht blockierend",
        "non bloquant",
        "no bloqueante",
        "não bloqueante",
    ];
    const LAST: [&str; 16] = [
        "if applicable",
        "if needed",
        "if necessary",
        "when applicable",
        "where applicable",
        "falls zutreffend",
        "falls nötig",
        "si applicable",
        "si nécessaire",
        "si aplica",
        "si corresponde",
        "si procede",
        "se aplicável",
        "如适用",
        "如有需要",
        "必要に応じて",
    ];
    let lower = super::lower(text);
    let text = lower.trim().trim_end_matches('.');
    let begins = |word: &&str| text.strip_prefix(*word).is_some_and(|rest| rest.starts_with([' ', ':', ',']));
    let ends = |word: &&str| {
        text.strip_suffix(*word)
            .is_some_and(|rest| rest.trim_end().ends_with([',', '，', '、', ';', '-', '–', '—']))
    };
    FIRST.iter().any(|word| begins(word) || ends(word)) || LAST.iter().any(ends)
}

/// Whether a short parenthesis (or bracket) says `topic`.
fn in_parentheses(text: &str, topic: Topic) -> bool {
    let pieces = text.split(['(', '[', '（', '【']).skip(1);
    let mut pieces = pieces.filter_map(|piece| piece.split([')', ']', '）', '】']).next());
    pieces.any(|piece| piece.len() <= 40 && Topics::of(piece).has(topic))
}

/// `@handle`, or the role in a parenthesis at the end.
pub(super) fn owner(text: &str) -> Option<&str> {
    handle(text).or_else(|| role(text))
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    text.split(|c: char| !c.is_alphanumeric())
}

/// `@name` at the beginning of a word; an address (`a@b.c`) is none.
fn handle(text: &str) -> Option<&str> {
    let starts = text.split([' ', '(', '[', ',', ';', ':']).filter(|word| word.starts_with('@'));
    let names = starts.map(|word| {
        let end = word
            .char_indices()
            .skip(1)
            .find(|(_, c)| !(c.is_alphanumeric() || "-_/.".contains(*c)))
            .map_or(word.len(), |(at, _)| at);
        word.get(..end).unwrap_or(word).trim_end_matches(['.', '/', '-'])
    });
    names.into_iter().find(|name| name.len() > 1)
}

/// The role in the parenthesis at the end.
pub(super) fn role(text: &str) -> Option<&str> {
    let inside = text.trim_end().trim_end_matches('.').strip_suffix(')')?;
    let (_, inside) = inside.rsplit_once('(')?;
    let plain = |c: char| c.is_alphabetic() || " -/&".contains(c);
    let lower = inside.to_lowercase();
    let mut parts = lower.split([' ', '/', '&']).filter(|word| !word.is_empty());
    let short = parts.clone().count() <= 4;
    (short && inside.chars().all(plain) && parts.any(|word| ROLE_WORDS.contains(&word)))
        .then_some(inside.trim())
}

/// Whether a word of `name` is one of a role.
pub(super) fn names_role(name: &str) -> bool {
    const MORE: [&str; 16] = [
        "head",
        "officer",
        "director",
        "architect",
        "board",
        "chief",
        "compliance",
        "finance",
        "coordinator",
        "ceo",
        "cfo",
        "ciso",
        "vp",
        "leiter",
        "leitung",
        "committee",
    ];
    let name = name.to_lowercase();
    name.split([' ', '/', '&', '-']).any(|word| ROLE_WORDS.contains(&word) || MORE.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_is_said_in_capitals_or_in_parentheses() {
        for text in [
            "Back up (required)",
            "MUST pass",
            "Smoke test — REQUIRED",
            "[Mandatory] review",
            "x (Required)",
            "Backup — obrigatório",
        ] {
            assert_eq!(demand(text), Some(true), "{text}");
        }
        for text in
            ["the required tests pass", "must pass", "MUSTARD", "REQUIRED? No, Optional.", "x (optional)"]
        {
            assert_ne!(demand(text), Some(true), "{text}");
        }
        for (text, said) in [
            ("Migration of optional columns passes (required)", Some(true)),
            ("Optional columns are filled (required)", Some(true)),
            ("Migrate the optional columns", None),
            ("Optional: fuzz for an hour", Some(false)),
            ("Fuzz for an hour, optional", Some(false)),
            ("Non-blocking lint", Some(false)),
            ("Lint, if applicable", Some(false)),
            ("Lint – non-blocking.", Some(false)),
            ("Pen test (not optional)", Some(true)),
            ("Pen test, not optional", Some(true)),
            ("Non-optional: pen test", Some(true)),
            ("Pentest (nicht optional)", Some(true)),
            ("Pen test – blocking, NOT OPTIONAL", Some(true)),
            ("Lint (not mandatory)", Some(false)),
            ("Lint, NOT MANDATORY", Some(false)),
            ("Lint (non obligatoire)", Some(false)),
            ("Lint（必須ではない）", Some(false)),
            ("Nachtlauf, falls zutreffend", Some(false)),
            ("Tell whom it concerns if applicable rules say so", None),
        ] {
            assert_eq!(demand(text), said, "{text}");
        }
    }

    #[test]
    fn an_owner_is_a_handle_or_a_role_at_the_end() {
        assert_eq!(owner("Rotate keys @mara-k, then check"), Some("@mara-k"));
        assert_eq!(owner("Rotate keys (@org/sre-team)"), Some("@org/sre-team"));
        assert_eq!(owner("Approve (QA)"), Some("QA"));
        assert_eq!(owner("Approve (Product owner)."), Some("Product owner"));
        assert_eq!(owner("Mail a@b.example"), None);
        assert_eq!(owner("Deploy (staging)"), None);
        assert_eq!(owner("Latency fine (p95 < 50 ms)"), None);
        assert_eq!(owner("a @ b"), None);
    }
}
