//! The statements on staged lines.

use std::time::Duration;

mod foresight;
mod lines;
mod shortage;

pub use foresight::foresee;
pub use lines::{count_faults, drop_faulty, drop_other_spellings, faults, spellings};
pub use shortage::{available, columns, drop_lines, shortage, shortages};

use chrono::{DateTime, Utc};
use nexus_core::Quantity;
use nexus_infra::postgres::copy::CopyRows;
use nexus_infra::{Db, DbError, Tx};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::{Batch, Effect};

const LINES: &str = include_str!("../lines.sql");
const CHUNK: &str = include_str!("../chunk.sql");

fn over(batch: Batch, range: (i64, i64), rest: &str, more: impl IntoIterator<Item = Value>) -> Statement {
    let values = [batch.import_id.into(), range.0.into(), range.1.into(), batch.split_case.into()];
    Statement::from_sql_and_values(DbBackend::Postgres, format!("{LINES}{rest}"), values.into_iter().chain(more))
}

fn over_all(batch: Batch, rest: &str, more: impl IntoIterator<Item = Value>) -> Statement {
    over(batch, (0, i64::MAX), rest, more)
}

/// A file of half a million lines takes longer than a request may: this transaction's statements get ten minutes. Nested loops are
/// ruled out because staged rows have no statistics: planned for one row, a self-join of 20,000 would be quadratic. What stands in for
/// them looks so costly that every statement would be compiled first, which takes seconds and saves nothing.
pub async fn prepare_for_bulk(tx: &Tx) -> Result<(), DbError> {
    tx.allow_statements(Duration::from_secs(600)).await?;
    let settings = "SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off";
    tx.conn().execute_unprepared(settings).await?;
    Ok(())
}

pub async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "DELETE FROM import_movement_rows WHERE import_id = $1", [import_id.into()]);
    db.conn().execute_raw(statement).await?;
    Ok(())
}

pub async fn drop_backdated(db: &Db, import_id: Uuid, earliest: DateTime<Utc>) -> Result<Vec<i64>, DbError> {
    let sql = "DELETE FROM import_movement_rows WHERE import_id = $1 AND occurred_at < $2 RETURNING line";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [import_id.into(), earliest.into()]);
    let rows = db.conn().query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(row.try_get("", "line")?)).collect()
}

const COLUMNS: &str = "import_movement_rows (import_id, line, sku, sku_key, location_key, counter_location_key, delta, reason, unit, occurred_at, \
                       reference_type, reference_number, note)";

pub async fn copy_in(db: &Db, time_zone: &str, rows: CopyRows) -> Result<(), DbError> {
    let copying = async {
        let mut transaction = db.pool().begin().await?;
        sqlx::query("SELECT set_config('TimeZone', $1, true), set_config('statement_timeout', '2min', true)")
            .bind(time_zone)
            .execute(&mut *transaction)
            .await?;
        rows.send(&mut transaction, COLUMNS).await?;
        Ok(transaction.commit().await?)
    };
    db.bounded(Duration::from_secs(150), copying).await
}

pub async fn create_levels(tx: &Tx, batch: Batch) -> Result<(), DbError> {
    let sql = "INSERT INTO stock_levels (variant_id, location_id) SELECT DISTINCT variant_id, location_id FROM sides ORDER BY 1, 2 \
               ON CONFLICT ON CONSTRAINT stock_levels_place_key DO NOTHING";
    tx.conn().execute_raw(over_all(batch, sql, [])).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct BaseRow {
    base: DateTime<Utc>,
}

pub async fn lock_levels(tx: &Tx, batch: Batch) -> Result<DateTime<Utc>, DbError> {
    let sql = "\
        , locked AS MATERIALIZED ( \
            SELECT l.last_recorded_at FROM stock_levels l \
            WHERE l.lot_id IS NULL AND (l.variant_id, l.location_id) IN (SELECT variant_id, location_id FROM sides) \
            ORDER BY l.variant_id, l.location_id FOR NO KEY UPDATE OF l) \
        SELECT greatest(clock_timestamp(), max(last_recorded_at) + interval '1 microsecond') AS base FROM locked";
    let row = BaseRow::find_by_statement(over_all(batch, sql, [])).one(tx.conn()).await?;
    row.map(|row| row.base).ok_or(DbError::NotFound)
}

#[derive(FromQueryResult)]
struct EffectRow {
    movements: i64,
    levels: i64,
    new_levels: i64,
    quantity_in: Decimal,
    quantity_out: Decimal,
}

pub async fn effect(tx: &Tx, batch: Batch) -> Result<Effect, DbError> {
    let sql = "\
        , keys AS (SELECT DISTINCT variant_id, location_id FROM sides) \
        SELECT (SELECT count(*) FROM lines) AS movements, (SELECT count(*) FROM keys) AS levels, \
               (SELECT count(*) FROM keys k LEFT JOIN stock_levels l ON l.variant_id = k.variant_id AND l.location_id = k.location_id AND l.lot_id IS NULL \
                WHERE l.last_recorded_at IS NULL OR l.last_recorded_at = '-infinity') AS new_levels, \
               coalesce((SELECT sum(delta) FROM lines WHERE delta > 0), 0) AS quantity_in, \
               coalesce((SELECT -sum(delta) FROM lines WHERE delta < 0), 0) AS quantity_out";
    let row = EffectRow::find_by_statement(over_all(batch, sql, [])).one(tx.conn()).await?;
    Ok(row.map_or_else(Effect::default, |row| Effect {
        movements: row.movements,
        levels: row.levels,
        new_levels: row.new_levels,
        quantity_in: Quantity::new(row.quantity_in).unwrap_or_default(),
        quantity_out: Quantity::new(row.quantity_out).unwrap_or_default(),
    }))
}

#[derive(FromQueryResult)]
struct Extent {
    lines: i64,
    last: i64,
}

/// How many lines are staged, and the number of the last.
pub async fn extent(tx: &Tx, batch: Batch) -> Result<(i64, i64), DbError> {
    let sql = "SELECT count(*) AS lines, coalesce(max(line), 0) AS last FROM import_movement_rows WHERE import_id = $1";
    let row = Extent::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, [batch.import_id.into()])).one(tx.conn()).await?;
    Ok(row.map_or((0, 0), |row| (row.lines, row.last)))
}

/// The last line of the chunk of `size` lines that begins after `after`.
pub async fn chunk_end(tx: &Tx, batch: Batch, after: i64, size: i64) -> Result<i64, DbError> {
    let sql = "SELECT 0::bigint AS lines, coalesce(max(line), 0) AS last \
               FROM (SELECT line FROM import_movement_rows WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3) AS chunk";
    let values = [batch.import_id.into(), after.into(), size.into()];
    let row = Extent::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).one(tx.conn()).await?;
    row.map(|row| row.last).filter(|last| *last > after).ok_or(DbError::NotFound)
}

/// Posts the lines after `range.0` up to `range.1`; answers how many movements that were.
pub async fn post_chunk(tx: &Tx, batch: Batch, range: (i64, i64), from: DateTime<Utc>, backdating_reason: &str) -> Result<i64, DbError> {
    let actor = tx.origin().actor;
    let values: [Value; 6] = [
        from.into(),
        from.timestamp_millis().into(),
        actor.kind.as_str().into(),
        actor.id.into(),
        tx.origin().request_id.clone().into(),
        backdating_reason.into(),
    ];
    let done = tx.conn().execute_raw(over(batch, range, CHUNK, values)).await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}
