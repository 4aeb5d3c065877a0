//! The view of alerts: nothing, and all there can be; and what the first row says.

use std::path::Path;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use warroom::config::{self, Overrides};
use warroom::domain::alert::{Moment, Outcome, Step, Why};
use warroom::domain::{Clean, Entry, Mono, Now, PanelId, Record, Wall};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::report::snapshot::snapshot;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

use crate::frames::text;

const CONFIG: &str = r##"
[room]
name = "chat"
environment = "production"
[[service]]
name = "api"
[[service.health]]
name = "api"
url = "http://127.0.0.1:1/health"
[alerts]
[[alerts.severity]]
level = 1
escalate_to = ["lead"]
[[route]]
name = "pager"
kind = "pagerduty"
key = { env = "PAGERDUTY_KEY" }
stands_for = ["#ops"]
[[route]]
name = "lead"
kind = "email"
host = "smtp.example.com"
from = "warroom@example.com"
to = ["lead@example.com"]
"##;

fn at(second: i64) -> Wall {
    let begin = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    begin + chrono::TimeDelta::seconds(second)
}

fn record(seq: u64, second: i64, by: &str, step: Step) -> Record {
    let entry = Entry::Alert(Box::new(step));
    Record {
        seq,
        at: at(second),
        by: by.into(),
        role: Clean::default(),
        entry,
        hash: String::new(),
        late: false,
    }
}

fn raised(name: &str, why: Why, severity: u8, about: &str) -> Step {
    let routes = vec!["pager".to_owned()];
    Step::Raised { key: name.into(), name: name.into(), why, severity, about: about.into(), routes }
}

fn told(alert: u64, moment: Moment, route: &str, outcome: Outcome, answer: &str, attempt: u32) -> Step {
    Step::Delivered { alert, moment, route: route.into(), outcome, answer: answer.into(), attempt }
}

fn records() -> Vec<Record> {
    let mute =
        Step::Muted { what: "health*".into(), until: at(3_000), reason: "the probe is rebuilt".into() };
    vec![
        record(1, 0, "room", raised("closes 4401", Why::Failing, 2, "12.4/min, limit 5")),
        record(2, 1, "room", told(1, Moment::Raised, "pager", Outcome::Sent, "HTTP 202 Event processed", 1)),
        record(3, 40, "sam", Step::Acknowledged { alert: 1, note: "the login service, on it".into() }),
        record(4, 60, "room", raised("errors > 5 %", Why::Failing, 1, "6.1 %, limit 5 % · since the canary")),
        record(5, 61, "room", told(4, Moment::Raised, "pager", Outcome::Failed, "HTTP 503 try later", 3)),
        record(6, 400, "room", raised("latency p95", Why::Unseen, 3, "no data")),
        record(7, 500, "mara", mute),
        record(8, 520, "room", raised("health api failing", Why::Failing, 1, "503, unhealthy")),
        record(9, 700, "room", Step::Escalated { alert: 4, routes: vec!["lead".into()] }),
        record(10, 701, "room", told(4, Moment::Escalated, "lead", Outcome::Sent, "SMTP 250 2.0.0 Ok", 1)),
        record(11, 720, "room", raised("startup failed", Why::Failing, 1, "failed")),
        record(12, 740, "room", Step::Resolved { alert: 11, why: "not failed".into() }),
    ]
}

fn person(records: &[Record]) -> Model {
    let loaded =
        config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara").expect("a config");
    let now = Now { mono: Mono::from_secs(1_000), wall: at(750) };
    let mut model = Model::new(Arc::new(loaded.room), "c".into(), now, (160, 48));
    model.update(Msg::Recorded { records: records.to_vec() });
    model.ui.focus.open(PanelId::Alerts);
    model
}

fn drawn(model: &mut Model, (width, height): (u16, u16)) -> String {
    model.update(Msg::Resized { columns: width, rows: height });
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let ctx = Ctx::new(&theme, &keymap, model.now);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    drop(view::draw(model, &ctx, area, &mut buf));
    text(&buf)
}

#[test]
fn alerts_at_every_size() {
    let mut model = person(&records());
    for size in [(80, 24), (120, 32), (160, 40)] {
        insta::assert_snapshot!(format!("alerts_{}x{}", size.0, size.1), drawn(&mut model, size));
    }
    let mut none = person(&[]);
    insta::assert_snapshot!("alerts_none", drawn(&mut none, (120, 16)));
    model.ui.focus.close();
    let overview = drawn(&mut model, (160, 48));
    let first = overview.lines().next().unwrap_or_default();
    assert!(first.contains("✗ 2 alerts not acknowledged 11:30"), "{first}");
    let list = drawn(&mut model, (80, 24));
    assert!(list.contains("Alerts      ✗ errors > 5 %: 6.1 %"), "{list}");
    for size in [(1, 1), (12, 3), (59, 14), (60, 15), (99, 20), (100, 15)] {
        model.ui.focus.open(PanelId::Alerts);
        drawn(&mut model, size);
    }
}

#[test]
fn an_alert_tells_what_the_documents_say_of_its_severity() {
    let text = "# Incidents\n## SEV1: outage\n- Criteria: nobody can log in for 5 minutes, or orders are lost\n- Response time: 10 minutes\n\
                - Escalation: head of support\n- Action: go back to the release before\n";
    let config = CONFIG.replace("level = 1", "level = 1\nstands_for = [\"SEV1\"]");
    let loaded =
        config::parse(&config, Path::new("config.toml"), &Overrides::default(), "mara").expect("a config");
    let now = Now { mono: Mono::from_secs(1_000), wall: at(750) };
    let mut model = Model::new(Arc::new(loaded.room), "c".into(), now, (160, 48));
    let document = warroom::document::read("INCIDENTS.md", text.as_bytes()).document.expect("a document");
    model.update(Msg::DocumentsRead { documents: vec![document], problems: vec![] });
    model.update(Msg::Recorded { records: records()[3..4].to_vec() });
    model.ui.focus.open(PanelId::Alerts);
    let told = drawn(&mut model, (160, 40));
    for words in [
        "answer within 10:00",
        "nobody can log in for 5 minutes, or orders are lost",
        "go back to the release before",
        "head of support",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[test]
fn the_snapshot_and_the_story_tell_them() {
    let model = person(&records());
    let json = snapshot(&model);
    let row = &json["alerts"][0];
    let keys = ["name", "severity", "state", "since", "by", "routed"];
    assert!(keys.iter().all(|key| row.get(key).is_some()), "{row}");
    assert_eq!((&row["state"], &row["routed"][0]["outcome"]), (&"firing".into(), &"failed".into()));
    assert_eq!(json["mutes"][0]["name"], "health*");
    let story = warroom::report::story::story(&model.journal, &"ines".into());
    assert_eq!(story.len(), records().len());
    assert_eq!(&*story[3].text, "alert severity 1: errors > 5 %: 6.1 %, limit 5 % · since the canary");
}
