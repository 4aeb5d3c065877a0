//! Several services rolled back as one act, while the operator does something else: what the journal answers to the group
//! never lands in another dialog, and what was not sent is told.

use std::path::Path;
use std::sync::Arc;

use warroom::config::{self, Overrides};
use warroom::domain::record::Refusal;
use warroom::domain::revision::EnvValue;
use warroom::domain::{
    Clean, Entry, LinkReport, OpId, OpKind, OpState, Record, ServiceIx, SourceId, Traffic, TrafficTarget,
};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::confirm::Stage;
use warroom::model::effect::Effect;
use warroom::model::modal::Modal;
use warroom::model::msg::{Denied, Hurdle, Msg, Token};

use crate::screens::Person;
use crate::splits::{self, share};

const CONFIG: &str = r#"
[room]
name = "groups"
[[service]]
name = "api"
[service.cloud_run]
project = "p"
region = "r"
service = "api"
[[service]]
name = "web"
[service.cloud_run]
project = "p"
region = "r"
service = "web"
[[flag]]
name = "FAST"
service = "api"
"#;

struct Desk {
    person: Person,
}

impl Desk {
    /// Of both services the old revision served when the room opened; now the new one has a tenth.
    fn new() -> Self {
        Self::of(CONFIG)
    }

    fn of(config: &str) -> Self {
        let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
        let room = Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")).room);
        let model = Model::new(room, "console".into(), warroom::domain::Now::default(), (140, 40));
        let mut desk = Self { person: Person { model, keymap: Keymap::default(), effects: Vec::new() } };
        for (new, generation) in [(0, 1), (10, 2)] {
            for (ix, name) in [(0, "api"), (1, "web")] {
                desk.reads(ix, name, new, generation);
            }
        }
        desk
    }

    fn reads(&mut self, ix: u16, name: &str, new: u8, generation: i64) {
        let (old, young) = (format!("{name}-00001-old"), format!("{name}-00002-new"));
        let split: Vec<TrafficTarget> = vec![share(&old, 100 - new), share(&young, new)];
        let mut traffic: Traffic = splits::service(name, split, [&young, &old], generation);
        traffic.template_env.insert("FAST".into(), EnvValue::Plain(Clean::new("true")));
        let (service, at) = (ServiceIx(ix), self.person.model.now.mono);
        self.person.tell(Msg::TrafficRead { service, at, traffic: Box::new(traffic) });
        let source = SourceId::CloudRun { service };
        self.person.tell(Msg::Linked { source, report: LinkReport::Alive, at });
    }

    /// The service is not read any more.
    fn down(&mut self, ix: u16) {
        let (service, at) = (ServiceIx(ix), self.person.model.now.mono);
        let retry_at = at.after(std::time::Duration::from_secs(12));
        let report = LinkReport::Down { error: Clean::new("no token: invalid_grant"), attempt: 1, retry_at };
        self.person.tell(Msg::Linked { source: SourceId::CloudRun { service }, report, at });
    }

    /// The dry runs of a service that were asked for.
    fn validated(&self, ix: u16) -> Vec<Token> {
        let of = |effect: &Effect| match effect {
            Effect::Validate { token, act } if act.service() == ServiceIx(ix) => Some(*token),
            _ => None,
        };
        self.person.effects.iter().filter_map(of).collect()
    }

    fn intents(&self) -> Vec<(Token, OpId)> {
        let intent = |effect: &Effect| match effect {
            Effect::Journal { token, draft, .. } => match &draft.entry {
                Entry::Intent { op, .. } => Some((*token, op.clone())),
                _ => None,
            },
            _ => None,
        };
        self.person.effects.iter().filter_map(intent).collect()
    }

    /// The group is confirmed and its first operation comes to `state`.
    fn first_comes_to(&mut self, line: &str, state: OpState, detail: &str) {
        self.person.keys(line).unguarded().keys("all\n");
        let (token, op) = self.intents().remove(0);
        self.person.tell(Msg::Journaled { token, seq: 9 });
        let at = self.person.model.now;
        self.person.tell(Msg::Operated { op, state, detail: Clean::new(detail), at });
    }

