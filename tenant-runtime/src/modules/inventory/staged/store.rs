//! The statements on staged lines.

use chrono::{DateTime, Utc};
use nexus_core::Quantity;
use nexus_infra::{Db, DbError, Tx};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::{Batch, Checked, Effect, LineFault, Spellings};

const LINES: &str = include_str!("lines.sql");
const CHUNK: &str = include_str!("chunk.sql");

fn over(batch: Batch, range: (i64, i64), rest: &str, more: impl IntoIterator<Item = Value>) -> Statement {
    let values = [batch.import_id.into(), range.0.into(), range.1.into(), batch.split_case.into()];
    Statement::from_sql_and_values(DbBackend::Postgres, format!("{LINES}{rest}"), values.into_iter().chain(more))
}

fn over_all(batch: Batch, rest: &str, more: impl IntoIterator<Item = Value>) -> Statement {
    over(batch, (0, i64::MAX), rest, more)
}

/// A file of half a million lines takes longer than a request may: this transaction's statements get ten minutes. Nested loops are
/// ruled out because staged rows have no statistics: planned for one row, a self-join of 20,000 would be quadratic.
pub async fn prepare_for_bulk(tx: &Tx) -> Result<(), DbError> {
    let settings = "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off";
    tx.conn().execute_unprepared(settings).await?;
    Ok(())
}

pub async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "DELETE FROM import_movement_rows WHERE import_id = $1", [import_id.into()]);
    db.conn().execute_raw(statement).await?;
    Ok(())
}

pub async fn copy_in(db: &Db, time_zone: &str, text: String) -> Result<(), DbError> {
    let mut transaction = db.pool().begin().await?;
    sqlx::query("SELECT set_config('TimeZone', $1, true), set_config('statement_timeout', '2min', true)").bind(time_zone).execute(&mut *transaction).await?;
    let mut copy = transaction
        .copy_in_raw(
            "COPY import_movement_rows (import_id, line, sku, sku_key, location_key, counter_location_key, delta, reason, unit, occurred_at, \
             reference_type, reference_number, note) FROM STDIN",
        )
        .await?;
    copy.send(text.into_bytes()).await?;
    copy.finish().await?;
    Ok(transaction.commit().await?)
}

#[derive(FromQueryResult)]
struct Counts {
    lines: i64,
    not_stocked: i64,
    faulty: i64,
}

const FAULTY: &str = "(sku_fault IS NOT NULL OR unit_fault IS NOT NULL OR location_fault IS NOT NULL OR counter_fault IS NOT NULL)";

pub async fn count_faults(tx: &Tx, batch: Batch) -> Result<Checked, DbError> {
    let sql = format!(
        "SELECT count(*) AS lines, count(*) FILTER (WHERE kind <> 'stocked' AND NOT {FAULTY}) AS not_stocked, \
         count(*) FILTER (WHERE {FAULTY}) AS faulty FROM named"
    );
    let counts = Counts::find_by_statement(over_all(batch, &sql, [])).one(tx.conn()).await?;
    Ok(counts.map_or_else(Checked::default, |counts| Checked {
        lines: counts.lines,
        not_stocked: counts.not_stocked,
        faulty: counts.faulty,
        faults: Vec::new(),
    }))
}

#[derive(FromQueryResult)]
struct FaultRow {
    line: i64,
    sku: String,
    unit: Option<String>,
    article_unit: Option<String>,
    location_key: String,
    counter_location_key: String,
    sku_fault: Option<String>,
    unit_fault: Option<String>,
    location_fault: Option<String>,
    counter_fault: Option<String>,
}

pub async fn faults(tx: &Tx, batch: Batch, most: usize) -> Result<Vec<LineFault>, DbError> {
    let sql = format!(
        "SELECT line, sku, unit, article_unit, location_key, counter_location_key, sku_fault, unit_fault, location_fault, counter_fault \
         FROM named WHERE {FAULTY} ORDER BY line LIMIT $5"
    );
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = FaultRow::find_by_statement(over_all(batch, &sql, [limit.into()])).all(tx.conn()).await?;
    Ok(rows.iter().flat_map(FaultRow::faults).take(most).collect())
}

