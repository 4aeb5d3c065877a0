//! Asking on the terminal for a word, before a dangerous act.

use std::io::{self, BufRead, IsTerminal, Write};

use super::Failure;
use crate::runtime::{self, Exit};

/// Whether there is a terminal to ask on.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks whether to go on although `why`; without a terminal that is not done. `None`: yes; else the exit status.
///
/// # Errors
/// There is nobody to ask, or the terminal cannot be read; `nothing` says what did not happen.
pub(super) async fn agreed(why: &str, what: &str, nothing: &str) -> Result<Option<u8>, Failure> {
    if !can_ask() {
        let why = format!("{why}\nit asks before it acts, and there is no terminal to ask on");
        return Err(Failure::usage(nothing, &why, "if that is meant, add --yes"));
    }
    let answer = declined(&format!("{why}\ntype yes, and {what}: "), "yes", nothing).await?;
    if answer.is_some() {
        // Standard error may be gone with the terminal.
        let _gone = writeln!(io::stderr().lock(), "{nothing}");
    }
    Ok(answer)
}

/// Asks `question`, to which only `word` is yes. `None`: it was typed; else the exit status of a person who did not, or
/// of a signal.
///
/// # Errors
/// The terminal cannot be read; `nothing` says what did not happen.
pub(super) async fn declined(question: &str, word: &str, nothing: &str) -> Result<Option<u8>, Failure> {
    let unreadable = |error: io::Error| Failure::failed(nothing, &error.to_string(), "add --yes");
    let signals = runtime::signals().map_err(unreadable)?;
    io::stderr().lock().write_all(question.as_bytes()).map_err(unreadable)?;
    // A thread of its own: a read from the terminal cannot be ended, and must not hold the program when a signal does.
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).map(|_| line);
        let _left = tell.send(read);
    });
    tokio::select! {
        biased;
        number = signals => Ok(Some(Exit::Signal(number).status())),
        read = told => {
            let line = read.map_err(|error| unreadable(io::Error::other(error)))?.map_err(unreadable)?;
            Ok((line.trim() != word).then_some(1))
        }
    }
}
