//! What a process writes, made into lines: bounded, without colours and controls, without secrets.
//!
//! Of each run its beginning and its end are kept; what lies between is counted. A line that was overwritten (`\r`, as
//! progress bars do) is what stands there last.

use std::collections::VecDeque;

use crate::domain::Clean;

use super::redact::KeyBlock;
use crate::domain::secret::without_credentials;

/// Kept of the beginning, in bytes.
const HEAD: usize = 50_000;
/// Kept of the end, in bytes.
const TAIL: usize = 150_000;
/// A line longer than this is broken.
const LINE: usize = 4_000;

/// Gathers output.
#[derive(Debug, Default)]
pub(super) struct Output {
    secrets: Vec<String>,
    key: KeyBlock,
    /// Bytes of the line without its end.
    open: Vec<u8>,
    head: Vec<Clean>,
    head_bytes: usize,
    tail: VecDeque<Clean>,
    tail_bytes: usize,
    lines: u64,
    /// Lines that were not told yet.
    untold: u64,
    /// Bytes of the line without its end that were told.
    shown: usize,
}

/// What is news since the last time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct News {
    /// The newest lines.
    pub(super) lines: Vec<Clean>,
    /// So many came before them and were not kept.
    pub(super) skipped: u64,
    /// The line that has no end yet.
    pub(super) partial: Clean,
}

impl Output {
    /// Without the `secrets`, which are never kept.
    pub(super) fn without(secrets: Vec<String>) -> Self {
        Self { secrets, ..Self::default() }
    }

    /// Takes bytes; gives each whole line to `log`.
    pub(super) fn take(&mut self, bytes: &[u8], log: &mut dyn FnMut(&Clean)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece {
                [text @ .., b'\n'] => (text, true),
                text => (text, false),
            };
            for part in text.chunks(LINE) {
                if self.open.len() + part.len() > LINE {
                    self.end_line(log);
                }
                self.open.extend_from_slice(part);
            }
            if ends {
                self.end_line(log);
            }
        }
    }

    /// There will be no more: what is left is a line.
    pub(super) fn finish(&mut self, log: &mut dyn FnMut(&Clean)) {
        if !self.open.is_empty() {
            self.end_line(log);
        }
    }

    fn end_line(&mut self, log: &mut dyn FnMut(&Clean)) {
        let bytes = std::mem::take(&mut self.open);
        let mut line = self.clean(&bytes);
        if self.key.hides(&line) {
            line = Clean::new("***");
        }
        log(&line);
        self.lines += 1;
        self.untold += 1;
        let size = line.len() + 1;
        if self.tail.is_empty() && self.head_bytes + size <= HEAD {
            self.head_bytes += size;
            self.head.push(line);
            return;
        }
        self.tail_bytes += size;
        self.tail.push_back(line);
        while self.tail_bytes > TAIL
            && let Some(gone) = self.tail.pop_front()
        {
            self.tail_bytes -= gone.len() + 1;
        }
    }

    fn clean(&self, bytes: &[u8]) -> Clean {
        let text = String::from_utf8_lossy(bytes);
        let shown = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
        let mut plain = without_sequences(shown);
        for secret in &self.secrets {
            if plain.contains(secret.as_str()) {
                plain = plain.replace(secret.as_str(), "***");
            }
        }
        Clean::new(&without_credentials(&plain))
    }

    /// What came since the last call; `None`: nothing.
    pub(super) fn news(&mut self) -> Option<News> {
        let open = self.open.len();
        if self.untold == 0 && std::mem::replace(&mut self.shown, open) == open {
            return None;
        }
        self.shown = open;
        let kept = (self.head.len() + self.tail.len()) as u64;
        let told = self.untold.min(kept);
        let skipped = self.untold - told;
        let from = (kept - told) as usize;
        let lines = self.head.iter().chain(&self.tail).skip(from).cloned().collect();
        self.untold = 0;
        Some(News { lines, skipped, partial: self.partial() })
    }

    fn partial(&self) -> Clean {
        if self.key.is_open() { Clean::default() } else { self.clean(&self.open) }
    }

    /// Whether not all of it is kept.
    pub(super) fn is_cut(&self) -> bool {
        self.lines > (self.head.len() + self.tail.len()) as u64
    }

    /// What is kept, as a text.
    pub(super) fn text(&self) -> String {
        let missing = self.lines - (self.head.len() + self.tail.len()) as u64;
        let mut text = String::with_capacity(self.head_bytes + self.tail_bytes + 64);
        for line in &self.head {
            text.push_str(line);
            text.push('\n');
        }
        if missing > 0 {
            text.push_str(&format!("… {missing} lines left out …\n"));
        }
        for line in &self.tail {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// The text without terminal sequences (ECMA-48 control sequences, and strings such as OSC).
fn without_sequences(text: &str) -> String {
    if !text.contains(['\u{1b}', '\u{9b}', '\u{8}']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{8}' => {
                out.pop();
            }
            '\u{9b}' => skip_control(&mut chars),
            '\u{1b}' => match chars.next() {
                Some('[') => skip_control(&mut chars),
                Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut chars),
                Some('(' | ')' | '#' | '%') => {
                    chars.next();
                }
                _ => {}
            },
            c => out.push(c),
        }
    }
    out
}

