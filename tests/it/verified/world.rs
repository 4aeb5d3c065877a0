//! Two services, two consoles that live at once, the journal that outlives them, and a person who asks by keys at either. Whatever comes, nothing is
//! sent that the journal does not hold, nothing is sent twice or while another operation holds its service, and each
//! operation is held to a clock of its own before it may be called VERIFIED.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

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
pub(super) enum Second {
    Good,
    Bad,
    /// The probe says nothing.
    Silent,
    /// Cloud Run says nothing.
    Unread,
    /// The probe fails, and Cloud Run says nothing.
    BadUnread,
    /// What is wanted does not serve yet.
    Reconciling,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// So many seconds in which this service is like this, and the other one is well.
    Pass(usize, Second, u64),
    /// A person asks for this and confirms it.
    Keys(&'static str, &'static str),
    /// Whoever follows the newest operation but so many tells a state: its runner, or a look that was asked for.
    Told(usize, OpState),
    /// The request of the newest operation but so many arrives at the service: it is done.
    Arrives(usize),
    /// Somebody else moves the traffic of a service.
    Other(usize),
    /// From now on the journal answers like this.
    Journal(Answers),
    /// The console is killed, and another one opened on the same journal.
    Restart,
    /// The person goes to the other console, which has been open all the time.
    OtherConsole,
}

/// How the journal answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Answers {
    AtOnce,
    /// It takes what it is given, and says so only later.
    Later,
    /// The disk is full.
    Never,
}

/// A service as it is, and what the room was told of it.
struct Real {
    split: Vec<TrafficTarget>,
    generation: i64,
    fast: &'static str,
    probe: Option<(bool, u64)>,
    read: Option<(Traffic, u64)>,
}

/// What this console saw of an operation.
#[derive(Default)]
struct Clock {
    /// It was told to be EFFECTIVE.
    effective: bool,
    /// What was heard last was good, and of what it asked for.
    good: bool,
    /// For how long, in microseconds, since anything spoke against it.
    good_for: u64,
    looked: u64,
}

/// A journal, services, the consoles, and what was sent.
pub(super) struct World {
    /// The first one keeps the journal.
    people: [Person; 2],
    /// The one at which the person sits.
    at: usize,
    second: u64,
    real: [Real; 2],
    records: Vec<Record>,
    answers: Answers,
    /// Which console waits for which answer.
    owed: Vec<(usize, Token, u64)>,
    pub(super) sent: Vec<(OpId, OpKind)>,
    /// Which consoles follow what: they sent it, or asked to look at it again, and live.
    followed: BTreeSet<(OpId, usize)>,
    /// Of each operation, as each console saw it.
    clocks: BTreeMap<(OpId, usize), Clock>,
    /// Since when each console is open.
    open_since: [u64; 2],
    pub(super) verified: usize,
}

fn now(second: u64) -> Now {
    Now { mono: Mono::from_secs(second), wall: Wall::default() + Duration::from_secs(1_700_000_000 + second) }
}

fn console(of: usize, at: u64, records: &[Record]) -> Person {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    let room = Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
    let model = Model::new(room, format!("console-{of}-{at}"), now(at), (140, 40));
    let mut person = Person { model, keymap: Keymap::default(), effects: Vec::new() };
    person.tell(Msg::Kept { mine: of == 0, holder: Clean::new("it") });
    person.tell(Msg::Recorded { records: records.to_vec() });
    person.tell(Msg::ChainChecked { seq: records.len() as u64, damage: None });
    person
}

