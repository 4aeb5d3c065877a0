//! The processes of a run: those of its session, and those that left the session and still carry its mark.

use std::time::Duration;

use tokio::time::sleep;

use crate::clock;
use crate::domain::run::{MARK, RunId};

/// How long a session that was asked to end may take before it is killed.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// What to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Please end.
    Term,
    /// End.
    Kill,
}

/// Which processes are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those in the session of a run of this console: what the shell left behind in the background.
    Session,
    /// Also those of it that made a session of their own (daemons), by their mark.
    All,
    /// Of another console, long ago: its session only if a process in it has the mark, for the number may have gone to
    /// somebody else.
    Orphan,
}

/// TERM to all of it, and KILL to what is left after five seconds.
pub(super) async fn end(pid: u32, run: &RunId, reach: Reach) {
    let ask = |signal| {
        let run = run.clone();
        let sent = tokio::task::spawn_blocking(move || self::send(pid, &run, reach, signal));
        async move { sent.await.unwrap_or(0) }
    };
    if ask(Signal::Term).await == 0 {
        return;
    }
    let until = clock::mono().after(GRACE);
    let mut pause = Duration::from_millis(20);
    while clock::mono() < until {
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
        let run = run.clone();
        let left = tokio::task::spawn_blocking(move || count(pid, &run, reach)).await;
        if left.is_ok_and(|left| left == 0) {
            return;
        }
    }
    // What is born while the list is made, and what still dies, is looked for again.
    for _ in 0..20 {
        if ask(Signal::Kill).await == 0 {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Sends `signal` to the processes of the run whose session `pid` leads; how many there were.
#[cfg(unix)]
pub(super) fn send(pid: u32, run: &RunId, reach: Reach, signal: Signal) -> usize {
    use rustix::process::{Pid, Signal as Sig, kill_process, kill_process_group};
    let sig = match signal {
        Signal::Term => Sig::TERM,
        Signal::Kill => Sig::KILL,
    };
    let leader = i32::try_from(pid).ok().filter(|pid| *pid > 1).and_then(Pid::from_raw);
    let members = members(pid, run, reach);
    // Where processes cannot be listed, the group is what is known.
    let group = leader.filter(|_| members.is_none());
    let mut sent = usize::from(group.is_some_and(|leader| kill_process_group(leader, sig).is_ok()));
    for member in members.into_iter().flatten() {
        let member = i32::try_from(member).ok().and_then(Pid::from_raw);
        sent += usize::from(member.is_some_and(|member| kill_process(member, sig).is_ok()));
    }
    sent
}

/// There are no sessions here.
#[cfg(not(unix))]
pub(super) fn send(_pid: u32, _run: &RunId, _reach: Reach, _signal: Signal) -> usize {
    0
}

/// How many processes of the run are left; where they cannot be listed, 1 if there are any.
#[cfg(unix)]
pub(super) fn count(pid: u32, run: &RunId, reach: Reach) -> usize {
    members(pid, run, reach).map_or_else(
        || {
            let leader = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
            let alive = leader.is_some_and(|leader| rustix::process::test_kill_process_group(leader).is_ok());
            usize::from(alive)
        },
        |members| members.len(),
    )
}

/// Nothing runs here.
#[cfg(not(unix))]
pub(super) fn count(_pid: u32, _run: &RunId, _reach: Reach) -> usize {
    0
}

/// Whether a process with this id exists.
#[cfg(unix)]
pub(super) fn exists(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let asked = pid.map(rustix::process::test_kill_process);
    // One that may not be asked is there; one that ended and that nobody took leave of is not.
    let there = matches!(asked, Some(Ok(()) | Err(rustix::io::Errno::PERM)));
    there
        && (!cfg!(target_os = "linux")
            || pid.is_some_and(|pid| session_of(pid.as_raw_nonzero().get().cast_unsigned()).is_some()))
}

/// Nothing is known here.
#[cfg(not(unix))]
pub(super) fn exists(_pid: u32) -> bool {
    false
}

/// The living processes of a run; `None`: this system does not list processes under `/proc`.
#[cfg(unix)]
fn members(pid: u32, run: &RunId, reach: Reach) -> Option<Vec<u32>> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mark = format!("{MARK}={}", run.0);
    let is_marked = |id: u32| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    let own = std::process::id();
    let ids = std::fs::read_dir("/proc").ok()?.flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let living = ids.filter(|id| *id != own && *id > 1).filter_map(|id| Some((id, session_of(id)?)));
    let (inside, outside): (Vec<_>, Vec<_>) = living.partition(|(_, session)| *session == pid && pid > 1);
    let mut found: Vec<u32> = inside.into_iter().map(|(id, _)| id).collect();
    if reach == Reach::Orphan && !found.iter().any(|id| is_marked(*id)) {
        found.clear();
    }
    if reach != Reach::Session {
        found.extend(outside.into_iter().map(|(id, _)| id).filter(|id| is_marked(*id)));
    }
    Some(found)
}

/// The session of a process that lives, as `/proc/PID/stat` tells it (proc(5): state, parent, group, session after the
/// name in brackets).
#[cfg(unix)]
fn session_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    (state != "Z" && state != "X").then(|| fields.nth(2)?.parse().ok())?
}
