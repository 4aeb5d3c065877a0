//! What follows an act: when it is known to be good, what it locks, what is still to be done, and what the last key
//! of a dialog is checked against.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use warroom::config::{self, Overrides};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::metric::{Connections, Scraped, ServerCloses};
use warroom::domain::record::Refusal;
use warroom::domain::revision::EnvValue;
use warroom::domain::{
    Clean, Entry, Key, LinkReport, Mono, OpId, OpState, Origin, Record, Revision, ServiceIx, SourceId,
    Traffic, TrafficTarget, VerdictState,
};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::confirm::Stage;
use warroom::model::effect::Effect;
use warroom::model::modal::Modal;
use warroom::model::msg::Msg;

use crate::screens::Person;
use crate::splits::{self, share};

mod beside;
mod drained;
mod groups;
mod outside;
mod readiness;
mod unknown;

const API: ServiceIx = ServiceIx(0);
const A: &str = "api-00001-old";
const B: &str = "api-00002-new";
const C: &str = "api-00003-top";

const CONFIG: &str = r#"
[room]
name = "after"
[[service]]
name = "api"
[[service.health]]
name = "up"
url = "http://127.0.0.1:1/health"
[service.metrics]
url = "http://127.0.0.1:1/metrics"
[service.cloud_run]
project = "p"
region = "r"
service = "api"
verify_for = "10s"
[[flag]]
name = "FAST"
service = "api"
[[service]]
name = "web"
[service.cloud_run]
project = "p"
region = "r"
service = "web"
[[condition]]
name = "errors"
purpose = "trigger"
signal = "health.up.failing"
service = "api"
fail = "> 0"
for = "5s"
"#;

/// A person at a room whose sources all speak once a second.
struct Desk {
    person: Person,
    traffic: Traffic,
    /// Whether the Cloud Run API answers.
    reads: bool,
    ok: bool,
    /// Open sockets by revision.
    sockets: Vec<(&'static str, f64)>,
}

fn traffic(split: &[TrafficTarget], generation: i64) -> Traffic {
    Traffic {
        template_env: [("FAST".to_owned(), EnvValue::Plain(Clean::new("false")))].into(),
        template_containers: std::collections::BTreeMap::new(),
        last_modifier: Clean::new("sam"),
        ..splits::service("api", split.to_vec(), [B, A], generation)
    }
}

impl Desk {
    /// A served all; B is the canary with 10 %.
    fn new() -> Self {
        let mut desk = Self::opened(traffic(&[share(A, 100)], 1));
        desk.go(2).traffic = traffic(&[share(A, 90), share(B, 10)], 2);
        desk.go(10);
        desk
    }

    /// Opened while that serves.
    fn opened(traffic: Traffic) -> Self {
        Self::configured(CONFIG, traffic)
    }

    fn configured(config: &str, traffic: Traffic) -> Self {
        let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
        let room = Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
        let model = Model::new(room, "console".into(), warroom::domain::Now::default(), (140, 40));
        let person = Person { model, keymap: Keymap::default(), effects: Vec::new() };
        Self { person, traffic, reads: true, ok: true, sockets: Vec::new() }
    }

    fn go(&mut self, seconds: u64) -> &mut Self {
        for _ in 0..seconds {
            self.tell();
            self.person.wait(1_000);
        }
        self
    }

    fn tell(&mut self) {
        let at = self.now();
        let mut sources =
            vec![SourceId::Health { service: API, probe: 0 }, SourceId::Metrics { service: API }];
        if self.reads {
            sources.extend([API, ServiceIx(1)].map(|service| SourceId::CloudRun { service }));
            for service in [API, ServiceIx(1)] {
                let traffic = Box::new(self.traffic.clone());
                self.person.tell(Msg::TrafficRead { service, at, traffic });
            }
        }
        for source in sources {
            self.person.tell(Msg::Linked { source, report: LinkReport::Alive, at });
        }
        let status = Some(if self.ok { 200 } else { 503 });
        let latency = Duration::from_millis(9);
        let outcome = ProbeOutcome::Answered { status, latency, ok: self.ok, report: BodyReport::default() };
        self.person.tell(Msg::Probed(Probed { service: API, probe: 0, at, origin: Origin::Mixed, outcome }));
        let row = |(revision, open): &(&str, f64)| Connections {
            revision: Some(Clean::new(revision)),
            open: Some(*open),
            ..Connections::default()
        };
        let connections = self.sockets.iter().map(row).collect();
        let close =
            ServerCloses { code: 4401, revision: Some(Clean::new(A)), increase: Some(0.0), total: 0.0 };
        let scraped = Scraped { service: API, at, connections, closes: vec![close], ..Scraped::default() };
        self.person.tell(Msg::Scraped(Box::new(scraped)));
    }

    fn now(&self) -> Mono {
        self.person.model.now.mono
    }

    /// Asks by keys to go back to A; the journal has it.
    fn asked(&mut self) -> OpId {
        self.person.keys("R").unguarded().keys("00001\n");
        let token = self.person.token(|entry| matches!(entry, Entry::Intent { .. }));
        self.person.tell(Msg::Journaled { token, seq: 9 });
        self.person.model.ops.iter().last().expect("an operation").id.clone()
    }

