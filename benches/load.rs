//! The other side of `tests/speed`: a server that sends events as fast as they are taken or at a rate, and the bare
//! reader R. Nothing of the program itself is in here.
//!
//! `load serve` says `port N`, `open` and `gone`, and takes one command a line:
//!
//! * `flood N`: N events in writes of 256 KiB, then a ping; says `took NANOSECONDS` at its pong.
//! * `rate N single|batched`: N events a second (or as many as are taken) until `stop`, each in a write of its own or
//!   one write in 10 ms; says `sent N` at the end.
//! * `mark N`: an event of its own (run and detail `mN`); says `marked N UNIX-NANOSECONDS` before it is written.
//! * `junk`: a frame that is no event; says `junked UNIX-NANOSECONDS` before it is written.
//!
//! `load read URL` reads a stream to its end with tokio-tungstenite and `serde_json`, and says `read N`.
#![allow(
    clippy::disallowed_methods,
    clippy::exit,
    clippy::panic,
    reason = "a benchmark reads the clock and may stop"
)]

use std::error::Error;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::{self, Message};

#[path = "load/stream.rs"]
mod stream;

use stream::{Bare, CYCLE, FRAME};

type Res<T> = Result<T, Box<dyn Error>>;

const PIECE: usize = 256 * 1024 / FRAME;
const BATCH_EVERY: Duration = Duration::from_millis(10);
const PING: [u8; 2] = [0x89, 0];
const PONG: [u8; 2] = [0x8a, 0];

fn main() -> Res<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => serve(),
        ["read", url] => read(url),
        // `cargo bench` runs every benchmark; this one is a tool for a script.
        _ => Ok(writeln!(io::stdout(), "a tool for tests/speed")?),
    }
}

enum News {
    Line(String),
    Pinged,
    Ponged,
    Gone,
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

fn wall_ns() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
}

fn serve() -> Res<()> {
    let frames = stream::frames();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    say(&format!("port {}", listener.local_addr()?.port()))?;
    let (sender, news) = mpsc::channel();
    let lines = sender.clone();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if lines.send(News::Line(line)).is_err() {
                return;
            }
        }
        // Whoever started this is gone.
        std::process::exit(0);
    });
    loop {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let Ok(socket) = tungstenite::accept(stream) else { continue };
        let stream = socket.into_inner();
        let (reader, up) = (stream.try_clone()?, sender.clone());
        thread::spawn(move || hear(reader, &up));
        say("open")?;
        let mut peer = Peer { stream, frames: &frames, at: 0, news: &news };
        // An error means that the peer went away.
        let _gone = peer.run();
        say("gone")?;
    }
}

/// Tells the pings and pongs of the client; its frames are short.
fn hear(mut stream: TcpStream, up: &Sender<News>) {
    let mut head = [0; 6];
    while stream.read_exact(&mut head).is_ok() {
        let mut payload = vec![0; usize::from(head[1] & 0x7f)];
        let news = match head[0] & 0x0f {
            _ if payload.len() > 125 || stream.read_exact(&mut payload).is_err() => break,
            8 => break,
            9 => News::Pinged,
            10 => News::Ponged,
            _ => continue,
        };
        if up.send(news).is_err() {
            return;
        }
    }
    let _ended = up.send(News::Gone);
}

struct Peer<'a> {
    stream: TcpStream,
    frames: &'a [u8],
    /// The next event in the cycle.
    at: usize,
    news: &'a Receiver<News>,
}

impl Peer<'_> {
    fn run(&mut self) -> Res<()> {
        loop {
            let line = match self.news.recv()? {
                News::Line(line) => line,
                News::Pinged => {
                    self.stream.write_all(&PONG)?;
                    continue;
                }
                News::Ponged => continue,
                News::Gone => return Ok(()),
            };
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["flood", n] => self.flood(n.parse()?)?,
                ["rate", n, how] => self.rate(n.parse()?, *how == "batched")?,
                _ => self.one(&words)?,
            }
        }
    }

    fn one(&mut self, words: &[&str]) -> Res<()> {
        let mut frame = Vec::new();
        match words {
            ["mark", n] => {
                let fill = "x".repeat(120);
                stream::push(
                    &mut frame,
                    &format!(
                        r#"{{"type":"agent_thinking","run_id":"m{n}","tool_name":"m{n}","fill":"{fill}"}}"#
                    ),
                );
                say(&format!("marked {n} {}", wall_ns()))?;
            }
            ["junk"] => {
                stream::push(&mut frame, &"no event ".repeat(20));
                say(&format!("junked {}", wall_ns()))?;
            }
            _ => return Ok(()),
        }
        Ok(self.stream.write_all(&frame)?)
    }

    /// Sends at most `n` events; gives how many.
    fn send(&mut self, n: usize) -> io::Result<usize> {
        let n = n.min(CYCLE - self.at);
        self.stream.write_all(&self.frames[self.at * FRAME..(self.at + n) * FRAME])?;
        self.at = (self.at + n) % CYCLE;
        Ok(n)
    }

    fn flood(&mut self, n: usize) -> Res<()> {
        let (begun, mut sent) = (Instant::now(), 0);
        while sent < n {
            sent += self.send(PIECE.min(n - sent))?;
            if let Ok(News::Pinged) = self.news.try_recv() {
                self.stream.write_all(&PONG)?;
            }
        }
        self.stream.write_all(&PING)?;
        loop {
            match self.news.recv()? {
                News::Ponged => break,
                News::Pinged => self.stream.write_all(&PONG)?,
                News::Gone => return Err("gone".into()),
                News::Line(_) => {}
            }
        }
        Ok(say(&format!("took {}", begun.elapsed().as_nanos()))?)
    }

    fn rate(&mut self, per_second: u64, batched: bool) -> Res<()> {
        let (begun, mut sent) = (Instant::now(), 0);
        let every = if batched { BATCH_EVERY } else { Duration::from_secs(1) / per_second.max(1) as u32 };
        let mut next = begun;
        loop {
            next += every;
            thread::sleep(next.saturating_duration_since(Instant::now()));
            let due = (begun.elapsed().as_secs_f64() * per_second as f64) as u64;
            loop {
                if self.told()? {
                    return Ok(say(&format!("sent {sent}"))?);
                }
                if sent >= due {
                    break;
                }
                sent += self.send(if batched { (due - sent).min(PIECE as u64) as usize } else { 1 })? as u64;
            }
            // A sleep is never as short as the shortest pauses; what came due meanwhile went out above.
            next = next.max(Instant::now());
        }
    }

    /// Takes one piece of news; whether it was `stop`.
    fn told(&mut self) -> Res<bool> {
        match self.news.try_recv() {
            Ok(News::Line(line)) if line == "stop" => return Ok(true),
            Ok(News::Line(line)) => self.one(&line.split_whitespace().collect::<Vec<_>>())?,
            Ok(News::Pinged) => self.stream.write_all(&PONG)?,
            Ok(News::Gone) => return Err("gone".into()),
            Ok(News::Ponged) | Err(_) => {}
        }
        Ok(false)
    }
}

fn read(url: &str) -> Res<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (count, sum) = runtime.block_on(async {
        let (mut socket, _) =
            tokio_tungstenite::connect_async(url).await.map_err(|error| error.to_string())?;
        let (mut count, mut sum) = (0_u64, 0);
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                let event: Bare<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                sum += event.sum();
                count += 1;
            }
        }
        Ok::<_, String>((count, sum))
    })?;
    std::hint::black_box(sum);
    Ok(say(&format!("read {count}"))?)
}
