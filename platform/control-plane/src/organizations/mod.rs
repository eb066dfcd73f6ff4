//! What a person's organizations are: list, open another, look, rename. `/organizations`.
//!
//! An organization that the person does not belong to is unknown to them (404). The owner renames; opening another follows the rules of sign-up; who may do what inside is decided in the tenant.

mod error;
mod routes;
mod service;
mod store;
mod wire;

pub(crate) use routes::routes;
