//! Watching without a screen: `watch` and `verdict`.

use std::io::{self, Write};
use std::time::Duration;

use super::session::{self, Session};
use super::{Failure, Global, Until};
use crate::clock;
use crate::domain::{
    Clean, Condition, ConditionState, Mono, Reason, ReasonKind, SourceId, Verdict, VerdictState, format,
};
use crate::model::Model;
use crate::report::snapshot;
use crate::runtime::{Changed, Exit, Face};

/// What gets better while a short look ends is seen out, but not for longer than this: each look begins that time anew, and
/// none would ever see its end.
const SEES_OUT: Duration = Duration::from_mins(1);

/// What failed by counting is only good again once the whole time that it counts over was watched, and it stayed so.
const COUNTS_OUT: Duration = Duration::from_mins(7);

/// The screen that a headless model believes in; nothing is drawn on it.
const SIZE: (u16, u16) = (160, 48);

/// `warroom watch`.
pub(super) async fn watch(
    global: &Global,
    json: bool,
    length: Option<Duration>,
    until: Option<Until>,
) -> Result<u8, Failure> {
    let end = length.map(|length| clock::mono().after(length));
    run(global, Lines { json, each: true, end, until, ..Lines::default() }).await
}

/// `warroom verdict`.
pub(super) async fn verdict(global: &Global, json: bool, warm_up: Duration) -> Result<u8, Failure> {
    let end = Some(clock::mono().after(warm_up));
    run(global, Lines { json, end, ..Lines::default() }).await
}

/// What the room says by itself after `warm_up`; `Err` with the exit status where something ended it before.
pub(super) async fn judged(global: &Global, warm_up: Duration) -> Result<Result<Verdict, u8>, Failure> {
    Ok(looked(global, warm_up).await?.map(|model| model.verdicts.room))
}

/// The room after `warm_up`; `Err` with the exit status where something ended it before.
pub(super) async fn looked(global: &Global, warm_up: Duration) -> Result<Result<Box<Model>, u8>, Failure> {
    let (session, status) = look(global, warm_up).await?;
    let model = session.model.clone();
    session.close().await;
    Ok(status.map_or(Ok(model), Err))
}

/// The room after `warm_up`, which goes on; with the exit status where something ended it before.
pub(super) async fn look(global: &Global, warm_up: Duration) -> Result<(Session, Option<u8>), Failure> {
    let mut loaded = session::load(global)?;
    loaded.room.alerts = None;
    let mut session = Session::briefly(&loaded, SIZE);
    let end = Some(clock::mono().after(warm_up));
    let mut lines = Lines { end, ..Lines::default() };
    let exit = session.run(&mut lines).await?;
    let status = (!matches!(exit, Exit::Status(_))).then(|| exit.status());
    Ok((session, status))
}

async fn run(global: &Global, mut lines: Lines) -> Result<u8, Failure> {
    let mut loaded = session::load(global)?;
    let mut session = if lines.each {
        Session::open(&loaded, SIZE, |_| {})
    } else {
        // One look is no watch: it tells nobody.
        loaded.room.alerts = None;
        Session::briefly(&loaded, SIZE)
    };
    let exit = session.run(&mut lines).await?;
    // A reader that went away hangs up; a full disk is a failure.
    if let Some(error) = lines.lost.take().filter(|error| error.kind() != io::ErrorKind::BrokenPipe) {
        session.close().await;
        return super::written(Err(error)).map(|()| exit.status());
    }
    if !lines.each && matches!(exit, Exit::Status(_)) {
        lines.print(&session.model).map_err(|error| {
            Failure::failed("the verdict cannot be written", &error.to_string(), "check standard output")
        })?;
    }
    session.close().await;
    Ok(exit.status())
}

/// The exit status of a verdict.
pub(super) fn status(state: VerdictState) -> u8 {
    match state {
        VerdictState::Go => 0,
        VerdictState::Hold => 10,
        VerdictState::NoGo => 11,
        VerdictState::RollBack => 12,
    }
}

#[derive(Default)]
struct Lines {
    json: bool,
    /// Print as it goes, not only at the end.
    each: bool,
    end: Option<Mono>,
    until: Option<Until>,
    shown: Option<(VerdictState, bool)>,
    second: i64,
    /// Something that failed was counted anew.
    counts: bool,
    /// What was said of the journal.
    warned: Option<Clean>,
    /// Why a line could not be written.
    lost: Option<io::Error>,
}

