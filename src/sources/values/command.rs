//! A command whose output is a number: in a session of its own, without input, bounded in time and in what it prints.

use std::path::Path;
use std::time::Duration;

use crate::domain::Clean;

/// So much of what it says on its standard error is looked at, in bytes.
#[cfg(unix)]
const COMPLAINT: u64 = 4096;

/// What the command prints; an error says what became of it, with the beginning of what it said of that.
#[cfg(unix)]
pub(super) async fn run(
    words: &[String],
    dir: &Path,
    limit: Duration,
    most: usize,
) -> Result<Vec<u8>, Clean> {
    use std::process::Stdio;

    use process_wrap::tokio::{CommandWrap, ProcessSession};
    use tokio::io::AsyncReadExt;

    let Some((program, arguments)) = words.split_first() else {
        return Err(Clean::new("no program is named"));
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).current_dir(dir).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut wrapped = CommandWrap::from(command);
    wrapped.wrap(ProcessSession);
    let spawned = wrapped.spawn();
    let mut child = spawned.map_err(|error| Clean::new(&format!("{program} cannot be started: {error}")))?;
    // From here on all of its session ends with this call, however that ends: also what it left behind.
    let _group = child.id().and_then(Group::led_by);
    let (stdout, stderr) = (child.stdout().take(), child.stderr().take());
    let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
        return Err(Clean::new("its output cannot be read"));
    };
    let work = async {
        let (mut said, mut complaint) = (Vec::new(), Vec::new());
        let mut stdout = stdout.take(most as u64 + 1);
        let mut stderr = stderr.take(COMPLAINT);
        let told = async {
            stdout.read_to_end(&mut said).await.map_err(|error| error.to_string())?;
            if said.len() > most { Err("it prints more than 1 MB".to_owned()) } else { Ok(()) }
        };
        // All of it is read away, so that a command which complains at length can end.
        let complained = async {
            let _unread = stderr.read_to_end(&mut complaint).await;
            let _unread = tokio::io::copy(&mut stderr.into_inner(), &mut tokio::io::sink()).await;
            Ok(())
        };
        tokio::try_join!(told, complained)?;
        let status = child.wait().await.map_err(|error| error.to_string())?;
        if status.success() {
            return Ok(said);
        }
        let complaint = String::from_utf8_lossy(&complaint);
        let first = complaint.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let first: String = first.chars().take(120).collect();
        Err(if first.is_empty() { format!("it ended with {status}") } else { format!("{status}: {first}") })
    };
    let outcome = tokio::time::timeout(limit, work).await;
    let why = match outcome {
        Ok(Ok(said)) => return Ok(said),
        Ok(Err(why)) => why,
        Err(_late) => format!("no answer in {} s", limit.as_secs_f32()),
    };
    let _ended_already = child.start_kill();
    let _reaped = tokio::time::timeout(Duration::from_secs(1), child.wait()).await;
    Err(Clean::new(&why))
}

/// The processes of a command. Dropped, it ends them all.
#[cfg(unix)]
struct Group(rustix::process::Pid);

#[cfg(unix)]
impl Group {
    fn led_by(leader: u32) -> Option<Self> {
        i32::try_from(leader).ok().and_then(rustix::process::Pid::from_raw).map(Self)
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        let _ended_already = rustix::process::kill_process_group(self.0, rustix::process::Signal::KILL);
    }
}

/// There are no sessions here to run it in.
#[cfg(not(unix))]
pub(super) async fn run(
    _words: &[String],
    _dir: &Path,
    _limit: Duration,
    _most: usize,
) -> Result<Vec<u8>, Clean> {
    std::future::ready(Err(Clean::new("commands are not run on this system"))).await
}
