//! The real binary in a pseudo-terminal: its screen as text, its keys, its exit status. Waits for text, never sleeps.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take on a busy machine; a canary that goes bad takes two minutes on an idle one.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// A program on a terminal of its own.
pub struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    input: Option<Box<dyn Write + Send>>,
    output: mpsc::Receiver<Vec<u8>>,
    /// The screen as the terminal shows it.
    pub screen: vt100::Parser,
    /// Every byte that the program wrote.
    pub raw: Vec<u8>,
    /// How many keys were pressed.
    pub pressed: usize,
}

impl Terminal {
    /// Starts the binary with `args` in folder `at`, on `columns` × `rows`, as somebody who was here before.
    pub fn start(args: &[&str], at: &Path, columns: u16, rows: u16) -> Self {
        let seen = at.join("warroom");
        std::fs::create_dir_all(&seen).expect("a folder");
        std::fs::write(seen.join("hints-shown"), "").expect("a file");
        Self::first(args, at, columns, rows)
    }

    /// The same as somebody who opens it for the first time, unless `at` tells otherwise.
    pub fn first(args: &[&str], at: &Path, columns: u16, rows: u16) -> Self {
        Self::begin(env!("CARGO_BIN_EXE_warroom"), args, at, (columns, rows), &[])
    }

    /// An interactive shell, which starts the binary by its name as people do.
    pub fn shell(at: &Path, columns: u16, rows: u16) -> Self {
        std::fs::create_dir_all(at.join("warroom")).expect("a folder");
        std::fs::write(at.join("warroom/hints-shown"), "").expect("a file");
        let folder = Path::new(env!("CARGO_BIN_EXE_warroom")).parent().expect("a folder");
        Self::begin("bash", &["--norc", "--noprofile", "-i"], at, (columns, rows), &[("BINARIES", folder)])
    }

    /// The same as somebody who was here before, with more variables, each of which names a path.
    pub fn start_with(args: &[&str], at: &Path, variables: &[(&str, &Path)]) -> Self {
        std::fs::create_dir_all(at.join("warroom")).expect("a folder");
        std::fs::write(at.join("warroom/hints-shown"), "").expect("a file");
        Self::begin(env!("CARGO_BIN_EXE_warroom"), args, at, (120, 40), variables)
    }

    fn begin(
        program: &str,
        args: &[&str],
        at: &Path,
        (columns, rows): (u16, u16),
        variables: &[(&str, &Path)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(at);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("WARROOM_OPERATOR", "mara");
        command.env("XDG_DATA_HOME", at);
        command.env("XDG_CONFIG_HOME", at);
        command.env("XDG_STATE_HOME", at);
        // A script of the test's folder, for those that have one.
        command.env("EDITOR", at.join("vim"));
        for (name, path) in variables {
            command.env(name, path);
        }
        command.env_remove("VISUAL");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 65_536];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 || sender.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let input = Some(pair.master.take_writer().expect("a writer"));
        let screen = vt100::Parser::new(cells(rows), cells(columns), 0);
        Self { master: Some(pair.master), child, input, output, screen, raw: Vec::new(), pressed: 0 }
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until `seen` says yes of the screen.
    pub fn wait(&mut self, what: &str, seen: impl Fn(&str) -> bool) {
        self.wait_for(what, |terminal| seen(&terminal.text()));
    }

    /// Waits until `seen` says yes of the terminal.
    pub fn wait_for(&mut self, what: &str, seen: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !seen(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never saw {what} on:\n{}", self.text());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    panic!("the program ended before {what} on:\n{}", self.text())
                }
            }
        }
    }

    /// Waits until `text` is on the screen.
    pub fn until(&mut self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Waits until `text` is gone from the screen.
    pub fn gone(&mut self, text: &str) {
        self.wait(&format!("the end of {text}"), |screen| !screen.contains(text));
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.raw.extend_from_slice(bytes);
    }

    /// Types bytes as they stand.
    pub fn press(&mut self, keys: &str) {
        let input = self.input.as_mut().expect("the terminal is open");
        input.write_all(keys.as_bytes()).expect("keys go in");
        input.flush().expect("keys go in");
        self.pressed += keys.chars().count();
    }

    /// Types `word` into a dialog that asks for it, by hand: each letter after the one before was taken.
    pub fn type_word(&mut self, word: &str) {
        let all = word.chars().count();
        // Keys in the first half second are ignored: the dialog says so until it takes them.
        self.until(&format!("{all} more; enter cancels"));
        let mut before = None;
        for (key, typed) in word.chars().zip(1..) {
            if before == Some(key) {
                // The same key again within 50 ms is held down, not pressed twice.
                std::thread::sleep(Duration::from_millis(60));
            }
            self.press(&key.to_string());
            before = Some(key);
            let left = all - typed;
            let words = if left == 0 { "enter acts".to_owned() } else { format!("{left} more") };
            self.until(&words);
        }
    }

    /// Changes the terminal's size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("the terminal is open").resize(size).expect("a new size");
        self.screen.screen_mut().set_size(cells(rows), cells(columns));
    }

    /// Changes the terminal's size, and waits for the whole frame that answers it: a screen is erased for nothing else.
    pub fn resized(&mut self, columns: u16, rows: u16) {
        let before = self.raw.len();
        self.resize(columns, rows);
        let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|at| at == what);
        self.wait_for(&format!("a frame of {columns}×{rows}"), |terminal| {
            let new = &terminal.raw[before..];
            find(new, b"\x1b[2J").is_some_and(|at| find(&new[at..], b"\x1b[?2026l").is_some())
        });
    }

    fn id(&self) -> String {
        self.child.process_id().expect("a process").to_string()
    }

    /// Sends a signal to the program.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits until the program has stopped itself, which nothing on its terminal tells.
    pub fn stopped(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = Command::new("ps").args(["-o", "stat=", "-p", &self.id()]).output().expect("ps runs");
            if state.stdout.trim_ascii().starts_with(b"T") {
                return;
            }
            assert!(Instant::now() < deadline, "the program never stopped: {state:?}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Presses `q` and waits for the end; answers with the exit status.
    pub fn leave(&mut self) -> u32 {
        self.press("q");
        self.status()
    }

    /// Waits for the end; answers with the exit status.
    pub fn status(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(bytes) = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.take(&bytes);
        }
        assert!(Instant::now() < deadline, "the program did not end; its screen:\n{}", self.text());
        self.child.wait().expect("a status").exit_code()
    }

    /// Whether the program gave the terminal back: alternate screen left, cursor shown.
    pub fn restored(&self) -> bool {
        !self.screen.screen().alternate_screen() && !self.screen.screen().hide_cursor()
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("at least one cell")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
