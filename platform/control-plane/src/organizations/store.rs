//! Queries on `tenants` from a person's point of view.

use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AccountId, TenantId};
use nexus_infra::postgres::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};

use crate::tenancy::{TenantColumn, TenantRow, Tenants, owned_by};

/// One page of the organizations the person belongs to, and whether they own each.
pub(super) async fn page<C: PageConn>(conn: &C, account: AccountId, request: &ListRequest) -> Result<Listing<(TenantRow, bool)>, DbError> {
    let select = Tenants::find()
        .filter(Expr::cust_with_values(
            "tenants.id IN (SELECT organization_id FROM memberships WHERE account_id = $1 AND deactivated_at IS NULL)",
            [account.0],
        ))
        .filter(TenantColumn::State.ne("deleted"));
    let listing = list::run(conn, select, request).await?;
    let owned = owned_by(conn, account).await?;
    Ok(listing.map(|row| {
        let is_owner = owned.contains(&row.id);
        (row, is_owner)
    }))
}

/// Renames it.
pub(super) async fn rename(tx: &Tx, organization: TenantId, name: &str) -> Result<(), DbError> {
    let statement =
        Statement::from_sql_and_values(DbBackend::Postgres, "UPDATE tenants SET name = $2 WHERE id = $1", [organization.0.into(), name.into()]);
    tx.conn().execute_raw(statement).await?;
    Ok(())
}
