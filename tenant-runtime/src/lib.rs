//! The tenant runtime: the tenants' API and their background work.
//!
//! A request's walk: host, `X-Tenant` and token → [`context`] (which tenant, who, in which state) → [`registry`] (the tenant's
//! pool, inside the process's connection budget) → [`Guard`] (the permission, visible in the handler's signature) → one service of
//! one slice of [`modules`] → one transaction.
//!
//! Invariants:
//! - Without a [`TenantContext`] there is no way to reach a tenant's database or bucket; a context is made only from a directory
//!   record that agrees with the verified token, or for a job that lies in that tenant's own database.
//! - This crate knows neither the control plane, nor plans' money, nor migrations: the control database is reached only through
//!   the directory's views.
//! - Every process-wide state here is a cache or a pool; a runtime may be killed at any moment and run N times.

// Handlers' futures nest deep (guard, context, lease, directory); their layout is computed recursively.
#![recursion_limit = "256"]

pub mod context;
pub mod modules;
pub mod registry;

mod change;
mod module;
mod places;
#[cfg(feature = "failpoints")]
mod recorder;
mod retention;
mod routes;
mod samples;
mod scratch;
mod snapshot;
mod state;
mod work;
mod workers;

#[cfg(test)]
mod test_app;

pub use context::{Guard, Permission, TenantContext, TenantError};
pub use module::Module;
pub use routes::slices;
pub use state::{Runtime, RuntimeDeps};
pub use work::{JobFailure, JobOutput, JobResult, JobRun, JobTicket, StoredFile, TenantJob, TenantSubscriber};
pub use workers::workers;
