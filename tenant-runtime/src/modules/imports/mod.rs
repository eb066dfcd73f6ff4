//! Imports: CSV files of products and of stock movements, as background jobs.
//!
//! Purpose: real files, with their own columns, encodings and mistakes, come in whole or not at all.
//!
//! Invariants:
//! - A file's identity is (kind, digest, line). The same file again answers the first job, unless that one failed, was cancelled, or
//!   `again=true` is asked for. A dry run consumes nothing.
//! - All rows take effect in one transaction, or none does; with `skip_invalid` the wrong ones are left out and listed. A job that is
//!   killed at any moment runs again from the beginning, and finds out when its effect was already committed.
//! - Memory stays flat: files pass through temporary files and rows through a staging table, by pieces of bounded size; what a file
//!   repeats is merged as it comes.
//! - Cells are text. A formula is never computed, and made inert where a file of ours repeats it.
//! - Uploads, waiting imports and kept files are bounded (`admission`); files are removed a while after their import (`retention`).
//!
//! Walk: [`routes`] takes the form in as a stream → `receive` digests and looks at the bytes → `service` puts the file into the bucket
//! and enqueues the job → `run` is the frame of a job: rows are read in pieces (`work`), staged, checked and written as `movements` or `products` say →
//! `report` lists what is wrong, `preview` what a dry run would do.
//!
//! Deliberately not here: what a product or a movement may be (slices `catalog`, `inventory`), and serving error files (slice `jobs`).

mod admission;
mod csv_guard;
mod csv_source;
mod entity;
mod error;
mod layout;
mod movements;
mod permission;
mod preview;
mod products;
mod receive;
mod report;
mod retention;
mod routes;
mod run;
mod service;
mod store;
mod values;
mod wire;
mod work;

#[cfg(test)]
mod tests;

use retention::ImportFiles;

use crate::module::Module;
use crate::retention::Retention;

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("imports", routes::routes)
        .errors(error::CODES)
        .upkeep(|| vec![Box::new(Retention::<ImportFiles>::new())])
        .jobs(|| vec![Box::new(movements::ImportMovements), Box::new(products::ImportProducts)])
}
