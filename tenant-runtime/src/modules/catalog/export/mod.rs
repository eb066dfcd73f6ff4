//! Export of the catalogue as CSV: a job that writes one row per variant into a file of the tenant's bucket.
//!
//! Invariant: no cell begins a formula in a spreadsheet (see `csv_cell`). Rows come in the order of the products' ids; a product that
//! changes while the export runs is in it once, as it was when its page was read.

pub(super) mod csv_cell;
pub(super) mod jobs;
pub(super) mod routes;
mod service;
mod store;
mod wire;
