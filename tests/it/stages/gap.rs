//! Time that nobody watched: the soak clock looks it up in what the metrics engine remembers, and nothing else.

use std::time::Duration;

use warroom::domain::metric::{MetricValue, Past, Queried};
use warroom::domain::past::{Gap, PastQuery, PastValues};
use warroom::domain::stage::{Step, StopKind};
use warroom::domain::{Entry, LinkReport, Record, ServiceIx, SourceId, VerdictState};
use warroom::model::msg::{Msg, Token};
use warroom::model::stages::StageAct;

use super::{Console, wall};

const CONFIG: &str = r#"
[room]
name = "chat"
environment = "production"
checklists = ["r.md"]
[operator]
name = "mara"
[prometheus]
url = "http://127.0.0.1:9"
[conditions]
clears_after = "0s"
health_flapping = "off"
[[service]]
name = "api"
[[service.metrics.panel]]
name = "errors"
query = "sum(errors)"
from = "prometheus"
critical = "> 5"
[[stage]]
name = "Canary"
soak = "3h"
"#;

const PROBE: &str = r#"
[[service.health]]
name = "api"
kind = "tcp"
address = "127.0.0.1:9"
interval = "1s"
"#;

/// In the stage, with so much of a minute watched.
fn in_canary(config: &str) -> Console {
    let console = entered(config);
    assert!((59..=60).contains(&console.soak()), "{}", console.soak());
    console
}

fn entered(config: &str) -> Console {
    let mut console = Console::new(config, "# R\n");
    read(&mut console);
    watch(&mut console, 6, Some(1.0));
    console.act_on(StageAct::Advance, "");
    watch(&mut console, 60, Some(1.0));
    console
}

/// The journal was read to its end.
fn read(console: &mut Console) {
    let seq = console.records.len() as u64;
    console.tell(Msg::ChainChecked { seq, damage: None });
}

/// The engine answers each second, or is out of reach.
fn watch(console: &mut Console, seconds: u64, errors: Option<f64>) {
    for _ in 0..seconds {
        let at = console.model.now.mono.after(Duration::from_secs(1));
        let report = match errors {
            Some(_) => LinkReport::Alive,
            None => LinkReport::Down { error: "refused".into(), attempt: 1, retry_at: at },
        };
        console.tell(Msg::Linked { source: SourceId::Prometheus, report, at });
        if errors.is_some() {
            let value = MetricValue { name: "errors".into(), value: errors, ..MetricValue::default() };
            let (history, older) = (Vec::new(), Past::default());
            console.tell(Msg::Queried(Box::new(Queried {
                service: ServiceIx(0),
                at,
                value,
                history,
                older,
            })));
        }
        console.pass(1);
    }
}

fn asked(console: &mut Console) -> (Token, Gap, Vec<PastQuery>) {
    console.asked.take().expect("the engine is asked")
}

fn filled(console: &Console) -> Vec<Step> {
    let step = |entry: &Entry| match entry {
        Entry::Stage(step) if matches!(**step, Step::Filled { .. }) => Some((**step).clone()),
        _ => None,
    };
    console.records.iter().filter_map(|record| step(&record.entry)).collect()
}

/// What the engine remembers of the hour: what `value` says of each second of it.
fn answer(console: &mut Console, value: impl Fn(u64) -> Option<f64>) {
    let (token, gap, queries) = asked(console);
    assert_eq!((queries.len(), queries[0].query.as_str()), (1, "sum(errors)"));
    let values = (0..u64::from(gap.count)).map(|n| value(n * gap.step.as_secs())).collect();
    let values: Vec<PastValues> = vec![Ok(values)];
    console.tell(Msg::PastRead { token, values: Ok(values) });
}

#[test]
fn an_hour_without_a_console_counts_where_the_engine_saw_it_good() {
    let mut console = in_canary(CONFIG);
    console.restart(3_600);
    read(&mut console);
    watch(&mut console, 15, Some(1.0));
    let before = console.soak();
    assert!(before <= 76, "nothing of it counts by itself: {before}");
    let (_, gap, _) = console.asked.clone().expect("asked");
    // From where the clock was written down last.
    assert!((3_590..=3_680).contains(&(gap.step.as_secs() * u64::from(gap.count))), "{gap:?}");
    answer(&mut console, |_| Some(1.0));
    assert!((3_600..=3_700).contains(&console.soak()), "{}", console.soak());
    let row = console.model.stage_rows()[0].clone();
    assert!((3_580..=3_680).contains(&row.filled.as_secs()), "it is marked: {:?}", row.filled);
    let Some(Step::Filled { rest, failed, counted_ms, .. }) = filled(&console).pop() else {
        panic!("a record")
    };
    assert_eq!((rest.is_empty(), failed, counted_ms), (true, None, row.filled.as_millis() as u64));
    // Another console that reads the records knows the same, and nobody asks again.
    let counted = console.soak();
    console.restart(5);
    read(&mut console);
    watch(&mut console, 15, Some(1.0));
    assert!(console.soak() >= counted, "{}", console.soak());
    let again = console.asked.as_ref().map(|(_, gap, _)| gap.until() - gap.from);
    assert!(again.is_none_or(|again| again.num_seconds() < 60), "only what is not known yet: {again:?}");
    assert_eq!(console.model.stage_rows()[0].filled, row.filled);
}

