//! The gates view and each dialog of a gate as they look, reached by keys.

use std::path::Path;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use warroom::config::{self, Overrides};
use warroom::document;
use warroom::domain::gate::Summary;
use warroom::domain::run::{Begun, Change, Ending, Evidence, Outcome, Repository, RunId, RunNews, Task};
use warroom::domain::{Clean, Entry, Key, Mono, Now, OpId, PanelId, Record, Refusal};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::gates::Gate;
use warroom::model::gates::trust::Trust;
use warroom::model::msg::{Msg, Token};
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

use crate::frames::{roles, text};
use crate::screens::Person;

const SIZES: [(u16, u16); 2] = [(80, 24), (160, 48)];

const CONFIG: &str = r#"
[room]
name = "chat-backend"
environment = "production"
[operator]
name = "mara"
role = "commander"
[[gate]]
name = "contract-suite"
command = "pytest tests/contract -q"
dir = "/srv/chat-backend"
[[guard]]
paths = ["src/auth.py"]
gates = ["contract-suite"]
"#;

const DOCUMENT: &str = "# Release\n\n## Tests\n\n- [ ] Unit tests pass (required)\n\n```bash\ncd api\nsource venv/bin/activate\n\
    pytest tests/unit -q\n```\n\n- [ ] The canary answers\n\n```bash\ncurl -sS -i https://canary.chat.example.com/health   \
    # expected: HTTP 200\n```\n\n- [ ] Throughput holds\n\n```bash\npython load/throughput.py --rate 400 --for 4m\n```\n\n\
    ## Deploy\n\n- [ ] Database migrated\n\n```bash\nalembic upgrade head\n```\n\n- [ ] The dashboard is open\n\n```bash\n\
    npm run dev\n```\n\n- [ ] Tagged\n\n```bash\ngit tag release-<version>\n```\n";

fn record(seq: u64, at: Now, by: &str, entry: Entry) -> Record {
    let (by, role) = (Clean::new(by), Clean::new("deployer"));
    Record { seq, at: at.wall, by, role, entry, hash: String::new(), late: false }
}

fn evidence(gate: &Gate, run: &str, (ending, outcome): (Ending, Outcome), why: &str) -> Evidence {
    Evidence {
        ending,
        outcome,
        why: Clean::new(why),
        millis: 18_410,
        repository: Repository {
            commit: Some("4f1c09b2d7aa51e3c8f6".to_owned()),
            dirty: Some(true),
            unsaved: Vec::new(),
        },
        log: Clean::new(&format!("/home/mara/.local/share/warroom/chat-backend.gates/{run}.log")),
        ..Evidence::unseen(RunId(run.to_owned()), gate.id.clone(), gate.name.clone(), gate.hash.clone())
    }
}

fn later(now: Now, seconds: u64) -> Now {
    let wall = now.wall + chrono::TimeDelta::seconds(seconds.cast_signed());
    Now { mono: Mono(now.mono.0 + seconds * 1_000_000), wall }
}

