//! The chain: how a record becomes bytes, how bytes become a record, and how each row is tied to the one before.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::record::RECORD_VERSION;
use crate::domain::{Clean, Draft, Entry, Record, Wall};

/// The hash before the first record.
pub(super) const GENESIS: [u8; 32] = [0; 32];

/// Longest list kept inside a record; what is beyond it is dropped and said.
const MAX_LIST: usize = 256;

/// A row as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Position, from 1.
    pub seq: u64,
    /// Version of the body's format.
    pub version: u16,
    /// The record's JSON, exactly as hashed.
    pub body: Vec<u8>,
    /// Hash as stored; 32 bytes unless tampered with.
    pub hash: Vec<u8>,
}

/// The JSON of a record, version 1.
#[derive(Serialize)]
struct Body<'a> {
    at: Wall,
    by: &'a Clean,
    role: &'a Clean,
    #[serde(skip_serializing_if = "is_false")]
    late: bool,
    entry: &'a Entry,
}

#[derive(Deserialize)]
struct Parsed {
    #[serde(default)]
    at: Wall,
    #[serde(default)]
    by: Clean,
    #[serde(default)]
    role: Clean,
    #[serde(default)]
    late: bool,
    #[serde(default)]
    entry: Value,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The bytes stored for `draft`. Every text in it is scrubbed and bounded once more, whatever its type.
pub(super) fn encode(draft: &Draft, at: Wall, late: bool) -> Result<Vec<u8>, serde_json::Error> {
    let body = Body { at, by: &draft.by, role: &draft.role, late, entry: &draft.entry };
    serde_json::to_vec(&scrubbed(serde_json::to_value(body)?))
}

fn scrubbed(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(Clean::from(text).as_str().to_owned()),
        Value::Array(items) => Value::Array(items.into_iter().take(MAX_LIST).map(scrubbed).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, scrubbed(v))).collect()),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
    }
}

/// The hash of a row after `previous`.
pub(super) fn hash(previous: &[u8], version: u16, body: &[u8]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(previous);
    sha.update(version.to_be_bytes());
    sha.update(body);
    sha.finalize().into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl Row {
    /// A new row after `previous`.
    pub(super) fn after(previous: &Walker, body: Vec<u8>) -> Self {
        let hash = hash(&previous.hash, RECORD_VERSION, &body).to_vec();
        Self { seq: previous.seq + 1, version: RECORD_VERSION, body, hash }
    }

    /// The record in this row. A kind or a format that this program does not know becomes [`Entry::Other`].
    pub fn record(&self) -> Record {
        let parsed = serde_json::from_slice::<Parsed>(&self.body).unwrap_or_else(|_| Parsed {
            at: Wall::default(),
            by: Clean::new("?"),
            role: Clean::default(),
            late: false,
            entry: Value::Null,
        });
        Record {
            seq: self.seq,
            at: parsed.at,
            by: parsed.by,
            role: parsed.role,
            entry: serde_json::from_value(scrubbed(parsed.entry)).unwrap_or(Entry::Other),
            hash: hex(&self.hash),
            late: parsed.late,
        }
    }
}

/// Follows the chain row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walker {
    /// The last row seen; 0 before the first.
    pub seq: u64,
    /// Its hash, as stored.
    pub hash: Vec<u8>,
}

/// Where the chain is broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The first record that cannot be believed.
    pub seq: u64,
    /// What is wrong, in words.
    pub text: String,
}

impl Default for Walker {
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS.to_vec() }
    }
}

impl Walker {
    /// Takes the next row. After damage it goes on from the row as stored, so that each break is told once.
    pub fn step(&mut self, row: &Row) -> Result<(), Damage> {
        let expected = self.seq + 1;
        let fits = hash(&self.hash, row.version, &row.body).as_slice() == row.hash;
        self.seq = row.seq;
        self.hash.clone_from(&row.hash);
        if row.seq != expected {
            let text = format!("record {expected} is missing: {} follows", row.seq);
            return Err(Damage { seq: expected, text });
        }
        if !fits {
            let text =
                format!("record {0} was changed after it was written, or one before it was removed", row.seq);
            return Err(Damage { seq: row.seq, text });
        }
        Ok(())
    }

    /// The hash of the last row, in hex.
    pub fn head_hash(&self) -> String {
        hex(&self.hash)
    }
}
