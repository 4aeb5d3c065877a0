//! A person's word against the machine's: the verdict overridden, a condition accepted, each with a reason and an end.

use std::time::Duration;

use warroom::domain::Reason;
use warroom::domain::metric::{Connections, Scraped};
use warroom::domain::room::Checklist;
use warroom::domain::{
    Accepts, Action, Chord, Clean, ConditionSpec, ConditionState, Draft, Entry, Key, KeyPress, LinkReport,
    Mono, Now, PanelId, ReasonKind, Record, ServiceIx, SourceId, VerdictState, Wall,
};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;

use crate::cli::{parsed, said};
use crate::frames::room::Mood;
use crate::screens::Person;

const ERRORS: &str = "error_rate";

/// The newest draft that was sent to the journal.
fn draft(person: &Person) -> Draft {
    let mut drafts = person.effects.iter().rev().filter_map(|effect| match effect {
        Effect::Journal { draft, .. } => Some(draft.clone()),
        _ => None,
    });
    drafts.next().expect("a draft")
}

/// The journal took it, and a second passes.
fn record(person: &mut Person, entry: Entry) {
    let seq = person.model.journal.head() + 1;
    let (at, by) = (person.model.now.wall, Clean::new("ines"));
    let record = Record { seq, at, by, role: Clean::default(), entry, hash: "00".repeat(32), late: false };
    person.tell(Msg::Recorded { records: vec![record] });
    person.wait(1_000);
}

fn until(person: &Person, seconds: i64) -> Wall {
    person.model.now.wall + chrono::TimeDelta::seconds(seconds)
}

fn overrode(person: &Person, state: VerdictState, over: VerdictState, seconds: i64) -> Entry {
    let (reason, against) = ("the load test does that".into(), person.model.verdicts.room.against.clone());
    Entry::Overrode { state, over, against, reason, until: until(person, seconds) }
}

fn accepted(person: &Person, condition: &str, what: Accepts, seconds: i64) -> Entry {
    let reason = "known since Monday".into();
    let spec = person.model.room.conditions.iter().find(|spec| spec.name == condition).expect("a condition");
    let (condition, rule) = (condition.to_owned(), spec.rule());
    Entry::Accepted { condition, what, rule, reason, until: until(person, seconds) }
}

fn subjects(model: &Model) -> Vec<&str> {
    model.verdicts.now.reasons.iter().map(|reason| &*reason.subject).collect()
}

fn state(model: &Model, name: &str) -> ConditionState {
    model.conditions.iter(&model.room).find(|(spec, _)| spec.name == name).expect("a condition").1.state
}

#[test]
fn an_override_is_asked_for_with_a_reason_and_an_end_and_both_words_stay_on_the_screen() {
    for size in [(80, 24), (120, 40), (160, 48)] {
        let mut ines = Person::at(Mood::Bad, size);
        ines.keys(":override go\n\n");
        assert!(ines.screen().contains("it wants a reason, and then an end"), "{}", ines.screen());
        ines.keys("the load test does that\n");
        for _ in 0..3 {
            ines.key(Key::Backspace);
        }
        ines.keys("soon\n");
        assert!(ines.screen().contains("an end is a time from now"), "{}", ines.screen());
        assert!(ines.screen().contains("soon"), "what was typed is not lost");
        for _ in 0..4 {
            ines.key(Key::Backspace);
        }
        ines.keys("30m");
        insta::assert_snapshot!(format!("override-asks-{}x{}", size.0, size.1), ines.screen());
        ines.keys("\n");
        let entry = draft(&ines).entry;
        let Entry::Overrode { state, over, reason, .. } = &entry else { panic!("{entry:?}") };
        assert_eq!((*state, *over), (VerdictState::Go, VerdictState::NoGo));
        assert_eq!(&**reason, "the load test does that");
        assert_eq!(
            ines.model.verdicts.now.state,
            VerdictState::NoGo,
            "nothing counts before the journal has it"
        );
        // Nothing told this room anything while that was typed: a word on what is seen by now.
        let entry = overrode(&ines, VerdictState::Go, VerdictState::NoGo, 1_800);
        record(&mut ines, entry);
        let now = &ines.model.verdicts.now;
        assert_eq!((now.state, now.overridden), (VerdictState::Go, Some(VerdictState::NoGo)));
        assert_eq!(&*now.reasons[0].subject, "GO by ines, the room says NO-GO");
        assert!(now.reasons.len() > 2, "the room's own reasons stay: {:?}", subjects(&ines.model));
        insta::assert_snapshot!(format!("override-stands-{}x{}", size.0, size.1), ines.screen());
    }
}

