//! Events that some subscriber has yet to finish or gave up on, for whoever looks after the platform.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::Serialize;
use sqlx::Row;
use uuid::Uuid;

use super::STATEMENTS;
use crate::postgres::{Db, DbError, Tx};

/// What a subscriber owes an event; or an event that has not been offered to any yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// The event.
    pub event_id: Uuid,
    /// Its kind.
    pub kind: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Who has yet to finish it, or gave up on it; none before the first try.
    pub subscriber: Option<String>,
    /// Tries so far.
    pub attempts: i32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// When it is tried again; none before the first try and for a dead letter.
    pub not_before: Option<DateTime<Utc>>,
    /// When the subscriber gave up: it is a dead letter.
    pub dead_at: Option<DateTime<Utc>>,
}

/// Open events with the tries under way, and what was given up, whether or not others have finished the event.
const UNDELIVERED: &str = "\
SELECT event_id, kind, occurred_at, subscriber, coalesce(attempts, 0) AS attempts, last_error, not_before, dead_at FROM (
    SELECT o.seq, o.id AS event_id, o.kind, o.occurred_at, d.subscriber, d.attempts, d.last_error, d.not_before, d.dead_at
    FROM outbox o LEFT JOIN outbox_deliveries d ON d.event_id = o.id AND d.finished_at IS NULL
    WHERE NOT $1 AND o.done_at IS NULL
      AND (d.event_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM outbox_deliveries g WHERE g.event_id = o.id AND g.dead_at IS NOT NULL))
    UNION ALL
    SELECT o.seq, o.id, o.kind, o.occurred_at, d.subscriber, d.attempts, d.last_error, NULL, d.dead_at
    FROM outbox_deliveries d JOIN outbox o ON o.id = d.event_id
    WHERE d.dead_at IS NOT NULL
) AS found ORDER BY seq, subscriber LIMIT $2";

/// The undelivered events of a database, the oldest first, at most `limit`; `dead`: only those that a subscriber gave up on.
///
/// # Errors
/// When the database fails.
pub async fn undelivered(db: &Db, dead: bool, limit: i64) -> Result<Vec<Undelivered>, DbError> {
    let rows = db.bounded(STATEMENTS, sqlx::query(UNDELIVERED).bind(dead).bind(limit).fetch_all(db.pool())).await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Undelivered {
            event_id: row.try_get("event_id")?,
            kind: row.try_get("kind")?,
            occurred_at: row.try_get("occurred_at")?,
            subscriber: row.try_get("subscriber")?,
            attempts: row.try_get("attempts")?,
            last_error: row.try_get("last_error")?,
            not_before: row.try_get("not_before")?,
            dead_at: row.try_get("dead_at")?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}

/// A dead letter that gets another round of tries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Requeued {
    /// The event.
    pub event_id: Uuid,
    /// Who had given up on it.
    pub subscriber: String,
}

/// Gives the dead letters of an event, or all of them, another round of tries, at most `limit`. They come after what their aggregates have had since: order is
/// lost for them. The database is marked as having work at the commit.
///
/// # Errors
/// When the database fails.
pub async fn requeue(tx: &Tx, event: Option<Uuid>, limit: i64) -> Result<Vec<Requeued>, DbError> {
    let text = "\
WITH revived AS (
    UPDATE outbox_deliveries SET attempts = 0, dead_at = NULL, finished_at = NULL, not_before = clock_timestamp()
    WHERE (event_id, subscriber) IN (
        SELECT event_id, subscriber FROM outbox_deliveries
        WHERE dead_at IS NOT NULL AND ($1::uuid IS NULL OR event_id = $1) ORDER BY dead_at LIMIT $2 FOR UPDATE)
    RETURNING event_id, subscriber
), opened AS (
    UPDATE outbox SET done_at = NULL, published_at = NULL WHERE id IN (SELECT event_id FROM revived)
)
SELECT event_id, subscriber FROM revived ORDER BY event_id, subscriber";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, [event.into(), limit.into()]);
    let rows = tx.conn().query_all_raw(statement).await?;
    let requeued: Vec<Requeued> = rows
        .iter()
        .map(|row| Ok(Requeued { event_id: row.try_get("", "event_id")?, subscriber: row.try_get("", "subscriber")? }))
        .collect::<Result<_, DbError>>()?;
    if !requeued.is_empty() {
        tx.wake();
    }
    Ok(requeued)
}
