//! What a posting is called in the audit log and in its event.

/// Levels corrected.
pub const ADJUST: &str = "inventory.adjust";
/// Stock moved between places.
pub const TRANSFER: &str = "inventory.transfer";
/// Goods taken in.
pub const RECEIVE: &str = "inventory.receive";
/// Goods given out.
pub const ISSUE: &str = "inventory.issue";
/// Goods brought back, by a customer or to a supplier.
pub const RETURN: &str = "inventory.return";
/// Goods thrown away.
pub const SCRAP: &str = "inventory.scrap";
/// Movements undone.
pub const REVERSE: &str = "inventory.reverse";
/// The movements of a file.
pub const IMPORT: &str = "inventory.import";
