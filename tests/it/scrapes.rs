//! The metrics source against real sockets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use warroom::clock;
use warroom::domain::metric::{Connections, Gap, MetricValue, Scraped, ServerCloses};
use warroom::domain::room::{MetricFrom, MetricSpec, MetricsSpec, Service};
use warroom::domain::{Clean, LinkReport, Room, ServiceIx};
use warroom::journal::Store;
use warroom::lanes::lanes;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::sources::metrics::{self, Shelf};

use crate::pty::PATIENCE;

fn panel(name: &str, query: &str) -> MetricSpec {
    let query = query.to_owned();
    MetricSpec {
        name: name.into(),
        query,
        from: MetricFrom::Scrape,
        unit: String::new(),
        target: None,
        warning: None,
        critical: None,
        ..MetricSpec::default()
    }
}

/// A room of one service with these metrics, that never changes.
fn only(metrics: MetricsSpec) -> watch::Receiver<Arc<Room>> {
    let service = Service { metrics: Some(metrics), ..Service::default() };
    watch::channel(Arc::new(Room { services: vec![service], ..Room::default() })).1
}

fn spec(url: String, panels: Vec<MetricSpec>) -> MetricsSpec {
    MetricsSpec {
        url: Some(url),
        headers: BTreeMap::new(),
        token: None,
        interval: Duration::from_millis(100),
        timeout: PATIENCE,
        revision_label: "revision".into(),
        closes_total: "closes_total".into(),
        connection_seconds: "life_seconds".into(),
        connections_open: "open".into(),
        requests_total: String::new(),
        panels,
    }
}

