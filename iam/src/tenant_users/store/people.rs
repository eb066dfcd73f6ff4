//! Queries on the tenant's `users` and on the roles they hold.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use nexus_core::Email;
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

use super::sql;
use crate::tenant_users::UserState;
use crate::tenant_users::entity::users::{ActiveModel, Column, Entity, Model};

/// A person of a tenant. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct TenantUser {
    /// Id; the account's id once joined.
    pub id: Uuid,
    /// The address as typed.
    pub email: String,
    /// Name shown to people.
    pub display_name: String,
    /// Where the person stands.
    pub status: UserState,
    /// When the person was invited.
    pub invited_at: Option<DateTime<Utc>>,
    /// When the person joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// When the person was shut out, or the membership ended.
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

impl From<Model> for TenantUser {
    fn from(row: Model) -> Self {
        let Model { id, email, email_normalised: _, display_name, status, invited_at, joined_at, deactivated_at, version, created_at, updated_at } =
            row;
        Self { id, email, display_name, status, invited_at, joined_at, deactivated_at, version, created_at, updated_at }
    }
}

/// An invited person to be kept.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// Provisional id.
    pub id: Uuid,
    /// The address.
    pub email: &'a Email,
    /// Name shown to people.
    pub display_name: &'a str,
}

/// One page of users. `q` searches name and address by the beginnings of words; `role` finds who holds one of these keys.
///
/// # Errors
/// [`DbError`].
pub async fn list_users<C: PageConn>(conn: &C, mut request: ListRequest) -> Result<Listing<TenantUser>, DbError> {
    let mut select = Entity::find();
    if let Some(text) = request.q.take() {
        select = select.filter(Expr::cust_with_values("search @@ search_query($1)", [text]));
    }
    for filter in request.take_filters("role") {
        let holds = "EXISTS (SELECT 1 FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = users.id AND r.key = $1)";
        select = select.filter(list::any_text(&filter, |key| Expr::cust_with_values(holds, [key])));
    }
    Ok(list::run(conn, select, &request).await?.map(TenantUser::from))
}

/// The user with this id.
///
/// # Errors
/// [`DbError`].
pub async fn get_user<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<TenantUser>, DbError> {
    Ok(Entity::find_by_id(id).one(conn).await?.map(TenantUser::from))
}

/// The user with this id, the row locked until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn find_user_locked(tx: &Tx, id: Uuid) -> Result<Option<TenantUser>, DbError> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.map(TenantUser::from))
}

/// Whose address it is. Who was removed has none.
///
/// # Errors
/// [`DbError`].
pub async fn find_user_by_email(tx: &Tx, email: &Email) -> Result<Option<TenantUser>, DbError> {
    let holder = Entity::find().filter(Column::EmailNormalised.eq(email.normalised())).filter(Column::Status.ne(UserState::Removed));
    Ok(holder.one(tx.conn()).await?.map(TenantUser::from))
}

/// How many people the plan counts: active and invited ones.
///
/// # Errors
/// [`DbError`].
pub async fn count_for_quota(tx: &Tx) -> Result<i64, DbError> {
    let counted = Entity::find().filter(Column::Status.is_in([UserState::Invited, UserState::Active])).count(tx.conn()).await?;
    Ok(i64::try_from(counted).unwrap_or(i64::MAX))
}

/// Everything that any role of the person allows, whatever another one denies.
///
/// # Errors
/// [`DbError`].
pub async fn allowed_of_user(tx: &Tx, id: Uuid) -> Result<BTreeSet<String>, DbError> {
    #[derive(FromQueryResult)]
    struct Row {
        permission: String,
    }
    let text = "SELECT DISTINCT rp.permission FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id AND rp.effect = 'allow' WHERE ur.user_id = $1";
    let rows = Row::find_by_statement(sql(text, [id.into()])).all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.permission).collect())
}

/// Whether somebody else than `id` comes in and holds the role `owner`.
///
/// # Errors
/// [`DbError`].
pub async fn has_another_owner(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let text = "SELECT 1 FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
                 WHERE r.key = 'owner' AND r.built_in AND u.status = 'active' AND u.id <> $1 LIMIT 1";
    Ok(tx.conn().query_one_raw(sql(text, [id.into()])).await?.is_some())
}

