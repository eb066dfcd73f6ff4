//! A person's own sessions: `/sessions`. The rules are `nexus_iam::sessions`.
//!
//! They take an account token: a session may be for any of the person's organizations.

mod routes;
mod wire;

pub(crate) use routes::routes;
