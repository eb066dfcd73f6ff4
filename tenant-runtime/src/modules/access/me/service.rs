//! Who the caller is.

use nexus_core::ActorKind;

use super::wire::{CurrentOrganizationOut, EntitlementsOut, MeOut};
use crate::context::TenantContext;
use crate::modules::access::api_keys::service as api_keys;
use crate::modules::access::error::AccessError;
use crate::modules::access::users::service as users;

/// The caller in this organization.
pub(super) async fn me(ctx: &TenantContext) -> Result<MeOut, AccessError> {
    let caller = ctx.actor();
    let (user, api_key) = match (caller.kind, caller.id) {
        (ActorKind::User, Some(id)) => (Some(users::get(ctx, id).await?), None),
        (ActorKind::ApiKey, Some(id)) => (None, Some(api_keys::get(ctx, id).await?)),
        _ => return Err(AccessError::NotFound("user")),
    };
    let tenant = ctx.tenant();
    let policy = ctx.policy();
    Ok(MeOut {
        user,
        api_key,
        email_verified: ctx.email_verified(),
        organization: CurrentOrganizationOut {
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