    /// The same, EFFECTIVE by the runner's word, and read.
    fn rolled_back(&mut self) -> OpId {
        let op = self.asked();
        self.operated(&op, OpState::Effective);
        self.traffic = traffic(&[share(A, 100)], 3);
        self.person.key(Key::Esc);
        op
    }

    fn operated(&mut self, op: &OpId, state: OpState) {
        let at = self.person.model.now;
        self.person.tell(Msg::Operated { op: op.clone(), state, detail: Clean::new("told"), at });
    }

    fn state(&self, op: &OpId) -> Option<OpState> {
        self.person.model.ops.get(op).and_then(warroom::model::ops::Operation::state)
    }

    fn recorded(&mut self, entry: Entry) {
        let (seq, at) = (self.person.model.journal.head() + 1, self.person.model.now.wall);
        let by = Clean::new("mara");
        let record = Record { seq, at, by, role: Clean::default(), entry, hash: String::new(), late: false };
        self.person.tell(Msg::Recorded { records: vec![record] });
    }

    fn verdict(&self) -> VerdictState {
        self.person.model.verdicts.now.state
    }

    fn reasons(&self) -> Vec<String> {
        let reasons = self.person.model.verdicts.now.reasons.iter();
        reasons.map(|reason| format!("{} {}", reason.subject, reason.value)).collect()
    }

    fn locks(&self) -> Vec<(String, bool)> {
        let drafts = self.person.effects.iter().filter_map(|effect| match effect {
            Effect::Journal { draft, .. } => Some(&draft.entry),
            _ => None,
        });
        let lock = |entry: &Entry| match entry {
            Entry::Lock { service, locked } => Some((service.clone(), *locked)),
            _ => None,
        };
        drafts.filter_map(lock).collect()
    }

    fn intents(&self) -> usize {
        let is = |effect: &&Effect| matches!(effect, Effect::Journal { draft, .. } if matches!(draft.entry, Entry::Intent { .. }));
        self.person.effects.iter().filter(is).count()
    }

    fn asks(&self) -> bool {
        matches!(self.person.model.ui.modal, Some(Modal::Confirm(_)))
    }

