//! The validation report: records in, whole text out, for rollouts as they happen; and the real binary on a store.

mod played;
mod story;

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;
use warroom::domain::{OpState, VerdictState as V};
use warroom::report::validation::{self, Report};

use story::{NEW, OLD, Story, passing, unseen};

/// A canary that gets traffic in two steps, with everything in sight, and is signed off.
fn good() -> Story {
    let mut story = Story::new();
    story.split(0, &[(OLD, 100)]).deployed(0, OLD, "chat@sha256:aaaa1111").deployed(
        60,
        NEW,
        "chat@sha256:bbbb2222",
    );
    story.begin(60).measured(0, 300, V::Hold, 0, &passing());
    story.verdict(300, V::Hold, V::Go, &[]);
    story.split(600, &[(OLD, 90), (NEW, 10)]).t0(600).measured(300, 1_500, V::Go, 0, &passing());
    story.split(1_800, &[(NEW, 100)]).measured(1_800, 600, V::Go, 0, &passing());
    for (n, by, role) in
        [(0, "ines", "security"), (1, "sam", "qa"), (2, "sam", "qa"), (3_usize, "noor", "lead")]
    {
        story.tick(
            1_000 + 60 * i64::try_from(n).expect("few"),
            n,
            by,
            role,
            "seen in staging and on the canary",
        );
    }
    story.note(2_300, "ines", "support sees no complaints");
    story.end(2_400, warroom::domain::Outcome::Completed, "all users are on it");
    story
}

/// A canary that goes bad and is rolled back; one gate of the checklist failed.
fn rolled_back() -> Story {
    let mut story = Story::new();
    story.split(0, &[(OLD, 100)]).deployed(0, OLD, "chat@sha256:aaaa1111").deployed(
        0,
        NEW,
        "chat@sha256:bbbb2222",
    );
    story.measured(0, 300, V::Go, 0, &passing());
    story.split(300, &[(OLD, 90), (NEW, 10)]).measured(300, 240, V::Go, 0, &passing());
    story.failing(540, 60);
    story.verdict(
        600,
        V::Go,
        V::RollBack,
        &["trigger errors > 5 % tripped 7.7 %, limit 5 %", "closes 4401 12.4/min, limit 5"],
    );
    story.note(630, "sam", "three complaints in the queue");
    story.rollback(660, &[(12, OpState::Effective), (190, OpState::Verified)]);
    story.split(672, &[(OLD, 100)]).lock(672).measured(600, 252, V::RollBack, 0, &passing());
    story.verdict(852, V::RollBack, V::Go, &[]);
    story.measured(852, 60, V::Go, 0, &passing());
    story.tick(900, 0, "ines", "security", "");
    story
}

/// Nobody watched for hours, and then half of it was out of sight.
fn blind() -> Story {
    let mut story = Story::new();
    story.split(0, &[(OLD, 90), (NEW, 10)]).measured(0, 600, V::Go, 0, &passing());
    story.link(600, "chat-backend metrics", false, "connection refused");
    story.verdict(600, V::Go, V::Hold, &["chat-backend metrics unreachable down 2m"]);
    story.measured(600, 5_400, V::Hold, 5_400, &unseen());
    // The console was closed at 01:40, and opened again at 06:00.
    story.measured(21_600, 600, V::Hold, 600, &unseen());
    story.overrode(22_000, "ines", (V::Go, V::Hold), 23_800, "support sees **nothing**");
    story
}

/// Every text from outside tries to be markup.
fn hostile() -> Story {
    let evil = "a|b `c` [x](javascript:alert(1)) ![i](https://evil.example/i.png) <img src=x onerror=alert(1)> \
                https://evil.example/y www.evil.example @everyone me@evil.example **bold** &lt;script&gt; | --- |";
    let mut story = Story::new();
    story.room.name = evil.into();
    story.room.environment.name = evil.into();
    story.document(&format!(
        "# {evil}\n\n## # top {evil}\n- [ ] {evil}\n- [x] 1. {evil}\n- [ ] {evil} twice\n"
    ));
    story.split(0, &[(OLD, 90), (NEW, 10)]).deployed(0, NEW, evil).note(1, evil, evil).note(
        2,
        "x",
        "# heading",
    );
    story.link(3, evil, false, evil).verdict(4, V::Go, V::RollBack, &[evil, "> quote", "- list", "1. first"]);
    story.tick(5, 0, evil, evil, evil).rollback(6, &[(1, OpState::Failed)]);
    story
}

