//! What the ledger can be listed by.

use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};
use nexus_web::list_params;

const SEQ: ListField = ListField::new("seq", "stock_movements.seq", FieldKind::Integer);

const REASON: ListField = ListField::new("reason", "stock_movements.reason", FieldKind::Text).filter_only();
const OCCURRED_AT: ListField = ListField::new("occurred_at", "stock_movements.occurred_at", FieldKind::Timestamp);
const RECORDED_AT: ListField = ListField::new("recorded_at", "stock_movements.recorded_at", FieldKind::Timestamp).filter_only();
const VARIANT: ListField = ListField::new("variant_id", "stock_movements.variant_id", FieldKind::Uuid).filter_only();
const LOCATION: ListField = ListField::new("location_id", "stock_movements.location_id", FieldKind::Uuid).filter_only();
const REFERENCE_TYPE: ListField = ListField::new("reference_type", "stock_movements.reference_type", FieldKind::Text).filter_only().nullable();
const REFERENCE_ID: ListField = ListField::new("reference_id", "stock_movements.reference_id", FieldKind::Uuid).filter_only().nullable();
const REFERENCE_NUMBER: ListField = ListField::new("reference_number", "stock_movements.reference_number", FieldKind::Text).filter_only().nullable();
const IMPORT: ListField = ListField::new("import_id", "stock_movements.import_id", FieldKind::Uuid).filter_only().nullable();

/// The ledger. The store answers `location_id` (movements that leave or enter the location), and `sku`, which compares without regard to case.
pub static MOVEMENTS: ListSpec = ListSpec {
    fields: &[
        VARIANT,
        ListField::new("product_id", "catalog_variants.product_id", FieldKind::Uuid).filter_only(),
        ListField::new("sku", "catalog_variants.sku", FieldKind::Text).filter_only(),
        LOCATION,
        ListField::new("from_location_id", "stock_movements.from_location_id", FieldKind::Uuid).filter_only(),
        ListField::new("to_location_id", "stock_movements.to_location_id", FieldKind::Uuid).filter_only(),
        REASON,
        REFERENCE_TYPE,
        REFERENCE_ID,
        REFERENCE_NUMBER,
        IMPORT,
        ListField::new("batch_id", "stock_movements.batch_id", FieldKind::Uuid).filter_only(),
        ListField::new("actor_id", "stock_movements.actor_id", FieldKind::Uuid).filter_only().nullable(),
        OCCURRED_AT,
        RECORDED_AT,
    ],
    default_sort: "-seq",
    key: SEQ,
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Cursor,
};
list_params!(pub ListMovements => MOVEMENTS);

/// The ledger of one product.
pub static HISTORY: ListSpec = ListSpec {
    fields: &[VARIANT, LOCATION, REASON, REFERENCE_TYPE, REFERENCE_ID, REFERENCE_NUMBER, IMPORT, OCCURRED_AT, RECORDED_AT],
    default_sort: "-seq",
    key: SEQ,
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Cursor,
};
list_params!(pub ListHistory => HISTORY);
