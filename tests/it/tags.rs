//! Probes and streams that address one revision by its traffic tag, against the simulated target's own tag URLs.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use warroom::clients::cloud_run::Client;
use warroom::config::{self, Overrides};
use warroom::demo::{self, CANARY, Options, STABLE, Scenario};
use warroom::domain::health::{ProbeOutcome, Probed};
use warroom::domain::room::{Addressed, Service};
use warroom::domain::{Origin, ServiceIx};
use warroom::lanes::{Receivers, lanes};
use warroom::model::msg::Msg;
use warroom::sources;

use crate::pty::PATIENCE;

const IX: ServiceIx = ServiceIx(0);

/// The target, twice as fast, and its service as its own configuration tells it.
async fn target(dir: &std::path::Path) -> (demo::Target, Service) {
    let token = Some("t".to_owned());
    let options = Options { scenario: Scenario::Healthy, seed: 3, speed: 2.0, token };
    let target = demo::start(options).await.unwrap();
    let path = target.write_files(dir).unwrap();
    let loaded = config::load(Some(&path), &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    (target, loaded.room.services[0].clone())
}

/// Starts the sources of a service as a session does.
fn watch(service: &Service, tasks: &mut JoinSet<()>) -> Receivers {
    let (lanes, receivers) = lanes();
    let (writer, board) = sources::traffic::board();
    let cloud = service.cloud_run.as_ref().unwrap();
    let (client, now) = (Arc::new(Client::new(cloud)), Arc::new(Notify::new()));
    tasks.spawn(sources::traffic::run(IX, cloud.interval, client, writer, now, lanes.clone()));
    for (probe, _) in (0_u16..).zip(&service.probes) {
        tasks.spawn(sources::health::run(IX, service.clone(), probe, board.clone(), lanes.clone()));
    }
    tasks.spawn(sources::events::run(IX, service.events.clone().unwrap(), board, lanes));
    receivers
}

/// The first thing that `wanted` makes of a message.
async fn first<T>(receivers: &mut Receivers, mut wanted: impl FnMut(&Msg) -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = wanted(&receivers.data.recv().await.unwrap()) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("it comes")
}

/// Whether a probe was answered with 200.
fn ready(probed: &Probed) -> bool {
    matches!(&probed.outcome, ProbeOutcome::Answered { status: Some(200), .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_by_a_tag_speaks_of_its_revision_and_an_unlabelled_split_of_both() {
    let dir = tempfile::tempdir().unwrap();
    let (target, mut service) = target(dir.path()).await;
    assert_eq!(service.probes[1].addressed, Addressed::Tag("canary".to_owned()));
    service.events.as_mut().unwrap().addressed = Addressed::Tag("canary".to_owned());
    let mut tasks = JoinSet::new();
    let mut receivers = watch(&service, &mut tasks);
    let mut api = BTreeSet::new();
    // The canary starts while the stable revision has everything; then the split is 90 / 10.
    let of = |name: &str| Origin::Revision(name.to_owned());
    first(&mut receivers, |msg| {
        let Msg::Probed(probed) = msg else { return None };
        if probed.probe == 0 {
            api.insert(probed.origin.clone());
            return (probed.origin == Origin::Mixed).then_some(());
        }
        if probed.probe == 1 {
            assert_eq!(probed.origin, of(CANARY), "a tag's answers are its revision's");
        }
        None
    })
    .await;
    assert!(api.contains(&of(STABLE)) && api.contains(&Origin::Mixed), "{api:?}");
    first(&mut receivers, |msg| {
        let Msg::Probed(probed) = msg else { return None };
        (probed.probe == 1 && ready(probed)).then_some(())
    })
    .await;
    let stream = first(&mut receivers, |msg| {
        let Msg::Streamed(delta) = msg else { return None };
        (!delta.revisions.is_empty()).then(|| (delta.origin.clone(), delta.revisions.clone()))
    });
    let (origin, revisions) = stream.await;
    assert_eq!(
        (origin, revisions.iter().map(|name| &**name).collect::<Vec<_>>()),
        (of(CANARY), vec![CANARY])
    );
    drop(tasks);
    target.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_nobody_carries_is_waited_for_and_says_nothing_of_health() {
    let dir = tempfile::tempdir().unwrap();
    let (target, mut service) = target(dir.path()).await;
    service.probes[1].addressed = Addressed::Tag("gone".to_owned());
    let mut tasks = JoinSet::new();
    let mut receivers = watch(&service, &mut tasks);
    let mut read = false;
    let error = first(&mut receivers, |msg| {
        read |= matches!(msg, Msg::TrafficRead { .. });
        match msg {
            Msg::Probed(probed) if probed.probe == 1 => panic!("nobody was asked: {probed:?}"),
            Msg::Linked {
                source: warroom::domain::SourceId::Health { probe: 1, .. },
                report: warroom::domain::LinkReport::Down { error, attempt, .. },
                ..
            } if read && *attempt > 2 => Some(error.to_string()),
            _ => None,
        }
    });
    assert_eq!(error.await, "no revision carries the tag");
    drop(tasks);
    target.stop().await;
}
