//! Rollback readiness as a reason of the verdict: in production a way back that is closed, or of which nobody knows, is
//! waited for, before anybody has to act.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use warroom::config::{self, Overrides};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::{
    Clean, Draft, LinkReport, Mono, Now, Origin, ReasonKind, Record, ServiceIx, SourceId, Wall,
};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::{Msg, Token};

use crate::splits::{self, share};

const API: ServiceIx = ServiceIx(0);

const CONFIG: &str = r#"
[room]
name = "ready"
environment = "production"
[[service]]
name = "api"
[service.cloud_run]
project = "p"
region = "r"
service = "api"
"#;

/// A probe that fails for five seconds is a trigger.
const PROBED: &str = r#"
[[service.health]]
name = "up"
url = "http://127.0.0.1:1/health"
[[condition]]
name = "errors"
purpose = "trigger"
signal = "health.up.failing"
service = "api"
fail = "> 0"
for = "5s"
"#;

struct Night {
    model: Model,
    second: u64,
    answers: bool,
    /// Dry runs.
    asked: usize,
}

fn now(second: u64) -> Now {
    let wall = Wall::default() + Duration::from_secs(1_700_000_000 + second);
    Now { mono: Mono::from_secs(second), wall }
}

impl Night {
    fn new(answers: bool) -> Self {
        Self::configured(CONFIG, answers)
    }

    fn configured(config: &str, answers: bool) -> Self {
        let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
        let room = Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
        let mut model = Model::new(room, "console".into(), now(1), (140, 40));
        model.update(Msg::Kept { mine: true, holder: Clean::new("console") });
        Self { model, second: 1, answers, asked: 0 }
    }

    /// The service is read each second for so long; `old` serves, the newer one has the rest.
    fn pass(&mut self, seconds: u64, old: u8, ready: Option<bool>) -> &mut Self {
        for _ in 0..seconds {
            self.second += 1;
            let at = now(self.second).mono;
            let split = vec![share("api-1", old), share("api-2", 100 - old)];
            let mut traffic = splits::service("api", split, ["api-2", "api-1"], u64::from(old).cast_signed());
            traffic.revisions.iter_mut().for_each(|revision| revision.ready = ready);
            let read = Msg::TrafficRead { service: API, at, traffic: Box::new(traffic) };
            let effects = self.model.update(read);
            self.carry_out(effects);
            let source = SourceId::CloudRun { service: API };
            self.model.update(Msg::Linked { source, report: LinkReport::Alive, at });
            self.tick();
        }
        self
    }

    fn silent(&mut self, seconds: u64) -> &mut Self {
        for _ in 0..seconds {
            self.second += 1;
            self.tick();
        }
        self
    }

    fn tick(&mut self) {
        let effects = self.model.update(Msg::Ticked(now(self.second)));
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Validate { token, .. } => {
                    self.asked += 1;
                    if self.answers {
                        self.model.update(Msg::Validated { token, error: None });
                    }
                }
                Effect::Journal { token, draft, .. } => self.recorded(token, draft),
                _ => {}
            }
        }
    }

    fn recorded(&mut self, token: Token, draft: Draft) {
        let (seq, at) = (self.model.journal.head() + 1, now(self.second).wall);
        let Draft { by, role, entry } = draft;
        let record = Record { seq, at, by, role, entry, hash: String::new(), late: false };
        self.model.update(Msg::Journaled { token, seq });
        self.model.update(Msg::Recorded { records: vec![record] });
    }

    /// The API answers nothing any more, and says so.
    fn lost(&mut self) -> &mut Self {
        let (at, error) = (now(self.second).mono, Clean::new("connection refused"));
        let report = LinkReport::Down { error, attempt: 1, retry_at: at.after(Duration::from_secs(30)) };
        self.model.update(Msg::Linked { source: SourceId::CloudRun { service: API }, report, at });
        self
    }

    /// The probe answers each second for so long, and the service is read if `old` is given.
    fn probed(&mut self, seconds: u64, ok: bool, old: Option<u8>) -> &mut Self {
        for _ in 0..seconds {
            let at = now(self.second).mono;
            let (status, latency) = (Some(if ok { 200 } else { 503 }), Duration::from_millis(9));
            let outcome = ProbeOutcome::Answered { status, latency, ok, report: BodyReport::default() };
            self.model.update(Msg::Probed(Probed {
                service: API,
                probe: 0,
                at,
                origin: Origin::Mixed,
                outcome,
            }));
            let source = SourceId::Health { service: API, probe: 0 };
            self.model.update(Msg::Linked { source, report: LinkReport::Alive, at });
            match old {
                Some(old) => self.pass(1, old, Some(true)),
                None => self.silent(1),
            };
        }
        self
    }

    /// What it says of the way back, and whether that is waited for.
    fn says(&self) -> Option<(String, bool)> {
        let reasons = self.model.verdicts.now.reasons.iter();
        let mut about = reasons.filter(|reason| reason.subject.contains("way back"));
        about.next().map(|r| (format!("{}: {}", r.subject, r.value), r.kind == ReasonKind::Waiting))
    }
}

