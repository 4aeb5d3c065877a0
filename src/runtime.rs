//! The loop: messages in, `update`, effects out, then draw once.
//!
//! One biased `select!` puts control before data. Everything that waits is drained before a frame; the first change
//! after quiet is drawn at once, further frames [`crate::lanes::FRAME`] apart. Keys bypass the gap, and a character that
//! is typed is drawn before what waits for its frame. The loop never awaits while it hands out an effect, so the two sides
//! cannot deadlock. Without news it wakes once a second.

mod log;

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::clock;
use crate::domain::{Action, Chord, Mono};
use crate::lanes::{FRAME, Receivers};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::mouse::Spot;
use crate::model::msg::Msg;
use crate::terminal;

/// So many events a second are a flood: nobody reads its numbers 48 times a second, and frames come half as often. Keys
/// are shown at once all the same.
const FLOOD: f64 = 100_000.0;

/// How far frames may come before that mean: a few changes after quiet are drawn at once, each.
const AHEAD: Duration = FRAME.saturating_mul(5);

/// The longest time spent on waiting messages before a frame is due.
const BATCH: Duration = Duration::from_millis(8);

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The operator quit, or a headless command is done.
    Quit,
    /// A headless command ended with this exit status.
    Status(u8),
    /// A signal: hang-up (1), interrupt (2) or terminate (15).
    Signal(u8),
    /// The terminal is gone.
    HungUp,
}

impl Exit {
    /// The process's exit status: 128 and the signal's number, as a shell says it.
    pub fn status(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Status(status) => status,
            Self::Signal(number) => 128 + number,
            Self::HungUp => 129,
        }
    }
}

/// What may look different since the last frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// Only the line that is being typed.
    Line,
    /// Only the panel of event streams: a stream that floods draws nothing else again.
    Events,
    /// Anything.
    All,
}

impl Changed {
    fn by(msg: &Msg) -> Self {
        match msg {
            Msg::Streamed(delta) if delta.sockets.is_calm() => Self::Events,
            _ => Self::All,
        }
    }

    /// What looks different after both.
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::All }
    }
}

/// What shows the model: the console, or lines for a script.
pub trait Face {
    /// Shows the model, of which so much changed; answers with the bytes written.
    ///
    /// # Errors
    /// There is nobody to show it to any more.
    fn show(&mut self, model: &Model, changed: Changed) -> io::Result<usize>;

    /// What a key means now; nothing, where there are no keys.
    fn action(&self, _model: &Model, _chord: Chord) -> Option<Action> {
        None
    }

    /// What stands at a cell of the screen (from 0).
    fn spot(&self, _model: &Model, _column: u16, _row: u16) -> Option<Spot> {
        None
    }

    /// The size of the screen now, in columns and rows; nothing, where there is none.
    fn size(&self) -> Option<(u16, u16)> {
        None
    }

    /// Carries out an effect on the terminal itself: copy, bell, suspend, redraw. Without a terminal there is none.
    ///
    /// # Errors
    /// The terminal is gone.
    fn perform(&mut self, _effect: &Effect) -> io::Result<()> {
        Ok(())
    }

    /// Whether it has seen enough.
    fn finished(&self, model: &Model) -> Option<Exit>;
}

/// What carries out the effects on the outside world; must not block.
pub trait Perform {
    /// Begins the effect; its outcome comes back as a message.
    fn perform(&mut self, effect: Effect);
}

