//! The simple commands inside of a statement, with their words, as a shell would see them before it expands anything.

mod redirect;

pub(in crate::document) use super::simple::{Join, Simple};

/// Deeper substitutions are not looked into.
const MAX_DEPTH: u8 = 12;

/// The commands of `statement`, those of substitutions before the one that uses them. `None`: it is nested too deeply to
/// be looked into.
pub(in crate::document) fn commands(statement: &str) -> Option<Vec<Simple>> {
    let mut lexer = Lexer {
        bytes: statement.as_bytes(),
        at: 0,
        found: Vec::new(),
        here: Vec::new(),
        cases: 0,
        deep: false,
    };
    while lexer.at < lexer.bytes.len() {
        lexer.list(None, 0);
        // A closing parenthesis or backquote too many.
        lexer.at += 1;
    }
    (!lexer.deep).then_some(lexer.found)
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<Simple>,
    /// Here-documents that begin after this line: delimiter, tabs, and the commands' places.
    here: Vec<(Vec<u8>, bool, usize)>,
    /// How many `case` are open.
    cases: u32,
    deep: bool,
}

/// The command that is being read.
#[derive(Default)]
struct Reading {
    simple: Simple,
    word: Vec<u8>,
    in_word: bool,
    quoted: bool,
    /// The next word is the target of a redirection.
    target: Target,
    skip: Skip,
    here: Vec<(Vec<u8>, bool)>,
    condition: bool,
}

