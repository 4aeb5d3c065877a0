//! One connection: it connects, reads, pings, notices silence, and comes back with growing pauses.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, error::CapacityError};

use super::handshake::{self, Refused};
use super::parse::MAX_FRAME;
use super::socket::{Socket, Take};
use crate::clock;
use crate::domain::event::Invalid;
use crate::domain::room::EventsSpec;
use crate::domain::{Clean, Mono, Origin};
use crate::sources::addressing::BoardReader;

/// Frames handed on together; not more than stays in a processor's cache until it is read.
const BATCH: usize = 1_024;
const BATCH_BYTES: usize = 64 * 1024;
/// Pauses between attempts.
const LEAST_PAUSE: Duration = Duration::from_millis(250);
const MOST_PAUSE: Duration = Duration::from_secs(15);
/// A connection that lived so long was good: the next pause is the least one.
const GOOD: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

/// What a connection has to say.
#[derive(Debug)]
pub(super) enum Step {
    /// Established.
    Opened { date: Option<(i64, i64, i64)>, origin: Origin },
    /// Data frames.
    Frames(Frames),
    /// A sign of life without data.
    Heard,
    /// A frame that ended the connection.
    Invalid(Invalid),
    /// The end of an established connection.
    Closed { code: u16, reason: Clean, lived: Duration, retry: Retry },
    /// The handshake got another answer.
    Refused { status: u16, error: Clean, retry: Retry },
    /// There was no answer.
    Failed { error: Clean, retry: Retry },
    /// There is no address to go to.
    Waiting { error: Clean, retry: Retry },
}

/// Texts in order, one behind the other, copied out of the socket's buffer.
#[derive(Debug, Default)]
pub(super) struct Frames {
    text: String,
    ends: Vec<usize>,
    /// What cannot be an event, with its length.
    pub(super) invalid: Vec<(Invalid, usize)>,
    /// The peer's close frame, behind all others.
    close: Option<(u16, Clean)>,
}

/// The next attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retry {
    pub(super) attempt: u32,
    pub(super) at: Mono,
}

/// One connection.
pub(super) struct Wire {
    spec: Arc<EventsSpec>,
    board: BoardReader,
    state: State,
    attempt: u32,
    next: Vec<Step>,
}

enum State {
    Pausing(Mono),
    Unaddressed,
    Open(Box<Open>),
}

struct Open {
    socket: Socket,
    since: Mono,
    heard: Mono,
    ping: Interval,
    /// Texts and bytes of the last batch, for the room of the next.
    before: (usize, usize),
}

enum Read {
    Batch(Frames, Option<End>),
    Beat,
}

enum End {
    Frame(u16, Clean),
    Broken(Error),
    Nothing,
}

impl Wire {
    pub(super) fn new(spec: Arc<EventsSpec>, board: BoardReader) -> Self {
        Self { spec, board, state: State::Pausing(Mono::default()), attempt: 0, next: Vec::new() }
    }

    /// The next step; never ends.
    pub(super) async fn step(mut self) -> Option<(Step, Self)> {
        loop {
            if let Some(step) = self.next.pop() {
                return Some((step, self));
            }
            let step = match &mut self.state {
                State::Pausing(until) => {
                    sleep_until(Instant::from_std(clock::instant(*until))).await;
                    Some(self.connect().await)
                }
                State::Unaddressed => {
                    // An ended board never says more; the pause keeps this from spinning.
                    if self.board.changed().await.is_err() {
                        std::future::pending::<()>().await;
                    }
                    Some(self.connect().await)
                }
                State::Open(open) => match open.read().await {
                    Read::Batch(frames, end) => self.batch(frames, end),
                    Read::Beat => self.beat(),
                },
            };
            if let Some(step) = step {
                return Some((step, self));
            }
        }
    }

    async fn connect(&mut self) -> Step {
        let board = self.board.borrow_and_update().clone();
        let address = match handshake::address(&self.spec, &board) {
            Ok(address) => address,
            Err(error) => {
                let retry = self.retry();
                self.state = State::Unaddressed;
                return Step::Waiting { error, retry };
            }
        };
        let (url, origin) = address;
        let dialled = timeout(CONNECT, handshake::dial(&self.spec, url)).await;
        match dialled.unwrap_or_else(|_late| Err(Refused::Failed(Clean::new("no answer in 10 s")))) {
            Ok((socket, date)) => {
                let now = clock::mono();
                let period = self.spec.ping.max(Duration::from_millis(20));
                // On whole seconds, when the loop wakes anyway.
                let first = if period < SECOND { now.after(period) } else { clock::early_in_next_second() };
                let mut ping = interval_at(Instant::from_std(clock::instant(first)), period);
                ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
                self.state =
                    State::Open(Box::new(Open { socket, since: now, heard: now, ping, before: (0, 0) }));
                Step::Opened { date, origin }
            }
            Err(Refused::Status(status, error)) => Step::Refused { status, error, retry: self.retry() },
            Err(Refused::Failed(error)) => Step::Failed { error, retry: self.retry() },
        }
    }

