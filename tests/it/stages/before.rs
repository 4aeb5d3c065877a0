//! Metrics against what they were before the deployment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::TimeDelta;
use url::Url;
use warroom::domain::metric::{MetricValue, Past, Queried, Remembered};
use warroom::domain::past::{Gap, PastQuery};
use warroom::domain::rollout::Seen;
use warroom::domain::trail::Span;
use warroom::domain::{Entry, LinkReport, Outcome, Record, ServiceIx, SourceId, VerdictState};
use warroom::effects::past::Pasts;
use warroom::lanes::lanes;
use warroom::model::msg::{Msg, Token};

use super::there::traffic;
use super::{CHECKLIST, CONFIG, Console, wall};
use crate::engine::with_past;
use crate::prometheus::ask;
use crate::pty::PATIENCE;

const METRICS: &str = r#"
[service.metrics]
url = "http://127.0.0.1:9/metrics"
interval = "1s"
[[service.metrics.panel]]
name = "errors"
query = "x"
[service.cloud_run]
project = "p"
region = "europe-west1"
service = "api"
[[condition]]
name = "errors as before"
signal = "metric.errors@vs-before"
fail = "> 20"
clears_after = "2s"
[[condition]]"#;

fn room() -> Console {
    of(METRICS)
}

fn of(metrics: &str) -> Console {
    let none = CONFIG.split("[[stage]]").next().expect("the config without its stages");
    let none = none.replace("health_flapping", "closes_spike = \"off\"\nhealth_flapping");
    let config = none.replacen("[[condition]]", metrics, 1).replace("\"production\"", "\"staging\"");
    let checklist = CHECKLIST.replace(" (required)", "");
    let mut console = Console::new(&config, &checklist);
    console.traffic = Some(traffic(&[("api-1", "img@1", 100, None)]));
    console
}

/// A room in which an error a hundred was normal for a while.
fn steady() -> Console {
    let mut console = room();
    console.errors = Some(1.0);
    console.pass(360);
    console
}

/// Another console, which keeps the journal, saw the candidate.
fn candidate_elsewhere(console: &mut Console, image: &str) {
    let (service, environment) = ("api".to_owned(), "staging".to_owned());
    let seen = Seen { revision: "api-2".into(), image: image.into() };
    console.elsewhere(Entry::Candidate { service, seen, baseline: None, environment });
}

fn deploy(console: &mut Console) {
    console.traffic = Some(traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]));
    console.pass(6);
}

fn means(console: &Console) -> Vec<f64> {
    let of = |entry: &Entry| match entry {
        Entry::Before { service, means, .. } => {
            assert_eq!(service, "api");
            means.get("errors").copied()
        }
        _ => None,
    };
    console.records.iter().filter_map(|record| of(&record.entry)).collect()
}

fn reading(console: &Console, part: &str) -> Option<f64> {
    let reading = console.model.signals.named(ServiceIx(0), &format!("metric.errors@{part}"));
    reading.map(|reading| reading.value)
}

#[test]
fn what_it_was_before_is_written_once_and_holds_over_restarts() {
    let mut console = room();
    console.errors = Some(1.0);
    console.pass(180);
    console.errors = Some(3.0);
    console.pass(180);
    assert_eq!(console.verdict().0, VerdictState::Go, "nothing is deployed: {:?}", console.reasons());
    deploy(&mut console);
    let told = means(&console);
    let [before] = told.as_slice() else { panic!("once: {told:?}") };
    assert!((1.9..2.1).contains(before), "{before}");
    assert_eq!(reading(&console, "before"), Some(*before));
    assert_eq!(console.verdict().0, VerdictState::NoGo, "50 % more: {:?}", console.reasons());
    console.errors = Some(2.1);
    console.pass(8);
    assert_ne!(console.verdict().0, VerdictState::NoGo, "{:?}", console.reasons());
    console.restart(600);
    console.errors = Some(4.0);
    console.pass(8);
    assert_eq!(reading(&console, "before"), Some(*before), "as recorded");
    assert_eq!(console.verdict().0, VerdictState::NoGo, "{:?}", console.reasons());
    assert_eq!(means(&console).len(), 1);
    let (note, left) = ("".into(), Vec::new());
    console.elsewhere(Entry::RolloutEnded { outcome: Outcome::Completed, note, left, unsigned: 0 });
    console.pass(8);
    assert_eq!(
        console.verdict().0,
        VerdictState::Go,
        "nothing is deployed any more: {:?}",
        console.reasons()
    );
}

