//! The console where people run it: in tmux, whose pane may go away, and from a shell with job control.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::pty::PATIENCE;

const BINARY: &str = env!("CARGO_BIN_EXE_warroom");

/// A tmux server of its own, with one session; ended with it.
struct Tmux {
    folder: tempfile::TempDir,
    target: Child,
}

impl Tmux {
    /// A simulated target and its config, and a session of 120 × 40 that runs `shell` with `text`.
    fn start(command: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().to_owned();
        std::fs::create_dir(at.join("warroom")).expect("a folder");
        std::fs::write(at.join("warroom/hints-shown"), "").expect("a file");
        let mut target = Command::new(BINARY)
            .args(["demo", "--target-only", "--scenario", "healthy", "--write-config", "config.toml"])
            .current_dir(&at)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the target starts");
        // It says its URLs when it listens and the config is written.
        let mut first = String::new();
        let out = target.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut first).expect("its URLs");
        let tmux = Self { folder, target };
        let run = ["new-session", "-d", "-x", "120", "-y", "40", "-c", &at.to_string_lossy(), command];
        assert!(tmux.tmux(&run).status.success(), "this test needs the `tmux` program");
        tmux
    }

    fn at(&self) -> &Path {
        self.folder.path()
    }

    fn tmux(&self, arguments: &[&str]) -> std::process::Output {
        Command::new("tmux")
            .args(["-u", "-S", "socket", "-f", "/dev/null"])
            .args(arguments)
            .current_dir(self.at())
            .env("XDG_STATE_HOME", self.at())
            .env("XDG_DATA_HOME", self.at())
            .env("WARROOM_OPERATOR", "mara")
            .env_remove("TMUX")
            .output()
            .expect("this test needs the `tmux` program")
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p"]).stdout).into_owned()
    }

    fn until(&self, text: &str) {
        eventually(text, || self.screen().contains(text), || self.screen());
    }

    fn keys(&self, keys: &[&str]) {
        let mut arguments = vec!["send-keys"];
        arguments.extend(keys);
        assert!(self.tmux(&arguments).status.success());
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _gone = self.tmux(&["kill-server"]);
        let _killed = self.target.kill();
        let _reaped = self.target.wait();
    }
}

/// Looks until `seen`; a screen in tmux tells nobody that it changed.
fn eventually(what: &str, seen: impl Fn() -> bool, now: impl Fn() -> String) {
    let deadline = Instant::now() + PATIENCE;
    while !seen() {
        assert!(Instant::now() < deadline, "never saw {what}:\n{}", now());
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

#[test]
fn when_the_terminal_goes_away_it_ends_as_hung_up_and_what_was_written_stays() {
    // The shell stays to tell the status: it hears the hang-up too.
    let console = format!("{BINARY} --config config.toml --store room.db");
    let shell = format!("trap : HUP; {console} & echo $! > pid; fg; echo $? > status");
    let tmux = Tmux::start(&format!("bash --norc -mc '{shell}'"));
    tmux.until("chat-backend");
    tmux.keys(&[":", "note held by hand", "Enter"]);
    let journal = |more: &[&str]| {
        Command::new(BINARY)
            .args(["--config", "config.toml", "--store", "room.db", "journal"])
            .args(more)
            .current_dir(tmux.at())
            .output()
            .expect("it runs")
    };
    let written = || String::from_utf8_lossy(&journal(&[]).stdout).contains("held by hand");
    eventually("the note in the journal", written, || tmux.screen());
    let pid = std::fs::read_to_string(tmux.at().join("pid")).expect("its id").trim().to_owned();
    assert!(tmux.tmux(&["kill-session"]).status.success());

    let status = tmux.at().join("status");
    let read = || std::fs::read_to_string(&status).unwrap_or_default();
    eventually("its exit status", || !read().is_empty(), || "no status".to_owned());
    assert_eq!(read().trim(), "129");
    let alive = Command::new("kill").args(["-0", &pid]).stderr(Stdio::null()).status().expect("kill runs");
    assert!(!alive.success(), "nothing is left that could spin");
    let verified = journal(&["--verify"]);
    let text = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{text}{}", String::from_utf8_lossy(&verified.stderr));
    assert!(std::fs::metadata(tmux.at().join("room.db")).is_ok_and(|db| db.len() > 0));
    assert!(written(), "the note is still there");
}

#[test]
fn ctrl_z_gives_the_shell_back_and_fg_the_room() {
    let tmux = Tmux::start("env PS1='prompt> ' bash --norc --noprofile -i");
    tmux.until("prompt>");
    tmux.keys(&[&format!("{BINARY} --config config.toml --store room.db"), "Enter"]);
    tmux.until("chat-backend");
    tmux.until("journal ✓");
    tmux.keys(&["C-z"]);
    tmux.until("Stopped");
    assert!(!tmux.screen().contains("Rollback triggers"), "the shell's own screen:\n{}", tmux.screen());
    tmux.keys(&["echo here $((40 + 2))", "Enter"]);
    tmux.until("here 42");
    tmux.keys(&["fg", "Enter"]);
    tmux.until("Rollback triggers");
    tmux.keys(&["?"]);
    tmux.until("Everywhere");
    tmux.keys(&["Escape"]);
    eventually("the room without the help", || !tmux.screen().contains("Everywhere"), || tmux.screen());
    tmux.keys(&["q"]);
    // The shell's own: the screen has earlier prompts, and what is typed while the program ends is nobody's.
    let asks = || tmux.screen().trim_end().lines().last().is_some_and(|line| line.trim() == "prompt>");
    eventually("a prompt", asks, || tmux.screen());
    tmux.keys(&["echo left with $?", "Enter"]);
    tmux.until("left with 0");
}
