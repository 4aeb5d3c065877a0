//! The soak clock: what stops it, what begins it anew, over restarts and beside another console.

use warroom::domain::stage::{Step, StopKind};
use warroom::domain::{Accepts, Clean, Entry};
use warroom::model::stages::StageAct;

use super::{CHECKLIST, CONFIG, Console, in_canary, wall};

/// In the first stage, with another condition.
fn with(condition: &str) -> Console {
    let config = CONFIG.replacen("[[stage]]", &format!("{condition}\n[[stage]]"), 1);
    let mut console = Console::new(&config, CHECKLIST);
    console.tick_item("lead agrees");
    console.tick_item("support knows");
    console.pass(6);
    console.act_on(StageAct::Advance, "");
    console
}

fn why(console: &Console) -> String {
    console.model.stages.clock.stop.as_ref().map_or(String::new(), |stop| stop.why.to_string())
}

fn kind(console: &Console) -> Option<StopKind> {
    console.model.stages.clock.stop.as_ref().map(|stop| stop.kind)
}

const RARE: &str = r#"
[[condition]]
name = "usual"
signal = "health.api.latency_p95"
fail = "> 400"
min_samples = 100000
"#;

#[test]
fn what_cannot_be_told_yet_does_not_count_and_a_person_may_take_it_as_it_is() {
    let mut console = with(RARE);
    console.pass(20);
    assert_eq!((console.soak(), why(&console).as_str()), (0, "usual is inconclusive"));
    let spec = console.model.room.conditions.iter().find(|it| it.name == "usual").cloned().expect("there");
    // Too few samples are no lack of sight: nobody can take that as unwatched.
    console.elsewhere(Entry::Accepted {
        condition: spec.name.clone(),
        what: Accepts::Unseen,
        rule: spec.rule(),
        reason: "night".into(),
        until: wall(9_000),
    });
    console.pass(5);
    assert_eq!(console.soak(), 0);
}

#[test]
fn what_is_past_its_warning_does_not_count() {
    let mut console = with(
        "[[condition]]\nname = \"swift\"\nsignal = \"health.api.latency_last\"\nwarn = \"> 40\"\nfail = \"> 900\"",
    );
    console.pass(5);
    let counted = console.soak();
    assert!(counted >= 3, "{counted}");
    console.millis = 50;
    console.pass(10);
    assert_eq!((console.soak(), why(&console).as_str()), (counted + 1, "swift is past its warning"));
    console.millis = 10;
    console.pass(5);
    assert!(console.soak() >= counted + 4, "it goes on where it stood");
}

#[test]
fn between_target_and_limit_it_is_inconclusive_and_neither_passes_nor_counts() {
    let mut console = with(
        "[[condition]]\nname = \"swift\"\nsignal = \"health.api.latency_last\"\ntarget = \"< 40\"\nfail = \"> 900\"",
    );
    console.pass(5);
    let counted = console.soak();
    assert!(counted >= 3, "{counted}");
    console.millis = 50;
    console.pass(10);
    assert_eq!((console.soak(), why(&console).as_str()), (counted + 1, "swift is in its grey zone"));
    let state = |console: &Console| {
        let mut all = console.model.conditions.iter(&console.model.room);
        all.find(|(spec, _)| spec.name == "swift").map(|(_, state)| state.state)
    };
    assert_eq!(state(&console), Some(warroom::domain::ConditionState::Inconclusive));
    assert_eq!(console.verdict().0, warroom::domain::VerdictState::Hold);
    let told = console.reasons();
    assert!(told.iter().any(|it| it.starts_with("swift")), "{told:?}");
    console.millis = 10;
    console.pass(5);
    assert_eq!(state(&console), Some(warroom::domain::ConditionState::Pass));
    assert!(console.soak() >= counted + 4, "it goes on where it stood");
}

#[test]
fn a_failure_that_something_else_covers_begins_the_clock_anew_after_a_restart() {
    let mut console = in_canary();
    console.pass(80);
    console.answers = Some(false);
    console.pass(4);
    assert_eq!(kind(&console), Some(StopKind::Failed));
    // Nothing is heard any more, for so long that this is written down.
    console.answers = None;
    console.pass(30);
    assert_eq!(kind(&console), Some(StopKind::Unseen));
    let told = console.reasons();
    assert!(told.iter().any(|it| it.starts_with("soak of Canary: 01:")), "{told:?}");
    console.restart(60);
    console.answers = Some(true);
    console.pass(10);
    assert!(console.soak() <= 10, "{}", console.soak());
    let clock = console.model.stages.course.open().expect("a stage").clock.clone();
    assert_eq!((clock.resets, clock.reset.map(|(_, why)| why.to_string())), (1, Some("api answers".into())));
}

