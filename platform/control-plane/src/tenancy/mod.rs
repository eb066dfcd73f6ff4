//! A tenant's row and who belongs to it: what every area may look at. What changes them is the areas' own, but for what is told of it.
//!
//! An area that needs another one's rows would need its rules next; so what all of them read lies below all of them.

mod entity;
mod service;
mod store;

pub(crate) use entity::{Column as TenantColumn, Entity as Tenants, Model as TenantRow};
pub(crate) use service::{is_owner, require_membership, tell_renamed};
pub(crate) use store::{founded_by, get, lock, membership, owned_by};