fn whole(story: &Story) -> (Report, String) {
    let report = story.report();
    let text = validation::markdown(&report);
    well_formed(&text);
    (report, text)
}

/// Every table has as many cells in each row as in its head, no section is empty, and nothing doubled.
fn well_formed(text: &str) {
    let mut columns = None;
    for line in text.lines() {
        let cells = line.starts_with('|').then(|| line.replace("\\|", "").matches('|').count());
        if let (Some(one), Some(all)) = (cells, columns) {
            assert_eq!(one, all, "{line}\nin:\n{text}");
        }
        columns = cells;
        assert!(!line.contains("..") && !line.contains(" ,") && !line.contains("()"), "{line}");
    }
    let blocks: Vec<&str> = text.split("\n\n").collect();
    for pair in blocks.windows(2) {
        let (one, next) = (pair[0].trim(), pair[1].trim());
        let deeper = next.starts_with("###");
        assert!(!one.starts_with('#') || !next.starts_with('#') || deeper, "an empty section: {one}");
    }
}

#[test]
fn a_good_rollout_is_told_so_that_it_can_be_forwarded() {
    let (report, text) = whole(&good());
    insta::assert_snapshot!("report-good", text);
    assert_eq!(report.recommendation.state, "proceed");
    let times = report.figures.verdicts;
    assert_eq!((times.go, times.hold, times.unknown), (2_100.0, 240.0, 0.0));
}

#[test]
fn a_rollback_is_told_with_its_reason_and_its_ending() {
    let (report, text) = whole(&rolled_back());
    insta::assert_snapshot!("report-rolled-back", text);
    assert_eq!(report.recommendation.state, "do_not_proceed");
    assert_eq!(report.figures.rollbacks.len(), 1);
    let errors = report.signals.iter().find(|signal| signal.name == "error_rate").expect("a signal");
    assert_eq!((errors.max, errors.longest_breach_seconds, errors.seconds.fail), (Some(7.7), 60.0, 60.0));
}

#[test]
fn a_verdict_is_told_with_the_reasons_that_it_had_in_the_end() {
    let mut story = Story::new();
    story.split(0, &[(OLD, 90), (NEW, 10)]).begin(0).measured(0, 60, V::Hold, 0, &passing());
    story.because(&["4 required items open: 0 of 4"]);
    story.measured(60, 60, V::Hold, 0, &passing()).because(&["1 required item open: 3 of 4"]);
    story.end(120, warroom::domain::Outcome::Completed, "");
    let (report, text) = whole(&story);
    let last = report.figures.measured.expect("records").last_record;
    assert_eq!((report.verdict.record, report.verdict.reasons_record), (Some(last), Some(last)));
    // It never changed, so no record says so but what was measured.
    assert!(
        text.contains(&format!(
            "**HOLD** since 21 November 2026, 00:00:00 UTC (#{last}), for what was seen then:"
        )),
        "{text}"
    );
    assert!(text.contains("- 1 required item open: 3 of 4\n") && !text.contains("0 of 4"), "{text}");

    let mut story = Story::new();
    story.split(0, &[(OLD, 90), (NEW, 10)]).begin(0).verdict(
        10,
        V::Go,
        V::NoGo,
        &["health api failing: 35s"],
    );
    story.measured(10, 60, V::NoGo, 0, &passing()).because(&["error_rate critical: 6 %, critical 5 %"]);
    let (report, text) = whole(&story);
    let (of, newer) =
        (report.verdict.record.expect("a record"), report.verdict.reasons_record.expect("another"));
    assert!(
        newer > of && text.contains(&format!("(#{of}); in the end for these reasons (#{newer}):")),
        "{text}"
    );
    assert!(text.contains("- error_rate critical: 6 %, critical 5 %"), "{text}");
    assert!(!text.contains("nothing was measured"), "{text}");
    // Its last verdict is no verdict of an end that nobody saw.
    let (report, text) = whole(story.note(700, "sam", "closed the laptop"));
    assert_eq!(report.verdict.seen_until, Some(validation::facts::At(story::at(70))));
    let blank =
        "After 00:01:10 UTC nothing was measured: no record tells how it stood in the last 10 minutes.";
    assert_eq!(text.matches(blank).count(), 2, "in the summary and beside the verdict: {text}");
}

