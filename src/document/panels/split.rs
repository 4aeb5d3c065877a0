//! A fence with queries, parted: by blank lines, and by lines where a query is whole.

/// A query of a fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Line in the fence, from 0.
    pub(super) line: u32,
    pub(super) text: String,
    /// The comment above or beside it.
    pub(super) comment: Option<String>,
}

/// The queries of `code`.
pub(super) fn queries(code: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut comment: Option<String> = None;
    let mut current: Option<Piece> = None;
    for (line, text) in (0_u32..).zip(code.lines()) {
        let (query, note) = without_comment(text);
        if query.trim().is_empty() {
            // A blank line ends a query; a comment in the middle of one does not.
            if note.is_none() || current.as_ref().is_some_and(|piece| is_whole(&piece.text)) {
                pieces.extend(current.take());
            }
            comment = note.map(str::to_owned).or_else(|| comment.filter(|_| current.is_some()));
            continue;
        }
        let goes_on = current.as_ref().is_some_and(|piece| !is_whole(&piece.text) || begins_inside(query));
        if !goes_on {
            pieces.extend(current.take());
        }
        let piece =
            current.get_or_insert_with(|| Piece { line, text: String::new(), comment: comment.take() });
        if !piece.text.is_empty() {
            piece.text.push('\n');
        }
        piece.text.push_str(query.trim_end());
        if piece.comment.is_none() {
            piece.comment = note.map(str::to_owned);
        }
    }
    pieces.extend(current);
    for piece in &mut pieces {
        piece.text = piece.text.trim().to_owned();
    }
    pieces
}

/// A line without its comment, and the comment.
fn without_comment(line: &str) -> (&str, Option<&str>) {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => {
                let note = line.get(at..).unwrap_or_default().trim_matches(['#', ' ', '-', '=']).trim();
                return (line.get(..at).unwrap_or_default(), Some(note).filter(|note| !note.is_empty()));
            }
            (None, '"' | '\'' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None | Some(_), _) => {}
        }
    }
    if line.trim_start().starts_with("//") {
        return ("", Some(line.trim_start().trim_start_matches('/').trim()));
    }
    (line, None)
}

/// Whether a query may end after `text`: its brackets are closed, and no operator waits for more.
fn is_whole(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (None, '"' | '\'' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, _) => {}
        }
    }
    let end = text.trim_end();
    let word = end.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    depth <= 0 && !end.ends_with(['+', '-', '*', '/', '%', '^', '=', '<', '>', ',', '&', '|']) && !joins(word)
}

/// Whether a line can only be a further piece of the query above it.
fn begins_inside(line: &str) -> bool {
    let line = line.trim_start();
    let word = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    line.starts_with([
        '+', '-', '*', '/', '%', '^', '=', '<', '>', '!', ',', ')', ']', '}', '(', '[', '{', '&', '|',
    ]) || joins(word)
}

/// Words that stand between two pieces of one query.
fn joins(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "and"
            | "or"
            | "unless"
            | "by"
            | "without"
            | "on"
            | "ignoring"
            | "group_left"
            | "group_right"
            | "offset"
            | "bool"
            | "atan2"
    )
}
