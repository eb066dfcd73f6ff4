//! Export of the catalogue as CSV: a job that writes one row per variant into a file of the tenant's bucket.
//!
//! Invariant: the file is what an import reads (see `product_file`). Rows come in the order of the products' ids; a product that changes
//! while the export runs is in it once, as it was when its page was read.

pub(super) mod jobs;
pub(super) mod routes;
mod service;
pub(super) mod store;
mod wire;
