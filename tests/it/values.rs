//! Numbers from JSON answers and commands, error budgets by a real Prometheus, and Google's way to ask one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use warroom::clock;
use warroom::config::{self, Overrides};
use warroom::domain::metric::{Gap, MetricValue};
use warroom::domain::{ConditionState, Now, Room, ServiceIx};
use warroom::lanes::lanes;
use warroom::model::Model;
use warroom::model::metrics::MetricState;
use warroom::model::msg::Msg;
use warroom::sources::{prometheus, values};

use crate::engine::with_past;
use crate::pty::PATIENCE;

const ROOM: &str = "[[service]]\nname = \"shop\"\n";

fn room(text: &str, base: &Path) -> Arc<Room> {
    let loaded = config::parse(text, &base.join("config.toml"), &Overrides::default(), "mara");
    Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room)
}

fn problems(text: &str) -> Vec<String> {
    match config::parse(text, Path::new("config.toml"), &Overrides::default(), "mara") {
        Err(config::ConfigError::Wrong { problems, .. }) => {
            problems.iter().map(|problem| format!("{}: {}", problem.line, problem.what)).collect()
        }
        other => unreachable!("expected problems, got {other:?}"),
    }
}

async fn serve(tasks: &mut JoinSet<()>, app: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

fn watch(tasks: &mut JoinSet<()>, room: &Room) -> mpsc::Receiver<Msg> {
    let (lanes, receivers) = lanes();
    for metric in &room.services[0].metrics.as_ref().unwrap().panels {
        tasks.spawn(values::run(ServiceIx(0), metric.clone(), lanes.clone()));
    }
    receivers.data
}

/// The next number of `name`.
async fn next(data: &mut mpsc::Receiver<Msg>, name: &str) -> MetricValue {
    let next = async {
        loop {
            if let Some(Msg::Queried(read)) = data.recv().await
                && read.value.name == name
            {
                return read.value;
            }
        }
    };
    tokio::time::timeout(PATIENCE, next).await.expect("it is read again and again")
}

#[tokio::test]
async fn a_json_answer_gives_a_number_or_says_why_not() {
    let mut tasks = JoinSet::new();
    let asked = Arc::new(AtomicU64::new(0));
    let handler = move |headers: HeaderMap| {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        let allowed = headers.get("authorization").is_some_and(|value| value == "Bearer open-sesame")
            && headers.get("x-team").is_some_and(|value| value == "shop");
        async move {
            match n {
                _ if !allowed => StatusCode::UNAUTHORIZED.into_response() as Response,
                0 => axum::Json(json!({ "jobs": { "waiting": [3, 12.5] } })).into_response(),
                1 => axum::Json(json!({ "jobs": { "waiting": [3, null] } })).into_response(),
                2 => axum::Json(json!({ "jobs": {} })).into_response(),
                3 => (StatusCode::BAD_GATEWAY, "no").into_response(),
                4 => "<html>".into_response(),
                _ => std::future::pending().await,
            }
        }
    };
    let url = serve(&mut tasks, axum::Router::new().route("/queue", get(handler))).await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("token"), "open-sesame\n").unwrap();
    let signal = format!(
        "{ROOM}[[signal]]\nname = \"queue\"\nurl = \"{url}/queue\"\npointer = \"/jobs/waiting/1\"\n\
         token = {{ file = \"token\" }}\nheaders = {{ X-Team = \"shop\" }}\ninterval = \"1s\"\ntimeout = \"400ms\"\n\
         critical = \"> 10\"\n"
    );
    let room = room(&signal, dir.path());
    let mut data = watch(&mut tasks, &room);
    let mut read = async || next(&mut data, "queue").await;
    let (first, second, third) = (read().await, read().await, read().await);
    assert_eq!((first.value, first.error, first.gap), (Some(12.5), None, None));
    assert_eq!((second.value, second.gap), (None, Some(Gap::Null)));
    assert_eq!(&*third.error.unwrap(), "nothing stands at /jobs/waiting/1");
    assert_eq!(&*read().await.error.unwrap(), "HTTP 502");
    assert!(read().await.error.unwrap().starts_with("no JSON: "));
    let late = read().await;
    assert!(late.value.is_none() && late.error.is_some(), "{late:?}");
}

