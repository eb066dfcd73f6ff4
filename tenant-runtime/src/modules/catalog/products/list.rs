//! What products can be filtered, searched and sorted by.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The list of products. `tag`, `price` and `sample` are answered by the store: `price` looks at active variants.
pub static PRODUCTS: ListSpec = ListSpec {
    fields: &[
        ListField::new("name", "products.name", FieldKind::Text),
        ListField::new("status", "products.status", FieldKind::Enum(&["draft", "active", "archived"])),
        ListField::new("kind", "products.kind", FieldKind::Enum(&["stocked", "non_stocked", "service"])),
        ListField::new("category_id", "products.category_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("brand", "products.brand", FieldKind::Text).nullable(),
        ListField::new("tag", "tag", FieldKind::Text).filter_only(),
        ListField::new("price", "price", FieldKind::Decimal).filter_only(),
        ListField::new("sample", "sample", FieldKind::Bool).filter_only(),
        ListField::new("created_at", "products.created_at", FieldKind::Timestamp),
        ListField::new("updated_at", "products.updated_at", FieldKind::Timestamp),
    ],
    default_sort: "name",
    key: ListField::new("id", "products.id", FieldKind::Uuid),
    search: true,
    include: &["variants"],
    extra: &[],
    modes: Modes::Both,
};

list_params!(pub ListProducts => PRODUCTS);
