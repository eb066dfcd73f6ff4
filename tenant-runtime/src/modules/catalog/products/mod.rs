//! Products: what the organization offers or uses, each with its variants (the things that have a SKU and stock).
//!
//! Invariants: a product's version moves with every change of the product, its tags or its variants, so that its ETag covers the
//! whole representation; whoever changes a variant locks its product first. A product whose variants have stock history is archived,
//! never deleted, and not while they hold stock; unit and kind are fixed once one has moved.

pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod status;
pub(super) mod store;
pub(super) mod wire;
