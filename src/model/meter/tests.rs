//! Tests: what is written each minute adds up to the time that was watched.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::config::{self, Overrides};
use crate::domain::health::{BodyReport, ProbeOutcome, Probed};
use crate::domain::{Clean, ConditionState, Entry, LinkReport, Origin, Record, ServiceIx, SourceId, Wall};
use crate::model::conditions::stopwatch;
use crate::model::msg::Msg;

const CONFIG: &str = r#"
[conditions]
health_failing = "10s"
clears_after = "5s"
health_flapping = "off"
startup_failed = "off"
startup_restarts = "off"
runs_incomplete = "off"
closes_spike = "off"
[[service]]
name = "chat"
[[service.health]]
name = "api"
url = "http://127.0.0.1:1/health"
interval = "1s"
timeout = "1s"
"#;

struct Story {
    model: Model,
    second: u64,
    /// When this console began, in seconds of the wall clock.
    begun: u64,
    written: Vec<Measured>,
}

impl Story {
    fn new(keeper: bool) -> Self {
        let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
        let room = Arc::new(loaded.expect("config").room);
        let mut model = Model::new(room, "test".into(), Now::default(), (80, 24));
        model.update(Msg::Kept { mine: keeper, holder: Clean::new("me") });
        Self { model, second: 0, begun: 0, written: Vec::new() }
    }

    /// Another console on the same journal, `later` seconds after this one was killed.
    fn killed(&self, later: u64) -> Self {
        let mut next = Self { begun: self.begun + self.second + later, ..Self::new(false) };
        next.tick();
        let record = |(seq, measured): (u64, &Measured)| Record {
            seq,
            at: measured.until,
            by: "room".into(),
            role: Clean::default(),
            entry: Entry::Measured(measured.clone()),
            hash: String::new(),
            late: false,
        };
        let records: Vec<Record> = (1..).zip(&self.written).map(record).collect();
        let seq = records.len() as u64;
        next.model.update(Msg::Recorded { records });
        next.model.update(Msg::ChainChecked { seq, damage: None });
        next
    }

    fn verdict(&self) -> VerdictState {
        self.model.verdicts.now.state
    }

    /// The stopwatch, and all that is said of it.
    fn watch(&self) -> (String, String) {
        let mut triggers = self.model.conditions.triggers(&self.model.room);
        let (spec, state) = triggers.find(|(spec, _)| spec.name.contains("failing")).expect("trigger");
        let reasons = self.model.verdicts.now.reasons.iter();
        let mut of = reasons.filter(|reason| reason.condition.as_ref() == Some(&spec.name));
        let told = of.next().map(|reason| format!("{} · {}", reason.told(), reason.context));
        (stopwatch(spec, state), told.unwrap_or_default())
    }

    /// `seconds` in which the probe answers well, badly, or not at all.
    fn go(&mut self, seconds: u64, answer: Option<bool>) {
        for _ in 0..seconds {
            self.second += 1;
            let at = Mono::from_secs(self.second);
            let source = SourceId::Health { service: ServiceIx(0), probe: 0 };
            if let Some(ok) = answer {
                self.model.update(Msg::Linked { source, report: LinkReport::Alive, at });
                let outcome = ProbeOutcome::Answered {
                    status: Some(if ok { 200 } else { 500 }),
                    latency: Duration::from_millis(9),
                    ok,
                    report: BodyReport::default(),
                };
                let probed = Probed { service: ServiceIx(0), probe: 0, at, origin: Origin::Unknown, outcome };
                self.model.update(Msg::Probed(probed));
            }
            self.tick();
        }
    }

    fn tick(&mut self) {
        let wall = Wall::default() + chrono::TimeDelta::seconds((self.begun + self.second).cast_signed());
        let effects = self.model.update(Msg::Ticked(Now { mono: Mono::from_secs(self.second), wall }));
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Journal { draft, .. } = effect
                && let Entry::Measured(measured) = draft.entry
            {
                self.written.push(measured);
            }
        }
    }

    /// All written so far, and what is left when the room is closed, as one.
    fn sum(&mut self) -> (u64, StateTimes, ProbeTimes, Breach) {
        let effects = self.model.leave();
        self.take(effects);
        let mut sum = (0, StateTimes::default(), ProbeTimes::default(), Breach::default());
        for measured in &self.written {
            let row = measured.conditions.iter().find(|row| row.name.contains("failing")).expect("row");
            assert_eq!((row.ms.total(), measured.probes[0].ms.total()), (measured.ms, measured.ms));
            sum.3 = sum.3.then(sum.0, row.breach, measured.ms);
            sum.0 += measured.ms;
            sum.1.add(&row.ms);
            sum.2.add(&measured.probes[0].ms);
        }
        sum
    }
}

#[test]
fn the_seconds_of_all_records_add_up_to_what_was_watched() {
    let mut story = Story::new(true);
    story.go(100, Some(true));
    story.go(30, Some(false));
    story.go(70, Some(true));
    story.go(40, None);
    let (ms, condition, probe, breach) = story.sum();
    assert_eq!(ms, 239_000, "from the first tick on");
    // The last answer is believed for two periods and a grace; then nothing is known.
    assert_eq!(probe, ProbeTimes { ok: 172_000, failing: 30_000, unseen: 37_000, starting: 0 });
    // It trips after ten seconds over its limit, and needs five good ones to be clear.
    assert_eq!((condition.warn, condition.fail), (10_000, 24_000));
    assert_eq!((condition.pass, condition.stale), (168_000, 37_000));
    assert_eq!(breach, Breach { head: 0, tail: 0, longest: 30_000 });
    assert!(story.written.iter().all(|measured| measured.ms <= 60_000));
    let verdicts: Vec<VerdictState> = story.written.iter().map(|measured| measured.verdict).collect();
    assert!(verdicts.contains(&VerdictState::RollBack), "{verdicts:?}");
    let blind: u64 = story.written.iter().map(|measured| measured.blind_ms).sum();
    assert!((35_000..=40_000).contains(&blind), "{blind}");
    assert_eq!(story.written.last().expect("rows").conditions[0].state, ConditionState::Stale);
}

