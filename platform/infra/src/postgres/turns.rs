//! Work that one of many processes does, once in a period: whoever writes down first that the period's turn is taken.
//!
//! Turns lie among the idempotency keys and are forgotten with them: a period is at most a day.

use super::watch::STATEMENT;
use super::{Db, DbError};

const SCOPE: &str = "turn";

/// Takes the turn of `what` in this period; false when somebody has it. A process that dies on its turn leaves the work to the next.
///
/// # Errors
/// [`DbError`].
pub async fn take(db: &Db, what: &str, period: &str) -> Result<bool, DbError> {
    let sql = "INSERT INTO idempotency_keys (scope, key, fingerprint, response) VALUES ($1, $2, '', 'null') ON CONFLICT DO NOTHING";
    let taking = sqlx::query(sql).bind(SCOPE).bind(format!("{what} {period}")).execute(db.pool());
    let done = db.bounded(STATEMENT, taking).await?;
    Ok(done.rows_affected() == 1)
}
