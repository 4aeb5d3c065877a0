//! The program's own log: to a file, never to the terminal, which belongs to the screen.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging to `path`, appending. `WARROOM_LOG` sets the level of the program's own lines: `error`, `warn`, `info`
/// (the default), `debug` or `trace`. Libraries only warn, whatever it says: at finer levels they write what they
/// send, secrets among it.
///
/// # Errors
/// The file cannot be opened for appending.
pub fn start(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let level =
        std::env::var("WARROOM_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let filter = EnvFilter::new(format!("warn,warroom={level}"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::sync::Arc::new(file));
    // A second start in one process keeps the first log: nothing is lost by it.
    let _ = subscriber.try_init();
    Ok(())
}
