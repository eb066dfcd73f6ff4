//! What jobs can be filtered and sorted by.

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

/// The kinds of jobs. A list cannot ask the modules for them; a test compares.
pub(super) const KINDS: &[&str] = &["catalog.export_products", "imports.movements", "imports.products", "inventory.verify"];

/// The list of jobs, newest first.
pub static JOBS: ListSpec = ListSpec {
    fields: &[
        ListField::new("kind", "jobs.kind", FieldKind::Enum(KINDS)).filter_only(),
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