/// Runs until the room is left.
pub async fn run(
    model: &mut Model,
    receivers: &mut Receivers,
    effects: &mut dyn Perform,
    face: &mut dyn Face,
    signals: impl Future<Output = u8>,
) -> Exit {
    let mut turn = Turn {
        model,
        effects,
        face,
        exit: None,
        changed: Some(Changed::All),
        typed: false,
        urgent: true,
        paid: Mono::default(),
        events: (0, Mono::default()),
    };
    tokio::pin!(signals);
    loop {
        turn.draw_if_due();
        if let Some(exit) = turn.exit {
            return exit;
        }
        tokio::select! {
            biased;
            number = &mut signals => return Exit::Signal(number),
            msg = receivers.control.recv() => match msg {
                Some(msg) => turn.take(msg),
                None => return Exit::Quit,
            },
            () = sleep_until(turn.wake()) => turn.tick(),
            msg = receivers.data.recv() => match msg {
                Some(msg) => turn.take(msg),
                None => return Exit::Quit,
            },
        }
        turn.drain(receivers);
        turn.tick_if_due();
    }
}

struct Turn<'a> {
    model: &'a mut Model,
    effects: &'a mut dyn Perform,
    face: &'a mut dyn Face,
    exit: Option<Exit>,
    /// Since the last frame, but for the line that is being typed.
    changed: Option<Changed>,
    /// The line that is being typed changed.
    typed: bool,
    /// A key changed more than that line.
    urgent: bool,
    /// Until when the frames drawn so far last, at one in [`FRAME`], or in two of them under a flood.
    paid: Mono,
    /// Events since the last frame, and when that was.
    events: (u64, Mono),
}

impl Turn<'_> {
    /// When the loop must wake by itself: the next second, the model's own wish, or a frame that is due.
    fn wake(&self) -> Instant {
        let second = clock::next_second();
        let wish = self.model.next_wake().unwrap_or(second).min(second);
        let due = if self.changed.is_some() { self.paid.before(AHEAD).min(wish) } else { wish };
        clock::instant(due).into()
    }

    fn tick(&mut self) {
        // A wake-up for a frame alone is no news.
        if self.changed.is_none() {
            self.take(Msg::Ticked(clock::now()));
        }
    }

    /// Whatever woke the loop brings the tick of a new second with it.
    fn tick_if_due(&mut self) {
        let now = clock::now();
        if self.model.wants_tick(now) {
            self.take(Msg::Ticked(now));
        }
    }

    fn take(&mut self, mut msg: Msg) {
        if let Msg::Pressed { press, action } = &mut msg {
            *action = self.face.action(self.model, press.chord);
        }
        if let Msg::Moused { column, row, spot, .. } = &mut msg {
            *spot = self.face.spot(self.model, *column, *row);
        }
        let urgent = matches!(
            msg,
            Msg::Pressed { .. } | Msg::Moused { .. } | Msg::Resized { .. } | Msg::Resumed { .. }
        );
        if let Msg::Streamed(delta) = &msg {
            self.events.0 += delta.received;
        }
        if msg == Msg::HungUp {
            self.exit = Some(Exit::HungUp);
        }
        log::took(self.model, &msg);
        let typing = if matches!(msg, Msg::Pressed { .. }) { self.model.ui.line().cloned() } else { None };
        let changed = Changed::by(&msg);
        let effects = self.model.update(msg);
        if typing.is_some() && effects.is_empty() && self.model.ui.line() == typing.as_ref() {
            self.typed = true;
        } else {
            self.urgent |= urgent;
            self.changed = Some(self.changed.map_or(changed, |before| before.and(changed)));
        }
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        log::asked(self.model, &effect);
        match effect {
            Effect::Quit => self.exit = Some(Exit::Quit),
            Effect::Interrupt => self.exit = Some(Exit::Signal(2)),
            Effect::Copy { .. }
            | Effect::Bell { .. }
            | Effect::Loud { .. }
            | Effect::Edit { .. }
            | Effect::LendTerminal { .. }
            | Effect::TakeBack
            | Effect::Suspend
            | Effect::Redraw => {
                if self.face.perform(&effect).is_err() {
                    self.exit = Some(Exit::HungUp);
                }
                if effect == Effect::Suspend {
                    self.take(Msg::Resumed { at: clock::mono() });
                }
                // Who was not in the foreground was not told of a change of size.
                if matches!(effect, Effect::Redraw | Effect::TakeBack)
                    && let Some((columns, rows)) = self.face.size()
                {
                    self.take(Msg::Resized { columns, rows });
                }
            }
            Effect::HintsShown
            | Effect::Watch { .. }
            | Effect::WriteReport { .. }
            | Effect::RememberFolds { .. }
            | Effect::SaveDashboards { .. }
            | Effect::RememberDashboard { .. }
            | Effect::Journal { .. }
            | Effect::JournalFallback { .. }
            | Effect::CheckJournal
            | Effect::Operate { .. }
            | Effect::Halt { .. }
            | Effect::Prolong { .. }
            | Effect::Recheck { .. }
            | Effect::Validate { .. }
            | Effect::ClaimGate { .. }
            | Effect::RunGate { .. }
            | Effect::StopGate { .. }
            | Effect::SeekGates { .. }
            | Effect::StopOrphan { .. }
            | Effect::CompareGuards { .. }
            | Effect::SendAlert { .. }
            | Effect::TailLogs { .. }
            | Effect::ProbeRun { .. }
            | Effect::AskPast { .. }
            | Effect::ReadTraffic { .. } => self.effects.perform(effect),
        }
    }

    fn drain(&mut self, receivers: &mut Receivers) {
        let begun = clock::mono();
        while self.exit.is_none() && clock::mono().since(begun) < BATCH {
            let next = receivers.control.try_recv().or_else(|_| receivers.data.try_recv());
            let Ok(msg) = next else { return };
            self.take(msg);
        }
    }

    fn draw_if_due(&mut self) {
        let now = clock::mono();
        let due = self.changed.filter(|_| self.urgent || now >= self.paid.before(AHEAD));
        // What is typed does not wait for what else changed, nor for its frame.
        let typed = std::mem::take(&mut self.typed).then_some(Changed::Line);
        let Some(changed) = due.map(|due| typed.map_or(due, |line| due.and(line))).or(typed) else { return };
        if self.face.show(self.model, changed).is_err() {
            self.exit = Some(Exit::HungUp);
        }
        self.exit = self.exit.or_else(|| self.face.finished(self.model));
        if due.is_none() {
            return;
        }
        let (events, since) = std::mem::replace(&mut self.events, (0, now));
        let flood = events as f64 > FLOOD * now.since(since).as_secs_f64();
        let lasts = if flood { FRAME * 2 } else { FRAME };
        (self.changed, self.urgent, self.paid) = (None, false, self.paid.max(now).after(lasts));
    }
}

