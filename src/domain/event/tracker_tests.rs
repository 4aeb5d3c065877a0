//! The tracker against every fault that a stream can have.

use std::time::Duration;

use super::*;
use crate::domain::Clean;
use crate::domain::event::kept::line;
use crate::domain::event::{Line, MAX_NAMES, MAX_RAW};
use crate::domain::room::EventFields;

const TYPES: [&str; 5] =
    ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"];

fn spec() -> EventsSpec {
    EventsSpec {
        url: "ws://127.0.0.1:1/".to_owned(),
        token: None,
        token_place: crate::domain::room::TokenPlace::Header,
        headers: std::collections::BTreeMap::new(),
        subprotocols: Vec::new(),
        send: Vec::new(),
        addressed: crate::domain::room::Addressed::Service,
        connections: 2,
        fields: EventFields::default(),
        types: TYPES.map(str::to_owned).to_vec(),
        first: Some(TYPES[0].to_owned()),
        last: Some(TYPES[4].to_owned()),
        pairs: vec![(TYPES[2].to_owned(), TYPES[3].to_owned())],
        run_timeout: Duration::from_secs(30),
        delivery_limit: Duration::from_millis(100),
        ping: Duration::from_secs(5),
        active: None,
        schemas: None,
    }
}

/// A tracker and a clock that moves ten milliseconds with each event.
struct Bench {
    tracker: Tracker,
    at: Mono,
    lines: Vec<Line>,
}

impl Bench {
    fn new() -> Self {
        let mut tracker = Tracker::new(ServiceIx(0), &spec());
        tracker.connected(0, Mono::default(), None);
        Self { tracker, at: Mono::from_secs(100), lines: Vec::new() }
    }

    fn send(&mut self, event: Event<'_>) {
        self.over(0, event);
    }

    fn over(&mut self, connection: u16, event: Event<'_>) {
        self.at = self.at.after(Duration::from_millis(10));
        let arrival = Arrival { at: self.at, wall_us: self.at.0.cast_signed(), connection };
        let seen = self.tracker.observe(&event, arrival);
        self.lines.extend(seen.map(|seen| line(&event, self.at, seen)));
    }

