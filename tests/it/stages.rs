//! Stages: a room with a journal of its own, watched second by second, with restarts and other people.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use warroom::config::{self, Overrides};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::metric::{MetricValue, Scraped};
use warroom::domain::past::{Gap, PastQuery};
use warroom::domain::stage::Step;
use warroom::domain::{
    Chord, Clean, Draft, Entry, Key, KeyPress, LinkReport, Mono, Now, Origin, Record, Refusal, ServiceIx,
    SourceId, Traffic, VerdictState, Wall,
};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::{Msg, Token};
use warroom::model::stages::{StageAct, State};
use warroom::report::snapshot::snapshot;
use warroom::sources::documents::read_once;
use warroom::view;

mod asked;
mod backfill;
mod before;
mod binary;
mod clock;
mod gap;
mod pictures;
mod there;

const CONFIG: &str = r#"
[room]
name = "chat"
environment = "production"
checklists = ["r.md"]
[operator]
name = "mara"
[conditions]
clears_after = "2s"
health_failing = "off"
health_flapping = "off"
[[service]]
name = "api"
[[service.health]]
name = "api"
kind = "tcp"
address = "127.0.0.1:9"
interval = "1s"
[[condition]]
name = "api answers"
signal = "health.api.failing"
fail = "> 0"
clears_after = "2s"
[[condition]]
name = "fast"
signal = "health.api.latency_last"
fail = "> 100"
clears_after = "2s"
unit = "ms"
[[stage]]
name = "Internal"
percent = 0
before = ["Sign-off"]
soak = "30s"
[[stage]]
name = "Canary"
percent = 10
before = ["QA verification"]
steps = ["Deploy"]
criteria = ["fast"]
soak = "2m"
[[stage]]
name = "Full"
percent = 100
"#;

const CHECKLIST: &str = "# R\n## Sign-off\n- [ ] lead agrees (required)\n## Work\n- [ ] QA verification (required)\n\
                         - [ ] support knows (required)\n## Deploy\n- [ ] switch on\n- [ ] look at the logs\n";

/// A console, its journal, and the world that it watches.
pub(crate) struct Console {
    pub(crate) model: Model,
    pub(crate) records: Vec<Record>,
    keymap: Keymap,
    config: String,
    folder: Arc<tempfile::TempDir>,
    /// Seconds since the beginning of the world, and of this process.
    world: u64,
    process: u64,
    /// Whether the service answers, how fast; `None`: nothing is heard of it.
    pub(crate) answers: Option<bool>,
    pub(crate) millis: u64,
    /// What Cloud Run says of the service's traffic.
    traffic: Option<Traffic>,
    /// What its metric `errors` is.
    errors: Option<f64>,
    /// The newest act on a stage, and what bounds a rollout, as the journal checks them.
    act: u64,
    bound: u64,
    /// What the metrics engine was asked for.
    asked: Option<(Token, Gap, Vec<PastQuery>)>,
    /// Whether the journal cannot be written.
    refuses: bool,
}

fn wall(second: u64) -> Wall {
    let start: Wall = "2026-03-05T13:00:00Z".parse().expect("a moment");
    start + chrono::TimeDelta::seconds(second.cast_signed())
}

impl Console {
    pub(crate) fn new(config: &str, checklist: &str) -> Self {
        let folder = tempfile::tempdir().expect("dir");
        std::fs::write(folder.path().join("r.md"), checklist).expect("checklist");
        let mut console = Self {
            model: model(config, folder.path(), 0),
            records: Vec::new(),
            keymap: Keymap::default(),
            config: config.to_owned(),
            folder: Arc::new(folder),
            world: 0,
            process: 0,
            answers: Some(true),
            millis: 10,
            traffic: None,
            errors: None,
            act: 0,
            bound: 0,
            asked: None,
            refuses: false,
        };
        console.begin();
        console
    }

    fn begin(&mut self) {
        let room = self.model.room.clone();
        let (documents, problems) = read_once(&room.checklists);
        self.tell(Msg::DocumentsRead { documents, problems });
        let records = self.records.clone();
        self.tell(Msg::Recorded { records });
        self.tell(Msg::Kept { mine: true, holder: "c".into() });
    }

    /// Another console keeps the journal from now on, or this one.
    fn keeps(&mut self, mine: bool) {
        self.tell(Msg::Kept { mine, holder: if mine { "c" } else { "other" }.into() });
    }

