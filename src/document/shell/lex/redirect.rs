//! Redirections and here-documents.

use super::{Lexer, Reading, Target};
use crate::document::shell::scan::is_delimiter;

impl Lexer<'_> {
    pub(super) fn redirection(&mut self, now: &mut Reading, byte: u8, depth: u8) {
        // `2>`: the number is no word.
        if now.word.iter().all(u8::is_ascii_digit) {
            now.word.clear();
            now.in_word = false;
        }
        self.end_word(now);
        match (byte, self.byte(1), self.byte(2)) {
            (_, Some(b'('), _) => {
                self.at += 1;
                self.nested(b')', depth, now, true);
            }
            (b'<', Some(b'<'), Some(b'<')) => {
                self.at += 3;
                now.target = Target::Text;
            }
            (b'<', Some(b'<'), _) => self.here(now),
            (b'<', _, _) => {
                self.at += 1 + usize::from(self.byte(1) == Some(b'&'));
                now.target = Target::Read;
            }
            _ => {
                let wide = matches!(self.byte(1), Some(b'>' | b'|' | b'&'));
                self.at += 1 + usize::from(wide);
                now.target = Target::Write;
            }
        }
    }

    fn here(&mut self, now: &mut Reading) {
        self.at += 2;
        let tabs = self.byte(0) == Some(b'-');
        self.at += usize::from(tabs);
        while matches!(self.byte(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let mut delimiter = Vec::new();
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\'' | b'"' | b'\\' => {}
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                _ => delimiter.push(byte),
            }
            self.at += 1;
        }
        now.here.push((delimiter, tabs));
    }

    /// The bodies of the here-documents that were announced on the line before.
    pub(super) fn here_documents(&mut self) {
        for (delimiter, tabs, place) in std::mem::take(&mut self.here) {
            let from = self.at;
            while self.at < self.bytes.len() {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                let ends = is_delimiter(rest.get(..length).unwrap_or_default(), &delimiter, tabs);
                let body = self.bytes.get(from..self.at).unwrap_or_default();
                self.at = (self.at + length + 1).min(self.bytes.len());
                if ends {
                    let body = String::from_utf8_lossy(body).into_owned();
                    if let Some(simple) = self.found.get_mut(place) {
                        simple.input.get_or_insert_default().push_str(&body);
                    }
                    break;
                }
            }
        }
    }
}
