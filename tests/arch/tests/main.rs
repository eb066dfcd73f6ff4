//! The rules of ARCHITECTURE.md, checked against the sources: which crate may use which, which file may use what.
//! Reads text only, so it needs no build of the crates it judges.

#![expect(clippy::unwrap_used, reason = "a rule whose ground is missing has failed")]

mod crates;
mod deployment;
mod events;
mod files;
mod metrics;
mod paths;
mod planes;
mod schemas;
mod slices;
mod tables;
mod tree;