/// Serves one reply a scrape, in order, the last one for ever; gives the URL.
async fn serve(tasks: &mut JoinSet<()>, replies: Vec<(StatusCode, String)>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let (count, replies) = (AtomicU64::new(0), replies);
    let state = Arc::new((count, replies));
    let route = axum::routing::get(move || {
        let n = usize::try_from(state.0.fetch_add(1, Ordering::Relaxed)).unwrap();
        let (status, body) = state.1.get(n).or(state.1.last()).cloned().unwrap();
        async move { (status, body).into_response() as Response }
    });
    let app = axum::Router::new().route("/metrics", route);
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

async fn next(data: &mut mpsc::Receiver<Msg>) -> Msg {
    let next = tokio::time::timeout(PATIENCE, data.recv()).await;
    next.expect("a scrape always finishes").expect("a source never ends")
}

async fn scraped(data: &mut mpsc::Receiver<Msg>) -> Scraped {
    loop {
        if let Msg::Scraped(scraped) = next(data).await {
            return *scraped;
        }
    }
}

fn exposition(a: u64, b: u64, lived: u64) -> String {
    format!(
        "process_start_time_seconds 7\n\
         closes_total{{code=\"4401\",revision=\"a\",pod=\"1\"}} {a}\n\
         closes_total{{code=\"4401\",revision=\"a\",pod=\"2\"}} 100\n\
         closes_total{{code=\"4401\",revision=\"b\"}} {b}\n\
         odd NaN\nopen{{revision=\"a\"}} 7\nopen{{revision=\"b\"}} 3\n\
         life_seconds_bucket{{revision=\"b\",le=\"60\"}} 0\n\
         life_seconds_bucket{{revision=\"b\",le=\"3600\"}} {lived}\n\
         life_seconds_bucket{{revision=\"b\",le=\"+Inf\"}} {lived}\n"
    )
}

fn closes(revision: &str, increase: Option<f64>, total: f64) -> ServerCloses {
    ServerCloses { code: 4401, revision: Some(Clean::new(revision)), increase, total }
}

fn value(name: &str, value: Option<f64>, by_revision: &[(&str, f64)], error: Option<&str>) -> MetricValue {
    let by_revision = by_revision.iter().map(|(name, value)| (Clean::new(name), *value)).collect();
    MetricValue {
        name: name.into(),
        value,
        by_revision,
        error: error.map(Clean::new),
        ..MetricValue::default()
    }
}

#[tokio::test]
async fn numbers_by_revision_with_resets_handled() {
    let mut tasks = JoinSet::new();
    let replies = [exposition(10, 5, 0), exposition(12, 2, 4), exposition(13, 4, 4)];
    let url = serve(&mut tasks, replies.map(|body| (StatusCode::OK, body)).to_vec()).await;
    let panels = vec![
        panel("total", "sum(open)"),
        panel("many", "open"),
        panel("none", "sum(absent)"),
        panel("label", "open{revision=\"c\"}"),
        panel("nan", "odd"),
        panel("bad", "topk(1, open)"),
    ];
    let (lanes, mut receivers) = lanes();
    tasks.spawn(metrics::run(ServiceIx(0), only(spec(url, panels)), lanes, None));
    let first = scraped(&mut receivers.data).await;
    let second = scraped(&mut receivers.data).await;
    assert_eq!(first.closes, [closes("a", None, 110.0), closes("b", None, 5.0)]);
    // A counter fell: somebody else may have answered.
    assert_eq!(second.closes, [closes("a", None, 112.0), closes("b", None, 2.0)]);
    assert!(second.in_doubt && !first.in_doubt);
    let third = scraped(&mut receivers.data).await;
    assert_eq!(third.closes, [closes("a", Some(1.0), 113.0), closes("b", Some(2.0), 4.0)]);
    let both = [("a", 7.0), ("b", 3.0)];
    assert_eq!(
        second.values,
        [
            value("total", Some(10.0), &both, None),
            value("many", None, &both, Some("2 series; wrap the query in sum()")),
            MetricValue { gap: Some(Gap::Absent), ..value("none", None, &[], None) },
            MetricValue { gap: Some(Gap::Empty), ..value("label", None, &[], None) },
            MetricValue { gap: Some(Gap::NotANumber), ..value("nan", None, &[], None) },
            value("bad", None, &[], Some("the aggregation topk is not supported here")),
        ]
    );
    let b = Clean::new("b");
    let nothing_closed =
        Connections { revision: Some("a".into()), open: Some(7.0), ..Connections::default() };
    let lived = Connections {
        revision: Some(b),
        open: Some(3.0),
        p50: Some(60.0 + 3540.0 * 0.5),
        p95: Some(60.0 + 3540.0 * 0.95),
        highest_bound: Some(3600.0),
        watched_seconds: None,
    };
    assert_eq!(second.series, 10);
    assert_eq!(second.connections[0], nothing_closed);
    let near = |found: Option<f64>, wanted: Option<f64>| (found.unwrap() - wanted.unwrap()).abs() < 1e-6;
    let found = &second.connections[1];
    assert!(near(found.p50, lived.p50) && near(found.p95, lived.p95), "{found:?}");
    assert_eq!(Connections { p50: lived.p50, p95: lived.p95, ..found.clone() }, lived);
}

/// Behind one address two instances answer in turns, each with all that it ever counted.
#[tokio::test]
async fn what_several_processes_counted_is_told_as_not_known() {
    for starts in [["process_start_time_seconds 1\n", "process_start_time_seconds 2\n"], ["", ""]] {
        let mut tasks = JoinSet::new();
        let pod = |n: u32| {
            let (start, many) = (starts[n as usize % 2], 300 * (n % 2));
            let new = if many > 0 { "closes_total{code=\"1013\"} 900\n" } else { "" };
            let body =
                format!("{start}closes_total{{code=\"1011\"}} {}\nasked_total {}\n{new}", many + 3, many + 9);
            (StatusCode::OK, body)
        };
        let url = serve(&mut tasks, (0..40).map(pod).collect()).await;
        let rate = MetricSpec { from_zero: true, ..panel("rate", "sum(rate(asked_total[1m]))") };
        let (lanes, mut receivers) = lanes();
        tasks.spawn(metrics::run(ServiceIx(0), only(spec(url, vec![rate])), lanes, None));
        let first = scraped(&mut receivers.data).await;
        assert!(!first.in_doubt && first.closes.iter().all(|it| it.increase.is_none()), "{first:?}");
        for scrape in 1..12 {
            let found = scraped(&mut receivers.data).await;
            assert!(found.closes.iter().all(|it| it.increase.is_none()), "{starts:?} {scrape}: {found:?}");
            let said = found.values[0].error.clone().expect("why there is no number");
            assert!(found.in_doubt && said.starts_with("cannot be told"), "{starts:?} {scrape}: {said}");
        }
    }
}

/// What is asked of one name with too many series has no answer; of the others nothing is lost.
#[tokio::test]
async fn a_name_with_too_many_series_blinds_only_what_asks_for_it() {
    let mut tasks = JoinSet::new();
    let of = |name: &str, count: usize| -> String {
        (0..count).map(|n| format!("{name}{{n=\"{n}\"}} 1\n")).collect::<Vec<_>>().concat()
    };
    let body = of("a_many", 10_001) + &of("b_full", 10_000) + &of("c_full", 10_000) + "open 7\n";
    let url = serve(&mut tasks, vec![(StatusCode::OK, body)]).await;
    let panels = vec![
        panel("many", "sum(a_many)"),
        panel("both", "sum(a_many) + sum(b_full)"),
        panel("full", "sum(b_full) + sum(c_full)"),
        panel("open", "sum(open)"),
    ];
    let (lanes, mut receivers) = lanes();
    let spec = MetricsSpec { interval: Duration::from_secs(1), ..spec(url, panels) };
    tasks.spawn(metrics::run(ServiceIx(0), only(spec), lanes, None));
    let told = "over 10,000 series of a_many: let a Prometheus answer this";
    for _ in 0..2 {
        let found = scraped(&mut receivers.data).await;
        let wanted = [
            value("many", None, &[], Some(told)),
            value("both", None, &[], Some(told)),
            value("full", Some(20_000.0), &[], None),
            value("open", Some(7.0), &[], None),
        ];
        assert_eq!(found.values, wanted);
    }
}

#[tokio::test]
async fn what_is_no_exposition_is_down_with_its_reason_and_comes_back() {
    let mut tasks = JoinSet::new();
    let replies = vec![
        (StatusCode::NOT_FOUND, "nope".to_owned()),
        (StatusCode::OK, "<html>login</html>".to_owned()),
        (StatusCode::OK, "\u{1b}[31mgarbage\n".to_owned()),
        (StatusCode::OK, format!("a 1\n{}", "#".repeat(17_000_000))),
        (StatusCode::OK, "open 4\nbroken{\n".to_owned()),
        (StatusCode::OK, "open 4\n".to_owned()),
    ];
    let url = serve(&mut tasks, replies).await;
    let (lanes, mut receivers) = lanes();
    tasks.spawn(metrics::run(ServiceIx(0), only(spec(url, vec![panel("open", "open")])), lanes, None));
    let expected = [
        "HTTP 404",
        "no exposition: JSON or HTML where metrics were expected",
        "line 1 cannot be read, no value: ·[31mgarbage",
        "more than 16 MB",
        "line 2 cannot be read, labels do not end: broken{",
    ];
    for (attempt, wanted) in (1..).zip(expected) {
        let Msg::Linked { report: LinkReport::Down { error, attempt: tried, .. }, .. } =
            next(&mut receivers.data).await
        else {
            panic!("{wanted}")
        };
        assert_eq!((&*error, tried), (wanted, attempt));
    }
    let Msg::Linked { report, .. } = next(&mut receivers.data).await else { panic!("a link first") };
    assert_eq!(report, LinkReport::Alive);
    let scraped = scraped(&mut receivers.data).await;
    assert_eq!(scraped.values, [value("open", Some(4.0), &[], None)]);
}

/// Answers one connection each with these bytes, and keeps it open; an empty answer never comes.
async fn answer_raw(tasks: &mut JoinSet<()>, answers: Vec<&'static str>) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    tasks.spawn(async move {
        let mut open = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let _read = stream.read(&mut head).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            if answer.is_empty() || !answer.ends_with('\n') {
                open.push(stream);
            }
        }
        std::future::pending::<()>().await;
    });
    url
}

