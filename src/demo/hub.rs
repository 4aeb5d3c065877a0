//! The one task that owns the world: it steps it by the clock, renders its events, and answers what the servers ask.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::hostile;
use super::socket;
use super::world::{Cut, STEPS_PER_SECOND, World};
use super::{Scenario, clock};

/// Steps taken at once after the process was held up; what is beyond is left out of the story.
const MAX_STEPS: u64 = 400;

type Ask = Box<dyn FnOnce(&mut World) + Send>;

/// One frame for observers, with the revision that it comes from.
#[derive(Debug, Clone)]
pub(super) enum Frame {
    /// An event, with its run.
    Text(usize, u64, Utf8Bytes),
    /// Bytes that no honest server would send as text.
    Hostile(Vec<u8>),
    /// The socket is to be closed.
    Cut(Cut),
}

/// What observers get at once.
pub(super) type Batch = Arc<Vec<Frame>>;

/// How servers reach the world.
#[derive(Debug)]
pub(super) struct Hub {
    asks: mpsc::Sender<Ask>,
    frames: broadcast::Sender<Batch>,
}

impl Hub {
    /// Starts the owner of `world` in `tasks`; the receiver says whether the listeners are to be open.
    pub(super) fn start(world: World, tasks: &mut JoinSet<()>) -> (Self, watch::Receiver<bool>) {
        let (asks, asked) = mpsc::channel(64);
        let (frames, _) = broadcast::channel(64);
        let (open, opened) = watch::channel(true);
        tasks.spawn(own(world, asked, frames.clone(), open));
        (Self { asks, frames }, opened)
    }

    /// Asks the world; `None` when it has ended.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let ask: Ask = Box::new(move |world| {
            // Whoever asked may have gone away meanwhile.
            let _ = answer.send(question(world));
        });
        self.asks.send(ask).await.ok()?;
        answered.await.ok()
    }

    /// Frames from now on.
    pub(super) fn frames(&self) -> broadcast::Receiver<Batch> {
        self.frames.subscribe()
    }
}

async fn own(
    mut world: World,
    mut asked: mpsc::Receiver<Ask>,
    frames: broadcast::Sender<Batch>,
    open: watch::Sender<bool>,
) {
    let speed = world.speed();
    let began = clock::mono();
    let mut done = 0_u64;
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let now = clock::mono().since(began).as_secs_f64();
                let due = (now * speed * STEPS_PER_SECOND) as u64;
                done = done.max(due.saturating_sub(MAX_STEPS));
                let batch = advance(&mut world, due - done, frames.receiver_count() > 0);
                done = due;
                if !batch.is_empty() {
                    // Nobody may be listening.
                    let _ = frames.send(Arc::new(batch));
                }
                open.send_if_modified(|was| std::mem::replace(was, world.listening()) != world.listening());
            }
            ask = asked.recv() => match ask {
                Some(ask) => ask(&mut world),
                None => return,
            },
        }
    }
}

/// Takes `steps` steps; what comes out is rendered only when somebody listens.
fn advance(world: &mut World, steps: u64, heard: bool) -> Vec<Frame> {
    let mut batch = Vec::new();
    for _ in 0..steps {
        let outcome = world.step();
        if !heard {
            continue;
        }
        let now = clock::wall();
        for event in &outcome.events {
            let name = world.instances.get(event.revision).map_or("", |it| it.name.as_str());
            let text = socket::render(event, name, now).into();
            batch.push(Frame::Text(event.revision, event.run, text));
        }
        if world.scenario == Scenario::Garbage {
            batch.extend(hostile::frame(world.steps()));
        }
        batch.extend(outcome.cuts.into_iter().map(Frame::Cut));
    }
    batch
}
