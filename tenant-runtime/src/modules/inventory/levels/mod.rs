//! Stock levels: what lies where. Read only; levels change by posting.

pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod store;
pub(super) mod wire;
