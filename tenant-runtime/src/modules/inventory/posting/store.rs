//! The statements of a posting.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use nexus_core::Quantity;
use nexus_infra::{DbError, Tx};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{Item, LastMovement, PlaceRef};

/// A variant as a posting sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub id: Uuid,
    pub product_id: Uuid,
    pub sku: String,
    pub product_name: String,
    pub unit: String,
    pub kind: String,
    pub archived: bool,
}

/// A location as a posting sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub id: Uuid,
    pub code: String,
    pub is_virtual: bool,
    pub is_stock: bool,
    pub archived: bool,
}

#[derive(FromQueryResult)]
struct ArticleRow {
    ord: i32,
    id: Uuid,
    product_id: Uuid,
    sku: String,
    product_name: String,
    unit: String,
    kind: String,
    archived: bool,
}

#[derive(FromQueryResult)]
struct SiteRow {
    ord: i32,
    id: Uuid,
    code: String,
    is_virtual: bool,
    is_stock: bool,
    archived: bool,
}

const ARTICLES: &str = "\
    SELECT a.ord, v.id, v.product_id, v.sku, v.product_name, v.unit, v.kind, \
           (v.variant_status = 'archived' OR v.product_status = 'archived') AS archived \
    FROM jsonb_to_recordset($1) AS a(ord integer, id uuid, sku text) \
    JOIN catalog_variants v ON v.id = coalesce(a.id, (SELECT s.id FROM catalog_variants s WHERE s.sku_normalised = lower(normalize(a.sku, NFKC))))";

/// The articles found, each with its index in `items`.
pub async fn articles(tx: &Tx, items: &[&Item]) -> Result<Vec<(usize, Article)>, DbError> {
    let asked: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(ord, item)| match item {
            Item::Variant(id) => json!({ "ord": ord, "id": id }),
            Item::Sku(sku) => json!({ "ord": ord, "sku": sku.trim() }),
        })
        .collect();
    let rows = ArticleRow::find_by_statement(statement(ARTICLES, [json!(asked).into()])).all(tx.conn()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let ArticleRow { ord, id, product_id, sku, product_name, unit, kind, archived } = row;
            (index(ord), Article { id, product_id, sku, product_name, unit, kind, archived })
        })
        .collect())
}

// The lock is the one that the ledger's foreign keys take anyway; taken here, it is held before the status is read.
const SITES: &str = "\
    SELECT a.ord, l.id, l.code, l.type = 'virtual' AS is_virtual, l.is_stock, l.status = 'archived' AS archived \
    FROM jsonb_to_recordset($1) AS a(ord integer, id uuid, code text) \
    JOIN locations l ON l.id = coalesce(a.id, (SELECT s.id FROM locations s WHERE lower(s.code) = lower(a.code))) \
    ORDER BY l.id FOR KEY SHARE OF l";

/// The locations found, each with its index in `places`.
pub async fn sites(tx: &Tx, places: &[&PlaceRef]) -> Result<Vec<(usize, Site)>, DbError> {
    let asked: Vec<_> = places
        .iter()
        .enumerate()
        .map(|(ord, place)| match place {
            PlaceRef::Id(id) => json!({ "ord": ord, "id": id }),
            PlaceRef::Code(code) => json!({ "ord": ord, "code": code.trim() }),
            PlaceRef::Virtual(place) => json!({ "ord": ord, "id": place.id() }),
        })
        .collect();
    let rows = SiteRow::find_by_statement(statement(SITES, [json!(asked).into()])).all(tx.conn()).await?;
    Ok(rows
        .into_iter()
        .map(|SiteRow { ord, id, code, is_virtual, is_stock, archived }| (index(ord), Site { id, code, is_virtual, is_stock, archived }))
        .collect())
}

/// A line as the posting statement reads it. Field names are the columns of its record set.
#[derive(Debug, Clone, Serialize)]
pub struct LineRow<'l> {
    pub line: usize,
    pub id: Uuid,
    pub variant_id: Uuid,
    pub quantity: Decimal,
    pub unit: &'l str,
    pub from_id: Uuid,
    pub from_stock: bool,
    pub to_id: Uuid,
    pub to_stock: bool,
    pub reason: &'l str,
    pub note: Option<&'l str>,
    pub occurred_at: Option<DateTime<Utc>>,
    pub reference_line: Option<i32>,
    pub expected_quantity: Option<Decimal>,
    pub expected_version: Option<i64>,
}

/// What holds for all lines of one posting.
#[derive(Debug, Clone)]
pub struct Head<'h> {
    pub reference_type: Option<&'h str>,
    pub reference_id: Option<Uuid>,
    pub reference_number: Option<&'h str>,
    pub occurred_at: Option<DateTime<Utc>>,
    pub backdating_reason: Option<&'h str>,
}