#[test]
fn an_override_ends_by_its_time_or_by_a_word_and_covers_nothing_worse() {
    let mut ines = Person::at(Mood::Bad, (120, 40));
    let go = overrode(&ines, VerdictState::Go, VerdictState::NoGo, 3);
    record(&mut ines, go);
    assert_eq!(ines.model.verdicts.now.state, VerdictState::Go);
    ines.wait(2_000);
    assert_eq!(ines.model.verdicts.now.state, VerdictState::NoGo);

    let go = overrode(&ines, VerdictState::Go, VerdictState::NoGo, 900);
    record(&mut ines, go);
    ines.keys(":override end\n");
    let ended = draft(&ines).entry;
    assert_eq!(ended, Entry::OverrideEnded);
    record(&mut ines, ended);
    assert_eq!(ines.model.verdicts.now.overridden, None);

    let mut sam = Person::at(Mood::Tripped, (120, 40));
    let go = overrode(&sam, VerdictState::Go, VerdictState::NoGo, 900);
    record(&mut sam, go);
    let now = &sam.model.verdicts.now;
    assert_eq!((now.state, now.overridden), (VerdictState::RollBack, None));
    assert_eq!(now.reasons[0].kind, warroom::domain::ReasonKind::Tripped, "what is bad is told first");
    assert_eq!(&*now.reasons[1].subject, "GO by ines does not cover this ROLL BACK");
}

#[test]
fn nothing_that_fails_or_is_lost_from_sight_after_an_override_is_covered_by_it() {
    let mut ines = Person::at(Mood::Bad, (120, 40));
    let against = ines.model.verdicts.room.against.clone();
    assert!(against.contains(&Clean::new("fails: error_rate")), "{against:?}");
    let go = overrode(&ines, VerdictState::Go, VerdictState::NoGo, 900);
    let Entry::Overrode { against, .. } = &go else { panic!("{go:?}") };
    let fewer = against.iter().filter(|it| &***it != "fails: error_rate").cloned().collect();
    let mut before = go.clone();
    if let Entry::Overrode { against, .. } = &mut before {
        *against = fewer;
    }
    record(&mut ines, before);
    let now = &ines.model.verdicts.now;
    assert_eq!((now.state, now.overridden), (VerdictState::NoGo, None), "one more fails than was ruled on");
    record(&mut ines, go);
    assert_eq!(ines.model.verdicts.now.state, VerdictState::Go);
    // Nothing is told for minutes: silence clears nothing of what failed.
    ines.wait(120_000);
    ines.wait(4_000);
    let now = &ines.model.verdicts.now;
    assert_eq!((now.state, now.overridden), (VerdictState::NoGo, None), "{:?}", subjects(&ines.model));
    let told = now.reasons.iter().any(|reason| reason.context.contains("not seen since"));
    assert!(told, "{:?}", now.reasons);
}

