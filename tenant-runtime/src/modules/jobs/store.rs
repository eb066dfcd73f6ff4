//! The slice's queries on jobs; claiming and finishing them is infra's.

use nexus_core::{ListRequest, Listing};
use nexus_infra::{Db, DbError, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::entity::{Column, Entity, Model};

/// One part of the list.
pub async fn list<C: ConnectionTrait>(conn: &C, request: &ListRequest) -> Result<Listing<Model>, DbError> {
    list::run(conn, Entity::find(), request).await
}

/// One job.
pub async fn find<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id(id).one(conn).await?)
}

/// One job, its row locked until the transaction ends.
pub async fn find_locked(tx: &Tx, id: Uuid) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?)
}

/// Keeps what a job found out although it is about to fail.
pub async fn keep_output(db: &Db, id: Uuid, output: Value) -> Result<(), DbError> {
    Entity::update_many()
        .col_expr(Column::Result, Expr::value(output))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq("running"))
        .exec(db.conn())
        .await?;
    Ok(())
}
