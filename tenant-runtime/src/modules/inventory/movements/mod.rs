//! The ledger over HTTP: postings of four kinds, adjustments and transfers, and reading what was posted.
//!
//! Invariant: nothing here changes or deletes a movement; a mistake is corrected by another movement, or undone by a reversal.

pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod store;
pub(super) mod wire;
