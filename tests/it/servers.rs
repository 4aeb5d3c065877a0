//! Real servers that tests start: on a free port, ended with the test.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::pty::PATIENCE;

/// A running server.
pub struct Server(Child);

impl Server {
    /// Starts `command`, whose output is of no interest.
    pub fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("this test needs the `{program}` program: {error}")))
    }

    /// Waits until it listens. `false`: it ended, since somebody took the port in between; try another.
    pub async fn listens(&mut self, port: u16) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if self.0.try_wait().expect("a child").is_some() {
                return false;
            }
            assert!(Instant::now() < deadline, "it never listened on {port}");
            // Between two looks at the condition.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").port()
}
