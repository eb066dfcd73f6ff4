//! The checklist of a new organization, over HTTP.

pub(super) mod routes;
mod service;
mod store;
mod wire;
