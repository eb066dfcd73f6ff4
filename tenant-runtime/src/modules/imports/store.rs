//! The queries on imports.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use nexus_infra::postgres::advisory::LockClass;
use nexus_infra::{DbError, Tx};
use sea_orm::prelude::Json;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Set, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::entity;
use super::work::Outcome;
use crate::modules::jobs::JOB_FACTS;

const STARTS: LockClass = LockClass::new("import_starts");

/// A file to be imported.
#[derive(Debug, Clone)]
pub struct NewImport<'n> {
    pub id: Uuid,
    pub kind: &'static str,
    pub digest: &'n str,
    pub file_key: &'n str,
    pub file_name: &'n str,
    pub size: u64,
    pub mapping: Json,
    pub options: Json,
    pub dry_run: bool,
    pub generation: i32,
}

/// An earlier import of the same file.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Earlier {
    pub id: Uuid,
    pub generation: i32,
    pub state: String,
    pub effective: bool,
}

impl Earlier {
    /// Whether the file was imported, or is about to be. A job may fail or be cancelled when its effect is already there.
    pub fn counts(&self) -> bool {
        self.effective || !matches!(self.state.as_str(), "failed" | "cancelled")
    }
}

/// Who starts an import waits until this transaction ends: of many that send one file, one starts it, and the bounds hold.
pub async fn lock_starts(tx: &Tx) -> Result<(), DbError> {
    tx.lock(STARTS, "").await
}

/// What of the tenant's imports takes up room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Kept {
    /// Imports that wait or run.
    pub pending: i64,
    /// Bytes of uploaded files, and of what their imports told about them.
    pub bytes: i64,
}

pub async fn kept<C: ConnectionTrait>(conn: &C) -> Result<Kept, DbError> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE j.state IN ('queued', 'running')) AS pending, coalesce(sum(i.size_bytes + j.file_bytes), 0)::bigint AS bytes \
         FROM imports i JOIN {JOB_FACTS} j ON j.id = i.id WHERE i.file_key IS NOT NULL"
    );
    let row = Kept::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).one(conn).await?;
    row.ok_or(DbError::NotFound)
}

/// Imports that ended before `before` and whose file is still there; some of them.
pub async fn expired<C: ConnectionTrait>(conn: &C, before: DateTime<Utc>) -> Result<Vec<entity::Model>, DbError> {
    let sql = format!(
        "SELECT i.* FROM imports i JOIN {JOB_FACTS} j ON j.id = i.id WHERE i.file_key IS NOT NULL AND j.finished_at < $1 ORDER BY i.id LIMIT 100"
    );
    Ok(entity::Entity::find().from_raw_sql(Statement::from_sql_and_values(DbBackend::Postgres, sql, [before.into()])).all(conn).await?)
}

/// Whether anything was ever imported.
pub async fn any<C: ConnectionTrait>(conn: &C) -> Result<bool, DbError> {
    Ok(entity::Entity::find().select_only().column(entity::Column::Id).into_tuple::<Uuid>().one(conn).await?.is_some())
}

/// Notes that the files of these imports are removed.
pub async fn forget_files<C: ConnectionTrait>(conn: &C, ids: impl IntoIterator<Item = Uuid>) -> Result<(), DbError> {
    let model = entity::ActiveModel { file_key: Set(None), ..Default::default() };
    entity::Entity::update_many().set(model).filter(entity::Column::Id.is_in(ids)).exec(conn).await?;
    Ok(())
}

/// Which of these imports there are.
pub async fn known<C: ConnectionTrait>(conn: &C, ids: impl IntoIterator<Item = Uuid>) -> Result<HashSet<Uuid>, DbError> {
    let found: Vec<Uuid> =
        entity::Entity::find().select_only().column(entity::Column::Id).filter(entity::Column::Id.is_in(ids)).into_tuple().all(conn).await?;
    Ok(found.into_iter().collect())
}

/// The earlier imports of a file, the first one first. Dry runs don't count.
pub async fn earlier<C: ConnectionTrait>(conn: &C, kind: &str, digest: &str) -> Result<Vec<Earlier>, DbError> {
    let sql = format!(
        "SELECT i.id, i.generation, j.state, i.summary ? 'output' AS effective FROM imports i JOIN {JOB_FACTS} j ON j.id = i.id \
         WHERE i.kind = $1 AND i.digest = $2 AND NOT i.dry_run ORDER BY i.generation"
    );
    Ok(Earlier::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, [kind.into(), digest.into()])).all(conn).await?)
}

pub async fn insert(tx: &Tx, import: &NewImport<'_>) -> Result<(), DbError> {
    let model = entity::ActiveModel {
        id: Set(import.id),
        kind: Set(import.kind.to_owned()),
        digest: Set(import.digest.to_owned()),
        file_key: Set(Some(import.file_key.to_owned())),
        file_name: Set(import.file_name.to_owned()),
        content_type: Set(Some("text/csv".to_owned())),
        size_bytes: Set(i64::try_from(import.size).unwrap_or(i64::MAX)),
        mapping: Set(import.mapping.clone()),
        options: Set(import.options.clone()),
        dry_run: Set(import.dry_run),
        generation: Set(import.generation),
        summary: Set(json!({})),
        row_count: Set(0),
        error_count: Set(0),
        created_by: Set(tx.origin().actor.id),
        ..Default::default()
    };
    entity::Entity::insert(model).exec_without_returning(tx.conn()).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<entity::Model>, DbError> {
    Ok(entity::Entity::find_by_id(id).one(conn).await?)
}

/// Holds an import's row until the transaction ends, so that two workers never write one file at once.
///
/// A worker that lost its lease unawares may still be at it: what it has written meanwhile is an error here, and a later try finds it.
pub async fn hold(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    let model = entity::Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.ok_or(DbError::NotFound)?;
    if model.summary.get("output").is_some() {
        return Err(DbError::other("another worker has finished this import"));
    }
    Ok(())
}

/// Writes down what an import came to.
pub async fn finish<C: ConnectionTrait>(conn: &C, id: Uuid, outcome: &Outcome, error_key: Option<&str>, summary: &Value) -> Result<(), DbError> {
    let model = entity::ActiveModel {
        id: Set(id),
        row_count: Set(outcome.rows),
        error_count: Set(outcome.report.wrong_rows()),
        error_key: Set(error_key.map(str::to_owned)),
        summary: Set(summary.clone()),
        ..Default::default()
    };
    entity::Entity::update_many().set(model).filter(entity::Column::Id.eq(id)).exec(conn).await?;
    Ok(())
}
