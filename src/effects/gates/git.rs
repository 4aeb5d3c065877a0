//! What git says of the code that a gate ran on, and of what changed since. Only reading; bounded in time.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::domain::Clean;
use crate::domain::run::{Change, Guards, Repository, Watch};

use self::guarded::Found;

mod guarded;

pub use guarded::unknown;

/// How long git may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most guarded files that are looked at one by one.
const MOST: usize = 50;

/// Runs git in `dir`; its output, or why there is none.
async fn git(dir: &Path, words: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    // Nothing that the repository configures is run, nothing is asked, and nothing is written.
    command.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager"]);
    command.args(words).current_dir(dir).kill_on_drop(true);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let done = timeout(PATIENCE, command.output()).await;
    let output = done.map_err(|_late| "git took longer than 10 s".to_owned())?;
    let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next().unwrap_or("git failed").to_owned())
}

/// The repository around `dir` as it is now.
pub(super) async fn repository(dir: &Path, guards: &Guards) -> Repository {
    let Ok(commit) = git(dir, &["rev-parse", "--verify", "HEAD"]).await else { return Repository::default() };
    let status = git(dir, &["status", "--porcelain=v1", "--untracked-files=normal"]).await.ok();
    let unsaved = match top(dir).await {
        Ok(top) if !guards.paths.is_empty() => {
            let found = guarded::find(Path::new(&top), guards, None).await;
            unsaved(Path::new(&top), &found.specs).await.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Repository {
        commit: Some(commit.trim().to_owned()),
        dirty: status.map(|status| !status.trim().is_empty()),
        unsaved,
    }
}

/// Guarded files that differ from the commit, with the hash of what they hold.
async fn unsaved(top: &Path, specs: &[String]) -> Result<Vec<(String, String)>, String> {
    if specs.is_empty() {
        return Ok(Vec::new());
    }
    let mut words = vec!["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--"];
    words.extend(specs.iter().map(String::as_str));
    let status = git(top, &words).await?;
    let mut files = Vec::new();
    for path in
        status.split('\0').filter_map(|entry| entry.get(3..)).filter(|path| !path.is_empty()).take(MOST)
    {
        files.push((path.to_owned(), held(top, path).await));
    }
    Ok(files)
}

/// What a file of a submodule that is not committed there holds: not looked at, and so never the same.
const UNKNOWN: &str = "?";

/// The hash of what a file holds now.
async fn held(top: &Path, path: &str) -> String {
    if top.join(path).is_dir() {
        return UNKNOWN.to_owned();
    }
    let held = git(top, &["hash-object", "--no-filters", "--", path]).await;
    held.map_or_else(|_| "gone".to_owned(), |hash| hash.trim().to_owned())
}

async fn top(dir: &Path) -> Result<String, String> {
    Ok(git(dir, &["rev-parse", "--show-toplevel"]).await?.trim_end_matches('\n').to_owned())
}

/// What of the guarded paths is no longer what the gate passed on; and that some of them guard nothing, in words.
///
/// # Errors
/// It cannot be told: why.
pub async fn compare(watch: &Watch) -> Result<(Vec<Change>, Option<String>), String> {
    let Some(commit) = &watch.repository.commit else {
        return Err("the gate ran outside a repository: what changed since cannot be told".to_owned());
    };
    if commit.is_empty() || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("the record of the gate names no commit".to_owned());
    }
    let top = top(&watch.dir).await?;
    let top = Path::new(&top);
    let range = format!("{commit}..HEAD");
    let Found { specs, unknown } = guarded::find(top, &watch.guards, Some(commit)).await;
    let unknown = (!unknown.is_empty())
        .then(|| format!("{}: guards nothing, git knows no such file", unknown.join(", ")));
    if specs.is_empty() {
        return Ok((Vec::new(), unknown));
    }
    let of = |words: &[&'static str]| -> Vec<String> { words.iter().map(ToString::to_string).collect() };
    let mut diff = of(&["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"]);
    diff.extend([commit.clone(), "HEAD".to_owned(), "--".to_owned()]);
    diff.extend(specs.iter().cloned());
    let words: Vec<&str> = diff.iter().map(String::as_str).collect();
    let changed = git(top, &words).await.map_err(|why| gone(commit, &why))?;
    let mut changes = Vec::new();
    for path in changed.split('\0').filter(|path| !path.is_empty()).take(MOST) {
        let told = git(top, &["log", "-1", "--format=%h%x00%s", &range, "--", &guarded::literal(path)])
            .await
            .unwrap_or_default();
        let (short, subject) = told.trim_end().split_once('\0').unwrap_or(("another branch", ""));
        changes.push(Change {
            path: Clean::new(path),
            commit: Some(Clean::new(short)),
            subject: Clean::new(subject),
        });
    }
    let of = |path: &str, subject: &str| Change {
        path: Clean::new(path),
        commit: None,
        subject: Clean::new(subject),
    };
    for (path, hash) in unsaved(top, &specs).await? {
        let known = watch.repository.unsaved.iter().any(|known| known.0 == path && known.1 == hash);
        if !known || hash == UNKNOWN {
            changes.push(of(&path, "not committed"));
        }
    }
    // It passed on what these held, which no commit had.
    for (path, hash) in &watch.repository.unsaved {
        let told = |change: &Change| *change.path == **path;
        if hash != UNKNOWN && held(top, path).await == *hash {
            changes.retain(|change| !told(change));
        } else if !changes.iter().any(told) {
            changes.push(of(path, "not what it passed on"));
        }
    }
    Ok((changes, unknown))
}

fn gone(commit: &str, why: &str) -> String {
    let short: String = commit.chars().take(10).collect();
    format!("commit {short} cannot be compared with: {why}")
}
