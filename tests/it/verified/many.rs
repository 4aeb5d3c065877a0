//! The same of several services, of a group and of a flag, asked for by keys as a person would: whatever comes in
//! between, nothing is sent that the journal does not hold, nothing is sent twice or while another operation holds its
//! service, and VERIFIED needs its whole time of good data that was heard since the probe was bad.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use warroom::config::{self, Overrides};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::record::Guard;
use warroom::domain::revision::{EnvValue, same_shares};
use warroom::domain::{
    Clean, Draft, Entry, Key, LinkReport, Mono, Now, OpId, OpKind, OpState, Origin, Record, Refusal,
    ServiceIx, SourceId, Traffic, TrafficTarget, Wall,
};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::modal::Modal;
use warroom::model::msg::{Msg, Token};

use crate::screens::Person;
use crate::splits::{self, share};

const NAMES: [&str; 2] = ["api", "web"];
/// As configured below.
const VERIFY_FOR: u64 = 8;
/// After so many seconds of silence a source that is asked every second is stale.
const HEARD: u64 = 3;

const CONFIG: &str = r#"
[room]
name = "many"
environment = "production"
[[service]]
name = "api"
[[service.health]]
name = "up"
url = "http://127.0.0.1:1/health"
interval = "1s"
timeout = "500ms"
[service.cloud_run]
project = "p"
region = "r"
service = "api"
interval = "1s"
verify_for = "8s"
[[service]]
name = "web"
[[service.health]]
name = "there"
url = "http://127.0.0.1:2/health"
interval = "1s"
timeout = "500ms"
[service.cloud_run]
project = "p"
region = "r"
service = "web"
interval = "1s"
verify_for = "8s"
[[group]]
name = "both"
services = ["web", "api"]
on_failure = "go-on"
[[flag]]
name = "FAST"
service = "api"
"#;

/// What a source of a service brings in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Second {
    Good,
    Bad,
    /// The probe says nothing.
    Silent,
    /// Cloud Run says nothing.
    Unread,
    /// What is wanted does not serve yet.
    Reconciling,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// So many seconds in which this service is like this, and the other one is well.
    Pass(usize, Second, u64),
    /// A person asks for this and confirms it.
    Keys(&'static str, &'static str),
    /// The runner of the newest operation but so many tells a state.
    Told(usize, OpState),
    /// The request of the newest operation but so many arrives at the service: it is done.
    Arrives(usize),
    /// Somebody else moves the traffic of a service.
    Other(usize),
    /// From now on the journal answers like this.
    Journal(Answers),
    /// The console is killed, and another one opened on the same journal.
    Restart,
}

/// How the journal answers.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answers {
    AtOnce,
    /// It takes what it is given, and says so only later.
    Later,
    /// The disk is full.
    Never,
}

fn step() -> impl Strategy<Value = Step> {
    use OpState::{Accepted, Effective, Failed, Reconciling, Requested, Unknown};
    let second = prop_oneof![
        6 => Just(Second::Good),
        1 => Just(Second::Bad),
        2 => Just(Second::Silent),
        2 => Just(Second::Unread),
        1 => Just(Second::Reconciling),
    ];
    let states = vec![Requested, Accepted, Reconciling, Effective, Effective, Effective, Failed, Unknown];
    let keys = vec![
        (":rollback api\n", "00001"),
        (":rollback web\n", "00001"),
        (":rollback --group both\n", "both"),
        (":rollback --all\n", "all"),
        (":flip FAST\n", "FAST"),
    ];
    prop_oneof![
        10 => (0..2_usize, second, 1..14_u64).prop_map(|(of, second, long)| Step::Pass(of, second, long)),
        6 => prop::sample::select(keys).prop_map(|(ask, word)| Step::Keys(ask, word)),
        8 => (0..2_usize, prop::sample::select(states)).prop_map(|(back, state)| Step::Told(back, state)),
        6 => (0..2_usize).prop_map(Step::Arrives),
        1 => (0..2_usize).prop_map(Step::Other),
        3 => prop::sample::select(vec![Answers::AtOnce, Answers::AtOnce, Answers::Later, Answers::Never])
            .prop_map(Step::Journal),
        2 => Just(Step::Restart),
    ]
}

/// A service as it is, and what the room was told of it.
struct Real {
    split: Vec<TrafficTarget>,
    generation: i64,
    fast: &'static str,
    probe: Option<(bool, u64)>,
    read: Option<(Traffic, u64)>,
    /// Seconds with good data that was heard, since the probe was bad or the console opened.
    good_for: u64,
}

