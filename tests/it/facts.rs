//! One fact has one word, one number and one colour, wherever it stands on the screen.

use std::collections::BTreeMap;

use warroom::domain::event::story::{Ending, Step, Story};
use warroom::domain::event::{Counted, EventsDelta, Invalid, Skew};
use warroom::domain::{Clean, Key, LinkReport, Mono, PanelId, ServiceIx, SourceId};
use warroom::model::msg::Msg;
use warroom::report::snapshot::snapshot;

use warroom::view::widgets::Mark;

use crate::frames::room::Mood;
use crate::screens::Person;

const SERVICE: ServiceIx = ServiceIx(0);

/// Frames that are no event, told to a room each second.
fn told_invalid(person: &mut Person, seconds: u64, kinds: &[(Invalid, u64)]) {
    for _ in 0..seconds {
        let invalid: BTreeMap<Invalid, u64> = kinds.iter().copied().collect();
        let received = invalid.values().sum();
        let at = person.model.now.mono;
        let delta = EventsDelta { service: SERVICE, at, received, invalid, ..EventsDelta::default() };
        person.tell(Msg::Streamed(Box::new(delta)));
        person.wait(1_000);
    }
}

#[test]
fn frames_that_are_no_event_reach_the_title_the_verdict_and_the_page_by_kind() {
    let mut ana = Person::at(Mood::Healthy, (160, 48));
    assert!(ana.screen().contains("Events ✓ all runs whole"), "{}", ana.screen());
    told_invalid(&mut ana, 2, &[(Invalid::NotJson, 1)]);
    assert!(ana.screen().contains("Events ▲ 2 invalid"), "{}", ana.screen());
    told_invalid(&mut ana, 6, &[(Invalid::NotJson, 2), (Invalid::Binary, 3)]);
    let screen = ana.screen();
    assert!(screen.contains("Events ✗ 32 invalid"), "{screen}");
    assert!(screen.contains("✗ events invalid") && screen.contains("32.0/min, limit 10"), "{screen}");
    let seen = snapshot(&ana.model);
    let events = &seen["services"][0]["events"];
    assert_eq!(events["invalid"], 32);
    assert_eq!(events["invalid_by_kind"], serde_json::json!({"not_json": 14, "binary": 18}));
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut page = ana.clone();
        page.tell(Msg::Resized { columns: size.0, rows: size.1 });
        page.model.ui.focus.open(PanelId::Events);
        assert!(page.screen().contains("▲ no event: 18 binary · 14 not JSON"), "{}", page.screen());
    }
}

#[test]
fn a_senders_clock_hides_neither_losses_nor_invalid_frames() {
    for size in [(120, 40), (160, 48), (200, 60)] {
        let mut ana = Person::at(Mood::Healthy, size);
        let skew = Some(Skew { ahead_us: 1_799_000_000, uncertain_us: Some(1_000) });
        let at = ana.model.now.mono;
        let tell = |ana: &mut Person, gaps, invalid: &[(Invalid, u64)]| {
            let invalid = invalid.iter().copied().collect();
            let delta = EventsDelta {
                service: SERVICE,
                at,
                skew,
                gaps,
                invalid,
                received: 900,
                ..EventsDelta::default()
            };
            ana.tell(Msg::Streamed(Box::new(delta)));
            ana.screen()
        };
        let line = |screen: &str| {
            let line = screen.lines().find(|line| line.contains("clock +29m59s"));
            line.unwrap_or_else(|| panic!("no clock on\n{screen}")).to_owned()
        };
        let calm = line(&tell(&mut ana, 0, &[]));
        assert!(calm.contains("p95") && calm.contains("lost 0") && calm.contains("invalid 0"), "{calm}");
        let bad = line(&tell(&mut ana, 756, &[(Invalid::NotJson, 123)]));
        assert!(bad.contains("lost 756") && bad.contains("invalid 123"), "{size:?} {bad}");
        assert!(bad.contains("p95"), "what is late is not hidden by what was lost before: {size:?} {bad}");
    }
}