#[test]
fn a_time_in_which_this_process_slept_is_in_no_record() {
    let mut story = Story::new(true);
    story.go(20, Some(true));
    story.second += 3_600;
    story.go(20, Some(true));
    let (ms, ..) = story.sum();
    assert_eq!(ms, 38_000);
    let ends: Vec<i64> = story.written.iter().map(|measured| measured.until.timestamp()).collect();
    assert!(ends.contains(&20) && ends.last() == Some(&3_640), "{ends:?}");
}

#[test]
fn a_stretch_has_the_reasons_of_its_end_and_a_number_that_is_good_again_says_so() {
    let mut story = Story::new(true);
    story.go(20, Some(true));
    story.go(12, Some(false));
    story.go(3, Some(true));
    let effects = story.model.leave();
    story.take(effects);
    let told: Vec<(VerdictState, Vec<&str>)> = story
        .written
        .iter()
        .map(|measured| (measured.verdict, measured.reasons.iter().map(|reason| &**reason).collect()))
        .collect();
    let again = "trigger health api failing tripped: 00:10 of 00:10, good again";
    assert_eq!(told.last(), Some(&(VerdictState::RollBack, vec![again])), "{told:#?}");
    assert!(told.contains(&(VerdictState::Go, Vec::new())), "{told:#?}");
}

#[test]
fn only_the_keeper_writes_and_at_most_once_a_minute_while_nothing_changes() {
    let mut story = Story::new(false);
    story.go(300, Some(true));
    let effects = story.model.leave();
    story.take(effects);
    assert_eq!(story.written, []);

    let mut story = Story::new(true);
    story.go(20, Some(true));
    let (begun, lengths) = (story.written.len(), |story: &Story| -> Vec<u64> {
        story.written.iter().map(|measured| measured.ms).collect()
    });
    story.go(300, Some(true));
    assert_eq!(lengths(&story)[begun..], [60_000; 5]);
    let size = serde_json::to_string(&story.written.last()).expect("json").len();
    assert!(size < 400, "{size} bytes");
}

#[test]
fn a_restart_does_not_clear_what_tripped() {
    let mut story = Story::new(true);
    story.go(20, Some(true));
    story.go(13, Some(false));
    assert_eq!(story.verdict(), VerdictState::RollBack);
    let mut next = story.killed(9);
    next.go(1, None);
    assert_eq!(next.verdict(), VerdictState::RollBack, "nobody has seen it good: {:?}", next.watch());
    assert!(next.watch().1.contains("not seen since 00:00:3"), "{:?}", next.watch());
    next.go(4, Some(true));
    assert_eq!(next.verdict(), VerdictState::RollBack, "good for less than five seconds");
    assert!(next.watch().1.contains("clears after 5s"), "{:?}", next.watch());
    next.go(10, Some(true));
    assert_eq!(next.verdict(), VerdictState::Go);
    // It was seen good before the next restart: that is known then.
    let mut story = Story { written: [&story.written[..], &next.written].concat(), ..next };
    story.model.update(Msg::Kept { mine: true, holder: Clean::new("me") });
    story.go(61, Some(true));
    let mut last = story.killed(9);
    last.go(5, Some(true));
    assert_eq!((last.verdict(), last.watch().1.as_str()), (VerdictState::Go, ""));
}

#[test]
fn a_stopwatch_goes_on_after_a_restart_from_what_it_had_counted() {
    let mut story = Story::new(true);
    story.go(20, Some(true));
    story.go(8, Some(false));
    assert_eq!(story.watch().0, "00:07 of 00:10");
    let mut next = story.killed(9);
    next.go(1, Some(false));
    assert_eq!(next.watch().0, "00:04 of 00:10", "what nobody watched is not counted");
    assert!(
        next.watch().1.contains("00:04 of it until 00:00:26Z, before this console began"),
        "{:?}",
        next.watch()
    );
    next.go(5, Some(false));
    assert_eq!(next.verdict(), VerdictState::Hold, "{:?}", next.watch());
    next.go(1, Some(false));
    assert_eq!(next.verdict(), VerdictState::RollBack, "{:?}", next.watch());
    // Good at the first look: the break is known.
    let mut good = story.killed(9);
    good.go(1, Some(true));
    good.go(1, Some(false));
    assert_eq!(good.watch().0, "00:00 of 00:10");
    // So long ago says nothing of now.
    let mut late = story.killed(70);
    late.go(2, Some(false));
    assert_eq!(late.watch().0, "00:01 of 00:10");
    // No data passes nothing.
    let mut blind = story.killed(9);
    blind.go(30, None);
    assert_eq!((blind.verdict(), blind.watch().0.as_str()), (VerdictState::Hold, "--:-- of 00:10"));
    blind.go(1, Some(false));
    assert_eq!(blind.watch().0, "00:04 of 00:10");
}
