//! The terminal's keys, pastes, clicks and sizes, as messages. The operator's own words are not scrubbed here: they
//! become `Clean` when they are recorded.

use std::pin::Pin;
use std::process::Command;

use crossterm::event::{
    Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::clock;
use crate::domain::{Chord, Clean, Key, KeyPress};
use crate::lanes::Lanes;
use crate::model::msg::{Mouse, Msg};

/// What is done while nobody here reads the terminal.
pub enum Errand {
    /// It has the terminal to itself until it is over, and then tells of it.
    Lent(Pin<Box<dyn Future<Output = Msg> + Send>>),
    /// It has none, for this reason.
    Refused(String),
}

/// Reads the terminal until it is gone. Whoever reads it also lends it: what comes in `errands` has the
/// terminal to itself until it ends.
pub async fn run(lanes: Lanes, mut errands: mpsc::Receiver<Errand>) {
    let mut events = EventStream::new();
    // Until now nobody was told of a change, and the first frame was drawn before.
    if let Ok((columns, rows)) = crossterm::terminal::size()
        && lanes.control.send(Msg::Resized { columns, rows }).await.is_err()
    {
        return;
    }
    loop {
        let msg = tokio::select! {
            biased;
            Some(errand) = errands.recv() => match errand {
                Errand::Lent(work) => {
                    // While it runs nobody else reads its keys.
                    drop(events);
                    let msg = work.await;
                    events = EventStream::new();
                    let (columns, rows) = crossterm::terminal::size().unwrap_or((80, 24));
                    if lanes.control.send(Msg::Resized { columns, rows }).await.is_err() {
                        return;
                    }
                    Some(msg)
                }
                Errand::Refused(why) => Some(Msg::Edited { problem: Some(Clean::new(&why)) }),
            },
            event = events.next() => match event {
                Some(Ok(event)) => message(event),
                _ => break,
            },
        };
        if let Some(msg) = msg
            && lanes.control.send(msg).await.is_err()
        {
            return;
        }
    }
    // The input ended: nobody sits here any more. A closed lane means that the room was left already.
    let _ = lanes.control.send(Msg::HungUp).await;
}

/// Hears the signal by which a shell or another program asks to stop: it means what Ctrl-Z means.
#[cfg(unix)]
pub async fn stops(lanes: Lanes) {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};
    // Without a handler it stops at once, as any program.
    let Ok(mut stops) = signal(SignalKind::from_raw(Signal::TSTP.as_raw())) else { return };
    while stops.recv().await.is_some() {
        let press = KeyPress { chord: Chord::ctrl('z'), at: clock::mono(), repeat: false };
        if lanes.control.send(Msg::Pressed { press, action: None }).await.is_err() {
            return;
        }
    }
}

/// Nothing asks to stop here.
#[cfg(not(unix))]
pub async fn stops(_: Lanes) {}

/// Runs `command` on the terminal to its end.
pub async fn lent_to(mut command: Command) -> Msg {
    let name = command.get_program().to_string_lossy().into_owned();
    let ended = tokio::task::spawn_blocking(move || command.status()).await;
    let problem = match ended {
        Ok(Ok(status)) if status.success() => None,
        Ok(Ok(status)) => Some(format!("{name} ended with {status}")),
        Ok(Err(error)) => Some(format!("{name} cannot be started: {error}")),
        Err(_) => Some(format!("{name} cannot be waited for")),
    };
    Msg::Edited { problem: problem.map(|problem| Clean::new(&problem)) }
}

fn message(event: Event) -> Option<Msg> {
    let at = clock::mono();
    match event {
        Event::Key(key) => Some(Msg::Pressed {
            press: KeyPress {
                chord: chord(key)?,
                at,
                repeat: match key.kind {
                    KeyEventKind::Press => false,
                    KeyEventKind::Repeat => true,
                    KeyEventKind::Release => return None,
                },
            },
            action: None,
        }),
        Event::Paste(text) => Some(Msg::Pasted { text, at }),
        Event::Resize(columns, rows) => Some(Msg::Resized { columns, rows }),
        Event::Mouse(mouse) => {
            let what = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Mouse::Click,
                MouseEventKind::ScrollUp => Mouse::WheelUp,
                MouseEventKind::ScrollDown => Mouse::WheelDown,
                _ => return None,
            };
            Some(Msg::Moused { what, column: mouse.column, row: mouse.row, spot: None, at })
        }
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn chord(event: KeyEvent) -> Option<Chord> {
    let key = match event.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::F(n) => Key::F(n),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        _ => return None,
    };
    Some(Chord {
        key,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
    })
}