    fn unlock(&mut self) {
        self.recorded(Entry::Lock { service: "api".into(), locked: false });
    }
}

/// The usual config has no source that counts sockets by revision: DRAINED never comes.
#[test]
fn a_verified_rollback_holds_nothing_up_and_leaves_the_pin_in_sight() {
    let mut desk = Desk::new();
    let op = desk.rolled_back();
    desk.go(5);
    assert_eq!(desk.verdict(), VerdictState::Hold, "{:?}", desk.reasons());
    assert!(desk.reasons().iter().any(|reason| reason.contains("rollback to 00001-old runs")));
    desk.go(15);
    assert_eq!(desk.state(&op), Some(OpState::Verified), "{:?}", desk.reasons());
    assert_eq!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
    assert!(!desk.reasons().iter().any(|reason| reason.contains("runs")), "{:?}", desk.reasons());
    let screen = desk.person.screen();
    assert!(screen.contains("PINNED api 00001-old"), "{screen}");
    assert!(desk.reasons().iter().any(|reason| reason.contains("api stays pinned to")));
    desk.person.keys("q");
    assert!(desk.person.effects.contains(&Effect::Quit), "nothing is under way");
    desk.unlock();
    desk.go(1).person.keys(":to-latest api\n");
    assert!(desk.asks(), "{}", desk.person.screen());
}

#[test]
fn an_effective_rollback_is_written_after_its_lock_and_locks_without_its_record_too() {
    let mut desk = Desk::new();
    let op = desk.rolled_back();
    let entries = desk.person.effects.iter().filter_map(|effect| match effect {
        Effect::Journal { draft, .. } => Some(&draft.entry),
        _ => None,
    });
    let after = entries.skip_while(|entry| !matches!(entry, Entry::Lock { .. })).cloned();
    let effective = Entry::progress(op, OpState::Effective, Clean::new("told"));
    let lock = Entry::Lock { service: "api".into(), locked: true };
    assert_eq!(after.collect::<Vec<_>>(), [lock, effective]);
    desk.go(20);
    assert!(desk.person.model.is_locked(API) && !desk.person.model.is_locked(ServiceIx(1)));
    assert!(!desk.person.model.journal.locked("api"), "no record came back");
    desk.person.keys(":flip FAST\n");
    assert!(!desk.asks(), "turning on is going forward");
    desk.unlock();
    assert!(!desk.person.model.is_locked(API));
    desk.person.key(Key::Esc);
    desk.person.keys(":flip FAST\n");
    assert!(desk.asks(), "{}", desk.person.screen());
}

#[test]
fn a_lock_is_released_by_name_with_y_and_that_is_recorded() {
    let mut desk = Desk::new();
    for service in ["api", "web"] {
        desk.recorded(Entry::Lock { service: service.into(), locked: true });
    }
    desk.person.keys("U").unguarded().keys("y");
    assert_eq!(desk.locks(), [], "two are locked: which is not guessed");
    desk.person.key(Key::Esc);
    desk.person.keys(":unlock web\n").unguarded().keys("n");
    assert_eq!(desk.locks(), []);
    desk.person.keys(":unlock web\n").unguarded().keys("y");
    assert_eq!(desk.locks(), [("web".to_owned(), false)]);
    desk.recorded(Entry::Lock { service: "web".into(), locked: false });
    desk.person.keys("U\n").unguarded().keys("y");
    assert_eq!(desk.locks(), [("web".to_owned(), false), ("api".to_owned(), false)]);
}

#[test]
fn a_lock_that_comes_behind_the_dialog_stops_turning_on_and_not_turning_off() {
    for (value, sent) in [("false", 0), ("true", 1)] {
        let mut desk = Desk::new();
        desk.traffic.template_env = [("FAST".to_owned(), EnvValue::Plain(Clean::new(value)))].into();
        desk.go(1).person.keys(":flip FAST\n").unguarded();
        assert!(desk.asks(), "{}", desk.person.screen());
        desk.recorded(Entry::Lock { service: "api".into(), locked: true });
        desk.person.keys("y");
        assert_eq!(desk.intents(), sent, "{}", desk.person.screen());
    }
}

#[test]
fn nothing_is_verified_or_drained_while_the_target_is_not_seen_to_serve() {
    let mut desk = Desk::new();
    desk.sockets = vec![(A, 40.0), (B, 0.0)];
    let op = desk.rolled_back();
    desk.reads = false;
    desk.go(40);
    assert_eq!(desk.state(&op), Some(OpState::Effective), "the API does not answer");
    desk.reads = true;
    desk.traffic.reconciling = true;
    desk.go(40);
    assert_eq!(desk.state(&op), Some(OpState::Effective), "the service is changing");
    desk.traffic = traffic(&[share(A, 100)], 3);
    desk.go(30);
    assert_eq!(desk.state(&op), Some(OpState::Drained));
}

#[test]
fn an_operation_whose_split_was_replaced_is_superseded() {
    for verified in [false, true] {
        let mut desk = Desk::new();
        let op = desk.rolled_back();
        desk.go(if verified { 20 } else { 3 });
        assert_eq!(desk.state(&op) == Some(OpState::Verified), verified);
        desk.traffic = traffic(&[share(B, 100)], 4);
        desk.go(2);
        assert_eq!(desk.state(&op), Some(OpState::Superseded));
        let last = desk.person.model.ops.get(&op).and_then(|op| op.steps.last()).expect("a step");
        assert_eq!(&*last.detail, "the split is another one now (generation 4, changed by sam)");
        assert!(!desk.reasons().iter().any(|reason| reason.contains("runs")), "{:?}", desk.reasons());
    }
}

/// Behind a load balancer a scrape sees only what gets traffic: the old revision's series go, its sockets may not.
#[test]
fn sockets_that_nobody_counts_any_more_are_not_drained() {
    let mut desk = Desk::new();
    desk.sockets = vec![(A, 40.0), (B, 9.0)];
    let op = desk.rolled_back();
    desk.go(3).sockets = vec![(A, 40.0)];
    desk.go(30);
    assert_eq!(desk.state(&op), Some(OpState::Verified));
    desk.person.model.ui.modal = Some(Modal::Progress(op.clone()));
    let screen = desk.person.screen();
    assert!(screen.contains("9 sockets when last counted"), "{screen}");
    desk.sockets = vec![(A, 40.0), (B, 0.0)];
    desk.go(2);
    assert_eq!(desk.state(&op), Some(OpState::Drained));
}

fn pinned_to_b() -> Desk {
    let mut desk = Desk::new();
    desk.traffic = traffic(&[share(B, 100)], 3);
    desk.go(10);
    assert_eq!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
    desk
}

/// Nothing would move as long as B is the latest; but C is on its way.
#[test]
fn back_to_latest_sends_nothing_to_a_revision_that_was_not_shown() {
    let mut desk = pinned_to_b();
    desk.ok = false;
    desk.go(30).person.keys(":to-latest api\n");
    assert!(desk.asks(), "nothing moves, so it does not want GO: {}", desk.person.screen());
    desk.person.key(Key::Esc);
    desk.person.unguarded().key(Key::Esc);
    desk.traffic.latest_created = Some(C.into());
    desk.go(1).person.keys(":to-latest api\n");
    assert!(!desk.asks(), "C gets everything once it is ready: that wants GO");

    let mut desk = pinned_to_b();
    desk.person.keys(":to-latest api\n").unguarded();
    desk.traffic.latest_ready = Some(C.into());
    desk.tell();
    let Some(Modal::Confirm(confirm)) = &desk.person.model.ui.modal else { panic!("the dialog") };
    assert!(matches!(confirm.stage, Stage::Changed { .. }), "{:?}", confirm.stage);
    desk.person.keys("00002\n");
    assert_eq!(desk.intents(), 0);
}

#[test]
fn the_last_key_without_the_journal_is_checked_as_the_first_was() {
    let mut desk = pinned_to_b();
    desk.person.keys(":to-latest api\n").unguarded().keys("00002\n");
    let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
    let refusal = Refusal::Unwritable { error: Clean::new("disk full") };
    desk.person.tell(Msg::JournalRefused { token, refusal });
    desk.recorded(Entry::Lock { service: "api".into(), locked: true });
    desk.person.keys("UNRECORDED\n");
    assert_eq!(desk.person.sent(), 0, "{}", desk.person.screen());
    assert!(!desk.asks() && desk.person.model.ops.iter().next().is_none());
    assert!(desk.person.screen().contains("nothing was sent: locked"), "{}", desk.person.screen());
}

#[test]
fn without_the_journal_nothing_is_said_to_be_kept_that_is_not_yet() {
    let mut desk = Desk::new();
    desk.person.keys("R").unguarded().keys("00001\n");
    let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
    let refusal = Refusal::Unwritable { error: Clean::new("disk full") };
    desk.person.tell(Msg::JournalRefused { token, refusal });
    desk.person.keys("UNRECORDED\n");
    assert_eq!(desk.person.sent(), 1);
    let screen = desk.person.screen();
    assert!(screen.contains("not in the journal") && !screen.contains("kept in"), "{screen}");
}

#[test]
fn nothing_is_called_fresh_while_all_is_lost() {
    let mut desk = Desk::new();
    desk.rolled_back();
    desk.go(3);
    assert!(
        desk.person.screen().contains("EFFECTIVE") && desk.person.screen().contains("good and fresh 00:0")
    );
    (0..15).for_each(|_| desk.person.wait(1_000));
    let screen = desk.person.screen();
    assert!(screen.contains("EFFECTIVE") && !screen.contains("good and fresh"), "{screen}");
}

#[test]
fn looking_again_looks_at_what_is_shown() {
    let mut desk = Desk::new();
    let first = desk.rolled_back();
    desk.go(20);
    assert_eq!(desk.state(&first), Some(OpState::Verified));
    let again = |desk: &mut Desk| {
        let from = desk.person.effects.len();
        desk.person.keys("c");
        let looks = desk.person.effects[from..].iter().filter_map(|effect| match effect {
            Effect::Recheck { op, .. } => Some(op.clone()),
            _ => None,
        });
        looks.collect::<Vec<_>>()
    };
    assert_eq!(again(&mut desk), [], "what is verified holds nothing");
    desk.person.model.ui.modal = Some(Modal::Progress(first.clone()));
    assert_eq!(again(&mut desk), [first]);
}

#[test]
fn a_rollback_that_did_not_help_is_said_not_to() {
    let mut desk = Desk::new();
    desk.ok = false;
    desk.go(60);
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    desk.rolled_back();
    desk.go(5);
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    let next = |desk: &Desk| desk.person.model.verdicts.now.next.to_string();
    // It is given the time in which it would be verified.
    assert!(
        next(&desk).contains("rolled back to 00001-old 5s ago: what came before still counts"),
        "{}",
        next(&desk)
    );
    desk.go(10);
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    assert!(next(&desk).contains("the rollback to 00001-old did not help so far"), "{}", next(&desk));
}

/// The trigger clears 20 s after it is good again, which is later than VERIFIED would come.
#[test]
fn a_rollback_after_which_all_is_good_again_is_not_said_not_to_have_helped() {
    let config = CONFIG.replace("for = \"5s\"\n", "for = \"5s\"\nclears_after = \"20s\"\n");
    let mut desk = Desk::configured(&config, traffic(&[share(A, 100)], 1));
    desk.go(2).traffic = traffic(&[share(A, 90), share(B, 10)], 2);
    desk.ok = false;
    desk.go(60);
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    desk.rolled_back();
    desk.go(2).ok = true;
    desk.go(14);
    let next = |desk: &Desk| desk.person.model.verdicts.now.next.to_string();
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    let words = "rolled back to 00001-old 16s ago: good again, it only has to stay so";
    assert!(next(&desk).contains(words), "{}", next(&desk));
    // What did not help trips on.
    desk.ok = false;
    desk.go(5);
    assert!(next(&desk).contains("did not help so far"), "{}", next(&desk));
    // Clear, the better answer has to stand for a while: that is its first reason, and nothing else is proposed.
    desk.ok = true;
    while desk.reasons().iter().any(|reason| reason.contains("tripped")) {
        desk.go(1);
    }
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    assert!(desk.reasons()[0].contains("in sight"), "{:?}", desk.reasons());
    assert!(!next(&desk).contains("R roll back"), "{}", next(&desk));
}

#[test]
fn an_operation_whose_api_fell_silent_is_not_shown_as_running() {
    let mut desk = Desk::new();
    let op = desk.asked();
    desk.operated(&op, OpState::Accepted);
    desk.operated(&op, OpState::Reconciling);
    desk.go(3);
    let told = |desk: &Desk| desk.person.screen().matches("no answer since").count();
    assert_eq!(told(&desk), 0, "{}", desk.person.screen());
    desk.reads = false;
    desk.ok = false;
    desk.go(40);
    let screen = desk.person.screen();
    // In the sheet, in the banner, and in what comes next.
    assert!(told(&desk) >= 3 && screen.contains("? EFFECTIVE     not known"), "{screen}");
    assert!(!screen.contains("the operation is under way") && screen.contains("? rollback to"), "{screen}");
    let next = desk.person.model.verdicts.now.next.to_string();
    assert!(next.starts_with("no answer since"), "{next}");
    desk.reads = true;
    desk.go(2);
    assert_eq!(told(&desk), 0, "{}", desk.person.screen());
}

#[test]
fn a_verdict_that_comes_and_goes_gets_better_more_slowly_each_time() {
    let mut desk = Desk::new();
    let mut waits = Vec::new();
    for _ in 0..5 {
        desk.go(10).traffic.reconciling = true;
        desk.go(2);
        assert_ne!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
        desk.traffic.reconciling = false;
        let mut waited = 0;
        while desk.verdict() != VerdictState::Go {
            desk.go(1);
            waited += 1;
            assert!(waited < 60, "{:?}", desk.reasons());
        }
        waits.push(waited);
    }
    assert!(waits.windows(2).all(|two| two[0] <= two[1]), "{waits:?}");
    assert!(waits[0] <= 5 && waits[4] >= 20, "{waits:?}");
    // After a quiet while it is as at first.
    desk.go(240).traffic.reconciling = true;
    desk.go(2).traffic.reconciling = false;
    desk.go(5);
    assert_eq!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
}

/// What is said when all sources fail with `error`.
fn lost(error: &str) -> String {
    let mut desk = Desk::new();
    let at = desk.now();
    for source in [
        SourceId::Health { service: API, probe: 0 },
        SourceId::Metrics { service: API },
        SourceId::CloudRun { service: API },
        SourceId::CloudRun { service: ServiceIx(1) },
    ] {
        let error = Clean::new(error);
        let report = LinkReport::Down { error, attempt: 1, retry_at: at.after(Duration::from_secs(9)) };
        desk.person.tell(Msg::Linked { source, report, at });
    }
    desk.person.wait(40_000);
    let verdict = &desk.person.model.verdicts.now;
    assert_eq!(verdict.state, VerdictState::Hold);
    verdict.next.to_string()
}

#[test]
fn when_all_sources_are_lost_at_once_this_machine_is_looked_at_unless_they_refuse() {
    let words = "all 4 sources failed within 0s: check this machine's network   D doctor";
    assert_eq!([lost("network unreachable"), lost("no answer in 2s")], [words; 2]);
    let words = "all 4 sources failed within 0s: the host refuses, it is down   D doctor";
    assert_eq!([lost("connection refused"), lost("Connection refused (os error 111)")], [words; 2]);
}

#[test]
fn what_speaks_for_going_on_is_no_reason_to_roll_back() {
    let reason = |desk: &mut Desk| {
        desk.person.keys("R");
        let Some(Modal::Confirm(dialog)) = &desk.person.model.ui.modal else { panic!("no dialog") };
        dialog.reason.value().to_owned()
    };
    let mut desk = Desk::new();
    assert_eq!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
    assert_eq!(reason(&mut desk), "operator's decision");
    let mut desk = Desk::new();
    desk.ok = false;
    desk.go(60);
    assert_eq!(reason(&mut desk), "trigger errors tripped 54s ago");
}

#[test]
fn go_says_what_waits() {
    let desk = Desk::new();
    assert_eq!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
    let next = desk.person.model.verdicts.now.next.to_string();
    assert!(next.starts_with("api 00002-new waits at 10 %"), "{next}");
    let next = pinned_to_b().person.model.verdicts.now.next.to_string();
    assert!(next.starts_with("nothing to do"), "{next}");
}

/// The list behind the dialog moved on: the target is chosen by its name.
#[test]
fn another_target_is_chosen_by_its_name() {
    let mut desk = Desk::new();
    let mut split = traffic(&[share(A, 60), share(B, 40)], 2);
    split.revisions = [B, A, "api-00000-own"]
        .iter()
        .zip([0, 1, 1])
        .map(|(name, at)| Revision { name: (*name).into(), ..split.revisions[at].clone() })
        .collect();
    desk.traffic = split.clone();
    desk.go(1).person.keys("R").unguarded();
    let shown = |desk: &Desk| match &desk.person.model.ui.modal {
        Some(Modal::Confirm(confirm)) => confirm.act.target(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(&desk), A);
    desk.person.key(Key::Down);
    assert_eq!(shown(&desk), "api-00000-own", "what serves is no way back");
    desk.person.unguarded().keys("t");
    assert_eq!(shown(&desk), A);
    split.revisions.pop();
    desk.traffic = split;
    desk.tell();
    desk.person.unguarded().key(Key::Down);
    assert_eq!(shown(&desk), A, "the next one is gone");
}

#[test]
fn a_revision_is_named_by_cloud_runs_name_of_the_service_too() {
    let mut desk = Desk::new();
    let mut room = (*desk.person.model.room).clone();
    room.services[1].name = "shop".into();
    desk.person.model.room = room.into();
    for service in ["shop", "web"] {
        desk.go(1).person.keys(&format!(":rollback {service} {A}\n"));
        let Some(Modal::Confirm(confirm)) = &desk.person.model.ui.modal else {
            panic!("{}", desk.person.screen())
        };
        assert_eq!((confirm.act.service(), confirm.act.target()), (ServiceIx(1), A.to_owned()));
        desk.person.unguarded().key(Key::Esc);
    }
}

#[test]
fn the_mark_of_a_target_is_what_is_known_of_it() {
    for (healthy, mark) in [(Some(true), "✓"), (None, "?"), (Some(false), "✗")] {
        let mut desk = Desk::new();
        let record = |split, healthy| {
            let by = Clean::new("sam");
            Entry::Split { service: "api".into(), split, healthy, by, follows_latest: false, again: false }
        };
        desk.recorded(record(vec![share(A, 100)], None));
        desk.recorded(record(vec![share(A, 90), share(B, 10)], healthy));
        desk.go(1).person.keys(":rollback api 00001-old\n");
        let row = format!("to        {mark} 00001-old");
        assert!(desk.person.screen().contains(&row), "{row}\n{}", desk.person.screen());
    }
}

/// Nobody rolls the wrong service back with a good reason.
#[test]
fn what_fails_of_a_service_asks_for_no_rollback_of_another() {
    let mut desk = Desk::new();
    desk.ok = false;
    desk.go(20);
    for (service, reason, asks) in [
        ("api 00001-old", "trigger errors tripped", true),
        ("web api-00001-old", "operator's decision", false),
    ] {
        desk.go(2).person.keys(&format!(":rollback {service}\n"));
        let screen = desk.person.screen();
        let Some(Modal::Confirm(dialog)) = &desk.person.model.ui.modal else { panic!("{screen}") };
        assert!(dialog.reason.value().starts_with(reason), "{service}: {}", dialog.reason.value());
        let (_, asking) = screen.split_once("What asks for it").expect("its part");
        assert_eq!(asking.contains("errors"), asks, "{service}: {asking}");
        desk.person.unguarded().key(Key::Esc);
    }
    desk.go(2).person.keys(":rollback --all\n");
    let Some(Modal::Confirm(dialog)) = &desk.person.model.ui.modal else { panic!("no dialog") };
    assert!(dialog.reason.value().starts_with("trigger errors tripped"), "{}", dialog.reason.value());
}

#[test]
fn the_way_forward_tells_that_its_target_was_rolled_back_from() {
    let mut desk = Desk::new();
    desk.ok = false;
    desk.go(8);
    desk.rolled_back();
    desk.ok = true;
    desk.go(60).recorded(Entry::Lock { service: "api".into(), locked: false });
    desk.go(10).person.keys(":forward api\n");
    let screen = desk.person.screen();
    let told = ["▲ 00002-new was rolled back from 1m", "by mara: trigger errors tripped"];
    assert!(told.iter().all(|words| screen.contains(words)), "{screen}");
}

#[test]
fn a_service_that_is_not_read_is_no_part_of_what_is_settled() {
    let mut desk = Desk::new();
    assert!(desk.person.screen().contains("✓ settled"), "{}", desk.person.screen());
    let (at, source) = (desk.now(), SourceId::CloudRun { service: ServiceIx(1) });
    let report = LinkReport::Down { error: Clean::new("HTTP 502"), attempt: 3, retry_at: at };
    desk.person.tell(Msg::Linked { source, report, at });
    let screen = desk.person.screen();
    assert!(screen.contains("? web last known") && !screen.contains("✓ settled"), "{screen}");
    desk.person.keys(":traffic\n");
    let screen = desk.person.screen();
    assert!(screen.contains("state         ✓ settled: what is wanted serves"), "{screen}");
    // To the first revision of the second service.
    desk.person.keys("jj");
    let screen = desk.person.screen();
    assert!(screen.contains("web  down 1s: last known"), "{screen}");
    assert!(screen.contains("state         ? settled"), "{screen}");
}

#[test]
fn forward_says_whether_it_pins_a_split_that_followed_the_latest() {
    let latest = TrafficTarget { revision: None, ..share("", 10) };
    for (canary, words) in [(share(B, 10), "the split stays pinned"), (latest, "this pins the split")] {
        let mut desk = Desk::new();
        desk.traffic = traffic(&[share(A, 90), canary], 2);
        desk.go(10).person.keys(":forward api\n");
        assert!(desk.person.screen().contains(words), "{}", desk.person.screen());
    }
}

fn is_split(split: Vec<TrafficTarget>, healthy: Option<bool>) -> Entry {
    Entry::Split {
        service: "api".into(),
        split,
        healthy,
        by: Clean::new("sam"),
        follows_latest: false,
        again: false,
    }
}

/// B had served everything in good health, and was rolled back; whoever does the same once more does not undo it.
#[test]
fn a_second_rollback_does_not_go_back_to_what_the_first_one_left() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 100)], None));
    desk.recorded(is_split(vec![share(B, 100)], Some(true)));
    desk.traffic = traffic(&[share(B, 100)], 3);
    desk.go(10).rolled_back();
    desk.recorded(is_split(vec![share(A, 100)], Some(true)));
    desk.go(20).person.keys("R");
    assert!(!desk.asks(), "{}", desk.person.screen());
    desk.person.key(Key::Esc);
    // By its name it is what it is: a way forward, which is locked.
    desk.person.model.ui.modal = None;
    let asked = |desk: &mut Desk| {
        let candidates = desk.person.model.candidates(API);
        let proposed = warroom::model::rollback::proposed(&candidates);
        proposed.map(|at| candidates[at].revision.clone())
    };
    assert_eq!(asked(&mut desk), None);
    let offers = desk.person.model.offers();
    let offer = offers.iter().find(|offer| offer.line == "rollback api 00002-new").expect("an offer");
    assert_eq!(offer.blocked.as_deref(), Some("not possible: locked: unlock api first"));
    // Something newer is rolled out: B still was left, A is where it goes.
    let mut split = traffic(&[share(A, 90), share(C, 10)], 5);
    split.revisions.insert(0, Revision { name: C.into(), ..split.revisions[0].clone() });
    desk.traffic = split.clone();
    desk.go(2);
    assert_eq!(asked(&mut desk).as_deref(), Some(A));
    // B served everything again since, and then C: it may be gone back to.
    desk.recorded(is_split(vec![share(B, 100)], None));
    desk.recorded(is_split(vec![share(C, 100)], Some(true)));
    desk.traffic = Traffic { desired: vec![share(C, 100)], effective: vec![share(C, 100)], ..split };
    desk.go(2);
    assert_eq!(asked(&mut desk).as_deref(), Some(B));
}

