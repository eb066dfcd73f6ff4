//! Categories: a tree of at most 16 levels, with what search engines are told about each.
//!
//! Invariants: no cycles and no deeper than 16 (a trigger of the database holds both, under a lock, so that two moves at once can't
//! close a circle); slugs are unique, siblings have different names; there are at most 10,000, so that the whole tree is one answer.
//! A category is deleted only when nothing lies in it.

pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod store;
pub(super) mod wire;
