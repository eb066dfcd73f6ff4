//! Whose request is this, may it come in, and what may it do: the only door to a tenant's data.
//!
//! - [`resolve`]: host, `X-Tenant` and token → one directory record, or 401/403/404/503.
//! - [`Guard`]: the permission, in the handler's signature.
//! - [`TenantContext`]: what a slice works with: the database, the bucket, the caller, the clock.
//! - [`error`]: every refusal with its stable code.
//!
//! Deliberately not here: cookies and API keys (another credential would be resolved beside the bearer token, in `resolve`), and
//! any rule of a slice.

mod credential;
mod error;
mod guard;
mod resolve;
mod tenant_context;

pub use error::{ERROR_CODES, TenantError};
pub use guard::{Guard, Permission, permissions};
pub use resolve::authenticate;
pub use tenant_context::TenantContext;
