//! Queries on the tenant's `roles` and what they allow.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, Tx, list};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use super::sql;
use crate::tenant_users::entity::roles::{ActiveModel, Column, Entity, Model};

/// A role of a tenant, without its grants.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct TenantRole {
    /// Id.
    pub id: Uuid,
    /// Stable key, such as `manager`.
    pub key: String,
    /// Name shown to people.
    pub name: String,
    /// What the role is for.
    pub description: String,
    /// Whether it is one of the product's, which tenants can't change.
    pub built_in: bool,
    /// Row version.
    pub version: i64,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Model> for TenantRole {
    fn from(row: Model) -> Self {
        let Model { id, key, name, description, built_in, version, created_at, updated_at } = row;
        Self { id, key, name, description, built_in, version, created_at, updated_at }
    }
}

/// One permission of one role.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct RoleGrant {
    /// Which role.
    pub role_id: Uuid,
    /// Which permission.
    pub permission: String,
    /// `allow` or `deny`.
    pub effect: String,
}

/// A role to be kept.
#[derive(Debug)]
pub struct NewRole<'a> {
    /// Id.
    pub id: Uuid,
    /// Stable key.
    pub key: &'a str,
    /// Name shown to people.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
}

#[derive(FromQueryResult)]
struct HeldRole {
    user_id: Uuid,
    id: Uuid,
    key: String,
    name: String,
    description: String,
    built_in: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Holders {
    role_id: Uuid,
    holders: i64,
}

/// One page of roles.
///
/// # Errors
/// [`DbError`].
pub async fn list_roles<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<TenantRole>, DbError> {
    Ok(list::run(conn, Entity::find(), request).await?.map(TenantRole::from))
}

/// Every role, the product's first: there are only so many.
///
/// # Errors
/// [`DbError`].
pub async fn whole_matrix<C: ConnectionTrait>(conn: &C) -> Result<Vec<TenantRole>, DbError> {
    let ordered = Entity::find().order_by_desc(Column::BuiltIn).order_by_asc(Column::Id);
    Ok(ordered.all(conn).await?.into_iter().map(TenantRole::from).collect())
}

/// The role with this id.
///
/// # Errors
/// [`DbError`].
pub async fn get_role<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<TenantRole>, DbError> {
    Ok(Entity::find_by_id(id).one(conn).await?.map(TenantRole::from))
}

/// The role with this id, its row locked until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn find_role_locked(tx: &Tx, id: Uuid) -> Result<Option<TenantRole>, DbError> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.map(TenantRole::from))
}

/// The roles with these keys; keys that name none are missing.
///
/// # Errors
/// [`DbError`].
pub async fn roles_by_key(tx: &Tx, keys: &[String]) -> Result<Vec<TenantRole>, DbError> {
    let found = Entity::find().filter(Column::Key.is_in(keys)).order_by_asc(Column::Key).all(tx.conn()).await?;
    Ok(found.into_iter().map(TenantRole::from).collect())
}

/// The roles of each of these users, by key. Users without roles are missing from the map.
///
/// # Errors
/// [`DbError`].
pub async fn roles_of_users<C: ConnectionTrait>(conn: &C, user_ids: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<TenantRole>>, DbError> {
    let statement = sql(
        "SELECT ur.user_id, r.id, r.key, r.name, r.description, r.built_in, r.version, r.created_at, r.updated_at
           FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = ANY($1) ORDER BY ur.user_id, r.key",
        [user_ids.to_vec().into()],
    );
    let mut by_user: BTreeMap<Uuid, Vec<TenantRole>> = BTreeMap::new();
    for row in HeldRole::find_by_statement(statement).all(conn).await? {
        let HeldRole { user_id, id, key, name, description, built_in, version, created_at, updated_at } = row;
        by_user.entry(user_id).or_default().push(TenantRole { id, key, name, description, built_in, version, created_at, updated_at });
    }
    Ok(by_user)
}

/// The grants of these roles, sorted by role and permission.
///
/// # Errors
/// [`DbError`].
pub async fn grants_of_roles<C: ConnectionTrait>(conn: &C, role_ids: &[Uuid]) -> Result<Vec<RoleGrant>, DbError> {
    let statement = sql(
        "SELECT role_id, permission, effect FROM role_permissions WHERE role_id = ANY($1) ORDER BY role_id, permission",
        [role_ids.to_vec().into()],
    );
    Ok(RoleGrant::find_by_statement(statement).all(conn).await?)
}

/// How many people hold each role, in whatever state. Roles that nobody holds are missing.
///
/// # Errors
/// [`DbError`].
pub async fn holders_of_roles<C: ConnectionTrait>(conn: &C) -> Result<BTreeMap<Uuid, i64>, DbError> {
    let rows = Holders::find_by_statement(sql("SELECT role_id, count(*) AS holders FROM user_roles GROUP BY role_id", [])).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.role_id, row.holders)).collect())
}