#[test]
fn what_is_decided_on_is_what_the_room_said_when_it_was_asked() {
    let mut ines = Person::at(Mood::Bad, (120, 40));
    ines.keys(":override go\nthe load test does that\n");
    let asked = ines.model.verdicts.room.against.clone();
    // While the line stands there, another one trips: the errors' stopwatch is at two of five minutes.
    ines.model.verdicts.room.state = VerdictState::RollBack;
    ines.model.verdicts.room.against.push("tripped: errors > 5 %".into());
    assert!(ines.screen().contains("that is not covered"), "{}", ines.screen());
    ines.keys("\n");
    let entry = draft(&ines).entry;
    let Entry::Overrode { over, against, .. } = entry else { panic!("{entry:?}") };
    assert_eq!((over, against), (VerdictState::NoGo, asked));
}

#[test]
fn an_accepted_failure_stays_on_the_screen_and_gives_no_reason_against_going_on() {
    let mut ines = Person::at(Mood::Bad, (120, 40));
    assert_eq!(state(&ines.model, ERRORS), ConditionState::Fail);
    ines.keys(&format!(":accept {ERRORS}\nknown since Monday\n\n"));
    let entry = draft(&ines).entry;
    let Entry::Accepted { condition, what, .. } = &entry else { panic!("{entry:?}") };
    assert_eq!((condition.as_str(), *what), (ERRORS, Accepts::Failing));
    record(&mut ines, entry);
    assert_eq!(state(&ines.model, ERRORS), ConditionState::Accepted);
    let told: Vec<_> = subjects(&ines.model).into_iter().filter(|it| it.contains("error_rate")).collect();
    assert_eq!(told, ["accepted: error_rate"]);
    ines.model.ui.focus.open(PanelId::Triggers);
    let names = || ines.model.conditions.iter(&ines.model.room).map(|(spec, _)| spec.name.clone());
    let down = names().position(|name| name == ERRORS).expect("its row");
    ines.keys(&"j".repeat(down));
    insta::assert_snapshot!("accepted-triggers-120x40", ines.screen());
    ines.keys(&format!(":accept end {ERRORS}\n"));
    let ended = draft(&ines).entry;
    record(&mut ines, ended);
    assert_eq!(state(&ines.model, ERRORS), ConditionState::Fail);
}

#[test]
fn what_cannot_be_seen_is_another_matter_than_what_fails() {
    let mut ines = Person::at(Mood::Bad, (120, 40));
    let unseen = accepted(&ines, ERRORS, Accepts::Unseen, 900);
    record(&mut ines, unseen);
    assert_eq!(state(&ines.model, ERRORS), ConditionState::Fail, "it is seen, and fails");

    let mut sam = Person::at(Mood::Lost, (120, 40));
    let lost: Vec<String> = sam.model.room.conditions.iter().map(|spec| spec.name.clone()).collect();
    let failing = accepted(&sam, &lost[0], Accepts::Failing, 900);
    record(&mut sam, failing);
    let unseen = |model: &Model| {
        subjects(model).iter().find_map(|it| it.strip_suffix(" conditions can be seen").map(str::to_owned))
    };
    let before = unseen(&sam.model).expect("some cannot be seen");
    let entry = accepted(&sam, &lost[0], Accepts::Unseen, 900);
    record(&mut sam, entry);
    let after = unseen(&sam.model).expect("the others cannot be seen");
    assert_ne!(before, after);
    assert!(
        subjects(&sam.model).contains(&format!("accepted: {}", lost[0]).as_str()),
        "{:?}",
        subjects(&sam.model)
    );
    assert_eq!(sam.model.verdicts.now.state, VerdictState::Hold, "the others still hold it");
}

const CONFIG: &str = "[room]\nname = \"r\"\n[store]\npath = \"j.db\"\n[[service]]\nname = \"cart\"\n[[gate]]\nname = \"smoke\"\nrequired = true\n\
    command = \"true\"\n[[condition]]\nname = \"gates to pass\"\nsignal = \"gates.required_open\"\nfail = \"> 0\"\n";

