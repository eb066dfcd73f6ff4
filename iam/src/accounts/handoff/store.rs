//! The table `session_codes`.

use chrono::{DateTime, Utc};
use nexus_core::TenantId;
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

/// What a code stands for.
#[derive(Debug, FromQueryResult)]
pub(super) struct Code {
    /// The session that it was made in.
    pub session_id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// The organization to enter.
    pub tenant_id: Uuid,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

pub(super) async fn insert(tx: &Tx, digest: &[u8], code: &Code) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO session_codes (digest, session_id, account_id, tenant_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        [digest.to_vec().into(), code.session_id.into(), code.account_id.into(), code.tenant_id.into(), tx.now().into(), code.expires_at.into()],
    );
    tx.conn().execute_raw(statement).await?;
    Ok(())
}

/// Removes a code and answers what it stood for. Of two who show it at once one has it.
pub(super) async fn take(tx: &Tx, digest: &[u8]) -> Result<Option<Code>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "DELETE FROM session_codes WHERE digest = $1 RETURNING session_id, account_id, tenant_id, expires_at",
        [digest.to_vec().into()],
    );
    Ok(Code::find_by_statement(statement).one(tx.conn()).await?)
}

pub(super) async fn remove_of(tx: &Tx, organization: TenantId) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "DELETE FROM session_codes WHERE tenant_id = $1", [organization.0.into()]);
    tx.conn().execute_raw(statement).await?;
    Ok(())
}