#[tokio::test]
async fn an_endpoint_that_hangs_or_points_elsewhere_is_down_with_its_reason_and_comes_back() {
    let mut tasks = JoinSet::new();
    let answers = vec![
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nopen 4",
        "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/login?token=s3cret\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nopen 4\n",
    ];
    let url = answer_raw(&mut tasks, answers).await;
    let (lanes, mut receivers) = lanes();
    let spec = MetricsSpec { timeout: Duration::from_millis(600), ..spec(url, vec![panel("open", "open")]) };
    tasks.spawn(metrics::run(ServiceIx(0), only(spec), lanes, None));
    for wanted in [
        "no answer in 600ms",
        "broke off: no answer in 600ms",
        "HTTP 302: redirects to http://elsewhere.example/login; not followed",
    ] {
        let Msg::Linked { report: LinkReport::Down { error, .. }, .. } = next(&mut receivers.data).await
        else {
            panic!("{wanted}")
        };
        assert_eq!(&*error, wanted);
    }
    let Msg::Linked { report, .. } = next(&mut receivers.data).await else { panic!("a link first") };
    assert_eq!(report, LinkReport::Alive);
    assert_eq!(scraped(&mut receivers.data).await.values, [value("open", Some(4.0), &[], None)]);
}

/// `body` as gzip (RFC 1952), in one stored block: enough to be unpacked, and made without a library.
/// `OpenMetrics` that was cut is told by its missing end; the older text has none.
#[tokio::test]
async fn an_open_metrics_text_without_its_end_is_a_failed_scrape() {
    for (kind, body, wanted) in [
        (
            "application/openmetrics-text; version=1.0.0",
            "open 4\n",
            Err("cut off: OpenMetrics without # EOF at its end"),
        ),
        ("application/openmetrics-text; version=1.0.0", "open 4\n# EOF\n", Ok(4.0)),
        ("text/plain; version=0.0.4", "open 4\n", Ok(4.0)),
    ] {
        let mut tasks = JoinSet::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/metrics", listener.local_addr().unwrap());
        let route = axum::routing::get(move || async move { ([("content-type", kind)], body) });
        let app = axum::Router::new().route("/metrics", route);
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let (lanes, mut receivers) = lanes();
        tasks.spawn(metrics::run(ServiceIx(0), only(spec(url, vec![panel("open", "open")])), lanes, None));
        let Msg::Linked { report, .. } = next(&mut receivers.data).await else { panic!("a link first") };
        match (report, wanted) {
            (LinkReport::Down { error, .. }, Err(why)) => assert_eq!(&*error, why),
            (LinkReport::Alive, Ok(number)) => {
                assert_eq!(scraped(&mut receivers.data).await.values[0].value, Some(number));
            }
            (report, wanted) => panic!("{report:?} instead of {wanted:?}"),
        }
    }
}

