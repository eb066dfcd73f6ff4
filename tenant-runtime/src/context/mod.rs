//! Whose request is this, may it come in, and what may it do: the only door to a tenant's data.
//!
//! - `resolve`: host, `X-Tenant` and token → one directory record and one active user, or 401/403/503.
//! - [`Guard`]: the permission, in the handler's signature.
//! - [`TenantContext`]: what a slice works with: the database, the bucket, the caller, the clock.
//! - [`SCHEMA_VERSION`]: which tenant schemas are served.
//! - [`TenantError`]: every refusal with its stable code.
//!
//! Deliberately not here: cookies and API keys (another credential would be resolved beside the bearer token, in `resolve`), and
//! any rule of a slice.

mod error;
mod guard;
mod host;
mod resolve;
pub(crate) mod schema;
mod tenant_context;
#[cfg(test)]
mod tests;

pub use error::{ERROR_CODES, TenantError};
pub(crate) use guard::permissions;
pub use guard::{Anyone, Guard, Permission};
pub use schema::SCHEMA_VERSION;
pub use tenant_context::TenantContext;
