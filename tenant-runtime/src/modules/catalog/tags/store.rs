//! The only queries on tags as such; which product carries which is the products' store's.

use nexus_core::{ListRequest, Listing};
use nexus_infra::{DbError, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

use super::wire::TagOut;
use crate::modules::catalog::entity::{product_tags, tags};

impl From<tags::Model> for TagOut {
    fn from(row: tags::Model) -> Self {
        Self { id: row.id, name: row.name, color: row.color, version: row.version, created_at: row.created_at, updated_at: row.updated_at }
    }
}

/// One part of the list of tags.
pub async fn list<C: ConnectionTrait>(conn: &C, mut request: ListRequest) -> Result<Listing<TagOut>, DbError> {
    let mut select = tags::Entity::find();
    if let Some(q) = request.q.take() {
        select = select.filter(Expr::cust_with_values("tags.search @@ search_query($1)", [q]));
    }
    Ok(list::run(conn, select, &request).await?.map(Into::into))
}

/// One tag.
pub async fn find<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<TagOut>, DbError> {
    Ok(tags::Entity::find_by_id(id).one(conn).await?.map(Into::into))
}

/// One tag, its row locked until the transaction ends.
pub async fn find_locked(tx: &Tx, id: Uuid) -> Result<Option<TagOut>, DbError> {
    Ok(tags::Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.map(Into::into))
}

/// Inserts a tag.
pub async fn insert(tx: &Tx, id: Uuid, name: &str, color: Option<&str>) -> Result<TagOut, DbError> {
    let model = tags::ActiveModel { id: Set(id), name: Set(name.to_owned()), color: Set(color.map(str::to_owned)), ..Default::default() };
    Ok(model.insert(tx.conn()).await?.into())
}

/// Writes a tag.
pub async fn update(tx: &Tx, id: Uuid, name: &str, color: Option<&str>) -> Result<TagOut, DbError> {
    let model = tags::ActiveModel { id: Set(id), name: Set(name.to_owned()), color: Set(color.map(str::to_owned)), ..Default::default() };
    Ok(model.update(tx.conn()).await?.into())
}

/// Whether a product carries the tag.
pub async fn is_used(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    Ok(product_tags::Entity::find().filter(product_tags::Column::TagId.eq(id)).limit(1).count(tx.conn()).await? > 0)
}

/// Deletes a tag.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tags::Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(())
}
