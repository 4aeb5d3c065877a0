//! Asking for a report: once at a time, and never over a file without a question.

use super::*;
use crate::document;
use crate::domain::room::Mode;
use crate::domain::{Chord, Key, KeyPress, Mono, Now, Room};
use crate::model::msg::Msg;

fn model() -> Model {
    let room = Room { name: "chat/prod".into(), ..Room::default() };
    Model::new(Arc::new(room), "c".into(), Now::default(), (120, 40))
}

fn command(model: &mut Model, line: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    let found = model.offers();
    let run = crate::model::palette::Palette::new(line).whole(&found);
    if let Some((command, line)) = run {
        let outcome = crate::model::palette::Outcome::Run(command, line);
        model.chosen(Modal::Palette(crate::model::palette::Palette::default()), outcome, &mut effects);
    }
    effects
}

fn wish(effects: &[Effect]) -> Option<(Token, PathBuf, bool)> {
    effects.iter().find_map(|effect| match effect {
        Effect::WriteReport { token, wish } => Some((*token, wish.path.clone(), wish.overwrite)),
        _ => None,
    })
}

fn said(model: &Model) -> String {
    model.ui.said(model.now.mono).map(ToString::to_string).unwrap_or_default()
}

#[test]
fn a_report_is_written_once_at_a_time_and_it_is_said_where() {
    let mut model = model();
    let effects = command(&mut model, "report");
    let (token, path, overwrite) = wish(&effects).expect("a wish");
    assert_eq!((path.to_str(), overwrite), (Some("report-chat_prod.md"), false));
    assert_eq!(wish(&command(&mut model, "report other.md")), None, "one is being written");
    model.update(Msg::Reported {
        token: Token(token.0 + 99),
        reported: Reported::Failed { path: "x".into(), why: "stale".into() },
    });
    assert_eq!(wish(&command(&mut model, "report other.md")), None, "a stale answer is none");
    model.update(Msg::Reported {
        token,
        reported: Reported::Written { path: "/w/r.md".into(), bytes: 12_340 },
    });
    assert_eq!(said(&model), "report written, 12.3kB: /w/r.md");
    let (_, path, _) = wish(&command(&mut model, "report  my report.json ")).expect("the next");
    assert_eq!(path.to_str(), Some("my report.json"));
}

#[test]
fn a_file_that_is_there_is_written_over_only_after_a_yes() {
    let mut model = model();
    let (token, ..) = wish(&command(&mut model, "report r.md")).expect("a wish");
    let exists = Reported::Exists { path: "/w/r.md".into() };
    model.update(Msg::Reported { token, reported: exists.clone() });
    assert!(matches!(model.ui.modal, Some(Modal::Ask(_))) && &**model.existing_report() == "/w/r.md");
    let press = |key, at| Msg::Pressed {
        press: KeyPress { chord: Chord::plain(key), at: Mono::from_millis(at), repeat: false },
        action: None,
    };
    assert_eq!(wish(&model.update(press(Key::Enter, 1_000))), None, "enter keeps the file");
    assert!(model.ui.modal.is_none());
    let (token, ..) = wish(&command(&mut model, "report r.md")).expect("a wish");
    model.update(Msg::Reported { token, reported: exists.clone() });
    let (token, path, overwrite) = wish(&model.update(press(Key::Char('y'), 2_000))).expect("over it");
    assert_eq!((path.to_str(), overwrite), (Some("r.md"), true));
    // Meanwhile somebody opened the story: nothing is put over it.
    model.show(Modal::Page(Page::new(Topic::Story)));
    model.update(Msg::Reported { token, reported: exists });
    assert!(matches!(model.ui.modal, Some(Modal::Page(_))));
    assert_eq!(said(&model), "no report: there is a file already: /w/r.md");
}

#[test]
fn what_went_wrong_is_said() {
    let mut model = model();
    let (token, ..) = wish(&command(&mut model, "report /no/r.md")).expect("a wish");
    let failed = Reported::Failed { path: "/no/r.md".into(), why: "No such file or directory".into() };
    model.update(Msg::Reported { token, reported: failed });
    assert_eq!(said(&model), "✗ no report: No such file or directory: /no/r.md");
}

#[test]
fn who_only_watches_writes_no_file_and_reads_the_plan() {
    let mut model = model();
    let mut room = (*model.room).clone();
    room.operator.mode = Mode::ReadOnly;
    model.room = Arc::new(room);
    assert_eq!(wish(&command(&mut model, "report r.md")), None);
    let offer = model.offers().into_iter().find(|offer| offer.line == "report").expect("it is shown");
    assert_eq!(offer.blocked.as_deref(), Some("read-only: no file is written; warroom report does"));
    command(&mut model, "plan");
    assert!(model.ui.plan[0].starts_with("The room has no checklist"));
}

#[test]
fn the_plan_is_what_warroom_plan_says_and_follows_the_file() {
    let mut model = model();
    let read = |text: &str| document::read("d.md", text.as_bytes()).document.expect("a document");
    let one = read("# Deploy\n\n## Before\n- [ ] a\n\n```bash\ncargo test\n```\n");
    model.update(Msg::DocumentsRead {
        documents: vec![one.clone()],
        problems: vec!["gone.md: not found".into()],
    });
    command(&mut model, "plan");
    let shown: String = model.ui.plan.iter().flat_map(|line| [&**line, "\n"]).collect();
    assert_eq!(shown, format!("✗ gone.md: not found\n\n{}", plan::words::summary(&one)));
    assert_eq!(model.page_rows(Topic::Plan), model.ui.plan.len());
    let two = read("# Deploy again\n\n- [ ] b\n");
    model.update(Msg::DocumentsRead { documents: vec![two], problems: Vec::new() });
    assert_eq!(&*model.ui.plan[0], "d.md: Deploy again");
}
