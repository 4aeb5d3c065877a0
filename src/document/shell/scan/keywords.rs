//! Keywords of the shell, which open and close what a statement nests.

use super::{Open, Scan};

impl Scan<'_> {
    /// A word where a command's name stands: a keyword opens or closes something.
    pub(super) fn keyword_or(&mut self, byte: u8) -> Option<()> {
        let rest = self.bytes.get(self.at..self.limit).unwrap_or_default();
        let length =
            rest.iter().take_while(|b| b.is_ascii_lowercase() || b"{}[]!".contains(b)).take(9).count();
        let word = rest.get(..length).unwrap_or_default();
        let whole = rest.get(length).is_none_or(|b| b.is_ascii_whitespace() || b";&|()`".contains(b));
        if !whole {
            return self.in_word(byte);
        }
        let top = self.open.last().copied();
        self.pending = false;
        match word {
            b"if" => self.open.push(Open::If),
            b"while" | b"until" => self.open.push(Open::Loop),
            b"for" | b"select" => {
                self.open.push(Open::Loop);
                self.command = false;
            }
            b"case" => {
                self.open.push(Open::Case);
                self.command = false;
            }
            b"{" => self.open.push(Open::Brace),
            b"[[" => {
                self.open.push(Open::Test);
                self.command = false;
            }
            b"fi" | b"done" | b"esac" | b"}" => {
                let closes = matches!(
                    (word, top),
                    (b"fi", Some(Open::If))
                        | (b"done", Some(Open::Loop))
                        | (b"esac", Some(Open::Case))
                        | (b"}", Some(Open::Brace))
                );
                if closes {
                    self.open.pop();
                }
                self.command = false;
            }
            b"then" | b"else" | b"elif" | b"do" | b"!" | b"time" => {}
            b"function" if rest.get(length).is_some_and(|byte| b" \t".contains(byte)) => {
                self.function_name(length);
                return Some(());
            }
            _ => return self.in_word(byte),
        }
        self.at += length;
        Some(())
    }

    /// `function name` and `function name ()`, of which the body follows, on this line or a later one.
    fn function_name(&mut self, keyword: usize) {
        let ahead = |scan: &Self, wanted: fn(u8) -> bool| {
            scan.bytes
                .get(scan.at..scan.limit)
                .unwrap_or_default()
                .iter()
                .take_while(|byte| wanted(**byte))
                .count()
        };
        let blank = |byte: u8| matches!(byte, b' ' | b'\t');
        self.at += keyword;
        self.at += ahead(self, blank);
        self.at += ahead(self, |byte| !byte.is_ascii_whitespace() && !b";&|(){}<>".contains(&byte));
        let spaces = ahead(self, blank);
        if self.byte(spaces) == Some(b'(') {
            self.at += spaces + 1;
            self.at += ahead(self, blank);
            self.at += usize::from(self.byte(0) == Some(b')'));
        }
        self.pending = true;
        self.command = true;
    }
}
