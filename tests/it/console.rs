//! The console on a real terminal, on the simulated target.

use std::process::Command;

use super::pty::Terminal;

fn demo(scenario: &str, columns: u16, rows: u16) -> (tempfile::TempDir, Terminal) {
    let folder = tempfile::tempdir().expect("a folder");
    let terminal = Terminal::start(&["demo", "--scenario", scenario], folder.path(), columns, rows);
    (folder, terminal)
}

#[test]
fn the_demo_opens_a_room_and_quits() {
    let (_folder, mut terminal) = demo("healthy", 160, 48);
    terminal.until("PRODUCTION");
    terminal.until("chat-backend");
    terminal.wait("a verdict", |screen| screen.contains("HOLD") || screen.contains("GO"));
    assert_eq!(terminal.leave(), 0);
    assert!(terminal.restored(), "the terminal is given back");
}

#[test]
fn signals_end_it_with_their_status_and_give_the_terminal_back() {
    for (signal, status) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let (_folder, mut terminal) = demo("healthy", 100, 30);
        terminal.until("chat-backend");
        terminal.signal(signal);
        assert_eq!(terminal.status(), status, "after SIG{signal}");
        assert!(terminal.restored(), "after SIG{signal}");
    }
}

#[test]
fn ctrl_c_interrupts_also_over_a_dialog() {
    let (_folder, mut terminal) = demo("healthy", 120, 40);
    terminal.until("chat-backend");
    terminal.press("?");
    terminal.until("Everywhere");
    terminal.press("\x03");
    assert_eq!(terminal.status(), 130);
    assert!(terminal.restored());
}

#[test]
fn it_lives_through_every_size() {
    let (_folder, mut terminal) = demo("healthy", 160, 48);
    terminal.until("chat-backend");
    for (columns, rows) in [(1, 1), (11, 2), (40, 10), (80, 24), (120, 40), (200, 60)] {
        terminal.resized(columns, rows);
        let text = terminal.text();
        assert!(columns < 12 || text.contains("GO") || text.contains("HOLD"), "{columns}×{rows}:\n{text}");
    }
    assert_eq!(terminal.leave(), 0);
}

/// A window that is arranged while the program starts.
#[test]
fn a_size_that_changes_as_soon_as_there_is_a_screen_is_drawn() {
    for _ in 0..8 {
        let (_folder, mut terminal) = demo("healthy", 120, 40);
        terminal.wait_for("the first frame", |terminal| terminal.text().contains("warroom"));
        terminal.resized(80, 24);
        assert_eq!(terminal.leave(), 0);
    }
}

/// A key right behind a change of size, while the machine is busy: both are seen, each time.
#[test]
fn no_key_and_no_size_is_lost_when_both_come_at_once() {
    let (_folder, mut terminal) = demo("healthy", 100, 30);
    terminal.until("chat-backend");
    // A whole frame without the help: its last row is drawn last.
    let overview = |rows: usize| {
        move |screen: &str| {
            let last = screen.lines().nth(rows - 1);
            last.is_some_and(|row| row.contains("journal")) && !screen.contains("Everywhere")
        }
    };
    for round in 0..40_u16 {
        let columns = 100 + round % 2;
        terminal.resize(columns, 30);
        terminal.press("?");
        terminal.until("Everywhere");
        terminal.press("\x1b");
        terminal.wait("all 30 rows without the help", overview(30));
        // Stopped, it finds both waiting when it goes on.
        terminal.signal("STOP");
        terminal.resize(columns, 24);
        terminal.press("?");
        terminal.signal("CONT");
        terminal.until("Everywhere");
        terminal.press("\x1b");
        terminal.wait("all 24 rows without the help", overview(24));
    }
    assert_eq!(terminal.leave(), 0);
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() {
    let (_folder, mut terminal) = demo("healthy", 120, 40);
    terminal.until("chat-backend");
    terminal.press("\x1a");
    terminal.wait_for("the shell's screen", Terminal::restored);
    assert!(!terminal.text().contains("chat-backend"), "{}", terminal.text());
    terminal.stopped();
    terminal.signal("CONT");
    terminal.until("chat-backend");
    assert_eq!(terminal.leave(), 0);
}

/// A stopped program is not told of a change of size: its terminal tells only who is in the foreground.
#[test]
fn after_fg_it_draws_in_the_size_that_the_window_has_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::shell(folder.path(), 120, 40);
    terminal.press("\"$BINARIES/warroom\" demo --scenario healthy\r");
    terminal.until("chat-backend");
    terminal.press("\x1a");
    terminal.until("Stopped");
    terminal.resize(80, 24);
    terminal.press("fg\r");
    // What is drawn where eighty columns are all there is.
    terminal.until("╭─ Room ─");
    terminal.press("q");
    terminal.wait_for("the shell's screen", Terminal::restored);
    terminal.wait("its prompt", |screen| screen.trim_end().ends_with(['#', '$']));
    terminal.press("exit\r");
    assert_eq!(terminal.status(), 0);
}

