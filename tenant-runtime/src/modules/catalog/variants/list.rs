//! What variants can be filtered and sorted by.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The list of variants. `sku` and `barcode` are answered by the store, which compares as the unique indexes do.
pub static VARIANTS: ListSpec = ListSpec {
    fields: &[
        ListField::new("sku", "variants.sku", FieldKind::Text),
        ListField::new("barcode", "barcode", FieldKind::Text).filter_only(),
        ListField::new("product_id", "variants.product_id", FieldKind::Uuid).filter_only(),
        ListField::new("status", "variants.status", FieldKind::Enum(&["active", "archived"])),
        ListField::new("price", "variants.price_amount", FieldKind::Decimal).nullable(),
        ListField::new("created_at", "variants.created_at", FieldKind::Timestamp),
        ListField::new("updated_at", "variants.updated_at", FieldKind::Timestamp),
    ],
    default_sort: "sku",
    key: ListField::new("id", "variants.id", FieldKind::Uuid),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};

list_params!(pub ListVariants => VARIANTS);
