//! The only queries on saved views.

use nexus_core::{ListRequest, Listing};
use nexus_infra::{DbError, PageConn, Tx, list};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use super::wire::{SavedViewIn, SavedViewOut};

impl From<Model> for SavedViewOut {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            resource: row.resource,
            name: row.name,
            query: row.query,
            user_id: row.user_id,
            shared: row.shared,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn visible_to(user: Uuid) -> Condition {
    Condition::any().add(Column::UserId.eq(user)).add(Column::Shared.eq(true))
}

/// One part of the views that `user` sees.
pub async fn list<C: PageConn>(conn: &C, user: Uuid, request: &ListRequest) -> Result<Listing<SavedViewOut>, DbError> {
    Ok(list::run(conn, Entity::find().filter(visible_to(user)), request).await?.map(Into::into))
}

/// One view that `user` sees.
pub async fn find<C: ConnectionTrait>(conn: &C, user: Uuid, id: Uuid) -> Result<Option<SavedViewOut>, DbError> {
    Ok(Entity::find_by_id(id).filter(visible_to(user)).one(conn).await?.map(Into::into))
}

/// One view that `user` sees, its row locked until the transaction ends.
pub async fn find_locked(tx: &Tx, user: Uuid, id: Uuid) -> Result<Option<SavedViewOut>, DbError> {
    Ok(Entity::find_by_id(id).filter(visible_to(user)).lock_exclusive().one(tx.conn()).await?.map(Into::into))
}

/// Inserts a view.
pub async fn insert(tx: &Tx, user: Uuid, view: &SavedViewIn) -> Result<SavedViewOut, DbError> {
    let row = ActiveModel {
        id: Set(tx.new_id()),
        resource: Set(view.resource.clone()),
        name: Set(view.name.clone()),
        query: Set(view.query.clone()),
        user_id: Set(user),
        shared: Set(view.shared),
        ..Default::default()
    };
    Ok(row.insert(tx.conn()).await?.into())
}

/// Writes a view.
pub async fn update(tx: &Tx, view: &SavedViewOut) -> Result<SavedViewOut, DbError> {
    let row = ActiveModel {
        id: Set(view.id),
        name: Set(view.name.clone()),
        query: Set(view.query.clone()),
        shared: Set(view.shared),
        ..Default::default()
    };
    Ok(row.update(tx.conn()).await?.into())
}

/// Deletes a view.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(())
}