    /// The first operation of the group serves; the intent of the second waits for the journal. Meanwhile the dialog of a
    /// flag is open.
    fn second_waits(&mut self, line: &str) -> Token {
        self.first_comes_to(line, OpState::Effective, "serves");
        self.person.key(warroom::domain::Key::Esc);
        self.person.keys(":flip FAST\n").unguarded();
        assert!(matches!(self.dialog(), Some((OpKind::Flag(_), Stage::Asking))), "{}", self.person.screen());
        let intents = self.intents();
        assert_eq!(intents.len(), 2);
        intents[1].0
    }

    fn dialog(&self) -> Option<(OpKind, Stage)> {
        match &self.person.model.ui.modal {
            Some(Modal::Confirm(confirm)) => Some((confirm.act.clone(), confirm.stage.clone())),
            _ => None,
        }
    }

    fn notes(&self) -> Vec<String> {
        let note = |effect: &Effect| match effect {
            Effect::Journal { draft, .. } => match &draft.entry {
                Entry::Noted { text } => Some(text.to_string()),
                _ => None,
            },
            _ => None,
        };
        self.person.effects.iter().filter_map(note).collect()
    }
}

#[test]
fn what_the_journal_says_to_the_group_leaves_the_dialog_of_a_flag_alone() {
    let unwritable = || Refusal::Unwritable { error: Clean::new("disk full") };
    let held = || Refusal::Conflict { op: OpId("other".into()), by: Clean::new("sam") };
    let cases = [
        (None, ":rollback --all\n", vec![]),
        (
            Some(unwritable()),
            ":rollback --all\n",
            vec!["group all stopped: the journal cannot be written (disk full); not sent: web"],
        ),
        (
            Some(held()),
            ":rollback --all\n",
            vec!["group all stopped: web: sam has an operation there; not sent: web"],
        ),
        (
            Some(held()),
            ":rollback --all --go-on\n",
            vec!["group all web not sent: sam has an operation there"],
        ),
    ];
    for (refusal, line, notes) in cases {
        let mut desk = Desk::new();
        let token = desk.second_waits(line);
        let taken = refusal.is_none();
        desk.person.tell(match refusal {
            None => Msg::Journaled { token, seq: 12 },
            Some(refusal) => Msg::JournalRefused { token, refusal },
        });
        assert!(matches!(desk.dialog(), Some((OpKind::Flag(_), Stage::Asking))), "{}", desk.person.screen());
        assert_eq!(desk.notes(), notes, "{line}");
        assert_eq!(desk.person.sent(), if taken { 2 } else { 1 });
        assert_eq!(desk.person.model.ops.iter().count(), if taken { 2 } else { 1 }, "nothing unsent is left");
        // What is typed there is for the flag alone.
        desk.person.keys("UNRECORDED\n");
        assert_eq!(desk.person.sent(), if taken { 2 } else { 1 });
    }
}

/// What stands in the boxes of a dialog, page after page, without borders and spaces.
fn read_through(person: &mut Person) -> String {
    let mut text = String::new();
    for _ in 0..12 {
        text.extend(person.screen().chars().filter(|c| !c.is_whitespace() && !"│╭╮╰╯─".contains(*c)));
        person.key(warroom::domain::Key::PageDown);
    }
    text
}

