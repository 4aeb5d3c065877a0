//! Frames held against the team's JSON Schemas (<https://json-schema.org>, draft 4 to 2020-12), beside the stream and never in
//! its way: a few frames a second are copied out of it and looked at here.
//!
//! A schema is a file for all frames, or one of a directory, by event type: `TYPE.json` or `TYPE.schema.json`. References lead to
//! other files of that directory and nowhere else.

mod golden;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use jsonschema::{Retrieve, Uri, ValidationError, Validator};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock;
use crate::domain::envelope::{Checked, MAX_PLACES, Wrong};
use crate::domain::room::{EventFields, EventsSpec};
use crate::domain::{Clean, Mono, ServiceIx};
use crate::lanes::Lanes;
use crate::model::msg::Msg;
use crate::sources::events::parse::Parser;

pub use golden::{Difference, replay};

/// Frames of one stream that are looked at in a second.
pub const PER_SECOND: u32 = 64;

/// Schemas of one directory at most, and the largest.
const MOST_SCHEMAS: usize = 500;
const MAX_SCHEMA: u64 = 1 << 20;

/// Faults of one frame that are told.
const MOST_FAULTS: usize = 16;

/// What was found is told so often.
const TELL: Duration = Duration::from_secs(1);

/// Where references begin that are resolved among the files of the directory.
const BASE: &str = "schemas:///";

/// The schemas of one stream.
#[derive(Debug)]
pub struct Schemas {
    /// For all frames.
    all: Option<Validator>,
    by_type: BTreeMap<String, Validator>,
}

/// One thing that is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What and where.
    pub wrong: Wrong,
    /// In words, without what the frame held there.
    pub words: Clean,
}

/// The files of the directory, for references.
#[derive(Debug, Clone, Default)]
struct Files(BTreeMap<String, Value>);

impl Retrieve for Files {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let name = uri.as_str().strip_prefix(BASE).ok_or("references lead to files of the directory only")?;
        Ok(self.0.get(name).cloned().ok_or_else(|| format!("there is no file {name}"))?)
    }
}

impl Schemas {
    /// Reads the file or directory at `path`.
    ///
    /// # Errors
    /// Nothing can be read there, or a file is no schema: which, and why.
    pub fn load(path: &Path) -> Result<Self, Clean> {
        let told = |error: &dyn std::fmt::Display| Clean::new(&format!("{}: {error}", path.display()));
        if path.is_file() {
            let schema = read(path)?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let all = compile(&name, &schema, Files::default())?;
            return Ok(Self { all: Some(all), by_type: BTreeMap::new() });
        }
        let mut files = Files::default();
        for entry in std::fs::read_dir(path).map_err(|error| told(&error))? {
            let file = entry.map_err(|error| told(&error))?.path();
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if file.extension().is_none_or(|end| end != "json") {
                continue;
            }
            if files.0.len() >= MOST_SCHEMAS {
                return Err(told(&format!("more than {MOST_SCHEMAS} schemas")));
            }
            files.0.insert(name, read(&file)?);
        }
        if files.0.is_empty() {
            return Err(told(&"no file in it ends in .json"));
        }
        let mut by_type = BTreeMap::new();
        for (name, schema) in &files.0 {
            let kind = name.strip_suffix(".json").unwrap_or(name);
            let kind = kind.strip_suffix(".schema").unwrap_or(kind);
            by_type.insert(kind.to_owned(), compile(name, schema, files.clone())?);
        }
        Ok(Self { all: None, by_type })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        usize::from(self.all.is_some()) + self.by_type.len()
    }

    /// What is wrong with a frame of this type; `None`: there is no schema for it.
    pub fn check(&self, kind: &str, frame: &Value) -> Option<Vec<Fault>> {
        let validator = self.all.as_ref().or_else(|| self.by_type.get(kind))?;
        let faults = validator.iter_errors(frame).take(MOST_FAULTS);
        Some(faults.map(|error| fault(kind, &error)).collect())
    }
}

fn read(path: &Path) -> Result<Value, Clean> {
    let told = |error: &dyn std::fmt::Display| Clean::new(&format!("{}: {error}", path.display()));
    let length = std::fs::metadata(path).map_err(|error| told(&error))?.len();
    if length > MAX_SCHEMA {
        return Err(told(&"larger than 1 MB"));
    }
    let text = std::fs::read(path).map_err(|error| told(&error))?;
    serde_json::from_slice(&text).map_err(|error| told(&error))
}

