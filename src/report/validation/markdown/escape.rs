//! Text from outside inside Markdown: it can neither break a table or a list, nor become markup, a link, an image, HTML or
//! a mention.

/// Text inside a line or a table's cell.
pub(in crate::report) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        if is_address(word) { out.push_str(&code(word)) } else { escape(word, &mut out) }
    }
    out
}

/// Text that begins a paragraph or a list's item, where more has a meaning: headings, lists, quotes.
pub(in crate::report) fn start(text: &str) -> String {
    let text = text.trim_start();
    let escaped = inline(text);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    match text.chars().nth(digits) {
        Some('.' | ')') if digits > 0 => {
            let (number, rest) = escaped.split_at_checked(digits).unwrap_or((&escaped, ""));
            format!("{number}\\{rest}")
        }
        Some('#' | '>' | '-' | '+' | '=') if digits == 0 && !escaped.starts_with('\\') => {
            format!("\\{escaped}")
        }
        _ => escaped,
    }
}

/// Text as code, whatever backticks it holds.
pub(in crate::report) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t'], " ").replace('|', "\\|");
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A URL as a link, if it is a plain one of the web; as code otherwise.
pub(in crate::report) fn url(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web && text.chars().all(plain) && !text.contains(['[', ']']) {
        format!("<{text}>")
    } else {
        code(text)
    }
}

/// Whether a reader of Markdown would make a mail link or a mention of it.
fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(_, domain)| domain.starts_with(|c: char| c.is_alphanumeric()))
}

/// Whether it begins like `&lt;` or `&#64;`.
fn is_entity(text: &str) -> bool {
    let name = text.strip_prefix('&').and_then(|rest| rest.split_once(';')).map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
}

fn escape(word: &str, out: &mut String) {
    let mut before: Option<char> = None;
    let mut chars = word.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = word.get(at..).unwrap_or_default();
        let next = chars.peek().map(|(_, next)| *next);
        let inside = before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric);
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '$' => true,
            '_' => !inside,
            '&' => is_entity(rest),
            // Where a bare address would become a link.
            ':' => rest.starts_with("://") || ends_with_scheme(word, at),
            '.' => word.get(..at).is_some_and(|head| head.to_ascii_lowercase().ends_with("www")),
            '#' => before.is_none() && !next.is_some_and(|next| next.is_ascii_digit()),
            '\n' | '\r' => {
                out.push(' ');
                before = Some(' ');
                continue;
            }
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

fn ends_with_scheme(word: &str, at: usize) -> bool {
    let head = word.get(..at).unwrap_or_default().to_ascii_lowercase();
    head.ends_with("mailto") || head.ends_with("xmpp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in
            ["p95 below 2 s (#12)", "agent_started – done, 3 > 2", "R&D: 5 % of it", "record #12", "a-b"]
        {
            assert_eq!(inline(text), text);
        }
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(inline("a|b `c` *d* _e_ ![x](y) <b>"), "a\\|b \\`c\\` \\*d\\* \\_e\\_ !\\[x\\](y) \\<b>");
        assert_eq!(inline("see https://evil.example/x"), "see https\\://evil.example/x");
        assert_eq!(inline("www.evil.example mailto:x"), "www\\.evil.example mailto\\:x");
        assert_eq!(inline("&lt;b&gt; &#64;"), "\\&lt;b\\&gt; \\&#64;");
        assert_eq!(inline("by deploy@chat.example now"), "by `deploy@chat.example` now");
        assert_eq!(inline("@everyone"), "`@everyone`");
        assert_eq!(inline("one\ntwo"), "one two");
    }

    #[test]
    fn nothing_at_the_beginning_of_a_line_starts_a_block() {
        let told =
            ["1. Enable", "12) x", "# top", "> q", "- x", "+ x", "--- a", "#12 is it", "ok"].map(start);
        assert_eq!(
            told,
            ["1\\. Enable", "12\\) x", "\\# top", "\\> q", "\\- x", "\\+ x", "\\--- a", "\\#12 is it", "ok"]
        );
    }

    #[test]
    fn code_holds_any_backticks() {
        assert_eq!(code("ls | wc"), "`ls \\| wc`");
        assert_eq!(code("a `b` ``c"), "```a `b` ``c```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code(" "), "");
    }

    #[test]
    fn only_plain_web_addresses_are_links() {
        assert_eq!(url("https://chat-abc.a.run.app"), "<https://chat-abc.a.run.app>");
        assert_eq!(url("javascript://x"), "`javascript://x`");
        assert_eq!(url("https://x> <b>"), "`https://x> <b>`");
    }
}