/// Keeps an invited person.
///
/// # Errors
/// [`DbError`]; `users_email_normalised_key` when the address is somebody's.
pub async fn insert_invited(tx: &Tx, new: &NewUser<'_>) -> Result<TenantUser, DbError> {
    let row = ActiveModel {
        id: Set(new.id),
        email: Set(new.email.as_str().to_owned()),
        email_normalised: Set(new.email.normalised().to_owned()),
        display_name: Set(new.display_name.to_owned()),
        status: Set(UserState::Invited),
        invited_at: Set(Some(tx.now())),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(row.insert(tx.conn()).await?.into())
}

/// Forgets an invited person. Of whoever has joined the database keeps the row.
///
/// # Errors
/// [`DbError`].
pub async fn delete_invited(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(())
}

/// The invited person becomes the account's user, active, with the roles that were offered.
///
/// # Errors
/// [`DbError`]; `users_pkey` when the account is a user already.
pub async fn join(tx: &Tx, provisional: Uuid, account: Uuid, display_name: Option<&str>) -> Result<(), DbError> {
    let text =
        "UPDATE users SET id = $2, status = 'active', joined_at = $3, display_name = coalesce($4, display_name), updated_at = $3 WHERE id = $1";
    tx.conn().execute_raw(sql(text, [provisional.into(), account.into(), tx.now().into(), display_name.into()])).await?;
    Ok(())
}

/// The invited person turns out to be somebody who was removed: that row is taken up again, with the address and the roles that were offered, and the
/// provisional one goes.
///
/// # Errors
/// [`DbError`].
pub async fn rejoin(tx: &Tx, provisional: Uuid, account: Uuid, display_name: Option<&str>) -> Result<(), DbError> {
    let invited = Entity::find_by_id(provisional).one(tx.conn()).await?.ok_or(DbError::NotFound)?;
    for text in [
        "INSERT INTO user_roles (user_id, role_id) SELECT $2, role_id FROM user_roles WHERE user_id = $1 ON CONFLICT DO NOTHING",
        "UPDATE invitations SET user_id = $2 WHERE user_id = $1",
    ] {
        tx.conn().execute_raw(sql(text, [provisional.into(), account.into()])).await?;
    }
    delete_invited(tx, provisional).await?;
    let row = ActiveModel {
        id: Set(account),
        email: Set(invited.email),
        email_normalised: Set(invited.email_normalised),
        display_name: Set(display_name.map_or(invited.display_name, str::to_owned)),
        status: Set(UserState::Active),
        invited_at: Set(invited.invited_at),
        joined_at: Set(Some(tx.now())),
        deactivated_at: Set(None),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    row.update(tx.conn()).await?;
    Ok(())
}

/// Shuts a person out, lets them in again, or ends the membership.
///
/// # Errors
/// [`DbError`].
pub async fn set_state(tx: &Tx, id: Uuid, state: UserState) -> Result<(), DbError> {
    let text = "UPDATE users SET status = $2, deactivated_at = CASE WHEN $2 = 'active' THEN NULL ELSE coalesce(deactivated_at, $3) END, updated_at = $3 WHERE id = $1";
    tx.conn().execute_raw(sql(text, [id.into(), state.as_str().into(), tx.now().into()])).await?;
    Ok(())
}

/// Moves the person's version on: their roles have changed.
///
/// # Errors
/// [`DbError`].
pub async fn touch_user(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.conn().execute_raw(sql("UPDATE users SET updated_at = $2 WHERE id = $1", [id.into(), tx.now().into()])).await?;
    Ok(())
}

/// Gives a person roles; those held already stay.
///
/// # Errors
/// [`DbError`].
pub async fn give_roles(tx: &Tx, id: Uuid, roles: &[Uuid]) -> Result<(), DbError> {
    let text = "INSERT INTO user_roles (user_id, role_id, created_at) SELECT $1, unnest($2::uuid[]), $3 ON CONFLICT DO NOTHING";
    tx.conn().execute_raw(sql(text, [id.into(), roles.to_vec().into(), tx.now().into()])).await?;
    Ok(())
}

/// Takes roles from a person.
///
/// # Errors
/// [`DbError`].
pub async fn take_roles(tx: &Tx, id: Uuid, roles: &[Uuid]) -> Result<(), DbError> {
    let text = "DELETE FROM user_roles WHERE user_id = $1 AND role_id = ANY($2)";
    tx.conn().execute_raw(sql(text, [id.into(), roles.to_vec().into()])).await?;
    Ok(())
}

/// Takes every role from a person.
///
/// # Errors
/// [`DbError`].
pub async fn take_all_roles(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.conn().execute_raw(sql("DELETE FROM user_roles WHERE user_id = $1", [id.into()])).await?;
    Ok(())
}
