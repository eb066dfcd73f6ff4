//! The platform's audit log, for operators: `GET /admin/audit-logs`. What happens inside an organization is in the log of its own database, for its own people.
//!
//! Append-only, by grant and by trigger; entries hold ids and states, no personal datum.

mod entity;
mod list;
mod routes;
mod service;
mod store;
mod wire;

pub(crate) use routes::routes;
