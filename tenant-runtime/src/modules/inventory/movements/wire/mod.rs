//! Movements on the wire: a file for each operation that posts, what their bodies share, and what the ledger shows.

mod adjust;
mod body;
mod ledger;
mod movement;
mod reference;
mod transfer;

pub use adjust::{AdjustIn, AdjustLineIn, AdjustReason};
pub use ledger::{MovementOut, PostingOut};
pub use movement::{MovementKind, MovementsIn, Partner};
pub use reference::{ReferenceIn, ReferenceOut, is_reference_type};
pub use transfer::TransferIn;
