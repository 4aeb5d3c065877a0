//! The query language of Cloud Logging, as far as simple clients write it: comparisons of fields, words to look for, `AND`,
//! `OR`, `NOT` and brackets. `OR` binds tighter than `AND`, as there.

use serde_json::Value;

use crate::domain::Wall;
use crate::domain::logs::Severity;

/// What an entry must fulfil.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them.
    All(Vec<Filter>),
    /// One of them.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A field compared.
    Is(Vec<String>, Op, String),
    /// A text somewhere in it.
    Somewhere(String),
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `>`
    Above,
    /// `>=`
    From,
    /// `<`
    Below,
    /// `<=`
    UpTo,
    /// `:`
    Has,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Word(String),
    Quoted(String),
    Op(Op),
    Open,
    Close,
    Dot,
    Minus,
}

/// Reads a filter.
///
/// # Errors
/// It is none, in words.
pub fn parse(text: &str) -> Result<Filter, String> {
    let pieces = pieces(text)?;
    let mut rest = pieces.as_slice();
    let filter = all(&mut rest)?;
    match rest.first() {
        None => Ok(filter),
        Some(piece) => Err(format!("unparseable filter: unexpected {piece:?}")),
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let then = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>, long, short| {
            if chars.next_if_eq(&'=').is_some() { Piece::Op(long) } else { Piece::Op(short) }
        };
        pieces.push(match c {
            _ if c.is_whitespace() => continue,
            '(' => Piece::Open,
            ')' => Piece::Close,
            '.' => Piece::Dot,
            '-' if chars.peek().is_some_and(|next| !next.is_ascii_digit()) => Piece::Minus,
            ':' => Piece::Op(Op::Has),
            '>' => then(&mut chars, Op::From, Op::Above),
            '<' => then(&mut chars, Op::UpTo, Op::Below),
            '=' if chars.peek() == Some(&'~') => return Err("=~ is not simulated here".to_owned()),
            '=' => Piece::Op(Op::Equal),
            '!' if chars.next_if_eq(&'=').is_some() => Piece::Op(Op::Unequal),
            '"' => Piece::Quoted(quoted(&mut chars)?),
            _ if is_word(c) => {
                let mut word = c.to_string();
                while let Some(next) = chars.next_if(|next| is_word(*next) || *next == '-') {
                    word.push(next);
                }
                Piece::Word(word)
            }
            other => return Err(format!("unparseable filter: unexpected '{other}'")),
        });
    }
    Ok(pieces)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '/' | '@' | '*' | '%' | '+' | '-')
}

fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(text),
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    Err("unparseable filter: a quote is not closed".to_owned())
}

fn all(rest: &mut &[Piece]) -> Result<Filter, String> {
    let mut parts = Vec::new();
    while !rest.is_empty() && rest.first() != Some(&Piece::Close) {
        parts.push(any(rest)?);
        skip_word(rest, "AND");
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
}

fn any(rest: &mut &[Piece]) -> Result<Filter, String> {
    let mut parts = vec![one(rest)?];
    while skip_word(rest, "OR") {
        parts.push(one(rest)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
}

fn skip_word(rest: &mut &[Piece], word: &str) -> bool {
    let there = rest.first() == Some(&Piece::Word(word.to_owned()));
    if there {
        *rest = &rest[1..];
    }
    there
}

fn next<'p>(rest: &mut &'p [Piece]) -> Result<&'p Piece, String> {
    let (first, others) = rest.split_first().ok_or("unparseable filter: it ends too early")?;
    *rest = others;
    Ok(first)
}

fn one(rest: &mut &[Piece]) -> Result<Filter, String> {
    if skip_word(rest, "NOT") {
        return Ok(Filter::Not(Box::new(one(rest)?)));
    }
    let first = match next(rest)? {
        Piece::Minus => return Ok(Filter::Not(Box::new(one(rest)?))),
        Piece::Open => {
            let inside = all(rest)?;
            return closed(rest).map(|()| inside);
        }
        Piece::Word(word) | Piece::Quoted(word) => word.clone(),
        other => return Err(format!("unparseable filter: unexpected {other:?}")),
    };
    let mut path = vec![first];
    while rest.first() == Some(&Piece::Dot) {
        next(rest)?;
        match next(rest)? {
            Piece::Word(word) | Piece::Quoted(word) => path.push(word.clone()),
            other => return Err(format!("unparseable filter: unexpected {other:?} in a field's name")),
        }
    }
    let Some(Piece::Op(op)) = rest.first() else { return Ok(Filter::Somewhere(path.join("."))) };
    next(rest)?;
    values(rest, &path, *op)
}

/// One value, or several in brackets.
fn values(rest: &mut &[Piece], path: &[String], op: Op) -> Result<Filter, String> {
    match next(rest)? {
        Piece::Word(word) if ["AND", "OR", "NOT"].contains(&word.as_str()) => {
            Err(format!("unparseable filter: {word} is no value"))
        }
        Piece::Word(value) => {
            // A bare number may have a fraction.
            let mut value = value.clone();
            while let [Piece::Dot, Piece::Word(more), ..] = rest {
                value = format!("{value}.{more}");
                *rest = &rest[2..];
            }
            Ok(Filter::Is(path.to_vec(), op, value))
        }
        Piece::Quoted(value) => Ok(Filter::Is(path.to_vec(), op, value.clone())),
        Piece::Open => {
            let mut parts = vec![values(rest, path, op)?];
            let either = rest.first() == Some(&Piece::Word("OR".to_owned()));
            while skip_word(rest, if either { "OR" } else { "AND" }) {
                parts.push(values(rest, path, op)?);
            }
            closed(rest)?;
            Ok(if either { Filter::Any(parts) } else { Filter::All(parts) })
        }
        other => Err(format!("unparseable filter: {other:?} is no value")),
    }
}

fn closed(rest: &mut &[Piece]) -> Result<(), String> {
    if *next(rest)? == Piece::Close {
        Ok(())
    } else {
        Err("unparseable filter: a bracket is open".to_owned())
    }
}

impl Filter {
    /// Whether the entry fulfils it.
    pub fn fits(&self, entry: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(entry)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(entry)),
            Self::Not(part) => !part.fits(entry),
            Self::Somewhere(text) => entry.to_string().to_lowercase().contains(&text.to_lowercase()),
            Self::Is(path, op, wanted) => is(path, *op, wanted, entry),
        }
    }
}