#[test]
fn without_a_time_before_it_is_inconclusive() {
    let mut console = room();
    console.errors = Some(1.0);
    console.pass(60);
    deploy(&mut console);
    assert_eq!(means(&console), Vec::<f64>::new(), "a minute says nothing");
    assert!(reading(&console, "vs-before").is_some_and(f64::is_nan));
    assert_eq!(console.verdict().0, VerdictState::Hold);
    let told = console.reasons();
    assert!(told.iter().any(|it| it.starts_with("errors as before")), "{told:?}");
    let reason =
        console.model.verdicts.now.reasons.iter().find(|it| it.subject.starts_with("errors as")).cloned();
    let context = reason.expect("it waits").context.to_string();
    assert!(context.contains("nothing to compare with from before the deployment"), "{context}");
}

/// What each record of the time before says of `errors`, and with which record what it is of began.
fn taken_for(console: &Console) -> Vec<(f64, Option<u64>)> {
    let of = |record: &Record| match &record.entry {
        Entry::Before { means, of, .. } => Some((*means.get("errors")?, *of)),
        _ => None,
    };
    console.records.iter().filter_map(of).collect()
}

/// The newest record of this kind.
fn newest(console: &Console, kind: &str) -> u64 {
    let of_kind = console.records.iter().rev().find(|record| record.entry.kind() == kind);
    of_kind.expect("such a record").seq
}

/// The candidate, its image and its share; the rest is the first one's.
fn deployed(console: &mut Console, name: &str, image: &str, percent: u8) {
    console.traffic = Some(traffic(&[(name, image, percent, None), ("api-1", "img@1", 100 - percent, None)]));
    console.pass(6);
}

#[test]
fn a_candidate_is_compared_with_the_hour_before_itself_once_all_is_recovered() {
    let mut console = steady();
    deployed(&mut console, "api-2", "img@2", 10);
    let first = newest(&console, "candidate");
    assert_eq!(taken_for(&console), [(1.0, Some(first))]);
    console.errors = Some(8.0);
    console.pass(600);
    let kept = console.model.checklist.rollout().expect("a rollout").id.clone();
    // The traffic goes back, and stays there for an hour.
    deployed(&mut console, "api-2", "img@2", 0);
    console.errors = Some(2.0);
    console.pass(3_700);
    deployed(&mut console, "api-3", "img@3", 10);
    let second = newest(&console, "candidate");
    assert_eq!(console.model.checklist.rollout().expect("a rollout").id, kept, "the same rollout");
    assert_eq!(taken_for(&console), [(1.0, Some(first)), (2.0, Some(second))]);
    for _ in 0..2 {
        assert_eq!(reading(&console, "before"), Some(2.0));
        console.restart(3_600);
        console.pass(8);
    }
    // A record that was on its way for the first one comes late.
    let means = [("errors".to_owned(), 1.0)].into();
    console.elsewhere(Entry::Before { service: "api".into(), means, minutes: None, of: Some(first) });
    console.pass(3);
    assert_eq!(reading(&console, "before"), Some(2.0));
}

/// What the first candidate made of the numbers is nothing to compare the second with.
#[test]
fn what_is_rolled_out_again_is_compared_with_the_hour_before_the_first() {
    for minutes_back in [0, 20] {
        let mut console = steady();
        deployed(&mut console, "api-2", "img@2", 10);
        console.errors = Some(8.0);
        console.pass(600);
        if minutes_back > 0 {
            deployed(&mut console, "api-2", "img@2", 0);
            console.pass(minutes_back * 60);
        }
        deployed(&mut console, "api-3", "img@3", 0);
        deployed(&mut console, "api-3", "img@3", 10);
        console.pass(120);
        assert_eq!(reading(&console, "before"), Some(1.0), "{minutes_back} minutes back");
        assert_eq!(taken_for(&console).len(), 1, "it is written already");
        console.restart(60);
        console.pass(8);
        assert_eq!(reading(&console, "before"), Some(1.0));
    }
}

