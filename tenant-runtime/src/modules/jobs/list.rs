//! What jobs can be filtered and sorted by.

use std::sync::LazyLock;

use nexus_core::ListSpec;
use nexus_core::list::{FieldKind, ListField, Modes};
use nexus_web::list_params;

use crate::modules::modules;

/// The list of jobs, newest first.
pub static JOBS: LazyLock<ListSpec> = LazyLock::new(|| ListSpec {
    fields: Vec::leak(vec![
        ListField::new("kind", "jobs.kind", FieldKind::Enum(Vec::leak(kinds()))).filter_only(),
        ListField::new("state", "jobs.state", FieldKind::Enum(&["queued", "running", "succeeded", "failed", "cancelled"])).filter_only(),
        ListField::new("created_by", "jobs.created_by", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("created_at", "jobs.created_at", FieldKind::Timestamp),
    ]),
    default_sort: "-created_at",
    key: ListField::new("id", "jobs.id", FieldKind::Uuid),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
});

/// The kinds of the jobs of every slice.
fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<_> = modules().iter().flat_map(|module| (module.jobs)()).map(|job| job.kind()).collect();
    kinds.sort_unstable();
    kinds
}

list_params!(pub ListJobs => JOBS);