#[test]
fn what_failed_meanwhile_begins_the_clock_anew_and_what_is_not_known_stands() {
    let mut console = in_canary(CONFIG);
    console.restart(3_600);
    read(&mut console);
    watch(&mut console, 15, Some(1.0));
    answer(&mut console, |second| match second {
        0..1_200 => Some(1.0),
        1_200..1_800 => Some(9.0),
        1_800..2_400 => None,
        _ => Some(1.0),
    });
    let counted = console.soak();
    assert!((1_190..=1_300).contains(&counted), "twenty minutes since it was good again: {counted}");
    let clock = console.model.stages.course.open().expect("a stage").clock.clone();
    assert_eq!((clock.resets, clock.reset.map(|(_, why)| why.to_string())), (1, Some("errors".into())));
    let Some(Step::Filled { rest, .. }) = filled(&console).pop() else { panic!("a record") };
    assert_eq!(&*rest, "no data: errors");
}

/// A clock that is over says nothing of a time that nobody watched: until that is known, nobody goes on.
#[test]
fn nothing_is_ready_before_the_time_that_nobody_watched_was_looked_up() {
    for gap in [12, 84] {
        let mut console = entered(&CONFIG.replace("\"3h\"", "\"50s\""));
        assert_eq!(console.model.verdicts.now.state, VerdictState::Go, "ready");
        console.restart(gap);
        read(&mut console);
        for _ in 0..20 {
            watch(&mut console, 1, Some(1.0));
            assert_eq!(console.model.verdicts.now.state, VerdictState::Hold, "after {gap} s");
        }
        let reasons = &console.model.verdicts.now.reasons;
        assert!(reasons.iter().any(|it| it.context.contains("looking up")), "{reasons:?}");
        // Errors in a quarter of it.
        let (token, asked, _) = asked(&mut console);
        assert!(asked.count >= 9 && asked.step.as_secs() * u64::from(asked.count) + 9 >= gap, "{asked:?}");
        let values = (0..asked.count).map(|n| Some(if n > 2 && n < asked.count / 2 { 9.0 } else { 1.0 }));
        console.tell(Msg::PastRead { token, values: Ok(vec![Ok(values.collect())]) });
        watch(&mut console, 5, Some(1.0));
        assert_eq!(console.model.verdicts.now.state, VerdictState::Hold, "it begins anew");
        let clock = console.model.stages.course.open().expect("a stage").clock.clone();
        assert_eq!(clock.reset.map(|(_, why)| why.to_string()).as_deref(), Some("errors"), "after {gap} s");
        assert!(console.soak() < 50, "{}", console.soak());
    }
}

#[test]
fn what_was_good_before_a_failure_does_not_count_when_it_is_told_after_it() {
    let mut console = in_canary(CONFIG);
    console.restart(3_600);
    read(&mut console);
    watch(&mut console, 12, Some(1.0));
    let (token, gap, _) = asked(&mut console);
    watch(&mut console, 3, Some(9.0));
    watch(&mut console, 4, Some(1.0));
    let values: Vec<PastValues> = vec![Ok(vec![Some(1.0); gap.count as usize])];
    console.tell(Msg::PastRead { token, values: Ok(values) });
    assert!(console.soak() <= 5, "{}", console.soak());
    assert_eq!(filled(&console), []);
}

#[test]
fn what_the_verdict_became_while_nobody_kept_the_journal_is_in_its_line() {
    let mut console = Console::new(CONFIG, "# R\n");
    read(&mut console);
    watch(&mut console, 30, Some(1.0));
    let turned = |console: &Console| -> Vec<VerdictState> {
        let to = |record: &Record| match &record.entry {
            Entry::Verdict { to, .. } => Some(*to),
            _ => None,
        };
        console.records.iter().filter_map(to).collect()
    };
    assert_eq!(turned(&console), [VerdictState::Go]);
    // The next console begins with HOLD, since the engine is gone, and that never changes.
    console.restart(60);
    read(&mut console);
    watch(&mut console, 60, None);
    assert_eq!(turned(&console), [VerdictState::Go, VerdictState::Hold], "told once");
}

