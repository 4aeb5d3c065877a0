//! The terminal: entered and left as one, drawn with one write a frame inside a synchronized update.
//!
//! A frame that equals the one before writes nothing. Leaving is idempotent and also done when the program breaks.

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
    part: Buffer,
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
        show(&mut io::stdout().lock(), self.painter.paint(size, render)?)
    }

    /// Draws a part of the screen again and leaves the rest, as [`Painter::patch`] does; answers with the bytes written.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn patch(&mut self, render: impl FnOnce(&mut Buffer) -> bool) -> io::Result<Option<usize>> {
        self.painter.patch(render)?.map(|bytes| show(&mut io::stdout().lock(), bytes)).transpose()
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

/// One write for a frame, none for an unchanged one.
fn show(out: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    if !bytes.is_empty() {
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

    /// The bytes for a part of the screen that `render` draws into a buffer and answers for; the rest stays as it is.
    /// `None`: it does not.
    ///
    /// # Errors
    /// None: bytes go to memory.
    pub fn patch(&mut self, render: impl FnOnce(&mut Buffer) -> bool) -> io::Result<Option<&[u8]>> {
        if !render(&mut self.part) || self.shown.area.intersection(self.part.area) != self.part.area {
            return Ok(None);
        }
        self.next.resize(self.part.area);
        swap(&mut self.shown, &mut self.next);
        encode(&mut self.bytes, false, &self.next.diff(&self.part))?;
        swap(&mut self.shown, &mut self.part);
        Ok(Some(&self.bytes))
    }
}

/// Exchanges the cells of `part` with those that stand there in `whole`: nothing is copied or allocated.
fn swap(whole: &mut Buffer, part: &mut Buffer) {
    let (Rect { x, y, .. }, width) = (part.area, usize::from(part.area.width).max(1));
    for (row, cells) in (y..).zip(part.content.chunks_exact_mut(width)) {
        let from = whole.index_of(x, row);
        if let Some(there) = whole.content.get_mut(from..from + width) {
            there.swap_with_slice(cells);
        }
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

#[cfg(test)]
mod tests {
    use std::io::LineWriter;

    use super::*;

    /// Counts what reaches it, as the kernel would.
    #[derive(Default)]
    struct Writes(Vec<usize>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_write_and_an_unchanged_one_is_none() {
        // As standard output is buffered.
        let (mut out, mut painter) = (LineWriter::new(Writes::default()), Painter::default());
        let mut sizes = Vec::new();
        for (symbol, columns) in [("a", 200), ("a", 200), ("b", 200), ("b", 9), ("b", 9), ("c", 9)] {
            let fill = |area: Rect, buffer: &mut Buffer| {
                for at in area.positions() {
                    buffer[at].set_symbol(symbol);
                }
            };
            sizes.push(show(&mut out, painter.paint((columns, 60), fill).unwrap()).unwrap());
        }
        let part = |symbol: &'static str| {
            move |buffer: &mut Buffer| {
                buffer.resize(Rect::new(2, 3, 4, 5));
                buffer.reset();
                for cell in &mut buffer.content {
                    cell.set_symbol(symbol);
                }
                true
            }
        };
        for symbol in ["c", "d", "d"] {
            sizes.push(show(&mut out, painter.patch(part(symbol)).unwrap().unwrap()).unwrap());
        }
        let written: Vec<usize> = sizes.iter().copied().filter(|size| *size > 0).collect();
        assert_eq!(out.get_ref().0, written);
        let changed: Vec<bool> = sizes.iter().map(|size| *size > 0).collect();
        assert_eq!(changed, [true, false, true, true, false, true, false, true, false]);
        assert!(painter.patch(|_| false).unwrap().is_none());
    }
}
