//! The way in: what a new organization has still to do, and sample data to try things with.
//!
//! Purpose: somebody who has just founded an organization sees what comes next, and can look around in one that has something in it.
//!
//! Invariants:
//! - What is done is read from the data themselves, whenever it is asked for; only that the list was put away is kept here.
//! - What counts as moved is real: what sample data moved, and what took it back, does not.
//! - Sample data are made and removed through the facades of the slices that own them: plan, permissions of the database, triggers and the
//!   ledger's rules hold for them as for everything. At most one set is there at a time.
//! - Removing them touches nothing that anybody has worked with: such a thing is the organization's own from then on (docs/adr/0014-sample-data.md).
//!
//! Deliberately not here: settings, people, products and movements; this slice only asks for them.

mod checklist;
mod error;
mod permission;
mod sample_data;

#[cfg(test)]
mod tests;

use crate::module::Module;

/// The tenant schema that first has this slice.
const SINCE_SCHEMA: i32 = 3;

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("onboarding", |cfg| {
        checklist::routes::routes(cfg);
        sample_data::routes::routes(cfg);
    })
    .errors(error::CODES)
}
