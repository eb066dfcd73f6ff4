//! The plan's number of people, counted in the transaction that adds one. Who is invited counts.

use nexus_iam::tenant_users;
use nexus_infra::Tx;

use crate::context::TenantContext;
use crate::modules::access::error::AccessError;

/// Refuses when one more person would exceed the plan.
pub(in crate::modules::access) async fn room(ctx: &TenantContext, tx: &Tx) -> Result<(), AccessError> {
    let Some(limit) = ctx.entitlements().limit("users") else { return Ok(()) };
    if tenant_users::count_for_quota(tx).await? >= limit {
        return Err(AccessError::QuotaExceeded { what: "people", limit });
    }
    Ok(())
}