    /// Events of run `run` by letters: S T e c C; `e` and `c` carry the call of the digit that follows.
    fn story(&mut self, run: &str, letters: &str) {
        for word in letters.split(' ') {
            let kind = match word.as_bytes()[0] {
                b'S' => 0,
                b'T' => 1,
                b'e' => 2,
                b'c' => 3,
                b'C' => 4,
                other => unreachable!("letter {other}"),
            };
            let call = (word.len() > 1).then_some(word);
            let call = call.and_then(|word| word.get(1..));
            self.send(Event { kind: TYPES[kind], run: Some(run), call, raw: "{}", ..Event::default() });
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.at = self.at.after(Duration::from_secs(seconds));
        self.tracker.tick(self.at);
    }

    fn take(&mut self) -> EventsDelta {
        self.tracker.take(self.at, &Origin::Unknown)
    }

    fn told(&mut self) -> Vec<(String, Option<Ending>)> {
        let letters = super::super::story::letters(&spec().types, &spec().pairs);
        self.take().stories.iter().map(|story| (story.letters(&letters), story.ending)).collect()
    }
}

#[test]
fn a_whole_run_is_whole_at_once() {
    let mut bench = Bench::new();
    bench.story("a", "S T e1 c1 T e2 c2 C");
    let delta = bench.take();
    assert_eq!(delta.by_type, [1, 2, 2, 2, 1]);
    let runs = &delta.runs;
    assert_eq!((runs.opened, runs.whole, runs.incomplete, runs.calls, runs.paired), (1, 1, 0, 2, 2));
    assert_eq!(delta.stories.len(), 1);
    assert_eq!(bench.lines.last().and_then(|line| line.ended), Some(Ending::Whole));
    assert_eq!(delta.open.count, 0);
}

#[test]
fn a_missing_event_is_named_where_it_belongs() {
    let mut bench = Bench::new();
    bench.story("a", "S T e1 c1 e2 C");
    bench.story("b", "S e1 c1 C");
    bench.story("c", "S T C");
    assert_eq!(bench.told(), [], "they settle for a second");
    bench.wait(2);
    let letters = ['S', 'T', 'e', 'c', 'C'];
    let delta = bench.take();
    let told: Vec<String> = delta.stories.iter().map(|story| story.letters(&letters)).collect();
    assert_eq!(told, ["S T e c e _ C", "S _ e c C", "S T _ _ C"]);
    assert_eq!(delta.runs.missing, [0, 1, 1, 2, 0]);
    assert_eq!((delta.runs.incomplete, delta.runs.calls, delta.runs.paired), (3, 3, 2));
    let missing = &delta.stories[0].steps[5];
    assert_eq!((missing.mark, &*missing.call), (Mark::Missing, "2"));
    assert_eq!(delta.stories[0].wrong(), "1 missing");
}

#[test]
fn late_twice_and_out_of_order_are_facts_but_not_missing() {
    let mut bench = Bench::new();
    bench.story("late", "S T e1 C c1");
    bench.story("twice", "S S T e1 c1 c1 C C");
    bench.story("order", "S T c1 e1 C");
    let delta = bench.take();
    assert_eq!((delta.runs.whole, delta.runs.incomplete), (3, 0));
    assert_eq!((delta.duplicates, delta.runs.out_of_order), (3, 2));
    assert_eq!(bench.told(), []);
}

#[test]
fn a_silent_run_times_out_and_one_that_we_joined_late_is_not_judged() {
    let mut bench = Bench::new();
    bench.story("silent", "S T e1");
    bench.wait(10);
    let delta = bench.take();
    assert_eq!((delta.open.count, delta.open.silent.len()), (1, 1));
    assert_eq!(bench.tracker.next_deadline(), Some(Mono::from_millis(130_030)));
    bench.wait(20);
    assert_eq!(bench.told(), [("S T e _ _".to_owned(), Some(Ending::TimedOut))]);
    bench.tracker.connected(0, bench.at, None);
    bench.story("joined", "e1 c1 C");
    let delta = bench.take();
    assert_eq!((delta.runs.unjudged, delta.runs.incomplete), (1, 0));
    bench.story("broken", "S T e1");
    bench.tracker.disconnected(0);
    bench.wait(31);
    let delta = bench.take();
    assert_eq!((delta.runs.unjudged, delta.runs.incomplete, delta.runs.missing), (1, 0, vec![0; 5]));
}

#[test]
fn the_same_run_over_two_connections_counts_once() {
    let mut bench = Bench::new();
    for connection in [0, 1] {
        bench.over(connection, Event { kind: TYPES[0], run: Some("a"), ..Event::default() });
    }
    let delta = bench.take();
    assert_eq!((delta.received, delta.valid(), delta.echoes, delta.duplicates), (2, 1, 1, 0));
}

#[test]
fn a_name_used_again_is_another_run() {
    let mut bench = Bench::new();
    bench.story("thread", "S T e1 c1 C");
    bench.story("thread", "S T e1 c1 C");
    let delta = bench.take();
    assert_eq!((delta.runs.opened, delta.runs.whole, delta.duplicates), (2, 2, 0));
}

#[test]
fn open_runs_are_capped_and_the_evicted_counted() {
    let mut bench = Bench::new();
    for run in 0..runs::MAX_OPEN + 10 {
        bench.tracker.observe(
            &Event { kind: TYPES[0], run: Some(&run.to_string()), ..Event::default() },
            Arrival { at: bench.at, ..Arrival::default() },
        );
    }
    let delta = bench.take();
    assert_eq!((delta.runs.evicted, delta.open.count), (10, runs::MAX_OPEN as u64));
}

#[test]
fn sequence_numbers_tell_loss_and_repeats() {
    let mut bench = Bench::new();
    for seq in [5, 6, 9, 9, 8] {
        bench.send(Event { kind: "other", seq: Some(seq), ..Event::default() });
    }
    let delta = bench.take();
    assert_eq!((delta.gaps, delta.recovered, delta.duplicates), (2, 1, 1));
    assert_eq!(delta.other_types, [(Clean::new("other"), 5)]);
}

#[test]
fn hostile_names_are_bounded_and_scrubbed() {
    let mut bench = Bench::new();
    let long = "x".repeat(100_000);
    for n in 0..1_000 {
        let kind = format!("\x1b]52;c;{n}\x07");
        bench.send(Event {
            kind: &kind,
            run: Some(&long),
            call: Some("\u{202e}"),
            raw: &long,
            ..Event::default()
        });
    }
    let delta = bench.take();
    assert_eq!((delta.other_types.len(), delta.other_rest), (MAX_NAMES, 1_000 - MAX_NAMES as u64));
    let text = serde_json::to_string(&(&delta, &bench.lines[..64])).unwrap();
    assert!(!text.contains("\\u001b") && !text.contains('\u{202e}'), "nothing unscrubbed");
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert!(bench.lines.iter().all(|line| line.raw.len() <= MAX_RAW + 4 && line.scrubbed));
}

#[test]
fn delivery_is_measured_against_the_senders_clock() {
    let mut bench = Bench::new();
    let ahead = 2_000_000;
    for delay in [0, 30_000, 60_000] {
        let sent = bench.at.after(Duration::from_millis(10)).0.cast_signed() + ahead - delay;
        bench.send(Event { kind: "x", sent_us: Some(sent), ..Event::default() });
    }
    let delta = bench.take();
    assert_eq!(delta.skew.map(|skew| skew.ahead_us), Some(ahead));
    let mut window = crate::domain::measure::LatencyWindow::new(Duration::from_secs(1), 4);
    window.add(bench.at, &delta.latency);
    let (p95, n) = window.quantile(bench.at, Duration::from_secs(1), 0.95).unwrap();
    assert!((58_000..62_000).contains(&p95) && n == 3, "{p95} {n}");
}

proptest::proptest! {
    /// However a stream is cut into hand-overs, the sums are the same.
    #[test]
    fn hand_overs_add_up(
        events in proptest::collection::vec((0_usize..5, 0_u8..6, 0_u8..3), 1..200),
        cuts in proptest::collection::vec(proptest::bool::ANY, 200),
    ) {
        let mut whole = Bench::new();
        let mut pieces = Bench::new();
        let mut sum = EventsDelta { by_type: vec![0; 5], ..EventsDelta::default() };
        let mut add = |more: EventsDelta| {
            sum.by_type.iter_mut().zip(&more.by_type).for_each(|(sum, n)| *sum += n);
            sum.received += more.received;
            sum.duplicates += more.duplicates;
            sum.runs.whole += more.runs.whole;
            sum.runs.incomplete += more.runs.incomplete;
            sum.runs.out_of_order += more.runs.out_of_order;
        };
        for ((kind, run, call), cut) in events.iter().zip(cuts) {
            let (run, call) = (run.to_string(), call.to_string());
            let event = Event { kind: TYPES[*kind], run: Some(&run), call: Some(&call), ..Event::default() };
            whole.send(event);
            pieces.send(event);
            if cut {
                add(pieces.take());
            }
        }
        whole.wait(60);
        pieces.wait(60);
        add(pieces.take());
        let once = whole.take();
        proptest::prop_assert_eq!(&sum.by_type, &once.by_type);
        proptest::prop_assert_eq!(
            (sum.received, sum.duplicates, sum.runs.whole, sum.runs.incomplete, sum.runs.out_of_order),
            (once.received, once.duplicates, once.runs.whole, once.runs.incomplete, once.runs.out_of_order)
        );
        proptest::prop_assert_eq!(once.open.count, 0);
    }
}

#[test]
fn the_rest_of_an_evicted_run_is_not_judged() {
    let mut bench = Bench::new();
    bench.story("first", "S T e1");
    for run in 0..runs::MAX_OPEN {
        let name = format!("r{run}");
        let event = Event { kind: TYPES[0], run: Some(&name), raw: "{}", ..Event::default() };
        let arrival = Arrival { at: bench.at, wall_us: 0, connection: 0 };
        bench.tracker.observe(&event, arrival);
    }
    bench.take();
    bench.story("first", "c1 C");
    bench.wait(2);
    let delta = bench.take();
    assert_eq!((delta.runs.incomplete, delta.runs.unjudged), (0, 1), "nothing of it is known to be missing");
    bench.wait(31);
    bench.take();
    bench.story("late", "T C");
    bench.wait(2);
    assert_eq!(bench.take().runs.incomplete, 1, "and what begins long after is judged again");
}