#[test]
fn what_fails_while_the_stage_is_held_begins_it_anew() {
    let mut console = in_canary();
    console.pass(20);
    console.keys("Hlunch\n");
    console.pass(3);
    console.answers = Some(false);
    console.pass(4);
    assert_eq!(kind(&console), Some(StopKind::Held), "that a person holds it is told first");
    console.answers = Some(true);
    console.pass(8);
    console.restart(10);
    console.pass(5);
    assert_eq!(kind(&console), Some(StopKind::Held));
    console.keys("Hy");
    console.pass(5);
    assert!(console.soak() <= 6, "{}", console.soak());
}

#[test]
fn a_console_that_does_not_keep_the_journal_goes_by_the_one_that_does() {
    let mut console = in_canary();
    let clock = console.model.stages.course.open().expect("a stage").clock.record;
    let soaked = |ms, stop| {
        let stage: Clean = "Canary".into();
        Entry::Stage(Box::new(Step::Soaked { clock, stage, ms, stop, failed: None }))
    };
    console.keeps(false);
    console.pass(90);
    assert_eq!(console.soak(), 60, "no more than may have been counted since it was written down last");
    console.elsewhere(soaked(30_000, None));
    console.pass(5);
    assert!((34..=36).contains(&console.soak()), "{}", console.soak());
    // The other one does not see what this one sees.
    let unseen = warroom::domain::stage::Stop { kind: StopKind::Unseen, why: "no data: fast".into() };
    console.elsewhere(soaked(40_000, Some(unseen)));
    console.pass(20);
    assert_eq!((console.soak(), why(&console).as_str()), (40, "no data: fast"));
    console.keeps(true);
    console.pass(5);
    assert!((44..=46).contains(&console.soak()), "{}", console.soak());
}

/// Asleep for longer than its lease: somebody else kept the journal meanwhile, and saw it fail.
#[test]
fn who_wakes_hears_first_what_was_counted_meanwhile() {
    let mut console = in_canary();
    console.pass(40);
    assert!((36..=40).contains(&console.soak()), "{}", console.soak());
    let current = console.model.stages.course.open().expect("the canary");
    let anew = |ms| {
        let (clock, stage) = (current.clock.record, current.name.clone());
        Entry::Stage(Box::new(Step::Soaked { clock, stage, ms, stop: None, failed: None }))
    };
    let (lost, anew) = (console.soaked(), anew(0));
    (console.world, console.process) = (console.world + 58, console.process + 58);
    // It wakes: a moment later it reads what was recorded, and that it is not the keeper any more.
    console.answers = Some(false);
    console.pass(1);
    assert_eq!(console.soaked(), lost, "nothing of its own over what it has not read");
    console.elsewhere(anew);
    console.keeps(false);
    console.answers = Some(true);
    console.pass(2);
    assert!(console.soak() <= 3, "{}", console.soak());
    // Nobody took over: it goes on, and writes it down.
    console.keeps(true);
    (console.world, console.process) = (console.world + 20, console.process + 20);
    console.pass(70);
    assert!(console.soaked() > lost + 1 && console.soak() > 60, "{}", console.soak());
}

/// As `warroom stage show` does: what the console that counts wrote last, and not that it once began without data.
#[test]
fn who_only_reads_the_journal_tells_that_the_clock_runs_again() {
    let mut console = in_canary();
    let clock = console.model.stages.course.open().expect("a stage").clock.record;
    let soaked = |ms, stop| {
        let stage: Clean = "Canary".into();
        Entry::Stage(Box::new(Step::Soaked { clock, stage, ms, stop, failed: None }))
    };
    console.keeps(false);
    let unseen = warroom::domain::stage::Stop { kind: StopKind::Unseen, why: "no data: fast".into() };
    console.elsewhere(soaked(0, Some(unseen.clone())));
    console.elsewhere(soaked(30_000, None));
    let (room, now) = (console.model.room.clone(), console.model.now);
    let mut reads = warroom::model::Model::new(room, "stage".to_owned(), now, (160, 48));
    let records = console.records.clone();
    reads.update(warroom::model::msg::Msg::Recorded { records });
    assert_eq!((reads.stages.clock.ms, reads.stages.clock.stop.clone()), (30_000, None));
    let row = |reads: &warroom::model::Model| reads.stage_rows().into_iter().find(|row| row.name == "Canary");
    assert_eq!(row(&reads).map(|row| row.soak_words()), Some("soak 00:30 of 02:00".to_owned()));
    console.elsewhere(soaked(40_000, Some(unseen)));
    let last = console.records.last().cloned().into_iter().collect();
    reads.update(warroom::model::msg::Msg::Recorded { records: last });
    assert_eq!(row(&reads).map(|row| row.soak_words()), Some("soak stopped at 00:40, no data".to_owned()));
}
