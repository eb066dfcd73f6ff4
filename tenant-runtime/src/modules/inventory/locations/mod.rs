//! Places: one tree of sites, areas, aisles and bins, and the built-in virtual locations.
//!
//! Invariants: a node without parent is a site (with a kind) or virtual; virtual locations are read-only; a location that holds stock
//! or contains active ones is not archived; what the ledger names is archived, never deleted; the plan's number of locations is counted
//! in the transaction that adds one.

pub use service::{add_site, end_site};
pub use wire::SiteKind;

/// A site that is not made by a person's request.
#[derive(Debug, Clone, Copy)]
pub struct NewSite<'s> {
    /// Its code.
    pub code: &'s str,
    /// Its name.
    pub name: &'s str,
    /// What it is.
    pub kind: SiteKind,
}

/// What became of a site that was to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteEnd {
    /// Nothing named it.
    Deleted,
    /// The ledger names it.
    Archived,
    /// Somebody uses it.
    Kept,
}

pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod store;
pub(super) mod wire;
