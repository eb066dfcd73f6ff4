//! The organization's people, as nexus-iam keeps them.

pub(super) mod routes;
pub(super) mod service;
pub(super) mod wire;