fn skip_control(chars: &mut impl Iterator<Item = char>) {
    for c in chars {
        if ('\u{40}'..='\u{7e}').contains(&c) {
            return;
        }
    }
}

fn skip_string(chars: &mut std::iter::Peekable<impl Iterator<Item = char>>) {
    while let Some(c) = chars.next() {
        if c == '\u{7}' || c == '\u{9c}' {
            return;
        }
        if c == '\u{1b}' {
            chars.next_if_eq(&'\\');
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> (Vec<String>, Output) {
        let mut output = Output::without(vec!["hunter22".to_owned()]);
        output.take(bytes, &mut |_| {});
        output.finish(&mut |_| {});
        let lines = output.news().unwrap_or_default().lines.iter().map(ToString::to_string).collect();
        (lines, output)
    }

    #[test]
    fn lines_lose_colours_controls_and_secrets() {
        let raw = b"\x1b[31mFAILED\x1b[0m a::b\r\n 10%\r 50%\r100%\nab\x08c\x1b]0;title\x07d\nkey hunter22 end\n\xff\xfe";
        assert_eq!(of(raw).0, ["FAILED a::b", "100%", "acd", "key *** end", "\u{fffd}\u{fffd}"]);
        let key = b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nTOKEN=abc\n";
        assert_eq!(
            of(key).0,
            ["-----BEGIN RSA PRIVATE KEY-----", "***", "-----END RSA PRIVATE KEY-----", "TOKEN=***"]
        );
    }

    #[test]
    fn beginning_and_end_are_kept_and_what_lies_between_is_counted() {
        let mut output = Output::default();
        let mut logged = 0;
        let mut all = Vec::new();
        for n in 0..1_000_000 {
            all.extend_from_slice(format!("line {n}\n").as_bytes());
        }
        for chunk in all.chunks(8192) {
            output.take(chunk, &mut |_| logged += 1);
        }
        assert_eq!((output.lines, logged, output.is_cut()), (1_000_000, 1_000_000, true));
        let text = output.text();
        assert!(text.len() <= HEAD + TAIL + 100, "{}", text.len());
        assert!(text.starts_with("line 0\nline 1\n") && text.ends_with("line 999998\nline 999999\n"));
        assert!(text.contains(" lines left out …"));
        let news = output.news().unwrap();
        assert_eq!(news.lines.len() as u64 + news.skipped, 1_000_000);
        assert_eq!(output.news(), None);
    }

    #[test]
    fn a_line_without_end_is_broken_and_shown_before_its_end() {
        let mut output = Output::default();
        output.take(b"....", &mut |_| {});
        assert_eq!(output.news(), Some(News { partial: Clean::new("...."), ..News::default() }));
        assert_eq!(output.news(), None);
        output.take(&vec![b'x'; 1_000_000], &mut |_| {});
        output.finish(&mut |_| {});
        assert!(output.news().unwrap().lines.iter().all(|line| line.len() <= LINE));
    }
}
