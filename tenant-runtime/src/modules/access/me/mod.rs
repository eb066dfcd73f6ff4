//! The caller: who they are in this organization and what they may do.

pub(super) mod routes;
mod service;
mod wire;