/// What the posting statement says about one line.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LineOutcome {
    /// Every level row exists; otherwise nothing was checked or done.
    pub complete: bool,
    /// The ledger and the levels were written.
    pub posted: bool,
    pub seq: Option<i64>,
    pub occurred_at: Option<DateTime<Utc>>,
    pub recorded_at: Option<DateTime<Utc>>,
    pub from_after: Option<Decimal>,
    pub to_after: Option<Decimal>,
    pub from_available_before: Option<Decimal>,
    pub from_short: bool,
    pub over: bool,
    pub changed: bool,
    pub on_hand_before: Option<Decimal>,
    pub available_before: Option<Decimal>,
    pub version_before: Option<i64>,
}

const POST: &str = include_str!("post.sql");

/// Checks and posts the lines: one statement. When a level row is missing it does nothing and says so.
pub async fn post(tx: &Tx, batch: Uuid, lines: &[LineRow<'_>], head: &Head<'_>) -> Result<Vec<LineOutcome>, DbError> {
    let actor = tx.origin().actor;
    let values: [Value; 10] = [
        record_set(lines)?,
        head.reference_type.map(str::to_owned).into(),
        head.reference_id.into(),
        head.reference_number.map(str::to_owned).into(),
        head.occurred_at.into(),
        head.backdating_reason.map(str::to_owned).into(),
        actor.kind.as_str().into(),
        actor.id.into(),
        tx.origin().request_id.clone().into(),
        batch.into(),
    ];
    Ok(LineOutcome::find_by_statement(statement(POST, values)).all(tx.conn()).await?)
}

// In key order: two postings that create the same rows wait for each other, never in a circle.
const CREATE_LEVELS: &str = "\
    INSERT INTO stock_levels (variant_id, location_id) \
    SELECT DISTINCT k.variant_id, k.location_id \
    FROM jsonb_to_recordset($1) AS l(variant_id uuid, from_id uuid, from_stock boolean, to_id uuid, to_stock boolean) \
    CROSS JOIN LATERAL (VALUES (l.variant_id, l.from_id, l.from_stock), (l.variant_id, l.to_id, l.to_stock)) AS k(variant_id, location_id, stock) \
    WHERE k.stock \
    ORDER BY 1, 2 \
    ON CONFLICT ON CONSTRAINT stock_levels_place_key DO NOTHING";

/// Creates the level rows that the lines need and that are missing, with nothing on hand.
pub async fn create_levels(tx: &Tx, lines: &[LineRow<'_>]) -> Result<(), DbError> {
    tx.conn().execute_raw(statement(CREATE_LEVELS, [record_set(lines)?])).await?;
    Ok(())
}

// Level by level the newest is found at once: its article has moved there last, or lately.
const LAST_MOVEMENTS: &str = "\
    SELECT a.ord, m.id, CASE WHEN m.to_location_id = a.location_id THEN m.quantity ELSE -m.quantity END AS delta, m.reason, m.actor_kind, m.actor_id, \
           m.recorded_at \
    FROM jsonb_to_recordset($1) AS a(ord integer, variant_id uuid, location_id uuid) \
    CROSS JOIN LATERAL ( \
        SELECT * FROM stock_movements s \
        WHERE s.variant_id = a.variant_id AND (s.from_location_id = a.location_id OR s.to_location_id = a.location_id) \
        ORDER BY s.seq DESC LIMIT 1 \
    ) AS m";

#[derive(FromQueryResult)]
struct LastRow {
    ord: i32,
    id: Uuid,
    delta: Decimal,
    reason: String,
    actor_kind: String,
    actor_id: Option<Uuid>,
    recorded_at: DateTime<Utc>,
}

/// The newest movement of levels (variant and location), by the place of the level in `levels`. Levels without one are missing.
pub async fn last_movements(tx: &Tx, levels: &[(Uuid, Uuid)]) -> Result<HashMap<usize, LastMovement>, DbError> {
    let asked: Vec<_> =
        levels.iter().enumerate().map(|(ord, (variant, location))| json!({ "ord": ord, "variant_id": variant, "location_id": location })).collect();
    let rows = LastRow::find_by_statement(statement(LAST_MOVEMENTS, [json!(asked).into()])).all(tx.conn()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let LastRow { ord, id, delta, reason, actor_kind, actor_id, recorded_at } = row;
            let delta = Quantity::new(delta).unwrap_or_default();
            (index(ord), LastMovement { id, delta, reason, actor_kind, actor_id, recorded_at })
        })
        .collect())
}

/// Says which movements undo which: pairs of a reversal and what it reverses.
pub async fn link_reversals(tx: &Tx, pairs: &[(Uuid, Uuid)]) -> Result<(), DbError> {
    let (reversals, reversed): (Vec<Uuid>, Vec<Uuid>) = pairs.iter().copied().unzip();
    let sql = "INSERT INTO stock_reversals (reversal_id, reverses_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])";
    tx.conn().execute_raw(statement(sql, [reversals.into(), reversed.into()])).await?;
    Ok(())
}

fn record_set(lines: &[LineRow<'_>]) -> Result<Value, DbError> {
    Ok(serde_json::to_value(lines).map_err(DbError::other)?.into())
}

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

fn index(ord: i32) -> usize {
    usize::try_from(ord).unwrap_or_default()
}
