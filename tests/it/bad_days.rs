//! Bad days of the whole program: the real binary on a real terminal, against a target and a disk that do their worst.

use std::net::TcpListener;

use crate::pty::Terminal;

#[test]
fn over_a_damaged_journal_the_room_is_watched_and_the_damage_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("room.db"), [7_u8; 20_000]).expect("written");
    let args = ["--store", "room.db", "demo", "--scenario", "healthy"];
    let mut terminal = Terminal::start(&args, folder.path(), 120, 40);
    terminal.wait("the damage, and panels that live", |screen| {
        screen.contains("✗ cannot be written: damaged")
            && screen.contains("cannot be written: damaged: ")
            && screen.contains("7 Health ✓ 3/3")
            && screen.contains("live 0s")
    });
    assert!(terminal.text().contains("✗ journal cannot be written"), "{}", terminal.text());
    assert_eq!(terminal.leave(), 0);
    assert!(terminal.restored());
}

#[test]
fn with_everything_down_at_the_start_the_room_opens_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let config = format!(
        "[room]\nname = \"dark\"\n[[service]]\nname = \"api\"\n[[service.health]]\nname = \"up\"\n\
         url = \"http://{nobody}/health\"\n[service.events]\nurl = \"ws://{nobody}/ws\"\n[service.metrics]\n\
         url = \"http://{nobody}/metrics\"\n[service.cloud_run]\nproject = \"p\"\nregion = \"r\"\nservice = \"api\"\n\
         endpoint = \"http://{nobody}\"\ntoken = {{ file = \"token\" }}\n"
    );
    std::fs::write(folder.path().join("config.toml"), config).expect("written");
    std::fs::write(folder.path().join("token"), "t").expect("written");
    let mut terminal = Terminal::start(&["--store", "room.db"], folder.path(), 120, 40);
    terminal.wait("what is down", |screen| {
        screen.contains("? HOLD") && screen.contains("0/4 live") && screen.contains("connection refused")
    });
    assert!(!terminal.text().contains("✓ GO"), "{}", terminal.text());
    assert_eq!(terminal.leave(), 0);
    assert!(terminal.restored());
}
