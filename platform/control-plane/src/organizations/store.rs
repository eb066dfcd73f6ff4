//! Queries on `tenants` and `memberships` from a person's point of view.

use std::collections::HashSet;

use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AccountId, TenantId};
use nexus_infra::postgres::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};

/// One page of the organizations the person belongs to, and whether they own each.
pub(super) async fn page<C: PageConn>(conn: &C, account: AccountId, request: &ListRequest) -> Result<Listing<(Model, bool)>, DbError> {
    let select = Entity::find()
        .filter(Expr::cust_with_values("tenants.id IN (SELECT organization_id FROM memberships WHERE account_id = $1)", [account.0]))
        .filter(Column::State.ne("deleted"));
    let listing = list::run(conn, select, request).await?;
    let owned = owned_by(conn, account).await?;
    Ok(listing.map(|row| {
        let is_owner = owned.contains(&row.id);
        (row, is_owner)
    }))
}

/// The organizations that the person owns and that are not erased.
pub(crate) async fn owned_by<C: ConnectionTrait>(conn: &C, account: AccountId) -> Result<HashSet<Uuid>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT m.organization_id FROM memberships m JOIN tenants t ON t.id = m.organization_id
          WHERE m.account_id = $1 AND m.is_owner AND t.state <> 'deleted'",
        [account.0.into()],
    );
    conn.query_all_raw(statement).await?.iter().map(|row| Ok(row.try_get("", "organization_id")?)).collect()
}

/// Whether the person belongs to the organization, and owns it.
pub(super) async fn membership<C: ConnectionTrait>(conn: &C, account: AccountId, organization: TenantId) -> Result<Option<bool>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT m.is_owner FROM memberships m JOIN tenants t ON t.id = m.organization_id
          WHERE m.account_id = $1 AND m.organization_id = $2 AND t.state <> 'deleted'",
        [account.0.into(), organization.0.into()],
    );
    conn.query_one_raw(statement).await?.map(|row| Ok(row.try_get("", "is_owner")?)).transpose()
}

/// The organization's row.
pub(super) async fn get<C: ConnectionTrait>(conn: &C, organization: TenantId) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id(organization.0).one(conn).await?)
}

/// The organization's row, locked.
pub(super) async fn lock(tx: &Tx, organization: TenantId) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id(organization.0).lock_exclusive().one(tx.conn()).await?)
}

/// Renames it.
pub(super) async fn rename(tx: &Tx, organization: TenantId, name: &str) -> Result<(), DbError> {
    let statement =
        Statement::from_sql_and_values(DbBackend::Postgres, "UPDATE tenants SET name = $2 WHERE id = $1", [organization.0.into(), name.into()]);
    tx.conn().execute_raw(statement).await?;
    Ok(())
}
