//! The page of logs in its states.

use std::sync::Arc;

use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use warroom::domain::logs::{LogEntry, LogPage, LogsLost, LogsRead, Severity, Tail};
use warroom::domain::room::LogRule;
use warroom::domain::{Action, Chord, Clean, KeyPress, PanelId, ServiceIx};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

use crate::frames::room::{Mood, room};
use crate::frames::text;

const REVISION: &str = "chat-backend-00418-ral";

fn act(model: &mut Model, action: Action) {
    let press = KeyPress { chord: Chord::char('x'), at: model.now.mono, repeat: false };
    model.update(Msg::Pressed { press, action: Some(action) });
}

fn picture(model: &Model) -> String {
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let ctx = Ctx::new(&theme, &keymap, model.now);
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let mut buf = Buffer::empty(area);
    view::draw(model, &ctx, area, &mut buf);
    text(&buf)
}

fn entries(model: &Model) -> Vec<LogEntry> {
    let of = |n: i64| {
        let (severity, words): (_, String) = match n % 6 {
            0 => (Severity::Error, format!("resume of run 4f{n:02} failed: unknown state version 2")),
            1 | 4 => (Severity::Error, format!("client went away while streaming run 0c{n:02}")),
            2 => (Severity::Warning, format!("cache miss took {} ms", 40 + n)),
            3 => (Severity::Default, format!("planner: step {} of run 77{n:02} done", n % 9)),
            _ => (Severity::Info, format!("GET 200 /api/runs/77{n:02} 0.118s")),
        };
        let more = if n % 6 == 0 {
            vec!["ResumeError: unknown state version 2".into(), "  at decode (resume/state.py:88)".into()]
        } else {
            Vec::new()
        };
        LogEntry {
            at: model.now.wall - TimeDelta::milliseconds(n * 1377),
            insert_id: Clean::new(&format!("i{n}")),
            severity,
            revision: REVISION.into(),
            log: "stderr".into(),
            text: words.into(),
            more,
            facts: vec![("component".into(), "resume".into())],
        }
    };
    (0..90).map(of).collect()
}

/// The page, opened by its key on the canary, before anything was read.
fn opened(size: (u16, u16)) -> (Model, Tail) {
    let mut model = room(Mood::Bad, size);
    let logs = &mut Arc::make_mut(&mut model.room).logs;
    logs.endpoint = Some("http://127.0.0.1:1".into());
    logs.rules = vec![LogRule {
        name: "client went away".into(),
        patterns: vec!["client went away".into()],
        services: Vec::new(),
        expected: true,
        most: Some(60.0),
    }];
    model.ui.focus.open(PanelId::Traffic);
    act(&mut model, Action::Down);
    act(&mut model, Action::Logs);
    let tail = Tail { service: ServiceIx(0), revision: Some(REVISION.into()), least: Severity::Default };
    (model, tail)
}

fn tell(model: &mut Model, tail: &Tail, answer: Result<LogPage, LogsLost>) {
    let read = LogsRead { tail: tail.clone(), at: model.now.mono, answer };
    model.update(Msg::LogsRead(Box::new(read)));
}

#[test]
fn entries_of_a_revision() {
    for size in [(120, 40), (80, 24), (40, 10)] {
        let (mut model, tail) = opened(size);
        let name = |what: &str| format!("{what}-{}x{}", size.0, size.1);
        if size == (80, 24) {
            insta::assert_snapshot!(name("logs-reading"), picture(&model));
        }
        let page = LogPage { entries: entries(&model), cut: false };
        tell(&mut model, &tail, Ok(page));
        insta::assert_snapshot!(name("logs"), picture(&model));
        act(&mut model, Action::Open);
        insta::assert_snapshot!(name("logs-entry"), picture(&model));
        act(&mut model, Action::Back);
        act(&mut model, Action::Fold);
        act(&mut model, Action::Follow);
        let why = "read the logs: PERMISSION_DENIED: The caller does not have permission [logging.logEntries.list, ask for \
                   roles/logging.viewer on the project]; ask for the permission named";
        let retry_at = model.now.mono.after(std::time::Duration::from_secs(60));
        let lost = LogsLost { why: why.into(), short: "no permission".into(), retry_at };
        tell(&mut model, &tail, Err(lost));
        insta::assert_snapshot!(name("logs-folded-lost"), picture(&model));
    }
}
