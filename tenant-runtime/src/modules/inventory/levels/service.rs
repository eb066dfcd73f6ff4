//! Looking at levels.

use nexus_core::{ListRequest, Listing};

use super::store;
use super::wire::LevelOut;
use crate::context::TenantContext;
use crate::modules::inventory::error::InventoryError;

/// One part of the levels.
///
/// # Errors
/// A database error.
pub async fn list(ctx: &TenantContext, request: ListRequest) -> Result<Listing<LevelOut>, InventoryError> {
    Ok(store::list(ctx.read().await?.conn(), request).await?)
}
