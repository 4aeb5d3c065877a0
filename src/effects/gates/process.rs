//! A shell that runs, and the two ways to give it work: one script as its argument, or commands one by one.
//!
//! One by one: the shell reads a line from what was its standard input, evaluates it, and says on what was its standard
//! error which step ended with which status. Both are closed for the commands themselves, whose output goes all one way.

use std::collections::BTreeSet;

use tokio::net::unix::pipe;

use super::runner::Seen;
use crate::domain::run::{Ending, RunId, Task};

/// The longest script that a shell takes as one argument (Linux: 128 kB).
const LONGEST: usize = 100_000;

/// What the shell runs that is fed: any POSIX shell. `$__warroom_nl` stands for the line ends inside of a step.
const FED: &str = "exec 8>&2 2>&1 9<&0 </dev/null\n__warroom_nl='\n' __warroom_was=0\n\
                   while IFS= read -r __warroom_step <&9; do eval \"$__warroom_step\"; done";

/// A shell that runs, and its output.
pub(super) struct Started {
    pub(super) child: Box<dyn process_wrap::tokio::ChildWrapper>,
    pub(super) pid: u32,
    /// What its processes are marked with.
    pub(super) mark: RunId,
    pub(super) output: pipe::Receiver,
    /// Nobody has closed it yet.
    pub(super) open: bool,
    pub(super) feed: Option<Feed>,
}

/// The way to give a shell commands one by one.
pub(super) struct Feed {
    pub(super) script: pipe::Sender,
    pub(super) status: pipe::Receiver,
    /// What was read of the status line that has no end yet.
    pub(super) said: Vec<u8>,
    pub(super) steps: u32,
    /// Commands that were run in it.
    pub(super) done: BTreeSet<String>,
}

/// Starts the shell of `task`: with its script, or one that is fed.
pub(super) fn start(
    task: &Task,
    variables: &[(String, std::ffi::OsString)],
    fed: bool,
) -> Result<Started, String> {
    use process_wrap::tokio::{CommandWrap, ProcessSession};
    if task.script.len() > LONGEST {
        return Err("the command is longer than 100 kB: put it in a script".to_owned());
    }
    let pipes = || std::io::pipe().map_err(|error| format!("no pipe for its output: {error}"));
    let (output, writer) = pipes()?;
    let shell = shell(task, variables);
    let mut command = tokio::process::Command::new(&shell);
    command.arg("-c").arg(if fed { FED } else { &task.script }).current_dir(&task.dir).env_clear();
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut feed = None;
    if fed {
        let ((script, script_in), (status_out, status)) = (pipes()?, pipes()?);
        command.stdin(script).stdout(writer).stderr(status);
        feed = Some((script_in, status_out));
    } else {
        let second = writer.try_clone().map_err(|error| format!("no pipe for its output: {error}"))?;
        command.stdin(std::process::Stdio::null()).stdout(writer).stderr(second);
    }
    let mut wrapped = CommandWrap::from(command);
    wrapped.wrap(ProcessSession);
    let child = wrapped.spawn().map_err(|error| {
        if task.dir.is_dir() {
            format!("{shell} cannot be started: {error}")
        } else {
            format!("{} is no directory: set `dir`", task.dir.display())
        }
    })?;
    // The wrapper keeps the writing ends of the pipes, which must end with the processes.
    drop(wrapped);
    let pid = child.id().ok_or("it ended before it began")?;
    let unreadable = |error: std::io::Error| format!("its output cannot be read: {error}");
    let output = pipe::Receiver::from_owned_fd(output.into()).map_err(unreadable)?;
    let feed = match feed {
        None => None,
        Some((script, status)) => Some(Feed {
            script: pipe::Sender::from_owned_fd(script.into()).map_err(unreadable)?,
            status: pipe::Receiver::from_owned_fd(status.into()).map_err(unreadable)?,
            said: Vec::new(),
            steps: 0,
            done: BTreeSet::new(),
        }),
    };
    Ok(Started { child: child.into_inner(), pid, mark: task.mark().clone(), output, open: true, feed })
}

/// Bash, where the run's own path leads to one, for `source` and the rest of what documents use; else sh.
pub(super) fn shell(task: &Task, variables: &[(String, std::ffi::OsString)]) -> String {
    if let Some(shell) = &task.shell {
        return shell.clone();
    }
    let path = variables.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
    let found = path.and_then(|path| {
        std::env::split_paths(&path)
            .map(|dir| dir.join("bash"))
            .find(|bash| bash.is_absolute() && bash.is_file())
    });
    found.map_or_else(|| "/bin/sh".to_owned(), |bash| bash.to_string_lossy().into_owned())
}

impl Feed {
    /// The line that makes the shell run `text`, and the number under which it tells the status.
    pub(super) fn next(&mut self, text: &str) -> (u32, Vec<u8>) {
        self.steps += 1;
        let number = self.steps;
        let quoted = text.replace('\'', r"'\''").replace('\n', "'\"$__warroom_nl\"'");
        // Tracing (`set -x`) does not show what is not the document's.
        // It finds the status of the step before it in `$?`, except with `set -e`, where telling that would end the shell.
        let line = format!(
            "{{ case $__warroom_was$- in 0*|*e*) ;; *) (exit $__warroom_was) ;; esac; }} 2>/dev/null; eval '{quoted}' \
             8>&- 9<&-; {{ __warroom_was=$?; command printf '%s %s\\n' {number} $__warroom_was >&8; }} 2>/dev/null\n"
        );
        (number, line.into_bytes())
    }

    /// Takes what the shell said; the status of step `number`, if it is among that. What is no status goes to `other`.
    pub(super) fn heard(&mut self, bytes: &[u8], number: u32, other: &mut dyn FnMut(&[u8])) -> Option<i32> {
        self.said.extend_from_slice(bytes);
        let mut found = None;
        while let Some(end) = self.said.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.said.drain(..=end).collect();
            let told = std::str::from_utf8(&line).ok().and_then(|line| {
                let (step, status) = line.trim_end().split_once(' ')?;
                Some((step.parse::<u32>().ok()?, status.parse::<i32>().ok()?))
            });
            match told {
                Some((step, status)) if step == number => found = Some(status),
                Some(_) => {}
                None => other(&line),
            }
        }
        found
    }
}

impl Started {
    /// Takes what is in the pipe now. What a step wrote is there before its status is told; the runtime may not know of
    /// it yet, so the system is asked.
    pub(super) fn drain(&mut self, seen: &mut Seen) {
        let mut buffer = vec![0; 64 * 1024];
        // A pipe holds 64 kB, or a little more: what goes on writing in the background is not waited for.
        for _ in 0..8 {
            match rustix::io::read(&self.output, &mut buffer) {
                Ok(0) => self.open = false,
                Ok(count) => {
                    seen.take(buffer.get(..count).unwrap_or_default());
                    continue;
                }
                Err(_) => {}
            }
            return;
        }
    }
}

/// As the system tells it.
pub(super) fn ended(status: std::process::ExitStatus) -> Ending {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signalled(signal),
        (None, None) => Ending::Unseen,
    }
}
