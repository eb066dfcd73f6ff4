//! Tenants as operators see them: `/tenants`. List, make, look, change (name, plan, state), delete, retry.
//!
//! - Deleting cuts access at once and erases after the undelete window; `PATCH` with state `active` takes it back while the window is open; what never was in use is `broken` again then.
//! - States that belong to a running operation (`provisioning`, `migrating`, …) are not an operator's to set.
//! - Every change is audited with the operator as actor, and announced to the runtimes after the commit.

mod commands;
mod ending;
mod error;
mod routes;
mod service;
mod store;
mod wire;

pub use commands::NewTenantCommand;
pub use ending::EndOfTenancy;
pub(crate) use routes::routes;
