//! Entries once, in order and bounded; kinds and counts.

use chrono::TimeDelta;

use super::*;

pub(crate) fn entry(seconds: i64, id: &str, severity: Severity, text: &str) -> LogEntry {
    LogEntry {
        at: Wall::default() + TimeDelta::seconds(seconds),
        insert_id: id.into(),
        severity,
        revision: "chat-00002-bim".into(),
        log: "stderr".into(),
        text: text.into(),
        more: Vec::new(),
        facts: Vec::new(),
    }
}

fn rule(name: &str, pattern: &str, expected: bool, most: Option<f64>) -> LogRule {
    let patterns = vec![pattern.to_owned()];
    LogRule { name: name.to_owned(), patterns, services: Vec::new(), expected, most }
}

const IX: ServiceIx = ServiceIx(0);
const NONE: (&[LogRule], ServiceIx) = (&[], IX);

#[test]
fn an_entry_that_is_read_twice_is_there_once_and_late_ones_find_their_place() {
    let mut book = Book::default();
    let first = [entry(3, "c", Severity::Info, "three"), entry(1, "a", Severity::Info, "one")];
    assert_eq!(book.add(NONE, first.clone()).len(), 2);
    assert_eq!(book.add(NONE, first), [], "polls overlap");
    let late = [entry(2, "b", Severity::Info, "two"), entry(2, "a", Severity::Info, "other")];
    assert_eq!(book.add(NONE, late).len(), 2);
    let texts: Vec<&str> = book.newest_first().map(|known| &*known.entry.text).collect();
    assert_eq!(texts, ["three", "two", "other", "one"]);
}

#[test]
fn a_book_is_bounded_and_lets_the_oldest_go() {
    let mut book = Book::default();
    book.add(NONE, (0..2500).map(|n| entry(n, "x", Severity::Info, "x")));
    assert_eq!(book.len(), 2000);
    assert_eq!(book.newest_first().last().map(|known| known.entry.at.timestamp()), Some(500));
    let late = book.add(NONE, [entry(1, "late", Severity::Info, "older than all that is kept")]);
    assert_eq!(late, []);
    assert_eq!(book.newest_first().last().map(|known| known.entry.at.timestamp()), Some(500));
}

#[test]
fn what_a_rule_knows_is_told_from_what_nobody_expected() {
    let rules = [
        rule("client left", "client went away*while", true, None),
        rule("pool", "pool exhausted", false, None),
    ];
    let of =
        |severity, text| kind(&rules, IX, &entry(0, "a", severity, text)).map(|it| (it.name, it.expected));
    assert_eq!(
        of(Severity::Error, "Client went away (4f2) while streaming"),
        Some(("client left".to_owned(), true))
    );
    assert_eq!(of(Severity::Info, "connection POOL EXHAUSTED"), Some(("pool".to_owned(), false)));
    assert_eq!(of(Severity::Error, "while client went away"), Some(("while client went away".into(), false)));
    assert_eq!(of(Severity::Warning, "slow"), None);
    assert_eq!(of(Severity::Error, "GET 503 /runs/4f2a 1.71s"), Some(("GET 503 …".to_owned(), false)));
    assert_eq!(of(Severity::Error, "no open run eedfee"), Some(("no open run …".to_owned(), false)));
    let mut elsewhere = rules[0].clone();
    elsewhere.services = vec![ServiceIx(1)];
    assert!(!elsewhere.is_about(IX, &entry(0, "a", Severity::Error, "client went away while")));
}

#[test]
fn errors_that_differ_in_numbers_alone_are_of_one_kind_and_the_unexpected_come_first() {
    let rules = [rule("left", "went away", true, Some(2.0)), rule("rare", "retry", true, None)];
    let mut book = Book::default();
    book.add(
        (&rules, IX),
        (0..3).map(|n| entry(n, "e", Severity::Error, &format!("run 4f{n} 8{n} failed after {n} ms"))),
    );
    book.add((&rules, IX), (0..9).map(|n| entry(n, "r", Severity::Error, "retry")));
    let count = |book: &Book, now: i64| {
        let now = Wall::default() + TimeDelta::seconds(now);
        let counts = book.counts(&rules, now);
        counts
            .into_iter()
            .map(|it| (it.name.clone(), it.is_expected(), it.count, it.last_minute))
            .collect::<Vec<_>>()
    };
    let failed = "run … failed after … ms".to_owned();
    assert_eq!(count(&book, 10), [(failed.clone(), false, 3, 3), ("rare".into(), true, 9, 9)]);
    assert_eq!(count(&book, 61), [(failed.clone(), false, 3, 1), ("rare".into(), true, 9, 7)]);
    // Known, but more often than the rule takes for normal: no longer expected.
    book.add((&rules, IX), (0..4).map(|n| entry(n, "l", Severity::Error, "client went away")));
    let counts = count(&book, 10);
    assert_eq!(counts[0], ("left".into(), false, 4, 4));
    assert_eq!(count(&book, 90)[1], ("rare".into(), true, 9, 0));
}

#[test]
fn a_clock_that_is_ahead_blinds_nobody() {
    let at = |seconds| Wall::default() + TimeDelta::seconds(seconds);
    assert_eq!(next_since(at(0), at(100), at(110)), at(70));
    assert_eq!(next_since(at(0), at(86_400), at(110)), at(80), "an entry of tomorrow");
    assert_eq!(next_since(at(95), at(100), at(110)), at(95));
    let mut book = Book::default();
    book.add(NONE, [entry(3600, "a", Severity::Error, "boom"), entry(5, "b", Severity::Error, "boom")]);
    assert_eq!(book.counts(&[], at(10))[0].last_minute, 1);
}

#[test]
fn errors_without_a_message_are_told_apart_by_their_words() {
    let of = |text| kind(&[], IX, &entry(0, "a", Severity::Error, text)).map(|it| it.name);
    assert_eq!(of(""), Some("(no text)".to_owned()));
    assert_eq!(of("{\"code\":\"E_POOL\",\"n\":3}"), Some("code E_POOL n …".to_owned()));
    assert_eq!(of("{\"err\":\"timeout\",\"run\":7}"), Some("err timeout run …".to_owned()));
}

#[test]
fn more_kinds_than_two_hundred_are_counted_too() {
    let text = |n: i64| {
        let letter = |n: i64| char::from(b'g' + u8::try_from(n % 16).unwrap_or_default());
        format!("{}{}{}", letter(n / 256), letter(n / 16), letter(n))
    };
    let mut book = Book::default();
    book.add(NONE, (0..300).map(|n| entry(n, "a", Severity::Error, &text(n))));
    assert_eq!(book.counts(&[], Wall::default()).len(), 300);
}
