//! HTML around Markdown: `<details>` and the like keep a Markdown parser from reading what stands in them, if no blank line
//! does. Their tags become spaces, a summary becomes bold, and nothing moves.

use std::borrow::Cow;

/// Tags whose contents are read as Markdown.
const AROUND: [&str; 14] = [
    "details", "div", "section", "center", "span", "article", "aside", "main", "p", "font", "figure", "nav",
    "header", "footer",
];

/// `body`, equally long, without the tags of [`AROUND`] that stand at the beginning or end of a line outside of fences.
pub(super) fn without_tags(body: &str) -> Cow<'_, str> {
    if memchr::memchr(b'<', body.as_bytes()).is_none() {
        return Cow::Borrowed(body);
    }
    let mut out = String::with_capacity(body.len());
    let mut fence = None;
    for line in body.split_inclusive('\n') {
        let inside = fence.is_some();
        fence = fence_after(fence, line);
        if inside || fence.is_some() || !line.contains('<') {
            out.push_str(line);
        } else {
            push_line(line, &mut out);
        }
    }
    Cow::Owned(out)
}

/// The fence that is open after `line`: its character and length.
fn fence_after(open: Option<(char, usize)>, line: &str) -> Option<(char, usize)> {
    let text = line.trim().trim_start_matches(['>', ' ', '\t']);
    let text = if open.is_none() { after_marker(text) } else { text };
    let first = text.chars().next().filter(|c| matches!(c, '`' | '~'));
    let length = first.map_or(0, |first| text.chars().take_while(|c| *c == first).count());
    match (open, first) {
        (None, Some(first)) if length >= 3 => {
            let info = text.get(length..).unwrap_or_default();
            (first == '~' || !info.contains('`')).then_some((first, length))
        }
        (Some((wanted, least)), Some(first)) => {
            let closes = first == wanted && length >= least && text.len() == length;
            (!closes).then_some((wanted, least))
        }
        (open, _) => open,
    }
}

/// What follows `- `, `* `, `+ ` or `1. `.
fn after_marker(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker = if rest.len() < text.len() { ['.', ')', '.'] } else { ['-', '*', '+'] };
    rest.strip_prefix(marker)
        .map_or(text, |rest| if rest.starts_with(' ') { rest.trim_start() } else { text })
}

/// Adds `line` with its outer tags blanked.
fn push_line(line: &str, out: &mut String) {
    let mut rest = line;
    let mut blanked = false;
    loop {
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '>']).len();
        let (before, tail) = rest.split_at_checked(blank).unwrap_or(("", rest));
        if let Some(length) = summary(tail) {
            out.push_str(before);
            end_blank(std::mem::take(&mut blanked) && before.is_empty(), out);
            let (summary, after) = tail.split_at_checked(length).unwrap_or((tail, ""));
            push_summary(summary, out);
            rest = after;
        } else if let Some(length) = tag(tail) {
            out.push_str(before);
            out.extend(std::iter::repeat_n(' ', length));
            blanked = true;
            rest = tail.get(length..).unwrap_or_default();
        } else {
            break;
        }
    }
    let text = rest.trim_end();
    end_blank(blanked && !text.is_empty() && !rest.starts_with(' '), out);
    let last = text.strip_suffix('>').and_then(|text| text.rsplit_once("</"));
    match last.filter(|(_, name)| AROUND.contains(name)).map(|(before, _)| before) {
        Some(before) => {
            out.push_str(before);
            out.extend(std::iter::repeat_n(' ', text.len() - before.len()));
            out.push_str(rest.get(text.len()..).unwrap_or_default());
        }
        None => out.push_str(rest),
    }
}

/// Where a tag stood before text on its line, a line ends: the text belongs neither to the paragraph above, nor is it
/// indented code. A lone carriage return moves nothing.
fn end_blank(blanked: bool, out: &mut String) {
    if blanked && out.pop().is_some() {
        out.push('\r');
    }
}

/// Whether a box in HTML is ticked: `<input type="checkbox" checked>`.
pub(super) fn checkbox(html: &str) -> Option<bool> {
    let tag = html.to_ascii_lowercase();
    (tag.starts_with("<input") && tag.contains("checkbox"))
        .then(|| tag.split([' ', '/', '>', '=']).any(|word| word == "checked"))
}

