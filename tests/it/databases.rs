//! Databases that answer and refuse: why stands where they are shown to fail, and what to do.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;

use crate::cli::{room, said};
use crate::probes::{new_cluster, postgres_of};
use crate::pty::Terminal;
use crate::servers::{Server, free_port};

/// A `PostgreSQL` and a Redis that ask for a password, their ports, and the folder of the first.
async fn databases() -> ([Server; 2], [u16; 2], TempDir) {
    let password = tempfile::NamedTempFile::new_in("/tmp").expect("a file");
    std::fs::write(password.path(), "right\n").expect("written");
    std::fs::set_permissions(password.path(), PermissionsExt::from_mode(0o644)).expect("readable");
    let file = password.path().to_str().expect("a path");
    let dir = new_cluster(&["-A", "scram-sha-256", "--pwfile", file]);
    let (postgres, at) = loop {
        let port = free_port();
        let mut server = postgres_of(dir.path(), port);
        if server.listens(port).await {
            break (server, port);
        }
    };
    loop {
        let port = free_port();
        let options = ["--bind", "127.0.0.1", "--save", "", "--requirepass", "s3cret", "--port"];
        let mut redis = Server::start(Command::new("redis-server").args(options).arg(port.to_string()));
        if redis.listens(port).await {
            return ([postgres, redis], [at, port], dir);
        }
    }
}

#[tokio::test]
async fn why_a_database_refuses_is_said_by_its_row_its_page_and_the_doctor() {
    let (_servers, [at, cache], _dir) = databases().await;
    let probes = [
        ("login", "postgres", format!("postgres://postgres:wrong@127.0.0.1:{at}/postgres")),
        ("missing", "postgres", format!("postgres://postgres:right@127.0.0.1:{at}/nowhere")),
        ("cache", "redis", format!("redis://127.0.0.1:{cache}/0")),
    ];
    let config = |probes: &[(&str, &str, String)]| {
        let mut text = "[[service]]\nname = \"api\"\n".to_owned();
        for (name, kind, _) in probes {
            let _fits = writeln!(
                text,
                "[[service.health]]\nname = \"{name}\"\nkind = \"{kind}\"\nurl = {{ file = \"{name}\" }}"
            );
        }
        text
    };
    let room = room(&config(&probes));
    for (name, _, url) in &probes {
        std::fs::write(room.path().join(name), url).expect("written");
    }
    let whys = [
        ("login", "password authentication failed for user \"postgres\"", "check user and password"),
        ("missing", "database \"nowhere\" does not exist", "check the database's name"),
        ("cache", "NOAUTH", "check user and password"),
    ];
    let (out, _, _) = said(room.path(), &["doctor"]);
    for (name, why, next) in whys {
        let told = out.lines().skip_while(|line| !line.contains(name)).take(2).collect::<String>();
        assert!(told.contains(why) && told.contains(next), "{name}: {out}");
        assert!(!told.contains("it answers"), "{out}");
    }
    assert!(!out.contains("wrong@") && !out.contains("s3cret"), "{out}");

    for (name, why, _) in whys {
        let only: Vec<_> = probes.iter().filter(|(probe, ..)| *probe == name).cloned().collect();
        std::fs::write(room.path().join("config.toml"), config(&only)).expect("written");
        let mut terminal = Terminal::start(&[], room.path(), 160, 48);
        terminal.until(&format!("{name}: {}", &why[..6]));
        let screen = terminal.screen.screen().contents();
        let row = screen.lines().any(|line| line.contains(name) && line.contains(" err "));
        assert!(row, "no good answer: {screen}");
        terminal.signal("TERM");
    }
}