    /// The process ends without a word, and another one begins after `seconds`.
    pub(crate) fn restart(&mut self, seconds: u64) {
        self.world += seconds;
        self.process = 0;
        self.model = model(&self.config, self.folder.path(), self.world);
        self.begin();
    }

    fn now(&self, millis: u64) -> Now {
        let at = self.process * 1_000 + millis;
        Now {
            mono: Mono::from_millis(at),
            wall: wall(self.world) + chrono::TimeDelta::milliseconds(millis.cast_signed()),
        }
    }

    /// The time goes on.
    pub(crate) fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            (self.world, self.process) = (self.world + 1, self.process + 1);
            let at = self.now(0).mono;
            if let Some(ok) = self.answers {
                let source = SourceId::Health { service: ServiceIx(0), probe: 0 };
                self.tell(Msg::Linked { source, report: LinkReport::Alive, at });
                let latency = Duration::from_millis(self.millis);
                let outcome =
                    ProbeOutcome::Answered { status: None, latency, ok, report: BodyReport::default() };
                self.tell(Msg::Probed(Probed {
                    service: ServiceIx(0),
                    probe: 0,
                    at,
                    origin: Origin::Mixed,
                    outcome,
                }));
            }
            if let Some(traffic) = self.traffic.clone().map(Box::new) {
                let service = ServiceIx(0);
                let source = SourceId::CloudRun { service };
                self.tell(Msg::Linked { source, report: LinkReport::Alive, at });
                self.tell(Msg::TrafficRead { service, at, traffic });
            }
            if let Some(errors) = self.errors {
                let service = ServiceIx(0);
                let report = LinkReport::Alive;
                self.tell(Msg::Linked { source: SourceId::Metrics { service }, report, at });
                let value =
                    MetricValue { name: "errors".into(), value: Some(errors), ..MetricValue::default() };
                let scraped = Scraped { service, at, values: vec![value], ..Scraped::default() };
                self.tell(Msg::Scraped(Box::new(scraped)));
            }
            for source in [SourceId::Journal, SourceId::Documents] {
                self.tell(Msg::Linked { source, report: LinkReport::Alive, at });
            }
            self.tell(Msg::Ticked(self.now(0)));
        }
    }

    fn tell(&mut self, msg: Msg) {
        let effects = self.model.update(msg);
        for effect in effects {
            self.take(effect);
        }
    }

    fn take(&mut self, effect: Effect) {
        if let Effect::AskPast { token, gap, queries } = effect {
            self.asked = Some((token, gap, queries));
            return;
        }
        let Effect::Journal { token, draft, guard } = effect else { return };
        let told = match (&guard, self.act) {
            (warroom::domain::record::Guard::StageAct { after }, act) => *after != act.max(self.bound),
            _ => false,
        };
        if told {
            self.model.update(Msg::JournalRefused { token, refusal: Refusal::Told });
            return;
        }
        if self.refuses {
            let refusal = Refusal::Unwritable { error: "disk full".into() };
            return self.tell(Msg::JournalRefused { token, refusal });
        }
        let seq = self.journal(draft);
        self.tell(Msg::Journaled { token, seq });
        let record = self.records.last().cloned().expect("a record");
        self.tell(Msg::Recorded { records: vec![record] });
    }

    fn journal(&mut self, draft: Draft) -> u64 {
        let seq = self.records.len() as u64 + 1;
        let Draft { by, role, entry } = draft;
        if let Entry::Stage(step) = &entry
            && step.after() == Some(self.act)
        {
            self.act = seq;
        }
        if entry.bounds_rollout() {
            self.bound = seq;
        }
        self.records.push(Record {
            seq,
            at: wall(self.world),
            by,
            role,
            entry,
            hash: String::new(),
            late: false,
        });
        seq
    }

    /// Somebody at another console writes this.
    pub(crate) fn elsewhere(&mut self, entry: Entry) {
        self.journal(Draft { by: "ines".into(), role: Clean::default(), entry });
        let record = self.records.last().cloned().expect("a record");
        self.tell(Msg::Recorded { records: vec![record] });
    }

    fn tick_item(&mut self, text: &str) {
        let item =
            self.model.checklist.items().find(|item| item.text.contains(text)).expect("an item").clone();
        let (candidate, signing) = (None, Box::default());
        let entry =
            Entry::Ticked { item: item.id.0, text: item.text, note: Clean::default(), candidate, signing };
        self.elsewhere(entry);
    }

    fn untick_item(&mut self, text: &str) {
        let item =
            self.model.checklist.items().find(|item| item.text.contains(text)).expect("an item").clone();
        let ticked = |it: &&Record| matches!(&it.entry, Entry::Ticked { item: id, .. } if *id == item.id.0);
        let seq = self.records.iter().rev().find(ticked).expect("a tick").seq;
        self.elsewhere(Entry::Unticked { item: item.id.0, text: item.text, seq });
    }

    pub(crate) fn key(&mut self, key: Key) {
        self.process += 1;
        self.world += 1;
        self.tell(Msg::Ticked(self.now(0)));
        let press = KeyPress { chord: Chord::plain(key), at: self.model.now.mono, repeat: false };
        let context = view::modal::context(&self.model);
        let action = context.and_then(|context| self.keymap.action(context, press.chord));
        self.tell(Msg::Pressed { press, action });
    }

    pub(crate) fn keys(&mut self, text: &str) {
        for c in text.chars() {
            self.key(if c == '\n' { Key::Enter } else { Key::Char(c) });
        }
    }

    /// Goes on as a person does: the palette, the question, its answer.
    pub(crate) fn advance(&mut self) {
        self.model.ui.modal = None;
        let before = self.records.len();
        if let Some(why) = self.model.stage_obstacle(StageAct::Advance) {
            panic!("{why}");
        }
        self.act_on(StageAct::Advance, "");
        assert!(
            self.records.len() > before,
            "nothing was written: {:?}",
            self.model.ui.said(self.model.now.mono)
        );
    }

    /// An act whose dialogs are tested elsewhere.
    pub(crate) fn act_on(&mut self, act: StageAct, reason: &str) {
        let step = self.model.stage_step(act, reason).expect("a step");
        self.journal(Draft {
            by: "mara".into(),
            role: Clean::default(),
            entry: Entry::Stage(Box::new(step)),
        });
        let record = self.records.last().cloned().expect("a record");
        self.tell(Msg::Recorded { records: vec![record] });
    }

    pub(crate) fn soak(&self) -> u64 {
        self.model.soak().expect("a clock").0.as_secs()
    }

    pub(crate) fn reasons(&self) -> Vec<String> {
        self.model.verdicts.now.reasons.iter().map(|it| it.told().to_string()).collect()
    }

    fn states(&self) -> Vec<State> {
        self.model.stage_rows().iter().map(|row| row.state).collect()
    }

    fn verdict(&self) -> (VerdictState, String) {
        (self.model.verdicts.now.state, self.model.verdicts.now.act.to_string())
    }

    fn soaked(&self) -> usize {
        let soaked = |record: &&Record| matches!(&record.entry, Entry::Stage(step) if matches!(**step, Step::Soaked { .. }));
        self.records.iter().filter(soaked).count()
    }
}

