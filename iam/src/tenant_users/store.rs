//! Queries on the tenant's `users`, `roles`, `user_roles` and `role_permissions`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, Statement, Value};
use uuid::Uuid;

use super::entity::{roles, users};

/// A person of a tenant. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct TenantUser {
    /// Id; the account's id once joined.
    pub id: Uuid,
    /// The address as typed.
    pub email: String,
    /// Name shown to people.
    pub display_name: String,
    /// `invited`, `active` or `deactivated`.
    pub status: String,
    /// When the person was invited.
    pub invited_at: Option<DateTime<Utc>>,
    /// When the person joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// When the person was shut out.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// Row version.
    pub version: i64,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

impl std::fmt::Debug for TenantUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantUser").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

impl From<users::Model> for TenantUser {
    fn from(row: users::Model) -> Self {
        let users::Model { id, email, display_name, status, invited_at, joined_at, deactivated_at, version, created_at, updated_at } = row;
        Self { id, email, display_name, status, invited_at, joined_at, deactivated_at, version, created_at, updated_at }
    }
}

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

impl From<roles::Model> for TenantRole {
    fn from(row: roles::Model) -> Self {
        let roles::Model { id, key, name, description, built_in, version, created_at, updated_at } = row;
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

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// One page of users. `q` searches name and address by the beginnings of words.
///
/// # Errors
/// [`DbError`].
pub async fn list_users<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<TenantUser>, DbError> {
    let mut select = users::Entity::find();
    if let Some(text) = &request.q {
        select = select.filter(Expr::cust_with_values("search @@ search_query($1)", [text.as_str()]));
    }
    Ok(list::run(conn, select, request).await?.map(TenantUser::from))
}

/// The user with this id.
///
/// # Errors
/// [`DbError`].
pub async fn get_user<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<TenantUser>, DbError> {
    Ok(users::Entity::find_by_id(id).one(conn).await?.map(TenantUser::from))
}

/// One page of roles.
///
/// # Errors
/// [`DbError`].
pub async fn list_roles<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<TenantRole>, DbError> {
    Ok(list::run(conn, roles::Entity::find(), request).await?.map(TenantRole::from))
}

/// The role with this id.
///
/// # Errors
/// [`DbError`].
pub async fn get_role<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<TenantRole>, DbError> {
    Ok(roles::Entity::find_by_id(id).one(conn).await?.map(TenantRole::from))
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
