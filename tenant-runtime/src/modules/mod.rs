//! The slices. How to add one: docs/adding-a-module.md.
//!
//! Slices reach each other only through the facades of their `mod.rs`, and each table is of one slice; the allowed
//! directions are {access, jobs} ← catalog ← inventory ← {imports, onboarding} (`tests/arch`).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::module::Module;

pub mod access;
pub mod catalog;
pub mod imports;
pub mod inventory;
pub mod jobs;
pub mod onboarding;
pub mod saved_views;

/// Every slice, in the order of the documentation.
#[must_use]
pub fn modules() -> Vec<Module> {
    vec![access::module(), catalog::module(), inventory::module(), imports::module(), jobs::module(), saved_views::module(), onboarding::module()]
}

/// The permission that files of a job of this kind ask for; `None` of a kind that nobody knows.
#[must_use]
pub fn job_permission(kind: &str) -> Option<&'static str> {
    static PERMISSIONS: LazyLock<HashMap<&'static str, &'static str>> =
        LazyLock::new(|| modules().iter().flat_map(|module| (module.jobs)()).map(|job| (job.kind(), job.permission())).collect());
    PERMISSIONS.get(kind).copied()
}