#[test]
fn what_only_the_abandoned_revision_did_is_no_failure_of_what_serves() {
    let mut story = rolled_back();
    // Until the end the canary is asked and fails; and then the note of the day after.
    story.behind(912, 60);
    let (report, text) = whole(&story);
    assert!(
        text.contains("error_rate speaks at the end only of the revision that was rolled back."),
        "{text}"
    );
    assert!(
        text.contains("At the end “error_rate” was still bad, but only of the revision that was rolled back")
    );
    assert!(report.recommendation.because.iter().all(|said| !said.text.contains("error_rate")));
    let seen = report.operations[0].verdict.as_ref().map(|said| said.text.as_str());
    assert_eq!(seen, Some("ROLL BACK: trigger errors > 5 % tripped 7.7 %, limit 5 %"));
    let errors = report.signals.iter().find(|signal| signal.name == "error_rate").expect("a signal");
    assert_eq!((errors.state, errors.left_behind), (Some("fail"), true));
    story.note(86_400, "sam", "all quiet");
    let report = story.report();
    let errors = report.signals.iter().find(|signal| signal.name == "error_rate").expect("a signal");
    assert_eq!((errors.state, errors.left_behind), (None, false), "nobody watched at the end");
}

#[test]
fn what_was_measured_before_the_rollback_says_nothing_of_the_end() {
    let mut story = Story::new();
    story.split(0, &[(OLD, 90), (NEW, 10)]).failing(0, 60);
    story.rollback(61, &[(1, OpState::Effective)]).split(62, &[(OLD, 100)]).note(63, "sam", "done");
    let (report, text) = whole(&story);
    let errors = report.signals.iter().find(|signal| signal.name == "error_rate").expect("a signal");
    assert_eq!((errors.state, errors.seconds.fail), (None, 60.0));
    assert!(!text.contains("At the end one condition fails"), "{text}");
    assert!(text.contains("Make visible what could not be judged at the end"), "{text}");
}

#[test]
fn what_an_act_made_serve_is_told_although_nobody_stayed_to_read_it() {
    let mut story = Story::new();
    story.split(0, &[(OLD, 90), (NEW, 10)]).failing(0, 60);
    story.rollback(61, &[(1, OpState::Effective)]);
    let (report, text) = whole(&story);
    assert_eq!(report.services[0].split.as_deref(), Some("00417-hux 100 %"), "{text}");
}

#[test]
fn what_was_rolled_back_to_was_not_rolled_out() {
    let older = "chat-backend-00416-pon";
    for serves_at_first in [vec![(OLD, 100)], vec![(OLD, 90), (NEW, 10)]] {
        let mut story = Story::new();
        story.split(0, &serves_at_first).split(30, &[(OLD, 90), (NEW, 10)]).failing(30, 30);
        story.rollback(61, &[(2, OpState::Effective)]);
        story.rollback_to(70, older, &[(OLD, 100)], &[(4, OpState::Effective)]).split(75, &[(older, 100)]);
        let (report, text) = whole(&story);
        let candidate = report.services[0].candidate.as_ref().map(|revision| &*revision.name);
        assert_eq!(candidate, Some(NEW), "{text}");
    }
}

