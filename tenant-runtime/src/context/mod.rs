//! Whose request is this, may it come in, and what may it do: the only door to a tenant's data.
//!
//! - `resolve`: host, `X-Tenant` and credential (`credential`: a token or an API key) → one directory record and one active user or good
//!   key, or 401/403/503.
//! - [`KeyUses`]: when keys were last used, noted beside the requests.
//! - `authorization`: what that costs, as metrics.
//! - [`Guard`]: the permission, in the handler's signature. [`Invited`]: somebody who has yet to join, for accepting the invitation alone.
//! - [`TenantContext`]: what a slice works with: the database, the bucket, the caller, the clock.
//! - [`SCHEMA_VERSION`]: which tenant schemas are served.
//! - [`TenantError`]: every refusal with its stable code.
//!
//! Deliberately not here: what of a browser's cookies counts (`nexus_web::console`), and any rule of a slice.

pub(crate) mod authorization;
mod credential;
mod error;
mod guard;
mod invited;
mod key_uses;
#[cfg(test)]
mod keys_tests;
mod resolve;
pub(crate) mod schema;
mod tenant_context;
#[cfg(test)]
mod tests;

pub use error::{ERROR_CODES, TenantError};
pub(crate) use guard::permissions;
pub use guard::{Anyone, Guard, Permission};
pub use invited::Invited;
pub use key_uses::KeyUses;
pub(crate) use key_uses::write_uses;
pub use schema::SCHEMA_VERSION;
pub use tenant_context::TenantContext;