/// A journal, services, the console, and what was sent.
struct World {
    person: Person,
    second: u64,
    real: [Real; 2],
    records: Vec<Record>,
    answers: Answers,
    owed: Vec<(Token, u64)>,
    sent: Vec<(OpId, OpKind)>,
    /// What was sent by consoles that are gone.
    before: usize,
    verified: usize,
}

fn now(second: u64) -> Now {
    Now { mono: Mono::from_secs(second), wall: Wall::default() + Duration::from_secs(1_700_000_000 + second) }
}

fn console(at: u64, records: &[Record]) -> Person {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    let room = Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
    let model = Model::new(room, format!("console-{at}"), now(at), (140, 40));
    let mut person = Person { model, keymap: Keymap::default(), effects: Vec::new() };
    person.tell(Msg::Kept { mine: true, holder: Clean::new("it") });
    person.tell(Msg::Recorded { records: records.to_vec() });
    person.tell(Msg::ChainChecked { seq: records.len() as u64, damage: None });
    person
}

impl World {
    /// The old revisions serve when the room opens; then the new ones get a tenth.
    fn new() -> Self {
        let real = NAMES.map(|name| Real {
            split: vec![share(&format!("{name}-00001-old"), 100)],
            generation: 1,
            fast: "false",
            probe: None,
            read: None,
            good_for: 0,
        });
        let mut world = Self {
            person: console(1, &[]),
            second: 1,
            real,
            records: Vec::new(),
            answers: Answers::AtOnce,
            owed: Vec::new(),
            sent: Vec::new(),
            before: 0,
            verified: 0,
        };
        world.pass(0, Second::Good);
        (0..2).for_each(|of| world.moved(of, 10));
        world.pass(0, Second::Good);
        world
    }

    fn moved(&mut self, of: usize, new: u8) {
        let name = NAMES[of];
        let shares = [(format!("{name}-00001-old"), 100 - new), (format!("{name}-00002-new"), new)];
        self.real[of].split = shares
            .iter()
            .filter(|(_, percent)| *percent > 0)
            .map(|(name, percent)| share(name, *percent))
            .collect();
        self.real[of].generation += 1;
    }

    fn tell(&mut self, msg: Msg) {
        self.person.tell(msg);
        self.take();
    }

