//! What locations can be listed by.

use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};
use nexus_web::list_params;

const ID: ListField = ListField::new("id", "locations.id", FieldKind::Uuid);
const CODE: ListField = ListField::new("code", "locations.code", FieldKind::Text);
const NAME: ListField = ListField::new("name", "locations.name", FieldKind::Text);
const KIND: ListField =
    ListField::new("kind", "locations.kind", FieldKind::Enum(&["warehouse", "restaurant", "store", "third_party"])).filter_only().nullable();
const STATUS: ListField = ListField::new("status", "locations.status", FieldKind::Enum(&["active", "archived"])).filter_only();
const SAMPLE: ListField = ListField::new("sample", "sample", FieldKind::Bool).filter_only();
const CREATED_AT: ListField = ListField::new("created_at", "locations.created_at", FieldKind::Timestamp);
const UPDATED_AT: ListField = ListField::new("updated_at", "locations.updated_at", FieldKind::Timestamp);

/// All locations. The store answers `within` (a location and everything below it), `sample`, and `code`, which compares without regard to case.
pub static LOCATIONS: ListSpec = ListSpec {
    fields: &[
        CODE,
        NAME,
        ListField::new("type", "locations.type", FieldKind::Enum(&["site", "area", "aisle", "bin", "virtual"])).filter_only(),
        KIND,
        STATUS,
        ListField::new("parent_id", "locations.parent_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("within", "within", FieldKind::Uuid).filter_only(),
        ListField::new("is_stock", "locations.is_stock", FieldKind::Bool).filter_only(),
        SAMPLE,
        CREATED_AT,
        UPDATED_AT,
    ],
    default_sort: "code",
    key: ID,
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
list_params!(pub ListLocations => LOCATIONS);

/// The sites.
pub static WAREHOUSES: ListSpec = ListSpec {
    fields: &[CODE, NAME, KIND, STATUS, SAMPLE, CREATED_AT, UPDATED_AT],
    default_sort: "code",
    key: ID,
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
list_params!(pub ListWarehouses => WAREHOUSES);
