//! Golden frames: what a team keeps as examples of good ones, replayed through the configured decoder and schemas.

use std::path::{Path, PathBuf};

use super::Schemas;
use crate::domain::Clean;
use crate::domain::room::EventsSpec;
use crate::sources::events::parse::Parser;

/// The largest file read, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// Differences told at most.
const MOST: usize = 1_000;

/// One way in which a golden frame is not what this room takes for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file, below the directory.
    pub file: String,
    /// Which frame of it, from 1: in NDJSON its line.
    pub line: usize,
    /// Event type; empty: none was found.
    pub kind: Clean,
    /// JSON pointer; empty: the frame itself.
    pub place: Clean,
    /// What is different.
    pub what: Clean,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Frames read.
    pub frames: usize,
    /// Of those, the ones that a schema was there for.
    pub checked: usize,
    /// What is different.
    pub differences: Vec<Difference>,
}

/// Replays all `.json` files (one frame, or a list of them) and `.ndjson` and `.jsonl` files (one frame a line) of `dir`.
///
/// # Errors
/// Something cannot be read: which, and why.
pub fn replay(dir: &Path, spec: &EventsSpec, schemas: Option<&Schemas>) -> Result<Replayed, Clean> {
    let told =
        |path: &Path, error: &dyn std::fmt::Display| Clean::new(&format!("{}: {error}", path.display()));
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|error| told(dir, &error))? {
        let file = entry.map_err(|error| told(dir, &error))?.path();
        let kept = file.extension().is_some_and(|end| end == "json" || end == "ndjson" || end == "jsonl");
        files.extend(kept.then_some(file));
    }
    files.sort();
    let mut replay = Replay { spec, schemas, parser: Parser::new(&spec.fields), told: Replayed::default() };
    for file in &files {
        let length = std::fs::metadata(file).map_err(|error| told(file, &error))?.len();
        if length > MAX_FILE {
            return Err(told(file, &"larger than 64 MB"));
        }
        let text = std::fs::read_to_string(file).map_err(|error| told(file, &error))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        replay.file(&name, &text, file.extension().is_some_and(|end| end == "json"));
    }
    if replay.told.frames == 0 {
        return Err(told(dir, &"no frame in it: write them as .json, .ndjson or .jsonl"));
    }
    Ok(replay.told)
}

struct Replay<'a> {
    spec: &'a EventsSpec,
    schemas: Option<&'a Schemas>,
    parser: Parser,
    told: Replayed,
}

impl Replay<'_> {
    fn file(&mut self, name: &str, text: &str, whole: bool) {
        if !whole {
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            return lines.for_each(|(line, number)| self.frame(name, number, line));
        }
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(serde_json::Value::Array(frames)) => {
                for (frame, number) in frames.iter().zip(1..) {
                    self.frame(name, number, &frame.to_string());
                }
            }
            Ok(_) | Err(_) => self.frame(name, 1, text),
        }
    }

    fn frame(&mut self, file: &str, line: usize, text: &str) {
        self.told.frames += 1;
        let read = self.parser.read(text, |event| (event.kind.to_owned(), event.run.is_some()));
        let (kind, has_run) = match read {
            Ok(read) => read,
            Err(why) => return self.differs(file, line, "", "", &format!("the decoder refuses it: {why}")),
        };
        if !self.spec.types.contains(&kind) {
            self.differs(file, line, &kind, "", "its type is not among `types`");
        }
        if !has_run && !self.spec.fields.run.is_empty() {
            self.differs(file, line, &kind, "", "none of the `run` pointers finds a run id in it");
        }
        let Some(schemas) = self.schemas else { return };
        let Ok(frame) = serde_json::from_str(text) else { return };
        match schemas.check(&kind, &frame) {
            None => self.differs(file, line, &kind, "", "there is no schema for its type"),
            Some(faults) => {
                self.told.checked += 1;
                for fault in faults {
                    self.differs(file, line, &kind, &fault.wrong.place, &fault.words);
                }
            }
        }
    }

    fn differs(&mut self, file: &str, line: usize, kind: &str, place: &str, what: &str) {
        if self.told.differences.len() < MOST {
            let (kind, place, what) = (Clean::new(kind), Clean::new(place), Clean::new(what));
            self.told.differences.push(Difference { file: file.to_owned(), line, kind, place, what });
        }
    }
}
