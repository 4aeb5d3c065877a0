//! Brackets that were never opened or never closed.

use super::{Code, Fix, is_clause, spliced};
use crate::promql::lint::text::closes;

/// A bracket without a partner.
pub(super) fn lonely(code: &Code<'_>) -> Option<Fix> {
    let at = code.lonely?;
    let byte = *code.text.as_bytes().get(at)?;
    if matches!(byte, b')' | b']' | b'}') {
        let text = spliced(code.text, at, at + 1, "");
        return Some(Fix::new(at, format!("the bracket {} was never opened", char::from(byte)), text));
    }
    if let Some(open) = unclosed_clause(code) {
        let text = spliced(code.text, code.before_blank(open), open, ") ");
        return Some(Fix::new(at, format!("the bracket {} is never closed", char::from(byte)), text));
    }
    if let Some(close) = before_number(code, at) {
        let text = spliced(code.text, close, close, ")");
        return Some(Fix::new(at, format!("the bracket {} is never closed", char::from(byte)), text));
    }
    let mut text = code.text.trim_end().to_owned();
    text.extend(code.open.iter().rev().map(|open| char::from(closes(*open))));
    Some(Fix::new(at, format!("the bracket {} is never closed", char::from(byte)), text))
}

/// Where the operand of `sum by (code (rate(x[5m]))` opens: between its labels and it a bracket is missing.
fn unclosed_clause(code: &Code<'_>) -> Option<usize> {
    code.names().filter(|(at, _)| is_clause(code, *at)).find_map(|(at, name)| {
        let labels = code.skip_blank(at + name.len());
        let open = labels + 1 + code.text.get(labels + 1..)?.find(['(', ')'])?;
        let inside = code.text.get(labels + 1..open)?.trim();
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ',' | ' ');
        let is_missing = code.byte(labels) == Some(b'(') && code.byte(open) == Some(b'(');
        (is_missing && !inside.is_empty() && inside.chars().all(plain)).then_some(open)
    })
}

/// Where the only open bracket closes, if a call in it is followed by nothing but a sign and a number: `sum(rate(x[5m]) > 5`.
fn before_number(code: &Code<'_>, open: usize) -> Option<usize> {
    if code.open.as_slice() != b"(" {
        return None;
    }
    let last = code.text.rfind(')').filter(|last| *last > open && code.is_code(*last))?;
    let tail = code.text.get(last + 1..)?.trim();
    let number = tail.trim_start_matches(['>', '<', '=', '!', '*', '/', '+', '-', ' ']);
    (number.len() < tail.len() && number.parse::<f64>().is_ok()).then_some(last + 1)
}
