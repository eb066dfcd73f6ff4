//! What categories can be filtered, searched and sorted by.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The list of categories.
pub static CATEGORIES: ListSpec = ListSpec {
    fields: &[
        ListField::new("name", "categories.name", FieldKind::Text),
        ListField::new("slug", "categories.slug", FieldKind::Text).filter_only(),
        ListField::new("parent_id", "categories.parent_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("position", "categories.position", FieldKind::Integer).sort_only(),
        ListField::new("created_at", "categories.created_at", FieldKind::Timestamp),
        ListField::new("updated_at", "categories.updated_at", FieldKind::Timestamp),
    ],
    default_sort: "name",
    key: ListField::new("id", "categories.id", FieldKind::Uuid),
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};

list_params!(pub ListCategories => CATEGORIES);
