//! What the book makes of records.

use std::time::Duration;

use super::*;
use crate::domain::Entry;

fn at(minute: i64) -> Wall {
    Wall::default() + chrono::TimeDelta::minutes(minute)
}

fn record(seq: u64, minute: i64, by: &str, step: Step) -> Record {
    Record {
        seq,
        at: at(minute),
        by: by.into(),
        role: Clean::default(),
        entry: Entry::Alert(Box::new(step)),
        hash: String::new(),
        late: false,
    }
}

fn raised(key: &str, severity: u8) -> Step {
    Step::Raised {
        key: key.into(),
        name: key.into(),
        why: Why::Failing,
        severity,
        about: "6 %, limit 5 %".into(),
        routes: vec!["pager".into(), "mail".into()],
    }
}

fn told(alert: u64, moment: Moment, route: &str, outcome: Outcome) -> Step {
    Step::Delivered { alert, moment, route: route.into(), outcome, answer: "ok".into(), attempt: 1 }
}

fn book(records: impl IntoIterator<Item = Record>) -> Book {
    let mut book = Book::default();
    for record in records {
        book.record(&record);
    }
    book
}

fn due(book: &Book, minute: i64) -> Vec<(u64, Moment, String)> {
    let all = book.due(|route, moment| route != "mail" || moment != Moment::Acknowledged, at(minute));
    all.into_iter().map(|due| (due.alert, due.moment, due.route)).collect()
}

#[test]
fn what_two_consoles_record_is_one_alert_and_the_first_word_stands() {
    let ack = |note: &str| Step::Acknowledged { alert: 1, note: note.into() };
    let mut book = book([
        record(1, 0, "room", raised("errors", 1)),
        record(2, 0, "room", raised("errors", 1)),
        record(3, 1, "sam", ack("on it")),
        record(4, 2, "mara", ack("me too")),
    ]);
    let open = book.open();
    assert_eq!((open.len(), open[0].id, open[0].state()), (1, 1, State::Acknowledged));
    assert_eq!(open[0].acknowledged.as_ref().map(|said| &*said.by), Some("sam"));
    book.record(&record(5, 3, "room", Step::Resolved { alert: 1, why: "2 %".into() }));
    book.record(&record(6, 3, "room", Step::Resolved { alert: 1, why: "again".into() }));
    assert_eq!((book.open().len(), book.over().len()), (0, 1));
    assert_eq!(book.get(1).and_then(|it| it.resolved.as_ref()).map(|it| &*it.text), Some("2 %"));
    // The same again is another alert.
    book.record(&record(7, 4, "room", raised("errors", 1)));
    assert_eq!(book.open_of("errors").map(|alert| alert.id), Some(7));
}

#[test]
fn each_route_is_told_each_thing_once_and_in_order() {
    let mut book = book([record(1, 0, "room", raised("errors", 1))]);
    let pair = |moment| vec![(1, moment, "pager".to_owned()), (1, moment, "mail".to_owned())];
    assert_eq!(due(&book, 0), pair(Moment::Raised));
    book.record(&record(2, 0, "room", told(1, Moment::Raised, "pager", Outcome::Sent)));
    book.record(&record(3, 0, "room", told(1, Moment::Raised, "mail", Outcome::Failed)));
    assert_eq!(due(&book, 1), [(1, Moment::Raised, "mail".to_owned())], "a failure is tried again");
    book.record(&record(4, 1, "sam", Step::Acknowledged { alert: 1, note: "".into() }));
    book.record(&record(5, 2, "room", Step::Resolved { alert: 1, why: "good".into() }));
    // The pager hears of the acknowledgement first, the mail of the alert itself: nothing is lost.
    let wanted = [(1, Moment::Acknowledged, "pager".to_owned()), (1, Moment::Raised, "mail".to_owned())];
    assert_eq!(due(&book, 3), wanted);
    book.record(&record(6, 3, "room", told(1, Moment::Acknowledged, "pager", Outcome::Sent)));
    book.record(&record(7, 3, "room", told(1, Moment::Raised, "mail", Outcome::Sent)));
    assert_eq!(due(&book, 3), pair(Moment::Resolved), "a mail is not told who has it");
    book.record(&record(8, 3, "room", told(1, Moment::Resolved, "pager", Outcome::Sent)));
    book.record(&record(9, 3, "room", told(1, Moment::Resolved, "mail", Outcome::GivenUp)));
    assert_eq!(due(&book, 3), []);
    // What was taken stays taken, whatever a console behind the times records.
    book.record(&record(10, 4, "room", told(1, Moment::Resolved, "pager", Outcome::Failed)));
    assert_eq!(due(&book, 4), []);
}

#[test]
fn who_never_heard_of_an_alert_hears_nothing_of_its_end_and_a_day_is_enough() {
    let mut book = book([record(1, 0, "room", raised("errors", 1))]);
    let late = book.due(|_, _| true, at(24 * 60 + 1));
    assert!(late.iter().all(|due| due.too_late) && late.len() == 2);
    book.record(&record(2, 0, "room", told(1, Moment::Raised, "pager", Outcome::GivenUp)));
    book.record(&record(3, 0, "room", told(1, Moment::Raised, "mail", Outcome::Sent)));
    book.record(&record(4, 5, "room", Step::Resolved { alert: 1, why: "good".into() }));
    assert_eq!(due(&book, 6), [(1, Moment::Resolved, "mail".to_owned())]);
}

