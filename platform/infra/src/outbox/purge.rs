//! The end of finished events.

use chrono::{DateTime, Utc};

use super::STATEMENTS;
use crate::postgres::{Db, DbError};

/// Forgets events done before `before` that nobody gave up on. Returns how many; at most 10,000 at a time.
///
/// # Errors
/// When the database fails.
pub async fn purge(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let call = sqlx::query(
        "DELETE FROM outbox WHERE id IN (
             SELECT o.id FROM outbox o
             WHERE o.done_at < $1 AND NOT EXISTS (SELECT 1 FROM outbox_deliveries d WHERE d.event_id = o.id AND d.dead_at IS NOT NULL)
             ORDER BY o.done_at LIMIT 10000)",
    )
    .bind(before)
    .execute(db.pool());
    let done = db.bounded(STATEMENTS, call).await?;
    Ok(done.rows_affected())
}
