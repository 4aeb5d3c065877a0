//! The active run: a connection of its own, a message as a user would send it, and what comes of it.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use super::handshake::{self, Refused};
use super::parse::{MAX_FRAME, Parser};
use super::socket::{Socket, Take};
use crate::clock;
use crate::domain::active::{ActiveRan, Heard, Judge};
use crate::domain::room::{ActiveSpec, EventsSpec, RUN_MARK};
use crate::domain::{Clean, Origin, ServiceIx};
use crate::lanes::Lanes;
use crate::model::msg::Msg;
use crate::sources::addressing::BoardReader;

/// Pointers to whom an event is for that are tried.
const MOST_POINTERS: usize = 4;

/// Frames read at once.
const BATCH: usize = 256;

/// So long the connection is listened to after the run: an event of somebody else may come right behind it.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// Begins a run whenever `now` says so; returns only when nobody listens any more, or at once where none is configured.
pub async fn run(service: ServiceIx, events: EventsSpec, board: BoardReader, now: Arc<Notify>, lanes: Lanes) {
    let Some(spec) = events.active.clone() else { return };
    loop {
        now.notified().await;
        let ran = once(service, &events, &spec, &board).await;
        if lanes.data.send(Msg::ActiveRan(Box::new(ran))).await.is_err() {
            return;
        }
    }
}

/// One run, from the connection to the judgement.
pub async fn once(
    service: ServiceIx,
    events: &EventsSpec,
    spec: &ActiveSpec,
    board: &BoardReader,
) -> ActiveRan {
    let events = spoken_to(events, spec);
    let board = board.borrow().clone();
    let (url, origin) = match handshake::address(&events, &board) {
        Ok(found) => found,
        Err(why) => return ActiveRan::unreachable(service, clock::mono(), Origin::Unknown, why),
    };
    let end: Instant = clock::instant(clock::mono().after(spec.timeout)).into();
    let unreachable = |why| ActiveRan::unreachable(service, clock::mono(), origin.clone(), why);
    let dialled = timeout_at(end, handshake::dial(&events, url)).await;
    let mut socket = match dialled {
        Ok(Ok((socket, _dated))) => socket,
        Ok(Err(Refused::Status(_, why) | Refused::Failed(why))) => return unreachable(why),
        Err(_late) => return unreachable(Clean::new("no answer to the handshake")),
    };
    let run = spec.send.contains(RUN_MARK).then(new_id);
    let text = run.as_ref().map_or_else(|| spec.send.clone(), |run| spec.send.replace(RUN_MARK, run));
    let sent = clock::mono();
    match timeout_at(end, socket.send(Message::text(text))).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return unreachable(handshake::words(&error)),
        Err(_late) => return unreachable(Clean::new("the message was not taken")),
    }
    let mut judge = Judge::new(&events, spec, run, sent);
    let mut parser = Parser::new(&events.fields);
    let closed = timeout_at(end, follow(&mut socket, &mut parser, &mut judge)).await;
    if judge.is_over() && judge.knows_strangers() {
        let _enough = timeout(AFTERWARDS, listen(&mut socket, &mut parser, &mut judge)).await;
    }
    socket.send_now(Message::Close(None));
    judge.judged(service, origin, clock::mono(), closed.ok().flatten())
}

/// Reads until the run is over, or the connection: then why.
async fn follow(socket: &mut Socket, parser: &mut Parser, judge: &mut Judge) -> Option<Clean> {
    loop {
        let heard = hear(socket, parser, judge).await;
        if judge.is_over() {
            return None;
        }
        if let ControlFlow::Break(why) = heard {
            return Some(why);
        }
    }
}

/// Reads until the connection ends.
async fn listen(socket: &mut Socket, parser: &mut Parser, judge: &mut Judge) {
    while hear(socket, parser, judge).await.is_continue() {}
}

/// Judges what comes next; breaks with why the connection ended.
async fn hear(socket: &mut Socket, parser: &mut Parser, judge: &mut Judge) -> ControlFlow<Clean> {
    let mut frames = Frames::default();
    let ended = poll_fn(|cx| socket.poll(cx, &mut frames)).await;
    let at = clock::mono();
    for text in &frames.texts {
        // What is no event is counted by the stream itself.
        let _no_event = parser.read(text, |event| {
            let user = event.counted.iter().take(MOST_POINTERS).find_map(|user| *user);
            judge.take(Heard { kind: event.kind, run: event.run, user }, at);
        });
    }
    match (frames.close, ended) {
        (Some(why), _) => ControlFlow::Break(why),
        (None, None) => ControlFlow::Continue(()),
        (None, Some(Ok(()))) => ControlFlow::Break(Clean::new("without a close frame")),
        (None, Some(Err(error))) => ControlFlow::Break(handshake::words(&error)),
    }
}

/// The stream as this run speaks to it: one connection, and only whom an event is for is read besides.
fn spoken_to(events: &EventsSpec, spec: &ActiveSpec) -> EventsSpec {
    let mut events = events.clone();
    events.connections = 1;
    if let Some(url) = &spec.url {
        events.url.clone_from(url);
    }
    let pointers = spec.user.iter().take(MOST_POINTERS).enumerate();
    events.fields.count_by = pointers.map(|(n, pointer)| (n.to_string(), pointer.clone())).collect();
    events
}

/// A random id in the form of a UUID (RFC 9562, version 4), which servers that check ids take.
fn new_id() -> String {
    let (high, low) = (fastrand::u64(..), fastrand::u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

#[derive(Default)]
struct Frames {
    texts: Vec<String>,
    close: Option<Clean>,
}

impl Take for Frames {
    fn text(&mut self, text: &str) {
        if text.len() <= MAX_FRAME {
            self.texts.push(text.to_owned());
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Text(text) => self.text(&text),
            Message::Close(frame) => {
                let words = frame.map(|frame| format!("{} {}", u16::from(frame.code), frame.reason));
                self.close = Some(Clean::new(words.as_deref().unwrap_or("closed without a code").trim_end()));
            }
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }

    fn has_room(&self) -> bool {
        self.close.is_none() && self.texts.len() < BATCH
    }
}
