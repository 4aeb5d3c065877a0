//! The terminal: entered and left as one, drawn with one write a frame inside a synchronized update.
//!
//! A frame that equals the one before writes nothing. Leaving is idempotent and also done by the panic hook.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, KeyboardEnhancementFlags,
    PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

pub mod editor;

/// Whether the terminal is lent to another program.
static LENT: AtomicBool = AtomicBool::new(false);

/// Whether the terminal is ours now, so that leaving twice does nothing.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Synchronized update (private mode 2026): the terminal shows the frame at once.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Buttons and wheel (private mode 1000) with coordinates of any size (1006); without every movement of the pointer,
/// which would flood an idle console.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";

/// The screen.
#[derive(Debug)]
pub struct Screen {
    painter: Painter,
    mouse: bool,
}

/// Turns frames into the bytes that change the one before into them.
#[derive(Debug, Default)]
pub struct Painter {
    shown: Buffer,
    next: Buffer,
    bytes: Vec<u8>,
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, key repeats where the terminal tells them.
    ///
    /// # Errors
    /// Standard output is not a terminal, or it cannot be written.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other("standard output is not a terminal"));
        }
        install_panic_hook();
        let mut screen = Self { painter: Painter::default(), mouse };
        screen.take()?;
        Ok(screen)
    }

    fn take(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        ENTERED.store(true, Ordering::SeqCst);
        let mut out = io::stdout().lock();
        queue!(
            out,
            EnterAlternateScreen,
            EnableBracketedPaste,
            // Terminals that do not know it ignore it; asking first would cost up to two seconds.
            PushKeyboardEnhancementFlags(
                KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
                    | KeyboardEnhancementFlags::REPORT_EVENT_TYPES
            ),
            cursor::Hide
        )?;
        if self.mouse {
            out.write_all(MOUSE)?;
        }
        out.flush()?;
        self.forget();
        Ok(())
    }

    /// Takes the terminal again after a suspension, unless another program has it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn resume(&mut self) -> io::Result<()> {
        if is_lent() { Ok(()) } else { self.take() }
    }

    /// Gives the terminal to another program, until [`Screen::take_back`].
    pub fn lend(&mut self) {
        leave();
        LENT.store(true, Ordering::SeqCst);
    }

    /// Takes the terminal back from the program that had it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn take_back(&mut self) -> io::Result<()> {
        if LENT.swap(false, Ordering::SeqCst) { self.take() } else { Ok(()) }
    }

    /// Forgets what is shown, so that the next frame is drawn whole.
    pub fn forget(&mut self) {
        self.painter.shown = Buffer::default();
    }

    /// The terminal's size now, in columns and rows; at least 1×1.
    pub fn size() -> (u16, u16) {
        let (columns, rows) = crossterm::terminal::size().unwrap_or((80, 24));
        (columns.max(1), rows.max(1))
    }

    /// Draws a frame of `size` through `render`; answers with the bytes written, 0 for an unchanged frame.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, size: (u16, u16), render: impl FnOnce(Rect, &mut Buffer)) -> io::Result<usize> {
        show(self.painter.paint(size, render)?)
    }

    /// Draws a part of the screen again and leaves the rest; answers with the bytes written.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn patch(&mut self, part: &Buffer) -> io::Result<usize> {
        show(self.painter.patch(part)?)
    }

    /// Writes an out-of-band sequence (clipboard, bell).
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }
}

/// One write for a frame.
fn show(bytes: &[u8]) -> io::Result<usize> {
    if !bytes.is_empty() {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()?;
    }
    Ok(bytes.len())
}

impl Painter {
    /// The bytes for a frame of `size` that `render` draws; none if nothing changed.
    ///
    /// # Errors
    /// None: bytes go to memory.
    pub fn paint(&mut self, size: (u16, u16), render: impl FnOnce(Rect, &mut Buffer)) -> io::Result<&[u8]> {
        let area = Rect::new(0, 0, size.0, size.1);
        self.next.resize(area);
        self.next.reset();
        render(area, &mut self.next);
        let whole = self.shown.area != area;
        if whole {
            self.shown.resize(area);
            self.shown.reset();
        }
        encode(&mut self.bytes, whole, &self.shown.diff(&self.next))?;
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(&self.bytes)
    }

    /// The bytes for a part of the screen; the rest stays as it is.
    ///
    /// # Errors
    /// None: bytes go to memory.
    pub fn patch(&mut self, part: &Buffer) -> io::Result<&[u8]> {
        self.bytes.clear();
        let area = part.area;
        if self.shown.area.intersection(area) != area {
            return Ok(&[]);
        }
        self.next.resize(area);
        for (was, at) in self.next.content.iter_mut().zip(area.positions()) {
            was.clone_from(&self.shown[at]);
        }
        encode(&mut self.bytes, false, &self.next.diff(part))?;
        for (is, at) in part.content.iter().zip(area.positions()) {
            self.shown[at].clone_from(is);
        }
        Ok(&self.bytes)
    }
}

/// Puts the cells to update into `bytes`, inside a synchronized update; nothing when there is nothing to do.
fn encode(bytes: &mut Vec<u8>, whole: bool, updates: &[(u16, u16, &Cell)]) -> io::Result<()> {
    bytes.clear();
    if updates.is_empty() && !whole {
        return Ok(());
    }
    bytes.extend_from_slice(BEGIN);
    if whole {
        queue!(bytes, Clear(ClearType::All))?;
    }
    CrosstermBackend::new(&mut *bytes).draw(updates.iter().copied())?;
    bytes.extend_from_slice(END);
    Ok(())
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Whether another program has the terminal: nothing is drawn, and its Ctrl-C is not ours.
pub fn is_lent() -> bool {
    LENT.load(Ordering::SeqCst)
}

/// Gives the terminal back. Errors are of no use here: the terminal may be gone.
pub fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(
        out,
        DisableMouseCapture,
        PopKeyboardEnhancementFlags,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

fn install_panic_hook() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        leave();
        before(info);
    }));
}

/// OSC 52: `text` for the terminal's clipboard.
pub fn clipboard(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let copied = crossterm::clipboard::CopyToClipboard::to_clipboard_from(text);
    let _ = queue!(bytes, copied);
    bytes
}

/// OSC 9: `text` as a desktop notification, in terminals that know it; the others ignore it.
pub fn notification(text: &str) -> Vec<u8> {
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\x1b]9;{printable}\x1b\\").into_bytes()
}

/// Gives the terminal back and stops this process until the shell continues it.
///
/// # Errors
/// The process cannot be stopped.
#[cfg(unix)]
pub fn suspend() -> io::Result<()> {
    leave();
    // SIGTSTP has our own handler's default here: stopping the whole process group is what a shell expects.
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)
        .map_err(io::Error::from)
}

/// There is no job control here.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn suspend() -> io::Result<()> {
    Err(io::Error::other("this platform cannot suspend"))
}
