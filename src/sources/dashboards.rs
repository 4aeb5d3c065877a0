//! The dashboards that were edited at an earlier time, read once.

use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;

use crate::config::dashboards;
use crate::domain::{Clean, Dashboard};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// More than any such file has.
const MOST: u64 = 128 * 1024;

/// Reads the file at `path` and tells of it; without one none was edited.
pub async fn run(path: PathBuf, lanes: Lanes) {
    let (dashboards, problem) = match read(&path).await {
        Ok(None) => return,
        Ok(Some(dashboards)) => (dashboards, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    // A closed lane means that the room was left already.
    let _ = lanes.control.send(Msg::DashboardsRead { dashboards, problem }).await;
}

/// What the file holds; nothing where there is none.
///
/// # Errors
/// What is wrong with it, with its place.
pub async fn read(path: &Path) -> Result<Option<Vec<Dashboard>>, Clean> {
    let wrong = |why: &str| Clean::new(&format!("{}: {why}", path.display()));
    let file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(&error.to_string())),
    };
    let mut text = String::new();
    let read = file.take(MOST + 1).read_to_string(&mut text).await;
    read.map_err(|error| wrong(&error.to_string()))?;
    if text.len() as u64 > MOST {
        return Err(wrong("it is larger than 128 kB"));
    }
    match dashboards::parse(&text) {
        Ok(dashboards) => Ok(Some(dashboards)),
        Err(problems) => {
            let first = problems.first();
            let told = first.map(|it| format!("line {}: {}; {}", it.line, it.what, it.next));
            Err(wrong(&told.unwrap_or_default()))
        }
    }
}
