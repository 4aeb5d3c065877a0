//! The simulated target, held to its protocols by clients that this project did not write.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use warroom::demo::{self, Options, Scenario, Target};

async fn target(scenario: Scenario, speed: f64) -> Target {
    let options = Options { scenario, seed: 7, speed, token: Some("right-token".to_owned()) };
    demo::start(options).await.expect("loopback ports")
}

/// Runs a script of `tests/python`; what it says belongs to the failure.
async fn python(script: &str, arguments: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let mut command = Command::new("python3");
    command.arg(path).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_mins(2), command.output()).await.expect("ended in time");
    let output = output.expect("python3 starts (see README: pip install -r tests/python/requirements.txt)");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
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
