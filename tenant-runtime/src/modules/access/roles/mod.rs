//! Roles, as nexus-iam keeps them, and the permissions there are.

pub(super) mod routes;
mod service;
mod wire;
