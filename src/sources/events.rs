//! The event stream: WebSocket connections, read and counted in their own task.
//!
//! Everything is folded into one [`Tracker`]; what it gathered is handed over when the data lane has room, so a flood
//! costs the model a few messages a second and nothing is dropped. After quiet the first event goes at once; under
//! load the task rests up to five milliseconds between wake-ups.

mod handshake;
pub mod parse;
pub mod pointers;
mod scan;
mod time;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use crate::clock;
use crate::domain::event::tracker::{Arrival, Tracker};
use crate::domain::event::{Closed, Invalid, MAX_LINES};
use crate::domain::room::EventsSpec;
use crate::domain::{Clean, LinkReport, Mono, Now, Origin, ServiceIx, SourceId};
use crate::lanes::Lanes;
use crate::model::msg::Msg;
use crate::sources::addressing::BoardReader;
use parse::{MAX_FRAME, Parser};
use wire::{Retry, Step, Wire};

/// The longest rest between wake-ups under load.
const REST: Duration = Duration::from_millis(5);
/// What may gather in the socket during a rest, so that the sender is not held up.
const REST_BYTES: f64 = 128.0 * 1024.0;
/// Hand-overs while the lane is not empty are this far apart: two frames would not show more.
const FRAME: Duration = Duration::from_millis(16);
/// Signs of life are reported this often.
const ALIVE: Duration = Duration::from_secs(1);
/// A difference between wall and monotonic time that means a clock was set.
const STEP_US: i64 = 250_000;

/// Follows the stream of a service; never returns.
pub async fn run(service: ServiceIx, spec: EventsSpec, board: BoardReader, lanes: Lanes) {
    let spec = Arc::new(spec);
    let mut wires = SelectAll::new();
    for index in 0..spec.connections.max(1) {
        wires.push(steps(index, Wire::new(Arc::clone(&spec), board.clone())));
    }
    let mut desk = Desk::new(service, &spec, lanes);
    desk.report(LinkReport::Connecting, clock::mono());
    let mut woken = clock::mono();
    loop {
        let wake = desk.next_wake();
        tokio::select! {
            biased;
            step = wires.next() => desk.drain(step, &mut wires),
            () = sleep_until(Instant::from_std(clock::instant(wake.unwrap_or_default()))), if wake.is_some() => {}
        }
        let now = clock::mono();
        desk.tracker.tick(now);
        desk.hand_over(now);
        let rest = desk.rest(now.since(woken));
        woken = now;
        if let Some(rest) = rest {
            sleep(rest).await;
        }
    }
}

type Steps = BoxStream<'static, (u16, Step)>;

fn steps(index: u16, wire: Wire) -> Steps {
    stream::unfold(wire, Wire::step).map(move |step| (index, step)).boxed()
}

/// Where all connections' steps come together.
struct Desk {
    service: ServiceIx,
    tracker: Tracker,
    parser: Parser,
    lanes: Lanes,
    ping: Duration,
    origin: Origin,
    open: Vec<bool>,
    report: Option<(LinkReport, Mono)>,
    alive: Option<Mono>,
    handed: Mono,
    told: Mono,
    /// Bytes taken since the last wake-up.
    bytes: usize,
    saturated: bool,
    clocks: Option<Now>,
}

impl Desk {
    fn new(service: ServiceIx, spec: &EventsSpec, lanes: Lanes) -> Self {
        Self {
            service,
            tracker: Tracker::new(service, spec),
            parser: Parser::new(&spec.fields),
            lanes,
            ping: spec.ping,
            origin: Origin::Unknown,
            open: vec![false; usize::from(spec.connections.max(1))],
            report: None,
            alive: None,
            handed: Mono::default(),
            told: Mono::default(),
            bytes: 0,
            saturated: false,
            clocks: None,
        }
    }

    /// Takes a step and all that are ready behind it, but not for longer than a rest.
    fn drain(&mut self, first: Option<(u16, Step)>, wires: &mut SelectAll<Steps>) {
        let begun = clock::mono();
        let mut next = first;
        self.saturated = false;
        while let Some((index, step)) = next {
            self.take(index, step);
            self.saturated = clock::mono().since(begun) >= REST;
            if self.saturated {
                return;
            }
            next = wires.next().now_or_never().flatten();
        }
    }

    fn take(&mut self, index: u16, step: Step) {
        let now = clock::now();
        match step {
            Step::Frames(frames) => {
                self.frames(index, &frames, now);
                self.alive(now.mono);
            }
            Step::Heard => self.alive(now.mono),
            Step::Invalid(kind) => self.tracker.invalid(kind, 0),
            Step::Opened { date, origin } => {
                self.origin = origin;
                self.tracker.connected(index, now.mono, date);
                self.tracker.sockets.attempts += 1;
                self.tracker.sockets.opened += 1;
                self.set_open(index, true);
                self.alive = None;
                self.alive(now.mono);
            }
            Step::Closed { code, reason, lived, retry } => {
                self.tracker.disconnected(index);
                self.set_open(index, false);
                let error = format!("closed with {code} {reason}");
                self.down(Clean::new(error.trim_end()), retry, now.mono);
                self.tracker.sockets.close(Closed {
                    at: now.mono,
                    code,
                    reason,
                    lived_ms: u64::try_from(lived.as_millis()).unwrap_or(u64::MAX),
                    origin: self.origin.clone(),
                });
            }
            Step::Refused { status, error, retry } => {
                self.tracker.sockets.attempts += 1;
                *self.tracker.sockets.refused.entry(status).or_default() += 1;
                self.down(error, retry, now.mono);
            }
            Step::Failed { error, retry } => {
                self.tracker.sockets.attempts += 1;
                self.tracker.sockets.failed += 1;
                self.down(error, retry, now.mono);
            }
            Step::Waiting { error, retry } => self.down(error, retry, now.mono),
        }
    }

