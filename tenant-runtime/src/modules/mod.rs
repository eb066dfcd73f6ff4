//! The slices. Adding one touches: one folder here, one tenant migration, one word in `modules!` below.
//!
//! Slices reach each other only through the facades of their `mod.rs`, which take `&Tx`; the allowed directions are
//! catalog ← inventory ← imports.

use std::collections::HashMap;
use std::sync::LazyLock;

use nexus_core::ErrorCode;

use crate::module::Module;

macro_rules! modules {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $($(#[$doc])* pub mod $name;)*

        /// Every slice, in the order of the documentation.
        #[must_use]
        pub fn modules() -> Vec<Module> {
            vec![$($name::module()),*]
        }
    };
}

modules! {
    access,
    catalog,
    inventory,
    imports,
    jobs,
    saved_views,
}

/// The error codes of every slice and of the context.
#[must_use]
pub fn error_codes() -> Vec<ErrorCode> {
    let mut codes = crate::context::ERROR_CODES.to_vec();
    codes.extend(modules().iter().flat_map(|module| module.errors.iter().copied()));
    codes
}

/// The permission that files of a job of this kind ask for; `None` of a kind that nobody knows.
#[must_use]
pub fn job_permission(kind: &str) -> Option<&'static str> {
    static PERMISSIONS: LazyLock<HashMap<&'static str, &'static str>> =
        LazyLock::new(|| modules().iter().flat_map(|module| (module.jobs)()).map(|job| (job.kind(), job.permission())).collect());
    PERMISSIONS.get(kind).copied()
}

/// The kinds of events of every slice.
#[must_use]
pub fn event_kinds() -> Vec<&'static str> {
    modules().iter().flat_map(|module| module.events.iter().copied()).collect()
}
