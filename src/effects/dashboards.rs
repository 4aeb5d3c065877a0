//! Keeps the dashboards that were edited: a file for each room in the platform's state directory, in the form of the config,
//! so that a person can read it, and paste it there. It is replaced as a whole, or not at all.

use std::path::{Path, PathBuf};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::domain::dashboard::SHOWN;
use crate::domain::{Clean, Dashboard};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// Asks for dashboards to be kept.
#[derive(Debug)]
pub struct Dashboards {
    edited: watch::Sender<Vec<Dashboard>>,
    shown: watch::Sender<String>,
}

impl Dashboards {
    /// Writes them soon; what is asked for while some are written replaces what waits.
    pub fn save(&self, dashboards: Vec<Dashboard>) {
        // Nobody is left to write them when the room is being left.
        let _ended = self.edited.send(dashboards);
    }

    /// Remembers which one is shown, to be shown again.
    pub fn show(&self, name: String) {
        let _ended = self.shown.send(name);
    }
}

/// Starts what writes the file at `path` in `set`, and answers each time; it ends with what asks for it.
pub fn spawn(set: &mut JoinSet<()>, path: PathBuf, lanes: Lanes) -> Dashboards {
    let (edited, mut asked) = watch::channel(Vec::new());
    let (shown, mut chosen) = watch::channel(String::new());
    let beside = path.with_extension(SHOWN);
    set.spawn(async move {
        while chosen.changed().await.is_ok() {
            let name = chosen.borrow_and_update().clone();
            // It is for comfort alone.
            if let Err(error) = replace(&beside, &name).await {
                tracing::warn!(path = %beside.display(), %error, "the dashboard is not remembered");
            }
        }
    });
    set.spawn(async move {
        while asked.changed().await.is_ok() {
            let dashboards = asked.borrow_and_update().clone();
            let outcome = write(&path, &dashboards).await;
            let problem = outcome.err().map(|error| Clean::new(&format!("{}: {error}", path.display())));
            // A full or closed lane means that nobody reads answers any more.
            let _unread = lanes.control.try_send(Msg::DashboardsSaved { problem });
        }
    });
    Dashboards { edited, shown }
}

async fn write(path: &Path, dashboards: &[Dashboard]) -> std::io::Result<()> {
    let head = "# Dashboards that were edited in a console. They go over those of the config by their names;\n\
                # remove one here to have the config's again, or paste it there to have it everywhere.\n\n";
    let text: Vec<String> = dashboards.iter().map(Dashboard::toml).collect();
    replace(path, &format!("{head}{}", text.join("\n"))).await
}

async fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    // Beside one stem lie two files.
    let mut new = path.as_os_str().to_owned();
    new.push(format!(".new-{}", std::process::id()));
    tokio::fs::write(&new, text).await?;
    tokio::fs::rename(new, path).await
}
