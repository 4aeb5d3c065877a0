//! The dashboards that were edited at an earlier time, read once.

use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;

use crate::config::dashboards;
use crate::domain::dashboard::SHOWN;
use crate::domain::{Clean, Dashboard};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// More than any such file has.
const MOST: u64 = 128 * 1024;

/// More than any name has.
const LONGEST_NAME: u64 = 256;

/// Reads the file at `path` and tells of it; without one none was edited.
pub async fn run(path: PathBuf, lanes: Lanes) {
    let shown = shown(&path).await;
    let (dashboards, problem) = match read(&path).await {
        Ok(None) if shown.is_none() => return,
        Ok(dashboards) => (dashboards.unwrap_or_default(), None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    // A closed lane means that the room was left already.
    let _ = lanes.control.send(Msg::DashboardsRead { dashboards, problem, shown }).await;
}

/// The name of the one that was shown last.
async fn shown(path: &Path) -> Option<String> {
    let file = tokio::fs::File::open(path.with_extension(SHOWN)).await.ok()?;
    let mut name = String::new();
    file.take(LONGEST_NAME).read_to_string(&mut name).await.ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
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
