//! Acts on flags as the room takes them: asked again, guarded, and looked at afterwards.

use std::sync::Arc;

use super::super::traffic::tests::{settled, share};
use super::*;
use crate::domain::flag::{FlagSeen, Setting, Wanted};
use crate::domain::room::{CloudRunSpec, FlagServer, FlagSource, FlagdSpec, Service, UnleashSpec};
use crate::domain::{
    Clean, Entry, FlagChange, LinkReport, Mono, Now, OpId, OpKind, OpState, Record, Room, ServiceIx,
};
use crate::model::confirm::{Confirm, Stage};
use crate::model::msg::{Msg, Token};
use crate::model::ops::{Clock, Operation};

mod told;

fn variable() -> FlagSpec {
    FlagSpec {
        name: "resume".into(),
        service: ServiceIx(0),
        variable: "RESUME".into(),
        on: "true".into(),
        off: "false".into(),
        ..FlagSpec::default()
    }
}

fn unleash(environment: &str) -> FlagSpec {
    let interval = std::time::Duration::from_secs(5);
    let server = FlagServer { interval, ..FlagServer::default() };
    let spec = UnleashSpec { server, environment: environment.into(), ..UnleashSpec::default() };
    FlagSpec {
        name: "pay".into(),
        service: ServiceIx::NONE,
        source: FlagSource::Unleash(Box::new(spec)),
        ..variable()
    }
}

fn at(second: u64) -> Now {
    let wall = Wall::default() + chrono::TimeDelta::seconds(second.cast_signed());
    Now { mono: Mono::from_secs(second), wall }
}

fn model(flag: FlagSpec) -> Model {
    let cloud = CloudRunSpec {
        project: "p".into(),
        region: "l".into(),
        service: "s".into(),
        endpoint: String::new(),
        token: None,
        interval: std::time::Duration::from_secs(5),
        verify_for: std::time::Duration::from_secs(60),
    };
    let service = Service { name: "s".into(), cloud_run: Some(cloud), ..Service::default() };
    let room = Room { flags: vec![flag], services: vec![service], ..Room::default() };
    Model::new(Arc::new(room), "c".into(), at(1), (160, 48))
}

fn on(percent: Option<u8>) -> FlagRead {
    let setting = Setting { enabled: true, percent, stickiness: None };
    let version = format!("{percent:?}");
    FlagRead { setting, version, share: percent, place: "staging".into(), ..FlagRead::default() }
}

fn see(model: &mut Model, second: u64, read: FlagRead) {
    model.update(Msg::Ticked(at(second)));
    let source = SourceId::Flag { flag: 0 };
    let at = Mono::from_secs(second);
    model.update(Msg::Linked { source, report: LinkReport::Alive, at });
    model.update(Msg::FlagSeen(Box::new(FlagSeen { flag: 0, at, read })));
}

fn asked(model: &mut Model) -> &mut Confirm {
    model.confirm_mut().expect("a dialog")
}