#[test]
fn the_dialog_shows_copies_and_asks_about_each_of_a_group() {
    for size in [(80, 24), (120, 40)] {
        let mut desk = Desk::new();
        desk.person.tell(Msg::Resized { columns: size.0, rows: size.1 });
        desk.person.effects.clear();
        desk.person.keys(":rollback --all\n").unguarded();
        let asked: Vec<Token> = desk
            .person
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Validate { token, .. } => Some(*token),
                _ => None,
            })
            .collect();
        // Before it the readiness of both was asked for.
        assert_eq!(asked.len(), 4, "a dry run of each");
        let asked = &asked[2..];
        desk.person.tell(Msg::Validated { token: asked[0], error: None });
        let why =
            Clean::new("Revision 'web-00001-old' is not ready and cannot serve traffic: quota exceeded");
        desk.person.tell(Msg::Validated { token: asked[1], error: Some(why.into()) });
        let text = read_through(&mut desk.person);
        for name in ["api", "web"] {
            let path = format!("PATCH/v2/projects/p/locations/r/services/{name}?updateMask=traffic");
            let line = format!("gcloudrunservicesupdate-traffic{name}--project=p--region=r");
            let whole = format!("--to-revisions={name}-00001-old=100");
            for wanted in [path, line, whole] {
                assert!(text.replace("ycopiesall", "").contains(&wanted), "{size:?}: {wanted} in {text}");
            }
        }
        assert!(text.contains("dryrun✓accepted") && text.contains("dryrun✗refused"), "{text}");
        assert!(text.contains("cannotservetraffic:quotaexceeded"), "{text}");
        assert!(text.contains("00002-new━") && text.contains("10%→"), "{text}");
        desk.person.keys("y");
        let copied = desk.person.effects.iter().rev().find_map(|effect| match effect {
            Effect::Copy { text } => Some(text.clone()),
            _ => None,
        });
        let line = |name: &str| {
            format!(
                "gcloud run services update-traffic {name} --project=p --region=r --to-revisions={name}-00001-old=100\n"
            )
        };
        assert_eq!(copied, Some(line("api") + &line("web")));
    }
}

#[test]
fn a_rehearsal_of_all_walks_each_path_and_is_written_down() {
    let mut desk = Desk::new();
    desk.person.effects.clear();
    desk.person.keys(":rehearse --all\n");
    // Before it the readiness of both was asked for.
    let asked = [0, 1].map(|ix| *desk.validated(ix).last().expect("it is asked for"));
    assert!(desk.person.screen().contains("no answer yet"), "{}", desk.person.screen());
    desk.person.tell(Msg::Validated { token: asked[0], error: None });
    let why = Clean::new(
        "ask whether the change would be taken: 403 PERMISSION_DENIED [missing run.services.update]",
    );
    let denied = Denied { by: Hurdle::Permission, why };
    desk.person.tell(Msg::Validated { token: asked[1], error: Some(denied) });
    let screen = desk.person.screen();
    assert!(!screen.contains("could be rolled back now"), "neither was read for it: {screen}");
    desk.reads(0, "api", 10, 2);
    desk.reads(1, "web", 10, 2);
    // Before the journal answered for any of them.
    let screen = desk.person.screen();
    assert!(screen.contains("rehearsed: 1 of 2 could be rolled back now"), "{screen}");
    assert_eq!(screen.matches("gcloud run services update-traffic").count(), 2, "{screen}");
    let drafts: Vec<(Token, Entry)> = desk
        .person
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Journal { token, draft, .. } => Some((*token, draft.entry.clone())),
            _ => None,
        })
        .collect();
    let rehearsed: Vec<(&str, bool)> = drafts
        .iter()
        .filter_map(|(_, entry)| match entry {
            Entry::Rehearsed { service, refused, .. } => Some((service.as_str(), refused.is_some())),
            _ => None,
        })
        .collect();
    assert_eq!(rehearsed, [("api", false), ("web", true)]);
    for ((token, _), seq) in drafts.into_iter().zip(31..) {
        desk.person.tell(Msg::Journaled { token, seq });
    }
    let screen = desk.person.screen();
    for words in [
        "✓ api  could be rolled back now",
        "✗ web  could NOT be rolled back now",
        "✓ target        api-00001-old: Ready",
        "✓ permission    run.services.update",
        "✗ permission    run.services.update is missing",
        "? dry run       not told by this answer",
        "✓ journal       record 31 written",
        "✓ journal       record 32 written",
    ] {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
    assert_eq!(desk.person.sent(), 0, "nothing is moved");
}

