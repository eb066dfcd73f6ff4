//! The queries on imports and on staged products.

use nexus_infra::postgres::advisory::LockClass;
use nexus_infra::{Db, DbError, Tx};
use sea_orm::prelude::Json;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, Set, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::entity;

const IMPORT: LockClass = LockClass::new("import");

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
}

impl Earlier {
    /// Whether the file was imported, or is about to be. One that failed or was cancelled imported nothing.
    pub fn counts(&self) -> bool {
        !matches!(self.state.as_str(), "failed" | "cancelled")
    }
}

/// Who starts to import this file waits until this transaction ends.
pub async fn lock_file(tx: &Tx, kind: &str, digest: &str) -> Result<(), DbError> {
    tx.lock(IMPORT, &format!("{kind} {digest}")).await
}

/// The earlier imports of a file, the first one first. Dry runs don't count.
pub async fn earlier<C: ConnectionTrait>(conn: &C, kind: &str, digest: &str) -> Result<Vec<Earlier>, DbError> {
    let sql = "SELECT i.id, i.generation, j.state FROM imports i JOIN jobs j ON j.id = i.id \
               WHERE i.kind = $1 AND i.digest = $2 AND NOT i.dry_run ORDER BY i.generation";
    Ok(Earlier::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, [kind.into(), digest.into()])).all(conn).await?)
}

pub async fn insert(tx: &Tx, import: &NewImport<'_>) -> Result<(), DbError> {
    let model = entity::ActiveModel {
        id: Set(import.id),
        kind: Set(import.kind.to_owned()),
        digest: Set(import.digest.to_owned()),
        file_key: Set(import.file_key.to_owned()),
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

/// Writes down what an import came to, in the transaction of its effect.
pub async fn finish<C: ConnectionTrait>(conn: &C, id: Uuid, rows: i64, errors: i64, error_key: Option<&str>, summary: &Value) -> Result<(), DbError> {
    let model = entity::ActiveModel {
        id: Set(id),
        row_count: Set(rows),
        error_count: Set(errors),
        error_key: Set(error_key.map(str::to_owned)),
        summary: Set(summary.clone()),
        ..Default::default()
    };
    entity::Entity::update_many().set(model).filter(entity::Column::Id.eq(id)).exec(conn).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Setting {
    value: Json,
}

/// A setting of the organization that is a text.
pub async fn setting<C: ConnectionTrait>(conn: &C, key: &str) -> Result<Option<String>, DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT value FROM settings WHERE key = $1", [key.into()]);
    Ok(Setting::find_by_statement(statement).one(conn).await?.and_then(|row| row.value.as_str().map(str::to_owned)))
}

/// Whether the database knows the time zone.
pub async fn knows_time_zone<C: ConnectionTrait>(conn: &C, name: &str) -> Result<bool, DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT 1 AS found FROM pg_timezone_names WHERE name = $1", [name.into()]);
    Ok(conn.query_one_raw(statement).await?.is_some())
}

/// A product row of a file, waiting.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductRow {
    pub line: i64,
    pub sku: String,
    pub sku_key: String,
    pub fields: Json,
}

pub async fn clear_products(db: &Db, import_id: Uuid) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "DELETE FROM import_product_rows WHERE import_id = $1", [import_id.into()]);
    db.conn().execute_raw(statement).await?;
    Ok(())
}

pub async fn stage_products(db: &Db, import_id: Uuid, rows: &[ProductRow]) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO import_product_rows (import_id, line, sku, sku_key, fields) \
               SELECT $1, r.line, r.sku, r.sku_key, r.fields FROM jsonb_to_recordset($2) AS r(line bigint, sku text, sku_key text, fields jsonb)";
    let rows: Vec<Value> = rows.iter().map(|row| json!({ "line": row.line, "sku": row.sku, "sku_key": row.sku_key, "fields": row.fields })).collect();
    db.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [import_id.into(), json!(rows).into()])).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Staged {
    line: i64,
    sku: String,
    sku_key: String,
    fields: Json,
}

/// Opens a cursor over the staged rows, those of one SKU side by side; it lives as long as the transaction.
pub async fn open_products(tx: &Tx, import_id: Uuid) -> Result<(), DbError> {
    let sql = format!(
        "DECLARE staged_products NO SCROLL CURSOR FOR \
         SELECT line, sku, sku_key, fields FROM import_product_rows WHERE import_id = '{}' ORDER BY sku_key, line",
        import_id.hyphenated()
    );
    tx.conn().execute_unprepared("SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '60s'").await?;
    tx.conn().execute_unprepared(&sql).await?;
    Ok(())
}

/// The next rows of the cursor; none at its end.
pub async fn fetch_products(tx: &Tx) -> Result<Vec<ProductRow>, DbError> {
    let rows = Staged::find_by_statement(Statement::from_string(DbBackend::Postgres, "FETCH 2000 FROM staged_products")).all(tx.conn()).await?;
    Ok(rows.into_iter().map(|Staged { line, sku, sku_key, fields }| ProductRow { line, sku, sku_key, fields }).collect())
}