    /// Plans the next attempt: doubling pauses, half of each at random, so that many consoles do not come at once.
    fn retry(&mut self) -> Retry {
        let doubled = LEAST_PAUSE * 2_u32.saturating_pow(self.attempt.min(10)) * 2;
        let full = doubled.min(MOST_PAUSE);
        let pause = full.mul_f64(0.5 + fastrand::f64() / 2.0).max(LEAST_PAUSE);
        self.attempt += 1;
        let at = clock::mono().after(pause);
        self.state = State::Pausing(at);
        Retry { attempt: self.attempt, at }
    }

    fn batch(&mut self, frames: Frames, end: Option<End>) -> Option<Step> {
        if let Some(end) = end {
            self.end(end);
        }
        match (frames.is_empty(), self.next.is_empty()) {
            (false, _) => Some(Step::Frames(frames)),
            (true, true) => Some(Step::Heard),
            (true, false) => None,
        }
    }

    /// Two intervals without any sign of life mean that the connection is half-open.
    fn beat(&mut self) -> Option<Step> {
        let State::Open(open) = &mut self.state else { return None };
        let silent = clock::mono().since(open.heard);
        // A little less than two: the pong before came a moment after its ping.
        if silent * 4 >= self.spec.ping * 7 {
            let words = format!("half-open: no data and no pong for {:.1} s", silent.as_secs_f64());
            self.end(End::Frame(1006, Clean::new(&words)));
            return None;
        }
        open.socket.send_now(Message::Ping(Bytes::new()));
        None
    }

    /// Ends an established connection; the steps are told in reverse.
    fn end(&mut self, end: End) {
        let now = clock::mono();
        let State::Open(open) = &mut self.state else { return };
        let lived = now.since(open.since);
        if lived >= GOOD {
            self.attempt = 0;
        }
        // The answer to a close frame, or our own; the peer need not wait for it.
        open.socket.send_now(Message::Close(None));
        let (code, reason, invalid) = match end {
            End::Frame(code, reason) => (code, reason, None),
            End::Nothing => (1006, Clean::new("ended without a close frame"), None),
            End::Broken(Error::Utf8(_)) => {
                (1007, Clean::new("closed here: a text frame was not UTF-8"), Some(Invalid::NotUtf8))
            }
            End::Broken(Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                (1009, Clean::new("closed here: a frame was larger than 16 MiB"), Some(Invalid::TooLarge))
            }
            End::Broken(error) => (1006, handshake::words(&error), None),
        };
        let retry = self.retry();
        self.next.push(Step::Closed { code, reason, lived, retry });
        self.next.extend(invalid.map(Step::Invalid));
    }
}

impl Frames {
    fn with_room((texts, bytes): (usize, usize)) -> Self {
        Self {
            text: String::with_capacity(bytes.min(BATCH_BYTES) * 9 / 8),
            ends: Vec::with_capacity(texts.min(BATCH)),
            ..Self::default()
        }
    }

    fn push(&mut self, text: &str) {
        if text.len() > MAX_FRAME {
            return self.refuse(Invalid::TooLarge, text.len());
        }
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn refuse(&mut self, kind: Invalid, bytes: usize) {
        let kind = if bytes > MAX_FRAME { Invalid::TooLarge } else { kind };
        self.invalid.push((kind, bytes));
    }

    fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.invalid.is_empty()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The texts in order.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().filter_map(move |end| self.text.get(std::mem::replace(&mut from, *end)..*end))
    }

    /// Bytes of all.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.invalid.iter().map(|(_, bytes)| bytes).sum::<usize>()
    }
}

impl Take for Frames {
    #[inline]
    fn text(&mut self, text: &str) {
        self.push(text);
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Text(text) => self.push(&text),
            Message::Binary(bytes) => self.refuse(Invalid::Binary, bytes.len()),
            Message::Close(Some(frame)) => {
                self.close = Some((frame.code.into(), Clean::new(&frame.reason)));
            }
            Message::Close(None) => self.close = Some((1005, Clean::default())),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }

    #[inline]
    fn has_room(&self) -> bool {
        self.close.is_none() && self.text.len() < BATCH_BYTES && self.ends.len() + self.invalid.len() < BATCH
    }
}

impl Open {
    /// Everything that is there now, or the time to ping.
    async fn read(&mut self) -> Read {
        let mut frames = Frames::with_room(self.before);
        let ended = tokio::select! {
            biased;
            ended = poll_fn(|cx| self.socket.poll(cx, &mut frames)) => ended,
            _ = self.ping.tick() => return Read::Beat,
        };
        self.heard = clock::mono();
        self.before = (frames.ends.len(), frames.text.len());
        let close = frames.close.take().map(|(code, reason)| End::Frame(code, reason));
        let end = close.or_else(|| Some(ended?.map_or_else(End::Broken, |()| End::Nothing)));
        Read::Batch(frames, end)
    }
}
