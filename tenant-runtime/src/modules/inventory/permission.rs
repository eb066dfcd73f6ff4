//! What the operations on stock ask for.

use super::REVERSALS_SINCE;
use crate::context::{Permission, permissions};

permissions! {
    /// Sees levels and the ledger.
    InventoryRead = "inventory.read";
    /// Corrects stock.
    InventoryAdjust = "inventory.adjust";
    /// Moves stock between places.
    InventoryTransfer = "inventory.transfer";
    /// Takes goods in.
    InventoryReceive = "inventory.receive";
    /// Gives goods out or scraps them.
    InventoryIssue = "inventory.issue";
    /// Posts movements that happened before now.
    InventoryBackdate = "inventory.backdate";
    /// Sees places.
    LocationsRead = "locations.read";
    /// Creates, changes and archives places.
    LocationsWrite = "locations.write";
}

/// Posts movements of some kind: who may only receive, or only issue, comes in; the service checks the direction.
#[derive(Debug)]
pub struct InventoryMove;

impl Permission for InventoryMove {
    const KEY: &'static str = "inventory.receive";
    const OR: &'static [&'static str] = &["inventory.issue"];
}

/// Reverses movements of some kind: who may post any comes in; the service asks for what the movement itself was posted with.
#[derive(Debug)]
pub struct InventoryReverse;

impl Permission for InventoryReverse {
    const KEY: &'static str = "inventory.adjust";
    const OR: &'static [&'static str] = &["inventory.transfer", "inventory.receive", "inventory.issue"];
    const SINCE: i32 = REVERSALS_SINCE;
}