#[tokio::test]
async fn a_command_gives_a_number_in_a_session_of_its_own_and_is_ended_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let (pid, left) = (dir.path().join("pid"), dir.path().join("left"));
    let sleeper = format!("sleep 600 & echo $! > {}; wait", pid.display());
    let signal = |name: &str, command: &str, more: &str| {
        format!("[[signal]]\nname = \"{name}\"\ncommand = {command}\ninterval = \"1s\"\n{more}")
    };
    let text = [
        ROOM.to_owned(),
        signal("pwd", r#"["sh", "-c", "pwd | wc -l"]"#, ""),
        signal("json", r#"["echo", '{"open": {"sev1": 2}}']"#, "pointer = \"/open/sev1\"\n"),
        signal("input", r#"["sh", "-c", "wc -c"]"#, ""),
        signal("leads", r#"["sh", "-c", "[ $(ps -o sid= -p $$) = $$ ] && echo 1"]"#, ""),
        signal("fails", r#"["sh", "-c", "echo the database is away >&2; exit 3"]"#, ""),
        signal("words", r#"["echo", "3 tickets"]"#, ""),
        signal("loud", r#"["head", "-c", "3000000", "/dev/zero"]"#, ""),
        signal("nobody", r#"["no-such-program-here"]"#, ""),
        // It answers, and leaves one behind.
        signal(
            "leaves",
            &format!("[\"sh\", \"-c\", 'sleep 600 >/dev/null 2>&1 & echo $! > {}; echo 4']", left.display()),
            "",
        ),
        signal("sleeps", &format!("[\"sh\", \"-c\", '{sleeper}']"), "timeout = \"300ms\"\n"),
    ];
    let room = room(&text.concat(), dir.path());
    let mut tasks = JoinSet::new();
    let mut data = watch(&mut tasks, &room);
    let mut read = async |name: &str| next(&mut data, name).await;
    for (name, value) in [("pwd", 1.0), ("json", 2.0), ("input", 0.0), ("leads", 1.0), ("leaves", 4.0)] {
        let read = read(name).await;
        assert_eq!((read.value, read.error), (Some(value), None), "{name}");
    }
    let mut error = async |name: &str| read(name).await.error.unwrap().to_string();
    assert_eq!(error("fails").await, "exit status: 3: the database is away");
    assert_eq!(error("words").await, "\"3 tickets\" is no number");
    assert_eq!(error("loud").await, "it prints more than 1 MB");
    assert!(error("nobody").await.starts_with("no-such-program-here cannot be started: "));
    assert_eq!(error("sleeps").await, "no answer in 0.3 s");
    // What it began ends with it.
    for file in [left, pid] {
        ends(&std::fs::read_to_string(&file).unwrap()).await;
    }
}

#[tokio::test]
async fn a_command_ends_with_the_console_that_runs_it() {
    let dir = tempfile::tempdir().unwrap();
    let pid = dir.path().join("pid");
    let command = format!("[\"sh\", \"-c\", 'sleep 600 & echo $! > {}; wait']", pid.display());
    let text = format!("{ROOM}[[signal]]\nname = \"long\"\ncommand = {command}\ntimeout = \"500s\"\n");
    let mut tasks = JoinSet::new();
    let _data = watch(&mut tasks, &room(&text, dir.path()));
    let deadline = Instant::now() + PATIENCE;
    let child = loop {
        let written = std::fs::read_to_string(&pid).unwrap_or_default();
        if written.ends_with('\n') {
            break written;
        }
        assert!(Instant::now() < deadline, "it does not begin");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    drop(tasks);
    ends(&child).await;
}

/// Each look begins the time anew in which it must stay good: a look that is shorter would never see its end.
#[test]
fn a_command_beside_a_config_runs_in_its_directory_and_what_got_better_is_seen_out() {
    let dir = tempfile::tempdir().unwrap();
    let signal = "name = \"one\"\ncommand = [\"cat\", \"count\"]\ninterval = \"1s\"\ncritical = \"> 5\"\n";
    let text = format!("[conditions]\nclears_after = \"6s\"\n{ROOM}[[signal]]\n{signal}");
    std::fs::write(dir.path().join("config.toml"), text).unwrap();
    let judged = |count: &str| {
        std::fs::write(dir.path().join("count"), count).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
        command.args(["verdict", "--json", "--warm-up", "3s", "--store", "j.db"]).current_dir(dir.path());
        let output = command.output().unwrap();
        let (told, wrong) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), format!("{told}{wrong}"))
    };
    let (status, told) = judged("7\n");
    assert_eq!(status, Some(11), "{told}");
    let (status, told) = judged("1\n");
    assert_ne!(status, Some(11), "{told}");
}

/// Waits until a process has ended.
async fn ends(pid: &str) {
    let pid = pid.trim();
    let deadline = Instant::now() + PATIENCE;
    let alive = || {
        Command::new("kill").args(["-0", pid]).stderr(std::process::Stdio::null()).status().unwrap().success()
    };
    while alive() && !zombie(pid) {
        assert!(Instant::now() < deadline, "process {pid} lives on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether a process has ended, and only nobody has taken leave of it.
fn zombie(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z'))
}

#[tokio::test]
async fn a_signal_is_a_metric_with_conditions_and_grows_stale() {
    use ConditionState::{Fail, NoData, Pass};
    let text = format!(
        "{ROOM}[[signal]]\nname = \"tickets\"\ncommand = [\"true\"]\ninterval = \"2s\"\ntimeout = \"1s\"\ncritical = \"> 5\"\n\
         [[condition]]\nname = \"many\"\npurpose = \"trigger\"\nsignal = \"metric.tickets\"\nfail = \"> 8\"\n"
    );
    let mut model = Model::new(room(&text, Path::new(".")), "test".into(), Now::default(), (160, 48));
    let at = |second: u64| Now { mono: warroom::domain::Mono::from_secs(second), ..Now::default() };
    let mut told = |second: u64, value: Option<f64>| {
        if let Some(value) = value {
            let value = MetricValue { name: "tickets".into(), value: Some(value), ..MetricValue::default() };
            let read = warroom::domain::metric::Queried {
                service: ServiceIx(0),
                at: at(second).mono,
                value,
                history: Vec::new(),
                older: warroom::domain::metric::Past::default(),
            };
            model.update(Msg::Queried(Box::new(read)));
        }
        model.update(Msg::Ticked(at(second)));
        let states: Vec<_> = model
            .conditions
            .iter(&model.room)
            .map(|(spec, state)| (spec.name.clone(), state.state))
            .collect();
        let metrics = model.services[0].metrics.as_ref().unwrap();
        (states, metrics.state(&metrics.metrics()[0], at(second).mono))
    };
    let state = |many, tickets| vec![("many".to_owned(), many), ("tickets".to_owned(), tickets)];
    assert_eq!(told(1, None), (state(NoData, NoData), MetricState::Stale));
    assert_eq!(told(2, Some(3.0)), (state(Pass, Pass), MetricState::Pass));
    assert_eq!(told(4, Some(9.0)), (state(Fail, Fail), MetricState::Fail));
    // What failed stays so while it is not seen; its number is old.
    assert_eq!(told(20, None), (state(Fail, Fail), MetricState::Stale));
}

#[test]
fn what_is_wrong_with_a_signal_or_an_objective_is_told() {
    let of = |more: &str| problems(&format!("{ROOM}{more}"));
    assert_eq!(of("[[signal]]\nname = \"a\"\n"), ["4: `signal` has neither"]);
    assert_eq!(of("[[signal]]\nname = \"a\"\nurl = \"http://h/x\"\n"), ["3: `signal.pointer` is missing"]);
    let twice = "[[signal]]\nname = \"a\"\ncommand = [\"x\"]\n[[signal]]\nname = \"a\"\ncommand = [\"y\"]\n";
    assert_eq!(of(twice).len(), 1);
    let objective =
        |more: &str| of(&format!("[prometheus]\nurl = \"http://h\"\n[[objective]]\nname = \"o\"\n{more}"));
    let share = "good = 'a[$window]'\ntotal = 'b[$window]'\n";
    assert_eq!(objective(&format!("target = \"100 %\"\n{share}")), ["7: `objective.target` is \"100 %\""]);
    assert_eq!(
        objective(&format!("target = \"99 %\"\nwindow = \"91d\"\n{share}")),
        ["8: `objective.window` is \"91d\""]
    );
    assert_eq!(objective("target = \"99 %\"\n"), ["6: `objective` does not say what went well"]);
    assert_eq!(
        objective("target = \"99 %\"\ngood = 'a[5m]'\ntotal = 'b[$window]'\n"),
        ["8: `objective.good` does not say over how long"]
    );
}

/// Requests of the last two hours, one sample in 15 s: of 1,000 each time 1 goes wrong, in the last five minutes 20.
fn past() -> String {
    let now = chrono::Utc::now().timestamp();
    let (mut ok, mut all) = (0_u64, 0_u64);
    let (mut good, mut total) = (String::from("# TYPE ok counter\n"), String::from("# TYPE all counter\n"));
    for at in (now - 2 * 3600..=now).step_by(15) {
        all += 1_000;
        ok += if at > now - 300 { 980 } else { 999 };
        writeln!(good, "ok_total {ok} {at}").unwrap();
        writeln!(total, "all_total {all} {at}").unwrap();
    }
    format!("{good}{total}# EOF\n")
}

#[tokio::test]
async fn a_real_prometheus_tells_what_is_left_of_a_budget_and_how_fast_it_burns() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, url) = with_past(&dir, &past(), &[]).await;
    let text = format!(
        "[prometheus]\nurl = \"{url}\"\n{ROOM}[[objective]]\nname = \"shop\"\ntarget = \"99.5 %\"\nwindow = \"2h\"\n\
         good = 'sum(increase(ok_total[$window]))'\ntotal = 'sum(increase(all_total[$window]))'\ncritical = \"< 10 %\"\n\
         [[condition]]\nname = \"burns\"\npurpose = \"trigger\"\nsignal = \"burn.shop\"\nfail = \"> 0.4\"\n"
    );
    let room = room(&text, dir.path());
    let mut model = Model::new(room.clone(), "test".into(), clock::now(), (160, 48));
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(prometheus::run(tokio::sync::watch::channel(room).1, lanes));
    let deadline = Instant::now() + PATIENCE;
    let value =
        |model: &Model, name: &str| model.signals.named(ServiceIx(0), name).map(|reading| reading.value);
    while value(&model, "burn.shop").is_none()
        || value(&model, "budget.shop").is_none()
        || value(&model, "burn.shop.slow").is_none()
    {
        assert!(Instant::now() < deadline, "all of it is asked");
        if let Ok(Some(msg)) = tokio::time::timeout(Duration::from_secs(1), receivers.data.recv()).await {
            model.update(msg);
        }
        model.update(Msg::Ticked(clock::now()));
    }
    let near = |name: &str, wanted: f64, by: f64| {
        let found = value(&model, name).unwrap();
        assert!((found - wanted).abs() < by, "{name}: {found}, not {wanted}");
    };
    // 0.5 % may go wrong: 2 % is four times that, 0.1 % a fifth. An hour has 240 samples, 20 of them bad ones.
    near("burn.shop.5m", 4.0, 0.25);
    near("burn.shop.1h", (220.0 * 0.1 + 20.0 * 2.0) / 240.0 / 0.5, 0.06);
    near("burn.shop", (220.0 * 0.1 + 20.0 * 2.0) / 240.0 / 0.5, 0.06);
    near("budget.shop", 100.0 * (1.0 - (460.0 * 0.1 + 20.0 * 2.0) / 480.0 / 0.5), 3.0);
    let state = |name: &str| {
        let found = model.conditions.iter(&model.room).find(|(spec, _)| spec.name == name);
        found.map(|(_, state)| state.state)
    };
    assert_eq!(
        (state("burns"), state("budget.shop")),
        (Some(ConditionState::Fail), Some(ConditionState::Pass))
    );
}

/// As Google's Managed Service for Prometheus: only with the token that a person's login gives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn google_is_asked_with_application_default_credentials() {
    let mut tasks = JoinSet::new();
    let answer = |headers: HeaderMap| async move {
        if headers.get("authorization").is_some_and(|value| value == "Bearer from-google") {
            let sample = json!({ "metric": {}, "value": [1, "42"] });
            let data = json!({ "resultType": "vector", "result": [sample] });
            axum::Json(json!({ "status": "success", "data": data })).into_response()
        } else {
            StatusCode::UNAUTHORIZED.into_response() as Response
        }
    };
    let token = || async {
        axum::Json(json!({ "access_token": "from-google", "expires_in": 3600, "token_type": "Bearer" }))
    };
    let base = "/v1/projects/p/location/global/prometheus";
    let app = axum::Router::new()
        .route(&format!("{base}/api/v1/query"), any(answer))
        .route(&format!("{base}/api/v1/query_range"), any(answer))
        .route("/token", any(token));
    let url = serve(&mut tasks, app).await;
    let dir = tempfile::tempdir().unwrap();
    let login = json!({ "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "token_uri": format!("{url}/token") });
    let credentials = dir.path().join("credentials.json");
    std::fs::write(&credentials, login.to_string()).unwrap();
    let config = dir.path().join("config.toml");
    let text = format!(
        "[prometheus]\nurl = \"{url}{base}\"\ngoogle = true\ninterval = \"1s\"\n{ROOM}[service.metrics]\n\
         [[service.metrics.panel]]\nname = \"cpu\"\nquery = 'run_googleapis_com:container_cpu_utilizations'\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(["verdict", "--json", "--warm-up", "4s", "--store"]).arg(dir.path().join("j.db"));
    command.arg("--config").arg(&config).env("GOOGLE_APPLICATION_CREDENTIALS", &credentials);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["metrics"][0]["value"], json!(42.0), "{}", told["metrics"]);
}