#[test]
fn counts_by_a_configured_field_stand_on_the_page_and_in_the_snapshot() {
    let mut ana = Person::at(Mood::Healthy, (160, 48));
    let at = ana.model.now.mono;
    let value = |name: &str, n| (Clean::new(name), n);
    let counted = |rest| Counted {
        field: "agent".to_owned(),
        values: vec![value("writer", 40), value("planner", 1_200)],
        rest,
    };
    for rest in [0, 7] {
        let counted = vec![counted(rest)];
        let delta = EventsDelta { service: SERVICE, at, received: 1, counted, ..EventsDelta::default() };
        ana.tell(Msg::Streamed(Box::new(delta)));
    }
    let told = &snapshot(&ana.model)["services"][0]["events"]["count_by"];
    let wanted = serde_json::json!({"agent": {"counts": {"writer": 80, "planner": 2_400}, "rest": 7}});
    assert_eq!(*told, wanted);
    for size in [(80, 24), (120, 40), (160, 48), (200, 60)] {
        let mut page = ana.clone();
        page.tell(Msg::Resized { columns: size.0, rows: size.1 });
        page.model.ui.focus.open(PanelId::Events);
        let screen = page.screen();
        assert!(screen.contains("by agent  planner 2,400 · writer 80 · others 7"), "{size:?}\n{screen}");
    }
}

#[test]
fn the_parts_of_a_reason_stand_apart() {
    for mood in [Mood::Bad, Mood::Tripped, Mood::Lost] {
        for size in [(80, 24), (100, 30), (120, 40), (160, 48), (200, 60)] {
            let mut ana = Person::at(mood, size);
            let screen = ana.screen();
            let reasons = ana.model.verdicts.now.reasons.clone();
            for reason in reasons.iter().take(3).filter(|reason| !reason.value.is_empty()) {
                let (subject, value) = (&reason.subject, &reason.value);
                let Some(row) = screen.lines().take(4).find(|row| row.contains(&**subject)) else { continue };
                assert!(row.contains(&format!("{subject}  ")), "{size:?} {value}: {row}");
            }
            ana.model.ui.focus.open(PanelId::Events);
            let row = ana.screen().lines().nth(1).expect("the verdict").to_owned();
            // Its glyph, or a word that does not read as one with the number.
            let (_, first) = row.split_once(" 1 ").expect("the first reason");
            let apart = first.starts_with(Mark::from(reasons[0].kind).glyph());
            assert!(apart || first.starts_with(char::is_alphabetic), "{size:?}: {row}");
        }
    }
}

#[test]
fn what_is_closest_to_its_limit_is_told_also_on_a_narrow_screen_and_keys_are_those_of_lines_there_are() {
    for size in [(120, 40), (160, 48)] {
        let screen = Person::at(Mood::Healthy, size).screen();
        assert!(screen.contains("closest: chat_success 97.2 %, limit 80 %"), "{screen}");
        assert!(screen.contains("1-2 open a line"), "{screen}");
    }
}

#[test]
fn the_ten_minutes_of_the_list_are_the_same_and_half_height_is_the_limit_in_every_row() {
    let screen = Person::at(Mood::Bad, (80, 24)).screen();
    let row = |name: &str| screen.lines().find(|row| row.contains(name)).expect("its row").to_owned();
    // Bad for the last 130 seconds of 700: three cells of fifty seconds each.
    for (name, cells) in
        [(" Metrics ", "▁▁▁▁▁▁▁▁▁▅▅▅"), (" Health ", "▂▂▂▂▂▂▂▂▂▆▆▆"), (" Closes ", "▁▁▁▁▁▁▁▁▁███")]
    {
        assert!(row(name).contains(cells), "no {cells} in {}", row(name));
    }
}

