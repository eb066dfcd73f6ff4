//! Is the fold of the ledger equal to the levels? Checked by tests after everything they do, and once a day by the job `inventory.verify`.

pub(super) mod jobs;
mod store;

use nexus_core::Quantity;
use nexus_infra::{DbError, Tx};
use serde::Serialize;
use uuid::Uuid;

/// A level that is not what its ledger says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelDifference {
    /// Variant.
    pub variant_id: Uuid,
    /// Location.
    pub location_id: Uuid,
    /// Lot, if any.
    pub lot_id: Option<Uuid>,
    /// Sum of what entered and left, by the ledger.
    pub ledger: Quantity,
    /// What the level says; none when there is no level.
    pub level: Option<Quantity>,
}

/// What [`verify_levels`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Levels there are.
    pub levels: i64,
    /// Levels that differ from their ledger.
    pub different: i64,
    /// Which, at most 1,000.
    pub differences: Vec<LevelDifference>,
}

/// Compares every level with the fold of its ledger, in one statement.
///
/// # Errors
/// [`DbError`].
pub async fn verify_levels(tx: &Tx) -> Result<Verification, DbError> {
    store::compare(tx).await
}