/// The console was opened in the middle of it: which revision was alone before, nobody saw.
#[test]
fn all_traffic_to_the_newer_one_wants_go_whichever_has_most() {
    let mut desk = Desk::opened(traffic(&[share(A, 40), share(B, 60)], 3));
    desk.ok = false;
    desk.go(5);
    assert_ne!(desk.verdict(), VerdictState::Go);
    let refused = desk.person.model.freeze_shift(API, &["00002=100"]).expect_err("a way forward");
    assert!(refused.starts_with("waits for GO"), "{refused}");
    assert!(desk.person.model.freeze_shift(API, &["00001=100"]).is_ok());
}

/// While the operator thinks about acting without the journal, somebody else moves the traffic.
#[test]
fn what_changes_behind_the_question_without_the_journal_stops_it_too() {
    let mut desk = Desk::new();
    desk.person.keys("R").unguarded().keys("00001\n");
    let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
    let refusal = Refusal::Unwritable { error: Clean::new("disk full") };
    desk.person.tell(Msg::JournalRefused { token, refusal });
    desk.traffic = traffic(&[share(A, 50), share(B, 50)], 9);
    desk.tell();
    let Some(Modal::Confirm(confirm)) = &desk.person.model.ui.modal else { panic!("the dialog") };
    assert!(matches!(confirm.stage, Stage::Changed { .. }), "{:?}", confirm.stage);
    desk.person.keys("UNRECORDED");
    assert_eq!((desk.person.sent(), desk.person.model.ops.iter().count()), (0, 0));
}

