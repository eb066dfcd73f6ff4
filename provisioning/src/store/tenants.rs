//! The rows of tenants.

use chrono::{DateTime, Utc};
use nexus_core::TenantState;
use nexus_infra::DbError;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::sql;
use crate::error::ProvisioningError;

/// A tenant's row, as far as building and erasing needs it.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct TenantRow {
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) server_name: Option<String>,
    pub(crate) database_name: String,
    pub(crate) role_name: String,
    pub(crate) bucket_name: String,
    pub(crate) secret_sealed: Option<Vec<u8>>,
    pub(crate) epoch: i64,
    pub(crate) activated_at: Option<DateTime<Utc>>,
}

impl TenantRow {
    pub(crate) fn state(&self) -> Result<TenantState, ProvisioningError> {
        self.state.parse().map_err(|_| ProvisioningError::Corrupt("tenant state"))
    }
}

const TENANT: &str = "SELECT t.id, t.slug, t.name, t.state, s.name AS server_name, t.database_name, t.role_name, t.bucket_name,
                             t.secret_sealed, t.epoch, t.activated_at
                      FROM tenants t LEFT JOIN database_servers s ON s.id = t.server_id WHERE t.id = $1";

pub(crate) async fn tenant(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<TenantRow>, DbError> {
    Ok(TenantRow::find_by_statement(sql(TENANT, [id.into()])).one(conn).await?)
}

/// The same, with the row held until commit.
pub(crate) async fn tenant_for_update(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<TenantRow>, DbError> {
    Ok(TenantRow::find_by_statement(sql(&format!("{TENANT} FOR NO KEY UPDATE OF t"), [id.into()])).one(conn).await?)
}