#[test]
fn what_nobody_remembers_stays_unknown() {
    let mut console =
        in_canary(&CONFIG.replacen("[[service.metrics", &format!("{PROBE}[[service.metrics"), 1));
    let before = console.soak();
    console.restart(3_600);
    read(&mut console);
    watch(&mut console, 15, Some(1.0));
    answer(&mut console, |_| Some(1.0));
    assert!(console.soak() <= before + 20, "{}", console.soak());
    let Some(Step::Filled { rest, counted_ms, .. }) = filled(&console).pop() else { panic!("a record") };
    assert_eq!((&*rest, counted_ms), ("health api failing cannot be looked up", 0));
}

#[test]
fn while_the_engine_alone_is_out_of_sight_all_else_was_watched() {
    let mut console =
        in_canary(&CONFIG.replacen("[[service.metrics", &format!("{PROBE}[[service.metrics"), 1));
    watch(&mut console, 600, None);
    assert_eq!(console.model.stages.clock.stop.as_ref().map(|stop| stop.kind), Some(StopKind::Unseen));
    let stood = console.soak();
    assert!(stood <= 110, "{stood}");
    watch(&mut console, 15, Some(1.0));
    answer(&mut console, |_| Some(1.0));
    assert!((stood + 520..=stood + 620).contains(&console.soak()), "{} after {stood}", console.soak());
    // A probe that failed meanwhile is no time that was good.
    let stood = console.soak();
    console.answers = Some(false);
    watch(&mut console, 100, None);
    console.answers = Some(true);
    watch(&mut console, 15, Some(1.0));
    assert!(console.asked.is_none(), "{stood}");
}

/// The clock is over, and the engine remembers a failure of the time in which it was not heard.
#[test]
fn no_stage_is_ready_before_what_the_engine_missed_to_tell_was_looked_up() {
    let config = CONFIG.replace("soak = \"3h\"", "soak = \"50s\"");
    let mut console = entered(&config);
    assert_eq!(console.verdict().0, VerdictState::Go, "{:?}", console.reasons());
    watch(&mut console, 13, None);
    for _ in 0..12 {
        watch(&mut console, 1, Some(1.0));
        assert_eq!(console.verdict().0, VerdictState::Hold, "{:?}", console.reasons());
    }
    answer(&mut console, |second| Some(if second == 5 { 95.0 } else { 1.0 }));
    watch(&mut console, 5, Some(1.0));
    assert_eq!(console.verdict().0, VerdictState::Hold, "{:?}", console.reasons());
    assert!(console.soak() < 40, "it began anew: {}", console.soak());
}

/// What fails until the engine is heard again makes the clock begin anew as soon as it counts: that has a name too.
#[test]
fn what_failed_to_the_end_of_a_gap_is_named() {
    let mut console = in_canary(CONFIG);
    watch(&mut console, 13, None);
    watch(&mut console, 12, Some(1.0));
    answer(&mut console, |_| Some(95.0));
    let Some(Step::Filled { rest, counted_ms, .. }) = filled(&console).pop() else { panic!("a record") };
    assert_eq!((&*rest, counted_ms), ("errors failed to its end, and the clock begins anew", 0));
}

#[test]
fn an_engine_that_cannot_be_asked_is_asked_again() {
    let mut console = in_canary(CONFIG);
    console.restart(3_600);
    read(&mut console);
    watch(&mut console, 15, Some(1.0));
    let (token, ..) = asked(&mut console);
    console.tell(Msg::PastRead { token, values: Err("refused".into()) });
    watch(&mut console, 50, Some(1.0));
    assert!(console.asked.is_none());
    watch(&mut console, 15, Some(1.0));
    answer(&mut console, |_| Some(1.0));
    assert!(console.soak() > 3_600);
    assert!(wall(0) < console.model.now.wall);
}

/// Somebody looks for seconds while nobody watches, and leaves before the engine told what it remembers.
#[test]
fn who_leaves_before_a_time_is_looked_up_leaves_it_to_the_next() {
    let mut console = in_canary(CONFIG);
    console.restart(600);
    read(&mut console);
    watch(&mut console, 9, Some(1.0));
    assert!(console.asked.is_none(), "it waits for what came in the last moment");
    for effect in console.model.leave() {
        console.take(effect);
    }
    console.restart(10);
    read(&mut console);
    watch(&mut console, 15, Some(1.0));
    let (_, gap, _) = console.asked.clone().expect("asked");
    assert!((610..=700).contains(&(gap.until() - gap.from).num_seconds()), "{gap:?}");
    let of_failure = 300..310;
    answer(&mut console, |second| Some(if of_failure.contains(&second) { 9.0 } else { 1.0 }));
    assert!(console.soak() < 400, "it failed meanwhile, and began anew: {}", console.soak());
}
