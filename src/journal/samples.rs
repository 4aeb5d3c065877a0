//! Samples of what is looked back on for days: series of a scraped endpoint, sparse, so that a restart does not forget them.
//!
//! They stand in the journal's file and outside of its chain: measurements, no decisions. Only the keeper writes them, and
//! says so in the very statement that writes. What is older than anybody looks back is removed with each writing.

use std::time::Duration;

use sqlx::{Connection, Row as _};

use super::error::StoreError;
use super::store::Store;
use crate::domain::Wall;

/// One sample, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Name and labels of the series.
    pub series: String,
    /// Unix milliseconds.
    pub at_ms: i64,
    /// The value.
    pub value: f64,
}

/// Samples of one owner that are read at most.
const MOST: i64 = 500_000;

impl Store {
    /// The samples of `owner` since `from`, oldest first. A journal of a time before there were any has none.
    pub async fn samples(&mut self, owner: &str, from: Wall) -> Result<Vec<Stored>, StoreError> {
        let path = self.path().to_owned();
        let sql = |error| StoreError::sql(&path, &error);
        let known: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sample'")
                .fetch_optional(self.conn())
                .await
                .map_err(sql)?;
        if known.is_none() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(
            "SELECT sampled.series, sample.at_ms, sample.value FROM sample JOIN sampled USING (id)
             WHERE sampled.owner = ? AND sample.at_ms >= ? ORDER BY sample.at_ms LIMIT ?",
        )
        .bind(owner)
        .bind(from.timestamp_millis())
        .bind(MOST)
        .fetch_all(self.conn())
        .await
        .map_err(sql)?;
        let stored = rows.iter().map(|row| {
            Ok(Stored { series: row.try_get(0)?, at_ms: row.try_get(1)?, value: row.try_get(2)? })
        });
        stored.collect::<Result<_, sqlx::Error>>().map_err(sql)
    }

    /// Stores `samples` of `owner` made at `at`, and removes its samples that are older than `span`; `false`: `keeper` does
    /// not hold the lease, and nothing was written. Not-a-number is no sample.
    pub async fn keep_samples(
        &mut self,
        keeper: &str,
        owner: &str,
        at: Wall,
        span: Duration,
        samples: &[(String, f64)],
    ) -> Result<bool, StoreError> {
        self.still_there()?;
        let path = self.path().to_owned();
        let sql = |error| StoreError::sql(&path, &error);
        let now = at.timestamp_millis();
        let oldest = now.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX));
        let mut tx = self.conn().begin_with("BEGIN IMMEDIATE").await.map_err(sql)?;
        let kept: Option<i64> = sqlx::query_scalar("SELECT 1 FROM keeper WHERE holder = ? AND until_ms > ?")
            .bind(keeper)
            .bind(now)
            .fetch_optional(&mut *tx)
            .await
            .map_err(sql)?;
        if kept.is_none() {
            return Ok(false);
        }
        for (series, value) in samples.iter().filter(|(_, value)| !value.is_nan()) {
            let id: i64 = sqlx::query_scalar(
                "INSERT INTO sampled (owner, series) VALUES (?, ?)
                 ON CONFLICT (owner, series) DO UPDATE SET series = excluded.series RETURNING id",
            )
            .bind(owner)
            .bind(series)
            .fetch_one(&mut *tx)
            .await
            .map_err(sql)?;
            sqlx::query("INSERT OR REPLACE INTO sample (id, at_ms, value) VALUES (?, ?, ?)")
                .bind(id)
                .bind(now)
                .bind(value)
                .execute(&mut *tx)
                .await
                .map_err(sql)?;
        }
        sqlx::query("DELETE FROM sample WHERE at_ms < ? AND id IN (SELECT id FROM sampled WHERE owner = ?)")
            .bind(oldest)
            .bind(owner)
            .execute(&mut *tx)
            .await
            .map_err(sql)?;
        sqlx::query(
            "DELETE FROM sampled WHERE owner = ?
             AND NOT EXISTS (SELECT 1 FROM sample WHERE sample.id = sampled.id)",
        )
        .bind(owner)
        .execute(&mut *tx)
        .await
        .map_err(sql)?;
        tx.commit().await.map_err(sql)?;
        Ok(true)
    }
}