impl FaultRow {
    fn faults(&self) -> Vec<LineFault> {
        let fault = |field, code, message| LineFault { line: self.line, field, code, message };
        let mut faults = Vec::new();
        match self.sku_fault.as_deref() {
            Some("archived") => faults.push(fault("sku", "archived", format!("{} is archived", self.sku))),
            Some(_) => faults.push(fault("sku", "unknown", format!("no variant has the SKU {}", self.sku))),
            None => {}
        }
        if self.unit_fault.is_some() {
            let (own, theirs) = (self.unit.as_deref().unwrap_or_default(), self.article_unit.as_deref().unwrap_or_default());
            faults.push(fault("unit", "unit_mismatch", format!("{} is counted in `{theirs}`, not in `{own}`", self.sku)));
        }
        faults.extend(self.location_fault.as_deref().map(|code| place_fault(self.line, "location", code, &self.location_key)));
        faults.extend(self.counter_fault.as_deref().map(|code| place_fault(self.line, "to_location", code, &self.counter_location_key)));
        faults
    }
}

fn place_fault(line: i64, field: &'static str, code: &str, key: &str) -> LineFault {
    let (code, message) = match code {
        "virtual" => ("virtual", format!("{key} is a virtual location and holds no stock")),
        "archived" => ("archived", format!("{key} is archived")),
        "no_stock" => ("no_stock", format!("{key} holds no stock itself; name a place within it")),
        "same_place" => ("same_place", format!("the goods would leave {key} and arrive there")),
        _ => ("unknown", format!("no location has the code {key}")),
    };
    LineFault { line, field, code, message }
}

pub async fn drop_faulty(tx: &Tx, batch: Batch) -> Result<i64, DbError> {
    let sql = format!("DELETE FROM import_movement_rows d USING named n WHERE d.import_id = $1 AND d.line = n.line AND {FAULTY}");
    let done = tx.conn().execute_raw(over_all(batch, &sql, [])).await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

const OTHERWISE: &str = "\
    WITH rows AS (SELECT line, sku, sku_key FROM import_movement_rows WHERE import_id = $1), \
    first AS (SELECT DISTINCT ON (sku_key) sku_key, sku FROM rows ORDER BY sku_key, line), \
    otherwise AS (SELECT r.line, r.sku, r.sku_key, f.sku AS first FROM rows r JOIN first f ON f.sku_key = r.sku_key WHERE r.sku <> f.sku)";

#[derive(FromQueryResult)]
struct SpellingRow {
    skus: i64,
    lines: i64,
    line: Option<i64>,
    sku: Option<String>,
    first: Option<String>,
}

pub async fn spellings(tx: &Tx, batch: Batch, most: usize) -> Result<Spellings, DbError> {
    let sql = format!(
        "{OTHERWISE} SELECT (SELECT count(DISTINCT sku_key) FROM otherwise) AS skus, (SELECT count(*) FROM otherwise) AS lines, o.line, o.sku, o.first \
         FROM (SELECT 1) AS always LEFT JOIN (SELECT * FROM otherwise ORDER BY line LIMIT $2) AS o ON true"
    );
    let values = [batch.import_id.into(), i64::try_from(most).unwrap_or(i64::MAX).into()];
    let rows = SpellingRow::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).all(tx.conn()).await?;
    let faults = rows.iter().filter_map(|row| {
        let (line, sku, first) = (row.line?, row.sku.as_deref()?, row.first.as_deref()?);
        Some(LineFault { line, field: "sku", code: "other_case", message: format!("{sku} differs from {first} only by case") })
    });
    let (skus, lines) = rows.first().map_or((0, 0), |row| (row.skus, row.lines));
    Ok(Spellings { skus, lines, faults: faults.collect() })
}

pub async fn drop_other_spellings(tx: &Tx, batch: Batch) -> Result<i64, DbError> {
    let sql = format!("{OTHERWISE} DELETE FROM import_movement_rows d USING otherwise o WHERE d.import_id = $1 AND d.line = o.line");
    let done = tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [batch.import_id.into()])).await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

pub async fn drop_lines(tx: &Tx, batch: Batch, lines: Vec<i64>) -> Result<(), DbError> {
    let sql = "DELETE FROM import_movement_rows WHERE import_id = $1 AND line = ANY ($2)";
    tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [batch.import_id.into(), lines.into()])).await?;
    Ok(())
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