/// How many people hold a role, in whatever state.
///
/// # Errors
/// [`DbError`].
pub async fn count_holders(tx: &Tx, id: Uuid) -> Result<i64, DbError> {
    let text = "SELECT role_id, count(*) AS holders FROM user_roles WHERE role_id = $1 GROUP BY role_id";
    Ok(Holders::find_by_statement(sql(text, [id.into()])).one(tx.conn()).await?.map_or(0, |row| row.holders))
}

/// Everything that is allowed to anybody who holds the role, by any of their roles.
///
/// # Errors
/// [`DbError`].
pub async fn allowed_around(tx: &Tx, id: Uuid) -> Result<BTreeSet<String>, DbError> {
    #[derive(FromQueryResult)]
    struct Row {
        permission: String,
    }
    let text = "SELECT DISTINCT rp.permission FROM role_permissions rp
                 WHERE rp.effect = 'allow' AND rp.role_id IN (
                       SELECT other.role_id FROM user_roles holder JOIN user_roles other ON other.user_id = holder.user_id WHERE holder.role_id = $1)";
    let rows = Row::find_by_statement(sql(text, [id.into()])).all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.permission).collect())
}

/// How many roles are the organization's own.
///
/// # Errors
/// [`DbError`].
pub async fn count_custom_roles(tx: &Tx) -> Result<u64, DbError> {
    Ok(Entity::find().filter(Column::BuiltIn.eq(false)).count(tx.conn()).await?)
}

/// Keeps a role that allows nothing yet.
///
/// # Errors
/// [`DbError`]; `roles_key_key` when the key is taken.
pub async fn insert_role(tx: &Tx, new: &NewRole<'_>) -> Result<TenantRole, DbError> {
    let row = ActiveModel {
        id: Set(new.id),
        key: Set(new.key.to_owned()),
        name: Set(new.name.to_owned()),
        description: Set(new.description.to_owned()),
        built_in: Set(false),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(row.insert(tx.conn()).await?.into())
}

/// Gives a role another name and description.
///
/// # Errors
/// [`DbError`].
pub async fn rename_role(tx: &Tx, id: Uuid, name: &str, description: &str) -> Result<TenantRole, DbError> {
    let row = ActiveModel {
        id: Set(id),
        name: Set(name.to_owned()),
        description: Set(description.to_owned()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(row.update(tx.conn()).await?.into())
}

/// Makes these the grants of a role. Those that stay are not written, and so no change of the policy.
///
/// # Errors
/// [`DbError`].
pub async fn set_grants(tx: &Tx, id: Uuid, allow: &[String], deny: &[String]) -> Result<(), DbError> {
    const WANTED: &str = "SELECT permission, 'allow' AS effect FROM unnest($2::text[]) AS permission
         UNION ALL SELECT permission, 'deny' FROM unnest($3::text[]) AS permission";
    for text in [
        format!(
            "DELETE FROM role_permissions rp WHERE rp.role_id = $1
                AND NOT EXISTS (SELECT 1 FROM ({WANTED}) w WHERE w.permission = rp.permission AND w.effect = rp.effect)"
        ),
        format!(
            "INSERT INTO role_permissions (role_id, permission, effect) SELECT $1, w.permission, w.effect FROM ({WANTED}) w ON CONFLICT DO NOTHING"
        ),
    ] {
        tx.conn().execute_raw(sql(&text, [id.into(), allow.to_vec().into(), deny.to_vec().into()])).await?;
    }
    Ok(())
}

/// Deletes a role with its grants.
///
/// # Errors
/// [`DbError`]; `user_roles_role_id_fkey` when somebody holds it.
pub async fn delete_role(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(())
}