fn model(config: &str, folder: &Path, world: u64) -> Model {
    let loaded = config::parse(config, &folder.join("config.toml"), &Overrides::default(), "mara");
    let room = loaded.unwrap_or_else(|error| panic!("{error}")).room;
    Model::new(Arc::new(room), "c".into(), Now { mono: Mono::default(), wall: wall(world) }, (160, 48))
}

/// Two stages in, and nothing soaked of the second.
pub(crate) fn in_canary() -> Console {
    let mut console = Console::new(CONFIG, CHECKLIST);
    console.tick_item("lead agrees");
    console.tick_item("support knows");
    console.pass(6);
    console.advance();
    console.tick_item("QA verification");
    console.pass(36);
    console.advance();
    console
}

/// Every condition is a criterion of some stage: those of the first one count for the act that enters it.
#[test]
fn the_first_stage_can_be_entered_where_every_condition_is_a_criterion() {
    let (head, rest) = CONFIG.split_once("[[condition]]").expect("conditions");
    let (_, fast) = rest.split_once("[[condition]]").expect("the second one");
    let config =
        format!("{head}[[condition]]{fast}").replace("percent = 0", "percent = 0\ncriteria = [\"fast\"]");
    let mut console = Console::new(&config, "# R\n");
    console.pass(5);
    let unwatched = |console: &Console| console.reasons().iter().any(|it| it.contains("nothing is watched"));
    assert!(!unwatched(&console), "{:?}", console.reasons());
    console.millis = 500;
    console.pass(5);
    assert_eq!(console.verdict().0, VerdictState::NoGo, "{:?}", console.reasons());
}