/// Whether a tag begins (or ends) what is struck through; `None`: it is another.
pub(super) fn strikes(html: &str) -> Option<bool> {
    let name = html.strip_prefix('<')?.strip_suffix('>')?.trim().to_ascii_lowercase();
    match name.split(' ').next()? {
        "del" | "s" | "strike" => Some(true),
        "/del" | "/s" | "/strike" => Some(false),
        _ => None,
    }
}

/// Whether `html`, which Markdown takes for a tag, is what somebody should have filled in: `<name>`, `<your e-mail>`.
pub(super) fn is_placeholder(html: &str) -> bool {
    const TAGS: [&str; 50] = [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "button",
        "center",
        "cite",
        "code",
        "del",
        "dfn",
        "div",
        "em",
        "font",
        "hr",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "li",
        "mark",
        "nobr",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
        "details",
    ];
    let Some(inside) = html.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else { return false };
    let plain = |c: char| c.is_alphanumeric() || " _-".contains(c);
    let word = inside.split(' ').next().unwrap_or_default().to_lowercase();
    !inside.is_empty() && inside.chars().all(plain) && !TAGS.contains(&word.as_str())
}

/// How long the tag at the beginning of `text` is, if it is one of [`AROUND`].
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let end = name.find(|c: char| !c.is_ascii_alphabetic())?;
    let (word, _) = name.split_at_checked(end)?;
    if !AROUND.iter().any(|known| known.eq_ignore_ascii_case(word)) && !word.eq_ignore_ascii_case("summary") {
        return None;
    }
    let close = memchr::memchr(b'>', text.as_bytes())?;
    let is_one_line = !text.get(..close)?.contains('\n');
    (is_one_line && text.get(..=close)?.is_ascii()).then_some(close + 1)
}

/// A longer summary is none.
const LONGEST_SUMMARY: usize = 1024;

const OPEN: &str = "<summary>";
const CLOSE: &str = "</summary>";

/// How long `<summary>…</summary>` at the beginning of `text` is.
fn summary(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(OPEN)?;
    // Not further than a title is long, or many that are never closed would take the square of their number.
    let mut near = inner.len().min(LONGEST_SUMMARY);
    while !inner.is_char_boundary(near) {
        near -= 1;
    }
    let end = inner.get(..near)?.find(CLOSE)?;
    let words = inner.get(..end)?;
    (!words.trim().is_empty() && !words.contains(['*', '\n'])).then_some(OPEN.len() + end + CLOSE.len())
}

/// `<summary> Title </summary>` as bold text, equally long: empty tags fill what is too much, and are no text.
fn push_summary(summary: &str, out: &mut String) {
    let inner = summary.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)).unwrap_or(summary);
    let words = inner.trim();
    let before = inner.len() - inner.trim_start().len();
    let after = inner.len() - before - words.len();
    out.push_str("<b></b>");
    out.extend(std::iter::repeat_n(' ', before));
    out.push_str("**");
    out.push_str(words);
    out.push_str("**");
    out.extend(std::iter::repeat_n(' ', after));
    out.push_str("<b> </b>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let told = without_tags(text);
        assert_eq!(told.len(), text.len(), "{told}");
        told.into_owned()
    }

    #[test]
    fn tags_around_markdown_become_spaces_and_a_summary_becomes_bold() {
        assert_eq!(told("<details>\n- [ ] a\n</details>\n"), "         \n- [ ] a\n          \n");
        assert_eq!(
            told("<details open><summary>Plan ü</summary>\n"),
            format!("{:13}\r<b></b>**Plan ü**<b> </b>\n", "")
        );
        assert_eq!(told("> <div align=\"center\">x</div>\r\n"), format!("> {:19}\rx      \r\n", ""));
        assert_eq!(told("  </DETAILS>  "), format!("  {:10}  ", ""));
    }

    #[test]
    fn other_tags_comments_and_fences_stay_as_they_are() {
        for text in [
            "<!-- - [ ] no -->\n",
            "- a < b > c <br>\n",
            "<detailsx>\n",
            "<details\n>\n",
            "```html\n<details>\n```\n",
            "- ~~~\n  <div>\n  ~~~\n",
            "1. ```\n   <div>\n   ``\n   <p>\n",
        ] {
            assert_eq!(told(text), text);
        }
        assert_eq!(told("````\n```\n<p>\n````\n<p>\n"), "````\n```\n<p>\n````\n   \n");
    }
}