#[test]
fn a_mute_silences_until_it_ends_and_what_came_and_went_under_it_is_never_told() {
    let mute =
        |what: &str, minute| Step::Muted { what: what.into(), until: at(minute), reason: "deploying".into() };
    let mut book = book([
        record(1, 0, "sam", mute("err*", 10)),
        record(2, 1, "room", raised("errors", 1)),
        record(3, 2, "room", raised("latency", 1)),
    ]);
    assert_eq!(due(&book, 5).iter().map(|due| due.0).collect::<Vec<_>>(), [3, 3]);
    assert!(
        book.muted("ERRORS", at(9)).is_some() && book.muted("errors", at(10)).is_none(),
        "it ends by itself"
    );
    assert_eq!(due(&book, 10).iter().filter(|due| due.0 == 2).count(), 2, "what lasts is told then");
    assert_eq!(book.left(at(5)), ["muted: err* until 00:10 by sam: deploying"]);
    assert_eq!(book.left(at(11)), [""; 0]);
    let mut over = book.clone();
    over.record(&record(4, 6, "room", Step::Resolved { alert: 2, why: "good".into() }));
    assert_eq!(due(&over, 11).iter().filter(|due| due.0 == 2).count(), 0);
    // Told before the mute, resolved under it: that is told when it ends.
    book.record(&record(4, 20, "room", told(3, Moment::Raised, "pager", Outcome::Sent)));
    book.record(&record(5, 21, "sam", mute("latency", 60)));
    book.record(&record(6, 22, "room", Step::Resolved { alert: 3, why: "good".into() }));
    assert_eq!(due(&book, 30).iter().filter(|due| due.0 == 3).count(), 0);
    book.record(&record(7, 31, "mara", Step::Unmuted { what: "latency".into() }));
    assert_eq!(due(&book, 31).last(), Some(&(3, Moment::Resolved, "pager".to_owned())));
    assert_eq!(book.mutes(at(31)).count(), 0);
}

#[test]
fn what_nobody_takes_up_is_escalated_once_and_a_mute_stops_that_clock() {
    let delay = |alert: &Alert| (alert.severity == 1).then(|| Duration::from_mins(10));
    let mut book = book([record(1, 0, "room", raised("errors", 1)), record(2, 0, "room", raised("slow", 3))]);
    assert_eq!(book.to_escalate(delay, at(9)), [0; 0]);
    assert_eq!(book.to_escalate(delay, at(10)), [1]);
    let until = at(30);
    book.record(&record(3, 5, "sam", Step::Muted { what: "errors".into(), until, reason: "x".into() }));
    assert_eq!(book.to_escalate(delay, at(35)), [0; 0]);
    assert_eq!(book.to_escalate(delay, at(40)), [1]);
    book.record(&record(4, 40, "room", Step::Escalated { alert: 1, routes: vec!["lead".into()] }));
    assert_eq!(book.to_escalate(delay, at(90)), [0; 0]);
    assert!(due(&book, 41).contains(&(1, Moment::Escalated, "lead".to_owned())));
    book.record(&record(5, 41, "room", told(1, Moment::Escalated, "lead", Outcome::Sent)));
    book.record(&record(6, 42, "room", Step::Resolved { alert: 1, why: "good".into() }));
    assert!(
        due(&book, 43).contains(&(1, Moment::Resolved, "lead".to_owned())),
        "who was told hears of the end"
    );
}

#[test]
fn names_with_blanks_and_times_in_them_can_be_muted() {
    let names = ["errors > 5 %", "health 5m", "errors"];
    let read = |text: &str| split(text, names.into_iter());
    let parts = |what: &str, minutes, reason: &str| {
        Ok((what.to_owned(), Duration::from_mins(minutes), reason.to_owned()))
    };
    assert_eq!(read("errors > 5 % 30m deploying now"), parts("errors > 5 %", 30, "deploying now"));
    assert_eq!(read("Health 5m 2h x"), parts("Health 5m", 120, "x"));
    assert_eq!(read("err* 10m x"), parts("err*", 10, "x"));
    for text in ["", "errors", "errors 30m", "30m errors", "errors 0s x"] {
        assert!(read(text).is_err(), "{text}");
    }
    assert_eq!(crate::domain::time::duration("30m"), Ok(Duration::from_mins(30)));
    for (pattern, name, fits) in [
        ("errors", "Errors", true),
        ("err*", "errors", true),
        ("*5 %", "errors > 5 %", true),
        ("e*o*s", "errors", true),
        ("*", "", true),
        ("errors", "errors > 5 %", false),
        ("e*x", "errors", false),
        ("ab*b", "ab", false),
    ] {
        assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
    }
}