#[test]
fn the_verdict_names_the_next_stage_and_only_what_that_needs_counts() {
    let mut console = Console::new(CONFIG, CHECKLIST);
    // Too slow for the canary, which is not the question yet.
    console.millis = 500;
    console.pass(6);
    assert_eq!(console.verdict(), (VerdictState::Hold, "Internal 0 %".into()));
    let open = console.reasons();
    assert!(open.contains(&"1 item open before Internal 0 %: 0 of 1".to_owned()), "{open:?}");
    // What a later stage asks for does not count; what no stage names does.
    assert!(open.contains(&"1 required item open: 0 of 1".to_owned()), "{open:?}");
    console.tick_item("lead agrees");
    console.tick_item("support knows");
    console.pass(4);
    assert_eq!(console.verdict(), (VerdictState::Go, "Internal 0 %".into()), "{:?}", console.reasons());
    assert!(console.model.verdicts.now.next.contains(":stage advance goes on"));
    console.advance();
    console.pass(1);
    assert_eq!(console.verdict(), (VerdictState::Hold, "Canary 10 %".into()));
    let open = console.reasons();
    assert!(open.iter().any(|it| it.starts_with("soak of Internal: 00:0")), "{open:?}");
    assert!(open.contains(&"1 item open before Canary 10 %: 0 of 1".to_owned()), "{open:?}");
    assert_eq!(console.states(), [State::Soaking, State::Waiting, State::Waiting]);
    console.tick_item("QA verification");
    console.pass(34);
    assert_eq!(console.verdict().0, VerdictState::Go, "{:?}", console.reasons());
    assert_eq!(console.states(), [State::Ready, State::Waiting, State::Waiting]);
    // From here on it counts that it is slow.
    console.advance();
    console.pass(4);
    assert_eq!(console.verdict(), (VerdictState::NoGo, "Full 100 %".into()), "{:?}", console.reasons());
    assert_eq!(console.states(), [State::Done, State::Failed, State::Waiting]);
}

#[test]
fn the_clock_counts_only_what_was_seen_fresh_and_good() {
    let mut console = in_canary();
    console.pass(20);
    let counted = console.soak();
    assert!((18..=20).contains(&counted), "{counted}");
    console.answers = None;
    console.pass(20);
    let stood = console.soak();
    assert!(stood <= counted + 6, "stale data counts no longer: {stood}");
    let row = console.model.stage_rows()[1].clone();
    assert!(row.soak_words().ends_with("no data"), "{}", row.soak_words());
    console.answers = Some(true);
    console.pass(10);
    let on = console.soak();
    assert!((stood + 7..=stood + 10).contains(&on), "it goes on where it stood: {stood} {on}");
    // Something fails: the clock stands, and begins anew when it is good again.
    console.answers = Some(false);
    console.pass(3);
    assert_eq!(console.states()[1], State::Failed);
    let failed = console.soak();
    console.pass(10);
    assert_eq!(console.soak(), failed);
    assert!(console.reasons().iter().any(|it| it.starts_with("api answers")), "{:?}", console.reasons());
    console.answers = Some(true);
    console.pass(10);
    assert!((5..=9).contains(&console.soak()), "{}", console.soak());
    let clock = console.model.stages.course.open().expect("a stage").clock.clone();
    assert_eq!((clock.resets, clock.reset.map(|(_, why)| why.to_string())), (1, Some("api answers".into())));
    console.pass(130);
    assert_eq!(console.soak(), 120, "no more than it needs");
}

#[test]
fn a_restart_loses_a_minute_at_most_and_gains_nothing() {
    let mut console = in_canary();
    console.pass(100);
    let counted = console.soak();
    console.restart(3_600);
    console.pass(1);
    let after = console.soak();
    assert!(after <= counted && after + 60 >= counted, "{counted} {after}");
    assert!(console.soaked() < 8, "written sparingly: {}", console.soaked());
    console.pass(70);
    assert_eq!(console.soak(), 120);
    // While it fails the process ends: what was counted is gone all the same.
    let mut console = in_canary();
    console.pass(70);
    console.answers = Some(false);
    console.pass(3);
    console.restart(60);
    console.answers = Some(true);
    console.pass(10);
    assert!(console.soak() <= 10, "{}", console.soak());
}

