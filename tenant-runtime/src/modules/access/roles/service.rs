//! Reading roles and permissions.

use std::collections::HashMap;

use nexus_core::{ListRequest, Listing};
use nexus_iam::permissions::{PERMISSIONS, PermissionDef};
use nexus_iam::tenant_users;
use uuid::Uuid;

use super::wire::{GrantOut, PermissionOut, RoleOut};
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;

/// One part of the list of roles.
pub(super) async fn list(ctx: &TenantContext, request: &ListRequest) -> Result<Listing<RoleOut>, AccessError> {
    let db = ctx.read().await?;
    let roles = tenant_users::list_roles(db.conn(), request).await?;
    let ids: Vec<Uuid> = roles.items().iter().map(|role| role.id).collect();
    let mut grants: HashMap<Uuid, Vec<GrantOut>> = HashMap::new();
    for grant in tenant_users::grants_of_roles(db.conn(), &ids).await? {
        grants.entry(grant.role_id).or_default().push(GrantOut { permission: grant.permission, effect: grant.effect });
    }
    Ok(roles.map(|role| {
        let held = grants.remove(&role.id).unwrap_or_default();
        RoleOut::of(role, held)
    }))
}

/// Every permission of the catalogue.
pub(super) fn permissions() -> Vec<PermissionOut> {
    let shown = |known: &PermissionDef| PermissionOut { key: known.key.to_owned(), summary: known.summary.to_owned(), is_scope: known.is_scope() };
    PERMISSIONS.iter().map(shown).collect()
}