impl Lines {
    fn print(&self, model: &Model) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", snapshot::snapshot(model))?;
            return out.flush();
        }
        let verdict = &model.verdicts.now;
        let blind = if verdict.blind { "? " } else { "" };
        let act = if verdict.act.is_empty() { String::new() } else { format!(" for {}", verdict.act) };
        writeln!(out, "{} {blind}{}{act}", format::clock(model.now.wall), verdict.state.word())?;
        for reason in &verdict.reasons {
            let glyph = match reason.kind {
                ReasonKind::Tripped => "↺",
                ReasonKind::Failing => "✗",
                ReasonKind::Unseen => "?",
                ReasonKind::Unmet | ReasonKind::Warning => "▲",
                ReasonKind::Waiting => "◦",
                ReasonKind::Holding => "✓",
            };
            let parts = [&reason.subject, &reason.value, &reason.context];
            let parts: Vec<&str> =
                parts.into_iter().map(|part| &**part).filter(|part| !part.is_empty()).collect();
            writeln!(out, "          {glyph} {}", parts.join(" · "))?;
        }
        out.flush()
    }
}

impl Lines {
    /// Says once that the journal cannot be used: watching goes on without it. A snapshot has it among its links.
    fn warn(&mut self, model: &Model) {
        let link = model.links.get(&SourceId::Journal);
        let error = link.and_then(|link| link.down.as_ref()).map(|down| down.error.clone());
        if !self.json && error.is_some() && error != self.warned {
            // Standard error may be closed; the verdict is on the other one.
            let _gone = writeln!(
                io::stderr().lock(),
                "warning: the journal: {}; watching goes on",
                error.as_deref().unwrap_or_default()
            );
            self.warned = error;
        }
    }
}

/// Whether what tripped is good again, and only has to stay so, or another console says so.
fn gets_better(model: &Model) -> bool {
    let mut all = model.conditions.iter(&model.room);
    let room = &model.verdicts.room;
    let alone = |kept: Reason| room.reasons.iter().filter(|reason| reason.kind <= kept.kind).count() == 1;
    all.any(|(_, state)| state.is_clearing())
        || is_counted_anew(model)
        || model.verdicts.better_since.is_some()
        || model.kept_verdict().is_some_and(alone)
}

/// Whether all that failed is good again, or may be once the time that it counts over was watched.
fn is_counted_anew(model: &Model) -> bool {
    let failed =
        || model.conditions.iter(&model.room).filter(|(_, state)| state.state == ConditionState::Fail);
    let anew = |state: &Condition| state.lost().is_some() && state.so_far.is_some();
    failed().any(|(_, state)| anew(state)) && failed().all(|(_, state)| anew(state) || state.is_clearing())
}

impl Face for Lines {
    fn show(&mut self, model: &Model, _: Changed) -> io::Result<usize> {
        self.warn(model);
        self.counts |= is_counted_anew(model);
        let verdict = &model.verdicts.now;
        let state = (verdict.state, verdict.blind);
        let second = model.now.wall.timestamp();
        let due = if self.json { second != self.second } else { self.shown != Some(state) };
        if self.each && due && verdict.since.is_some() {
            (self.shown, self.second) = (Some(state), second);
            if let Err(error) = self.print(model) {
                self.lost = Some(error);
                return Err(io::Error::other("standard output"));
            }
        }
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        let state = model.verdicts.now.state;
        let wanted = self.until.map(|until| match until {
            Until::Go => VerdictState::Go,
            Until::NoGo => VerdictState::NoGo,
            Until::RollBack => VerdictState::RollBack,
        });
        if wanted == Some(state) && model.verdicts.now.since.is_some() {
            return Some(Exit::Status(0));
        }
        let now = clock::mono();
        let sees_out = !self.each && gets_better(model);
        let most = if self.counts { COUNTS_OUT } else { SEES_OUT };
        let over = self.end.is_some_and(|end| now >= if sees_out { end.after(most) } else { end });
        // Run out while waiting for a verdict: its status, but never success.
        over.then(|| match (self.until, status(state)) {
            (Some(_), 0) => Exit::Status(1),
            (_, status) => Exit::Status(status),
        })
    }
}
