//! Gates of one fence in one shell: what a line leaves behind is there for the next, and each has its own status, output
//! and record.

use super::*;

fn lead(id: &str, line: u32, text: &str) -> Lead {
    Lead { id: id.into(), line, text: text.into(), asked: false }
}

/// The `n`th command of a fence whose lines before it are `before`.
fn of_fence(dir: &Path, first: &str, n: u32, before: &[Lead], script: &str) -> Task {
    let mut task = task(dir, &format!("{first}-{n}"), script);
    task.command.id = format!("c{n}");
    task.shares = Some(RunId(format!("{first}-{}", std::process::id())));
    task.lead = before.to_vec();
    task
}

impl Rig {
    async fn one(&mut self, task: &Task) -> (Evidence, Vec<String>) {
        self.gates.run(task.clone(), &permit());
        let (evidence, lines, _) = self.ended().await;
        (evidence, lines)
    }
}

#[tokio::test]
async fn gates_of_one_fence_share_directory_variables_functions_and_background() {
    let mut rig = rig();
    let dir = rig.dir.path().to_owned();
    std::fs::create_dir_all(dir.join("api/venv/bin")).unwrap();
    std::fs::write(dir.join("api/venv/bin/activate"), "export VENV=on\nhello() { echo \"hello $1\"; }\n")
        .unwrap();
    // What is asked for once must not be asked for again: a counter says how often it was.
    let count = format!("T=$(echo x >> {0}/asked; wc -l < {0}/asked)", dir.display());
    let lines = [lead("s1", 3, "cd api"), lead("s2", 4, "source venv/bin/activate"), lead("s3", 5, &count)];
    let task = |n, script: &str| of_fence(&dir, "share", n, &lines, script);
    let (evidence, said) = rig.one(&task(1, "pwd; hello 'a b'\necho \"$VENV $T\"; sleep 600 & P=$!")).await;
    assert_eq!((evidence.ending, evidence.outcome), (Ending::Exited(0), Outcome::Passed));
    assert_eq!(said[0], dir.canonicalize().unwrap().join("api").to_string_lossy());
    assert_eq!(said[1..], ["hello a b", "on 1"]);
    let (evidence, said) = rig.one(&task(2, "echo \"second $T\"; cd venv; (exit 4)")).await;
    assert_eq!((evidence.ending, said), (Ending::Exited(4), vec!["second 1".to_owned()]));
    let (evidence, said) =
        rig.one(&task(3, "basename \"$PWD\"; kill -0 $P && echo runs; read x || echo no input")).await;
    assert_eq!(evidence.ending, Ending::Exited(0));
    assert_eq!(said, ["venv", "runs", "no input"]);
    // Another shell: what leads to it is run again, and the directory is not the one of the first.
    let alone = Task { shares: None, ..task(4, "echo \"$T\"; basename \"$PWD\"; jobs -p") };
    assert_eq!(rig.one(&alone).await.1, ["2", "api"]);
}

#[tokio::test]
async fn the_shell_of_a_fence_ends_after_its_last_gate_with_what_it_left() {
    let mut rig = rig();
    let dir = rig.dir.path().to_owned();
    let (evidence, said) = rig.one(&of_fence(&dir, "left", 1, &[], "sleep 600 & echo $! $$")).await;
    assert_eq!(evidence.outcome, Outcome::Passed);
    let pids: Vec<u32> = said[0].split(' ').map(|pid| pid.parse().unwrap()).collect();
    let gone = async {
        while pids.iter().any(|pid| session::exists(*pid)) || rig.gates.is_running() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), gone).await.expect("nothing of it runs on");
}

#[tokio::test]
async fn a_shell_that_a_gate_ended_is_followed_by_a_new_one() {
    let mut rig = rig();
    let dir = rig.dir.path().to_owned();
    let lines = [lead("s1", 3, "set -e"), lead("s2", 4, "A=1")];
    let task = |n, script: &str| of_fence(&dir, "ended", n, &lines, script);
    let (evidence, _) = rig.one(&task(1, "false; echo never")).await;
    assert_eq!((evidence.ending, evidence.outcome), (Ending::Exited(1), Outcome::Failed));
    let (evidence, said) = rig.one(&task(2, "echo \"A is $A\"")).await;
    assert_eq!((evidence.outcome, said), (Outcome::Passed, vec!["A is 1".to_owned()]));
    let (evidence, _) = rig.one(&task(3, "exec sh -c 'exit 7'")).await;
    assert_eq!(evidence.ending, Ending::Exited(7));
    let late = Task { timeout: Some(Duration::from_millis(300)), ..task(4, "sleep 600") };
    assert_eq!(rig.one(&late).await.0.ending, Ending::TimedOut);
    assert_eq!(rig.one(&task(5, "kill -9 $$")).await.0.ending, Ending::Signalled(9));
    let (evidence, said) = rig.one(&task(6, "if true; then\n  echo 'it'\"'\"'s \\n'\nfi")).await;
    assert_eq!((evidence.outcome, said), (Outcome::Passed, vec!["it's \\n".to_owned()]));
}

