//! Background jobs as people see them: state, progress, result, cancelling. Jobs are enqueued by the slices they belong to and run by
//! the workers of this crate.
//!
//! Invariants: whoever started a job sees it and may cancel it; others need `jobs.read` to see it and `settings.write` to cancel it.
//! Keys of the bucket never leave: files are served through the job, until it has been over for `jobs.keep_files_days`.
//!
//! Facade for other slices, below: how long a job's files are kept and what there is of them, and whether it is still to be done; for their SQL `JOB_FACTS`.

mod entity;
mod error;
mod list;
mod permission;
mod retention;
mod routes;
mod service;
mod store;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use retention::{keep, unspoken};
pub(crate) use store::{JOB_FACTS, keep_output, kept_bytes, still_wanted};

use retention::JobFiles;

use crate::module::Module;
use crate::retention::Retention;

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("jobs", routes::routes).errors(error::CODES).upkeep(|| vec![Box::new(Retention::<JobFiles>::new())])
}
