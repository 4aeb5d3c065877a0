//! The default map is whole and sane, rebinding does what the config says, and the manual matches.

use super::*;
use crate::domain::Key;
use crate::keymap::hints::Place;

fn keymap() -> Keymap {
    Keymap::default()
}

/// Actions without a key by default; the palette reaches them.
const UNBOUND: &[Action] = &[];

#[test]
fn every_line_of_the_default_file_is_a_rule() {
    let table: BTreeMap<String, toml::Table> = toml::from_str(DEFAULT).expect("default.toml parses");
    for (context, actions) in &table {
        let known: Context = context.parse().expect(context);
        for (name, keys) in actions {
            let action: Action = name.parse().expect(name);
            for key in list(Keys::deserialize(keys.clone()).expect(name)) {
                let chord = chord::parse(&key).expect(&key);
                assert_eq!(keymap().action(known, chord), Some(action), "{context}.{name} = {key}");
            }
        }
    }
}

#[test]
fn every_action_is_bound() {
    for action in Action::iter().filter(|action| !UNBOUND.contains(action)) {
        assert!(
            Context::iter().any(|context| keymap().key_for(context, action).is_some()),
            "{action} has no key"
        );
    }
}

#[test]
fn defaults_are_free_of_conflicts_and_of_the_keys_of_multiplexers() {
    assert_eq!(keymap().conflicts(), []);
    for rule in &keymap().rules {
        let reserved = matches!(rule.chord.key, Key::Char('a' | 'b' | 'h' | 'j' | 'k' | 'l'));
        assert!(!(rule.chord.ctrl && reserved), "{}", chord::text(rule.chord));
    }
}

#[test]
fn the_context_wins_over_everywhere() {
    let keymap = keymap();
    assert_eq!(keymap.action(Context::Flags, Chord::char('f')), Some(Action::Flip));
    assert_eq!(keymap.action(Context::Events, Chord::char('f')), Some(Action::Follow));
    assert_eq!(keymap.key_for(Context::Events, Action::Flip), None);
    assert_eq!(keymap.key_for(Context::Flags, Action::Flip).as_deref(), Some("f"));
    assert_eq!(keymap.action(Context::Events, Chord::char('!')), None);
}

#[test]
fn read_only_binds_nothing_that_acts() {
    let watching = keymap().read_only();
    for context in Context::iter() {
        for action in Action::iter().filter(|action| action.acts()) {
            assert_eq!(watching.key_for(context, action), None);
        }
    }
    assert!(watching.help().iter().flat_map(|group| &group.lines).all(|line| !line.action.acts()));
    assert!(watching.hints(Place::Full(Context::Checklist)).iter().all(|hint| hint.label != "tick"));
    assert_eq!(watching.action(Context::Everywhere, Chord::char('?')), Some(Action::Help));
}

#[test]
fn rebinding_replaces_the_default_and_takes_the_key_from_others() {
    let mut keymap = keymap();
    keymap.rebind("everywhere", "rollback", &["x".into(), "f9".into()]).expect("bound");
    keymap.rebind("everywhere", "doctor", &["u".into()]).expect("bound");
    assert_eq!(keymap.action(Context::Room, Chord::char('R')), None);
    assert_eq!(keymap.action(Context::Room, Chord::char('x')), Some(Action::Rollback));
    assert_eq!(keymap.action(Context::Room, Chord::char('u')), Some(Action::Doctor));
    let conflict = Conflict {
        context: Context::Everywhere,
        chord: Chord::char('u'),
        wins: Action::Doctor,
        loses: Action::Undo,
    };
    assert_eq!(keymap.conflicts(), [conflict]);
    keymap.rebind("everywhere", "doctor", &[]).expect("unbound");
    assert_eq!(keymap.action(Context::Room, Chord::char('u')), Some(Action::Undo));
}

#[test]
fn a_wrong_rebinding_says_what_is_wrong() {
    let mut keymap = keymap();
    let said = |answer: Result<(), KeyError>| answer.expect_err("refused").to_string();
    assert_eq!(said(keymap.rebind("attic", "help", &[])), "there is no key context `attic`");
    assert_eq!(said(keymap.rebind("room", "explode", &[])), "there is no action `explode`");
    assert_eq!(
        said(keymap.rebind("room", "help", &["Strg-h".into()])),
        "`Strg-h` is not a key; write for instance \"g\", \"ctrl-o\", \"f5\" or \"space\""
    );
    keymap.rebind("room", "help", &["h".into()]).expect("bound");
    assert_eq!(
        said(keymap.rebind("room", "story", &["h".into()])),
        "`h` is bound to both `help` and `story` in [keys.room]"
    );
}

#[test]
fn hints_are_read_back_from_the_map() {
    let shown = |keymap: &Keymap, place| {
        let hints = keymap.hints(place);
        hints.iter().map(|hint| format!("{} {}", hint.key, hint.label)).collect::<Vec<_>>().join("  ")
    };
    assert_eq!(
        shown(&keymap(), Place::Overview(Context::Checklist)),
        "1-9 panel  tab next  enter open  z zoom  space tick  g gate  u undo  f flag…  R roll back…  / filter  : palette  ? keys"
    );
    assert_eq!(
        shown(&keymap(), Place::List),
        "j k move  enter open  R roll back…  / filter  : palette  ? keys"
    );
    let mut other = keymap();
    other.rebind("everywhere", "rollback", &["f9".into()]).expect("bound");
    assert_eq!(shown(&other.read_only(), Place::List), "j k move  enter open  / filter  : palette  ? keys");
}

#[test]
fn a_label_ends_in_an_ellipsis_exactly_when_the_action_asks() {
    for action in Action::iter() {
        assert_eq!(words::short(action).ends_with('…'), action.asks(), "{action}");
        assert_eq!(words::long(action).ends_with('…'), action.asks(), "{action}");
    }
}

/// `UPDATE_DOCS=1 cargo test --lib keymap` writes the tables anew.
#[test]
fn the_manual_holds_the_tables_of_the_map() {
    const MARK: &str = "<!-- The tables below are written from the keymap by its test. -->\n\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
    let manual = std::fs::read_to_string(path).expect("docs/keys.md");
    let (head, tables) = manual.split_once(MARK).expect("the mark");
    let wanted = keymap().markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{head}{MARK}{wanted}")).expect("written");
    } else {
        assert_eq!(tables, wanted, "run: UPDATE_DOCS=1 cargo test --lib keymap");
    }
}
