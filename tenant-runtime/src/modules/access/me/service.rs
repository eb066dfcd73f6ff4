//! Who the caller is.

use super::wire::{EntitlementsOut, MeOut, OrganizationOut};
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;
use crate::modules::access::users::service as users;

/// The caller in this organization.
pub(super) async fn me(ctx: &TenantContext) -> Result<MeOut, AccessError> {
    let id = ctx.user_id().ok_or(AccessError::NotFound("user"))?;
    let user = users::get(ctx, id).await?;
    let tenant = ctx.tenant();
    let policy = ctx.policy();
    Ok(MeOut {
        user,
        organization: OrganizationOut {
            id: tenant.tenant_id.0,
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            state: tenant.state.as_str().to_owned(),
        },
        roles: policy.map(|policy| policy.roles.clone()).unwrap_or_default(),
        permissions: policy.map(|policy| policy.permissions.iter().map(str::to_owned).collect()).unwrap_or_default(),
        entitlements: EntitlementsOut {
            plan: tenant.entitlements.plan.clone(),
            limits: tenant.entitlements.limits.clone(),
            features: tenant.entitlements.features.clone(),
        },
        flags: if tenant.flags.is_object() { tenant.flags.clone() } else { serde_json::json!({}) },
    })
}
