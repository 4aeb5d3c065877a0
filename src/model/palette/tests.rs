//! What the palette offers, completes and runs.

use super::*;
use crate::domain::room::{CloudRunSpec, FlagSpec, Service};
use crate::domain::{Chord, Mono, Now};

fn room() -> Room {
    let run = CloudRunSpec {
        project: "demo".into(),
        region: "here".into(),
        service: "chat-backend".into(),
        endpoint: String::new(),
        token: None,
        interval: std::time::Duration::from_secs(5),
        verify_for: std::time::Duration::from_secs(120),
    };
    let service = Service { name: "chat-backend".into(), cloud_run: Some(run), ..Service::default() };
    let flag = FlagSpec {
        name: "SESSION_RESUME".into(),
        service: ServiceIx(0),
        variable: "SESSION_RESUME".into(),
        on: "true".into(),
        off: "false".into(),
        ..FlagSpec::default()
    };
    Room { services: vec![service], flags: vec![flag], ..Room::default() }
}

fn all() -> Vec<Offer> {
    offers(&room(), |_| None)
}

fn press(palette: &mut Palette, key: Key) -> Outcome {
    let press = KeyPress { chord: Chord::plain(key), at: Mono::default(), repeat: false };
    palette.press(press, &all(), &["closes".into(), "story".into()])
}

#[test]
fn names_are_found_by_a_few_letters() {
    let first = |typed: &str| Palette::new(typed).find(&all()).first().map(|found| found.offer.line.clone());
    assert_eq!(first("rb chat").as_deref(), Some("rollback chat-backend"));
    assert_eq!(first("roll back").as_deref(), Some("rollback chat-backend"));
    assert_eq!(first("roll back chat").as_deref(), Some("rollback chat-backend"));
    assert_eq!(first("sess").as_deref(), Some("flip SESSION_RESUME"));
    assert_eq!(first("note it broke").as_deref(), Some("note TEXT"));
    assert_eq!(first("zzz"), None);
    assert_eq!(first("").as_deref(), Some("rollback chat-backend"));
}

#[test]
fn enter_completes_what_is_not_whole_and_runs_what_is() {
    let mut palette = Palette::new("rollb");
    assert_eq!(press(&mut palette, Key::Enter), Outcome::Waiting);
    assert_eq!(palette.input.value(), "rollback chat-backend");
    let run = Outcome::Run(Command::Rollback(ServiceIx(0), None), "rollback chat-backend".into());
    assert_eq!(press(&mut palette, Key::Enter), run);
}

#[test]
fn no_proper_prefix_of_any_line_runs() {
    let offers = all();
    for offer in offers.iter().filter(|offer| free(&offer.command).is_none()) {
        for (end, _) in offer.line.char_indices() {
            let (prefix, _) = offer.line.split_at(end);
            let ran = Palette::new(prefix).whole(&offers).map(|(command, _)| command);
            let other_line = offers.iter().any(|other| other.line == prefix.trim());
            assert!(ran.is_none() || other_line, "{prefix:?} ran {ran:?}");
            assert_ne!(ran.as_ref(), Some(&offer.command), "{prefix:?}");
        }
    }
}

#[test]
fn a_note_is_the_rest_of_the_line() {
    let run = |line: &str| Palette::new(line).whole(&all()).map(|(command, _)| command);
    assert_eq!(run("note  holding  for QA "), Some(Command::Note("holding  for QA".into())));
    assert_eq!(run("note "), None);
    assert_eq!(run("note TEXT"), None);
    assert_eq!(run("notes"), None);
    let mut palette = Palette::new("no");
    press(&mut palette, Key::Tab);
    assert_eq!(palette.input.value(), "note ");
}

