//! Following a shell: its script to the end, or one command of several; and ending what is left of it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::process::{Started, ended};
use super::runner::Seen;
use super::session::{GRACE, Reach};
use crate::clock;
use crate::domain::run::{Ending, Lead, Task};

/// How often new output is told.
const TELL: Duration = Duration::from_millis(100);

/// How long output may follow after the shell has ended.
const LATE_OUTPUT: Duration = Duration::from_millis(300);

/// How a run ended, and why it did not even begin.
pub(super) struct Followed {
    pub(super) ending: Ending,
    pub(super) why: String,
    /// The shell goes on, for the next command.
    pub(super) alive: bool,
}

/// How a step ended.
enum Step {
    Done(i32),
    Over(Ending),
}

/// Follows a shell that has its script to its end, or to the end that is made of it.
pub(super) async fn script(started: &mut Started, task: &Task, stop: &Notify, seen: &mut Seen) -> Followed {
    let limit = limit(task);
    tokio::pin!(limit);
    let Started { child, output, open, .. } = &mut *started;
    let mut buffer = vec![0; 64 * 1024];
    let mut beat = tokio::time::interval(TELL);
    let ending = loop {
        tokio::select! {
            read = output.read(&mut buffer), if *open => match read {
                Ok(0) | Err(_) => *open = false,
                Ok(count) => seen.take(buffer.get(..count).unwrap_or_default()),
            },
            _ = beat.tick() => seen.tell(),
            status = child.wait() => break status.map_or(Ending::Unseen, ended),
            () = &mut limit => break Ending::TimedOut,
            () = stop.notified() => break Ending::Stopped,
        }
    };
    Followed { ending, why: String::new(), alive: false }
}

/// Feeds the shell what leads to the command and was not run in it yet, and then the command.
pub(super) async fn fed(started: &mut Started, task: &Task, stop: &Notify, seen: &mut Seen) -> Followed {
    let limit = limit(task);
    tokio::pin!(limit);
    for Lead { id, line, text, asked } in &task.lead {
        if started.feed.as_ref().is_none_or(|feed| feed.done.contains(id)) {
            continue;
        }
        let why = match step(started, text, limit.as_mut(), stop, seen).await {
            Step::Done(0) => continue,
            Step::Done(_) if *asked => continue,
            Step::Done(code) => format!("line {line}, which leads to it, failed with exit {code}: {text}"),
            Step::Over(ending @ (Ending::TimedOut | Ending::Stopped)) => {
                return Followed { ending, why: String::new(), alive: false };
            }
            Step::Over(_) => format!("line {line}, which leads to it, ended the shell: {text}"),
        };
        return Followed { ending: Ending::NotStarted, why, alive: false };
    }
    let (ending, alive) = match step(started, &task.script, limit, stop, seen).await {
        Step::Done(code) => (Ending::Exited(code), true),
        Step::Over(ending) => (ending, false),
    };
    if let Some(feed) = &mut started.feed {
        let run = task.lead.iter().map(|lead| lead.id.clone());
        feed.done.extend(run.chain([task.command.id.clone()]));
    }
    Followed { ending, why: String::new(), alive }
}

async fn limit(task: &Task) {
    match task.timeout {
        Some(limit) => sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Lets the shell run `text`, and waits for its status.
async fn step(
    started: &mut Started,
    text: &str,
    mut limit: std::pin::Pin<&mut impl Future<Output = ()>>,
    stop: &Notify,
    seen: &mut Seen,
) -> Step {
    let Started { child, output, open, feed, .. } = &mut *started;
    let Some(feed) = feed else { return Step::Over(Ending::Unseen) };
    let (number, line) = feed.next(text);
    let (mut sent, mut told) = (0, true);
    let (mut buffer, mut said) = (vec![0; 64 * 1024], [0; 1024]);
    let mut beat = tokio::time::interval(TELL);
    let code = loop {
        let rest = line.get(sent..).unwrap_or_default();
        tokio::select! {
            // Nobody reads it any more: then the shell ends, and that is seen.
            wrote = feed.script.write(rest), if !rest.is_empty() => sent += wrote.unwrap_or(line.len()),
            read = output.read(&mut buffer), if *open => match read {
                Ok(0) | Err(_) => *open = false,
                Ok(count) => seen.take(buffer.get(..count).unwrap_or_default()),
            },
            read = feed.status.read(&mut said), if told => match read {
                Ok(0) | Err(_) => told = false,
                Ok(count) => {
                    let heard = said.get(..count).unwrap_or_default();
                    if let Some(code) = feed.heard(heard, number, &mut |text| seen.take(text)) {
                        break code;
                    }
                }
            },
            _ = beat.tick() => seen.tell(),
            status = child.wait() => return Step::Over(status.map_or(Ending::Unseen, ended)),
            () = limit.as_mut() => return Step::Over(Ending::TimedOut),
            () = stop.notified() => return Step::Over(Ending::Stopped),
        }
    };
    started.drain(seen);
    Step::Done(code)
}

/// Ends what is left of a shell's session, and takes its last words. How many processes of it go on all the same: those
/// that made a session of their own.
pub(super) async fn wind_down(mut started: Started, forced: bool, mut seen: Option<&mut Seen>) -> usize {
    let reach = if forced { Reach::All } else { Reach::Session };
    let late = if started.open && !forced { LATE_OUTPUT } else { Duration::ZERO };
    // The shell that waits for its next line ends by itself.
    started.feed = None;
    let (pid, mark) = (started.pid, started.mark.clone());
    let end = async {
        sleep(late).await;
        super::session::end(pid, &mark, reach).await;
    };
    tokio::pin!(end);
    let mut buffer = vec![0; 64 * 1024];
    let mut beat = tokio::time::interval(TELL);
    let mut over = None;
    // A process that escaped keeps the pipe open, and may write forever: its output is not waited for.
    while over.is_none_or(|over| started.open && clock::mono() < over) {
        tokio::select! {
            read = started.output.read(&mut buffer), if started.open => match read {
                Ok(0) | Err(_) => started.open = false,
                Ok(count) => if let Some(seen) = &mut seen {
                    seen.take(buffer.get(..count).unwrap_or_default());
                },
            },
            () = &mut end, if over.is_none() => over = Some(clock::mono().after(LATE_OUTPUT)),
            _ = beat.tick() => if let Some(seen) = &mut seen { seen.tell() },
        }
    }
    let _reaped = timeout(GRACE, started.child.wait()).await;
    // Only where processes can be listed is there anything to find.
    let left = tokio::task::spawn_blocking(move || super::session::count(pid, &started.mark, Reach::All));
    left.await.unwrap_or(0)
}
