//! Processes that mean harm, or behave as if they did.

use std::fs::File;

use super::*;

#[tokio::test]
async fn a_flood_is_bounded_and_stopped_at_once() {
    let mut rig = rig();
    let mut task = task(rig.dir.path(), "yes", "yes 'a line that never ends'");
    task.timeout = Some(Duration::from_secs(1));
    rig.gates.run(task, &permit());
    let began = crate::clock::mono();
    let (evidence, ..) = rig.ended().await;
    assert_eq!(evidence.ending, Ending::TimedOut);
    assert!(crate::clock::mono().since(began) < Duration::from_secs(15));
    assert!(std::fs::metadata(&*evidence.log).unwrap().len() < 8_100_000);
}

#[tokio::test]
async fn nothing_it_prints_reaches_the_terminal_as_a_command() {
    let mut rig = rig();
    let script = r"printf '\033]0;title\007\033[2J\033[31mred\033[0m\302\233\0331m \342\200\256rtl\n';
                   printf '\033P1;2q long string \033\\after\n'; printf 'x%.0s' $(seq 1 10000); echo;
                   head -c 5000 /dev/urandom; echo; echo last";
    rig.start("escapes", script);
    let (_, lines, _) = rig.ended().await;
    assert!(lines[0].starts_with("red") && lines[1] == "after", "{:?}", &lines[..2]);
    let long: Vec<usize> = lines.iter().filter(|line| line.starts_with("xx")).map(String::len).collect();
    assert!(long.iter().sum::<usize>() == 10_000 && long.iter().all(|length| *length <= 4_000), "{long:?}");
    let bad = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(lines.iter().all(|line| !line.contains(bad)));
    assert_eq!(lines.last().unwrap(), "last");
}

#[tokio::test]
async fn one_that_closes_its_output_is_still_waited_for_and_stopped() {
    let mut rig = rig();
    let mut task = task(rig.dir.path(), "closed", "exec >&- 2>&-; sleep 600");
    task.timeout = Some(Duration::from_millis(500));
    rig.gates.run(task, &permit());
    assert_eq!(rig.ended().await.0.ending, Ending::TimedOut);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_daemon_that_outlives_it_is_told_even_if_it_never_stops_writing() {
    let mut rig = rig();
    let task = rig.start(
        "daemon",
        "setsid sh -c 'trap \"\" PIPE; echo $$ > daemon.pid; while :; do echo x; done' 2>/dev/null & while [ ! -s daemon.pid ]; do :; done; echo done",
    );
    let (evidence, ..) = rig.ended().await;
    assert_eq!(evidence.outcome, Outcome::Passed, "{evidence:?}");
    assert_eq!(evidence.findings, [Clean::new("it left a process running")]);
    assert_eq!(session::count(u32::MAX >> 1, &task.run, session::Reach::All), 1);
    let pid: i32 =
        std::fs::read_to_string(rig.dir.path().join("daemon.pid")).unwrap().trim().parse().unwrap();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(pid).unwrap(),
        rustix::process::Signal::KILL,
    )
    .unwrap();
}

#[tokio::test]
async fn one_that_will_not_go_is_killed_after_the_grace() {
    let mut rig = rig();
    let task = rig.start("deaf", "trap '' TERM; echo deaf; while :; do sleep 1; done");
    rig.told("deaf").await;
    let asked = crate::clock::mono();
    rig.gates.stop(&task.run);
    let (evidence, ..) = rig.ended().await;
    assert_eq!((evidence.ending, evidence.outcome), (Ending::Stopped, Outcome::Stopped));
    assert!(crate::clock::mono().since(asked) >= Duration::from_secs(5), "it had its time to end");
    assert_eq!(session::count(u32::MAX >> 1, &task.run, session::Reach::All), 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_costs_the_log_and_not_the_result() {
    let mut rig = rig();
    let full = rig.dir.path().join("full.log");
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    let mut log = log::Log::of_file(File::options().write(true).open(&full).unwrap(), full);
    for _ in 0..10_000 {
        log.line(&Clean::new("a line"));
        log.write();
    }
    log.end();
    assert!(log.name().is_empty(), "a file that could not be written is no evidence");
    let why = "the file with its output is not whole: No space left on device (os error 28)";
    assert_eq!(log.problem().unwrap(), why);
    // And one whose folder cannot be made.
    std::fs::write(rig.dir.path().join("logs"), "no folder").unwrap();
    rig.start("nolog", "echo fine");
    let (evidence, lines, _) = rig.ended().await;
    assert_eq!((evidence.outcome, &*evidence.log, lines), (Outcome::Passed, "", vec!["fine".to_owned()]));
    assert!(evidence.findings[0].starts_with("its output could not be written to a file: "), "{evidence:?}");
}
