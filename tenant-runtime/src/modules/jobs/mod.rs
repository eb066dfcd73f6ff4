//! Background jobs as people see them: state, progress, result, cancelling. Jobs are enqueued by the slices they belong to and run by
//! the workers of this crate.
//!
//! Invariants: whoever started a job sees it and may cancel it; others need `jobs.read` to see it and `settings.write` to cancel it.
//! Keys of the bucket never leave: files are served through the job, until it has been over for as long as files of imports are kept.

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

pub(crate) use store::keep_output;

use crate::module::Module;

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("jobs", routes::routes).errors(error::CODES).events(&[service::CANCELLED]).upkeep(|| vec![Box::new(retention::Retention)])
}
