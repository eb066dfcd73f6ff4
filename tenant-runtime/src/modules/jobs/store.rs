//! The slice's queries on jobs; claiming and finishing them is infra's.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use nexus_core::{ListRequest, Listing};
use nexus_infra::{Db, DbError, PageConn, Tx, list};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement};
use serde_json::Value;
use uuid::Uuid;

use super::entity::{Column, Entity, Model};

/// For the SQL of other slices, in the place of a table: of each job its state, its end, and what its files weigh as long as they are there.
pub const JOB_FACTS: &str = "(SELECT id, kind, state, finished_at, coalesce((result->'file'->>'size_bytes')::bigint, 0) \
    + coalesce((result->'errors_file'->>'size_bytes')::bigint, 0) AS file_bytes FROM jobs)";

/// Bytes of the files that jobs of this kind left and that are still there.
///
/// # Errors
/// [`DbError`].
pub async fn kept_bytes<C: ConnectionTrait>(conn: &C, kind: &str) -> Result<u64, DbError> {
    #[derive(FromQueryResult)]
    struct Kept {
        bytes: i64,
    }
    let sql = format!("SELECT coalesce(sum(file_bytes), 0)::bigint AS bytes FROM {JOB_FACTS} AS job WHERE kind = $1");
    let row = Kept::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, [kind.into()])).one(conn).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.bytes).unwrap_or_default()))
}

/// Whether the job is still to be done. Who wants to call it off waits until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn still_wanted(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let state = Entity::find_by_id(id).select_only().column(Column::State).lock_shared().into_tuple::<String>().one(tx.conn()).await?;
    Ok(state.ok_or(DbError::NotFound)? == "running")
}

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
