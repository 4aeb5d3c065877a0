//! The configuration: found, merged with the command line once, validated once, and final from then on.
//!
//! `config.toml.example` documents every key with its default. Everything that is wrong in a file is told in one
//! run, each with its place, why, and the next step.

mod alerts;
mod cohorts;
mod conditions;
pub mod dashboards;
mod documented;
mod environment;
mod events;
mod flags;
mod gates;
mod groups;
mod logs;
mod metrics;
mod objectives;
mod probe;
mod problem;
mod prometheus;
mod room;
mod scalar;
mod screen;
mod secret;
mod section;
mod service;
pub mod signals;
mod signoff;
mod stages;
mod values;

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml::de::DeTable;

pub use problem::{ConfigError, Problem};

use crate::domain::Clean;
use crate::domain::room::{Mode, Operator, Room};
use crate::keymap::Keymap;
use crate::theme::ThemeFile;
use problem::Problems;
use section::Section;

/// The file that is looked for.
const FILE_NAME: &str = "config.toml";

/// The largest config read, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// What the command line says over the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    /// `--as`.
    pub operator: Option<String>,
    /// `--role`.
    pub role: Option<String>,
    /// `--read-only`; it can only be added.
    pub read_only: bool,
    /// `--theme`.
    pub theme: Option<String>,
    /// `--ascii`; it can only be added.
    pub ascii: bool,
    /// `--store`.
    pub store: Option<PathBuf>,
    /// `--checklist`, on top of the file's.
    pub checklists: Vec<PathBuf>,
}

/// A usable configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What is watched.
    pub room: Room,
    /// How this console behaves.
    pub settings: Settings,
    /// The file it came from; `None`: there is none, and the checklists alone make the room.
    pub path: Option<PathBuf>,
    /// What a person has to know of it at once.
    pub note: Option<String>,
}

/// What concerns this console alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What files of this room are called.
    pub file_name: String,
    /// What they would be called if another of its checklists came first; only without a config.
    pub also: Vec<String>,
    /// The journal's file; `None`: in the platform's data directory.
    pub store: Option<PathBuf>,
    /// The screen.
    pub screen: Screen,
    /// The keys in force; none that acts for a console that only watches.
    pub keymap: Keymap,
}

/// How the screen looks and behaves.
#[expect(clippy::struct_excessive_bools, reason = "four independent switches of the file")]
#[derive(Debug, Clone, PartialEq)]
pub struct Screen {
    /// A built-in theme's name, or the path of a theme file.
    pub theme_name: String,
    /// The theme of a file; `None`: the built-in one called `theme_name`.
    pub theme: Option<ThemeFile>,
    /// ASCII glyphs only.
    pub ascii: bool,
    /// No spinner, no inversion.
    pub reduced_motion: bool,
    /// Ring when the verdict changes.
    pub bell: bool,
    /// A desktop notification when the verdict changes.
    pub notify: bool,
    /// Three hints when a room is opened for the first time.
    pub hints: bool,
    /// Focus, scroll and click.
    pub mouse: bool,
}

/// Finds, reads, merges and validates the config. Without `path`: `./config.toml`, then the platform's config
/// directory; where there is none either, the checklists of the command line make a room of their own.
pub fn load(path: Option<&Path>, overrides: &Overrides) -> Result<Loaded, ConfigError> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => match (find(places()), overrides.checklists.first()) {
            (Ok(found), _) => found,
            (Err(_none), Some(_)) => return of_documents(overrides),
            (Err(none), None) => return Err(none),
        },
    };
    let unreadable = |error: String| ConfigError::Unreadable { path: path.clone(), error };
    let file = std::fs::File::open(&path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unreadable("it is larger than 1 MB".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        unreadable(format!("byte {at} is not UTF-8"))
    })?;
    parse(&text, &path, overrides, &login())
}

