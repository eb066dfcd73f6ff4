//! Movements on the wire: a file for each operation that posts, and what the ledger shows.
//!
//! Head and lines of the three bodies are alike, and written out all the same: a flattened part would hide unknown fields from the check
//! that names them.

mod adjust;
mod ledger;
mod movement;
mod reference;
mod transfer;

pub use adjust::{AdjustIn, AdjustLineIn, AdjustReason};
pub use ledger::{MovementOut, PostingOut};
pub use movement::{MovementKind, MovementsIn, Partner};
pub use reference::{ReferenceIn, ReferenceOut, is_reference_type};
pub use transfer::TransferIn;