/// Also where the first one was ended by a person: given up, or taken for good.
#[test]
fn what_was_given_up_is_no_time_before_the_next_rollout_and_what_stays_is_one() {
    for (outcome, before) in [(Outcome::RolledBack, 1.0), (Outcome::Completed, 6.0)] {
        let mut console = steady();
        deployed(&mut console, "api-2", "img@2", 10);
        console.errors = Some(7.0);
        console.pass(1_800);
        let (note, left) = ("".into(), Vec::new());
        console.elsewhere(Entry::RolloutEnded { outcome, note, left, unsigned: 0 });
        deployed(&mut console, "api-3", "img@3", 10);
        let found = reading(&console, "before").expect("a number");
        assert!((found - before).abs() < 0.7, "{outcome:?}: {found}");
    }
}

#[test]
fn the_same_image_tried_again_is_compared_with_the_hour_before_the_first_time() {
    for (back, before) in [(300, 1.0), (3_700, 2.0)] {
        let mut console = steady();
        deployed(&mut console, "api-2", "img@2", 10);
        console.errors = Some(8.0);
        console.pass(600);
        let candidates = console.model.checklist.rollouts().candidates();
        let (note, left, outcome) = ("".into(), Vec::new(), Outcome::RolledBack);
        console.elsewhere(Entry::RolloutEnded { outcome, note, left, unsigned: 0 });
        deployed(&mut console, "api-2", "img@2", 0);
        console.errors = Some(2.0);
        console.pass(back);
        deployed(&mut console, "api-2", "img@2", 10);
        let (given, baseline, environment) = (None, BTreeMap::new(), "staging".to_owned());
        console.elsewhere(Entry::RolloutBegan { given, candidates, baseline, environment });
        console.pass(8);
        assert_eq!(reading(&console, "before"), Some(before), "after {back} s");
    }
}

/// A rollout that nobody ended: what had all the traffic for an hour is what served before the next.
#[test]
fn what_took_all_the_traffic_long_ago_is_what_served_before_the_next() {
    let mut console = steady();
    deployed(&mut console, "api-2", "img@2", 10);
    console.traffic = Some(traffic(&[("api-2", "img@2", 100, None), ("api-1", "img@1", 0, None)]));
    console.errors = Some(4.0);
    console.pass(3_700);
    console.traffic = Some(traffic(&[("api-3", "img@3", 10, None), ("api-2", "img@2", 90, None)]));
    console.pass(6);
    assert_eq!(reading(&console, "before"), Some(4.0));
    assert_eq!(taken_for(&console).len(), 2);
}

#[test]
fn nothing_known_of_the_days_before_is_no_number() {
    let mut console = steady();
    deployed(&mut console, "api-2", "img@2", 10);
    // Nobody knows what it was in the last days, in which it went back.
    console.restart(200_000);
    console.pass(8);
    assert_eq!(reading(&console, "before"), Some(1.0));
    deployed(&mut console, "api-2", "img@2", 0);
    console.restart(200_000);
    deployed(&mut console, "api-3", "img@3", 10);
    assert!(reading(&console, "before").is_some_and(f64::is_nan), "{:?}", reading(&console, "before"));
    assert_eq!(console.verdict().0, VerdictState::Hold, "{:?}", console.reasons());
}

#[test]
fn what_the_journal_refused_is_written_once_it_takes_records_again() {
    let mut console = steady();
    console.keeps(false);
    deployed(&mut console, "api-2", "img@2", 10);
    candidate_elsewhere(&mut console, "2");
    console.refuses = true;
    console.keeps(true);
    console.pass(90);
    assert_eq!(taken_for(&console), []);
    console.refuses = false;
    console.elsewhere(Entry::Noted { text: "space again".into() });
    console.pass(70);
    assert_eq!(taken_for(&console), [(1.0, Some(newest(&console, "candidate")))]);
    console.pass(130);
    assert_eq!(taken_for(&console).len(), 1, "once");
}

#[test]
fn where_traffic_comes_later_than_the_candidate_it_is_the_hour_before_the_traffic() {
    let mut console = steady();
    deployed(&mut console, "api-2", "img@2", 0);
    assert_eq!(taken_for(&console), [(1.0, Some(newest(&console, "candidate")))]);
    console.errors = Some(5.0);
    console.pass(5_000);
    deployed(&mut console, "api-2", "img@2", 10);
    let t0 = newest(&console, "t0");
    assert_eq!(taken_for(&console)[1..], [(5.0, Some(t0))]);
    assert_eq!(reading(&console, "before"), Some(5.0));
    // A person begins the rollout of what is there already: that changes nothing.
    let seen = console.model.checklist.rollouts().candidates();
    let (given, baseline, environment) = (None, BTreeMap::new(), "staging".to_owned());
    console.elsewhere(Entry::RolloutBegan { given, candidates: seen, baseline, environment });
    console.errors = Some(9.0);
    console.pass(90);
    assert_eq!((reading(&console, "before"), taken_for(&console).len()), (Some(5.0), 2));
}