/// How late a signal may come that was for a program which had the terminal.
#[cfg(unix)]
const LATE_SIGNAL: Duration = Duration::from_secs(1);

/// Waits for the first of hang-up, interrupt, quit and terminate; answers with its number.
///
/// # Errors
/// The handlers cannot be installed.
#[cfg(unix)]
pub fn signals() -> io::Result<impl Future<Output = u8>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        let mut lent: Option<Mono> = None;
        // The program that has the terminal is meant by Ctrl-C and Ctrl-\; the terminal tells us too, and on a busy
        // machine that comes when the program is over already.
        let ours = |lent: Option<Mono>| lent.is_none_or(|at| clock::mono().since(at) > LATE_SIGNAL);
        loop {
            tokio::select! {
                biased;
                () = std::future::poll_fn(|_| {
                    lent = if terminal::is_lent() { Some(clock::mono()) } else { lent };
                    std::task::Poll::Pending
                }) => {}
                _ = hangup.recv() => return 1,
                _ = interrupt.recv() => if ours(lent) { return 2 },
                _ = quit.recv() => if ours(lent) { return 3 },
                _ = terminate.recv() => return 15,
            }
        }
    })
}

/// Waits for Ctrl-C, the only signal there is here; answers with the number of an interrupt.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn signals() -> io::Result<impl Future<Output = u8>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        2
    })
}