#[test]
fn time_that_nobody_watched_is_unknown_and_never_up() {
    let (report, text) = whole(&blind());
    insta::assert_snapshot!("report-blind", text);
    assert_eq!(report.recommendation.state, "hold");
    let times = report.figures.verdicts;
    assert_eq!((times.go, times.blind, times.unknown), (600.0, 6_000.0, 15_600.0));
    let api = &report.figures.uptime[0];
    assert_eq!((api.ok, api.unseen, api.unknown), (600.0, 6_000.0, 15_600.0));
    assert!(api.ok_percent.expect("a share") < 3.0 && api.ok_percent_of_seen == Some(100.0));
}

#[test]
fn the_end_that_a_console_has_not_written_down_yet_is_not_called_unwatched() {
    let mut story = Story::new();
    story.split(0, &[(OLD, 100)]).deployed(0, NEW, "chat@sha256:bbbb2222").begin(0);
    story.measured(0, 300, V::Go, 0, &passing()).note(340, "ines", "all quiet");
    let told = |story: &Story, now: i64, watched: bool| {
        let report = story.written(None, story::at(now), watched);
        let text = validation::markdown(&report);
        well_formed(&text);
        let times = report.figures.verdicts;
        (
            times.unknown,
            times.unwritten,
            text.contains("nobody watched, and"),
            text.contains("not yet written down"),
        )
    };
    assert_eq!(told(&story, 340, true), (0.0, 40.0, false, true));
    assert_eq!(told(&story, 340, false), (40.0, 0.0, true, false), "nobody does");
    story.end(345, warroom::domain::Outcome::Completed, "");
    let because = story.written(None, story::at(346), true).recommendation.because;
    let because: Vec<&str> = because.iter().map(|said| said.text.as_str()).collect();
    assert!(because.iter().all(|said| !said.to_lowercase().contains("at the end")), "{because:?}");
    assert_eq!(told(&story, 346, true), (0.0, 45.0, false, true));
    assert_eq!(told(&story, 400, true), (45.0, 0.0, true, false), "it would have written it by now");
    let mut late = Story::new();
    late.split(0, &[(OLD, 100)]).begin(0).measured(0, 300, V::Go, 0, &passing()).note(900, "ines", "hm");
    assert_eq!(told(&late, 900, true), (600.0, 0.0, true, false), "it began to watch only now");
    let mut again = Story::new();
    again
        .split(0, &[(OLD, 100)])
        .begin(0)
        .measured(0, 300, V::Go, 0, &passing())
        .opened(420)
        .note(450, "ines", "hm");
    assert_eq!(told(&again, 450, true), (120.0, 30.0, true, true), "between two consoles nobody watched");
}

#[test]
fn a_condition_that_somebody_took_back_is_not_one_that_nobody_spoke_of() {
    let mut story = Story::new();
    story.document("# R\n\n## Rollback triggers\n- [ ] Data is lost\n- [ ] Users complain\n");
    story.split(0, &[(OLD, 90), (NEW, 10)]).measured(0, 60, V::Go, 0, &passing());
    story.happened(70, 0, "mara").taken_back(130, "sam");
    let (_, text) = whole(&story);
    assert!(
        text.contains(
            "“Data is lost”: mara said “happened” at 00:01:10 UTC (#3), and sam took that back at 00:02:10 UTC (#4)."
        ),
        "{text}"
    );
    assert!(text.contains("1 condition of the documents that nobody spoke of"), "{text}");
}

#[test]
fn a_gate_that_failed_and_an_item_that_was_waived_are_told_apart() {
    let (report, text) = whole(&story::gated());
    assert!(
        text.contains("failed, 22 of 23") && text.contains("| waived: nobody is on call on Saturdays"),
        "{text}"
    );
    assert_eq!((report.gates[0].state, report.gates[0].runs), ("failed", 1));
    assert_eq!((report.items.counts.waived, report.items.counts.done), (1, 0));
    assert_eq!(report.recommendation.state, "do_not_proceed");
}

