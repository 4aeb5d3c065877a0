//! What the words of an item say about it: whether it is required, and whose it is.

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

/// Whether the act cannot go on without it: `(required)`, or MUST, MANDATORY, REQUIRED in capitals; unless it also says
/// that it is optional.
pub(super) fn is_required(text: &str) -> bool {
    let lower = text.to_lowercase();
    if words(&lower).any(|word| word == "optional") {
        return false;
    }
    ["(required)", "[required]", "(mandatory)", "[mandatory]"].iter().any(|mark| lower.contains(mark))
        || words(text).any(|word| matches!(word, "MUST" | "MANDATORY" | "REQUIRED"))
}

/// `@handle`, or the role in a parenthesis at the end.
pub(super) fn owner(text: &str) -> Option<&str> {
    handle(text).or_else(|| role(text))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
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

fn role(text: &str) -> Option<&str> {
    let inside = text.trim_end().trim_end_matches('.').strip_suffix(')')?;
    let (_, inside) = inside.rsplit_once('(')?;
    let plain = |c: char| c.is_alphabetic() || " -/&".contains(c);
    let lower = inside.to_lowercase();
    let mut parts = lower.split([' ', '/', '&']).filter(|word| !word.is_empty());
    let short = parts.clone().count() <= 4;
    (short && inside.chars().all(plain) && parts.any(|word| ROLE_WORDS.contains(&word)))
        .then_some(inside.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_is_said_in_capitals_or_in_parentheses() {
        for text in
            ["Back up (required)", "MUST pass", "Smoke test — REQUIRED", "[Mandatory] review", "x (Required)"]
        {
            assert!(is_required(text), "{text}");
        }
        for text in
            ["the required tests pass", "must pass", "MUSTARD", "REQUIRED? No, Optional.", "x (optional)"]
        {
            assert!(!is_required(text), "{text}");
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
