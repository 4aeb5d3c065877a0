//! A query as text: which bytes are code, which brackets belong together, which names stand where.

/// Aggregations, which may be grouped with `by` and `without`.
pub(super) const AGGREGATIONS: [&str; 14] = [
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "group",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "count_values",
    "quantile",
    "limitk",
    "limit_ratio",
];

/// Functions over a range of time.
pub(super) const OVER_RANGE: [&str; 21] = [
    "rate",
    "irate",
    "increase",
    "delta",
    "idelta",
    "deriv",
    "changes",
    "resets",
    "predict_linear",
    "holt_winters",
    "avg_over_time",
    "min_over_time",
    "max_over_time",
    "sum_over_time",
    "count_over_time",
    "quantile_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "last_over_time",
    "present_over_time",
    "absent_over_time",
];

/// A query with what each byte is.
pub(super) struct Code<'a> {
    pub(super) text: &'a str,
    /// For each byte: whether it is inside a string or comment.
    quoted: Vec<bool>,
    /// For each byte: whether it is inside braces, among label matchers.
    braced: Vec<bool>,
    /// For each byte that is a bracket: the place of its partner.
    partner: Vec<Option<usize>>,
    /// The first bracket without a partner.
    pub(super) lonely: Option<usize>,
    /// Brackets that are open at the end, innermost last.
    pub(super) open: Vec<u8>,
}

impl<'a> Code<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut code = Self {
            text,
            quoted: vec![false; text.len()],
            braced: vec![false; text.len()],
            partner: vec![None; text.len()],
            lonely: None,
            open: Vec::new(),
        };
        let mut stack: Vec<(usize, u8)> = Vec::new();
        let mut quote: Option<u8> = None;
        let mut escaped = false;
        for (at, byte) in text.bytes().enumerate() {
            if let Some(slot) = code.quoted.get_mut(at) {
                *slot = quote.is_some() || matches!(byte, b'"' | b'\'' | b'`' | b'#');
            }
            if let Some(slot) = code.braced.get_mut(at) {
                *slot = stack.last().is_some_and(|(_, open)| *open == b'{');
            }
            match (quote, byte) {
                (Some(b'#'), b'\n') => quote = None,
                (Some(b'#'), _) => {}
                (Some(_), _) if escaped => escaped = false,
                (Some(b'"' | b'\''), b'\\') => escaped = true,
                (Some(open), _) if open == byte => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'' | b'`' | b'#') => quote = Some(byte),
                (None, b'(' | b'[' | b'{') => stack.push((at, byte)),
                (None, b')' | b']' | b'}') => match stack.pop_if(|(_, open)| closes(*open) == byte) {
                    Some((from, _)) => code.join(from, at),
                    None => code.lonely = code.lonely.or(Some(at)),
                },
                (None, _) => {}
            }
        }
        if let (None, Some((first, _))) = (code.lonely, stack.first()) {
            code.lonely = Some(*first);
        }
        code.open = stack.into_iter().map(|(_, open)| open).collect();
        code
    }

    fn join(&mut self, from: usize, to: usize) {
        if let Some(slot) = self.partner.get_mut(from) {
            *slot = Some(to);
        }
        if let Some(slot) = self.partner.get_mut(to) {
            *slot = Some(from);
        }
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied().filter(|_| self.is_code(at))
    }

    /// Whether the byte at `at` is outside of strings and comments.
    pub(super) fn is_code(&self, at: usize) -> bool {
        self.quoted.get(at).is_some_and(|quoted| !quoted)
    }

    pub(super) fn partner(&self, at: usize) -> Option<usize> {
        self.partner.get(at).copied().flatten()
    }

    /// Whether `at` is inside braces: among label matchers.
    pub(super) fn in_braces(&self, at: usize) -> bool {
        self.braced.get(at).is_some_and(|braced| *braced)
    }

    /// The first place after `at` that is no white space.
    pub(super) fn skip_blank(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.len() - rest.trim_start().len()
    }

    /// Where the text before `at` ends, apart from white space.
    pub(super) fn before_blank(&self, at: usize) -> usize {
        self.text.get(..at).map_or(0, |before| before.trim_end().len())
    }

    /// The names outside of strings: place and text.
    pub(super) fn names(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        let bytes = self.text.as_bytes();
        let inside = move |at: usize| bytes.get(at).is_some_and(|b| is_name(*b)) && self.is_code(at);
        (0..bytes.len()).filter(move |at| inside(*at) && (*at == 0 || !inside(at - 1))).filter_map(
            move |at| {
                let length = bytes.iter().skip(at).take_while(|b| is_name(**b)).count();
                Some((at, self.text.get(at..at + length)?))
            },
        )
    }

    /// Where the name that ends before `end` begins; `end` itself if there is none.
    pub(super) fn name_before(&self, end: usize) -> usize {
        let before = self.text.get(..end).unwrap_or_default();
        end - before.bytes().rev().take_while(|b| is_name(*b)).count()
    }
}

/// What closes `open`.
pub(super) fn closes(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':')
}

/// The first `|` of a pipeline over logs; `PromQL` has none.
pub(super) fn pipe(text: &str) -> Option<usize> {
    let code = Code::of(text);
    let piped = |at: usize| code.byte(at) == Some(b'|');
    (0..text.len()).find(|at| piped(*at) && !piped(at + 1) && !at.checked_sub(1).is_some_and(piped))
}

/// Whether `text` calls a function of the language, or selects by labels or range.
pub(super) fn has_query_marks(text: &str) -> bool {
    let code = Code::of(text);
    let words = text.split_whitespace().count();
    let calls = code.names().any(|(at, name)| {
        let known = AGGREGATIONS.contains(&name)
            || OVER_RANGE.contains(&name)
            || matches!(name, "histogram_quantile" | "absent" | "label_replace" | "clamp_max" | "clamp_min");
        let next = code.skip_blank(at + name.len());
        let rest = code.text.get(next..).unwrap_or_default();
        known && (rest.starts_with('(') || rest.starts_with("by") || rest.starts_with("without"))
    });
    let selects = words <= 12
        && text.char_indices().any(|(at, c)| {
            (c == '{' || c == '[')
                && at > 0
                && code.is_code(at)
                && code.name_before(at) < at
                && code.partner(at).is_some()
        })
        && (super::taken(text) || text.contains("=\""));
    calls || selects
}

/// The place in `query` of the first thing that `message` quotes or names; 0 if none is there.
pub(super) fn named_in(message: &str, query: &str) -> usize {
    let pieces = message.split(['"', '\'', '`', ' ', '\n']).map(|piece| piece.trim_matches(['.', ',', ':']));
    let known =
        pieces.filter(|piece| piece.len() > 2 && piece.bytes().any(|b| b.is_ascii_alphabetic() || b == b'_'));
    known.filter(|piece| !is_plain_word(piece)).find_map(|piece| query.find(piece)).unwrap_or(0)
}

/// Words that messages of the parser have without meaning a piece of the query.
fn is_plain_word(word: &str) -> bool {
    matches!(
        word,
        "expected"
            | "type"
            | "call"
            | "function"
            | "got"
            | "vector"
            | "range"
            | "instant"
            | "scalar"
            | "string"
            | "the"
            | "invalid"
            | "promql"
            | "query"
            | "unexpected"
            | "and"
            | "for"
            | "with"
            | "name"
            | "unknown"
            | "argument"
    )
}
