//! A gate that has the terminal to itself, because a person asked for that: a password, a login, a prompt of its own.
//!
//! It runs in the console's session, or it would have no terminal; nothing of what it shows is kept, and so exit 0 alone
//! proves nothing. When it is over its last words stay until enter.

use std::io::{self, BufRead, Write};
use std::process::Stdio;
use std::time::Duration;

use super::{environment, git, process, runner};
use crate::clock;
use crate::domain::Clean;
use crate::domain::run::{Ending, Evidence, Outcome, RunNews, Task};
use crate::lanes::Lanes;
use crate::model::effect::Permit;
use crate::model::msg::Msg;

/// How a script ends when a line that leads to the command failed.
const LEAD_FAILED: i32 = 97;

/// Runs the gate on the terminal, which has to be free. That it began is told; answered is that it ended.
pub async fn on_terminal(task: Task, permit: Permit, lanes: Lanes) -> Msg {
    tracing::info!(gate = task.gate, run = task.run.0, record = permit.record(), "gate on the terminal");
    let began = clock::mono();
    let repository = git::repository(&task.dir, &task.guards).await;
    say(&format!("warroom lends its terminal to: {}\n$ {}\n\n", task.name, Clean::new(&task.script))).await;
    let modes = rustix::termios::tcgetattr(io::stdin()).ok();
    let (ending, why) = match start(&task) {
        Err(error) => (Ending::NotStarted, format!("it cannot be started: {error}")),
        Ok(mut child) => {
            let begun = runner::begun(&task, child.id().unwrap_or_default());
            // Before its end, which goes the same way.
            let _closed =
                lanes.control.send(Msg::Gate(Box::new(RunNews::Begun { begun, at: clock::now() }))).await;
            let status = child.wait().await;
            told(status.map_or(Ending::Unseen, process::ended))
        }
    };
    let took = clock::mono().since(began);
    if let Some(modes) = modes {
        // A program that died may have left them as it needed them.
        let _gone = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &modes);
    }
    say(&format!("\x1b[0m\n── {why} ── enter goes back to warroom ──\n")).await;
    let _gone = tokio::task::spawn_blocking(|| io::stdin().lock().read_line(&mut String::new())).await;
    let evidence = evidence(&task, (ending, &why), took, repository);
    Msg::Gate(Box::new(RunNews::Ended { evidence, at: clock::now() }))
}

async fn say(words: &str) {
    let words = words.to_owned();
    let write = move || {
        let mut out = io::stdout().lock();
        out.write_all(words.as_bytes()).and_then(|()| out.flush())
    };
    let _gone = tokio::task::spawn_blocking(write).await;
}

fn start(task: &Task) -> io::Result<tokio::process::Child> {
    let variables = environment::of(task);
    let lines = task.lead.iter().map(|lead| {
        let check = if lead.asked { String::new() } else { format!("[ $? -eq 0 ] || exit {LEAD_FAILED}\n") };
        format!("{}\n{check}", lead.text)
    });
    let script = lines.collect::<String>() + &task.script;
    let mut command = tokio::process::Command::new(process::shell(task, &variables));
    command.arg("-c").arg(script).current_dir(&task.dir).env_clear().envs(variables).kill_on_drop(true);
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit()).spawn()
}

fn told(ending: Ending) -> (Ending, String) {
    let words = match ending {
        Ending::Exited(0) => "exit 0 on the terminal, output not captured".to_owned(),
        Ending::Exited(code) => format!("exit {code} on the terminal, output not captured"),
        Ending::Signalled(2) => "ended by Ctrl-C".to_owned(),
        Ending::Signalled(3) => "ended by Ctrl-\\".to_owned(),
        Ending::Signalled(signal) => format!("ended by signal {signal}"),
        Ending::TimedOut | Ending::Stopped | Ending::NotStarted | Ending::Unseen => {
            "nobody saw how it ended".to_owned()
        }
    };
    (ending, words)
}

pub(super) fn evidence(
    task: &Task,
    (ending, why): (Ending, &str),
    took: Duration,
    repository: crate::domain::run::Repository,
) -> Evidence {
    let outcome = match ending {
        Ending::Exited(0) => Outcome::Unclear,
        Ending::Signalled(2 | 3) => Outcome::Stopped,
        Ending::Unseen => Outcome::Unseen,
        Ending::Exited(_)
        | Ending::Signalled(_)
        | Ending::TimedOut
        | Ending::Stopped
        | Ending::NotStarted => Outcome::Failed,
    };
    Evidence {
        run: task.run.clone(),
        gate: task.gate.clone(),
        name: task.name.clone(),
        hash: task.hash.clone(),
        ending,
        outcome,
        why: Clean::new(why),
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        tally: None,
        repository,
        log: Clean::default(),
        candidate: None,
        findings: runner::asks_this_machine(task).iter().map(|words| Clean::new(words)).collect(),
        on_terminal: true,
    }
}
