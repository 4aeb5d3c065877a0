//! Where `R` leads: to the service whose trigger tripped, or to the flag that was turned on before it did.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use warroom::config::{self, Overrides};
use warroom::domain::flag::{FlagRead, FlagSeen, Setting, Wanted};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::{
    Clean, Entry, LinkReport, Now, OpId, OpKind, OpState, Origin, ServiceIx, SourceId, Traffic,
};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::flags::Extra;
use warroom::model::modal::Modal;
use warroom::model::msg::Msg;

use crate::screens::Person;
use crate::splits::{self, share};

const CONFIG: &str = r#"
[room]
name = "undo"
environment = "production"
[[service]]
name = "api"
[service.cloud_run]
project = "p"
region = "r"
service = "api"
[[service]]
name = "web"
[[service.health]]
name = "up"
url = "http://127.0.0.1:1/health"
[service.cloud_run]
project = "p"
region = "r"
service = "web"
[flagd]
file = "flags.json"
[[flag]]
name = "new-model"
service = "web"
provider = "flagd"
[[condition]]
name = "errors"
purpose = "trigger"
signal = "health.up.failing"
service = "web"
fail = "> 0"
for = "2s"
"#;

struct Desk {
    person: Person,
    flag: bool,
    ok: bool,
    /// The newer revision of `api` has all the traffic.
    done: bool,
}

impl Desk {
    fn new() -> Self {
        let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
        let room = Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
        let model = Model::new(room, "console".into(), Now::default(), (140, 40));
        let person = Person { model, keymap: Keymap::default(), effects: Vec::new() };
        let mut desk = Self { person, flag: false, ok: true, done: false };
        desk.go(3);
        desk
    }

    fn go(&mut self, seconds: u64) {
        for _ in 0..seconds {
            let at = self.person.model.now.mono;
            for (service, name) in [(ServiceIx(0), "api"), (ServiceIx(1), "web")] {
                let (old, new) = (format!("{name}-00001-old"), format!("{name}-00002-new"));
                let done = self.done && name == "api";
                let split =
                    if done { vec![share(&new, 100)] } else { vec![share(&old, 90), share(&new, 10)] };
                let traffic: Traffic = splits::service(name, split, [&new, &old], 2);
                self.person.tell(Msg::TrafficRead { service, at, traffic: Box::new(traffic) });
                let source = SourceId::CloudRun { service };
                self.person.tell(Msg::Linked { source, report: LinkReport::Alive, at });
            }
            let setting = Setting { enabled: self.flag, ..Setting::default() };
            let version = format!("v{}", u8::from(self.flag));
            let read = FlagRead { setting, version, ..FlagRead::default() };
            self.person.tell(Msg::FlagSeen(Box::new(FlagSeen { flag: 0, at, read })));
            let (status, latency) = (Some(if self.ok { 200 } else { 503 }), Duration::from_millis(9));
            let outcome =
                ProbeOutcome::Answered { status, latency, ok: self.ok, report: BodyReport::default() };
            let (service, origin) = (ServiceIx(1), Origin::Mixed);
            self.person.tell(Msg::Probed(Probed { service, probe: 0, at, origin, outcome }));
            let source = SourceId::Health { service, probe: 0 };
            self.person.tell(Msg::Linked { source, report: LinkReport::Alive, at });
            self.person.wait(1_000);
        }
    }

    /// The flag is turned on from this room, and reads so.
    fn turned_on(&mut self) {
        let change = self.person.model.flag_change("new-model", Wanted::On, &Extra::default());
        let (op, mut effects) = (OpId("flip".into()), Vec::new());
        let act = change.expect("a change");
        self.person.model.begin(op.clone(), act, Clean::new("step 2"), &mut effects);
        self.person.effects.extend(effects);
        let token = self.person.token(|entry| matches!(entry, Entry::Intent { .. }));
        self.person.tell(Msg::Journaled { token, seq: 1 });
        let at = self.person.model.now;
        let (state, detail) = (OpState::Effective, Clean::new("on"));
        self.person.tell(Msg::Operated { op, state, detail, at });
        self.flag = true;
    }

    /// What `R` asks for.
    fn asks(&mut self) -> Option<OpKind> {
        self.person.keys("R");
        match &self.person.model.ui.modal {
            Some(Modal::Confirm(confirm)) => Some(confirm.act.clone()),
            _ => None,
        }
    }
}

#[test]
fn it_leads_to_the_service_whose_trigger_tripped() {
    let mut desk = Desk::new();
    assert_eq!(desk.asks().map(|act| act.service()), Some(ServiceIx(0)), "none tripped: the first");
    let mut desk = Desk::new();
    desk.done = true;
    desk.go(5);
    assert_eq!(desk.asks().map(|act| act.service()), Some(ServiceIx(1)), "the one with a candidate");
    let mut desk = Desk::new();
    desk.ok = false;
    desk.go(5);
    let Some(OpKind::Rollback(change)) = desk.asks() else { panic!("{:?}", desk.person.model.ui.modal) };
    assert_eq!((change.service, change.to.as_str()), (ServiceIx(1), "web-00001-old"));
}

#[test]
fn it_leads_to_the_flag_that_was_turned_on_before_the_trigger_tripped() {
    let mut desk = Desk::new();
    desk.turned_on();
    desk.go(3);
    assert!(matches!(desk.asks(), Some(OpKind::Rollback(_))), "nothing tripped");
    let mut desk = Desk::new();
    desk.turned_on();
    desk.go(3);
    desk.ok = false;
    desk.go(5);
    let Some(OpKind::Flag(change)) = desk.asks() else { panic!("{:?}", desk.person.model.ui.modal) };
    assert_eq!(
        (change.flag.as_str(), change.live.map(|live| live.after.enabled)),
        ("new-model", Some(false))
    );
    // It tripped before: the flag has nothing to do with it.
    let mut desk = Desk::new();
    desk.ok = false;
    desk.go(5);
    desk.turned_on();
    desk.go(3);
    assert!(matches!(desk.asks(), Some(OpKind::Rollback(_))));
}

#[test]
fn a_flag_of_another_service_or_from_before_the_traffic_moved_is_not_what_is_undone() {
    let tripped = |desk: &mut Desk| {
        desk.turned_on();
        desk.go(3);
        desk.ok = false;
    };
    let mut desk = Desk::new();
    let mut room = (*desk.person.model.room).clone();
    room.flags[0].service = ServiceIx(0);
    desk.person.model.room = Arc::new(room);
    tripped(&mut desk);
    desk.go(5);
    assert!(matches!(desk.asks(), Some(OpKind::Rollback(_))), "the trigger is of web, the flag of api");
    let mut desk = Desk::new();
    tripped(&mut desk);
    let split = |new: u8| vec![share("web-00001-old", 100 - new), share("web-00002-new", new)];
    for (seq, new) in [(7, 5), (8, 10)] {
        let entry = Entry::Split {
            service: "web".into(),
            split: split(new),
            healthy: None,
            by: Clean::new("ci"),
            follows_latest: false,
            again: false,
        };
        let (at, by) = (desk.person.model.now.wall, Clean::new("room"));
        let record = warroom::domain::Record {
            seq,
            at,
            by,
            role: Clean::default(),
            entry,
            hash: String::new(),
            late: false,
        };
        desk.person.tell(Msg::Recorded { records: vec![record] });
    }
    desk.go(5);
    assert!(matches!(desk.asks(), Some(OpKind::Rollback(_))), "a deploy came between");
}
