//! What operations can be listed by. Newest first.

use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};
use nexus_provisioning::{IS_FAILING, IS_STUCK};
use nexus_web::list_params;

/// The operations of all tenants.
pub(super) static OPERATIONS: ListSpec = ListSpec {
    fields: &[
        ListField::new("kind", "operations.kind", FieldKind::Enum(&["provision", "delete"])).filter_only(),
        ListField::new("state", "operations.state", FieldKind::Enum(&["pending", "running", "succeeded", "failed", "undone"])).filter_only(),
        ListField::new("tenant_id", "operations.tenant_id", FieldKind::Uuid).filter_only(),
        ListField::new("is_stuck", IS_STUCK, FieldKind::Bool).filter_only(),
        ListField::new("is_failing", IS_FAILING, FieldKind::Bool).filter_only(),
        ListField::new("created_at", "operations.created_at", FieldKind::Timestamp),
        ListField::new("finished_at", "operations.finished_at", FieldKind::Timestamp).filter_only().nullable(),
    ],
    default_sort: "-created_at",
    key: ListField::new("id", "operations.id", FieldKind::Uuid),
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};

list_params!(pub(super) ListOperations => OPERATIONS);
