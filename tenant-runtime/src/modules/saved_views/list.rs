//! What saved views can be filtered and sorted by.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The list of saved views.
pub static SAVED_VIEWS: ListSpec = ListSpec {
    fields: &[
        ListField::new("resource", "saved_views.resource", FieldKind::Text).filter_only(),
        ListField::new("name", "saved_views.name", FieldKind::Text),
        ListField::new("shared", "saved_views.shared", FieldKind::Bool).filter_only(),
        ListField::new("created_at", "saved_views.created_at", FieldKind::Timestamp),
        ListField::new("updated_at", "saved_views.updated_at", FieldKind::Timestamp),
    ],
    default_sort: "name",
    key: ListField::new("id", "saved_views.id", FieldKind::Uuid),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};

list_params!(pub ListSavedViews => SAVED_VIEWS);
