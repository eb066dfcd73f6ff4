//! Reading the ledger.

use std::collections::HashSet;

use nexus_core::list::{Filter, Op, Scalar};
use nexus_core::{ListRequest, Listing, Quantity};
use nexus_infra::{DbError, PageConn, Tx, list};
use rust_decimal::Decimal;
use sea_orm::prelude::ChronoDateTimeUtc;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationTrait, Select,
};
use uuid::Uuid;

use super::wire::{MovementOut, ReferenceOut};
use crate::modules::inventory::entity::{catalog_variants, locations, movements};
use crate::modules::inventory::reversals::Reversals;
use crate::modules::inventory::store::has_sku;

/// A movement with the names of what it refers to, as it is selected.
#[derive(Debug, Clone, FromQueryResult)]
struct MovementRow {
    seq: i64,
    id: Uuid,
    batch_id: Uuid,
    variant_id: Uuid,
    product_id: Uuid,
    sku: String,
    product_name: String,
    lot_id: Option<Uuid>,
    quantity: Decimal,
    unit: String,
    from_location_id: Uuid,
    from_location: String,
    to_location_id: Uuid,
    to_location: String,
    reason: String,
    note: Option<String>,
    reference_type: Option<String>,
    reference_id: Option<Uuid>,
    reference_number: Option<String>,
    reference_line: Option<i32>,
    backdating_reason: Option<String>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    from_quantity_after: Option<Decimal>,
    to_quantity_after: Option<Decimal>,
    occurred_at: ChronoDateTimeUtc,
    recorded_at: ChronoDateTimeUtc,
    import_id: Option<Uuid>,
    import_line: Option<i64>,
    reverses_id: Option<Uuid>,
    reversed_by_id: Option<Uuid>,
}

impl From<MovementRow> for MovementOut {
    fn from(row: MovementRow) -> Self {
        let quantity = |value: Decimal| Quantity::new(value).unwrap_or_default().into();
        Self {
            seq: row.seq,
            id: row.id,
            batch_id: row.batch_id,
            variant_id: row.variant_id,
            product_id: row.product_id,
            sku: row.sku,
            product_name: row.product_name,
            lot_id: row.lot_id,
            quantity: quantity(row.quantity),
            unit: row.unit,
            from_location_id: row.from_location_id,
            from_location: row.from_location,
            to_location_id: row.to_location_id,
            to_location: row.to_location,
            from_quantity_after: row.from_quantity_after.map(quantity),
            to_quantity_after: row.to_quantity_after.map(quantity),
            reason: row.reason,
            note: row.note,
            reference: row.reference_type.map(|r#type| ReferenceOut {
                r#type,
                id: row.reference_id,
                number: row.reference_number,
                line: row.reference_line,
            }),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            backdating_reason: row.backdating_reason,
            import_id: row.import_id,
            import_line: row.import_line,
            reverses_id: row.reverses_id,
            reversed_by_id: row.reversed_by_id,
        }
    }
}

/// Codes by sub-select: two joins of one table would only cost the planner.
fn code_of(column: &str) -> Expr {
    Expr::cust(format!("(SELECT l.code FROM locations l WHERE l.id = stock_movements.{column})"))
}

/// The other half of a pair: by sub-select of two small indexes, for the rows that are shown.
fn other_half(reversals: Reversals, shown: &str, known: &str) -> Expr {
    match reversals {
        Reversals::Absent => Expr::cust("NULL::uuid"),
        Reversals::Read => Expr::cust(format!("(SELECT r.{shown} FROM stock_reversals r WHERE r.{known} = stock_movements.id)")),
    }
}

fn select(reversals: Reversals) -> Select<movements::Entity> {
    movements::Entity::find()
        .join(JoinType::InnerJoin, movements::Relation::Variant.def())
        .column_as(catalog_variants::Column::ProductId, "product_id")
        .column_as(catalog_variants::Column::Sku, "sku")
        .column_as(catalog_variants::Column::ProductName, "product_name")
        .expr_as(code_of("from_location_id"), "from_location")
        .expr_as(code_of("to_location_id"), "to_location")
        .expr_as(other_half(reversals, "reverses_id", "reversal_id"), "reverses_id")
        .expr_as(other_half(reversals, "reversal_id", "reverses_id"), "reversed_by_id")
}

