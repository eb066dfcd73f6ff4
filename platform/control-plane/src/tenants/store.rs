//! Queries on `tenants` from an operator's point of view.

use nexus_core::TenantId;
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select, Statement, Value};
use uuid::Uuid;

use crate::tenancy::{TenantColumn, TenantRow, Tenants};

/// SQL: the name of a tenant's server.
pub(super) const SERVER: &str = "(SELECT s.name FROM database_servers s WHERE s.id = tenants.server_id)";
/// SQL: the key of its plan; written as the index on it.
pub(super) const PLAN: &str = "(tenants.entitlements ->> 'plan')";

/// A tenant as operators see it. What stands beside the row changes only together with it, so that the row's version speaks for all of it.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct TenantView {
    /// The row.
    #[sea_orm(nested)]
    pub row: TenantRow,
    /// The server that its database is on.
    pub server: Option<String>,
    /// What was begun on it last.
    pub last_operation_id: Option<Uuid>,
}

fn views() -> Select<Tenants> {
    let last = "(SELECT o.id FROM operations o WHERE o.tenant_id = tenants.id ORDER BY o.id DESC LIMIT 1)";
    Tenants::find().expr_as(Expr::cust(SERVER), "server").expr_as(Expr::cust(last), "last_operation_id")
}

/// A tenant.
pub(super) async fn view<C: ConnectionTrait>(conn: &C, tenant: TenantId) -> Result<Option<TenantView>, DbError> {
    Ok(views().filter(TenantColumn::Id.eq(tenant.0)).into_model().one(conn).await?)
}

/// One page of tenants; `q` is looked for in name and slug.
pub(super) async fn page<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<TenantView>, DbError> {
    let mut select = views();
    if let Some(text) = &request.q {
        let found = Expr::cust_with_values("strpos(lower(tenants.name || ' ' || tenants.slug), lower($1)) > 0", [text.as_str()]);
        select = select.filter(found);
    }
    list::run_into(conn, select, request).await
}

/// The row of the tenant that has this slug now.
pub(super) async fn by_slug<C: ConnectionTrait>(conn: &C, slug: &str) -> Result<Option<TenantRow>, DbError> {
    Ok(Tenants::find().filter(TenantColumn::Slug.eq(slug)).one(conn).await?)
}

/// Writes name, state and reason.
pub(super) async fn update(tx: &Tx, tenant: TenantId, name: &str, state: &str, reason: Option<&str>) -> Result<(), DbError> {
    let values: [Value; 4] = [tenant.0.into(), name.into(), state.into(), reason.into()];
    let text = "UPDATE tenants SET name = $2, state = $3, state_reason = $4 WHERE id = $1";
    tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, values)).await?;
    Ok(())
}
