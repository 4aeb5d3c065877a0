//! What is missing is a failing condition that names its service and its revision.

use std::path::Path;
use std::sync::Arc;

use warroom::config::{self, Overrides};
use warroom::domain::condition::Purpose;
use warroom::domain::revision::EnvValue;
use warroom::domain::{
    Clean, ConditionState, LinkReport, Mono, Now, Origin, Revision, Room, ServiceIx, SourceId, Traffic,
    TrafficTarget,
};
use warroom::model::Model;
use warroom::model::msg::Msg;

const CONFIG: &str = r#"
[[service]]
name = "api"
[service.cloud_run]
project = "p"
region = "l"
service = "api"
[[service]]
name = "worker"
[service.cloud_run]
project = "p"
region = "l"
service = "worker"
[[require_env]]
names = ["DATABASE_URL"]
must = "secret"
services = ["api"]
[[require_env]]
names = ["POSTGRES_*"]
must = "equal"
"#;

fn room() -> Room {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    loaded.expect("a good config").room
}

fn with(of: &[(&str, EnvValue)]) -> Revision {
    let env = of.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let none = Clean::default;
    Revision {
        name: "a".into(),
        ready: Some(true),
        message: None,
        image: none(),
        created: None,
        creator: none(),
        env,
        facts: warroom::domain::revision::RevisionFacts::default(),
    }
}

fn see(model: &mut Model, service: u16, revisions: Vec<Revision>) {
    let service = ServiceIx(service);
    let split = vec![TrafficTarget { revision: Some("a".into()), percent: 100, tag: None, uri: None }];
    let traffic = Traffic {
        name: "n".into(),
        desired: split.clone(),
        effective: split,
        latest_ready: Some("a".into()),
        latest_created: Some("b".into()),
        reconciling: false,
        generation: 1,
        observed_generation: 1,
        terminal: Some(true),
        message: None,
        etag: "e".into(),
        uri: String::new(),
        revisions,
        template_env: std::collections::BTreeMap::new(),
        template_containers: std::collections::BTreeMap::new(),
        template_image: Clean::default(),
        template_sidecars: Vec::new(),
        template_main: Clean::default(),
        last_modifier: Clean::default(),
        scaling: warroom::domain::revision::ServiceScaling::default(),
    };
    let at = Mono::from_secs(1);
    model.update(Msg::TrafficRead { service, at, traffic: Box::new(traffic) });
    model.update(Msg::Linked { source: SourceId::CloudRun { service }, report: LinkReport::Alive, at });
}

#[test]
fn a_missing_variable_fails_with_its_service_and_revision() {
    let room = room();
    let names: Vec<_> = room.conditions.iter().filter(|it| it.signal.name.starts_with("env.")).collect();
    assert!(names.iter().all(|it| it.purpose == Purpose::Criterion));
    let mut model = Model::new(Arc::new(room), "test".into(), Now::default(), (80, 24));
    let secret = EnvValue::Secret { secret: "db".into(), version: "1".into() };
    let plain = |text: &str| EnvValue::Plain(text.into());
    let good = with(&[("DATABASE_URL", secret), ("POSTGRES_HOST", plain("x"))]);
    // The revision that serves is good; the newest one, which comes next, has lost both.
    let next = Revision { name: "b".into(), ..with(&[]) };
    see(&mut model, 0, vec![next, good]);
    see(&mut model, 1, vec![with(&[("POSTGRES_HOST", plain("y"))])]);
    model.update(Msg::Ticked(Now { mono: Mono::from_secs(2), ..Now::default() }));
    let told: Vec<(String, ConditionState, Origin)> = model
        .conditions
        .iter(&model.room)
        .filter(|(spec, _)| spec.signal.name.starts_with("env."))
        .map(|(spec, state)| (spec.name.clone(), state.state, state.origin.clone()))
        .collect();
    let of = |name: &str| Origin::Revision(name.into());
    assert_eq!(
        told,
        [
            ("api: env DATABASE_URL from a secret".to_owned(), ConditionState::Fail, of("b")),
            ("api: env POSTGRES_* equal".to_owned(), ConditionState::Fail, of("b")),
            ("worker: env POSTGRES_* equal".to_owned(), ConditionState::Fail, of("a")),
        ]
    );
}

/// What most of the traffic of the first service has is what all others are held against, its own canary too.
#[test]
fn a_canary_that_differs_is_told_and_not_the_services_that_do_not() {
    let mut model = Model::new(Arc::new(room()), "test".into(), Now::default(), (80, 24));
    let host = |name: &str| with(&[("POSTGRES_HOST", EnvValue::Plain(name.into()))]);
    see(&mut model, 0, vec![Revision { name: "b".into(), ..host("db2") }, host("db1")]);
    see(&mut model, 1, vec![host("db1")]);
    model.update(Msg::Ticked(Now { mono: Mono::from_secs(2), ..Now::default() }));
    let told = model.conditions.iter(&model.room).filter(|(spec, _)| spec.name.ends_with("equal"));
    let told: Vec<_> = told.map(|(_, state)| (state.state, state.origin.clone())).collect();
    let of = |name: &str| Origin::Revision(name.into());
    assert_eq!(told, [(ConditionState::Fail, of("b")), (ConditionState::Pass, of("a"))]);
}

/// What the target of a rollback misses just the same is not the newest revision's fault.
#[test]
fn what_several_revisions_miss_names_them_all_and_speaks_for_none() {
    let mut model = Model::new(Arc::new(room()), "test".into(), Now::default(), (80, 24));
    see(&mut model, 0, vec![Revision { name: "b".into(), ..with(&[]) }, with(&[])]);
    model.update(Msg::Ticked(Now { mono: Mono::from_secs(2), ..Now::default() }));
    let mut all = model.conditions.iter(&model.room);
    let (spec, state) =
        all.find(|(spec, _)| spec.signal.name.starts_with("env.DATABASE_URL")).expect("the condition");
    assert_eq!((state.state, &state.origin), (ConditionState::Fail, &Origin::Mixed));
    assert_eq!(model.tell(spec, state).about, ["on a, b"]);
    let told = |reasons: Vec<&warroom::domain::Reason>| -> Vec<String> {
        let of = reasons.into_iter().filter(|reason| reason.condition.as_ref() == Some(&spec.name));
        of.map(|reason| reason.context.to_string()).collect()
    };
    let (ask, against) = model.asks_for(ServiceIx(0), "a");
    assert_eq!((told(ask), told(against)), (vec![], vec!["on a, b".to_owned()]));
    let (ask, _) = model.asks_for(ServiceIx(0), "c");
    assert_eq!(told(ask), ["on a, b"]);
}
