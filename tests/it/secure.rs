//! Targets behind TLS: a certificate that the system trusts is used, another one is refused and named.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::pty::PATIENCE;

/// A child that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts"))
    }

    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        let output = self.0.stdout.take().expect("piped");
        BufReader::new(output).lines().map_while(Result::ok)
    }
}

/// Watches a service whose certificate is `wrong` until `seen` says so of a snapshot.
fn watch(wrong: &str, seen: impl Fn(&Value) -> bool) {
    let dir = tempfile::tempdir().expect("dir");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/secure.py");
    let mut server = Running::start(Command::new("python3").arg(script).arg(dir.path()).arg(wrong));
    let port = server.lines().next().expect("its port (tests/all installs what the script imports)");
    let mut console = Running::start(&mut console(&dir, &port));
    let deadline = Instant::now() + PATIENCE;
    let mut last = String::new();
    for line in console.lines() {
        if seen(&serde_json::from_str(&line).expect("JSON")) {
            return;
        }
        last = line;
        assert!(Instant::now() < deadline, "never seen: {last}");
    }
    panic!("the console ended: {last}");
}

fn console(dir: &TempDir, port: &str) -> Command {
    let config = format!(
        "[room]\nname = \"tls\"\n[[service]]\nname = \"api\"\n[[service.health]]\nname = \"up\"\ninterval = \"1s\"\n\
         url = \"https://localhost:{port}/health\"\n[service.events]\nurl = \"wss://localhost:{port}/\"\n"
    );
    let file = dir.path().join("config.toml");
    std::fs::write(&file, config).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(["watch", "--json", "--config"]).arg(file).arg("--store").arg(dir.path().join("journal.db"));
    command.env("SSL_CERT_FILE", dir.path().join("ca.pem")).env_remove("SSL_CERT_DIR");
    command
}

fn link<'a>(snapshot: &'a Value, source: &str) -> (&'a str, &'a str) {
    let links = snapshot["links"].as_array().expect("links");
    let link = links.iter().find(|link| link["source"] == source).expect("the link");
    (link["state"].as_str().expect("state"), link["error"].as_str().unwrap_or(""))
}

#[test]
fn a_trusted_certificate_is_used_for_probes_and_streams() {
    watch("nothing", |snapshot| {
        let service = &snapshot["services"][0];
        let live =
            ["api probe up", "api event stream"].iter().all(|source| link(snapshot, source).0 == "live");
        live && service["health"][0]["ok"] == true && service["events"]["valid"].as_u64() > Some(0)
    });
}

#[test]
fn an_expired_certificate_is_refused_and_said() {
    watch("expired", |snapshot| {
        let both = ["api probe up", "api event stream"].map(|source| link(snapshot, source).1.to_lowercase());
        both.iter().all(|error| error.contains("certificate") && error.contains("expired"))
    });
}

#[test]
fn a_certificate_of_another_name_is_refused_and_said() {
    watch("name", |snapshot| {
        let both = ["api probe up", "api event stream"].map(|source| link(snapshot, source).1.to_lowercase());
        both.iter().all(|error| error.contains("not valid for name"))
    });
}
