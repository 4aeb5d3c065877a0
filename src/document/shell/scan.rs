//! Where a statement ends: the nesting of quotes, groups, keywords and here-documents.

mod keywords;

/// Something that is open and has to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    If,
    Loop,
    Case,
    Brace,
    Paren,
    /// `[[ … ]]`.
    Test,
    /// `(( … ))`, and parentheses inside.
    Arithmetic,
    ArithmeticParen,
    /// `${ … }`.
    Parameter,
    Double,
    Back,
}

/// A deeper nesting is taken for unclosed.
const MAX_DEPTH: usize = 256;

pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    limit: usize,
    open: Vec<Open>,
    /// The next word is a command's name or a keyword.
    command: bool,
    /// The line cannot end here: `&&`, `|` or a function's head came last.
    pending: bool,
    /// Here-documents that begin after this line: their delimiters, and whether tabs before it are ignored.
    documents: Vec<(Vec<u8>, bool)>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, limit: usize) -> Self {
        let (open, documents) = (Vec::new(), Vec::new());
        Self { bytes, at, limit, open, command: true, pending: false, documents }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        if at < self.limit { self.bytes.get(at).copied() } else { None }
    }

    /// Where the statement that begins here ends, without the line end; `None`: it is not closed.
    pub(super) fn statement(mut self) -> Option<usize> {
        let start = self.at;
        while let Some(byte) = self.byte(0) {
            if self.open.len() > MAX_DEPTH {
                return None;
            }
            match self.open.last() {
                Some(Open::Double) => self.in_double(byte),
                Some(Open::Parameter) => self.in_parameter(byte)?,
                Some(Open::Arithmetic | Open::ArithmeticParen) => self.in_arithmetic(byte)?,
                _ => {
                    if self.ends(byte) {
                        return Some(self.trimmed(start));
                    }
                    self.in_commands(byte)?;
                }
            }
        }
        (self.open.is_empty() && !self.pending && self.documents.is_empty()).then(|| self.trimmed(start))
    }

    /// The end without blanks before it.
    fn trimmed(&self, start: usize) -> usize {
        let text = self.bytes.get(start..self.at).unwrap_or_default();
        let kept = text.iter().rposition(|byte| !byte.is_ascii_whitespace());
        kept.map_or(self.at, |last| start + last + 1)
    }

    /// Whether the statement ends before this byte: at a line end or a comment, with nothing open.
    fn ends(&self, byte: u8) -> bool {
        self.open.is_empty()
            && !self.pending
            && self.documents.is_empty()
            && (byte == b'\n' || (byte == b'#' && self.at_word_start()))
    }

    fn at_word_start(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        before.is_none_or(|byte| byte.is_ascii_whitespace() || b";&|()`".contains(byte))
    }

    fn in_double(&mut self, byte: u8) {
        match byte {
            b'\\' => self.escape(),
            b'"' => self.close(),
            b'$' => self.dollar(),
            b'`' => self.back(),
            _ => self.at += 1,
        }
    }

    /// A backslash and the character after it, which may be a line end of two bytes.
    fn escape(&mut self) {
        let width = match (self.byte(1), self.byte(2)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(first), _) if !first.is_ascii() => {
                1 + (2..5).take_while(|n| self.byte(*n).is_some_and(|byte| byte & 0xc0 == 0x80)).count()
            }
            _ => 1,
        };
        self.at = (self.at + 1 + width).min(self.limit);
    }

    fn close(&mut self) {
        self.open.pop();
        self.at += 1;
    }

    fn dollar(&mut self) {
        let (open, width) = match (self.byte(1), self.byte(2)) {
            (Some(b'('), Some(b'(')) => (Some(Open::Arithmetic), 3),
            (Some(b'('), _) => (Some(Open::Paren), 2),
            (Some(b'{'), _) => (Some(Open::Parameter), 2),
            _ => (None, 1),
        };
        self.command |= open == Some(Open::Paren);
        self.open.extend(open);
        self.at += width;
    }

    fn back(&mut self) {
        // Inside backquotes they cannot nest unescaped: the next one closes.
        if let Some(at) = self.open.iter().rposition(|open| *open == Open::Back) {
            self.open.truncate(at);
        } else {
            self.open.push(Open::Back);
            self.command = true;
        }
        self.at += 1;
    }

    fn single(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at + 1..self.limit)?;
        self.at += memchr::memchr(b'\'', rest)? + 2;
        Some(())
    }

    /// `$'…'`, with escapes.
    fn ansi_single(&mut self) -> Option<()> {
        self.at += 2;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\\' => self.escape(),
                b'\'' => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
        None
    }

    fn in_parameter(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'\\' => self.escape(),
            b'}' => self.close(),
            b'\'' if !self.open.contains(&Open::Double) => self.single()?,
            b'"' => {
                self.open.push(Open::Double);
                self.at += 1;
            }
            b'$' => self.dollar(),
            b'`' => self.back(),
            _ => self.at += 1,
        }
        Some(())
    }

    fn in_arithmetic(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'(' => {
                self.open.push(Open::ArithmeticParen);
                self.at += 1;
            }
            b')' if self.open.last() == Some(&Open::ArithmeticParen) => self.close(),
            b')' => {
                self.close();
                if self.byte(0) == Some(b')') {
                    self.at += 1;
                } else {
                    // `$((…) …)`: a group inside a substitution after all.
                    self.open.push(Open::Paren);
                }
            }
            b'\'' => self.single()?,
            b'$' => self.dollar(),
            b'\\' => self.escape(),
            _ => self.at += 1,
        }
        Some(())
    }

    fn in_commands(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'\n' => self.line_end()?,
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'#' if self.at_word_start() => {
                let rest = self.bytes.get(self.at..self.limit).unwrap_or_default();
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            }
            b'&' | b'|' | b';' => self.operator(byte),
            b'(' => self.paren(),
            b')' => self.close_paren(),
            b'`' => self.back(),
            b'<' if self.byte(1) == Some(b'<') && self.open.last() != Some(&Open::Test) => self.here(),
            _ if self.command && self.at_word_start() => self.keyword_or(byte)?,
            _ => self.in_word(byte)?,
        }
        Some(())
    }

    fn in_word(&mut self, byte: u8) -> Option<()> {
        self.pending = false;
        self.command = false;
        match byte {
            b'\\' => self.escape(),
            b'\'' => self.single()?,
            b'"' => {
                self.open.push(Open::Double);
                self.at += 1;
            }
            b'$' if self.byte(1) == Some(b'\'') => self.ansi_single()?,
            b'$' => self.dollar(),
            b']' if self.open.last() == Some(&Open::Test) && self.byte(1) == Some(b']') => {
                self.open.pop();
                self.at += 2;
            }
            _ => self.at += 1,
        }
        Some(())
    }

    fn operator(&mut self, byte: u8) {
        let double = self.byte(1) == Some(byte);
        let redirects = byte == b'&'
            && (self.byte(1) == Some(b'>')
                || self
                    .at
                    .checked_sub(1)
                    .and_then(|at| self.bytes.get(at))
                    .is_some_and(|b| b"<>".contains(b)));
        self.at += if double { 2 } else { 1 };
        if redirects {
            return;
        }
        self.pending = byte == b'|' || (byte == b'&' && double);
        self.command = true;
    }

    fn paren(&mut self) {
        let arithmetic = self.byte(1) == Some(b'(') && self.command;
        // `(cmd) …` and `name() …`; in a pattern of `case`, the parenthesis is optional.
        self.open.push(if arithmetic { Open::Arithmetic } else { Open::Paren });
        self.at += if arithmetic { 2 } else { 1 };
        self.pending = false;
        self.command = true;
    }

    fn close_paren(&mut self) {
        let head = self.at > 0 && self.bytes.get(self.at - 1) == Some(&b'(');
        if self.open.last() == Some(&Open::Paren) {
            self.open.pop();
            // A function's head: its body may begin on the next line.
            self.pending = head && self.open.last() != Some(&Open::Double);
        } else {
            self.pending = false;
        }
        self.command = true;
        self.at += 1;
    }

    fn line_end(&mut self) -> Option<()> {
        self.at += 1;
        self.command = true;
        for (delimiter, tabs) in std::mem::take(&mut self.documents) {
            loop {
                let rest = self.bytes.get(self.at..self.limit)?;
                if rest.is_empty() {
                    return None;
                }
                let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                let line = rest.get(..length)?;
                let ends = is_delimiter(line, &delimiter, tabs);
                // The line end after the last delimiter may end the statement.
                self.at += length;
                if ends {
                    break;
                }
                self.at += 1;
                if self.at >= self.limit {
                    return None;
                }
            }
        }
        Some(())
    }

    /// `<<EOF`, `<<-'EOF'`; not `<<<`.
    fn here(&mut self) {
        if self.byte(2) == Some(b'<') {
            self.at += 3;
            return;
        }
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
                b'_' | b'-' | b'.' | b'!' | b'%' | b'+' => delimiter.push(byte),
                byte if byte.is_ascii_alphanumeric() || !byte.is_ascii() => delimiter.push(byte),
                _ => break,
            }
            self.at += 1;
        }
        if !delimiter.is_empty() {
            self.documents.push((delimiter, tabs));
        }
    }
}

/// Whether `line` ends a here-document.
pub(super) fn is_delimiter(line: &[u8], delimiter: &[u8], tabs: bool) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let begin = if tabs { line.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
    line.get(begin..) == Some(delimiter)
}
