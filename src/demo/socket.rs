//! One observer's WebSocket: it gets every event of the revisions that it can see, and is closed as the story wants.

use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame as RawFrame};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::door::{Door, Entrance};
use super::health::reached;
use super::hub::{Batch, Frame};
use super::runs::Event;
use crate::domain::Wall;

/// How long an observer may take to read a batch before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a peer may take for each part of a goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// How a socket is to end, by the observer's own wish or for a token that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ending {
    /// Close code; 1006 drops the connection.
    pub(super) code: u16,
    /// Reason, as sent.
    pub(super) reason: String,
    /// After so many frames.
    pub(super) after: u32,
}

/// An event as JSON.
pub(super) fn render(event: &Event, revision: &str, now: Wall) -> String {
    let at = now - TimeDelta::milliseconds(i64::from(event.delay_ms));
    let kind: &str = event.kind.into();
    let call = event.call.map(|call| format!("{call:016x}"));
    let mut body = json!({
        "type": kind,
        "run_id": format!("{:016x}", event.run),
        "seq": event.seq,
        "timestamp": at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "agent": event.agent,
        "revision": revision,
    });
    if let Some(map) = body.as_object_mut() {
        let what = if call.is_some() { "tool" } else { "step" };
        map.insert("payload".into(), json!({ what: event.detail }));
        if let Some(call) = call {
            map.insert("call_id".into(), call.into());
        }
    }
    body.to_string()
}

/// Serves `socket` until it ends.
///
/// In a conversation every text that comes begins a run, and its events alone are sent.
pub(super) async fn serve(mut socket: Socket, door: Door, ending: Option<Ending>, conversation: bool) {
    let mut own = conversation.then(Vec::new);
    let mut frames = door.hub.frames();
    let mut left = ending.as_ref().map(|ending| ending.after);
    loop {
        if let (Some(0), Some(ending)) = (left, &ending) {
            close(socket, ending.code, &ending.reason).await;
            return;
        }
        tokio::select! {
            incoming = socket.next() => match incoming {
                // Pings are answered underneath; whatever else an observer says is of no interest.
                Some(Ok(Message::Text(_))) if own.is_some() => {
                    let entrance = door.entrance;
                    let run = door.hub.ask(move |world| reached(world, entrance).map(|at| world.converse(at)));
                    if let (Some(Some(run)), Some(own)) = (run.await, &mut own) {
                        own.push(run);
                    }
                }
                // An event in between would keep the answer from leaving.
                Some(Ok(Message::Close(_))) => return settle(socket).await,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            batch = next(&mut frames) => {
                let Some(batch) = batch else { return close(socket, 1001, "going away").await };
                let seen = match &own {
                    Some(own) => Seen::Runs(own.clone()),
                    None => door.seen().await,
                };
                match tokio::time::timeout(PATIENCE, send(&mut socket, &batch, &seen, left.as_mut())).await {
                    Ok(Ok(None)) => {}
                    Ok(Ok(Some((code, reason)))) => return close(socket, code, reason).await,
                    // Broken, or never read.
                    Ok(Err(_)) | Err(_) => return,
                }
            }
        }
    }
}

/// The next batch; what an observer was too slow for is lost to it, as on a real feed. `None`: the world has ended.
async fn next(frames: &mut Receiver<Batch>) -> Option<Batch> {
    loop {
        match frames.recv().await {
            Ok(batch) => return Some(batch),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}

/// Sends what the observer can see of `batch`; answers with the code and reason when the socket is to be closed.
async fn send(
    socket: &mut Socket,
    batch: &Batch,
    seen: &Seen,
    mut left: Option<&mut u32>,
) -> Result<Option<(u16, &'static str)>, Error> {
    for frame in batch.iter() {
        let message = match frame {
            Frame::Text(revision, run, text) if seen.sees(*revision, *run) => Message::Text(text.clone()),
            Frame::Hostile(bytes) => {
                Message::Frame(RawFrame::message(bytes.clone(), OpCode::Data(Data::Text), true))
            }
            Frame::Cut(cut) if seen.is_cut(cut.revision) => return Ok(Some((cut.code, cut.reason))),
            Frame::Text(..) | Frame::Cut(_) => continue,
        };
        if let Some(left) = left.as_deref_mut() {
            if *left == 0 {
                break;
            }
            *left -= 1;
        }
        socket.feed(message).await?;
    }
    socket.flush().await?;
    Ok(None)
}

/// Which revisions' events a socket gets.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    All,
    One(usize),
    /// Those of these runs.
    Runs(Vec<u64>),
    Nothing,
}

impl Seen {
    fn sees(&self, revision: usize, run: u64) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => *one == revision,
            Self::Runs(runs) => runs.contains(&run),
            Self::Nothing => false,
        }
    }

    /// Whether it is cut when sockets to this revision are. A conversation is held to its end.
    fn is_cut(&self, revision: usize) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => *one == revision,
            Self::Runs(_) | Self::Nothing => false,
        }
    }
}

impl Door {
    /// By the service's URL one sees all revisions (the feed is gathered behind it); by a tag, the one behind it now.
    async fn seen(&self) -> Seen {
        match self.entrance {
            Entrance::Service => Seen::All,
            entrance @ Entrance::Tag(_) => {
                let at = self.hub.ask(move |world| reached(world, entrance)).await.flatten();
                at.map_or(Seen::Nothing, Seen::One)
            }
        }
    }
}

/// Closes with `code`, and waits a moment for the peer's answer; 1006 is no close frame at all.
pub(super) async fn close(mut socket: Socket, code: u16, reason: &str) {
    if code == 1006 {
        return;
    }
    let frame = CloseFrame { code: CloseCode::from(code), reason: reason.to_owned().into() };
    if let Ok(Ok(())) = tokio::time::timeout(FAREWELL, socket.close(Some(frame))).await {
        settle(socket).await;
    }
}

/// Sends what is still to be answered, and reads to the end; a peer that does not answer is dropped.
async fn settle(mut socket: Socket) {
    let end = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = tokio::time::timeout(FAREWELL, end).await;
}