#[test]
fn gates_that_ran_before_the_candidate_are_to_run_again_and_not_to_be_repaired() {
    let mut story = story::gated();
    story.begin(120);
    let (report, text) = whole(&story);
    assert_eq!(report.gates[0].state, "earlier");
    assert!(
        text.contains("No gate ran for this candidate; one ran before it and has to run again"),
        "{text}"
    );
    assert!(text.contains("Run again for this candidate: unit.") && !text.contains("Repair"), "{text}");
    assert!(text.contains("One gate did not run for this candidate: unit."), "{text}");
}

#[test]
fn a_room_without_a_service_is_told_as_one() {
    let mut story = story::gated();
    story.begin(120);
    story.room.services.clear();
    let (_, text) = whole(&story);
    assert!(text.contains("is not over. This room watches no service: what is known"), "{text}");
    assert!(!text.contains("No new revision was seen"), "{text}");
}

#[test]
fn a_room_that_measures_nothing_is_not_told_as_unwatched() {
    let mut story = story::documents_only();
    let (report, text) = whole(&story);
    assert!(!text.contains("nobody watched") && !text.contains("was not measured"), "{text}");
    assert!(text.contains("This room measures nothing"), "{text}");
    assert_eq!(report.recommendation.state, "hold");
    assert!(text.contains("until it is known how it stands"), "{text}");
    assert!(text.contains("1. Open the room again, and settle what the recommendation names."), "{text}");
    story.verdict(53, V::Hold, V::Go, &[]);
    let (report, text) = whole(&story);
    assert_eq!(report.recommendation.state, "proceed", "{text}");
    assert!(
        text.contains("The verdict is GO and nothing required is open; this room measures nothing."),
        "{text}"
    );
    assert!(text.contains("None: nothing is open."), "{text}");
}

#[test]
fn a_gate_whose_item_was_waived_after_it_failed_forbids_nothing() {
    let (report, text) = whole(&story::waived_later());
    assert!(report.gates[0].waived, "{text}");
    assert_eq!(report.recommendation.state, "hold", "{text}");
    assert!(text.contains("it was waived since, and nobody judged anew"), "{text}");
    assert!(!text.contains("Repair and run") && !text.contains("Do not proceed"), "{text}");
}

#[test]
fn an_empty_journal_is_told_as_such() {
    let (report, text) = whole(&Story::new());
    insta::assert_snapshot!("report-empty", text);
    assert_eq!((report.recommendation.state, report.verdict.state), ("hold", None));
}

/// The last word of an item is the last one of the journal, whatever the clocks said; what is recorded late stands where it
/// happened all the same.
#[test]
fn a_clock_that_steps_back_leaves_the_order_of_the_records() {
    let mut told = Story::new();
    told.begin(0).note(7_200, "ines", "ticked").note(3_600, "ines", "taken back").note(
        3_500,
        "ines",
        "recorded late",
    );
    told.records.last_mut().expect("a record").late = true;
    let report = told.report();
    let texts: Vec<&str> = report.timeline.iter().map(|line| line.text.as_str()).collect();
    let at = |words: &str| texts.iter().position(|text| text.contains(words)).expect("a line");
    assert!(at("recorded late") < at("ticked") && at("ticked") < at("taken back"), "{texts:#?}");
    let page = validation::timeline(&report);
    assert!(page.find("ticked") < page.find("taken back"), "{page}");
}

#[test]
fn hostile_texts_stay_texts() {
    let story = hostile();
    let (report, text) = whole(&story);
    for text in [text, validation::timeline(&report)] {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut headings = 0;
        let mut outside_code = text.clone().into_bytes();
        for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
            match event {
                Event::Code(_) => outside_code[range].fill(b'.'),
                Event::Start(Tag::Link { dest_url, .. }) => assert_eq!(&*dest_url, "https://chat.example"),
                Event::Start(Tag::Image { .. } | Tag::BlockQuote(_))
                | Event::Html(_)
                | Event::InlineHtml(_) => {
                    panic!("{event:?} in:\n{text}")
                }
                Event::Start(Tag::Heading { .. }) => headings += 1,
                _ => {}
            }
        }
        let ours = text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(headings, ours);
        // What other readers of Markdown make links of by themselves.
        let outside_code = String::from_utf8_lossy(&outside_code);
        for (n, _) in outside_code.match_indices("://evil") {
            assert_eq!(outside_code.as_bytes()[n - 1], b'\\', "at byte {n} of:\n{text}");
        }
        assert!(!outside_code.contains("www.") && !outside_code.contains("@evil"));
    }
}

