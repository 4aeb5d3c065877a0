//! A flag in a file of flagd definitions: read, and edited in place so that every other byte stays.
//!
//! Format: <https://flagd.dev/reference/flag-definitions/>. A flag without targeting is turned by its `defaultVariant`;
//! one with a `fractional` split or rules is turned by its `state`, and its share is the split's weights. The file is
//! replaced in one step, so flagd, which watches it, never reads a half of it.

mod spans;

use std::fs::TryLockError;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;

use super::flags::{Fault, Permit, fingerprint, same_version};
use crate::clock;
use crate::domain::Clean;
use crate::domain::flag::{FlagRead, LiveChange, Setting};
use crate::domain::room::FlagdSpec;

/// One file at a time, also where the file system has no locks.
static REPLACING: Mutex<()> = Mutex::const_new(());

/// How long another program may hold the folder, and how often it is tried.
const HELD_FOR: Duration = Duration::from_secs(5);
const TRIED: Duration = Duration::from_millis(20);

/// So often a file is edited again that somebody else changed elsewhere meanwhile.
const AGAIN: u32 = 5;

/// The largest file taken.
const MAX_BYTES: u64 = 4 << 20;

/// One flag of one file.
#[derive(Debug, Clone)]
pub struct File {
    path: PathBuf,
    key: String,
    on: String,
    off: String,
}

/// How a definition decides.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// By its default variant alone.
    Default,
    /// By a split between on and off: where their weights stand in the text, and what they are.
    Split { on: Range<usize>, off: Range<usize>, weights: (u64, u64) },
    /// By rules of its own, in these words.
    Other(Clean),
}

impl File {
    /// Nothing is read yet. `on` and `off` are names of variants.
    pub fn new(spec: &FlagdSpec, on: &str, off: &str) -> Self {
        Self { path: spec.file.clone(), key: spec.key.clone(), on: on.to_owned(), off: off.to_owned() }
    }

    pub(super) async fn read(&self) -> Result<FlagRead, Fault> {
        let file = self.clone();
        blocking(move || {
            let text = file.text()?;
            file.seen(&text).map(|(read, _)| read)
        })
        .await
    }

    pub(super) async fn write(&self, change: &LiveChange, permit: &Permit) -> Result<(), Fault> {
        let (file, change, permit) = (self.clone(), change.clone(), permit.clone());
        let alone = REPLACING.lock().await;
        blocking(move || {
            let _alone = alone;
            file.replace(&change, &permit)
        })
        .await
    }

    /// Two flags of one file may be set at once, by two programs too: who comes second edits what the first one left.
    fn replace(&self, change: &LiveChange, permit: &Permit) -> Result<(), Fault> {
        let io = |error: io::Error| Fault::refused(&format!("{}: {error}", self.path.display()));
        // A link stays one: the file behind it is replaced.
        let path = self.path.canonicalize().map_err(io)?;
        let _held = hold(path.parent().unwrap_or(Path::new(".")))?;
        for _ in 0..AGAIN {
            let text = self.text()?;
            let edited = self.edited(&text, change)?;
            let beside = Beside::write(&path, edited.as_bytes()).map_err(io)?;
            if self.text()? != text {
                continue;
            }
            permit.check()?;
            return beside.take_place(&path).map_err(io);
        }
        Err(Fault::refused("somebody else goes on changing the file"))
    }

    fn text(&self) -> Result<String, Fault> {
        let refused = |why: String| Fault::refused(&format!("{}: {why}", self.path.display()));
        let about = std::fs::metadata(&self.path).map_err(|error| refused(error.to_string()))?;
        if !about.is_file() {
            return Err(refused("it is no file".into()));
        }
        if about.len() > MAX_BYTES {
            return Err(refused(format!("it is larger than {} MB", MAX_BYTES >> 20)));
        }
        std::fs::read_to_string(&self.path).map_err(|error| refused(error.to_string()))
    }

