//! Tags: words on products. A tag is deleted only when no product carries it; renaming it moves the versions of those that do.

pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod store;
pub(super) mod wire;
