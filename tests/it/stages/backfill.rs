//! A console that is killed and comes back: of the time between, a real Prometheus tells what was good.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinSet;
use url::Url;

use crate::cli::{parsed, said};
use crate::prometheus::{ask, prometheus};
use crate::pty::{PATIENCE, Terminal};
use crate::servers::Server;

/// Scrapes of that Prometheus in a second.
const A_SECOND: u64 = 4;

/// A shop whose errors are as they are told, the Prometheus that scrapes it, and a room on both.
struct World {
    dir: TempDir,
    errors: Arc<AtomicU64>,
    engine: Url,
    _tasks: JoinSet<()>,
    _prometheus: Server,
}

impl World {
    async fn new() -> Self {
        let (dir, errors, mut tasks) =
            (tempfile::tempdir().expect("dir"), Arc::new(AtomicU64::new(1)), JoinSet::new());
        let told = errors.clone();
        let route = axum::routing::get(move || {
            let errors = told.load(Ordering::Relaxed);
            async move { format!("errors {errors}\n") }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let app = axum::Router::new().route("/metrics", route);
        tasks.spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        let (prometheus, engine) = prometheus(dir.path(), port).await;
        let config = format!(
            "[room]\nname = \"shop\"\nchecklists = [\"r.md\"]\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n\
             [prometheus]\nurl = \"{engine}\"\ninterval = \"1s\"\n[conditions]\nclears_after = \"0s\"\n[[service]]\n\
             name = \"shop\"\n[[service.metrics.panel]]\nname = \"errors\"\nquery = \"sum(errors)\"\nfrom = \"prometheus\"\n\
             critical = \"> 5\"\n[[stage]]\nname = \"Canary\"\nsoak = \"3h\"\n"
        );
        std::fs::write(dir.path().join("config.toml"), config).expect("config");
        std::fs::write(dir.path().join("r.md"), "# R\n").expect("checklist");
        let world = Self { dir, errors, engine, _tasks: tasks, _prometheus: prometheus };
        world.remembers(1).await;
        world
    }

    fn at(&self) -> &Path {
        self.dir.path()
    }

    /// How often the shop was scraped so far.
    async fn scrapes(&self) -> u64 {
        let told = ask(&self.engine, "count_over_time(errors[1h])", None).await;
        let told = told.and_then(|data| data["result"][0]["value"][1].as_str()?.parse().ok());
        told.unwrap_or(0)
    }

    /// Waits until Prometheus has so many seconds more of the shop.
    async fn remembers(&self, seconds: u64) {
        let (deadline, until) = (Instant::now() + PATIENCE, self.scrapes().await + seconds * A_SECOND);
        while self.scrapes().await < until {
            assert!(Instant::now() < deadline, "it never was scraped so often");
            // Between two looks at the condition.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The stage under way, as scripts are told.
    fn stage(&self) -> Value {
        let (out, err, status) = said(self.at(), &["stage", "show", "--json"]);
        assert_eq!(status, 0, "{err}");
        parsed(&out)["stages"][0].clone()
    }

    fn soaked(&self) -> f64 {
        self.stage()["soak_seconds"].as_f64().expect("a number")
    }

    /// Enters the canary, watches a little of its soak, and is killed without a word.
    fn enters_and_is_killed(&self) {
        let (out, err, status) = said(self.at(), &["stage", "advance", "--yes", "--warm-up", "6s"]);
        assert_eq!(status, 0, "{out}{err}");
        let mut console = Terminal::start(&[], self.at(), 140, 48);
        console.wait("a clock that counts", |text| {
            (3..9).any(|second| text.contains(&format!("soak 00:0{second} of")))
        });
        console.signal("KILL");
        console.status();
    }

    /// A console that looks at the stages.
    fn comes_back(&self) -> Terminal {
        let mut console = Terminal::start(&[], self.at(), 140, 48);
        console.until("Canary");
        console.press(":stages\r");
        console
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prometheus_saw_good_counts_and_is_marked() {
    let world = World::new().await;
    let entered = Instant::now();
    world.enters_and_is_killed();
    let alone = Instant::now();
    world.remembers(52).await;
    let alone = alone.elapsed().as_secs_f64();
    let mut console = world.comes_back();
    console.until("of it nobody watched: back-filled");
    let (counted, most) = (world.soaked(), entered.elapsed().as_secs_f64());
    assert!(alone - 2.0 <= counted && counted <= most, "{counted} of {alone} alone, {most} in all");
    assert_eq!(console.leave(), 0);
    let (out, ..) = said(world.at(), &["journal"]);
    assert!(out.contains("back-filled"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_while_nobody_watched_begins_the_clock_anew() {
    let world = World::new().await;
    world.enters_and_is_killed();
    world.remembers(20).await;
    world.errors.store(9, Ordering::Relaxed);
    world.remembers(5).await;
    world.errors.store(1, Ordering::Relaxed);
    let good = Instant::now();
    world.remembers(30).await;
    let mut console = world.comes_back();
    console.until("of it nobody watched: back-filled");
    let (counted, most) = (world.soaked(), good.elapsed().as_secs_f64());
    assert!((27.0..=most + 1.0).contains(&counted), "{counted} of {most} since it was good again");
    console.until("anew since");
    assert_eq!(console.leave(), 0);
}