fn gzipped(body: &str) -> Vec<u8> {
    let bytes = body.as_bytes();
    let length = u16::try_from(bytes.len()).unwrap();
    let crc = !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    });
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    out.extend(crc.to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

#[tokio::test]
async fn gzip_is_asked_for_and_unpacked_and_a_cut_one_is_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU64::new(0));
    let route = axum::routing::get(move |headers: axum::http::HeaderMap| {
        let n = count.fetch_add(1, Ordering::Relaxed);
        async move {
            let accepted =
                headers.get("accept-encoding").is_some_and(|v| v.to_str().unwrap().contains("gzip"));
            let mut body = if accepted { gzipped(&exposition(10 + n, 5, 0)) } else { Vec::new() };
            if n == 2 {
                body.truncate(body.len() / 2);
            }
            ([("content-encoding", "gzip"), ("content-type", "text/plain; version=0.0.4")], body)
        }
    });
    let app = axum::Router::new().route("/metrics", route);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    let (lanes, mut receivers) = lanes();
    tasks.spawn(metrics::run(ServiceIx(0), only(spec(url, vec![panel("total", "sum(open)")])), lanes, None));
    let first = scraped(&mut receivers.data).await;
    assert_eq!(first.closes, [closes("a", None, 110.0), closes("b", None, 5.0)]);
    assert_eq!(first.values, [value("total", Some(10.0), &[("a", 7.0), ("b", 3.0)], None)]);
    scraped(&mut receivers.data).await;
    let told = loop {
        if let Msg::Linked { report: LinkReport::Down { error, .. }, .. } = next(&mut receivers.data).await {
            break error;
        }
    };
    assert!(!told.is_empty());
    let back = scraped(&mut receivers.data).await;
    // Counted on from the last scrape that was whole.
    assert_eq!(back.closes[0], closes("a", Some(2.0), 113.0), "the scrape after it counts again: {told}");
}

