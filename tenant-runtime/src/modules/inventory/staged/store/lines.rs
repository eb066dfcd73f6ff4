//! What is wrong with a line by itself: unknown names, units, spellings.

use nexus_infra::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};

use super::over_all;
use crate::modules::inventory::staged::{Batch, Checked, LineFault, Spellings};

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