#[test]
fn a_split_that_is_there_already_is_not_asked_for() {
    let desk = Desk::new();
    let refused = desk.person.model.freeze_shift(API, &["00001=90", "00002=10"]).expect_err("nothing to do");
    assert_eq!(&*refused, "the traffic is split so already");
}

#[test]
fn shares_that_do_not_add_up_are_said_with_their_sum_and_nothing_is_asked() {
    for (shares, words) in [
        ("00001=60 00002=60", "the shares add up to 120, not 100"),
        ("00001=30 00002=30", "the shares add up to 60, not 100"),
        ("00001=101", "a share is at most 100"),
    ] {
        let mut desk = Desk::new();
        desk.person.keys(&format!(":traffic api {shares}\n"));
        let screen = desk.person.screen();
        assert!(screen.contains(words), "{words}: {screen}");
        assert!(desk.person.model.ui.modal.is_none(), "no dialog: {screen}");
    }
}

/// A deploy failed: that is when a way back is wanted, so it is asked about then too.
#[test]
fn the_way_back_is_asked_about_while_the_service_is_not_ready() {
    let mut desk = Desk::opened(traffic(&[share(A, 90), share(B, 10)], 2));
    desk.traffic.terminal = Some(false);
    desk.go(3);
    assert!(desk.person.effects.iter().any(|effect| matches!(effect, Effect::Validate { .. })));
}