/// The login was good again, and the source of the service rested still.
#[test]
fn a_rehearsal_has_the_service_read_and_its_page_and_its_line_speak_of_one_state() {
    let told = ["✓ api  could be rolled back now", "would be taken; nothing was moved"];
    let lost = ["✗ api  could NOT be rolled back now", "nothing was moved; but the service cannot be read"];
    for (back, words) in [(true, told), (false, lost)] {
        let mut desk = Desk::new();
        for _ in 0..15 {
            desk.down(0);
            desk.person.wait(1_000);
        }
        desk.person.effects.clear();
        desk.person.keys(":rehearse api\n");
        assert!(desk.person.effects.contains(&Effect::ReadTraffic { service: ServiceIx(0) }));
        assert_eq!(desk.validated(0), [], "nothing is frozen from what is out of sight");
        if back {
            desk.reads(0, "api", 10, 3);
        } else {
            desk.down(0);
        }
        let asked = desk.validated(0);
        assert_eq!(asked.len(), 1, "{back}");
        desk.person.tell(Msg::Validated { token: asked[0], error: None });
        let token = desk.person.token(|entry| matches!(entry, Entry::Rehearsed { .. }));
        desk.person.tell(Msg::Journaled { token, seq: 31 });
        let screen = desk.person.screen();
        for words in words {
            assert!(screen.contains(words), "{words}:\n{screen}");
        }
        assert_eq!(desk.person.sent(), 0, "nothing is moved");
    }
}

/// The console of the group ends while its first operation runs: the next operator is told what was not sent.
#[test]
fn what_a_console_that_is_gone_did_not_send_of_its_group_is_told() {
    let mut first = Desk::new();
    first.person.keys(":rollback --all\n").unguarded().keys("all\n");
    let intent = first.person.effects.iter().find_map(|effect| match effect {
        Effect::Journal { draft, .. } if matches!(draft.entry, Entry::Intent { .. }) => {
            Some(draft.entry.clone())
        }
        _ => None,
    });
    let intent = intent.expect("an intent");
    let Entry::Intent { reason, .. } = &intent else { unreachable!() };
    assert!(reason.ends_with("(1 of 2 of group all; then web)"), "{reason}");
    let mut next = Desk::new();
    next.person.tell(Msg::Kept { mine: true, holder: Clean::new("sam") });
    let (at, by) = (next.person.model.now.wall, Clean::new("ana"));
    let record =
        Record { seq: 1, at, by, role: Clean::default(), entry: intent, hash: String::new(), late: false };
    next.person.tell(Msg::Recorded { records: vec![record] });
    next.person.wait(20_000);
    assert_eq!(next.notes(), [""; 0], "it may only be slow");
    next.person.wait(15_000);
    assert_eq!(next.notes(), ["group all: nobody is seen going on with it; not sent: web"]);
    assert!(next.person.screen().contains("not sent: web"), "{}", next.person.screen());
    next.person.wait(60_000);
    assert_eq!((next.notes().len(), next.person.sent()), (1, 0));
    let verdict = |desk: &Desk| {
        let reasons = desk.person.model.verdicts.now.reasons.iter();
        let mut reasons = reasons.filter(|reason| reason.subject.contains("half done"));
        reasons.next().map(|reason| format!("{} · {} · {}", reason.subject, reason.value, reason.context))
    };
    let told = "group all is half done · not sent: web · :rollback web";
    assert_eq!(verdict(&next).as_deref(), Some(told), "{}", next.person.screen());
    assert_ne!(next.person.model.verdicts.now.state, warroom::domain::VerdictState::Go);
    // Whoever moves it since has seen to it, here or elsewhere.
    let split = vec![share("web-00001-old", 100)];
    let moved = Entry::Split {
        service: "web".into(),
        split,
        follows_latest: false,
        again: false,
        by: Clean::new("sam"),
        healthy: None,
    };
    let at = next.person.model.now.wall;
    let (by, role) = (Clean::new("ana"), Clean::default());
    let record = Record { seq: 2, at, by, role, entry: moved, hash: String::new(), late: false };
    next.person.tell(Msg::Recorded { records: vec![record] });
    next.person.wait(1_000);
    assert_eq!(verdict(&next), None);
}

/// A group that goes on shows the next one's sheet: the way out of the one that failed stays on it.
#[test]
fn the_line_of_a_member_that_failed_stays_while_its_group_goes_on() {
    let mut desk = Desk::new();
    desk.first_comes_to(":rollback --all --go-on\n", OpState::Failed, "nothing was moved: PERMISSION_DENIED");
    let (token, op) = desk.intents().remove(1);
    desk.person.tell(Msg::Journaled { token, seq: 11 });
    let at = desk.person.model.now;
    for state in [OpState::Accepted, OpState::Effective] {
        desk.person.tell(Msg::Operated { op: op.clone(), state, detail: Clean::new("told"), at });
        let screen = desk.person.screen();
        assert!(screen.contains("Rolling back web") && screen.contains("api FAILED"), "{screen}");
        assert!(screen.contains("gcloud run services update-traffic api --project=p"), "{screen}");
        assert!(!screen.contains("update-traffic web"), "{screen}");
    }
}

