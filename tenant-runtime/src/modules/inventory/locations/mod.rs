//! Places: one tree of sites, areas, aisles and bins, and the built-in virtual locations.
//!
//! Invariants: a node without parent is a site (with a kind) or virtual; virtual locations are read-only; a location that holds stock
//! or contains active ones is not archived; what the ledger names is archived, never deleted; the plan's number of locations is counted
//! in the transaction that adds one.

pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod store;
pub(super) mod wire;