    fn frames(&mut self, index: u16, frames: &[Message], now: Now) {
        self.watch_clocks(now);
        let arrival = Arrival { at: now.mono, wall_us: now.wall.timestamp_micros(), connection: index };
        let visible = frames.len().saturating_sub(MAX_LINES);
        for (nth, frame) in frames.iter().enumerate() {
            let bytes = frame.len();
            self.bytes += bytes;
            let Message::Text(text) = frame else {
                let kind = if bytes > MAX_FRAME { Invalid::TooLarge } else { Invalid::Binary };
                self.tracker.invalid(kind, bytes as u64);
                continue;
            };
            match self.parser.parse(text) {
                Ok(fields) => {
                    let keep = nth >= visible;
                    fields.event(text, |event| self.tracker.observe(event, arrival, keep));
                }
                Err(kind) => self.tracker.invalid(kind, bytes as u64),
            }
        }
    }

    /// Notices when the wall clock was set, because delivery times compare it with the sender's.
    fn watch_clocks(&mut self, now: Now) {
        if let Some(before) = self.clocks {
            let wall = (now.wall - before.wall).num_microseconds().unwrap_or(i64::MAX);
            let mono = i64::try_from(now.mono.since(before.mono).as_micros()).unwrap_or(i64::MAX);
            if (wall - mono).abs() > STEP_US {
                self.tracker.clock_stepped();
            }
        }
        self.clocks = Some(now);
    }

    fn set_open(&mut self, index: u16, is: bool) {
        if let Some(open) = self.open.get_mut(usize::from(index)) {
            *open = is;
        }
        self.tracker.sockets.open = self.open.iter().filter(|open| **open).count() as u16;
        self.tracker.touch();
    }

    fn alive(&mut self, now: Mono) {
        if self.alive.is_none_or(|last| now.since(last) >= ALIVE.min(self.ping)) {
            self.alive = Some(now);
            self.report(LinkReport::Alive, now);
        }
    }

    /// The link is down when the last connection is.
    fn down(&mut self, error: Clean, retry: Retry, now: Mono) {
        self.tracker.touch();
        if self.tracker.sockets.open == 0 {
            self.alive = None;
            self.report(LinkReport::Down { error, attempt: retry.attempt, retry_at: retry.at }, now);
        }
    }

    fn report(&mut self, report: LinkReport, at: Mono) {
        self.report = Some((report, at));
    }

    /// When there is something to do without the peer: a run's time is over, silent runs grow older, or the lane had
    /// no room.
    fn next_wake(&self) -> Option<Mono> {
        let waiting = self.tracker.is_dirty() || self.report.is_some();
        let again = waiting.then(|| clock::mono().after(REST));
        let silent = (self.tracker.open_runs() > 0).then(|| self.told.after(self.ping.max(ALIVE)));
        [again, silent, self.tracker.next_deadline()].into_iter().flatten().min()
    }

    fn hand_over(&mut self, now: Mono) {
        let lane = &self.lanes.data;
        let (room, all) = (lane.capacity(), lane.max_capacity());
        let patient = now.since(self.handed) >= FRAME && room >= all / 2;
        if room < all && !patient {
            return;
        }
        if let Some((report, at)) = self.report.take() {
            let source = SourceId::Events { service: self.service };
            self.handed = now;
            if lane.try_send(Msg::Linked { source, report: report.clone(), at }).is_err() {
                self.report = Some((report, at));
                return;
            }
        }
        let aged = self.tracker.open_runs() > 0 && now.since(self.told) >= self.ping.max(ALIVE);
        if (self.tracker.is_dirty() || aged)
            && let Ok(slot) = lane.try_reserve()
        {
            slot.send(Msg::Streamed(Box::new(self.tracker.take(now, &self.origin))));
            self.handed = now;
            self.told = now;
        }
    }

    /// How long to rest: not at all after quiet, and not so long that the sender would have to wait.
    fn rest(&mut self, since_last: Duration) -> Option<Duration> {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes == 0 || self.saturated || since_last >= REST * 2 {
            return None;
        }
        let per_second = bytes as f64 / since_last.as_secs_f64().max(1e-4);
        let fits = Duration::from_secs_f64(REST_BYTES / per_second.max(1.0)).min(REST);
        (fits >= Duration::from_millis(1)).then_some(fits)
    }
}