    fn take(&mut self) {
        loop {
            let effects = std::mem::take(&mut self.person.effects);
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Journal { token, draft, guard } => self.journal(token, draft, &guard),
                    Effect::Operate { op, act, authority, .. } => {
                        let seq = authority.record().expect("journaled, not consented to");
                        let record = self.records.get(seq as usize - 1).expect("a record");
                        let Entry::Intent { op: of, act: intended, .. } = &record.entry else {
                            panic!("{record:?}")
                        };
                        assert!(*of == op && *intended == act, "another act than was journaled");
                        assert!(self.sent.iter().all(|(sent, _)| *sent != op), "sent twice");
                        assert_eq!(self.holder(act.resource(), &op), None, "two at a time");
                        self.sent.push((op, act));
                    }
                    Effect::Validate { token, .. } => {
                        self.person.tell(Msg::Validated { token, error: None });
                    }
                    _ => {}
                }
            }
        }
    }

    /// The operation that holds a resource, by the journal; but for `own`.
    fn holder(&self, resource: &str, own: &OpId) -> Option<OpId> {
        let mut intents = self.records.iter().filter_map(|record| match &record.entry {
            Entry::Intent { op, act, .. } if act.resource() == resource && op != own => Some(op),
            _ => None,
        });
        let frees = |op: &OpId| {
            self.records.iter().any(|record| {
                matches!(&record.entry, Entry::Progress { op: of, state, .. } if of == op && state.frees_resource())
            })
        };
        intents.find(|op| !frees(op)).cloned()
    }

    /// What the store does with a draft.
    fn journal(&mut self, token: Token, draft: Draft, guard: &Guard) {
        if self.answers == Answers::Never {
            let refusal = Refusal::Unwritable { error: Clean::new("disk full") };
            return self.person.tell(Msg::JournalRefused { token, refusal });
        }
        if let Guard::ResourceFree { resource } = guard
            && let Some(op) = self.holder(resource, &OpId(String::new()))
        {
            let refusal = Refusal::Conflict { op, by: Clean::new("sam") };
            return self.person.tell(Msg::JournalRefused { token, refusal });
        }
        self.judge(&draft.entry);
        let seq = self.records.len() as u64 + 1;
        let Draft { by, role, entry } = draft;
        let record =
            Record { seq, at: now(self.second).wall, by, role, entry, hash: String::new(), late: false };
        self.records.push(record);
        if self.answers == Answers::Later {
            return self.owed.push((token, seq));
        }
        self.answered(token, seq);
    }

    fn answered(&mut self, token: Token, seq: u64) {
        self.person.tell(Msg::Journaled { token, seq });
        let record = self.records.get(seq as usize - 1).expect("a record").clone();
        self.person.tell(Msg::Recorded { records: vec![record] });
    }

    fn judge(&mut self, entry: &Entry) {
        let Entry::Progress { state: OpState::Verified, op, .. } = entry else { return };
        let act = self.records.iter().find_map(|record| match &record.entry {
            Entry::Intent { op: of, act, .. } if of == op => Some(act.clone()),
            _ => None,
        });
        let act = act.expect("an intent");
        let real = &self.real[usize::from(act.service().0)];
        let (traffic, _) = real.read.as_ref().expect("read");
        match &act {
            OpKind::Rollback(change) => {
                assert!(same_shares(&traffic.effective, &change.after), "it does not serve: {traffic:?}");
            }
            OpKind::Flag(change) => {
                let value = EnvValue::Plain(Clean::new(&change.after));
                assert_eq!(traffic.template_env.get("FAST"), Some(&value), "it is not set");
            }
            other => panic!("{other:?}"),
        }
        assert!(real.probe.is_some_and(|(good, _)| good), "the probe said last that it is bad");
        assert!(real.good_for >= VERIFY_FOR, "VERIFIED after {} s of data that was heard", real.good_for);
        self.verified += 1;
    }

    fn read(&self, of: usize, reconciling: bool) -> Traffic {
        let (name, real) = (NAMES[of], &self.real[of]);
        let (old, new) = (format!("{name}-00001-old"), format!("{name}-00002-new"));
        let mut traffic = splits::service(name, real.split.clone(), [&new, &old], real.generation);
        if of == 0 {
            traffic.template_env.insert("FAST".into(), EnvValue::Plain(Clean::new(real.fast)));
        }
        if reconciling {
            traffic.effective = vec![share(&old, 55), share(&new, 45)];
            traffic.observed_generation -= 1;
            traffic.reconciling = true;
        }
        traffic
    }

    /// A second: `of` is like this, the other one is well.
    fn pass(&mut self, of: usize, second: Second) {
        self.second = (self.person.model.now.mono.0 / 1_000_000).max(self.second) + 1;
        let at = now(self.second).mono;
        for ix in 0..2_usize {
            let second = if ix == of { second } else { Second::Good };
            let service = ServiceIx(ix as u16);
            if second != Second::Silent {
                let ok = second != Second::Bad;
                self.real[ix].probe = Some((ok, self.second));
                let (status, latency) = (Some(if ok { 200 } else { 503 }), Duration::from_millis(9));
                let outcome = ProbeOutcome::Answered { status, latency, ok, report: BodyReport::default() };
                self.tell(Msg::Probed(Probed { service, probe: 0, at, origin: Origin::Mixed, outcome }));
                let source = SourceId::Health { service, probe: 0 };
                self.tell(Msg::Linked { source, report: LinkReport::Alive, at });
            }
            if second != Second::Unread {
                let traffic = self.read(ix, second == Second::Reconciling);
                self.real[ix].read = Some((traffic.clone(), self.second));
                self.tell(Msg::TrafficRead { service, at, traffic: Box::new(traffic) });
                self.tell(Msg::Linked {
                    source: SourceId::CloudRun { service },
                    report: LinkReport::Alive,
                    at,
                });
            }
            let real = &mut self.real[ix];
            let heard = |at: u64| self.second - at <= HEARD;
            let fresh = real.probe.is_some_and(|(_, at)| heard(at))
                && real.read.as_ref().is_some_and(|(_, at)| heard(*at));
            let good = real.probe.is_some_and(|(good, _)| good);
            if second == Second::Bad {
                real.good_for = 0;
            } else if fresh && good {
                real.good_for += 1;
            }
        }
        self.tell(Msg::Ticked(now(self.second)));
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Pass(of, second, long) => (0..long).for_each(|_| self.pass(of, second)),
            Step::Keys(ask, word) => self.keys(ask, word),
            Step::Told(back, state) => {
                // Runners die with their console.
                let own = self.sent.get(self.before..).unwrap_or_default();
                let Some((op, _)) = own.iter().rev().nth(back).cloned() else { return };
                let at = self.person.model.now;
                self.tell(Msg::Operated { op, state, detail: Clean::new("told"), at });
            }
            Step::Arrives(back) => self.arrives(back),
            Step::Other(of) => self.moved(of, 20),
            Step::Journal(answers) => {
                self.answers = answers;
                if answers == Answers::AtOnce {
                    for (token, seq) in std::mem::take(&mut self.owed) {
                        self.answered(token, seq);
                        self.take();
                    }
                }
            }
            Step::Restart => self.restart(),
        }
    }

    fn keys(&mut self, ask: &str, word: &str) {
        // Typing takes its time, in which what was heard is still fresh.
        for real in &mut self.real {
            real.good_for += if real.probe.is_some_and(|(good, _)| good) { HEARD + 1 } else { 0 };
        }
        self.person.key(Key::Esc);
        self.take();
        for c in ask.chars() {
            self.person.key(if c == '\n' { Key::Enter } else { Key::Char(c) });
            self.take();
        }
        self.person.wait(600);
        self.take();
        if matches!(&self.person.model.ui.modal, Some(Modal::Confirm(_))) {
            for c in word.chars().chain(['\n']) {
                self.person.key(if c == '\n' { Key::Enter } else { Key::Char(c) });
                self.take();
            }
        }
        self.person.key(Key::Esc);
        self.take();
    }

    fn arrives(&mut self, back: usize) {
        let Some((_, act)) = self.sent.iter().rev().nth(back).cloned() else { return };
        let of = usize::from(act.service().0);
        // The etag it was frozen with must still be the service's.
        if act.generation() != self.real[of].generation {
            return;
        }
        match act {
            OpKind::Rollback(_) => self.moved(of, 0),
            OpKind::Flag(change) => {
                self.real[of].fast = if change.after == "true" { "true" } else { "false" };
                self.real[of].generation += 1;
            }
            other => panic!("{other:?}"),
        }
    }

    fn restart(&mut self) {
        self.second = (self.person.model.now.mono.0 / 1_000_000).max(self.second) + 1;
        self.person = console(self.second, &self.records);
        self.owed.clear();
        self.before = self.sent.len();
        for real in &mut self.real {
            (real.probe, real.read, real.good_for) = (None, None, 0);
        }
        let before = self.sent.len();
        self.take();
        assert_eq!(self.sent.len(), before, "sent by being started");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn of_several_services_groups_and_flags_nothing_is_sent_twice_or_called_verified_too_early(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
    }
}