/// A run that went through these types, by their places in the config.
fn ran(run: &str, kinds: &[u16], at: Mono) -> Story {
    let step = |kind: &u16| Step { kind: Some(*kind), ..Step::default() };
    let steps = kinds.iter().map(step).collect();
    let ending = Some(Ending::Whole);
    Story { run: Clean::new(run), ending, began: at, last: at, steps, ..Story::default() }
}

fn told_runs(person: &mut Person, runs: &[(&str, &[u16])]) {
    let at = person.model.now.mono;
    let stories = runs.iter().map(|(run, kinds)| ran(run, kinds, at)).collect();
    let delta = EventsDelta { service: SERVICE, at, received: 1, stories, ..EventsDelta::default() };
    person.tell(Msg::Streamed(Box::new(delta)));
    person.wait(1_000);
}

fn listed(person: &Person) -> Vec<String> {
    person.model.runs().iter().take(4).map(|run| run.run.to_string()).collect()
}

#[test]
fn what_is_paused_says_so_also_where_much_is_wrong() {
    for size in [(80, 24), (100, 30), (120, 40)] {
        let mut ana = Person::at(Mood::Bad, size);
        ana.model.ui.focus.open(PanelId::Events);
        ana.keys("f");
        let screen = ana.screen();
        assert!(screen.contains("Events paused, 0 new · ✗"), "{size:?}: {screen}");
    }
}

#[test]
fn a_pause_holds_the_list_of_runs_as_well() {
    let mut ana = Person::at(Mood::Healthy, (160, 48));
    told_runs(&mut ana, &[("one", &[0]), ("two", &[0]), ("three", &[0])]);
    ana.model.ui.focus.open(PanelId::Events);
    ana.keys("fj");
    let before = (listed(&ana), ana.model.told_run().map(|run| run.run.clone()));
    told_runs(&mut ana, &[("four", &[0]), ("five", &[0])]);
    assert_eq!((listed(&ana), ana.model.told_run().map(|run| run.run.clone())), before);
    assert_eq!(before.1.as_deref(), Some("two"));
    ana.keys("f");
    assert_eq!(listed(&ana)[..2], ["five", "four"]);
}

#[test]
fn a_filter_finds_runs_by_what_came_in_them_and_goes_from_runs_and_lines_alike() {
    let mut ana = Person::at(Mood::Healthy, (160, 48));
    told_runs(&mut ana, &[("thought", &[0, 1, 4]), ("acted", &[0, 1, 2, 3, 4])]);
    ana.model.ui.focus.open(PanelId::Events);
    ana.keys("/type=tool_executing\n");
    assert_eq!(listed(&ana), ["acted"]);
    ana.keys("f");
    ana.key(Key::Esc);
    assert_eq!(listed(&ana)[..2], ["acted", "thought"]);
    let lines = ana.screen();
    assert!(lines.contains("agent_started"), "{lines}");
    let events = ana.model.services[0].events.as_ref().expect("a stream");
    assert!(events.tail().filter().is_empty());
}

#[test]
fn of_a_stream_that_is_down_nothing_is_said_to_be_zero() {
    let mut ana = Person::at(Mood::Healthy, (160, 48));
    let source = SourceId::Events { service: SERVICE };
    let at = ana.model.now.mono;
    let retry_at = Mono(at.0 + 60_000_000);
    let report = LinkReport::Down { error: Clean::new("connection refused"), attempt: 1, retry_at };
    ana.tell(Msg::Linked { source, report, at });
    ana.wait(8_000);
    let screen = ana.screen();
    assert!(screen.contains("─ down 8s · try 1 in 52s"), "{screen}");
    assert!(!screen.contains("0.0/s") && screen.contains("agent_started       -- /min"), "{screen}");
    let overview = screen.lines().find(|row| row.contains("1006 abnormal")).expect("its row").to_owned();
    ana.model.ui.focus.open(PanelId::Closes);
    let page = ana.screen();
    let page = page.lines().find(|row| row.contains("1006 abnormal")).expect("its row");
    for row in [overview.as_str(), page] {
        assert!(row.contains("? 1006") && row.contains(" --") && !row.contains("0.0/min"), "{row}");
    }
}