#[test]
fn a_way_back_that_is_not_known_is_waited_for() {
    let waits = |words: &str| Some((words.to_owned(), true));
    let mut night = Night::new(true);
    assert_eq!(night.pass(20, 90, Some(true)).says(), None, "asked and taken");
    // The service is not seen any more.
    let unread = night.silent(60).says();
    assert_eq!(unread, waits("way back for api not known: Cloud Run was not read for 1m00s"));
    assert_eq!(night.pass(3, 90, Some(true)).says(), None);
    // The API does not answer any more, and what it said is old.
    night.answers = false;
    assert_eq!(night.pass(60, 90, Some(true)).says(), None, "asked a minute ago");
    let old = night.pass(300, 90, Some(true)).says().expect("a reason");
    assert!(
        old.0.starts_with("way back for api not known: the dry run was last answered") && old.1,
        "{old:?}"
    );
    // It never answered.
    let mut night = Night::new(false);
    assert_eq!(night.pass(9, 90, Some(true)).says(), None, "it may answer yet");
    let never = night.pass(9, 90, Some(true)).says();
    assert_eq!(never, waits("way back for api not known: the dry run was not answered yet"));
}

#[test]
fn without_a_known_good_target_a_production_room_waits() {
    let mut night = Night::new(true);
    let none = night.pass(9, 90, None).says();
    assert_eq!(none, Some(("no way back for api: no known-good Ready revision".to_owned(), true)));
}

#[test]
fn credentials_that_end_are_seen_ahead_of_time() {
    let mut night = Night::new(true);
    night.pass(9, 90, Some(true));
    let ends_in = |night: &mut Night, seconds: u64| {
        let expires = Some(now(night.second + seconds).wall);
        night.model.update(Msg::Identified { service: API, identity: Clean::new("ops"), expires });
        night.pass(1, 90, Some(true)).says()
    };
    assert_eq!(ends_in(&mut night, 3600), None);
    let soon = ends_in(&mut night, 100).expect("a reason");
    assert_eq!(soon, ("no way back for api: the credentials end in 1m39s".to_owned(), true));
    assert_eq!(ends_in(&mut night, 3600), None, "made anew");
}

/// An opaque token: its end is told where it is known, and else that nobody tells it.
#[test]
fn the_end_of_a_token_that_does_not_show_it_is_told_beside_the_way_back() {
    let mut night = Night::new(true);
    night.pass(9, 90, Some(true));
    let told = |night: &mut Night, ends| {
        night.model.update(Msg::Renewed { service: API, refused: None, ends });
        night.pass(1, 90, Some(true));
        assert_eq!(night.says(), None, "it is made anew before");
        night.model.token_end(API)
    };
    assert_eq!(told(&mut night, None), "nobody tells when its token ends");
    let soon = now(night.second + 60).wall;
    assert_eq!(told(&mut night, Some(soon)), format!("token to {}", warroom::domain::format::clock(soon)));
}

/// The token is good for an hour, and the login behind it was taken away.
#[test]
fn credentials_that_give_no_new_token_are_no_way_back() {
    let mut night = Night::new(true);
    night.pass(9, 90, Some(true));
    let mut renewed = |refused: Option<&str>| {
        night.model.update(Msg::Renewed { service: API, refused: refused.map(Clean::new), ends: None });
        night.pass(1, 90, Some(true)).says()
    };
    let why = "no way back for api: the credentials give no new token: invalid_grant";
    assert_eq!(renewed(Some("invalid_grant")), Some((why.to_owned(), true)));
    assert_eq!(renewed(None), None);
}

/// The target was down. Its probe came back before its API, and was bad at first; meanwhile the pipeline moved the traffic.
#[test]
fn what_is_bad_behind_an_outage_takes_no_way_back() {
    for bad_for in [2, 9] {
        let mut night = Night::configured(&format!("{CONFIG}{PROBED}"), true);
        night.probed(20, true, Some(100)).lost().silent(13).probed(bad_for, false, None);
        night.probed(1, true, Some(90));
        let way = night.model.way_back_of(API).expect("the newer one has a tenth");
        assert_eq!(way.to.as_deref(), Some("api-1"), "{bad_for} s: {:?}", way.standing);
    }
}

/// One probe that fails in the second in which the canary gets its share is no failure of what served for days.
#[test]
fn a_stopwatch_that_runs_when_the_traffic_moves_takes_no_way_back() {
    let to = |bad_for| {
        let mut night = Night::configured(&format!("{CONFIG}{PROBED}"), true);
        night.probed(20, true, Some(100)).probed(bad_for, false, Some(100)).probed(1, false, Some(90));
        night.model.way_back_of(API).expect("the newer one has a tenth").to
    };
    assert_eq!(to(2).as_deref(), Some("api-1"));
    assert_eq!(to(9), None, "it failed with all the traffic");
}

#[test]
fn the_api_is_asked_at_once_when_it_is_back() {
    let mut night = Night::new(true);
    night.pass(20, 90, Some(true));
    assert_eq!(night.asked, 1);
    // Asked and not answered: its link goes down.
    night.answers = false;
    night.pass(110, 90, Some(true)).lost().silent(40);
    let asked = night.asked;
    assert!(asked > 1);
    night.answers = true;
    night.pass(2, 90, Some(true));
    assert_eq!((night.asked, night.says()), (asked + 1, None));
}

/// The link never went down, and the answer was lost on its way.
#[test]
fn a_dry_run_that_is_not_answered_is_asked_for_again_soon() {
    let mut night = Night::new(false);
    night.pass(9, 90, Some(true)).answers = true;
    night.pass(20, 90, Some(true));
    assert_eq!((night.asked, night.says()), (2, None));
}