fn read(person: &mut Person, text: &str) {
    let document = document::read("release.md", text.as_bytes()).document.expect("a document");
    person.tell(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
    person.tell(Msg::ChainChecked { seq: 0, damage: None });
}

fn gate(person: &Person, name: &str) -> Gate {
    person.model.gates.find(name).cloned().unwrap_or_else(|_| panic!("no gate {name}"))
}

/// A room with gates that nobody trusted yet, in the gates view.
fn fresh(size: (u16, u16)) -> Person {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    let room = loaded.unwrap_or_else(|error| panic!("{error}")).room;
    let start = Now { mono: Mono::from_secs(700), wall: "2026-11-21T14:02:11Z".parse().expect("a time") };
    let model = Model::new(Arc::new(room), "picture".to_owned(), start, size);
    let mut person = Person { model, keymap: Keymap::default(), effects: Vec::new() };
    read(&mut person, DOCUMENT);
    person.tell(Msg::Recorded { records: Vec::new() });
    person.model.ui.focus.open(PanelId::Gates);
    person
}

/// The same with its commands trusted, and runs behind it: one lapsed, one failed, one that a person has to read.
fn worked(size: (u16, u16)) -> Person {
    let mut person = fresh(size);
    let start = person.model.now;
    let commands = person.model.gates.trust().commands("release.md").expect("it was read");
    let (hash, kept) = (commands.hash.clone(), Trust::kept(commands));
    let trusted = Entry::Trusted { document: "release.md".to_owned(), hash, commands: kept };
    let tally = Some(Summary { passed: 23, ..Summary::default() });
    let contract = evidence(
        &gate(&person, "contract-suite"),
        "mara-7-1700000000000-1",
        (Ending::Exited(0), Outcome::Passed),
        "23 passed",
    );
    let contract = Evidence { tally, ..contract };
    let unit = evidence(
        &gate(&person, "Unit tests"),
        "mara-7-1700000000000-2",
        (Ending::Exited(1), Outcome::Failed),
        "exit 1: 40 passed, 1 failed",
    );
    let canary = evidence(
        &gate(&person, "canary answers"),
        "mara-7-1700000000000-3",
        (Ending::Exited(0), Outcome::Unclear),
        "expected HTTP 200, and the output shows no status: let curl show it with -i",
    );
    let ended = |evidence: &Evidence| Entry::GateEnded(Box::new(evidence.clone()));
    let records = vec![
        record(1, start, "sam", trusted),
        record(2, later(start, 60), "sam", ended(&contract)),
        record(3, later(start, 90), "mara", ended(&unit)),
        record(4, later(start, 120), "mara", ended(&canary)),
    ];
    person.tell(Msg::Recorded { records });
    person.wait(240_000);
    let change = |path: &str, commit: Option<&str>, subject: &str| Change {
        path: Clean::new(path),
        commit: commit.map(Clean::new),
        subject: Clean::new(subject),
    };
    let changes = vec![
        change("src/auth.py", Some("1f2e3d4"), "Shorter sessions for guests"),
        change("src/token store.py", None, "not committed"),
    ];
    let (gate, run) = (contract.gate.clone(), contract.run.clone());
    person.tell(Msg::Gate(Box::new(RunNews::Compared { gate, run, changes, problem: None })));
    person
}

/// The token of the newest claim on a gate.
fn claim(person: &Person) -> Option<Token> {
    person.effects.iter().rev().find_map(|effect| match effect {
        Effect::ClaimGate { token, .. } => Some(*token),
        _ => None,
    })
}

/// The journal takes the newest claim.
fn claimed(person: &mut Person) {
    let token = claim(person).expect("a claim");
    person.tell(Msg::Journaled { token, seq: 90 });
}

/// Runs the gate under the cursor and lets it say `lines`.
fn begin(person: &mut Person, lines: &[&str]) -> Task {
    person.effects.clear();
    person.keys("g");
    claimed(person);
    let task = person.effects.iter().find_map(|effect| match effect {
        Effect::RunGate { task, .. } => Some((**task).clone()),
        _ => None,
    });
    let task = task.expect("a run");
    let begun = Begun {
        run: task.run.clone(),
        gate: task.gate.clone(),
        name: task.name.clone(),
        hash: task.hash.clone(),
        pid: 4711,
        console: 4700,
        host: Clean::new("bridge"),
        dir: Clean::new("."),
        mark: None,
    };
    let at = person.model.now;
    person.tell(Msg::Gate(Box::new(RunNews::Begun { begun, at })));
    let lines = lines.iter().map(|line| Clean::new(line)).collect();
    let (run, partial) = (task.run.clone(), Clean::default());
    person.tell(Msg::Gate(Box::new(RunNews::Told { run, lines, skipped: 0, partial, at: at.mono })));
    person.wait(12_000);
    task
}

const LINES: [&str; 8] = [
    "......................F                                                  [100%]",
    "FAILED tests/unit/test_resume.py::test_resume_after_token_refresh",
    "    assert reply.code == 101",
    "E  got 403, close 4401 \"token expired\"",
    "=========================== short test summary info ============================",
    "FAILED tests/unit/test_resume.py::test_resume_after_token_refresh - assert 403 == 101",
    "1 failed, 40 passed in 18.41s",
    "",
];

fn frame(person: &Person, theme: &str) -> Buffer {
    let theme = Theme::named(theme, Depth::True);
    let ctx = Ctx::new(&theme, &person.keymap, person.model.now);
    let area = Rect::new(0, 0, person.model.size.0, person.model.size.1);
    let mut buf = Buffer::empty(area);
    view::draw(&person.model, &ctx, area, &mut buf);
    buf
}

/// The words, which are those of every theme; and on the larger screen the roles, which dark and light share.
fn keep(person: &Person, name: &str) {
    let (columns, rows) = person.model.size;
    let (dark, light) = (frame(person, "dark"), frame(person, "light"));
    assert_eq!(text(&dark), text(&light), "{name}");
    let of = |buf: &Buffer, theme: &str| roles(buf, &Theme::named(theme, Depth::True));
    assert_eq!(of(&dark, "dark"), of(&light, "light"), "{name}");
    insta::assert_snapshot!(format!("gates-{name}-{columns}x{rows}"), text(&dark));
    if columns > 100 {
        insta::assert_snapshot!(format!("gates-{name}-roles"), of(&dark, "dark"));
    }
}

#[test]
fn the_view_tells_what_lapsed_what_failed_and_what_runs() {
    for size in SIZES {
        let mut mara = worked(size);
        keep(&mara, "lapsed");
        if size.0 < 100 {
            mara.key(Key::Enter);
            keep(&mara, "lapsed-detail");
        }
        mara.keys("j");
        let task = begin(&mut mara, &LINES);
        keep(&mara, "running");
        let failed = evidence(
            &gate(&mara, "Unit tests"),
            &task.run.0,
            (Ending::Exited(1), Outcome::Failed),
            "exit 1: 40 passed, 1 failed",
        );
        let at = mara.model.now;
        mara.tell(Msg::Gate(Box::new(RunNews::Ended { evidence: failed, at })));
        mara.wait(9_000);
        mara.keys("/failed\n");
        keep(&mara, "searched");
        mara.keys("/");
        keep(&mara, "searching");
    }
}

#[test]
fn each_dialog_shows_what_would_run() {
    for size in SIZES {
        let mut mara = fresh(size);
        mara.keys("jg");
        mara.unguarded();
        keep(&mara, "trust");
        let mut mara = worked(size);
        read(
            &mut mara,
            &DOCUMENT.replace("tests/unit -q", "tests/unit -q --maxfail=1 && ./tools/publish.sh"),
        );
        mara.keys("jg");
        mara.unguarded();
        keep(&mara, "changed");
        let mut mara = worked(size);
        mara.keys("jjjjg");
        mara.unguarded();
        keep(&mara, "mutation");
        let mut mara = worked(size);
        mara.keys("ji");
        mara.unguarded();
        keep(&mara, "terminal");
        let mut mara = worked(size);
        mara.keys("j");
        begin(&mut mara, &LINES[..1]);
        mara.keys("x");
        mara.unguarded();
        keep(&mara, "stop");
    }
}

/// How the runs that were asked for share shells: each with the name of its gate.
fn runs(person: &Person) -> Vec<(String, Option<RunId>, RunId)> {
    let task = |effect: &Effect| match effect {
        Effect::RunGate { task, .. } => Some((task.name.to_string(), task.shares.clone(), task.run.clone())),
        _ => None,
    };
    person.effects.iter().filter_map(task).collect()
}

#[test]
fn gates_of_a_section_run_in_order_and_those_of_one_fence_share_its_shell() {
    const TEXT: &str = "# R\n\n## Tests\n\n- [ ] All\n\n```bash\npytest a -q\npytest b -q\ngit push\npytest c -q\n```\n\n```bash\n\
        pytest d -q\n```\n\n## Later\n\n```bash\npytest e -q\n```\n";
    let mut mara = fresh((120, 40));
    read(&mut mara, TEXT);
    let commands = mara.model.gates.trust().commands("release.md").expect("it was read");
    let (hash, kept) = (commands.hash.clone(), Trust::kept(commands));
    let entry = Entry::Trusted { document: "release.md".to_owned(), hash, commands: kept };
    let records = vec![record(1, mara.model.now, "sam", entry)];
    mara.tell(Msg::Recorded { records });
    mara.model.ui.focus.open(PanelId::Checklist);
    // The cursor stands on the section.
    mara.effects.clear();
    mara.keys("g");
    claimed(&mut mara);
    let mut told = Vec::new();
    while let Some((name, shares, run)) = runs(&mara).get(told.len()).cloned() {
        told.push((name.clone(), shares.clone(), run.clone()));
        let over = evidence(&gate(&mara, &name), &run.0, (Ending::Exited(1), Outcome::Failed), "exit 1");
        let at = mara.model.now;
        mara.effects.retain(|effect| !matches!(effect, Effect::ClaimGate { .. }));
        mara.tell(Msg::Gate(Box::new(RunNews::Ended { evidence: over, at })));
        if claim(&mara).is_some() {
            claimed(&mut mara);
        }
    }
    let names: Vec<&str> = told.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(
        names,
        ["pytest a -q", "pytest b -q", "pytest c -q", "pytest d -q"],
        "no push, and no failure ends it"
    );
    let first = Some(told[0].2.clone());
    assert_eq!(
        told.iter().map(|(_, shares, _)| shares.clone()).collect::<Vec<_>>(),
        [first.clone(), first.clone(), first, None]
    );
}

/// What the hint row says.
fn hint(person: &Person) -> String {
    text(&frame(person, "dark")).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn nothing_runs_before_the_journal_has_it_and_who_comes_second_runs_nothing() {
    let mut mara = worked((160, 48));
    mara.keys("j");
    mara.effects.clear();
    mara.keys("g");
    let token = claim(&mara).expect("a claim");
    assert_eq!(runs(&mara), [], "the journal has not answered");
    let refusal = Refusal::Conflict { op: OpId("sam-7".to_owned()), by: Clean::new("sam") };
    let mut second = mara.clone();
    second.tell(Msg::JournalRefused { token, refusal });
    assert_eq!(runs(&second), []);
    assert!(hint(&second).contains("was not run: sam runs it at another console"), "{}", hint(&second));
    second.keys("g");
    assert_ne!(claim(&second), Some(token), "it can be asked for again");
    mara.tell(Msg::Journaled { token, seq: 90 });
    assert_eq!(runs(&mara).len(), 1);
}

#[test]
fn a_journal_that_cannot_be_written_stops_no_gate() {
    let mut mara = worked((160, 48));
    mara.keys("j");
    mara.effects.clear();
    mara.keys("g");
    let token = claim(&mara).expect("a claim");
    mara.tell(Msg::JournalRefused { token, refusal: Refusal::Unwritable { error: Clean::new("full") } });
    assert_eq!(runs(&mara).len(), 1);
}

#[test]
fn a_gate_that_is_stopped_while_the_journal_is_asked_never_begins() {
    let mut mara = worked((160, 48));
    mara.keys("j");
    mara.effects.clear();
    mara.keys("gx");
    mara.unguarded();
    mara.keys("y");
    claimed(&mut mara);
    assert_eq!(runs(&mara), []);
    let ended =
        mara.token(|entry| matches!(entry, Entry::GateEnded(over) if over.outcome == Outcome::Stopped));
    assert!(ended.0 > 0, "so that another may begin it");
}
