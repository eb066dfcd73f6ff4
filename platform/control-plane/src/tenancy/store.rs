//! Queries on `tenants` and `memberships` that more than one area asks.

use std::collections::HashSet;

use nexus_core::{AccountId, TenantId};
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};

/// A tenant's row.
pub(crate) async fn get<C: ConnectionTrait>(conn: &C, tenant: TenantId) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id(tenant.0).one(conn).await?)
}

/// A tenant's row, locked.
pub(crate) async fn lock(tx: &Tx, tenant: TenantId) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id(tenant.0).lock_exclusive().one(tx.conn()).await?)
}

/// The organizations that the person owns and that are not erased, also where the person may not enter for now.
pub(crate) async fn owned_by<C: ConnectionTrait>(conn: &C, account: AccountId) -> Result<HashSet<Uuid>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT m.organization_id FROM memberships m JOIN tenants t ON t.id = m.organization_id
          WHERE m.account_id = $1 AND m.is_owner AND t.state <> 'deleted'",
        [account.0.into()],
    );
    conn.query_all_raw(statement).await?.iter().map(|row| Ok(row.try_get("", "organization_id")?)).collect()
}

/// How many organizations the person founded, whoever owns them by now: all but those that are erased, and those that never came about.
pub(crate) async fn founded_by<C: ConnectionTrait>(conn: &C, account: AccountId) -> Result<u64, DbError> {
    let founded = Entity::find().filter(Column::CreatedBy.eq(account.0)).filter(Column::State.ne("deleted")).filter(Column::Slug.not_like("%~%"));
    Ok(founded.count(conn).await?)
}

/// Whether the person owns the organization; nothing when they don't belong to it.
pub(crate) async fn membership<C: ConnectionTrait>(conn: &C, account: AccountId, organization: TenantId) -> Result<Option<bool>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT m.is_owner FROM memberships m JOIN tenants t ON t.id = m.organization_id
          WHERE m.account_id = $1 AND m.organization_id = $2 AND m.deactivated_at IS NULL AND t.state <> 'deleted'",
        [account.0.into(), organization.0.into()],
    );
    conn.query_one_raw(statement).await?.map(|row| Ok(row.try_get("", "is_owner")?)).transpose()
}
