//! The queries on staged products.

use std::collections::HashMap;
use std::time::Duration;

use nexus_infra::postgres::copy::CopyRows;
use nexus_infra::{Db, DbError, Tx};
use sea_orm::prelude::Json;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::row::ProductRow;
use crate::modules::imports::wire::SkuCase;

/// Rows of one step of the cursor: few, because a description may have 20,000 characters.
const STEP: &str = "FETCH 250 FROM staged_products";

/// What a statement on all rows of a file may take.
const BULK: Duration = Duration::from_secs(600);

/// Throws away what is staged; of millions of rows that takes longer than a request may.
pub async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError> {
    let clearing = async {
        let mut transaction = db.pool().begin().await?;
        sqlx::query("SELECT set_config('statement_timeout', '10min', true)").execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM import_product_rows WHERE import_id = $1").bind(import_id).execute(&mut *transaction).await?;
        Ok::<_, DbError>(transaction.commit().await?)
    };
    db.bounded(BULK + Duration::from_secs(30), clearing).await
}

pub async fn stage(db: &Db, import_id: Uuid, rows: &[ProductRow]) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut copied = CopyRows::with_capacity(rows.len() * 200);
    for row in rows {
        let fields = serde_json::to_string(&row.fields).map_err(DbError::other)?;
        copied.plain(import_id).plain(row.line).text(&row.sku).text(&row.sku_key).text(&fields).end_row();
    }
    let copying = async {
        let mut transaction = db.pool().begin().await?;
        sqlx::query("SELECT set_config('statement_timeout', '2min', true)").execute(&mut *transaction).await?;
        copied.send(&mut transaction, "import_product_rows (import_id, line, sku, sku_key, fields)").await?;
        Ok(transaction.commit().await?)
    };
    db.bounded(Duration::from_secs(150), copying).await
}

/// Opens a cursor over the staged rows, those of one article side by side, and the articles of one product: the one that a row of the
/// file names, or else the one that has the SKU; it lives as long as the transaction. The spellings of a SKU that are different articles
/// follow each other, capitals first.
///
/// It sorts where rows are and not what they say, which `fetch` reads; `OFFSET 0` keeps that out of the sort.
pub async fn open(tx: &Tx, import_id: Uuid, case: SkuCase) -> Result<(), DbError> {
    let spelling = if case == SkuCase::Split { "sku COLLATE \"C\", " } else { "" };
    let sql = format!(
        "DECLARE staged_products NO SCROLL CURSOR FOR SELECT line, product::uuid AS product FROM ( \
         SELECT staged.*, coalesce(min(named) OVER (PARTITION BY sku_key), v.product_id::text) AS product \
         FROM (SELECT line, sku, sku_key, fields #>> '{{product,id}}' AS named FROM import_product_rows WHERE import_id = '{}' OFFSET 0) AS staged \
         LEFT JOIN catalog_variants v ON v.sku_normalised = staged.sku_key) AS placed \
         ORDER BY placed.product COLLATE \"C\" NULLS FIRST, sku_key COLLATE \"C\", {spelling}line",
        import_id.hyphenated()
    );
    tx.allow_statements(BULK).await?;
    tx.conn().execute_unprepared("SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '64MB'").await?;
    tx.conn().execute_unprepared(&sql).await?;
    Ok(())
}

/// A staged row, and the product that it is known to be of.
#[derive(Debug)]
pub struct Placed {
    pub row: ProductRow,
    pub product: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Place {
    line: i64,
    product: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Staged {
    line: i64,
    sku: String,
    sku_key: String,
    fields: Json,
}

/// The next rows of the cursor; none at its end.
pub async fn fetch(tx: &Tx, import_id: Uuid) -> Result<Vec<Placed>, DbError> {
    let places = Place::find_by_statement(Statement::from_string(DbBackend::Postgres, STEP)).all(tx.conn()).await?;
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let lines: Vec<i64> = places.iter().map(|place| place.line).collect();
    let sql = "SELECT line, sku, sku_key, fields FROM import_product_rows WHERE import_id = $1 AND line = ANY ($2)";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [import_id.into(), lines.into()]);
    let rows = Staged::find_by_statement(statement).all(tx.conn()).await?;
    let mut rows: HashMap<i64, Staged> = rows.into_iter().map(|row| (row.line, row)).collect();
    places
        .into_iter()
        .map(|Place { line, product }| {
            let Staged { sku, sku_key, fields, .. } = rows.remove(&line).ok_or(DbError::NotFound)?;
            let fields = serde_json::from_value(fields).map_err(DbError::other)?;
            Ok(Placed { row: ProductRow { line, sku, sku_key, fields }, product })
        })
        .collect()
}
