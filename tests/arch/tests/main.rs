//! The rules of ARCHITECTURE.md, checked against the sources: which crate may use which, which file may use what.
//! Reads text only, so it needs no build of the crates it judges.

mod crates;
mod files;
mod slices;
mod tree;