#[tokio::test]
async fn what_is_looked_back_on_for_days_is_known_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    let lease = store.lease("k", Duration::from_secs(60), chrono::Utc::now()).await.unwrap();
    assert!(lease.mine);
    let shelf = Shelf { path, keeper: Some("k".into()) };
    let begin = async |count: u64| {
        let mut tasks = JoinSet::new();
        let body = format!("errors_total{{code=\"500\"}} {count}\nother_total 1\n");
        let url = serve(&mut tasks, vec![(StatusCode::OK, body)]).await;
        let panels = vec![panel("day", "sum(increase(errors_total[24h]))"), panel("now", "errors_total")];
        let (lanes, receivers) = lanes();
        tasks.spawn(metrics::run(ServiceIx(0), only(spec(url, panels)), lanes, Some(shelf.clone())));
        (tasks, receivers)
    };
    let (first, mut receivers) = begin(10).await;
    let before = scraped(&mut receivers.data).await;
    assert_eq!(
        (before.values[0].value, before.values[0].gap),
        (None, Some(Gap::Empty)),
        "one point is no increase"
    );
    assert_eq!(before.values[1].watched, None, "the present is not looked back on");
    // It is kept by the time of the next one.
    scraped(&mut receivers.data).await;
    drop(first);
    let kept = store.samples("", chrono::Utc::now() - Duration::from_secs(60)).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|sample| (sample.series.as_str(), sample.value)).collect();
    assert_eq!(kept, [("errors_total{code=\"500\"}", 10.0)], "only what is looked back on");

    // Documents are read after the first scrape: what they ask for has its past all the same, and not before.
    let mut tasks = JoinSet::new();
    let url = serve(&mut tasks, vec![(StatusCode::OK, "errors_total{code=\"500\"} 25\n".to_owned())]).await;
    let asking = |query| {
        let service =
            Service { metrics: Some(spec(url.clone(), vec![panel("x", query)])), ..Service::default() };
        Arc::new(Room { services: vec![service], ..Room::default() })
    };
    let (room, rooms) = watch::channel(asking("errors_total"));
    let (later_lanes, mut later) = lanes();
    tasks.spawn(metrics::run(ServiceIx(0), rooms, later_lanes, Some(shelf.clone())));
    assert_eq!(scraped(&mut later.data).await.values[0].value, Some(25.0));
    room.send_replace(asking("sum(increase(errors_total[24h]))"));
    let found = loop {
        if let [MetricValue { value: Some(value), watched: Some(watched), .. }] =
            &*scraped(&mut later.data).await.values
        {
            break (*value, *watched);
        }
    };
    assert!(found.0 >= 15.0 && found.1.had < Duration::from_mins(2), "{found:?}");
    drop(tasks);

    let (_second, mut receivers) = begin(25).await;
    let after = scraped(&mut receivers.data).await;
    let value = after.values[0].value.unwrap();
    assert!(value >= 15.0, "15 errors happened while nobody looked: {value}");
    let watched = after.values[0].watched.unwrap();
    assert!(watched.of == Duration::from_hours(24) && watched.had < Duration::from_mins(2) && watched.grows);
}

#[tokio::test]
async fn the_charts_of_what_nothing_judges_are_full_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let mut store = Store::open(&path).await.unwrap();
    // Before this process: what came since then a console saw itself.
    let now = chrono::Utc::now() - Duration::from_micros(clock::mono().0);
    let day = Duration::from_hours(24);
    // Three hours, as a console before this one kept them, with a spike in one minute.
    for minute in (1..=180).rev() {
        let at = now - Duration::from_secs(60 * minute);
        assert!(store.lease("k", Duration::from_secs(60), at).await.unwrap().mine);
        let mut rows = vec![("depth".to_owned(), 2.0), ("gone".to_owned(), 1.0)];
        if minute == 90 {
            rows.push(("depth\nhigh".to_owned(), 70.0));
        }
        assert!(store.keep_samples("k", "panels\n", at, day, &rows).await.unwrap());
    }
    store.close().await;
    let mut tasks = JoinSet::new();
    let url = serve(&mut tasks, vec![(StatusCode::OK, "depth 3\n".to_owned())]).await;
    let rooms = only(spec(url, vec![panel("depth", "depth")]));
    let room = rooms.borrow().clone();
    let mut model = Model::new(room, "test".into(), clock::now(), (120, 40));
    let (lanes, mut receivers) = lanes();
    tasks.spawn(metrics::run(ServiceIx(0), rooms, lanes, Some(Shelf { path, keeper: None })));
    let mut told = false;
    while !told {
        let msg = next(&mut receivers.data).await;
        told = matches!(msg, Msg::Remembered(_));
        model.update(msg);
    }
    let metrics = model.service(ServiceIx(0)).unwrap().metrics.as_ref().unwrap();
    let trail = metrics.metrics()[0].trail();
    let columns = trail.columns(0, Duration::from_hours(4), 48, Duration::from_secs(10));
    let known: Vec<bool> = columns.iter().map(Option::is_some).collect();
    assert!(known[..11].iter().all(|it| !it) && known[13..47].iter().all(|it| *it), "{known:?}");
    let spikes = columns.iter().flatten().filter(|span| span.high > 60.0).count();
    assert!((1..=2).contains(&spikes), "the spike of a minute is there: {spikes}");
}
