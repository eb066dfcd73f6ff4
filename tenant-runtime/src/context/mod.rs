//! Whose request is this, may it come in, and what may it do: the only door to a tenant's data.
//!
//! - `resolve`: host, `X-Tenant` and token → one directory record and one active user, or 401/403/404/503.
//! - [`Guard`]: the permission, in the handler's signature.
//! - [`TenantContext`]: what a slice works with: the database, the bucket, the caller, the clock.
//! - [`TenantError`]: every refusal with its stable code.
//!
//! Deliberately not here: cookies and API keys (another credential would be resolved beside the bearer token, in `resolve`), and
//! any rule of a slice.

mod error;
mod guard;
mod host;
mod resolve;
mod tenant_context;

pub use error::{ERROR_CODES, TenantError};
pub(crate) use guard::permissions;
pub use guard::{Anyone, Guard, Permission};
pub use tenant_context::TenantContext;