#[test]
fn who_keeps_the_journal_next_writes_what_is_missing() {
    let mut console = steady();
    console.keeps(false);
    deployed(&mut console, "api-2", "img@2", 10);
    candidate_elsewhere(&mut console, "img@2");
    console.errors = Some(7.0);
    console.pass(300);
    assert_eq!(taken_for(&console), [], "another console keeps the journal");
    console.keeps(true);
    console.pass(3);
    assert_eq!(taken_for(&console), [(1.0, Some(newest(&console, "candidate")))], "that one is gone");
}

/// What an earlier console kept of each minute is read back with the first scrape.
#[test]
fn minutes_that_an_earlier_console_kept_count() {
    let mut console = room();
    console.errors = Some(7.0);
    deployed(&mut console, "api-2", "img@2", 10);
    console.restart(5);
    console.pass(2);
    assert_eq!(taken_for(&console), []);
    let span = Span { low: 0.0, high: 9.0, last: 2.0 };
    let minutes = (1..=30).map(|minute| (wall(0) - TimeDelta::minutes(minute), span)).collect();
    let (service, name) = (ServiceIx(0), "errors".to_owned());
    console.tell(Msg::Remembered(Box::new(Remembered { service, name, minutes })));
    console.pass(2);
    assert_eq!(taken_for(&console), [(2.0, Some(newest(&console, "candidate")))]);
}

fn engine() -> String {
    let engine = METRICS
        .replace("url = \"http://127.0.0.1:9/metrics\"\ninterval = \"1s\"\n", "")
        .replace("query = \"x\"", "query = \"x\"\nfrom = \"prometheus\"");
    format!("[prometheus]\nurl = \"http://127.0.0.1:9\"\ninterval = \"15s\"\n{engine}")
}

/// The engine is there, and its metric is one.
fn heard(console: &mut Console, seconds: u64) {
    for _ in 0..seconds {
        let (service, at) = (ServiceIx(0), console.model.now.mono);
        console.tell(Msg::Linked { source: SourceId::Prometheus, report: LinkReport::Alive, at });
        let value = MetricValue { name: "errors".into(), value: Some(1.0), ..MetricValue::default() };
        let (history, older) = (Vec::new(), Past::default());
        console.tell(Msg::Queried(Box::new(Queried { service, at, value, history, older })));
        console.pass(1);
    }
}

/// The engine is asked, and told in which hour.
fn hour(console: &mut Console) -> (Token, Gap) {
    let (token, gap, queries) = console.asked.take().expect("a question");
    assert_eq!(queries, [PastQuery { query: "x".into(), only: None }]);
    assert_eq!((gap.step.as_secs(), gap.count), (5, 720), "an hour, a moment each five seconds");
    (token, gap)
}

#[test]
fn the_hour_before_is_asked_of_the_engine() {
    // Opened twenty minutes after the revision was made: it is the hour before that.
    let mut console = of(&engine());
    let mut canary = traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]);
    canary.revisions[0].created = Some(wall(0) - TimeDelta::minutes(20));
    console.traffic = Some(canary);
    console.pass(30);
    assert!(console.asked.is_none(), "the engine was not heard yet");
    heard(&mut console, 2);
    let (token, gap) = hour(&mut console);
    assert_eq!(gap.from, wall(0) - TimeDelta::minutes(80) + TimeDelta::seconds(5));
    // Of a third of it there is nothing.
    let values = (0..720).map(|at| (at >= 240).then_some(if at % 2 == 0 { 10.0 } else { 30.0 }));
    console.tell(Msg::PastRead { token, values: Ok(vec![Ok(values.collect())]) });
    heard(&mut console, 2);
    assert_eq!(taken_for(&console), [(20.0, Some(newest(&console, "candidate")))]);
    let minutes = console.records.iter().find_map(|it| match it.entry {
        Entry::Before { minutes, .. } => minutes,
        _ => None,
    });
    assert_eq!(minutes, Some(40));
    assert_eq!(reading(&console, "vs-before"), Some(-95.0));
    heard(&mut console, 90);
    assert!(console.asked.is_none() && taken_for(&console).len() == 1, "asked once");
}

