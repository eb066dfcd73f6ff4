//! Removing what has had its day: families of ended sessions, and used or expired links. The tables would grow for ever otherwise.

use chrono::TimeDelta;
use nexus_core::SharedClock;
use nexus_infra::postgres::{Db, DbError};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// How long ended things are kept: long enough to look into a complaint.
const KEEP: TimeDelta = TimeDelta::days(30);
/// Rows removed by one statement, so that none runs long.
const BATCH: i64 = 5_000;

/// Removes one batch of each; answers how many rows went.
///
/// # Errors
/// [`DbError`].
pub async fn purge(db: &Db, clock: &SharedClock) -> Result<u64, DbError> {
    let before = clock.now() - KEEP;
    let statements = [
        "DELETE FROM token_families WHERE id IN (SELECT id FROM token_families WHERE expires_at < $1 LIMIT $2)",
        "DELETE FROM password_resets WHERE account_id IN (SELECT account_id FROM password_resets WHERE expires_at < $1 LIMIT $2)",
        "DELETE FROM session_codes WHERE digest IN (SELECT digest FROM session_codes WHERE expires_at < $1 LIMIT $2)",
        "DELETE FROM email_verifications WHERE id IN (SELECT id FROM email_verifications WHERE expires_at < $1 LIMIT $2)",
    ];
    let mut removed = 0;
    for text in statements {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, [before.into(), BATCH.into()]);
        removed += db.conn().execute_raw(statement).await?.rows_affected();
    }
    Ok(removed)
}
