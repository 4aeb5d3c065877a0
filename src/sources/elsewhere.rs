//! The journal of another room, whose rollout of the same image must have been completed first: its records of rollouts,
//! read again whenever the file changes. It is never written to.

use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio::time::{sleep, timeout};

use crate::domain::room::Elsewhere;
use crate::domain::{Clean, Entry, Record};
use crate::journal::{ErrorKind, Store, StoreError};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// How long one reading may take.
const READ: Duration = Duration::from_secs(10);

/// What tells that a store changed: times and sizes of its file and its log.
type Trace = [Option<(SystemTime, u64)>; 2];

/// Watches the journal for ever.
pub async fn run(of: Elsewhere, lanes: Lanes) {
    let mut known: Option<Trace> = None;
    loop {
        let trace = trace(&of.path);
        if known != Some(trace) {
            let read = read(&of.path).await;
            // What could not be read is tried again at the next look.
            known = read.is_ok().then_some(trace);
            let (records, problem) = match read {
                Ok(records) => (records, None),
                Err(why) => (Vec::new(), Some(why)),
            };
            if lanes.data.send(Msg::ElsewhereRead { records, problem }).await.is_err() {
                return;
            }
        }
        sleep(LOOK).await;
    }
}

/// The records of rollouts in the journal at `path`, oldest first.
pub async fn read(path: &Path) -> Result<Vec<Record>, Clean> {
    let look = async {
        let mut store = Store::read(path).await?;
        let records = store.since(0).await?;
        store.close().await;
        Ok(records)
    };
    let read = timeout(READ, look).await.map_err(|_late| Clean::new("reading it took too long"))?;
    let mut records = read.map_err(|error: StoreError| {
        let missing = "there is no journal; check requires_evidence_from, or begin a rollout there first";
        Clean::new(&if error.kind == ErrorKind::Missing { missing.to_owned() } else { error.to_string() })
    })?;
    records.retain(|record| {
        matches!(
            record.entry,
            Entry::RolloutBegan { .. }
                | Entry::Candidate { .. }
                | Entry::T0 { .. }
                | Entry::RolloutEnded { .. }
        )
    });
    Ok(records)
}

fn trace(path: &Path) -> Trace {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [path, Path::new(&log)].map(|path| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.modified().ok()?, about.len()))
    })
}
