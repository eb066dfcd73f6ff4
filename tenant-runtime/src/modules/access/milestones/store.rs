//! The first of each.

use chrono::{DateTime, Utc};
use nexus_infra::{DbError, Tx};
use sea_orm::{DbBackend, FromQueryResult, Statement};

#[derive(FromQueryResult)]
struct Row {
    at: Option<DateTime<Utc>>,
}

async fn at(tx: &Tx, sql: &str) -> Result<Option<DateTime<Utc>>, DbError> {
    Ok(Row::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).one(tx.conn()).await?.and_then(|row| row.at))
}

/// When language, currency or time zone were last chosen of the one that was chosen first: at the sign-up, or later. What every organization
/// begins with has version 1.
///
/// # Errors
/// [`DbError`].
pub async fn settings_chosen_at(tx: &Tx) -> Result<Option<DateTime<Utc>>, DbError> {
    at(tx, "SELECT min(updated_at) AS at FROM settings WHERE version > 1 AND key IN ('locale', 'currency', 'time_zone')").await
}

/// Since when there is somebody beside the first person, invited or joined.
///
/// # Errors
/// [`DbError`].
pub async fn second_user_at(tx: &Tx) -> Result<Option<DateTime<Utc>>, DbError> {
    at(tx, "SELECT created_at AS at FROM users ORDER BY created_at, id OFFSET 1 LIMIT 1").await
}