/// Words that are no command's.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Skip {
    #[default]
    None,
    /// The name and list of `for`.
    For,
    /// The subject of `case`, up to `in`.
    Subject,
    /// A pattern of `case`, up to the parenthesis.
    Pattern,
    /// The name behind `function`.
    Name,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Target {
    #[default]
    None,
    Write,
    Read,
    Text,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Reads commands up to the `end` byte (not read), or a byte that closes something else.
    fn list(&mut self, end: Option<u8>, depth: u8) {
        let mut now = Reading::default();
        while let Some(byte) = self.byte(0) {
            match byte {
                _ if Some(byte) == end => break,
                b' ' | b'\t' | b'\r' => self.blank(&mut now),
                b'\n' | b'|' | b'(' if now.skip == Skip::Pattern => self.blank(&mut now),
                b')' if now.skip == Skip::Pattern => {
                    self.at += 1;
                    now = Reading::default();
                }
                b'\n' => {
                    self.end_command(&mut now, Join::Then);
                    self.at += 1;
                    self.here_documents();
                }
                b'#' if !now.in_word => {
                    while self.byte(0).is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                b';' | b'&' | b'|' => self.operator(&mut now, byte),
                b'(' => {
                    // A subshell, a function's head, or an array: what is inside is read as commands.
                    let array = now.word.last() == Some(&b'=');
                    if !array {
                        self.head(&mut now);
                    }
                    self.nested(b')', depth, &mut now, array);
                }
                b')' if end.is_none() => {
                    self.at += 1;
                    now = Reading::default();
                }
                b')' => break,
                b'<' | b'>' => self.redirection(&mut now, byte, depth),
                _ => self.in_word(&mut now, byte, depth),
            }
        }
        self.end_command(&mut now, Join::Then);
    }

    /// What stands before a parenthesis: the name of a function, where a command would begin.
    fn head(&mut self, now: &mut Reading) {
        let word = String::from_utf8_lossy(&std::mem::take(&mut now.word)).into_owned();
        if std::mem::take(&mut now.in_word) && now.simple.words.is_empty() {
            now.skip = Skip::None;
            self.found.push(Simple { defines: Some(word), ..Simple::default() });
        }
    }

    fn blank(&mut self, now: &mut Reading) {
        self.at += 1;
        self.end_word(now);
    }

    fn operator(&mut self, now: &mut Reading, byte: u8) {
        let double = self.byte(1) == Some(byte);
        if byte == b'&' && self.byte(1) == Some(b'>') {
            // `&> file`
            self.end_word(now);
            self.at += 1;
            return;
        }
        self.at += if double { 2 } else { 1 };
        if byte == b'|' && self.byte(0) == Some(b'&') && !double {
            self.at += 1;
        }
        let join = match (byte, double) {
            (b'&', true) => Join::And,
            (b'&', false) => Join::Background,
            (b'|', true) => Join::Or,
            (b'|', false) => Join::Pipe,
            _ => Join::Then,
        };
        self.end_command(now, join);
        if byte == b';' && double && self.cases > 0 {
            now.skip = Skip::Pattern;
        }
    }

    /// A group in parentheses or backquotes, whose commands come first.
    fn nested(&mut self, close: u8, depth: u8, now: &mut Reading, substitutes: bool) {
        self.at += 1;
        if depth >= MAX_DEPTH {
            self.deep = true;
            self.at = self.bytes.len();
            return;
        }
        let from = self.found.len();
        self.list(Some(close), depth + 1);
        self.at += 1;
        if substitutes {
            for simple in self.found.iter_mut().skip(from) {
                simple.nested = true;
            }
            now.word.extend_from_slice("$(…)".as_bytes());
            now.in_word = true;
            now.quoted = true;
        }
    }

    fn in_word(&mut self, now: &mut Reading, byte: u8, depth: u8) {
        now.in_word = true;
        match byte {
            b'\\' => {
                self.at += 1;
                match self.byte(0) {
                    Some(b'\n') => self.continues(now, 1),
                    Some(b'\r') if self.byte(1) == Some(b'\n') => self.continues(now, 2),
                    Some(byte) => {
                        now.word.push(byte);
                        now.quoted = true;
                        self.at += 1;
                    }
                    None => {}
                }
            }
            b'\'' => {
                now.quoted = true;
                let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
                let length = memchr::memchr(b'\'', rest).unwrap_or(rest.len());
                now.word.extend_from_slice(rest.get(..length).unwrap_or_default());
                self.at += length + 2;
            }
            b'"' => {
                now.quoted = true;
                self.at += 1;
                self.double(now, depth);
            }
            b'`' => self.nested(b'`', depth, now, true),
            b'$' => self.dollar(now, depth),
            _ => {
                now.word.push(byte);
                self.at += 1;
            }
        }
    }

    fn continues(&mut self, now: &mut Reading, width: usize) {
        self.at += width;
        now.in_word = !now.word.is_empty() || now.quoted;
    }

    fn double(&mut self, now: &mut Reading, depth: u8) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' if matches!(self.byte(1), Some(b'"' | b'\\' | b'$' | b'`' | b'\n')) => {
                    now.word.extend(self.byte(1).filter(|byte| *byte != b'\n'));
                    self.at += 2;
                }
                b'`' => self.nested(b'`', depth, now, true),
                b'$' => self.dollar(now, depth),
                _ => {
                    now.word.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn dollar(&mut self, now: &mut Reading, depth: u8) {
        match (self.byte(1), self.byte(2)) {
            (Some(b'('), Some(b'(')) => self.copy_until(now, b"))"),
            (Some(b'('), _) => {
                self.at += 1;
                self.nested(b')', depth, now, true);
            }
            (Some(b'{'), _) => self.copy_until(now, b"}"),
            _ => {
                now.word.push(b'$');
                self.at += 1;
            }
        }
    }

    /// Arithmetic and parameters are kept as they stand. A substitution in a parameter's default is read.
    fn copy_until(&mut self, now: &mut Reading, close: &[u8]) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.windows(close.len()).take(300).position(|window| window == close);
        let piece = rest.get(..end.map_or(1, |end| end + close.len())).unwrap_or_default();
        if piece.windows(2).skip(1).any(|window| window == b"$(") || piece.contains(&b'`') {
            self.deep = true;
        }
        now.word.extend_from_slice(piece);
        self.at += piece.len().max(1);
    }

    fn end_word(&mut self, now: &mut Reading) {
        if !std::mem::take(&mut now.in_word) {
            return;
        }
        let word = String::from_utf8_lossy(&std::mem::take(&mut now.word)).into_owned();
        let quoted = std::mem::take(&mut now.quoted);
        match std::mem::take(&mut now.target) {
            Target::Write => return now.simple.writes.push(word),
            Target::Read => return,
            Target::Text => return now.simple.input = Some(word),
            Target::None => {}
        }
        match now.skip {
            Skip::None => {}
            Skip::Name => {
                now.skip = Skip::None;
                return self.found.push(Simple { defines: Some(word), ..Simple::default() });
            }
            Skip::For => return,
            Skip::Subject => {
                if word == "in" && !quoted {
                    now.skip = Skip::Pattern;
                }
                return;
            }
            Skip::Pattern => {
                if word == "esac" && !quoted {
                    self.cases = self.cases.saturating_sub(1);
                    now.skip = Skip::None;
                }
                return;
            }
        }
        if !now.simple.words.is_empty() {
            return now.simple.words.push(word);
        }
        if !quoted && now.simple.assigns.is_empty() && self.keyword(now, &word) {
            return;
        }
        match word.split_once('=') {
            Some((name, value)) if is_name(name.trim_end_matches('+')) => {
                now.simple.assigns.push((name.to_owned(), value.to_owned()));
            }
            _ => now.simple.words.push(word),
        }
    }

    /// Whether the word at a command's place is a keyword, and what it means for what comes.
    fn keyword(&mut self, now: &mut Reading, word: &str) -> bool {
        match word {
            "if" | "then" | "else" | "elif" | "do" | "{" | "}" | "fi" | "done" | "esac" | "time" => {}
            "function" => now.skip = Skip::Name,
            "!" => now.simple.negated = true,
            "while" | "until" => now.condition = true,
            "for" | "select" => now.skip = Skip::For,
            "case" => {
                now.skip = Skip::Subject;
                self.cases += 1;
            }
            _ => return false,
        }
        true
    }

    fn end_command(&mut self, now: &mut Reading, join: Join) {
        self.end_word(now);
        let was = std::mem::take(now);
        let mut simple = was.simple;
        simple.join = join;
        simple.condition = was.condition;
        let here = was.here;
        let empty = simple.words.is_empty() && simple.assigns.is_empty() && simple.writes.is_empty();
        if empty && here.is_empty() {
            // `( … ) && x`: the group's last command is what is joined.
            if let Some(last) = self.found.last_mut().filter(|last| !last.nested && join != Join::Then) {
                last.join = join;
            }
            return;
        }
        let place = self.found.len();
        self.here.extend(here.into_iter().map(|(delimiter, tabs)| (delimiter, tabs, place)));
        self.found.push(simple);
    }
}

/// Whether `name` can be a variable's.
pub(in crate::document) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests;
