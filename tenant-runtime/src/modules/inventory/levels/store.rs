//! Reading levels.

use std::collections::HashMap;

use nexus_core::{ListRequest, Listing, Quantity};
use nexus_infra::{DbError, PageConn, Tx, list};
use rust_decimal::Decimal;
use sea_orm::prelude::ChronoDateTimeUtc;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, RelationTrait, Select};
use uuid::Uuid;

use super::wire::LevelOut;
use crate::modules::catalog::VARIANT_HAS_WORDS;
use crate::modules::inventory::entity::{catalog_variants, levels, locations};
use crate::modules::inventory::store::{has_code, has_sku};

/// A level with the names of what it refers to, as it is selected.
#[derive(Debug, Clone, FromQueryResult)]
struct LevelRow {
    id: Uuid,
    variant_id: Uuid,
    product_id: Uuid,
    sku: String,
    product_name: String,
    variant_name: String,
    location_id: Uuid,
    location: String,
    location_name: String,
    lot_id: Option<Uuid>,
    product_unit: String,
    on_hand: Decimal,
    available: Decimal,
    committed: Decimal,
    reserved: Decimal,
    damaged: Decimal,
    safety_stock: Decimal,
    quality_control: Decimal,
    incoming: Decimal,
    version: i64,
    updated_at: ChronoDateTimeUtc,
}

impl From<LevelRow> for LevelOut {
    fn from(row: LevelRow) -> Self {
        let quantity = |value: Decimal| Quantity::new(value).unwrap_or_default().into();
        Self {
            id: row.id,
            variant_id: row.variant_id,
            product_id: row.product_id,
            sku: row.sku,
            product_name: row.product_name,
            variant_name: row.variant_name,
            location_id: row.location_id,
            location: row.location,
            location_name: row.location_name,
            lot_id: row.lot_id,
            unit: row.product_unit,
            on_hand: quantity(row.on_hand),
            available: quantity(row.available),
            committed: quantity(row.committed),
            reserved: quantity(row.reserved),
            damaged: quantity(row.damaged),
            safety_stock: quantity(row.safety_stock),
            quality_control: quantity(row.quality_control),
            incoming: quantity(row.incoming),
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

fn select() -> Select<levels::Entity> {
    levels::Entity::find()
        .join(JoinType::InnerJoin, levels::Relation::Variant.def())
        .join(JoinType::InnerJoin, levels::Relation::Location.def())
        .column_as(catalog_variants::Column::ProductId, "product_id")
        .column_as(catalog_variants::Column::Sku, "sku")
        .column_as(catalog_variants::Column::ProductName, "product_name")
        .column_as(catalog_variants::Column::VariantName, "variant_name")
        .column_as(catalog_variants::Column::Unit, "product_unit")
        .column_as(locations::Column::Code, "location")
        .column_as(locations::Column::Name, "location_name")
}

/// One part of the levels.
pub async fn list<C: PageConn>(conn: &C, mut request: ListRequest) -> Result<Listing<LevelOut>, DbError> {
    let mut select = select();
    if let Some(q) = request.q.take() {
        select = select.filter(Expr::cust_with_values(VARIANT_HAS_WORDS, [q]));
    }
    for filter in request.take_filters("sku") {
        select = select.filter(list::any_text(&filter, has_sku));
    }
    for filter in request.take_filters("location") {
        select = select.filter(list::any_text(&filter, has_code));
    }
    for filter in request.take_filters("low_stock") {
        select = select.filter(list::flag(&filter, Expr::cust("stock_levels.available <= stock_levels.safety_stock")));
    }
    Ok(list::run_into::<LevelRow>(conn, select, &request).await?.map(Into::into))
}

/// Variant and location of levels, by the levels' ids. Unknown ones are missing.
pub async fn places(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, (Uuid, Uuid)>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = levels::Entity::find()
        .select_only()
        .column(levels::Column::Id)
        .column(levels::Column::VariantId)
        .column(levels::Column::LocationId)
        .filter(levels::Column::Id.is_in(ids.iter().copied()))
        .into_tuple::<(Uuid, Uuid, Uuid)>()
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|(id, variant, location)| (id, (variant, location))).collect())
}
