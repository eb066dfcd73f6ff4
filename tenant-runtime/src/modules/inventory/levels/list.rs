//! What levels can be listed by.

use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};
use nexus_web::list_params;

/// The levels. `sku` and `location` are answered by the store, which compares as the unique indexes do.
pub static LEVELS: ListSpec = ListSpec {
    fields: &[
        ListField::new("variant_id", "stock_levels.variant_id", FieldKind::Uuid).filter_only(),
        ListField::new("product_id", "catalog_variants.product_id", FieldKind::Uuid).filter_only(),
        ListField::new("location_id", "stock_levels.location_id", FieldKind::Uuid).filter_only(),
        ListField::new("lot_id", "stock_levels.lot_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("sku", "catalog_variants.sku", FieldKind::Text),
        ListField::new("product_name", "catalog_variants.product_name", FieldKind::Text),
        ListField::new("location", "locations.code", FieldKind::Text),
        ListField::new("on_hand", "stock_levels.on_hand", FieldKind::Decimal),
        ListField::new("available", "stock_levels.available", FieldKind::Decimal),
        // Answered by the store: whether no more is available than the safety stock kept back.
        ListField::new("low_stock", "low_stock", FieldKind::Bool).filter_only(),
        ListField::new("updated_at", "stock_levels.updated_at", FieldKind::Timestamp),
    ],
    default_sort: "sku",
    key: ListField::new("id", "stock_levels.id", FieldKind::Uuid),
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
list_params!(pub ListLevels => LEVELS);