    fn seen(&self, text: &str) -> Result<(FlagRead, Rule), Fault> {
        let json: Value = serde_json::from_str(text)
            .map_err(|error| Fault::refused(&format!("{}: {error}", self.path.display())))?;
        let none = || Fault::refused(&format!("{} has no flag {}", self.path.display(), self.key));
        let flag = json.get("flags").and_then(|flags| flags.get(&self.key)).ok_or_else(none)?;
        let definition = spans::find(text, &["flags", &self.key]).and_then(|range| text.get(range));
        let definition = definition.ok_or_else(none)?;
        let state = flag.get("state").and_then(Value::as_str);
        let default = flag.get("defaultVariant").and_then(Value::as_str);
        let rule = self.rule(text, flag);
        let percent = match &rule {
            Rule::Default if default == Some(&self.on) => Some(100),
            Rule::Default if default == Some(&self.off) => Some(0),
            Rule::Split { weights: (on, off), .. } => share(*on, *off),
            Rule::Default | Rule::Other(_) => None,
        };
        let other = default.filter(|it| *it != self.on && *it != self.off);
        let shown = other.filter(|_| rule == Rule::Default).map(Clean::new);
        let read = FlagRead {
            setting: Setting { enabled: state == Some("ENABLED"), percent, stickiness: None },
            value: shown,
            place: Clean::new(&self.path.file_name().unwrap_or_default().to_string_lossy()),
            notes: self.notes(state, default, &rule),
            whole: rule == Rule::Default,
            // Disabled, the code's own default is taken, which nobody here knows.
            share: percent.filter(|_| state == Some("ENABLED")),
            share_fixed: match &rule {
                Rule::Other(why) => Some(why.clone()),
                Rule::Default | Rule::Split { .. } => None,
            },
            fixed: self.fixed(flag, state),
            version: fingerprint(definition),
            ..FlagRead::default()
        };
        Ok((read, rule))
    }

    fn notes(&self, state: Option<&str>, default: Option<&str>, rule: &Rule) -> Vec<Clean> {
        let mut notes = Vec::new();
        if state == Some("DISABLED") {
            notes.push(Clean::new("state DISABLED: the code's own default is taken"));
        }
        if let Rule::Other(why) = rule {
            notes.push(why.clone());
        }
        if matches!(rule, Rule::Split { .. }) && default == Some(&self.on) {
            notes.push(Clean::new("who has no targeting key gets it: the default variant is on"));
        }
        notes
    }

    fn fixed(&self, flag: &Value, state: Option<&str>) -> Option<Clean> {
        let variant = |name: &str| flag.get("variants").is_some_and(|variants| variants.get(name).is_some());
        if let Some(name) = [&self.on, &self.off].into_iter().find(|name| !variant(name)) {
            return Some(Clean::new(&format!("it has no variant {name}")));
        }
        let known = matches!(state, Some("ENABLED" | "DISABLED"));
        (!known).then(|| Clean::new("its state is neither ENABLED nor DISABLED"))
    }

    fn rule(&self, text: &str, flag: &Value) -> Rule {
        let Some(targeting) = flag.get("targeting").and_then(Value::as_object).filter(|it| !it.is_empty())
        else {
            return Rule::Default;
        };
        let other = |why: &str| Rule::Other(Clean::new(why));
        let only = targeting.get("fractional").and_then(Value::as_array).filter(|_| targeting.len() == 1);
        let Some(split) = only else {
            return other("rules decide who gets it: its share is set in the file");
        };
        let named = |name: &str| {
            let is_it = |part: &Value| part.get(0).and_then(Value::as_str) == Some(name);
            split.iter().position(is_it)
        };
        let parts = split.iter().filter(|part| part.is_array()).count();
        let (Some(on), Some(off), 2) = (named(&self.on), named(&self.off), parts) else {
            return other("its split is not between on and off: its share is set in the file");
        };
        let weight = |at: usize| {
            let place = at.to_string();
            let path = ["flags", &self.key, "targeting", "fractional", &place, "1"];
            Some((spans::find(text, &path)?, split.get(at)?.get(1)?.as_u64()?))
        };
        match (weight(on), weight(off)) {
            (Some((on, a)), Some((off, b))) => Rule::Split { on, off, weights: (a, b) },
            _ => other("its split has no weights as whole numbers: its share is set in the file"),
        }
    }

    /// The text with the change in it, and every other byte as it was.
    fn edited(&self, text: &str, change: &LiveChange) -> Result<String, Fault> {
        let (read, rule) = self.seen(text)?;
        same_version(&read.version, change)?;
        if let Some(why) = read.fixed {
            return Err(Fault::Refused(why));
        }
        let after = &change.after;
        if after.stickiness.is_some() {
            return Err(Fault::refused("a flagd split keeps people by its own bucketing value"));
        }
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        if after.enabled != read.setting.enabled {
            let state = if after.enabled { "\"ENABLED\"" } else { "\"DISABLED\"" };
            edits.push((self.find(text, &["state"])?, state.to_owned()));
        }
        match (after.percent, rule) {
            (None, _) => {}
            (Some(percent), _) if Some(percent) == read.setting.percent => {}
            (Some(percent @ 0..=100), Rule::Split { on, off, .. }) => {
                edits.push((on, percent.to_string()));
                edits.push((off, (100 - percent).to_string()));
            }
            (Some(whole @ (0 | 100)), Rule::Default) => {
                let variant = if whole == 0 { &self.off } else { &self.on };
                edits
                    .push((self.find(text, &["defaultVariant"])?, Value::from(variant.as_str()).to_string()));
            }
            (Some(percent @ 1..=99), Rule::Default) => edits.push(self.new_split(text, percent)?),
            (Some(_), Rule::Other(why)) => return Err(Fault::Refused(why)),
            (Some(_), Rule::Default | Rule::Split { .. }) => {
                return Err(Fault::refused("a share is 0 to 100 %"));
            }
        }
        let edited = spliced(text, edits).ok_or_else(|| Fault::refused("the flag's text overlaps itself"))?;
        // What was written must read as what was asked, before anybody else reads it.
        let (again, _) = self.seen(&edited)?;
        if !after.is_met_by(&again.setting) {
            return Err(Fault::refused("the edited definition would not read as what was asked for"));
        }
        Ok(edited)
    }

