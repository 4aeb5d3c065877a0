//! A shell script as a shell cuts it up: statements, comments, blank lines. Nothing is run or expanded.

use std::ops::Range;

pub(super) mod lex;
mod scan;
mod simple;
#[cfg(test)]
mod tests;

use scan::Scan;

/// After so many statements that never close, a script is taken line by line: it is no script, and looking to its end
/// again and again would take long.
const MAX_UNCLOSED: usize = 8;

/// A piece of a script. All pieces together are the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Its bytes.
    pub(super) at: Range<usize>,
    /// What it is.
    pub(super) kind: PartKind,
}

/// What a [`Part`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartKind {
    /// White space.
    Blank,
    /// From `#` to the end of the line.
    Comment,
    /// A command with all that belongs to it: lists and pipes, `if … fi`, lines that continue, here-documents.
    Statement,
    /// A line that begins something (a quote, a group) that is never closed.
    Unclosed,
}

/// Cuts `script` up.
pub(super) fn split(script: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut unclosed = 0;
    let bytes = script.as_bytes();
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let (end, kind) = if blank > 0 {
            (at + blank, PartKind::Blank)
        } else if rest.first() == Some(&b'#') {
            (line_end(bytes, at), PartKind::Comment)
        } else {
            let line = continued_line_end(bytes, at);
            let limit = if unclosed < MAX_UNCLOSED { bytes.len() } else { line };
            if let Some(end) = Scan::new(bytes, at, limit).statement() {
                (end, PartKind::Statement)
            } else {
                unclosed += 1;
                (line, PartKind::Unclosed)
            }
        };
        // Whatever comes, go on: a statement has at least one byte.
        let end = end.max(at + 1);
        parts.push(Part { at: at..end, kind });
        at = end;
    }
    parts
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |n| at + n)
}

/// The end of the line, and of those that continue it with `\`.
fn continued_line_end(bytes: &[u8], at: usize) -> usize {
    let mut end = line_end(bytes, at);
    while end < bytes.len() && end > at && bytes.get(end - 1) == Some(&b'\\') {
        end = line_end(bytes, end + 1);
    }
    end
}