/// A room of nothing but checklists, called after the first one. Its files are called after where that one lies too:
/// other projects have a `DEPLOY.md` of their own, and its ticks are not these.
///
/// # Errors
/// What the command line says cannot be used, or one of the checklists is not there: a room of a mistyped name would be
/// an empty one.
pub fn of_documents(overrides: &Overrides) -> Result<Loaded, ConfigError> {
    let first = overrides.checklists.first().map_or(Path::new(""), PathBuf::as_path);
    for path in &overrides.checklists {
        let unusable = |error: String| ConfigError::NoChecklist { path: path.clone(), error };
        let about = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
        if about.is_dir() {
            return Err(unusable("it is a directory; name a Markdown file in it".to_owned()));
        }
    }
    let mut loaded = parse("", Path::new(""), overrides, &login())?;
    loaded.path = None;
    // However the way to it is written today, it is the same document.
    let names: Vec<String> = overrides.checklists.iter().map(|path| file_part(path)).collect();
    for checklist in &mut loaded.room.checklists {
        let name = file_part(&checklist.path);
        if names.iter().filter(|known| **known == name).count() == 1 {
            checklist.name = name;
        }
    }
    let stem = first.file_stem().unwrap_or_default().to_string_lossy();
    loaded.room.name = Clean::new(&stem).to_string();
    loaded.settings.file_name = room_of(first);
    loaded.settings.also = overrides.checklists.iter().skip(1).map(|path| room_of(path)).collect();
    Ok(loaded)
}

/// What files of the room are called whose first checklist this is.
fn room_of(first: &Path) -> String {
    let place = std::fs::canonicalize(first).or_else(|_| std::path::absolute(first));
    let place = place.unwrap_or_else(|_no_directory| first.to_owned());
    let digest = Sha256::digest(place.as_os_str().as_encoded_bytes());
    let short = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let stem = Clean::new(&first.file_stem().unwrap_or_default().to_string_lossy());
    format!("{}-{short:08x}", file_name(&stem))
}

/// The last part of a path.
fn file_part(path: &Path) -> String {
    Clean::new(&path.file_name().unwrap_or_default().to_string_lossy()).to_string()
}

/// A room's name as files are called after it.
fn file_name(room: &str) -> String {
    room.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

fn places() -> Vec<PathBuf> {
    let platform = directories::ProjectDirs::from("", "", "warroom");
    let platform = platform.map(|dirs| dirs.config_dir().join(FILE_NAME));
    std::iter::once(PathBuf::from(FILE_NAME)).chain(platform).collect()
}

fn find(looked: Vec<PathBuf>) -> Result<PathBuf, ConfigError> {
    match looked.iter().find(|path| path.exists()) {
        Some(path) => Ok(path.clone()),
        None => Err(ConfigError::Missing { looked }),
    }
}

/// Who sits here, if neither the command line nor the file says so: `$WARROOM_OPERATOR`, else the login name. In a
/// container no variable may tell that.
fn login() -> String {
    let variables = ["WARROOM_OPERATOR", "USER", "LOGNAME", "USERNAME"];
    let found =
        variables.iter().filter_map(|name| std::env::var(name).ok()).find(|name| !name.trim().is_empty());
    let found = found.or_else(account);
    Clean::new(found.as_deref().unwrap_or(Operator::UNKNOWN).trim()).to_string()
}

/// The name of the account under which this process runs, by the list of accounts.
#[cfg(unix)]
fn account() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let user = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut names = accounts.lines().filter_map(|line| {
        let mut parts = line.split(':');
        let (name, _password, id) = (parts.next()?, parts.next()?, parts.next()?);
        (id == user && !name.is_empty()).then(|| name.to_owned())
    });
    names.next()
}

#[cfg(not(unix))]
fn account() -> Option<String> {
    None
}

/// Validates the `text` of a config file at `path`, which is only named, and the base of relative paths.
pub fn parse(text: &str, path: &Path, overrides: &Overrides, login: &str) -> Result<Loaded, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let problems = Problems::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        problems.add(
            &span,
            error.message(),
            "the file is not TOML here",
            "correct the line; https://toml.io shows how",
        );
    }
    if !errors.is_empty() {
        return Err(ConfigError::Wrong { path: path.to_owned(), problems: problems.into_sorted() });
    }
    let base = path.parent().unwrap_or(Path::new(""));
    let (room, settings) = {
        let top = Section::top(document.get_ref(), &problems);
        let room = room::read(&top, base, overrides, login);
        let store = top.section("store").text("path").map(|path| base.join(path));
        let store = overrides.store.clone().or(store);
        let keymap = screen::keys(&top);
        let keymap = if room.operator.mode == Mode::ReadOnly { keymap.read_only() } else { keymap };
        let screen = screen::read(&top, base, overrides)?;
        let file_name = file_name(&room.name);
        (room, Settings { file_name, also: Vec::new(), store, screen, keymap })
    };
    let problems = problems.into_sorted();
    if problems.is_empty() {
        Ok(Loaded { room, settings, path: Some(path.to_owned()), note: None })
    } else {
        Err(ConfigError::Wrong { path: path.to_owned(), problems })
    }
}