#[test]
fn steps_are_stored_as_they_are_read_and_new_ones_do_no_harm() {
    let entry = Entry::Alert(Box::new(told(17, Moment::Raised, "pager", Outcome::GivenUp)));
    let json = serde_json::to_string(&entry).unwrap();
    let wanted = r#"{"kind":"alert","step":"delivered","alert":17,"moment":"raised","route":"pager","outcome":"given_up","answer":"ok","attempt":1}"#;
    assert_eq!(json, wanted);
    assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), entry);
    let later: Entry = serde_json::from_str(r#"{"kind":"alert","step":"delegated","alert":17}"#).unwrap();
    assert_eq!(later, Entry::Alert(Box::new(Step::Other)));
    assert_eq!((number("a17"), number("17"), number("a0"), number("x")), (Some(17), Some(17), None, None));
}

#[test]
fn what_was_taken_up_in_the_meantime_is_not_escalated() {
    let escalated = || Step::Escalated { alert: 1, routes: vec!["lead".into()] };
    let raised = record(1, 0, "room", raised("errors", 1));
    let taken = record(2, 9, "sam", Step::Acknowledged { alert: 1, note: "".into() });
    let over = record(2, 9, "room", Step::Resolved { alert: 1, why: "good".into() });
    for before in [taken.clone(), over] {
        let book = book([raised.clone(), before, record(3, 10, "room", escalated())]);
        assert_eq!(book.get(1).and_then(|alert| alert.escalated_at), None);
        assert!(due(&book, 10).iter().all(|(_, _, route)| route != "lead"));
    }
    // Escalated, and taken up before the lead could be told: that nobody did is not true any more.
    let mut book = book([raised, record(2, 8, "room", escalated()), taken]);
    assert!(due(&book, 10).iter().all(|(_, _, route)| route != "lead"), "{:?}", due(&book, 10));
    book.record(&record(3, 10, "room", told(1, Moment::Escalated, "lead", Outcome::Sent)));
    assert!(
        due(&book, 10).contains(&(1, Moment::Acknowledged, "lead".to_owned())),
        "who was told hears more"
    );
}

#[test]
fn the_end_of_a_mute_is_at_most_a_week_away_and_has_its_date_on_another_day() {
    let mute = |minute| Step::Muted { what: "errors".into(), until: at(minute), reason: "x".into() };
    let words = |minute| book([record(1, 0, "sam", mute(minute))]).left(at(1)).concat();
    assert_eq!(words(90), "muted: errors until 01:30 by sam: x");
    assert_eq!(words(24 * 60 + 5), "muted: errors until 01-02 00:05 by sam: x");
    assert_eq!(words(365 * 24 * 60), "muted: errors until 01-08 00:00 by sam: x");
    let forever = Step::Muted { what: "errors".into(), until: Wall::MAX_UTC, reason: "x".into() };
    let book = book([record(1, 0, "sam", forever)]);
    assert!(
        book.muted("errors", at(7 * 24 * 60 - 1)).is_some()
            && book.muted("errors", at(7 * 24 * 60)).is_none()
    );
    let day = Duration::from_hours(24);
    assert_eq!(mute_end(at(0), day * 7), Ok(at(7 * 24 * 60)));
    assert!(mute_end(at(0), day * 8).is_err() && mute_end(at(0), Duration::MAX).is_err());
}

#[test]
fn what_is_over_is_remembered_until_its_routes_were_told() {
    let mut book = Book::default();
    let all = 0..600_u64;
    for id in all.clone() {
        book.record(&record(id + 1, 0, "room", raised(&format!("c{id}"), 1)));
        for route in ["pager", "mail"] {
            book.record(&record(10_000, 0, "room", told(id + 1, Moment::Raised, route, Outcome::Sent)));
        }
    }
    for id in all.clone() {
        book.record(&record(10_000, 1, "room", Step::Resolved { alert: id + 1, why: "good".into() }));
    }
    assert_eq!(due(&book, 2).len(), 1_200, "nobody was told yet");
    for id in all {
        for route in ["pager", "mail"] {
            book.record(&record(10_000, 2, "room", told(id + 1, Moment::Resolved, route, Outcome::Sent)));
        }
    }
    book.record(&record(20_000, 3, "room", raised("one", 1)));
    book.record(&record(20_001, 3, "room", Step::Resolved { alert: 20_000, why: "good".into() }));
    assert_eq!(book.over().len(), 200);
}

#[test]
fn memory_is_bounded() {
    let mut book = Book::default();
    for seq in 0..4_000_u64 {
        book.record(&record(seq * 4 + 1, 0, "room", raised(&format!("c{seq}"), 1)));
        book.record(&record(
            seq * 4 + 2,
            0,
            "sam",
            Step::Muted { what: "x".into(), until: at(1), reason: "x".into() },
        ));
        if seq % 2 == 0 {
            book.record(&record(
                seq * 4 + 3,
                0,
                "room",
                Step::Resolved { alert: seq * 4 + 1, why: "".into() },
            ));
        }
    }
    assert!(book.open().len() <= 1_000 && book.over().len() <= 1_200 && book.mutes(at(0)).count() <= 200);
}
