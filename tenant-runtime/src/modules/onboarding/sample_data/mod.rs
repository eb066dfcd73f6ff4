//! Sample data, over HTTP: a small shop with a month behind it, to try things with.
//!
//! Invariants:
//! - One set at a time; what of it is there stands in `sample_records`, each thing with the version that it was made with.
//! - What is made gets codes that nobody has: nothing that was there before is changed.
//! - A thing that has another version than it was made with, or that anybody moved, is nobody's sample any more: removing leaves it alone.
//! - What the samples moved is undone by reversals; a product or site that the ledger names is archived, what nothing refers to is deleted.

mod goods;
mod load;
mod month;
mod remove;
pub(super) mod routes;
mod service;
mod store;
pub(super) mod wire;

pub(super) use store::postings;