#[test]
fn what_was_not_watched_for_long_enough_says_so_and_can_be_accepted_as_unwatched() {
    let text = "[[service]]\nname = \"chat\"\n[service.metrics]\nurl = \"http://127.0.0.1:1/metrics\"\n\
                connection_seconds = \"life_seconds\"\n[[condition]]\nname = \"short lives\"\n\
                signal = \"connections.p95\"\nfail = \"< 60\"\n";
    let config = std::path::Path::new("config.toml");
    let loaded = warroom::config::parse(text, config, &warroom::config::Overrides::default(), "mara");
    let room = std::sync::Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
    let at =
        |second| Now { mono: Mono::from_secs(second), wall: Wall::default() + Duration::from_secs(second) };
    let mut model = Model::new(room, "test".into(), at(0), (160, 48));
    let source = SourceId::Metrics { service: ServiceIx(0) };
    model.update(Msg::Linked { source, report: LinkReport::Alive, at: at(1).mono });
    let lives = Connections {
        revision: None,
        open: Some(1.0),
        p50: Some(90.0),
        p95: Some(90.0),
        highest_bound: None,
        watched_seconds: Some(5.0),
    };
    let scraped = Scraped { at: at(1).mono, connections: vec![lives], ..Scraped::default() };
    model.update(Msg::Scraped(Box::new(scraped)));
    model.update(Msg::Ticked(at(1)));
    assert_eq!(state(&model, "short lives"), ConditionState::Inconclusive);
    let reason = |model: &Model| {
        let reasons = model.verdicts.now.reasons.iter();
        reasons
            .map(|reason| format!("{} {}", reason.subject, reason.context))
            .find(|it| it.contains("short lives"))
    };
    assert!(
        reason(&model).is_some_and(|it| it.contains("5.00s of 10m") && it.contains(" watched")),
        "{:?}",
        reason(&model)
    );
    let rule = model.room.conditions.iter().find(|spec| spec.name == "short lives").map(ConditionSpec::rule);
    let entry = Entry::Accepted {
        condition: "short lives".to_owned(),
        what: Accepts::Unseen,
        rule: rule.expect("a condition"),
        reason: "it began just now".into(),
        until: at(900).wall,
    };
    let (role, hash) = (Clean::default(), "00".repeat(32));
    let record = Record { seq: 1, at: at(1).wall, by: "ines".into(), role, entry, hash, late: false };
    model.update(Msg::Recorded { records: vec![record] });
    model.update(Msg::Ticked(at(2)));
    let told = reason(&model).unwrap_or_default();
    assert!(told.starts_with("accepted: short lives"), "{told}");
}

