//! What the platform's audit log can be filtered by, as an organization's. Newest first.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The platform's audit log.
pub(super) static AUDIT_LOGS: ListSpec = ListSpec {
    fields: &[
        ListField::new("action", "audit_log.action", FieldKind::Text).filter_only(),
        ListField::new("entity_type", "audit_log.entity_type", FieldKind::Text).filter_only(),
        ListField::new("entity_id", "audit_log.entity_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("subject_id", "audit_log.subject_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("actor_kind", "audit_log.actor_kind", FieldKind::Enum(&["user", "api_key", "operator", "system", "anonymous"])).filter_only(),
        ListField::new("actor_id", "audit_log.actor_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("request_id", "audit_log.request_id", FieldKind::Text).filter_only(),
        ListField::new("recorded_at", "audit_log.recorded_at", FieldKind::Timestamp).filter_only(),
        ListField::new("seq", "audit_log.seq", FieldKind::Integer).sort_only(),
    ],
    default_sort: "-seq",
    key: ListField::new("seq", "audit_log.seq", FieldKind::Integer),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Cursor,
};

list_params!(pub(super) ListPlatformAuditLogs => AUDIT_LOGS);