/// `UPDATE_DOCS=1 cargo test --lib palette` writes the table anew.
#[test]
fn the_manual_holds_the_table_of_the_commands() {
    const MARK: &str = "<!-- The table below is written from the code by its test. -->\n\n";
    let mut room = room();
    room.services[0].name = "SERVICE".into();
    // By Cloud Run's name the same can be done.
    room.services[0].cloud_run =
        room.services[0].cloud_run.take().map(|cloud| CloudRunSpec { service: "SERVICE".into(), ..cloud });
    room.flags[0].name = "FLAG".into();
    let mut wanted = "| command | does |\n|---|---|\n".to_owned();
    for offer in offers(&room, |_| None) {
        wanted += &format!("| `{}` | {} |\n", offer.line, offer.about);
        if matches!(offer.command, Command::Rollback(..)) {
            // One more for each revision, once they are known.
            wanted += &format!("| `{} REVISION` | {} |\n", offer.line, offer.about);
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
    let manual = std::fs::read_to_string(path).expect("docs/keys.md");
    let (head, rest) = manual.split_once(MARK).expect("the mark");
    let (table, tail) = rest.split_once("\n\n").expect("text after the table");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{head}{MARK}{wanted}\n{tail}")).expect("written");
    } else {
        assert_eq!(format!("{table}\n"), wanted, "run: UPDATE_DOCS=1 cargo test --lib palette");
    }
}

#[test]
fn what_is_blocked_is_shown_and_not_run() {
    let blocked =
        |command: &Command| matches!(command, Command::Rollback(..)).then(|| Clean::new("one revision only"));
    let offers = offers(&room(), blocked);
    let palette = Palette::new("rollback chat-backend");
    assert_eq!(palette.whole(&offers), None);
    assert_eq!(
        palette.find(&offers).first().and_then(|found| found.offer.blocked.clone()),
        Some(Clean::new("one revision only"))
    );
}

#[test]
fn alerts_without_a_config_say_what_is_missing() {
    let offer = |more: &str| {
        let config = format!(
            "[[service]]\nname = \"s\"\n[[service.health]]\nname = \"up\"\nurl = \"http://127.0.0.1:9\"\n{more}"
        );
        let none = crate::config::Overrides::default();
        let loaded =
            crate::config::parse(&config, std::path::Path::new("c.toml"), &none, "mara").expect("config");
        let model =
            crate::model::Model::new(std::sync::Arc::new(loaded.room), "c".into(), Now::default(), (80, 24));
        let found = model.offers().into_iter().find(|offer| offer.line == "alerts").expect("it is offered");
        found.blocked.map(|why| why.to_string())
    };
    assert_eq!(offer("").as_deref(), Some("not configured: write [alerts] or a [[route]] into the config"));
    assert_eq!(offer("[alerts]\n"), None);
}

#[test]
fn up_on_the_first_row_goes_through_the_history() {
    let mut palette = Palette::default();
    press(&mut palette, Key::Up);
    assert_eq!(palette.input.value(), "story");
    press(&mut palette, Key::Up);
    press(&mut palette, Key::Up);
    assert_eq!(palette.input.value(), "closes");
    press(&mut palette, Key::Down);
    press(&mut palette, Key::Down);
    assert_eq!(palette.input.value(), "");
    press(&mut palette, Key::Down);
    assert_eq!(palette.chosen, 1);
}

#[test]
fn whatever_a_key_does_has_a_command_by_name() {
    let all = all();
    // These have lines once there are stages, gates or alerts to act on.
    let later = [Action::Hold, Action::Gate, Action::Acknowledge, Action::Mute, Action::Unmute];
    for action in Action::iter().filter(|action| action.acts() && !later.contains(action)) {
        assert!(all.iter().any(|offer| offer.key == Some(action)), "{action} has no command");
    }
    let whole = |line: &str| Palette::new(line).whole(&all).map(|(command, _)| command);
    assert_eq!(whole("tick"), Some(Command::Act(Action::Tick)));
    assert_eq!(whole("untick"), Some(Command::Act(Action::Undo)));
    assert_eq!(whole("waive"), Some(Command::Act(Action::Waive)));
}

#[test]
fn read_only_offers_nothing_that_acts() {
    let mut room = room();
    room.operator.mode = Mode::ReadOnly;
    for offer in offers(&room, |_| None) {
        let harmless = match offer.command {
            Command::Act(action) => !action.acts(),
            Command::Logs(_)
            | Command::Panel(_)
            | Command::Dashboard(_)
            | Command::Show(_)
            | Command::Plan
            | Command::Compare(_)
            | Command::Sides(_)
            | Command::Report(_) => true,
            Command::Rollback(..)
            | Command::Forward(..)
            | Command::Group(..)
            | Command::Shift(_)
            | Command::Step(..)
            | Command::Tag(_)
            | Command::Rehearse(_)
            | Command::RehearseGroup(_)
            | Command::Unlock(_)
            | Command::Flip(_)
            | Command::SetFlag(..)
            | Command::FlagLine(_)
            | Command::RolloutBegin(_)
            | Command::T0
            | Command::Gate(_)
            | Command::Reading(_)
            | Command::TickItem(_)
            | Command::ProbeRun
            | Command::Trust(_)
            | Command::RolloutEnd(_)
            | Command::Override(_)
            | Command::Stage(_)
            | Command::StageTraffic(_)
            | Command::Accept(..)
            | Command::Acknowledge(_)
            | Command::Mute(_)
            | Command::Unmute(_)
            | Command::Note(_) => false,
        };
        assert!(harmless, "{}", offer.line);
    }
}

#[test]
fn a_service_is_rolled_back_by_cloud_runs_name_too() {
    let mut room = room();
    room.services[0].name = "chat".into();
    let offers = offers(&room, |_| None);
    for line in ["rollback chat", "rollback chat-backend"] {
        let run = Palette::new(line).whole(&offers).map(|(command, _)| command);
        assert_eq!(run, Some(Command::Rollback(ServiceIx(0), None)), "{line}");
    }
}
