//! A panic ends the program, whatever thread it was on: the terminal is given back, the fault is told and logged, and
//! the status is 101. What went on without the part that broke would be a screen that nobody can believe.

use std::future::Future;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::thread;

use crate::domain::Clean;
use crate::terminal;

/// The exit status of a panic on the main thread, and so of every one.
const STATUS: i32 = 101;

/// A report is not longer, in lines.
const LINES: usize = 500;

tokio::task_local! {
    /// Set where a panic is answered by whoever waits for its task.
    static CONTAINED: ();
}

/// From now on a panic is told in the words of `report` and ends the program. To be called on the main thread, which
/// ends by itself: what it holds is dropped on the way.
#[expect(clippy::exit, reason = "no other thread can end the program, and nothing may go on without it")]
pub fn install(report: impl Fn(&PanicHookInfo<'_>) -> String + Send + Sync + 'static) {
    let main = thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        let told = Clean::new(&info.to_string());
        let thread = thread::current();
        if CONTAINED.try_with(|()| ()).is_ok() {
            tracing::error!(thread = thread.name(), "a task {told}; the program goes on");
            return;
        }
        // Held to the end: nobody paints over what is told.
        let held = io::stdout().lock();
        terminal::leave();
        // A message may quote what came from outside.
        for line in report(info).lines().take(LINES) {
            let _gone = writeln!(io::stderr().lock(), "{}", Clean::new(line));
        }
        tracing::error!(thread = thread.name(), "{told}");
        if thread.id() != main {
            std::process::exit(STATUS);
        }
        drop(held);
    }));
}

/// `work` as a part that may break alone: whoever waits for its task answers a panic, and the program goes on.
pub async fn contained<T>(work: impl Future<Output = T>) -> T {
    CONTAINED.scope((), work).await
}

/// Breaks as the file that `WARROOM_FAULT` names says, once it is there: `task` or `thread` or `contained`, and the
/// message. Only for tests: no release has it.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "it is there to panic")]
pub async fn provoked() {
    let Some(path) = std::env::var_os("WARROOM_FAULT") else { return };
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        match text.split_once(' ') {
            Some(("task", message)) => panic!("{message}"),
            Some(("thread", message)) => {
                let message = message.to_owned();
                let _gone = thread::spawn(move || panic!("{message}")).join();
            }
            Some((_, message)) => return contained(async { panic!("{message}") }).await,
            None => {}
        }
    }
}
