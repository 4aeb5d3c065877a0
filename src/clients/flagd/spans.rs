//! Where values stand in a JSON text, byte for byte, so that one of them can be replaced and nothing else moves.
//!
//! Only for text that a JSON parser took already: what is no JSON finds nothing.

use std::ops::Range;

/// How deep values may lie; `serde_json` takes no deeper ones either.
const DEEPEST: usize = 128;

/// The place of the value under `path`: keys of objects, numbers of list entries. Of keys that stand twice the last one
/// counts, as for every parser.
pub(super) fn find(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.blank();
    let mut range = scan.value(0)?;
    for step in path {
        let mut scan = Scan { bytes: text.as_bytes(), at: range.start };
        range = scan.entry(text, step)?;
    }
    Some(range)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.bytes.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    /// The value that begins here.
    fn value(&mut self, depth: usize) -> Option<Range<usize>> {
        let start = self.at;
        match self.bytes.get(self.at)? {
            b'"' => self.text()?,
            b'{' | b'[' => self.list(depth, |_, _| {})?,
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
                while self.bytes.get(self.at).is_some_and(|byte| !ends(byte)) {
                    self.at += 1;
                }
            }
        }
        (self.at > start).then_some(start..self.at)
    }

    fn text(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.take(b'"')
    }

    /// An object or a list; `found` hears of each entry: the place of its key, if it has one, and of its value.
    fn list(&mut self, depth: usize, mut found: impl FnMut(Range<usize>, Range<usize>)) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let (keyed, end) = if self.take(b'{').is_some() {
            (true, b'}')
        } else {
            self.take(b'[')?;
            (false, b']')
        };
        self.blank();
        if self.take(end).is_some() {
            return Some(());
        }
        loop {
            self.blank();
            let mut key = self.at..self.at;
            if keyed {
                self.text()?;
                key.end = self.at;
                self.blank();
                self.take(b':')?;
                self.blank();
            }
            let value = self.value(depth + 1)?;
            found(key, value);
            self.blank();
            if self.take(end).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    fn entry(&mut self, text: &str, step: &str) -> Option<Range<usize>> {
        let mut last = None;
        let mut count = 0_usize;
        let keyed = self.bytes.get(self.at) == Some(&b'{');
        self.list(0, |key, value| {
            let is_it = if keyed {
                let key = text.get(key).and_then(|key| serde_json::from_str::<String>(key).ok());
                key.as_deref() == Some(step)
            } else {
                step.parse() == Ok(count)
            };
            count += 1;
            if is_it {
                last = Some(value);
            }
        })?;
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#" {"a" : {"b\u0041": [ 1, "two, ]" , {"c":null}], "d": "}"},
        "a2": -1.5e3, "a": { "b": true } } "#;

    fn at(path: &[&str]) -> Option<&'static str> {
        find(TEXT, path).and_then(|range| TEXT.get(range))
    }

    #[test]
    fn values_stand_where_a_parser_finds_them() {
        assert_eq!(at(&["a2"]), Some("-1.5e3"));
        assert_eq!(at(&["a"]), Some(r#"{ "b": true }"#), "the last of two");
        assert_eq!(at(&["a", "b"]), Some("true"));
        assert_eq!(at(&["a", "bA"]), None);
        assert_eq!(at(&["x"]), None);
        let list = r#"{"k\"":[ [ "on" , 25 ],["off",75]]}"#;
        let find = |path: &[&str]| find(list, path).and_then(|range| list.get(range));
        assert_eq!(find(&["k\"", "0", "1"]), Some("25"));
        assert_eq!(find(&["k\"", "1"]), Some(r#"["off",75]"#));
        assert_eq!(find(&["k\"", "2"]), None);
        assert_eq!(find(&[]), Some(list));
    }

    #[test]
    fn broken_text_finds_nothing_and_ends() {
        for broken in ["", "{", "{\"a\"", "{\"a\":", "[1,", "\"abc", "\"abc\\", "{\"a\":[}"] {
            assert_eq!(find(broken, &["a"]), None, "{broken}");
        }
        assert_eq!(find(&"[".repeat(100_000), &["0"]), None, "deep text ends too");
    }
}
