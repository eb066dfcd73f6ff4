//! How the platform stands, at a glance: `GET /admin/overview`. Tenants, operations, the warm pool, what is founded each day, database servers.
//!
//! Cheap: a fixed number of queries, each a count over an index; servers are asked beside them, and not again for a few seconds.

mod routes;
mod service;
mod store;
mod wire;

pub(crate) use routes::routes;
