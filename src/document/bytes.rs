//! From the bytes of a file to the text below its front matter.

use std::borrow::Cow;

use super::repair;
use super::stored::Stored;
use crate::domain::plan::Repair;

/// As many bytes are looked at to tell a text from something else.
const PROBE: usize = 8192;

/// One byte of so many may be NUL in a text.
const MOST_NOUGHTS: usize = 256;

/// A longer front matter is none.
const MAX_FRONT: usize = 64 * 1024;

/// The text of a file, with what had to be done to read it.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// How it was repaired.
    pub(super) repaired: Option<Repair>,
    /// What had to be replaced.
    pub(super) problem: Option<String>,
    /// Where its bytes stand in the file.
    pub(super) stored: Stored,
}

/// The text in `bytes`, without a byte-order mark, repaired. An error says why there is none.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, &'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("the file is UTF-16; save it as UTF-8");
    }
    let Some(nought) = memchr::memchr(0, bytes) else { return Ok(decode_text(bytes)) };
    let probe = bytes.get(..PROBE).unwrap_or(bytes);
    let is_other = |byte: &u8| matches!(byte, 1..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    let many = memchr::memchr_iter(0, probe).count() > 1 + probe.len() / MOST_NOUGHTS;
    if many || probe.iter().any(is_other) {
        return Err("this is not a text file; name a Markdown file");
    }
    // As long as before, so that everything stands where it stood.
    let scrubbed: Vec<u8> = bytes.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect();
    let text = decode_text(&scrubbed);
    let line = lines(&String::from_utf8_lossy(bytes.get(..nought).unwrap_or_default())) + 1;
    let told = format!("line {line} has a NUL byte; read with a space in its place: take it out");
    let problem = text.problem.map_or(told.clone(), |problem| format!("{told}; {problem}"));
    Ok(Decoded { text: Cow::Owned(text.text.into_owned()), problem: Some(problem), ..text })
}

fn decode_text(bytes: &[u8]) -> Decoded<'_> {
    let inner = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let from = bytes.len() - inner.len();
    match std::str::from_utf8(inner) {
        Ok(text) => match repair::repair(text) {
            Some((repaired, kind)) => {
                let begin = repaired.len() - repaired.trim_start_matches('\u{feff}').len();
                let stored = Stored::of_chars(text, from, begin);
                let repaired = repaired.get(begin..).unwrap_or_default().to_owned();
                Decoded { text: Cow::Owned(repaired), repaired: Some(kind), problem: None, stored }
            }
            None => Decoded {
                text: Cow::Borrowed(text),
                repaired: None,
                problem: None,
                stored: Stored::shifted(from),
            },
        },
        Err(error) => {
            let before = inner.get(..error.valid_up_to()).unwrap_or_default();
            let line = memchr::memchr_iter(b'\n', before).count() + 1;
            let problem =
                format!("line {line} is not UTF-8; read with \u{fffd} in its place: save it as UTF-8");
            let stored = Stored::of_lossy(inner, from);
            let text = String::from_utf8_lossy(inner);
            Decoded { text, repaired: None, problem: Some(problem), stored }
        }
    }
}

/// The front matter (with its fences) and what follows. Only a block at the very top whose first line is a key counts:
/// a rule `---` opens many a document, and another one further down would swallow everything between.
pub(super) fn split_front_matter(text: &str) -> (&str, &str) {
    let fence = match text.lines().next().map(str::trim_end) {
        Some("---") => "---",
        Some("+++") => "+++",
        _ => return ("", text),
    };
    let separator = if fence == "---" { ':' } else { '=' };
    let mut at = 0;
    for (n, line) in text.split_inclusive('\n').enumerate() {
        at += line.len();
        let line = line.trim_end();
        let closes = n > 0 && (line == fence || (fence == "---" && line == "..."));
        if closes {
            return text.split_at_checked(at).unwrap_or(("", text));
        }
        if at > MAX_FRONT || (n == 1 && !begins_with_key(line, separator)) {
            break;
        }
    }
    ("", text)
}

fn begins_with_key(line: &str, separator: char) -> bool {
    let key = line.split_once(separator).map_or("", |(key, _)| key.trim_end());
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-. \"'".contains(c))
}

/// How many lines `text` ends.
pub(super) fn lines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_a_block_of_keys_at_the_top_and_nothing_else() {
        assert_eq!(split_front_matter("---\ntitle: x\n---\n# A\n"), ("---\ntitle: x\n---\n", "# A\n"));
        assert_eq!(split_front_matter("---\r\na: 1\r\n...\r\nB"), ("---\r\na: 1\r\n...\r\n", "B"));
        assert_eq!(split_front_matter("+++\na = 1\n+++\nB"), ("+++\na = 1\n+++\n", "B"));
        for whole in [
            "---\n# A\n- [ ] x\n---\n",
            "# A\n---\na: b\n---\n",
            "---\na: b\n",
            "",
            "---",
            "\n---\na: b\n---\n",
        ] {
            assert_eq!(split_front_matter(whole), ("", whole));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_and_bytes_that_nearly_are_are_read() {
        assert!(decode(b"PK\x03\x04\0\0").is_err());
        assert!(decode(b"\xff\xfe#\0").is_err());
        assert!(decode(b"#\0 \0A\0\n\0").is_err());
        let text = decode(b"# A\n- [ ] a\0b\n").expect("text but for one byte");
        assert_eq!(&*text.text, "# A\n- [ ] a b\n");
        assert!(text.problem.expect("told").starts_with("line 2 has a NUL byte"));
        let text = decode(b"ok\n\xff\n").expect("nearly text");
        assert_eq!(&*text.text, "ok\n\u{fffd}\n");
        assert!(text.problem.expect("told").starts_with("line 2 is not UTF-8"));
        assert_eq!(decode(b"\xef\xbb\xbf# A").map(|text| text.text.into_owned()), Ok("# A".to_owned()));
    }
}
