//! Operations as operators see them: `/admin/operations`. All of them in one list, and one with everything that is known of it.
//!
//! - Read-only: what failed is tried again by the tenant's `retry`.
//! - The words for operators (`cause`) are shown here and nowhere else.

mod entity;
mod list;
pub(super) mod routes;
mod service;
mod store;
mod wire;