/// Who acts and who watches both read that the API asked to wait, and how long still.
#[test]
fn a_wait_that_the_api_asks_for_is_on_the_screen_with_what_is_left_of_it() {
    let mut desk = Desk::new();
    desk.person.keys("R").unguarded().keys("00001\n");
    let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
    desk.person.tell(Msg::Journaled { token, seq: 9 });
    let op = desk.person.model.ops.iter().last().expect("an operation").id.clone();
    let until = desk.person.model.now.wall + chrono::TimeDelta::seconds(7);
    let why = Clean::new("RESOURCE_EXHAUSTED: slowly");
    desk.person.tell(Msg::ToldToWait { op: op.clone(), until, why });
    let told = |left: u8| format!("429, told to wait: sent again in {left}s · RESOURCE_EXHAUSTED: slowly");
    for left in [7, 6] {
        let (screen, words) = (desk.person.screen(), told(left));
        assert_eq!(screen.matches(&words).count(), 2, "the sheet and the banner: {screen}");
        desk.go(1);
    }
    desk.operated(&op, OpState::Accepted);
    assert!(!desk.person.screen().contains("429"), "{}", desk.person.screen());
}

/// A rest of more than ten seconds: it is sent after it once the journal has it that it waits, others hold it for neither
/// gone nor failed, and who sent it can take it back.
#[test]
fn a_long_wait_is_recorded_before_it_is_sent_and_can_be_taken_back() {
    let mut desk = Desk::new();
    desk.person.keys("R").unguarded().keys("00001\n");
    let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
    desk.person.tell(Msg::Journaled { token, seq: 9 });
    let op = desk.person.model.ops.iter().last().expect("an operation").clone();
    let until = desk.person.model.now.wall + chrono::TimeDelta::seconds(45);
    desk.person.tell(Msg::ToldToWait { op: op.id.clone(), until, why: Clean::new("slowly") });
    let prolonged = |effect: &Effect| matches!(effect, Effect::Prolong { .. });
    assert!(!desk.person.effects.iter().any(prolonged), "not before it is recorded");
    let token = desk.person.token(|entry| matches!(entry, Entry::Progress { .. }));
    desk.person.tell(Msg::Journaled { token, seq: 10 });
    let found = desk.person.effects.iter().find(|effect| prolonged(effect)).cloned();
    assert_eq!(
        found,
        Some(Effect::Prolong { op: op.id.clone(), until: until + chrono::TimeDelta::seconds(10) })
    );
    let screen = desk.person.screen();
    assert!(screen.contains("u takes it back: it is not sent once more"), "{screen}");
    desk.person.keys("u");
    let halted = desk.person.effects.iter().find_map(|effect| match effect {
        Effect::Halt { op: of, why } if *of == op.id => Some(why.clone()),
        _ => None,
    });
    let why = halted.expect("it is halted");
    // Whether it was in time its runner says.
    desk.person.tell(Msg::Operated {
        op: op.id.clone(),
        state: OpState::Failed,
        detail: why,
        at: desk.person.model.now,
    });
    let screen = desk.person.screen();
    assert!(screen.contains("taken back while the API asked to wait: nothing was moved"), "{screen}");
    // Nothing waits any more: the key does nothing.
    let effects = desk.person.effects.len();
    desk.person.keys("u");
    assert_eq!(desk.person.effects.len(), effects);
}

