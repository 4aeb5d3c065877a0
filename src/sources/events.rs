//! The event stream: WebSocket connections, read and counted on their own thread.
//!
//! Everything is folded into one [`Tracker`]; what it gathered is handed over when the data lane has room, so a flood
//! costs the model a few messages a second and nothing is dropped. After quiet the first event goes at once; under
//! load its thread rests between wake-ups, up to the time between two frames.

pub mod active;
mod handshake;
mod pace;
pub mod parse;
pub mod pointers;
mod scan;
mod socket;
mod time;
mod visible;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::domain::event::tracker::{Arrival, Tracker};
use crate::domain::event::{Closed, MAX_LINES};
use crate::domain::room::EventsSpec;
use crate::domain::{Clean, LinkReport, Mono, Now, Origin, ServiceIx, SourceId};
use crate::lanes::{FRAME, Lanes};
use crate::model::msg::Msg;
use crate::sources::addressing::BoardReader;
use crate::sources::envelopes::{self, Samples};
use pace::{Pace, TURN};
use parse::Parser;
use visible::Visible;
use wire::{Frames, Retry, Step, Wire};

/// Bytes in a second that are load.
const LOAD: f64 = 100_000.0;
/// Signs of life are reported this often.
const ALIVE: Duration = Duration::from_secs(1);
/// A difference between wall and monotonic time that means a clock was set.
const STEP_US: i64 = 250_000;

/// Follows the stream of a service on a thread of its own; never returns. Dropping it ends the thread.
///
/// While a stream rests, nothing may wait for its socket: every piece that comes would wake the waiting thread, which is
/// what the rest is to avoid. On its own thread the rest is a plain sleep.
pub async fn run(service: ServiceIx, spec: EventsSpec, board: BoardReader, lanes: Lanes) {
    let (samples, taken) = spec.schemas.is_some().then(Samples::new).unzip();
    let (looked_at, looks) = (spec.clone(), lanes.clone());
    let ended = CancellationToken::new();
    let _ends_with_this = ended.clone().drop_guard();
    let down = lanes.clone();
    let begun = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        let follow = move || {
            step_back();
            let _cancelled =
                runtime.block_on(ended.run_until_cancelled(follow(service, spec, board, lanes, samples)));
            runtime.shutdown_background();
        };
        std::thread::Builder::new().name("events".to_owned()).spawn(follow)
    });
    if let Err(error) = begun {
        let report =
            LinkReport::Down { error: error.to_string().into(), attempt: 1, retry_at: Mono(u64::MAX) };
        let source = SourceId::Events { service };
        // A closed lane means that the room was left.
        let _left = down.data.send(Msg::Linked { source, report, at: clock::mono() }).await;
    }
    if let Some(taken) = taken {
        envelopes::run(service, looked_at, taken, looks).await;
    }
    std::future::pending::<()>().await;
}

/// A flood may take what is left of the processors; keys and frames go first.
fn step_back() {
    // On Linux this is about the calling thread alone. Without it everything works, only later under a flood.
    #[cfg(target_os = "linux")]
    let _as_before = rustix::process::setpriority_process(None, 5);
}

async fn follow(
    service: ServiceIx,
    spec: EventsSpec,
    board: BoardReader,
    lanes: Lanes,
    samples: Option<Samples>,
) {
    let spec = Arc::new(spec);
    let mut wires = SelectAll::new();
    for index in 0..spec.connections.max(1) {
        wires.push(steps(index, Wire::new(Arc::clone(&spec), board.clone())));
    }
    let mut desk = Desk { samples, ..Desk::new(service, &spec, lanes) };
    desk.report(LinkReport::Connecting, clock::mono());
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
        if let Some(rest) = desk.pace.rest(now, desk.saturated) {
            std::thread::sleep(rest);
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
    visible: Visible,
    lanes: Lanes,
    /// What is looked at besides; none: no schema is configured.
    samples: Option<Samples>,
    ping: Duration,
    origin: Origin,
    open: Vec<bool>,
    report: Option<(LinkReport, Mono)>,
    alive: Option<Mono>,
    handed: Mono,
    told: Mono,
    pace: Pace,
    /// Whether the last wake-up ended before the sockets were empty.
    saturated: bool,
    clocks: Option<Now>,
}

impl Desk {
    fn new(service: ServiceIx, spec: &EventsSpec, lanes: Lanes) -> Self {
        Self {
            service,
            tracker: Tracker::new(service, spec),
            parser: Parser::new(&spec.fields),
            visible: Visible::default(),
            lanes,
            samples: None,
            ping: spec.ping,
            origin: Origin::Unknown,
            open: vec![false; usize::from(spec.connections.max(1))],
            report: None,
            alive: None,
            handed: Mono::default(),
            told: Mono::default(),
            pace: Pace::default(),
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
            self.saturated = clock::mono().since(begun) >= TURN;
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

    fn frames(&mut self, index: u16, frames: &Frames, now: Now) {
        self.watch_clocks(now);
        self.pace.took(frames.bytes());
        if let Some(samples) = &mut self.samples {
            samples.offer(frames.texts(), now.mono);
        }
        let arrival = Arrival { at: now.mono, wall_us: now.wall.timestamp_micros(), connection: index };
        let unseen = frames.len().saturating_sub(MAX_LINES);
        for (nth, text) in frames.texts().enumerate() {
            match self.parser.read(text, |event| self.tracker.observe(event, arrival)) {
                Ok(Some(seen)) if nth >= unseen => {
                    self.visible.push(text, arrival.at, seen, &mut self.parser);
                }
                Ok(_) => {}
                Err(kind) => self.tracker.invalid(kind, text.len() as u64),
            }
        }
        for (kind, bytes) in &frames.invalid {
            self.tracker.invalid(*kind, *bytes as u64);
        }
    }

    /// Notices when the wall clock was set, because delivery times compare it with the sender's.
    fn watch_clocks(&mut self, now: Now) {
        if let Some(before) = self.clocks {
            let wall = (now.wall - before.wall).num_microseconds().unwrap_or(i64::MAX);
            let mono = i64::try_from(now.mono.since(before.mono).as_micros()).unwrap_or(i64::MAX);
            let step = wall.saturating_sub(mono);
            if step.saturating_abs() > STEP_US {
                self.tracker.clock_stepped(step);
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
        let (now, due) = (clock::mono(), self.handed.after(FRAME));
        let again = waiting.then(|| if due > now { due } else { now.after(TURN) });
        let silent = (self.tracker.open_runs() > 0).then(|| self.told.after(self.ping.max(ALIVE)));
        [again, silent, self.tracker.next_deadline()].into_iter().flatten().min()
    }

    fn hand_over(&mut self, now: Mono) {
        let lane = &self.lanes.data;
        let (room, all) = (lane.capacity(), lane.max_capacity());
        let since = now.since(self.handed);
        let patient = since >= FRAME && room >= all / 2;
        let loaded = self.pace.per_second() > LOAD && since < FRAME;
        if loaded || (room < all && !patient) {
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
            let mut delta = self.tracker.take(now, &self.origin);
            delta.lines = self.visible.lines(&mut self.parser);
            slot.send(Msg::Streamed(Box::new(delta)));
            self.handed = now;
            self.told = now;
        }
    }
}
