//! The program's own log: to a file, never to the terminal, which belongs to the screen.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use tracing_subscriber::EnvFilter;

/// Starts logging to `path`, appending. `WARROOM_LOG` sets the level (default `info`).
///
/// # Errors
/// The file cannot be opened for appending.
pub fn start(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let filter = EnvFilter::try_from_env("WARROOM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::sync::Arc::new(file));
    // A second start in one process keeps the first log: nothing is lost by it.
    let _ = subscriber.try_init();
    Ok(())
}