/// The same world in which all goes well: it gets there, so the property above is not empty.
#[test]
fn a_group_gets_there_when_all_goes_well() {
    let mut world = World::new();
    world.step(Step::Keys(":rollback --group both\n", "both"));
    for _ in 0..2 {
        assert!(!world.sent.is_empty(), "{}", world.person.screen());
        world.step(Step::Arrives(0));
        world.step(Step::Told(0, OpState::Accepted));
        world.step(Step::Pass(0, Second::Good, 1));
        world.step(Step::Told(0, OpState::Effective));
        world.step(Step::Pass(0, Second::Good, 2));
    }
    assert_eq!(world.sent.len(), 2, "each once, in order");
    let of = |at: usize| world.sent[at].1.service();
    assert_eq!((of(0), of(1)), (ServiceIx(1), ServiceIx(0)));
    world.step(Step::Pass(0, Second::Good, 20));
    assert_eq!(world.verified, 2);
}

/// Silence stops the clock: half of the time, then long silence, then not at once.
#[test]
fn what_is_not_heard_does_not_count() {
    for silence in [Second::Silent, Second::Unread] {
        let mut world = World::new();
        world.step(Step::Keys(":rollback web\n", "00001"));
        world.step(Step::Arrives(0));
        world.step(Step::Pass(0, Second::Good, 1));
        world.step(Step::Told(0, OpState::Effective));
        world.step(Step::Pass(1, Second::Good, 3));
        world.step(Step::Pass(1, silence, 60));
        assert_eq!(world.verified, 0, "a minute of silence");
        world.step(Step::Pass(1, Second::Good, 20));
        assert_eq!(world.verified, 1, "it goes on when data comes");
    }
}