#[test]
fn the_next_try_of_a_link_stands_where_no_long_error_takes_its_place() {
    let mut ana = Person::at(Mood::Healthy, (120, 40));
    let at = ana.model.now.mono;
    let error =
        Clean::new(&format!("read the service: connection refused; {}", "check the network ".repeat(5)));
    let report = LinkReport::Down { error, attempt: 5, retry_at: Mono(at.0 + 90_000_000) };
    ana.tell(Msg::Linked { source: SourceId::CloudRun { service: SERVICE }, report, at });
    ana.wait(4_000);
    let screen = ana.screen();
    assert!(screen.contains("down 4s, try 5 in 1m26s"), "{screen}");
}

#[test]
fn what_was_said_is_gone_in_another_place() {
    let mut ana = Person::at(Mood::Healthy, (120, 40));
    ana.keys("f");
    assert!(ana.screen().contains("choose the flag, then flip it"), "{}", ana.screen());
    ana.key(Key::Esc);
    assert!(!ana.screen().contains("choose the flag"), "{}", ana.screen());
}

#[test]
fn a_dialog_names_no_key_that_does_nothing_in_it() {
    let mut ana = Person::at(Mood::Healthy, (200, 60));
    ana.keys("ff").unguarded();
    assert!(ana.screen().contains("does what is lit") && !ana.screen().contains("t other target"));
    let mut ben = Person::at(Mood::Tripped, (200, 60));
    assert!(ben.keys("R").unguarded().screen().contains("t other target"));
}

#[test]
fn what_was_counted_stays_while_the_stream_is_down() {
    let mut ana = Person::at(Mood::Healthy, (160, 48));
    told_invalid(&mut ana, 6, &[(Invalid::NotJson, 2)]);
    let at = ana.model.now.mono;
    let report = LinkReport::Down { error: "no".into(), attempt: 1, retry_at: Mono(at.0 + 60_000_000) };
    ana.tell(Msg::Linked { source: SourceId::Events { service: SERVICE }, report, at });
    ana.wait(70_000);
    let screen = ana.screen();
    assert!(screen.contains("delivery p50 -- p95 --") && screen.contains("invalid 12"), "{screen}");
}

#[test]
fn what_this_process_did_to_itself_is_no_fault_of_a_target() {
    let mut ana = Person::at(Mood::Healthy, (160, 48));
    let before = ana.screen();
    let at = ana.model.now.mono;
    ana.tell(Msg::Resumed { at });
    let source = SourceId::Metrics { service: SERVICE };
    let down = |at: Mono| {
        let report = LinkReport::Down { error: "connection closed".into(), attempt: 1, retry_at: at };
        Msg::Linked { source: source.clone(), report, at }
    };
    ana.tell(down(Mono(at.0 + 20_000)));
    assert_eq!(ana.screen(), before, "asked before it stood still");
    ana.tell(down(Mono(at.0 + 3_000_000)));
    assert!(ana.screen().contains("metrics unreachable") || ana.screen() != before, "asked after that");
}

#[test]
fn the_row_of_the_verdict_gives_up_its_glyphs_before_its_limits() {
    let mut ana = Person::at(Mood::Bad, (120, 40));
    ana.model.ui.focus.open(PanelId::Closes);
    let screen = ana.screen();
    let row = screen.lines().nth(1).expect("its row");
    assert!(row.contains("critical 5 %") && row.contains("limit 1") && row.contains("limit 5"), "{row}");
}

#[test]
fn where_there_is_little_room_the_worst_codes_are_not_folded_away() {
    let mut folded = 0;
    for rows in 22..=30 {
        let screen = Person::at(Mood::Bad, (100, rows)).screen();
        assert!(screen.contains("✗ 4401"), "{screen}");
        folded += usize::from(screen.contains("more codes"));
    }
    assert!(folded > 0, "there was room for all");
}
