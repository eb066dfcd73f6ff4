//! What lines would do to the levels that they touch.

use nexus_infra::{DbError, Tx};
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;

use super::{chunk_end, over};
use crate::modules::inventory::staged::{Batch, LevelChange};

#[derive(FromQueryResult)]
struct SideRow {
    line: i64,
    sku: String,
    location: String,
    before: Decimal,
    after: Decimal,
}

/// The levels before and after each of the first `most` lines. Only these are read: what comes after them changes nothing of it.
pub async fn foresee(tx: &Tx, batch: Batch, most: i64) -> Result<Vec<LevelChange>, DbError> {
    let sql = "\
        SELECT s.line, v.sku, p.code AS location, \
               coalesce(l.on_hand, 0) + sum(s.delta) OVER so_far - s.delta AS before, coalesce(l.on_hand, 0) + sum(s.delta) OVER so_far AS after \
        FROM sides s JOIN catalog_variants v ON v.id = s.variant_id JOIN locations p ON p.id = s.location_id \
        LEFT JOIN stock_levels l ON l.variant_id = s.variant_id AND l.location_id = s.location_id AND l.lot_id IS NULL \
        WINDOW so_far AS (PARTITION BY s.variant_id, s.location_id ORDER BY s.line) ORDER BY s.line, s.is_counter";
    let until = match chunk_end(tx, batch, 0, most).await {
        Err(DbError::NotFound) => return Ok(Vec::new()),
        until => until?,
    };
    let rows = SideRow::find_by_statement(over(batch, (0, until), sql, [])).all(tx.conn()).await?;
    let change =
        |SideRow { line, sku, location, before, after }| LevelChange { line, sku, location, before: before.normalize(), after: after.normalize() };
    Ok(rows.into_iter().map(change).collect())
}
