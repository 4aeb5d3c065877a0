//! Tests: what a console says first, and when.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::config::{self, Overrides};
use crate::domain::health::{BodyReport, ProbeOutcome, Probed};
use crate::domain::{Entry, LinkReport, Origin, Record, ServiceIx, SourceId, Wall};
use crate::model::Model;
use crate::model::msg::Msg;

const CONFIG: &str = r#"
[conditions]
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
[[condition]]
name = "probe healthy"
service = "chat"
signal = "health.api.ok"
fail = "< 1"
"#;

fn model() -> Model {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    Model::new(Arc::new(loaded.expect("config").room), "test".into(), Now::default(), (80, 24))
}

/// A second later than `second`, in which the probe answers well or badly.
fn pass(model: &mut Model, second: u64, ok: bool) -> (VerdictState, String) {
    let at = Mono::from_secs(second);
    let source = SourceId::Health { service: ServiceIx(0), probe: 0 };
    model.update(Msg::Linked { source, report: LinkReport::Alive, at });
    let outcome = ProbeOutcome::Answered {
        status: Some(if ok { 200 } else { 500 }),
        latency: Duration::from_millis(9),
        ok,
        report: BodyReport::default(),
    };
    model.update(Msg::Probed(Probed {
        service: ServiceIx(0),
        probe: 0,
        at,
        origin: Origin::Unknown,
        outcome,
    }));
    let wall = Wall::default() + chrono::TimeDelta::seconds(second.cast_signed());
    model.update(Msg::Ticked(Now { mono: at, wall }));
    let verdict = &model.verdicts.now;
    (verdict.state, verdict.reasons.first().map(Reason::told_whole).unwrap_or_default().to_string())
}

#[test]
fn the_first_go_has_stood_for_three_seconds_too() {
    let mut model = model();
    let told: Vec<_> = (1..=4).map(|second| pass(&mut model, second, true)).collect();
    let in_sight = |steady| {
        let why = "this console has just begun to look; it is given once it has stood so long";
        (VerdictState::Hold, format!("GO in sight: 00:0{steady} of 00:03 ({why})"))
    };
    assert_eq!(told[..3], [in_sight(0), in_sight(1), in_sight(2)]);
    assert_eq!(told[3].0, VerdictState::Go, "{told:?}");
    assert!(!model.verdicts.now.blind);
}

#[test]
fn what_is_bad_at_the_first_look_is_said_at_once() {
    let mut bad = model();
    assert_eq!(pass(&mut bad, 1, false).0, VerdictState::NoGo);
    let mut soon = model();
    pass(&mut soon, 1, true);
    pass(&mut soon, 2, true);
    assert_eq!(pass(&mut soon, 3, false).0, VerdictState::NoGo, "GO was in sight, and never given");
    let after = (4..=7).map(|second| pass(&mut soon, second, true).1).collect::<Vec<_>>();
    assert!(after.iter().all(|told| !told.contains("just begun")), "{after:?}");
}

/// Also of a console that is opened on a journal that says GO: it has not looked yet.
#[test]
fn a_go_of_the_journal_is_no_look_of_this_console() {
    use VerdictState::{Go, Hold};
    let mut model = model();
    let entry = Entry::Verdict { from: VerdictState::Hold, to: VerdictState::Go, reasons: Vec::new() };
    let (by, role) = ("room".into(), Clean::default());
    let record = Record { seq: 1, at: Wall::default(), by, role, entry, hash: String::new(), late: false };
    model.update(Msg::Recorded { records: vec![record] });
    model.update(Msg::ChainChecked { seq: 1, damage: None });
    let states: Vec<_> = (1..=4).map(|second| pass(&mut model, second, true).0).collect();
    assert_eq!(states, [Hold, Hold, Hold, Go]);
}

/// What is done to a flag and is not verified yet keeps nobody from going back: its words stand among the reasons.
#[test]
fn an_operation_that_nobody_follows_hides_a_way_back_only_while_it_bars_it() {
    let model = model();
    let told = |state, acting, way_back: Option<&str>| {
        let evidence = Evidence {
            room: &model.room,
            conditions: &model.conditions,
            rulings: &model.rulings,
            further: Vec::new(),
            counts: &|_, _| true,
            serves: &|_, _| true,
            starting: &|_| false,
            required: (0, 0),
            act: String::new(),
            acting,
            beside: None,
            unfollowed: Some("no step for 25s, c looks now".to_owned()),
            only_watches: false,
            rolled_back: None,
            kept: None,
            lost: None,
            waits: None,
            told: &|spec, state| model.tell(spec, state),
            origin: &|_, _| None,
            way_back: way_back.map(str::to_owned),
            pointless: None,
        };
        next(&Verdict { state, ..Verdict::default() }, &evidence)
    };
    let unfollowed = |words: &str| words.starts_with("no step for 25s");
    for state in [VerdictState::NoGo, VerdictState::RollBack] {
        assert!(told(state, false, Some("100 % to a")).contains("R roll back… 100 % to a"), "{state:?}");
        assert!(unfollowed(&told(state, true, Some("100 % to a"))), "{state:?}");
        assert!(unfollowed(&told(state, false, None)), "{state:?}");
    }
    assert!(unfollowed(&told(VerdictState::Hold, false, Some("100 % to a"))));
}