impl World {
    /// The old revisions serve when the room opens; then the new ones get a tenth.
    pub(super) fn new() -> Self {
        let real = NAMES.map(|name| Real {
            split: vec![share(&format!("{name}-00001-old"), 100)],
            generation: 1,
            fast: "false",
            probe: None,
            read: None,
        });
        let mut world = Self {
            people: [console(0, 1, &[]), console(1, 1, &[])],
            at: 0,
            second: 1,
            real,
            records: Vec::new(),
            answers: Answers::AtOnce,
            owed: Vec::new(),
            sent: Vec::new(),
            followed: BTreeSet::new(),
            clocks: BTreeMap::new(),
            open_since: [1, 1],
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

    /// Both hear it.
    fn tell(&mut self, msg: &Msg) {
        self.people.iter_mut().for_each(|person| person.tell(msg.clone()));
        self.take();
    }

    pub(super) fn screen(&self) -> String {
        self.people[self.at].screen()
    }

    fn take(&mut self) {
        while let Some(at) = self.people.iter().position(|person| !person.effects.is_empty()) {
            for effect in std::mem::take(&mut self.people[at].effects) {
                self.effect(at, effect);
            }
        }
    }

    fn effect(&mut self, at: usize, effect: Effect) {
        match effect {
            Effect::Journal { token, draft, guard } => self.journal((at, token), draft, &guard),
            Effect::Operate { op, act, authority, .. } => {
                let seq = authority.record().expect("journaled, not consented to");
                let record = self.records.get(seq as usize - 1).expect("a record");
                let Entry::Intent { op: of, act: intended, .. } = &record.entry else { panic!("{record:?}") };
                assert!(*of == op && *intended == act, "another act than was journaled");
                assert!(self.sent.iter().all(|(sent, _)| *sent != op), "sent twice");
                assert_eq!(self.holder(act.resource(), &op), None, "two at a time");
                self.followed.insert((op.clone(), at));
                self.sent.push((op, act));
            }
            Effect::Recheck { op, .. } => {
                self.followed.insert((op, at));
            }
            Effect::Validate { token, .. } => self.people[at].tell(Msg::Validated { token, error: None }),
            _ => {}
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
    fn journal(&mut self, (at, token): (usize, Token), draft: Draft, guard: &Guard) {
        if self.answers == Answers::Never {
            let refusal = Refusal::Unwritable { error: Clean::new("disk full") };
            return self.people[at].tell(Msg::JournalRefused { token, refusal });
        }
        if let Guard::ResourceFree { resource, .. } = guard
            && let Some(op) = self.holder(resource, &OpId(String::new()))
        {
            let refusal = Refusal::Conflict { op, by: Clean::new("sam") };
            return self.people[at].tell(Msg::JournalRefused { token, refusal });
        }
        self.judge(at, &draft.entry);
        let seq = self.records.len() as u64 + 1;
        let Draft { by, role, entry } = draft;
        let record =
            Record { seq, at: now(self.second).wall, by, role, entry, hash: String::new(), late: false };
        self.records.push(record);
        if self.answers == Answers::Later {
            return self.owed.push((at, token, seq));
        }
        self.answered(at, token, seq);
    }

    /// Whoever wrote it is told so; both read it, the writer after the answer.
    fn answered(&mut self, at: usize, token: Token, seq: u64) {
        let record = self.records.get(seq as usize - 1).expect("a record").clone();
        self.people[at].tell(Msg::Journaled { token, seq });
        self.people
            .iter_mut()
            .for_each(|person| person.tell(Msg::Recorded { records: vec![record.clone()] }));
    }

    fn judge(&mut self, at: usize, entry: &Entry) {
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
        let good_for = self.clocks.get(&(op.clone(), at)).map_or(0, |clock| clock.good_for);
        assert!(good_for >= VERIFY_FOR * 1_000_000, "VERIFIED after {good_for} us of data that was heard");
        self.verified += 1;
    }

    /// What is heard of each operation by now goes into its clock: the time since the last look, if all was good and of
    /// what it asked for at both ends.
    fn watch(&mut self) {
        for at in 0..2 {
            let now = self.people[at].model.now.mono.0;
            let heard: Vec<Option<bool>> =
                self.sent.iter().map(|(_, act)| self.heard(act, at, now)).collect();
            for ((op, _), heard) in self.sent.iter().zip(heard) {
                let clock = self.clocks.entry((op.clone(), at)).or_default();
                let step = now - std::mem::replace(&mut clock.looked, now);
                let good = clock.effective && heard == Some(true);
                match heard {
                    Some(false) => clock.good_for = 0,
                    _ if good && clock.good => clock.good_for += step,
                    _ => {}
                }
                clock.good = good;
            }
        }
    }

    /// Whether what is fresh speaks for an act or against it; `None`: neither.
    fn heard(&self, act: &OpKind, at: usize, now: u64) -> Option<bool> {
        let real = &self.real[usize::from(act.service().0)];
        let opened = self.open_since[at];
        let fresh = |at: u64| at >= opened && now <= (at + HEARD) * 1_000_000;
        let probe = real.probe.filter(|(_, at)| fresh(*at)).map(|(good, _)| good);
        if probe == Some(false) {
            return probe;
        }
        let (traffic, _) = real.read.as_ref().filter(|(_, at)| fresh(*at))?;
        let newer = traffic.generation > act.generation();
        let (serves, against) = match act {
            OpKind::Rollback(change) => {
                let same = same_shares(&traffic.effective, &change.after);
                (same && !traffic.reconciling, !same && newer)
            }
            OpKind::Flag(change) => {
                let is = traffic.template_env.get("FAST");
                let set = is == Some(&EnvValue::Plain(Clean::new(&change.after)));
                let latest = traffic.latest_ready.as_deref().expect("the newest");
                let served = traffic.effective_percent(latest) > 0;
                (newer && set && served, newer && (!set || traffic.reconciling))
            }
            other => panic!("{other:?}"),
        };
        if against { Some(false) } else { probe.filter(|_| serves) }
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
        self.second = self.next_second();
        for ix in 0..2_usize {
            let second = if ix == of { second } else { Second::Good };
            if second != Second::Silent {
                self.probed(ix, !matches!(second, Second::Bad | Second::BadUnread));
            }
            if !matches!(second, Second::Unread | Second::BadUnread) {
                self.looked(ix, second == Second::Reconciling);
            }
        }
        // Both clocks go on before either acts on it.
        let tick = Msg::Ticked(now(self.second));
        self.people.iter_mut().for_each(|person| person.tell(tick.clone()));
        self.watch();
        self.take();
    }

    fn next_second(&self) -> u64 {
        let latest = self.people.iter().map(|person| person.model.now.mono.0).max();
        (latest.expect("two") / 1_000_000).max(self.second) + 1
    }

    fn probed(&mut self, ix: usize, ok: bool) {
        self.real[ix].probe = Some((ok, self.second));
        let (service, at) = (ServiceIx(ix as u16), now(self.second).mono);
        let (status, latency) = (Some(if ok { 200 } else { 503 }), Duration::from_millis(9));
        let outcome = ProbeOutcome::Answered { status, latency, ok, report: BodyReport::default() };
        self.tell(&Msg::Probed(Probed { service, probe: 0, at, origin: Origin::Mixed, outcome }));
        let source = SourceId::Health { service, probe: 0 };
        self.tell(&Msg::Linked { source, report: LinkReport::Alive, at });
    }

    fn looked(&mut self, ix: usize, reconciling: bool) {
        let traffic = self.read(ix, reconciling);
        self.real[ix].read = Some((traffic.clone(), self.second));
        let (service, at) = (ServiceIx(ix as u16), now(self.second).mono);
        self.tell(&Msg::TrafficRead { service, at, traffic: Box::new(traffic) });
        self.tell(&Msg::Linked { source: SourceId::CloudRun { service }, report: LinkReport::Alive, at });
    }

    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Pass(of, second, long) => (0..long).for_each(|_| self.pass(of, second)),
            Step::Keys(ask, word) => self.keys(ask, word),
            Step::Told(back, state) => self.told(back, state),
            Step::Arrives(back) => self.arrives(back),
            Step::Other(of) => self.moved(of, 20),
            Step::Journal(answers) => {
                self.answers = answers;
                if answers == Answers::AtOnce {
                    for (at, token, seq) in std::mem::take(&mut self.owed) {
                        self.answered(at, token, seq);
                        self.take();
                    }
                }
            }
            Step::Restart => self.restart(),
            Step::OtherConsole => self.at = 1 - self.at,
        }
    }

    /// Runners die with their console; what is looked at again is told of as well.
    fn told(&mut self, back: usize, state: OpState) {
        let follows = |op: &OpId| (0..2).find(|at| self.followed.contains(&(op.clone(), *at)));
        let mut followed = self.sent.iter().rev().filter_map(|(op, _)| Some((op.clone(), follows(op)?)));
        let Some((op, by)) = followed.nth(back) else { return };
        drop(followed);
        if state == OpState::Effective {
            (0..2).for_each(|at| self.clocks.entry((op.clone(), at)).or_default().effective = true);
        }
        let at = self.people[by].model.now;
        self.people[by].tell(Msg::Operated { op, state, detail: Clean::new("told"), at });
        self.take();
    }

    fn key(&mut self, c: char) {
        self.people[self.at].key(if c == '\n' { Key::Enter } else { Key::Char(c) });
        self.watch();
        self.take();
    }

    fn keys(&mut self, ask: &str, word: &str) {
        self.escape();
        ask.chars().for_each(|c| self.key(c));
        self.people.iter_mut().for_each(|person| person.wait(600));
        self.watch();
        self.take();
        if matches!(&self.people[self.at].model.ui.modal, Some(Modal::Confirm(_))) {
            word.chars().chain(['\n']).for_each(|c| self.key(c));
        }
        self.escape();
    }

    fn escape(&mut self) {
        self.people[self.at].key(Key::Esc);
        self.watch();
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

    /// The console at which the person sits; the other one lives on.
    fn restart(&mut self) {
        self.second = self.next_second();
        let at = self.at;
        self.people[at] = console(at, self.second, &self.records);
        self.owed.retain(|(of, _, _)| *of != at);
        self.followed.retain(|(_, of)| *of != at);
        self.open_since[at] = self.second;
        let looked = self.second * 1_000_000;
        self.clocks.retain(|(_, of), _| *of != at);
        for record in &self.records {
            if let Entry::Progress { op, state: OpState::Effective, .. } = &record.entry {
                self.clocks.insert((op.clone(), at), Clock { effective: true, looked, ..Clock::default() });
            }
        }
        let before = self.sent.len();
        self.take();
        assert_eq!(self.sent.len(), before, "sent by being started");
    }
}