#[test]
fn an_engine_that_was_not_there_or_whose_answer_nobody_waited_for_is_asked_again() {
    let mut console = of(&engine());
    heard(&mut console, 20);
    deployed(&mut console, "api-2", "img@2", 10);
    let (began, (token, gap)) = (newest(&console, "candidate"), hour(&mut console));
    console.tell(Msg::PastRead { token, values: Err("refused".into()) });
    heard(&mut console, 50);
    assert!(console.asked.is_none(), "not so soon");
    heard(&mut console, 15);
    let (_, again) = hour(&mut console);
    assert_eq!(again, gap);
    // The console ends while it is asked: the next one knows what is missing.
    console.restart(7_200);
    heard(&mut console, 3);
    let (token, next) = hour(&mut console);
    assert_eq!(next, gap);
    console.tell(Msg::PastRead { token, values: Ok(vec![Ok(vec![Some(4.0); 720])]) });
    assert_eq!(taken_for(&console), [(4.0, Some(began))]);
    heard(&mut console, 3);
    assert_eq!(reading(&console, "before"), Some(4.0));
    // One that cannot answer this query leaves it to what was heard here.
    deployed(&mut console, "api-2", "img@2", 0);
    console.restart(4_000);
    deployed(&mut console, "api-3", "img@3", 10);
    heard(&mut console, 2);
    let (token, _) = hour(&mut console);
    console.tell(Msg::PastRead { token, values: Ok(vec![Err("2 series".into())]) });
    heard(&mut console, 300);
    assert!(console.asked.is_none(), "it would say the same again");
    assert!(reading(&console, "before").is_some_and(f64::is_nan));
}

/// Spikes shorter than what a chart of a day asks for: a real Prometheus, and its own mean of that hour.
#[tokio::test(flavor = "multi_thread")]
async fn the_mean_is_what_a_real_prometheus_says_of_that_hour() {
    let dir = tempfile::tempdir().expect("dir");
    let mut past = String::from("# TYPE x gauge\n");
    for second in (-8_000..60_i64).step_by(5) {
        let value = if second.rem_euclid(130) < 20 { 30.0 } else { 1.0 + second as f64 / 8_000.0 };
        writeln!(past, "x {value} {}", wall(0).timestamp() + second).expect("text");
    }
    past.push_str("# EOF\n");
    let (_server, url) = with_past(&dir, &past, &[]).await;
    let mut console = of(&engine().replace("http://127.0.0.1:9", &url));
    heard(&mut console, 3);
    deployed(&mut console, "api-2", "img@2", 10);
    heard(&mut console, 1);
    let (token, gap, queries) = console.asked.take().expect("a question");
    let (lanes, mut receivers) = lanes();
    let mut pasts = Pasts::new(lanes);
    pasts.ask(console.model.room.prometheus.as_ref().expect("an engine"), token, gap, queries);
    let told = tokio::time::timeout(PATIENCE, receivers.data.recv()).await.expect("in time");
    console.tell(told.expect("an answer"));
    let found = taken_for(&console);
    let [(mean, _)] = found.as_slice() else { panic!("{found:?}") };
    let url = Url::parse(&url).expect("a URL");
    let began = gap.until() - TimeDelta::seconds(5);
    let time = began.timestamp_millis() as f64 / 1e3;
    let theirs = async |query: &str| {
        let data = ask(&url, query, Some(time)).await.expect("an answer");
        data["result"][0]["value"][1].as_str().expect("a number").parse::<f64>().expect("a number")
    };
    let (samples, seconds) = (theirs("avg_over_time(x[1h])").await, theirs("avg_over_time(x[1h:1s])").await);
    assert!((mean / samples - 1.0).abs() < 1e-3, "{mean} of {samples}");
    assert!((mean / seconds - 1.0).abs() < 1e-3, "{mean} of {seconds}");
    // What a chart of a day has of that hour is so far off.
    let coarse = theirs("avg_over_time(x[1h:2m])").await;
    assert!((coarse / samples - 1.0).abs() > 0.02, "{coarse} of {samples}");
}
