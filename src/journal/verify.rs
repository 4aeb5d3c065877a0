//! Verifying: the whole chain from the first record, and the file's own structure.

use super::chain::{Damage, Row, Walker};
use super::error::{ErrorKind, StoreError};
use super::store::Store;
use crate::domain::Record;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The last record read.
    pub seq: u64,
    /// Its hash as stored, in hex. Keep it elsewhere: a chain alone cannot show that its tail was cut.
    pub head_hash: String,
    /// The first thing that is wrong.
    pub damage: Option<Damage>,
}

/// What there is to do about damage.
pub const MEND: &str =
    "keep a copy of the file with its -wal, and restore a backup or go on with another --store";

impl Store {
    /// All records, and the first place where the chain that ties them is broken.
    pub async fn walked(&mut self) -> Result<(Vec<Record>, Option<Damage>), StoreError> {
        let mut records = Vec::new();
        let (_, damage, end) = self.walk(|row| records.push(row.record())).await;
        end.map(|()| (records, damage))
    }

    /// Reads everything and checks it. A damaged file is an answer, not an error.
    pub async fn verify(&mut self) -> Result<Verified, StoreError> {
        let (walker, mut damage, end) = self.walk(|_| {}).await;
        match end {
            Err(error) if error.kind == ErrorKind::Damaged => {
                damage.get_or_insert(unreadable(walker.seq, &error));
            }
            end => end?,
        }
        if damage.is_none() {
            damage = self.structure(walker.seq).await?;
        }
        Ok(Verified { seq: walker.seq, head_hash: walker.head_hash(), damage })
    }

    /// Hands out each row from the first on: the last one that was read, the first thing that is wrong with the chain, and
    /// whether it was read to its end.
    async fn walk(&mut self, mut take: impl FnMut(&Row)) -> (Walker, Option<Damage>, Result<(), StoreError>) {
        let (mut walker, mut damage) = (Walker::default(), None);
        loop {
            let rows = match self.page(walker.seq).await {
                Ok(rows) if rows.is_empty() => return (walker, damage, Ok(())),
                Ok(rows) => rows,
                Err(error) => return (walker, damage, Err(error)),
            };
            for row in &rows {
                if let Err(found) = walker.step(row) {
                    damage.get_or_insert(found);
                }
                take(row);
            }
        }
    }

    /// What SQLite finds wrong with the file's own structure; `seq` is the last record that was read well.
    pub async fn structure(&mut self, seq: u64) -> Result<Option<Damage>, StoreError> {
        let path = self.path().to_owned();
        let found = sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(self.conn()).await;
        match found.map_err(|error| StoreError::sql(&path, &error)) {
            Ok(answer) if answer == "ok" => Ok(None),
            Ok(answer) => Ok(Some(Damage { seq: seq + 1, text: format!("the file is damaged: {answer}") })),
            Err(error) if error.kind == ErrorKind::Damaged => Ok(Some(unreadable(seq, &error))),
            Err(error) => Err(error),
        }
    }
}

fn unreadable(seq: u64, error: &StoreError) -> Damage {
    Damage { seq: seq + 1, text: format!("nothing can be read after record {seq}: {}", error.why) }
}
