//! Environments to compare: the services of a config on Cloud Run, read once each. Nothing else of that room is watched, and
//! nothing of it is acted on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::clients::cloud_run::{ApiError, Client};
use crate::clock;
use crate::config::{self, Overrides};
use crate::domain::comparison::Environment;
use crate::domain::{Clean, Room, Traffic};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// How often the other environment is read: it is compared, not watched.
const EVERY: Duration = Duration::from_mins(1);

/// Reads the other environment for ever.
pub async fn run(path: PathBuf, lanes: Lanes) {
    loop {
        let read = read_config(&path).await;
        let told = Msg::EnvironmentRead { environment: Box::new(read), at: clock::now().wall };
        if lanes.data.send(told).await.is_err() {
            return;
        }
        sleep(EVERY).await;
    }
}

/// Reads the environment of the config at `path`, which may be unusable, or name no service on Cloud Run.
async fn read_config(path: &Path) -> Result<Environment, Clean> {
    let loaded = config::load(Some(path), &Overrides::default());
    let loaded = loaded.map_err(|error| Clean::new(&error.to_string()))?;
    let environment = read(&loaded.room).await;
    if environment.services.is_empty() {
        return Err(Clean::new(&format!("{} names no service on Cloud Run", path.display())));
    }
    Ok(environment)
}

/// Reads the services of `room`, all at once.
pub async fn read(room: &Room) -> Environment {
    let mut reads = JoinSet::new();
    let on_cloud = room.services.iter().filter_map(|it| Some((it.name.clone(), it.cloud_run.as_ref()?)));
    for (at, (name, spec)) in on_cloud.enumerate() {
        let client = Client::new(spec);
        reads.spawn(async move { (at, name, traffic(&client).await) });
    }
    let mut services = reads.join_all().await;
    services.sort_by_key(|(at, ..)| *at);
    let told = |(_, name, read): (usize, String, Result<Traffic, ApiError>)| {
        (name, read.map_err(|error| Clean::new(&error.to_string())))
    };
    let services = services.into_iter().map(told).collect();
    Environment { name: Clean::new(&room.environment.name), services }
}

async fn traffic(client: &Client) -> Result<Traffic, ApiError> {
    let traffic = client.service().await?;
    Ok(Traffic { revisions: client.revisions().await?, ..traffic })
}
