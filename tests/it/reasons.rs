//! The words of the verdict's reasons: a code and its rate, never "2, limit 0"; yes-or-no conditions without numbers.

use std::path::Path;
use std::sync::Arc;

use warroom::config::{self, Overrides};
use warroom::domain::condition::Purpose;
use warroom::domain::metric::{Connections, Scraped, ServerCloses};
use warroom::domain::{
    Action, Chord, Condition, ConditionSpec, ConditionState, Key, KeyPress, LinkReport, Mono, Now, PanelId,
    Reason, ReasonKind, ServiceIx, SourceId, Wall,
};
use warroom::model::Model;
use warroom::model::msg::Msg;

use crate::frames::room::{Mood, room};

fn reasons(mood: Mood) -> Vec<Reason> {
    room(mood, (160, 48)).verdicts.now.reasons
}

fn about<'a>(reasons: &'a [Reason], start: &str) -> &'a Reason {
    let known = || reasons.iter().map(|reason| &*reason.subject).collect::<Vec<_>>();
    let found = reasons.iter().find(|reason| reason.subject.starts_with(start));
    found.unwrap_or_else(|| panic!("no reason {start} in {:?}", known()))
}

#[test]
fn a_spike_names_its_code_its_rate_and_the_revision() {
    let reasons = reasons(Mood::Bad);
    let spike = about(&reasons, "closes");
    assert_eq!(&*spike.subject, "closes 4401 unauthorized (app)");
    assert_eq!(&*spike.value, "13.4/min, limit 5");
    assert!(spike.context.contains("canary only: 100 % of them on 00418-ral"), "{}", spike.context);
}

/// Nine o'clock: five times as many log in as usual, and of some the token is old.
#[test]
fn a_spike_in_a_wave_of_logins_says_so_with_how_many_times_the_usual_it_is() {
    let config = "[room]\nname = \"t\"\n[[service]]\nname = \"chat\"\n\
                  [service.metrics]\nurl = \"http://127.0.0.1:1/metrics\"\n";
    let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
    let mut model =
        Model::new(Arc::new(loaded.expect("a config").room), "c".into(), Now::default(), (160, 48));
    let service = ServiceIx(0);
    let (mut second, mut open) = (0, 500.0);
    for (seconds, came, closed) in [(1_200, 10.0, 0.2), (180, 50.0, 2.0)] {
        for _ in 0..seconds / 5 {
            second += 5;
            open += came - closed;
            let at = Mono::from_secs(second);
            let connections = vec![Connections { open: Some(open), ..Connections::default() }];
            let closes =
                vec![ServerCloses { code: 4401, revision: None, increase: Some(closed), total: 0.0 }];
            let scraped = Scraped { service, at, connections, closes, ..Scraped::default() };
            let source = SourceId::Metrics { service };
            model.update(Msg::Linked { source, report: LinkReport::Alive, at });
            model.update(Msg::Scraped(Box::new(scraped)));
            let wall = Wall::default() + chrono::TimeDelta::seconds(second.cast_signed());
            model.update(Msg::Ticked(Now { mono: at, wall }));
        }
    }
    let spike = about(&model.verdicts.now.reasons, "closes 4401").clone();
    assert_eq!(&*spike.value, "24.4/min, limit 5");
    assert_eq!(&*spike.context, "10× the usual 2.4/min · in a wave of 610 logins a minute, usually 120");
    assert!(spike.since.is_some(), "{spike:?}");
}

#[test]
fn a_metric_says_which_limit_and_what_both_revisions_have() {
    let reasons = reasons(Mood::Bad);
    let errors = about(&reasons, "error_rate");
    assert_eq!((&*errors.subject, &*errors.value), ("error_rate critical", "6.1 %, critical 5 %"));
    assert_eq!(&*errors.context, "canary 6.1 %, stable 0.3 %");
}

#[test]
fn incomplete_runs_are_counted_with_what_is_missing() {
    let reasons = reasons(Mood::Bad);
    let runs = about(&reasons, "runs incomplete");
    assert!(runs.value.ends_with("/min, limit 1"), "{}", runs.value);
    assert!(runs.context.starts_with("14 tool_completed missing in 5 min"), "{}", runs.context);
}

#[test]
fn a_tripped_trigger_tells_its_time_first() {
    let reasons = reasons(Mood::Tripped);
    let tripped = &reasons[0];
    assert_eq!(tripped.kind, ReasonKind::Tripped);
    assert_eq!((&*tripped.subject, &*tripped.value), ("trigger errors > 5 % tripped", "6.1 %, limit 5 %"));
    assert!(tripped.context.starts_with("05:00 of 05:00"), "{}", tripped.context);
}

#[test]
fn no_reason_in_any_mood_compares_with_a_limit_of_zero() {
    for mood in [Mood::Healthy, Mood::Bad, Mood::Tripped, Mood::Lost] {
        for reason in reasons(mood) {
            assert!(!reason.value.ends_with("limit 0"), "{mood:?}: {} {}", reason.subject, reason.value);
        }
    }
}

fn act(model: &mut Model, action: Action) {
    let press = KeyPress { chord: Chord::plain(Key::Enter), at: model.now.mono, repeat: false };
    model.update(Msg::Pressed { press, action: Some(action) });
}

#[test]
fn the_triggers_open_on_one_that_runs_before_a_criterion_that_fails() {
    let mut model = room(Mood::Bad, (160, 48));
    let fails = |(spec, state): &(&ConditionSpec, &Condition)| {
        spec.purpose == Purpose::Criterion && state.state == ConditionState::Fail
    };
    assert!(model.conditions.iter(&model.room).any(|row| fails(&row)), "else this shows nothing");
    model.ui.focus.select(PanelId::Triggers);
    act(&mut model, Action::Open);
    let at = model.ui.focus.cursor(PanelId::Triggers).row;
    let (spec, state) = model.conditions.iter(&model.room).nth(at).expect("a row");
    assert_eq!((spec.purpose, state.state), (Purpose::Trigger, ConditionState::Warn), "{}", spec.name);
}

#[test]
fn a_reason_about_a_code_opens_the_row_of_that_code() {
    let mut model = room(Mood::Bad, (160, 48));
    let at = model.verdicts.now.reasons.iter().position(|reason| reason.subject.starts_with("closes 4401"));
    let action = [Action::Reason1, Action::Reason2, Action::Reason3][at.expect("a reason")];
    act(&mut model, action);
    assert_eq!(model.ui.focus.full(), Some(PanelId::Closes));
    let rows = model.services[0].closes.rows(model.now.mono);
    assert_eq!(rows[model.ui.focus.cursor(PanelId::Closes).row].code, 4401);
}

#[test]
fn a_list_of_conditions_opens_on_the_worst_until_the_cursor_was_moved() {
    let mut model = room(Mood::Tripped, (160, 48));
    let tripped =
        model.conditions.iter(&model.room).position(|(_, state)| state.state == ConditionState::Fail);
    let tripped = tripped.expect("a tripped trigger");
    assert!(tripped > 0, "else this shows nothing");
    model.ui.focus.select(PanelId::Triggers);
    act(&mut model, Action::Open);
    assert_eq!(model.ui.focus.full(), Some(PanelId::Triggers));
    assert_eq!(model.ui.focus.cursor(PanelId::Triggers).row, tripped);
    for action in [Action::Down, Action::Back, Action::Open] {
        act(&mut model, action);
    }
    assert_eq!(model.ui.focus.cursor(PanelId::Triggers).row, tripped + 1, "where a person put it");
}
