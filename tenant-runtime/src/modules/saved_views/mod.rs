//! Saved views: list queries that a person keeps under a name, alone or shared with the organization.
//!
//! Invariants: a person sees their own views and shared ones; only the owner changes or deletes a view; names are unique per person
//! and resource. The query is kept as it was sent: what it means is the list's business when it is used.

mod entity;
mod error;
mod list;
mod permission;
mod routes;
mod service;
mod store;
mod wire;

#[cfg(test)]
mod tests;

use crate::module::Module;

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("saved_views", routes::routes).errors(error::CODES)
}