/// What was not sent may have to be done without this program as well.
#[test]
fn the_sheet_of_a_group_that_stopped_has_the_line_for_what_was_not_sent() {
    let mut desk = Desk::new();
    desk.first_comes_to(":rollback --all\n", OpState::Failed, "nothing was moved: PERMISSION_DENIED");
    assert_eq!(desk.notes(), ["group all stopped: api FAILED; not sent: web"]);
    let screen = desk.person.screen();
    for name in ["api", "web"] {
        assert!(screen.contains(&format!("update-traffic {name} --project=p")), "{name}: {screen}");
    }
    desk.person.keys("y");
    let copied = desk.person.effects.iter().rev().find_map(|effect| match effect {
        Effect::Copy { text } => Some(text.clone()),
        _ => None,
    });
    let copied = copied.expect("it is copied");
    assert_eq!(copied.matches("by hand: gcloud run services update-traffic").count(), 2, "{copied}");
}

/// One line has no room for all of them, and must not pass the first off as all.
#[test]
fn the_header_counts_regions_and_names_the_service() {
    let header = |config: &str, columns: u16| {
        let mut desk = Desk::of(config);
        desk.person.tell(Msg::Resized { columns, rows: 40 });
        desk.person.screen().lines().next().unwrap_or_default().to_owned()
    };
    let other = CONFIG.replacen("region = \"r\"", "region = \"s\"", 1);
    assert!(header(CONFIG, 160).contains("p · r   api stable 00001-old 90 %"), "{}", header(CONFIG, 160));
    assert!(header(&other, 160).contains("p · 2 regions   api stable"), "{}", header(&other, 160));
    assert!(header(&other, 120).contains("2 regions  api canary 00002-new 10 %"), "{}", header(&other, 120));
}

/// On a small screen one line tells of the traffic of all services: of the one that something happens to, with its name.
#[test]
fn where_there_is_room_for_one_service_it_is_the_one_that_something_happens_to() {
    let mut desk = Desk::new();
    desk.person.tell(Msg::Resized { columns: 80, rows: 24 });
    desk.reads(0, "api", 0, 3);
    desk.person.wait(1_000);
    let screen = desk.person.screen();
    for words in ["1 Ready web 00002-new", "web 00001-old 90 % / 00002-new 10 %", "web canary"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert_eq!(&*desk.person.model.verdicts.now.act, "more traffic to web 00002-new (10 %)");
    // Now it is the other one whose traffic changes.
    let (old, new) = ("api-00001-old", "api-00002-new");
    let split = vec![share(old, 80), share(new, 20)];
    let changing = Traffic { reconciling: true, ..splits::service("api", split, [new, old], 4) };
    let (service, at) = (ServiceIx(0), desk.person.model.now.mono);
    desk.person.tell(Msg::TrafficRead { service, at, traffic: Box::new(changing) });
    desk.person.wait(1_000);
    let screen = desk.person.screen();
    assert!(screen.contains("1 Ready api 00002-new"), "{screen}");
    assert!(screen.contains("changing api 00001-old 80 % / 00002-new"), "{screen}");
    assert!(screen.contains("→ more traffic to api 00002-new (20 %)"), "{screen}");
}

#[test]
fn a_pin_says_whose_it_is_where_several_services_may_be_pinned() {
    let mut desk = Desk::new();
    desk.person.tell(Msg::Resized { columns: 80, rows: 24 });
    let (seq, at) = (desk.person.model.journal.head() + 1, desk.person.model.now.wall);
    let entry = Entry::Lock { service: "web".into(), locked: true };
    let (by, role) = (Clean::new("mara"), Clean::default());
    let record = Record { seq, at, by, role, entry, hash: String::new(), late: false };
    desk.person.tell(Msg::Recorded { records: vec![record] });
    desk.person.wait(1_000);
    let screen = desk.person.screen();
    assert!(screen.contains("▲ PINNED web 00001-old"), "{screen}");
}