#[tokio::test]
async fn a_line_that_fails_or_ends_the_shell_is_no_pass_of_what_follows() {
    let mut rig = rig();
    let dir = rig.dir.path().to_owned();
    for (at, (line, why)) in [
        ("cd nowhere", "line 3, which leads to it, failed with exit 1: cd nowhere"),
        ("exit 0", "line 3, which leads to it, ended the shell: exit 0"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut task = task(&dir, &format!("lead-{at}"), "echo never");
        task.lead = vec![lead("s1", 3, line)];
        let (evidence, lines) = rig.one(&task).await;
        let told = (evidence.ending, evidence.outcome, &*evidence.why);
        assert_eq!(told, (Ending::NotStarted, Outcome::Failed, why));
        assert!(lines.iter().all(|line| line != "never") && lines.last().is_some_and(|line| line == why));
    }
}

#[tokio::test]
async fn the_status_of_the_line_before_is_there_for_the_next() {
    let mut rig = rig();
    let dir = rig.dir.path().to_owned();
    let task = |n, script: &str| of_fence(&dir, "status", n, &[], script);
    assert_eq!(rig.one(&task(1, "(exit 4)")).await.0.ending, Ending::Exited(4));
    assert_eq!(rig.one(&task(2, "echo \"was $?\"")).await.1, ["was 4"]);
    assert_eq!(rig.one(&task(3, "echo \"was $?\"")).await.1, ["was 0"]);
    // With `set -e` a status that ended nothing ends nothing later.
    assert_eq!(rig.one(&task(4, "set -eu; ! true")).await.0.ending, Ending::Exited(1));
    assert_eq!(rig.one(&task(5, "cat <<'EOF'\nstill $here\nEOF")).await.1, ["still $here"]);
    // Alone, the line before it is run first, and may fail.
    let mut alone = Task { shares: None, ..task(6, "test $? -eq 4") };
    alone.lead = vec![Lead { asked: true, ..lead("s1", 3, "(exit 4)") }];
    assert_eq!(rig.one(&alone).await.0.outcome, Outcome::Passed);
}

#[tokio::test]
async fn what_a_gate_writes_is_its_own_and_never_that_of_the_next() {
    let mut rig = rig();
    let dir = rig.dir.path().to_owned();
    for n in 1..20 {
        let script = format!("for i in 1 2 3 4 5 6 7 8 9; do echo gate {n} >&2; done; printf 'end of {n}'");
        let (_, lines) = rig.one(&of_fence(&dir, "own", n, &[], &script)).await;
        let mut expected = vec![format!("gate {n}"); 9];
        expected.push(format!("end of {n}"));
        assert_eq!(lines, expected);
    }
}

#[tokio::test]
async fn a_posix_shell_is_fed_as_well() {
    let mut rig = rig();
    let dir = rig.dir.path().to_owned();
    let sh = |n, script: &str| Task { shell: Some("/bin/sh".into()), ..of_fence(&dir, "sh", n, &[], script) };
    let (evidence, _) = rig.one(&sh(1, "f() { echo \"f $1\"; }\nexport B=2")).await;
    assert_eq!(evidence.ending, Ending::Exited(0));
    assert_eq!(rig.one(&sh(2, "set -x; f \"$B\" 2>/dev/null\nset +x")).await.1.last().unwrap(), "+ set +x");
}

#[test]
fn an_address_of_this_machine_in_a_line_before_is_found_on_the_terminal_too() {
    let mut task = task(Path::new("/"), "lent", "curl -sS $URL");
    task.lead = vec![lead("u1", 2, "export URL=http://localhost:8000/health")];
    let ended = (Ending::Exited(0), "exit 0");
    let findings =
        |task: &Task| lent::evidence(task, ended, Duration::from_secs(1), Repository::default()).findings;
    assert_eq!(findings(&task), [Clean::new("it asks localhost, which is not what is rolled out")]);
    task.guarded = false;
    assert_eq!(findings(&task), [], "on a developer's own machine it is what is asked for");
}
