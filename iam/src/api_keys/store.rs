//! Queries on the tenant's `api_keys`.

use chrono::{DateTime, Utc};
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{Db, DbError, PageConn, Tx, advisory, list as lists};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set, Statement,
};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use super::format::MintedKey;

/// A key, without anything that could be used as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Id.
    pub id: Uuid,
    /// Name, as given.
    pub name: String,
    /// What people tell it by, such as `nxk_…x7Qa`.
    pub redacted_key: String,
    /// Permissions of the catalogue, sorted.
    pub scopes: Vec<String>,
    /// The person who made it.
    pub created_by: Uuid,
    /// When it stops working by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Model> for ApiKey {
    type Error = DbError;

    /// What can't be read is an error: to show a key without scopes would say that it may do nothing.
    fn try_from(row: Model) -> Result<Self, DbError> {
        let Model { id, name, redacted_key, secret_digest: _, scopes, created_by, expires_at, last_used_at, revoked_at, created_at } = row;
        let scopes = serde_json::from_value(scopes).map_err(|error| DbError::other(format!("api_keys.scopes of key {id}: {error}")))?;
        Ok(Self { id, name, redacted_key, scopes, created_by, expires_at, last_used_at, revoked_at, created_at })
    }
}

/// A key to be kept.
#[derive(Debug)]
pub struct NewApiKey<'a> {
    /// Id; the minted key says it, too.
    pub id: Uuid,
    /// Name.
    pub name: &'a str,
    /// Permissions of the catalogue, sorted.
    pub scopes: &'a [String],
    /// The person who makes it.
    pub created_by: Uuid,
    /// When it stops working by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// One part of the list of keys.
///
/// # Errors
/// [`DbError`].
pub async fn list<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<ApiKey>, DbError> {
    lists::run(conn, Entity::find(), request).await?.try_map_all(|rows| rows.into_iter().map(ApiKey::try_from).collect())
}

/// The key with this id.
///
/// # Errors
/// [`DbError`].
pub async fn find<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<ApiKey>, DbError> {
    Entity::find_by_id(id).one(conn).await?.map(ApiKey::try_from).transpose()
}

/// The key with this id, its row locked until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn find_locked(tx: &Tx, id: Uuid) -> Result<Option<ApiKey>, DbError> {
    Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.map(ApiKey::try_from).transpose()
}

/// How many keys work now. Others who count wait until this transaction ends, so that two of them can't both take the last place.
///
/// # Errors
/// [`DbError`].
pub async fn count_live(tx: &Tx) -> Result<u64, DbError> {
    tx.lock(advisory::QUOTA, "api_keys").await?;
    let unexpired = Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(tx.now()));
    Ok(Entity::find().filter(Column::RevokedAt.is_null()).filter(unexpired).count(tx.conn()).await?)
}

/// Keeps a key, by the digest of its secret.
///
/// # Errors
/// [`DbError`].
pub async fn insert(tx: &Tx, new: &NewApiKey<'_>, minted: &MintedKey) -> Result<ApiKey, DbError> {
    let row = ActiveModel {
        id: Set(new.id),
        name: Set(new.name.to_owned()),
        redacted_key: Set(minted.redacted.clone()),
        secret_digest: Set(minted.digest.to_vec()),
        scopes: Set(serde_json::Value::from(new.scopes)),
        created_by: Set(new.created_by),
        expires_at: Set(new.expires_at),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    row.insert(tx.conn()).await?.try_into()
}

/// Ends a key for good.
///
/// # Errors
/// [`DbError`].
pub async fn revoke(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    Entity::update_many().col_expr(Column::RevokedAt, Expr::value(tx.now())).filter(Column::Id.eq(id)).exec(tx.conn()).await?;
    Ok(())
}

/// Notes when keys were last used; never takes an instant back.
///
/// # Errors
/// [`DbError`].
pub async fn note_uses(db: &Db, uses: &[(Uuid, DateTime<Utc>)]) -> Result<(), DbError> {
    let sql = "UPDATE api_keys k SET last_used_at = u.used_at
                 FROM jsonb_to_recordset($1::jsonb) AS u (id uuid, used_at timestamptz)
                WHERE k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.used_at)";
    let uses: Vec<_> = uses.iter().map(|(id, at)| serde_json::json!({ "id": id, "used_at": at })).collect();
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [serde_json::Value::from(uses).into()]);
    db.conn().execute_raw(statement).await?;
    Ok(())
}

/// Forgets keys that ended before `before`: revoked, or expired. Returns how many.
///
/// # Errors
/// [`DbError`].
pub async fn purge<C: ConnectionTrait>(conn: &C, before: DateTime<Utc>) -> Result<u64, DbError> {
    let over = Condition::any().add(Column::RevokedAt.lt(before)).add(Column::ExpiresAt.lt(before));
    Ok(Entity::delete_many().filter(over).exec(conn).await?.rows_affected)
}
