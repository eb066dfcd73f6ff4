//! The views `jwks` and `revocations` of the control database, as the sources of verifiers. Both the control plane and the read-only role `nexus_directory` of
//! the tenant runtime may read them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use nexus_infra::postgres::Db;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::tokens::{Jwk, JwksSource, Revocation, RevocationSource};

type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Reads the views over one connection pool.
#[derive(Debug, Clone)]
pub struct ControlViews {
    db: Db,
}

impl ControlViews {
    /// Views of this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[derive(FromQueryResult)]
struct KeyRow {
    public_jwk: serde_json::Value,
}

#[derive(FromQueryResult)]
struct RevocationRow {
    family_id: Uuid,
    revoked_at: DateTime<Utc>,
}

#[async_trait]
impl JwksSource for ControlViews {
    async fn jwks(&self) -> Result<Vec<Jwk>, SourceError> {
        let rows = KeyRow::find_by_statement(Statement::from_string(DbBackend::Postgres, "SELECT public_jwk FROM jwks")).all(self.db.conn()).await?;
        rows.into_iter().map(|row| serde_json::from_value(row.public_jwk).map_err(SourceError::from)).collect()
    }
}

#[async_trait]
impl RevocationSource for ControlViews {
    async fn revocations(&self) -> Result<Vec<Revocation>, SourceError> {
        let statement = Statement::from_string(DbBackend::Postgres, "SELECT family_id, revoked_at FROM revocations");
        let rows = RevocationRow::find_by_statement(statement).all(self.db.conn()).await?;
        Ok(rows.into_iter().map(|row| Revocation { family_id: row.family_id, revoked_at: row.revoked_at }).collect())
    }
}
