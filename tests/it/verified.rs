//! No sequence of readings, silences, faults and restarts makes the room send what was not journaled, send twice, or call
//! a rollback VERIFIED that is not.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use warroom::config::{self, Overrides};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::{
    Clean, Entry, LinkReport, Mono, Now, OpId, OpKind, OpState, Origin, Record, ServiceIx, SourceId, Traffic,
    Wall,
};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;

use crate::splits::{self, share};

mod many;

const API: ServiceIx = ServiceIx(0);
const A: &str = "api-00001-old";
const B: &str = "api-00002-new";
/// As configured below.
const VERIFY_FOR: u64 = 5;

const CONFIG: &str = r#"
[room]
name = "verified"
environment = "production"
[[service]]
name = "api"
[[service.health]]
name = "up"
url = "http://127.0.0.1:1/health"
[service.cloud_run]
project = "p"
region = "r"
service = "api"
verify_for = "5s"
"#;

/// What one second brings.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Second {
    /// All is well.
    Good,
    /// The probe fails.
    Bad,
    /// The probe says nothing.
    Silent,
    /// Cloud Run says nothing.
    Unread,
    /// Another split serves.
    Other,
    /// The split asked for is wanted, and does not serve yet.
    Reconciling,
    /// The runner tells of a state, once more or out of order.
    Told(OpState),
    /// The console is killed, and another one opened on the same journal.
    Restart,
}

fn second() -> impl Strategy<Value = Second> {
    use OpState::{Accepted, Effective, Failed, Reconciling, Requested, Unknown};
    prop_oneof![
        30 => Just(Second::Good),
        2 => Just(Second::Bad),
        3 => Just(Second::Silent),
        3 => Just(Second::Unread),
        1 => Just(Second::Other),
        1 => Just(Second::Reconciling),
        2 => prop::sample::select(vec![Requested, Accepted, Reconciling, Effective, Failed, Unknown]).prop_map(Second::Told),
        1 => Just(Second::Restart),
    ]
}

/// A journal, the console that writes it, and what was seen.
struct World {
    model: Model,
    second: u64,
    generation: i64,
    records: Vec<Record>,
    op: Option<OpId>,
    sent: Vec<OpId>,
    restarted: bool,
    /// Since when nothing spoke against the split asked for.
    clean_since: u64,
    last_probe_good: bool,
    last_read_asked: bool,
}

fn now(second: u64) -> Now {
    let wall = Wall::default() + Duration::from_secs(1_700_000_000 + second);
    Now { mono: Mono::from_secs(second), wall }
}

fn console(at: u64, records: &[Record]) -> Model {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    let room = Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
    let mut model = Model::new(room, format!("console-{at}"), now(at), (140, 40));
    model.update(Msg::Kept { mine: true, holder: Clean::new("it") });
    model.update(Msg::Recorded { records: records.to_vec() });
    model.update(Msg::ChainChecked { seq: records.len() as u64, damage: None });
    model
}

impl World {
    /// A serves 90 %, B 10 %; a rollback to A is confirmed, journaled and sent.
    fn new() -> Self {
        let mut world = Self {
            model: console(1, &[]),
            second: 1,
            generation: 1,
            records: Vec::new(),
            op: None,
            sent: Vec::new(),
            restarted: false,
            clean_since: 1,
            last_probe_good: false,
            last_read_asked: false,
        };
        world.pass(Second::Good, false);
        let state = world.model.service(API).and_then(|service| service.traffic.as_ref()).expect("read");
        let change = state.freeze_rollback(API, A, now(2).wall).expect("a change");
        let id = world.model.op_id();
        let mut effects = Vec::new();
        world.model.begin(id.clone(), OpKind::Rollback(change), Clean::new("why"), &mut effects);
        world.op = Some(id.clone());
        world.take(effects);
        assert_eq!(world.sent, [id]);
        world
    }

    fn tell(&mut self, msg: Msg) {
        let effects = self.model.update(msg);
        self.take(effects);
    }

