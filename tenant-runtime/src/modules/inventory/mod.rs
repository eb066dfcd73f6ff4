//! Stock: places, levels, and the ledger that levels are folded from.
//!
//! Purpose: what lies where, why, and since when.
//!
//! Invariants:
//! - Only this slice writes `stock_movements` and `stock_levels`; the ledger is append-only by grant and trigger.
//! - The fold of the ledger equals the levels after every commit ([`verify_levels`] proves it).
//! - No level is ever negative; who asks for more than there is hears 409 `INSUFFICIENT_STOCK` with every short line.
//! - Quantities are exact, in the unit of the product; products that are not stocked and what is archived are refused.
//! - One posting of up to 1,000 lines writes one audit entry and one event.
//! - A movement is reversed at most once, by one that takes the same back; a reversal is not reversed.
//!
//! Facade for other slices, below: [`post`] for purchasing, sales and stock-takes, [`staged`] for imports, and what sample data need to come
//! and to go. All take `&Tx`.
//!
//! Deliberately not here: lots and serial numbers, reservations, stock-takes with approval, valuation.

mod activity;
mod entity;
mod error;
mod levels;
mod locations;
mod movements;
mod permission;
mod posting;
mod reversals;
pub mod staged;
mod store;
mod verify;

#[cfg(test)]
mod tests;

pub use error::InventoryError;
pub use locations::store::any_coded as any_location_coded;
pub use locations::{NewSite, SiteEnd, SiteKind, add_site, end_site};
pub use movements::store::{first_at as first_movement_at, moved_otherwise, moved_where_no_stock_is};
pub use movements::wire::{AdjustReason, MovementOut, is_reference_type};
pub use permission::InventoryBackdate;
pub use posting::{Conflict, Item, LastMovement, MAX_LINES, Place, PlaceRef, Posted, Posting, PostingLine, Reference, Shortage, VirtualPlace, post};
pub use reversals::reverse_products;
pub use verify::{LevelDifference, Verification, jobs::KIND as VERIFY_JOB, verify_levels};

use chrono::TimeDelta;

use crate::module::Module;

/// No movement happened before this year: what says so is a slip of the pen.
pub const EARLIEST_YEAR: i32 = 1900;

/// Clocks may differ by so much: what happened less long ago happened now, and is not backdated.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The tenant schema that first has reversals.
const REVERSALS_SINCE: i32 = 3;

/// Emitted for each posting.
const POSTED: &str = "inventory.stock_movement.posted.v1";

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("inventory", |cfg| {
        levels::routes::routes(cfg);
        activity::routes::routes(cfg);
        movements::routes::routes(cfg);
        reversals::routes::routes(cfg);
        locations::routes::routes(cfg);
    })
    .errors(error::CODES)
    .jobs(|| vec![Box::new(verify::jobs::VerifyLevels)])
    .upkeep(|| vec![Box::new(verify::jobs::DailyVerification)])
}
