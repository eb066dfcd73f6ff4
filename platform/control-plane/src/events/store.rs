//! Which tenants have a database to look into.

use nexus_core::TenantId;
use nexus_infra::postgres::DbError;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

/// Tenants in use, with their names in host names.
pub(super) async fn in_use<C: ConnectionTrait>(conn: &C) -> Result<Vec<(TenantId, String)>, DbError> {
    let text = "SELECT id, slug FROM tenants WHERE activated_at IS NOT NULL AND secret_sealed IS NOT NULL AND state <> 'deleted' ORDER BY slug";
    let rows = conn.query_all_raw(Statement::from_string(DbBackend::Postgres, text)).await?;
    rows.iter().map(|row| Ok((TenantId(row.try_get::<Uuid>("", "id")?), row.try_get("", "slug")?))).collect()
}