/// Others know from the journal when it left at the latest: where it has the act and not the rest, a long one is not begun, and
/// a short one is. Where it has neither, nobody can be misled.
#[test]
fn a_long_wait_that_the_journal_does_not_have_ends_it_at_once() {
    for (seconds, recorded, ends, prolonged) in
        [(45, true, true, false), (4, true, false, false), (45, false, false, true)]
    {
        let mut desk = Desk::new();
        desk.person.keys("R").unguarded().keys("00001\n");
        let unwritable = || Refusal::Unwritable { error: Clean::new("disk full") };
        let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
        if recorded {
            desk.person.tell(Msg::Journaled { token, seq: 9 });
        } else {
            desk.person.tell(Msg::JournalRefused { token, refusal: unwritable() });
            desk.person.keys("UNRECORDED\n");
        }
        assert_eq!(desk.person.sent(), 1);
        let op = desk.person.model.ops.iter().last().expect("an operation").id.clone();
        let until = desk.person.model.now.wall + chrono::TimeDelta::seconds(seconds);
        desk.person.tell(Msg::ToldToWait { op, until, why: Clean::new("slowly") });
        let token = desk.person.token(|entry| matches!(entry, Entry::Progress { .. }));
        desk.person.tell(Msg::JournalRefused { token, refusal: unwritable() });
        let halted = desk.person.effects.iter().find_map(|effect| match effect {
            Effect::Halt { why, .. } => Some(why.to_string()),
            _ => None,
        });
        let why = "rate limited: nothing was moved, and a rest that the journal does not have is not waited for; \
                   try again in 45s";
        assert_eq!(halted.as_deref(), ends.then_some(why));
        let begins = desk.person.effects.iter().any(|effect| matches!(effect, Effect::Prolong { .. }));
        assert_eq!(begins, prolonged, "{seconds} {recorded}");
    }
}

/// What the API wants to wait too long for fails, and until when it is not to be asked is on the sheet.
#[test]
fn a_wait_that_is_too_long_is_counted_down_where_it_can_be_asked_again() {
    let mut desk = Desk::new();
    let op = desk.asked();
    desk.operated(&op, OpState::Failed);
    let until = desk.person.model.now.wall + chrono::TimeDelta::seconds(30);
    desk.person.tell(Msg::ToldToWait { op, until, why: Clean::new("slowly") });
    for left in ["30s", "29s"] {
        let words = format!("the API wants {left} of rest still");
        assert!(desk.person.screen().contains(&words), "{words}: {}", desk.person.screen());
        desk.go(1);
    }
    assert!(desk.person.screen().contains("asks again"), "{}", desk.person.screen());
    desk.go(29);
    assert!(!desk.person.screen().contains("of rest"), "{}", desk.person.screen());
}
