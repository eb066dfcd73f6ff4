//! Lines that take more than there is: found by a window over all lines, or line by line for the fold.

use nexus_infra::{DbError, Tx};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::{over, over_all};
use crate::modules::inventory::staged::{Batch, LineFault};

#[derive(FromQueryResult)]
struct ShortRow {
    line: i64,
    sku: String,
    requested: Decimal,
    available: Decimal,
    over: bool,
    total: i64,
}

pub async fn shortages(tx: &Tx, batch: Batch, most: usize) -> Result<(i64, Vec<LineFault>), DbError> {
    let sql = "\
        , running AS ( \
            SELECT s.line, s.delta, \
                   coalesce(l.available, 0) + sum(s.delta) OVER so_far AS after, \
                   coalesce(l.on_hand, 0) + sum(s.delta) OVER so_far >= 100000000000000 AS over \
            FROM sides s \
            LEFT JOIN stock_levels l ON l.variant_id = s.variant_id AND l.location_id = s.location_id AND l.lot_id IS NULL \
            WINDOW so_far AS (PARTITION BY s.variant_id, s.location_id ORDER BY s.line) \
        ), short AS MATERIALIZED ( \
            SELECT line, -delta AS requested, greatest(after - delta, 0) AS available, over FROM running WHERE (delta < 0 AND after < 0) OR over) \
        SELECT h.line, s.sku, h.requested, h.available, h.over, (SELECT count(*) FROM short) AS total \
        FROM short h JOIN staged s ON s.line = h.line ORDER BY h.line LIMIT $5";
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = ShortRow::find_by_statement(over_all(batch, sql, [limit.into()])).all(tx.conn()).await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok((total, rows.iter().map(|row| shortage(row.line, &row.sku, row.requested, row.available, row.over)).collect()))
}

/// The fault of a line that asks for more than there is.
pub fn shortage(line: i64, sku: &str, requested: Decimal, available: Decimal, over: bool) -> LineFault {
    if over {
        return LineFault { line, field: "quantity", code: "limit", message: format!("the stock of {sku} would exceed 99,999,999,999,999.999999") };
    }
    let message = format!("{sku}: {} asked for, {} available at this line", requested.normalize(), available.normalize());
    LineFault { line, field: "quantity", code: "insufficient_stock", message }
}

/// Lines of a chunk in columns, in their order: cheaper to read than rows by the ten thousand.
#[derive(FromQueryResult, Default)]
pub struct Columns {
    pub line: Vec<i64>,
    pub sku: Vec<String>,
    pub variant_id: Vec<Uuid>,
    pub location_id: Vec<Uuid>,
    pub counter_id: Vec<Uuid>,
    pub counter_stock: Vec<bool>,
    pub delta: Vec<Decimal>,
}

pub async fn columns(tx: &Tx, batch: Batch, range: (i64, i64)) -> Result<Columns, DbError> {
    let sql = "\
        SELECT coalesce(array_agg(line ORDER BY line), '{}') AS line, coalesce(array_agg(sku ORDER BY line), '{}') AS sku, \
               coalesce(array_agg(variant_id ORDER BY line), '{}') AS variant_id, coalesce(array_agg(location_id ORDER BY line), '{}') AS location_id, \
               coalesce(array_agg(counter_id ORDER BY line), '{}') AS counter_id, coalesce(array_agg(counter_stock ORDER BY line), '{}') AS counter_stock, \
               coalesce(array_agg(delta ORDER BY line), '{}') AS delta \
        FROM lines";
    Ok(Columns::find_by_statement(over(batch, range, sql, [])).one(tx.conn()).await?.unwrap_or_default())
}

#[derive(FromQueryResult)]
struct AvailableRow {
    variant_id: Uuid,
    location_id: Uuid,
    available: Decimal,
}

/// What is available at every place that the lines touch; places without a level are missing.
pub async fn available(tx: &Tx, batch: Batch) -> Result<Vec<((Uuid, Uuid), Decimal)>, DbError> {
    let sql = "SELECT l.variant_id, l.location_id, l.available FROM stock_levels l \
               WHERE l.lot_id IS NULL AND (l.variant_id, l.location_id) IN (SELECT variant_id, location_id FROM sides)";
    let rows = AvailableRow::find_by_statement(over_all(batch, sql, [])).all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| ((row.variant_id, row.location_id), row.available)).collect())
}

pub async fn drop_lines(tx: &Tx, batch: Batch, lines: Vec<i64>) -> Result<(), DbError> {
    let sql = "DELETE FROM import_movement_rows WHERE import_id = $1 AND line = ANY ($2)";
    tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [batch.import_id.into(), lines.into()])).await?;
    Ok(())
}
