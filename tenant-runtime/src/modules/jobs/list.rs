//! What jobs can be filtered and sorted by.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The list of jobs, newest first.
pub static JOBS: ListSpec = ListSpec {
    fields: &[
        ListField::new("kind", "jobs.kind", FieldKind::Text).filter_only(),
        ListField::new("state", "jobs.state", FieldKind::Enum(&["queued", "running", "succeeded", "failed", "cancelled"])).filter_only(),
        ListField::new("created_by", "jobs.created_by", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("created_at", "jobs.created_at", FieldKind::Timestamp),
    ],
    default_sort: "-created_at",
    key: ListField::new("id", "jobs.id", FieldKind::Uuid),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};

list_params!(pub ListJobs => JOBS);
