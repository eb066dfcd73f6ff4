//! The slice's queries on jobs; claiming and finishing them is infra's.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use nexus_core::{ListRequest, Listing};
use nexus_infra::{Db, DbError, PageConn, Tx, list};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::entity::{Column, Entity, Model};

/// One part of the list.
pub async fn list<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<Model>, DbError> {
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

/// Jobs that ended before `before` and whose files are still there; some of them.
pub async fn expired<C: ConnectionTrait>(conn: &C, before: DateTime<Utc>) -> Result<Vec<Model>, DbError> {
    Ok(Entity::find().filter(Column::FinishedAt.lt(before)).filter(has_files()).order_by_asc(Column::Id).limit(100).all(conn).await?)
}

/// Which of these jobs have files that are still there.
pub async fn with_files<C: ConnectionTrait>(conn: &C, ids: impl IntoIterator<Item = Uuid>) -> Result<HashSet<Uuid>, DbError> {
    let jobs = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids)).filter(has_files());
    Ok(jobs.into_tuple::<Uuid>().all(conn).await?.into_iter().collect())
}

fn has_files() -> SimpleExpr {
    Expr::cust("result ?| array['file', 'errors_file']")
}

/// Notes that the files of these jobs are removed.
pub async fn forget_files<C: ConnectionTrait>(conn: &C, ids: Vec<Uuid>) -> Result<(), DbError> {
    let result = Expr::cust("result - 'file' - 'errors_file' || jsonb_build_object('files_removed', true)");
    Entity::update_many().col_expr(Column::Result, result).filter(Column::Id.is_in(ids)).exec(conn).await?;
    Ok(())
}

/// Whether anybody ever asked for a job.
pub async fn any<C: ConnectionTrait>(conn: &C) -> Result<bool, DbError> {
    Ok(Entity::find().select_only().column(Column::Id).filter(Column::CreatedBy.is_not_null()).into_tuple::<Uuid>().one(conn).await?.is_some())
}