fn is(path: &[String], op: Op, wanted: &str, entry: &Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let found = path.iter().try_fold(entry, |value, name| value.get(name));
    if path == ["severity"] {
        let rank = |text: &str| text.parse::<Severity>().ok();
        let own = found.and_then(Value::as_str).map_or(Some(Severity::Default), rank);
        return own.zip(rank(wanted)).is_some_and(|(own, wanted)| holds(op, own.cmp(&wanted)));
    }
    let Some(found) = found else { return false };
    let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    if op == Op::Has {
        return wanted == "*" || text.to_lowercase().contains(&wanted.to_lowercase());
    }
    if path.last().is_some_and(|name| name.ends_with("imestamp")) {
        return time(&text).zip(time(wanted)).is_some_and(|(own, wanted)| holds(op, own.cmp(&wanted)));
    }
    let order = match (text.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(own), Ok(wanted)) => own.partial_cmp(&wanted),
        _ => Some(text.to_lowercase().cmp(&wanted.to_lowercase())),
    };
    order.is_some_and(|order| matches!(order, Less | Equal | Greater) && holds(op, order))
}

fn holds(op: Op, order: std::cmp::Ordering) -> bool {
    match op {
        Op::Equal | Op::Has => order.is_eq(),
        Op::Unequal => order.is_ne(),
        Op::Above => order.is_gt(),
        Op::From => order.is_ge(),
        Op::Below => order.is_lt(),
        Op::UpTo => order.is_le(),
    }
}

/// RFC 3339, and the offset without a colon that some clients write.
fn time(text: &str) -> Option<Wall> {
    let read = chrono::DateTime::parse_from_rfc3339(text);
    let read = read.or_else(|_| chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    read.ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn simple_queries_find_what_they_should() {
        let entry = json!({
            "severity": "WARNING", "timestamp": "2026-11-20T10:00:00.5Z", "httpRequest": {"status": 503},
            "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "cart", "a.b": "x"}},
            "jsonPayload": {"message": "Pool exhausted"},
        });
        let yes = [
            "",
            "severity>=WARNING",
            "severity=warning AND resource.type=\"cloud_run_revision\"",
            "resource.labels.service_name=\"CART\"",
            "resource.labels.\"a.b\"=x",
            "timestamp>=\"2026-11-20T10:00:00Z\" timestamp<\"2026-11-20T10:00:00.600000+0000\"",
            "httpRequest.status>=500 httpRequest.status<600",
            "jsonPayload.message:pool",
            "jsonPayload.message:*",
            "\"pool exhausted\"",
            "exhausted",
            "NOT severity>=ERROR",
            "-severity>=ERROR",
            "severity=(ERROR OR WARNING)",
            "severity=ERROR OR severity=WARNING AND httpRequest.status=503",
            "(severity=ERROR OR (severity=WARNING httpRequest.status=503))",
            "logName=\"projects/p/logs/run.googleapis.com%2Fstderr\"",
            "resource.labels.service_name!=\"other\"",
        ];
        for text in yes {
            assert!(parse(text).unwrap().fits(&entry), "{text}");
        }
        let no = [
            "severity>WARNING",
            "timestamp>\"2026-11-20T10:00:00.5Z\"",
            "textPayload:*",
            "textPayload!=\"x\"",
            "severity=WARNING AND severity=ERROR",
            "nothing",
            // OR binds tighter: both sides of AND have to hold.
            "severity=WARNING OR severity=ERROR AND httpRequest.status=1",
        ];
        for text in no {
            assert!(!parse(text).unwrap().fits(&entry), "{text}");
        }
        assert!(parse("severity>=DEFAULT").unwrap().fits(&json!({})));
        for bad in ["severity>=", "severity>= AND a=b", "(a=b", "a=\"x", "a=~\"x\"", "a b)", "a==b", "=b"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
