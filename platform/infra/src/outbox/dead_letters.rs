//! Events that a subscriber gave up on, and the end of finished ones.

use chrono::{DateTime, Utc};
use sqlx::Row;
use uuid::Uuid;

use crate::postgres::{Db, DbError};

/// An event that a subscriber gave up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The event.
    pub event_id: Uuid,
    /// Its kind.
    pub kind: String,
    /// Who gave up.
    pub subscriber: String,
    /// After how many tries.
    pub attempts: i32,
    /// Why.
    pub last_error: String,
    /// When.
    pub dead_at: DateTime<Utc>,
}

/// The latest dead letters of a database, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn dead_letters(db: &Db, limit: i64) -> Result<Vec<DeadLetter>, DbError> {
    let rows = sqlx::query(
        "SELECT d.event_id, o.kind, d.subscriber, d.attempts, coalesce(d.last_error, '') AS last_error, d.dead_at
         FROM outbox_deliveries d JOIN outbox o ON o.id = d.event_id
         WHERE d.dead_at IS NOT NULL ORDER BY d.dead_at DESC, d.event_id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db.pool())
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(DeadLetter {
            event_id: row.try_get("event_id")?,
            kind: row.try_get("kind")?,
            subscriber: row.try_get("subscriber")?,
            attempts: row.try_get("attempts")?,
            last_error: row.try_get("last_error")?,
            dead_at: row.try_get("dead_at")?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}

/// Gives a dead letter another round of tries. It comes after what its aggregate has had since: order is lost for it.
/// Whether there was such a dead letter. Mark the database dirty afterwards.
///
/// # Errors
/// When the database fails.
pub async fn requeue(db: &Db, event_id: Uuid, subscriber: &str) -> Result<bool, DbError> {
    let done = sqlx::query(
        "WITH revived AS (
             UPDATE outbox_deliveries SET attempts = 0, dead_at = NULL, finished_at = NULL, not_before = clock_timestamp()
             WHERE event_id = $1 AND subscriber = $2 AND dead_at IS NOT NULL RETURNING event_id
         )
         UPDATE outbox SET done_at = NULL, published_at = NULL FROM revived WHERE outbox.id = revived.event_id",
    )
    .bind(event_id)
    .bind(subscriber)
    .execute(db.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets events done before `before` that nobody gave up on. Returns how many; at most 10,000 at a time.
///
/// # Errors
/// When the database fails.
pub async fn purge(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let done = sqlx::query(
        "DELETE FROM outbox WHERE id IN (
             SELECT o.id FROM outbox o
             WHERE o.done_at < $1 AND NOT EXISTS (SELECT 1 FROM outbox_deliveries d WHERE d.event_id = o.id AND d.dead_at IS NOT NULL)
             ORDER BY o.done_at LIMIT 10000)",
    )
    .bind(before)
    .execute(db.pool())
    .await?;
    Ok(done.rows_affected())
}