/// One movement.
pub async fn find<C: ConnectionTrait>(conn: &C, reversals: Reversals, id: Uuid) -> Result<Option<MovementOut>, DbError> {
    Ok(select(reversals).filter(movements::Column::Id.eq(id)).into_model::<MovementRow>().one(conn).await?.map(Into::into))
}

/// One part of the ledger, of one product or of all.
pub async fn list<C: PageConn>(
    conn: &C,
    reversals: Reversals,
    mut request: ListRequest,
    product_id: Option<Uuid>,
) -> Result<Listing<MovementOut>, DbError> {
    let mut select = select(reversals);
    if let Some(product_id) = product_id {
        select = select.filter(catalog_variants::Column::ProductId.eq(product_id));
    }
    for filter in request.take_filters("sku") {
        select = select.filter(list::any_text(&filter, has_sku));
    }
    for filter in request.take_filters("location_id") {
        select = select.filter(touches(&filter));
    }
    Ok(list::run_into::<MovementRow>(conn, select, &request).await?.map(Into::into))
}

/// When stock moved for the first time, postings of these `batches` aside.
pub async fn first_at(tx: &Tx, batches: &[Uuid]) -> Result<Option<ChronoDateTimeUtc>, DbError> {
    let select = movements::Entity::find().select_only().column(movements::Column::RecordedAt);
    let first = select.filter(movements::Column::BatchId.is_not_in(batches.iter().copied())).order_by_asc(movements::Column::Seq);
    Ok(first.into_tuple().one(tx.conn()).await?)
}

/// Which of the products moved, postings of these `batches` aside.
pub async fn moved_otherwise(tx: &Tx, products: &[Uuid], batches: &[Uuid]) -> Result<HashSet<Uuid>, DbError> {
    let select = movements::Entity::find().select_only().join(JoinType::InnerJoin, movements::Relation::Variant.def());
    let moved = select
        .column_as(catalog_variants::Column::ProductId, "product_id")
        .filter(catalog_variants::Column::ProductId.is_in(products.iter().copied()))
        .filter(movements::Column::BatchId.is_not_in(batches.iter().copied()))
        .distinct();
    Ok(moved.into_tuple::<Uuid>().all(tx.conn()).await?.into_iter().collect())
}

/// Which of the products moved from or to a place that has no stock any more: put away, or divided since.
pub async fn moved_where_no_stock_is(tx: &Tx, products: &[Uuid]) -> Result<HashSet<Uuid>, DbError> {
    let out_of_use = Condition::any().add(locations::Column::Status.eq("archived")).add(locations::Column::IsStock.eq(false));
    let places = locations::Entity::find().select_only().column(locations::Column::Id);
    let places = places.filter(locations::Column::Type.ne("virtual")).filter(out_of_use).into_query();
    let touched =
        Condition::any().add(movements::Column::FromLocationId.in_subquery(places.clone())).add(movements::Column::ToLocationId.in_subquery(places));
    let select = movements::Entity::find().select_only().join(JoinType::InnerJoin, movements::Relation::Variant.def());
    let moved = select
        .column_as(catalog_variants::Column::ProductId, "product_id")
        .filter(catalog_variants::Column::ProductId.is_in(products.iter().copied()))
        .filter(touched)
        .distinct();
    Ok(moved.into_tuple::<Uuid>().all(tx.conn()).await?.into_iter().collect())
}

/// Whether anything left or entered the location, postings of these `batches` aside.
pub async fn touched_otherwise(tx: &Tx, location: Uuid, batches: &[Uuid]) -> Result<bool, DbError> {
    let sides = Condition::any().add(movements::Column::FromLocationId.eq(location)).add(movements::Column::ToLocationId.eq(location));
    let found = movements::Entity::find().filter(sides).filter(movements::Column::BatchId.is_not_in(batches.iter().copied())).limit(1);
    Ok(found.count(tx.conn()).await? > 0)
}

/// Movements that leave or enter the locations (or, negated, do neither).
fn touches(filter: &Filter) -> Condition {
    let ids: Vec<Uuid> = filter
        .values
        .iter()
        .filter_map(|value| match value {
            Scalar::Uuid(id) => Some(*id),
            _ => None,
        })
        .collect();
    let any = Condition::any().add(movements::Column::FromLocationId.is_in(ids.clone())).add(movements::Column::ToLocationId.is_in(ids));
    if filter.op == Op::NotIn { any.not() } else { any }
}
