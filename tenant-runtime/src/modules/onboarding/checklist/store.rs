//! The one row that says whether the list was put away.

use chrono::{DateTime, Utc};
use nexus_infra::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};

#[derive(FromQueryResult)]
struct Row {
    dismissed_at: Option<DateTime<Utc>>,
}

/// Since when the list is put away.
pub async fn dismissed(tx: &Tx) -> Result<Option<DateTime<Utc>>, DbError> {
    read(tx, "SELECT dismissed_at FROM onboarding").await
}

/// The same, locked until the transaction ends.
pub async fn dismissed_locked(tx: &Tx) -> Result<Option<DateTime<Utc>>, DbError> {
    read(tx, "SELECT dismissed_at FROM onboarding FOR UPDATE").await
}

async fn read(tx: &Tx, sql: &str) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = Row::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).one(tx.conn()).await?;
    Ok(row.and_then(|row| row.dismissed_at))
}

/// Puts the list away at an instant, or takes it out again.
pub async fn dismiss(tx: &Tx, at: Option<DateTime<Utc>>) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "UPDATE onboarding SET dismissed_at = $1", [at.into()]);
    tx.conn().execute_raw(statement).await?;
    Ok(())
}