#[test]
fn it_is_held_repeated_and_given_up_by_people_with_their_reasons() {
    let mut console = in_canary();
    console.pass(20);
    console.keys("H");
    assert!(console.model.ui.modal.is_some());
    console.keys("lunch\n");
    console.pass(5);
    let held = console.soak();
    assert_eq!(console.states()[1], State::Paused);
    assert!(console.reasons().contains(&"Canary is held: by mara".to_owned()), "{:?}", console.reasons());
    assert!(console.model.stage_obstacle(StageAct::Advance).is_some());
    console.pass(20);
    assert_eq!(console.soak(), held);
    console.keys("Hy");
    console.pass(5);
    assert!(console.soak() > held && console.states()[1] == State::Soaking);
    // Without a reason it is asked for again.
    console.keys(":stage repeat\n\n");
    assert!(console.model.ui.modal.is_some());
    console.keys("another build\n");
    console.pass(3);
    assert!(console.soak() <= 4, "{}", console.soak());
    console.keys(":stage abort\n");
    console.keys("users complain\n");
    console.pass(1);
    assert_eq!(console.states()[1], State::Aborted);
    let told = console.reasons();
    assert!(told.contains(&"Canary was given up: by mara: users complain".to_owned()), "{told:?}");
    let left = console.model.left_over();
    assert!(left.contains(&"stage Canary was given up".into()), "{left:?}");
    let steps: Vec<String> = console.records.iter().map(|it| console.model.journal.words(it).1).collect();
    for words in
        ["stage Canary held: lunch", "stage Canary goes on", "stage Canary begins anew: another build"]
    {
        assert!(steps.iter().any(|it| it == words), "{words}: {steps:?}");
    }
}

#[test]
fn two_people_go_on_once() {
    let mut console = Console::new(CONFIG, CHECKLIST);
    console.tick_item("lead agrees");
    console.tick_item("support knows");
    console.pass(6);
    console.keys(":stage advance\n");
    assert!(console.model.ui.modal.is_some());
    // Ines was faster.
    let step = console.model.stage_step(StageAct::Advance, "").expect("a step");
    console.elsewhere(Entry::Stage(Box::new(step.clone())));
    console.keys("y");
    let entered =
        |console: &Console| console.model.stages.course.current().map(|it| it.entered.by.to_string());
    assert_eq!(entered(&console), Some("ines".into()));
    assert_eq!(console.states(), [State::Soaking, State::Waiting, State::Waiting]);
    // One that was on its way is refused by the journal, and by every reader of it.
    console.elsewhere(Entry::Stage(Box::new(step)));
    assert_eq!(console.states(), [State::Soaking, State::Waiting, State::Waiting]);
}

#[test]
fn a_word_of_a_person_lets_go_on_and_what_spoke_against_it_is_recorded() {
    let mut console = in_canary();
    console.pass(10);
    let why = console.model.stage_obstacle(StageAct::Advance).expect("it soaks");
    assert!(why.starts_with("waits for GO, the verdict is HOLD: "), "{why}");
    let until = wall(console.world + 600);
    let room = &console.model.verdicts.room;
    let (state, over, against) = (VerdictState::Go, room.state, room.against.clone());
    console.elsewhere(Entry::Overrode { state, over, against, reason: "the fair begins".into(), until });
    console.pass(2);
    console.advance();
    let passed = console.model.stages.course.passed().last().expect("passed").clone();
    assert!(passed.against.iter().any(|it| it.starts_with("soak of Canary")), "{:?}", passed.against);
    assert_eq!(console.states(), [State::Done, State::Done, State::Ready]);
    console.advance();
    assert_eq!(console.states(), [State::Done; 3]);
    let why = console.model.stage_obstacle(StageAct::Advance).expect("it is the end");
    assert!(why.contains("rollout end completed"), "{why}");
}

