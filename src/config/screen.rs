//! `[screen]` and `[keys]`: the theme is read and the keys are bound here, so that nothing of them can fail later.

use std::path::Path;

use super::problem::{ConfigError, suggestion};
use super::section::Section;
use super::{Overrides, Screen};
use crate::domain::{Action, Clean};
use crate::keymap::{Context, KeyError, Keymap};
use crate::theme::{self, ThemeFile};

const DEFAULT_THEME: &str = "dark";

pub(super) fn read(top: &Section<'_>, base: &Path, overrides: &Overrides) -> Result<Screen, ConfigError> {
    let section = top.section("screen");
    let name = section.text_or("theme", DEFAULT_THEME);
    let written = theme(&name, base).unwrap_or_else(|wrong| {
        let what = format!("`screen.theme` is \"{name}\"");
        section.wrong("theme", &what, &wrong.why, &wrong.next);
        None
    });
    let (theme_name, theme) = match &overrides.theme {
        None => (name, written),
        Some(name) => (name.clone(), theme(name, Path::new("")).map_err(|wrong| wrong.of(name))?),
    };
    Ok(Screen {
        theme_name,
        theme,
        ascii: section.switch("ascii", false) || overrides.ascii,
        reduced_motion: section.switch("reduced_motion", false),
        bell: section.switch("bell", false),
        notify: section.switch("notify", false),
        hints: section.switch("hints", true),
        mouse: section.switch("mouse", true),
    })
}

struct WrongTheme {
    why: String,
    next: String,
}

impl WrongTheme {
    fn of(self, name: &str) -> ConfigError {
        ConfigError::Theme {
            name: Clean::new(name),
            why: Clean::new(&self.why),
            next: Clean::new(&self.next),
        }
    }
}

/// The theme called `name`: `None` if it comes with the program, else read from the file of this name.
fn theme(name: &str, base: &Path) -> Result<Option<ThemeFile>, WrongTheme> {
    if theme::built_in(name).is_some() {
        return Ok(None);
    }
    let known = theme::BUILT_IN.map(|(known, _)| known);
    if !name.contains(['/', '\\', '.']) {
        let why = "no theme of this name comes with the program, and it is no file's name".to_owned();
        return Err(WrongTheme { why, next: suggestion(name, &known) });
    }
    let path = base.join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| WrongTheme {
        why: format!("{}: {error}", path.display()),
        next: format!("check the path, or use one of {}", known.join(", ")),
    })?;
    ThemeFile::parse(&text).map(Some).map_err(|error| WrongTheme {
        why: format!("{}: {error}", path.display()),
        next: "start from a copy of themes/dark.toml".to_owned(),
    })
}

/// The default keys with what `[keys.CONTEXT]` rebinds.
pub(super) fn keys(top: &Section<'_>) -> Keymap {
    let mut keymap = Keymap::default();
    for (context, span, node) in top.entries("keys") {
        let Some(table) = node.get_ref().as_table() else {
            let what = format!("`keys.{context}` is no table");
            top.problems.add(&span, &what, "keys are bound by context", "write [keys.everywhere]");
            continue;
        };
        for (action, value) in table {
            let one = value.get_ref().as_str().map(|key| vec![key.to_owned()]);
            let many = || -> Option<Vec<String>> {
                let keys = value.get_ref().as_array()?.iter();
                keys.map(|key| key.get_ref().as_str().map(str::to_owned)).collect()
            };
            let action_name: &str = action.get_ref();
            let what = format!("`keys.{context}.{action_name}`");
            let Some(keys) = one.or_else(many) else {
                let next = "write action = \"x\" or [\"x\", \"y\"]";
                let why = "a key is a text, or a list of texts";
                top.problems.add(&value.span(), &format!("{what} is no key"), why, next);
                continue;
            };
            if let Err(error) = keymap.rebind(&context, action_name, &keys) {
                let place = match error {
                    KeyError::Context(_) => span.clone(),
                    KeyError::Action(_) => action.span(),
                    KeyError::Key(_) | KeyError::Twice { .. } => value.span(),
                };
                top.problems.add(
                    &place,
                    &format!("{what} cannot be bound"),
                    &error.to_string(),
                    &way_out(&error),
                );
            }
        }
    }
    keymap
}

fn way_out(error: &KeyError) -> String {
    use strum::IntoEnumIterator;
    match error {
        KeyError::Context(name) => {
            suggestion(name, &Context::iter().map(<&'static str>::from).collect::<Vec<_>>())
        }
        KeyError::Action(name) => {
            let known: Vec<&str> = Action::iter().map(<&'static str>::from).collect();
            match super::problem::nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "docs/keys.md lists the actions".to_owned(),
            }
        }
        KeyError::Key(_) => "docs/keys.md lists the keys".to_owned(),
        KeyError::Twice { .. } => "keep one of them".to_owned(),
    }
}