#[test]
fn what_is_asked_again_is_what_was_asked_and_not_its_opposite() {
    let mut model = model(variable());
    let mut traffic = settled(&[share("a", 100)], &["a"]);
    traffic.template_env.insert("RESUME".into(), EnvValue::Plain("blue".into()));
    model.update(Msg::TrafficRead {
        service: ServiceIx(0),
        at: Mono::from_secs(1),
        traffic: Box::new(traffic),
    });
    let mut again = |removes: bool, after: &str| {
        let change =
            FlagChange { flag: "resume".into(), removes, after: after.into(), ..FlagChange::default() };
        model.reopen_flag(&change, &mut Vec::new());
        match &asked(&mut model).act {
            OpKind::Flag(change) => (change.removes, change.after.clone()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(again(true, ""), (true, String::new()), "not there, as before");
    assert_eq!(again(false, "green"), (false, "green".into()));
    assert_eq!(again(false, "true"), (false, "true".into()));
    assert_eq!(again(false, "false"), (false, "false".into()));
}

#[test]
fn a_share_is_asked_again_and_a_switch_leaves_the_present_share() {
    let mut model = model(unleash("staging"));
    see(&mut model, 1, on(Some(10)));
    let mut again = |wanted: Wanted, before: FlagRead, now: FlagRead| {
        see(&mut model, 2, before);
        let act = model.flag_change("pay", wanted, &Extra::default()).expect("a change");
        let OpKind::Flag(change) = act else { panic!("no flag") };
        see(&mut model, 3, now);
        model.reopen_flag(&change, &mut Vec::new());
        asked(&mut model).act.live().expect("live").after.words()
    };
    assert_eq!(again(Wanted::Percent(25), on(Some(10)), on(Some(5))), "on 25 %");
    assert_eq!(again(Wanted::Off, on(Some(10)), on(Some(5))), "off (5 % when on)");
}

#[test]
fn back_to_a_share_is_refused_where_there_is_no_one_share_any_more() {
    let several = FlagRead { share_fixed: Some("2 strategies".into()), ..on(None) };
    let past = |percent, enabled| {
        let past = Past::Setting(Setting { enabled, percent, stickiness: None });
        live(
            &unleash("staging"),
            Some(&several),
            (Wanted::Previous, Some(&past)),
            &Extra::default(),
            Wall::default(),
        )
    };
    assert!(past(Some(25), true).expect_err("no share").contains("2 strategies"));
    assert_eq!(past(None, false).map(|change| change.after), Ok("off".to_owned()));
    let sticks = Setting { enabled: true, percent: None, stickiness: Some("userId".into()) };
    let past = Some(Past::Setting(sticks));
    let refused = live(
        &unleash("staging"),
        Some(&several),
        (Wanted::Previous, past.as_ref()),
        &Extra::default(),
        Wall::default(),
    );
    assert!(refused.is_err());
}

#[test]
fn production_is_also_that_of_the_flag() {
    for (environment, word) in [("staging", ""), ("production", "pay"), ("Prod", "pay")] {
        let mut model = model(unleash(environment));
        see(&mut model, 1, on(Some(10)));
        model.open_set(0, Wanted::Percent(20), &mut Vec::new());
        assert_eq!(asked(&mut model).word, word, "{environment}");
    }
}

#[test]
fn a_split_before_a_default_that_is_on_says_who_keeps_it() {
    let source = FlagSource::Flagd(FlagdSpec { real: "/f.json".into(), ..FlagdSpec::default() });
    let mut model = model(FlagSpec { source, ..unleash("") });
    let mut notes = |read: FlagRead| {
        see(&mut model, 1, read);
        model.open_set(0, Wanted::Percent(25), &mut Vec::new());
        asked(&mut model).notes.iter().any(|note| format!("{note:?}").contains("no targeting key"))
    };
    assert!(notes(FlagRead { whole: true, ..on(Some(100)) }));
    assert!(!notes(FlagRead { whole: true, ..on(Some(0)) }));
    assert!(!notes(on(Some(100))), "a split's default is not known to be on");
}

/// What became of a change from 10 % to 20 % that is effective since second 10, after it reads `read` at `second`.
fn followed(second: u64, read: FlagRead) -> Option<OpState> {
    let mut model = model(unleash("staging"));
    see(&mut model, 1, on(Some(10)));
    let act = model.flag_change("pay", Wanted::Percent(20), &Extra::default()).expect("a change");
    let id = OpId("1".into());
    let mut op = Operation::new(id.clone(), act, "".into(), "mara".into(), Token(7));
    op.advance(OpState::Requested, "".into(), at(9).wall);
    op.advance(OpState::Effective, "".into(), at(10).wall);
    model.ops.push(op);
    see(&mut model, second, read);
    model.update(Msg::Ticked(at(second.max(11) + 1)));
    model.ops.get(&id).and_then(Operation::state)
}

#[test]
fn put_back_just_as_it_was_is_another_change() {
    assert_eq!(followed(12, on(Some(10))), Some(OpState::Superseded));
    assert_eq!(followed(12, on(Some(30))), Some(OpState::Superseded));
    assert_eq!(followed(9, on(Some(10))), Some(OpState::Effective), "it was asked for before");
    assert_eq!(followed(12, on(Some(20))), Some(OpState::Effective));
}

#[test]
fn what_a_later_act_took_the_place_of_is_never_verified_by_what_somebody_else_does() {
    let mut model = model(unleash("staging"));
    see(&mut model, 1, on(Some(10)));
    let asked = [(20, "1", 10), (40, "2", 12)].map(|(percent, id, second)| {
        let act = model.flag_change("pay", Wanted::Percent(percent), &Extra::default()).expect("a change");
        let mut op = Operation::new(OpId(id.into()), act, "".into(), "mara".into(), Token(second));
        op.advance(OpState::Requested, "".into(), at(second).wall);
        op.advance(OpState::Effective, "".into(), at(second).wall);
        op
    });
    let [first, second] = asked;
    model.ops.push(first);
    see(&mut model, 11, on(Some(20)));
    let state = |model: &Model, id: &str| model.ops.get(&OpId(id.into())).and_then(Operation::state);
    assert_eq!(state(&model, "1"), Some(OpState::Effective));
    model.ops.push(second);
    // Somebody else sets what the first one wanted.
    for second in 13..400 {
        see(&mut model, second, on(Some(20)));
    }
    assert_eq!([state(&model, "1"), state(&model, "2")], [Some(OpState::Superseded); 2]);
    let detail =
        model.ops.get(&OpId("1".into())).and_then(|op| op.steps.last()).map(|it| it.detail.to_string());
    assert_eq!(detail.as_deref(), Some("replaced by what mara did, effective at 00:00:12Z"));
}

/// What becomes of `RESUME=true`, which is effective, when the service is read so a second later; and its clock.
fn variable_followed(change: impl FnOnce(&mut Traffic)) -> (Option<OpState>, String, Clock) {
    let mut model = model(variable());
    let tell = |model: &mut Model, second: u64, traffic: &Traffic| {
        let (at, service) = (Mono::from_secs(second), ServiceIx(0));
        model.update(Msg::Ticked(super::act_tests::at(second)));
        let source = SourceId::CloudRun { service };
        model.update(Msg::Linked { source, report: LinkReport::Alive, at });
        model.update(Msg::TrafficRead { service, at, traffic: Box::new(traffic.clone()) });
        model.update(Msg::Ticked(super::act_tests::at(second)));
    };
    let mut traffic = settled(&[share("b", 100)], &["b", "a"]);
    traffic.template_env.insert("RESUME".into(), EnvValue::Plain("false".into()));
    tell(&mut model, 1, &traffic);
    let act = model.flag_change("resume", Wanted::On, &Extra::default()).expect("a change");
    let id = OpId("1".into());
    let mut op = Operation::new(id.clone(), act, "".into(), "mara".into(), Token(7));
    op.advance(OpState::Requested, "".into(), at(1).wall);
    op.advance(OpState::Effective, "".into(), at(2).wall);
    model.ops.push(op);
    traffic.template_env.insert("RESUME".into(), EnvValue::Plain("true".into()));
    (traffic.generation, traffic.observed_generation) = (8, 8);
    change(&mut traffic);
    tell(&mut model, 3, &traffic);
    let op = model.ops.get(&id).expect("the operation");
    let detail = op.steps.last().map(|step| step.detail.to_string()).unwrap_or_default();
    (op.state(), detail, op.clock)
}

#[test]
fn a_variable_that_was_put_back_or_that_nothing_serves_is_not_on_its_way_to_verified() {
    let (state, _, clock) = variable_followed(|_| {});
    assert_eq!(state, Some(OpState::Effective));
    assert!(!matches!(clock, Clock::Unserved), "{clock:?}");
    let (state, words, _) = variable_followed(|traffic| {
        traffic.template_env.insert("RESUME".into(), EnvValue::Plain("false".into()));
    });
    assert_eq!(state, Some(OpState::Superseded));
    assert_eq!(words, "RESUME is false now, changed by sam@example.com");
    let (state, words, _) = variable_followed(|traffic| drop(traffic.template_env.remove("RESUME")));
    assert_eq!(
        (state, &*words),
        (Some(OpState::Superseded), "RESUME is not set now, changed by sam@example.com")
    );
    // The split is pinned: its revision is ready and gets nothing.
    let (state, _, clock) = variable_followed(|traffic| {
        traffic.revisions.insert(0, crate::model::traffic::tests::revision("c"));
        traffic.latest_ready = Some("c".into());
    });
    assert_eq!((state, clock), (Some(OpState::Effective), Clock::Unserved));
    // Read before it was changed: that says nothing of it.
    let (state, _, clock) = variable_followed(|traffic| {
        traffic.generation = 7;
        traffic.template_env.insert("RESUME".into(), EnvValue::Plain("false".into()));
    });
    assert_eq!((state, clock), (Some(OpState::Effective), Clock::Blind));
}

/// Refused with 409 because the traffic was split meanwhile: there is no one image that serves.
#[test]
fn a_flip_that_was_to_ship_what_serves_is_not_asked_again_without_that() {
    let mut model = model(variable());
    let mut traffic = settled(&[share("b", 10), share("a", 90)], &["b", "a"]);
    traffic.template_env.insert("RESUME".into(), EnvValue::Plain("false".into()));
    let (service, at) = (ServiceIx(0), Mono::from_secs(1));
    model.update(Msg::TrafficRead { service, at, traffic: Box::new(traffic) });
    let change = FlagChange { flag: "resume".into(), after: "true".into(), ..FlagChange::default() };
    let asked = |model: &mut Model, image: Option<&str>| {
        model.ui.modal = None;
        let change = FlagChange { image: image.map(str::to_owned), ..change.clone() };
        model.reopen_flag(&change, &mut Vec::new());
        model.confirm_mut().is_some()
    };
    assert!(asked(&mut model, None));
    assert!(!asked(&mut model, Some("img:a")));
}

fn read_again(model: &mut Model, generation: i64) {
    let mut traffic = settled(&[share("b", 10), share("a", 90)], &["b", "a"]);
    traffic.template_env.insert("RESUME".into(), EnvValue::Plain("false".into()));
    traffic.generation = generation;
    let at = model.now.mono;
    model.update(Msg::TrafficRead { service: ServiceIx(0), at, traffic: Box::new(traffic) });
}

/// The dialog says `unchanged` of what it shows, and that is more than what is sent.
#[test]
fn a_flip_forward_is_told_that_the_service_beside_it_moved() {
    let flag = FlagSpec { service: ServiceIx(0), ..unleash("staging") };
    for (wanted, moved) in [(Wanted::On, true), (Wanted::Off, false)] {
        let mut model = model(flag.clone());
        read_again(&mut model, 7);
        see(&mut model, 2, if moved { off() } else { on(Some(50)) });
        model.open_set(0, wanted, &mut Vec::new());
        read_again(&mut model, 7);
        assert_eq!(asked(&mut model).stage, Stage::Asking);
        read_again(&mut model, 8);
        let told =
            matches!(&asked(&mut model).stage, Stage::Changed { how } if how.contains("generation is 8"));
        assert_eq!(told, moved, "turning a flag off is never held up: {wanted:?}");
    }
}

fn off() -> FlagRead {
    let setting = Setting { enabled: false, percent: Some(50), stickiness: None };
    FlagRead { setting, ..on(None) }
}

/// A rollback that is not done may turn out to be, and then the way forward is locked.
#[test]
fn turning_a_flag_on_waits_for_a_rollback_of_its_service_and_turning_it_off_does_not() {
    for flag in [variable(), FlagSpec { service: ServiceIx(0), ..unleash("production") }] {
        let live = flag.interval().is_some();
        let mut model = model(flag);
        read_again(&mut model, 7);
        if live {
            see(&mut model, 2, off());
        }
        let state = model.services.first().and_then(|it| it.traffic.as_ref()).expect("traffic");
        let back = state.freeze_rollback(ServiceIx(0), "a", at(2).wall).expect("a rollback");
        // Another console's counts as well.
        let mut op =
            Operation::new(OpId("1".into()), OpKind::Rollback(back), "".into(), "ines".into(), Token(9));
        op.mine = false;
        let name = model.room.flags[0].name.clone();
        let on = |model: &Model| model.flag_change(&name, Wanted::On, &Extra::default());
        assert!(on(&model).is_ok());
        for state in [OpState::Requested, OpState::Accepted, OpState::Unknown] {
            assert!(op.advance(state, "".into(), at(2).wall));
            model.ops.push(op.clone());
            let unknown = state == OpState::Unknown;
            match on(&model) {
                // It may stay so for hours, and what is turned on may be a maintenance page.
                Ok(_) => assert!(unknown, "{state:?}"),
                Err(why) => assert!(!unknown && why.contains("waits for the rollback"), "{state:?}: {why}"),
            }
            model.open_set(0, Wanted::On, &mut Vec::new());
            assert_eq!(model.confirm_mut().is_some(), unknown, "{state:?}: no dialog");
            model.ui.modal = None;
            if live {
                see(&mut model, 3, on_now());
                model.open_set(0, Wanted::Off, &mut Vec::new());
                let told =
                    asked(&mut model).notes.iter().map(|it| it.subject.to_string()).collect::<Vec<_>>();
                let state = state.to_string().to_uppercase();
                let wanted = format!("a rollback of s by ines is not done: it is {state}");
                assert!(told.contains(&wanted), "{told:?}");
                model.ui.modal = None;
                see(&mut model, 3, off());
            }
            model.ops.remove(&OpId("1".into()));
        }
        assert!(op.advance(OpState::Failed, "".into(), at(4).wall));
        model.ops.push(op);
        assert!(on(&model).is_ok(), "a rollback that failed holds nothing up");
    }
}

fn on_now() -> FlagRead {
    on(Some(50))
}

#[test]
fn a_flip_forward_is_told_that_it_was_locked_meanwhile() {
    for flag in [variable(), FlagSpec { service: ServiceIx(0), ..unleash("staging") }] {
        let mut model = model(flag.clone());
        read_again(&mut model, 7);
        if flag.interval().is_some() {
            see(&mut model, 2, off());
        }
        model.open_set(0, Wanted::On, &mut Vec::new());
        assert_eq!(asked(&mut model).stage, Stage::Asking);
        let entry = Entry::Lock { service: "s".into(), locked: true };
        let (hash, role, late) = (String::new(), Clean::default(), false);
        let lock = Record { seq: 1, at: at(3).wall, by: "ines".into(), role, entry, hash, late };
        model.update(Msg::Recorded { records: vec![lock] });
        assert!(matches!(&asked(&mut model).stage, Stage::Changed { how } if how.contains("locked")));
    }
}