fn compile(name: &str, schema: &Value, files: Files) -> Result<Validator, Clean> {
    let options = jsonschema::options().with_base_uri(format!("{BASE}{name}")).with_retriever(files);
    options.build(schema).map_err(|error| Clean::new(&format!("{name} is no JSON Schema: {error}")))
}

fn fault(kind: &str, error: &ValidationError<'_>) -> Fault {
    let place = error.instance_path().to_string();
    let parts = place.split('/').map(|part| {
        let index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if index { "*" } else { part }
    });
    let place: Vec<&str> = parts.collect();
    Fault {
        wrong: Wrong {
            kind: Clean::new(kind),
            place: Clean::new(&place.join("/")),
            rule: Clean::new(error.kind().keyword()),
        },
        words: Clean::new(&error.masked_with("the value").to_string()),
    }
}

/// Frames that are copied out of a stream, so many a second and no more.
#[derive(Debug)]
pub struct Samples {
    out: mpsc::Sender<String>,
    second: u64,
    left: u32,
}

impl Samples {
    /// With the end at which they come out.
    pub fn new() -> (Self, mpsc::Receiver<String>) {
        let (out, samples) = mpsc::channel(PER_SECOND as usize);
        (Self { out, second: u64::MAX, left: 0 }, samples)
    }

    /// Copies what of these may be looked at now; where nobody has time to look, none.
    pub fn offer<'a>(&mut self, texts: impl Iterator<Item = &'a str>, now: Mono) {
        let second = now.0 / 1_000_000;
        if second != self.second {
            (self.second, self.left) = (second, PER_SECOND);
        }
        for text in texts.take(self.left as usize) {
            self.left -= 1;
            if self.out.try_send(text.to_owned()).is_err() {
                return;
            }
        }
    }
}

/// Looks at what comes for ever, and tells once a second what was found.
pub async fn run(service: ServiceIx, spec: EventsSpec, mut samples: mpsc::Receiver<String>, lanes: Lanes) {
    let Some(path) = spec.schemas.clone() else { return };
    let loaded = tokio::task::spawn_blocking(move || Schemas::load(&path)).await;
    let schemas = match loaded.unwrap_or_else(|_ended| Err(Clean::new("reading the schemas ended early"))) {
        Ok(schemas) => schemas,
        Err(why) => {
            let told = Checked { service, at: clock::mono(), problem: Some(why), ..Checked::default() };
            // A closed lane means that the room was left.
            let _left = lanes.data.send(Msg::EnvelopesChecked(Box::new(told))).await;
            return;
        }
    };
    let mut checker = Checker::new(service, &spec.fields, schemas);
    let mut ticks = interval(TELL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            sample = samples.recv() => match sample {
                Some(text) => checker.look(&text),
                None => return,
            },
            _ = ticks.tick(), if checker.checked.frames + checker.checked.unknown > 0 => {
                let told = Msg::EnvelopesChecked(Box::new(checker.take()));
                if lanes.data.send(told).await.is_err() {
                    return;
                }
            }
        }
    }
}

struct Checker {
    parser: Parser,
    schemas: Schemas,
    checked: Checked,
}

impl Checker {
    fn new(service: ServiceIx, fields: &EventFields, schemas: Schemas) -> Self {
        Self { parser: Parser::new(fields), schemas, checked: Checked { service, ..Checked::default() } }
    }

    /// What is no event is counted by the stream itself.
    fn look(&mut self, text: &str) {
        let Ok(kind) = self.parser.read(text, |event| event.kind.to_owned()) else { return };
        let Ok(frame) = serde_json::from_str(text) else { return };
        let Some(faults) = self.schemas.check(&kind, &frame) else {
            self.checked.unknown += 1;
            return;
        };
        self.checked.frames += 1;
        self.checked.wrong += u64::from(!faults.is_empty());
        for fault in faults {
            let found = &mut self.checked.found;
            let room = found.len() < MAX_PLACES;
            if let Some((_, count, words)) = found.iter_mut().find(|(wrong, ..)| *wrong == fault.wrong) {
                (*count, *words) = (*count + 1, fault.words);
            } else if room {
                found.push((fault.wrong, 1, fault.words));
            }
        }
    }

    fn take(&mut self) -> Checked {
        let service = self.checked.service;
        let fresh = Checked { service, ..Checked::default() };
        Checked { at: clock::mono(), ..std::mem::replace(&mut self.checked, fresh) }
    }
}

#[cfg(test)]
mod tests;
