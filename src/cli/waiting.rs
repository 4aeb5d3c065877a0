//! Keeping a room going until something is there, and while a question stands.

use std::io::{self, Write};
use std::time::Duration;

use super::Failure;
use super::session::Session;
use crate::clock;
use crate::domain::{Clean, Mono, OpId, OpKind, OpState, ServiceIx, SourceId, VerdictState, Wall, format};
use crate::model::Model;
use crate::model::confirm;
use crate::model::ops::Operation;
use crate::runtime::{Changed, Exit, Face};

/// How long an answer that was lost is looked for: a request that was sent cannot arrive any more after that.
pub(super) const LOOKED_FOR: Duration = Duration::from_secs(35);

/// What is waited for.
pub(super) enum On {
    /// Cloud Run and the journal were read.
    Read(ServiceIx),
    /// These flags were read, or cannot be, and the journal was.
    Flags(Vec<usize>),
    /// The verdict is GO.
    Go,
    /// The dry run was answered.
    DryRun,
    /// The operation is effective or failed, was refused by the journal, or is not known for long.
    Operation(OpId),
    /// The request was answered, or is known not to be.
    Answer(OpId),
    /// It is known what became of it.
    Known(OpId),
}

/// Waits until that is there, or `patience` is over. Answers with the exit status of a signal, if one came.
pub(super) async fn wait(session: &mut Session, on: On, patience: Duration) -> Result<Option<u8>, Failure> {
    let mut told = 0;
    follow(session, on, patience, &mut told).await
}

/// The same; of an operation the first `told` steps are on the screen already.
pub(super) async fn follow(
    session: &mut Session,
    on: On,
    patience: Duration,
    told: &mut usize,
) -> Result<Option<u8>, Failure> {
    let mut waiting = Waiting { until: clock::mono().after(patience), on, told: *told, waits: None };
    let exit = session.run(&mut waiting).await?;
    session.warn_of_damage();
    *told = waiting.told;
    Ok(match exit {
        Exit::Status(_) | Exit::Quit => None,
        Exit::Signal(_) | Exit::HungUp => Some(exit.status()),
    })
}

struct Waiting {
    until: Mono,
    on: On,
    told: usize,
    /// Until when the wait lasts that was told last.
    waits: Option<Wall>,
}

impl Face for Waiting {
    fn show(&mut self, model: &Model, _: Changed) -> io::Result<usize> {
        if let On::Operation(id) | On::Answer(id) | On::Known(id) = &self.on
            && let Some(op) = model.ops.get(id)
        {
            for step in op.steps.iter().skip(self.told) {
                writeln!(
                    io::stdout().lock(),
                    "{} {} {}",
                    format::clock(step.at),
                    word(step.state),
                    step.detail
                )?;
            }
            self.told = op.steps.len();
            if let Some(wait) = op.waits.as_ref().filter(|wait| self.waits < Some(wait.until)) {
                let words = op.wait_words(model.now.wall).unwrap_or_default();
                writeln!(io::stdout().lock(), "{} WAITS {words}", format::clock(model.now.wall))?;
                self.waits = Some(wait.until);
            }
        }
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        let checked = || model.journal.checked_up_to().is_some();
        let settled = |index: &usize| {
            let source: Option<SourceId> = model.flag_source(*index);
            let link = source.and_then(|source| model.links.get(&source));
            link.is_none_or(|link| link.last_ok.is_some() || link.down.is_some())
        };
        let over = match &self.on {
            On::Read(ix) => model.traffic(*ix).is_some() && checked(),
            On::Flags(flags) => flags.iter().all(settled) && checked(),
            On::Go => model.verdicts.now.state == VerdictState::Go,
            On::DryRun => model.dry_run.is_some(),
            On::Operation(id) => {
                let step = model.ops.get(id).and_then(|op| op.steps.last());
                let ended = step.is_some_and(|step| match step.state {
                    // It is still being looked for.
                    OpState::Unknown => {
                        (model.now.wall - step.at).to_std().is_ok_and(|since| since > LOOKED_FOR)
                    }
                    state => state >= OpState::Effective,
                });
                model.refusal.is_some() || ended
            }
            On::Answer(id) => state_of(model, id) != Some(OpState::Requested),
            On::Known(id) => state_of(model, id) != Some(OpState::Unknown),
        };
        (over || clock::mono() >= self.until).then_some(Exit::Status(0))
    }
}

/// A state as it is told.
pub(super) fn word(state: OpState) -> String {
    state.to_string().to_uppercase()
}

/// Where an operation is.
pub(super) fn state_of(model: &Model, id: &OpId) -> Option<OpState> {
    model.ops.get(id).and_then(Operation::state)
}

/// A room that goes on while a question stands: what others write down is taken in, and what turns against the acts asked
/// about is said when it happens.
pub(super) struct Open<'a> {
    acts: &'a [OpKind],
    told: Option<Clean>,
}

impl<'a> Open<'a> {
    /// For a question about these.
    pub(super) fn new(acts: &'a [OpKind]) -> Self {
        Self { acts, told: None }
    }
}

impl Face for Open<'_> {
    fn show(&mut self, model: &Model, _: Changed) -> io::Result<usize> {
        let against = against(model, self.acts);
        if against != self.told {
            let words = against.as_deref().unwrap_or("it can be done again");
            writeln!(io::stderr().lock(), "\nmeanwhile: {words}")?;
            self.told = against;
        }
        Ok(0)
    }

    fn finished(&self, _: &Model) -> Option<Exit> {
        None
    }
}

/// Why one of the acts must not be sent as it was frozen.
pub(super) fn against(model: &Model, acts: &[OpKind]) -> Option<Clean> {
    let of = |act: &OpKind| {
        let changed = || {
            let traffic = model.traffic(act.service()).filter(|_| act.live().is_none())?;
            let how = confirm::changed(act, traffic)?;
            Some(Clean::new(&format!("{} was changed: {how}", model.service_name(act.service()))))
        };
        model.refusal_of(act).or_else(changed)
    };
    acts.iter().find_map(of)
}