#[test]
fn each_rollout_has_its_own_report() {
    let mut story = good();
    story.split(3_000, &[(NEW, 100)]).begin(3_000).note(3_060, "sam", "the next one");
    let ids = validation::rollouts(&story.records);
    assert_eq!(ids.len(), 2);
    let first = story.report_of(Some(&ids[0]));
    assert_eq!(first.rollout.as_ref().and_then(|rollout| rollout.outcome), Some("completed"));
    assert_eq!((first.items.counts.done, first.notes.len(), first.period.open), (4, 1, false));
    let last = story.report_of(None);
    assert_eq!((last.items.counts.done, last.notes.len(), last.period.open), (0, 1, true));
    assert_eq!(&*last.notes[0].text, "the next one");
}

/// Keys of all objects in a report, as dotted paths.
fn paths(value: &Value, at: &str, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                found.insert(path.clone());
                paths(value, &path, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| paths(one, at, found)),
        _ => {}
    }
}

/// A rollout that went through two stages, the second against the room, and gave the third up.
fn staged() -> Story {
    use warroom::domain::stage::Step;
    let entered = |after, stage: &str, number, against: &[&str]| Step::Entered {
        after,
        stage: stage.into(),
        number,
        of: 3,
        percent: Some(10),
        soak_ms: 60_000,
        against: against.iter().map(|it| (*it).into()).collect(),
    };
    let mut story = Story::new();
    let mut add = |second, step| {
        story.add(second, "mara", "commander", warroom::domain::Entry::Stage(Box::new(step)));
    };
    add(10, entered(0, "Internal", 1, &[]));
    add(80, Step::Soaked { clock: 1, stage: "Internal".into(), ms: 60_000, stop: None, failed: None });
    add(90, entered(1, "Canary", 2, &[]));
    add(95, entered(3, "Full", 3, &["soak of Canary: 00:05 of 01:00"]));
    add(99, Step::Aborted { after: 4, stage: "Full".into(), reason: "users complain".into() });
    story
}

#[test]
fn the_stages_of_a_rollout_are_told_with_their_clocks_and_what_spoke_against_going_on() {
    let report = staged().report();
    let told: Vec<_> =
        report.stages.iter().map(|it| (&*it.name, it.state, it.soaked_seconds, it.record)).collect();
    let wanted =
        [("Internal", "passed", 60.0, 1), ("Canary", "passed", 0.0, 3), ("Full", "given_up", 0.0, 4)];
    assert_eq!(told, wanted);
    let text = validation::markdown(&report);
    assert!(text.contains("Canary was left against: soak of Canary: 00:05 of 01:00"), "{text}");
    assert!(text.contains("given up by mara: users complain"), "{text}");
}

#[test]
fn every_key_of_the_json_is_documented_and_every_documented_key_is_there() {
    let doc = include_str!("../../docs/reports.md");
    let mut found = std::collections::BTreeSet::new();
    for story in [good(), rolled_back(), blind(), story::gated(), staged()] {
        let text = validation::json(&story.report(), false);
        paths(&serde_json::from_str(&text).expect("json"), "", &mut found);
    }
    let documented: std::collections::BTreeSet<String> = doc
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|rest| rest.split_once('`'))
        .map(|(key, _)| key.to_owned())
        .collect();
    let lacking: Vec<_> = found.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&found).collect();
    assert!(lacking.is_empty() && gone.is_empty(), "not documented: {lacking:#?}\nnot written: {gone:#?}");
}
