//! The audit log: who did what. Read only, by cursor only; entries are written by the transactions they tell of.

mod list;
pub(super) mod routes;
mod service;
mod store;
mod wire;