    /// A flag without targeting gets one: in place of an empty one, else behind its default variant.
    fn new_split(&self, text: &str, percent: u8) -> Result<(Range<usize>, String), Fault> {
        let name = |variant: &str| Value::from(variant).to_string();
        let (on, off) = (name(&self.on), name(&self.off));
        let rest = 100 - percent;
        let split = format!("{{ \"fractional\": [[{on}, {percent}], [{off}, {rest}]] }}");
        if let Ok(empty) = self.find(text, &["targeting"]) {
            return Ok((empty, split));
        }
        let default = self.find(text, &["defaultVariant"])?;
        // As far in as the line of the default variant is.
        let line =
            text.get(..default.start).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
        let gap = if text.contains('\n') { format!(",\n{indent}") } else { ", ".to_owned() };
        Ok((default.end..default.end, format!("{gap}\"targeting\": {split}")))
    }

    fn find(&self, text: &str, path: &[&str]) -> Result<Range<usize>, Fault> {
        let whole: Vec<&str> = ["flags", &self.key].into_iter().chain(path.iter().copied()).collect();
        spans::find(text, &whole).ok_or_else(|| Fault::refused(&format!("it has no {}", path.join("."))))
    }
}

/// The share of `on` in whole percent, if there is any weight.
fn share(on: u64, off: u64) -> Option<u8> {
    let all = on.checked_add(off).filter(|all| *all > 0)?;
    let percent = (u128::from(on) * 100 + u128::from(all) / 2) / u128::from(all);
    // A few are neither nobody nor everybody.
    let few = if on > 0 { percent.max(1) } else { percent };
    u8::try_from(if off > 0 { few.min(99) } else { few }).ok()
}

/// `text` with each place replaced; `None` if two of them overlap.
fn spliced(text: &str, mut edits: Vec<(Range<usize>, String)>) -> Option<String> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (range, new) in edits {
        out.push_str(text.get(at..range.start)?);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Holds a folder against other programs of this kind until what is returned is dropped; nothing where there are no
/// locks.
fn hold(folder: &Path) -> Result<Option<std::fs::File>, Fault> {
    let Ok(held) = std::fs::File::open(folder) else { return Ok(None) };
    let until = clock::mono().after(HELD_FOR);
    loop {
        match held.try_lock() {
            Ok(()) => return Ok(Some(held)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if clock::mono() < until => std::thread::sleep(TRIED),
            Err(TryLockError::WouldBlock) => {
                return Err(Fault::refused("another program holds the file's folder: try again"));
            }
        }
    }
}

/// A new file beside the one whose place it takes, so that nobody ever reads a half; gone with this if it never does.
struct Beside(PathBuf);

impl Beside {
    /// As durable as the disk is, with the rights and the owner of the file at `path`.
    fn write(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let at = folder.join(format!(".{name}.warroom-{}-{:x}", std::process::id(), fastrand::u64(..)));
        let old = std::fs::metadata(path)?;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&at)?;
        let beside = Self(at);
        keep_owner(&file, &old)?;
        file.set_permissions(old.permissions())?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(beside)
    }

    fn take_place(self, path: &Path) -> io::Result<()> {
        std::fs::rename(&self.0, path)?;
        // The new name is durable with its folder.
        if let Some(folder) = path.parent().and_then(|folder| std::fs::File::open(folder).ok()) {
            let _not_everywhere = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _moved = std::fs::remove_file(&self.0);
    }
}

/// Who could read and write the old file must be able to with the new one.
#[cfg(unix)]
fn keep_owner(file: &std::fs::File, old: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(file, Some(old.uid()), Some(old.gid())).map_err(|error| {
        let owner =
            format!("it belongs to user {}, group {}, and could not stay theirs", old.uid(), old.gid());
        io::Error::other(format!("{owner}: {error}; nothing was changed"))
    })
}

#[cfg(not(unix))]
fn keep_owner(_: &std::fs::File, _: &std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// File work off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_gone| Err(Fault::Open(Clean::new("the program is being left"))))
}

#[cfg(test)]
mod tests;
