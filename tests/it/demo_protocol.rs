//! The simulated target, held to its protocols by clients that this project did not write.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use warroom::demo::{self, Options, Scenario, Target};

use crate::pty::PATIENCE;

pub(crate) async fn target(scenario: Scenario, speed: f64) -> Target {
    let options = Options { scenario, seed: 7, speed, token: Some("right-token".to_owned()) };
    demo::start(options).await.expect("loopback ports")
}

/// Runs a script of `tests/python`, and gives what it says; that belongs to the failure too.
pub(crate) async fn python(script: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let mut command = Command::new("python3");
    command.arg(path).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("ended in time");
    let output = output.expect("python3 starts (tests/all installs what the scripts import)");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_reads_the_stream_and_every_close_code() {
    let target = target(Scenario::Healthy, 4.0).await;
    let tag = format!("{}/ws/events", target.urls().tags["stable"].replacen("http", "ws", 1));
    python("events.py", &[&target.urls().events, &tag, target.token()]).await;
    target.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_is_closed_with_4401_where_the_token_is_read_after_the_accept() {
    let target = target(Scenario::AuthStorm, 1.0).await;
    python("late_refusal.py", &[&target.urls().events]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_the_metrics() {
    let target = target(Scenario::BadCanary, 10.0).await;
    python("metrics.py", &[&target.urls().metrics]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn googles_client_reads_and_changes_the_service() {
    // In this scenario the pipeline never moves the traffic, so that nobody else writes.
    let target = target(Scenario::PhaseHang, 10.0).await;
    python("cloud_run.py", &[&target.urls().cloud_run, target.token()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_that_it_writes_is_a_good_one() {
    for speed in [1.0, 7.0, 100.0] {
        let target = target(Scenario::BadCanary, speed).await;
        let dir = tempfile::tempdir().expect("a directory");
        let path = target.write_files(dir.path()).expect("written");
        let loaded = warroom::config::load(Some(&path), &warroom::config::Overrides::default());
        let loaded =
            loaded.unwrap_or_else(|error| panic!("{error}\n{}", std::fs::read_to_string(&path).unwrap()));
        let service = loaded.room.services.first().expect("a service");
        assert_eq!((service.name.as_str(), service.probes.len()), (demo::SERVICE, 3));
        assert_eq!(std::fs::read_to_string(dir.path().join("token")).unwrap(), target.token());
        assert_eq!(
            std::fs::read_to_string(dir.path().join("checklist.md")).unwrap().matches("- [").count(),
            26
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_goes_down_refuses_connections_and_comes_back_in_the_same_place() {
    // Down for ten seconds: long enough to be seen by one who looks seldom.
    let target = target(Scenario::TargetDown, 4.0).await;
    let address = target.urls().health.trim_start_matches("http://").trim_end_matches("/health").to_owned();
    let open = async |wanted: bool| {
        let reached = async {
            while tokio::net::TcpStream::connect(&address).await.is_ok() != wanted {
                // Between two looks at the condition; the deadline is below.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("open: {wanted}"));
    };
    open(true).await;
    open(false).await;
    open(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_target_is_gone() {
    let target = target(Scenario::Healthy, 1.0).await;
    let address = target.urls().cache.clone();
    tokio::net::TcpStream::connect(&address).await.expect("it listens");
    target.stop().await;
    assert!(tokio::net::TcpStream::connect(&address).await.is_err());
}
