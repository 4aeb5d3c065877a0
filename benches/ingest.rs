//! Events per second from a real loopback socket, ours against a bare reader (R), in one run.
//!
//! R is tokio-tungstenite with `serde_json` into borrowed fields and nothing else. Ours is the event source with all
//! its statistics, the model that takes its hand-overs, and a 200×60 frame drawn sixty times a second. A thread of its
//! own writes prepared frames in pieces of 256 KiB. Counts must be exact at the end.
//!
//! `cargo bench --profile quick --bench ingest [-- MESSAGES]`
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;
use ratatui::{TerminalOptions, Viewport};
use tokio_tungstenite::tungstenite::{self, Message};
use warroom::domain::room::{Addressed, EventFields, EventsSpec, Service, TokenPlace};
use warroom::domain::{Room, ServiceIx};
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::{clock, lanes, sources};

#[path = "load/stream.rs"]
mod stream;

use stream::{Bare, CYCLE, TYPES};

type Res<T> = Result<T, Box<dyn Error>>;

fn main() -> Res<()> {
    let wanted = std::env::args().skip(1).find_map(|arg| arg.parse::<usize>().ok()).unwrap_or(2_000_000);
    let messages = wanted.div_ceil(CYCLE) * CYCLE;
    let frames = Arc::new(stream::frames());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    writeln!(io::stdout(), "{messages} messages of {} bytes over one loopback socket", frames.len() / CYCLE)?;
    let mut ratios = Vec::new();
    for round in 1..=5 {
        let bare = rate(messages, runtime.block_on(bare(serve(&frames, messages)?, messages))?);
        let ours = rate(messages, runtime.block_on(ours(serve(&frames, messages)?, messages))?);
        writeln!(io::stdout(), "round {round}: R {bare:>9.0}/s   ours {ours:>9.0}/s   {:.2} R", ours / bare)?;
        ratios.push(ours / bare);
    }
    ratios.sort_by(f64::total_cmp);
    writeln!(io::stdout(), "median {:.2} R; counts exact", ratios[ratios.len() / 2])?;
    // The runtime's own drop would wait for the reconnecting source.
    runtime.shutdown_background();
    Ok(())
}

fn rate(messages: usize, took: Duration) -> f64 {
    messages as f64 / took.as_secs_f64()
}

/// A server for one connection; it sends all messages and closes.
fn serve(frames: &Arc<Vec<u8>>, messages: usize) -> Res<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = format!("ws://{}/", listener.local_addr()?);
    let frames = Arc::clone(frames);
    std::thread::spawn(move || {
        let Ok((stream, _)) = listener.accept() else { return };
        drop(listener);
        let Ok(mut socket) = tungstenite::accept(stream) else { return };
        for _ in 0..messages / CYCLE {
            for piece in frames.chunks(256 * 1024) {
                if socket.get_mut().write_all(piece).is_err() {
                    return;
                }
            }
        }
        let _gone = socket.close(None);
        while socket.read().is_ok() {}
    });
    Ok(address)
}

async fn bare(address: String, messages: usize) -> Res<Duration> {
    let task = tokio::task::JoinSet::from_iter([async move {
        let (mut socket, _) = tokio_tungstenite::connect_async(address).await.map_err(|e| e.to_string())?;
        let begun = Instant::now();
        let (mut count, mut sum) = (0, 0);
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                let event: Bare<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                sum += event.sum();
                count += 1;
            }
        }
        std::hint::black_box(sum);
        if count == messages { Ok(begun.elapsed()) } else { Err(format!("R read {count} of {messages}")) }
    }])
    .join_all()
    .await;
    Ok(task.into_iter().next().ok_or("no task")??)
}

fn spec(url: String) -> EventsSpec {
    let mut fields = EventFields::default();
    fields.count_by.insert("agent".to_owned(), "/agent".to_owned());
    EventsSpec {
        url,
        token: None,
        token_place: TokenPlace::Header,
        headers: BTreeMap::new(),
        subprotocols: Vec::new(),
        send: Vec::new(),
        addressed: Addressed::Service,
        connections: 1,
        fields,
        types: TYPES.map(str::to_owned).to_vec(),
        first: Some(TYPES[0].to_owned()),
        last: Some(TYPES[4].to_owned()),
        pairs: vec![(TYPES[2].to_owned(), TYPES[3].to_owned())],
        run_timeout: Duration::from_secs(30),
        delivery_limit: Duration::from_millis(100),
        ping: Duration::from_secs(5),
        active: None,
        schemas: None,
    }
}

async fn ours(address: String, messages: usize) -> Res<Duration> {
    let spec = spec(address);
    let service = Service { name: "bench".to_owned(), events: Some(spec.clone()), ..Service::default() };
    let room = Arc::new(Room { services: vec![service], ..Room::default() });
    let mut model = Model::new(room, "bench".to_owned(), clock::now(), (200, 60));
    let (lanes, mut receivers) = lanes::lanes();
    let (_board, reader) = tokio::sync::watch::channel(sources::addressing::Board::default());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(sources::events::run(ServiceIx(0), spec, reader, lanes));
    let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 200, 60)) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(std::io::sink()), options)?;
    let (mut begun, mut drawn, mut frames) = (None, Instant::now(), 0);
    loop {
        let msg = receivers.data.recv().await.ok_or("the source ended")?;
        let linked = matches!(msg, Msg::Linked { report: warroom::domain::LinkReport::Alive, .. });
        if linked && begun.is_none() {
            begun = Some(Instant::now());
        }
        model.update(msg);
        if drawn.elapsed() >= Duration::from_millis(16) {
            drawn = Instant::now();
            model.update(Msg::Ticked(clock::now()));
            draw(&mut terminal, &model)?;
            frames += 1;
        }
        let Some(events) = model.services.first().and_then(|s| s.events.as_ref()) else { continue };
        if events.totals().received >= messages as u64 {
            let took = begun.ok_or("events before the link was up")?.elapsed();
            let totals = events.totals();
            let each = messages as u64 / 5;
            assert_eq!(totals.by_type, vec![each; 5]);
            assert_eq!((totals.runs.whole, totals.runs.incomplete, totals.runs.evicted), (each, 0, 0));
            assert_eq!((totals.lost, totals.duplicates, totals.invalid_frames()), (0, 0, 0));
            assert_eq!((totals.runs.calls, totals.runs.paired), (each, each));
            assert!(frames > 0, "nothing was drawn");
            return Ok(took);
        }
    }
}

fn draw(terminal: &mut Terminal<CrosstermBackend<std::io::Sink>>, model: &Model) -> Res<()> {
    let now = model.now.mono;
    let Some(events) = model.services.first().and_then(|service| service.events.as_ref()) else {
        return Ok(());
    };
    let mut text = format!("{:?}/s {:?}\n", events.per_second(now), events.delivery(now));
    for (kind, name) in TYPES.iter().enumerate() {
        let history = events.type_history(kind, now, Duration::from_mins(1), 15);
        writeln!(text, "{name} {:?} {history:?}", events.type_per_minute(kind, now))?;
    }
    for line in events.tail().shown().take(50) {
        writeln!(text, "{} {} {} {}", line.at.0, line.run, line.kind, line.raw)?;
    }
    terminal.draw(|frame| frame.render_widget(Paragraph::new(text), frame.area()))?;
    Ok(())
}