#[test]
fn the_stop_signal_of_another_program_gives_the_terminal_back_too() {
    let (_folder, mut terminal) = demo("healthy", 120, 40);
    terminal.until("chat-backend");
    terminal.signal("TSTP");
    terminal.wait("the shell's screen", |screen| !screen.contains("chat-backend"));
    assert!(terminal.restored());
    terminal.signal("CONT");
    terminal.until("chat-backend");
    assert_eq!(terminal.leave(), 0);
}

/// The whole way by hand: wait for ROLL BACK, type it, watch it become effective; the story tells it.
#[test]
fn a_bad_canary_is_rolled_back_in_fewer_than_25_keys() {
    let (_folder, mut terminal) = demo("bad-canary", 160, 48);
    terminal.until("ROLL BACK");
    terminal.press("R");
    terminal.until("Cancel");
    terminal.type_word("00417");
    terminal.press("\r");
    assert!(terminal.pressed < 25, "{} keys", terminal.pressed);
    terminal.until("✓ EFFECTIVE");
    terminal.press("\x1b");
    terminal.wait("a better verdict", |screen| {
        !screen.lines().nth(1).is_some_and(|line| line.contains("ROLL BACK"))
    });
    terminal.signal("TERM");
    assert_eq!(terminal.status(), 143);
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_warroom"))
        .args(["--config", "missing.toml"])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("missing.toml") && text.contains("next:"), "{text}");
}

/// The simulated target in a process of its own; ended with the test.
pub(crate) struct Target(std::process::Child);

impl Target {
    pub(crate) fn start(folder: &std::path::Path) -> Self {
        let args =
            ["demo", "--target-only", "--speed", "10", "--write-config", "c.toml", "--ports-file", "p.json"];
        let child = Command::new(env!("CARGO_BIN_EXE_warroom"))
            .args(args)
            .current_dir(folder)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        let deadline = std::time::Instant::now() + crate::pty::PATIENCE;
        while !folder.join("p.json").exists() || !folder.join("c.toml").exists() {
            assert!(std::time::Instant::now() < deadline, "the target never wrote its files");
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
        Self(child)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ctrl_c_and_anything_but_the_word_leave_the_question_of_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let _target = Target::start(folder.path());
    let args = ["--config", "c.toml", "--store", "s.db", "rollback", "chat-backend", "--to", "00416"];
    for (keys, status) in [("\x03", 130), ("yes\r", 1), ("\x04", 1)] {
        let mut terminal = Terminal::start(&args, folder.path(), 100, 24);
        terminal.until("anything else cancels");
        terminal.press(keys);
        assert_eq!(terminal.status(), status, "{keys:?}: {}", terminal.text());
        assert!(terminal.text().contains("nothing was sent"), "{}", terminal.text());
    }
}

/// On whatever thread, in the middle of a room: no half of a program goes on.
#[test]
fn a_panic_on_any_thread_gives_the_terminal_back_and_ends_it_with_101() {
    for place in ["task", "thread"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (fault, log) = (folder.path().join("fault"), folder.path().join("log"));
        let log_arg = log.to_string_lossy().into_owned();
        let args = ["--log", &log_arg, "demo", "--scenario", "healthy"];
        let mut terminal = Terminal::start_with(&args, folder.path(), &[("WARROOM_FAULT", &fault)]);
        terminal.until("chat-backend");
        std::fs::write(&fault, format!("{place} it broke \x1b]0;here")).expect("a file");
        assert_eq!(terminal.status(), 101, "{place}:\n{}", terminal.text());
        assert!(terminal.restored(), "{place}");
        let raw = String::from_utf8_lossy(&terminal.raw).into_owned();
        assert_eq!(raw.matches("\x1b[?1049l").count(), 1, "{place}: given back once");
        let (_, after) = raw.split_once("\x1b[?1049l").expect("given back");
        assert!(after.contains("it broke ·]0;here") && !after.contains("\x1b]"), "{place}: {after:?}");
        assert!(!after.contains("\x1b[?2026h"), "{place}: nothing is painted over it: {after:?}");
        let log = std::fs::read_to_string(&log).expect("the log");
        assert!(
            log.lines().any(|line| line.contains("ERROR") && line.contains("it broke ·]0;here")),
            "{log}"
        );
    }
}

#[test]
fn what_may_break_alone_leaves_the_room_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (fault, log) = (folder.path().join("fault"), folder.path().join("log"));
    let log_arg = log.to_string_lossy().into_owned();
    std::fs::write(&fault, "contained it broke").expect("a file");
    let args = ["--log", &log_arg, "demo", "--scenario", "healthy"];
    let mut terminal = Terminal::start_with(&args, folder.path(), &[("WARROOM_FAULT", &fault)]);
    terminal.wait_for("the fault in the log", |_| {
        std::fs::read_to_string(&log).is_ok_and(|log| log.contains("it broke; the program goes on"))
    });
    terminal.press("?");
    terminal.until("Everywhere");
    assert!(terminal.screen.screen().alternate_screen());
    terminal.press("\u{1b}");
    terminal.gone("Everywhere");
    assert_eq!(terminal.leave(), 0);
}