#[test]
fn the_command_line_rules_too_and_a_rollout_that_ends_leaves_it_behind() {
    let dir = tempfile::tempdir().expect("dir");
    let dir = dir.path();
    std::fs::write(dir.join("config.toml"), CONFIG).expect("a config");
    let good = |args: &[&str]| {
        let (out, err, status) = said(dir, args);
        assert_eq!(status, 0, "{args:?}: {out}{err}");
        out
    };
    let bad = |args: &[&str], words: &str| {
        let (out, err, status) = said(dir, args);
        assert_eq!((out.as_str(), status), ("", 2), "{args:?}");
        assert!(err.contains(words), "{args:?}: {err}");
    };
    bad(&["override", "go", "--until", "30m"], "the reason is empty");
    bad(&["override", "go", "--reason", "x"], "an end is a time from now");
    bad(&["override", "go", "--reason", "x", "--until", "30d"], "an end is a time from now");
    bad(&["accept", "gates", "--reason", "x", "--until", "30m"], "gates to pass");
    let (out, err, status) = said(dir, &["override", "go", "--reason", "x", "--until", "30m", "--read-only"]);
    assert_eq!((out.as_str(), status), ("", 2), "{err}");
    assert_eq!(good(&["override", "none"]), "nothing is overridden\n");

    let verdict = |status: u8| {
        let (out, err, was) = said(dir, &["verdict", "--json", "--warm-up", "2s"]);
        assert_eq!(was, i32::from(status), "{out}{err}");
        parsed(&out)
    };
    let seen = verdict(11);
    assert_eq!((&seen["verdict"]["state"], &seen["verdict"]["override"]), (&"no_go".into(), &().into()));
    let reason = "the smoke test is broken";
    good(&["override", "go", "--reason", reason, "--until", "30m", "--as", "ines", "--warm-up", "2s"]);
    let told = &verdict(0)["verdict"];
    assert_eq!((&told["state"], &told["override"]["room"]), (&"go".into(), &"no_go".into()), "{told}");
    assert_eq!(told["override"]["by"], "ines");
    let told = good(&["accept", "gates to pass", "--reason", "known", "--until", "2h", "--as", "ines"]);
    assert!(told.contains("too little was measured to judge it, that is not accepted"), "{told}");
    let rows = verdict(0);
    assert_eq!(
        (&rows["conditions"][0]["state"], &rows["conditions"][0]["accepted"]["by"]),
        (&"accepted".into(), &"ines".into())
    );

    good(&["rollout", "begin", "--yes"]);
    let ended = good(&["rollout", "end", "completed", "--yes"]);
    assert!(ended.contains("left over: the verdict is GO by ines until "), "{ended}");
    assert!(ended.contains("left over: gates to pass is accepted as expected by ines until "), "{ended}");
    let report = good(&["report"]);
    for words in [
        "ines overrode NO-GO with GO until ",
        ": the smoke test is broken (#",
        "accepted as expected by ines (#",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    good(&["override", "none"]);
    good(&["accept", "gates to pass", "--end"]);
    assert_eq!(verdict(11)["verdict"]["override"], serde_json::Value::Null);
    good(&["journal", "--verify"]);
}

/// A file that was never read may ask for anything; of one that was read the last reading stands.
#[test]
fn a_checklist_that_was_never_read_holds_the_verdict() {
    let unread = |documents: bool| {
        let mut ines = Person::at(Mood::Healthy, (120, 40));
        assert_eq!(ines.model.verdicts.now.state, VerdictState::Go, "{:?}", subjects(&ines.model));
        let documents = if documents { ines.model.checklist.documents().to_vec() } else { Vec::new() };
        let checklist = Checklist { name: "gone.md".into(), path: "gone.md".into() };
        std::sync::Arc::make_mut(&mut ines.model.room).checklists = vec![checklist];
        ines.tell(Msg::DocumentsRead { documents, problems: vec!["gone.md: no such file".into()] });
        ines.wait(2_000);
        let subject = subjects(&ines.model).into_iter().find(|subject| subject.starts_with("a checklist"));
        (ines.model.verdicts.now.state, subject.map(str::to_owned))
    };
    assert_eq!(unread(false), (VerdictState::Hold, Some("a checklist cannot be read".into())));
    assert_eq!(unread(true), (VerdictState::Go, Some("a checklist is not read anew".into())));
}

#[test]
fn a_reason_opens_the_row_that_it_is_about() {
    let mut ines = Person::at(Mood::Healthy, (120, 40));
    let probe = ines.model.room.services[0].probes[1].name.clone();
    let reason = Reason {
        kind: ReasonKind::Failing,
        subject: Clean::new(&format!("health {probe} failing")),
        value: Clean::default(),
        context: Clean::default(),
        since: None,
        panel: PanelId::Health,
        condition: None,
    };
    ines.model.verdicts.now.reasons = vec![reason];
    let press = KeyPress { chord: Chord::plain(Key::Char('1')), at: ines.model.now.mono, repeat: false };
    ines.tell(Msg::Pressed { press, action: Some(Action::Reason1) });
    assert_eq!(ines.model.ui.focus.full(), Some(PanelId::Health));
    assert_eq!(ines.model.ui.focus.cursor(PanelId::Health).row, 1);
}
