//! The queries on staged products.

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

pub async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "DELETE FROM import_product_rows WHERE import_id = $1", [import_id.into()]);
    db.conn().execute_raw(statement).await?;
    Ok(())
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

/// Opens a cursor over the staged rows, those of one article side by side, and the articles whose rows name one product; it lives as
/// long as the transaction. The spellings of a SKU that are different articles follow each other, capitals first.
pub async fn open(tx: &Tx, import_id: Uuid, case: SkuCase) -> Result<(), DbError> {
    let spelling = if case == SkuCase::Split { "sku COLLATE \"C\", " } else { "" };
    let sql = format!(
        "DECLARE staged_products NO SCROLL CURSOR FOR SELECT line, sku, sku_key, fields FROM ( \
         SELECT line, sku, sku_key, fields, min(fields #>> '{{product,id}}') OVER (PARTITION BY sku_key) AS product \
         FROM import_product_rows WHERE import_id = '{}') AS rows ORDER BY product COLLATE \"C\" NULLS FIRST, sku_key COLLATE \"C\", {spelling}line",
        import_id.hyphenated()
    );
    tx.conn().execute_unprepared("SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '64MB'").await?;
    tx.conn().execute_unprepared(&sql).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Staged {
    line: i64,
    sku: String,
    sku_key: String,
    fields: Json,
}

/// The next rows of the cursor; none at its end.
pub async fn fetch(tx: &Tx) -> Result<Vec<ProductRow>, DbError> {
    let rows = Staged::find_by_statement(Statement::from_string(DbBackend::Postgres, STEP)).all(tx.conn()).await?;
    rows.into_iter()
        .map(|Staged { line, sku, sku_key, fields }| {
            let fields = serde_json::from_value(fields).map_err(DbError::other)?;
            Ok(ProductRow { line, sku, sku_key, fields })
        })
        .collect()
}
