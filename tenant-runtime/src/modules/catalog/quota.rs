//! The plan's number of products, counted in the transaction that adds some.

use nexus_core::Entitlements;
use nexus_infra::Tx;

use super::error::CatalogError;
use super::products::store;

/// Refuses when `adding` more products would exceed the plan. Archived products do not count.
pub(super) async fn check(tx: &Tx, entitlements: &Entitlements, adding: i64) -> Result<(), CatalogError> {
    let Some(limit) = entitlements.limit("products") else { return Ok(()) };
    if adding > 0 && store::count_for_quota(tx).await? + adding > limit {
        return Err(CatalogError::Quota { limit });
    }
    Ok(())
}
