//! Reading the audit log.

use nexus_core::{ListRequest, Listing};

use super::store;
use super::wire::AuditLogOut;
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;

/// One part of the log.
pub(super) async fn list(ctx: &TenantContext, request: &ListRequest) -> Result<Listing<AuditLogOut>, AccessError> {
    Ok(store::list(ctx.read().await?.conn(), request).await?)
}
