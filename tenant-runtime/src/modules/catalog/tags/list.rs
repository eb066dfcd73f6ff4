//! What tags can be filtered, searched and sorted by.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The list of tags.
pub static TAGS: ListSpec = ListSpec {
    fields: &[ListField::new("name", "tags.name", FieldKind::Text), ListField::new("created_at", "tags.created_at", FieldKind::Timestamp)],
    default_sort: "name",
    key: ListField::new("id", "tags.id", FieldKind::Uuid),
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};

list_params!(pub ListTags => TAGS);