    /// The journal takes every draft; what is sent must have been journaled just now.
    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Journal { token, draft, .. } => {
                    self.judge(&draft.entry);
                    let seq = self.records.len() as u64 + 1;
                    let at = now(self.second).wall;
                    let (by, role, entry) = (draft.by, draft.role, draft.entry);
                    let record = Record { seq, at, by, role, entry, hash: String::new(), late: false };
                    self.records.push(record.clone());
                    self.tell(Msg::Journaled { token, seq });
                    self.tell(Msg::Recorded { records: vec![record] });
                }
                Effect::Operate { op, authority, .. } => {
                    let seq = authority.record().expect("journaled, not consented to");
                    let record = self.records.get(seq as usize - 1).expect("a record");
                    assert!(matches!(&record.entry, Entry::Intent { op: of, .. } if *of == op), "{record:?}");
                    assert!(!self.sent.contains(&op), "sent twice");
                    assert!(!self.restarted, "sent after a restart");
                    self.sent.push(op);
                }
                _ => {}
            }
        }
    }

    fn judge(&self, entry: &Entry) {
        let Entry::Progress { state: OpState::Verified, .. } = entry else { return };
        let effective =
            |record: &Record| matches!(&record.entry, Entry::Progress { state: OpState::Effective, .. });
        assert!(self.records.iter().any(effective), "never effective");
        assert!(self.last_probe_good && self.last_read_asked, "what was seen last is not good");
        let clean = self.second - self.clean_since;
        assert!(clean >= VERIFY_FOR, "only {clean} s without anything against it");
    }

    fn traffic(&self, asked: bool, serves: bool) -> Traffic {
        let all = |asked: bool| if asked { vec![share(A, 100)] } else { vec![share(A, 80), share(B, 20)] };
        let mut traffic = splits::service("api", all(asked), [B, A], self.generation);
        if !serves {
            traffic.effective = vec![share(A, 90), share(B, 10)];
            traffic.observed_generation -= 1;
            traffic.reconciling = true;
        }
        traffic
    }

    fn pass(&mut self, second: Second, asked: bool) {
        self.second += 1;
        let at = now(self.second).mono;
        match second {
            Second::Restart => {
                self.model = console(self.second, &self.records);
                self.restarted = true;
                (self.clean_since, self.last_probe_good, self.last_read_asked) = (self.second, false, false);
            }
            Second::Told(state) => {
                let op = self.op.clone().expect("an operation");
                let detail = Clean::new("told");
                self.tell(Msg::Operated { op, state, detail, at: now(self.second) });
            }
            _ => {}
        }
        if matches!(second, Second::Bad | Second::Other | Second::Reconciling) {
            self.clean_since = self.second;
        }
        if second != Second::Unread {
            let (wanted, serves) = (asked && second != Second::Other, second != Second::Reconciling);
            self.last_read_asked = wanted && serves;
            let traffic = Box::new(self.traffic(wanted, serves));
            self.tell(Msg::TrafficRead { service: API, at, traffic });
            let source = SourceId::CloudRun { service: API };
            self.tell(Msg::Linked { source, report: LinkReport::Alive, at });
        }
        if second != Second::Silent {
            let ok = second != Second::Bad;
            self.last_probe_good = ok;
            let (status, latency) = (Some(if ok { 200 } else { 503 }), Duration::from_millis(9));
            let outcome = ProbeOutcome::Answered { status, latency, ok, report: BodyReport::default() };
            self.tell(Msg::Probed(Probed { service: API, probe: 0, at, origin: Origin::Mixed, outcome }));
            let source = SourceId::Health { service: API, probe: 0 };
            self.tell(Msg::Linked { source, report: LinkReport::Alive, at });
        }
        self.tell(Msg::Ticked(now(self.second)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_is_called_verified_that_is_not_and_nothing_is_sent_again(
        seconds in prop::collection::vec(second(), 1..90),
        effective_at in 0..20_usize,
    ) {
        let mut world = World::new();
        world.generation = 2;
        world.clean_since = world.second;
        let op = world.op.clone().expect("an operation");
        for (at, second) in seconds.into_iter().enumerate() {
            if at == effective_at {
                let told = Msg::Operated {
                    op: op.clone(),
                    state: OpState::Effective,
                    detail: Clean::new("serves"),
                    at: now(world.second),
                };
                world.tell(told);
            }
            world.pass(second, true);
        }
        prop_assert_eq!(world.sent.len(), 1);
    }
}

/// The same world, left alone: it does get there, so the property above is not empty.
#[test]
fn what_is_good_for_long_enough_is_verified_also_by_the_next_console() {
    let verified = |restart: bool| {
        let mut world = World::new();
        world.generation = 2;
        world.clean_since = world.second;
        let op = world.op.clone().expect("an operation");
        let (state, detail, at) = (OpState::Effective, Clean::new("serves"), now(world.second));
        world.tell(Msg::Operated { op, state, detail, at });
        if restart {
            world.pass(Second::Restart, true);
        }
        (0..60).for_each(|_| world.pass(Second::Good, true));
        let is = |record: &Record| matches!(&record.entry, Entry::Progress { state: OpState::Verified, .. });
        world.records.iter().any(is)
    };
    assert!(verified(false));
    assert!(verified(true));
}
