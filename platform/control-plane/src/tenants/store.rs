//! Queries on `tenants` from an operator's point of view.

use nexus_core::TenantId;
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, Value};

use crate::tenancy::{TenantColumn, TenantRow, Tenants};

/// One page of tenants; `q` is looked for in name and slug.
pub(super) async fn page<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<TenantRow>, DbError> {
    let mut select = Tenants::find();
    if let Some(text) = &request.q {
        let found = Expr::cust_with_values("strpos(lower(tenants.name || ' ' || tenants.slug), lower($1)) > 0", [text.as_str()]);
        select = select.filter(found);
    }
    list::run(conn, select, request).await
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