#[test]
fn a_planned_start_counts_down_and_a_closed_calendar_holds_up_the_way_forward() {
    let config = CONFIG.replace(
        "[[stage]]\nname = \"Internal\"",
        "[stages]\nstart = \"2026-03-05T13:40:00Z\"\nwindows = [\"Mon-Thu 09:00-16:00\"]\n[[stages.freeze]]\n\
         from = \"2026-03-05T14:00:00Z\"\nuntil = \"2026-03-06\"\nwhy = \"the fair\"\n\
         [[stage]]\nname = \"Internal\"",
    );
    let checklist = format!("{CHECKLIST}## T-30 min\n- [ ] announce it\n");
    let mut console = Console::new(&config, &checklist);
    console.tick_item("lead agrees");
    console.tick_item("support knows");
    console.pass(6);
    let told = console.reasons();
    assert!(told.contains(&"planned start 13:40: in 39:54".to_owned()), "{told:?}");
    let start =
        console.model.verdicts.now.reasons.iter().find(|it| it.subject.starts_with("planned")).cloned();
    assert_eq!(&*start.expect("a start").context, "T−30m: 1 item, in 09:54");
    console.world += 600;
    console.pass(2);
    let told = console.reasons();
    assert!(told.contains(&"1 item due since T−30m open: 0 of 1".to_owned()), "{told:?}");
    console.tick_item("announce it");
    console.world += 1_800;
    console.pass(6);
    assert_eq!(console.verdict().0, VerdictState::Go, "{:?}", console.reasons());
    console.world += 1_800;
    console.pass(6);
    let told = console.reasons();
    assert!(
        told.contains(&"frozen until 03-07 00:00: the fair: opens 03-09 09:00, in 3d".to_owned()),
        "{told:?}"
    );
    assert_eq!(console.verdict().0, VerdictState::Hold);
}

#[test]
fn stages_of_documents_are_a_proposal_until_the_first_one_is_entered() {
    let config = CONFIG.split("[[stage]]").next().expect("the config without its stages").to_owned();
    let checklist = "# R\n## Phase 1: Internal\n### Prerequisites\n- [ ] lead agrees\n### Steps\n- [ ] switch on\n\
                     - Soak: 30 minutes\n## Phase 2: Canary (10% of users)\n### Steps\n- [ ] send 10% of users\n";
    let mut console = Console::new(&config, checklist);
    console.pass(6);
    assert_eq!(console.states(), [State::Waiting; 2], "{:?}", console.model.stages.specs());
    assert_eq!(console.model.stages.specs()[0].soak, Duration::from_mins(30));
    assert_eq!(console.verdict(), (VerdictState::Go, String::new()), "{:?}", console.reasons());
    let why = console.model.stage_obstacle(StageAct::Advance).expect("an item is open");
    assert_eq!(&*why, "not ready: 1 item open before Internal: 0 of 1 (lead agrees)");
    console.tick_item("lead agrees");
    console.pass(2);
    console.advance();
    console.pass(2);
    assert_eq!(console.verdict().0, VerdictState::Hold);
    let told = console.reasons();
    assert!(told.iter().any(|it| it.starts_with("soak of Internal: 00:0")), "{told:?}");
    assert!(told.contains(&"1 step of Internal open: 0 of 1".to_owned()), "{told:?}");
}

#[test]
fn the_snapshot_tells_them_by_the_names_of_the_schema() {
    let mut console = in_canary();
    console.pass(20);
    let json = snapshot(&console.model);
    let stages = json["stages"].as_array().expect("stages").clone();
    let states: Vec<&Value> = stages.iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["done", "soaking", "waiting"]);
    assert_eq!((&stages[1]["name"], &stages[1]["needs_seconds"]), (&"Canary".into(), &120.0.into()));
    assert!(
        stages[1]["soak_seconds"].as_f64().is_some_and(|it| (15.0..=20.0).contains(&it)),
        "{}",
        stages[1]
    );
    assert_eq!(stages[1]["criteria"][0]["state"], "pass");
    assert_eq!(stages[2]["soak_seconds"], Value::Null);
    assert_eq!(json["verdict"]["act"], "Full 100 %");
}

#[test]
fn what_is_due_after_the_deployment_comes_up_as_its_time_comes() {
    let checklist = format!(
        "{CHECKLIST}## Post-deployment\n### 0-4 hours\n- [ ] read the logs\n### 4-24 hours\n- [ ] compare costs\n"
    );
    let mut console = Console::new(CONFIG, &checklist);
    console.tick_item("lead agrees");
    console.elsewhere(Entry::T0 { at: wall(0), detected: false });
    console.pass(3);
    let due = |console: &Console| {
        console.reasons().into_iter().filter(|it| it.starts_with("due ")).collect::<Vec<_>>()
    };
    assert_eq!(due(&console), ["due first 4h after T0: 0 of 1 done"]);
    console.tick_item("read the logs");
    console.pass(3);
    assert_eq!(due(&console), Vec::<String>::new());
    console.world += 4 * 3_600;
    console.pass(3);
    assert_eq!(due(&console), ["due 4h to 24h after T0: 0 of 1 done"]);
    let left = console.model.left_over();
    assert!(left.contains(&"1 item for after the deployment".into()), "{left:?}");
}
